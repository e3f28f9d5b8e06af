"""What moves the odds: articles, events, statements and structural constants, one at a time.

- **Articles and events** are left out and the filter is run again with common particles and
  luck. An event that changes no state (see `leave_one_out.only_paid`) needs no second run: its
  price is taken out of the weights, with the same result, unless too much of the weight then lies
  on particles that have not looked ahead.
- **Statements** are left out by weighing the particles anew, by the ratio of the two densities of
  the positions that they inform (`reweight.log_ratio`): the whole effect of the row, on ideal,
  line and issue weights, not a slope. Where too few particles are left of them, positions are
  drawn without the row, with the same random numbers, and the filter is run again. Rows of the
  mediator move how far it concedes; rows of blocs move nothing, since members hold no positions of
  theirs.
- **Structural constants** of the measurement, of the war before the record and of the record's
  silence are changed, and all is drawn and run again with the same random numbers.

Each comes with the standard error of the paired difference, for want of particles and of worlds;
no error says what the data would give under other articles than these.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.attribution.influence_result import KINDS, Influence, InfluenceRow
from sim.attribution.leave_one_out import (
    only_paid,
    without_article,
    without_event,
    without_statement,
)
from sim.attribution.references import reference
from sim.attribution.remembered import Draws, remembering
from sim.attribution.reweight import DrawnPositions, log_ratio
from sim.attribution.settings import check_settings
from sim.attribution.structure import STRUCTURE
from sim.attribution.weighted_odds import Weighed, WeightedForecaster, odds_of, shifts
from sim.calibrate.fit import filter_of
from sim.calibrate.particles import BLOCK_PARTICLES, Filter
from sim.calibrate.record import Record, record_of
from sim.engine.domain import OFFERED
from sim.engine.dtypes import Floats
from sim.errors import ScenarioError
from sim.evidence.articles import Article
from sim.evidence.positions import ROLE_SIDE, Positions, measure
from sim.evidence.statements import Event, Evidence, Statement, load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.issues import ISSUES
from sim.inputs.scenario import load_scenario
from sim.montecarlo import DEFAULT_SEED
from sim.progress import Progress, reported
from sim.text import date_words, shown
from sim.threads import overlapped, threads
from sim.words import spelled

PARTICLES = 65_536
WORST_K, FEWEST_LEFT = 0.7, 0.33
"""Weights anew are trusted up to this shape of their tail, and down to this share of the effective
number of particles."""
MOST_UNSEEN = 0.02
"""Nor are they where particles that looked ahead to no end carry more than this of the weight."""
_MOVING = (*ROLE_SIDE, "mediator")
"""Roles whose statements move a number of a member."""


# ------------------------------------------------------------------------- leaving one out


@dataclass(frozen=True)
class LeaveOneOut:
    """The filter of a day, run once, and what it takes to vary it.

    Make one with `LeaveOneOut.of`.
    """

    evidence: Evidence
    record: Record
    particle_filter: Filter
    forecaster: WeightedForecaster
    base: Weighed

    @classmethod
    def of(cls, as_of: dt.date, forecaster: WeightedForecaster) -> LeaveOneOut:
        """Run the filter of a day with all that was public on it, of the scenario's conflict.

        Raises
        ------
        EvidenceError, CalibrationError
            If an input cannot be used, or no particle lives through the record.
        """
        conflict = forecaster.scenario.conflict
        plain = filter_of(as_of, conflict=conflict)
        particle_filter = remembering(plain, forecaster.particles, Draws(plain))
        evidence = load_evidence(as_of=as_of, conflict=conflict)
        return cls(
            evidence,
            particle_filter.record,
            particle_filter,
            forecaster,
            forecaster.weigh(particle_filter),
        )

    def drawn(self) -> DrawnPositions:
        """Draw the positions of all particles again, in the terms in which they were drawn."""
        blocks = range(0, self.forecaster.particles, BLOCK_PARTICLES)
        parts = []
        for number, _ in enumerate(blocks):
            weight = self.particle_filter.numbers(number)["weight"]
            parts.append((*self.particle_filter.logits(number), weight))
        ideal, conceded, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
        count = self.forecaster.particles
        return DrawnPositions(ideal[:count], conceded[:count], weight[:count])

    def without_article(self, article: str) -> Weighed:
        """Leave out an article, and run the filter again."""
        evidence = without_article(self.evidence, article)
        record = record_of(evidence, self.record.as_of)
        return self.forecaster.weigh(
            replace(self.particle_filter, positions=measure(evidence), record=record)
        )

    def without_event(self, event: Event) -> tuple[Weighed, bool]:
        """Leave out an event; also say whether the filter was run again."""
        places = only_paid(self.record, event)
        if places:
            paid = self.base.log_chances[:, places].sum(axis=1, dtype=float)
            anew = self.base.reweighed(-paid)
            if unseen(anew) <= MOST_UNSEEN:
                return anew, False
        record = without_event(self.record, event)
        return self.forecaster.weigh(replace(self.particle_filter, record=record)), True

    def without_statement(
        self, row: Statement, drawn: DrawnPositions
    ) -> tuple[Weighed, bool] | None:
        """Leave out a statement; None if no number of a member rests on it.

        Particles are weighed again where that can be trusted. Where a position rests on the row
        alone, too few of them are like those drawn without it, and the filter is run again.
        """
        other = measure(without_statement(self.evidence, row))
        ratio = log_ratio(drawn, self.particle_filter.positions, other)
        ratio += self.mediator_ratio(other)
        if not ratio.any():
            return None
        anew = self.base.reweighed(ratio)
        poor = anew.weights.effective < FEWEST_LEFT * self.base.weights.effective
        if poor or anew.weights.k > WORST_K or unseen(anew) > MOST_UNSEEN:
            return self.forecaster.weigh(replace(self.particle_filter, positions=other)), True
        return anew, False

    def mediator_ratio(self, other: Positions) -> Floats:
        """Return the log density of the mediator's positions by others, less by the present."""
        now, count = self.particle_filter.positions, self.forecaster.particles
        total = np.zeros(count)
        cells = [
            (now.cell(now.mediator, issue).ideal, other.cell(now.mediator, issue).ideal)
            for issue in ISSUES[:OFFERED]
        ]
        if all(before == after for before, after in cells):
            return total
        for k, (before, after) in enumerate(cells):
            x = self.mediator_drawn[:, k]
            total += _log_normal(x, after.mean, after.sd) - _log_normal(x, before.mean, before.sd)
        return total

    @functools.cached_property
    def mediator_drawn(self) -> Floats:
        """The mediator's positions of all particles, in logits."""
        count = self.forecaster.particles
        blocks = range(-(-count // BLOCK_PARTICLES))
        drawn = [self.particle_filter.mediator_logits(block) for block in blocks]
        return np.concatenate(drawn)[:count]

    def varied(self, name: str) -> Weighed:
        """Change a structural constant, see `STRUCTURE`, and run the filter again."""
        return self.forecaster.weigh(STRUCTURE[name][1](self.particle_filter, self.evidence))


def unseen(weighed: Weighed) -> float:
    """Return the weight of the particles of which no world ahead was run."""
    return float(weighed.weights.values[np.isnan(weighed.share[:, 0])].sum())


def _log_normal(x: Floats, mean: float, sd: float) -> Floats:
    """Log density of a normal, but for a constant."""
    return np.asarray(-0.5 * ((x - mean) / sd) ** 2 - np.log(sd))


# ------------------------------------------------------------------------- the table


def influence(
    as_of: dt.date,
    particles: int = PARTICLES,
    kinds: Sequence[str] = KINDS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    progress: bool | Progress = False,
    conflict: Conflict | None = None,
) -> Influence:
    """Vary one thing at a time and return what each does to the odds of the baseline.

    Parameters
    ----------
    as_of
        Only what was public on it is read.
    particles
        Pasts, the same ones for each variation.
    kinds
        Which of `KINDS` to vary.
    seed
        The luck of the worlds ahead.
    progress
        True to see how far it has come, in one line; or a function that is called with the filters
        run and how many there are to run.
    conflict
        Whose evidence; that of the shipped one if None.

    Raises
    ------
    EvidenceError, CalibrationError, ScenarioError
        If an input cannot be used, or no particle lives through the record.
    """
    if isinstance(kinds, str) or not set(kinds) <= set(KINDS):
        todo = f"Give a list of some of these: {', '.join(KINDS)}."
        raise ScenarioError("kinds", f"{shown(str(kinds))} are not all known.", todo)
    conflict = conflict or shipped()
    workers = check_settings(as_of, particles, seed, workers, conflict)
    scenario = load_scenario("baseline", as_of, conflict=conflict)
    with reported(progress, "filters") as report, threads(workers) as executor:
        filters = LeaveOneOut.of(as_of, WeightedForecaster(scenario, particles, executor, seed))
        tasks = list(_tasks(filters, kinds))
        rows: list[InfluenceRow | None] = []
        if report:
            report(1, len(tasks) + 1)
        for row in overlapped(tasks, workers):
            rows.append(row)
            if report:
                report(len(rows) + 1, len(tasks) + 1)
    found = [row for row in rows if row is not None]
    base = filters.base
    return Influence(
        as_of,
        scenario.horizon_days,
        particles,
        seed,
        odds_of(base),
        base.weights.effective,
        base.weights.k,
        tuple(sorted(found, key=_order)),
        len(rows) - len(found),
        tuple(kinds),
        conflict=scenario.conflict,
    )


def _order(row: InfluenceRow) -> tuple[int, float, float]:
    return KINDS.index(row.kind), -abs(row.shifts["held"].change), -abs(row.shifts["agreed"].change)


Task = Callable[[], InfluenceRow | None]


def _tasks(filters: LeaveOneOut, kinds: Sequence[str]) -> Iterator[Task]:
    """Yield what is to be done, each a filter run or something quicker."""
    if "article" in kinds:
        articles = filters.evidence.articles
        days = date_words([article.day for article in articles])
        for article, day in zip(articles, days, strict=True):
            yield partial(_of_article, filters, article, day)
    if "event" in kinds:
        for event in {event.id: event for event in filters.record.events}.values():
            yield partial(of_event, filters, event)
    if "statement" in kinds:
        drawn, roles = filters.drawn(), filters.evidence.roles
        for row in filters.evidence.statements:
            if roles.get(row.holder) in _MOVING:
                yield partial(of_statement, filters, row, drawn)
            else:
                yield _nothing
    if "structure" in kinds:
        for name in STRUCTURE:
            yield partial(_of_structure, filters, name)


def _nothing() -> None:
    """What a row does that informs no member."""


def _of_article(filters: LeaveOneOut, article: Article, day: str) -> InfluenceRow:
    title = f"{day}: {article.title}" if article.title else reference(article)
    without = filters.without_article(article.id)
    return _row(filters.base, without, "article", article.id, title, rerun=True)


def _of_structure(filters: LeaveOneOut, name: str) -> InfluenceRow:
    varied = filters.varied(name)
    return _row(filters.base, varied, "structure", name, STRUCTURE[name][0], rerun=True)


def of_event(filters: LeaveOneOut, event: Event) -> InfluenceRow:
    """Return what an event of the record does to the odds."""
    without, rerun = filters.without_event(event)
    said = spelled(event.paraphrase, filters.evidence.conflict)
    row = _row(filters.base, without, "event", event.id, said, rerun=rerun)
    return replace(row, log_chance=_log_chance(filters, event))


def _log_chance(filters: LeaveOneOut, event: Event) -> tuple[float, float] | None:
    places = [n for n, other in enumerate(filters.record.events) if other.id == event.id]
    chance = filters.base.log_chances[:, places].sum(axis=1, dtype=float)
    lived = np.isfinite(chance)
    if not chance.any() or not lived.any():
        return None
    after = filters.base.weights.values[lived] @ chance[lived]  # those that died weigh nothing
    return float(chance[lived].mean()), float(after)


def of_statement(
    filters: LeaveOneOut, row: Statement, drawn: DrawnPositions
) -> InfluenceRow | None:
    """Return what a statement does to the odds; None if it informs no member."""
    without = filters.without_statement(row, drawn)
    if without is None:
        return None
    weighed, rerun = without
    said = spelled(row.paraphrase, filters.evidence.conflict)
    return _row(filters.base, weighed, "statement", row.id, said, rerun=rerun)


def _row(
    base: Weighed, without: Weighed, kind: str, name: str, label: str, *, rerun: bool
) -> InfluenceRow:
    weights = without.weights
    change = weights.log_evidence - base.weights.log_evidence
    moved = shifts(base, without)
    return InfluenceRow(kind, name, label, moved, weights.effective, weights.k, change, rerun)
