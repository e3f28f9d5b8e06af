"""The row of a world: what a run keeps of it."""

from __future__ import annotations

from typing import Annotated

from sim.engine.dtypes import Reals, Wholes, dtype_of


class Row:
    """What is recorded of a world; NONE and not-a-number stand for null."""

    world: int
    member: Annotated[int, "i2"]
    outcome: Annotated[int, "i1"]
    first_truce_day: Annotated[int, "i2"]
    truce_days: Annotated[int, "i2"]
    full_truces: Annotated[int, "i2"]
    partial_truces: Annotated[int, "i2"]
    short_truces: Annotated[int, "i2"]
    unilateral_pauses: Annotated[int, "i2"]
    ended_by: Annotated[int, "i1"]
    broke_first: Annotated[int, "i1"]
    blocked_last: Annotated[int, "i1"]
    blocked_issue: Annotated[int, "i1"]
    x: Annotated[Reals, ("valued issue",), "f4"]
    momentum_end: Annotated[float, "f4"]
    sanctions_end: Annotated[float, "f4"]
    guarantee_end: Annotated[float, "f4"]
    credibility_end: Annotated[Reals, ("sanctioner",), "f4"]
    worth: Annotated[Reals, ("side",), "f4"]
    """What the world is worth to each side by its end, in stakes: see `sim.engine.rules.price`."""
    signed: Annotated[Reals, ("offered issue",), "f4"]
    """The package at the last signature: places, not-a-number where an issue is not named."""
    signed_guarantee: Annotated[float, "f4"]
    signed_relief: Annotated[float, "f4"]
    first_day: Annotated[Wholes, ("public event",), "i2"]
    """The day on which each of `sim.engine.domain.Public` first happened."""

    reaction_day: Annotated[Wholes, ("reaction",), "i2"]
    """The day on which each block of the scenario first did what it says."""


ROW = dtype_of(Row, packed=True)
