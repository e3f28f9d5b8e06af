"""Files appear whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

import sim
from sim import store
from sim.checkout import commit_of
from sim.errors import StoreError
from sim.files import (
    MANIFEST,
    remove_leftovers,
    write_json,
    write_whole,
    written_together,
)
from sim.read_back import is_whole
from sim.reading import read_document
from sim.runs import entries, find


def test_a_new_folder_appears_whole(tmp_path):
    final = tmp_path / "a" / "b"
    with written_together(final) as aside:
        (aside / "one").write_text("1", encoding="utf-8")
        assert not final.exists()
    assert [path.name for path in final.iterdir()] == ["one"]
    assert [path.name for path in final.parent.iterdir()] == ["b"]


def test_in_a_folder_that_is_there_files_are_replaced_and_the_others_stay(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    with written_together(tmp_path) as aside:
        (aside / "one").write_text("new", encoding="utf-8")
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in ("one", "two")] == [
        *("new", "old")
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


def write_half(folder, fault):
    with written_together(folder) as aside:
        (aside / "one").write_text("new", encoding="utf-8")
        raise fault


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_a_fault_leaves_what_was_there_and_no_new_folder(tmp_path, fault):
    (tmp_path / "one").write_text("old", encoding="utf-8")
    for folder in (tmp_path, tmp_path / "new" / "deep"):
        with pytest.raises(fault):
            write_half(folder, fault)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert (tmp_path / "one").read_text(encoding="utf-8") == "old"


def test_what_cannot_be_written_says_why_and_what_to_do(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with (
        pytest.raises(StoreError, match=r"cannot be written: .*Make room"),
        written_together(tmp_path / "file" / "folder", "Make room."),
    ):
        pass
    with pytest.raises(StoreError, match="cannot be written"):
        write_whole(tmp_path / "file" / "one", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_loser_of_a_race_leaves_a_whole_folder(tmp_path):
    final = tmp_path / "baseline" / "abc"
    final.mkdir(parents=True)
    (final / "worlds.parquet").write_text("damaged", encoding="utf-8")
    write_json(final / MANIFEST, {"schema": store.MANIFEST_SCHEMA})

    def finish_one(_):
        with store.result_folder(final) as folder:
            write_json(folder / "summary.json", {"a": 1})
            (folder / "worlds.parquet").write_text("whole", encoding="utf-8")
            write_json(folder / MANIFEST, store.manifest("run", "abc", {}, folder))

    with ThreadPoolExecutor(8) as executor:
        list(executor.map(finish_one, range(40)))
    hashes = read_document(final / MANIFEST)["sha256"]
    assert is_whole(final, hashes, ["summary.json", "worlds.parquet"])
    assert {path.name for path in final.parent.iterdir()} == {"abc"}


def test_what_a_killed_process_left_behind_is_removed_and_nothing_else(tmp_path):
    final = tmp_path / "abc"
    names = {
        ".abc.999999999.0f0f.part": False,
        f".abc.{os.getppid()}.0f0f.part": True,
        ".other.999999999.0f0f.part": True,
        ".abc.mine.part": True,
    }
    final.mkdir()
    for place in (tmp_path, final):
        for name in names:
            (place / name).mkdir()
    remove_leftovers(final)
    for place in (tmp_path, final):
        assert {name: (place / name).exists() for name in names} == names


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_what_is_no_document_is_none(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    assert read_document(path) is None
    assert read_document(tmp_path / "b.json") is None


# ------------------------------------------------------------------ when, and of what


def git(folder, *words):
    who = ("-c", "user.name=n", "-c", "user.email=e@x")
    subprocess.run(["git", "-C", folder, *who, *words], check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_path_is_as_committed_until_a_file_is_changed_or_new(tmp_path):
    assert commit_of(tmp_path, ["data"]) == (None, None)
    assert commit_of(tmp_path / "nowhere", ["data"]) == (None, None)
    git(tmp_path, "init")
    file = tmp_path / "data" / "one"
    file.parent.mkdir()
    file.write_text("1", encoding="utf-8")
    assert commit_of(tmp_path, ["data"]) == (None, False)  # before the first commit
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "one")
    commit, same = commit_of(tmp_path, ["data"])
    assert same is True
    assert len(commit) == 40
    (tmp_path / "beside").touch()
    assert commit_of(tmp_path, ["data"]) == (commit, True)
    (tmp_path / "data" / "new").touch()
    assert commit_of(tmp_path, ["data"]) == (commit, False)
    (tmp_path / "data" / "new").unlink()
    file.write_text("2", encoding="utf-8")
    assert commit_of(tmp_path, ["data"]) == (commit, False)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize("setting", ["core.fsmonitor", "filter.x.clean"])
def test_no_command_is_run_that_the_settings_of_a_folder_name(tmp_path, setting):
    git(tmp_path, "init")
    (tmp_path / ".gitattributes").write_text("* filter=x\n", encoding="utf-8")
    (tmp_path / "one").write_text("1", encoding="utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "one")
    git(tmp_path, "config", setting, f"touch {tmp_path / 'ran'}; false")
    (tmp_path / "one").write_text("2", encoding="utf-8")
    commit_of(tmp_path, ["."])
    assert not (tmp_path / "ran").exists()


def test_a_manifest_says_when_its_result_was_made_and_the_id_does_not(tmp_path):
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    first = sim.run("baseline", worlds=64).save(tmp_path / "one")
    second = sim.run("baseline", worlds=64).save(tmp_path / "two")
    assert first.name == second.name
    for name in ("worlds.parquet", "summary.json"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    manifest = json.loads((first / MANIFEST).read_text(encoding="utf-8"))
    made = dt.datetime.fromisoformat(manifest["made"])
    assert before <= made <= dt.datetime.now(dt.UTC)
    assert manifest["made"].endswith("+00:00")
    assert manifest["inputs_as_committed"] in (True, False, None)


def test_the_newest_is_the_one_made_last_whenever_its_file_was_written(tmp_path):
    old = sim.run("baseline", worlds=64).save(tmp_path)
    new = sim.run("baseline", worlds=65).save(tmp_path)

    def made(folder, when):
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        write_json(folder / MANIFEST, {**document, "made": when})

    made(new, "2026-02-01T10:00:00+00:00")
    made(old, "2026-02-01T10:30:00+01:00")  # written last, made earlier
    assert [entry.folder for entry in entries(tmp_path)] == [new, old]
    made(old, "no time")  # as an older manifest, that of its file counts
    assert [entry.folder for entry in entries(tmp_path)] == [old, new]
    assert find("last", tmp_path).made > dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
