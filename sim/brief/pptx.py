"""A briefing as slides of 16:9: one finding each, native tables, the sources in the notes."""

from __future__ import annotations

import datetime as dt
import io
import math
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml.etree import SubElement
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from sim.brief.answer import short
from sim.brief.content import Briefing, Paragraph, Part, Picture, Table
from sim.plots.page import raster
from sim.plots.style import DPI, INK, RULE, SOFT, WARNING, drawable, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 13.333, 7.5
"""Inches."""
MARGIN, TOP, FOOT = 0.6, 1.55, 6.95
_ROOM = FOOT - TOP
_GAP = 0.12
"""Between a table and the words below it, in inches."""
_POINTS_PER_INCH = 72.0
_TITLES = ((75, 28), (130, 24), (190, 20), (320, 17), (10_000, 14.5))
"""Up to how many letters a title is set in which size, in points."""
_LONGEST = 376
_WORDS = ((500, 22), (900, 18), (1400, 16), (10**9, 14))
"""Up to how many letters the words of a slide are set in which size, in points; what does not fit
is set smaller, and what does not fit in the smallest stands on a further slide."""
_TABLES = (18.0, 16.0, 14.0, 12.0, 10.5)
"""Type sizes of tables, in points: the largest in which all rows fit."""


def pptx(briefing: Briefing) -> bytes:
    """Set a briefing as slides; the same content gives the same bytes."""
    deck = Presentation()
    _widen(deck)
    for part in briefing.parts:
        for number, block in enumerate(_shown(part)):
            slide = deck.slides.add_slide(deck.slide_layouts[5])
            _slide(slide, part, block, first=number == 0, briefing=briefing)
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
    properties.comments = briefing.made
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
    of a part from its first.
    """

    paragraphs: tuple[Paragraph, ...]
    size: float
    head: float
    more: str

    def finding(self, part: Part) -> str:
        """The title of the slide."""
        return f"{part.finding}{self.more}"


_Shown = Picture | Table | _Words


def _shown(part: Part) -> Iterator[_Shown]:
    """What of a part has a slide of its own: pictures and tables, or else its words."""
    own = [b for b in part.blocks if isinstance(b, Picture) or (isinstance(b, Table) and b.slide)]
    if part.name == "answer" or not own:
        yield from _pages(part)
    yield from own


def _pages(part: Part) -> Iterator[_Words]:
    """Words of a part, on as few slides as they fit on in letters that are not too small."""
    head = 0.55 if part.name == "answer" else 0.0
    shown = [p for p in part.paragraphs() if p.kind != "command"]
    letters = sum(len(paragraph.text) for paragraph in shown)
    largest = next(size for most, size in _WORDS if letters <= most)
    for size in (one for _, one in _WORDS if one <= largest):
        pages = [*_packed(shown, size, _ROOM - head)]
        if len(pages) == 1:
            break
    for number, page in enumerate(pages, 1):
        more = f" ({number} of {len(pages)})" if len(pages) > 1 else ""
        yield _Words(tuple(page), size, head, more)


def _packed(shown: list[Paragraph], size: float, room: float) -> Iterator[list[Paragraph]]:
    """Lay paragraphs on slides, as many as fit on each; a heading stays with what follows."""
    page: list[Paragraph] = []
    left = room
    for number, one in enumerate(shown):
        high = _high(one, size)
        following = _high(shown[number + 1], size) if _is_heading(one, shown[number + 1 :]) else 0.0
        if page and high + following > left:
            yield page
            page, left = [], room
        page.append(one)
        left -= high
    yield page


def _is_heading(one: Paragraph, following: list[Paragraph]) -> bool:
    return bool(following) and all(span.strong for span in one.spans)


def _high(one: Paragraph, size: float) -> float:
    """How high a paragraph is with the space below it, in inches."""
    wide = (WIDTH - 2 * MARGIN - 0.2) * DPI
    lines = len(wrap(drawable(f"•  {one.text}"), wide, size))
    return (1.2 * lines + 0.5) * size / _POINTS_PER_INCH


def _slide(slide: Any, part: Part, block: _Shown, *, first: bool, briefing: Briefing) -> None:
    _title(slide, block.finding(part) if isinstance(block, _Words) else block.finding)
    caption = ""
    if isinstance(block, Picture):
        _picture(slide, block, briefing.marking)
        caption = block.caption
    elif isinstance(block, Table):
        caption = _table(slide, block)
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
            _look(
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
    _look(frame.paragraphs[0], size, INK, bold=True)


def _colour(name: str) -> Any:
    colour: Any = RGBColor
    return colour.from_string(name.lstrip("#"))


def _look(paragraph: Any, size: float, colour: str, *, bold: bool = False) -> None:
    paragraph.alignment = PP_ALIGN.LEFT
    for run in paragraph.runs:
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = _colour(colour)


def _text(slide: Any, text: str, top: float, height: float, *, size: float, colour: str) -> Any:
    box = slide.shapes.add_textbox(
        Inches(MARGIN), Inches(top), Inches(WIDTH - 2 * MARGIN), Inches(height)
    )
    frame = box.text_frame
    frame.word_wrap = True
    frame.text = text
    _look(frame.paragraphs[0], size, colour)
    return frame


def _picture(slide: Any, one: Picture, marking: str) -> None:
    """Set a figure as large as there is room, drawn for a page if its words are larger then."""
    figure = max((one.draw("slide"), one.draw("page")), key=_scale)
    shape = slide.shapes.add_picture(io.BytesIO(raster(figure, marking)), 0, 0)
    share = min(Inches(WIDTH - 2 * MARGIN) / shape.width, Inches(_ROOM) / shape.height)
    shape.width, shape.height = Emu(int(shape.width * share)), Emu(int(shape.height * share))
    shape.left = Emu(int((Inches(WIDTH) - shape.width) / 2))
    shape.top = Emu(int(Inches(TOP) + (Inches(_ROOM) - shape.height) / 2))
    element = shape._element.nvPicPr.cNvPr
    element.set("descr", one.alt)
    element.set("name", one.name)


def _scale(figure: Figure) -> float:
    """By how much a figure grows to fill the room, and its words with it."""
    width, height = figure.get_size_inches()
    return float(min((WIDTH - 2 * MARGIN) / width, _ROOM / height))


def _words(slide: Any, page: _Words, briefing: Briefing) -> None:
    """A slide of a part's own words; above those of the answer stands what the briefing is of."""
    size, top = page.size, TOP + page.head
    if page.head:
        head = f"{short(briefing.title)} · {briefing.subtitle}"
        _text(slide, head, TOP, 0.4, size=16, colour=SOFT)
    frame = _text(slide, "", top, FOOT - top, size=size, colour=INK)
    for number, one in enumerate(page.paragraphs):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        for span in one.spans:
            run = paragraph.add_run()
            run.text, run.font.bold = span.text, span.strong
            run.font.size = Pt(size)
            colour = WARNING if one.kind == "warning" else INK
            run.font.color.rgb = _colour(colour)
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
    if first:
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


# ------------------------------------------------------------------ tables


def _table(slide: Any, one: Table) -> str:
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
    _look(paragraph, size, colour)
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
    left = _ROOM - _GAP - _height(one.header, widths, size)
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
    return lines * 1.22 * size / _POINTS_PER_INCH + 0.07
