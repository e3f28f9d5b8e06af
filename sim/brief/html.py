"""A briefing as one HTML file that asks for nothing from anywhere."""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.brief.content import PROGRAM, Levers
from sim.glossary import Reader
from sim.page import levers_part
from sim.page.pack import digest
from sim.plots.page import vector

if TYPE_CHECKING:
    from sim.brief.content import Briefing, Picture
    from sim.plots.page import Size


def html(briefing: Briefing) -> bytes:
    """Set a briefing as HTML; the same content gives the same bytes.

    Its content policy lets a browser use nothing but the figures within, and no style and no script
    but ours, named by their hashes: what a title may hold is shown and never run.
    A word of the glossary leads, where it first stands, to its explanation at the end of the page.
    """
    environment = Environment(
        loader=PackageLoader("sim.brief", "forms"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__.lower()
    page = environment.get_template("brief.html.jinja")
    source = functools.partial(_source, marking=briefing.marking)
    words = Reader()
    levers = next((levers_part(one.document) for one in _levers(briefing)), None)
    return page.render(
        briefing=briefing,
        source=source,
        css=_css,
        words=words,
        digest=digest,
        program=PROGRAM,
        levers=levers,
    ).encode()


def _levers(briefing: Briefing) -> Iterator[Levers]:
    for part in briefing.parts:
        yield from (block for block in part.blocks if isinstance(block, Levers))


def _source(picture: Picture, size: Size, marking: str) -> str:
    """A figure as a data URI."""
    image = base64.b64encode(vector(picture.draw(size), marking)).decode()
    return f"data:image/svg+xml;base64,{image}"


def _css(text: str) -> str:
    """Text as a string of a style sheet, of digits alone, so that nothing in it can end it."""
    return '"' + "".join(f"\\{ord(letter):06x}" for letter in text) + '"'
