"""What a scenario sets: levers, their dated changes, and the day from which it looks ahead.

A scenario file states changes from the baseline. The baseline of a day is made of the levers as
they stood on it, from the dated record in ``scenarios/history.toml``; no row that was known only
later is read.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, model_validator

from sim.engine.domain import DATED_ROUND, HOLIDAY, MAX_HORIZON_DAYS, REVIEW
from sim.engine.dtypes import Ints
from sim.engine.records import POLICY
from sim.errors import ScenarioError, check_whole
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.levers import DEFERRED, LEVERS, Value, check_lever
from sim.inputs.tomlfile import FILE, STRICT, load_toml
from sim.text import printable

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


class ScenarioFile(BaseModel):
    """A scenario as it stands in a file (schema `truce/scenario/1`)."""

    model_config = FILE
    schema_: Literal["truce/scenario/1"] = Field(alias="schema")
    title: str = Field(min_length=1, max_length=300)
    question: str = Field(min_length=1, max_length=2000)
    author: str = ""
    as_of: dt.date | None = Field(default=None, strict=True)
    horizon_days: int = Field(default=DEFAULT_HORIZON_DAYS, ge=1, le=MAX_HORIZON_DAYS, strict=True)
    levers: dict[str, Any] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    claims: tuple[Claim, ...] = ()


def _flat_levers(levers: Mapping[str, Any], where: str) -> dict[str, Value]:
    """Accept `"sanctions.relief" = 1` and `sanctions.relief = 1` alike, but not both."""
    flat: dict[str, Value] = {}
    for key, value in levers.items():
        pairs = {key: value}
        if isinstance(value, dict) and key not in LEVERS:
            pairs = {f"{key}.{inner}": deep for inner, deep in value.items()} or {key: value}
        for name, item in pairs.items():
            if name in flat:
                raise ScenarioError(f"{where}: {name}", "is set twice.", "Keep one.")
            flat[name] = check_lever(where, name, item)
    return flat


# ------------------------------------------------------------------ the scenario


class DatedValue(NamedTuple):
    """A lever's new value from a day on, days after the as-of day."""

    day: int
    lever: str
    value: Value


@dataclass(frozen=True)
class Scenario:
    """A question put to the model: a named set of levers, as of a day, over a horizon.

    Made by `load_scenario`; varied by `with_levers`, `with_as_of` and `with_horizon`.

    Attributes
    ----------
    own_levers
        What this scenario sets; everything else stands as it did on the as-of day.
    changes
        Lever changes on later days, by day.
    claims
        Where the settings come from.
    path
        The file it was read from.
    options
        What `truce run` must be told to lead to this scenario, besides its file.
    given
        The name or path by which it was asked for.
    conflict
        Whose record, actors and ensembles it is put to.
    """

    name: str
    title: str
    question: str
    author: str
    as_of: dt.date
    horizon_days: int
    own_levers: Mapping[str, Value]
    changes: tuple[Change, ...] = ()
    claims: tuple[Claim, ...] = ()
    path: str = dataclasses.field(default="", compare=False)
    given: str = dataclasses.field(default="", compare=False)
    options: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)
    conflict: Conflict = dataclasses.field(default_factory=shipped, repr=False)

    @property
    def levers(self) -> dict[str, Value]:
        """The value of every lever on day 1."""
        first_day = {change.lever: change.value for change in self.schedule if change.day == 1}
        return {**self._standing, **first_day}

    @property
    def _standing(self) -> dict[str, Value]:
        return {**self.conflict.baseline_levers(self.as_of), **self.own_levers}

    @property
    def schedule(self) -> tuple[DatedValue, ...]:
        """The changes by day, days counted from the as-of day."""
        dated = (_dated(change, self.as_of) for change in self.changes)
        return tuple(sorted(dated, key=lambda change: (change.day, change.lever)))

    def with_levers(self, levers: Mapping[str, Value]) -> Scenario:
        """Return the scenario with some levers set from the first day on.

        Raises
        ------
        ScenarioError
            If a name or a value is not a lever's.

        Examples
        --------
        >>> import sim
        >>> scenario = sim.load_scenario("baseline").with_levers({"sanctions.us_threat": 0.9})
        >>> scenario.levers["sanctions.us_threat"]
        0.9
        """
        checked = {name: check_lever("levers", name, value) for name, value in levers.items()}
        for change in self.schedule:
            if change.day == 1 and change.lever in checked:
                what = "is set, but the scenario changes it on day 1."
                raise ScenarioError(f"levers: {change.lever}", what, "Edit the change instead.")
        options = {f"--set {name}": _word(value) for name, value in checked.items()}
        return self._replaced(options, own_levers={**self.own_levers, **checked})

    def _replaced(self, options: Mapping[str, str], **fields: Any) -> Scenario:
        return dataclasses.replace(self, options={**self.options, **options}, **fields)

    def with_as_of(self, as_of: dt.date) -> Scenario:
        """Return the scenario as seen from another day.

        Changes given by date keep their dates, those given by day their distance.

        Raises
        ------
        ScenarioError
            If a dated change would lie on or before that day, or beyond the horizon.
        """
        return _checked(self._seen_from(as_of))

    def _seen_from(self, as_of: dt.date) -> Scenario:
        if not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
            raise ScenarioError("as-of", f"{as_of!r} is no date.", "Give a datetime.date.")
        return self._replaced({"--as-of": str(as_of)}, as_of=as_of)

    def with_horizon(self, horizon_days: int) -> Scenario:
        """Return the scenario over another horizon, 1 to 365 days.

        Raises
        ------
        ScenarioError
            If it is out of range or cuts off a change.
        """
        days = check_whole("horizon", horizon_days, 1, MAX_HORIZON_DAYS)
        return _checked(self._replaced({"--horizon": str(days)}, horizon_days=days))

    def resolved(self) -> dict[str, Any]:
        """Return everything that decides a run of this scenario, as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "as_of": self.as_of.isoformat(),
            "horizon_days": self.horizon_days,
            "conflict": self.conflict.digest,
            "levers": self._standing,
            "changes": [change._asdict() for change in self.schedule],
            "rounds": [date.isoformat() for date in self.conflict.announced_rounds(self.as_of)],
        }


def _word(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def _dated(change: Change, as_of: dt.date) -> DatedValue:
    day = change.day
    if day is None:
        assert change.date is not None
        day = (change.date - as_of).days
    return DatedValue(day, change.lever, change.value)


def _checked(scenario: Scenario) -> Scenario:
    """Return the scenario if its changes lie within its horizon, each lever once a day."""
    seen = set()
    for change in scenario.schedule:
        place = f"{printable(scenario.path or scenario.name)}: changes: {change.lever}"
        if not 1 <= change.day <= scenario.horizon_days:
            what = f"day {change.day} is outside 1..{scenario.horizon_days} after the "
            what += f"as-of day {scenario.as_of}."
            raise ScenarioError(place, what, "Move the change, the horizon or the as-of day.")
        if (change.day, change.lever) in seen:
            raise ScenarioError(place, f"changes twice on day {change.day}.", "Keep one.")
        seen.add((change.day, change.lever))
    try:
        scenario.conflict.baseline_levers(scenario.as_of)
    except ScenarioError as error:
        if "--as-of" in scenario.options:
            raise
        raise ScenarioError(f"{printable(scenario.path)}: as_of", error.what, error.todo) from None
    return scenario


def _folders(conflict: Conflict) -> tuple[Path, ...]:
    """Where names are looked up: in ``./scenarios`` too, for the conflict that ships."""
    return (Path("scenarios"), conflict.scenarios) if conflict.is_shipped else (conflict.scenarios,)


def find_scenario(name: str, conflict: Conflict | None = None) -> Path:
    """Return the file of a scenario: a path ending in .toml, or a name looked up.

    Names are looked up in ``./scenarios``, then among the scenarios that ship; for another
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
    close = get_close_matches(name, names, 1)
    todo = f"Did you mean {close[0]}?" if close else f"There are: {', '.join(names)}."
    raise ScenarioError(f"scenario '{name}'", "there is none of that name.", todo)


def scenario_names(conflict: Conflict | None = None) -> list[str]:
    """Return the names that `load_scenario` finds."""
    folders = _folders(conflict or shipped())
    return sorted({path.stem for folder in folders for path in folder.glob("*.toml")} - {"history"})


def load_scenario(
    name: str | Path,
    as_of: dt.date | None = None,
    horizon_days: int | None = None,
    *,
    conflict: Conflict | None = None,
) -> Scenario:
    """Read a scenario by name or path, checked.

    Parameters
    ----------
    name
        A name, looked up in ``./scenarios`` and then in the package, or a path ending in .toml.
    as_of, horizon_days
        The day from which to look ahead and how far, in place of the file's.
    conflict
        Whose data it is put to; the shipped one if None.

    Raises
    ------
    ScenarioError
        Naming the file, the key, what is wrong with it and what to do.

    Examples
    --------
    >>> import sim
    >>> sim.load_scenario("baseline").horizon_days
    120
    """
    conflict = conflict or shipped()
    path = find_scenario(str(name), conflict)
    where = printable(path.as_posix())
    file = load_toml(path, ScenarioFile, ScenarioError, where)
    for change in file.changes:
        check_lever(f"{where}: changes", change.lever, change.value)
    for claim in file.claims:
        for lever in claim.levers:
            if lever not in LEVERS:
                check_lever(f"{where}: claims", lever, 0.0)
    scenario = Scenario(
        name=_slug(path.stem),
        title=file.title,
        question=file.question,
        author=file.author,
        as_of=file.as_of or as_of or _newest(where, conflict),
        horizon_days=file.horizon_days,
        own_levers=_flat_levers(file.levers, f"{where}: levers"),
        changes=file.changes,
        claims=file.claims,
        path=path.as_posix(),
        given=str(name),
        conflict=conflict,
    )
    # one look at the end: a change may fit only with the other day and the other horizon
    if as_of is not None:
        scenario = scenario._seen_from(as_of)
    if horizon_days is not None:
        return scenario.with_horizon(horizon_days)
    return _checked(scenario)


def scenario_from(
    resolved: Mapping[str, Any], where: str, conflict: Conflict | None = None
) -> Scenario:
    """Return a scenario from the plain data of `Scenario.resolved`.

    Raises
    ------
    ScenarioError
        If a lever is not one, or the data is not whole.
    """
    try:
        levers = {name: check_lever(where, name, v) for name, v in resolved["levers"].items()}
        changes = tuple(Change(**change) for change in resolved["changes"])
        scenario = Scenario(
            name=resolved["name"],
            title=resolved["title"],
            question=resolved["question"],
            author="",
            as_of=dt.date.fromisoformat(resolved["as_of"]),
            horizon_days=resolved["horizon_days"],
            own_levers=levers,
            changes=changes,
            path=where,
            given=where,
            conflict=conflict or shipped(),
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        what = f"holds no whole scenario ({printable(error)})."
        raise ScenarioError(where, what, "Run it again.") from None
    for change in changes:
        check_lever(f"{where}: changes", change.lever, change.value)
    return _checked(scenario)


def _slug(stem: str) -> str:
    """Make a folder's name of a file's, whatever is in it."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem.lower())
    return kept.strip("-")[:60] or "scenario"


def _newest(where: str, conflict: Conflict) -> dt.date:
    days = conflict.ensemble_days()
    if not days:
        what = "has no as_of, and there is no ensemble to take the day from."
        raise ScenarioError(where, what, "Set as_of, or make one: truce calibrate --prior.")
    return days[-1]


# ------------------------------------------------------------------ to the engine


def policies(scenario: Scenario) -> tuple[NDArray[np.void], Ints]:
    """Turn a scenario into what the engine reads; see `policy_segments`."""
    levers = scenario.resolved()["levers"]
    return policy_segments(levers, scenario.schedule, scenario.horizon_days)


def policy_segments(
    levers: Mapping[str, Value], changes: Sequence[DatedValue], days: int
) -> tuple[NDArray[np.void], Ints]:
    """Turn levers and their changes into what the engine reads.

    Returns
    -------
    policies
        One `POLICY` record for every stretch of days without a change.
    segment_of_day
        Length ``days + 1``: the record that holds on each day; day 0 is unused.
    """
    segment_of_day = np.zeros(days + 1, np.int64)
    records = [_policy(levers)]
    for day in sorted({change.day for change in changes}):
        levers = {**levers, **{c.lever: c.value for c in changes if c.day == day}}
        segment_of_day[day:] = len(records)
        records.append(_policy(levers))
    return np.array(records, POLICY), segment_of_day


def _policy(levers: Mapping[str, Value]) -> np.void:
    record = np.zeros(1, POLICY)
    for name, value in levers.items():
        lever = LEVERS[name]
        target = record[lever.field]
        if lever.kind == "issue":
            record["named"][0, lever.slot] = value != DEFERRED
            target[0, lever.slot] = 0.0 if value == DEFERRED else value
        elif lever.slot is not None:
            target[0, lever.slot] = value
        else:
            target[0] = value
    return cast(np.void, record[0])


def calendar(scenario: Scenario) -> Ints:
    """Return what the dates of a scenario's days bring; see `calendar_ahead`."""
    return calendar_ahead(scenario.as_of, scenario.horizon_days, scenario.conflict)


def calendar_ahead(as_of: dt.date, days: int, conflict: Conflict) -> Ints:
    """Return what the days after an as-of day bring: see `marks_of_days`."""
    return marks_of_days(as_of, days, conflict.announced_rounds(as_of), conflict)


def marks_of_days(
    eve: dt.date, days: int, rounds: Sequence[dt.date] = (), conflict: Conflict | None = None
) -> Ints:
    """Return what each day's date brings, as bits, length ``days + 1``; day 0 is unused.

    1: a day on which blocs review (the first and the fifteenth); 2: a holiday of the conflict is no
    more than two days away; 4: one of the mediated ``rounds`` whose day was announced.
    """
    facts = (conflict or shipped()).facts
    marks = np.zeros(days + 1, np.int64)
    for day in range(1, len(marks)):
        date = eve + timedelta(days=day)
        near = any(abs((feast - date).days) <= 2 for feast in facts.holidays(date.year))
        marks[day] = REVIEW * (date.day in (1, 15)) | HOLIDAY * near
        marks[day] |= DATED_ROUND * (date in rounds)
    return marks
