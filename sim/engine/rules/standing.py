"""From evening to morning: how a world stands is kept, and a world begins where one stood.

Days are counted anew from each as-of day, so what has a day moves with it.
"""

from __future__ import annotations

from sim.engine.domain import NONE, OFFERED, PATIENCE_THIN, STRIKES_RISE
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, Standing, Start, State
from sim.engine.rules import mediator


@compiled
def copy_standing(one: Standing, other: Standing) -> None:
    """Copy how a world stands, days included."""
    other.momentum = one.momentum
    other.sanctions = one.sanctions
    other.sanctions_lag = one.sanctions_lag
    other.coerced = one.coerced
    other.tilt = one.tilt
    other.progress = one.progress
    other.trust = one.trust
    other.patience = one.patience
    other.aid_cut = one.aid_cut
    other.relieved = one.relieved
    other.pause_until = one.pause_until
    other.pause_mirrored = one.pause_mirrored
    other.extension_asked = one.extension_asked
    other.partial_scope = one.partial_scope
    other.partial_starts = one.partial_starts
    other.partial_day = one.partial_day
    other.mediator_left = one.mediator_left
    other.review_due = one.review_due
    other.backstop_seen = one.backstop_seen
    other.talks_resume = one.talks_resume
    other.truce_starts = one.truce_starts
    other.truce_day = one.truce_day
    for k in range(3):
        other.kept[k] = one.kept[k]
        other.lapsed[k] = one.lapsed[k]
        other.executed[k] = one.executed[k]
    for side in range(2):
        other.resolve_mean[side] = one.resolve_mean[side]
        other.resolve_variance[side] = one.resolve_variance[side]
        other.strike[side] = one.strike[side]
        other.last_answer[side] = one.last_answer[side]
        other.condition_days[side] = one.condition_days[side]
    for bloc in range(len(one.pledge)):
        other.pledge[bloc] = one.pledge[bloc]
        other.stance[bloc] = one.stance[bloc]
    for row in range(4):
        for n in range(7):
            other.incidents[row, n] = one.incidents[row, n]


@compiled
def begin(member: Member, start: Start, policy: Policy, state: State) -> None:
    """Put a member's state on the as-of day into ``state``; the day ahead is the first."""
    copy_standing(start, state)
    state.day = 1
    state.progress_kept = mediator.progress_kept(member)
    for side in range(2):
        state.strike_told[side] = state.strike[side] + STRIKES_RISE
    state.patience_told = PATIENCE_THIN if state.patience >= PATIENCE_THIN else -1.0
    for threat in range(3):
        state.threat_since[threat] = clock_at_start(start, policy, threat)


@compiled
def clock_at_start(start: Start, policy: Policy, threat: int) -> int:
    """The day from which a threat's clock runs when a world begins, or NONE.

    A clock that has run goes on, unless the levers have raised the threat or moved its deadline
    since; only where it stands within its deadline matters.
    """
    if policy.threat[threat] <= 0.0:
        return NONE
    if start.threat_ran[threat] == NONE:
        return 0
    if policy.threat[threat] > start.threatened[threat] or policy.deadline_days != start.deadline:
        return 0
    deadline = int(policy.deadline_days)
    since = -(start.threat_ran[threat] % deadline)
    return since if since != NONE else since - deadline


@compiled
def recall_package(member: Member, start: Start, package: Package) -> None:
    """Put on the table the package of the truce that is agreed or in force."""
    for k in range(OFFERED):
        package.conceded[k] = start.signed_conceded[k]
        package.named[k] = start.signed_named[k]
        package.x[k] = member.conceded_position if package.conceded[k] else start.signed[k]


@compiled
def snapshot(state: State, policy: Policy, package: Package, today: int, start: Start) -> None:
    """Keep the state on the evening of a day as one from which worlds may begin."""
    copy_standing(state, start)
    paused = state.pause_until > today
    start.pause_until = state.pause_until - today if paused else NONE
    covered = state.partial_scope != NONE
    start.partial_starts = min(1, state.partial_starts - today) if covered else NONE
    start.talks_resume = max(0, state.talks_resume - today)
    agreed = state.truce_starts != NONE
    start.truce_starts = max(0, state.truce_starts - today) if agreed else NONE
    for threat in range(3):
        running = state.threat_since[threat] != NONE
        start.threat_ran[threat] = today - state.threat_since[threat] if running else NONE
        start.threatened[threat] = policy.threat[threat]
    start.deadline = policy.deadline_days
    for k in range(OFFERED):
        start.signed_named[k] = agreed and package.named[k]
        start.signed_conceded[k] = agreed and package.conceded[k]
        start.signed[k] = package.x[k] if start.signed_named[k] else 0.0
