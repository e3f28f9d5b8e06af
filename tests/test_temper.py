"""Tempering: particles led to a posterior that is known exactly, and to that of the record."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.builders import START
from helpers.stories import ALONE
from scipy.special import ndtri

from sim.calibrate import tempering as temper
from sim.calibrate.fit import condition
from sim.calibrate.particles import (
    BLOCK_PARTICLES,
    Filter,
    stream,
    weights_of,
)
from sim.calibrate.record import record_of
from sim.evidence.statements import load_evidence

SWARM = 2 * BLOCK_PARTICLES
SOON, MAY = dt.date(2025, 3, 17), dt.date(2025, 5, 20)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(temper, "MOVED", SWARM)


@dataclasses.dataclass(frozen=True)
class OneReading:
    """Theta ~ N(0, 1), read once with an error; a particle's chance is known but for its luck."""

    seed: int = 3
    reading: float = 2.0
    error: float = 0.1
    noise: float = 1.0

    def numbers(self, block):
        rng = stream(self.seed, block)
        return {"theta": rng.standard_normal(BLOCK_PARTICLES), "rate": np.ones(BLOCK_PARTICLES)}

    def made(self, numbers):
        return (numbers["theta"],)

    def live(self, theta, luck):
        hashed = luck.astype(np.uint64) * np.uint64(11400714819323198485)
        z = ndtri((hashed.astype(float) + 0.5) / 2.0**64)
        log_chance = -0.5 * ((self.reading - theta) / self.error) ** 2
        log_chance -= math.log(self.error) + 0.5 * math.log(2 * math.pi)
        lucky = self.noise * z - 0.5 * self.noise**2
        return SimpleNamespace(log_weights=log_chance + lucky), theta

    def block(self, number):
        luck = number * BLOCK_PARTICLES + np.arange(BLOCK_PARTICLES)
        return self.live(*self.made(self.numbers(number)), luck)[0].log_weights


def filter_of(as_of, seed=7):
    evidence = load_evidence(as_of=as_of)
    return Filter.of(evidence, record_of(evidence, as_of), seed)


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_a_sharp_reading_of_one_number_is_tempered_to_its_exact_posterior(noise):
    toy = OneReading(noise=noise)
    plain = np.concatenate([toy.block(n) for n in range(2)])
    found = temper.temper(toy, plain, ALONE)
    theta = found.particles.numbers["theta"]
    variance = toy.error**2 / (1.0 + toy.error**2)
    error = math.sqrt(variance / found.weights.effective)
    assert theta.mean() == pytest.approx(toy.reading / (1.0 + toy.error**2), abs=4 * error)
    assert theta.std() == pytest.approx(math.sqrt(variance), rel=4 / found.weights.effective**0.5)
    evidence = -0.5 * (toy.reading**2 / (1.0 + toy.error**2) + math.log(1.0 + toy.error**2))
    evidence -= 0.5 * math.log(2 * math.pi)
    assert found.weights.log_evidence == pytest.approx(evidence, abs=0.1)
    assert len(np.unique(theta)) > 2 * weights_of(plain).effective
    assert found.notes["exponents"][-1] == 1.0
    assert len(found.notes["exponents"]) > 1


def test_exponents_grow_as_far_as_leaves_so_many_effective():
    log_weights = -np.arange(1000.0)
    exponent = temper.next_exponent(log_weights, 0.0, 500.0)
    left = temper.effective(temper.powers(log_weights, exponent))
    assert left == pytest.approx(500.0, rel=1e-6)
    assert temper.next_exponent(log_weights, 0.0, 1.0) == 1.0


def test_what_the_prior_draws_together_is_drawn_anew_together():
    chosen = filter_of(SOON)
    old, fresh = chosen.numbers(0), chosen.numbers(1)
    mixed = temper.drawn_anew(old, fresh, stream(1, 1))
    kept, new = ({name: mixed[name] == source[name] for name in mixed} for source in (old, fresh))
    stays = kept["ideal"] & kept["red_line"]
    assert (stays | (new["ideal"] & new["red_line"])).all()
    assert (kept["weight"].all(axis=2) | new["weight"].all(axis=2)).all()
    assert (kept["precision"] | new["precision"]).all()
    shares = np.mean([new[name] for name in ("precision", "resolve.r", "exit_hazard", "rate")], 0)
    assert shares.mean() == pytest.approx(31 / 32 / 5, abs=0.01)  # a half, a quarter ... a 32nd
    assert (shares == 1.0).any()


def test_the_record_tempered_and_weighed_agree(monkeypatch):
    monkeypatch.setattr(temper, "MOVES", 1)
    chosen = filter_of(MAY)
    count = 4 * BLOCK_PARTICLES
    with ThreadPoolExecutor(2) as executor:
        log_weights = chosen.weigh(count, executor).log_weights
        found = temper.temper(chosen, log_weights, executor)
    plain = weights_of(log_weights)
    assert found.weights.log_evidence == pytest.approx(plain.log_evidence, abs=0.25)
    assert found.weights.k < plain.k
    blocks = [chosen.numbers(n) for n in range(4)]
    for name in ("resolve.r", "exit_hazard", "precision", "follow_base"):
        drawn = np.concatenate([block[name] for block in blocks])
        mean = plain.values @ drawn
        sd = math.sqrt(plain.values @ (drawn - mean) ** 2)
        error = sd * math.sqrt(1.0 / plain.effective + 1.0 / found.weights.effective)
        assert found.particles.numbers[name].mean() == pytest.approx(mean, abs=4 * error), name


def test_moves_depend_on_no_worker_and_their_past_can_be_lived_again():
    chosen = filter_of(SOON)
    log_weights = chosen.weigh(SWARM, ALONE).log_weights
    one = temper.temper(chosen, log_weights, ALONE)
    with ThreadPoolExecutor(3) as executor:
        other = temper.temper(chosen, log_weights, executor)
    assert one.notes == other.notes
    assert np.array_equal(one.particles.luck, other.particles.luck)
    assert np.array_equal(one.particles.log_weights, other.particles.log_weights)
    some = one.particles.taken(slice(0, 50))
    told, _ = chosen.live(*chosen.made(some.numbers), some.luck)
    assert told.log_weights == pytest.approx(some.log_weights, abs=1e-5)
    members, _ = temper.ends(chosen, some, ALONE)
    assert np.array_equal(members["precision"], some.numbers["precision"])


# ------------------------------------------------------------------ as many as it takes


def test_too_few_particles_are_doubled_none_is_run_twice_and_then_they_are_moved(monkeypatch):
    chosen = filter_of(SOON)
    run, said = [], []
    true = Filter.block

    def noted(self, number, count, first=0):
        run.extend(number * BLOCK_PARTICLES + np.arange(first, count))
        return true(self, number, count, first)

    monkeypatch.setattr(Filter, "block", noted)
    found = condition(chosen, 3000, ALONE, most=7_000, note=said.append)
    assert sorted(run) == list(range(7_000))
    assert [text.split(": ")[1] for text in said] == [
        "6,000 pasts are taken instead.",
        "7,000 pasts are taken instead.",
        f"{SWARM:,} pasts are moved instead.",
    ]
    assert found.notes["tempering"]["exponents"][-1] == 1.0
    again = condition(chosen, 7_000, ALONE, tempered=True)
    assert again.notes == found.notes
    for name in START.names:
        assert np.array_equal(again.starts[name], found.starts[name])


def test_enough_particles_are_left_as_they_are():
    said = []
    found = condition(filter_of(SOON), 20_000, ALONE, most=40_000, note=said.append)
    assert (found.particles, found.tempering, said) == (20_000, None, [])
