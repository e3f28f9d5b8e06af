"""What a briefing is written from: results of any kind that go together, and what they lack.

The first run or study is what is asked about; several runs are compared, a single one with the
baseline. A timeline, influences and an explanation stand beside them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim import montecarlo
from sim.attribution.explain import Explanation, explain
from sim.attribution.influence_result import Influence
from sim.attribution.timeline import Timeline
from sim.catalog import open_result
from sim.diary import Diary, tell
from sim.diary.typical import typical_world
from sim.errors import SimError, StoreError
from sim.experiments.compare import compare
from sim.experiments.comparison import Comparison
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_WORLDS, MADE_AGAIN_WORLDS
from sim.progress import Progress
from sim.results import Results
from sim.runs import OUTPUTS, find
from sim.store import Storable
from sim.text import days_word

BASELINE = "baseline"
ABOUT = ("run", "comparison", "study")
"""The kinds that a briefing can be about; `last` is the newest of them."""


@dataclass(frozen=True)
class Material:
    """All that a briefing is written from.

    Attributes
    ----------
    results
        The run that is asked about. It may be one that was made for the briefing alone.
    runs
        The runs given, of which several are compared.
    comparison
        The runs, or the baseline and the one run; None if that is the baseline.
    explanation
        On which numbers the odds of `held` lean; ``why_not`` says why it is None.
    diary
        A typical world of the commonest ending.
    given
        The ids of what was given, as `truce brief` takes them.
    commands
        By what was given, the command that makes it.
    """

    results: Results
    runs: tuple[Results, ...]
    studies: tuple[Study, ...]
    comparison: Comparison | None
    timeline: Timeline | None
    influence: Influence | None
    explanation: Explanation | None
    why_not: str
    diary: Diary
    given: tuple[str, ...]
    commands: tuple[str, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario that is asked about."""
        return self.results.scenario


def gather(
    things: Sequence[Storable | str | Path],
    out: Path = OUTPUTS,
    progress: bool | Progress = False,
) -> Material:
    """Open all that is given, and run what is to be set beside it.

    Parameters
    ----------
    things
        Results of any kind, or their folders, ids, beginnings of ids, or `last`.
    out
        Where ids are looked up.

    Raises
    ------
    StoreError
        If one cannot be found, is damaged, of another version, or does not go with the others.
    """
    found = _Found()
    for thing in things:
        found.take(opened(thing, out))
    if not found.runs and not found.studies:
        todo = "Name a run, a comparison or a study beside it, such as `last`."
        raise StoreError("truce brief", "nothing given has worlds of its own.", todo)
    _together(found)
    runs = found.runs or [_own_run(found.studies[0])]
    for run in runs:
        run.ensemble()  # of today's model, or it is refused
    comparison = found.comparison or _compared(runs, progress)
    asked = _asked(runs, comparison)
    explanation, why_not = _explained(asked, found.explanation)
    return Material(
        asked,
        tuple(found.runs),
        tuple(found.studies),
        comparison,
        found.timeline,
        found.influence,
        explanation,
        why_not,
        _typical(asked),
        tuple(found.given),
        tuple(found.given.values()),
    )


def opened(thing: Storable | str | Path, out: Path = OUTPUTS) -> Any:
    """Return a result that was given as it is, or by name."""
    if isinstance(thing, Storable):
        return thing
    if str(thing) == "last":
        thing = find("last", out, ABOUT).folder
    return open_result(thing, out)


# ------------------------------------------------------------------ what was given


@dataclass
class _Found:
    """What was given, by kind."""

    runs: list[Results] = field(default_factory=list)
    studies: list[Study] = field(default_factory=list)
    comparison: Comparison | None = None
    timeline: Timeline | None = None
    influence: Influence | None = None
    explanation: Explanation | None = None
    given: dict[str, str] = field(default_factory=dict)

    def take(self, thing: Any) -> None:
        """Put a result where it belongs; the same one twice counts once."""
        if thing.id in self.given:
            return
        self.given[thing.id] = thing.command
        if isinstance(thing, Comparison):
            self.comparison = None if self.runs else thing
            for result in thing.results:
                self._add(result)
        elif isinstance(thing, Study):
            self.studies.append(thing)
        elif isinstance(thing, Timeline):
            self.timeline = thing
        elif isinstance(thing, Influence):
            self.influence = thing
        elif isinstance(thing, Explanation):
            self.explanation = thing
        else:
            self._add(thing)

    def _add(self, run: Results) -> None:
        if all(run.id != other.id for other in self.runs):
            self.runs.append(run)
            if self.comparison and run not in self.comparison.results:
                self.comparison = None  # there is one run more to compare


def _together(found: _Found) -> None:
    """Refuse what cannot stand in one briefing."""
    frames = [(f"run {run.id}", _frame(run.scenario)) for run in found.runs]
    frames += [(f"study {study.id}", _frame(study.scenario)) for study in found.studies]
    first, (day, horizon) = frames[0]
    for name, (its_day, its_horizon) in frames[1:]:
        if (its_day, its_horizon) != (day, horizon):
            what = f"looks ahead {days_word(its_horizon)} from {its_day}, but {first} "
            what += f"{days_word(horizon)} from {day}."
            raise StoreError(name, what, "Brief them one by one.")
    for run in found.runs[1:]:
        _paired(found.runs[0], run)
    if found.timeline:
        _up_to(found.timeline, day)
    if found.influence and found.influence.as_of != day:
        what = f"are of {found.influence.as_of}, not of the as-of day {day}."
        todo = f"Make them: truce evidence influence --as-of {day}."
        raise StoreError("the influences", what, todo)


def _paired(first: Results, other: Results) -> None:
    """Refuse runs whose worlds cannot be compared one by one."""
    pairs = {
        "seed": (first.seed, other.seed),
        "worlds": (first.tally.worlds, other.tally.worlds),
    }
    for name, (one, two) in pairs.items():
        if one != two:
            what = f"has {name} {two:,}, but run {first.id} has {one:,}: their worlds cannot be "
            what += "paired."
            todo = "Run both with the same, or compare them."
            raise StoreError(f"run {other.id}", what, todo)


def _up_to(timeline: Timeline, day: dt.date) -> None:
    """Refuse a timeline that does not end on the as-of day."""
    if timeline.as_of != day:
        what = f"ends on {timeline.as_of}, not on the as-of day {day}."
        todo = f"Make one to that day: truce timeline --as-of {day}."
        raise StoreError("the timeline", what, todo)


def _frame(scenario: Scenario) -> tuple[dt.date, int]:
    return scenario.as_of, scenario.horizon_days


# ------------------------------------------------------------------ running


def _own_run(study: Study) -> Results:
    """Run the scenario of a study as it stands, in more worlds than a point of it has."""
    worlds = max(DEFAULT_WORLDS, int(study.summary["worlds"]))
    return montecarlo.run(study.scenario, min(worlds, 1_000_000), int(study.summary["seed"]))


def _compared(runs: Sequence[Results], progress: bool | Progress) -> Comparison | None:
    """Compare the runs, or a single one with the baseline, on the same worlds again."""
    scenarios = [run.scenario for run in runs]
    if len(runs) == 1:
        first = scenarios[0]
        base = load_scenario(BASELINE, first.as_of, first.horizon_days, conflict=first.conflict)
        if base.initial_levers == first.initial_levers and not first.schedule:
            return None
        scenarios.insert(0, base)
    worlds = min(runs[0].tally.worlds, MADE_AGAIN_WORLDS)
    return compare(scenarios, worlds, runs[0].seed, progress=progress)


def _asked(runs: Sequence[Results], comparison: Comparison | None) -> Results:
    """The run that is shown in full: where a truce holds most often, if the dice tell."""
    if comparison is None or len(runs) == 1:
        return runs[0]
    best, lead = runs[0], 0.0
    for other, found in zip(runs[1:], comparison.differences["held"], strict=True):
        if found.dice == "ahead" and found.mean > lead:
            best, lead = other, found.mean
    return best


def _explained(results: Results, given: Explanation | None) -> tuple[Explanation | None, str]:
    if given is not None:
        if given.run_id == results.run_id and given.outcome == "held":
            return given, ""
        what = f"is of the odds of {given.outcome} of run {given.run_id}; the briefing tells of "
        what += f"`held` in run {results.run_id}."
        raise StoreError(f"explanation {given.id}", what, "Leave it out: it is made anew.")
    try:
        return explain(results), ""
    except SimError as error:
        return None, f"{error.what} {error.todo}"


def _typical(results: Results) -> Diary:
    """A typical world of the commonest ending, from the first 2,000,000 worlds."""
    commonest = max(results.odds, key=lambda name: results.odds[name].mean)
    seen = results
    if not seen.has_worlds:
        worlds = min(results.tally.worlds, MADE_AGAIN_WORLDS)
        seen = montecarlo.run(results.scenario, worlds, results.seed)
    world = typical_world(seen, commonest)
    return tell(results.scenario, results.ensemble(), results.seed, world)
