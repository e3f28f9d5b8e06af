"""A table, whole and with full precision, as the bytes of a CSV or of an Excel file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import StoreError

if TYPE_CHECKING:
    import pandas as pd

Cell = None | bool | int | float | str | dt.date
"""What stands in a cell; None is an empty one, and a day with its time is a date, too."""

MAX_ROWS, MAX_COLUMNS, MAX_TEXT = 1_048_576, 16_384, 32_767
"""What a sheet of Excel holds: rows with that of the header, columns, and letters of a cell."""
MAX_DIGITS = 15
"""Whole numbers of more digits are text in Excel, which would round them."""
FIRST_YEAR = 1900
"""Excel knows no earlier day; such days are text there."""
WIDEST = 60
"""No column is wider, in letters."""
DIGITS_SHOWN = 10
"""Letters of a fraction that are worth their place; the cell holds all of it."""
CUT = "..."
"""Ends a text that is too long for a cell."""
_MADE = dt.datetime(1980, 1, 1)
"""The same in every file, so that the same table gives the same bytes."""
_FORMULA = frozenset("=+-@\t\r\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?|[+-]|-?inf")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def frame_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return plain rows as a table that keeps every value as it is, whole numbers beside gaps too.

    Parameters
    ----------
    columns
        Those of a table without rows; where there are rows, theirs.
    """
    import pandas as pd

    return pd.DataFrame(list(rows), columns=None if rows else list(columns), dtype=object)


def csv_bytes(table: pd.DataFrame) -> bytes:
    r"""Return a table as CSV: UTF-8, lines that end in \\n, numbers that read back the same.

    An empty cell is one without a value; days and times are written as in ISO 8601, truth values as
    `true` and `false`. Text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([plain_text(name) for name in _names(table)])
    for row in zip(*_columns(table), strict=True):
        cells = (plain_text(cell) if isinstance(cell, str) else cell for cell in row)
        writer.writerow([_word(cell) for cell in cells])
    return text.getvalue().encode()


def plain_text(text: str) -> str:
    """Return text so that no spreadsheet takes it for a formula: behind an apostrophe if it might.

    >>> plain_text("=1+1"), plain_text("@x"), plain_text("-0.5"), plain_text("a = b")
    ("'=1+1", "'@x", '-0.5', 'a = b')
    """
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula by its first letter; no number is one."""
    return text[:1] in _FORMULA and bool(text) and not _NUMBER.fullmatch(text)


def xlsx_bytes(table: pd.DataFrame, name: str) -> bytes:
    """Return a table as an Excel file of one sheet, whose header is bold and stays in sight.

    Numbers are numbers, days are dates, text is text: never a formula or a link. A column of texts
    that are all days, written YYYY-MM-DD, is one of dates. Numbers keep 16 digits; whole numbers of
    more than 15 are text. A text that is too long for a cell is cut, see `cut_texts`. The same
    table gives the same bytes.

    Parameters
    ----------
    name
        What the file is called, for the message.

    Raises
    ------
    StoreError
        If the table is larger than a sheet.
    """
    import xlsxwriter

    if len(table) >= MAX_ROWS or len(table.columns) > MAX_COLUMNS:
        what = f"{len(table):,} rows and {len(table.columns):,} columns are more than Excel holds."
        raise StoreError(name, what, "Write it as --csv.")
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _MADE})
    bold = book.add_format({"bold": True})
    formats = {
        dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
        dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet = book.add_worksheet("table")
    sheet.freeze_panes(1, 0)
    for place, (title, column) in enumerate(zip(_names(table), _columns(table), strict=True)):
        cells = [_excel(cell) for cell in _days(column)]
        sheet.write_string(0, place, str(_excel(title) or ""), bold)
        for row, cell in enumerate(cells, 1):
            _write(sheet, row, place, cell, formats)
        widest = max(len(title), *map(_width, cells), 1)
        sheet.set_column(place, place, min(widest, WIDEST) + 2)
    book.close()
    return file.getvalue()


def cut_texts(table: pd.DataFrame) -> int:
    """Return how many texts of a table are too long for a cell of Excel; they end in '...'."""
    cells = (cell for column in _columns(table) for cell in column)
    return sum(isinstance(cell, str) and len(cell) > MAX_TEXT for cell in cells)


def _write(
    sheet: Any, row: int, place: int, cell: Cell, formats: Mapping[type[dt.date], Any]
) -> None:
    """Write a cell as what it is, by its own method: `write` would guess, and find formulas."""
    if isinstance(cell, str):
        sheet.write_string(row, place, cell)
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, place, cell, formats[type(cell)])
    elif cell is not None:
        sheet.write_number(row, place, cell)


def _width(cell: Cell) -> int:
    """Return how many letters of a cell are shown; Excel shows no more of a number than fit."""
    shown = len(_word(cell))
    return min(shown, DIGITS_SHOWN) if isinstance(cell, float) else shown


# ------------------------------------------------------------------ cells


def _names(table: pd.DataFrame) -> list[str]:
    return [_readable(str(name)) for name in table.columns]


def _columns(table: pd.DataFrame) -> Iterator[list[Cell]]:
    """Return every column as plain values; two may have the same name."""
    for place in range(len(table.columns)):
        yield [_plain(value) for value in table.iloc[:, place].astype(object)]


def _plain(value: Any) -> Cell:
    import pandas as pd

    if isinstance(value, Mapping | list | tuple):
        return _readable(json.dumps(value, ensure_ascii=False, default=str))
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    if hasattr(value, "item"):  # a number of NumPy's
        value = value.item()
    if isinstance(value, bool | int | float | dt.date):
        return value
    return _readable(str(value))


def _readable(text: str) -> str:
    """Return text that UTF-8 can hold: names of files may have bytes that are no letters."""
    return text.encode("utf-8", "backslashreplace").decode()


def _word(cell: Cell) -> str:
    """Write a cell so that it reads back as what it is."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell)


def _days(column: Sequence[Cell]) -> Sequence[Cell]:
    """Return a column of texts that are all days as one of days, and any other as it is."""
    texts = [cell for cell in column if cell is not None]
    if not all(isinstance(text, str) and _DAY.fullmatch(text) for text in texts):
        return column
    try:
        return [None if cell is None else dt.date.fromisoformat(str(cell)) for cell in column]
    except ValueError:
        return column


def _excel(cell: Cell) -> Cell:
    """Return a cell as Excel can hold it."""
    if isinstance(cell, dt.date):
        zoned = isinstance(cell, dt.datetime) and cell.tzinfo is not None
        return _word(cell) if zoned or cell.year < FIRST_YEAR else cell
    if isinstance(cell, str):
        whole = cell if len(cell) <= MAX_TEXT else cell[: MAX_TEXT - len(CUT)] + CUT
        return whole or None
    large = isinstance(cell, int) and abs(cell) >= 10**MAX_DIGITS
    endless = isinstance(cell, float) and cell in (float("inf"), -float("inf"))
    return str(cell) if large or endless else cell
