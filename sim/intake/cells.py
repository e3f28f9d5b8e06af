"""The cells of a piece of news as people and spreadsheets write them, and as the record does."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.errors import EvidenceError
from sim.intake.columns import TABLES, Column, Table
from sim.text import date_word

DRAFTED = ("id", "article")
"""What a spreadsheet or a draft fills in itself; a row that has nothing else is none."""
DRAFTED_DAYS = ("date", "date_from")
"""What a form fills in besides, of statements and events."""
_FIRST_SERIAL = dt.date(1899, 12, 30)


@dataclass(frozen=True)
class Raw:
    """One row of news: its cells as the record writes them, and where each stands.

    Attributes
    ----------
    table
        The name of its table, see `sim.intake.columns.TABLES`.
    file
        The file as a message shows it.
    row
        Where in it, as ``line 3`` or ``sheet events, row 3``.
    lines
        Of a form: the line of each of its keys; none of a row of cells.
    missing
        Columns that its file has not, which is told once and not for every row.
    """

    table: str
    cells: Mapping[str, str]
    file: str
    row: str
    lines: Mapping[str, int] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    def at(self, column: str = "") -> str:
        """Return where a cell stands; the row if there is none of that name."""
        if column in self.lines:
            return f"{self.file}, line {self.lines[column]}, {column}"
        named = column and column in TABLES[self.table].names
        said = f", {column}" if self.lines else f", column {column}"
        return f"{self.file}, {self.row}{said if named else ''}"

    @property
    def sheet(self) -> str:
        """Its sheet, as ``sheet events``; empty in a file that has none."""
        return self.row.partition(",")[0] if self.row.startswith("sheet ") else ""

    def error(self, column: str, what: str, todo: str) -> EvidenceError:
        """Return the error that names a cell."""
        return EvidenceError(self.at(column), what, todo)

    @property
    def untouched(self) -> bool:
        """Whether nothing was filled in."""
        drafted: tuple[str, ...] = DRAFTED
        if self.lines and self.table in ("statements", "events"):
            drafted += DRAFTED_DAYS
        return not any(text for name, text in self.cells.items() if name not in drafted)


def tidied(table: Table, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row as the record writes them, as far as they can be told."""
    return {name: tidy(table[name], text) for name, text in cells.items()}


def tidy(column: Column, text: str) -> str:
    """Return a cell as the record writes it; what cannot be told is left for the check to refuse.

    >>> tidy(Column("position", "", "number"), " 0,75 ")
    '0.75'
    >>> tidy(Column("date", "", "day"), "03.06.1999"), tidy(Column("date", "", "day"), "36314")
    ('1999-06-03', '1999-06-03')
    >>> tidy(Column("date", "", "day"), "3/6/1999")  # of June, or the 6th of March?
    '3/6/1999'
    """
    text = text.replace("\xa0", " ").strip()
    if column.kind == "day":
        return _day(text)
    if column.kind == "word":
        return text.lower()
    if column.kind in ("number", "whole", "value"):
        text = re.sub(r"^(-?\d*),(\d+)$", r"\1.\2", text)
        if column.kind == "value":
            return text.lower()
        return re.sub(r"\.0+$", "", text) if column.kind == "whole" else text
    if column.kind == "article":
        return _three_digits(re.sub(r"^(\d+)\.0$", r"\1", text))
    if column.kind == "place":
        article, colon, paragraph = text.replace(" ", "").partition(":")
        return f"{_three_digits(article)}{colon}{paragraph}"
    return text


def _day(text: str) -> str:
    """Write a day with dots, or the number that Excel keeps for one, as YYYY-MM-DD."""
    if dotted := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        return f"{dotted[3]}-{int(dotted[2]):02}-{int(dotted[1]):02}"
    if midnight := re.fullmatch(r"(\d{4}-\d\d-\d\d)[ T]00:00(:00)?", text):
        return midnight[1]
    if re.fullmatch(r"[34567]\d{4}(\.0+)?", text):
        return (_FIRST_SERIAL + dt.timedelta(days=int(float(text)))).isoformat()
    return text


def two_readings(text: str) -> tuple[str, str] | None:
    """Return what is wrong with a day that may have its month first or second, and what to write.

    >>> two_readings("3/6/1999")
    ("'3/6/1999' may be 3 June or 6 March.", 'Write 1999-06-03 or 1999-03-06.')
    >>> two_readings("3/16/1999")
    ("'3/16/1999' does not say which number is the month.", 'Write 1999-03-16.')
    """
    found = re.fullmatch(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})", text)
    if not found:
        return None
    days = []
    one, other, year = map(int, found.groups())
    for month, day in dict.fromkeys(((other, one), (one, other))):
        with contextlib.suppress(ValueError):
            days.append(dt.date(year, month, day))
    if not days:
        return None
    what = f"may be {' or '.join(date_word(day, year=False) for day in days)}."
    if len(days) == 1:
        what = "does not say which number is the month."
    return f"'{text}' {what}", f"Write {' or '.join(map(str, days))}."


def _three_digits(text: str) -> str:
    """Give an article's number back the zeros that a spreadsheet takes from it."""
    return text.zfill(3) if re.fullmatch(r"\d{1,2}", text) else text
