"""Whether a ranking stands, and what knowing is worth, where the members' odds are known."""

import numpy as np
import pytest

from sim.attribution.sensitivity.best import LEVEL, best_shares
from sim.attribution.sensitivity.ranking import rivals, turning
from sim.attribution.sensitivity.unknowns import worth_of_knowing
from sim.inputs.conflict import shipped
from tests.helpers.grids import HELD, grid_of, members_with, real_numbers

MEMBERS = 4096
BLOCS = shipped().bloc_ids


def logistic(values):
    return 1.0 / (1.0 + np.exp(-values))


# ------------------------------------------------------------------ in how many each is best


def crossing(rng):
    x = rng.random(MEMBERS)
    return [0.1 + 0.3 * x, 0.4 - 0.3 * x]


def mostly_none(rng):
    """Of seven members in ten, next to no odds under any policy."""
    odds = rng.beta(0.5, 4.0, (3, MEMBERS))
    none = rng.random(MEMBERS) < 0.7
    odds[:, none] *= 0.001
    return odds


def like_the_model(rng):
    level = rng.normal(-3.5, 2.0, MEMBERS)
    shifts = [rng.normal(mean, sd, MEMBERS) for mean, sd in ((0.3, 0.6), (0.2, 0.8))]
    return [logistic(level), *(logistic(level + shift) for shift in shifts)]


def never_worse(rng):
    odds = rng.beta(0.4, 3.0, MEMBERS)
    return [odds, odds + np.where(rng.random(MEMBERS) < 0.7, 0.0, 0.1)]


def in_proportion(rng):
    odds = rng.beta(0.4, 3.0, MEMBERS)
    return [odds, odds * rng.lognormal(0, 0.5, MEMBERS), odds * rng.lognormal(0.1, 0.5, MEMBERS)]


def one_clearly(rng):
    odds = rng.beta(0.4, 3.0, MEMBERS)
    return [odds + 0.02, odds, odds]


def true_shares(odds):
    ranked = np.sort(odds, axis=0)
    level = ranked[-1] - ranked[-2] < LEVEL
    best = np.bincount(odds.argmax(axis=0)[~level], minlength=len(odds))
    return [*(best / MEMBERS), level.mean()]


@pytest.mark.parametrize(
    "odds",
    [crossing, mostly_none, like_the_model, never_worse, in_proportion, one_clearly],
    ids=lambda made: made.__name__,
)
def test_shares_of_members_are_those_of_their_own_odds(odds):
    known = np.clip(odds(np.random.default_rng(7)), 0.0, 1.0)
    found = best_shares(grid_of(known, seed=5), HELD, MEMBERS)
    assert [*found.shares, found.level] == pytest.approx(true_shares(known), abs=0.05)
    assert sum(found.shares) + found.level == pytest.approx(1.0, abs=1e-5)


def test_luck_that_is_not_shared_is_taken_out_too():
    known = np.clip(like_the_model(np.random.default_rng(8)), 0.0, 1.0)
    found = best_shares(grid_of(known, shared=0.5), HELD, MEMBERS)
    assert [*found.shares, found.level] == pytest.approx(true_shares(known), abs=0.05)


def test_scenarios_under_which_all_worlds_end_alike_are_level():
    odds = np.random.default_rng(1).random(MEMBERS)
    assert best_shares(grid_of(np.array([odds, odds])), HELD, MEMBERS) == ((0.0, 0.0), 1.0)


def test_few_members_and_many_scenarios_have_shares():
    rng = np.random.default_rng(1)
    odds = np.clip(rng.random(64) + 0.2 * rng.random((20, 64)), 0.0, 1.0)
    found = best_shares(grid_of(odds), HELD, 64)
    assert sum(found.shares) + found.level == pytest.approx(1.0, abs=1e-4)
    assert min(found.shares) >= 0.0


# ------------------------------------------------------------------ what turns it


def noise(rng, count=170):
    return {f"number {n}": rng.random(MEMBERS) for n in range(count)}


def differences(mean, rng):
    """By member, how much oftener a truce holds in 64 worlds, of shared luck."""
    first = 0.7 * rng.beta(1.0, 4.0, MEMBERS)
    ended = grid_of(np.clip([first, first + mean], 0.0, 1.0), int(rng.integers(2**31))).ended
    hits = ended["outcome"] == HELD[0]
    return (hits[1].astype(int) - hits[0]).reshape(16, MEMBERS, 4).sum(axis=(0, 2)) / 64


def test_a_number_that_turns_a_ranking_is_found():
    """Of -.05 in the middle of its low third, +.09 in that of the high; +.02 on average."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        numbers = noise(rng)
        given = 0.02 + 0.21 * (numbers["number 9"] - 0.5)
        turned = turning(differences(given, rng), numbers, np.arange(MEMBERS), seed)
        found.append(turned.turns and turned.name == "number 9")
        if found[-1]:
            assert turned.low.mean == pytest.approx(-0.05, abs=0.02)
            assert turned.high.mean == pytest.approx(0.09, abs=0.02)
            assert turned.low.edge == pytest.approx(1 / 3, abs=0.03)
            assert turned.high.edge == pytest.approx(2 / 3, abs=0.03)
    assert sum(found) >= 19


@pytest.mark.long
def test_numbers_that_say_nothing_turn_nothing():
    """One of 170 always seems to turn a difference of nothing among those it was chosen on."""
    turned = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        difference = rng.normal(0.0, 0.1, MEMBERS)
        difference += 0.001 - difference.mean()
        turned += turning(difference, noise(rng), np.arange(MEMBERS), seed).turns
    assert turned <= 5


def test_a_yes_or_no_may_turn_a_ranking_too():
    rng = np.random.default_rng(1)
    numbers = {**noise(rng, 20), "yes": (rng.random(MEMBERS) < 0.25).astype(float)}
    found = turning(differences(0.04 - 0.1 * numbers["yes"], rng), numbers, np.arange(MEMBERS))
    assert (found.name, found.turns) == ("yes", True)
    assert (found.low.edge, found.high.edge) == (0.0, 1.0)


def test_what_turns_by_a_trifle_does_not_turn():
    rng = np.random.default_rng(1)
    numbers = noise(rng, 5)
    difference = 0.002 * (numbers["number 3"] - 0.5) + rng.normal(0.0, 1e-5, MEMBERS)
    found = turning(difference, numbers, np.arange(MEMBERS))
    assert found.name == "number 3"
    assert found.low.mc[1] < 0.0 < found.high.mc[0]
    assert not found.turns


def test_nearest_to_turning_is_the_number_with_the_smallest_difference():
    """Not one with a larger difference, known less well because few members are in its third."""
    rng = np.random.default_rng(1)
    few = np.where(rng.random(MEMBERS) < 0.12, -1.0, 0.0)
    numbers = {**noise(rng, 5), "few": few}
    difference = 0.1 + 0.06 * (numbers["number 2"] - 0.5) + rng.normal(0.0, 0.1, MEMBERS)
    found = turning(difference, numbers, np.arange(MEMBERS))
    assert (found.name, found.turns) == ("number 2", False)


def test_copies_of_members_narrow_no_interval():
    rng = np.random.default_rng(1)
    numbers = noise(rng, 5)
    difference = rng.normal(0.02 + 0.1 * (numbers["number 3"] - 0.5), 0.1)
    once = turning(difference, numbers, np.arange(MEMBERS))
    twice = {name: np.tile(values, 2) for name, values in numbers.items()}
    again = turning(np.tile(difference, 2), twice, np.tile(np.arange(MEMBERS), 2))
    for one, other in ((once.low, again.low), (once.high, again.high)):
        assert other.mean == pytest.approx(one.mean, abs=1e-3)
        assert other.error == pytest.approx(one.error, rel=0.01)


def test_too_few_members_have_no_thirds():
    rng = np.random.default_rng(1)
    assert turning(rng.random(100), {"x": rng.random(100)}, np.arange(100)) is None
    assert turning(rng.random(MEMBERS), {}, np.arange(MEMBERS)) is None


def test_the_leader_is_set_against_each_of_the_others():
    rng = np.random.default_rng(2)
    name, *_ = real_numbers(1)
    numbers = {name: rng.random(MEMBERS)}
    first = 0.2 + 0.1 * rng.random(MEMBERS)
    odds = np.array([first, first + 0.02 + 0.2 * (numbers[name] - 0.5), first - 0.1])
    leader, others = rivals(grid_of(odds), HELD, members_with(numbers), BLOCS)
    assert leader == 1
    assert [one.place for one in others] == [0, 2]
    near, far = others
    assert near.paired.difference.mean == pytest.approx((odds[1] - odds[0]).mean(), abs=2e-3)
    assert (near.turning.name, near.turning.turns) == (name, True)
    assert not far.turning.turns


# ------------------------------------------------------------------ what knowing is worth


def known_gain(slope, shift):
    """``E[max(0, c x)] - max(0, E[c x])`` of x uniform from shift - 1 to shift + 1, shift > 0."""
    return slope * (1.0 - shift) ** 2 / 4.0


@pytest.mark.parametrize("copies", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_knowing_a_number_is_worth_what_it_adds_to_the_best_choice(seed, copies):
    rng = np.random.default_rng(seed)
    names = real_numbers(30)
    numbers = {name: rng.random(MEMBERS // copies) for name in names}
    ensemble = members_with(numbers, copies)
    own = rng.random(MEMBERS // copies)
    first = np.tile(0.3 + 0.2 * own, copies)
    x = np.tile(2.0 * numbers[names[4]] - 0.8, copies)
    odds = np.array([first, first + 0.2 * x])
    found = worth_of_knowing(grid_of(odds, seed, shared=0.9), HELD, ensemble, BLOCS)
    best, *others = found.numbers
    assert found.choice == 1
    assert best.name == names[4]
    error = (best.mc[1] - best.mc[0]) / 2.0
    assert 0.0005 < error < 0.004
    assert best.mean == pytest.approx(known_gain(0.2, 0.2), abs=1.5 * error)
    assert all(one.mc[0] <= 0.0 for one in others)
    truth = odds.max(axis=0).mean() - odds[1].mean()
    low, high = found.everything
    assert low - 1e-3 < truth < high + 1e-3
    assert 0.0 < high - low < 0.03


def test_numbers_that_say_nothing_are_worth_nothing_where_two_are_nearly_level():
    """Were each tenth set against the best of the others, half of them would gain."""
    names, gained = real_numbers(100), []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        ensemble = members_with({name: rng.random(MEMBERS) for name in names})
        first = 0.3 + 0.2 * rng.random(MEMBERS)
        odds = np.array([first, first + rng.normal(0.0, 0.1, MEMBERS)])
        found = worth_of_knowing(grid_of(odds, seed), HELD, ensemble, BLOCS)
        gained += [one.mc[0] > 0.0 for one in found.numbers]
        truth = odds.max(axis=0).mean() - odds[found.choice].mean()
        low, high = found.everything
        assert low - 2e-3 < truth < high + 2e-3
    assert np.mean(gained) <= 0.025


def test_where_one_is_best_in_all_members_nothing_is_worth_knowing():
    rng = np.random.default_rng(1)
    ensemble = members_with({name: rng.random(MEMBERS) for name in real_numbers(10)})
    first = 0.3 * rng.random(MEMBERS)
    found = worth_of_knowing(grid_of(np.array([first + 0.2, first])), HELD, ensemble, BLOCS)
    assert all(one.mean == 0.0 for one in found.numbers)
    assert found.everything == pytest.approx((0.0, 0.0), abs=1e-3)
