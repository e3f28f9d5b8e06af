"""The numbers of the members on which the odds of a run lean most.

Members differ in parameters, types, positions and in the state in which the record left them, and
their own odds differ with it. The ranks of those odds' noisy shares are regressed on the ranks of
the members' numbers (`sim.attribution.numbers`); the explained part is shared out by the average
over orders of entry (Lindeman, Merenda and Gold 1980), which is never negative and sums to the
whole, however the numbers hang together. A relation that rises and falls again is not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.attribution.numbers import numbers_of
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.errors import StoreError
from sim.inputs.ensemble import Ensemble
from sim.results import Results

FEWEST = 1000
"""Members below which no ranking of their numbers is worth printing."""
ENTERS = 4.0
"""The t value from which a number enters: one of 300 idle ones would by chance, once in 50."""
MOST = 30
_ORDERS, _RESAMPLED, _SEED = 40, 100, 1


@dataclass(frozen=True)
class Driver:
    """A number of the members on which the odds lean.

    Attributes
    ----------
    name
        Its column in the ensemble, or ``column:value`` for a value of a code; of the state on the
        as-of day if it begins with ``start.``.
    share
        Of the spread of the members' own odds, luck taken out.
    interval
        Central 95 % of the share over members drawn anew.
    slope
        Change of the odds from the number's low tenth to its high tenth, all else alike; of what is
        the same for nine in ten members, such as a rare yes, from its lowest to its highest.
    """

    name: str
    share: float
    interval: tuple[float, float]
    slope: float


@dataclass(frozen=True)
class Drivers:
    """The numbers that explain the spread of the members' odds.

    Attributes
    ----------
    mean, spread
        Of the members' own odds, luck taken out of the spread.
    explained
        Share of that spread which all drivers explain together.
    """

    outcome: str
    members: int
    worlds: int
    mean: float
    spread: float
    explained: float
    drivers: tuple[Driver, ...]


def drivers(results: Results, ensemble: Ensemble, outcomes: tuple[Outcome, ...]) -> Drivers:
    """Rank the members' numbers by how much of the spread of their odds they explain.

    Parameters
    ----------
    results
        Of a run; the counts of its worlds suffice.
    ensemble
        Its members, from ``results.ensemble()``.
    outcomes
        What counts, any of these.

    Raises
    ------
    StoreError
        If too few members were used, or their odds do not differ beyond luck.
    """
    worlds = results.tally.outcomes.sum(1)
    hits = results.tally.hits(*outcomes)
    used = np.flatnonzero(worlds > 0)
    share = hits[used] / worlds[used]
    between = _between(share, worlds[used], results.id)
    columns, table = _numbers(ensemble, used, results.scenario.conflict.bloc_ids)
    y = (share - share.mean()) / share.std()
    entered = _enter(table, y)
    reliable = between / float(share.var())
    explained, found = _shared_out(
        [columns[k] for k in entered], table[:, entered], y, float(share.std()), reliable
    )
    spread = float(np.sqrt(between))
    total = int(worlds.sum())
    mean = float(hits.sum() / total)
    names = "+".join(outcome.name.lower() for outcome in outcomes)
    return Drivers(names, len(used), total, mean, spread, explained, found)


def _between(share: Floats, worlds: NDArray[np.int_], name: str) -> float:
    """Variance of the members' odds with luck taken out."""
    if len(share) < FEWEST or worlds.max() < 2:
        what = f"used {len(share):,} members; {FEWEST:,} with several worlds each are needed."
        raise StoreError(f"run {name}", what, "Run it with more --worlds, such as 20000.")
    many = worlds > 1
    luck = (share[many] * (1.0 - share[many]) / (worlds[many] - 1)).mean()
    between = float(share.var() - luck)
    if between <= 1e-6:
        what = "has members whose odds of this outcome do not differ beyond luck."
        raise StoreError(f"run {name}", what, "Ask for another --outcome.")
    return between


def _numbers(
    ensemble: Ensemble, used: NDArray[np.int_], blocs: Sequence[str]
) -> tuple[list[str], Floats]:
    """The names and the standardised ranks of all numbers that differ between members."""
    found = numbers_of(ensemble.members[used], ensemble.starts[used], blocs)
    return list(found), np.array([_ranks(values) for values in found.values()]).T


def _ranks(values: Floats) -> Floats:
    """Ranks with mean 0 and variance 1, ties sharing theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - 0.5 * (count + 1))[place]
    return np.asarray((rank - rank.mean()) / rank.std())


def _enter(table: Floats, y: Floats) -> list[int]:
    """Return the numbers that enter, each time the one that explains most of what is left."""
    entered: list[int] = []
    rest = y
    while len(entered) < min(MOST, table.shape[1]):
        pull = np.abs(table.T @ rest)
        pull[entered] = 0.0
        best = int(pull.argmax())
        r = pull[best] / (len(y) * rest.std())
        if r * np.sqrt(len(y) / max(1e-12, 1.0 - r * r)) < ENTERS:
            break
        entered.append(best)
        rest = y - table[:, entered] @ np.linalg.lstsq(table[:, entered], y, rcond=None)[0]
    return entered


# ------------------------------------------------------------------------- sharing out


def _shared_out(
    names: list[str], table: Floats, y: Floats, sd: float, reliable: float
) -> tuple[float, tuple[Driver, ...]]:
    """Share out what the numbers explain, with intervals, the largest first."""
    if not names:
        return 0.0, ()
    rng = np.random.default_rng(_SEED)
    orders = [rng.permutation(len(names)) for _ in range(_ORDERS)]
    shares = lindeman(_correlations(table, y), orders) / reliable
    drawn = []
    for _ in range(_RESAMPLED):
        again = rng.integers(len(y), size=len(y))
        drawn.append(lindeman(_correlations(table[again], y[again]), orders) / reliable)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    slopes = np.linalg.lstsq(table, y, rcond=None)[0] * sd * _reach(table)
    found = [
        Driver(name, float(shares[k]), (float(low[k]), float(high[k])), float(slopes[k]))
        for k, name in enumerate(names)
    ]
    return float(shares.sum()), tuple(sorted(found, key=lambda driver: -driver.share))


def _reach(table: Floats) -> Floats:
    """From the low tenth to the high tenth of each number; from end to end if they are alike."""
    low, high = np.quantile(table, [0.1, 0.9], axis=0)
    return np.asarray(np.where(high > low, high - low, np.ptp(table, axis=0)))


def _correlations(table: Floats, y: Floats) -> Floats:
    return np.asarray(np.corrcoef(np.column_stack([table, y]), rowvar=False))


def lindeman(correlations: Floats, orders: list[NDArray[np.int_]]) -> Floats:
    """Return what each number adds to the explained share, averaged over orders of entry.

    In the Cholesky factor of the correlations, taken in an order with y last, the squares of
    the last row are what each number adds when it enters in that order.
    """
    total = np.zeros(len(correlations) - 1)
    for order in orders:
        taken = np.append(order, len(correlations) - 1)
        factor = np.linalg.cholesky(correlations[np.ix_(taken, taken)] + 1e-9 * np.eye(len(taken)))
        total[order] += factor[-1, :-1] ** 2
    return total / len(orders)
