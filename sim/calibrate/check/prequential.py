"""Prequential score: each event of the record forecast from those before it.

What was answered, given that it was asked, and whether anything happened at all are scored apart.
The filter is compared with the prior, and with running frequencies of the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.calibrate.observations import Kind
from sim.calibrate.particles import Particles
from sim.calibrate.record import Record
from sim.engine.domain import TRUCE_DAYS, Answer, Side
from sim.engine.dtypes import Floats

What = Literal["what", "whether"]
WHAT = (Kind.ANSWER, Kind.PARTIAL_STARTS, Kind.PARTIAL_ANSWER, Kind.DECISION)
HALF_WIDTHS = 1.96
GUESS_WEIGHT = 2.0
"""A first guess counts for so many answers."""


@dataclass(frozen=True)
class Rate:
    """A running frequency of something that may happen on a day: ``seen`` times in ``days``."""

    seen: float
    days: float

    @property
    def chance(self) -> float:
        """The chance of it on the next day."""
        return self.seen / self.days


@dataclass(frozen=True)
class Score:
    """Log of the chance that each of three forecasts gave to something before it was known.

    Attributes
    ----------
    event
        Of an action its id; of silent days how many they are and from when.
    day
        The first day on which it may have happened.
    about
        What was answered, or whether anything happened.
    filter, prior, frequency
        Of the filter given all before, of the prior, of running frequencies.
    """

    event: str
    day: int
    about: What
    filter: float
    prior: float
    frequency: float


Ahead = tuple[float, float | None]
"""A sum of differences, and the half-width of its interval; None for fewer than two."""


@dataclass(frozen=True)
class Total:
    """A sum of scores, and how far the filter is ahead of another, with a paired 95 % interval."""

    about: What
    events: int
    filter: float
    prior: float
    frequency: float
    ahead_of_prior: Ahead
    ahead_of_frequency: Ahead


def scores(record: Record, particles: Particles) -> tuple[Score, ...]:
    """Score each action that is answered or declared, and each day on which nothing was.

    Parameters
    ----------
    particles
        Weighed on the whole record; their log chances up to a day give the weights of that day.
    """
    before = _weights(record, particles)
    actions = record.actions
    frequency = _Frequency(record)
    found = []
    for day in range(1, record.days + 1):
        for n in np.flatnonzero(actions["first_day"] == day):
            if actions["kind"][n] in WHAT:
                chances = particles.reported[:, n]
                guess = frequency.answered(int(n))
                found.append(
                    Score(
                        record.events[n].id,
                        day,
                        "what",
                        _mean(chances, before[day - 1]),
                        _mean(chances),
                        guess,
                    )
                )
        found.append(_whether(record, particles, before, day, frequency.quiet(day)))
    return tuple(found)


def _whether(
    record: Record, particles: Particles, before: Sequence[Floats], day: int, guess: float
) -> Score:
    """Score whether a side paused, the mediator left, a full truce began or a partial one ended."""
    happened = particles.silent[:, day] + particles.excluded[:, day]
    name = str(record.day(day))
    for n in np.flatnonzero(record.actions["kind"] == Kind.PAUSE):
        if record.actions["first_day"][n] == day:
            happened = happened + particles.reported[:, n]
            name = record.events[n].id
    return Score(name, day, "whether", _mean(happened, before[day - 1]), _mean(happened), guess)


def _weights(record: Record, particles: Particles) -> list[Floats]:
    """Log weights by day, from all actions whose windows are over by its evening."""
    current = np.zeros(len(particles.reported))
    kept = []
    for day in range(record.days + 1):
        over = record.actions["last_day"] == day
        current = current + particles.reported[:, over].sum(axis=1, dtype=float)
        current = current + particles.silent[:, day] + particles.excluded[:, day]
        kept.append(current)
    return kept


def _mean(logs: Floats, log_weights: Floats | None = None) -> float:
    """Log of the weighted mean of what is given in logs."""
    weights = np.zeros(len(logs)) if log_weights is None else log_weights
    top = weights.max()
    share = np.exp(weights - top)
    return float(np.log((share * np.exp(np.asarray(logs, float))).sum() / share.sum()))


# ------------------------------------------------------------------ running frequencies


class _Frequency:
    """Running frequencies by actor and kind of question, from what is over before a day.

    They start from the first guesses and the first rates of the conflict's facts.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        facts = record.conflict.facts
        self.guess = facts.first_guess
        self.rates = {name: Rate(rate.seen, rate.days) for name, rate in facts.first_rate}

    def answered(self, n: int) -> float:
        """Log of the chance of an answer, a start or a decision."""
        actions = self.record.actions
        now = actions[n]
        counts, number = self._guess(now)
        past = actions[(actions["kind"] == now["kind"]) & (actions["who"] == now["who"])]
        for one in past[past["last_day"] < now["first_day"]]:
            counts[self._place(one)] += 1.0
        return float(np.log(counts[number] / counts.sum()))

    def _guess(self, now: np.void) -> tuple[Floats, int]:
        of_side = {Side.R: self.guess.yes_r.value, Side.U: self.guess.yes_u.value}
        if now["kind"] == Kind.DECISION:
            yes = self.guess.carried_out.value
        elif now["kind"] == Kind.PARTIAL_STARTS:
            yes = of_side[Side.R] * of_side[Side.U]
        else:
            yes = of_side[Side(now["who"])]
        others = 2 if now["kind"] == Kind.ANSWER else 1
        shares = [yes, *[(1.0 - yes) / others] * others]
        return GUESS_WEIGHT * np.array(shares), self._place(now)

    @staticmethod
    def _place(one: np.void) -> int:
        """Which of the possible answers was given; the first is a yes, or that it was done."""
        if one["kind"] == Kind.ANSWER:
            return int(one["value"])
        if one["kind"] == Kind.PARTIAL_ANSWER:
            return int(one["value"] != Answer.ACCEPT)
        return int(one["value"] == 0.0)

    def quiet(self, day: int) -> float:
        """Log of the chance of the day's pauses, or of none, and that nothing ended or began."""
        actions = self.record.actions
        here = actions[actions["first_day"] == day]
        paused = bool((here["kind"] == Kind.PAUSE).any())
        questions = ["pause", "truce", "leaves"]
        if self._in_force(day):
            questions.append("partial")
        total = 0.0
        for question in questions:
            rate = self.rates[question]
            happened = paused and question == "pause"
            total += np.log(rate.chance if happened else 1.0 - rate.chance)
            self.rates[question] = Rate(rate.seen + happened, rate.days + 1.0)
        return float(total)

    def _in_force(self, day: int) -> bool:
        actions = self.record.actions
        started = actions[(actions["kind"] == Kind.PARTIAL_STARTS) & (actions["value"] > 0.0)]
        return bool(((started["last_day"] < day) & (day <= started["last_day"] + TRUCE_DAYS)).any())


# ------------------------------------------------------------------ sums


def totals(found: Sequence[Score]) -> tuple[Total, ...]:
    """Sum the scores of what was answered, and of whether anything happened."""
    kinds: tuple[What, What] = ("what", "whether")
    return tuple(_total(kind, [one for one in found if one.about == kind]) for kind in kinds)


def _total(about: What, found: Sequence[Score]) -> Total:
    names = ("filter", "prior", "frequency")
    ours, prior, frequency = (np.array([getattr(one, name) for one in found]) for name in names)
    sums = (float(ours.sum()), float(prior.sum()), float(frequency.sum()))
    return Total(about, len(found), *sums, _ahead(ours - prior), _ahead(ours - frequency))


def _ahead(differences: Floats) -> Ahead:
    """Sum of paired differences, and the half-width of its 95 % interval."""
    total = float(differences.sum())
    if len(differences) < 2:
        return total, None
    return total, float(HALF_WIDTHS * differences.std(ddof=1) * np.sqrt(len(differences)))


def _ahead_text(ahead: Ahead) -> str:
    total, width = ahead
    return f"{total:+.2f}" if width is None else f"{total:+.2f} +- {width:.2f}"


def rows(found: Sequence[Score]) -> Iterator[tuple[str, ...]]:
    """The table: every answer and pause one by one, the silent days as one row, then the sums."""
    single = [one for one in found if one.about == "what" or ":" in one.event]
    silent = [one for one in found if one.about == "whether" and ":" not in one.event]
    for one in single:
        yield one.event, one.about, f"{one.filter:.2f}", f"{one.prior:.2f}", f"{one.frequency:.2f}"
    names = ("filter", "prior", "frequency")
    sums = (f"{sum(getattr(one, name) for one in silent):.2f}" for name in names)
    yield f"{len(silent)} days of silence", "whether", *sums
    for total in totals(found):
        sums = (f"{getattr(total, name):.2f}" for name in names)
        yield f"sum of {total.events}", total.about, *sums
    for total in totals(found):
        ahead = (total.ahead_of_prior, total.ahead_of_frequency)
        yield "filter ahead by", total.about, "", *map(_ahead_text, ahead)
