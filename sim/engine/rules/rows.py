"""The row of a world: what is recorded of it, day by day and at its end."""

from __future__ import annotations

from sim.engine.domain import (
    NONE,
    OFFERED,
    PATIENCE_THIN,
    STRIKES_RISE,
    TRUCE_DAYS,
    VALUED,
    Answer,
    Outcome,
    Public,
    TruceEnd,
)
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Package, Policy, State
from sim.engine.row import Row
from sim.engine.rules import front, gains, mediator, pressure, price, truce
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


@compiled
def begin_row(state: State, package: Package, row: Row) -> None:
    """Enter a full truce that was agreed or in force before the first day; it counts from day 0."""
    if state.truce_starts == NONE:
        return
    record_signature(package, row)
    row.full_truces = 1
    row.first_truce_day = state.truce_starts
    if state.truce_starts > 0:
        note(row, Public.TRUCE_BEGINS, state.truce_starts)


@compiled
def note(row: Row, event: int, day: int) -> None:
    """Note the day of a public event, if it is the first of its kind."""
    if row.first_day[event] == NONE:
        row.first_day[event] = day


@compiled
def record_signature(package: Package, row: Row) -> None:
    """Note on which terms a full truce was signed."""
    for k in range(OFFERED):
        row.signed[k] = package.x[k] if package.named[k] else float("nan")
    row.signed_guarantee = package.guarantee
    row.signed_relief = package.relief


@compiled
def record_round(
    clock: Clock, member: Member, state: State, package: Package, today: Day, row: Row
) -> None:
    """Enter a round: a full truce agreed, or who blocked it and on what."""
    for side in range(2):
        note(row, 2 * today.answer[side] + side, clock.day)
    if both_accepted(today):
        note(row, Public.TRUCE_BEGINS, clock.day + 1)
        if gains.lifted_by_truce(member, state, package) > 0.0:
            note(row, Public.RELIEF, clock.day + 1)
        record_signature(package, row)
        row.full_truces += 1
        if row.first_truce_day == NONE:
            row.first_truce_day = clock.day + 1
        return
    blocker = 1 - today.first_mover
    if today.answer[blocker] == Answer.ACCEPT:
        blocker = today.first_mover
    elif today.answer[today.first_mover] != Answer.ACCEPT:
        note(row, Public.BOTH_REFUSE, clock.day)
    row.blocked_last = blocker
    row.blocked_issue = today.blocked_issue[blocker]


@compiled
def record_partial(
    clock: Clock, member: Member, state: State, package: Package, today: Day, row: Row
) -> None:
    """Enter a partial truce that both accepted, takes effect, or ends."""
    if today.partial_scope != NONE:
        note(row, Public.PARTIAL_BEGINS, clock.day + 1)
        if truce.partly_relieved(member, state, package, today.partial_scope) > 0.0:
            note(row, Public.RELIEF, clock.day + 1)
    if state.partial_scope == NONE or clock.day < state.partial_starts:
        return
    if clock.day == state.partial_starts:
        row.partial_truces += 1
    if today.partial_ends:
        note(row, Public.PARTIAL_ENDS_EARLY, clock.day)
    elif state.partial_day + 1 >= TRUCE_DAYS:
        note(row, Public.PARTIAL_ENDS_AT_TERM, clock.day)


@compiled
def record_pressure(clock: Clock, today: Day, row: Row) -> None:
    """Enter threats that were carried out or let pass."""
    for threat in range(3):
        if today.met[threat]:
            note(row, Public.MEDIATOR_SANCTIONS + threat, clock.day)
            if Public.MEDIATOR_SANCTIONS + threat != Public.ARMS_PAUSE:
                note(row, Public.NEW_SANCTIONS, clock.day)
        if today.lapsed[threat]:
            note(row, Public.MEDIATOR_LETS_PASS + threat, clock.day)


@compiled
def record_drift(state: State, evening: int, row: Row) -> None:
    """Enter what had come about, not by anyone's decision, by the evening of a day."""
    for side in range(2):
        if state.strike[side] > state.strike_before[side] + STRIKES_RISE:
            note(row, Public.STRIKES_R + side, evening)
    if state.patience < PATIENCE_THIN <= state.patience_before:
        note(row, Public.PATIENCE_THIN, evening)


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
    """Add to a world's row what today brought; to be called before `apply_day`."""
    if not in_truce(state, clock.day):
        for side in range(2):
            in_force = front.sanctions_in_force(state)
            row.worth[side] -= price.day_of_war(member, state, policy, side, in_force)
        record_pressure(clock, today, row)
        record_partial(clock, member, state, package, today, row)
    record_drift(state, clock.day - 1, row)
    if today.round_held:
        record_round(clock, member, state, package, today, row)
    if today.direct_talk:
        note(row, Public.DIRECT_TALKS, clock.day)
    if today.mediator_leaves:
        note(row, Public.MEDIATOR_LEAVES, clock.day)
    if today.pause_declared:
        note(row, Public.PAUSE_R, clock.day)
        row.unilateral_pauses += 1
        if today.pause_mirrored:
            row.short_truces += 1
    if today.truce_ends != NONE:
        note(row, Public.R_BREAKS_TRUCE + today.breaker, clock.day)
        record_pressure(clock, today, row)
        row.ended_by = today.truce_ends
        row.broke_first = today.breaker
    elif in_truce(state, clock.day):
        row.truce_days += 1
        if state.truce_day + 1 == TRUCE_DAYS:
            note(row, Public.TRUCE_HOLDS, clock.day)
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
    record_drift(state, state.day, row)
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
