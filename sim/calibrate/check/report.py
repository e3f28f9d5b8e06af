"""All checks of the calibration of a day, one after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sim.calibrate.check.prequential import Score, Total, scores, totals
from sim.calibrate.check.prior_posterior import (
    STRUCTURES,
    Learned,
    Ridge,
    Structure,
    learned,
    structures,
)
from sim.calibrate.check.ranks import SelfCheck
from sim.calibrate.check.repeats import Repeats, repeats
from sim.calibrate.check.sbc import check_filter, check_positions
from sim.calibrate.check.truce_survival import SurvivalCheck, holding
from sim.calibrate.check.variants import RATES, VariantOdds, variant_odds
from sim.calibrate.fit import filter_of
from sim.calibrate.particles import Filter, Progress, living_weights
from sim.calibrate.prior import SEED
from sim.calibrate.weights import Weights
from sim.inputs.conflict import Conflict
from sim.montecarlo import default_workers
from sim.threads import threads

T = TypeVar("T")

PARTICLES = 32_768
MANY = 200_000
"""From so many particles on, the self-check is made at its full size."""


@dataclass(frozen=True)
class Size:
    """How much of each self-check is done: replicates, particles of each, and positions."""

    replicates: int
    particles: int
    positions: int


REDUCED, FULL = Size(50, 4096, 50), Size(200, 8192, 400)


@dataclass(frozen=True)
class Check:
    """The results of all checks of the calibration of a day; each is of a module of this room."""

    as_of: date
    particles: int
    seed: int
    weights: Weights
    filter: SelfCheck
    positions: SelfCheck
    scores: tuple[Score, ...]
    totals: tuple[Total, ...]
    learned: tuple[Learned, ...]
    ridges: tuple[Ridge, ...]
    repeats: tuple[Repeats, ...]
    holding: tuple[SurvivalCheck, ...]
    rates: tuple[VariantOdds, ...]
    structures: tuple[Structure, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as one document of plain data."""
        parts = ("scores", "totals", "learned", "ridges", "holding", "rates", "structures")
        lists = {name: [dataclasses.asdict(one) for one in getattr(self, name)] for name in parts}
        lists["repeats"] = [one.as_dict() for one in self.repeats]
        return {
            "schema": "truce/check/1",
            "as_of": self.as_of.isoformat(),
            "particles": self.particles,
            "seed": self.seed,
            "effective_size": self.weights.effective,
            "k": self.weights.k,
            "log_evidence": self.weights.log_evidence,
            "filter": self.filter.as_dict(),
            "positions": self.positions.as_dict(),
            **lists,
        }


class _Steps:
    """Counts the steps that are done, and reports their number and the total."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def step(self, result: T) -> T:
        """Count one step and return its result."""
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total)
        return result


def check(
    as_of: date,
    particles: int = PARTICLES,
    seed: int = SEED,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    size: Size | None = None,
    conflict: Conflict | None = None,
) -> Check:
    """Check the calibration of a day.

    Parameters
    ----------
    particles
        Weighed on the record; half as many on each variant.
    size
        Of the self-checks; by the number of particles if None.
    conflict
        Whose calibration; of the shipped one if None.

    Raises
    ------
    EvidenceError, CalibrationError
        If the evidence cannot be used, or if no particle survives the record.
    """
    particle_filter = filter_of(as_of, seed, conflict)
    size = size or (FULL if particles >= MANY else REDUCED)
    steps = _Steps(size.replicates + len(STRUCTURES) + len(RATES) + 5, progress)
    with threads(workers or default_workers()) as executor:
        return _checked(particle_filter, particles, size, steps, executor)


def _checked(
    particle_filter: Filter, particles: int, size: Size, steps: _Steps, executor: Executor
) -> Check:
    weighed = steps.step(particle_filter.weigh(particles, executor))
    weights = living_weights(weighed, particle_filter.record)
    found = scores(particle_filter.record, weighed)
    moved, ridges = learned(particle_filter, weights)

    def one_more(done: int, total: int) -> None:
        steps.step(None)

    conflict = particle_filter.record.conflict
    return Check(
        particle_filter.record.as_of,
        particles,
        particle_filter.seed,
        weights,
        check_filter(particle_filter, size.replicates, size.particles, executor, one_more),
        steps.step(check_positions(size.positions, particle_filter.seed, conflict)),
        found,
        totals(found),
        moved,
        ridges,
        steps.step(repeats(particle_filter, weights, executor)),
        steps.step(holding(executor, conflict)),
        tuple(map(steps.step, variant_odds(particle_filter, RATES, particles, executor))),
        tuple(map(steps.step, structures(particle_filter, weights, particles // 2, executor))),
    )
