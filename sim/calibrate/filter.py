"""One particle: a world of the record's days, in which what was observed is imposed and paid for.

The day is the forecast's own (`sim.engine.world`): where the record is silent a rule draws; where
it speaks, the action is imposed, and the log of the chance that the rule gave to it is noted.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.calibrate.observations import (
    DayObservations,
    Kind,
    LikelihoodTrace,
    Observations,
    clear_observations,
    draw_windows,
    look_up,
    note_paid,
)
from sim.calibrate.observed_acts import set_act
from sim.calibrate.observed_rounds import log_of, observe_round
from sim.calibrate.observed_truce import impose_decision, observe_truce
from sim.engine import world
from sim.engine.advance import advance_day, begin_world
from sim.engine.agenda import Course
from sim.engine.domain import LUCK_DAYS, NONE, TRUCE_DAYS, Answer, Side, Threat
from sim.engine.dtypes import Floats, Ints, Records
from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Package, Policy, Start, State, Workspace
from sim.engine.rules import answers, day, gains, imposed, mediator, pressure, standing, truce
from sim.engine.streams import Purpose, happens, normal, uniforms

STRIKE_ERROR = 0.2
"""Error of the sign of a reported change of strikes, in logs; assumed."""


class Likelihoods(NamedTuple):
    """What a block of particles leaves behind, a row a particle.

    Attributes
    ----------
    reported
        Log chances by action, shape (particles, actions).
    silent, excluded
        Log chances by day, shape (particles, days + 1): see `sim.calibrate.observations`.
    so_far
        Log chances of the days from 1 up to each, shape (particles, days + 1).
    ends
        The states on the evening of the last day (`sim.engine.records.Start`).
    """

    reported: Floats
    silent: Floats
    excluded: Floats
    so_far: Floats
    ends: Records


# ------------------------------------------------------------------ the rest of the day


@compiled
def observe_calendar(workspace: Workspace, seen: DayObservations) -> None:
    """Set rounds, talks, pauses and the mediator's leaving as the record has them.

    A round that was announced is held on its day; between the rounds of the record others are drawn
    at the member's rate. None is held while a truce is agreed.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    today = workspace.today
    today.mediated = not state.mediator_left
    today.pause_declared = seen.pause != NONE
    leaves = mediator.walkaway_hazard(member, state)
    if seen.mediator_leaves:
        seen.paid_leaving = log_of(leaves)
    else:
        seen.silent += log_of(1.0 - leaves)
    observe_pause(state, mediator.pause_chance(member, state, clock.holiday), seen)
    reported = seen.round_reported or seen.answer[0] != NONE or seen.answer[1] != NONE
    called = happens(mediator.round_rate(member, state, clock.day), today.calendar[0])
    if state.mediator_left:
        called = today.direct_talk
    called = called or mediator.round_is_due(state, clock)
    today.round_held = reported or (called and not seen.awaited)
    if state.truce_starts != NONE:
        today.round_held = False
        for side in range(2):
            if seen.answer[side] != NONE:
                seen.paid_answer[side] = -math.inf


@compiled
def observe_pause(state: State, chance: float, seen: DayObservations) -> None:
    """Pay for a pause that R declared, or that it declared none.

    One by U, and one that prolongs another, have no chance by any rule: they are set.
    """
    if seen.pause == Side.R and state.pause_until < 0 and state.truce_starts < 0:
        seen.paid_pause = log_of(chance)
    elif seen.pause == NONE:
        seen.silent += log_of(1.0 - chance)


@compiled
def observe_kept_pause(workspace: Workspace, seen: DayObservations) -> None:
    """Impose whether the pause declared today was kept by the other side, if that was told."""
    member, state, today = workspace.member, workspace.state, workspace.today
    world.decide_pause(workspace.clock, member, state, workspace.policy, workspace.package, today)
    if seen.pause == Side.U:
        today.pause_mirrored = seen.pause_kept == 1
    elif seen.pause == Side.R and seen.pause_kept != NONE:
        keeps = answers.mirror_chance(member, state, workspace.policy, workspace.package)
        today.pause_mirrored = seen.pause_kept == 1
        seen.paid_pause += log_of(keeps if seen.pause_kept == 1 else 1.0 - keeps)


@compiled
def partial_yes(
    member: Member, state: State, policy: Policy, package: Package, side: int, scope: int
) -> float:
    """The chance that a side accepts a partial truce that is put to it."""
    gained = gains.partial_gain(member, state, policy, package, side, scope)
    yes, _ = answers.answer_chances(member, state, policy, side, 1.0, gained)
    return yes


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
    total = 0.0
    for scope in range(3):
        total += both_yes(member, state, policy, package, scope)
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
    if not partial_told(seen):
        untold = untold_partial_chance(member, state, policy, package, workspace.today)
        seen.silent += log_of(1.0 - untold)
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
    observe_partial_in_force(workspace, seen)


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


@compiled
def observe_pressure(workspace: Workspace, seen: DayObservations) -> None:
    """Impose what was decided on threats: where nothing was reported, they were let pass."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, today = workspace.policy, workspace.today
    for threat in range(3):
        due = pressure.falls_due(state, policy, threat, clock.day) and not seen.agreed
        if seen.decision[threat] != NONE or due:
            led = today.met[Threat.MEDIATOR_SANCTIONS]
            chance = pressure.refusal_answered_chance(member, state, policy, threat, led)
            impose_decision(workspace, seen, threat, chance)
            bite = pressure.bite(member, state, policy, threat)
            size = seen.size[threat]
            today.bite[threat] = imposed.told_bite(member, state, policy, threat, size, bite)


@compiled
def observe(workspace: Workspace, seen: DayObservations) -> None:
    """Decide a day of the record: what it reports is imposed, the rest is drawn.

    It stands where `sim.engine.world.decide` stands in a forecast.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    day.open_day(today)
    mediator.complete_package(member, state, policy, package)
    world.decide_reviews(clock, member, state, policy, today)
    today.mediator_leaves = seen.mediator_leaves
    today.direct_talk = seen.direct_talk
    if day.in_truce(state, clock.day):
        observe_truce(workspace, seen)
        if not today.breach:
            observe_pressure(workspace, seen)
        return
    if seen.truce_ends != NONE:
        seen.paid_truce_end = -math.inf
    observe_calendar(workspace, seen)
    observe_kept_pause(workspace, seen)
    if today.round_held:
        observe_round(workspace, seen)
    observe_partial(workspace, seen)
    observe_pressure(workspace, seen)


@compiled
def below(z: float) -> float:
    """The chance that a standard normal is below ``z``."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@compiled
def guided_strike_proposal(
    workspace: Workspace, actions: Records, trace: LikelihoodTrace, n: int
) -> None:
    """Move today's shock towards the change of strikes that was reported, and weigh for it.

    Left to chance, most particles would die of a luck that says nothing about their parameters.
    Each shock of the window is drawn given that the change will be as reported if nobody refuses
    any more; the chance of that enters the weight, once, and again when a refusal has changed it.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    who, sign = actions[n].who, actions[n].value
    left = actions[n].last_day - clock.day
    sd, kept = member.strike_sd, member.strike_persistence
    variance = STRIKE_ERROR * STRIKE_ERROR
    for later in range(left):
        variance += (sd * kept**later) ** 2
    u, v, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.STRIKES, who)
    unmoved = state.strike[who] - sd * workspace.today.shock[1 + who]
    scale = sd * kept**left
    spread = math.sqrt(variance + scale * scale)
    centre = sign * (kept**left * unmoved - trace.before[n])
    chance = below(centre / spread)
    trace.reported[n] += log_of(chance) - trace.ahead[n]
    reported = centre - spread * normal(max(1e-10, u * chance))
    shock = sign * scale * (reported - centre) / (spread * spread)
    shock += math.sqrt(variance) / spread * normal(v)
    state.strike[who] = unmoved + sd * shock
    reported_change = sign * (kept**left * state.strike[who] - trace.before[n])
    trace.ahead[n] = log_of(below(reported_change / math.sqrt(variance)))


@compiled
def observe_evening(workspace: Workspace, actions: Records, trace: LikelihoodTrace) -> None:
    """Set the acts that were reported, and let strikes change as was reported."""
    today, state = workspace.clock.day, workspace.state
    for n in range(len(actions)):
        if trace.when[n] == today:
            set_act(workspace, actions[n].kind, actions[n].who, actions[n].value)
        if actions[n].kind == Kind.STRIKES:
            if today == actions[n].first_day - 1:
                trace.before[n] = state.strike[actions[n].who]
                trace.ahead[n] = 0.0
            elif actions[n].first_day <= today <= actions[n].last_day:
                guided_strike_proposal(workspace, actions, trace, n)


@compiled
def begin_or_expire(workspace: Workspace, seen: DayObservations) -> None:
    """Let a truce whose second acceptance came today take effect, and end one at its term.

    A forecast ends with the truce's term, so that only a record lives on beyond it.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    if seen.agreed:
        if state.truce_starts == NONE:
            truce.take_effect(member, state, workspace.package, clock.day)
            state.review_due = True
        state.truce_starts = max(state.truce_starts, seen.starts)
    if state.truce_day >= TRUCE_DAYS:
        truce.expire(state, clock.day)


@compiled
def filter_particle(
    course: Course, start: Start, luck: Ints, workspace: Workspace, observations: Observations
) -> None:
    """Run one particle through the record; its state is left in the workspace.

    Parameters
    ----------
    luck
        The address of the luck of each stretch of `LUCK_DAYS` days.
    """
    clock, member, policy = workspace.clock, workspace.member, workspace.policy
    state, package, today = workspace.state, workspace.package, workspace.today
    actions, trace, seen = observations.actions, observations.trace, observations.today[0]
    draw_windows(clock, luck, actions, trace)
    begin_world(course, start, workspace)
    observe_evening(workspace, actions, trace)
    unreported = 0.0
    while clock.day < len(course.calendar) - 1:
        clock.world = luck[clock.day // LUCK_DAYS]
        advance_day(course, workspace)
        clear_observations(seen)
        if trace.eventful[clock.day]:
            look_up(clock.day, actions, trace, seen)
        observe(workspace, seen)
        day.apply_day(clock, member, state, policy, package, today)
        begin_or_expire(workspace, seen)
        trace.silent[clock.day] = seen.silent
        trace.excluded[clock.day] = seen.excluded
        if trace.eventful[clock.day]:
            note_paid(clock.day, actions, trace, seen)
            observe_evening(workspace, actions, trace)
        unreported += seen.silent + seen.excluded
        trace.so_far[clock.day] = unreported + trace.reported.sum()


@compiled
def filter_block(
    course: Course,
    members: Records,
    starts: Records,
    luck: Ints,
    observations: Observations,
    workspace: Workspace,
    found: Likelihoods,
) -> None:
    """Run particles through the record, one a member.

    Parameters
    ----------
    course
        Levers and calendar of the record's days, or of the first of them.
    luck
        By particle and stretch of days, the address of its luck.
    workspace
        From `sim.engine.records.new_workspace`, with the seed.
    found
        Overwritten.
    """
    trace = observations.trace
    for n in range(len(members)):
        workspace.member = members[n]
        filter_particle(course, starts[n], luck[n], workspace, observations)
        for k in range(len(trace.reported)):
            found.reported[n, k] = trace.reported[k]
        for k in range(len(trace.silent)):
            found.silent[n, k] = trace.silent[k]
            found.excluded[n, k] = trace.excluded[k]
            found.so_far[n, k] = trace.so_far[k]
        standing.snapshot(
            workspace.state,
            workspace.policy,
            workspace.package,
            workspace.clock.day,
            found.ends[n],
        )
