"""From a scenario to what the engine reads: levers and calendar by day, and its blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, Public, Scope
from sim.engine.reactions import new_reactions
from sim.inputs.agenda import marks_of_days, policy_rows
from sim.inputs.blocks import Condition, Move, When
from sim.inputs.events import events_named
from sim.inputs.frozen import FrozenMapping
from sim.inputs.levers import Value
from sim.inputs.roles import Roles
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_checks import threat_of


def agenda(scenario: Scenario, moved: Mapping[str, Value] = FrozenMapping({})) -> Agenda:
    """Turn a scenario into what the engine reads: its levers and calendar, day by day.

    Parameters
    ----------
    moved
        Levers that have a value for all of its days, whatever it has in store for them.
    """
    days, blocks = scenario.horizon_days, tuple(scenario.blocks.values())
    changes = [change for change in scenario.schedule if change.lever not in moved]
    sets = [
        {name: value for name, value in block.levers.items() if name not in moved}
        for block in scenario.when
    ]
    policies, segments = policy_rows({**scenario.initial_levers, **moved}, changes, days, sets)
    calendar = marks_of_days(scenario.as_of, days, scenario.rounds, scenario.conflict)
    reactions = reactions_of(blocks, scenario.as_of, days, scenario.conflict)
    return Agenda(policies, segments, calendar, reactions)


def reactions_of(
    blocks: Sequence[When | Move], as_of: dt.date, horizon: int, roles: Roles
) -> NDArray[np.void]:
    """Return the records of some blocks (`sim.engine.reactions.REACTION`), in their order.

    The n-th block that sets levers has bit n of the agenda's row.
    """
    records = new_reactions(len(blocks))
    bit = 1
    for record, block in zip(records, blocks, strict=True):
        record["last_evening"] = horizon - 1
        if isinstance(block, When):
            _write_condition(record, block, horizon, roles)
            record["levers"], record["lasts"] = bit, block.for_days or 0
            bit *= 2
        else:
            _write_move(record, block, as_of, horizon, roles)
    return records


def _write_condition(record: np.void, one: Condition, horizon: int, roles: Roles) -> None:
    record["events"] = sum(1 << event for event in one.events(roles))
    record["after"] = one.after_days or 0
    record["within"] = one.not_by or one.within or horizon
    record["times"], record["again"] = one.times, one.again
    record["absent"] = one.not_by is not None


def _write_move(record: np.void, move: Move, as_of: dt.date, horizon: int, roles: Roles) -> None:
    event = events_named(move.event, move.actor, roles)[0]
    if move.when is not None:
        _write_condition(record, move.when, horizon, roles)
    else:
        day = move.on_day(as_of)
        assert day is not None
        # a partial truce takes effect on the day after it is agreed
        record["after"] = day - 1 - (event is Public.PARTIAL_BEGINS)
    record["move"], record["days"] = event, move.days or 0
    record["scope"] = Scope[move.scope.upper()] if move.scope is not None else NONE
    if threat_of(event) is not None and move.value is not None:
        record["size"] = move.value
