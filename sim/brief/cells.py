"""Odds and worths as cells of a table, and the points of a study that are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.brief.content import Cell
from sim.brief.words import dice, median, members
from sim.estimates import Odds
from sim.experiments.differences import PriceDifference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.sweep.study import Study
from sim.means import Mean
from sim.plots.words import PER_CENT, percent
from sim.price import digits_of, stakes

ODDS = ("Mean", "Median member", f"95{PER_CENT} dice", f"90{PER_CENT} of members")
"""The headings above `odds_cells`."""


def odds_cells(odds: Odds, worlds: int) -> tuple[Cell, Cell, Cell, Cell]:
    """Return the mean, the median member and both intervals as cells."""
    both = odds.ensemble
    return (
        Cell(percent(odds, worlds), odds.mean),
        Cell(median(odds), odds.median_member),
        Cell(dice(odds), odds.mc[0]),
        Cell(members(odds), both[0] if both else None),
    )


def odds_of(document: dict[str, Any]) -> Odds:
    """Return odds from the plain data of a summary."""
    return Odds.from_dict(document)


def worth_cell(
    worth: Mean | PriceDifference | Estimate, *, signed: bool = False, to: str = ""
) -> Cell:
    """Return a worth in stakes, or a difference of worths, as a cell."""
    text = stakes(worth.mean, digits_of(worth.half_width), signed=signed)
    return Cell(text.replace("-", "\u2212"), worth.mean, to=to)


def marked(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the best point, the scenario as it stands and the worst, as far as they were run."""
    names = (("best", "Best"), ("today", "As the scenario stands"), ("worst", "Worst"))
    for name, label in names:
        point = study.summary[name]
        if point and point["odds"]["held"]:
            yield label, point
