"""Compiled code on disk: whatever state it is in, the answer is that of the source."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numba
import pytest
from helpers.command import TRUCE, truce

from sim.code_cache import keep_code, kept
from sim.engine.jit import announce
from sim.sealed import writable


def plus_one(x):
    return x + 1.0


def hits(folder):
    """Compute with code from a folder, or else compiled; how often it came from there."""
    function = numba.njit(plus_one)
    keep_code(function, folder)
    assert function(1.0) == 2.0
    return sum(function.stats.cache_hits.values())


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def spoil(path):
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 255
    path.write_bytes(whole)


def make_folder(path):
    path.unlink()
    path.mkdir()


def swap(path):
    """Whole, but of another function."""
    path.write_bytes(path.with_name("other.nbc").read_bytes())


@pytest.mark.parametrize(
    ("harm", "healed"),
    [
        (Path.unlink, True),
        (lambda path: path.write_bytes(b""), True),
        (lambda path: path.write_bytes(b"rubbish" * 1000), True),
        (cut, True),
        (spoil, True),
        (swap, True),
        (make_folder, False),
    ],
    ids=["missing", "empty", "rubbish", "cut", "spoiled", "swapped", "a folder"],
)
def test_code_that_is_not_whole_is_compiled_anew(tmp_path, harm, healed):
    assert [hits(tmp_path), hits(tmp_path)] == [0, 1]
    (path,) = tmp_path.glob("*.nbc")
    other = numba.njit(cut_off)
    keep_code(other, tmp_path / "other")
    assert other(2.0) == 1.0
    shutil.copy(*(tmp_path / "other").glob("*.nbc"), tmp_path / "other.nbc")
    harm(path)
    assert kept(tmp_path, "test_code_cache.plus_one") == (harm is swap)
    assert [hits(tmp_path), hits(tmp_path)] == [0, int(healed)]


def cut_off(x):
    return x - 1.0


def test_a_folder_that_cannot_be_written_is_used_if_it_is_warm(tmp_path, monkeypatch):
    assert hits(tmp_path) == 0

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert not writable(tmp_path)
    assert hits(tmp_path) == 1
    assert hits(tmp_path / "cold") == 0


def test_without_a_cache_each_start_says_so_in_a_line(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    monkeypatch.setattr("sim.engine.jit.cache_folder", lambda _: tmp_path / "file" / "state")
    announce("world.nothing")
    announce("world.nothing")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Compiling the model, 10 to 40 seconds: ")
    assert "cannot be written, so this happens at every start; name another" in line


def test_nothing_is_compiled_if_the_user_asks(tmp_path):
    """The same worlds, slowly, with the cache untouched."""
    told = subprocess.run(
        [*TRUCE, "run", "baseline", "--worlds", "2", "--json", "--out", str(tmp_path / "slow")],
        capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "TRUCE_CACHE_DIR": str(tmp_path / "cache")},
    )  # fmt: skip
    assert "Nothing is compiled, as NUMBA_DISABLE_JIT asks" in told.stderr
    assert not list((tmp_path / "cache").rglob("*.nbc"))
    quick = truce("run", "baseline", "--worlds", 2, "--json", "--out", tmp_path / "quick")
    assert told.stdout == quick.stdout
