"""Scenarios in line: a scenario's name and what is to be set, such as ``baseline+aid.level=0``."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from sim.errors import ScenarioError
from sim.inputs.block_numbers import check_setting, parse_setting
from sim.inputs.levers import Value, value_text
from sim.text import shown

_EXAMPLE = "baseline+aid.level=0"
_SIGN_FOLLOWS = re.compile(r"=(.*[\d.][eE])?$")
"""What stands before a '+' that is the sign of a number or of its exponent."""
_BASE_LENGTH = 51
"""Of the folder's name, so that it has room for '-' and eight digits of a hash."""


class InlineScenario(NamedTuple):
    """A scenario as it was named in line: by whose name or path, and with which levers."""

    base: str
    levers: dict[str, Value]

    def folder(self, base: str) -> str:
        """Return a name for folders: that of the base, and eight digits of a hash of the levers."""
        text = json.dumps(self.levers, sort_keys=True)
        digits = hashlib.sha256(text.encode()).hexdigest()[:8]
        return f"{base[:_BASE_LENGTH].rstrip('-')}-{digits}"

    def title(self, base: str) -> str:
        """Return a title that says what was set."""
        return f"{base} with {settings_text(self.levers)}"


def settings_text(levers: Mapping[str, Value]) -> str:
    """Write levers and their values in one line."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in levers.items())


def split_inline(text: str) -> InlineScenario:
    """Read a scenario's name or path with what is set behind it; the levers are checked.

    Raises
    ------
    ScenarioError
        If a part is empty or no setting, a lever is set twice or there is none of its name, or
        takes no such value.

    Examples
    --------
    >>> split_inline("baseline+aid.level=0+sanctions.us_threat=.9")
    InlineScenario(base='baseline', levers={'aid.level': 0.0, 'sanctions.us_threat': 0.9})
    """
    base, parts = _split(text)
    where = f"scenario {shown(text)}"
    levers: dict[str, Value] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            raise ScenarioError(where, "has nothing between or behind '+'.", f"As in {_EXAMPLE}.")
        if not equals:
            raise ScenarioError(where, f"{shown(part)} has no '='.", f"Write it as in {_EXAMPLE}.")
        if name in levers:
            raise ScenarioError(where, f"sets {shown(name)} twice.", "Keep one.")
        levers[name] = check_setting(where, name, parse_setting(name, value))
    return InlineScenario(base, levers)


def _split(text: str) -> tuple[str, list[str]]:
    """The base, and what stands between the '+' behind it; a path may have '+' of its own."""
    file = re.match(r".*?\.toml(?=\+|$)", text)
    if text.endswith(".toml") or "+" not in text:
        return text, []
    base, *pieces = text[file.end() :].split("+") if file else text.split("+")
    parts: list[str] = []
    for piece in pieces:
        if parts and _SIGN_FOLLOWS.search(parts[-1]):
            parts[-1] += f"+{piece}"
        else:
            parts.append(piece)
    return file.group() if file else base.strip(), parts
