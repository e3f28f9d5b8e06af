"""The panels of a sweep's figure: lines, a heat map, small multiples, or lever by lever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from sim.engine.dtypes import Floats
from sim.inputs.levers import LEVERS
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
    from sim.experiments.design import Axis, Point
    from sim.experiments.sweep.study import Study

HELD = OUTCOME_COLOURS["held"]
_MAP = LinearSegmentedColormap.from_list("held", style.HEAT_COLOURS)
LEAST_SPAN = 0.10
"""Of a colour scale or an axis of shares: less would make a show of dice."""
_BINS = 8
_UNDER = 92.0
"""Room for the numbers and the name of an axis, in pixels."""
_SCALE = 118.0
"""Room for the scale of colours, in pixels."""
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


def _label(axis: Axis, width: float) -> str:
    """The lever and what it means, in a line as wide as its axis."""
    lever = LEVERS[axis.lever]
    unit = lever.unit.removeprefix("place on the issue's scale, ")
    told = f"{axis.lever}: {lever.meaning}"
    for text in (f"{told} ({unit})", told):
        if style.text_width(text, SMALL) <= width:
            return text
    return (
        axis.lever
        if style.text_width(told, SMALL) > 1.4 * width
        else (style.fitting(told, width, SMALL))
    )


def _ticks(ax: Axes, axis: Axis, *, upright: bool) -> None:
    if not axis.choices:
        low, high = ax.get_ylim() if upright else ax.get_xlim()
        ticks = [tick for tick in (ax.get_yticks() if upright else ax.get_xticks())
                 if low <= tick <= high]  # fmt: skip
        (ax.set_yticks if upright else ax.set_xticks)(ticks)
        return
    places, words = range(len(axis.choices)), [word(value) for value in axis.choices]
    (ax.set_yticks if upright else ax.set_xticks)(places, words)


def _share_axis(ax: Axes, low: float, high: float) -> None:
    """An axis of shares from nought, since a cut one would make a show of dice."""
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
    ax = room.axes(94.0, 10.0, width, room.height - 10.0 - _UNDER, "surface")
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
    _share_axis(ax, 0.0, float(max(tops, default=LEAST_SPAN)))
    _ticks(ax, axis, upright=False)
    ax.set_xlabel(_label(axis, width), size=SMALL, labelpad=8)


def _name_line(ax: Axes, name: str, end: tuple[float, float], colour: str) -> None:
    words = ax.annotate(name, end, xytext=(10, 0), textcoords="offset points", va="center")
    words.set(color=colour, weight="bold", annotation_clip=False)


def _mark_line(ax: Axes, surface: Surface) -> None:
    told = surface.study.summary
    for name, look in (("today", TODAY), ("best", BEST)):
        if told[name] is None or told[name]["odds"]["held"] is None:
            continue
        (x,) = surface.marked(name)
        if np.isfinite(x):
            (mark,) = ax.plot(x, told[name]["odds"]["held"]["mean"], **look, zorder=7)
            mark.set(gid=f"{name}.mark", clip_on=False)


def _norm(values: Floats) -> Normalize:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    if high - low < LEAST_SPAN:
        low = max(0.0, (low + high - LEAST_SPAN) / 2.0)
        high = low + LEAST_SPAN
    return Normalize(low, high)


def _levels(norm: Normalize) -> Floats:
    """Round shares between the ends of a scale, at most seven of them."""
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 1.0)
    step = next((s for s in (0.01, 0.02, 0.05) if (high - low) / s <= 6), 0.1)
    levels: Floats = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    return levels


def _heat(ax: Axes, surface: Surface, chosen: Any, axes: tuple[Axis, Axis], norm: Normalize) -> Any:
    """A heat map over two levers of a grid, with contours of equal odds."""
    columns = [surface.axes.index(axis) for axis in axes]
    x, y = (np.unique(surface.points[chosen, column]) for column in columns)
    values = np.full((len(y), len(x)), np.nan)
    places = [
        np.searchsorted(along, surface.points[chosen, column])
        for along, column in zip((x, y), columns, strict=True)
    ]
    values[places[1], places[0]] = surface.table["held"][chosen]
    mesh = ax.pcolormesh(
        x, y, values, cmap=_MAP, norm=norm, shading="nearest", rasterized=values.size > 2500
    )
    mesh.set_gid("heat")
    levels = _levels(norm)
    drawable_levels = levels[(levels > np.nanmin(values)) & (levels < np.nanmax(values))]
    numbers = not any(axis.choices for axis in axes)
    if numbers and min(values.shape) > 1 and len(drawable_levels):
        lines = ax.contour(x, y, values, drawable_levels, colors=INK, linewidths=1.0)
        ax.clabel(lines, fmt=lambda level: f"{100 * level:.3g}{PER_CENT}", fontsize=SMALL)
    _dot_best_region(ax, surface, x, y, values)
    _ticks(ax, axes[0], upright=False)
    _ticks(ax, axes[1], upright=True)
    ax.tick_params(length=4)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    return mesh


def _dot_best_region(ax: Axes, surface: Surface, x: Floats, y: Floats, values: Floats) -> None:
    """Dot the points that cannot be told from the best."""
    level = surface.study.level_of_best()
    if level is not None:
        rows, columns = np.nonzero(values >= level)
        (dots,) = ax.plot(x[columns], y[rows], **REGION, zorder=5)
        dots.set_gid("best.region")


def _mark_heat(ax: Axes, surface: Surface, axes: tuple[Axis, Axis], third: float | None) -> None:
    """Mark the best point and today's, in the panel in which they lie."""
    for name, look in (("today", TODAY), ("best", BEST)):
        told = surface.study.summary[name]
        if told is None:
            continue
        place = dict(zip(surface.axes, surface.marked(name), strict=True))
        x, y = place.pop(axes[0]), place.pop(axes[1])
        elsewhere = [value for value in place.values() if third is not None and value != third]
        low_x, high_x, low_y, high_y = *ax.get_xlim(), *ax.get_ylim()
        if not elsewhere and low_x <= x <= high_x and low_y <= y <= high_y:
            (mark,) = ax.plot(x, y, **look, zorder=7)
            mark.set(gid=f"{name}.mark", clip_on=False)


def _scale(room: Sheet, mesh: Any, height: float) -> None:
    """Draw the scale of colours at the right edge."""
    axes = room.axes(room.width - _SCALE + 28.0, 0.0, 22.0, height, "scale")
    bar = room.figure.colorbar(mesh, cax=axes)
    bar.outline.set_visible(False)
    if bar.solids is not None:
        bar.solids.set(rasterized=False, edgecolor="face")  # else a picture within the drawing
    levels = _levels(mesh.norm)
    bar.set_ticks(levels.tolist(), labels=[f"{100 * level:.3g}{PER_CENT}" for level in levels])
    bar.ax.tick_params(length=0, labelsize=SMALL)


def _map_room(sheet: Sheet, upright: Axis) -> Sheet:
    """Write title and vertical axis in lines that can be read without turning one's head."""
    sheet.title("Share of worlds in which a truce holds")
    told = f"↑ {_label(upright, sheet.width - 30.0)}"
    sheet.text(0.0, 44.0, told, size=SMALL, color=SOFT)
    return sheet.part(0.0, 84.0, sheet.width, sheet.height - 84.0)


def draw_map(sheet: Sheet, surface: Surface) -> None:
    """Two levers of a grid."""
    first, second = surface.axes
    room = _map_room(sheet, second)
    width, height = room.width - 115.0 - _SCALE, room.height - _UNDER
    ax = room.axes(115.0, 0.0, width, height, "surface")
    norm = _norm(surface.table["held"])
    mesh = _heat(ax, surface, slice(None), (first, second), norm)
    _mark_heat(ax, surface, (first, second), None)
    ax.set_xlabel(_label(first, width), size=SMALL, labelpad=8)
    _scale(room, mesh, height)


def _most_panels(sheet: Sheet) -> int:
    return 4 if sheet.size == "column" else 6


def draw_multiples(sheet: Sheet, surface: Surface) -> None:
    """Three levers of a grid: a heat map for some values of the one with the fewest."""
    axes = surface.axes
    third = min(range(3), key=lambda place: (surface.study.design.shape[place], -place))
    first, second = (axis for place, axis in enumerate(axes) if place != third)
    values = np.unique(surface.points[:, third])
    most = min(_most_panels(sheet), len(values))
    shown = values[np.unique(np.linspace(0, len(values) - 1, most).round()).astype(int)]
    norm = _norm(surface.table["held"])
    room = _map_room(sheet, second)
    columns = min(2 if sheet.size == "column" else 3, len(shown))
    rows = -(-len(shown) // columns)
    width, height = (room.width - 115.0 - _SCALE) / columns, (room.height - 50.0) / rows
    mesh = None
    for number, value in enumerate(shown):
        row, column = divmod(number, columns)
        ax = room.axes(115.0 + column * width, row * height + 34.0, width - 30.0, height - 84.0,
                       f"surface {number}")  # fmt: skip
        mesh = _heat(ax, surface, surface.points[:, third] == value, (first, second), norm)
        _mark_heat(ax, surface, (first, second), float(value))
        told = word(axes[third].choices[int(value)] if axes[third].choices else value)
        panel = f"{axes[third].lever.partition('.')[2]} = {told}"
        ax.set_title(panel, size=SMALL, loc="left", color=INK)
        if column:
            ax.set_yticklabels([])
        if row < rows - 1 and number + columns < len(shown):
            ax.set_xticklabels([])
    told = _label(first, room.width - 115.0)
    room.text(115.0, room.height - 40.0, told, size=SMALL, color=SOFT)
    _scale(room, mesh, room.height - _UNDER)


def draw_effects(sheet: Sheet, surface: Surface) -> None:
    """Points that were drawn, or many levers: the odds against each lever, one by one."""
    count = min(_most_panels(sheet), len(surface.axes))
    columns = 2 if count in (2, 4) or sheet.size == "column" else min(3, count)
    rows = -(-count // columns)
    room = _effects_room(sheet, count, len(surface.axes))
    width, height = (room.width - 98.0) / columns, room.height / rows
    held = surface.table["held"]
    strongest = np.argsort([-_reach(surface, place) for place in range(len(surface.axes))])
    for number, place in enumerate(strongest[:count].tolist()):
        row, column = divmod(number, columns)
        ax = room.axes(98.0 + column * width, row * height + 16.0, width - 40.0,
                       height - 16.0 - _UNDER, f"surface {number}")  # fmt: skip
        axis, x = surface.axes[place], surface.points[:, place]
        ax.plot(x, held, ls="", marker=".", ms=5, color=style.MEMBERS_EDGE, alpha=0.5, zorder=2)
        centres, low, middle, high = _binned(x, held)
        ax.fill_between(centres, low, high, color=HELD, alpha=0.2, lw=0, zorder=3)
        (line,) = ax.plot(centres, middle, color=HELD, lw=2.4, zorder=4)
        line.set_gid(f"{axis.lever}.line")
        _mark_effect(ax, surface, place)
        _share_axis(ax, 0.0, float(np.nanmax(held)))
        _ticks(ax, axis, upright=False)
        ax.set_xlabel(style.fitting(axis.lever, width - 30.0, SMALL), size=SMALL, labelpad=4)
        if column:
            ax.set_yticklabels([])


def _effects_room(sheet: Sheet, count: int, levers: int) -> Sheet:
    """Write what is drawn, and how many of the levers."""
    told = "points, their mean, and 80 of 100 of them"
    if count < levers:
        told += f"; the {count} strongest of {levers} levers"
    sheet.title("Share of worlds in which a truce holds")
    sheet.text(0.0, 44.0, told, size=SMALL, color=SOFT)
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
        told = surface.study.summary[name]
        if told and told["odds"]["held"]:
            (mark,) = ax.plot(
                surface.marked(name)[place], told["odds"]["held"]["mean"], **look, zorder=7
            )
            mark.set(gid=f"{name}.mark.{place}", clip_on=False)
