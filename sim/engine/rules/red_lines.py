"""Red lines: how far a package lies beyond a side's, and what that costs it at home."""

from __future__ import annotations

from sim.engine.domain import OFFERED, VALUED, Issue, Side
from sim.engine.jit import compiled
from sim.engine.records import Member, Package


@compiled
def beyond(member: Member, side: int, issue: int, x: float) -> float:
    """How far ``x`` lies beyond a side's red line on an issue, 0 if it does not."""
    short = member.red_line[side, issue] - x
    return max(0.0, short if side == Side.R else -short)


@compiled
def terms_place(member: Member, package: Package, side: int) -> float:
    """Place of the package on `truce_terms`: 0 if all is deferred, 1 if nothing is.

    Between, the share of what is named among the offered issues, by the side's weights.
    """
    named = 0.0
    total = 0.0
    for k in range(OFFERED):
        if not package.conceded[k]:
            total += member.weight[side, k]
            if package.named[k]:
                named += member.weight[side, k]
    return named / total if total > 0.0 else 0.0


@compiled
def issue_audience(member: Member, package: Package, side: int, issue: int) -> float:
    """The share of the audience cost that one issue carries, `truce_terms` included."""
    if issue == Issue.TRUCE_TERMS:
        return audience_at(member, side, issue, terms_place(member, package, side))
    if package.named[issue]:
        return audience_at(member, side, issue, package.x[issue])
    return 0.0


@compiled
def audience_at(member: Member, side: int, issue: int, x: float) -> float:
    """The share that an issue carries which is signed at ``x``."""
    return member.audience_cost * member.weight[side, issue] * beyond(member, side, issue, x)


@compiled
def audience_given(member: Member, package: Package, side: int, terms: float) -> float:
    """Cost at home of signing a package, given its place on `truce_terms`."""
    total = 0.0
    for k in range(VALUED):
        total += issue_audience(member, package, side, k)
    return total + audience_at(member, side, Issue.TRUCE_TERMS, terms)
