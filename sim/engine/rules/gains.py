"""What a belligerent stands to gain from a truce over fighting on.

All values are in *stakes*: the utility distance between a side's worst and best settlement.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sim.engine.domain import TRUCE_DAYS, Issue, Side
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State
from sim.engine.rules import front
from sim.engine.rules.red_lines import audience_given, beyond, terms_place
from sim.engine.rules.settlement_values import prospects


@compiled
def gain(
    settle: float, fallback: float, chance: float, audience: float, war: float, resolve: float
) -> float:
    """What a truce is worth over fighting on.

    With probability ``chance`` it becomes a settlement worth ``settle``, else the war resumes,
    worth ``fallback``; ``audience`` is the cost at home of what was signed and ``resolve`` the
    side's hidden tolerance of the cost of war.
    """
    return chance * settle + (1.0 - chance) * fallback - audience - war - resolve


@compiled
def audience(member: Member, package: Package, side: int) -> float:
    """Cost at home of signing what lies beyond a side's red lines (Fearon 1994)."""
    return audience_given(member, package, side, terms_place(member, package, side))


@compiled
def war_burden(member: Member, state: State, policy: Policy, side: int) -> float:
    """Cost of fighting on for as long as the war is expected to last, sanctions apart.

    U's falls with its arms, and R's rises with them.
    """
    supply = front.aid_now(state, policy)
    if side == Side.R:
        dearer = 1.0 + member.aid_cost_to_enemy * (supply - 1.0)
        return member.fighting_cost[0] * max(0.0, dearer)
    return max(0.0, front.fighting_cost(member, supply))


# ------------------------------------------------------------------ sanctions


@compiled
def sanctions_weight(member: Member, side: int) -> float:
    """Cost to a side of the fullest sanctions for as long as the war is expected to last."""
    return member.sanctions_burden if side == Side.R else 0.0


@compiled
def sanctions_burden(member: Member, state: State, side: int) -> float:
    """Cost of the sanctions in force for as long as the war is expected to last."""
    return sanctions_weight(member, side) * state.sanctions


@compiled
def lifted_by_truce(member: Member, state: State, package: Package) -> float:
    """Sanctions that a full truce lifts while it is in force.

    The relief that is due at signature, and of what was imposed for refusing a truce at least the
    share that goes when one is accepted.
    """
    forced = max(package.relief_now, member.coerced_lift)
    return (state.sanctions - state.coerced) * package.relief_now + state.coerced * forced


@compiled
def left_by_settlement(member: Member, state: State, package: Package) -> float:
    """Sanctions that a settlement leaves in force."""
    forced = max(package.relief, member.coerced_lift)
    return (state.sanctions - state.coerced) * (1.0 - package.relief) + state.coerced * (
        1.0 - forced
    )


# ------------------------------------------------------------------ what a package meets


class Aims(NamedTuple):
    """How far a package meets what a side fights for.

    Attributes
    ----------
    named
        How much of it the package names, as of `terms_place`.
    met
        The share of what the side would lose by fighting on that the package, settled, spares it.
    """

    named: float
    met: float


@compiled
def aims(member: Member, state: State, package: Package, side: int) -> Aims:
    """How far a package meets what a side fights for, at the momentum that it reads."""
    named = terms_place(member, package, side)
    if named <= 0.0:
        return Aims(0.0, 0.0)
    read = front.read_front(member, side, state.momentum)
    settled, _, fought = prospects(member, package, side, read, read)
    if fought >= 0.0:
        return Aims(named, 0.0)
    return Aims(named, min(1.0, max(0.0, 1.0 - settled / fought)))


@compiled
def both_aims(member: Member, state: State, package: Package) -> tuple[Aims, Aims]:
    """How far a package meets what each side fights for."""
    return aims(member, state, package, Side.R), aims(member, state, package, Side.U)


@compiled
def felt_resolve(member: Member, own: Aims) -> float:
    """The share of its resolve that weighs against a full truce: aims that are met need no war."""
    return 1.0 - member.aims_met * own.named * own.met


@compiled
def nearness(both: tuple[Aims, Aims]) -> float:
    """How near a package is to a settlement: what it names, as far as both can live with it."""
    one, other = both
    return 0.5 * (one.named + other.named) * min(one.met, other.met)


@compiled
def settlement_chance(member: Member, state: State, package: Package, near: float) -> float:
    """Chance that a truce becomes a settlement.

    Guarantee and trust raise it, and so does a package that is ``near`` to one (`nearness`).
    """
    z = (
        member.settlement_base
        + member.settlement_guarantee * package.guarantee
        + member.settlement_trust * state.trust
        + member.settlement_named * near
    )
    return 1.0 / (1.0 + math.exp(-z))


@compiled
def feared_shift(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """How far a truce is feared to move the front against a side, as a change of momentum.

    The commitment problem (Powell 2006). R fears a U that rearms, the less so under force limits,
    or that is guaranteed; U fears a renewed attack, the less so under guarantee and monitoring.
    """
    if side == Side.R:
        rearmed = member.rearmament_fear * front.aid_now(state, policy)
        rearmed *= 1.0 - package.force_limits
        return -(rearmed + member.guarantee_rivalry * package.guarantee)
    watched = 1.0 - member.monitoring_relief * policy.monitoring
    return member.attack_fear * (1.0 - package.guarantee) * watched


@compiled
def after_truce(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    read: float,
    extent: float,
) -> float:
    """Momentum that a side fears after a truce of some extent, given how it reads the front.

    A truce stops an offensive, of which a part is left when it fails, and brings on the shift that
    is feared.
    """
    kept = 1.0 - extent * (1.0 - member.truce_momentum_kept)
    return kept * read + extent * feared_shift(member, state, policy, package, side)


class TruceSize(NamedTuple):
    """What a truce is to the side that weighs it.

    Attributes
    ----------
    share
        Months of war that it spares: coverage x days / 30.
    lifted
        Months x sanctions that it lifts, the price of signing.
    settlement_share
        Its chance to become a settlement, as a share of a full truce's.
    extent
        How far it stops the front and brings on the shift that is feared, 1 for a full truce.
    resolve
        The share of its resolve that the side gives up.
    near
        How near its package is to a settlement.
    """

    share: float
    lifted: float
    settlement_share: float
    extent: float
    resolve: float
    near: float


@compiled
def full_size(
    member: Member,
    state: State,
    package: Package,
    side: int,
    months: float,
    both: tuple[Aims, Aims],
) -> TruceSize:
    """What a full truce of so many months is to a side, given how far the package meets both."""
    own = both[0] if side == Side.R else both[1]
    lifted = months * lifted_by_truce(member, state, package)
    return TruceSize(months, lifted, 1.0, 1.0, felt_resolve(member, own), nearness(both))


@compiled
def side_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, months: float
) -> float:
    """Gain of a side from a full truce that saves so many months of war, audience cost apart."""
    both = both_aims(member, state, package)
    size = full_size(member, state, package, side, months, both)
    return truce_gain(member, state, policy, package, side, size)


@compiled
def truce_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, size: TruceSize
) -> float:
    """Gain of a side from a truce of any size, audience cost apart."""
    read = front.read_front(member, side, state.momentum)
    after = after_truce(member, state, policy, package, side, read, size.extent)
    values = prospects(member, package, side, read, after)
    return gain_given(member, state, policy, package, side, size, values)


@compiled
def gain_given(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    size: TruceSize,
    values: tuple[float, float, float],
) -> float:
    """Gain of a side from a truce, given its `prospects`; the rest as in `truce_gain`.

    A truce over a part of the war asks a side to give up its tolerance of that part alone. What
    was lifted is back when the war resumes.
    """
    settled, resumed, fought = values
    fight = war_burden(member, state, policy, side)
    weight = sanctions_weight(member, side)
    burden = sanctions_burden(member, state, side)
    spared = (size.share * fight + size.lifted * weight) / member.war_months
    settle = settled - weight * left_by_settlement(member, state, package)
    lost = resumed - (fight + burden) + spared
    war = fought - (fight + burden)
    chance = size.settlement_share * settlement_chance(member, state, package, size.near)
    return gain(settle, lost, chance, 0.0, war, size.resolve * member.resolve[side])


class Signing(NamedTuple):
    """What signing a package for a full truce is to a side.

    Attributes
    ----------
    gain
        Over fighting on, audience cost paid.
    settled
        Its utility of the package settled.
    felt
        The share of its resolve that weighs against it.
    """

    gain: float
    settled: float
    felt: float


@compiled
def signing(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    both: tuple[Aims, Aims],
) -> Signing:
    """Weigh signing a full truce now, given how far the package meets both sides."""
    values = after_signing(member, state, policy, package, side)
    return signing_given(member, state, policy, package, side, both, values)


@compiled
def after_signing(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> tuple[float, float, float]:
    """The `prospects` of a side that signs a full truce now."""
    read = front.read_front(member, side, state.momentum)
    after = after_truce(member, state, policy, package, side, read, 1.0)
    return prospects(member, package, side, read, after)


@compiled
def signing_given(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    both: tuple[Aims, Aims],
    values: tuple[float, float, float],
) -> Signing:
    """Weigh it, given its prospects; how much a package names is its place on `truce_terms`."""
    own = both[0] if side == Side.R else both[1]
    size = full_size(member, state, package, side, TRUCE_DAYS / 30.0, both)
    before = gain_given(member, state, policy, package, side, size, values)
    paid = audience_given(member, package, side, own.named)
    return Signing(before - paid, values[0], size.resolve)


@compiled
def signing_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int
) -> float:
    """Gain of a side from signing a full truce now, audience cost paid."""
    both = both_aims(member, state, package)
    return signing(member, state, policy, package, side, both).gain


@compiled
def partial_gain(
    member: Member, state: State, policy: Policy, package: Package, side: int, scope: int
) -> float:
    """Gain of a side from a partial truce of 30 days.

    It spares less war, brings on less of what is feared, and seldom leads further; R is paid for
    it with relief, as far as any is on offer at signature.
    """
    coverage = member.partial_coverage[scope]
    terms = beyond(member, side, Issue.TRUCE_TERMS, 0.5)
    weight = member.weight[side, Issue.TRUCE_TERMS]
    before = partial_worth(member, state, policy, package, side, scope, TRUCE_DAYS / 30.0)
    return before - coverage * member.audience_cost * weight * terms


@compiled
def partial_worth(
    member: Member,
    state: State,
    policy: Policy,
    package: Package,
    side: int,
    scope: int,
    months: float,
) -> float:
    """Gain of a side from a partial truce that has so many months to go, audience cost apart."""
    coverage = member.partial_coverage[scope]
    lifted = months * member.partial_price[scope] * package.relief_now * state.sanctions
    resolve = coverage * member.partial_resolve
    spared = coverage * months
    size = TruceSize(spared, lifted, member.partial_settlement, coverage, resolve, 0.0)
    return truce_gain(member, state, policy, package, side, size)


@compiled
def pause_gain(member: Member, state: State, policy: Policy, package: Package, side: int) -> float:
    """Gain of a side from keeping a short pause that the other has declared."""
    share = member.pause_days / 30.0
    size = TruceSize(share, 0.0, 0.0, share, share, 0.0)
    return truce_gain(member, state, policy, package, side, size)
