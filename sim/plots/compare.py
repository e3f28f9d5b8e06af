"""The figures of a comparison: paired differences as a forest, and how worlds end side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from sim.experiments.compare import Comparison, Difference
from sim.plots import style
from sim.plots.odds import MEANINGS
from sim.plots.page import footer, heading, save_figure
from sim.plots.style import (
    BODY,
    INK,
    MARGIN,
    OUTCOME_COLOURS,
    SMALL,
    SOFT,
    WIDTH,
    drawable,
    wrap,
)
from sim.plots.words import PER_CENT, days_word, percent

NAMES = {"held": "a truce holds 30 days", "agreed": "a truce is agreed"}
_LEFT, _BOTTOM, _HEIGHT = 0.27, 0.2, 0.54


def points(share: float, half: float) -> str:
    """Write a difference in percentage points, no finer than its interval supports."""
    digits = 1 if half < 0.01 else 0
    text = f"{100.0 * share:+.{digits}f}"
    return text.replace("-", "\u2212") if float(text) else "0"


def interval(difference: Difference) -> str:
    """Write a difference with its interval."""
    low, high = difference.mc
    half = difference.half_width
    middle = points(difference.mean, half)
    return f"{middle} ({points(low, half)} to {points(high, half)})"


def finding(comparison: Comparison, quantity: str = "held") -> str:
    """Say in one sentence which scenario differs most from the first, and by how much."""
    first, *others = (drawable(result.scenario.title) for result in comparison.results)
    found = comparison.differences[quantity]
    clear = [n for n, difference in enumerate(found) if difference.verdict != "tied"]
    what = NAMES[quantity]
    if not clear:
        whom = others[0] if len(others) == 1 else f"none of {len(others)} scenarios"
        half = 100.0 * max(difference.half_width for difference in found)
        verb = "is tied" if len(others) == 1 else "differs clearly"
        return f"{whom} {verb} with {first} in the odds that {what} (known to ±{half:.1f} points)"
    most = max(clear, key=lambda n: abs(found[n].mean))
    difference = found[most]
    verb = "raises" if difference.mean > 0.0 else "lowers"
    among = " most" if len(clear) > 1 else ""
    said = interval(difference).replace("(", "points (", 1)
    return f"{others[most]} {verb} the odds that {what}{among}: {said} against {first}"


def _page(comparison: Comparison, title: str) -> Figure:
    figure = Figure()
    first = comparison.results[0]
    scenario = first.scenario
    said = f"within {days_word(scenario.horizon_days)} of {scenario.as_of}"
    if first.ensemble_kind == "prior":
        said += "; prior odds, not yet conditioned on the record"
    heading(figure, title, said)
    used = int((first.tally.outcomes.sum(1) > 0).sum())
    footer(
        figure,
        f"Conditional on model and evidence to {scenario.as_of} · {comparison.worlds:,} worlds of "
        f"each scenario, the same luck in all, {used:,} of {first.tally.members:,} members used, "
        f"seed {first.seed} · ensemble {first.ensemble_id} · comparison {comparison.id}",
    )
    return figure


def _name_rows(ax: Axes, names: list[str]) -> None:
    """Write a scenario's title left of each row, shortened if it must be."""
    room = (_LEFT - MARGIN - 0.015) * WIDTH
    for row, name in enumerate(names):
        lines = wrap(drawable(name), room, BODY)
        if len(lines) > 2:
            lines = [lines[0], f"{lines[1][:-1].rstrip()}…"]
        left = (MARGIN - _LEFT) / ax.get_position().width
        place = ax.get_yaxis_transform()
        ax.text(left, row, "\n".join(lines), transform=place, va="center", color=INK)


def _forest(ax: Axes, comparison: Comparison, quantity: str) -> None:
    found = comparison.differences[quantity]
    ax.set_ylim(len(found) - 0.5, -0.5)
    ax.set_yticks([])
    ax.axvline(0.0, color=INK, lw=1.2, zorder=2)
    for row, difference in enumerate(found):
        if difference.ensemble:
            low, high = difference.ensemble
            bar = Rectangle(
                (low, row - 0.14),
                high - low,
                0.28,
                fc=style.MEMBERS,
                ec=style.MEMBERS_EDGE,
                lw=0.8,
                zorder=3,
            )
            ax.add_artist(bar)
        colour = SOFT if difference.verdict == "tied" else INK
        ax.plot(
            difference.mc, (row, row), color=colour, lw=2.2, marker="|", ms=9, mew=2.0, zorder=5
        )
        full = "white" if difference.verdict == "tied" else colour
        ax.plot(difference.mean, row, marker="o", ms=8, color=colour, mfc=full, zorder=6)
    ends = [abs(x) for d in found for x in (*d.mc, *(d.ensemble or ()))]
    reach = 1.08 * max(ends, default=0.01)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_formatter(lambda x, _: points(x, 0.02 if reach > 0.1 else 0.001))
    ax.set_xlabel(f"difference in the odds that {NAMES[quantity]}, percentage points", labelpad=8)
    ax.tick_params(length=0, pad=6)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")


def _verdicts(ax: Axes, comparison: Comparison, quantity: str) -> None:
    place = ax.get_yaxis_transform()
    for row, difference in enumerate(comparison.differences[quantity]):
        text = f"{difference.verdict}  {interval(difference)}"
        weight = "normal" if difference.verdict == "tied" else "bold"
        ax.text(1.03, row, text, transform=place, va="center", weight=weight, size=BODY)


def differences(comparison: Comparison, quantity: str = "held") -> Figure:
    """Draw the difference of each scenario from the first, as a forest plot for a slide.

    Parameters
    ----------
    comparison
        From `sim.compare`.
    quantity
        `held` or `agreed`.

    Returns
    -------
    matplotlib.figure.Figure
        1920 by 1080 pixels; the title says which scenario differs most.
    """
    with style.style():
        figure = _page(comparison, finding(comparison, quantity))
        rows = len(comparison.results) - 1
        height = min(_HEIGHT, 0.12 + 0.09 * rows)
        top = _BOTTOM + _HEIGHT
        ax = figure.add_axes((_LEFT, top - height, 0.46, height), label="differences")
        _forest(ax, comparison, quantity)
        _name_rows(ax, [result.scenario.title for result in comparison.results[1:]])
        _verdicts(ax, comparison, quantity)
        dice = Line2D([], [], color=INK, lw=2.2, marker="o", ms=8)
        members = Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
        said = [
            f"paired difference and its 95{PER_CENT} interval: dice",
            f"90{PER_CENT} of members' own differences: ignorance",
        ]
        figure.legend([dice, members], said, loc="center left", bbox_to_anchor=(MARGIN, 0.115),
                      ncols=2, borderpad=0.0, columnspacing=3.0)  # fmt: skip
    return figure


def outcomes(comparison: Comparison) -> Figure:
    """Draw how the worlds of each scenario end, a stacked bar each, for a slide."""
    with style.style():
        names = [result.scenario.title for result in comparison.results]
        best = max(comparison.results, key=lambda result: result.odds["held"].mean)
        share = round(100.0 * best.odds["held"].mean)
        title = (
            f"A truce holds most often under {best.scenario.title}: in {share}{PER_CENT} of worlds"
        )
        figure = _page(comparison, title)
        height = min(_HEIGHT, 0.08 + 0.09 * len(names))
        top = _BOTTOM + _HEIGHT
        ax = figure.add_axes((_LEFT, top - height, 0.68, height), label="outcomes")
        ax.set_ylim(len(names) - 0.5, -0.5)
        ax.set_xlim(0.0, 1.0)
        ax.set_yticks([])
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", f"100{PER_CENT}"])
        ax.tick_params(length=0, pad=6)
        ax.spines["left"].set_visible(False)
        for row, result in enumerate(comparison.results):
            _stack(ax, row, {name: odds.mean for name, odds in result.odds.items()})
            for odds in (result.odds["held"], result.agreed):
                ax.plot(odds.mc, (row + 0.38,) * 2, color=INK, lw=1.6, marker="|", ms=6, mew=1.6)
        _name_rows(ax, names)
        handles: list[Any] = [Patch(fc=colour) for colour in OUTCOME_COLOURS.values()]
        handles.append(Line2D([], [], color=INK, lw=1.6, marker="|", ms=7, mew=1.6))
        said = [MEANINGS[name][0] for name in OUTCOME_COLOURS]
        figure.legend(handles, [*said, f"95{PER_CENT} of held, of agreed: dice"], ncols=6,
                      loc="center left", bbox_to_anchor=(MARGIN, 0.115), borderpad=0.0)  # fmt: skip
    return figure


def _leader(comparison: Comparison) -> str:
    """Say under which scenario a truce holds most often, if that is clear of the first."""
    first, *others = comparison.results
    clear = [
        other
        for other, difference in zip(others, comparison.differences["held"], strict=True)
        if difference.verdict == "ahead"
    ]
    best = max(clear, key=lambda result: result.odds["held"].mean, default=first)
    share = percent(best.odds["held"], comparison.worlds)
    said = f"in {share} of worlds" if " of " not in share else f"in {share} worlds"
    if clear:
        return f"A truce holds most often under {drawable(best.scenario.title)}: {said}"
    return f"None is clearly ahead of {drawable(first.scenario.title)}, where a truce holds {said}"


def _stack(ax: Axes, row: int, shares: dict[str, float]) -> None:
    start = 0.0
    for name, share in shares.items():
        ax.barh(row, share, 0.62, left=start, color=OUTCOME_COLOURS[name], ec="white", lw=1.0)
        if share > 0.035:
            dark = name in ("held", "collapsed")
            colour = "white" if dark else INK
            ax.text(start + share / 2.0, row, f"{100.0 * share:.0f}", ha="center", va="center",
                    color=colour, size=SMALL, weight="bold")  # fmt: skip
        start += share


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``differences`` and ``outcomes`` as PNG and SVG into a folder."""
    save_figure(differences(comparison), folder, "differences")
    save_figure(outcomes(comparison), folder, "outcomes")
