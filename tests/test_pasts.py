"""Pasts stay what they were: shortcuts of the filter, and what it remembers, change no number."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from helpers.stories import ALONE, BUT, NO, YES, Action, R, U, answer, story

from sim.attribution.remembered import MOST, Draws, RememberingFilter, remembering
from sim.calibrate import observations
from sim.calibrate.fit import filter_of
from sim.calibrate.observations import PENDING, Ended, Kind, new_trace
from sim.calibrate.particles import BLOCK_PARTICLES, Filter
from sim.engine.domain import NONE, Scope

SOON, MAY = dt.date(2025, 3, 17), dt.date(2025, 5, 20)
COUNT = BLOCK_PARTICLES + 900
SEA = int(Scope.SEA)
CROWDED = [
    -5746.982924438983, -1389.3399496567508, -1069.8960290737648, -8206.218903169498,
    20.169271277152866, 87.25692194947348, 90.29481957671848, 29.697082163243753,
    180.83124483572328, 1363.6440837799712, 64.46309472904454, 5.222425024813928,
]  # fmt: skip
REAL = [
    -3893.130935746047, -822.6681041300776, -1445.4700342971857, -6161.2690741733095,
    21.29725912071931, 92.77779340033698, 112.70892659170327, 50.10985214964758,
    178.59755310385248, 1121.5946065918279, 44.581382618311245, 17.14528257820923,
]  # fmt: skip


def crowded():
    """A record with something of nearly every kind, windows that overlap, and an open question."""
    return story(
        48,
        answer(R, YES, 3, partner=1),
        answer(U, YES, 3, 4, partner=0),
        Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=12),
        Action(Kind.GUARANTOR, first=13, last=15),
        Action(Kind.STRIKES, U, 1.0, first=16, last=30),
        Action(Kind.PAUSE, R, 1.0, first=22),
        Action(Kind.PLEDGE, 1, 0.5, first=22, last=26),
        Action(Kind.PARTIAL_STARTS, NONE, 1.0, SEA, first=27, last=29),
        Action(Kind.STRIKES, R, -1.0, first=28, last=34),
        Action(Kind.ROUND, first=33, last=36),
        Action(Kind.PARTIAL_ENDS, U, first=38),
        answer(U, BUT, 40, 42),
        Action(Kind.PARTIAL_ANSWER, R, float(NO), SEA, first=41, last=45),
        answer(R, NO, 46, partner=PENDING),
        **{"guarantee.us_backstop": 0.8, "sanctions.us_threat": 0.6, "sanctions.on_breach": 0.5},
    )


def told(lives):
    """What pasts came to, in a few numbers."""
    ends, particles = lives.ends, lives.particles
    parts = (particles.reported, particles.silent, particles.excluded, lives.so_far[:, -1])
    sums = [float(part[np.isfinite(part)].sum()) for part in parts]
    fields = ("momentum", "tilt", "progress", "trust", "patience", "kept", "strike", "resolve_mean")
    return [*sums, *(float(ends[name].sum()) for name in fields)]


def lives_of(record, count=200):
    drawn = filter_of(MAY).draw(0)
    chosen = Filter(None, record, 5)
    return chosen.lives(tuple(part[:count] for part in drawn), np.arange(count), record.days)


def same(one, other):
    pairs = zip((*one.particles.__dict__.values(), one.so_far),
                (*other.particles.__dict__.values(), other.so_far), strict=True)  # fmt: skip
    return all(a.tobytes() == b.tobytes() for a, b in pairs) and (
        one.ends.tobytes() == other.ends.tobytes()
    )


def test_pasts_come_to_what_they_came_to_before_there_were_shortcuts():
    assert told(lives_of(crowded())) == pytest.approx(CROWDED, rel=1e-9)
    assert told(lives_of(filter_of(MAY).record)) == pytest.approx(REAL, rel=1e-9)


def test_a_day_looks_at_no_action_that_has_nothing_to_do_with_it_and_misses_none(monkeypatch):
    record = crowded()
    short = lives_of(record)
    trace = new_trace(record.actions, record.days)
    assert (trace.lowest[20], trace.beyond[20]) == (4, 5)
    assert (trace.lowest[43], trace.beyond[43]) == (12, 13)
    assert (trace.lowest[48], trace.beyond[48]) == (13, 14)  # the other's answer is to come

    def all_of_them(actions, days):
        return np.zeros(days + 1, np.int64), np.full(days + 1, len(actions))

    monkeypatch.setattr(observations, "places_by_day", all_of_them)
    assert same(short, lives_of(record))


# ------------------------------------------------------------------ what is remembered


def alike(one, other):
    """Whether two filters weigh their pasts alike, and give the same members and ends for some."""
    weights = [who.weigh(COUNT, ALONE).log_weights for who in (one, other)]
    some = np.array([COUNT - 1, 17, 2, 17, BLOCK_PARTICLES])
    (members, ends), (again, others) = (who.members(some, ALONE) for who in (one, other))
    return (
        weights[0].tobytes() == weights[1].tobytes()
        and members.tobytes() == again.tobytes()
        and all(np.array_equal(ends[name], others[name]) for name in ends.dtype.names)
    )


def test_filters_that_share_draws_weigh_as_those_that_do_not():
    plain, other = filter_of(SOON), filter_of(dt.date(2025, 3, 31))
    draws = Draws(plain)
    changed = [
        plain,
        replace(plain, record=other.record),
        replace(plain, positions=other.positions),
        replace(plain, factors={"rate": 2.0, "occasions": 0.5}),
        replace(plain, values={"partial_chance": 0.3}),
        replace(plain, seed=8),
    ]
    for one in changed:
        assert alike(one, remembering(one, COUNT, draws)), one.factors


def test_what_is_shared_is_drawn_once_and_the_chosen_are_not_lived_again(monkeypatch):
    plain = filter_of(SOON)
    first = remembering(plain, COUNT, Draws(plain))
    drawn, lived = [], []
    opened, live = Filter.opened, Filter.lives
    monkeypatch.setattr(Filter, "opened", lambda *given: drawn.append(1) or opened(*given))
    monkeypatch.setattr(Filter, "lives", lambda *given: lived.append(1) or live(*given))
    second = replace(first, record=filter_of(dt.date(2025, 3, 31)).record)
    for one in (first, second, replace(first, factors={"rate": 0.5})):
        one.weigh(COUNT, ALONE)
        one.members(np.arange(40), ALONE)
    assert len(drawn) == 2  # two blocks, for all three
    assert len(lived) == 2 * 3
    assert second._ends is not first._ends


def test_pasts_beyond_those_remembered_are_lived_again():
    plain = filter_of(SOON)
    assert remembering(plain, MOST + 1, Draws()) is plain
    one = remembering(plain, COUNT, Draws())
    assert isinstance(one, RememberingFilter)
    one.weigh(100, ALONE)
    some = np.array([99, 100])
    (members, ends), (again, others) = (who.members(some, ALONE) for who in (one, plain))
    assert members.tobytes() == again.tobytes()
    assert all(np.array_equal(ends[name], others[name]) for name in ends.dtype.names)


def test_blocks_at_the_same_time_remember_the_same():
    plain = filter_of(SOON)
    with ThreadPoolExecutor(3) as executor:
        found = remembering(plain, COUNT, Draws()).weigh(COUNT, executor)
    assert found.log_weights.tobytes() == plain.weigh(COUNT, ALONE).log_weights.tobytes()
