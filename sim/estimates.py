"""Estimates from worlds within members: odds and means with two intervals, and what is luck.

Two kinds of not knowing stay apart. The *mc* interval says how far the estimate may be off for
this ensemble, for want of worlds; the *ensemble* interval says how far the members, each a view of
what is settled today, disagree once luck is taken out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats

Counts = NDArray[np.int64]
Quantiles = tuple[float, float, float]
FEWEST_MEMBERS = 64
"""Below this many members no interval of members is given."""
Z = 1.959963984540054


class Odds(NamedTuple):
    """How often something happens, with both intervals.

    Attributes
    ----------
    mean
        Share of worlds.
    mc
        95 % interval of the estimate for this ensemble (Wilson, two-stage error).
    ensemble
        Central 90 % of the members' own odds with luck taken out; None below 64 members.
    median_member
        The odds of the member in the middle, of the same distribution. Half of the members hold
        lower odds, half higher; where odds are small it lies well below the mean.
    """

    mean: float
    mc: tuple[float, float]
    ensemble: tuple[float, float] | None
    median_member: float | None = None

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval."""
        return (self.mc[1] - self.mc[0]) / 2.0

    def as_dict(self) -> dict[str, Any]:
        """Return the odds as plain data."""
        return {
            "mean": self.mean,
            "mc": list(self.mc),
            "ensemble": list(self.ensemble) if self.ensemble else None,
            "median_member": self.median_member,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Odds:
        """Return the odds whose plain data `as_dict` gave.

        Raises
        ------
        ValueError, LookupError, TypeError
            If they are none: odds are shares, and the ends of an interval rise.
        """
        both, median = document["ensemble"], document["median_member"]
        odds = cls(
            float(document["mean"]),
            ends(document["mc"]),
            ends(both) if both else None,
            None if median is None else float(median),
        )
        for share in (odds.mean, *odds.mc, *(odds.ensemble or ()), odds.median_member or 0.0):
            if not -_ROUNDING <= share <= 1.0 + _ROUNDING:
                raise ValueError(f"odds of {share}")
        return odds


_ROUNDING = 1e-9


def ends(pair: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an interval that plain data have as a list.

    Raises
    ------
    ValueError, TypeError
        If they are none, or the first is the larger one.
    """
    low, high = map(float, pair)
    if not low <= high:
        raise ValueError(f"an interval of {low} to {high}")
    return low, high


def two_stage(means: Floats, variances: Floats, worlds: Counts, ensemble_size: int) -> float:
    """Variance of a mean over worlds within members, members drawn without replacement.

    ``Var = (1 - f) s_b^2 / n + f mean_i(s_i^2 / k_i) / n`` with n members used, f = n over the
    ensemble's size, s_b^2 the variance of member means, s_i^2 and k_i the variance and the worlds
    within member i (Cochran 1977, two-stage sampling). A member with one world takes the average
    variance of the others.

    Parameters
    ----------
    means, variances
        By member, the variances with k in the denominator.
    """
    return float(two_stages(means, variances, worlds, ensemble_size))


def two_stages(means: Floats, variances: Floats, worlds: Counts, ensemble_size: int) -> Floats:
    """Return `two_stage` of several quantities of the same worlds, shape (..., members)."""
    n = len(worlds)
    fraction = n / ensemble_size
    between = np.var(means, axis=-1, ddof=1) if n > 1 else variances[..., 0]
    luck = np.mean(within_members(variances, worlds) / worlds, axis=-1)
    found: Floats = (1.0 - fraction) * between / n + fraction * luck / n
    return found


def within_members(variances: Floats, worlds: Counts) -> Floats:
    """Unbiased variance of the worlds of each member; of a single one the others' average.

    Parameters
    ----------
    variances
        Of one quantity or of several, shape (..., members).
    worlds
        By member, shape (members,).
    """
    many = worlds > 1
    within = np.zeros(variances.shape)
    within[..., many] = variances[..., many] * worlds[many] / (worlds[many] - 1)
    if many.any() and not many.all():
        of_many = np.ascontiguousarray(within[..., many])  # so that sums round as they do alone
        within[..., ~many] = of_many.mean(-1, keepdims=True)
    return within


def member_error(hits: Counts, worlds: Counts, ensemble_size: int) -> float:
    """Variance of the share of hits, in the two stages of `two_stage`."""
    return float(_member_errors(hits, worlds, ensemble_size))


def _member_errors(hits: Counts, worlds: Counts, ensemble_size: int) -> Floats:
    means = hits / worlds
    return two_stages(means, means * (1.0 - means), worlds, ensemble_size)


def wilson(mean: float, size: float) -> tuple[float, float]:
    """95 % Wilson interval of a share observed in ``size`` independent worlds."""
    if math.isinf(size):
        return mean, mean
    z2 = Z * Z
    centre = (mean + z2 / (2 * size)) / (1 + z2 / size)
    half = Z / (1 + z2 / size) * math.sqrt(mean * (1 - mean) / size + z2 / (4 * size * size))
    return max(0.0, min(mean, centre - half)), min(1.0, max(mean, centre + half))


def ensemble_interval(hits: Counts, worlds: Counts) -> tuple[float, float] | None:
    """Central 90 % of the members' odds with luck taken out, from `member_odds`."""
    found = member_quantiles(hits, worlds)
    return None if found is None else (found[0], found[2])


def member_quantiles(hits: Counts, worlds: Counts) -> Quantiles | None:
    """5 %, 50 % and 95 % points of the members' odds with luck taken out, from `member_odds`.

    None below 64 members; the mean three times if members are not seen to differ.
    """
    return _quantiles(hits[None], worlds)[0]


def _quantiles(hits: Counts, worlds: Counts) -> list[Quantiles | None]:
    if len(worlds) < FEWEST_MEMBERS:
        return [None] * len(hits)
    means = (hits.sum(-1) / int(worlds.sum())).tolist()
    spreads = _intraclasses(hits, worlds)
    fitted = [_beta(mean, spread) for mean, spread in zip(means, spreads, strict=True)]
    found: list[Quantiles | None] = [(mean, mean, mean) for mean in means]
    told = [n for n, both in enumerate(fitted) if both]
    if told:
        from scipy.special import betaincinv

        a, b = np.array([fitted[n] for n in told]).T[..., None]
        for n, (low, middle, high) in zip(
            told, betaincinv(a, b, [0.05, 0.5, 0.95]).tolist(), strict=True
        ):
            found[n] = low, middle, high
    return found


def member_odds(hits: Counts, worlds: Counts) -> tuple[float, float] | None:
    """Return a and b of the beta distribution of the members' own odds, luck taken out.

    A beta-binomial by moments: ``a / (a + b)`` is the share of hits, ``1 / (a + b + 1)`` the
    `intraclass` correlation. None if the members are not seen to differ, or are too few.
    """
    return _beta(float(hits.sum() / int(worlds.sum())), intraclass(hits, worlds))


def _beta(mean: float, spread: float | None) -> tuple[float, float] | None:
    if spread is None or not spread > 1e-9:
        return None
    concentration = (1.0 - min(spread, 1.0 - 1e-9)) / min(spread, 1.0 - 1e-9)
    return mean * concentration, (1.0 - mean) * concentration


def intraclass(hits: Counts, worlds: Counts) -> float | None:
    """Return the part of the variance of one world's outcome that lies between members.

    Whether something happens in a world has the variance ``p (1 - p)``. A part of it is not
    knowing which member is right, the rest is luck. The part between members is the intraclass
    correlation, from the analysis of variance (Ridout, Demetrio and Firth 1999):
    ``rho = (MSB - MSW) / (MSB + (k - 1) MSW)``, with the mean squares between and within members
    and k their typical number of worlds.

    Parameters
    ----------
    hits, worlds
        By member, shape (members,), each with a world or more.

    Returns
    -------
    float or None
        A share from 0, all luck, to 1. None where nothing can be told: below 64 members, with one
        world a member, or if it happens in all worlds or in none.

    Examples
    --------
    >>> four = np.full(64, 4)
    >>> intraclass(np.tile([0, 4], 32), four)  # each member knows for sure
    1.0
    >>> intraclass(np.full(64, 2), four)  # each tosses a coin
    0.0
    """
    return _intraclasses(hits[None], worlds)[0]


def _intraclasses(hits: Counts, worlds: Counts) -> list[float | None]:
    n, total = len(worlds), int(worlds.sum())
    if n < FEWEST_MEMBERS or total == n:
        return [None] * len(hits)
    means = hits.sum(-1, keepdims=True) / total
    shares = hits / worlds
    between = (worlds * (shares - means) ** 2).sum(-1).tolist()
    within = (hits * (1.0 - shares)).sum(-1).tolist()
    typical = (total - float((worlds.astype(float) ** 2).sum()) / total) / (n - 1)

    def spread(mean: float, squares_between: float, squares_within: float) -> float | None:
        if mean in (0.0, 1.0):
            return None
        ms_between, ms_within = squares_between / (n - 1), squares_within / max(total - n, 1)
        found = (ms_between - ms_within) / (ms_between + (typical - 1.0) * ms_within)
        return max(0.0, found)

    return [spread(*one) for one in zip(means[:, 0].tolist(), between, within, strict=True)]


def estimate(
    hits: Counts, worlds: Counts, ensemble_size: int, *, spread: bool = True
) -> Odds | None:
    """Estimate odds from hits and worlds by member; None if no member has a world.

    Parameters
    ----------
    hits, worlds
        By member, shape (members,); members without worlds are left out.
    spread
        Whether the interval of the members is wanted.
    """
    used = worlds > 0
    if not used.any():
        return None
    return estimates(hits[None, used], worlds[used], ensemble_size, spread=spread)[0]


def estimates(
    hits: Counts, worlds: Counts, ensemble_size: int, *, spread: bool = True
) -> list[Odds]:
    """Return what `estimate` does of several kinds of hits in the same worlds, bit for bit.

    Parameters
    ----------
    hits
        Shape (kinds, members).
    worlds
        By member, shape (members,), each with a world or more.
    """
    total = int(worlds.sum())
    means = (hits.sum(-1) / total).tolist()
    variances = _member_errors(hits, worlds, ensemble_size).tolist()
    members = _quantiles(hits, worlds) if spread else [None] * len(hits)

    def one(mean: float, variance: float, quantiles: Quantiles | None) -> Odds:
        size = float(total)
        if mean not in (0.0, 1.0):
            size = mean * (1.0 - mean) / variance if variance > 0.0 else math.inf
            size = _of_few(size, total, len(worlds), ensemble_size)
        return _odds(mean, wilson(mean, size), quantiles)

    return [one(*each) for each in zip(means, variances, members, strict=True)]


def _odds(mean: float, mc: tuple[float, float], members: Quantiles | None) -> Odds:
    if members is None:
        return Odds(mean, mc, None)
    low, middle, high = members
    return Odds(mean, mc, (low, high), middle)


def _of_few(size: float, worlds: int, members: int, ensemble_size: int) -> float:
    """How many independent worlds an estimate is worth: no more than it has, with few members.

    What a few of many members happen to agree on says little of how far they all differ.
    """
    if members < min(FEWEST_MEMBERS, ensemble_size):
        return min(size, float(worlds))
    return size


def estimate_ratio(
    hits: Counts, among: Counts, worlds: Counts, ensemble_size: int, *, spread: bool = True
) -> Odds | None:
    """Estimate the share of hits among some of the worlds; None if there are none of those.

    Its error is that of the linearised ratio, ``h - r a`` in each world, with the two stages of
    `member_error` (Cochran 1977, ratio estimates): members without such worlds count too.
    ``spread`` is as in `estimate`.
    """
    total = int(among.sum())
    if total == 0:
        return None
    share = float(hits.sum() / total)
    if share in (0.0, 1.0):
        interval = wilson(share, float(total))
    else:
        residual = (hits - share * among) / worlds
        squares = (hits * (1.0 - share) ** 2 + (among - hits) * share**2) / worlds
        error = two_stage(residual, squares - residual**2, worlds, ensemble_size)
        variance = error / (total / int(worlds.sum())) ** 2
        size = share * (1.0 - share) / variance if variance > 0.0 else math.inf
        interval = wilson(share, _of_few(size, total, len(worlds), ensemble_size))
    some = among > 0
    members = member_quantiles(hits[some], among[some]) if spread else None
    return _odds(share, interval, members)
