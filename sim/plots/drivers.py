"""The numbers that the odds of a run lean on most, and how much of each is assumed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots import style
from sim.plots.page import Key, Size, Words, figure_of, new_sheet, one_line
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows
from sim.plots.style import BODY, INK, SMALL, SOFT, STANDING_LOOKS, fitting
from sim.plots.words import PER_CENT, PRIOR
from sim.text import days_word

if TYPE_CHECKING:
    from sim.attribution.explain import Explanation, Reason
    from sim.inputs.conflict import Conflict

SHOWN = {"slide": 9, "page": 8, "column": 8}
"""How many numbers are drawn, the largest share first."""
_PITCH = {"slide": 78.0, "page": 64.0, "column": 110.0}
_BESIDE = {"slide": 760.0, "page": 470.0, "column": 0.0}
_AFTER = {"slide": 300.0, "page": 190.0, "column": 40.0}
_MARK = 32.0


def finding(explanation: Explanation) -> str:
    """Say what the odds lean on most, and how much all numbers explain together."""
    found = explanation.drivers
    what = found.outcome.replace("held+collapsed", "agreed").replace("_", " ")
    if not explanation.reasons:
        return f"no single number moves the members' odds of {what} clearly"
    first = explanation.reasons[0]
    named = re.split("[;,(]", meaning(first, explanation.conflict))[0].strip()
    share = f"{100.0 * first.driver.share:.0f}{PER_CENT}"
    return f"the odds of {what} lean most on “{named}”: {share} of what the members disagree on"


def meaning(reason: Reason, conflict: Conflict) -> str:
    """Return what a number is, in one line, with the sides by their names."""
    return one_line(conflict.named(reason.source.meaning))


@figure_of
def drivers(explanation: Explanation, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the numbers that the odds lean on most, a bar each with its interval.

    Parameters
    ----------
    explanation
        From `sim.attribution.explain.explain`.
    size, bare
        As in `sim.plots.odds`. A slide has the first 9 numbers, a page 12, a column 8.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are shares of the spread of the members' own odds; the words at the right say how the
        odds change from the low tenth to the high tenth of a number, in points.
    """
    reasons = explanation.reasons[: SHOWN[size]]
    height = max(len(reasons), 1) * _PITCH[size] + NAMED
    sheet = new_sheet(size, _words(explanation), height, _key(reasons), bare=bare)
    if not reasons:
        sheet.text(0.0, 10.0, "Nothing stands out.", color=SOFT)
        return sheet.figure
    pitch = min(_PITCH[size], (sheet.height - NAMED) / len(reasons))
    rows = new_rows(sheet, 0.0, len(reasons), pitch, _BESIDE[size], _AFTER[size], "drivers")
    for n, reason in enumerate(reasons):
        _row(rows, n, reason, explanation.conflict)
    _axis(rows, reasons)
    return sheet.figure


def _row(rows: Rows, n: int, reason: Reason, conflict: Conflict) -> None:
    driver, y = reason.driver, rows.bar(n)
    (bar,) = rows.ax.barh(y, driver.share, 30.0 / rows.pitch, color=style.MEMBERS_EDGE, zorder=3)
    bar.set_gid(f"{driver.name}.share")
    draw_dice(rows.ax, driver.name, driver.interval, y)
    words = meaning(reason, conflict)
    words = words[:1].upper() + words[1:]
    effect = f"{100.0 * driver.slope:+.0f} points".replace("-", "−")
    if rows.beside:
        room = rows.beside - _MARK - 20.0
        rows.words(n, _MARK, fitting(words, room, SMALL, 2), size=SMALL, linespacing=1.25)
        rows.words(n, rows.sheet.width - _AFTER[rows.sheet.size] + 40.0, effect, size=BODY)
        _mark(rows, rows.middle(n), reason.source.standing)
        return
    top = n * rows.pitch
    room = rows.sheet.width - _MARK
    rows.sheet.text(_MARK, top + 2.0, fitting(words, room, SMALL), size=SMALL)
    rows.sheet.text(_MARK, top + 30.0, effect, size=SMALL, color=SOFT)
    _mark(rows, top + 14.0, reason.source.standing)


def _mark(rows: Rows, y: float, standing: str) -> None:
    """Draw how much of a number is assumed, left of its words."""
    ax = rows.sheet.axes(0.0, y - 12.0, 24.0, 24.0, "standing")
    ax.axis("off")
    ax.set(xlim=(-1.0, 1.0), ylim=(-1.0, 1.0))
    ax.add_artist(_symbol(standing))


def _symbol(standing: str) -> Line2D:
    look = STANDING_LOOKS[standing]
    return Line2D([0.0], [0.0], ls="", color=INK, mec=INK, mew=1.4, ms=9, clip_on=False, **look)


def _axis(rows: Rows, reasons: tuple[Reason, ...]) -> None:
    most = max(max(reason.driver.share, reason.driver.interval[1]) for reason in reasons)
    rows.ax.set_xlim(0.0, 1.04 * max(most, 0.01))
    ticks = [tick for tick in rows.ax.get_xticks() if 0.0 <= tick <= 1.04 * most]
    rows.ax.set_xticks(ticks, [f"{100.0 * tick:.3g}{PER_CENT}" for tick in ticks])
    name = "share of the spread of the members' odds"
    rows.ax.set_xlabel(f"{name}, with 95{PER_CENT} interval" if rows.beside else name, labelpad=8)


def _key(reasons: tuple[Reason, ...]) -> Key:
    meanings = {
        "assumed": "assumed",
        "size assumed": "size assumed",
        "stated": "from statements",
        "sourced": "sourced",
        "record": "left by the record",
    }
    there = {reason.source.standing for reason in reasons}
    return [(_symbol(name), said) for name, said in meanings.items() if name in there]


def caption(explanation: Explanation) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    return (
        f"Conditional on model and evidence to {explanation.as_of} · "
        f"{explanation.drivers.worlds:,} worlds, seed {explanation.seed} · ensemble "
        f"{explanation.ensemble['id']} · horizon {days_word(explanation.horizon_days)} · "
        f"run {explanation.run_id} · shares measured on members "
        "that took no part in the fit, averaged over orders of entry (Lindeman, Merenda and Gold)"
    )


def _words(explanation: Explanation) -> Words:
    found = explanation.drivers
    below = (
        f"{len(explanation.reasons)} numbers explain {100.0 * found.explained:.0f}{PER_CENT} of "
        f"the spread of {found.members:,} members' odds, luck taken out; at the right the change "
        "of the odds from a number's low tenth to its high tenth"
    )
    title = one_line(explanation.title)
    warning = f"PRIOR ODDS: {PRIOR}" if explanation.ensemble["kind"] == "prior" else ""
    return Words(finding(explanation), caption(explanation), below, title, warning)
