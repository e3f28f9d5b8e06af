"""Sobol indices and Shapley shares of levers, from single outcomes that are 0 or 1.

``f(l)`` is the chance of an outcome at the levers l, over members and luck. Sets of eight points
are drawn, and each set is met by two worlds, of different members and luck. Then

- the variance of f is the mean over sets of the covariance, over the eight points, of the two
  worlds' outcomes: they have nothing in common but the points. This needs no model of f;
- f itself is a regression of outcomes on products of orthonormal functions (`basis`). A world's
  eight outcomes share its member and luck, so that the regression is by generalised least squares:
  of each outcome a part of the world's mean is taken off, as of each term;
- a squared coefficient is too large by its error variance, by which it is reduced. Errors come
  from leaving out one block of members at a time (`jackknife`).

The degree is the lowest at which the sum of the terms agrees with the first estimate, and at which
what higher terms add cannot be told from nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.experiments.sensitivity.basis import Basis
from sim.experiments.sensitivity.jackknife import CLEAR, Estimate, Jackknife

SET = 8
"""Points of a set, which the same two worlds meet."""
_CHUNK = 512
"""Sets whose terms are in memory at a time: 10 MB."""
_MOST_PART = 0.99
"""The most of a world's mean that is taken off, so that sums keep their precision."""


class Indices(NamedTuple):
    """What part of the variance of the odds, over the ranges given, is due to one axis.

    Attributes
    ----------
    first
        What the axis does alone: by how much of itself the variance falls, on average, if this axis
        is fixed.
    total
        With all that it does together with others: what is left if all others are fixed.
    shapley
        Its fair share: what several axes do together is divided equally among them. These sum to 1.
    """

    first: Estimate
    total: Estimate
    shapley: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Return the three shares as plain data."""
        return {name: getattr(self, name).as_dict() for name in self._fields}


@dataclass(frozen=True)
class Sobol:
    """What the odds owe to each axis.

    Attributes
    ----------
    axes
        By axis its shares; None if nothing moves the odds: their variance over the axes cannot be
        told from 0, and shares of it would be ratios of noise.
    variance
        Of the odds over the axes, by two worlds a point; without a model.
    explained
        The same as the sum of the terms of the regression.
    unexplained
        The share of the variance that the terms miss; None if nothing moves the odds, or the
        variance without a model cannot be told from 0.
    agrees
        Whether the sum of the terms agrees with the variance; if not, shares are of what the terms
        explain.
    degree, order, terms
        Of the regression: the highest degree, how many axes the terms of that degree join at most,
        and how many terms there are.
    runs
        How many outcomes there are.
    """

    axes: dict[str, Indices] | None
    variance: Estimate
    explained: Estimate
    unexplained: Estimate | None
    agrees: bool
    degree: int
    order: int
    terms: int
    runs: int

    def as_dict(self) -> dict[str, Any] | None:
        """Return the shares by axis as plain data; None if nothing moves the odds."""
        if self.axes is None:
            return None
        return {name: indices.as_dict() for name, indices in self.axes.items()}

    def method(self) -> dict[str, Any]:
        """Return how the shares were found, and how well, as plain data."""
        plain = {name: getattr(self, name) for name in ("agrees", "degree", "order", "terms")}
        return {
            **plain,
            "runs": self.runs,
            "variance": self.variance.as_dict(),
            "explained": self.explained.as_dict(),
            "unexplained": None if self.unexplained is None else self.unexplained.as_dict(),
        }


class Sets(NamedTuple):
    """Sets of points and what two worlds made of each.

    Attributes
    ----------
    shares
        Shape (sets, SET, axes), shares of the way.
    outcomes
        Shape (sets, 2, SET), 0 or 1; by set, world and point.
    sizes
        By block of members, how many sets it has; they lie one block after the other.
    """

    shares: Floats
    outcomes: NDArray[np.int8]
    sizes: Ints


def fit_sobol(names: tuple[str, ...], basis: Basis, sets: Sets) -> Sobol:
    """Return the shares of each axis.

    Parameters
    ----------
    names
        Of the axes.
    basis
        What outcomes are regressed on.

    Raises
    ------
    ScenarioError
        If there are too few blocks of members.
    """
    jackknife = Jackknife(sets.sizes)
    variance = _two_worlds(sets)
    moments = _moments(basis, sets, _world_part(sets, float(variance[0])))
    steps = [_Terms(jackknife, *found) for found in _coefficients(basis, *moments)]
    at = _lowest(basis, steps, variance, jackknife)
    terms, count = steps[at], basis.counts[at]
    every = np.ones(count)
    axes = unexplained = None
    if terms.is_clear():
        weights = basis.shared_out()[:, :, :count]
        axes = {
            name: Indices(*(terms.share(one[axis]) for one in weights))
            for axis, name in enumerate(names)
        }
        unexplained = _unexplained(terms, variance, jackknife)
    return Sobol(
        axes,
        jackknife.estimate(float(variance[0]), float(jackknife.variance(*variance))),
        jackknife.estimate(terms.sums(every), terms.error(every)),
        unexplained,
        _agree(terms, variance, jackknife),
        basis.degrees[at],
        basis.orders[at],
        count,
        sets.outcomes.size,
    )


# ------------------------------------------------------------------ moments


def _starts(sizes: Ints) -> Ints:
    starts: Ints = np.r_[0, np.cumsum(sizes)[:-1]]
    return starts


def _two_worlds(sets: Sets) -> tuple[Floats, Floats]:
    """The variance of the odds over the axes, from all blocks and without each."""
    apart = sets.outcomes - sets.outcomes.mean(2, keepdims=True)
    products = (apart[:, 0] * apart[:, 1]).sum(1) / (SET - 1)
    sums = np.add.reduceat(products, _starts(sets.sizes))
    whole = sets.sizes.sum()
    return sums.sum() / whole, (sums.sum() - sums) / (whole - sets.sizes)


def _world_part(sets: Sets, variance: float) -> float:
    """How much of a world's mean is taken off, 0 <= part < 1 (random effects by GLS).

    The mean squares within and between worlds hold the variance of the odds too, which the
    regression takes out.
    """
    means = sets.outcomes.mean(2)
    within = float((means - means**2).mean()) * SET / (SET - 1)
    between = float(means.var()) * SET
    moved = min(max(variance, 0.0), 0.95 * within)
    if within <= 0.0 or between <= within:
        return 0.0
    return min(_MOST_PART, 1.0 - math.sqrt((within - moved) / (between - moved)))


def _moments(basis: Basis, sets: Sets, part: float) -> tuple[Floats, Floats]:
    """By block, sums of products of terms with each other and with outcomes, worlds' part off."""
    terms = len(basis.terms)
    squares = np.zeros((len(sets.sizes), terms, terms))
    products = np.zeros((len(sets.sizes), terms))
    off = (2.0 * part - part**2) * SET
    each = np.full(SET, 1.0 / SET, np.float32)
    for block, first in enumerate(_starts(sets.sizes).tolist()):
        stop = first + int(sets.sizes[block])
        for at in range(first, stop, _CHUNK):
            some = slice(at, min(at + _CHUNK, stop))
            points = sets.shares[some]
            outcomes = sets.outcomes[some].mean(1, dtype=np.float32)
            values = basis.matrix(points.reshape(-1, points.shape[2]))
            means = (values.reshape(-1, SET) @ each).reshape(terms, -1)
            squares[block] += values @ values.T
            squares[block] -= off * (means @ means.T)
            products[block] += values @ outcomes.ravel()
            products[block] -= off * (means @ outcomes.mean(1))
    return squares, products


# ------------------------------------------------------------------ coefficients


def _coefficients(basis: Basis, squares: Floats, products: Floats) -> list[tuple[Floats, Floats]]:
    """By step, the coefficients from all blocks and without each.

    One factorisation serves all steps: the factor of a lower degree is a corner of that of a
    higher one.
    """
    from scipy.linalg import cholesky, solve_triangular

    def solve(matrix: Floats, right: Floats) -> list[Floats]:
        lower = cholesky(matrix, lower=True, check_finite=False)
        half = solve_triangular(lower, right, lower=True, check_finite=False)
        return [
            solve_triangular(lower[:k, :k], half[:k], lower=True, trans=1, check_finite=False)
            for k in basis.counts
        ]

    all_squares, all_products = squares.sum(0), products.sum(0)
    each = [
        solve(all_squares - one, all_products - right)
        for one, right in zip(squares, products, strict=True)
    ]
    without = [np.array(of_step) for of_step in zip(*each, strict=True)]
    return list(zip(solve(all_squares, all_products), without, strict=True))


class _Terms:
    """The variances of the terms at one degree, without bias, and errors of sums of them."""

    def __init__(self, jackknife: Jackknife, full: Floats, without: Floats) -> None:
        self._jackknife = jackknife
        self._noise = jackknife.variance(full, without)
        self._noise[0] = 0.0
        self._full = full**2 - self._noise
        self._without = without**2 - self._noise
        self._full[0] = self._without[:, 0] = 0.0

    def both(self) -> tuple[Floats, Floats]:
        """The sum of all terms, from all blocks and without each."""
        return self._full.sum(), self._without.sum(1)

    def is_clear(self) -> bool:
        """Whether the sum of all terms is more than chance gives where nothing has an effect."""
        return float(self._full.sum()) > CLEAR * math.sqrt(2.0 * float(self._noise @ self._noise))

    def sums(self, weights: Floats) -> float:
        """A weighted sum of the terms."""
        return float(self._full @ weights)

    def error(self, weights: Floats) -> float:
        """The error variance of a weighted sum."""
        return self._error(weights, self._full @ weights, self._without @ weights)

    def share(self, weights: Floats) -> Estimate:
        """A weighted sum as a share of the sum of all, with its interval."""
        whole, whole_without = self.both()
        share = (self._full @ weights) / whole
        slopes = (weights - share) / whole
        error = self._error(slopes, share, (self._without @ weights) / whole_without)
        return self._jackknife.estimate(float(share), error)

    def _error(self, slopes: Floats, full: Floats, without: Floats) -> float:
        """The error variance of a statistic with these slopes along the terms.

        The variance of ``c^2`` is ``4 v E[c]^2 + 2 v^2`` if v is that of c. The jackknife finds
        ``4 v c^2``, on average ``4 v E[c]^2 + 4 v^2``: the second part is twice what it should be.
        """
        doubled = 2.0 * float(slopes**2 @ self._noise**2)
        return max(float(self._jackknife.variance(full, without)) - doubled, doubled)


# ------------------------------------------------------------------ the degree


def _unexplained(
    terms: _Terms, variance: tuple[Floats, Floats], jackknife: Jackknife
) -> Estimate | None:
    """The share of the variance that the terms miss; None if it is not known from 0."""
    if not jackknife.is_clear(*variance):
        return None
    missed = [1.0 - part / whole for part, whole in zip(terms.both(), variance, strict=True)]
    return jackknife.estimate(float(missed[0]), float(jackknife.variance(*missed)))


def _lowest(
    basis: Basis, steps: list[_Terms], variance: tuple[Floats, Floats], jackknife: Jackknife
) -> int:
    """The lowest step that agrees with the variance and to which higher terms add nothing.

    If no step agrees, it is the lowest to which they add nothing.
    """
    enough = []
    for at, count in enumerate(basis.counts):
        higher = np.zeros(basis.counts[-1])
        higher[count:] = 1.0
        if steps[-1].sums(higher) <= math.sqrt(steps[-1].error(higher)):
            enough.append(at)
    return next((at for at in enough if _agree(steps[at], variance, jackknife)), enough[0])


def _agree(terms: _Terms, variance: tuple[Floats, Floats], jackknife: Jackknife) -> bool:
    """Whether the sum of the terms lies within the error of its difference from the variance."""
    gaps = [one - other for one, other in zip(variance, terms.both(), strict=True)]
    gap = jackknife.estimate(float(gaps[0]), float(jackknife.variance(*gaps)))
    return gap.mc[0] <= 0.0 <= gap.mc[1]
