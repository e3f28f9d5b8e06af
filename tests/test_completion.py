"""What the shell completes: scenarios, levers, results; quickly, and never with an error."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys

import pytest
from helpers.answers import a_why

from sim.cli import app
from sim.inputs.levers import LEVERS
from sim.inputs.scenario_file import scenario_names


def completed(*words, cwd, monkeypatch):
    """What the last word may become, asked for as Bash does."""
    monkeypatch.setenv("_TRUCE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(["truce", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    monkeypatch.chdir(cwd)
    out = io.StringIO()
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as ended:
        app(prog_name="truce", args=[])
    assert ended.value.code == 0
    return out.getvalue().split()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in whose outputs lies one result."""
    folder = tmp_path_factory.mktemp("completion")
    a_why().save(folder / "outputs")
    a_why().save(folder / "other")
    return folder


def test_scenarios_are_completed(place, monkeypatch):
    names = scenario_names()
    for words in (("run",), ("compare", "baseline"), ("scenarios", "show"), ("sweep",), ("watch",),
                  ("sensitivity",), ("redteam",), ("optimise",)):  # fmt: skip
        assert set(completed(*words, "", cwd=place, monkeypatch=monkeypatch)) == set(names), words
    assert completed("run", "joint", cwd=place, monkeypatch=monkeypatch) == ["joint-ultimatum"]
    assert completed("run", "nothing.toml", cwd=place, monkeypatch=monkeypatch) == []


def test_levers_are_completed_behind_set_vary_and_in_line(place, monkeypatch):
    every = [f"{name}=" for name in LEVERS]
    for words in (("run", "baseline", "--set"), ("sweep", "baseline", "--vary"),
                  ("optimise", "--vary"), ("sensitivity", "baseline", "--vary")):  # fmt: skip
        assert completed(*words, "", cwd=place, monkeypatch=monkeypatch) == every, words
    inline = "baseline+aid.level=0+concede."
    found = completed("run", inline, cwd=place, monkeypatch=monkeypatch)
    assert found == [f"baseline+aid.level=0+{one}" for one in every if one.startswith("concede.")]


def test_results_are_completed(place, monkeypatch):
    key = a_why().id
    for words in (("replay",), ("explain",), ("discover",), ("ledger", "seal"), ("brief", "last"),
                  ("runs", "--remove"), ("runs", "--out", "other")):  # fmt: skip
        found = completed(*words, "", cwd=place, monkeypatch=monkeypatch)
        assert found == ["last", "last-why", key], words
    assert completed("replay", key[:4], cwd=place, monkeypatch=monkeypatch) == [key]
    assert {"baseline", "last"} <= set(completed("why", "", cwd=place, monkeypatch=monkeypatch))
    nothing = completed("replay", "--out", "nothing", "", cwd=place, monkeypatch=monkeypatch)
    assert nothing == []


def test_a_conflict_that_cannot_be_read_completes_to_nothing(place, monkeypatch):
    words = ("--data", "nowhere", "run", "")
    assert completed(*words, cwd=place, monkeypatch=monkeypatch) == []


@pytest.mark.parametrize("words", ["truce run ", "truce run baseline --set ", "truce replay "])
def test_completion_loads_nothing_heavy(place, words):
    code = (
        "import atexit, sys; "
        "heavy = ('numba', 'mesa', 'matplotlib', 'scipy', 'pandas', 'pyarrow'); "
        "atexit.register(lambda: print([m for m in heavy if m in sys.modules], file=sys.stderr)); "
        "sys.argv = ['truce']; from sim.cli import main; main()"
    )
    asks = {
        "_TRUCE_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=place,
        env={**os.environ, **asks},
    )
    assert done.stderr == "[]\n"
    assert done.stdout
