"""How a formula moves the odds with each lever, all others as they stand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.inputs.levers import DEFERRED
from sim.plots import style
from sim.plots.page import Key, Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.panels import HELD, TODAY, UNDER_AXIS, share_axis, word
from sim.plots.style import SMALL, SOFT, drawable
from sim.plots.words import PER_CENT, PRIOR, title_of, within

if TYPE_CHECKING:
    from sim.attribution.explore.levers import Slider
    from sim.attribution.explore.result import Explored

_VALUES = 61
_ROW = {"slide": 0.0, "page": 340.0, "column": 330.0}
_LEFT = 98.0


def finding(found: Explored) -> str:
    """Say in one sentence which lever moves the odds most, from where to where."""
    curves = {one.lever: held_along(found, one)[1]["held"] for one in found.sliders}
    most = max(found.sliders, key=lambda one: float(np.ptp(curves[one.lever])))
    held = curves[most.lever]
    low, high = (100.0 * float(end) for end in (held.min(), held.max()))
    off = 100.0 * found.answer.check["rmse"]
    if high - low < max(0.1, 2.0 * off):
        return "no lever clearly moves the odds that a truce holds"
    ends = [most.low + (most.high - most.low) * n / (_VALUES - 1) for n in _least_most(held)]
    return (
        f"{most.lever} moves the odds that a truce holds most: {low:.1f}{PER_CENT} at "
        f"{word(ends[0])}, {high:.1f}{PER_CENT} at {word(ends[1])}"
    )


def _least_most(held: Any) -> tuple[int, int]:
    return int(held.argmin()), int(held.argmax())


def held_along(found: Explored, slider: Slider) -> tuple[Any, dict[str, Any]]:
    """Return values along a lever's range, and what the formulas say there."""
    values = np.linspace(slider.low, slider.high, _VALUES)
    return values, found.curve(found.standing, slider.lever, values)


def words_of(found: Explored) -> Words:
    """Return the words around the figure."""
    scenario, check = found.setting.first, found.answer.check
    deferred = [name for name, value in found.standing.items() if value == DEFERRED]
    where = f"; {', '.join(deferred)} deferred unless it moves" if deferred else ""
    below = f"{within(scenario)}; all other levers as they stand{where}"
    off = f"{100.0 * check['rmse']:.2f} points at {check['points']} fresh points"
    kind = f" · {PRIOR}" if found.setting.ensemble_kind == "prior" else ""
    caption = f"A formula, off by {off} · {found.setting.caption}{kind}"
    return Words(finding(found), drawable(caption), drawable(below), title=title_of(scenario))


@figure_of
def explore(found: Explored, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the odds that a truce holds along each lever, with the error and the members."""
    count = len(found.sliders)
    columns = min(count, 1 if size == "column" else 2 if count in (2, 4) else 3)
    rows = -(-count // columns)
    sheet = new_sheet(size, words_of(found), 84.0 + rows * _ROW[size], _key(), bare=bare)
    sheet.title("Share of worlds in which a truce holds")
    room = sheet.part(0.0, 60.0, sheet.width, sheet.height - 60.0)
    width, height = (room.width - _LEFT) / columns, room.height / rows
    drawn = [(one, *held_along(found, one)) for one in found.sliders]
    highest = max(float(said["members"][1].max()) for _, _, said in drawn)
    for number, (one, values, said) in enumerate(drawn):
        row, column = divmod(number, columns)
        place = (_LEFT + column * width, row * height + 16.0)
        ax = room.axes(*place, width - 60.0, height - 16.0 - UNDER_AXIS, f"explore {number}")
        _draw(ax, one, values, said)
        _mark(ax, found, one)
        share_axis(ax, 0.0, highest)
        name = style.fitting(one_line(one.lever), width - 30.0, SMALL)
        ax.set_xlabel(name, size=SMALL, labelpad=4)
        if column:
            ax.set_yticklabels([])
    return sheet.figure


def _draw(ax: Axes, one: Slider, values: Any, said: dict[str, Any]) -> None:
    low, high = said["members"]
    members = ax.fill_between(values, low, high, fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    members.set_gid(f"{one.lever}.members")
    low, high = said["error"]
    error = ax.fill_between(values, low, high, fc=(HELD, 0.3), ec=(HELD, 0.7), lw=0.8, zorder=3)
    error.set_gid(f"{one.lever}.error")
    (line,) = ax.plot(values, said["held"], color=HELD, lw=2.2, zorder=4)
    line.set_gid(f"{one.lever}.line")
    ax.set_xlim(one.low, one.high)
    ticks = [tick for tick in ax.get_xticks() if one.low <= tick <= one.high]
    ax.set_xticks(ticks)
    ax.tick_params(axis="x", labelsize=SMALL, labelcolor=SOFT)


def _mark(ax: Axes, found: Explored, one: Slider) -> None:
    """Mark where the scenario stands, if that is a value of the lever."""
    stands = one.today
    if isinstance(stands, float) and one.low <= stands <= one.high:
        (mark,) = ax.plot(stands, found.answer.today["held"]["mean"], **TODAY, zorder=7)
        mark.set(gid=f"{one.lever}.today", clip_on=False)


def _key() -> Key:
    return (
        (Line2D([], [], color=HELD, lw=2.2), "by the formula"),
        (Patch(fc=(HELD, 0.3), ec=(HELD, 0.7)), "95 % error: dice and lack of fit"),
        (Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE), "central 90 % of the members"),
        (Line2D([], [], **TODAY), "as the scenario stands, in worlds of its own"),
    )


def write_explore(found: Explored, folder: Path) -> None:
    """Write ``explore.png`` (1920 by 1080) and ``explore.svg`` into a folder."""
    save_figure(explore(found), folder, "explore")
