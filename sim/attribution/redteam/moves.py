"""The moves that are tried against a scenario: what, by whom, and on which days.

All that is tried stands in `KINDS` and `DAYS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sim.engine.domain import MAX_HORIZON_DAYS, Side
from sim.errors import ScenarioError
from sim.inputs.blocks import Move
from sim.inputs.frozen import FrozenMapping
from sim.inputs.roles import Roles
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_checks import THREATS

DAYS = (3, 7, 14, 21)
"""The days on which each move is tried, beside the eve of each day on which a threat falls due."""
PAUSE_DAYS, STAY_DAYS = 3, 5
"""How long a pause lasts; how long after its yes a side walks out of a truce in force."""


class Kind(NamedTuple):
    """A kind of move.

    Attributes
    ----------
    name
        What it is called in results.
    roles
        The roles of those who can make it: ``r``, ``u``, ``mediator``, ``blocs``.
    words
        What the actor does, to stand after its name.
    event
        The public event that is imposed.
    given
        What a `sim.inputs.blocks.Move` needs beside event, actor and day.
    then
        A public event that is imposed `STAY_DAYS` later; none if empty.
    """

    name: str
    roles: tuple[str, ...]
    words: str
    event: str
    given: Mapping[str, Any] = FrozenMapping({})
    then: str = ""


_SIDES, _ISSUERS = ("r", "u"), ("mediator", "blocs")
KINDS = (
    Kind("pause", ("r",), f"declares a pause of {PAUSE_DAYS} days", "short_truce",
         FrozenMapping({"days": PAUSE_DAYS})),
    Kind("false yes", _SIDES, f"says yes, and walks out {STAY_DAYS} days later", "accepts_truce",
         then="truce_collapses"),
    Kind("strikes", _SIDES, "steps up its strikes", "strikes_intensify"),
    Kind("conditions", _SIDES, "names conditions", "conditions_truce"),
    Kind("refusal", _SIDES, "rejects the truce", "rejects_truce"),
    Kind("sanctions", _ISSUERS, "alone imposes half of its fullest sanctions", "imposes_sanctions",
         FrozenMapping({"value": 0.5})),
    Kind("threat let pass", _ISSUERS, "lets its threat of sanctions pass", "declines_sanctions"),
    Kind("arms threat let pass", ("mediator",), "lets its threat to cut arms pass",
         "declines_arms_pause"),
    Kind("leaving", ("mediator",), "leaves the talks", "mediator_leaves"),
)  # fmt: skip
"""Every kind of move that is tried."""


class Candidate(NamedTuple):
    """A move of an actor on a day.

    Attributes
    ----------
    actor
        Its id, as `sim.inputs.events` has it.
    side
        Which belligerent that is; None if it is none.
    move
        The name of its kind.
    words
        What the actor does, to stand after its name.
    """

    actor: str
    side: Side | None
    move: str
    day: int
    words: str


class Tried(NamedTuple):
    """What is tried: each candidate, the scenario with it, and what the scenario rules out."""

    candidates: tuple[Candidate, ...]
    scenarios: tuple[Scenario, ...]
    ruled_out: tuple[str, ...]


def days_of(scenario: Scenario) -> tuple[int, ...]:
    """Return the days on which moves are tried: `DAYS`, and the eve of each first decision day.

    A threat falls due ``sanctions.deadline_days`` after it was made; one that stands when the
    scenario begins is taken to be made on its as-of day.
    """
    deadline = "sanctions.deadline_days"
    made = {c.day for c in scenario.schedule if c.lever in THREATS or c.lever == deadline}
    eves = set()
    for day in {0, *made}:
        levers = scenario.levers_on(max(1, day))
        if any(levers[lever] for lever in THREATS):
            eves.add(day + int(levers[deadline]) - 1)
    return tuple(sorted(day for day in {*DAYS, *eves} if 1 <= day <= scenario.horizon_days))


def candidates_of(scenario: Scenario) -> Tried:
    """Return all moves that a scenario allows, each in a scenario that has it beside its own.

    Raises
    ------
    ScenarioError
        If it allows none.
    """
    found, scenarios, ruled_out = [], [], []
    names = actor_names(scenario.conflict)
    for candidate, moves in _all(scenario):
        try:
            with_move = scenario.with_blocks(scenario.when, (*scenario.moves, *moves))
        except ScenarioError as error:
            name = names[candidate.actor]
            why = f"{error.what} {error.todo}".strip()
            ruled_out.append(f"{name} {candidate.words} on day {candidate.day}: {why}")
            continue
        found.append(candidate)
        scenarios.append(with_move)
    if not found:
        first = f" The first: {ruled_out[0]}" if ruled_out else ""
        what = f"allows none of the moves that are tried.{first}"
        todo = f"Look further ahead than day {DAYS[0]}, or leave blocks out."
        raise ScenarioError(scenario.label, what, todo)
    return Tried(tuple(found), tuple(scenarios), tuple(ruled_out))


def _all(scenario: Scenario) -> Iterator[tuple[Candidate, tuple[Move, ...]]]:
    """Every move of the table on every day, with the blocks that make it."""
    ids = _ids(scenario.conflict)
    for kind in KINDS:
        for role in kind.roles:
            actor = ids[role]
            side = Side(_SIDES.index(role)) if role in _SIDES else None
            for day in days_of(scenario):
                moves = [Move(event=kind.event, actor=actor, day=day, **kind.given)]
                if kind.then:
                    last = min(day + STAY_DAYS, MAX_HORIZON_DAYS)
                    moves.append(Move(event=kind.then, actor=actor, day=last))
                yield Candidate(actor, side, kind.name, day, kind.words), tuple(moves)


def actor_names(roles: Roles) -> dict[str, str]:
    """Return what each actor is called in a sentence, by its id."""
    return {actor: roles.role_names[role] for role, actor in _ids(roles).items()}


def _ids(roles: Roles) -> dict[str, str]:
    """The id of the actor of each role."""
    r, u = roles.side_ids
    return {"r": r, "u": u, "mediator": roles.mediator.id, "blocs": roles.facts.together.id}
