"""Identity: numbers belong to what the code does, never to how it is written or laid out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from on_each_python import VERSIONS, interpreter

from sim.errors import StoreError
from sim.identity import ENGINE, ENSEMBLES, RUNS, WORLDS, canonical, modules, room_hash

TOP = Path(__file__).parent.parent
RULE = Path("engine") / "rules" / "front.py"
EDITS = {
    "a docstring": ('"""', '"""Edited. '),
    "a comment": ("\nfrom __future__", "\n# a remark\nfrom __future__"),
    "a line break": ("import ", "import \\\n    "),
    "an empty line": ("\n\n\n", "\n\n\n\n"),
}


@pytest.fixture
def package(tmp_path):
    """A copy of the program that a test may edit."""
    copy = tmp_path / "sim"
    shutil.copytree(TOP / "sim", copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    return copy


def edit(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("kind", EDITS)
def test_what_says_nothing_changes_no_identity(package, kind):
    before = room_hash(ENSEMBLES, package)
    edit(package / RULE, *EDITS[kind])
    assert room_hash(ENSEMBLES, package) == before


def test_a_constant_changes_all_that_depends_on_it_and_nothing_else(package):
    before = [room_hash(rooms, package) for rooms in (ENGINE, WORLDS, ENSEMBLES, RUNS)]
    edit(package / RULE, "1.0", "1.25")
    after = [room_hash(rooms, package) for rooms in (ENGINE, WORLDS, ENSEMBLES, RUNS)]
    assert not set(before) & set(after)
    edited = room_hash(WORLDS, package)
    edit(package / "calibrate" / "prior.py", "SEED = ", "SEED = 1 + ")
    assert room_hash(WORLDS, package) == edited
    assert room_hash(ENSEMBLES, package) != after[2]


def test_what_checks_a_calibration_is_no_part_of_it(package):
    before = room_hash(ENSEMBLES, package)
    edit(package / "calibrate" / "check" / "ranks.py", "import", "x = 1\nimport")
    assert room_hash(ENSEMBLES, package) == before


def test_a_module_that_moves_or_is_missing_is_noticed(package):
    before = room_hash(ENGINE, package)
    (package / "engine" / "battle.py").write_text("x = 1\n", encoding="utf-8")
    assert room_hash(ENGINE, package) != before
    (package / RULE).rename(package / "engine" / "rules" / "battle.py")
    with pytest.raises(StoreError, match=r"front\.py: is missing"):
        room_hash(ENGINE, package)
    shutil.rmtree(package / "engine")
    with pytest.raises(StoreError, match=r"engine.*missing.*Reinstall"):
        room_hash(ENGINE, package)


@pytest.mark.parametrize("gone", ["engine/rules/gains.py", "calibrate/prior.py",
                                  "engine/rules/__init__.py", "estimates.py"])  # fmt: skip
def test_a_module_that_others_import_and_that_is_not_there_is_named(package, gone):
    (package / gone).unlink()
    with pytest.raises(StoreError, match=rf"{Path(gone).name}: is missing|'estimates'|not whole"):
        room_hash(ENSEMBLES, package)


@pytest.mark.parametrize("contents", [b"def f(:\n", b"\xff\xfe", b"x = '\x00'"])
def test_a_module_that_is_no_python_is_an_error(package, contents):
    (package / RULE).write_bytes(contents)
    with pytest.raises(StoreError, match=r"front\.py.*cannot be read"):
        room_hash(ENGINE, package)


def test_trees_are_told_apart_by_what_they_do():
    alike = ["def f(x):\n    return x", "def f( x ):\n    '''Say.'''\n    return (x)  # so"]
    assert len({canonical(text) for text in alike}) == 1
    others = ["f(None)", "f()", "f(0)", "f(False)", "f('')", "f(0.0)", "f(-0.0)", "'f(0)'"]
    assert len({canonical(text) for text in others}) == len(others)


@pytest.mark.parametrize("version", VERSIONS)
def test_each_python_gives_the_same_identity(version):
    python = interpreter(version)
    if python is None:
        pytest.skip(f"Python {version} is not here")
    code = (
        "import hashlib, pathlib, sys; from sim.identity import canonical\n"
        "print(*(hashlib.sha256(canonical(pathlib.Path(p).read_text('utf-8')).encode()).hexdigest()"
        " for p in sys.argv[1:]))"
    )
    paths = [str(path) for room in RUNS + ENSEMBLES for _, path in modules(room, TOP / "sim")]
    environment = {**os.environ, "PYTHONPATH": str(TOP), "PYTHONDONTWRITEBYTECODE": "1"}
    hashes = [
        subprocess.run(
            [one, "-c", code, *paths], capture_output=True, text=True, check=True, env=environment
        ).stdout
        for one in (python, sys.executable)
    ]
    assert hashes[0] == hashes[1]


def test_an_ensemble_serves_after_a_remark_and_refuses_after_a_change(package, tmp_path):
    for folder in ("scenarios", "calibration"):
        shutil.copytree(TOP / folder, tmp_path / folder)
    code = (
        "import datetime; from sim.inputs.ensemble import load_ensemble\n"
        "print(load_ensemble(datetime.date(2025, 5, 20)).id)"
    )

    def load():
        return subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )  # fmt: skip

    plain = load()
    edit(package / RULE, *EDITS["a docstring"])
    remarked = load()
    assert (plain.returncode, remarked.returncode) == (0, 0), plain.stderr + remarked.stderr
    assert remarked.stdout == plain.stdout
    edit(package / RULE, "1.0", "1.25")
    refused = load()
    assert refused.returncode == 1
    assert "another version of the model" in refused.stderr
    assert "truce calibrate --as-of 2025-05-20" in refused.stderr
