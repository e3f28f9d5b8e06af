"""The blocs: what each pledges to a contingent, and how far it stands behind sanctions."""

from __future__ import annotations

from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Policy, State


@compiled
def pledge(member: Member, bloc: int, backstop: float, others: float) -> float:
    """Share of its capability that a bloc pledges, 0 to 1.

    The mediator's backstop and the mean pledge of the others draw it in; its hidden type, kept
    from the start, holds it back.
    """
    raw = member.bloc_base + member.bloc_backstop * backstop + member.bloc_others * others
    return min(1.0, max(0.0, raw - member.bloc_type[bloc]))


@compiled
def stance(member: Member, bloc: int, blame_on_r: float) -> float:
    """Share of its part of the blocs' sanctions that a bloc stands ready for, 0 to 1."""
    raw = member.bloc_stance + member.bloc_blame * (blame_on_r - 0.5) - member.bloc_type[bloc]
    return min(1.0, max(0.0, raw))


@compiled
def pledged(state: State, policy: Policy, bloc: int) -> float:
    """What a bloc has pledged: what it chose, and no less than the lever has all pledge."""
    return max(state.pledge[bloc], policy.pledged)


@compiled
def others_pledge(member: Member, state: State, policy: Policy, bloc: int) -> float:
    """Mean pledge of the other blocs that could send troops; 0 if there is none."""
    total = 0.0
    number = 0
    for other in range(len(member.capability)):
        if other != bloc and member.capability[other] > 0.0:
            total += pledged(state, policy, other)
            number += 1
    return total / number if number > 0 else 0.0


@compiled
def contingent(member: Member, state: State, policy: Policy) -> float:
    """The pledged share of the contingent that all blocs together could send, 0 to 1."""
    total = 0.0
    for bloc in range(len(member.capability)):
        total += member.capability[bloc] * pledged(state, policy, bloc)
    return min(1.0, total)


@compiled
def sanctions_readiness(member: Member, state: State) -> float:
    """The share of the blocs' sanctions for which those who would impose them stand ready."""
    total = 0.0
    for bloc in range(len(member.sanctions_share)):
        total += member.sanctions_share[bloc] * state.stance[bloc]
    return min(1.0, total)


@compiled
def guarantee(member: Member, state: State, policy: Policy) -> float:
    """G, the protection of U after a truce, 0 none to 1 the fullest discussed."""
    backed = member.unbacked_worth + (1.0 - member.unbacked_worth) * policy.backstop
    return policy.ambition * backed * contingent(member, state, policy)


@compiled
def review_falls(state: State, policy: Policy, calendar_day: bool) -> bool:
    """Whether the blocs review today: after an event, or by the calendar outside a truce.

    What they pledge on the first day of a truce stands while it is in force.
    """
    if state.truce_starts >= 0:
        return state.review_due
    return calendar_day or state.review_due or policy.backstop != state.backstop_seen


@compiled
def take_stands(state: State, policy: Policy, today: Day) -> None:
    """Apply what the blocs decided in today's review."""
    state.backstop_seen = policy.backstop
    for bloc in range(len(state.pledge)):
        state.pledge[bloc] = today.pledge[bloc]
        state.stance[bloc] = today.stance[bloc]
