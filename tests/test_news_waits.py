"""A command that takes the day of the newest ensemble says so if newer news is in the record."""

import datetime as dt

import pytest
from helpers.command import truce
from helpers.few import write_few

from sim.inputs.conflict import shipped

NEWS = """
[[lever]]
lever = "sanctions.us_threat"
date = 2035-06-10
value = 0.3
source = "made up, paragraph 1: it is put in doubt"
"""
DAY = shipped().newest_day()
THROUGH = dt.date(2035, 6, 20)
SAID = (
    f"News through {THROUGH} is in the record, but the newest ensemble is of {DAY}: truce --data "
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped data with few members; the press was read on, and nothing was found."""
    here = tmp_path_factory.mktemp("waits")
    write_few(here, 64)
    return here


def read_on(folder, news=""):
    path = folder / "scenarios/history.toml"
    text = (shipped().scenarios / "history.toml").read_text(encoding="utf-8")
    was = f"through = {shipped().through}"
    assert was in text
    path.write_text(text.replace(was, f"through = {THROUGH}") + news, encoding="utf-8")


def told(folder, *words):
    done = truce("--data", folder, *words, "--worlds", 256, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("News through")]


@pytest.mark.parametrize("words", [("run", "baseline"), ("compare", "baseline", "walk-away")])
def test_news_behind_the_newest_ensemble_is_told_in_one_line(folder, words):
    read_on(folder, NEWS)
    (line,) = told(folder, *words)
    assert line.startswith(SAID)
    assert line.endswith(" update brings the odds up to date.")


def test_nothing_is_told_if_a_day_was_given_or_nothing_arrived(folder):
    read_on(folder, NEWS)
    assert not told(folder, "run", "baseline", "--as-of", DAY)
    read_on(folder)
    assert not told(folder, "run", "baseline")


def test_the_data_that_ship_have_no_news_behind_their_newest_ensemble():
    assert shipped().through == DAY
