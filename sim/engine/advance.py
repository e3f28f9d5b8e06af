"""How every telling of a world begins, and how it goes on to the next day.

A forecast, the filter, a synthetic history and the agents decide in ways of their own; what comes
before they decide stands here, once: the clock turns, levers change, luck is dealt. What they have
decided is applied by `sim.engine.rules.day.apply_day`.
"""

from __future__ import annotations

from sim.engine.agenda import Course
from sim.engine.domain import LUCK_DAYS, NONE
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Start, Workspace
from sim.engine.rules import day, mediator, pressure, reacting, standing
from sim.engine.scratch import Luck
from sim.engine.streams import ready_luck


@compiled
def begin_world(course: Course, start: Start, workspace: Workspace) -> None:
    """Put a member's start, the first day's levers and the package into the workspace.

    The package is what the levers table, or that of a truce that is agreed or in force already.

    ``workspace.member``, the address of luck (seed and world) and the agenda's row must be there
    already.
    """
    segment = course.segments[workspace.reacting.row, 1]
    workspace.segment = segment
    workspace.tabled = segment
    workspace.policy = course.policies[segment]
    member, policy, state = workspace.member, workspace.policy, workspace.state
    standing.begin(member, start, policy, state)
    mediator.table_package(member, policy, workspace.package)
    if state.truce_starts != NONE:
        standing.recall_package(member, start, workspace.package)
        workspace.tabled = NONE
    mediator.complete_package(member, state, policy, workspace.package)
    workspace.clock.day = 0


@compiled
def advance_day(course: Course, workspace: Workspace) -> None:
    """Go on to the next day: turn the clock, deal the day's luck, change the levers.

    What has reacted to the day before, and what is imposed, comes into force.

    The levers of the last day stay in force beyond the agenda, while a truce runs to its end. A
    package is not tabled anew while a truce is agreed or in force; if that was so from the start,
    the levers' own is tabled when it is over.
    """
    clock, state = workspace.clock, workspace.state
    day.turn(clock, course.calendar)
    state.day = clock.day
    deal_luck(clock, workspace.luck, workspace.today)
    if clock.anew.purposes != 0 or clock.day > workspace.reacting.next_look:
        reacting.begin_day(workspace)
    now = course.segments[workspace.reacting.row, min(clock.day, course.segments.shape[1] - 1)]
    if now != workspace.segment:
        pressure.renew_clocks(state, workspace.policy, course.policies[now], clock.day)
        workspace.segment = now
        workspace.policy = course.policies[now]
    if now != workspace.tabled and state.truce_starts == NONE:
        member, package = workspace.member, workspace.package
        if workspace.tabled == NONE:
            mediator.table_package(member, workspace.policy, package)
        else:
            before = course.policies[workspace.tabled]
            mediator.change_package(member, before, workspace.policy, package)
        workspace.tabled = now


@compiled
def deal_luck(clock: Clock, luck: Luck, today: Day) -> None:
    """Deal today's luck, and draw that of the coming days when it has run out."""
    dealt = (clock.day - 1) % LUCK_DAYS
    if dealt == 0:
        ready_luck(clock, clock.day, luck)
    for kind in range(3):
        today.shock[kind] = luck.normal[kind * LUCK_DAYS + dealt]
    for kind in range(4):
        today.calendar[kind] = luck.calendar[kind, dealt]
