"""Would a side accept its own demands? The chance of a yes to what it would have at best.

Fearon's question to a model of war: a side that refused even its own terms would be at war with
nobody's demands, but with peace.
"""

from __future__ import annotations

import numpy as np

from sim.engine.domain import OFFERED, Issue
from sim.engine.dtypes import Floats, Records
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, Workspace, new_workspace
from sim.engine.rules import answers, gains, mediator, standing
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario


@compiled
def table_ideal(member: Member, package: Package, side: int) -> None:
    """Put a side's ideal on every issue on the table, protection and relief among them."""
    for k in range(OFFERED):
        package.conceded[k] = False
        package.named[k] = True
        package.x[k] = member.ideal[side, k]
    package.guarantee = 1.0 - member.ideal[side, Issue.GUARANTEES]
    package.relief = max(0.0, 2.0 * member.ideal[side, Issue.SANCTIONS] - 1.0)
    package.relief_now = 0.0
    package.x[Issue.GUARANTEES] = 1.0 - package.guarantee
    package.x[Issue.SANCTIONS] = 0.5 + mediator.relief_that_stays(member, package) / 2.0
    package.named[Issue.GUARANTEES] = True
    package.named[Issue.SANCTIONS] = True
    package.force_limits = package.x[Issue.FORCE_LIMITS]


@compiled
def own_yes(
    policy: Policy,
    members: Records,
    starts: Records,
    side: int,
    workspace: Workspace,
    chance: Floats,
) -> None:
    """Write by member the chance that a side accepts its ideal, if the other accepts it too."""
    state, package = workspace.state, workspace.package
    for n in range(len(members)):
        standing.begin(members[n], starts[n], policy, state)
        mediator.table_package(members[n], policy, package)
        table_ideal(members[n], package, side)
        gained = gains.signing_gain(members[n], state, policy, package, side)
        chance[n], _ = answers.answer_chances(members[n], state, policy, side, 1.0, gained)


def own_yes_chances(ensemble: Ensemble, conflict: Conflict) -> Floats:
    """Return the chances by member and side, on the first day of the baseline."""
    policies = agenda(load_scenario("baseline", ensemble.as_of, conflict=conflict)).policies
    found = np.zeros((2, len(ensemble)))
    for side in range(2):
        workspace = new_workspace(ensemble.members)
        own_yes(policies[0], ensemble.members, ensemble.starts, side, workspace, found[side])
    return found.T
