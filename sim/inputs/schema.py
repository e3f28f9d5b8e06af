"""The JSON Schema of a scenario file, for editors that check while one types."""

from __future__ import annotations

from typing import Any

from sim.inputs.conflict import Conflict, shipped
from sim.inputs.events import event_names
from sim.inputs.levers import LEVERS, Lever
from sim.inputs.scenario_file import ScenarioFile


def file_schema(conflict: Conflict | None = None) -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, every lever with its range.

    Parameters
    ----------
    conflict
        Whose names stand in the meanings of levers; those of the shipped one if None.
    """
    conflict = conflict or shipped()
    schema = ScenarioFile.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "A scenario (truce/scenario/1)"
    levers = {name: _lever_schema(conflict.lever(name)) for name in LEVERS}
    groups: dict[str, Any] = {}
    for name, one in levers.items():
        group, _, inner = name.partition(".")
        table = groups.setdefault(
            group, {"type": "object", "additionalProperties": False, "properties": {}}
        )
        table["properties"][inner] = one
    schema["properties"]["levers"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**levers, **groups},
    }
    schema["$defs"]["When"]["properties"]["levers"] = schema["properties"]["levers"]
    _name_events(schema["$defs"], conflict)
    for place in ("Change", "Claim"):
        names = {"enum": list(LEVERS)}
        fields = schema["$defs"][place]["properties"]
        if place == "Change":
            fields["lever"] = names
        else:
            fields["levers"]["items"] = names
    return schema


def _name_events(models: dict[str, Any], conflict: Conflict) -> None:
    """List the public events and their actors where a block names one."""
    events, actors = event_names(conflict)
    for place in ("Condition", "When", "Move"):
        fields = models[place]["properties"]
        of_event = {"description": fields["event"]["description"], "enum": events}
        fields["event"] = of_event
        fields["actor"] = {"description": fields["actor"]["description"], "enum": actors}


def _lever_schema(lever: Lever) -> dict[str, Any]:
    return {"description": f"{lever.meaning} ({lever.unit})", **lever.kind.schema()}
