"""`truce replay` and `truce runs`: find what was made, tell a world, refuse what cannot be."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from helpers.command import truce

import sim
from sim.diary.typical import typical_world
from sim.errors import StoreError
from sim.runs import entries, find


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Two runs, the joint ultimatum last."""
    folder = tmp_path_factory.mktemp("outputs")
    for name in ("baseline", "joint-ultimatum"):
        assert truce("run", name, "--worlds", 2000, "--out", folder).returncode == 0
    return folder


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A comparison without worlds, and a study, both of Python and nothing else."""
    folder = tmp_path_factory.mktemp("outputs")
    comparison = sim.compare(["baseline", "us-backstop"], worlds=80, seed=3)
    study = sim.sweep("april-package", {"offer.territory": (0.5, 1.0, 3)}, worlds=40, out=folder)
    comparison.save(folder)
    return folder, comparison, study


def test_runs_are_listed_newest_first(out):
    listed = truce("runs", "--out", out)
    lines = [line.split() for line in listed.stdout.splitlines()]
    assert [line[1:3] for line in lines[:3]] == [
        *(["kind", "scenario"], ["run", "joint-ultimatum"], ["run", "baseline"])
    ]
    document = json.loads(truce("runs", "--out", out, "--json").stdout)
    assert [run["scenario"] for run in document["runs"]] == ["joint-ultimatum", "baseline"]
    assert document["runs"][0]["worlds"] == 2000
    assert 0.0 < document["runs"][0]["held"] < document["runs"][0]["agreed"] < 1.0


def test_all_kinds_are_listed_whatever_made_them(every):
    folder, comparison, study = every
    document = json.loads(truce("runs", "--out", folder, "--json").stdout)
    found = {entry["kind"]: entry for entry in document["runs"]}
    assert set(found) == {"comparison", "study"}
    assert found["comparison"]["run_id"] == comparison.id
    assert found["comparison"]["scenario"] == "baseline, us-backstop"
    assert found["study"]["run_id"] == study.id
    alone = truce("runs", "--kind", "study", "--out", folder)
    assert comparison.id not in alone.stdout
    assert study.id in alone.stdout
    assert truce("runs", "--kind", "peace", "--out", folder).returncode == 2


def test_no_runs_is_no_fault(tmp_path):
    listed = truce("runs", "--out", tmp_path)
    assert listed.returncode == 0
    assert "There is nothing in" in listed.stdout


def test_a_run_is_found_by_last_id_prefix_and_folder(out):
    newest, oldest = entries(out)
    assert find("last", out).id == find("last-run", out).id == newest.id
    assert find(oldest.id, out).id == oldest.id
    assert find(oldest.id[:6], out).id == oldest.id
    assert find(str(oldest.folder)).id == oldest.id
    assert sim.open(oldest.id, out).run_id == oldest.id


def test_a_world_is_told_as_it_was_run(out):
    run = sim.open("last", out)
    outcome = run.column("outcome")[17]
    told = truce("replay", "last", "--world", 17, "--out", out)
    assert told.returncode == 0, told.stderr
    assert f"world 17 of run {run.id}" in told.stdout
    assert told.stdout.rstrip().endswith(f"The world ends: {outcome}.")
    document = json.loads(truce("replay", "last", "--world", 17, "--out", out, "--json").stdout)
    assert document["outcome"] == outcome
    assert document["run_id"] == run.id


@pytest.mark.parametrize("outcome", ["held", "collapsed", "walked_away", "no_truce"])
def test_the_nearest_world_of_an_outcome_has_it(out, outcome):
    run = sim.open("last", out)
    world = typical_world(run, outcome)
    assert run.column("outcome")[world] == outcome
    told = truce("replay", run.id[:8], "--nearest", outcome, "--out", out)
    assert f"world {world} of run" in told.stdout


def test_a_world_of_a_comparison_is_told_though_none_was_kept(every):
    folder, comparison, _ = every
    _, second = comparison.results
    worlds = sim.run("us-backstop", worlds=80, seed=3).worlds
    told = truce("replay", second.run_id, "--world", 7, "--out", folder)
    assert told.returncode == 0, told.stderr
    assert f"world 7 of run {second.run_id}" in told.stdout
    assert told.stdout.rstrip().endswith(f"The world ends: {worlds['outcome'][7]}.")
    named = truce("replay", comparison.id, "--of", "us-backstop", "--world", 7, "--out", folder)
    assert named.stdout == told.stdout
    ending = worlds["outcome"][0]
    nearest = sim.replay(comparison, nearest=ending, of="us-backstop")
    assert worlds["outcome"][nearest.world] == ending


def test_a_world_of_a_study_is_told_at_a_point(every):
    folder, _, study = every
    today = sim.replay(study, world=3)
    assert today.scenario.levers == study.scenario.levers
    point = study.table()["point"][0]
    told = truce("replay", study.id, "--of", point, "--world", 3, "--out", folder)
    assert told.returncode == 0, told.stderr
    diary = sim.replay(study, world=3, of=point)
    assert diary.scenario.levers["offer.territory"] == 0.5
    assert diary.entries[-1].text in told.stdout


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["last"], "Give --world or --nearest"),
        (["last", "--world", "1", "--nearest", "held"], "needs one world"),
        (["last", "--world", "2000"], "--world: 2000 is outside 0..1999"),
        (["last", "--world", "-1"], "--world: -1 is outside"),
        (["last", "--nearest", "peace"], "'peace' is no outcome"),
        (["last", "--world", "1", "--of", "baseline"], "is a run, of which there is no part"),
        (["last-timeline", "--world", "1"], "there is not yet a timeline"),
        (["ffffffffffff", "--world", "1"], "there is none of that id"),
        (["", "--world", "1"], "there is none of that id"),
        (["../..", "--world", "1"], "there is none of that id"),
    ],
)
def test_bad_input_is_one_message_and_exit_2(out, words, wrong):
    told = truce("replay", *words, "--out", out)
    assert told.returncode == 2
    assert wrong in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""


def test_of_a_comparison_a_scenario_must_be_named(every):
    folder, comparison, study = every
    told = truce("replay", comparison.id, "--world", 7, "--out", folder)
    assert told.returncode == 2
    assert f"There are: baseline ({comparison.results[0].run_id}), us-backstop" in told.stderr
    told = truce("replay", study.id, "--of", "peace", "--world", 7, "--out", folder)
    assert "has no point called 'peace'" in told.stderr


def test_a_prefix_that_fits_several_is_refused(out, tmp_path):
    run = find("last", out)
    for number in (1, 2):
        folder = shutil.copytree(run.folder, tmp_path / "a" / f"abc{number}")
        manifest = {**run.manifest, "run_id": f"abc{number}"}
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StoreError, match="fits several: abc"):
        find("abc", tmp_path)


def changed(out, tmp_path, key, value):
    """A copy of the last run whose manifest says something else."""
    run = find("last", out)
    folder = tmp_path / "joint-ultimatum" / run.id
    shutil.copytree(run.folder, folder)
    manifest = {**run.manifest, key: value}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return truce("replay", "last", "--world", 1, "--out", tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("source", "0" * 64, "made by another version of the model"),
        (
            "ensemble",
            {"id": "prior-x", "kind": "prior", "as_of": "2025-05-20"},
            "with the ensemble prior-x",
        ),
        ("sha256", {}, "is damaged or unfinished"),
        ("sha256", {"../x": "0" * 64}, "is damaged or unfinished"),
        ("seed", None, "is damaged, or of another version"),
        ("scenario", {"name": "x"}, "is damaged, or of another version"),
    ],
)
def test_a_run_that_cannot_be_told_again_says_why(out, tmp_path, key, value, wrong):
    told = changed(out, tmp_path, key, value)
    assert told.returncode == 2
    assert wrong in told.stderr
    assert "Traceback" not in told.stderr


def test_a_comparison_is_not_the_last_run(tmp_path):
    done = truce("compare", "baseline", "walk-away", "--worlds", 64, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    (compared,) = (tmp_path / "comparisons").iterdir()
    os.utime(compared / "manifest.json", (2e9, 2e9))
    assert find("last", tmp_path).kind == "comparison"
    assert find("last", tmp_path, ["run"]).kind == "run"
    with pytest.raises(StoreError, match="is a comparison, and a run is needed"):
        find(compared.name, tmp_path, ["run"])
