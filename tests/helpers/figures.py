"""Results with given numbers to draw, and what a drawn figure says and where."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from sim.engine.domain import NONE, Issue, Outcome, Side
from sim.engine.row import ROW
from sim.experiments.comparison import Comparison
from sim.experiments.differences import Difference
from sim.inputs.ensemble import MEMBERS
from sim.inputs.scenario import load_scenario
from sim.plots.style import DPI
from sim.results import Results
from sim.tally import Tally

NBSP = "\u00a0"


def results_of(counts, members=200, title="Baseline", days=(2, 120)):
    """Results with so many worlds of each outcome, spread over members and days."""
    outcomes = np.repeat(list(counts), list(counts.values()))
    rows = np.zeros(len(outcomes), ROW)
    order = np.random.default_rng(4).permutation(len(outcomes))
    rows["outcome"] = outcomes[order]
    rows["member"] = np.arange(len(rows)) // 4 % members
    agreed = np.isin(rows["outcome"], (Outcome.HELD, Outcome.COLLAPSED))
    rows["first_truce_day"] = NONE
    rows["first_truce_day"][agreed] = np.linspace(*days, agreed.sum()).astype(int)
    rows["blocked_last"], rows["blocked_issue"] = Side.R, Issue.NATO
    tally = Tally(MEMBERS)
    tally.add(rows)
    scenario = dataclasses.replace(load_scenario("baseline"), title=title)
    return Results(scenario, "prior-made-up", "prior", 7, None, tally)


WIDTHS = {"slide": 1920, "page": 1200, "column": 700}
PRINTED = {"page": (170.0, 7.0), "column": (85.0, 6.0)}
"""Millimetres across, and the smallest type in points."""

COUNTS = {
    "some": {Outcome.HELD: 400, Outcome.COLLAPSED: 200, Outcome.WALKED_AWAY: 500,
             Outcome.PARTIAL_ONLY: 100, Outcome.NO_TRUCE: 800},
    "one world": {Outcome.HELD: 1},
    "few worlds": {Outcome.HELD: 38, Outcome.COLLAPSED: 16, Outcome.WALKED_AWAY: 25},
    "no truce": {Outcome.NO_TRUCE: 4000},
    "all held": {Outcome.HELD: 2000},
}  # fmt: skip
RUNS = {name: results_of(counts) for name, counts in COUNTS.items()}
LONG_TITLE = "Threats & $promises_of <b>sanctions</b> \u505c\u706b " * 9
RUNS["a long title"] = results_of(COUNTS["some"], title=LONG_TITLE)
for _days in (1, 365):
    _scenario = dataclasses.replace(RUNS["some"].scenario, horizon_days=_days)
    RUNS[f"{_days} days"] = dataclasses.replace(RUNS["some"], scenario=_scenario)


def seen(figure):
    """The words that are drawn: tick labels beyond the ends of an axis are not."""
    words = words_of(figure)
    unseen = set()
    for ax in figure.axes:
        for axis, ends in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            low, high = sorted(ends)
            slack = 1e-6 * (high - low)
            unseen |= {
                id(tick.label1)
                for tick in axis.majorTicks
                if not low - slack <= tick.get_loc() <= high + slack
            }
    return [(text, box) for text, box in words if id(text) not in unseen]


def check_words(figure, size):
    """No words off the page, on top of each other, or too small in print."""
    width, height = figure.get_size_inches() * DPI
    words = seen(figure)
    for text, box in words:
        assert box.x0 >= -0.5, text
        assert box.x1 <= width + 0.5, text
        assert box.y0 >= -0.5, text
        assert box.y1 <= height + 0.5, text
    for (one, here), (other, there) in itertools.combinations(words, 2):
        across = min(here.x1, there.x1) - max(here.x0, there.x0)
        down = min(here.y1, there.y1) - max(here.y0, there.y0)
        assert across <= 0.0 or down <= 2.0, (one, other)
    if size in PRINTED:
        millimetres, least = PRINTED[size]
        shrunk = millimetres / 25.4 / (width / DPI)
        assert all(text.get_size() * shrunk >= least for text, _ in words)


def words_of(figure):
    """Every piece of text that is drawn, with its place in pixels."""
    renderer = laid_out(figure)
    return [(text, text.get_window_extent(renderer)) for text in _shown(figure)]


def laid_out(figure):
    """Put everything in its place, but paint nothing; again only once something has changed."""
    fresh = not isinstance(figure.canvas, FigureCanvasAgg)
    canvas = FigureCanvasAgg(figure) if fresh else figure.canvas
    if fresh or figure.stale:
        figure.draw_without_rendering()
    return canvas.get_renderer()


def _shown(figure):
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def by_gid(figure, gid):
    found = figure.findobj(lambda artist: artist.get_gid() == gid)
    assert len(found) == 1, gid
    return found[0]


def gids(figure):
    return {artist.get_gid() for artist in figure.findobj() if artist.get_gid()}


def texts(figure):
    laid_out(figure)  # which writes what stands at the ticks
    return [text.get_text().replace(NBSP, " ") for text in _shown(figure)]


def difference(mean, members, ahead, behind, half=0.01):
    """A difference with such dice and such members."""
    dice = (mean - half, mean + half)
    return Difference(mean, dice, members, ahead, behind, 0.0, 0.0, None, None, 9)


SPLIT = difference(0.05, (-0.2, 0.3), 0.64, 0.31)
"""Ahead on average: the members disagree on the sign."""


def compared(number, title="Scenario {} of the April package with a longer name"):
    """A first scenario and others, tied, ahead and behind in turn, in all members alike."""
    base = RUNS["some"]
    results = tuple(
        dataclasses.replace(
            base, scenario=dataclasses.replace(base.scenario, title=title.format(n))
        )
        for n in range(number)
    )
    kinds = [
        difference(0.0, (-0.002, 0.002), 0.0, 0.0),
        difference(0.05, (0.01, 0.3), 0.97, 0.02),
        difference(-0.04, (-0.2, 0.0), 0.03, 0.96),
    ]
    found = tuple(kinds[n % 3] for n in range(number - 1))
    return Comparison(results, {"held": found, "agreed": found}, {})
