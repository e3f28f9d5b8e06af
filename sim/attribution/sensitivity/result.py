"""What came of asking what matters: its parts, saved, opened, tabulated and drawn."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sim.attribution.sensitivity.tornado import Bar
from sim.errors import ScenarioError
from sim.estimates import Odds
from sim.experiments.axes import spec_of
from sim.experiments.setting import Setting
from sim.frames import interval_columns, write_parquet
from sim.inputs.block_numbers import check_setting
from sim.inputs.lever_kinds import DEFERRED
from sim.read_back import check_shape
from sim.request import in_python, python_command
from sim.store import Storable, key_of
from sim.summaries import AskedSensitivity, check_numbers
from sim.text import shown

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/sensitivity/1"
PARTS = ("tornado", "sobol", "split", "dice", "otherwise", "learned", "worth", "ranking")
"""What can be asked, in the order in which it is told."""


@dataclass(frozen=True, repr=False, eq=False)
class Sensitivity(Storable):
    """What matters for the odds of a scenario.

    Attributes
    ----------
    setting
        The scenario and those it is ranked with; the members, the luck, and how many worlds. None
        if a function of the caller's was asked about.
    outcome
        What is asked of a world, one of `sim.outcomes.OUTCOMES`.
    odds
        Where all levers stand; None if it was not run.
    tornado
        A bar a lever, the longest first.
    parts
        The other parts that were asked for, as plain data by name: ``sobol``, ``split``, ``dice``,
        ``unknowns`` and ``ranking``; see `as_dict`.
    asked
        What was asked beside scenarios, worlds and seed, as plain data.
    """

    setting: Setting | None
    outcome: str
    odds: Odds | None
    tornado: tuple[Bar, ...]
    parts: Mapping[str, Any]
    asked: Mapping[str, Any]
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "sensitivity"

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**(self.setting.request if self.setting else {}), **self.asked}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        deciding = self.setting.deciding if self.setting else {"parts": self.parts}
        return key_of({**deciding, **self.asked, "outcome": self.outcome})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        if self.setting is None:
            return "sim.sensitivity(function=...)"
        first, *others = map(in_python, self.setting.request["scenarios"])
        vary = {axis["lever"]: spec_of(axis) for axis in self.asked["vary"]}
        words = [first, *([f"vary={vary!r}"] if vary else [])]
        words += [f"rank=[{', '.join(others)}]"] if others else []
        for name in ("unknowns", "dice", "outcome", "worlds", "runs"):
            words += [f"{name}={self.asked[name]!r}"] if self.asked[name] else []
        call = f"sim.sensitivity({', '.join(words)}, seed={self.setting.seed})"
        return self.made_by or python_command(f"print({call})")

    def __repr__(self) -> str:
        what = "a function"
        if self.setting:
            what = f"{self.outcome} in {self.setting.first.label}"
        told = ", ".join(name for name in PARTS if self.has(name))
        first = f"; first {self.tornado[0].lever}" if self.tornado else ""
        return f"<Sensitivity of {what}: {told}{first}>"

    def has(self, part: str) -> bool:
        """Whether a part (`PARTS`) was asked for."""
        if part == "tornado":
            return bool(self.tornado)
        if part in ("otherwise", "learned", "worth"):
            return part in self.parts.get("unknowns", {})
        return part in self.parts

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/sensitivity/1`).

        Parts that were not asked for are absent. Differences, shares and gains have ``mean`` and
        ``mc``, the 95 % interval of the estimate.
        """
        document: dict[str, Any] = {"schema": SCHEMA, "outcome": self.outcome}
        if self.setting:
            document |= {"id": self.id, **self.setting.as_dict(), "command": self.command}
            document["asked"] = dict(self.asked)
        if self.odds:
            document["odds"] = self.odds.as_dict()
        if self.tornado:
            document["tornado"] = [bar.as_dict() for bar in self.tornado]
        return {**document, **self.parts}

    def table(self, part: str = "") -> pd.DataFrame:
        """Return a part as a table; the first that there is if none is named.

        Raises
        ------
        ScenarioError
            If there is no such part, or it was not asked for.
        """
        import pandas as pd

        there = [name for name in PARTS if self.has(name)]
        part = part or there[0]
        if part not in there:
            what = f"{shown(part)} is not among its parts."
            raise ScenarioError("part", what, f"There are: {', '.join(there)}.")
        if part == "tornado":
            return pd.DataFrame([row for bar in self.tornado for row in _bar_rows(bar)])
        return pd.DataFrame(list(_rows(part, self.parts)))

    def write_data(self, folder: Path) -> None:
        """Write the table of each part as Parquet."""
        for part in PARTS:
            if self.has(part):
                write_parquet(self.table(part), folder / f"{part}.parquet")

    def plot(self, **options: Any) -> Any:
        """Return its figure, the tornado; see `sim.plots` for those of other parts.

        Raises
        ------
        ScenarioError
            If it is about a function of the caller's, which has no tornado.
        """
        if self.setting is None:
            what = "is about a function, and has no tornado to draw."
            raise ScenarioError("this sensitivity", what, "Draw table() instead.")
        return super().plot(**options)

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`.

        Raises
        ------
        ScenarioError
            If it is about a function of the caller's, which cannot be kept.
        """
        if self.setting is None:
            what = "is about a function, and cannot be saved."
            raise ScenarioError("this sensitivity", what, "Keep as_dict() instead.")
        return {**self.setting.facts(), "request": self.request, "command": self.command}

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Sensitivity:
        """Return what a folder holds."""
        names = ("sobol", "sobol_method", "split", "dice", "unknowns", "ranking")
        odds = document.get("odds")
        check_shape(AskedSensitivity, document["asked"])
        found = cls(
            Setting.from_manifest(folder, manifest),
            str(document["outcome"]),
            Odds.from_dict(odds) if odds else None,
            tuple(Bar.from_dict(one) for one in document.get("tornado", ())),
            {name: document[name] for name in names if name in document},
            document["asked"],
            made_by=str(manifest["command"]),
        )
        check_numbers(found.parts)
        for bar in found.tornado:
            for value in (bar.stands, *(end.value for end in bar.ends)):
                if value != DEFERRED:
                    check_setting(str(folder), bar.lever, value)
        for name in found.parts:  # each has what its tables need
            parts = ("otherwise", "learned", "worth") if name == "unknowns" else (name,)
            for part in parts if name != "sobol_method" else ():
                if name != "unknowns" or part in found.parts[name]:
                    _rows(part, found.parts)
        return found


# ------------------------------------------------------------------ rows of tables


def _bar_rows(bar: Bar) -> list[dict[str, Any]]:
    return [
        {
            "lever": bar.lever,
            "stands": bar.course if bar.may_change else bar.stands,
            "value": end.value,
            "odds": end.odds.mean,
            **interval_columns(end.difference),
            "verdict": end.difference.verdict,
            **{f"worth.{actor}": one.mean for actor, one in end.worth.items()},
        }
        for end in bar.ends
    ]


def _rows(part: str, parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    if part == "sobol":
        found = parts["sobol"] or {}
        return [{"lever": name, **_nested(one)} for name, one in found.items()]
    if part == "split":
        return [{"part": name, **_flat(one)} for name, one in (parts["split"] or {}).items()]
    if part == "dice":
        return [{"dice": name, **_nested(one)} for name, one in (parts["dice"] or {}).items()]
    if part == "ranking":
        return [_flat(one) for one in parts["ranking"]["against"]]
    document = parts["unknowns"][part]
    rows = (
        document if part == "otherwise" else document["groups" if part == "learned" else "numbers"]
    )
    return [_flat(one) for one in rows]


def _nested(document: Mapping[str, Any]) -> dict[str, Any]:
    """Estimates by name in columns of one row."""
    return {
        f"{name}_{end}" if end != "mean" else name: value
        for name, one in document.items()
        for end, value in _flat(one).items()
    }


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Intervals in two columns; what is nested deeper is left out."""
    row: dict[str, Any] = {}
    for name, value in document.items():
        if name in ("mc", "ensemble"):
            short = "mc" if name == "mc" else "members"
            row |= dict(zip((f"{short}_low", f"{short}_high"), value or (None, None), strict=True))
        elif not isinstance(value, dict | list):
            row[name] = value
    return row
