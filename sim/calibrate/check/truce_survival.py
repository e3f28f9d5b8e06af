"""Prior predictive of a truce in force, against the reference classes: how long, and why longer."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.prior import SEED, draw_prior
from sim.engine.domain import MAX_HORIZON_DAYS, NONE, Outcome, Scope
from sim.engine.dtypes import Floats, Records
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State, Workspace, new_workspace
from sim.engine.rules import answers, gains, mediator, standing, truce
from sim.estimates import estimate_ratio
from sim.inputs.agenda import policy_segments
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import MEMBERS, Ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import load_scenario
from sim.montecarlo import Plan, collect, stream

WORLDS_A_MEMBER = 8
_DRAWN_FROM = 10**9
"""Members are a small part of all that the prior holds possible."""
UNGUARDED: dict[str, Value] = {
    "guarantee.ambition": 0.0,
    "monitoring.strength": 0.0,
    "sanctions.on_breach": 0.0,
}
CLASSES = {
    "holds 30 days, of those agreed": ".32 to .81",
    "fails by day 3, of those that fail in 30": ".56",
    "fails by day 7, of those that fail in 30": ".69",
    "median days to a violent end, of those in 30": "3 or less",
    "hazard ratio: monitoring": ".46 (.29 to .75)",
    "hazard ratio: guarantee": ".51 (.29 to .88)",
    "hazard ratio: partial scope": "3.3 (1.9 to 5.9)",
}
"""The reference classes: ETH/PRIO Civil Conflict Ceasefire data (Clayton et al. 2022, JCR 67):
mutual, general ceasefires; of 139 violent ends with a date .34 come by day 3, .42 by day 7
and .61 by day 30, here as shares of the last, since a truce of the model has no more days; hazard
of a violent end, univariate, of a monitoring and an enforcement provision and of partial scope."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class SurvivalCheck:
    """A quantity of truces in force under the prior, and what the reference class says.

    Attributes
    ----------
    middle, low, high
        Of a share its value and 95 % interval, by members; of a hazard ratio the median and
        central 90 % of members, each by its chance to sign.
    """

    name: str
    middle: float
    low: float
    high: float
    reference: str


# ------------------------------------------------------------------ the hazard at signature


@compiled
def full_hazard(member: Member, state: State, policy: Policy, package: Package) -> float:
    """Hazard a day of the end of a full truce at signature, on the mean of its days."""
    total = 0.0
    for side in range(2):
        stay = truce.side_stay(member, state, policy, package, side)
        calm = truce.mean_calm_rate(member, state, policy, package, side, stay)
        total += truce.exit_hazard(member, stay) + calm * member.patience_ends
    return total


@compiled
def hazards(
    members: Records, starts: Records, policy: Policy, workspace: Workspace, found: Floats
) -> None:
    """Write by member the hazards of a full and of a partial truce, and the chance that both sign.

    The partial truce is on energy; both are computed for the day of signature.
    """
    state, package = workspace.state, workspace.package
    for n in range(len(members)):
        standing.begin(members[n], starts[n], policy, state)
        mediator.table_package(members[n], policy, package)
        mediator.complete_package(members[n], state, policy, package)
        found[n, 0] = full_hazard(members[n], state, policy, package)
        state.partial_scope, state.partial_day = Scope.ENERGY, 0
        found[n, 1], found[n, 2] = 0.0, 1.0
        for side in range(2):
            stay = truce.partial_stay(members[n], state, policy, package, side)
            found[n, 1] += truce.partial_hazard(members[n], stay)
            gained = gains.signing_gain(members[n], state, policy, package, side)
            yes, _ = answers.answer_chances(members[n], state, policy, side, 1.0, gained)
            found[n, 2] *= yes
        state.partial_scope = NONE


def _hazards(prior: Ensemble, levers: Mapping[str, Value], conflict: Conflict) -> Floats:
    policies, _ = policy_segments({**conflict.baseline_levers(prior.as_of), **levers}, [], 1)
    found = np.zeros((len(prior), 3))
    hazards(prior.members, prior.starts, policies[0], new_workspace(prior.members), found)
    return found


def _ratio(name: str, above: Floats, below: Floats, signing: Floats) -> SurvivalCheck:
    order = np.argsort(above / below)
    share = np.cumsum(signing[order]) / signing.sum()
    places = np.searchsorted(share, [0.5, 0.05, 0.95])
    middle, low, high = (above / below)[order][places].tolist()
    return SurvivalCheck(name, middle, low, high, CLASSES[name])


# ------------------------------------------------------------------ how long they hold


def holding(
    executor: Executor, conflict: Conflict | None = None, seed: int = SEED
) -> tuple[SurvivalCheck, ...]:
    """Return how truces hold under the prior of the first day of the record.

    Shares are of first full truces under the levers of that day; ratios compare full
    monitoring, and a full guarantee with its backstop, with none, and a partial truce with a full
    one, members weighed by their chance to sign.
    """
    conflict = conflict or shipped()
    first = conflict.facts.record.begins
    members, starts, _ = draw_prior(first, seed, conflict=conflict)
    prior = Ensemble("check", "prior", first, members, starts, {})
    plain = _hazards(prior, UNGUARDED, conflict)
    watched = _hazards(prior, {**UNGUARDED, "monitoring.strength": 1.0}, conflict)
    backed = {"guarantee.ambition": 1.0, "guarantee.us_backstop": 1.0}
    guarded = _hazards(prior, {**UNGUARDED, **backed}, conflict)
    names = iter(list(CLASSES)[4:])
    return (
        *_lasting(prior, conflict, executor),
        _ratio(next(names), watched[:, 0], plain[:, 0], plain[:, 2]),
        _ratio(next(names), guarded[:, 0], plain[:, 0], plain[:, 2]),
        _ratio(next(names), plain[:, 1], plain[:, 0], plain[:, 2]),
    )


def _lasting(prior: Ensemble, conflict: Conflict, executor: Executor) -> tuple[SurvivalCheck, ...]:
    members = prior.members.copy()
    members["collapse_pause_days"] = MAX_HORIZON_DAYS
    once = replace(prior, members=members)
    scenario = load_scenario("baseline", prior.as_of, conflict=conflict)
    plan = Plan(scenario, once, WORLDS_A_MEMBER * MEMBERS, 1)
    rows = collect(plan, stream(plan, executor=executor), keep=True).rows
    assert rows is not None
    return lasting(rows)


def lasting(rows: NDArray[np.void]) -> tuple[SurvivalCheck, ...]:
    """Return how full truces lasted, from worlds that have one each, or none.

    Where talks go on, a first truce that fails early leaves time for a second: to leave out worlds
    with two would leave out the short ones.
    """
    signed = rows["full_truces"] > 0
    failed = signed & (rows["outcome"] != Outcome.HELD)
    days = rows["truce_days"] + 1  # the day on which it ended is not counted in the row
    names = iter(CLASSES)
    found = [
        _share(next(names), rows, signed & ~failed, signed),
        *(_share(next(names), rows, failed & (days <= limit), failed) for limit in (3, 7)),
    ]
    name, ends = next(names), days[failed]
    half = 0.98 / np.sqrt(len(ends))  # of a rank, as a share
    ranks = [max(0.0, 0.5 - half), 0.5, min(1.0, 0.5 + half)]
    low, middle, high = np.quantile(ends, ranks).tolist()
    return (*found, SurvivalCheck(name, middle, low, high, CLASSES[name]))


def _share(name: str, rows: NDArray[np.void], hits: Flags, among: Flags) -> SurvivalCheck:
    """A share of truces, its error by member: each is drawn from the prior, and has several."""
    member = rows["member"]
    worlds = np.bincount(member)
    used = worlds > 0
    count, of = (np.bincount(member[some], minlength=len(used))[used] for some in (hits, among))
    odds = estimate_ratio(count, of, worlds[used], _DRAWN_FROM)
    assert odds is not None
    low, high = odds.mc
    return SurvivalCheck(name, odds.mean, float(low), float(high), CLASSES[name])
