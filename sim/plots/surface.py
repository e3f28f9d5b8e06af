"""The figure of a sweep: how the odds of a truce that holds move with one, two or more levers.

Lines with bands for one lever, a heat map with contours of equal odds for two, small multiples
for three; more, or points that were drawn, lever by lever. The best point and the scenario as it
stands are marked, and their intervals drawn at the side.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.study import Study
from sim.plots import style
from sim.plots.page import save_figure
from sim.plots.panels import (
    BEST,
    BOTTOM,
    LEAST_SPAN,
    SIDE,
    TODAY,
    TOP,
    Surface,
    draw_effects,
    draw_lines,
    draw_map,
    draw_multiples,
    surface_of,
    word,
)
from sim.plots.style import (
    BODY,
    CAPTION,
    HEADING,
    INK,
    MARGIN,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    WIDTH,
    balanced,
    drawable,
    left_to_right,
    text_width,
    wrap,
)
from sim.plots.words import PER_CENT, PRIOR, days_word, percent
from sim.results import Odds

# ------------------------------------------------------------------ the page


def _side(figure: Figure, surface: Surface) -> None:
    """The best point, the scenario as it stands and the worst, with both intervals."""
    told = surface.study.summary
    ax = figure.add_axes((SIDE, BOTTOM + 0.055, 1.0 - MARGIN - SIDE, 0.415), label="side")
    rows = [
        (name, label, look)
        for name, label, look in (
            ("best", "Best of all points", BEST),
            ("today", "As the scenario stands", TODAY),
            ("worst", "Worst of all points", None),
        )
        if told[name] and told[name]["odds"]["held"]
    ]
    highest = 0.0
    for row, (name, label, look) in enumerate(rows):
        odds = _odds(told[name]["odds"]["held"])
        highest = max(highest, odds.mc[1], *(odds.ensemble or (0.0,)))
        _interval(ax, name, odds, row, look)
        across = ax.get_yaxis_transform()
        text = f"{label}: {percent(odds, told['worlds'])}"
        ax.text(0.0, row - 0.3, text, transform=across, weight="bold", va="bottom", size=BODY)
        values = ", ".join(f"{k} {word(v)}" for k, v in told[name]["levers"].items())
        lines = wrap(values, (1.0 - MARGIN - SIDE) * WIDTH, CAPTION)
        short = lines[:2] if len(lines) < 3 else [lines[0], f"{lines[1]} …"]
        ax.text(0.0, row - 0.27, "\n".join(short), transform=across, va="top", size=CAPTION,
                color=SOFT)  # fmt: skip
    ax.set_ylim(2.6, -0.75)
    ax.set_yticks([])
    top = min(1.0, max(LEAST_SPAN, 1.02 * highest))
    ax.set_xlim(0.0, top)
    ticks = [tick for tick in ax.get_xticks() if 0.0 <= tick <= top]
    ax.set_xticks(ticks, [f"{100 * tick:.3g}{PER_CENT}" for tick in ticks])
    ax.tick_params(length=0, labelsize=SMALL)
    for spine in ("left", "bottom"):
        ax.spines[spine].set_visible(False)
    figure.text(SIDE, TOP + 0.005, "How well this is known", size=HEADING, weight="bold")


def _odds(told: dict[str, Any]) -> Odds:
    both = told["ensemble"]
    return Odds(told["mean"], tuple(told["mc"]), tuple(both) if both else None)


def _interval(ax: Axes, name: str, odds: Odds, row: int, look: dict[str, Any] | None) -> None:
    if odds.ensemble is not None:
        low, high = odds.ensemble
        bar = Rectangle((low, row + 0.12), high - low, 0.22, fc=style.MEMBERS,
                        ec=style.MEMBERS_EDGE, lw=0.8, zorder=3, gid=f"{name}.members")  # fmt: skip
        ax.add_patch(bar)
    (line,) = ax.plot(
        odds.mc, (row + 0.23, row + 0.23), color=INK, lw=1.8, marker="|", ms=9, mew=1.8, zorder=4
    )
    line.set_gid(f"{name}.mc")
    if look:
        ax.plot(odds.mean, row + 0.23, **{**look, "ms": 0.75 * look["ms"]}, zorder=5)


def finding(study: Study) -> str:
    """Say in one sentence what came of a sweep, without the scenario's title."""
    told, worlds = study.summary, study.summary["worlds"]
    if told["best"] is None:
        return "every point failed"
    best = _odds(told["best"]["odds"]["held"])
    if told["inert"]:
        return f"nothing moves; a truce holds in {percent(best, worlds)} of worlds at every point"
    today = told["today"]["odds"]["held"]
    stands = f"{percent(_odds(today), worlds)} as it stands" if today else ""
    gain = told["best"]["gain"]
    if stands and gain and gain["mc"][0] <= 0.0:
        return f"no point does clearly better than the {stands}"
    where = " and ".join(f"{lever} {word(v)}" for lever, v in told["best"]["levers"].items())
    at = "at best" if len(told["levers"]) > 2 else f"with {where}"
    said = f"a truce holds in {percent(best, worlds)} of worlds {at}"
    if not gain:
        return said
    low, high = (f"{100 * end:.1f}" for end in gain["mc"])
    return f"{said}, against {stands} (gain {low} to {high} points)"


def _heading(figure: Figure, study: Study) -> None:
    told, scenario = study.summary, study.scenario
    title = drawable(" ".join(scenario.title.split()))[:60]
    width = (1.0 - 2.0 * MARGIN) * WIDTH
    lines = wrap(f"{title}: {finding(study)}", width, TITLE, "bold")
    lines = balanced(lines[:2], width, TITLE, "bold")
    y = 0.955 if len(lines) > 1 else 0.93
    for line in lines:
        figure.text(
            MARGIN, y, left_to_right(line), size=TITLE, weight="bold", va="top", gid="title"
        )
        y -= 0.054
    said = f"within {days_word(scenario.horizon_days)} of {scenario.as_of}"
    figure.text(MARGIN, y - 0.008, said, size=HEADING, color=SOFT, va="top")
    if told["ensemble"]["kind"] == "prior":
        x = MARGIN + (text_width(said, HEADING) + 40) / WIDTH
        figure.text(x, y - 0.008, f"PRIOR ODDS: {PRIOR}", size=HEADING, weight="bold",
                    color=WARNING, va="top", gid="prior")  # fmt: skip


def caption(study: Study) -> str:
    """Return the provenance of the numbers, in one paragraph."""
    told = study.summary
    kind = told["ensemble"]["kind"]
    record = PRIOR if kind == "prior" else "conditioned on the record"
    parts = [
        f"Conditional on model and evidence to {told['as_of']}",
        f"{told['points']:,} points ({told['design']}), the same {told['worlds']:,} worlds and "
        f"{told['members']:,} members at each, seed {told['seed']}",
        f"ensemble {told['ensemble']['id']} ({kind}: {record})",
        *([f"{told['failed']:,} points failed"] if told["failed"] else []),
        f"study {told['study_id']}",
    ]
    return drawable(" · ".join(parts))


def _foot(figure: Figure, study: Study) -> None:
    width = (1.0 - 2.0 * MARGIN) * WIDTH
    key = (
        f"★ best point   ○ the scenario as it stands   |–|, dark band: dice, 95{PER_CENT} error of "
        f"the estimate   grey: 90{PER_CENT} of members. The best of many points flatters a little."
    )
    figure.text(MARGIN, 0.115, key, size=SMALL, color=INK, gid="key")
    lines = balanced(wrap(caption(study), width, CAPTION)[:3], width, CAPTION)
    text = figure.text(MARGIN, 0.03, "\n".join(lines), size=CAPTION, color=SOFT, linespacing=1.4)
    text.set_gid("caption")


def surface(study: Study) -> Figure:
    """Draw a sweep for a slide: how the odds that a truce holds move with the levers.

    Parameters
    ----------
    study
        What came of `sim.sweep`.

    Returns
    -------
    matplotlib.figure.Figure
        1920 by 1080 pixels; its title says the finding, its caption where the numbers come from.

    Examples
    --------
    >>> import sim
    >>> study = sim.sweep("baseline", {"offer.territory": (0.5, 1.0, 5)})  # doctest: +SKIP
    >>> sim.plots.surface(study).savefig("territory.pdf")  # doctest: +SKIP
    """
    told = surface_of(study)
    grid = study.design.kind == "grid"
    panels = {1: draw_lines, 2: draw_map, 3: draw_multiples}
    draw = panels.get(len(told.axes), draw_effects) if grid or len(told.axes) == 1 else draw_effects
    with style.style():
        figure = Figure()
        _heading(figure, study)
        if np.isfinite(told.table["held"]).any():
            draw(figure, told)
            _side(figure, told)
        _foot(figure, study)
    return figure


def write_surface(study: Study, folder: Path) -> None:
    """Write ``surface.png`` (1920 by 1080) and ``surface.svg`` into a folder."""
    save_figure(surface(study), folder, "surface")
