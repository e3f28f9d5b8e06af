"""The roads to agreement: what the packages that were signed name, and what they are worth."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.engine.domain import Issue
from sim.plots import style
from sim.plots.page import Sheet, Size, figure_of, new_sheet
from sim.plots.rows import NAMED, Rows, draw_dice, new_rows
from sim.plots.style import BODY, INK, OUTCOME_COLOURS, SMALL, SOFT, text_width, tint
from sim.plots.words import PER_CENT, words_of
from sim.price import FEW, issue_word, parts, road_name, stakes
from sim.results import Results
from sim.tally import Road

MOST = 6
"""Roads that are shown; all others are one row."""
_PITCH = {"slide": 88.0, "page": 76.0, "column": 100.0}
_BESIDE = {"slide": 560.0, "page": 440.0, "column": 0.0}
_AFTER = {"slide": 480.0, "page": 350.0, "column": 30.0}
_HEAD = 76.0
"""Room above the rows for what stands at their right, in pixels."""
HELD, FELL = OUTCOME_COLOURS["held"], tint(OUTCOME_COLOURS["collapsed"])


class _Row(NamedTuple):
    """A road as it is drawn, or all that are not shown in one."""

    key: str
    name: str
    places: str
    share: float
    held: float
    text: str
    mc: tuple[float, float] | None
    worth: tuple[float, ...]


def finding(results: Results) -> str:
    """Say which road worlds that agree take most often, if that is clear."""
    roads = results.roads
    if not roads:
        return "no world agrees on a truce, so that no package was signed"
    total = sum(road.agreements for road in roads)
    first = roads[0]
    if total == 1:
        return f"the one agreement names {_name(first)}"
    if len(roads) == 1:
        return f"all {total:,} agreements name {_name(first)}"
    level = [road for road in roads[1:] if road.share.mc[1] >= first.share.mc[0]]
    if level:
        others = _name(level[0]) if len(level) == 1 else f"{len(level)} other packages"
        said = f"agreements name {_name(first)} in {_share_of_first(results)}"
        return f"{said}, too close to {others} to call the commonest"
    said = f"agreements name {_name(first)} most often, in {_share_of_first(results)}"
    low, high = first.held.mc
    if high - low > 0.2:
        return said
    return f"{said}; {100.0 * low:.0f} to {100.0 * high:.0f}{PER_CENT} of these hold"


def _share_of_first(results: Results) -> str:
    total = sum(road.agreements for road in results.roads)
    if total < FEW:
        return f"{results.roads[0].agreements} of {total}"
    whole = parts([road.agreements for road in results.roads], total)[0]
    return f"{whole.removesuffix('%')}{PER_CENT} of {total:,}"


def _name(road: Road) -> str:
    return road_name([issue.name.lower() for issue in road.named])


@figure_of
def roads(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw what worlds that agreed had signed: a bar a package, cut by whether the truce held.

    Parameters
    ----------
    results, size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are shares of the worlds that agreed. At the right stands what a world on that road is
        worth to each side, in stakes; a column leaves that to the text.
    """
    words = words_of(results, finding(results))
    below = f"What the package named at the last signature, with mean places; {words.below}"
    shown = _rows_of(results)
    head = 0.0 if size == "column" else _HEAD
    height = len(shown) * _PITCH[size] + NAMED + head if shown else 60.0
    key = _key() if shown else ()
    sheet = new_sheet(size, words._replace(below=below), height, key, bare=bare)
    if not shown:
        sheet.text(0.0, 10.0, "There is no world in which a full truce was agreed.", color=SOFT)
        return sheet.figure
    pitch = min(_PITCH[size], (sheet.height - NAMED - head) / len(shown))
    rows = new_rows(sheet, head, len(shown), pitch, _BESIDE[size], _AFTER[size], "roads")
    for n, row in enumerate(shown):
        _draw(rows, n, row)
    _axis(rows, max(row.mc[1] if row.mc else row.share for row in shown))
    if rows.beside:
        _header(sheet, results)
    return sheet.figure


def _rows_of(results: Results) -> list[_Row]:
    found = results.roads
    total = sum(road.agreements for road in found)
    shown = found if len(found) <= MOST + 1 else found[:MOST]
    rest = found[len(shown) :]
    counts = [road.agreements for road in shown]
    texts = _parts([*counts, sum(road.agreements for road in rest)], total)
    rows = [
        _Row(
            "+".join(issue.name.lower() for issue in road.named) or "none",
            _name(road),
            ", ".join(_place(issue, place) for issue, place in road.places.items()),
            road.share.mean,
            road.held.mean,
            text,
            road.share.mc,
            road.worth,
        )
        for road, text in zip(shown, texts, strict=False)
    ]
    if rest:
        count = sum(road.agreements for road in rest)
        held = sum(road.held.mean * road.agreements for road in rest) / count
        sides = zip(*(road.worth for road in rest), strict=True)
        worth = tuple(
            sum(one * road.agreements for one, road in zip(side, rest, strict=True)) / count
            for side in sides
        )
        name = f"{len(rest)} other packages"
        rows.append(_Row("others", name, "", count / total, held, texts[-1], None, worth))
    return rows


def _parts(counts: list[int], total: int) -> list[str]:
    """Write parts of the agreements: whole per cents that add up, or counts of few."""
    if total < FEW:
        return [f"{count} of {total}" for count in counts]
    return [text.replace("%", PER_CENT) for text in parts(counts, total)]


def _place(issue: Issue, place: float) -> str:
    return f"{issue_word(issue.name.lower())} {place:.2f}"


def _key() -> list[tuple[Any, str]]:
    whisker = Line2D([], [], color=INK, lw=1.8, marker="|", ms=8, mew=1.8)
    return [
        (Patch(fc=HELD), "held 30 days"),
        (Patch(fc=FELL), "collapsed"),
        (whisker, f"dice: 95{PER_CENT} error of the share"),
    ]


def _draw(rows: Rows, n: int, row: _Row) -> None:
    y = rows.bar(n)
    held = row.share * row.held
    (bar,) = rows.ax.barh(y, held, 0.42, color=HELD, zorder=3)
    bar.set_gid(f"{row.key}.held")
    (bar,) = rows.ax.barh(y, row.share - held, 0.42, left=held, color=FELL, zorder=3)
    bar.set_gid(f"{row.key}.collapsed")
    if row.mc:
        draw_dice(rows.ax, row.key, row.mc, y + (0.3 if rows.beside else 0.26))
    if not rows.beside:
        rows.name(n, row.name, SMALL, 170.0, weight="bold")
        rows.words(n, rows.sheet.width, row.text, size=SMALL, ha="right", weight="bold")
        return
    middle = rows.middle(n)
    wide = rows.beside - 20.0
    size = BODY if text_width(row.name, BODY, "bold") <= wide else SMALL
    title = style.fitting(row.name, wide, size, weight="bold")
    lift = {"va": "bottom"} if row.places else {"va": "center"}
    rows.sheet.text(0.0, middle - (1.0 if row.places else 0.0), title, weight="bold",
                    size=size, **lift)  # fmt: skip
    if row.places:
        shown = style.fitting(row.places, wide, SMALL)
        rows.sheet.text(0.0, middle + 3.0, shown, color=SOFT, size=SMALL)
    size = SMALL if " of " in row.text else BODY
    look: dict[str, Any] = {"ha": "right", "va": "center"}
    edges = _edges(rows.sheet)
    rows.sheet.text(edges[0], middle, row.text, weight="bold", size=size, **look)
    for edge, worth in zip(edges[1:], row.worth, strict=True):
        rows.sheet.text(edge, middle, _signed(worth), **look)


def _edges(sheet: Sheet) -> list[float]:
    """Where the columns at the right of the bars end, in pixels."""
    room = _AFTER[sheet.size]
    return [sheet.width - room + share * room for share in (0.36, 0.69, 1.0)]


def _signed(worth: float) -> str:
    return stakes(worth, 2).replace("-", "\u2212")


def _header(sheet: Sheet, results: Results) -> None:
    """Say what stands at the right of the bars."""
    conflict = results.scenario.conflict
    names = [conflict.names[actor] for actor in conflict.side_ids]
    wide = 0.31 * _AFTER[sheet.size] - 8.0
    sides = (style.fitting(name, wide, SMALL) for name in names)
    words = ["share", *(f"worth to\n{name}" for name in sides)]
    look: dict[str, Any] = {"ha": "right", "va": "bottom", "size": SMALL, "color": SOFT}
    for edge, text in zip(_edges(sheet), words, strict=True):
        sheet.text(edge, _HEAD - 10.0, text, **look)


def _axis(rows: Rows, highest: float) -> None:
    top = next((top for top in (0.25, 0.5, 0.75) if highest <= top), 1.0)
    ticks = [top * n / 5.0 for n in range(6)]
    rows.ax.set_xlim(0.0, top)
    words = [f"{100.0 * tick:g}" for tick in ticks]
    rows.ax.set_xticks(ticks, [*words[:-1], words[-1] + PER_CENT])
    rows.ax.set_xlabel("share of the worlds that agreed", labelpad=8)
