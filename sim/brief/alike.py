"""Whether what was given to a briefing goes together, and what makes alike what does not.

All of it looks ahead from one day as far, on the same data. Worlds of several runs can be paired.
What is about a scenario is about one that the briefing tells of, and of today's members.
"""

from __future__ import annotations

import datetime as dt
import functools
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sim.attribution.discover.result import Discovery
from sim.attribution.explain import Explanation
from sim.attribution.influence_result import Influence
from sim.attribution.timeline import Timeline
from sim.attribution.why.one_world import OneWorld
from sim.brief.again import Change, source_id, source_of
from sim.brief.given import Given, asked_about, baseline_of, once, same, scenarios_of, setting_of
from sim.errors import SimError, StoreError, StoreProblemsError
from sim.experiments.comparison import Comparison
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario
from sim.results import Results
from sim.runs import OUTPUTS
from sim.store import Storable
from sim.text import days_word

EXPLAINED = "held"
"""The outcome whose odds a briefing explains."""


@dataclass(frozen=True)
class Frame:
    """From which day something looks ahead, how far, and on which data.

    Attributes
    ----------
    horizon_days
        None of a timeline and of influences, which may look less far.
    """

    day: dt.date
    horizon_days: int | None
    conflict: Conflict

    @property
    def ahead(self) -> str:
        """Where something looks, in words."""
        if self.horizon_days is None:
            return f"is as of {self.day}"
        return f"looks ahead {days_word(self.horizon_days)} from {self.day}"


def check(given: Given, out: Path = OUTPUTS, found: tuple[SimError, ...] = ()) -> None:
    """Refuse what cannot stand in one briefing, all of it at once.

    Parameters
    ----------
    out
        Where the commands that make it alike are to look things up and keep them.
    found
        What was wrong before.

    Raises
    ------
    SimError
        Naming what does not go with the rest, and the command that makes it alike.
    """
    problems = [*found, *(_problems(given, out) if given.things else ())]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise StoreProblemsError("truce brief", [str(problem) for problem in problems])


def _problems(given: Given, out: Path) -> Iterator[StoreError]:
    (frame, there), spare = _reference(given), _spare(given)

    @functools.cache
    def members() -> str:
        return load_ensemble(frame.day, conflict=frame.conflict).id

    for thing in given.things:
        where = f"{thing.kind} {thing.id}"
        if any(thing is one for one in spare):
            rest = [one.id for one in given.things if one is not thing]
            todo = f"Leave it out: {shlex.join(['truce', 'brief', *rest, *_runs(out)])}."
            what = f"is another {thing.kind}, of which a briefing shows one."
            yield StoreError(where, what, todo)
            continue
        told, change = _unlike(thing, frame, there, given)
        if told:
            command = _alike(thing, given, replace(change, out=out))
            yield StoreError(where, " It ".join(told), f"Make it alike: {command}.")
        elif stale := _stale(thing, given, members):
            command = _alike(thing, given, Change(out))
            yield StoreError(where, stale, f"Make it again: {command}.")
        if isinstance(thing, Explanation) and thing.outcome != EXPLAINED:
            what = f"is of the odds of `{thing.outcome}`; a briefing explains those of `held`."
            command = _alike(thing, given, Change(out)).replace(thing.outcome, EXPLAINED)
            yield StoreError(where, what, f"Make that one: {command}.")
    yield from _untold(given, frame, out)


def _spare(given: Given) -> list[Storable]:
    """What stands there twice though a briefing shows one of its kind."""
    found: list[Storable] = []
    for kind in (Timeline, Influence, Explanation):
        found += [thing for thing in given.things if isinstance(thing, kind)][1:]
    return found


def _runs(out: Path) -> list[str]:
    return [] if out == OUTPUTS else ["--runs", str(out)]


# ------------------------------------------------------------------ what is unlike the rest


def _first(given: Given) -> Storable:
    """What the rest is set against: the first run, or what is first about a scenario."""
    about = [t for t in given.things if scenarios_of(t) or isinstance(t, Explanation)]
    return next(iter([*given.runs, *about, *given.things]))


def _reference(given: Given) -> tuple[Frame, str]:
    """The frame of the rest, and the name of what has it.

    An update decides how far to look, since it looks no further than the file of the baseline.
    """
    first = _first(given)
    frame, name = _frame(first), f"{first.kind} {first.id}"
    for update in given.updates:
        days = update.setting.first.horizon_days
        if days != frame.horizon_days:
            return replace(frame, horizon_days=days), f"{update.kind} {update.id}"
    return frame, name


def _frame(thing: Storable) -> Frame:
    if isinstance(thing, Timeline | Influence):
        return Frame(thing.as_of, None, thing.conflict)
    if isinstance(thing, Explanation):
        return Frame(thing.as_of, thing.horizon_days, thing.conflict)
    scenario = scenarios_of(thing)[0]
    return Frame(scenario.as_of, scenario.horizon_days, scenario.conflict)


def _unlike(thing: Storable, frame: Frame, there: str, given: Given) -> tuple[list[str], Change]:
    """What sets a result apart from the rest, in sentences, and what would have to be other."""
    own, told, change = _frame(thing), list[str](), Change()
    if own.day != frame.day:
        change = replace(change, day=frame.day)
    if own.horizon_days and frame.horizon_days and own.horizon_days != frame.horizon_days:
        change = replace(change, horizon_days=frame.horizon_days)
    if change != Change():
        told.append(f"{own.ahead}, but {there} {frame.ahead.removeprefix('looks ahead ')}.")
    if own.conflict.digest != frame.conflict.digest:
        told.append(f"is of other data than {there}.")
        change = replace(change, data=frame.conflict.folder or "")
    if given.all_runs and (luck := _luck(thing)):
        run = given.all_runs[0]
        paired = _luck(run)
        told += [
            f"has {name} {luck[name]:,}, but run {run.id} has {value:,}: their worlds cannot be "
            "paired."
            for name, value in paired.items()
            if luck[name] != value
        ]
        if luck != paired:
            change = replace(change, worlds=paired["worlds"], seed=paired["seed"])
    return told, change


def _luck(thing: Storable) -> dict[str, int]:
    """The worlds and the seed of what has to be paired with the runs."""
    if isinstance(thing, Comparison):
        return _luck(thing.results[0])
    if isinstance(thing, Results):
        return {"worlds": thing.tally.worlds, "seed": thing.seed}
    if isinstance(thing, Explanation):
        return {"worlds": thing.drivers.worlds, "seed": thing.seed}
    return {}


def _stale(thing: Storable, given: Given, members: Callable[[], str]) -> str:
    """What has changed since something was made, in a sentence; empty if nothing.

    ``members`` returns the id of the ensemble that there is now for its day.
    """
    runs = [thing] if isinstance(thing, Results) else []
    if isinstance(thing, Comparison):
        runs = list(thing.results)
    if isinstance(thing, Explanation):
        runs = [run for run in given.all_runs if run.id == thing.run_id]
    try:
        for run in runs:
            run.ensemble()
    except StoreError as error:
        return error.what
    setting = setting_of(thing)
    if setting is None or setting.ensemble_id == members():
        return ""
    return f"is of the ensemble {setting.ensemble_id}; that of its day is now {members()}."


def _untold(given: Given, frame: Frame, out: Path) -> Iterator[StoreError]:
    """Refuse answers about scenarios of which the runs do not tell."""
    if not given.all_runs:
        return  # all that is asked about is told
    told = [_moved(one, frame) for one in given.scenarios()]
    implied = [baseline_of(told[0])] if len(told) == 1 else []  # it is set against the baseline
    told += [_moved(study.scenario, frame) for study in given.studies]
    asked = [
        (f"{thing.kind} {thing.id}", _moved(scenario, frame))
        for thing in given.things
        if (scenario := asked_about(thing))
    ]
    if all(_is_in(scenario, [*told, *implied]) for _, scenario in asked):
        return
    for lacking in once(scenario for _, scenario in asked if not _is_in(scenario, told)):
        names = [where for where, scenario in asked if same(scenario, lacking)]
        what = f"{'is' if len(names) == 1 else 'are'} about {lacking.label}, "
        what += "of which the briefing does not tell."
        command = Change(out).of_run(lacking, **_luck(given.all_runs[0]))
        yield StoreError(", ".join(names), what, f"Name a run of it too: {command}.")


def _is_in(scenario: Scenario, some: list[Scenario]) -> bool:
    return any(same(scenario, other) for other in some)


def _moved(scenario: Scenario, frame: Frame) -> Scenario:
    """A scenario as of the day and over the horizon of the rest, if it can be."""
    try:
        if scenario.as_of != frame.day:
            scenario = scenario.with_as_of(frame.day)
        if frame.horizon_days and scenario.horizon_days != frame.horizon_days:
            scenario = scenario.with_horizon(frame.horizon_days)
    except SimError:
        pass  # told as of another day already
    return scenario


# ------------------------------------------------------------------ the command that makes it alike


def _alike(thing: Storable, given: Given, change: Change) -> str:
    """The command that makes a result with a change, after that of what it is asked of."""
    if not isinstance(thing, Explanation | OneWorld | Discovery):
        return change.of(thing)
    if isinstance(thing, OneWorld) and not thing.command.startswith("truce "):
        return change.of(thing)  # it makes its run itself
    source, kind = _source(thing, given, change)
    return f"{source} && {Change(change.out).of(thing, f'last-{kind}')}"


def _source(thing: Storable, given: Given, change: Change) -> tuple[str, str]:
    """The command that makes what a result was asked of, and the kind that this makes."""
    source = source_of(thing, given, change.out)
    if source and (isinstance(source, Results) or isinstance(thing, Discovery)):
        return change.of(source), source.kind
    for run in given.all_runs:  # of a comparison's runs one is enough
        if run.id == source_id(thing):
            return change.of_run(run.scenario, **_luck(run)), "run"
    setting = setting_of(thing)
    assert setting is not None  # an explanation has its run
    return change.of_run(setting.first, setting.worlds, setting.seed), "run"
