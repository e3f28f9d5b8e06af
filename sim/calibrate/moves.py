"""Moves of particles: some of their numbers or a stretch of their luck is changed, and judged.

Every proposal leaves the prior as it is distributed, so that a move is accepted with the chance
``min(1, w' / w)`` alone, w being the chance that a particle gave to the record so far:

- **fresh**: some of its numbers are drawn again from the prior, its luck is kept;
- **shifted**: some of its numbers are moved a little, its luck is kept. A normal or log-normal one
  goes to ``mean + r (x - mean) + sqrt(1 - r^2) sd z`` (preconditioned Crank-Nicolson). A beta one
  draws ``n`` tosses with its own chance and then a chance given those tosses. A number that would
  leave its range stays;
- **lucky**: the luck of some stretches of days is drawn again, its numbers are kept.

Luck that is kept makes a small change of the numbers a small change of w, and luck that is changed
in one stretch leaves w of the days before it alone: both are accepted far more often than numbers
and all luck anew.

Sources: Andrieu and Roberts 2009, 'The pseudo-marginal approach for efficient Monte Carlo
computations'; Tran, Kohn, Quiroz and Villani 2016, 'The block pseudo-marginal sampler'; Cotter,
Roberts, Stuart and White 2013, 'MCMC methods for functions'.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.observations import stretches_of
from sim.calibrate.particles import BLOCK_PARTICLES, PLACES, Filter, Numbers, stream
from sim.engine.dtypes import Floats, Ints
from sim.inputs.parameters import Prior

SIZES = 5
"""A fresh draw replaces a half of all numbers, or a quarter, and so on; so many are likely."""
TOLD=0.3
SMALLEST, LARGEST = 0.1, 1.0
"""How far a shift goes, in sds of the prior; any in between, alike in logs."""
FRESH, SHIFTED, LUCKY = 0.2, 0.5, 0.3
"""How often each kind of move is proposed."""


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
        return ParticleSet(some, *(column[which] for column in self[1:]))


def together(parts: list[ParticleSet]) -> ParticleSet:
    """Put sets of particles together."""
    numbers = {
        name: np.concatenate([part.numbers[name] for part in parts]) for name in parts[0].numbers
    }
    others = (np.concatenate(column) for column in zip(*(part[1:] for part in parts), strict=True))
    return ParticleSet(numbers, *others)


# ------------------------------------------------------------------ how far through the record


def chance_at(so_far: Floats, where: float) -> Floats:
    """Return the log chance that particles gave to the record up to a place in it.

    Parameters
    ----------
    so_far
        By particle and day, as `sim.calibrate.particles.Lives` has it.
    where
        0 before the record, 1 on the evening of day 0, and so on; in between, a share of the next
        day's chance counts, as its exponent.
    """
    day = math.ceil(where)
    share = where - (day - 1)
    after = so_far[:, day - 1] if day else np.zeros(len(so_far))
    if share == 1.0 or not day:
        return after
    before = so_far[:, day - 2] if day > 1 else 0.0
    with np.errstate(invalid="ignore"):
        found = (1.0 - share) * before + share * after
    return np.where(np.isneginf(before), -np.inf, found)


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


class Guide(NamedTuple):
    """Where the parameters of particles are, on a scale on which their priors are standard normal.

    Attributes
    ----------
    centre, root
        Mean of a normal, and a root of its covariance, that is like the particles where these
        differ from the prior, and the prior elsewhere.
    inverse
        Its precision less that of the prior.
    """

    centre: Floats
    root: Floats
    inverse: Floats

    @classmethod
    def of(cls, scores: Floats) -> Guide:
        """Fit one to scores, a row a particle."""
        centre = scores.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(scores.T).reshape(2 * centre.shape))
        told = np.abs(np.log(values)) > TOLD
        values = np.where(told, values, 1.0)
        return cls(
            centre,
            vectors * np.sqrt(values),
            (vectors * (1.0 / values - 1.0)) @ vectors.T,
        )

    def log_ratio(self, scores: Floats) -> Floats:
        """Return the log density of the prior less that of the guide, but for a constant."""
        apart = scores - self.centre
        within = np.einsum("ni,ij,nj->n", apart, self.inverse, apart)
        return 0.5 * (within + (apart**2 - scores**2).sum(axis=1))


def scores_of(particle_filter: Filter, numbers: Numbers) -> Floats:
    """Return the free parameters, a column each, as scores that are standard normal by the prior.

    Their ranges are left out of account.
    """
    from scipy.special import betainc, ndtri

    columns = []
    for name, row in particle_filter.free.items():
        x, prior = numbers[name] / particle_filter.factors.get(name, 1.0), row.prior
        if prior.beta:
            columns.append(ndtri(np.clip(betainc(*prior.beta, x), 1e-15, 1.0 - 1e-15)))
        elif prior.lognormal:
            columns.append(np.log(x / prior.lognormal[0]) / prior.lognormal[1])
        elif prior.normal:
            columns.append((x - prior.normal[0]) / prior.normal[1])
    return np.column_stack(columns)


def numbers_of(particle_filter: Filter, scores: Floats) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the parameters of scores, and whether all of a particle are in their ranges."""
    from scipy.special import betaincinv, ndtr

    numbers, inside = {}, np.ones(len(scores), bool)
    for (name, row), z in zip(particle_filter.free.items(), scores.T, strict=True):
        prior = row.prior
        if prior.beta:
            x = betaincinv(*prior.beta, ndtr(z))
        elif prior.lognormal:
            x = prior.lognormal[0] * np.exp(prior.lognormal[1] * z)
        else:
            assert prior.normal is not None
            x = prior.normal[0] + prior.normal[1] * z
        inside &= (row.range[0] <= x) & (x <= row.range[1])
        numbers[name] = x * particle_filter.factors.get(name, 1.0)
    return numbers, inside


def shares(count: int, rng: np.random.Generator) -> Floats:
    """Draw a share for each particle: a half, a quarter, and so on."""
    return np.asarray(0.5 ** rng.integers(1, SIZES + 1, count))


def lucky(luck: Ints, fresh: Ints, used: int, rng: np.random.Generator) -> Ints:
    """Give each particle fresh luck in one of the first ``used`` stretches, or in more of them."""
    count, stretches = luck.shape
    new = rng.random((count, stretches)) < shares(count, rng)[:, None]
    new[np.arange(count), rng.integers(0, used, count)] = True
    return np.where(new, fresh[:, None], luck)


def move(
    particle_filter: Filter, guide: Guide, now: ParticleSet, where: float, number: int
) -> tuple[ParticleSet, NDArray[np.float64]]:
    """Move a block of particles once.

    Parameters
    ----------
    where
        How far through the record, see `chance_at`.
    number
        The stream from which fresh numbers and fresh luck are drawn; that of the choices follows.

    Returns
    -------
    moved
        The particles.
    told
    """
    count = len(now.log_weights)
    rng = stream(particle_filter.seed, number + 1)
    what = rng.random((3, count)) < P
    what[0] |= ~what.any(axis=0)
    last = max(0, math.ceil(where) - 1)
    trial = dict(now.numbers)
    chance_places = shares(count, rng)
    trial.update(fresh_places(now.numbers, particle_filter.numbers(number), chance_places*what[1], rng))
    scores = scores_of(particle_filter, now.numbers)
    step = SMALLEST * (LARGEST / SMALLEST) ** rng.random(count)
    step = (step * what[0])[:, None]
    near = guide.centre + np.sqrt(1.0 - step**2) * (scores - guide.centre)
    near += step * (rng.standard_normal(scores.shape) @ guide.root.T)
    near = np.where(what[0][:, None], near, scores)
    moved, inside = numbers_of(particle_filter, near)
    for name, v in moved.items():
        trial[name] = np.where(what[0] & inside, v, now.numbers[name])
    fresh = number * BLOCK_PARTICLES + np.arange(count)
    luck = lucky(now.luck, fresh, stretches_of(last), rng)
    changed = (luck != now.luck).sum(axis=1)
    luck = np.where(what[2][:, None], luck, now.luck)
    so_far = particle_filter.lives(particle_filter.made(trial), luck, last).so_far
    chance = chance_at(so_far, where)
    odds = chance - now.log_weights
    odds += guide.log_ratio(near) - guide.log_ratio(scores)
    taken = np.log(rng.random(count)) < np.where(inside, odds, -np.inf)
    both = together([now, ParticleSet(trial, luck, chance, now.ancestors)])
    LOG.append((what.copy(), step[:,0].copy(), chance_places, changed, taken.copy(), inside.copy()))
    told = np.zeros((2,3))
    told[:]=[what.sum(1), (what&taken).sum(1)]
    return both.taken(np.arange(count) + count * taken), told
LOG=[]
P=0.6
