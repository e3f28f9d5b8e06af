"""Tempering: from the prior to the posterior in steps, where one step leaves too few particles.

The chance of the record is raised to exponents that grow from 0 to 1, each by as much as leaves
half of the particles effective. After each step the particles are resampled and moved. A move
draws some of a particle's numbers, and its luck, again from the prior and runs it through the whole
record. It is accepted with the chance ``min(1, (w' / w)^exponent)``. Such a proposal keeps the
prior, and a particle keeps the weight that was computed for it, so that at the exponent 1 the
target is the posterior itself, luck included.

Sources: Del Moral, Doucet and Jasra 2006, 'Sequential Monte Carlo samplers'; Andrieu and Roberts
2009, 'The pseudo-marginal approach for efficient Monte Carlo computations'.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np

from sim.calibrate.particles import (
    BLOCK_PARTICLES,
    Filter,
    Numbers,
    Weights,
    by_block,
    in_order,
    resample,
    stream,
    weights_of,
)
from sim.engine.dtypes import Floats, Ints

MOVED = 65_536
"""Particles that are moved."""
MOVES = 3
"""Moves of each particle at each exponent."""
SIZES = 5
"""A move draws a half of all numbers again, or a quarter, and so on; so many shares are likely."""
STREAMS = 2**40
"""The first stream of the moves; the prior's blocks count from 0."""
RESAMPLINGS = 2**62
"""The first stream of the resamplings, one for each exponent."""
Progress = Callable[[int, int], None]


class ParticleSet(NamedTuple):
    """Particles between the prior and the posterior.

    Attributes
    ----------
    numbers
        The numbers from which their members are made, by name.
    luck
        By particle, the number that is the address of its luck.
    log_weights
        By particle, the log of the chance that it gave to the record.
    ancestors
        By particle, the particle of the prior from which it descends.
    """

    numbers: Numbers
    luck: Ints
    log_weights: Floats
    ancestors: Ints

    def taken(self, which: Ints | slice) -> ParticleSet:
        """Return some of the particles."""
        some = {name: values[which] for name, values in self.numbers.items()}
        return ParticleSet(some, self.luck[which], self.log_weights[which], self.ancestors[which])


class Tempered(NamedTuple):
    """Particles of the posterior, all of one weight.

    Attributes
    ----------
    weights
        Equal weights. ``effective`` is that of the shares of common ancestors, as if moves did not
        set their descendants apart, which is on the careful side; ``k`` is the largest of any step.
    notes
        Exponents and the shares of moves accepted, as the manifest has them.
    """

    particles: ParticleSet
    weights: Weights
    notes: dict[str, Any]


def _joined(parts: list[ParticleSet]) -> ParticleSet:
    numbers = {
        name: np.concatenate([part.numbers[name] for part in parts]) for name in parts[0].numbers
    }
    others = (np.concatenate(column) for column in zip(*(part[1:] for part in parts), strict=True))
    return ParticleSet(numbers, *others)


# ------------------------------------------------------------------ exponents


def powers(log_weights: Floats, exponent: float) -> Floats:
    """Return weights to an exponent, the largest as 1."""
    return np.asarray(np.exp(exponent * (log_weights - log_weights.max())))


def effective(weights: Floats | Ints) -> float:
    """Return the number of equal weights that would be worth as much."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def next_exponent(log_weights: Floats, exponent: float, wanted: float) -> float:
    """Return the largest exponent up to 1 that leaves ``wanted`` particles effective."""
    low, high = 0.0, 1.0 - exponent
    if effective(powers(log_weights, high)) >= wanted:
        return 1.0
    for _ in range(40):
        middle = (low + high) / 2.0
        if effective(powers(log_weights, middle)) >= wanted:
            low = middle
        else:
            high = middle
    return exponent + low


# ------------------------------------------------------------------ moves


def drawn_anew(now: Numbers, fresh: Numbers, rng: np.random.Generator) -> Numbers:
    """Replace some numbers of each particle by fresh draws of the prior, each with one chance.

    What the prior draws together is replaced together: ideal and red line on an issue, and the
    issue weights of a side.
    """
    count = len(now["rate"])
    chance = 0.5 ** rng.integers(1, SIZES + 1, count)
    mixed = {}
    for name, old in now.items():
        if name != "red_line":  # it goes with the ideal, which stands before it
            apart = old.ndim if name != "weight" else 2
            shape = (*old.shape[:apart], *[1] * (old.ndim - apart))
            new = rng.random(shape) < chance.reshape(count, *[1] * (old.ndim - 1))
        mixed[name] = np.where(new, fresh[name][:count], old)
    return mixed


def move(
    particle_filter: Filter, now: ParticleSet, exponent: float, number: int
) -> tuple[ParticleSet, int]:
    """Move a block of particles once; return them, and how many moves were accepted.

    Parameters
    ----------
    number
        The stream from which fresh numbers and fresh luck are drawn, and nothing else.
    """
    count = len(now.luck)
    rng = stream(particle_filter.seed, number + 1)
    trial = drawn_anew(now.numbers, particle_filter.numbers(number), rng)
    luck = number * BLOCK_PARTICLES + np.arange(count)
    likelihood, _ = particle_filter.live(*particle_filter.made(trial), luck)
    taken = np.log(rng.random(count)) < exponent * (likelihood.log_weights - now.log_weights)
    both = _joined([now, ParticleSet(trial, luck, likelihood.log_weights, now.ancestors)])
    return both.taken(np.arange(count) + count * taken), int(taken.sum())


def temper(
    particle_filter: Filter,
    log_weights: Floats,
    executor: Executor,
    progress: Progress | None = None,
) -> Tempered:
    """Move particles of the prior to the posterior, in as many steps as it takes.

    Parameters
    ----------
    log_weights
        Of the first particles of the prior; at least one is finite.
    progress
        Called with the moves made at an exponent, and how many there are to make.
    """
    current = None
    number, exponent, log_evidence, worst = STREAMS, 0.0, 0.0, -np.inf
    exponents: list[float] = []
    shares: list[float] = []
    while exponent < 1.0:
        wanted = min(MOVED, int(np.isfinite(log_weights).sum())) / 2
        before, exponent = exponent, next_exponent(log_weights, exponent, wanted)
        step = exponent - before
        weights = powers(log_weights, step)
        log_evidence += step * log_weights.max() + np.log(weights.mean())
        worst = max(worst, weights_of(step * log_weights).k)
        rng = stream(particle_filter.seed, RESAMPLINGS + len(exponents))
        parents = resample(weights / weights.sum(), MOVED, rng)
        current = (
            current.taken(parents)
            if current is not None
            else _first(particle_filter, parents, log_weights, executor)
        )
        current, share = _moves(particle_filter, current, exponent, number, executor, progress)
        number += 2 * MOVES * -(-MOVED // BLOCK_PARTICLES)
        log_weights = current.log_weights
        exponents.append(round(exponent, 4))
        shares.append(round(share, 3))
    assert current is not None
    ancestors = np.unique(current.ancestors, return_counts=True)[1]
    equal = np.full(MOVED, 1.0 / MOVED)
    found = Weights(equal, effective(ancestors), float(worst), float(log_evidence))
    notes = {"particles": MOVED, "moves": MOVES, "exponents": exponents, "moves_taken": shares}
    return Tempered(current, found, notes)


def _first(
    particle_filter: Filter, parents: Ints, log_weights: Floats, executor: Executor
) -> ParticleSet:
    """Draw the particle_filter particles of the prior again."""

    def some(block: int, inside: Ints) -> Numbers:
        return {name: values[inside] for name, values in particle_filter.numbers(block).items()}

    tasks, back = by_block(parents)
    parts = list(in_order(executor, some, tasks))
    numbers = {name: np.concatenate([part[name] for part in parts])[back] for name in parts[0]}
    return ParticleSet(numbers, parents, log_weights[parents], parents)


def _moves(
    particle_filter: Filter,
    current: ParticleSet,
    exponent: float,
    number: int,
    executor: Executor,
    progress: Progress | None,
) -> tuple[ParticleSet, float]:
    """Move all particles `MOVES` times; return them, and the share of moves accepted."""
    made = taken = 0
    for _ in range(MOVES):
        tasks = []
        for first in range(0, MOVED, BLOCK_PARTICLES):
            block = current.taken(slice(first, first + BLOCK_PARTICLES))
            tasks.append((particle_filter, block, exponent, number))
            number += 2
        parts = []
        for part, goes in in_order(executor, move, tasks):
            parts.append(part)
            made, taken = made + len(part.luck), taken + goes
            if progress:
                progress(made, MOVES * MOVED)
        current = _joined(parts)
    return current, taken / made


def ends(particle_filter: Filter, current: ParticleSet, executor: Executor) -> tuple[Any, Any]:
    """Run particles through the record again; return members, and their states at its end."""

    def again(some: ParticleSet) -> tuple[Any, Any]:
        made = particle_filter.made(some.numbers)
        return made[0], particle_filter.live(*made, some.luck)[1]

    size = BLOCK_PARTICLES // 8
    tasks = [(current.taken(slice(n, n + size)),) for n in range(0, len(current.luck), size)]
    made = list(in_order(executor, again, tasks))
    return np.concatenate([one for one, _ in made]), np.concatenate([end for _, end in made])
