"""The record: every lever's value from a day on, with its source, read no earlier than known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.errors import ScenarioError
from sim.inputs.levers import Value, check_lever
from sim.inputs.tomlfile import FILE, STRICT, load_toml


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


class MoveRow(BaseModel):
    """How far, from a day on, the mediator moved its package by itself, as far as is on record.

    The lever ``mandate.flexibility`` says how far it may in the days ahead.
    """

    model_config = STRICT
    date: dt.date
    value: float = Field(ge=0.0, le=1.0, description="as of mandate.flexibility")
    known: dt.date | None = Field(default=None, description="when it was public, if later")
    source: str = Field(min_length=1, description="article and paragraph, or 'assumed' and why")

    def of_lever(self, lever: str) -> HistoryRow:
        """Return it as a row of a lever."""
        return HistoryRow(lever=lever, **self.model_dump())


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


class _HistoryFile(BaseModel):
    model_config = FILE
    schema_: Literal["truce/history/1"] = Field(alias="schema")
    lever: tuple[HistoryRow, ...]
    action: tuple[ActionRow, ...] = ()
    round: tuple[RoundRow, ...] = ()
    moved: tuple[MoveRow, ...] = Field(min_length=1)


@dataclass(frozen=True)
class History:
    """The whole record, whenever its rows became public.

    Attributes
    ----------
    levers
        The values of levers, oldest first.
    actions
        What was observed, in the order of the file.
    rounds
        The rounds of mediated talks that were announced, in the order of the file.
    moves
        How far the mediator moved its package by itself, oldest first.
    """

    levers: tuple[HistoryRow, ...]
    actions: tuple[ActionRow, ...]
    rounds: tuple[RoundRow, ...]
    moves: tuple[MoveRow, ...]


def load_history(path: Path) -> History:
    """Read and check a record.

    Raises
    ------
    ScenarioError
        Naming the file, the row and what is wrong with it.
    """
    file = load_toml(path, _HistoryFile, ScenarioError, path.name)
    seen = set()
    for row in file.lever:
        check_lever(f"{path.name}: {row.date}", row.lever, row.value)
        if (row.lever, row.date) in seen:
            what = f"changes twice on {row.date}."
            raise ScenarioError(f"{path.name}: {row.lever}", what, "Keep one.")
        seen.add((row.lever, row.date))
    levers = tuple(sorted(file.lever, key=lambda row: row.date))
    moves = tuple(sorted(file.moved, key=lambda row: row.date))
    return History(levers, file.action, file.round, moves)
