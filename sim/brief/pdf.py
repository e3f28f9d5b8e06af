"""A briefing as a PDF on A4, set by Typst; the wheel carries the compiler.

The words reach Typst as data, never as markup, so that none of them is read as a command.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import matplotlib
import typst
from matplotlib.figure import Figure

from sim.brief.content import PROGRAM, Briefing, Cell, Levers, Paragraph, Picture, Span, Table
from sim.plots.page import vector
from sim.plots.style import drawable

_WORD = 30
"""Letters of a word that is not broken, at most."""
_LOW = 0.6
"""Height of a figure for the first page against its width, at most."""


def pdf(briefing: Briefing) -> bytes:
    """Set a briefing as PDF; the same content gives the same bytes.

    The fonts are Typst's own and Matplotlib's; those of the system are looked at only for letters
    which these lack.
    """
    pictures: dict[str, bytes] = {}
    document = {
        "title": breakable(briefing.title, 20),
        "subtitle": briefing.subtitle,
        "kind": briefing.kind,
        "marking": breakable(briefing.marking),
        "made": breakable(briefing.made),
        "by": briefing.by,
        "keywords": [*filter(None, (briefing.marking,)), PROGRAM],
        "day": [briefing.day.year, briefing.day.month, briefing.day.day],
        "parts": [
            {
                "name": part.name,
                "heading": part.heading,
                "blocks": [
                    _block(block, pictures, briefing.marking)
                    for block in part.blocks
                    if not isinstance(block, Levers)  # nothing moves on paper
                ],
            }
            for part in briefing.parts
        ],
    }
    text = json.dumps(document, ensure_ascii=False)
    page = files("sim.brief").joinpath("forms/brief.typ").read_bytes()
    inputs: Any = {"main.typ": page, "content.json": text.encode(), **pictures}
    compiler: Any = typst.Compiler(
        inputs,
        font_paths=[Path(matplotlib.get_data_path()) / "fonts" / "ttf"],
        ignore_system_fonts="□" not in drawable(text),
    )
    noon = dt.datetime.combine(briefing.day, dt.time(12), dt.UTC)
    return bytes(compiler.compile(format="pdf", timestamp=noon, pdf_standards=["ua-1"]))


def _block(
    block: Paragraph | Picture | Table, pictures: dict[str, bytes], marking: str
) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        spans = [_span(span) for span in block.spans]
        if block.kind != "command":
            spans = [{**span, "text": breakable(span["text"])} for span in spans]
        return {"is": block.kind, "spans": spans}
    if isinstance(block, Picture):
        pictures[f"{block.name}.svg"] = vector(_drawn(block), marking)
        return {
            "is": "picture",
            "name": block.name,
            "finding": breakable(block.finding),
            "alt": block.alt,
            "caption": block.caption,
        }
    return {"is": "table", **_table(block)}


def _drawn(one: Picture) -> Figure:
    """A figure for a page; for the first page, which has little room, in the form that is low."""
    figure = one.draw("page")
    width, height = figure.get_size_inches()
    if one.finding or height <= _LOW * width:
        return figure
    return one.draw("slide")


def breakable(text: str, longest: int = 40) -> str:
    """Let words of more letters than ``longest`` be broken, by zero-width spaces within.

    >>> [len(part) for part in breakable("short " + "a" * 42).split("\N{ZERO WIDTH SPACE}")]
    [46, 2]
    """
    return re.sub(rf"\S{{{longest}}}(?=\S)", "\\g<0>\N{ZERO WIDTH SPACE}", text)


def _span(span: Span) -> dict[str, Any]:
    return {"text": span.text, "to": span.to, "strong": span.strong}


def _table(one: Table) -> dict[str, Any]:
    return {
        "name": one.name,
        "finding": breakable(one.finding),
        "caption": breakable(one.caption),
        "header": one.header,
        "numeric": sorted(one.numeric),
        "widths": _widths(one),
        "anchors": one.anchors or [""] * len(one.rows),
        "rows": [[_cell(cell) for cell in row] for row in one.rows],
    }


def _widths(one: Table) -> list[int]:
    """By column, its share of the room by its longest text; 0 for one as narrow as it may be."""
    return [_share(one, n) for n in range(len(one.header))]


def _share(one: Table, n: int) -> int:
    texts = [row[n].text for row in one.rows]
    longest = max(map(len, texts), default=0)
    unbroken = longest <= _WORD and not any(" " in text for text in texts)  # such as an id
    return 0 if n in one.numeric or longest <= 14 or unbroken else min(longest, 160) + 30


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": breakable(cell.text), "to": cell.to, "flag": cell.flag}
