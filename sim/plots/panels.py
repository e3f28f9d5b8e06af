"""The panels of a sweep's figure: lines for one lever, or points lever by lever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from sim.engine.dtypes import Floats
from sim.inputs.block_numbers import BlockNumber, setting_named
from sim.inputs.levers import LEVERS, Lever
from sim.plots import style
from sim.plots.page import Sheet
from sim.plots.style import (
    INK,
    OUTCOME_COLOURS,
    SMALL,
    SOFT,
)
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.experiments.axes import Axis, Point
    from sim.experiments.sweep.study import Study

HELD = OUTCOME_COLOURS["held"]
LEAST_SPAN = 0.10
"""Of a colour scale or an axis of shares: less would make a show of dice."""
_BINS = 8
_DOTS = 8192
"""Of more points so many are drawn as dots, spread evenly over them; means are of all."""
UNDER_AXIS = 92.0
"""Room for the numbers and the name of an axis, in pixels."""
BEST: dict[str, Any] = {
    "marker": "*",
    "ms": 19,
    "mfc": style.PAPER,
    "mec": INK,
    "mew": 1.4,
    "ls": "",
}
TODAY: dict[str, Any] = {
    "marker": "o",
    "ms": 11,
    "mfc": style.PAPER,
    "mec": INK,
    "mew": 1.8,
    "ls": "",
}


REGION: dict[str, Any] = {"marker": ".", "ms": 4, "color": INK, "ls": ""}


class Surface(NamedTuple):
    """A study as it is drawn.

    Attributes
    ----------
    points
        The points of the design, shape (points, levers); a choice by its number.
    table
        A column an array: `held`, `held_low` and so on, shape (points,).
    """

    study: Study
    points: Floats
    table: dict[str, Floats]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The levers varied."""
        return self.study.design.axes

    def place(self, point: Point) -> list[float]:
        """Return where a point lies, a number a lever; not a number where it lies on none."""
        return [_number(axis, value) for axis, value in zip(self.axes, point, strict=True)]

    def marked(self, name: str) -> list[float]:
        """Return where `best` or `today` lies."""
        return self.place(tuple(self.study.summary[name]["levers"].values()))


def _number(axis: Axis, value: Any) -> float:
    if axis.choices:
        return float(axis.choices.index(value)) if value in axis.choices else np.nan
    return float(value) if isinstance(value, float) else np.nan


def surface_of(study: Study) -> Surface:
    """Read a study for drawing."""
    frame = study.table()
    names = [name for name in map(str, frame) if name.startswith(("held", "agreed"))]
    table = {name: frame[name].to_numpy(np.float64, na_value=np.nan) for name in names}
    surface = Surface(study, np.zeros((0, 0)), table)
    points = [surface.place(point) for point in study.design.block(0, len(study.design))]
    return surface._replace(points=np.array(points))


# ------------------------------------------------------------------ panels


def word(value: Any) -> str:
    """Write a lever's value."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:.3g}"


def lever_label(surface: Surface, axis: Axis, width: float) -> str:
    """Return the lever and what it means, in a line as wide as its axis."""
    conflict = surface.study.scenario.conflict
    if axis.lever in LEVERS:
        lever: Lever | BlockNumber = conflict.lever(axis.lever)
    else:
        lever = setting_named("vary", axis.lever)
    unit = conflict.named(lever.unit).removeprefix("place on the issue's scale, ")
    meaning = f"{axis.lever}: {conflict.named(lever.meaning)}"
    for text in (f"{meaning} ({unit})", meaning):
        if style.text_width(text, SMALL) <= width:
            return text
    return (
        axis.lever
        if style.text_width(meaning, SMALL) > 1.4 * width
        else (style.fitting(meaning, width, SMALL))
    )


def lever_ticks(ax: Axes, axis: Axis, *, upright: bool) -> None:
    """Set the ticks of an axis along which a lever varies, within its ends."""
    if not axis.choices:
        low, high = ax.get_ylim() if upright else ax.get_xlim()
        ticks = [tick for tick in (ax.get_yticks() if upright else ax.get_xticks())
                 if low <= tick <= high]  # fmt: skip
        (ax.set_yticks if upright else ax.set_xticks)(ticks)
        return
    places, words = range(len(axis.choices)), [word(value) for value in axis.choices]
    (ax.set_yticks if upright else ax.set_xticks)(places, words)


def share_axis(ax: Axes, low: float, high: float) -> None:
    """Make an axis of shares from nought, since a cut one would exaggerate the error."""
    top = max(high * 1.08, LEAST_SPAN) if low < 0.6 * high else high + (high - low)
    ax.set_ylim(0.0, min(1.0, top))
    ticks = ax.get_yticks()
    ticks = ticks[(ticks >= 0.0) & (ticks <= ax.get_ylim()[1])]
    words = [f"{100 * tick:.3g}" for tick in ticks]
    ax.set_yticks(ticks, [*words[:-1], words[-1] + PER_CENT])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0, pad=6)
    ax.grid(axis="y")


def draw_lines(sheet: Sheet, surface: Surface) -> None:
    """One lever: the odds with both intervals."""
    sheet.title("Share of worlds: truce agreed, held")
    room = sheet.below_title()
    width = room.width - 94.0 - 120.0
    ax = room.axes(94.0, 10.0, width, room.height - 10.0 - UNDER_AXIS, "surface")
    (axis,), table = surface.axes, surface.table
    order = np.argsort(surface.points[:, 0], kind="stable")
    x = surface.points[order, 0]
    held, agreed = table["held"][order], table["agreed"][order]

    def band(name: str, face: Any, edge: Any, zorder: float) -> None:
        low, high = table[f"{name}_low"][order], table[f"{name}_high"][order]
        area = ax.fill_between(x, low, high, fc=face, ec=edge, lw=0.8, zorder=zorder)
        area.set_gid(f"{name}.band")

    joined = "-" if not axis.choices else ":"
    band("held_members", style.MEMBERS, style.MEMBERS_EDGE, 2)
    band("agreed", (INK, 0.12), (INK, 0.5), 3)
    band("held", (HELD, 0.3), (HELD, 0.7), 3)
    few = "." if len(x) < 40 else ""
    for name, values, colour in (("agreed", agreed, INK), ("held", held, HELD)):
        (line,) = ax.plot(x, values, color=colour, lw=2.2, ls=joined, marker=few, ms=9, zorder=5)
        line.set_gid(f"{name}.line")
        if np.isfinite(values[-1]):
            _name_line(ax, name, (x[-1], values[-1]), colour)
    _mark_line(ax, surface)
    tops = [np.nanmax(table[name]) for name in ("agreed_high", "held_members_high")
            if np.isfinite(table[name]).any()]  # fmt: skip
    share_axis(ax, 0.0, float(max(tops, default=LEAST_SPAN)))
    lever_ticks(ax, axis, upright=False)
    ax.set_xlabel(lever_label(surface, axis, width), size=SMALL, labelpad=8)


def _name_line(ax: Axes, name: str, end: tuple[float, float], colour: str) -> None:
    words = ax.annotate(name, end, xytext=(10, 0), textcoords="offset points", va="center")
    words.set(color=colour, weight="bold", annotation_clip=False)


def _mark_line(ax: Axes, surface: Surface) -> None:
    summary = surface.study.summary
    for name, look in (("today", TODAY), ("best", BEST)):
        if summary[name] is None or summary[name]["odds"]["held"] is None:
            continue
        (x,) = surface.marked(name)
        if np.isfinite(x):
            (mark,) = ax.plot(x, summary[name]["odds"]["held"]["mean"], **look, zorder=7)
            mark.set(gid=f"{name}.mark", clip_on=False)


def most_panels(sheet: Sheet) -> int:
    """How many panels a sheet has room for, at most."""
    return 4 if sheet.size == "column" else 6


def draw_effects(sheet: Sheet, surface: Surface) -> None:
    """Points that were drawn, or many levers: the odds against each lever, one by one."""
    count = min(most_panels(sheet), len(surface.axes))
    columns = 2 if count in (2, 4) or sheet.size == "column" else min(3, count)
    rows = -(-count // columns)
    room = _effects_room(sheet, count, len(surface.axes))
    width, height = (room.width - 98.0) / columns, room.height / rows
    held = surface.table["held"]
    every = -(-len(held) // _DOTS)
    strongest = np.argsort([-_reach(surface, place) for place in range(len(surface.axes))])
    for number, place in enumerate(strongest[:count].tolist()):
        row, column = divmod(number, columns)
        ax = room.axes(98.0 + column * width, row * height + 16.0, width - 40.0,
                       height - 16.0 - UNDER_AXIS, f"surface {number}")  # fmt: skip
        axis, x = surface.axes[place], surface.points[:, place]
        ax.plot(x[::every], held[::every], ls="", marker=".", ms=5, color=style.MEMBERS_EDGE,
                alpha=0.5, zorder=2)  # fmt: skip
        centres, low, middle, high = _binned(x, held)
        ax.fill_between(centres, low, high, color=HELD, alpha=0.2, lw=0, zorder=3)
        (line,) = ax.plot(centres, middle, color=HELD, lw=2.4, zorder=4)
        line.set_gid(f"{axis.lever}.line")
        _mark_effect(ax, surface, place)
        share_axis(ax, 0.0, float(np.nanmax(held)))
        lever_ticks(ax, axis, upright=False)
        ax.set_xlabel(style.fitting(axis.lever, width - 30.0, SMALL), size=SMALL, labelpad=4)
        if column:
            ax.set_yticklabels([])


def _effects_room(sheet: Sheet, count: int, levers: int) -> Sheet:
    """Write what is drawn, and how many of the levers."""
    what = "points, their mean, and 80 of 100 of them"
    if count < levers:
        what += f"; the {count} strongest of {levers} levers"
    sheet.title("Share of worlds in which a truce holds")
    sheet.text(0.0, 44.0, what, size=SMALL, color=SOFT)
    return sheet.part(0.0, 84.0, sheet.width, sheet.height - 84.0)


def _reach(surface: Surface, place: int) -> float:
    """How far the mean odds move over a lever's range."""
    _, _, middle, _ = _binned(surface.points[:, place], surface.table["held"])
    return float(np.ptp(middle)) if len(middle) else 0.0


def _binned(x: Floats, y: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean and central 80 % of y in slices of x with about as many points in each."""
    fine = np.isfinite(y)
    x, y = x[fine], y[fine]
    places = np.unique(x)
    if len(places) > _BINS:
        edges = np.quantile(x, np.linspace(0.0, 1.0, _BINS + 1))
        slot = np.clip(np.searchsorted(edges, x, "right") - 1, 0, _BINS - 1)
    else:
        slot = np.searchsorted(places, x)
    parts = [(x[slot == k], y[slot == k]) for k in np.unique(slot)]
    return (
        np.array([part.mean() for part, _ in parts]),
        np.array([np.quantile(part, 0.1) for _, part in parts]),
        np.array([part.mean() for _, part in parts]),
        np.array([np.quantile(part, 0.9) for _, part in parts]),
    )


def _mark_effect(ax: Axes, surface: Surface, place: int) -> None:
    for name, look in (("today", TODAY), ("best", BEST)):
        point = surface.study.summary[name]
        if point and point["odds"]["held"]:
            (mark,) = ax.plot(
                surface.marked(name)[place], point["odds"]["held"]["mean"], **look, zorder=7
            )
            mark.set(gid=f"{name}.mark.{place}", clip_on=False)
