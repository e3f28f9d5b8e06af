"""Reads what a page sends, and refuses what it cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.errors import SimError, check_whole
from sim.live.worlds import MOST, QUICK
from sim.text import shown

MOST_BYTES = 65_536
"""No page of ours sends more."""
MOST_TURNS = 2**53
_CLIENT = re.compile("[A-Za-z0-9_-]{1,64}")
_KEYS = {
    "odds": ("client", "turn", "levers", "worlds"),
    "compare": ("a", "b"),
    "world": ("levers", "world"),
    "save": ("name", "title", "question", "levers"),
}
"""What each question must hold, and nothing else."""


class RefusedError(SimError):
    """A request that is not answered.

    Parameters
    ----------
    status
        Of HTTP: 400, 403, 413 and the like.
    where, what, todo
        As of every `sim.errors.SimError`.
    """

    def __init__(self, status: int, where: str, what: str, todo: str = "") -> None:
        self.status = status
        super().__init__(where, what, todo)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error come home whole from another process."""
        return type(self), (self.status, self.where, self.what, self.todo)


class Asked(NamedTuple):
    """A question for odds."""

    client: str
    turn: int
    levers: dict[str, Any]
    worlds: int


def read_json(question: str, body: bytes) -> dict[str, Any]:
    """Return what a request holds: one object with the keys of its question, and no others.

    Raises
    ------
    RefusedError
        If it is no such object, or a key stands in it twice.
    """
    try:
        found = json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        what = f"is no JSON that can be read ({shown(str(error))})."
        raise RefusedError(400, "the request", what, "Send one object.") from None
    keys = _KEYS[question]
    if not isinstance(found, dict) or set(found) != set(keys):
        there = sorted(found) if isinstance(found, dict) else found
        what = f"holds {shown(there)}."
        raise RefusedError(400, "the request", what, f"Send {', '.join(keys)}, and nothing else.")
    return found


def read_odds(found: Mapping[str, Any]) -> Asked:
    """Return a question for odds; its levers are looked at elsewhere.

    Raises
    ------
    SimError
        If something in it cannot be used.
    """
    client, number = found["client"], found["worlds"]
    if not isinstance(client, str) or not _CLIENT.fullmatch(client):
        todo = "Send up to 64 of a-z, A-Z, 0-9, '-' and '_'."
        raise RefusedError(400, "client", f"{shown(client)} is none.", todo)
    if isinstance(number, bool) or number not in (QUICK, MOST):
        raise RefusedError(400, "worlds", f"{shown(number)} is none.", f"Send {QUICK} or {MOST}.")
    turn = check_whole("turn", found["turn"], 0, MOST_TURNS)
    return Asked(client, turn, read_levers(found["levers"]), int(number))


def read_levers(found: Any, where: str = "levers") -> dict[str, Any]:
    """Return levers by name.

    Raises
    ------
    RefusedError
        If they are no object.
    """
    if not isinstance(found, dict):
        raise RefusedError(400, where, f"{shown(found)} is no object.", 'Send {"aid.level": 0.5}.')
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands in an object twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
