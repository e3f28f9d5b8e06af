"""Tiny stories for the filter: records of a few days made by hand, and particles that live them."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from helpers.builders import member, start
from sim.calibrate.observations import ACTION, Kind
from sim.calibrate.particles import APART, Filter, Particles
from sim.calibrate.record import Record, levers_before
from sim.engine.agenda import plain_agenda
from sim.engine.domain import NONE, Answer, Scope, Side
from sim.engine.dtypes import as_records
from sim.evidence.statements import Event, Evidence
from sim.inputs.agenda import marks_of_days, policy_segments
from sim.inputs.conflict import shipped

R, U = int(Side.R), int(Side.U)
YES, BUT, NO = map(int, Answer)
ENERGY = int(Scope.ENERGY)
THIRD = np.log(1.0 / 3.0)
ALONE = ThreadPoolExecutor(1)


class Action(NamedTuple):
    """An action of a story, all on the first day unless said otherwise."""

    kind: Kind
    who: int = NONE
    value: float | None = None
    scope: int = NONE
    partner: int = NONE
    first: int = 1
    last: int | None = None
    size: float = math.nan
    starts: int = NONE

    @property
    def fields(self) -> tuple[Any, ...]:
        """Those of an action of the record; of a pause it is not told whether it was kept."""
        value = self.value
        if value is None:
            value = NONE if self.kind == Kind.PAUSE else 1.0
        last = self.first if self.last is None else self.last
        rest = (self.scope, self.partner, self.first, last, self.size, self.starts)
        return (self.kind, self.who, value, *rest)


def answer(who: int, value: int, first: int = 1, last: int | None = None, partner: int = NONE):
    """A side's answer in a round."""
    return Action(Kind.ANSWER, who, value, NONE, partner, first, last)


def made_up(number: int, **fields: Any) -> Event:
    """An event of the evidence: Russia refuses on the third day, unless said otherwise."""
    third = shipped().facts.eve + dt.timedelta(days=3)
    plain = {
        "id": f"made{number}",
        "article": "made",
        "paragraph": number,
        "date_from": third,
        "date_to": fields.get("date_from", third),
        "known": third,
        "round": "first",
        "actor": "russia",
        "event": "rejects_truce",
        "facts": {"scope": "full"},
        "paraphrase": "no",
        "same_as": "",
    }
    return Event(**{**plain, **fields})


def evidence_of(*events: Event) -> Evidence:
    """Evidence of these events and of nothing else."""
    roles = {actor.id: str(actor.role) for actor in shipped().actors}
    return Evidence((), (), events, roles, None)


def story(days: int, *actions: Action, changes=(), **levers: Any) -> Record:
    """A record of so many days with these actions, under the levers of its first day."""
    rows = [one.fields for one in actions]
    first = {**shipped().baseline_levers(shipped().facts.record.begins), **levers}
    segments = policy_segments(first, list(changes), days)
    as_of = shipped().facts.eve + dt.timedelta(days=days)
    return Record(
        as_of,
        days,
        tuple(made_up(n) for n in range(len(actions))),
        np.array(rows, ACTION),
        plain_agenda(*segments, marks_of_days(shipped().facts.eve, days)),
        levers_before(shipped(), as_of),
    )


def quiet(**values: Any) -> Any:
    """A member without precision, of whom no hazard is to be feared unless one is given.

    Nor is a partial truce put after a round that failed.
    """
    still = {"precision": 0.0, "walkaway_hazard": 0.0, "pause_hazard": 0.0, "exit_hazard": 0.0,
             "partial_chance": 0.0}  # fmt: skip
    return member(**{**still, **values})


def live(
    record: Record,
    who: Any = None,
    begun: Any = None,
    count: int = 1,
    seed: int = 5,
    rate: Any = 0.0,
    occasions: Any = 0.0,
) -> tuple[Particles, Any]:
    """Let particles of one member, or of those given, live through a record.

    Nobody called them to talks unless a ``rate`` is given, and in the war before they had no
    chance to agree unless ``occasions`` are.
    """
    who = np.repeat(array_of(quiet() if who is None else who), count)
    begun = np.resize(array_of(start() if begun is None else begun), len(who))
    apart = np.zeros(len(who), APART)
    apart["rate"], apart["occasions"] = rate, occasions
    chosen = Filter(None, record, seed)  # type: ignore[arg-type]
    return chosen.live(who, begun, apart, np.arange(len(who)))


def array_of(one: Any) -> Any:
    """A record, or an array of them, as an array."""
    if isinstance(one, np.ndarray):
        return one
    made = np.zeros(1, one.dtype)
    made[0] = one
    return made


def as_record(array: Any, n: int = 0) -> Any:
    """The n-th of an array, as rules read it."""
    return as_records(array)[n]
