"""Reads an Excel file by its own XML: values, kinds, formats; no library that wrote it."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
FIRST_DAY = dt.datetime(1899, 12, 30)


class Sheet(NamedTuple):
    """The one sheet of a file: its header, its rows as Python values, and its parts as text."""

    header: list[str]
    rows: list[list[Any]]
    parts: dict[str, str]
    widths: list[float]
    bold: bool


def read_xlsx(path: Path) -> Sheet:
    """Read the file; a number in a format of days is a day, or a day with its time."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name).decode("utf-8") for name in file.namelist()}
    (name,) = (name for name in parts if name.startswith("xl/worksheets/"))
    trees = {part: ElementTree.fromstring(text) for part, text in parts.items()}
    strings = trees.get("xl/sharedStrings.xml")
    texts = [] if strings is None else ["".join(one.itertext()) for one in strings]
    styles = trees["xl/styles.xml"]
    formats = {
        one.get("numFmtId"): str(one.get("formatCode"))
        for one in styles.iterfind(".//m:numFmt", SPACE)
    }
    styled = styles.findall("m:cellXfs/m:xf", SPACE)
    codes = [formats.get(one.get("numFmtId"), "") for one in styled]
    grid: dict[tuple[int, int], Any] = {}
    bold = set()
    for cell in trees[name].iterfind(".//m:c", SPACE):
        place = _place(cell.get("r"))
        style = int(cell.get("s", 0))
        grid[place] = _value(cell, texts, codes[style])
        if place[0] == 0:
            font = styles.findall("m:fonts/m:font", SPACE)[int(styled[style].get("fontId"))]
            bold.add(font.find("m:b", SPACE) is not None)
    height = 1 + max((row for row, _ in grid), default=-1)
    width = 1 + max((column for _, column in grid), default=-1)
    rows = [[grid.get((row, column)) for column in range(width)] for row in range(height)]
    widths = []
    for one in trees[name].iterfind(".//m:col", SPACE):  # neighbours that are alike stand together
        widths += [float(one.get("width"))] * (int(one.get("max")) - int(one.get("min")) + 1)
    return Sheet(rows[0] if rows else [], rows[1:], parts, widths, bold == {True})


def _place(name: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", name).groups()
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(digits) - 1, column - 1


def _value(cell: ElementTree.Element, texts: list[str], code: str) -> Any:
    assert cell.find("m:f", SPACE) is None, f"a formula in {cell.get('r')}"
    text = cell.findtext("m:v", namespaces=SPACE)
    kind = cell.get("t", "n")
    if text is None:
        return None
    if kind == "s":
        return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), texts[int(text)])
    if kind == "b":
        return text == "1"
    assert kind == "n", kind
    if not code:
        return float(text)
    moment = FIRST_DAY + dt.timedelta(days=float(text))
    if "h" not in code:
        return moment.date()
    return moment.replace(microsecond=0) + dt.timedelta(seconds=moment.microsecond >= 500_000)
