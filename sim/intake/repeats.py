"""Finds rows of news that may tell again what an earlier article told, for ``same_as``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.evidence.coding import Row

NEAR_POSITION = 0.1
"""Two positions of one utterance are coded no further apart, on the scale of 0 to 1."""
NEAR_DAYS = 3
"""Nor are its days in two reports."""


@dataclass(frozen=True)
class Repeat:
    """A row and the earlier row that it may repeat."""

    row: Row
    earlier: Row

    @property
    def same_as(self) -> str:
        """What to write into ``same_as``: the first report, if the earlier row names one."""
        return str(self.earlier.cells["same_as"] or self.earlier.place)


def repeats(
    rows: Sequence[Row], new: Callable[[Row], bool], days: Mapping[str, dt.date | None]
) -> list[Repeat]:
    """Find new rows that name no earlier report, and the row of another article nearest to each.

    A statement may repeat one of the same holder on the same issue, said at most `NEAR_DAYS` apart
    and at most `NEAR_POSITION` away; an event one of the same actor, kind and round, whose windows
    lie no further apart.

    Parameters
    ----------
    rows
        Statements, or events, of the whole record with the news.
    new
        Whether a row is of the news.
    days
        The day of each article, which gives the order of reports.
    """
    found = []
    order = {name: (day or dt.date.max, name) for name, day in days.items()}
    for row in rows:
        if not new(row) or row.cells["same_as"] or row.cells["article"] not in order:
            continue
        here = order[row.cells["article"]]
        near = [
            (distance, number)
            for number, one in enumerate(rows)
            if order.get(one.cells["article"], here) < here
            and (distance := _distance(one.cells, row.cells)) is not None
        ]
        if near:
            found.append(Repeat(row, rows[min(near)[1]]))
    return found


def _distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[float, ...] | None:
    """How far apart two rows are; None if they cannot be the same."""
    event = "event" in one
    for column in ("actor", "event") if event else ("holder", "issue"):
        if one[column] != other[column]:
            return None
    start, end = ("date_from", "date_to") if event else ("date", "date")
    gap = max((one[start] - other[end]).days, (other[start] - one[end]).days, 0)
    if gap > NEAR_DAYS:
        return None
    if event:
        rounds = {one["round"], other["round"]} - {""}
        return None if len(rounds) > 1 else (float(gap),)
    apart = abs(one["position"] - other["position"])
    if apart > NEAR_POSITION + 1e-9:
        return None
    return (float(one["kind"] != other["kind"]), float(gap), apart)
