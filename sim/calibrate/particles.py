"""From the prior to the posterior: particles live through the record and are weighed by it.

A particle is a member (parameters, types, state) with its luck. Particles are drawn in blocks,
each from a stream of its own, so that the result depends on no worker and memory stays flat; those
that are chosen are drawn again and keep the state in which the record left them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.prior import draw_values, members_from, starts_from, widened
from sim.calibrate.record import Record
from sim.calibrate.weights import Weights, weights_of
from sim.engine.dtypes import Floats, Ints
from sim.engine.records import layout_of, new_workspace
from sim.errors import CalibrationError
from sim.evidence.draws import draw, draw_logits, draw_mediator, draw_weights
from sim.evidence.positions import Positions, measure
from sim.evidence.statements import Evidence
from sim.inputs.parameters import Parameter, Prior, find
from sim.inputs.views import Belief, View
from sim.threads import in_order

BLOCK_PARTICLES = 4096
PLACES = ("ideal", "red_line", "weight", "mediator_position")
Numbers = dict[str, Floats]
"""By name: the parameters, the positions (`PLACES`) and the `rate` of rounds in the record."""
APART = np.dtype([("rate", "f8"), ("occasions", "f8")])
"""Numbers of a past that the filter alone reads: the rate of rounds that nobody reported, and the
occasions for a truce that passed before the record."""
Made = tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]
"""Members, their states before the record, and the numbers `APART`."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Particles:
    """What the record says of each particle.

    Attributes
    ----------
    reported
        Log of the chance that a particle's rules gave to each action, by particle and action.
    silent, excluded
        The same of what was not reported, by particle and day: that the mediator stayed, no pause
        was declared, a partial truce lasted and threats were let pass; that no full truce was
        agreed, on day 0 in all of the war before the record.
    """

    reported: Floats
    silent: Floats
    excluded: Floats

    @property
    def log_weights(self) -> Floats:
        """Log weight of each particle, before any smoothing."""
        parts = (self.reported, self.silent, self.excluded)
        return np.asarray(sum(part.sum(axis=1, dtype=float) for part in parts))


class Lives(NamedTuple):
    """What particles leave behind that have lived through the record, or the first days of it.

    Attributes
    ----------
    particles
        What the record says of each.
    ends
        Their states on the last evening.
    so_far
        By particle and day, log of the chance of all that the record has up to its evening.
    """

    particles: Particles
    ends: NDArray[np.void]
    so_far: Floats


def joined(blocks: Sequence[Particles]) -> Particles:
    """Put blocks of particles together."""
    names = ("reported", "silent", "excluded")
    return Particles(
        *(np.concatenate([getattr(block, name) for block in blocks]) for name in names)
    )


@dataclass(frozen=True)
class Filter:
    """Draws particles and lets them live through a record.

    Attributes
    ----------
    seed
        The seed of draws and luck.
    values
        Parameters by name that are held at one number in place of their priors.
    spread
        By which the sd of every prior is multiplied.
    factors
        By which numbers are multiplied, by name, to see how far the result leans on them; ``rate``
        is that of rounds that nobody reported, ``occasions`` those for a truce before the record.
    beliefs
        Other priors of parameters, by name.
    view
        Whose ensemble it makes; None for the model's own.
    """

    positions: Positions
    record: Record
    seed: int
    values: dict[str, float] = field(default_factory=dict)
    spread: float = 1.0
    factors: dict[str, float] = field(default_factory=dict)
    beliefs: dict[str, Belief] = field(default_factory=dict)
    view: View | None = None

    @classmethod
    def of(cls, evidence: Evidence, record: Record, seed: int) -> Filter:
        """Return the filter that a body of evidence and a record ask for."""
        return cls(measure(evidence), record, seed)

    def seen_by(self, view: View) -> Filter:
        """Return the filter of a view, beside what is held and multiplied already."""
        return dataclasses.replace(
            self,
            values={**self.values, **view.held},
            factors={**self.factors, **view.times},
            beliefs={**self.beliefs, **view.beliefs},
            view=view,
        )

    def draw(self, block: int) -> Made:
        """Draw a block of members with their states, and the numbers `APART`."""
        return self.made(self.numbers(block))

    def numbers(self, block: int) -> Numbers:
        """Draw all numbers that a block of particles is made of.

        The record's silent rounds are ours, nobody reported them: they have a rate of their own
        from the same prior, so that they teach nothing about the rate of the days to come.
        """
        rng, values = self.opened(block)
        drawn = draw(self.positions, BLOCK_PARTICLES, rng)
        rate = find(self._table, "round_rate").draw(BLOCK_PARTICLES, rng)
        numbers = {**values, **drawn.fields(), "rate": rate}
        for name, factor in self.factors.items():
            numbers[name] = numbers[name] * factor
        return numbers

    def made(self, numbers: Numbers) -> Made:
        """Make members of numbers, their states, and the numbers `APART`."""
        places = {field: numbers[field] for field in PLACES}
        conflict = self.record.conflict
        members = members_from(numbers, places, conflict)
        apart = np.zeros(len(members), APART)
        apart["rate"] = numbers["rate"]
        apart["occasions"] = numbers["occasions"]
        return members, starts_from(numbers, conflict), apart

    def logits(self, block: int) -> tuple[Floats, Floats]:
        """Return the logits behind the positions of a block: see `positions.draw_logits`."""
        rng, _ = self.opened(block)
        return draw_logits(self.positions, BLOCK_PARTICLES, rng)

    def mediator_logits(self, block: int) -> Floats:
        """Return the logits behind the mediator's positions of a block."""
        rng, _ = self.opened(block)
        draw_logits(self.positions, BLOCK_PARTICLES, rng)
        draw_weights(self.positions, BLOCK_PARTICLES, rng)
        return draw_mediator(self.positions, BLOCK_PARTICLES, rng)

    def parameters(self, block: int) -> dict[str, Floats]:
        """Return the parameters by name of a block that `draw` makes members of."""
        return self.opened(block)[1]

    def opened(self, block: int) -> tuple[np.random.Generator, dict[str, Floats]]:
        """Open the stream of a block, from which its parameters are drawn first; return both."""
        rng = stream(self.seed, block)
        values = draw_values(self._table, BLOCK_PARTICLES, rng)
        for name, belief in self.beliefs.items():
            values[name] = belief.moved(values[name])
        for name, value in self.values.items():
            values[name] = np.full(BLOCK_PARTICLES, value)
        return rng, values

    @property
    def free(self) -> dict[str, Parameter]:
        """The parameters that are drawn, not held, by the names of their numbers."""
        rows = {row.name: row for row in self._table if row.name not in self.values}
        rows["rate"] = find(self._table, "round_rate")
        return {name: row for name, row in rows.items() if row.prior.fixed is None}

    @property
    def scales(self) -> dict[str, Prior | Belief]:
        """By name of a free parameter, the scale on which what is believed of it is normal."""
        return {name: self.beliefs.get(name, row.prior) for name, row in self.free.items()}

    @property
    def _table(self) -> tuple[Parameter, ...]:
        return widened(self.record.conflict, self.spread)

    def live(
        self,
        members: NDArray[np.void],
        starts: NDArray[np.void],
        apart: NDArray[np.void],
        particles: Ints,
    ) -> tuple[Particles, NDArray[np.void]]:
        """Let particles live through the record; return what it says of each, and their ends."""
        return self.lives((members, starts, apart), particles, self.record.days)[:2]

    def lives(self, made: Made, luck: Ints, last: int) -> Lives:
        """Let particles live through the record up to its day ``last``.

        Their luck is an address a particle, or one a particle and stretch of days.
        """
        from sim.calibrate.entries import filter_block, weigh_war_so_far
        from sim.calibrate.filter import Likelihoods, Pasts
        from sim.calibrate.observations import new_observations, stretches_of

        members, starts, apart = made
        record, count, agenda = self.record, len(members), self.record.agenda
        by_day = (count, record.days + 1)
        found = Likelihoods(
            reported=np.zeros((count, len(record.actions))),
            silent=np.zeros(by_day),
            excluded=np.zeros(by_day),
            so_far=np.zeros(by_day),
            ends=np.zeros(count, layout_of(members).start),
        )
        workspace = new_workspace(members, self.seed)
        observations = new_observations(record.actions, record.days)
        agenda = agenda.until(last)
        luck = np.repeat(
            luck.reshape(count, -1), stretches_of(record.days) // luck[:1].size, axis=1
        )
        rates, occasions = (np.ascontiguousarray(apart[name]) for name in ("rate", "occasions"))
        pasts = Pasts(members, starts, rates, luck)
        filter_block(agenda.course, pasts, observations, workspace, found)
        weigh_war_so_far(record.before, occasions, members, starts, workspace, found.excluded[:, 0])
        so_far = found.so_far + found.excluded[:, :1]
        return Lives(Particles(found.reported, found.silent, found.excluded), found.ends, so_far)

    def block(self, number: int, count: int, first: int = 0) -> Particles:
        """Weigh the particles of a block from its ``first`` up to ``count``."""
        return self.block_and_ends(number, count, first)[0]

    def block_and_ends(
        self, number: int, count: int, first: int = 0
    ) -> tuple[Particles, NDArray[np.void]]:
        """Weigh particles as `block` does; return the states in which the record left them too."""
        members, starts, apart = self.draw(number)
        some = slice(first, count)
        numbers = np.arange(first, count) + number * BLOCK_PARTICLES
        weighed, ends = self.live(members[some], starts[some], apart[some], numbers)
        parts = (weighed.reported, weighed.silent, weighed.excluded)
        return Particles(*(part.astype("f4") for part in parts)), ends

    def weigh(
        self,
        particles: int,
        executor: Executor,
        progress: Progress | None = None,
        there: Particles | None = None,
    ) -> Particles:
        """Draw and weigh particles, a block at a time, after those that are ``there`` already."""
        blocks = [there] if there else []
        done = len(there.reported) if there else 0
        for block in in_order(executor, self.block, _blocks(particles, done)):
            blocks.append(block)
            done += len(block.reported)
            if progress:
                progress(done, particles)
        return joined(blocks)

    def again(self, number: int, inside: Ints) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Draw some particles of a block again, with the states in which the record left them."""
        members, starts, apart = self.draw(number)
        numbers = inside + number * BLOCK_PARTICLES
        _, ends = self.live(members[inside], starts[inside], apart[inside], numbers)
        return members[inside], ends

    def members(
        self, chosen: Ints, executor: Executor
    ) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Return the chosen particles as members with states, in the order given."""
        tasks, back = by_block(chosen)
        made = list(in_order(executor, self.again, tasks))
        members = np.concatenate([one for one, _ in made])
        ends = np.concatenate([end for _, end in made])
        return members[back], ends[back]


def stream(seed: int, number: int) -> np.random.Generator:
    """A stream of random numbers of its own for each block."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, number], np.uint64)))


def first_death(particles: Particles, record: Record) -> str:
    """Say at what all particles died: the first event, or the first day of silence."""
    daily = particles.silent + particles.excluded
    alive = np.ones(len(daily), bool)
    for day in range(record.days + 1):
        for n, action in enumerate(record.actions):
            if action["last_day"] == day:
                alive &= np.isfinite(particles.reported[:, n])
                if not alive.any():
                    event = record.events[n]
                    return f"event {event.id} ({event.date_from}, {event.event})"
        alive &= np.isfinite(daily[:, day])
        if not alive.any():
            return f"the day {record.day(day)}, on which nothing was reported"
    return "nothing"


def living_weights(particles: Particles, record: Record) -> Weights:
    """Smooth and normalise the weights of particles, some of which must have lived.

    Raises
    ------
    CalibrationError
        If none has, naming the event or the day of which the last ones died.
    """
    log_weights = particles.log_weights
    if not np.isfinite(log_weights).any():
        where = f"record to {record.as_of}"
        what = f"has probability zero: no particle lives through {first_death(particles, record)}."
        raise CalibrationError(where, what, "Correct that row, or widen the priors that forbid it.")
    return weights_of(log_weights)


def _blocks(particles: int, there: int) -> list[tuple[int, int, int]]:
    """The blocks of particles beyond those that are there: number, end and beginning in it."""
    size = BLOCK_PARTICLES
    return [
        (n, min(size, particles - n * size), max(0, there - n * size))
        for n in range(there // size, -(-particles // size))
    ]


def by_block(chosen: Ints) -> tuple[list[tuple[int, Ints]], Ints]:
    """Sort particles into blocks, with their places in them; and say how to bring them back."""
    order = np.argsort(chosen, kind="stable")
    blocks, starts = np.unique(chosen[order] // BLOCK_PARTICLES, return_index=True)
    inside = np.split(chosen[order] % BLOCK_PARTICLES, starts[1:])
    return list(zip(blocks.tolist(), inside, strict=True)), np.argsort(order, kind="stable")
