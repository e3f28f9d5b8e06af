"""The pages and questions of the live server, as a Starlette application."""

from __future__ import annotations

import asyncio
import functools
import sys
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from sim.errors import SimError
from sim.live.engine import Engine
from sim.live.guard import Guard
from sim.live.opening import start_document
from sim.live.pool import CrowdedError, StaleError
from sim.live.read import MOST_BYTES, RefusedError, read_json, read_levers, read_odds
from sim.live.responses import CLOSING, STALE, as_json, refusal
from sim.live.save import save
from sim.page import ASSETS, live_page

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
Answer = Callable[[Engine, dict[str, Any]], Coroutine[Any, Any, Response]]


def make_app(engine: Engine, port: int) -> Guard:
    """Return the application that answers on a port of this machine."""
    page = live_page()
    routes = [
        Route("/", functools.partial(_bytes, page, "text/html"), methods=["GET"]),
        Route("/api/start", functools.partial(_get, _start, engine), methods=["GET"]),
    ]
    for name, contents in ASSETS.items():
        data = contents if isinstance(contents, bytes) else contents.read_bytes()
        kind = _KINDS[name.rpartition(".")[2]]
        there = functools.partial(_bytes, data, kind)
        routes.append(Route(f"/assets/{name}", there, methods=["GET"]))
    for question, ask in _QUESTIONS.items():
        answer = functools.partial(_post, question, ask, engine)
        routes.append(Route(f"/api/{question}", answer, methods=["POST"]))
    handlers = {HTTPException: _no_such}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), port)


async def _bytes(data: bytes, kind: str, request: Request) -> Response:
    return Response(data, media_type=kind)


async def _no_such(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    told = RefusedError(error.status_code, request.url.path, f"{error.detail}.", "")
    return refusal(told)


# ------------------------------------------------------------------ asking


async def _get(
    ask: Callable[[Engine], Awaitable[Response]], engine: Engine, _: Request
) -> Response:
    return await _answered(lambda: ask(engine))


async def _post(question: str, ask: Answer, engine: Engine, request: Request) -> Response:
    async def asked() -> Response:
        found = read_json(question, await _body(request))
        return await _unless_gone(request, ask(engine, found))

    return await _answered(asked)


async def _unless_gone(request: Request, answer: Coroutine[Any, Any, Response]) -> Response:
    """Wait for an answer; if whoever asked hangs up, its work is cancelled."""
    answering = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(request.receive())  # nothing comes after the body but the end
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not answering.done():
            answering.cancel()
    return await answering


async def _answered(ask: Callable[[], Awaitable[Response]]) -> Response:
    """What comes of a question; errors are told as the command tells them."""
    try:
        return await ask()
    except SimError as error:
        return refusal(error)
    except StaleError:
        return as_json({"stale": True}, STALE)
    except CrowdedError:
        todo = "Wait for the answers to what was asked."
        return refusal(RefusedError(429, "the request", "too many wait already.", todo))
    except (asyncio.CancelledError, ClientDisconnect):
        return Response(status_code=CLOSING)
    except Exception:
        sys.stderr.write(f"truce: a fault of the program:\n{traceback.format_exc()}")
        todo = "The command tells more where it runs."
        return refusal(RefusedError(500, "the server", "met a fault of its own.", todo))


async def _body(request: Request) -> bytes:
    """The body of a request, if it says that it is JSON and is not too large."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusedError(415, "Content-Type", "is not application/json.", "Send JSON.")
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BYTES:
            what = f"has more than {MOST_BYTES:,} bytes."
            raise RefusedError(413, "the request", what, "Send less.")
    return bytes(found)


async def _wait(future: Future[dict[str, Any]]) -> dict[str, Any]:
    return await asyncio.wrap_future(future)


async def _start(engine: Engine) -> Response:
    base, first = await asyncio.wrap_future(engine.began)
    return as_json(start_document(engine.worlds, base, first))


async def _odds(engine: Engine, found: dict[str, Any]) -> Response:
    asked = read_odds(found)
    moves = engine.worlds.moves(asked.levers)
    answer = await _wait(engine.odds(asked.client, asked.turn, moves, asked.worlds))
    return as_json({"turn": asked.turn, **answer})


async def _compare(engine: Engine, found: dict[str, Any]) -> Response:
    a, b = (engine.worlds.moves(read_levers(found[name], name)) for name in ("a", "b"))
    return as_json(await _wait(engine.compare(a, b)))


async def _world(engine: Engine, found: dict[str, Any]) -> Response:
    moves = engine.worlds.moves(read_levers(found["levers"]))
    return as_json(await _wait(engine.tell(moves, found["world"])))


async def _save(engine: Engine, found: dict[str, Any]) -> Response:
    moves = engine.worlds.moves(read_levers(found["levers"]))
    words = (found[name] for name in ("name", "title", "question"))
    scenario = engine.worlds.moved(moves)
    path, command = await asyncio.to_thread(save, scenario, moves, *words)
    return as_json({"path": path.as_posix(), "command": command}, 201)


_QUESTIONS: dict[str, Answer] = {
    "odds": _odds,
    "compare": _compare,
    "world": _world,
    "save": _save,
}
