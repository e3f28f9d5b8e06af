"""Regression of members' odds on terms, fitted on some blocks of members and measured on others.

All follows from a matrix of sums of products for each block, so that leaving blocks out is a
subtraction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats
from sim.estimates import Counts

BLOCKS = 10
"""Parts of the distinct members: one is held out, the others are fitted on."""
MOST = 60
"""Terms that may enter a fit."""
_ORDERS, _SEED = 32, 1
_ALIKE = 1e-6
Places = NDArray[np.intp]


# ------------------------------------------------------------------------- members


@dataclass(frozen=True)
class Distinct:
    """The distinct members, each with the worlds of all its copies.

    Attributes
    ----------
    first
        Where the first copy of each stands.
    weight
        How many copies of each there are.
    hits, worlds
        Of all copies together.
    block
        The part to which each belongs, from 0.
    """

    first: Places
    weight: Floats
    hits: Counts
    worlds: Counts
    block: Places

    @classmethod
    def of(cls, hits: Counts, worlds: Counts, rows: Sequence[bytes]) -> Distinct:
        """Put copies together, and deal the distinct members out to blocks of one size.

        Parameters
        ----------
        hits, worlds
            By member, each with a world or more.
        rows
            By member, all that it is; copies are alike. The hash of it decides the block, so that
            the order of the members is of no account.
        """
        digests = [hashlib.blake2b(row, digest_size=8).digest() for row in rows]
        labels = np.frombuffer(b"".join(digests), ">u8")
        _, first, copy, count = np.unique(
            labels, return_index=True, return_inverse=True, return_counts=True
        )
        block = np.arange(len(first)) % BLOCKS
        both = [np.bincount(copy, given).astype(np.int64) for given in (hits, worlds)]
        return cls(first, count.astype(float), both[0], both[1], block)

    @cached_property
    def odds(self) -> Floats:
        """The share of hits of each."""
        return np.asarray(self.hits / self.worlds)

    def between(self) -> Floats:
        """Variance of the members' own odds, luck taken out: of all, then without each block."""
        kept = [np.ones(len(self.weight), bool), *(self.block != k for k in range(BLOCKS))]
        return np.array([self._between(some) for some in kept])

    def _between(self, some: NDArray[np.bool_]) -> float:
        weight, odds, worlds = self.weight[some], self.odds[some], self.worlds[some]
        mean = np.average(odds, weights=weight)
        many = worlds > 1
        luck = odds[many] * (1.0 - odds[many]) / (worlds[many] - 1)
        spread = np.average((odds - mean) ** 2, weights=weight)
        return float(spread - np.average(luck, weights=weight[many]))

    def sums(self, terms: Floats) -> Floats:
        """Return sums of products of 1, terms and odds by block, each copy counted.

        Parameters
        ----------
        terms
            By member, shape (members, terms).

        Returns
        -------
        Floats
            Shape (`BLOCKS`, terms + 2, terms + 2).
        """
        table = np.column_stack([np.ones(len(self.first)), terms[self.first], self.odds])
        parts = [(table[self.block == k], self.weight[self.block == k]) for k in range(BLOCKS)]
        return np.array([part.T @ (part * weight[:, None]) for part, weight in parts])

    def squares(self) -> Floats:
        """Return the sum of squared weights by block."""
        return np.asarray(np.bincount(self.block, self.weight**2, BLOCKS), float)


# ------------------------------------------------------------------------- terms


def polynomials(numbers: Mapping[str, Floats]) -> tuple[list[str], Floats]:
    """Return the first and the second Legendre polynomial of the rank of each number.

    The second is taken free of the first, and left out where it says nothing of its own, as of a
    yes or no.

    Returns
    -------
    list of str, Floats
        The number behind each term, and the terms, shape (members, terms), with mean 0 and
        variance 1.
    """
    names, terms = [], []
    for name, values in numbers.items():
        line = _standard(ranks(values))
        curve = line**2 - np.mean(line**2)
        curve -= line * np.mean(line * curve)
        names.append(name)
        terms.append(line)
        if np.mean(curve**2) > _ALIKE:
            names.append(name)
            terms.append(_standard(curve))
    return names, np.array(terms).T


def ranks(values: Floats) -> Floats:
    """Return ranks from 0, ties sharing theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    rank: Floats = (np.cumsum(count) - 0.5 * (count + 1))[place]
    return rank


def _standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())


# ------------------------------------------------------------------------- fits


class Fit(NamedTuple):
    """Terms that entered, and what their regression needs.

    Attributes
    ----------
    entered
        Places of the terms, in the order of entry.
    means
        Of 1, all terms and odds over the members fitted on.
    covariance
        Between the terms that entered.
    pull
        Of each of these with the odds.
    """

    entered: Places
    means: Floats
    covariance: Floats
    pull: Floats


class CrossFit:
    """Fits without some blocks, and what each unit explains in those.

    Parameters
    ----------
    sums, squares
        From `Distinct`.
    unit
        Of each term, from 0.
    units
        How many there are.
    """

    def __init__(self, sums: Floats, squares: Floats, unit: Places, units: int) -> None:
        self.sums, self.squares, self.unit, self.units = sums, squares, unit, units
        forth = np.random.default_rng(_SEED).random((_ORDERS, units))
        self._turns = np.concatenate([forth, -forth])  # each order and its reverse
        self.fits = [self.fit(k) for k in range(BLOCKS)]

    def fit(self, *without: int) -> Fit:
        """Choose terms on all blocks but some: each time the one that explains most of the rest.

        A term enters with a t value above the square root of twice the log of their number (Foster
        and George 1994): the largest of so many idle ones is hardly ever above it.
        """
        kept = np.setdiff1d(np.arange(BLOCKS), without)
        sums = self.sums[kept].sum(0)
        weight = sums[0, 0]
        means = sums[0] / weight
        covariance = sums / weight - np.outer(means, means)
        members = weight**2 / self.squares[kept].sum()
        entered = _enter(covariance[1:, 1:], float(members))
        inside = covariance[1:-1, 1:-1][np.ix_(entered, entered)]
        return Fit(entered, means, inside, covariance[1:-1, -1][entered])

    def explained(self, fit: Fit, block: int) -> Floats:
        """Return by how much each unit lowers the squared error in a block, over orders of entry.

        In coordinates in which the terms fitted on are uncorrelated, one after another in an order,
        each adds its own part to the forecast, whichever come after it.
        """
        total = np.zeros(self.units)
        if not len(fit.entered):
            return total
        unit = self.unit[fit.entered]
        order = np.argsort(self._turns[:, unit], axis=1, kind="stable")
        there = self._about(block, fit)
        inside, pull = there[:-1, :-1], there[:-1, -1]
        both = order[:, :, None], order[:, None, :]
        back = np.linalg.inv(np.linalg.cholesky(fit.covariance[both]))
        size = _times(back, fit.pull[order])
        shared = back @ inside[both] @ back.transpose(0, 2, 1) * size[:, :, None] * size[:, None]
        alone = np.einsum("oii->oi", shared)
        gain = 2.0 * size * _times(back, pull[order]) + alone - 2.0 * np.tril(shared).sum(2)
        np.add.at(total, unit[order], gain)
        return total / len(order)

    def _about(self, block: int, fit: Fit) -> Floats:
        """Sums of products in a block, of the terms that entered and the odds, about fitted means.

        The forecast without any number is the mean of the members fitted on.
        """
        places = np.append(fit.entered + 1, len(self.unit) + 1)
        sums, means = self.sums[block], fit.means[places]
        across = np.outer(means, sums[0, places])
        return np.asarray(
            sums[np.ix_(places, places)] - across - across.T + sums[0, 0] * np.outer(means, means)
        )

    def shares(self, between: Floats) -> tuple[Floats, Floats]:
        """Return the share of each unit and of all together, with their standard errors.

        Blocks are left out one by one, and all is done again with the others: the jackknife.

        Parameters
        ----------
        between
            From `Distinct.between`.
        """
        weight = self.sums[:, 0, 0]
        whole = sum(self.explained(fit, k) for k, fit in enumerate(self.fits))
        fewer = np.zeros((BLOCKS, self.units))
        for one, other in combinations(range(BLOCKS), 2):
            fit = self.fit(one, other)
            fewer[one] += self.explained(fit, other)
            fewer[other] += self.explained(fit, one)
        shares = _with_total(np.asarray(whole)) / (weight.sum() * between[0])
        again = _with_total(fewer) / ((weight.sum() - weight) * between[1:])[:, None]
        return shares, jackknife_error(again)

    def smallest(self, between: float, explained: float) -> float:
        """Return about the smallest share with which a term enters.

        Parameters
        ----------
        between
            Variance of the members' own odds.
        explained
            The share that all units explain.
        """
        sums = self.sums.sum(0)
        weight = sums[0, 0]
        variance = sums[-1, -1] / weight - (sums[0, -1] / weight) ** 2
        members = (1.0 - 1.0 / BLOCKS) * weight**2 / self.squares.sum()
        return float(_least(len(self.unit)) * (variance / between - explained) / members)


def _enter(covariance: Floats, members: float) -> Places:
    """Return the terms that enter, given their covariances, the odds last."""
    rest = covariance[:-1, :-1].diagonal().copy()
    pull, unexplained = covariance[:-1, -1].copy(), float(covariance[-1, -1])
    least = _least(len(rest))
    entered: list[int] = []
    factor = np.zeros((MOST, len(rest)))
    while len(entered) < min(MOST, len(rest)):
        gain = np.where(rest > _ALIKE, pull**2 / np.maximum(rest, _ALIKE), 0.0)
        gain[entered] = 0.0
        best, n = int(gain.argmax()), len(entered)
        left = unexplained - gain[best]
        if gain[best] * (members - n - 2) <= least * left:
            break
        row = covariance[best, :-1] - factor[:n, best] @ factor[:n]
        factor[n] = row / np.sqrt(rest[best])
        pull -= factor[n] * pull[best] / np.sqrt(rest[best])
        rest -= factor[n] ** 2
        unexplained = left
        entered.append(best)
    return np.array(entered, np.intp)


def jackknife_error(without: Floats) -> Floats:
    """Return the standard error of what was estimated without each block in turn."""
    return np.asarray(np.sqrt((len(without) - 1) * np.var(without, axis=0)))


def _least(terms: int) -> float:
    """The square of the t value from which one of so many terms enters."""
    return 2.0 * float(np.log(max(terms, 2)))


def _times(matrices: Any, vectors: Any) -> Floats:
    return np.asarray(np.einsum("oij,oj->oi", matrices, vectors))


def _with_total(values: Floats) -> Floats:
    return np.concatenate([values, values.sum(-1, keepdims=True)], axis=-1)
