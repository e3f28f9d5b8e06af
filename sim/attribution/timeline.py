"""The odds as they stood on each day that brought news, and on the as-of day.

Each day has a posterior of its own, from what was public on it and from nothing later, and the
baseline with the levers as they stood on it. Luck is the same on all days, so that a change from
one day to the next is a change of evidence, of levers and of the state of the talks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.attribution.arrived import PARTS, arrived, label
from sim.attribution.news import News, days_told
from sim.attribution.remembered import Draws, remembering
from sim.attribution.settings import check_settings
from sim.attribution.stored import check_inputs, odds_in, python_call
from sim.calibrate.fit import filter_of, posterior_in_memory
from sim.calibrate.record import observed
from sim.engine.domain import MAX_HORIZON_DAYS, Outcome
from sim.errors import CalibrationError, check_whole
from sim.estimates import Counts, Odds, estimate, member_error, wilson
from sim.evidence.statements import load_evidence
from sim.frames import interval_columns
from sim.identity import ENSEMBLES, source_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.made_from import inputs_of
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import DEFAULT_HORIZON_DAYS
from sim.montecarlo import DEFAULT_SEED, DEFAULT_WORLDS, MAX_WORLDS, Plan, collect, stream
from sim.opened import conflict_from
from sim.progress import Progress, reported
from sim.results import Results
from sim.sheets import csv_bytes
from sim.store import Storable, key_of
from sim.threads import overlapped, threads

if TYPE_CHECKING:
    import pandas as pd

PARTICLES = 65_536
SCHEMA = "truce/timeline/1"
_SIZES = ("horizon_days", "particles", "worlds", "seed")
LINES = ("quiet", "agreed", "held")
"""What is followed: a mutual pause of any length or scope, a full truce agreed, one that held."""


@dataclass(frozen=True)
class Point:
    """The odds as of one day.

    Attributes
    ----------
    odds
        By name, see `LINES`; ``mc`` is the error of the estimate for want of worlds and of
        particles, ``ensemble`` the central 90 % of members.
    effective, k
        Of the weights: see `sim.calibrate.particles.Weights`.
    imposed
        How many events of the record the members were conditioned on.
    """

    news: News
    odds: dict[str, Odds]
    effective: float
    k: float
    imposed: int


@dataclass(frozen=True, repr=False)
class Timeline(Storable):
    """Odds by day, and what they were made with.

    Attributes
    ----------
    points
        The odds as of each day that brought news; the last is the as-of day, whether it did or
        not, since silence and the calendar tell something too.
    horizon_days
        How far each day looks ahead.
    particles
        Pasts that were weighed for each day.
    worlds, seed
        Worlds that were run from each day, and their luck.
    ensemble_id
        The ensemble of the last day if it was there already: the one that a run takes, so that
        the last odds are those of such a run. Empty if the last day was weighed as the others.
    made_by
        The command line that made it, if one did.
    conflict
        Whose evidence and record it is of.
    """

    points: tuple[Point, ...]
    horizon_days: int
    particles: int
    worlds: int
    seed: int
    ensemble_id: str = ""
    made_by: str = field(default="", compare=False)
    conflict: Conflict = field(default_factory=shipped)
    kind: ClassVar[str] = "timeline"

    @property
    def as_of(self) -> dt.date:
        """The as-of day, which is the last."""
        return self.points[-1].news.day

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {
            "as_of": self.as_of.isoformat(),
            "horizon_days": self.horizon_days,
            "particles": self.particles,
            "worlds": self.worlds,
            "seed": self.seed,
            "data": self.conflict.folder,
        }

    @functools.cached_property
    def inputs(self) -> dict[str, str]:
        """Hashes of evidence, priors and rules as they are now; see `inputs_of`."""
        return inputs_of("posterior", self.as_of, self.conflict)

    @functools.cached_property
    def id(self) -> str:
        """A hash of what was asked for, and of what it was made from."""
        return key_of({**self.request, "inputs": self.inputs, "ensemble": self.ensemble_id})

    @property
    def command(self) -> str:
        """The line that makes the timeline again."""
        return self.made_by or python_call("timeline", self.as_of, self.request)

    def __repr__(self) -> str:
        first, last = self.points[0], self.points[-1]
        held = [f"{100.0 * point.odds['held'].mean:.0f} %" for point in (first, last)]
        return (
            f"<Timeline of {len(self.points)} days, {first.news.day} to {last.news.day}: "
            f"held {' to '.join(held)} within {self.horizon_days} days, seed {self.seed}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the timeline as plain data (schema `truce/timeline/1`)."""
        return {
            "schema": SCHEMA,
            "inputs": self.inputs,
            "command": self.command,
            "horizon_days": self.horizon_days,
            "particles": self.particles,
            "worlds": self.worlds,
            "seed": self.seed,
            "ensemble_of_last_day": self.ensemble_id or None,
            "days": [_day_document(point, self.conflict) for point in self.points],
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each day and each of `LINES`.

        Columns: ``as_of``, ``odds_of``, the odds and their intervals as in `Results.table`,
        ``label``, what arrived in short, and ``events``, ``levers``, ``statements`` and ``rounds``:
        all that did, each with its subject, joined by '; '.
        """
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "as_of": point.news.day.isoformat(),
                    "odds_of": name,
                    **interval_columns(odds),
                    "median_member": odds.median_member,
                    "label": label(point.news, self.conflict),
                    **{part: "; ".join(thing["text"] for thing in things[part]) for part in PARTS},
                }
                for point in self.points
                for things in (arrived(point.news, self.conflict),)
                for name, odds in point.odds.items()
            ]
        )

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        last = self.points[-1].odds
        return {
            "about": {
                "scenario": "baseline",
                "as_of": self.as_of.isoformat(),
                "horizon_days": self.horizon_days,
                "worlds": self.worlds,
                "seed": self.seed,
                "held": last["held"].mean,
                "agreed": last["agreed"].mean,
            },
            "request": self.request,
            "data": self.conflict.document,
            "ensemble": {
                "id": self.ensemble_id or None,
                "kind": "posterior",
                "as_of": self.as_of.isoformat(),
            },
            "command": self.command,
            "source": source_of(ENSEMBLES),
        }

    def write_data(self, folder: Path) -> None:
        """Write the table as ``timeline.csv``."""
        (folder / "timeline.csv").write_bytes(csv_bytes(self.table()))

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Timeline:
        """Return the timeline that a folder holds."""
        last = dt.date.fromisoformat(document["days"][-1]["as_of"])
        conflict = conflict_from(manifest["data"])
        check_inputs(folder, document, last, conflict)
        told = {one.day: one for one in days_told(last, conflict)}
        points = tuple(_point_in(day, told) for day in document["days"])
        sizes = {key: int(document[key]) for key in _SIZES}
        made_by = str(manifest["command"])
        ensemble = str(document["ensemble_of_last_day"] or "")
        return cls(points, **sizes, ensemble_id=ensemble, made_by=made_by, conflict=conflict)


def _day_document(point: Point, conflict: Conflict) -> dict[str, Any]:
    return {
        "as_of": str(point.news.day),
        "odds": {name: odds.as_dict() for name, odds in point.odds.items()},
        "label": label(point.news, conflict),
        **arrived(point.news, conflict),
        "imposed": point.imposed,
        "effective_size": point.effective,
        "k": round(point.k, 3),
    }


def _point_in(document: Mapping[str, Any], told: Mapping[dt.date, News]) -> Point:
    """The odds of a day, from the plain data of `_day_document`."""
    odds = {name: odds_in(one) for name, one in document["odds"].items()}
    day = told[dt.date.fromisoformat(document["as_of"])]
    effective, k = float(document["effective_size"]), float(document["k"])
    return Point(day, odds, effective, k, int(document["imposed"]))


def timeline(
    as_of: dt.date,
    particles: int = PARTICLES,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    horizon_days: int = DEFAULT_HORIZON_DAYS,
    workers: int | None = None,
    progress: bool | Progress = False,
    conflict: Conflict | None = None,
) -> Timeline:
    """Estimate the odds on each day that brought news up to a day, and on it; nothing is written.

    The last day takes the ensemble that a run of that day takes, if there is one.

    Parameters
    ----------
    as_of
        The last day.
    particles
        Pasts that are weighed for each day.
    worlds, seed
        Worlds that are run from each day, and their luck.
    horizon_days
        How far each day looks ahead.
    progress
        True to see how far it has come, in one line; or a function that is called with the days
        done and how many there are.
    conflict
        Whose record; that of the shipped one if None.

    Raises
    ------
    EvidenceError, CalibrationError, ScenarioError
        If an input cannot be used, or no particle survives the record of a day.
    """
    conflict = conflict or shipped()
    workers = check_settings(as_of, particles, seed, workers, conflict)
    check_whole("worlds", worlds, 1, MAX_WORLDS)
    check_whole("horizon_days", horizon_days, 1, MAX_HORIZON_DAYS)
    days = days_told(as_of, conflict)
    there = _there(as_of, conflict)
    last = there[0].id if there else ""
    points: list[Point] = []
    made = Timeline((), horizon_days, particles, worlds, seed, last, conflict=conflict)
    with reported(progress, "days") as report, threads(workers) as executor:
        draws = Draws()
        tasks = [
            functools.partial(
                _point, made, told, there if told is days[-1] else None, draws, executor
            )
            for told in days
        ]
        for point in overlapped(tasks, workers):
            points.append(point)
            if report:
                report(len(points), len(days))
    return dataclasses.replace(made, points=tuple(points))


def _point(
    asked: Timeline,
    told: News,
    there: tuple[Ensemble, float, float] | None,
    draws: Draws,
    executor: Executor,
) -> Point:
    """Estimate the odds as of one day of a timeline, whose points are still to come.

    Parameters
    ----------
    there
        The ensemble that the day takes; None if its pasts are to be weighed.
    """
    conflict = asked.conflict
    scenario = load_scenario("baseline", told.day, asked.horizon_days, conflict=conflict)
    if there:
        ensemble, effective, k = there
    else:
        plain = filter_of(told.day, conflict=conflict)
        particle_filter = remembering(plain, asked.particles, draws)
        ensemble, weights = posterior_in_memory(particle_filter, asked.particles, executor)
        effective, k = weights.effective, weights.k
    plan = Plan(scenario, ensemble, asked.worlds, asked.seed)
    results = collect(plan, stream(plan, executor=executor), keep=False)
    odds = dict(_odds(results, effective))
    evidence = load_evidence(as_of=told.day, conflict=conflict)
    imposed = len({event.id for event in observed(evidence)})
    return Point(told, odds, effective, k, imposed)


def _there(day: dt.date, conflict: Conflict) -> tuple[Ensemble, float, float] | None:
    """The ensemble of a day that a run takes, its effective size and k; None if there is none."""
    try:
        ensemble = load_ensemble(day, conflict=conflict)
    except CalibrationError:
        return None
    if ensemble.kind != "posterior":
        return None
    return ensemble, float(ensemble.manifest["effective_size"]), float(ensemble.manifest["k"])


def _odds(results: Results, effective: float) -> Iterator[tuple[str, Odds]]:
    tally = results.tally
    held = tally.outcomes[:, Outcome.HELD]
    hits = {"quiet": tally.quiet[:, 1], "held": held}
    hits["agreed"] = held + tally.outcomes[:, Outcome.COLLAPSED]
    for name in LINES:
        yield name, with_particles(hits[name], tally.outcomes.sum(1), effective)


def with_particles(hits: Counts, worlds: Counts, effective: float) -> Odds:
    """Estimate odds whose error counts that the members stand for a number of particles.

    ``Var = b (1/e + 1/n) + luck``, with b the variance of the members' own odds, e the effective
    number of particles, n members, and luck what is left of the variance of the estimate when
    the members are all there are.

    Parameters
    ----------
    hits, worlds
        By member.
    effective
        Effective number of particles from which the members were resampled.
    """
    odds = estimate(hits, worlds, len(worlds))
    assert odds is not None
    used = worlds > 0
    n = int(used.sum())
    if odds.mean in (0.0, 1.0) or n < 2:
        return odds
    luck = member_error(hits[used], worlds[used], n)
    among = max(0.0, n * (member_error(hits[used], worlds[used], 10**15) - luck))
    variance = among * (1.0 / effective + 1.0 / n) + luck
    size = odds.mean * (1.0 - odds.mean) / variance if variance > 0.0 else np.inf
    return odds._replace(mc=wilson(odds.mean, float(size)))
