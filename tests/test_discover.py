"""The search for where a label holds: planted boxes, noise, known odds, a judge, bad input."""

import warnings

import numpy as np
import pandas as pd
import pytest
from helpers.boxes import FLIPPED, PLANTED, noise, planted

import sim
from sim.attribution.discover.evaluate import Means, Odds, evaluated, halves, jackknife, score
from sim.attribution.discover.find import find
from sim.attribution.discover.rows import Number, Rows, table_rows
from sim.attribution.discover.search import End, best, candidates, inside, phi, rounded, trajectory
from sim.attribution.discover.tree import Question, told_leaves, union
from sim.bounds import Bound
from sim.errors import ScenarioError

# ------------------------------------------------------------------ a planted box


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_box_is_found_by_exactly_its_numbers(seed):
    table = planted(seed)
    found = sim.discover(table.x, table.y, table.groups)
    assert [one.name for one in found.box] == [f"x{n}" for n in PLANTED]
    ends = [(one.low, one.high) for one in found.box]
    for (low, high), (true_low, true_high) in zip(
        ends, ((None, 0.6), (0.35, None), (0.2, 0.75)), strict=True
    ):
        assert (low is None) == (true_low is None)
        assert (high is None) == (true_high is None)
        assert low is None or low == pytest.approx(true_low, abs=0.05)
        assert high is None or high == pytest.approx(true_high, abs=0.05)
    assert found.found
    assert found.precision == pytest.approx(1.0 - FLIPPED, abs=0.05)
    low, high = found.evaluation.precision.mc
    assert low < found.precision < high
    there = inside(tuple(End(n, *_ends(one)) for n, one in zip(PLANTED, found.box, strict=True)),
                   table.x)  # fmt: skip
    assert table.y[there].mean() == pytest.approx(found.precision, abs=0.05)


def _ends(one):
    low = -np.inf if one.low is None else one.low
    return low, np.inf if one.high is None else one.high


def test_a_box_of_a_tenth_of_the_rows_is_found_though_no_number_alone_tells_much():
    rng = np.random.default_rng(4)
    x = rng.random((4096, 100))
    truth = (x[:, 3] < 0.5) & (x[:, 50] > 0.6) & (x[:, 90] < 0.5)
    y = truth ^ (rng.random(4096) < FLIPPED)
    found = sim.discover(x, y)
    assert [one.name for one in found.box] == ["x3", "x50", "x90"]
    assert found.precision == pytest.approx(0.9, abs=0.07)


def test_no_more_numbers_are_told_than_asked_for_and_none_that_says_nothing():
    table = planted(1)
    one = sim.discover(table.x, table.y, table.groups, most=1)
    assert len(one.box) == 1
    assert int(one.box[0].name[1:]) in PLANTED
    many = sim.discover(table.x, table.y, table.groups, most=10)
    assert [end.name for end in many.box] == [f"x{n}" for n in PLANTED]


def test_a_few_rows_of_a_kind_keep_no_end():
    """Where a tenth of the labels are flipped, some hundredth at an end has many of them."""
    for seed in range(8):
        rng = np.random.default_rng(seed)
        x = rng.random((2000, 30))
        y = ((x[:, 4] < 0.5) & (x[:, 7] > 0.4)) ^ (rng.random(2000) < FLIPPED)
        assert [one.name for one in sim.discover(x, y, seed=seed).box] == ["x4", "x7"]


@pytest.mark.long
def test_the_judge_finds_no_better_box():
    """PRIM of the EMA workbench on the half that is searched, its box measured on the other."""
    table = planted(5, rows=2000, numbers=121, copies=0)
    kept = [*PLANTED, *range(6, 20)]
    x = table.x[:, kept]
    found = sim.discover(x, table.y)
    here, there = halves(np.arange(len(table.y)), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis.prim import Prim

        names = [f"x{n}" for n in range(x.shape[1])]
        frame = pd.DataFrame(x, columns=names)
        box = Prim(frame[here], table.y[here], threshold=0.8, peel_alpha=0.05).find_box()
        track = box.peeling_trajectory
        good = track[track.res_dim <= 3] if (track.res_dim <= 3).any() else track
        scores = [phi(_judged(box.box_lims[n], frame[here]), table.y[here]) for n in good.index]
        limits = box.box_lims[good.index[int(np.argmax(scores))]]
        few = _judged(limits, frame[there])
        whole = _judged(box.box_lims[-1], frame[there])
    label = table.y[there]
    ours = found.measured
    for theirs in (few, whole):
        precision, recall = label[theirs].mean(), label[theirs].sum() / label.sum()
        assert ours.precision.mean + 0.05 >= precision or ours.recall.mean > recall
        ahead = phi(theirs, label)
        assert phi(_mine(found, x[there]), label) >= ahead - 0.05
    assert ours.precision.mean >= label[whole].mean() - 0.05


def _judged(limits, frame):
    within = np.ones(len(frame), bool)
    for name in limits.columns:
        low, high = limits[name]
        within &= (frame[name] >= low).to_numpy() & (frame[name] <= high).to_numpy()
    return within


def _mine(found, x):
    return inside(tuple(End(int(one.name[1:]), *_ends(one)) for one in found.box), x)


# ------------------------------------------------------------------ nothing to find


@pytest.mark.parametrize("copies", [1, 4])
def test_on_noise_next_to_nothing_is_claimed(copies):
    claimed = 0
    for seed in range(50):
        table = noise(seed, copies=copies)
        claimed += find(table_rows(table.x, table.y, table.groups), 3, seed).verdict == "found"
    assert claimed <= 2


def test_copies_that_are_not_told_to_be_copies_would_claim_too_much():
    """The test above can fail: rows that are kept apart show up on both sides."""
    claimed = 0
    for seed in range(20):
        table = noise(seed, copies=4)
        claimed += find(table_rows(table.x, table.y), 3, seed).verdict == "found"
    assert claimed > 10


def test_where_nothing_is_found_that_is_said_with_what_was_looked_at():
    table = noise(1)
    found = sim.discover(table.x, table.y)
    assert not found.found
    assert found.box == ()
    assert found.sentence.startswith(
        "No condition was found: no ranges of up to 3 of 6 numbers separate the rows in which the "
        "label is 1 from the others. It is true of "
    )
    assert found.recall == 1.0
    assert found.precision == found.base
    assert found.as_dict()["outside"] == 0


@pytest.mark.parametrize(("share", "verdict"), [(0.0, "none"), (1.0, "all")])
def test_labels_that_are_all_alike_are_told_as_such(share, verdict):
    x = noise(1).x
    found = sim.discover(x, np.full(len(x), share))
    assert (found.verdict, found.found) == (verdict, False)
    assert found.base == share
    told = {"none": "None of 150 rows", "all": "All of 150 rows"}[verdict]
    assert found.sentence.startswith(told)


def test_a_few_of_a_kind_are_too_few_to_search():
    x = noise(1).x
    y = np.zeros(len(x))
    y[:8] = 1
    found = sim.discover(x, y)
    assert found.verdict in ("few", "none")
    assert "too few to look for what they share" in found.sentence
    assert sim.discover(x, 1.0 - y).sentence.startswith("All but")


# ------------------------------------------------------------------ parts


def test_ends_are_rounded_outwards_and_measured_as_they_are_told():
    assert rounded(0.66667, upper=False) == 0.666
    assert rounded(0.66667, upper=True) == 0.667
    assert rounded(-0.66667, upper=False) == -0.667
    assert rounded(1234.5, upper=True) == 1240.0
    assert rounded(0.0, upper=True) == 0.0
    for value in (0.1, 0.75, 3.0, 1e-9, -12.0):
        assert rounded(value, upper=True) == rounded(value, upper=False) == value


def test_peeling_takes_whole_ties_and_the_slice_with_the_fewest_hits():
    x = np.column_stack([np.repeat([0.0, 1.0], 50), np.tile(np.arange(50.0), 2)])
    y = x[:, 0] == 1.0
    first = next(iter(trajectory(x, y)))
    assert first == (End(0, low=1.0),)


def test_phi_is_the_correlation():
    rng = np.random.default_rng(1)
    one, two = rng.random(500) < 0.3, rng.random(500) < 0.6
    assert phi(one, two) == pytest.approx(np.corrcoef(one, two)[0, 1])
    assert phi(np.ones(500, bool), two) == 0.0


def test_halves_keep_copies_together():
    groups = np.repeat(np.arange(50), 3)
    here, there = halves(groups, 1)
    assert (here ^ there).all()
    assert not set(groups[here]) & set(groups[there])
    assert len(set(groups[here])) == 25


def test_the_score_is_that_of_two_shares_with_copies_counted_as_one():
    within, label = np.repeat([True, False], 100), np.tile([True, False, False, True], 50)
    label[:20] = True
    p = label.mean()
    apart = label[:100].mean() - label[100:].mean()
    z = apart / np.sqrt(p * (1 - p) * (1 / 100 + 1 / 100))
    assert score(within, label, np.arange(200)) == pytest.approx(z)
    assert score(within, label, np.repeat(np.arange(50), 4)) == pytest.approx(z / 2.0)


def test_the_error_of_a_share_is_that_of_its_groups():
    rng = np.random.default_rng(1)
    label = np.repeat(rng.random(400) < 0.3, 4)
    groups = np.repeat(np.arange(400), 4)
    variance = jackknife(groups, lambda kept: np.array([label[kept].mean()]))[0]
    assert variance == pytest.approx(label.mean() * (1 - label.mean()) / 400, rel=0.5)


def test_columns_that_do_not_differ_are_left_out_and_yes_or_no_is_told():
    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(800), rng.random(800) < 0.4, rng.random(800)])
    found = sim.discover(x, (x[:, 1] == 1) ^ (rng.random(800) < 0.05), names=["one", "war", "z"])
    (end,) = found.box
    assert (end.name, end.low, end.high, end.words) == ("war", 1.0, None, "“war”: yes")
    assert found.looked.numbers == 2


# ------------------------------------------------------------------ luck taken out


def members_of_known_odds(seed, worlds=64, number=1500):
    """Members of which those with a low number have other odds, and what their worlds show."""
    rng = np.random.default_rng(seed)
    within = rng.random(number) < 0.5
    odds = np.where(within, rng.beta(3.0, 25.0, number), rng.beta(9.0, 25.0, number))
    shown = Odds(rng.binomial(worlds, odds), np.full(number, worlds), Bound("held", "<", 0.05))
    return within, shown, odds


def test_precision_and_base_are_those_of_the_odds_behind_what_the_worlds_show():
    plain, told, hits = [], [], 0
    for seed in range(20):
        within, shown, odds = members_of_known_odds(seed)
        one = evaluated(within, shown, np.arange(len(within)))
        true = (odds[within] < shown.bound.value).mean()
        low, high = one.precision.mc
        hits += low <= true <= high
        told.append(one.precision.mean - true)
        plain.append(shown.label[within].mean() - true)
    assert hits >= 17
    assert abs(np.mean(told)) < 0.02
    assert np.mean(plain) > 0.04


def test_a_box_of_members_is_told_from_other_luck_than_it_was_sought_on():
    """Where the odds of all are alike, what the luck searched shows says nothing on other luck."""
    rng = np.random.default_rng(1)
    x, counts = rng.random((1000, 5)), np.full(1000, 64)
    bound = Bound("held", "<", 0.1)
    luck = [Odds(rng.binomial(64, 0.1, 1000), counts, bound) for _ in range(2)]
    x[:, 0] = luck[0].hits  # as if a number knew the first luck
    numbers = tuple(Number(f"x{n}", f"x{n}") for n in range(5))
    found = find(Rows(x, numbers, np.arange(1000), *luck, "member", bound), 3, 1)
    assert found.box[0].column == 0
    assert found.verdict == "nothing"
    assert phi(inside(found.box, x), luck[0].label) > 0.9


def test_means_are_told_with_luck_taken_out_too():
    rng = np.random.default_rng(1)
    true = rng.normal(0.0, 0.1, 2000)
    error = np.full(2000, 0.1)
    shown = Means(true + rng.normal(0.0, 0.1, 2000), error, Bound("worth", ">", 0.15))
    everything = np.ones(2000, bool)
    behind = (true > 0.15).mean()
    assert shown.share(everything) == pytest.approx(behind, abs=0.02)
    assert shown.label.mean() > behind + 0.05


def test_shares_agree_with_one_another():
    within, shown, _ = members_of_known_odds(1)
    one = evaluated(within, shown, np.arange(len(within)))
    share = within.mean()
    base = share * one.precision.mean + (1.0 - share) * one.precision_outside.mean
    assert one.base.mean == pytest.approx(base, abs=1e-12)
    assert one.recall.mean == pytest.approx(share * one.precision.mean / base, abs=1e-12)


# ------------------------------------------------------------------ a tree


def two_corners(seed):
    rng = np.random.default_rng(seed)
    x = rng.random((3000, 8))
    truth = (x[:, 0] > 0.7) & (x[:, 1] > 0.4) | (x[:, 0] < 0.3) & (x[:, 2] > 0.4)
    return x, truth ^ (rng.random(3000) < 0.05)


def test_a_tree_is_told_where_it_wins_and_only_there():
    found = sim.discover(*two_corners(1))
    assert found.found
    assert found.tree.wins
    assert found.tree.leads > 2.0 * found.tree.error
    assert found.tree.evaluation.recall.mean > found.recall
    assert any("“x0” below 0.3" in one for path in found.tree.paths for one in path)
    table = planted(1)
    assert not sim.discover(table.x, table.y, table.groups).tree.wins


def test_the_leaves_that_are_told_are_those_with_more_hits():
    x, y = two_corners(2)
    paths = told_leaves(x, y)
    within = union(paths, x)
    assert y[within].mean() > 0.8
    assert all(len(path) <= 3 for path in paths)
    assert Question(0, 0.5, below=True).holds(np.array([[0.4], [0.5]])).tolist() == [True, False]


def test_leaves_of_one_question_are_told_as_one_and_nothing_twice():
    rng = np.random.default_rng(5)
    x = rng.random((2000, 3))
    y = (x[:, 0] > 0.5) ^ (rng.random(2000) < 0.1)
    ((only,),) = told_leaves(x, y)
    assert (only.column, only.below) == (0, False)
    assert only.edge == pytest.approx(0.5, abs=0.02)


def test_candidates_restrict_few_numbers_and_the_best_has_the_largest_phi():
    table = planted(2, rows=2000, numbers=130, copies=0)
    boxes = candidates(table.x, table.y, 2)
    assert boxes
    assert max(len(box) for box in boxes) <= 2
    scores = [phi(inside(box, table.x), table.y) for box in boxes]
    assert phi(inside(best(boxes, table.x, table.y), table.x), table.y) == max(scores)


# ------------------------------------------------------------------ what is given


def test_the_same_table_gives_the_same_answer_and_another_seed_other_halves():
    table = planted(3, rows=1000, numbers=130, copies=50)
    one, two = (sim.discover(table.x, table.y, table.groups) for _ in range(2))
    assert one.as_dict() == two.as_dict()
    other = sim.discover(table.x, table.y, table.groups, seed=2)
    assert other.as_dict() != one.as_dict()


def test_a_frame_brings_its_names():
    table = planted(3, rows=1000, numbers=121, copies=0)
    frame = pd.DataFrame(table.x[:, [5, 60, 120, 3]], columns=["a", "b", "c", "d"])
    assert [one.name for one in sim.discover(frame, table.y).box] == ["a", "b", "c"]


X, Y = np.random.default_rng(1).random((200, 3)), np.tile([0, 1], 100)
HOLE = X.copy()
HOLE[3, 1] = np.nan


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((X, Y[:-1]), "y: has the shape (199,), but x has 200 rows."),
        ((X, Y + 1), "neither 0 nor 1"),
        ((X, np.where(Y, np.nan, 0.0)), "neither 0 nor 1"),
        ((HOLE, Y), "1 value not finite, the first in row 3 of 'x1'"),
        ((X[:, 0], Y), "x: has the shape (200,)"),
        ((X[:50], Y[:50]), "there are 50 rows, and 100 or more are needed"),
        ((X, Y, np.arange(3)), "groups: has the shape (3,)"),
        ((X, Y, None, ["a", "b"]), "has 3 numbers, but 2 names"),
        ((X, Y, None, ["a", "a", "b"]), "a name is given twice"),
        ((X, Y, None, None, 0), "most"),
        ((X, Y, None, None, 3, -1), "seed"),
        (([["a"]] * 200, Y), "values that are no numbers"),
        ((X,), "a table needs labels"),
    ],
)
def test_what_cannot_be_used_is_refused(given, words):
    with pytest.raises(ScenarioError) as caught:
        sim.discover(*given)
    assert words in str(caught.value)


def test_what_belongs_to_a_result_is_refused_with_a_table():
    with pytest.raises(ScenarioError, match="over belongs to a run"):
        sim.discover(X, Y, over="members")


# ------------------------------------------------------------------ numbers far from 0


@pytest.mark.parametrize("shift", [(1.0, 1e6), (-1000.0, -1e5), (1e-4, 20.0)])
def test_ends_have_the_digits_that_their_number_needs(shift):
    scale, offset = shift
    x = np.random.default_rng(1).random((1000, 5))
    y = x[:, 1] > 0.6
    found = sim.discover(offset + scale * x, y)
    assert [one.name for one in found.box] == ["x1"]
    assert found.precision > 0.98
    assert found.recall > 0.9


def test_rows_that_are_alike_and_a_single_group_are_refused():
    y = np.arange(400) % 2
    with pytest.raises(sim.ScenarioError, match="the same numbers in every row"):
        sim.discover(np.ones((400, 3)), y)
    x = np.random.default_rng(1).random((400, 3))
    with pytest.raises(sim.ScenarioError, match="1 group"):
        sim.discover(x, y, groups=np.zeros(400))
