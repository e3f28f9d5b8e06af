"""The figure of a run: how its worlds end, and how soon a truce comes.

Two kinds of not knowing are drawn apart in both panels: a thin dark whisker or band for the dice,
a wide light bar for ignorance, the members' own odds.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.domain import Outcome
from sim.plots import style
from sim.plots.page import save_figure
from sim.plots.style import (
    BODY,
    CAPTION,
    HEADING,
    HEIGHT,
    INK,
    MARGIN,
    OUTCOME_COLOURS,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    WIDTH,
    balanced,
    left_to_right,
    spread,
    text_width,
    tint,
    wrap,
)
from sim.plots.words import PER_CENT, PRIOR, caption, days_word, headline, percent
from sim.records import Floats
from sim.results import FEWEST_MEMBERS, Odds, Results, base_rate, member_error, wilson
from sim.scenario import Scenario

MEANINGS = {
    "held": ("Held", "a full truce held 30 days"),
    "collapsed": ("Collapsed", "agreed, but none held"),
    "walked_away": ("Walked away", "the mediator left first"),
    "partial_only": ("Partial only", "no more than a partial truce"),
    "no_truce": ("No truce", "none of these"),
}
_LEFT_PANEL = (0.245, 0.245, 0.25, 0.465)
_RIGHT_PANEL = (0.6, 0.245, 0.228, 0.465)
_RIGHT_EDGE = 0.55
"""Where the words of the right panel begin."""
_BAND: dict[str, Any] = {"facecolor": (INK, 0.12), "edgecolor": (INK, 0.6), "linewidth": 0.8}
_CAPTION_LINES = 3


# ------------------------------------------------------------------ how worlds end


def _outcomes(ax: Axes, results: Results) -> None:
    """Draw a row an outcome: a bar for the share, below it both intervals."""
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(len(OUTCOME_COLOURS) - 0.5, -0.5)
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100" + PER_CENT])
    ax.tick_params(length=0, pad=8)
    ax.set_yticks([])
    ax.spines["bottom"].set_visible(False)
    ax.grid(axis="x")
    for row, (name, odds) in enumerate(results.odds.items()):
        colour = OUTCOME_COLOURS[name]
        (bar,) = ax.barh(row - 0.06, odds.mean, 0.34, color=colour, zorder=3)
        bar.set_gid(f"{name}.mean")
        _members(ax, name, odds, (0.0, row + 0.17), 0.18)
        _whisker(ax, name, odds, row + 0.26)
        _row_label(ax, name, percent(odds, results.tally.worlds), row, quiet=odds.mean == 0.0)
    _base_rate(ax, base_rate(results.scenario))


def _members(
    ax: Axes,
    name: str,
    odds: Odds,
    corner: tuple[float, float],
    size: float,
    *,
    upright: bool = False,
) -> None:
    """Draw the interval of the members as a light bar, lying or upright, if there is one."""
    if odds.ensemble is None:
        return
    low, high = odds.ensemble
    if upright:
        place, width, height = (corner[0], low), size, high - low
    else:
        place, width, height = (low, corner[1]), high - low, size
    bar = Rectangle(place, width, height, fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    bar.set(gid=f"{name}.members", zorder=4, clip_on=False)
    if upright:
        bar.set_transform(ax.get_yaxis_transform())
    ax.add_artist(bar)


def _whisker(ax: Axes, name: str, odds: Odds, y: float) -> None:
    (line,) = ax.plot(odds.mc, (y, y), color=INK, lw=1.8, marker="|", ms=7, mew=1.8, zorder=5)
    line.set(gid=f"{name}.mc", clip_on=False)


def _row_label(ax: Axes, name: str, value: str, row: int, *, quiet: bool) -> None:
    title, meaning = MEANINGS[name]
    left = (MARGIN - _LEFT_PANEL[0]) / _LEFT_PANEL[2]
    colour = SOFT if quiet else INK
    weight = "normal" if quiet else "bold"
    across = ax.get_yaxis_transform()
    ax.text(left, row - 0.02, title, transform=across, va="bottom", weight=weight, color=colour)
    ax.text(left, row + 0.06, meaning, transform=across, va="top", color=SOFT, size=SMALL)
    size = SMALL if " of " in value else HEADING
    number = ax.text(
        -0.045, row - 0.06, value, transform=across, ha="right", va="center", size=size
    )
    number.set(gid=f"{name}.value", weight=weight, color=colour)


def _base_rate(ax: Axes, rate: float) -> None:
    """Mark the base rate above the bar of `held`."""
    y = Outcome.HELD - 0.36
    (mark,) = ax.plot(rate, y, marker="D", ms=6.5, color=INK, mec="white", zorder=6, ls="")
    mark.set(gid="held.base_rate", clip_on=False)
    value = f"{100.0 * rate:.1f}" if rate >= 0.0005 else "<0.1"
    ax.annotate(
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


def _truce_by_day(ax: Axes, results: Results) -> None:
    """Draw the growing share of worlds with a truce, and of those where one holds."""
    shares = curves(results)
    days = np.arange(len(shares.agreed))
    held, fell = OUTCOME_COLOURS["held"], tint(OUTCOME_COLOURS["collapsed"])
    ax.fill_between(days, shares.held, color=held, lw=0, zorder=3).set_gid("curve.held")
    area = ax.fill_between(days, shares.held, shares.agreed, color=fell, lw=0, zorder=3)
    area.set_gid("curve.collapsed")
    band = ax.fill_between(days, shares.low, shares.high, **_BAND, zorder=4)
    band.set_gid("agreed.band")
    (line,) = ax.plot(days, shares.agreed, color=INK, lw=1.8, zorder=5)
    line.set_gid("curve.agreed")
    _members(ax, "agreed", results.agreed, (1.03, 0.0), 0.022, upright=True)
    top = max(float(shares.high.max()), (results.agreed.ensemble or (0.0, 0.0))[1])
    _share_axis(ax, top)
    _day_axis(ax, results.scenario)
    _end_labels(ax, results)


_TOPS = {0.01: 0.002, 0.05: 0.01, 0.1: 0.02, 0.2: 0.05, 0.4: 0.1, 0.6: 0.15, 0.8: 0.2, 1.0: 0.25}
"""Upper ends of the axis of shares, each with its step."""


def _share_axis(ax: Axes, highest: float) -> None:
    top = next((top for top in _TOPS if highest <= top), 1.0)
    ticks = np.arange(round(top / _TOPS[top]) + 1) * _TOPS[top]
    ax.set_ylim(0.0, top)
    ax.set_yticks(
        ticks, [f"{100.0 * tick:g}" for tick in ticks[:-1]] + [f"{100 * top:g}{PER_CENT}"]
    )
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0, pad=8)
    ax.grid(axis="y")


def day_ticks(horizon_days: int) -> list[int]:
    """Return the days to mark on an axis, from 0 to the horizon and about evenly spaced."""
    steps = (1, 2, 5, 10, 15, 30, 60, 90)
    step = next(step for step in steps if horizon_days <= 6 * step)
    inner = range(step, horizon_days, step)
    return [0, *(day for day in inner if horizon_days - day >= 0.7 * step), horizon_days]


def _day_axis(ax: Axes, scenario: Scenario) -> None:
    horizon = scenario.horizon_days
    ticks = day_ticks(horizon)
    labels = [str(day) for day in ticks]
    for i in (0, -1):
        labels[i] = f"day {ticks[i]}\n{scenario.as_of + timedelta(days=ticks[i])}"
    ax.set_xlim(0.0, horizon + 1.0)
    ax.set_xticks(ticks, labels)
    ax.tick_params(axis="x", length=5, pad=6)


def _end_labels(ax: Axes, results: Results) -> None:
    """Name the line, the areas and the interval of the members at the right edge."""
    agreed, worlds = results.agreed, results.tally.worlds
    few = " of " in percent(agreed, worlds)  # then the numbers stand in the title alone

    def name_with(odds: Odds, name: str) -> str:
        return name if few else f"{percent(odds, worlds)} {name}"

    labels = [(agreed.mean, name_with(agreed, "agreed") if agreed.mean else "none agreed", INK)]
    floor = 0.0
    for name in ("held", "collapsed"):
        odds = results.odds[name]
        if odds.mean > 0.0:
            text = name_with(odds, name)
            labels.append((floor + odds.mean / 2.0, text, OUTCOME_COLOURS[name]))
        floor += odds.mean
    if agreed.ensemble is not None:
        labels.append((agreed.ensemble[1], f"90{PER_CENT} of members", SOFT))
    labels.sort(key=lambda label: label[0])
    top = ax.get_ylim()[1]
    line = 1.45 * BODY / 72.0 * style.DPI / (_RIGHT_PANEL[3] * HEIGHT) * top
    places = spread([label[0] for label in labels], [line] * len(labels), top + line / 2.0)
    across = ax.get_yaxis_transform()
    for place, (_, text, colour) in zip(places, labels, strict=True):
        weight = "normal" if colour == SOFT else "bold"
        ax.text(1.08, place, text, transform=across, va="center", color=colour, weight=weight)


# ------------------------------------------------------------------ the page


def _heading(figure: Figure, results: Results) -> None:
    """Write the finding, and under it the horizon and the kind of odds."""
    scenario = results.scenario
    lines = headline(results)
    y = 0.955 if len(lines) > 1 else 0.93
    for line in lines:
        figure.text(
            MARGIN, y, left_to_right(line), size=TITLE, weight="bold", va="top", gid="title"
        )
        y -= 0.054
    said = f"within {days_word(scenario.horizon_days)} of {scenario.as_of}"
    figure.text(MARGIN, y - 0.008, said, size=HEADING, color=SOFT, va="top")
    if results.ensemble_kind == "prior":
        figure.text(
            MARGIN + (text_width(said, HEADING) + 40) / WIDTH,
            y - 0.008,
            f"PRIOR ODDS: {PRIOR}",
            size=HEADING,
            weight="bold",
            color=WARNING,
            va="top",
            gid="prior",
        )


def _panel_title(figure: Figure, x: float, text: str) -> None:
    figure.text(x, 0.75, text, size=HEADING, weight="bold")


def _key(figure: Figure, odds: Odds) -> None:
    """Explain the two intervals, once for both panels."""
    whisker = Line2D([], [], color=INK, lw=1.8, marker="|", ms=8, mew=1.8)
    band = Patch(fc=INK, alpha=0.25, lw=0)
    bar = Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    dice = f"dice: 95{PER_CENT} error of the estimate, shrinks with more worlds"
    members = f"ignorance: 90{PER_CENT} of members, does not shrink"
    if odds.ensemble is None:
        members = f"ignorance: not shown below {FEWEST_MEMBERS} members"
    handles: list[Any] = [(band, whisker), bar]
    legend = figure.legend(
        handles,
        [dice, members],
        loc="center left",
        bbox_to_anchor=(MARGIN, 0.128),
        ncols=2,
        numpoints=2,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=2.6,
        columnspacing=3.0,
    )
    legend.set_gid("key")


def _caption(figure: Figure, results: Results) -> None:
    """Write where the numbers come from; a long list of levers set is cut short at its end."""
    width = (1.0 - 2.0 * MARGIN) * WIDTH
    lines = wrap(caption(results), width, CAPTION)
    if len(lines) > _CAPTION_LINES:
        last = lines[_CAPTION_LINES - 1]
        kept = wrap(last, 0.8 * width, CAPTION)[0].rstrip(",")
        lines = [*lines[: _CAPTION_LINES - 1], f"{kept} … (all in the manifest)"]
    else:
        lines = balanced(lines, width, CAPTION)
    text = figure.text(MARGIN, 0.03, "\n".join(lines), size=CAPTION, color=SOFT, linespacing=1.4)
    text.set_gid("caption")


def odds(results: Results) -> Figure:
    """Draw the odds of a run for a slide: how worlds end, and how soon a truce comes.

    Parameters
    ----------
    results
        What came of a run; the counts suffice, the worlds need not be kept.

    Returns
    -------
    matplotlib.figure.Figure
        1920 by 1080 pixels; its title says the finding, its caption where the numbers come from.

    Examples
    --------
    >>> import sim
    >>> sim.plots.odds(sim.run("baseline")).savefig("odds.pdf")  # doctest: +SKIP
    """
    with style.style():
        figure = Figure()
        _heading(figure, results)
        _panel_title(figure, MARGIN, "How worlds end (share of all worlds)")
        _panel_title(figure, _RIGHT_EDGE, "Full truce reached by day (share of all worlds)")
        _outcomes(figure.add_axes(_LEFT_PANEL, label="outcomes"), results)
        _truce_by_day(figure.add_axes(_RIGHT_PANEL, label="days"), results)
        _key(figure, results.agreed)
        _caption(figure, results)
    return figure


def write_odds(results: Results, folder: Path) -> None:
    """Write ``odds.png`` (1920 by 1080) and ``odds.svg`` into a folder.

    The same results give the same bytes: no date is written, and words in the SVG are outlines.
    """
    save_figure(odds(results), folder, "odds")
