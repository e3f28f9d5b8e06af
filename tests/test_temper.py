"""Moving through the record: to posteriors known exactly, and to that of the record."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from helpers.builders import START
from helpers.stories import ALONE
from scipy.special import ndtri
from scipy.stats import kstest

from sim.calibrate import fit
from sim.calibrate import tempering as temper
from sim.calibrate.fit import condition
from sim.calibrate.guide import Guide, numbers_of, scores_of
from sim.calibrate.lineages import effective_of
from sim.calibrate.moves import ParticleSet, chance_at, fresh_luck, fresh_places, move
from sim.calibrate.particles import BLOCK_PARTICLES, Filter, stream
from sim.calibrate.record import record_of
from sim.calibrate.weights import weights_of
from sim.engine.domain import LUCK_DAYS
from sim.errors import CalibrationError
from sim.evidence.statements import load_evidence
from sim.inputs.parameters import Parameter, Prior

SWARM = 2 * BLOCK_PARTICLES
SOON, MAY = dt.date(2025, 3, 17), dt.date(2025, 5, 20)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(temper, "MOVED", SWARM)


def row(name, low, high, **prior):
    return Parameter(
        name=name, meaning="x", unit="1", range=(low, high), prior=Prior(**prior), source="x",
        known_by=SOON,
    )  # fmt: skip


ROWS = (
    row("theta", -9, 9, normal=(0.0, 1.0)),
    row("cut", -0.5, 9, normal=(0.0, 1.0)),
    row("size", 0, 4, lognormal=(1.0, 0.5)),
    row("share", 0, 1, beta=(2.0, 5.0)),
)


@dataclasses.dataclass(frozen=True)
class Readings:
    """Theta ~ N(0, 1), read every day with an error; a chance is known but for luck."""

    seed: int = 3
    reading: float = 1.5
    error: float = 1.0
    noise: float = 0.3
    days: int = 60
    free: ClassVar = {row.name: row for row in ROWS}
    scales: ClassVar = {row.name: row.prior for row in ROWS}
    factors: ClassVar = {"size": 2.0}

    @property
    def record(self):
        return SimpleNamespace(days=self.days)

    def numbers(self, block):
        rng = stream(self.seed, block)
        drawn = {name: one.draw(BLOCK_PARTICLES, rng) for name, one in self.free.items()}
        return {name: self.factors.get(name, 1.0) * values for name, values in drawn.items()}

    def made(self, numbers):
        return (numbers["theta"],)

    def lives(self, made, luck, last):
        (theta,) = made
        address = luck.astype(np.uint64) + np.uint64(2**57 - 13) * np.arange(
            luck.shape[1], dtype=np.uint64
        )
        hashed = address * np.uint64(11400714819323198485)
        hashed = (hashed ^ (hashed >> np.uint64(29))) * np.uint64(13787848793156543929)
        z = ndtri((hashed.astype(float) + 0.5) / 2.0**64)
        each = np.zeros((len(theta), self.days + 1))
        each[:, 1 : last + 1] = -0.5 * ((self.reading - theta[:, None]) / self.error) ** 2
        stretch = np.arange(self.days) // LUCK_DAYS
        lucky = (self.noise * z - 0.5 * self.noise**2)[:, stretch] / np.bincount(stretch)[stretch]
        each[:, 1 : last + 1] += lucky[:, :last]
        return SimpleNamespace(so_far=each.cumsum(axis=1), ends=theta)

    @property
    def variance(self):
        return 1.0 / (1.0 + self.days / self.error**2)

    @property
    def mean(self):
        return self.variance * self.days * self.reading / self.error**2

    @property
    def log_evidence(self):
        apart = self.days * self.reading**2 / self.error**2 - self.mean**2 / self.variance
        return -0.5 * apart + 0.5 * math.log(self.variance)


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_many_readings_of_one_number_lead_to_its_exact_posterior(noise):
    toy = Readings(noise=noise)
    found = temper.temper(toy, SWARM, ALONE)
    theta, size = found.particles.numbers["theta"], found.weights.effective
    assert SWARM / 20 < size <= 1.2 * SWARM
    error = math.sqrt(toy.variance / size)
    assert theta.mean() == pytest.approx(toy.mean, abs=4 * error)
    assert theta.std() == pytest.approx(math.sqrt(toy.variance), rel=4 / math.sqrt(size))
    tolerance = 4 * found.notes["log_evidence_error"]
    assert 0.01 < found.notes["log_evidence_error"] < 0.1
    assert found.weights.log_evidence == pytest.approx(toy.log_evidence, abs=tolerance)
    assert len(found.notes["days"]) > 3
    assert found.notes["days"][-1] == toy.days


def test_one_day_that_tells_too_much_is_taken_in_parts():
    found = temper.temper(Readings(days=1, error=0.02, noise=0.0), SWARM, ALONE)
    toy = Readings(days=1, error=0.02)
    assert len([day for day in found.notes["days"] if 0.0 < day < 1.0]) > 1
    error = math.sqrt(toy.variance / found.weights.effective)
    assert found.particles.numbers["theta"].mean() == pytest.approx(toy.mean, abs=4 * error)


def test_means_of_independent_repeats_differ_as_the_effective_size_says():
    """The variance between repeats is chi-squared about what the sizes promise."""
    repeats = 24
    means, promised = [], []
    for seed in range(repeats):
        toy = Readings(seed=1000 + seed)
        found = temper.temper(toy, BLOCK_PARTICLES, ALONE)
        theta = found.particles.numbers["theta"]
        _, lines = np.unique(found.particles.ancestors, return_inverse=True)
        means.append(theta.mean())
        promised.append(theta.var() / effective_of(theta, lines))
    share = np.mean((np.array(means) - toy.mean) ** 2) / np.mean(promised)
    assert 0.4 < share < 1.8  # of a chi-squared with 24 degrees of freedom, .999


def test_lines_of_descent_are_worth_what_they_are():
    """Copies are worth one draw; siblings that have forgotten each other are draws of their own."""
    rng = np.random.default_rng(1)
    own = rng.standard_normal(40_000)
    lines = np.repeat(np.arange(2000), 20)
    assert effective_of(np.repeat(own[:2000], 20), lines) == pytest.approx(2000, rel=0.15)
    assert effective_of(own, lines) == pytest.approx(40_000, rel=0.15)


# ------------------------------------------------------------------ how far, and by which moves


def test_a_place_in_the_record_counts_a_share_of_the_next_day():
    so_far = np.array([[-1.0, -3.0, -np.inf], [0.0, -np.inf, -np.inf]])
    for place, first, second in (
        (0.0, 0.0, 0.0), (0.5, -0.5, 0.0), (1.0, -1.0, 0.0), (1.25, -1.5, -np.inf),
        (2.0, -3.0, -np.inf), (2.5, -np.inf, -np.inf),
    ):  # fmt: skip
        assert chance_at(so_far, place).tolist() == [first, second], place


def test_a_step_goes_as_far_as_leaves_half_effective_and_always_on():
    so_far = np.outer(np.linspace(-1.0, 1.0, 1000), np.arange(1.0, 11.0))
    place = temper.next_place(so_far, np.zeros(1000), 0.0, 10.0)
    step = np.exp(chance_at(so_far, place))
    assert temper.effective(step) == pytest.approx(500.0, rel=1e-6)
    assert temper.next_place(0.01 * so_far, np.zeros(1000), 0.0, 10.0) == 10.0
    so_far[:900] = -np.inf
    assert temper.next_place(so_far, np.zeros(1000), 0.0, 10.0) > 0.5


def test_moves_leave_the_prior_alone_however_the_guide_leads():
    """Without a record the target is the prior, ranges included."""
    toy = Readings(error=1e9, noise=0.0)
    numbers = toy.numbers(0)
    luck = np.zeros((BLOCK_PARTICLES, 3), np.int64)
    now = ParticleSet(numbers, luck, np.zeros(BLOCK_PARTICLES), np.arange(BLOCK_PARTICLES))
    root = np.linalg.cholesky(0.5 * np.eye(4) + 0.3)
    guide = Guide(np.full(4, 0.3), root, np.linalg.inv(root @ root.T) - np.eye(4))
    taken = 0
    for n in range(40):
        now, goes = move(toy, guide, now, 61.0, 2 * n + 100)
        taken += goes
    assert 0.2 < taken / (40 * BLOCK_PARTICLES) < 0.95
    fresh = {
        name: np.concatenate([toy.numbers(n)[name] for n in range(900, 910)]) for name in numbers
    }
    for name in numbers:
        assert kstest(now.numbers[name], fresh[name]).pvalue > 1e-4, name
        assert abs(np.corrcoef(now.numbers[name], numbers[name])[0, 1]) < 0.3


def test_scores_are_standard_normal_and_lead_back():
    toy = Readings()
    numbers = toy.numbers(0)
    scores = scores_of(toy, numbers)
    for n in (0, 2, 3):  # the range of the other cuts its prior
        assert kstest(scores[:, n], "norm").pvalue > 1e-4
    back, inside = numbers_of(toy, scores)
    assert inside.all()
    for name in numbers:
        assert back[name] == pytest.approx(numbers[name], rel=1e-6), name


def test_what_the_prior_draws_together_is_drawn_anew_together():
    chosen = filter_of(SOON)
    old, fresh = chosen.numbers(0), chosen.numbers(1)
    chance = np.repeat([0.0, 0.25], BLOCK_PARTICLES // 2)
    mixed = fresh_places(old, fresh, chance, stream(1, 1))
    kept, new = ({name: mixed[name] == source[name] for name in mixed} for source in (old, fresh))
    stays = kept["ideal"] & kept["red_line"]
    assert (stays | (new["ideal"] & new["red_line"])).all()
    assert (kept["weight"].all(axis=2) | new["weight"].all(axis=2)).all()
    assert kept["ideal"][: BLOCK_PARTICLES // 2].all()
    assert new["mediator_position"][BLOCK_PARTICLES // 2 :].mean() == pytest.approx(0.25, abs=0.02)


def test_luck_is_drawn_again_in_one_stretch_at_least_and_in_the_others_by_chance():
    luck = np.zeros((4000, 10), np.int64)
    new = fresh_luck(luck, np.arange(1, 4001), 3, stream(1, 1))
    changed = new > 0
    assert changed[:, :3].any(axis=1).all()
    assert (new[changed] == np.broadcast_to(np.arange(1, 4001)[:, None], luck.shape)[changed]).all()
    assert 0.03 < changed[:, 3:].mean() < 0.25


# ------------------------------------------------------------------ the record


def filter_of(as_of, seed=7):
    evidence = load_evidence(as_of=as_of)
    return Filter.of(evidence, record_of(evidence, as_of), seed)


def test_a_stretch_of_luck_reaches_no_day_before_it():
    chosen = filter_of(MAY)
    made = chosen.draw(0)
    few = tuple(part[:200] for part in made)
    numbers = np.arange(200)
    one = chosen.lives(few, numbers, chosen.record.days)
    luck = np.repeat(numbers[:, None], 3, axis=1)
    same = chosen.lives(few, luck, chosen.record.days)
    assert np.array_equal(one.so_far, same.so_far)
    assert np.array_equal(one.particles.log_weights, same.particles.log_weights)
    assert same.so_far[:, -1] == pytest.approx(same.particles.log_weights, abs=1e-9)
    luck[:, 1] += 10_000
    other = chosen.lives(few, luck, chosen.record.days)
    assert np.array_equal(other.so_far[:, : LUCK_DAYS + 1], one.so_far[:, : LUCK_DAYS + 1])
    assert (other.so_far[:, 2 * LUCK_DAYS] != one.so_far[:, 2 * LUCK_DAYS]).mean() > 0.9
    short = chosen.lives(few, numbers, 30)
    assert np.array_equal(short.so_far[:, :31], one.so_far[:, :31])


def test_the_record_moved_through_and_weighed_agree():
    chosen = filter_of(MAY)
    count = 16 * BLOCK_PARTICLES
    with ThreadPoolExecutor(2) as executor:
        log_weights = chosen.weigh(count, executor).log_weights
        found = temper.temper(chosen, SWARM, executor)
    plain = weights_of(log_weights)
    spread = np.exp(log_weights - log_weights.max())
    error = math.hypot(spread.std() / spread.mean() / count**0.5, found.notes["log_evidence_error"])
    assert found.weights.log_evidence == pytest.approx(plain.log_evidence, abs=4 * error)
    assert error < 0.1
    assert found.weights.effective > SWARM / 20
    assert found.weights.k < 0.5
    blocks = [chosen.numbers(n) for n in range(16)]
    for name in ("resolve.r", "exit_hazard", "precision", "follow_base", "start_tilt"):
        drawn = np.concatenate([block[name] for block in blocks])
        mean = plain.values @ drawn
        sd = math.sqrt(plain.values @ (drawn - mean) ** 2)
        error = sd * math.sqrt(1.0 / plain.effective + 1.0 / found.weights.effective)
        assert found.particles.numbers[name].mean() == pytest.approx(mean, abs=4 * error), name


def test_moves_depend_on_no_worker_and_their_past_can_be_lived_again():
    chosen = filter_of(SOON)
    one = temper.temper(chosen, SWARM, ALONE)
    with ThreadPoolExecutor(3) as executor:
        other = temper.temper(chosen, SWARM, executor)
    assert one.notes == other.notes
    assert one.weights.effective == other.weights.effective
    assert np.array_equal(one.particles.luck, other.particles.luck)
    assert np.array_equal(one.particles.log_weights, other.particles.log_weights)
    for name in START.names:
        assert np.array_equal(one.ends[name], other.ends[name])
    some = one.particles.taken(slice(0, 50))
    told = chosen.lives(chosen.made(some.numbers), some.luck, chosen.record.days)
    assert told.particles.log_weights == pytest.approx(some.log_weights, abs=1e-9)
    for name in START.names:
        assert np.array_equal(told.ends[name], one.ends[name][:50])
    assert np.array_equal(one.members["precision"][:50], some.numbers["precision"])


def test_a_day_that_nobody_survives_is_named(monkeypatch):
    chosen = filter_of(SOON)
    true = Filter.lives

    def deadly(self, made, luck, last):
        lives = true(self, made, luck, last)
        lives.so_far[:, 5:] = -np.inf
        lives.particles.silent[:, 5:] = -np.inf
        return lives

    monkeypatch.setattr(Filter, "lives", deadly)
    with pytest.raises(CalibrationError, match=r"no particle lives through the day 2025-03-14"):
        temper.temper(chosen, SWARM, ALONE)


# ------------------------------------------------------------------ as many as it takes


def test_too_few_particles_are_doubled_none_is_run_twice_and_then_they_are_moved(monkeypatch):
    chosen = filter_of(SOON)
    run, said = [], []
    true = Filter.block

    def noted(self, number, count, first=0):
        run.extend(number * BLOCK_PARTICLES + np.arange(first, count))
        return true(self, number, count, first)

    monkeypatch.setattr(Filter, "block", noted)
    monkeypatch.setattr(fit, "PROBE", 2000)
    found = condition(chosen, 3000, ALONE, most=7_000, note=said.append)
    assert sorted(run) == list(range(7_000))
    assert [text.split(": ")[1] for text in said] == [
        "6,000 pasts are taken instead.",
        "7,000 pasts are taken instead.",
        f"{SWARM:,} pasts are moved instead.",
    ]
    assert found.notes["tempering"]["days"][-1] == chosen.record.days
    again = condition(chosen, SWARM, ALONE, tempered=True)
    assert again.notes == found.notes
    for name in START.names:
        assert np.array_equal(again.starts[name], found.starts[name])


def test_where_the_most_would_be_far_from_enough_a_probe_alone_is_weighed(monkeypatch):
    chosen = filter_of(SOON)
    monkeypatch.setattr(fit, "PROBE", 500)
    said = []
    found = condition(chosen, 1000, ALONE, most=3_000, note=said.append)
    assert [text.split(": ")[1] for text in said] == [f"{SWARM:,} pasts are moved instead."]
    assert found.particles == SWARM


def test_enough_particles_are_left_as_they_are():
    said = []
    found = condition(filter_of(SOON), 20_000, ALONE, most=40_000, note=said.append)
    assert (found.particles, found.tempering, said) == (20_000, None, [])
