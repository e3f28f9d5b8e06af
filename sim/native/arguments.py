"""How arrays and records are handed to machine code: as addresses, lengths and strides.

The order is that in which Numba's own compiled functions take their arguments.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np


def flat(arguments: Sequence[Any]) -> Iterator[Any]:
    """Yield arrays and records one by one; a tuple stands for what is in it."""
    for argument in arguments:
        if isinstance(argument, tuple):
            yield from flat(argument)
        else:
            yield argument


def kinds(arguments: Sequence[Any]) -> list[str]:
    """Return what each array or record is, in words that two processes can compare.

    Examples
    --------
    >>> kinds([np.zeros((2, 3)), (np.zeros(1, [("a", "i8"), ("b", "f4")])[0],)])
    ['2 <f8', 'record a 0 <i8, b 8 <f4, 12']
    """
    return [_kind(argument) for argument in flat(arguments)]


def fingerprint(arguments: Sequence[Any]) -> str:
    """Return a short word for `kinds`."""
    return hashlib.sha256("; ".join(kinds(arguments)).encode()).hexdigest()[:16]


def _kind(argument: Any) -> str:
    if isinstance(argument, np.ndarray):
        laid = "" if argument.flags.c_contiguous else " scattered"
        return f"{argument.ndim} {_layout(argument.dtype)}{laid}"
    if isinstance(argument, np.void):
        return f"record {_layout(argument.dtype)}"
    return type(argument).__name__


@functools.lru_cache(maxsize=1000)
def _layout(dtype: np.dtype[Any]) -> str:
    if dtype.names is None:
        base, shape = (dtype.base, dtype.shape) if dtype.subdtype else (dtype, ())
        within = base.str if base.names is None else f"({_layout(base)})"
        return f"{within} {shape}" if shape else within
    fields: Mapping[str, Any] = dtype.fields or {}
    told = [f"{name} {fields[name][1]} {_layout(fields[name][0])}" for name in dtype.names]
    return ", ".join([*told, str(dtype.itemsize)])


def words(arguments: Sequence[Any]) -> list[int]:
    """Return what stands for arrays and records in a call, each in 64 bits.

    An array is two zeros (nobody counts its owners), its size, the bytes of an element, the
    address of its data, its shape and its strides; a record is an address.
    """
    made: list[int] = []
    for argument in flat(arguments):
        if isinstance(argument, np.ndarray):
            head = (0, 0, argument.size, argument.itemsize, argument.ctypes.data)
            made.extend((*head, *argument.shape, *argument.strides))
        else:
            made.append(_address(argument))
    return made


def _address(record: Any) -> int:
    """The address of a record's own memory; asking the record itself gives that of a copy."""
    return ctypes.addressof(ctypes.c_char.from_buffer(record.data))
