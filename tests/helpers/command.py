"""The command `truce`, run by this Python as a user runs it."""

from __future__ import annotations

import subprocess
import sys

TRUCE = (sys.executable, "-c", "from sim.cli import main; main()")


def truce(*arguments, cwd=None):
    return subprocess.run(
        [*TRUCE, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", cwd=cwd
    )
