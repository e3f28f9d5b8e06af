"""What matters: how far levers, and numbers of the members, move the odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.inputs.levers import value_text
from sim.outcomes import HAPPENING
from sim.plots.page import Key, Size, Words, figure_of, new_sheet, one_line
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows
from sim.plots.style import (
    INK,
    OUTCOME_COLOURS,
    PAPER,
    SMALL,
    SOFT,
    drawable,
    fitting,
    line_height,
    text_width,
    wrap,
)
from sim.plots.waterfall import short_title, signed_points, with_error
from sim.plots.words import PER_CENT, PRIOR, title_of, within
from sim.price import stakes

if TYPE_CHECKING:
    from sim.attribution.sensitivity.result import Sensitivity
    from sim.attribution.sensitivity.tornado import Bar

SHOWN = {"slide": 10, "page": 16, "column": 10}
"""How many rows are drawn, the longest first."""
LOW, HIGH = OUTCOME_COLOURS["partial_only"], OUTCOME_COLOURS["held"]
PITCH = {"slide": 72.0, "page": 66.0, "column": 114.0}
BESIDE = {"slide": 640.0, "page": 430.0, "column": 0.0}
THICK = 26.0
"""Height of a bar, in pixels."""
_MOST_AFTER = {"slide": 560.0, "page": 400.0, "column": 30.0}
"""Room right of the bars for words, in pixels, at most."""


class _Swing(NamedTuple):
    """A row of a tornado: differences in odds at two values, with their intervals if known."""

    name: str
    stands: str
    low: tuple[float, tuple[float, float] | None]
    high: tuple[float, tuple[float, float] | None]
    beside: tuple[str, str]


# ------------------------------------------------------------------ levers


def finding(found: Sensitivity) -> str:
    """Say in one sentence which lever moves the odds most, and how far."""
    first = found.tornado[0]
    assert found.setting is not None
    assert found.odds is not None
    what = HAPPENING[found.outcome]
    ends = [end for end in first.ends if end.difference.mc[0] > 0.0 or end.difference.mc[1] < 0.0]
    if not ends:
        return f"no lever alone clearly moves the odds that {what}"
    shares = sorted([found.odds.mean, *(end.odds.mean for end in ends)])
    name = one_line(found.setting.first.conflict.lever(first.lever).meaning)
    apart = ""
    if any(end.difference.split for end in ends):
        apart = ", on average over members that disagree on the sign"
    return (
        f"of all levers “{name}” moves the odds that {what} most: from {100.0 * shares[0]:.0f} to "
        f"{100.0 * shares[-1]:.0f}{PER_CENT}{apart}"
    )


@figure_of
def tornado(found: Sensitivity, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw how far each lever alone moves the odds, from where it stands to either end.

    Parameters
    ----------
    found
        From `sim.sensitivity`.
    size, bare
        As in `sim.plots.odds`. A slide has the first 10 levers, a page 16.

    Returns
    -------
    matplotlib.figure.Figure
        At the right stands the price: what a world gains or loses in worth to each side, in
        stakes, at the end that raises the odds most.
    """
    assert found.setting is not None
    conflict = found.setting.first.conflict
    swings = [_of_lever(found, bar, conflict.names) for bar in found.tornado[: SHOWN[size]]]
    assert found.odds is not None
    below = (
        f"{within(found.setting.first)}; change from {100.0 * found.odds.mean:.1f}{PER_CENT}, "
        "where all levers stand"
    )
    if BESIDE[size]:
        below += "; at the right the price at the end that raises the odds most, in stakes"
    key = [(Patch(fc=LOW), "at its low end"), (Patch(fc=HIGH), "at its high end"), dice_key()]
    return _draw(found, swings, words_of(found, finding(found), below), key, size, bare)


def _of_lever(found: Sensitivity, bar: Bar, names: Mapping[str, str]) -> _Swing:
    assert found.setting is not None
    lever = found.setting.first.conflict.lever(bar.lever)
    meaning = one_line(lever.meaning)
    best = max(bar.ends, key=lambda end: end.difference.mean)
    price = ", ".join(
        f"{names[actor]} {stakes(one.mean, 2, signed=True)}" for actor, one in best.worth.items()
    )
    ends = "; ".join(
        f"{value_text(end.value)}: {signed_points(end.difference.mean, end.difference.half_width)}"
        for end in bar.moved
    )
    return _Swing(
        f"{meaning[:1].upper()}{meaning[1:]}",
        _minus(f"({bar.course})"),
        (bar.low.difference.mean, bar.low.difference.mc),
        (bar.high.difference.mean, bar.high.difference.mc),
        (_minus(ends), _minus(price) if best.difference.mean > 0.0 else ""),
    )


def _minus(text: str) -> str:
    return text.replace("-", "\u2212")


def _draw(
    found: Sensitivity, swings: Sequence[_Swing], words: Words, key: Key, size: Size, bare: bool
) -> Figure:
    count = max(1, len(swings))
    sheet = new_sheet(size, words, count * PITCH[size] + NAMED, key, bare=bare)
    pitch = (sheet.height - NAMED) / count
    pitch = min(pitch, 130.0 if size == "slide" else PITCH[size])
    after = _after(swings, size)
    rows = new_rows(sheet, 0.0, count, pitch, BESIDE[size], after, "tornado")
    rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=4)
    for n, swing in enumerate(swings):
        _bars(rows, n, swing, after)
    reach = [end for s in swings for mean, mc in (s.low, s.high) for end in mc or (mean,)]
    low, high = min(0.0, *(reach or [0.0])), max(0.0, *(reach or [0.01]))
    room = 0.05 * max(high - low, 0.001)
    rows.ax.set_xlim(low - room, high + room)
    rows.ax.locator_params(axis="x", nbins=8 if size == "slide" else 6)
    ticks = [t for t in rows.ax.get_xticks() if low - room <= t <= high + room]
    rows.ax.set_xticks(ticks, [_tick(tick) for tick in ticks])
    what = "change of the odds, percentage points"
    long = size == "slide"
    rows.ax.set_xlabel(f"{what} ({HAPPENING[found.outcome]})" if long else what)
    return sheet.figure


def _tick(share: float) -> str:
    return _minus(f"{100.0 * share:+.3g}") if abs(share) > 1e-9 else "0"


def _after(swings: Sequence[_Swing], size: Size) -> float:
    """Room right of the bars: what the longest words there take, within bounds."""
    if not BESIDE[size]:
        return _MOST_AFTER[size]
    words = [drawable(text) for swing in swings for text in swing.beside]
    return min(_MOST_AFTER[size], max([text_width(text, SMALL) for text in words] or [0.0]) + 40.0)


def _bars(rows: Rows, n: int, swing: _Swing, after: float) -> None:
    y = rows.bar(n)
    for kind, (mean, mc), colour in (("low", swing.low, LOW), ("high", swing.high, HIGH)):
        if mean == 0.0 and (mc is None or mc[1] - mc[0] < 0.001):
            continue
        (bar,) = rows.ax.barh(y, mean, THICK / rows.pitch, color=colour, zorder=3)
        bar.set_gid(f"{n}.{kind}")
        if mc:
            draw_dice(rows.ax, f"{n}.{kind}", mc, y)
    ends, beneath = map(drawable, swing.beside)
    width = rows.sheet.width
    if not rows.beside:
        rows.words(n, 0.0, _named(swing, width, 1), size=SMALL)
        top = rows.top + n * rows.pitch + 30.0
        written = rows.sheet.text(0.0, top, fitting(ends, width, SMALL), size=SMALL, color=SOFT)
        written.set_bbox({"fc": PAPER, "ec": "none", "pad": 2.0})
        return
    lines = min(2, int(rows.pitch / _LINE))
    name = _named(swing, rows.beside - 20.0, max(1, lines))
    rows.words(n, 0.0, name, size=SMALL, linespacing=1.15)
    text = fitting(ends, after - 24.0, SMALL)
    if beneath and lines > 1:
        text = f"{text}\n{fitting(beneath, after - 24.0, SMALL)}"
    rows.words(n, width - after + 24.0, text, size=SMALL, linespacing=1.15)


def _named(swing: _Swing, width: float, lines: int) -> str:
    """What a row is about, and where it stands: the first may be cut short, the second is not."""
    words, stands = drawable(swing.name).split(" "), drawable(swing.stands)
    for kept in range(len(words), 0, -1):
        cut = "" if kept == len(words) else " …"
        found = wrap(f"{' '.join(words[:kept])}{cut} {stands}".rstrip(), width, SMALL)
        if len(found) <= lines:
            return "\n".join(found)
    return fitting(swing.name, width, SMALL, lines)


_LINE = 0.86 * line_height(SMALL)
"""Height of a line of words set close, in pixels."""


# ------------------------------------------------------------------ unknowns


def unknowns_finding(found: Sensitivity) -> str:
    """Say in one sentence which number would change the odds most if it were otherwise."""
    first = found.parts["unknowns"]["otherwise"][0]
    low, high = sorted((first["at_low"], first["at_high"]))
    return (
        f"of what is not known, one number would change the odds that {HAPPENING[found.outcome]} "
        f"most if it were otherwise, from {100.0 * low:.0f} to {100.0 * high:.0f}{PER_CENT}: "
        f"“{meaning_of(first)}”"
    )


def meaning_of(row: Mapping[str, Any]) -> str:
    """Say what a number is, without what it does."""
    return one_line(row["meaning"]).partition(";")[0]


@figure_of
def unknowns(found: Sensitivity, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw the odds with each number of the members at its tenth and ninetieth percentile.

    Parameters
    ----------
    found
        From `sim.sensitivity`, asked with ``unknowns="otherwise"``.
    size, bare
        As in `sim.plots.odds`.
    """
    assert found.setting is not None
    assert found.odds is not None
    swings = []
    for row in found.parts["unknowns"]["otherwise"][: SHOWN[size]]:
        half = (row["mc"][1] - row["mc"][0]) / 2.0
        ends = _minus(f"{row['low']:.2g} to {row['high']:.2g}: {with_error(row['mean'], half)}")
        low, high = (row[end] - found.odds.mean for end in ("at_low", "at_high"))
        swings.append(
            _Swing(meaning_of(row), "", (low, None), (high, None), (ends, row["standing"]))
        )
    below = (
        "each number set to its tenth, then to its ninetieth percentile in all members, all else "
        f"alike; change from {100.0 * found.odds.mean:.1f}{PER_CENT}; beside it the percentiles "
        f"and the difference with its 95{PER_CENT} interval"
    )
    below += ", and who says so" if BESIDE[size] else ""
    key = [(Patch(fc=LOW), "at its tenth percentile"), (Patch(fc=HIGH), "at its ninetieth")]
    words = words_of(found, unknowns_finding(found), below)
    own = words.caption.replace(f"{found.setting.worlds:,} worlds of each policy, ", "")
    return _draw(found, swings, words._replace(caption=own), key, size, bare)


# ------------------------------------------------------------------ words


def dice_key() -> tuple[Any, str]:
    """Explain the whisker of an estimate."""
    line = Line2D([], [], color=INK, lw=1.8, marker="|", ms=7, mew=1.8)
    return line, f"95{PER_CENT} interval of the estimate: dice"


def words_of(found: Sensitivity, said: str, below: str, *, whose: bool = True) -> Words:
    """Put the words of a sensitivity around a finding.

    Parameters
    ----------
    whose
        Whether to say under the finding which scenario it is of.
    """
    assert found.setting is not None
    setting = found.setting
    warning = f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""
    title = short_title(title_of(setting.first))
    below = f"{title}: {below}" if whose else f"{below[:1].upper()}{below[1:]}"
    return Words(f"{said[:1].upper()}{said[1:]}", caption(found), below, warning=warning)


def caption(found: Sensitivity) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    assert found.setting is not None
    return drawable(f"{found.setting.caption} · sensitivity {found.id}")
