"""What was given to a briefing, by kind, and whether it can stand in one.

All of it looks ahead from one day as far. Worlds of several runs can be paired. What says why
scenarios differ, what decided a world, what matters, what to watch, which move takes most or
where a condition holds, or which package is best, is about a scenario that the briefing tells of,
and of the same members.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.influence_result import Influence
from sim.attribution.optimise.result import Optimised
from sim.attribution.redteam.result import RedTeam
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.timeline import Timeline
from sim.attribution.update.result import Update
from sim.attribution.views.result import Views
from sim.attribution.watch.result import Watch
from sim.attribution.why.one_world import OneWorld
from sim.attribution.why.result import Why
from sim.errors import StoreError
from sim.experiments.comparison import Comparison
from sim.experiments.setting import Setting
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario, load_scenario
from sim.results import Results
from sim.store import Storable, named_kinds
from sim.text import days_word

BASELINE = "baseline"
TAKEN = (
    "runs, comparisons, studies, timelines, influences, explanations, and what `truce why`, "
    "`truce sensitivity`, `truce watch`, `truce redteam`, `truce optimise`, `truce discover`, "
    "`truce update`, and --analyst and --variants made"
)


@dataclass
class Given:
    """What was given, by kind.

    Attributes
    ----------
    ids
        By id of what was given, the command that makes it.
    """

    runs: list[Results] = field(default_factory=list)
    studies: list[Study] = field(default_factory=list)
    comparison: Comparison | None = None
    timeline: Timeline | None = None
    influence: Influence | None = None
    explanation: Explanation | None = None
    whys: list[Why] = field(default_factory=list)
    worlds: list[OneWorld] = field(default_factory=list)
    sensitivities: list[Sensitivity] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    redteams: list[RedTeam] = field(default_factory=list)
    optimised: list[Optimised] = field(default_factory=list)
    discoveries: list[Discovery] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    views: list[Views] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def take(self, thing: Any) -> None:
        """Put a result where it belongs; the same one twice counts once.

        Raises
        ------
        StoreError
            If a briefing has no place for it.
        """
        if thing.id in self.ids:
            return
        if isinstance(thing, Comparison):
            self.comparison = None if self.runs else thing
            for result in thing.results:
                self._add(result)
        elif isinstance(thing, Results):
            self._add(thing)
        elif isinstance(thing, Study):
            self.studies.append(thing)
        elif isinstance(thing, Timeline):
            self.timeline = thing
        elif isinstance(thing, Influence):
            self.influence = thing
        elif isinstance(thing, Explanation):
            self.explanation = thing
        else:
            self._answer(thing)
        self.ids[thing.id] = thing.command

    def _answer(self, thing: Storable) -> None:
        if isinstance(thing, Why):
            self.whys.append(thing)
        elif isinstance(thing, OneWorld):
            self.worlds.append(thing)
        elif isinstance(thing, Sensitivity) and thing.setting is not None:
            self.sensitivities.append(thing)
        elif isinstance(thing, Watch):
            self.watches.append(thing)
        elif isinstance(thing, RedTeam):
            self.redteams.append(thing)
        elif isinstance(thing, Optimised):
            self.optimised.append(thing)
        elif isinstance(thing, Discovery) and thing.setting is not None:
            self.discoveries.append(thing)
        elif isinstance(thing, Update):
            self.updates.append(thing)
        elif isinstance(thing, Views):
            self.views.append(thing)
        else:
            kind = str(getattr(thing, "kind", type(thing).__name__))
            what = f"is {named_kinds([kind])}, for which a briefing has no place."
            if isinstance(thing, Sensitivity):
                what = "is about a function, not about a scenario."
            elif isinstance(thing, Discovery):
                what = "is about a table, not about a scenario."
            raise StoreError(f"{kind} {thing.id}", what, f"It takes {TAKEN}.")

    def _add(self, run: Results) -> None:
        if all(run.id != other.id for other in self.runs):
            self.runs.append(run)
            if self.comparison and run not in self.comparison.results:
                self.comparison = None  # there is one run more to compare

    def commands(self) -> tuple[str, ...]:
        """The commands that make what was given, those about worlds of a run after the runs."""
        last = [world.id for world in self.worlds]
        return tuple(self.ids[key] for key in sorted(self.ids, key=lambda one: one in last))

    def check(self) -> None:
        """Refuse what cannot stand in one briefing.

        Raises
        ------
        StoreError
            Naming what does not go with the rest, and what to do.
        """
        if not self.runs and not self.studies:
            todo = "Name a run, a comparison or a study beside it, such as `last`."
            raise StoreError("truce brief", "nothing given has worlds of its own.", todo)
        day, _ = _frames(self)
        for run in self.runs[1:]:
            _paired(self.runs[0], run)
        if self.timeline:
            _up_to(self.timeline, day)
        if self.influence and self.influence.as_of != day:
            what = f"are of {self.influence.as_of}, not of the as-of day {day}."
            todo = f"Make them: truce evidence influence --as-of {day}."
            raise StoreError("the influences", what, todo)
        for name, scenario, setting in self._answers():
            self._is_told(name, scenario, setting)

    def _answers(self) -> Iterator[tuple[str, Scenario, Setting]]:
        """Each answer about a scenario: its name, that scenario, and its setting."""
        for why in self.whys:
            yield f"why {why.id}", why.setting.scenarios[1], why.setting
        for world in self.worlds:
            yield f"world {world.id}", world.setting.first, world.setting
        for one in self.sensitivities:
            assert one.setting is not None
            yield f"sensitivity {one.id}", one.setting.first, one.setting
        alike = (*self.watches, *self.redteams, *self.optimised, *self.updates, *self.views)
        for found in alike:
            yield f"{found.kind} {found.id}", found.setting.first, found.setting
        for where in self.discoveries:
            assert where.setting is not None
            yield f"discovery {where.id}", where.setting.scenarios[-1], where.setting

    def _is_told(self, name: str, scenario: Scenario, setting: Setting) -> None:
        """Refuse an answer about another scenario, or of other members."""
        told = [run.scenario for run in self.runs] + [study.scenario for study in self.studies]
        if len(told) == 1:  # it will be set against the baseline
            only = told[0]
            told.append(
                load_scenario(BASELINE, only.as_of, only.horizon_days, conflict=only.conflict)
            )
        if all(scenario.resolved() != other.resolved() for other in told):
            what = f"is about {scenario.label}, of which the briefing does not tell."
            todo = f"Name a run of it too, as truce run {scenario.label} makes it."
            raise StoreError(name, what, todo)
        for run in self.runs:
            if run.ensemble_id != setting.ensemble_id:
                what = f"is of the ensemble {setting.ensemble_id}, but run {run.id} of "
                what += f"{run.ensemble_id}."
                raise StoreError(name, what, "Make the older one again.")


def _frames(given: Given) -> tuple[dt.date, int]:
    """The as-of day and the horizon of all that was given."""
    frames = [(f"run {run.id}", _frame(run.scenario)) for run in given.runs]
    frames += [(f"study {study.id}", _frame(study.scenario)) for study in given.studies]
    frames += [(name, _frame(scenario)) for name, scenario, _ in given._answers()]
    first, (day, horizon) = frames[0]
    for name, (its_day, its_horizon) in frames[1:]:
        if (its_day, its_horizon) != (day, horizon):
            what = f"looks ahead {days_word(its_horizon)} from {its_day}, but {first} "
            what += f"{days_word(horizon)} from {day}."
            raise StoreError(name, what, "Brief them one by one.")
    return day, horizon


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
