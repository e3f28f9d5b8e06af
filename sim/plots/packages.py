"""Packages of levers as marks in panels, odds against price, and what they move as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.attribution.optimise.aims import AIM, COST, is_cost
from sim.plots import style
from sim.plots.page import Key, Sheet, one_line
from sim.plots.panels import BEST, TODAY
from sim.plots.style import CAPTION, INK, PAPER, SMALL, SOFT, fitting, line_height, text_width
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package
    from sim.experiments.bounds import Bound

MOST_SHOWN = 8
"""How many packages have a number, and a column of the table, at most."""
FRONT = style.OUTCOME_COLOURS["held"]
GREY = style.MEMBERS_EDGE
_ROUND, _TIED, _OUT = "o", "D", "x"
_MARK, _NUMBER = 11.5, 26.0
"""Size of a mark with a number in points, and of the room of its number in pixels."""
_RULED_OUT = "#F0F0F0"
_THIN: dict[str, Any] = {"color": INK, "lw": 0.7, "alpha": 0.55, "zorder": 3}


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


# ------------------------------------------------------------------ panels


class _Box(NamedTuple):
    """A place that is taken, in pixels from the top left of a panel."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        across = min(self.right, other.right) > max(self.left, other.left)
        return across and min(self.bottom, other.bottom) > max(self.top, other.top)


def draw_panels(
    sheet: Sheet, found: Optimised, shown: Sequence[Package], height: Sequence[str]
) -> None:
    """Draw a panel a quantity, all with the same odds upwards.

    Parameters
    ----------
    shown
        Those with a number.
    height
        What stands beside the axis, in lines.
    """
    quantities = quantities_of(found)
    beside, gap = 66.0 + 30.0 * len(height), 30.0
    width = (sheet.width - beside - gap * (len(quantities) - 1) - 16.0) / len(quantities)
    down = sheet.height - 92.0 - 10.0
    for n, quantity in enumerate(quantities):
        left = beside + n * (width + gap)
        ax = sheet.axes(left, 10.0, width, down, quantity)
        _frame(ax, found, quantity, width, first=n == 0)
        panel = _Panel(ax, found, quantity, width, down)
        _rule_out(panel)
        _marks(panel, shown)
        ax.set_xlabel(_below(found, quantity, width), size=SMALL, labelpad=8)
    text = "\n".join(height)
    sheet.text(0.0, 10.0 + down / 2.0, text, size=SMALL, color=SOFT, rotation=90, va="center",
               ha="left", linespacing=1.2)  # fmt: skip


def _below(found: Optimised, quantity: str, width: float) -> str:
    unit = found.unit if is_cost(quantity) else "stakes"
    name = name_of(found, quantity)
    last = name.removeprefix("worth to ").removeprefix("cost to ")
    for text in (f"change of the {name}, {unit}", f"{name}, {unit}", name, last):
        if text_width(text, SMALL) <= width:
            return text
    return fitting(last, width, SMALL)


def _frame(ax: Axes, found: Optimised, quantity: str, width: float, *, first: bool) -> None:
    aims = found.aims
    bounds = {bound.quantity: bound.value for bound in aims.conditions}
    across = [end for one in found.packages for end in seen(one, quantity).ends]
    across += [bounds[quantity]] if quantity in bounds else []
    upwards = [end for one in found.packages for end in height_of(found, one).ends]
    upwards += [bounds[aims.outcome]] if aims.outcome in bounds and aims.primary != AIM else []
    ax.set_xlim(*_ends(across, 0.0 if is_cost(quantity) else 0.004))
    low, high = _ends(upwards, 0.01)
    ax.set_ylim(max(low, 0.0) if min(upwards) >= 0.0 else low, min(high, 1.0))
    ax.grid()
    ax.tick_params(length=0, pad=6, labelsize=SMALL)
    ax.locator_params(axis="x", nbins=max(2, int(width / 88.0)))
    ax.locator_params(axis="y", nbins=7)
    low, high = ax.get_xlim()
    ticks = [tick for tick in ax.get_xticks() if low <= tick <= high]
    ax.set_xticks(ticks, [_tick(tick) for tick in ticks])
    low, high = ax.get_ylim()
    ticks = [tick for tick in ax.get_yticks() if low <= tick <= high]
    words = [f"{100.0 * tick:.4g}".replace("-", "\u2212") for tick in ticks]
    ax.set_yticks(ticks, words if first else [])
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    ax.axvline(0.0, color=SOFT, lw=1.0, zorder=2)


def _ends(values: Sequence[float], least: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.09 * max(high - low, least) or 0.5
    return low - room, high + room


def _tick(number: float) -> str:
    return f"{number:+g}".replace("-", "\u2212") if abs(number) > 1e-9 else "0"


class _Panel(NamedTuple):
    ax: Axes
    found: Optimised
    quantity: str
    width: float
    height: float

    def place(self, one: Package) -> tuple[float, float]:
        """Return where a package lies, in pixels from the top left."""
        (left, right), (low, high) = self.ax.get_xlim(), self.ax.get_ylim()
        x, y = seen(one, self.quantity).value, height_of(self.found, one).value
        return (
            self.width * (x - left) / (right - left),
            self.height * (1.0 - (y - low) / (high - low)),
        )

    def write(self, left: float, middle: float, text: str, **look: Any) -> None:
        place = left / self.width, 1.0 - middle / self.height
        look = {"va": "center", "ha": "left", "size": CAPTION, "zorder": 9, **look}
        self.ax.text(*place, text, transform=self.ax.transAxes, **look)


def _rule_out(panel: _Panel) -> None:
    """Shade what the conditions exclude, as far as the axes tell of them."""
    aims = panel.found.aims
    for bound in aims.conditions:
        look: dict[str, Any] = {
            "fc": _RULED_OUT,
            "ec": "#C8C8C8",
            "lw": 0.8,
            "zorder": 1,
            "hatch": "//",
        }
        if bound.quantity == panel.quantity:
            low, high = _excluded(bound, panel.ax.get_xlim())
            if low < high:
                panel.ax.axvspan(low, high, **look).set_gid(f"{panel.quantity}.ruled out")
        elif bound.quantity == aims.outcome and aims.primary != AIM:
            low, high = _excluded(bound, panel.ax.get_ylim())
            if low < high:
                panel.ax.axhspan(low, high, **look).set_gid(f"{panel.quantity}.odds ruled out")


def _excluded(bound: Bound, ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return (max(low, bound.value), high) if bound.upper else (low, min(high, bound.value))


def _marks(panel: _Panel, shown: Sequence[Package]) -> None:
    """Draw all packages; of marks that lie on each other only one has its number."""
    found = panel.found
    first = [one for one in (found.closest, found.base) if one in shown or one is found.base]
    rest = [one for one in shown if one is not found.closest]
    for n, one in enumerate(found.packages):
        x, y = seen(one, panel.quantity), height_of(found, one)
        if x.mc:
            panel.ax.plot(x.mc, (y.value, y.value), **_THIN)[0].set_gid(f"{n}.across")
        if y.mc:
            panel.ax.plot((x.value, x.value), y.mc, **_THIN)[0].set_gid(f"{n}.mc")
        look = _on_panel(found, one, shown)
        (mark,) = panel.ax.plot(x.value, y.value, **look, zorder=_order(found, one))
        mark.set(gid=f"{panel.quantity}.{n}", clip_on=False)
    taken = [_around(panel, one, 34.0) for one in first]
    for one in rest:
        box = _around(panel, one, _NUMBER)
        if one is found.base or any(box.meets(other) for other in taken):
            continue
        taken.append(box)
        number = str(shown.index(one) + 1)
        panel.write(*panel.place(one), number, color=PAPER, weight="bold", ha="center")
    _labels(panel, shown, taken)


def _around(panel: _Panel, one: Package, size: float) -> _Box:
    x, y = panel.place(one)
    return _Box(x - size / 2.0, y - size / 2.0, x + size / 2.0, y + size / 2.0)


def _labels(panel: _Panel, shown: Sequence[Package], taken: list[_Box]) -> None:
    """Label the best and the scenario as it stands where the fewest marks are in the way."""
    found = panel.found
    marks = [_around(panel, one, 16.0) for one in found.packages]
    said = [(found.base, "as it stands")]
    if found.closest is not found.base:
        number = f" ({shown.index(found.closest) + 1})" if found.closest in shown else ""
        said.append((found.closest, ("closest" if found.best is None else "best") + number))
    elif found.best is not None:
        said = [(found.base, "as it stands: best")]
    for one, text in said:
        x, y = panel.place(one)
        wide, high = text_width(text, SMALL, "bold"), 0.8 * line_height(SMALL)
        lefts = (x + 20.0, x - 20.0 - wide, x - wide / 2.0)
        places = [(left, y + down) for left in lefts for down in (0.0, -32.0, 32.0)]
        places += [(left, y + down) for left in lefts for down in (-60.0, 60.0)]
        boxes = [
            _Box(left, middle - high / 2.0, left + wide, middle + high / 2.0)
            for left, middle in places
            if 0.0 <= left <= panel.width - wide and high / 2 <= middle <= panel.height - high / 2
        ]
        if not boxes:
            continue
        own = _around(panel, one, 16.0)

        def hits(box: _Box, own: _Box = own) -> int:
            texts = sum(box.meets(other) for other in taken)
            return 4 * texts + sum(box.meets(m) for m in marks) + box.meets(own)

        free = min(boxes, key=hits)
        taken.append(free)
        middle = (free.top + free.bottom) / 2.0
        behind = {"fc": PAPER, "ec": "none", "pad": 0.5, "alpha": 0.75}
        panel.write(free.left, middle, text, size=SMALL, weight="bold", color=INK, bbox=behind)


# ------------------------------------------------------------------ marks and key


def look_of(found: Optimised, one: Package) -> dict[str, Any]:
    """Return how a package is marked, told apart by shape and by whether the mark is full."""
    if one is found.closest and one.levers:
        return {**BEST, "mfc": FRONT if one is found.best else PAPER}
    if not one.levers:
        return TODAY
    if not one.qualifies:
        return _look(_OUT, 7.0, full=False)
    mark = _TIED if one.tied else _ROUND
    return _look(mark, _MARK if one.front else 7.0, full=one.front)


def _look(mark: str, size: float, *, full: bool) -> dict[str, Any]:
    colour = FRONT if full else GREY
    return {"marker": mark, "ms": size, "mfc": FRONT if full else PAPER, "mec": colour,
            "mew": 1.4, "ls": ""}  # fmt: skip


def _on_panel(found: Optimised, one: Package, shown: Sequence[Package]) -> dict[str, Any]:
    """The same in a panel, where a mark without a number is small."""
    look = look_of(found, one)
    small = one.front and one not in shown and one is not found.best and one.levers
    return {**look, "ms": 8.0} if small else look


def _order(found: Optimised, one: Package) -> float:
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
            *(_TIED, any(one.front for one in packages if one.tied)),
            [one for one in packages if one.qualifies and one.tied],
        ),
        "another package beats it": (
            *(_ROUND, False),
            [one for one in packages if one.qualifies and not one.front and not one.tied],
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
        shade = Patch(fc=_RULED_OUT, ec="#C8C8C8", lw=0.8, hatch="//")
        told.append((shade, "ruled out by a condition"))
    return told


def _handle(look: dict[str, Any]) -> Line2D:
    return Line2D([], [], **{**look, "ms": min(float(look["ms"]), 13.0)})
