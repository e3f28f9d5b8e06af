"""`sim.update`: bring the odds up to the day through which the record was read, and say why."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, Unpack

from sim.attribution.settings import check_settings
from sim.attribution.timeline import with_particles
from sim.attribution.update.foretold import looked_back, watch_for
from sim.attribution.update.renewed import renewed
from sim.attribution.update.result import Update, id_of
from sim.attribution.update.rows import PARTICLES, Arrived, kept_in
from sim.attribution.update.told import OUTCOMES, Before
from sim.attribution.watch.result import Watch
from sim.errors import CalibrationError, SimError, check_whole
from sim.estimates import Odds
from sim.experiments.how import FEWEST_WORLDS
from sim.experiments.setting import Setting
from sim.folders import folder_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import Ensemble
from sim.inputs.scenario import load_scenario
from sim.montecarlo import DEFAULT_SEED, DEFAULT_WORLDS, MAX_WORLDS, run
from sim.outcomes import OUTCOMES as ENDINGS
from sim.progress import Progress, reported
from sim.runs import OUTPUTS
from sim.store import KINDS, asked_again, verified


class How(TypedDict, total=False):
    """How an update is made.

    Attributes
    ----------
    particles
        Pasts to draw for an ensemble that is made, and at most to weigh for each row; as many as
        needed, and 65,536, if None.
    worlds, seed, workers
        As in `sim.run`.
    progress
        True to see how far it has come, in one line; or a function that is called with the rows
        done and how many there are.
    kept
        A folder in which finished rows are kept until all are, to go on from after a stop. What is
        finished of an ensemble is kept beside the ensembles in any case.
    note
        Called with a sentence when an ensemble is made, or the update was there already.
    """

    particles: int | None
    worlds: int
    seed: int
    workers: int | None
    progress: bool | Progress
    kept: Path | None
    note: Callable[[str], None]


def update(
    as_of: dt.date | None = None,
    watch: Watch | str | Path | None = None,
    *,
    conflict: Conflict | None = None,
    out: Path | str = OUTPUTS,
    **how: Unpack[How],
) -> Update:
    """Bring the odds of the baseline up to a day, and tell what moved them.

    The ensemble of the day is made and stored if there is none, or its inputs have changed; so is
    that of the newest day before it that has one. Of all that became public between the two days,
    each row is left out in turn. Nothing else is written. An update that was saved is not made
    again.

    Parameters
    ----------
    as_of
        The day; if None the one through which the press was read.
    watch
        A watch list of the baseline as of an earlier day, or its folder, id or `last-watch`; if
        None the newest that looks ahead from the day before, if there is one.
    conflict
        Whose record; that of the shipped one if None.
    out
        Where watch lists, and the same update, are looked up.
    **how
        ``particles``, pasts to draw for an ensemble that is made, and at most to weigh for each
        row (as many as needed, and 65,536, if None); ``worlds``, ``seed``, ``workers`` and
        ``progress`` as in `sim.run`; ``kept``, a folder in which finished rows are kept until all
        are; ``note``, called with a sentence when an ensemble is made.

    Returns
    -------
    Update
        Its ``setting.ensemble_doubt`` says why the new ensemble is not to be trusted, if it is not.

    Raises
    ------
    EvidenceError, CalibrationError, ScenarioError, StoreError
        If an input cannot be used, there is no ensemble of an earlier day, or no particle survives
        the record.

    Examples
    --------
    >>> import sim
    >>> found = sim.update()  # doctest: +SKIP
    >>> found.rows[0].label  # doctest: +SKIP
    'Russia: Refuses an immediate full truce; ...'
    """
    conflict = conflict or shipped()
    day = as_of or conflict.through
    for name in how:
        if name not in How.__annotations__:
            raise TypeError(f"there is no argument '{name}'; {', '.join(How.__annotations__)}")
    particles, seed = how.get("particles"), how.get("seed", DEFAULT_SEED)
    weighed = min(particles or PARTICLES, PARTICLES)
    workers = check_settings(day, particles or weighed, seed, how.get("workers"), conflict)
    worlds = check_whole("worlds", how.get("worlds", DEFAULT_WORLDS), FEWEST_WORLDS, MAX_WORLDS)
    since = _day_before(day, conflict)
    progress = how.get("progress", False)
    note: Callable[[str], None] = how.get("note", lambda text: None)
    old, new = (renewed(one, conflict, particles, workers, progress, note) for one in (since, day))
    scenario = load_scenario("baseline", day, conflict=conflict)
    setting = Setting.of((scenario,), new, seed, worlds)
    list_ = watch_for(watch, scenario, since, Path(out))
    key = id_of(setting, old.id, weighed, list_.id if list_ else None)
    if saved := _saved(Path(out), key):
        note(f"This update is there already, and whole: {_folder(Path(out), key)}.")
        asked_again(_folder(Path(out), key))
        return saved
    before, after = _odds(setting, old), _odds(setting, new)
    odds = {name: (before[name], after[name]) for name in OUTCOMES}
    watched = None
    if list_:
        watched = looked_back(list_, scenario, lambda name, end: _odds(setting, new, end)[name])
    kept = kept_in(how.get("kept"), key)
    with reported(progress, "rows") as report:
        arrived = Arrived(scenario, since, weighed, worlds, seed, workers)
        rows, silent = arrived.rows(kept, report)
    kept.forget()
    one_before = Before(since, old.id, old.kind, old.doubt)
    beside = arrived.noted(), arrived.announced()
    return Update(setting, one_before, odds, rows, silent, weighed, watched, *beside)


def _folder(out: Path, key: str) -> Path:
    """Return the folder of the update of an id below the outputs, if there is one."""
    return folder_of(out / KINDS[Update.kind].place / key, key)


def _saved(out: Path, key: str) -> Update | None:
    """The update of that id if it was saved and is whole."""
    folder = _folder(out, key)
    if verified(folder) is None:
        return None
    with contextlib.suppress(SimError):  # of another version: it is made again
        return Update.open(folder)
    return None


def _day_before(day: dt.date, conflict: Conflict) -> dt.date:
    """The newest day before that has an ensemble.

    Raises
    ------
    CalibrationError
        If there is none.
    """
    conflict.check_read(day, CalibrationError)
    days = [one for one in conflict.ensemble_days() if one < day]
    if not days:
        what = "there is no ensemble of an earlier day to set the new odds against."
        todo = f"Make one: {conflict.truce} calibrate --as-of DATE."
        raise CalibrationError(f"as-of {day}", what, todo)
    return days[-1]


def _odds(setting: Setting, ensemble: Ensemble, end: dt.date | None = None) -> dict[str, Odds]:
    """The odds of the baseline as of an ensemble's day, up to a day or for the whole horizon.

    By outcome: those of a run and `agreed`.
    """
    day = ensemble.as_of
    horizon = None if end is None else (end - day).days
    scenario = load_scenario("baseline", day, horizon, conflict=setting.first.conflict)
    tally = run(scenario, setting.worlds, setting.seed, keep=False).tally
    used, size = tally.outcomes.sum(1), _effective(ensemble)
    return {
        name: with_particles(tally.outcomes[:, list(ends)].sum(axis=1), used, size)
        for name, ends in ENDINGS.items()
    }


def _effective(ensemble: Ensemble) -> float:
    """Return how many independent pasts an ensemble is worth; members of a prior are their own."""
    return float(ensemble.manifest.get("effective_size", float("inf")))
