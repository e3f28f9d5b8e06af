"""The posterior of a day: particles are weighed until they are enough, resampled and stored."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import tempering as temper
from sim.calibrate.particles import Filter, Progress, living_weights, stream
from sim.calibrate.prior import SEED, check_as_of
from sim.calibrate.record import check_actions, record_of
from sim.calibrate.weights import Weights, resample
from sim.engine.dtypes import Ints
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import ENOUGH, LONGEST_TAIL, MEMBERS, Ensemble, save_ensemble
from sim.montecarlo import default_workers
from sim.threads import threads

PARTICLES = 500_000
MOST_PARTICLES = 2_000_000
"""The most particles that are weighed, if no number is given, before they are moved instead; they
take 3 GB, and far less where only their weights are kept (`sim.unfinished`)."""
PROBE = 65_536
"""So many are weighed first, if no number is given: where they say that even the most would be far
from enough, no more are weighed."""
RESAMPLING = 2**63
"""The stream from which the resampling draws."""
Note = Callable[[str], None]
"""Called with a sentence for the user."""


def filter_of(as_of: date, seed: int = SEED, conflict: Conflict | None = None) -> Filter:
    """Return the filter of a day, of what was public on it.

    Parameters
    ----------
    seed
        Of the draws and of the luck.
    conflict
        Whose record and evidence they are; the shipped one if None.

    Raises
    ------
    EvidenceError, CalibrationError
        If the evidence or the record cannot be used, or the day is outside the record.
    """
    conflict = conflict or shipped()
    check_as_of(as_of, conflict)
    check_actions(load_evidence(conflict=conflict))
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    return Filter.of(evidence, record_of(evidence, as_of), seed)


@dataclass(frozen=True)
class Fit:
    """The particles of a filter, weighed and resampled.

    Attributes
    ----------
    weights
        By particle, of those that were resampled.
    parents
        The particle behind each member, by number.
    members, starts
        Records of the resampled members, with the states in which the record left them.
    particles
        How many of the prior were weighed, or moved.
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
        """How far the members can be trusted, as it stands in the manifest."""
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
    particle_filter: Filter,
    particles: int,
    executor: Executor,
    progress: Progress | None = None,
    *,
    most: int = 0,
    tempered: bool = False,
    note: Note = lambda text: None,
) -> Fit:
    """Weigh particles by a record and resample them, or move them; nothing is written.

    Parameters
    ----------
    particles
        How many of the prior to begin with, or to move.
    most
        If those are not enough, their number is doubled up to this one, each particle run once;
        then `tempering.MOVED` are moved (`sim.calibrate.tempering`), and so they are at once where
        that many would not be nearly enough. With 0 neither is done.
    tempered
        Whether particles are moved in any case.
    note
        Called with a sentence when more is done than was asked for.

    Raises
    ------
    CalibrationError
        If no particle survives the record; the message names the event that none survived.
    """
    if tempered:
        return _moved(particle_filter, particles, executor, progress)
    count = min(particles, PROBE) if most else particles
    weighed = particle_filter.weigh(count, executor, progress)
    weights = living_weights(weighed, particle_filter.record)
    if not most or 2 * weights.effective * most / count >= ENOUGH:
        while count < particles or (not is_enough(weights) and count < most):
            if count >= particles:
                particles = min(2 * particles, most)
                note(f"{_short(weights)}: {particles:,} pasts are taken instead.")
            weighed = particle_filter.weigh(particles, executor, progress, weighed)
            weights = living_weights(weighed, particle_filter.record)
            count = particles
    if most and not is_enough(weights):
        note(f"{_short(weights)}: {temper.MOVED:,} pasts are moved instead.")
        return _moved(particle_filter, temper.MOVED, executor, progress)
    parents = resample(weights.values, MEMBERS, stream(particle_filter.seed, RESAMPLING))
    return Fit(weights, parents, *particle_filter.members(parents, executor), count)


def _moved(
    particle_filter: Filter, particles: int, executor: Executor, progress: Progress | None
) -> Fit:
    moved = temper.temper(particle_filter, particles, executor, progress)
    rng = stream(particle_filter.seed, RESAMPLING)
    chosen = resample(moved.weights.values, MEMBERS, rng)
    _, parents = np.unique(moved.particles.log_weights, return_inverse=True)
    made = (moved.members[chosen], moved.ends[chosen])
    return Fit(moved.weights, parents[chosen], *made, particles, moved.notes)


def _short(weights: Weights) -> str:
    return f"Effective size {weights.effective:,.0f}, k {weights.k:.2f}"


def posterior_in_memory(
    particle_filter: Filter, particles: int, executor: Executor
) -> tuple[Ensemble, Weights]:
    """Condition the prior on the record of a filter, and write nothing.

    The numbers are those of `make_posterior`, but for the rounding of its file to 32 bits.

    Raises
    ------
    CalibrationError
        If no particle survives the record.
    """
    found = condition(particle_filter, particles, executor)
    as_of = particle_filter.record.as_of
    name = f"posterior-{as_of}-of-{particles}"
    notes = {"seed": particle_filter.seed, **found.notes}
    ensemble = Ensemble(name, "posterior", as_of, found.members, found.starts, notes)
    return ensemble, found.weights


def make_posterior(
    particle_filter: Filter,
    particles: int | None = None,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    *,
    tempered: bool = False,
    note: Note = lambda text: None,
) -> Ensemble:
    """Condition the prior on the record of a filter, and store the ensemble.

    Nothing is overwritten before the new ensemble is whole.

    Parameters
    ----------
    particle_filter
        From `filter_of`; of a view by `Filter.seen_by`.
    particles
        How many of the prior; if None as many as it takes, from 500,000, then moves.
    workers
        Threads; all processors if None. The result does not depend on it.
    folder
        Where to; the folder of ensembles of the record's conflict if None.
    tempered, note
        As for `condition`.

    Raises
    ------
    CalibrationError
        If no particle survives the record, or the folder cannot be written.
    """
    record, seed, view = particle_filter.record, particle_filter.seed, particle_filter.view
    most = 0 if particles else MOST_PARTICLES
    particles = particles or (temper.MOVED if tempered else PARTICLES)
    with threads(workers or default_workers()) as executor:
        found = condition(particle_filter, particles, executor, progress,
                          most=most, tempered=tempered, note=note)  # fmt: skip
    command = f"{record.conflict.truce} calibrate --as-of {record.as_of} "
    command += f"{view.option} " if view else ""
    command += f"--particles {found.particles} --seed {seed}"
    notes = {
        "seed": seed,
        "statements": sum(cell.rows for cell in particle_filter.positions.cells.values()),
        "events": [event.id for event in record.events],
        **found.notes,
        "command": command + (" --temper" if found.tempering else ""),
    }
    target = folder or record.conflict.ensembles
    made = (found.members, found.starts)
    return save_ensemble(target, "posterior", record.as_of, made, notes, record.conflict, view)
