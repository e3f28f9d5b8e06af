"""At which points of the levers each world runs, so that no two pairs of worlds share points.

If all worlds had the same points, what luck or members do at these would be the error of the
fit however many worlds there are. Each pair of worlds has points of its own. Both worlds of a
pair have the same member and the same points, and differ in luck alone: how often both hold is
the mean over members of the square of their own odds, from which the members' spread follows. For
the odds themselves the pairing costs little, since points of different pairs are as many as ever
are needed to tell a polynomial.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.cases import new_cases
from sim.engine.domain import WORLDS_PER_MEMBER
from sim.engine.dtypes import Floats, Ints
from sim.experiments.axes import Axis
from sim.experiments.kernel import BATCH_WORLDS, Batch
from sim.experiments.moved import along
from sim.inputs.scenario import Scenario

BITS = 24
"""Of a point, so that a float of 32 bits has it exactly."""
MOST_DRAWN = 2**BITS
PAIR = 2
"""Worlds that share points."""
_AT_ONCE = 2**16


class Plan(NamedTuple):
    """Which worlds run where.

    Attributes
    ----------
    members
        Members that are used.
    pairs
        Of worlds, of each member.
    points
        Of each pair.
    whole
        Members of the ensemble, used or not.
    seed
        Of the points.
    """

    members: int
    pairs: int
    points: int
    whole: int
    seed: int

    @classmethod
    def of(cls, worlds: int, points: int, whole: int, seed: int) -> Plan:
        """Return the plan of so many worlds, or of a few more, so that all members have as many.

        Examples
        --------
        >>> Plan.of(262_144, 16, 4096, 1).pairs, Plan.of(250, 8, 4096, 1).worlds
        (32, 252)
        """
        members = min(whole, -(-worlds // WORLDS_PER_MEMBER))
        turns = -(-worlds // (WORLDS_PER_MEMBER * members))
        return cls(members, turns * WORLDS_PER_MEMBER // PAIR, points, whole, seed)

    @property
    def worlds(self) -> int:
        """Worlds in all."""
        return PAIR * self.pairs * self.members

    @property
    def runs(self) -> int:
        """Single worlds that are run, at all of their points."""
        return self.worlds * self.points

    @property
    def of_ensemble(self) -> float:
        """The share of the members that is used."""
        return self.members / self.whole

    def shares(self, levers: int) -> NDArray[np.float32]:
        """Return how far along each axis each point is, shape (levers, points, members, pairs).

        A scrambled Sobol' sequence, of which each pair has consecutive points, and each member
        consecutive pairs: so each of both is spread evenly.
        """
        from scipy.stats import qmc

        number = self.members * self.pairs * self.points
        engine = qmc.Sobol(levers, bits=BITS, rng=np.random.default_rng(self.seed))
        drawn = np.empty((number, levers), np.float32)
        for first in range(0, number, _AT_ONCE):
            few = drawn[first : first + _AT_ONCE]
            few[:] = engine.random(_AT_ONCE)[: len(few)]
        of_pairs = drawn.reshape(self.members, self.pairs, self.points, levers)
        return np.ascontiguousarray(of_pairs.transpose(3, 2, 0, 1))

    def pair(self, first: int, stop: int) -> tuple[Ints, Ints]:
        """Return the members, and which of its member's pairs each is, of consecutive pairs."""
        turn = WORLDS_PER_MEMBER // PAIR
        pair = np.arange(first, stop)
        member = pair // turn % self.members
        return member, pair // (turn * self.members) * turn + pair % turn

    def batches(
        self, scenario: Scenario, axes: Sequence[Axis], shares: NDArray[np.float32]
    ) -> Iterator[Batch]:
        """Yield the worlds of consecutive pairs; of each pair one world's points, then the other's.

        Parameters
        ----------
        axes
            Of levers that vary, then of those that are deferred, with this one choice.
        shares
            Of `shares`, for the first of the axes.
        """
        each = max(1, BATCH_WORLDS // (PAIR * self.points))
        total = self.members * self.pairs
        for first in range(0, total, each):
            member, number = self.pair(first, min(first + each, total))
            where = np.zeros((len(member), self.points, len(axes)))
            where[..., : len(shares)] = shares[:, :, member, number].transpose(2, 1, 0)
            cases = new_cases(PAIR * self.points * len(member))
            cases["member"] = np.repeat(member, PAIR * self.points)
            worlds = PAIR * first + np.arange(PAIR * len(member))
            cases["world"] = np.repeat(worlds, self.points)
            place = np.arange(len(member) * self.points).reshape(len(member), 1, -1)
            cases["agenda"] = np.repeat(place, PAIR, axis=1).ravel()
            yield Batch(along(scenario, axes, where.reshape(-1, len(axes))), cases)


def places(axis: Axis, shares: Floats) -> Floats:
    """Return where on its axis a lever is at shares of the way, from -1 to 1."""
    values = axis.numbers_at(shares)
    found: Floats = 2.0 * (values - axis.low) / (axis.high - axis.low) - 1.0
    return found
