"""What a belligerent stands to gain from a truce over fighting on.

All values are in *stakes*: the utility distance between a side's worst and best settlement.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.domain import ISSUES, OFFERED, TRUCE_DAYS, Issue, Side
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import front
from sim.engine.rules.settlement_values import prospects


@compiled
def gain(
    settle: float, fallback: float, chance: float, audience: float, war: float, resolve: float
) -> float:
    """What a truce is worth over fighting on.

    With probability ``chance`` it becomes a settlement worth ``settle``, else the war resumes,
    worth ``fallback``; ``audience`` is the cost at home of what was signed and ``resolve`` the
    side's hidden tolerance of the cost of war.
    """
    return chance * settle + (1.0 - chance) * fallback - audience - war - resolve


@compiled
def beyond(member: Member, side: int, issue: int, x: float) -> float:
    """How far ``x`` lies beyond a side's red line on an issue, 0 if it does not."""
    short = member.red_line[side, issue] - x
    return max(0.0, short if side == Side.R else -short)


@compiled
def terms_place(member: Member, package: Package, side: int) -> float:
    """Place of the package on `truce_terms`: 0 if all is deferred, 1 if nothing is.

    Between, the share of what is named among the offered issues, by the side's weights.
    """
    named = 0.0
    total = 0.0
    for k in range(OFFERED):
        if not package.conceded[k]:
            total += member.weight[side, k]
            if package.named[k]:
                named += member.weight[side, k]
    return named / total if total > 0.0 else 0.0


@compiled
def issue_audience(member: Member, package: Package, side: int, issue: int) -> float:
    """The share of the audience cost that one issue carries, `truce_terms` included."""
    if issue == Issue.TRUCE_TERMS:
        x = terms_place(member, package, side)
    elif package.named[issue]:
        x = package.x[issue]
    else:
        return 0.0
    return member.audience_cost * member.weight[side, issue] * beyond(member, side, issue, x)


@compiled
def audience(member: Member, package: Package, side: int) -> float:
    """Cost at home of signing what lies beyond a side's red lines (Fearon 1994)."""
    total = 0.0
    for k in range(ISSUES):
        total += issue_audience(member, package, side, k)
    return total


@compiled
def war_burden(member: Member, state: State, policy: Policy, side: int) -> float:
    """Cost of fighting on for as long as the war is expected to last, sanctions apart."""
    if side == Side.R:
        return member.fighting_cost[0]
    return max(0.0, front.fighting_cost(member, front.aid_now(state, policy)))


@compiled
def sanctions_burden(member: Member, state: State, side: int) -> float:
    """Cost of the sanctions in force for as long as the war is expected to last."""
    if side == Side.R:
        return member.sanctions_burden * state.sanctions
    return 0.0


@compiled
def settlement_chance(member: Member, state: State, package: Package) -> float:
    """Chance that a truce becomes a settlement; guarantee and trust raise it."""
    z = (
        member.settlement_base
        + member.settlement_guarantee * package.guarantee
        + member.settlement_trust * state.trust
    )
    return 1.0 / (1.0 + math.exp(-z))


@compiled
def feared_shift(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """How far a truce is feared to move the front against a side, as a change of momentum.

    The commitment problem (Powell 2006). R fears a U that rearms, the less so under force limits,
    or that is guaranteed; U fears a renewed attack, the less so under guarantee and monitoring.
    """
    if side == Side.R:
        rearmed = member.rearmament_fear * front.aid_now(state, policy)
        rearmed *= 1.0 - package.force_limits
        return -(rearmed + member.guarantee_rivalry * package.guarantee)
    watched = 1.0 - member.monitoring_relief * policy.monitoring
    return member.attack_fear * (1.0 - package.guarantee) * watched


@compiled
def side_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, share: float
) -> float:
    """Gain of a side from a full truce that saves ``share`` months of war, audience cost apart."""
    relief = share * package.relief_now
    size = TruceSize(share, relief, 1.0, 1.0)
    return truce_gain(member, state, policy, package, side, size)


class TruceSize(NamedTuple):
    """How much a truce is of a full one, for the side that weighs it.

    Attributes
    ----------
    share
        Months of war that it spares: coverage x days / 30.
    relief
        Months of the present sanctions that it spares, the price of signing.
    settlement_share
        Its chance to become a settlement, as a share of a full truce's.
    extent
        How far it brings on the shift of the front that is feared, and takes of a side's
        resolve, 1 for a full truce.
    """

    share: float
    relief: float
    settlement_share: float
    extent: float


@compiled
def truce_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, size: TruceSize
) -> float:
    """Gain of a side from a truce of any size, audience cost apart."""
    read = front.read_front(member, side, state.momentum)
    after = read + size.extent * feared_shift(member, state, policy, package, side)
    values = prospects(member, package, side, read, after)
    return gain_given(member, state, policy, package, side, size, values)


@compiled
def gain_given(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    size: TruceSize,
    values: tuple[float, float, float],
) -> float:
    """Gain of a side from a truce, given its `prospects`; the rest as in `truce_gain`.

    A truce over a part of the war asks a side to give up its tolerance of that part alone.
    """
    settled, resumed, fought = values
    fight = war_burden(member, state, policy, side)
    burden = sanctions_burden(member, state, side)
    spared = (size.share * fight + size.relief * burden) / member.war_months
    settle = settled - burden * (1.0 - package.relief)
    lost = resumed - (fight + burden) + spared
    war = fought - (fight + burden)
    chance = size.settlement_share * settlement_chance(member, state, package)
    return gain(settle, lost, chance, 0.0, war, size.extent * member.resolve[side])


@compiled
def signing(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> tuple[float, float]:
    """Gain of a side from signing a full truce now, and its utility of the package settled."""
    read = front.read_front(member, side, state.momentum)
    after = read + feared_shift(member, state, policy, package, side)
    values = prospects(member, package, side, read, after)
    share = TRUCE_DAYS / 30.0
    size = TruceSize(share, share * package.relief_now, 1.0, 1.0)
    before = gain_given(member, state, policy, package, side, size, values)
    return before - audience(member, package, side), values[0]


@compiled
def signing_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """Gain of a side from signing a full truce now, audience cost paid."""
    gained, _ = signing(member, state, policy, package, side)
    return gained


@compiled
def partial_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, scope: int
) -> float:
    """Gain of a side from a partial truce of 30 days.

    It spares less war, brings on less of what is feared, and seldom leads further; R is paid for
    it with relief, as far as any is on offer at signature.
    """
    coverage = member.partial_coverage[scope]
    terms = beyond(member, side, Issue.TRUCE_TERMS, 0.5)
    weight = member.weight[side, Issue.TRUCE_TERMS]
    before = partial_worth(member, state, policy, package, side, scope, TRUCE_DAYS / 30.0)
    return before - coverage * member.audience_cost * weight * terms


@compiled
def partial_worth(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    scope: int,
    months: float,
) -> float:
    """Gain of a side from a partial truce that has so many months to go, audience cost apart."""
    coverage = member.partial_coverage[scope]
    relief = months * member.partial_price[scope] * package.relief_now
    size = TruceSize(coverage * months, relief, member.partial_settlement, coverage)
    return truce_gain(member, state, policy, package, side, size)


@compiled
def pause_gain(member: Member, state: State, policy: Policy, package: Package, side: int) -> float:
    """Gain of a side from keeping a short pause that the other has declared."""
    share = member.pause_days / 30.0
    return truce_gain(member, state, policy, package, side, TruceSize(share, 0.0, 0.0, share))
