"""The odds as they stood on each day that brought news.

Each day has a posterior of its own, from what was public on it and from nothing later, and the
baseline with the levers as they stood on it. Luck is the same on all days, so that a change from
one day to the next is a change of evidence, of levers and of the state of the talks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.calibrate.fit import filter_of, posterior_in_memory
from sim.calibrate.prior import check_as_of
from sim.calibrate.record import observed
from sim.engine.domain import Outcome
from sim.estimates import Counts, Odds, estimate, member_error, wilson
from sim.evidence.positions import ROLE_SIDE, informs
from sim.evidence.statements import Event, Evidence, Statement, load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.history import HistoryRow, RoundRow
from sim.inputs.scenario import load_scenario
from sim.montecarlo import DEFAULT_SEED, DEFAULT_WORLDS, Plan, collect, default_workers, stream
from sim.results import Results

HORIZON_DAYS = 90
PARTICLES = 65_536
LINES = ("quiet", "agreed", "held")
"""What is followed: a mutual pause of any length or scope, a full truce agreed, one that held."""
_TELLING = (
    ("accepts_truce", "conditions_truce", "rejects_truce", "partial_truce_starts"),
    ("short_truce", "direct_talks", "imposes_sanctions", "declines_sanctions"),
    ("signals_walk_away", "threatens_sanctions"),
    ("contingent_pledged", "strikes_intensify", "relief_offered"),
    ("partial_truce_ends", "breach_claimed", "talks"),
)
"""Kinds of event, what says most about the talks first; on equal terms the rest goes before side
U, whose yes comes as no surprise."""
Progress = Callable[[int, int | None], None]


# ------------------------------------------------------------------------- news


@dataclass(frozen=True)
class News:
    """What became public on a day.

    Attributes
    ----------
    events
        Those told for the first time, what says most first.
    levers
        Rows of the record that changed a lever.
    statements
        Those that inform the position of a side, the firmest first.
    rounds
        Rounds of talks that were announced, or whose day had been.
    """

    day: dt.date
    events: tuple[Event, ...]
    levers: tuple[HistoryRow, ...]
    statements: tuple[Statement, ...]
    rounds: tuple[RoundRow, ...] = ()

    @property
    def label(self) -> str:
        """What arrived, in a few words of our own."""
        for event in self.events:
            if event.event != "talks":
                scope = event.facts.get("scope", "full")
                return _short(event.paraphrase) + ("" if scope == "full" else f" ({scope} only)")
        for announced in self.rounds:
            ahead = announced.date > self.day
            return f"Announced: {announced.what}" if ahead else f"{announced.what}: no full truce"
        for row in self.levers:
            return _short(row.source.partition(": ")[2] or row.source)
        rest = [told.paraphrase for told in self.events] or [r.paraphrase for r in self.statements]
        if rest:
            return _short(rest[0])
        return "The record begins"


def _short(text: str) -> str:
    """The first part of a paraphrase, with a capital."""
    part = text.partition(";")[0].strip()
    return part[:1].upper() + part[1:]


def news(as_of: dt.date, conflict: Conflict | None = None) -> tuple[News, ...]:
    """Return the days that brought news, up to a day, the first of the record among them.

    News is an event told for the first time, a lever that changed, a statement in the fit that
    informs a side's ideal or red line, or a round of talks that was announced or has passed.
    """
    conflict = conflict or shipped()
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    changes = _lever_changes(conflict.history(as_of))
    events = [event for event in evidence.events if not event.same_as]
    used = [row for row in evidence.statements if _informs_a_side(row, evidence)]
    days = {event.known for event in events} | {row.known for row in used}
    days |= {row.visible_from for row in changes}
    rounds = conflict.rounds(as_of)
    days |= {day for row in rounds for day in (row.known, row.date) if day <= as_of}
    days |= {conflict.facts.record.begins}
    return tuple(_news(day, events, changes, used, evidence) for day in sorted(days))


def _news(
    day: dt.date,
    events: Sequence[Event],
    changes: Sequence[HistoryRow],
    used: Sequence[Statement],
    evidence: Evidence,
) -> News:
    imposed = {event.id for event in observed(evidence)}
    side_u = next(actor for actor, role in evidence.roles.items() if role == "belligerent_u")

    def rank(event: Event) -> tuple[int, bool, bool]:
        order = next(n for n, kinds in enumerate(_TELLING) if event.event in kinds)
        return order, event.id not in imposed, event.actor == side_u

    def firm(row: Statement) -> tuple[int, int]:
        return -row.salience, -row.firmness

    return News(
        day,
        tuple(sorted((event for event in events if event.known == day), key=rank)),
        tuple(row for row in changes if row.visible_from == day),
        tuple(sorted((row for row in used if row.known == day), key=firm)),
        tuple(row for row in evidence.conflict.rounds(day) if day in (row.known, row.date)),
    )


def _informs_a_side(row: Statement, evidence: Evidence) -> bool:
    side = evidence.roles.get(row.holder) in ROLE_SIDE
    return side and row.in_fit and informs(row, evidence.roles) != "neither"


def _lever_changes(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    """The rows of the record that gave a lever another value than it had."""
    standing: dict[str, Any] = {}
    found = []
    for row in sorted(rows, key=lambda row: row.visible_from):
        if row.lever in standing and standing[row.lever] != row.value:
            found.append(row)
        standing[row.lever] = row.value
    return found


# ------------------------------------------------------------------------- odds


@dataclass(frozen=True)
class Point:
    """The odds as of one day.

    Attributes
    ----------
    odds
        By name, see `LINES`; ``mc`` is the error of the estimate for want of worlds and of
        particles, ``ensemble`` the central 90 % of members.
    effective, k
        Of the weights: see `posterior.Weights`.
    imposed
        How many events of the record the members were conditioned on.
    """

    news: News
    odds: dict[str, Odds]
    effective: float
    k: float
    imposed: int


@dataclass(frozen=True)
class Timeline:
    """Odds by day, and what they were made with."""

    points: tuple[Point, ...]
    horizon_days: int
    particles: int
    worlds: int
    seed: int
    conflict: Conflict = field(default_factory=shipped)


def timeline(
    as_of: dt.date,
    particles: int = PARTICLES,
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    horizon_days: int = HORIZON_DAYS,
    workers: int | None = None,
    progress: Progress | None = None,
    conflict: Conflict | None = None,
) -> Timeline:
    """Reckon the odds on each day that brought news up to a day; nothing is written.

    Parameters
    ----------
    particles
        Pasts that are weighed for each day.
    worlds, seed
        Worlds that are run from each day, and their luck.
    horizon_days
        How far each day looks ahead.
    progress
        Called with the days done and how many there are.
    conflict
        Whose record; the shipped one's if None.

    Raises
    ------
    EvidenceError, CalibrationError, ScenarioError
        If an input cannot be used, or no particle survives the record of a day.
    """
    conflict = conflict or shipped()
    check_as_of(as_of, conflict)
    days = news(as_of, conflict)
    points = []
    workers = workers or default_workers()
    with ThreadPoolExecutor(workers) as executor:
        for arrived in days:
            scenario = load_scenario("baseline", arrived.day, horizon_days, conflict=conflict)
            chosen = filter_of(arrived.day, conflict=conflict)
            ensemble, weights = posterior_in_memory(chosen, particles, executor)
            plan = Plan(scenario, ensemble, worlds, seed)
            results = collect(plan, stream(plan, workers, executor), keep=False)
            odds = dict(_odds(results, weights.effective))
            evidence = load_evidence(as_of=arrived.day, conflict=conflict)
            imposed = len({event.id for event in observed(evidence)})
            points.append(Point(arrived, odds, weights.effective, weights.k, imposed))
            if progress:
                progress(len(points), len(days))
    return Timeline(tuple(points), horizon_days, particles, worlds, seed, conflict)


def _odds(results: Results, effective: float) -> Iterator[tuple[str, Odds]]:
    tally = results.tally
    held = tally.outcomes[:, Outcome.HELD]
    hits = {"quiet": tally.quiet[:, 1], "held": held}
    hits["agreed"] = held + tally.outcomes[:, Outcome.COLLAPSED]
    for name in LINES:
        yield name, with_particles(hits[name], tally.outcomes.sum(1), effective)


def with_particles(hits: Counts, worlds: Counts, effective: float) -> Odds:
    """Estimate odds whose error counts that the members stand for a number of particles.

    ``Var = b (1/e + 1/n) + luck``, with b the variance of the members' own odds, e the effective
    number of particles, n members, and luck what is left of the variance of the estimate when
    the members are all there are.

    Parameters
    ----------
    hits, worlds
        By member.
    effective
        Effective number of particles from which the members were resampled.
    """
    odds = estimate(hits, worlds, len(worlds))
    assert odds is not None
    used = worlds > 0
    n = int(used.sum())
    if odds.mean in (0.0, 1.0) or n < 2:
        return odds
    luck = member_error(hits[used], worlds[used], n)
    among = max(0.0, n * (member_error(hits[used], worlds[used], 10**15) - luck))
    variance = among * (1.0 / effective + 1.0 / n) + luck
    size = odds.mean * (1.0 - odds.mean) / variance if variance > 0.0 else np.inf
    return odds._replace(mc=wilson(odds.mean, float(size)))
