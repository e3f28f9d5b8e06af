"""The row of a world: what is recorded of it, day by day and at its end."""

from __future__ import annotations

import numpy as np

from sim.engine.domain import (
    NONE,
    OFFERED,
    TRUCE_DAYS,
    VALUED,
    Answer,
    Outcome,
    Public,
    TruceEnd,
)
from sim.engine.jit import compiled, compiled_apart
from sim.engine.records import Clock, Day, Member, Package, Policy, State
from sim.engine.row import Row
from sim.engine.rules import front, gains, mediator, pressure, price
from sim.engine.rules.day import both_accepted, in_truce


@compiled
def open_row(world: int, member: int, row: Row) -> None:
    """Start a world's row: nothing has happened yet."""
    row.world = world
    row.member = member
    row.outcome = NONE
    row.first_truce_day = NONE
    row.truce_days = 0
    row.full_truces = 0
    row.partial_truces = 0
    row.short_truces = 0
    row.unilateral_pauses = 0
    row.ended_by = NONE
    row.broke_first = NONE
    row.blocked_last = NONE
    row.blocked_issue = NONE
    row.signed_guarantee = float("nan")
    row.signed_relief = float("nan")
    for k in range(OFFERED):
        row.signed[k] = float("nan")
    for side in range(2):
        row.worth[side] = 0.0
    for event in range(len(row.first_day)):
        row.first_day[event] = NONE
    for block in range(len(row.reaction_day)):
        row.reaction_day[block] = NONE


@compiled
def begin_row(state: State, package: Package, row: Row) -> None:
    """Enter a full truce that was agreed or in force before the first day; it counts from day 0."""
    if state.truce_starts == NONE:
        return
    record_signature(package, row)
    row.full_truces = 1
    row.first_truce_day = state.truce_starts
    if state.truce_starts > 0:
        note_first(row, Public.TRUCE_BEGINS, state.truce_starts)


@compiled
def note_first(row: Row, event: int, day: int) -> None:
    """Note the day of a public event, if it is the first of its kind."""
    if row.first_day[event] == NONE:
        row.first_day[event] = day


@compiled
def note(clock: Clock, today: Day, row: Row, event: int) -> None:
    """Note that a public event happens today."""
    note_first(row, event, clock.day)
    today.happened |= 1 << event


@compiled
def note_tomorrow(clock: Clock, today: Day, row: Row, event: int) -> None:
    """Note that a public event was decided today and happens tomorrow."""
    note_first(row, event, clock.day + 1)
    today.announced |= 1 << event


@compiled
def record_signature(package: Package, row: Row) -> None:
    """Note on which terms a full truce was signed."""
    for k in range(OFFERED):
        row.signed[k] = package.x[k] if package.named[k] else float("nan")
    row.signed_guarantee = package.guarantee
    row.signed_relief = package.relief


@compiled
def record_round(clock: Clock, package: Package, today: Day, row: Row) -> None:
    """Enter a round: a full truce agreed, or who blocked it and on what."""
    if both_accepted(today):
        record_signature(package, row)
        row.full_truces += 1
        if row.first_truce_day == NONE:
            row.first_truce_day = clock.day + 1
        return
    blocker = 1 - today.first_mover
    if today.answer[blocker] == Answer.ACCEPT:
        blocker = today.first_mover
    row.blocked_last = blocker
    row.blocked_issue = today.blocked_issue[blocker]


# ------------------------------------------------------------------ public events


@compiled
def note_set(clock: Clock, today: Day, row: Row) -> None:
    """Note the public events of today that were set already."""
    for event in range(len(row.first_day)):
        if today.happened >> event & 1 != 0:
            note_first(row, event, clock.day)


@compiled
def is_eventful(state: State, today: Day) -> bool:
    """Whether today may have brought a public event that anyone decided.

    All is read without a branch, since most days bring nothing; all bits of `NONE` are set.
    """
    met, lapsed = today.met, today.lapsed
    acts = today.round_held | today.direct_talk | today.mediator_leaves | today.pause_declared
    ends = (state.partial_scope & today.truce_ends) != NONE
    kept = met[0] | met[1] | met[2] | lapsed[0] | lapsed[1] | lapsed[2]
    return acts | ends | ((kept | today.imposed.events) != 0)


@compiled
def note_events(
    clock: Clock, member: Member, state: State, package: Package, today: Day, row: Row
) -> None:
    """Note the public events that were decided today."""
    if today.round_held:
        note_round(clock, member, state, package, today, row)
    if today.direct_talk and not (today.round_held and today.mediated):
        note(clock, today, row, Public.DIRECT_TALKS)
    if today.mediator_leaves:
        note(clock, today, row, Public.MEDIATOR_LEAVES)
    if today.pause_declared:
        note(clock, today, row, Public.PAUSE_R)
    if today.truce_ends != NONE:
        note(clock, today, row, Public.R_BREAKS_TRUCE + today.breaker)
    note_partial(clock, state, today, row)
    for threat in range(3):
        if today.met[threat]:
            note(clock, today, row, Public.MEDIATOR_SANCTIONS + threat)
            if Public.MEDIATOR_SANCTIONS + threat != Public.ARMS_PAUSE:
                note(clock, today, row, Public.NEW_SANCTIONS)
        if today.lapsed[threat]:
            note(clock, today, row, Public.MEDIATOR_LETS_PASS + threat)


@compiled
def note_round(
    clock: Clock, member: Member, state: State, package: Package, today: Day, row: Row
) -> None:
    """Note what each side answered, and what came of it."""
    for side in range(2):
        note(clock, today, row, 2 * today.answer[side] + side)
    if both_accepted(today):
        note_tomorrow(clock, today, row, Public.TRUCE_BEGINS)
        if gains.lifted_by_truce(member, state, package) > 0.0:
            note_tomorrow(clock, today, row, Public.RELIEF)
    elif today.answer[0] != Answer.ACCEPT and today.answer[1] != Answer.ACCEPT:
        note(clock, today, row, Public.BOTH_REFUSE)


@compiled
def note_partial(clock: Clock, state: State, today: Day, row: Row) -> None:
    """Note that a partial truce takes effect, or that it ends."""
    if state.partial_scope == NONE or clock.day < state.partial_starts:
        return
    if clock.day == state.partial_starts:
        note(clock, today, row, Public.PARTIAL_BEGINS)
        if state.relieved > 0.0:
            note(clock, today, row, Public.RELIEF)
    if today.partial_ends:
        note(clock, today, row, Public.PARTIAL_ENDS_EARLY)
    elif state.partial_day + 1 >= TRUCE_DAYS:
        note(clock, today, row, Public.PARTIAL_ENDS_AT_TERM)


@compiled
def has_drifted(state: State) -> bool:
    """Whether something that nobody decided has gone so far that the press would tell of it."""
    strikes = (state.strike[0] > state.strike_told[0]) | (state.strike[1] > state.strike_told[1])
    return strikes | (state.patience < state.patience_told)


@compiled_apart
def note_drift(state: State, evening: int, row: Row) -> None:
    """Note what had come about, not by anyone's decision, by the evening of a day."""
    for side in range(2):
        if state.strike[side] > state.strike_told[side]:
            note_first(row, Public.STRIKES_R + side, evening)
    if state.patience < state.patience_told:
        note_first(row, Public.PATIENCE_THIN, evening)


@compiled
def charged(worth: float, cost: float) -> float:
    """What a world is worth to a side after a day of war, in the 32 bits that a row has for it."""
    return float(np.float32(worth - cost))


@compiled
def record(
    clock: Clock,
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    today: Day,
    row: Row,
) -> None:
    """Add to a world's row what today brought but for public events; before `apply_day`."""
    if not in_truce(state, clock.day):
        for side in range(2):
            in_force = front.sanctions_in_force(state)
            cost = price.day_of_war(member, state, policy, side, in_force)
            row.worth[side] = charged(row.worth[side], cost)
    if has_drifted(state):
        note_drift(state, clock.day - 1, row)
    if today.round_held:
        record_round(clock, package, today, row)
    if today.pause_declared:
        row.unilateral_pauses += 1
        if today.pause_mirrored:
            row.short_truces += 1
    if state.partial_scope != NONE and clock.day == state.partial_starts:
        row.partial_truces += 1
    if today.truce_ends != NONE:
        row.ended_by = today.truce_ends
        row.broke_first = today.breaker
    elif in_truce(state, clock.day):
        row.truce_days += 1
        if state.truce_day + 1 == TRUCE_DAYS:
            note(clock, today, row, Public.TRUCE_HOLDS)
            row.outcome = Outcome.HELD
            row.ended_by = TruceEnd.EXPIRY
            row.broke_first = NONE


@compiled
def close_row(
    member: Member, state: State, policy: Policy, package: Package, days_left: int, row: Row
) -> None:
    """Name the outcome and note where things stand on the day the world stops.

    ``days_left`` are those of the horizon that it does not live.
    """
    if row.outcome == NONE:
        if row.full_truces > 0:
            row.outcome = Outcome.COLLAPSED
        elif state.mediator_left:
            row.outcome = Outcome.WALKED_AWAY
        elif row.partial_truces > 0:
            row.outcome = Outcome.PARTIAL_ONLY
        else:
            row.outcome = Outcome.NO_TRUCE
    note_drift(state, state.day, row)
    mediator.complete_package(member, state, policy, package)
    for k in range(VALUED):
        row.x[k] = package.x[k] if package.named[k] else float("nan")
    for side in range(2):
        row.worth[side] += price.worth_ahead(
            member, state, policy, package, side, row.outcome, days_left
        )
    row.momentum_end = state.momentum
    row.sanctions_end = front.sanctions_in_force(state)
    row.guarantee_end = package.guarantee
    row.credibility_end[0] = pressure.believed(member, state, policy, 0)
    row.credibility_end[1] = pressure.believed(member, state, policy, 1)
