"""Means over worlds within members: numbers that each world has, with the two intervals of odds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.engine.dtypes import Floats
from sim.estimates import FEWEST_MEMBERS, Counts, Z, ends, two_stages, within_members

_Z_MEMBERS = 1.6448536269514722
"""Standard normal quantiles: of 95 % about the middle, and of 90 %."""


class Mean(NamedTuple):
    """The mean of a number that each world has, with both intervals.

    Attributes
    ----------
    mean
        Over all worlds.
    mc
        95 % interval of the estimate for this ensemble (normal, two-stage error); None for a
        single world, which does not show how far worlds differ.
    ensemble
        Central 90 % of the members' own means with luck taken out; None below 64 members.
    """

    mean: float
    mc: tuple[float, float] | None
    ensemble: tuple[float, float] | None

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval; infinite if there is none."""
        return (self.mc[1] - self.mc[0]) / 2.0 if self.mc else math.inf

    def as_dict(self) -> dict[str, Any]:
        """Return the mean as plain data."""
        document = self._asdict()
        for name in ("mc", "ensemble"):
            document[name] = list(document[name]) if document[name] else None
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Mean:
        """Return the mean whose plain data `as_dict` gave."""
        both = (ends(document[name]) if document[name] else None for name in ("mc", "ensemble"))
        return cls(float(document["mean"]), *both)


def estimate_mean(
    sums: Floats, squares: Floats, worlds: Counts, ensemble_size: int, unseen: float = 0.0
) -> Mean | None:
    """Estimate the mean of a number that each world has; None if no member has a world.

    Parameters
    ----------
    sums, squares
        By member, the number and its square summed over the member's worlds.
    worlds
        By member; members without worlds are left out.
    unseen
        Variance of what a few worlds of a kind that none was seen of would add.
    """
    used = worlds > 0
    if not used.any():
        return None
    several = sums[None, used], squares[None, used]
    return estimate_means(*several, worlds[used], ensemble_size, unseen)[0]


def estimate_means(
    sums: Floats,
    squares: Floats,
    worlds: Counts,
    ensemble_size: int,
    unseen: float = 0.0,
    *,
    spread: bool = True,
) -> list[Mean]:
    """Return what `estimate_mean` does of several numbers in the same worlds, bit for bit.

    Parameters
    ----------
    sums, squares
        Shape (numbers, members).
    worlds
        By member, shape (members,), each with a world or more.
    spread
        Whether the interval of the members is wanted.
    """
    total = int(worlds.sum())
    mean_of = (sums.sum(-1) / total).tolist()
    means = sums / worlds
    variances = np.maximum(0.0, squares / worlds - means**2)
    errors = two_stages(means, variances, worlds, ensemble_size).tolist()
    few = len(worlds) < min(FEWEST_MEMBERS, ensemble_size)  # as in `_of_few`
    found = []
    for n, (mean, error) in enumerate(zip(mean_of, errors, strict=True)):
        members = member_means(mean, means[n], variances[n], worlds) if spread else None
        if total == 1:
            found.append(Mean(mean, None, members))
            continue
        variance = error
        if few:
            apart = max(0.0, float(squares[n].sum()) - total * mean**2) / (total - 1)
            variance = max(variance, apart / total)
        half = Z * math.sqrt(variance + unseen)
        found.append(Mean(mean, (mean - half, mean + half), members))
    return found


def member_means(
    mean: float, means: Floats, variances: Floats, worlds: Counts
) -> tuple[float, float] | None:
    """Central 90 % of the members' own means with luck taken out.

    Normal about the mean. The variance between members is that of their means less what luck
    adds to it: ``max(0, s_b^2 - mean_i(s_i^2 / k_i))``, by moments.

    Parameters
    ----------
    mean
        Over all worlds.
    means, variances, worlds
        By member, as in `two_stage`.

    Returns
    -------
    (float, float) or None
        None below 64 members; the mean twice if members are not seen to differ, as with a world
        each.
    """
    if len(worlds) < FEWEST_MEMBERS:
        return None
    if not (worlds > 1).any():
        return mean, mean
    luck = float(np.mean(within_members(variances, worlds) / worlds))
    half = _Z_MEMBERS * math.sqrt(max(0.0, float(np.var(means, ddof=1)) - luck))
    return mean - half, mean + half
