"""Which single move of which actor takes most from a scenario, and whether the actor gains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.attribution.redteam.moves import actor_names
from sim.outcomes import HAPPENING
from sim.plots.page import Key, Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.rows import NAMED, Rows, draw_dice, members_bar, new_rows
from sim.plots.style import (
    INK,
    MEMBERS,
    MEMBERS_EDGE,
    OUTCOME_COLOURS,
    PAPER,
    SMALL,
    SOFT,
    drawable,
    fitting,
)
from sim.plots.tornado import dice_key
from sim.plots.waterfall import short_title, signed_points, with_error
from sim.plots.words import PER_CENT, PRIOR, title_of, within
from sim.price import stakes

if TYPE_CHECKING:
    from sim.attribution.redteam.result import Exploit, RedTeam

TAKES, UNTOLD = OUTCOME_COLOURS["collapsed"], MEMBERS_EDGE
_PITCH = {"slide": 130.0, "page": 104.0, "column": 150.0}
_BESIDE = {"slide": 560.0, "page": 340.0, "column": 0.0}
_AFTER = {"slide": 470.0, "page": 370.0, "column": 30.0}
_THICK = {"slide": 30.0, "page": 24.0, "column": 22.0}


def finding(found: RedTeam) -> str:
    """Say in one sentence which move takes how much, and which by which a side gains."""
    what, worst = HAPPENING[found.outcome], found.worst
    if worst is None:
        most = 100.0 * found.exploitability.mc[1]
        return (
            f"no single move that was tried is seen to lower the odds that {what}; the worst takes "
            f"at most {most:.1f} points"
        )
    average = " on average" if worst.difference.split else ""
    return (
        f"“{_does(found, worst)}” on day {worst.day} takes {_size(worst)} points{average} from "
        f"the odds that {what}, {_against_others(found, worst)}{_motive(found, worst)}"
    )


def _does(found: RedTeam, one: Exploit) -> str:
    name = actor_names(found.setting.first.conflict)[one.actor]
    return one_line(f"{name} {one.words}")


def _size(one: Exploit) -> str:
    return signed_points(one.loss.mean, one.loss.half_width).lstrip("+")


def _against_others(found: RedTeam, worst: Exploit) -> str:
    """Whether the intervals tell the worst move from the worst of every other actor."""
    others = [one for one in found.exploits if one.actor != worst.actor]
    if all(one.loss.mc[1] < worst.loss.mc[0] for one in others):
        return "more than the worst of any other actor"
    return "no more than another actor's worst within the error"


def _motive(found: RedTeam, worst: Exploit) -> str:
    paying = found.worst_with_motive
    if paying is None:
        return "; no side is seen to gain by its worst move"
    if paying is worst:
        return "; it gains by it"
    return (
        f"; of moves by which a side gains, “{_does(found, paying)}” on day {paying.day} takes "
        f"{_size(paying)}"
    )


@figure_of
def redteam(found: RedTeam, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw by actor what its worst move takes from the odds, and whether the actor gains by it.

    Parameters
    ----------
    found
        From `sim.redteam`.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        A belligerent has a second row if another move takes most of those by which it gains.
    """
    count = len(found.exploits)
    sheet = new_sheet(size, _words(found), count * _PITCH[size] + NAMED, _key(), bare=bare)
    pitch = min(_PITCH[size], (sheet.height - NAMED) / count)
    rows = new_rows(sheet, 0.0, count, pitch, _BESIDE[size], _AFTER[size], "redteam")
    rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=4)
    for n, one in enumerate(found.exploits):
        _bars(rows, n, one)
        _texts(rows, n, found, one)
    _axis(rows, found)
    return sheet.figure


def _bars(rows: Rows, n: int, one: Exploit) -> None:
    thick, y = _THICK[rows.sheet.size] / rows.pitch, rows.bar(n)
    change = one.difference
    colour = TAKES if one.claimed else UNTOLD
    (bar,) = rows.ax.barh(y, change.mean, thick, color=colour, zorder=5)
    bar.set_gid(f"{n}.change")
    if change.ensemble is not None and not change.hidden:
        low, high = change.ensemble
        corner = (low, y - thick)
        rows.ax.add_artist(members_bar(corner, high - low, 2.0 * thick, f"{n}.members"))
    draw_dice(rows.ax, str(n), change.mc, y)
    rows.ax.lines[-1].set_zorder(6)


def _texts(rows: Rows, n: int, found: RedTeam, one: Exploit) -> None:
    """Write the move, by how much it changes the odds, and what its actor has of it."""
    sheet, change = rows.sheet, with_error(one.difference.mean, one.difference.half_width)
    name = f"Day {one.day}: {_does(found, one)}"
    motive, worth = _motive_text(one), _worth_text(found, one)
    if rows.beside:
        wide, after = rows.beside - 20.0, _AFTER[sheet.size]
        rows.words(n, 0.0, fitting(name, wide, SMALL, 3), size=SMALL, linespacing=1.15)
        lines = [fitting(text, after - 24.0, SMALL) for text in (motive, worth)]
        left = sheet.width - after + 24.0
        text = "\n".join([f"{change} points", *lines])
        rows.words(n, left, text, size=SMALL, linespacing=1.15)
        return
    rows.words(n, 0.0, fitting(name, sheet.width, SMALL), size=SMALL)
    top = rows.top + n * rows.pitch + 2.0
    for line, text in enumerate((f"{change} points; {motive}", worth), 1):
        written = sheet.text(
            0.0, top + 28.0 * line, fitting(text, sheet.width, SMALL), size=SMALL, color=SOFT
        )
        written.set_bbox({"fc": PAPER, "ec": "none", "pad": 0.5})


def _motive_text(one: Exploit) -> str:
    if not one.claimed:
        return "no clear effect"
    return f"motive: {one.motive}"


def _worth_text(found: RedTeam, one: Exploit) -> str:
    names = actor_names(found.setting.first.conflict)
    worth = ", ".join(
        f"{names[side]} {stakes(change.mean, 3, signed=True)}" for side, change in one.worth.items()
    )
    return drawable(worth.replace("-", "\u2212"))


def _axis(rows: Rows, found: RedTeam) -> None:
    ends = [end for one in found.exploits for end in (*one.difference.mc, one.difference.mean)]
    ends += [end for one in found.exploits for end in one.difference.ensemble or ()]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.05 * max(high - low, 0.001)
    rows.ax.set_xlim(low - room, high + room)
    rows.ax.locator_params(axis="x", nbins=7 if rows.sheet.size == "slide" else 5)
    ticks = [tick for tick in rows.ax.get_xticks() if low - room <= tick <= high + room]
    rows.ax.set_xticks(ticks, [_tick(tick) for tick in ticks])
    rows.ax.set_xlabel("change of the odds, percentage points", labelpad=8)


def _tick(share: float) -> str:
    return f"{100.0 * share:+.3g}".replace("-", "\u2212") if abs(share) > 1e-9 else "0"


def _key() -> Key:
    return [
        (Patch(fc=TAKES), "takes from the odds"),
        (Patch(fc=UNTOLD), "no clear effect"),
        (dice_key()[0], f"95{PER_CENT} interval for all rows together: dice"),
        (Patch(fc=MEMBERS, ec=MEMBERS_EDGE, lw=0.8), "middle 90" + PER_CENT + " of the members"),
    ]


def caption(found: RedTeam) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    tried = f"{len(found.screened)} moves tried, the worst run again on other luck"
    return drawable(f"{found.setting.caption} · {tried} · redteam {found.id}")


def _words(found: RedTeam) -> Words:
    setting = found.setting
    title = short_title(title_of(setting.first))
    below = (
        f"{title}: {within(setting.first)}; what the worst move of each actor changes, from "
        f"{100.0 * found.odds.mean:.1f}{PER_CENT} without a move, and what "
        "the move adds to the worth to each side, in stakes"
    )
    warning = f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""
    said = finding(found)
    return Words(f"{said[:1].upper()}{said[1:]}", caption(found), below, warning=warning)


def write_redteam(found: RedTeam, folder: Path) -> None:
    """Write ``redteam`` as PNG and SVG into a folder."""
    save_figure(redteam(found), folder, "redteam")
