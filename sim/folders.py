"""What the folder of a result is called, so that a file manager shows what is in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

LONGEST = 80
"""The most letters of a folder's name; all are ASCII, and none needs quotes in a shell."""
_LONGEST_ASKED = 30


def folder_name(scenarios: Sequence[str], as_of: str, asked: str, key: str) -> str:
    """Return the name of a result's folder: scenarios, day, what was asked, and the id.

    Parameters
    ----------
    scenarios
        What the scenarios are called; cut if the name would be too long.
    as_of
        The day from which it looks ahead.
    asked
        What else was asked, in a few letters; empty if nothing was.
    key
        What is the result's alone; always whole, and last.

    Examples
    --------
    >>> folder_name(["baseline", "us-backstop"], "20-may", "", "0123456789ab")
    'baseline-vs-us-backstop-20-may-0123456789ab'
    >>> folder_name(["baseline"], "20-may", "held<.05", "0123456789ab")
    'baseline-20-may-held-.05-0123456789ab'
    """
    end = "-".join(filter(None, (as_of, _plain(asked)[:_LONGEST_ASKED].strip("-."), key)))
    start = _plain("-vs-".join(scenarios))[: LONGEST - len(end) - 1].strip("-.")
    return f"{start}-{end}" if start else end


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._=+]+", "-", letters)


def is_named_after(folder: Path, key: object) -> bool:
    """Return whether a folder's name is an id, or ends with it.

    >>> is_named_after(Path("baseline-20-may-0123456789ab"), "0123456789ab")
    True
    """
    return isinstance(key, str) and f"-{folder.name}".endswith(f"-{key}") and bool(key)


def folder_of(named: Path, key: str) -> Path:
    """Return where a result's folder is, whatever its name has before the id, or is to be.

    Parameters
    ----------
    named
        What it is called if it is not there yet.
    """
    if named.is_dir():
        return named
    others = (named.with_name(key), *sorted(named.parent.glob(f"*-{key}")))
    return next((one for one in others if one.is_dir() and not one.name.startswith(".")), named)
