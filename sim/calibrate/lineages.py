"""How far averages over resampled and moved particles can be trusted, told from their descent.

Particles that descend from one particle of the prior are not independent; moves set them apart,
more in one quantity than in another. With N particles of one weight, h the value of a quantity, m
its mean over all and B the lines of descent, the variance of m is estimated by

    V = sum over lines b of ( sum over particles i of b of (h_i - m) / N )^2

which needs no second run and is consistent as N grows (Lee and Whiteley 2018, 'Variance estimation
in the particle filter', Biometrika; Chan and Lai 2013). If siblings are independent of each other V
is var(h) / N, and if they are still one and the same it is what counting lines would give. The
effective size of the quantity is ``var(h) / V``: so many independent draws would have that error.
With h as 1 the same sum gives the variance of the log of the evidence, after what N equal lines
would have is taken off. Resampling is systematic and adds hardly any error of its own, which the
estimate does not count.

Descent is told from the prior on, over all steps: they are so few, against the particles, that
there are hundreds of lines left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.moves import ParticleSet
from sim.engine.dtypes import Floats, Ints


def effective_of(values: Floats, lines: Ints) -> float:
    """Return the effective size of the mean of a quantity.

    Parameters
    ----------
    values
        By particle.
    lines
        By particle, the number of its line of descent, from 0.
    """
    apart = values - values.mean()
    between = np.bincount(lines, apart)
    return float(len(values) * (apart @ apart) / (between @ between))


def evidence_error(ancestors: Ints) -> float:
    """Return the standard error of the log of the evidence."""
    shares = np.unique(ancestors, return_counts=True)[1] / len(ancestors)
    return math.sqrt(max(0.0, float(shares @ shares) - 1.0 / len(ancestors)))


def worst_effective(particles: ParticleSet, ends: NDArray[np.void]) -> tuple[float, str]:
    """Return the smallest effective size of any number, of the weight or of the state at the end.

    Quantities that are the same for all particles, or nearly all, are left out.
    """
    _, lines = np.unique(particles.ancestors, return_inverse=True)
    sizes = {}
    for name, values in quantities(particles, ends):
        if np.unique(values).size > len(values) / 100:
            sizes[name] = effective_of(values, lines)
    worst = min(sizes, key=sizes.__getitem__)
    return sizes[worst], worst


def quantities(particles: ParticleSet, ends: NDArray[np.void]) -> Iterator[tuple[str, Floats]]:
    """Yield all that averages may be taken of, by name."""
    yield "log weight", particles.log_weights
    fields = {f"end {name}": ends[name] for name in ends.dtype.names or ()}
    for name, values in {**particles.numbers, **fields}.items():
        columns = values.reshape(len(values), -1).astype(float)
        for n, column in enumerate(columns.T):
            yield f"{name}[{n}]" if columns.shape[1] > 1 else name, column
