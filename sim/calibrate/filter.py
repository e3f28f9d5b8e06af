"""One particle: a world of the record's days, in which what was observed is imposed and paid for.

The day is the forecast's own (`sim.engine.world`): where the record is silent a rule draws; where
it speaks, the action is imposed, and the log of the chance that the rule gave to it is noted.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.calibrate.looked_up import look_up, note_paid
from sim.calibrate.observations import (
    DayObservations,
    LikelihoodTrace,
    Observations,
    clear_observations,
    draw_windows,
)
from sim.calibrate.observed_acts import set_act
from sim.calibrate.observed_partial import observe_partial
from sim.calibrate.observed_rounds import log_of, observe_round
from sim.calibrate.observed_strikes import look_ahead, observe_strikes
from sim.calibrate.observed_truce import impose_decision, observe_truce
from sim.engine import world
from sim.engine.advance import advance_day, begin_world
from sim.engine.agenda import Course
from sim.engine.domain import LUCK_DAYS, NONE, TRUCE_DAYS, Side, Threat
from sim.engine.dtypes import Floats, Ints, Records
from sim.engine.jit import compiled
from sim.engine.records import Start, State, Workspace
from sim.engine.rules import answers, day, imposed, mediator, pressure, standing, truce
from sim.engine.streams import happens


class Pasts(NamedTuple):
    """Particles that are to live through a record.

    Attributes
    ----------
    members, starts
        One record a particle (`sim.engine.records.Layout`).
    rates
        By particle, the rate of rounds that nobody reported, in place of its member's own.
    luck
        By particle and stretch of days, the address of its luck.
    """

    members: Records
    starts: Records
    rates: Floats
    luck: Ints


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

    It stands where `sim.engine.world.decide` stands in a forecast; as there, what follows from the
    package is computed on the days on which something may read it.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    day.open_day(today)
    world.decide_reviews(clock, member, state, policy, today)
    today.mediator_leaves = seen.mediator_leaves
    today.direct_talk = seen.direct_talk
    if day.in_truce(state, clock.day):
        mediator.complete_package(member, state, policy, package)
        observe_truce(workspace, seen)
        if not today.breach:
            observe_pressure(workspace, seen)
        return
    if seen.truce_ends != NONE:
        seen.paid_truce_end = -math.inf
    observe_calendar(workspace, seen)
    if seen.told or today.round_held or today.pause_declared or state.partial_scope != NONE:
        mediator.complete_package(member, state, policy, package)
    observe_kept_pause(workspace, seen)
    if today.round_held:
        observe_round(workspace, seen)
    observe_partial(workspace, seen)
    observe_pressure(workspace, seen)


@compiled
def observe_evening(workspace: Workspace, actions: Records, trace: LikelihoodTrace) -> None:
    """Set the acts that were reported today."""
    today = workspace.clock.day
    for n in range(trace.lowest[today], trace.beyond[today]):
        if trace.when[n] == today:
            set_act(workspace, actions[n].kind, actions[n].who, actions[n].value)


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
    look_ahead(member, trace)
    begin_world(course, start, workspace)
    clear_observations(seen)
    observe_strikes(workspace, actions, trace)
    reported, unreported = 0.0, 0.0
    while clock.day < len(course.calendar) - 1:
        clock.world = luck[clock.day // LUCK_DAYS]
        advance_day(course, workspace)
        open_observations(clock.day, actions, trace, seen)
        observe(workspace, seen)
        day.apply_day(clock, member, state, policy, package, today)
        begin_or_expire(workspace, seen)
        trace.silent[clock.day] = seen.silent
        trace.excluded[clock.day] = seen.excluded
        if seen.told:
            note_paid(clock.day, actions, trace, seen)
            observe_evening(workspace, actions, trace)
        if trace.bent[clock.day]:
            observe_strikes(workspace, actions, trace)
        if seen.told or trace.bent[clock.day]:
            reported = trace.reported.sum()
        unreported += seen.silent + seen.excluded
        trace.so_far[clock.day] = unreported + reported


@compiled
def open_observations(
    today: int, actions: Records, trace: LikelihoodTrace, seen: DayObservations
) -> None:
    """Start a day with what the record has for it.

    What was of the day before is cleared only if there was something.
    """
    if seen.told:
        clear_observations(seen)
    seen.silent = 0.0
    seen.excluded = 0.0
    if trace.told[today]:
        look_up(today, actions, trace, seen)


@compiled
def filter_block(
    course: Course,
    pasts: Pasts,
    observations: Observations,
    workspace: Workspace,
    found: Likelihoods,
) -> None:
    """Run particles through the record.

    Parameters
    ----------
    course
        Levers and calendar of the record's days, or of the first of them.
    workspace
        From `sim.engine.records.new_workspace`, with the seed.
    found
        Overwritten.
    """
    trace = observations.trace
    for n in range(len(pasts.members)):
        workspace.member = pasts.members[n]
        workspace.member.round_rate = pasts.rates[n]
        filter_particle(course, pasts.starts[n], pasts.luck[n], workspace, observations)
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
