"""The end of a day: what was decided moves the state, and is entered in the world's row.

All decide on yesterday's state; here everything moves, each value from yesterday's others.
"""

from __future__ import annotations

from sim.engine.domain import (
    DATED_ROUND,
    HOLIDAY,
    NONE,
    REVIEW,
    TRUCE_DAYS,
    WORLDS_PER_MEMBER,
    Answer,
)
from sim.engine.dtypes import Ints
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Package, Policy, State
from sim.engine.row import Row
from sim.engine.rules import answers, blocs, front, gains, mediator, pressure, truce


@compiled
def member_of(world: int, members: int) -> int:
    """The member of the ensemble that a world starts from."""
    return (world // WORLDS_PER_MEMBER) % members


@compiled
def turn(clock: Clock, calendar: Ints) -> None:
    """Turn the clock to the next day, with what the calendar has for it."""
    clock.day += 1
    marks = calendar[min(clock.day, len(calendar) - 1)]
    clock.review = marks & REVIEW != 0
    clock.holiday = marks & HOLIDAY != 0
    clock.dated_round = marks & DATED_ROUND != 0


@compiled
def goes_on(clock: Clock, horizon: int, state: State, row: Row) -> bool:
    """Whether a world has another day: to `held`, or the horizon and a truce in force on it."""
    return row.outcome == NONE and (clock.day < horizon or state.truce_starts != NONE)


@compiled
def open_day(today: Day) -> None:
    """Start a day on which nothing has been decided."""
    today.round_held = False
    today.mediated = False
    today.direct_talk = False
    today.reviewed = False
    today.pause_declared = False
    today.pause_mirrored = False
    today.extension_asked = False
    today.partial_scope = NONE
    today.partial_ends = False
    today.breach = False
    today.backstop_called = False
    today.backstop_honoured = False
    today.mediator_leaves = False
    today.truce_ends = NONE
    today.breaker = NONE
    for threat in range(3):
        today.met[threat] = False
        today.lapsed[threat] = False
    for row in range(4):
        today.incidents[row] = 0.0


@compiled
def in_truce(state: State, day: int) -> bool:
    """Whether a full truce is in force today."""
    return state.truce_starts != NONE and day >= state.truce_starts


@compiled
def count_answers(today: Day, kind: int) -> int:
    """How many sides gave this answer today."""
    if not today.round_held:
        return 0
    return int(today.answer[0] == kind) + int(today.answer[1] == kind)


@compiled
def both_accepted(today: Day) -> bool:
    """Whether a full truce was agreed today."""
    return count_answers(today, Answer.ACCEPT) == 2


@compiled
def remember_answers(state: State, today: Day) -> None:
    """Keep the last answers, and on which of the last sixty days a side named conditions.

    Only what was said to the mediator counts; a side may owe its answer still.
    """
    age_conditions(state, 1)
    for side in range(2):
        if today.round_held and today.mediated and today.answer[side] != NONE:
            state.last_answer[side] = today.answer[side]
            if today.answer[side] == Answer.CONDITION:
                state.condition_days[side] |= 1


@compiled
def age_conditions(state: State, days: int) -> None:
    """Let the days on which a side named conditions lie so many days further back."""
    for side in range(2):
        aged = state.condition_days[side] << days
        state.condition_days[side] = aged & answers.CONDITION_MEMORY_MASK


@compiled
def apply_front(member: Member, state: State, policy: Policy, today: Day) -> None:
    """Move momentum, lagged sanctions, and each side's strikes."""
    state.momentum = front.next_momentum(member, state, policy, today.shock[0])
    state.sanctions_lag = front.next_sanctions_lag(member, state)
    refused_r = today.round_held and today.answer[0] == Answer.REJECT
    refused_u = today.round_held and today.answer[1] == Answer.REJECT
    state.strike[0] = front.next_strike(member, state, 0, refused_r, today.shock[1])
    state.strike[1] = front.next_strike(member, state, 1, refused_u, today.shock[2])


@compiled
def apply_talks(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Move what the talks have moved: patience, blame, progress, beliefs, threats, pledges."""
    state.patience = mediator.next_patience(member, state, policy)
    state.tilt = mediator.next_tilt(member, state, today)
    apply_front(member, state, policy, today)
    conditions = count_answers(today, Answer.CONDITION)
    talked = today.direct_talk and not today.round_held
    state.progress = mediator.next_progress(member, state, conditions, talked)
    if today.round_held and today.mediated:
        mediator.learn_resolve(member, state, today)
    pressure.learn(member, state, today)
    pressure.carry_out(state, policy, today)
    for threat in range(3):
        state.threat_since[threat] = pressure.next_since(state, policy, threat, clock.day)
    remember_answers(state, today)
    if today.reviewed:
        blocs.take_stands(state, policy, today)
    decided = today.met[0] or today.met[1] or today.lapsed[0] or today.lapsed[1]
    state.review_due = (decided and not today.breach) or both_accepted(today)
    if today.mediator_leaves:
        state.mediator_left = True


@compiled
def apply_pause(clock: Clock, member: Member, state: State, today: Day) -> None:
    """Begin or end a short pause; one that both keep is a day of quiet."""
    state.extension_asked = today.extension_asked
    if today.pause_declared:
        days = today.imposed.days if today.imposed.days > 0 else int(member.pause_days)
        state.pause_until = clock.day + days
        state.pause_mirrored = today.pause_mirrored
    elif state.pause_until != NONE:
        if state.pause_mirrored:
            state.trust = min(1.0, state.trust + member.trust_day)
        if clock.day >= state.pause_until:
            state.pause_until = NONE


@compiled
def apply_partial(clock: Clock, member: Member, state: State, package: Package, today: Day) -> None:
    """Begin, count or end a partial truce; what both accepted takes effect tomorrow.

    The relief that it pays lasts as long as it does, and is what is on offer by the day's levers.
    """
    if state.partial_scope != NONE and clock.day >= state.partial_starts:
        state.partial_day += 1
        state.relieved = truce.partly_relieved(member, state, package, state.partial_scope)
        if today.partial_ends or state.partial_day >= TRUCE_DAYS:
            state.partial_scope = NONE
            state.relieved = 0.0
    if today.partial_scope != NONE:
        state.relieved = truce.partly_relieved(member, state, package, today.partial_scope)
        state.partial_scope = today.partial_scope
        state.partial_starts = clock.day + 1
        state.partial_day = 0


@compiled
def apply_truce(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Count a day of truce, or end it; a truce that both accepted takes effect tomorrow."""
    if in_truce(state, clock.day):
        for row in range(4):
            for n in range(6, 0, -1):
                state.incidents[row, n] = state.incidents[row, n - 1]
            state.incidents[row, 0] = today.incidents[row]
        both = 0.0
        for row in range(4):
            both += today.incidents[row]
        state.trust = truce.trust_in_truce(member, state, both)
        state.relieved = gains.lifted_by_truce(member, state, package)
        state.truce_day += 1
        if today.truce_ends != NONE:
            truce.collapse(member, state, clock.day)
            if today.backstop_honoured:
                truce.punish(member, state, policy, package)
    elif both_accepted(today):
        truce.take_effect(member, state, package, clock.day)


@compiled
def apply_day(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Let everything move by what was decided today."""
    apply_talks(clock, member, state, policy, today)
    apply_pause(clock, member, state, today)
    apply_partial(clock, member, state, package, today)
    apply_truce(clock, member, state, policy, package, today)
