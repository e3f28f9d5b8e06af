"""Functions of points whose Sobol indices are known, scaled to be chances."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Known(NamedTuple):
    """A chance of points, the ranges of its axes, and first, total and Shapley shares by axis."""

    chance: Callable
    vary: dict[str, tuple[float, float]]
    shares: np.ndarray

    def __call__(self, points, luck):
        return luck < self.chance(points)


def shares_of(variances, axes):
    """First, total and Shapley shares by axis, of the variance of each set of axes."""
    whole = sum(variances.values())
    shares = [
        [
            variances.get((axis,), 0.0),
            sum(value for some, value in variances.items() if axis in some),
            sum(value / len(some) for some, value in variances.items() if axis in some),
        ]
        for axis in range(axes)
    ]
    return np.array(shares) / whole


def by_quadrature(chance, axes, nodes=24):
    """The shares of a smooth function on the unit cube, by Gauss-Legendre quadrature."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    grid = np.meshgrid(*[(places + 1) / 2] * axes, indexing="ij")
    values = chance(np.stack(grid, axis=-1).reshape(-1, axes)).reshape([nodes] * axes)

    def mean(table, over):
        for axis in sorted(over, reverse=True):
            table = np.tensordot(table, weights / 2, (axis, 0))
        return table

    variances = {}
    for number in range(1, axes + 1):
        for some in itertools.combinations(range(axes), number):
            left = mean(values, [axis for axis in range(axes) if axis not in some])
            every = range(number)
            below = sum(value for other, value in variances.items() if set(other) < set(some))
            variances[some] = mean(left**2, every) - mean(left, every) ** 2 - below
    return shares_of(variances, axes)


def _ishigami(points):
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    return (np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x) + 11) / 30


_G = np.array([0.0, 1.0, 4.5, 9.0])


def _g(points):
    product = np.prod((np.abs(4 * points - 2) + _G) / (1 + _G), axis=1)
    return 0.05 + 0.9 * product / np.prod((2 + _G) / (1 + _G))


def _logistic(points):
    apart = points - 0.5
    joint = 4 * apart[:, 0] * apart[:, 1]
    return 1 / (1 + np.exp(1.5 - joint - apart @ np.array([3.0, 2.0, 1.0, 0.0])))


def _g_shares():
    own = 1 / (3 * (1 + _G) ** 2)
    sets = itertools.chain(*(itertools.combinations(range(4), number) for number in range(1, 5)))
    return shares_of({some: math.prod(own[list(some)]) for some in sets}, 4)


_UNIT = dict.fromkeys("abcd", (0.0, 1.0))
ISHIGAMI = Known(
    _ishigami,
    dict.fromkeys("abcd", (-math.pi, math.pi)),
    shares_of(
        {
            (0,): (1 + 0.1 * math.pi**4 / 5) ** 2 / 2,
            (1,): 49 / 8,
            (0, 2): 8 * 0.1**2 * math.pi**8 / 225,
        },
        4,
    ),
)
"""Ishigami and Homma 1990, and an idle axis."""
G_FUNCTION = Known(_g, _UNIT, _g_shares())
"""Sobol' 1993; it has a corner on each axis."""
LOGISTIC = Known(_logistic, _UNIT, by_quadrature(_logistic, 4))
"""Three axes, two of which act together, and an idle one."""
KNOWN = {"ishigami": ISHIGAMI, "g": G_FUNCTION, "logistic": LOGISTIC}
