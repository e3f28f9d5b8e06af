"""The mediator: whom it holds to be the obstacle, what it puts on the table, when it leaves."""

from __future__ import annotations

import math

from sim.domain import ISSUES, OFFERED, Answer, Day, Issue, Member, Package, Policy, Side, State
from sim.jit import compiled


@compiled
def against(member: Member, state: State, policy: Policy, side: int) -> float:
    """How far the mediator holds a side to be the obstacle, 0 to 1; the two sum to 1.

    A side payment by U (a resource deal) takes some of the blame from it.
    """
    against_u = state.tilt * (1.0 - member.side_payment_worth * policy.side_payment)
    if side == Side.U:
        return against_u
    return 1.0 - against_u


@compiled
def guarantee(policy: Policy) -> float:
    """G, the protection of U after a truce, 0 none to 1 the fullest discussed.

    Ambition is carried by a European contingent, whose worth grows with a backstop by the
    mediator; half of what was asked for is pledged.
    """
    return policy.ambition * (0.4 + 0.6 * policy.backstop) * 0.5


@compiled
def table_package(member: Member, policy: Policy, package: Package) -> None:
    """Write into ``package`` what the levers put on the table.

    When any issue is named, guarantees and sanctions are on the table too, at the place that
    the guarantee and the relief imply. A conceded issue is out of the package.
    """
    any_named = False
    for k in range(ISSUES):
        package.conceded[k] = False
        package.named[k] = k < OFFERED and policy.named[k]
        package.x[k] = policy.offer[k] if k < OFFERED else 0.0
    package.conceded[Issue.RECOGNITION] = policy.concede_recognition
    package.conceded[Issue.NATO] = policy.concede_nato
    for k in range(OFFERED):
        if package.conceded[k]:
            package.x[k] = member.conceded_position
            package.named[k] = False
        any_named = any_named or package.named[k]
    package.guarantee = guarantee(policy)
    package.relief = policy.relief
    package.relief_now = policy.relief * policy.relief_on_signature
    package.x[Issue.GUARANTEES] = 1.0 - package.guarantee
    package.x[Issue.SANCTIONS] = 0.5 + package.relief / 2.0
    package.named[Issue.GUARANTEES] = any_named
    package.named[Issue.SANCTIONS] = any_named
    limits = package.named[Issue.FORCE_LIMITS]
    package.force_limits = package.x[Issue.FORCE_LIMITS] if limits else 0.0


@compiled
def round_chance(member: Member, state: State, day: int) -> float:
    """Chance that a mediated round is held today.

    None without a mediator, while a truce is agreed, or during the pause after a collapse. An
    engaged mediator calls rounds at the full rate, one whose patience is spent at half of it.
    """
    if state.mediator_left or state.truce_starts >= 0 or day < state.talks_resume:
        return 0.0
    engagement = 0.5 * (1.0 + state.patience)
    return 1.0 - math.exp(-member.round_rate * engagement)


@compiled
def first_mover() -> int:
    """The side that is asked first."""
    return Side.U


@compiled
def walkaway_hazard(member: Member, state: State) -> float:
    """Hazard per day that the mediator leaves; thin patience doubles it."""
    if state.mediator_left:
        return 0.0
    return member.walkaway_hazard * (2.0 - state.patience)


@compiled
def next_patience(member: Member, state: State, policy: Policy) -> float:
    """The mediator's patience, 1 fresh to 0 spent: days wear it down, progress restores it."""
    restored = member.patience_progress * state.progress
    return min(1.0, max(0.0, state.patience - 1.0 / policy.patience_days + restored))


@compiled
def next_progress(member: Member, state: State, conditions: int) -> float:
    """Progress of the talks, 0 to 1: it fades, and each condition that is named adds to it."""
    kept = state.progress * math.exp2(-1.0 / member.progress_halflife_days)
    return min(1.0, kept + member.progress_condition * conditions)


@compiled
def next_tilt(member: Member, state: State, day: Day) -> float:
    """Who is seen as the obstacle, 0 R to 1 U: refusals move it, progress brings it back."""
    back = min(member.tilt_return * state.progress, abs(0.5 - state.tilt))
    tilt = state.tilt + (back if state.tilt < 0.5 else -back)
    if day.round_held:
        tilt += _blame(member, day.answer[1]) - _blame(member, day.answer[0])
    return min(1.0, max(0.0, tilt))


@compiled
def _blame(member: Member, answer: int) -> float:
    if answer == Answer.REJECT:
        return member.blame
    if answer == Answer.CONDITION:
        return member.blame * member.blame_condition_share
    return 0.0
