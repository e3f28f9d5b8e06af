"""What is told of the packages of the last leg, all of it from luck that chose none of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.optimise.aims import AIM, MET, MISSED, OPEN, WORSE_OFF, Aims, is_cost
from sim.attribution.optimise.choose import FEW, breaches, front, ranked
from sim.attribution.optimise.measure import Measured, measured
from sim.attribution.optimise.packages import Space, stands_still
from sim.attribution.optimise.search import LEAST, Costs, Found
from sim.attribution.sensitivity.unknowns import everything_known
from sim.engine.dtypes import Floats, Ints
from sim.estimates import Odds, Z
from sim.experiments.differences import Difference, PriceDifference
from sim.experiments.kernel import Grid
from sim.experiments.paired import paired_with
from sim.experiments.sensitivity.jackknife import Estimate
from sim.inputs.frozen import FrozenMapping
from sim.inputs.levers import Value
from sim.outcomes import OUTCOMES, hits_of

LEVEL = 0.05
"""The chance that any interval of what lies behind the best misses what is true, all together."""
_TAIL = 2.0
"""A mean of a quarter of the members is known half as well as that of all."""


class Package(NamedTuple):
    """Some levers moved from where they stand, and what comes of it.

    Attributes
    ----------
    levers
        Those that are moved, and to what.
    odds
        Of the outcome.
    difference
        Of these odds from those as the levers stand.
    worth
        By actor of a side, the change in what a world is worth to it, in stakes.
    cost
        By payer, what is paid; empty if nobody said what things cost.
    aim
        What packages are ranked by: odds, the robust form of the odds, a worth, or a cost.
    behind
        How far it is behind the best in this, with an interval that holds for all packages
        together; None of the best itself, or if none qualifies.
    front
        Whether no other package beats it in one objective without a loss in another.
    conditions
        By condition, whether the dice say that it is met: `MET`, `OPEN` or `MISSED`.
    qualifies
        Whether all conditions are met by the estimates.
    """

    levers: Mapping[str, Value]
    odds: Odds
    difference: Difference
    worth: Mapping[str, PriceDifference]
    cost: Mapping[str, float]
    aim: float
    behind: Estimate | None
    front: bool
    conditions: Mapping[str, str]
    qualifies: bool

    @property
    def tied(self) -> bool:
        """Whether it meets the conditions, too, and cannot be told apart from the best."""
        if self.behind is None or not self.qualifies:
            return False
        return self.behind.mc[0] <= 0.0 <= self.behind.mc[1]

    @property
    def ahead(self) -> bool:
        """Whether it qualifies and is clearly ahead of the best, which was chosen by other luck."""
        return self.behind is not None and self.qualifies and self.behind.mc[1] < 0.0

    def as_dict(self, outcome: str) -> dict[str, Any]:
        """Return it as plain data; the odds stand under the name of the outcome."""
        return {
            "levers": dict(self.levers),
            outcome: self.odds.as_dict(),
            "difference": self.difference.as_dict(),
            "worth": {actor: one.as_dict() for actor, one in self.worth.items()},
            "cost": dict(self.cost),
            "aim": self.aim,
            "behind": None if self.behind is None else self.behind.as_dict(),
            "tied_with_best": self.tied,
            "ahead_of_best": self.ahead,
            "front": self.front,
            "conditions": dict(self.conditions),
            "qualifies": self.qualifies,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], outcome: str) -> Package:
        """Return what `as_dict` gave."""
        worth, behind = document["worth"].items(), document["behind"]
        return cls(
            FrozenMapping(document["levers"]),
            Odds.from_dict(document[outcome]),
            Difference.from_dict(document["difference"]),
            {actor: PriceDifference.from_dict(one) for actor, one in worth},
            {payer: float(paid) for payer, paid in document["cost"].items()},
            float(document["aim"]),
            None if behind is None else Estimate.from_dict(behind),
            bool(document["front"]),
            dict(document["conditions"]),
            bool(document["qualifies"]),
        )


class Answer(NamedTuple):
    """What a search comes to.

    Attributes
    ----------
    packages
        Those of the last leg, the best of the race first; the scenario as it stands is one of
        them, and moves nothing.
    best
        Which of them; None if none qualifies.
    closest
        Which of them comes closest to meeting the conditions; the best if that meets them.
    regret
        What it would add to the odds to know all of a member before choosing among the packages,
        as a bracket; None if none qualifies.
    """

    packages: tuple[Package, ...]
    best: int | None
    closest: int
    regret: tuple[float, float] | None


def tell(found: Found, space: Space, aims: Aims, costs: Costs, members: int) -> Answer:
    """Tell what the packages of the last leg do.

    The best is the first in the order of the race that qualifies in the last leg: the order owes
    nothing to the luck by which it is told.
    """
    rows, grid = found.rows, found.grid
    price = costs(rows)
    seen = measured(grid, rows, aims, price, full=True)
    qualifies = breaches(seen, aims) == 0.0
    best = next((n for n in range(len(rows)) if qualifies[n]), None)
    closest = ranked(seen, aims)[0] if best is None else best
    behind = _behind(grid, seen, aims, best)
    unbeaten = _unbeaten(grid, seen, aims, qualifies)
    hits = OUTCOMES[aims.outcome]
    base = grid.rows(stands_still(rows))

    def told(n: int) -> Package:
        paired = paired_with(base, grid.rows(n), members, hits)
        return Package(
            FrozenMapping(space.settings(rows[n])),
            paired.odds,
            paired.difference,
            dict(zip(aims.sides, paired.worth, strict=True)),
            {payer: float(price[f"cost_{payer}"][n]) for payer in aims.payers},
            float(seen.values[aims.primary][n]),
            behind[n],
            bool(unbeaten[n]),
            _conditions(seen.some([n]), aims),
            bool(qualifies[n]),
        )

    packages = tuple(told(n) for n in range(len(rows)))
    regret = None if best is None else everything_known(grid, hits, best)
    return Answer(packages, best, closest, regret)


def _conditions(seen: Measured, aims: Aims) -> dict[str, str]:
    """By condition, what the dice say of one package."""
    told = {}
    for bound in aims.conditions:
        slack = float(seen.slack(bound)[0])
        half = Z * float(seen.errors[bound.quantity][0])
        told[str(bound)] = MET if slack >= half else MISSED if slack < -half else OPEN
    return told


# ------------------------------------------------------------------ set against each other


def _behind(grid: Grid, seen: Measured, aims: Aims, best: int | None) -> list[Estimate | None]:
    """How far each package is behind the best, with intervals that hold for all together."""
    number = len(seen.rows)
    if best is None:
        return [None] * number
    high = seen.high(aims.primary)
    wider = NormalDist().inv_cdf(1.0 - LEVEL / (2 * max(1, number - 1)))
    parts = _parts(grid, aims, aims.primary, stands_still(seen.rows))
    told: list[Estimate | None] = []
    for n in range(number):
        gap = float(high[best] - high[n])
        half = wider * _error(parts, best, n, aims.primary)
        told.append(None if n == best else Estimate(gap, (gap - half, gap + half)))
    return told


def _unbeaten(
    grid: Grid, seen: Measured, aims: Aims, qualifies: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which packages that qualify no other beats.

    One beats another if it is clearly better in one objective and clearly worse in none: by more
    than the dice explain, and of odds and worths by more than `LEAST`. Of those that are alike in
    all, the first in the order of the race stays.
    """
    names = aims.maximised
    high = np.stack([seen.high(name) for name in names], axis=1)
    parts = [_parts(grid, aims, name, stands_still(seen.rows)) for name in names]

    least = np.array([0.0 if is_cost(name) else LEAST for name in names])

    def gaps(one: int, other: int) -> tuple[Floats, Floats]:
        each = zip(parts, names, strict=True)
        errors = np.array([_error(part, one, other, name) for part, name in each])
        return high[one] - high[other], np.maximum(Z * errors, least)

    may = np.flatnonzero(qualifies)
    may = may[front(high[may])]
    kept: list[int] = []
    for n in may.tolist():
        against = [gaps(m, n) for m in may.tolist() if m != n]
        beaten = any((gap > e).any() and (gap >= -e).all() for gap, e in against)
        alike = any((abs(gap) <= e).all() for gap, e in (gaps(m, n) for m in kept))
        if not beaten and not alike:
            kept.append(n)
    found = np.zeros(len(high), bool)
    found[kept] = True
    return found


def _parts(grid: Grid, aims: Aims, name: str, still: int) -> NDArray[np.floating[Any]] | None:
    """What each world adds to a quantity, by package; None of a cost, which is exact."""
    if is_cost(name):
        return None
    if name == AIM or name in OUTCOMES:
        return hits_of(grid.ended, aims.outcome if name == AIM else name).astype(np.float32)
    worth = grid.ended["worth"]
    if name != WORSE_OFF:
        one: NDArray[np.float32] = worth[..., aims.sides.index(name.removeprefix("worth_"))]
        return one
    shift = worth - worth[still]
    lower: Ints = shift.mean(axis=1).argmin(axis=1)
    found: NDArray[np.float32] = np.take_along_axis(shift, lower[:, None, None], axis=2)[..., 0]
    return found


def _error(parts: NDArray[np.floating[Any]] | None, one: int, other: int, name: str) -> float:
    """The standard error of the difference of two packages, in the same worlds."""
    if parts is None:
        return 0.0
    apart = (parts[one] - parts[other]).astype(np.float64)
    wider = _TAIL if name == AIM else 1.0
    return wider * float(apart.std()) / float(np.sqrt(len(apart)))


def best_of_few(packages: Sequence[Package]) -> dict[int, Package]:
    """Return by number of levers the best package that moves no more, if any qualifies.

    The packages stand in the order of the race, as of `Answer`.
    """
    found = {}
    for most in FEW:
        mine = (one for one in packages if one.qualifies and len(one.levers) <= most)
        first = next(mine, None)
        if first is not None:
            found[most] = first
    return found
