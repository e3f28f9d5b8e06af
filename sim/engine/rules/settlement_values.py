"""What lies ahead: where each issue ends, and what that is worth to a side.

The usual exponent of losses is 1. It has a branch of its own, so that the compiler leaves out the
power, which costs as much as all the rest.
"""

from __future__ import annotations

import math

from sim.engine.domain import VALUED
from sim.engine.jit import compiled, compiled_apart
from sim.engine.records import Member, Package
from sim.engine.rules import front


@compiled
def place(
    member: Member, package: Package, issue: int, momentum_read: float, signed: bool
) -> float:
    """Where a side expects an issue to end, 0 to 1.

    A conceded issue is where it was conceded to; a named one, once signed, where the package puts
    it; anything else where the front will have taken it.
    """
    if package.conceded[issue]:
        return package.x[issue]
    if signed and package.named[issue]:
        return package.x[issue]
    return front.expected(member, issue, momentum_read)


@compiled
def loss(x: float, ideal: float, exponent: float) -> float:
    """What an issue that ends at ``x`` costs a side whose ideal is another, before its weight."""
    distance = abs(x - ideal)
    return distance if exponent == 1.0 else math.pow(distance, exponent)


@compiled
def prospects(
    member: Member, package: Package, side: int, read: float, after: float
) -> tuple[float, float, float]:
    """Utilities of a side, -1 to 0, of three futures.

    The package signed and settled, the war resumed after a truce, and the war fought on.

    Parameters
    ----------
    read, after
        Momentum as the side reads it now, and as it fears it after a truce.
    """
    if member.exponent == 1.0:
        return settlement_utilities(member, package, side, read, after, 1.0)
    return settlement_values_with_exponent(member, package, side, read, after)


@compiled_apart
def settlement_values_with_exponent(
    member: Member, package: Package, side: int, read: float, after: float
) -> tuple[float, float, float]:
    """Utilities as of `prospects` where losses bend with distance, which is seldom tried."""
    return settlement_utilities(member, package, side, read, after, member.exponent)


@compiled
def settlement_utilities(
    member: Member, package: Package, side: int, read: float, after: float, exponent: float
) -> tuple[float, float, float]:
    """Utilities as of `prospects`, given the exponent of losses."""
    settled = 0.0
    resumed = 0.0
    fought = 0.0
    for k in range(VALUED):
        weight = member.weight[side, k]
        ideal = member.ideal[side, k]
        settled -= weight * loss(place(member, package, k, after, True), ideal, exponent)
        resumed -= weight * loss(place(member, package, k, after, False), ideal, exponent)
        fought -= weight * loss(place(member, package, k, read, False), ideal, exponent)
    return settled, resumed, fought
