"""A synthetic history: drawn by the model itself, coded as the real one was; checks the filter.

The structure of a record is kept: who was asked on which days, what was reported of it, which
offers and decisions there were. What was said and done is drawn by the rules that forecast. Along
the way the log of the chance of what is coded is summed up, by the formulas of the filter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.filter import (
    STRIKE_ERROR,
    partial_told,
    partial_yes,
    untold_partial_chance,
)
from sim.calibrate.observations import (
    DayObservations,
    Kind,
    LikelihoodTrace,
    Observations,
    Other,
    clear_observations,
    draw_windows,
    look_up,
)
from sim.calibrate.observed_rounds import chances, hopes, log_of, open_round
from sim.engine import world
from sim.engine.advance import advance_day, begin_world
from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, Answer, Side
from sim.engine.dtypes import Floats, Ints, Records
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Policy, Start, State, Workspace
from sim.engine.rules import (
    answers,
    day,
    gains,
    mediator,
    pressure,
    proposal,
    standing,
    truce,
)
from sim.engine.rules.answers import Refusals
from sim.engine.streams import Purpose, normal, uniforms

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
    proposal.expect_answers(member, state, today, refusals)
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
    world.answer_round(clock, member, state, policy, package, today, refusals)
    return round_chance(member, state, policy, today, reported_r, reported_u)


# ------------------------------------------------------------------ the rest of a day


@compiled
def draw_calendar(workspace: Workspace, seen: DayObservations) -> float:
    """Draw pauses, leaving and unreported rounds; reported ones and talks are the record's."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    today = workspace.today
    world.decide_calendar(clock, member, state, workspace.policy, today)
    today.direct_talk = seen.direct_talk
    reported = seen.round_reported or seen.answer[0] != NONE or seen.answer[1] != NONE
    today.round_held = reported or (today.round_held and not seen.awaited)
    chance = mediator.pause_chance(member, state, clock.holiday)
    stays = log_of(1.0 - mediator.walkaway_hazard(member, state))
    return stays + log_of(chance if today.pause_declared else 1.0 - chance)


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
        for side in range(2):
            stay = truce.partial_stay(member, state, policy, package, side)
            total += log_of(1.0 - truce.partial_end_chance(member, state, stay))
    return total


@compiled
def draw_pressure(workspace: Workspace, seen: DayObservations) -> float:
    """Draw decisions on threats, reported or falling due; return the log of their chance."""
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, today = workspace.policy, workspace.today
    total = 0.0
    for threat in range(3):
        reported = seen.decision[threat] != NONE
        if reported or pressure.falls_due(state, policy, threat, clock.day):
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


# ------------------------------------------------------------------ the coding


@compiled
def is_coded(today: Day, seen: DayObservations) -> bool:
    """Whether the day can stand in a record like the real one.

    No full truce, nobody left, no partial truce broken, none agreed and no threat carried out on a
    day for which the record has nothing of it: the press would have told. That is plain to anyone
    who reads the record, so that leaving such histories out does not bend what the others say.
    """
    if today.mediator_leaves or today.partial_ends or day.both_accepted(today):
        return False
    if today.partial_scope != NONE and not partial_told(seen):
        return False
    for threat in range(3):
        if today.met[threat] and seen.decision[threat] == NONE:
            return False
    if not today.round_held:
        return True
    for side in range(2):
        alone = seen.answer[side] != NONE and seen.answer[1 - side] == NONE
        follows = alone and seen.other[side] == Other.ACCEPTED
        if follows and today.answer[side] == Answer.ACCEPT:
            return False
    return True


@compiled
def code_day(clock: Clock, today: Day, actions: Records, trace: LikelihoodTrace) -> None:
    """Write what was said and done today into the actions that report it."""
    for n in range(len(actions)):
        if trace.when[n] == clock.day:
            if actions[n].kind == Kind.ANSWER:
                actions[n].value = float(today.answer[actions[n].who])
            elif actions[n].kind == Kind.DECISION:
                actions[n].value = 1.0 if today.met[actions[n].who] else 0.0


@compiled
def code_evening(clock: Clock, state: State, actions: Records, trace: LikelihoodTrace) -> None:
    """Set pledges, and report how strikes have changed, with its error."""
    for n in range(len(actions)):
        if actions[n].kind == Kind.PLEDGE and trace.when[n] == clock.day:
            state.pledge[actions[n].who] = actions[n].value
        if actions[n].kind == Kind.STRIKES:
            now = state.strike[actions[n].who]
            if clock.day == actions[n].first_day - 1:
                trace.before[n] = now
            if clock.day == actions[n].last_day:
                u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.STRIKES, n)
                rise = now - trace.before[n] + STRIKE_ERROR * normal(u)
                actions[n].value = 1.0 if rise > 0.0 else -1.0


class Histories(NamedTuple):
    """What a block of synthetic histories leaves behind, a row a member.

    Attributes
    ----------
    actions
        By member and action, the structure in each row; what was said is written into it.
    paused
        By member and day, whether a pause was declared.
    coded, log_chance, ends
        By member: whether the history can be coded, the log of its chance, its end.
    """

    actions: Records
    paused: NDArray[np.bool_]
    coded: NDArray[np.bool_]
    log_chance: Floats
    ends: Records


@compiled
def draw_history(
    agenda: Agenda,
    start: Start,
    luck: Ints,
    workspace: Workspace,
    observations: Observations,
    paused: NDArray[np.bool_],
) -> tuple[bool, float]:
    """Draw a history; say whether it can be coded, and the log chance of what is.

    Its actions keep their days and windows and take the values drawn; ``paused`` takes the days on
    which a pause was declared.
    """
    clock, member, policy = workspace.clock, workspace.member, workspace.policy
    state, package, today = workspace.state, workspace.package, workspace.today
    actions, trace, seen = observations.actions, observations.trace, observations.today[0]
    draw_windows(clock, luck, actions, trace)
    begin_world(agenda, start, workspace)
    code_evening(clock, state, actions, trace)
    total = 0.0
    while clock.day < len(agenda.segment_of_day) - 1:
        advance_day(agenda, workspace)
        clear_observations(seen)
        look_up(clock.day, actions, trace, seen)
        total += draw_day(workspace, observations)
        if not is_coded(today, seen):
            return False, total
        paused[clock.day] = today.pause_declared
        code_day(clock, today, actions, trace)
        day.apply_day(clock, member, state, policy, package, today)
        code_evening(clock, state, actions, trace)
    return True, total


@compiled
def draw_histories(
    agenda: Agenda,
    members: Records,
    starts: Records,
    observations: Observations,
    workspace: Workspace,
    found: Histories,
) -> None:
    """Draw a history for each member.

    Parameters
    ----------
    workspace
        From `sim.engine.records.new_workspace`, with the seed.
    found
        Overwritten, but for the structure of its actions.
    """
    luck = np.zeros(len(agenda.segment_of_day), np.int64)
    for n in range(len(members)):
        luck[:] = n
        workspace.clock.world = n
        workspace.member = members[n]
        own = Observations(found.actions[n], observations.today, observations.trace)
        found.coded[n], found.log_chance[n] = draw_history(
            agenda, starts[n], luck, workspace, own, found.paused[n]
        )
        last = len(agenda.segment_of_day) - 1
        standing.snapshot(workspace.state, workspace.policy, workspace.package, last, found.ends[n])


# ------------------------------------------------------------------ what the record predicts


@compiled
def next_yes(
    policy: Policy,
    members: Records,
    starts: Records,
    side: int,
    workspace: Workspace,
    chance: Floats,
) -> None:
    """Write the chance that a side accepts what the levers table next, if the other accepts."""
    state, package = workspace.state, workspace.package
    for n in range(len(members)):
        standing.begin(members[n], starts[n], policy, state)
        mediator.table_package(members[n], policy, package)
        mediator.complete_package(members[n], state, policy, package)
        gained = gains.signing_gain(members[n], state, policy, package, side)
        chance[n], _ = answers.answer_chances(members[n], state, policy, side, 1.0, gained)
