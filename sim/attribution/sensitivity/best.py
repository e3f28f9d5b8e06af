"""In how many members each of several scenarios is best, luck taken out.

A member's own odds come from 64 worlds or so, and still hold luck. What is told here comes from
the distribution of all members' odds, fitted to all their worlds.

**The model.** The scenarios meet the same luck, so that only worlds in which they do not all end
alike tell which is better. In a world of member i they differ with chance ``s_i``, and then in the
pattern p (under which of them it happens) with chance ``r_ip``. The odds of a scenario are ``s_i``
times the sum of the ``r_ip`` of its patterns, and what it has in common with all others. Of two
scenarios this is the model of `sim.experiments.member_differences`.

**The fit.** It starts from independent distributions, a beta of s and a Dirichlet of r, both by
moments. A point is drawn for each member, or several, from what these and its own worlds say of it.
Then a few steps of the EM algorithm weigh the points towards the maximum likelihood of any
distribution over them (Laird 1978; Laird and Louis 1991, smoothing by roughening).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats, Ints
from sim.estimates import member_odds
from sim.experiments.kernel import Grid

LEVEL = 0.005
"""Odds that differ by less are told as level: half a point."""
_STEPS, _SEED = 20, 1
_POINTS = 8_192
"""About how many points are drawn."""
_CELLS = 2**22
"""Of points by patterns, as many as are in memory at a time."""
_DIGITS = 6
"""Decimals of a share; more would depend on the machine."""
_LEAST = 1e-12
_LOWEST = 0.05
"""The lowest concentration of patterns; of a lower one the draws would be 0."""


class Best(NamedTuple):
    """In how many members each scenario is best.

    Attributes
    ----------
    shares
        By scenario; with ``level`` they sum to 1.
    level
        The share of members in which the best two differ by less than half a point.
    """

    shares: tuple[float, ...]
    level: float


class _Patterns(NamedTuple):
    """The worlds in which policies do not all end alike.

    Attributes
    ----------
    hit
        By pattern and policy, whether it happens; shape (patterns, policies).
    counts
        How many worlds of each member have each pattern, sparse, shape (members, patterns).
    differing, worlds
        By member, how many worlds have any of them, and how many there are.
    """

    hit: Floats
    counts: Any
    differing: Ints
    worlds: Ints


def best_shares(grid: Grid, hits: Sequence[Outcome], members: int) -> Best:
    """Return in how many members each policy of a grid is best, luck taken out.

    Parameters
    ----------
    grid
        Of two policies or more, with many worlds of each member, such as 64.
    hits
        The endings that count.
    members
        How many there are, 64 or more, each with a world.
    """
    odds, weights = fitted_odds(grid, hits, members)
    ranked = np.sort(odds, axis=1)
    level = ranked[:, -1] - ranked[:, -2] < LEVEL
    clear = weights[~level]
    counted = np.bincount(odds[~level].argmax(axis=1), clear, odds.shape[1]) / weights.sum()
    shares = tuple(round(share, _DIGITS) for share in counted.tolist())
    return Best(shares, round(float(weights[level].sum() / weights.sum()), _DIGITS))


def fitted_odds(grid: Grid, hits: Sequence[Outcome], members: int) -> tuple[Floats, Floats]:
    """Return the joint distribution of the members' odds under the policies of a grid, luck out.

    Returns
    -------
    Floats, Floats
        Points, shape (points, policies): what the odds of each policy are beyond what all have in
        common. And their weights.
    """
    patterns = _patterns(np.isin(grid.ended["outcome"], hits), grid.member, members)
    if not patterns.differing.any():
        return np.zeros((1, len(grid.ended))), np.ones(1)
    return _fitted(patterns)


def _patterns(found: NDArray[np.bool_], member: Ints, members: int) -> _Patterns:
    from scipy.sparse import csr_array

    differ = found.any(axis=0) & ~found.all(axis=0)
    packed = np.packbits(found[:, differ], axis=0).T
    kinds, place = np.unique(packed, axis=0, return_inverse=True)
    ones = np.ones(len(packed))
    shape = (members, len(kinds))
    return _Patterns(
        np.unpackbits(kinds, axis=1, count=len(found)).astype(np.float64),
        csr_array((ones, (member[differ], place.ravel())), shape=shape),
        np.bincount(member[differ], minlength=members),
        np.bincount(member, minlength=members),
    )


def _fitted(patterns: _Patterns) -> tuple[Floats, Floats]:
    """Points, as what the odds of each policy are beyond those in common, and their weights."""
    parts = list(_points(patterns))
    odds = np.concatenate([part for part, _ in parts])
    logs = np.concatenate([part for _, part in parts], axis=1)
    logs -= logs.max(axis=1, keepdims=True)
    likely = np.exp(logs, out=logs)
    weights = np.full(len(odds), 1.0 / len(odds), np.float32)
    for _ in range(_STEPS):
        weights *= (1.0 / (likely @ weights)) @ likely / len(likely)
    return odds, weights.astype(np.float64)


def _points(patterns: _Patterns) -> Iterator[tuple[Floats, NDArray[np.float32]]]:
    """Draw points some at a time: the odds at each, and how likely it makes each member's worlds.

    Shapes (points, policies) and, of logarithms, (members, points).
    """
    rng = np.random.default_rng(_SEED)
    differing, worlds = patterns.differing, patterns.worlds
    prior = member_odds(differing, worlds)
    share = patterns.counts.sum(axis=0) / differing.sum()
    extra = _concentration(patterns, share) * share
    members, kinds = patterns.counts.shape
    each = max(1, _CELLS // kinds)
    for first in [*range(0, members, each)] * -(-_POINTS // members):
        some = slice(first, first + each)
        differ, total = differing[some], worlds[some]
        if prior is None:
            chance = np.full(len(differ), differing.sum() / worlds.sum())
        else:
            chance = rng.beta(prior[0] + differ, prior[1] + total - differ)
        chance = np.clip(chance, _LEAST, 1.0 - _LEAST)
        drawn = rng.standard_gamma(patterns.counts[some].toarray() + extra)
        drawn = np.maximum(drawn / drawn.sum(axis=1, keepdims=True), _LEAST)
        logs = np.multiply.outer(differing, np.log(chance)) + patterns.counts @ np.log(drawn).T
        logs += np.multiply.outer(worlds - differing, np.log1p(-chance))
        yield chance[:, np.newaxis] * (drawn @ patterns.hit), logs.astype(np.float32)


def _concentration(patterns: _Patterns, share: Floats) -> float:
    """The concentration of the Dirichlet, from how often two worlds of one member are alike."""
    counts = patterns.counts.data
    pairs = float((patterns.differing * (patterns.differing - 1.0)).sum())
    apart = 1.0 - float((share**2).sum())
    if pairs == 0.0 or apart < _LEAST:
        return 1.0 / _LEAST
    alike = float((counts * (counts - 1.0)).sum()) / pairs
    kin = max((alike - 1.0 + apart) / apart, 1e-4)
    return max((1.0 - kin) / kin, _LOWEST)
