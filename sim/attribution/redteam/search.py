"""Which of many moves takes most: a screen, a second leg for the few, and a last on fresh luck.

Each leg runs other worlds than the legs before, so that what is told of a move owes nothing to the
luck by which it was chosen. Within a leg all moves meet the same luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from sim.attribution.redteam.moves import Candidate
from sim.engine.domain import WORLDS_PER_MEMBER, Outcome, Side
from sim.engine.dtypes import Floats
from sim.estimates import Odds, Z
from sim.experiments.differences import Difference, PriceDifference
from sim.experiments.kernel import Grid
from sim.experiments.paired import Paired, paired_with

FINALISTS = 3
"""How many moves of an actor go on from the screen, and as many of those by which a side gains."""
CLEAR = 2.0
"""By how many standard errors a side must gain to be taken to gain, before the last leg."""
LEVEL = 0.05
"""The chance that any interval of the last leg misses what is true, all of them together."""

Runs = Callable[[Sequence[int], int, int], Grid]
"""Returns the scenario and, behind it, some candidates by their numbers, in the same worlds.

It is given the numbers, the first world, and how many worlds.
"""


class Last(NamedTuple):
    """What the last leg tells of a move.

    Attributes
    ----------
    number
        Which candidate.
    odds
        With the move.
    difference
        From the odds without it; the interval of the dice holds for all of the leg together.
    worth
        By side, the difference in what a world is worth, in stakes; its interval likewise.
    """

    number: int
    odds: Odds
    difference: Difference
    worth: tuple[PriceDifference, ...]


class Found(NamedTuple):
    """What a search gives.

    Attributes
    ----------
    odds
        Without a move, in the worlds of the last leg.
    screened
        By candidate, the change of the odds on the screen; for choosing, not for telling.
    last
        The moves of the last leg.
    first_world
        The first world of the last leg.
    """

    odds: Odds
    screened: tuple[float, ...]
    last: tuple[Last, ...]
    first_world: int


class Legs(NamedTuple):
    """How many worlds of each policy the legs run."""

    screen: int
    second: int
    last: int

    @classmethod
    def of(cls, worlds: int) -> Legs:
        """Return the legs of which the last has so many worlds, the first a quarter of them."""
        quarter = max(1, worlds // 4 // WORLDS_PER_MEMBER) * WORLDS_PER_MEMBER
        return cls(quarter, 2 * quarter, worlds)


def search(
    runs: Runs,
    candidates: Sequence[Candidate],
    hits: Sequence[Outcome],
    worlds: int,
    members: int,
) -> Found:
    """Find for each actor the move that takes most.

    For a belligerent also the one that takes most among those by which it gains, if that is
    another.

    Parameters
    ----------
    hits
        The endings that count.
    worlds
        Of the last leg.
    members
        Of the ensemble.
    """
    legs = Legs.of(worlds)
    every = range(len(candidates))
    screen = _Leg.of(runs(every, 0, legs.screen), every, candidates, hits)
    few = screen.chosen(FINALISTS)
    second = _Leg.of(runs(few, legs.screen, legs.second), few, candidates, hits)
    last = second.chosen(1)
    first_world = legs.screen + legs.second
    grid = runs(last, first_world, legs.last)
    base = grid.rows(0)
    told = [paired_with(base, grid.rows(n), members, hits) for n in range(len(last) + 1)]
    wider = NormalDist().inv_cdf(1.0 - LEVEL / (2 * len(last))) / Z
    found = tuple(_told(n, one, wider) for n, one in zip(last, told[1:], strict=True))
    order = sorted(found, key=lambda one: one.difference.mean)
    return Found(told[0].odds, tuple(screen.change.tolist()), tuple(order), first_world)


def _told(number: int, paired: Paired, wider: float) -> Last:
    """What was found of a move, its intervals of the dice made wider for all that are told."""
    difference, worth = paired.difference, paired.worth
    low, high = _widened(difference.mean, difference.mc, wider)
    return Last(
        number,
        paired.odds,
        difference._replace(mc=(max(-1.0, low), min(1.0, high))),
        tuple(one._replace(mc=_widened(one.mean, one.mc, wider)) for one in worth),
    )


def _widened(mean: float, mc: tuple[float, float] | None, by: float) -> tuple[float, float]:
    assert mc is not None
    return mean + by * (mc[0] - mean), mean + by * (mc[1] - mean)


class _Leg(NamedTuple):
    """Moves in the same worlds, for choosing those that go on.

    Attributes
    ----------
    numbers
        Which candidates.
    change
        What each adds to the odds.
    gain
        What each adds to the worth to the side that makes it, in its standard errors; 0 if no
        side does.
    """

    candidates: Sequence[Candidate]
    numbers: Sequence[int]
    change: Floats
    gain: Floats

    @classmethod
    def of(
        cls,
        grid: Grid,
        numbers: Sequence[int],
        candidates: Sequence[Candidate],
        hits: Sequence[Outcome],
    ) -> _Leg:
        """Count the worlds of a leg."""
        odds = np.isin(grid.ended["outcome"], hits).mean(1)
        gain = [_gain(grid, n, candidates[number].side) for n, number in enumerate(numbers, 1)]
        return cls(candidates, numbers, odds[1:] - odds[0], np.array(gain))

    def chosen(self, most: int) -> list[int]:
        """Return of each actor the moves that take most, and of those by which it gains."""
        actors = dict.fromkeys(self.candidates[n].actor for n in self.numbers)
        each = (part for actor in actors for part in self._of_actor(actor, most))
        return list(dict.fromkeys(each))

    def _of_actor(self, actor: str, most: int) -> Iterator[int]:
        mine = [n for n, number in enumerate(self.numbers) if self._actor(number) == actor]
        mine.sort(key=lambda n: self.change[n])
        yield from (self.numbers[n] for n in mine[:most])
        paying = [n for n in mine if self.gain[n] > CLEAR]
        yield from (self.numbers[n] for n in paying[:most])

    def _actor(self, number: int) -> str:
        return self.candidates[number].actor


def _gain(grid: Grid, policy: int, side: Side | None) -> float:
    """What a policy adds to the worth to a side, in standard errors of worlds."""
    if side is None:
        return 0.0
    worth = grid.ended["worth"][:, :, side].astype(np.float64)
    shift = worth[policy] - worth[0]
    spread = float(shift.std())
    return float(shift.mean()) / spread * math.sqrt(len(shift)) if spread else 0.0
