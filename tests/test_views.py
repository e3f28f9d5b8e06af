"""Other priors than the table has: what an analyst or a variant changes, and what it leaves."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sim.calibrate.fit import condition, filter_of
from sim.errors import CalibrationError
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import columns_of
from sim.inputs.made_from import inputs_of
from sim.inputs.parameters import Parameter, Prior, find
from sim.inputs.views import TENTH, Belief, View

DAY = dt.date(2025, 3, 17)
FAMILIES = ("resolve.r", "precision", "belief_mean.us")  # normal, lognormal, beta


def row_of(name: str) -> Parameter:
    return find(shipped().parameters, name)


def drawn(name: str, count: int = 100_000):
    return row_of(name).draw(count, np.random.default_rng(1))


@pytest.mark.parametrize("name", FAMILIES)
def test_scores_are_standard_normal_under_the_prior_and_go_back(name):
    values = drawn(name)
    scores = row_of(name).scores(values)
    assert np.allclose(row_of(name).from_scores(scores), values, rtol=1e-9)
    assert np.quantile(scores, [0.1, 0.5, 0.9]) == pytest.approx([-TENTH, 0.0, TENTH], abs=0.02)


def test_scores_take_the_range_into_account():
    """A normal cut at its mean: the half that is left is the whole of the scale."""
    row = row_of("resolve.r").model_copy(update={"range": (0.0, 1.0)})
    assert row.prior == Prior(normal=(0.0, 0.15))
    half = row.from_scores(np.array([0.0]))[0]
    assert half == pytest.approx(0.15 * 0.6744898, rel=1e-6)  # the upper quartile of a normal
    assert row.scores(np.array([0.0, 1.0])).tolist() == [-np.inf, pytest.approx(np.inf)]


@pytest.mark.parametrize("name", FAMILIES)
def test_a_belief_has_the_quantiles_that_were_stated(name):
    values = drawn(name)
    stated = np.quantile(values, [0.3, 0.6, 0.97])
    belief = Belief.of(row_of(name), *stated)
    assert [belief.quantile(share) for share in (0.1, 0.5, 0.9)] == pytest.approx(stated, rel=1e-9)
    moved = belief.moved(values)
    assert [(moved < edge).mean() for edge in stated] == pytest.approx([0.1, 0.5, 0.9], abs=0.005)
    assert row_of(name).range[0] <= moved.min() <= moved.max() <= row_of(name).range[1]


@pytest.mark.parametrize("name", FAMILIES)
def test_weights_of_the_prior_stand_for_the_belief(name):
    values = drawn(name)
    stated = np.quantile(values, [0.2, 0.55, 0.93])
    belief = Belief.of(row_of(name), *stated)
    weights = np.exp(belief.log_ratio(values))
    assert weights.mean() == pytest.approx(1.0, abs=0.02)
    below = [(weights * (values < edge)).mean() for edge in stated]
    assert below == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


def test_a_belief_in_the_prior_is_the_prior():
    row = row_of("resolve.r")
    belief = Belief.of(row, *row.from_scores(np.array([-TENTH, 0.0, TENTH])).tolist())
    values = drawn("resolve.r", 1000)
    assert (belief.centre, belief.below, belief.above) == pytest.approx((0.0, 1.0, 1.0))
    assert np.allclose(belief.log_ratio(values), 0.0, atol=1e-9)
    assert np.allclose(belief.moved(values), values)


def view(**changes) -> View:
    return View("other", "variant", "--variant other", **changes)


def test_views_together_say_all_that_either_says_or_contradict():
    one = view(held={"snapback": 0.5}, times={"occasions": 2.0})
    other = View("more", "variant", "--variant more", held={"snapback": 0.5, "defused": 0.1})
    both = one.with_other(other)
    assert both.name == "other+more"
    assert both.changes == ("defused", "occasions", "snapback")
    assert both.told("occasions") == "times 2"
    with pytest.raises(CalibrationError, match=r"number snapback.*held at 0\.5.*held at 0\.7"):
        one.with_other(view(held={"snapback": 0.7}))
    with pytest.raises(CalibrationError, match="number occasions"):
        one.with_other(view(held={"occasions": 0.0}))


def test_an_ensemble_is_out_of_date_if_its_view_is():
    plain = inputs_of("posterior", DAY)
    assert inputs_of("posterior", DAY, view=view()) == plain
    changed = inputs_of("posterior", DAY, view=view(held={"snapback": 0.5}))
    assert changed.pop("view")
    assert changed == plain


def test_a_view_that_changes_nothing_makes_the_same_members():
    base = filter_of(DAY)
    belief = Belief.of(row_of("resolve.r"), 0.1, 0.3, 0.5)
    with ThreadPoolExecutor(2) as executor:
        plain, same, other = (
            condition(chosen, 8192, executor)
            for chosen in (
                base,
                base.seen_by(view()),
                base.seen_by(view(beliefs={"resolve.r": belief})),
            )
        )
    one, two = (columns_of(fit.members, fit.starts, shipped().bloc_ids) for fit in (plain, same))
    assert all(one[name].tobytes() == two[name].tobytes() for name in one)
    assert (
        np.median(other.members["resolve"][:, 0]) > np.median(plain.members["resolve"][:, 0]) + 0.1
    )
    assert plain.weights.log_evidence == same.weights.log_evidence
