"""The price: what a world is worth to a side by its end, in stakes, its resolve left out.

Resolve is a mood, no outcome: it moves what a side says, not what it is left with.
"""

from __future__ import annotations

from sim.engine.domain import Outcome
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import gains
from sim.engine.rules.settlement_values import prospects


@compiled
def day_of_war(member: Member, state: State, policy: Policy, side: int, sanctions: float) -> float:
    """Cost to a side of one day of fighting, and of the sanctions that are in force on it."""
    fight = gains.war_burden(member, state, policy, side)
    burden = gains.sanctions_weight(member, side) * sanctions
    return (fight + burden) / (30.0 * member.war_months)


@compiled
def worth_ahead(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    outcome: int,
    days_left: int,
) -> float:
    """What lies ahead of a side at the end of a world, at the momentum that there truly is.

    After a truce that held, the package as signed: settled, or else the war again, which is fought
    on the ``days_left`` of the horizon too, so that all worlds are told as of one day. Without such
    a truce the war fought on.
    """
    settled, _, fought = prospects(member, package, side, state.momentum, state.momentum)
    weight = gains.sanctions_weight(member, side)
    war = fought - gains.war_burden(member, state, policy, side) - weight * state.sanctions
    if outcome != Outcome.HELD:
        return war
    near = gains.nearness(gains.both_aims(member, state, package))
    chance = gains.settlement_chance(member, state, package, near)
    peace = settled - weight * gains.left_by_settlement(member, state, package)
    war -= days_left * day_of_war(member, state, policy, side, state.sanctions)
    return chance * peace + (1.0 - chance) * war - gains.audience(member, package, side)
