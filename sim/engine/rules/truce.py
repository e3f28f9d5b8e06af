"""A truce in force: what staying is worth, what breaks it, and what it leaves behind."""

from __future__ import annotations

import math

from sim.engine.domain import NONE, TRUCE_DAYS, Domain, Issuer, Side
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import gains, pressure


@compiled
def scope_put(u: float) -> int:
    """What a partial truce covers that the mediator puts: each `Scope` alike, by a uniform."""
    return min(2, int(3.0 * u))


@compiled
def stay(kept: float, breach_cost: float, punishment: float) -> float:
    """Value of staying in a truce: what is kept by it, and what breaking it would cost."""
    return kept + breach_cost + punishment


@compiled
def side_stay(member: Member, state: State, policy: Policy, package: Package, side: int) -> float:
    """Value of staying for a side today, in stakes.

    The gain is computed again for the days that are left; the audience cost was paid at signature.
    R also faces the guarantor, as far as its backstop is believed.
    """
    months_left = (TRUCE_DAYS - state.truce_day) / 30.0
    kept = gains.side_gain(member, state, policy, package, side, months_left)
    punished = 0.0
    if side == Side.R:
        word = policy.backstop * pressure.believed(member, state, policy, Issuer.BACKSTOP)
        punished = word * package.guarantee * member.punishment
    return stay(kept, pressure.breach_value(member, state, policy, side), punished)


@compiled
def settling(member: Member, age: int) -> float:
    """How the hazard of a truce's day stands to the mean of its 30 days; ``age`` is 0 at first.

    The first days are the worst: the factors fall as those of a Weibull law whose shape is below 1,
    and sum to 30.
    """
    shape = member.truce_settling
    return 30.0 * (math.pow((age + 1) / 30.0, shape) - math.pow(age / 30.0, shape))


@compiled
def exit_hazard(member: Member, stay_value: float) -> float:
    """Hazard a day that a side leaves a full truce, on the mean of its days."""
    return member.exit_hazard * math.exp(-member.exit_slope * stay_value)


@compiled
def partial_hazard(member: Member, stay_value: float) -> float:
    """Hazard a day that a side ends a partial truce, on the mean of its days."""
    return member.partial_hazard * math.exp(-member.exit_slope * stay_value)


@compiled
def end_chance(member: Member, hazard: float, age: int) -> float:
    """Chance that what has a mean hazard a day happens today, on a truce's day ``age``."""
    return ends_today(member, settling(member, age) * hazard)


@compiled
def ends_today(member: Member, hazard: float) -> float:
    """Chance that what has a hazard of today, `settling` included, happens today."""
    return 1.0 - math.exp(-min(member.exit_cap, hazard))


@compiled
def exit_chance(member: Member, state: State, stay_value: float) -> float:
    """Chance that a side leaves the full truce in force today."""
    return end_chance(member, exit_hazard(member, stay_value), state.truce_day)


@compiled
def recent_incidents(state: State, side: int, domain: int) -> float:
    """Incidents by a side in a domain over the last seven days."""
    total = 0.0
    for n in range(7):
        total += state.incidents[2 * side + domain, n]
    return total


@compiled
def domain_share(member: Member, domain: int) -> float:
    """The part of a side's incidents that falls in a domain."""
    if domain == Domain.LONG_RANGE:
        return member.long_range_share
    return 1.0 - member.long_range_share


@compiled
def mean_calm_rate(
    member: Member, state: State, policy: Policy, package: Package, side: int, stay_value: float
) -> float:
    """Incidents a day by a side that leaders answer to, in all domains, on the mean of 30 days."""
    z = (
        -member.incident_monitoring * policy.monitoring
        - member.incident_trust * state.trust
        + member.incident_temptation * max(0.0, -stay_value)
    )
    if side == Side.R:
        z -= member.incident_guarantee * package.guarantee
    return member.incident_rate[side] * math.exp(min(member.incident_log_cap, z))


@compiled
def calm_rate(
    member: Member, state: State, policy: Policy, package: Package, side: int, stay_value: float
) -> float:
    """Incidents today by a side that leaders answer to, in all domains, retaliation apart."""
    mean = mean_calm_rate(member, state, policy, package, side, stay_value)
    return settling(member, state.truce_day) * mean


@compiled
def incident_rate(member: Member, state: State, side: int, domain: int, calm: float) -> float:
    """Incidents a day by a side in a domain, those in answer to the other's last week included.

    ``calm`` is the rate of `calm_rate`, of which the domain has its share.
    """
    answered = member.retaliation[side] * recent_incidents(state, 1 - side, domain) / 7.0
    return domain_share(member, domain) * calm + answered


@compiled
def partial_stay(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """Value of staying in the partial truce in force, for the days that it has left."""
    months = (TRUCE_DAYS - state.partial_day) / 30.0
    scope = state.partial_scope
    return gains.partial_worth(member, state, policy, package, side, scope, months)


@compiled
def partial_end_chance(member: Member, state: State, stay_value: float) -> float:
    """Chance that a side ends the partial truce in force today."""
    return end_chance(member, partial_hazard(member, stay_value), state.partial_day)


@compiled
def patience_ends_chance(member: Member, incidents: float) -> float:
    """Chance that today's incidents end the truce: each ends the aggrieved side's patience."""
    if incidents == 0.0:
        return 0.0
    return 1.0 - math.pow(1.0 - member.patience_ends, incidents)


@compiled
def trust_in_truce(member: Member, state: State, incidents: float) -> float:
    """Trust after a day of truce: a quiet one adds, each incident takes."""
    if incidents > 0.0:
        return max(0.0, state.trust - member.trust_incident * incidents)
    return min(1.0, state.trust + member.trust_day)


@compiled
def partly_relieved(member: Member, state: State, package: Package, scope: int) -> float:
    """Sanctions that a partial truce lifts: the price of its scope, a part of that relief."""
    return state.sanctions * member.partial_price[scope] * package.relief_now


@compiled
def take_effect(member: Member, state: State, package: Package, today: int) -> None:
    """Let a full truce begin tomorrow: relief at signature, and no pause or partial truce."""
    state.truce_starts = today + 1
    state.truce_day = 0
    state.relieved = gains.lifted_by_truce(member, state, package)
    state.partial_scope = NONE
    state.pause_until = NONE


@compiled
def expire(state: State, today: int) -> None:
    """End a truce at its term, kept: its relief ends with it, trust stays, and talks may go on."""
    close(state)
    state.talks_resume = today + 1


@compiled
def close(state: State) -> None:
    """Leave no truce in force."""
    state.truce_starts = NONE
    state.truce_day = 0
    state.relieved = 0.0
    for row in range(4):
        for n in range(7):
            state.incidents[row, n] = 0.0


@compiled
def collapse(member: Member, state: State, today: int) -> None:
    """End a truce before its day: less trust, relief snaps back, and talks pause."""
    state.trust *= member.trust_collapse_share
    state.talks_resume = today + 1 + int(member.collapse_pause_days)
    close(state)


@compiled
def punish(member: Member, state: State, policy: Policy, package: Package) -> None:
    """Let the guarantor answer a breach by R: the front moves against it."""
    state.momentum -= member.punishment_shift * policy.backstop * package.guarantee
