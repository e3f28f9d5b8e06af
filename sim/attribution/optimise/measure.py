"""What packages were seen to do in the worlds of one leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.attribution.optimise.aims import AIM, ROBUST, WORSE_OFF, Aims, is_cost
from sim.attribution.optimise.packages import stands_still
from sim.attribution.sensitivity.best import fitted_odds
from sim.bounds import Bound
from sim.engine.dtypes import Floats, Ints
from sim.experiments.kernel import Grid
from sim.experiments.luck_free import Spread, spread_of_odds
from sim.outcomes import OUTCOMES, hits_of

QUARTER = 0.25
"""The share of the members that counts in a robust objective."""


class Measured(NamedTuple):
    """Packages, and what they were seen to do.

    Attributes
    ----------
    rows
        The packages, shape (packages, levers).
    values, errors
        By quantity of `Aims.quantities`, its value and its standard error by package. Worths are
        changes from the scenario as it stands.
    """

    rows: Ints
    values: Mapping[str, Floats]
    errors: Mapping[str, Floats]

    def some(self, numbers: Sequence[int] | Ints) -> Measured:
        """Return some of the packages."""
        values, errors = (
            {name: one[numbers] for name, one in each.items()}
            for each in (self.values, self.errors)
        )
        return Measured(self.rows[numbers], values, errors)

    def high(self, name: str) -> Floats:
        """Return a quantity so that more is better."""
        return -self.values[name] if is_cost(name) else self.values[name]

    def slack(self, bound: Bound, margin: float = 0.0) -> Floats:
        """Return by how much a condition is met, less some standard errors."""
        value = self.values[bound.quantity]
        over = bound.value - value if bound.upper else value - bound.value
        return over - margin * self.errors[bound.quantity]


def together(parts: Sequence[Measured]) -> Measured:
    """Return the packages of several parts that ran in the same worlds."""
    names = parts[0].values
    values = {name: np.concatenate([part.values[name] for part in parts]) for name in names}
    errors = {name: np.concatenate([part.errors[name] for part in parts]) for name in names}
    return Measured(np.concatenate([part.rows for part in parts]), values, errors)


def measured(
    grid: Grid, rows: Ints, aims: Aims, costs: Mapping[str, Floats], *, full: bool
) -> Measured:
    """Measure packages in the worlds of a leg.

    Parameters
    ----------
    grid
        The packages. One of them must move nothing: worths are changes from there.
    costs
        By quantity, what each package costs.
    full
        Whether the leg has enough worlds of every member for regret; the mean stands for it else.
    """
    still = stands_still(rows)
    values, errors = {}, {}
    for name in aims.quantities:
        if is_cost(name):
            value, error = costs[name], np.zeros(len(rows))
        elif name in OUTCOMES:
            value, error = _odds(grid, name)
        elif name == AIM:
            value, error = _odds(grid, aims.outcome)
            if aims.robust != "regret" or full:
                value = robust_odds(grid, aims)
        elif name == WORSE_OFF:
            both = [_worth(grid, side, still) for side in range(2)]
            means, apart = (np.stack(each) for each in zip(*both, strict=True))
            lower = means.argmin(axis=0)[np.newaxis]
            value = np.take_along_axis(means, lower, axis=0)[0]
            error = np.take_along_axis(apart, lower, axis=0)[0]
        else:
            value, error = _worth(grid, aims.sides.index(name.removeprefix("worth_")), still)
        values[name], errors[name] = value, error
    return Measured(rows, values, errors)


def _odds(grid: Grid, outcome: str) -> tuple[Floats, Floats]:
    odds: Floats = hits_of(grid.ended, outcome).mean(axis=1)
    return odds, np.sqrt(odds * (1.0 - odds) / len(grid.member))


def _worth(grid: Grid, side: int, still: int) -> tuple[Floats, Floats]:
    worth = grid.ended["worth"][..., side]
    shift = worth - worth[still].astype(np.float64)
    return shift.mean(axis=1), shift.std(axis=1) / np.sqrt(shift.shape[1])


# ------------------------------------------------------------------ robust odds


def robust_odds(grid: Grid, aims: Aims) -> Floats:
    """Return the robust form of the odds of each package, luck taken out.

    For `worst-quarter` the mean odds of the quarter of the members in which a package has the
    lowest. For `regret` the mean of the largest quarter of what it misses: the odds of the best
    package of the same grid for a member, less its own; negative, so that more is better.
    """
    used, member = np.unique(grid.member, return_inverse=True)
    if aims.robust == ROBUST[2]:
        compact = Grid(grid.ended, member, grid.first)
        odds, weights = fitted_odds(compact, OUTCOMES[aims.outcome], len(used))
        missed = odds - odds.max(axis=1, keepdims=True)
        return np.array([_lowest(column, weights) for column in missed.T])
    found, worlds = hits_of(grid.ended, aims.outcome), np.bincount(member)
    each = (np.bincount(member[row], minlength=len(used)) for row in found)
    return np.array([spread_of_odds(one, worlds).lowest(QUARTER) for one in each])


def _lowest(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    return Spread(values[order], weights[order] / weights.sum()).lowest(QUARTER)
