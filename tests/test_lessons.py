"""The lessons: cells that parse, names and links that there are. `make docs` runs them."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

DOCS = Path(__file__).parent.parent / "docs"
LESSONS = sorted((DOCS / "lessons").glob("*.md"))
FRONT = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""
OPTIONS = r"---\n.*?^---\n|(?::\w+: [^\n]*\n)+\n"
CELL = re.compile(rf"^```\{{code-cell\}} python\n({OPTIONS})?(.*?)^```$", re.M | re.S)


class Cell(NamedTuple):
    options: str
    code: str

    @property
    def is_hidden(self):
        return "remove-cell" in self.options


def cells_of(text):
    return [Cell(*found) for found in CELL.findall(text)]


def prose_of(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def slugs_of(page):
    """The anchors of a page's headings, as the book makes them."""
    heads = re.findall(r"^#{1,4} (.+)$", prose_of(page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


@pytest.fixture
def text(lesson):
    return lesson.read_text(encoding="utf-8")


def test_there_are_six_and_the_book_has_them_all():
    assert len(LESSONS) == 6
    listed = re.findall(r"^lessons/(\S+)$", (DOCS / "learn.md").read_text("utf-8"), re.M)
    assert sorted(listed) == [lesson.stem for lesson in LESSONS]


def test_a_lesson_is_a_notebook_in_text(text):
    assert text.startswith(FRONT)
    assert text.count("```{code-cell}") == len(cells_of(text)) >= 6
    assert ">>>" not in text


def test_cells_are_python_without_magic(text):
    for cell in cells_of(text):
        assert not re.search(r"^\s*[%!?]|[?]$", cell.code, re.M), cell.code
        ast.parse(cell.code)


def test_lines_that_are_shown_fit_the_page(text):
    for cell in cells_of(text):
        for line in cell.code.splitlines():
            assert len(line) <= (100 if cell.is_hidden else 70), line


def test_every_picture_is_told_in_words_that_hold_for_every_ensemble(text):
    pictures = [
        cell
        for cell in cells_of(text)
        if re.search(r"^(sim\.plots\.|figure, axes)", cell.code, re.M)
    ]
    assert pictures
    for cell in pictures:
        (words,) = re.findall(r'^    alt: "(.+)"$', cell.options, re.M)
        assert len(words) > 60
        assert "%" not in words


def test_a_lesson_decides_something_guards_it_and_ends(text):
    assert "**What it decides.**" in text
    assert any(cell.is_hidden and "assert " in cell.code for cell in cells_of(text))
    learned = text[text.index("## What you have learned\n") :]
    assert len(re.findall(r"^- ", learned, re.M)) == 3
    assert "**Read on:**" in learned


def test_prose_has_no_number_of_odds(text):
    """A new ensemble moves them; what a cell prints stays right."""
    without = re.sub(r"\b95 %", "", prose_of(text[len(FRONT) :]))
    assert not re.findall(r"\d+(?:\.\d+)? ?%|[+−]\d|\b0\.\d\d\d", without)


def test_links_lead_somewhere(lesson, text):
    for link in re.findall(r"\]\(([^)]+)\)", prose_of(text)):
        if link.startswith("https://"):
            continue
        page, _, anchor = link.partition("#")
        target = (lesson.parent / page).resolve()
        assert target.is_file(), link
        assert not anchor or anchor in slugs_of(target), link


def test_names_of_the_program_are_there(text):
    for cell in cells_of(text):
        for node in ast.walk(ast.parse(cell.code)):
            if isinstance(node, ast.Attribute) and (path := dotted(node)).startswith("sim."):
                found = importlib.import_module("sim")
                for name in path.split(".")[1:]:
                    found = getattr(found, name)
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "sim":
                module = importlib.import_module(node.module)
                assert all(hasattr(module, one.name) for one in node.names), node.module


def dotted(node):
    """A chain of names such as `sim.plots.odds`, or nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""
