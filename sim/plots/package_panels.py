"""Panels of packages: odds upwards, what they are worth or cost across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.axes import Axes

from sim.attribution.optimise.aims import AIM, is_cost
from sim.plots.packages import SHADE, height_of, name_of, on_panel, order_of, quantities_of, seen
from sim.plots.page import Sheet
from sim.plots.style import CAPTION, INK, PAPER, SMALL, SOFT, fitting, line_height, text_width

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package
    from sim.bounds import Bound

_NUMBER = 26.0
"""Of a mark with a number, in pixels."""
_THIN: dict[str, Any] = {"color": INK, "lw": 0.7, "alpha": 0.55, "zorder": 3}


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
        if bound.quantity == panel.quantity:
            low, high = _excluded(bound, panel.ax.get_xlim())
            if low < high:
                panel.ax.axvspan(low, high, **SHADE, zorder=1).set_gid(
                    f"{panel.quantity}.ruled out"
                )
        elif bound.quantity == aims.outcome and aims.primary != AIM:
            low, high = _excluded(bound, panel.ax.get_ylim())
            if low < high:
                panel.ax.axhspan(low, high, **SHADE, zorder=1).set_gid(
                    f"{panel.quantity}.odds ruled out"
                )


def _excluded(bound: Bound, ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return (max(low, bound.value), high) if bound.upper else (low, min(high, bound.value))


def _marks(panel: _Panel, shown: Sequence[Package]) -> None:
    """Draw all packages; where marks lie on each other, a number stands beside its mark."""
    found = panel.found
    first = [one for one in (found.closest, found.base) if one in shown or one is found.base]
    rest = [one for one in shown if one is not found.closest and one.levers]
    for n, one in enumerate(found.packages):
        x, y = seen(one, panel.quantity), height_of(found, one)
        if x.mc:
            panel.ax.plot(x.mc, (y.value, y.value), **_THIN)[0].set_gid(f"{n}.across")
        if y.mc:
            panel.ax.plot((x.value, x.value), y.mc, **_THIN)[0].set_gid(f"{n}.mc")
        look = on_panel(found, one, shown)
        (mark,) = panel.ax.plot(x.value, y.value, **look, zorder=order_of(found, one))
        mark.set(gid=f"{panel.quantity}.{n}", clip_on=False)
    taken = [_around(panel, one, 34.0) for one in first]
    late = []
    for one in rest:
        box = _around(panel, one, _NUMBER)
        if any(box.meets(other) for other in taken):
            late.append(one)
            continue
        taken.append(box)
        number = str(shown.index(one) + 1)
        panel.write(*panel.place(one), number, color=PAPER, weight="bold", ha="center")
    _labels(panel, shown, taken)
    for one in late:
        number = str(shown.index(one) + 1)
        beside = _free(panel, one, number, CAPTION, taken)
        if beside is not None:
            _write_in(panel, beside, number)


def _around(panel: _Panel, one: Package, size: float) -> _Box:
    x, y = panel.place(one)
    return _Box(x - size / 2.0, y - size / 2.0, x + size / 2.0, y + size / 2.0)


def _labels(panel: _Panel, shown: Sequence[Package], taken: list[_Box]) -> None:
    """Label the best and the scenario as it stands, if there is room."""
    found = panel.found
    said = [(found.base, "as it stands")]
    if found.closest is not found.base:
        number = f" ({shown.index(found.closest) + 1})" if found.closest in shown else ""
        said.append((found.closest, ("closest" if found.best is None else "best") + number))
    elif found.best is not None:
        said = [(found.base, "as it stands: best")]
    behind = {"fc": PAPER, "ec": "none", "pad": 0.5, "alpha": 0.75}
    for one, text in said:
        box = _free(panel, one, text, SMALL, taken)
        if box is not None:
            _write_in(panel, box, text, size=SMALL, bbox=behind)


def _free(panel: _Panel, one: Package, text: str, size: float, taken: list[_Box]) -> _Box | None:
    """Take the place beside a mark that hides the fewest marks and no words, if there is one."""
    x, y = panel.place(one)
    wide, high = text_width(text, size, "bold"), 0.8 * line_height(size)
    lefts = (x + 20.0, x - 20.0 - wide, x - wide / 2.0)
    places = [(left, y + down) for left in lefts for down in (0.0, -32.0, 32.0)]
    places += [(left, y + down) for left in lefts for down in (-60.0, 60.0)]
    boxes = [
        _Box(left, middle - high / 2.0, left + wide, middle + high / 2.0)
        for left, middle in places
        if 0.0 <= left <= panel.width - wide and high / 2 <= middle <= panel.height - high / 2
    ]
    boxes = [box for box in boxes if not any(box.meets(other) for other in taken)]
    if not boxes:
        return None
    marks = [_around(panel, other, 16.0) for other in panel.found.packages]
    free = min(boxes, key=lambda box: sum(box.meets(mark) for mark in marks))
    taken.append(free)
    return free


def _write_in(panel: _Panel, box: _Box, text: str, **look: Any) -> None:
    middle = (box.top + box.bottom) / 2.0
    panel.write(box.left, middle, text, weight="bold", color=INK, **look)
