"""The record as the filter reads it: the levers by day, and the actions that were observed.

Levers and the list of actions stand in ``scenarios/history.toml``, the events that they name in
``calibration/evidence/events.csv``.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.meanings import Meaning, Setting, meaning_of, refused
from sim.calibrate.observations import ACTION, PENDING, Kind
from sim.calibrate.order import out_of_order
from sim.engine.agenda import Agenda, plain_agenda
from sim.engine.domain import NONE, Answer
from sim.engine.dtypes import Ints
from sim.errors import CalibrationError
from sim.evidence.statements import Event, Evidence
from sim.inputs.agenda import DatedValue, marks_of_days, policy_segments
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import ActionRow, HistoryRow
from sim.inputs.kinds import IMPOSED
from sim.inputs.levers import Value, check_lever

ANSWER_DAYS = 14
"""How long a proposal that one side has accepted waits for the other: assumed, a round's gap."""
TRUCE_STARTS = "truce_starts"


@dataclass(frozen=True)
class Record:
    """What happened from the first day of the record to the as-of day, and under which levers.

    Attributes
    ----------
    days
        How many days; day d is d days after the eve of the record.
    events
        What is imposed, by the first day on which it may have happened.
    actions
        The same as `ACTION` records, in that order.
    agenda
        The levers and the calendar of those days.
    before
        One record of levers, those of the war before: see `levers_before`.
    conflict
        Whose record it is.
    """

    as_of: dt.date
    days: int
    events: tuple[Event, ...]
    actions: NDArray[np.void]
    agenda: Agenda
    before: NDArray[np.void]
    conflict: Conflict = field(default_factory=shipped)

    def day(self, number: int) -> dt.date:
        """Return the date of a day of the record."""
        return self.conflict.facts.eve + dt.timedelta(days=number)


def observed(evidence: Evidence, rows: Sequence[ActionRow] | None = None) -> tuple[Event, ...]:
    """Return the events that are imposed, by day: the listed ones, and all of a kind in `IMPOSED`.

    Parameters
    ----------
    evidence
        What was public.
    rows
        The list; that of the record of the evidence's conflict if None.

    Raises
    ------
    CalibrationError
        If a listed action is no event of the evidence, whenever it was public.
    """
    listed = {_key(row) for row in _listed(evidence, rows)}
    events = [
        event
        for event in evidence.events
        if not event.same_as and (_key(event) in listed or event.event in IMPOSED)
    ]
    return tuple(sorted(events, key=lambda event: (event.date_from, event.date_to, event.id)))


def _listed(evidence: Evidence, rows: Sequence[ActionRow] | None) -> Sequence[ActionRow]:
    return evidence.conflict.record.actions if rows is None else rows


def _key(row: ActionRow | Event) -> tuple[object, ...]:
    if isinstance(row, Event):
        days = row.date_from, row.date_to
    else:
        days = row.date, row.until or row.date
    return (row.article, row.paragraph, row.actor, row.event, row.round, *days)


def check_actions(evidence: Evidence, rows: Sequence[ActionRow] | None = None) -> None:
    """Check that every listed action is an event of the whole evidence.

    The arguments are those of `action_problems`.

    Raises
    ------
    CalibrationError
        The first of the problems that `action_problems` lists.
    """
    for problem in action_problems(evidence, rows):
        raise problem


def action_problems(
    evidence: Evidence, rows: Sequence[ActionRow] | None = None
) -> list[CalibrationError]:
    """List the actions that are no event of the whole evidence.

    Parameters
    ----------
    evidence, rows
        As for `observed`; the evidence whenever it was public.
    """
    events = {_key(event) for event in evidence.events}
    history, _ = evidence.conflict.record_read
    found = []
    for row in _listed(evidence, rows):
        if _key(row) not in events:
            what = f"{row.event} in {row.article}, paragraph {row.paragraph}, "
            what += "is no event of events.csv with that round and those days."
            todo = "Correct the one or the other."
            found.append(CalibrationError(history.place(row), what, todo))
    return found


def record_of(evidence: Evidence, as_of: dt.date, *, as_ahead: bool = False) -> Record:
    """Return the record of the evidence's conflict from its first day to the as-of day.

    Parameters
    ----------
    as_ahead
        Whether the mediator is taken to have moved its package as far as `mandate.flexibility` says
        that it may in a forecast, not as far as the record says that it did.

    Raises
    ------
    CalibrationError
        If an event cannot be imposed; the message names it.
    """
    conflict = evidence.conflict
    eve = conflict.facts.eve
    days = (as_of - eve).days
    levers = _levers(conflict, as_of, days, as_ahead)
    table, kept, wrong = actions_of(observed(evidence), Setting(evidence, eve, *levers))
    wrong = wrong or out_of_order(table, kept)
    if wrong:
        raise wrong[0]
    calendar = marks_of_days(eve, days, conflict.rounds_held(as_of), conflict)
    before = levers_before(conflict, as_of)
    return Record(as_of, days, kept, table, plain_agenda(*levers, calendar), before, conflict)


def cannot_be_imposed(evidence: Evidence, as_of: dt.date) -> list[CalibrationError]:
    """List all that keeps a record from being imposed, up to a day or on any day before it.

    Each fault is one that `record_of` would raise. A record that is in order on the last day may
    not be on an earlier one, on which less was known.
    """
    found = _not_imposed(evidence, as_of)
    if found:
        return found
    known = {event.known for event in evidence.events}
    for day in sorted(day for day in known if evidence.conflict.facts.eve < day < as_of):
        visible = tuple(event for event in evidence.events if event.known <= day)
        for fault in _not_imposed(dataclasses.replace(evidence, events=visible), day):
            what = f"{fault.what} So it stands as of {day}, with what was known on it."
            found.append(CalibrationError(fault.where, what, f"{fault.todo} Or correct `known`."))
    return list({(fault.where, fault.todo): fault for fault in reversed(found)}.values())[::-1]


def _not_imposed(evidence: Evidence, as_of: dt.date) -> list[CalibrationError]:
    conflict = evidence.conflict
    eve = conflict.facts.eve
    levers = _levers(conflict, as_of, (as_of - eve).days, False)
    table, kept, wrong = actions_of(observed(evidence), Setting(evidence, eve, *levers))
    return wrong + out_of_order(table, kept)


FLEXIBILITY = "mandate.flexibility"
ABSENT_BEFORE = (
    *("sanctions.us_threat", "sanctions.europe_threat", "sanctions.relief", "aid.us_threat"),
    *("guarantee.ambition", "guarantee.us_backstop", "guarantee.pledged", "monitoring.strength"),
    *(FLEXIBILITY, "sanctions.on_breach"),
)
"""Levers that were at nothing when a truce could have been agreed in the war before the record."""


def levers_before(conflict: Conflict, as_of: dt.date) -> NDArray[np.void]:
    """Return one record of levers: an unconditional truce, nothing threatened or promised."""
    begins = conflict.facts.record.begins
    first: dict[str, Value] = {
        row.lever: row.value for row in conflict.history(as_of) if row.date <= begins
    }
    policies, _ = policy_segments({**first, **dict.fromkeys(ABSENT_BEFORE, 0.0)}, [], 1)
    return policies


def _levers(
    conflict: Conflict, as_of: dt.date, days: int, as_ahead: bool
) -> tuple[NDArray[np.void], Ints]:
    rows, facts = conflict.history(as_of), conflict.facts
    if not as_ahead:
        others = (row for row in rows if row.lever != FLEXIBILITY)
        rows = (*others, *(row.of_lever(FLEXIBILITY) for row in conflict.moves(as_of)))
    first = {row.lever: row.value for row in rows if row.date <= facts.record.begins}
    later = [_change(row, facts.eve) for row in rows if row.date > facts.record.begins]
    return policy_segments(first, later, days)


def _change(row: HistoryRow, eve: dt.date) -> DatedValue:
    value = check_lever("history.toml", row.lever, row.value)
    return DatedValue((row.date - eve).days, row.lever, value)


# ------------------------------------------------------------------ events as actions


def actions_of(
    events: Sequence[Event], setting: Setting
) -> tuple[NDArray[np.void], tuple[Event, ...], list[CalibrationError]]:
    """Turn events into what the filter imposes.

    Returns
    -------
    actions
        `ACTION` records, the answers of a round linked with each other.
    events
        The event behind each.
    wrong
        What is wrong with the events that cannot be imposed; those are left out.
    """
    found: list[tuple[object, ...]] = []
    kept: list[Event] = []
    wrong: list[CalibrationError] = []
    begun: list[tuple[Event, Meaning]] = []
    for event in events:
        try:
            meaning = meaning_of(event, setting)
        except CalibrationError as fault:
            wrong.append(fault)
            continue
        if meaning is not None and event.event == TRUCE_STARTS:
            begun.append((event, meaning))
        elif meaning is not None:
            rows = _actions(event, meaning, setting)
            found += rows
            kept += [event] * len(rows)
    table = np.array(found, ACTION)
    for event, meaning in begun:
        try:
            table = _begin(table, kept, event, meaning)
        except CalibrationError as fault:
            wrong.append(fault)
    wrong += _pair(table, kept, setting.evidence.conflict.side_ids)
    _leave_pending(table, setting.days)
    return table, tuple(kept), wrong


def _actions(event: Event, meaning: Meaning, setting: Setting) -> list[tuple[object, ...]]:
    """The actions that an event stands for; none if it lies wholly before or after the record."""
    days, kind = setting.days, meaning.kind
    first = max(1, setting.number(event.date_from))
    last = min(days, setting.number(event.date_to))
    if last < first:
        return []
    if kind is Kind.PAUSE:
        last = first  # its window is how long it lasted
    if kind is Kind.PARTIAL_STARTS:
        first, last = max(1, first - 1), max(1, last - 1)  # agreed on the eve
    if kind is Kind.STRIKES and setting.number(event.date_to) > days:
        return []
    return [_action(meaning, who, first, last) for who in meaning.who]


def _action(meaning: Meaning, who: int, first: int, last: int) -> tuple[object, ...]:
    shared = (meaning.scope, NONE, first, last, meaning.size, meaning.starts)
    return (meaning.kind, who, meaning.value, *shared)


def _begin(
    table: NDArray[np.void], kept: list[Event], event: Event, meaning: Meaning
) -> NDArray[np.void]:
    """Let a truce take effect: reported acceptances learn its day, the others are implied.

    An acceptance that was not reported is taken to have come on the eve.
    """
    name = event.round or f"truce of {event.date_from}"
    told = set()
    for n, other in enumerate(kept):
        mine = other.round == name and table["kind"][n] == Kind.ANSWER
        if mine and other.event == TRUCE_STARTS:
            raise refused(event, f"takes effect again; it did on {other.date_from}.")
        if mine and table["value"][n] == Answer.ACCEPT:
            if table["first_day"][n] >= meaning.starts:
                raise refused(event, f"takes effect before it was accepted, by {other.id}.")
            table["starts"][n] = meaning.starts
            told.add(int(table["who"][n]))
    eve = meaning.starts - 1
    rows = [_action(meaning, who, eve, eve) for who in meaning.who if who not in told]
    kept += [dataclasses.replace(event, round=name)] * len(rows)
    return np.concatenate([table, np.array(rows, ACTION)])


# ------------------------------------------------------------------ rounds


def _pair(
    actions: NDArray[np.void], events: Sequence[Event], sides: Sequence[str]
) -> list[CalibrationError]:
    """Link the two answers of each round, and tell of sides that answer a round twice."""
    rounds: dict[tuple[str, int], int] = {}
    wrong = []
    for n, event in enumerate(events):
        if actions["kind"][n] != Kind.ANSWER:
            continue
        side = int(actions["who"][n])
        if (event.round, side) in rounds:
            what = f"is the second answer of {sides[side]} to '{event.round}'."
            wrong.append(refused(event, what, "Give a new proposal a round of its own."))
            continue
        rounds[event.round, side] = n
        partner = rounds.get((event.round, 1 - side), NONE)
        actions["partner"][n] = partner
        if partner != NONE:
            actions["partner"][partner] = n
            both = [n, partner]  # whichever of the two said from when
            actions["starts"][both] = actions["starts"][both].max()
    return wrong


def _leave_pending(actions: NDArray[np.void], days: int) -> None:
    """Mark a yes of the last days whose other side has not answered yet: it has refused nothing."""
    lone = (actions["kind"] == Kind.ANSWER) & (actions["partner"] == NONE)
    late = actions["last_day"] > days - ANSWER_DAYS
    actions["partner"][lone & late & (actions["value"] == Answer.ACCEPT)] = PENDING
