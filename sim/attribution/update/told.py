"""The parts of an update: what a row added to the odds, and what came of the events watched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from sim.estimates import Odds, ends
from sim.experiments.sensitivity.jackknife import Estimate

OUTCOMES = ("held", "agreed")
"""Whose odds are followed."""
ANSWERS = {
    "yes": "came",
    "no": "did not come",
    "open": "may yet come",
    "void": "not known",
}
"""What the coded record says of an event that was watched, in words."""
AS_FORETOLD, OTHER_WAY, UNTOLD = "as foretold", "the other way", "cannot be told"


class Row(NamedTuple):
    """A row of the record that arrived since the ensemble before, and what it adds to the odds.

    Attributes
    ----------
    kind
        ``event``, ``statement`` or ``lever``.
    id
        Of the row; of a lever its name.
    day
        On which it became public.
    label
        Who, and what it is, in our own words.
    adds
        By outcome (`OUTCOMES`): the odds with all that is known, less the odds without the row.
    """

    kind: str
    id: str
    day: dt.date
    label: str
    adds: Mapping[str, Estimate]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "id": self.id,
            "day": self.day.isoformat(),
            "label": self.label,
            "adds": {name: one.as_dict() for name, one in self.adds.items()},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Row:
        """Return what `as_dict` gave."""
        return cls(
            str(document["kind"]),
            str(document["id"]),
            dt.date.fromisoformat(document["day"]),
            str(document["label"]),
            {name: Estimate.from_dict(document["adds"][name]) for name in OUTCOMES},
        )


class Before(NamedTuple):
    """The ensemble that the new one is set against.

    Attributes
    ----------
    day, id, kind
        Its as-of day, its id, and whether it is a posterior or a prior.
    doubt
        Why it is weak, if it is.
    """

    day: dt.date
    id: str
    kind: str
    doubt: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**self._asdict(), "day": self.day.isoformat()}

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Before:
        """Return what `as_dict` gave."""
        words = (str(document[name]) for name in ("id", "kind", "doubt"))
        return cls(dt.date.fromisoformat(document["day"]), *words)


class Foretold(NamedTuple):
    """An event that was watched: what the record says of it, and the odds foretold.

    Attributes
    ----------
    event, actor
        Its name and the id of who does it, as `sim.inputs.events.name_of` has them.
    words
        What it is, in a sentence.
    answer
        One of `ANSWERS`.
    evidence
        The row of the record that says so; empty if it may yet come.
    chance
        That it comes by the last day watched, as was foretold.
    odds
        Foretold where it comes, and where it does not; None without worlds.
    difference
        The first less the second.
    """

    event: str
    actor: str
    words: str
    answer: str
    evidence: str
    chance: float
    odds: tuple[Odds | None, Odds | None]
    difference: Estimate | None

    @property
    def foretold(self) -> Odds | None:
        """The odds foretold for what came of it; None if that is not known, or was not told."""
        return {"yes": self.odds[0], "no": self.odds[1]}.get(self.answer)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        came, not_came = (odds.as_dict() if odds else None for odds in self.odds)
        return {
            "event": self.event,
            "actor": self.actor,
            "words": self.words,
            "answer": self.answer,
            "evidence": self.evidence,
            "chance": self.chance,
            "if": came,
            "if_not": not_came,
            "difference": self.difference.as_dict() if self.difference else None,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Foretold:
        """Return what `as_dict` gave."""
        both = document["if"], document["if_not"]
        came, not_came = (Odds.from_dict(odds) if odds else None for odds in both)
        told = document["difference"]
        difference = Estimate.from_dict(told) if told else None
        return cls(
            str(document["event"]),
            str(document["actor"]),
            str(document["words"]),
            str(document["answer"]),
            str(document["evidence"]),
            float(document["chance"]),
            (came, not_came),
            difference,
        )


class Watched(NamedTuple):
    """What a watch list foretold, beside what came.

    Attributes
    ----------
    id
        Of the watch result.
    as_of, last_day, end
        From which day it looked ahead, the last day watched, and the end of its horizon.
    outcome
        Whose odds it told.
    base, found
        The odds foretold, whatever would come, and those found since: both up to the same end.
    events
        Those that came first, then those that did not, then the others.
    """

    id: str
    as_of: dt.date
    last_day: dt.date
    end: dt.date
    outcome: str
    base: Odds
    found: Odds
    events: tuple[Foretold, ...]

    @property
    def change(self) -> Estimate:
        """From the odds foretold to those found; the two ensembles have errors of their own."""
        return between(self.base, self.found)

    def way(self, event: Foretold) -> str:
        """Say whether the odds went where they had been foretold to go.

        Returns
        -------
        str
            `AS_FORETOLD` or `OTHER_WAY` where the 95 % intervals tell the sign both of what was
            foretold and of what was found, else `UNTOLD`; empty if it is not known whether it came.
        """
        if event.answer not in ("yes", "no"):
            return ""
        if event.difference is None:
            return UNTOLD
        came = 1 if event.answer == "yes" else -1
        both = came * sign(event.difference) * sign(self.change)
        return {1: AS_FORETOLD, -1: OTHER_WAY}.get(both, UNTOLD)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        days = {name: getattr(self, name).isoformat() for name in ("as_of", "last_day", "end")}
        return {
            "id": self.id,
            **days,
            "outcome": self.outcome,
            "base": self.base.as_dict(),
            "found": self.found.as_dict(),
            "change": self.change.as_dict(),
            "events": [{**one.as_dict(), "way": self.way(one)} for one in self.events],
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any] | None) -> Watched | None:
        """Return what `as_dict` gave."""
        if document is None:
            return None
        return cls(
            str(document["id"]),
            dt.date.fromisoformat(document["as_of"]),
            dt.date.fromisoformat(document["last_day"]),
            dt.date.fromisoformat(document["end"]),
            str(document["outcome"]),
            Odds.from_dict(document["base"]),
            Odds.from_dict(document["found"]),
            tuple(Foretold.from_dict(one) for one in document["events"]),
        )


def sign(estimate: Estimate) -> int:
    """Return the sign of a number if its 95 % interval tells it, else 0."""
    low, high = estimate.mc
    return 1 if low > 0.0 else -1 if high < 0.0 else 0


def between(before: Odds, after: Odds) -> Estimate:
    """Return the change from odds to others whose errors have nothing to do with one another.

    Each end of the interval lies as far from the change as the two errors on that side together:
    the root of their squares (Newcombe 1998, 'Interval estimation for the difference between
    independent proportions', method 10).

    Examples
    --------
    >>> before, after = Odds(0.2, (0.17, 0.23), None), Odds(0.3, (0.26, 0.34), None)
    >>> found = between(before, after)
    >>> round(found.mean, 3), tuple(round(end, 3) for end in found.mc)
    (0.1, (0.05, 0.15))
    """
    mean = after.mean - before.mean
    low = ((after.mean - after.mc[0]) ** 2 + (before.mc[1] - before.mean) ** 2) ** 0.5
    high = ((after.mc[1] - after.mean) ** 2 + (before.mean - before.mc[0]) ** 2) ** 0.5
    return Estimate(mean, ends((mean - low, mean + high)))
