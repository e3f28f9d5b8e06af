"""How far a long piece of work has come: one line that is renewed, or whatever is called."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim.errors import ScenarioError

Progress = Callable[[int, int | None], None]
"""Called with what is done and, if it is known, the total."""

_SECONDS = 0.2
"""How often the line is renewed, at most."""


@contextmanager
def reported(progress: bool | Progress | None, what: str) -> Iterator[Progress | None]:
    """Give what a piece of work calls as it goes on, or None if nobody wants to know.

    Parameters
    ----------
    progress
        True for a line on standard error that is renewed in place, in a notebook too; or a
        function that is called instead.
    what
        What is counted, such as ``worlds``.
    """
    if progress is True:
        line = _Line(what)
        try:
            yield line.renew
        finally:
            line.end()
    elif progress and not callable(progress):
        what = f"{progress!r} is neither true nor false nor a function."
        raise ScenarioError("progress", what, "Give True to see a line.")
    else:
        yield progress or None


class _Line:
    """A line on standard error that says how much is done."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._text = ""
        self._last = 0.0

    def renew(self, done: int, total: int | None) -> None:
        """Write what is done over what stood there, a few times a second."""
        now = time.monotonic()
        if now - self._last < _SECONDS and done != total:
            return
        self._last = now
        whole = f" of {total:,}" if total else ""
        before = len(self._text)
        self._text = f"{self._what}: {done:,}{whole}"
        sys.stderr.write("\r" + self._text.ljust(before))
        sys.stderr.flush()

    def end(self) -> None:
        """End the line, so that what is printed next stands below it."""
        if self._text:
            sys.stderr.write("\n")
            sys.stderr.flush()
