"""Names of files that every system can have, and texts that read alike everywhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.folders import folder_name

TOP = Path(__file__).parent.parent
RESERVED = re.compile(
    r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?|.*[<>:\"|?*\\\x00-\x1f].*|.*[. ]", re.IGNORECASE
)
"""Names that Windows gives to devices, letters that it has for itself, and ends that it drops."""


def tracked() -> list[str]:
    """The files of the checkout, by git; of an unpacked archive, all that are there."""
    told = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True)
    if told.returncode == 0:
        return [name for name in told.stdout.split("\0") if name]
    return [path.relative_to(TOP).as_posix() for path in TOP.rglob("*")]


def test_no_name_of_a_file_is_reserved_anywhere():
    names = tracked()
    assert len(names) > 500
    wrong = [name for name in names if any(RESERVED.fullmatch(part) for part in name.split("/"))]
    assert wrong == []
    assert max(map(len, names)) < 120


def test_no_two_names_differ_by_case_alone():
    names = tracked()
    assert len({name.casefold() for name in names}) == len(names)


@pytest.mark.parametrize("name", ["con", "nul", "aux", "com1", "a:b", "what?", "end.", "end "])
def test_a_folder_of_results_has_a_name_that_every_system_can_have(name):
    made = folder_name([name], "2025-05-20", "", "0123456789ab")
    assert not RESERVED.fullmatch(made), made


def test_a_run_warns_of_no_text_without_an_encoding(tmp_path):
    words = [sys.executable, "-X", "warn_default_encoding", "-m", "sim.cli", "run", "baseline"]
    words += ["--worlds", "40", "--out", str(tmp_path)]
    done = subprocess.run(words, cwd=TOP, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if "/sim/" in line and "Encoding" in line]
    assert ours == []
