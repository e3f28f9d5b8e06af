"""A sweep: one scenario over a design of levers, every point on the same members and luck.

A study lives in a folder and goes on from what is there: `sim.experiments.sweep.folder`. What runs
where does not show in it: chunks come back from any executor as the bytes of their files.
"""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.engine.domain import MAX_SEED
from sim.errors import ScenarioError, check_whole
from sim.experiments.design import Design, Spec, make_design, point_id
from sim.experiments.executors import ExecutorSpec, completed
from sim.experiments.sweep import inert_levers as probe
from sim.experiments.sweep.chunk import (
    CHUNK_WORLDS,
    WORLDS_OF_MEMBER,
    Chunk,
    Recipe,
    source_here,
    tool_here,
)
from sim.experiments.sweep.folder import PLAN_SCHEMA, StudyFolder, chunks_missing
from sim.experiments.sweep.points import blocks
from sim.experiments.sweep.study import Study, finish, finished
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_SEED, Progress

DEFAULT_WORLDS = 1_000
MAX_WORLDS = 10**15
UNASKED_WORLDS = 100_000_000
"""A larger study must be asked for twice."""
RATE = 15_000
"""Worlds a second and worker, to say beforehand how long it takes."""
BYTES_OF_WORLD = 2
BYTES_OF_KEPT = 30
Extra = Callable[[Study, Path], None]
"""Writes further files, such as figures, into a study's folder."""


@dataclass(frozen=True)
class Sweep:
    """Everything that a study needs, checked once; nothing is run or written yet.

    Attributes
    ----------
    worlds
        Worlds of each point.
    command
        The command that asks for it, for the manifest; a line of Python is written if empty.
    """

    scenario: Scenario
    ensemble: Ensemble
    design: Design
    worlds: int
    seed: int
    keep_worlds: bool = False
    notes: list[str] = field(default_factory=list)
    command: str = ""

    @property
    def turn(self) -> int:
        """Worlds after which it is the first member's turn again."""
        return WORLDS_OF_MEMBER * len(self.ensemble)

    @functools.cached_property
    def study_id(self) -> str:
        """A hash of what is varied of which scenario: what a study may grow by is not in it."""
        scenario = self.scenario
        named = {
            "scenario": scenario.name,
            "as_of": scenario.as_of.isoformat(),
            "horizon_days": scenario.horizon_days,
            "set": dict(scenario.overrides),
            "design": self.design.told(),
            "seed": self.seed,
            "keep_worlds": self.keep_worlds,
        }
        return _hash(named)[:12]

    @functools.cached_property
    def plan(self) -> dict[str, Any]:
        """What must never change within the study."""
        ensemble = self.ensemble
        told = {
            "schema": PLAN_SCHEMA,
            "study_id": self.study_id,
            "scenario": self.scenario.resolved(),
            "design": self.design.told(),
            "seed": self.seed,
            "ensemble": {"id": ensemble.id, "kind": ensemble.kind},
            "source": source_here(),
            "keep_worlds": self.keep_worlds,
        }
        return {**told, "key": _hash(told)[:16]}

    @property
    def today(self) -> tuple[Value, ...]:
        """The scenario's own values of the levers that are varied."""
        levers = self.scenario.levers
        return tuple(levers[lever] for lever in self.design.levers)

    def recipe(self) -> Recipe:
        """Return what all chunks of the study share."""
        scenario = self.scenario
        return Recipe(
            key=self.plan["key"],
            levers=self.design.levers,
            standing=scenario.initial_levers,
            schedule=scenario.schedule,
            conflict=scenario.conflict,
            rounds=scenario.rounds,
            as_of=scenario.as_of,
            horizon_days=scenario.horizon_days,
            seed=self.seed,
            ensemble_id=self.ensemble.id,
            source=f"{source_here()} {tool_here()}",
            keep_worlds=self.keep_worlds,
        )

    def blocks(self) -> Iterator[list[tuple[Any, str]]]:
        """Yield the scenario's own point, then those of the design, as many as make a chunk."""
        yield [(self.today, point_id(self.design.levers, self.today))]
        yield from blocks(self.design, max(1, CHUNK_WORLDS // min(self.worlds, self.turn)))

    def chunks(self, folder: StudyFolder) -> Iterator[Chunk]:
        """Yield what is still to be run."""
        own = point_id(self.design.levers, self.today)
        later = (
            [pair for pair in block if number == 0 or pair[1] != own]
            for number, block in enumerate(self.blocks())
        )
        return chunks_missing(folder, later, self.worlds)

    def place(self, out: Path) -> Path:
        """Return where the study's folder is, or will be, below ``out``."""
        return out / "sweeps" / self.scenario.name / self.study_id


def _hash(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_sweep(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Spec],
    design: str = "grid",
    points: int | None = None,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    *,
    keep_worlds: bool = False,
) -> Sweep:
    """Check everything that a sweep is asked for, and return it.

    Raises
    ------
    ScenarioError, CalibrationError
        If something cannot be used; the message says where, what, and what to do.
    """
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    worlds = check_whole("worlds", worlds, 1, MAX_WORLDS)
    seed = check_whole("seed", seed, 0, MAX_SEED)
    plan = make_design(vary, design, points, seed)
    ensemble = load_ensemble(scenario.as_of, conflict=scenario.conflict)
    sweep = Sweep(scenario, ensemble, plan, worlds, seed, keep_worlds)
    sweep.notes.extend(probe.foreseen(scenario, plan))
    return sweep


# ------------------------------------------------------------------ running


def check_size(sweep: Sweep, missing: int, workers: int) -> None:
    """Refuse what would take long, with how long and how large.

    Raises
    ------
    ScenarioError
        If more than 100 million worlds are still to be run.
    """
    if missing <= UNASKED_WORLDS:
        return
    size = missing * (BYTES_OF_KEPT if sweep.keep_worlds else BYTES_OF_WORLD)
    seconds = missing / (RATE * workers)
    what = (
        f"{len(sweep.design):,} points by {sweep.worlds:,} worlds, {missing:,} still to run: about "
        f"{_long(seconds)} on {workers} workers, and {_large(size)} on disk."
    )
    todo = "Take fewer (--design sobol --points 1024, --worlds 1000), or say --yes."
    raise ScenarioError("sweep", what, todo)


def _long(seconds: float) -> str:
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3600)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds / 60:,.0f} minutes"


def _large(size: float) -> str:
    for unit, length in (("TB", 1e12), ("GB", 1e9)):
        if size >= length:
            return f"{size / length:,.1f} {unit}"
    return f"{size / 1e6:,.0f} MB"


def missing_worlds(sweep: Sweep, folder: StudyFolder) -> int:
    """Count the worlds that are still to be run."""
    if not folder.parts:
        return (len(sweep.design) + 1) * sweep.worlds  # a first look at 10^9 points takes hours
    return sum(chunk.worlds for chunk in sweep.chunks(folder))


def sweep(
    scenario: Scenario | str | Path,
    vary: Mapping[str, Spec],
    *,
    design: str = "grid",
    points: int | None = None,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    executor: Executor | None = None,
    cluster: str | None = None,
    out: Path | str | None = None,
    keep_worlds: bool = False,
    yes: bool = False,
    progress: Progress | None = None,
    extra: Extra | None = None,
) -> Study:
    """Run a scenario over a design of levers, every point on the same members and luck.

    Parameters
    ----------
    scenario
        A scenario, its name, or a path that ends in .toml.
    vary
        By lever: a range ``(low, high, steps)``, ``(low, high)`` where points are drawn, or a list
        of values.
    design
        `grid`, `sobol` (which may grow) or `lhs`.
    points
        How many to draw with `sobol` or `lhs`; 256 if None.
    worlds
        Worlds of each point; more of them, or more points, reuse what is there.
    seed
        0 to 2^63 - 1; world w meets the same luck at every point. Also draws the design.
    workers
        Threads; all processors if None. The bytes do not depend on it.
    executor
        Any `concurrent.futures.Executor`, in place of threads of this process.
    cluster
        The address of a Dask scheduler, in place of an executor.
    out
        Where the study's folder goes, below ``sweeps/<scenario>``; if None it is temporary, and
        goes when the study does.
    keep_worlds
        Keep a record of every world, too (20 to 30 bytes a world on disk).
    yes
        Also run more than 100 million worlds, or a sweep that changes nothing.
    progress
        Called with the worlds done and their total.
    extra
        Writes further files into the folder, such as `sim.plots.write_surface`.

    Returns
    -------
    Study
        ``.table()`` has a row a point, ``.to_xarray()`` an axis a lever.

    Raises
    ------
    SimError
        If an input cannot be used or the folder cannot be written; what is finished is kept.

    Examples
    --------
    >>> import sim
    >>> study = sim.sweep("baseline", {"offer.territory": (0.5, 1.0, 3)}, worlds=40)
    >>> study.table()["offer.territory"].tolist()
    [0.5, 0.75, 1.0]
    """
    plan = plan_sweep(scenario, vary, design, points, worlds, seed, keep_worlds=keep_worlds)
    means = ExecutorSpec(workers, executor, cluster)
    if out is not None:
        return run_study(plan, Path(out), means, yes=yes, progress=progress, extra=extra)
    place = Path(tempfile.mkdtemp(prefix="truce-"))
    try:
        study = run_study(plan, place, means, yes=yes, progress=progress, extra=extra)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    weakref.finalize(study, shutil.rmtree, place, ignore_errors=True)
    return study


def run_study(
    plan: Sweep,
    out: Path,
    means: ExecutorSpec,
    *,
    yes: bool = False,
    progress: Progress | None = None,
    extra: Extra | None = None,
) -> Study:
    """Run what a study lacks, and write its tables; a whole one is used as it is.

    Raises
    ------
    SimError
        As `sweep` does.
    """
    path, workers = plan.place(out), means.checked()
    if not path.exists() and not yes:
        check_size(plan, (len(plan.design) + 1) * plan.worlds, workers)
    if path.exists():
        folder = StudyFolder(path, plan.plan, plan.turn)
        there = finished(plan, folder)
        if there is not None:
            return there
    from sim.engine.jit import announce

    announce()
    seen = probe.look(
        plan.recipe(), plan.ensemble, plan.design, plan.today, plan.notes, allowed=yes
    )
    plan.notes.extend(note for note in seen if note not in plan.notes)
    with means.pool() as given:
        folder = StudyFolder(path, plan.plan, plan.turn)
        missing = missing_worlds(plan, folder)
        if not yes:
            check_size(plan, missing, workers)
        hands, done = given.sharing(missing), 0
        if progress:
            progress(0, missing)
        for chunk, part in completed(hands, plan.recipe(), plan.chunks(folder)):
            folder.add(chunk, part)
            done += chunk.worlds
            if progress:
                progress(done, missing)
    return finish(plan, folder, extra)
