"""What became public on each day of the record: events, levers, statements, rounds of talks."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sim.errors import EvidenceError
from sim.evidence.positions import ROLE_SIDE, informs
from sim.evidence.statements import Event, Evidence, Statement, load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import HistoryRow, RoundRow
from sim.inputs.levers import Value

_BY_WEIGHT = (
    ("truce_starts", "truce_collapses", "truce_holds"),
    ("accepts_truce", "conditions_truce", "rejects_truce", "partial_truce_starts"),
    ("mediator_leaves", "mediator_returns"),
    ("short_truce", "direct_talks", "imposes_sanctions", "declines_sanctions"),
    ("sanctions_lifted", "relief_granted", "arms_pause_begins", "arms_pause_ends"),
    ("signals_walk_away", "threatens_sanctions"),
    ("contingent_pledged", "strikes_intensify", "relief_offered", "guarantor_acts"),
    ("partial_truce_ends", "breach_claimed", "prisoner_exchange"),
)
"""Kinds of event, what says most about the talks first; a kind that is not here comes after them,
and talks that nothing more is told of come last. Among equals, an act of side U comes last, since
its yes surprises nobody."""
_ORDER = {kind: n for n, kinds in enumerate(_BY_WEIGHT) for kind in kinds}
_ORDER["talks"] = len(_BY_WEIGHT) + 1
DECISIVE = frozenset(kind for kinds in _BY_WEIGHT[:3] for kind in kinds)
"""Kinds of event that are told before any lever: truces, answers, a mediator that leaves."""


@dataclass(frozen=True)
class Change:
    """A lever that got another value.

    Attributes
    ----------
    day
        The day on which that was public.
    before, value
        What it was and what it is.
    source
        Of the new value: article and paragraph, or 'assumed' and why.
    """

    day: dt.date
    lever: str
    before: Value
    value: Value
    source: str


@dataclass(frozen=True)
class News:
    """What became public on a day; nothing, if the day is only the one that was asked for.

    Attributes
    ----------
    events
        Those reported for the first time, what says most about the talks first.
    levers
        What changed in the record.
    statements
        All of the day: those that inform the position of a side first, the firmest before others,
        and last those that are kept out of the fit.
    rounds
        Rounds of talks that were announced, or whose day had been.
    begins
        Whether the record begins on this day.
    """

    day: dt.date
    events: tuple[Event, ...] = ()
    levers: tuple[Change, ...] = ()
    statements: tuple[Statement, ...] = ()
    rounds: tuple[RoundRow, ...] = ()
    begins: bool = False


def news(as_of: dt.date, conflict: Conflict | None = None) -> tuple[News, ...]:
    """Return the days that brought news, up to a day, the first of the record among them.

    News is an event reported for the first time, a lever that changed, a statement in the fit that
    informs a side's ideal or red line, or a round of talks that was announced or has passed.

    Parameters
    ----------
    conflict
        Whose record and evidence; those of the shipped one if None.
    """
    conflict = conflict or shipped()
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    changes = lever_changes(conflict.history(as_of))
    events = [event for event in evidence.events if not event.same_as]
    days = {event.known for event in events} | {change.day for change in changes}
    days |= {row.known for row in evidence.statements if _informs_a_side(row, evidence)}
    rounds = conflict.rounds(as_of)
    days |= {day for row in rounds for day in (row.known, row.date) if day <= as_of}
    days |= {conflict.facts.record.begins}
    return tuple(_news(day, events, changes, evidence) for day in sorted(days))


def news_waits(since: dt.date, conflict: Conflict) -> bool:
    """Whether anything became public after a day, up to the one through which the press was read.

    Any row of the evidence or the record counts. The day alone is no news, and evidence that cannot
    be read tells none.
    """
    days = [row.visible_from for row in conflict.record.levers]
    days += [row.known for row in conflict.record.rounds]
    days += [row.known or row.date for row in conflict.record.moves]
    with contextlib.suppress(EvidenceError):
        evidence = load_evidence(conflict=conflict)
        days += [row.known for row in evidence.statements]
        days += [event.known for event in evidence.events]
    return any(since < day <= conflict.through for day in days)


def days_told(as_of: dt.date, conflict: Conflict | None = None) -> tuple[News, ...]:
    """Return the days that brought news, and the as-of day itself if it brought none."""
    found = news(as_of, conflict)
    return found if found[-1].day == as_of else (*found, News(as_of))


def _news(
    day: dt.date, events: Sequence[Event], changes: Sequence[Change], evidence: Evidence
) -> News:
    from sim.calibrate.record import observed  # loads the filter, which figures need not

    imposed = {event.id for event in observed(evidence)}
    side_u = next(actor for actor, role in evidence.roles.items() if role == "belligerent_u")

    def rank(event: Event) -> tuple[int, bool, bool]:
        order = _ORDER.get(event.event, len(_BY_WEIGHT))
        return order, event.id not in imposed, event.actor == side_u

    def firm(row: Statement) -> tuple[bool, bool, int, int]:
        return not _informs_a_side(row, evidence), not row.in_fit, -row.salience, -row.firmness

    return News(
        day,
        tuple(sorted((event for event in events if event.known == day), key=rank)),
        tuple(change for change in changes if change.day == day),
        tuple(sorted((row for row in evidence.statements if row.known == day), key=firm)),
        tuple(row for row in evidence.conflict.rounds(day) if day in (row.known, row.date)),
        begins=day == evidence.conflict.facts.record.begins,
    )


def _informs_a_side(row: Statement, evidence: Evidence) -> bool:
    side = evidence.roles.get(row.holder) in ROLE_SIDE
    return side and row.in_fit and informs(row, evidence.roles) != "neither"


def lever_changes(rows: Sequence[HistoryRow]) -> list[Change]:
    """The rows of the record that gave a lever another value than it had, by day.

    A row that became public after a newer one of its lever changes nothing.
    """
    standing: dict[str, HistoryRow] = {}
    found = []
    for row in sorted(rows, key=lambda row: (row.visible_from, row.date)):
        before = standing.get(row.lever)
        if before and row.date < before.date:
            continue
        if before and before.value != row.value:
            day = row.visible_from
            found.append(Change(day, row.lever, before.value, row.value, row.source))
        standing[row.lever] = row
    return found
