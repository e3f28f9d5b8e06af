"""Agreement of two coders: which rows both have, and how alike the positions in them are.

Rows of two files are the same if article, paragraph, holder, issue and kind are; where a coder has
several such rows, the nearest positions are paired first. Agreement beyond chance is Krippendorff's
alpha for numbers on an interval scale (Krippendorff 2019, 'Content Analysis'): 1 for none but equal
positions, 0 for what chance would give; .8 is the usual bound for figures to be relied on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.dtypes import Floats
from sim.errors import CalibrationError, EvidenceError
from sim.evidence.articles import load_articles
from sim.evidence.coding import Row, name_of, read_statements
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.issues import ISSUES

PLACE = ("article", "paragraph", "holder", "issue")
KEY = (*PLACE, "kind")
"""What makes two coders' rows the same row."""
FEW = 5
"""Of so few pairs no alpha is worth much."""
RESAMPLED = 400
"""Times that the pairs are drawn anew for an interval."""
_SEED = 1


@dataclass(frozen=True)
class Alpha:
    """Agreement on some pairs of positions.

    Attributes
    ----------
    pairs
        How many rows both coders have.
    alpha
        None if there are fewer than two pairs, or no two positions differ: nothing to agree on.
    interval
        Central 95 % over pairs drawn anew; None below `FEW` pairs.
    apart
        Mean distance of the two positions, on the scale of 0 to 1.
    """

    pairs: int
    alpha: float | None
    interval: tuple[float, float] | None
    apart: float | None


@dataclass(frozen=True)
class CellGap:
    """One holder on one issue, as two coders have it.

    ``first`` and ``second`` are mean positions over all their rows, None without a row; ``apart``
    the mean distance over the pairs, ``furthest`` the largest, with the row in which it is.
    """

    holder: str
    issue: str
    pairs: int
    only_first: int
    only_second: int
    first: float | None
    second: float | None
    apart: float | None
    furthest: float | None
    where: str


@dataclass(frozen=True)
class Agreement:
    """Two coders' statements compared.

    Attributes
    ----------
    rows
        How many rows each has.
    matched
        How many pairs agree on `KEY`.
    placed
        How many do with the kind left aside.
    cells
        The cells, those that differ most first.
    """

    rows: tuple[int, int]
    matched: int
    placed: int
    overall: Alpha
    by_issue: Mapping[str, Alpha]
    cells: tuple[CellGap, ...]

    @property
    def share(self) -> float:
        """Matched rows among all, twice the pairs over the rows of both (F1)."""
        return 2.0 * self.matched / sum(self.rows)

    @property
    def share_placed(self) -> float:
        """The same with the kind left aside."""
        return 2.0 * self.placed / sum(self.rows)


Pair = tuple[Row, Row]


def agreement(first: Path, second: Path, conflict: Conflict | None = None) -> Agreement:
    """Compare a second coder's statements with the first's.

    Parameters
    ----------
    first, second
        Files like ``statements.csv``, or folders that hold one; the columns ``known`` and
        ``same_as`` may be missing.
    conflict
        Whose actors and articles they name; the shipped one if None.

    Raises
    ------
    EvidenceError
        The first bad row of either file, or a file without rows.
    CalibrationError
        If the package that computes alpha is not installed.
    """
    conflict = conflict or shipped()
    a, b = (_statements(path, conflict) for path in (first, second))
    pairs = matched(a, b)
    by_issue = {
        issue: [pair for pair in pairs if pair[0].cells["issue"] == issue] for issue in ISSUES
    }
    return Agreement(
        (len(a), len(b)),
        len(pairs),
        sum((_counts(a, PLACE) & _counts(b, PLACE)).values()),
        alpha_of(pairs),
        {issue: alpha_of(some) for issue, some in by_issue.items() if some},
        tuple(sorted(_cells(a, b, pairs), key=_difference, reverse=True)),
    )


def _statements(path: Path, conflict: Conflict) -> list[Row]:
    folder = path if path.is_dir() else path.parent
    listed = folder if (folder / "articles.toml").is_file() else conflict.evidence
    articles = [article.id for article in load_articles(listed)]
    rows, found = read_statements(path, articles, conflict)
    if found:
        raise found[0]
    if not rows:
        raise EvidenceError(name_of(path), "has no statement.", "Name a file that has some.")
    return rows


def _counts(rows: Iterable[Row], columns: Sequence[str]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row.cells[column] for column in columns) for row in rows)


def matched(first: Sequence[Row], second: Sequence[Row]) -> list[Pair]:
    """Pair the rows that agree on `KEY`, each at most once, the nearest positions first."""
    groups: dict[tuple[Any, ...], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((first, second)):
        for row in rows:
            groups[tuple(row.cells[column] for column in KEY)][side].append(row)
    pairs = []
    for mine, theirs in groups.values():
        near = sorted(
            ((a, b) for a in range(len(mine)) for b in range(len(theirs))),
            key=lambda ab: abs(_gap((mine[ab[0]], theirs[ab[1]]))),
        )
        while near:
            a, b = near[0]
            pairs.append((mine[a], theirs[b]))
            near = [(i, j) for i, j in near if i != a and j != b]
    return pairs


def _gap(pair: Pair) -> float:
    return float(pair[1].cells["position"] - pair[0].cells["position"])


# ------------------------------------------------------------------------- alpha


def alpha_of(pairs: Sequence[Pair]) -> Alpha:
    """Compute Krippendorff's alpha (interval) of some pairs, with an interval."""
    positions = np.array([[row.cells["position"] for row in pair] for pair in pairs], float)
    positions = positions.reshape(len(pairs), 2)
    if not len(pairs):
        return Alpha(0, None, None, None)
    apart = float(np.abs(positions[:, 1] - positions[:, 0]).mean())
    return Alpha(len(pairs), _alpha(positions), _interval(positions), apart)


def _alpha(positions: Floats) -> float | None:
    try:
        import krippendorff
    except ImportError:
        what = "needs the package krippendorff, which is not installed."
        todo = 'Install it: pip install "truce-sim[calibrate]", or make install.'
        raise CalibrationError("truce evidence agree", what, todo) from None
    if len(positions) < 2 or np.ptp(positions) == 0.0:
        return None
    return float(krippendorff.alpha(positions.T, level_of_measurement="interval"))


def _interval(positions: Floats) -> tuple[float, float] | None:
    if len(positions) < FEW:
        return None
    rng = np.random.default_rng(_SEED)
    draws = (rng.integers(len(positions), size=len(positions)) for _ in range(RESAMPLED))
    found = [alpha for draw in draws if (alpha := _alpha(positions[draw])) is not None]
    if not found:
        return None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


# ------------------------------------------------------------------------- cells


def _cells(first: Sequence[Row], second: Sequence[Row], pairs: Sequence[Pair]) -> list[CellGap]:
    names = dict.fromkeys((row.cells["holder"], row.cells["issue"]) for row in (*first, *second))
    return [_cell(holder, issue, first, second, pairs) for holder, issue in names]


def _cell(
    holder: str, issue: str, first: Sequence[Row], second: Sequence[Row], pairs: Sequence[Pair]
) -> CellGap:
    def here(row: Row) -> bool:
        return bool(row.cells["holder"] == holder and row.cells["issue"] == issue)

    mine, theirs = (
        [row.cells["position"] for row in rows if here(row)] for rows in (first, second)
    )
    both = [pair for pair in pairs if here(pair[0])]
    worst = max(both, key=lambda pair: abs(_gap(pair)), default=None)
    return CellGap(
        holder,
        issue,
        len(both),
        len(mine) - len(both),
        len(theirs) - len(both),
        float(np.mean(mine)) if mine else None,
        float(np.mean(theirs)) if theirs else None,
        float(np.mean([abs(_gap(pair)) for pair in both])) if both else None,
        abs(_gap(worst)) if worst else None,
        f"{worst[0].cells['article'][:3]}, paragraph {worst[0].cells['paragraph']}"
        if worst
        else "",
    )


def _difference(cell: CellGap) -> tuple[float, int, str, str]:
    """Order by distance of the pairs, then by rows that only one of the two has."""
    alone = cell.only_first + cell.only_second
    return round(cell.apart or 0.0, 9), alone, cell.holder, cell.issue
