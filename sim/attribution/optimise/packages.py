"""Packages: which levers are moved from where they stand, and to what.

A package is a row of whole numbers, one for each lever that may be moved. 0 leaves the lever as it
stands; any other number is a place among the values that it may take.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.experiments.axes import Axis
from sim.inputs.block_numbers import standing_number
from sim.inputs.levers import LEVERS, Value
from sim.inputs.scenario import Scenario

LEVELS = 51
"""Values on a range: a fiftieth of it apart."""
ALIKE = 0.1
"""Packages that differ by less than this share of each range are told as one choice."""
MOST_LEVERS = 12
"""More would take more points than a screen has."""
_POOL, _KIN = 1_024, 64
"""Packages of each sort that are predicted, and of the kin of each good one."""
_STAYS = 1.0 / 3.0
"""In half of the points that are drawn, how often a lever is left as it stands."""


def distinct(rows: Ints) -> Ints:
    """Return rows in order, each once: `numpy.unique` of rows, many times as fast.

    Examples
    --------
    >>> distinct(np.array([[1, 0], [0, 2], [1, 0], [0, 1]])).tolist()
    [[0, 1], [0, 2], [1, 0]]
    """
    ordered = rows[np.lexsort(rows.T[::-1])]
    new = np.ones(len(rows), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    found: Ints = ordered[new]
    return found


@dataclass(frozen=True)
class Space:
    """All packages of some levers.

    Attributes
    ----------
    levers
        Levers, or numbers of blocks such as ``when.1.within``.
    values
        By lever, the value at which it stands, then all others that it may take.
    ranges
        By lever, whether its values are numbers along a range.
    most
        How many levers a package moves at most.
    """

    levers: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    ranges: tuple[bool, ...]
    most: int

    @classmethod
    def of(cls, scenario: Scenario, axes: Sequence[Axis], most: int | None = None) -> Space:
        """Return the packages of a scenario along some axes.

        Raises
        ------
        ScenarioError
            If the axes are too many.
        """
        if len(axes) > MOST_LEVERS:
            what = f"{len(axes)} levers are varied, and at most {MOST_LEVERS} can be."
            todo = "Leave out those that matter least: `truce sensitivity` ranks them."
            raise ScenarioError("vary", what, todo)
        stands = [stands_at(scenario, axis.lever) for axis in axes]
        values = tuple(
            (at, *(value for value in axis.choices or axis.spaced(LEVELS) if value != at))
            for axis, at in zip(axes, stands, strict=True)
        )
        levers = tuple(axis.lever for axis in axes)
        return cls(levers, values, tuple(not axis.choices for axis in axes), most or len(axes))

    def settings(self, row: Ints) -> dict[str, Value]:
        """Return the levers that a package moves, and their values."""
        return {
            lever: values[place]
            for lever, values, place in zip(self.levers, self.values, row.tolist(), strict=True)
            if place
        }

    def at(self, settings: Mapping[str, Value]) -> Ints:
        """Return the package that has some values, and leaves the other levers as they stand."""
        places = [
            values.index(settings[lever]) if lever in settings else 0
            for lever, values in zip(self.levers, self.values, strict=True)
        ]
        return np.array(places, np.int64)

    def placed(self, shares: Floats, stays: Floats | None = None) -> Ints:
        """Return packages from shares of the way along each lever, shape (packages, levers).

        ``stays`` are as many numbers from 0 to 1; where one is small the lever is left alone.
        """
        sizes = np.array([len(values) - 1 for values in self.values])
        rows: Ints = 1 + np.minimum((shares * sizes).astype(np.int64), sizes - 1)
        if stays is not None:
            rows[stays < _STAYS] = 0
        return rows

    def fits(self, rows: Ints) -> Ints:
        """Return distinct packages that move no more levers than they may."""
        return distinct(rows[(rows > 0).sum(axis=1) <= self.most])

    # -------------------------------------------------------------- points to look at

    def screen(self, points: int, seed: int) -> Ints:
        """Return the packages of the first look: none moved, each alone, and a Sobol' sequence."""
        rows = [np.zeros((1, len(self.levers)), np.int64), self.alone()]
        while sum(map(len, rows)) < points:
            size = max(8, points)
            more = self.drawn(size, seed + len(rows), every=self.most == len(self.levers))
            rows.append(more)
            if len(rows) > 6:  # there are no more of them
                break
        whole = np.concatenate(rows)
        first = np.sort(np.unique(whole, axis=0, return_index=True)[1])
        return whole[first][:points]

    def alone(self) -> Ints:
        """Return each lever alone at both of its ends, or at each of a few choices."""
        found = []
        for n, values in enumerate(self.values):
            last = len(values) - 1
            places = {1, (last + 1) // 2, last} if self.ranges[n] else range(1, last + 1)
            for place in sorted(places):
                row = np.zeros(len(self.levers), np.int64)
                row[n] = place
                found.append(row)
        return np.array(found)

    def drawn(self, number: int, seed: int, *, every: bool = True) -> Ints:
        """Draw packages by a Sobol' sequence; ``every`` moves all levers in half of them."""
        from scipy.stats import qmc

        levers = len(self.levers)
        rng = np.random.default_rng(seed)
        power = max(1, (number - 1).bit_length())
        shares = qmc.Sobol(2 * levers, rng=rng).random_base2(power)[:number]
        rows = self.placed(shares[:, :levers], shares[:, levers:])
        if every:
            rows[::2] = self.placed(shares[::2, :levers])
        return self._thinned(rows, rng)

    def _thinned(self, rows: Ints, rng: np.random.Generator) -> Ints:
        """Leave levers alone, at random, until no package moves more than it may."""
        order = np.argsort(rng.random(rows.shape), axis=1)
        ranked = np.take_along_axis(rows > 0, order, axis=1).cumsum(axis=1)
        over = np.zeros(rows.shape, bool)
        np.put_along_axis(over, order, ranked > self.most, axis=1)
        return np.where(over, 0, rows)

    def pool(self, near: Ints, seed: int) -> Ints:
        """Return many packages to predict: drawn ones, few levers moved, and kin of good ones."""
        rng = np.random.default_rng(seed)
        drawn = self.drawn(_POOL, seed, every=True)
        few = [self._of_few(size, rng) for size in range(1, min(3, self.most) + 1)]
        kin = np.repeat(near, _KIN, axis=0)
        sizes = np.array([len(values) for values in self.values])
        step = np.where(self.ranges, sizes / 8.0, sizes / 2.0)
        step = step * 0.5 ** rng.integers(0, 4, (len(kin), 1))
        shift = np.rint(rng.normal(size=kin.shape) * np.maximum(1.0, step)).astype(np.int64)
        changed = rng.random(kin.shape) < 2.0 / kin.shape[1]
        moved = np.clip(np.where(kin > 0, kin, 1) + shift, 1, sizes - 1)
        dropped = rng.random(kin.shape) < _STAYS
        kin = np.where(changed, np.where(dropped, 0, moved), kin)
        return self.fits(self._thinned(np.concatenate([near, drawn, *few, kin]), rng))

    def _of_few(self, size: int, rng: np.random.Generator) -> Ints:
        """Packages that move exactly so many levers, each set of levers equally often."""
        sets = list(itertools.combinations(range(len(self.levers)), size))
        each = max(8, _POOL // len(sets))
        rows = self.placed(rng.random((each * len(sets), len(self.levers))))
        mask = np.zeros((len(sets), len(self.levers)), bool)
        for n, one in enumerate(sets):
            mask[n, list(one)] = True
        return np.where(np.repeat(mask, each, axis=0), rows, 0)

    def alike(self, rows: Ints, row: Ints) -> NDArray[np.bool_]:
        """Return which packages differ little from one: in no choice, and in no range by much."""
        sizes = np.array([len(values) for values in self.values])
        near = np.where(self.ranges, ALIKE * sizes, 1.0)
        same: NDArray[np.bool_] = ((abs(rows - row) < near) & ((rows > 0) == (row > 0))).all(axis=1)
        return same

    # -------------------------------------------------------------- as numbers to fit

    def features(self, rows: Ints) -> list[Floats]:
        """Return by lever its columns at each package: where it is on its range, or its choice."""
        pairs = zip(self._coded, rows.T, strict=True)
        return [coded[places] for coded, places in pairs]

    @cached_property
    def _coded(self) -> tuple[Floats, ...]:
        return tuple(
            _coded(values, along) for values, along in zip(self.values, self.ranges, strict=True)
        )


def _coded(values: Sequence[Value], along: bool) -> Floats:
    """The columns of one lever, shape (values, columns)."""
    numbers = [value for value in values if type(value) is float]
    if not along or len(numbers) < len(values) - 1:
        return np.eye(len(values))[:, 1:]
    low, high = min(numbers), max(numbers)
    stands_beside = len(numbers) < len(values)
    place = np.array(
        [0.0 if type(v) is not float else 2 * (v - low) / (high - low) - 1 for v in values]
    )
    if not stands_beside:
        return place[:, np.newaxis]
    beside = np.zeros(len(values))
    beside[0] = 1.0
    return np.stack([place, beside], axis=1)


def stands_still(rows: Ints) -> int:
    """Return which of some packages moves no lever.

    Raises
    ------
    ValueError
        If none does.
    """
    still = np.flatnonzero(~rows.any(axis=1))
    if not len(still):
        raise ValueError("no package leaves all levers as they stand")
    return int(still[0])


def with_still(rows: Ints) -> Ints:
    """Return packages with the one that moves no lever among them, at the end if it was not."""
    if (~rows.any(axis=1)).any():
        return rows
    return np.concatenate([rows, np.zeros((1, rows.shape[1]), rows.dtype)])


def stands_at(scenario: Scenario, name: str) -> Value:
    """Return where a lever, or a number of a block, stands on the first day."""
    if name in LEVERS:
        return scenario.levers[name]
    return standing_number(scenario.blocks, name, scenario.as_of, scenario.horizon_days)
