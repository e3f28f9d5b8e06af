"""`truce runs`: all that was made, what it is good for, and what of it may go."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
import shutil
import sys

import pytest
import typer
from helpers.answers import a_why
from helpers.command import truce

import sim
from sim.cli import app
from sim.folders import LONGEST, folder_name
from sim.inputs.conflict import shipped
from sim.runs import USES, entries, find
from sim.store import KINDS


class Terminal:
    """Somebody at a terminal who answers."""

    def __init__(self, says):
        self.says = says

    def isatty(self):
        return True

    def readline(self):
        return f"{self.says}\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run and the folder of its kind of question, never changed."""
    out = tmp_path_factory.mktemp("made")
    sim.run("baseline", worlds=8).save(out)
    a_why().save(out)
    return out


def test_a_folder_tells_what_is_in_it_and_one_called_by_its_id_alone_is_found(out):
    found = a_why()
    (folder,) = (out / KINDS["why"].place).iterdir()
    labels = "-vs-".join(one.label for one in found.setting.scenarios)
    assert folder.name == f"{labels}-{found.setting.first.as_of}-{found.id}"
    assert find(folder.name, out).folder == find(found.id[:8], out).folder == folder
    old = folder.rename(folder.with_name(found.id))  # as older versions called it
    assert find("last-why", out).folder == found.save(out) == old
    (old / "why.json").write_text("{}", encoding="utf-8")
    left = old.parent / f".{old.name}.{2**22 + 1}.0a.part"
    left.mkdir()
    assert found.save(out) == old
    assert list(old.parent.iterdir()) == [old]
    assert sim.open(old).as_dict() == found.as_dict()
    kept = old.rename(old.with_name("f" * 12))  # another's id: none of ours
    assert found.save(out) != kept


def test_what_was_asked_for_again_is_the_last(tmp_path):
    """Nothing of it is made anew, but who asks for a result once more means it by `last`."""
    ask = ("run", "baseline", "--worlds", 8, "--out", tmp_path)
    first = json.loads(truce(*ask, "--json").stdout)["run_id"]
    folder = find(first, tmp_path).folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    other = a_why()
    other.save(tmp_path)
    assert find("last", tmp_path, ("run", "why")).id == other.id
    assert "there already, and whole" in truce(*ask).stderr
    assert [one.id for one in entries(tmp_path)] == [first, other.id]
    other.save(tmp_path)
    assert [one.id for one in entries(tmp_path)] == [other.id, first]
    after = {path.name: path.read_bytes() for path in folder.iterdir()}
    manifest = json.loads(after.pop("manifest.json"))
    assert manifest.pop("asked") >= manifest["made"]
    assert manifest == json.loads(before.pop("manifest.json"))
    assert after == before


@pytest.mark.parametrize("asked", [None, 3, [], "yesterday", "9999-99-99"])
def test_a_time_that_is_none_does_not_matter(out, asked):
    (folder,) = (out / KINDS["why"].place).iterdir()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    text = json.dumps({**manifest, "asked": asked})
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    assert find("last-why", out).folder == folder


def test_names_of_folders_are_short_plain_and_end_with_the_whole_id():
    for labels in (["b" * 200], [f"{n}:/\\ \u00e9t\u00e9" for n in range(40)], ["..."], ["\u0416"]):
        name = folder_name(labels, "2025-05-20", "held<.05 & more " * 9, "0123456789ab")
        assert len(name) <= LONGEST
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._=+-]*-0123456789ab", name), name
        assert "2025-05-20-held-.05" in name


@pytest.fixture
def out(made, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(made, tmp_path / "outputs")


def listed(out, *words):
    return json.loads(truce("runs", *words, "--out", out, "--json").stdout)


def sum_of_files(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_it_lists_times_with_their_offset_sizes_and_uses(made):
    document = listed(made)
    assert {row["kind"] for row in document["runs"]} == {"run", "why"} == set(document["uses"])
    for row, entry in zip(document["runs"], entries(made), strict=True):
        assert dt.datetime.fromisoformat(row["made"]).utcoffset() is not None
        assert row["bytes"] == entry.size == sum_of_files(entry.folder) > 0
    text = truce("runs", "--out", made).stdout
    assert "  run: replay, explain, why --world, discover, brief, ledger seal\n" in text
    assert "2 results, " in text
    run = next(row for row in document["runs"] if row["kind"] == "run")
    assert [row["run_id"] for row in listed(made, run["run_id"][:6])["runs"]] == [run["run_id"]]


def test_every_kind_has_uses_and_every_use_is_a_command():
    assert set(USES) == set(KINDS)
    command = typer.main.get_command(app)
    for use in {use for uses in USES.values() for use in uses}:
        words = use.split()
        found = command
        for word in words:
            if word.startswith("--"):
                assert word in {flag for option in found.params for flag in option.opts}
            else:
                found = found.commands[word]


def test_it_counts_the_forecasts_of_the_ledger(out):
    assert listed(out)["ledger"] is None
    ledger = out / "ledger.jsonl"
    shutil.copy(shipped().calibration / "ledger.jsonl", ledger)
    found = listed(out)["ledger"]
    assert found["forecasts"] == ledger.read_text("utf-8").count('"kind": "seal"') > 0
    assert found["bytes"] == ledger.stat().st_size
    assert f"{found['forecasts']} forecasts" in truce("runs", "--out", out).stdout
    ledger.write_text("damaged\n", encoding="utf-8")
    told = truce("runs", "--out", out)
    assert told.returncode == 0
    assert "ledger.jsonl" in told.stdout.splitlines()[-1]
    assert listed(out)["ledger"]["problem"]


def test_a_result_is_removed_and_what_it_freed_is_told(out):
    run = next(entry for entry in entries(out) if entry.kind == "run")
    size = run.size
    done = truce("runs", "--remove", "last-run", run.id, "--yes", "--json", "--out", out)
    document = json.loads(done.stdout)
    assert document["freed_bytes"] == size
    assert [row["run_id"] for row in document["removed"]] == [run.id]
    assert not run.folder.exists()
    assert list(run.folder.parent.iterdir()) == []
    assert [entry.kind for entry in entries(out)] == ["why"]


@pytest.mark.parametrize(("says", "left"), [("y", 1), ("n", 2), ("", 2)])
def test_it_asks_first(out, monkeypatch, says, left):
    monkeypatch.setattr(sys, "stdin", Terminal(says))
    done = truce("runs", "--remove", "last-run", "--out", out)
    assert "Remove 1 result for good, " in done.stderr
    assert str(out / "baseline") in done.stderr
    assert len(entries(out)) == left
    assert done.returncode == (0 if left == 1 else 1)
    assert ("Freed: " if left == 1 else "Nothing was removed.") in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("--remove",), "no result is named"),
        (("--remove", "last"), "here is no terminal to ask on"),
        (("--remove", "ffff", "eeee", "--yes"), "2 things are wrong"),
        (("--remove", "last", "--kind", "run", "--yes"), "does not go with --remove"),
        (("--yes",), "goes with --remove"),
    ],
)
def test_what_cannot_be_removed_is_refused_and_nothing_goes(out, monkeypatch, words, wrong):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    done = truce("runs", *words, "--out", out)
    assert (done.returncode, done.stdout) == (2, "")
    assert wrong in done.stderr
    assert len(entries(out)) == 2


def test_nothing_outside_of_the_outputs_is_removed(made, out):
    elsewhere = next(entry.folder for entry in entries(made) if entry.kind == "run")
    deeper = shutil.copytree(elsewhere, out / "a" / "b" / "c" / elsewhere.name)
    renamed = shutil.copytree(elsewhere, out / "baseline" / "0123456789ab")
    for folder in (elsewhere, deeper, renamed):
        done = truce("runs", "--remove", folder, "--yes", "--out", out)
        assert done.returncode == 2, folder
        assert "is no result that `truce runs` lists" in done.stderr
        assert (folder / "manifest.json").is_file()


def test_a_folder_with_a_manifest_that_is_not_ours_stays(out):
    folder = out / "theirs" / "abc"
    folder.mkdir(parents=True)
    manifest = {"schema": "another/1", "run_id": "abc", "about": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    for name in ("abc", folder):
        assert truce("runs", "--remove", name, "--yes", "--out", out).returncode == 2
    assert folder.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
@pytest.mark.parametrize("level", ["outputs", "scenario", "result"])
def test_it_goes_through_no_symbolic_link(out, tmp_path, level):
    run = next(entry for entry in entries(out) if entry.kind == "run")
    place = {"outputs": out, "scenario": run.folder.parent, "result": run.folder}[level]
    kept = tmp_path / "kept"
    place.rename(kept)
    place.symlink_to(kept, target_is_directory=True)
    done = truce("runs", "--remove", run.id, "--yes", "--out", out)
    assert done.returncode == 2
    assert "is a symbolic link" in done.stderr
    assert (run.folder / "manifest.json").is_file()


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
def test_what_is_not_ours_in_a_result_stays_where_it_is(out, tmp_path):
    run = next(entry for entry in entries(out) if entry.kind == "run")
    size = run.size
    own = tmp_path / "own"
    own.mkdir()
    (own / "notes.txt").write_text("mine", encoding="utf-8")
    (run.folder / "link").symlink_to(own, target_is_directory=True)
    (run.folder / "parts").mkdir()
    (run.folder / "parts" / "thesis.txt").write_text("mine", encoding="utf-8")
    done = truce("runs", "--remove", run.id, "--yes", "--json", "--out", out)
    assert done.returncode == 0
    assert json.loads(done.stdout)["freed_bytes"] == size
    assert re.search(r"did not make it: .*link, .*thesis.txt", done.stderr.replace("\n", ""))
    assert (own / "notes.txt").read_text("utf-8") == "mine"
    assert {path.name for path in run.folder.rglob("*")} == {"link", "parts", "thesis.txt"}
    assert {path.name for path in run.folder.parent.iterdir()} == {run.folder.name}
