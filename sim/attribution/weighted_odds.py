"""Odds from weighed particles, and their change when something in the evidence is changed.

Odds of a run are odds over members that were resampled. Here every particle that weighs anything
looks ahead itself, in a few worlds whose luck has the particle's number for its address, and the
odds are a weighted mean. Two sets with the same seed then meet the same draws and the same luck,
so that the error of their difference is much smaller than that of either.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from sim.calibrate.particles import Filter, living_weights
from sim.calibrate.weights import Weights, weights_of
from sim.engine.cases import new_cases
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats, Ints
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.inputs.ensemble import Ensemble
from sim.inputs.scenario import Scenario
from sim.montecarlo import DEFAULT_SEED, Plan

WORLDS = 4
"""Worlds in which a particle looks ahead."""
TAIL = 0.01
"""The share of the weight that the lightest particles carry together; they are not run ahead. No
odds can be off by more, and hardly by a tenth of it, since they would end much like the others."""
OUTCOMES = ("held", "agreed")
_CHUNK = 256
_Z = 1.959963984540054


@dataclass(frozen=True)
class Weighed:
    """Particles with weights, and how the worlds of those that matter end.

    Attributes
    ----------
    log_chances
        Log of the chance that each particle's rules gave to each action of the record.
    log_weights
        Of every particle, before smoothing.
    weights
        The same, smoothed and normalised.
    share
        By particle and outcome (`OUTCOMES`): the share of its worlds, NaN where it did not look.
    """

    log_chances: Floats
    log_weights: Floats
    weights: Weights
    share: Floats

    @property
    def looking(self) -> Floats:
        """Weights of the particles that looked ahead, summing to 1, and 0 for the others."""
        kept = np.where(np.isnan(self.share[:, 0]), 0.0, self.weights.values)
        return np.asarray(kept / kept.sum())

    @property
    def odds(self) -> Floats:
        """The odds, by outcome as in `OUTCOMES`."""
        return np.asarray(self.looking @ np.nan_to_num(self.share))

    @property
    def pulls(self) -> Floats:
        """Weighted distance of each particle's share from the odds, by outcome; they sum to 0."""
        return np.asarray(self.looking[:, None] * (np.nan_to_num(self.share) - self.odds))

    def reweighed(self, log_ratio: Floats) -> Weighed:
        """Return the same particles with other weights; their worlds stay what they were."""
        log_weights = self.log_weights + log_ratio
        return Weighed(self.log_chances, log_weights, weights_of(log_weights), self.share)


@dataclass(frozen=True)
class Estimate:
    """A change of odds with the standard error of the paired difference."""

    change: float
    error: float

    @property
    def interval(self) -> tuple[float, float]:
        """The central 95 % interval."""
        return self.change - _Z * self.error, self.change + _Z * self.error


def shifts(before: Weighed, after: Weighed) -> dict[str, Estimate]:
    """Return the change of each of the odds from one set of particles to another.

    The error is that of two weighted means over the same particles, paired particle by particle
    (the delta method of importance sampling): ``sqrt(sum((after_i - before_i)^2))``.
    """
    change = after.odds - before.odds
    error = np.sqrt(((after.pulls - before.pulls) ** 2).sum(axis=0))
    pairs = zip(OUTCOMES, change, error, strict=True)
    return {name: Estimate(float(d), float(e)) for name, d, e in pairs}


def odds_of(weighed: Weighed) -> dict[str, Estimate]:
    """Return each of the odds themselves, with their standard error."""
    error = np.sqrt((weighed.pulls**2).sum(axis=0))
    pairs = zip(OUTCOMES, weighed.odds, error, strict=True)
    return {name: Estimate(float(p), float(e)) for name, p, e in pairs}


@dataclass(frozen=True)
class WeightedForecaster:
    """Weighs particles and lets those that matter look ahead under a scenario."""

    scenario: Scenario
    particles: int
    executor: Executor
    seed: int = DEFAULT_SEED

    def weigh(self, particle_filter: Filter) -> Weighed:
        """Weigh particles by a record, and run worlds from those that carry weight.

        Raises
        ------
        CalibrationError
            If none survives it.
        """
        lived = particle_filter.weigh(self.particles, self.executor)
        weights = living_weights(lived, particle_filter.record)
        kept = heaviest(weights.values)
        members, starts = particle_filter.members(kept, self.executor)
        name = f"posterior-{self.scenario.as_of}-weighed"
        ensemble = Ensemble(name, "posterior", self.scenario.as_of, members, starts, {})
        share = np.full((self.particles, len(OUTCOMES)), np.nan)
        share[kept] = self._look(ensemble, kept)
        return Weighed(lived.reported, lived.log_weights, weights, share)

    def _look(self, ensemble: Ensemble, numbers: Ints) -> Floats:
        plan = Plan(self.scenario, ensemble, 1, self.seed)
        firsts = range(0, len(numbers), _CHUNK)
        parts = self.executor.map(lambda first: _ahead(plan, numbers, first), firsts)
        return np.concatenate(list(parts))


def heaviest(weights: Floats, tail: float = TAIL) -> Ints:
    """Return the particles that carry all of the weight but a tail, in order."""
    order = np.argsort(-weights, kind="stable")
    carried = np.cumsum(weights[order])
    count = int(np.searchsorted(carried, (1.0 - tail) * carried[-1])) + 1
    return np.sort(order[:count])


def _ahead(plan: Plan, numbers: Ints, first: int) -> Floats:
    """Run the worlds of some particles; world ``WORLDS n + j`` is the j-th of particle n."""
    from sim.native import run_cases

    members, starts = plan.ensemble.members, plan.ensemble.starts
    own = np.arange(first, min(first + _CHUNK, len(numbers)))
    cases = new_cases(WORLDS * len(own))
    cases["member"] = np.repeat(own, WORLDS)
    cases["world"] = (WORLDS * numbers[own, np.newaxis] + np.arange(WORLDS)).ravel()
    rows = np.zeros(len(cases), ROW)
    run_cases(plan.agenda.alone, members, starts, cases, new_workspace(members, plan.seed), rows)
    held = rows["outcome"] == Outcome.HELD
    agreed = held | (rows["outcome"] == Outcome.COLLAPSED)
    shares = np.column_stack([held, agreed]).reshape(len(own), WORLDS, len(OUTCOMES))
    return np.asarray(shares.mean(axis=1))
