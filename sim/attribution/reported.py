"""Which rows of the coded evidence report a public event, and which rule it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sim.engine.domain import Public
from sim.engine.public import PUBLIC_EVENTS
from sim.evidence.coding import ANSWERS
from sim.evidence.statements import Event
from sim.inputs.conflict import Conflict
from sim.inputs.events import actor_of
from sim.words import spelled

_ARMS = (Public.ARMS_PAUSE, Public.ARMS_LET_PASS)
_BREAKS = (Public.R_BREAKS_TRUCE, Public.U_BREAKS_TRUCE)
_OF_NOBODY = (Public.BOTH_REFUSE, Public.RELIEF)
"""Events that no kind of evidence reports by itself."""
_DECLINED = {
    Public.MEDIATOR_SANCTIONS: Public.MEDIATOR_LETS_PASS,
    Public.BLOCS_SANCTIONS: Public.BLOCS_LET_PASS,
    Public.ARMS_PAUSE: Public.ARMS_LET_PASS,
}


def reports(public: Public, event: Event, conflict: Conflict) -> bool:
    """Return whether a coded event reports that a public event happened."""
    if public in _OF_NOBODY or event.event != PUBLIC_EVENTS[public].told_as or event.same_as:
        return False
    facts = event.facts
    if event.event in ANSWERS and facts.get("scope", "full") != "full":
        return False
    if event.event == "partial_truce_ends":
        return (facts.get("early") == "yes") == (public == Public.PARTIAL_ENDS_EARLY)
    if public in _BREAKS:
        return facts.get("blamed") == conflict.side_ids[_BREAKS.index(public)]
    if event.event == "strikes_intensify" and facts.get("value", "").startswith("-"):
        return False
    if event.event in ("imposes_sanctions", "declines_sanctions") and public in (
        *_DECLINED,
        *_DECLINED.values(),
    ):
        at_u = facts.get("target") == conflict.side_ids[1]
        if at_u != (public in _ARMS):
            return False
    actor = actor_of(public, conflict)
    blocs = conflict.facts.together.id
    return (
        not actor or event.actor == actor or (actor == blocs and event.actor in conflict.bloc_ids)
    )


def told_of(publics: Sequence[Public], events: Sequence[Event], conflict: Conflict) -> list[Event]:
    """Return the coded events that report one of some public events."""
    return [e for e in events if any(reports(public, e, conflict) for public in publics)]


# ------------------------------------------------------------------ settled by the record


def settled(
    public: Public, since: dt.date, until: dt.date, events: Sequence[Event], conflict: Conflict
) -> tuple[str, str]:
    """Settle from the coded events whether a public event happened after a day, up to another.

    Silence settles nothing: no news of a pause is no news that there was none.

    Parameters
    ----------
    since, until
        The day after which it counts, and the last on which it does.

    Returns
    -------
    tuple of str
        ``yes`` if a coded event reports it, ``no`` if one rules it out, else ``void``; and the
        evidence for it in a sentence.
    """
    for event in told_of([public], events, conflict):
        if event.date_from > since and event.date_to <= until:
            return (
                "yes",
                f"Event {event.id} of {_days(event)}: {spelled(event.paraphrase, conflict)}.",
            )
    for event in _ruling_out(public, since, until, events, conflict):
        return "no", f"Event {event.id} of {_days(event)}: {spelled(event.paraphrase, conflict)}."
    return "void", "The coded articles report neither that it happened nor that it did not."


def _days(event: Event) -> str:
    if event.date_from == event.date_to:
        return str(event.date_from)
    return f"{event.date_from} to {event.date_to}"


def _ruling_out(
    public: Public, since: dt.date, until: dt.date, events: Sequence[Event], conflict: Conflict
) -> Iterator[Event]:
    """Coded events that could not be, had it happened and not been reported."""
    for event in events:
        here = event.date_from > since and event.date_to <= until
        later = event.date_from >= until
        if public == Public.TRUCE_BEGINS:
            full = event.facts.get("scope", "full") == "full"
            if later and event.event in ANSWERS and full:
                yield event  # a full truce is still being asked for
        elif public == Public.MEDIATOR_LEAVES:
            if later and event.event == "talks" and event.actor == conflict.mediator.id:
                yield event
        elif public == Public.PARTIAL_ENDS_EARLY:
            if here and reports(Public.PARTIAL_ENDS_AT_TERM, event, conflict):
                yield event
        elif public in _DECLINED and here and reports(_DECLINED[public], event, conflict):
            yield event
