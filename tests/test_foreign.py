"""Files that others wrote: checked before they are used, told plainly, and never followed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shlex
import shutil
from pathlib import Path
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.answers import a_discovery, a_redteam, a_sensitivity, a_update, a_watch
from helpers.briefings import a_timeline, influences
from helpers.command import truce
from helpers.explored import an_explored
from helpers.optimised import an_optimised

import sim
from sim.brief.again import Change
from sim.errors import StoreError
from sim.inputs.conflict import shipped
from sim.store import KINDS
from sim.text import printable

MADE_UP = {
    "watch": a_watch,
    "sensitivity": a_sensitivity,
    "redteam": a_redteam,
    "optimise": an_optimised,
    "explore": an_explored,
    "discovery": a_discovery,
    "update": a_update,
    "timeline": a_timeline,
    "influence": influences,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder of a result of each of many kinds, by kind."""
    out = tmp_path_factory.mktemp("outputs")
    found = {
        "run": sim.run("baseline", worlds=64),
        "comparison": sim.compare(["baseline", "joint-ultimatum"], worlds=64),
        "study": sim.sweep("baseline", {"aid.level": [0.0, 1.0]}, worlds=8),
        **{kind: make() for kind, make in MADE_UP.items()},
    }
    return {kind: one.save(out) for kind, one in found.items()}


@pytest.fixture
def copied(folders, tmp_path):
    """Copy a result's folder to where it would lie below other outputs."""

    def copy(kind):
        out = folders["run"].parent.parent
        return Path(shutil.copytree(folders[kind], tmp_path / folders[kind].relative_to(out)))

    return copy


def document_in(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write_document(path, document):
    path.write_text(json.dumps(document), encoding="utf-8")


def renew(folder, **changes):
    """Let the manifest of a folder have the hashes of its files, and say something else."""
    manifest = document_in(folder / "manifest.json")
    for name in manifest["sha256"]:
        manifest["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    write_document(folder / "manifest.json", {**manifest, **changes})


def refused(*words):
    """Run a command that is to be refused, and return what it says."""
    done = truce(*words)
    assert done.returncode == 2, done.stdout
    assert len(done.stderr.splitlines()) <= 2
    return done.stderr


# ------------------------------------------------------------------ folders of results


def spoilt(node, value):
    """Replace each number of a document in turn, up to four of them."""
    text = json.dumps(node)
    for found in [*re.finditer(r"(?<=[ \[])-?\d+\.\d+(?=[,\]}])", text)][:40:10]:
        yield json.loads(f"{text[: found.start()]}{value}{text[found.end() :]}")


@pytest.mark.parametrize("kind", ["run", "comparison", "study", *MADE_UP])
def test_a_document_that_is_none_of_ours_is_damaged_though_its_hash_fits(copied, kind):
    folder = copied(kind)
    assert sim.open(folder).id
    path = folder / KINDS[kind].document
    whole = document_in(path)
    spoilt_ones = [*spoilt(whole, '"x"'), *spoilt(whole, "1e999"), *spoilt(whole, "{}")]
    lacking = {name: one for name, one in whole.items() if name != [*whole][1]}
    for document in ({}, lacking, *spoilt_ones):
        write_document(path, document)
        renew(folder)
        if document == whole:
            continue
        with pytest.raises(sim.SimError):
            sim.open(folder)


WRONG = {
    "command": 7,
    "seed": "x",
    "scenario": [],
    "claims": 3,
    "ensemble": None,
    "worlds": -1,
    "request": [],
    "about": {},
    "run_id": None,
    "source": 1,
    "ensemble_members": 10**9,
}


@pytest.mark.parametrize("key", WRONG)
def test_a_manifest_with_a_wrong_value_is_refused_by_every_command(copied, key):
    folder = copied("run")
    renew(folder, **{key: WRONG[key]})
    out = ("--out", folder.parent.parent)
    for words in (("replay", folder, "--world", 0), ("explain", "last"), ("brief", folder)):
        assert "is damaged, or of another version" in refused(*words, *out)
    assert f"Not listed: {folder}" in truce("runs", *out).stderr


@pytest.mark.skipif(os.name == "nt", reason="no such devices on Windows")
@pytest.mark.parametrize("name", ["/dev/zero", "../../secret", "..", "pipe", "link", "folder"])
def test_nothing_but_regular_files_within_a_folder_is_read(copied, name):
    folder = copied("run")
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/dev/zero")
    (folder / "folder").mkdir()
    hashes = document_in(folder / "manifest.json")["sha256"]
    renew(folder, sha256={name: "0" * 64, **hashes})
    told = refused("replay", folder, "--world", 0)
    assert "is damaged" in told or "not a regular file" in told
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").symlink_to("/dev/zero")
    assert "is a symbolic link, not a regular file" in refused("replay", folder, "--world", 0)


@pytest.mark.parametrize("command", ["truce run 'it", "", "truce --worlds", "rm \x1b[2J\u202e -rf"])
def test_a_command_of_others_is_shown_and_never_read(copied, command):
    folder = copied("run")
    renew(folder, command=command)
    run = sim.open(folder)
    shown = Change(folder).of(run)
    assert shown.isprintable()
    assert not command.startswith("truce") or shown.startswith(printable(command))
    unlike = Change(seed=7).of(run)
    assert shlex.split(unlike)[:3] in (["truce", "run", "baseline"], ["python", "-c", mock.ANY])
    assert "seed=7" in unlike or "--seed 7" in unlike
    assert "rm " not in unlike


def rubbish(path):
    path.write_bytes(b"rubbish" * 9)


def text_column(path):
    table = pq.ParquetFile(io.BytesIO(path.read_bytes())).read()
    name = {"worlds.parquet": "member", "points.parquet": "held"}[path.name]
    place = table.column_names.index(name)
    pq.write_table(table.set_column(place, name, pa.array(["x"] * len(table))), path)


def negative_counts(path):
    with np.load(path) as counts:
        arrays = {name: -counts[name] for name in counts.files}
    np.savez(path, **arrays)


@pytest.mark.parametrize(
    ("kind", "name", "spoil"),
    [
        ("run", "worlds.parquet", rubbish),
        ("run", "worlds.parquet", text_column),
        ("comparison", "counts.npz", rubbish),
        ("comparison", "counts.npz", negative_counts),
        ("study", "points.parquet", rubbish),
        ("study", "points.parquet", text_column),
    ],
)
def test_a_table_that_is_none_of_ours_is_damaged_though_its_hash_fits(copied, kind, name, spoil):
    folder = copied(kind)
    spoil(folder / name)
    renew(folder)
    with pytest.raises(StoreError, match="is damaged"):
        sim.open(folder).table()


def test_what_cannot_be_read_is_not_called_damaged(copied, monkeypatch):
    folder = copied("run")

    def no_more(*_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("sim.reading.os.open", no_more)
    with pytest.raises(StoreError, match="cannot be read") as caught:
        sim.open(folder)
    assert "damaged" not in str(caught.value)


# ------------------------------------------------------------------ data of a conflict


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The shipped data in a folder of their own; tests put back what they change."""
    folder = tmp_path_factory.mktemp("data")
    for source in shipped().folders:
        shutil.copytree(source, folder / source.name)
    return folder


RUN = ("run", "baseline", "--worlds", 1)


def changed(path, change, words=RUN):
    """Run a command on data of which one file was changed, and return what came of it."""
    whole = path.read_bytes()
    path.write_bytes(change(whole))
    data = next(one.parent for one in path.parents if one.name in ("calibration", "scenarios"))
    try:
        out = ("--out", data / "outputs") if words == RUN else ()
        return truce("--data", data, *words, *out)
    finally:
        path.write_bytes(whole)
        shutil.rmtree(data / "outputs", ignore_errors=True)


FILES = (
    *("actors.toml", "conflict.toml", "issues.toml", "parameters.toml", "measurement.toml"),
    *("evidence/statements.csv", "evidence/events.csv", "../scenarios/history.toml"),
)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_empty_or_no_utf8_is_named_and_a_mark_at_its_beginning_is_not_read(
    data, name
):
    path = (data / "calibration" / name).resolve()
    words = ("levers",) if name == "issues.toml" else RUN
    for change in (lambda _: b"", lambda whole: whole.decode().encode("utf-16")):
        done = changed(path, change, words)
        assert done.returncode == 2
        assert path.name in done.stderr
        assert len(done.stderr.splitlines()) == 1
    done = changed(path, lambda whole: b"\xef\xbb\xbf" + whole, words)
    assert done.returncode == 0, done.stderr


SENSELESS = [
    ("scenarios/history.toml", 'event = "talks"', 'event = "tolks"', "Did you mean talks?"),
    ("scenarios/history.toml", "value = ", "valeu = ", "line 39, sanctions.us_threat"),
    ("calibration/evidence/statements.csv", "known", "knwon", "statements.csv, line 1: "),
    ("calibration/conflict.toml", "began = ", "began = 0 #", "war.began"),
    ("calibration/conflict.toml", "days = ", "days = -", "days"),
    ("calibration/conflict.toml", "days = ", "days = 1e-9 #", "days"),
    ("calibration/parameters.toml", "{ normal = [", "{ normal = [0.0, -1.0] } #", "above 0"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), SENSELESS)
def test_a_value_that_makes_no_sense_is_refused_where_it_is_read(data, name, old, new, said):
    path = data / name
    assert old.encode() in path.read_bytes()
    done = changed(path, lambda whole: whole.replace(old.encode(), new.encode(), 1))
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert path.name in done.stderr


def test_all_that_is_wrong_with_the_record_is_told_by_line(data):
    path = data / "scenarios" / "history.toml"
    done = changed(path, lambda whole: whole.replace(b"value = ", b"valeu = ", 2))
    assert done.returncode == 2
    lines = [n for n, one in enumerate(path.read_text("utf-8").split("\n"), 1) if "value = " in one]
    numbers = [int(one) for one in re.findall(r"^  line (\d+)", done.stderr, re.M)]
    assert len(numbers) >= 2
    assert all(any(abs(one - line) < 6 for line in lines[:2]) for one in numbers)
    assert "baseline" not in done.stderr


def test_marks_that_turn_text_and_letters_that_look_alike_are_shown_as_what_they_are(tmp_path):
    text = (shipped().scenarios / "baseline.toml").read_text(encoding="utf-8")
    title = "P\N{CYRILLIC SMALL LETTER IE}ace \N{RIGHT-TO-LEFT OVERRIDE}plan"
    path = tmp_path / "odd.toml"
    path.write_text(re.sub(r"title = .*", f'title = "{title}"', text, count=1), encoding="utf-8")
    done = truce("run", path, "--worlds", 1, "--json", "--out", tmp_path / "outputs")
    assert done.returncode == 0, done.stderr
    assert "letters of several alphabets are mixed" in done.stderr
    listed = truce("scenarios", "show", path, "--json")
    assert json.loads(listed.stdout)["title"] == title
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in done.stderr + done.stdout + listed.stdout
