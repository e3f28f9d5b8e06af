"""The front: who gains ground, and how slowly sanctions and supplies are felt there."""

from __future__ import annotations

from sim.engine.domain import Side
from sim.engine.jit import compiled
from sim.engine.records import Member, Policy, State


@compiled
def aid_now(state: State, policy: Policy) -> float:
    """Arms supply to U as a multiple of what it was when the record begins, less any cut."""
    return policy.aid_level * (1.0 - state.aid_cut)


@compiled
def fighting_cost(member: Member, supply: float) -> float:
    """Cost to U of fighting on, given its arms supply; below zero, supply is to spare."""
    return member.fighting_cost[1] + member.aid_loss * (1.0 - supply)


@compiled
def next_momentum(member: Member, state: State, policy: Policy, shock: float) -> float:
    """Tomorrow's momentum, positive when R gains; ``shock`` is a standard normal.

    A mean-reverting walk: supplies to U and lagged sanctions on R pull it down, the lever
    `front.momentum_shift` moves its mean.
    """
    supply, lag = aid_now(state, policy), state.sanctions_lag
    return momentum_after(member, policy, supply, lag, state.momentum, shock)


@compiled
def momentum_after(
    member: Member, policy: Policy, supply: float, lag: float, momentum: float, shock: float
) -> float:
    """Momentum after a day, given arms supply to U and the sanctions that the front feels."""
    mean = (
        member.front_mean
        - member.front_aid * (supply - 1.0)
        - member.front_sanctions * lag
        + policy.momentum_shift
    )
    pull = member.front_reversion * (mean - momentum)
    return momentum + pull + member.front_sd * shock


@compiled
def sanctions_in_force(state: State) -> float:
    """Sanctions in force today, what a truce has lifted left out."""
    return state.sanctions - state.relieved


@compiled
def lift(state: State, share: float) -> None:
    """Lift a share of all sanctions for good."""
    state.sanctions *= 1.0 - share
    state.coerced *= 1.0 - share
    state.relieved *= 1.0 - share


@compiled
def next_sanctions_lag(member: Member, state: State) -> float:
    """Sanctions as the front feels them: they follow those in force with a lag."""
    return lag_after(member, state.sanctions_lag, sanctions_in_force(state))


@compiled
def lag_after(member: Member, lag: float, in_force: float) -> float:
    """Sanctions as the front feels them after a day on which so much was in force."""
    gap = in_force - lag
    return lag + gap / member.sanctions_lag_days


@compiled
def next_strike(member: Member, state: State, side: int, rejected: bool, shock: float) -> float:
    """Log of a side's strike intensity tomorrow; a rejection by it raises it."""
    return strike_after(member, state.strike[side], rejected, shock)


@compiled
def strike_after(member: Member, strike: float, rejected: bool, shock: float) -> float:
    """Log of a side's strike intensity after a day on which it rejected a truce or did not."""
    raised = member.strike_rejection if rejected else 0.0
    return member.strike_persistence * strike + raised + member.strike_sd * shock


@compiled
def read_front(member: Member, side: int, momentum: float) -> float:
    """Momentum as a side reads it: each is optimistic about its own arms."""
    if side == Side.R:
        return momentum + member.optimism[0]
    return momentum - member.optimism[1]


@compiled
def expected(member: Member, issue: int, momentum: float) -> float:
    """Where fighting on is expected to leave an issue, 0 to 1, given momentum as read."""
    raw = member.expected[issue] + member.slope[issue] * momentum
    return min(1.0, max(0.0, raw))
