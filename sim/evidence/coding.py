"""Reads coded rows: the words that they may use and their cells; `coded` has how they must agree.

One pass over a file finds everything that is wrong with it. A cell that holds a control character
is refused, so that nothing from a file can act on a terminal.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import EvidenceError
from sim.inputs.conflict import Conflict
from sim.inputs.issues import ISSUES
from sim.inputs.kinds import DETAILS, EVENT_KINDS, STATEMENT_KINDS
from sim.reading import read_text
from sim.sheets import is_formula
from sim.text import near_name, printable, shown

BASES = ("quoted", "on_record", "act", "unnamed", "reporter", "attributed")
ANSWERS = ("accepts_truce", "conditions_truce", "rejects_truce")
RETOLD = {"truce_terms": ("preference", "flexibility", "offer"), "sanctions": ("denial",)}
"""Kinds of statements on such an issue that tell in other words what the event was."""
PARAPHRASE_WORDS = 15
ADJUDICATED = ("known", "same_as")
"""Columns of statements that a coder may leave to whoever settles differences between coders."""


def suggestion(text: str, names: Iterable[str]) -> str:
    """Return a sentence that says which name may have been meant, or which names there are."""
    names = sorted(names)
    near = near_name(text, names)
    return f"Did you mean '{near}'?" if near else f"Use one of: {', '.join(names)}."


def _text(path: Path) -> str:
    return read_text(path, EvidenceError, name_of(path))


def name_of(path: Path) -> str:
    """Return a path as a message may show it."""
    return printable(path.as_posix())


# ------------------------------------------------------------------------- one cell


class RefusedError(Exception):
    """A cell that is refused: what is wrong with it, and what to do about it."""


Reader = Callable[[str], Any]


def one_of(names: Sequence[str]) -> Reader:
    """Return a reader of one of some words."""

    def read(text: str) -> str:
        if text not in names:
            raise RefusedError("is unknown.", suggestion(text, names))
        return text

    return read


def _whole(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,6}", text) or not low <= int(text) <= high:
            raise RefusedError(f"is not a whole number in {low}..{high}.", "Correct it.")
        return int(text)

    return read


def _position_of(conflict: Conflict) -> Reader:
    def read(text: str) -> float:
        number = re.fullmatch(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)", text)
        if not number or not 0.0 <= float(text) <= 1.0:
            todo = "Code it on the scale of its issue, 0 (side U's best) to 1 (side R's best)."
            raise RefusedError("is not a number in 0..1.", conflict.named(todo))
        return float(text)

    return read


def read_day(text: str) -> dt.date:
    """Read a day of the calendar."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    raise RefusedError("is not a day of the calendar.", "Write it as YYYY-MM-DD.")


def _maybe_day(text: str) -> dt.date | None:
    return read_day(text) if text else None


def paraphrase_of(most: int) -> Reader:
    """Return a reader of what was said in our words, of which there are ``most`` at most."""

    def read(text: str) -> str:
        if not text.strip():
            raise RefusedError("has no paraphrase.", "Say in your own words what was said.")
        if len(text.split()) > most:
            what = f"has a paraphrase of {len(text.split())} words, {most} at most."
            raise RefusedError(what, "Shorten it.")
        return text.strip()

    return read


_paraphrase = paraphrase_of(PARAPHRASE_WORDS)


def _detail(text: str) -> tuple[dict[str, str], str]:
    """Split ``scope=energy; days=30; what was agreed`` into its pairs and its paraphrase."""
    facts: dict[str, str] = {}
    while pair := re.match(r"\s*([a-z_]+)\s*=\s*([^;]*?)\s*;", text):
        if pair[1] not in DETAILS:
            raise RefusedError(f"has the pair '{pair[1]}='.", suggestion(pair[1], DETAILS))
        if pair[1] in facts:
            raise RefusedError(f"gives '{pair[1]}' twice.", "Keep one.")
        facts[pair[1]] = pair[2]
        text = text[pair.end() :]
    return facts, _paraphrase(text)


# ------------------------------------------------------------------------- one file


@dataclass(frozen=True)
class Row:
    """A row of a file: its cells are values by column.

    The column ``detail`` of an event becomes two cells: ``facts``, its leading pairs, and
    ``paraphrase``.
    """

    path: Path
    line: int
    cells: dict[str, Any]

    def error(self, column: str, what: str, todo: str) -> EvidenceError:
        """Return the error that names a cell of this row, what is wrong with it and what to do."""
        return EvidenceError(f"{name_of(self.path)}, line {self.line}, column {column}", what, todo)

    @property
    def place(self) -> str:
        """The place in the text, as ``same_as`` names it."""
        return f"{self.cells['article']}:{self.cells['paragraph']}"


def read_rows(path: Path, readers: dict[str, Reader]) -> tuple[list[Row], list[EvidenceError]]:
    """Read the rows of a CSV file whose every cell is good, and the problems of the others."""
    rows: list[Row] = []
    found: list[EvidenceError] = []
    try:
        lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
        header = next(lines, [])
        if header != list(readers):
            what = f"the header is {shown(','.join(header))}."
            todo = f"It must be: {','.join(readers)}."
            return [], [EvidenceError(f"{name_of(path)}, line 1, all columns", what, todo)]
        for cells in lines:
            row = Row(path, lines.line_num, dict(zip(readers, cells, strict=False)))
            bad = _read_cells(row, readers, len(cells))
            found += bad
            if not bad:
                rows.append(row)
    except csv.Error as fault:
        where = f"{name_of(path)}, line {lines.line_num}"
        found.append(EvidenceError(where, f"is not CSV: {fault}.", "Check the quotes."))
    except EvidenceError as fault:
        found.append(fault)
    return rows, found


def _read_cells(row: Row, readers: dict[str, Reader], count: int) -> list[EvidenceError]:
    """Replace the texts of a row by their values, and return what was refused."""
    if count != len(readers):
        what = f"the row has {count} cells instead of {len(readers)}."
        return [row.error("last", what, "Check its commas and quotes.")]
    found: list[EvidenceError] = []
    for column, read in readers.items():
        text = row.cells[column]
        try:
            if not text.isprintable():
                raise RefusedError("holds a character that cannot be printed.", "Remove it.")
            if is_formula(text):
                todo = "Begin it with a letter or a digit."
                raise RefusedError("begins as a formula of a spreadsheet does.", todo)
            row.cells[column] = read(text)
        except RefusedError as fault:
            found.append(row.error(column, f"{shown(text)} {fault.args[0]}", fault.args[1]))
    if "detail" in readers and not found:
        row.cells["facts"], row.cells["paraphrase"] = row.cells.pop("detail")
    return found


def holders_of(conflict: Conflict) -> tuple[str, ...]:
    """Return who may hold a position or act: the actors' ids, then that of the blocs together."""
    return (*(actor.id for actor in conflict.actors), conflict.facts.together.id)


def read_statements(
    path: Path, articles: Sequence[str], conflict: Conflict
) -> tuple[list[Row], list[EvidenceError]]:
    """Read one coder's statements, which may lack the columns that adjudication adds.

    Parameters
    ----------
    path
        A ``statements.csv``, or a folder that holds one.
    articles
        The ids of the articles that a row may name.
    conflict
        Whose actors may hold a position.
    """
    path = path / "statements.csv" if path.is_dir() else path
    readers = place_readers(one_of(articles)) | statement_readers(conflict)
    alone = {name: read for name, read in readers.items() if name not in ADJUDICATED}
    try:
        header = _text(path).partition("\n")[0].strip()
    except EvidenceError as fault:
        return [], [fault]
    return read_rows(path, alone if header == ",".join(alone) else readers)


def place_readers(article: Reader) -> dict[str, Reader]:
    """Return how the place in an article is read, by column, given how its article is."""
    return {"article": article, "paragraph": _whole(1, 9999)}


def statement_readers(conflict: Conflict) -> dict[str, Reader]:
    """Return how the cells of a statement are read, by column, but for the place in an article."""
    return {
        "date": read_day,
        "known": _maybe_day,
        "holder": one_of(holders_of(conflict)),
        "issue": one_of(ISSUES),
        "position": _position_of(conflict),
        "kind": one_of(tuple(STATEMENT_KINDS)),
        "basis": one_of(BASES),
        "firmness": _whole(1, 3),
        "salience": _whole(1, 3),
        "same_as": str,
        "paraphrase": _paraphrase,
    }


def event_readers(conflict: Conflict) -> dict[str, Reader]:
    """Return how the cells of an event are read, by column, but for the place in an article."""
    return {
        "date_from": read_day,
        "date_to": read_day,
        "known": _maybe_day,
        "round": str,
        "actor": one_of(holders_of(conflict)),
        "event": one_of(tuple(EVENT_KINDS)),
        "detail": _detail,
        "same_as": str,
    }
