"""To which two ends each lever is moved to see how much it matters: ``calibration/ends.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.levers import LEVERS, Value, check_lever
from sim.inputs.tomlfile import FILE, STRICT, load_toml

Ends = tuple[Value, Value]


class LeverEnds(BaseModel):
    """The two ends of one lever, and why these."""

    model_config = STRICT
    name: str
    low: float | int | bool | str
    high: float | int | bool | str
    why: str = Field(min_length=1, description="why the lever is moved so far, and no further")


class _EndsFile(BaseModel):
    model_config = FILE
    schema_: Literal["truce/ends/1"] = Field(alias="schema")
    lever: tuple[LeverEnds, ...] = Field(min_length=1)


def lever_ends(conflict: Conflict) -> dict[str, Ends]:
    """Return the two ends of each lever, in the order in which levers are shown.

    A lever that the file does not name, or every one if there is no file, is moved over all that it
    takes.

    Raises
    ------
    CalibrationError
        If the file cannot be used.
    """
    path = conflict.calibration / "ends.toml"
    given = conflict.once(("ends",), lambda: _read(path) if path.is_file() else {})
    return {name: given.get(name, _whole(name)) for name in LEVERS}


def _whole(name: str) -> Ends:
    tried = LEVERS[name].kind.trial()
    return tried[0], tried[-1]


def _read(path: Path) -> dict[str, Ends]:
    found: dict[str, Ends] = {}
    for row in load_toml(path, _EndsFile, CalibrationError).lever:
        place = f"{path.name}: {row.name}"
        low, high = (check_lever(place, row.name, end) for end in (row.low, row.high))
        if low == high:
            raise CalibrationError(place, "has one end twice.", "Give two that differ.")
        if row.name in found:
            raise CalibrationError(place, "is given twice.", "Keep one.")
        found[row.name] = low, high
    return found
