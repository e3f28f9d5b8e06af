"""What a briefing is written from: results of any kind that go together, and what they lack.

The scenarios that it tells of are those of the runs that are given; without runs, all that the
rest is about is run for it (`sim.brief.given`). Several are compared with the first, a single one
with the baseline.
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
from sim.attribution.explore.ask import explore
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
from sim.brief.again import Change, commands_of
from sim.brief.alike import check
from sim.brief.cover import PLAIN, Cover
from sim.brief.given import Given, baseline_of
from sim.brief.marking import NONE, Marking
from sim.catalog import open_entry, run_of
from sim.commands import explore_command
from sim.diary import Diary, tell
from sim.diary.typical import typical_world
from sim.errors import SimError, StoreError
from sim.experiments.compare import compare
from sim.experiments.comparison import Comparison
from sim.experiments.sweep.study import Study
from sim.inputs.scenario import Scenario, load_scenario
from sim.ledger.book import FILE
from sim.montecarlo import MADE_AGAIN_WORLDS
from sim.progress import Progress
from sim.results import Results
from sim.runs import OUTPUTS, find
from sim.store import KINDS, Storable, run_key

ABOUT = ("run", "comparison", "study")
"""The kinds that a briefing can be about; `last` is the newest of them."""
ANSWERS = (
    *("why", "world", "sensitivity", "watch", "redteam", "optimise", "explore", "discovery"),
    *("update", "views"),
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
    explored
        Odds over a few levers as a formula, for levers that the reader moves.
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
    explored: tuple[Explored, ...] = ()
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
    if not things:
        raise StoreError("truce brief", "nothing was given.", "Name a result, such as `last`.")
    found, faults = Given(), []
    for thing in things:
        try:
            found.take(opened(thing, out))
        except SimError as error:
            faults.append(error)
    try:
        _bring(found, out)
    except SimError as error:
        faults.append(error)
        found.things = [one for one in found.things if one is not found.explanation]
    check(found, out, tuple(faults))
    runs, comparison = _told(found, progress)
    asked = _asked(runs, comparison, found.explanation)
    explanation, why_not = (found.explanation, "") if found.explanation else _explained(asked)
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
        found.ids,
        commands_of(found, out),
        tuple(found.whys),
        tuple(found.worlds),
        tuple(found.sensitivities),
        tuple(found.watches),
        tuple(found.redteams),
        tuple(found.optimised),
        tuple(found.explored),
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


def with_levers(material: Material, progress: bool | Progress = False) -> Material:
    """Return material with levers for the reader to move; with those that are there, if any are.

    Parameters
    ----------
    progress
        As in `sim.run`: fitting the odds takes minutes.
    """
    if material.explored:
        return material
    found = explore(material.scenario, seed=material.results.seed, progress=progress)
    return dataclasses.replace(
        material,
        explored=(found,),
        given=(*material.given, found.id),
        commands=(*material.commands, explore_command(found.request)),
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
        command = Change(out).of(result)
        raise StoreError(f"{entry.kind} {entry.id}", what, f"Make it again: {command}.")
    return result


# ------------------------------------------------------------------ running


def _bring(found: Given, out: Path) -> None:
    """Find the run that an explanation is of, or run it again, unless it was given.

    Raises
    ------
    StoreError
        If it is not there, and what the explanation says of it is not enough.
    """
    told = found.explanation
    if told is None or any(run.id == told.run_id for run in found.runs):
        return
    try:
        found.brought = [run_of(told.run_id, out=out)]
    except SimError:
        found.brought = [_run_again(told, out)]


def _run_again(told: Explanation, out: Path) -> Results:
    worlds, frame = told.drivers.worlds, (told.as_of, told.horizon_days)
    what = f"is of run {told.run_id}, which is not in {out}."
    explained = Change(out).of(told, "last-run")
    try:
        scenario = load_scenario(told.scenario, *frame, conflict=told.conflict)
    except SimError:
        todo = f"Run its scenario again; then explain it: {explained}."
        raise StoreError(f"explanation {told.id}", what, todo) from None
    if run_key(scenario, told.seed, worlds, None, str(told.ensemble["id"])) != told.run_id:
        command = Change(out).of_run(scenario, worlds, told.seed)
        raise StoreError(f"explanation {told.id}", what, f"Make both: {command} && {explained}.")
    return montecarlo.run(scenario, worlds, told.seed)


def _told(found: Given, progress: bool | Progress) -> tuple[Sequence[Results], Comparison | None]:
    """The runs of the scenarios that are told of, and how they differ."""
    if found.all_runs:
        there = found.comparison if not found.brought else None
        return found.all_runs, there or _compared(found.all_runs, progress)
    scenarios = found.scenarios()
    worlds, seed = found.luck()
    if len(scenarios) > 1:
        comparison = compare(scenarios, worlds, seed, progress=progress)
        return comparison.results, comparison
    runs = [montecarlo.run(scenarios[0], worlds, seed)]
    return runs, _compared(runs, progress)


def _compared(runs: Sequence[Results], progress: bool | Progress) -> Comparison | None:
    """Compare the runs, or a single one with the baseline, on the same worlds again."""
    scenarios = [run.scenario for run in runs]
    if len(runs) == 1:
        first = scenarios[0]
        base = baseline_of(first)
        if base.initial_levers == first.initial_levers and not first.schedule and not first.blocks:
            return None
        scenarios.insert(0, base)
    worlds = min(runs[0].tally.worlds, MADE_AGAIN_WORLDS)
    return compare(scenarios, worlds, runs[0].seed, progress=progress)


def _asked(
    runs: Sequence[Results], comparison: Comparison | None, explanation: Explanation | None
) -> Results:
    """The run that is shown in full: explained, the second of two, or the best of more for sure."""
    if explanation is not None:
        return next(run for run in runs if run.id == explanation.run_id)
    if comparison is None or len(runs) == 1:
        return runs[0]
    if len(runs) == 2:
        return runs[1]  # what is asked is what it does, for better or worse
    best, lead = runs[0], 0.0
    for other, found in zip(runs[1:], comparison.differences["held"], strict=True):
        if found.dice == "ahead" and found.mean > lead:
            best, lead = other, found.mean
    return best


def _explained(results: Results) -> tuple[Explanation | None, str]:
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
