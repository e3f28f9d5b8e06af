"""The formulas of the pages: all can be set, and their names are those of the code."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

tex2mathml = pytest.importorskip("docutils.utils.math.latex2mathml").tex2mathml

TOP = Path(__file__).parent.parent
PAGES = sorted((TOP / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(?:\{math\}|math)\n(.*?)^```$", re.M | re.S)
INLINE = re.compile(r"(?<![\\$\w])\$(?=\S)([^$]+?)(?<=\S)\$(?![\d$])")
NAME = re.compile(r"\\(?:text|mathrm)\{([^{}]*)\}")


def code_words():
    """All words of the program and of its parameters."""
    paths = [*(TOP / "sim").rglob("*.py"), *(TOP / "calibration").glob("*.toml")]
    return {word for path in paths for word in re.findall(r"\w+", path.read_text("utf-8"))}


WORDS = code_words()


def formulas(page):
    """What is set as a formula in a page: blocks, and what stands between dollars."""
    text = page.read_text(encoding="utf-8")
    yield from BLOCK.findall(text)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    prose = re.sub(r"^ {4}.*$|`[^`\n]+`", "", prose, flags=re.M)
    yield from INLINE.findall(prose)


def links():
    """The part of the book that links names; it needs Sphinx, which only who builds it has."""
    pytest.importorskip("sphinx")
    spec = importlib.util.spec_from_file_location("source_links", TOP / "docs/book/source_links.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ALL = [(page.name, formula) for page in PAGES for formula in formulas(page)]


def test_the_pages_of_the_model_have_formulas():
    pages = [name for name, _ in ALL]
    assert pages.count("model.md") > 60
    assert pages.count("calibration.md") > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_formula_can_be_set(page):
    """By what sets those of the book; a macro that it does not know is an error."""
    for formula in formulas(page):
        assert "\n\n" not in formula.strip(), formula
        assert "<math" in tex2mathml(formula.strip(), as_block="\n" in formula)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_in_formulas_are_those_of_the_code(page):
    """A name with an underscore is one of the code; elsewhere an underscore makes an index."""
    for formula in formulas(page):
        for said in NAME.findall(formula):
            for name in re.findall(r"\w*[A-Za-z]_\w+", said):
                assert name in WORDS, f"{name}: {formula}"
        assert r"\_" not in formula, formula  # would be shown with its backslash


def test_names_that_lead_to_the_source_are_found():
    """The links of the book, without building it."""
    place_of = links().place_of
    for name, module, member in (
        ("sim/engine/rules/answers.py", "sim.engine.rules.answers", ""),
        ("sim.engine.rules.answers", "sim.engine.rules.answers", ""),
        ("blocs.py", "sim.engine.rules.blocs", ""),
        ("front.expected", "sim.engine.rules.front", "expected"),
        ("next_momentum", "sim.engine.rules.front", "next_momentum"),
        ("world.decide_round", "sim.engine.world", "decide_round"),
    ):
        assert place_of(name) == (module, member)
    for name in ("walkaway_hazard", "follow_through", "held", "truce_terms", "weight_of", "q = 1"):
        assert place_of(name) is None, name


def test_every_submodel_leads_to_its_source():
    """Each section of the rules names functions that are found."""
    place_of = links().place_of
    page = (TOP / "docs/model.md").read_text(encoding="utf-8")
    sections = re.split(r"^### (7\.\d+)", page[: page.index("\n## 8.")], flags=re.M)[1:]
    for number, text in zip(sections[::2], sections[1::2], strict=True):
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
        places = {place_of(name) for name in re.findall(r"`([^`\n]+)`", prose)}
        assert {place for place in places if place and place.name}, number
