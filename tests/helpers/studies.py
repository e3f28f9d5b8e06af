"""What tests of sweeps share: axes, the bytes of a folder, and an interruption."""

from __future__ import annotations

import re

TWO = {"offer.territory": (0.5, 1.0, 3), "sanctions.us_threat": (0.0, 1.0, 2)}


def files(folder):
    """The contents of all files below a folder, without the times at which they were asked for."""
    times = rb',\s*"(made|asked)": "[^"]*"'
    return {
        path.relative_to(folder).as_posix(): re.sub(times, b"", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Stop:
    """Interrupts a sweep once so many worlds are done."""

    def __init__(self, worlds):
        self.worlds = worlds

    def __call__(self, done, total):
        if done >= self.worlds:
            raise KeyboardInterrupt
