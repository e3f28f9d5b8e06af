"""Rounded parts of a whole add up as they are printed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.outcomes import OUTCOMES, parts_of_outcomes
from sim.text import part_text, parts_of_whole

FIVE = [name for name in OUTCOMES if name != "agreed"]


def drawn():
    """Parts of a whole, of many shapes; some are nothing, some wholes are not 1."""
    random = np.random.default_rng(1)
    for n, size, whole in itertools.product(range(12), (1, 2, 3, 5, 12), (1.0, 0.3826)):
        parts = random.dirichlet([0.4] * size) * (random.random(size) < 0.9 if n % 2 else 1.0)
        yield (parts * whole / max(parts.sum(), 1e-300)).tolist()
    yield [0.29, 0.07, 0.64]
    yield [1 / 3] * 3
    yield [0.0, 0.0]


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_parts_add_up_and_each_is_less_than_a_unit_off(digits):
    unit = 10.0**-digits
    for shares in drawn():
        parts = parts_of_whole(shares, digits)
        assert f"{sum(parts):.{digits}f}" == f"{100.0 * sum(shares):.{digits}f}"
        for part, share in zip(parts, shares, strict=True):
            assert abs(part - 100.0 * share) < unit * (1.0 - 1e-9)
            assert share > 0.0 or part == 0.0
        for whole in (np.floor(1e3 * sum(shares)) / 10.0, np.ceil(1e3 * sum(shares)) / 10.0):
            given = parts_of_whole(shares, 1, whole)
            assert sum(given) == pytest.approx(whole, abs=1e-9)
            assert np.abs(np.array(given) - 100.0 * np.array(shares)).max() < 0.1


def test_what_lost_most_by_rounding_down_gets_what_is_missing():
    assert parts_of_whole([0.124, 0.127, 0.749]) == [12.0, 13.0, 75.0]
    assert parts_of_whole([0.004, 0.003, 0.993]) == [1.0, 0.0, 99.0]
    assert part_text(1.0, 0.004) == "1"
    assert part_text(0.0, 0.0004, 1) == "<0.1"
    assert part_text(100.0, 0.99999, 1) == ">99.9"


def test_outcomes_add_up_with_held_and_agreed_as_they_stand_alone():
    random = np.random.default_rng(2)
    for odds in random.dirichlet([0.5] * 5, 200):
        named = dict(zip(FIVE, odds.tolist(), strict=True))
        for digits in (0, 1):
            parts = parts_of_outcomes(named, digits)
            assert sum(parts[name] for name in FIVE) == pytest.approx(100.0, abs=1e-9)
            assert parts["held"] + parts["collapsed"] == pytest.approx(parts["agreed"], abs=1e-9)
            agreed = named["held"] + named["collapsed"]
            assert f"{parts['held']:.{digits}f}" == f"{100.0 * named['held']:.{digits}f}"
            assert f"{parts['agreed']:.{digits}f}" == f"{100.0 * agreed:.{digits}f}"
            for name in FIVE:
                assert abs(parts[name] - 100.0 * named[name]) < 10.0**-digits
