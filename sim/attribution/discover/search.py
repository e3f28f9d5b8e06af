"""PRIM on ranks: boxes in which a condition holds more often, each with a few ends.

The patient rule induction method (Friedman and Fisher 1999, 'Bump hunting in high-dimensional
data') peels a twentieth of what is inside off the end of one number, again and again, each time the
slice with the lowest share of hits. Slices are of one size, so that this is their objective; where
ties make them unequal it is the more lenient one of Kwakkel and Jaxa-Rozen (2016). What is peeled
along the way on numbers that say nothing is taken back: each box is brought down to a few numbers,
and an end stays only if what it shuts out has clearly fewer hits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints

PEEL, FINE = 0.05, 0.025
"""The share of what is inside that a slice has, and when a few numbers are peeled again."""
FEWEST = 0.05
"""The share of all rows that a box holds at least."""
AGAIN = 10
"""How many numbers that tell most by themselves are peeled again."""
PLACES = 10
"""At about how many places an end can lie that say different things."""
DIGITS = 3
"""Significant digits of an end, as it is told and as it is measured."""
Mask = NDArray[np.bool_]


class End(NamedTuple):
    """The restriction of a number: its values from ``low`` to ``high``, both inside.

    Attributes
    ----------
    column
        Which number, by its place.
    low, high
        Infinite where open.
    """

    column: int
    low: float = -math.inf
    high: float = math.inf

    def holds(self, x: Floats) -> Mask:
        """Return which rows are within, of a table of shape (rows, numbers)."""
        values = x[:, self.column]
        return np.asarray((values >= self.low) & (values <= self.high))

    @property
    def sides(self) -> tuple[End, ...]:
        """The same as restrictions of one side each."""
        both = (End(self.column, low=self.low), End(self.column, high=self.high))
        return tuple(one for one in both if one != End(self.column))


Box = tuple[End, ...]
"""What lies within all of some ends of different numbers; everything if there are none."""


def inside(box: Box, x: Floats) -> Mask:
    """Return which rows of a table are in a box."""
    found = np.ones(len(x), bool)
    for end in box:
        found &= end.holds(x)
    return found


def phi(within: Mask, label: Mask) -> float:
    """Return the correlation of being inside with the label.

    Its square times the number of rows is the chi-squared of their two-by-two table. It rewards a
    box for a high share of hits and for many of all hits alike; 0 where one of the two is constant.
    """
    n, size, hits = len(label), int(within.sum()), int(label.sum())
    both = int((within & label).sum())
    spread = float(size) * (n - size) * hits * (n - hits)
    return 0.0 if spread == 0.0 else (n * both - float(size) * hits) / math.sqrt(spread)


# ------------------------------------------------------------------ peeling


class _Slice(NamedTuple):
    """The rows at one end of a number, by rank: those up to, or from, an edge."""

    column: int
    upper: bool
    edge: int
    size: int


def ranks_of(x: Floats) -> NDArray[np.int32]:
    """Return the rank of each value in its number, ties alike, shape (numbers, rows)."""
    ranks = [np.unique(column, return_inverse=True)[1] for column in x.T]
    return np.asarray(ranks, np.int32).reshape(x.shape[1], len(x))


def trajectory(x: Floats, label: Mask, peel: float = PEEL) -> Iterator[Box]:
    """Peel, and yield the box after each slice.

    Parameters
    ----------
    x
        Numbers by row, shape (rows, numbers).
    label
        By row, whether the condition holds.
    peel
        The share of what is inside that a slice has.
    """
    ranks = ranks_of(x)
    values = [np.unique(column) for column in x.T]
    order = np.argsort(ranks, axis=1, kind="stable")
    sorted_ranks = np.take_along_axis(ranks, order, axis=1)
    fewest = max(1, math.ceil(FEWEST * len(x)))
    ends: dict[int, End] = {}
    while (found := _next_slice(sorted_ranks, label[order], fewest, peel)) is not None:
        n, size = order.shape[1], found.size
        row = order[found.column]
        kept = np.ones(len(x), bool)
        kept[row[n - size :] if found.upper else row[:size]] = False
        stays = kept[order]
        sorted_ranks = sorted_ranks[stays].reshape(len(order), n - size)
        order = order[stays].reshape(len(order), n - size)
        old = ends.get(found.column, End(found.column))
        last = sorted_ranks[found.column]
        column = values[found.column]
        spread = spread_of(column)
        if found.upper:
            new = old._replace(high=rounded(column[last[-1]], upper=True, spread=spread))
        else:
            new = old._replace(low=rounded(column[last[0]], upper=False, spread=spread))
        ends[found.column] = new
        yield tuple(ends.values())


def _next_slice(ranks: NDArray[np.int32], label: Mask, fewest: int, peel: float) -> _Slice | None:
    """The slice with the lowest share of hits, whole ties at a time; None if none can go.

    Both have shape (numbers, rows inside), sorted by rank.
    """
    n = ranks.shape[1]
    cut = math.ceil(peel * n)
    hits = np.cumsum(label, axis=1)
    low, high = ranks[:, cut - 1], ranks[:, n - cut]
    below = (ranks <= low[:, np.newaxis]).sum(1)
    above = (ranks >= high[:, np.newaxis]).sum(1)
    columns = np.arange(len(ranks))
    lower = hits[columns, below - 1]
    upper: Ints = hits[:, -1] - np.where(above < n, hits[columns, n - above - 1], 0)
    sizes = np.stack([below, above])
    share: Floats = np.stack([lower, upper]) / sizes
    share[sizes > n - fewest] = np.inf
    side, column = np.unravel_index(int(share.argmin()), share.shape)
    if not np.isfinite(share[side, column]):
        return None
    edge = (low, high)[side][column]
    return _Slice(int(column), bool(side), int(edge), int(sizes[side, column]))


def rounded(value: float, *, upper: bool, spread: float = math.inf) -> float:
    """Return an end with `DIGITS` significant digits, outwards, so that the value stays inside.

    Where values lie close together, far from 0, they are digits of how far they are spread.

    >>> rounded(0.53349, upper=False), rounded(0.53349, upper=True), rounded(-2.0, upper=True)
    (0.533, 0.534, -2.0)
    >>> rounded(1234.56, upper=False), rounded(1234.56, upper=False, spread=35.0)
    (1230.0, 1234.5)
    """
    if value == 0.0 or not math.isfinite(value):
        return float(value)
    least = min(abs(value), spread) or abs(value)
    for digits in (DIGITS, 17):
        step = digits - 1 - math.floor(math.log10(least))
        near = round(float(value), step)
        if (near < value) if upper else (near > value):
            near = round(near + (1.0 if upper else -1.0) * 10.0**-step, step)
        if (near >= value) if upper else (near <= value):
            return near
    return float(value)


def spread_of(values: Floats) -> float:
    """Return how far values lie apart."""
    return float(values.max() - values.min())


# ------------------------------------------------------------------ back to a few numbers


def brought_down(box: Box, x: Floats, label: Mask, most: int, least: float) -> Box:
    """Take back ends that say little, until at most so many numbers are restricted.

    First numbers go, each time the one without which `phi` is largest; then ends of one side that
    shut out no clearly lower share of hits than there is inside.

    Parameters
    ----------
    least
        How many standard errors apart is clear; see `clear_at`.
    """
    kept = list(box)
    holds = np.stack([end.holds(x) for end in kept]) if kept else np.ones((0, len(x)), bool)
    while len(kept) > most:
        worst = int(np.argmax(_phi_without(holds, label)))
        kept.pop(worst)
        holds = np.delete(holds, worst, axis=0)
    return _clear(tuple(kept), x, label, least)


def _phi_without(holds: Mask, label: Mask) -> Floats:
    """`phi` without each of some restrictions; ``holds`` has shape (restrictions, rows)."""
    broken = (~holds).sum(0)
    size, hits = float((broken == 0).sum()), float((label & (broken == 0)).sum())
    alone = ~holds & (broken == 1)
    sizes, both = size + alone.sum(1), hits + (alone & label).sum(1)
    n, total = float(len(label)), float(label.sum())
    spread = sizes * (n - sizes) * total * (n - total)
    return np.where(
        spread > 0.0, (n * both - sizes * total) / np.sqrt(np.maximum(spread, 1.0)), 0.0
    )


def _clear(box: Box, x: Floats, label: Mask, least: float) -> Box:
    """Take back one by one the ends that do not clearly tell; see `clear_at`."""
    sides = [side for end in box for side in end.sides]
    while sides:
        holds = np.stack([side.holds(x) for side in sides])
        apart = _apart(holds, label)
        worst = int(apart.argmin())
        if apart[worst] >= least:
            break
        sides.pop(worst)
    return joined(sides)


def clear_at(numbers: int) -> float:
    """Return how many standard errors apart is clear, where so many numbers are searched.

    The largest of so many idle differences is hardly ever above the square root of twice the
    logarithm of how many they are (Foster and George 1994): those of both ends of each number, at
    about ten places that say different things.
    """
    return math.sqrt(2.0 * math.log(2.0 * PLACES * numbers))


def _apart(holds: Mask, label: Mask) -> Floats:
    """By restriction, how far what it alone shuts out lies below the inside, in standard errors.

    That is the root of the likelihood ratio of two shares against one, with half a hit given to
    what is shut out: a few rows of a kind are else taken for more than they are.
    """
    broken = (~holds).sum(0)
    within = broken == 0
    alone = ~holds & (broken == 1)
    size, hits = float(within.sum()), float((within & label).sum())
    sizes = alone.sum(1).astype(float)
    both = (alone & label).sum(1) + 0.5
    pooled = (hits + both) / (size + sizes + 0.5)
    parts = (
        _part(hits, size * pooled),
        _part(size - hits, size * (1.0 - pooled)),
        _part(both, sizes * pooled),
        _part(sizes - both, sizes * (1.0 - pooled)),
    )
    ratio = np.maximum(2.0 * sum(parts), 0.0)
    below = both * size < hits * sizes
    return np.where(below, np.sqrt(ratio), 0.0)


def _part(seen: Floats | float, expected: Floats) -> Floats:
    """What a cell of the two-by-two tables adds to the logarithm of the likelihood ratio."""
    there = np.maximum(np.asarray(seen, float), 0.0)
    ratio = np.maximum(there, 1e-12) / np.maximum(expected, 1e-12)
    return np.asarray(there * np.log(ratio))


def joined(sides: Sequence[End]) -> Box:
    """Put the sides of each number together, in the order of the numbers.

    >>> joined([End(4, high=0.9), End(2, low=0.5), End(4, low=0.1)])
    (End(column=2, low=0.5, high=inf), End(column=4, low=0.1, high=0.9))
    """
    found: dict[int, End] = {}
    for one in sides:
        old = found.get(one.column, End(one.column))
        found[one.column] = End(one.column, max(old.low, one.low), min(old.high, one.high))
    return tuple(found[column] for column in sorted(found))


# ------------------------------------------------------------------ all of it


def candidates(x: Floats, label: Mask, most: int) -> tuple[Box, ...]:
    """Return boxes of at most so many numbers, one for each step of the peeling, none twice.

    Peeling runs twice: over all numbers; and over those alone of which an end was kept, or which
    tell most by themselves. Slices that idle numbers offer by chance then no longer use up the
    rows before the peeling comes to a small box.
    """
    first = _few(x, label, most, np.arange(x.shape[1]), PEEL)
    told = {end.column for box in first for end in box}
    told |= set(np.argsort(-_alone(x, label), kind="stable")[:AGAIN].tolist())
    again = _few(x, label, most, np.array(sorted(told)), FINE)
    return tuple(dict.fromkeys((*first, *again)))


def _alone(x: Floats, label: Mask) -> Floats:
    """By number, the largest `phi` of any box with one end of it, whichever way."""
    ranks = ranks_of(x)
    order = np.argsort(ranks, axis=1, kind="stable")
    hits = np.cumsum(label[order], axis=1)[:, :-1].astype(float)
    n, total = float(len(label)), float(label.sum())
    size = np.arange(1.0, n)
    found = np.abs(n * hits - size * total) / np.sqrt(size * (n - size) * total * (n - total))
    cuts = np.diff(np.take_along_axis(ranks, order, axis=1)) > 0
    return np.asarray(np.where(cuts, found, 0.0).max(1))


def _few(
    x: Floats, label: Mask, most: int, columns: NDArray[np.int64], peel: float
) -> tuple[Box, ...]:
    """The boxes of one peeling over some of the numbers, each brought down."""
    least = clear_at(x.shape[1])
    some = x[:, columns]
    peeled = trajectory(some, label, peel)
    found = (brought_down(box, some, label, most, least) for box in peeled)
    named = (tuple(end._replace(column=int(columns[end.column])) for end in box) for box in found)
    return tuple(dict.fromkeys(box for box in named if box))


def best(boxes: Sequence[Box], x: Floats, label: Mask) -> Box:
    """Return the box with the largest `phi`; no ends at all if none is above 0."""
    scored = [(phi(inside(box, x), label), -n) for n, box in enumerate(boxes)]
    if not scored or max(scored)[0] <= 0.0:
        return ()
    return boxes[-max(scored)[1]]
