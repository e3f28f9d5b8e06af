"""Simulation-based calibration: whether the filter finds again what made a synthetic history.

A particle of the prior makes a synthetic history; the filter weighs other particles on what is
coded of it. The true values must then have uniform ranks among draws from the posterior. Ranked are
parameters, and quantities that the coded history itself determines, without which broken filters
pass (Modrak et al. 2023, 'Simulation-based calibration checking for Bayesian computation: the
choice of test quantities shapes sensitivity', Bayesian Analysis).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.check.ranks import DRAWS, SelfCheck, judge, rank
from sim.calibrate.check.synthetic_record import SyntheticHistories, synthetic_histories
from sim.calibrate.observations import Kind
from sim.calibrate.particles import (
    BLOCK_PARTICLES,
    Filter,
    Particles,
    Progress,
    joined,
    stream,
)
from sim.calibrate.record import Record
from sim.calibrate.weights import weights_of
from sim.engine.domain import Side
from sim.engine.dtypes import Floats, Ints
from sim.engine.records import Member, new_workspace
from sim.evidence.draws import Draws, draw
from sim.evidence.measurement import Measurement, error_covariance, load_measurement
from sim.evidence.positions import ROLE_SIDE, informs, measure
from sim.evidence.statements import Evidence, Statement, load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import slots
from sim.inputs.issues import ISSUES
from sim.threads import in_order

PARAMETERS = (
    "resolve.r",
    "resolve.u",
    "fighting_cost.r",
    "audience_cost",
    "precision",
    "walkaway_hazard",
    "pause_hazard",
    "exit_hazard",
)
ENOUGH = 250.0
"""Effective size below which a replicate is run again with more particles."""
MOST = 16
"""By how much the particles of a replicate may grow."""
INVENTORS, RANKING = 2**62, 2**61
"""Streams of the particles that make histories, and of ranking; the filter's count from 0."""
Drawn = tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]


# ------------------------------------------------------------------ quantities


def quantity_names(conflict: Conflict) -> tuple[str, ...]:
    """Return the names of the columns of `quantities`."""
    r = conflict.sides[Side.R].possessive
    predicted = ("log chance of the coded history", f"{r} next acceptance chance", "momentum")
    return (*PARAMETERS, *predicted)


def quantities(
    record: Record, members: NDArray[np.void], ends: NDArray[np.void], log_chance: Floats
) -> Floats:
    """Return the quantities that are ranked, a row a member and a column a quantity."""
    from sim.calibrate.check.synthetic import next_yes

    blocs = record.conflict.bloc_ids
    places = {name: (field, place) for name, field, place in slots(Member, blocs)}
    columns = [members[field][place] for field, place in map(places.__getitem__, PARAMETERS)]
    chance = np.zeros(len(members))
    policy = record.agenda.policies[record.agenda.segment_of_day[record.days]]
    next_yes(policy, members, ends, int(Side.R), new_workspace(members), chance)
    return np.column_stack([*columns, log_chance, chance, ends["momentum"]])


def log_chance_of(record: Record, particles: Particles) -> Floats:
    """Log of the chance of what is coded, changes of strikes left out, by particle."""
    reported = particles.reported[:, record.actions["kind"] != Kind.STRIKES]
    parts = (reported, particles.silent, particles.excluded)
    return np.asarray(sum(part.sum(axis=1, dtype=float) for part in parts))


# ------------------------------------------------------------------ one replicate


class Pool:
    """Prior draws that replicates share, each with luck of its own; the first blocks are kept."""

    def __init__(self, particle_filter: Filter, blocks: int) -> None:
        self.filter = particle_filter
        self.kept = [particle_filter.draw(number) for number in range(blocks)]

    def block(self, number: int) -> Drawn:
        """Return the members, states and other numbers of a block."""
        if number < len(self.kept):
            return self.kept[number]
        return self.filter.draw(number)

    def some(self, chosen: Ints) -> Drawn:
        """Return those of some particles, in the order given."""
        parts: list[Drawn] = []
        order = np.argsort(chosen, kind="stable")
        numbers, firsts = np.unique(chosen[order] // BLOCK_PARTICLES, return_index=True)
        for number, inside in zip(numbers, np.split(chosen[order], firsts[1:]), strict=True):
            parts.append(_picked(self.block(int(number)), inside % BLOCK_PARTICLES))
        back = np.argsort(order, kind="stable")
        members, starts, others = zip(*parts, strict=True)
        whole = (np.concatenate(members), np.concatenate(starts), np.concatenate(others))
        return _picked(whole, back)


def _picked(drawn: Drawn, chosen: Ints | slice) -> Drawn:
    members, starts, apart = drawn
    return members[chosen], starts[chosen], apart[chosen]


@dataclass(frozen=True)
class Replicate:
    """A synthetic history, and particles that the filter has weighed on it.

    Attributes
    ----------
    filter
        A filter of the synthetic record, with a seed of its own.
    truth
        The quantities of the member that made the history.
    particles
        The weighed particles.
    """

    pool: Pool
    filter: Filter
    truth: Floats
    particles: Particles

    def rank(
        self,
        log_weights: Callable[[Particles], Floats] | None = None,
        carried: Callable[[NDArray[np.void]], NDArray[np.void]] | None = None,
    ) -> Ints:
        """Rank the true quantities among draws from the posterior, 0 to `DRAWS`, ties at random.

        Parameters
        ----------
        log_weights, carried
            Faults that the check should find: other weights; other members than those weighed.
        """
        raw = log_weights(self.particles) if log_weights else self.particles.log_weights
        rng = stream(self.filter.seed, RANKING)
        chosen = rng.choice(len(raw), DRAWS, p=weights_of(raw).values)
        members, starts, apart = self.pool.some(chosen)
        if carried:
            members = carried(members)
        weighed, ends = self.filter.live(members, starts, apart, chosen)
        record = self.filter.record
        drawn = quantities(record, members, ends, log_chance_of(record, weighed))
        return rank(self.truth, drawn, rng)


def replicate(pool: Pool, history: SyntheticHistories, number: int, count: int) -> Replicate:
    """Weigh particles on a synthetic history, more of them while too few are effective."""
    record = history.records[number]
    own_seed = pool.filter.seed + 1 + number
    own_filter = dataclasses.replace(pool.filter, record=record, seed=own_seed)
    one = slice(number, number + 1)
    log_chance = history.log_chance[one]
    truth = quantities(record, history.members[one], history.starts[one], log_chance)[0]
    parts: list[Particles] = []
    wanted = blocks = -(-count // BLOCK_PARTICLES)
    while True:
        for block in range(len(parts), blocks):
            size = min(count, BLOCK_PARTICLES)
            members, starts, apart = _picked(pool.block(block), slice(size))
            numbers = np.arange(size) + block * BLOCK_PARTICLES
            parts.append(own_filter.live(members, starts, apart, numbers)[0])
        weighed = joined(parts)
        if blocks >= MOST * wanted or effective(weighed) >= ENOUGH:
            return Replicate(pool, own_filter, truth, weighed)
        blocks *= 2


def effective(particles: Particles) -> float:
    """Effective size of particles, 0 if all have died."""
    raw = particles.log_weights
    return weights_of(raw).effective if np.isfinite(raw).any() else 0.0


# ------------------------------------------------------------------ many replicates


def replicates(
    particle_filter: Filter, number: int, particles: int, executor: Executor
) -> tuple[Iterator[Replicate], int]:
    """Make synthetic histories like the filter's record, and weigh particles on each.

    Returns
    -------
    replicates
        As they are done.
    tried
        How many histories were invented.
    """
    history = enough(particle_filter, number)
    pool = Pool(particle_filter, -(-particles // BLOCK_PARTICLES))
    tasks = [(pool, history, n, particles) for n in range(number)]
    return in_order(executor, replicate, tasks), history.tried


def enough(particle_filter: Filter, number: int) -> SyntheticHistories:
    """Make a number of synthetic histories or more."""
    made: list[SyntheticHistories] = []
    while sum(map(len, made)) < number:
        block = INVENTORS + len(made)
        members, starts, apart = particle_filter.draw(block)
        made.append(
            synthetic_histories(
                particle_filter.record, members, starts, apart, particle_filter.seed ^ block
            )
        )
    records = tuple(record for part in made for record in part.records)
    return SyntheticHistories(
        records,
        np.concatenate([part.members for part in made]),
        np.concatenate([part.starts for part in made]),
        np.concatenate([part.log_chance for part in made]),
        sum(part.tried for part in made),
    )


def check_filter(
    particle_filter: Filter,
    number: int,
    particles: int,
    executor: Executor,
    progress: Progress | None = None,
) -> SelfCheck:
    """Rank the true quantities of synthetic histories among draws from the filter's posterior.

    Parameters
    ----------
    particle_filter
        Its record gives the synthetic ones their structure, and its priors are drawn from.
    number
        Of replicates.
    particles
        A replicate, to begin with.
    """
    ranks, sizes = [], []
    done, tried = replicates(particle_filter, number, particles, executor)
    for one in done:
        ranks.append(one.rank())
        sizes.append(effective(one.particles))
        if progress:
            progress(len(ranks), number)
    names = quantity_names(particle_filter.record.conflict)
    return judge(names, np.array(ranks), np.array(sizes), tried)


# ------------------------------------------------------------------ positions


def position_names(conflict: Conflict) -> tuple[str, ...]:
    """Return the names of the quantities that `check_positions` ranks."""
    r, u = (side.possessive for side in conflict.sides)
    return (
        *(f"{r} ideal on territory", f"{u} ideal on territory", f"{r} line on territory"),
        *("mean of all ideals", "distance of the ideals from what was said"),
    )


def check_positions(
    number: int,
    seed: int,
    conflict: Conflict | None = None,
    reader: Measurement | None = None,
) -> SelfCheck:
    """Rank true positions among draws from the measurement model's posterior of statements.

    The rows are those of the evidence on ideals, by holder, article, basis and firmness; what they
    say is drawn. Red lines follow their ideals, since a stated one is never learned from in full.

    Parameters
    ----------
    number
        Of replicates.
    conflict
        Whose evidence; the shipped one if None.
    reader
        The constants by which the statements are read, if not those by which they were made.
    """
    conflict = conflict or shipped()
    maker = load_measurement(conflict=conflict)
    evidence = load_evidence(conflict=conflict)
    rows = [row for row in evidence.statements if row.in_fit and _on_ideal(row, evidence)]
    nothing = measure(dataclasses.replace(evidence, statements=()), maker)
    ranks = []
    for n in range(number):
        rng = stream(seed, n)
        truth = draw(nothing, 1, rng)
        said = tuple(_said(rows, evidence, truth, maker, rng))
        found = measure(dataclasses.replace(evidence, statements=said), reader or maker)
        draws = draw(found, DRAWS, rng)
        ranks.append(rank(_placed(truth, said, evidence)[0], _placed(draws, said, evidence), rng))
    return judge(position_names(conflict), np.array(ranks))


def _on_ideal(row: Statement, evidence: Evidence) -> bool:
    side = evidence.roles.get(row.holder) in ROLE_SIDE
    return side and informs(row, evidence.roles) == "ideal"


def _said(
    rows: Sequence[Statement],
    evidence: Evidence,
    truth: Draws,
    m: Measurement,
    rng: np.random.Generator,
) -> Iterator[Statement]:
    """Yield statements of the true ideals with the errors of the model, some of them shared."""
    errors = rng.multivariate_normal(np.zeros(len(rows)), error_covariance(rows, m))
    for row, error in zip(rows, errors, strict=True):
        side, issue = ROLE_SIDE[evidence.roles[row.holder]], ISSUES.index(row.issue)
        y = m.to_logit(float(truth.ideal[0, side, issue])) + error
        share = 1.0 / (1.0 + np.exp(-y))
        yield dataclasses.replace(row, position=(share - m.shrink_low) / m.shrink_span)


def _placed(draws: Draws, said: Sequence[Statement], evidence: Evidence) -> Floats:
    """Return the quantities that are ranked, a row a draw; see `position_names`."""
    issue = ISSUES.index("territory")
    columns = [draws.ideal[:, 0, issue], draws.ideal[:, 1, issue], draws.line[:, 0, issue]]
    apart = np.zeros(len(draws.ideal))
    for row in said:
        side, k = ROLE_SIDE[evidence.roles[row.holder]], ISSUES.index(row.issue)
        apart += np.abs(draws.ideal[:, side, k] - row.position)
    return np.column_stack([*columns, draws.ideal.mean(axis=(1, 2)), apart])
