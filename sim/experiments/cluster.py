"""The chunks of a sweep on a Dask cluster: the same task, the same bytes, other processors."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

from sim.errors import ScenarioError, SimError, StoreError
from sim.text import printable

ANSWER_SECONDS = 5.0
"""How long to wait for a scheduler, and for its first worker."""
GONE_SECONDS = 15.0
"""How long a scheduler may be away before the study stops."""
Connected = tuple[Executor, int, Callable[[bool], None]]


def _client(address: str) -> Any:
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        todo = "pip install 'truce-sim[dask]'."
        raise SimError("--cluster", "needs the package distributed.", todo) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # our own message says it
    made: list[Any] = []

    def connect() -> None:
        try:
            made.append(distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False))
        except Exception as error:  # whatever answers need not be a scheduler
            made.append(error)

    # what takes the connection and then says nothing would be waited for without end
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS + 1.0)
    found = made[0] if made else TimeoutError(f"nothing was said in {ANSWER_SECONDS:.0f} s")
    if isinstance(found, Exception):
        reason = printable(" ".join(str(found).split()) or type(found).__name__)
        what = f"no scheduler answers ({reason[:200]})."
        todo = "Start one, as by `dask scheduler`; or leave --cluster away."
        raise ScenarioError(f"--cluster {printable(address)}", what, todo) from None
    return found


@contextmanager
def connected(address: str) -> Iterator[Connected]:
    """Give an executor over a cluster, its threads, and a look if it is still there.

    Raises
    ------
    SimError
        If no scheduler answers, it has no worker, or the package is missing.
    """
    client = _client(address)
    try:
        threads = _threads(client, address)
        yield client.get_executor(pure=False, retries=3), threads, _look(client, address)
    finally:
        with suppress(Exception):
            client.close(timeout=2)


def _threads(client: Any, address: str) -> int:
    """The threads of all workers, once there is one."""
    end = time.monotonic() + ANSWER_SECONDS
    while not (threads := sum(client.nthreads().values())):
        if time.monotonic() > end:
            todo = f"Start one: dask worker {printable(address)}."
            raise ScenarioError(f"--cluster {printable(address)}", "has no worker.", todo)
        time.sleep(0.2)
    return int(threads)


def _look(client: Any, address: str) -> Callable[[bool], None]:
    """Return a function that raises once the scheduler, or what it had to do, is lost."""
    seen = [time.monotonic()]

    def look(lost: bool) -> None:
        if client.status == "running" and not lost:
            seen[0] = time.monotonic()
        elif lost or client.status == "closed" or time.monotonic() - seen[0] > GONE_SECONDS:
            what = "the scheduler went away. What is finished is kept."
            todo = "Start it again, then give the same command; or leave --cluster away."
            raise StoreError(f"--cluster {printable(address)}", what, todo)

    return look
