"""The evidence, or the record made of it, with some of it left out.

- An article is left out with its statements and events. An event of it that another article reports
  too then counts where it is reported next.
- An event is left out with every other report of it. The statements of its paragraph stay out of
  the fit, so that the utterance is gone and not merely used in another way. The record still holds
  that no truce came of a round in which the other side said yes: leaving out the refusal alone
  takes away its day and its form, hardly that there was one.
- A statement is left out alone; the other rows stay as they were.

Levers and announced rounds stay as they are: they say what was on the table and in the calendar,
whoever reported it.
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
    """Return the evidence as it would be if an article had not been written."""
    articles = tuple(a for a in evidence.articles if a.id != article)
    days = {a.id: a.day for a in articles}
    statements = [row for row in evidence.statements if row.article != article]
    events = [event for event in evidence.events if event.article != article]
    events.sort(key=lambda event: (days[event.article], event.article, event.paragraph))
    kept = tuple(_first_reports(events))
    return replace(
        evidence, articles=articles, statements=flagged(statements, kept, days), events=kept
    )


def _first_reports(events: Sequence[Event]) -> list[Event]:
    """Let an event whose first report is gone count where it is reported next."""
    reported = {(f"{one.article}:{one.paragraph}", one.actor, one.event) for one in events}
    found = []
    for event in events:
        before = (event.same_as, event.actor, event.event)
        first = bool(event.same_as) and before not in reported
        if first:
            reported.add(before)  # so that a third report stays one
        found.append(replace(event, same_as="") if first else event)
    return found


def without_statement(evidence: Evidence, row: Statement) -> Evidence:
    """Return the evidence without one row of the statements."""
    statements = tuple(other for other in evidence.statements if other.id != row.id)
    return replace(evidence, statements=statements)


def without_event(record: Record, event: Event) -> Record:
    """Return the record without an event: it is neither imposed nor weighed.

    Its place in the list of actions stays, so that the windows of the others are drawn with the
    same luck.
    """
    actions = record.actions.copy()
    gone = [n for n, other in enumerate(record.events) if other.id == event.id]
    actions["kind"][gone] = NONE
    partners = np.isin(actions["partner"], gone)
    actions["partner"][partners] = NONE
    actions["partner"][gone] = NONE
    return replace(record, actions=actions)


def only_paid(record: Record, event: Event) -> list[int]:
    """Return the places of an event's actions if they are weighed and change no state, else none.

    So is an answer to the offer of a partial truce that did not come about.
    """
    places = [n for n, other in enumerate(record.events) if other.id == event.id]
    kinds = record.actions["kind"][places]
    return places if np.all(kinds == Kind.PARTIAL_ANSWER) else []
