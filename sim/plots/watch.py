"""What to watch, as a tree of two events; and what would turn a choice, as rows of differences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.outcomes import HAPPENING
from sim.plots import style
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows
from sim.plots.style import BODY, INK, SMALL, SOFT, drawable, fitting, line_height
from sim.plots.waterfall import short_title, signed_points
from sim.plots.words import PER_CENT, PRIOR, titles_of, within
from sim.text import date_word, days_word

if TYPE_CHECKING:
    from sim.attribution.watch.parts import Against, Event, Split, Turning
    from sim.attribution.watch.result import Watch
    from sim.estimates import Odds
    from sim.experiments.sensitivity.jackknife import Estimate

_ALL, _YES, _NO = (
    style.MEMBERS_EDGE,
    style.OUTCOME_COLOURS["held"],
    style.OUTCOME_COLOURS["partial_only"],
)
_PITCH = {"slide": 104.0, "page": 76.0, "column": 96.0}
_BESIDE = {"slide": 860.0, "page": 540.0, "column": 0.0}
_AFTER = {"slide": 150.0, "page": 134.0, "column": 30.0}
_THICK = {"slide": 30.0, "page": 22.0, "column": 22.0}
_TYPE = {"slide": BODY, "page": SMALL, "column": SMALL}
_INDENT = {"slide": 52.0, "page": 34.0, "column": 26.0}
_EVENTS = {"slide": 3, "page": 4, "column": 3}
"""Events that are drawn of two scenarios, beside what turns the choice."""


# ------------------------------------------------------------------ findings


def finding(found: Watch) -> str:
    """Say in one sentence which event tells most, or what turns a choice."""
    what, last = HAPPENING[found.outcome], _date(found.last_day)
    if found.base.mean in (0.0, 1.0):
        where = "none" if found.base.mean == 0.0 else "all"
        return f"in {where} of {found.setting.worlds:,} worlds {what}: no event can move the odds"
    if found.against:
        return _turning(found, found.against)
    if found.tree is None:
        return f"no public event until {last} clearly moves the odds that {what}"
    both = found.tree.happens.odds, found.tree.fails.odds
    digits = min(_digits(one) for one in both)
    yes, no = (f"{100.0 * one.mean:.{digits}f}{PER_CENT}" for one in both)
    event = found.of(found.tree.event)
    which = "The event" if _tells_most(found, event) else "An event"
    return (
        f"{which} to watch until {last} is “{event.words}”: {what} in {yes} of worlds if so, in "
        f"{no} if not"
    )


def _tells_most(found: Watch, event: Event) -> bool:
    """Whether an event is worth more to know than any other, as far as the intervals tell."""
    others = [one for one in found.ranked if one is not event]
    return all(_worth(event)[0] > _worth(other)[1] for other in others)


def _worth(event: Event) -> tuple[float, float]:
    """What an event is worth to know at the ends of the interval of its difference."""
    assert event.difference is not None
    low, high = sorted(abs(end) for end in event.difference.mc)
    if event.difference.mc[0] <= 0.0 <= event.difference.mc[1]:
        low = 0.0
    share = event.chance.mean * (1.0 - event.chance.mean)
    return share * low**2, share * high**2


def _turning(found: Watch, choice: Against) -> str:
    first, second = (short_title(title, 40) for title in titles_of(found.setting.scenarios))
    last, difference = _date(found.last_day), choice.difference
    if choice.tied:
        base = f"to turn to {second} on {last} or to go on with {first} is tied"
    else:
        word = "raises" if difference.mean > 0.0 else "lowers"
        size = signed_points(abs(difference.mean), difference.half_width).lstrip("+")
        average = " on average" if difference.split else ""
        base = (
            f"to turn from {first} to {second} on {last} {word} the odds that "
            f"{HAPPENING[found.outcome]} by {size} points{average}"
        )
    if choice.turn is None:
        does = "separates the two" if choice.tied else "turns that"
        return f"{base}; nothing that is watched until then {does}"
    does = "that decides it" if choice.tied else "that turns"
    return f"{base}; {does} if {_seen(found, choice.turn)}"


def _seen(found: Watch, turn: Turning) -> str:
    return " and ".join(
        f"“{found.of(event).words}” {'happens' if came else 'does not happen'}"
        for event, came in turn.seen
    )


def _date(day: dt.date) -> str:
    return date_word(day, year=False)


def _digits(odds: Odds) -> int:
    """How many decimals of a per cent the interval of odds supports."""
    return 1 if odds.half_width < 0.005 else 0


def _percent(odds: Odds) -> str:
    return f"{100.0 * odds.mean:.{_digits(odds)}f}{PER_CENT}"


# ------------------------------------------------------------------ the figure


@figure_of
def watch(found: Watch, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the two events to watch as a tree, or what would turn a choice of two scenarios.

    Parameters
    ----------
    found
        From `sim.watch`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Of one scenario: a row for all worlds, for each branch and for each of its branches; a bar
        is the odds there. Of two: a row a kind of evidence, with the difference of the second.
    """
    if found.against:
        return _choice(found, found.against, size, bare=bare)
    lines = list(_lines(found))
    sheet, rows = _frame(found, size, len(lines), _key(), bare=bare)
    high = max(end for line in lines for end in _reach(line.odds))
    for n, line in enumerate(lines):
        _draw(rows, n, line)
    _branches(rows, lines)
    low = min(1.0, 1.05 * high + 0.005)
    _axis(rows, 0.0, low, f"odds that {HAPPENING[found.outcome]}")
    return sheet.figure


class _Line(NamedTuple):
    """A row of the tree."""

    depth: int
    text: str
    odds: Odds
    colour: str


def _lines(found: Watch) -> Iterator[_Line]:
    yield _Line(0, "All worlds, as it stands today", found.base, _ALL)
    if found.tree:
        yield from _of_split(found, found.tree, 1)


def _of_split(found: Watch, split: Split, depth: int) -> Iterator[_Line]:
    words = found.of(split.event).words
    for branch, happens in ((split.happens, True), (split.fails, False)):
        yield _Line(
            depth,
            _named(words, branch.share, happens=happens),
            branch.odds,
            _YES if happens else _NO,
        )
        if branch.split:
            yield from _of_split(found, branch.split, depth + 1)


def _named(words: str, share: float, *, happens: bool) -> str:
    """What a row is about: the event, and how many of 100 worlds the row stands for."""
    whole = round(100.0 * share)
    chance = f"{whole if whole else 'under 1'} in 100"
    return f"If so ({chance}): {words}" if happens else f"If not ({chance})"


def _reach(odds: Odds) -> tuple[float, float]:
    return odds.mc[1], odds.mean


def _frame(found: Watch, size: Size, count: int, key: Key, *, bare: bool) -> tuple[Sheet, Rows]:
    sheet = new_sheet(size, _words(found), count * _PITCH[size] + NAMED, key, bare=bare)
    pitch = min(150.0 if size == "slide" else _PITCH[size], (sheet.height - NAMED) / count)
    return sheet, new_rows(sheet, 0.0, count, pitch, _BESIDE[size], _AFTER[size], "watch")


def _draw(rows: Rows, n: int, line: _Line) -> None:
    """Write what a row is about, indented by its depth, and draw its odds."""
    size = rows.sheet.size
    indent = line.depth * _INDENT[size]
    wide = (rows.beside or rows.sheet.width - 110.0) - indent - 20.0
    type_size = _TYPE[size]
    most = max(1, min(2, int(rows.pitch / line_height(type_size)))) if rows.beside else 1
    weight = "bold" if line.depth == 0 else "normal"
    text = fitting(line.text, wide, type_size, most, weight)
    rows.words(n, indent, text, size=type_size, weight=weight)
    y, thick = rows.bar(n), _THICK[size] / rows.pitch
    (bar,) = rows.ax.barh(y, line.odds.mean, thick, color=line.colour, zorder=3)
    bar.set_gid(f"{n}.odds")
    draw_dice(rows.ax, str(n), line.odds.mc, y)
    number = _percent(line.odds)
    if rows.beside:
        left = rows.sheet.width - _AFTER[size] + 24.0
        rows.words(n, left, number, size=BODY, weight="bold")
    else:
        rows.words(n, rows.sheet.width, number, size=SMALL, ha="right", weight="bold")


def _branches(rows: Rows, lines: list[_Line]) -> None:
    """Draw from each row to the rows that it branches into, where words stand beside the bars."""
    if not rows.beside:
        return
    ax = rows.ax
    width = rows.sheet.width - rows.beside - _AFTER[rows.sheet.size]
    step = _INDENT[rows.sheet.size]
    for n, line in enumerate(lines):
        below = [m for m in range(n + 1, len(lines)) if lines[m].depth <= line.depth]
        end = below[0] if below else len(lines)
        mine = [m for m in range(n + 1, end) if lines[m].depth == line.depth + 1]
        x = line.depth * step + 0.35 * step
        for m in mine:
            places = [(left - rows.beside) / width for left in (x, x, x + 0.5 * step)]
            branch = Line2D(places, (n + 0.33, m, m), color=SOFT, lw=1.2, zorder=1)
            branch.set(transform=ax.get_yaxis_transform(), clip_on=False, gid=f"{m}.branch")
            ax.add_artist(branch)


def _axis(rows: Rows, low: float, high: float, name: str, *, points: bool = False) -> None:
    rows.ax.set_xlim(low, high)
    rows.ax.locator_params(axis="x", nbins=6 if rows.sheet.size == "slide" else 4)
    ticks = [tick for tick in rows.ax.get_xticks() if low <= tick <= high]
    words = [
        signed_points(tick, 1.0) if points else f"{100.0 * tick:.4g}{PER_CENT}" for tick in ticks
    ]
    rows.ax.set_xticks(ticks, words)
    rows.ax.set_xlabel(name, labelpad=8)


def _key() -> Key:
    return [
        (Patch(fc=_YES), "worlds where it happens"),
        (Patch(fc=_NO), "worlds where it does not"),
        (
            Line2D([], [], color=INK, lw=1.8, marker="|", ms=7, mew=1.8),
            f"95{PER_CENT} interval: dice",
        ),
    ]


# ------------------------------------------------------------------ two scenarios


def _choice(found: Watch, choice: Against, size: Size, *, bare: bool) -> Figure:
    """Draw the difference of two scenarios in all worlds, and after each kind of evidence."""
    lines = list(_differences(found, choice, _EVENTS[size]))
    sheet, rows = _frame(found, size, len(lines), _key(), bare=bare)
    ends = [end for line in lines for end in line.estimate.mc]
    for n, line in enumerate(lines):
        _difference(rows, n, line)
    room = 0.06 * max(max(ends) - min(ends), 0.01)
    rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=2)
    name = "percentage points that turning adds"
    low, high = min(0.0, min(ends) - room), max(0.0, max(ends) + room)
    _axis(rows, low, high, name, points=True)
    return sheet.figure


class _Difference(NamedTuple):
    """A row of differences."""

    text: str
    estimate: Estimate
    colour: str
    bold: bool = False


def _differences(found: Watch, choice: Against, most: int) -> Iterator[_Difference]:
    from sim.experiments.sensitivity.jackknife import Estimate

    whole = choice.difference
    yield _Difference("All worlds", Estimate(whole.mean, whole.mc), _ALL, True)
    if choice.turn:
        turn = choice.turn
        colour = _YES if all(turn.happened) else _NO
        yield _Difference(f"If {_seen(found, turn)}", turn.difference, colour, True)
    for event in [one for one in found.ranked if one.turned][:most]:
        assert event.turned is not None
        for estimate, happens in zip(event.turned, (True, False), strict=True):
            share = event.chance.mean if happens else 1.0 - event.chance.mean
            text = _named(event.words, share, happens=happens)
            if estimate:
                yield _Difference(text, estimate, _YES if happens else _NO)


def _difference(rows: Rows, n: int, line: _Difference) -> None:
    size, y = rows.sheet.size, rows.bar(n)
    weight = "bold" if line.bold else "normal"
    rows.name(n, drawable(line.text), _TYPE[size], 110.0, weight=weight)
    thick = _THICK[size] / rows.pitch
    (bar,) = rows.ax.barh(y, line.estimate.mean, thick, color=line.colour, zorder=3)
    bar.set_gid(f"{n}.difference")
    draw_dice(rows.ax, str(n), line.estimate.mc, y)
    number = signed_points(line.estimate.mean, line.estimate.half_width)
    if rows.beside:
        left = rows.sheet.width - _AFTER[size] + 24.0
        rows.words(n, left, number, size=BODY, weight="bold")
    else:
        rows.words(n, rows.sheet.width, number, size=SMALL, ha="right", weight="bold")


# ------------------------------------------------------------------ words


def caption(found: Watch) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    return drawable(f"{found.setting.caption} · watch {found.id}")


def _words(found: Watch) -> Words:
    title = " against ".join(short_title(one, 40) for one in titles_of(found.setting.scenarios))
    below = (
        f"{title}, {within(found.setting.first)}; events of the first {days_word(found.days)} are "
        "signs of what world one is in, not causes"
    )
    said = finding(found)
    kind = found.setting.ensemble_kind
    warning = f"PRIOR ODDS: {PRIOR}" if kind == "prior" else ""
    return Words(f"{said[:1].upper()}{said[1:]}", caption(found), below, warning=warning)


def write_watch(found: Watch, folder: Path) -> None:
    """Write ``watch`` as PNG and SVG into a folder."""
    save_figure(watch(found), folder, "watch")
