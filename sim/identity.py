"""What code a number came from: a hash of whole rooms that a comment does not change.

Numbers that are kept (compiled code, ensembles, runs, studies) carry the hash of the code that
made them. Which code decides what is said once, in `WORLDS`, `ENSEMBLES` and `STUDIES`.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.errors import StoreError
from sim.files import write_whole
from sim.paths import cache_root

WORLDS = ("engine", "inputs")
"""The rooms that decide how worlds go."""
ENSEMBLES = (*WORLDS, "evidence", "calibrate", "estimates", "means")
"""The rooms that decide the members of an ensemble; `calibrate/check` makes none."""
RUNS = (*WORLDS, "estimates", "means", "tally", "world_table", "results", "montecarlo")
"""The rooms that decide what is written of a run."""
STUDIES = (*RUNS, "experiments/sweep")
"""The rooms that decide what is written of a sweep."""
ENGINE = ("engine",)
FILTER = ("engine", "calibrate")
"""The rooms that decide how pasts are weighed."""
COMPILED = ("engine", "calibrate", "calibrate/check")
"""The rooms in which code is compiled: for worlds, and for the filter and its checks."""
_CHECKS = "check"
_MOST_KEPT = 1000


def canonical(source: str, name: str = "<source>") -> str:
    r"""Return what a module's source does, as text: its syntax tree without what says nothing.

    Docstrings and other bare strings, comments, positions and empty fields are left out, so that
    Python 3.11, 3.12 and 3.13 give the same text.

    Raises
    ------
    SyntaxError
        If it is no Python.

    Examples
    --------
    >>> canonical("x = 1  # one") == canonical("'''A docstring.'''\nx = (1)")
    True
    >>> canonical("x = 1") == canonical("x = 2")
    False
    """
    pieces: list[str] = []
    _write(ast.parse(source, name), pieces.append)
    return "".join(pieces)


def _write(node: Any, write: Any) -> None:
    if isinstance(node, ast.AST):
        write(type(node).__name__)
        write("(")
        for field in node._fields:
            value = getattr(node, field, None)
            if value is not None and value != []:
                write(field)
                write("=")
                _write(value, write)
                write(",")
        write(")")
    elif isinstance(node, list):
        write("[")
        for item in node:
            if not _is_bare_string(item):
                _write(item, write)
                write(",")
        write("]")
    else:
        write(repr(node))


def _is_bare_string(node: Any) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def modules(room: str, package: Path) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a room with their names in it, in the order of those names.

    A room is a module of the package, or a folder of modules; its subfolder ``check`` is no part.

    Raises
    ------
    StoreError
        If the room is not there.
    """
    place = package / room
    if place.with_suffix(".py").is_file():
        yield room, place.with_suffix(".py")
        return
    found = {path.relative_to(place).as_posix(): path for path in place.rglob("*.py")}
    names = sorted(name for name in found if not name.startswith(f"{_CHECKS}/"))
    if "__init__.py" not in names:
        what = f"the room '{room}' of the program is missing or not whole."
        raise StoreError(str(place), what, "Reinstall truce-sim.")
    for name in names:
        yield name, found[name]


_IMPORT = re.compile(rb"^[ \t]*from sim\.([\w.]+) import (\([^)]*\)|[^\n(]+)", re.M)


def missing_module(contents: bytes, package: Path, seen: set[bytes]) -> str | None:
    """Return the first module of the program that a module imports and that is not there.

    Parameters
    ----------
    contents
        The importing module, as bytes.
    package
        The package's folder.
    seen
        Imports that were looked at before; those of this module are added.
    """
    for found in _IMPORT.finditer(contents):
        place, names = found.groups()
        if found.group() in seen:
            continue
        seen.add(found.group())
        path = package.joinpath(*place.decode().split("."))
        if path.with_suffix(".py").is_file():
            continue
        first = path / "__init__.py"
        if not first.is_file():
            return f"{path}.py" if not path.is_dir() else str(first)
        defined = first.read_bytes()
        for part in names.strip(b"() \t\n").split(b","):
            if not (name := b"".join(part.split()[:1])):
                continue
            inside = path / name.decode()
            there = inside.with_suffix(".py").is_file() or inside.is_dir()
            if not there and not re.search(rb"\b" + name + rb"\b", defined):
                return f"{inside}.py"
    return None


def room_hash(rooms: tuple[str, ...], package: Path | None = None) -> str:
    """Hash what the code of some rooms does; 64 hexadecimal digits.

    Parameters
    ----------
    rooms
        Names of folders or modules in the package.
    package
        The package's folder; that of this program if None.

    Raises
    ------
    StoreError
        If a module is missing, cannot be read or is no Python.
    """
    known = _known_modules()
    added = {}
    seen: set[bytes] = set()
    digest = hashlib.sha256()
    package = package or Path(__file__).parent
    for room in rooms:
        for name, path in modules(room, package):
            try:
                contents = path.read_bytes()
                if missing := missing_module(contents, package, seen):
                    what = f"is missing; {room}/{name} imports it."
                    raise StoreError(missing, what, "Reinstall truce-sim.")
                raw = hashlib.sha256(contents).hexdigest()
                if raw not in known:
                    text = canonical(contents.decode("utf-8"), str(path))
                    known[raw] = added[raw] = hashlib.sha256(text.encode()).hexdigest()
            except (OSError, ValueError, SyntaxError) as error:
                what = f"cannot be read: {error}."
                raise StoreError(str(path), what, "Reinstall truce-sim.") from None
            digest.update(f"{room}/{name} {known[raw]}\n".encode())
    if added:
        _remember(added)
    return digest.hexdigest()


@functools.cache
def source_of(rooms: tuple[str, ...]) -> str:
    """Hash the code of some rooms of this program, once."""
    return room_hash(rooms)


# ------------------------------------------------------------------ modules seen before


def _memory() -> Path:
    """Where hashes of modules are kept by the hash of their bytes; walking trees takes .2 s."""
    return cache_root() / "modules.json"


def _known_modules() -> dict[str, str]:
    try:
        known = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    fits = isinstance(known, dict) and all(isinstance(v, str) for v in known.values())
    return known if fits else {}


def _remember(added: dict[str, str]) -> None:
    """Keep what was hashed; without a cache folder it is hashed again at the next start."""
    kept = dict(list(_known_modules().items())[-_MOST_KEPT:])
    with contextlib.suppress(StoreError):
        write_whole(_memory(), json.dumps({**kept, **added}).encode())
