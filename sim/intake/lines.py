"""The lines ``name = value`` of a form that people fill in: TOML, read with some patience.

Quotes around a word may be left out, and one bad line hides no other.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.reading import read_text
from sim.text import printable

HEADER = re.compile(r"\s*\[\[?\s*(.*?)\s*\]\]?\s*(#.*)?")
PAIR = re.compile(r"\s*([\w-]+)\s*=(.*)")


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    EvidenceError
        If it cannot be read, is too large or is no UTF-8.
    """
    return read_text(path, EvidenceError, name_of(path))


def value_of(text: str) -> str | None:
    """Read what stands behind '='; a word without quotes is taken as it is, None if it is neither.

    >>> value_of('"a word" # and a remark'), value_of("a word # and a remark"), value_of("[1, 2]")
    ('a word', 'a word', None)
    """
    try:
        value = tomllib.loads(f"x = {text}")["x"]
    except (tomllib.TOMLDecodeError, RecursionError):
        bare = re.sub(r"\s+#.*|^#.*", "", text)
        return None if bare.startswith(("'", '"', "[", "{")) else printable(bare)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float | dt.date):
        return str(value)
    return None
