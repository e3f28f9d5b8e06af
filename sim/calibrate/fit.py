"""The posterior of a day: particles weighed until they are enough, resampled, and stored."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import tempering as temper
from sim.calibrate.particles import Filter, Progress, Weights, living_weights, resample, stream
from sim.calibrate.prior import SEED, check_as_of
from sim.calibrate.record import check_actions, record_of
from sim.engine.dtypes import Ints
from sim.evidence.statements import load_evidence
from sim.inputs.ensemble import MEMBERS, Ensemble, save_ensemble
from sim.montecarlo import default_workers
from sim.paths import data_dir

PARTICLES = 500_000
MOST_PARTICLES = 2_000_000
"""So many, if nobody says how many, before particles are moved instead; they take 3 GB."""
RESAMPLING = 2**63
"""The stream from which the resampling draws."""
ENOUGH, LONGEST_TAIL = 5000, 0.5
"""The effective size and the k that are wanted."""
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Conditioned:
    """A filter's particles, weighed and resampled.

    Attributes
    ----------
    weights
        By particle, of those that were resampled.
    parents
        The particle behind each member.
    members, starts
        Records of the resampled members, with the states in which the record left them.
    particles
        How many of the prior were weighed.
    tempering
        How they were moved, if they were.
    """

    weights: Weights
    parents: Ints
    members: NDArray[np.void]
    starts: NDArray[np.void]
    particles: int
    tempering: dict[str, Any] | None = None

    @property
    def notes(self) -> dict[str, Any]:
        """How far the members can be trusted, as the manifest has it."""
        weights = self.weights
        return {
            "particles": self.particles,
            "tempering": self.tempering,
            "effective_size": round(weights.effective, 1),
            "k": round(weights.k, 3),
            "log_evidence": round(weights.log_evidence, 3),
            "distinct_parents": len(np.unique(self.parents)),
        }


def is_enough(weights: Weights) -> bool:
    """Whether averages over particles so weighed can be trusted."""
    return weights.effective >= ENOUGH and weights.k <= LONGEST_TAIL


def condition(
    chosen: Filter,
    particles: int,
    executor: Executor,
    progress: Progress | None = None,
    *,
    most: int = 0,
    tempered: bool = False,
    tell: Tell = lambda text: None,
) -> Conditioned:
    """Weigh particles by a record and resample them; nothing is written.

    Parameters
    ----------
    particles
        How many of the prior to begin with.
    most
        If those are not enough, twice as many are taken, up to so many, each run once; then they
        are moved (`sim.calibrate.tempering`). With 0 they are what they are.
    tempered
        Move them in any case.
    tell
        Called with a sentence when more is done than was asked for.

    Raises
    ------
    CalibrationError
        If no particle lives through the record; the message names what all died of.
    """
    weighed = chosen.weigh(particles, executor, progress)
    weights = living_weights(weighed, chosen.record)
    while not tempered and not is_enough(weights) and particles < most:
        particles = min(2 * particles, most)
        tell(f"{_short(weights)}: {particles:,} pasts are taken instead.")
        weighed = chosen.weigh(particles, executor, progress, weighed)
        weights = living_weights(weighed, chosen.record)
    if most and not tempered and not is_enough(weights):
        tell(f"{_short(weights)}: {temper.SWARM:,} pasts are moved instead.")
        tempered = True
    rng = stream(chosen.seed, RESAMPLING)
    if tempered:
        moved = temper.temper(chosen, weighed.log_weights, executor, progress)
        swarm = moved.swarm.taken(resample(moved.weights.values, MEMBERS, rng))
        made = temper.ends(chosen, swarm, executor)
        return Conditioned(moved.weights, swarm.luck, *made, particles, moved.notes)
    parents = resample(weights.values, MEMBERS, rng)
    return Conditioned(weights, parents, *chosen.members(parents, executor), particles)


def _short(weights: Weights) -> str:
    return f"Effective size {weights.effective:,.0f}, k {weights.k:.2f}"


def posterior_in_memory(
    as_of: date, particles: int, executor: Executor, seed: int = SEED
) -> tuple[Ensemble, Weights]:
    """Condition the prior on what was known on a day, and write nothing.

    The numbers are those of `make_posterior`, but for the rounding of its file to 32 bits.

    Raises
    ------
    EvidenceError, CalibrationError
        As `make_posterior`.
    """
    check_as_of(as_of)
    evidence = load_evidence(as_of=as_of)
    record = record_of(evidence, as_of)
    found = condition(Filter.of(evidence, record, seed), particles, executor)
    name = f"posterior-{as_of}-of-{particles}"
    notes = {"seed": seed, **found.notes}
    ensemble = Ensemble(name, "posterior", as_of, found.members, found.starts, notes)
    return ensemble, found.weights


def make_posterior(
    as_of: date,
    particles: int | None = None,
    seed: int = SEED,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    tempered: bool = False,
    tell: Tell = lambda text: None,
) -> Ensemble:
    """Condition the prior on the record up to a day, and store the ensemble.

    Nothing is overwritten before the new ensemble is whole.

    Parameters
    ----------
    particles
        How many of the prior; if None as many as it takes, from 500,000, then moves.
    tempered, tell
        As for `condition`.

    Raises
    ------
    EvidenceError, CalibrationError
        If the evidence cannot be used, or if no particle lives through the record.
    """
    check_as_of(as_of)
    check_actions(load_evidence())
    evidence = load_evidence(as_of=as_of)
    record = record_of(evidence, as_of)
    chosen = Filter.of(evidence, record, seed)
    most = 0 if particles else MOST_PARTICLES
    with ThreadPoolExecutor(workers or default_workers()) as executor:
        found = condition(chosen, particles or PARTICLES, executor, progress,
                          most=most, tempered=tempered, tell=tell)  # fmt: skip
    command = f"truce calibrate --as-of {as_of} --particles {found.particles} --seed {seed}"
    notes = {
        "seed": seed,
        "statements": len(evidence.statements),
        "events": [event.id for event in record.events],
        **found.notes,
        "command": command + (" --temper" if found.tempering else ""),
    }
    target = folder or data_dir("calibration") / "ensembles"
    return save_ensemble(target, "posterior", as_of, (found.members, found.starts), notes)
