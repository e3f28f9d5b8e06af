"""The distribution of members' odds and means with luck taken out, and conditions on them."""

import numpy as np
import pytest

from sim.bounds import Bound, bound_of
from sim.errors import ScenarioError
from sim.experiments.luck_free import Spread, spread_of_means, spread_of_odds

MEMBERS, WORLDS = 4096, 64
COUNTS = np.full(MEMBERS, WORLDS)


def drawn(odds, seed=1):
    return np.random.default_rng(seed).binomial(WORLDS, odds)


# ------------------------------------------------------------------ odds


def test_a_beta_is_found_where_plain_counts_are_off():
    odds = np.random.default_rng(2).beta(2.0, 30.0, MEMBERS)
    hits = drawn(odds)
    found = spread_of_odds(hits, COUNTS)
    for bound in (0.02, 0.05, 0.1, 0.15):
        told = found.share(found.points < bound)
        assert told == pytest.approx((odds < bound).mean(), abs=0.02)
    assert (hits / COUNTS > 0.15).mean() > (odds > 0.15).mean() + 0.01


def test_two_kinds_of_members_are_kept_apart():
    odds = np.where(np.arange(MEMBERS) % 4 == 0, 0.4, 0.03)
    found = spread_of_odds(drawn(odds), COUNTS)
    assert found.share(found.points < 0.15) == pytest.approx(0.75, abs=0.02)
    assert float(found.weights @ found.points) == pytest.approx(odds.mean(), abs=0.005)


def test_members_that_are_all_alike_have_no_spread():
    found = spread_of_odds(np.full(200, 8), np.full(200, 64))
    assert found.points.tolist() == [0.125]
    assert found.weights.tolist() == [1.0]
    none = spread_of_odds(np.zeros(200, int), np.full(200, 64))
    assert none.points.tolist() == [0.0]


def test_weights_sum_to_one_and_points_rise():
    found = spread_of_odds(drawn(np.random.default_rng(1).beta(1.0, 9.0, MEMBERS)), COUNTS)
    assert found.weights.sum() == pytest.approx(1.0)
    assert (np.diff(found.points) >= 0.0).all()
    assert (found.weights >= 0.0).all()


def test_the_lowest_share_is_the_mean_below():
    even = Spread(np.array([0.1, 0.2, 0.3, 0.4]), np.full(4, 0.25))
    assert even.lowest(0.25) == pytest.approx(0.1)
    assert even.lowest(0.5) == pytest.approx(0.15)
    assert even.lowest(0.375) == pytest.approx((0.1 * 0.25 + 0.2 * 0.125) / 0.375)
    assert even.lowest(1.0) == pytest.approx(0.25)


# ------------------------------------------------------------------ means


def test_a_normal_of_means_is_found():
    rng = np.random.default_rng(3)
    means = rng.normal(0.2, 0.1, MEMBERS)
    error = np.full(MEMBERS, 0.08)
    found = spread_of_means(means + rng.normal(0.0, error), error)
    for bound in (0.0, 0.2, 0.35):
        told = found.share(found.points < bound)
        assert told == pytest.approx((means < bound).mean(), abs=0.02)


def test_means_that_differ_by_luck_alone_have_no_spread():
    rng = np.random.default_rng(4)
    error = np.full(MEMBERS, 0.1)
    found = spread_of_means(0.3 + rng.normal(0.0, 0.099, MEMBERS), error)
    assert len(found.points) == 1
    assert found.points[0] == pytest.approx(0.3, abs=0.01)


def test_errors_may_differ_by_member():
    rng = np.random.default_rng(5)
    means, error = rng.normal(0.0, 1.0, MEMBERS), rng.uniform(0.1, 1.5, MEMBERS)
    found = spread_of_means(means + rng.normal(0.0, error), error)
    assert found.share(found.points < -1.0) == pytest.approx((means < -1.0).mean(), abs=0.03)


# ------------------------------------------------------------------ conditions

QUANTITIES = ["held", "worth_ukraine"]


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("held<.05", Bound("held", "<", 0.05)),
        (" held <= 5% ", Bound("held", "<=", 0.05)),
        ("worth_ukraine>=0", Bound("worth_ukraine", ">=", 0.0)),
        ("worth_ukraine>-1e-1", Bound("worth_ukraine", ">", -0.1)),
    ],
)
def test_a_condition_is_read(text, bound):
    assert bound_of(text, QUANTITIES, "--where") == bound


def test_a_condition_knows_what_meets_it_and_its_words():
    values = np.array([0.04, 0.05, 0.06])
    met = {sign: Bound("held", sign, 0.05) for sign in ("<", "<=", ">", ">=")}
    assert met["<"].met(values).tolist() == [True, False, False]
    assert met["<="].met(values).tolist() == [True, True, False]
    assert met[">"].met(values).tolist() == [False, False, True]
    assert met[">="].met(values).tolist() == [False, True, True]
    assert [bound.words for bound in met.values()] == ["below", "at most", "above", "at least"]
    assert [bound.upper for bound in met.values()] == [True, True, False, False]
    assert str(met["<="]) == "held<=0.05"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("held", "'held' is no condition."),
        ("held=0.05", "is no condition."),
        ("held==0.05", "is no condition."),
        ("<.05", "is no condition."),
        ("held<", "is no condition."),
        ("", "is no condition."),
        (None, "None is no condition."),
        (0.05, "0.05 is no condition."),
        ("0<held<1", "is no condition."),
        ("heldd<.05", "Did you mean held?"),
        ("odds<.05", "There are: held, worth_ukraine."),
        ("held<few", "'few' in 'held<few' is no number."),
        ("held<nan", "is no number."),
        ("held<inf", "is no number."),
    ],
)
def test_what_is_no_condition_is_refused(text, words):
    with pytest.raises(ScenarioError) as caught:
        bound_of(text, QUANTITIES, "--where")
    assert words in str(caught.value)
    assert str(caught.value).startswith("--where")
