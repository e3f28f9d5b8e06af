r"""Fits polynomials to what worlds did at points of their own, by generalised least squares.

What a pair of worlds shows at its points is alike, since luck and member are the same; what the
pairs of a member show is alike, since the member is. With exchangeable correlations, one within a
pair and one within a member, the inverse of the correlation matrix needs no matrix: it divides what
lies within pairs, between the pairs of a member, and between members by the variances there, which
are the mean squares of an analysis of variance. So slopes are told almost alone from how the points
of one pair differ. For shares the same is done to the residuals in units of their binomial standard
error, step by step from the last estimate (generalised estimating equations, Liang and Zeger 1986).

The error is that for these members: if all of them are used equally often, what one member holds
beyond the mean is no error, and the covariance is that of the pairs within each member (a sandwich;
two-stage sampling, Cochran 1977, if some members are not used).

Higher terms mostly do little, and to estimate each of them costs more than it brings. They are
shrunk: each has a normal prior about zero, as wide as makes what was found most likely (automatic
relevance determination, MacKay 1992).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.explore.polynomial import columns, logistic, terms
from sim.engine.dtypes import Floats

ROWS = 2**14
"""Points whose terms stand in memory at once."""
_FEWER = 8
"""The first steps are made on one part in so many of the members."""
_FIRST_STEPS = 5
_STRATA = 3
"""Within pairs, between the pairs of a member, between members."""
_PRIOR = 0.05
"""Precision of each coefficient beforehand, which counts only where there are few worlds."""
_LEAST = 1e-12
_ROUNDS = 60


class Shown(NamedTuple):
    """What pairs of worlds showed at their points.

    Attributes
    ----------
    places
        Where each lever is on its range, -1 to 1, shape (levers, points, members, pairs).
    values
        By name, what each pair showed at each point, shape (points, members, pairs). Its mean over
        the two worlds is ``values`` times ``scale``.
    shares
        The names of those that are shares, whose logit is fitted; others are fitted as they are.
    scale
        By name.
    of_ensemble
        The share of the members of the ensemble that is used.
    """

    places: NDArray[np.float32]
    values: Mapping[str, NDArray[Any]]
    shares: frozenset[str]
    scale: Mapping[str, float]
    of_ensemble: float

    def parts(self, names: Iterable[str], every: int = 1) -> Iterator[tuple[Floats, _Values]]:
        """Yield terms and values of some members after the other, of one part in ``every``."""
        levers, points, members, pairs = self.places.shape
        each = max(1, ROWS // (pairs * points))
        of = terms(levers)
        step = each * min(every, max(1, members // each))
        for first in range(0, members, step):
            part = slice(first, first + each)
            x = columns(self.places[:, :, part].astype(np.float64), of)
            yield x, {name: self.values[name][:, part] * self.scale[name] for name in names}


_Values = dict[str, Floats]


class Fit(NamedTuple):
    """A polynomial.

    Attributes
    ----------
    coefficients
        Of `sim.attribution.explore.polynomial.terms`.
    covariance
        Of these, by the dice alone.
    """

    coefficients: Floats
    covariance: Floats

    def at(self, x: Floats) -> Floats:
        """Return the polynomial where terms have values, shape (terms, ...)."""
        found: Floats = np.tensordot(self.coefficients, x, 1)
        return found

    def error(self, x: Floats) -> Floats:
        """Return its standard error there."""
        found: Floats = np.sqrt(np.einsum("i...,ij,j...->...", x, self.covariance, x))
        return found


@dataclass
class _Sums:
    """What a step of a fit needs to know of all worlds, each for the three strata.

    Attributes
    ----------
    number
        Of terms.
    squares
        Of the residuals, shape (3,).
    freedom
        How many of them are free, shape (3,).
    right, gram
        Products of terms with residuals, shape (3, terms), and of terms with terms.
    within, between
        Products of what pairs add to `right` less their member's mean, and of what members add,
        shape (3 terms, 3 terms).
    """

    number: int
    squares: Floats = field(default_factory=lambda: np.zeros(_STRATA))
    freedom: Floats = field(default_factory=lambda: np.zeros(_STRATA))
    right: Floats = field(init=False)
    gram: Floats = field(init=False)
    within: Floats = field(init=False)
    between: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Begin with nothing."""
        q = self.number
        self.right, self.gram = np.zeros((_STRATA, q)), np.zeros((_STRATA, q, q))
        self.within, self.between = np.zeros((2, _STRATA * q, _STRATA * q))

    def add(self, d: Floats, r: Floats) -> None:
        """Add products of terms and residuals of some members.

        Parameters
        ----------
        d, r
            Terms and residuals, shape (terms, points, members, pairs) and (points, members, pairs).
        """
        points, members, pairs = r.shape
        each = points * pairs
        r_pair = r.mean(0)
        r_member = r_pair.mean(1)
        d_pair = d.mean(1)
        seen = [np.dot(_flat(d), r.ravel()), np.dot(_flat(d_pair), r_pair.ravel())]
        seen.append(np.dot(d_pair.mean(2), r_member))
        self.right += _strata(seen, points, each)
        sums = [float((one**2).sum()) for one in (r, r_pair, r_member)]
        self.squares += _strata(sums, points, each)
        self.freedom += members * np.array([pairs * (points - 1), pairs - 1, 1])

    def add_gram(self, d: Floats) -> None:
        """Add products of terms with terms."""
        points, pairs = d.shape[1], d.shape[3]
        d_pair = d.mean(1)
        seen = [_square(_flat(one)) for one in (d, d_pair, d_pair.mean(2))]
        self.gram += _strata(seen, points, points * pairs)

    def add_errors(self, d: Floats, r: Floats) -> None:
        """Add what the covariance is made of."""
        q, points, members, pairs = d.shape
        d_pair, r_pair = d.mean(1), r.mean(0)
        d_member = d_pair.mean(2, keepdims=True)
        adds = np.empty((_STRATA, q, members, pairs))
        adds[0] = (d * r).sum(1) - points * d_pair * r_pair
        adds[1] = points * (d_pair - d_member) * r_pair
        adds[2] = points * d_member * r_pair
        flat = adds.reshape(_STRATA * q, members, pairs)
        self.between += _square(flat.sum(2))
        self.within += _square(_flat(flat - flat.mean(2, keepdims=True)))

    @property
    def weights(self) -> Floats:
        """One over the variance of each stratum."""
        found: Floats = np.maximum(self.freedom, 1.0) / np.maximum(self.squares, _LEAST)
        return found

    def inverse(self, weights: Floats) -> Floats:
        """Return the covariance if the correlations are as they are taken to be."""
        matrix: Any = np.tensordot(weights, self.gram, 1)
        matrix[np.diag_indices(self.number)] += _PRIOR
        found: Floats = np.linalg.inv(matrix)
        return found

    def step(self, weights: Floats, inverse: Floats, at: Floats) -> Floats:
        """Return coefficients that are nearer to those sought."""
        found: Floats = at + inverse @ (weights @ self.right - _PRIOR * at)
        return found

    def covariance(self, weights: Floats, inverse: Floats, used: tuple[int, int, float]) -> Floats:
        """Return the covariance in two stages: members, and the pairs of a member.

        Parameters
        ----------
        used
            Members, pairs of each, and the share of the ensemble that these members are.
        """
        members, pairs, of_ensemble = used
        total: Any = of_ensemble * self.within * pairs / (pairs - 1)
        if of_ensemble < 1.0:
            total = total + (1.0 - of_ensemble) * self.between * members / max(1, members - 1)
        q = self.number
        blocks = total.reshape(_STRATA, q, _STRATA, q)
        middle = np.einsum("i,iajb,j->ab", weights, blocks, weights)
        found: Floats = inverse @ middle @ inverse
        return found


def _flat(rows: Floats) -> Floats:
    return rows.reshape(len(rows), -1)


def _square(rows: Floats) -> Floats:
    found: Floats = rows @ rows.T
    return found


def _strata(seen: Sequence[Any], points: int, each: int) -> Floats:
    """Return sums of products within pairs, between pairs and between members.

    Parameters
    ----------
    seen
        Sums of products of all, of the means of pairs, and of the means of members.
    points, each
        How many are behind each of these means.
    """
    whole, pair, member = seen
    return np.array([whole - points * pair, points * pair - each * member, each * member])


def fitted(
    shown: Shown,
    told: Callable[[], None] = lambda: None,
    *,
    least_squares: bool = False,
    shrink: bool = True,
) -> dict[str, Fit]:
    """Fit a polynomial to each of the values that pairs showed.

    Parameters
    ----------
    told
        Called now and then, so that somebody may be told, or stop it.
    least_squares
        Whether to take all runs for independent, to compare with.
    shrink
        Whether higher terms are shrunk.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> places = rng.uniform(-1, 1, (1, 8, 64, 8)).astype(np.float32)
    >>> luck = rng.random((2, 1, 64, 8))
    >>> held = (luck < logistic(places - 1.0)).sum(0)
    >>> shown = Shown(places, {"held": held}, frozenset(["held"]), {"held": 0.5}, 1.0)
    >>> fitted(shown)["held"].coefficients[:2].round(1)
    array([-1.,  1.])
    """
    levers, _, members, pairs = shown.places.shape
    used = (members, pairs, shown.of_ensemble)
    at = {name: _start(shown, name, len(terms(levers))) for name in shown.values}
    ones = np.ones(_STRATA)
    for _ in range(_FIRST_STEPS):
        for name, one in _sums(shown, {n: at[n] for n in shown.shares}, told, _FEWER).items():
            weights = ones if least_squares else one.weights
            at[name] = one.step(weights, one.inverse(weights), at[name])
    sums = _sums(shown, at, told)
    weighted = {name: ones if least_squares else one.weights for name, one in sums.items()}
    inverse = {name: one.inverse(weighted[name]) for name, one in sums.items()}
    at = {name: one.step(weighted[name], inverse[name], at[name]) for name, one in sums.items()}
    found = {}
    for name, one in _sums(shown, at, told, errors=True).items():
        given = weighted[name], inverse[name]
        # the matrix of the step before is near enough: what is sought is where the step is 0
        fit = Fit(one.step(*given, at[name]), one.covariance(*given, used))
        found[name] = shrunk(fit, 1 + levers) if shrink else fit
    return found


def _start(shown: Shown, name: str, number: int) -> Floats:
    at = np.zeros(number)
    if name in shown.shares:
        mean = float(shown.values[name].mean()) * shown.scale[name]
        at[0] = np.log(max(mean, _LEAST) / max(1.0 - mean, _LEAST))
    return at


def _sums(
    shown: Shown,
    at: Mapping[str, Floats],
    told: Callable[[], None],
    every: int = 1,
    *,
    errors: bool = False,
) -> dict[str, _Sums]:
    """Sum over all worlds what the next step of each fit needs, or in its place its errors."""
    sums = {name: _Sums(len(one)) for name, one in at.items()}
    plain = [name for name in at if name not in shown.shares]
    for x, values in shown.parts(at, every):
        for name, value in values.items():
            d, r = x, value - np.tensordot(at[name], x, 1)
            if name in shown.shares:
                mean = logistic(value - r)
                error = np.sqrt(np.maximum(mean * (1.0 - mean), _LEAST))
                d, r = x * error, (value - mean) / error
            sums[name].add(d, r)
            if errors:
                sums[name].add_errors(d, r)
            elif name not in plain[1:]:
                sums[name].add_gram(d)
        told()
    for name in plain[1:]:  # their terms are the same
        sums[name].gram = sums[plain[0]].gram
    return sums


def shrunk(fit: Fit, free: int) -> Fit:
    """Shrink the coefficients from the ``free``-th on, each by as much as it seems to be luck."""
    number = len(fit.coefficients)
    ridge = _LEAST * np.trace(fit.covariance) / number * np.eye(number)
    precision = np.linalg.inv(fit.covariance + ridge)
    toward = precision @ fit.coefficients
    own = np.zeros(number)
    mean = fit.coefficients
    error = fit.covariance.diagonal()
    for _ in range(_ROUNDS):
        known = np.clip(1.0 - own * error, _LEAST, 1.0)
        own[free:] = np.minimum((known / np.maximum(mean**2, _LEAST))[free:], 1.0 / _LEAST)
        covariance = np.linalg.inv(precision + np.diag(own))
        mean, error = covariance @ toward, covariance.diagonal()
    return Fit(mean, covariance)
