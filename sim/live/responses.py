"""Responses of the live server: JSON, and errors as the command tells them."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from sim.errors import SimError
from sim.live.read import RefusedError
from sim.live.save import TakenError

STALE, CLOSING = 409, 503


def refusal(error: SimError, status: int = 400) -> Response:
    """Return the response that tells an error: where, what, and what to do."""
    status = error.status if isinstance(error, RefusedError) else status
    status = STALE if isinstance(error, TakenError) else status
    return as_json(
        {"error": {"where": error.where, "what": error.what, "todo": error.todo}}, status
    )


def as_json(document: dict[str, Any], status: int = 200) -> Response:
    """Return a document as a response."""
    body = json.dumps(document, allow_nan=False, separators=(",", ":"))
    return Response(body.encode(), status, media_type="application/json")
