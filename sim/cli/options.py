"""Reads what several commands take, days and lever settings, and writes shares."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from sim.errors import ScenarioError
from sim.paths import shown


def parse_day(text: str | None, option: str) -> dt.date | None:
    """Read a day as YYYY-MM-DD.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ScenarioError(
            option, f"{shown(text)} is not a day.", "Write it as 2025-05-20."
        ) from None


def parse_settings(settings: Iterable[str]) -> dict[str, float | bool | str]:
    """Read `lever=value` settings; the library checks names and ranges.

    Raises
    ------
    ScenarioError
        If one has no '=', or a lever is set twice.
    """
    levers: dict[str, float | bool | str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals:
            todo = "Write it as --set sanctions.us_threat=0.9."
            raise ScenarioError("--set", f"{shown(setting)} has no '='.", todo)
        if name in levers:
            raise ScenarioError(f"--set {shown(name)}", "is given twice.", "Keep one.")
        levers[name] = _value(text.strip())
    return levers


def _value(text: str) -> float | bool | str:
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def percent(share: float | None) -> str:
    """Write a share as per cent, no finer than a tenth."""
    if share is None:
        return "-"
    if 0.0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}%"
