"""Does a ranking of scenarios stand: in how many members each is best, and what turns it.

A member's own odds come from at least 64 worlds, and still hold luck. Shares of members are those
of a posterior: the members' odds under all scenarios together are taken as normal with the means
and covariances that are seen between members, luck taken out, and each member's odds as normal
about its shares with the covariance of its worlds (empirical Bayes; Efron 2010, 'Large-scale
inference', chapter 1).

An assumption turns a ranking if the difference of two scenarios clearly has one sign among the
members in the low third of a number, and clearly the other in its high third. The number is chosen
on half of the distinct members and measured on the other half, so that it is not one of many that
seem to do it by luck. If none turns it, the number is told along which it comes nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.numbers import numbers_of
from sim.attribution.sensitivity.levers import lineages
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats, Ints
from sim.experiments.kernel import Grid
from sim.experiments.paired import Paired, paired_with
from sim.inputs.ensemble import Ensemble

WORLDS_A_MEMBER = 64
LEVEL = 0.005
"""Odds that differ by less are told as level: half a point."""
_DRAWS, _SEED, _Z = 400, 1, 1.959963984540054
_FEWEST = 30
"""Distinct members below which a third of them tells nothing."""


class Third(NamedTuple):
    """The difference of two scenarios among the members in a third of a number.

    Attributes
    ----------
    edge
        Where the third ends: its members are below it, or above it.
    mean, mc
        The difference of the odds with its 95 % interval, on members that took no part in the
        choice of the number.
    """

    edge: float
    mean: float
    mc: tuple[float, float]

    @property
    def error(self) -> float:
        """The standard error."""
        return (self.mc[1] - self.mc[0]) / (2.0 * _Z)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"edge": self.edge, "mean": self.mean, "mc": list(self.mc)}


class Turning(NamedTuple):
    """The number along which the order of two scenarios comes nearest to turning, or turns.

    Attributes
    ----------
    turns
        Whether the one third has clearly one sign and the other third clearly the other.
    """

    name: str
    low: Third
    high: Third
    turns: bool


class Best(NamedTuple):
    """In how many members each scenario is best.

    Attributes
    ----------
    shares
        By scenario; with ``level`` they sum to 1.
    level
        The share of members in which the best two differ by less than half a point.
    """

    shares: tuple[float, ...]
    level: float


class Rival(NamedTuple):
    """The scenario that leads on average against another: place, difference, and what turns it."""

    place: int
    paired: Paired
    turning: Turning | None


def hits_by_member(grid: Grid, hits: Sequence[Outcome], members: int) -> tuple[Ints, Ints]:
    """Return the worlds in which something happens, shape (policies, members), and all worlds.

    The second has shape (members,).
    """
    found = np.isin(grid.ended["outcome"], hits)
    counted = np.array([np.bincount(grid.member[row], minlength=members) for row in found])
    return counted, np.bincount(grid.member, minlength=members)


def best_shares(grid: Grid, hits: Sequence[Outcome], members: int) -> Best:
    """Return in how many members each policy of a grid is best, luck taken out.

    Parameters
    ----------
    grid
        Of two policies or more, with as many worlds of each member, 64 or more.
    """
    found = np.isin(grid.ended["outcome"], hits).astype(np.float64)
    order = np.argsort(grid.member, kind="stable")
    each = len(order) // members
    by_member = np.moveaxis(found[:, order].reshape(len(found), members, each), 0, 2)
    odds = by_member.mean(axis=1)
    apart = by_member - odds[:, np.newaxis]
    within = np.einsum("mwa,mwb->mab", apart, apart) / max(each - 1, 1)
    noise = (each * within + within.mean(axis=0)) / (each + 1) / each
    mean = odds.mean(axis=0)
    between = _positive(np.cov(odds.T) - noise.mean(axis=0))
    pull = between @ np.linalg.pinv(between + noise)
    centre = mean + np.einsum("mab,mb->ma", pull, odds - mean)
    spread = between - pull @ between
    values, vectors = np.linalg.eigh((spread + np.swapaxes(spread, 1, 2)) / 2.0)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, np.newaxis]
    rng = np.random.default_rng(_SEED)
    counts = np.zeros(len(found) + 1)
    for _ in range(_DRAWS):
        drawn = centre + np.einsum("mab,mb->ma", root, rng.standard_normal(centre.shape))
        ranked = np.sort(drawn, axis=1)
        level = ranked[:, -1] - ranked[:, -2] < LEVEL
        counts[:-1] += np.bincount(drawn.argmax(axis=1)[~level], minlength=len(found))
        counts[-1] += level.sum()
    *shares, level_share = (counts / counts.sum()).tolist()
    return Best(tuple(shares), level_share)


def _positive(covariance: Floats) -> Floats:
    """The nearest covariance that has no negative variance in any direction."""
    values, vectors = np.linalg.eigh(covariance)
    kept: Floats = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return kept


def rivals(
    grid: Grid, hits: Sequence[Outcome], ensemble: Ensemble, blocs: Sequence[str]
) -> tuple[int, tuple[Rival, ...]]:
    """Return the policy that leads on average, and its difference from each of the others."""
    members = len(ensemble)
    counted, worlds = hits_by_member(grid, hits, members)
    leader = int(counted.sum(axis=1).argmax())
    numbers = numbers_of(ensemble.members, ensemble.starts, blocs)
    line = lineages(ensemble)
    found = []
    for other in range(len(counted)):
        if other == leader:
            continue
        pair = paired_with(grid.rows(other), grid.rows(leader), members, hits)
        difference = (counted[leader] - counted[other]) / worlds
        found.append(Rival(other, pair, turning(difference, numbers, line)))
    return leader, tuple(found)


def turning(
    difference: Floats, numbers: dict[str, Floats], lineage: Ints, seed: int = _SEED
) -> Turning | None:
    """Return the number along which the sign of a difference of odds turns, or most nearly does.

    Parameters
    ----------
    difference
        By member, of its own odds with luck in them, positive on average; shape (members,).
    numbers
        By name, of each member.
    lineage
        The same for members that are copies.

    Returns
    -------
    Turning or None
        None if there is no number with enough members in both of its outer thirds.
    """
    halves = np.random.default_rng(seed).permutation(int(lineage.max()) + 1) % 2
    chosen = halves[lineage] == 0
    best, least = "", np.inf
    for name, values in numbers.items():
        low, high = (_of_third(difference, values, chosen, lineage, end) for end in (0, 1))
        if low is None or high is None:
            continue
        clear = min(low.mean / low.error, high.mean / high.error)
        if clear < least:
            best, least = name, clear
    if not best:
        return None
    low, high = (_of_third(difference, numbers[best], ~chosen, lineage, end) for end in (0, 1))
    if low is None or high is None:
        return None
    turns = min(low.mc[1], high.mc[1]) < 0.0 < max(low.mc[0], high.mc[0])
    return Turning(best, low, high, turns)


def _of_third(
    difference: Floats, values: Floats, among: NDArray[np.bool_], lineage: Ints, end: int
) -> Third | None:
    """A difference in the low (0) or the high (1) third of a number, among some members."""
    edge = float(np.quantile(values, (1 + end) / 3.0))
    there = among & (values > edge if end else values < edge)
    _, place, copies = np.unique(lineage[there], return_inverse=True, return_counts=True)
    if len(copies) < _FEWEST:
        return None
    mean = float(difference[there].mean())
    sums = np.bincount(place, difference[there] - mean)
    error = float(np.sqrt((sums**2).sum())) / int(there.sum())
    return Third(edge, mean, (mean - _Z * error, mean + _Z * error)) if error > 0.0 else None
