"""The structure of a long record, a row of news a week, for histories that the model makes up.

What kinds of rows there are is taken from the real record; which day each falls on is a rota. The
levers are the real ones to their last day, and go on as they then stood, but that threats are
voiced again and again, since each is decided on only once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator

import numpy as np

from sim.calibrate.observations import ACTION, Kind
from sim.calibrate.record import Record
from sim.engine.agenda import plain_agenda
from sim.engine.domain import NONE, Answer, Scope, Side, Threat
from sim.evidence.statements import Event
from sim.inputs.agenda import marks_of_days

HELD = {"partial_chance": 0.0}
"""Parameters held so that what a record of this structure cannot report does not happen: a partial
truce that is agreed and not reported. To be held in the filter too."""
WEEK = 7
ROTA = (
    "round",
    "strikes.r",
    "talks",
    "refusal.r",
    "offer",
    "decision",
    "strikes.u",
    "answer.u",
    "direct_talks",
    "pledge",
)
"""What a week brings, over and over."""
Row = tuple[int, int, float, int, int, int, int]
"""The first fields of an `ACTION`: kind, who, value, scope, partner, first and last day."""


def _week(what: str, day: int, number: int) -> Iterator[Row]:
    """Yield the rows of a week that begins on a day; ``number`` is that of the next row.

    Values of what is drawn are blanks that a history fills.
    """
    accepts = float(Answer.ACCEPT)
    match what:
        case "round":
            yield Kind.ANSWER, Side.U, accepts, NONE, number + 1, day, day + 2
            yield Kind.ANSWER, Side.R, accepts, NONE, number, day + 4, day + 4
        case "strikes.r":
            yield Kind.STRIKES, Side.R, 1.0, NONE, NONE, day, day + 6
        case "strikes.u":
            yield Kind.STRIKES, Side.U, 1.0, NONE, NONE, day + 2, day + 3
        case "talks":
            yield Kind.ROUND, NONE, 1.0, NONE, NONE, day, day + 3
        case "refusal.r":
            yield Kind.ANSWER, Side.R, accepts, NONE, NONE, day + 1, day + 2
        case "answer.u":
            yield Kind.ANSWER, Side.U, accepts, NONE, NONE, day + 3, day + 3
        case "offer":
            for side in Side:
                yield Kind.PARTIAL_ANSWER, side, accepts, Scope.SEA, NONE, day, day + 6
        case "decision":
            threat = Threat.MEDIATOR_SANCTIONS if day % 2 else Threat.BLOCS_SANCTIONS
            yield Kind.DECISION, threat, 0.0, NONE, NONE, day + 5, day + 5
        case "direct_talks":
            yield Kind.DIRECT_TALK, Side.R, 1.0, NONE, NONE, day, day + 6
        case "pledge":
            yield Kind.PLEDGE, 0, 0.5, NONE, NONE, day + 2, day + 2


def long_record(real: Record, days: int) -> Record:
    """Return the structure of a record of so many days, with a row or two every week.

    Parameters
    ----------
    real
        Whose conflict and levers are taken.
    days
        At least those of the real record.
    """
    eve = real.conflict.facts.eve
    as_of = eve + dt.timedelta(days=days)
    rows: list[Row] = []
    for week, day in enumerate(range(2, days - WEEK, WEEK)):
        rows.extend(_week(ROTA[week % len(ROTA)], day, len(rows)))
    events = tuple(_event(real, n, row) for n, row in enumerate(rows))
    segments = np.full(days + 1, real.agenda.segment_of_day[-1])
    segments[: real.days + 1] = real.agenda.segment_of_day
    calendar = marks_of_days(eve, days, (), real.conflict)
    agenda = plain_agenda(real.agenda.policies, segments, calendar)
    actions = np.array([(*row, math.nan, NONE) for row in rows], ACTION)
    return dataclasses.replace(
        real, as_of=as_of, days=days, events=events, actions=actions, agenda=agenda
    )


def _event(real: Record, number: int, row: Row) -> Event:
    first, last = real.day(row[5]), real.day(row[6])
    kind = Kind(row[0]).name.lower()
    return Event(f"long:{number}", "", 0, first, last, last, "", "", kind, {}, "made up", "")
