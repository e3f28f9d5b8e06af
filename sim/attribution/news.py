"""What became public on each day of the record: events, levers, statements, rounds of talks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.calibrate.record import observed
from sim.evidence.positions import ROLE_SIDE, informs
from sim.evidence.statements import Event, Evidence, Statement, load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import HistoryRow, RoundRow

_BY_WEIGHT = (
    ("accepts_truce", "conditions_truce", "rejects_truce", "partial_truce_starts"),
    ("short_truce", "direct_talks", "imposes_sanctions", "declines_sanctions"),
    ("signals_walk_away", "threatens_sanctions"),
    ("contingent_pledged", "strikes_intensify", "relief_offered"),
    ("partial_truce_ends", "breach_claimed", "talks"),
)
"""Kinds of event, what says most about the talks first; among equals, an act of side U comes last,
since its yes surprises nobody."""


@dataclass(frozen=True)
class News:
    """What became public on a day.

    Attributes
    ----------
    events
        Those reported for the first time, what says most about the talks first.
    levers
        Rows of the record that changed a lever.
    statements
        Those that inform the position of a side, the firmest first.
    rounds
        Rounds of talks that were announced, or whose day had been.
    quiet
        Whether nothing did, though the press was read.
    """

    day: dt.date
    events: tuple[Event, ...]
    levers: tuple[HistoryRow, ...]
    statements: tuple[Statement, ...]
    rounds: tuple[RoundRow, ...] = ()
    quiet: bool = False

    @property
    def label(self) -> str:
        """What arrived, in a few words of our own."""
        for event in self.events:
            if event.event != "talks":
                scope = event.facts.get("scope", "full")
                return _short(event.paraphrase) + ("" if scope == "full" else f" ({scope} only)")
        for announced in self.rounds:
            ahead = announced.date > self.day
            return f"Announced: {announced.what}" if ahead else f"{announced.what}: no full truce"
        for row in self.levers:
            return _short(row.source.partition(": ")[2] or row.source)
        rest = [event.paraphrase for event in self.events]
        rest += [row.paraphrase for row in self.statements]
        if rest:
            return _short(rest[0])
        return "Nothing was reported" if self.quiet else "The record begins"


def _short(text: str) -> str:
    """The first part of a paraphrase, with a capital."""
    part = text.partition(";")[0].strip()
    return part[:1].upper() + part[1:]


def news(as_of: dt.date, conflict: Conflict | None = None) -> tuple[News, ...]:
    """Return the days that brought news, up to a day, the first of the record among them.

    News is an event reported for the first time, a lever that changed, a statement in the fit that
    informs a side's ideal or red line, or a round of talks that was announced or has passed.

    Parameters
    ----------
    conflict
        Whose record and evidence; those of the shipped one if None.
    """
    conflict = conflict or shipped()
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    changes = _lever_changes(conflict.history(as_of))
    events = [event for event in evidence.events if not event.same_as]
    used = [row for row in evidence.statements if _informs_a_side(row, evidence)]
    days = {event.known for event in events} | {row.known for row in used}
    days |= {row.visible_from for row in changes}
    rounds = conflict.rounds(as_of)
    days |= {day for row in rounds for day in (row.known, row.date) if day <= as_of}
    days |= {conflict.facts.record.begins}
    return tuple(_news(day, events, changes, used, evidence) for day in sorted(days))


def news_and_last(as_of: dt.date, conflict: Conflict | None = None) -> tuple[News, ...]:
    """Return what `news` does, and the as-of day itself if it was quiet: silence tells, too."""
    found = news(as_of, conflict)
    last = () if found[-1].day == as_of else (News(as_of, (), (), (), quiet=True),)
    return (*found, *last)


def _news(
    day: dt.date,
    events: Sequence[Event],
    changes: Sequence[HistoryRow],
    used: Sequence[Statement],
    evidence: Evidence,
) -> News:
    imposed = {event.id for event in observed(evidence)}
    side_u = next(actor for actor, role in evidence.roles.items() if role == "belligerent_u")

    def rank(event: Event) -> tuple[int, bool, bool]:
        order = next(n for n, kinds in enumerate(_BY_WEIGHT) if event.event in kinds)
        return order, event.id not in imposed, event.actor == side_u

    def firm(row: Statement) -> tuple[int, int]:
        return -row.salience, -row.firmness

    return News(
        day,
        tuple(sorted((event for event in events if event.known == day), key=rank)),
        tuple(row for row in changes if row.visible_from == day),
        tuple(sorted((row for row in used if row.known == day), key=firm)),
        tuple(row for row in evidence.conflict.rounds(day) if day in (row.known, row.date)),
    )


def _informs_a_side(row: Statement, evidence: Evidence) -> bool:
    side = evidence.roles.get(row.holder) in ROLE_SIDE
    return side and row.in_fit and informs(row, evidence.roles) != "neither"


def _lever_changes(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    """The rows of the record that gave a lever another value than it had."""
    standing: dict[str, Any] = {}
    found = []
    for row in sorted(rows, key=lambda row: row.visible_from):
        if row.lever in standing and standing[row.lever] != row.value:
            found.append(row)
        standing[row.lever] = row.value
    return found
