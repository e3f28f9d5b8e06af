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
from sim.text import printable

MAX_BYTES = 5_000_000
UTF8 = "In Excel, save it as 'CSV UTF-8'; in an editor, as UTF-8."
HEADER = re.compile(r"\s*\[\[?\s*(.*?)\s*\]\]?\s*(#.*)?")
PAIR = re.compile(r"\s*([\w-]+)\s*=(.*)")


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    EvidenceError
        If it cannot be read, is too large or is no UTF-8.
    """
    try:
        if path.exists() and not path.is_file():
            raise EvidenceError(name_of(path), "is no regular file.", "Name a file.")
        if path.stat().st_size > MAX_BYTES:
            raise EvidenceError(name_of(path), "is far too large.", "Is it the file?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot be read ({error.strerror})."
        raise EvidenceError(name_of(path), what, "Check the path.") from None
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start})."
        raise EvidenceError(name_of(path), what, UTF8) from None


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
