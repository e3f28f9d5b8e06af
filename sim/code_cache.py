"""Compiled code that is kept on disk, and used only if it is whole.

Numba's own cache reads what it finds: a file that is cut off ends in a traceback, one that is
spoiled can abort the process. Here every file says what it holds and carries the hash of it.
Whatever does not fit is compiled anew; nothing is removed.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding
import numba
import numpy as np
from numba.core import compiler, serialize
from numba.core.caching import _Cache

from sim.sealed import read_sealed, write_sealed

_RESULT: Any = compiler.CompileResult
_DUMPS: Any = serialize.dumps


@functools.cache
def machine() -> tuple[str, ...]:
    """Return what compiled code depends on beside its source: versions, processor, settings."""
    config: Any = numba.config
    processor = config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = config.CPU_FEATURES or _features()
    versions = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)
    return (*versions, processor, features, f"{config.OPT} {config.BOUNDSCHECK}")


def _features() -> str:
    try:
        return str(llvmlite.binding.get_host_cpu_features().flatten())
    except RuntimeError:  # not every system tells them
        return ""


def turned_off() -> bool:
    """Whether the user wants nothing compiled, to look into the rules with a debugger."""
    config: Any = numba.config
    return bool(config.DISABLE_JIT)


def kept(folder: Path, entry: str) -> bool:
    """Whether a folder holds whole compiled code of a function, such as ``world.run_cases``."""
    with contextlib.suppress(OSError, ValueError):
        return any(read_sealed(path) is not None for path in folder.glob(f"{entry}-*.nbc"))
    return False


def keep_code(function: Any, folder: Path) -> None:
    """Let a function that Numba compiles look for its code in a folder first, and keep it there."""
    function._cache = CodeCache(function.py_func, folder)


class CodeCache(_Cache):
    """The compiled code of one function, a file for each kind of its arguments.

    Parameters
    ----------
    function
        The function as Python.
    folder
        Where its files are; its name stands for the source that is compiled and the machine.
    """

    def __init__(self, function: Callable[..., Any], folder: Path) -> None:
        self._function = function
        self._folder = folder
        self._enabled = True

    @property
    def cache_path(self) -> str:
        """The folder."""
        return str(self._folder)

    def enable(self) -> None:
        """Use it again."""
        self._enabled = True

    def disable(self) -> None:
        """Neither load nor save."""
        self._enabled = False

    def flush(self) -> None:
        """Do nothing: other processes may need what is there."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled code for some types of arguments, or None if it must be compiled."""
        if not self._enabled:
            return None
        target_context.refresh()
        key = self._key(sig, target_context.codegen())
        contents = read_sealed(self._place(key))
        if contents is None:
            return None
        try:
            found, reduced = pickle.loads(contents)
            return _RESULT._rebuild(target_context, *reduced) if found == key else None
        except Exception:  # made by a build of numba that calls itself the same
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep compiled code, if it can be kept; if not, it is compiled again at the next start."""
        lifted = any(not one.can_cache for one in data.lifted)
        if not self._enabled or lifted or data.library.has_dynamic_globals:
            return
        key = self._key(sig, data.codegen)
        contents: bytes = _DUMPS((key, data._reduce()))
        write_sealed(self._place(key), contents)

    def _key(self, sig: Any, codegen: Any) -> Any:
        """What decides the code: function, types, and what the compiler makes it for."""
        code, closure = self._function.__code__, self._function.__closure__ or ()
        within: bytes = _DUMPS(tuple(cell.cell_contents for cell in closure)) if closure else b""
        body = hashlib.sha256(code.co_code + within).hexdigest()
        return self._name, body, sig, codegen.magic_tuple()

    @property
    def _name(self) -> str:
        return f"{self._function.__module__}.{self._function.__qualname__}"

    def _place(self, key: Any) -> Path:
        name = ".".join(self._name.replace("<", "").replace(">", "").split(".")[-2:])
        return self._folder / f"{name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.nbc"
