"""Through the record step by step: from the prior to the posterior of a record of any length.

The chance of the whole record leaves too few particles of the prior. So they are weighed by a
stretch of days, as long as leaves half of them effective; resampled; and moved (`moves`), with the
record so far as target; then by the next stretch. Where one day alone would leave fewer, its chance
is counted as a growing exponent first. A particle keeps the weight that was computed for it, so
that at the end of the record the target is the posterior itself, luck included.

Early steps run few days, and a record that has grown costs what its new days cost, times its
length.

Sources: Chopin 2002, 'A sequential particle filter method for static models'; Del Moral, Doucet and
Jasra 2006, 'Sequential Monte Carlo samplers'.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.guide import Guide, scores_of
from sim.calibrate.lineages import evidence_error, worst_effective
from sim.calibrate.moves import ParticleSet, chance_at, day_before, move, together
from sim.calibrate.observations import stretches_of
from sim.calibrate.particles import BLOCK_PARTICLES, Filter, Lives, living_weights, stream
from sim.calibrate.weights import Weights, resample, weights_of
from sim.engine.dtypes import Floats, Ints
from sim.threads import in_order

MOVED = 65_536
"""Particles that are moved, if no number is given."""
MOVES = 4
"""Moves of each particle after each stretch."""
AHEAD = 60
"""The longest stretch, in days."""
STREAMS = 2**40
"""The first stream of the moves; the prior's blocks count from 0."""
RESAMPLINGS = 2**62
"""The first stream of the resamplings, one for each stretch."""
Progress = Callable[[int, int], None]


class Tempered(NamedTuple):
    """Particles of the posterior, all of one weight.

    Attributes
    ----------
    members, ends
        The members that they are, and their states on the last evening.
    weights
        Equal weights. ``effective`` is that of the worst quantity (`lineages.worst_effective`);
        ``k`` is the largest of any step.
    notes
        How they were moved, as the manifest has it.
    """

    particles: ParticleSet
    members: NDArray[np.void]
    ends: NDArray[np.void]
    weights: Weights
    notes: dict[str, Any]


# ------------------------------------------------------------------ how far to go


def powers(log_weights: Floats) -> Floats:
    """Return weights, the largest as 1."""
    return np.asarray(np.exp(log_weights - log_weights.max()))


def effective(weights: Floats | Ints) -> float:
    """Return the number of equal weights that would be worth as much."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def next_place(so_far: Floats, now: Floats, place: float, furthest: float) -> float:
    """Return the furthest place in the record that leaves half of the particles effective.

    Of those that die on the next day none is counted, so that there is always a way on.

    Parameters
    ----------
    so_far
        By particle and day, see `moves.chance_at`.
    now
        Log weights at the present place.
    furthest
        The place beyond which not to go.
    """
    tomorrow = chance_at(so_far, math.floor(place) + 1.0)
    wanted = np.isfinite(tomorrow).sum() / 2

    def enough(there: float) -> bool:
        step = chance_at(so_far, there) - now
        return bool(np.isfinite(step).any()) and effective(powers(step)) >= wanted

    low, high = place, math.floor(place) + 1.0
    while enough(high):
        if high >= furthest:
            return furthest
        low, high = high, high + 1.0
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


# ------------------------------------------------------------------ the way


@dataclass
class Steps:
    """What is told of the steps: places reached, moves accepted, log evidence, the worst k."""

    places: list[float] = field(default_factory=list)
    taken: list[float] = field(default_factory=list)
    log_evidence: float = 0.0
    k: float = -math.inf

    def weighed(self, step: Floats, place: float) -> None:
        """Note a step that weighs particles of equal weight."""
        self.places.append(place)
        self.log_evidence += float(step.max() + np.log(powers(step).mean()))
        self.k = max(self.k, weights_of(step).k)


@runtime_checkable
class Keeper(Protocol):
    """What a filter has that keeps the way, so that it goes on after a stop (`sim.unfinished`)."""

    def way(self, count: int) -> tuple[ParticleSet, Steps] | None:
        """Return where so many particles were when they were last kept, if they were."""

    def keep_way(self, current: ParticleSet, steps: Steps) -> None:
        """Keep where particles are after a step."""


def temper(
    particle_filter: Filter,
    count: int,
    executor: Executor,
    progress: Progress | None = None,
) -> Tempered:
    """Move particles of the prior to the posterior, in as many steps as it takes.

    Parameters
    ----------
    count
        How many.
    progress
        Called with the days of the record that are behind, and how many there are.

    Raises
    ------
    CalibrationError
        If no particle survives a day; the message names it.
    """
    record = particle_filter.record
    keeper = particle_filter if isinstance(particle_filter, Keeper) else None
    kept = keeper.way(count) if keeper else None
    current, steps = kept or (_first(particle_filter, count, executor), Steps())
    end, place = record.days + 1.0, steps.places[-1] if steps.places else 0.0
    while place < end:
        furthest = min(end, math.floor(place) + AHEAD)
        so_far = _ahead(particle_filter, current, day_before(furthest), executor)
        if not np.isfinite(chance_at(so_far, math.floor(place) + 1.0)).any():
            some = current.taken(slice(0, BLOCK_PARTICLES))
            living_weights(_lives(particle_filter, some, math.floor(place)).particles, record)
        place = next_place(so_far, current.log_weights, place, furthest)
        log_weights = chance_at(so_far, place)
        step = log_weights - current.log_weights
        rng = stream(particle_filter.seed, RESAMPLINGS + len(steps.places))
        parents = resample(powers(step) / powers(step).sum(), count, rng)
        current = current._replace(log_weights=log_weights).taken(parents)
        first = STREAMS + 2 * MOVES * -(-count // BLOCK_PARTICLES) * len(steps.places)
        steps.weighed(step, place)
        current, share = _moves(particle_filter, current, place, first, executor)
        steps.taken.append(share)
        if keeper:
            keeper.keep_way(current, steps)
        if progress:
            progress(day_before(place), record.days)
    members, ends = _ends(particle_filter, current, executor)
    size, quantity = worst_effective(current, ends)
    found = Weights(np.full(count, 1.0 / count), size, steps.k, steps.log_evidence)
    notes = {
        "particles": count,
        "moves": MOVES,
        "days": [round(place - 1.0, 2) for place in steps.places],
        "moves_taken": [round(share, 3) for share in steps.taken],
        "least_known": quantity,
        "log_evidence_error": round(evidence_error(current.ancestors), 3),
    }
    return Tempered(current, members, ends, found, notes)


def _first(particle_filter: Filter, count: int, executor: Executor) -> ParticleSet:
    """Draw the first particles of the prior."""
    stretches = stretches_of(particle_filter.record.days)

    def some(block: int) -> ParticleSet:
        inside = np.arange(min(BLOCK_PARTICLES, count - block * BLOCK_PARTICLES))
        drawn = particle_filter.numbers(block)
        particles = block * BLOCK_PARTICLES + inside
        luck = np.repeat(particles[:, None], stretches, axis=1)
        numbers = {name: values[inside] for name, values in drawn.items()}
        return ParticleSet(numbers, luck, np.zeros(len(inside)), particles)

    tasks = [(block,) for block in range(-(-count // BLOCK_PARTICLES))]
    return together(list(in_order(executor, some, tasks)))


def _ahead(particle_filter: Filter, current: ParticleSet, last: int, executor: Executor) -> Floats:
    """Run particles from the beginning to a day; return their log chances by day."""

    def one(part: ParticleSet) -> Floats:
        return _lives(particle_filter, part, last).so_far[:, : last + 1]

    tasks = [(part,) for part in current.parts(BLOCK_PARTICLES)]
    return np.concatenate(list(in_order(executor, one, tasks)))


def _lives(particle_filter: Filter, part: ParticleSet, last: int) -> Lives:
    return particle_filter.lives(particle_filter.made(part.numbers), part.luck, last)


def _moves(
    particle_filter: Filter, current: ParticleSet, place: float, first: int, executor: Executor
) -> tuple[ParticleSet, float]:
    """Move all particles `MOVES` times; return them, and the share of moves accepted."""
    guide = Guide.of(scores_of(particle_filter, current.numbers))

    def some(part: ParticleSet, number: int) -> tuple[ParticleSet, int]:
        taken = 0
        for n in range(MOVES):
            part, goes = move(particle_filter, guide, part, place, number + 2 * n)
            taken += goes
        return part, taken

    parts = current.parts(BLOCK_PARTICLES)
    tasks = [(part, first + 2 * MOVES * n) for n, part in enumerate(parts)]
    moved = list(in_order(executor, some, tasks))
    share = sum(goes for _, goes in moved) / (MOVES * len(current.log_weights))
    return together([part for part, _ in moved]), share


def _ends(
    particle_filter: Filter, current: ParticleSet, executor: Executor
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Run particles through the record again; return members, and their states at its end."""

    def again(some: ParticleSet) -> tuple[NDArray[np.void], NDArray[np.void]]:
        made = particle_filter.made(some.numbers)
        return made[0], particle_filter.lives(made, some.luck, particle_filter.record.days).ends

    tasks = [(part,) for part in current.parts(BLOCK_PARTICLES // 4)]
    made = list(in_order(executor, again, tasks))
    return np.concatenate([one for one, _ in made]), np.concatenate([end for _, end in made])
