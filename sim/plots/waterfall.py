"""Why two scenarios differ, as a waterfall; and what decided one world, as rows of bars."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.outcomes import HAPPENING
from sim.plots import style
from sim.plots.compare import members_apart
from sim.plots.page import Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.rows import NAMED, new_rows, share_ticks
from sim.plots.steps import (
    MOST,
    RAISES,
    draw_step,
    draw_whole,
    from_nought,
    name_step,
    step_axis,
    step_rows,
)
from sim.plots.steps import signed_points as signed_points
from sim.plots.steps import with_error as with_error
from sim.plots.style import SMALL, drawable
from sim.plots.words import PER_CENT, PRIOR, titles_of, within

if TYPE_CHECKING:
    from sim.attribution.why.one_world import OneWorld
    from sim.attribution.why.result import Why
    from sim.experiments.setting import Setting

_DICE = {"slide": 6, "page": 10, "column": 6}


def short_title(title: str, most: int = 60) -> str:
    """Shorten a title that stands among other words."""
    return title if len(title) <= most else f"{title[: most - 1].rstrip()}…"


def finding(why: Why) -> str:
    """Say in one sentence how much the odds differ, and which lever accounts for most of it."""
    first, second = map(short_title, titles_of(why.setting.scenarios))
    total = why.total
    what = HAPPENING[why.outcome]
    if total.mc[0] <= 0.0 <= total.mc[1]:
        half = 100.0 * (total.mc[1] - total.mc[0]) / 2.0
        return (
            f"{second} and {first} are tied in the odds that {what} (known to ±{half:.1f} points)"
        )
    verb = "raises" if total.mean > 0.0 else "lowers"
    average, apart = "", ""
    if total.split:
        average, apart = " on average", f"; {members_apart(total)}"
    size = signed_points(abs(total.mean), total.half_width).lstrip("+")
    return (
        f"{second} {verb} the odds that {what} by {size} points{average} against {first}"
        f"{_by(why)}{apart}"
    )


def _by(why: Why) -> str:
    """Which lever accounts for most of a difference, if the intervals tell it from the next."""
    sign = 1.0 if why.total.mean > 0.0 else -1.0
    top, *others = sorted(why.levers, key=lambda one: -sign * one.share.mean)
    name = one_line(why.meaning(top.lever))
    if not others:
        return f": by “{name}” alone"
    least = sign * top.share.mean - top.share.half_width
    if least <= max(0.0, sign * others[0].share.mean):
        return "; no lever clearly adds most"
    return f": most, {signed_points(top.share.mean, top.share.half_width)}, by “{name}”"


@figure_of
def waterfall(why: Why, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw how the odds go from those of one scenario to those of another, lever by lever.

    Parameters
    ----------
    why
        From `sim.why`, of two scenarios.
    size, bare
        As in `sim.plots.odds`. Levers beyond the first few are drawn together.

    Returns
    -------
    matplotlib.figure.Figure
        The bars from the first row to the last sum to the difference.
    """
    steps = why.ranked[: MOST[size]]
    rest = why.ranked[MOST[size] :]
    count = len(steps) + 2 + bool(rest)
    rows = step_rows(size, _words(why), count, "waterfall", bare=bare)
    titles = titles_of(why.setting.scenarios)
    place = why.odds[0].mean
    full = from_nought(why.odds)
    ends = [draw_whole(rows, 0, titles[0], why.odds[0], full=full)]
    for n, one in enumerate(steps, 1):
        name_step(rows, n, one_line(why.meaning(one.lever)), one_line(one.change))
        ends.append(draw_step(rows, n, place, one.share.mean, one.share.mc))
        place += one.share.mean
    if rest:
        share = sum(one.share.mean for one in rest)
        rows.words(len(steps) + 1, 0.0, f"{len(rest)} more levers", size=SMALL)
        ends.append(draw_step(rows, len(steps) + 1, place, share, None))
    ends.append(draw_whole(rows, count - 1, titles[1], why.odds[1], full=full))
    step_axis(rows, f"odds that {HAPPENING[why.outcome]}", ends, full=full)
    return rows.sheet.figure


def caption(why: Why) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    how = "every mixture of the levers" if why.exact else "sampled orders of the levers"
    return drawable(f"{why.setting.caption} · {how}, {why.worlds_run:,} runs · why {why.id}")


def _words(why: Why) -> Words:
    below = (
        f"{within(why.setting.first)}; what each lever adds, averaged over the orders in which "
        "they can change (Shapley share), sums to the difference"
    )
    return Words(finding(why), caption(why), below, warning=_warning(why.setting))


def _warning(setting: Setting) -> str:
    return f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""


def write_waterfall(why: Why, folder: Path) -> None:
    """Write ``waterfall`` as PNG and SVG into a folder."""
    save_figure(waterfall(why), folder, "waterfall")


# ------------------------------------------------------------------ one world


def world_finding(found: OneWorld) -> str:
    """Say in one sentence how a world ended, and what decided it."""
    what = HAPPENING[found.outcome]
    ends = f"in world {found.world} {HAPPENING[found.ended]}"
    if not found.dice:
        return f"{ends}; no single random draw was found to decide whether {what}"
    first = found.dice[0]
    share = f"{100.0 * first.chance:.0f}{PER_CENT}"
    return (
        f"{ends}; the random draw that decides most whether {what} is that of day {first.day}, "
        f"“{first.words}”: drawn again it changes the outcome in {share} of cases"
    )


@figure_of
def turning_points(found: OneWorld, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw which luck decided a world: whole kinds of it, then single throws of one day.

    Parameters
    ----------
    found
        From `sim.why`, of one world.
    size, bare
        As in `sim.plots.odds`.

    Returns
    -------
    matplotlib.figure.Figure
        A bar is the chance that the outcome turns if that luck is thrown anew, all else alike.
    """
    every = [*found.groups, *found.dice[: _DICE[size]]]
    pitch = {"slide": 66.0, "page": 66.0, "column": 84.0}[size]
    key = [
        (Patch(fc=style.MEMBERS_EDGE), "a whole kind of luck, on all days"),
        (Patch(fc=RAISES), "one draw on one day"),
    ]
    sheet = new_sheet(size, _world_words(found), len(every) * pitch + NAMED, key, bare=bare)
    pitch = min(110.0 if size == "slide" else pitch, (sheet.height - NAMED) / len(every))
    beside = {"slide": 640.0, "page": 500.0, "column": 0.0}[size]
    rows = new_rows(sheet, 0.0, len(every), pitch, beside, 150.0, "turning points")
    share_ticks(rows.ax)
    for n, one in enumerate(every):
        whole = one.day is None
        colour = style.MEMBERS_EDGE if whole else RAISES
        (bar,) = rows.ax.barh(rows.bar(n), one.chance, 26.0 / rows.pitch, color=colour, zorder=3)
        bar.set_gid(f"{n}.chance")
        name = one.words[:1].upper() + one.words[1:] if whole else f"Day {one.day}: {one.words}"
        rows.name(n, drawable(name), SMALL, 120.0)
        text = f"{100.0 * one.chance:.0f}{PER_CENT}"
        left = sheet.width - 120.0 if rows.beside else sheet.width - 80.0
        rows.words(n, left, text, size=SMALL)
    rows.ax.set_xlabel("turns the outcome" if size == "column" else _TURNS, labelpad=8)
    return sheet.figure


_TURNS = "chance that another draw changes the outcome"


def world_caption(found: OneWorld) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    return drawable(f"{found.setting.caption} · world {found.world}, member {found.member}")


def _world_words(found: OneWorld) -> Words:
    title = short_title(titles_of(found.setting.scenarios)[0])
    below = f"{title}: {within(found.setting.first)}; {_TURNS} if this luck alone is drawn again"
    said = world_finding(found)
    said = f"{said[:1].upper()}{said[1:]}"
    return Words(said, world_caption(found), below, warning=_warning(found.setting))


def write_turning_points(found: OneWorld, folder: Path) -> None:
    """Write ``turning_points`` as PNG and SVG into a folder."""
    save_figure(turning_points(found), folder, "turning_points")
