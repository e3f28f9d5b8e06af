"""The figure of influence: what moves the odds most when it is left out or changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.calibrate.influence import Influence, Influences
from sim.plots import style
from sim.plots.page import footer, heading, save_figure
from sim.plots.style import (
    HEADING,
    INK,
    MARGIN,
    OUTCOME_COLOURS,
    RULE,
    SMALL,
    SOFT,
    WIDTH,
    drawable,
    text_width,
    wrap,
)
from sim.plots.words import PER_CENT

SHOWN = {"article": 5, "event": 8, "statement": 8, "structure": 5}
"""How many of each kind are drawn, the largest first."""
TITLES = {
    "article": "Articles left out",
    "event": "Events left out",
    "statement": "Statements left out",
    "structure": "Assumptions changed",
}
PANELS = (("article", "event"), ("statement", "structure"))
_LABEL, _BARS = 0.3, 0.15
"""Widths of the words and of the bars of a panel, of the figure's."""
_BOTTOM, _HEIGHT = 0.155, 0.625


def finding(told: Influences) -> str:
    """Say what the odds of `held` rest on most, with the odds before and after."""
    evidence = [row for row in told.rows if row.kind != "structure"]
    rows = [row for row in evidence if _sure(row)] or list(told.rows)
    if not rows:
        return "Nothing that was varied moves the odds"
    top = max(rows, key=lambda row: abs(row.shifts["held"].change))
    held = told.odds["held"].change
    without = held + top.shifts["held"].change
    return (
        f"{_case(top)}, the odds of a truce that holds would be "
        f"{100.0 * without:.0f}{PER_CENT}, not {100.0 * held:.0f}{PER_CENT}"
    )


def _case(row: Influence) -> str:
    """Name what is left out or changed, as the beginning of a sentence."""
    if row.kind == "structure":
        return f"With {drawable(row.label)}"
    if row.kind == "article":
        return f"Without article {row.id[:3]}"
    told = drawable(row.label.partition(";")[0].partition(",")[0])
    word = "the news of" if row.kind == "event" else "the statement"
    return f"Without {word} “{told}”"


def _sure(row: Influence) -> bool:
    low, high = row.shifts["held"].interval
    return low > 0.0 or high < 0.0


def influence_figure(told: Influences) -> Figure:
    """Draw what moves the odds most, for a slide.

    Parameters
    ----------
    told
        From `sim.calibrate.influence.influences`.

    Returns
    -------
    matplotlib.figure.Figure
        1920 by 1080 pixels; its title says the finding, its caption where the numbers come from.
    """
    with style.style():
        figure = Figure()
        below = (
            f"Change of the odds over {told.horizon_days} days, in points, with "
            f"95{PER_CENT} error; grey where the error spans 0."
        )
        heading(figure, finding(told), below)
        reach = _reach(told)
        shown = [kinds for kinds in PANELS if any(_chosen(told, kind) for kind in kinds)]
        for side, kinds in enumerate(shown):
            left = MARGIN + side * 0.485
            _panel(figure, told, kinds, left, reach)
        _key(figure)
        footer(figure, _provenance(told))
    return figure


def write_influence(told: Influences, folder: Path) -> None:
    """Write ``influence.png`` and ``influence.svg`` into a folder."""
    save_figure(influence_figure(told), folder, "influence")


def _chosen(told: Influences, kind: str) -> list[Influence]:
    return [row for row in told.rows if row.kind == kind][: SHOWN[kind]]


def _reach(told: Influences) -> tuple[float, float]:
    """How far the axis goes to either side, in points."""
    ends = [
        100.0 * end
        for kind in TITLES
        for row in _chosen(told, kind)
        for shift in row.shifts.values()
        for end in shift.interval
    ]
    low, high = min([-1.0, *ends]), max([1.0, *ends])
    room = 0.05 * (high - low)
    return low - room, high + room


def _panel(
    figure: Figure, told: Influences, kinds: Sequence[str], left: float, reach: tuple[float, float]
) -> None:
    """Draw the rows of two kinds below each other, with a heading for each."""
    place = (left + _LABEL, _BOTTOM, _BARS, _HEIGHT)
    ax = figure.add_axes(place, label="-".join(kinds))
    lines = sum(len(_chosen(told, kind)) + 1.4 for kind in kinds)
    ax.set_xlim(*reach)
    ax.set_ylim(max(lines, 6.0) - 0.4, -0.6)
    ax.set_yticks([])
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}" if value else "0")
    ax.tick_params(axis="x", length=0, pad=6)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    ax.grid(axis="x")
    ax.axvline(0.0, color=SOFT, lw=1.2, zorder=2)
    y = 0.0
    for kind in kinds:
        rows = _chosen(told, kind)
        if rows:
            _words(ax, y, TITLES[kind], size=HEADING, weight="bold")
        for row in rows:
            y += 1.0
            _row(ax, row, y)
        y += 1.4


def _words(ax: Axes, y: float, text: str, *, size: float, weight: str = "normal") -> None:
    x = -_LABEL / _BARS
    across = ax.get_yaxis_transform()
    ax.text(x, y, text, transform=across, size=size, weight=weight, va="center", gid="row")


def _row(ax: Axes, row: Influence, y: float) -> None:
    held, agreed = row.shifts["held"], row.shifts["agreed"]
    colour = OUTCOME_COLOURS["held"] if _sure(row) else RULE
    (bar,) = ax.barh(y, 100.0 * held.change, 0.56, color=colour, zorder=3)
    bar.set_gid(f"{row.id}.held")
    ends = [100.0 * end for end in held.interval]
    ax.plot(ends, (y, y), color=INK, lw=1.6, zorder=5)
    ax.plot(100.0 * agreed.change, y, marker="D", ms=5.5, color="white", mec=INK, zorder=6)
    _words(ax, y, _fitting(_label(row)), size=SMALL)


def _label(row: Influence) -> str:
    if row.kind == "structure":
        return row.label[:1].upper() + row.label[1:]
    if row.kind == "article":
        return f"{row.id[:3]}  {row.label}"
    told = row.label.partition(";")[0]
    return told[:1].upper() + told[1:]


def _fitting(text: str) -> str:
    """Cut a label to the room beside the bars."""
    room = (_LABEL - 0.01) * WIDTH
    text = drawable(text)
    if text_width(text, SMALL) <= room:
        return text
    return wrap(text, room - text_width(" …", SMALL), SMALL)[0] + " …"


def _key(figure: Figure) -> None:
    """Say what bar, line and diamond are."""
    bar = Patch(fc=OUTCOME_COLOURS["held"])
    line = Line2D([], [], color=INK, lw=1.6)
    mark = Line2D([], [], color="white", mec=INK, marker="D", ms=5.5, ls="")
    names = ["held", f"95{PER_CENT} error of it", "full truce agreed"]
    figure.legend(
        [bar, line, mark],
        names,
        loc="center left",
        bbox_to_anchor=(MARGIN, 0.092),
        ncols=3,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=3.0,
    )


def _provenance(told: Influences) -> str:
    held = told.odds["held"]
    parts = [
        f"Conditional on model and evidence to {told.as_of}",
        f"baseline, odds of `held` {100.0 * held.change:.1f} ± {196.0 * held.error:.1f}{PER_CENT} "
        f"from {told.particles:,} weighed pasts (effective size {told.effective:,.0f}), "
        f"seed {told.seed}",
        "articles, events and assumptions: the filter run again with the same luck; statements: "
        "its pasts weighed anew, or run again where too few are left",
    ]
    return " · ".join(parts)
