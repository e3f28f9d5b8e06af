"""Slides hold what is set on them: words go on on a further slide, tables end above their note."""

import datetime as dt
import io

import pytest
from pptx import Presentation

from sim.brief.content import Briefing, Part, Span, say, table
from sim.brief.pptx import FOOT, pptx
from sim.plots.style import DPI, text_width

LINE = "One of many sentences that say what the odds do not say, and at some length. "


def deck_of(*blocks, name="method"):
    part = Part(name, "Limits", tuple(blocks), "This is what it rests on")
    told = Briefing("Baseline", "As of some day", dt.date(2035, 1, 1), (part,))
    return Presentation(io.BytesIO(pptx(told)))


@pytest.mark.parametrize("name", ["method", "answer"])
def test_words_that_do_not_fit_go_on_on_a_further_slide(name):
    blocks = []
    for number in range(15):
        blocks.append(say(Span(f"Heading {number}.", strong=True)))
        blocks.append(say(f"Point {number}. ", LINE * (1 + number % 4), kind="point"))
    deck = deck_of(*blocks, name=name)
    assert len(deck.slides) > 1
    shown = []
    for number, slide in enumerate(deck.slides, 1):
        assert slide.shapes.title.text_frame.text.endswith(f"({number} of {len(deck.slides)})")
        assert slide.notes_slide.notes_text_frame.text
        box = [shape for shape in slide.shapes if shape.has_text_frame][-2]
        paragraphs = box.text_frame.paragraphs
        high = 0.0
        for paragraph in paragraphs:
            size = paragraph.runs[0].font.size.pt
            wide = text_width(paragraph.text, size) / DPI
            high += (int(wide / (box.width.inches - 0.2)) + 1) * 1.17 * size / 72.0
            high += paragraph.space_after.inches
        assert box.top.inches + high < FOOT + 0.1
        assert not paragraphs[-1].text.startswith("Heading")
        shown += [paragraph.text.removeprefix("•  ") for paragraph in paragraphs]
    assert shown == [block.text for block in blocks]


def test_few_words_stand_on_one_slide_under_the_finding_alone():
    (slide,) = deck_of(say("A few words.")).slides
    assert slide.shapes.title.text_frame.text == "This is what it rests on"


@pytest.mark.parametrize("count", [3, 16, 17, 40])
def test_a_table_ends_above_its_note(count):
    rows = [(f"Row {n} of what arrived", "18 Jun 2025", "+0.5") for n in range(count)]
    header = ("What arrived", "Public on", "Points")
    (slide,) = deck_of(table("rows", "What arrived", header, rows, caption="A note.")).slides
    (frame,) = [shape for shape in slide.shapes if shape.has_table]
    high = sum(row.height.inches for row in frame.table.rows)
    assert frame.top.inches + high < FOOT - 0.1
    size = frame.table.cell(0, 0).text_frame.paragraphs[0].runs[0].font.size.pt
    assert all(row.height.inches > 1.2 * size / 72.0 + 0.06 for row in frame.table.rows)
