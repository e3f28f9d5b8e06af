"""Days of a full truce in the record: that it lasted has a chance, and so has its end.

A day of truce ends by whatever comes first in it: one of two sides walks out, or the incidents of
one of them end the other's patience (`sim.engine.world.decide_truce`). Each comes at a time
``U / c``, U uniform and c its chance, if that is below 1; so that the first is number k with chance

    c_k times the integral from 0 to 1 of the product over the others j of (1 - c_j t) dt.
"""

from __future__ import annotations

from sim.calibrate.observations import DayObservations, Ended
from sim.calibrate.observed_rounds import log_of
from sim.engine import world
from sim.engine.domain import NONE, Side, Threat, TruceEnd
from sim.engine.jit import compiled
from sim.engine.records import Workspace
from sim.engine.rules import imposed, pressure, truce
from sim.engine.streams import Purpose, uniforms


@compiled
def comes_first(chance: float, a: float, b: float, c: float) -> float:
    """Chance that one cause ends a day's truce first; ``a``, ``b``, ``c`` are the others' chances.

    The integral of the module's formula, multiplied out.
    """
    return chance * (1.0 - (a + b + c) / 2.0 + (a * b + a * c + b * c) / 3.0 - a * b * c / 4.0)


@compiled
def end_chances(workspace: Workspace) -> tuple[float, float, float, float]:
    """Draw today's incidents; return the chances that each cause ends the truce, R before U.

    Two of walking out, then two of incidents that end the other's patience.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    policy, package, today = workspace.policy, workspace.package, workspace.today
    stay_r = truce.side_stay(member, state, policy, package, Side.R)
    stay_u = truce.side_stay(member, state, policy, package, Side.U)
    calm_r = truce.calm_rate(member, state, policy, package, Side.R, stay_r)
    calm_u = truce.calm_rate(member, state, policy, package, Side.U, stay_u)
    world.decide_incidents(clock, member, state, calm_r, Side.R, today)
    world.decide_incidents(clock, member, state, calm_u, Side.U, today)
    by_r = today.incidents[0] + today.incidents[1]
    by_u = today.incidents[2] + today.incidents[3]
    return (
        truce.exit_chance(member, state, stay_r),
        truce.exit_chance(member, state, stay_u),
        truce.patience_ends_chance(member, by_r),
        truce.patience_ends_chance(member, by_u),
    )


@compiled
def observe_truce(workspace: Workspace, seen: DayObservations) -> None:
    """Impose that the truce in force lasted today, or how it ended and by whom."""
    exit_r, exit_u, patience_r, patience_u = end_chances(workspace)
    if seen.truce_ends == NONE:
        lasts = (1.0 - exit_r) * (1.0 - exit_u) * (1.0 - patience_r) * (1.0 - patience_u)
        seen.silent += log_of(lasts)
        return
    by_r, by_u = 0.0, 0.0
    if seen.truce_ends != Ended.BY_INCIDENT:
        by_r += comes_first(exit_r, exit_u, patience_r, patience_u)
        by_u += comes_first(exit_u, exit_r, patience_r, patience_u)
    if seen.truce_ends != Ended.BY_EXIT:
        by_r += comes_first(patience_r, exit_r, exit_u, patience_u)
        by_u += comes_first(patience_u, exit_r, exit_u, patience_r)
    impose_end(workspace, seen, by_r, by_u)
    observe_breach(workspace, seen)


@compiled
def impose_end(workspace: Workspace, seen: DayObservations, by_r: float, by_u: float) -> None:
    """End the truce by who is blamed for it, or by either as their chances are."""
    clock, today = workspace.clock, workspace.today
    breaker = seen.breaker
    if breaker == NONE:
        u, _, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.EXIT, 0)
        breaker = Side.R if u * (by_r + by_u) < by_r else Side.U
        seen.paid_truce_end = log_of(by_r + by_u)
    else:
        seen.paid_truce_end = log_of(by_r if breaker == Side.R else by_u)
    today.breaker = breaker
    incident = seen.truce_ends == Ended.BY_INCIDENT
    today.truce_ends = TruceEnd.INCIDENT if incident else TruceEnd.EXIT


@compiled
def observe_breach(workspace: Workspace, seen: DayObservations) -> None:
    """Impose what was done on the day of a breach: what was not reported, was let pass."""
    member, state, policy = workspace.member, workspace.state, workspace.policy
    today = workspace.today
    if policy.on_breach > 0.0:
        today.breach = True
        for threat in range(3):
            if pressure.target_of(threat) == today.breaker:
                led = today.met[Threat.MEDIATOR_SANCTIONS]
                chance = pressure.follow_through_chance(member, state, policy, threat, led)
                impose_decision(workspace, seen, threat, chance)
                bite = pressure.breach_bite(member, state, policy, threat)
                today.bite[threat] = imposed.told_bite(
                    member, state, policy, threat, seen.size[threat], bite
                )
    if today.breaker == Side.R and policy.backstop > 0.0:
        today.backstop_called = True
        today.backstop_honoured = seen.guarantor_acts
        chance = pressure.follow_through_chance(
            member, state, policy, Threat.MEDIATOR_SANCTIONS, False
        )
        if seen.guarantor_acts:
            seen.paid_guarantor = log_of(chance)
        else:
            seen.silent += log_of(1.0 - chance)


@compiled
def impose_decision(
    workspace: Workspace, seen: DayObservations, threat: int, chance: float
) -> None:
    """Carry a threat out or let it pass as was reported; where nothing was, it was let pass."""
    today = workspace.today
    met = seen.decision[threat] == 1
    imposed.set_decision(today, threat, met)
    paid = log_of(chance if met else 1.0 - chance)
    if seen.decision[threat] != NONE:
        seen.paid_decision[threat] = paid
    else:
        seen.silent += paid
