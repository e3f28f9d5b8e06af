"""The record as the filter reads it: the levers by day, and the actions that were observed.

Levers and the list of actions stand in ``scenarios/history.toml``, the events that they name in
``calibration/evidence/events.csv``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.observations import ACTION, PENDING, Kind
from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, Answer, Scope, Side, Threat
from sim.engine.dtypes import Ints
from sim.errors import CalibrationError
from sim.evidence.coding import ANSWERS, SCORED
from sim.evidence.statements import Event, Evidence
from sim.inputs.agenda import DatedValue, marks_of_days, policy_segments
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import ActionRow, HistoryRow
from sim.inputs.levers import Value, check_lever

ANSWER_DAYS = 14
"""How long a proposal that one side has accepted waits for the other: assumed, a round's gap."""
_ANSWER = dict(zip(ANSWERS, Answer, strict=True))
_SCOPE = {scope.name.lower(): scope for scope in Scope}


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
    """Return the events that are imposed, by day: the listed ones, and all of a kind in `SCORED`.

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
        if not event.same_as and (_key(event) in listed or event.event in SCORED)
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
    events = observed(evidence)
    actions: list[tuple[object, ...]] = []
    kept = []
    for event in events:
        for action in _actions(event, evidence, days):
            actions.append(action)
            kept.append(event)
    table = np.array(actions, ACTION)
    _pair(table, kept)
    _leave_pending(table, days)
    _check_windows(table, kept)
    calendar = marks_of_days(eve, days, conflict.rounds_held(as_of), conflict)
    agenda = Agenda(*_levers(conflict, as_of, days, as_ahead), calendar)
    before = levers_before(conflict, as_of)
    return Record(as_of, days, tuple(kept), table, agenda, before, conflict)


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


# ------------------------------------------------------------------ one event


def _actions(event: Event, evidence: Evidence, days: int) -> list[tuple[object, ...]]:
    """The actions that an event stands for; none if it lies wholly before the record."""
    eve = evidence.conflict.facts.eve
    first = max(1, (event.date_from - eve).days)
    last = min(days, (event.date_to - eve).days)
    if last < first:
        return []
    kind, who, value, scope = _meaning(event, evidence)
    if kind is Kind.PAUSE:
        last = first  # its window is how long it lasted
    if kind is Kind.PARTIAL_STARTS:
        first, last = max(1, first - 1), max(1, last - 1)  # agreed on the eve
    if kind is Kind.STRIKES and (event.date_to - eve).days > days:
        return []
    return [(kind, one, value, scope, NONE, first, last) for one in who]


def _meaning(event: Event, evidence: Evidence) -> tuple[Kind, tuple[int, ...], float, int]:
    """How an event is imposed: its kind, who did it, its value and its scope."""
    scope = event.facts.get("scope", "full")
    if event.event in ANSWERS:
        answer = _ANSWER[event.event]
        if scope == "full":
            return Kind.ANSWER, _sides(event, evidence), float(answer), NONE
        return Kind.PARTIAL_ANSWER, _sides(event, evidence), float(answer), _scope(event)
    match event.event:
        case "partial_truce_starts":
            return Kind.PARTIAL_STARTS, (NONE,), 1.0, _scope(event)
        case "short_truce":
            if _sides(event, evidence) != (Side.R,):
                raise _error(event, "is a pause by a side that the rules let declare none.")
            return Kind.PAUSE, (Side.R,), 1.0, NONE
        case "imposes_sanctions" | "declines_sanctions":
            return Kind.DECISION, _threat(event, evidence), float(event.event[0] == "i"), NONE
        case "contingent_pledged":
            return Kind.PLEDGE, _blocs(event, evidence.conflict), _value(event, 0.0, 1.0), NONE
        case "strikes_intensify":
            sign = 1.0 if _value(event, -1.0, 1.0) > 0.0 else -1.0
            return Kind.STRIKES, _sides(event, evidence), sign, NONE
        case "direct_talks":
            return Kind.DIRECT_TALK, (Side.R,), 1.0, NONE
        case "talks":
            return Kind.ROUND, (NONE,), 1.0, NONE
    raise _error(event, f"of kind {event.event} cannot be imposed.")


def _error(event: Event, what: str) -> CalibrationError:
    todo = "Correct the row of events.csv, or take it out of history.toml."
    return CalibrationError(f"event {event.id} ({event.date_from})", what, todo)


def _sides(event: Event, evidence: Evidence) -> tuple[int, ...]:
    role = evidence.roles.get(event.actor)
    if role == "belligerent_r":
        return (int(Side.R),)
    if role == "belligerent_u":
        return (int(Side.U),)
    raise _error(event, f"is by {event.actor}, who is no belligerent.")


def _threat(event: Event, evidence: Evidence) -> tuple[int, ...]:
    role = evidence.roles.get(event.actor)
    if role == "mediator":
        to_u = evidence.roles.get(event.facts.get("target", "")) == "belligerent_u"
        return (int(Threat.AID if to_u else Threat.MEDIATOR_SANCTIONS),)
    if role == "bloc" or event.actor == evidence.conflict.facts.together.id:
        return (int(Threat.BLOCS_SANCTIONS),)
    raise _error(event, f"is by {event.actor}, who has threatened nothing.")


def _blocs(event: Event, conflict: Conflict) -> tuple[int, ...]:
    ids = [bloc.id for bloc in conflict.blocs]
    if event.actor == conflict.facts.together.id:
        return tuple(range(len(ids)))
    if event.actor in ids:
        return (ids.index(event.actor),)
    raise _error(event, f"is by {event.actor}, who is no bloc.")


def _scope(event: Event) -> int:
    scope = event.facts.get("scope", "")
    if scope not in _SCOPE:
        raise _error(event, f"has the scope '{scope}'; there are {', '.join(_SCOPE)}.")
    return int(_SCOPE[scope])


def _value(event: Event, low: float, high: float) -> float:
    try:
        value = float(event.facts.get("value", ""))
    except ValueError:
        raise _error(event, "has no value= in its detail.") from None
    if not low <= value <= high:
        raise _error(event, f"has the value {value:g}, outside {low:g}..{high:g}.")
    return value


# ------------------------------------------------------------------ rounds


def _pair(actions: NDArray[np.void], events: Sequence[Event]) -> None:
    """Link the two answers of each round, and check that no side answers a round twice."""
    rounds: dict[tuple[str, int], int] = {}
    for n, event in enumerate(events):
        if actions["kind"][n] != Kind.ANSWER:
            continue
        side = int(actions["who"][n])
        if (event.round, side) in rounds:
            raise _error(event, f"is the second answer of {event.actor} to '{event.round}'.")
        rounds[event.round, side] = n
        partner = rounds.get((event.round, 1 - side), NONE)
        actions["partner"][n] = partner
        if partner != NONE:
            actions["partner"][partner] = n


def _leave_pending(actions: NDArray[np.void], days: int) -> None:
    """Mark a yes of the last days whose other side has not answered yet: it has refused nothing."""
    lone = (actions["kind"] == Kind.ANSWER) & (actions["partner"] == NONE)
    late = actions["last_day"] > days - ANSWER_DAYS
    actions["partner"][lone & late & (actions["value"] == Answer.ACCEPT)] = PENDING


def _check_windows(actions: NDArray[np.void], events: Sequence[Event]) -> None:
    """Check that no day may have to be two things at once.

    Two answers of one day are one round, so answers to two proposals need different days; and two
    changes of one side's strikes would guide the same draws twice.
    """
    for n, event in enumerate(events):
        for before in range(n):
            if _at_odds(actions[before], actions[n], events[before].round == event.round):
                raise _error(event, f"may fall on the same day as {events[before].id}.")


def _at_odds(one: np.void, other: np.void, same_round: bool) -> bool:
    """Whether two actions could not both be imposed on a day that their windows share."""
    if one["kind"] != other["kind"]:
        return False
    if one["last_day"] < other["first_day"] or other["last_day"] < one["first_day"]:
        return False
    if one["kind"] == Kind.STRIKES:
        return bool(one["who"] == other["who"])
    return bool(one["kind"] == Kind.ANSWER) and not same_round
