"""How the odds went from one ensemble to the next, in steps: a row of the record each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.outcomes import HAPPENING
from sim.plots.page import Size, Words, figure_of, one_line, save_figure
from sim.plots.steps import (
    MOST,
    draw_step,
    draw_whole,
    from_nought,
    name_step,
    signed_points,
    step_axis,
    step_rows,
)
from sim.plots.style import SMALL, drawable
from sim.plots.words import PER_CENT, PRIOR
from sim.text import counted, date_word, days_word

if TYPE_CHECKING:
    from sim.attribution.update.result import Update
    from sim.attribution.update.told import Row
    from sim.estimates import Odds
    from sim.experiments.sensitivity.jackknife import Estimate

REST = "Days that passed, silence, and what rows say together"
_LONGEST = 72
ERROR = "too few worlds and pasts"
"""What the intervals are the error of; the members of two ensembles are drawn apart."""
OUTCOME = "held"
"""Whose odds are drawn."""


def finding(found: Update) -> str:
    """Say in one sentence how the odds moved, and which rows clearly moved them."""
    before, after = found.odds[OUTCOME]
    change = found.change(OUTCOME)
    what = HAPPENING[OUTCOME]
    days = [date_word(day, year=False) for day in (found.before.day, found.setting.first.as_of)]
    low, high = change.mc
    if low <= 0.0 <= high:
        return (
            f"The odds that {what} are not seen to move from {days[0]} to {days[1]}: "
            f"{_percent(after)}, change known to ±{100.0 * change.half_width:.1f} points"
        )
    verb = "rise" if change.mean > 0.0 else "fall"
    said = f"The odds that {what} {verb} from {_percent(before)} on {days[0]} to "
    return f"{said}{_percent(after)} on {days[1]}{_by(found)}"


def _by(found: Update) -> str:
    """The row that adds most in the direction of the change, if the intervals tell it."""
    sign = 1.0 if found.change(OUTCOME).mean > 0.0 else -1.0
    ranked = sorted(found.rows, key=lambda row: -sign * row.adds[OUTCOME].mean)
    if not ranked:
        return ""
    top, *others = (row.adds[OUTCOME] for row in ranked)
    second = sign * others[0].mean if others else 0.0
    if sign * top.mean - top.half_width <= max(0.0, second):
        return f"; {_how_many(found)}"
    points = signed_points(top.mean, top.half_width)
    return f"; of what arrived, most by “{_short(ranked[0])}” ({points} points)"


def _how_many(found: Update) -> str:
    """How many rows clearly move the odds, if none clearly does most."""
    clear, every = len(found.clear(OUTCOME)), counted(len(found.rows), "row")
    if not clear:
        return "no row that arrived is seen to move them by itself"
    if clear == 1:
        return f"of {every} that arrived, one clearly moves them by itself, but not clearly most"
    return f"of {every} that arrived, {clear} clearly move them, each by itself, none clearly most"


def explained(found: Update) -> list[str]:
    """Say which rows clearly move the odds, what they do not add up to, and what is no row."""
    ways = [f"“{_short(row)}” {_way(row.adds[OUTCOME])}" for row in found.clear(OUTCOME)]
    said = [f"Clear by themselves: {'; '.join(ways)}."] if ways else []
    if found.rows and not ways:
        said = ["No row is seen to move the odds by itself: the interval of each holds 0."]
    change, rest = signed_points(found.change(OUTCOME).mean, 0.0), found.rest(OUTCOME)
    rows = (
        f"The rows need not add up to the change of {change} points: each is left out alone, while "
        "others that say the same stand in for it. "
        if found.rows
        else ""
    )
    held = "; as it holds 0, there need be no rest" if not rest.clear_sign else ""
    beside = [
        f"{words}: {'; '.join(texts)}."
        for words, texts in (
            ("Noted, not counted", found.noted),
            ("Counted in the rest", found.announced),
        )
        if texts
    ]
    return [
        *said,
        f"{rows}The rest is all else, {_with_ends(rest)}: days that passed, silence, announced "
        "rounds, and what rows say together. Its interval has the errors of the change and of "
        f"every row{held}.",
        *beside,
    ]


def _way(adds: Estimate) -> str:
    return f"{'raises' if adds.mean > 0.0 else 'lowers'} them, {_with_ends(adds)}"


def _with_ends(estimate: Estimate) -> str:
    low, high = (signed_points(end, 0.0) for end in estimate.mc)
    return f"{signed_points(estimate.mean, 0.0)} ({low} to {high})"


def _short(row: Row) -> str:
    text = one_line(row.label).partition(";")[0].strip()
    if row.kind == "lever":
        text = text.partition(" (")[0]
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _percent(odds: Odds) -> str:
    return f"{100.0 * odds.mean:.{1 if odds.half_width < 0.005 else 0}f}{PER_CENT}"


@figure_of
def update(found: Update, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw how the odds that a truce holds went from one ensemble to the next, row by row.

    Parameters
    ----------
    found
        From `sim.update`.
    size, bare
        As in `sim.plots.odds`. Rows beyond the first few are drawn together.

    Returns
    -------
    matplotlib.figure.Figure
        The bars from the first to the last sum to the change.
    """
    shown, more = found.rows[: MOST[size] - 1], found.rows[MOST[size] - 1 :]
    count = len(shown) + 3 + bool(more)
    rows = step_rows(size, _words(found), count, "update", bare=bare, error=ERROR)
    both = found.odds[OUTCOME]
    full = from_nought(both)
    ends = [draw_whole(rows, 0, f"As of {date_word(found.before.day)}", both[0], full=full)]
    place = both[0].mean
    for n, one in enumerate(shown, 1):
        name_step(rows, n, *_named(one))
        ends.append(draw_step(rows, n, place, one.adds[OUTCOME].mean, one.adds[OUTCOME].mc))
        place += one.adds[OUTCOME].mean
    if more:
        share = sum(one.adds[OUTCOME].mean for one in more)
        rows.words(count - 3, 0.0, f"{counted(len(more), 'more row')}, together", size=SMALL)
        ends.append(draw_step(rows, count - 3, place, share, None))
        place += share
    rest = found.rest(OUTCOME)
    rows.name(count - 2, REST, SMALL, 200.0)
    ends.append(draw_step(rows, count - 2, place, rest.mean, rest.mc))
    day = f"As of {date_word(found.setting.first.as_of)}"
    ends.append(draw_whole(rows, count - 1, day, both[1], full=full))
    step_axis(rows, f"odds that {HAPPENING[OUTCOME]}", ends, full=full)
    return rows.sheet.figure


def _named(row: Row) -> tuple[str, str]:
    """What a row is; and its kind, when it became public, and where it stands."""
    day = date_word(row.day, year=False)
    if row.kind == "lever":
        meaning, _, values = one_line(row.label).partition(" (")[0].rpartition(": ")
        return meaning, f"{values}, lever of {day}"
    return one_line(row.label), f"{day}, {row.kind} {row.id}"


def _words(found: Update) -> Words:
    below = (
        f"within {days_word(found.setting.first.horizon_days)} of each day; what a row adds: the "
        "odds with all that is known, less those without the row"
    )
    warning = f"PRIOR ODDS: {PRIOR}" if found.setting.ensemble_kind == "prior" else ""
    return Words(finding(found), caption(found), below, warning=warning)


def caption(found: Update) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    return drawable(
        f"{found.setting.caption} · set against ensemble {found.before.id} · "
        f"{found.weighed:,} pasts weighed with each row and without it · update {found.id}"
    )


def write_update(found: Update, folder: Path) -> None:
    """Write ``update`` as PNG and SVG into a folder."""
    save_figure(update(found), folder, "update")
