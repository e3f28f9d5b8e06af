"""Searches one half of the rows for a box, and measures it on the other half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.attribution.discover.evaluate import (
    Evaluation,
    Labels,
    Shown,
    evaluated,
    halves,
    leads,
    shares_of,
)
from sim.attribution.discover.rows import Rows
from sim.attribution.discover.search import Box, Mask, best, candidates, inside
from sim.attribution.discover.tree import Path, told_leaves, union
from sim.engine.dtypes import Floats

FEWEST_HITS = 10
"""So many rows of either kind must be in the half that is searched."""
WINS = 2.0
"""By how many standard errors a tree must tell more than the box to be told beside it."""


class Pair(NamedTuple):
    """A box of the trade-off: precision and recall where it was sought, and where it is measured.

    Attributes
    ----------
    numbers
        How many it restricts.
    told
        Whether it is the one that is told.
    """

    numbers: int
    searched: tuple[float, float]
    held_out: tuple[float, float]
    told: bool


class Leaves(NamedTuple):
    """Some leaves of a tree, measured, and by how much their `phi` exceeds that of the box."""

    paths: tuple[Path, ...]
    evaluation: Evaluation
    leads: float
    error: float

    @property
    def wins(self) -> bool:
        """Whether they tell more than the box, beyond the error."""
        return self.leads > WINS * self.error


class Closest(NamedTuple):
    """The row that comes closest to a condition that none meets: its place, and what it shows."""

    row: int
    value: float


class Found(NamedTuple):
    """What came of a search.

    Attributes
    ----------
    box
        The box that tells most of the half that was searched; none if there is none.
    measured
        It on the half that was held out; None if there is none.
    everything
        All rows of the half that was held out.
    verdict
        `found`; `nothing` if no box is told from the rest; `none`, `few` or `all` if none, next to
        none or next to all of the rows searched meet the condition.
    tradeoff
        Boxes of which no other has both higher precision and higher recall where they were sought.
    searched, hits
        Rows of the half that was searched, and how many of them meet the condition there.
    numbers
        How many numbers differ among them.
    """

    box: Box
    measured: Evaluation | None
    everything: Evaluation
    verdict: str
    tradeoff: tuple[Pair, ...]
    tree: Leaves | None
    searched: int
    hits: int
    numbers: int
    closest: Closest | None


def find(rows: Rows, most: int, seed: int) -> Found:
    """Search for the box of at most so many numbers in which the condition holds more often.

    Parameters
    ----------
    seed
        Of the luck by which rows are dealt out to the halves.
    """
    here, there = halves(rows.groups, seed)
    label = rows.searched.label[here]
    x, other = rows.x[here], rows.x[there]
    shown, groups = rows.measured.only(there), rows.groups[there]
    hits, count = int(label.sum()), len(label)
    differ = np.flatnonzero(np.ptp(x, axis=0) > 0.0)
    everything = evaluated(np.ones(len(other), bool), shown, groups)
    plain = Found((), None, everything, "nothing", (), None, count, hits, len(differ), None)
    if min(hits, count - hits) < FEWEST_HITS:
        verdict = "none" if hits == 0 else "few" if hits < FEWEST_HITS else "all"
        return plain._replace(verdict=verdict, closest=_closest(rows, here))
    boxes = _of_columns(candidates(x[:, differ], label, most), differ)
    box = best(boxes, x, label)
    within = inside(box, other)
    if not box or within.sum() in (0, len(other)):
        return plain
    measured = evaluated(within, shown, groups)
    pairs = tuple(_tradeoff(boxes, box, (x, label), (other, shown)))
    found = plain._replace(box=box, measured=measured, tradeoff=pairs)
    if not measured.claimed:
        return found
    paths = _paths_of(told_leaves(x[:, differ], label), differ)
    tree = _leaves(paths, other, within, shown, groups) if paths else None
    return found._replace(verdict="found", tree=tree)


def _of_columns(boxes: Sequence[Box], columns: np.ndarray) -> tuple[Box, ...]:
    return tuple(
        tuple(end._replace(column=int(columns[end.column])) for end in box) for box in boxes
    )


def _paths_of(paths: Sequence[Path], columns: np.ndarray) -> tuple[Path, ...]:
    return tuple(
        tuple(one._replace(column=int(columns[one.column])) for one in path) for path in paths
    )


def _leaves(
    paths: tuple[Path, ...], x: Floats, box: Mask, shown: Shown, groups: np.ndarray
) -> Leaves:
    within = union(paths, x)
    ahead, error = leads(within, box, shown.label, groups)
    return Leaves(paths, evaluated(within, shown, groups), ahead, error)


def _tradeoff(
    boxes: Sequence[Box], told: Box, searched: tuple[Floats, Mask], measured: tuple[Floats, Shown]
) -> list[Pair]:
    """The boxes that none beats in both, from the highest recall to the highest precision."""
    x, label = searched
    other, shown = measured
    here = [shares_of(inside(box, x), Labels(label))[:2] for box in boxes]
    order = sorted(range(len(boxes)), key=lambda n: (-here[n][1], -here[n][0]))
    pairs, highest = [], 0.0
    for n in order:
        precision, recall = map(float, here[n])
        if precision <= highest and boxes[n] != told:
            continue
        highest = max(highest, precision)
        there = shares_of(inside(boxes[n], other), shown)[:2]
        held_out = float(there[0]), float(there[1])
        pairs.append(Pair(len(boxes[n]), (precision, recall), held_out, boxes[n] == told))
    return pairs


def _closest(rows: Rows, here: Mask) -> Closest | None:
    """The row searched that comes closest, with what it shows on other luck."""
    values, again = rows.searched.values, rows.measured.values
    if values is None or again is None or rows.bound is None:
        return None
    searched = np.flatnonzero(here)
    apart = values[searched] if rows.bound.upper else -values[searched]
    row = int(searched[apart.argmin()])
    return Closest(row, float(again[row]))
