"""From a scenario to what the engine reads: levers and calendar by day, and its blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, Public, Scope
from sim.engine.dtypes import Ints
from sim.engine.reactions import new_blocks
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
    calendar = _calendar(scenario)
    reacting = engine_blocks(blocks, scenario.as_of, days, scenario.conflict)
    return Agenda(policies, segments, calendar, reacting)


def _calendar(scenario: Scenario) -> Ints:
    days = (scenario.as_of, scenario.horizon_days, scenario.rounds)
    conflict = scenario.conflict
    return conflict.once(("calendar", *days), lambda: marks_of_days(*days, conflict))


def engine_blocks(
    blocks: Sequence[When | Move], as_of: dt.date, horizon: int, roles: Roles
) -> NDArray[np.void]:
    """Return some blocks as the engine reads them (`sim.engine.reactions.BLOCKS`), in their order.

    The n-th block that sets levers has bit n of the agenda's row.
    """
    record = new_blocks(len(blocks))
    bit = 1
    for n, block in enumerate(blocks):
        if isinstance(block, When):
            fields = {**_condition(block, horizon, roles), "levers": bit}
            fields["lasts"] = block.for_days or 0
            bit *= 2
        else:
            fields = _move(block, as_of, horizon, roles)
        for name, value in fields.items():
            record[name][0, n] = value
        record["last_evening"][0, n] = horizon - 1
    return record


def _condition(one: Condition, horizon: int, roles: Roles) -> dict[str, float]:
    return {
        "events": sum(1 << event for event in one.events(roles)),
        "after": one.after_days or 0,
        "within": one.not_by or one.within or horizon,
        "times": one.times,
        "again": one.again,
        "absent": one.not_by is not None,
    }


def _move(move: Move, as_of: dt.date, horizon: int, roles: Roles) -> dict[str, float]:
    event = events_named(move.event, move.actor, roles)[0]
    fields: dict[str, float] = {}
    if move.when is not None:
        fields = _condition(move.when, horizon, roles)
    else:
        day = move.on_day(as_of)
        assert day is not None
        # a partial truce takes effect on the day after it is agreed
        fields["after"] = day - 1 - (event is Public.PARTIAL_BEGINS)
    fields |= {"move": event, "days": move.days or 0}
    fields["scope"] = Scope[move.scope.upper()] if move.scope is not None else NONE
    if threat_of(event) is not None and move.value is not None:
        fields["size"] = move.value
    return fields
