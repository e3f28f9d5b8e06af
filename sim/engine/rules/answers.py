"""A belligerent's answer to a proposed truce: what it stands to gain, and what it says.

All values are in *stakes*: the utility distance between a side's worst and best settlement.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.domain import ISSUES, OFFERED, TRUCE_DAYS, VALUED, Answer, Issue, Side
from sim.engine.jit import compiled, compiled_apart
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import front, mediator, pressure
from sim.engine.rules.settlement_values import loss, place, prospects

CONDITION_MEMORY_MASK = (1 << 60) - 1
"""The mediator remembers conditions of the last 60 days, a bit each in ``condition_days``."""


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
def accept(q: float, gain_value: float, credit: float) -> float:
    """Value of saying yes when the other side says yes with probability ``q``.

    A yes while the other refuses earns ``credit``: the blame is the other's.
    """
    return q * gain_value + (1.0 - q) * credit


@compiled
def logit(
    precision: float, accept_value: float, condition_value: float, reject_value: float
) -> tuple[float, float]:
    """Chances of accepting and of answering with a condition; the rest rejects.

    Quantal response (McKelvey and Palfrey 1995; Signorino 1999) with one precision.
    """
    top = max(accept_value, condition_value, reject_value)
    a = math.exp(precision * (accept_value - top))
    c = math.exp(precision * (condition_value - top))
    r = math.exp(precision * (reject_value - top))
    total = a + c + r
    return a / total, c / total


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


@compiled
def mirror_chance(member: Member, state: State, policy: Policy, package: Package) -> float:
    """Chance that U keeps a short pause that R has declared."""
    gained = pause_gain(member, state, policy, package, Side.U)
    keeps, _ = logit(member.precision, gained, -math.inf, 0.0)
    return keeps


@compiled
def count_conditions(days: int) -> int:
    """How many of the remembered days saw a condition; ``days`` is a set of bits."""
    count = 0
    while days != 0:
        days &= days - 1
        count += 1
    return count


@compiled
def stalling_value(member: Member, state: State, policy: Policy, side: int) -> float:
    """What a side gets from 'yes, but': goodwill that wears off, and a chance to be paid.

    Each condition of the last 60 days lessens the next one's goodwill; there is none left when
    the mediator's patience is spent.
    """
    regard = 1.0 - mediator.blame_on(member, state, policy, side)
    goodwill = 0.0
    if state.patience > 0.0:
        conditions = count_conditions(state.condition_days[side])
        goodwill = member.goodwill * regard * member.goodwill_decay**conditions
    asked = member.ask * policy.flexibility * regard
    return goodwill + asked - member.delay


@compiled
def direct_chances(member: Member, q: float, gain_value: float) -> tuple[float, float]:
    """Chances of a yes and of a condition when no mediator is there.

    No threat hangs over a refusal, no blame is to be earned, and no goodwill.
    """
    return logit(member.precision, accept(q, gain_value, 0.0), -member.delay, 0.0)


class Refusal(NamedTuple):
    """What a side has in view beside its gain; the same for every package put to it today."""

    credit: float
    """Earned by a yes while the other refuses."""
    stalling: float
    """Earned by a condition."""
    threat: float
    """What hangs over a refusal, if the other accepts."""
    walkaway: float
    """The risk that the mediator leaves."""


Refusals = tuple[Refusal, Refusal]
"""Of R and of U."""


@compiled
def refusal(member: Member, state: State, policy: Policy, side: int) -> Refusal:
    """Reckon what a side has in view beside its gain."""
    blame = mediator.blame_on(member, state, policy, side)
    return Refusal(
        member.credit * (0.5 + blame),
        stalling_value(member, state, policy, side),
        pressure.threat_value(member, state, policy, side),
        mediator.walkaway_hazard(member, state) * 30.0 * member.walkaway_worth[side],
    )


@compiled
def refusals(member: Member, state: State, policy: Policy) -> Refusals:
    """Reckon it for both sides."""
    return refusal(member, state, policy, Side.R), refusal(member, state, policy, Side.U)


@compiled
def mediated_chances(
    member: Member, refused: Refusal, q: float, gain_value: float
) -> tuple[float, float]:
    """Chances of a yes and of a condition to the mediator; see `answer_chances`."""
    threat = q * refused.threat
    condition = refused.stalling - (1.0 - member.defused) * threat
    return logit(
        member.precision,
        accept(q, gain_value, refused.credit),
        condition - refused.walkaway,
        -threat - refused.walkaway,
    )


@compiled
def answer_chances(
    member: Member, state: State, policy: Policy, side: int, q: float, gain_value: float
) -> tuple[float, float]:
    """Chances that a side accepts, and that it answers with a condition.

    Parameters
    ----------
    q
        Chance that the other side accepts.
    gain_value
        What signing is worth to this side, from `signing_gain`.
    """
    return mediated_chances(member, refusal(member, state, policy, side), q, gain_value)


@compiled
def binding_issue(member: Member, state: State, policy: Policy, package: Package, side: int) -> int:
    """The issue on which the package costs a side most, against what fighting on would bring."""
    return worst_issue(member, state, policy, package, side, ISSUES)


@compiled
def worst_issue(
    member: Member, state: State, policy: Policy, package: Package, side: int, among: int
) -> int:
    """The binding issue among the first so many: all of them, or those that can be offered."""
    if member.exponent == 1.0:
        return worst_by_loss(member, state, policy, package, side, among, 1.0)
    return worst_by_bent_loss(member, state, policy, package, side, among)


@compiled_apart
def worst_by_bent_loss(
    member: Member, state: State, policy: Policy, package: Package, side: int, among: int
) -> int:
    """The same where losses bend with distance, which is seldom tried."""
    return worst_by_loss(member, state, policy, package, side, among, member.exponent)


@compiled
def worst_by_loss(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    among: int,
    exponent: float,
) -> int:
    """The same, given the exponent of losses."""
    read = front.read_front(member, side, state.momentum)
    after = read + feared_shift(member, state, policy, package, side)
    worst = 0
    worst_cost = -math.inf
    for k in range(among):
        cost = issue_audience(member, package, side, k)
        if k < VALUED:
            ideal = member.ideal[side, k]
            signed = loss(place(member, package, k, after, True), ideal, exponent)
            fought = loss(place(member, package, k, read, False), ideal, exponent)
            cost += member.weight[side, k] * (signed - fought)
        if cost > worst_cost:
            worst_cost = cost
            worst = k
    return worst


@compiled
def round_chances(
    member: Member, refused: Refusal, q: float, gain_value: float, mediated: bool
) -> tuple[float, float]:
    """Chances of a yes and of a condition in a round, with the mediator or without."""
    if mediated:
        return mediated_chances(member, refused, q, gain_value)
    return direct_chances(member, q, gain_value)


@compiled
def choose(accepts: float, conditions: float, u: float) -> int:
    """Turn the chances of an answer and a uniform into the answer."""
    if u < accepts:
        return Answer.ACCEPT
    return Answer.CONDITION if u < accepts + conditions else Answer.REJECT
