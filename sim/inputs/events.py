"""Public events by name: what a scenario, a question or a table calls them, and by whom.

An event has the name of the kind of evidence that reports it, such as ``rejects_truce``, and the id
of its actor; the few kinds of which the engine knows more than one have names of their own. The
table behind all of it is `sim.engine.public`.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from sim.engine.domain import Public
from sim.engine.public import PUBLIC_EVENTS, in_words
from sim.inputs.roles import Roles
from sim.text import shown


class EventName(NamedTuple):
    """A public event by its name and the id of who does it; empty if no one alone does."""

    event: str
    actor: str


def actor_of(event: Public, roles: Roles) -> str:
    """Return the id of who does a public event, empty if no one alone does."""
    r, u = roles.side_ids
    ids = {"": "", "r": r, "u": u, "mediator": roles.mediator.id, "blocs": roles.facts.together.id}
    return ids[PUBLIC_EVENTS[event].actor]


def name_of(event: Public, roles: Roles) -> EventName:
    """Return what a public event is called; no other has the same name and actor."""
    return EventName(PUBLIC_EVENTS[event].name, actor_of(event, roles))


def sentence(event: Public, roles: Roles) -> str:
    """Return a public event in words, without a full stop."""
    return in_words(event, roles.role_names)


def events_named(event: str, actor: str, roles: Roles) -> tuple[Public, ...]:
    """Return the public events of a name: a kind of evidence, or an event's own name.

    Parameters
    ----------
    actor
        The id of who does it; empty for whoever does.

    Raises
    ------
    ValueError
        If there are none, with a near spelling: the message is a sentence or two.

    Examples
    --------
    >>> from sim.inputs.conflict import shipped
    >>> [event.name for event in events_named("rejects_truce", "", shipped())]
    ['REJECTS_R', 'REJECTS_U']
    """
    of_kind: dict[str, list[Public]] = {}
    for one, told in PUBLIC_EVENTS.items():
        for name in {told.name, told.told_as}:
            of_kind.setdefault(name, []).append(one)
    if event not in of_kind:
        raise ValueError(f"{shown(event)} is no public event. {_near(event, sorted(of_kind))}")
    found = [one for one in of_kind[event] if PUBLIC_EVENTS[one].name == event] or of_kind[event]
    if not actor:
        return tuple(found)
    by = {actor_of(one, roles): one for one in Public}
    if actor not in by:
        known = sorted(name for name in by if name)
        raise ValueError(f"{shown(actor)} does no public event. {_near(actor, known)}")
    mine = tuple(one for one in found if actor_of(one, roles) == actor)
    if not mine:
        actors = sorted({actor_of(one, roles) for one in found} - {""})
        there = f"by {' or '.join(actors)}" if actors else "by no one alone: leave actor out"
        raise ValueError(f"there is no {event} by {actor}, only {there}.")
    return mine


def event_names(roles: Roles) -> tuple[list[str], list[str]]:
    """Return all names of public events, and all ids of who does one, in the order of the table."""
    names = dict.fromkeys(
        name for told in PUBLIC_EVENTS.values() for name in (told.name, told.told_as)
    )
    actors = dict.fromkeys(actor_of(event, roles) for event in Public)
    return list(names), [actor for actor in actors if actor]


def _near(word: str, names: list[str]) -> str:
    close = get_close_matches(str(word), names, 1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(names)}."
