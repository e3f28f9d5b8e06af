"""Sobol indices and Shapley shares from outcomes that are 0 or 1."""

from __future__ import annotations

import itertools
import json
import warnings

import numpy as np
import pytest
from helpers.known import ISHIGAMI, KNOWN, LOGISTIC

import sim
from sim.experiments.sensitivity.basis import MOST_TERMS, basis_of
from sim.experiments.sensitivity.draws import Members, draw_pairs, luck_of, members_in_blocks
from sim.experiments.sensitivity.jackknife import Jackknife
from sim.experiments.sensitivity.sobol import sobol, sobol_of_function


def means(found):
    return np.array([[one.mean for one in indices] for indices in found.axes.values()])


def halves(found):
    return np.array([[one.half_width for one in indices] for indices in found.axes.values()])


# ------------------------------------------------------------------ functions that are known


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_known_indices_are_recovered_from_single_outcomes(known):
    found = sobol_of_function(known, known.vary, runs=2**15)
    apart = np.abs(means(found) - known.shares)
    assert (apart <= 1.7 * halves(found)).all()
    assert halves(found).max() < 0.035
    assert means(found)[:, 2].sum() == pytest.approx(1.0, abs=1e-12)
    assert found.agrees
    assert found.unexplained.mc[0] < 0.01


def _repeated(known, runs, times):
    return [sobol_of_function(known, known.vary, runs=runs, seed=seed) for seed in range(times)]


@pytest.mark.long
@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_bias_and_coverage_over_repeats(known):
    """Of what moves the odds; the shares of the idle axis are covered more often than that."""
    found = _repeated(known, 2**14, 60)
    apart = np.array([means(one) for one in found]) - known.shares
    assert np.abs(apart.mean(0)).max() <= 0.015
    covered = np.abs(apart) <= [halves(one) for one in found]
    moving = known.shares > 0.0
    assert 0.90 <= covered[:, moving].mean() <= 0.99
    assert covered[:, ~moving].mean() >= 0.90 if (~moving).any() else True


@pytest.mark.long
def test_half_a_million_runs_of_ishigami_and_an_idle_axis():
    found = sobol_of_function(ISHIGAMI, ISHIGAMI.vary, runs=2**19)
    assert halves(found).max() <= 0.04
    assert np.abs(means(found) - ISHIGAMI.shares).max() <= 0.015
    assert np.abs(means(found)[3]).max() <= 0.005


@pytest.mark.long  # a second judge of what the shares recovered above are judged by
@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_salib_on_the_chances_themselves_agrees(known):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SALib.analyze.sobol import analyze
        from SALib.sample.sobol import sample
    problem = {"num_vars": 4, "names": list(known.vary), "bounds": list(known.vary.values())}
    points = sample(problem, 2**12, calc_second_order=False, seed=1)
    judge = analyze(problem, known.chance(points), calc_second_order=False, seed=1)
    found = sobol_of_function(known, known.vary, runs=2**15, seed=2)
    other = np.stack([judge["S1"], judge["ST"]], axis=1)
    assert (np.abs(means(found)[:, :2] - other) <= 1.7 * halves(found)[:, :2] + 0.005).all()


# ------------------------------------------------------------------ what an axis may be


def test_a_list_of_values_is_an_axis():
    """Chance ``.1 + .1 v + .4 x v / 5`` for v of 0, 1, 5 with weights alike and x uniform."""
    values = [0.0, 1.0, 5.0]

    def outcome(points, luck):
        return luck < 0.1 + 0.1 * points[:, 0] + 0.4 * points[:, 1] * points[:, 0] / 5

    found = sobol_of_function(
        outcome, {"value": values, "place": (0.0, 1.0), "idle": [1, 2]}, runs=2**16
    )
    # f = .1 + v (.1 + .08 x): variances .14^2 Var v, .08^2 E[v]^2 / 12, .08^2 Var v / 12
    spread, square = np.var(values), np.mean(values) ** 2
    own, place, joint = 0.14**2 * spread, 0.08**2 * square / 12, 0.08**2 * spread / 12
    whole = own + place + joint
    told = means(found)
    assert told[0] == pytest.approx(np.array([own, own + joint, own + joint / 2]) / whole, abs=0.01)
    expected = np.array([place, place + joint, place + joint / 2]) / whole
    assert told[1] == pytest.approx(expected, abs=0.01)
    assert np.abs(told[2]).max() < 0.002
    assert found.variance.mc[0] < whole < found.variance.mc[1]


@pytest.mark.parametrize("choices", [(0,), (0, 0, 0), (0, 3, 2), (4, 5), (2,) * 6, (0,) * 8])
def test_terms_are_orthonormal_and_each_degree_extends_the_one_before(choices):
    basis = basis_of(choices)
    assert len(set(basis.terms)) == len(basis.terms) == basis.counts[-1] <= MOST_TERMS
    assert list(basis.counts) == sorted(set(basis.counts))
    assert basis.terms[0].axes == ()
    if len(choices) > 3:
        return
    places, weights = np.polynomial.legendre.leggauss(12)
    nodes = [(np.arange(k) + 0.5) / k if k else (places + 1) / 2 for k in choices]
    each = [np.full(k, 1 / k) if k else weights / 2 for k in choices]
    points = np.array(list(itertools.product(*nodes)))
    weight = np.array([np.prod(one) for one in itertools.product(*each)])
    values = basis.matrix(points)
    assert (values * weight) @ values.T == pytest.approx(np.eye(len(values)), abs=1e-4)


def test_eight_ranges_have_all_terms_of_degree_four_and_fewer_axes_beyond():
    basis = basis_of((0,) * 8)
    assert basis.counts[3] == 495
    assert dict(zip(basis.degrees, basis.orders, strict=True)) == {
        1: 1, 2: 2, 3: 3, 4: 4, 5: 2, 6: 1, 7: 1, 8: 1,
    }  # fmt: skip
    weights = basis.shared_out()
    assert weights[2].sum(0)[1:] == pytest.approx(1.0)
    assert weights[:, :, 0].sum() == 0.0


def test_the_degree_is_no_higher_than_the_odds_ask_for():
    def bent(points, luck):
        return luck < 0.2 + 2.0 * (points[:, 0] - 0.5) ** 2

    found = sobol_of_function(bent, {"bent": (0, 1), "idle": (0, 1)}, runs=2**15)
    assert (found.degree, found.agrees) == (2, True)
    for variance in (found.variance, found.explained):
        assert variance.mean == pytest.approx(4 / 180, abs=1.3 * variance.half_width)
        assert variance.half_width < 0.003


def test_a_small_bend_is_found_where_the_variance_without_a_model_is_too_rough_to_tell():
    """A variance of .3^2 / 12 by one axis, and of a = .1, ``4 a^2 / 45``, by a bend of another."""

    def outcome(points, luck):
        return luck < 0.3 + 0.3 * points[:, 0] + 0.4 * (points[:, 1] - 0.5) ** 2

    found = sobol_of_function(outcome, {"line": (0, 1), "bend": (0, 1)}, runs=2**14)
    line, bend = 0.3**2 / 12, 4 * 0.1**2 / 45
    told = found.axes["bend"].first
    assert found.variance.half_width > bend
    assert told.mean == pytest.approx(bend / (line + bend), abs=1.3 * told.half_width)
    assert told.mean > told.half_width


@pytest.mark.long
def test_the_interval_of_an_axis_of_no_effect_is_as_wide_as_its_scatter():
    """Sixty values are fifty-nine terms, each an error squared less its variance."""

    def outcome(points, luck):
        return luck < 0.2 + 0.6 * points[:, 0]

    vary = {"line": (0.0, 1.0), "idle": list(range(60))}
    found = [
        sobol_of_function(outcome, vary, runs=2**13, seed=seed).axes["idle"].first
        for seed in range(100)
    ]
    scatter = np.std([one.mean for one in found])
    assert np.mean([one.half_width for one in found]) == pytest.approx(2.0 * scatter, rel=0.2)
    assert abs(np.mean([one.mean for one in found])) < 0.4 * scatter


def test_what_no_term_of_low_degree_explains_is_told():
    """A comb of forty teeth moves the odds, but is no polynomial."""

    def comb(points, luck):
        return luck < 0.2 + 0.2 * points[:, 0] + 0.4 * (points[:, 0] * 40 % 2 < 1)

    found = sobol_of_function(comb, {"a": (0, 1), "b": (0, 1)}, runs=2**15)
    assert not found.agrees
    assert found.unexplained.mc[0] > 0.5


# ------------------------------------------------------------------ nothing moves it


def constant(points, luck):
    return np.zeros(len(luck))


def luck_alone(points, luck):
    return luck < 0.3


def turned(points, luck):
    """The levers turn luck, and leave the odds where they are."""
    return (luck + 3 * points[:, 0] + 7 * points[:, 1]) % 1 < 0.3


@pytest.mark.parametrize("function", [constant, luck_alone, turned])
def test_of_odds_that_nothing_moves_there_are_no_shares(function):
    found = sobol_of_function(function, {"a": (0, 1), "b": (0, 1)}, runs=2**14)
    assert found.axes is None
    assert found.as_dict() is None
    assert found.unexplained is None
    assert found.variance.mc[0] <= 0.0


# ------------------------------------------------------------------ members and worlds


def test_two_worlds_meet_each_set_of_points_and_a_world_keeps_its_luck():
    seen = []

    def run(shares, member, world):
        seen.append((shares, member, world))
        return luck_of(world, 1) < shares[:, 0]

    members = members_in_blocks(np.arange(256) // 2, 16)
    assert np.unique(members.block).tolist() == list(range(16))
    sobol(run, {"a": 0, "b": 0}, runs=2**13, members=members)
    shares = np.concatenate([one[0] for one in seen]).reshape(-1, 2, 8, 2)
    member, world = (np.concatenate([one[at] for one in seen]).reshape(-1, 2, 8) for at in (1, 2))
    assert (shares[:, 0] == shares[:, 1]).all()
    assert len(np.unique(shares[:, 0, :, 0])) == shares.shape[0] * 8
    assert (world == world[:, :, :1]).all()
    assert (member == member[:, :, :1]).all()
    assert len(np.unique(world)) == world.shape[0] * 2
    assert np.bincount(member[:, 0, 0]).tolist() == [2] * 256
    assert (members.block[member[:, 0]] == members.block[member[:, 1]]).all()
    assert (members.lineage[member[:, 0]] != members.lineage[member[:, 1]]).all()
    assert len(seen) == 16
    assert all(len(np.unique(members.block[one[1]])) == 1 for one in seen)


def test_members_that_pull_apart_move_no_odds():
    """One half of the members gain what the other loses; a pair of one member would see a gain."""

    def run(shares, member, world):
        sign = np.where(member % 2, 1.0, -1.0)
        return luck_of(world, 3) < 0.5 + 0.8 * sign * (shares[:, 0] - 0.5)

    found = sobol(run, {"a": 0}, runs=2**14, members=members_in_blocks(np.arange(512)))
    assert found.axes is None
    assert found.variance.mc[0] < 0.0 < found.variance.mc[1]
    assert abs(found.variance.mean) < 0.01  # 0.8^2 / 12 = .053 within a member


def test_shares_with_members_that_differ():
    """Member b has ``.1 + b x + (1 - b) y / 2``: on average .5 x + .25 y, shares .8 and .2."""
    own = np.random.default_rng(1).permutation((np.arange(512) + 0.5) / 512)

    def run(shares, member, world):
        at = own[member]
        return luck_of(world, 3) < 0.1 + at * shares[:, 0] + (1 - at) * shares[:, 1] / 2

    members = members_in_blocks(np.arange(512))
    found = sobol(run, {"x": 0, "y": 0, "idle": 0}, runs=2**16, members=members)
    assert means(found)[:, 2] == pytest.approx([0.8, 0.2, 0.0], abs=0.02)
    alone = sobol(run, {"x": 0, "y": 0, "idle": 0}, runs=2**16, members=members, seed=2)
    assert (np.abs(means(alone) - means(found)) < 2 * halves(found) + 1e-3).all()


def of_members_that_differ(seed):
    """Shares of 128 members of whom x moves each by another amount, from 16 turns of them."""
    own = np.random.default_rng(1).permutation((np.arange(128) + 0.5) / 128)

    def run(shares, member, world):
        at = own[member]
        chance = 0.1 + 0.8 * (at * shares[:, 0] + (1 - at) * shares[:, 1] / 2)
        return luck_of(world, seed) < chance

    members = members_in_blocks(np.arange(128))
    return sobol(run, {"x": 0, "y": 0}, runs=2**15, seed=seed, members=members)


@pytest.mark.long
def test_intervals_are_those_for_these_members():
    """They hold the shares of these members, and are no wider for how members differ."""
    found = [of_members_that_differ(seed) for seed in range(1, 101)]
    shares = np.array([means(one)[0, 2] for one in found])
    half = np.array([halves(one)[0, 2] for one in found])
    assert shares.mean() == pytest.approx(0.8, abs=0.01)
    assert 0.9 <= (abs(shares - 0.8) <= half).mean() <= 0.99
    assert half.mean() < 1.3 * 1.96 * shares.std(ddof=1)


def test_by_turns_each_group_has_all_members():
    members = members_in_blocks(np.arange(24), 8)
    pairs = draw_pairs(np.random.default_rng(1), members, 24 * 10, by_turns=True)
    assert pairs.sizes.tolist() == [24] * 10
    for span in pairs.spans():
        assert sorted(pairs.first[span]) == list(range(24))
    assert (pairs.first != pairs.second).all()
    many = draw_pairs(np.random.default_rng(1), members, 24 * 130, by_turns=True)
    assert len(many.sizes) == 64
    assert many.sizes.sum() == 24 * 130


def test_copies_stay_in_one_block_and_never_meet():
    lineage = np.array([0] * 9 + [1] * 3 + list(range(2, 22)))
    members = members_in_blocks(lineage, 8)
    assert np.unique(members.block).tolist() == list(range(7))
    for one in np.unique(lineage):
        assert len(np.unique(members.block[lineage == one])) == 1
    pairs = draw_pairs(np.random.default_rng(1), members, 3200)
    assert (lineage[pairs.first] != lineage[pairs.second]).all()
    assert (members.block[pairs.first] == members.block[pairs.second]).all()
    assert np.bincount(pairs.first).tolist() == [100] * 32
    assert pairs.sizes.tolist() == (100 * np.bincount(members.block)).tolist()
    kin = [np.bincount(pairs.second[pairs.first == one], minlength=32) for one in range(32)]
    others = (members.block[:, None] == members.block) & (lineage[:, None] != lineage)
    assert ((np.array(kin) > 0) == others).all()


@pytest.mark.parametrize("sizes", [[5] * 20, [2, 3, 5, 8, 4, 6, 7, 5, 3, 4, 9, 4]], ids=str)
def test_the_jackknife_tells_the_error_of_a_mean(sizes):
    rng = np.random.default_rng(1)
    sizes = np.array(sizes)
    starts = np.r_[0, np.cumsum(sizes)[:-1]]
    draws = rng.standard_normal((4000, sizes.sum()))
    sums = np.add.reduceat(draws, starts, axis=1)
    without = ((sums.sum(1, keepdims=True) - sums) / (sizes.sum() - sizes)).T
    variances = Jackknife(sizes).variance(draws.mean(1), without)
    assert variances.mean() == pytest.approx(1 / sizes.sum(), rel=0.03)
    if len(set(sizes)) == 1:
        exact = (sums / sizes).var(1, ddof=1) / len(sizes)
        assert variances == pytest.approx(exact)


# ------------------------------------------------------------------ seeds, forms, errors


def test_a_seed_gives_the_same_and_another_another():
    first, again = (sobol_of_function(LOGISTIC, LOGISTIC.vary, runs=2**13) for _ in range(2))
    other = sobol_of_function(LOGISTIC, LOGISTIC.vary, runs=2**13, seed=2)
    assert first == again
    assert first.variance != other.variance


def test_luck_is_uniform_and_that_of_neighbours_unrelated():
    luck = luck_of(np.arange(2**16), 1)
    assert 0.0 < luck.min() < luck.max() < 1.0
    assert np.histogram(luck, 16, (0, 1))[0] == pytest.approx([4096] * 16, rel=0.06)
    assert abs(np.corrcoef(luck[:-1], luck[1:])[0, 1]) < 0.015
    assert (luck != luck_of(np.arange(2**16), 2)).all()
    assert luck_of(np.array([17]), 1) == luck[17]


def test_plain_data_is_that_of_the_interface():
    found = sobol_of_function(LOGISTIC, LOGISTIC.vary, runs=2**13)
    document = json.loads(json.dumps(found.as_dict()))
    assert list(document) == list(LOGISTIC.vary)
    assert list(document["a"]) == ["first", "total", "shapley"]
    first = document["a"]["first"]
    assert first["mc"][0] < first["mean"] < first["mc"][1]
    method = json.loads(json.dumps(found.method()))
    assert method["runs"] == 2**13
    assert method["terms"] <= 2**13 / 64
    assert method["variance"]["mean"] > 0.0


UNIT = {"a": (0.0, 1.0)}


@pytest.mark.parametrize(("function", "vary", "runs", "told"), [
    (luck_alone, UNIT, 100, "runs: 100 is outside"),
    (luck_alone, {}, 2**13, "nothing is varied"),
    (luck_alone, {"a": (1.0, 0.0)}, 2**13, "is no range"),
    (luck_alone, {"a": (0, 1, 2)}, 2**13, "is no range"),
    (luck_alone, {"a": [3.0]}, 2**13, "there is one value"),
    (luck_alone, {"a": list(range(900))}, 2**13, "Give fewer than"),
    (lambda points, luck: luck * 2, UNIT, 2**13, "neither 0 nor 1"),
    (lambda points, luck: luck[1:] < 0.5, UNIT, 2**13, "have the shape"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused(function, vary, runs, told):
    with pytest.raises(sim.ScenarioError, match=told):
        sobol_of_function(function, vary, runs=runs)


def test_members_that_cannot_be_paired_or_are_too_few_are_refused():
    def run(shares, member, world):
        return luck_of(world, 1) < shares[:, 0]

    alone = Members(np.arange(64) // 2, np.arange(64) // 2)
    with pytest.raises(sim.ScenarioError, match="no two members that are not copies"):
        sobol(run, {"a": 0}, runs=2**13, members=alone)
    with pytest.raises(sim.ScenarioError, match="blocks of members"):
        sobol(run, {"a": 0}, runs=2**13, members=members_in_blocks(np.arange(64), 4))
