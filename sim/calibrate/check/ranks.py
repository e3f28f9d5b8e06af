"""Ranks of true values among posterior draws, and whether they are uniform.

If a truth is drawn from the prior, data from the truth, and draws from the posterior given the
data, then the truth is one more draw, and any rank among them is as likely as any other.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.dtypes import Floats, Ints

DRAWS = 99
"""Posterior draws among which a truth is ranked."""
LEVEL = 0.01
"""The chance that a right computation fails in any of its quantities."""


def rank(truth: Floats, draws: Floats, rng: np.random.Generator) -> Ints:
    """Rank truths among draws, a row a draw and a column a quantity; ties broken at random."""
    below = (draws < truth).sum(axis=0)
    return np.asarray(below + rng.integers(0, (draws == truth).sum(axis=0) + 1))


@dataclass(frozen=True)
class SelfCheck:
    """Ranks of truths among posterior draws, and whether they are uniform.

    Attributes
    ----------
    ranks
        A row a replicate and a column a quantity, 0 to `DRAWS`.
    effective
        By replicate, the effective size of its particles.
    tried
        How many synthetic histories were made until enough of them could be coded.
    p_values
        By quantity, the chance of ranks at least as uneven if the filter is right.
    """

    names: tuple[str, ...]
    ranks: Ints
    effective: Floats
    tried: int
    p_values: Floats

    @property
    def passed(self) -> bool:
        """Whether no quantity fails, all together wrongly with a chance of `LEVEL`."""
        return bool(self.p_values.min() >= LEVEL / len(self.p_values))

    @property
    def mean_rank(self) -> Floats:
        """Mean rank by quantity as a share, .5 if even."""
        return np.asarray(((self.ranks + 0.5) / (DRAWS + 1)).mean(axis=0))

    @property
    def spread(self) -> Floats:
        """Spread of the ranks by quantity against that of even ones, 1 if even."""
        return np.asarray(((self.ranks + 0.5) / (DRAWS + 1)).std(axis=0) * 12**0.5)

    def rows(self) -> list[tuple[str, ...]]:
        """The table: quantity, mean rank as a share, spread against an even one's, p."""
        columns = (self.names, self.mean_rank, self.spread, self.p_values)
        return [
            (name, f"{mean:.2f}", f"{spread:.2f}", f"{p:.3f}")
            for name, mean, spread, p in zip(*columns, strict=True)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        found: dict[str, Any] = {"replicates": len(self.ranks), "passed": self.passed}
        found["level"] = LEVEL
        found["quantities"] = [
            {"name": name, "mean_rank": float(mean), "spread": float(spread), "p": float(p)}
            for name, mean, spread, p in zip(
                self.names, self.mean_rank, self.spread, self.p_values, strict=True
            )
        ]
        return found


def unevenness(ranks: Ints) -> Floats:
    """Smallest tail chance over the steps of each column's distribution function.

    After Säilynoja, Bürkner and Vehtari 2022, 'Graphical test for discrete uniformity',
    Statistics and Computing 32: how many ranks lie below each step is binomial.
    """
    from scipy.special import bdtr, bdtrc

    count = len(ranks)
    steps = np.arange(1, DRAWS + 1)
    below = np.stack([(ranks < step).sum(axis=0) for step in steps], axis=-1)
    share = steps / (DRAWS + 1)
    low = bdtr(below, count, share)
    high = np.where(below > 0, bdtrc(np.maximum(below - 1, 0), count, share), 1.0)
    return np.asarray(np.minimum(low, high).min(axis=-1))


@functools.cache
def _even(count: int, trials: int = 10_000) -> Floats:
    """Sorted unevenness of uniform ranks, by simulation."""
    rng = np.random.default_rng(count)
    return np.sort(unevenness(rng.integers(0, DRAWS + 1, (count, trials))))


def p_values(ranks: Ints) -> Floats:
    """The chance of ranks at least as uneven, by column, were they uniform."""
    even = _even(len(ranks))
    as_uneven = np.searchsorted(even, unevenness(ranks), side="right")
    return np.asarray((1.0 + as_uneven) / (1.0 + len(even)), float)


def judge(
    names: tuple[str, ...], ranks: Ints, effective: Floats | None = None, tried: int = 0
) -> SelfCheck:
    """Return the self-check of some ranks, with the p-value of each quantity."""
    sizes = np.zeros(len(ranks)) if effective is None else effective
    return SelfCheck(names, ranks, sizes, tried, p_values(ranks))
