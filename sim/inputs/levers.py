"""The levers: everything that a scenario can set, each with its meaning, unit and range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from numbers import Real
from typing import Any, Literal, NamedTuple

from sim.errors import ScenarioError
from sim.text import printable, shown

Value = float | bool | str
"""A number, true or false, or the word 'deferred'."""
DEFERRED = "deferred"


class Lever(NamedTuple):
    """Something that a scenario can set, and the field of the policy record that it fills."""

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    field: str
    slot: int | None = None
    kind: Literal["number", "issue", "switch", "days"] = "number"


_ISSUER = "share of the fullest package in the issuer's hands"
_PLACE = "place on the issue's scale, 0 Kyiv's best to 1 Moscow's best, or 'deferred'"

LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Lever("sanctions.us_threat", "sanctions threatened by the mediator for refusing",
              _ISSUER, 0, 1, "threat", 0),
        Lever("sanctions.europe_threat", "sanctions threatened by the blocs for refusing",
              _ISSUER, 0, 1, "threat", 1),
        Lever("sanctions.deadline_days", "days from a threat to its decision day",
              "days", 1, 365, "deadline_days", None, "days"),
        Lever("sanctions.commitment", "how much the issuers have publicly staked on their threats",
              "share", 0, 1, "commitment"),
        Lever("sanctions.on_breach", "sanctions, or loss of arms, threatened for breaking a truce",
              "share of each issuer's fullest package, or of the arms supply", 0, 1, "on_breach"),
        Lever("sanctions.relief", "relief from the sanctions in force, offered with a settlement",
              "share of those in force", 0, 1, "relief"),
        Lever("sanctions.relief_on_signature", "part of that relief paid when the truce is signed",
              "share of the relief", 0, 1, "relief_on_signature"),
        Lever("offer.territory", "who controls what", _PLACE, 0, 1, "offer", 0, "issue"),
        Lever("offer.recognition", "legal status of territory", _PLACE, 0, 1, "offer", 1, "issue"),
        Lever("offer.nato", "membership of the alliance", _PLACE, 0, 1, "offer", 2, "issue"),
        Lever("offer.force_limits", "limits on Ukraine's forces and arms supply",
              _PLACE, 0, 1, "offer", 3, "issue"),
        Lever("offer.nuclear_plant", "the Zaporizhzhia plant", _PLACE, 0, 1, "offer", 4, "issue"),
        Lever("concede.nato", "membership is ruled out in advance, whatever is signed",
              "true or false", 0, 1, "concede_nato", None, "switch"),
        Lever("concede.recognition", "the mediator recognises in advance, whatever is signed",
              "true or false", 0, 1, "concede_recognition", None, "switch"),
        Lever("mandate.flexibility", "how far the mediator may move the package",
              "share", 0, 1, "flexibility"),
        Lever("guarantee.ambition", "size of the protection planned for after the truce",
              "share of the fullest discussed", 0, 1, "ambition"),
        Lever("guarantee.us_backstop", "how far the mediator stands behind that protection",
              "share", 0, 1, "backstop"),
        Lever("monitoring.strength", "monitoring of the truce, 1 as strong as any on record",
              "share", 0, 1, "monitoring"),
        Lever("aid.level", "arms supply to Ukraine",
              "multiple of that of 10 March 2025", 0, 2, "aid_level"),
        Lever("aid.us_threat", "part of the arms supply threatened to be cut for refusing",
              "share of the supply", 0, 1, "threat", 2),
        Lever("ukraine.side_payment", "what Ukraine pays the mediator, as by a resource deal",
              "share of the fullest discussed", 0, 1, "side_payment"),
        Lever("mediator.patience_days", "days until fresh patience is spent",
              "days", 1, 3650, "patience_days"),
        Lever("front.momentum_shift", "shift of the front's mean momentum, positive for Russia",
              "momentum", -1, 1, "momentum_shift"),
    )
}  # fmt: skip
"""All levers by name, in the order in which they are shown."""


def value_text(value: Value) -> str:
    """Write a lever's value in full, as `--set` and `--vary` read it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def check_lever(where: str, name: str, value: Any) -> Value:
    """Check a lever's name and value and return the value, numbers as float.

    Raises
    ------
    ScenarioError
        Naming ``where``, the lever, the value and its bounds.
    """
    lever = LEVERS.get(name) if isinstance(name, str) else None
    if lever is None:
        close = get_close_matches(str(name), LEVERS, 1)
        todo = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(LEVERS)}."
        raise ScenarioError(where, f"there is no lever '{printable(name)}'.", todo)
    place = f"{where}.{name}"
    if getattr(value, "shape", None) == ():
        value = value.item()  # a number or a truth as NumPy has it
    if lever.kind == "switch":
        if isinstance(value, bool):
            return value
        raise ScenarioError(place, f"{shown(value)} is neither true nor false.", "Say which.")
    if lever.kind == "issue" and value == DEFERRED:
        return DEFERRED
    if isinstance(value, bool) or not isinstance(value, Real):
        todo = f"Give a number {lever.low:g} to {lever.high:g} ({lever.unit})."
        raise ScenarioError(place, f"{shown(value)} is no number.", todo)
    try:
        number = float(value) + 0.0  # no negative zero
    except OverflowError:
        number = math.inf
    if not lever.low <= number <= lever.high:
        span = f"{lever.low:g}..{lever.high:g}"
        todo = f"Choose {lever.low:g} to {lever.high:g}."
        if lever.low <= number <= 10 * lever.high:
            todo = f"Did you mean {number / 10:g}?"
        raise ScenarioError(place, f"{shown(value)} is outside {span} ({lever.unit}).", todo)
    if lever.kind == "days" and number != int(number):
        raise ScenarioError(place, f"{number:g} is not a whole number of days.", "Round it.")
    return number
