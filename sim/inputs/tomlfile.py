"""Reads the TOML files that people edit, and says in one line what is wrong with one."""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import (
    CalibrationError,
    CalibrationProblemsError,
    ProblemsError,
    ScenarioError,
    ScenarioProblemsError,
    SimError,
)
from sim.reading import read_text
from sim.text import did_you_mean, printable, shown

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_FILE_BYTES = 1_000_000
STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=True)
"""Of a table within a file: no unknown key, no value of another type."""
FILE = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
"""Of a whole file: TOML has lists where the model has tuples."""

Model = TypeVar("Model", bound=BaseModel)
Error = TypeVar("Error", bound=SimError)


class Lines:
    """The lines of a TOML file on which its tables, and the keys in them, stand.

    Found by their look, so that a table of an unusual form has none.
    """

    def __init__(self, text: str, data: Mapping[str, Any]) -> None:
        here: dict[str, int] = {}
        self._tables: dict[str, list[dict[str, int]]] = {"": [here]}
        for number, line in enumerate(text.split("\n"), 1):
            if header := _HEADER.match(line):
                here = {"": number}
                self._tables.setdefault(header[1], []).append(here)
            elif key := _KEY.match(line):
                here.setdefault(key[1], number)
        for name in set(self._tables) - {""}:
            rows = data.get(name)
            there = len(rows) if isinstance(rows, list) else isinstance(rows, dict)
            if there != len(self._tables[name]):
                del self._tables[name]

    def of(self, key: str = "", table: str = "", number: int = 0) -> str:
        """Return where a key stands, or else its table, as ``, line 12``; empty if not found.

        Parameters
        ----------
        key
            The key; empty for the table's header.
        table, number
            The name of a table, or of a list of tables and the place in it from 0; the top of the
            file if none.
        """
        lines = self._tables.get(table, [{}] * (number + 1))[number]
        line = lines.get(key, lines.get(""))
        return "" if line is None else f", line {line}"

    def at(self, place: Sequence[int | str]) -> str:
        """Return where a problem stands that pydantic places so, as ``, line 12``."""
        names = [str(part) for part in place if isinstance(part, str)]
        if not names:
            return ""
        number = next((part for part in place if isinstance(part, int)), 0)
        if names[0] in self._tables:
            return self.of(names[1] if len(names) > 1 else "", names[0], number)
        return self.of(names[0])


_HEADER = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")


def line_of(where: str) -> int:
    """Return the line that the place of a problem names, 0 if it names none."""
    found = re.findall(r", line (\d+)", where)
    return int(found[-1]) if found else 0


_SEVERAL: dict[type[SimError], type[ProblemsError]] = {
    ScenarioError: ScenarioProblemsError,
    CalibrationError: CalibrationProblemsError,
}


def raise_all(where: str, wrong: Sequence[SimError]) -> None:
    """Raise one error for all that is wrong with a file, in the order of its lines; none if none.

    Raises
    ------
    SimError
        If there is one; of the class of the first.
    """
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        by_line = sorted(wrong, key=lambda one: line_of(one.where))
        problems = [str(one).removeprefix(where).lstrip(":, ") for one in by_line]
        raise _SEVERAL.get(type(wrong[0]), ProblemsError)(where, problems)


def load_toml(path: Path, model: type[Model], error: type[SimError], where: str = "") -> Model:
    """Read a file and check it against a model.

    Raises
    ------
    SimError
        Of the class ``error``, with everything that is wrong: file, line, key, and what to do.
    """
    where = where or printable(path.as_posix())
    document = Document(where, *read_toml(path, error, where))
    try:
        return model.model_validate(document.data)
    except ValidationError as problems:
        wrong = told_with_lines(problems, model, error, document)
    raise_all(where, wrong)
    raise AssertionError(where)


def told_with_lines(
    problems: ValidationError, model: type[BaseModel], error: type[Error], document: Document
) -> list[Error]:
    """Return everything that is wrong with a file, each with its key and its line.

    Parameters
    ----------
    document
        The file: what it is called in messages, what is in it, and the lines.
    """
    told: dict[tuple[int | str, ...], Error] = {}
    for problem in problems.errors():
        key, line = _key(problem["loc"], document.data), document.lines.at(problem["loc"])
        place = f"{document.where}{line}: {key}" if key else f"{document.where}{line}"
        told.setdefault(problem["loc"][:3], _told(problem, model, error, place))
    return [*told.values()]


class Document(NamedTuple):
    """A file that was read: what it is called in messages, what is in it, and its lines."""

    where: str
    data: dict[str, Any]
    lines: Lines


def check_table(
    table: Any, model: type[Model], error: type[Error], where: Callable[[str], str]
) -> tuple[Model | None, list[Error]]:
    """Check a table of a file against a model, and list everything that is wrong with it.

    Parameters
    ----------
    where
        Called with the key at fault, empty if it is the table; returns the place for the message.
    """
    try:
        return model.model_validate(table), []
    except ValidationError as problems:
        by_key: dict[str, ErrorDetails] = {}
        for problem in problems.errors():
            by_key.setdefault(str(problem["loc"][0]) if problem["loc"] else "", problem)
        return None, [
            _told(problem, model, error, where(printable(key))) for key, problem in by_key.items()
        ]


def read_toml(path: Path, error: type[SimError], where: str) -> tuple[dict[str, Any], Lines]:
    """Read a file as it stands, with the lines of its tables.

    Raises
    ------
    SimError
        Of the class ``error``, if it cannot be read or is not TOML.
    """
    if not os.path.lexists(path):
        raise error(where, "is not a file.", "Give the path of a TOML file.")
    text = read_text(path, error, where, MAX_FILE_BYTES)
    if not text.strip():
        raise error(where, "is empty.", "Fill it, or take another file.")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        what = f"is not TOML: {printable(problem)}."
        raise error(where, what, "Mend that line.") from None
    return data, Lines(text, data)


def _told(problem: ErrorDetails, model: type[BaseModel], error: type[Error], place: str) -> Error:
    if problem["type"] == "extra_forbidden":
        fields = [field.alias or name for name, field in model.model_fields.items()]
        todo = did_you_mean(problem["loc"][-1], fields, "Remove it.")
        return error(place, "is not a key that belongs here.", todo)
    what = printable(problem["msg"].removeprefix("Value error, "))
    if give := _missing(problem, model):
        return error(place, f"{what[0].lower()}{what[1:]}.", give)
    plain = problem["type"] in ("missing", "value_error")
    got = "" if plain else f" (got {shown(problem['input'])})"
    dated = problem["loc"][-1:] == ("day",) and isinstance(problem["input"], dt.date)
    todo = "A date goes by the key date." if dated else "Mend it."
    return error(place, f"{what[0].lower()}{what[1:]}{got}.", todo)


def _missing(problem: ErrorDetails, model: type[BaseModel]) -> str:
    """Say what to give for a key that is missing or empty; nothing if it is neither."""
    if problem["type"] not in ("missing", "string_too_short"):
        return ""
    field = model.model_fields.get(str(problem["loc"][0])) if len(problem["loc"]) == 1 else None
    return f"Give {field.description}." if field and field.description else "Add it."


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
