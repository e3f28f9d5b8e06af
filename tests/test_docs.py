"""The pages: tables of numbers are up to date, names and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

import sim
from sim.engine.records import State
from sim.engine.streams import Purpose
from sim.inputs.conflict import shipped
from sim.inputs.levers import LEVERS

TOP = Path(__file__).parent.parent
PAGES = [TOP / "README.md", TOP / "CONTRIBUTING.md", *sorted((TOP / "docs").glob("*.md"))]
NAMES_OF_PAGES = [page.name for page in PAGES]
ROOMS = ("sim", "docs", "tests", "benchmarks", "calibration", "scenarios")
FILES = [path for room in ROOMS for path in (TOP / room).rglob("*.*")] + [*TOP.glob("*")]
EXAMPLES = {"second/statements.csv", "scenarios/mine.toml", "my-idea.toml",
            "article.toml", "statements.toml", "events.toml", "levers.toml"}  # fmt: skip
"""Paths that stand for a reader's own file."""
OF_FILES = re.compile(r"[\w./-]+\.(?:py|md|toml)|[\w.-]+/[\w./-]+\.csv")


WORDS: set[str] = set()
MODULES: dict[str, set[str]] = {}
for _path in FILES:
    if _path.suffix in (".py", ".toml") and _path.name != "test_docs.py":
        _words = set(re.findall(r"\w+", _path.read_text(encoding="utf-8")))
        WORDS |= _words
        MODULES[_path.stem] = MODULES.get(_path.stem, set()) | _words
        WORDS |= {_path.stem, *map(str.lower, _words)}


def text_of(name):
    return next(page for page in PAGES if page.name == name).read_text(encoding="utf-8")


def code_of(page):
    """What stands in backquotes, without blocks of code."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return set(re.findall(r"`([^`\n]+)`", prose))


def table(page, name):
    """The first cells of the rows of a table that `make tables` fills."""
    found = re.search(rf"<!-- table: {name} -->\n(.*?)<!-- end -->", text_of(page), re.S)
    rows = found[1].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_tables_that_are_quickly_computed_are_up_to_date():
    """If this is meant to change: `make tables`."""
    done = subprocess.run(
        [sys.executable, "docs/tables.py", "--check"], cwd=TOP, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_tables_that_take_minutes_have_every_row():
    assert table("levers.md", "levers") == list(LEVERS)
    articles = tomllib.loads((TOP / "calibration/evidence/articles.toml").read_text("utf-8"))
    ids = {row["id"].split("_")[0] for row in articles["article"]}
    assert set(table("calibration.md", "influence")) == ids


def test_the_table_of_parameters_has_every_row():
    assert table("parameters.md", "parameters") == [row.name for row in shipped().parameters]


def test_the_protocol_names_every_purpose_of_luck_column_and_state():
    page = text_of("model.md")
    for purpose in Purpose:
        assert f"| `{purpose.name}` {purpose.value} |" in page
    recorded = page[page.index("## 9.") : page.index("## 10.")]
    for column in sim.run("baseline", worlds=4).worlds.columns:
        assert column.startswith(("x_", "signed_")) or f"`{column}`" in recorded, column
    for field in get_type_hints(State):
        assert f"`{field}`" in page, field


@pytest.mark.parametrize("page", PAGES, ids=NAMES_OF_PAGES)
def test_links_and_paths_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith(("https://", "reference/", "../reference/")):
            assert (page.parent / link).exists(), link  # the reference is made with the book
    for path in filter(OF_FILES.fullmatch, code_of(page) - EXAMPLES):
        assert any(file.as_posix().endswith(f"/{path}") for file in FILES), path


@pytest.mark.parametrize("page", PAGES, ids=NAMES_OF_PAGES)
def test_names_of_code_are_those_of_the_code(page):
    """A name in backquotes occurs in code or data; `module.name` in the module of that name."""
    for name in code_of(page):
        if OF_FILES.fullmatch(name) or name.endswith((".parquet", ".csv", ".json")):
            continue
        module, _, member = name.rpartition(".")
        if module in MODULES and member.isidentifier():
            assert member in MODULES[module], name
        elif name.isidentifier() and not name.startswith(
            ("signed_", "day_")
        ):  # put together in the code
            assert re.sub(r"(_members)?_(low|high)$", "", name) in WORDS, name


def test_readme_fits_two_screens():
    assert text_of("README.md").count("\n") <= 90
