"""One day, one world, a block of worlds: the rules in the order of the day.

`decide` draws what happens today from yesterday's state; `apply` then moves every state. Scratch
records are allocated in Python, one set a block, since a record is a borrowed reference.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import domain
from sim.domain import (
    NONE,
    TRUCE_DAYS,
    VALUED,
    Answer,
    Clock,
    Day,
    Ints,
    Member,
    Outcome,
    Package,
    Policy,
    Row,
    Start,
    State,
    TruceEnd,
)
from sim.jit import compiled
from sim.rules import answers, front, mediator, pressure, truce
from sim.streams import Purpose, normal, poisson, uniforms

Records = NDArray[np.void]

WORLDS_PER_MEMBER = 4
"""World w uses member (w // 4) mod the ensemble's size."""


@compiled
def begin(start: Start, policy: Policy, state: State) -> None:
    """Put a member's state on the as-of day into ``state``; standing threats' clocks run."""
    state.momentum = start.momentum
    state.sanctions = start.sanctions
    state.sanctions_lag = start.sanctions_lag
    state.tilt = start.tilt
    state.progress = start.progress
    state.trust = start.trust
    state.patience = start.patience
    state.aid_cut = 0.0
    for k in range(3):
        state.kept[k] = start.kept[k]
        state.lapsed[k] = start.lapsed[k]
        state.executed[k] = 0.0
        state.threat_since[k] = 0 if policy.threat[k] > 0.0 else NONE
    for side in range(2):
        state.last_answer[side] = NONE
        state.condition_days[side] = 0
        for n in range(7):
            state.incidents[side, n] = 0.0
    state.mediator_left = False
    state.talks_resume = 0
    state.truce_starts = NONE
    state.truce_day = 0


@compiled
def draw_answer(accepts: float, conditions: float, u: float) -> int:
    """Turn the chances of an answer and a uniform into the answer."""
    if u < accepts:
        return Answer.ACCEPT
    return Answer.CONDITION if u < accepts + conditions else Answer.REJECT


@compiled
def one_answer(
    clock: Clock,
    member: Member,
    state: State,
    policy: Policy,
    side: int,
    q: float,
    gain: float,
) -> int:
    """Draw a side's answer, given the chance ``q`` that the other accepts and its own gain."""
    yes, but = answers.answer_chances(member, state, policy, side, q, gain)
    u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.ANSWER, side)
    return draw_answer(yes, but, u)


@compiled
def decide_round(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Hold a round: the first mover answers, then the other, who knows what it said."""
    first = mediator.first_mover()
    other = 1 - first
    today.first_mover = first
    gain_first = answers.signing_gain(member, state, policy, package, first)
    gain_other = answers.signing_gain(member, state, policy, package, other)
    follows, _ = answers.answer_chances(member, state, policy, other, 1.0, gain_other)
    said = one_answer(clock, member, state, policy, first, follows, gain_first)
    knows = 1.0 if said == Answer.ACCEPT else 0.0
    today.answer[first] = said
    today.answer[other] = one_answer(clock, member, state, policy, other, knows, gain_other)
    for side in range(2):
        if today.answer[side] != Answer.ACCEPT:
            today.blocked_issue[side] = answers.binding_issue(member, state, policy, package, side)


@compiled
def decide_pressure(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Let each issuer whose threat falls due carry it out or let it pass, if none was agreed."""
    agreed = count_answers(today, Answer.ACCEPT) == 2
    for threat in range(3):
        today.met[threat] = False
        today.lapsed[threat] = False
        if not agreed and pressure.falls_due(state, policy, threat, clock.day):
            led = today.met[0]
            chance = pressure.follow_through_chance(member, state, policy, threat, led)
            u, _, _, _ = uniforms(
                clock.seed, clock.world, clock.day, Purpose.FOLLOW_THROUGH, threat
            )
            today.met[threat] = u < chance
            today.lapsed[threat] = not today.met[threat]
            today.bite[threat] = pressure.bite(member, state, policy, threat)


@compiled
def decide_truce(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Draw exits and incidents of a day of truce; what comes earliest in the day ends it."""
    earliest = 1.0
    exits = uniforms(clock.seed, clock.world, clock.day, Purpose.EXIT, 0)
    for side in range(2):
        stay = truce.side_stay(member, state, policy, package, side)
        u, v, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.INCIDENTS, side)
        rate = truce.incident_rate(member, state, policy, package, side, stay)
        today.incidents[side] = poisson(rate, u)
        left = exits[side] / truce.exit_hazard(member, stay)
        if left < earliest:
            earliest = left
            today.truce_ends = TruceEnd.EXIT
            today.breaker = side
        chance = truce.patience_ends_chance(member, today.incidents[side])
        if v < earliest * chance:
            earliest = v / chance
            today.truce_ends = TruceEnd.INCIDENT
            today.breaker = side


@compiled
def decide(
    clock: Clock, member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Write into ``today`` all that is decided today; no state moves."""
    today.truce_ends = NONE
    today.round_held = False
    today.mediator_leaves = False
    if state.truce_starts != NONE and clock.day >= state.truce_starts:
        decide_truce(clock, member, state, policy, package, today)
    else:
        u, v, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.CALENDAR, 0)
        today.round_held = u < mediator.round_chance(member, state, clock.day)
        today.mediator_leaves = v < mediator.walkaway_hazard(member, state)
        if today.round_held:
            decide_round(clock, member, state, policy, package, today)
    decide_pressure(clock, member, state, policy, today)


@compiled
def remember_answers(state: State, today: Day) -> None:
    """Keep the last answers, and on which of the last sixty days a side named conditions."""
    for side in range(2):
        state.condition_days[side] = (
            state.condition_days[side] << 1
        ) & answers.CONDITION_MEMORY_MASK
        if today.round_held:
            state.last_answer[side] = today.answer[side]
            if today.answer[side] == Answer.CONDITION:
                state.condition_days[side] |= 1


@compiled
def count_answers(today: Day, kind: int) -> int:
    """How many sides gave this answer today."""
    if not today.round_held:
        return 0
    return int(today.answer[0] == kind) + int(today.answer[1] == kind)


@compiled
def apply_talks(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Move the front and what the talks have moved, all from yesterday's values."""
    u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.FRONT, 0)
    state.momentum = front.next_momentum(member, state, policy, normal(u))
    state.sanctions_lag = front.next_sanctions_lag(member, state)
    state.patience = mediator.next_patience(member, state, policy)
    state.tilt = mediator.next_tilt(member, state, today)
    conditions = count_answers(today, Answer.CONDITION)
    state.progress = mediator.next_progress(member, state, conditions)
    pressure.learn(member, state, today)
    pressure.carry_out(state, policy, today)
    for threat in range(3):
        state.threat_since[threat] = pressure.next_since(state, policy, threat, clock.day)
    remember_answers(state, today)
    if today.mediator_leaves:
        state.mediator_left = True


@compiled
def apply_truce(clock: Clock, member: Member, state: State, today: Day) -> None:
    """Count a day of truce, or end it; a truce that both accepted takes effect tomorrow."""
    if state.truce_starts != NONE and clock.day >= state.truce_starts:
        for side in range(2):
            for n in range(6, 0, -1):
                state.incidents[side, n] = state.incidents[side, n - 1]
            state.incidents[side, 0] = today.incidents[side]
        both = today.incidents[0] + today.incidents[1]
        state.trust = truce.trust_in_truce(member, state, both)
        state.truce_day += 1
        if today.truce_ends != NONE:
            truce.collapse(member, state, clock.day)
    elif count_answers(today, Answer.ACCEPT) == 2:
        state.truce_starts = clock.day + 1
        state.truce_day = 0


@compiled
def record(clock: Clock, state: State, today: Day, row: Row) -> None:
    """Add to a world's row what today brought; to be called before `apply`."""
    if today.round_held:
        if count_answers(today, Answer.ACCEPT) == 2:
            row.full_truces += 1
            if row.first_truce_day == NONE:
                row.first_truce_day = clock.day + 1
        else:
            blocker = 1 - today.first_mover
            if today.answer[blocker] == Answer.ACCEPT:
                blocker = today.first_mover
            row.blocked_last = blocker
            row.blocked_issue = today.blocked_issue[blocker]
    if today.truce_ends != NONE:
        row.ended_by = today.truce_ends
        row.broke_first = today.breaker
    elif state.truce_starts != NONE and clock.day >= state.truce_starts:
        row.truce_days += 1
        if state.truce_day + 1 == TRUCE_DAYS:
            row.outcome = Outcome.HELD
            row.ended_by = TruceEnd.EXPIRY
            row.broke_first = NONE


@compiled
def open_row(world: int, member: int, row: Row) -> None:
    """Start a world's row: nothing has happened yet."""
    row.world = world
    row.member = member
    row.outcome = NONE
    row.first_truce_day = NONE
    row.truce_days = 0
    row.full_truces = 0
    row.ended_by = NONE
    row.broke_first = NONE
    row.blocked_last = NONE
    row.blocked_issue = NONE


@compiled
def close_row(member: Member, state: State, policy: Policy, package: Package, row: Row) -> None:
    """Name the outcome and note where things stand on the day the world stops."""
    if row.outcome == NONE:
        if row.full_truces > 0:
            row.outcome = Outcome.COLLAPSED
        elif state.mediator_left:
            row.outcome = Outcome.WALKED_AWAY
        else:
            row.outcome = Outcome.NO_TRUCE
    for k in range(VALUED):
        row.x[k] = package.x[k] if package.named[k] else np.nan
    row.momentum_end = state.momentum
    row.sanctions_end = state.sanctions
    row.guarantee_end = package.guarantee
    row.credibility_end[0] = pressure.believed(member, state, policy, 0)
    row.credibility_end[1] = pressure.believed(member, state, policy, 1)


@compiled
def run_world(
    clock: Clock,
    horizon: int,
    member: Member,
    policies: Records,
    segment_of_day: Ints,
    state: State,
    package: Package,
    today: Day,
    row: Row,
) -> None:
    """Run one world to its end: `held`, or the horizon and any truce that is in force on it."""
    segment = segment_of_day[1]
    policy = policies[segment]
    mediator.table_package(member, policy, package)
    clock.day = 0
    while row.outcome == NONE and (clock.day < horizon or state.truce_starts != NONE):
        clock.day += 1
        if segment_of_day[min(clock.day, horizon)] != segment:
            segment = segment_of_day[min(clock.day, horizon)]
            policy = policies[segment]
            mediator.table_package(member, policy, package)
        decide(clock, member, state, policy, package, today)
        record(clock, state, today, row)
        apply_talks(clock, member, state, policy, today)
        apply_truce(clock, member, state, today)
    close_row(member, state, policy, package, row)


@compiled
def run_block(
    seed: int,
    horizon: int,
    members: Records,
    starts: Records,
    policies: Records,
    segment_of_day: Ints,
    scratch: tuple[Records, Records, Records, Records],
    rows: Records,
    first_world: int,
) -> None:
    """Fill ``rows`` with consecutive worlds from ``first_world``.

    Parameters
    ----------
    members, starts
        One record a member of the ensemble (`MEMBER`, `START`).
    policies, segment_of_day
        The levers: ``policies[segment_of_day[d]]`` holds on day d, 1 to ``horizon``.
    scratch
        One record each of `CLOCK`, `STATE`, `PACKAGE`, `DAY`, whatever is in them.
    rows
        One record a world (`ROW`), overwritten.
    """
    clock, state, package, today = scratch[0][0], scratch[1][0], scratch[2][0], scratch[3][0]
    clock.seed = seed
    for n in range(len(rows)):
        world = first_world + n
        index = (world // WORLDS_PER_MEMBER) % len(members)
        clock.world = world
        open_row(world, index, rows[n])
        begin(starts[index], policies[segment_of_day[1]], state)
        run_world(
            clock,
            horizon,
            members[index],
            policies,
            segment_of_day,
            state,
            package,
            today,
            rows[n],
        )


def new_scratch() -> tuple[Records, Records, Records, Records]:
    """Allocate the scratch records of one block."""
    return (
        np.zeros(1, domain.CLOCK),
        np.zeros(1, domain.STATE),
        np.zeros(1, domain.PACKAGE),
        np.zeros(1, domain.DAY),
    )
