"""The figure of a sweep: how the odds of a truce that holds move with one, two or more levers.

Lines with bands for one lever, a heat map with contours of equal odds for two, small multiples
for three; more, or points that were drawn, lever by lever. The best point and the scenario as it
stands are marked, and their intervals drawn at the side.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.estimates import Odds
from sim.plots import style
from sim.plots.compare import points
from sim.plots.heat_maps import draw_map, draw_multiples
from sim.plots.page import Key, Sheet, Size, Words, figure_of, new_sheet, save_figure
from sim.plots.panels import (
    BEST,
    LEAST_SPAN,
    REGION,
    TODAY,
    Surface,
    draw_effects,
    draw_lines,
    surface_of,
    word,
)
from sim.plots.rows import draw_dice, draw_median, members_bar
from sim.plots.style import BODY, CAPTION, INK, SMALL, SOFT, drawable, fitting
from sim.plots.words import PER_CENT, PRIOR, percent, settings_text, title_of, within

if TYPE_CHECKING:
    from sim.experiments.sweep.study import Study

_PANEL = {"slide": 700.0, "page": 640.0, "column": 560.0}
_SIDE_WIDTH, _SIDE_HEIGHT = 460.0, 480.0


def _side(sheet: Sheet, surface: Surface) -> None:
    """The best point, the scenario as it stands and the worst, with both intervals."""
    summary = surface.study.summary
    sheet.title("How well this is known")
    room = sheet.below_title()
    ax = room.axes(28.0, 0.0, room.width - 58.0, room.height - 46.0, "side")
    rows = [
        (name, label, look)
        for name, label, look in (
            ("best", "Best of all points", BEST),
            ("today", "As the scenario stands", TODAY),
            ("worst", "Worst of all points", None),
        )
        if summary[name] and summary[name]["odds"]["held"]
    ]
    highest = 0.0
    for row, (name, label, look) in enumerate(rows):
        odds = _odds(summary[name]["odds"]["held"])
        highest = max(highest, odds.mc[1], *(odds.ensemble or (0.0,)))
        _interval(ax, name, odds, row, look)
        across = ax.get_yaxis_transform()
        text = f"{label}: {percent(odds, summary['worlds'])}"
        left = -28.0 / (room.width - 58.0)
        ax.text(left, row - 0.3, text, transform=across, weight="bold", va="bottom", size=BODY)
        values = ", ".join(f"{k} {word(v)}" for k, v in summary[name]["levers"].items())
        short = fitting(values, room.width, CAPTION, 2)
        ax.text(left, row - 0.27, short, transform=across, va="top", size=CAPTION, color=SOFT)
    ax.set_ylim(2.6, -0.75)
    _side_axis(ax, highest)


def _side_axis(ax: Axes, highest: float) -> None:
    ax.set_yticks([])
    top = min(1.0, max(LEAST_SPAN, 1.02 * highest))
    ax.set_xlim(0.0, top)
    ticks = [tick for tick in ax.get_xticks() if 0.0 <= tick <= top]
    ax.set_xticks(ticks, [f"{100 * tick:.3g}{PER_CENT}" for tick in ticks])
    ax.tick_params(length=0, labelsize=SMALL)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)


def _odds(document: dict[str, Any]) -> Odds:
    return Odds.from_dict(document)


def _interval(ax: Axes, name: str, odds: Odds, row: int, look: dict[str, Any] | None) -> None:
    if odds.ensemble is not None:
        low, high = odds.ensemble
        ax.add_artist(members_bar((low, row + 0.12), high - low, 0.22, f"{name}.members"))
    draw_dice(ax, name, odds.mc, row + 0.23)
    draw_median(ax, name, odds, row + 0.23)
    if look:
        ax.plot(odds.mean, row + 0.23, **{**look, "ms": 0.75 * look["ms"]}, zorder=6)


def finding(study: Study) -> str:
    """Say in one sentence what came of a sweep, without the scenario's title."""
    summary, worlds = study.summary, study.summary["worlds"]
    if summary["best"] is None:
        return "every point failed"
    best = _odds(summary["best"]["odds"]["held"])
    if summary["inert"]:
        return f"nothing moves; a truce holds in {percent(best, worlds)} of worlds at every point"
    today = summary["today"]["odds"]["held"]
    stands = f"{percent(_odds(today), worlds)} as it stands" if today else ""
    gain = summary["best"]["gain"]
    if stands and gain and gain["mc"][0] <= 0.0:
        return f"no point does clearly better than the {stands}"
    where = " and ".join(f"{lever} {word(v)}" for lever, v in summary["best"]["levers"].items())
    at = "at best" if len(summary["levers"]) > 2 else f"with {where}"
    said = f"a truce holds in {percent(best, worlds)} of worlds {at}"
    if not gain:
        return said
    if gain["split"]:
        return f"{said}, {stands}: a gain on average, members disagree"
    half = (gain["mc"][1] - gain["mc"][0]) / 2.0
    low, high = (points(end, half).lstrip("+") for end in gain["mc"])
    return f"{said}, against {stands} (gain {low} to {high} points)"


def caption(study: Study) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    summary = study.summary
    kind = summary["ensemble"]["kind"]
    record = PRIOR if kind == "prior" else "conditioned on the record"
    parts = [
        f"Conditional on model and evidence to {summary['as_of']}",
        f"{summary['points']:,} points ({summary['design']}), "
        f"the same {summary['worlds']:,} worlds and {summary['members']:,} members at each, "
        f"seed {summary['seed']}",
        f"ensemble {summary['ensemble']['id']} ({kind}: {record})",
        *filter(None, [summary["ensemble"].get("doubt")]),
        *([f"{summary['failed']:,} points failed"] if summary["failed"] else []),
        *settings_text([study.scenario]),
        f"study {summary['study_id']}",
    ]
    return drawable(" · ".join(parts))


def _words(study: Study) -> Words:
    prior = study.summary["ensemble"]["kind"] == "prior"
    return Words(
        finding(study),
        caption(study),
        within(study.scenario),
        title_of(study.scenario),
        f"PRIOR ODDS: {PRIOR}" if prior else "",
    )


def _key(study: Study) -> Key:
    members = Patch(fc=style.MEMBERS, ec=style.MEMBERS_EDGE, lw=0.8)
    dice = Line2D([], [], color=INK, lw=1.8, marker="|", ms=9, mew=1.8)
    best = Line2D([], [], **{**BEST, "ms": 13})
    mapped = study.design.kind == "grid" and len(study.design.axes) in (2, 3)
    dots = [(Line2D([], [], **{**REGION, "ms": 8}), "cannot be told from the best")]
    return [
        (best, "best point; as the best of many a little too high"),
        *(dots if mapped and study.level_of_best() is not None else ()),
        (Line2D([], [], **TODAY), "the scenario as it stands"),
        (dice, f"line, dark band: dice, 95{PER_CENT} error of the estimate"),
        (members, f"90{PER_CENT} of members"),
    ]


@figure_of
def surface(study: Study, size: Size = "slide", *, bare: bool = False) -> Figure:
    """Draw a sweep: how the odds that a truce holds move with the levers.

    Parameters
    ----------
    study
        What came of `sim.sweep`.
    size, bare
        As in `sim.plots.odds`. The intervals of the best point, of the scenario as it stands and
        of the worst stand at the side of a slide and at the foot of a page; a column has none.

    Returns
    -------
    matplotlib.figure.Figure
        Its title says the finding, its caption where the numbers come from.

    Examples
    --------
    >>> import sim
    >>> study = sim.sweep("baseline", {"offer.territory": (0.5, 1.0, 5)})  # doctest: +SKIP
    >>> sim.plots.surface(study).savefig("territory.pdf")  # doctest: +SKIP
    """
    surface = surface_of(study)
    grid = study.design.kind == "grid"
    panels = {1: draw_lines, 2: draw_map, 3: draw_multiples}
    number = len(surface.axes)
    draw = panels.get(number, draw_effects) if grid or number == 1 else draw_effects
    height = _PANEL[size] + (_SIDE_HEIGHT + 30.0 if size == "page" else 0.0)
    if size == "column" and number > 2:
        height += 300.0
    sheet = new_sheet(size, _words(study), height, _key(study), bare=bare)
    if np.isfinite(surface.table["held"]).any():
        panel, side = _parts(sheet)
        draw(panel, surface)
        if side:
            _side(side, surface)
    return sheet.figure


def _parts(sheet: Sheet) -> tuple[Sheet, Sheet | None]:
    """Return where the panel goes, and where the intervals go if there is room for them."""
    if sheet.size == "column":
        return sheet, None
    if sheet.size == "slide":
        width = sheet.width - _SIDE_WIDTH
        height = sheet.height - 20.0
        side = sheet.part(width, 0.0, _SIDE_WIDTH, min(height, 1.15 * _SIDE_HEIGHT))
        return sheet.part(0.0, 0.0, width - 40.0, height), side
    panel = sheet.part(0.0, 0.0, sheet.width, _PANEL["page"])
    return panel, sheet.part(0.0, _PANEL["page"] + 30.0, sheet.width, _SIDE_HEIGHT)


def write_surface(study: Study, folder: Path) -> None:
    """Write ``surface.png`` (1920 by 1080) and ``surface.svg`` into a folder."""
    save_figure(surface(study), folder, "surface")
