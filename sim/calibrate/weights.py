"""Weights of particles: smoothed, normalised, and how far averages over them can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.engine.dtypes import Floats, Ints
from sim.errors import CalibrationError


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
    with np.errstate(divide="ignore", invalid="ignore"):  # its fit divides by ties
        smoothed, k = smooth(-living)  # it expects log likelihoods of what is left out
    values = np.exp(smoothed - smoothed.max())
    values[np.isneginf(raw)] = 0.0
    values /= values.sum()
    return Weights(values, float(1.0 / (values**2).sum()), float(k), float(log_evidence))


def resample(weights: Floats, count: int, rng: np.random.Generator) -> Ints:
    """Choose particles by their weights, systematically, in an order without information."""
    points = (np.arange(count) + rng.random()) / count
    ends = np.cumsum(weights)
    chosen = np.searchsorted(ends / ends[-1], points, side="right")
    return np.asarray(rng.permutation(np.minimum(chosen, len(weights) - 1)), np.int64)
