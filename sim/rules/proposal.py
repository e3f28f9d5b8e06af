"""What the mediator puts on the table: four candidates, weighed by what it believes."""

from __future__ import annotations

from sim.domain import ISSUES, OFFERED, Day, Member, Package, Policy, Proposal, Side, State
from sim.jit import compiled
from sim.rules import answers, front, mediator

STAND, TO_R, TO_U, TRADE = 0, 1, 2, 3


@compiled
def believed_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """What signing is worth to a side, as the mediator sees it: by the resolve that it believes."""
    gained = answers.signing_gain(member, state, policy, package, side)
    return gained + member.resolve[side] - state.resolve_mean[side]


@compiled
def believed_yes(
    member: Member, state: State, policy: Policy, package: Package, side: int, q: float
) -> float:
    """The chance of a yes that the mediator gives a side if the other accepts with chance q."""
    gained = believed_gain(member, state, policy, package, side)
    yes, _ = answers.answer_chances(member, state, policy, side, q, gained)
    return yes


@compiled
def concede(
    member: Member, state: State, policy: Policy, package: Package, trial: Proposal, n: int, to: int
) -> int:
    """Move candidate ``n`` towards a side on the offered issue that binds it; return the issue.

    A deferred issue is first named where fighting on would leave it; one that is conceded, or at
    that side's pole already, does not move.
    """
    issue = answers.worst_issue(member, state, policy, package, to, OFFERED)
    if package.conceded[issue]:
        return issue
    if not trial.named[n, issue]:
        trial.named[n, issue] = True
        trial.x[n, issue] = front.expected(member, issue, state.momentum)
    step = policy.flexibility * member.proposal_step
    towards = step if to == Side.R else -step
    trial.x[n, issue] = min(1.0, max(0.0, trial.x[n, issue] + towards))
    return issue


@compiled
def lay_out(member: Member, state: State, policy: Policy, package: Package, trial: Proposal) -> int:
    """Write the candidates and return how many there are.

    Stand pat; concede to R, to U; trade one issue against another. Without flexibility the
    mediator can but stand pat.
    """
    for n in range(4):
        for k in range(ISSUES):
            trial.x[n, k] = package.x[k]
            trial.named[n, k] = package.named[k]
    if policy.flexibility <= 0.0:
        return 1
    concede(member, state, policy, package, trial, TO_R, Side.R)
    concede(member, state, policy, package, trial, TO_U, Side.U)
    for_r = concede(member, state, policy, package, trial, TRADE, Side.R)
    for_u = concede(member, state, policy, package, trial, TRADE, Side.U)
    return 3 if for_r == for_u else 4


@compiled
def weigh(member: Member, state: State, policy: Policy, package: Package, trial: Proposal) -> None:
    """Choose the candidate of the highest expected worth and leave it first among them.

    Worth is ``P_R P_U (1 + regard_R u_R + regard_U u_U) - (1 - P_R P_U) time cost``, with the
    mediator's beliefs about resolve.
    """
    count = lay_out(member, state, policy, package, trial)
    if count == 1:
        return
    for n in range(4):
        trial.accept_r[n] = 0.0
        trial.accept_u[n] = 0.0
        trial.value[n] = -1.0
    for n in range(count):
        put_candidate(package, trial, n)
        mediator.complete_package(member, state, policy, package)
        trial.accept_r[n] = believed_yes(member, state, policy, package, Side.R, 1.0)
        trial.accept_u[n] = believed_yes(member, state, policy, package, Side.U, 1.0)
        trial.value[n] = 1.0 + regarded_utility(member, state, policy, package)
    best = mediator.propose(trial.accept_r, trial.accept_u, trial.value, -member.time_cost)
    for k in range(ISSUES):
        trial.x[STAND, k] = trial.x[best, k]
        trial.named[STAND, k] = trial.named[best, k]


@compiled
def regarded_utility(member: Member, state: State, policy: Policy, package: Package) -> float:
    """The sides' utilities of a package once signed, each by the mediator's regard for it."""
    total = 0.0
    for side in range(2):
        read = front.read_front(member, side, state.momentum)
        after = read + answers.feared_shift(member, state, policy, package, side)
        regard = 1.0 - mediator.against(member, state, policy, side)
        total += regard * answers.utility(member, package, side, after, True)
    return total


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
def first_mover(member: Member, state: State, policy: Policy, package: Package, today: Day) -> int:
    """The side that is asked first: the nearer to the mediator; without it, the less blamed."""
    if today.mediated:
        yes_r = believed_yes(member, state, policy, package, Side.R, 1.0)
        yes_u = believed_yes(member, state, policy, package, Side.U, 1.0)
        return Side.R if yes_r > yes_u else Side.U
    blame_r = mediator.against(member, state, policy, Side.R)
    blame_u = mediator.against(member, state, policy, Side.U)
    return Side.R if blame_r < blame_u else Side.U


@compiled
def expect_answers(
    member: Member, state: State, policy: Policy, package: Package, today: Day
) -> None:
    """Note the chance that the mediator gave to each side's yes, to learn from the answer."""
    for side in range(2):
        q = today.reach[side]
        today.accept_believed[side] = believed_yes(member, state, policy, package, side, q)
