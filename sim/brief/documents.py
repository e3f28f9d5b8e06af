"""Reads back what `truce timeline` and `truce evidence influence` wrote, if it is of today."""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

from sim.attribution.influence import Influence, Influences
from sim.attribution.timeline import Point, Timeline, news
from sim.attribution.weighted_odds import Estimate
from sim.errors import StoreError
from sim.estimates import Odds
from sim.inputs.conflict import conflict_from
from sim.inputs.ensemble import inputs_of
from sim.text import printable

_BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


def _read(path: Path, schema: str) -> dict[str, Any]:
    told = json.loads(path.read_text(encoding="utf-8"))
    if told["schema"] != schema:
        raise ValueError(f"schema {told['schema']!r}")
    return dict(told)


def _damaged(path: Path, error: Exception) -> StoreError:
    what = f"is damaged, or of another version ({printable(error)[:80]})."
    return StoreError(str(path), what, "Make it anew.")


def _check(path: Path, told: dict[str, Any], day: dt.date) -> None:
    """Refuse what was made from other evidence, priors or rules than there are now."""
    if told.get("inputs") != inputs_of("posterior", day, conflict_from(told.get("conflict"))):
        what = "was made from other evidence, priors or rules than there are now."
        raise StoreError(str(path), what, f"Make it anew: {printable(told['command'])}.")


def read_timeline(path: Path) -> Timeline:
    """Read ``timeline.json``.

    Raises
    ------
    StoreError
        If it is damaged, or was made from something else than there is now.
    """
    try:
        told = _read(path, "truce/timeline/1")
        last = dt.date.fromisoformat(told["days"][-1]["as_of"])
        _check(path, told, last)
        conflict = conflict_from(told.get("conflict"))
        arrived = {one.day: one for one in news(last, conflict)}
        points = tuple(_point(day, arrived) for day in told["days"])
        days, particles, worlds, seed = (
            int(told[key]) for key in ("horizon_days", "particles", "worlds", "seed")
        )
        return Timeline(points, days, particles, worlds, seed, conflict)
    except _BROKEN as error:
        raise _damaged(path, error) from None


def _point(told: dict[str, Any], arrived: dict[dt.date, Any]) -> Point:
    odds = {name: _odds(one) for name, one in told["odds"].items()}
    day = arrived[dt.date.fromisoformat(told["as_of"])]
    return Point(day, odds, float(told["effective_size"]), float(told["k"]), int(told["imposed"]))


def _odds(told: dict[str, Any]) -> Odds:
    both = told["ensemble"]
    low, high = told["mc"]
    members = (_share(both[0]), _share(both[1])) if both else None
    return Odds(_share(told["mean"]), (_share(low), _share(high)), members)


def _share(number: Any) -> float:
    if not 0.0 <= float(number) <= 1.0:
        raise ValueError(f"{number} is no share")
    return float(number)


def _shift(mean: Any, error: Any) -> Estimate:
    if not (math.isfinite(float(mean)) and math.isfinite(float(error))):
        raise ValueError(f"{mean} or its error {error} is no number")
    return Estimate(float(mean), float(error))


def read_influence(path: Path) -> Influences:
    """Read ``influence.json``.

    Raises
    ------
    StoreError
        If it is damaged, or was made from something else than there is now.
    """
    try:
        told = _read(path, "truce/influence/1")
        day = dt.date.fromisoformat(told["as_of"])
        _check(path, told, day)
        odds = {name: _shift(one["mean"], one["error"]) for name, one in told["odds"].items()}
        rows = tuple(_influence(row, odds) for row in told["rows"])
        return Influences(
            day,
            int(told["horizon_days"]),
            int(told["particles"]),
            int(told["seed"]),
            odds,
            float(told["effective_size"]),
            float(told["k"]),
            rows,
            int(told["statements_without_effect"]),
            conflict_from(told.get("conflict")),
        )
    except _BROKEN as error:
        raise _damaged(path, error) from None


def _influence(row: dict[str, Any], odds: dict[str, Estimate]) -> Influence:
    return Influence(
        row["kind"],
        row["id"],
        row["label"],
        {name: _shift(row[name]["change"], row[name]["error"]) for name in odds},
        float(row["effective_size"]),
        float(row["k"]),
        float(row["log_evidence"]),
        row["how"] == "filter run again",
    )
