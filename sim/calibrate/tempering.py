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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.lineages import evidence_error, worst_effective
from sim.calibrate.moves import Guide, ParticleSet, chance_at, move, scores_of, together
from sim.calibrate.observations import stretches_of
from sim.calibrate.particles import (
    BLOCK_PARTICLES,
    Filter,
    Weights,
    in_order,
    resample,
    stream,
    weights_of,
)
from sim.engine.dtypes import Floats, Ints

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


def next_place(so_far: Floats, now: Floats, where: float, furthest: float) -> float:
    """Return the furthest place in the record that leaves half of the particles effective.

    Parameters
    ----------
    so_far
        By particle and day, see `moves.chance_at`.
    now
        Log weights at the place ``where``.
    furthest
        The place beyond which not to go.
    """
    tomorrow = chance_at(so_far, math.floor(where) + 1.0)
    wanted = np.isfinite(tomorrow).sum() / 2

    def enough(place: float) -> bool:
        return effective(powers(chance_at(so_far, place) - now)) >= wanted

    if enough(furthest):
        return furthest
    low, high = where, furthest
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if enough(middle) else (low, middle)
    return low


# ------------------------------------------------------------------ the way


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
    """
    days = particle_filter.record.days
    current = _first(particle_filter, count, executor)
    number, where, log_evidence, worst = STREAMS, 0.0, 0.0, -np.inf
    steps: list[tuple[float, float]] = []
    while where < days + 1:
        furthest = min(days + 1.0, math.floor(where) + AHEAD)
        so_far = _ahead(particle_filter, current, int(furthest) - 1, executor)
        where = next_place(so_far, current.log_weights, where, furthest)
        chance = chance_at(so_far, where)
        step = chance - current.log_weights
        log_evidence += step.max() + np.log(powers(step).mean())
        worst = max(worst, weights_of(step).k)
        rng = stream(particle_filter.seed, RESAMPLINGS + len(steps))
        weights = powers(step)
        parents = resample(weights / weights.sum(), count, rng)
        current = current._replace(log_weights=chance).taken(parents)
        current, told = _moves(particle_filter, current, where, number, executor)
        number += 2 * MOVES * -(-count // BLOCK_PARTICLES)
        steps.append((round(where - 1.0, 3), round(told[1].sum() / told[0].sum(), 3)))
        if progress:
            progress(min(days, max(0, int(where) - 1)), days)
    members, ends = _ends(particle_filter, current, executor)
    size, quantity = worst_effective(current, ends)
    equal = np.full(count, 1.0 / count)
    found = Weights(equal, size, float(worst), float(log_evidence))
    notes = {
        "particles": count,
        "moves": MOVES,
        "days": [day for day, _ in steps],
        "moves_taken": [share for _, share in steps],
        "worst_quantity": quantity,
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
        some = {name: values[inside] for name, values in drawn.items()}
        return ParticleSet(some, luck, np.zeros(len(inside)), particles)

    tasks = [(block,) for block in range(-(-count // BLOCK_PARTICLES))]
    return together(list(in_order(executor, some, tasks)))


def _parts(current: ParticleSet, size: int = BLOCK_PARTICLES) -> list[ParticleSet]:
    count = len(current.log_weights)
    return [current.taken(slice(first, first + size)) for first in range(0, count, size)]


def _ahead(
    particle_filter: Filter, current: ParticleSet, last: int, executor: Executor
) -> Floats:
    """Run particles from the beginning to a day; return their log chances by day."""

    def one(part: ParticleSet) -> Floats:
        made = particle_filter.made(part.numbers)
        return particle_filter.lives(made, part.luck, last).so_far[:, : last + 1]

    tasks = [(part,) for part in _parts(current)]
    return np.concatenate(list(in_order(executor, one, tasks)))


def _moves(
    particle_filter: Filter, current: ParticleSet, where: float, number: int, executor: Executor
) -> tuple[ParticleSet, NDArray[np.float64]]:
    """Move all particles `MOVES` times; return them, and moves made and accepted by kind."""

    def some(part: ParticleSet, first: int) -> tuple[ParticleSet, NDArray[np.float64]]:
        told = np.zeros((2, 3))
        for n in range(MOVES):
            part, one = move(particle_filter, guide, part, where, first + 2 * n)
            told += one
        return part, told

    guide = Guide.of(scores_of(particle_filter, current.numbers))
    parts = _parts(current)
    tasks = [(part, number + 2 * MOVES * n) for n, part in enumerate(parts)]
    moved = list(in_order(executor, some, tasks))
    return together([part for part, _ in moved]), np.sum([told for _, told in moved], axis=0)


def _ends(particle_filter: Filter, current: ParticleSet, executor: Executor) -> tuple[Any, Any]:
    """Run particles through the record again; return members, and their states at its end."""

    def again(some: ParticleSet) -> tuple[Any, Any]:
        made = particle_filter.made(some.numbers)
        return made[0], particle_filter.lives(made, some.luck, particle_filter.record.days).ends

    tasks = [(part,) for part in _parts(current, BLOCK_PARTICLES // 4)]
    made = list(in_order(executor, again, tasks))
    return np.concatenate([one for one, _ in made]), np.concatenate([end for _, end in made])
