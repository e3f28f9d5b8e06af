"""Records: what a class describes as a structured NumPy dtype, for compiled rules and for Python.

A record class lists its fields as annotations; `dtype_of` turns it into a dtype. The axes of an
array in a record have names (`AXES`), so that a stored column can be labelled and the number of
blocs can be that of the data. A field may be a record itself. Compiled code reads fields as
attributes; a `Record` lets Python do the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from sim.engine.attributes import Record
from sim.engine.domain import AXES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Records = NDArray[np.void]
"""An array of records."""

_Index = int | tuple[int, int]


class Reals:
    """An array of numbers inside a record."""

    def __len__(self) -> int: ...  # type: ignore[empty-body]
    def __getitem__(self, index: _Index) -> float: ...  # type: ignore[empty-body]
    def __setitem__(self, index: _Index, value: float) -> None: ...


class Wholes:
    """An array of whole numbers inside a record."""

    def __len__(self) -> int: ...  # type: ignore[empty-body]
    def __getitem__(self, index: _Index) -> int: ...  # type: ignore[empty-body]
    def __setitem__(self, index: _Index, value: int) -> None: ...


class Flags:
    """An array of yes or no inside a record."""

    def __getitem__(self, index: _Index) -> bool: ...  # type: ignore[empty-body]
    def __setitem__(self, index: _Index, value: bool) -> None: ...


_CODES = {float: "f8", int: "i8", bool: "?", Reals: "f8", Wholes: "i8", Flags: "u1"}
"""Compiled records know no arrays of bool, hence the byte."""


Axis = str | int
"""The name of an axis, whose length stands in `AXES`, or the length of one without a name."""


def axes_of(record: type) -> dict[str, tuple[Axis, ...]]:
    """Return the axes of each field of a record, in order; a single number has none."""
    hints = get_type_hints(record, include_extras=True)
    return {name: _axes(hint) for name, hint in hints.items()}


def _axes(hint: Any) -> tuple[Axis, ...]:
    notes = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((note for note in notes if isinstance(note, tuple)), ())


def _field(name: str, hint: Any, sizes: Mapping[str, int]) -> tuple[Any, ...]:
    if get_origin(hint) is not Annotated:
        return (name, _CODES[hint] if hint in _CODES else dtype_of(hint, sizes))
    base, *notes = get_args(hint)
    code = next((note for note in notes if isinstance(note, str)), _CODES[base])
    shape = tuple(axis if isinstance(axis, int) else sizes[axis] for axis in _axes(hint))
    return (name, code, shape)


def dtype_of(
    record: type, sizes: Mapping[str, int] = AXES, *, packed: bool = False
) -> np.dtype[np.void]:
    """Return the structured dtype that a record class describes.

    Parameters
    ----------
    sizes
        The length of each named axis.
    packed
        Whether to leave no gaps between fields.
    """
    hints = get_type_hints(record, include_extras=True)
    fields = [_field(name, hint, sizes) for name, hint in hints.items()]
    return np.dtype(fields, align=not packed)


def as_records(array: NDArray[np.void]) -> list[Any]:
    """Return the records of an array, in whose memory they stay."""
    made = list(array.view(np.dtype((Record, array.dtype))))
    for number, record in enumerate(made):
        record.__dict__["bytes"] = array[number : number + 1].view("u1").data
    return made


def new_record(dtype: np.dtype[np.void]) -> Any:
    """Return one record, all zero, in memory of its own."""
    return as_records(np.zeros(1, dtype))[0]
