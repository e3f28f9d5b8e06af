"""Threads that share their time among clients, and drop what a client does not want any more."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from typing import Any

MOST_CLIENTS = 256
"""So many clients are remembered; the one that was silent longest is forgotten first."""
MOST_JOBS = 64
"""So many jobs of one client may wait: a page asks for one or two at a time."""
Part = Callable[[], Any]


class StaleError(Exception):
    """What was asked for is not wanted any more: the client asked a later turn, or all ends."""


class CrowdedError(Exception):
    """A client has asked for more than may wait."""


class Job:
    """Work in parts, which may run at once, and its end, which is called with what they return.

    Parameters
    ----------
    client
        Who asks.
    turn
        The number of the question; a later one of the same client makes this one stale.
    parts
        One or more, each of which takes a fraction of a second.
    end
        Takes what the parts returned, in order, and returns what the future gives.
    """

    def __init__(
        self, client: str, turn: int, parts: Iterable[Part], end: Callable[[list[Any]], Any]
    ) -> None:
        self.client, self.turn, self.end = client, turn, end
        self.future: Future[Any] = Future()
        self.waiting = deque(enumerate(parts))
        self.left = len(self.waiting)
        self.found: list[Any] = [None] * self.left

    def finish(self) -> None:
        """Call the end with what the parts returned, and give what it returns."""
        found = self.end(self.found)
        with contextlib.suppress(InvalidStateError):  # it has become stale meanwhile
            self.future.set_result(found)

    def drop(self) -> None:
        """Tell whoever waits that it is stale."""
        self.fail(StaleError())

    def fail(self, error: BaseException) -> None:
        """Pass an error on to whoever waits, unless the job is settled."""
        with contextlib.suppress(InvalidStateError):
            self.future.set_exception(error)


class Pool:
    """Threads that run one part of each client in turn, so that all get the same share of them.

    Parameters
    ----------
    workers
        Threads. They end with the process: nothing has to be waited for.

    Examples
    --------
    >>> pool = Pool(1)
    >>> pool.put(Job("a", 1, [lambda: 2, lambda: 3], sum)).result()
    5
    >>> pool.close()
    """

    def __init__(self, workers: int) -> None:
        self._changed = threading.Condition()
        self._jobs: OrderedDict[str, deque[Job]] = OrderedDict()
        self._turns: OrderedDict[str, int] = OrderedDict()
        self._running: set[Job] = set()
        self._closed = False
        for number in range(workers):
            threading.Thread(target=self._work, name=f"worlds-{number}", daemon=True).start()

    def notice(self, client: str, turn: int) -> None:
        """Take note that a client has asked a turn, and drop its earlier ones.

        Raises
        ------
        StaleError
            If it has asked a later one already.
        """
        with self._changed:
            self._notice(client, turn)

    def put(self, job: Job) -> Future[Any]:
        """Take on a job; its future gives what comes of it, or raises `StaleError`.

        Raises
        ------
        StaleError
            If the client has asked a later turn already, or the pool is closed.
        CrowdedError
            If too many jobs of the client wait.
        """
        with self._changed:
            if self._closed:
                raise StaleError
            self._notice(job.client, job.turn)
            waiting = self._jobs.setdefault(job.client, deque())
            if len(waiting) >= MOST_JOBS:
                raise CrowdedError
            waiting.append(job)
            self._changed.notify_all()
        return job.future

    def close(self) -> None:
        """Begin nothing more; what has begun ends within the fraction of a second of a part."""
        with self._changed:
            self._closed = True
            for job in [*self._running, *(job for jobs in self._jobs.values() for job in jobs)]:
                job.drop()
            self._jobs.clear()
            self._changed.notify_all()

    def _notice(self, client: str, turn: int) -> None:
        latest = self._turns.get(client, turn)
        if turn < latest:
            raise StaleError
        self._turns[client] = turn
        self._turns.move_to_end(client)
        if len(self._turns) > MOST_CLIENTS:
            self._turns.popitem(last=False)
        for job in [*self._running, *self._jobs.get(client, ())]:
            if job.client == client and job.turn < turn:
                self._forget(job)
                job.drop()

    def _forget(self, job: Job) -> None:
        """Take a job out of the queue and out of those that have begun."""
        self._running.discard(job)
        jobs = self._jobs.get(job.client)
        if jobs and job in jobs:
            jobs.remove(job)
            if not jobs:
                del self._jobs[job.client]

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._jobs and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                job, place, part = self._next()
            self._run(job, place, part)

    def _next(self) -> tuple[Job, int, Part]:
        """Take a part of the client whose turn it is, and put that client behind the others."""
        client, jobs = self._jobs.popitem(last=False)
        job = jobs[0]
        place, part = job.waiting.popleft()
        self._running.add(job)
        if not job.waiting:
            jobs.popleft()
        if jobs:
            self._jobs[client] = jobs
        return job, place, part

    def _run(self, job: Job, place: int, part: Part) -> None:
        try:
            job.found[place] = part()
            with self._changed:
                job.left -= 1
                last = job.left == 0
            if last and not job.future.done():
                job.finish()
        except BaseException as error:
            job.fail(error)
        if job.future.done():
            with self._changed:
                self._forget(job)
