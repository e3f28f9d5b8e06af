"""What a notebook asks of an object that ends a cell."""

from __future__ import annotations

from typing import Any


def shown_as(thing: Any, kind: str) -> Any:
    """What an object gives a notebook as ``html`` or ``png``; None if it has none."""
    return getattr(thing, f"_repr_{kind}_")()
