"""Markings of a briefing: on every page, slide and figure, as plain words, and the same bytes."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import io
import re
import zipfile

import pytest
from helpers.command import truce

from sim import montecarlo, plots
from sim.brief import Cover, Marking, briefing
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.make import briefs_name, write_brief
from sim.brief.pdf import pdf
from sim.brief.pptx import pptx
from sim.errors import ScenarioError
from sim.inputs.scenario import load_scenario
from sim.plots.page import raster, vector

HOSTILE = '</style><script>alert(1)</script>\n#panic("x") $\\frac$ {{ 7 * 7 }}'
SHOWN = " ".join(HOSTILE.split())


@pytest.fixture(scope="module")
def material():
    return gather([montecarlo.run(load_scenario("baseline"), 400, 1)])


@pytest.fixture(scope="module")
def marked(material):
    marking = Marking(HOSTILE, "A. <b>Body</b>", dt.date(2025, 6, 1)).checked()
    told = briefing(dataclasses.replace(material, marking=marking))
    return told, {"html": html(told), "pdf": pdf(told), "pptx": pptx(told)}


def test_a_page_bears_it_as_words_alone(marked):
    told, forms = marked
    text = forms["html"].decode()
    assert text.count("<script>") == 1
    assert text.count("</style>") == 1
    escaped = "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt; #panic"
    assert text.count(escaped) >= 4  # title, head, foot, and what describes the page
    assert "A. &lt;b&gt;Body&lt;/b&gt; on 1 June 2025" in text
    (line,) = re.findall(r"@top-center { content: \"((?:\\[0-9a-f]{6})+)\"", text)
    assert "".join(chr(int(one, 16)) for one in line.split("\\")[1:]) == SHOWN
    assert "through 20 May 2025, ensemble" in told.made
    assert told.marking == SHOWN


def test_each_slide_and_the_properties_bear_it(marked):
    from pptx import Presentation

    told, forms = marked
    deck = Presentation(io.BytesIO(forms["pptx"]))
    for slide in deck.slides:
        shapes = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert f"{told.marking}\n{told.made}" in shapes
        assert told.marking in slide.notes_slide.notes_text_frame.text
    assert deck.core_properties.keywords == SHOWN
    assert deck.core_properties.author == "A. <b>Body</b>"
    assert deck.core_properties.comments == told.made
    with zipfile.ZipFile(io.BytesIO(forms["pptx"])) as parts:
        assert all(entry.date_time == (1980, 1, 1, 0, 0, 0) for entry in parts.infolist())


def test_the_same_marking_gives_the_same_bytes_and_another_does_not(marked, material):
    told, forms = marked
    assert (html(told), pdf(told), pptx(told)) == (forms["html"], forms["pdf"], forms["pptx"])
    plain = briefing(material)
    assert (plain.marking, plain.made, plain.by) == ("", "", "")
    assert b'marking">' not in html(plain)
    assert b"D:20250520" in forms["pdf"]  # the as-of day, whenever it is made


def test_a_briefing_of_another_marking_has_a_folder_of_its_own(marked, material, tmp_path):
    other = dataclasses.replace(material, marking=Marking("Another"))
    asked = dataclasses.replace(other, cover=Cover(question="Will it hold?"))
    short = dataclasses.replace(other, cover=Cover(one_page=True))
    names = {briefs_name(one) for one in (material, other, asked, short)}
    assert len(names) == 4
    start = f"baseline-{material.scenario.as_of}-{material.given[0]}-"
    assert all(name.startswith(start) and len(name) <= 80 for name in names)
    (file,) = write_brief(other, ["html"], None, tmp_path)
    assert file.parent == tmp_path / briefs_name(dataclasses.replace(other))


def test_a_figure_bears_it_below_and_is_itself_unchanged(material):
    figure = plots.odds(material.results, size="page")
    before = vector(figure)
    images = [vector(figure, text) for text in ("RESTRICTED", "$\\frac$")]
    assert len({before, *images}) == 3
    heights = [float(re.search(rb'height="([0-9.]+)pt"', image)[1]) for image in (before, *images)]
    assert heights[1] == heights[2] > heights[0] + 10.0
    assert vector(figure) == before
    assert raster(figure, "RESTRICTED") == raster(figure, "RESTRICTED") != raster(figure)


def test_every_figure_of_a_page_bears_it(marked, material):
    _, forms = marked
    sources = re.findall(rb"data:image/svg[+]xml;base64,([A-Za-z0-9+/=]+)", forms["html"])
    plain = html(briefing(material))
    assert sources
    assert not any(base64.b64encode(base64.b64decode(one)) in plain for one in sources)


@pytest.mark.parametrize(
    ("marking", "said"),
    [
        (Marking("x" * 500), "500 letters"),
        (Marking("  \n"), "no words"),
        (Marking("x", "y" * 61), "61 letters"),
        (Marking(7), "is no text"),
        (Marking("x", date="today"), "is not a day"),
    ],
)
def test_what_cannot_be_a_marking_is_refused(marking, said):
    with pytest.raises(ScenarioError, match=said):
        marking.checked()


def test_without_a_name_or_a_day_none_is_told():
    made = Marking("RESTRICTED").made(dt.date(2025, 5, 20), "abc")
    assert made == "Made from the press read through 20 May 2025, ensemble abc"
    assert Marking().made(dt.date(2025, 5, 20), "abc") == ""


def test_the_command_refuses_a_long_one_before_any_work(tmp_path):
    done = truce("brief", "last", "--marking", "x" * 500, "--runs", tmp_path)
    assert done.returncode == 2
    assert "--marking has 500 letters" in done.stderr.replace(":", "")
    assert "Traceback" not in done.stderr
