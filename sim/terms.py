"""What an answer is made of: each term of the gain and of the refusal, in stakes.

The terms of the gain sum to `sim.engine.rules.gains.signing_gain`; they are computed here one by
one so that a table, a diary or a briefing can say what moved an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.engine.domain import TRUCE_DAYS, Issue
from sim.engine.dtypes import Floats, as_records, new_record
from sim.engine.records import PACKAGE, Member, Package, Policy, State, layout_of
from sim.engine.rules import answers, front, gains, mediator, pressure, settlement_values, standing
from sim.inputs.ensemble import Ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario

RuleInputs = tuple[Member, State, Policy, Package]

GAIN_TERMS: Mapping[str, str] = {
    "settlement": "what a settlement would bring over fighting on, times its chance",
    "shift": "what the front would bring or cost if the truce failed (commitment problem)",
    "fighting": "cost of fighting that is spared",
    "sanctions": "burden of sanctions that are lifted",
    "audience": "cost at home of what lies beyond red lines",
    "resolve": "hidden tolerance of the cost of war, less where the package meets aims",
}
REFUSAL_TERMS: Mapping[str, str] = {
    "credit": "earned by a yes while the other refuses, in place of the gain",
    "goodwill": "earned by a condition; wears off",
    "ask": "chance that the mediator pays for a condition",
    "delay": "cost of a condition",
    "threat": "what hangs over a refusal, as believed, if the other accepts",
    "walkaway": "risk that the mediator leaves over a refusal, if the other accepts",
}


def gain_terms(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> dict[str, float]:
    """Return the terms of a side's gain from signing the package now; they sum to the gain."""
    read = front.read_front(member, side, state.momentum)
    after = gains.after_truce(member, state, policy, package, side, read, 1.0)
    settled, resumed, fought = settlement_values.prospects(member, package, side, read, after)
    both = gains.both_aims(member, state, package)
    chance = gains.settlement_chance(member, state, package, gains.nearness(both))
    failure = 1.0 - chance
    months = TRUCE_DAYS / 30.0 / member.war_months
    fight = gains.war_burden(member, state, policy, side)
    weight = gains.sanctions_weight(member, side)
    lifted = gains.lifted_by_truce(member, state, package)
    spared = state.sanctions - gains.left_by_settlement(member, state, package)
    return {
        "settlement": chance * (settled - fought),
        "shift": failure * (resumed - fought),
        "fighting": (chance + failure * months) * fight,
        "sanctions": (chance * spared + failure * months * lifted) * weight,
        "audience": -gains.audience(member, package, side),
        "resolve": -gains.felt_resolve(member, both[side]) * float(member.resolve[side]),
    }


def refusal_terms(member: Member, state: State, policy: Policy, side: int) -> dict[str, float]:
    """Return what the answers other than signing are made of, costs negative.

    The threat counts in full, as it does when the other side accepts.
    """
    blame = mediator.blame_on(member, state, policy, side)
    regard = 1.0 - blame
    ask = member.ask * policy.flexibility * regard
    stalling = answers.stalling_value(member, state, policy, side)
    hazard = mediator.walkaway_hazard(member, state)
    return {
        "credit": member.credit * (0.5 + blame),
        "goodwill": stalling - ask + member.delay,
        "ask": ask,
        "delay": -member.delay,
        "threat": -pressure.threat_value(member, state, policy, side),
        "walkaway": -hazard * 30.0 * member.walkaway_worth[side],
    }


def _day_one(
    scenario: Scenario, ensemble: Ensemble, territory: float | None = None
) -> Iterator[RuleInputs]:
    """Yield each member with its state and the package that the levers put on day 1.

    With ``territory``, that is offered there, whatever the levers say.
    """
    ahead = agenda(scenario)
    policy = as_records(ahead.policies)[ahead.segment_of_day[1]]
    if territory is not None:
        policy.named[Issue.TERRITORY], policy.offer[Issue.TERRITORY] = 1, territory
    state, package = new_record(layout_of(ensemble.members).state), new_record(PACKAGE)
    for member, start in zip(
        as_records(ensemble.members), as_records(ensemble.starts), strict=True
    ):
        standing.begin(member, start, policy, state)
        mediator.table_package(member, policy, package)
        mediator.complete_package(member, state, policy, package)
        yield member, state, policy, package


def terms_on_day_one(scenario: Scenario, ensemble: Ensemble, side: int) -> dict[str, Floats]:
    """Return every term for a side by member, for the package that the levers put on day 1."""
    rows = []
    for member, state, policy, package in _day_one(scenario, ensemble):
        terms = gain_terms(member, state, policy, package, side)
        gained = sum(terms.values())
        rows.append({**terms, "gain": gained, **refusal_terms(member, state, policy, side)})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def territory_swing(scenario: Scenario, ensemble: Ensemble, side: int) -> Floats:
    """Return what the territory offer is worth to a side from one end to the other, by member."""
    ends = []
    for place in (0.0, 1.0):
        offered = _day_one(scenario, ensemble, place)
        worth = [gains.signing_gain(*seen, side) for seen in offered]
        ends.append(np.array(worth))
    return np.array(ends[1] - ends[0])
