"""What is known of public events without running a world: parts of outcomes, and levers."""

from __future__ import annotations

from sim.engine.domain import Outcome, Public
from sim.inputs.levers import Value
from sim.outcomes import OUTCOMES

_FULL = (Public.TRUCE_BEGINS, Public.TRUCE_HOLDS, Public.R_BREAKS_TRUCE, Public.U_BREAKS_TRUCE)
_PARTIAL = (Public.PARTIAL_BEGINS, Public.PARTIAL_ENDS_EARLY, Public.PARTIAL_ENDS_AT_TERM)
_OF_ENDING: dict[Outcome, tuple[Public, ...]] = {
    Outcome.HELD: _FULL,
    Outcome.COLLAPSED: _FULL,
    Outcome.WALKED_AWAY: (*_FULL, Public.MEDIATOR_LEAVES),
    Outcome.PARTIAL_ONLY: (*_FULL, *_PARTIAL, Public.MEDIATOR_LEAVES),
    Outcome.NO_TRUCE: (*_FULL, *_PARTIAL, Public.MEDIATOR_LEAVES),
}
"""By ending, the events that bring it about or rule it out by its definition."""

LEVERS: dict[Public, tuple[str, Value]] = {
    Public.MEDIATOR_SANCTIONS: ("sanctions.us_follow_through", "kept"),
    Public.MEDIATOR_LETS_PASS: ("sanctions.us_follow_through", "broken"),
    Public.BLOCS_SANCTIONS: ("sanctions.europe_follow_through", "kept"),
    Public.BLOCS_LET_PASS: ("sanctions.europe_follow_through", "broken"),
    Public.RELIEF: ("sanctions.relief_on_signature", 1.0),
}
"""Events that a lever does: which lever, at which value."""


def part_of(outcome: str) -> frozenset[Public]:
    """Return the events that are part of an outcome by its definition.

    To say that they move the odds would be to say that the outcome moves the outcome.

    Examples
    --------
    >>> Public.TRUCE_HOLDS in part_of("held"), Public.ACCEPTS_R in part_of("held")
    (True, False)
    """
    return frozenset(event for ending in OUTCOMES[outcome] for event in _OF_ENDING[ending])
