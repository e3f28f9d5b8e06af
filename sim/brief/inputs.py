"""What a briefing is written from: results of any kind that go together, and what they lack.

The first run or study is what is asked about; several runs are compared, a single one with the
baseline. A timeline, influences, an explanation, and what says why scenarios differ, what decided a
world, what matters, what to watch, which move takes most and which package is best stand
beside them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import montecarlo
from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation, explain
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
from sim.brief.cover import PLAIN, Cover
from sim.brief.given import BASELINE, Given
from sim.brief.marking import NONE, Marking
from sim.catalog import open_entry
from sim.diary import Diary, tell
from sim.diary.typical import typical_world
from sim.errors import SimError, StoreError
from sim.experiments.compare import compare
from sim.experiments.comparison import Comparison
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario, load_scenario
from sim.ledger.book import FILE
from sim.montecarlo import DEFAULT_WORLDS, MADE_AGAIN_WORLDS
from sim.progress import Progress
from sim.results import Results
from sim.runs import OUTPUTS, find
from sim.store import KINDS, Storable, again

ABOUT = ("run", "comparison", "study")
"""The kinds that a briefing can be about; `last` is the newest of them."""
ANSWERS = (
    *("why", "world", "sensitivity", "watch", "redteam", "optimise", "discovery", "update"),
    "views",
)
"""The kinds whose id says which code made them."""


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
        The commands that make what was given.
    whys, worlds, sensitivities
        Why scenarios differ, what decided a world, and what matters.
    watches, redteams, optimised
        What to watch, which single move takes most, and which packages no other beats.
    discoveries
        Where a condition holds.
    updates
        What moved the odds since they were last brought up to date.
    views
        What analysts and variants of the model make of the scenarios.
    ledger
        The file of the forecasts that were sealed, which need not be there.
    marking
        What is to stand on every page.
    cover
        The reader's question, a title, for whom it is, and how much of it there is.
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
    whys: tuple[Why, ...] = ()
    worlds: tuple[OneWorld, ...] = ()
    sensitivities: tuple[Sensitivity, ...] = ()
    watches: tuple[Watch, ...] = ()
    redteams: tuple[RedTeam, ...] = ()
    optimised: tuple[Optimised, ...] = ()
    discoveries: tuple[Discovery, ...] = ()
    updates: tuple[Update, ...] = ()
    views: tuple[Views, ...] = ()
    ledger: Path = FILE
    marking: Marking = NONE
    cover: Cover = PLAIN

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
    found = Given()
    for thing in things:
        found.take(opened(thing, out))
    found.check()
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
        tuple(found.ids),
        found.commands(),
        tuple(found.whys),
        tuple(found.worlds),
        tuple(found.sensitivities),
        tuple(found.watches),
        tuple(found.redteams),
        tuple(found.optimised),
        tuple(found.discoveries),
        tuple(found.updates),
        tuple(found.views),
        out / FILE.name,
    )


def with_views(material: Material, found: Views) -> Material:
    """Return material with what others make of its scenarios."""
    return dataclasses.replace(
        material,
        views=(*material.views, found),
        given=(*material.given, found.id),
        commands=(*material.commands, found.command),
    )


def opened(thing: Storable | str | Path, out: Path = OUTPUTS) -> Any:
    """Return a result that was given as it is, or by name.

    Raises
    ------
    StoreError
        If there is none, or it was made by other code.
    """
    if isinstance(thing, Storable):
        return thing
    entry = find(str(thing), out, ABOUT if str(thing) == "last" else tuple(KINDS))
    result = open_entry(entry)
    if entry.kind in ANSWERS and result.id != entry.id:
        what = "was made by another version of the model, or of what asks it."
        raise StoreError(f"{entry.kind} {entry.id}", what, again(entry.manifest))
    return result


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
        if base.initial_levers == first.initial_levers and not first.schedule and not first.blocks:
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


def with_worlds(results: Results) -> Results:
    """Return a run that has its worlds: made again, up to 2,000,000, if it did not keep them."""
    if results.has_worlds:
        return results
    worlds = min(results.tally.worlds, MADE_AGAIN_WORLDS)
    return montecarlo.run(results.scenario, worlds, results.seed)


def _typical(results: Results) -> Diary:
    """A typical world of the commonest ending."""
    commonest = max(results.odds, key=lambda name: results.odds[name].mean)
    world = typical_world(with_worlds(results), commonest)
    return tell(results.scenario, results.ensemble(), results.seed, world)
