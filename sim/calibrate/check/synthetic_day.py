"""A day of a synthetic history: drawn by the forecast's rules, with the chance of what is coded.

See `synthetic`; the chances are those of the filter.
"""

from __future__ import annotations

from sim.calibrate.observations import (
    DayObservations,
    Kind,
    LikelihoodTrace,
    Observations,
    Other,
)
from sim.calibrate.observed_partial import partial_told, partial_yes, untold_partial_chance
from sim.calibrate.observed_rounds import chances, hopes, log_of, open_round
from sim.calibrate.observed_truce import comes_first, end_chances
from sim.engine import world
from sim.engine.domain import NONE, Answer, Side, TruceEnd
from sim.engine.dtypes import Records
from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Policy, State, Workspace
from sim.engine.rules import (
    answers,
    day,
    mediator,
    pressure,
    proposal,
    truce,
)
from sim.engine.rules.answers import Refusals
from sim.engine.streams import Purpose, uniforms

OFFERS = 2
"""Coded offers of partial truces take their luck after the two sides' own, see `draw_offers`."""

AGREED, REFUSED = float(Answer.ACCEPT), float(Answer.CONDITION)
"""How an answer to the offer of a partial truce is coded; a condition is a no."""


# ------------------------------------------------------------------ a round


@compiled
def answer_chance(member: Member, refusals: Refusals, today: Day, side: int) -> float:
    """Log of the chance of the answer that a side has given today."""
    yes, but = chances(member, refusals, today, side, today.p_other_accepts[side])
    if today.answer[side] == Answer.ACCEPT:
        return log_of(yes)
    return log_of(but if today.answer[side] == Answer.CONDITION else 1.0 - yes - but)


@compiled
def hold_alone(workspace: Workspace, seen: DayObservations, side: int) -> float:
    """Let one side answer whose partner answers on another day; return the log of its chance."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, today = workspace.policy, workspace.today
    refusals = answers.refusals(member, state, policy)
    open_round(workspace, seen, refusals)
    today.answer[1 - side] = NONE
    q = 1.0 if seen.other[side] == Other.ACCEPTED else 0.0
    if seen.other[side] == Other.TO_COME:
        q, _ = hopes(member, state, refusals, today, 1 - side)
    world.one_answer(clock, member, today, refusals[side], side, q)
    if today.mediated:
        proposal.expect_answers(member, state, today, refusals)
    accepted = today.answer[side] == Answer.ACCEPT
    seen.agreed = seen.other[side] == Other.ACCEPTED and accepted
    return answer_chance(member, refusals, today, side)


@compiled
def round_chance(
    member: Member, state: State, policy: Policy, today: Day, reported_r: bool, reported_u: bool
) -> float:
    """Log of the chance of what is reported of a round in which both sides answered."""
    refusals = answers.refusals(member, state, policy)
    if not reported_r and not reported_u:
        first = today.first_mover
        yes, _ = chances(member, refusals, today, first, today.p_other_accepts[first])
        follows, _ = chances(member, refusals, today, 1 - first, 1.0)
        return log_of(1.0 - yes * follows)
    total = 0.0
    for side in range(2):
        own = reported_r if side == Side.R else reported_u
        others = reported_u if side == Side.R else reported_r
        if own:
            total += answer_chance(member, refusals, today, side)
        elif others and today.answer[1 - side] == Answer.ACCEPT:
            yes, _ = chances(member, refusals, today, side, today.p_other_accepts[side])
            total += log_of(1.0 - yes)
    return total


@compiled
def hold_round(workspace: Workspace, seen: DayObservations) -> float:
    """Hold a round as the record has it; return the log of the chance of what is coded of it."""
    reported_r, reported_u = seen.answer[0] != NONE, seen.answer[1] != NONE
    if reported_r != reported_u:
        side = 0 if reported_r else 1
        if seen.other[side] != Other.UNTOLD:
            return hold_alone(workspace, seen, side)
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    refusals = answers.refusals(member, state, policy)
    open_round(workspace, seen, refusals)
    if today.mediated:  # a forecast has this from weighing, which a tabled package goes without
        today.p_other_accepts[0] = today.p_other_accepts[1] = 1.0
        proposal.expect_answers(member, state, today, refusals)
    world.answer_round(clock, member, state, policy, package, today, refusals)
    seen.agreed = reported_r and reported_u and day.both_accepted(today)
    return round_chance(member, state, policy, today, reported_r, reported_u)


# ------------------------------------------------------------------ the rest of a day


@compiled
def draw_calendar(workspace: Workspace, seen: DayObservations) -> float:
    """Draw pauses, leaving and unreported rounds; reported ones and talks are the record's."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    today = workspace.today
    world.decide_calendar(clock, member, state, workspace.policy, today)
    today.direct_talk = seen.direct_talk
    if state.mediator_left:
        today.round_held = today.direct_talk or mediator.round_is_due(state, clock)
    reported = seen.round_reported or seen.answer[0] != NONE or seen.answer[1] != NONE
    today.round_held = reported or (today.round_held and not seen.awaited)
    if state.truce_starts != NONE:
        today.round_held = False
    chance = mediator.pause_chance(member, state, clock.holiday)
    leaves = mediator.walkaway_hazard(member, state)
    total = log_of(leaves if today.mediator_leaves else 1.0 - leaves)
    return total + log_of(chance if today.pause_declared else 1.0 - chance)


@compiled
def draw_offers(workspace: Workspace, actions: Records, trace: LikelihoodTrace) -> float:
    """Draw what is said to the record's offers of partial truces, and whether one lasts."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    total = 0.0
    for n in range(len(actions)):
        kind, scope = actions[n].kind, actions[n].scope
        if trace.when[n] != clock.day or kind not in (Kind.PARTIAL_STARTS, Kind.PARTIAL_ANSWER):
            continue
        luck = uniforms(clock.seed, clock.world, clock.day, Purpose.PARTIAL_ANSWER, OFFERS + n)
        if kind == Kind.PARTIAL_ANSWER:
            yes = partial_yes(member, state, policy, package, actions[n].who, scope)
            accepted = luck[0] < yes
            actions[n].value = AGREED if accepted else REFUSED
        else:
            yes_r = partial_yes(member, state, policy, package, 0, scope)
            yes_u = partial_yes(member, state, policy, package, 1, scope)
            yes = yes_r * yes_u
            accepted = luck[0] < yes_r and luck[1] < yes_u
            actions[n].value = 1.0 if accepted else 0.0
            if accepted:
                today.partial_scope = scope
        total += log_of(yes if accepted else 1.0 - yes)
    world.decide_partial_in_force(clock, member, state, policy, package, today)
    if state.partial_scope != NONE and clock.day >= state.partial_starts:
        lasts = 1.0
        for side in range(2):
            stay = truce.partial_stay(member, state, policy, package, side)
            lasts *= 1.0 - truce.partial_end_chance(member, state, stay)
        total += log_of(1.0 - lasts if today.partial_ends else lasts)
    return total


@compiled
def draw_truce(workspace: Workspace) -> float:
    """Draw a day of truce; return the log of the chance that it lasts, or of how it ends."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    exit_r, exit_u, patience_r, patience_u = end_chances(workspace)
    world.decide_truce(clock, member, state, policy, package, today)
    if today.truce_ends == NONE:
        return log_of((1.0 - exit_r) * (1.0 - exit_u) * (1.0 - patience_r) * (1.0 - patience_u))
    by_r = today.breaker == Side.R
    if today.truce_ends == TruceEnd.EXIT:
        mine, other = (exit_r, exit_u) if by_r else (exit_u, exit_r)
        total = log_of(comes_first(mine, other, patience_r, patience_u))
    else:
        mine, other = (patience_r, patience_u) if by_r else (patience_u, patience_r)
        total = log_of(comes_first(mine, other, exit_r, exit_u))
    return total + breach_chance(workspace)


@compiled
def breach_chance(workspace: Workspace) -> float:
    """Log of the chance that what was threatened on breach is let pass, and the backstop too."""
    member, state, policy = workspace.member, workspace.state, workspace.policy
    today = workspace.today
    total = 0.0
    if today.breach:
        for threat in range(3):
            if pressure.target_of(threat) == today.breaker:
                chance = pressure.follow_through_chance(member, state, policy, threat, False)
                total += log_of(1.0 - chance)
    if today.backstop_called:
        chance = pressure.follow_through_chance(member, state, policy, 0, False)
        total += log_of(1.0 - chance)
    return total


@compiled
def draw_pressure(workspace: Workspace, seen: DayObservations) -> float:
    """Draw decisions on threats, reported or falling due; return the log of their chance."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, today = workspace.policy, workspace.today
    total = 0.0
    for threat in range(3):
        reported = seen.decision[threat] != NONE
        due = pressure.falls_due(state, policy, threat, clock.day) and not seen.agreed
        if reported or due:
            led = today.met[0] != 0
            chance = pressure.refusal_answered_chance(member, state, policy, threat, led)
            world.carry_or_lapse(
                clock, member, state, policy, today, threat, Purpose.FOLLOW_THROUGH
            )
            today.bite[threat] = pressure.bite(member, state, policy, threat)
            total += log_of(chance if today.met[threat] else 1.0 - chance)
    return total


@compiled
def draw_day(workspace: Workspace, observations: Observations) -> float:
    """Decide a day by the forecast's rules; return the log of the chance of what is coded of it."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    seen = observations.today[0]
    day.open_day(today)
    mediator.complete_package(member, state, policy, package)
    world.decide_reviews(clock, member, state, policy, today)
    if day.in_truce(state, clock.day):
        return draw_truce(workspace)
    total = draw_calendar(workspace, seen)
    world.decide_pause(clock, member, state, policy, package, today)
    if today.round_held:
        total += hold_round(workspace, seen)
        if not partial_told(seen):
            total += log_of(1.0 - untold_partial_chance(member, state, policy, package, today))
            if today.answer[0] != NONE and today.answer[1] != NONE:
                world.decide_partial(clock, member, state, policy, package, today)
    total += draw_offers(workspace, observations.actions, observations.trace)
    total += draw_pressure(workspace, seen)
    return total
