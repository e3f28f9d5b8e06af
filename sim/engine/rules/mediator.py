"""The mediator: whom it holds to be the obstacle, what it puts on the table, when it leaves."""

from __future__ import annotations

import math

from sim.engine.domain import ISSUES, NONE, OFFERED, Answer, Issue, Side
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Package, Policy, State
from sim.engine.rules import blocs, front


@compiled
def blame_on(member: Member, state: State, policy: Policy, side: int) -> float:
    """How far the mediator holds a side to be the obstacle, 0 to 1; the two sum to 1.

    A side payment by U (a resource deal) takes some of the blame from it.
    """
    against_u = state.tilt * (1.0 - member.side_payment_worth * policy.side_payment)
    if side == Side.U:
        return against_u
    return 1.0 - against_u


@compiled
def table_package(member: Member, policy: Policy, package: Package) -> None:
    """Write into ``package`` what the levers put on the table."""
    for k in range(ISSUES):
        package.conceded[k] = False
        package.named[k] = False
        package.x[k] = 0.0
    for k in range(OFFERED):
        table_issue(member, policy, package, k)


@compiled
def table_issue(member: Member, policy: Policy, package: Package, issue: int) -> None:
    """Write one issue as the levers have it; a conceded one is out of the package."""
    conceded = (issue == Issue.RECOGNITION and policy.concede_recognition) or (
        issue == Issue.NATO and policy.concede_nato
    )
    package.conceded[issue] = conceded
    package.named[issue] = policy.named[issue] and not conceded
    package.x[issue] = member.conceded_position if conceded else policy.offer[issue]


@compiled
def change_package(member: Member, before: Policy, after: Policy, package: Package) -> None:
    """Put on the table anew the issues whose levers changed today."""
    for k in range(OFFERED):
        moved = before.named[k] != after.named[k] or before.offer[k] != after.offer[k]
        if k == Issue.NATO:
            moved = moved or before.concede_nato != after.concede_nato
        if k == Issue.RECOGNITION:
            moved = moved or before.concede_recognition != after.concede_recognition
        if moved:
            table_issue(member, after, package, k)


@compiled
def complete_package(member: Member, state: State, policy: Policy, package: Package) -> None:
    """Set what follows from the rest: guarantee, relief, and the places that they imply.

    When any issue is named, guarantees and sanctions are on the table too, even where nothing of
    them is given; or, if silence does not settle them, where more protection is given than
    fighting on is expected to leave, and where relief is offered.
    """
    any_named = False
    for k in range(OFFERED):
        any_named = any_named or package.named[k]
    package.guarantee = blocs.guarantee(member, state, policy)
    package.relief = policy.relief
    package.relief_now = policy.relief * policy.relief_on_signature
    package.x[Issue.GUARANTEES] = 1.0 - package.guarantee
    package.x[Issue.SANCTIONS] = 0.5 + relief_that_stays(member, package) / 2.0
    settles_all = member.silence_settles > 0.5
    protects = package.x[Issue.GUARANTEES] < front.expected(
        member, Issue.GUARANTEES, state.momentum
    )
    package.named[Issue.GUARANTEES] = any_named and (settles_all or protects)
    package.named[Issue.SANCTIONS] = any_named and (settles_all or package.relief > 0.0)
    limits = package.named[Issue.FORCE_LIMITS]
    package.force_limits = package.x[Issue.FORCE_LIMITS] if limits else 0.0


@compiled
def relief_that_stays(member: Member, package: Package) -> float:
    """The relief that would not snap back: that paid at signature, and of the rest a part."""
    later = package.relief - package.relief_now
    return package.relief_now + later * (1.0 - member.snapback)


@compiled
def round_rate(member: Member, state: State, day: int) -> float:
    """Mediated rounds a day that are called today.

    None without a mediator, while a truce is agreed, or during the pause after a collapse. An
    engaged mediator calls rounds at the full rate, one whose patience is spent at half of it.
    """
    if state.mediator_left or state.truce_starts >= 0 or day < state.talks_resume:
        return 0.0
    return engaged_rate(member, state.patience)


@compiled
def engaged_rate(member: Member, patience: float) -> float:
    """Rounds a day of a mediator that is free to call them; the more, the more patience."""
    engagement = 0.5 * (1.0 + patience)
    return member.round_rate * engagement


@compiled
def round_is_due(state: State, clock: Clock) -> bool:
    """Whether a round is held for certain: to extend a pause, or one of the mediator's by date."""
    if state.truce_starts >= 0 or clock.day < state.talks_resume:
        return False
    return state.extension_asked or (clock.dated_round and not state.mediator_left)


@compiled
def direct_talk_rate(member: Member, state: State, day: int) -> float:
    """Talks a day of the two sides with each other, without the mediator."""
    if state.truce_starts >= 0 or day < state.talks_resume:
        return 0.0
    return member.direct_rate


@compiled
def pause_chance(member: Member, state: State, holiday: bool) -> float:
    """Chance that R declares a short pause today.

    To keep a mediator whose patience is thin while it is there, and most of all around a holiday.
    """
    if state.truce_starts >= 0 or state.pause_until >= 0:
        return 0.0
    thin = 1.0 if state.mediator_left else 2.0 - state.patience
    return keeping_chance(member, thin, holiday)


@compiled
def keeping_chance(member: Member, thin: float, holiday: bool) -> float:
    """Chance of such a pause where there is room for one; ``thin`` is 2 with patience spent."""
    near = member.pause_holiday if holiday else 1.0
    return min(1.0, member.pause_hazard * thin * near)


@compiled
def walkaway_hazard(member: Member, state: State) -> float:
    """Hazard per day that the mediator leaves; thin patience doubles it."""
    if state.mediator_left:
        return 0.0
    return leaving_hazard(member, state.patience)


@compiled
def leaving_hazard(member: Member, patience: float) -> float:
    """Hazard per day that a mediator leaves that is still there; the less, the more patience."""
    return member.walkaway_hazard * (2.0 - patience)


@compiled
def come_back(state: State) -> None:
    """Let a mediator that had left take up its work again, with fresh patience."""
    state.mediator_left = False
    state.patience = 1.0


@compiled
def next_patience(member: Member, state: State, policy: Policy) -> float:
    """The mediator's patience, 1 fresh to 0 spent: days of war wear it, progress restores it."""
    worn = a_day_wears(policy) if state.truce_starts < 0 else 0.0
    return patience_after(member, state.patience, state.progress, worn)


@compiled
def a_day_wears(policy: Policy) -> float:
    """What a day of war takes of the mediator's patience."""
    return 1.0 / policy.patience_days


@compiled
def patience_after(member: Member, patience: float, progress: float, worn: float) -> float:
    """The mediator's patience after a day that wears it by ``worn``."""
    restored = member.patience_progress * progress
    return min(1.0, max(0.0, patience - worn + restored))


@compiled
def progress_kept(member: Member) -> float:
    """The share of the talks' progress that a day leaves."""
    return math.exp2(-1.0 / member.progress_halflife_days)


@compiled
def next_progress(member: Member, state: State, conditions: int, direct_talk: bool) -> float:
    """Progress of the talks, 0 to 1: it fades; conditions that are named and direct talks add."""
    return progress_after(member, state.progress * state.progress_kept, conditions, direct_talk)


@compiled
def progress_after(member: Member, kept: float, conditions: int, direct_talk: bool) -> float:
    """Progress of the talks, given what the day has left of it."""
    talked = member.direct_progress if direct_talk else 0.0
    return min(1.0, kept + member.progress_condition * conditions + talked)


@compiled
def next_tilt(member: Member, state: State, day: Day) -> float:
    """Who is seen as the obstacle, 0 R to 1 U.

    Refusals to the mediator and a broken truce move it, harder strikes in war cost sympathy,
    progress brings it back.
    """
    tilt = tilt_returned(member, state.tilt, state.progress)
    if state.truce_starts < 0:
        tilt += sympathy(member, state.strike[0], state.strike[1])
    if day.truce_ends != NONE:
        tilt += member.blame if day.breaker == Side.U else -member.blame
    if day.round_held and day.mediated:
        tilt += _blame(member, day.answer[1]) - _blame(member, day.answer[0])
    return tilt_kept(tilt)


@compiled
def tilt_returned(member: Member, tilt: float, progress: float) -> float:
    """The tilt, brought back towards the middle by progress."""
    back = min(member.tilt_return * progress, abs(0.5 - tilt))
    return tilt + (back if tilt < 0.5 else -back)


@compiled
def tilt_kept(tilt: float) -> float:
    """The tilt, kept between 0 and 1."""
    return min(1.0, max(0.0, tilt))


@compiled
def sympathy(member: Member, strike_r: float, strike_u: float) -> float:
    """What a day's strikes add to the tilt: harder ones cost their side sympathy."""
    return member.strike_sympathy * (strike_u - strike_r)


@compiled
def _blame(member: Member, answer: int) -> float:
    if answer == Answer.REJECT:
        return member.blame
    if answer == Answer.CONDITION:
        return member.blame * member.blame_condition_share
    return 0.0


# ------------------------------------------------------------------ what it proposes


@compiled
def expected_worth(accept_r: float, accept_u: float, own_value: float, otherwise: float) -> float:
    """What putting a package is worth to the proposer, by the chances of a yes that it gives.

    Parameters
    ----------
    own_value
        What the package is worth to it once accepted.
    otherwise
        What it is left with if one side refuses.
    """
    both = accept_r * accept_u
    return both * own_value + (1.0 - both) * otherwise


@compiled
def learn_resolve(member: Member, state: State, today: Day) -> None:
    """Update what the mediator believes of each side's resolve by its answer.

    One Newton step on the log posterior: the score of the answer's logit over the precision of
    the belief, to which the answer adds its Fisher information. Resolve shows in an answer as far
    as it weighs against the package that was put: in full in a yes, in part in a condition.
    """
    for side in range(2):
        said = today.answer[side]
        if said == NONE:
            continue
        yes, but = today.accept_believed[side], today.condition_believed[side]
        in_yes = today.p_other_accepts[side] * today.felt[side]
        in_condition = member.condition_commits * in_yes
        expected = yes * in_yes + but * in_condition
        shown = in_yes if said == Answer.ACCEPT else 0.0
        if said == Answer.CONDITION:
            shown = in_condition
        score = member.precision * (expected - shown)
        spread = yes * in_yes**2 + but * in_condition**2 - expected**2
        information = member.precision**2 * spread
        variance = 1.0 / (1.0 / state.resolve_variance[side] + information)
        state.resolve_variance[side] = variance
        state.resolve_mean[side] += variance * score
