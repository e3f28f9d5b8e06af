"""The figures of a run: how its worlds end, and how soon a truce comes.

Two kinds of not knowing are drawn apart in both panels: a thin dark whisker or band for the dice,
a wide light bar for ignorance, the members' own odds.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.base_rate import BASE_RATE
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.estimates import FEWEST_MEMBERS, Odds, member_error, wilson
from sim.inputs.scenario import Scenario
from sim.plots import style
from sim.plots.page import TITLE_ROOM, Sheet, Size, figure_of, new_sheet, save_figure
from sim.plots.rows import (
    UNDER,
    Rows,
    draw_dice,
    draw_median,
    draw_members,
    median_key,
    members_bar,
    new_rows,
    share_ticks,
)
from sim.plots.style import (
    BODY,
    HEADING,
    INK,
    OUTCOME_COLOURS,
    SMALL,
    SOFT,
    line_height,
    spread,
    tint,
)
from sim.plots.words import PER_CENT, finding, percents, words_of
from sim.results import Results
from sim.text import date_words

MEANINGS = {
    "held": ("Held", "a full truce held 30 days"),
    "collapsed": ("Collapsed", "agreed, but none held"),
    "walked_away": ("Walked away", "the mediator left first"),
    "partial_only": ("Partial only", "only a partial truce"),
    "no_truce": ("No truce", "none of these"),
}
BAND: dict[str, Any] = {"facecolor": (INK, 0.12), "edgecolor": (INK, 0.6), "linewidth": 0.8}
"""The error of a curve."""
_WORDS = 422.0
_DAYS_HEIGHT = {"slide": 500.0, "page": 400.0, "column": 330.0}
LABELS = 278.0
"""Room for the words right of a curve, in pixels."""
UNDER_DAYS = 92.0
"""Room for the days under an axis, in pixels."""


# ------------------------------------------------------------------ how worlds end


def _rows_height(size: Size) -> float:
    return 5.0 * (132.0 if size == "column" else 84.0) + UNDER


def _outcomes(sheet: Sheet, results: Results) -> None:
    """Draw a row an outcome: a bar for the share, below it both intervals."""
    pitch = min(132.0, (sheet.height - UNDER) / 5.0)
    beside = 0.0 if sheet.size == "column" else _WORDS
    rows = new_rows(sheet, 0.0, 5, pitch, beside, 44.0, "outcomes")
    rows = replace(rows, lift=52.0)
    share_ticks(rows.ax)
    told = percents(results)
    for row, (name, odds) in enumerate(results.odds.items()):
        y = rows.bar(row)
        (bar,) = rows.ax.barh(y - 0.06, odds.mean, 0.34, color=OUTCOME_COLOURS[name], zorder=3)
        bar.set_gid(f"{name}.mean")
        draw_members(rows.ax, name, odds, y + 0.17, 0.18)
        draw_dice(rows.ax, name, odds.mc, y + 0.26)
        draw_median(rows.ax, name, odds, y + 0.26)
        _row_label(rows, name, told[name], row, quiet=odds.mean == 0.0)
    _base_rate(rows, results.scenario.base_rate)


def _row_label(rows: Rows, name: str, value: str, row: int, *, quiet: bool) -> None:
    title, meaning = MEANINGS[name]
    look = {"weight": "normal" if quiet else "bold", "color": SOFT if quiet else INK}
    size = SMALL if " of " in value else HEADING
    number = {**look, "size": size, "ha": "right", "gid": f"{name}.value"}
    if not rows.beside:
        rows.words(row, 0.0, title, **look)
        rows.words(row, 208.0, meaning, color=SOFT, size=SMALL)
        rows.words(row, rows.sheet.width, value, **number)
        return
    y = rows.middle(row)
    rows.sheet.text(0.0, y - 3.0, title, va="bottom", **look)
    rows.sheet.text(0.0, y + 5.0, meaning, color=SOFT, size=SMALL)
    rows.words(row - 0.06, rows.beside - 21.0, value, **number)


_BASE_MARK: dict[str, Any] = {"marker": "D", "ms": 6.5, "color": INK, "mec": style.PAPER, "ls": ""}


def _base_rate(rows: Rows, rate: float) -> None:
    """Mark the base rate above the bar of `held`."""
    y = rows.bar(Outcome.HELD) - (0.36 if rows.beside else 0.32)
    (mark,) = rows.ax.plot(rate, y, **_BASE_MARK, zorder=6)
    mark.set(gid="held.base_rate", clip_on=False)
    value = f"{100.0 * rate:.1f}" if rate >= 0.0005 else "<0.1"
    rows.ax.annotate(
        f"base rate {value}{PER_CENT}",
        (rate, y),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        size=SMALL,
    )


# ------------------------------------------------------------------ how soon


class Curves(NamedTuple):
    """Shares of all worlds by day, from 0 to the day after the horizon.

    Attributes
    ----------
    agreed
        A first full truce has taken effect by the end of the day.
    held
        The same, and the world ends with a truce that held 30 days.
    low, high
        95 % interval of the estimate of ``agreed``, day by day.
    """

    agreed: Floats
    held: Floats
    low: Floats
    high: Floats


def curves(results: Results) -> Curves:
    """Return how the share of worlds with a truce grows.

    The counts by day do not tell the members apart. The band therefore takes the effective number
    of worlds of `agreed` at the horizon, ``p (1 - p) / Var`` with the two-stage variance, for
    every day: its last interval is that of `agreed`. No band of members can be had by day.
    """
    last = results.scenario.horizon_days + 1
    by_day = np.zeros((len(Outcome), last + 1), np.int64)
    by_day[:, 1:] = results.tally.first_day[:, 1 : last + 1]
    held = by_day[Outcome.HELD].cumsum() / results.tally.worlds
    both = by_day[Outcome.HELD] + by_day[Outcome.COLLAPSED]
    agreed = both.cumsum() / results.tally.worlds
    size = _effective_size(results)
    low, high = np.array([wilson(share, size) for share in agreed.tolist()]).T
    return Curves(agreed, held, low, high)


def _effective_size(results: Results) -> float:
    """How many independent worlds would know `agreed` as well."""
    counts = results.tally.outcomes[results.tally.outcomes.sum(1) > 0]
    hits = counts[:, [Outcome.HELD, Outcome.COLLAPSED]].sum(1)
    share = float(hits.sum() / counts.sum())
    if share in (0.0, 1.0):
        return float(counts.sum())
    variance = member_error(hits, counts.sum(1), results.tally.members)
    return share * (1.0 - share) / variance if variance > 0.0 else float("inf")


def _truce_by_day(sheet: Sheet, results: Results) -> None:
    """Draw the growing share of worlds with a truce, and of those where one holds."""
    shares = curves(results)
    ax = day_axes(sheet, results.scenario)
    days = np.arange(len(shares.agreed))
    held, fell = OUTCOME_COLOURS["held"], tint(OUTCOME_COLOURS["collapsed"])
    ax.fill_between(days, shares.held, color=held, lw=0, zorder=3).set_gid("curve.held")
    area = ax.fill_between(days, shares.held, shares.agreed, color=fell, lw=0, zorder=3)
    area.set_gid("curve.collapsed")
    draw_agreed(ax, shares)
    if results.agreed.ensemble is not None:
        low, high = results.agreed.ensemble
        pixel = 1.0 / ax.get_window_extent().width
        bar = members_bar((1.0 + 12.0 * pixel, low), 10.0 * pixel, high - low, "agreed.members")
        bar.set_transform(ax.get_yaxis_transform())
        ax.add_artist(bar)
    share_axis(ax, max(float(shares.high.max()), (results.agreed.ensemble or (0.0, 0.0))[1]))
    _end_labels(sheet, ax, results)


def draw_agreed(ax: Axes, shares: Curves) -> None:
    """Draw the line of worlds that agreed, with the error of the estimate."""
    days = np.arange(len(shares.agreed))
    band = ax.fill_between(days, shares.low, shares.high, **BAND, zorder=4)
    band.set_gid("agreed.band")
    (line,) = ax.plot(days, shares.agreed, color=INK, lw=1.8, zorder=5)
    line.set_gid("curve.agreed")


def day_axes(sheet: Sheet, scenario: Scenario, left: float = 94.0, right: float = LABELS) -> Axes:
    """Make axes over the days of a scenario, with room for words around them."""
    width, height = sheet.width - left - right, sheet.height - 14.0 - UNDER_DAYS
    ax = sheet.axes(left, 14.0, width, height, "days")
    mark_days(ax, scenario, 6 if width > 420.0 else 3)
    return ax


def mark_days(ax: Axes, scenario: Scenario, most: int) -> None:
    """Mark about ``most`` days on an axis, the first and the last with their dates."""
    horizon = scenario.horizon_days
    ticks = day_ticks(horizon, most)
    labels = [f"day {day}" if day in (0, horizon) else str(day) for day in ticks]
    near = horizon / (horizon + 1.0) * ax.get_window_extent().width < 170.0
    ends = [scenario.as_of, scenario.as_of + timedelta(days=horizon)]
    for i, date in zip((0,) if near else (0, -1), date_words(ends, short=True), strict=False):
        labels[i] += f"\n{date}"
    ax.set_xlim(0.0, horizon + 1.0)
    ax.set_xticks(ticks, labels)
    ax.tick_params(axis="x", length=5, pad=6)


_TOPS = {0.01: 0.002, 0.05: 0.01, 0.1: 0.02, 0.2: 0.05, 0.4: 0.1, 0.6: 0.15, 0.8: 0.2, 1.0: 0.25}
"""Upper ends of the axis of shares, each with its step."""


def share_axis(ax: Axes, highest: float) -> None:
    """Make the axis of shares as high as it must be, with round numbers."""
    top = next((top for top in _TOPS if highest <= top), 1.0)
    ticks = np.arange(round(top / _TOPS[top]) + 1) * _TOPS[top]
    ax.set_ylim(0.0, top)
    ax.set_yticks(
        ticks, [f"{100.0 * tick:g}" for tick in ticks[:-1]] + [f"{100 * top:g}{PER_CENT}"]
    )
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.grid(axis="y")


def day_ticks(horizon_days: int, most: int = 6) -> list[int]:
    """Return the days to mark on an axis, from 0 to the horizon and about evenly spaced."""
    steps = (1, 2, 5, 10, 15, 30, 60, 90, 180)
    step = next(step for step in steps if horizon_days <= most * step)
    inner = range(step, horizon_days, step)
    return [0, *(day for day in inner if horizon_days - day >= 0.7 * step), horizon_days]


def _end_labels(sheet: Sheet, ax: Axes, results: Results) -> None:
    """Name the line, the areas and the interval of the members at the right edge."""
    agreed, told = results.agreed, percents(results)
    few = " of " in told["agreed"]  # then the numbers stand in the title alone

    def with_number(name: str) -> str:
        return name if few else f"{told[name]} {name}"

    labels = [(agreed.mean, with_number("agreed") if agreed.mean else "none agreed", INK)]
    floor = 0.0
    for name in ("held", "collapsed"):
        odds = results.odds[name]
        if odds.mean > 0.0:
            middle = floor + odds.mean / 2.0
            labels.append((middle, with_number(name), OUTCOME_COLOURS[name]))
        floor += odds.mean
    if agreed.ensemble is not None:
        labels.append((agreed.ensemble[1], f"90{PER_CENT} of members", SOFT))
    write_ends(sheet, ax, [(at, text, colour, colour != SOFT) for at, text, colour in labels])


def write_ends(
    sheet: Sheet, ax: Axes, labels: list[tuple[float, str, Any, bool]], left: float = 36.0
) -> None:
    """Write labels right of an axis near the shares they belong to, none over another.

    Parameters
    ----------
    labels
        Share, words, colour and whether they are bold.
    left
        How many pixels right of the axis they begin.
    """
    labels = sorted(labels, key=lambda label: label[0])
    top = ax.get_ylim()[1]
    line = line_height(BODY) / (sheet.height - 14.0 - UNDER_DAYS) * top
    places = spread([label[0] for label in labels], [line] * len(labels), top + line / 2.0)
    across = ax.get_yaxis_transform()
    x = 1.0 + left / ax.get_window_extent().width
    for place, (_, text, colour, bold) in zip(places, labels, strict=True):
        weight = "bold" if bold else "normal"
        ax.text(x, place, text, transform=across, va="center", color=colour, weight=weight)


# ------------------------------------------------------------------ the figures


def base_rate_key() -> tuple[Line2D, str]:
    """Explain the mark of the base rate."""
    return Line2D([], [], **_BASE_MARK), f"base rate: {BASE_RATE}, no forecast of the talks"


def intervals_key(odds: Odds) -> list[tuple[Any, str]]:
    """Explain the two intervals."""
    whisker = Line2D([], [], color=INK, lw=1.8, marker="|", ms=8, mew=1.8)
    band = Patch(fc=INK, alpha=0.25, lw=0)
    bar = Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    dice = f"dice: 95{PER_CENT} error of the estimate, shrinks with more worlds"
    members = f"ignorance: 90{PER_CENT} of members, does not shrink"
    if odds.ensemble is None:
        members = f"ignorance: not shown below {FEWEST_MEMBERS} members"
    key: list[tuple[Any, str]] = [((band, whisker), dice), (bar, members)]
    return key if odds.median_member is None else [*key, median_key()]


@figure_of
def odds(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the odds of a run: how worlds end, and how soon a truce comes.

    Parameters
    ----------
    results
        What came of a run; the counts suffice, the worlds need not be kept.
    size
        `slide` (1920 by 1080 pixels, the panels side by side), `page` or `column` (stacked).
    bare
        Without title and caption, which are then the text's around the figure.

    Returns
    -------
    matplotlib.figure.Figure
        Its title says the finding, its caption where the numbers come from.

    Examples
    --------
    >>> import sim
    >>> sim.plots.odds(sim.run("baseline")).savefig("odds.pdf")  # doctest: +SKIP
    """
    first, second = TITLE_ROOM + _rows_height(size), TITLE_ROOM + _DAYS_HEIGHT[size]
    key = [*intervals_key(results.agreed), base_rate_key()]
    height = first + 24.0 + second
    sheet = new_sheet(size, words_of(results, finding(results)), height, key, bare=bare)
    if size == "slide":
        left = sheet.part(0.0, 0.0, 0.5 * sheet.width, min(700.0, sheet.height))
        right = sheet.part(sheet.width - 867.0, 0.0, 867.0, left.height)
    else:
        left = sheet.part(0.0, 0.0, sheet.width, first)
        right = sheet.part(0.0, first + 24.0, sheet.width, second)
    left.title("How worlds end (share of all worlds)")
    right.title("Full truce by day (share of all worlds)")
    _outcomes(left.below_title(), results)
    _truce_by_day(right.below_title(), results)
    return sheet.figure


@figure_of
def endings(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw how the worlds of a run end: a share with both intervals, and the base rate marked.

    Parameters
    ----------
    results, size, bare
        As in `odds`.
    """
    key = [*intervals_key(results.odds["held"]), base_rate_key()]
    words = words_of(results, finding(results))
    sheet = new_sheet(size, words, _rows_height(size), key, bare=bare)
    _outcomes(sheet, results)
    return sheet.figure


def write_odds(results: Results, folder: Path) -> None:
    """Write ``odds.png`` (1920 by 1080) and ``odds.svg`` into a folder.

    The same results give the same bytes: no date is written, and words in the SVG are outlines.
    """
    save_figure(odds(results), folder, "odds")
