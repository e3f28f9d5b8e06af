"""Which levers a formula is of, where they stand, and which of them may be deferred."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from sim.attribution.sensitivity.tornado import Bar
from sim.errors import ScenarioError
from sim.experiments.axes import Axis
from sim.inputs.block_numbers import set_by
from sim.inputs.lever_kinds import Number
from sim.inputs.levers import DEFERRED, LEVERS, Value
from sim.inputs.scenario import Scenario
from sim.text import counted

MOST_LEVERS = 6
MOST_TOGGLES = 3
NARROWEST = 1e-6
"""Ends of a range lie at least so far apart, against their size."""
_STEPS = 100
"""Steps of a slider, about."""


class Slider(NamedTuple):
    """A lever and the range over which it may be moved.

    Attributes
    ----------
    today
        Its value as the scenario stands; None if the scenario changes it later, or may.
    start
        A number of its range: where it stands if that is one, else the middle.
    step
        By how much a slider moves.
    """

    lever: str
    meaning: str
    unit: str
    low: float
    high: float
    today: Value | None
    start: float
    step: float

    @classmethod
    def of(cls, axis: Axis, scenario: Scenario) -> Slider:
        """Return a lever as a scenario has it."""
        name = axis.lever
        stands, told = scenario.levers[name], scenario.conflict.lever(name)
        later = {change.lever for change in scenario.schedule if change.day > 1}
        may_change = name in later or bool(set_by(scenario.blocks, name))
        whole = LEVERS[name].kind.whole
        start = (axis.low + axis.high) / 2.0
        if isinstance(stands, float):
            start = min(axis.high, max(axis.low, stands))
        elif whole:
            start = float(math.floor(start))
        today = None if may_change else stands
        step = _step(axis.high - axis.low)
        step = max(1.0, step) if whole else step
        return cls(name, told.meaning, told.unit, axis.low, axis.high, today, start, step)


def _step(width: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that goes a hundred times into a range."""
    least = width / _STEPS
    power = 10.0 ** math.floor(math.log10(least))
    fits = (many for many in (5.0, 2.0, 1.0) if many * power <= least * (1.0 + 1e-9))
    return float(f"{next(fits) * power:.12g}")


def checked(axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """Check what is varied.

    Raises
    ------
    ScenarioError
        If it is no range of numbers of a lever, or there are too many.
    """
    for axis in axes:
        where = f"vary.{axis.lever}"
        if axis.lever not in LEVERS:
            what = "is a number of a block, and a formula is found for levers alone."
            raise ScenarioError(where, what, "Vary it with sweep.")
        if axis.choices:
            what = "is given values, and a formula is found for ranges of numbers alone."
            todo = f"Write a range, such as {axis.lever}=0:1."
            if not isinstance(LEVERS[axis.lever].kind, Number):
                what, todo = (
                    "is no number, and a formula is found for numbers alone.",
                    "Leave it out.",
                )
            raise ScenarioError(where, what, todo)
        if axis.high - axis.low < NARROWEST * max(1.0, abs(axis.low), abs(axis.high)):
            what = f"{axis.low:g} to {axis.high:g} is too narrow for a formula."
            raise ScenarioError(where, what, "Name ends that lie farther apart.")
    if len(axes) > MOST_LEVERS:
        what = f"{counted(len(axes), 'lever')} are varied, and at most {MOST_LEVERS} can be."
        raise ScenarioError("vary", what, "Leave some out; `truce sensitivity` ranks them.")
    return tuple(axes)


def chosen(bars: Sequence[Bar]) -> tuple[Axis, ...]:
    """Return the levers that move the odds most over their numbers, each alone.

    Parameters
    ----------
    bars
        Of `sim.attribution.sensitivity.tornado.tornado`.
    """

    def reach(bar: Bar) -> float:
        moves = (0.0, bar.low.difference.mean, bar.high.difference.mean)
        return max(moves) - min(moves)

    found = sorted(bars, key=lambda bar: -reach(bar))
    return tuple(
        Axis(bar.lever, bar.low.value, bar.high.value)
        for bar in found
        if isinstance(bar.low.value, float) and isinstance(bar.high.value, float)
    )[:MOST_LEVERS]


def toggles(axes: Sequence[Axis]) -> tuple[str, ...]:
    """Return the levers that may be deferred; one lever is left that may not."""
    may = [axis.lever for axis in axes if DEFERRED in LEVERS[axis.lever].kind.beside]
    return tuple(may[: min(MOST_TOGGLES, len(axes) - 1)])


def deferrals(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return every choice of some levers that are deferred, none of them first.

    Examples
    --------
    >>> deferrals(["a", "b"])
    [(), ('a',), ('b',), ('a', 'b')]
    """
    sizes = range(len(names) + 1)
    return [some for size in sizes for some in itertools.combinations(names, size)]


class Part(NamedTuple):
    """What varies while some levers are deferred.

    Attributes
    ----------
    varied
        The axes of a fit.
    """

    deferred: tuple[str, ...]
    varied: tuple[Axis, ...]

    @classmethod
    def of(cls, axes: Sequence[Axis], deferred: Sequence[str]) -> Part:
        """Return the part in which some of the axes are deferred."""
        return cls(tuple(deferred), tuple(a for a in axes if a.lever not in deferred))

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Those that vary, and behind them those that are deferred, which have one choice."""
        return (*self.varied, *(Axis(name, choices=(DEFERRED,)) for name in self.deferred))
