"""The price and the roads: means with two intervals, what agreements name, and in which words."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import numpy as np
import pytest
from helpers.command import truce
from helpers.figures import RUNS, WIDTHS, by_gid, check_words, compared, gids, texts

import sim
from sim import plots
from sim.brief.content import Table
from sim.brief.inputs import gather
from sim.brief.make import briefing
from sim.brief.price import price
from sim.engine.domain import NONE, Issue, Outcome, Side
from sim.engine.row import ROW
from sim.estimates import Odds, estimate
from sim.experiments.comparison import Comparison
from sim.experiments.differences import PriceDifference, PriceShifts
from sim.inputs.scenario import load_scenario
from sim.means import Mean, estimate_mean, member_means
from sim.plots.roads import finding
from sim.price import holding_text, road_name, roads_text, terms_text, worth_text
from sim.results import Results
from sim.tally import GRAIN, Tally

Z, Z90 = 1.959963984540054, 1.6448536269514722
TERRITORY, PLANT = Issue.TERRITORY, Issue.NUCLEAR_PLANT
NAN = math.nan

# ------------------------------------------------------------------ means


def sums_of(*members):
    """Sums, sums of squares and numbers of worlds by member."""
    return (
        np.array([sum(one) for one in members], float),
        np.array([sum(x * x for x in one) for one in members], float),
        np.array([len(one) for one in members]),
    )


def test_the_error_of_a_mean_by_hand():
    """Three of six members with means 1, 2, 6 and variances 2, 0, 8; the draw counts half."""
    found = estimate_mean(*sums_of((0.0, 2.0), (2.0, 2.0, 2.0), (4.0, 8.0)), 6)
    between = ((1 - 3) ** 2 + (2 - 3) ** 2 + (6 - 3) ** 2) / 2
    luck = (2 / 2 + 0 / 3 + 8 / 2) / 3
    pooled = (0 + 4 + 4 + 4 + 4 + 16 + 64 - 20**2 / 7) / 6 / 7  # as if each world were a member
    variance = max(0.5 * between / 3 + 0.5 * luck / 3, pooled)
    assert found.mean == pytest.approx(20 / 7)
    half = Z * math.sqrt(variance)
    assert found.mc == pytest.approx((20 / 7 - half, 20 / 7 + half))
    assert found.half_width == pytest.approx(half)
    assert found.ensemble is None


def test_with_every_member_of_the_ensemble_only_luck_is_left():
    """Ten members at -1 and 1, each with two worlds a half to either side of that."""
    members = [(x - 0.5, x + 0.5) for x in (-1.0, 1.0) * 5]
    found = estimate_mean(*sums_of(*members), 10)
    half = Z * math.sqrt((0.5 / 2) / 10)
    assert found.mc == pytest.approx((-half, half))


def test_the_members_own_means_by_moments():
    """64 members at -1 and 1: their variance is 64/63, of which luck makes a quarter."""
    members = [(x - 0.5, x + 0.5) for x in (-1.0, 1.0) * 32]
    half = Z90 * math.sqrt(64 / 63 - 0.5 / 2)
    assert estimate_mean(*sums_of(*members), 64).ensemble == pytest.approx((-half, half))
    assert estimate_mean(*sums_of(*members[:63]), 64).ensemble is None


def test_members_that_differ_no_more_than_luck_makes_them_are_one():
    torn = [(-1.0, 1.0)] * 64
    assert estimate_mean(*sums_of(*torn), 64).ensemble == (0.0, 0.0)
    alone = [(float(n % 2),) for n in range(64)]  # a world each: nothing tells luck apart
    assert estimate_mean(*sums_of(*alone), 4096).ensemble == (0.5, 0.5)


def test_luck_is_taken_out_of_the_members_means():
    """Members of a normal with sd .2, five worlds each with sd .5; ten ensembles."""
    rng = np.random.default_rng(2)
    found = []
    for _ in range(10):
        own = rng.normal(-0.5, 0.2, 4096)
        worlds = own[:, None] + rng.normal(0.0, 0.5, (4096, 5))
        means, variances = worlds.mean(1), worlds.var(1)
        found.append(member_means(means.mean(), means, variances, np.full(4096, 5)))
    assert np.mean(found, 0) == pytest.approx([-0.5 - Z90 * 0.2, -0.5 + Z90 * 0.2], abs=0.01)


def test_the_interval_of_a_mean_covers_as_often_as_it_says():
    rng = np.random.default_rng(5)
    own = rng.normal(0.0, 1.0, 600)
    for used in (150, 600):
        covered = 0
        for _ in range(300):
            chosen = rng.permutation(600)[:used]
            worlds = own[chosen][:, None] + rng.normal(0.0, 1.0, (used, 3))
            sums, squares = worlds.sum(1), (worlds**2).sum(1)
            low, high = estimate_mean(sums, squares, np.full(used, 3), 600).mc
            covered += low <= own.mean() <= high
        assert covered / 300 == pytest.approx(0.95, abs=0.04)


def test_one_world_has_a_mean_and_no_interval():
    found = estimate_mean(*sums_of((-0.5,)), 4096)
    assert found == Mean(-0.5, None, None)
    assert found.as_dict() == {"mean": -0.5, "mc": None, "ensemble": None}
    assert Mean.from_dict(found.as_dict()) == found
    assert estimate_mean(np.zeros(3), np.zeros(3), np.zeros(3, int), 3) is None


def test_few_members_that_agree_are_worth_no_more_worlds_than_they_have():
    """Two members, each torn between 0 and 1: their means agree, four worlds do not."""
    found = estimate_mean(*sums_of((0.0, 1.0), (0.0, 1.0)), 4096)
    assert found.half_width == pytest.approx(Z * math.sqrt((1 / 3) / 4))


# ------------------------------------------------------------------ the member in the middle


def test_the_median_member_is_the_median_of_the_fitted_beta():
    """Moments of a beta(1, 3): mean 1/4, variance 3/80, so that rho is 1/5; median 1 - 2^(-1/3)."""
    rng = np.random.default_rng(7)
    worlds = np.full(200_000, 6)
    hits = rng.binomial(6, rng.beta(1.0, 3.0, len(worlds)))
    found = estimate(hits, worlds, len(worlds))
    assert found.median_member == pytest.approx(1.0 - 0.5 ** (1 / 3), abs=0.003)
    assert found.median_member < found.mean - 0.03


@pytest.mark.parametrize(
    ("hits", "median"),
    [(np.zeros(64, int), 0.0), (np.full(64, 4), 1.0), (np.full(64, 1), 0.25),
     (np.full(63, 1), None)],
    ids=["none", "all", "no spread", "few"],
)  # fmt: skip
def test_the_ends_of_the_median_member(hits, median):
    found = estimate(hits, np.full(len(hits), 4), 4096)
    assert found.median_member == median
    assert found.as_dict()["median_member"] == median
    assert Odds.from_dict(found.as_dict()) == found
    assert estimate(hits, np.full(len(hits), 4), 4096, spread=False).median_member is None


# ------------------------------------------------------------------ counting


def agreed(member, outcome, places, worth, guarantee=0.0, relief=1.0):
    """A world that agreed: places by issue, the worth to each side."""
    row = np.zeros(1, ROW)
    row["member"], row["outcome"], row["worth"] = member, outcome, worth
    row["first_truce_day"], row["blocked_last"], row["blocked_issue"] = 5, NONE, NONE
    row["signed"] = NAN
    for issue, place in places.items():
        row["signed"][0, issue] = place
    row["signed_guarantee"], row["signed_relief"] = guarantee, relief
    return row


def refused(member, worth):
    row = agreed(member, Outcome.NO_TRUCE, {}, worth, NAN, NAN)
    row["first_truce_day"] = NONE
    return row


WORLDS = (
    agreed(0, Outcome.HELD, {TERRITORY: 0.75}, (-0.25, -0.5), 0.5, 1.0),
    agreed(0, Outcome.COLLAPSED, {TERRITORY: 0.25}, (-0.75, -1.0), 0.0, 0.5),
    agreed(1, Outcome.HELD, {TERRITORY: 0.5, PLANT: 0.5}, (-0.5, -0.5), 0.25, 1.0),
    agreed(1, Outcome.COLLAPSED, {}, (-1.0, -1.0), 0.25, 0.5),
    refused(2, (-1.5, -2.0)),
)


@pytest.fixture
def small():
    tally = Tally(8)
    tally.add(np.concatenate(WORLDS))
    return Results(load_scenario("baseline"), "made-up", "prior", 7, None, tally)


@pytest.fixture
def nobody():
    tally = Tally(8)
    tally.add(np.concatenate([refused(0, (-1.0, -2.0)), refused(0, (-2.0, -2.0))]))
    return Results(load_scenario("baseline"), "made-up", "prior", 7, None, tally)


def test_the_worth_of_a_run_is_its_mean_over_all_worlds(small):
    assert small.worth["russia"].mean == -0.8
    assert small.worth["ukraine"].mean == -1.0
    between = np.var([-0.5, -0.75, -1.5], ddof=1)
    within = (0.125 / 2 + 0.125 / 2 + 0.125 / 1) / 3  # that of a single world is the others'
    variance = (1 - 3 / 8) * between / 3 + 3 / 8 * within / 3
    squares = 0.0625 + 0.5625 + 0.25 + 1.0 + 2.25
    pooled = (squares - 5 * 0.8**2) / 4 / 5
    assert small.worth["russia"].half_width == pytest.approx(Z * math.sqrt(max(variance, pooled)))


def test_roads_are_shares_of_the_agreements_the_commonest_first(small):
    roads = small.as_dict()["roads"]
    assert [road["named"] for road in roads] == [
        ["territory"], [], ["territory", "nuclear_plant"]
    ]  # fmt: skip
    assert [road["share"] for road in roads] == [0.5, 0.25, 0.25]
    assert [road["held_given_agreed"] for road in roads] == [0.5, 0.0, 1.0]
    assert roads[0]["places"] == {"territory": 0.5}
    assert roads[2]["places"] == {"territory": 0.5, "nuclear_plant": 0.5}
    assert roads[0]["worth"] == {"russia": -0.5, "ukraine": -0.75}
    assert (roads[0]["guarantee"], roads[0]["relief"]) == (0.25, 0.75)
    assert all(low <= road["share"] <= high for road in roads for low, high in [road["share_mc"]])


def test_terms_are_means_over_the_worlds_that_signed(small):
    assert small.as_dict()["terms"] == {
        "territory": {"mean": 0.5, "named": 0.75},
        "recognition": None,
        "nato": None,
        "force_limits": None,
        "nuclear_plant": {"mean": 0.5, "named": 0.25},
        "guarantee": 0.25,
        "relief": 0.75,
    }


def test_where_nobody_signs_there_are_no_roads_and_no_terms(nobody):
    document = nobody.as_dict()
    assert document["roads"] == []
    assert document["terms"] is None
    assert document["worth"]["ukraine"]["mean"] == -2.0
    json.dumps(document, allow_nan=False)


def test_no_order_of_the_worlds_changes_a_bit():
    rng = np.random.default_rng(1)
    rows = np.concatenate(WORLDS * 40)
    rows["worth"] = rng.normal(-0.7, 0.3, (len(rows), 2))
    rows["signed_guarantee"] = rng.random(len(rows))
    one, other = Tally(8), Tally(8)
    one.add(rows)
    for n in rng.permutation(len(rows)):
        other.add(rows[n : n + 1])
    for name, counts in one.arrays().items():
        assert (counts == other.arrays()[name]).all(), name
    assert one.worth_of(Side.U) == other.worth_of(Side.U)
    assert one.worth[:, Side.R, 0].sum() * GRAIN == pytest.approx(
        rows["worth"][:, Side.R].astype(float).sum(), abs=len(rows) * GRAIN
    )


def test_counts_come_back_from_arrays_and_from_a_folder(small, tmp_path):
    again = Tally.from_arrays(small.tally.arrays())
    assert dataclasses.replace(small, tally=again).as_dict() == small.as_dict()
    ran = sim.run("baseline", worlds=4_100, seed=2)
    opened = sim.open(ran.save(tmp_path))
    assert opened.as_dict() == ran.as_dict()
    with pytest.raises(ValueError, match="counts are of"):
        Tally.from_arrays({k: v for k, v in small.tally.arrays().items() if k != "worth"})


@pytest.fixture(scope="module")
def ran():
    return sim.run("april-package", worlds=8_192, seed=3)


def test_the_summary_agrees_with_the_columns(ran):
    """Reckoned anew from the table of worlds."""
    worlds = ran.worlds
    assert ran.worth["russia"].mean == pytest.approx(worlds["worth_r"].astype(float).mean())
    assert ran.worth["ukraine"].mean == pytest.approx(worlds["worth_u"].astype(float).mean())
    signed = worlds[worlds["outcome"].isin(["held", "collapsed"])]
    assert len(signed) == worlds["signed_relief"].notna().sum() > 100
    issues = [issue.name.lower() for issue in Issue if issue < 5]
    named = signed[[f"signed_{issue}" for issue in issues]].notna().set_axis(issues, axis=1)
    groups = signed.groupby([named[issue] for issue in issues])
    roads = {tuple(issue in road["named"] for issue in issues): road
             for road in ran.as_dict()["roads"]}  # fmt: skip
    assert set(groups.groups) == set(roads)
    for key, group in groups:
        road = roads[key]
        assert road["share"] == len(group) / len(signed)
        assert road["held_given_agreed"] == pytest.approx((group["outcome"] == "held").mean())
        assert road["worth"]["ukraine"] == pytest.approx(group["worth_u"].astype(float).mean())
        for issue, place in road["places"].items():
            assert place == pytest.approx(group[f"signed_{issue}"].astype(float).mean())
    territory = ran.terms()["territory"]
    assert territory["mean"] == pytest.approx(signed["signed_territory"].astype(float).mean())
    assert territory["named"] == pytest.approx(signed["signed_territory"].notna().mean())


def test_the_tables_keep_odds_and_price_apart(ran):
    odds = ran.table()
    assert odds["median_member"].notna().all()
    assert not any("worth" in name for name in odds["odds_of"])
    price_of = ran.price_table().set_index("worth_to")
    assert price_of.loc["ukraine", "mean"] == ran.worth["ukraine"].mean


# ------------------------------------------------------------------ comparing


def test_the_difference_in_worth_is_paired():
    """Eight members, all there are, with worlds at -1 and 1; each gains 1 or 3, in turn."""
    members = 8
    first = np.concatenate([agreed(n // 2, Outcome.HELD, {}, (2.0 * (n % 2) - 1.0, 0.0))
                            for n in range(2 * members)])  # fmt: skip
    other = first.copy()
    gain = np.tile([1.0, 3.0], members)
    other["worth"][:, Side.R] += gain
    tally, shifts = Tally(members), PriceShifts(members)
    tally.add(first)
    shifts.add(first, other)
    found = shifts.difference(tally, Side.R)
    luck = (2.0 / 2) / members
    one_more_each_way = 2.0 * 1.0 / (2 * members) ** 2
    half = Z * math.sqrt(luck + one_more_each_way)
    assert found.mean == 2.0
    assert found.mc == pytest.approx((2.0 - half, 2.0 + half))
    assert found.verdict == "ahead"
    alike = shifts.difference(tally, Side.U)
    assert (alike.mean, alike.mc, alike.verdict) == (0.0, (0.0, 0.0), "tied")


def test_where_no_world_changes_nothing_is_claimed_for_sure():
    rows = np.concatenate([refused(n // 4, (-1.0 - n % 2, -1.0)) for n in range(400)])
    tally, shifts = Tally(100), PriceShifts(100)
    tally.add(rows)
    shifts.add(rows, rows)
    found = shifts.difference(tally, Side.R)
    half = Z * math.sqrt(2.0 * 0.25 / 400**2)
    assert found.mc == pytest.approx((-half, half))
    assert found.verdict == "tied"


@pytest.fixture(scope="module")
def pair():
    return sim.compare(["baseline", "baseline+aid.level=0", "baseline"], worlds=4_096, keep=True)


def test_a_comparison_tells_the_price_beside_the_odds(pair, tmp_path):
    first, other, _ = (result.rows["worth"].astype(float) for result in pair.results)
    for side, actor in zip(Side, ("russia", "ukraine"), strict=True):
        found, same = pair.worth[actor]
        assert found.mean == pytest.approx((other - first)[:, side].mean(), abs=1e-9)
        assert (same.mean, same.verdict) == (0.0, "tied")
        low, high = found.mc
        assert low < found.mean < high
    assert pair.worth["ukraine"][0].verdict == "behind"  # no arms, at Kyiv's price
    assert pair.worth["russia"][0].verdict == "ahead"
    document = pair.as_dict()["scenarios"]
    assert document[0]["worth_difference"] is None
    assert document[1]["worth_difference"]["ukraine"] == pair.worth["ukraine"][0].as_dict()
    assert document[1]["worth"]["ukraine"]["mean"] == pair.results[1].worth["ukraine"].mean
    assert set(document[1]["difference"]) == {"held", "agreed"}  # never one number
    opened = Comparison.open(pair.save(tmp_path))
    assert opened.worth == pair.worth
    assert opened.as_dict() == pair.as_dict()
    table = pair.table().set_index(["quantity", "scenario"])
    row = table.loc[("worth.ukraine", "baseline+aid.level=0")]
    assert row["worth"] == pair.results[1].worth["ukraine"].mean
    assert math.isnan(row["odds"])
    assert table.loc[("held", "baseline+aid.level=0"), "worth"] is None or math.isnan(
        table.loc[("held", "baseline+aid.level=0"), "worth"]
    )


def test_one_world_compares_without_a_verdict():
    found = sim.compare(["baseline", "joint-ultimatum"], worlds=1)
    for (one,) in found.worth.values():
        assert (one.mc, one.ensemble, one.verdict) == (None, None, "tied")
        assert PriceDifference.from_dict(json.loads(json.dumps(one.as_dict()))) == one
    check_words(plots.differences(found, size="page"), "page")


# ------------------------------------------------------------------ words


def test_roads_in_words(small, nobody):
    documents = small.road_documents()
    assert roads_text(documents) == (
        "Of the 4 agreements, 2 name territory alone, 1 no terms, 1 territory and nuclear plant."
    )
    assert holding_text(documents) == ""  # four agreements do not tell
    assert terms_text(small.terms()) == (
        "Signed on average: territory at 0.50 (named in 75%), nuclear plant at 0.50 "
        "(named in 25%), guarantee 0.25, relief 0.75."
    )
    assert roads_text(nobody.road_documents()) == holding_text([]) == terms_text(None) == ""
    assert roads_text(documents[:1] * 1) == "Of the 2 agreements, 2 name territory alone."
    assert road_name(["territory", "nato"]) == "territory and NATO"


def test_a_worth_has_no_more_digits_than_its_interval_supports():
    rough = {"mean": -0.5678, "mc": [-0.6, -0.53], "ensemble": None}
    assert worth_text(rough) == "-0.57 stakes (dice -0.60 to -0.53; too few members)"
    alone = {"mean": -0.5678, "mc": None, "ensemble": None}
    assert worth_text(alone) == "-0.57 stakes (one world alone: no dice; too few members)"


def test_the_command_prints_price_and_roads_after_the_odds(tmp_path):
    told = truce("run", "april-package", "--worlds", 6000, "--out", tmp_path).stdout
    lines = told.splitlines()
    where = [n for n, line in enumerate(lines) if line.startswith("Price: worth to ")]
    assert [lines[n].split()[3] for n in where] == ["Russia", "Ukraine"]
    assert re.search(r"-0\.\d+ stakes \(dice -0\.\d+ to -0\.\d+; members ", lines[where[0]])
    assert "utility distance between its worst and its best settlement" in lines[where[1] + 1]
    assert re.match(r"Of the agreements, \d+% name ", lines[where[1] + 2])
    assert where[0] > next(n for n, line in enumerate(lines) if line.startswith("base rate"))
    explained = truce("explain", "last", "--out", tmp_path)
    assert lines[where[1] + 2] in explained.stdout.splitlines(), explained.stderr
    assert "Signed on average: territory at " in explained.stdout


def test_a_run_in_which_nobody_signs_prints_the_price_alone(tmp_path):
    told = truce("run", "baseline", "--horizon", 1, "--worlds", 8, "--out", tmp_path).stdout
    summary = json.loads(next(tmp_path.rglob("summary.json")).read_text(encoding="utf-8"))
    assert summary["agreed"]["mean"] == 0.0
    assert told.count("Price: worth to ") == 2
    assert "agreements" not in told


def test_the_command_compares_prices_beside_the_odds(tmp_path):
    words = ("baseline", "baseline+aid.level=0", "--worlds", 2000)
    told = truce("compare", *words, "--out", tmp_path).stdout
    header = next(line for line in told.splitlines() if line.startswith("scenario"))
    assert re.split(r"\s{2,}", header)[-2:] == ["worth to Russia", "worth to Ukraine"]
    table = told[told.index("Difference in the worth to Ukraine, stakes") :].splitlines()
    assert re.match(r"baseline\+aid\.level=0\s+behind\s+-0\.\d+\s+-0\.\d+ to -0\.\d+ ", table[2])


# ------------------------------------------------------------------ sweeps


def test_points_of_a_sweep_have_their_price(tmp_path):
    study = sim.sweep("baseline", {"aid.level": [0.0, 1.0]}, worlds=1_000, out=tmp_path)
    table = study.table()
    for n, level in enumerate((0.0, 1.0)):
        scenario = sim.load_scenario("baseline").with_levers({"aid.level": level})
        run = sim.run(scenario, worlds=1_000)
        for side, actor in (("r", "russia"), ("u", "ukraine")):
            worth = table[f"worth_{side}"][n]
            assert worth == pytest.approx(run.worth[actor].mean, abs=1e-6)
            means = run.worlds.groupby("member")[f"worth_{side}"].mean().astype(float)
            half = Z * means.std() / math.sqrt(len(means))
            assert table[f"worth_{side}_high"][n] - worth == pytest.approx(half, rel=1e-3)
    assert study.summary["best"]["worth"]["ukraine"]["mean"] in table["worth_u"].tolist()
    assert study.summary["today"]["worth"]["russia"]["ensemble"] is None


def test_a_point_of_one_world_has_a_price_without_an_interval():
    study = sim.sweep("baseline", {"aid.level": [0.0, 1.0]}, worlds=1, yes=True)
    assert study.table()["worth_u_low"].isna().all()
    assert study.summary["today"]["worth"]["ukraine"]["mc"] is None


# ------------------------------------------------------------------ figures


def roads_of(counts):
    """Results with so many agreements by what they name, half of them held; four a member."""
    rows = [
        agreed(0, Outcome.HELD if n % 2 else Outcome.COLLAPSED, dict.fromkeys(named, 0.5),
               (-0.5, -0.7))
        for named, count in counts.items()
        for n in range(count)
    ]  # fmt: skip
    rows = np.concatenate(rows)[np.random.default_rng(3).permutation(len(rows))]
    rows["member"] = np.arange(len(rows)) // 4
    tally = Tally(4096)
    tally.add(rows)
    return Results(load_scenario("baseline"), "made-up", "posterior", 7, None, tally)


MANY = {
    (TERRITORY,): 600,
    (): 300,
    **{tuple(i for i in Issue if i < 5 and n >> i & 1): 40 + n for n in range(2, 32)},
}


@pytest.mark.parametrize("size", WIDTHS)
def test_roads_fit_each_size(size):
    for results in (roads_of(MANY), roads_of({(TERRITORY,): 1}), RUNS["no truce"], RUNS["some"],
                    RUNS["a long title"]):  # fmt: skip
        figure = plots.roads(results, size=size)
        check_words(figure, size)
    assert "There is no world in which a full truce was agreed." in texts(
        plots.roads(RUNS["no truce"], size=size)
    )


def test_roads_are_drawn_as_long_as_their_shares():
    figure = plots.roads(roads_of({(TERRITORY,): 600, (): 300, (TERRITORY, PLANT): 100}))
    for key, share in (("territory", 0.6), ("none", 0.3), ("territory+nuclear_plant", 0.1)):
        held, fell = (by_gid(figure, f"{key}.{part}") for part in ("held", "collapsed"))
        assert held.get_width() == pytest.approx(share / 2)
        assert fell.get_x() == pytest.approx(share / 2)
        assert held.get_width() + fell.get_width() == pytest.approx(share)
        low, high = by_gid(figure, f"{key}.mc").get_xdata()
        assert low < share < high
    many = plots.roads(roads_of(MANY))
    total = sum(MANY.values())
    shown = sorted(MANY.values(), reverse=True)[:6]
    rest = by_gid(many, "others.held").get_width() + by_gid(many, "others.collapsed").get_width()
    assert rest == pytest.approx(1.0 - sum(shown) / total)
    assert "others.mc" not in gids(many)


def test_the_title_of_roads_claims_no_more_than_is_known():
    def said(counts):
        return finding(roads_of(counts)).replace("\u00a0", " ")

    clear = said({(TERRITORY,): 600, (): 300, (PLANT,): 100})
    assert re.fullmatch(
        r"agreements name territory alone most often, in 60 % of 1,000; 4\d to 5\d % of these hold",
        clear,
    )
    close = said({(TERRITORY,): 505, (): 495})
    assert close == (
        "agreements name territory alone in 51 % of 1,000, too close to no terms to call the "
        "commonest"
    )
    assert said({(TERRITORY,): 9, (): 1}).startswith(
        "agreements name territory alone most often, in 9 of 10"
    )
    assert "hold" not in said({(TERRITORY,): 9, (): 1})
    assert said({(): 1}) == "the one agreement names no terms"
    assert said({(): 8}) == "all 8 agreements name no terms"
    assert finding(RUNS["no truce"]).startswith("no world agrees")


def priced(number, title="Plan {}"):
    """A made-up comparison with prices: Russia ahead, Ukraine tied or behind in turn."""
    ahead = PriceDifference(0.05, (0.04, 0.06), (-0.1, 0.2), 0.7, 0.3)
    tied = PriceDifference(0.0, (-0.01, 0.01), None, None, None)
    behind = PriceDifference(-0.03, (-0.034, -0.026), (-0.1, 0.0), 0.04, 0.96)
    ukraine = tuple((tied, behind)[n % 2] for n in range(number - 1))
    worth = {"russia": (ahead,) * (number - 1), "ukraine": ukraine}
    return dataclasses.replace(compared(number, title), worth=worth)


@pytest.mark.parametrize("size", WIDTHS)
def test_prices_stand_beside_the_odds_in_each_size(size):
    for number, title in ((2, "Scenario {}"), (4, "Plan {}"), (12, "{}" + "x" * 300)):
        figure = plots.differences(priced(number, title), size=size)
        check_words(figure, size)
    figure = plots.differences(priced(3), size=size)
    assert by_gid(figure, "0.russia.mean").get_xdata()[0] == 0.05
    assert list(by_gid(figure, "1.ukraine.mc").get_xdata()) == [-0.034, -0.026]
    marks = {by_gid(figure, f"0.{actor}.mean").get_marker() for actor in ("russia", "ukraine")}
    assert len(marks) == 2  # told apart without colour
    words = texts(figure)
    assert "Russia +0.05 ± 0.01" in words
    assert "Ukraine \u22120.030 ± 0.004" in words


def test_a_tied_price_is_hollow():
    figure = plots.differences(priced(3), size="page")
    faces = [by_gid(figure, f"{n}.ukraine.mean").get_markerfacecolor() for n in (0, 1)]
    assert faces[0] == plots.style.PAPER != faces[1]


# ------------------------------------------------------------------ briefings


def test_a_briefing_tells_what_it_is_made_of_and_its_price(tmp_path):
    run = sim.run("baseline+aid.level=0", worlds=4_096)
    material = gather([run], tmp_path)
    told = next(part for part in briefing(material).parts if part.name == "price")
    assert told.heading == "What the agreements are made of, and at what price"
    tables = {block.name: block for block in told.blocks if isinstance(block, Table)}
    assert set(tables) == set()  # the worth stands with the odds of the scenarios
    beside = next(part for part in briefing(material).parts if part.name == "comparison")
    tables = {block.name: block for block in beside.blocks if isinstance(block, Table)}
    found = material.comparison.worth["ukraine"][0]
    (level,) = [row for row in tables["glance"].rows if row[0].text == "Baseline with aid.level=0"]
    assert level[-1].key == run.worth["ukraine"].mean
    last = tables["verdicts"].rows[-1]
    assert last[1].text == "worth to Ukraine, stakes"
    assert (last[2].key, last[6].text) == (found.mean, "behind")


def test_a_run_alone_has_no_columns_of_differences(tmp_path):
    part = price(gather([sim.run("baseline", worlds=256)], tmp_path))
    (table,) = [
        block for block in part.blocks if isinstance(block, Table) and block.name == "prices"
    ]
    assert table.header[1:] == ("In stakes", "95\u00a0% dice", "90\u00a0% of members")
    assert {len(row) for row in table.rows} == {4}
    assert all(cell.text for row in table.rows for cell in row)


@pytest.mark.parametrize("worlds", [1, 40])
def test_a_briefing_of_few_worlds_has_its_price(worlds, tmp_path):
    part = briefing(gather([sim.run("joint-ultimatum", worlds=worlds)], tmp_path)).parts[0]
    words = " ".join(block.text for block in part.paragraphs())
    assert "Against Baseline a world is worth" in words
    assert "nan" not in words
    assert "inf" not in words
