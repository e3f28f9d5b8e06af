"""Counts of worlds by member with weights of the members, and the odds that follow from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.estimates import Counts, Odds, Z, member_quantiles, wilson
from sim.experiments.differences import QUANTITIES, Difference, Flips
from sim.experiments.kernel import Grid
from sim.experiments.member_differences import member_differences
from sim.experiments.paired import tally_of
from sim.tally import Tally


class Counted(NamedTuple):
    """The same worlds under each of several scenarios, counted by member.

    Attributes
    ----------
    tallies
        By scenario.
    flips
        By quantity, one for each scenario but the first.
    """

    tallies: tuple[Tally, ...]
    flips: Mapping[str, tuple[Flips, ...]]

    @classmethod
    def of(cls, grid: Grid, members: int) -> Counted:
        """Count worlds that were run under each scenario."""
        rows = [grid.rows(n) for n in range(len(grid.ended))]
        flips = {name: tuple(Flips(members) for _ in rows[1:]) for name in QUANTITIES}
        for name, each in flips.items():
            for flip, other in zip(each, rows[1:], strict=True):
                flip.add(rows[0], other, QUANTITIES[name])
        return cls(tuple(tally_of(one, members) for one in rows), flips)

    def odds(self, quantity: str) -> tuple[Odds, ...]:
        """Odds by scenario, every member alike."""
        return tuple(tally.odds(*QUANTITIES[quantity]) for tally in self.tallies)

    def differences(self, quantity: str) -> tuple[Difference, ...]:
        """How each scenario differs from the first, every member alike."""
        first, *others = self.tallies
        return tuple(
            flip.difference(first, other, QUANTITIES[quantity])
            for flip, other in zip(self.flips[quantity], others, strict=True)
        )

    @property
    def used(self) -> NDArray[np.bool_]:
        """By member, whether any of the worlds is its."""
        return np.asarray(self.tallies[0].outcomes.sum(1) > 0)

    def sample(self, shares: Floats) -> Sample:
        """Return the counts with what each member weighs."""
        worlds, used = self.tallies[0].outcomes.sum(1), self.used
        hits, gained, lost = {}, {}, {}
        for name, outcomes in QUANTITIES.items():
            hits[name] = np.array([tally.hits(*outcomes)[used] for tally in self.tallies])
            changes = [(flip.gained[used], flip.lost[used]) for flip in self.flips[name]]
            both = np.array(changes, np.int64).reshape(-1, 2, used.sum())
            gained[name], lost[name] = both[:, 0], both[:, 1]
        return Sample(worlds[used], hits, gained, lost, shares[used])


class Sample(NamedTuple):
    """Counts of worlds by member, and what each member weighs.

    Members so weighed stand for a population of which they are a sample. So the errors here hold
    both the luck of worlds and that of which members there are, by the delta method of importance
    sampling: ``sqrt(sum_i (w_i (x_i - x))^2)``, with x_i what a member shows.

    Attributes
    ----------
    worlds
        By member, each with one or more.
    hits
        By quantity, shape (scenarios, members).
    gained, lost
        By quantity, worlds that turn under each scenario but the first, each way.
    shares
        What each member weighs, in any unit.
    """

    worlds: Counts
    hits: Mapping[str, Counts]
    gained: Mapping[str, Counts]
    lost: Mapping[str, Counts]
    shares: Floats

    def odds(self, quantity: str, scenario: int) -> Odds:
        """Odds of a quantity under one scenario."""
        hits = self.hits[quantity][scenario]
        mean, variance = self._mean(hits / self.worlds)
        if mean in (0.0, 1.0) or variance == 0.0:
            size = float(self.worlds.sum())
        else:
            size = mean * (1.0 - mean) / variance
        drawn = self._drawn
        members = member_quantiles(hits[drawn], self.worlds[drawn])
        if members is None:
            return Odds(mean, wilson(mean, size), None)
        return Odds(mean, wilson(mean, size), (members[0], members[2]), members[1])

    def difference(self, quantity: str, other: int) -> Difference:
        """How a scenario differs from the first; ``other`` is 0 for the second."""
        gained, lost = self.gained[quantity][other], self.lost[quantity][other]
        worlds, total = self.worlds, int(self.worlds.sum())
        mean, variance = self._mean((gained - lost) / worlds)
        variance += 2.0 / total**2  # as of `Flips.difference`
        apart = sum(self._mean(self.hits[quantity][n] / worlds)[1] for n in (0, other + 1))
        half = Z * math.sqrt(variance)
        drawn = self._drawn
        return Difference(
            mean,
            (max(-1.0, mean - half), min(1.0, mean + half)),
            *member_differences(gained[drawn], lost[drawn], worlds[drawn]),
            self._mean(gained / worlds)[0],
            self._mean(lost / worlds)[0],
            None,
            None,
            round(total * max(1.0, apart / variance)),
        )

    def _mean(self, values: Floats) -> tuple[float, float]:
        """The weighted mean of what members show, and its variance."""
        weights = self.shares * self.worlds
        weights = weights / weights.sum()
        mean = float(weights @ values)
        return mean, float(((weights * (values - mean)) ** 2).sum())

    @property
    def _drawn(self) -> Ints:
        """As many members as there are, drawn evenly by their weights, to fit how they differ."""
        count = len(self.shares)
        points = (np.arange(count) + 0.5) / count
        ends = np.cumsum(self.shares)
        return np.minimum(np.searchsorted(ends / ends[-1], points), count - 1)


def pooled(samples: Sequence[tuple[str, Sample]], weights: Sequence[float]) -> Sample:
    """Return the mixture of samples in the proportion of some weights.

    Parameters
    ----------
    samples
        Each with the id of its ensemble: the worlds of one ensemble are counted once.
    weights
        By sample, not negative, in any unit.
    """
    by_id: dict[str, Sample] = {}
    for (name, sample), weight in zip(samples, weights, strict=True):
        shares = sample.shares * (weight / sample.shares.sum())
        there = by_id.get(name)
        total = shares if there is None else there.shares + shares
        by_id[name] = sample._replace(shares=total)
    each = list(by_id.values())
    counts = {
        field: {name: _beside([getattr(one, field)[name] for one in each]) for name in QUANTITIES}
        for field in ("hits", "gained", "lost")
    }
    worlds = np.concatenate([one.worlds for one in each])
    shares = np.concatenate([one.shares for one in each])
    return Sample(worlds=worlds, shares=shares, **counts)


def _beside(counts: list[NDArray[np.int64]]) -> Counts:
    return np.concatenate(counts, axis=1)
