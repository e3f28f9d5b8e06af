"""The members' own differences with luck taken out: how far they lie apart, and how many are ahead.

A member has a few worlds only, mostly four, so that the sign that these show is mostly luck. What
is told here comes from the distribution of all members' differences, fitted to all their counts.

**The model.** In a world of member i something changes with chance ``s_i``, and a change is a gain
with chance ``r_i``, else a loss. Its difference is ``d_i = s_i (2 r_i - 1)``. Its counts of n
changes in k worlds, g of them gains, have the likelihood
``s^n (1 - s)^(k - n) r^g (1 - r)^(n - g)``.

**The fit.** It starts from two independent betas, of s from the changes in all worlds and of r from
the gains among the changes, by moments (`sim.estimates.member_odds`). The pair has the generalized
Dirichlet distribution of Connor and Mosimann (1969). Then a few steps of the EM algorithm go from
there towards the maximum likelihood of any distribution over the pairs (Laird 1978):
``w_j <- w_j sum_i L_ij / sum_m w_m L_im / members``. Few steps keep what is smooth where counts
tell little; the more worlds a member has, the more of the truth they find, dependence of s and r
with it (Laird and Louis 1991, smoothing by roughening).

**No difference.** A member whose odds differ by less than a tenth of a point is told as one
without any. Neither five worlds nor five hundred show the sign of less.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.dtypes import Floats
from sim.estimates import FEWEST_MEMBERS, Counts, member_odds

NONE_BELOW = 0.001
"""Odds that differ by less are told as alike: a tenth of a point."""
_STEPS = 20
"""Steps of EM."""
_POINTS = 40
"""Points of each of the two chances, at even steps of its beta."""
_DIGITS = 6
"""Decimals of a share; more would depend on the machine."""
_Z90 = 1.6448536269514722


class MemberDifferences(NamedTuple):
    """The members' own differences, luck taken out.

    Attributes
    ----------
    ensemble
        Their central 90 %.
    members_ahead, members_behind
        Shares of the members with a difference above 0 and below it; the others have none.
    """

    ensemble: tuple[float, float] | None
    members_ahead: float | None
    members_behind: float | None


UNKNOWN = MemberDifferences(None, None, None)
"""Of too few members, or where nobody asked."""


def member_differences(gained: Counts, lost: Counts, worlds: Counts) -> MemberDifferences:
    """Fit the members' own differences of odds; see the module for the model.

    Parameters
    ----------
    gained, lost
        Worlds by member in which something happens under one scenario only, each way.
    worlds
        Worlds by member, each with one or more.

    Returns
    -------
    MemberDifferences
        `UNKNOWN` below 64 members. If members are not seen to differ beyond luck, as with a world
        each, the mean twice, and all of them on its side or, if it is too small, none.

    Examples
    --------
    >>> four, none = np.full(64, 4), np.full(64, 0)
    >>> member_differences(np.tile([4, 0], 32), none, four)[1:]  # half gain always, half never
    (0.5, 0.0)
    """
    if len(worlds) < FEWEST_MEMBERS:
        return UNKNOWN
    if not _apart(gained, lost, worlds):
        return _alike(float((gained.sum() - lost.sum()) / int(worlds.sum())), NONE_BELOW)
    changes = gained + lost
    change = _quantiles(changes, worlds)
    gain = _quantiles(gained[changes > 0], changes[changes > 0])
    weights = _roughened(change, gain, gained, lost, worlds)
    differences = np.multiply.outer(change, 2.0 * gain - 1.0)
    differences[abs(differences) < NONE_BELOW] = 0.0
    return _summary(differences.ravel(), weights.ravel())


def normal_differences(mean: float, ensemble: tuple[float, float] | None) -> MemberDifferences:
    """Return the shares of a normal distribution, of which the central 90 % is given.

    >>> normal_differences(0.0, (-1.0, 1.0))[1:], normal_differences(0.5, (0.5, 0.5))[1:]
    ((0.5, 0.5), (1.0, 0.0))
    """
    if ensemble is None:
        return UNKNOWN
    sd = (ensemble[1] - ensemble[0]) / (2.0 * _Z90)
    if sd == 0.0:
        return _alike(mean, 0.0)
    ahead = round(0.5 * math.erfc(-mean / sd / math.sqrt(2.0)), _DIGITS)
    return MemberDifferences(ensemble, ahead, round(1.0 - ahead, _DIGITS))


def _alike(mean: float, least: float) -> MemberDifferences:
    """All members on the side of the mean, if it is anything."""
    some = mean != 0.0 and abs(mean) >= least
    return MemberDifferences((mean, mean), float(some and mean > 0.0), float(some and mean < 0.0))


def _apart(gained: Counts, lost: Counts, worlds: Counts) -> bool:
    """Whether the members' differences vary by more than luck would have them."""
    many = worlds > 1
    if not many.any():
        return False
    means = (gained - lost) / worlds
    spread = (gained + lost) / worlds - means**2
    luck = float((spread[many] / (worlds[many] - 1)).mean())
    return float(means.var(ddof=1)) > luck + 1e-12


def _quantiles(hits: Counts, among: Counts) -> Floats:
    """The members' own chances at even steps of their beta.

    It takes members with two counts or more to see how far chances differ. Where there are less
    than 64 of them, the beta has a + b = 1 instead (Jeffreys' for a chance of a half).
    """
    mean = float(hits.sum() / max(1, int(among.sum())))
    told = np.count_nonzero(among > 1) >= FEWEST_MEMBERS
    fitted = member_odds(hits, among) if told else (mean, 1.0 - mean)
    if fitted is None or mean in (0.0, 1.0):
        return np.full(_POINTS, mean)
    from scipy.special import betaincinv

    found: Floats = betaincinv(*fitted, (np.arange(_POINTS) + 0.5) / _POINTS)
    return found


def _roughened(
    change: Floats, gain: Floats, gained: Counts, lost: Counts, worlds: Counts
) -> Floats:
    """Weights of the pairs of chances after a few steps of EM from equal ones."""
    kinds, members = np.unique(np.stack([gained, lost, worlds]), axis=1, return_counts=True)
    gains, losses, total = kinds
    share = members / members.sum()
    of_change = _likelihood(change, gains + losses, total)
    of_gain = _likelihood(gain, gains, gains + losses)
    weights = np.full((len(change), len(gain)), 1.0 / (len(change) * len(gain)))
    for _ in range(_STEPS):
        chance = ((of_change @ weights) * of_gain).sum(1)
        weights = weights * (of_change.T @ ((share / chance)[:, None] * of_gain))
    return weights


def _likelihood(chances: Floats, hits: Counts, among: Counts) -> Floats:
    """Likelihood of each chance by kind of counts, up to a factor a kind."""
    least = 1e-12  # a chance of exactly 0 or 1 would rule out what happened
    inner = np.clip(chances, least, 1.0 - least)
    logs = np.multiply.outer(hits, np.log(inner)) + np.multiply.outer(
        among - hits, np.log1p(-inner)
    )
    found: Floats = np.exp(logs - logs.max(1, keepdims=True))
    return found


def _summary(differences: Floats, weights: Floats) -> MemberDifferences:
    order = np.argsort(differences, kind="stable")
    below = np.cumsum(weights[order]) / weights.sum()
    ends = np.searchsorted(below, [0.05, 0.95]).clip(max=len(order) - 1)
    low, high = differences[order][ends].tolist()
    ahead, behind = (
        round(float(weights[side].sum() / weights.sum()), _DIGITS)
        for side in (differences > 0.0, differences < 0.0)
    )
    return MemberDifferences((low, high), ahead, behind)
