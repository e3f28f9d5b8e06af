"""What the mediator puts on the table: four candidates, weighed by what it believes."""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.domain import ISSUES, NONE, OFFERED, Side
from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Package, Policy, State
from sim.engine.rules import answers, front, gains, mediator
from sim.engine.rules.answers import Refusal, Refusals
from sim.engine.scratch import Proposal

STAND, TO_R, TO_U, TRADE = 0, 1, 2, 3


@compiled
def believed_chances(
    member: Member,
    state: State,
    refused: Refusal,
    side: int,
    q: float,
    gain_value: float,
    felt: float,
) -> tuple[float, float]:
    """The chances of a yes and of a condition that the mediator gives a side.

    It computes the side's gain as the side does, but for the resolve, which it can only believe;
    ``felt`` is the share of it that weighs against the package, ``q`` the chance that the other
    side accepts.
    """
    believed = gain_value + felt * (member.resolve[side] - state.resolve_mean[side])
    return answers.mediated_chances(member, refused, q, believed)


@compiled
def believed_yes(
    member: Member,
    state: State,
    refused: Refusal,
    side: int,
    q: float,
    gain_value: float,
    felt: float,
) -> float:
    """The chance of a yes that the mediator gives a side: see `believed_chances`."""
    yes, _ = believed_chances(member, state, refused, side, q, gain_value, felt)
    return yes


@compiled
def first_named(member: Member, state: State, issue: int) -> float:
    """Where the mediator first names an issue.

    At its own position, or where fighting on would leave the issue, whichever is nearer the middle.
    """
    own = member.mediator_position[issue]
    fought = front.expected(member, issue, state.momentum)
    return own if abs(own - 0.5) <= abs(fought - 0.5) else fought


@compiled
def conceded_to(x: float, step: float, own: float) -> float:
    """Where an issue at ``x`` stands after a signed step, taken no further than ``own``."""
    if step > 0.0:
        return min(x + step, own) if x < own else x
    return max(x + step, own) if x > own else x


@compiled
def concede(member: Member, state: State, trial: Proposal, n: int, issue: int, step: float) -> None:
    """Move candidate ``n`` on an issue by a signed step, no further than the mediator's position.

    What the levers table beyond that position stands as tabled.
    """
    if not trial.named[n, issue]:
        trial.named[n, issue] = True
        trial.x[n, issue] = first_named(member, state, issue)
    trial.x[n, issue] = conceded_to(trial.x[n, issue], step, member.mediator_position[issue])


@compiled
def lay_out(member: Member, state: State, policy: Policy, package: Package, trial: Proposal) -> int:
    """Write the candidates and return how many there are.

    Stand pat; concede to R, to U, each on the issue that binds it most of those that the mediator
    has opened; trade the one against the other. Without flexibility, or with nothing opened, the
    mediator can but stand pat.
    """
    for n in range(4):
        for k in range(ISSUES):
            trial.x[n, k] = package.x[k]
            trial.named[n, k] = package.named[k]
    if policy.flexibility <= 0.0:
        return 1
    step = policy.flexibility * member.proposal_step
    for_r = answers.worst_issue(member, state, policy, package, Side.R, True)
    for_u = answers.worst_issue(member, state, policy, package, Side.U, True)
    if for_r == NONE or for_u == NONE:
        return 1
    concede(member, state, trial, TO_R, for_r, step)
    concede(member, state, trial, TO_U, for_u, -step)
    concede(member, state, trial, TRADE, for_r, step)
    concede(member, state, trial, TRADE, for_u, -step)
    return 3 if for_r == for_u else 4


class Weighed(NamedTuple):
    """What a candidate is to each side, as the mediator sees it, and to the mediator.

    Attributes
    ----------
    r, u
        What signing it is to each side.
    chances_r, chances_u
        The chances of a yes and of a condition that the mediator gives to each side, if the other
        side is sure to accept.
    value
        What it is worth to the mediator once accepted.
    """

    r: gains.Signing
    u: gains.Signing
    chances_r: tuple[float, float]
    chances_u: tuple[float, float]
    value: float


_SIGNING = gains.Signing(0.0, 0.0, 0.0)
NOTHING = Weighed(_SIGNING, _SIGNING, (0.0, 0.0), (0.0, 0.0), 0.0)
"""What is chosen before anything is weighed."""


@compiled
def weigh(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    trial: Proposal,
    refusals: Refusals,
) -> None:
    """Choose the candidate of the highest expected worth and leave it first among them.

    Worth is ``P_R P_U (1 + regard_R u_R + regard_U u_U) - (1 - P_R P_U) time cost``, with the
    mediator's beliefs about resolve. The first of equals is chosen.
    """
    count = lay_out(member, state, policy, package, trial)
    best, best_worth, chosen = STAND, -math.inf, NOTHING
    for n in range(count):
        put_candidate(package, trial, n)
        mediator.complete_package(member, state, policy, package)
        weighed = weigh_candidate(member, state, policy, package, refusals)
        yes_r, yes_u = weighed.chances_r[0], weighed.chances_u[0]
        worth = mediator.expected_worth(yes_r, yes_u, weighed.value, -member.time_cost)
        if worth > best_worth:
            best, best_worth, chosen = n, worth, weighed
    choose(trial, best, chosen)


@compiled
def choose(trial: Proposal, best: int, chosen: Weighed) -> None:
    """Leave a candidate first among them, with what it was weighed to be."""
    for k in range(ISSUES):
        trial.x[STAND, k] = trial.x[best, k]
        trial.named[STAND, k] = trial.named[best, k]
    trial.gain[Side.R], trial.gain[Side.U] = chosen.r.gain, chosen.u.gain
    trial.felt[Side.R], trial.felt[Side.U] = chosen.r.felt, chosen.u.felt
    trial.accept[Side.R], trial.condition[Side.R] = chosen.chances_r
    trial.accept[Side.U], trial.condition[Side.U] = chosen.chances_u


@compiled
def weigh_candidate(
    member: Member, state: State, policy: Policy, package: Package, refusals: Refusals
) -> Weighed:
    """What signing the package on the table is worth to each side, and to the mediator.

    A settlement is worth 1 and the sides' utilities of it, each by the mediator's regard.
    """
    refused_r, refused_u = refusals
    both = gains.both_aims(member, state, package)
    values_r = gains.after_signing(member, state, policy, package, Side.R)
    values_u = gains.after_signing(member, state, policy, package, Side.U)
    r = gains.signing_given(member, state, policy, package, Side.R, both, values_r)
    u = gains.signing_given(member, state, policy, package, Side.U, both, values_u)
    regard_r = 1.0 - mediator.blame_on(member, state, policy, Side.R)
    regard_u = 1.0 - mediator.blame_on(member, state, policy, Side.U)
    return Weighed(
        r,
        u,
        believed_chances(member, state, refused_r, Side.R, 1.0, r.gain, r.felt),
        believed_chances(member, state, refused_u, Side.U, 1.0, u.gain, u.felt),
        1.0 + (regard_r * r.settled + regard_u * u.settled),
    )


@compiled
def put_candidate(package: Package, trial: Proposal, n: int) -> None:
    """Write a candidate's offered issues into the package."""
    for k in range(OFFERED):
        package.x[k] = trial.x[n, k]
        package.named[k] = trial.named[n, k]


@compiled
def put(package: Package, trial: Proposal) -> None:
    """Put the chosen candidate, the first, on the table."""
    put_candidate(package, trial, STAND)


@compiled
def read_gains(member: Member, state: State, policy: Policy, package: Package, today: Day) -> None:
    """Note what signing the package on the table is worth to each side."""
    both = gains.both_aims(member, state, package)
    for side in range(2):
        weighed = gains.signing(member, state, policy, package, side, both)
        today.gain[side], today.felt[side] = weighed.gain, weighed.felt


@compiled
def recall_gains(trial: Proposal, today: Day) -> None:
    """Note what the chosen candidate is to each side, and what is expected of each, as weighed."""
    for side in range(2):
        today.gain[side], today.felt[side] = trial.gain[side], trial.felt[side]
        today.accept_believed[side] = trial.accept[side]
        today.condition_believed[side] = trial.condition[side]


@compiled
def todays_believed_yes(
    member: Member, state: State, today: Day, refusals: Refusals, side: int, q: float
) -> float:
    """The chance of a yes to today's package that the mediator gives a side."""
    gained, felt = today.gain[side], today.felt[side]
    return believed_yes(member, state, refusals[side], side, q, gained, felt)


@compiled
def hoped_for(
    member: Member, state: State, today: Day, refusals: Refusals, other: int, true: float
) -> float:
    """The chance of the other's yes with which the side that is asked first reckons.

    With a mediator it is what the mediator believes, which is public; the two sides do not know
    each other's resolve. In direct talks, or if ``opponent_known``, it is the ``true`` chance.
    """
    if not today.mediated:
        return true
    believed = todays_believed_yes(member, state, today, refusals, other, 1.0)
    return partly_known(member, believed, true)


@compiled
def partly_known(member: Member, believed: float, true: float) -> float:
    """A chance that is believed, moved towards the true one as far as sides know each other."""
    return believed + member.opponent_known * (true - believed)


@compiled
def first_mover(
    member: Member, state: State, policy: Policy, today: Day, refusals: Refusals
) -> int:
    """The side that is asked first: the nearer to the mediator; without it, the less blamed."""
    if today.mediated:
        yes_r = todays_believed_yes(member, state, today, refusals, 0, 1.0)
        yes_u = todays_believed_yes(member, state, today, refusals, 1, 1.0)
        return nearer(yes_r, yes_u)
    blame_r = mediator.blame_on(member, state, policy, Side.R)
    blame_u = mediator.blame_on(member, state, policy, Side.U)
    return Side.R if blame_r < blame_u else Side.U


@compiled
def nearer(yes_r: float, yes_u: float) -> int:
    """The side that is the likelier to accept, as the mediator believes."""
    return Side.R if yes_r > yes_u else Side.U


@compiled
def expect_answers(member: Member, state: State, today: Day, refusals: Refusals) -> None:
    """Note the chances that the mediator gave to each side's answer, to learn from it."""
    for side in range(2):
        expect_answer(member, state, today, refusals[side], side)


@compiled
def expect_answer(member: Member, state: State, today: Day, refused: Refusal, side: int) -> None:
    """Note the chances that the mediator gave to the answer of one side."""
    q, gained, felt = today.p_other_accepts[side], today.gain[side], today.felt[side]
    yes, but = believed_chances(member, state, refused, side, q, gained, felt)
    today.accept_believed[side], today.condition_believed[side] = yes, but
