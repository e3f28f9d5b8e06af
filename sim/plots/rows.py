"""Rows of bars: what each is about stands beside its bar, or above it where a column is narrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from sim.estimates import Odds
from sim.plots import style
from sim.plots.page import Sheet
from sim.plots.style import INK, line_height
from sim.plots.words import PER_CENT

UNDER = 46.0
"""Room for the numbers of an axis, in pixels."""
NAMED = 92.0
"""The same with the name of the axis."""


@dataclass(frozen=True)
class Rows:
    """Axes with a row for each thing that is shown.

    Attributes
    ----------
    ax
        Row ``n`` reaches from ``n - 0.5`` to ``n + 0.5``, downwards.
    sheet
        Where words go, places in pixels; the rows begin at ``top``.
    pitch
        Height of a row in pixels.
    beside
        Room left of the bars for words, in pixels; 0 if words stand above the bars.
    lift
        Where words stand above: from the middle of a bar down to the end of its row, in pixels.
    """

    ax: Axes
    sheet: Sheet
    top: float
    pitch: float
    beside: float
    lift: float = 38.0

    def bar(self, row: float) -> float:
        """Return where the middle of a row's bar lies on the axis."""
        return row if self.beside else row + 0.5 - self.lift / self.pitch

    def middle(self, row: float) -> float:
        """Return where the middle of a row's bar lies, in pixels."""
        return self.top + (self.bar(row) + 0.5) * self.pitch

    def words(self, row: float, left: float, text: str, **look: Any) -> None:
        """Write words at the height of a row's bar, or at its top if words stand above."""
        y = self.middle(row) if self.beside else self.top + row * self.pitch + 2.0
        place = {"va": "center" if self.beside else "top", "color": INK}
        written = self.sheet.text(left, y, text, **{**place, **look})
        if not self.beside:
            written.set_bbox({"fc": style.PAPER, "ec": "none", "pad": 0.5})

    def name(self, row: float, text: str, size: float, room: float = 0.0, **look: Any) -> None:
        """Write what a row is about, in two lines beside the bar or in one above it.

        Parameters
        ----------
        room
            Pixels to leave free at the right of the line above a bar.
        """
        wide = self.beside - 20.0 if self.beside else self.sheet.width - room
        most = max(1, min(2, int(self.pitch / line_height(size)))) if self.beside else 1
        weight = look.get("weight", "normal")
        self.words(row, 0.0, style.fitting(text, wide, size, most, weight), size=size, **look)


def new_rows(
    sheet: Sheet,
    top: float,
    count: int,
    pitch: float,
    beside: float,
    after: float = 20.0,
    label: str = "rows",
) -> Rows:
    """Make axes with so many rows, without frame and without names on the vertical axis.

    Parameters
    ----------
    sheet
        Where the rows go, from its left to its right edge.
    top
        Where they begin, in pixels.
    pitch
        Height of a row in pixels.
    beside
        Width of the words left of the bars in pixels, or 0 to write them above.
    after
        Width left free at the right.
    """
    left = beside or 26.0
    ax = sheet.axes(left, top, sheet.width - left - after, count * pitch, label)
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_yticks([])
    ax.tick_params(length=0, pad=6)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    ax.grid(axis="x")
    return Rows(ax, sheet, top, pitch, beside)


def share_ticks(ax: Axes) -> None:
    """Mark shares from 0 to 100 %."""
    ax.set_xlim(0.0, 1.0)
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100" + PER_CENT])


def draw_members(ax: Axes, name: str, odds: Odds, y: float, height: float) -> None:
    """Draw the interval of the members as a light lying bar, if there is one."""
    if odds.ensemble is not None:
        low, high = odds.ensemble
        ax.add_artist(members_bar((low, y), high - low, height, f"{name}.members"))


MEDIAN_LOOK: dict[str, Any] = {"marker": "^", "ls": "", "mfc": style.PAPER, "mec": INK}
"""The mark of the median member: a light triangle with a dark edge, told by its shape alone."""


def draw_median(ax: Axes, name: str, odds: Odds, y: float) -> None:
    """Mark the odds of the median member, whose tip is up, if it is known."""
    if odds.median_member is not None:
        (mark,) = ax.plot(odds.median_member, y, **MEDIAN_LOOK, ms=8.5, mew=1.5, zorder=6)
        mark.set(gid=f"{name}.median", clip_on=False)


def median_key() -> tuple[Line2D, str]:
    """Explain the mark of the median member."""
    mark = Line2D([], [], **MEDIAN_LOOK, ms=8.5, mew=1.5)
    return mark, "median member: half hold lower odds, half higher"


def members_bar(corner: tuple[float, float], width: float, height: float, gid: str) -> Rectangle:
    """Return a bar in the look of the members' interval."""
    bar = Rectangle(corner, width, height, fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    bar.set(gid=gid, zorder=4, clip_on=False)
    return bar


def draw_dice(ax: Axes, name: str, interval: tuple[float, float], y: float) -> None:
    """Draw the error of an estimate as a dark whisker."""
    (line,) = ax.plot(interval, (y, y), color=INK, lw=1.8, marker="|", ms=7, mew=1.8, zorder=5)
    line.set(gid=f"{name}.mc", clip_on=False)
