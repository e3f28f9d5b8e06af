"""A belligerent's answer to a proposed truce: what it says, given what it stands to gain.

All values are in *stakes*: the utility distance between a side's worst and best settlement.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.domain import ISSUES, NONE, OFFERED, VALUED, Answer, Side
from sim.engine.jit import compiled, compiled_apart
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import front, gains, mediator, pressure, red_lines
from sim.engine.rules.settlement_values import loss, place

CONDITION_MEMORY_MASK = (1 << 60) - 1
"""The mediator remembers conditions of the last 60 days, a bit each in ``condition_days``."""


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
    yes = accept_value == top
    but = not yes and condition_value == top
    one = math.exp(precision * ((condition_value if yes else accept_value) - top))
    two = math.exp(precision * ((reject_value if yes or but else condition_value) - top))
    a = 1.0 if yes else one  # the best of the three has the exponential of 0
    c = one if yes else (1.0 if but else two)
    r = two if yes or but else 1.0
    total = a + c + r
    return a / total, c / total


@compiled
def mirror_chance(member: Member, state: State, policy: Policy, package: Package) -> float:
    """Chance that U keeps a short pause that R has declared."""
    gained = gains.pause_gain(member, state, policy, package, Side.U)
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
def committed(member: Member, q: float, gain_value: float) -> float:
    """What a 'yes, but' brings of the truce itself, as far as it commits a side to one.

    A step towards a deal is worth a share of the deal: little to a side that could use it, and a
    burden to one that could not, which is why conditions tell more than a refusal.
    """
    return member.condition_commits * q * gain_value


@compiled
def direct_chances(member: Member, q: float, gain_value: float) -> tuple[float, float]:
    """Chances of a yes and of a condition when no mediator is there.

    No threat hangs over a refusal, no blame is to be earned, and no goodwill.
    """
    condition = committed(member, q, gain_value) - member.delay
    return logit(member.precision, accept(q, gain_value, 0.0), condition, 0.0)


class Refusal(NamedTuple):
    """What a side has in view beside its gain; the same for every package put to it today."""

    credit: float
    """Earned by a yes while the other refuses."""
    stalling: float
    """Earned by a condition."""
    threat: float
    """What hangs over a refusal, if the other accepts."""
    walkaway: float
    """The risk that the mediator leaves over a refusal, if the other accepts."""


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
    threat, walkaway = q * refused.threat, q * refused.walkaway
    condition = refused.stalling - (1.0 - member.defused) * threat
    condition += committed(member, q, gain_value)
    return logit(
        member.precision,
        accept(q, gain_value, refused.credit),
        condition - walkaway,
        -threat - walkaway,
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
    return worst_issue(member, state, policy, package, side, False)


@compiled
def worst_issue(
    member: Member, state: State, policy: Policy, package: Package, side: int, among_open: bool
) -> int:
    """The binding issue of all, or among those on which the mediator may concede, or NONE."""
    if member.exponent == 1.0:
        return worst_by_loss(member, state, policy, package, side, among_open, 1.0)
    return worst_by_bent_loss(member, state, policy, package, side, among_open)


@compiled_apart
def worst_by_bent_loss(
    member: Member, state: State, policy: Policy, package: Package, side: int, among_open: bool
) -> int:
    """The same where losses bend with distance, which is seldom tried."""
    return worst_by_loss(member, state, policy, package, side, among_open, member.exponent)


@compiled
def worst_by_loss(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    among_open: bool,
    exponent: float,
) -> int:
    """The same, given the exponent of losses."""
    read = front.read_front(member, side, state.momentum)
    after = gains.after_truce(member, state, policy, package, side, read, 1.0)
    worst = NONE
    worst_cost = -math.inf
    for k in range(ISSUES):
        if among_open and not (k < OFFERED and policy.mandate[k] and not package.conceded[k]):
            continue
        cost = red_lines.issue_audience(member, package, side, k)
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
