"""The row of a world: what is recorded of it, day by day and at its end."""

from __future__ import annotations

from sim.engine.domain import NONE, OFFERED, TRUCE_DAYS, VALUED, Answer, Outcome, TruceEnd
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Package, Policy, Row, State
from sim.engine.rules import front, mediator, pressure, price
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
