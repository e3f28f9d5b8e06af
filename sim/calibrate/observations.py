"""What was observed, day by day: the actions of a record, and what one particle notes of them."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import LUCK_DAYS, NONE
from sim.engine.dtypes import Floats, Ints, Reals, Records, Wholes, dtype_of
from sim.engine.jit import compiled
from sim.engine.records import Clock
from sim.engine.streams import Purpose, uniforms

PENDING = -2
"""The other side's answer to a proposal is still to come on the last day of the record."""


class Kind(IntEnum):
    """How an observed action is imposed."""

    ANSWER = 0
    ROUND = 1
    DIRECT_TALK = 2
    PAUSE = 3
    PARTIAL_STARTS = 4
    PARTIAL_ANSWER = 5
    DECISION = 6
    PLEDGE = 7
    STRIKES = 8
    TRUCE_ENDS = 9
    PARTIAL_ENDS = 10
    MEDIATOR_LEAVES = 11
    MEDIATOR_RETURNS = 12
    SANCTIONS = 13
    LIFTING = 14
    ARMS_CUT = 15
    GUARANTOR = 16


class Ended(IntEnum):
    """What is reported of how a full truce ended."""

    BY_EXIT = 0
    BY_INCIDENT = 1
    UNTOLD = 2


class Action:
    """An observed action, as the filter reads it."""

    kind: int
    who: int
    """A side, a threat or a bloc; NONE if it was not told who."""
    value: float
    """An answer; 1 imposed or started, 0 not; a pledge; the sign of a change; a share; an `Ended`.

    Of a pause, 1 if the other side kept it, 0 if not, NONE if that was not told.
    """
    scope: int
    """What a partial truce covers."""
    partner: int
    """The action that is the other side's answer in the same round, NONE, or `PENDING`."""
    first_day: int
    last_day: int
    """The window in which it happened, days from the eve of the record."""
    size: float
    """The share of an issuer's package that was imposed; not-a-number if that was not told."""
    starts: int
    """Of an acceptance, the day on which the truce takes effect if the other accepts, or NONE."""


ACTION = dtype_of(Action)


class Other(IntEnum):
    """What is known of the other side's answer when a reported answer is imposed."""

    UNTOLD = 0
    TO_COME = 1
    ACCEPTED = 2
    REFUSED = 3


class DayObservations:
    """What the record has for one day, NONE for nothing, and the log chances that it was paid."""

    told: bool
    """The record has something for the day."""
    round_reported: bool
    direct_talk: bool
    pause: int
    """The side that declares a pause, or NONE."""
    pause_kept: int
    """1 if the other side kept it, 0 if not, NONE if that was not told."""
    awaited: bool
    """A side has answered a proposal and the other's answer is to come: nothing else is put."""
    answer: Annotated[Wholes, (2,)]
    other: Annotated[Wholes, (2,)]
    partial_starts: int
    partial_fails: int
    """What a partial truce would have covered that was put and not accepted by both."""
    offered: Annotated[Wholes, (2, 3)]
    """A side's answer to the offer of a partial truce, by scope."""
    decision: Annotated[Wholes, (3,)]
    """1 if a threat was carried out, 0 if it was let pass."""
    size: Annotated[Reals, (3,)]
    """The share of the issuer's package that was imposed; not-a-number if that was not told."""
    agreed: bool
    """The second acceptance of a round: a full truce was agreed."""
    starts: int
    """The day on which a truce agreed today takes effect, or NONE for tomorrow."""
    truce_ends: int
    """How the full truce in force ended today, an `Ended`."""
    breaker: int
    """Who is blamed for it, or NONE."""
    partial_ends: bool
    partial_ended_by: int
    mediator_leaves: bool
    guarantor_acts: bool
    silent: float
    """That the mediator stayed, no pause was declared, a truce or a partial one lasted and no other
    was agreed, a threat was let pass."""
    excluded: float
    """That no full truce was agreed where not both answers were reported."""
    paid_answer: Annotated[Reals, (2,)]
    paid_pause: float
    paid_partial: float
    paid_offered: Annotated[Reals, (2, 3)]
    paid_decision: Annotated[Reals, (3,)]
    paid_truce_end: float
    paid_partial_end: float
    paid_leaving: float
    paid_guarantor: float


DAY_OBSERVATIONS = dtype_of(DayObservations)


@compiled
def clear_observations(seen: DayObservations) -> None:
    """Start a day of which the record reports nothing."""
    seen.told = False
    seen.round_reported = False
    seen.direct_talk = False
    seen.pause = NONE
    seen.pause_kept = NONE
    seen.awaited = False
    seen.agreed = False
    seen.starts = NONE
    seen.truce_ends = NONE
    seen.breaker = NONE
    seen.partial_ends = False
    seen.partial_ended_by = NONE
    seen.mediator_leaves = False
    seen.guarantor_acts = False
    seen.paid_pause = 0.0
    seen.paid_truce_end = 0.0
    seen.paid_partial_end = 0.0
    seen.paid_leaving = 0.0
    seen.paid_guarantor = 0.0
    seen.partial_starts = NONE
    seen.partial_fails = NONE
    seen.silent = 0.0
    seen.excluded = 0.0
    seen.paid_partial = 0.0
    for side in range(2):
        seen.answer[side] = NONE
        seen.paid_answer[side] = 0.0
        for scope in range(3):
            seen.offered[side, scope] = NONE
            seen.paid_offered[side, scope] = 0.0
    for threat in range(3):
        seen.decision[threat] = NONE
        seen.paid_decision[threat] = 0.0
        seen.size[threat] = math.nan


# ------------------------------------------------------------------ the record, day by day


class LikelihoodTrace(NamedTuple):
    """What one particle leaves behind.

    Attributes
    ----------
    when
        The day of each action, drawn from its window.
    reported
        Log of the chance of each action, 0 if it is only set.
    silent, excluded
        By day, log of the chance of what was not reported: see `DayObservations`.
    so_far
        By day, log of the chance of all that the record has from day 1 to its evening.
    before, ahead
        For a change of strikes: where they stood on the eve of its window, and the log of the
        chance, seen from the last evening, that it will be as was reported.
    left, spread
        By number of days: what is left of today's strikes after them, and the standard deviation of
        luck and of error that they add; both of the member (`sim.calibrate.observed_strikes`).
    told
        By day, whether there is anything to look up in the record.
    bent
        By day, whether a reported change of strikes is under way, or its eve.
    lowest, beyond
        By day, the first action that can have to do with it, and the one after the last.
    """

    when: Ints
    reported: Floats
    silent: Floats
    excluded: Floats
    so_far: Floats
    before: Floats
    ahead: Floats
    left: Floats
    spread: Floats
    told: NDArray[np.bool_]
    bent: NDArray[np.bool_]
    lowest: Ints
    beyond: Ints


def new_trace(actions: Records, days: int) -> LikelihoodTrace:
    """Return an empty trace of some actions over so many days."""
    strikes = actions[actions["kind"] == Kind.STRIKES]
    spans = strikes["last_day"] - strikes["first_day"]
    longest = int(spans.max()) + 2 if len(spans) else 0
    bent = np.zeros(days + 1, np.bool_)
    for one in strikes:
        bent[one["first_day"] - 1 : one["last_day"] + 1] = True
    return LikelihoodTrace(
        np.zeros(len(actions), np.int64),
        np.zeros(len(actions)),
        np.zeros(days + 1),
        np.zeros(days + 1),
        np.zeros(days + 1),
        np.zeros(len(actions)),
        np.zeros(len(actions)),
        np.zeros(longest),
        np.zeros(longest),
        np.zeros(days + 1, np.bool_),
        bent,
        *places_by_day(actions, days),
    )


def places_by_day(actions: Records, days: int) -> tuple[Ints, Ints]:
    """Return, by day, the first action that can have to do with it, and the one after the last.

    An action has to do with the days of its window and, if it is answered by another, with those on
    which that answer is awaited.
    """
    lowest, beyond = np.full(days + 1, len(actions)), np.zeros(days + 1, np.int64)
    for n, one in enumerate(actions):
        last, partner = one["last_day"], one["partner"]
        if partner != NONE:
            last = days if partner == PENDING else max(last, actions["last_day"][partner])
        window = slice(one["first_day"], last + 1)
        lowest[window] = np.minimum(lowest[window], n)
        beyond[window] = n + 1
    return lowest, beyond


class Observations(NamedTuple):
    """The record as one particle meets it.

    Attributes
    ----------
    actions
        What was observed (`ACTION`), a record an action.
    today
        One record: what there is for the present day.
    trace
        What the particle leaves behind.
    """

    actions: Records
    today: Records
    trace: LikelihoodTrace


def new_observations(actions: Records, days: int) -> Observations:
    """Return the observations of so many days, with an empty trace."""
    return Observations(actions, np.zeros(1, DAY_OBSERVATIONS), new_trace(actions, days))


def stretches_of(days: int) -> int:
    """Return how many stretches of `LUCK_DAYS` days there are, each with luck of its own."""
    return max(1, -(-days // LUCK_DAYS))


@compiled
def day_within(clock: Clock, luck: Ints, record: Records, n: int) -> int:
    """Draw the day of an action; where there is but one, no luck is needed."""
    first = int(record[n].first_day)
    days = int(record[n].last_day) - first + 1
    if days == 1:
        return first
    u, _, _, _ = uniforms(clock.seed, luck[(first - 1) // LUCK_DAYS], n, Purpose.WINDOW, 0)
    return first + min(days - 1, int(u * days))


@compiled
def draw_windows(clock: Clock, luck: Ints, record: Records, trace: LikelihoodTrace) -> None:
    """Draw the day of each action, any of its window alike, and clear the trace.

    The luck is that of the stretch in which the window begins. A change of strikes has no day.
    """
    for n in range(len(trace.told)):
        trace.told[n] = False
    for n in range(len(record)):
        trace.reported[n] = 0.0
        trace.when[n] = NONE
        if record[n].kind != Kind.STRIKES:
            trace.when[n] = day_within(clock, luck, record, n)
            trace.told[trace.when[n]] = True
    for n in range(len(record)):
        partner = record[n].partner
        if partner != NONE:
            last = len(trace.told) - 1 if partner == PENDING else trace.when[partner]
            for waiting in range(trace.when[n] + 1, last + 1):
                trace.told[waiting] = True
