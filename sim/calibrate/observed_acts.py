"""Acts of the record that no rule gives a chance: they are set, and the day after begins with them.

Each is a few lines here; which events are set so is said in `sim.inputs.kinds`.
"""

from __future__ import annotations

from sim.calibrate.observations import Kind
from sim.engine.domain import Issuer
from sim.engine.jit import compiled
from sim.engine.records import Member, Package, Policy, State, Workspace
from sim.engine.rules import front, imposed, mediator, truce


@compiled
def set_act(workspace: Workspace, kind: int, who: int, value: float) -> None:
    """Set what an act of today leaves; kinds that are imposed in another way do nothing here."""
    member, state, policy = workspace.member, workspace.state, workspace.policy
    if kind == Kind.PLEDGE:
        state.pledge[who] = value
    elif kind == Kind.MEDIATOR_RETURNS:
        mediator.come_back(state)
    elif kind == Kind.SANCTIONS:
        imposed.add_sanctions(member, state, who, value)
    elif kind == Kind.LIFTING:
        front.lift(state, value)
    elif kind == Kind.ARMS_CUT:
        state.aid_cut = value
    elif kind == Kind.GUARANTOR and not workspace.today.backstop_called:
        honour_late(member, state, policy, workspace.package)


@compiled
def honour_late(member: Member, state: State, policy: Policy, package: Package) -> None:
    """Let the guarantor act on a day after the breach: its word is kept, the front moves."""
    state.kept[Issuer.BACKSTOP] += 1.0
    truce.punish(member, state, policy, package)
