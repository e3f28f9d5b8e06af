"""Rounds of the record: answers that were reported are imposed, the others are drawn.

What is imposed has a chance by the rule, whose log enters the particle's weight.
"""

from __future__ import annotations

import math

from sim.calibrate.observations import (
    DayObservations,
    Other,
)
from sim.engine import world
from sim.engine.domain import NONE, Answer
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, State, Workspace
from sim.engine.rules import answers, day, mediator, proposal
from sim.engine.rules.answers import Refusals
from sim.engine.streams import Purpose, uniforms


@compiled
def log_of(chance: float) -> float:
    """Log of a chance; minus infinity for none."""
    return math.log(chance) if chance > 0.0 else -math.inf


@compiled
def chances(
    member: Member, refusals: Refusals, today: Day, side: int, q: float
) -> tuple[float, float]:
    """A side's chances of a yes and of a condition, given that the other accepts with chance q."""
    today.p_other_accepts[side] = q
    return answers.round_chances(member, refusals[side], q, today.gain[side], today.mediated)


@compiled
def impose(
    member: Member, refusals: Refusals, today: Day, side: int, q: float, answer: int
) -> float:
    """Impose a side's answer and return the log of its chance."""
    yes, but = chances(member, refusals, today, side, q)
    today.answer[side] = answer
    if answer == Answer.ACCEPT:
        return log_of(yes)
    return log_of(but if answer == Answer.CONDITION else 1.0 - yes - but)


@compiled
def sample_refusal(
    clock: Clock, member: Member, refusals: Refusals, today: Day, side: int, q: float
) -> float:
    """Draw the answer of a side that did not accept; return the log of the chance of that."""
    yes, but = chances(member, refusals, today, side, q)
    short = 1.0 - yes
    u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.ANSWER, side)
    today.answer[side] = answers.choose(0.0, but / short if short > 0.0 else 0.0, u)
    return log_of(short)


@compiled
def hopes(
    member: Member, state: State, refusals: Refusals, today: Day, other: int
) -> tuple[float, float]:
    """The chance of the other's yes with which the side asked first reckons, and the true one."""
    follows, _ = chances(member, refusals, today, other, 1.0)
    return proposal.hoped_for(member, state, today, refusals, other, follows), follows


@compiled
def sample_no_agreement(
    clock: Clock, member: Member, state: State, refusals: Refusals, today: Day, first: int
) -> float:
    """Draw both answers, but for two acceptances; return the log of the chance of that."""
    other = 1 - first
    hope, follows = hopes(member, state, refusals, today, other)
    yes, but = chances(member, refusals, today, first, hope)
    left = 1.0 - yes * follows
    u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.ANSWER, first)
    if left > 0.0:
        yes, but = yes * (1.0 - follows) / left, but / left
    today.answer[first] = answers.choose(yes, but, u)
    if today.answer[first] == Answer.ACCEPT:
        sample_refusal(clock, member, refusals, today, other, 1.0)
    else:
        world.one_answer(clock, member, today, refusals[other], other, 0.0)
    return log_of(left)


@compiled
def impose_lone(
    workspace: Workspace, refusals: Refusals, seen: DayObservations, first: int, side: int
) -> None:
    """Impose the one answer that was reported; draw the other, which was no second acceptance."""
    clock, member, today = workspace.clock, workspace.member, workspace.today
    other = 1 - side
    said = seen.answer[side]
    knows = 0.0
    reckons, _ = hopes(member, workspace.state, refusals, today, 1 - first)
    if first == side:
        seen.paid_answer[side] = impose(member, refusals, today, side, reckons, said)
        reckons = 1.0 if said == Answer.ACCEPT else 0.0
    if said == Answer.ACCEPT:
        seen.excluded += sample_refusal(clock, member, refusals, today, other, reckons)
    else:
        world.one_answer(clock, member, today, refusals[other], other, reckons)
        knows = 1.0 if today.answer[other] == Answer.ACCEPT else 0.0
    if first == other:
        seen.paid_answer[side] = impose(member, refusals, today, side, knows, said)


@compiled
def impose_both(
    workspace: Workspace, refusals: Refusals, seen: DayObservations, first: int
) -> None:
    """Impose two answers that were given on the same day, one knowing the other."""
    member, today = workspace.member, workspace.today
    other = 1 - first
    hope, _ = hopes(member, workspace.state, refusals, today, other)
    said = seen.answer[first]
    seen.paid_answer[first] = impose(member, refusals, today, first, hope, said)
    knows = 1.0 if said == Answer.ACCEPT else 0.0
    said = seen.answer[other]
    seen.paid_answer[other] = impose(member, refusals, today, other, knows, said)


@compiled
def impose_one(
    workspace: Workspace, refusals: Refusals, seen: DayObservations, first: int, side: int
) -> None:
    """Impose the one answer of today; the other's came before, is to come, or was not reported."""
    member, today = workspace.member, workspace.today
    known = seen.other[side]
    if known == Other.UNTOLD:
        impose_lone(workspace, refusals, seen, first, side)
        return
    today.answer[1 - side] = NONE
    q = 1.0 if known == Other.ACCEPTED else 0.0
    if known == Other.TO_COME:
        q, _ = hopes(member, workspace.state, refusals, today, 1 - side)
    said = seen.answer[side]
    seen.paid_answer[side] = impose(member, refusals, today, side, q, said)
    seen.agreed = known == Other.ACCEPTED and said == Answer.ACCEPT


@compiled
def open_round(workspace: Workspace, seen: DayObservations, refusals: Refusals) -> None:
    """Put a package and note what it is worth to each side.

    An answer that is reported is an answer to what the levers had on the table, and the second
    answer to a proposal is one to the package as it was put. The package must be complete already.
    """
    member, state, policy = workspace.member, workspace.state, workspace.policy
    package, trial, today = workspace.package, workspace.proposal, workspace.today
    asked = seen.answer[0] != NONE or seen.answer[1] != NONE
    if today.mediated and not seen.awaited and not asked:
        proposal.weigh(member, state, policy, package, trial, refusals)
        proposal.put(package, trial)
        mediator.complete_package(member, state, policy, package)
        proposal.recall_gains(trial, today)
        return
    if asked and not seen.awaited:
        mediator.table_package(member, policy, package)
        mediator.complete_package(member, state, policy, package)
    proposal.read_gains(member, state, policy, package, today)


@compiled
def observe_round(workspace: Workspace, seen: DayObservations) -> None:
    """Hold a round of the record, or one that it does not report.

    A full truce is agreed in it only if both acceptances were reported.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, today = workspace.policy, workspace.today
    refusals = answers.refusals(member, state, policy)
    open_round(workspace, seen, refusals)
    today.first_mover = proposal.first_mover(member, state, policy, today, refusals)
    first = today.first_mover
    if seen.answer[0] != NONE and seen.answer[1] != NONE:
        impose_both(workspace, refusals, seen, first)
        seen.agreed = day.both_accepted(today)
    elif seen.answer[0] != NONE or seen.answer[1] != NONE:
        side = 0 if seen.answer[0] != NONE else 1
        impose_one(workspace, refusals, seen, first, side)
    else:
        seen.excluded += sample_no_agreement(clock, member, state, refusals, today, first)
    if today.mediated:
        proposal.expect_answers(member, state, today, refusals)
