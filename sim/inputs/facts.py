"""The facts of a conflict, ``calibration/conflict.toml``: its days, holidays and base rates."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from pathlib import Path
from typing import Literal

from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter
from pydantic import BaseModel, Field, model_validator

from sim.errors import CalibrationError
from sim.inputs.tomlfile import FILE, load_toml

_EASTER = {"orthodox": EASTER_ORTHODOX, "western": EASTER_WESTERN}


class RecordFacts(BaseModel):
    """The record: its first day, and why it begins there."""

    model_config = FILE
    begins: dt.date = Field(strict=True)
    source: str = Field(min_length=1)


class WarFacts(BaseModel):
    """The war: its first day."""

    model_config = FILE
    began: dt.date = Field(strict=True)
    source: str = Field(min_length=1)


class Holiday(BaseModel):
    """A holiday around which pauses are declared: a month and a day, or an Easter."""

    model_config = FILE
    name: str = Field(min_length=1)
    month: int | None = Field(default=None, ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    easter: Literal["orthodox", "western"] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Holiday:
        dated = (self.month is None, self.day is None)
        if dated != ((True, True) if self.easter else (False, False)):
            raise ValueError("give month and day, or easter")
        if self.month and self.day and self.day > calendar.monthrange(1, self.month)[1]:
            raise ValueError(f"month {self.month} has no day {self.day} in every year")
        return self

    def in_year(self, year: int) -> dt.date:
        """Return its day in a year."""
        if self.easter:
            day: dt.date = easter(year, _EASTER[self.easter])
            return day
        assert self.month
        assert self.day
        return dt.date(year, self.month, self.day)


class ShippedEnsemble(BaseModel):
    """An as-of day whose ensemble comes with the conflict, and why that day."""

    model_config = FILE
    day: dt.date = Field(strict=True)
    why: str = Field(min_length=1)


class Together(BaseModel):
    """The id and the name by which the evidence speaks of all blocs as one."""

    model_config = FILE
    id: str = Field(pattern=r"^[a-z]+$")
    name: str = Field(min_length=1)


class BaseRate(BaseModel):
    """The chance that a truce, once agreed, lasts its 30 days, with its source."""

    model_config = FILE
    lasts: float = Field(ge=0.0, le=1.0)
    source: str = Field(min_length=1)


class Guess(BaseModel):
    """A first guess of a chance."""

    model_config = FILE
    value: float = Field(gt=0.0, lt=1.0)
    source: str = Field(min_length=1)


class FirstGuesses(BaseModel):
    """First guesses of a yes of either side, and that a resisted threat is carried out."""

    model_config = FILE
    yes_r: Guess
    yes_u: Guess
    carried_out: Guess


MOST_DAYS = 100_000.0
"""The longest time, in days, over which something is counted."""


class FirstRate(BaseModel):
    """How often something was seen in a number of days."""

    model_config = FILE
    seen: float = Field(gt=0.0)
    days: float = Field(ge=1.0, le=MOST_DAYS)
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _no_more_than_days(self) -> FirstRate:
        if self.seen > self.days:
            raise ValueError(f"{self.seen:g} are seen in {self.days:g} days, more than one a day")
        return self


class FirstRates(BaseModel):
    """First rates: of a pause, a full truce, a mediator that leaves, the end of a partial truce."""

    model_config = FILE
    pause: FirstRate
    truce: FirstRate
    leaves: FirstRate
    partial: FirstRate


class Facts(BaseModel):
    """The facts of a conflict (schema `truce/conflict/1`)."""

    model_config = FILE
    schema_: Literal["truce/conflict/1"] = Field(alias="schema")
    record: RecordFacts
    war: WarFacts
    holiday: tuple[Holiday, ...] = ()
    ensemble: tuple[ShippedEnsemble, ...] = ()
    together: Together
    base_rate: BaseRate
    first_guess: FirstGuesses
    first_rate: FirstRates

    @model_validator(mode="after")
    def _in_order(self) -> Facts:
        if self.record.begins <= self.war.began:
            raise ValueError(
                f"the record begins on {self.record.begins}, before the war on {self.war.began}"
            )
        days = [one.day for one in self.ensemble]
        if days != sorted(set(days)) or any(day < self.record.begins for day in days):
            raise ValueError("the days of [[ensemble]] do not rise from the first of the record")
        return self

    @property
    def eve(self) -> dt.date:
        """Day 0 of the record: the day before its first."""
        return self.record.begins - dt.timedelta(days=1)

    def held_by_base_rate(self, as_of: dt.date, horizon_days: int) -> float:
        """Return the odds of a truce that holds from the base rate alone.

        ``(1 - exp(-.5 H / D)) L``: no full mutual truce in the D days since the war began gives the
        rate (half an event, Jeffreys), L is the chance that one lasts 30 days.
        """
        days = (as_of - self.war.began).days
        return (1.0 - math.exp(-0.5 * horizon_days / days)) * self.base_rate.lasts

    def holidays(self, year: int) -> tuple[dt.date, ...]:
        """Return the holidays of a year around which pauses are declared."""
        return tuple(holiday.in_year(year) for holiday in self.holiday)


def load_facts(path: Path) -> Facts:
    """Read and check the facts of a conflict.

    Raises
    ------
    CalibrationError
        Naming the file, the key and what is wrong with it.
    """
    return load_toml(path, Facts, CalibrationError, path.name)
