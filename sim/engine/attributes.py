"""Records whose fields are attributes in Python, as they are in compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np


class Record(np.void):  # type: ignore[misc]
    """A record whose fields are attributes, and that rules read without delay.

    Numba asks a record for ``data``, whose description NumPy writes anew at each call: 15 us for
    a large one. Here the bytes are kept at hand, undescribed.
    """

    def __getattr__(self, field: str) -> Any:
        if field not in (self.dtype.names or ()):
            raise AttributeError(f"there is no field '{field}'; there are {self.dtype.names}")
        return readable(self[field])

    def __setattr__(self, field: str, value: Any) -> None:
        self[field] = value

    @property
    def data(self) -> memoryview:
        """The record's bytes."""
        kept = self.__dict__.get("bytes")  # a copy of a record has none
        return super().data if kept is None else kept


def readable(value: Any) -> Any:
    """Return a record, an array of them or a tuple of such, whose fields are attributes.

    Anything else is returned as it is. All stays in the same memory.
    """
    if (
        isinstance(value, np.void | np.ndarray)
        and value.dtype.names
        and value.dtype.type is np.void
    ):
        return value.view(np.dtype((Record, value.dtype)))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(readable, value))
    return value
