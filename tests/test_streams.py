"""Luck by address: the published known answers, and that no address disturbs another."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import record
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sim.engine.domain import LUCK_DAYS
from sim.engine.scratch import LUCK
from sim.engine.streams import Purpose, draw_luck, happens, normal, philox, poisson, uniforms

# Known answers of Random123 1.14 for Philox4x32-10: counter, key, result.
KNOWN_ANSWERS = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, answer):
    words = [np.uint64(word) for word in (*counter, *key)]
    assert philox(*words) == answer


def test_uniforms_read_the_block_of_their_address():
    words = [np.uint64(word) for word in (7, 0, 3, 256 * 2 + 5, 99, 0)]
    expected = tuple((float(word) + 0.5) / 2**32 for word in philox(*words))
    assert uniforms(99, 7, 3, 2, 5) == expected


def test_large_seeds_and_worlds_use_all_their_bits():
    drawn = {
        uniforms(seed, world, 1, 1, 0) for seed in (1, 1 + 2**32, 2**63 - 1) for world in (0, 2**32)
    }
    assert len(drawn) == 6


@pytest.mark.parametrize(("seed", "world", "first"), [(1, 0, 1), (2**63 - 1, 2**40, 25)])
def test_luck_drawn_ahead_is_that_of_each_day(seed, world, first):
    """In the tails too: of 144 normals some lie there."""
    luck = record(LUCK)
    draw_luck(seed, world, first, luck)
    normals = luck["normal"].reshape(3, LUCK_DAYS)
    for n in range(LUCK_DAYS):
        of_day = [normal(u) for u in uniforms(seed, world, first + n, Purpose.FRONT, 0)[:3]]
        assert normals[:, n].tolist() == of_day
        of_day = uniforms(seed, world, first + n, Purpose.CALENDAR, 0)
        assert luck["calendar"][:, n].tolist() == list(of_day)
    assert 0 < np.count_nonzero(abs(normals) > 1.5) < 3 * LUCK_DAYS


@given(st.floats(0.0, 50.0), st.integers(0, 2**32 - 1))
@example(0.05, 209_450_000)
@example(0.05, 209_490_000)
def test_the_short_cut_by_the_rate_changes_no_answer(rate, word):
    """But for a uniform that the rate meets to the last of its bits."""
    u = (word + 0.5) / 2**32
    assume(abs(u - rate) > 1e-15)
    assert happens(rate, u) == (u < 1.0 - math.exp(-rate))


def test_no_two_addresses_share_their_luck():
    drawn = [
        uniforms(1, world, day, purpose, actor)[0]
        for world in range(20)
        for day in range(1, 11)
        for purpose in Purpose
        for actor in range(2)
    ]
    assert len(set(drawn)) == len(drawn)


def test_uniforms_are_uniform():
    drawn = np.array([uniforms(5, world, 1, 1, 0) for world in range(20_000)])
    assert drawn.min() > 0.0
    assert drawn.max() < 1.0
    share = np.histogram(drawn, bins=20, range=(0, 1))[0] / drawn.size
    # 80,000 draws: the standard error of each share of .05 is .0008
    assert np.abs(share - 0.05).max() < 0.004
    assert np.abs(np.corrcoef(drawn.T) - np.eye(4)).max() < 0.03


def test_normals_invert_the_distribution():
    from scipy.special import ndtri

    edges = [0.5 * 2.0**-32, 0.075, 0.0750001, 0.5, 0.925, 1 - 0.5 * 2.0**-32]
    for u in [*edges, *np.linspace(0.001, 0.999, 999)]:
        assert normal(u) == pytest.approx(ndtri(u), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("rate", [0.01, 0.5, 3.0])
def test_poisson_counts_by_inversion(rate):
    chances = [math.exp(-rate) * rate**n / math.factorial(n) for n in range(10)]
    for count, chance in enumerate(chances):
        if chance > 1e-6:
            below = sum(chances[: count + 1])
            assert poisson(rate, below - 1e-9) == count
            assert poisson(rate, below + 1e-9) == count + 1


def test_a_uniform_on_the_edge_of_a_count_is_still_within_it():
    assert poisson(0.5, math.exp(-0.5)) == 0
    assert poisson(0.0, 1.0 - 2.0**-33) == 0


def test_no_more_than_a_thousand_are_counted():
    assert poisson(5000.0, 0.5) == 1000


def test_each_purpose_has_a_number_of_its_own_that_stays():
    assert [purpose.value for purpose in Purpose] == list(range(1, 15))
    assert Purpose.STRIKES == 14
