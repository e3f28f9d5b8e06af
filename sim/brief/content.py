"""What a briefing is made of: parts of paragraphs, pictures and tables, whatever form they take.

Text is plain text: each form escapes it in its own way. A span may point at a place in the same
document, so that a number leads to its source.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sim.plots.instead import or_words
from sim.text import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.plots.page import Size

PROGRAM = "truce-sim"
"""What made a briefing, as each of its forms says where readers do not see it."""


@dataclass(frozen=True)
class Span:
    """A piece of text, perhaps strong, perhaps pointing at an anchor of the document."""

    text: str
    to: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    A ``warning`` is what the reader must not miss, a ``point`` one of a list, the ``answer`` stands
    out, and a ``command`` is a label and then what to type.
    """

    spans: tuple[Span, ...]
    kind: str = "text"

    @property
    def text(self) -> str:
        """The words alone."""
        return "".join(span.text for span in self.spans)


def say(*pieces: str | Span, kind: str = "text") -> Paragraph:
    """Make a paragraph of pieces of text."""
    return Paragraph(tuple(Span(p) if isinstance(p, str) else p for p in pieces), kind)


@dataclass(frozen=True)
class Picture:
    """A figure with its finding above and where it comes from below.

    Attributes
    ----------
    draw
        Called with a size (`slide`, `page`, `column`), returns the figure without its heading.
    finding
        A sentence: the title of its slide.
    alt
        What the picture shows, in words and numbers, for who does not see it.
    """

    name: str
    finding: str
    alt: str
    caption: str
    draw: Callable[[Size], Figure] = field(compare=False, repr=False)


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text, what it is sorted by, and where it points."""

    text: str
    key: float | str | None = None
    to: str = ""
    flag: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its finding above.

    Attributes
    ----------
    anchors
        The anchor of each row, empty where nothing points at it.
    numeric
        Which columns are set flush right.
    slide
        Whether it gets a slide of its own.
    """

    name: str
    finding: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    anchors: tuple[str, ...] = ()
    numeric: frozenset[int] = frozenset()
    slide: bool = True


@dataclass(frozen=True)
class Levers:
    """Levers over a formula of the odds, which a page in a browser shows and no other form does.

    Attributes
    ----------
    document
        As `sim.page` reads it.
    """

    name: str
    document: Mapping[str, Any] = field(compare=False, repr=False)


Block = Paragraph | Picture | Table | Levers


@dataclass(frozen=True)
class Part:
    """A part with its heading; ``finding`` is its one sentence, the title of its slide of text.

    Without ``slides`` it has none of its own, and stands in the notes of the last one.
    """

    name: str
    heading: str
    blocks: tuple[Block, ...]
    finding: str = ""
    slides: bool = True

    def paragraphs(self) -> list[Paragraph]:
        """Its paragraphs alone."""
        return [block for block in self.blocks if isinstance(block, Paragraph)]


@dataclass(frozen=True)
class Briefing:
    """A whole briefing.

    Attributes
    ----------
    day
        The as-of day: the date of the document.
    marking, made, by
        What stands on every page, slide and figure; who made the briefing, when and from what;
        and who alone. Empty if nothing is marked.
    kind
        What it is, above its title.
    """

    title: str
    subtitle: str
    day: dt.date
    parts: tuple[Part, ...]
    marking: str = ""
    made: str = ""
    by: str = ""
    kind: str = "Odds of a 30-day truce"


def table(
    name: str, finding: str, header: Sequence[str], rows: Sequence[Sequence[Any]], **more: Any
) -> Table:
    """Make a table; what is no cell becomes one."""
    cells = tuple(
        tuple(value if isinstance(value, Cell) else Cell(value) for value in row) for row in rows
    )
    return Table(name, finding, tuple(header), cells, **more)


# ------------------------------------------------------------------ the last look


def checked(briefing: Briefing) -> Briefing:
    """Return a briefing with control characters made visible and without links to nowhere."""
    there = frozenset(_anchors(briefing))
    found: Briefing = _checked(briefing, there)
    return found


def _anchors(briefing: Briefing) -> Iterator[str]:
    for part in briefing.parts:
        yield part.name
        for block in part.blocks:
            if not isinstance(block, Paragraph):
                yield block.name
            if isinstance(block, Table):
                yield from block.anchors


def _checked(value: Any, there: frozenset[str]) -> Any:
    if isinstance(value, str):
        return "".join(c if c == "\u00a0" else printable(c) for c in value)
    if isinstance(value, tuple):
        return tuple(_checked(one, there) for one in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    new = {one.name: _checked(getattr(value, one.name), there) for one in fields(value)}
    if isinstance(value, Span | Cell) and value.to not in there:
        new["to"] = ""
    if isinstance(value, Picture):  # a page is drawn once for all forms
        new["draw"] = functools.cache(or_words(value.draw, value.name))
    return dataclasses.replace(value, **new)
