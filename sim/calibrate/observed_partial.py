"""Partial truces of the record: what was said to offers of them, that one lasted, how it ended."""

from __future__ import annotations

import math

from sim.calibrate.observations import DayObservations
from sim.calibrate.observed_rounds import log_of
from sim.engine.domain import NONE, Answer, Side
from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Package, Policy, State, Workspace
from sim.engine.rules import answers, day, gains, truce
from sim.engine.rules.answers import Refusal


@compiled
def yes_to_partial(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    refused: Refusal,
    side: int,
    scope: int,
) -> float:
    """The chance that a side accepts a partial truce, given what it has in view beside."""
    gained = gains.partial_gain(member, state, policy, package, side, scope)
    yes, _ = answers.mediated_chances(member, refused, 1.0, gained)
    return yes


@compiled
def partial_yes(
    member: Member, state: State, policy: Policy, package: Package, side: int, scope: int
) -> float:
    """The chance that a side accepts a partial truce that is put to it."""
    refused = answers.refusal(member, state, policy, side)
    return yes_to_partial(member, state, policy, package, refused, side, scope)


@compiled
def both_yes(member: Member, state: State, policy: Policy, package: Package, scope: int) -> float:
    """The chance that both sides accept a partial truce that is put to them."""
    yes = partial_yes(member, state, policy, package, 0, scope)
    return yes * partial_yes(member, state, policy, package, 1, scope)


@compiled
def untold_partial_chance(
    member: Member, state: State, policy: Policy, package: Package, today: Day
) -> float:
    """Chance that a partial truce is put after today's round and accepted, though none was told."""
    if not today.round_held or not today.mediated or state.partial_scope != NONE:
        return 0.0
    if today.answer[0] == NONE or today.answer[1] == NONE or day.both_accepted(today):
        return 0.0
    refused_r, refused_u = answers.refusals(member, state, policy)
    total = 0.0
    for scope in range(3):
        yes = yes_to_partial(member, state, policy, package, refused_r, 0, scope)
        total += yes * yes_to_partial(member, state, policy, package, refused_u, 1, scope)
    return member.partial_chance * total / 3.0


@compiled
def partial_told(seen: DayObservations) -> bool:
    """Whether the record tells of an offer of a partial truce today."""
    if seen.partial_starts != NONE or seen.partial_fails != NONE:
        return True
    for side in range(2):
        for scope in range(3):
            if seen.offered[side, scope] != NONE:
                return True
    return False


@compiled
def observe_partial(workspace: Workspace, seen: DayObservations) -> None:
    """Impose what was said to offers of partial truces, and that no other was agreed.

    That one in force lasts has a chance too.
    """
    member, state, policy = workspace.member, workspace.state, workspace.policy
    package = workspace.package
    if not seen.told or not partial_told(seen):
        untold = untold_partial_chance(member, state, policy, package, workspace.today)
        seen.silent += log_of(1.0 - untold)
    else:
        impose_offers(workspace, seen)
    observe_partial_in_force(workspace, seen)


@compiled
def impose_offers(workspace: Workspace, seen: DayObservations) -> None:
    """Impose what was said to offers of partial truces, and how those that were put fared."""
    member, state, policy = workspace.member, workspace.state, workspace.policy
    package = workspace.package
    if seen.partial_starts != NONE:
        workspace.today.partial_scope = seen.partial_starts
        seen.paid_partial = log_of(both_yes(member, state, policy, package, seen.partial_starts))
    elif seen.partial_fails != NONE:
        both = both_yes(member, state, policy, package, seen.partial_fails)
        seen.paid_partial = log_of(1.0 - both)
    for side in range(2):
        for scope in range(3):
            if seen.offered[side, scope] != NONE:
                yes = partial_yes(member, state, policy, package, side, scope)
                accepted = seen.offered[side, scope] == Answer.ACCEPT
                seen.paid_offered[side, scope] = log_of(yes if accepted else 1.0 - yes)


@compiled
def observe_partial_in_force(workspace: Workspace, seen: DayObservations) -> None:
    """Impose that the partial truce in force lasted today, or that it was ended, and by whom."""
    member, state, policy = workspace.member, workspace.state, workspace.policy
    package = workspace.package
    if state.partial_scope == NONE or workspace.clock.day < state.partial_starts:
        if seen.partial_ends:
            seen.paid_partial_end = -math.inf
        return
    stay_r = truce.partial_stay(member, state, policy, package, Side.R)
    stay_u = truce.partial_stay(member, state, policy, package, Side.U)
    ends_r = truce.partial_end_chance(member, state, stay_r)
    ends_u = truce.partial_end_chance(member, state, stay_u)
    if not seen.partial_ends:
        seen.silent += log_of((1.0 - ends_r) * (1.0 - ends_u))
        return
    workspace.today.partial_ends = True
    if seen.partial_ended_by == NONE:
        seen.paid_partial_end = log_of(1.0 - (1.0 - ends_r) * (1.0 - ends_u))
    else:
        seen.paid_partial_end = log_of(ends_r if seen.partial_ended_by == Side.R else ends_u)
