"""An event foretold by a forecast, and the same event coded into the record.

The worlds of a forecast in which an event happens, and nothing that the record's silence excludes,
have the odds that the filter must give once the event is in the record.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from helpers.stories import Action, made_up
from sim.calibrate.observations import ACTION
from sim.calibrate.particles import APART, Filter
from sim.calibrate.record import Record, levers_before
from sim.engine.agenda import Agenda, plain_agenda
from sim.engine.cases import new_cases
from sim.engine.domain import Outcome, Public
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import Ensemble
from sim.inputs.kinds import EVENT_KINDS
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.montecarlo import default_workers
from sim.native import run_cases

SILENT = {
    Public.TRUCE_BEGINS: 1,
    Public.R_BREAKS_TRUCE: 0,
    Public.U_BREAKS_TRUCE: 0,
    Public.PARTIAL_BEGINS: 1,
    Public.PARTIAL_ENDS_EARLY: 0,
    Public.PAUSE_R: 0,
    Public.MEDIATOR_SANCTIONS: 0,
    Public.BLOCS_SANCTIONS: 0,
    Public.ARMS_PAUSE: 0,
    Public.MEDIATOR_LEAVES: 0,
    Public.DIRECT_TALKS: 0,
}
"""What did not happen if nothing is reported of it, and how many days later it would show."""
ARTICLE = "005_made_up"
GROUPS = 64
"""Groups of members of the jackknife."""


class Told(NamedTuple):
    """An event of the days after the as-of day: as worlds show it, and as a record has it.

    Attributes
    ----------
    on
        By public event, the day on which it first happens.
    days
        How many days the record goes on. None of the events of ``on`` may come again in them,
        unless the record is silent on that.
    actions
        What the filter imposes.
    rows
        The same as rows of ``events.csv``: day, round, actor, event, detail.
    announced
        The days of mediated rounds that are announced.
    """

    on: dict[Public, int]
    days: int
    actions: tuple[Action, ...] = ()
    rows: tuple[tuple[int, str, str, str, str], ...] = ()
    announced: tuple[int, ...] = ()

    def seen_in(self, worlds: Any) -> Any:
        """Which worlds of a forecast have it, and nothing else that would have been reported."""
        found = np.ones(len(worlds), bool)
        for event, lag in SILENT.items():
            day = worlds["first_day"][:, event]
            if event not in self.on:
                found &= (day < 0) | (day > self.days + lag)
        for event, day in self.on.items():
            found &= worlds["first_day"][:, event] == day
        return found

    def unpaid(self, members: Any) -> Any:
        """By member, one over the chance of what is only set: direct talks, and days without them.

        None are told of on the day of a mediated round, and there are none in a truce.
        """
        rate = members["direct_rate"]
        talked = Public.DIRECT_TALKS in self.on
        days = self.on.get(Public.TRUCE_BEGINS, self.days + 1) - 1 - len(self.announced) - talked
        weight = np.exp(rate * days)
        return weight / -np.expm1(-rate) if talked else weight

    def agenda(self, scenario: Scenario) -> Agenda:
        """The days of a scenario that has the announced rounds."""
        rounds = tuple(scenario.as_of + dt.timedelta(days=day) for day in self.announced)
        return agenda(dataclasses.replace(scenario, rounds=rounds))


def one_each(days: Agenda, members: Any, starts: Any, first: int, seed: int) -> Any:
    """One world of each member, on luck of its own from an address on."""
    cases, table = new_cases(len(members)), np.zeros(len(members), ROW)
    cases["member"] = np.arange(len(members))
    cases["world"] = first + cases["member"]
    run_cases(days.alone, members, starts, cases, new_workspace(members, seed), table)
    return table


def came(worlds: Any) -> Any:
    """1, whether the truce held and whether one was agreed, by world."""
    held, agreed = worlds["outcome"] == Outcome.HELD, worlds["full_truces"] > 0
    return np.array([np.ones(len(worlds)), held, agreed], float)


def foretold(told: Told, scenario: Scenario, ensemble: Ensemble, worlds: int) -> Any:
    """What a forecast says of an event: sums by member of 1, held, agreed where it happens.

    Parameters
    ----------
    worlds
        Of each member; each counts by `Told.unpaid`.
    """
    members, days = ensemble.members, told.agenda(scenario)

    def some(n: int) -> Any:
        rows = one_each(days, members, ensemble.starts, n * len(members), 1)
        return told.seen_in(rows) * told.unpaid(members) * came(rows)

    with ThreadPoolExecutor(default_workers()) as executor:
        return sum(executor.map(some, range(worlds))) / worlds


def ahead(days: Agenda, ensemble: Ensemble, worlds: int) -> Any:
    """Sums by member of 1, held, agreed over so many worlds of each, in the form of `foretold`."""
    members = ensemble.members

    def some(n: int) -> Any:
        return came(one_each(days, members, ensemble.starts, n * len(members), 4))

    with ThreadPoolExecutor(default_workers()) as executor:
        return sum(executor.map(some, range(worlds))) / worlds


def filtered(told: Told, scenario: Scenario, ensemble: Ensemble, lives: int, worlds: int) -> Any:
    """What the filter says once the event is in the record, in the form of `foretold`.

    Parameters
    ----------
    lives
        Particles of each member, with luck of their own.
    worlds
        Of each particle, from where the record leaves it.
    """
    members, whole = ensemble.members, told.agenda(scenario)
    chosen = Filter(None, record_of(told, scenario, whole), 2)  # type: ignore[arg-type]
    left = slice(told.days, None)
    later = plain_agenda(whole.policies, whole.segment_of_day[left], whole.calendar[left])
    apart = np.zeros(len(members), APART)
    apart["rate"] = members["round_rate"]
    total = np.zeros((3, len(members)))
    for n in range(lives):
        luck = n * len(members) + np.arange(len(members))
        lived = chosen.lives((members, ensemble.starts, apart), luck, told.days)
        for m in range(worlds):
            first = (n * worlds + m) * len(members)
            rows = one_each(later, members, lived.ends, first, 3)
            total += np.exp(lived.so_far[:, told.days]) * came(rows)
    return total / (lives * worlds)


def record_of(told: Told, scenario: Scenario, whole: Agenda) -> Record:
    """A record of the days from the as-of day on, with the event in it."""
    actions = np.array([action.fields for action in told.actions], ACTION)
    events = tuple(made_up(n) for n in range(len(actions)))
    as_of = scenario.as_of + dt.timedelta(days=told.days)
    return Record(
        as_of, told.days, events, actions, whole.until(told.days), levers_before(shipped(), as_of)
    )


def write_coded(folder: Path, told: Told, as_of: dt.date) -> Conflict:
    """Write the shipped data below a folder, with an event coded that came after an as-of day."""
    for source in shipped().folders:
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("ensembles"))
    read = as_of + dt.timedelta(days=told.days)
    articles = folder / "calibration/evidence/articles.toml"
    rows, events = folder / "calibration/evidence/events.csv", folder / "scenarios/history.toml"
    _append(articles, f'[[article]]\nid = "{ARTICLE}"\ntitle = ""\noutlet = ""\nday = {read}\n')
    _append(articles, 'day_basis = "made up"\n')
    text = events.read_text(encoding="utf-8").replace(f"through = {as_of}", f"through = {read}")
    events.write_text(text, encoding="utf-8")
    for number, (after, name, actor, event, detail) in enumerate(told.rows, 1):
        day = as_of + dt.timedelta(days=after)
        _append(rows, f"{ARTICLE},{number},{day},{day},,{name},{actor},{event},{detail},\n")
        if EVENT_KINDS[event].listed:
            _append(events, f'[[action]]\nactor = "{actor}"\nevent = "{event}"\ndate = {day}\n')
            _append(events, f'article = "{ARTICLE}"\nparagraph = {number}\n')
    for after in told.announced:
        day = as_of + dt.timedelta(days=after)
        _append(events, f'[[round]]\ndate = {day}\nknown = {as_of}\nsource = "assumed"\n')
    return Conflict(folder)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


# ------------------------------------------------------------------ two answers to one question


class Odds(NamedTuple):
    """The chance of the event, and of held and agreed given it, with their standard errors."""

    value: Any
    error: Any


def odds_of(sums: Any, effective: float = np.inf) -> Odds:
    """Odds from sums by member; errors by a jackknife over groups of members.

    Parameters
    ----------
    effective
        The effective size of the particles of which the members were drawn.
    """
    value, without = _with_and_without(sums)
    return Odds(value, _error(without) * np.sqrt(1.0 + sums.shape[1] / effective))


def apart(before: Any, after: Any) -> Any:
    """How many standard errors the odds from two sums of the same members lie apart."""
    one, without = _with_and_without(before)
    other, without_other = _with_and_without(after)
    distance, error = np.abs(other - one), _error(without_other - without)
    return np.divide(distance, error, np.zeros(3), where=distance > 0.0)


def _with_and_without(sums: Any) -> tuple[Any, Any]:
    """Odds from all members, and from all but each of the groups."""
    members = np.arange(sums.shape[1]) % GROUPS
    by_group = np.array(
        [np.bincount(members, row, GROUPS) for row in (*sums, np.ones(sums.shape[1]))]
    )
    whole = by_group.sum(axis=1)
    return _odds(whole), _odds(whole[:, None] - by_group)


def _odds(sums: Any) -> Any:
    happened, held, agreed, members = sums
    return np.array([happened / members, held / happened, agreed / happened])


def _error(without: Any) -> Any:
    spread = without - without.mean(axis=1, keepdims=True)
    return np.sqrt((spread**2).sum(axis=1) * (GROUPS - 1) / GROUPS)
