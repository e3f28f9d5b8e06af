"""Does a ranking of scenarios stand: what turns the difference of two.

An assumption turns a ranking if the difference of two scenarios clearly has one sign among the
members in the low third of a number, and clearly the other in its high third, each by a tenth of a
point or more. The number is chosen on half of the distinct members and measured on the other half,
so that it is not one of many that seem to do it by luck. If none turns it, the number is told along
which it comes nearest: that with the smallest difference in either third. Of a number with few
values, such as a yes or no, the members with its lowest value stand for the low third, a tenth of
all or more; so for the high one.
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
from sim.experiments.member_differences import NONE_BELOW
from sim.experiments.paired import Paired, paired_with
from sim.inputs.ensemble import Ensemble

WORLDS_A_MEMBER = 64
_SEED, _Z = 1, 1.959963984540054
_FEWEST = 30
"""Distinct members below which a third of them tells nothing."""
_LEAST = 0.1
"""The least share of the members that stands for a third of them."""


class Third(NamedTuple):
    """The difference of two scenarios among the members in a third of a number.

    Attributes
    ----------
    edge
        The largest value in the low third, the smallest in the high one.
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
        Whether the one third has clearly one sign and the other third clearly the other, each by
        a tenth of a point or more.
    """

    name: str
    low: Third
    high: Third
    turns: bool


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
        thirds = _thirds(difference, values, chosen, lineage)
        if thirds is None:
            continue
        turned = min(map(_how_far, thirds))
        if turned < least:
            best, least = name, turned
    thirds = _thirds(difference, numbers[best], ~chosen, lineage) if best else None
    if thirds is None:
        return None
    low, high = thirds
    return Turning(best, low, high, _turns(low, high) or _turns(high, low))


def _turns(one: Third, other: Third) -> bool:
    """Whether a difference is clearly below 0 in a third, above it in the other, by no trifle."""
    behind = one.mc[1] < 0.0 and one.mean <= -NONE_BELOW
    return behind and other.mc[0] > 0.0 and other.mean >= NONE_BELOW


def _how_far(third: Third) -> float:
    """How far from turning a difference is: where it has turned, by how many errors it did."""
    return third.mean / third.error if third.mean < 0.0 else third.mean


def _thirds(
    difference: Floats, values: Floats, among: NDArray[np.bool_], lineage: Ints
) -> tuple[Third, Third] | None:
    """A difference in the low and in the high third of a number, among some members."""
    low, high = _low_third(values), _low_third(-values)
    if (low & high).any():
        return None
    found = [_third(difference, there & among, lineage) for there in (low, high)]
    if found[0] is None or found[1] is None:
        return None
    edges = float(values[low].max()), float(values[high].min())
    return found[0]._replace(edge=edges[0]), found[1]._replace(edge=edges[1])


def _low_third(values: Floats) -> NDArray[np.bool_]:
    """Members with the lowest values: a third, or less or more where many are alike."""
    edge = np.quantile(values, 1.0 / 3.0)
    below: NDArray[np.bool_] = values < edge
    return below if below.mean() >= _LEAST else values <= edge


def _third(difference: Floats, there: NDArray[np.bool_], lineage: Ints) -> Third | None:
    """A difference among some members; None if too few of them are distinct, or all are alike."""
    _, place, copies = np.unique(lineage[there], return_inverse=True, return_counts=True)
    if len(copies) < _FEWEST:
        return None
    mean = float(difference[there].mean())
    sums = np.bincount(place, difference[there] - mean)
    error = float(np.sqrt((sums**2).sum())) / int(there.sum())
    return Third(np.nan, mean, (mean - _Z * error, mean + _Z * error)) if error > 0.0 else None
