"""What was said and what came: the settled questions of a ledger, and the model beside others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.errors import LedgerError
from sim.plots.page import (
    TITLE_ROOM,
    Key,
    Sheet,
    Size,
    Words,
    figure_of,
    new_sheet,
    one_line,
    save_figure,
)
from sim.plots.rows import (
    NAMED,
    Rows,
    draw_dice,
    draw_members,
    new_rows,
    share_ticks,
)
from sim.plots.style import INK, MEMBERS, MEMBERS_EDGE, PAPER, SMALL, SOFT, drawable, fitting
from sim.plots.words import PER_CENT
from sim.text import counted

if TYPE_CHECKING:
    from sim.ledger.book import Forecast
    from sim.ledger.score import PageScore, Score

MOST = 18
"""Questions that are shown, the newest ones."""
_PITCH = {"slide": 46.0, "page": 48.0, "column": 70.0}
_BESIDE = {"slide": 620.0, "page": 600.0, "column": 0.0}
_OTHERS = {"slide": 92.0, "page": 62.0, "column": 82.0}
_ASIDE = 560.0
"""Width of the panel of scores on a slide."""
_GAP = 60.0
_LEAST = 0.02
"""How far the axis of differences reaches at least."""


def finding(score: PageScore, page: str) -> str:
    """Say in a sentence how the model scored beside the base rate, and whether that shows skill."""
    from sim.ledger.book import HINDCAST

    what = "hindcasts" if page == HINDCAST else "forecasts"
    base, model = score.told["base_rate"], score.told["model"]
    if model.brier is None:
        return f"no {what} are settled yet"
    if base.model is None or base.brier is None:
        return f"on {score.n} settled {what} the model’s Brier score is {model.brier:.2f}"
    said = (
        f"on {base.n} settled {what} the model’s Brier score is {base.model:.2f}, the base "
        f"rate’s {base.brier:.2f}"
    )
    verdict = score.verdict("base_rate")
    ends = {
        "behind": "the model is behind",
        "ahead": "the model is ahead",
        "tied": "the two cannot be told apart",
    }
    return f"{said}: {ends.get(verdict, 'too few to claim skill from')}"


def page_of(score: Score) -> str:
    """Return the page that is shown: what was sealed, or the hindcasts if none of that is settled.

    Raises
    ------
    LedgerError
        If nothing is settled.
    """
    from sim.ledger.book import HINDCAST, SEALED

    for page in (SEALED, HINDCAST):
        if score.pages[page].n:
            return page
    todo = "Resolve one: truce ledger resolve ID yes --evidence TEXT."
    raise LedgerError("the ledger", "holds no question that is settled yet.", todo)


@figure_of
def scores(
    score: Score, size: Size = "slide", *, bare: bool = False, page: str | None = None
) -> Figure:
    """Draw what was said of each settled question and whether it came, and the model beside others.

    Parameters
    ----------
    score
        From `sim.ledger.score`.
    size, bare
        As in `sim.plots.odds`.
    page
        ``sealed`` or ``hindcast``; what was sealed, if any of it is settled, if None.

    Raises
    ------
    LedgerError
        If nothing is settled.
    """
    page = page or page_of(score)
    told = score.pages[page]
    shown = _shown(told)
    others = [name for name, one in told.told.items() if one.lead is not None]
    asked = len(shown) * _PITCH[size] + NAMED + TITLE_ROOM
    beside = len(others) * _OTHERS[size] + NAMED + TITLE_ROOM
    high = asked + _GAP + beside if others else asked
    sheet = new_sheet(size, _words(told, page, len(shown)), high, _key(told), bare=bare)
    if size == "slide":
        _draw_asked(sheet.part(0.0, 0.0, sheet.width - _ASIDE - _GAP, sheet.height), shown)
        right = sheet.part(sheet.width - _ASIDE, 0.0, _ASIDE, sheet.height)
    else:
        _draw_asked(sheet.part(0.0, 0.0, sheet.width, asked), shown)
        right = sheet.part(0.0, asked + _GAP, sheet.width, beside)
    if others:
        _draw_others(right, told, others)
    return sheet.figure


def _shown(told: PageScore) -> list[Forecast]:
    """The newest settled questions, those that came first, each by its odds."""
    return sorted(told.asked[-MOST:], key=lambda one: (not one.came, -one.odds.mean))


# ------------------------------------------------------------------ the questions


def _draw_asked(sheet: Sheet, shown: Sequence[Forecast]) -> None:
    sheet.title("What was said, and what came")
    room = sheet.height - TITLE_ROOM - NAMED
    pitch = min(_PITCH[sheet.size], room / len(shown))
    rows = new_rows(sheet, TITLE_ROOM, len(shown), pitch, _BESIDE[sheet.size], 40.0, "asked")
    share_ticks(rows.ax)
    rows.ax.set_xlabel("odds of yes that the model gave", labelpad=8)
    thick = 0.42 if rows.beside else 0.2
    for n, one in enumerate(shown):
        y = rows.bar(n)
        text = f"{one.as_of.day} {one.as_of:%b}: {one_line(one.text)}"
        rows.name(n, text, SMALL)
        draw_members(rows.ax, str(n), one.odds, y - thick / 2.0, thick)
        base = one.others.get("base_rate")
        if base is not None:
            (mark,) = rows.ax.plot([base], [y], "|", color=SOFT, ms=13, mew=2.2, zorder=5)
            mark.set(gid=f"{n}.base_rate", clip_on=False)
        face = INK if one.came else PAPER
        (dot,) = rows.ax.plot([one.odds.mean], [y], "o", mfc=face, mec=INK, mew=1.6, ms=8, zorder=6)
        dot.set(gid=f"{n}.{'yes' if one.came else 'no'}", clip_on=False)


# ------------------------------------------------------------------ the others


def _draw_others(sheet: Sheet, told: PageScore, others: Sequence[str]) -> None:
    from sim.ledger.score import NAMES

    sheet.title("By how much the model is ahead")
    size = sheet.size
    beside = {"slide": 230.0, "page": 330.0, "column": 0.0}[size]
    pitch = _OTHERS[size]
    rows = new_rows(sheet, TITLE_ROOM, len(others), pitch, beside, 30.0, "others")
    rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=3)
    ends = [0.0]
    for n, name in enumerate(others):
        one = told.told[name]
        assert one.lead is not None
        y = rows.bar(n)
        text = f"{NAMES.get(name, one_line(name))} ({one.n})"
        rows.name(n, text[:1].upper() + text[1:], SMALL)
        interval = one.lead.interval or (one.lead.mean, one.lead.mean)
        draw_dice(rows.ax, name, interval, y)
        (dot,) = rows.ax.plot([one.lead.mean], [y], "o", color=INK, ms=7, zorder=6)
        dot.set_gid(f"{name}.lead")
        ends += [*interval, one.lead.mean]
    low, high = min(-_LEAST, *ends), max(_LEAST, *ends)
    room = 0.08 * (high - low)
    rows.ax.set_xlim(low - room, high + room)
    rows.ax.locator_params(axis="x", nbins=3 if size == "slide" else 5, steps=[1, 2, 5, 10])
    ticks = [tick for tick in rows.ax.get_xticks() if low - room <= tick <= high + room]
    rows.ax.set_xticks(ticks, [f"{tick:+.2g}".replace("-", "\u2212") if abs(tick) > 1e-9 else "0"
                               for tick in ticks])  # fmt: skip
    rows.ax.set_xlabel("difference of Brier scores", labelpad=8)
    if size == "slide":
        _note(rows, told)


def _note(rows: Rows, told: PageScore) -> None:
    """What the numbers can show, in the room below the rows of a slide."""
    from sim.ledger.words import power_sentence

    sheet = rows.sheet
    top = TITLE_ROOM + _bottom(rows) + NAMED + 20.0
    text = fitting(power_sentence(told.n), sheet.width, SMALL, 5)
    sheet.text(0.0, top, text, size=SMALL, color=SOFT, linespacing=1.3)


def _bottom(rows: Rows) -> float:
    low, high = rows.ax.get_ylim()
    return (low - high) * rows.pitch


# ------------------------------------------------------------------ words


def _key(told: PageScore) -> Key:
    dot: Any = {"marker": "o", "ls": "", "mec": INK, "mew": 1.6, "ms": 8}
    return [
        (Line2D([], [], mfc=INK, **dot), "came true"),
        (Line2D([], [], mfc=PAPER, **dot), "did not"),
        (Patch(fc=MEMBERS, ec=MEMBERS_EDGE, lw=0.8), f"middle 90{PER_CENT} of the members"),
        (Line2D([], [], marker="|", ls="", color=SOFT, ms=13, mew=2.2), "base rate"),
        (
            Line2D([], [], color=INK, lw=1.8, marker="|", ms=7, mew=1.8),
            f"95{PER_CENT} interval, questions taken as independent",
        ),
    ]


def caption(told: PageScore) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    from sim.ledger.scoring import CLAIM

    asked = told.asked
    days = sorted({one.as_of for one in asked})
    runs = {(one.document["run"]["worlds"], one.document["run"]["seed"]) for one in asked}
    size = " and ".join(f"{worlds:,} worlds, seed {seed}" for worlds, seed in sorted(runs)[:2])
    size += " and others" if len(runs) > 2 else ""
    ensembles = counted(len({one.document["ensemble"]["id"] for one in asked}), "ensemble")
    versions = ", ".join(sorted({str(one.document["version"]) for one in asked}))
    from_day = f"as of {days[0]}" + (f" to {days[-1]}" if len(days) > 1 else "")
    return drawable(
        f"Asked {from_day} · {size} · {ensembles} · version {versions} · {told.void} void, "
        f"{told.open} open · skill is claimed where a perfect forecaster would show with a chance "
        f"of {CLAIM:g} or more"
    )


def _words(told: PageScore, page: str, shown: int) -> Words:
    from sim.ledger.book import HINDCAST

    below = (
        "Hindcasts: asked of days whose answer was known when this was made; no test of foresight"
        if page == HINDCAST
        else "Sealed before the answer was known"
    )
    if shown < told.n:
        below += f"; the newest {shown} of {told.n} are drawn"
    said = finding(told, page)
    return Words(f"{said[:1].upper()}{said[1:]}", caption(told), below)


def write_scores(score: Score, folder: Path) -> None:
    """Write ``scores`` as PNG and SVG into a folder."""
    save_figure(scores(score), folder, "scores")
