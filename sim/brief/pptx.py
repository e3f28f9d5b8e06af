"""A briefing as slides of 16:9: one finding each, native tables, the sources in the notes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Inches, Pt

from sim.brief.content import PROGRAM, Briefing, Paragraph, Part, Picture, Table
from sim.brief.slide_tables import (
    FOOT,
    HEIGHT,
    MARGIN,
    POINTS_PER_INCH,
    ROOM,
    TOP,
    WIDTH,
    add_table,
    colour_of,
    look,
)
from sim.brief.titles import short
from sim.plots.page import raster
from sim.plots.style import DPI, INK, SOFT, WARNING, drawable, wrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.plots.page import Size

_TITLES = ((75, 28), (130, 24), (190, 20), (320, 17), (10_000, 14.5))
"""Up to how many letters a title is set in which size, in points."""
_LONGEST = 376
_WORDS = ((500, 22), (900, 18), (1400, 16), (10**9, 14))
"""Up to how many letters the words of a slide are set in which size, in points; what does not fit
is set smaller, and what does not fit in the smallest stands on a further slide."""
_SMALLEST = 12
_BESIDE = (14, 13, 12, 11, 10, 9)
"""The same for words beside a figure."""
_LEFT = 8.0
"""How wide words beside a figure are, in inches."""


def pptx(briefing: Briefing) -> bytes:
    """Set a briefing as slides; the same content gives the same bytes."""
    deck = Presentation()
    _widen(deck)
    untold: list[str] = []
    for part in briefing.parts:
        if not part.slides:
            untold += _notes_of(part)
            continue
        for number, block in enumerate(_shown(part)):
            slide = deck.slides.add_slide(deck.slide_layouts[5])
            _slide(slide, part, block, first=number == 0, briefing=briefing)
    frame = slide.notes_slide.notes_text_frame
    frame.text = "\n".join(filter(None, (frame.text, *untold)))
    _properties(deck, briefing)
    file = io.BytesIO()
    deck.save(file)
    return _without_times(file.getvalue())


def _widen(deck: Any) -> None:
    """Make the built-in template 16:9, its layouts too."""
    share = Inches(WIDTH) / deck.slide_width
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    for layout in (deck.slide_master, *deck.slide_layouts):
        for shape in layout.placeholders:
            shape.left, shape.width = Emu(int(shape.left * share)), Emu(int(shape.width * share))


def _properties(deck: Any, briefing: Briefing) -> None:
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = (
        briefing.title[:250],
        briefing.by or "truce-sim",
        briefing.by or "truce-sim",
    )
    properties.subject, properties.keywords = briefing.subtitle, briefing.marking
    properties.comments, properties.category = briefing.made, PROGRAM
    properties.created = properties.modified = dt.datetime.combine(briefing.day, dt.time(12))
    properties.revision = 1


def _without_times(contents: bytes) -> bytes:
    """Return the same archive with all its files of one day."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contents)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return file.getvalue()


# ------------------------------------------------------------------ slides


class _Words(NamedTuple):
    """Words of a part that have a slide of their own, and in which size they are set, in points.

    ``head`` is how much of the slide above them is taken, in inches; ``more`` tells further slides
    of a part from its first; ``beside`` is a figure that stands right of them.
    """

    paragraphs: tuple[Paragraph, ...]
    size: float
    head: float
    more: str
    beside: Picture | None = None

    @property
    def wide(self) -> float:
        """How wide the words are, in inches."""
        return WIDTH - 2 * MARGIN if self.beside is None else _LEFT

    def finding(self, part: Part) -> str:
        """The title of the slide."""
        return f"{part.finding}{self.more}"


_Shown = Picture | Table | _Words


def _shown(part: Part) -> Iterator[_Shown]:
    """What of a part has a slide of its own: pictures and tables, or else its words."""
    own = [b for b in part.blocks if isinstance(b, Picture) or (isinstance(b, Table) and b.slide)]
    if part.name == "answer":
        beside = next((block for block in own if isinstance(block, Picture)), None)
        yield from _pages(part, beside)
        yield from (block for block in own if block is not beside)
        return
    if not own:
        yield from _pages(part)
    yield from own


def _pages(part: Part, beside: Picture | None = None) -> Iterator[_Words]:
    """Words of a part, on as few slides as they fit on in letters that are not too small.

    What answers the question is the title of its slide, and not set again below it.
    """
    head = 0.55 if part.name == "answer" and beside is None else 0.0
    shown = [p for p in part.paragraphs() if p.kind not in ("command", "answer")]
    letters = sum(len(paragraph.text) for paragraph in shown)
    sizes = [size for most, size in _WORDS if letters <= most] + [_SMALLEST]
    if beside is not None:
        sizes = [*_BESIDE]
    first = _Words((), 0.0, head, "", beside)
    for size in sizes:
        pages = [*_packed(shown, size, ROOM - head, first.wide)]
        if len(pages) == 1:
            break
    for number, page in enumerate(pages, 1):
        more = f" ({number} of {len(pages)})" if len(pages) > 1 else ""
        yield _Words(tuple(page), size, head, more, beside if number == 1 else None)


def _packed(
    shown: list[Paragraph], size: float, room: float, wide: float
) -> Iterator[list[Paragraph]]:
    """Lay paragraphs on slides, as many as fit on each; a heading stays with what follows."""
    page: list[Paragraph] = []
    left = room
    for number, one in enumerate(shown):
        high = _high(one, size, wide)
        following = (
            _high(shown[number + 1], size, wide) if _is_heading(one, shown[number + 1 :]) else 0.0
        )
        if page and high + following > left:
            yield page
            page, left = [], room
        page.append(one)
        left -= high
    yield page


def _is_heading(one: Paragraph, following: list[Paragraph]) -> bool:
    return bool(following) and all(span.strong for span in one.spans)


def _high(one: Paragraph, size: float, wide: float) -> float:
    """How high a paragraph is with the space below it, in inches."""
    lines = len(wrap(drawable(f"•  {one.text}"), (wide - 0.2) * DPI, size))
    return (1.2 * lines + 0.5) * size / POINTS_PER_INCH


def _slide(slide: Any, part: Part, block: _Shown, *, first: bool, briefing: Briefing) -> None:
    _title(slide, block.finding(part) if isinstance(block, _Words) else block.finding)
    caption = ""
    if isinstance(block, Picture):
        _picture(slide, block, briefing.marking)
        caption = block.caption
    elif isinstance(block, _Words) and block.beside is not None:
        _words(slide, block, briefing)
        _picture(slide, block.beside, briefing.marking, left=MARGIN + _LEFT + 0.2)
        caption = f"{_head(briefing)} · {block.beside.caption}"
    elif isinstance(block, Table):
        caption = add_table(slide, block)
    else:
        _words(slide, block, briefing)
    _text(slide, caption or briefing.subtitle, FOOT + 0.02, 0.45, size=10, colour=SOFT)
    notes = [*_notes(part, block, first=first), *_marked(briefing)]
    slide.notes_slide.notes_text_frame.text = "\n".join(notes)
    if briefing.made:
        box = _text(slide, "", 0.02, 0.33, size=9, colour=INK)
        for number, line in enumerate(_marked(briefing)):
            paragraph = box.paragraphs[0] if number == 0 else box.add_paragraph()
            paragraph.text = line
            look(
                paragraph, 9 if line == briefing.marking else 8, INK, bold=line == briefing.marking
            )
            paragraph.alignment = PP_ALIGN.CENTER


def _marked(briefing: Briefing) -> list[str]:
    """The lines that stand on every slide."""
    return [line for line in (briefing.marking, briefing.made) if line]


def _title(slide: Any, finding: str) -> None:
    text = finding if len(finding) <= _LONGEST else f"{finding[: _LONGEST - 1].rstrip()}…"
    title = slide.shapes.title
    title.left, title.top = Inches(MARGIN), Inches(0.35)
    title.width, title.height = Inches(WIDTH - 2 * MARGIN), Inches(1.1)
    frame = title.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.text = text
    size = next(size for letters, size in _TITLES if len(text) <= letters)
    look(frame.paragraphs[0], size, INK, bold=True)


def _text(
    slide: Any,
    text: str,
    top: float,
    height: float,
    *,
    size: float,
    colour: str,
    wide: float = WIDTH - 2 * MARGIN,
) -> Any:
    box = slide.shapes.add_textbox(Inches(MARGIN), Inches(top), Inches(wide), Inches(height))
    frame = box.text_frame
    frame.word_wrap = True
    frame.text = text
    look(frame.paragraphs[0], size, colour)
    return frame


def _picture(slide: Any, one: Picture, marking: str, left: float = MARGIN) -> None:
    """Set a figure as large as there is room, in the form in which its words are largest then."""
    room = WIDTH - MARGIN - left
    sizes: tuple[Size, ...] = ("slide", "page") if left == MARGIN else ("column", "page")
    figure = max(map(one.draw, sizes), key=lambda drawn: _scale(drawn, room))
    shape = slide.shapes.add_picture(io.BytesIO(raster(figure, marking)), 0, 0)
    share = min(Inches(room) / shape.width, Inches(ROOM) / shape.height)
    shape.width, shape.height = Emu(int(shape.width * share)), Emu(int(shape.height * share))
    shape.left = Emu(int(Inches(left) + (Inches(room) - shape.width) / 2))
    shape.top = Emu(int(Inches(TOP) + (Inches(ROOM) - shape.height) / 2))
    element = shape._element.nvPicPr.cNvPr
    element.set("descr", one.alt)
    element.set("name", one.name)


def _scale(figure: Figure, room: float) -> float:
    """By how much a figure grows to fill a room so wide, in inches, and its words with it."""
    width, height = figure.get_size_inches()
    return float(min(room / width, ROOM / height))


def _head(briefing: Briefing) -> str:
    return f"{short(briefing.title)} · {briefing.subtitle}"


def _words(slide: Any, page: _Words, briefing: Briefing) -> None:
    """A slide of a part's own words; above those of the answer stands what the briefing is of."""
    size, top = page.size, TOP + page.head
    if page.head:
        _text(slide, _head(briefing), TOP, 0.4, size=16, colour=SOFT)
    frame = _text(slide, "", top, FOOT - top, size=size, colour=INK, wide=page.wide)
    for number, one in enumerate(page.paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for span in one.spans:
            run = paragraph.add_run()
            run.text, run.font.bold = span.text, span.strong
            run.font.size = Pt(size)
            colour = WARNING if one.kind == "warning" else INK
            run.font.color.rgb = colour_of(colour)
        if one.kind == "point":
            paragraph.runs[0].text = f"•  {paragraph.runs[0].text}"
        paragraph.space_after = Pt(size / 2)


def _notes(part: Part, block: _Shown, *, first: bool) -> Iterator[str]:
    """What stands behind a slide: its words, where its numbers come from, and the sources."""
    if isinstance(block, Picture):
        yield block.alt
        yield block.caption
    if isinstance(block, Table):
        yield block.caption
        yield from _lines(block)
    if isinstance(block, _Words) and not first:
        yield from (paragraph.text for paragraph in block.paragraphs)
    if isinstance(block, _Words) and block.beside is not None:
        yield block.beside.alt
    if first:
        yield from _notes_of(part)


def _notes_of(part: Part) -> Iterator[str]:
    """The words of a part, and its tables that have no slide."""
    yield from (paragraph.text for paragraph in part.paragraphs())
    for one in part.blocks:
        if isinstance(one, Table) and not one.slide:
            yield ""
            yield one.finding
            yield from _lines(one)


def _lines(one: Table) -> Iterator[str]:
    yield " | ".join(one.header)
    for row in one.rows:
        yield " | ".join(cell.text for cell in row)
