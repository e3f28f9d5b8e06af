"""A scenario's file: where it lies, what may stand in it, and how it is read and checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from numbers import Real
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from sim.engine.domain import MAX_HORIZON_DAYS
from sim.errors import ScenarioError
from sim.inputs.blocks import Move, When
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.levers import LEVERS, Value, check_lever
from sim.inputs.tomlfile import FILE, STRICT, Document, Lines, raise_all, read_toml, told_with_lines
from sim.text import did_you_mean, printable

DEFAULT_HORIZON_DAYS = 120
NAME = re.compile("[a-z0-9-]{1,60}")
"""What a new scenario may be called."""


class Change(BaseModel):
    """A lever that changes on a day after the as-of day, given by its number or its date."""

    model_config = STRICT
    lever: str
    value: Value
    day: int | None = Field(
        default=None, ge=1, le=MAX_HORIZON_DAYS, description="days after the as-of day"
    )
    date: dt.date | None = None

    @model_validator(mode="after")
    def _one_day(self) -> Change:
        if (self.day is None) == (self.date is None):
            raise ValueError("give either day or date")
        return self


class Claim(BaseModel):
    """Where a setting comes from, in the author's own words: an article, or an assumption."""

    model_config = STRICT
    text: str = Field(min_length=1, description="in your own words; or 'assumed: ' and why")
    article: str | None = Field(default=None, description="id, as in calibration/evidence")
    paragraph: int | None = Field(default=None, ge=1)
    levers: tuple[str, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _says_who(self) -> Claim:
        if (self.article is None) != (self.paragraph is None):
            raise ValueError("give both article and paragraph, or neither")
        if self.article is None and not self.text.startswith("assumed"):
            raise ValueError("give article and paragraph, or begin the text with 'assumed'")
        return self

    @property
    def line(self) -> str:
        """The claim in one line, with the number of its article and the paragraph."""
        if self.article is None:
            return self.text
        return f"{self.text} ({self.article[:3]}, paragraph {self.paragraph})"


class ScenarioFile(BaseModel):
    """A scenario as it stands in a file (schema `truce/scenario/1`)."""

    model_config = FILE
    schema_: Literal["truce/scenario/1"] = Field(alias="schema")
    title: str = Field(min_length=1, max_length=300)
    question: str = Field(min_length=1, max_length=2000)
    author: str = ""
    as_of: dt.date | None = Field(
        default=None,
        strict=True,
        description="the day from which to look ahead; that of the newest ensemble if left out",
    )
    horizon_days: int = Field(default=DEFAULT_HORIZON_DAYS, ge=1, le=MAX_HORIZON_DAYS, strict=True)
    levers: dict[str, Any] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    when: tuple[When, ...] = Field(
        default=(), description="levers that are set once a condition on public events is met"
    )
    move: tuple[Move, ...] = Field(
        default=(), description="public events that are imposed on a day or a condition"
    )
    claims: tuple[Claim, ...] = ()


def read_scenario_file(path: Path) -> ScenarioFile:
    """Read a scenario's file; its levers have their full names and are checked.

    Raises
    ------
    ScenarioError
        Naming the file, the key, what is wrong with it and what to do.
    """
    where = printable(path.as_posix())
    document = Document(where, *read_toml(path, ScenarioError, where))
    wrong: list[ScenarioError] = []
    file = None
    try:
        file = ScenarioFile.model_validate(document.data)
    except ValidationError as problems:
        wrong = told_with_lines(problems, ScenarioFile, ScenarioError, document)
    levers = _flat_levers(document, wrong)
    for place, lever, value in _levers_elsewhere(document.data):
        at = f"{where}{document.lines.at(place)}: {place[0]}"
        _check_lever(at, lever, value, wrong)
    raise_all(where, wrong)
    assert file is not None
    return file.model_copy(update={"levers": levers})


def lines_of(path: Path) -> Lines:
    """Return the lines of a scenario's file that was read before.

    Raises
    ------
    ScenarioError
        If it cannot be read any more.
    """
    return read_toml(path, ScenarioError, printable(path.as_posix()))[1]


def _check_lever(where: str, lever: str, value: Any, wrong: list[ScenarioError]) -> Any:
    """Return the value of a lever; what is wrong with it is added to the list."""
    try:
        return check_lever(where, lever, value)
    except ScenarioError as problem:
        wrong.append(problem)
        return value


def _levers_elsewhere(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int, str], str, Any]]:
    """The levers of changes and claims, each with its place and value; the rest is told by then."""
    for table in ("changes", "claims"):
        rows = data.get(table)
        for number, row in enumerate(rows if isinstance(rows, list) else ()):
            named = row if isinstance(row, dict) else {}
            if table == "changes" and _is_setting(named):
                yield (table, number, "lever"), named["lever"], named["value"]
            levers = named.get("levers") if table == "claims" else None
            for lever in levers if isinstance(levers, list) else ():
                if isinstance(lever, str) and lever not in LEVERS:
                    yield (table, number, "levers"), lever, 0.0


def _is_setting(row: Mapping[str, Any]) -> bool:
    return isinstance(row.get("lever"), str) and isinstance(row.get("value"), bool | Real | str)


def _flat_levers(document: Document, wrong: list[ScenarioError]) -> dict[str, Value]:
    """Accept `"sanctions.relief" = 1` and `sanctions.relief = 1` alike, but not both."""
    levers = document.data.get("levers", {})
    flat: dict[str, Value] = {}
    for key, value in levers.items() if isinstance(levers, dict) else ():
        pairs = {key: value}
        if isinstance(value, dict) and key not in LEVERS:
            pairs = {f"{key}.{inner}": deep for inner, deep in value.items()} or {key: value}
        for name, item in pairs.items():
            line = document.lines.of(name, "levers")
            where = f"{document.where}{line}: levers"
            if name in flat:
                wrong.append(ScenarioError(f"{where}: {name}", "is set twice.", "Keep one."))
            flat[name] = _check_lever(where, name, item, wrong)
    return flat


# ------------------------------------------------------------------ where files lie


def _folders(conflict: Conflict) -> tuple[Path, ...]:
    """Where names are looked up."""
    return (Path("scenarios"), conflict.scenarios) if conflict.is_shipped else (conflict.scenarios,)


def find_scenario(name: str, conflict: Conflict | None = None) -> Path:
    """Return the file of a scenario: a path ending in .toml, or a name looked up.

    Names are looked up in ``./scenarios``, then among the scenarios that ship; those of another
    conflict in its own folder alone.

    Raises
    ------
    ScenarioError
        If there is no such scenario.
    """
    if name.endswith(".toml"):
        return Path(name)
    if not re.fullmatch("[a-z0-9-]+", name):
        todo = "Use a-z, 0-9 and '-', or a path that ends in .toml."
        raise ScenarioError(f"scenario '{printable(name)[:80]}'", "is not a name.", todo)
    conflict = conflict or shipped()
    for folder in _folders(conflict):
        if name != "history" and len(name) <= 100 and (folder / f"{name}.toml").is_file():
            return folder / f"{name}.toml"
    names = scenario_names(conflict)
    todo = did_you_mean(name, names)
    raise ScenarioError(f"scenario '{name}'", "there is none of that name.", todo)


def same_name(path: Path, conflict: Conflict) -> list[Path]:
    """Return the other files of a scenario's name among those that are looked up by name."""
    found = [folder / path.name for folder in _folders(conflict)]
    return [one for one in found if one.is_file() and path.is_file() and not one.samefile(path)]


def scenario_names(conflict: Conflict | None = None) -> list[str]:
    """Return the names that `load_scenario` finds."""
    folders = _folders(conflict or shipped())
    return sorted({path.stem for folder in folders for path in folder.glob("*.toml")} - {"history"})


def folder_name(path: Path) -> str:
    """Make a folder's name of the name of a scenario's file, whatever is in it."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in path.stem.lower())
    return kept.strip("-")[:60] or "scenario"


def check_date(as_of: dt.date) -> None:
    """Refuse what is no date, such as a date and time.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise ScenarioError("as-of", f"{as_of!r} is no date.", "Give a datetime.date.")
