"""Reads news: a drafted folder, a spreadsheet, or one file of either; all its problems at once."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sim.errors import EvidenceError
from sim.evidence.coding import name_of, suggestion
from sim.intake.cells import Raw, tidied
from sim.intake.columns import EXPLAINED, EXPLAINED_HEADER, FILES, FORMS, TABLES, Table
from sim.intake.lines import HEADER, PAIR, text_of, value_of
from sim.text import shown


@dataclass(frozen=True)
class News:
    """What some files hold: their rows, in the order of the files, and what is wrong with them.

    Attributes
    ----------
    parts
        The files, and the sheets of each that have rows, as messages name them and in that order.
    """

    rows: tuple[Raw, ...]
    problems: tuple[EvidenceError, ...]
    parts: tuple[str, ...] = ()

    def of(self, table: str) -> list[Raw]:
        """Return the rows of a table."""
        return [row for row in self.rows if row.table == table]


def read_news(paths: Sequence[Path]) -> News:
    """Read folders and files of news, and list everything that keeps them from being read.

    Parameters
    ----------
    paths
        Folders as `truce evidence new` drafts them, folders of CSV files, Excel files, or single
        files of such a folder.
    """
    rows: list[Raw] = []
    found: list[EvidenceError] = []
    parts: list[str] = []
    for path in paths:
        sources: dict[str, str] = {}
        here: list[Raw] = []
        for file in _files(path, found):
            read, wrong = _read(file)
            found += wrong
            parts += [name_of(file), *(f"{row.file}, {row.sheet}" for row in read if row.sheet)]
            for row in read:
                if sources.setdefault(row.table, row.file) != row.file:
                    what = f"has {row.table}, and so has {sources[row.table]}."
                    found.append(EvidenceError(row.file, what, "Keep them in one file."))
                    break
            here += read
        rows += _of_their_article(here)
    if not rows and not found:
        where = ", ".join(name_of(path) for path in paths)
        found.append(EvidenceError(where, "holds no row.", "Fill in at least the article."))
    return News(tuple(rows), tuple(found), tuple(dict.fromkeys(parts)))


def _of_their_article(rows: list[Raw]) -> list[Raw]:
    """Let rows that name no article be of the only one that there is beside them."""
    names = [row.cells.get("id", "") for row in rows if row.table == "articles"]
    if len(names) != 1:
        return rows
    return [
        replace(row, cells={**row.cells, "article": names[0]})
        if "article" in TABLES[row.table].names and not row.cells.get("article")
        else row
        for row in rows
    ]


def _files(path: Path, found: list[EvidenceError]) -> list[Path]:
    """List the files of a folder that may hold news; a file is its own."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        todo = "Give the folder that `truce evidence new` made, or a spreadsheet."
        found.append(EvidenceError(name_of(path), "is no folder and no file.", todo))
        return []
    names = [*(f"{name}.toml" for name in FILES), *(f"{name}.csv" for name in TABLES)]
    files = []
    for file in sorted(path.iterdir()):
        if file.name.startswith((".", "~$")) or file.suffix not in (".toml", ".csv", ".xlsx"):
            continue
        if file.suffix == ".xlsx" or file.name in names or _sheet_of(file):
            files.append(file)
        else:
            what = "is no file of news by its name, and would not be read."
            found.append(EvidenceError(name_of(file), what, suggestion(file.name, names)))
    if not files and not found:
        what = "holds no file of news."
        found.append(EvidenceError(name_of(path), what, f"There may be: {', '.join(names)}."))
    return files


def _read(path: Path) -> tuple[list[Raw], list[EvidenceError]]:
    """Read the rows of a file; those that were left as they were drafted are none."""
    try:
        if path.suffix == ".xlsx":
            rows, found = _workbook(path)
        elif path.suffix == ".csv":
            rows, found = _csv(path)
        elif path.suffix == ".toml":
            rows, found = _form(path)
        else:
            what = "is neither .toml nor .csv nor .xlsx."
            return [], [EvidenceError(name_of(path), what, "Save it as one of them.")]
    except EvidenceError as fault:
        return [], [fault]
    rows = [row for row in rows if not row.untouched]
    for row in rows:
        found += _empty(row)
    return rows, found


def _empty(row: Raw) -> Iterable[EvidenceError]:
    """Tell of cells that need something and have nothing."""
    for column in TABLES[row.table].columns:
        if column.needed and not row.cells.get(column.name) and column.name not in row.missing:
            yield row.error(column.name, "is empty.", f"Write {column.meaning}.")


# ------------------------------------------------------------------ rows of cells


def _workbook(path: Path) -> tuple[list[Raw], list[EvidenceError]]:
    from sim.intake.xlsx import read_sheets

    rows: list[Raw] = []
    found: list[EvidenceError] = []
    sheets = {name: lines for name, lines in read_sheets(path).items() if name in TABLES}
    if not sheets:
        todo = f"Its sheets must be called {', '.join(TABLES)}; missing ones are empty."
        return [], [EvidenceError(name_of(path), "has no sheet of news.", todo)]
    for name, lines in sheets.items():
        if lines:
            read, wrong = _grid(TABLES[name], lines, name_of(path), f"sheet {name}, row")
            rows, found = rows + read, found + wrong
    return rows, found


def _csv(path: Path) -> tuple[list[Raw], list[EvidenceError]]:
    """Read a CSV of any spreadsheet: with a mark at its beginning, semicolons, tabs, CRLF."""
    text = re.sub(r"^sep=.\r?\n", "\n", text_of(path))
    header = next((line for line in text.splitlines() if line.strip(" ,;\t#")), "")
    explained = {*_words(EXPLAINED_HEADER)}
    known = explained.union(*(table.names for table in TABLES.values()))
    mark = max(",;\t", key=lambda one: len(known & set(_words(header.split(one)))))
    lines: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        first = 1
        for cells in reader:
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                lines.append((first, cells))
            first = reader.line_num + 1
    except csv.Error as fault:
        where = f"{name_of(path)}, line {reader.line_num}"
        return [], [EvidenceError(where, f"is not CSV: {fault}.", "Check the quotes.")]
    header_words = {*_words(lines[0][1])} if lines else set()
    if not lines or _sheet_of(path) == EXPLAINED or explained <= header_words:
        return [], []
    table = TABLES.get(_sheet_of(path)) or max(
        TABLES.values(),
        key=lambda one: (len(set(one.names) & header_words), -len({*one.names} - header_words)),
    )
    if not header_words & {*table.names}:
        what = f"has columns of no table of news, as {shown(lines[0][1][0])}."
        todo = f"Let its name end in {', '.join(TABLES)}, and its first row name the columns."
        return [], [EvidenceError(name_of(path), what, todo)]
    return _grid(table, lines, name_of(path), "line")


def _sheet_of(path: Path) -> str:
    """Return which sheet a CSV file is by the end of its name, as ``news-rounds.csv``, or none."""
    found = re.fullmatch(rf"(?:.*[\W_])?({'|'.join((*TABLES, EXPLAINED))})", path.stem.lower())
    return found[1] if found and path.suffix == ".csv" else ""


def _words(cells: Iterable[str]) -> list[str]:
    """Return the names of columns as they are compared."""
    return [re.sub(r"\W+", "_", cell.strip().lower()).strip("_") for cell in cells]


def _grid(
    table: Table, lines: Sequence[tuple[int, list[str]]], file: str, word: str
) -> tuple[list[Raw], list[EvidenceError]]:
    """Read the rows below a header, and list every column that is missing or unknown."""
    number, cells = lines[0]
    header = _words(cells)
    where = f"{file}, {word} {number}"
    found = []
    absent = [c for c in table.columns if c.name not in header]
    if wanted := [column.name for column in absent if column.needed]:
        what = f"of the columns of {table.name} these are missing: {', '.join(wanted)}."
        todo = f"The first row names the columns: {', '.join(table.names)}."
        found.append(EvidenceError(where, what, todo))
    for name, cell in zip(header, cells, strict=True):
        if name and name not in table.names:
            what = f"{shown(cell)} is no column of {table.name}."
            found.append(EvidenceError(where, what, suggestion(name, table.names)))
        elif name and header.count(name) > 1:
            found.append(EvidenceError(where, f"{shown(cell)} is there twice.", "Keep one."))
    missing = frozenset(column.name for column in absent)
    rows = []
    for number, cells in lines[1:]:
        extra = [cell for cell in cells[len(header) :] if cell.strip()]
        place = f"{word} {number}"
        if extra:
            what = f"has more cells than the first row names, as {shown(extra[0])}."
            found.append(
                EvidenceError(f"{file}, {place}", what, "Put a text with commas in quotes.")
            )
        given = dict(zip(header, cells, strict=False))
        known = {name: given.get(name, "") for name in table.names if name in header}
        rows.append(Raw(table.name, tidied(table, known), file, place, missing=missing))
    return rows, found


# ------------------------------------------------------------------ forms


def _form(path: Path) -> tuple[list[Raw], list[EvidenceError]]:
    """Read blocks of lines ``key = value`` below ``[[statement]]`` and the like.

    That is TOML, but that quotes around a word may be left out and one bad line hides no other.
    """
    file = name_of(path)
    blocks: list[_Block] = []
    found: list[EvidenceError] = []
    below: _Block | None = None
    skipping = False
    for number, line in enumerate(text_of(path).splitlines(), 1):
        where = f"{file}, line {number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if header := HEADER.fullmatch(line):
            below = None
            skipping = header[1] not in FORMS
            if skipping:
                what = f"{shown(header[1])} is no kind of row."
                found.append(EvidenceError(where, what, suggestion(header[1], FORMS)))
            else:
                below = _Block(FORMS[header[1]], {}, {"": number})
                blocks.append(below)
        elif not (pair := PAIR.fullmatch(line)):
            what = f"{shown(line.strip())} is no line of the form 'name = value'."
            found.append(EvidenceError(where, what, "A comment begins with #."))
        elif below:
            found += below.take(where, pair[1], pair[2].strip(), number)
        elif not skipping:
            skipping = True
            todo = f"There are: {', '.join(f'[[{form}]]' for form in FORMS)}."
            found.append(EvidenceError(where, "stands below no header.", todo))
    rows = [
        Raw(one.table.name, one.cells, file, f"line {one.lines['']}", one.lines) for one in blocks
    ]
    return rows, found


class _Block(NamedTuple):
    """A row of a form while it is read: its cells, and the line of each."""

    table: Table
    cells: dict[str, str]
    lines: dict[str, int]

    def take(self, where: str, name: str, text: str, number: int) -> Iterable[EvidenceError]:
        """Take a line into the row, and tell what is wrong with it."""
        if name not in self.table.names:
            what = f"{shown(name)} is nothing that [[{self.table.form}]] has."
            yield EvidenceError(where, what, suggestion(name, self.table.names))
            return
        if name in self.lines:
            what = f"is given twice, first in line {self.lines[name]}."
            todo = f"Begin a new row with a line [[{self.table.form}]], or keep one."
            yield EvidenceError(f"{where}, {name}", what, todo)
            return
        value = value_of(text)
        self.lines[name] = number
        self.cells[name] = tidied(self.table, {name: value or ""})[name]
        if value is None:
            todo = 'Put the text between two quotation marks; one within it is written \\".'
            yield EvidenceError(f"{where}, {name}", f"{shown(text)} cannot be read.", todo)
