"""The glossary, and how a page of a briefing explains its words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from helpers.pages import Structure, amiss

from sim.brief.content import Briefing, Part, Span, say, table
from sim.brief.html import html
from sim.glossary import GLOSSARY, Reader

DOCS = Path(__file__).parent.parent / "docs"
EVIL = '<b onclick="x">worlds</b> & "members" </title>'


def anchors(page):
    """The anchors of a page's headings."""
    heads = re.findall(r"^#+ (.*)$", (DOCS / page).read_text("utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def page_of(*blocks):
    part = Part("answer", "Members of a heading", blocks)
    return html(Briefing(EVIL, EVIL, dt.date(2000, 1, 1), (part,))).decode()


def terms(text):
    return re.findall(r'<a class="term" href="#([\w-]+)" title="[^"]+">([^<]*)</a>', text)


def test_the_glossary_is_short_sorted_and_leads_to_its_pages():
    words = [one.word.casefold() for one in GLOSSARY]
    assert words == sorted(words)
    assert len(words) <= 30
    assert len({one.anchor for one in GLOSSARY}) == len(words)
    forms = [form for one in GLOSSARY for form in (one.word, *one.also)]
    assert len(set(forms)) == len(forms)
    for one in GLOSSARY:
        assert one.meaning.endswith("."), one.word
        assert len(re.findall(r"[.:] ", one.meaning)) <= 4, one.word
        page, _, anchor = one.page.partition("#")
        assert not anchor or anchor in anchors(page), one.page


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("Worlds and worlds, then a world", ["Worlds"]),
        ("90 % of members, of 100 members", ["90 % of members", "members"]),
        ("90\u00a0% of members", ["90\u00a0% of members"]),
        ("underworld, held-out, truce/world/1.", []),
        ("posterior-2025: priority", []),
        ("", []),
    ],
)
def test_a_word_is_met_whole_and_once(text, met):
    pieces = list(Reader().pieces(text))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, term in pieces if term] == met


def test_a_page_explains_each_word_where_it_first_stands():
    text = page_of(
        say("A ", Span("member of worlds", "answer"), " with dice: ", Span("members", strong=True)),
        say("More members; the horizon", kind="point"),
        say("One more.", kind="point"),
        table("rows", "Finding", ("World", "seed"), (("stakes", "1"),), caption="Base rate"),
    )
    assert amiss(text) == []
    first = ["dice", "members", "horizon", "World", "seed", "Base rate"]
    assert [word for _, word in terms(text)] == first
    listed = re.findall(r'<div id="word-[\w-]+"><dt>([^<]*)</dt>', text)
    assert listed == ["base rate", "dice", "horizon", "member", "seed", "world"]
    assert text.count("<ul>") == 1  # points that follow each other are one list


def test_text_is_explained_without_becoming_markup():
    text = page_of(say(EVIL), say(Span(EVIL, "answer")), say("x ", EVIL, kind="command"))
    assert amiss(text) == []
    assert [word for _, word in terms(text)] == ["worlds", "members"]
    assert not Structure(text).named("b")
    assert not [told for _, told, _ in Structure(text).tags if "onclick" in told]


def test_a_page_without_such_words_has_no_list():
    text = page_of(say("Nothing to explain."))
    assert amiss(text) == []
    assert "glossary" not in text
