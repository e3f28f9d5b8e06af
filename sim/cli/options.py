"""Reads what several commands take, days and lever settings, and writes shares."""

from __future__ import annotations

import datetime as dt
import functools
import sys
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError, StoreError, check_whole
from sim.text import mixed_words, printable, shown

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict
    from sim.inputs.scenario import Scenario


SCENARIO_HELP = (
    "A scenario's name, or a path ending in .toml; levers may be set behind it, as in "
    "baseline+aid.level=0+concede.nato=false."
)


_CHOSEN: ContextVar[Callable[[], Conflict] | None] = ContextVar("conflict", default=None)


def choose_conflict(folder: Path | None) -> None:
    """Let the present command be about the conflict in a folder; the shipped one if None."""
    _CHOSEN.set(
        None if folder is None else functools.cache(functools.partial(_conflict_in, folder))
    )


def _conflict_in(folder: Path) -> Conflict:
    from sim.opened import Conflict

    return Conflict(folder)


def chosen_conflict() -> Conflict:
    """Return the conflict that the present command is about, see `choose_conflict`.

    Raises
    ------
    CalibrationError
        If the folder does not hold the data of a conflict.
    """
    from sim.inputs.conflict import shipped

    return (_CHOSEN.get() or shipped)()


def checked_particles(particles: int | None, workers: int | None) -> int:
    """Return how many pasts are asked for, 0 if any number will do, once both can be used.

    Raises
    ------
    ScenarioError
        If one of them is out of range.
    """
    from sim.calibrate.particles import BLOCK_PARTICLES

    if workers is not None:
        check_whole("--workers", workers, 1, 4096)
    if particles is None:
        return 0
    return check_whole("--particles", particles, 2 * BLOCK_PARTICLES, 100_000_000)


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
            option, f"{shown(text)} is not a day.", "Write it as YYYY-MM-DD."
        ) from None


def parse_as_of(text: str | None, conflict: Conflict) -> dt.date | None:
    """Read the as-of day of a command, a day through which the press was read.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    day = parse_day(text, "--as-of")
    if day:
        conflict.check_read(day)
    return day


def parse_data(name: str | Path) -> Path:
    """Read the name of the folder of a conflict.

    Raises
    ------
    StoreError
        If it is empty, which would be the current folder.
    """
    if not str(name):
        raise StoreError("--data", "is empty.", "Name a folder; the current one is '.'.")
    return Path(name)


def parse_folder(name: str | Path) -> Path:
    """Read the name of a folder.

    Raises
    ------
    StoreError
        If it is empty, which would be the current folder.
    """
    if not str(name):
        raise StoreError("--out", "is empty.", "Name a folder; the current one is '.'.")
    return Path(name)


def parse_settings(settings: Iterable[str]) -> dict[str, float | bool | str]:
    """Read `lever=value` settings; the library checks names and ranges.

    Raises
    ------
    ScenarioError
        If one has no '=', or a lever is set twice.
    """
    from sim.inputs.block_numbers import parse_setting

    levers: dict[str, float | bool | str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals:
            todo = "Write it as --set sanctions.us_threat=0.9."
            raise ScenarioError("--set", f"{shown(setting)} has no '='.", todo)
        if name in levers:
            raise ScenarioError(f"--set {shown(name)}", "is given twice.", "Keep one.")
        levers[name] = parse_setting(name, text.strip())
    return levers


def parse_scenario(
    name: str, settings: Iterable[str] | None, as_of: str | None, horizon: int | None
) -> Scenario:
    """Load a scenario as the options of a command have it: `--set`, `--as-of`, `--horizon`.

    If nobody gave a day and news waits behind that of the newest ensemble, a line says so.
    """
    return parse_scenarios([name], settings, as_of, horizon)[0]


def parse_scenarios(
    names: Iterable[str], settings: Iterable[str] | None, as_of: str | None, horizon: int | None
) -> list[Scenario]:
    """Load several scenarios with the same options, as `parse_scenario` loads one."""
    from sim.inputs.scenario import load_scenario

    levers = parse_settings(settings or [])
    day = parse_day(as_of, "--as-of")
    found = [load_scenario(name, day, horizon, conflict=chosen_conflict()) for name in names]
    if day is None:
        _say_what_waits(found)
    _say_what_is_mixed(found)
    return [scenario.with_levers(levers) if levers else scenario for scenario in found]


def _say_what_waits(scenarios: Iterable[Scenario]) -> None:
    """Say on standard error that the record has news which the newest ensemble does not know."""
    from sim.inputs.scenario_file import read_scenario_file

    conflict = chosen_conflict()
    newest = [one for one in scenarios if read_scenario_file(Path(one.path)).as_of is None]
    if not newest or newest[0].as_of >= conflict.through:
        return
    from sim.attribution.news import news_waits

    day = newest[0].as_of
    if news_waits(day, conflict):
        sys.stderr.write(
            f"News through {conflict.through} is in the record, but the newest ensemble is of "
            f"{day}: {conflict.truce} update brings the odds up to date.\n"
        )


def _say_what_is_mixed(scenarios: Iterable[Scenario]) -> None:
    """Say on standard error that a title has words that look like others."""
    for scenario in scenarios:
        for word in mixed_words(scenario.title):
            sys.stderr.write(
                f"{printable(scenario.path)}: in the title, letters of several alphabets are mixed "
                f"in '{printable(word)}' ({ascii(word)[1:-1]}).\n"
            )


def with_settings(scenario: Scenario, start: str = " with ") -> str:
    """Write what was set beside a scenario's file, to stand after its title."""
    from sim.inputs.inline import settings_text

    return f"{start}{settings_text(scenario.overrides)}" if scenario.overrides else ""


def parse_ranges(texts: Iterable[str]) -> dict[str, Any]:
    """Read `lever=low:high:steps` or `lever=value,value`; the library checks names and ranges.

    Raises
    ------
    ScenarioError
        If one is neither, or a lever is given twice.
    """
    from sim.experiments.axes import Range
    from sim.inputs.block_numbers import parse_setting

    vary: dict[str, Any] = {}
    for text in texts:
        name, equals, varied = text.partition("=")
        name, varied = name.strip(), varied.strip()
        if not equals or not name or not (":" in varied or "," in varied):
            todo = "Write it as --vary offer.territory=0.5:1:11, or concede.nato=false,true."
            raise ScenarioError("--vary", f"{shown(text)} has no range.", todo)
        if name in vary:
            raise ScenarioError(f"--vary {shown(name)}", "is given twice.", "Keep one.")
        if "," in varied:
            vary[name] = [parse_setting(name, word.strip()) for word in varied.split(",")]
            continue
        words = [word.strip() for word in varied.split(":")]
        if len(words) not in (2, 3):
            todo = f"Write it as --vary {shown(name)[1:-1]}=LOW:HIGH:STEPS."
            raise ScenarioError(f"--vary {shown(name)}", f"{shown(varied)} is no range.", todo)
        ends = [parse_setting(name, word) for word in words[:2]]
        vary[name] = Range(*ends, *(_number(word) for word in words[2:]))
    return vary


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def percent(share: float | None) -> str:
    """Write a share as per cent, no finer than a tenth."""
    if share is None:
        return "-"
    if 0.0 < share < 0.0005:
        return "<0.1%"
    return f"{100 * share:.1f}%"
