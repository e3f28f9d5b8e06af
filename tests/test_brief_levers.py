"""Levers in a briefing: on the HTML page they move, elsewhere they are a figure and a sentence."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from helpers.briefings import blocks, part_of
from helpers.command import truce
from helpers.explored import an_explored

import sim
from sim.brief.content import Levers, Picture
from sim.brief.html import html
from sim.brief.inputs import gather, with_levers
from sim.brief.make import briefing
from sim.brief.pdf import pdf
from sim.brief.pptx import pptx


@pytest.fixture(scope="module")
def material():
    return gather([sim.run("baseline", worlds=400), an_explored()])


@pytest.fixture(scope="module")
def told(material):
    return briefing(material)


def test_the_part_has_a_figure_an_error_and_the_levers(told):
    part = part_of(told, "levers")
    assert len(blocks(part, Picture)) == len(blocks(part, Levers)) == 1
    check = an_explored().as_dict()["check"]
    assert f"by {100.0 * check['rmse']:.2f} points" in " ".join(p.text for p in part.paragraphs())


def test_the_page_allows_the_levers_script_and_no_other(told):
    page = html(told).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    named = re.findall(r"sha256-[\w+/=]+", policy[1].partition("script-src")[2].partition(";")[0])
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts]
    assert sorted(named) == sorted(f"sha256-{one}" for one in hashes)
    assert len(named) == 2
    assert page.count('type="application/json"') == 1


def test_without_levers_the_page_has_none_of_it():
    page = html(briefing(gather([sim.run("baseline", worlds=400)]))).decode()
    assert "lv-" not in page
    assert page.count("<script>") == 1


def test_on_paper_and_slides_there_is_the_figure_alone(told):
    assert pdf(told).startswith(b"%PDF")
    assert pptx(told).startswith(b"PK")


def test_levers_that_are_there_are_taken(material):
    assert with_levers(material) is material


def test_levers_for_paper_alone_are_refused(tmp_path):
    for words in (("--format", "pdf"), ("--one-page",)):
        done = truce("brief", "last", "--with-levers", *words, cwd=tmp_path)
        assert done.returncode == 2
        assert "--with-levers: puts levers into the parts of the HTML page" in done.stderr
