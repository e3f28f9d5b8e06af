"""The figures of a comparison: paired differences as forests, and how worlds end side by side.

Beside the difference in odds stands that in price: what a world is worth to each side, in stakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.outcomes import parts_of_outcomes
from sim.plots import style
from sim.plots.odds import MEANINGS
from sim.plots.page import Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.prices import draw_prices, price_key
from sim.plots.rows import NAMED, UNDER, Rows, members_bar, new_rows, share_ticks
from sim.plots.style import (
    BODY,
    INK,
    OUTCOME_COLOURS,
    PAPER,
    SMALL,
    SOFT,
    drawable,
    ink_on,
    line_height,
)
from sim.plots.words import PER_CENT, PRIOR, percent, settings_text, titles_of, within_all
from sim.text import of_hundred

if TYPE_CHECKING:
    from sim.experiments.comparison import Comparison
    from sim.experiments.differences import Difference, PriceDifference
    from sim.inputs.scenario import Scenario

NAMES = {"held": "a truce holds 30 days", "agreed": "a truce is agreed"}
_PITCH = {"slide": 120.0, "page": 72.0, "column": 118.0}
_BESIDE = {"slide": 450.0, "page": 300.0, "column": 0.0}
_AFTER = {"slide": 430.0, "page": 380.0, "column": 30.0}
_ODDS = 1180.0
"""Width of the odds on a slide, beside which the price stands, in pixels."""
_WHOLE = 1400.0
"""Width from which the odds on a slide stand alone."""
_LONGEST = 48
"""Letters of a scenario's title in a sentence."""


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


def members_apart(found: Difference | PriceDifference) -> str:
    """Say how many members are ahead and how many behind."""
    ahead, behind = found.members_ahead or 0.0, found.members_behind or 0.0
    behind_word = of_hundred(behind).removesuffix(" of 100")
    return f"{of_hundred(ahead)} members are ahead and {behind_word} behind"


def finding(comparison: Comparison, quantity: str = "held") -> str:
    """Say in one sentence which scenario differs most from the first, and by how much.

    Where the members disagree on the sign it gives their number, and no interval of the dice.
    """
    first, *others = _titles(comparison)
    found = comparison.differences[quantity]
    clear = [n for n, difference in enumerate(found) if difference.dice != "tied"]
    what = NAMES[quantity]
    if not clear:
        return _no_finding(others, first, found, what)
    most = max(clear, key=lambda n: abs(found[n].mean))
    difference = found[most]
    verb = "raises" if difference.mean > 0.0 else "lowers"
    among = " most" if len(clear) > 1 else ""
    level = comparison.level_with(most + 1) if quantity == "held" else []
    level = [n for n in level if n - 1 in clear]
    whom = others[most]
    if level:
        whose = others[level[0] - 1] if len(level) == 1 else f"{len(level)} more"
        whom += f", level{_mean_word(comparison, most + 1, level)} with {whose},"
    if difference.split:
        by = points(abs(difference.mean), difference.half_width).lstrip("+")
        said = f"{verb} the odds that {what}{among} by {by} points against {first}"
        return f"On average {whom} {said}, while {members_apart(difference)}"
    said = interval(difference).replace("(", "points (", 1)
    return f"{whom} {verb} the odds that {what}{among}: {said} against {first}"


def _mean_word(comparison: Comparison, one: int, level: list[int]) -> str:
    """Say so where scenarios are level on average only, as the members disagree."""
    pairs = [comparison.rivals[min(one, n), max(one, n)] for n in level]
    return " on average" if any(pair.split for pair in pairs) else ""


def _no_finding(others: list[str], first: str, found: Sequence[Difference], what: str) -> str:
    """Say that no scenario differs from the first in the odds, as far as the dice tell."""
    if len(others) > 1:
        said = f"none of {len(others)} scenarios differs clearly from {first}"
    else:
        said = f"{others[0]} is tied with {first}"
    said += f" in the odds that {what}"
    split = [difference for difference in found if difference.split]
    if not split:
        half = 100.0 * max(difference.half_width for difference in found)
        return f"{said} (known to ±{half:.1f} points)"
    if len(others) == 1:
        return f"On average {said}, while {members_apart(split[0])}"
    return f"On average {said}, while the members disagree on the sign"


def _scenarios(comparison: Comparison) -> list[Scenario]:
    return [result.scenario for result in comparison.results]


def _titles(comparison: Comparison) -> list[str]:
    """Titles as they stand in a sentence."""
    return [
        title if len(title) <= _LONGEST else f"{title[:_LONGEST].rstrip()}…"
        for title in titles_of(_scenarios(comparison))
    ]


def caption(comparison: Comparison) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    first = comparison.results[0]
    scenario = first.scenario
    used = int((first.tally.outcomes.sum(1) > 0).sum())
    parts = [
        f"Conditional on model and evidence to {scenario.as_of}",
        f"{comparison.worlds:,} worlds of each scenario, the same luck in all, "
        f"{used:,} of {first.tally.members:,} members used, seed {first.seed}",
        f"ensemble {first.ensemble_id}",
        *filter(None, [first.ensemble_doubt, _alone(comparison)]),
        *settings_text(_scenarios(comparison)),
        f"comparison {comparison.id}",
    ]
    return drawable(" · ".join(parts))


def _alone(comparison: Comparison) -> str:
    """Say so if too few members were used to count them."""
    few = comparison.differences["held"][0].ensemble is None
    return "fewer than 64 members: verdicts of the dice alone" if few else ""


def _words(comparison: Comparison, said: str) -> Words:
    first = comparison.results[0]
    warning = f"PRIOR ODDS: {PRIOR}" if first.ensemble_kind == "prior" else ""
    return Words(said, caption(comparison), within_all(_scenarios(comparison)), warning=warning)


def _rows(sheet: Sheet, names: list[str], after: float, under: float, label: str) -> Rows:
    """Make a row a scenario, with its title."""
    pitch = min(_PITCH[sheet.size], (sheet.height - under) / len(names))
    rows = new_rows(sheet, 0.0, len(names), pitch, _BESIDE[sheet.size], after, label)
    size = BODY if pitch > 60.0 else SMALL
    for row, name in enumerate(names):
        rows.name(row, name, size)
    return rows


def _forest(rows: Rows, comparison: Comparison, quantity: str) -> None:
    found, ax = comparison.differences[quantity], rows.ax
    names = [result.scenario.name for result in comparison.results]
    names = [name if names.count(name) == 1 else f"{name}-{n}" for n, name in enumerate(names)]
    ax.axvline(0.0, color=INK, lw=1.2, zorder=2)
    for n, difference in enumerate(found):
        row, name = rows.bar(n), names[n + 1]
        if difference.ensemble:
            low, high = difference.ensemble
            ax.add_artist(members_bar((low, row - 0.14), high - low, 0.28, f"{name}.members"))
        colour = SOFT if difference.dice == "tied" else INK
        look: dict[str, Any] = {
            "color": colour,
            "lw": 2.2,
            "marker": "|",
            "ms": 9,
            "mew": 2.0,
            "zorder": 5,
        }
        ax.plot(difference.mc, (row, row), gid=f"{name}.mc", **look)
        full = PAPER if difference.dice == "tied" else colour
        ax.plot(difference.mean, row, marker="o", ms=8, color=colour, mfc=full, zorder=6)
    ends = [abs(x) for d in found for x in (*d.mc, *(d.ensemble or ()))]
    reach = 1.08 * max(ends, default=0.01)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_formatter(lambda x, _: points(x, 0.02 if reach > 0.1 else 0.001))
    what = (
        "difference, points"
        if rows.sheet.size == "column"
        else (f"difference in the odds that {NAMES[quantity]}, percentage points")
    )
    rows.ax.set_xlabel(what, labelpad=8)


def _verdicts(rows: Rows, comparison: Comparison, quantity: str, left: float, size: float) -> None:
    """Say each difference with its verdict, at the right, or under a row's title in a column."""
    for row, difference in enumerate(comparison.differences[quantity]):
        text, more = f"{difference.verdict}  {interval(difference)}", ""
        if difference.split:
            text = f"{difference.verdict}  {points(difference.mean, difference.half_width)}"
            more = f"{of_hundred(difference.members_ahead or 0.0)} members ahead"
        weight = "bold" if difference.verdict in ("ahead", "behind") else "normal"
        if not rows.beside:
            y = rows.top + row * rows.pitch + 33.0
            text += f", {more}" if more else ""
            written = rows.sheet.text(0.0, y, text, weight=weight, size=SMALL)
            written.set_bbox({"fc": PAPER, "ec": "none", "pad": 1.0})
        elif more and rows.pitch >= 2.0 * line_height(size):
            for n, line in enumerate((text, more)):
                y = rows.middle(row) + (n - 0.5) * line_height(size)
                rows.sheet.text(left, y, line, size=size, va="center", color=INK)
        else:
            rows.words(row, left, text, weight=weight, size=size)


@figure_of
def differences(
    comparison: Comparison, quantity: str = "held", size: Size = "slide", *, bare: bool = False
) -> Figure:
    """Draw the difference of each scenario from the first, as a forest plot.

    Parameters
    ----------
    comparison
        From `sim.compare`.
    quantity
        `held` or `agreed`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        The title says which scenario differs most. A second panel has the price: by how much a
        world is worth more or less to each side.
    """
    names = titles_of(_scenarios(comparison))[1:]
    dice = Line2D([], [], color=INK, lw=2.2, marker="o", ms=8)
    members = Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    key = [
        (dice, f"paired difference and its 95{PER_CENT} interval: dice"),
        (members, f"90{PER_CENT} of members' own differences: ignorance"),
    ]
    words = _words(comparison, finding(comparison, quantity))
    height = len(names) * _PITCH[size] + NAMED
    priced = bool(comparison.worth)
    if not priced:
        sheet = new_sheet(size, words, height, key, bare=bare)
        return _odds_panel(sheet, names, comparison, quantity)
    key += price_key(comparison)
    stacked = size != "slide"
    sheet = new_sheet(size, words, 2.0 * height + 24.0 if stacked else height, key, bare=bare)
    if stacked:
        half = (sheet.height - 24.0) / 2.0
        left = sheet.part(0.0, 0.0, sheet.width, half)
        right = sheet.part(0.0, half + 24.0, sheet.width, half)
    else:
        left = sheet.part(0.0, 0.0, _ODDS, sheet.height)
        right = sheet.part(_ODDS + 40.0, 0.0, sheet.width - _ODDS - 40.0, sheet.height)
    _odds_panel(left, names, comparison, quantity)
    draw_prices(right, names, comparison)
    return sheet.figure


def _odds_panel(sheet: Sheet, names: list[str], comparison: Comparison, quantity: str) -> Figure:
    narrow = sheet.size == "slide" and sheet.width < _WHOLE
    after = 380.0 if narrow else _AFTER[sheet.size]
    rows = _rows(sheet, names, after, NAMED, "differences")
    _forest(rows, comparison, quantity)
    size = BODY if sheet.size == "slide" and not narrow else SMALL
    _verdicts(rows, comparison, quantity, sheet.width - after + 30.0, size)
    return sheet.figure


@figure_of
def outcomes(comparison: Comparison, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw how the worlds of each scenario end, a stacked bar each.

    Parameters
    ----------
    comparison
        From `sim.compare`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        The title says under which scenario a truce holds most often, if that is clear.
    """
    names = titles_of(_scenarios(comparison))
    key: list[tuple[Any, str]] = [
        (Patch(fc=colour), MEANINGS[name][0]) for name, colour in OUTCOME_COLOURS.items()
    ]
    whisker = Line2D([], [], color=INK, lw=1.6, marker="|", ms=7, mew=1.6)
    key.append((whisker, f"95{PER_CENT} of held, of agreed: dice"))
    height = len(names) * _PITCH[size] + UNDER
    sheet = new_sheet(size, _words(comparison, leader(comparison)), height, key, bare=bare)
    rows = _rows(sheet, names, 40.0, UNDER, "outcomes")
    share_ticks(rows.ax)
    for row, result in enumerate(comparison.results):
        y = rows.bar(row) - 0.08
        _stack(rows.ax, y, {name: odds.mean for name, odds in result.odds.items()})
        for odds in (result.odds["held"], result.agreed):
            look: dict[str, Any] = {"color": INK, "lw": 1.6, "marker": "|", "ms": 6, "mew": 1.6}
            rows.ax.plot(odds.mc, (y + 0.34,) * 2, **look)
    return sheet.figure


def leader(comparison: Comparison) -> str:
    """Say under which scenario a truce holds most often, if that is clear of the first.

    Those that are tied with it, in the same worlds, are named with it.
    """
    results, found = comparison.results, comparison.differences["held"]
    titles = _titles(comparison)
    clear = [n for n in range(1, len(results)) if found[n - 1].dice == "ahead"]
    clear.sort(key=lambda n: -found[n - 1].mean)
    first = results[0]
    share = percent((results[clear[0]] if clear else first).odds["held"], comparison.worlds)
    said = f"in {share} of worlds" if " of " not in share else f"in {share} worlds"
    if not clear:
        return f"None is clearly ahead of {titles[0]}, where a truce holds {said}"
    tied = comparison.level_with(clear[0])
    names = [titles[n] for n in clear if n == clear[0] or n in tied]
    against = [n for n in _against(comparison, clear[0]) if n not in tied]
    whose = f"{len(against)} of {len(results) - 1} others"
    if len(against) == 1:
        whose = titles[against[0]]
    if against:
        said += f"; against {whose} the members disagree"
    if len(names) > 3:
        lead = f"{len(names)} scenarios lead, {names[0]} by very little: a truce holds {said}"
        return f"On average {lead}" if against else lead
    often = "On average a truce" if against else "A truce"
    level = names[0]
    if len(names) > 1:
        level = f"{', '.join(names[:-1])} and {names[-1]}, too close to call"
    return f"{often} holds most often under {level}: {said}"


def _against(comparison: Comparison, best: int) -> list[int]:
    """The scenarios against which one is ahead on average only, by their places."""
    found = {0: comparison.differences["held"][best - 1]}
    found |= {
        a if b == best else b: pair for (a, b), pair in comparison.rivals.items() if best in (a, b)
    }
    return [place for place, difference in found.items() if difference.split]


def _stack(ax: Axes, row: float, shares: dict[str, float]) -> None:
    start, parts = 0.0, parts_of_outcomes(shares, 0)
    for name, share in shares.items():
        ax.barh(row, share, 0.52, left=start, color=OUTCOME_COLOURS[name], ec=PAPER, lw=1.0)
        if share * ax.get_window_extent().width > 40.0:
            colour = ink_on(OUTCOME_COLOURS[name])
            ax.text(start + share / 2.0, row, f"{parts[name]:.0f}", ha="center", va="center",
                    color=colour, size=SMALL, weight="bold")  # fmt: skip
        start += share


def write_comparison(comparison: Comparison, folder: Path) -> None:
    """Write ``differences`` and ``outcomes`` as PNG and SVG into a folder."""
    save_figure(differences(comparison), folder, "differences")
    save_figure(outcomes(comparison), folder, "outcomes")
