"""Answers what the page asks: worlds on threads that are shared, and answers that are kept."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from sim.live.answer import answer, compared
from sim.live.diary import told
from sim.live.levers import strongest, trials
from sim.live.pool import Job, Pool
from sim.live.worlds import MOST, SLICE, Block, Moves, Worlds

KEPT_ANSWERS = 512
"""So many answers are kept, about 3 kB each."""
OURS, COMPARING = "the page itself", "all that compare"
"""The clients for whom the threads work beside those that ask for odds."""
Document = dict[str, Any]


class Engine:
    """What the live page rests on; its methods return futures and never wait for worlds.

    Parameters
    ----------
    worlds
        Of the scenario.
    workers
        Threads that run worlds. One more tells single worlds.
    """

    def __init__(self, worlds: Worlds, workers: int) -> None:
        self.worlds = worlds
        self.pool = Pool(workers)
        self._teller = ThreadPoolExecutor(1, "diary")
        self._lock = threading.Lock()
        self._answers: OrderedDict[Any, Document] = OrderedDict()
        self._began: Future[Any] | None = None

    def begin(self) -> None:
        """Run what every page needs first: the scenario itself, and which levers move it."""
        from sim.native import announce

        announce()
        self._began = self.pool.put(self._first())
        self._teller.submit(self._warm)

    @property
    def began(self) -> Future[tuple[Document, list[str]]]:
        """The answer of the scenario as it stands, and the levers that move it most."""
        assert self._began is not None
        return self._began

    def odds(self, client: str, turn: int, moves: Moves, number: int) -> Future[Document]:
        """Return the answer to some moves; `answer` says what is in it.

        Raises
        ------
        StaleError
            If the client has asked a later turn already; so does the future if it does meanwhile.
        """
        self.pool.notice(client, turn)
        found = self._known((moves, number))
        if found is not None:
            return _done(found)
        parts = [functools.partial(self._both, moves, n) for n in range(number // SLICE)]
        end = functools.partial(self._answer, moves)
        return self.pool.put(Job(client, turn, parts, end))

    def compare(self, a: Moves, b: Moves) -> Future[Document]:
        """Return how one package differs from another; `compared` says what is in it."""
        found = self._known((a, b))
        if found is not None:
            return _done(found)
        parts = [functools.partial(self._three, a, b, n) for n in range(MOST // SLICE)]
        return self.pool.put(Job(COMPARING, 0, parts, functools.partial(self._compared, a, b)))

    def tell(self, moves: Moves, world: int) -> Future[Document]:
        """Return one world day by day; `sim.live.diary.told` says what is in it."""
        return self._teller.submit(told, self.worlds, moves, world)

    def close(self) -> None:
        """Begin nothing more, and wait for nothing."""
        self.pool.close()
        self._teller.shutdown(wait=False, cancel_futures=True)

    # -------------------------------------------------------------- parts and ends

    def _both(self, moves: Moves, number: int) -> tuple[Block, Block]:
        base = self.worlds.slice((), number)
        return base, self.worlds.slice(moves, number) if moves else base

    def _three(self, a: Moves, b: Moves, number: int) -> tuple[Block, ...]:
        return tuple(self.worlds.slice(moves, number) for moves in ((), a, b))

    def _answer(self, moves: Moves, found: list[tuple[Block, Block]]) -> Document:
        base, rows = _joined(found)
        return self._counted(moves, base, rows)

    def _counted(self, moves: Moves, base: Block, rows: Block) -> Document:
        key = (moves, len(rows))
        return self._known(key) or self._keep(
            key, lambda: answer(self.worlds, moves, self.worlds.pair(((), base), (moves, rows)))
        )

    def _compared(self, a: Moves, b: Moves, found: list[tuple[Block, ...]]) -> Document:
        base, one, two = _joined(found)
        each = self._counted(a, base, one), self._counted(b, base, two)
        pair = self.worlds.pair((a, one), (b, two))
        return self._keep((a, b), lambda: compared(self.worlds, *each, pair))

    def _first(self) -> Job:
        tried = list(trials(self.worlds))
        parts: list[Callable[[], Any]] = [
            functools.partial(self._both, (), n) for n in range(MOST // SLICE)
        ]
        parts += [functools.partial(self._trial, moves) for moves in tried]

        def end(found: list[Any]) -> tuple[Document, list[str]]:
            base, each = found[: MOST // SLICE], found[MOST // SLICE :]
            rows = list(zip(tried, each, strict=True))
            return self._answer((), base), strongest(self.worlds, base[0][0], rows)

        return Job(OURS, 0, parts, end)

    def _trial(self, moves: Moves) -> Block:
        return self.worlds.slice(moves, 0)

    def _warm(self) -> None:
        """Load the agents, and what they compile, before anybody asks for a world."""
        with contextlib.suppress(Exception):  # it is told to whoever asks
            told(self.worlds, (), 0)

    # -------------------------------------------------------------- kept

    def _known(self, key: Any) -> Document | None:
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def _keep(self, key: Any, make: Callable[[], Document]) -> Document:
        made = make()
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return made


def _joined(found: list[Any]) -> list[Block]:
    """The worlds of each policy, from their slices."""
    return [np.concatenate(each) for each in zip(*found, strict=True)]


def _done(found: Document) -> Future[Document]:
    future: Future[Document] = Future()
    future.set_result(found)
    return future
