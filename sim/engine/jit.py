"""One decorator for compiled rules, and a cache that cannot go stale.

Numba notices an edit to the file of a compiled function, not to the files it calls, and would
return stale results without a word. Here the compiled code lives in a folder named after a hash
of all compiled sources and of the versions that compile them.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import llvmlite
import numba
import numpy as np

from sim.identity import COMPILED, ENGINE, source_of
from sim.paths import cache_root

P = ParamSpec("P")
R = TypeVar("R")


@functools.cache
def cache_folder(rooms: tuple[str, ...] = ENGINE) -> Path | None:
    """Return the folder of compiled code, or None where it cannot be written.

    The folder is ``$TRUCE_CACHE_DIR`` or the user's cache folder, and below it one folder for
    each state of the rooms whose code is compiled together.
    """
    versions = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    state = "|".join((source_of(rooms), *versions))
    name = hashlib.sha256(state.encode()).hexdigest()[:16]
    folder = cache_root() / "compiled" / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def cold_reason(entry: str = "world.run_cases") -> str | None:
    """Say why a compiled function will wait for the compiler; None if it is in the cache."""
    folder = cache_folder(ENGINE if entry.startswith("world.") else COMPILED)
    if folder is None:
        return "the cache folder cannot be written, so this happens at every start"
    if not any(folder.rglob(f"{entry}*.nbc")):
        return "once, until the model's source changes"
    return None


@functools.cache
def announce(entry: str = "world.run_cases") -> None:
    """Tell the user, on stderr and once, if what comes first will wait for the compiler."""
    reason = cold_reason(entry)
    if reason:
        print(f"Compiling the model, 10 to 40 seconds: {reason}.", file=sys.stderr, flush=True)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a scalar rule with Numba; for the type checker it stays the same function.

    Rules are inlined into those that call them: a call costs more than many a rule.
    No ``fastmath``: the equality of results across block orders, workers and tellings depends
    on IEEE arithmetic as written.
    """
    return _compile(function)


def compiled_apart(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a rule that is seldom needed as `compiled` does, but called, not inlined.

    Those that call it stay small, and no part of it is done before it is needed.
    """
    return _compile(function, forceinline=False)


def compiled_within(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a long function as a part of the only one that calls it, not on its own as well.

    That saves a fifth of the compiler's time.
    """
    return _compile(function, inline="always")


def _compile(
    function: Callable[P, R],
    *,
    forceinline: bool = True,
    inline: Literal["never", "always"] = "never",
) -> Callable[P, R]:
    folder = cache_folder(ENGINE if function.__module__.startswith("sim.engine.") else COMPILED)
    config: Any = numba.config
    before = config.CACHE_DIR
    if folder is not None:
        config.CACHE_DIR = str(folder)
    try:
        decorate: Any = numba.njit(
            nogil=True,
            cache=folder is not None,
            error_model="numpy",
            forceinline=forceinline,
            inline=inline,
        )
        dispatcher: Callable[P, R] = decorate(function)
    finally:
        config.CACHE_DIR = before
    return dispatcher
