"""A made-up answer to which packages of levers no other beats, to draw and to brief."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from helpers.answers import SIDES, setting_of
from helpers.figures import difference
from sim.attribution.optimise.aims import MET, MISSED, OPEN, Aims, aims_of
from sim.attribution.optimise.result import Optimised
from sim.attribution.optimise.told import Answer, Package
from sim.estimates import Odds
from sim.experiments.differences import PriceDifference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.inputs.levers import LEVERS

FIVE = (
    *("sanctions.us_threat", "aid.level", "offer.territory"),
    *("guarantee.us_backstop", "monitoring.strength"),
)
TWELVE = tuple(name for name in LEVERS if name.startswith(("sanctions", "offer", "mandate")))[:12]
COSTS = {
    "schema": "truce/costs/1",
    "unit": "billion euros",
    "cost": {"us": {"aid.level": 20.0}, "europe": {"monitoring.strength": 10.0}},
}
BASE = 0.118
PACKAGES = (
    # levers moved, odds, worth to each side, behind the best, on the front
    (4, 0.215, 0.004, 0.012, None, True),
    (5, 0.214, 0.002, 0.010, 0.001, False),
    (3, 0.213, 0.003, 0.018, 0.002, True),
    (4, 0.198, 0.012, 0.016, 0.017, True),
    (2, 0.172, 0.020, 0.011, 0.043, True),
    (1, 0.140, 0.006, 0.031, 0.075, True),
    (1, 0.135, -0.021, 0.010, 0.080, False),
    (0, BASE, 0.0, 0.0, 0.097, False),
)


def an_optimised(
    *,
    levers: tuple[str, ...] = FIVE,
    packages: tuple[tuple[Any, ...], ...] = PACKAGES,
    costs: Mapping[str, Any] | None = None,
    half: float = 0.003,
    members: tuple[float, float] = (0.0, 0.3),
    title: str = "",
    **wanted: Any,
) -> Optimised:
    """Packages of the last leg, the best first.

    Parameters
    ----------
    packages
        As `PACKAGES`.
    half
        Of every interval of odds; worths are known to a third of it, in stakes.
    members
        Of every change of odds.
    **wanted
        ``objective``, ``robust``, ``where`` and ``reach``, as of `sim.optimise`.
    """
    setting = setting_of("baseline", title=title)
    payers = tuple(costs["cost"]) if costs else ()
    aims = aims_of(wanted, setting.first.conflict, payers)
    met = [_met(one, aims) for one in packages]
    best = met.index(True) if True in met else None
    known = _Known(half, members, best is not None)
    told = tuple(_package(levers, one, aims, known) for one in packages)
    asked = {
        "vary": [{"lever": name, "low": 0.0, "high": 1.0} for name in levers],
        "objective": list(aims.objectives),
        "robust": aims.robust,
        "where": [str(bound) for bound in aims.where],
        "reach": None if aims.reach is None else str(aims.reach),
        "most_levers": None,
        "points": 256,
        "costs": dict(costs) if costs else None,
        "costs_file": None,
    }
    regret = None if best is None else (0.014, 0.049)
    return Optimised(
        setting, asked, aims, Answer(told, best, 0 if best is None else best, regret), 312
    )


def _values(one: tuple[Any, ...], aims: Aims) -> dict[str, float]:
    """What a package does, by quantity."""
    moved, odds, *worths, _, _ = one
    paid = _paid(moved, aims)
    return {
        aims.outcome: odds,
        "cost": sum(paid.values()),
        "worse_off": min(worths),
        "aim": odds / 3.0 if aims.robust == "worst-quarter" else odds - 0.3,
        **{f"worth_{side}": mean for side, mean in zip(SIDES, worths, strict=True)},
        **{f"cost_{payer}": cost for payer, cost in paid.items()},
    }


def _paid(moved: int, aims: Aims) -> dict[str, float]:
    return {payer: 10.0 * moved / (n + 1) for n, payer in enumerate(aims.payers)}


def _met(one: tuple[Any, ...], aims: Aims) -> bool:
    values = _values(one, aims)
    return all(bound.met(values[bound.quantity]) for bound in aims.conditions)


class _Known(NamedTuple):
    half: float
    members: tuple[float, float]
    any_best: bool


def _package(levers: tuple[str, ...], one: tuple[Any, ...], aims: Aims, known: _Known) -> Package:
    moved, odds, *worths, behind, front = one
    half = known.half
    values, qualifies = _values(one, aims), _met(one, aims)
    third = half / 3.0 if moved else 0.0
    conditions = {}
    for bound in aims.conditions:
        value = values[bound.quantity]
        error = half if bound.quantity == aims.outcome else third
        slack = bound.value - value if bound.upper else value - bound.value
        conditions[str(bound)] = MET if slack >= error else MISSED if slack < -error else OPEN
    apart = None
    if known.any_best and behind is not None:
        apart = Estimate(behind, (behind - 1.5 * half, behind + 1.5 * half))
    return Package(
        {name: "deferred" if "offer" in name else 0.955 for name in levers[:moved]},
        Odds(odds, (odds - half, odds + half), (0.01, 0.6), odds),
        difference(odds - BASE, known.members, 0.97, 0.02, half=half if moved else 0.0),
        {side: _worth(mean, third) for side, mean in zip(SIDES, worths, strict=True)},
        _paid(moved, aims),
        values[aims.primary],
        apart,
        front and qualifies,
        conditions,
        qualifies,
    )


def _worth(mean: float, half: float) -> PriceDifference:
    return PriceDifference(mean, (mean - half, mean + half), (mean, mean), None, None)
