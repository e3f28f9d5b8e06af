"""Groups of the numbers in which members differ: every number stands in exactly one."""

from __future__ import annotations

import pytest
from helpers.renamed import BLOCS, old_names, write_renamed

from sim.attribution.groups import groups_of, load_groups
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import columns_of, load_ensemble

FILE = "calibration/groups.toml"


def names(conflict):
    return {group.name: columns for group, columns in groups_of(conflict).items()}


def test_every_number_of_each_ensemble_belongs_to_one_group():
    conflict = shipped()
    found = groups_of(conflict)
    assert 10 <= len(found) <= 16
    for day in conflict.ensemble_days():
        ensemble = load_ensemble(day)
        columns = list(columns_of(ensemble.members, ensemble.starts, conflict.bloc_ids))
        assert sorted(name for group in found.values() for name in group) == sorted(columns)


def test_every_row_of_the_parameters_belongs_to_one_group():
    groups = load_groups(shipped().calibration / "groups.toml")
    for row in shipped().parameters:
        assert sum(group.has(row.name) for group in groups) == 1, row.name


def test_what_a_name_begins_with_ends_at_a_dot():
    found = names(shipped())
    assert "start.signed.nato" in found["state on the as-of day"]
    assert "start.sanctions" in found["state on the as-of day"]
    assert "settlement_trust" in found["whether a truce leads to a settlement"]
    assert found["positions of Russia"][0] == "ideal.r.territory"
    assert not [name for name in found["positions of Russia"] if ".u." in name]


def test_another_conflict_has_its_own_names_and_blocs(tmp_path):
    conflict = write_renamed(tmp_path, four=True)
    found = names(conflict)
    assert {"tolerance of war of Ruritania", "positions of Illyria"} <= set(found)
    blocs = {name for name in found["readiness of the blocs"] if name.startswith("bloc_type.")}
    assert blocs == {f"bloc_type.{bloc}" for bloc in BLOCS}
    for group in groups_of(conflict):
        assert not old_names(f"{group.name} {group.meaning}")
        assert "side R" not in group.name + group.meaning
        assert "side U" not in group.name + group.meaning
    assert names(shipped())["positions of Russia"] == found["positions of Ruritania"]


def test_data_without_groups_say_what_to_do(tmp_path):
    conflict = write_renamed(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(CalibrationError, match="is missing; it says which numbers") as told:
        groups_of(conflict)
    assert str(tmp_path / FILE) in str(told.value)
    assert "Copy the file of that name that ships" in str(told.value)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('["precision", "exponent"]', '["precision"]', "the number 'exponent' belongs to no group"),
        ('["precision", "exponent"]', '["precision", "exponent", "ask"]',
         "'ask' belongs to 'how sharply answers follow values' and to 'what an answer earns"),
        ('["precision", "exponent"]', '["precision", "exponent", "expo"]',
         "follow values.*no number is, or begins with, 'expo'"),
        ('"worth of a guarantee"', '"how truces break"', "is the name of two groups"),
        ('numbers = ["resolve.r"]', "numbers = []", "numbers"),
        ("meaning =", "meening =", "meaning: field required"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_file_is_told(tmp_path, old, new, match):
    write_renamed(tmp_path)
    path = tmp_path / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CalibrationError, match=rf"groups\.toml.*{match}"):
        groups_of(Conflict(tmp_path))
