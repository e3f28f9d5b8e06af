"""Reads the TOML files that people edit, and says in one line what is wrong with one."""

from __future__ import annotations

import datetime as dt
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import SimError
from sim.text import printable, shown

MAX_FILE_BYTES = 1_000_000
STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)
"""Of a table within a file: no unknown key, no value of another type."""
FILE = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
"""Of a whole file: TOML has lists where the model has tuples."""

Model = TypeVar("Model", bound=BaseModel)


def load_toml(path: Path, model: type[Model], error: type[SimError], where: str = "") -> Model:
    """Read a file and check it against a model.

    Raises
    ------
    SimError
        Of the class ``error``, naming file, key, what is wrong and what to do.
    """
    where = where or printable(path.as_posix())
    data = _read(path, error, where)
    try:
        return model.model_validate(data)
    except ValidationError as problems:
        raise _first_problem(problems, model, data, error, where) from None


def _read(path: Path, error: type[SimError], where: str) -> dict[str, Any]:
    try:
        if not path.is_file():
            raise error(where, "is not a file.", "Give the path of a TOML file.")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise error(where, f"has {size / 1e6:.1f} MB; 1 MB is the limit.", "Is it the file?")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        what = f"is not UTF-8 (byte {problem.start})."
        raise error(where, what, "Save it as UTF-8.") from None
    except (OSError, ValueError) as problem:
        raise error(where, f"cannot be read: {problem}.", "Check the path.") from None
    if not text.strip():
        raise error(where, "is empty.", "Fill it, or take another file.")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        what = f"is not TOML: {printable(problem)}."
        raise error(where, what, "Mend that line.") from None


def _first_problem(
    problems: ValidationError,
    model: type[BaseModel],
    data: dict[str, Any],
    error: type[SimError],
    where: str,
) -> SimError:
    problem = problems.errors()[0]
    key = _key(problem["loc"], data)
    place = f"{where}: {key}" if key else where
    if problem["type"] == "extra_forbidden":
        fields = [field.alias or name for name, field in model.model_fields.items()]
        close = get_close_matches(str(problem["loc"][-1]), fields, 1)
        todo = f"Did you mean {close[0]}?" if close else "Remove it."
        return error(place, "is not a key that belongs here.", todo)
    what = printable(problem["msg"].removeprefix("Value error, "))
    plain = problem["type"] in ("missing", "value_error")
    got = "" if plain else f" (got {shown(problem['input'])})"
    dated = problem["loc"][-1:] == ("day",) and isinstance(problem["input"], dt.date)
    todo = "A date goes by the key date." if dated else "Mend it."
    return error(place, f"{what[0].lower()}{what[1:]}{got}.", todo)


def _key(place: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """Name the key, and a row of a table by its name rather than by its number."""
    parts = []
    node: Any = data
    for part in place:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
        name = None
        if isinstance(part, int) and isinstance(node, dict):
            name = node.get("name", node.get("id", node.get("lever")))
        parts.append(f"({printable(name)})" if name else printable(part))
    return ".".join(parts).replace(".(", "(")
