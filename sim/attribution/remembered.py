"""Filters that remember what they have drawn and where their pasts ended.

Where many filters are run, a day each or one thing left out each, most of what they draw is the
same: the parameters of a block come first from its stream, whatever the evidence. They are drawn
once, and pasts that are chosen are not lived again. All numbers are those of
`sim.calibrate.particles.Filter`, to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.particles import Filter, Numbers, Particles, stream
from sim.engine.dtypes import Floats, Ints
from sim.unfinished import SummedFilter, filter_fields

MOST = 131_072
"""The most pasts that are remembered; more are drawn and lived again when they are needed."""


@dataclass
class Draws:
    """What has been drawn by block, for filters of one seed and one set of priors.

    It takes some 1,000 bytes a past.

    Attributes
    ----------
    base
        The filter whose positions most of them share; None if each has its own.
    """

    base: Filter | None = None
    _asked: tuple[Any, ...] | None = None
    _opened: dict[int, tuple[Any, dict[str, Floats]]] = field(default_factory=dict)
    _numbers: dict[int, Numbers] = field(default_factory=dict)

    def opened(self, whose: RememberingFilter, block: int) -> tuple[Any, dict[str, Floats]]:
        """Return the stream of a block behind its parameters, and these."""
        if not self._fits(whose):
            return whose.opened_anew(block)
        if block not in self._opened:
            rng, values = whose.opened_anew(block)
            self._opened[block] = rng.bit_generator.state, _lean(values)
        state, values = self._opened[block]
        rng = stream(whose.seed, block)
        rng.bit_generator.state = state
        return rng, dict(values)

    def numbers_of(self, whose: RememberingFilter) -> dict[int, Numbers] | None:
        """Return where the numbers of a filter are kept, if they are those of the base."""
        base = self.base
        if base and whose.positions is base.positions and whose.factors == base.factors:
            return self._numbers if self._fits(whose) else None
        return None

    def _fits(self, whose: RememberingFilter) -> bool:
        """Whether a filter draws the parameters that those draw which share this."""
        asked = (whose.seed, whose.values, whose.spread, whose.beliefs, whose.record.conflict)
        if self._asked is None:
            self._asked = asked
        return self._asked == asked


def _lean(values: dict[str, Floats]) -> dict[str, Floats]:
    """The same arrays; one that holds a single number throughout takes the room of one."""
    return {
        name: np.broadcast_to(one[:1], one.shape) if (one == one[0]).all() else one
        for name, one in values.items()
    }


@dataclass(frozen=True)
class RememberingFilter(SummedFilter):
    """A filter that keeps the numbers and the ends of its pasts for as long as it lives.

    A past takes some 1,500 bytes. One that is made of it by `dataclasses.replace` remembers pasts
    of its own, and shares what was drawn.

    Attributes
    ----------
    draws
        What is shared with other filters.
    """

    draws: Draws = field(default_factory=Draws, repr=False, compare=False)
    _numbers: dict[int, Numbers] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _ends: dict[int, NDArray[np.void]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def opened(self, block: int) -> tuple[np.random.Generator, dict[str, Floats]]:
        """Open the stream of a block behind its parameters, which are drawn once."""
        return self.draws.opened(self, block)

    def opened_anew(self, block: int) -> tuple[np.random.Generator, dict[str, Floats]]:
        """Open the stream of a block and draw its parameters."""
        return super().opened(block)

    def numbers(self, block: int) -> Numbers:
        """Draw all numbers of a block, once."""
        kept = self.draws.numbers_of(self)
        kept = self._numbers if kept is None else kept
        if block not in kept:
            kept[block] = super().numbers(block)
        return kept[block]

    def block(self, number: int, count: int, first: int = 0) -> Particles:
        """Weigh the particles of a block and keep their ends.

        Returns
        -------
        Particles
            What was reported by action; of the days the sums, in one column each: the weights are
            the same to the last bit.
        """
        whole, ends = self.block_and_ends(number, count, first)
        if not first:
            self._ends[number] = ends
        sums = (part.sum(axis=1, dtype=float) for part in (whole.silent, whole.excluded))
        return Particles(whole.reported, *(one[:, np.newaxis] for one in sums))

    def again(self, number: int, inside: Ints) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return some particles of a block as members, with the states that were kept."""
        ends = self._ends.get(number)
        if ends is None or inside.max() >= len(ends):
            return super().again(number, inside)
        some = {name: values[inside] for name, values in self.numbers(number).items()}
        return self.made(some)[0], ends[inside]


def remembering(plain: Filter, particles: int, draws: Draws) -> Filter:
    """Return a filter like a plain one that remembers, unless the particles are too many for it."""
    if particles > MOST:
        return plain
    return RememberingFilter(**filter_fields(plain), draws=draws)
