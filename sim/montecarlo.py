"""Many worlds: blocks over any executor, in world order, for a number or up to a precision."""

from __future__ import annotations

import dataclasses
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import MAX_SEED, Outcome
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.errors import ScenarioError, StoreError, check_whole
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario, load_scenario
from sim.progress import Progress, reported
from sim.results import Results
from sim.tally import Tally
from sim.text import printable
from sim.threads import threads

DEFAULT_WORLDS = 20_000
DEFAULT_SEED = 1
MAX_WORLDS = 100_000_000
WAVE_WORLDS = 16_384
"""With a precision, it is looked at after every so many worlds: four of each member."""

BLOCK_WORLDS = 1024
"""Worlds a block: so few that no worker waits long for another at the end."""

BLOCKS_AHEAD = 8
"""Blocks that wait for each worker, so that none is idle while their reader is busy."""

MADE_AGAIN_WORLDS = 2_000_000
"""Up to so many worlds of a run are run again where its worlds are needed and were not kept."""


class Plan:
    """Everything that a block needs, checked once.

    Raises
    ------
    ScenarioError
        If worlds, seed or precision are out of range.
    """

    def __init__(
        self,
        scenario: Scenario,
        ensemble: Ensemble,
        worlds: int = DEFAULT_WORLDS,
        seed: int = DEFAULT_SEED,
        precision: float | None = None,
    ) -> None:
        if precision is not None and not (isinstance(precision, Real) and 1e-5 <= precision <= 0.5):
            what = f"{precision!r} is outside 0.00001..0.5 (half-width of an interval of odds)."
            raise ScenarioError("precision", what, "0.005 is half a percentage point.")
        self.scenario = scenario
        self.ensemble = ensemble
        self.worlds = check_whole("worlds", worlds, 1, MAX_WORLDS)
        self.seed = check_whole("seed", seed, 0, MAX_SEED)
        self.precision = None if precision is None else float(precision)
        self.agenda = agenda(scenario)

    def block(self, first: int, count: int) -> NDArray[np.void]:
        """Run consecutive worlds and return their records."""
        from sim.native import run_block

        members, starts = self.ensemble.members, self.ensemble.starts
        rows = np.zeros(count, ROW)
        run_block(self.agenda, members, starts, first, new_workspace(members, self.seed), rows)
        return rows

    def wave(self, executor: Executor, first: int, last: int, ahead: int) -> Iterator[Any]:
        """Yield blocks of the worlds from ``first`` up to ``last``, in world order."""
        starts = deque(range(first, last, BLOCK_WORLDS))
        waiting: deque[Future[NDArray[np.void]]] = deque()
        try:
            while starts or waiting:
                while starts and len(waiting) < ahead:
                    start = starts.popleft()
                    count = min(BLOCK_WORLDS, last - start)
                    waiting.append(executor.submit(self.block, start, count))
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def default_workers() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def stream(
    plan: Plan,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Iterator[NDArray[np.void]]:
    """Yield the plan's worlds block by block, in world order.

    The bytes do not depend on ``workers`` or ``executor``: luck is looked up by world and day.

    Raises
    ------
    ScenarioError
        If ``workers`` is out of range, or the precision cannot be had with 100 million worlds.
    """
    workers = default_workers() if workers is None else check_whole("workers", workers, 1, 4096)
    _announce()
    tally = Tally(len(plan.ensemble))
    goal = plan.worlds if plan.precision is None else WAVE_WORLDS
    done = 0
    pool = nullcontext(executor) if executor else threads(workers)
    with pool as running:
        while done < goal:
            for rows in plan.wave(running, done, goal, BLOCKS_AHEAD * workers):
                done += len(rows)
                if plan.precision is not None:
                    tally.add(rows)
                if progress:
                    progress(done, goal if plan.precision is None else None)
                yield rows
            if plan.precision is not None:
                half_width = tally.odds(Outcome.HELD).half_width
                goal = next_goal(plan.precision, half_width, done)


def next_goal(precision: float, half_width: float, done: int) -> int:
    """Return the number of worlds at which to look again; ``done`` if the precision is reached.

    Parameters
    ----------
    half_width
        Half the width of the interval that is to be narrow, after ``done`` worlds.

    Raises
    ------
    ScenarioError
        If the precision cannot be had with 100 million worlds.
    """
    if half_width <= precision:
        return done
    needed = done * (half_width / precision) ** 2
    if needed > MAX_WORLDS:
        reach = half_width * (done / MAX_WORLDS) ** 0.5
        what = f"{precision:g} would take {needed:.2g} worlds; {MAX_WORLDS:,} is the limit."
        raise ScenarioError("precision", what, f"Ask for {1.1 * reach:.1g} or more.")
    return done + WAVE_WORLDS


def _announce() -> None:
    from sim.native import announce

    announce()


def collect(plan: Plan, blocks: Iterator[NDArray[np.void]], *, keep: bool) -> Results:
    """Count blocks of worlds, given in world order, and keep them if asked."""
    tally = Tally(len(plan.ensemble))
    kept = []
    for rows in blocks:
        tally.add(rows)
        if keep:
            kept.append(rows)
    ensemble = plan.ensemble
    worlds = np.concatenate(kept) if keep else None
    asked = (plan.scenario, ensemble.id, ensemble.kind, plan.seed, plan.precision)
    return Results(*asked, tally, worlds, ensemble_doubt=ensemble.doubt)


def run(
    scenario: Scenario | str | Path,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    executor: Executor | None = None,
    precision: float | None = None,
    *,
    keep: bool = True,
    progress: bool | Progress = False,
) -> Results:
    """Run a scenario and return its results; nothing is written.

    Parameters
    ----------
    scenario
        A scenario, its name, or a path that ends in .toml.
    worlds
        How many worlds to run; not used if ``precision`` is given.
    seed
        0 to 2^63 - 1; with the same seed, world w meets the same luck under every scenario.
    workers
        Threads; all processors if None. The results do not depend on it.
    executor
        Any `concurrent.futures.Executor`, in place of threads of this process.
    precision
        Run until the half-width of the mc interval of `held` is no more than this.
    keep
        Keep a record of every world (111 bytes), for ``results.worlds`` and ``results.save``.
    progress
        True to see how far it has come, in one line; or a function that is called with the worlds
        done and, if it is known, their total.

    Raises
    ------
    ScenarioError, CalibrationError
        If an input cannot be used; the message says where, what, and what to do.

    Examples
    --------
    >>> import sim
    >>> results = sim.run("baseline", worlds=400, seed=1)
    >>> round(sum(odds.mean for odds in results.odds.values()), 12)
    1.0
    """
    if executor is not None and not isinstance(executor, Executor):
        raise ScenarioError("executor", f"{executor!r} is no Executor.", "Give one, or workers.")
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    ensemble = load_ensemble(scenario.as_of, conflict=scenario.conflict)
    plan = Plan(scenario, ensemble, worlds, seed, precision)
    with reported(progress, "worlds") as report:
        return collect(plan, stream(plan, workers, executor, report), keep=keep)


def with_worlds(results: Results, progress: bool | Progress = False) -> Results:
    """Return a run whose worlds are there, run again if they were counted and not kept.

    Raises
    ------
    StoreError
        If the model or the ensemble has changed since, or there are more than 2,000,000 worlds.
    """
    if results.has_worlds:
        return results
    ensemble, worlds = results.ensemble(), results.tally.worlds
    if worlds > MADE_AGAIN_WORLDS:
        what = f"did not keep its {worlds:,} worlds, and more than {MADE_AGAIN_WORLDS:,} are not "
        what += "run again for this."
        todo = f"Run it with fewer: {printable(results.command)}."
        raise StoreError(f"run {results.id}", what, todo)
    plan = Plan(results.scenario, ensemble, worlds, results.seed)
    with reported(progress, "worlds") as report:
        again = collect(plan, stream(plan, progress=report), keep=True)
    return dataclasses.replace(results, rows=again.rows)
