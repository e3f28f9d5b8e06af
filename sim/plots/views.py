"""Whose model: the odds, or how far they differ, by the model, by analysts and by variants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.estimates import Odds
from sim.outcomes import HAPPENING
from sim.plots.page import Key, Size, Words, figure_of, new_sheet, one_line, save_figure
from sim.plots.rows import NAMED, Rows, draw_dice, draw_median, median_key, members_bar, new_rows
from sim.plots.style import INK, MEMBERS, MEMBERS_EDGE, PAPER, SMALL, SOFT, drawable
from sim.plots.tornado import dice_key
from sim.plots.waterfall import short_title, with_error
from sim.plots.words import PER_CENT, PRIOR, title_of, within
from sim.text import counted

if TYPE_CHECKING:
    from sim.attribution.views.result import Seen, Views
    from sim.experiments.differences import Difference

MOST = 14
"""Rows that are drawn; of more variants those whose numbers lie farthest from the model's."""
_PITCH = {"slide": 74.0, "page": 72.0, "column": 92.0}
_BESIDE = {"slide": 640.0, "page": 400.0, "column": 0.0}
_AFTER = {"slide": 330.0, "page": 260.0, "column": 30.0}
_MOST_PITCH = 150.0
"""On a slide, where few rows share its height."""
_THICK = {"slide": 22.0, "page": 18.0, "column": 16.0}


def finding(found: Views, other: int = 0) -> str:
    """Say in a sentence what the others make of the odds, or of a difference."""
    scenarios = found.setting.scenarios
    others = [one for one in found.seen if one.kind in ("analyst", "variant")]
    if len(scenarios) == 1:
        own = 100.0 * found.model.odds["held"][0].mean
        parts = [
            f"by {counted(len(each), kind)} {_range(each)}"
            for kind in ("analyst", "variant")
            if (each := [100.0 * one.odds["held"][0].mean for one in others if one.kind == kind])
        ]
        return f"{own:.1f}{PER_CENT} by the model that {HAPPENING['held']}; {', '.join(parts)}"
    names = [f"“{one_line(short_title(title_of(one)))}”" for one in scenarios]
    verdict = found.verdict(other)
    size = f" ({_size(found, other)})" if verdict.robust else ""
    said = f"{names[other + 1]} against {names[0]} in the odds that {HAPPENING['held']}"
    return f"{said}: {verdict.said}{size}"


def _range(each: Sequence[float]) -> str:
    low, high = min(each), max(each)
    if f"{low:.1f}" == f"{high:.1f}":
        return f"{low:.1f}{PER_CENT}"
    return f"{low:.1f} to {high:.1f}{PER_CENT}"


def _size(found: Views, other: int) -> str:
    means = [
        100.0 * one.differences["held"][other].mean for one in found.seen if _votes(found, one)
    ]
    own = 100.0 * found.model.differences["held"][other].mean
    text = f"{own:+.1f} points; {min(means):+.1f} to {max(means):+.1f} over all models"
    return text.replace("-", "\u2212")


def _votes(found: Views, one: Seen) -> bool:
    return one.kind == "model" or found.has_vote(one)


@figure_of
def views(found: Views, size: Size = "slide", *, bare: bool = False, other: int = 0) -> Figure:
    """Draw a row for the model, for each analyst, for their pool and for each variant.

    Parameters
    ----------
    found
        From `sim.views`.
    size, bare
        As in `sim.plots.odds`.
    other
        Which scenario is set against the first, 0 for the second; of one scenario its odds are
        drawn.
    """
    shown = _shown(found, other)
    count = len(shown)
    words = _words(found, other, len(found.seen) - count)
    apart = len(found.setting.scenarios) > 1
    sheet = new_sheet(size, words, count * _PITCH[size] + NAMED, _key(apart=apart), bare=bare)
    most = _MOST_PITCH if size == "slide" else _PITCH[size]
    pitch = min(most, (sheet.height - NAMED) / count)
    rows = new_rows(sheet, 0.0, count, pitch, _BESIDE[size], _AFTER[size], "views")
    if apart:
        rows.ax.axvline(0.0, color=INK, lw=1.2, zorder=4)
    for n, one in enumerate(shown):
        _row(rows, n, one, _number(one, other), voting=_votes(found, one))
    if count > 1:
        rows.ax.axhline(0.5, color=SOFT, lw=0.8, zorder=2)
    _axis(rows, [_number(one, other) for one in shown], apart=apart)
    return sheet.figure


def _number(one: Seen, other: int) -> Odds | Difference:
    differences = one.differences["held"]
    return differences[other] if differences else one.odds["held"][0]


def _shown(found: Views, other: int) -> list[Seen]:
    """The model on top, then analysts and pool; variants in the order given, the farthest ones."""
    first = [one for one in found.seen if one.kind != "variant"][:MOST]
    variants = [one for one in found.seen if one.kind == "variant"]
    own = _number(found.model, other).mean
    farthest = sorted(variants, key=lambda one: -abs(_number(one, other).mean - own))
    kept = farthest[: max(0, MOST - len(first))]
    return [*first, *(one for one in variants if one in kept)]


def _row(rows: Rows, n: int, one: Seen, number: Odds | Difference, *, voting: bool) -> None:
    size = rows.sheet.size
    thick, y = _THICK[size] / rows.pitch, rows.bar(n)
    dice = number.mc
    if number.ensemble is not None:
        low, high = number.ensemble
        corner = (low, y - thick)
        rows.ax.add_artist(members_bar(corner, high - low, 2.0 * thick, f"{n}.members"))
    draw_dice(rows.ax, str(n), dice, y)
    if isinstance(number, Odds):
        draw_median(rows.ax, str(n), number, y + 0.6 * thick)
    face = INK if voting or one.kind == "pool" else PAPER
    (dot,) = rows.ax.plot([number.mean], [y], "o", mfc=face, mec=INK, mew=1.6, ms=8, zorder=7)
    dot.set(gid=f"{n}.{one.kind}", clip_on=False)
    rows.name(n, said_of(one), SMALL, weight="bold" if one.kind == "model" else "normal")
    half = (dice[1] - dice[0]) / 2.0
    signed = hasattr(number, "members_ahead")
    text = with_error(number.mean, half) if signed else f"{100.0 * number.mean:.1f}{PER_CENT}"
    lines = [text, _verdict(number)] if signed else [text]
    if rows.beside:
        after = _AFTER[size]
        text = "\n".join(lines)
        rows.words(n, rows.sheet.width - after + 24.0, text, size=SMALL, linespacing=1.1)


def _verdict(number: Odds | Difference) -> str:
    return str(getattr(number, "verdict", ""))


def said_of(one: Seen) -> str:
    """Name who sees it so."""
    if one.kind == "model":
        return "The model as it ships"
    if one.kind == "variant":
        return one_line(f"Variant: {one.title}")
    if one.kind == "pool":
        return one_line(one.title[:1].upper() + one.title[1:])
    return one_line(f"Analyst: {one.title}")


def _axis(rows: Rows, numbers: Sequence[Odds | Difference], *, apart: bool) -> None:
    ends = [end for one in numbers for end in (*one.mc, one.mean, *(one.ensemble or ()))]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.05 * max(high - low, 0.001)
    rows.ax.set_xlim(low - (room if apart else 0.0), high + room)
    rows.ax.locator_params(axis="x", nbins=7 if rows.sheet.size == "slide" else 5)
    ticks = [tick for tick in rows.ax.get_xticks() if low - room <= tick <= high + room]
    rows.ax.set_xticks(ticks, [_tick(tick, signed=apart) for tick in ticks])
    what = "change of the odds, percentage points" if apart else "odds, per cent of worlds"
    rows.ax.set_xlabel(what, labelpad=8)


def _tick(share: float, *, signed: bool) -> str:
    if abs(share) <= 1e-9:
        return "0"
    text = f"{100.0 * share:+.3g}" if signed else f"{100.0 * share:.3g}"
    return text.replace("-", "\u2212")


def _key(*, apart: bool) -> Key:
    return [
        (dice_key()[0], f"95{PER_CENT} interval: dice"),
        (Patch(fc=MEMBERS, ec=MEMBERS_EDGE, lw=0.8), "middle 90" + PER_CENT + " of the members"),
        *([] if apart else [median_key()]),
    ]


def caption(found: Views) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    weak = "analysts: the model’s members weighed by their beliefs; the interval holds its cost"
    parts = [found.setting.caption, f"views {found.id}"]
    if any(one.kind == "analyst" for one in found.seen):
        parts.append(weak)
    if any(one.kind == "variant" for one in found.seen):
        parts.append("variants: members of their own; never averaged, the record cannot weigh them")
    return drawable(" · ".join(parts))


def _words(found: Views, other: int, left: int) -> Words:
    setting = found.setting
    scenario = setting.scenarios[other + 1] if len(setting.scenarios) > 1 else setting.first
    title = short_title(title_of(scenario))
    what = "how far the odds differ" if len(setting.scenarios) > 1 else "the odds"
    below = f"{title}: {what} {within(setting.first)} by each model, on the same luck"
    below += f"; {counted(left, 'variant')} nearer to the model not drawn" if left else ""
    warning = f"PRIOR ODDS: {PRIOR}" if setting.ensemble_kind == "prior" else ""
    said = finding(found, other)
    return Words(f"{said[:1].upper()}{said[1:]}", caption(found), below, warning=warning)


def write_views(found: Views, folder: Path) -> None:
    """Write ``views`` as PNG and SVG into a folder."""
    save_figure(views(found), folder, "views")
