"""Keeps other sites and other machines from using the page.

A page of another site can send requests to an address of this machine, and can give its own name
that address. So the name by which the server was called and the page that asks are looked at, and
no page that shows ours within itself is let.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.live.read import RefusedError
from sim.live.responses import refusal
from sim.text import shown

HERE = "127.0.0.1"
_NAMES = (HERE, "localhost")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""What every response says to the browser."""
_TODO = "Open the address that the command printed."


class Guard:
    """Refuses requests that do not come from our own page, and adds `HEADERS` to every response.

    Parameters
    ----------
    app
        What answers.
    port
        On which the server listens.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        bare = _NAMES if port == 80 else ()
        self.hosts = {*bare, *(f"{name}:{port}" for name in _NAMES)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        try:
            self._check(scope)
        except RefusedError as error:
            await refusal(error)(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        given: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            given.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        host = [one.lower() for one in given.get("host", [])]
        if len(host) != 1 or host[0] not in self.hosts:
            raise RefusedError(403, "Host", f"{shown(', '.join(host))} is not this page.", _TODO)
        origin, site = given.get("origin", []), given.get("sec-fetch-site", [])
        if scope["method"] in ("GET", "HEAD"):
            if scope["path"] != "/" and not set(site) <= {"same-origin", "none"}:
                raise RefusedError(403, "Sec-Fetch-Site", "another site asks.", _TODO)
            return
        if origin == [] and site == ["same-origin"]:
            return
        if origin != [f"http://{host[0]}"]:
            told = shown(", ".join(origin)) if origin else "none"
            raise RefusedError(403, "Origin", f"{told} is not this page.", _TODO)
