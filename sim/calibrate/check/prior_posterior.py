"""Prior against posterior, parameters that the record ties, and other structures and priors."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.calibrate.particles import BLOCK_PARTICLES, Filter, living_weights
from sim.calibrate.weights import Weights
from sim.engine.dtypes import Floats
from sim.inputs.conflict import Conflict
from sim.inputs.parameters import find

INFORMED_SHIFT, INFORMED_RATIO = 0.2, 0.9
SILENT_SHIFT, SILENT_RATIO = 0.1, 0.95
CLEAR = 3.0
"""A shift or a correlation must be so many standard errors to count."""


# ------------------------------------------------------------------ prior against posterior


@dataclass(frozen=True)
class Learned:
    """One parameter before and after the record, on the scale of its prior.

    Attributes
    ----------
    prior, posterior
        Its mean before and after; the median, as of a log-normal, if the prior is log-normal.
    shift
        Of the mean, in sds of the prior; of the log, if the prior is log-normal.
    ratio
        Of the posterior's sd to the prior's.
    verdict
        ``informed``, ``a little``, or ``nothing``: the record says nothing about it.
    """

    name: str
    prior: float
    posterior: float
    shift: float
    ratio: float
    verdict: str


@dataclass(frozen=True)
class Ridge:
    """Two informed parameters whose values the record ties to each other."""

    one: str
    other: str
    correlation: float


def learned(
    particle_filter: Filter, weights: Weights
) -> tuple[tuple[Learned, ...], tuple[Ridge, ...]]:
    """Compare prior and posterior of every parameter that is not fixed.

    Returns
    -------
    learned
        The furthest moved first.
    ridges
        The strongest posterior correlations among the informed ones.
    """
    rows = [row for row in particle_filter.record.conflict.parameters if row.prior.fixed is None]
    rows = [row for row in rows if row.name not in particle_filter.values]
    logs = np.array([row.prior.lognormal is not None for row in rows])
    sums = _Sums(len(rows))
    for number in range(-(-len(weights.values) // BLOCK_PARTICLES)):
        part = weights.values[number * BLOCK_PARTICLES : (number + 1) * BLOCK_PARTICLES]
        values = particle_filter.parameters(number)
        table = np.column_stack([values[row.name][: len(part)] for row in rows])
        table[:, logs] = np.log(table[:, logs])
        sums.add(table, part)
    prior_mean, prior_sd, mean, covariance = sums.moments()
    sd = np.sqrt(np.diag(covariance))
    shift, ratio = (mean - prior_mean) / prior_sd, sd / prior_sd
    error = _error(weights)
    before, after = (np.where(logs, np.exp(middle), middle) for middle in (prior_mean, mean))
    numbers = np.column_stack([before, after, shift, ratio]).tolist()
    found = [
        Learned(row.name, one, other, moved, narrowed, verdict(moved, narrowed, error))
        for row, (one, other, moved, narrowed) in zip(rows, numbers, strict=True)
    ]
    ridges = _ridges(found, covariance / np.outer(sd, sd), error)
    return tuple(sorted(found, key=lambda one: (-abs(one.shift), one.ratio))), ridges


class _Sums:
    """Running sums of the moments of a table, with and without weights."""

    def __init__(self, columns: int) -> None:
        self.count = 0
        self.plain = np.zeros((2, columns))
        self.weighed = np.zeros(columns)
        self.products = np.zeros((columns, columns))

    def add(self, table: Floats, weights: Floats) -> None:
        self.count += len(table)
        self.plain += [table.sum(axis=0), (table**2).sum(axis=0)]
        self.weighed += weights @ table
        self.products += (table * weights[:, None]).T @ table

    def moments(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Mean and sd without weights, mean and covariance with them."""
        mean = self.plain[0] / self.count
        sd = np.sqrt(self.plain[1] / self.count - mean**2)
        return mean, sd, self.weighed, self.products - np.outer(self.weighed, self.weighed)


def verdict(shift: float, ratio: float, error: float) -> str:
    """Say whether the record informs a parameter, given the standard error of its shift."""
    moved = abs(shift) > max(INFORMED_SHIFT, CLEAR * error)
    narrowed = ratio < min(INFORMED_RATIO, 1.0 - CLEAR * error / np.sqrt(2.0))
    if moved or narrowed:
        return "informed"
    still = abs(shift) < max(SILENT_SHIFT, 2.0 * error)
    return "nothing" if still and ratio > SILENT_RATIO else "a little"


def _ridges(found: Sequence[Learned], correlation: Floats, error: float) -> tuple[Ridge, ...]:
    informed = [n for n, one in enumerate(found) if one.verdict == "informed"]
    pairs = [
        Ridge(found[a].name, found[b].name, float(correlation[a, b]))
        for a, b in itertools.combinations(informed, 2)
        if abs(correlation[a, b]) > CLEAR * error
    ]
    return tuple(sorted(pairs, key=lambda pair: -abs(pair.correlation))[:8])


# ------------------------------------------------------------------ evidence and odds


@dataclass(frozen=True)
class Structure:
    """The log evidence of the events under another structure or other priors.

    Attributes
    ----------
    log_evidence, error
        Log of the chance of the record under the prior, and the standard error of that.
    ahead
        Of the model as it is, in nats; less than `NATS` either way is no difference.
    """

    name: str
    log_evidence: float
    error: float
    ahead: float


NATS = 3.0
STRUCTURES: dict[str, dict[str, Any]] = {
    "quadratic loss (exponent 2)": {"values": {"exponent": 2.0}},
    "best reply (precision at the top of its range)": {"values": {"precision": "top"}},
    "no commitment problem": {
        "values": dict.fromkeys(("rearmament_fear", "guarantee_rivalry", "attack_fear"), 0.0)
    },
    "no private resolve": {"values": {"resolve.r": 0.0, "resolve.u": 0.0}},
    "prior sds halved": {"spread": 0.5},
    "prior sds doubled": {"spread": 2.0},
}


def structures(
    particle_filter: Filter, base: Weights, particles: int, executor: Executor
) -> Iterator[Structure]:
    """Weigh the record under each; ``base`` are the weights of the model as it is."""
    yield Structure("as it is", base.log_evidence, _error(base), 0.0)
    for name, change in STRUCTURES.items():
        values = {
            key: _number(key, value, particle_filter.record.conflict)
            for key, value in change.get("values", {}).items()
        }
        other = dataclasses.replace(
            particle_filter,
            values={**particle_filter.values, **values},
            spread=change.get("spread", 1.0),
        )
        weighed = other.weigh(particles, executor)
        found = living_weights(weighed, other.record)
        ahead = found.log_evidence - base.log_evidence
        yield Structure(name, found.log_evidence, _error(found), ahead)


def _error(weights: Weights) -> float:
    """Standard error of a log evidence, or of a mean in sds, by the effective size."""
    return float(1.0 / np.sqrt(weights.effective))


def _number(name: str, value: Any, conflict: Conflict) -> float:
    return find(conflict.parameters, name).range[1] if value == "top" else float(value)
