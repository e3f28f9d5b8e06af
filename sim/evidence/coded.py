"""Reads the two coded files of a folder, and checks that their rows agree with one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import EvidenceError
from sim.evidence.articles import Articles
from sim.evidence.coding import (
    ANSWERS,
    Row,
    event_readers,
    one_of,
    place_readers,
    read_rows,
    statement_readers,
)
from sim.inputs.conflict import Conflict
from sim.text import shown


def read_coded(
    folder: Path, articles: Articles, conflict: Conflict, as_of: dt.date | None = None
) -> tuple[list[Row], list[Row], list[EvidenceError]]:
    """Read ``statements.csv`` and ``events.csv``, and list everything that is wrong with them.

    Parameters
    ----------
    folder
        Where the two files are.
    articles
        The articles that a row may name.
    conflict
        Whose actors may hold a position or act.
    as_of
        If given, a row that is dated or known later is a problem.
    """
    place = place_readers(one_of(list(articles.days)) if articles.whole else str)
    statements, found = read_rows(folder / "statements.csv", place | statement_readers(conflict))
    events, found_events = read_rows(folder / "events.csv", place | event_readers(conflict))
    order = {row.place: _order(row, articles) for row in (*statements, *events)}
    check = _Check(articles, order, as_of)
    found += check.rows(statements, ("date", "date"), STATEMENT_KEY)
    found_events += check.rows(events, ("date_from", "date_to"), EVENT_KEY) + _answers(events)
    return statements, events, found + found_events


STATEMENT_KEY = ("article", "paragraph", "date", "holder", "issue", "kind", "position")
EVENT_KEY = (
    *("article", "paragraph", "date_from", "date_to", "round", "actor", "event"),
    "facts",
)
"""Two rows that agree on these columns are one row written twice."""


_Order = tuple[dt.date, str, int]


def _order(row: Row, articles: Articles) -> _Order | None:
    """Where a row stands in the order of reports; None if its article could not be read."""
    day = articles.days.get(row.cells["article"])
    return (day, row.cells["article"], row.cells["paragraph"]) if day else None


@dataclass(frozen=True)
class _Check:
    """What a row must agree with: the days of articles, the order of rows, the as-of day."""

    articles: Articles
    places: Mapping[str, _Order | None]
    as_of: dt.date | None

    def rows(
        self, rows: list[Row], window: tuple[str, str], key: tuple[str, ...]
    ) -> list[EvidenceError]:
        found: list[EvidenceError] = []
        first: dict[tuple[str, ...], int] = {}
        for row in rows:
            found += [*self.order(row, *window), *self.late(row, window), *self.same_as(row)]
            line = first.setdefault(tuple(str(row.cells[column]) for column in key), row.line)
            if line != row.line:
                what = f"the row repeats line {line}."
                found.append(row.error(f"{key[0]} to {key[-1]}", what, "Keep one of the two."))
        return found

    def order(self, row: Row, start: str, end: str) -> Iterable[EvidenceError]:
        first, last, known = (row.cells[column] for column in (start, end, "known"))
        if last < first:
            yield row.error(end, f"{last} is before {start} = {first}.", "Correct one of them.")
        if known and known < first:
            todo = "Leave it empty if the day itself is meant."
            yield row.error("known", f"{known} is before {start} = {first}.", todo)

    def late(self, row: Row, window: tuple[str, str]) -> Iterable[EvidenceError]:
        written = self.articles.days.get(row.cells["article"]) or dt.date.max
        for column in dict.fromkeys((*window, "known")):
            day = row.cells[column]
            if day and day > written:
                what = f"{day} is after the article's own day, {written}."
                yield row.error(column, what, "An article reports nothing later than itself.")
        late = max((*window, "known"), key=lambda column: row.cells[column] or dt.date.min)
        if self.as_of and row.cells[late] > self.as_of:
            what = f"{row.cells[late]} is after the as-of day, {self.as_of}."
            yield row.error(late, what, "Take the row out, or take a later as-of day.")

    def same_as(self, row: Row) -> Iterable[EvidenceError]:
        place = row.cells["same_as"]
        if not place:
            return
        if place not in self.places:
            todo = "Write article:paragraph, as in " + next(iter(self.places)) + "."
            yield row.error("same_as", f"{shown(place)} is not the place of a row.", todo)
            return
        first, here = self.places[place], _order(row, self.articles)
        if first and here and first >= here:
            what = f"{place} does not come before this row."
            yield row.error("same_as", what, "The later report names the earlier one.")


def _answers(events: list[Row]) -> list[EvidenceError]:
    """Check that an answer names its round and, if it was reported before, the first report."""
    found = []
    first: dict[tuple[Any, ...], int] = {}
    for row in events:
        if row.cells["event"] not in ANSWERS or row.cells["same_as"]:
            continue
        if not row.cells["round"]:
            found.append(row.error("round", "an answer names no round.", "Name the proposal."))
        key = tuple(row.cells[name] for name in ("actor", "round", "date_from", "date_to"))
        line = first.setdefault(key, row.line)
        if line != row.line:
            what = f"line {line} has an answer of the same actor, round and days."
            found.append(row.error("same_as", what, "Name the first report, or keep one."))
    return found
