"""What a sweep varies along each lever: a range, or values that are listed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sim.engine.dtypes import Floats
from sim.errors import ScenarioError, check_whole
from sim.inputs.block_numbers import check_setting, kind_of, setting_named
from sim.inputs.lever_kinds import TRIED
from sim.inputs.levers import Value
from sim.text import shown

Point = tuple[Value, ...]
"""Values of levers, in the order of the axes."""
Spec = Sequence[Any]
"""A tuple is a range, ``(low, high)`` or ``(low, high, steps)``; else a list of values."""
_EXAMPLE = "offer.territory=0.5:1:11"
_MOST_TRIED = 32
"""The most of the values listed on an axis that are tried for a first look."""


class Range(NamedTuple):
    """A range that is meant as one, as `--vary` writes it: a tuple about which nobody can err."""

    low: Any
    high: Any
    steps: Any = None


class Axis(NamedTuple):
    """One lever and what it is set to: a range, with steps in a grid, or a choice of values."""

    lever: str
    low: float = math.nan
    high: float = math.nan
    steps: int = 0
    choices: Point = ()

    def values(self) -> Point:
        """Return the values of this axis in a grid, in rising order or as listed."""
        if self.choices:
            return self.choices
        return self.spaced(self.steps)

    def spaced(self, steps: int) -> Point:
        """Return ``steps`` values from end to end of a range, fewer if days run out."""
        return kind_of(self.lever).spaced(self.low, self.high, steps)

    def at(self, share: float) -> Value:
        """Return the value at a share of the way, 0 <= share < 1."""
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        return kind_of(self.lever).at(self.low, self.high, share)

    def numbers_at(self, shares: Floats) -> Floats:
        """Return the values at many shares of the way through a range, as `at` does one by one."""
        return kind_of(self.lever).numbers_at(self.low, self.high, shares)

    def trial(self) -> Point:
        """Return a few values over the whole range, for a first look."""
        if len(self.choices) > _MOST_TRIED:
            return self.choices[:: -(-len(self.choices) // _MOST_TRIED)]
        return self.choices or self.spaced(TRIED)

    def as_dict(self) -> dict[str, Any]:
        """Return what identifies the axis as plain data, whatever the number of steps."""
        if self.choices:
            return {"lever": self.lever, "values": list(self.choices)}
        return {"lever": self.lever, "low": self.low, "high": self.high}


# ------------------------------------------------------------------ reading


def axes_of(vary: Mapping[str, Spec], kind: str) -> tuple[Axis, ...]:
    """Check what is to be varied and return an axis a lever.

    Raises
    ------
    ScenarioError
        If there is nothing to vary, a lever or a value is none, or a range is upside down.
    """
    if not vary:
        raise ScenarioError("sweep", "nothing is varied.", f"Say what: --vary {_EXAMPLE}.")
    return tuple(_axis(lever, spec, kind) for lever, spec in vary.items())


def _axis(lever: str, spec: Spec, kind: str) -> Axis:
    setting_named("vary", lever)
    if not isinstance(spec, tuple):
        return _choice(lever, _listed(f"vary.{lever}", spec))
    try:
        return _range(lever, spec, kind)
    except ScenarioError as error:
        if type(spec) is not tuple:
            raise
        raise ScenarioError(error.where, error.what, f"{error.todo} {_as_tuple(spec)}") from None


def _as_tuple(spec: tuple[Any, ...]) -> str:
    return f"A tuple is read as (low, high, steps); to name values, give a list: {list(spec)}."


def _listed(where: str, spec: Any) -> list[Any]:
    """The values of any one-dimensional sequence: a list, an array, a range, a column."""
    if getattr(spec, "ndim", 1) != 1:
        what = f"{shown(spec)} has {spec.ndim} dimensions."
        raise ScenarioError(where, what, "Give a tuple (low, high, steps), or a list of values.")
    if hasattr(spec, "tolist"):
        return list(spec.tolist())
    if isinstance(spec, Sequence) and not isinstance(spec, str | bytes):
        return list(spec)
    todo = "Give a tuple (low, high, steps), or a list of values."
    raise ScenarioError(where, f"{shown(spec)} is no range and no list.", todo)


def _range(lever: str, spec: tuple[Any, ...], kind: str) -> Axis:
    where = f"vary.{lever}"
    if len(spec) not in (2, 3):
        what = f"{shown(spec)} is no range."
        raise ScenarioError(where, what, "Give both ends, and in a grid the number of values.")
    takes = kind_of(lever)
    takes.check_ends(where, lever, (spec[0], spec[1]))
    low, high = (float(check_setting("vary", lever, end)) for end in spec[:2])
    steps = spec[2] if len(spec) == 3 else None
    ends = f"{low:g}:{high:g}"
    if low > high:
        more = f":{steps}" if steps is not None else ""
        todo = f"Did you mean {lever}={high:g}:{low:g}{more}?"
        raise ScenarioError(where, f"the range {ends} is upside down.", todo)
    if low == high:
        todo = "Set the lever in the scenario, or give a range with two ends."
        raise ScenarioError(where, f"the range {ends} has no width.", todo)
    if kind != "grid":
        return Axis(lever, low, high)
    if steps is None:
        todo = f"Write {lever}={ends}:11, or take --design sobol."
        raise ScenarioError(where, "a grid needs the number of values.", todo)
    number = check_whole(f"{where}: number of values", steps, 2, 10**9)
    if takes.whole and number > high - low + 1:
        most = int(high - low + 1)
        what = f"there are {most} whole days from {low:g} to {high:g}, not {number}."
        raise ScenarioError(where, what, f"Write {lever}={ends}:{most}.")
    return Axis(lever, low, high, number)


def reading_notes(vary: Mapping[str, Spec]) -> list[str]:
    """Say how tuples were read that might have been meant as values: (0, 1, 2) is a range."""
    notes = []
    for lever, spec in vary.items():
        if type(spec) is tuple and len(spec) == 3 and _may_be_value(lever, spec[2]):
            notes.append(f"vary.{lever}: {_as_tuple(spec)}")
    return notes


def _may_be_value(lever: str, value: Any) -> bool:
    try:
        check_setting("vary", lever, value)
    except ScenarioError:
        return False
    return True


def _choice(lever: str, values: Sequence[Any]) -> Axis:
    checked = tuple(check_setting("vary", lever, value) for value in values)
    where = f"vary.{lever}"
    if len(checked) < 2:
        todo = "Give two values or more, or set it in the scenario."
        raise ScenarioError(where, "one value is nothing to vary.", todo)
    seen: set[Value] = set()
    for value in checked:
        if value in seen:
            raise ScenarioError(where, f"{shown(value)} is given twice.", "Keep one.")
        seen.add(value)
    return Axis(lever, choices=checked)


def spec_of(axis: Mapping[str, Any]) -> Spec:
    """Return what is varied along an axis, as `sim.sweep` takes it, from its plain data."""
    if "values" in axis:
        return list(axis["values"])
    ends = (axis["low"], axis["high"])
    return (*ends, axis["steps"]) if "steps" in axis else ends
