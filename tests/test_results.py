"""Odds and their two intervals, the summary, and the base rate."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle

import numpy as np
import pytest

import sim
from sim.engine.domain import NONE, Issue, Outcome, Side
from sim.engine.row import ROW
from sim.estimates import (
    ensemble_interval,
    estimate,
    estimate_ratio,
    intraclass,
    member_error,
    member_odds,
    wilson,
)
from sim.inputs.ensemble import MEMBERS
from sim.inputs.scenario import load_scenario
from sim.results import Results
from sim.tally import Tally


def simulated(rng, members, worlds, a, b):
    """Hits by member: odds from a beta, luck from a binomial."""
    odds = rng.beta(a, b, members)
    return rng.binomial(worlds, odds), np.full(members, worlds), odds


def test_wilson_by_hand():
    """Newcombe 1998, 15 of 148: .0624 to .1605."""
    low, high = wilson(15 / 148, 148)
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
    assert wilson(0.0, 100)[0] == 0.0
    assert wilson(1.0, 100)[1] == 1.0
    assert wilson(0.3, math.inf) == (0.3, 0.3)


def test_two_stage_error_by_hand():
    hits, worlds = np.array([0, 2, 4]), np.array([4, 4, 4])
    between = np.var([0, 0.5, 1.0], ddof=1)
    luck = np.mean([0, 0.25 * 4 / 3, 0]) / 4
    f = 3 / 10
    assert member_error(hits, worlds, 10) == pytest.approx((1 - f) * between / 3 + f * luck / 3)


def test_with_all_members_only_luck_is_left():
    hits, worlds = np.array([1, 3]), np.array([4, 4])
    luck = np.mean([0.1875 * 4 / 3] * 2) / 4
    assert member_error(hits, worlds, 2) == pytest.approx(luck / 2)


def test_mc_interval_covers_the_odds_of_the_ensemble():
    """Members are fixed; 300 runs with new luck and members drawn anew cover at the stated rate."""
    rng = np.random.default_rng(8)
    odds = rng.beta(0.5, 2.0, MEMBERS)
    for used in (500, MEMBERS):
        covered = 0
        for _ in range(300):
            chosen = rng.permutation(MEMBERS)[:used]
            hits = rng.binomial(4, odds[chosen])
            result = estimate(hits, np.full(used, 4), MEMBERS)
            covered += result.mc[0] <= odds.mean() <= result.mc[1]
        assert covered / 300 == pytest.approx(0.95, abs=0.04)


def test_ensemble_interval_takes_luck_out():
    """Members of a beta(1.5, 4): .0407 to .6039, whatever the worlds a member; ten ensembles."""
    rng = np.random.default_rng(9)
    found, raw = [], []
    for _ in range(10):
        hits, worlds, _ = simulated(rng, MEMBERS, 5, 1.5, 4.0)
        found.append(ensemble_interval(hits, worlds))
        raw.append(np.quantile(hits / worlds, [0.05, 0.95]))
    assert np.mean(found, 0) == pytest.approx([0.0407, 0.6039], abs=0.01)
    assert np.mean(raw, 0)[1] > 0.7


def test_ensemble_interval_at_the_edges():
    worlds = np.full(100, 4)
    assert ensemble_interval(np.zeros(100, int), worlds) == (0.0, 0.0)
    assert ensemble_interval(worlds, worlds) == (1.0, 1.0)
    assert ensemble_interval(np.full(100, 2), worlds) == (0.5, 0.5)
    assert ensemble_interval(np.zeros(63, int), worlds[:63]) is None
    torn = np.repeat([0, 4], 50)
    low, high = ensemble_interval(torn, worlds)
    assert low < 1e-6
    assert high > 1 - 1e-6


def test_the_mean_lies_within_its_mc_interval_always():
    rng = np.random.default_rng(10)
    for members in (1, 2, 63, 64, 500):
        for _ in range(50):
            worlds = rng.integers(1, 9, members)
            hits = rng.binomial(worlds, rng.beta(0.3, 0.3, members))
            result = estimate(hits, worlds, MEMBERS)
            assert 0.0 <= result.mc[0] <= result.mean <= result.mc[1] <= 1.0


def rows(*worlds, quiet=()):
    """Records of worlds: (member, outcome, day or None, blocker, issue).

    ``quiet`` has the unilateral pauses, the short and the full truces of each.
    """
    table = np.zeros(len(worlds), ROW)
    for row, counts in zip(table, quiet, strict=False):
        row["unilateral_pauses"], row["short_truces"], row["full_truces"] = counts
    for row, (member, outcome, day, blocker, issue) in zip(table, worlds, strict=True):
        row["member"], row["outcome"] = member, outcome
        row["first_truce_day"] = NONE if day is None else day
        row["blocked_last"], row["blocked_issue"] = blocker, issue
    return table


@pytest.fixture
def small():
    tally = Tally(MEMBERS)
    tally.add(
        rows(
            (0, Outcome.HELD, 10, Side.R, Issue.NATO),
            (0, Outcome.COLLAPSED, 20, Side.R, Issue.NATO),
            (1, Outcome.COLLAPSED, 40, Side.U, Issue.TERRITORY),
            (1, Outcome.WALKED_AWAY, None, Side.R, Issue.TRUCE_TERMS),
            (2, Outcome.NO_TRUCE, None, NONE, NONE),
            quiet=((0, 0, 1), (0, 0, 1), (0, 0, 1), (1, 1, 0), (0, 0, 0)),
        )
    )
    return Results(load_scenario("baseline"), "made-up", "prior", 7, None, tally)


def test_odds_are_shares_that_sum_to_one(small):
    means = {name: odds.mean for name, odds in small.odds.items()}
    assert means == {
        "held": 0.2,
        "collapsed": 0.4,
        "walked_away": 0.2,
        "partial_only": 0.0,
        "no_truce": 0.2,
    }
    assert small.agreed.mean == small.odds["held"].mean + small.odds["collapsed"].mean
    assert small.held_given_agreed.mean == pytest.approx(1 / 3)


def test_days_to_truce_are_percentiles_among_worlds_that_agreed(small):
    assert small.days_to_truce() == {"p10": 10, "p50": 20, "p90": 40}


def test_blockers_are_shares_of_worlds_without_held(small):
    assert small.blockers() == {
        "russia": {"share": 0.5, "issues": {"nato": 0.5, "truce_terms": 0.5}},
        "ukraine": {"share": 0.25, "issues": {"territory": 1.0}},
    }


def test_summary_is_json_without_nan_and_null_where_unknown(small):
    summary = small.summary()
    text = json.dumps(summary, allow_nan=False)
    assert json.loads(text) == summary
    assert summary["schema"] == "truce/summary/1"
    assert summary["odds"]["held"]["ensemble"] is None
    assert summary["pauses"]["unilateral"]["mean"] == 0.2
    assert summary["pauses"]["mutual_any_length"]["mean"] == 0.8
    tally = Tally(MEMBERS)
    tally.add(rows((0, Outcome.NO_TRUCE, None, NONE, NONE)))
    bare = dataclasses.replace(small, tally=tally).summary()
    assert bare["held_given_agreed"] is None
    assert bare["days_to_truce"] is None
    assert bare["blockers"]["russia"] == {"share": 0.0, "issues": {}}


def test_blocks_may_be_counted_in_any_order(small):
    block = rows((0, Outcome.HELD, 3, Side.U, 1), (4, Outcome.NO_TRUCE, None, Side.R, 2))
    one, other = Tally(8), Tally(8)
    one.add(block)
    for n in (1, 0):
        other.add(block[n : n + 1])
    assert (one.outcomes == other.outcomes).all()
    assert (one.first_day == other.first_day).all()
    assert (one.blockers == other.blockers).all()


def test_the_base_rate_of_the_design():
    """.027 for 120 days on 2025-05-20."""
    assert round(load_scenario("baseline").base_rate, 3) == 0.027


def test_worlds_that_were_only_counted_say_so(small):
    with pytest.raises(sim.StoreError, match="keep=True"):
        _ = small.worlds


def test_results_that_are_sent_between_processes_keep_their_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = sim.run("baseline", worlds=64)
    opened = Results.open(small.save("out"))
    compared = sim.compare(["baseline", "joint-ultimatum"], worlds=64)
    sent = [pickle.dumps(one) for one in (small, opened, compared)]
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    kept, reopened, other = map(pickle.loads, sent)
    for one in (kept, reopened):
        assert one.as_dict() == small.as_dict()
        assert one.worlds.equals(small.worlds)
    assert other.table().equals(compared.table())
    assert other.as_dict() == compared.as_dict()


def test_results_tell_themselves_in_one_line():
    told = repr(sim.run("baseline", worlds=400, seed=1, keep=False))
    assert told.startswith("<Results of baseline: 400 worlds, seed 1, held 0.")
    assert len(told) < 150


# ------------------------------------------------------------------ not knowing and luck


def test_the_part_between_members_is_that_of_the_analysis_of_variance():
    """Of 64 members with two worlds a quarter hit none, a quarter one and the rest both."""
    hits, worlds = np.tile([0, 1, 2, 2], 16), np.full(64, 2)
    between = 2 * 16 * (0.625**2 + 0.125**2 + 2 * 0.375**2) / 63
    within = 16 * 0.5 / 64
    assert intraclass(hits, worlds) == pytest.approx((between - within) / (between + within))


@pytest.mark.parametrize(
    ("hits", "worlds", "part"),
    [
        (np.tile([0, 4], 32), np.full(64, 4), 1.0),
        (np.full(64, 2), np.full(64, 4), 0.0),
        (np.full(64, 4), np.full(64, 4), None),
        (np.zeros(64, int), np.full(64, 4), None),
        (np.tile([0, 4], 31), np.full(62, 4), None),
        (np.tile([0, 1], 32), np.ones(64, int), None),
    ],
    ids=["each knows", "a coin each", "always", "never", "few members", "a world each"],
)
def test_the_ends_of_the_split(hits, worlds, part):
    assert intraclass(hits, worlds) == part


def test_the_members_odds_have_the_mean_and_the_correlation():
    hits, worlds = np.tile([0, 1, 2, 4], 25), np.full(100, 4)
    a, b = member_odds(hits, worlds)
    assert a / (a + b) == pytest.approx(7 / 16)
    assert 1.0 / (a + b + 1.0) == pytest.approx(intraclass(hits, worlds))
    assert member_odds(np.full(64, 2), np.full(64, 4)) is None


@pytest.mark.parametrize("hits", [[1, 1], [2, 2], [1, 1, 1], [2, 1, 1]])
def test_a_few_members_that_agree_are_worth_no_more_worlds_than_they_have(hits):
    """Two members with the same share of hits do not show that all have it."""
    worlds = np.full(len(hits), 4)
    total = int(worlds.sum())
    found = estimate(np.array(hits), worlds, MEMBERS)
    low, high = wilson(sum(hits) / total, total)
    assert found.mc[0] <= low
    assert high <= found.mc[1]
    ratio = estimate_ratio(np.array(hits), worlds, worlds, MEMBERS)
    assert ratio.mc[0] <= low
    assert high <= ratio.mc[1]


def test_a_small_ensemble_that_is_used_whole_is_known_but_for_luck():
    hits = np.array([4, 0] * 5)
    found = estimate(hits, np.full(10, 4), 10)
    assert found.mc == (0.5, 0.5)


@pytest.mark.parametrize(("worlds", "seed"), [
    (8e1, 3.0), (np.int16(80), np.uint64(3)), (np.float32(80), np.int64(3)), (80, np.float64(3)),
])  # fmt: skip
def test_whole_numbers_may_be_written_as_floats_and_as_numpy_has_them(worlds, seed):
    plain = sim.run("baseline", worlds=80, seed=3)
    results = sim.run("baseline", worlds=worlds, seed=seed, workers=2.0)
    assert results.run_id == plain.run_id
    assert json.dumps(results.summary()) == json.dumps(plain.summary())
    assert json.dumps(results.request) == json.dumps(plain.request)
    both = sim.compare(["baseline", "baseline"], worlds=worlds, seed=seed)
    assert both.results[0].run_id == plain.run_id


@pytest.mark.parametrize("worlds", [80.5, math.nan, math.inf, True, "80", None])
def test_what_is_no_whole_number_of_worlds_is_refused(worlds):
    with pytest.raises(sim.ScenarioError, match=r"^worlds: .* is not a whole number"):
        sim.run("baseline", worlds=worlds)


def test_a_float_beyond_those_that_count_one_by_one_is_no_seed():
    assert sim.run("baseline", worlds=4, seed=2.0**53).seed == 2**53
    with pytest.raises(sim.ScenarioError, match=r"^seed: .* too large to be exact"):
        sim.run("baseline", worlds=4, seed=2.0**60)
    with pytest.raises(sim.ScenarioError, match=r"^worlds: 1e.300 is outside"):
        sim.run("baseline", worlds=1e300)
