"""`truce replay` and `truce runs`: find a run, tell a world of it, say clearly what cannot be."""

from __future__ import annotations

import json
import os
import shutil

import pytest
from helpers.command import truce

from sim.errors import StoreError
from sim.runs import find_run, past_runs, typical_world


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """Two runs, the joint ultimatum last."""
    folder = tmp_path_factory.mktemp("outputs")
    for name in ("baseline", "joint-ultimatum"):
        assert truce("run", name, "--worlds", 2000, "--out", folder).returncode == 0
    return folder


def test_runs_are_listed_newest_first(out):
    told = truce("runs", "--out", out)
    lines = told.stdout.splitlines()
    assert [line.split()[1] for line in lines] == ["scenario", "joint-ultimatum", "baseline"]
    document = json.loads(truce("runs", "--out", out, "--json").stdout)
    assert [run["scenario"] for run in document["runs"]] == ["joint-ultimatum", "baseline"]
    assert document["runs"][0]["worlds"] == 2000


def test_no_runs_is_no_fault(tmp_path):
    told = truce("runs", "--out", tmp_path)
    assert told.returncode == 0
    assert "There are no runs" in told.stdout


def test_a_run_is_found_by_last_id_prefix_and_folder(out):
    newest, oldest = past_runs(out)
    assert find_run("last", out).id == newest.id
    assert find_run(oldest.id, out).id == oldest.id
    assert find_run(oldest.id[:6], out).id == oldest.id
    assert find_run(str(oldest.folder)).id == oldest.id


def test_a_world_is_told_as_it_was_run(out):
    run = find_run("last", out)
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
    run = find_run("last", out)
    world = typical_world(run, outcome)
    assert run.column("outcome")[world] == outcome
    told = truce("replay", run.id[:8], "--nearest", outcome, "--out", out)
    assert f"world {world} of run" in told.stdout


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["last"], "Give --world or --nearest"),
        (["last", "--world", "1", "--nearest", "held"], "needs one world"),
        (["last", "--world", "2000"], "--world: 2000 is outside 0..1999"),
        (["last", "--world", "-1"], "--world: -1 is outside"),
        (["last", "--nearest", "peace"], "'peace' is no outcome"),
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


def test_a_prefix_that_fits_several_is_refused(out, tmp_path):
    run = find_run("last", out)
    for number in (1, 2):
        shutil.copytree(run.folder, tmp_path / "a" / f"abc{number}")
    with pytest.raises(StoreError, match="fits several: abc"):
        find_run("abc", tmp_path)


def changed(out, tmp_path, key, value):
    """A copy of the last run whose manifest says something else."""
    run = find_run("last", out)
    folder = tmp_path / "joint-ultimatum" / run.id
    shutil.copytree(run.folder, folder)
    manifest = {**run.manifest, key: value}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return truce("replay", "last", "--world", 1, "--out", tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "wrong"),
    [
        ("source", "0" * 64, "made by another version of the model"),
        ("ensemble", {"id": "prior-x", "as_of": "2025-05-20"}, "with the ensemble prior-x"),
        ("ensemble", {"id": "prior-x", "as_of": "2025-04-01"}, "no ensemble of that day"),
        ("sha256", {}, "is damaged or unfinished"),
        ("scenario", {"name": "x"}, "holds no whole scenario"),
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
    assert find_run("last", tmp_path).manifest["scenario"]["name"] in ("baseline", "walk-away")
    with pytest.raises(StoreError, match="none of that id"):
        find_run(compared.name, tmp_path)
