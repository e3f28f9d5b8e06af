"""What came of asking what to watch: saved, opened, tabulated."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.attribution.watch.conditional import sign_of, widened
from sim.attribution.watch.parts import Against, Event, Names, Pair, Split
from sim.engine.domain import Public
from sim.estimates import Odds
from sim.experiments.setting import OfSetting, Setting
from sim.frames import interval_columns, write_parquet
from sim.request import python_command
from sim.store import key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/watch/1"


@dataclass(frozen=True, repr=False, eq=False)
class Watch(OfSetting):
    """Which public event of the next days would move the odds, or turn a choice, most.

    Attributes
    ----------
    setting
        The scenario, or two; the members, the luck, and how many worlds.
    outcome
        What is asked of a world, one of `sim.outcomes.OUTCOMES`.
    days
        The last day watched, days after the as-of day.
    base
        Odds of the outcome in all worlds of the first scenario.
    events
        Every public event, those that are ranked first, the one worth most to know at the head.
    pairs
        The two of them that explain most together, if more than the better one alone.
    tree
        The event worth most, then the one worth most within each of its branches; None if no event
        clearly moves the odds.
    against
        Of two scenarios: what turning to the second adds, and what would have to be seen for
        another choice.
    lever_worlds
        Worlds for which levers were moved.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    outcome: str
    days: int
    base: Odds
    events: tuple[Event, ...]
    pairs: tuple[Pair, ...]
    tree: Split | None
    against: Against | None
    lever_worlds: int
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "watch"

    @property
    def ranked(self) -> list[Event]:
        """The events that are ranked, the one worth most to know first."""
        return [event for event in self.events if event.ranked]

    @property
    def clear(self) -> list[Event]:
        """Those of them that clearly move the odds, allowing for how many are ranked."""
        looked = max(1, len(self.ranked))
        return [
            event
            for event in self.ranked
            if event.difference and sign_of(widened(event.difference, looked))
        ]

    @property
    def last_day(self) -> dt.date:
        """The date of the last day watched."""
        return self.setting.first.as_of + dt.timedelta(days=self.days)

    def of(self, public: Public) -> Event:
        """Return what was found of an event."""
        return next(event for event in self.events if event.public == public)

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, "outcome": self.outcome, "days": self.days}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        return key_of({**self.setting.deciding, "outcome": self.outcome, "days": self.days})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        call = f"sim.watch({setting.in_python}, days={self.days}, outcome={self.outcome!r}"
        call += f", worlds={setting.worlds}, seed={setting.seed})"
        return self.made_by or python_command(f"print({call})")

    def __repr__(self) -> str:
        what = f"<Watch {self.outcome} of {self.setting.first.label} to {self.last_day}: "
        if self.tree is None:
            return f"{what}no event clearly moves the odds>"
        first = self.of(self.tree.event)
        yes, no = (100.0 * one.odds.mean for one in (self.tree.happens, self.tree.fails))
        return f"{what}{first.words}: {yes:.1f} %, else {no:.1f} %>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/watch/1`)."""
        names = Names(self.setting.first.conflict)
        turn = self.against.turn if self.against else None
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "outcome": self.outcome,
            "days": self.days,
            "last_day": self.last_day.isoformat(),
            "base": self.base.as_dict(),
            "events": [event.as_dict(names) for event in self.events],
            "pairs": [pair.as_dict(names) for pair in self.pairs],
            "tree": self.tree.as_dict(names) if self.tree else None,
            "against": self.against.as_dict() if self.against else None,
            "turns": turn.as_dict(names) if turn else None,
            "lever_worlds": self.lever_worlds,
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row an event, the one worth most to know first, those told apart last.

        Columns: ``event``, ``actor``, ``words``, ``apart`` and ``same_as``; ``chance``; the odds
        ``if`` it happens and ``if_not``, the ``difference``, and the odds with a ``lever`` moved
        (``lever``, ``lever_value``) with the ``lever_difference``, each with its intervals in
        columns of their own; ``worth_knowing`` and ``explains``; of two scenarios the difference
        ``against_if`` and ``against_if_not``.
        """
        import pandas as pd

        names = Names(self.setting.first.conflict)
        return pd.DataFrame([self._row(event, names) for event in self.events])

    def _row(self, event: Event, names: Names) -> dict[str, Any]:
        lever = event.lever
        row: dict[str, Any] = {
            **names.write(event.public),
            "words": event.words,
            "apart": event.apart,
            "same_as": "" if event.same_as is None else self.of(event.same_as).words,
            "chance": event.chance.mean,
            "chance_mc_low": event.chance.mc[0],
            "chance_mc_high": event.chance.mc[1],
            **_columns("if", event.happens),
            **_columns("if_not", event.fails),
            **_dice("difference", event.difference),
            "worth_knowing": event.worth_knowing,
            "explains": event.explains,
            "lever": lever.lever if lever else "",
            "lever_value": str(lever.value) if lever else "",
            **_columns("lever_odds", lever.odds if lever else None),
            **_columns("lever_difference", lever.difference if lever else None),
        }
        if self.against:
            turned = event.turned or (None, None)
            row |= {**_dice("against_if", turned[0]), **_dice("against_if_not", turned[1])}
        return row

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "events.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Watch:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        names = Names(setting.first.conflict)
        return cls(
            setting,
            str(document["outcome"]),
            int(document["days"]),
            Odds.from_dict(document["base"]),
            tuple(Event.from_dict(one, names) for one in document["events"]),
            tuple(Pair.from_dict(one, names) for one in document["pairs"]),
            Split.from_dict(document["tree"], names),
            Against.from_dict(document["against"], document["turns"], names),
            int(document["lever_worlds"]),
            made_by=made_by,
        )


def _columns(name: str, estimate: Any) -> dict[str, float | None]:
    """An estimate under a name, its intervals under the name of each end."""
    found = interval_columns(estimate)
    return {name if key == "mean" else f"{name}_{key}": value for key, value in found.items()}


def _dice(name: str, estimate: Any) -> dict[str, float | None]:
    """The same of an estimate without an interval of the members."""
    ends = estimate.mc if estimate else (None, None)
    mean = estimate.mean if estimate else None
    return {name: mean, f"{name}_mc_low": ends[0], f"{name}_mc_high": ends[1]}
