"""The record: every lever's value from a day on, with its source, read no earlier than known."""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.errors import ScenarioError
from sim.inputs.levers import LEVERS, Value, check_lever
from sim.inputs.tomlfile import FILE, STRICT, load_toml
from sim.paths import data_dir, ensemble_days


class HistoryRow(BaseModel):
    """A lever's value from a day on, with its source."""

    model_config = STRICT
    lever: str
    date: dt.date
    value: Value
    known: dt.date | None = Field(default=None, description="when it was public, if later")
    source: str = Field(min_length=1, description="article and paragraph, or 'assumed' and why")

    @property
    def visible_from(self) -> dt.date:
        """The first as-of day on which this row may be read."""
        return max(self.date, self.known or self.date)


class ActionRow(BaseModel):
    """An observed action: an event of the evidence that the calibration imposes."""

    model_config = STRICT
    actor: str
    event: str
    date: dt.date
    until: dt.date | None = Field(default=None, description="the last day of a window")
    round: str = Field(default="", description="the proposal that was answered")
    article: str
    paragraph: int = Field(ge=1)


class RoundRow(BaseModel):
    """A round of mediated talks whose day was announced before it came."""

    model_config = STRICT
    date: dt.date
    known: dt.date = Field(description="the day on which the announcement was public")
    source: str = Field(min_length=1, description="article and paragraph")

    @property
    def what(self) -> str:
        """What was announced, in words of our own."""
        return self.source.partition(": ")[2] or self.source


class _History(BaseModel):
    model_config = FILE
    schema_: Literal["truce/history/1"] = Field(alias="schema")
    lever: tuple[HistoryRow, ...]
    action: tuple[ActionRow, ...] = ()
    round: tuple[RoundRow, ...] = ()


@functools.cache
def _file(path: Path) -> _History:
    return load_toml(path, _History, ScenarioError, path.name)


@functools.cache
def _history(path: Path) -> tuple[HistoryRow, ...]:
    rows = _file(path).lever
    seen = set()
    for row in rows:
        check_lever(f"{path.name}: {row.date}", row.lever, row.value)
        if (row.lever, row.date) in seen:
            what = f"changes twice on {row.date}."
            raise ScenarioError(f"{path.name}: {row.lever}", what, "Keep one.")
        seen.add((row.lever, row.date))
    return tuple(sorted(rows, key=lambda row: row.date))


def action_rows() -> tuple[ActionRow, ...]:
    """Return the observed actions that the record lists, whenever they were public."""
    return _file(data_dir("scenarios") / "history.toml").action


def round_rows(as_of: dt.date) -> tuple[RoundRow, ...]:
    """Return the announced rounds of the record that were known of on a day."""
    rows = _file(data_dir("scenarios") / "history.toml").round
    return tuple(row for row in rows if row.known <= as_of)


def announced_rounds(as_of: dt.date) -> tuple[dt.date, ...]:
    """Return the days of mediated rounds that lay ahead and were announced on a day."""
    return tuple(row.date for row in round_rows(as_of) if row.date > as_of)


def rounds_held(as_of: dt.date) -> tuple[dt.date, ...]:
    """Return the days, up to the as-of day, of mediated rounds that had been announced."""
    return tuple(row.date for row in round_rows(as_of) if row.date <= as_of)


def history(as_of: dt.date) -> tuple[HistoryRow, ...]:
    """Return the dated rows of the record that were known on a day, oldest first."""
    rows = _history(data_dir("scenarios") / "history.toml")
    return tuple(row for row in rows if row.visible_from <= as_of)


def baseline_rows(as_of: dt.date) -> dict[str, HistoryRow]:
    """Return, for every lever, the row of the record that stands on a day.

    Raises
    ------
    ScenarioError
        If the day is before the record begins.
    """
    standing = {row.lever: row for row in history(as_of)}
    missing = [name for name in LEVERS if name not in standing]
    if missing:
        what = f"the record of the levers in history.toml does not reach back to it ({missing[0]})."
        days = ", ".join(str(day) for day in ensemble_days())
        raise ScenarioError(f"as-of {as_of}", what, f"Choose a later day; there are: {days}.")
    return {name: standing[name] for name in LEVERS}


def baseline_levers(as_of: dt.date) -> dict[str, Value]:
    """Return every lever's value as it stood on a day."""
    rows = baseline_rows(as_of)
    return {name: check_lever("history.toml", name, row.value) for name, row in rows.items()}
