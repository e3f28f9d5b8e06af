"""Makes a spreadsheet to fill in: a sheet a table, lists to choose from, a sheet that explains."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.files import write_whole, written_together
from sim.inputs.conflict import Conflict
from sim.intake.columns import EXPLAINED, EXPLAINED_HEADER, TABLES, Column
from sim.intake.ids import next_digits

ROWS = 500
"""Rows of a sheet that have lists to choose from."""
ARTICLES = 10
"""Articles whose digits are filled in."""
_MADE = dt.datetime(1980, 1, 1)
_HINT = 255
"""Letters that Excel shows as a hint."""


class _Line(NamedTuple):
    """A line of the sheet that explains: a column, or a word that it may hold."""

    sheet: str
    column: str
    empty: str
    word: str
    meaning: str


def explanations(conflict: Conflict) -> Iterator[_Line]:
    """Yield what each column means, and below it each word that it may hold."""
    for table in TABLES.values():
        for column in table.columns:
            empty = "no" if column.needed else "yes"
            yield _Line(table.name, column.name, empty, "", column.meaning)
            for word, meaning in column.words(conflict).items():
                yield _Line(table.name, column.name, "", word, meaning)


def write_xlsx(path: Path, conflict: Conflict) -> None:
    """Write an Excel file with drop-downs; it is read back as it is saved.

    Raises
    ------
    EvidenceError
        If there is such a file.
    StoreError
        If it cannot be written.
    """
    import xlsxwriter

    _check_new(path, ".xlsx")
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _MADE})
    formats = {
        "bold": book.add_format({"bold": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "text": book.add_format({"num_format": "@"}),
        "left": book.add_format({"align": "left"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    sheets = {name: book.add_worksheet(name) for name in TABLES}
    lists = _explain(book.add_worksheet(EXPLAINED), conflict, formats)
    for name, sheet in sheets.items():
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(TABLES[name].columns):
            sheet.write_string(0, place, column.name, formats["bold"])
            wide = column.name in ("paraphrase", "detail", "source", "title", "note", "lever")
            kind = {"day": "day", "number": None, "whole": None, "value": None}.get(
                column.kind, "text"
            )
            sheet.set_column(place, place, 45 if wide else 16, formats.get(kind) if kind else None)
            sheet.data_validation(
                1, place, ROWS, place, _rule(column, lists.get((name, column.name)))
            )
    first = int(next_digits(conflict))
    for number in range(ARTICLES):
        sheets["articles"].write_string(1 + number, 0, f"{first + number:03}", formats["text"])
    book.close()
    write_whole(path, file.getvalue(), "Name another file with --out.")


def _explain(sheet: Any, conflict: Conflict, formats: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Fill the sheet that explains, and return where the words of each column stand in it."""
    sheet.freeze_panes(1, 0)
    for place, (name, width) in enumerate(zip(EXPLAINED_HEADER, (12, 14, 10, 24, 90), strict=True)):
        sheet.write_string(0, place, name, formats["bold"])
        sheet.set_column(place, place, width)
    rows: dict[tuple[str, str], list[int]] = {}
    for number, line in enumerate(explanations(conflict), 1):
        for place, text in enumerate(line):
            if text.isdigit():  # so that a number that is typed is one of the list
                sheet.write_number(number, place, int(text), formats["left"])
                continue
            sheet.write_string(number, place, text, formats["wrap" if place == 4 else "text"])
        if line.word:
            rows.setdefault((line.sheet, line.column), []).append(number + 1)
    sheet.autofilter(0, 0, number, len(EXPLAINED_HEADER) - 1)
    return {key: f"={EXPLAINED}!$D${some[0]}:$D${some[-1]}" for key, some in rows.items()}


def _rule(column: Column, words: str | None) -> dict[str, Any]:
    """Return what Excel offers and says in a cell; it warns of other values and takes them."""
    hint = column.meaning + ("" if column.needed else " (may stay empty)")
    rule: dict[str, Any] = {
        "validate": "any",
        "input_title": column.name,
        "input_message": hint if len(hint) <= _HINT else hint[: _HINT - 3] + "...",
        "error_type": "warning",
    }
    if column.choices and words:
        rule |= {"validate": "list", "source": words}
    elif column.name == "position":
        rule |= {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    return rule


def write_csv(folder: Path, conflict: Conflict) -> None:
    """Write a folder of CSV files with their headers, and a text that explains them.

    Raises
    ------
    EvidenceError
        If there is such a folder.
    StoreError
        If it cannot be written.
    """
    _check_new(folder)
    with written_together(folder) as aside:
        for name, table in TABLES.items():
            (aside / f"{name}.csv").write_bytes(_csv([table.names]))
        explained = [EXPLAINED_HEADER, *explanations(conflict)]
        (aside / f"{EXPLAINED}.txt").write_bytes(_csv(explained, "\t"))


def _csv(rows: list[Any], mark: str = ",") -> bytes:
    r"""Return rows as CSV that Excel takes for UTF-8, with lines that end in \\r\\n."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _check_new(path: Path, ending: str = "") -> None:
    if path.exists():
        raise EvidenceError(name_of(path), "is there already.", "Name another with --out.")
    if ending and path.suffix != ending:
        todo = f"Give it a name that ends in {ending}."
        raise EvidenceError(name_of(path), "is no name of an Excel file.", todo)
