"""A scenario from its plain data, as manifests keep it: the inverse of `Scenario.as_dict`."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sim.errors import ScenarioError
from sim.inputs.blocks import Move, When
from sim.inputs.conflict import conflict_from
from sim.inputs.history import HistoryRow
from sim.inputs.levers import LEVERS, Value, check_lever
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_checks import checked
from sim.inputs.scenario_file import Change, Claim
from sim.text import printable


def scenario_from(
    document: Mapping[str, Any], where: str, claims: tuple[Claim, ...] = ()
) -> Scenario:
    """Return the scenario whose plain data `Scenario.as_dict` gave; no file is read.

    Files of its conflict are read when something more is asked of them, such as its holidays.

    Parameters
    ----------
    where
        Where the data stand, for messages.
    claims
        The claims of the scenario, which are kept beside its data.

    Raises
    ------
    ScenarioError
        If a lever is not one, or the data is not whole.
    """
    try:
        changes = tuple(Change(**change) for change in document["changes"])
        rows = {row["lever"]: _row(row) for row in document["record"]}
        scenario = Scenario(
            name=document["name"],
            title=document["title"],
            question=document["question"],
            author=document["author"],
            as_of=dt.date.fromisoformat(document["as_of"]),
            horizon_days=document["horizon_days"],
            own_levers=_levers_of(document["own_levers"], where),
            record={name: rows[name] for name in LEVERS},
            rounds=tuple(dt.date.fromisoformat(day) for day in document["rounds"]),
            changes=changes,
            when=tuple(When.model_validate(one) for one in document.get("when", ())),
            moves=tuple(_move(one) for one in document.get("move", ())),
            claims=claims,
            inline=_levers_of(document["inline"], where),
            overrides=_levers_of(document["overrides"], where),
            path=document["path"],
            given=document["given"],
            horizon_given=document["horizon_given"],
            conflict=conflict_from(document["data"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"holds no whole scenario ({printable(error)})."
        raise ScenarioError(where, what, "Run it again.") from None
    for change in changes:
        check_lever(f"{where}: changes", change.lever, change.value)
    for row in scenario.record.values():
        check_lever(f"{where}: record", row.lever, row.value)
    return checked(scenario, where)


def _row(row: Mapping[str, Any]) -> HistoryRow:
    return HistoryRow.model_validate_json(json.dumps(row))


def _move(one: Mapping[str, Any]) -> Move:
    return Move.model_validate_json(json.dumps(one))


def _levers_of(levers: Mapping[str, Any], where: str) -> dict[str, Value]:
    return {name: check_lever(where, name, value) for name, value in levers.items()}
