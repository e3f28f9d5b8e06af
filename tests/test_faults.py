"""What goes wrong outside: kills, two at once, a full disk, places that cannot be written."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time

import pytest
from helpers.command import TRUCE, truce, truce_process

from sim.paths import data_dir
from sim.store import verified

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and limits of another kind")
RUN = ("run", "baseline", "--worlds", "12000", "--seed", "4", "--out")


def start(out, seed=4, **kwargs):
    words = [*TRUCE, *RUN, str(out), "--seed", str(seed)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def finals(out):
    """What lies under a final name."""
    return [path for path in out.glob("*/*") if not path.name.startswith(".")]


@pytest.mark.long
@POSIX
def test_a_kill_at_any_moment_leaves_nothing_under_a_final_name_but_whole_runs(tmp_path):
    luck = random.Random(20250520)
    killed = 0
    for seed in range(3):
        run = start(tmp_path, seed)
        time.sleep(luck.uniform(0.3, 3.0))
        run.kill()
        run.communicate()
        killed += run.returncode != 0
        assert all(verified(path) for path in finals(tmp_path))
    assert killed
    for seed in range(3):
        assert truce(*RUN, tmp_path, "--seed", seed).returncode == 0
    folders = list((tmp_path / "baseline").iterdir())
    assert len(folders) == 3
    assert all(verified(folder) for folder in folders)


def test_two_runs_at_once_into_one_folder_leave_one_whole_run(tmp_path):
    both = [start(tmp_path), start(tmp_path)]
    told = [run.communicate() for run in both]
    assert [run.returncode for run in both] == [0, 0], told
    assert [verified(path) is not None for path in (tmp_path / "baseline").iterdir()] == [True]


@POSIX
def test_a_disk_that_fills_up_is_one_message_and_leaves_nothing(tmp_path):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    run = start(tmp_path, preexec_fn=limited)
    _, error = run.communicate()
    assert run.returncode == 2
    assert b"cannot be written" in error
    assert b"--out" in error
    assert b"Traceback" not in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs")
def test_a_full_small_disk_is_one_message_and_leaves_nothing(tmp_path):
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(tmp_path)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("may not mount")
    try:
        told = truce_process(*RUN, tmp_path)
        left = list(tmp_path.iterdir())
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
    assert told.returncode == 2
    assert "no space is left on the disk. Make room on the disk" in told.stderr
    assert "Traceback" not in told.stderr
    assert left == []


@pytest.mark.long
def test_a_cache_that_cannot_be_written_is_said_and_changes_nothing(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    out = tmp_path / "outputs"
    plain = truce_process("run", "baseline", "--worlds", "40", "--json", "--out", out / "a")
    monkeypatch.setenv("TRUCE_CACHE_DIR", str(blocked / "cache"))
    told = truce_process("run", "baseline", "--worlds", "40", "--json", "--out", out / "b")
    assert told.returncode == 0
    assert "cannot be written, so this happens at every start" in told.stderr
    assert told.stdout == plain.stdout


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_ensemble_is_one_message_that_renews_it(tmp_path, damage):
    """In a package of one's own, so that the shipped ensemble stays what it is."""
    package = tmp_path / "package"
    shutil.copytree(data_dir("calibration").parent / "sim", package / "sim")
    for kind in ("scenarios", "calibration"):
        shutil.copytree(data_dir(kind), package / kind)
    path = package / "calibration" / "ensembles" / "2025-05-20.parquet"
    whole = path.read_bytes()
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "other": b"x" * 999}[damage])
    told = subprocess.run(
        [*TRUCE, "run", "baseline", "--worlds", "40"],
        capture_output=True, text=True, cwd=package, env={**os.environ, "PYTHONPATH": str(package)},
    )  # fmt: skip
    assert told.returncode == 2
    assert "is damaged" in told.stderr
    assert "truce calibrate --as-of 2025-05-20" in told.stderr
    assert "Traceback" not in told.stderr
    assert not (package / "outputs").exists()
