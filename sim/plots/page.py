"""What every figure's page has: a finding on top, a key and the provenance below, room between.

All places are in pixels from the top left, at 150 to the inch, so that type has the same size in
every figure. A page is set 17 cm wide, which makes 12 points 10; a column 8.5 cm, which makes
them 8.6.
"""

from __future__ import annotations

import functools
import inspect
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, ParamSpec

from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.errors import SimError
from sim.plots import style
from sim.plots.style import (
    BODY,
    CAPTION,
    DPI,
    HEADING,
    HEIGHT,
    INK,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    balanced,
    drawable,
    left_to_right,
    line_height,
    text_width,
    wrap,
)
from sim.text import shown

P = ParamSpec("P")
Size = Literal["slide", "page", "column"]
Key = Sequence[tuple[Any, str]]
"""What is drawn, each with its words."""


class _Paper(NamedTuple):
    width: int
    margin: int
    top: int
    title: float
    title_lines: int


_PAPERS = {
    "slide": _Paper(1920, 67, 44, TITLE, 2),
    "page": _Paper(1200, 24, 20, 15.5, 3),
    "column": _Paper(700, 20, 18, HEADING, 5),
}
_BARE_MARGIN = 6
_CAPTION_LINES = 3
_UNDER_TITLE = 855
"""Height of a bare slide: what a title of two lines and a line of caption leave, in pixels."""


class Words(NamedTuple):
    """The words around a figure, which a document can set itself.

    Attributes
    ----------
    finding
        What the figure shows, as a sentence.
    caption
        Where the numbers come from.
    below
        What the numbers are, under the finding.
    title
        Put before the finding; shortened where there is no room for both.
    warning
        What the reader must not miss.
    """

    finding: str
    caption: str
    below: str = ""
    title: str = ""
    warning: str = ""


class NotebookFigure(Figure):
    """A figure that a notebook shows as a picture when it ends a cell, without pyplot."""

    def _repr_png_(self) -> bytes:
        return raster(self)


def figure_of(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the style of the project, in a size that there is.

    Raises
    ------
    SimError
        If there is no such size.
    """
    signature = inspect.signature(draw)

    @functools.wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        size = signature.bind(*args, **kwargs).arguments.get("size", "slide")
        if size not in _PAPERS:
            raise SimError("size", f"{shown(size)} is none.", f"There are: {', '.join(_PAPERS)}.")
        with style.style():
            return draw(*args, **kwargs)

    return drawn


@dataclass(frozen=True)
class Sheet:
    """A rectangle of a figure to draw in, with places in pixels from its top left.

    Attributes
    ----------
    size
        What the figure is for: `slide`, `page` or `column`.
    left, top
        Where it begins on the figure.
    width, height
        How large it is.
    """

    figure: Figure
    size: Size
    left: float
    top: float
    width: float
    height: float

    def part(self, left: float, top: float, width: float, height: float) -> Sheet:
        """Return a rectangle within this one."""
        return replace(self, left=self.left + left, top=self.top + top, width=width, height=height)

    def axes(self, left: float, top: float, width: float, height: float, label: str) -> Axes:
        """Add axes; what is written around them is not counted in their size."""
        across, down = self.figure.get_size_inches() * DPI
        bottom = 1.0 - (self.top + top + height) / down
        place = ((self.left + left) / across, bottom, width / across, height / down)
        return self.figure.add_axes(place, label=label)

    def text(self, left: float, top: float, words: str, **look: Any) -> Text:
        """Write words whose top left is at a place, unless ``ha`` or ``va`` say otherwise."""
        across, down = self.figure.get_size_inches() * DPI
        place = (self.left + left) / across, 1.0 - (self.top + top) / down
        return self.figure.text(*place, left_to_right(words), **{"va": "top", **look})

    def title(self, words: str, left: float = 0.0) -> None:
        """Write the title of a panel at the top of this rectangle, in a line."""
        shown = style.fitting(words, self.width - left, HEADING, weight="bold")
        self.text(left, 0.0, shown, size=HEADING, weight="bold")

    def below_title(self) -> Sheet:
        """Return what is left below the title of a panel."""
        return self.part(0.0, TITLE_ROOM, self.width, self.height - TITLE_ROOM)


TITLE_ROOM = 48.0
"""Height of a panel's title with the air below it."""


def new_sheet(size: Size, words: Words, height: float, key: Key = (), *, bare: bool) -> Sheet:
    """Return the room between heading and footer of a new figure.

    Parameters
    ----------
    size
        `slide` is 1920 by 1080 pixels whatever the content, or by 855 if bare; `page` and
        `column` are as high as their content.
    words
        Heading and footer, which ``bare`` leaves away.
    height
        Of the content, in pixels; for a page or a column.
    key
        Drawn below the content, always.
    """
    paper = _PAPERS[size]
    margin = _BARE_MARGIN if bare else paper.margin
    inner = paper.width - 2.0 * margin
    head = [] if bare else _heading(words, paper, inner)
    foot = [] if bare else _footer(words, inner)
    rows = _key_rows(key, inner)
    above = (paper.top if head else _BARE_MARGIN) + sum(line.room for line in head)
    below = _BARE_MARGIN + _foot_room(foot, size) + sum(row.height for row in rows)
    down = above + height + below
    if size == "slide":
        down = _UNDER_TITLE if bare else HEIGHT
    figure = NotebookFigure(figsize=(paper.width / DPI, down / DPI))
    page = Sheet(figure, size, margin, 0.0, inner, down)
    _write_heading(page, head, paper.top)
    _write_footer(page, foot)
    _draw_key(page, rows, down - _BARE_MARGIN - _foot_room(foot, size))
    return page.part(0.0, above, inner, down - above - below)


# ------------------------------------------------------------------ heading and footer


class _Line(NamedTuple):
    text: str
    look: dict[str, Any]
    room: float


def _heading(words: Words, paper: _Paper, inner: float) -> list[_Line]:
    """The lines on top, each with the room it takes."""
    title = titled(words.title, words.finding, inner, paper.title, paper.title_lines)
    look = {"size": paper.title, "weight": "bold", "gid": "title"}
    lines = [_Line(text, look, line_height(paper.title)) for text in title]
    look = {"size": BODY, "color": SOFT, "gid": "below"}
    below = wrap(words.below, inner, BODY) if words.below else []
    lines += [_Line(text, look, line_height(BODY)) for text in below]
    look = {"size": BODY, "color": WARNING, "weight": "bold", "gid": "prior"}
    warning = wrap(words.warning, inner, BODY, "bold") if words.warning else []
    lines += [_Line(text, look, line_height(BODY)) for text in warning]
    last = lines[-1]
    return [*lines[:-1], last._replace(room=last.room + 14.0)]


def titled(title: str, said: str, width: float, size: float, most: int = 2) -> list[str]:
    """Return title and finding in at most so many lines.

    A long title is shortened; the finding never is, and may take more lines than ``most``.
    """

    def lines(kept: int) -> list[str]:
        short = title if kept == len(title) else f"{title[:kept].rstrip()}…"
        return wrap(f"{short}: {said}" if title else said, width, size, "bold")

    low, high = 0, len(title)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(lines(middle)) <= most else (low, middle - 1)
    return balanced(lines(low), width, size, "bold")


def _write_heading(page: Sheet, lines: list[_Line], top: float) -> None:
    y = top
    for line in lines:
        page.text(0.0, y, line.text, **line.look)
        y += line.room


def _footer(words: Words, inner: float) -> list[str]:
    """The lines of the caption; one that is too long is cut short at its end."""
    lines = wrap(words.caption, inner, CAPTION)
    most = _CAPTION_LINES if inner > 1000 else 3 * _CAPTION_LINES
    if len(lines) <= most:
        return balanced(lines, inner, CAPTION)
    kept = wrap(lines[most - 1], inner - 320.0, CAPTION)[0].rstrip(",")
    return [*lines[: most - 1], f"{kept} … (all in the manifest)"]


def _foot_room(lines: list[str], size: Size) -> float:
    if not lines:
        return 0.0
    return len(lines) * line_height(CAPTION) + 10.0 + (18.0 if size == "slide" else 6.0)


def _write_footer(page: Sheet, lines: list[str]) -> None:
    if lines:
        y = page.height - _BARE_MARGIN - _foot_room(lines, page.size) + 10.0
        look = {"size": CAPTION, "color": SOFT, "linespacing": 1.3, "gid": "caption"}
        page.text(0.0, y, "\n".join(lines), **look)


# ------------------------------------------------------------------ key


class _KeyRow(NamedTuple):
    items: list[tuple[Any, str]]
    height: float


_HANDLE, _GAP = 56.0, 40.0


def _key_rows(key: Key, inner: float) -> list[_KeyRow]:
    """Fill lines with the items of a key, from left to right."""
    rows: list[_KeyRow] = []
    used = inner
    for handle, words in key:
        lines = wrap(words, inner - _HANDLE, SMALL)
        width = _HANDLE + max(text_width(line, SMALL) for line in lines) + _GAP
        high = len(lines) * line_height(SMALL) + 2.0
        if not rows or used + width - _GAP > inner:
            rows.append(_KeyRow([], 0.0))
            used = 0.0
        items = [*rows[-1].items, (handle, "\n".join(lines))]
        rows[-1] = _KeyRow(items, max(rows[-1].height, high))
        used += width
    return rows


def _draw_key(page: Sheet, rows: list[_KeyRow], bottom: float) -> None:
    """Draw the rows of a key, the last one down to ``bottom``."""
    y = bottom - sum(row.height for row in rows)
    across, down = page.figure.get_size_inches() * DPI
    pixel = 72.0 / DPI / SMALL  # a legend measures in its type's size
    for row in rows:
        x = page.left
        for handle, words in row.items:
            legend = page.figure.legend(
                [handle],
                [words],
                loc="upper left",
                bbox_to_anchor=(x / across, 1.0 - y / down),
                numpoints=2 if isinstance(handle, tuple) else 1,
                borderpad=0.0,
                borderaxespad=0.0,
                handlelength=(_HANDLE - 14.0) * pixel,
                handletextpad=14.0 * pixel,
                fontsize=SMALL,
                labelcolor=INK,
            )
            legend.set_gid("key")
            longest = max(text_width(line, SMALL) for line in words.split("\n"))
            x += _HANDLE + longest + _GAP
        y += row.height


# ------------------------------------------------------------------ files


def save_figure(figure: Figure, folder: Path, name: str) -> None:
    """Write a figure as ``name.png`` at 150 dots to the inch and ``name.svg``.

    The same figure gives the same bytes: no date is written, and words in the SVG are outlines.
    """
    with style.style():
        (folder / f"{name}.png").write_bytes(raster(figure))
        (folder / f"{name}.svg").write_bytes(vector(figure))


_MARKED = 34.0
"""Room for a marking below a figure, in pixels."""


def raster(figure: Figure, marking: str = "") -> bytes:
    """Return a figure as PNG, at 150 dots to the inch; a marking is set below it."""
    canvas = FigureCanvasAgg(figure)
    packed = {"compress_level": 3}  # half the time of the usual level for 3 % more bytes
    how = {"metadata": {"Software": None}, "pil_kwargs": packed}
    return _printed(canvas, marking, format="png", **how)


def vector(figure: Figure, marking: str = "") -> bytes:
    """Return a figure as SVG, its words as outlines; a marking is set below it."""
    nothing = {"Date": None, "Creator": None}
    return _printed(FigureCanvasSVG(figure), marking, format="svg", metadata=nothing)


def _printed(canvas: FigureCanvasBase, marking: str, **how: Any) -> bytes:
    file = io.BytesIO()
    figure = canvas.figure
    with style.style():
        if not marking:
            canvas.print_figure(file, **how)
            return file.getvalue()
        width, height = figure.get_size_inches()
        line, below = one_line(marking), _MARKED / DPI
        wide = style.text_width(line, SMALL, "bold")
        size = SMALL * min(1.0, (width * DPI - 20.0) / max(wide, 1.0))
        text = figure.text(0.5, -0.5 * below / height, line, size=size, weight="bold", ha="center",
                           va="center", color=style.INK, parse_math=False)  # fmt: skip
        box = Bbox.from_extents(0.0, -below, width, height)
        canvas.print_figure(file, bbox_inches=box, **how)
        text.remove()
    return file.getvalue()


def one_line(text: str) -> str:
    """Return text from a user in one line, of letters that the font has."""
    return drawable(" ".join(text.split()))
