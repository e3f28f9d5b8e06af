"""The most typical world of an outcome: the one nearest to the middle of all that ended so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.errors import StoreError
from sim.results import Results
from sim.text import shown

NUMBERS = ("first_truce_day", "truce_days", "momentum_end", "sanctions_end", "guarantee_end")
"""What says how alike two worlds of one outcome are."""


def typical_world(results: Results, outcome: str) -> int:
    """Return the world of an outcome that is nearest to the middle of all worlds of it.

    The middle is the median of the days to the first truce, the days of truce, and momentum,
    sanctions and guarantee at the end; distances in units of their spread.

    Parameters
    ----------
    results
        Of a run whose worlds are there; see `sim.montecarlo.with_worlds`.

    Raises
    ------
    StoreError
        If no world of the run ended so.
    """
    names = [kind.name.lower() for kind in Outcome]
    if outcome not in names:
        raise StoreError("--nearest", f"{shown(outcome)} is no outcome.", f"{', '.join(names)}.")
    worlds = np.flatnonzero(results.column("outcome") == outcome)
    if len(worlds) == 0:
        what = f"no world of run {results.id} is `{outcome}`."
        raise StoreError("--nearest", what, "Take another.")
    columns = [np.nan_to_num(results.column(name)[worlds]) for name in NUMBERS]
    return int(worlds[middle_one(columns)])


def middle_one(columns: Sequence[NDArray[Any]]) -> int:
    """Return the place of the world that is nearest to the medians of some numbers of all.

    Parameters
    ----------
    columns
        By number, the values of the same worlds; 0 for what there is not.

    Examples
    --------
    >>> middle_one([np.array([0.0, 10.0, 4.0]), np.array([1.0, 1.0, 1.0])])
    2
    """
    distance: Floats = np.zeros(len(columns[0]))
    for values in columns:
        spread = values.std()
        if spread > 0.0:
            distance += ((values - np.median(values)) / spread) ** 2
    return int(distance.argmin())
