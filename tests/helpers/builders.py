"""Makes the records that rules read, with plain values from which a test can compute."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from sim.engine import domain, records
from sim.engine.domain import ISSUES, OFFERED, Issue, Side
from sim.engine.dtypes import as_records
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import Ensemble, slots

MEMBER, START, STATE, DAY, _ = records.layout(len(shipped().blocs))
"""The dtypes of records for the blocs that there are."""


def record(dtype: np.dtype[np.void], **values: Any) -> Any:
    """One record, zero but for the values given; rules read it compiled or not."""
    array = np.zeros(1, dtype)
    fill(array, values)
    return as_records(array)[0]


def fill(array: Any, values: dict[str, Any]) -> None:
    """Write values into a record; a list may be shorter than a field, whose rest then stays."""
    for field, value in values.items():
        place = array[field]
        if np.ndim(value) == 1 and 1 < len(value) < place.shape[1]:
            place[0, : len(value)] = value
        else:
            place[0] = value


def by_issue(others: float = 0, **values: float) -> list[float]:
    """A value for each issue: those given by name, and ``others`` for the rest."""
    return [values.get(issue.name.lower(), others) for issue in Issue]


def centre(prior: Any) -> float:
    """A middle value of a prior."""
    if prior.normal:
        return prior.normal[0]
    if prior.lognormal:
        return prior.lognormal[0]
    if prior.beta:
        a, b = prior.beta
        return a / (a + b)
    return prior.fixed


@functools.cache
def middles() -> dict[str, float]:
    """The middle of every prior, read once."""
    return {row.name: centre(row.prior) for row in shipped().parameters}


def member(**values: Any) -> Any:
    """A member with the middle of every prior, equal weights, and poles for ideals."""
    array = np.zeros(1, MEMBER)
    for name, field, place in slots(records.Member, shipped().bloc_ids):
        array[field][place] = middles().get(name, 0.0)
    fill(
        array,
        {"capability": [0.35, 0.3, 0.2, 0.15], "sanctions_share": [0.15, 0.1, 0.1, 0.05, 0.6]},
    )
    array["ideal"][0] = [[1.0] * ISSUES, [0.0] * ISSUES]
    array["red_line"][0] = [[0.6] * ISSUES, [0.4] * ISSUES]
    array["weight"][0] = 1 / (OFFERED + 1)
    array["weight"][0, Side.R, Issue.SANCTIONS] = array["weight"][0, Side.U, Issue.GUARANTEES] = 0.0
    array["weight"][0, :, Issue.TRUCE_TERMS] = 1 / ISSUES
    array["mediator_position"] = 0.5
    fill(array, values)
    return as_records(array)[0]


AT_REST = {
    "momentum": 0.0,
    "sanctions": 0.3,
    "sanctions_lag": 0.3,
    "tilt": 0.5,
    "trust": 0.25,
    "patience": 1.0,
    "kept": 4.0,
    "lapsed": 2.0,
    "resolve_variance": 0.0225,
    "pledge": 0.5,
    "stance": 1.0,
    "last_answer": domain.NONE,
    "pause_until": domain.NONE,
    "partial_scope": domain.NONE,
    "partial_starts": domain.NONE,
    "truce_starts": domain.NONE,
}


def start(**values: Any) -> Any:
    """A state on the as-of day, middling in everything, with nothing under way."""
    nothing = {"threat_ran": domain.NONE, "review_due": True}
    return record(START, **{**AT_REST, **nothing, **values})


def state(**values: Any) -> Any:
    """A state on the first day, with nothing under way."""
    none = {"day": 1, "threat_since": domain.NONE, "patience_told": -1.0, "strike_told": 9.0}
    return record(STATE, **{**AT_REST, **none, **values})


def policy(**values: Any) -> Any:
    """Levers with nothing threatened, offered, conceded, opened to concession or guaranteed."""
    plain = {"deadline_days": 14.0, "aid_level": 1.0, "patience_days": 90.0}
    return record(records.POLICY, **{**plain, **values})


def a_day(**values: Any) -> Any:
    """A day on which nothing was decided but what is given."""
    nothing = {"truce_ends": domain.NONE, "breaker": domain.NONE, "partial_scope": domain.NONE}
    return record(DAY, **{**nothing, **values})


def ensemble(members: Any, starts: Any) -> Ensemble:
    """An ensemble of the given records."""
    import datetime as dt

    return Ensemble("made-up", "prior", dt.date(2025, 5, 20), members, starts, {})
