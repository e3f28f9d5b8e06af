"""Reported changes of strikes: luck is led towards them, and each particle is weighed for it."""

from __future__ import annotations

import math

from sim.calibrate.observations import Kind, LikelihoodTrace
from sim.calibrate.observed_rounds import log_of
from sim.engine.dtypes import Records
from sim.engine.jit import compiled
from sim.engine.records import Member, Workspace
from sim.engine.streams import Purpose, normal, uniforms

STRIKE_ERROR = 0.2
"""Error of the sign of a reported change of strikes, in logs; assumed."""


@compiled
def look_ahead(member: Member, trace: LikelihoodTrace) -> None:
    """Settle what is left of strikes after so many days, and how far luck and error spread by then.

    Both hang on the member alone, and are looked up on each day of a reported change.
    """
    variance = STRIKE_ERROR * STRIKE_ERROR
    for days in range(len(trace.left)):
        trace.left[days] = member.strike_persistence**days
        trace.spread[days] = math.sqrt(variance)
        variance += (member.strike_sd * trace.left[days]) ** 2


@compiled
def below(z: float) -> float:
    """The chance that a standard normal is below ``z``."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@compiled
def guided_strike_proposal(
    workspace: Workspace, actions: Records, trace: LikelihoodTrace, n: int
) -> None:
    """Move today's shock towards the change of strikes that was reported, and weigh for it.

    Left to chance, most particles would die of a luck that says nothing about their parameters.
    Each shock of the window is drawn given that the change will be as reported if nobody refuses
    any more; the chance of that enters the weight, once, and again when a refusal has changed it.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    who, sign = actions[n].who, actions[n].value
    left = actions[n].last_day - clock.day
    sd, kept = member.strike_sd, trace.left[left]
    rest, spread = trace.spread[left], trace.spread[left + 1]
    u, v, _, _ = uniforms(clock.seed, clock.world, clock.day, Purpose.STRIKES, who)
    unmoved = state.strike[who] - sd * workspace.today.shock[1 + who]
    scale = sd * kept
    centre = sign * (kept * unmoved - trace.before[n])
    chance = below(centre / spread)
    trace.reported[n] += log_of(chance) - trace.ahead[n]
    reported = centre - spread * normal(max(1e-10, u * chance))
    shock = sign * scale * (reported - centre) / (spread * spread)
    shock += rest / spread * normal(v)
    state.strike[who] = unmoved + sd * shock
    reported_change = sign * (kept * state.strike[who] - trace.before[n])
    trace.ahead[n] = log_of(below(reported_change / rest))


@compiled
def observe_strikes(workspace: Workspace, actions: Records, trace: LikelihoodTrace) -> None:
    """Let strikes change as was reported."""
    today, state = workspace.clock.day, workspace.state
    for n in range(len(actions)):
        if actions[n].kind == Kind.STRIKES:
            if today == actions[n].first_day - 1:
                trace.before[n] = state.strike[actions[n].who]
                trace.ahead[n] = 0.0
            elif actions[n].first_day <= today <= actions[n].last_day:
                guided_strike_proposal(workspace, actions, trace, n)
