"""The parts of what `sim.watch` finds: events, pairs of them, a tree, and what turns a ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sim.engine.domain import Public
from sim.estimates import Odds, ends
from sim.experiments.differences import Difference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.inputs.events import EventName, name_of
from sim.inputs.levers import Value
from sim.inputs.roles import Roles


class Names:
    """Events as plain data: ``event`` and ``actor``, the same for no other event."""

    def __init__(self, roles: Roles) -> None:
        self._names = {event: name_of(event, roles) for event in Public}
        self._events = {name: event for event, name in self._names.items()}

    def write(self, event: Public) -> dict[str, str]:
        """Return an event as plain data."""
        return self._names[event]._asdict()

    def read(self, document: Mapping[str, Any]) -> Public:
        """Return the event of plain data.

        Raises
        ------
        LookupError
            If there is none.
        """
        return self._events[EventName(document["event"], document["actor"])]


class MovedLever(NamedTuple):
    """The odds with a lever moved that does what an event is.

    Attributes
    ----------
    odds
        With the lever at ``value`` from the first day on, all else alike.
    difference
        From the odds with the lever as it stands, the same worlds on the same luck.
    """

    lever: str
    value: Value
    odds: Odds
    difference: Difference

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "lever": self.lever,
            "value": self.value,
            "odds": self.odds.as_dict(),
            "difference": self.difference.as_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any] | None) -> MovedLever | None:
        """Return what `as_dict` gave."""
        if document is None:
            return None
        odds, difference = document["odds"], document["difference"]
        return cls(
            str(document["lever"]),
            document["value"],
            Odds.from_dict(odds),
            Difference.from_dict(difference),
        )


class Event(NamedTuple):
    """What a public event would do to the odds, if it happens by the last day watched.

    Attributes
    ----------
    public
        Which event.
    words
        What it is, in a sentence.
    chance
        That it happens by then, without the interval of the members.
    happens, fails
        Odds of the outcome where it happens by then, and where it does not; None without worlds.
    difference
        ``happens`` less ``fails``.
    worth_knowing
        Expected squared change of the odds once it is known whether it happens.
    explains
        The same as a share of the variance of the outcome; 0 if that has none.
    apart
        Why it is not ranked: one of `APART`; empty if it is.
    same_as
        Of an event that happens in nearly the same worlds as another, or only where a part of the
        outcome does: that other.
    lever
        The odds with a lever moved that does what the event is, if there is one.
    turned
        Of two scenarios: the difference of the second from the first where the event happens by
        then, and where it does not.
    """

    public: Public
    words: str
    chance: Odds
    happens: Odds | None
    fails: Odds | None
    difference: Estimate | None
    worth_knowing: float
    explains: float
    apart: str = ""
    same_as: Public | None = None
    lever: MovedLever | None = None
    turned: tuple[Estimate | None, Estimate | None] | None = None

    @property
    def ranked(self) -> bool:
        """Whether it is one of those that are ranked."""
        return not self.apart

    def as_dict(self, names: Names) -> dict[str, Any]:
        """Return it as plain data."""
        turned = self.turned and [one.as_dict() if one else None for one in self.turned]
        return {
            **names.write(self.public),
            "words": self.words,
            "chance": self.chance.mean,
            "chance_mc": list(self.chance.mc),
            "if": _odds(self.happens),
            "if_not": _odds(self.fails),
            "difference": self.difference.as_dict() if self.difference else None,
            "worth_knowing": self.worth_knowing,
            "explains": self.explains,
            "apart": self.apart or None,
            "same_as": None if self.same_as is None else names.write(self.same_as),
            "lever": self.lever.as_dict() if self.lever else None,
            "against": None if turned is None else {"if": turned[0], "if_not": turned[1]},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], names: Names) -> Event:
        """Return what `as_dict` gave."""
        turned, same = document["against"], document["same_as"]
        return cls(
            names.read(document),
            str(document["words"]),
            Odds(float(document["chance"]), ends(document["chance_mc"]), None),
            _odds_in(document["if"]),
            _odds_in(document["if_not"]),
            _estimate_in(document["difference"]),
            float(document["worth_knowing"]),
            float(document["explains"]),
            str(document["apart"] or ""),
            None if same is None else names.read(same),
            MovedLever.from_dict(document["lever"]),
            turned and (_estimate_in(turned["if"]), _estimate_in(turned["if_not"])),
        )


APART = {
    "never": "never happens by then",
    "always": "always happens by then",
    "few": "too rare, or too common, to be ranked",
    "outcome": "part of the outcome itself",
    "follows": "happens only where a part of the outcome does",
    "same": "happens in nearly the same worlds as another",
    "settled": "the outcome is sure either way",
}
"""Why an event is not ranked."""


class Cell(NamedTuple):
    """Worlds in which two events happened or not.

    Attributes
    ----------
    happened
        Whether each of the two happened.
    chance
        Share of all worlds.
    odds
        Of the outcome among them; None if there are none.
    """

    happened: tuple[bool, bool]
    chance: float
    odds: Odds | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"happened": list(self.happened), "chance": self.chance, "odds": _odds(self.odds)}


class Pair(NamedTuple):
    """Two events watched together.

    Attributes
    ----------
    explains
        Share of the variance of the outcome that knowing of both explains.
    gain
        By how much that exceeds what the better one alone explains.
    """

    events: tuple[Public, Public]
    cells: tuple[Cell, ...]
    explains: float
    gain: float

    def as_dict(self, names: Names) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "events": [names.write(event) for event in self.events],
            "cells": [cell.as_dict() for cell in self.cells],
            "explains": self.explains,
            "gain": self.gain,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], names: Names) -> Pair:
        """Return what `as_dict` gave."""
        first, second = (names.read(one) for one in document["events"])
        cells = tuple(
            Cell((bool(one), bool(two)), float(cell["chance"]), _odds_in(cell["odds"]))
            for cell in document["cells"]
            for one, two in [cell["happened"]]
        )
        return cls((first, second), cells, float(document["explains"]), float(document["gain"]))


class Branch(NamedTuple):
    """Some of the worlds: their share of all, their odds, and what is best watched in them."""

    share: float
    odds: Odds
    split: Split | None

    def as_dict(self, names: Names) -> dict[str, Any]:
        """Return it as plain data."""
        split = self.split.as_dict(names) if self.split else None
        return {"share": self.share, "odds": self.odds.as_dict(), "split": split}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], names: Names) -> Branch:
        """Return what `as_dict` gave."""
        split = Split.from_dict(document["split"], names)
        return cls(float(document["share"]), Odds.from_dict(document["odds"]), split)


class Split(NamedTuple):
    """The event best watched among some worlds, and the worlds with it and without it."""

    event: Public
    happens: Branch
    fails: Branch

    def as_dict(self, names: Names) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **names.write(self.event),
            "happens": self.happens.as_dict(names),
            "fails": self.fails.as_dict(names),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any] | None, names: Names) -> Split | None:
        """Return what `as_dict` gave."""
        if document is None:
            return None
        branches = (Branch.from_dict(document[name], names) for name in ("happens", "fails"))
        return cls(names.read(document), *branches)


class Turning(NamedTuple):
    """The least evidence after which a choice between two scenarios is another.

    Attributes
    ----------
    events, happened
        What is seen: one event or two, each happening by the last day watched or not.
    chance
        Share of worlds in which it is seen.
    difference
        Of the second scenario from the first, among those worlds.
    """

    events: tuple[Public, ...]
    happened: tuple[bool, ...]
    chance: float
    difference: Estimate

    @property
    def seen(self) -> Iterator[tuple[Public, bool]]:
        """Each event, and whether it happens."""
        return zip(self.events, self.happened, strict=True)

    def as_dict(self, names: Names) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "events": [{**names.write(event), "happens": came} for event, came in self.seen],
            "chance": self.chance,
            "difference": self.difference.as_dict(),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any] | None, names: Names) -> Turning | None:
        """Return what `as_dict` gave."""
        if document is None:
            return None
        events = document["events"]
        return cls(
            tuple(names.read(one) for one in events),
            tuple(bool(one["happens"]) for one in events),
            float(document["chance"]),
            Estimate.from_dict(document["difference"]),
        )


class Against(NamedTuple):
    """Two scenarios: what turning to the second on the evening of the last day watched adds.

    Attributes
    ----------
    difference
        Of the odds, in all worlds.
    turn
        After what evidence the sign is the other one; or, of scenarios that are tied, after what
        it is one or the other. None if nothing watched shows that.
    looked
        At how many kinds of evidence was looked; the claim allows for all of them.
    """

    difference: Difference
    turn: Turning | None
    looked: int

    @property
    def tied(self) -> bool:
        """Whether the dice allow both signs in all worlds."""
        return self.difference.dice == "tied"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, but for what turns it."""
        return {"difference": self.difference.as_dict(), "tied": self.tied, "looked": self.looked}

    @classmethod
    def from_dict(
        cls, document: Mapping[str, Any] | None, turns: Mapping[str, Any] | None, names: Names
    ) -> Against | None:
        """Return what `as_dict` gave, with what turns it."""
        if document is None:
            return None
        difference = Difference.from_dict(document["difference"])
        return cls(difference, Turning.from_dict(turns, names), int(document["looked"]))


def _odds(odds: Odds | None) -> dict[str, Any] | None:
    return odds.as_dict() if odds else None


def _odds_in(document: Mapping[str, Any] | None) -> Odds | None:
    return Odds.from_dict(document) if document else None


def _estimate_in(document: Mapping[str, Any] | None) -> Estimate | None:
    return Estimate.from_dict(document) if document else None
