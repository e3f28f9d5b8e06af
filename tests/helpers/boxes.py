"""Tables in which a label is planted, and members whose odds are known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

PLANTED = (5, 60, 120)
FLIPPED = 0.1


class Table(NamedTuple):
    """Numbers, labels, which rows are copies, and where the label is planted."""

    x: Any
    y: Any
    groups: Any
    inside: Any


def planted(seed: int, rows: int = 4096, numbers: int = 170, copies: int = 200) -> Table:
    """A box of three numbers among many, a tenth of the labels flipped; some rows are copies."""
    rng = np.random.default_rng(seed)
    distinct = rows - copies
    x = rng.normal(size=(distinct, numbers))
    at = rng.random((distinct, 3))
    x[:, PLANTED] = at
    inside = (at[:, 0] < 0.6) & (at[:, 1] > 0.35) & (at[:, 2] > 0.2) & (at[:, 2] < 0.75)
    y = inside ^ (rng.random(distinct) < FLIPPED)
    groups = np.concatenate([np.arange(distinct), rng.integers(distinct, size=copies)])
    return Table(x[groups], y[groups], groups, inside[groups])


def noise(seed: int, rows: int = 300, numbers: int = 6, copies: int = 1) -> Table:
    """Labels that depend on nothing; each distinct row stands there so many times."""
    rng = np.random.default_rng(seed)
    distinct = rows // copies
    groups = np.repeat(np.arange(distinct), copies)
    x, y = rng.random((distinct, numbers)), rng.random(distinct) < 0.3
    return Table(x[groups], y[groups], groups, np.zeros(rows, bool))
