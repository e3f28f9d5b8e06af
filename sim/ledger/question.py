"""A question: what is asked, by when, by which rule and source it is settled, and of which event.

Everything that is wrong with a file is told at once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, field_validator

from sim.engine.domain import TRUCE_DAYS, Public
from sim.errors import LedgerError, LedgerProblemsError
from sim.inputs.events import event_names, events_named
from sim.inputs.scenario import Scenario
from sim.inputs.tomlfile import FILE, Lines, check_table, read_toml
from sim.outcomes import OUTCOMES
from sim.text import days_word, did_you_mean, printable, shown

NOT = "not "
TRUCE = "first_truce_day"
OWN = ("model", "base_rate", "prior", "frequency")
"""The forecasters that a ledger sets beside each other by itself."""


class QuestionFile(BaseModel):
    """What a question file may hold (TOML)."""

    model_config = FILE
    text: str = Field(min_length=1, description="the question, as a sentence")
    resolves: dt.date = Field(
        strict=True, description="the deadline, a day as YYYY-MM-DD without quotes"
    )
    rule: str = Field(min_length=1, description="the rule by which it is settled yes or no")
    source: str = Field(min_length=1, description="the source that will settle it")
    event: str = Field(
        min_length=1,
        description="an outcome, a public event or a column of a day, perhaps behind 'not '",
    )
    actor: str = Field(default="", description="the id of who does it")
    base_rate: float | None = Field(default=None, ge=0.0, le=1.0)
    others: dict[str, float] = Field(default_factory=dict)

    @field_validator("text", "rule", "source", "event")
    @classmethod
    def _said(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("holds nothing but spaces")
        return text.strip()

    @field_validator("others")
    @classmethod
    def _odds(cls, others: dict[str, float]) -> dict[str, float]:
        for name, odds in others.items():
            check_other(name, odds)
        return others


def check_other(name: str, odds: float) -> None:
    """Check the odds of another forecaster.

    Raises
    ------
    ValueError
        If they are none, or the name is taken or none.
    """
    if name in OWN:
        raise ValueError(f"{name} is a forecaster that the ledger has by itself: name it otherwise")
    if not name.isidentifier():
        raise ValueError(f"{shown(name)} is no name: use letters, digits and _")
    if not 0.0 <= odds <= 1.0:
        raise ValueError(f"{name} = {odds:g} is outside 0..1")


@dataclasses.dataclass(frozen=True)
class Event:
    """What has to come true in a world.

    Attributes
    ----------
    name, actor
        As given; a name behind `not ` is of what must not happen.
    outcome
        One of `sim.outcomes.OUTCOMES`, if it is one.
    columns
        Else the columns of ``worlds.parquet`` with the day on which it first happens; the first
        of them counts.
    publics
        The public events that these are of.
    """

    name: str
    actor: str = ""
    outcome: str = ""
    columns: tuple[str, ...] = ()
    publics: tuple[Public, ...] = ()

    @property
    def negated(self) -> bool:
        """Whether it has to fail to happen."""
        return self.name.startswith(NOT)


@dataclasses.dataclass(frozen=True)
class Question:
    """A question that the engine can answer."""

    text: str
    resolves: dt.date
    rule: str
    source: str
    event: Event
    base_rate: float | None = None
    others: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return what the ledger keeps of it."""
        return {
            "text": self.text,
            "resolves": self.resolves.isoformat(),
            "rule": self.rule,
            "source": self.source,
            "event": self.event.name,
            "actor": self.event.actor,
        }


def event_of(name: str, actor: str, scenario: Scenario) -> Event:
    """Return the event of a name.

    Parameters
    ----------
    name
        An outcome, `agreed`, ``first_truce_day``, a column ``day_...``, or a public event as
        scenarios name it; perhaps behind `not `.
    actor
        The id of who does a public event; empty for whoever does.

    Raises
    ------
    ValueError
        If the engine knows of none, with a near spelling.
    """
    from sim.world_table import DAY_COLUMNS

    plain = name.removeprefix(NOT).strip()
    blocks = [f"day_{block.replace('.', '_')}" for block in scenario.blocks]
    of_column = {column: event for event, column in DAY_COLUMNS.items()}
    if plain in (*OUTCOMES, TRUCE, *of_column, *blocks):
        if actor:
            raise ValueError(f"{plain} is of no actor: leave actor out")
        if plain in OUTCOMES:
            return Event(name, "", plain)
        publics = (Public.TRUCE_BEGINS,) if plain == TRUCE else ()
        publics = (of_column[plain],) if plain in of_column else publics
        return Event(name, "", "", (plain,), publics)
    conflict = scenario.conflict
    known = [*OUTCOMES, TRUCE, *event_names(conflict)[0], *of_column, *blocks]
    if plain not in known:
        near = did_you_mean(plain, known)
        raise ValueError(f"no column of a run answers {shown(plain)}. {near}")
    found = events_named(plain, actor, conflict)
    return Event(name, actor, "", tuple(DAY_COLUMNS[one] for one in found), found)


def check_deadline(event: Event, resolves: dt.date, scenario: Scenario) -> None:
    """Check that a run looks as far as a question asks.

    Raises
    ------
    ValueError
        If the deadline is not after the as-of day, or after what the run knows.
    """
    last = scenario.as_of + dt.timedelta(days=scenario.horizon_days)
    ahead = f"the run looks {days_word(scenario.horizon_days)} ahead from {scenario.as_of}"
    if event.outcome:
        latest = last + dt.timedelta(days=TRUCE_DAYS)
        if not last <= resolves <= latest:
            raise ValueError(
                f"{resolves} does not go with the outcome {event.outcome}: {ahead}, so that it is "
                f"settled between {last} and {latest}, when a last truce may have held. Take such "
                "a day, or run with another --horizon"
            )
    elif resolves <= scenario.as_of:
        raise ValueError(f"{resolves} is not after the as-of day: {ahead}. Take a later day")
    elif resolves > last:
        raise ValueError(f"{resolves} is too late: {ahead}, to {last}. Run with a longer --horizon")


class Asked(NamedTuple):
    """Of what run a question is asked, and when.

    Attributes
    ----------
    scenario
        That of the run.
    today
        The day of sealing, which the deadline may not lie before; None if it may.
    """

    scenario: Scenario
    today: dt.date | None = None


def read_question(path: Path, asked: Asked) -> Question:
    """Read a question file about a scenario that was run.

    Raises
    ------
    LedgerError
        With everything that is wrong with it.
    """
    where = printable(path.as_posix())
    table, lines = read_toml(path, LedgerError, where)
    return question_from(table, asked, where, lines)


def question_from(
    table: Mapping[str, Any], asked: Asked, where: str = "question", lines: Lines | None = None
) -> Question:
    """Return the question of a table, as of a file; the errors are those of `read_question`.

    Parameters
    ----------
    where, lines
        The file and its lines, for messages.
    """

    def place(key: str) -> str:
        return f"{key}{lines.of(key)}" if key and lines else key or where

    read, faults = check_table(dict(table), QuestionFile, LedgerError, place)
    problems = [str(fault) for fault in faults]
    event = None
    try:
        if isinstance(table.get("event"), str) and table["event"].strip():
            event = event_of(table["event"].strip(), str(table.get("actor", "")), asked.scenario)
    except ValueError as error:
        problems.append(f"{place('event')}: {_sentence(error)}")
    problems += _late(event or Event(""), table.get("resolves"), asked, place("resolves"))
    if len(problems) > 1:
        raise LedgerProblemsError(where, problems)
    if problems or read is None or event is None:
        raise LedgerError(where, problems[0])
    return Question(
        read.text, read.resolves, read.rule, read.source, event, read.base_rate, read.others
    )


def _late(event: Event, given: Any, asked: Asked, place: str) -> Iterator[str]:
    if not isinstance(given, dt.date) or isinstance(given, dt.datetime):
        return
    if asked.today is not None and asked.today > given:
        yield (
            f"{place}: the deadline, {given}, is over: it is {asked.today}, and what is sealed now "
            "shows no foresight. To write it down all the same, marked as a hindcast and scored "
            "apart: --hindcast."
        )
    try:
        check_deadline(event, given, asked.scenario)
    except ValueError as error:
        yield f"{place}: {_sentence(error)}"


def _sentence(error: ValueError) -> str:
    text = str(error)
    return text if text.endswith((".", "?")) else f"{text}."
