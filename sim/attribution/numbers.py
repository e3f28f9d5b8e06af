"""The columns of an ensemble as numbers that can be ranked.

A rank means something only if more of a number is more of something. Reals and yes or no are taken
as they are. Whole numbers of the state are codes or days of a clock, so that each of their values
becomes a yes or no of its own; but for those in `SETS` and `COUNTS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE
from sim.engine.dtypes import Floats, Records
from sim.engine.rules.answers import CONDITION_MEMORY_MASK
from sim.inputs.ensemble import columns_of

SETS = {"condition_days": int(CONDITION_MEMORY_MASK).bit_length()}
"""Sets of days, a bit each, of which rules read how many there are; with the days remembered."""
COUNTS = frozenset({"partial_day", "truce_day"})
"""Whole numbers that count something, so that they have an order."""
RARE = 0.01
"""The share of the members below which a value of a code gets no number of its own."""
_NOT_SET = "none"


def numbers_of(members: Records, starts: Records, blocs: Sequence[str]) -> dict[str, Floats]:
    """Return every number of members and their starts that can be ranked and that differs.

    Parameters
    ----------
    blocs
        The ids of the blocs.

    Returns
    -------
    dict
        By name, in the order of the records: a column's own, or ``column:value`` for a value of a
        code, 1 where a member has it. What is the same for all members, or not known of some
        (not-a-number), is left out.
    """
    columns = columns_of(members, starts, blocs)
    names = [name for column in columns for name in _names(column, columns[column])]
    found = {name: number(name, columns) for name in names}
    return {name: values for name, values in found.items() if np.ptp(values) > 0.0}


def number(name: str, columns: Mapping[str, NDArray[Any]]) -> Floats:
    """Return a number by its name in `numbers_of`, from the columns of any ensemble."""
    column, _, value = name.partition(":")
    values = columns[column]
    if value:
        return np.asarray(values == (NONE if value == _NOT_SET else int(value)), float)
    if _field(column) in SETS:
        return np.asarray(np.bitwise_count(values), float)
    return np.asarray(values, float)


def _names(column: str, values: NDArray[Any]) -> list[str]:
    if values.dtype.kind != "i" or _field(column) in COUNTS or _field(column) in SETS:
        return [column]
    codes, counts = np.unique(values, return_counts=True)
    kept = [int(code) for code in codes[counts >= RARE * len(values)]]
    if len(codes) == len(kept) == 2:
        kept = kept[1:]  # the other says the same
    return [f"{column}:{_NOT_SET if code == NONE else code}" for code in kept]


def _field(column: str) -> str:
    return column.removeprefix("start.").partition(".")[0]
