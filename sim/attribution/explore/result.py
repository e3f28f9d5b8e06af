"""The odds over a few levers as a formula: saved, opened, tabulated, reckoned at any point."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from sim.attribution.explore.fresh import members_interval
from sim.attribution.explore.levers import Slider
from sim.attribution.explore.polynomial import QUADRATIC, columns, logistic, products, terms
from sim.attribution.explore.shape import ExploreOf
from sim.engine.dtypes import Floats
from sim.errors import ScenarioError
from sim.experiments.axes import spec_of
from sim.experiments.setting import OfSetting, Setting
from sim.frames import write_parquet
from sim.inputs.doubts import Doubt, doubts_about
from sim.inputs.ensemble import told_of
from sim.inputs.levers import DEFERRED, Value, check_lever
from sim.read_back import check_shape
from sim.request import python_command
from sim.store import key_of
from sim.text import did_you_mean, shown

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/explore/1"
_VALUES = 21
"""Values of each lever in the table."""


class Formulas(NamedTuple):
    """The formulas while some levers are deferred.

    Attributes
    ----------
    levers
        Those that vary, in order; the formulas are of where each is on its range, -1 to 1.
    held, agreed, both
        Logits of the odds, and of the chance that two worlds of one member both hold; coefficients
        of `sim.attribution.explore.polynomial.terms`.
    worth
        By side, what a world is worth to it, in stakes; likewise.
    error
        The logarithm of half the 95 % interval of ``held``; of the terms up to the second degree.
    """

    deferred: tuple[str, ...]
    levers: tuple[str, ...]
    held: tuple[float, ...]
    both: tuple[float, ...]
    agreed: tuple[float, ...]
    worth: Mapping[str, tuple[float, ...]]
    error: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return them as plain data."""
        return {
            **{name: list(getattr(self, name)) for name in ("deferred", "levers", *_LOGITS)},
            "worth": {side: list(one) for side, one in self.worth.items()},
            "error": list(self.error),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Formulas:
        """Return what `as_dict` gave.

        Raises
        ------
        ValueError
            If a formula has not the number of terms that its levers make.
        """
        lists = {name: tuple(document[name]) for name in ("deferred", "levers", *_LOGITS, "error")}
        worth = {side: tuple(one) for side, one in document["worth"].items()}
        number, few = (len(of(lists["levers"])) for of in (_terms, _quadratic))
        long = (*(lists[name] for name in _LOGITS), *worth.values())
        if any(len(one) != number for one in long) or len(lists["error"]) != few:
            raise ValueError("a formula has not the number of terms that its levers make")
        return cls(**lists, worth=worth)

    def at(self, places: Floats) -> dict[str, Any]:
        """Return all of them where each lever is at a place of its range, shape (levers, ...)."""
        x, few = columns(places, _terms(self.levers)), columns(places, _quadratic(self.levers))
        held, both, agreed = (logistic(_dot(getattr(self, name), x)) for name in _LOGITS)
        half = np.exp(_dot(self.error, few))
        low, high = members_interval(held, both)
        return {
            "held": held,
            "error": (np.maximum(0.0, held - half), np.minimum(1.0, held + half)),
            "members": (low, high),
            "agreed": agreed,
            "worth": {side: _dot(one, x) for side, one in self.worth.items()},
        }


_LOGITS = ("held", "both", "agreed")


def _terms(levers: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    return terms(len(levers))


def _quadratic(levers: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    return products(len(levers), QUADRATIC)


def _dot(coefficients: tuple[float, ...], x: Floats) -> Floats:
    found: Floats = np.tensordot(np.array(coefficients), x, 1)
    return found


class Answer(NamedTuple):
    """What came of it.

    Attributes
    ----------
    sliders
        The levers.
    toggles
        Those of them that may be deferred.
    fits
        The formulas, for every choice of toggles that are deferred.
    today
        The scenario as it stands, in worlds of its own.
    check
        How far the formulas are off at fresh points.
    points
        At how many points each pair of worlds ran.
    runs
        Single worlds that were run, in all.
    """

    sliders: tuple[Slider, ...]
    toggles: tuple[str, ...]
    fits: tuple[Formulas, ...]
    today: Mapping[str, Any]
    check: Mapping[str, Any]
    points: int
    runs: int


@dataclass(frozen=True, repr=False, eq=False)
class Explored(OfSetting):
    """The odds over a few levers as a formula, with its error.

    Attributes
    ----------
    setting
        The scenario, the members, the luck, and how many worlds each fit has.
    asked
        What was asked for, as plain data: ``vary`` and ``points``.
    answer
        What came of it.
    made_by
        The command line that made it, if one did.
    """

    setting: Setting
    asked: Mapping[str, Any]
    answer: Answer
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "explore"

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name."""
        return "+".join(one.lever for one in self.sliders)

    @property
    def sliders(self) -> tuple[Slider, ...]:
        """The levers, in order."""
        return self.answer.sliders

    @property
    def standing(self) -> dict[str, Value]:
        """Where the levers stand in the scenario, as near as their ranges allow."""
        toggles = self.answer.toggles
        return {
            one.lever: DEFERRED if one.today == DEFERRED and one.lever in toggles else one.start
            for one in self.sliders
        }

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What the authors would not believe of these levers."""
        levers = (one.lever for one in self.sliders)
        return doubts_about(self.setting.first.conflict.doubts, levers)

    def at(self, levers: Mapping[str, Value]) -> dict[str, Any]:
        """Return what the formulas say at a point.

        Parameters
        ----------
        levers
            A number within its range for each lever, or ``deferred`` if it may be; what is not
            named is as it stands.

        Returns
        -------
        dict
            ``held`` and ``agreed``, shares of worlds; ``error``, the 95 % interval of ``held``
            (dice and lack of fit); ``members``, the central 90 % of the members' own odds;
            ``worth`` by side, in stakes.

        Raises
        ------
        ScenarioError
            If a lever is none of these, or a value is outside its range.
        """
        found = self.curve({**self.standing, **self._checked(levers)}, None, np.zeros(1))
        return {
            "held": float(found["held"][0]),
            "error": [float(end[0]) for end in found["error"]],
            "members": [float(end[0]) for end in found["members"]],
            "agreed": float(found["agreed"][0]),
            "worth": {side: float(one[0]) for side, one in found["worth"].items()},
        }

    def curve(
        self, point: Mapping[str, Value], lever: str | None, values: Floats
    ) -> dict[str, Any]:
        """Return what the formulas say along a lever, all others at a point.

        Parameters
        ----------
        point
            Of all levers.
        lever
            The one that moves; None if none does.
        values
            Its values, of the same shape as what is returned.
        """
        point = {**point, **({lever: float(values[0])} if lever else {})}
        deferred = {name for name, value in point.items() if value == DEFERRED}
        fit = next(one for one in self.answer.fits if set(one.deferred) == deferred)
        ranges = {one.lever: one for one in self.sliders}
        places = []
        for name in fit.levers:
            value = values if name == lever else np.full(len(values), float(point[name]))
            one = ranges[name]
            places.append(2.0 * (value - one.low) / (one.high - one.low) - 1.0)
        return fit.at(np.array(places))

    def _checked(self, levers: Mapping[str, Value]) -> dict[str, Value]:
        ranges = {one.lever: one for one in self.sliders}
        checked: dict[str, Value] = {}
        for name, given in levers.items():
            if name not in ranges:
                todo = did_you_mean(name, ranges, f"There are: {', '.join(ranges)}.")
                raise ScenarioError("levers", f"{shown(name)} is none of these levers.", todo)
            value, one = check_lever("levers", name, given), ranges[name]
            may = name in self.answer.toggles
            inside = isinstance(value, float) and one.low <= value <= one.high
            if not inside and not (may and value == DEFERRED):
                what = f"{shown(given)} is outside {one.low:g}..{one.high:g}, for which this holds."
                todo = f"Choose {one.low:g} to {one.high:g}{' or deferred' if may else ''}."
                raise ScenarioError(f"levers.{name}", what, todo)
            checked[name] = value
        return checked

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return {**self.setting.request, **self.asked}

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides it."""
        return key_of({**self.setting.deciding, "kind": self.kind, **self.asked})

    @property
    def command(self) -> str:
        """The line that makes it again."""
        setting = self.setting
        vary = {axis["lever"]: spec_of(axis) for axis in self.asked["vary"]}
        size = f"points={self.asked['points']}, worlds={setting.worlds}, seed={setting.seed}"
        line = f"print(sim.explore({setting.in_python}, {vary!r}, {size}))"
        return self.made_by or python_command(line)

    def __repr__(self) -> str:
        check = self.answer.check
        levers = ", ".join(one.lever for one in self.sliders)
        return f"<Explored {self.setting.first.label}: {levers}, off by {check['rmse']:.4f}>"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data (schema `truce/explore/1`)."""
        setting, answer = self.setting, self.answer
        first = setting.first
        return {
            "schema": SCHEMA,
            "id": self.id,
            "scenario": first.label,
            "title": first.title,
            "set": {**first.inline, **first.overrides},
            "as_of": first.as_of.isoformat(),
            "horizon_days": first.horizon_days,
            "seed": setting.seed,
            "worlds": setting.worlds,
            "points": answer.points,
            "runs": answer.runs,
            "ensemble": told_of(setting.ensemble_id, setting.ensemble_kind, setting.ensemble_doubt),
            "members": answer.today["members"],
            "sides": {one.id: one.name for one in first.conflict.sides},
            "levers": [one._asdict() for one in answer.sliders],
            "toggles": list(answer.toggles),
            "fits": [one.as_dict() for one in answer.fits],
            "today": dict(answer.today),
            "check": dict(answer.check),
            "doubts": [one.model_dump(mode="json") for one in self.doubts],
            "asked": dict(self.asked),
            "request": self.request,
            "command": self.command,
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each lever and value along its range, all others as they stand.

        Columns: ``lever``, ``value``; ``held`` with its error (``mc_low``, ``mc_high``) and the
        central 90 % of the members (``members_low``, ``members_high``); ``agreed``;
        ``worth.<side>``.
        """
        import pandas as pd

        frames = []
        for one in self.sliders:
            values = np.linspace(one.low, one.high, _VALUES)
            found = self.curve(self.standing, one.lever, values)
            ends = {"mc": found["error"], "members": found["members"]}
            both = zip(("low", "high"), range(2), strict=True)
            bounds = {f"{n}_{end}": ends[n][at] for end, at in [*both] for n in ends}
            worth = {f"worth.{side}": each for side, each in found["worth"].items()}
            row = {"lever": one.lever, "value": values, "held": found["held"], **bounds}
            frames.append(pd.DataFrame({**row, "agreed": found["agreed"], **worth}))
        return pd.concat(frames, ignore_index=True)

    def write_data(self, folder: Path) -> None:
        """Write `table` as Parquet."""
        write_parquet(self.table(), folder / "curves.parquet")

    @classmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Explored:
        """Return the result whose plain data `as_dict` gave; see `OfSetting.from_document`."""
        check_shape(ExploreOf, document)
        answer = Answer(
            tuple(Slider(**{n: one[n] for n in Slider._fields}) for one in document["levers"]),
            tuple(document["toggles"]),
            tuple(Formulas.from_dict(one) for one in document["fits"]),
            document["today"],
            document["check"],
            int(document["points"]),
            int(document["runs"]),
        )
        return cls(setting, document["asked"], answer, made_by=made_by)
