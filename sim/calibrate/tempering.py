"""Tempering: from the prior to the posterior in steps, where one step leaves too few particles.

The chance of the record is raised to exponents that grow from 0 to 1, each as far as leaves half of
the particles effective; these are resampled, then moved. A move draws some of a particle's numbers,
and its luck, anew from the prior, and lets it live through the whole record again. It is taken with
the chance ``min(1, (w' / w)^exponent)``. Such a proposal leaves the prior as it is, and a particle
keeps the weight that was computed for it, so that at the exponent 1 the target is the posterior
itself, luck included.

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

SWARM = 65_536
"""Particles that are moved."""
MOVES = 3
"""Moves of each particle at each exponent."""
SIZES = 5
"""A move draws a half of all numbers anew, or a quarter, and so on down: so many sizes, by luck."""
STREAMS = 2**40
"""The first stream of the moves; the prior's blocks count from 0."""
RESAMPLINGS = 2**62
"""The first stream of the resamplings, one for each exponent."""
Progress = Callable[[int, int], None]


class ParticleSet(NamedTuple):
    """Particles on their way.

    Attributes
    ----------
    numbers
        What they are made of.
    luck
        The number of each, the address of its luck.
    log_weights
        Log of the chance that each gave to the record.
    lines
        The particle of the prior that each descends from.
    """

    numbers: Numbers
    luck: Ints
    log_weights: Floats
    lines: Ints

    def taken(self, which: Ints | slice) -> ParticleSet:
        """Return some of them."""
        some = {name: values[which] for name, values in self.numbers.items()}
        return ParticleSet(some, self.luck[which], self.log_weights[which], self.lines[which])


class Tempered(NamedTuple):
    """Particles of the posterior, all of one weight.

    Attributes
    ----------
    weights
        ``effective`` counts lines of descent, as if moves did not part them: on the careful side.
        ``k`` is the largest of any step.
    notes
        Exponents and the share of moves taken, as the manifest has them.
    """

    swarm: ParticleSet
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
    """Return how far an exponent may grow, at most to 1, with so many particles effective."""
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
    """Put fresh draws of the prior in the place of some numbers, each with the same chance.

    What the prior draws together stays together: ideal and red line on an issue, a side's weights.
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


def move(chosen: Filter, now: ParticleSet, exponent: float, number: int) -> tuple[ParticleSet, int]:
    """Move a block of particles once; return them, and how many moves were taken.

    Parameters
    ----------
    number
        The stream that fresh numbers and fresh luck come from, used for nothing else.
    """
    count = len(now.luck)
    rng = stream(chosen.seed, number + 1)
    trial = drawn_anew(now.numbers, chosen.numbers(number), rng)
    luck = number * BLOCK_PARTICLES + np.arange(count)
    likelihood, _ = chosen.live(*chosen.made(trial), luck)
    taken = np.log(rng.random(count)) < exponent * (likelihood.log_weights - now.log_weights)
    both = _joined([now, ParticleSet(trial, luck, likelihood.log_weights, now.lines)])
    return both.taken(np.arange(count) + count * taken), int(taken.sum())


def temper(
    chosen: Filter, log_weights: Floats, executor: Executor, progress: Progress | None = None
) -> Tempered:
    """Lead particles of the prior to the posterior, in as many steps as it takes.

    Parameters
    ----------
    log_weights
        Of the first particles of the prior, at least one of them finite.
    progress
        Called with the moves made at an exponent, and their number.
    """
    swarm = None
    number, exponent, log_evidence, worst = STREAMS, 0.0, 0.0, -np.inf
    exponents: list[float] = []
    shares: list[float] = []
    while exponent < 1.0:
        wanted = min(SWARM, int(np.isfinite(log_weights).sum())) / 2
        before, exponent = exponent, next_exponent(log_weights, exponent, wanted)
        step = exponent - before
        weights = powers(log_weights, step)
        log_evidence += step * log_weights.max() + np.log(weights.mean())
        worst = max(worst, weights_of(step * log_weights).k)
        rng = stream(chosen.seed, RESAMPLINGS + len(exponents))
        parents = resample(weights / weights.sum(), SWARM, rng)
        swarm = (
            swarm.taken(parents)
            if swarm is not None
            else _first(chosen, parents, log_weights, executor)
        )
        swarm, share = _moves(chosen, swarm, exponent, number, executor, progress)
        number += 2 * MOVES * -(-SWARM // BLOCK_PARTICLES)
        log_weights = swarm.log_weights
        exponents.append(round(exponent, 4))
        shares.append(round(share, 3))
    assert swarm is not None
    lines = np.unique(swarm.lines, return_counts=True)[1]
    equal = np.full(SWARM, 1.0 / SWARM)
    found = Weights(equal, effective(lines), float(worst), float(log_evidence))
    notes = {"particles": SWARM, "moves": MOVES, "exponents": exponents, "moves_taken": shares}
    return Tempered(swarm, found, notes)


def _first(chosen: Filter, parents: Ints, log_weights: Floats, executor: Executor) -> ParticleSet:
    """Draw the chosen particles of the prior again."""

    def some(block: int, inside: Ints) -> Numbers:
        return {name: values[inside] for name, values in chosen.numbers(block).items()}

    tasks, back = by_block(parents)
    parts = list(in_order(executor, some, tasks))
    numbers = {name: np.concatenate([part[name] for part in parts])[back] for name in parts[0]}
    return ParticleSet(numbers, parents, log_weights[parents], parents)


def _moves(
    chosen: Filter,
    swarm: ParticleSet,
    exponent: float,
    number: int,
    executor: Executor,
    progress: Progress | None,
) -> tuple[ParticleSet, float]:
    """Move all particles some times; return them, and the share of moves taken."""
    made = taken = 0
    for _ in range(MOVES):
        tasks = []
        for first in range(0, SWARM, BLOCK_PARTICLES):
            block = swarm.taken(slice(first, first + BLOCK_PARTICLES))
            tasks.append((chosen, block, exponent, number))
            number += 2
        parts = []
        for part, goes in in_order(executor, move, tasks):
            parts.append(part)
            made, taken = made + len(part.luck), taken + goes
            if progress:
                progress(made, MOVES * SWARM)
        swarm = _joined(parts)
    return swarm, taken / made


def ends(chosen: Filter, swarm: ParticleSet, executor: Executor) -> tuple[Any, Any]:
    """Let particles live through the record once more: members, and their states at its end."""

    def again(some: ParticleSet) -> tuple[Any, Any]:
        made = chosen.made(some.numbers)
        return made[0], chosen.live(*made, some.luck)[1]

    size = BLOCK_PARTICLES // 8
    tasks = [(swarm.taken(slice(n, n + size)),) for n in range(0, len(swarm.luck), size)]
    made = list(in_order(executor, again, tasks))
    return np.concatenate([one for one, _ in made]), np.concatenate([end for _, end in made])
