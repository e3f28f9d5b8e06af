"""Reads the sheets of an Excel file as texts, by its own XML.

Days are numbers in such a file; which column holds days is known from its name
(`sim.intake.cells`), so that no styles need to be read.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.reading import open_regular, unread
from sim.text import printable

MAX_BYTES = 50_000_000
"""More than that, unpacked, is no sheet of news."""
MAX_COLUMNS = 16_384
"""The columns of a sheet, as Excel has them."""
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, RuntimeError),
    *(LookupError, ValueError, StopIteration, AttributeError, OverflowError),
)
"""What reading a file may end in that is no Excel file, or a damaged one."""
Rows = list[tuple[int, list[str]]]
"""The rows of a sheet that hold something, with their numbers from 1."""


def read_sheets(path: Path) -> dict[str, Rows]:
    """Return the rows of each sheet by the sheet's name in small letters.

    Raises
    ------
    EvidenceError
        If the file is no Excel file that can be read.
    """
    try:
        file = open_regular(path, MAX_BYTES, EvidenceError, name_of(path))
        with file, zipfile.ZipFile(file) as book:
            if sum(part.file_size for part in book.infolist()) > MAX_BYTES:
                raise EvidenceError(name_of(path), "is far too large.", "Is it the file?")
            texts = [_text(one) for one in _parts(book, "xl/sharedStrings.xml")]
            return {name.lower(): [*_rows(tree, texts)] for name, tree in _sheets(book)}
    except FileNotFoundError:
        what = "cannot be read: there is no such file."
        raise EvidenceError(name_of(path), what, "Check the path.") from None
    except OSError as error:
        raise unread(error, EvidenceError, name_of(path)) from None
    except _DAMAGED as error:
        what = f"is no Excel file that can be read ({error})."
        raise EvidenceError(name_of(path), what, "Save it as .xlsx anew, or as CSV.") from None


def _parts(book: zipfile.ZipFile, name: str) -> list[ElementTree.Element]:
    return [*ElementTree.fromstring(book.read(name))] if name in book.namelist() else []


def _sheets(book: zipfile.ZipFile) -> Iterator[tuple[str, ElementTree.Element]]:
    """Yield the sheets by name, in the order of the file."""
    places = {
        one.attrib["Id"]: posixpath.join("/xl", one.attrib["Target"]).lstrip("/")
        for one in _parts(book, "xl/_rels/workbook.xml.rels")
    }
    tree = ElementTree.fromstring(book.read("xl/workbook.xml"))
    for sheet in tree.iterfind(".//{*}sheet"):
        key = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
        yield sheet.attrib["name"], ElementTree.fromstring(book.read(places[key]))


def _rows(sheet: ElementTree.Element, texts: list[str]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(sheet.iterfind(".//{*}row"), 1):
        cells: dict[int, str] = {}
        for place, cell in enumerate(row.iterfind("{*}c")):
            cells[_column(cell.get("r"), place)] = _value(cell, texts)
        if any(cells.values()):
            line = [cells.get(place, "") for place in range(1 + max(cells))]
            yield int(row.get("r") or number), line


def _column(name: str | None, otherwise: int) -> int:
    """Return the place of a cell named as ``AB12``, from 0."""
    letters = re.match("[A-Z]+", name or "")
    if not letters:
        return otherwise
    place = 0
    for letter in letters[0]:
        place = 26 * place + ord(letter) - ord("A") + 1
    if place > MAX_COLUMNS:
        raise ValueError(f"a cell has the name {printable(name)[:40]}")
    return place - 1


def _value(cell: ElementTree.Element, texts: list[str]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext("{*}v") or ""
    if kind == "s" and value:
        return texts[int(value)]
    if kind == "inlineStr":
        return "".join(_text(one) for one in cell.iterfind("{*}is"))
    if kind == "b" and value:
        return "true" if value == "1" else "false"
    if kind == "n" and value:
        return f"{float(value):.12g}"
    return value


def _text(string: ElementTree.Element) -> str:
    """Return the text of a string in pieces, without how it is pronounced."""
    pieces = [one.text or "" for one in string.iterfind("{*}t")]
    pieces += [one.text or "" for one in string.iterfind("{*}r/{*}t")]
    text = "".join(pieces)
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
