"""Nothing is written, moved or removed that this program did not make, nor through any link."""

from __future__ import annotations

import errno
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers.answers import a_why
from helpers.command import truce
from helpers.few import write_few

import sim
from sim.brief.write import check_folder, check_own
from sim.disk import shortage
from sim.errors import CalibrationError, LedgerError, SimError, StoreError
from sim.experiments.kernel import Kernel
from sim.experiments.sweep.folder import StudyFolder
from sim.files import json_bytes, kept, remove_leftovers, write_new, write_whole, written_together
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble, save_ensemble
from sim.journal import FOLDER, finish, replace_together
from sim.ledger.chain import append
from sim.ledger.score import scored
from sim.owned import MARK, turn

LINKS = pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
MINE = ("summary.json", "manifest.json", "worlds.parquet", "1", "block-0-0-9.npy", "notes.txt")
PLAN = {"schema": "truce/study/1", "key": "k", "keep_worlds": True}


def filled(folder):
    folder.mkdir(parents=True)
    for name in MINE:
        (folder / name).write_text("mine", encoding="utf-8")
    return folder


def is_untouched(folder):
    assert {path.name for path in folder.iterdir()} == set(MINE)
    return all(path.read_text("utf-8") == "mine" for path in folder.iterdir())


def save_why(out):
    a_why().save(out)


def run(out):
    told = truce("run", "baseline", "--worlds", 8, "--out", out)
    if told.returncode:
        assert told.returncode == 2
        raise SimError("run", told.stderr)


def begin_study(out):
    StudyFolder(out / "sweeps" / "a" / "b", PLAN, 64)


def keep_batches(out):
    list(Kernel(load_ensemble(shipped().newest_day()), 1, kept=out / "unfinished").run([]))


def add_rows(out):
    (out / "evidence").mkdir(parents=True, exist_ok=True)
    table = out / "evidence" / "events.csv"
    table.write_text("old", encoding="utf-8")
    replace_together(out, {table: b"new"}, {table: b"old"})


UNTOUCHED = ((keep_batches, "folder"), (begin_study, "link above"))
"""Finished batches lie beside anything; where a study lies is looked at by the sweep, see below."""


def place_of(write, out):
    """The folder that a writer makes, found by letting it write elsewhere."""
    fixed = {begin_study: "sweeps/a/b", keep_batches: "unfinished", add_rows: FOLDER}
    if write in fixed:
        return out / fixed[write]
    write(out.parent / "trial")
    (manifest,) = (out.parent / "trial").rglob("manifest.json")
    return out / manifest.parent.relative_to(out.parent / "trial")


@LINKS
@pytest.mark.parametrize("write", [save_why, run, begin_study, keep_batches, add_rows])
@pytest.mark.parametrize("there", ["link", "link above", "to nowhere", "file", "folder"])
def test_what_somebody_else_put_into_its_place_stays_and_is_told(tmp_path, write, there):
    docs, place = filled(tmp_path / "docs"), place_of(write, tmp_path / "out")
    if there == "link above":
        place = place.parent
    if place == tmp_path / "out" or (write, there) in UNTOUCHED:
        return
    place.parent.mkdir(parents=True)
    if there == "file":
        place.write_text("mine", encoding="utf-8")
    elif there == "folder":
        docs.rename(place)
    else:
        place.symlink_to(docs if there != "to nowhere" else "nowhere")
    with pytest.raises(SimError, match=r"link|folder|no result|no study|not made"):
        write(tmp_path / "out")
    assert place.is_symlink() == there.startswith(("link", "to"))
    if there == "file":
        assert place.read_text("utf-8") == "mine"
    assert is_untouched(place if there == "folder" else docs)


@LINKS
def test_parts_of_a_study_and_leftovers_are_never_taken_through_a_link(tmp_path):
    docs, place = filled(tmp_path / "docs"), tmp_path / "study"
    StudyFolder(place, PLAN, 64)
    (place / "worlds").rmdir()
    (place / "worlds").symlink_to(docs)
    with pytest.raises(StoreError, match="worlds: cannot be written: it is a symbolic link"):
        StudyFolder(place, PLAN, 64)
    (tmp_path / "out" / "sweeps").mkdir(parents=True)
    (tmp_path / "out" / "sweeps" / "april-package").symlink_to(docs)
    with pytest.raises(StoreError, match="april-package: cannot be written: it is a symbolic link"):
        sim.sweep("april-package", {"offer.territory": (0.5, 1.0, 2)}, out=tmp_path / "out")
    left = [place / f".study.999999999.0{n}.part" for n in range(2)]
    left[0].symlink_to(docs)
    filled(left[1] / "files")
    (left[1] / MARK).write_text("mine", encoding="utf-8")
    remove_leftovers(place)
    assert left[0].is_symlink()
    assert all(is_untouched(folder) for folder in (docs, left[1] / "files"))


def test_rows_that_were_being_added_are_finished_from_folders_of_ours_alone(tmp_path):
    adding = filled(tmp_path / FOLDER)
    assert not finish(tmp_path)
    assert is_untouched(adding)


@LINKS
def test_a_link_in_a_result_is_not_replaced_and_the_outputs_may_be_one(tmp_path):
    docs = filled(tmp_path / "docs")
    (tmp_path / "out").symlink_to(docs)
    folder = a_why().save(tmp_path / "out")
    assert folder.is_relative_to(tmp_path / "out")
    (folder / "why.json").unlink()
    (folder / "why.json").symlink_to(docs / "notes.txt")
    for write in (
        lambda: a_why().save(tmp_path / "out"),
        lambda: write_whole(folder / "why.json", b""),
    ):
        with pytest.raises(StoreError, match="is a symbolic link"):
            write()
    assert (docs / "notes.txt").read_text("utf-8") == "mine"


# ------------------------------------------------------------------ refused by the system


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EACCES])
def test_what_was_replaced_is_put_back_if_the_rest_cannot_be(tmp_path, monkeypatch, code):
    """Also a file that was not there before goes again."""
    for name in ("b", "c"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    replace, refused = Path.replace, []

    def refuse(self, target):
        if self.name == "c" and not refused:
            refused.append(target)
            raise OSError(code, os.strerror(code), str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError, match="cannot be written"):
        write_three(tmp_path)
    assert refused
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "c"]
    assert all(path.read_text("utf-8") == "old" for path in tmp_path.iterdir())


def write_three(folder):
    with written_together(folder) as aside:
        for name in ("a", "b", "c"):
            (aside / name).write_text("new", encoding="utf-8")


@pytest.mark.parametrize("code", [errno.EACCES, errno.EMFILE, errno.EIO])
@pytest.mark.parametrize("name", ["manifest.json", "kept"])
def test_what_cannot_be_read_is_told_and_not_made_anew(tmp_path, monkeypatch, name, code):
    folder = a_why().save(tmp_path)
    (folder / "kept").write_text("kept", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    opened = os.open

    def refuse(path, *given, **more):
        if str(path).endswith(name):
            raise OSError(code, os.strerror(code), str(path))
        return opened(path, *given, **more)

    monkeypatch.setattr(os, "open", refuse)
    read = {"kept": lambda: kept(folder / name, lambda file: file.read())}
    with pytest.raises(StoreError, match=f"{name}: cannot be read: .*left as it is"):
        read.get(name, lambda: a_why().save(tmp_path))()
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


WRITERS = {
    "a file": lambda out: write_whole(out / "a" / "table.csv", b"x"),
    "a new file": lambda out: write_new(out / "a" / "new.toml", b"x"),
    "a ledger": lambda out: append(out / "a" / "ledger.jsonl", lambda _: [{"kind": "x"}]),
    "a result": lambda out: a_why().save(out / "a"),
    "a study": lambda out: begin_study(out / "a"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_told_as_such_and_leaves_nothing_empty(tmp_path, monkeypatch, writer):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    told = "cannot be written: no space is left on the disk. Make room on the disk, then give"
    with pytest.raises(StoreError, match=told):
        WRITERS[writer](tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("short", "told"),
    [
        (MemoryError(), "truce: memory: is short"),
        (ImportError("DLL load failed while importing x", name="x"), "truce: x: cannot be loaded"),
    ],
)
def test_a_command_tells_what_was_short_and_shows_no_traceback(monkeypatch, short, told):
    def fail(*_, **__):
        raise short

    monkeypatch.setattr("sim.cli.runs.answer", fail)
    done = truce("runs")
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "cannot be written" not in done.stderr


def test_memory_and_libraries_that_are_short_are_told_as_such():
    gone = ImportError("libx.so.1: cannot open shared object file: Cannot allocate memory")
    assert "libx.so.1" in shortage(gone).what
    assert shortage(ImportError("cannot import name 'x'")) is None
    with (
        pytest.raises(StoreError, match="was not made: memory is short"),
        written_together(Path("nowhere")),
    ):
        raise OSError(errno.ENOMEM, "Cannot allocate memory")
    assert not Path("nowhere").exists()


# ------------------------------------------------------------------ files that the user has


@pytest.mark.parametrize("form", ["html", "pdf", "pptx"])
def test_a_briefing_of_somebody_else_is_not_replaced(tmp_path, form):
    check_own(tmp_path, [form])
    (tmp_path / f"brief.{form}").write_bytes(b"PK mine")
    with pytest.raises(StoreError, match="did not make it"):
        check_own(tmp_path, [form])


def test_a_figure_of_somebody_else_is_not_replaced_by_that_of_a_score(tmp_path):
    (tmp_path / "scores.svg").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="did not make it"):
        scored([]).save(tmp_path)


def test_no_briefing_is_put_into_the_folder_of_a_result(tmp_path):
    (tmp_path / "manifest.json").touch()
    with pytest.raises(StoreError, match="is the folder of a result"):
        check_folder(tmp_path, ["html"])


def test_a_name_that_is_no_utf8_is_written_as_it_is_shown():
    assert json.loads(json_bytes({"file": "\udcff.toml"})) == {"file": "\\udcff.toml"}


def test_a_file_in_the_place_of_a_lock_stays(tmp_path):
    lock = tmp_path / "ledger.jsonl.lock"
    lock.write_text("mine", encoding="utf-8")
    os.utime(lock, (0, 0))
    with pytest.raises(LedgerError, match="no lock of this program"):
        append(tmp_path / "ledger.jsonl", lambda _: [{"kind": "x"}])
    assert lock.read_text("utf-8") == "mine"


@pytest.mark.skipif(os.name == "nt", reason="has no such locks")
def test_files_take_their_places_one_writer_after_the_other(tmp_path):
    with ThreadPoolExecutor(1) as executor:
        with turn(tmp_path):
            writing = executor.submit(write_whole, tmp_path / "a.json", b"new")
            with pytest.raises(TimeoutError):
                writing.result(0.2)
        writing.result(10)
    assert (tmp_path / "a.json").read_bytes() == b"new"


def test_ensembles_of_many_at_once_are_whole_and_never_mixed(tmp_path):
    conflict, day = write_few(tmp_path / "data", 8), shipped().newest_day()
    few = load_ensemble(day, conflict=conflict)

    def save(count):
        records = few.members[:count], few.starts[:count]
        made = save_ensemble(tmp_path / "out", "prior", day, records, {}, conflict)
        return len(made) == count

    with ThreadPoolExecutor(8) as executor:
        assert all(executor.map(save, [1, 2, 3, 4, 5, 6, 7, 8] * 3))
    assert len(load_ensemble(day, tmp_path / "out", conflict)) in range(1, 9)
    table = (tmp_path / "out" / f"{day}.parquet").read_bytes()
    save(len(load_ensemble(day, tmp_path / "out", conflict)) % 8 + 1)
    (tmp_path / "out" / f"{day}.parquet").write_bytes(table)
    with pytest.raises(CalibrationError, match="of another calibration"):
        load_ensemble(day, tmp_path / "out", conflict)
    (tmp_path / "out" / f"{day}.json").write_text("mine", encoding="utf-8")
    with pytest.raises(CalibrationError, match="no ensemble of this program"):
        save(8)
    assert (tmp_path / "out" / f"{day}.json").read_text("utf-8") == "mine"


def test_a_new_file_replaces_none(tmp_path):
    write_new(tmp_path / "a.toml", b"mine")
    with pytest.raises(StoreError, match="is there already"):
        write_new(tmp_path / "a.toml", b"new")
    assert (tmp_path / "a.toml").read_bytes() == b"mine"
