"""A calibration that was stopped goes on: the same bytes, and nothing finished is done again."""

from __future__ import annotations

import datetime as dt
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers.command import TRUCE, truce

from sim import unfinished
from sim.calibrate.fit import filter_of, make_posterior
from sim.calibrate.particles import BLOCK_PARTICLES, Filter, Particles
from sim.errors import CalibrationError, StoreError
from sim.unfinished import FOLDER, going_on

DAY, BLOCKS = dt.date(2025, 3, 17), 5
PARTICLES = BLOCKS * BLOCK_PARTICLES - 480
WORDS = ("calibrate", "--as-of", DAY, "--particles", PARTICLES, "--out")
NAMES = {f"{DAY}.json", f"{DAY}.parquet"}
KILLED = """
import os, sys
from sim.calibrate.particles import Filter
block, left = Filter.block, [int(sys.argv.pop(1))]
def counted(*given):
    left[0] -= 1
    if left[0] < 0: os.kill(os.getpid(), 9)
    return block(*given)
Filter.block = counted
from sim.cli import main; main()
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The files of an ensemble that was made at one go, by the filter alone."""
    folder = tmp_path_factory.mktemp("whole")
    make_posterior(filter_of(DAY), PARTICLES, folder=folder)
    return files(folder)


@pytest.fixture
def weighed(monkeypatch):
    """The blocks that are computed, by number."""
    numbers, true = [], Filter.block

    def block(self, number, count, first=0):
        numbers.append(number)
        return true(self, number, count, first)

    monkeypatch.setattr(Filter, "block", block)
    return numbers


def files(folder):
    assert {path.name for path in folder.iterdir()} == NAMES  # and nothing is left beside them
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stopped(folder, seed=20250310, after=2):
    """Stop a calibration within this process after some blocks."""

    def stop(done, _):
        if done == after * BLOCK_PARTICLES:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), going_on(filter_of(DAY, seed), folder) as kept:
        make_posterior(kept, PARTICLES, 1, folder, stop)


def made(folder, workers=None, seed=20250310):
    notes = []
    with going_on(filter_of(DAY, seed), folder, notes.append) as kept:
        make_posterior(kept, PARTICLES, workers, folder)
    return notes


def test_killed_in_the_midst_it_goes_on_to_the_same_bytes(tmp_path, whole, weighed):
    words = [*map(str, (3, *WORDS, tmp_path, "--workers", 1))]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not NAMES & {path.name for path in tmp_path.iterdir()}
    again = truce(*WORDS, tmp_path, "--workers", 2)
    assert again.returncode == 0, again.stderr
    assert f"Goes on: {3 * BLOCK_PARTICLES:,} pasts were weighed before" in again.stderr
    assert sorted(weighed) == [3, 4]
    assert files(tmp_path) == whole


def test_undisturbed_it_says_nothing_and_leaves_nothing(tmp_path, whole):
    assert made(tmp_path, 1) == []
    assert files(tmp_path) == whole


def test_parts_of_other_inputs_are_not_taken_and_go_with_the_day(tmp_path, whole, weighed):
    stopped(tmp_path, seed=1)
    weighed.clear()
    assert made(tmp_path) == []
    assert sorted(weighed) == [*range(BLOCKS)]
    assert files(tmp_path) == whole


def test_parts_of_another_day_stay(tmp_path):
    other = tmp_path / FOLDER / "2025-03-31-0123456789abcdef"
    other.mkdir(parents=True)
    made(tmp_path)
    assert other.is_dir()


def test_a_part_that_is_damaged_is_made_again(tmp_path, whole, weighed):
    stopped(tmp_path)
    first, *others = sorted((tmp_path / FOLDER).rglob("block-*.npy"))
    first.write_bytes(first.read_bytes()[:1000])
    for path in others[:1]:
        path.write_bytes(b"")
    weighed.clear()
    made(tmp_path)
    assert {0, 1} <= set(weighed)
    assert files(tmp_path) == whole


def test_more_particles_take_over_those_that_fewer_had(tmp_path, weighed):
    with pytest.raises(ZeroDivisionError), going_on(filter_of(DAY), tmp_path) as kept:
        make_posterior(kept, PARTICLES, 1, tmp_path, lambda done, all_: 1 // (all_ - done))
    assert sorted(weighed) == [*range(BLOCKS)]
    with going_on(filter_of(DAY), tmp_path) as kept:
        make_posterior(kept, PARTICLES + 4 * BLOCK_PARTICLES, 1, tmp_path)
    assert sorted(weighed) == [*range(BLOCKS), *range(BLOCKS - 1, BLOCKS + 4)]


@pytest.mark.parametrize("times", [2, 3])
def test_a_part_that_loses_its_folder_to_another_process_is_written_again(
    tmp_path, whole, monkeypatch, times
):
    true, refused = unfinished.written_together, []

    def write(place, todo):
        refused.append(place)
        if len(refused) <= times:
            raise StoreError(str(place), "cannot be written: No such file or directory.", todo)
        return true(place, todo)

    monkeypatch.setattr(unfinished, "written_together", write)
    if times > 2:  # that was not the reason
        with pytest.raises(StoreError, match="cannot be written"):
            made(tmp_path)
        return
    made(tmp_path)
    assert files(tmp_path) == whole


def test_two_at_once_into_one_folder_leave_one_whole_ensemble(tmp_path, whole):
    words = [*TRUCE, *map(str, (*WORDS, tmp_path))]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(words, **pipes) for _ in range(2)]
    told = [run.communicate() for run in both]
    assert [run.returncode for run in both] == [0, 0], told
    assert files(tmp_path) == whole


def test_pasts_that_are_moved_go_on_after_the_last_stretch(tmp_path, monkeypatch):
    day, count, lives, notes = dt.date(2025, 3, 31), 2000, [], []
    true = Filter.lives

    def counted(self, *given):
        lives.append(given[2])
        return true(self, *given)

    def stop(done, total):
        if lives and done > 0:
            raise KeyboardInterrupt

    def moved(progress=None):
        with going_on(filter_of(day), tmp_path, notes.append) as kept:
            make_posterior(kept, count, 2, tmp_path, progress, tempered=True)

    monkeypatch.setattr(Filter, "lives", counted)
    plain = make_posterior(filter_of(day), count, 1, tmp_path / "plain", tempered=True)
    stretches, at_one_go = len(plain.manifest["tempering"]["days"]), len(lives)
    assert stretches > 2
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            moved(stop)
    lives.clear()
    moved()
    assert len(lives) < at_one_go
    assert len(lives) == 5 * (stretches - 2) + 2  # one ahead and four moves each; ends
    assert [note.partition(" pasts")[0] for note in notes] == ["Goes on: 2,000"] * 2
    for name in (f"{day}.json", f"{day}.parquet"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_finished_and_says_how_to_go_on(tmp_path, number):
    words = [*map(str, ("calibrate", "--as-of", DAY, "--particles", 2_000_000, "--out", tmp_path))]
    # a shell without job control starts its background jobs deaf to interrupts
    listening = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen([*TRUCE, *words], stderr=subprocess.PIPE, **listening) as run:
        for _ in range(1200):
            if [*tmp_path.glob(".unfinished/*/block-*.npy")]:  # rglob fails where folders vanish
                break
            time.sleep(0.05)
        run.send_signal(number)
        error = run.communicate(timeout=120)[1].decode()
    assert run.returncode == 130
    assert "interrupted; the ensemble that was there is untouched" in error
    assert "the same command goes on from there" in error
    assert "Traceback" not in error
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert all(path.name.startswith("block-") for path in left)


def test_if_no_past_lives_it_is_told_on_which_day_they_died(tmp_path, monkeypatch):
    true = Filter.block

    def block(self, number, count, first=0):
        lived = true(self, number, count, first)
        silent = lived.silent.copy()
        silent[:, 4] = -np.inf
        return Particles(lived.reported, silent, lived.excluded)

    monkeypatch.setattr(Filter, "block", block)
    with pytest.raises(CalibrationError) as plain:
        make_posterior(filter_of(DAY), 5000, folder=tmp_path)
    with pytest.raises(CalibrationError) as kept, going_on(filter_of(DAY), tmp_path) as chosen:
        make_posterior(chosen, 5000, folder=tmp_path)
    assert "no particle lives through the day" in plain.value.what
    assert str(kept.value) == str(plain.value)


def test_a_folder_that_cannot_be_written_is_told_before_any_work(tmp_path, weighed):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        made(tmp_path / "file")
    assert weighed == []
