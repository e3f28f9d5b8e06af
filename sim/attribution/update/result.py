"""What came of bringing the odds up to date: saved, opened, tabulated."""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from sim.attribution.update.told import OUTCOMES, Before, Row, Watched, between
from sim.estimates import Odds
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.setting import OfSetting, Setting
from sim.frames import interval_columns
from sim.request import python_command
from sim.store import key_of

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/update/1"


@dataclass(frozen=True, repr=False, eq=False)
class Update(OfSetting):
    """How the odds of the baseline moved from one ensemble to the next, and why.

    Attributes
    ----------
    setting
        The baseline as of the new day, its members, the luck, and how many worlds.
    before
        The ensemble before.
    odds
        By outcome (`OUTCOMES`), the odds as of the day before and as of the new one. ``mc`` is
        the error for want of worlds and of particles, ``ensemble`` the central 90 % of members.
    rows
        What arrived in between, the largest first by what it adds to `held`.
    silent
        How many statements that arrived add nothing, since no number of a member rests on them.
    weighed
        Pasts that were weighed with each row of the evidence and without it.
    watched
        What a watch list foretold; None if there was none.
    noted
        Events that arrived and are noted only: they are imposed on no past, and add nothing.
    announced
        Rounds of talks that were announced; what they add is in the rest.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    before: Before
    odds: Mapping[str, tuple[Odds, Odds]]
    rows: tuple[Row, ...]
    silent: int
    weighed: int
    watched: Watched | None
    noted: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "update"

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return f"since-{self.before.day}"

    def change(self, outcome: str = "held") -> Estimate:
        """Return the change of the odds; the two ensembles have errors of their own."""
        return between(*self.odds[outcome])

    def clear(self, outcome: str = "held") -> list[Row]:
        """Return the rows that are seen to move the odds by themselves, in tenths of a point."""
        return [row for row in self.rows if row.adds[outcome].clear_sign]

    def rest(self, outcome: str = "held") -> Estimate:
        """Return what the rows do not add up to.

        It is the change less all that the rows add one by one: the days that passed, what was not
        reported on them, announced rounds, and what rows say together. Its interval has the errors
        of the change and of every row, which it takes for independent.
        """
        total = self.change(outcome)
        parts = [row.adds[outcome] for row in self.rows]
        mean = total.mean - sum(one.mean for one in parts)
        half = math.hypot(total.half_width, *(one.half_width for one in parts))
        return Estimate(mean, (mean - half, mean + half))

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {
            **self.setting.request,
            "weighed": self.weighed,
            "watch": self.watched.id if self.watched else None,
        }

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        watch = self.watched.id if self.watched else None
        return id_of(self.setting, self.before.id, self.weighed, watch)

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        call = f"sim.update({setting.first.as_of!r}, worlds={setting.worlds}, seed={setting.seed}"
        folder = setting.first.conflict.folder
        call += f", conflict=sim.Conflict({folder!r})" if folder else ""
        return self.made_by or python_command(f"{call}).save('outputs')")

    def __repr__(self) -> str:
        before, after = (100.0 * odds.mean for odds in self.odds["held"])
        return (
            f"<Update of {self.before.day} to {self.setting.first.as_of}: held {before:.1f} % to "
            f"{after:.1f} %, {len(self.rows)} rows>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/update/1`)."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "before": self.before.as_dict(),
            "odds": {
                name: {
                    "before": before.as_dict(),
                    "after": after.as_dict(),
                    "change": self.change(name).as_dict(),
                    "rest": self.rest(name).as_dict(),
                }
                for name, (before, after) in self.odds.items()
            },
            "rows": [row.as_dict() for row in self.rows],
            "statements_without_effect": self.silent,
            "noted": list(self.noted),
            "announced": list(self.announced),
            "weighed": self.weighed,
            "watch": self.watched.as_dict() if self.watched else None,
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each step from the odds before to those after.

        Columns: ``step`` (``before``, then ``event``, ``statement`` and ``lever``, ``rest``,
        ``after``), ``day`` on which it became public, ``id``, ``label``, and for `held` and
        `agreed` the odds or what the step adds to them, with its intervals in columns of their own.
        """
        import pandas as pd

        day, since = self.setting.first.as_of, self.before.day
        steps: list[tuple[str, dt.date, str, str, Mapping[str, Any]]]
        steps = [("before", since, self.before.id, "", {n: o[0] for n, o in self.odds.items()})]
        steps += [(row.kind, row.day, row.id, row.label, row.adds) for row in self.rows]
        steps.append(("rest", day, "", "", {name: self.rest(name) for name in OUTCOMES}))
        after = {name: odds[1] for name, odds in self.odds.items()}
        steps.append(("after", day, self.setting.ensemble_id, "", after))
        return pd.DataFrame(
            [
                {
                    "step": step,
                    "day": on.isoformat(),
                    "id": name,
                    "label": label,
                    **{key: end for one in OUTCOMES for key, end in _columns(one, adds[one])},
                }
                for step, on, name, label, adds in steps
            ]
        )

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Update:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        told = {name: document["odds"][name] for name in OUTCOMES}
        odds = {
            name: (Odds.from_dict(one["before"]), Odds.from_dict(one["after"]))
            for name, one in told.items()
        }
        return cls(
            setting,
            Before.from_dict(document["before"]),
            odds,
            tuple(Row.from_dict(one) for one in document["rows"]),
            int(document["statements_without_effect"]),
            int(document["weighed"]),
            Watched.from_dict(document["watch"]),
            tuple(map(str, document["noted"])),
            tuple(map(str, document["announced"])),
            made_by=made_by,
        )


def id_of(setting: Setting, before: str, weighed: int, watch: str | None) -> str:
    """Return the id of an update: a hash of all that decides it.

    Parameters
    ----------
    before, watch
        Ids of the ensemble before, and of the watch list if there is one.
    """
    asked = {"asked": "update", "before": before, "weighed": weighed, "watch": watch}
    return key_of({**setting.deciding, **asked})


def _columns(name: str, estimate: Any) -> list[tuple[str, Any]]:
    found = (
        interval_columns(estimate)
        if isinstance(estimate, Odds)
        else {
            "mean": estimate.mean,
            "mc_low": estimate.mc[0],
            "mc_high": estimate.mc[1],
            **dict.fromkeys(("members_low", "members_high")),
        }
    )
    return [(name if key == "mean" else f"{name}_{key}", end) for key, end in found.items()]
