"""What a box is worth on rows, and on luck, that took no part in the search for it.

The half of the rows that was not searched tells precision (the share of what is inside that meets
the condition), recall (the share of all that meet it that is inside) and base share. Rows that are
copies of one another stay together, and count as one where errors are reckoned.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.attribution.discover.search import Mask, phi
from sim.bounds import Bound
from sim.engine.dtypes import Floats, Ints
from sim.estimates import FEWEST_MEMBERS, Counts, wilson
from sim.experiments.luck_free import Spread, spread_of_means, spread_of_odds
from sim.experiments.sensitivity.jackknife import Estimate

CLAIM_Z = 2.5758293035489004
"""From where on inside and outside are told to differ: the two-sided level .01."""
BLOCKS = 40
"""Blocks of groups of rows, each left out once to tell the error."""


# ------------------------------------------------------------------ what rows show


@dataclass(frozen=True)
class Labels:
    """Rows of which each is known to meet the condition or not.

    Attributes
    ----------
    values
        By row, what is bounded; None if nothing is known but the label.
    """

    label: Mask
    values: Floats | None = None

    def share(self, rows: Mask) -> float:
        """Return the share of some rows that meet the condition."""
        return float(self.label[rows].mean())

    def only(self, rows: Mask) -> Labels:
        """Return what is known of some rows."""
        return Labels(self.label[rows], None if self.values is None else self.values[rows])


@dataclass(frozen=True)
class Odds:
    """Rows of which each has odds that its worlds only hint at.

    Attributes
    ----------
    hits, worlds
        By row.
    bound
        The condition on the odds behind them.
    """

    hits: Counts
    worlds: Counts
    bound: Bound

    @property
    def values(self) -> Floats:
        """What the worlds of each row show."""
        return np.asarray(self.hits / self.worlds)

    @functools.cached_property
    def label(self) -> Mask:
        """Whether that meets the condition."""
        return np.asarray(self.bound.met(self.values))

    def share(self, rows: Mask) -> float:
        """Return the share of the distribution behind some rows that meets the condition."""
        if rows.sum() < FEWEST_MEMBERS:
            return float(self.label[rows].mean())
        return _met(spread_of_odds(self.hits[rows], self.worlds[rows]), self.bound)

    def only(self, rows: Mask) -> Odds:
        """Return what is known of some rows."""
        return Odds(self.hits[rows], self.worlds[rows], self.bound)


@dataclass(frozen=True)
class Means:
    """Rows of which each has a mean that its worlds only hint at.

    Attributes
    ----------
    means, errors
        By row, with the standard errors.
    bound
        The condition on the means behind them.
    """

    means: Floats
    errors: Floats
    bound: Bound

    @property
    def values(self) -> Floats:
        """What the worlds of each row show."""
        return self.means

    @functools.cached_property
    def label(self) -> Mask:
        """Whether that meets the condition."""
        return np.asarray(self.bound.met(self.values))

    def share(self, rows: Mask) -> float:
        """Return the share of the distribution behind some rows that meets the condition."""
        if rows.sum() < FEWEST_MEMBERS:
            return float(self.label[rows].mean())
        return _met(spread_of_means(self.means[rows], self.errors[rows]), self.bound)

    def only(self, rows: Mask) -> Means:
        """Return what is known of some rows."""
        return Means(self.means[rows], self.errors[rows], self.bound)


Shown = Labels | Odds | Means
"""What is known of rows: labels, or worlds that hint at odds or means."""


def _met(spread: Spread, bound: Bound) -> float:
    return min(1.0, spread.share(bound.met(spread.points)))


# ------------------------------------------------------------------ halves


def halves(groups: Ints, seed: int) -> tuple[Mask, Mask]:
    """Deal rows out to a half that is searched and one that is held out, groups whole.

    Parameters
    ----------
    groups
        By row, a number that copies share.
    """
    _, group = np.unique(groups, return_inverse=True)
    number = int(group.max()) + 1
    first = np.random.default_rng(seed).permutation(number) < (number + 1) // 2
    searched = first[group]
    return searched, ~searched


# ------------------------------------------------------------------ a box, measured


class Evaluation(NamedTuple):
    """What a box or some leaves are worth on the rows that were held out.

    Attributes
    ----------
    inside, outside
        How many rows.
    precision, recall, base
        Shares with the 95 % interval of their estimate; see the module.
    precision_outside
        The share of the rest that meets the condition.
    z
        By how many standard errors more of the inside meets the condition than of the outside,
        where both had the same share.
    """

    inside: int
    outside: int
    precision: Estimate
    recall: Estimate
    base: Estimate
    precision_outside: Estimate
    z: float

    @property
    def claimed(self) -> bool:
        """Whether inside and outside are told apart, the inside meeting the condition more."""
        return self.z > CLAIM_Z and self.precision.mean > self.base.mean

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        document: dict[str, Any] = {"inside": self.inside, "outside": self.outside}
        for name in _SHARES:
            estimate: Estimate = getattr(self, name)
            document |= {name: estimate.mean, f"{name}_mc": list(estimate.mc)}
        return {**document, "z": self.z}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Evaluation:
        """Return what `as_dict` gave."""
        inner, recall, base, outer = (
            Estimate.from_dict({"mean": document[name], "mc": document[f"{name}_mc"]})
            for name in _SHARES
        )
        inside, outside, z = int(document["inside"]), int(document["outside"]), document["z"]
        return cls(inside, outside, inner, recall, base, outer, float(z))


_SHARES = ("precision", "recall", "base", "precision_outside")


def evaluated(within: Mask, shown: Shown, groups: Ints) -> Evaluation:
    """Measure what is inside on rows that were held out.

    Parameters
    ----------
    within
        Which of the rows are inside; some, and not all.
    shown
        What the rows show.
    groups
        By row, a number that copies share.
    """
    shares = shares_of(within, shown)
    errors = jackknife(groups, lambda kept: shares_of(within[kept], shown.only(kept)))
    sizes = (_worth(groups, within), _worth(groups, shown.label), len(np.unique(groups)),
             _worth(groups, ~within))  # fmt: skip
    inner, recall, base, outer = (_share(*each) for each in zip(shares, errors, sizes, strict=True))
    inside, z = int(within.sum()), score(within, shown.label, groups)
    return Evaluation(inside, len(within) - inside, inner, recall, base, outer, z)


def shares_of(within: Mask, shown: Shown) -> Floats:
    """Return precision, recall, base share and the share outside.

    The two sides are fitted apart, and the rest follows from both, so that all agree. Where nothing
    is on a side, it counts as the other.
    """
    share = float(within.mean())
    if share in (0.0, 1.0):
        every = shown.share(np.ones(len(within), bool))
        return np.array([every, share, every, every])
    inner, outer = shown.share(within), shown.share(~within)
    base = share * inner + (1.0 - share) * outer
    return np.array([inner, share * inner / base if base > 0.0 else 0.0, base, outer])


def jackknife(groups: Ints, statistic: Callable[[Mask], Floats]) -> Floats:
    """Return the error variance of a statistic, leaving out blocks of groups one by one.

    Parameters
    ----------
    statistic
        Of the rows that are kept.
    """
    _, group = np.unique(groups, return_inverse=True)
    block = group % min(BLOCKS, int(group.max()) + 1)
    number = int(block.max()) + 1
    without = np.array([statistic(block != n) for n in range(number)])
    return np.asarray((number - 1) * without.var(axis=0))


def _worth(groups: Ints, rows: Mask) -> float:
    """How many different rows some rows are worth: fewer where some are copies."""
    copies = np.unique(groups[rows], return_counts=True)[1].astype(float)
    return float(copies.sum() ** 2 / (copies**2).sum()) if len(copies) else 1.0


def _share(mean: float, variance: float, most: float) -> Estimate:
    """A share with the Wilson interval of so many different rows as its error amounts to."""
    spread = mean * (1.0 - mean)
    size = most if variance <= 0.0 or spread <= 0.0 else min(most, spread / variance)
    mean = float(mean)
    return Estimate(mean, wilson(mean, max(1.0, float(size))))


def score(within: Mask, label: Mask, groups: Ints) -> float:
    """Return by how many standard errors more of the inside has the label than of the outside.

    The error is that of one share for both, with copies counted as one:
    ``p (1 - p) (sum_in n_g^2 / N_in^2 + sum_out n_g^2 / N_out^2)``; 0 where there is nothing to
    compare.
    """
    inside, p = int(within.sum()), float(label.mean())
    if inside in (0, len(label)) or p in (0.0, 1.0):
        return 0.0
    sizes = 1.0 / _worth(groups, within) + 1.0 / _worth(groups, ~within)
    apart = float(label[within].mean() - label[~within].mean())
    return apart / math.sqrt(p * (1.0 - p) * sizes)


def leads(one: Mask, other: Mask, label: Mask, groups: Ints) -> tuple[float, float]:
    """Return by how much the `phi` of one exceeds that of the other, and its standard error."""

    def apart(kept: Mask) -> Floats:
        some = label[kept]
        return np.array([phi(one[kept], some) - phi(other[kept], some)])

    everything = np.ones(len(label), bool)
    return float(apart(everything)[0]), math.sqrt(float(jackknife(groups, apart)[0]))
