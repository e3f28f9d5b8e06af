"""The record: every lever's value from a day on, with its source, read no earlier than known."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field

from sim.errors import ScenarioError
from sim.inputs.kinds import EVENT_KINDS
from sim.inputs.levers import LEVERS, Value, lever_named
from sim.inputs.tomlfile import FILE, STRICT, Lines, check_table, line_of, read_toml
from sim.text import did_you_mean, printable, shown


class HistoryRow(BaseModel):
    """A lever's value from a day on, with its source."""

    model_config = STRICT
    lever: str
    date: dt.date
    value: Value
    known: dt.date | None = Field(default=None, description="when it was public, if later")
    source: str = Field(min_length=1, description="article and paragraph, or 'assumed' and why")

    @property
    def visible_from(self) -> dt.date:
        """The first as-of day on which this row may be read."""
        return max(self.date, self.known or self.date)


class MoveRow(BaseModel):
    """How far, from a day on, the mediator moved its package by itself, as far as is on record.

    The lever ``mandate.flexibility`` says how far it may in the days ahead.
    """

    model_config = STRICT
    date: dt.date
    value: float = Field(ge=0.0, le=1.0, description="as of mandate.flexibility")
    known: dt.date | None = Field(default=None, description="when it was public, if later")
    source: str = Field(min_length=1, description="article and paragraph, or 'assumed' and why")

    def of_lever(self, lever: str) -> HistoryRow:
        """Return it as a row of a lever."""
        return HistoryRow(lever=lever, **self.model_dump())


class ActionRow(BaseModel):
    """An observed action: an event of the evidence that the calibration imposes."""

    model_config = STRICT
    actor: str
    event: str
    date: dt.date
    until: dt.date | None = Field(default=None, description="the last day of a window")
    round: str = Field(default="", description="the proposal that was answered")
    article: str
    paragraph: int = Field(ge=1)


class RoundRow(BaseModel):
    """A round of mediated talks whose day was announced before it came."""

    model_config = STRICT
    date: dt.date
    known: dt.date = Field(description="the day on which the announcement was public")
    source: str = Field(min_length=1, description="article and paragraph")

    @property
    def what(self) -> str:
        """What was announced, in words of our own."""
        return self.source.partition(": ")[2] or self.source


class _HistoryFile(BaseModel):
    """The top of the file; its rows are checked one by one."""

    model_config = FILE
    schema_: Literal["truce/history/1"] = Field(alias="schema")
    through: dt.date | None = Field(default=None, strict=True)
    lever: tuple[Any, ...] = Field(min_length=1)
    action: tuple[Any, ...] = ()
    round: tuple[Any, ...] = ()
    moved: tuple[Any, ...] = Field(min_length=1)


Row = HistoryRow | ActionRow | RoundRow | MoveRow
_TABLES: Mapping[type[Row], str] = {
    HistoryRow: "lever", MoveRow: "moved", RoundRow: "round", ActionRow: "action"
}  # fmt: skip


@dataclass(frozen=True)
class History:
    """The whole record, whenever its rows became public.

    Attributes
    ----------
    levers
        The values of levers, oldest first.
    actions
        What was observed, in the order of the file.
    rounds
        The rounds of mediated talks that were announced, in the order of the file.
    moves
        How far the mediator moved its package by itself, oldest first.
    through
        The day through which the press was read; None if the file does not say.
    where_through
        Where that stands, or would stand, in the file.
    places
        Where each row stands, by its `id`, since two may be alike: file, line, what it is about.
    """

    levers: tuple[HistoryRow, ...] = ()
    actions: tuple[ActionRow, ...] = ()
    rounds: tuple[RoundRow, ...] = ()
    moves: tuple[MoveRow, ...] = ()
    through: dt.date | None = None
    where_through: str = ""
    places: Mapping[int, str] = field(default_factory=dict, repr=False, compare=False)

    def place(self, row: Row) -> str:
        """Return where a row stands; of a row that is not of the file, what it is about."""
        return self.places.get(id(row)) or f"history.toml, {_about(_TABLES[type(row)], vars(row))}"


def read_history(
    path: Path, begins: dt.date, newest: dt.date | None = None
) -> tuple[History, list[ScenarioError]]:
    """Read the rows of a record that can be read, and list everything that is wrong with it.

    Each problem names the file, the line, the row, what is wrong with it and what to do.

    Parameters
    ----------
    begins
        The first day of the record, on which every lever needs a value.
    newest
        The day of the newest article, if it is known; the press was read through it at least.
    """
    where = printable(path.as_posix())
    try:
        data, lines = read_toml(path, ScenarioError, where)
    except ScenarioError as fault:
        return History(where_through=where), [fault]
    top, found = check_table(
        data, _HistoryFile, ScenarioError, lambda key: f"{where}{lines.of(key)}: {key}"
    )
    reading = _Reading(where, data, lines)
    levers, moves = reading.rows(HistoryRow), reading.rows(MoveRow)
    rounds, actions = reading.rows(RoundRow), reading.rows(ActionRow)
    history = History(
        tuple(sorted(levers, key=lambda row: row.date)),
        tuple(actions),
        tuple(rounds),
        tuple(sorted(moves, key=lambda row: row.date)),
        top.through if top else None,
        where + (lines.of("through") or ", beside schema"),
        reading.places,
    )
    found += reading.found
    if newest and history.through and history.through < newest:
        what = f"is before {newest}, the day of the newest article."
        todo = f"Set through = {newest}, or a later day through which the press was read."
        place = f"{history.where_through}: through = {history.through}"
        found.append(ScenarioError(place, what, todo))
    every: tuple[Row, ...] = (*levers, *moves, *rounds, *actions)
    for row in every:
        found += [*_check_row(row, history), *_check_read(row, history)]
    found += [*_twice(levers, history), *_twice(moves, history)]
    found += _no_first_rows(history, reading, begins)
    return history, sorted(found, key=lambda fault: line_of(fault.where))


R = TypeVar("R", HistoryRow, ActionRow, RoundRow, MoveRow)


@dataclass
class _Reading:
    """Reads the rows of a file, table by table, and keeps what was wrong and where each stands."""

    where: str
    data: Mapping[str, Any]
    lines: Lines
    found: list[ScenarioError] = field(default_factory=list)
    places: dict[int, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """The levers that rows at fault are about, and ``moved``."""

    def rows(self, model: type[R]) -> list[R]:
        """Return the rows of a table that can be used."""
        rows: list[R] = []
        table = _TABLES[model]
        given = self.data.get(table)
        for number, raw in enumerate(given if isinstance(given, list) else []):
            place = functools.partial(self.place, table, number, raw)
            row, wrong = check_table(raw, model, ScenarioError, place)
            self.found += wrong
            if row:
                rows.append(row)
                self.places[id(row)] = place("")
            else:
                self.unread.add(str(raw.get("lever", table)) if isinstance(raw, dict) else table)
        return rows

    def place(self, table: str, number: int, raw: Any, key: str) -> str:
        """Return where a key of a row stands; the row itself if the key is empty."""
        line = self.lines.of(key, table, number)
        about = _about(table, raw if isinstance(raw, dict) else {})
        return f"{self.where}{line}, {about}{key and f': {key}'}"


def _about(table: str, row: Mapping[str, Any]) -> str:
    """Say in a few words which row it is: its lever, or its table and actor, and its day."""
    what = row.get("lever", table)
    if "actor" in row:
        what = f"{what} of {row['actor']}"
    return printable(f"{what} on {row['date']}" if "date" in row else what)[:120]


# ------------------------------------------------------------------ what is wrong with a row


def _check_row(row: Row, history: History) -> Iterator[ScenarioError]:
    """Check a row by itself: its lever, its value, the order of its days, its source."""
    place = history.place(row)
    if isinstance(row, HistoryRow):
        try:
            lever = lever_named(place, row.lever)
            lever.kind.check(f"{place}: value", row.value, lever.unit)
        except ScenarioError as fault:
            yield fault
    if isinstance(row, ActionRow):
        if row.event not in EVENT_KINDS:
            todo = did_you_mean(row.event, EVENT_KINDS)
            yield ScenarioError(f"{place}: event", f"{shown(row.event)} is no kind of event.", todo)
        if row.until and row.until < row.date:
            what = f"until = {row.until} is before date = {row.date}."
            yield ScenarioError(place, what, "Correct one of them.")
        return
    if not row.source.strip():
        todo = "Name article and paragraph, or say 'assumed: ' and why."
        yield ScenarioError(place, "source is blank.", todo)
    if isinstance(row, RoundRow):
        if row.known > row.date:
            what = f"known = {row.known} is after date = {row.date}: it was not announced ahead."
            yield ScenarioError(place, what, "Correct one of them, or take the row out.")
    elif row.known and row.known < row.date:
        what = f"known = {row.known} is before date = {row.date}."
        todo = "Leave known out: a row is read from its date on at the earliest."
        yield ScenarioError(place, what, todo)


def _check_read(row: Row, history: History) -> Iterator[ScenarioError]:
    """Check that the press was read through the days on which a row came about and was public.

    A round that was announced may lie ahead. What was decided on a day holds from the next one, so
    that a lever may be dated one day later than the press was read.
    """
    if history.through is None:
        return
    day = history.through
    days: dict[str, dt.date | None] = {"known": None if isinstance(row, ActionRow) else row.known}
    if isinstance(row, ActionRow):
        days["until" if row.until else "date"] = row.until or row.date
    elif not isinstance(row, RoundRow):
        days["date"] = row.date - dt.timedelta(days=1)
    for name in [name for name, one in days.items() if one and one > day]:
        what = f"{name} = {getattr(row, name)} is after {day}, the day through which the press was "
        todo = f"Correct it, or read on and set through in {history.where_through}."
        yield ScenarioError(history.place(row), what + "read.", todo)


def _twice(
    rows: Sequence[HistoryRow] | Sequence[MoveRow], history: History
) -> Iterator[ScenarioError]:
    """Check that no lever has two values on a day."""
    seen: dict[tuple[str, dt.date], Row] = {}
    for row in rows:
        key = (row.lever if isinstance(row, HistoryRow) else "", row.date)
        if key in seen:
            what = f"is there twice on that day, first in line {line_of(history.place(seen[key]))}."
            yield ScenarioError(history.place(row), what, "Keep one.")
        seen.setdefault(key, row)


def _no_first_rows(history: History, reading: _Reading, begins: dt.date) -> Iterator[ScenarioError]:
    """Check that every lever, and the move of the package, has a value on the first day."""
    if not history.levers or not history.moves:
        return  # told of the whole table, or of its rows
    named: dict[str, list[HistoryRow | MoveRow]] = {name: [] for name in LEVERS}
    for lever in history.levers:
        named.get(lever.lever, []).append(lever)
    named["moved"] = [*history.moves]
    for name, rows in named.items():
        if name in reading.unread or any((row.known or row.date) <= begins for row in rows):
            continue
        place = history.place(rows[0]) if rows else f"{reading.where}: {name}"
        what = f"no row was known on {begins}, the day on which the record begins."
        table = "[[moved]]" if name == "moved" else f'[[lever]] of lever = "{name}" with'
        todo = f"Add a {table} date = {begins}, its value then and its source."
        yield ScenarioError(place, what, todo)
