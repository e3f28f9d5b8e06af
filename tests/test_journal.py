"""Several files as one: killed at any moment, all of them are new or none is."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest
from helpers.command import TRUCE, truce
from helpers.news import copied, fill_csv, record

import sim
from sim import journal
from sim.calibrate.prior import make_prior
from sim.errors import StoreError
from sim.evidence.statements import load_evidence
from sim.journal import FOLDER, finish, replace_together
from sim.opened import conflict_from

NEW = {"a/evidence/statements.csv": b"new one", "scenarios/history.toml": b"new two\n",
       "a/evidence/events.csv": b""}  # fmt: skip
KILLED = """
import os, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
count = int(sys.argv[1])
def audit(event, _):
    global count
    if event in {events} and here in str(_[0]):
        count -= 1
        if count < 0:
            os.kill(os.getpid(), 9)
here = {folder!r}
from sim.journal import replace_together
folder = Path(here)
new = {new!r}
before = {{folder / name: (folder / name).read_bytes() for name in new}}
sys.addaudithook(audit)
replace_together(folder / "a", {{folder / name: data for name, data in new.items()}}, before)
"""
EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree")
"""All that touches the disk, before each of which the process is killed in turn."""


@pytest.fixture
def folder(tmp_path):
    for name in NEW:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"old " + name.encode())
    return tmp_path


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}  # fmt: skip


def replaced(folder, new=NEW):
    paths = {folder / name: data for name, data in new.items()}
    before = {path: path.read_bytes() for path in paths}
    replace_together(folder / "a", paths, before)


def test_all_files_are_replaced_and_nothing_else_is_left(folder):
    assert not finish(folder / "a")
    replaced(folder)
    assert contents(folder) == NEW
    assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_killed_before_any_touch_of_the_disk_leaves_all_or_nothing(folder):
    """Each touch in turn is the one before which the process dies, by its own hand."""
    old = contents(folder)
    script = KILLED.format(tests="", folder=str(folder), events=EVENTS, new=NEW)
    outcomes = []
    for count in range(200):
        for name, data in old.items():
            (folder / name).write_bytes(data)
        done = subprocess.run([sys.executable, "-c", script, str(count)], capture_output=True)
        half = contents(folder)
        finish(folder / "a")
        now = {name: data for name, data in contents(folder).items() if name in old}
        assert now in (old, NEW), (count, done.stderr)
        outcomes.append(now == NEW)
        between = {half[name] == NEW[name] for name in NEW}
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        if len(between) == 2:
            assert outcomes[-1]  # half replaced is always finished
    else:
        pytest.fail("it never came to its end")
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes)  # nothing, up to one moment; all from it on
    assert contents(folder) == NEW  # and what was left aside is gone


def test_a_file_that_has_changed_meanwhile_is_not_overwritten(folder):
    path = folder / "scenarios/history.toml"
    with pytest.raises(StoreError, match="changed meanwhile"):
        replace_together(folder / "a", {path: b"new"}, {path: b"not what it holds"})
    assert contents(folder)["scenarios/history.toml"] == b"old scenarios/history.toml"
    assert not (folder / "a" / FOLDER).exists()


def test_a_file_that_was_changed_while_half_was_done_is_told_of_and_kept(folder, monkeypatch):
    monkeypatch.setattr(journal, "finish", lambda *_: False)
    replaced(folder)
    monkeypatch.undo()
    (folder / "scenarios/history.toml").write_bytes(b"edited by hand")
    with pytest.raises(StoreError, match="was changed while rows were being added"):
        finish(folder / "a")
    assert contents(folder)["scenarios/history.toml"] == b"edited by hand"
    (folder / "scenarios/history.toml").write_bytes(NEW["scenarios/history.toml"])
    assert finish(folder / "a")
    assert contents(folder) == NEW


def test_a_folder_that_cannot_be_written_is_told_and_nothing_changed(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(journal.os, "rename", refuse)
    old = contents(folder)
    with pytest.raises(StoreError, match="nothing was changed"):
        replaced(folder)
    assert contents(folder) == old


def test_a_journal_from_somebody_else_writes_nowhere_else(folder, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_bytes(b"mine")
    adding = folder / "a" / journal.FOLDER
    with contextlib.suppress(FileExistsError):
        adding.mkdir()
    (adding / "0").write_bytes(b"theirs")
    digest = [hashlib.sha256(text).hexdigest() for text in (b"mine", b"theirs")]
    entry = {"file": os.path.relpath(mine, folder / "a"), "old": digest[0], "new": digest[1]}
    (adding / "journal.json").write_text(json.dumps({"files": [entry]}), encoding="utf-8")
    with pytest.raises(StoreError, match="Nothing is written there"):
        finish(folder / "a")
    assert mine.read_bytes() == b"mine"


# ------------------------------------------------------------------ the command


def interrupted(folder, path, after):
    """Add news, and kill the process before the file of that number is put into its place."""
    code = (
        "import os, sys\n"
        "import sim.journal as journal\n"
        "put, left = journal.os.replace, [int(sys.argv.pop(1))]\n"
        "def replace(*both):\n"
        "    left[0] -= 1\n"
        "    if left[0] < 0: os.kill(os.getpid(), 9)\n"
        "    put(*both)\n"
        "journal.os.replace = replace\n"
        "from sim.cli import main; main()"
    )
    words = [str(after), "--data", str(folder), "evidence", "add", str(path)]
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True)


@pytest.mark.parametrize("after", [0, 1, 3])
def test_the_next_command_finishes_what_an_add_that_was_killed_had_decided(tmp_path, after):
    whole, killed = copied(tmp_path / "whole"), copied(tmp_path / "killed")
    path = fill_csv(tmp_path / "news")
    assert truce("--data", whole, "evidence", "add", path).returncode == 0
    before = record(killed)
    assert interrupted(killed, path, after).returncode == -signal.SIGKILL
    half = {name: data for name, data in record(killed).items() if name in before}
    assert half != record(whole)
    assert truce("--data", killed, "evidence", "check").returncode == 0
    assert record(killed) == record(whole)


@pytest.mark.parametrize("way", ["run", "of a result"])
def test_whoever_names_the_data_finishes_it_and_a_result_that_names_them_does_not(tmp_path, way):
    whole, killed = copied(tmp_path / "whole"), copied(tmp_path / "killed")
    path = fill_csv(tmp_path / "news")
    assert truce("--data", whole, "evidence", "add", path).returncode == 0
    conflict, day = sim.Conflict(killed), dt.date(2025, 5, 20)
    make_prior(day, conflict=conflict)
    run = sim.run(sim.load_scenario("baseline", day, conflict=conflict), 64).save(tmp_path)
    assert interrupted(killed, path, 1).returncode == -signal.SIGKILL
    added = record(whole)
    assert added.items() - record(killed).items()
    half = record(killed)
    ways = {"run": lambda: sim.open(run), "of a result": lambda: conflict_from(conflict.document)}
    with pytest.raises(StoreError, match="is not all in"):
        ways[way]()
    assert record(killed) == half
    again = sim.Conflict(killed)
    ways[way]()
    assert not added.items() - record(killed).items()
    assert again == conflict
    assert len(load_evidence(conflict=again).articles) == 10


def test_two_that_add_at_once_leave_both_or_one(tmp_path):
    folder = copied(tmp_path)
    month = {"articles": [{"id": "005", "title": "One", "day": "2025-06-03", "day_basis": "d"}]}
    other = {"articles": [{"id": "006", "title": "Two", "day": "2025-06-04", "day_basis": "d"}]}
    paths = fill_csv(tmp_path / "one", month), fill_csv(tmp_path / "two", other)
    words = [*TRUCE, "--data", str(folder), "evidence", "add"]
    both = [
        subprocess.Popen([*words, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for path in paths
    ]
    done = [(one.communicate(), one.returncode) for one in both]
    text = (folder / "calibration/evidence/articles.toml").read_text(encoding="utf-8")
    for title, ((_, error), code) in zip(("One", "Two"), done, strict=True):
        assert (f'title = "{title}"' in text) == (code == 0), error
        assert code in (0, 2), error
    assert any(code == 0 for _, code in done)
    told = truce("--data", folder, "evidence", "check", "--json")
    assert len(json.loads(told.stdout)["articles"]) == 5 + sum(code == 0 for _, code in done)
    assert not [*(folder / "calibration").glob(".*")]
