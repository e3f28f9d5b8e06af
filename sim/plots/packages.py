"""Packages of levers as marks in panels, odds against price, and what they move as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.attribution.optimise.aims import AIM, COST, is_cost
from sim.plots import style
from sim.plots.page import Key, one_line
from sim.plots.panels import BEST, TODAY
from sim.plots.style import INK, PAPER
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package

MOST_SHOWN = 8
"""How many packages have a number, and a column of the table, at most."""
FRONT = style.OUTCOME_COLOURS["held"]
GREY = style.MEMBERS_EDGE
_ROUND, _TIED, _OUT = "o", "D", "x"
_MARK = 11.5
"""Size of a mark with a number, in points."""
SHADE: dict[str, Any] = {
    "fc": style.RULED_OUT,
    "ec": style.RULED_OUT_EDGE,
    "lw": 0.8,
    "hatch": "//",
}
"""What a condition rules out."""


class Seen(NamedTuple):
    """A value of a package on an axis, and the interval of its dice if one is known."""

    value: float
    mc: tuple[float, float] | None

    @property
    def ends(self) -> tuple[float, float]:
        """Where it reaches."""
        return self.mc or (self.value, self.value)


def shown_of(found: Optimised, most: int) -> tuple[Package, ...]:
    """Return the packages with a number and a column of the table, the highest odds first.

    They lie evenly along the front, and the best is among them. If no package qualifies, it is
    that which comes closest.
    """
    if found.best is None:
        return (found.closest,) if found.closest.levers else ()
    front = [one for one in found.front if one.levers or one is found.best]
    if len(front) <= most:
        return tuple(front)
    best = next(n for n, one in enumerate(front) if one is found.best)
    if most == 1:
        return (front[best],)
    steps = (len(front) - 1) / (most - 1)
    places = [round(n * steps) for n in range(most)]
    nearest = min(range(most), key=lambda n: abs(places[n] - best))
    places[nearest] = best
    return tuple(front[n] for n in sorted(set(places)))


# ------------------------------------------------------------------ what is on an axis


def quantities_of(found: Optimised) -> tuple[str, ...]:
    """Return what has a panel: the worth to each side, and a cost if things cost something."""
    aims = found.aims
    worths = tuple(f"worth_{side}" for side in aims.sides)
    if not aims.payers:
        return worths
    return (*worths, next((name for name in aims.objectives if is_cost(name)), COST))


def seen(one: Package, quantity: str) -> Seen:
    """Return what a panel shows of a package."""
    if is_cost(quantity):
        payer = quantity.removeprefix("cost_")
        return Seen(sum(one.cost.values()) if quantity == COST else one.cost[payer], None)
    worth = one.worth[quantity.removeprefix("worth_")]
    return Seen(worth.mean, worth.mc)


def height_of(found: Optimised, one: Package) -> Seen:
    """Return how high a package stands: its odds, or their robust form if it is ranked by that."""
    if found.aims.primary == AIM:
        return Seen(one.aim, None)
    return Seen(one.odds.mean, one.odds.mc)


def name_of(found: Optimised, quantity: str) -> str:
    """Name a worth or a cost."""
    names = found.setting.first.conflict.names
    if quantity == COST:
        return "cost"
    if is_cost(quantity):
        return one_line(f"cost to {names[quantity.removeprefix('cost_')]}")
    return one_line(f"worth to {names[quantity.removeprefix('worth_')]}")


def shares_of(packages: Sequence[Package]) -> list[str]:
    """Write odds in per cent, all no finer than the widest of their intervals."""
    digits = 1 if max(one.odds.half_width for one in packages) <= 0.005 else 0
    return [f"{100.0 * one.odds.mean:.{digits}f}" for one in packages]


# ------------------------------------------------------------------ marks and key


def look_of(found: Optimised, one: Package) -> dict[str, Any]:
    """Return how a package is marked, told apart by shape and by whether the mark is full."""
    if one is found.closest and one.levers:
        return {**BEST, "mfc": FRONT if one is found.best else PAPER}
    if not one.levers:
        return TODAY
    if not one.qualifies:
        return _look(_OUT, 7.0, full=False)
    mark = _TIED if one.tied or one.ahead else _ROUND
    return _look(mark, _MARK if one.front else 7.0, full=one.front)


def _look(mark: str, size: float, *, full: bool) -> dict[str, Any]:
    colour = FRONT if full else GREY
    return {"marker": mark, "ms": size, "mfc": FRONT if full else PAPER, "mec": colour,
            "mew": 1.4, "ls": ""}  # fmt: skip


def on_panel(found: Optimised, one: Package, shown: Sequence[Package]) -> dict[str, Any]:
    """Return the same in a panel, where a mark without a number is small."""
    look = look_of(found, one)
    small = one.front and one not in shown and one is not found.best and one.levers
    return {**look, "ms": 8.0} if small else look


def order_of(found: Optimised, one: Package) -> float:
    """Return which marks lie above others."""
    if one is found.closest or not one.levers:
        return 8.0
    return 6.0 if one.front else 5.0


def key_of(found: Optimised) -> Key:
    """Explain the marks that there are."""
    packages = [one for one in found.packages if one.levers and one is not found.closest]
    told: list[tuple[Any, str]] = []
    if found.closest.levers:
        what = "the best, chosen before these worlds ran"
        if found.best is None:
            what = "comes closest to the conditions"
        told.append((_handle(look_of(found, found.closest)), what))
    told.append((_handle(TODAY), "the scenario as it stands"))
    kinds = {
        "no other package beats it": (_ROUND, True, [one for one in packages if one.front]),
        "tied with the best, or ahead of it": (
            *(_TIED, any(one.front for one in packages if one.tied or one.ahead)),
            [one for one in packages if one.tied or one.ahead],
        ),
        "another package beats it": (
            *(_ROUND, False),
            [one for one in packages if one.qualifies and not (one.front or one.tied or one.ahead)],
        ),
        "does not meet the conditions": (
            *(_OUT, False),
            [one for one in packages if not one.qualifies],
        ),
    }
    for words, (mark, full, some) in kinds.items():
        if some:
            told.append((_handle(_look(mark, 9.0, full=full)), words))
    dice = Line2D([], [], color=INK, lw=0.9, alpha=0.7)
    told.append((dice, f"95{PER_CENT} interval: dice, of each package alone"))
    if found.aims.conditions:
        told.append((Patch(**SHADE), "ruled out by a condition"))
    return told


def _handle(look: dict[str, Any]) -> Line2D:
    return Line2D([], [], **{**look, "ms": min(float(look["ms"]), 13.0)})
