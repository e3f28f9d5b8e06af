"""`sim.explore`: odds over a few levers as a formula, and how far it is off."""

from __future__ import annotations

import json

import numpy as np
import pytest
from helpers.explored import VARY, an_explored
from helpers.figures import check_words, gids

import sim
from sim.attribution.explore.design import Plan
from sim.attribution.explore.fit import Fit, Shown, fitted, shrunk
from sim.attribution.explore.fresh import members_interval
from sim.attribution.explore.levers import chosen, deferrals
from sim.attribution.explore.polynomial import columns, logistic, products, rounded, terms
from sim.attribution.explore.result import Formulas
from sim.attribution.sensitivity.tornado import tornado
from sim.experiments.axes import Axis
from sim.experiments.kernel import Kernel
from sim.inputs.ensemble import load_ensemble
from sim.outcomes import OUTCOMES

TRUE = np.array([-1.0, 0.9, -0.6, 0.4, 0.3, -0.5])
"""Of the terms up to the second degree of two levers; all higher ones are 0."""

SEVEN = (
    *(f"offer.{issue}" for issue in ("territory", "recognition", "nato", "force_limits")),
    *("mandate.flexibility", "sanctions.relief", "monitoring.strength"),
)


def shown(seed, members=64, pairs=8, points=4, of_ensemble=1.0):
    """Pairs of worlds with a known mean; members differ, and a world's points share its luck.

    A run holds if the sum of what member, world and run add is below the quantile of the mean:
    uniform whatever the shares of the three, so that the mean is the polynomial's.
    """
    from scipy.special import ndtr

    rng = np.random.default_rng(seed)
    places = rng.uniform(-1, 1, (2, points, members, pairs)).astype(np.float32)
    view = ndtr_of_ranks(rng, members)[None, None, :, None]
    world = rng.normal(size=(2, 1, members, pairs))
    run = rng.normal(size=(2, points, members, pairs))
    level = np.sqrt(0.3) * view + np.sqrt(0.5) * world + np.sqrt(0.2) * run
    mean = logistic(np.tensordot(TRUE, columns(places, products(2, 2)), 1))
    held = (ndtr(level) < mean).sum(0)
    return Shown(places, {"held": held}, frozenset(["held"]), {"held": 0.5}, of_ensemble)


def ndtr_of_ranks(rng, members):
    from scipy.special import ndtri

    return rng.permutation(ndtri((np.arange(members) + 0.5) / members))


def repeated(tries, **how):
    """Fits of the same truth from other luck: coefficients and standard errors, by try."""
    options = {name: how.pop(name) for name in ("least_squares", "shrink") if name in how}
    fits = [fitted(shown(seed, **how), **options)["held"] for seed in range(tries)]
    truth = np.zeros(len(terms(2)))
    truth[: len(TRUE)] = TRUE
    errors = np.array([np.sqrt(fit.covariance.diagonal()) for fit in fits])
    return np.array([fit.coefficients for fit in fits]) - truth, errors


# ------------------------------------------------------------------ the fit


def test_known_coefficients_come_back_within_their_errors():
    off, errors = repeated(24, pairs=16, shrink=False)
    scaled = off / errors
    assert abs(scaled.mean()) < 0.2
    assert 0.8 < np.sqrt((scaled**2).mean()) < 1.25


def test_the_error_shrinks_with_worlds_and_is_larger_if_members_are_a_sample():
    few, many = (repeated(2, pairs=pairs, shrink=False)[1].mean() for pairs in (8, 32))
    assert 1.7 < few / many < 2.4
    sample = repeated(2, pairs=32, shrink=False, of_ensemble=0.1)[1]
    assert sample[:, 0].mean() > 1.5 * repeated(2, pairs=32, shrink=False)[1][:, 0].mean()


def with_luck_of_worlds(seed):
    """A number, not a share, of which most is the luck of a pair of worlds."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-1, 1, (2, 4, 64, 8)).astype(np.float32)
    mean = np.tensordot(TRUE, columns(places, products(2, 2)), 1)
    view, world = rng.normal(size=(1, 64, 1)), rng.normal(size=(1, 64, 8))
    seen = mean + 0.5 * (view - view.mean()) + world + 0.5 * rng.normal(size=mean.shape)
    return Shown(places, {"worth": seen}, frozenset(), {"worth": 1.0}, 1.0)


def test_that_points_of_a_world_are_alike_tells_slopes_better_than_least_squares():
    slopes = slice(1, len(TRUE))

    def square(**how):
        fits = [fitted(with_luck_of_worlds(seed), shrink=False, **how) for seed in range(12)]
        off = [fit["worth"].coefficients[slopes] - TRUE[slopes] for fit in fits]
        return (np.array(off) ** 2).mean()

    assert square() < 0.5 * square(least_squares=True)


def test_terms_that_do_nothing_are_shrunk_and_the_others_are_not():
    covariance = 0.01 * np.eye(12)
    seen = np.array([2.0, 0.1, *([1.5, -0.05] * 5)])
    fit = shrunk(Fit(seen, covariance), 2)
    assert fit.coefficients[:2] == pytest.approx(seen[:2])
    assert fit.coefficients[2::2] == pytest.approx(seen[2::2], rel=0.02)
    assert abs(fit.coefficients[3::2]).max() < 0.01


def test_intervals_of_members_are_those_of_the_beta_distribution_they_are_drawn_from():
    odds = np.random.default_rng(1).beta(0.6, 3.0, 200_000)
    low, high = members_interval(np.array([odds.mean()]), np.array([(odds**2).mean()]))
    assert (low[0], high[0]) == pytest.approx(np.quantile(odds, [0.05, 0.95]), abs=0.004)
    certain = members_interval(np.array([0.0, 1.0, 0.4]), np.array([0.0, 1.0, 0.1]))
    assert [*certain[0], *certain[1]] == pytest.approx([0, 1, 0.4, 0, 1, 0.4])


# ------------------------------------------------------------------ worlds at points of their own


def test_every_pair_has_points_of_its_own_and_is_a_pair_of_worlds_of_one_member():
    plan = Plan.of(4_096, 4, 4, 1)
    shares = plan.shares(2)
    flat = shares.reshape(2, -1).T
    assert len(np.unique(flat, axis=0)) == len(flat) == plan.runs // 2
    scenario = sim.load_scenario("baseline")
    axes = (Axis("aid.level", 0.0, 2.0), Axis("offer.territory", 0.0, 1.0))
    batches = list(plan.batches(scenario, axes, shares))
    assert len(batches) == 2
    world = np.concatenate([batch.cases["world"] for batch in batches])
    member = np.concatenate([batch.cases["member"] for batch in batches])
    assert (member == world // 4 % 4).all()
    assert (np.bincount(world) == plan.points).all()
    assert len(np.unique(world)) == plan.worlds
    seen = [batch.agendas.policies["aid_level"][batch.cases["agenda"]] for batch in batches]
    aid = np.concatenate(seen).reshape(-1, 2, plan.points)
    assert (aid[:, 0] == aid[:, 1]).all()
    members, number = plan.pair(0, len(aid))
    assert aid[:, 0] == pytest.approx(2.0 * shares[0, :, members, number], abs=1e-6)


def test_the_formula_of_a_deferred_offer_is_of_worlds_in_which_it_is_deferred():
    vary = {"aid.level": (0.9, 1.1), "offer.force_limits": (0.9, 1.0)}
    found = sim.explore("baseline", vary, worlds=1_024, points=4)
    today = found.answer.today["held"]["mean"]
    assert found.at({})["held"] == pytest.approx(today, abs=0.04)
    assert found.at({"offer.force_limits": 0.95})["held"] > today + 0.1


def test_a_formula_says_what_worlds_do():
    found = sim.explore("baseline", {"aid.level": (0.0, 2.0)}, worlds=8_192, points=4)
    truth = sim.run("baseline+aid.level=0", worlds=8_192, seed=7).odds["held"]
    low, high = found.at({"aid.level": 0.0})["error"]
    assert low < truth.mc[1]
    assert truth.mc[0] < high
    assert found.answer.check["coverage"] >= 0.9
    assert found.answer.check["rmse"] < 0.01
    assert found.answer.check["members"]["mean"] < 0.05


def test_while_an_offer_is_deferred_its_own_formula_counts():
    found = an_explored()
    assert found.answer.toggles == ("offer.territory",)
    assert [one.deferred for one in found.answer.fits] == [(), ("offer.territory",)]
    assert found.standing["offer.territory"] == "deferred"
    assert found.at({}) == found.at({"offer.territory": "deferred", "aid.level": 1.0})
    assert found.at({})["held"] != found.at({"offer.territory": 0.5})["held"]
    (aid, territory) = found.sliders
    assert (aid.today, aid.start, territory.today, territory.start) == (1.0, 1.0, "deferred", 0.5)


def test_levers_that_move_most_are_taken_if_none_is_named():
    scenario = sim.load_scenario("baseline")
    kernel = Kernel(load_ensemble(scenario.as_of), 1)
    _, bars = tornado(kernel, scenario, OUTCOMES["held"], 256)
    axes = chosen(bars)
    assert len({axis.lever for axis in axes}) == 6
    assert all(not axis.choices and axis.low < axis.high for axis in axes)
    reach = {bar.lever: abs(bar.high.difference.mean - bar.low.difference.mean) for bar in bars}
    assert reach[axes[0].lever] > reach["ukraine.side_payment"]


# ------------------------------------------------------------------ how it is run


class StoppedError(Exception):
    """Somebody stopped it."""


def test_any_number_of_workers_or_a_stop_gives_the_same_document(tmp_path):
    whole = an_explored().as_dict()
    alone = sim.explore("baseline", VARY, worlds=512, points=4, workers=1)
    assert json.dumps(alone.as_dict()) == json.dumps(whole)

    def stop(done, total):
        assert 0 < done <= total
        if done > total // 2:
            raise StoppedError

    kept = tmp_path / "kept"
    how = {"worlds": 512, "points": 4, "kept": kept}
    with pytest.raises(StoppedError):
        sim.explore("baseline", VARY, progress=stop, **how)
    assert list(kept.iterdir())
    assert json.dumps(sim.explore("baseline", VARY, **how).as_dict()) == json.dumps(whole)
    assert not kept.exists()


def test_it_is_saved_opened_tabulated_and_drawn(tmp_path):
    found = an_explored()
    folder = found.save(tmp_path)
    assert folder.parent.name == "explored"
    again = sim.open(folder)
    assert json.dumps(again.as_dict()) == json.dumps(found.as_dict())
    assert again.at({"aid.level": 0.3}) == found.at({"aid.level": 0.3})
    table = found.table()
    row = table[(table["lever"] == "aid.level") & (table["value"] == 2.0)].iloc[0]
    said = found.at({"aid.level": 2.0})
    assert [row["held"], row["mc_low"], row["members_high"], row["worth.ukraine"]] == [
        said["held"],
        said["error"][0],
        said["members"][1],
        said["worth"]["ukraine"],
    ]
    figure = found.plot(size="page")
    assert {f"{name}.{part}" for name in VARY for part in ("line", "error", "members")} <= {
        *gids(figure)
    }
    check_words(figure, "page")


def test_the_document_stays_small():
    rng = np.random.default_rng(1)

    def of(deferred):
        levers = tuple(f"offer.lever_{n}" for n in range(6 - len(deferred)))
        long = [rounded(rng.normal(size=len(terms(len(levers))))) for _ in range(5)]
        worth = {"russia": long[3], "ukraine": long[4]}
        error = rounded(rng.normal(size=len(products(len(levers), 2))))
        return Formulas(deferred, levers, *long[:3], worth, error)

    fits = [of(some).as_dict() for some in deferrals(["a", "b", "c"])]
    assert len(fits) == 8
    assert len(json.dumps(fits)) < 50_000


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        ({}, "nothing is varied"),
        ({"aid.level": [0.0, 1.0]}, "is given values"),
        ({"concede.nato": (False, True)}, "no range"),
        ({"aid.level": (2.0, 1.0)}, "upside down"),
        ({"aid.level": (0.0, 1e-17)}, "too narrow"),
        ({"concede.nato": [False, True]}, "is no number"),
        ({"when.1.within": (1, 9)}, "block"),
        (dict.fromkeys(SEVEN, (0.1, 0.9)), "at most 6"),
    ],
)
def test_what_cannot_be_varied_is_refused(vary, said):
    with pytest.raises(sim.ScenarioError, match=said):
        sim.explore("baseline", vary, worlds=256)


def test_a_point_outside_is_refused():
    found = an_explored()
    for levers, said in (
        ({"aid.level": 2.5}, "outside"),
        ({"aid.level": "deferred"}, "no number"),
        ({"offer.nato": 0.5}, "none of these levers"),
    ):
        with pytest.raises(sim.ScenarioError, match=said):
            found.at(levers)
    with pytest.raises(sim.ScenarioError, match="points"):
        sim.explore("baseline", VARY, points=1)
