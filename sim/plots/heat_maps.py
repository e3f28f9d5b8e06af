"""The panels of a sweep's figure: heat maps of the odds over two levers of a grid, or three."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from sim.engine.dtypes import Floats
from sim.plots import style
from sim.plots.page import Sheet
from sim.plots.panels import (
    BEST,
    LEAST_SPAN,
    REGION,
    TODAY,
    UNDER_AXIS,
    Surface,
    lever_label,
    lever_ticks,
    most_panels,
    word,
)
from sim.plots.style import INK, SMALL, SOFT
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.experiments.axes import Axis

_MAP = LinearSegmentedColormap.from_list("held", style.HEAT_COLOURS)
_SCALE = 118.0
"""Room for the scale of colours, in pixels."""


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
    lever_ticks(ax, axes[0], upright=False)
    lever_ticks(ax, axes[1], upright=True)
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
        point = surface.study.summary[name]
        if point is None:
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


def _map_room(sheet: Sheet, surface: Surface, upright: Axis) -> Sheet:
    """Write title and vertical axis in lines that can be read without turning one's head."""
    sheet.title("Share of worlds in which a truce holds")
    upward = f"↑ {lever_label(surface, upright, sheet.width - 30.0)}"
    sheet.text(0.0, 44.0, upward, size=SMALL, color=SOFT)
    return sheet.part(0.0, 84.0, sheet.width, sheet.height - 84.0)


def draw_map(sheet: Sheet, surface: Surface) -> None:
    """Two levers of a grid."""
    first, second = surface.axes
    room = _map_room(sheet, surface, second)
    width, height = room.width - 115.0 - _SCALE, room.height - UNDER_AXIS
    ax = room.axes(115.0, 0.0, width, height, "surface")
    norm = _norm(surface.table["held"])
    mesh = _heat(ax, surface, slice(None), (first, second), norm)
    _mark_heat(ax, surface, (first, second), None)
    ax.set_xlabel(lever_label(surface, first, width), size=SMALL, labelpad=8)
    _scale(room, mesh, height)


def draw_multiples(sheet: Sheet, surface: Surface) -> None:
    """Three levers of a grid: a heat map for some values of the one with the fewest."""
    axes = surface.axes
    third = min(range(3), key=lambda place: (surface.study.design.shape[place], -place))
    first, second = (axis for place, axis in enumerate(axes) if place != third)
    values = np.unique(surface.points[:, third])
    most = min(most_panels(sheet), len(values))
    shown = values[np.unique(np.linspace(0, len(values) - 1, most).round()).astype(int)]
    norm = _norm(surface.table["held"])
    room = _map_room(sheet, surface, second)
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
        value_word = word(axes[third].choices[int(value)] if axes[third].choices else value)
        panel = f"{axes[third].lever.partition('.')[2]} = {value_word}"
        ax.set_title(panel, size=SMALL, loc="left", color=INK)
        if column:
            ax.set_yticklabels([])
        if row < rows - 1 and number + columns < len(shown):
            ax.set_xticklabels([])
    across = lever_label(surface, first, room.width - 115.0)
    room.text(115.0, room.height - 40.0, across, size=SMALL, color=SOFT)
    _scale(room, mesh, room.height - UNDER_AXIS)
