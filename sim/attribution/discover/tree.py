"""A small tree beside the box: three questions, each on one number, and the leaves with more hits.

Where a condition holds in two corners at once, no box tells it. The tree is grown by the Gini
index (Breiman and others 1984) on the half of the rows that is searched.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.discover.search import FEWEST, Mask, phi, ranks_of, rounded, spread_of
from sim.engine.dtypes import Floats

DEPTH = 3
"""How many questions lead to a leaf."""


class Question(NamedTuple):
    """An answer on the way to a leaf: a number is below an edge, or at least that."""

    column: int
    edge: float
    below: bool

    def holds(self, x: Floats) -> Mask:
        """Return which rows of a table answer so."""
        below = x[:, self.column] < self.edge
        return np.asarray(below if self.below else ~below)


Path = tuple[Question, ...]
"""The answers that lead to a leaf."""


def reached(path: Path, x: Floats) -> Mask:
    """Return which rows of a table come to the leaf of a path."""
    found = np.ones(len(x), bool)
    for question in path:
        found &= question.holds(x)
    return found


def union(paths: tuple[Path, ...], x: Floats) -> Mask:
    """Return which rows come to any of some leaves."""
    found = np.zeros(len(x), bool)
    for path in paths:
        found |= reached(path, x)
    return found


def told_leaves(x: Floats, label: Mask) -> tuple[Path, ...]:
    """Grow a tree, and return the leaves whose union has the largest `phi`.

    They are those with the highest shares of hits. Two leaves of one question are told as one.

    Parameters
    ----------
    x, label
        As of `sim.attribution.discover.search.trajectory`.
    """
    ranks = ranks_of(x)
    order = np.argsort(ranks, axis=1, kind="stable")
    leaves = _grown(x, label, ranks, order, ())
    leaves.sort(key=lambda path: -float(label[reached(path, x)].mean()))
    scores = [phi(union(tuple(leaves[:n]), x), label) for n in range(1, len(leaves))]
    if not scores or max(scores) <= 0.0:
        return ()
    return tuple(map(_shortest, _merged(leaves[: 1 + int(np.argmax(scores))])))


def _merged(paths: list[Path]) -> list[Path]:
    """Put two leaves of one question together, again and again."""
    found = list(paths)
    for path in found:
        last = path[-1]
        other = (*path[:-1], last._replace(below=not last.below))
        if other in found:
            rest = [one for one in found if one not in (path, other)]
            return _merged([*rest, path[:-1]])
    return found


def _shortest(path: Path) -> Path:
    """Leave out an answer that another of the same number says, too."""

    def said(one: Question) -> bool:
        same = [q for q in path if (q.column, q.below) == (one.column, one.below) and q != one]
        return any(q.edge < one.edge if q.below else q.edge > one.edge for q in same)

    return tuple(one for one in path if not said(one))


def _grown(
    x: Floats, label: Mask, ranks: NDArray[np.int32], order: NDArray[np.intp], path: Path
) -> list[Path]:
    """The leaves below a node, whose rows are in ``order`` by rank, shape (numbers, rows)."""
    cut = _best_cut(np.take_along_axis(ranks, order, axis=1), label[order], len(x))
    if cut is None or len(path) == DEPTH:
        return [path]
    column, place = cut
    at = float(x[order[column, place], column])
    edge = rounded(at, upper=False, spread=spread_of(x[:, column]))
    leaves = []
    for below in (True, False):
        question = Question(column, edge, below)
        there = question.holds(x)[order]
        part = order[there].reshape(len(order), -1)
        leaves += _grown(x, label, ranks, part, (*path, question)) if part.size else []
    return leaves


def _best_cut(ranks: NDArray[np.int32], label: Mask, rows: int) -> tuple[int, int] | None:
    """The number and the place before which a cut leaves least impurity; None if none helps."""
    n, fewest = label.shape[1], math.ceil(FEWEST * rows)
    total = float(label[0].sum())
    if n < 2 * fewest or total in (0.0, float(n)):
        return None
    size = np.arange(1.0, n)
    hits = np.cumsum(label, axis=1)[:, :-1].astype(float)
    pure = hits**2 / size + (total - hits) ** 2 / (n - size)
    allowed = (np.diff(ranks) > 0) & (size >= fewest) & (n - size >= fewest)
    pure = np.where(allowed, pure, 0.0)
    column, place = np.unravel_index(int(pure.argmax()), pure.shape)
    if pure[column, place] <= total**2 / n * (1.0 + 1e-9):
        return None
    return int(column), int(place) + 1
