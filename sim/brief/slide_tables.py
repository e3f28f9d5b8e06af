"""Tables on slides: as many rows as there is room for, in the largest letters in which all fit."""

from __future__ import annotations

import math
from typing import Any

from lxml.etree import SubElement
from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from sim.brief.content import Table
from sim.plots.style import DPI, INK, RULE, SOFT, WARNING, drawable, text_width

WIDTH, HEIGHT = 13.333, 7.5
"""Inches."""
MARGIN, TOP, FOOT = 0.6, 1.55, 6.95
ROOM = FOOT - TOP
POINTS_PER_INCH = 72.0
_GAP = 0.12
"""Between a table and the words below it, in inches."""
_TABLES = (18.0, 16.0, 14.0, 12.0, 10.5)
"""Type sizes of tables, in points: the largest in which all rows fit."""


def colour_of(name: str) -> Any:
    """Return a colour such as ``#1a1a1a`` as slides take it."""
    colour: Any = RGBColor
    return colour.from_string(name.lstrip("#"))


def look(paragraph: Any, size: float, colour: str, *, bold: bool = False) -> None:
    """Set a paragraph in a size, in points, and a colour."""
    paragraph.alignment = PP_ALIGN.LEFT
    for run in paragraph.runs:
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = colour_of(colour)


def add_table(slide: Any, one: Table) -> str:
    """Set a native table with as many rows as there is room for; return its caption."""
    for size in _TABLES:
        widths = _widths(one, size)
        count = _fitting_rows(one, widths, size)
        if count == len(one.rows) and sum(widths) <= WIDTH - 2 * MARGIN + 0.01:
            break
    count = max(1, count)
    caption = one.caption
    if count < len(one.rows):
        caption = f"The first {count} of {len(one.rows)} rows. {caption}"
    shape = slide.shapes.add_table(
        count + 1, len(one.header), Inches(MARGIN), Inches(TOP), Inches(sum(widths)),
        Inches(0.1 * (count + 1)),
    )  # fmt: skip
    grid = shape.table
    texts = [one.header, *([cell.text for cell in row] for row in one.rows[:count])]
    for line, words in zip(grid.rows, texts, strict=True):
        line.height = Inches(_height(words, widths, size))
    for column, width in enumerate(widths):
        grid.columns[column].width = Inches(width)
    for column, name in enumerate(one.header):
        _fill(grid.cell(0, column), name, size, SOFT, column in one.numeric)
    for row, cells in enumerate(one.rows[:count], 1):
        for column, cell in enumerate(cells):
            colour = WARNING if cell.flag else INK
            _fill(grid.cell(row, column), cell.text, size, colour, column in one.numeric)
    return caption


def _fill(place: Any, text: str, size: float, colour: str, numeric: bool) -> None:
    place.fill.background()
    place.margin_left = place.margin_right = Inches(0.06)
    place.margin_top = place.margin_bottom = Inches(0.03)
    _rule(place)
    place.text_frame.text = text
    paragraph = place.text_frame.paragraphs[0]
    look(paragraph, size, colour)
    paragraph.alignment = PP_ALIGN.RIGHT if numeric else PP_ALIGN.LEFT


def _rule(place: Any) -> None:
    """Draw a thin line under a cell."""
    line = SubElement(place._tc.get_or_add_tcPr(), qn("a:lnB"), w=str(Pt(0.5)))
    colour = SubElement(SubElement(line, qn("a:solidFill")), qn("a:srgbClr"))
    colour.set("val", RULE.lstrip("#"))


def _widths(one: Table, size: float) -> list[float]:
    """Widths in inches: numbers and words of one line get what they need, the rest share the rest.

    No column is narrower than its longest word; together they may then be too wide for the slide.
    """
    room = WIDTH - 2 * MARGIN
    texts = [[one.header[n], *(row[n].text for row in one.rows)] for n in range(len(one.header))]
    words_of = [" ".join(ts).split() or [""] for ts in texts]
    least = [min(max(_inches(word, size) for word in ws) + 0.2, 2.4) for ws in words_of]
    whole = [max(_inches(text, size) for text in ts[1:]) + 0.25 for ts in texts]
    fixed = {n: max(least[n], min(whole[n], 2.4)) for n in one.numeric}
    words = {n: least[n] for n in range(len(texts)) if n not in fixed}
    wish = {n: max(min(whole[n], 6.0) - least[n], 0.01) for n in words}
    rest = max(room - sum(fixed.values()) - sum(words.values()), 0.0)
    share = rest / sum(wish.values()) if wish else 0.0
    return [fixed[n] if n in fixed else words[n] + wish[n] * share for n in range(len(texts))]


def _inches(text: str, size: float) -> float:
    return text_width(drawable(text), size) / DPI


def _fitting_rows(one: Table, widths: list[float], size: float) -> int:
    """How many rows fit below the heading."""
    left = ROOM - _GAP - _height(one.header, widths, size)
    for number, row in enumerate(one.rows):
        left -= _height([cell.text for cell in row], widths, size)
        if left < 0.0:
            return number
    return len(one.rows)


def _height(texts: Any, widths: list[float], size: float) -> float:
    lines = max(
        math.ceil(1.08 * _inches(text, size) / max(width - 0.12, 0.2)) or 1
        for text, width in zip(texts, widths, strict=True)
    )
    return lines * 1.22 * size / POINTS_PER_INCH + 0.07
