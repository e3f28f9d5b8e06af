"""Before several processes test at once, one of them compiles the engine."""

from __future__ import annotations

import contextlib

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Fill the cache of compiled code in the process that starts the workers."""
    if getattr(config.option, "numprocesses", None):
        import sim

        with contextlib.suppress(sim.SimError):  # what cannot be run, the tests tell
            sim.run("baseline", worlds=1)
