"""What is imposed on a day, whatever the rules would have drawn: moves of a scenario, and a record.

A forecast asks here for the moves of a scenario; the filter sets what the record reports by the
same functions, and pays for it.
"""

from __future__ import annotations

import math

from sim.engine.domain import NONE, Public, Threat, TruceEnd
from sim.engine.jit import compiled
from sim.engine.records import Clock, Day, Member, Policy, State
from sim.engine.rules import day, pressure

ANSWERS = (1 << Public.BOTH_REFUSE) - 1
"""The answers of both sides, as bits."""
CERTAIN = -1.0
"""A draw that is below every chance, none included."""


@compiled
def is_imposed(today: Day, event: int) -> bool:
    """Whether a public event is imposed today."""
    return today.imposed.events >> event & 1 != 0


@compiled
def answer_given(today: Day, side: int, drawn: int) -> int:
    """The answer that is imposed on a side today, or else the one that was drawn."""
    for answer in range(3):
        if is_imposed(today, 2 * answer + side):
            return answer
    return drawn


@compiled
def force_luck(state: State, today: Day) -> None:
    """Deal such luck of the calendar that what is imposed comes: a draw below every chance.

    A round comes with an answer. None is held while a truce is agreed, and no pause is declared
    within another.
    """
    if is_imposed(today, Public.MEDIATOR_LEAVES) and not state.mediator_left:
        today.calendar[1] = CERTAIN
    if state.truce_starts != NONE:
        return
    asked = today.imposed.events & ANSWERS != 0
    if asked:
        today.calendar[0] = CERTAIN
    if is_imposed(today, Public.DIRECT_TALKS) or (asked and state.mediator_left):
        today.calendar[2] = CERTAIN
    if is_imposed(today, Public.PAUSE_R) and state.pause_until == NONE:
        today.calendar[3] = CERTAIN


@compiled
def leave(state: State, today: Day) -> None:
    """Let the mediator leave if that is imposed and it is still there."""
    if is_imposed(today, Public.MEDIATOR_LEAVES) and not state.mediator_left:
        today.mediator_leaves = True


@compiled
def set_decision(today: Day, threat: int, met: bool) -> None:
    """Let an issuer carry its threat out, or let it pass."""
    today.met[threat] = met
    today.lapsed[threat] = not met


@compiled
def told_bite(
    member: Member, state: State, policy: Policy, threat: int, size: float, otherwise: float
) -> float:
    """What carrying a threat out adds: by the share that was reported, or else ``otherwise``."""
    if math.isnan(size):
        return otherwise
    if threat == Threat.AID:
        return pressure.aid_bite(member, state, policy, size)
    return pressure.sanctions_bite(member, state, threat, size)


@compiled
def set_decisions(member: Member, state: State, policy: Policy, today: Day) -> None:
    """Let issuers carry out what they threaten, or let it pass, as is imposed."""
    for threat in range(3):
        met = is_imposed(today, Public.MEDIATOR_SANCTIONS + threat)
        if policy.threat[threat] > 0.0 and (
            met or is_imposed(today, Public.MEDIATOR_LETS_PASS + threat)
        ):
            set_decision(today, threat, met)
            bite = pressure.bite(member, state, policy, threat)
            size = today.imposed.size[threat]
            today.bite[threat] = told_bite(member, state, policy, threat, size, bite)


@compiled
def set_partial(clock: Clock, state: State, today: Day) -> None:
    """Let a partial truce be agreed, or a side end the one in force, as is imposed."""
    if state.partial_scope == NONE:
        free = state.truce_starts == NONE and not day.both_accepted(today)
        if is_imposed(today, Public.PARTIAL_BEGINS) and free:
            today.partial_scope = today.imposed.scope
            today.announced |= 1 << Public.PARTIAL_BEGINS
    elif is_imposed(today, Public.PARTIAL_ENDS_EARLY) and clock.day >= state.partial_starts:
        today.partial_ends = True


@compiled
def set_rest(clock: Clock, member: Member, state: State, policy: Policy, today: Day) -> None:
    """Impose what is decided beside rounds, pauses and the end of a truce."""
    if day.in_truce(state, clock.day):
        leave(state, today)
    else:
        set_partial(clock, state, today)
    if not today.breach:
        set_decisions(member, state, policy, today)
    for side in range(2):
        if is_imposed(today, Public.STRIKES_R + side):
            today.happened |= 1 << (Public.STRIKES_R + side)
    for threat in range(3):
        if is_unthreatened(policy, threat, today):
            today.happened |= 1 << (Public.MEDIATOR_SANCTIONS + threat)
            if threat != Threat.AID:
                today.happened |= 1 << Public.NEW_SANCTIONS


@compiled
def end_truce(today: Day) -> None:
    """Let a side walk out of the truce in force."""
    for side in range(2):
        if is_imposed(today, Public.R_BREAKS_TRUCE + side):
            today.truce_ends = TruceEnd.EXIT
            today.breaker = side


# ------------------------------------------------------------------ set at the end of a day


@compiled
def add_sanctions(member: Member, state: State, threat: int, share: float) -> None:
    """Let an issuer impose a share of its fullest package that it had not threatened."""
    added = pressure.sanctions_bite(member, state, threat, share)
    state.sanctions += min(1.0 - state.sanctions, added)


@compiled
def step_up_strikes(state: State, side: int, rise: float) -> None:
    """Raise the log of a side's strikes, so far at least that the press tells of it."""
    told = state.strike_told[side] + 1e-9
    state.strike[side] = max(state.strike[side] + rise, told)


@compiled
def is_unthreatened(policy: Policy, threat: int, today: Day) -> bool:
    """Whether an issuer is to impose today what no lever threatens, and how much is said."""
    imposed = is_imposed(today, Public.MEDIATOR_SANCTIONS + threat)
    said = not math.isnan(today.imposed.size[threat])
    return imposed and said and policy.threat[threat] <= 0.0


@compiled
def set_evening(member: Member, state: State, policy: Policy, today: Day, rise: float) -> None:
    """Set what no rule decides: strikes that are stepped up, and unthreatened sanctions or cuts.

    Tomorrow begins with it.
    """
    for side in range(2):
        if is_imposed(today, Public.STRIKES_R + side):
            step_up_strikes(state, side, rise)
    for threat in range(3):
        if is_unthreatened(policy, threat, today):
            if threat == Threat.AID:
                state.aid_cut = max(state.aid_cut, today.imposed.size[threat])
            else:
                add_sanctions(member, state, threat, today.imposed.size[threat])
