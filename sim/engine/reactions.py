"""Records of what reacts to public events: the blocks of a scenario, and what is imposed today."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE
from sim.engine.dtypes import Reals, Wholes, dtype_of


class Reaction:
    """A condition on public events, and what follows from the day after it is met.

    It is looked at on the evening of each day, and of the as-of day (0).
    """

    events: int
    """Bit n is set if `sim.engine.domain.Public` n counts; 0 for none: the day alone decides."""
    after: int
    """Events count on later days alone; without events, the evening from which on it is met."""
    within: int
    """The last day on which events count."""
    times: int
    """On how many days one of the events must have happened."""
    absent: bool
    """It is met from the evening of day ``within`` on if the events have not happened so often."""
    again: bool
    """It may be met again after it was, counting from nothing."""
    first_evening: int
    last_evening: int
    """The evenings on which it is looked at."""
    levers: int
    """What is added to the number of the agenda's row while its levers are set; 0 if it has none.

    A power of 2, so that every set of blocks has a row.
    """
    lasts: int
    """For how many days the levers stay set; 0 for good."""
    move: int
    """The public event that is imposed on the day after, or NONE."""
    scope: int
    """What an imposed partial truce covers."""
    days: int
    """How long an imposed pause lasts; 0 for as long as pauses last."""
    size: float
    """The share of the issuer's fullest package that is imposed; not-a-number for what was
    threatened."""


REACTION = dtype_of(Reaction)


def new_reactions(count: int) -> NDArray[np.void]:
    """Return so many blocks that do nothing."""
    blocks = np.zeros(count, REACTION)
    blocks["move"] = blocks["scope"] = NONE
    blocks["times"] = 1
    blocks["size"] = np.nan
    return blocks


NEVER = 2**31
"""An evening that no world lives to see."""


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
    count: Annotated[Wholes, ("reaction",)]
    """By block, on how many days its events have happened."""
    set_off: Annotated[Wholes, ("reaction",)]
    """The day on which what it does last began, or NONE."""
    first: Annotated[Wholes, ("reaction",)]
    """The day on which it first did what it says, or NONE."""


class Imposed:
    """What is imposed today, whatever the rules would have drawn."""

    events: int
    """Bit n is set if `sim.engine.domain.Public` n is imposed."""
    scope: int
    days: int
    size: Annotated[Reals, ("threat",)]
    """As in `Reaction`."""
