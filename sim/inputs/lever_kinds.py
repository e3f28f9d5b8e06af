"""Kinds of lever: what values one takes, and how they are checked, stored, written and read.

Everything that differs between a number, a switch and a word stands here, in one class each; no
other module asks which kind a lever is of.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

from sim.errors import ScenarioError
from sim.text import did_you_mean, near_name, shown

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

Value = float | bool | str
"""A number, true or false, or a word, such as 'deferred'."""
DEFERRED = "deferred"
TRIED = 5
"""Values tried over a range, for a first look."""
_DIGITS = 12
"""Decimals of a value in a range, so that a finer grid meets the points of a coarser one."""
_CHOICE = re.compile("[a-z][a-z0-9_-]*")


def value_text(value: Value) -> str:
    """Write a lever's value in full, as `--set` and `--vary` read it."""
    return str(value).lower() if isinstance(value, bool) else str(value).removesuffix(".0")


class Kind(ABC):
    """What values a lever takes."""

    whole: ClassVar[bool] = False
    """Whether values between two ends are whole numbers."""
    beside: ClassVar[tuple[Value, ...]] = ()
    """Values that it takes beside a range of numbers."""

    @property
    @abstractmethod
    def span(self) -> str:
        """The values it takes, in words, such as ``0 to 1``."""

    def described(self, unit: str) -> str:
        """Return unit and values in words, to stand beside a lever's meaning."""
        return self.span

    @abstractmethod
    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return a value as it is kept, numbers as float.

        Parameters
        ----------
        place
            Where it stands, for the message.
        unit
            What it counts, for the message.

        Raises
        ------
        ScenarioError
            If the lever does not take it.
        """

    @abstractmethod
    def parse(self, text: str) -> Value:
        """Read a word of a command line; what cannot be read stays text, for `check` to refuse."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a value."""

    @abstractmethod
    def trial(self) -> tuple[Value, ...]:
        """Return a few values over all that it takes, in order, to see whether it does anything."""

    @abstractmethod
    def column(self, values: Sequence[Any]) -> pa.Array:
        """Return checked values as a column of a Parquet file."""

    def tabled(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Return such a column, as pandas reads it, with the values that were written."""
        return column

    @abstractmethod
    def code(self, value: Value) -> float:
        """Return the number that stands for a checked value in the policy record."""

    def write(self, record: NDArray[np.void], field: str, slot: int | None, value: Value) -> None:
        """Write a checked value into a field of one policy record, or into a slot of the field."""
        record[field][0 if slot is None else (0, slot)] = self.code(value)

    def check_ends(self, place: str, lever: str, ends: tuple[Any, Any]) -> None:
        """Refuse what cannot be the ends of a range; whether each is a value is checked elsewhere.

        Raises
        ------
        ScenarioError
            If one is no end, or the lever has no ranges.
        """
        values = ",".join(value_text(value) for value in self.trial())
        what = f"is {self.span}, and has no range."
        raise ScenarioError(place, what, f"Write {lever}={values}.")

    def spaced(self, low: float, high: float, steps: int) -> tuple[Value, ...]:
        """Return ``steps`` values from end to end of a range, fewer if whole numbers run out."""
        places = [low + (high - low) * step / (steps - 1) for step in range(steps)]
        if self.whole:
            return tuple(sorted({float(math.floor(place + 0.5)) for place in places}))
        return tuple(round(place, _DIGITS) for place in places)

    def at(self, low: float, high: float, share: float) -> Value:
        """Return the value at a share of the way through a range, 0 <= share < 1."""
        if self.whole:
            return float(low + math.floor(share * (high - low + 1.0)))
        return round(low + share * (high - low), _DIGITS)

    def numbers_at(self, low: float, high: float, shares: NDArray[np.float64]) -> NDArray[Any]:
        """Return the same for many shares of the way at once, shape (shares,)."""
        if self.whole:
            return low + (shares * (high - low + 1.0)) // 1.0
        return (low + shares * (high - low)).round(_DIGITS)


@dataclass(frozen=True)
class Number(Kind):
    """A number from ``low`` to ``high``."""

    low: float
    high: float

    @property
    def span(self) -> str:
        """The range in words."""
        return f"{self.low:g} to {self.high:g}"

    def described(self, unit: str) -> str:
        """Return unit and range in words."""
        return f"{unit}, {self.span}"

    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return the number as float, a negative zero as zero."""
        if isinstance(value, bool) or not isinstance(value, Real):
            todo = f"Give a number {self.span} ({unit})."
            raise ScenarioError(place, f"{shown(value)} is no number.", todo)
        try:
            number = float(value) + 0.0
        except OverflowError:
            number = math.inf
        if not self.low <= number <= self.high:
            what = f"{shown(value)} is outside {self.low:g}..{self.high:g} ({unit})."
            raise ScenarioError(place, what, f"Choose {self.span}.")
        return number

    def parse(self, text: str) -> Value:
        """Read a finite number."""
        try:
            number = float(text)
        except ValueError:
            return text
        return number if math.isfinite(number) else text

    def schema(self) -> dict[str, Any]:
        """Return the schema of a number in the range."""
        kind = "integer" if self.whole else "number"
        return {"type": kind, "minimum": self.low, "maximum": self.high}

    def trial(self) -> tuple[Value, ...]:
        """Return five values from end to end."""
        return self.spaced(self.low, self.high, TRIED)

    def column(self, values: Sequence[Any]) -> pa.Array:
        """Return a column of float64."""
        import pyarrow as pa

        return pa.array(values, pa.float64())

    def code(self, value: Value) -> float:
        """Return the number itself."""
        return float(value)

    def check_ends(self, place: str, lever: str, ends: tuple[Any, Any]) -> None:
        """Any two numbers are ends."""


class WholeDays(Number):
    """A whole number of days from ``low`` to ``high``."""

    whole = True

    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return the number of days as float."""
        number = super().check(place, value, unit)
        if number != int(number):
            what = f"{number:g} is not a whole number of days."
            raise ScenarioError(place, what, "Round it.")
        return number


@dataclass(frozen=True)
class DeferrableNumber(Number):
    """A number from ``low`` to ``high``, or the word 'deferred'.

    Attributes
    ----------
    flag
        The field of the policy record whose slot says that there is a number.
    """

    flag: str
    beside = (DEFERRED,)

    @property
    def span(self) -> str:
        """The range in words, and the word."""
        return f"{super().span} or '{DEFERRED}'"

    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return the number as float, or 'deferred'."""
        if isinstance(value, str) and value == DEFERRED:
            return DEFERRED
        if isinstance(value, str) and near_name(value, self.beside):
            what = f"{shown(value)} is neither a number nor the word '{DEFERRED}'."
            raise ScenarioError(place, what, did_you_mean(value, self.beside))
        return super().check(place, value, unit)

    def schema(self) -> dict[str, Any]:
        """Return the schema of a number in the range, or the word."""
        return {"anyOf": [super().schema(), {"const": DEFERRED}]}

    def column(self, values: Sequence[Any]) -> pa.Array:
        """Return a column of float64, null where deferred."""
        return super().column([None if value == DEFERRED else value for value in values])

    def tabled(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Return numbers; where some are deferred, numbers and the word, as objects."""
        there = column.notna()
        return column if there.all() else column.astype(object).where(there, DEFERRED)

    def code(self, value: Value) -> float:
        """Return the number; where deferred 0, which no rule reads."""
        return 0.0 if value == DEFERRED else float(value)

    def write(self, record: NDArray[np.void], field: str, slot: int | None, value: Value) -> None:
        """Write the number, and whether there is one."""
        super().write(record, field, slot, value)
        record[self.flag][0, slot] = value != DEFERRED

    def check_ends(self, place: str, lever: str, ends: tuple[Any, Any]) -> None:
        """Any two numbers are ends; the word is none."""
        if DEFERRED in ends:
            todo = f"List the values: {lever}={DEFERRED},0.5,1."
            raise ScenarioError(place, f"'{DEFERRED}' is no end of a range.", todo)


@dataclass(frozen=True)
class Switch(Kind):
    """True or false."""

    @property
    def span(self) -> str:
        """Both values in words."""
        return "true or false"

    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return the truth value."""
        if isinstance(value, bool):
            return value
        todo = did_you_mean(value, ("true", "false"), "Say which.")
        raise ScenarioError(place, f"{shown(value)} is neither true nor false.", todo)

    def parse(self, text: str) -> Value:
        """Read true or false, in capitals or not."""
        return {"true": True, "false": False}.get(text.lower(), text)

    def schema(self) -> dict[str, Any]:
        """Return the schema of a truth value."""
        return {"type": "boolean"}

    def trial(self) -> tuple[Value, ...]:
        """Return false and true."""
        return False, True

    def column(self, values: Sequence[Any]) -> pa.Array:
        """Return a column of bool."""
        import pyarrow as pa

        return pa.array(values, pa.bool_())

    def code(self, value: Value) -> float:
        """Return 1 if true, else 0."""
        return float(value)


@dataclass(frozen=True)
class Word(Kind):
    """One of a few words. The policy record has its place among them, a whole number from 0.

    Attributes
    ----------
    choices
        The words, of a-z, 0-9, '_' and '-'; new ones go to the end, so that no code changes.
    """

    choices: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse words that a command line could not hold."""
        if len(set(self.choices)) < 2 or not all(map(_CHOICE.fullmatch, self.choices)):
            raise ValueError(f"{self.choices} are not two or more plain words")

    @property
    def span(self) -> str:
        """The words."""
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"

    def check(self, place: str, value: Any, unit: str) -> Value:
        """Return the word."""
        if isinstance(value, str) and value in self.choices:
            return str(value)
        todo = did_you_mean(value, self.choices, f"Choose {self.span}.")
        raise ScenarioError(place, f"{shown(value)} is none of its words.", todo)

    def parse(self, text: str) -> Value:
        """Return the word as it is."""
        return text

    def schema(self) -> dict[str, Any]:
        """Return the schema of one of the words."""
        return {"enum": list(self.choices)}

    def trial(self) -> tuple[Value, ...]:
        """Return all of the words."""
        return self.choices

    def column(self, values: Sequence[Any]) -> pa.Array:
        """Return a column of text."""
        import pyarrow as pa

        return pa.array(values, pa.string())

    def code(self, value: Value) -> float:
        """Return the place of the word."""
        return self.choices.index(str(value))
