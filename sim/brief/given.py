"""What was given to a briefing, by kind, and which scenarios it is about.

Runs that are given decide of which scenarios a briefing tells; without any, all that the rest is
about. Whether it goes together is looked at by `sim.brief.alike`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.explore.result import Explored
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
from sim.experiments.setting import OfSetting, Setting
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_WORLDS
from sim.results import Results
from sim.store import Storable, named_kinds

BASELINE = "baseline"
TAKEN = (
    "runs, comparisons, studies, timelines, influences, explanations, and what `truce why`, "
    "`truce sensitivity`, `truce watch`, `truce redteam`, `truce optimise`, `truce discover`, "
    "`truce explore --export`, `truce update`, and --analyst and --variants made"
)


_PLACES: dict[type, str] = {
    Study: "studies",
    Why: "whys",
    OneWorld: "worlds",
    Sensitivity: "sensitivities",
    Watch: "watches",
    RedTeam: "redteams",
    Optimised: "optimised",
    Explored: "explored",
    Discovery: "discoveries",
    Update: "updates",
    Views: "views",
}
"""Where results are kept of which there may be several."""
_MOST_WORLDS = 1_000_000
"""The most worlds that are run for a briefing of a scenario that no run was given of."""


@dataclass
class Given:
    """What was given, by kind.

    Attributes
    ----------
    things
        All of it, in order; what was given twice is there once.
    brought
        The runs that explanations are of and that were not given themselves.
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
    explored: list[Explored] = field(default_factory=list)
    discoveries: list[Discovery] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    views: list[Views] = field(default_factory=list)
    things: list[Storable] = field(default_factory=list)
    brought: list[Results] = field(default_factory=list)

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
        elif isinstance(thing, Timeline | Influence | Explanation):
            setattr(self, thing.kind, thing)
        elif isinstance(thing, Study) or setting_of(thing) is not None:
            getattr(self, _PLACES[type(thing)]).append(thing)
        else:
            kind = str(getattr(thing, "kind", type(thing).__name__))
            what = f"is {named_kinds([kind])}, for which a briefing has no place."
            if isinstance(thing, Sensitivity):
                what = "is about a function, not about a scenario."
            elif isinstance(thing, Discovery):
                what = "is about a table, not about a scenario."
            raise StoreError(f"{kind} {thing.id}", what, f"It takes {TAKEN}.")
        self.things.append(thing)

    def _add(self, run: Results) -> None:
        if all(run.id != other.id for other in self.runs):
            self.runs.append(run)
            if self.comparison and run not in self.comparison.results:
                self.comparison = None  # there is one run more to compare

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of what was given, in order."""
        return tuple(thing.id for thing in self.things)

    @property
    def all_runs(self) -> list[Results]:
        """The runs that were given, and those that explanations bring."""
        return [*self.runs, *self.brought]

    def scenarios(self) -> list[Scenario]:
        """The scenarios of which the briefing tells, the first of which others are set against.

        Those of the runs; without runs, those that anything else is about, the baseline first if
        it is among them; of a timeline or influences alone the baseline of their day and horizon.
        """
        if self.all_runs:
            return once(run.scenario for run in self.all_runs)
        found = once(scenario for thing in self.things for scenario in scenarios_of(thing))
        if found:
            return sorted(found, key=lambda scenario: not same(scenario, baseline_of(scenario)))
        alone = self.influence or self.timeline
        assert alone is not None  # every other kind is about a scenario
        day, horizon = alone.as_of, alone.horizon_days
        return [load_scenario(BASELINE, day, horizon, conflict=alone.conflict)]

    def luck(self) -> tuple[int, int]:
        """How many worlds are run of scenarios that no run was given of, and the first seed."""
        sizes = [size for thing in self.things if (size := _size(thing))]
        worlds = max(DEFAULT_WORLDS, *(worlds for worlds, _ in sizes))
        return min(worlds, _MOST_WORLDS), sizes[0][1]


# ------------------------------------------------------------------ what each kind is about


def setting_of(thing: Storable) -> Setting | None:
    """The scenarios, members and luck of an answer about a scenario; None of other kinds."""
    if isinstance(thing, OfSetting | Sensitivity | Discovery):
        return thing.setting
    return None


def scenarios_of(thing: Storable) -> tuple[Scenario, ...]:
    """The scenarios that a result brings into a briefing; none if it is about the record."""
    if isinstance(thing, Comparison):
        return tuple(result.scenario for result in thing.results)
    if isinstance(thing, Results | Study):
        return (thing.scenario,)
    setting = setting_of(thing)
    if setting is None:
        return ()
    several = isinstance(thing, Why | Watch | Discovery | Views)
    return setting.scenarios if several else (setting.first,)


def asked_about(thing: Storable) -> Scenario | None:
    """The scenario of an answer that a briefing must tell of; None of other kinds."""
    setting = setting_of(thing)
    if setting is None:
        return None
    return setting.scenarios[-1] if isinstance(thing, Why | Discovery) else setting.first


def baseline_of(scenario: Scenario) -> Scenario:
    """The baseline of a scenario's day, horizon and conflict."""
    frame = scenario.as_of, scenario.horizon_days
    return load_scenario(BASELINE, *frame, conflict=scenario.conflict)


def same(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios are one."""
    return one.resolved() == other.resolved()


def once(scenarios: Iterator[Scenario]) -> list[Scenario]:
    """Scenarios without those that come again, in order."""
    found: list[Scenario] = []
    for scenario in scenarios:
        if not any(same(scenario, other) for other in found):
            found.append(scenario)
    return found


def _size(thing: Storable) -> tuple[int, int] | None:
    """The worlds and the seed of what has no run of its own; of influences the seed alone."""
    if isinstance(thing, Study):
        return int(thing.summary["worlds"]), int(thing.summary["seed"])
    if isinstance(thing, Timeline):
        return thing.worlds, thing.seed
    if isinstance(thing, Influence):
        return 0, thing.seed
    setting = setting_of(thing)
    return (setting.worlds, setting.seed) if setting else None
