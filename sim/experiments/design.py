"""What a sweep varies: an axis a lever, and a design of points over the axes.

The points lie between the ends of the axes, or are given one by one. A point is a tuple of lever
values in the order of the axes. Its id is a hash of levers and values, so that the same point
keeps its id when a study grows.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from sim.engine.dtypes import Floats
from sim.errors import ScenarioError, check_whole
from sim.experiments.axes import Axis, Point, Spec, axes_of, spec_of
from sim.inputs.block_numbers import check_setting, setting_named
from sim.inputs.levers import Value
from sim.text import shown

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["grid", "sobol", "lhs", "points"]
DRAWN: tuple[Kind, ...] = ("sobol", "lhs")
Varied: TypeAlias = "Mapping[str, Spec] | Sequence[Mapping[str, Any]] | pd.DataFrame"
"""What is varied: a range or values by lever; or points, each a mapping from lever to value."""

DEFAULT_POINTS = 256
_BLOCK = 1024
"""Points that are drawn at once."""
MAX_DRAWN = 2**24
"""The most points of a design that is drawn; those of a grid are reckoned, not kept."""


# ------------------------------------------------------------------ points


@dataclass(frozen=True)
class Design:
    """Points over the axes, in an order of their own: all of a grid, or some that are drawn.

    Attributes
    ----------
    kind
        `grid`: every combination, the last axis fastest; `sobol`: a scrambled Sobol' sequence,
        whose first points stay when more are asked for; `lhs`: a Latin hypercube; `points`:
        those that were given, in their order.
    drawn
        How many points are drawn; of no use to a grid.
    seed
        Of the drawing.
    given
        The points, if they were given one by one.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    drawn: int
    seed: int
    given: tuple[Point, ...] = dataclasses.field(default=(), repr=False)

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
        """Those that were given; or drawn, none twice: days and choices may fall together."""
        if self.kind == "points":
            return list(self.given)
        shares = _shares(self.kind, len(self.axes), self.drawn, self.seed)
        drawn = (
            tuple(axis.at(share) for axis, share in zip(self.axes, row, strict=True))
            for first in range(0, len(shares), _BLOCK)
            for row in shares[first : first + _BLOCK].tolist()
        )
        return list(dict.fromkeys(drawn))

    def as_dict(self) -> dict[str, Any]:
        """Return what identifies the design as plain data, whatever it may grow to."""
        document = {"kind": self.kind, "axes": [axis.as_dict() for axis in self.axes]}
        if self.kind == "points":
            text = json.dumps(self.given)
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            return {"kind": self.kind, "levers": list(self.levers), "points": digest}
        return {**document, "points": self.drawn} if self.kind == "lhs" else document

    def request(self) -> dict[str, Any]:
        """Return what was asked for as plain data; `design_of_request` reads it."""
        if self.kind == "points":
            return {**self.as_dict(), "axes": [], "drawn": None}
        axes = [
            {**axis.as_dict(), **({"steps": axis.steps} if axis.steps else {})}
            for axis in self.axes
        ]
        return {"kind": self.kind, "drawn": self.drawn or None, "axes": axes}


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
    vary: Varied, kind: str = "grid", points: int | None = None, seed: int = 1
) -> Design:
    """Check a design and return it; no point is made yet.

    Parameters
    ----------
    vary
        By lever: a tuple ``(low, high, steps)`` for a grid, ``(low, high)`` else, or any other
        one-dimensional sequence of values. Or points, given one by one: a list of mappings from
        lever to value, or a DataFrame with a column a lever.
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
    if not isinstance(vary, Mapping):
        if kind != "grid" or points is not None:
            what = "points that are given are a design of their own."
            raise ScenarioError("design", what, "Leave design and points away.")
        return listed_design(vary, seed)
    if kind not in ("grid", *DRAWN):
        names = ", ".join(("grid", *DRAWN))
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


# ------------------------------------------------------------------ points that are given


def listed_design(points: Any, seed: int = 1) -> Design:
    """Return a design of points that are given one by one, in their order, checked.

    Parameters
    ----------
    points
        A list of mappings from lever to value, all of the same levers; or a DataFrame with a
        column a lever.

    Raises
    ------
    ScenarioError
        Naming the point, counted from 0, its lever and what is wrong.
    """
    levers, rows = _columns_and_rows(points)
    for lever in levers:
        setting_named("points", lever)
    given = tuple(
        tuple(
            check_setting(f"points[{number}]", lever, value)
            for lever, value in zip(levers, row, strict=True)
        )
        for number, row in enumerate(rows)
    )
    if not given or not levers:
        raise ScenarioError("points", "there are none.", "Give one or more, each with its levers.")
    axes = tuple(
        _axis_through(lever, column)
        for lever, column in zip(levers, zip(*given, strict=True), strict=True)
    )
    return Design("points", axes, 0, seed, given)


def _columns_and_rows(points: Any) -> tuple[list[str], list[Sequence[Any]]]:
    if hasattr(points, "columns") and hasattr(points, "itertuples"):
        names = [str(name) for name in points.columns]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ScenarioError("points", f"{shown(twice)} is a column twice.", "Keep one.")
        return names, list(points.itertuples(index=False, name=None))
    whole = isinstance(points, Sequence) and all(isinstance(point, Mapping) for point in points)
    if not whole:
        what = f"{shown(points)} is no list of points, and says of no lever how it is varied."
        todo = "Give {lever: (low, high, steps)}; or, for points of your own, a list of "
        todo += "{lever: value} or pandas.DataFrame(points, columns=[levers])."
        raise ScenarioError("vary", what, todo)
    levers = list(points[0]) if points else []
    for number, point in enumerate(points):
        if set(point) != set(levers):
            odd = ", ".join(map(str, sorted({*point} ^ {*levers}, key=str)))
            what = f"and the first point do not set the same levers ({shown(odd)})."
            raise ScenarioError(f"points[{number}]", what, "Give all points the same levers.")
    return levers, [[point[lever] for lever in levers] for point in points]


def _axis_through(lever: str, column: tuple[Value, ...]) -> Axis:
    """The axis on which the values of a lever lie: a range of numbers, or a choice."""
    distinct = dict.fromkeys(column)
    numbers = sorted(value for value in distinct if type(value) is float)
    if len(numbers) == len(distinct) > 1:
        return Axis(lever, numbers[0], numbers[-1])
    return Axis(lever, choices=(*(v for v in distinct if type(v) is not float), *numbers))


def design_of_request(
    request: Mapping[str, Any], seed: int, points: Callable[[list[str]], pd.DataFrame]
) -> Design:
    """Return the design whose plain data `Design.request` gave.

    Parameters
    ----------
    points
        Called with the levers if the points were given one by one; returns them.
    """
    if request["kind"] == "points":
        return listed_design(points(request["levers"]), seed)
    vary = {axis["lever"]: spec_of(axis) for axis in request["axes"]}
    return make_design(vary, request["kind"], request["drawn"], seed)


def point_id(levers: Sequence[str], point: Point) -> str:
    """Return the id of a point: 16 hexadecimal digits of a hash of levers and values."""
    pairs = sorted(zip(levers, point, strict=True))
    text = "\n".join(f"{lever}={value!r}" for lever, value in pairs)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
