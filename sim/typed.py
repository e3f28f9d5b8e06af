"""Whether the fields of a result that was read back are what they are declared to be."""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin

from sim.text import printable, shown

LARGEST = 1e15
"""No number of ours is larger, in either direction."""
_ELSEWHERE = ("sim.inputs.", "sim.experiments.axes", "sim.experiments.design")
"""Rooms of classes that check themselves."""
_TABLES = (dict, Mapping)
_LISTS = (list, Sequence)


def check_fields(value: Any, key: str = "") -> None:
    """Check the fields of a dataclass or named tuple, and theirs, by what they are declared as.

    What is declared as anything, or is of classes of other kinds, is not looked into.

    Parameters
    ----------
    key
        What it is called, for the message.

    Raises
    ------
    ValueError
        If a field is of another type, or a number is not finite or larger than `LARGEST`.
    """
    cls: Any = type(value)
    for name, kind in _fields(cls).items():
        _check(getattr(value, name), kind, f"{key}.{name}" if key else name)


@functools.cache
def _fields(cls: type) -> dict[str, Any]:
    """The fields of a class and what they are declared as; those that cannot be told left out."""
    if dataclasses.is_dataclass(cls):
        declared = {field.name: field.type for field in dataclasses.fields(cls)}
    elif _is_named_tuple(cls):
        declared = {name: cls.__annotations__[name] for name in cls._fields}  # type: ignore[attr-defined]
    else:
        return {}
    return {
        name: told for name, one in declared.items() if (told := _evaluated(one, cls)) is not Any
    }


def _evaluated(declared: Any, cls: type) -> Any:
    text = getattr(declared, "__forward_arg__", declared)
    if not isinstance(text, str):
        return declared
    try:
        return eval(text, vars(sys.modules[cls.__module__]))
    except NameError:  # known to a type checker alone
        return Any


def _is_named_tuple(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def _check(value: Any, kind: Any, key: str) -> None:
    if not _is(value, kind, key):
        raise ValueError(f"{printable(key)[:80]} is {shown(value)}")


def _is(value: Any, kind: Any, key: str) -> bool:
    """Whether a value is what it is declared as; what is within it is checked, too."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _is_one_of(value, parts, key)
    if origin is Literal:
        return value in parts
    if origin is tuple:
        return isinstance(value, tuple) and _tuple_is(value, parts, key)
    if origin in _TABLES:
        if not isinstance(value, Mapping):
            return False
        return all(
            _is(n, parts[0], key) and _is(v, parts[1], f"{key}.{n}") for n, v in value.items()
        )
    if origin in _LISTS:
        listed = isinstance(value, list | tuple)
        return listed and all(_is(one, parts[0], key) for one in value)
    return _is_plain(value, kind, key)


def _is_one_of(value: Any, kinds: Sequence[Any], key: str) -> bool:
    fitting = [kind for kind in kinds if _fits(value, kind)]
    return any(_is(value, kind, key) for kind in fitting)


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value may be one of a kind, by its look."""
    return (value is None) == (kind is None or kind is types.NoneType)


def _tuple_is(value: tuple[Any, ...], parts: Sequence[Any], key: str) -> bool:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return all(_is(one, parts[0], f"{key}.{n}") for n, one in enumerate(value))
    same = len(value) == len(parts)
    return same and all(_is(one, kind, key) for one, kind in zip(value, parts, strict=True))


def _is_plain(value: Any, kind: Any, key: str) -> bool:
    if kind is None or kind is types.NoneType:
        return value is None
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and abs(value) <= LARGEST
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 2**64
    if kind in (str, bool):
        return isinstance(value, kind)
    if isinstance(kind, type) and _fields(kind) and _is_ours(kind):
        if not isinstance(value, kind):
            return False
        check_fields(value, key)
    return True


def _is_ours(kind: type) -> bool:
    """Whether a class is one of results; scenarios and what they are of are checked elsewhere."""
    return kind.__module__.startswith("sim.") and not kind.__module__.startswith(_ELSEWHERE)
