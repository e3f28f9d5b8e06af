"""How the members' own odds, or their own means, are distributed, with luck taken out.

What a member shows in 64 worlds still holds luck: of members whose odds are all 5 %, four in ten
show less. Here the distribution of what lies behind is fitted to what all of them show. A few steps
of the EM algorithm go from equal weights on a grid towards the maximum likelihood of any
distribution on it (Laird 1978). Few steps keep what is smooth where the worlds tell little (Laird
and Louis 1991, smoothing by roughening).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats
from sim.estimates import Counts, member_odds

_POINTS = 200
_STEPS = 50
_LEAST = 1e-9


class Spread(NamedTuple):
    """A distribution on points.

    Attributes
    ----------
    points
        Rising.
    weights
        They sum to 1.
    """

    points: Floats
    weights: Floats

    def share(self, met: NDArray[np.bool_]) -> float:
        """Return the weight of some of the points."""
        return float(self.weights[met].sum())

    def lowest(self, share: float) -> float:
        """Return the mean of the lowest share of the distribution."""
        before = np.cumsum(self.weights) - self.weights
        part = np.clip(share - before, 0.0, self.weights)
        return float(part @ self.points / part.sum())


def spread_of_odds(hits: Counts, worlds: Counts) -> Spread:
    """Fit the distribution of the members' own odds.

    Parameters
    ----------
    hits, worlds
        By member; each with a world or more.

    Examples
    --------
    >>> found = spread_of_odds(np.full(100, 8), np.full(100, 64))
    >>> found.points, found.weights  # all alike: no more spread than luck makes
    (array([0.125]), array([1.]))
    """
    prior = member_odds(hits, worlds)
    if prior is None:
        return Spread(np.array([hits.sum() / worlds.sum()]), np.ones(1))
    from scipy.special import betaincinv

    steps = (np.arange(_POINTS) + 0.5) / _POINTS
    points = np.clip(betaincinv(*prior, steps), _LEAST, 1.0 - _LEAST)
    kinds, members = np.unique(np.stack([hits, worlds]), axis=1, return_counts=True)
    found, among = kinds
    logs = np.multiply.outer(found, np.log(points))
    logs += np.multiply.outer(among - found, np.log1p(-points))
    return _roughened(points, logs, members / members.sum())


def spread_of_means(means: Floats, errors: Floats) -> Spread:
    """Fit the distribution of the members' own means.

    Parameters
    ----------
    means, errors
        By member, the mean of its worlds and its standard error.
    """
    luck = float((errors**2).mean())
    beyond = float(means.var()) - luck
    if beyond <= _LEAST**2:
        return Spread(np.array([float(means.mean())]), np.ones(1))
    from scipy.special import ndtri

    steps = (np.arange(_POINTS) + 0.5) / _POINTS
    points = float(means.mean()) + np.sqrt(beyond) * ndtri(steps)
    width = np.maximum(errors, _LEAST)[:, np.newaxis]
    logs = -0.5 * ((means[:, np.newaxis] - points) / width) ** 2
    return _roughened(points, logs, np.full(len(means), 1.0 / len(means)))


def _roughened(points: Floats, logs: Floats, share: Floats) -> Spread:
    """Weights after a few steps of EM from equal ones.

    ``logs`` are the logarithms of the likelihoods, shape (members, points).
    """
    likely = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights = np.full(len(points), 1.0 / len(points))
    for _ in range(_STEPS):
        chance = likely @ weights
        weights *= likely.T @ (share / chance)
    return Spread(points, weights / weights.sum())
