"""A guide for moves: where the free parameters of particles are, as the record has them so far.

The guide is a normal distribution of scores, on whose scale each parameter's prior is a standard
normal. It is like the particles in the directions in which they have come to differ from the
prior, and is the prior in all others. A move that leaves the guide alone needs no small steps where
the record has taught nothing, and steps of the right size where it has.

Source: Rudolf and Sprungk 2018, 'On a generalization of the preconditioned Crank-Nicolson
Metropolis algorithm', Foundations of Computational Mathematics.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.particles import Filter, Numbers
from sim.engine.dtypes import Floats

TOLD = 0.3
"""A direction counts as one of which the record tells if the log of its variance is beyond this."""


class Guide(NamedTuple):
    """A normal distribution of scores.

    Attributes
    ----------
    centre
        Its mean.
    root
        A root of its covariance.
    sharper
        Its precision less that of the prior.
    """

    centre: Floats
    root: Floats
    sharper: Floats

    @classmethod
    def of(cls, scores: Floats) -> Guide:
        """Fit one to scores, a row a particle."""
        covariance = np.atleast_2d(np.cov(scores, rowvar=False))
        values, vectors = np.linalg.eigh(covariance)
        positive = np.maximum(values, 1e-6)
        values = np.where(np.abs(np.log(positive)) > TOLD, positive, 1.0)
        sharper = (vectors * (1.0 / values - 1.0)) @ vectors.T
        return cls(scores.mean(axis=0), vectors * np.sqrt(values), sharper)

    def near(self, scores: Floats, step: Floats, rng: np.random.Generator) -> Floats:
        """Move scores by steps that leave the guide alone, from 0 for none to 1 for a new draw."""
        noise = rng.standard_normal(scores.shape) @ self.root.T
        return self.centre + np.sqrt(1.0 - step**2) * (scores - self.centre) + step * noise

    def log_ratio(self, scores: Floats) -> Floats:
        """Return the log density of the prior less that of the guide, but for a constant."""
        apart = scores - self.centre
        within = (apart @ self.sharper) * apart + apart**2 - scores**2
        return np.asarray(0.5 * within.sum(axis=1))


def scores_of(particle_filter: Filter, numbers: Numbers) -> Floats:
    """Return the free parameters as scores, a column each; their ranges are left out of account."""
    factors = particle_filter.factors
    return np.column_stack(
        [
            scale.scores(numbers[name] / factors.get(name, 1.0))
            for name, scale in particle_filter.scales.items()
        ]
    )


def numbers_of(particle_filter: Filter, scores: Floats) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the free parameters of scores, and whether all of a particle are in their ranges."""
    numbers, inside = {}, np.ones(len(scores), np.bool_)
    free, scales = particle_filter.free, particle_filter.scales
    for (name, row), z in zip(free.items(), scores.T, strict=True):
        x = scales[name].from_scores(z)
        inside &= (row.range[0] <= x) & (x <= row.range[1])
        numbers[name] = np.asarray(x * particle_filter.factors.get(name, 1.0))
    return numbers, inside
