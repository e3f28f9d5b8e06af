"""One decorator for compiled rules, and a cache that cannot go stale.

Numba notices an edit to the file of a compiled function, not to the files it calls, and would
return stale results without a word. Here the compiled code lives in a folder named after a hash
of all compiled sources and of the versions that compile them.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

import numba
import numpy as np
from numba.extending import intrinsic

from sim.code_cache import keep_code, kept, machine, turned_off
from sim.engine.attributes import readable
from sim.identity import COMPILED, ENGINE, source_of
from sim.paths import cache_root
from sim.sealed import writable

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")


@functools.cache
def cache_folder(rooms: tuple[str, ...] = ENGINE) -> Path:
    """Return the folder of compiled code; it need neither be there nor be writable.

    It lies below ``$TRUCE_CACHE_DIR`` or the user's cache folder: one folder for each state of
    the rooms whose code is compiled together, and for each processor.
    """
    state = "|".join((source_of(rooms), *machine()))
    name = hashlib.sha256(state.encode()).hexdigest()[:16]
    return cache_root() / "compiled" / name


def cold_reason(entry: str = "world.run_cases") -> str | None:
    """Say why a compiled function will wait for the compiler; None if it is in the cache."""
    folder = cache_folder(ENGINE if entry.startswith("world.") else COMPILED)
    if kept(folder, entry):
        return None
    if not writable(folder):
        return (
            f"{folder.parent} cannot be written, so this happens at every start; name another "
            "folder with TRUCE_CACHE_DIR"
        )
    return "once, until the model's source changes"


@functools.cache
def announce(entry: str = "world.run_cases") -> None:
    """Tell the user, on stderr and once, if what comes first will wait for the compiler."""
    if turned_off():
        told = "Nothing is compiled, as NUMBA_DISABLE_JIT asks: a world takes a fifth of a second."
        print(told, file=sys.stderr, flush=True)
    elif reason := cold_reason(entry):
        print(f"Compiling the model, 10 to 40 seconds: {reason}.", file=sys.stderr, flush=True)


def _lend(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    lent = context.make_array(signature.args[0])(context, builder, arguments[0])
    for owner in ("meminfo", "parent"):
        setattr(lent, owner, getattr(lent, owner).type(None))
    return lent._getvalue()


def _borrowed(typing_context: Any, array: Any) -> Any:
    return array(array), _lend


def borrowed(array: A) -> A:
    """Return an array that does not own its memory; the caller keeps it as long as it is used.

    Compiled code counts the owners of an array wherever one is passed on, and two threads that
    count the same one wait for each other.
    """
    return array


if not turned_off():
    _in_compiled_code: Any = intrinsic(_borrowed)
    borrowed = _in_compiled_code


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
    if turned_off():
        return _interpreted(function)
    decorate: Any = numba.njit(
        nogil=True, error_model="numpy", forceinline=forceinline, inline=inline
    )
    dispatcher = decorate(function)
    keep_code(dispatcher, _folder_of(function))
    compiled: Callable[P, R] = dispatcher
    return compiled


def _interpreted(function: Callable[P, R]) -> Callable[P, R]:
    """Let Python run a rule as it is compiled otherwise: fields are attributes, nothing warns."""

    @functools.wraps(function)
    def rule(*args: P.args, **kwargs: P.kwargs) -> R:
        given: Any = map(readable, args)
        with np.errstate(all="ignore"):
            return function(*given, **kwargs)

    return rule


def _folder_of(function: Callable[..., Any]) -> Path:
    """The folder of a function's room; a function of elsewhere has one for its own source."""
    module = function.__module__
    if module.startswith("sim."):
        return cache_folder(ENGINE if module.startswith("sim.engine.") else COMPILED)
    folder = cache_folder(COMPILED)
    source = hashlib.sha256(inspect.getsource(function).encode()).hexdigest()
    return folder.with_name(f"{folder.name}-{source[:16]}")
