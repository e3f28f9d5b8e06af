"""Paired differences of worlds in memory: odds and worth under one policy against another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Outcome, Side
from sim.estimates import Odds
from sim.experiments.differences import Difference, Flips, PriceDifference, PriceShifts
from sim.tally import Tally, grains


class Paired(NamedTuple):
    """How worlds differ under one policy from the same worlds under another.

    Attributes
    ----------
    odds
        Under this policy.
    difference
        Of the odds.
    worth
        By side, the difference in what a world is worth, in stakes.
    """

    odds: Odds
    difference: Difference
    worth: tuple[PriceDifference, ...]


def tally_of(rows: NDArray[np.void], members: int) -> Tally:
    """Count outcomes and worths of worlds (`sim.experiments.kernel.COUNTED`), and nothing else."""
    tally = Tally(members)
    np.add.at(tally.outcomes, (rows["member"], rows["outcome"]), 1)
    worth = rows["worth"].astype(np.float64)
    for power in range(2):
        np.add.at(tally.worth[:, :, power], rows["member"], grains(worth ** (1 + power)))
    return tally


def paired_with(
    base: NDArray[np.void], rows: NDArray[np.void], members: int, hits: Sequence[Outcome]
) -> Paired:
    """Return how worlds differ from the same worlds under another policy.

    Parameters
    ----------
    base, rows
        The worlds under the one to set against, and under this policy.
    members
        Of the ensemble, used or not.
    hits
        The endings that count.
    """
    flips, shifts = Flips(members), PriceShifts(members)
    flips.add(base, rows, hits)
    shifts.add(base, rows)
    before, after = tally_of(base, members), tally_of(rows, members)
    prices = tuple(shifts.difference(before, side) for side in Side)
    return Paired(after.odds(*hits), flips.difference(before, after, hits), prices)
