"""Machine code that was made beforehand: it is that of the source, and gives Numba's bytes."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers.command import TRUCE

import sim.native.code
from sim.calibrate import entries
from sim.calibrate.fit import filter_of
from sim.engine import world
from sim.engine.agenda import together
from sim.engine.cases import new_cases
from sim.engine.domain import NONE
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.identity import ENGINE, FILTER, source_of
from sim.inputs.blocks import When
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.native import run_cases
from sim.native.arguments import kinds, words
from sim.native.code import FOLDER, OWN_SETTINGS, Entry, machine


@pytest.fixture(scope="module")
def baseline():
    return load_scenario("baseline")


@pytest.fixture(scope="module")
def members(baseline):
    return load_ensemble(baseline.as_of)


def entry_of(refuse=False):
    """The function anew, with what it asked of Numba."""
    asked = []

    def numba():
        asked.append(1)
        assert not refuse, "it asked for Numba"
        return world.run_cases

    return Entry("world.run_cases", ENGINE, numba), asked


@pytest.mark.parametrize(
    ("name", "rooms"),
    [("run_cases", ENGINE), ("filter_block", FILTER), ("weigh_war_so_far", FILTER)],
)
def test_what_was_made_is_made_of_these_rules(name, rooms):
    """If this fails: make kernel."""
    told = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert told["source"] == source_of(rooms)


def random_cases(rng, count, agendas, members):
    cases = new_cases(count)
    cases["agenda"] = rng.integers(0, agendas, count)
    cases["member"] = rng.integers(0, members, count)
    cases["world"] = rng.integers(0, 1 << 40, count)
    anew = cases["anew"]
    anew["purposes"] = np.where(rng.random(count) < 0.5, 0, rng.integers(0, 1 << 15, count))
    anew["day"] = rng.integers(0, 60, count)
    anew["part"] = rng.integers(NONE, 3, count)
    anew["seed"] = rng.integers(0, 1 << 62, count)
    return cases


def test_it_gives_the_bytes_of_numba(baseline, members):
    """On scenarios with and without dated levers, blocks and moves, and luck thrown anew."""
    rng = np.random.default_rng(5)
    level = baseline.levers["monitoring.strength"]
    waits = baseline.with_blocks(
        [When(event="rejects_truce", times=2, levers={"monitoring.strength": level / 2})], []
    )
    names = sorted({path.stem for path in shipped().scenarios.glob("*.toml")} - {"history"})
    shown = [load_scenario(name) for name in names]
    shown = [one for one in shown if (one.as_of, one.horizon_days) == (baseline.as_of, 120)]
    days = together([agenda(one) for one in [*shown, waits]])
    assert len(shown) > 5
    cases = random_cases(rng, 4000, len(shown) + 1, len(members))
    results = []
    for run in (entry_of(refuse=True)[0], world.run_cases):
        rows = np.zeros(len(cases), ROW)
        rows.view("u1")[:] = 7
        workspace = new_workspace(members.members, 11)
        run(days, members.members, members.starts, cases, workspace, rows)
        results.append(rows.tobytes())
    assert results[0] == results[1]


def run_a_few(entry, baseline, members, who=None):
    who = members.members if who is None else who
    rows = np.zeros(40, ROW)
    cases = random_cases(np.random.default_rng(2), 40, 1, len(members))
    days = agenda(baseline).alone
    entry(days, who, members.starts, cases, new_workspace(members.members), rows)
    return rows.tobytes()


def test_arguments_of_another_kind_go_to_numba(baseline, members):
    entry, asked = entry_of()
    expected = run_a_few(entry, baseline, members)
    assert not asked
    scattered = np.repeat(members.members, 2)[::2]
    assert run_a_few(entry, baseline, members, scattered) == expected
    assert asked


@pytest.mark.parametrize("setting", OWN_SETTINGS)
def test_a_user_who_sets_numba_gets_numba(monkeypatch, setting):
    assert entry_of()[0].native() is not None
    monkeypatch.setenv(setting, "1")
    assert entry_of()[0].native() is None


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A copy of what was made, and an empty cache."""
    folder = tmp_path / "made"
    shutil.copytree(FOLDER, folder)
    monkeypatch.setattr(sim.native.code, "FOLDER", folder)
    monkeypatch.setenv("TRUCE_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def change(path, **values):
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | values), encoding="utf-8")


def swap(folder, name, other):
    """The text of another function, truly described but for its name."""
    text = (folder / f"{other}.ll.xz").read_bytes()
    (folder / f"{name}.ll.xz").write_bytes(text)
    change(folder / f"{name}.json", sha256=hashlib.sha256(text).hexdigest())


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: change(folder / "run_cases.json", source="0" * 64),
        lambda folder: change(folder / "run_cases.json", triple="pdp11-unknown-unix"),
        lambda folder: (folder / "run_cases.json").write_text("{"),
        lambda folder: (folder / "run_cases.json").unlink(),
        lambda folder: (folder / "run_cases.ll.xz").unlink(),
        lambda folder: (folder / "run_cases.ll.xz").write_bytes(b"rubbish"),
        lambda folder: swap(folder, "run_cases", "weigh_war_so_far"),
    ],
    ids=["older", "elsewhere", "rubbish", "untold", "missing", "spoiled", "of another"],
)
def test_what_does_not_fit_is_not_used(made, harm):
    harm(made)
    assert entry_of()[0].native() is None


def test_code_is_kept_for_the_next_start_and_made_anew_if_it_is_not_whole(
    made, baseline, members, monkeypatch
):
    def refuse(*_):
        raise AssertionError("it was made anew")

    first = run_a_few(entry_of(refuse=True)[0], baseline, members)
    (kept,) = (made.parent / "cache").rglob("*.o")
    with monkeypatch.context() as patched:
        patched.setattr(machine(), "code", refuse, raising=False)
        assert run_a_few(entry_of(refuse=True)[0], baseline, members) == first
    whole = kept.read_bytes()
    for harmed in (b"", whole[:-100], whole[:5000] + b"?" + whole[5001:]):
        kept.write_bytes(harmed)
        assert run_a_few(entry_of(refuse=True)[0], baseline, members) == first
        assert kept.read_bytes() == whole


def test_a_run_needs_no_numba(tmp_path, baseline, members):
    run_a_few(run_cases, baseline, members)  # the code for this processor is kept
    program = (
        "import sys\nfrom sim.cli.root import invoke\n"
        f"sys.argv = ['truce', 'run', 'baseline', '--worlds', '64', '--out', {str(tmp_path)!r}]\n"
        "assert invoke() == 0\nassert 'llvmlite' in sys.modules\nassert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_the_first_run_says_that_it_prepares(tmp_path):
    told = [
        subprocess.run(
            [*TRUCE, "run", "baseline", "--worlds", "8", "--seed", seed, "--out", tmp_path / "o"],
            capture_output=True, text=True, check=True,
            env={**os.environ, "TRUCE_CACHE_DIR": str(tmp_path / "cache")},
        ).stderr
        for seed in ("1", "2")
    ]  # fmt: skip
    assert ["Preparing the model for this processor" in one for one in told] == [True, False]


def test_words_of_arrays_and_records_are_where_they_lie(members):
    workspace = new_workspace(members.members)
    table = np.zeros((2, 3))
    assert words([(table,)]) == [0, 0, 6, 8, table.ctypes.data, 2, 3, 24, 8]
    (address,) = words([workspace])
    workspace.clock.seed = 77
    assert ctypes.c_int64.from_address(address).value == 77
    assert kinds([table.T]) == ["2 <f8 scattered"]
    assert kinds([ctypes, 1]) == ["module", "int"]


def test_pasts_are_weighed_as_by_numba():
    day = shipped().newest_day()
    weighed = {}
    for name, rooms in (("made", FILTER), ("numba", ("engine",))):  # no code is made of these
        with pytest.MonkeyPatch.context() as patched:
            for entry in (entries.filter_block, entries.weigh_war_so_far):
                other = Entry(entry.numba_name, rooms, entry.numba)
                patched.setattr(entries, entry.name, other)
                assert (other.native() is None) == (name == "numba")
            chosen = filter_of(day, 3, shipped())
            found, ends = chosen.block_and_ends(0, 300)
            weighed[name] = [
                part.tobytes() for part in (found.reported, found.silent, found.excluded, ends)
            ]
    assert weighed["made"] == weighed["numba"]
    assert len(set(weighed["made"])) > 3
