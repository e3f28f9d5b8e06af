"""Makes a spreadsheet to fill in: a sheet a table, lists to choose from, a sheet that explains."""

from __future__ import annotations

import csv
import datetime as dt
import io
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.files import write_whole, written_together
from sim.inputs.conflict import Conflict
from sim.intake.columns import EXPLAINED, EXPLAINED_HEADER, TABLES, Column
from sim.intake.ids import next_digits
from sim.sheets import plain_text

ROWS = 500
"""Rows of a sheet that have lists to choose from."""
ARTICLES = 10
"""Articles whose digits are filled in."""
_MADE = dt.datetime(1980, 1, 1)
_HINT = 255
"""Letters that Excel shows as a hint."""
_FONT = {"font_name": "Arial", "font_size": 10, "valign": "top"}
"""One that other programs than Excel have as well, or another of the same widths."""
_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "bold": {"bold": True},
    "day": {"num_format": "yyyy-mm-dd"},
    "text": {"num_format": "@"},
    "left": {"align": "left"},
    "wrap": {"num_format": "@", "text_wrap": True},
}
_LOOK_OF = {"day": "day", "number": "plain", "whole": "plain", "value": "plain", "text": "wrap"}
_MEANING = 100
"""Letters of the widest column of the sheet that explains; longer meanings are wrapped."""
_MARGIN, _ARROW = 2, 3
"""Letters beside the text of a column, and those that the arrow of a filter takes of its header."""
_LINE = 13.5
"""Points of a line of text."""


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
    formats = {name: book.add_format(_FONT | look) for name, look in _LOOKS.items()}
    sheets = {name: book.add_worksheet(name) for name in TABLES}
    lists = _explain(book.add_worksheet(EXPLAINED), conflict, formats)
    for name, sheet in sheets.items():
        _page(sheet)
        for place, column in enumerate(TABLES[name].columns):
            sheet.write_string(0, place, column.name, formats["bold"])
            look = _LOOK_OF.get(column.kind, "text")
            sheet.set_column(place, place, _width(column, conflict), formats[look])
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
    _page(sheet)
    lines = list(explanations(conflict))
    for place, name in enumerate(EXPLAINED_HEADER):
        sheet.write_string(0, place, name, formats["bold"])
        widest = max(len(name) + _ARROW, *(len(line[place]) for line in lines))
        sheet.set_column(place, place, min(widest, _MEANING) + _MARGIN)
    rows: dict[tuple[str, str], list[int]] = {}
    for number, line in enumerate(lines, 1):
        sheet.set_row(number, _LINE * len(textwrap.wrap(line.meaning, _MEANING)))
        for place, text in enumerate(line):
            if text.isdigit():  # so that a number that is typed is one of the list
                sheet.write_number(number, place, int(text), formats["left"])
                continue
            sheet.write_string(number, place, text, formats["wrap" if place == 4 else "text"])
        if line.word:
            rows.setdefault((line.sheet, line.column), []).append(number + 1)
    sheet.autofilter(0, 0, number, len(EXPLAINED_HEADER) - 1)
    return {key: f"={EXPLAINED}!$D${some[0]}:$D${some[-1]}" for key, some in rows.items()}


def _page(sheet: Any) -> None:
    """Keep the header in sight, on the screen and on every page, and all columns on one page."""
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")


def _width(column: Column, conflict: Conflict) -> int:
    """Return how many letters wide a column is."""
    if column.kind == "text":
        return {"outlet": 24, "round": 16}.get(column.name, 45)
    words = column.choices(conflict) if column.choices else ()
    typed = {"day": 10, "place": 12, "article": 12}.get(column.kind, 0)
    return max(typed, len(column.name), *map(len, words), 0) + _MARGIN


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
    csv.writer(text, delimiter=mark).writerows([*map(plain_text, map(str, row))] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _check_new(path: Path, ending: str = "") -> None:
    if path.exists():
        raise EvidenceError(name_of(path), "is there already.", "Name another with --out.")
    if ending and path.suffix != ending:
        todo = f"Give it a name that ends in {ending}."
        raise EvidenceError(name_of(path), "is no name of an Excel file.", todo)
