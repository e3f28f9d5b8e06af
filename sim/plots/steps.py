"""Odds that go from one value to another in steps: a bar and a number for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.estimates import Odds
from sim.plots import style
from sim.plots.page import Key, Size, Words, new_sheet
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows
from sim.plots.style import BODY, INK, SMALL, SOFT, fitting, line_height
from sim.plots.words import PER_CENT

RAISES, LOWERS = style.OUTCOME_COLOURS["held"], style.OUTCOME_COLOURS["collapsed"]
_PITCH = {"slide": 130.0, "page": 96.0, "column": 114.0}
_BESIDE = {"slide": 640.0, "page": 430.0, "column": 0.0}
_AFTER = {"slide": 330.0, "page": 230.0, "column": 30.0}
MOST = {"slide": 7, "page": 10, "column": 8}
"""So many steps are drawn one by one; those beyond are drawn together."""
THICK = {"slide": 34.0, "page": 26.0, "column": 26.0}
"""Height of a bar, in pixels."""


def signed_points(share: float, half: float) -> str:
    """Write percentage points with a sign, no finer than the half-width of their interval."""
    text = f"{100.0 * share:+.{1 if half < 0.01 else 0}f}"
    return text.replace("-", "\u2212") if float(text) else "0"


def with_error(share: float, half: float) -> str:
    """Write percentage points with the half-width of their interval, both in tenths."""
    return f"{signed_points(share, 0.0)} ± {100.0 * half:.1f}"


def step_rows(
    size: Size, words: Words, count: int, label: str, *, bare: bool, error: str = "dice"
) -> Rows:
    """Make a page with a row for each step, and one for the odds at either end.

    The key says of what the intervals are the ``error``.
    """
    sheet = new_sheet(size, words, count * _PITCH[size] + NAMED, _key(error), bare=bare)
    pitch = min(_PITCH[size], (sheet.height - NAMED) / count)
    return new_rows(sheet, 0.0, count, pitch, _BESIDE[size], _AFTER[size], label)


def name_step(rows: Rows, row: int, what: str, detail: str) -> None:
    """Write what a step is, which may be cut short, and a detail, which is not."""
    what = f"{what[:1].upper()}{what[1:]}"
    if rows.beside:
        wide = rows.beside - 20.0
        lines = min(3, max(2, int(rows.pitch / (0.86 * line_height(SMALL)))))
        text = f"{fitting(what, wide, SMALL, lines - 1)}\n{fitting(detail, wide, SMALL)}"
        rows.words(row, 0.0, text, size=SMALL, linespacing=1.15)
        return
    rows.words(row, 0.0, fitting(what, rows.sheet.width, SMALL), size=SMALL)
    _second_line(rows, row, 0.0, fitting(detail, rows.sheet.width - 150.0, SMALL), color=SOFT)


def _second_line(rows: Rows, row: int, left: float, text: str, **look: Any) -> None:
    """Write below the name of a row that stands above its bar."""
    written = rows.sheet.text(left, rows.top + row * rows.pitch + 30.0, text, size=SMALL, **look)
    written.set_bbox({"fc": style.PAPER, "ec": "none", "pad": 2.0})


def from_nought(both: Sequence[Odds]) -> bool:
    """Whether the axis begins at 0; not if the steps would then be too small to be seen."""
    before, after = (odds.mean for odds in both)
    return abs(after - before) > 0.15 * max(before, after)


def draw_whole(rows: Rows, row: int, name: str, odds: Odds, *, full: bool) -> tuple[float, float]:
    """Draw the odds at an end: a bar from 0, or a mark where the axis does not begin there.

    Returns
    -------
    tuple of float
        Between what it lies on the axis.
    """
    y = rows.bar(row)
    if full:
        thick = THICK[rows.sheet.size] / rows.pitch
        (bar,) = rows.ax.barh(y, odds.mean, thick, color=style.MEMBERS_EDGE, zorder=3)
    else:
        (bar,) = rows.ax.plot(odds.mean, y, marker="D", ms=10, color=INK, zorder=6)
    bar.set_gid(f"{row}.odds")
    draw_dice(rows.ax, str(row), odds.mc, y)
    digits = 1 if odds.half_width < 0.005 else 0
    rows.name(row, name, SMALL if rows.pitch < 60.0 else BODY, 200.0, weight="bold")
    _number(rows, row, f"{100.0 * odds.mean:.{digits}f}{PER_CENT}", weight="bold")
    return odds.mc


def draw_step(
    rows: Rows, row: int, start: float, share: float, mc: tuple[float, float] | None
) -> tuple[float, float]:
    """Draw a step from where the one before ended.

    Returns
    -------
    tuple of float
        Between what it lies on the axis.
    """
    y = rows.bar(row)
    colour = RAISES if share > 0.0 else LOWERS
    thick = THICK[rows.sheet.size] / rows.pitch
    (bar,) = rows.ax.barh(y, share, thick, left=start, color=colour, zorder=3)
    bar.set_gid(f"{row}.share")
    end = start + share
    rows.ax.plot((end, end), (y, y + 1.0), color=SOFT, lw=1.0, zorder=2)
    half = (mc[1] - mc[0]) / 2.0 if mc else 0.0
    if mc:
        draw_dice(rows.ax, str(row), (start + mc[0], start + mc[1]), y)
    number = with_error(share, half) if mc else signed_points(share, 0.0)
    if rows.beside:
        _number(rows, row, number)
    else:
        _second_line(rows, row, rows.sheet.width, number, ha="right")
    return min(start, end) - half, max(start, end) + half


def _number(rows: Rows, row: int, text: str, **look: Any) -> None:
    width, after = rows.sheet.width, _AFTER[rows.sheet.size]
    if rows.beside:
        rows.words(row, width - after + 30.0, text, size=BODY, **look)
    else:
        rows.words(row, width, text, size=SMALL, ha="right", **look)


def step_axis(rows: Rows, name: str, ends: Sequence[tuple[float, float]], *, full: bool) -> None:
    """Set the axis so that all ends are on it, and name it."""
    low, high = min(min(pair) for pair in ends), max(max(pair) for pair in ends)
    room = 0.06 * max(high - low, 0.01)
    rows.ax.set_xlim(min(0.0, low) if full else max(0.0, low - room), high + room)
    rows.ax.locator_params(axis="x", nbins=8 if rows.sheet.size == "slide" else 5)
    start = rows.ax.get_xlim()[0]
    ticks = [tick for tick in rows.ax.get_xticks() if start <= tick <= high + room]
    rows.ax.set_xticks(ticks, [f"{100.0 * tick:.4g}{PER_CENT}" for tick in ticks])
    rows.ax.set_xlabel(name, labelpad=8)


def _key(error: str) -> Key:
    return [
        (Patch(fc=RAISES), "raises the odds"),
        (Patch(fc=LOWERS), "lowers them"),
        (
            Line2D([], [], color=INK, lw=1.8, marker="|", ms=7, mew=1.8),
            f"95{PER_CENT} interval: {error}",
        ),
    ]
