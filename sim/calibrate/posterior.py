"""From the prior to the posterior: particles live through the record and are weighed by it.

A particle is a member (parameters, types, state) with its luck. Particles are drawn in blocks,
each from a stream of its own, so that the result depends on no worker and memory stays flat; those
that are chosen are drawn again and keep the state in which the record left them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.evidence import Evidence, load_evidence
from sim.calibrate.history import Record, check_actions, record_of
from sim.calibrate.positions import Positions, draw, draw_logits, measure
from sim.calibrate.prior import (
    SEED,
    check_as_of,
    draw_value,
    draw_values,
    members_from,
    starts_from,
)
from sim.domain import START
from sim.ensemble import MEMBERS, Ensemble, save_ensemble
from sim.errors import CalibrationError
from sim.montecarlo import default_workers
from sim.paths import data_dir
from sim.records import Floats, Ints

T = TypeVar("T")

BLOCK_PARTICLES = 4096
PARTICLES = 500_000
RESAMPLING = 2**63
"""The stream from which the resampling draws; blocks count from 0."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Particles:
    """What the record says of each particle.

    Attributes
    ----------
    told
        Log of the chance that a particle's rules gave to each action, by particle and action.
    silent, excluded
        The same of what was not told, by particle and day: that the mediator stayed, no pause was
        declared and a partial truce lasted; that no full truce was agreed.
    """

    told: Floats
    silent: Floats
    excluded: Floats

    @property
    def log_weights(self) -> Floats:
        """Log weight of each particle, before any smoothing."""
        parts = (self.told, self.silent, self.excluded)
        return np.asarray(sum(part.sum(axis=1, dtype=float) for part in parts))


def joined(blocks: Sequence[Particles]) -> Particles:
    """Put blocks of particles together."""
    names = ("told", "silent", "excluded")
    return Particles(
        *(np.concatenate([getattr(block, name) for block in blocks]) for name in names)
    )


@dataclass(frozen=True)
class Filter:
    """Draws particles and lets them live through a record.

    Attributes
    ----------
    seed
        The seed of draws and luck.
    rate_factor
        Of the rate of rounds that nobody told of, to see how far the result leans on it.
    values
        Parameters by name that are held at one number in place of their priors.
    spread
        By which the sd of every prior is multiplied.
    """

    positions: Positions
    record: Record
    seed: int
    rate_factor: float = 1.0
    values: dict[str, float] = field(default_factory=dict)
    spread: float = 1.0

    @classmethod
    def of(cls, evidence: Evidence, record: Record, seed: int) -> Filter:
        """Return the filter that a body of evidence and a record ask for."""
        return cls(measure(evidence), record, seed)

    def draw(self, block: int) -> tuple[NDArray[np.void], NDArray[np.void], Floats]:
        """Draw a block of members with their states, and the rate of rounds in the record.

        The record's silent rounds are ours, nobody told of them: they have a rate of their own
        from the same prior, so that they teach nothing about the rate of the days to come.
        """
        rng = stream(self.seed, block)
        values = self._parameters(rng)
        drawn = draw(self.positions, BLOCK_PARTICLES, rng)
        places = {"ideal": drawn.ideal, "red_line": drawn.line, "weight": drawn.weight}
        rate = draw_value("round_rate", BLOCK_PARTICLES, rng, self.spread)
        return members_from(values, places), starts_from(values), rate * self.rate_factor

    def logits(self, block: int) -> tuple[Floats, Floats]:
        """Return the logits behind the positions of a block: see `positions.draw_logits`."""
        rng = stream(self.seed, block)
        self._parameters(rng)
        return draw_logits(self.positions, BLOCK_PARTICLES, rng)

    def parameters(self, block: int) -> dict[str, Floats]:
        """Return the parameters by name of a block that `draw` makes members of."""
        return self._parameters(stream(self.seed, block))

    def _parameters(self, rng: np.random.Generator) -> dict[str, Floats]:
        values = draw_values(BLOCK_PARTICLES, rng, self.spread)
        for name, value in self.values.items():
            values[name] = np.full(BLOCK_PARTICLES, value)
        return values

    def live(
        self, members: NDArray[np.void], starts: NDArray[np.void], rate: Floats, particles: Ints
    ) -> tuple[Particles, NDArray[np.void]]:
        """Let particles live through the record.

        Returns
        -------
        particles
            What the record says of each.
        ends
            Their states on the as-of day.
        """
        from sim.calibrate.filter import relive_block
        from sim.calibrate.observed import SEEN, new_notes
        from sim.world import new_scratch

        record = self.record
        actions = len(record.actions)
        living = members.copy()
        living["round_rate"] = rate
        told = np.zeros((len(members), actions))
        silent = np.zeros((len(members), record.days + 1))
        excluded = np.zeros_like(silent)
        ends = np.zeros(len(members), START)
        relive_block(
            self.seed,
            record.days,
            living,
            starts,
            record.policies,
            record.segment_of_day,
            record.calendar,
            new_scratch(),
            np.zeros(1, SEEN),
            record.actions,
            new_notes(actions, record.days),
            particles,
            told,
            silent,
            excluded,
            ends,
        )
        return Particles(told, silent, excluded), ends

    def block(self, number: int, count: int) -> Particles:
        """Weigh the first ``count`` particles of a block."""
        members, starts, rate = self.draw(number)
        numbers = np.arange(count) + number * BLOCK_PARTICLES
        weighed, _ = self.live(members[:count], starts[:count], rate[:count], numbers)
        parts = (weighed.told, weighed.silent, weighed.excluded)
        return Particles(*(part.astype("f4") for part in parts))

    def weigh(
        self, particles: int, executor: Executor, progress: Progress | None = None
    ) -> Particles:
        """Draw and weigh particles, a block at a time."""
        blocks = []
        done = 0
        for block in in_order(executor, self.block, _blocks(particles)):
            blocks.append(block)
            done += len(block.told)
            if progress:
                progress(done, particles)
        return joined(blocks)

    def again(self, number: int, inside: Ints) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Draw some particles of a block again, with the states in which the record left them."""
        members, starts, rate = self.draw(number)
        numbers = inside + number * BLOCK_PARTICLES
        _, ends = self.live(members[inside], starts[inside], rate[inside], numbers)
        return members[inside], ends

    def members(
        self, chosen: Ints, executor: Executor
    ) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return the chosen particles as members with states, in the order given."""
        order = np.argsort(chosen, kind="stable")
        blocks, starts = np.unique(chosen[order] // BLOCK_PARTICLES, return_index=True)
        inside = np.split(chosen[order] % BLOCK_PARTICLES, starts[1:])
        tasks = list(zip(blocks.tolist(), inside, strict=True))
        made = list(in_order(executor, self.again, tasks))
        members = np.concatenate([one for one, _ in made])
        ends = np.concatenate([end for _, end in made])
        back = np.argsort(order, kind="stable")
        return members[back], ends[back]


def stream(seed: int, number: int) -> np.random.Generator:
    """A stream of random numbers of its own for each block."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, number], np.uint64)))


# ------------------------------------------------------------------ weights


@dataclass(frozen=True)
class Weights:
    """Normalised weights of particles, their largest ones smoothed.

    Attributes
    ----------
    values
        By particle, summing to 1.
    effective
        The number of equal weights that would be worth as much.
    k
        Shape of the tail of the raw weights; above .7 no average over them can be trusted, above
        .5 its error is understated (Vehtari et al. 2024, 'Pareto smoothed importance sampling').
    log_evidence
        Log of the mean raw weight: the chance of the record under the prior.
    """

    values: Floats
    effective: float
    k: float
    log_evidence: float


def weights_of(log_weights: Floats) -> Weights:
    """Smooth and normalise log weights, of which at least one is finite.

    Raises
    ------
    CalibrationError
        If the package that smooths them is not installed.
    """
    try:
        from arviz_stats.base.array import array_stats
    except ImportError:
        what = "needs the package arviz-stats, which is not installed."
        todo = 'Install it: pip install "truce-sim[calibrate]", or make install.'
        raise CalibrationError("truce calibrate", what, todo) from None
    raw = np.asarray(log_weights, float)
    top = raw.max()
    log_evidence = top + np.log(np.exp(raw - top).mean())
    living = np.maximum(raw - top, -700.0)  # those that died weigh nothing in 64 bits
    smooth: Any = array_stats.psislw
    smoothed, k = smooth(-living)  # it expects log likelihoods of what is left out
    values = np.exp(smoothed - smoothed.max())
    values[np.isneginf(raw)] = 0.0
    values /= values.sum()
    return Weights(values, float(1.0 / (values**2).sum()), float(k), float(log_evidence))


def resample(weights: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Choose particles by their weights, systematically, in an order that tells nothing."""
    points = (np.arange(count) + rng.random()) / count
    ends = np.cumsum(weights)
    chosen = np.searchsorted(ends / ends[-1], points, side="right")
    return np.asarray(rng.permutation(np.minimum(chosen, len(weights) - 1)), np.int64)


def first_death(particles: Particles, record: Record) -> str:
    """Say at what all particles died: the first event, or the first day of silence."""
    daily = particles.silent + particles.excluded
    alive = np.ones(len(daily), bool)
    for day in range(record.days + 1):
        for n, action in enumerate(record.actions):
            if action["last_day"] == day:
                alive &= np.isfinite(particles.told[:, n])
                if not alive.any():
                    event = record.events[n]
                    return f"event {event.id} ({event.date_from}, {event.event})"
        alive &= np.isfinite(daily[:, day])
        if not alive.any():
            return f"the day {record.day(day)}, on which nothing was told"
    return "nothing"


# ------------------------------------------------------------------ the posterior of a day


@dataclass(frozen=True)
class Conditioned:
    """A filter's particles, weighed and resampled.

    Attributes
    ----------
    weights
        By particle.
    parents
        The particle behind each member.
    members, starts
        Records of the resampled members, with the states in which the record left them.
    """

    weights: Weights
    parents: Ints
    members: NDArray[np.void]
    starts: NDArray[np.void]

    @property
    def notes(self) -> dict[str, Any]:
        """How far the members can be trusted, as the manifest has it."""
        weights = self.weights
        return {
            "effective_size": round(weights.effective, 1),
            "k": round(weights.k, 3),
            "log_evidence": round(weights.log_evidence, 3),
            "distinct_parents": len(np.unique(self.parents)),
        }


def condition(
    chosen: Filter, particles: int, executor: Executor, progress: Progress | None = None
) -> Conditioned:
    """Weigh particles by a record and resample them; nothing is written.

    Raises
    ------
    CalibrationError
        If no particle lives through the record; the message names what all died of.
    """
    weighed = chosen.weigh(particles, executor, progress)
    weights = living_weights(weighed, chosen.record)
    rng = stream(chosen.seed, RESAMPLING)
    parents = resample(weights.values, MEMBERS, rng)
    return Conditioned(weights, parents, *chosen.members(parents, executor))


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
    notes = {"seed": seed, "particles": particles, **found.notes}
    name = f"posterior-{as_of}-of-{particles}"
    ensemble = Ensemble(name, "posterior", as_of, found.members, found.starts, notes)
    return ensemble, found.weights


def make_posterior(
    as_of: date,
    particles: int = PARTICLES,
    seed: int = SEED,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Ensemble:
    """Condition the prior on the record up to a day, and store the ensemble.

    Nothing is overwritten before the new ensemble is whole.

    Raises
    ------
    EvidenceError, CalibrationError
        If the evidence cannot be used, or if no particle lives through the record.
    """
    check_as_of(as_of)
    check_actions(load_evidence())
    evidence = load_evidence(as_of=as_of)
    record = record_of(evidence, as_of)
    with ThreadPoolExecutor(workers or default_workers()) as executor:
        found = condition(Filter.of(evidence, record, seed), particles, executor, progress)
    notes = {
        "seed": seed,
        "statements": len(evidence.statements),
        "events": [event.id for event in record.events],
        "particles": particles,
        **found.notes,
        "command": f"truce calibrate --as-of {as_of} --particles {particles} --seed {seed}",
    }
    target = folder or data_dir("calibration") / "ensembles"
    return save_ensemble(target, "posterior", as_of, (found.members, found.starts), notes)


def living_weights(particles: Particles, record: Record) -> Weights:
    """Smooth and normalise the weights of particles, some of which must have lived.

    Raises
    ------
    CalibrationError
        If none has, naming the event or the day of which the last ones died.
    """
    log_weights = particles.log_weights
    if not np.isfinite(log_weights).any():
        where = f"record to {record.as_of}"
        what = f"has probability zero: no particle lives through {first_death(particles, record)}."
        raise CalibrationError(where, what, "Correct that row, or widen the priors that forbid it.")
    return weights_of(log_weights)


def _blocks(particles: int) -> list[tuple[int, int]]:
    firsts = range(0, particles, BLOCK_PARTICLES)
    return [(n, min(BLOCK_PARTICLES, particles - first)) for n, first in enumerate(firsts)]


def in_order(
    executor: Executor, work: Callable[..., T], tasks: Sequence[tuple[Any, ...]]
) -> Iterator[T]:
    """Do work side by side and give what comes of it in the order of the tasks."""
    futures = [executor.submit(work, *task) for task in tasks]
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()
