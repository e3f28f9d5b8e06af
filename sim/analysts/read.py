"""Reads the sheet of an analyst, TOML or Excel, as texts; all its problems at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sim.errors import CalibrationError, EvidenceError
from sim.evidence.coding import name_of, suggestion
from sim.intake.cells import tidy
from sim.intake.columns import Column
from sim.intake.lines import HEADER, PAIR, text_of, value_of
from sim.intake.xlsx import Rows, read_sheets
from sim.text import printable, shown

SCHEMA = "truce/analyst/1"
HEAD = ("schema", "name", "title")
"""What a sheet says of itself."""
STATED = ("low", "high", "middle")
"""In the order in which they are asked for."""
OWN = ("name", *STATED, "why")
"""What an analyst fills in for a number."""
NUMBERS, WHO, EXPLAINED = "numbers", "who", "explained"
"""The sheets of an Excel file."""
DRAFTED = (
    *("question", "unit", "lowest", "highest", "spread"),
    *("model_10", "model_50", "model_90", "record_10", "record_50", "record_90"),
)
"""Further columns of an Excel file, which help to fill it in and are not read."""
MOST = 500
"""Numbers that a sheet can state."""
_NUMBER = Column("", "", "number")


@dataclass(frozen=True)
class Cells:
    """The cells of a row, or of the head of a sheet, as texts.

    Attributes
    ----------
    file, row
        The file as a message shows it, and where in it.
    cells
        What stands there, by name.
    lines
        Of a TOML file: the line of each.
    """

    file: str
    row: str
    cells: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def at(self, name: str = "") -> str:
        """Return where a cell stands, or else the row."""
        if name in self.lines:
            return f"{self.file}, line {self.lines[name]}, {name}"
        place = f"{self.file}, {self.row}" if self.row else self.file
        return f"{place}, {name}" if name else place

    def error(self, name: str, what: str, todo: str) -> CalibrationError:
        """Return the error that names a cell."""
        return CalibrationError(self.at(name), what, todo)

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "").strip()


@dataclass(frozen=True)
class Sheet:
    """What a file holds, and what is wrong with it."""

    head: Cells
    rows: tuple[Cells, ...]
    problems: tuple[CalibrationError, ...] = ()


def read_sheet(path: Path) -> Sheet:
    """Read a file.

    Raises
    ------
    CalibrationError
        If it cannot be read at all.
    """
    read = {".xlsx": _workbook, ".toml": _form}.get(path.suffix.lower())
    if read is not None:
        try:
            found = read(path)
        except EvidenceError as fault:
            raise CalibrationError(fault.where, fault.what, fault.todo) from None
        if len(found.rows) > MOST:
            what = f"states {len(found.rows):,} numbers; {MOST} at most can be read."
            raise CalibrationError(name_of(path), what, "Is it the file?")
        return found
    what = "is no sheet of an analyst by its name."
    raise CalibrationError(name_of(path), what, "Give a file that ends in .toml or .xlsx.")


# ------------------------------------------------------------------ TOML


def _form(path: Path) -> Sheet:
    """Read lines ``name = value``, first those of the head, then those below ``[[number]]``."""
    file = name_of(path)
    found: list[CalibrationError] = []
    blocks = [Cells(file, "", {}, {})]
    skipping = False
    for number, line in enumerate(text_of(path).splitlines(), 1):
        where = f"{file}, line {number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if header := HEADER.fullmatch(line):
            skipping = header[1] != "number"
            if skipping:
                what = f"{shown(header[1])} is no kind of row."
                found.append(CalibrationError(where, what, "A row begins with [[number]]."))
            else:
                blocks.append(Cells(file, f"line {number}", {}, {}))
        elif not (pair := PAIR.fullmatch(line)):
            what = f"{shown(line.strip())} is no line of the form 'name = value'."
            found.append(CalibrationError(where, what, "A comment begins with #."))
        elif not skipping:
            found += _taken(blocks, where, (pair[1], pair[2].strip(), number))
    return Sheet(blocks[0], tuple(blocks[1:]), tuple(found))


def _taken(
    blocks: Sequence[Cells], where: str, line: tuple[str, str, int]
) -> list[CalibrationError]:
    """Take a line into the last block, and tell what is wrong with it."""
    name, text, number = line
    block, known = blocks[-1], HEAD if len(blocks) == 1 else OWN
    if name not in known:
        what = f"{shown(name)} is nothing that a sheet has here."
        return [CalibrationError(where, what, suggestion(name, known))]
    if name in block.lines:
        what = f"is given twice, first in line {block.lines[name]}."
        return [CalibrationError(f"{where}, {name}", what, "Keep one of them.")]
    value = value_of(text)
    cells, lines = block.cells, block.lines
    assert isinstance(cells, dict)
    assert isinstance(lines, dict)
    lines[name] = number
    cells[name] = value or ""
    if value is None:
        todo = 'Put the text between two quotation marks; one within it is written \\".'
        return [CalibrationError(f"{where}, {name}", f"{shown(text)} cannot be read.", todo)]
    return []


# ------------------------------------------------------------------ Excel


def _workbook(path: Path) -> Sheet:
    file = name_of(path)
    sheets = read_sheets(path)
    missing = [name for name in (WHO, NUMBERS) if not sheets.get(name)]
    if missing:
        what = f"has no sheet '{missing[0]}', or nothing in it."
        todo = f"Its sheets must be called {WHO} and {NUMBERS}, as `truce analysts new` made them."
        raise CalibrationError(file, what, todo)
    head = _head(sheets[WHO], file)
    rows, found = _grid(sheets[NUMBERS], file)
    return Sheet(head, rows, found)


def _head(lines: Rows, file: str) -> Cells:
    """Read what stands beside the words of the head, in whatever order."""
    found = {}
    for _, cells in lines:
        word = cells[0].strip().lower()
        if word in HEAD:
            found[word] = cells[1] if len(cells) > 1 else ""
    return Cells(file, f"sheet {WHO}", found)


def _grid(lines: Rows, file: str) -> tuple[tuple[Cells, ...], tuple[CalibrationError, ...]]:
    """Read the rows below a header, and list every column that is missing or unknown."""
    number, cells = lines[0]
    where = f"{file}, sheet {NUMBERS}, row {number}"
    header = [re.sub(r"\W+", "_", cell.strip().lower()).strip("_") for cell in cells]
    known = (*OWN, *DRAFTED)
    found = []
    wanted = [name for name in OWN if name not in header and name != "why"]
    if wanted:
        what = f"these columns are missing: {', '.join(wanted)}."
        todo = f"The first row must name the columns {', '.join(OWN)}."
        found.append(CalibrationError(where, what, todo))
    for name, cell in zip(header, cells, strict=True):
        if name and name not in known:
            what = f"{shown(cell)} is no column of a sheet."
            found.append(CalibrationError(where, what, suggestion(name, known)))
        elif name and header.count(name) > 1:
            found.append(CalibrationError(where, f"{shown(cell)} is there twice.", "Keep one."))
    rows = [
        Cells(file, f"sheet {NUMBERS}, row {line}", dict(zip(header, texts, strict=False)))
        for line, texts in lines[1:]
    ]
    return tuple(row for row in rows if any(row[name] for name in OWN)), tuple(found)


# ------------------------------------------------------------------ numbers


def number_in(row: Cells, name: str) -> float | CalibrationError | None:
    """Return the number in a cell, None if it is empty, or what is wrong with it.

    A decimal comma is read as a point, and a number that is text as a number.
    """
    text = tidy(_NUMBER, row[name])
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        todo = "Write it as 0.3."
        if re.fullmatch(r"-?[\d.,]+ *%", text):
            todo = "Write a share of 1: 0.3 in place of 30 %."
        return row.error(name, f"{shown(text)} is no number.", todo)
    if value != value or abs(value) == float("inf"):
        return row.error(name, f"{printable(text)} is no finite number.", "Write it as 0.3.")
    return value
