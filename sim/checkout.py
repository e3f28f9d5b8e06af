"""With what a result was made: version, commit, platform, and whether all is as committed."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

_TOP = Path(__file__).parent.parent
_DECIDING = ("calibration", "scenarios", "sim")
"""The folders of a checkout that decide what comes of a command."""


def made_with() -> dict[str, str | bool | None]:
    """Return version, commit and platform of this program.

    ``inputs_as_committed`` says whether its code, and the data that ship, are those of the commit;
    it is None, as the commit is, where there is no checkout or no git.
    """
    commit, as_committed = None, None
    if (_TOP / ".git").exists():  # else a package, perhaps inside of somebody's own checkout
        commit, as_committed = commit_of(_TOP, _DECIDING)
    return {
        "version": version("truce-sim"),
        "git_commit": commit,
        "inputs_as_committed": as_committed,
        "platform": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def commit_of(folder: Path, paths: Sequence[str]) -> tuple[str | None, bool | None]:
    """Return the commit that is checked out around a folder, and whether paths are as in it.

    A file that is new, and not ignored, is not as committed.

    Parameters
    ----------
    paths
        Files or folders, from ``folder``.

    Returns
    -------
    tuple
        Both None without git or a checkout; the commit None before the first.
    """
    status = ("status", "--porcelain=v2", "--branch", "--ignore-submodules=all")
    words = ("--no-optional-locks", *status, "--", *paths)
    told = git(folder, *words)
    if told is None:
        return None, None
    lines = told.splitlines()
    name = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "")
    commit = None if name in ("", "(initial)") else name
    return commit, all(line.startswith("#") for line in lines)


def git(folder: Path, *words: str) -> str | None:
    """Return what git answers in a folder; None if it does not.

    A folder that came from somebody else may have settings of its own that name commands. Git is
    told to run none; where the settings name a filter, which it would run all the same, it is not
    asked.
    """
    scopes = _git(folder, "config", "--list", "--name-only", "--show-scope")
    if scopes is None or any(_names_filter(line) for line in scopes.splitlines()):
        return None
    return _git(folder, *words)


_NO_COMMANDS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")


def _names_filter(setting: str) -> bool:
    scope, _, name = setting.partition("\t")
    return scope in ("local", "worktree") and name.startswith("filter.")


def _git(folder: Path, *words: str) -> str | None:
    try:
        answer = subprocess.run(
            ["git", *_NO_COMMANDS, "-C", str(folder), *words],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=20,
            check=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
