"""Records of what reacts to public events: the blocks of a scenario, and what is imposed today."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE
from sim.engine.dtypes import Reals, Wholes, dtype_of

PerBlock = Annotated[Wholes, ("reaction",)]
NEVER = 2**31
"""An evening that no world lives to see."""


class Blocks:
    """Conditions on public events, and what follows from the day after each is met.

    They are looked at on the evening of a day, and of the as-of day (0).
    """

    number: int
    """How many there are; what is beyond them in each field means nothing."""
    events: PerBlock
    """Bit n is set if `sim.engine.domain.Public` n counts; 0 for none: the day alone decides."""
    after: PerBlock
    """Events count on later days alone; without events, the evening from which on it is met."""
    within: PerBlock
    """The last day on which events count."""
    times: PerBlock
    """On how many days one of the events must have happened."""
    absent: PerBlock
    """1 if it is met from the evening of day ``within`` on if they have not happened so often."""
    again: PerBlock
    """1 if it may be met again after it was, counting from nothing."""
    first_evening: PerBlock
    last_evening: PerBlock
    """The evenings on which it is looked at."""
    levers: PerBlock
    """What is added to the number of the agenda's row while its levers are set; 0 if it has none.

    A power of 2, so that every set of blocks has a row.
    """
    lasts: PerBlock
    """For how many days the levers stay set; 0 for good."""
    move: PerBlock
    """The public event that is imposed on the day after, or NONE."""
    scope: PerBlock
    """What an imposed partial truce covers."""
    days: PerBlock
    """How long an imposed pause lasts; 0 for as long as pauses last."""
    size: Annotated[Reals, ("reaction",)]
    """The share of the issuer's fullest package that is imposed; not-a-number for what was
    threatened."""


BLOCKS = dtype_of(Blocks)


def new_blocks(count: int = 0) -> NDArray[np.void]:
    """Return a record of so many blocks that do nothing."""
    blocks = np.zeros(1, BLOCKS)
    blocks["number"] = count
    blocks["move"] = blocks["scope"] = NONE
    blocks["times"] = 1
    blocks["size"] = np.nan
    return blocks


def joined(one: NDArray[np.void], other: NDArray[np.void]) -> NDArray[np.void]:
    """Return the blocks of one record, then those of another."""
    first, second = int(one["number"][0]), int(other["number"][0])
    both = one.copy()
    both["number"] = first + second
    for name in BLOCKS.names or ():
        if name != "number":
            both[name][0, first : first + second] = other[name][0, :second]
    return both


class Reacting:
    """How far the blocks of a world have come."""

    row: int
    """The row of the agenda whose levers are in force."""
    next_look: int
    """The evening after which they are looked at, or `NEVER`: most evenings change nothing."""
    looked: int
    """The last evening on which they were looked at."""
    noted: int
    """The last day of which public events were noted."""
    watched: int
    """The public events for which some block waits, as bits."""
    carried: int
    """The public events that were decided yesterday to happen today, as bits."""
    drifted: int
    """Those of strikes and patience that have been told, as bits."""
    count: PerBlock
    """By block, on how many days its events have happened."""
    set_off: PerBlock
    """The day on which what it does last began, or NONE."""
    first: PerBlock
    """The day on which it first did what it says, or NONE."""


class Imposed:
    """What is imposed today, whatever the rules would have drawn."""

    events: int
    """Bit n is set if `sim.engine.domain.Public` n is imposed."""
    scope: int
    days: int
    size: Annotated[Reals, ("threat",)]
    """As in `Blocks`."""
