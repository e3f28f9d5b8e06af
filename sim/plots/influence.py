"""The figure of influence: what moves the odds most when it is left out or changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.plots import style
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.rows import UNDER, Rows, new_rows
from sim.plots.style import BODY, INK, OUTCOME_COLOURS, PAPER, RULE, SMALL, SOFT, drawable
from sim.plots.words import PER_CENT

if TYPE_CHECKING:
    from sim.attribution.influence_result import Influence, InfluenceRow

SHOWN = {"article": 5, "event": 8, "statement": 8, "structure": 5}
"""How many of each kind are drawn, the largest first."""
TITLES = {
    "article": "Articles left out",
    "event": "Events left out",
    "statement": "Statements left out",
    "structure": "Assumptions changed",
}
PANELS = (("article", "event"), ("statement", "structure"))
_IN_COLUMN = 3
"""How many of each kind a column has."""
_PITCH = {"slide": 43.0, "page": 42.0, "column": 78.0}
_BESIDE = {"slide": 560.0, "page": 600.0, "column": 0.0}


def finding(result: Influence) -> str:
    """Say what the odds of `held` rest on most, with the odds before and after."""
    evidence = [row for row in result.rows if row.kind != "structure"]
    rows = [row for row in evidence if _sure(row)] or list(result.rows)
    if not rows:
        return "Nothing that was varied moves the odds"
    top = max(rows, key=lambda row: abs(row.shifts["held"].change))
    held = result.odds["held"].change
    without = held + top.shifts["held"].change
    return (
        f"{_case(top)}, the odds of a truce that holds would be "
        f"{100.0 * without:.0f}{PER_CENT}, not {100.0 * held:.0f}{PER_CENT}"
    )


def _case(row: InfluenceRow) -> str:
    """Name what is left out or changed, as the beginning of a sentence."""
    if row.kind == "structure":
        return f"With {drawable(row.label)}"
    if row.kind == "article":
        return f"Without article {row.id[:3]}"
    what = drawable(row.label.partition(";")[0].partition(",")[0])
    word = "the news of" if row.kind == "event" else "the statement"
    return f"Without {word} “{what}”"


def _sure(row: InfluenceRow) -> bool:
    low, high = row.shifts["held"].interval
    return low > 0.0 or high < 0.0


@figure_of
def influence(result: Influence, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw what moves the odds most when it is left out or changed.

    Parameters
    ----------
    result
        From `sim.influence`.
    size, bare
        As in `sim.plots.odds`. A column has the first three of each kind.

    Returns
    -------
    matplotlib.figure.Figure
        Its title says the finding, its caption where the numbers come from.
    """
    below = (
        f"Change of the odds over {result.horizon_days} days, in points, with "
        f"95{PER_CENT} error; grey where the error spans 0."
    )
    words = Words(finding(result), caption(result), below)
    shown = [kinds for kinds in PANELS if any(_chosen(result, kind, size) for kind in kinds)]
    lines = [_lines(result, kinds, size) for kinds in shown]
    heights = [len(rows) * _PITCH[size] + UNDER + 20.0 for rows in lines]
    sheet = new_sheet(size, words, sum(heights), _key(), bare=bare)
    reach = _reach(result, size)
    for n, rows in enumerate(lines):
        if size == "slide":
            half = 0.5 * sheet.width - 20.0
            part = sheet.part(n * (half + 40.0), 0.0, half, sheet.height)
        else:
            part = sheet.part(0.0, sum(heights[:n]), sheet.width, heights[n])
        _panel(part, rows, reach, "-".join(shown[n]))
    return sheet.figure


def write_influence(result: Influence, folder: Path) -> None:
    """Write ``influence.png`` and ``influence.svg`` into a folder."""
    save_figure(influence(result), folder, "influence")


def _chosen(result: Influence, kind: str, size: Size) -> list[InfluenceRow]:
    most = _IN_COLUMN if size == "column" else SHOWN[kind]
    return [row for row in result.rows if row.kind == kind][:most]


def _lines(result: Influence, kinds: tuple[str, ...], size: Size) -> list[InfluenceRow | str]:
    """The rows of a panel, each kind below its title."""
    lines: list[InfluenceRow | str] = []
    for kind in kinds:
        if rows := _chosen(result, kind, size):
            lines += [TITLES[kind], *rows]
    return lines


def _reach(result: Influence, size: Size) -> tuple[float, float]:
    """How far the axis goes to either side, in points."""
    ends = [
        100.0 * end
        for kind in TITLES
        for row in _chosen(result, kind, size)
        for shift in row.shifts.values()
        for end in shift.interval
    ]
    low, high = min([-1.0, *ends]), max([1.0, *ends])
    room = 0.05 * (high - low)
    return low - room, high + room


def _panel(
    sheet: Sheet, lines: list[InfluenceRow | str], reach: tuple[float, float], label: str
) -> None:
    """Draw the rows of two kinds below each other, with a title for each."""
    pitch = min(_PITCH[sheet.size], (sheet.height - UNDER) / len(lines))
    beside = _BESIDE[sheet.size]
    rows = new_rows(sheet, 0.0, len(lines), pitch, beside, 24.0, label)
    rows.ax.set_xlim(*reach)
    rows.ax.xaxis.set_major_locator(MaxNLocator(4))
    rows.ax.xaxis.set_major_formatter(lambda value, _: f"{value:+.0f}" if value else "0")
    rows.ax.axvline(0.0, color=SOFT, lw=1.2, zorder=2)
    for n, line in enumerate(lines):
        if isinstance(line, str):
            y = (n + (0.5 if beside else 0.75)) * pitch
            blank = {"bbox": {"fc": PAPER, "ec": "none", "pad": 1.0}}
            sheet.text(0.0, y, line, size=BODY, weight="bold", va="center", gid="row", **blank)
        else:
            _row(rows, line, n)


def _row(rows: Rows, row: InfluenceRow, n: int) -> None:
    held, agreed = row.shifts["held"], row.shifts["agreed"]
    colour = OUTCOME_COLOURS["held"] if _sure(row) else RULE
    rows = replace(rows, lift=24.0)
    y = rows.bar(n)
    (bar,) = rows.ax.barh(y, 100.0 * held.change, 24.0 / rows.pitch, color=colour, zorder=3)
    bar.set_gid(f"{row.id}.held")
    ends = [100.0 * end for end in held.interval]
    rows.ax.plot(ends, (y, y), color=INK, lw=1.6, zorder=5)
    rows.ax.plot(100.0 * agreed.change, y, marker="D", ms=5.5, color=PAPER, mec=INK, zorder=6)
    room = (rows.beside or rows.sheet.width) - 20.0
    rows.words(n, 0.0, style.fitting(_label(row), room, SMALL), size=SMALL, gid="row")


def _label(row: InfluenceRow) -> str:
    if row.kind == "structure":
        return row.label[:1].upper() + row.label[1:]
    if row.kind == "article":
        return f"{row.id[:3]}  {row.label}"
    label = row.label.partition(";")[0]
    return label[:1].upper() + label[1:]


def _key() -> Key:
    """Say what bar, line and diamond are."""
    bar = Patch(fc=OUTCOME_COLOURS["held"])
    line = Line2D([], [], color=INK, lw=1.6)
    mark = Line2D([], [], color=PAPER, mec=INK, marker="D", ms=5.5, ls="")
    error = f"95{PER_CENT} error of it"
    return [(bar, "held"), (line, error), (mark, "full truce agreed")]


def caption(result: Influence) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    held = result.odds["held"]
    parts = [
        f"Conditional on model and evidence to {result.as_of}",
        f"baseline, odds of `held` {100.0 * held.change:.1f} ± {196.0 * held.error:.1f}{PER_CENT} "
        f"from {result.particles:,} weighed pasts (effective size {result.effective:,.0f}), "
        f"seed {result.seed}",
        "articles, events and assumptions: the filter run again with the same luck; statements: "
        "its pasts weighed anew, or run again where too few are left",
    ]
    return " · ".join(parts)
