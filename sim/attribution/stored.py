"""Reads back what an attribution wrote, if it was made from what there is now."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.attribution.weighted_odds import Estimate
from sim.errors import StoreError
from sim.estimates import Odds
from sim.inputs.conflict import Conflict
from sim.inputs.made_from import inputs_of
from sim.request import python_command
from sim.text import printable


def check_inputs(
    folder: Path, document: Mapping[str, Any], day: dt.date, conflict: Conflict
) -> None:
    """Refuse what was made from other evidence, priors or rules than there are now.

    Raises
    ------
    StoreError
        If it was; with the command that makes it anew.
    """
    if document.get("inputs") != inputs_of("posterior", day, conflict):
        what = "was made from other evidence, priors or rules than there are now."
        raise StoreError(str(folder), what, f"Make it anew: {printable(document['command'])}.")


def odds_in(document: Mapping[str, Any]) -> Odds:
    """Return the odds whose plain data `Odds.as_dict` gave.

    Raises
    ------
    ValueError, LookupError, TypeError
        If they are none.
    """
    low, high = document["mc"]
    ends = document["ensemble"]
    members = (_share(ends[0]), _share(ends[1])) if ends else None
    median = document["median_member"]
    median = None if median is None else _share(median)
    return Odds(_share(document["mean"]), (_share(low), _share(high)), members, median)


def _share(number: Any) -> float:
    if not 0.0 <= float(number) <= 1.0:
        raise ValueError(f"{number} is no share")
    return float(number)


def estimate_in(mean: Any, error: Any) -> Estimate:
    """Return an estimate with its standard error.

    Raises
    ------
    ValueError, TypeError
        If one of them is no finite number.
    """
    if not (math.isfinite(float(mean)) and math.isfinite(float(error))):
        raise ValueError(f"{mean} or its error {error} is no number")
    return Estimate(float(mean), float(error))


def python_call(name: str, day: dt.date, arguments: Mapping[str, Any]) -> str:
    """Return a line for a shell that calls a function of `sim` for a day and saves the result.

    ``arguments`` are those of a request; ``data`` among them is the folder of its conflict.
    """
    given = {key: value for key, value in arguments.items() if key not in ("as_of", "data")}
    words = [repr(day), *(f"{key}={value!r}" for key, value in given.items())]
    if arguments["data"] is not None:
        words.append(f"conflict=sim.Conflict({arguments['data']!r})")
    return python_command(f"sim.{name}({', '.join(words)}).save('outputs')")
