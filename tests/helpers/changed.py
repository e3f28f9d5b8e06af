"""A named tuple with some of its fields otherwise."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def changed(one: T, **fields: Any) -> T:
    """Return a named tuple like another, but for some fields."""
    names = type(one)._fields  # type: ignore[attr-defined]
    return type(one)(**{**dict(zip(names, one, strict=True)), **fields})
