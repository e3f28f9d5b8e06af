"""Paired differences: how much more often something happens under one scenario than another.

World w meets the same luck under every scenario, so the difference between two scenarios is known
far better than either: most worlds end alike in both and cancel.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE, Outcome, Side
from sim.engine.dtypes import Floats
from sim.estimates import Counts, member_differences, member_error, two_stage
from sim.means import Mean, estimate_mean
from sim.tally import GRAIN, Tally, grains

_Z = 1.959963984540054

QUANTITIES: dict[str, tuple[Outcome, ...]] = {
    "held": (Outcome.HELD,),
    "agreed": (Outcome.HELD, Outcome.COLLAPSED),
}
"""What is compared: the outcomes that count as a hit."""


class Difference(NamedTuple):
    """How much more often something happens under one scenario than under the first.

    Attributes
    ----------
    mean
        Difference of the odds.
    mc
        95 % interval of the estimate, from paired worlds.
    ensemble
        Central 90 % of the members' own differences with luck taken out; None below 64 members.
    verdict
        `ahead` or `behind` if the interval excludes 0, else `tied` at this precision.
    gained, lost
        Shares of worlds in which it happens here and not there, and the other way round.
    world_gained, world_lost
        The first world of each kind, to be replayed; None if there is none.
    worlds_unpaired
        How many worlds of each scenario, independent luck, would have known it as well.
    """

    mean: float
    mc: tuple[float, float]
    ensemble: tuple[float, float] | None
    verdict: str
    gained: float
    lost: float
    world_gained: int | None
    world_lost: int | None
    worlds_unpaired: int

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval."""
        return (self.mc[1] - self.mc[0]) / 2.0

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        document = self._asdict()
        for name in ("mc", "ensemble"):
            document[name] = list(document[name]) if document[name] else None
        return document

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Difference:
        """Return the difference whose plain data `as_dict` gave."""
        values = {name: document[name] for name in cls._fields}
        for name in ("mc", "ensemble"):
            values[name] = tuple(map(float, values[name])) if values[name] else None
        return cls(**values)


@dataclass
class Flips:
    """Worlds by member in which something happens under one scenario only."""

    members: int
    gained: Counts = field(init=False)
    lost: Counts = field(init=False)
    first_gained: int = NONE
    first_lost: int = NONE

    def __post_init__(self) -> None:
        self.gained = np.zeros(self.members, np.int64)
        self.lost = np.zeros(self.members, np.int64)

    def add(
        self, first: NDArray[np.void], other: NDArray[np.void], hits: Sequence[Outcome]
    ) -> None:
        """Count a block of worlds under both scenarios."""
        before = np.isin(first["outcome"], hits)
        after = np.isin(other["outcome"], hits)
        gained, lost = after & ~before, before & ~after
        np.add.at(self.gained, first["member"][gained], 1)
        np.add.at(self.lost, first["member"][lost], 1)
        if self.first_gained == NONE and gained.any():
            self.first_gained = int(first["world"][gained][0])
        if self.first_lost == NONE and lost.any():
            self.first_lost = int(first["world"][lost][0])

    def difference(
        self, first: Tally, other: Tally, hits: Sequence[Outcome], *, spread: bool = True
    ) -> Difference:
        """Estimate the difference from the worlds counted, the same in both tallies.

        ``spread`` says whether the interval of the members is wanted.
        """
        counts = first.outcomes.sum(1)
        used = counts > 0
        worlds, gained, lost = counts[used], self.gained[used], self.lost[used]
        total = int(worlds.sum())
        means = (gained - lost) / worlds
        variances = (gained + lost) / worlds - means**2
        # one flip more each way, so that few flips or none claim no certainty
        variance = two_stage(means, variances, worlds, self.members) + 2.0 / total**2
        mean = float((gained.sum() - lost.sum()) / total)
        half = _Z * math.sqrt(variance)
        low, high = max(-1.0, mean - half), min(1.0, mean + half)
        apart = _unpaired_variance(first, hits) + _unpaired_variance(other, hits)
        return Difference(
            mean,
            (low, high),
            member_differences(gained, lost, worlds) if spread else None,
            verdict_of((low, high)),
            float(gained.sum() / total),
            float(lost.sum() / total),
            None if self.first_gained == NONE else self.first_gained,
            None if self.first_lost == NONE else self.first_lost,
            round(total * max(1.0, apart / variance)),
        )


def verdict_of(mc: tuple[float, float] | None) -> str:
    """Return `ahead` or `behind` if the interval excludes 0, else `tied` at this precision."""
    if mc is None or mc[0] <= 0.0 <= mc[1]:
        return "tied"
    return "ahead" if mc[0] > 0.0 else "behind"


def _unpaired_variance(tally: Tally, hits: Sequence[Outcome]) -> float:
    counts = tally.outcomes.sum(1)
    used = counts > 0
    found = tally.outcomes[used][:, list(hits)].sum(1)
    return member_error(found, counts[used], tally.members)


# ------------------------------------------------------------------ the price


class PriceDifference(NamedTuple):
    """How much more a world is worth to a side under one scenario than under the first.

    Attributes
    ----------
    mean
        Difference of the worths, in stakes.
    mc
        95 % interval of the estimate, from paired worlds; None for a single world.
    ensemble
        Central 90 % of the members' own differences with luck taken out; None below 64 members.
    verdict
        As of a `Difference`.
    """

    mean: float
    mc: tuple[float, float] | None
    ensemble: tuple[float, float] | None
    verdict: str

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval; infinite if there is none."""
        return (self.mc[1] - self.mc[0]) / 2.0 if self.mc else math.inf

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return {**Mean(*self[:3]).as_dict(), "verdict": self.verdict}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> PriceDifference:
        """Return the difference whose plain data `as_dict` gave."""
        return cls(*Mean.from_dict(document), str(document["verdict"]))


@dataclass
class PriceShifts:
    """By how much the worth of worlds differs between two scenarios.

    Attributes
    ----------
    sums
        By member and side, the difference and its square, summed in grains.
    """

    members: int
    sums: Counts = field(init=False)

    def __post_init__(self) -> None:
        self.sums = np.zeros((self.members, len(Side), 2), np.int64)

    def add(self, first: NDArray[np.void], other: NDArray[np.void]) -> None:
        """Count a block of worlds under both scenarios."""
        shift = other["worth"].astype(np.float64) - first["worth"]
        np.add.at(self.sums[:, :, 0], first["member"], grains(shift))
        np.add.at(self.sums[:, :, 1], first["member"], grains(shift**2))

    def difference(self, first: Tally, side: Side) -> PriceDifference:
        """Estimate the difference for a side; ``first`` counted the same worlds."""
        worlds = first.outcomes.sum(1)
        sums: Floats = self.sums[:, side] * np.float64(GRAIN)
        # one world more each way that differs as worlds do, so that none claims no certainty
        total = int(worlds.sum())
        worth: Floats = first.worth[:, side].sum(0) * np.float64(GRAIN) / total
        unseen = 2.0 * max(0.0, float(worth[1] - worth[0] ** 2)) / total**2
        found = estimate_mean(sums[:, 0], sums[:, 1], worlds, self.members, unseen)
        assert found is not None
        return PriceDifference(*found, verdict_of(found.mc))
