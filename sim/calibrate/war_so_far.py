"""The war before the record: no general truce came of it, which weighs each past once.

A past whose two sides would have agreed at the first chance is hard to square with years of war in
which chances passed. With ``p`` the chance that both accept an unconditional truce of 30 days in
direct talks, and N occasions on which one could have been agreed, the chance of none is (1 - p)^N.
"""

from __future__ import annotations

import math

from sim.engine.domain import Side
from sim.engine.dtypes import Floats, Records
from sim.engine.jit import compiled
from sim.engine.records import Member, Policy, Start, Workspace
from sim.engine.rules import answers, gains, mediator, standing


@compiled
def truce_chance(member: Member, start: Start, before: Policy, workspace: Workspace) -> float:
    """Chance that both sides accept an unconditional truce in direct talks.

    Parameters
    ----------
    before
        The levers of the war so far (`sim.calibrate.record.levers_before`).
    """
    state, package = workspace.state, workspace.package
    standing.begin(member, start, before, state)
    mediator.table_package(member, before, package)
    mediator.complete_package(member, state, before, package)
    blame_r = mediator.blame_on(member, state, before, Side.R)
    blame_u = mediator.blame_on(member, state, before, Side.U)
    first = Side.R if blame_r < blame_u else Side.U
    gained = gains.signing_gain(member, state, before, package, 1 - first)
    follows, _ = answers.direct_chances(member, 1.0, gained)
    gained = gains.signing_gain(member, state, before, package, first)
    yes, _ = answers.direct_chances(member, follows, gained)
    return yes * follows


@compiled
def weigh_war_so_far(
    before: Records,
    occasions: Floats,
    members: Records,
    starts: Records,
    workspace: Workspace,
    found: Floats,
) -> None:
    """Write the log of the chance that no truce came of the war so far, by member.

    Parameters
    ----------
    before
        One record of levers (`sim.engine.records.POLICY`).
    occasions
        How many chances there were, by member.
    """
    for n in range(len(members)):
        p = truce_chance(members[n], starts[n], before[0], workspace)
        found[n] = occasions[n] * math.log1p(-p) if p < 1.0 else -math.inf
