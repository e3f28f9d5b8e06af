"""What a sweep takes: ranges, any sequence of values, and points of whatever design."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.experiments.design import make_design
from sim.experiments.sweep.plan import plan_sweep

LEVER = "sanctions.us_threat"
PLACES = "offer.territory"
POINTS = [
    {PLACES: 0.5, LEVER: 0.2},
    {PLACES: "deferred", LEVER: 0.9},
    {PLACES: 0.5, LEVER: 0.2},
    {PLACES: 1.0, LEVER: 0.0},
]


def values_of(vary, **how):
    return [point[0] for point in make_design(vary, **how).block(0, 100)]


SEQUENCES = {
    "list": [0, 0.5, 1],
    "array": np.linspace(0, 1, 3),
    "single precision": np.array([0, 0.5, 1], np.float32),
    "series": pd.Series([0, 0.5, 1], index=[7, 8, 9]),
    "index": pd.Index([0, 0.5, 1]),
    "of objects": np.array([0, 0.5, 1], object),
    "range": (0, 1, 3),
}


@pytest.mark.parametrize("values", SEQUENCES.values(), ids=SEQUENCES)
def test_any_sequence_of_one_dimension_names_the_values(values):
    found = values_of({LEVER: values})
    assert found == [0.0, 0.5, 1.0]
    assert {type(value) for value in found} == {float}


def test_a_range_of_python_names_whole_numbers_and_an_array_of_truths_switches():
    assert values_of({"sanctions.deadline_days": range(10, 40, 10)}) == [10.0, 20.0, 30.0]
    assert values_of({"concede.nato": np.array([True, False])}) == [True, False]
    assert values_of({PLACES: pd.Series(["deferred", 0.5])}) == ["deferred", 0.5]


READ_AS = r"A tuple is read as \(low, high, steps\); to name values, give a list: \["


@pytest.mark.parametrize("values", [
    (0.1, 0.2, 0.3, 0.4), (0.5,), (), (0.1, 0.2, 0.3), (0.3, 0.2, 0.1), (0.1, 0.2), ("a", "b"),
], ids=str)  # fmt: skip
def test_a_tuple_that_is_no_range_is_refused_and_the_list_is_named(values):
    with pytest.raises(sim.ScenarioError, match=READ_AS):
        make_design({LEVER: values})


def test_a_tuple_that_may_be_meant_as_values_is_read_as_a_range_and_that_is_said(tmp_path):
    study = sim.sweep("baseline", {"aid.level": (0, 1, 2)}, worlds=8)
    assert study.table()["aid.level"].tolist() == [0.0, 1.0]
    assert any("aid.level: A tuple is read as" in note for note in study.summary["notes"])
    plain = plan_sweep("baseline", {"aid.level": (0, 1, 3), PLACES: [0.5, 1.0]})
    assert not any("A tuple" in note for note in plain.notes)
    words = ("sweep", "baseline", "--vary", "aid.level=0:1:2", "--worlds", "8")
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    assert done.exit_code == 0
    assert "A tuple" not in done.stderr


@pytest.mark.parametrize("values", [
    np.zeros((2, 2)), np.float64(0.5), np.array(0.5), "0.1,0.2", b"01", {0.1, 0.2}, {0.1: 0.2},
    None, 0.5, pytest.param(iter([0.1, 0.2]), id="an iterator"),
], ids=repr)  # fmt: skip
def test_what_has_not_one_dimension_or_no_order_is_refused(values):
    with pytest.raises(sim.ScenarioError, match=rf"vary\.{LEVER}: .*or a list of values"):
        make_design({LEVER: values})


# ------------------------------------------------------------------ types of values


def test_a_number_stays_a_number_beside_deferred(tmp_path):
    vary = {PLACES: ["deferred", 0.5, 1.0], "concede.nato": [False, True]}
    study = sim.sweep("april-package", vary, worlds=40, out=tmp_path)
    for table in (study.table(), sim.Study.open(study.folder).table()):
        column = table[PLACES].tolist()
        assert column == ["deferred", "deferred", 0.5, 0.5, 1.0, 1.0]
        assert [type(value) for value in column[1:3]] == [str, float]
        assert table["concede.nato"].dtype == bool
        assert (table.loc[table[PLACES] == 1.0, "held"] >= 0.0).all()
    grid = study.to_xarray()
    places = grid[PLACES].to_numpy().tolist()
    assert places == ["deferred", 0.5, 1.0]
    assert [type(value) for value in places] == [str, float, float]
    named = grid["held"].sel({PLACES: "deferred", "concede.nato": True})
    assert float(named) == table["held"][1]
    assert float(grid["held"].sel({PLACES: 0.5, "concede.nato": False})) == table["held"][2]
    numbers = sim.sweep("april-package", {PLACES: [0.5, 1.0]}, worlds=40)
    assert numbers.table()[PLACES].dtype == np.float64
    assert numbers.to_xarray()[PLACES].dtype == np.float64


# ------------------------------------------------------------------ points that are given


def test_points_are_run_as_given_each_once_and_in_their_order(tmp_path):
    study = sim.sweep("baseline", POINTS, worlds=200, seed=3, out=tmp_path)
    table = study.table()
    assert table[[PLACES, LEVER]].to_dict("records") == POINTS
    assert table["worlds"].tolist() == [200] * 4
    assert table["point"].nunique() == 3
    assert table.loc[0].equals(table.loc[2])
    for point, held in zip(POINTS, table["held"], strict=True):
        run = sim.run(sim.load_scenario("baseline").with_levers(point), worlds=200, seed=3)
        assert run.odds["held"].mean == held
    assert study.summary["design"] == "points"
    assert study.summary["points"] == 4
    points = study.to_xarray()
    assert isinstance(points, xr.Dataset)
    assert points[PLACES].to_numpy().tolist() == [point[PLACES] for point in POINTS]


def test_a_table_is_a_list_of_points():
    frame = pd.DataFrame(POINTS, index=[5, 6, 7, 8])
    assert make_design(frame) == make_design(POINTS)
    grid = make_design({PLACES: [0.5, 1.0], LEVER: (0, 1, 3)})
    listed = pd.DataFrame(grid.block(0, 6), columns=list(grid.levers))
    of_grid = sim.sweep("baseline", {PLACES: [0.5, 1.0], LEVER: (0, 1, 3)}, worlds=40).table()
    assert sim.sweep("baseline", listed, worlds=40).table().equals(of_grid)
    wide = pd.DataFrame({"concede.nato": [True, False], "sanctions.deadline_days": [30, 60]})
    assert make_design(wide).block(0, 2) == [(True, 30.0), (False, 60.0)]


def test_such_a_study_goes_on_opens_and_says_how_to_make_it_again(tmp_path):
    first = sim.sweep("baseline", POINTS, worlds=40, out=tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*.parquet")}
    again = sim.sweep("baseline", pd.DataFrame(POINTS), worlds=40, out=tmp_path)
    assert again.folder == first.folder
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*.parquet")} == before
    back = sim.Study.open(first.folder)
    assert back.design == first.design
    assert back.table().equals(first.table())
    more = sim.sweep("baseline", POINTS[:2], worlds=40, out=tmp_path)
    assert more.folder != first.folder
    python, *words = shlex.split(first.command)
    assert python == "python"
    subprocess.run([sys.executable, *words], check=True, cwd=tmp_path)
    made = tmp_path / "outputs" / first.folder.relative_to(tmp_path)
    assert (made / "points.parquet").read_bytes() == (first.folder / "points.parquet").read_bytes()


def test_the_command_of_many_points_takes_them_from_the_folder_of_the_study(tmp_path):
    frame = pd.DataFrame({LEVER: np.linspace(0, 1, 201), PLACES: 0.5})
    study = sim.sweep("baseline", frame, worlds=4, out=tmp_path / "outputs")
    _, *words = shlex.split(study.command)
    assert len(study.command) < 1000
    subprocess.run([sys.executable, *words], check=True, cwd=tmp_path)
    assert sim.Study.open(study.folder).table().equals(study.table())


def test_a_study_of_points_is_drawn_and_summed_up(tmp_path):
    study = sim.sweep("baseline", POINTS, worlds=40, out=tmp_path, extra=sim.plots.write_surface)
    assert (study.folder / "surface.png").is_file()
    summary = json.loads((study.folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["levers"] == [PLACES, LEVER]
    one = sim.sweep("baseline", POINTS[:1], worlds=40)
    assert one.table()[LEVER].tolist() == [0.2]


REFUSED = {
    "none": ([], "points: there are none"),
    "without levers": ([{}], "points: there are none"),
    "empty table": (pd.DataFrame({LEVER: []}), "points: there are none"),
    "no lever": ([{"aid.levl": 1.0}], r"points: there is no lever 'aid\.levl'.*aid\.level\?"),
    "no value": ([{LEVER: 0.1}, {LEVER: 7}], rf"points\[1\]\.{LEVER}: 7 is outside 0\.\.1"),
    "missing": (pd.DataFrame({LEVER: [0.1, np.nan]}), rf"points\[1\]\.{LEVER}: nan is outside"),
    "half a day": (pd.DataFrame({"sanctions.deadline_days": [2.5]}), r"points\[0\].* whole number"),
    "other levers": ([{LEVER: 0.1}, {PLACES: 0.1}], r"points\[1\]: .*the same levers"),
    "fewer levers": ([{LEVER: 0.1, PLACES: 1}, {LEVER: 0.1}], rf"points\[1\]: .*'{PLACES}'"),
    "an array": (np.zeros((3, 2)), r"pandas\.DataFrame\(points, columns=\[levers\]\)"),
    "numbers": ([0.1, 0.2], "is no list of points"),
    "text": (f"{LEVER}=0:1:3", "is no list of points"),
    "column twice": (pd.DataFrame([[1, 1]], columns=[LEVER] * 2), "is a column twice"),
}


@pytest.mark.parametrize(("points", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_list_of_points_is_refused(points, words):
    with pytest.raises(sim.ScenarioError, match=words):
        sim.sweep("baseline", points, worlds=4)


@pytest.mark.parametrize("how", [{"design": "sobol"}, {"points": 4}, {"design": "points"}])
def test_given_points_are_a_design_of_their_own(how):
    with pytest.raises(sim.ScenarioError, match="a design of their own"):
        sim.sweep("baseline", POINTS, worlds=4, **how)
    with pytest.raises(sim.ScenarioError, match="grid, sobol, lhs"):
        sim.sweep("baseline", {LEVER: (0, 1)}, design="points", worlds=4)
