"""What an event of the record means to the filter: one rule a kind of event, in `MEANINGS`.

A rule takes an event and what surrounds it and returns what is imposed, or raises with what is
wrong with the row. The filter's side of it is `sim.calibrate.observations` (what is there on a
day), `sim.calibrate.filter` (how it is imposed and what it is paid) and
`sim.calibrate.observed_acts` (what is only set).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sim.calibrate.observations import Ended, Kind
from sim.engine.domain import NONE, Answer, Scope, Side, Threat
from sim.engine.dtypes import Ints, Records
from sim.errors import CalibrationError
from sim.evidence.coding import ANSWERS
from sim.evidence.statements import Event, Evidence
from sim.inputs.kinds import EVENT_KINDS

_ANSWER = dict(zip(ANSWERS, Answer, strict=True))
_SCOPE = {scope.name.lower(): scope for scope in Scope}
_TODO, _OR_LIST = "Correct the row of events.csv", ", or take it out of history.toml"


class Meaning(NamedTuple):
    """What is imposed, once for each of ``who``: the fields of an `Action`, without its days."""

    kind: Kind
    who: tuple[int, ...] = (NONE,)
    value: float = 1.0
    scope: int = NONE
    size: float = math.nan
    starts: int = NONE


@dataclass(frozen=True)
class Setting:
    """What surrounds an event: the evidence, the days of the record and the levers on them.

    Attributes
    ----------
    eve
        Day 0 of the record.
    policies, segment_of_day
        The levers by day, as an `Agenda` has them.
    """

    evidence: Evidence
    eve: dt.date
    policies: Records
    segment_of_day: Ints

    @property
    def days(self) -> int:
        """How many days the record has."""
        return len(self.segment_of_day) - 1

    def number(self, date: dt.date) -> int:
        """Return how many days after the eve of the record a day is."""
        return (date - self.eve).days

    def threatened(self, threat: int, event: Event) -> bool:
        """Whether the levers threaten anything on a day of an event's window."""
        last = self.days
        first, end = (
            min(last, max(1, self.number(date))) for date in (event.date_from, event.date_to)
        )
        segments = self.segment_of_day[first : end + 1]
        return bool((self.policies["threat"][segments, threat] > 0.0).any())


Rule = Callable[[Event, Setting], Meaning | None]


def meaning_of(event: Event, setting: Setting) -> Meaning | None:
    """Return what is imposed for an event; None if nothing is left to impose.

    Raises
    ------
    CalibrationError
        If it cannot be imposed: the row is wrong, or its kind has no rule.
    """
    kind = EVENT_KINDS[event.event]
    if kind.effect == "told":
        raise refused(event, f"is listed, but {event.event} moves nothing: {kind.why}.")
    if setting.number(event.date_to) < 1:
        begins = setting.evidence.conflict.facts.record.begins
        what = f"lies before the record, which begins on {begins}."
        raise refused(event, what, "Take the row out: the state then is that of parameters.toml.")
    for name in kind.needs:
        if name not in event.facts:
            raise refused(event, f"has no {name}= in its detail.")
    if event.event not in MEANINGS:
        what = f"of kind {event.event} has no rule by which it is imposed."
        todo = "Add one to MEANINGS in sim/calibrate/meanings.py; see CONTRIBUTING.md."
        raise CalibrationError(_where(event), what, todo)
    return MEANINGS[event.event](event, setting)


def _where(event: Event) -> str:
    line = f"events.csv, line {event.line}: " if event.line else ""
    return f"{line}event {event.id} ({event.date_from})"


def refused(event: Event, what: str, todo: str = "") -> CalibrationError:
    """Return the error that an event cannot be imposed."""
    listed = EVENT_KINDS[event.event].listed or EVENT_KINDS[event.event].effect == "told"
    todo = todo or f"{_TODO}{_OR_LIST if listed else ''}."
    return CalibrationError(_where(event), what, todo)


# ------------------------------------------------------------------ who, and how much


def _side_of(event: Event, setting: Setting, actor: str) -> int | None:
    role = setting.evidence.roles.get(actor)
    return {"belligerent_r": int(Side.R), "belligerent_u": int(Side.U)}.get(role or "")


def _side(event: Event, setting: Setting) -> tuple[int]:
    side = _side_of(event, setting, event.actor)
    if side is None:
        raise refused(event, f"is by {event.actor}, who is no belligerent.")
    return (side,)


def _by_mediator(event: Event, setting: Setting) -> None:
    if setting.evidence.roles.get(event.actor) != "mediator":
        raise refused(event, f"is by {event.actor}, who is not the mediator.")


def _issuer(event: Event, setting: Setting) -> int:
    """The threat that an act of sanctions, or of arms supply, carries out or lets pass."""
    role = setting.evidence.roles.get(event.actor)
    if role == "mediator":
        target = _side_of(event, setting, event.facts.get("target", ""))
        return int(Threat.AID if target == Side.U else Threat.MEDIATOR_SANCTIONS)
    if role == "bloc" or event.actor == setting.evidence.conflict.facts.together.id:
        return int(Threat.BLOCS_SANCTIONS)
    raise refused(event, f"is by {event.actor}, who has threatened nothing.")


def _blocs(event: Event, setting: Setting) -> tuple[int, ...]:
    conflict = setting.evidence.conflict
    ids = [bloc.id for bloc in conflict.blocs]
    if event.actor == conflict.facts.together.id:
        return tuple(range(len(ids)))
    if event.actor in ids:
        return (ids.index(event.actor),)
    raise refused(event, f"is by {event.actor}, who is no bloc.")


def _scope(event: Event) -> int:
    scope = event.facts.get("scope", "")
    if scope not in _SCOPE:
        raise refused(event, f"has the scope '{scope}'; there are full, {', '.join(_SCOPE)}.")
    return int(_SCOPE[scope])


def _value(event: Event, low: float, high: float) -> float:
    try:
        value = float(event.facts.get("value", ""))
    except ValueError:
        raise refused(event, "has no number as value= in its detail.") from None
    if not low <= value <= high:
        raise refused(event, f"has the value {value:g}, outside {low:g}..{high:g}.")
    return value


def _word(event: Event, name: str, words: Mapping[str, int]) -> int:
    """The meaning of a pair of the detail that may be one of some words; NONE if it is absent."""
    text = event.facts.get(name)
    if text is None:
        return NONE
    if text not in words:
        raise refused(event, f"has {name}={text}; use one of: {', '.join(words)}.")
    return words[text]


_YES = {"no": 0, "yes": 1}


# ------------------------------------------------------------------ one rule a kind


def _answer(event: Event, setting: Setting) -> Meaning:
    answer = _ANSWER[event.event]
    if event.facts.get("scope", "full") != "full":
        return Meaning(Kind.PARTIAL_ANSWER, _side(event, setting), float(answer), _scope(event))
    starts = NONE
    if "from" in event.facts:
        try:
            starts = setting.number(dt.date.fromisoformat(event.facts["from"]))
        except ValueError:
            what = f"has from={event.facts['from']}, which is no day."
            raise refused(event, what) from None
        if answer != Answer.ACCEPT or starts <= setting.number(event.date_to):
            raise refused(event, "has a from= that is no day after an acceptance.")
    return Meaning(Kind.ANSWER, _side(event, setting), float(answer), starts=starts)


def _truce_starts(event: Event, setting: Setting) -> Meaning:
    if event.date_from != event.date_to:
        raise refused(event, "takes more than a day: a truce takes effect on one.")
    if setting.number(event.date_from) < 2:
        raise refused(event, "was agreed before the record begins.")
    starts = setting.number(event.date_from)
    return Meaning(Kind.ANSWER, (int(Side.R), int(Side.U)), float(Answer.ACCEPT), starts=starts)


def _truce_collapses(event: Event, setting: Setting) -> Meaning:
    how = _word(event, "how", {"exit": Ended.BY_EXIT, "incident": Ended.BY_INCIDENT})
    breaker = NONE
    if "blamed" in event.facts:
        side = _side_of(event, setting, event.facts["blamed"])
        if side is None:
            raise refused(event, f"blames {event.facts['blamed']}, who is no belligerent.")
        breaker = side
    return Meaning(Kind.TRUCE_ENDS, (breaker,), float(Ended.UNTOLD if how == NONE else how))


def _partial_starts(event: Event, setting: Setting) -> Meaning:
    return Meaning(Kind.PARTIAL_STARTS, scope=_scope(event))


def _partial_ends(event: Event, setting: Setting) -> Meaning | None:
    if _word(event, "early", _YES) != 1:
        return None  # the rules end it at its term
    side = _side_of(event, setting, event.actor)
    scope = _scope(event) if "scope" in event.facts else NONE
    return Meaning(Kind.PARTIAL_ENDS, (NONE if side is None else side,), scope=scope)


def _pause(event: Event, setting: Setting) -> Meaning:
    return Meaning(Kind.PAUSE, _side(event, setting), float(_word(event, "kept", _YES)))


def _imposes(event: Event, setting: Setting) -> Meaning:
    threat = _issuer(event, setting)
    size = _value(event, 0.0, 1.0) if "value" in event.facts else math.nan
    if setting.threatened(threat, event):
        return Meaning(Kind.DECISION, (threat,), 1.0, size=size)
    if math.isnan(size):
        what = "imposes what no lever had threatened, and does not say how much with value=."
        raise refused(event, what, "Add value= to its detail, the share of the fullest package.")
    if threat == Threat.AID:
        return Meaning(Kind.ARMS_CUT, value=size)
    return Meaning(Kind.SANCTIONS, (threat,), size)


def _declines(event: Event, setting: Setting) -> Meaning:
    threat = _issuer(event, setting)
    if not setting.threatened(threat, event):
        what = "lets a threat pass that no lever had made."
        raise refused(event, what, "Add the threat to history.toml, or take the row out.")
    return Meaning(Kind.DECISION, (threat,), 0.0)


def _arms_pause(event: Event, setting: Setting) -> Meaning:
    _by_mediator(event, setting)
    if _issuer(event, setting) != Threat.AID and "target" in event.facts:
        raise refused(event, f"has target={event.facts['target']}, to whom no arms are supplied.")
    share = _value(event, 0.0, 1.0) if "value" in event.facts else 1.0
    if setting.threatened(Threat.AID, event):
        return Meaning(Kind.DECISION, (int(Threat.AID),), 1.0, size=share)
    return Meaning(Kind.ARMS_CUT, value=share)


def _arms_resume(event: Event, setting: Setting) -> Meaning:
    _by_mediator(event, setting)
    return Meaning(Kind.ARMS_CUT, value=0.0)


def _lifted(event: Event, setting: Setting) -> Meaning:
    _issuer(event, setting)
    return Meaning(Kind.LIFTING, value=_value(event, 0.0, 1.0))


def _guarantor(event: Event, setting: Setting) -> Meaning:
    _by_mediator(event, setting)
    return Meaning(Kind.GUARANTOR)


def _mediator_leaves(event: Event, setting: Setting) -> Meaning:
    _by_mediator(event, setting)
    return Meaning(Kind.MEDIATOR_LEAVES)


def _mediator_returns(event: Event, setting: Setting) -> Meaning:
    _by_mediator(event, setting)
    return Meaning(Kind.MEDIATOR_RETURNS)


def _strikes(event: Event, setting: Setting) -> Meaning:
    sign = 1.0 if _value(event, -1.0, 1.0) > 0.0 else -1.0
    return Meaning(Kind.STRIKES, _side(event, setting), sign)


MEANINGS: dict[str, Rule] = {
    **dict.fromkeys(ANSWERS, _answer),
    "truce_starts": _truce_starts,
    "truce_collapses": _truce_collapses,
    "partial_truce_starts": _partial_starts,
    "partial_truce_ends": _partial_ends,
    "short_truce": _pause,
    "imposes_sanctions": _imposes,
    "declines_sanctions": _declines,
    "sanctions_lifted": _lifted,
    "arms_pause_begins": _arms_pause,
    "arms_pause_ends": _arms_resume,
    "mediator_leaves": _mediator_leaves,
    "mediator_returns": _mediator_returns,
    "guarantor_acts": _guarantor,
    "strikes_intensify": _strikes,
    "contingent_pledged": lambda event, setting: Meaning(
        Kind.PLEDGE, _blocs(event, setting), _value(event, 0.0, 1.0)
    ),
    "direct_talks": lambda event, setting: Meaning(Kind.DIRECT_TALK, (int(Side.R),)),
    "talks": lambda event, setting: Meaning(Kind.ROUND),
}
"""What is imposed for an event, by its kind: the one place to change or to add a rule."""
