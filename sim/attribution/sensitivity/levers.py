"""Levers over ranges that are given: their shares, the split of a world's fate, and which dice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agendas
from sim.engine.cases import new_cases
from sim.engine.domain import MAX_SEED, Outcome
from sim.engine.dtypes import Floats, Ints
from sim.experiments.axes import Axis
from sim.experiments.dice import GROUPS, purposes
from sim.experiments.kernel import Batch, Kernel
from sim.experiments.moved import along
from sim.experiments.sensitivity.draws import Members, members_in_blocks
from sim.experiments.sensitivity.regression import Sobol
from sim.experiments.sensitivity.sobol import sobol
from sim.experiments.sensitivity.split import Dice, Split, dice, split
from sim.inputs.ensemble import Ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.progress import Progress

_PART = 2_048
"""Runs of a batch: several for each call, so that all workers have some."""


def lineages(ensemble: Ensemble) -> Ints:
    """Return a number for each member, the same for copies of one another.

    Members are compared field by field: what lies between the fields of a record says nothing.
    """
    both = (ensemble.members, ensemble.starts)
    fields = [np.ascontiguousarray(a[name]) for a in both for name in a.dtype.names or ()]
    bytes_of = [field.reshape(len(ensemble), -1).view(np.uint8) for field in fields]
    seen: dict[bytes, int] = {}
    rows = np.concatenate(bytes_of, axis=1)
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows])


@dataclass(frozen=True)
class Levers:
    """Runs single worlds at points along axes, and asks what decides how they end.

    Attributes
    ----------
    axes
        What is varied; each value equally likely.
    hits
        The endings that count.
    """

    kernel: Kernel
    scenario: Scenario
    axes: tuple[Axis, ...]
    hits: Sequence[Outcome]

    @property
    def choices(self) -> dict[str, int]:
        """By lever, how many choices it has; 0 for a range."""
        return {axis.lever: len(axis.choices) for axis in self.axes}

    @property
    def members(self) -> Members:
        """The members in blocks, copies together."""
        return members_in_blocks(lineages(self.kernel.ensemble))

    def sobol(self, runs: int, progress: Progress | None = None) -> Sobol:
        """Share out the variance of the odds over the ranges."""
        seed, members = self.kernel.seed, self.members
        return sobol(
            self._at, self.choices, runs=runs, seed=seed, members=members, progress=progress
        )

    def split(self, samples: int, progress: Progress | None = None) -> Split:
        """Split the variance of one world's outcome."""
        given = {"samples": samples, "seed": self.kernel.seed}
        return split(self._at, self.choices, self.members, progress=progress, **given)

    def dice(self, samples: int, progress: Progress | None = None) -> Dice:
        """Share out what luck decides, where the levers of the scenario stand."""
        given = {"samples": samples, "seed": self.kernel.seed}
        return dice(self._thrown, tuple(GROUPS), self.members, progress=progress, **given)

    # -------------------------------------------------------------- runs

    def _at(self, shares: Floats, member: Ints, world: Ints) -> NDArray[np.bool_]:
        cases = new_cases(len(member))
        cases["member"], cases["world"] = member, world
        cases["agenda"] = np.arange(len(member)) % _PART
        parts = (slice(first, first + _PART) for first in range(0, len(member), _PART))
        return self._hit(
            Batch(along(self.scenario, self.axes, shares[part]), cases[part]) for part in parts
        )

    def _thrown(self, member: Ints, world: Ints) -> NDArray[np.bool_]:
        """Worlds whose luck is that of an address for each group of dice; only parity differs."""
        cases = new_cases(len(member))
        cases["member"], cases["world"] = member, world[:, 0] // 2
        bits = np.array([purposes(group) for group in GROUPS])
        cases["anew"]["purposes"] = (world % 2) @ bits
        cases["anew"]["seed"] = (self.kernel.seed + 1) % MAX_SEED
        plain: Agendas = agenda(self.scenario).alone
        firsts = range(0, len(member), _PART)
        return self._hit(Batch(plain, cases[first : first + _PART]) for first in firsts)

    def _hit(self, batches: Iterable[Batch]) -> NDArray[np.bool_]:
        ended = np.concatenate(list(self.kernel.run(batches)))
        return np.isin(ended["outcome"], self.hits)
