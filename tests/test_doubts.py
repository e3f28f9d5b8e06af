"""What the authors would not lean on: read, checked, and chosen by the levers that are set."""

from __future__ import annotations

import shutil

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.errors import CalibrationError, ScenarioError
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.doubts import doubts_about, load_doubts
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import load_scenario

GOOD = """schema = "truce/doubts/1"
[[doubt]]
name = "the level"
short = "the level"
text = "The level is doubtful."
levers = []
[[doubt]]
name = "arms"
short = "arms"
text = "Arms are doubtful."
levers = ["aid."]
"""


def written(tmp_path, text):
    path = tmp_path / "doubts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_lever_has_a_doubt_or_says_nothing_new():
    """The first doubt bears on all; each group of levers has one of its own."""
    doubts = shipped().doubts
    assert not doubts[0].levers
    for lever in LEVERS:
        about = doubts_about(doubts, [lever])
        assert about == doubts[:1] or all(one.bears_on(lever) for one in about)
    groups = {lever.split(".")[0] for lever in LEVERS}
    lacking = {
        group
        for group in groups
        if doubts_about(doubts, [n for n in LEVERS if n.startswith(group)]) == doubts[:1]
    }
    assert not lacking


def test_doubts_are_chosen_by_lever_and_the_level_stands_for_the_rest(tmp_path):
    level, arms = load_doubts(written(tmp_path, GOOD))
    assert doubts_about((level, arms), ["aid.level", "offer.nato"]) == (arms,)
    assert doubts_about((level, arms), ["offer.nato"]) == (level,)
    assert doubts_about((level, arms), []) == (level,)
    assert doubts_about((), ["aid.level"]) == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('levers = ["aid."]', 'levers = ["arms."]', "no lever begins with 'arms.'"),
        ('short = "arms"', 'short = ""', "short"),
        ('text = "Arms are doubtful."\n', "", "text"),
        ("truce/doubts/1", "truce/doubts/2", "schema"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, old, new, message):
    with pytest.raises(CalibrationError, match=message) as error:
        load_doubts(written(tmp_path, GOOD.replace(old, new)))
    assert "doubts.toml" in str(error.value)


@pytest.fixture
def copied(tmp_path):
    """The shipped data in a folder of their own, as ``truce --data`` takes it."""
    ours = shipped()
    for folder in (ours.calibration, ours.scenarios):
        shutil.copytree(folder, tmp_path / folder.name)
    return tmp_path


def changed(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_bad_file_of_doubts_is_found_when_a_scenario_is_read(copied):
    """Not after its worlds were run."""
    changed(copied / "calibration" / "doubts.toml", "short = ", "shrt = ")
    with pytest.raises(CalibrationError, match=r"doubts\.toml"):
        load_scenario("baseline", conflict=Conflict(copied))


def test_a_fault_in_the_record_is_told_as_its_own(copied):
    changed(copied / "scenarios" / "history.toml", 'value = "drawn"', 'value = "maybe"')
    with pytest.raises(ScenarioError, match=r"^\S*/history\.toml, line ") as error:
        load_scenario("baseline", conflict=Conflict(copied))
    assert "baseline.toml" not in str(error.value)


def test_occasions_that_do_not_sum_to_their_prior_are_pointed_out(copied):
    path = copied / "calibration" / "evidence" / "occasions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    check = ["--data", str(copied), "evidence", "check"]
    assert "median" not in CliRunner().invoke(app, check).stderr
    path.write_text("".join([*lines[:1], *lines[3:]]), encoding="utf-8")
    done = CliRunner().invoke(app, check)
    assert done.exit_code == 0
    assert "has the median 8.87, and the occasions weigh 8.49" in done.stderr
