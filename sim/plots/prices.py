"""The price in a comparison: how much more a world is worth to each side, in stakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from sim.plots import style
from sim.plots.page import Sheet
from sim.plots.rows import NAMED, Rows, members_bar, new_rows
from sim.plots.style import BODY, INK, PAPER, SMALL, text_width
from sim.price import digits_of, stakes

if TYPE_CHECKING:
    from sim.experiments.comparison import Comparison
    from sim.experiments.differences import PriceDifference

_MARKERS = ("o", "s")
"""By side, so that they are told apart without colour."""
_PITCH = {"slide": 120.0, "page": 72.0, "column": 118.0}
_BESIDE = {"slide": 16.0, "page": 300.0, "column": 0.0}
_AFTER = {"slide": 330.0, "page": 380.0, "column": 30.0}
_LINE = 33.0
"""Height of a line of small words, in pixels."""


def price_text(found: PriceDifference) -> str:
    """Write a difference in worth with the half-width of its interval.

    >>> from sim.experiments.differences import PriceDifference
    >>> price_text(PriceDifference(0.0123, (0.0093, 0.0153), None, None, None))
    '+0.012 ± 0.003'
    """
    digits = digits_of(found.half_width)
    text = stakes(found.mean, digits, signed=True)
    if found.mc:
        text += f" ± {max(found.half_width, 0.1**digits):.{digits}f}"
    return text.replace("-", "\u2212")


def _names(comparison: Comparison) -> list[str]:
    conflict = comparison.results[0].scenario.conflict
    return [conflict.names[actor] for actor in comparison.worth]


def price_key(comparison: Comparison) -> list[tuple[Any, str]]:
    """Explain the marks of the sides."""
    return [
        (_mark(comparison, side), f"worth to {style.fitting(name, 300.0, SMALL)}")
        for side, name in enumerate(_names(comparison))
    ]


def _mark(comparison: Comparison, side: int) -> Line2D:
    return Line2D([], [], **_look(comparison, side))


def _look(comparison: Comparison, side: int) -> dict[str, Any]:
    conflict = comparison.results[0].scenario.conflict
    colour = style.actor_colours(conflict)[list(comparison.worth)[side]]
    return {"color": INK, "lw": 2.0, "marker": _MARKERS[side], "ms": 8, "mfc": colour, "mec": INK}


def draw_prices(sheet: Sheet, names: list[str], comparison: Comparison) -> None:
    """Draw a row a scenario, with a mark and both intervals for each side.

    A hollow mark is tied with the first scenario. Words are bold where dice and members agree.
    """
    size = sheet.size
    pitch = min(_PITCH[size], (sheet.height - NAMED) / len(names))
    rows = new_rows(sheet, 0.0, len(names), pitch, _BESIDE[size], _AFTER[size], "prices")
    rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=2)
    for row, name in enumerate(names):
        if size != "slide":  # there the names stand beside the odds
            rows.name(row, name, BODY if pitch > 60.0 else SMALL)
        for side, actor in enumerate(comparison.worth):
            found = comparison.worth[actor][row]
            _draw(rows, row, side, found, _look(comparison, side), f"{row}.{actor}")
        _words(rows, row, comparison)
    _axis(rows, comparison)


def _draw(
    rows: Rows, row: int, side: int, found: PriceDifference, look: dict[str, Any], gid: str
) -> None:
    y = rows.bar(row) + (0.18 if rows.beside else 0.1) * (2 * side - 1)
    if found.ensemble:
        low, high = found.ensemble
        rows.ax.add_artist(members_bar((low, y - 0.08), high - low, 0.16, f"{gid}.members"))
    if found.mc:
        (line,) = rows.ax.plot(found.mc, (y, y), color=INK, lw=2.0, zorder=5)
        line.set_gid(f"{gid}.mc")
    full = PAPER if found.dice == "tied" else look["mfc"]
    (mark,) = rows.ax.plot(found.mean, y, **{**look, "mfc": full}, zorder=6)
    mark.set_gid(f"{gid}.mean")


def _words(rows: Rows, row: int, comparison: Comparison) -> None:
    """Write both differences at the right, or under a row's title in a column."""
    found = [each[row] for each in comparison.worth.values()]
    names, sheet = _names(comparison), rows.sheet
    if not rows.beside:
        wide = sheet.width / 2.0 - 10.0
        for side, (name, one) in enumerate(zip(names, found, strict=True)):
            text = price_text(one)
            shown = style.fitting(name, wide - text_width(f" {text}", SMALL, "bold"), SMALL,
                                  weight="bold")  # fmt: skip
            _write(rows, side * (wide + 20.0), rows.top + row * rows.pitch + 33.0,
                   f"{shown} {text}", one, va="top")  # fmt: skip
        return
    if rows.pitch < 2.0 * _LINE:
        return  # there is no room for two lines
    left = sheet.width - _AFTER[sheet.size] + 24.0
    for side, (name, one) in enumerate(zip(names, found, strict=True)):
        text = price_text(one)
        wide = _AFTER[sheet.size] - 30.0 - text_width(f" {text}", SMALL, "bold")
        text = f"{style.fitting(name, wide, SMALL, weight='bold')} {text}"
        y = rows.middle(row) + (side - 0.5) * _LINE
        _write(rows, left, y, text, one, va="center")


def _write(
    rows: Rows, left: float, top: float, text: str, found: PriceDifference, **look: Any
) -> None:
    weight = "bold" if found.verdict in ("ahead", "behind") else "normal"
    rows.sheet.text(left, top, text, size=SMALL, weight=weight, **look)


def _axis(rows: Rows, comparison: Comparison) -> None:
    ends = [
        abs(end)
        for each in comparison.worth.values()
        for one in each
        for end in (one.mean, *(one.mc or ()), *(one.ensemble or ()))
    ]
    reach = 1.08 * max([*ends, 0.001])
    rows.ax.set_xlim(-reach, reach)
    narrow = rows.ax.get_window_extent().width < 700.0
    ticks = [sign * _step(reach) for sign in ((-1, 0, 1) if narrow else (-1, -0.5, 0, 0.5, 1))]
    rows.ax.set_xticks(ticks, [_tick(tick) for tick in ticks])
    wide = rows.sheet.size != "column" and not narrow
    what = "difference in what a world is worth, stakes" if wide else "difference in worth, stakes"
    rows.ax.set_xlabel(what, labelpad=8)


def _step(reach: float) -> float:
    """The largest of 1, 2, 5 and their tenfolds that fits into the axis."""
    steps = [digit * 10.0**power for power in range(-4, 3) for digit in (1, 2, 5)]
    return max(step for step in steps if step <= reach)


def _tick(number: float) -> str:
    return f"{number:+g}".replace("-", "\u2212") if number else "0"
