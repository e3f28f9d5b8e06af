"""A sweep: one scenario over a design of levers, every point on the same members and luck.

A study lives in a folder and goes on from what is there: `sim.experiments.sweep.folder`. What runs
where does not show in it: chunks come back from any executor as the bytes of their files.
"""

from __future__ import annotations

import dataclasses
import functools
from concurrent.futures import Executor
from pathlib import Path

from sim.errors import ScenarioError
from sim.experiments.design import Varied
from sim.experiments.executors import ExecutorSpec, completed
from sim.experiments.sweep import inert_levers
from sim.experiments.sweep.chunk import CHUNK_WORLDS, run_chunks
from sim.experiments.sweep.finish import finish, finished
from sim.experiments.sweep.folder import StudyFolder
from sim.experiments.sweep.plan import DEFAULT_WORLDS, Sweep, plan_sweep
from sim.experiments.sweep.study import Study, TemporaryFolder
from sim.inputs.scenario import Scenario
from sim.montecarlo import DEFAULT_SEED
from sim.owned import check_place
from sim.progress import Progress, reported
from sim.store import Extra

UNASKED_WORLDS = 100_000_000
"""A larger study must be asked for twice."""
RATE = 15_000
"""Worlds a second and worker, to say beforehand how long it takes."""
BYTES_OF_WORLD = 4
BYTES_OF_KEPT = 30


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
    vary: Varied,
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
    progress: bool | Progress = False,
    extra: Extra | None = None,
) -> Study:
    """Run a scenario over a design of levers, every point on the same members and luck.

    Parameters
    ----------
    scenario
        A scenario, its name, or a path that ends in .toml.
    vary
        By lever, or by number of a block such as ``when.1.within``: a tuple is a range, ``(low,
        high, steps)``, or ``(low, high)`` where points are drawn; any other one-dimensional
        sequence names the values: a list, an array, a ``range``, a column of a table. Or points,
        given one by one, of whatever design: a DataFrame with a column a lever, or a list of
        mappings from lever to value.
    design
        `grid`, `sobol` (which may grow) or `lhs`; points that are given are a design of their own.
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
        goes when no copy of the study is left.
    keep_worlds
        Keep a record of every world, too (20 to 30 bytes a world on disk).
    yes
        Also run more than 100 million worlds, or a sweep that changes nothing.
    progress
        True to see how far it has come, in one line; or a function that is called with the worlds
        done and their total.
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
    >>> points = [{"aid.level": 0.5, "offer.nato": 1.0}, {"aid.level": 1.5, "offer.nato": 0.0}]
    >>> sim.sweep("baseline", points, worlds=40).table()["aid.level"].tolist()
    [0.5, 1.5]
    """
    plan = plan_sweep(scenario, vary, design, points, worlds, seed, keep_worlds=keep_worlds)
    spec = ExecutorSpec(workers, executor, cluster)
    with reported(progress, "worlds") as report:
        if out is not None:
            return run_study(plan, Path(out), spec, yes=yes, progress=report, extra=extra)
        home = TemporaryFolder()
        study = run_study(plan, home.path, spec, yes=yes, progress=report, extra=extra)
        return dataclasses.replace(study, home=home)


def run_study(
    plan: Sweep,
    out: Path,
    spec: ExecutorSpec,
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
    path, workers = plan.place(out), spec.checked()
    check_place(path, out)
    if not path.exists() and not yes:
        check_size(plan, (len(plan.design) + 1) * plan.worlds, workers)
    if path.exists():
        folder = StudyFolder(path, plan.plan, plan.turn)
        there = finished(plan, folder)
        if there is not None:
            return there
    from sim.native import announce

    announce()
    found = inert_levers.look(
        plan.recipe(), plan.ensemble, plan.design, plan.today, plan.notes, allowed=yes
    )
    plan.notes.extend(note for note in found if note not in plan.notes)
    with spec.pool() as pool:
        folder = StudyFolder(path, plan.plan, plan.turn)
        missing = missing_worlds(plan, folder)
        if not yes:
            check_size(plan, missing, workers)
        shared, done = pool.sharing(missing // CHUNK_WORLDS), 0
        if progress:
            progress(0, missing)
        run = functools.partial(run_chunks, plan.recipe())
        for chunk, part in completed(shared, run, plan.chunks(folder)):
            folder.add(chunk, part)
            done += chunk.worlds
            if progress:
                progress(done, missing)
    return finish(plan, folder, extra, workers)
