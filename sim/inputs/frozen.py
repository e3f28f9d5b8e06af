"""A mapping that cannot be changed, can be hashed, and travels between processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")


class FrozenMapping(Mapping[str, V]):
    """Names to values, fixed when it is made; equal to a plain dict of the same contents.

    Examples
    --------
    >>> levers = FrozenMapping({"aid.level": 0.5})
    >>> levers == {"aid.level": 0.5}, hash(levers) == hash(FrozenMapping({"aid.level": 0.5}))
    (True, True)
    """

    __slots__ = ("_values",)
    _values: dict[str, V]

    def __init__(self, values: Mapping[str, V]) -> None:
        object.__setattr__(self, "_values", dict(values))

    def __getitem__(self, name: str) -> V:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed")

    def __reduce__(self) -> tuple[type[FrozenMapping[V]], tuple[dict[str, V]]]:
        return type(self), (dict(self._values),)

    def __repr__(self) -> str:
        return repr(self._values)
