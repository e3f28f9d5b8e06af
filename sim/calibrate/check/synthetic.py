"""A synthetic history: drawn by the model itself, coded as the real one was; checks the filter.

The structure of a record is kept: who was asked on which days, what was reported of it, which
offers and decisions there were. What was said and done is drawn by the rules that forecast
(`synthetic_day`), and what they bring about besides is coded too: a pause, that the mediator
leaves, that a truce or a partial one ends. While a truce is agreed or in force, what the structure
would ask has no place, and is left out of what is coded. Along the way the log of the chance of
what is coded is summed up, by the formulas of the filter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.check.synthetic_day import draw_day
from sim.calibrate.filter import begin_or_expire
from sim.calibrate.looked_up import look_up
from sim.calibrate.observations import (
    DayObservations,
    Kind,
    LikelihoodTrace,
    Observations,
    clear_observations,
    draw_windows,
)
from sim.calibrate.observed_partial import partial_told
from sim.calibrate.observed_strikes import STRIKE_ERROR
from sim.engine.advance import advance_day, begin_world
from sim.engine.agenda import Course
from sim.engine.domain import NONE
from sim.engine.dtypes import Floats, Ints, Records
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Policy, Start, State, Workspace
from sim.engine.rules import (
    answers,
    day,
    gains,
    mediator,
    standing,
)
from sim.engine.streams import Purpose, normal, uniforms

LEFT_OUT = NONE
"""The kind of an action that has no place in a history."""
PAUSED, LEFT, PARTIAL_ENDED, TRUCE_ENDED = 1, 2, 4, 8
"""What came on a day that no structure asks for: bits, the last one of four, by exit or incident
and by side."""


# ------------------------------------------------------------------ the coding


@compiled
def is_coded(today: Day, seen: DayObservations) -> bool:
    """Whether the day can stand in a record like the real one.

    No full truce agreed in a round whose answers are not reported, no partial truce agreed and no
    threat carried out on a day for which the record has nothing of it: the press would have told.
    That is plain to anyone who reads the record, so that leaving such histories out does not bend
    what the others say.
    """
    if today.backstop_honoured or (day.both_accepted(today) and not seen.agreed):
        return False
    if today.partial_scope != NONE and not partial_told(seen):
        return False
    untold = 0
    for threat in range(3):
        untold += int(today.met[threat] and seen.decision[threat] == NONE)
    return untold == 0


@compiled
def leave_out(clock: Clock, actions: Records, trace: LikelihoodTrace) -> None:
    """Take out what the structure asks today, since a truce is agreed or in force."""
    for n in range(len(actions)):
        if trace.when[n] == clock.day and actions[n].kind not in (Kind.STRIKES, Kind.PLEDGE):
            actions[n].kind = LEFT_OUT
            trace.when[n] = NONE
            for other in range(len(actions)):
                if actions[other].partner == n:
                    actions[other].partner = NONE


@compiled
def besides(today: Day) -> int:
    """What the rules brought about today that no structure asks for, as bits."""
    found = 0
    if today.pause_declared:
        found |= PAUSED
    if today.mediator_leaves:
        found |= LEFT
    if today.partial_ends:
        found |= PARTIAL_ENDED
    if today.truce_ends != NONE:
        found |= TRUCE_ENDED << (2 * today.truce_ends + today.breaker)
    return found


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
    besides
        By member and day, what the rules brought about that the structure did not ask for: bits,
        `PAUSED` and the like.
    coded, log_chance, ends
        By member: whether the history can be coded, the log of its chance, its end.
    """

    actions: Records
    besides: Ints
    coded: NDArray[np.bool_]
    log_chance: Floats
    ends: Records


@compiled
def draw_history(
    course: Course,
    start: Start,
    luck: Ints,
    workspace: Workspace,
    observations: Observations,
    happened: Ints,
) -> tuple[bool, float]:
    """Draw a history; say whether it can be coded, and the log chance of what is.

    Its actions keep their days and windows and take the values drawn; ``happened`` takes, by day,
    what came besides.
    """
    clock, member, policy = workspace.clock, workspace.member, workspace.policy
    state, package, today = workspace.state, workspace.package, workspace.today
    actions, trace, seen = observations.actions, observations.trace, observations.today[0]
    draw_windows(clock, luck, actions, trace)
    begin_world(course, start, workspace)
    code_evening(clock, state, actions, trace)
    total = 0.0
    while clock.day < len(course.calendar) - 1:
        advance_day(course, workspace)
        clear_observations(seen)
        if state.truce_starts != NONE:
            leave_out(clock, actions, trace)
        look_up(clock.day, actions, trace, seen)
        total += draw_day(workspace, observations)
        if not is_coded(today, seen):
            return False, total
        happened[clock.day] = besides(today)
        code_day(clock, today, actions, trace)
        day.apply_day(clock, member, state, policy, package, today)
        begin_or_expire(workspace, seen)
        code_evening(clock, state, actions, trace)
    return True, total


@compiled
def draw_histories(
    course: Course,
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
    luck = np.zeros(len(course.calendar), np.int64)
    for n in range(len(members)):
        luck[:] = n
        workspace.clock.world = n
        workspace.member = members[n]
        own = Observations(found.actions[n], observations.today, observations.trace)
        found.coded[n], found.log_chance[n] = draw_history(
            course, starts[n], luck, workspace, own, found.besides[n]
        )
        last = len(course.calendar) - 1
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
