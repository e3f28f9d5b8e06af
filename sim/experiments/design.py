"""What a sweep varies: an axis a lever, and a design that puts points between their ends.

A point is a tuple of lever values in the order of the axes. Its id is a hash of levers and values,
so that the same point keeps its id when a study grows.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

import numpy as np

from sim.engine.dtypes import Floats
from sim.errors import ScenarioError, check_whole
from sim.inputs.lever_kinds import TRIED
from sim.inputs.levers import LEVERS, Value, check_lever
from sim.text import shown

Kind = Literal["grid", "sobol", "lhs"]
Point = tuple[Value, ...]
Spec = tuple[float, float] | tuple[float, float, int] | list[Any]
"""A range ``(low, high)`` or ``(low, high, steps)``, or a list of values."""

DEFAULT_POINTS = 256
MAX_DRAWN = 2**24
"""The most points of a design that is drawn; those of a grid are reckoned, not kept."""
_EXAMPLE = "offer.territory=0.5:1:11"


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
        return LEVERS[self.lever].kind.spaced(self.low, self.high, steps)

    def at(self, share: float) -> Value:
        """Return the value at a share of the way, 0 <= share < 1."""
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        return LEVERS[self.lever].kind.at(self.low, self.high, share)

    def trial(self) -> Point:
        """Return a few values over the whole range, for a first look."""
        return self.choices or self.spaced(TRIED)

    def told(self) -> dict[str, Any]:
        """Return what identifies the axis, whatever the number of steps."""
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
    if lever not in LEVERS:
        check_lever("vary", lever, 0.0)  # says which there are
    if isinstance(spec, tuple) and len(spec) in (2, 3):
        return _range(lever, spec, kind)
    if isinstance(spec, list):
        return _choice(lever, spec)
    todo = "Give (low, high, steps), or a list of values."
    raise ScenarioError(f"vary.{lever}", f"{shown(spec)} is no range.", todo)


def _range(lever: str, spec: tuple[Any, ...], kind: str) -> Axis:
    where = f"vary.{lever}"
    kind_of = LEVERS[lever].kind
    kind_of.check_ends(where, lever, spec[:2])
    low, high = (float(check_lever("vary", lever, end)) for end in spec[:2])
    steps = spec[2] if len(spec) == 3 else None
    told = f"{low:g}:{high:g}"
    if low > high:
        more = f":{steps}" if steps is not None else ""
        todo = f"Did you mean {lever}={high:g}:{low:g}{more}?"
        raise ScenarioError(where, f"the range {told} is upside down.", todo)
    if low == high:
        todo = "Set the lever in the scenario, or give a range with two ends."
        raise ScenarioError(where, f"the range {told} has no width.", todo)
    if kind != "grid":
        return Axis(lever, low, high)
    if steps is None:
        todo = f"Write {lever}={told}:11, or take --design sobol."
        raise ScenarioError(where, "a grid needs the number of values.", todo)
    number = check_whole(f"{where}: number of values", _whole(steps), 2, 10**9)
    if kind_of.whole and number > high - low + 1:
        most = int(high - low + 1)
        what = f"there are {most} whole days from {low:g} to {high:g}, not {number}."
        raise ScenarioError(where, what, f"Write {lever}={told}:{most}.")
    return Axis(lever, low, high, number)


def _whole(steps: Any) -> Any:
    return int(steps) if isinstance(steps, float) and steps.is_integer() else steps


def _choice(lever: str, values: Sequence[Any]) -> Axis:
    checked = tuple(check_lever("vary", lever, value) for value in values)
    where = f"vary.{lever}"
    if len(checked) < 2:
        todo = "Give two values or more, or set it in the scenario."
        raise ScenarioError(where, "one value is nothing to vary.", todo)
    twice = next((value for value in checked if checked.count(value) > 1), None)
    if twice is not None:
        raise ScenarioError(where, f"{shown(twice)} is given twice.", "Keep one.")
    return Axis(lever, choices=checked)


# ------------------------------------------------------------------ points


@dataclass(frozen=True)
class Design:
    """Points over the axes, in an order of their own: all of a grid, or some that are drawn.

    Attributes
    ----------
    kind
        `grid`: every combination, the last axis fastest; `sobol`: a scrambled Sobol' sequence,
        whose first points stay when more are asked for; `lhs`: a Latin hypercube.
    drawn
        How many points are drawn; of no use to a grid.
    seed
        Of the drawing.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    drawn: int
    seed: int

    @property
    def levers(self) -> tuple[str, ...]:
        """The levers varied, in the order of a point's values."""
        return tuple(axis.lever for axis in self.axes)

    def __len__(self) -> int:
        if self.kind == "grid":
            return math.prod(self.shape)
        return len(self._points)

    @functools.cached_property
    def shape(self) -> tuple[int, ...]:
        """The number of values on each axis of a grid."""
        return tuple(axis.steps or len(axis.choices) for axis in self.axes)

    def block(self, first: int, stop: int) -> list[Point]:
        """Return consecutive points; those of a grid are reckoned anew."""
        stop = min(stop, len(self))
        if self.kind != "grid":
            return self._points[first:stop]
        places = np.unravel_index(np.arange(first, stop), self.shape)
        columns = [
            [values[place] for place in along.tolist()]
            for values, along in zip(self._values, places, strict=True)
        ]
        return list(zip(*columns, strict=True))

    @functools.cached_property
    def _values(self) -> list[Point]:
        return [axis.values() for axis in self.axes]

    @functools.cached_property
    def _points(self) -> list[Point]:
        """The points that were drawn, none twice: days and choices may fall together."""
        shares = _shares(self.kind, len(self.axes), self.drawn, self.seed).tolist()
        drawn = (
            tuple(axis.at(share) for axis, share in zip(self.axes, row, strict=True))
            for row in shares
        )
        return list(dict.fromkeys(drawn))

    def told(self) -> dict[str, Any]:
        """Return what identifies the design, whatever it may grow to."""
        told = {"kind": self.kind, "axes": [axis.told() for axis in self.axes]}
        return {**told, "points": self.drawn} if self.kind == "lhs" else told


def _shares(kind: Kind, axes: int, number: int, seed: int) -> Floats:
    from scipy.stats import qmc

    shares: Floats
    if kind == "lhs":
        shares = qmc.LatinHypercube(axes, rng=np.random.default_rng(seed)).random(number)
        return shares
    whole = qmc.Sobol(axes, rng=np.random.default_rng(seed)).random_base2(
        max(number - 1, 0).bit_length()
    )
    shares = whole[:number]
    return shares


def make_design(
    vary: Mapping[str, Spec], kind: str = "grid", points: int | None = None, seed: int = 1
) -> Design:
    """Check a design and return it; no point is made yet.

    Parameters
    ----------
    vary
        By lever: ``(low, high, steps)`` for a grid, ``(low, high)`` else, or a list of values.
    kind
        `grid`, `sobol` or `lhs`.
    points
        How many to draw with `sobol` or `lhs`, 256 if None.

    Raises
    ------
    ScenarioError
        If something in it cannot be used.

    Examples
    --------
    >>> design = make_design({"offer.territory": (0.5, 1.0, 11), "concede.nato": [False, True]})
    >>> len(design), design.block(0, 3)
    (22, [(0.5, False), (0.5, True), (0.55, False)])
    """
    if kind not in get_args(Kind):
        names = ", ".join(get_args(Kind))
        raise ScenarioError("design", f"{shown(kind)} is none.", f"There are: {names}.")
    axes = axes_of(vary, kind)
    if kind == "grid":
        if points is not None:
            todo = "Leave --points away, or take --design sobol."
            raise ScenarioError("points", "a grid has as many as its axes multiply to.", todo)
        return Design("grid", axes, 0, seed)
    number = DEFAULT_POINTS if points is None else points
    drawn = check_whole("points", number, 2, MAX_DRAWN)
    return Design("lhs" if kind == "lhs" else "sobol", axes, drawn, seed)


def point_id(levers: Sequence[str], point: Point) -> str:
    """Return the id of a point: 16 hexadecimal digits of a hash of levers and values."""
    pairs = sorted(zip(levers, point, strict=True))
    text = "\n".join(f"{lever}={value!r}" for lever, value in pairs)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
