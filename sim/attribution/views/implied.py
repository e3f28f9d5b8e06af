"""What members imply, weighed one way and another.

The odds of the baseline and with nothing offered, whether each side would take its own terms, and
how long truces last.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.views.own_terms import own_yes_chances
from sim.calibrate.check.variants import NOTHING
from sim.engine.domain import MAX_HORIZON_DAYS, Outcome
from sim.engine.dtypes import Floats
from sim.estimates import Z
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import Plan, collect, stream

DAYS = (3, 7, 30)
"""After so many days it is asked which truces still hold."""
WITH_NOTHING = "holds with nothing offered"
"""Nor threatened, nor guaranteed."""
OWN_TERMS = "{} accepts its own maximum"


class Change(NamedTuple):
    """A difference with its central 95 % of error."""

    mean: float
    mc: tuple[float, float]


class Implied(NamedTuple):
    """Something that numbers imply.

    Attributes
    ----------
    name
        What, in words.
    own, model
        By the analyst's numbers, and by the model's own.
    change
        From the model's to the analyst's, on the same worlds.
    """

    name: str
    own: float
    model: float
    change: Change


@dataclass(frozen=True)
class Measured:
    """What is asked of members, by member: shares of their worlds, and chances.

    Attributes
    ----------
    over, under
        By name of what is asked: what counts and among what, by member; a mean where all of
        ``under`` is 1.
    """

    over: Mapping[str, Floats]
    under: Mapping[str, Floats]

    def value(self, name: str, shares: Floats) -> tuple[float, Floats]:
        """Return a ratio of weighed means, and how far each member pulls it; these sum to 0."""
        above, below = shares @ self.over[name], shares @ self.under[name]
        ratio = float(above / below)
        return ratio, shares * (self.over[name] - ratio * self.under[name]) / below


def measure(ensemble: Ensemble, conflict: Conflict, worlds: int, seed: int) -> Measured:
    """Run what is asked of members, see `implied_by`."""
    over: dict[str, Floats] = {}
    baseline = _ends(ensemble, {}, conflict, worlds, seed)
    nothing = _ends(ensemble, NOTHING, conflict, worlds, seed)
    over["a truce holds"], over["a truce is agreed"] = baseline
    over[WITH_NOTHING], over[WITH_NOTHING.replace("holds", "agreed")] = nothing
    chances = own_yes_chances(ensemble, conflict)
    for side, actor in enumerate(conflict.sides):
        over[OWN_TERMS.format(actor.name)] = chances[:, side]
    under = dict.fromkeys(over, np.ones(len(ensemble)))
    signed, standing = _lasting(ensemble, conflict, worlds, seed)
    for days, still in standing.items():
        name = f"still holds after {days} days"
        over[name], under[name] = still, signed
    return Measured(over, under)


def _ends(
    ensemble: Ensemble, levers: Mapping[str, Value], conflict: Conflict, worlds: int, seed: int
) -> tuple[Floats, Floats]:
    """By member, the shares of worlds of the baseline in which a truce holds, and is agreed."""
    plan = Plan(_baseline(ensemble, conflict).with_levers(levers), ensemble, worlds, seed)
    outcomes = collect(plan, stream(plan), keep=False).tally.outcomes
    shares = outcomes / np.maximum(1, outcomes.sum(axis=1, keepdims=True))
    held = shares[:, Outcome.HELD]
    return held, held + shares[:, Outcome.COLLAPSED]


def _lasting(
    ensemble: Ensemble, conflict: Conflict, worlds: int, seed: int
) -> tuple[Floats, dict[int, Floats]]:
    """By member, the share of worlds that sign a full truce, and those in which it still holds.

    Talks do not go on after a truce has failed, so that no world has two.
    """
    members = ensemble.members.copy()
    members["collapse_pause_days"] = MAX_HORIZON_DAYS
    once = dataclasses.replace(ensemble, members=members)
    plan = Plan(_baseline(ensemble, conflict), once, worlds, seed)
    rows = collect(plan, stream(plan), keep=True).rows
    assert rows is not None
    signed = rows["full_truces"] > 0
    failed = signed & (rows["outcome"] != Outcome.HELD)
    days = rows["truce_days"] + 1  # the day on which it ended is not counted in the row
    count = np.maximum(1, np.bincount(rows["member"], minlength=len(ensemble)))

    def shares(some: NDArray[np.bool_]) -> Floats:
        return np.bincount(rows["member"], some, minlength=len(ensemble)) / count

    standing = {limit: shares(signed & ~(failed & (days <= limit))) for limit in DAYS}
    return shares(signed), standing


def _baseline(ensemble: Ensemble, conflict: Conflict) -> Scenario:
    return load_scenario("baseline", ensemble.as_of, conflict=conflict)


class Weighed(NamedTuple):
    """Members that were measured, and their shares."""

    measured: Measured
    shares: Floats


def implied_by(own: Weighed, model: Weighed) -> tuple[Implied, ...]:
    """Return what is implied by an analyst's members beside what is by the model's.

    The error of a change is that of two ratios, over the same members if they are (delta method).
    """
    found = []
    for name in model.measured.over:
        one, pulls = own.measured.value(name, own.shares)
        other, others = model.measured.value(name, model.shares)
        paired = own.measured is model.measured
        apart = (pulls - others,) if paired else (pulls, others)
        half = Z * float(np.sqrt(sum((part**2).sum() for part in apart)))
        change = one - other
        found.append(Implied(name, one, other, Change(change, (change - half, change + half))))
    return tuple(found)
