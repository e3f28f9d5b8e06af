"""Reviews: when it is time, each bloc weighs anew what it pledges and where it stands."""

from __future__ import annotations

from sim.engine.domain import Side
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Policy, State
from sim.engine.rules import blocs, mediator


@compiled
def decide(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Each bloc reviews its pledge and its stance when it is time."""
    today.reviewed = blocs.review_falls(state, policy, clock.review)
    if today.reviewed:
        hold(member, state, policy, today)


@compiled
def hold(member: Member, state: State, policy: Policy, today: Day) -> None:
    """Each bloc reviews its pledge, on what the others pledged before, and its stance."""
    blame = mediator.blame_on(member, state, policy, Side.R)
    for bloc in range(len(today.pledge)):
        others = blocs.others_pledge(member, state, policy, bloc)
        today.pledge[bloc] = blocs.pledge(member, bloc, policy.backstop, others)
        today.stance[bloc] = blocs.stance(member, bloc, blame)
