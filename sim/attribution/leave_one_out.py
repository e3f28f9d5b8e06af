"""What the evidence, or the record made of it, would be without some of it.

- An article left out takes its statements and events with it. What another article tells again
  of it then counts as told there first.
- An event left out has not been told by anyone: its retellings go too. The statements of its
  paragraph stay out of the fit, so that the utterance is gone and not merely used another way.
  The record still knows that no truce came of a round of which the other side's yes is told:
  leaving out the refusal alone takes away its day and its form, hardly that there was one.
- A statement left out leaves the other rows as they were.

Levers and announced rounds stay as they are: they are what was on the table and in the calendar,
whoever told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.calibrate.observations import Kind
from sim.calibrate.record import Record
from sim.engine.domain import NONE
from sim.evidence.statements import Event, Evidence, Statement, flagged


def without_article(evidence: Evidence, article: str) -> Evidence:
    """Return the evidence as it would be had an article not been written."""
    articles = tuple(a for a in evidence.articles if a.id != article)
    days = {a.id: a.day for a in articles}
    statements = [row for row in evidence.statements if row.article != article]
    events = [event for event in evidence.events if event.article != article]
    events.sort(key=lambda event: (days[event.article], event.article, event.paragraph))
    told = tuple(_first_tellings(events))
    return replace(
        evidence, articles=articles, statements=flagged(statements, told, days), events=told
    )


def _first_tellings(events: Sequence[Event]) -> list[Event]:
    """Let an event whose first telling is gone count where it is told next."""
    told = {(f"{event.article}:{event.paragraph}", event.actor, event.event) for event in events}
    found = []
    for event in events:
        before = (event.same_as, event.actor, event.event)
        first = bool(event.same_as) and before not in told
        if first:
            told.add(before)  # so that a third telling stays one
        found.append(replace(event, same_as="") if first else event)
    return found


def without_statement(evidence: Evidence, row: Statement) -> Evidence:
    """Return the evidence without one row of the statements."""
    statements = tuple(other for other in evidence.statements if other.id != row.id)
    return replace(evidence, statements=statements)


def without_event(record: Record, event: Event) -> Record:
    """Return the record with an event blanked: neither imposed nor paid for.

    Its place in the list stays, so that the windows of the others are drawn with the same luck.
    """
    actions = record.actions.copy()
    gone = [n for n, other in enumerate(record.events) if other.id == event.id]
    actions["kind"][gone] = NONE
    partners = np.isin(actions["partner"], gone)
    actions["partner"][partners] = NONE
    actions["partner"][gone] = NONE
    return replace(record, actions=actions)


def only_paid(record: Record, event: Event) -> list[int]:
    """Return the places of an event's actions if they change no state; empty if any does.

    An answer to the offer of a partial truce that did not come about is paid for, and all else
    goes on as if it had not been given.
    """
    places = [n for n, other in enumerate(record.events) if other.id == event.id]
    kinds = record.actions["kind"][places]
    return places if np.all(kinds == Kind.PARTIAL_ANSWER) else []
