"""Threats: how far they are believed, what they weigh, when they fall due, and what is done."""

from __future__ import annotations

import math

from sim.engine.domain import NONE, Answer, FollowThrough, Issuer, Side, Threat
from sim.engine.jit import compiled
from sim.engine.reactions import NEVER
from sim.engine.records import Day, Member, Policy, State
from sim.engine.rules import blocs, front, mediator

LEAST_PENDING = 1e-6
"""A start keeps what was carried out in 32 bits."""


@compiled
def credibility(kept: float, lapsed: float, staked: float) -> float:
    """Belief that an issuer's word is good: the mean of a Beta, firmer when more is staked."""
    return (kept + staked) / (kept + lapsed + staked)


@compiled
def believed(member: Member, state: State, policy: Policy, issuer: int) -> float:
    """Belief in an issuer's word today, with what it has publicly staked on its threats."""
    staked = member.belief_commitment * policy.commitment
    if issuer == Issuer.BACKSTOP:
        staked = 0.0
    return credibility(state.kept[issuer], state.lapsed[issuer], staked)


@compiled
def pending(state: State, policy: Policy, threat: int) -> float:
    """How much of a threat is still to be carried out, 0 to 1; what rounding leaves is nothing."""
    rest = policy.threat[threat] - state.executed[threat]
    return rest if rest > LEAST_PENDING else 0.0


@compiled
def bite(member: Member, state: State, policy: Policy, threat: int) -> float:
    """What carrying a threat out alone would add: to sanctions, or to the cut in arms supply."""
    due = pending(state, policy, threat)
    if threat == Threat.AID:
        return aid_bite(member, state, policy, due)
    return sanctions_bite(member, state, threat, due)


@compiled
def aid_bite(member: Member, state: State, policy: Policy, share: float) -> float:
    """What a threat to a share of U's arms supply takes of it; a side payment lightens it."""
    cut = share * (1.0 - member.side_payment_worth * policy.side_payment)
    return min(cut, 1.0 - state.aid_cut)


@compiled
def sanctions_bite(member: Member, state: State, threat: int, share: float) -> float:
    """What an issuer's sanctions alone add if it carries out a share of its part of the package.

    The blocs carry theirs as far as each stands ready.
    """
    full = member.severity[threat] * share
    if threat == Threat.BLOCS_SANCTIONS:
        full *= blocs.sanctions_readiness(member, state)
    return full


@compiled
def days_to_due(state: State, policy: Policy, threat: int) -> int:
    """Days until a threat falls due, 0 on its day; the clock of a new one starts tonight."""
    deadline = int(policy.deadline_days)
    since = state.threat_since[threat]
    if since == NONE or state.day <= since:
        return deadline
    return (since - state.day) % deadline


@compiled
def looming(member: Member, state: State, policy: Policy, threat: int) -> float:
    """What a threat would add as its target feels it today: the less, the farther off its day."""
    adds = bite(member, state, policy, threat)
    if adds == 0.0:
        return adds
    return adds * math.exp(-(days_to_due(state, policy, threat) / member.threat_patience_days))


@compiled
def threat_value(member: Member, state: State, policy: Policy, side: int) -> float:
    """Expected cost to a side, in stakes, of what hangs over its refusal."""
    if side == Side.U:
        return arms_value(member, state, policy, looming(member, state, policy, Threat.AID))
    us = looming(member, state, policy, Threat.MEDIATOR_SANCTIONS)
    others = looming(member, state, policy, Threat.BLOCS_SANCTIONS)
    return sanctions_value(member, state, policy, us, others)


@compiled
def sanctions_value(
    member: Member, state: State, policy: Policy, us: float, others: float
) -> float:
    """Expected cost to R, in stakes, of what the two issuers would add to the sanctions.

    Together they cannot exceed the fullest package, so that no threat weighs more than its
    execution: where both would, it is what is missing if both words are good, and else what
    the one that is good would add.
    """
    missing = max(0.0, 1.0 - state.sanctions)
    mediator_does = believed(member, state, policy, Issuer.MEDIATOR)
    blocs_do = believed(member, state, policy, Issuer.BLOCS)
    if us + others <= missing:
        return (mediator_does * us + blocs_do * others) * member.sanctions_burden
    added = mediator_does * blocs_do * missing
    added += mediator_does * (1.0 - blocs_do) * min(us, missing)
    added += (1.0 - mediator_does) * blocs_do * min(others, missing)
    return added * member.sanctions_burden


@compiled
def arms_value(member: Member, state: State, policy: Policy, cut: float) -> float:
    """Expected cost to U, in stakes, of a cut in its arms: what its cost of fighting would rise by.

    Where supply is so large that fighting costs it nothing, a cut takes what is to spare first.
    """
    spare = min(0.0, front.fighting_cost(member, front.aid_now(state, policy)))
    belief = believed(member, state, policy, Issuer.MEDIATOR)
    return max(0.0, belief * cut * policy.aid_level * member.aid_loss + belief * spare)


@compiled
def breach_value(member: Member, state: State, policy: Policy, side: int) -> float:
    """Expected cost to a side, in stakes, of breaking a truce in force."""
    if side == Side.U:
        return arms_value(member, state, policy, breach_bite(member, state, policy, Threat.AID))
    us = breach_bite(member, state, policy, Threat.MEDIATOR_SANCTIONS)
    others = breach_bite(member, state, policy, Threat.BLOCS_SANCTIONS)
    return sanctions_value(member, state, policy, us, others)


@compiled
def breach_bite(member: Member, state: State, policy: Policy, threat: int) -> float:
    """What an issuer alone threatens to add when a truce is broken."""
    if threat == Threat.AID:
        return aid_bite(member, state, policy, policy.on_breach)
    return sanctions_bite(member, state, threat, policy.on_breach)


@compiled
def is_decision_day(day: int, since: int, deadline_days: float) -> bool:
    """Whether a threat whose clock runs from day ``since`` falls due today."""
    if since == NONE or day <= since:
        return False
    return (day - since) % int(deadline_days) == 0


@compiled
def next_decision_day(day: int, since: int, deadline_days: float) -> int:
    """The first day after ``day`` on which a threat whose clock runs from ``since`` falls due."""
    if since == NONE:
        return NEVER
    deadline = int(deadline_days)
    return day + deadline - (day - since) % deadline if day > since else since + deadline


@compiled
def target_of(threat: int) -> int:
    """The side that a threat is addressed to."""
    return Side.U if threat == Threat.AID else Side.R


@compiled
def issuer_of(threat: int) -> int:
    """The issuer whose word a threat is."""
    return Issuer.BLOCS if threat == Threat.BLOCS_SANCTIONS else Issuer.MEDIATOR


@compiled
def falls_due(state: State, policy: Policy, threat: int, day: int) -> bool:
    """Whether an issuer must decide today: the deadline is met, and one side alone stalls."""
    if not is_awaited(state, policy, threat):
        return False
    return is_decision_day(day, state.threat_since[threat], policy.deadline_days)


@compiled
def is_awaited(state: State, policy: Policy, threat: int) -> bool:
    """Whether an issuer must decide when its deadline is met: one side alone stalls."""
    if pending(state, policy, threat) <= 0.0 or state.truce_starts >= 0:
        return False
    target = target_of(threat)
    refused = state.last_answer[target] in (Answer.CONDITION, Answer.REJECT)
    return refused and state.last_answer[1 - target] == Answer.ACCEPT


@compiled
def one_stalls(state: State) -> bool:
    """Whether one side has accepted a truce and the other has refused it."""
    accepts_r = state.last_answer[0] == Answer.ACCEPT
    return accepts_r != (state.last_answer[1] == Answer.ACCEPT)


@compiled
def next_due(state: State, policy: Policy, day: int) -> int:
    """The first day after ``day`` on which an issuer must decide if nothing happens till then."""
    first = NEVER
    if not one_stalls(state):
        return first
    for threat in range(3):
        if is_awaited(state, policy, threat):
            since = state.threat_since[threat]
            first = min(first, next_decision_day(day, since, policy.deadline_days))
    return first


@compiled
def follow_through_chance(
    member: Member, state: State, policy: Policy, threat: int, mediator_did: bool
) -> float:
    """Chance that an issuer carries its threat out when it falls due.

    More is done when more was staked, when the refuser is held to be the obstacle and, by the
    blocs, when the mediator did; progress of the talks defuses.
    """
    issuer = issuer_of(threat)
    blame = mediator.blame_on(member, state, policy, target_of(threat))
    z = (
        member.follow_base
        + member.follow_type[issuer]
        + member.follow_commitment * policy.commitment
        + member.follow_tilt * (blame - 0.5)
        - member.follow_progress * state.progress
    )
    if issuer == Issuer.BLOCS and (mediator_did or state.executed[0] > 0.0):
        z += member.follow_lead
    return 1.0 / (1.0 + math.exp(-z))


@compiled
def refusal_answered_chance(
    member: Member, state: State, policy: Policy, threat: int, mediator_did: bool
) -> float:
    """Chance that a threat against refusal is carried out when it falls due.

    A lever may have an issuer of sanctions always or never keep its word; nobody knows of that.
    """
    if threat != Threat.AID:
        word = policy.follow_through[threat]
        if word != FollowThrough.DRAWN:
            return 1.0 if word == FollowThrough.KEPT else 0.0
    return follow_through_chance(member, state, policy, threat, mediator_did)


@compiled
def next_since(state: State, policy: Policy, threat: int, day: int) -> int:
    """The day from which a threat's clock runs: when its lever was set above zero."""
    if policy.threat[threat] <= 0.0:
        return NONE
    if state.threat_since[threat] == NONE:
        return day
    return state.threat_since[threat]


@compiled
def renew_clocks(state: State, before: Policy, after: Policy, day: int) -> None:
    """Start a threat's clock anew on the day on which it is raised or given another deadline."""
    for threat in range(3):
        raised = after.threat[threat] > before.threat[threat]
        if state.threat_since[threat] != NONE and (
            raised or after.deadline_days != before.deadline_days
        ):
            state.threat_since[threat] = day


@compiled
def learn(member: Member, state: State, day: Day) -> None:
    """Update the belief in each issuer's word by what it did, and forget a little.

    A threat let pass by the mediator also lowers belief in its backstop; so does, in full, a
    backstop that was called upon and not honoured.
    """
    forget(member, state)
    for threat in range(3):
        issuer = issuer_of(threat)
        if day.met[threat]:
            state.kept[issuer] += 1.0
        if day.lapsed[threat]:
            state.lapsed[issuer] += 1.0
            if issuer == Issuer.MEDIATOR:
                state.lapsed[Issuer.BACKSTOP] += member.backstop_spill
    if day.backstop_called:
        if day.backstop_honoured:
            state.kept[Issuer.BACKSTOP] += 1.0
        else:
            state.lapsed[Issuer.BACKSTOP] += 1.0


@compiled
def forget(member: Member, state: State) -> None:
    """Forget a little of what each issuer has done."""
    remembered = 1.0 - member.belief_forgetting
    for issuer in range(3):
        state.kept[issuer] *= remembered
        state.lapsed[issuer] *= remembered


@compiled
def carry_out(state: State, policy: Policy, day: Day) -> None:
    """Apply what was carried out today: sanctions in force rise, or arms supply falls.

    A threat for refusing is spent by it, and what it adds will go for accepting; one on breach
    stands for the next truce.
    """
    for threat in range(3):
        if day.met[threat]:
            if not day.breach:
                state.executed[threat] = policy.threat[threat]
            if threat == Threat.AID:
                state.aid_cut += day.bite[threat]
            else:
                added = min(1.0 - state.sanctions, day.bite[threat])
                state.sanctions += added
                if not day.breach:
                    state.coerced += added
