"""Sweeps: the same worlds at every point, studies that go on, and what they refuse."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import pickle
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pyarrow.parquet as pq
import pytest
from helpers.studies import TWO, Stop, files

import sim
from sim.experiments.design import make_design, point_id
from sim.experiments.sweep import chunk
from sim.experiments.sweep import inert_levers as probe
from sim.experiments.sweep import plan as sweep
from sim.experiments.sweep.chunk import SUMS, Chunk
from sim.owned import mark

TERRITORY = {"offer.territory": (0.5, 1.0, 3)}


@pytest.fixture
def small(monkeypatch):
    """Two points of 40 worlds a chunk, and no first look: then a sweep has several chunks."""
    monkeypatch.setattr(sweep, "CHUNK_WORLDS", 80)
    monkeypatch.setattr(probe, "look", lambda *_, **__: [])


@pytest.fixture
def counted(monkeypatch):
    """Notes every chunk that is run."""
    run: list[Chunk] = []
    true = chunk.run_chunk

    def noted(recipe, one):
        run.append(one)
        return true(recipe, one)

    monkeypatch.setattr(chunk, "run_chunk", noted)
    return run


# ------------------------------------------------------------------ designs


def test_a_finer_grid_meets_the_points_of_a_coarser_one():
    coarse = make_design({"offer.territory": (0.1, 0.7, 7)})
    fine = make_design({"offer.territory": (0.1, 0.7, 61)})
    assert set(coarse.block(0, 7)) < set(fine.block(0, 61))
    assert coarse.block(0, 7)[2] == (0.3,)


def test_a_grid_has_its_last_axis_fastest_and_can_be_read_in_pieces():
    design = make_design(TWO)
    assert len(design) == 6
    assert design.block(1, 3) == [(0.5, 1.0), (0.75, 0.0)]
    assert [*design.block(0, 4), *design.block(4, 9)] == design.block(0, 6)


def test_days_are_whole():
    design = make_design({"sanctions.deadline_days": (1.0, 8.0, 4)})
    assert design.block(0, 9) == [(1.0,), (3.0,), (6.0,), (8.0,)]
    drawn = make_design({"sanctions.deadline_days": (1.0, 4.0)}, "sobol", 64)
    assert sorted(drawn.block(0, 99)) == [(1.0,), (2.0,), (3.0,), (4.0,)]


def test_sobol_grows_and_stays_within_its_ranges():
    vary = {"offer.territory": (0.5, 1.0), "concede.nato": [False, True]}
    few, many = (make_design(vary, "sobol", points, seed=5) for points in (20, 100))
    assert many.block(0, 20) == few.block(0, 99)
    assert all(0.5 <= place <= 1.0 for place, _ in many.block(0, 100))
    assert {switch for _, switch in many.block(0, 100)} == {False, True}
    assert make_design(vary, "sobol", 20, seed=6).block(0, 20) != few.block(0, 20)


def test_a_latin_hypercube_has_one_point_in_every_slice():
    design = make_design({"offer.territory": (0.0, 1.0)}, "lhs", 10)
    assert sorted(int(10 * place) for (place,) in design.block(0, 10)) == list(range(10))


def test_a_point_keeps_its_id_whatever_the_order_of_levers():
    assert point_id(("a", "b"), (1.0, True)) == point_id(("b", "a"), (True, 1.0))
    assert point_id(("a",), (1.0,)) != point_id(("a",), (0.5,))


@pytest.mark.parametrize(
    ("vary", "design", "points", "told"),
    [
        ({}, "grid", None, "nothing is varied"),
        ({"offer.teritory": (0, 1, 3)}, "grid", None, "Did you mean offer.territory?"),
        ({"offer.territory": (1, 0.5, 3)}, "grid", None, "Did you mean offer.territory=0.5:1:3?"),
        ({"offer.territory": (1, 1, 3)}, "grid", None, "has no width"),
        ({"offer.territory": (0.5, 1.4, 3)}, "grid", None, "1.4 is outside 0..1"),
        ({"offer.territory": (0.5, float("nan"), 3)}, "grid", None, "nan is outside 0..1"),
        ({"offer.territory": (0.5, 1)}, "grid", None, "needs the number of values"),
        ({"offer.territory": (0.5, 1, 1)}, "grid", None, "1 is outside 2.."),
        ({"offer.territory": (0.5, 1, 2.5)}, "grid", None, "2.5 is not a whole number"),
        ({"offer.territory": "0.5:1"}, "grid", None, "is no range"),
        ({"concede.nato": (0, 1, 2)}, "grid", None, "concede.nato=false,true"),
        ({"concede.nato": [True, True]}, "grid", None, "is given twice"),
        ({"concede.nato": [True]}, "grid", None, "one value"),
        ({"offer.nato": ("deferred", 1, 2)}, "grid", None, "no end of a range"),
        ({"sanctions.deadline_days": (1, 5, 9)}, "grid", None, "5 whole days from 1 to 5"),
        (TERRITORY, "lhc", None, "There are: grid, sobol, lhs"),
        (TERRITORY, "grid", 9, "a grid has as many as its axes multiply to"),
        (TERRITORY, "sobol", 1, "1 is outside 2.."),
    ],
)
def test_what_cannot_be_swept_is_said(vary, design, points, told):
    with pytest.raises(sim.ScenarioError, match=told.replace("?", r"\?").replace(".", r"\.")):
        sim.sweep("april-package", vary, design=design, points=points, worlds=4)


# ------------------------------------------------------------------ numbers


def test_every_point_is_the_run_of_its_levers_on_the_same_worlds(small):
    study = sim.sweep("april-package", TWO, worlds=300, seed=3)
    table = study.table()
    assert len(table) == 6
    for row in table.itertuples():
        levers = {"offer.territory": row[2], "sanctions.us_threat": row[3]}
        results = sim.run(sim.load_scenario("april-package").with_levers(levers), 300, seed=3)
        for name, odds in (*results.odds.items(), ("agreed", results.agreed)):
            assert getattr(row, name) == pytest.approx(odds.mean, abs=1e-15)
            assert getattr(row, f"{name}_low") == pytest.approx(odds.mc[0])
        assert row.held_members_high == pytest.approx(results.odds["held"].ensemble[1])
        assert row.mean_truce_days == results.rows["truce_days"].mean()
        assert row.unilateral_pauses == (results.rows["unilateral_pauses"] > 0).mean()
        assert row.members == 75


def test_todays_point_is_the_scenario_itself(small):
    study = sim.sweep("april-package", TERRITORY, worlds=200)
    run = sim.run("april-package", worlds=200)
    assert study.summary["today"]["levers"] == {"offer.territory": 0.75}
    assert study.summary["today"]["odds"]["held"]["mean"] == run.odds["held"].mean
    outside = sim.sweep("april-package", {"offer.territory": (0.8, 1.0, 2)}, worlds=200)
    assert outside.summary["today"] == study.summary["today"]
    assert len(outside.table()) == 2


def test_the_gain_of_the_best_point_is_paired_and_allows_for_the_choice(small):
    """A point against itself gains nothing; among more points the interval is wider."""
    told = {}
    for steps in (2, 40):
        vary = {"aid.level": (0.0, 1.0, steps)}
        told[steps] = sim.sweep("april-package", vary, worlds=400).summary
    few = told[2]
    assert few["best"]["levers"] == {"aid.level": 0.0}
    gain, today = few["best"]["gain"], few["today"]["odds"]["held"]
    assert gain["mean"] == pytest.approx(few["best"]["odds"]["held"]["mean"] - today["mean"])
    unpaired = np.hypot(*(np.ptp(few[n]["odds"]["held"]["mc"]) for n in ("best", "today")))
    assert np.ptp(gain["mc"]) < unpaired
    assert np.ptp(told[40]["best"]["gain"]["mc"]) > 1.2 * np.ptp(gain["mc"])
    vary = {"front.momentum_shift": [0.0, 1.0]}
    own = sim.sweep("april-package", vary, worlds=400).summary
    nothing = own["best"]["gain"]
    assert (nothing["mean"], nothing["mc"], nothing["ensemble"]) == (0.0, [0.0, 0.0], [0.0, 0.0])


def test_dated_changes_of_the_scenario_stay(small, tmp_path):
    """A lever that the scenario changes later is swept up to that day, and the study says so."""
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "t"\nquestion = "q"\nas_of = 2025-05-20\n'
        '[[changes]]\nday = 31\nlever = "sanctions.us_threat"\nvalue = 0.0\n',
        encoding="utf-8",
    )
    scenario = sim.load_scenario(path)
    day, lever, _ = scenario.schedule[0]
    study = sim.sweep(scenario, {lever: [0.0, 1.0]}, worlds=200)
    assert any(f"changes {lever} on day {day}" in note for note in study.summary["notes"])
    for value, held in zip((0.0, 1.0), study.table()["agreed"], strict=True):
        run = sim.run(scenario.with_levers({lever: value}), worlds=200)
        assert run.agreed.mean == pytest.approx(held, rel=1e-15, abs=0.0)  # the last bit


def test_sums_by_member_add_up_to_the_points(small):
    study = sim.sweep("april-package", TWO, worlds=100, out=None)
    parts = [pq.read_table(path) for path in (study.folder / "parts").glob("*.parquet")]
    frame = sum((part.num_rows for part in parts), 0)
    assert frame == 7 * 25  # six points and the scenario's own, 25 members each
    table = study.table().set_index("point")
    for part in parts:
        sums = part.to_pandas().groupby("point", observed=True)[["worlds", *SUMS]].sum()
        for name, row in sums.iterrows():
            if name in table.index:
                assert row["held"] == round(table.loc[name, "held"] * 100)
                assert row["worlds"] == 100


def test_worlds_that_are_kept_are_those_of_a_run(small):
    study = sim.sweep("april-package", TERRITORY, worlds=100, keep_worlds=True)
    path = study.folder / "worlds"
    rows = [pq.read_table(file).to_pandas() for file in sorted(path.glob("*.parquet"))]
    mine = next(r[r["offer.territory"] == 1.0] for r in rows if (r["offer.territory"] == 1.0).any())
    levers = {"offer.territory": 1.0}
    run = sim.run(sim.load_scenario("april-package").with_levers(levers), worlds=100).worlds
    assert mine["outcome"].astype(str).tolist() == run["outcome"].astype(str).tolist()
    assert np.array_equal(mine["momentum_end"], run["momentum_end"])
    assert mine["world"].tolist() == list(range(100))


def test_more_worlds_than_a_turn_of_the_members_are_counted_once(small, monkeypatch):
    monkeypatch.setattr(sweep.Sweep, "turn", 64)  # as if there were 16 members
    monkeypatch.setattr(chunk, "WORLDS_OF_MEMBER", 4)
    study = sim.sweep("april-package", {"offer.territory": [0.5, 1.0]}, worlds=200)
    run = sim.run(sim.load_scenario("april-package").with_levers({"offer.territory": 0.5}), 200)
    assert study.table()["held"][0] == run.odds["held"].mean
    assert len(list((study.folder / "parts").iterdir())) == 12  # three points, four turns


# ------------------------------------------------------------------ going on


def test_a_study_that_was_stopped_goes_on_and_ends_with_the_same_bytes(small, counted, tmp_path):
    whole = sim.sweep("april-package", TWO, worlds=40, workers=1, out=tmp_path / "a")
    worlds = sum(one.worlds for one in counted)
    assert worlds == 7 * 40
    for stop in (1, 81, 161):
        counted.clear()
        out = tmp_path / str(stop)
        with pytest.raises(KeyboardInterrupt):
            sim.sweep("april-package", TWO, worlds=40, workers=1, out=out, progress=Stop(stop))
        place = out / "sweeps" / "april-package" / whole.summary["study_id"]
        kept = len(list((place / "parts").glob("*.parquet")))
        assert kept >= 1
        assert not (place / "points.parquet").exists()
        begun = len(counted)
        again = sim.sweep("april-package", TWO, worlds=40, workers=2, out=out)
        assert files(again.folder) == files(whole.folder)
        assert len(counted) - begun == 4 - kept  # of four chunks, none is run twice


def test_what_a_killed_process_left_half_written_goes(small, tmp_path):
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    whole = files(study.folder)
    for place in (study.folder, study.folder / "parts"):
        left = place / f".{place.name}.999999999.abcd.part"
        (left / "files").mkdir(parents=True)
        mark(left)
        (left / "files" / "points.parquet").write_bytes(b"half")
    (study.folder / "manifest.json").unlink()
    sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    assert files(study.folder) == whole


def test_a_whole_study_is_used_as_it_is(small, counted, tmp_path):
    one = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    assert not list(one.folder.rglob("*.part"))
    before, begun = files(one.folder), len(counted)
    two = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    assert len(counted) == begun
    assert files(two.folder) == before
    assert "asked" in json.loads((two.folder / "manifest.json").read_text("utf-8"))
    assert two.summary == one.summary


@pytest.mark.parametrize("missing", ["points.parquet", "summary.json", "manifest.json"])
def test_tables_that_are_missing_are_made_from_the_parts(small, counted, tmp_path, missing):
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    before, begun = files(study.folder), len(counted)
    (study.folder / missing).unlink()
    sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    assert files(study.folder) == before
    assert len(counted) == begun


def test_more_worlds_and_more_points_extend_a_study(small, counted, tmp_path):
    sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path / "grown")
    counted.clear()
    more = {"offer.territory": (0.5, 1.0, 5)}
    grown = sim.sweep("april-package", more, worlds=60, out=tmp_path / "grown")
    assert sum(one.worlds for one in counted) == 3 * 20 + 2 * 60
    direct = sim.sweep("april-package", more, worlds=60, out=tmp_path / "direct")
    for name in ("points.parquet", "summary.json"):
        assert files(grown.folder)[name] == files(direct.folder)[name]
    back = sim.sweep("april-package", TERRITORY, worlds=60, out=tmp_path / "grown")
    assert back.table()["offer.territory"].tolist() == [0.5, 0.75, 1.0]


def test_sobol_points_extend_a_study(small, counted, tmp_path):
    vary = {"offer.territory": (0.5, 1.0)}
    sim.sweep("april-package", vary, design="sobol", points=4, worlds=40, out=tmp_path)
    counted.clear()
    grown = sim.sweep("april-package", vary, design="sobol", points=8, worlds=40, out=tmp_path)
    assert sum(one.worlds for one in counted) == 4 * 40
    assert len(grown.table()) == 8


def test_a_study_does_not_shrink(small, tmp_path):
    sim.sweep("april-package", TERRITORY, worlds=60, out=tmp_path)
    with pytest.raises(sim.StoreError, match=r"has 60 worlds .* --worlds 60 or more"):
        sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)


def test_other_ranges_seeds_and_designs_are_other_studies(small, tmp_path):
    plans = [
        sweep.plan_sweep("april-package", TERRITORY),
        sweep.plan_sweep("april-package", TERRITORY, seed=2),
        sweep.plan_sweep("april-package", {"offer.territory": (0.4, 1.0, 3)}),
        sweep.plan_sweep("april-package", {"offer.territory": (0.5, 1.0)}, "sobol"),
        sweep.plan_sweep("april-package", {"offer.territory": (0.5, 1.0)}, "lhs", 8),
        sweep.plan_sweep("april-package", {"offer.territory": (0.5, 1.0)}, "lhs", 9),
        sweep.plan_sweep("april-package", TERRITORY, keep_worlds=True),
        sweep.plan_sweep(
            sim.load_scenario("april-package").with_levers({"aid.level": 0.5}), TERRITORY
        ),
    ]
    assert len({plan.place(tmp_path) for plan in plans}) == len(plans)
    finer = sweep.plan_sweep("april-package", {"offer.territory": (0.5, 1.0, 9)}, worlds=7)
    assert finer.place(tmp_path) == plans[0].place(tmp_path)


def test_other_processes_give_the_same_bytes(small, tmp_path):
    here = sim.sweep("april-package", TWO, worlds=40, out=tmp_path / "a")
    with ProcessPoolExecutor(2) as pool:
        there = sim.sweep("april-package", TWO, worlds=40, out=tmp_path / "b", executor=pool)
    assert files(there.folder) == files(here.folder)


# ------------------------------------------------------------------ refusals


def changed(folder, **fields):
    path = folder / "plan.json"
    plan = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**plan, **fields}), encoding="utf-8")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"source": "x"}, "another version of the model"),
        ({"ensemble": {"id": "prior-old", "kind": "prior"}}, "with the ensemble prior-old"),
        ({"schema": "truce/study/0"}, "has the format truce/study/0"),
        ({"scenario": None}, "another scenario"),
    ],
)
def test_a_study_of_something_else_is_refused_and_left_alone(small, tmp_path, fields, told):
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    changed(study.folder, **fields)
    before = files(study.folder)
    with pytest.raises(sim.StoreError, match=f"{told}.*--out"):
        sim.sweep("april-package", TERRITORY, worlds=60, out=tmp_path)
    assert files(study.folder) == before


def test_an_edited_scenario_is_refused_with_what_changed(small, tmp_path):
    sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    old = sim.load_scenario("april-package")
    new = dataclasses.replace(old, own_levers={**old.own_levers, "aid.level": 0.5})
    with pytest.raises(sim.StoreError, match=r"aid\.level was 1\.0, is 0\.5"):
        sim.sweep(new, TERRITORY, worlds=40, out=tmp_path)


def test_a_damaged_part_is_named_and_its_removal_heals(small, tmp_path):
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    before = files(study.folder)
    part = sorted((study.folder / "parts").iterdir())[0]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    with pytest.raises(sim.StoreError, match=f"{part.name}: is damaged.*Remove it"):
        sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    part.unlink()
    sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    assert files(study.folder) == before


def test_a_part_of_another_study_is_refused(small, tmp_path):
    one = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    other = sim.sweep("april-package", TERRITORY, worlds=40, seed=2, out=tmp_path)
    part = sorted((other.folder / "parts").iterdir())[0]
    (one.folder / "parts" / part.name).write_bytes(part.read_bytes())
    with pytest.raises(sim.StoreError, match="is a part of another study"):
        sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)


def test_a_folder_that_is_no_study_is_refused(tmp_path):
    place = sweep.plan_sweep("april-package", TERRITORY).place(tmp_path)
    place.mkdir(parents=True)
    (place / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(sim.StoreError, match="is no study"):
        sim.sweep("april-package", TERRITORY, out=tmp_path)
    assert files(place) == {"thesis.txt": b"mine"}


def test_a_point_that_fails_is_a_row_with_its_error(small, monkeypatch, tmp_path):
    true = chunk.agenda_at

    def fails_at_one(recipe, point):
        if point == (1.0,):
            raise ZeroDivisionError("made up")
        return true(recipe, point)

    monkeypatch.setattr(chunk, "agenda_at", fails_at_one)
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    table = study.table()
    assert table["error"].isna().tolist() == [True, True, False]
    assert table["error"][2] == "ZeroDivisionError: made up"
    assert table["held"].isna().tolist() == [False, False, True]
    assert study.summary["failed"] == 1
    assert "1 of 3 points failed (ZeroDivisionError: made up)" in study.summary["notes"][0]


def test_short_memory_is_no_fault_of_a_point(small, monkeypatch, tmp_path):
    def runs_out(*_):
        raise MemoryError

    monkeypatch.setattr(chunk, "agenda_at", runs_out)
    with pytest.raises(sim.StoreError, match=r"MemoryError.*same command again"):
        sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    monkeypatch.undo()
    assert sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path).summary["failed"] == 0


def test_a_sweep_that_changes_nothing_is_refused(tmp_path):
    vary = {"offer.nato": (0.0, 1.0, 3)}
    with pytest.raises(sim.ScenarioError, match=r"is inert.*concede\.nato is true"):
        sim.sweep("april-package", vary, worlds=4, out=tmp_path)
    assert not list(tmp_path.iterdir())
    study = sim.sweep("april-package", vary, worlds=4, out=tmp_path, yes=True)
    assert study.summary["inert"]
    assert any("is inert" in note for note in study.summary["notes"])


def test_one_lever_that_changes_nothing_among_others_is_noted():
    study = sim.sweep("april-package", {**TERRITORY, "offer.nato": (0.0, 1.0, 2)}, worlds=40)
    assert "offer.nato changes nothing in 256 worlds tried." in study.summary["notes"]
    assert not study.summary["inert"]


def test_a_sweep_that_puts_a_deferred_issue_on_the_table_says_so():
    study = sim.sweep("april-package", {"offer.force_limits": (0.0, 1.0, 2)}, worlds=40)
    assert "is deferred in april-package" in study.summary["notes"][0]
    both = sim.sweep("april-package", {"offer.force_limits": ["deferred", 1.0]}, worlds=40)
    assert both.summary["notes"] == []
    assert both.table()["offer.force_limits"].tolist() == ["deferred", 1.0]
    run = sim.run("april-package", worlds=40)
    assert both.table()["held"][0] == run.odds["held"].mean


def test_a_huge_design_is_refused_with_its_size_and_time(tmp_path):
    vary = {"offer.territory": (0, 1, 10**5), "aid.level": (0, 2, 10**4)}
    with pytest.raises(sim.ScenarioError, match=r"1,000,000,000 points .* days .* TB .*--yes"):
        sim.sweep("april-package", vary, out=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_huge_design_starts_if_asked_twice(small, tmp_path):
    vary = {"offer.territory": (0, 1, 10**5), "aid.level": (0, 2, 10**4)}
    with pytest.raises(KeyboardInterrupt):
        sim.sweep("april-package", vary, worlds=40, out=tmp_path, yes=True, progress=Stop(1))
    assert len(list(tmp_path.rglob("*.parquet"))) >= 1


def test_a_worker_with_another_model_is_refused():
    plan = sweep.plan_sweep("april-package", TERRITORY)
    other = dataclasses.replace(plan.recipe(), source="x")
    with pytest.raises(sim.StoreError, match="Install the same truce-sim"):
        chunk.run_chunk(other, Chunk(((0.5,),), 0, 4))


def test_missing_packages_are_named_with_the_extra_that_has_them(small, monkeypatch):
    study = sim.sweep("april-package", TERRITORY, worlds=40)
    monkeypatch.setitem(sys.modules, "xarray", None)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(sim.SimError, match=r"truce-sim\[xarray\]"):
        study.to_xarray()
    with pytest.raises(sim.SimError, match=r"truce-sim\[dask\]"):
        sim.sweep("april-package", TERRITORY, worlds=40, cluster="tcp://127.0.0.1:1")


def test_xarray_has_an_axis_a_lever(small):
    pytest.importorskip("xarray")
    study = sim.sweep("april-package", TWO, worlds=40)
    told = study.to_xarray()
    assert told["held"].dims == ("offer.territory", "sanctions.us_threat")
    at = {"offer.territory": 0.75, "sanctions.us_threat": 1.0}
    row = study.table().query("`offer.territory` == 0.75 and `sanctions.us_threat` == 1.0")
    assert float(told["held"].sel(at)) == row["held"].item()
    assert told.attrs["seed"] == 1
    drawn = sim.sweep("april-package", {"aid.level": (0, 2)}, design="lhs", points=4, worlds=40)
    assert drawn.to_xarray()["held"].dims == ("point",)


# ------------------------------------------------------------------ copies


def test_a_study_keeps_its_data_as_long_as_there_is_a_copy(small):
    study = sim.sweep("april-package", TERRITORY, worlds=40)
    table, place = study.table(), study.home.path
    copies = [copy.copy(study), copy.deepcopy(study), pickle.loads(pickle.dumps(study))]
    del study
    for other in copies:
        assert other.table().equals(table)
        assert other.summary["points"] == 3
    assert place.exists()
    del copies, other
    gc.collect()
    assert not place.exists()


def test_a_study_that_comes_from_another_process_has_its_data():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        study = executor.submit(swept).result()
    assert len(study.table()) == 3
    assert study.run("best").tally.worlds == 40


def swept():
    return sim.sweep("april-package", TERRITORY, worlds=40)


def test_a_study_that_cannot_take_its_data_along_says_so_at_once(small, tmp_path, monkeypatch):
    study = sim.sweep("april-package", TERRITORY, worlds=40, out=tmp_path)
    kept = pickle.dumps(study)
    assert pickle.loads(kept).table().equals(study.table())
    shutil.rmtree(study.folder)
    with pytest.raises(sim.StoreError, match="the files of the study are not there"):
        pickle.loads(kept)
    with pytest.raises(sim.StoreError, match="the files of the study are not there"):
        study.table()
    monkeypatch.setattr("sim.experiments.sweep.study.PACKED_BYTES", 1000)
    with pytest.raises(sim.StoreError, match="too much to take along"):
        pickle.dumps(sim.sweep("april-package", TERRITORY, worlds=40))


def test_a_study_is_saved_with_all_its_parts_and_opens_as_it_was(small, tmp_path):
    study = sim.sweep("april-package", TERRITORY, worlds=40)
    folder = study.save(tmp_path)
    assert files(folder) == files(study.folder)
    opened = sim.open(study.id, tmp_path)
    assert opened.as_dict() == study.as_dict()
    assert opened.design == study.design
    assert opened.scenario == study.scenario
    assert study.save(tmp_path) == folder
    (folder / "points.parquet").write_bytes(b"damage")
    with pytest.raises(sim.StoreError, match=r"is there, but not whole\. Finish it: python"):
        study.save(tmp_path)


def test_axes_of_numbers_and_words_keep_both(small):
    pytest.importorskip("xarray")
    vary = {"offer.territory": ["deferred", 0.5, 1.0]}
    axis = sim.sweep("april-package", vary, worlds=8).to_xarray()["offer.territory"].to_numpy()
    assert axis.tolist() == ["deferred", 0.5, 1.0]
