"""What a saved watch list foretold, beside what the coded record says came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from sim.attribution.reported import settled
from sim.attribution.update.told import Foretold, Watched
from sim.attribution.watch.parts import Event
from sim.attribution.watch.result import Watch
from sim.errors import ScenarioError, SimError
from sim.estimates import Odds
from sim.evidence.statements import load_evidence
from sim.inputs.events import name_of
from sim.inputs.scenario import Scenario
from sim.runs import entries, find

_ORDER = ("yes", "no", "open", "void")


def watch_for(
    given: Watch | str | Path | None, now: Scenario, since: dt.date, out: Path
) -> Watch | None:
    """Return the watch list to look back on.

    Parameters
    ----------
    given
        One, or its folder, id or `last-watch`; if None the newest of the baseline as of ``since``
        that is kept below ``out``, if there is one.
    now
        The baseline as of the new day.

    Raises
    ------
    SimError
        If the one given cannot be found, or looks ahead from another scenario, or from a day that
        is not before the new one.
    """
    if given is None:
        return _newest(now, since, out)
    watch = (
        given if isinstance(given, Watch) else Watch.open(find(str(given), out, ("watch",)).folder)
    )
    if wrong := _wrong(watch, now):
        todo = "Name one of the baseline from an earlier day, or leave --watch out."
        raise ScenarioError(f"watch {watch.id}", wrong, todo)
    return watch


def _newest(now: Scenario, since: dt.date, out: Path) -> Watch | None:
    for entry in entries(out, ("watch",)):
        if entry.manifest["about"].get("as_of") != since.isoformat():
            continue
        try:
            watch = Watch.open(entry.folder)
        except SimError:  # damaged, or of another version: nobody asked for this very one
            continue
        if not _wrong(watch, now):
            return watch
    return None


def _wrong(watch: Watch, now: Scenario) -> str:
    """Why a watch list cannot be looked back on; empty if it can."""
    first = watch.setting.first
    if first.conflict != now.conflict:
        return "is of other data."
    if first.name != now.name or first.overrides:
        return f"is of {first.label}, not of {now.label} as it stood."
    if first.as_of >= now.as_of:
        return f"looks ahead from {first.as_of}, which is not before {now.as_of}."
    if _end(watch) <= now.as_of:
        return f"looks ahead to {_end(watch)}, which is not after {now.as_of}."
    return ""


def _end(watch: Watch) -> dt.date:
    first = watch.setting.first
    return first.as_of + dt.timedelta(days=first.horizon_days)


def looked_back(watch: Watch, now: Scenario, odds_to: Callable[[str, dt.date], Odds]) -> Watched:
    """Return what a watch list foretold, beside what came by its last day or the new one.

    Parameters
    ----------
    odds_to
        Returns the odds of an outcome as of the new day, up to the day on which the horizon of the
        watch list ends.
    """
    first, until = watch.setting.first, min(watch.last_day, now.as_of)
    events = load_evidence(as_of=now.as_of, conflict=now.conflict).events
    told = []
    for event in watch.events:
        answer, why = settled(event.public, first.as_of, until, events, now.conflict)
        if answer != "yes" and until < watch.last_day:
            answer, why = "open", ""
        told.append(_foretold(event, now, answer, why))
    told.sort(key=lambda one: _ORDER.index(one.answer))
    found = odds_to(watch.outcome, _end(watch))
    days = first.as_of, watch.last_day, _end(watch)
    return Watched(watch.id, *days, watch.outcome, watch.base, found, tuple(told))


def _foretold(event: Event, now: Scenario, answer: str, why: str) -> Foretold:
    name, actor = name_of(event.public, now.conflict)
    both = event.happens, event.fails
    return Foretold(
        name, actor, event.words, answer, why, event.chance.mean, both, event.difference
    )
