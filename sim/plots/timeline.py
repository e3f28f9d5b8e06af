"""The figure of a timeline: three odds by day, and below them what arrived."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.calibrate.timeline import LINES, Point, Timeline
from sim.ensemble import MEMBERS
from sim.plots import style
from sim.plots.page import INNER, footer, heading, save_figure
from sim.plots.style import (
    BODY,
    HEIGHT,
    INK,
    MARGIN,
    OUTCOME_COLOURS,
    SMALL,
    SOFT,
    WIDTH,
    drawable,
    spread,
    text_width,
    wrap,
)
from sim.plots.words import PER_CENT
from sim.results import Odds

COLOURS = {"quiet": "#5AB7EC", "agreed": INK, "held": OUTCOME_COLOURS["held"]}
NAMES = {
    "quiet": "any mutual pause",
    "agreed": "full truce agreed",
    "held": "held for 30 days",
}
_PANEL = (0.07, 0.5, 0.7, 0.3)
_COLUMNS = 2
_LIST_TOP = 0.415
_MUCH = 3
"""Points from which a change is set in bold."""
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def day_word(day: dt.date) -> str:
    """Write a day without its year, such as ``19 March``."""
    return f"{day.day} {day:%B}"


def points_word(odds: Odds) -> str:
    """Write odds in whole per cent, the digits that a timeline supports."""
    return f"{100.0 * odds.mean:.0f}{PER_CENT}"


def finding(told: Timeline) -> str:
    """Say where the odds of a full truce began, where they are, and where they went between."""
    first, last = told.points[0], told.points[-1]
    ends = (first, last)
    far = max(told.points, key=lambda p: min(abs(_agreed(p) - _agreed(end)) for end in ends))
    way = [first, last][: len(told.points)]
    if min(abs(_agreed(far) - _agreed(end)) for end in ends) > 0.05:
        way = [first, far, last]
    steps = [f"{points_word(point.odds['agreed'])} on {day_word(point.news.day)}" for point in way]
    return (
        f"Odds of a full truce within {told.horizon_days} days: {', '.join(steps)}; "
        f"of one that holds, now {points_word(last.odds['held'])}"
    )


def _agreed(point: Point) -> float:
    return point.odds["agreed"].mean


def timeline_figure(told: Timeline) -> Figure:
    """Draw odds by day for a slide or a newspaper page.

    Parameters
    ----------
    told
        From `sim.calibrate.timeline.timeline`.

    Returns
    -------
    matplotlib.figure.Figure
        1920 by 1080 pixels; its title says the finding, its caption where the numbers come from.
    """
    with style.style():
        figure = Figure()
        below = (
            f"Share of worlds in the {told.horizon_days} days after each day. Bands: "
            f"95{PER_CENT} error of the estimate; bars: 90{PER_CENT} of members on the last day."
        )
        heading(figure, finding(told), below)
        ax = figure.add_axes(_PANEL, label="odds")
        _axes(ax, told)
        for name in LINES:
            _line(ax, told, name)
        _end_labels(ax, told.points[-1])
        _arrivals(figure, told)
        footer(figure, _provenance(told))
    return figure


def write_timeline(told: Timeline, folder: Path) -> None:
    """Write ``timeline.png`` and ``timeline.svg`` into a folder."""
    save_figure(timeline_figure(told), folder, "timeline")


# ------------------------------------------------------------------ the panel


def _x(told: Timeline) -> list[int]:
    return [(point.news.day - told.points[0].news.day).days for point in told.points]


def _axes(ax: Axes, told: Timeline) -> None:
    days = _x(told)
    ends = [point.odds[name].mc[1] for point in told.points for name in LINES]
    ends += [(told.points[-1].odds[name].ensemble or (0.0, 0.0))[1] for name in LINES]
    top = max(ends)
    top = min(1.0, 0.1 * math.ceil(10.0 * top + 0.2))
    ax.set_ylim(0.0, top)
    ticks = np.arange(0.0, top + 1e-9, 0.2 if top > 0.4 else 0.1)
    labels = [f"{100.0 * tick:.0f}" for tick in ticks]
    labels[-1] += PER_CENT
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y")
    span = max(days[-1], 1)
    ax.set_xlim(-0.012 * span, 1.004 * span)
    step = next(step for step in (1, 2, 7, 14, 30, 90, 366) if span <= 6.5 * step)
    marks = list(range(0, span + 1, step))
    start = told.points[0].news.day
    ax.set_xticks(marks, [day_word(start + dt.timedelta(days=mark)) for mark in marks])
    ax.tick_params(axis="x", length=0, pad=24)
    across = ax.get_xaxis_transform()
    for letter, day in zip(_LETTERS, days, strict=False):
        ax.plot([day, day], [0.0, -0.03], transform=across, color=SOFT, lw=1.0, clip_on=False)
        ax.text(
            day, -0.04, letter, transform=across, ha="center", va="top", size=SMALL, weight="bold"
        )


def _line(ax: Axes, told: Timeline, name: str) -> None:
    days, odds = _x(told), [point.odds[name] for point in told.points]
    low, high = ([one.mc[end] for one in odds] for end in (0, 1))
    band = ax.fill_between(days, low, high, color=COLOURS[name], alpha=0.25, lw=0, zorder=3)
    band.set_gid(f"{name}.band")
    (line,) = ax.plot(
        days, [one.mean for one in odds], color=COLOURS[name], lw=2.4, marker="o", ms=5, zorder=4
    )
    line.set_gid(f"{name}.line")


def _end_labels(ax: Axes, last: Point) -> None:
    """At the right edge: the members' interval of each line, its value and its name."""
    across = ax.get_yaxis_transform()
    for n, name in enumerate(LINES):
        interval = last.odds[name].ensemble
        if interval is not None:
            corner, height = (1.02 + 0.016 * n, interval[0]), interval[1] - interval[0]
            bar = Rectangle(corner, 0.009, height, fc=COLOURS[name], alpha=0.35, lw=0)
            bar.set(transform=across, clip_on=False, gid=f"{name}.members")
            ax.add_artist(bar)
    names = sorted(LINES, key=lambda name: last.odds[name].mean)
    line = 1.5 * BODY / 72.0 * style.DPI / (_PANEL[3] * HEIGHT) * ax.get_ylim()[1]
    wanted = [last.odds[name].mean for name in names]
    places = spread(wanted, [line] * len(names), ax.get_ylim()[1])
    for name, place in zip(names, places, strict=True):
        text = f"{points_word(last.odds[name])} {NAMES[name]}"
        label = ax.text(1.078, place, text, transform=across, size=SMALL, va="center")
        label.set(color=COLOURS[name], weight="bold", gid=f"{name}.label")


# ------------------------------------------------------------------ what arrived


def _changes(told: Timeline) -> list[str]:
    """By day, the change of `agreed` since the day before it in the list, in points."""
    found = [""]
    for before, after in pairwise(told.points):
        found.append(f"{100.0 * (_agreed(after) - _agreed(before)):+.0f}".replace("-", "−"))
    return [text if text not in ("+0", "−0") else "±0" for text in found]


def _arrivals(figure: Figure, told: Timeline) -> None:
    """List what arrived, by letter, in columns, with the change that came with it."""
    rows = math.ceil(len(told.points) / _COLUMNS)
    title = (
        "What arrived, and the change of the odds of a full truce since the day above, in points"
    )
    figure.text(MARGIN, _LIST_TOP, title, size=BODY, weight="bold", va="top")
    width = INNER / _COLUMNS
    step = min(0.034, 0.29 / max(rows, 1))
    entries = zip(told.points, _LETTERS, _changes(told), strict=False)
    for n, (point, letter, change) in enumerate(entries):
        column, row = divmod(n, rows)
        x = MARGIN + column * width / WIDTH
        y = _LIST_TOP - 0.045 - row * step
        day = f"{point.news.day.day} {point.news.day:%b}"
        bold = bool(change) and int(change[1:]) >= _MUCH
        weight = "bold" if bold else "normal"
        figure.text(x, y, letter, size=SMALL, va="top", weight="bold")
        figure.text(x + 0.014, y, day, color=SOFT, size=SMALL, va="top")
        figure.text(x + 0.085, y, change, ha="right", size=SMALL, va="top", weight=weight)
        label = _fitting(point.news.label, width - 200)
        figure.text(x + 0.094, y, label, size=SMALL, va="top", gid="arrived")


def _fitting(text: str, width: float) -> str:
    """Cut a label to one line."""
    text = drawable(text)
    if text_width(text, SMALL) <= width:
        return text
    return wrap(text, width - text_width(" …", SMALL), SMALL)[0] + " …"


def _provenance(told: Timeline) -> str:
    first, last = told.points[0].news.day, told.points[-1].news.day
    least = min(point.effective for point in told.points)
    parts = [
        f"Conditional on model and on what was public on each day, {first} to {last}",
        f"{told.worlds:,} worlds of the baseline a day, seed {told.seed}",
        f"a posterior of its own for each day: {MEMBERS:,} members from {told.particles:,} pasts, "
        f"effective size {least:,.0f} or more",
    ]
    return " · ".join(parts)
