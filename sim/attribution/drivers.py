"""The numbers of the members on which the odds of a run lean most.

Members differ in parameters, types, positions and in the state in which the record left them, and
their own odds differ with it. `sim.attribution.shares` says how much of that spread would go if
one learned each number; here each number that enters is told with its direction too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.attribution.cross_fit import polynomials
from sim.attribution.numbers import numbers_of
from sim.attribution.shares import learned
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats
from sim.inputs.ensemble import Ensemble
from sim.results import Results


@dataclass(frozen=True)
class Driver:
    """A number of the members on which the odds lean.

    Attributes
    ----------
    name
        Its column in the ensemble, or ``column:value`` for a value of a code; of the state on the
        as-of day if it begins with ``start.``.
    share
        Of the spread of the members' own odds, luck taken out, measured on members that took no
        part in the fit; a little below 0 if the number only seemed to matter.
    interval
        Central 95 % of the share, from a jackknife over distinct members.
    slope
        Change of the odds from the number's low tenth to its high tenth, all else alike; of what is
        the same for nine in ten members, such as a rare yes, from its lowest to its highest. Near
        0 in spite of a large share if the odds rise with the number and fall again.
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
        Share of that spread which all drivers explain together; their shares sum to it.
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
    conflict = results.scenario.conflict
    found = learned(hits, worlds, ensemble, conflict, where=f"run {results.id}")
    used = np.flatnonzero(worlds > 0)
    numbers = numbers_of(ensemble.members[used], ensemble.starts[used], conflict.bloc_ids)
    entered = {name: numbers[name] for name in found.entered}
    slopes = _slopes(entered, hits[used] / worlds[used])
    told = tuple(
        Driver(one.name, one.share, one.interval, slopes[one.name])
        for one in found.shares
        if one.name in entered
    )
    names = "+".join(outcome.name.lower() for outcome in outcomes)
    return Drivers(
        names, found.members, found.worlds, found.mean, found.spread, found.explained.share, told
    )


def _slopes(numbers: Mapping[str, Floats], odds: Floats) -> dict[str, float]:
    """By how much the fitted odds change along each number, all others alike."""
    if not numbers:
        return {}
    owners, terms = polynomials(numbers)
    owner = np.array(owners)
    weights = np.linalg.lstsq(terms, odds - odds.mean(), rcond=None)[0]
    found = {}
    for name, values in numbers.items():
        low, high = _ends(values)
        own = owner == name
        found[name] = float((terms[high] - terms[low])[own] @ weights[own])
    return found


def _ends(values: Floats) -> tuple[int, int]:
    """Members in the low and in the high tenth of a number; at its ends if these are alike."""
    order = np.argsort(values, kind="stable")
    low, high = order[len(order) // 10], order[-1 - len(order) // 10]
    if values[low] == values[high]:
        low, high = order[0], order[-1]
    return int(low), int(high)
