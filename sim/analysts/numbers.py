"""The numbers of the model as questions to an analyst, and why some of them are none."""

from __future__ import annotations

import re

import numpy as np

from sim.engine.dtypes import Floats
from sim.engine.records import Member, Start
from sim.evidence.coding import suggestion
from sim.inputs.actors import possessive
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import slots
from sim.inputs.parameters import Parameter
from sim.inputs.views import TENTH

TENTHS = (10, 50, 90)
"""The quantiles that are asked for, in per cent."""
Tenths = tuple[float, float, float]
"""Values with 10, 50 and 90 per cent below."""
UNITS = {
    "stakes": "1 is the distance between a side's worst and best settlement",
    "1/stakes": "at 30, what is better by a tenth of the stakes is chosen 20 times as often",
    "logit": "0 is a chance of 50%, 1 of 73%, 2 of 88%, 3 of 95%; -1 of 27%, -2 of 12%",
    "momentum": "0 is a front that stands still; positive where side R gains",
    "scale": "0 is side U's best end, 1 side R's",
    "scale/momentum": "on a scale from side U's best end, 0, to side R's, 1",
    "1/day": "0.1 is once in ten days",
}
"""What units mean that need a word."""
_POSITIONS = ("ideal", "red_line", "weight", "mediator_position")
_GIVEN = ("capability", "sanctions_share")
_STATE = "start."


def believable(conflict: Conflict) -> dict[str, Parameter]:
    """Return the numbers that have a prior with a spread, by name."""
    return {row.name: row for row in conflict.parameters if row.prior.fixed is None}


def weighable(conflict: Conflict) -> frozenset[str]:
    """Return the names of the numbers by which members can be weighed.

    They are drawn, not fixed, and members keep them as they were drawn. Not so the state before the
    record, from which each member has moved on, nor what the record's filter alone reads.
    """
    kept = {name for name, _, _ in slots(Member, conflict.bloc_ids)}
    return frozenset(kept & set(believable(conflict)))


def refusal(name: str, conflict: Conflict) -> tuple[str, str] | None:
    """Say why there can be no belief about a number, and what to do; None if there can."""
    known = believable(conflict)
    if name in known:
        return None
    fixed = {row.name: row for row in conflict.parameters if row.prior.fixed is not None}
    if name in fixed:
        what = f"is fixed at {fixed[name].prior} in parameters.toml: the model gives it no spread, "
        what += "so that there is no prior to believe otherwise."
        return what, f"A variant holds it at another value: {conflict.truce} variants."
    field = name.partition(".")[0]
    if field in _POSITIONS and name in _columns(conflict):
        what = "is measured from what was stated in the press, and has no prior in parameters.toml."
        return what, f"Code a statement that moves it: {conflict.truce} evidence new."
    if field in _GIVEN and name in _columns(conflict):
        return "is a fact of actors.toml.", "Change it there, in a copy of the data."
    if name in _columns(conflict):
        what = "is the state in which the record left each member; nobody states it."
        return what, suggestion(name.replace(_STATE, "start_"), known)
    return "is no number of the model.", suggestion(name, known)


def _columns(conflict: Conflict) -> frozenset[str]:
    """The names of all numbers of a member and its state."""
    members = {name for name, _, _ in slots(Member, conflict.bloc_ids)}
    return frozenset(members | {_STATE + name for name, _, _ in slots(Start, conflict.bloc_ids)})


# ------------------------------------------------------------------ as questions


def question(row: Parameter, conflict: Conflict) -> str:
    """Return what a number means, with the sides by their names."""
    return sides_named(row.meaning.removesuffix(" (logit)"), conflict)


def unit(row: Parameter, conflict: Conflict) -> str:
    """Return the unit of a number with what it means, where that needs a word."""
    told = UNITS.get(row.unit)
    return f"{row.unit} ({sides_named(told, conflict)})" if told else row.unit


def sides_named(text: str, conflict: Conflict) -> str:
    """Return a text with the sides by their names, where it has them by their letters too."""
    text = conflict.named(text)
    for letter, side in zip("RU", conflict.sides, strict=True):
        text = re.sub(rf"\b{letter}'s", possessive(side.name), text)
        text = re.sub(rf"\b{letter}\b", side.name, text)
    return text


# ------------------------------------------------------------------ quantiles


def prior_tenths(row: Parameter) -> Tenths:
    """Return where the prior of a number has 10, 50 and 90 per cent below it."""
    low, middle, high = row.from_scores(np.array([-TENTH, 0.0, TENTH])).tolist()
    return low, middle, high


def tenths(values: Floats, shares: Floats) -> Tenths:
    """Return where values that have shares have 10, 50 and 90 per cent below them."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(shares[order]) - 0.5 * shares[order]
    low, middle, high = np.interp([0.1, 0.5, 0.9], below, values[order]).tolist()
    return low, middle, high


def shown_number(value: float) -> str:
    """Write a number as sheets and pages show it.

    >>> shown_number(0.0123456), shown_number(-0.0), shown_number(30.0)
    ('0.0123', '0', '30')
    """
    return f"{value + 0.0:.3g}"


def as_shown(values: Tenths) -> Tenths:
    """Return numbers as they are read where they were shown."""
    low, middle, high = (float(shown_number(value)) for value in values)
    return low, middle, high
