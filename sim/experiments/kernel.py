"""Worlds under many policies at once, each with the member and on the luck that it is given.

All that shares out, ranks or searches runs its worlds here. What comes back is how each world
ended and what it was worth; batches that are finished can be kept, so that the same command goes
on where it was stopped.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.disk import KEPT
from sim.engine.agenda import Agenda, Agendas, together
from sim.engine.cases import consecutive, near_order
from sim.engine.domain import WORLDS_PER_MEMBER, Public, Side
from sim.engine.dtypes import Ints
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.errors import SimError
from sim.experiments.executors import ExecutorSpec
from sim.experiments.otherwise import Otherwise
from sim.files import kept, write_whole
from sim.identity import WORLDS, source_of
from sim.inputs.ensemble import Ensemble
from sim.owned import check_place, remove_empty
from sim.progress import Progress

BATCH_WORLDS = 8_192
"""Worlds of a batch, about a sixth of a second's work."""
UNFINISHED = "unfinished"
"""The folder below the outputs in which finished batches of unfinished work are kept."""
ENDED = np.dtype([("outcome", "i1"), ("worth", "f4", (len(Side),))])
"""What is kept of a world: how it ended, and what it was worth to each side in stakes."""
WATCHED = np.dtype([*ENDED.descr, ("events", "i4")])
"""The same with the public events that happened by a day: bit n is that of `Public` n."""
COUNTED = np.dtype([("world", "i8"), ("member", "i8"), *ENDED.descr])
"""The same with the number of the world, and its member."""


class Batch(NamedTuple):
    """Worlds to run.

    Attributes
    ----------
    cases
        Of `sim.engine.cases.CASE`, each under one of the agendas.
    otherwise
        What is otherwise with the members, if anything is.
    """

    agendas: Agendas
    cases: NDArray[np.void]
    otherwise: Otherwise | None = None


class Grid(NamedTuple):
    """The same consecutive worlds under each of several policies.

    Attributes
    ----------
    ended
        Shape (policies, worlds), of `ENDED`.
    member
        The member of each world, shape (worlds,).
    """

    ended: NDArray[np.void]
    member: Ints
    first: int = 0

    def rows(self, policy: int) -> NDArray[np.void]:
        """Return the worlds of one policy as `sim.experiments.paired` reads them."""
        worlds = self.first + np.arange(len(self.member))
        return rows_of(worlds, self.member, self.ended[policy])


def rows_of(worlds: Ints, member: Ints, ended: NDArray[np.void]) -> NDArray[np.void]:
    """Return how worlds ended with their numbers and members, of `COUNTED`."""
    rows = np.zeros(len(worlds), COUNTED)
    rows["world"], rows["member"] = worlds, member
    for name in ENDED.names or ():
        rows[name] = ended[name]
    return rows


def events_by(first_day: Ints, day: int) -> Ints:
    """Return as bits which public events happened on day 1 to ``day``.

    Parameters
    ----------
    first_day
        By world and event, the day on which it first happened, or NONE; shape (worlds, events).

    Examples
    --------
    >>> events_by(np.array([[3, -1, 15]]), 14)
    array([1], dtype=int32)
    """
    happened = (first_day >= 1) & (first_day <= day)
    return (happened @ (1 << np.arange(first_day.shape[1]))).astype(np.int32)


def happened_in(ended: NDArray[np.void]) -> NDArray[np.bool_]:
    """Return which public events happened in worlds of `WATCHED`, shape (worlds, events)."""
    bits: NDArray[np.int32] = ended["events"][:, np.newaxis]
    happened: NDArray[np.bool_] = bits & (1 << np.arange(len(Public), dtype=np.int32)) != 0
    return happened


@dataclass(frozen=True)
class Kernel:
    """Runs batches of worlds of an ensemble, in threads or on any executor, in order.

    Attributes
    ----------
    seed
        Worlds of one address (``case.world``) meet the same luck under every policy.
    kept
        A folder for finished batches, from which the same work goes on after a stop; None to keep
        none.
    watched
        The day by which public events are looked for, so that worlds come back as `WATCHED`; 0 if
        nobody asks, and they come back as `ENDED`.
    """

    ensemble: Ensemble
    seed: int
    spec: ExecutorSpec = field(default_factory=ExecutorSpec)
    kept: Path | None = None
    watched: int = 0
    _used: set[Path] = field(default_factory=set, repr=False, compare=False)

    def run(
        self, batches: Iterable[Batch], progress: Progress | None = None, total: int | None = None
    ) -> Iterator[NDArray[np.void]]:
        """Run batches, a few at a time, and yield how the worlds of each ended, in order.

        Parameters
        ----------
        progress, total
            Called with the worlds done and the total.

        Raises
        ------
        StoreError
            If a finished batch cannot be kept.
        """
        from sim.native import announce

        announce()
        if self.kept is not None:
            check_place(self.kept, self.kept.parent)
        done = 0
        with self.spec.pool() as pool:
            waiting: deque[Future[NDArray[np.void]]] = deque()
            source = iter(batches)
            try:
                while True:
                    for batch in source:
                        waiting.append(pool.executor.submit(self._ended, batch))
                        if len(waiting) >= pool.ahead:
                            break
                    if not waiting:
                        return
                    ended = waiting.popleft().result()
                    done += len(ended)
                    if progress:
                        progress(done, total)
                    yield ended
            finally:
                for future in waiting:
                    future.cancel()

    def grid(
        self,
        agendas: Sequence[Agenda] | Agendas,
        worlds: int,
        first: int = 0,
        progress: Progress | None = None,
    ) -> Grid:
        """Run the worlds from ``first`` on, each under every policy; world w is that of `sim.run`.

        Parameters
        ----------
        agendas
            Of the same days and calendar.
        """
        policies = agendas if isinstance(agendas, Agendas) else together(agendas)
        number = policies.number
        each = max(1, BATCH_WORLDS // number // WORLDS_PER_MEMBER) * WORLDS_PER_MEMBER
        starts = range(first, first + worlds, each)
        batches = (self._block(policies, n, min(each, first + worlds - n)) for n in starts)
        parts = list(self.run(batches, progress, number * worlds))
        ended = np.concatenate([part.reshape(number, -1) for part in parts], axis=1)
        return Grid(ended, consecutive(first, worlds, len(self.ensemble))["member"], first)

    def _block(self, policies: Agendas, first: int, count: int) -> Batch:
        number = policies.number
        cases = np.tile(consecutive(first, count, len(self.ensemble)), number)
        cases["agenda"] = np.repeat(np.arange(number), count)
        return Batch(policies, cases)

    # -------------------------------------------------------------- one batch

    def _ended(self, batch: Batch) -> NDArray[np.void]:
        """Run one batch, unless it was run before and is kept."""
        if self.kept is None:
            return self._worlds(batch)
        place = self.kept / f"{self._name(batch)}.npy"
        self._used.add(place)
        found: NDArray[np.void] | None = kept(place, functools.partial(np.load, allow_pickle=False))
        if found is not None and found.dtype == self._dtype and len(found) == len(batch.cases):
            return found
        ended = self._worlds(batch)
        file = io.BytesIO()
        np.save(file, ended)
        write_whole(place, file.getvalue(), KEPT, self.kept.parent)
        return ended

    def _worlds(self, batch: Batch) -> NDArray[np.void]:
        from sim.native import run_cases

        members, starts = self.ensemble.members, self.ensemble.starts
        if batch.otherwise is not None:
            members, starts = batch.otherwise.applied(members, starts)
        rows = np.zeros(len(batch.cases), ROW)
        workspace = new_workspace(members, self.seed)
        order = near_order(batch.cases)
        run_cases(batch.agendas, members, starts, batch.cases[order], workspace, rows)
        ended = np.zeros(len(rows), self._dtype)
        ended["outcome"][order], ended["worth"][order] = rows["outcome"], rows["worth"]
        if self.watched:
            ended["events"][order] = events_by(rows["first_day"], self.watched)
        return ended

    @property
    def _dtype(self) -> np.dtype[np.void]:
        return WATCHED if self.watched else ENDED

    def _name(self, batch: Batch) -> str:
        """A hash of all that decides how the worlds of a batch end."""
        asked = f"{self.ensemble.id} {self.seed} {source_of(WORLDS)} {batch.otherwise}"
        asked += f" by day {self.watched}" if self.watched else ""
        found = hashlib.sha256(asked.encode())
        for array in (*batch.agendas, batch.cases):
            for values in _values(array):
                found.update(values.tobytes())
        return found.hexdigest()[:24]

    @contextlib.contextmanager
    def to_the_end(self) -> Iterator[None]:
        """Forget what was kept once the work within is finished, or cannot be done at all."""
        try:
            yield
        except SimError:
            self.forget()
            raise
        self.forget()

    def forget(self) -> None:
        """Remove the batches that were kept for this work, once it is finished."""
        if self.kept is None or self.kept.is_symlink():
            return
        for place in self._used:
            with contextlib.suppress(OSError):
                place.unlink(missing_ok=True)
        remove_empty([self.kept])


def _values(array: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """The fields of records one by one: what lies between them in memory may be anything."""
    if array.dtype.names is None:
        yield array
    for name in array.dtype.names or ():
        yield from _values(array[name])
