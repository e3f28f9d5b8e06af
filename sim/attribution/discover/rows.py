"""What is searched: rows of numbers, what each number means, and what is known of each row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.attribution.discover.evaluate import Labels, Shown
from sim.bounds import Bound
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError, check_whole
from sim.text import counted

FEWEST_ROWS = 100
FEWEST_GROUPS = 20
"""Fewer rows tell nothing that could be told from chance."""
MOST_NUMBERS = 10
"""The most numbers that a box may be asked to restrict."""


class Number(NamedTuple):
    """What a column of the rows is.

    Attributes
    ----------
    name
        As other results have it.
    meaning
        In words, to stand within quotes in a sentence; the name where there are none.
    unit
        What it counts, to stand after a value; may be empty.
    deferred
        The value that stands for 'deferred', below all others; None if there is none.
    yes_or_no
        Whether it is 1 where something is so, else 0.
    """

    name: str
    meaning: str
    unit: str = ""
    deferred: float | None = None
    yes_or_no: bool = False


@dataclass(frozen=True)
class Rows:
    """Rows to search, and the same rows to measure what was found.

    Attributes
    ----------
    x
        Numbers by row, shape (rows, numbers).
    numbers
        What each is.
    groups
        By row, a number that copies of one another share.
    searched, measured
        What is known of the rows on the luck that is searched, and on other luck.
    thing
        What a row is, such as ``member``.
    bound
        The condition, if it is one on a number.
    names
        By row, what it is called; empty if rows have no names.
    """

    x: Floats
    numbers: tuple[Number, ...]
    groups: Ints
    searched: Shown
    measured: Shown
    thing: str
    bound: Bound | None = None
    names: tuple[str, ...] = ()


def check_most(most: int) -> int:
    """Return how many numbers a box may restrict, 1 to 10.

    Raises
    ------
    ScenarioError
        If it cannot be that many.
    """
    return check_whole("most", most, 1, MOST_NUMBERS)


def check_rows(number: int, thing: str) -> None:
    """Refuse too few rows.

    Raises
    ------
    ScenarioError
        If there are fewer than `FEWEST_ROWS`.
    """
    if number < FEWEST_ROWS:
        what = f"there are {counted(number, thing)}, and {FEWEST_ROWS} or more are needed: half of "
        what += "them are searched, and the other half tells whether what was found is true."
        raise ScenarioError("discover", what, "Give more.")


# ------------------------------------------------------------------ a table of the caller's


def table_rows(
    x: object, y: object, groups: object = None, names: Sequence[str] | None = None
) -> Rows:
    """Check a table with labels and return its rows.

    Raises
    ------
    ScenarioError
        If shapes differ, a label is not 0 or 1, a number is not finite, or there are too few rows.
    """
    columns = [str(name) for name in getattr(x, "columns", ())]
    table = _numbers("x", x)
    if table.ndim != 2 or table.shape[1] == 0:
        what = f"has the shape {table.shape}."
        raise ScenarioError("x", what, "Give a row for each case, and a column for each number.")
    count, width = table.shape
    called = list(map(str, names)) if names is not None else columns
    called = called or [f"x{n}" for n in range(width)]
    if len(called) != width:
        what = f"has {width} numbers, but {len(called)} names are given."
        raise ScenarioError("names", what, "Give one for each.")
    if len(set(called)) < width:
        raise ScenarioError("names", "a name is given twice.", "Give each number its own.")
    _check_finite(table, called)
    label = _numbers("y", y)
    if label.shape != (count,):
        what = f"has the shape {label.shape}, but x has {counted(count, 'row')}."
        raise ScenarioError("y", what, "Give a label for each row.")
    if not np.isin(label, (0.0, 1.0)).all():
        raise ScenarioError("y", "has labels that are neither 0 nor 1.", "Give 0/1 or true/false.")
    check_rows(count, "row")
    if (table == table[0]).all():
        what = "has the same numbers in every row."
        raise ScenarioError("x", what, "Give numbers that differ, to tell rows apart by.")
    numbers = tuple(
        Number(name, name, yes_or_no=bool(np.isin(values, (0.0, 1.0)).all()))
        for name, values in zip(called, table.T, strict=True)
    )
    shown = Labels(label == 1.0)
    return Rows(table, numbers, _groups(groups, count), shown, shown, "row")


def _numbers(where: str, given: object) -> Floats:
    try:
        return np.asarray(given, float)
    except (TypeError, ValueError):
        what = "has values that are no numbers."
        todo = "Make a number of each, such as 0 and 1 of no and yes."
        raise ScenarioError(where, what, todo) from None


def _check_finite(table: Floats, names: Sequence[str]) -> None:
    bad = ~np.isfinite(table)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        what = f"{counted(int(bad.sum()), 'value')} not finite, the first in row {row} of "
        what += f"'{names[column]}'."
        raise ScenarioError("x", what, "Leave such rows out, or fill them.")


def _groups(given: object, count: int) -> Ints:
    if given is None:
        return np.arange(count)
    values = np.asarray(given)
    if values.shape != (count,):
        what = f"has the shape {values.shape}, but x has {counted(count, 'row')}."
        raise ScenarioError("groups", what, "Give one for each row.")
    number: Ints = np.unique(values, return_inverse=True)[1].reshape(count)
    if number.max() + 1 < FEWEST_GROUPS:
        what = f"there are {counted(int(number.max()) + 1, 'group')}, and rows of one group stay "
        what += "together in the half that is searched or in the half that is held out."
        raise ScenarioError("groups", what, f"Give {FEWEST_GROUPS} or more.")
    return number
