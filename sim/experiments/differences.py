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
from sim.estimates import Counts, ends, member_error, two_stage
from sim.experiments.member_differences import UNKNOWN, member_differences, normal_differences
from sim.means import estimate_mean
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
    members_ahead, members_behind
        Shares of the members whose own difference is above 0 and below it, of the same fitted
        distribution. What is left to 1 has none. None below 64 members.
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
    members_ahead: float | None
    members_behind: float | None
    gained: float
    lost: float
    world_gained: int | None
    world_lost: int | None
    worlds_unpaired: int

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval."""
        return (self.mc[1] - self.mc[0]) / 2.0

    @property
    def dice(self) -> str:
        """What the dice say alone: `ahead`, `behind` or `tied`; see `dice_of`."""
        return dice_of(self.mc)

    @property
    def verdict(self) -> str:
        """What the dice and the members say together, one of five; see `verdict_of`."""
        return verdict_of(self.mc, self.ensemble)

    @property
    def hidden(self) -> bool:
        """Whether the interval of the dice is so wide that it hides how far members differ."""
        return _hidden(self.mc, self.ensemble)

    @property
    def split(self) -> bool:
        """Whether members are seen to disagree on the sign, so that the mean is an average only."""
        return _split(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return _with_verdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Difference:
        """Return the difference whose plain data `as_dict` gave."""
        return cls(**_fields_in(document, cls._fields))


def dice_of(mc: tuple[float, float] | None) -> str:
    """Return `ahead` or `behind` if the interval excludes 0, else `tied` at this precision."""
    if mc is None or mc[0] <= 0.0 <= mc[1]:
        return "tied"
    return "ahead" if mc[0] > 0.0 else "behind"


def verdict_of(mc: tuple[float, float] | None, ensemble: tuple[float, float] | None) -> str:
    """Return what both intervals of a difference say of its sign.

    `tied` if the interval of the dice holds 0. Else the difference is `ahead` or `behind` if all
    of the members' central 90 % has that sign, or none other; and `ahead on average` or `behind on
    average` if some of it has the other sign. Without an interval of the members, the dice alone
    decide.

    >>> verdict_of((0.01, 0.03), (-0.02, 0.09)), verdict_of((0.01, 0.03), (0.0, 0.09))
    ('ahead on average', 'ahead')
    """
    dice = dice_of(mc)
    if dice == "tied" or ensemble is None:
        return dice
    against = ensemble[0] < 0.0 if dice == "ahead" else ensemble[1] > 0.0
    return f"{dice} on average" if against else dice


def _hidden(mc: tuple[float, float] | None, ensemble: tuple[float, float] | None) -> bool:
    if mc is None or ensemble is None:
        return False
    return mc[0] <= ensemble[0] and ensemble[1] <= mc[1]


def _split(found: Difference | PriceDifference) -> bool:
    if found.ensemble is None or found.hidden:
        return False
    low, high = found.ensemble
    return low < 0.0 < high or found.verdict != found.dice


def _with_verdict(found: Difference | PriceDifference) -> dict[str, Any]:
    """Plain data of a difference, its verdicts after its intervals."""
    document: dict[str, Any] = {}
    for name, value in found._asdict().items():
        document[name] = list(value) if isinstance(value, tuple) else value
        if name == "ensemble":
            document |= {"verdict": found.verdict, "dice": found.dice}
    return document


def _fields_in(document: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    values = {name: document[name] for name in names}
    for name in ("mc", "ensemble"):
        values[name] = ends(values[name]) if values[name] else None
    return values


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

        ``spread`` says whether the members' own differences are wanted.
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
            *(member_differences(gained, lost, worlds) if spread else UNKNOWN),
            float(gained.sum() / total),
            float(lost.sum() / total),
            None if self.first_gained == NONE else self.first_gained,
            None if self.first_lost == NONE else self.first_lost,
            round(total * max(1.0, apart / variance)),
        )


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
    members_ahead, members_behind
        As of a `Difference`, of the normal distribution of which ``ensemble`` is the middle.
    """

    mean: float
    mc: tuple[float, float] | None
    ensemble: tuple[float, float] | None
    members_ahead: float | None
    members_behind: float | None

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval; infinite if there is none."""
        return (self.mc[1] - self.mc[0]) / 2.0 if self.mc else math.inf

    @property
    def dice(self) -> str:
        """As of a `Difference`; `tied` for a single world."""
        return dice_of(self.mc)

    @property
    def verdict(self) -> str:
        """As of a `Difference`: ahead is worth more to the side."""
        return verdict_of(self.mc, self.ensemble)

    @property
    def hidden(self) -> bool:
        """Whether the interval of the dice is so wide that it hides how far members differ."""
        return _hidden(self.mc, self.ensemble)

    @property
    def split(self) -> bool:
        """As of a `Difference`."""
        return _split(self)

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return _with_verdict(self)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> PriceDifference:
        """Return the difference whose plain data `as_dict` gave."""
        return cls(**_fields_in(document, cls._fields))


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
        members = normal_differences(found.mean, found.ensemble)
        return PriceDifference(found.mean, found.mc, *members)
