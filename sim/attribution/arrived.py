"""All that became public on a day, each thing with its subject: who, about what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sim.attribution.news import DECISIVE, Change, News
from sim.evidence.coding import ANSWERS
from sim.evidence.statements import Event, Statement
from sim.inputs.conflict import Conflict
from sim.inputs.history import RoundRow
from sim.words import round_named, spelled

PARTS = ("events", "levers", "statements", "rounds")
"""The kinds of things that arrive, as a timeline's documents name them."""
_SHORTER = ("rounds", "levers", "statements")
"""Kinds of things that a line of several names more shortly than a line of their own."""
OTHERS = ", among others"
_LABEL = 90
"""Letters of a label in a table."""
_NOTHING = {True: "The record begins", False: "No news"}
"""By whether the record begins on the day, what is told if nothing arrived."""
_ANSWERS = dict(zip(ANSWERS, ("yes", "yes, but", "no"), strict=True))


def arrived(news: News, conflict: Conflict) -> dict[str, list[dict[str, Any]]]:
    """Return all that became public on a day, by `PARTS`, as plain data.

    Parameters
    ----------
    conflict
        Names each actor and round, and spells names in one way.

    Returns
    -------
    dict
        Each thing has ``text``, which names it with its subject in a line, and its own fields.
    """
    return {
        "events": [_event(event, conflict) for event in news.events],
        "levers": [_lever(change) for change in news.levers],
        "statements": [_statement(row, conflict) for row in news.statements],
        "rounds": [_round(row, news) for row in news.rounds],
    }


def lines(news: News, conflict: Conflict) -> list[str]:
    """Return a line for each thing that became public on a day, in the order of `ranked`.

    If nothing did, the only line says so.
    """
    return [thing["text"] for thing in _in_order(news, conflict).values()] or [
        _NOTHING[news.begins]
    ]


def ranked(news: News, conflict: Conflict) -> dict[str, str]:
    """Return all that became public on a day in short, by id, with who said or did it first.

    Answers and truces come first, then rounds of talks and levers, other events, statements in the
    order of `News`, and talks of which nothing more is told. What each adds to the odds is unknown
    here: `sim.attribution.update` reckons it.
    """
    return {name: thing.get("short", thing["text"])
            for name, thing in _in_order(news, conflict).items()}  # fmt: skip


def _in_order(news: News, conflict: Conflict) -> dict[str, dict[str, Any]]:
    things = arrived(news, conflict)
    events = things["events"]
    first = [one for one in events if one["event"] in DECISIVE]
    talks = [one for one in events if one["event"] == "talks"]
    between = [one for one in events if one not in first and one not in talks]
    rounds, levers, statements = (list(map(dict, things[part])) for part in _SHORTER)
    for one in (one for one in first if one["event"] in _ANSWERS):
        one["short"] = one["text"].replace(" answers ", ": ", 1).partition(" (")[0]
    for one in rounds:
        one["id"] = f"round {one['date']}: {one['what']}"
        one["short"] = one["text"].partition(": ")[0] if first else one["text"]
    for one in levers:
        one["id"] = one["lever"]
        one["short"] = f"lever {one['lever']} {_value(one['before'])} to {_value(one['value'])}"
    for one in statements:
        who = conflict.names.get(one["holder"], one["holder"])
        one["short"] = f"{who}: {one['paraphrase'].partition(';')[0].strip()}"
    every = (*first, *rounds, *levers, *between, *statements, *talks)
    return {one["id"]: one for one in every}


def label(
    news: News,
    conflict: Conflict,
    fits: Callable[[str], bool] = lambda text: len(text) <= _LABEL,
    shares: Mapping[str, str] | None = None,
) -> str:
    """Return what arrived in one line: as many things as fit, the biggest first, the rest counted.

    Parameters
    ----------
    fits
        Whether a line is short enough; the first thing is named even if it does not fit.
    shares
        By id of `ranked`, in words, what a thing is known to add to the odds, the largest first;
        these are named before all others.
    """
    known = shares or {}
    texts = ranked(news, conflict)
    order = [*(name for name in known if name in texts), *(n for n in texts if n not in known)]
    said = [f"{texts[name]} ({known[name]})" if name in known else texts[name] for name in order]
    if not said:
        return _NOTHING[news.begins]
    ways = (_with_rest(said, named) for named in range(len(said), 1, -1))
    return next(filter(fits, ways), _with_rest(said, 1))


def _with_rest(said: list[str], named: int) -> str:
    left = len(said) - named
    return "; ".join(said[:named]) + (f"{OTHERS} ({left} more)" if left else "")


def _event(event: Event, conflict: Conflict) -> dict[str, Any]:
    names = conflict.names
    who = names.get(event.actor, event.actor)
    asked = round_named(event.round, conflict) if event.round else ""
    plain = {("scope", "full"), ("issuer", event.actor)}
    facts = [
        f"{key} {names.get(value, value)}"
        for key, value in event.facts.items()
        if (key, value) not in plain
    ]
    if event.event in _ANSWERS:
        text = f"{who} answers '{_ANSWERS[event.event]}' to {asked}"
    else:
        text = f"{who}: {_words(event.event)}"
        facts = [asked, *facts] if asked else facts
    return {
        "id": event.id,
        "actor": event.actor,
        "event": event.event,
        "round": event.round,
        "facts": dict(event.facts),
        "paraphrase": spelled(event.paraphrase, conflict),
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


def _statement(row: Statement, conflict: Conflict) -> dict[str, Any]:
    who = conflict.names.get(row.holder, row.holder)
    said = _words(row.kind) + (", told again" if row.why_not else "")
    return {
        "id": row.id,
        "holder": row.holder,
        "issue": row.issue,
        "position": row.position,
        "kind": row.kind,
        "why_not": row.why_not,
        "paraphrase": spelled(row.paraphrase, conflict),
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
