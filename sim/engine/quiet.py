"""Quiet days: those on which nothing can happen are passed over, and only what drifts moves.

Most days bring no round, no talk, no decision and no truce. `pass_days` finds them by bounds on
the chances of the day, and moves what drifts by the same rules as `sim.engine.rules.day.apply_day`,
kept in registers from day to day. The blocs may review what they pledge on such a day.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.agenda import Course
from sim.engine.domain import DATED_ROUND, HOLIDAY, LUCK_DAYS, NONE, REVIEW, Public
from sim.engine.jit import compiled
from sim.engine.records import Member, State, Workspace
from sim.engine.row import Row
from sim.engine.rules import blocs, day, front, mediator, pressure, price, reviews, rows
from sim.engine.streams import ready_luck


class Bounds(NamedTuple):
    """What no chance of the calendar exceeds in the days to come, whatever patience will be.

    Luck that is no less is sure to bring nothing.
    """

    called: float
    leaves: float
    talk: float
    pause: float
    holiday_pause: float


@compiled
def bounds(member: Member, state: State) -> Bounds:
    """Return the bounds: chances grow or fall with patience, which lies between 0 and 1."""
    gone = state.mediator_left
    thin = 1.0 if gone else 2.0
    return Bounds(
        0.0 if gone else mediator.engaged_rate(member, 1.0),
        0.0 if gone else mediator.leaving_hazard(member, 0.0),
        member.direct_rate,
        mediator.keeping_chance(member, thin, False),
        mediator.keeping_chance(member, thin, True),
    )


class Told(NamedTuple):
    """Where strikes and patience would be told of; out of reach where they were already."""

    strike_r: float
    strike_u: float
    patience: float


@compiled
def told(state: State, row: Row) -> Told:
    """Return where strikes and patience would be told of for the first time."""
    first = row.first_day
    return Told(
        state.strike_told[0] if first[Public.STRIKES_R] == NONE else math.inf,
        state.strike_told[1] if first[Public.STRIKES_U] == NONE else math.inf,
        state.patience_told if first[Public.PATIENCE_THIN] == NONE else -math.inf,
    )


@compiled
def last_day(course: Course, workspace: Workspace) -> int:
    """The last day before which nothing falls due that does not hang on luck or the calendar.

    Today where something that is under way asks for each day by itself. The luck of the days up
    to it is drawn.
    """
    clock, state, policy = workspace.clock, workspace.state, workspace.policy
    today = clock.day
    drawn = today % LUCK_DAYS
    under_way = (state.truce_starts & state.pause_until & state.partial_scope) != NONE
    under_way |= state.extension_asked | (workspace.tabled != workspace.segment)
    if under_way or clock.anew.purposes != 0 or blocs.review_falls(state, policy, False):
        return today
    if drawn == 0:
        ready_luck(clock, today + 1, workspace.luck)
    last = min(len(course.calendar) - 1, workspace.reacting.next_look, today - drawn + LUCK_DAYS)
    return min(last, pressure.next_due(state, policy, today) - 1)


@compiled
def pass_days(course: Course, workspace: Workspace, row: Row) -> bool:
    """Pass the quiet days that come next, of those whose luck is drawn; say whether any came."""
    clock, member, policy = workspace.clock, workspace.member, workspace.policy
    state, luck = workspace.state, workspace.luck
    first = clock.day
    last = last_day(course, workspace)
    if last <= first:
        return False
    most, news = bounds(member, state), told(state, row)
    levers = course.segments[workspace.reacting.row]
    calendar = course.calendar
    in_force = front.sanctions_in_force(state)
    supply = front.aid_now(state, policy)
    worn = mediator.a_day_wears(policy)
    price_r = price.day_of_war(member, state, policy, 0, in_force)
    price_u = price.day_of_war(member, state, policy, 1, in_force)
    worth_r, worth_u = row.worth[0], row.worth[1]
    momentum, lag = state.momentum, state.sanctions_lag
    strike_r, strike_u = state.strike[0], state.strike[1]
    patience, tilt, progress = state.patience, state.tilt, state.progress
    today = first
    while today < last:
        n = today % LUCK_DAYS
        marks = calendar[today + 1]
        pause = most.holiday_pause if marks & HOLIDAY != 0 else most.pause
        may = (luck.calendar[0, n] < most.called) | (luck.calendar[1, n] < most.leaves)
        may |= (luck.calendar[2, n] < most.talk) | (luck.calendar[3, n] < pause)
        may |= (marks & DATED_ROUND != 0) | (levers[today + 1] != workspace.segment)
        may |= (strike_r > news.strike_r) | (strike_u > news.strike_u) | (patience < news.patience)
        if may:
            break
        if marks & REVIEW != 0:
            state.tilt = tilt
            reviews.hold(member, state, policy, workspace.today)
            blocs.take_stands(state, policy, workspace.today)
        today += 1
        worth_r, worth_u = rows.charged(worth_r, price_r), rows.charged(worth_u, price_u)
        patience = mediator.patience_after(member, patience, progress, worn)
        tilt = mediator.tilt_returned(member, tilt, progress)
        tilt = mediator.tilt_kept(tilt + mediator.sympathy(member, strike_r, strike_u))
        shock = luck.normal[n]
        momentum = front.momentum_after(member, policy, supply, lag, momentum, shock)
        lag = front.lag_after(member, lag, in_force)
        strike_r = front.strike_after(member, strike_r, False, luck.normal[LUCK_DAYS + n])
        strike_u = front.strike_after(member, strike_u, False, luck.normal[2 * LUCK_DAYS + n])
        progress = mediator.progress_after(member, progress * state.progress_kept, 0, False)
    row.worth[0], row.worth[1] = worth_r, worth_u
    state.momentum, state.sanctions_lag = momentum, lag
    state.strike[0], state.strike[1] = strike_r, strike_u
    state.patience, state.tilt, state.progress = patience, tilt, progress
    clock.day = state.day = today
    day.age_conditions(state, today - first)
    for _ in range(first, today):
        pressure.forget(member, state)
    return today > first
