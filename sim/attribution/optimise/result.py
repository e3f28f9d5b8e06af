"""What came of looking for the best packages: saved, opened, tabulated."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.attribution.optimise.aims import Aims, aims_of
from sim.attribution.optimise.told import Answer, Package, best_of_few
from sim.estimates import ends
from sim.experiments.axes import spec_of
from sim.experiments.setting import OfSetting, Setting
from sim.frames import interval_columns, write_parquet
from sim.inputs.block_numbers import check_setting
from sim.inputs.levers import Value, value_text
from sim.read_back import check_shape
from sim.request import python_command
from sim.store import key_of
from sim.summaries import AskedOptimise

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/optimise/1"


@dataclass(frozen=True, repr=False, eq=False)
class Optimised(OfSetting):
    """Which packages of levers no other beats, and at what price.

    Attributes
    ----------
    setting
        The scenario, the members, the luck, and how many worlds of the last leg.
    asked
        What was asked for, as plain data: ``vary``, ``objective``, ``robust``, ``where``,
        ``reach``, ``most_levers``, ``points``, ``costs`` and ``costs_file``.
    aims
        What is wanted of a package.
    answer
        The packages of the last leg.
    screened
        How many packages were tried.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    asked: Mapping[str, Any]
    aims: Aims
    answer: Answer
    screened: int
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "optimise"

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return "+".join(axis["lever"] for axis in self.asked["vary"])

    @property
    def packages(self) -> tuple[Package, ...]:
        """Those of the last leg, the best of the race first."""
        return self.answer.packages

    @property
    def base(self) -> Package:
        """The scenario as it stands."""
        return next(one for one in self.packages if not one.levers)

    @property
    def best(self) -> Package | None:
        """The best package that meets all conditions; None if none does."""
        return None if self.answer.best is None else self.packages[self.answer.best]

    @property
    def closest(self) -> Package:
        """The best package; if none meets the conditions, that which comes closest to it."""
        return self.packages[self.answer.closest]

    @property
    def front(self) -> tuple[Package, ...]:
        """The packages that no other beats, and the best, the highest odds first."""
        mine = [one for one in self.packages if one.front or one is self.best]
        return tuple(sorted(mine, key=lambda one: -one.odds.mean))

    @property
    def tied(self) -> tuple[Package, ...]:
        """The packages that qualify and cannot be told apart from the best."""
        return tuple(one for one in self.packages if one.tied)

    @property
    def ahead(self) -> tuple[Package, ...]:
        """The packages that qualify and came out ahead of the best, in worlds that chose none."""
        return tuple(one for one in self.packages if one.ahead)

    @property
    def best_of_few(self) -> dict[int, Package]:
        """The best that moves no more than one, two or three levers, by that number."""
        return best_of_few(self.packages)

    @property
    def reached(self) -> bool | None:
        """Whether what was to be reached is; None if nothing was."""
        return None if self.aims.reach is None else self.best is not None

    @property
    def unit(self) -> str:
        """What costs count; empty if nobody said what things cost."""
        return str((self.asked["costs"] or {}).get("unit", ""))

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, **self.asked}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        asked = {name: value for name, value in self.asked.items() if name != "costs_file"}
        return key_of({**self.setting.deciding, "asked": self.kind, **asked})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting, asked = self.setting, {**self.asked}
        del asked["costs_file"]
        vary = {axis["lever"]: spec_of(axis) for axis in asked.pop("vary")}
        asked["where"] = asked["where"] or "none"
        more = "".join(f", {name}={value!r}" for name, value in asked.items() if value is not None)
        call = f"sim.optimise({setting.in_python}, {vary!r}{more}"
        line = f"print({call}, worlds={setting.worlds}, seed={setting.seed}))"
        return self.made_by or python_command(line)

    def __repr__(self) -> str:
        label, best, outcome = self.setting.first.label, self.best, self.aims.outcome
        if best is None:
            return f"<Optimised {label}: no package meets the conditions>"
        words = ", ".join(f"{name}={value_text(value)}" for name, value in best.levers.items())
        odds = f"{100.0 * best.odds.mean:.1f} % {outcome}"
        return f"<Optimised {label}: {words or 'nothing moved'}, {odds}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/optimise/1`)."""
        outcome = self.aims.outcome

        def plain(one: Package | None) -> dict[str, Any] | None:
            return None if one is None else one.as_dict(outcome)

        few = self.best_of_few.items()
        return {
            "schema": SCHEMA,
            "id": self.id,
            **self.setting.as_dict(),
            "outcome": outcome,
            "asked": dict(self.asked),
            "ranked_by": self.aims.primary,
            "base": plain(self.base),
            "front": [plain(one) for one in self.front],
            "best": plain(self.best),
            "closest": plain(self.closest),
            "best_of_few": {str(number): plain(one) for number, one in few},
            "regret": None if self.answer.regret is None else list(self.answer.regret),
            "fresh_worlds": self.setting.worlds,
            "reached": self.reached,
            "screened": self.screened,
            "packages": [plain(one) for one in self.packages],
            "number_of_best": self.answer.best,
            "number_of_closest": self.answer.closest,
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row a package of the last leg, the best of the race first.

        Columns: a column a lever that is varied, empty where it is left as it stands; the odds
        (``mean`` with ``mc_low``, ``mc_high``, ``members_low``, ``members_high``); ``change`` of
        the odds from the scenario as it stands, and ``worth.<actor>``, that of the worth to each
        side in stakes, each with ``.mc_low`` and ``.mc_high``; ``cost.<payer>``; ``aim``, what
        packages are ranked by; ``behind`` the best in it, with its interval, for all rows
        together; ``best``, ``tied_with_best``, ``ahead_of_best``, ``front``, ``qualifies``; and for
        each condition what the dice say of it.
        """
        import pandas as pd

        levers = [axis["lever"] for axis in self.asked["vary"]]
        return pd.DataFrame([_row(one, levers, one is self.best) for one in self.packages])

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        frame = self.table()
        for axis in self.asked["vary"]:
            name = axis["lever"]
            frame[name] = [_cell(one.levers.get(name)) for one in self.packages]
        write_parquet(frame, folder / "packages.parquet")

    @classmethod
    def from_document(
        cls, setting: Setting, document: Mapping[str, Any], made_by: str
    ) -> Optimised:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        asked = document["asked"]
        check_shape(AskedOptimise, asked)
        for package in document["packages"]:
            for lever, value in package["levers"].items():
                check_setting("packages", lever, value)
        payers = tuple(asked["costs"]["cost"]) if asked["costs"] else ()
        where = asked["where"] or ["none"]
        aims = aims_of({**asked, "where": where}, setting.first.conflict, payers)
        best, regret = document["number_of_best"], document["regret"]
        answer = Answer(
            tuple(Package.from_dict(one, aims.outcome) for one in document["packages"]),
            None if best is None else int(best),
            int(document["number_of_closest"]),
            None if regret is None else ends(regret),
        )
        return cls(setting, asked, aims, answer, int(document["screened"]), made_by=made_by)


def _cell(value: Value | None) -> str | None:
    return None if value is None else value_text(value)


def _row(one: Package, levers: list[str], best: bool) -> dict[str, Any]:
    worth = [_with_dice(f"worth.{actor}", it.mean, it.mc) for actor, it in one.worth.items()]
    behind = one.behind
    return {
        **{name: one.levers.get(name) for name in levers},
        **interval_columns(one.odds),
        **_with_dice("change", one.difference.mean, one.difference.mc),
        **{name: value for part in worth for name, value in part.items()},
        **{f"cost.{payer}": paid for payer, paid in one.cost.items()},
        "aim": one.aim,
        **_with_dice("behind", behind and behind.mean, behind and behind.mc),
        "best": best,
        "tied_with_best": one.tied,
        "ahead_of_best": one.ahead,
        "front": one.front,
        "qualifies": one.qualifies,
        **one.conditions,
    }


def _with_dice(
    name: str, mean: float | None, mc: tuple[float, float] | None
) -> dict[str, float | None]:
    low, high = mc or (None, None)
    return {name: mean, f"{name}.mc_low": low, f"{name}.mc_high": high}
