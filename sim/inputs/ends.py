"""To which two ends each lever is moved to see how much it matters: ``calibration/ends.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.errors import CalibrationError, ScenarioError
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
    takes: from the lowest number to the highest, from false to true, from its first word to its
    last.

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
        low, high = _checked(path.name, row)
        place = f"{path.name}: {row.name}"
        if low == high:
            raise CalibrationError(place, "has one end twice.", "Give two that differ.")
        if isinstance(low, float) and isinstance(high, float) and low > high:
            raise CalibrationError(place, f"{low:g} is above {high:g}.", "Swap low and high.")
        if row.name in found:
            raise CalibrationError(place, "is given twice.", "Keep one.")
        found[row.name] = low, high
    return found


def _checked(file: str, row: LeverEnds) -> Ends:
    try:
        return check_lever(file, row.name, row.low), check_lever(file, row.name, row.high)
    except ScenarioError as error:
        raise CalibrationError(error.where, error.what, error.todo) from None
