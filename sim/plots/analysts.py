"""What an analyst believes beside what the model does: a small curve a number."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.engine.dtypes import Floats
from sim.inputs.parameters import Parameter
from sim.inputs.views import Belief
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.style import (
    BODY,
    LINE_COLOURS,
    MEMBERS_EDGE,
    PAPER,
    SMALL,
    SOFT,
    drawable,
    fitting,
    line_height,
)
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.attribution.views.feedback import Feedback, Fitted

ACROSS = {"slide": 4, "page": 2, "column": 1}
"""Panels beside each other."""
MOST = 12
"""Panels of a figure."""
_HEIGHT = 300.0
_GAP = 40.0
_HEAD = 2 * line_height(SMALL) + 6.0
_UNDER = 92.0
"""Room for the numbers below a panel."""
_SCORES = np.linspace(-3.0, 3.0, 241)
_OWN: dict[str, Any] = {"color": LINE_COLOURS["held"], "lw": 2.6, "zorder": 4}
_MODEL: dict[str, Any] = {"color": MEMBERS_EDGE, "lw": 2.0, "ls": (0, (4, 2)), "zorder": 3}
_OWN_MARK: dict[str, Any] = {"marker": "o", "ms": 8, "mfc": LINE_COLOURS["held"], "ls": ""}
_MODEL_MARK: dict[str, Any] = {"marker": "D", "ms": 7, "mfc": PAPER, "ls": ""}


def finding(found: Feedback) -> str:
    """Say what the numbers of an analyst do to the odds of the baseline."""
    if found.refusal:
        return "too far from the model's own numbers for its members to be weighed by them"
    if not any(one.stated.belief for one in found.numbers):
        return "nothing is believed otherwise than by the model"
    first = found.implied[0]
    own, model = (f"{100.0 * share:.0f}{PER_CENT}" for share in (first.own, first.model))
    if own == model:
        return f"a truce holds with a chance of {own}, as by the model's own numbers"
    return f"a truce holds with a chance of {own}, by the model's own numbers with {model}"


def curve(scale: Parameter | Belief) -> tuple[Floats, Floats]:
    """Return values and density of a prior or a belief, in rising order.

    A belief is two halves that meet in its median, where the density may jump.
    """
    halves = _SCORES[_SCORES <= 0.0], _SCORES[_SCORES >= 0.0]
    parts = []
    for half in halves:
        inner = half.copy()
        inner[half == 0.0] = math.copysign(1e-9, half.sum())
        values = scale.from_scores(inner)
        parts.append((values, np.exp(-0.5 * inner**2) / np.gradient(values, inner)))
    values, density = (np.concatenate(part) for part in zip(*parts, strict=True))
    return values, density


@figure_of
def analyst(found: Feedback, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw what an analyst believes beside what the model does, a panel a number.

    Parameters
    ----------
    found
        From `sim.attribution.views.feedback.feedback`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Densities before the record is weighed, with 10, 50 and 90 per cent marked. Numbers that are
        as the model has them are left out.
    """
    drawn = [one for one in found.numbers if one.stated.belief][:MOST]
    down = max(1, -(-len(drawn) // ACROSS[size]))
    across = max(1, -(-len(drawn) // down))
    sheet = new_sheet(size, _words(found), down * _HEIGHT, _key() if drawn else (), bare=bare)
    if not drawn:
        sheet.text(0.0, 10.0, "Nothing is believed otherwise.", color=SOFT, size=BODY)
        return sheet.figure
    wide = (sheet.width - (across - 1) * _GAP) / across
    high = min(sheet.height / down, 2.1 * _HEIGHT)
    for n, one in enumerate(drawn):
        row, place = divmod(n, across)
        _panel(sheet.part(place * (wide + _GAP), row * high, wide, high), one)
    return sheet.figure


def _panel(sheet: Sheet, one: Fitted) -> None:
    name = one.stated.name
    words = one_line(one.meaning)
    sheet.text(0.0, 0.0, fitting(words, sheet.width, SMALL, 2), size=SMALL, linespacing=1.25)
    ax = sheet.axes(8.0, _HEAD, sheet.width - 16.0, sheet.height - _HEAD - _UNDER, name)
    assert one.stated.belief
    ends = []
    for scale, look, gid in ((one.row, _MODEL, "model"), (one.stated.belief, _OWN, "own")):
        values, density = curve(scale)
        (line,) = ax.plot(values, density, **look)
        line.set_gid(f"{name}.{gid}")
        ends += [values[0], values[-1]]
    top = 1.04 * ax.get_ylim()[1]
    ax.set(xlim=(min(ends), max(ends)), ylim=(-0.27 * top, top))
    _marks(ax, f"{name}.model.marks", one.model, -0.19 * top, _MODEL_MARK, MEMBERS_EDGE)
    _marks(ax, f"{name}.own.marks", one.own, -0.08 * top, _OWN_MARK, LINE_COLOURS["held"])
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.locator_params(axis="x", nbins=5)
    ax.tick_params(axis="x", labelsize=SMALL, length=4)
    ax.set_xlabel(drawable(one.row.unit), fontsize=SMALL, labelpad=2)


def _marks(
    ax: Axes, gid: str, values: tuple[float, ...], y: float, look: dict[str, Any], colour: str
) -> None:
    (marks,) = ax.plot(values, [y] * len(values), mec=colour, mew=1.4, zorder=5, **look)
    marks.set(gid=gid, clip_on=False)


def _key() -> Key:
    stated = f"10, 50 and 90{PER_CENT}"
    return [
        (Line2D([], [], **_OWN), "the analyst"),
        (Line2D([], [], mec=LINE_COLOURS["held"], **_OWN_MARK), f"{stated}, as stated"),
        (Line2D([], [], **_MODEL), "the model, before the record"),
        (Line2D([], [], mec=MEMBERS_EDGE, mew=1.4, **_MODEL_MARK), f"its {stated}"),
    ]


def caption(found: Feedback) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    parts = [f"Conditional on model and evidence to {found.as_of}"]
    if found.implied:
        parts.append(f"baseline, {found.worlds:,} worlds, seed {found.seed}")
    if found.effective is not None and not found.calibrated:
        parts.append(f"effective size of the members {found.effective:,.0f}")
    parts.append("densities are those before the record is weighed, each on a scale of its own")
    return drawable(" · ".join(parts))


def _words(found: Feedback) -> Words:
    changed = sum(one.stated.belief is not None for one in found.numbers)
    below = f"{changed} of {len(found.numbers)} numbers stated are otherwise than the model's"
    return Words(finding(found), caption(found), below, one_line(found.analyst.title))


def write_analyst(found: Feedback, folder: Path) -> None:
    """Write the figure as PNG and SVG into a folder, named after the analyst."""
    save_figure(analyst(found), folder, found.analyst.name)
