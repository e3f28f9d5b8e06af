"""Records of work in hand: the candidates weighed before a round, and luck as it is dealt."""

from __future__ import annotations

from typing import Annotated

from sim.engine.domain import LUCK_DAYS
from sim.engine.dtypes import Flags, Reals, Wholes, dtype_of


class Proposal:
    """What the mediator weighs before a round: four candidates, the first to stand pat."""

    x: Annotated[Reals, ("candidate", "issue")]
    named: Annotated[Flags, ("candidate", "issue")]
    gain: Annotated[Reals, ("side",)]
    """What signing the chosen one is worth to each side."""
    felt: Annotated[Reals, ("side",)]
    """The share of its resolve that weighs against that one."""
    accept: Annotated[Reals, ("side",)]
    condition: Annotated[Reals, ("side",)]
    """The chances of a yes and of a condition to that one that the mediator gives to each side, if
    the other side is sure to accept."""


class Luck:
    """The luck of the coming days; see `sim.engine.streams.draw_luck`."""

    seed: int
    world: int
    first: int
    """Whose luck was drawn, and from which day on."""

    calendar: Annotated[Reals, (4, LUCK_DAYS)]
    """By kind and day, as in `Day`."""
    front: Annotated[Reals, (3 * LUCK_DAYS,)]
    """By kind, then day: the uniforms, and the normals that they are turned into."""
    normal: Annotated[Reals, (3 * LUCK_DAYS,)]
    tail: Annotated[Reals, (3 * LUCK_DAYS,)]
    """Those in the tails, and where they belong."""
    place: Annotated[Wholes, (3 * LUCK_DAYS,)]


class Anew:
    """Which luck of a world is thrown anew, with another seed; see `sim.engine.streams.luck_of`."""

    purposes: int
    """Bit n is set if the luck of `Purpose` n is thrown anew."""
    day: int
    """The one day on which that is done; 0 for every day."""
    part: int
    """The one actor, or of the front's and the calendar's luck the one kind; NONE for all."""
    seed: int


PROPOSAL = dtype_of(Proposal)
LUCK = dtype_of(Luck)
