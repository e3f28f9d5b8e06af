"""How an analysis is to be run: how many worlds, on what luck, by whom, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from sim.engine.domain import MAX_SEED
from sim.errors import check_whole
from sim.experiments.executors import ExecutorSpec
from sim.experiments.kernel import Kernel
from sim.inputs.ensemble import Ensemble
from sim.montecarlo import DEFAULT_SEED, MAX_WORLDS
from sim.progress import Progress

FEWEST_WORLDS = 256
"""Fewer worlds, of 64 members, give no interval."""


class How(TypedDict, total=False):
    """How an analysis is to be run: what it takes beside its question.

    Attributes
    ----------
    worlds : int
        How many, of each policy, 256 or more. How many there are otherwise, the analysis says.
    seed : int
        The luck that all worlds meet (1). The same seed gives the same numbers.
    workers : int or None
        Threads; all processors if None. The results do not depend on it.
    executor : concurrent.futures.Executor or None
        What runs the work in place of threads of this process, such as that of a Dask client.
    progress : bool or callable
        True to see how far it has come, in one line; or a function that is called with the work
        done and its total.
    kept : pathlib.Path or None
        A folder in which finished work is kept until all is done, to go on from after a stop.
    """

    worlds: int
    seed: int
    workers: int | None
    executor: Executor | None
    progress: bool | Progress
    kept: Path | None


class Work(NamedTuple):
    """The same, checked."""

    worlds: int
    seed: int
    spec: ExecutorSpec
    progress: bool | Progress
    kept: Path | None

    def kernel(self, ensemble: Ensemble, watched: int = 0) -> Kernel:
        """Return what runs worlds of an ensemble in this way; ``watched`` is as of a `Kernel`."""
        return Kernel(ensemble, self.seed, self.spec, self.kept, watched)


def work_of(how: Mapping[str, Any], worlds: int) -> Work:
    """Check how an analysis is to be run.

    Parameters
    ----------
    how
        Of `How`.
    worlds
        How many, unless it says.

    Raises
    ------
    ScenarioError
        If worlds, seed, workers or executor cannot be used.
    TypeError
        If there is a name that is none.
    """
    for name in how:
        if name not in How.__annotations__:
            there = ", ".join(How.__annotations__)
            raise TypeError(f"there is no argument '{name}'; there are {there}")
    spec = ExecutorSpec(how.get("workers"), how.get("executor"))
    spec.checked()
    return Work(
        check_whole("worlds", how.get("worlds", worlds), FEWEST_WORLDS, MAX_WORLDS),
        check_whole("seed", how.get("seed", DEFAULT_SEED), 0, MAX_SEED),
        spec,
        how.get("progress", False),
        how.get("kept"),
    )
