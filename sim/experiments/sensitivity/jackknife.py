"""Errors by a delete-a-block jackknife.

The blocks are groups of members. A statistic is computed from all blocks, and again without each
of them; how far the second ones scatter is the error of the first. Blocks may differ in size
(Busing, Meijer and van der Leeden 1999).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.estimates import ends

FEWEST_BLOCKS = 8
"""Fewer blocks tell no error: the scatter itself would be hardly known."""
CLEAR = 3.0
"""How many standard errors a variance must be from 0 for shares of it to mean anything."""


class Estimate(NamedTuple):
    """A number and the 95 % interval of its estimate.

    Attributes
    ----------
    mean
        The estimate. Shares are unbiased and not cut at 0: the share of what has no effect lies
        on either side of 0, by chance.
    mc
        Its 95 % interval.
    """

    mean: float
    mc: tuple[float, float]

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.mc[1] - self.mc[0]) / 2.0

    @property
    def clear_sign(self) -> int:
        """The sign of a share if the interval tells it in tenths of a point, as it is told; else 0.

        Examples
        --------
        >>> Estimate(-0.007, (-0.014, -0.001)).clear_sign
        -1
        >>> Estimate(-0.007, (-0.014, -0.0002)).clear_sign
        0
        """
        low, high = (round(end, 3) for end in self.mc)
        return 1 if low > 0.0 else -1 if high < 0.0 else 0

    def as_dict(self) -> dict[str, Any]:
        """Return the number and its interval as plain data."""
        return {"mean": self.mean, "mc": list(self.mc)}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Estimate:
        """Return the estimate whose plain data `as_dict` gave."""
        return cls(float(document["mean"]), ends(document["mc"]))


class Jackknife:
    """The blocks that are left out one by one.

    Parameters
    ----------
    sizes
        By block, how many samples it has; blocks without samples are not to be among them.

    Raises
    ------
    ScenarioError
        If there are too few blocks to tell an error.
    """

    def __init__(self, sizes: Ints) -> None:
        if len(sizes) < FEWEST_BLOCKS:
            what = f"there are {len(sizes)} blocks of members with samples in them."
            todo = f"Give members in at least {FEWEST_BLOCKS} blocks, and more runs."
            raise ScenarioError("sensitivity", what, todo)
        self._kept: Floats = 1.0 - sizes / sizes.sum()
        self._times: Floats = sizes.sum() / sizes

    def deviations(self, full: Floats, without: Floats) -> Floats:
        """Return by block a deviation; the sum of their squares is the error variance.

        Sums of products of the deviations of two statistics are their error covariance.

        Parameters
        ----------
        full
            A statistic of any shape, from all blocks.
        without
            The same without each block; the blocks are the first axis.
        """
        shape = (-1,) + (1,) * np.ndim(full)
        kept, times = self._kept.reshape(shape), self._times.reshape(shape)
        blocks = len(self._times)
        centre = blocks * full - (kept * without).sum(0)
        apart: Floats = times * full - (times - 1.0) * without - centre
        return apart / np.sqrt(blocks * (times - 1.0))

    def variance(self, full: Floats, without: Floats) -> Floats:
        """Return the error variance of a statistic, in its shape."""
        found: Floats = np.square(self.deviations(full, without)).sum(0)
        return found

    def is_clear(self, full: Floats, without: Floats) -> bool:
        """Whether a variance can be told from 0, so that shares of it mean something."""
        error = math.sqrt(self.variance(full, without))
        return bool(full > CLEAR * error) and bool((without > 0.0).all())

    def estimate(self, mean: float, variance: float) -> Estimate:
        """Return a statistic with the interval that its error variance gives."""
        from scipy.special import stdtrit

        half = float(stdtrit(len(self._times) - 1, 0.975)) * math.sqrt(max(0.0, variance))
        return Estimate(mean, (mean - half, mean + half))
