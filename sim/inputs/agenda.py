"""From levers and dates to what the engine reads: policy records by day, and the calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import DATED_ROUND, HOLIDAY, REVIEW
from sim.engine.dtypes import Ints
from sim.engine.records import POLICY
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.levers import LEVERS, Value


class DatedValue(NamedTuple):
    """A lever's new value from a day on, days after the as-of day."""

    day: int
    lever: str
    value: Value


def policy_segments(
    levers: Mapping[str, Value], changes: Sequence[DatedValue], days: int
) -> tuple[NDArray[np.void], Ints]:
    """Turn levers and their changes into what the engine reads.

    Returns
    -------
    policies
        One `POLICY` record for every stretch of days without a change.
    segment_of_day
        Length ``days + 1``: the record that holds on each day; day 0 is unused.
    """
    segment_of_day = np.zeros(days + 1, np.int64)
    records = [_policy(levers)]
    for day in sorted({change.day for change in changes}):
        levers = {**levers, **{c.lever: c.value for c in changes if c.day == day}}
        segment_of_day[day:] = len(records)
        records.append(_policy(levers))
    return np.array(records, POLICY), segment_of_day


def policy_rows(
    levers: Mapping[str, Value],
    changes: Sequence[DatedValue],
    days: int,
    sets: Sequence[Mapping[str, Value]] = (),
) -> tuple[NDArray[np.void], Ints]:
    """Turn levers, their changes and those that may be set later into what the engine reads.

    Parameters
    ----------
    sets
        Levers that may come to be set, in any combination; none of them is among the changes.

    Returns
    -------
    policies
        `POLICY` records.
    segments
        Shape ``(2 ** len(sets), days + 1)``: the record that holds on each day; bit n of the row
        says whether ``sets[n]`` is set.
    """
    parts, rows, first = [], [], 0
    for row in range(2 ** len(sets)):
        chosen = {**levers}
        for n, one in enumerate(sets):
            chosen |= one if row >> n & 1 else {}
        policies, segment_of_day = policy_segments(chosen, changes, days)
        parts.append(policies)
        rows.append(segment_of_day + first)
        first += len(policies)
    return np.concatenate(parts), np.array(rows)


def _policy(levers: Mapping[str, Value]) -> np.void:
    record = np.zeros(1, POLICY)
    for name, value in levers.items():
        LEVERS[name].write(record, value)
    return cast(np.void, record[0])


def marks_of_days(
    eve: dt.date, days: int, rounds: Sequence[dt.date] = (), conflict: Conflict | None = None
) -> Ints:
    """Return what each day's date brings, as bits, length ``days + 1``; day 0 is unused.

    1: a day on which blocs review (the first and the fifteenth); 2: a holiday of the conflict (the
    shipped one if None) is no more than two days away; 4: one of the mediated ``rounds`` whose day
    was announced.
    """
    facts = (conflict or shipped()).facts
    marks = np.zeros(days + 1, np.int64)
    for day in range(1, len(marks)):
        date = eve + timedelta(days=day)
        near = any(abs((feast - date).days) <= 2 for feast in facts.holidays(date.year))
        marks[day] = REVIEW * (date.day in (1, 15)) | HOLIDAY * near
        marks[day] |= DATED_ROUND * (date in rounds)
    return marks
