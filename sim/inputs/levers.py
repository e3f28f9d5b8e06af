"""The levers: everything that a scenario can set, each with its meaning, unit and range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sim.errors import ScenarioError
from sim.inputs.lever_kinds import (
    DEFERRED,
    DeferrableNumber,
    Kind,
    Number,
    Switch,
    Value,
    WholeDays,
    Word,
    value_text,
)
from sim.text import did_you_mean, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DEFERRED",
    "LEVERS",
    "Lever",
    "LeverSource",
    "Value",
    "check_lever",
    "lever_named",
    "parse_value",
    "value_text",
]


class Lever(NamedTuple):
    """Something that a scenario can set, and the field of the policy record that it fills.

    Attributes
    ----------
    kind
        The values that it takes, and all that follows from them.
    field, slot
        Where it stands in the policy record; ``slot`` is the place in a field that is an array.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    field: str
    slot: int | None = None

    @property
    def described(self) -> str:
        """Unit and values in words, such as ``share, 0 to 1``."""
        return self.kind.described(self.unit)

    def write(self, record: NDArray[np.void], value: Value) -> None:
        """Write a checked value into one policy record."""
        self.kind.write(record, self.field, self.slot, value)


class LeverSource(NamedTuple):
    """Where the value of a lever comes from, and who says so.

    Attributes
    ----------
    origin
        `record`: as it stood on the as-of day; `file`: the scenario's file; `inline`: set in line
        with the scenario's name; `override`: set beside it, as by `Scenario.with_levers`.
    texts
        A row of the record with its day, or the claims of the scenario; empty if none names it.
    """

    origin: Literal["record", "file", "inline", "override"]
    texts: tuple[str, ...]


_SHARE = Number(0, 1)
_SWITCH = Switch()
_ISSUE = DeferrableNumber(0, 1, "named")
_FOLLOW = Word(("drawn", "kept", "broken"))  # in the order of sim.engine.domain.FollowThrough
_OPENED = {
    "territory": "who controls what",
    "recognition": "the legal status of territory",
    "nato": "membership of the alliance",
    "force_limits": "limits on side U's forces and arms supply",
    "nuclear_plant": "the nuclear plant",
}
_ISSUER = "share of the fullest package in the issuer's hands"
_PLACE = "place on the issue's scale, 0 side U's best to 1 side R's best"

LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Lever("sanctions.us_threat", "sanctions threatened by the mediator for refusing",
              _ISSUER, _SHARE, "threat", 0),
        Lever("sanctions.europe_threat", "sanctions threatened by the blocs for refusing",
              _ISSUER, _SHARE, "threat", 1),
        Lever("sanctions.deadline_days", "days from a threat to its decision day",
              "days", WholeDays(1, 365), "deadline_days"),
        Lever("sanctions.commitment", "how much the issuers have publicly staked on their threats",
              "share", _SHARE, "commitment"),
        Lever("sanctions.us_follow_through",
              "whether the mediator carries out its threats against refusal",
              "as the model draws, always, or never", _FOLLOW, "follow_through", 0),
        Lever("sanctions.europe_follow_through",
              "whether the blocs carry out their threats against refusal",
              "as the model draws, always, or never", _FOLLOW, "follow_through", 1),
        Lever("sanctions.on_breach", "sanctions, or loss of arms, threatened for breaking a truce",
              "share of each issuer's fullest package, or of the arms supply", _SHARE, "on_breach"),
        Lever("sanctions.relief", "relief from the sanctions in force, offered with a settlement",
              "share of those in force", _SHARE, "relief"),
        Lever("sanctions.relief_on_signature", "part of that relief paid when the truce is signed",
              "share of the relief", _SHARE, "relief_on_signature"),
        Lever("offer.territory", "who controls what", _PLACE, _ISSUE, "offer", 0),
        Lever("offer.recognition", "legal status of territory", _PLACE, _ISSUE, "offer", 1),
        Lever("offer.nato", "membership of the alliance", _PLACE, _ISSUE, "offer", 2),
        Lever("offer.force_limits", "limits on side U's forces and arms supply",
              _PLACE, _ISSUE, "offer", 3),
        Lever("offer.nuclear_plant", "the nuclear plant", _PLACE, _ISSUE, "offer", 4),
        Lever("concede.nato", "membership is ruled out in advance, whatever is signed",
              "true or false", _SWITCH, "concede_nato"),
        Lever("concede.recognition", "the mediator recognises in advance, whatever is signed",
              "true or false", _SWITCH, "concede_recognition"),
        Lever("mandate.flexibility", "how far the mediator may move the package",
              "share", _SHARE, "flexibility"),
        *(
            Lever(f"mandate.{issue}", f"the mediator may concede on {what}",
                  "true or false", _SWITCH, "mandate", slot)
            for slot, (issue, what) in enumerate(_OPENED.items())
        ),
        Lever("guarantee.ambition", "size of the protection planned for after the truce",
              "share of the fullest discussed", _SHARE, "ambition"),
        Lever("guarantee.us_backstop", "how far the mediator stands behind that protection",
              "share", _SHARE, "backstop"),
        Lever("guarantee.pledged", "the least that the blocs have pledged, whatever they choose",
              "share of their capability", _SHARE, "pledged"),
        Lever("monitoring.strength", "monitoring of the truce, 1 as strong as any on record",
              "share", _SHARE, "monitoring"),
        Lever("aid.level", "arms supply to side U",
              "multiple of that of the first day of the record", Number(0, 2), "aid_level"),
        Lever("aid.us_threat", "part of the arms supply threatened to be cut for refusing",
              "share of the supply", _SHARE, "threat", 2),
        Lever("ukraine.side_payment", "what side U pays the mediator, as by a resource deal",
              "share of the fullest discussed", _SHARE, "side_payment"),
        Lever("mediator.patience_days", "days until fresh patience is spent",
              "days", Number(1, 3650), "patience_days"),
        Lever("front.momentum_shift", "shift of the front's mean momentum, positive for side R",
              "momentum", Number(-1, 1), "momentum_shift"),
    )
}  # fmt: skip
"""All levers by name, in the order in which they are shown.

Their texts speak of side R and side U; `sim.inputs.conflict.Conflict.lever` puts names in.
"""


def lever_named(where: str, name: Any) -> Lever:
    """Return a lever by its name.

    Raises
    ------
    ScenarioError
        If there is none of that name.
    """
    lever = LEVERS.get(name) if isinstance(name, str) else None
    if lever is None:
        family = [one for one in LEVERS if one.split(".")[0] == str(name).split(".")[0]]
        todo = did_you_mean(name, family or LEVERS, "" if family else "`truce levers` lists all.")
        raise ScenarioError(where, f"there is no lever '{printable(name)}'.", todo)
    return lever


def check_lever(where: str, name: str, value: Any) -> Value:
    """Check a lever's name and value and return the value, numbers as float.

    Raises
    ------
    ScenarioError
        Naming ``where``, the lever, the value and its bounds.
    """
    lever = lever_named(where, name)
    if getattr(value, "shape", None) == ():
        value = value.item()  # a number or a truth as NumPy has it
    return lever.kind.check(f"{where}.{name}", value, lever.unit)


def parse_value(name: str, text: str) -> Value:
    """Read a lever's value from a word of a command line; `check_lever` refuses what is none."""
    lever = LEVERS.get(name)
    return lever.kind.parse(text) if lever else text
