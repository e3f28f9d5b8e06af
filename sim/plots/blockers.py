"""Who blocked last in worlds in which no truce held, and on which issue."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.engine.domain import Outcome
from sim.inputs.conflict import Conflict
from sim.plots import style
from sim.plots.page import Sheet, Size, figure_of, new_sheet
from sim.plots.style import BODY, SMALL, SOFT, spread, text_width, tint
from sim.plots.words import PER_CENT, words_of
from sim.results import Results
from sim.text import part_text, parts_of_whole

NOBODY = "nobody"
FEW = 100
"""Below so many worlds a share is shown as a count."""
_TOP, _BAR, _BLOCK = 36.0, 44.0, 168.0
"""Heights of a title over a bar, of a bar, and of both with the labels below, in pixels."""
_AXIS = 52.0


def shares(results: Results) -> dict[str, dict[str, float]]:
    """Return by side the issues on which it blocked last, as shares of worlds without `held`.

    Returns
    -------
    dict
        By the ids of the sides, then `nobody` for worlds in which no answer blocked; all shares
        sum to 1. Empty if a truce held in every world.
    """
    blocking = results.blockers()
    if any(side["share"] is None for side in blocking.values()):
        return {}
    found = {
        name: {issue: side["share"] * part for issue, part in side["issues"].items()}
        for name, side in blocking.items()
    }
    nobody = 1.0 - sum(side["share"] for side in blocking.values())
    found[NOBODY] = {NOBODY: nobody} if nobody > 1e-12 else {}
    return found


def printed(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Round `shares` to whole per cents: sides add up to 100, issues to those of their side."""
    sides = parts_of_whole([sum(issues.values()) for issues in found.values()])
    return {
        name: dict(zip(issues, parts_of_whole([*issues.values()], 0, side), strict=True))
        for (name, issues), side in zip(found.items(), sides, strict=True)
    }


def finding(results: Results) -> str:
    """Say who blocks last most often, and on what."""
    found = shares(results)
    if not found:
        return "a truce holds in every world, and nobody blocks it"
    sides = {name: sum(issues.values()) for name, issues in found.items()}
    most = max(sides, key=lambda name: sides[name])
    worlds = results.tally.worlds - int(results.tally.outcomes[:, Outcome.HELD].sum())
    share = f"{sum(printed(found)[most].values()):.0f}{PER_CENT} of"
    if worlds < FEW:
        share = f"{sides[most] * worlds:.0f} of {worlds}"
    share += " worlds where no truce holds"
    if most == NOBODY:
        return f"in {share}, no answer blocked it"
    issue = next(iter(found[most]))
    name = _name(most, results.scenario.conflict)
    return f"{name} blocks last in {share}, most often over {_issue(issue)}"


@figure_of
def blockers(results: Results, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw who blocked last where no truce held: a bar a side, cut by issue.

    Parameters
    ----------
    results, size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        Widths and numbers are shares of the worlds that did not end as `held`.
    """
    words = words_of(results, finding(results))
    below = f"Who refused or set conditions last, over which issue; {words.below}"
    found = shares(results)
    height = len(found) * _BLOCK - 40.0 + _AXIS if found else 60.0
    sheet = new_sheet(size, words._replace(below=below), height, bare=bare)
    if not found:
        sheet.text(0.0, 10.0, "There is no world in which no truce held.", color=SOFT)
        return sheet.figure
    more = max(0.0, (sheet.height - height) / len(found)) if size == "slide" else 0.0
    told = printed(found)
    for n, (name, issues) in enumerate(found.items()):
        block = sheet.part(0.0, n * (_BLOCK + more), sheet.width, _BLOCK)
        ax = _block(block, name, issues, told[name], results.scenario.conflict)
        if n + 1 == len(found):
            _axis(ax)
    return sheet.figure


def _block(
    block: Sheet, name: str, issues: dict[str, float], told: dict[str, float], conflict: Conflict
) -> Axes:
    """Draw a side: its share, its bar, and the issues below it; return the axes of the bar."""
    share = f"{part_text(sum(told.values()), sum(issues.values()))}{PER_CENT}"
    what = f"{_name(name, conflict)}: {share}" if name != NOBODY else f"Nobody blocked: {share}"
    block.text(0.0, 0.0, what, weight="bold", size=BODY)
    width = block.width - 40.0
    ax = block.axes(6.0, _TOP, width, _BAR, name)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([])
    ax.set_xticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.axhline(0.0, color=style.RULE, lw=1.2, zorder=1)
    colour = style.actor_colours(conflict).get(name, style.RULE)
    left, middles = 0.0, {}
    for n, (issue, part) in enumerate(issues.items()):
        fill = tint(colour, 0.6) if n % 2 else colour
        ax.add_artist(_segment(f"{name}.{issue}", left, part, fill))
        middles[issue] = (left + part / 2.0) * width
        left += part
    if name != NOBODY:
        _labels(block, issues, told, middles, width)
    return ax


def _segment(name: str, left: float, part: float, colour: Any) -> Rectangle:
    bar = Rectangle((left, 0.0), part, 1.0, fc=colour)
    bar.set(ec=SOFT, lw=0.8, zorder=3, gid=name, clip_on=False)
    return bar


def _labels(
    block: Sheet,
    issues: dict[str, float],
    told: dict[str, float],
    middles: dict[str, float],
    width: float,
) -> None:
    """Write issues under their pieces with a thin line to each; the smallest may be summed up."""
    words = {
        issue: f"{_issue(issue)} {part_text(told[issue], part)}" for issue, part in issues.items()
    }
    shown = list(issues)
    rest = ""
    while shown and sum(_wide(words[name]) for name in shown) + _wide(rest) > width:
        shown.pop()
        left = [name for name in issues if name not in shown]
        part, share = (sum(each[name] for name in left) for each in (told, issues))
        rest = f"{len(left)} others {part_text(part, share)}"
    widths = [_wide(words[name]) for name in shown]
    texts, wanted = [words[name] for name in shown], [middles[name] for name in shown]
    if rest:
        texts, widths = [*texts, rest], [*widths, _wide(rest)]
        wanted.append(middles[next(name for name in issues if name not in shown)])
    if not texts:
        return
    wanted[0] = max(wanted[0], widths[0] / 2.0 - 6.0)
    ax = block.axes(6.0, _TOP + _BAR, width, 26.0, "leaders")
    ax.set(xlim=(0.0, width), ylim=(26.0, 0.0))
    ax.axis("off")
    places = spread(wanted, widths, width + 30.0)
    for text, middle, place in zip(texts, wanted, places, strict=True):
        ax.plot((middle, place), (2.0, 24.0), color=SOFT, lw=0.8, clip_on=False)
        block.text(6.0 + place, _TOP + _BAR + 28.0, text, size=SMALL, ha="center", gid="issue")


def _axis(ax: Axes) -> None:
    ax.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0", "25", "50", "75", f"100{PER_CENT}"])
    ax.tick_params(length=0, pad=6)


def _wide(text: str) -> float:
    return text_width(text, SMALL) + 22.0 if text else 0.0


def _name(side: str, conflict: Conflict) -> str:
    return "Nobody" if side == NOBODY else conflict.names[side]


def _issue(issue: str) -> str:
    return "NATO" if issue == "nato" else issue.replace("_", " ")
