"""What the record has for one day, written to the observations of that day, and what it paid."""

from __future__ import annotations

from sim.calibrate.observations import PENDING, DayObservations, Kind, LikelihoodTrace, Other
from sim.engine.domain import NONE, Answer
from sim.engine.dtypes import Records
from sim.engine.jit import compiled


@compiled
def look_up(today: int, record: Records, trace: LikelihoodTrace, seen: DayObservations) -> None:
    """Write what the record has for a day."""
    seen.told = True
    for n in range(trace.lowest[today], trace.beyond[today]):
        kind, who, scope = record[n].kind, record[n].who, record[n].scope
        partner = record[n].partner
        if trace.when[n] < today and (
            partner == PENDING or (partner != NONE and today <= trace.when[partner])
        ):
            seen.awaited = True
        if trace.when[n] != today:
            continue
        if kind == Kind.ANSWER:
            seen.answer[who] = int(record[n].value)
            seen.starts = max(seen.starts, record[n].starts)
            seen.other[who] = Other.UNTOLD
            if partner != NONE:
                seen.other[who] = Other.TO_COME
                if partner != PENDING and trace.when[partner] <= today:
                    yes = int(record[partner].value) == Answer.ACCEPT
                    seen.other[who] = Other.ACCEPTED if yes else Other.REFUSED
        elif kind == Kind.ROUND:
            seen.round_reported = True
        elif kind == Kind.DIRECT_TALK:
            seen.direct_talk = True
        elif kind == Kind.PAUSE:
            seen.pause = who
            seen.pause_kept = int(record[n].value)
        elif kind == Kind.PARTIAL_STARTS:
            if record[n].value > 0.0:
                seen.partial_starts = scope
            else:
                seen.partial_fails = scope
        elif kind == Kind.PARTIAL_ANSWER:
            seen.offered[who, scope] = int(record[n].value)
        elif kind == Kind.DECISION:
            seen.decision[who] = int(record[n].value)
            seen.size[who] = record[n].size
        else:
            look_up_end(kind, who, record[n].value, seen)


@compiled
def look_up_end(kind: int, who: int, value: float, seen: DayObservations) -> None:
    """Write that something which was there has ended, or that the guarantor acted."""
    if kind == Kind.TRUCE_ENDS:
        seen.truce_ends = int(value)
        seen.breaker = who
    elif kind == Kind.PARTIAL_ENDS:
        seen.partial_ends = True
        seen.partial_ended_by = who
    elif kind == Kind.MEDIATOR_LEAVES:
        seen.mediator_leaves = True
    elif kind == Kind.GUARANTOR:
        seen.guarantor_acts = True


@compiled
def note_paid(today: int, record: Records, trace: LikelihoodTrace, seen: DayObservations) -> None:
    """Note what the actions of a day were paid for."""
    for n in range(trace.lowest[today], trace.beyond[today]):
        if trace.when[n] != today:
            continue
        kind, who, scope = record[n].kind, record[n].who, record[n].scope
        if kind == Kind.ANSWER:
            trace.reported[n] = seen.paid_answer[who]
        elif kind == Kind.PAUSE:
            trace.reported[n] = seen.paid_pause
        elif kind == Kind.PARTIAL_STARTS:
            trace.reported[n] = seen.paid_partial
        elif kind == Kind.PARTIAL_ANSWER:
            trace.reported[n] = seen.paid_offered[who, scope]
        elif kind == Kind.DECISION:
            trace.reported[n] = seen.paid_decision[who]
        elif kind == Kind.TRUCE_ENDS:
            trace.reported[n] = seen.paid_truce_end
        elif kind == Kind.PARTIAL_ENDS:
            trace.reported[n] = seen.paid_partial_end
        elif kind == Kind.MEDIATOR_LEAVES:
            trace.reported[n] = seen.paid_leaving
        elif kind == Kind.GUARANTOR:
            trace.reported[n] = seen.paid_guarantor
