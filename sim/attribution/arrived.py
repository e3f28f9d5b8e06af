"""All that became public on a day, each thing with its subject: who, about what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.attribution.news import Change, News
from sim.evidence.coding import ANSWERS
from sim.evidence.statements import Event, Statement
from sim.inputs.history import RoundRow

PARTS = ("events", "levers", "statements", "rounds")
"""The kinds of things that arrive, as a timeline's documents name them."""
_ANSWERS = dict(zip(ANSWERS, ("yes", "yes, but", "no"), strict=True))


def arrived(news: News, names: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Return all that became public on a day, by `PARTS`, as plain data.

    Parameters
    ----------
    names
        What each actor is called, by id.

    Returns
    -------
    dict
        Each thing has ``text``, which names it with its subject in a line, and its own fields.
    """
    return {
        "events": [_event(event, names) for event in news.events],
        "levers": [_lever(change) for change in news.levers],
        "statements": [_statement(row, names) for row in news.statements],
        "rounds": [_round(row, news) for row in news.rounds],
    }


def lines(news: News, names: Mapping[str, str]) -> list[str]:
    """Return a line for each thing that became public on a day; one of the label if none did."""
    found = [thing["text"] for things in arrived(news, names).values() for thing in things]
    return found or [news.label]


def _event(event: Event, names: Mapping[str, str]) -> dict[str, Any]:
    who = names.get(event.actor, event.actor)
    plain = {("scope", "full"), ("issuer", event.actor)}
    facts = [
        f"{key} {names.get(value, value)}"
        for key, value in event.facts.items()
        if (key, value) not in plain
    ]
    if event.event in _ANSWERS:
        text = f"{who} answers '{_ANSWERS[event.event]}' to {event.round}"
    else:
        text = f"{who}: {_words(event.event)}"
        facts = [event.round, *facts] if event.round else facts
    return {
        "id": event.id,
        "actor": event.actor,
        "event": event.event,
        "round": event.round,
        "facts": dict(event.facts),
        "paraphrase": event.paraphrase,
        "text": text + (f" ({', '.join(facts)})" if facts else ""),
    }


def _lever(change: Change) -> dict[str, Any]:
    return {
        "lever": change.lever,
        "before": change.before,
        "value": change.value,
        "source": change.source,
        "text": f"{change.lever} {_value(change.before)} -> {_value(change.value)}",
    }


def _statement(row: Statement, names: Mapping[str, str]) -> dict[str, Any]:
    who = names.get(row.holder, row.holder)
    said = _words(row.kind) + (", told again" if row.why_not else "")
    return {
        "id": row.id,
        "holder": row.holder,
        "issue": row.issue,
        "position": row.position,
        "kind": row.kind,
        "why_not": row.why_not,
        "paraphrase": row.paraphrase,
        "text": f"{who}: {_words(row.issue)}, {row.position:.2f} ({said})",
    }


def _round(row: RoundRow, news: News) -> dict[str, Any]:
    day = f"{row.date.day} {row.date:%B}"
    when = f"round set for {day}" if row.date > news.day else f"round of {day} has passed"
    what = row.what.replace(";", ",")
    return {"date": row.date.isoformat(), "what": row.what, "text": f"{when}: {what}"}


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)
