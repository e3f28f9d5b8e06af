"""Moves of particles: some of their numbers or a part of their luck is changed, and judged.

A move changes one or more of three parts, each with a chance of `PART`:

- the parameters that are free, by a step that leaves the guide (`sim.calibrate.guide`) alone;
- some positions and issue weights, drawn again from the prior;
- the luck of some stretches of days, drawn again. The luck of all others is kept.

It is accepted with the chance ``min(1, w' p'/g' / (w p/g))``: w is the chance that a particle gave
to the record so far, p/g the density of its parameters by the prior over that by the guide. All
else is proposed as the prior has it, and luck belongs to the particle, so that the target is the
posterior itself (Andrieu and Roberts 2009). A small change of the numbers under luck that is kept
is a small change of w, and luck that is drawn again in a few stretches leaves that of the others:
both are accepted far more often than a new life as a whole.

Sources: Andrieu and Roberts 2009, 'The pseudo-marginal approach for efficient Monte Carlo
computations'; Tran, Kohn, Quiroz and Villani 2016, 'The block pseudo-marginal sampler'.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.calibrate.guide import Guide, numbers_of, scores_of
from sim.calibrate.observations import stretches_of
from sim.calibrate.particles import BLOCK_PARTICLES, PLACES, Filter, Numbers, stream
from sim.engine.dtypes import Floats, Ints

PART = 0.6
"""The chance that a move changes the parameters, the positions, the luck."""
SMALLEST = 0.4
"""The smallest step of the parameters; 1 is a new draw of the guide. Alike in logs."""
PLACES_HALVED = 3
"""All positions are drawn again, or each with a chance of a half, or a quarter; so many."""
STRETCHES_HALVED = (2, 5)
"""Beside one stretch each other has new luck with a chance of two to the minus these, or between
them."""


class ParticleSet(NamedTuple):
    """Particles between the prior and the posterior.

    Attributes
    ----------
    numbers
        The numbers from which their members are made, by name.
    luck
        By particle and stretch of days, the address of its luck.
    log_weights
        By particle, the log of the chance that it gave to the record so far.
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
        others = (self.luck[which], self.log_weights[which], self.ancestors[which])
        return ParticleSet(some, *others)

    def parts(self, size: int) -> list[ParticleSet]:
        """Cut the particles into parts of a size, the last one smaller."""
        count = len(self.log_weights)
        return [self.taken(slice(first, first + size)) for first in range(0, count, size)]


def together(parts: list[ParticleSet]) -> ParticleSet:
    """Put sets of particles together."""
    numbers = {
        name: np.concatenate([part.numbers[name] for part in parts]) for name in parts[0].numbers
    }
    others = (np.concatenate(column) for column in zip(*(part[1:] for part in parts), strict=True))
    return ParticleSet(numbers, *others)


# ------------------------------------------------------------------ how far through the record


def day_before(place: float) -> int:
    """Return the day that must be lived to know the chance of the record up to a place in it."""
    return max(0, math.ceil(place) - 1)


def chance_at(so_far: Floats, place: float) -> Floats:
    """Return the log chance that particles gave to the record up to a place in it.

    Parameters
    ----------
    so_far
        By particle and day, as `sim.calibrate.particles.Lives` has it.
    place
        0 before the record, 1 on the evening of day 0, and so on; in between, a share of the next
        day's chance counts, as its exponent.
    """
    day = day_before(place)
    before = so_far[:, day - 1] if day else np.zeros(len(so_far))
    share = place - day
    if share == 0.0:
        return before
    found = before + share * (so_far[:, day] - np.where(np.isfinite(before), before, 0.0))
    return np.asarray(np.where(np.isfinite(before), found, -np.inf))


# ------------------------------------------------------------------ proposals


def fresh_places(now: Numbers, fresh: Numbers, chance: Floats, rng: np.random.Generator) -> Numbers:
    """Replace some positions and weights of each particle by fresh draws of the prior.

    What the prior draws together is replaced together: ideal and red line on an issue, and the
    issue weights of a side.

    Parameters
    ----------
    chance
        By particle, the chance with which each is replaced.
    """
    mixed = {}
    for name in PLACES:
        old = now[name]
        if name != "red_line":  # it goes with the ideal, which stands before it
            apart = old.ndim if name != "weight" else 2
            shape = (*old.shape[:apart], *[1] * (old.ndim - apart))
            new = rng.random(shape) < chance.reshape(len(old), *[1] * (old.ndim - 1))
        mixed[name] = np.where(new, fresh[name][: len(old)], old)
    return mixed


def fresh_luck(luck: Ints, fresh: Ints, used: int, rng: np.random.Generator) -> Ints:
    """Give each particle fresh luck in one of the first ``used`` stretches, and in some others."""
    count, stretches = luck.shape
    first, last = STRETCHES_HALVED
    chance = np.asarray(0.5 ** rng.integers(first, last + 1, count))
    new = rng.random((count, stretches)) < chance[:, None]
    one = rng.integers(0, used, (count, 1)) == np.arange(stretches)
    return np.where(new | one, fresh[:, None], luck)


def move(
    particle_filter: Filter, guide: Guide, now: ParticleSet, place: float, number: int
) -> tuple[ParticleSet, int]:
    """Move a block of particles once; return them, and how many moves were accepted.

    Parameters
    ----------
    place
        How far through the record, see `chance_at`.
    number
        The stream from which fresh numbers and fresh luck are drawn; that of the choices follows.
    """
    count = len(now.log_weights)
    rng = stream(particle_filter.seed, number + 1)
    parameters, places, lucky = rng.random((3, count)) < PART
    parameters |= ~(places | lucky)
    scores = scores_of(particle_filter, now.numbers)
    step = np.where(parameters, SMALLEST ** rng.random(count), 0.0)[:, None]
    near = np.where(step > 0.0, guide.near(scores, step, rng), scores)
    proposed, inside = numbers_of(particle_filter, near)
    inside |= ~parameters
    trial = dict(now.numbers)
    for name, values in proposed.items():
        trial[name] = np.where(parameters & inside, values, now.numbers[name])
    if "ideal" in trial:
        chance = np.where(places, 0.5 ** rng.integers(0, PLACES_HALVED, count), 0.0)
        trial |= fresh_places(trial, particle_filter.numbers(number), chance, rng)
    last = day_before(place)
    fresh = number * BLOCK_PARTICLES + np.arange(count)
    luck = fresh_luck(now.luck, fresh, stretches_of(last), rng)
    luck = np.where(lucky[:, None], luck, now.luck)
    lives = particle_filter.lives(particle_filter.made(trial), luck, last)
    log_weights = chance_at(lives.so_far, place)
    odds = log_weights - now.log_weights + guide.log_ratio(near) - guide.log_ratio(scores)
    taken = (np.log(rng.random(count)) < odds) & inside
    both = together([now, ParticleSet(trial, luck, log_weights, now.ancestors)])
    return both.taken(np.arange(count) + count * taken), int(taken.sum())
