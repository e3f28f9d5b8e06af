"""What the authors would not lean on: read, checked, and chosen by the levers that are set."""

from __future__ import annotations

import pytest

from sim.errors import CalibrationError
from sim.inputs.conflict import shipped
from sim.inputs.doubts import doubts_about, load_doubts
from sim.inputs.levers import LEVERS

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
