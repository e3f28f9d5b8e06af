"""Starting and stopping: signals at any moment, streams that are gone."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.command import TRUCE, truce

from sim.disk import cause

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
AT_IMPORT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)

class Finder:
    def find_spec(self, name, *_):
        if name == {module!r}:
            signal.raise_signal(signal.{signal})

sys.meta_path.insert(0, Finder())
from sim.cli import main
"""
"""A start in which a signal comes with the import of a module."""


def ended(code, *words, **how):
    """The exit code, output and lines on standard error of the command, begun by some code."""
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nmain()", *map(str, words)],
        capture_output=True,
        text=True,
        **how,
    )
    return told.returncode, told.stdout, told.stderr.splitlines()


@pytest.mark.parametrize(
    ("module", "number", "words", "kept"),
    [
        ("typer", "SIGINT", ["runs"], "nothing was begun"),
        ("sim.runs", "SIGINT", ["runs"], "what was finished is kept"),
        ("llvmlite", "SIGTERM", ["run", "baseline", "--worlds", 8], "nothing of this run was kept"),
        ("sim.brief.make", "SIGINT", ["brief", "baseline"], "nothing was written"),
    ],
)
def test_a_signal_at_any_moment_ends_in_one_line(tmp_path, module, number, words, kept):
    """Also within an import, where an exception may be taken for a package that is missing."""
    code, out, lines = ended(
        AT_IMPORT.format(module=module, signal=number), *words, "--out", tmp_path / "out"
    )
    assert (code, out) == (130, "")
    assert lines[-1] == f"truce: interrupted; {kept}."
    assert not [line for line in lines if "Traceback" in line or "ignored" in line]
    assert not (tmp_path / "out").exists()


def test_a_command_ends_without_waiting_and_all_that_is_said_is_said():
    """Threads of libraries that are alive at the exit neither hold it up nor abort it."""
    code = (
        "import atexit, sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "atexit.register(lambda: print('the end'))\n"
        "from sim.cli import main"
    )
    code, out, lines = ended(code, "levers", timeout=30)
    assert (code, lines) == (0, [])
    assert out.endswith("the end\n")
    assert out.count("\n") > 10


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize("where", ["2>/dev/full", "2>&-"])
def test_a_run_is_kept_though_nobody_hears_its_notes(tmp_path, where):
    words = [*TRUCE, "run", "baseline", "--worlds", "64", "--json", "--out", str(tmp_path)]
    told = subprocess.run(
        ["sh", "-c", f'exec "$@" {where}', "sh", *words], stdout=subprocess.PIPE, text=True
    )
    assert told.returncode == 0
    again = truce("run", "baseline", "--worlds", 64, "--json", "--out", tmp_path)
    assert "is there already, and whole" in again.stderr
    assert again.stdout == told.stdout


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        (["run", "baseline", "--worlds", 64], "odds"),
        (["compare", "baseline", "joint-ultimatum", "--worlds", 64], "comparison"),
        (["sweep", "baseline", "--vary", "aid.level=0,1", "--worlds", 64], "surface"),
    ],
)
def test_a_figure_that_fails_is_told_and_the_rest_is_kept(tmp_path, monkeypatch, words, figures):
    words = [*words, "--json", "--out", tmp_path]
    with monkeypatch.context() as patched:
        patched.setattr("sim.plots.page.vector", lambda _: 1 / 0)
        told = truce(*words)
    assert told.returncode == 0
    (line,) = (line for line in told.stderr.splitlines() if "truce:" in line)
    assert line.startswith(f"truce: the figure '{figures}' could not be drawn (ZeroDivisionError: ")
    kinds = {path.suffix for path in tmp_path.rglob("*.*")}
    assert ".json" in kinds
    assert not kinds & {".png", ".svg"}
    again = truce(*words)
    assert again.stdout == told.stdout
    drawn = {".png", ".svg"} <= {path.suffix for path in tmp_path.rglob("*.*")}
    assert line.endswith("the same command draws it.") == drawn == (figures != "surface")


def test_the_settings_of_matplotlib_in_a_shell_are_not_those_of_figures(tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(b"backend: nonsense\nfont.size: \xff\n")
    told = subprocess.run(
        [*TRUCE, "run", "baseline", "--worlds", "64", "--json", "--out", "out"],
        cwd=tmp_path, env={**os.environ, "MPLBACKEND": "nonsense", "COLUMNS": "20"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "Traceback" not in told.stderr
    assert json.loads(told.stdout)["worlds"] == 64


def test_a_briefing_says_which_figure_failed_and_has_the_others(tmp_path, monkeypatch):
    assert truce("run", "baseline", "--worlds", 64, "--out", tmp_path).returncode == 0
    monkeypatch.setattr("sim.plots.endings", lambda *_, **__: 1 / 0)
    told = truce("brief", "last", "--runs", tmp_path, "--format", "html")
    assert told.returncode == 0, told.stderr
    (line,) = {line for line in told.stderr.splitlines() if "truce:" in line}
    assert "could not be drawn (ZeroDivisionError: " in line
    (page,) = (tmp_path / "briefs").rglob("*.html")
    assert page.read_text(encoding="utf-8").count("data:image/svg+xml") > 2


LONG = "a" * 300


@pytest.mark.parametrize(
    "words",
    [
        ["run", LONG],
        ["run", f"baseline+{LONG}=1"],
        ["replay", LONG],
        ["brief", LONG],
        ["runs", "--out", LONG],
        ["--data", LONG, "scenarios", "list"],
        ["calibrate", "--out", LONG],
        ["timeline", "--out", LONG],
        ["doctor", "--out", LONG],
        ["ledger", "list", "--file", LONG],
    ],
    ids=lambda words: words[0],
)
def test_a_name_of_300_letters_is_refused_in_two_lines(words):
    told = truce(*words)
    assert told.returncode == 2
    assert 1 <= len(told.stderr.splitlines()) <= 2
    assert len(told.stderr) < 1000


@pytest.mark.parametrize("words", [["runs"], ["scenarios", "list"], ["brief", "last"]])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EMFILE, errno.EIO])
def test_what_cannot_be_read_is_said_to_be_so(monkeypatch, words, number):
    def refuse(path, *_, **__):
        raise OSError(number, os.strerror(number), str(path))

    for name in ("iterdir", "open", "read_text", "read_bytes", "glob"):
        monkeypatch.setattr(Path, name, refuse)
    told = truce(*words)
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) <= 2
    assert cause(OSError(number, "")) in told.stderr


def test_a_setting_that_numba_could_not_read_is_left_out_in_a_line():
    settings = {**os.environ, "NUMBA_NUM_THREADS": "0", "NUMBA_OPT": "x"}
    told = subprocess.run([*TRUCE, "levers"], capture_output=True, text=True, env=settings)
    assert told.returncode == 0
    assert told.stderr.count("is left out") == len(told.stderr.splitlines()) == 2
