"""What the mediator puts on the table: four candidates, weighed by what it believes."""

from __future__ import annotations

from sim.engine.domain import ISSUES, OFFERED, Side
from sim.engine.jit import compiled
from sim.engine.records import Day, Member, Package, Policy, Proposal, State
from sim.engine.rules import answers, front, gains, mediator
from sim.engine.rules.answers import Refusal, Refusals

STAND, TO_R, TO_U, TRADE = 0, 1, 2, 3


@compiled
def believed_yes(
    member: Member, state: State, refused: Refusal, side: int, q: float, gain_value: float
) -> float:
    """The chance of a yes that the mediator gives a side if the other accepts with chance q.

    It computes the side's gain as the side does, but for the resolve, which it can only believe.
    """
    believed = gain_value + member.resolve[side] - state.resolve_mean[side]
    yes, _ = answers.mediated_chances(member, refused, q, believed)
    return yes


@compiled
def concede(
    member: Member, state: State, package: Package, trial: Proposal, n: int, issue: int, step: float
) -> None:
    """Move candidate ``n`` on an issue by a signed step.

    A deferred issue is first named where fighting on would leave it; one that is conceded, or at
    that side's pole already, does not move.
    """
    if package.conceded[issue]:
        return
    if not trial.named[n, issue]:
        trial.named[n, issue] = True
        trial.x[n, issue] = front.expected(member, issue, state.momentum)
    trial.x[n, issue] = min(1.0, max(0.0, trial.x[n, issue] + step))


@compiled
def lay_out(member: Member, state: State, policy: Policy, package: Package, trial: Proposal) -> int:
    """Write the candidates and return how many there are.

    Stand pat; concede to R, to U, each on the offered issue that binds it; trade the one against
    the other. Without flexibility the mediator can but stand pat.
    """
    for n in range(4):
        for k in range(ISSUES):
            trial.x[n, k] = package.x[k]
            trial.named[n, k] = package.named[k]
    if policy.flexibility <= 0.0:
        return 1
    step = policy.flexibility * member.proposal_step
    for_r = answers.worst_issue(member, state, policy, package, Side.R, OFFERED)
    for_u = answers.worst_issue(member, state, policy, package, Side.U, OFFERED)
    concede(member, state, package, trial, TO_R, for_r, step)
    concede(member, state, package, trial, TO_U, for_u, -step)
    concede(member, state, package, trial, TRADE, for_r, step)
    concede(member, state, package, trial, TRADE, for_u, -step)
    return 3 if for_r == for_u else 4


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
    mediator's beliefs about resolve.
    """
    count = lay_out(member, state, policy, package, trial)
    for n in range(4):
        trial.accept_r[n] = 0.0
        trial.accept_u[n] = 0.0
        trial.value[n] = -1.0
    for n in range(count):
        put_candidate(package, trial, n)
        mediator.complete_package(member, state, policy, package)
        weigh_candidate(member, state, policy, package, trial, refusals, n)
    best = mediator.propose(trial.accept_r, trial.accept_u, trial.value, -member.time_cost)
    for k in range(ISSUES):
        trial.x[STAND, k] = trial.x[best, k]
        trial.named[STAND, k] = trial.named[best, k]
    for side in range(2):
        trial.gain[STAND, side] = trial.gain[best, side]
    trial.accept_r[STAND] = trial.accept_r[best]
    trial.accept_u[STAND] = trial.accept_u[best]
    trial.value[STAND] = trial.value[best]


@compiled
def weigh_candidate(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    trial: Proposal,
    refusals: Refusals,
    n: int,
) -> None:
    """Note what signing the package on the table is worth to each side, and to the mediator.

    A settlement is worth 1 and the sides' utilities of it, each by the mediator's regard.
    """
    refused_r, refused_u = refusals
    gain_r, settled_r = gains.signing(member, state, policy, package, Side.R)
    gain_u, settled_u = gains.signing(member, state, policy, package, Side.U)
    trial.gain[n, Side.R] = gain_r
    trial.gain[n, Side.U] = gain_u
    trial.accept_r[n] = believed_yes(member, state, refused_r, Side.R, 1.0, gain_r)
    trial.accept_u[n] = believed_yes(member, state, refused_u, Side.U, 1.0, gain_u)
    regard_r = 1.0 - mediator.blame_on(member, state, policy, Side.R)
    regard_u = 1.0 - mediator.blame_on(member, state, policy, Side.U)
    trial.value[n] = 1.0 + (regard_r * settled_r + regard_u * settled_u)


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
    for side in range(2):
        today.gain[side] = gains.signing_gain(member, state, policy, package, side)


@compiled
def recall_gains(trial: Proposal, today: Day) -> None:
    """Note what signing the chosen candidate is worth to each side, as it was weighed."""
    for side in range(2):
        today.gain[side] = trial.gain[STAND, side]


@compiled
def first_mover(
    member: Member, state: State, policy: Policy, today: Day, refusals: Refusals
) -> int:
    """The side that is asked first: the nearer to the mediator; without it, the less blamed."""
    if today.mediated:
        refused_r, refused_u = refusals
        yes_r = believed_yes(member, state, refused_r, Side.R, 1.0, today.gain[0])
        yes_u = believed_yes(member, state, refused_u, Side.U, 1.0, today.gain[1])
        return Side.R if yes_r > yes_u else Side.U
    blame_r = mediator.blame_on(member, state, policy, Side.R)
    blame_u = mediator.blame_on(member, state, policy, Side.U)
    return Side.R if blame_r < blame_u else Side.U


@compiled
def expect_answers(member: Member, state: State, today: Day, refusals: Refusals) -> None:
    """Note the chance that the mediator gave to each side's yes, to learn from the answer."""
    for side in range(2):
        today.accept_believed[side] = believed_yes(
            member, state, refusals[side], side, today.p_other_accepts[side], today.gain[side]
        )
