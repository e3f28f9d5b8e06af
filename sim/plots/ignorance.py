"""Not knowing against luck: how far the members' own odds differ, and what that explains."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.estimates import FEWEST_MEMBERS, Counts, intraclass, member_odds
from sim.plots import style
from sim.plots.odds import intervals_key
from sim.plots.page import TITLE_ROOM, Sheet, Size, figure_of, new_sheet
from sim.plots.rows import UNDER, Rows, draw_dice, draw_median, draw_members, new_rows, share_ticks
from sim.plots.style import BODY, INK, OUTCOME_COLOURS, SMALL, SOFT, ink_on, text_width
from sim.plots.words import PER_CENT, beside_mean, percents, words_of
from sim.results import Results

BINS = 50
"""Slices of the odds from 0 to 1."""
_HILL, _PITCH = 210.0, 64.0
_SPLIT = 150.0
_BESIDE = {"slide": 403.0, "page": 403.0, "column": 0.0}


def density(results: Results) -> Floats | None:
    """Return the share of members by their own odds of `held`, luck taken out, in 50 slices.

    Returns
    -------
    array or None
        Shape (50,), sums to 1; None if the members are not seen to differ, or are too few.
    """
    fitted = member_odds(*_counts(results))
    if fitted is None:
        return None
    from scipy.special import betainc

    shares: Floats = np.diff(betainc(*fitted, np.linspace(0.0, 1.0, BINS + 1)))
    return shares


def split(results: Results) -> float | None:
    """Return the part of the uncertainty over one world's `held` that is not knowing.

    See `sim.estimates.intraclass`.
    """
    return intraclass(*_counts(results))


def _counts(results: Results) -> tuple[Counts, Counts]:
    counts = results.tally.outcomes[results.tally.outcomes.sum(1) > 0]
    return counts[:, Outcome.HELD], counts.sum(1)


def finding(results: Results) -> str:
    """Say how much of what is uncertain about one world is not knowing, and how much luck."""
    part, share = split(results), percents(results)["held"]
    median = beside_mean(results)
    holds = f"a truce holds in {share}{median or _of_worlds(share)}"
    if part is None:
        return f"{holds}; what is luck is not known"
    known, luck = _parts(part)
    return f"{holds}; of the uncertainty about one world {known} is not knowing, {luck} is luck"


def _of_worlds(share: str) -> str:
    return " worlds" if " of " in share else " of worlds"


def _parts(part: float) -> tuple[str, str]:
    known = round(100.0 * part)
    return f"{known}{PER_CENT}", f"{100 - known}{PER_CENT}"


@figure_of
def ignorance(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the members' own odds of `held` against the dice, and what is luck in one world.

    Parameters
    ----------
    results, size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Above, how many members hold which odds, with the interval of nine in ten and the error of
        the estimate; below, the variance ``p (1 - p)`` of one world, split.
    """
    words = words_of(results, finding(results))
    pitch = 108.0 if size == "column" else _PITCH
    above = TITLE_ROOM + _HILL + 8.0 + 2.0 * pitch + UNDER
    key = intervals_key(results.odds["held"])
    height = above + 20.0 + TITLE_ROOM + _SPLIT
    sheet = new_sheet(size, words, height, key, bare=bare)
    top = sheet.part(0.0, 0.0, sheet.width, above)
    top.title("The members' own odds of held")
    _hill(top.below_title(), results)
    _intervals(top.below_title(), results, pitch)
    foot = sheet.part(0.0, above + 20.0, sheet.width, TITLE_ROOM + _SPLIT)
    foot.title("What is uncertain about one world")
    _split_bar(foot.below_title(), results)
    return sheet.figure


def _hill(sheet: Sheet, results: Results) -> None:
    """Draw the members' odds as steps, or say why there are none."""
    left = _BESIDE[sheet.size] or 26.0
    ax = sheet.axes(left, 0.0, sheet.width - left - 44.0, _HILL, "members")
    ax.set_xlim(0.0, 1.0)
    ax.axis("off")
    shares = density(results)
    if shares is None:
        words = _why_none(results)
        ax.text(0.0, 0.5, words, color=SOFT, size=SMALL, transform=ax.transAxes, gid="none")
        return
    ax.stairs(
        shares, np.linspace(0.0, 1.0, BINS + 1), fill=True, color=style.MEMBERS, gid="members.hill"
    )
    ax.stairs(shares, np.linspace(0.0, 1.0, BINS + 1), color=style.MEMBERS_EDGE, lw=1.2)
    ax.set_ylim(0.0, 1.05 * float(shares.max()))


def _why_none(results: Results) -> str:
    held, counts = _counts(results)
    if len(counts) < FEWEST_MEMBERS:
        return f"not shown below {FEWEST_MEMBERS} members"
    if held.sum() in (0, counts.sum()):
        return "all members agree"
    if counts.max() == 1:
        return "not known with one world a member"
    return "members are not seen to differ"


def _intervals(sheet: Sheet, results: Results, pitch: float) -> None:
    """Draw the interval of the members over that of the estimate."""
    rows = new_rows(sheet, _HILL + 8.0, 2, pitch, _BESIDE[sheet.size], 44.0, "intervals")
    share_ticks(rows.ax)
    odds = results.odds["held"]
    draw_members(rows.ax, "held", odds, rows.bar(0) - 0.16, 0.32)
    draw_median(rows.ax, "held", odds, rows.bar(0))
    draw_dice(rows.ax, "held", odds.mc, rows.bar(1))
    _name(rows, 0, "Nine members in ten", odds.ensemble)
    _name(rows, 1, "Error of the estimate", odds.mc)


def _name(rows: Rows, row: int, what: str, interval: tuple[float, float] | None) -> None:
    ends = f"{100 * interval[0]:.1f} to {100 * interval[1]:.1f}{PER_CENT}" if interval else "none"
    rows.words(row, 0.0, f"{what}: {ends}", size=SMALL)


def _split_bar(sheet: Sheet, results: Results) -> None:
    """Draw the variance of one world's outcome, cut into not knowing and luck."""
    part, mean = split(results), results.odds["held"].mean
    if part is None:
        sheet.text(0.0, 6.0, f"Cannot be split: {_why_none(results)}.", color=SOFT, size=SMALL)
        return
    ax = sheet.axes(6.0, 0.0, sheet.width - 40.0, 54.0, "split")
    ax.set(xlim=(0.0, 1.0), ylim=(0.0, 1.0))
    ax.axis("off")
    known, luck = _parts(part)
    _piece(ax, "split.members", (0.0, part), style.MEMBERS_EDGE, f"not knowing {known}")
    _piece(ax, "split.luck", (part, 1.0), OUTCOME_COLOURS["no_truce"], f"luck {luck}")
    variance = f"variance of held in one world, p (1 − p) = {mean * (1.0 - mean):.3f}"
    sheet.text(6.0, 104.0, variance, color=SOFT, size=SMALL)


def _piece(ax: Axes, gid: str, ends: tuple[float, float], colour: str, words: str) -> None:
    """Draw a piece of the bar with its words, in it or below."""
    low, high = ends
    ax.barh(0.5, high - low, 1.0, left=low, color=colour)[0].set_gid(gid)
    width = ax.get_window_extent().width
    if (high - low) * width > text_width(words, BODY, "bold") + 16.0:
        look: dict[str, Any] = {"ha": "center", "va": "center", "color": ink_on(colour)}
        ax.text((low + high) / 2.0, 0.5, words, weight="bold", **look)
    else:
        at, side = (0.0, "left") if low == 0.0 else (1.0, "right")
        ax.text(at, -0.1, words, weight="bold", ha=side, va="top", color=INK)
