"""Where a condition holds: the ranges that tell it, and what they are worth against others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.plots.page import TITLE_ROOM, Key, Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.rows import NAMED, draw_dice, new_rows, share_ticks
from sim.plots.style import (
    INK,
    MEMBERS,
    MEMBERS_EDGE,
    OUTCOME_COLOURS,
    PAPER,
    SMALL,
    SOFT,
    drawable,
    fitting,
    line_height,
    wrap,
)
from sim.plots.tornado import dice_key
from sim.plots.waterfall import short_title
from sim.plots.words import PER_CENT, PRIOR, title_of, within

if TYPE_CHECKING:
    from sim.attribution.discover.result import Discovery, Restriction

TOLD, UNTOLD = OUTCOME_COLOURS["held"], MEMBERS_EDGE
_LINES, _BAR, _UNDER = 3, 30.0, 44.0
_HIGH = {"slide": 560.0, "page": 400.0, "column": 380.0}
_CURVE = {"slide": 760.0, "page": 500.0, "column": 0.0}
_AXIS, _RIGHT = 108.0, 44.0
_NEAR = 0.16
"""A label of an end leaves no room for that of the axis within this share of it."""
_MINUS = re.compile(r"(?<![\w-])-(?=[\d.])")
_GAP = 70.0
_CHOSEN: dict[str, Any] = {"marker": "o", "ms": 11, "mfc": PAPER, "mew": 2.2, "ls": ""}


@figure_of
def discovery(found: Discovery, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the ranges in which a condition holds more often, and the trade-off they stand in.

    Parameters
    ----------
    found
        From `sim.discover`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Where nothing is told apart, the ranges that told most where they were sought are grey.
        Where next to none or next to all meet the condition, their share alone is drawn.
    """
    if not found.tried:
        sheet = new_sheet(size, _words(found), TITLE_ROOM + 90.0 + NAMED, [dice_key()], bare=bare)
        _share(sheet, found)
        return sheet.figure
    beside = size != "column"
    rows = len(found.tried) * _row_height() + NAMED + TITLE_ROOM
    curve = TITLE_ROOM + _HIGH[size] + _UNDER
    height = max(rows, curve) if beside else rows + curve
    sheet = new_sheet(size, _words(found), height, _key(found), bare=bare)
    if beside:
        wide = _CURVE[size]
        _tradeoff(sheet.part(0.0, 0.0, wide, sheet.height), found)
        left = wide + _GAP
        _ranges(sheet.part(left, 0.0, sheet.width - left, sheet.height), found)
    else:
        _ranges(sheet.part(0.0, 0.0, sheet.width, rows), found)
        _tradeoff(sheet.part(0.0, rows, sheet.width, sheet.height - rows), found)
    return sheet.figure


# ------------------------------------------------------------------ ranges


def _row_height() -> float:
    return _LINES * line_height(SMALL) + _BAR + line_height(SMALL) + 22.0


def _ranges(sheet: Sheet, found: Discovery) -> None:
    """A bar a number: all rows from the lowest value to the highest, those within coloured."""
    told = "What is asked of them" if found.found else "The best ranges of the half searched"
    sheet.title(told)
    sheet = sheet.below_title()
    room = sheet.height - NAMED
    pitch = min(_row_height() * 1.35, room / len(found.tried))
    ax = sheet.axes(2.0, 0.0, sheet.width - _RIGHT, len(found.tried) * pitch, "ranges")
    ax.set(ylim=(len(found.tried) * pitch, 0.0))
    share_ticks(ax)
    ax.set_yticks([])
    ax.tick_params(length=0, pad=6)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    things = _many(found.looked.thing).split(" ", 1)[0]
    ax.set_xlabel(f"{things}, from the lowest value", labelpad=8)
    for n, one in enumerate(found.tried):
        _range(ax, sheet, n, n * pitch, one, TOLD if found.found else UNTOLD)


def _range(ax: Axes, sheet: Sheet, n: int, top: float, one: Restriction, colour: str) -> None:
    lines = wrap(drawable(one.words), sheet.width - _RIGHT, SMALL)
    text = fitting(_written(drawable(one.words)), sheet.width - _RIGHT, SMALL, _LINES)
    sheet.text(2.0, top + 4.0, text, size=SMALL, linespacing=1.25)
    y = top + min(_LINES, len(lines)) * line_height(SMALL) + 12.0
    low, high = one.below, 1.0 - one.above
    bar = Patch(fc=MEMBERS, ec=MEMBERS_EDGE, lw=0.8)
    ax.barh(y, 1.0, _BAR, align="edge", fc=bar.get_facecolor(), ec=MEMBERS_EDGE, lw=0.8)
    (told,) = ax.barh(y, high - low, _BAR, left=low, align="edge", color=colour, zorder=4)
    told.set_gid(f"{n}.range")
    below = y + _BAR + 4.0
    ends = [(end, at) for end, at in ((one.low, low), (one.high, high)) if end is not None]
    for value, at, side in ((one.lowest, 0.0, "left"), (one.highest, 1.0, "right")):
        if all(abs(at - there) > _NEAR for _, there in ends):
            ax.text(at, below, _written(f"{value:.3g}"), ha=side, va="top", size=SMALL, color=SOFT)
    for end, at in ends:
        ax.text(at, below, _written(f"{end:.12g}"), ha="center", va="top", size=SMALL, color=INK)


def _written(text: str) -> str:
    """Text with the minus sign of a printer."""
    return _MINUS.sub("\u2212", text)


# ------------------------------------------------------------------ the trade-off


def _tradeoff(sheet: Sheet, found: Discovery) -> None:
    """Precision against recall of the ranges of which none is better in both."""
    sheet.title("Precision against recall")
    sheet = sheet.below_title()
    ax = sheet.axes(
        _AXIS, 0.0, sheet.width - _AXIS - _RIGHT, sheet.height - NAMED - 6.0, "tradeoff"
    )
    for name, look in (("searched", _SEARCHED), ("held_out", _HELD_OUT)):
        pairs = [getattr(one, name) for one in found.tradeoff]
        (line,) = ax.plot([r for _, r in pairs], [p for p, _ in pairs], **look)
        line.set_gid(f"tradeoff.{name}")
    one = found.measured
    assert one is not None
    base = one.base.mean
    ax.axhline(base, color=SOFT, lw=1.4, ls=(0, (1, 2)), zorder=2)
    colour = TOLD if found.found else UNTOLD
    at, share = one.recall.mean, one.precision.mean
    ax.plot((at, at), one.precision.mc, color=INK, lw=1.8, marker="_", ms=9, mew=1.8, zorder=5)
    ax.plot(one.recall.mc, (share, share), color=INK, lw=1.8, marker="|", ms=9, mew=1.8, zorder=5)
    (mark,) = ax.plot([at], [share], mec=colour, zorder=6, **_CHOSEN)
    mark.set_gid("told")
    both = [share for one in found.tradeoff for share in (one.searched[0], one.held_out[0])]
    both += [*one.precision.mc, base]
    room = 0.1 * max(max(both) - min(both), 0.02)
    bottom, top = max(0.0, min(both) - room), min(1.0, max(both) + room)
    ax.set(xlim=(0.0, 1.02), ylim=(bottom, top))
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", "100" + PER_CENT])
    ax.locator_params(axis="y", nbins=6)
    ticks = [tick for tick in ax.get_yticks() if bottom <= tick <= top + 1e-9]
    ax.set_yticks(ticks, [f"{100.0 * tick:.3g}" + PER_CENT for tick in ticks])
    ax.grid()
    ax.set_xlabel("recall of these and other ranges", labelpad=8)


_SEARCHED: dict[str, Any] = {"color": MEMBERS_EDGE, "lw": 1.6, "ls": (0, (4, 2)), "zorder": 3}
_HELD_OUT: dict[str, Any] = {"color": INK, "lw": 2.0, "zorder": 4}


def _share(sheet: Sheet, found: Discovery) -> None:
    """The share of all rows that meet the condition, with its error."""
    sheet.title("How many meet it")
    inner = sheet.below_title()
    pitch = max(90.0, min(320.0, inner.height - NAMED))
    rows = new_rows(inner, 0.0, 1, pitch, 0.0, 44.0, "share")
    share_ticks(rows.ax)
    base = found.everything.base
    (bar,) = rows.ax.barh(rows.bar(0), base.mean, 0.3, color=UNTOLD, zorder=3)
    bar.set_gid("share")
    draw_dice(rows.ax, "share", base.mc, rows.bar(0))
    low, high = (100.0 * end for end in base.mc)
    text = f"{100.0 * base.mean:.1f}{PER_CENT} ({low:.1f} to {high:.1f})"
    rows.words(0, 0.0, f"of the {_many(found.looked.thing)} held out: {text}", size=SMALL)


# ------------------------------------------------------------------ words


def _key(found: Discovery) -> Key:
    colour = TOLD if found.found else UNTOLD
    return [
        (Patch(fc=colour), "within"),
        (Patch(fc=MEMBERS, ec=MEMBERS_EDGE, lw=0.8), "not within"),
        (Line2D([], [], mec=colour, **_CHOSEN), "these ranges, with 95" + PER_CENT + " intervals"),
        (Line2D([], [], **_HELD_OUT), "on the half held out"),
        (Line2D([], [], **_SEARCHED), "on the half searched"),
        (Line2D([], [], color=SOFT, lw=1.4, ls=(0, (1, 2))), "all of them"),
    ]


def caption(found: Discovery) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    looked, out = found.looked, found.everything.inside
    parts = [f"{looked.rows:,} {_many(looked.thing)} searched, {out:,} others held out"]
    if found.setting is not None:
        caption = found.setting.caption.replace("of each policy", "on each half of the luck")
        parts = [caption, *parts, f"discovery {found.id}"]
    return drawable(" · ".join(parts))


def _words(found: Discovery) -> Words:
    setting = found.setting
    if setting is None:
        return Words(found.short, caption(found), "A table and its labels")
    titles = " against ".join(short_title(title_of(one)) for one in reversed(setting.scenarios))
    below = f"{titles}: {within(setting.first)}"
    if found.tried:
        below += "; precision: of those within, the share of which it is true; recall: of those "
        below += "of which it is true, the share within"
    warning = f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""
    return Words(drawable(found.short), caption(found), below, warning=warning)


def write_discovery(found: Discovery, folder: Path) -> None:
    """Write ``discovery`` as PNG and SVG into a folder."""
    save_figure(discovery(found), folder, "discovery")


def _many(thing: str) -> str:
    from sim.attribution.discover.words import many

    return many(thing)
