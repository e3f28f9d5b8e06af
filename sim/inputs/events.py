"""Public events by name: what a scenario, a question or a table calls them, and by whom.

An event has the name of the kind of evidence that reports it, such as ``rejects_truce``, and the id
of its actor; the few kinds of which the engine knows more than one have names of their own. The
table behind all of it is `sim.engine.public`.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from sim.engine.domain import Public
from sim.engine.public import PUBLIC_EVENTS, in_words
from sim.inputs.roles import Roles
from sim.text import did_you_mean, shown


class EventName(NamedTuple):
    """A public event by its name and the id of who does it; empty if no one alone does."""

    event: str
    actor: str


def actor_of(event: Public, roles: Roles) -> str:
    """Return the id of who does a public event, empty if no one alone does."""
    return _ids(roles)[PUBLIC_EVENTS[event].actor]


def _ids(roles: Roles) -> dict[str, str]:
    r, u = roles.side_ids
    return {"": "", "r": r, "u": u, "mediator": roles.mediator.id, "blocs": roles.facts.together.id}


@functools.cache
def _by_name() -> dict[str, list[Public]]:
    of_name: dict[str, list[Public]] = {}
    for one, told in PUBLIC_EVENTS.items():
        for name in {told.name, told.told_as}:
            of_name.setdefault(name, []).append(one)
    return of_name


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
    of_kind = _by_name()
    if event not in of_kind:
        raise ValueError(
            f"{shown(event)} is no public event. {did_you_mean(event, sorted(of_kind))}"
        )
    found = [one for one in of_kind[event] if PUBLIC_EVENTS[one].name == event] or of_kind[event]
    if not actor:
        return tuple(found)
    ids = _ids(roles)
    if actor not in ids.values():
        known = sorted(name for name in ids.values() if name)
        raise ValueError(f"{shown(actor)} does no public event. {did_you_mean(actor, known)}")
    mine = tuple(one for one in found if ids[PUBLIC_EVENTS[one].actor] == actor)
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
