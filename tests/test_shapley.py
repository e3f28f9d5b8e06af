"""What each of several changes adds: closed forms of Shapley shares and interactions."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest

from sim.experiments.shapley import (
    all_sets,
    chain_shares,
    chains,
    interaction_weights,
    share_weights,
)


def shares_of(values):
    number = len(values).bit_length() - 1
    return share_weights(number) @ values / factorial(number)


@pytest.mark.parametrize("number", [1, 2, 3, 6])
def test_shares_are_the_average_over_all_orders_and_sum_to_the_whole(number):
    values = np.random.default_rng(number).normal(size=2**number)
    by_hand = np.zeros(number)
    orders = list(permutations(range(number)))
    for order in orders:
        met = 0
        for change in order:
            by_hand[change] += (values[met | 1 << change] - values[met]) / len(orders)
            met |= 1 << change
    assert shares_of(values) == pytest.approx(by_hand)
    assert shares_of(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-12)


def test_what_adds_up_has_its_own_effects_as_shares_and_no_interactions():
    effects = np.array([3.0, -1.0, 0.0, 0.5])
    values = (all_sets(4)[:, np.newaxis] >> np.arange(4) & 1) @ effects
    assert shares_of(values) == pytest.approx(effects)
    assert interaction_weights(4)[1] @ values == pytest.approx(0.0)


def test_a_change_without_effect_has_exactly_nothing():
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2, 8)
    whole = np.concatenate([values, values])  # the fourth change does nothing
    assert (share_weights(4) @ whole)[3] == 0


def test_two_that_only_work_together_share_alike_and_interact_in_full():
    pairs, weights = interaction_weights(2)
    assert shares_of(np.array([0, 0, 0, 1])) == pytest.approx([0.5, 0.5])
    assert pairs == [(0, 1)]
    assert weights @ [0, 0, 0, 1] == pytest.approx([1.0])
    assert weights @ [0, 1, 1, 1] == pytest.approx([-1.0])  # either would do


def test_chains_of_all_orders_give_the_exact_shares():
    values = np.random.default_rng(5).normal(size=16)
    orders = np.array(list(permutations(range(4))))
    sets = chains(orders)
    assert (sets[:, 0] == 0).all()
    assert (sets[:, -1] == 15).all()
    assert chain_shares(orders, values[sets]).mean(axis=0) == pytest.approx(shares_of(values))
