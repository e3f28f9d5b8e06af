"""The figure of a timeline: three odds by day, and below them what arrived."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.estimates import Odds
from sim.inputs.ensemble import MEMBERS
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.rows import MEDIAN_LOOK
from sim.plots.style import (
    BODY,
    LINE_COLOURS,
    SMALL,
    SOFT,
    fitting,
    line_height,
    spread,
    text_width,
)
from sim.plots.words import PER_CENT
from sim.text import counted, date_word, days_word

if TYPE_CHECKING:
    from sim.attribution.timeline import Point, Timeline

NAMES = {
    "quiet": "any mutual pause",
    "agreed": "full truce agreed",
    "held": "held for 30 days",
}
_PANEL = {"slide": 400.0, "page": 480.0, "column": 420.0}
_UNDER = 84.0
"""Room for letters and days under the axis, in pixels."""
_RIGHT = {"slide": 390.0, "page": 370.0, "column": 60.0}
_ENTRY, _LIST = 36.0, 60.0
"""Heights of a line of the list, and of what is above it, in pixels."""
_MUCH = 3
"""Points from which a change is set in bold."""
LISTED = 20
"""The most days that have a letter and an entry in the list; others are points alone."""
_LETTERS = "abcdefghijklmnopqrst"
_STEPS = (1, 2, 7, 14, 30, 60, 90, 183, 366, 732, 1830, 3660)
"""Days from a mark of the axis to the next."""


def listed(result: Timeline) -> list[int]:
    """Return which days are listed, by their places in the timeline.

    The first, the last, and those whose change of the odds of a full truce since the news day
    before is largest for its error.
    """
    points = result.points
    if len(points) <= LISTED:
        return list(range(len(points)))
    weights = []
    for before, after in pairwise(points):
        error = math.hypot(before.odds["agreed"].half_width, after.odds["agreed"].half_width)
        weights.append(abs(_agreed(after) - _agreed(before)) / max(error, 1e-9))
    between = sorted(range(1, len(points) - 1), key=lambda n: -weights[n - 1])
    return [0, *sorted(between[: LISTED - 2]), len(points) - 1]


def points_word(odds: Odds) -> str:
    """Write odds in whole per cent, the digits that a timeline supports."""
    return f"{100.0 * odds.mean:.0f}{PER_CENT}"


def finding(result: Timeline) -> str:
    """Say where the odds of a full truce began, where they are, and where they went between."""
    first, last = result.points[0], result.points[-1]
    ends = (first, last)
    far = max(result.points, key=lambda p: min(abs(_agreed(p) - _agreed(end)) for end in ends))
    way = [first, last][: len(result.points)]
    if min(abs(_agreed(far) - _agreed(end)) for end in ends) > 0.05:
        way = [first, far, last]
    steps = [
        f"{points_word(point.odds['agreed'])} on {date_word(point.news.day, year=_years(result))}"
        for point in way
    ]
    return (
        f"Odds of a full truce within {days_word(result.horizon_days)}: {', '.join(steps)}; "
        f"of one that holds, now {_now(last.odds['held'])}"
    )


def _now(odds: Odds) -> str:
    if odds.median_member is None:
        return points_word(odds)
    middle = f"{100.0 * odds.median_member:.0f}{PER_CENT}"
    return f"{points_word(odds)} on average, {middle} by the median member"


def _agreed(point: Point) -> float:
    return point.odds["agreed"].mean


def _years(result: Timeline) -> bool:
    """Whether the days lie in more years than one."""
    return result.points[0].news.day.year != result.points[-1].news.day.year


@figure_of
def timeline(result: Timeline, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the odds by day, and below them what arrived.

    Parameters
    ----------
    result
        From `sim.attribution.timeline.timeline`.
    size, bare
        As in `sim.plots.odds`. A column has no list of what arrived; elsewhere at most `LISTED`
        days are listed, and the caption says how many are not.

    Returns
    -------
    matplotlib.figure.Figure
        Its title says the finding, its caption where the numbers come from.
    """
    below = (
        f"Share of worlds in the {days_word(result.horizon_days)} after each day. Bands: "
        f"95{PER_CENT} error; bars: 90{PER_CENT} of members on the last day; △: the median one."
    )
    words = Words(finding(result), caption(result, size), below)
    rows = math.ceil(len(listed(result)) / _columns(size))
    room = 0.0 if size == "column" else _LIST + rows * _ENTRY
    height = _PANEL[size] + room
    sheet = new_sheet(size, words, height, _key(result, size), bare=bare)
    panel = sheet.height - room if size == "slide" else _PANEL[size]
    ax = _axes(sheet.part(0.0, 0.0, sheet.width, max(panel, 300.0)), result)
    for name in NAMES:
        _line(ax, result, name)
    _end_labels(sheet, ax, result.points[-1])
    if size != "column":
        _arrivals(sheet.part(0.0, panel, sheet.width, sheet.height - panel), result)
    return sheet.figure


def write_timeline(result: Timeline, folder: Path) -> None:
    """Write ``timeline.png`` and ``timeline.svg`` into a folder."""
    save_figure(timeline(result), folder, "timeline")


def _columns(size: Size) -> int:
    return 2 if size == "slide" else 1


def _key(result: Timeline, size: Size) -> Key:
    """Name the lines below a column, which has no room beside them."""
    if size != "column":
        return []
    last = result.points[-1].odds
    return [
        (
            Line2D([], [], color=LINE_COLOURS[name], lw=2.4, marker="o", ms=5),
            f"{points_word(last[name])} {words}",
        )
        for name, words in NAMES.items()
    ]


# ------------------------------------------------------------------ the panel


def _x(result: Timeline) -> list[int]:
    return [(point.news.day - result.points[0].news.day).days for point in result.points]


def _axes(sheet: Sheet, result: Timeline) -> Axes:
    """Make the axes of shares by day."""
    width = sheet.width - 94.0 - _RIGHT[sheet.size]
    ax = sheet.axes(94.0, 16.0, width, sheet.height - 16.0 - _UNDER, "odds")
    ends = [point.odds[name].mc[1] for point in result.points for name in NAMES]
    ends += [(result.points[-1].odds[name].ensemble or (0.0, 0.0))[1] for name in NAMES]
    top = min(1.0, 0.1 * math.ceil(10.0 * max(ends) + 0.2))
    ax.set_ylim(0.0, top)
    ticks = np.arange(0.0, top + 1e-9, 0.2 if top > 0.4 else 0.1)
    labels = [f"{100.0 * tick:.0f}" for tick in ticks]
    labels[-1] += PER_CENT
    ax.set_yticks(ticks, labels)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="y")
    span = max(_x(result)[-1], 1)
    ax.set_xlim(-0.012 * span, 1.004 * span)
    years = _years(result)
    longest = date_word(dt.date(dt.MAXYEAR, 9, 30), year=years)
    most = width / (text_width(longest, BODY) + 16.0)
    step = next((step for step in _STEPS if span <= most * step), span)
    marks = list(range(0, span + 1, step))
    start = result.points[0].news.day
    ax.set_xticks(marks, [date_word(start + dt.timedelta(days=n), year=years) for n in marks])
    ax.tick_params(axis="x", length=0, pad=24 if sheet.size != "column" else 8)
    if sheet.size != "column":
        _letters(ax, result, width)
    return ax


def _letters(ax: Axes, result: Timeline, width: float) -> None:
    """Mark the days that are listed, each with the letter of its entry."""
    across = ax.get_xaxis_transform()
    pixel = np.ptp(ax.get_xlim()) / width
    every = _x(result)
    days = [float(every[n]) for n in listed(result)]
    wide = [(text_width(letter, SMALL, "bold") + 2.0) * pixel for letter in _LETTERS[: len(days)]]
    places = spread(days, wide, days[-1] + 40.0 * pixel)
    for letter, day, place in zip(_LETTERS, days, places, strict=False):
        ax.plot([day, day, place], [0.0, -0.02, -0.04], transform=across, color=SOFT, lw=1.0,
                clip_on=False)  # fmt: skip
        look: dict[str, Any] = {"size": SMALL, "weight": "bold", "ha": "center", "va": "top"}
        ax.text(place, -0.045, letter, transform=across, **look)


def _line(ax: Axes, result: Timeline, name: str) -> None:
    days, odds = _x(result), [point.odds[name] for point in result.points]
    low, high = ([one.mc[end] for one in odds] for end in (0, 1))
    colour = LINE_COLOURS[name]
    band = ax.fill_between(days, low, high, color=colour, alpha=0.25, lw=0, zorder=3)
    band.set_gid(f"{name}.band")
    means = [one.mean for one in odds]
    many = len(days) > 2 * LISTED
    (line,) = ax.plot(days, means, color=colour, lw=1.8 if many else 2.4, zorder=4)
    ax.plot(days, means, ls="", color=colour, marker="o", ms=3 if many else 5, zorder=4)
    line.set_gid(f"{name}.line")


def _end_labels(sheet: Sheet, ax: Axes, last: Point) -> None:
    """At the right edge: the members' interval of each line, its value and its name."""
    across, box = ax.get_yaxis_transform(), ax.get_window_extent()
    for n, name in enumerate(NAMES):
        interval = last.odds[name].ensemble
        if interval is not None:
            corner = 1.0 + (10.0 + 15.0 * n) / box.width, interval[0]
            height = interval[1] - interval[0]
            colour = LINE_COLOURS[name]
            bar = Rectangle(corner, 10.0 / box.width, height, fc=colour, alpha=0.35, lw=0)
            bar.set(transform=across, clip_on=False, gid=f"{name}.members")
            ax.add_artist(bar)
        median = last.odds[name].median_member
        if median is not None:
            middle = 1.0 + (15.0 + 15.0 * n) / box.width
            look: dict[str, Any] = {**MEDIAN_LOOK, "ms": 6.5, "mew": 1.3, "transform": across}
            ax.plot(middle, median, **look, clip_on=False, zorder=6, gid=f"{name}.median")
    if sheet.size == "column":
        return
    names = sorted(NAMES, key=lambda name: last.odds[name].mean)
    line = line_height(BODY) / box.height * ax.get_ylim()[1]
    wanted = [last.odds[name].mean for name in names]
    places = spread(wanted, [line] * len(names), ax.get_ylim()[1])
    x = 1.0 + 64.0 / box.width
    for name, place in zip(names, places, strict=True):
        text = f"{points_word(last.odds[name])} {NAMES[name]}"
        look = {"color": LINE_COLOURS[name], "transform": across, "clip_on": False}
        ax.plot(x, place, marker="o", ms=7, **look)
        label = ax.text(x + 14.0 / box.width, place, text, transform=across, size=SMALL)
        label.set(va="center", weight="bold", gid=f"{name}.label")


# ------------------------------------------------------------------ what arrived


def _changes(result: Timeline) -> list[str]:
    """By day, the change of `agreed` since the day before it in the list, in points."""
    found = [""]
    for before, after in pairwise(result.points):
        found.append(f"{100.0 * (_agreed(after) - _agreed(before)):+.0f}".replace("-", "−"))
    return [text if text not in ("+0", "−0") else "±0" for text in found]


def _arrivals(sheet: Sheet, result: Timeline) -> None:
    """List what arrived, by letter, in columns, with the change that came with it."""
    columns = _columns(sheet.size)
    shown = listed(result)
    rows = math.ceil(len(shown) / columns)
    title = (
        "What arrived, answers and levers first, and the change of the odds of a full truce since "
        "the news before, in points"
    )
    kind = BODY if sheet.size == "slide" else SMALL
    sheet.text(0.0, 8.0, fitting(title, sheet.width, kind, 1, "bold"), size=kind, weight="bold")
    width = sheet.width / columns
    step = min(_ENTRY, (sheet.height - _LIST) / max(rows, 1))
    changes = _changes(result)
    for n, place in enumerate(shown):
        column, row = divmod(n, rows)
        entry = sheet.part(column * width, _LIST + row * step, width - 20.0, step)
        _entry(entry, result, place, _LETTERS[n], changes[place])


def _entry(sheet: Sheet, result: Timeline, place: int, letter: str, change: str) -> None:
    """A line of the list: letter, day, change, and what arrived, the biggest first."""
    from sim.attribution.arrived import OTHERS, label

    news = result.points[place].news
    day, after = f"{news.day.day} {news.day:%b}", 172.0
    if _years(result):
        day, after = f"{day} {news.day.year}", 236.0
    weight = "bold" if change and int(change[1:]) >= _MUCH else "normal"
    sheet.text(0.0, 0.0, letter, size=SMALL, weight="bold")
    sheet.text(32.0, 0.0, day, color=SOFT, size=SMALL)
    sheet.text(after, 0.0, change, ha="right", size=SMALL, weight=weight)
    room = sheet.width - after - 17.0
    whole = label(news, result.conflict, lambda line: text_width(line, SMALL) <= room)
    text, others, left = whole.partition(OTHERS)
    rest = others + left
    text = fitting(text, room - text_width(rest, SMALL), SMALL) + rest
    sheet.text(after + 17.0, 0.0, text, size=SMALL, gid="arrived")


def caption(result: Timeline, size: Size = "slide") -> str:
    """Return the provenance of the numbers, in one paragraph, and how many days are not listed."""
    first, last = result.points[0].news.day, result.points[-1].news.day
    least = min(point.effective for point in result.points)
    parts = [
        f"Conditional on model and on what was public on each day, {first} to {last}",
        f"{result.worlds:,} worlds of the baseline a day, seed {result.seed}",
        f"a posterior of its own for each day: {MEMBERS:,} members from {result.particles:,} "
        f"pasts, effective size {least:,.0f} or more",
    ]
    if result.ensemble_id:
        parts.append(f"the last day as a run has it, from {result.ensemble_id}")
    left = len(result.points) - LISTED
    if left > 0 and size != "column":
        parts.append(
            f"listed are the first day, the last and the {LISTED - 2} whose change is largest "
            f"for its error; {counted(left, 'more day')} of {len(result.points)} are drawn as "
            "points"
        )
    elif size != "column":
        parts.append("how much of a day's change is due to each thing that arrived is not known")
    return " · ".join(parts)
