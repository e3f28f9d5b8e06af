"""Time to truce as cumulative incidence: all worlds by day, stacked by how they end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.engine.dtypes import Floats
from sim.plots import style
from sim.plots.odds import BAND, MEANINGS, curves, day_axes, draw_agreed, share_axis
from sim.plots.page import Sheet, Size, figure_of, new_sheet
from sim.plots.style import BODY, INK, OUTCOME_COLOURS, SOFT, line_height, spread
from sim.plots.words import PER_CENT, finding, percents, words_of
from sim.results import Results

ABOVE = ("walked_away", "partial_only", "no_truce")
"""Endings without a full truce, from below to the top; none has a day."""
_HEIGHT = {"slide": 700.0, "page": 560.0, "column": 480.0}


def layers(results: Results) -> dict[str, tuple[Floats, Floats]]:
    """Return between which shares each ending lies by day.

    From below, the worlds whose first full truce has come by the end of a day, by how they end.
    From above, the endings without one, which are the same on all days. The last day leaves no
    room between.

    Returns
    -------
    dict
        By outcome, the lower and the upper edge, shape (horizon + 2,), from day 0.
    """
    shares = curves(results)
    nothing = np.zeros_like(shares.held)
    found = {"held": (nothing, shares.held), "collapsed": (shares.held, shares.agreed)}
    edge = nothing + results.agreed.mean
    for name in ABOVE:
        upper = edge + results.odds[name].mean
        found[name] = (edge, upper)
        edge = upper
    return found


@figure_of
def incidence(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw time to truce as cumulative incidence, all endings stacked.

    Parameters
    ----------
    results, size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        The white wedge is the share of worlds in which a first full truce is still to come.
    """
    words = words_of(results, finding(results))
    below = "Share of worlds in which a first full truce has come by a day, by how they end"
    words = words._replace(below=f"{below}; {words.below}")
    dice = Patch(fc=BAND["facecolor"], ec=BAND["edgecolor"], lw=0.8)
    key = [(dice, f"dice: 95{PER_CENT} error of the estimate that a truce is agreed")]
    sheet = new_sheet(size, words, _HEIGHT[size], key, bare=bare)
    ax = day_axes(sheet, results.scenario, right=318.0)
    found = layers(results)
    for name, (low, high) in found.items():
        days = np.arange(len(low))
        area = ax.fill_between(days, low, high, color=OUTCOME_COLOURS[name], lw=0, zorder=2)
        area.set_gid(f"layer.{name}")
    if results.agreed.mean > 0.0:
        draw_agreed(ax, curves(results))
    share_axis(ax, 1.0)
    ax.grid(visible=False)
    _wedge(sheet, ax, found)
    _names(sheet, ax, results, found)
    return sheet.figure


def _wedge(sheet: Sheet, ax: Axes, found: dict[str, tuple[Floats, Floats]]) -> None:
    """Say what the white is, where it is high enough."""
    low, high = found["collapsed"][1], found["walked_away"][0]
    inner = ax.get_window_extent()
    line = line_height(BODY) / inner.height
    words = "truce still to come"
    if high[0] < 2.0 * line:
        return
    place = next((n for n in range(len(low)) if high[0] - low[n] < 1.5 * line), len(low) - 1)
    if place / len(low) * inner.width > style.text_width(words, BODY) + 24.0:
        y = high[0] - 0.7 * line
        ax.annotate(words, (0.0, y), xytext=(6, 0), textcoords="offset points", va="center",
                    color=SOFT).set_gid("wedge")  # fmt: skip


def _names(
    sheet: Sheet, ax: Axes, results: Results, found: dict[str, tuple[Floats, Floats]]
) -> None:
    """Name each ending at the right edge, with its share and a patch of its colour."""
    shown = [name for name in found if results.odds[name].mean > 0.0]
    middles = [float(found[name][0][-1] + found[name][1][-1]) / 2.0 for name in shown]
    high = ax.get_window_extent().height
    line = line_height(BODY) / high
    places = spread(middles, [line] * len(shown), 1.0 + line / 2.0)
    assert all(b - a > 0.99 * line for a, b in pairwise(places))
    across: Any = ax.get_yaxis_transform()
    told = percents(results)
    at = 1.0 + 22.0 / ax.get_window_extent().width
    for name, place in zip(shown, places, strict=True):
        look: dict[str, Any] = {"color": OUTCOME_COLOURS[name], "mec": style.RULE, "clip_on": False}
        ax.plot(at, place, "s", ms=11, transform=across, **look)
        label = f"{told[name]} {MEANINGS[name][0].lower()}"
        text = ax.annotate(label, (at, place), xycoords=across, xytext=(11, 0),
                           textcoords="offset points", va="center", color=INK)  # fmt: skip
        text.set_gid(f"{name}.value")
