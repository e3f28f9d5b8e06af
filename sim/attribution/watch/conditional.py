"""Odds among worlds in which something was seen, differences of such odds, and their errors.

All are ratios of counts over the same worlds. The error of a ratio is that of its linearised form:
in each world the residual ``(y - r) h / mean(h)``, with ``h`` whether the world is meant, and over
worlds within members the two stages of `sim.estimates.two_stage`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.estimates import Counts, Odds, Z, estimate, estimate_ratio, two_stage
from sim.experiments.sensitivity.jackknife import Estimate

Mask = NDArray[np.bool_]
_PART = 65_536
LEVEL = 0.05
"""The chance with which something is claimed of what moves nothing."""


@dataclass(frozen=True)
class Watched:
    """Worlds with what was seen of each by a day, and whether the outcome came in the end.

    Attributes
    ----------
    member
        The member of each world, shape (worlds,).
    hit
        Whether the outcome came, shape (worlds,).
    seen
        Whether each event was seen, shape (worlds, events).
    members
        Of the ensemble, used or not.
    """

    member: Ints
    hit: Mask
    seen: Mask
    members: int
    worlds: Counts = field(init=False, repr=False)
    _place: Ints = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Count the worlds of each member that is used."""
        _, place, worlds = np.unique(self.member, return_inverse=True, return_counts=True)
        object.__setattr__(self, "_place", place)
        object.__setattr__(self, "worlds", worlds.astype(np.int64))

    @property
    def every(self) -> Mask:
        """All worlds."""
        return np.ones(len(self.hit), bool)

    @property
    def base(self) -> Odds:
        """Odds of the outcome in all worlds."""
        found = estimate(self.count(self.hit), self.worlds, self.members)
        assert found is not None
        return found

    def count(self, which: Mask) -> Counts:
        """Return how many worlds of each member are meant."""
        counted: Counts = np.bincount(self._place[which], minlength=len(self.worlds))
        return counted

    def chance(self, which: Mask) -> Odds:
        """Return how often a world is one of those meant."""
        found = estimate(self.count(which), self.worlds, self.members, spread=False)
        assert found is not None
        return found

    def odds(self, among: Mask, *, spread: bool = True) -> Odds | None:
        """Return the odds of the outcome among some worlds, with both intervals.

        Members weigh by their worlds among these. None if there are none; ``spread`` says whether
        the interval of the members is wanted.
        """
        hits, some = self.count(among & self.hit), self.count(among)
        return estimate_ratio(hits, some, self.worlds, self.members, spread=spread)

    # -------------------------------------------------------------- differences

    def difference(self, first: Mask, second: Mask) -> Estimate | None:
        """Return by how much the odds among some worlds exceed those among others.

        The 95 % interval is put together from the Wilson intervals of both odds and the
        correlation of their errors (Zou and Donner 2008), so that it holds for few worlds, too.

        Parameters
        ----------
        first, second
            Worlds, none in both.

        Returns
        -------
        Estimate or None
            None if there are no worlds of one kind.
        """
        one, two = (self.odds(among, spread=False) for among in (first, second))
        if one is None or two is None:
            return None
        a, b = self._ratio(first, one.mean), self._ratio(second, two.mean)
        variances = [self._variance(part) for part in (a, b, a.less(b))]
        scale = 2.0 * math.sqrt(variances[0] * variances[1])
        together = (variances[0] + variances[1] - variances[2]) / scale if scale > 0.0 else 0.0
        together = min(1.0, max(-1.0, together))
        mean = one.mean - two.mean
        low = _distance(one.mean - one.mc[0], two.mc[1] - two.mean, together)
        high = _distance(one.mc[1] - one.mean, two.mean - two.mc[0], together)
        return Estimate(mean, (mean - low, mean + high))

    def mean(self, among: Mask, change: Ints) -> Estimate | None:
        """Return the mean among some worlds of a change of the outcome, with its 95 % interval.

        Parameters
        ----------
        change
            1 where the outcome comes under another policy only, -1 where it is lost, else 0;
            shape (worlds,).
        """
        some, gained, lost = (
            self.count(which) for which in (among, among & (change > 0), among & (change < 0))
        )
        total = int(some.sum())
        if total == 0:
            return None
        mean = float((gained.sum() - lost.sum()) / total)
        share = total / int(self.worlds.sum())
        sums = gained - lost - mean * some
        squares = gained + lost - 2.0 * mean * (gained - lost) + mean**2 * some
        part = _Residuals(sums / self.worlds / share, squares / self.worlds / share**2)
        # one change more each way, so that few changes or none claim no certainty
        half = Z * math.sqrt(self._variance(part) + 2.0 / total**2)
        return Estimate(mean, (mean - half, mean + half))

    def _ratio(self, among: Mask, ratio: float) -> _Residuals:
        """The residuals of odds among some worlds: means and mean squares by member."""
        some, hits = self.count(among), self.count(among & self.hit)
        share = int(some.sum()) / int(self.worlds.sum())
        sums = hits - ratio * some
        squares = hits * (1.0 - ratio) ** 2 + (some - hits) * ratio**2
        return _Residuals(sums / self.worlds / share, squares / self.worlds / share**2)

    def _variance(self, part: _Residuals) -> float:
        spread = np.maximum(0.0, part.squares - part.means**2)
        return two_stage(part.means, spread, self.worlds, self.members)


class _Residuals(NamedTuple):
    """Residuals of a ratio by member: their means, and the means of their squares."""

    means: Floats
    squares: Floats

    def less(self, other: _Residuals) -> _Residuals:
        """Those of a difference of two ratios that no world has both of."""
        return _Residuals(self.means - other.means, self.squares + other.squares)


def _distance(one: float, two: float, together: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2.0 * together * one * two + two**2))


def crossed(seen: Mask, values: NDArray[Any]) -> dict[tuple[bool, bool], Floats]:
    """Return the sums of a number over the worlds in which each two events happened or did not.

    Parameters
    ----------
    seen
        Whether each event was seen, shape (worlds, events).
    values
        Whole numbers, shape (worlds,).

    Returns
    -------
    dict
        By whether the first and the second of the two happened, shape (events, events).
    """
    both: Floats = np.zeros((seen.shape[1], seen.shape[1]))
    for start in range(0, len(seen), _PART):
        part = seen[start : start + _PART].astype(np.float64)
        both += (part * values[start : start + _PART, np.newaxis]).T @ part
    first, second = np.meshgrid(both.diagonal(), both.diagonal(), indexing="ij")
    neither = float(values.sum()) - first - second + both
    return {
        (True, True): both,
        (True, False): first - both,
        (False, True): second - both,
        (False, False): neither,
    }


def widened(found: Estimate, looked: int, level: float = LEVEL) -> tuple[float, float]:
    """Return the interval of one of several estimates, so wide that all hold at once.

    Bonferroni: with the level shared out to as many as were looked at, no claim is made by chance
    more often than the level says.

    Parameters
    ----------
    looked
        How many estimates were looked at.
    level
        The chance that an interval may miss, of all together.

    Examples
    --------
    >>> widened(Estimate(0.1, (0.0, 0.2)), 1)
    (0.0, 0.2)
    >>> low, high = widened(Estimate(0.1, (0.0, 0.2)), 40)
    >>> round(low, 3), round(high, 3)
    (-0.065, 0.265)
    """
    factor = NormalDist().inv_cdf(1.0 - level / (2.0 * looked)) / Z
    if looked == 1 and level == LEVEL:
        return found.mc
    low, high = found.mc
    return found.mean - factor * (found.mean - low), found.mean + factor * (high - found.mean)


def sign_of(both: tuple[float, float]) -> int:
    """Return the sign that all of an interval has, 0 if it holds 0."""
    return (both[0] > 0.0) - (both[1] < 0.0)
