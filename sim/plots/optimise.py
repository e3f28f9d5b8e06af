"""Which packages of levers no other beats: odds against what they are worth to each side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.attribution.optimise.aims import AIM, COST, MET, OPEN, is_cost
from sim.outcomes import HAPPENING, OUTCOMES
from sim.plots.package_panels import draw_panels
from sim.plots.package_table import PackageTable, lever_meaning
from sim.plots.packages import MOST_SHOWN, key_of, shares_of, shown_of
from sim.plots.page import Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.panels import word
from sim.plots.style import drawable
from sim.plots.waterfall import short_title
from sim.plots.words import PER_CENT, PRIOR, percent, title_of, within
from sim.price import digits_of, stakes
from sim.text import counted

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package
    from sim.bounds import Bound

_PANELS = {"slide": 0.0, "page": 560.0, "column": 470.0}
"""Height of the panels where the table stands below them, in pixels."""
_MOST_TABLE = {"slide": 835.0, "page": 1152.0, "column": 660.0}


# ------------------------------------------------------------------ findings


def finding(found: Optimised) -> str:
    """Say in one sentence what the best package does, at what price, and what is level with it."""
    best = found.best
    if best is None:
        return _nothing(found)
    if not best.levers:
        said = _as_it_stands(found)
    elif found.aims.reach is not None:
        said = _reached(found, best, found.aims.reach)
    else:
        said = _gain(found, best)
    return f"{said}{_level(found)}"


def _gain(found: Optimised, best: Package) -> str:
    """What the best package adds to what packages are ranked by, if the intervals tell."""
    aims, base, what = found.aims, found.base, HAPPENING[found.aims.outcome]
    moving, at = _moving(found, best), terms(found, best)
    if is_cost(aims.primary):
        return f"{moving} is the cheapest package found{at}"
    ahead = base.behind is not None and base.behind.mc[0] > 0.0
    if aims.primary.startswith("worth_"):
        side = _side(found, aims.primary)
        if not ahead:
            return f"no package clearly adds to the worth to {side}"
        return (
            f"{moving} adds {_worth(best, aims.primary)} stakes to the worth to {side}, and takes "
            f"the odds that {what} from {_from_to(found, best)}{at}"
        )
    if aims.primary == AIM:
        return _robust(found, best, ahead=ahead)
    if ahead:
        average = " on average" if best.difference.split else ""
        return f"{moving} raises the odds that {what} from {_from_to(found, best)}{average}{at}"
    if base.behind is not None and base.behind.mc[1] < 0.0:
        both = _from_to(found, best)
        return f"the best package that meets the conditions takes the odds that {what} from {both}"
    return f"no package clearly raises the odds that {what} from {_odds(found, base)}"


def _robust(found: Optimised, best: Package, *, ahead: bool) -> str:
    """The same of odds in a robust form: whose odds they are is said."""
    what, moving, at = HAPPENING[found.aims.outcome], _moving(found, best), terms(found, best)
    before, after = (f"{abs(100.0 * one.aim):.1f}" for one in (found.base, best))
    if found.aims.robust == "regret":
        below = (
            "points below those of the best package for each member, in the quarter of the members "
            "where they miss most"
        )
        if not ahead:
            return f"no package clearly brings the odds that {what} nearer than {before} {below}"
        return f"{moving} brings the odds that {what} from {before} to {after} {below}{at}"
    whose = f"the odds that {what} in the quarter of the members where they are lowest"
    if not ahead:
        return f"no package clearly raises {whose}, {before}{PER_CENT}"
    return f"{moving} raises {whose} from {before} to {after}{PER_CENT}{at}"


def _moving(found: Optimised, one: Package) -> str:
    if len(one.levers) > 1:
        return f"moving {counted(len(one.levers), 'lever')}"
    ((lever, value),) = one.levers.items()
    return f"moving “{lever_meaning(found, lever)}” to {word(value)}"


def terms(found: Optimised, one: Package) -> str:
    """Say whether a package meets the conditions as far as the dice tell, who loses, who pays."""
    aims = found.aims
    told = [one.conditions[str(bound)] for bound in aims.where]
    sure = all(status == MET for status in told)
    said = ""
    if _no_worse(found):
        said = f", without {'loss' if sure else 'a clear loss'} to either side"
    else:
        said = losers(found, one)
        if told:
            said += ", meeting every condition" + ("" if sure else " by its estimate")
    if aims.payers:
        saves, much = _cost(found, one)
        said += f", {'saving' if saves else 'for'} {much}"
    return said


def losers(found: Optimised, one: Package) -> str:
    """Say which sides clearly lose by a package."""
    names = [
        _side(found, side)
        for side, worth in one.worth.items()
        if worth.mc is not None and worth.mc[1] < 0.0
    ]
    return f", at a loss to {' and '.join(names)}" if names else ""


def _no_worse(found: Optimised) -> bool:
    """Whether the conditions are that neither side is worse off."""
    default = {f"worth_{side}>=0" for side in found.aims.sides}
    return {str(bound) for bound in found.aims.where} == default


def _level(found: Optimised) -> str:
    """How many packages the intervals do not tell from the best, and how many came out ahead."""
    ahead, level = len(found.ahead), len(found.tied)
    said = []
    if level:
        said.append(f"{level} {'others are' if level > 1 else 'other is'} tied with the best")
    if ahead:
        said.append(f"{ahead} {'' if level else 'other '}came out ahead")
    return f"; {', '.join(said)}" if said else ""


def _as_it_stands(found: Optimised) -> str:
    base, tried = found.base, counted(found.screened, "package")
    meets = " that meets the conditions" if found.aims.conditions else ""
    if found.aims.reach is not None:
        return f"the scenario as it stands already reaches {bound_text(found, found.aims.reach)}"
    return (
        f"of {tried} that were tried, none{meets} is seen to do better than the scenario as it "
        f"stands, where {HAPPENING[found.aims.outcome]} in {_odds(found, base)}"
    )


def _reached(found: Optimised, best: Package, reach: Bound) -> str:
    status = best.conditions[str(reach)]
    moves = _moving(found, best).removeprefix("moving ")
    said = (
        f"the cheapest package found that reaches {bound_text(found, reach)} moves {moves} "
        f"and gets {_odds(found, best)}: {price_text(found, best)}"
    )
    return f"{said}; whether it reaches them is within the error" if status == OPEN else said


def price_text(found: Optimised, one: Package) -> str:
    """Say what a package costs, or what it is worth to the side that gains less."""
    if found.aims.payers:
        saves, much = _cost(found, one)
        return f"it {'saves' if saves else 'costs'} {much}{losers(found, one)}"
    actor, worth = min(one.worth.items(), key=lambda pair: pair[1].mean)
    name, digits = _side(found, f"worth_{actor}"), digits_of(worth.half_width)
    verb = "loses" if worth.mean < 0.0 else "gains"
    other = "side that fares worse"
    return f"the {other}, {name}, {verb} {stakes(abs(worth.mean), digits)} stakes"


def _nothing(found: Optimised) -> str:
    reach, closest = found.aims.reach, found.closest
    tried = f"none of {counted(found.screened, 'package')} that were tried"
    near = f"in the closest {_has(found, closest)}{losers(found, closest)}"
    if reach is None:
        return f"{tried} meets the conditions; {near}"
    others = " and meets the other conditions" if found.aims.where else ""
    return f"{tried} reaches {bound_text(found, reach)}{others}; {near}"


def _has(found: Optimised, one: Package) -> str:
    """What a package has of that which was to be reached, as far as it is told."""
    reach = found.aims.reach
    if reach is not None and reach.quantity.startswith("worth_"):
        return f"that is {_worth(one, reach.quantity)} stakes"
    return f"{HAPPENING[found.aims.outcome]} in {_odds(found, one)}"


# ------------------------------------------------------------------ words of numbers


def bound_text(found: Optimised, bound: Bound) -> str:
    """Say a condition in words."""
    if bound.quantity in OUTCOMES:
        share = f"{100.0 * bound.value:g}{PER_CENT}"
        return f"odds of {bound.words} {share} that {HAPPENING[bound.quantity]}"
    if is_cost(bound.quantity):
        payer = "" if bound.quantity == COST else f" to {_side(found, bound.quantity)}"
        return f"a cost{payer} of {bound.words} {bound.value:g} {found.unit}"
    side = _side(found, bound.quantity)
    if bound.value == 0.0 and bound.sign == ">=":
        return f"{side} no worse off"
    return f"a change of the worth to {side} of {bound.words} {bound.value:+g} stakes".replace(
        "-", "\u2212"
    )


def _side(found: Optimised, quantity: str) -> str:
    actor = quantity.removeprefix("worth_").removeprefix("cost_")
    return one_line(found.setting.first.conflict.names[actor])


def _cost(found: Optimised, one: Package) -> tuple[bool, str]:
    """Whether a package saves something, and how much it saves or costs."""
    total = sum(one.cost.values())
    return total < 0.0, one_line(f"{abs(total):.3g} {found.unit}")


def _worth(one: Package, quantity: str) -> str:
    worth = one.worth[quantity.removeprefix("worth_")]
    text = stakes(worth.mean, digits_of(worth.half_width), signed=True)
    return text.replace("-", "\u2212")


def _odds(found: Optimised, one: Package) -> str:
    return percent(one.odds, found.setting.worlds)


def _from_to(found: Optimised, one: Package) -> str:
    return f"{' to '.join(shares_of((found.base, one)))}{PER_CENT}"


def caption(found: Optimised) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    number = len(found.packages)
    tried = f"{found.screened} packages tried, {number} of them run again on luck that chose none"
    return drawable(f"{found.setting.caption} · {tried} · optimise {found.id}")


# ------------------------------------------------------------------ the figure


@figure_of
def optimise(found: Optimised, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the packages that no other beats: odds against the worth to each side, and costs.

    Parameters
    ----------
    found
        From `sim.optimise`.
    size, bare
        As in `sim.plots.odds`. What the packages move stands at the side of a slide, and below
        the panels of a page or a column.

    Returns
    -------
    matplotlib.figure.Figure
        A mark is a package of the last leg. Numbers lead from the marks to the table.
    """
    for most in range(MOST_SHOWN, 0, -1):
        shown = shown_of(found, most)
        table = PackageTable(found, shown, _MOST_TABLE[size], size)
        if table.width <= _MOST_TABLE[size]:
            break
    moved = bool(table.levers)
    under = 24.0 + table.height() if moved else 0.0
    sheet = new_sheet(size, _words(found), _PANELS[size] + under, key_of(found), bare=bare)
    beside = size == "slide"
    left = sheet.width - table.width - 44.0 if beside and moved else sheet.width
    panels = sheet.part(0.0, 0.0, left, sheet.height if beside else _PANELS[size])
    draw_panels(panels, found, shown, _upwards(found))
    if moved and beside:
        table.draw(sheet.part(left + 44.0, 0.0, table.width, sheet.height))
    elif moved:
        table.draw(sheet.part(0.0, _PANELS[size] + 24.0, sheet.width, table.height()))
    return sheet.figure


def _upwards(found: Optimised) -> tuple[str, ...]:
    what = HAPPENING[found.aims.outcome]
    if found.aims.primary != AIM:
        return (f"odds that {what},{PER_CENT}",)
    if found.aims.robust == "regret":
        return ("odds less those of the best package", "for each member, at worst, points")
    return (f"odds that {what},{PER_CENT},", "in the worst quarter of the members")


def _words(found: Optimised) -> Words:
    setting = found.setting
    conditions = ", ".join(bound_text(found, bound) for bound in found.aims.where)
    below = (
        f"{short_title(title_of(setting.first))}: {within(setting.first)}; a mark is a package of "
        "levers moved from the first day on; changes are from the scenario as it stands; "
        f"conditions: {conditions or 'none'}"
    )
    warning = f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""
    said = finding(found)
    return Words(f"{said[:1].upper()}{said[1:]}", caption(found), below, warning=warning)


def write_optimise(found: Optimised, folder: Path) -> None:
    """Write ``optimise`` as PNG and SVG into a folder."""
    save_figure(optimise(found), folder, "optimise")
