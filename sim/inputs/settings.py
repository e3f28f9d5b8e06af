"""The data of a scenario: levers, their changes, and blocks that react or impose."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sim.inputs.agenda import DatedValue
from sim.inputs.blocks import Move, When
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.frozen import FrozenMapping
from sim.inputs.history import HistoryRow
from sim.inputs.levers import Value
from sim.inputs.scenario_file import Change, Claim


@dataclass(frozen=True)
class Settings:
    """What a scenario holds; a `sim.inputs.scenario.Scenario` is one.

    Attributes
    ----------
    own_levers
        What this scenario sets; everything else stands as it did on the as-of day.
    record
        By lever, the row of the record that stands on the as-of day.
    rounds
        The days of mediated rounds that lie ahead and were announced by the as-of day.
    changes
        Lever changes on later days, as the file gives them.
    when
        Levers that are set once a condition on public events is met.
    moves
        Public events that are imposed on a day or a condition.
    claims
        Where the settings come from.
    inline
        Those of ``own_levers`` that were set in line with the name, as in ``baseline+aid.level=0``.
    overrides
        Those of ``own_levers`` that were set beside the scenario.
    path
        The file it was read from.
    given
        The name or path by which it was asked for.
    horizon_given
        Whether the horizon was given beside the file.
    conflict
        Whose record, actors, holidays and ensembles it is put to.
    """

    name: str
    title: str
    question: str
    author: str
    as_of: dt.date
    horizon_days: int
    own_levers: Mapping[str, Value]
    record: Mapping[str, HistoryRow]
    rounds: tuple[dt.date, ...] = ()
    changes: tuple[Change, ...] = ()
    when: tuple[When, ...] = ()
    moves: tuple[Move, ...] = ()
    claims: tuple[Claim, ...] = ()
    inline: Mapping[str, Value] = FrozenMapping({})
    overrides: Mapping[str, Value] = FrozenMapping({})
    path: str = dataclasses.field(default="", compare=False)
    given: str = dataclasses.field(default="", compare=False)
    horizon_given: bool = dataclasses.field(default=False, compare=False)
    conflict: Conflict = dataclasses.field(default_factory=shipped, repr=False)

    def __post_init__(self) -> None:
        """Keep copies of what was given, so that nobody can change it afterwards."""
        for name in ("own_levers", "record", "inline", "overrides"):
            object.__setattr__(self, name, FrozenMapping(getattr(self, name)))
        for name in ("rounds", "changes", "when", "moves", "claims"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def label(self) -> str:
        """What it is called beside others: its name, or how it was named in line."""
        return self.given if self.inline else self.name

    @property
    def initial_levers(self) -> dict[str, Value]:
        """The value of every lever before the first change."""
        return {**{name: row.value for name, row in self.record.items()}, **self.own_levers}

    @property
    def levers(self) -> dict[str, Value]:
        """The value of every lever on day 1."""
        return self.levers_on(1)

    def levers_on(self, day: int) -> dict[str, Value]:
        """Return the value of every lever on a day, counted from the as-of day."""
        changed = {change.lever: change.value for change in self.schedule if change.day <= day}
        return {**self.initial_levers, **changed}

    @property
    def schedule(self) -> tuple[DatedValue, ...]:
        """The changes by day, days counted from the as-of day."""
        return tuple(sorted(self.schedule_as_given, key=lambda one: (one.day, one.lever)))

    @property
    def schedule_as_given(self) -> tuple[DatedValue, ...]:
        """The same in the order of ``changes``."""
        return tuple(_dated(change, self.as_of) for change in self.changes)

    @property
    def blocks(self) -> dict[str, When | Move]:
        """What reacts to public events or imposes one, by its name, such as ``when.1``."""
        return {
            **{f"when.{n}": block for n, block in enumerate(self.when, 1)},
            **{f"move.{n}": block for n, block in enumerate(self.moves, 1)},
        }


def _dated(change: Change, as_of: dt.date) -> DatedValue:
    day = change.day
    if day is None:
        assert change.date is not None
        day = (change.date - as_of).days
    return DatedValue(day, change.lever, change.value)
