"""Serves the live page on this machine, and nowhere else, until it is interrupted."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sim.disk import cause
from sim.errors import ScenarioError, SimError, check_whole

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

HERE = "127.0.0.1"
DEFAULT_PORT = 8765
PACKAGES = ("starlette", "uvicorn")
"""What the live page takes beside the program."""
_BACKLOG = 128
_MOST_CONNECTIONS = 200
_PATIENCE = 0.6
"""Seconds for answers that are being sent when all ends."""


def check_packages() -> None:
    """Refuse to begin without the packages that serve the page.

    Raises
    ------
    SimError
        If one is missing.
    """
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        what = f"the live page needs the package {' and '.join(missing)}."
        todo = "pip install 'truce-sim[live]', or make install; --export FILE.html needs neither."
        raise SimError("truce explore", what, todo)


def listening(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine; 0 for one that is free.

    Raises
    ------
    ScenarioError
        If the port is out of range, in use or not allowed.
    """
    port = check_whole("--port", port, 0, 65_535)
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would let two listen on one port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HERE, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        why = "it is in use" if error.errno == errno.EADDRINUSE else cause(error)
        todo = "Take another, or --port 0 for one that is free."
        raise ScenarioError(f"--port {port}", f"cannot be listened on: {why}.", todo) from None
    return found


@contextlib.contextmanager
def served(
    scenario: Scenario, listener: socket.socket, seed: int, workers: int | None = None
) -> Iterator[str]:
    """Serve the page of a scenario from a thread, and give its address; it ends within a second.

    Parameters
    ----------
    scenario
        Whose levers are to be moved.
    listener
        From `listening`; it is closed at the end.
    seed, workers
        As in `sim.run`.

    Raises
    ------
    SimError
        If an input cannot be used.
    """
    import uvicorn

    from sim.experiments.executors import ExecutorSpec
    from sim.live.app import make_app
    from sim.live.engine import Engine
    from sim.live.worlds import Worlds

    port: int = listener.getsockname()[1]
    engine = Engine(Worlds(scenario, seed), ExecutorSpec(workers).checked())
    config = uvicorn.Config(
        make_app(engine, port),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="server", daemon=True)
    try:
        engine.begin()
        thread.start()
        yield f"http://{HERE}:{port}/"
    finally:
        server.should_exit = server.force_exit = True
        engine.close()
        if thread.ident is not None:
            thread.join(_PATIENCE)
        listener.close()


def serve(
    scenario: Scenario,
    listener: socket.socket,
    seed: int,
    workers: int | None,
    told: Callable[[str], None],
) -> None:
    """Serve the page until an interrupt is raised.

    Parameters
    ----------
    told
        Called with the address once it can be opened.
    """
    with served(scenario, listener, seed, workers) as address:
        told(address)
        forever = threading.Event()
        while not forever.wait(1.0):  # without an end to it, some systems hear no signal
            pass


def open_browser(address: str) -> None:
    """Open an address in a browser that has a window of its own, if there is one."""
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _WINDOWS)):
        return  # a browser of the terminal would take the place of the command

    def opening() -> None:
        with contextlib.suppress(Exception):
            webbrowser.open(address)

    threading.Thread(target=opening, daemon=True).start()


_WINDOWS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "WSL_DISTRO_NAME")
