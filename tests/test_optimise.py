"""Packages that no other beats: the search on toys of which the answer is known."""

import math

import numpy as np
import pytest

import sim
from sim.attribution.optimise.aims import MET, MISSED, OPEN, aims_of
from sim.attribution.optimise.choose import chosen, front, ranked
from sim.attribution.optimise.measure import Measured, measured, robust_odds
from sim.attribution.optimise.packages import Space, with_still
from sim.attribution.optimise.search import (
    LEAST,
    Found,
    Legs,
    Size,
    search,
    spared,
    without_one,
)
from sim.attribution.optimise.surface import Surface, terms
from sim.attribution.optimise.told import tell
from sim.engine.cases import consecutive
from sim.engine.domain import Outcome
from sim.experiments.kernel import ENDED, Grid
from sim.inputs.conflict import shipped

MEMBERS, WORLDS, POINTS = 1024, 16_384, 128
CONFLICT = shipped()
R, U = CONFLICT.side_ids
STEPS = 50


def space_of(levers, most=None, steps=STEPS):
    """Levers from 0, where they stand, to 1."""
    names = tuple("abcdefghijkl"[:levers])
    values = tuple(n / steps for n in range(steps + 1))
    return Space(names, (values,) * levers, (True,) * levers, most or levers)


def toy(truth, seed, steps=STEPS, apart=0.0):
    """Worlds that hold with a known chance and have a known worth to each side.

    ``truth`` gives odds, worth to R and worth to U of points, each of shape (packages,), or odds
    of shape (packages, members). In a share ``apart`` of the worlds each package has luck of its
    own.
    """

    def runs(rows, first, worlds):
        member = consecutive(first, worlds, MEMBERS)["member"]
        rng = np.random.default_rng((seed, first))
        common, own, noise = rng.random(worlds), rng.random(worlds) < apart, rng.normal(size=worlds)
        odds, *worths = truth(rows / steps)
        odds = odds if odds.ndim == 2 else np.repeat(odds[:, None], MEMBERS, axis=1)
        ended = np.zeros((len(rows), worlds), ENDED)
        for n, row in enumerate(rows):
            alone = np.random.default_rng((seed, first, *row.tolist()))
            luck = np.where(own, alone.random(worlds), common)
            held = luck < odds[n, member]
            ended["outcome"][n] = np.where(held, Outcome.HELD, Outcome.NO_TRUCE)
            for side, worth in enumerate(worths):
                ended["worth"][n, :, side] = worth[n] + 0.3 * noise
        return Grid(ended, member, first)

    return runs


def free(rows):
    return {}


def aims(**given):
    payers = given.pop("payers", ())
    return aims_of(given, CONFLICT, payers)


def answered(truth, seed, space, wanted, worlds=WORLDS, points=POINTS, **toys):
    size = Size(Legs.of(worlds, wanted.robust), points, seed)
    found = search(toy(truth, seed, **toys), space, wanted, free, size)
    return found, tell(found, space, wanted, free, MEMBERS)


# ------------------------------------------------------------------ a known front


def bent(x):
    """Odds that rise with a, worth that falls with it; b is best in the middle, c to e are bad."""
    off = (x[:, 1] - 0.5) ** 2
    odds = 0.1 + 0.6 * x[:, 0] - 0.3 * off - 0.1 * x[:, 2]
    worth = 1.0 - x[:, 0] ** 2 - off - 0.1 * x[:, 3]
    return odds, worth, worth


@pytest.mark.parametrize("seed", range(3))
def test_a_known_front_is_found(seed):
    wanted = aims(objective=f"held,worth_{R}", where="none")
    space = space_of(5)
    found, answer = answered(bent, seed, space, wanted)
    unbeaten = [n for n, one in enumerate(answer.packages) if one.front]
    odds, worth, _ = bent(found.rows[unbeaten] / STEPS)
    along = np.linspace(0.0, 1.0, 1001)
    true = np.stack([0.1 + 0.6 * along, 1.0 - along**2])
    away = np.hypot(odds[:, None] - true[0], worth[:, None] - true[1]).min(axis=1)
    assert away.max() < 0.01
    assert len(unbeaten) >= 8
    assert odds.max() - odds.min() > 0.5
    moved = {name for n in unbeaten for name in answer.packages[n].levers}
    assert moved <= {"a", "b"}  # e does nothing, and c and d do harm


def test_what_it_costs_bounds_what_is_best():
    """Odds rise with a, which costs side U; b pays it back, and costs side R."""

    def truth(x):
        return 0.1 + 0.5 * x[:, 0], -0.2 * x[:, 1], x[:, 1] - x[:, 0]

    limits = [f"worth_{R}>=-0.1", f"worth_{U}>=0"]
    _, answer = answered(truth, 1, space_of(3), aims(where=limits))
    best = answer.packages[answer.best]
    assert best.levers["a"] == pytest.approx(0.5, abs=0.04)
    assert best.levers["b"] == pytest.approx(0.5, abs=0.04)
    assert "c" not in best.levers
    assert best.odds.mean == pytest.approx(0.1 + 0.5 * best.levers["a"], abs=0.012)
    free_of = aims(where="none", objective="held")
    _, unbound = answered(truth, 1, space_of(3), free_of, 4096, 64)
    assert unbound.packages[unbound.best].levers["a"] > 0.9


def test_the_cheapest_that_reaches_is_found_or_how_close_one_comes():
    def truth(x):
        return 0.1 + 0.3 * x[:, 0] + 0.1 * x[:, 1], -0.4 * x[:, 0], -0.05 * x[:, 1]

    wanted = aims(reach="held>=.25")
    assert wanted.where == ()
    assert wanted.primary == "worse_off"
    _, answer = answered(truth, 2, space_of(2), wanted, 65_536, 64)
    best = answer.packages[answer.best]
    assert best.levers["b"] > 0.8  # the cheaper one first
    assert best.levers["a"] == pytest.approx(1.0 / 6.0, abs=0.06)
    assert best.odds.mean >= 0.25
    _, never = answered(truth, 2, space_of(2), aims(reach="held>=.6"))
    assert never.best is None
    assert never.regret is None
    assert never.packages[0].odds.mean == pytest.approx(0.5, abs=0.02)
    assert not any(one.qualifies or one.front or one.tied for one in never.packages)
    highest = max(one.odds.mean for one in never.packages)
    assert never.packages[never.closest].odds.mean == highest


def test_few_levers_move_when_few_may():
    def truth(x):
        odds = 0.1 + x @ np.array([0.2, 0.15, 0.1, 0.05])
        return odds, np.zeros(len(x)), np.zeros(len(x))

    _, answer = answered(truth, 3, space_of(4, most=2), aims())
    assert max(len(one.levers) for one in answer.packages) == 2
    best = answer.packages[answer.best].levers
    assert set(best) == {"a", "b"}
    assert min(best.values()) > 0.9


def test_the_search_is_the_same_each_time():
    wanted = aims(objective=f"held,worth_{R}", where="none")
    one, other = (answered(bent, 5, space_of(4), wanted, 2048, 64)[0] for _ in range(2))
    assert (one.rows == other.rows).all()
    assert one.screened == other.screened


# ------------------------------------------------------------------ no claim, no bias

ALIKE = Space(tuple("abcdef"), ((0.0, 1.0),) * 6, (False,) * 6, 6)
"""Sixty-four packages."""


def same(x):
    level = np.full(len(x), 0.3)
    return level, 0.0 * level, 0.0 * level


@pytest.fixture(scope="module")
def of_luck():
    """What is told where 64 packages are the same, each on luck of its own in a third of worlds."""
    wanted = aims(where="none")
    return [
        answered(same, seed, ALIKE, wanted, 4096, 64, steps=1, apart=0.3)[1] for seed in range(30)
    ]


def test_of_identical_packages_none_is_called_best(of_luck):
    others = [
        [one.tied for n, one in enumerate(answer.packages) if n != answer.best]
        for answer in of_luck
    ]
    assert sum(not any(tied) for tied in others) <= 2
    assert sum(not all(tied) for tied in others) <= 6  # told apart at all: 5 %, all together


def test_the_odds_of_the_winner_owe_nothing_to_luck(of_luck):
    told = [answer.packages[answer.best].odds.mean for answer in of_luck]
    assert np.mean(told) == pytest.approx(0.3, abs=0.0025)
    naive = []
    for seed in range(20):  # a search that told what it chose by
        grid = toy(same, seed, 1, 0.3)(ALIKE.screen(64, 1), 0, 4096)
        naive.append((grid.ended["outcome"] == Outcome.HELD).mean(axis=1).max())
    assert np.mean(naive) > 0.305


# ------------------------------------------------------------------ whose odds count


def test_robust_odds_are_those_of_the_true_quarter():
    rng = np.random.default_rng(1)
    steady, torn = rng.beta(60.0, 240.0, MEMBERS), rng.beta(0.6, 1.8, MEMBERS)
    both = np.stack([steady, torn])
    grid = toy(lambda x: (both, np.zeros(2), np.zeros(2)), 1)(np.array([[0], [1]]), 0, 16 * MEMBERS)
    quarter = np.sort(both, axis=1)[:, : MEMBERS // 4].mean(axis=1)
    found = robust_odds(grid, aims(robust="worst-quarter"))
    assert found == pytest.approx(quarter, abs=0.01)
    counts = np.array(
        [
            np.bincount(grid.member[row], minlength=MEMBERS)
            for row in grid.ended["outcome"] == Outcome.HELD
        ]
    )
    naive = np.sort(counts / 16, axis=1)[:, : MEMBERS // 4].mean(axis=1)
    assert naive[0] < quarter[0] - 0.04  # luck makes a quarter of the steady ones look bad
    missed = np.sort(both.max(axis=0) - both, axis=1)[:, -MEMBERS // 4 :].mean(axis=1)
    found = robust_odds(grid, aims(robust="regret"))
    assert found == pytest.approx(-missed, abs=0.03)


def test_a_robust_search_takes_the_package_that_is_never_bad():
    """Lever a helps three members in four a lot and harms the others; b helps all a little."""

    def truth(x):
        bad = np.arange(MEMBERS) % 4 == 0
        helps = np.where(bad, -0.2, 0.3)
        odds = 0.3 + np.outer(x[:, 0], helps) + 0.05 * x[:, 1:2]
        return odds, np.zeros(len(x)), np.zeros(len(x))

    _, mean = answered(truth, 4, space_of(2), aims())
    assert mean.packages[mean.best].levers["a"] > 0.9
    _, robust = answered(truth, 4, space_of(2), aims(robust="worst-quarter"))
    best = robust.packages[robust.best]
    assert best.levers.get("a", 0.0) < 0.2
    assert best.levers["b"] > 0.5
    assert best.aim > mean.packages[mean.best].odds.mean - 0.25 > 0.2


def test_knowing_the_member_is_worth_what_it_is():
    """Two packages, each better by .2 in half of the members: knowing which adds .1."""

    def truth(x):
        half = np.arange(MEMBERS) % 2 == 0
        odds = 0.4 + 0.1 * np.outer(x[:, 0], np.where(half, 1.0, -1.0))
        return odds, np.zeros(len(x)), np.zeros(len(x))

    space = Space(("a",), ((0.0, 1.0, -1.0),), (False,), 1)
    rows = np.array([[1], [0]])
    grid = toy(truth, 3, steps=1)(rows, 0, 256 * MEMBERS)
    answer = tell(Found(rows, grid, 2), space, aims(where="none"), free, MEMBERS)
    low, high = answer.regret
    assert low < 0.052
    assert high > 0.048
    assert high - low < 0.02


# ------------------------------------------------------------------ the parts


def seen_of(rows, held, worth=None, error=0.0):
    number = len(rows)
    worth = np.zeros(number) if worth is None else np.asarray(worth, float)
    values = {"held": np.asarray(held, float), f"worth_{R}": worth, f"worth_{U}": worth}
    return Measured(np.asarray(rows), values, {name: np.full(number, error) for name in values})


def test_ranks_go_by_conditions_then_odds_then_fewest_levers():
    rows = [[1, 1], [1, 0], [0, 0], [0, 1], [2, 2]]
    seen = seen_of(rows, [0.5, 0.5, 0.1, 0.9, 0.8], [0.0, 0.0, 0.0, -0.4, -0.1])
    assert ranked(seen, aims()) == [1, 0, 2, 4, 3]
    wary = seen_of(rows, [0.5, 0.5, 0.1, 0.9, 0.8], [0.02, 0.0, 0.0, -0.4, -0.1], error=0.01)
    assert ranked(wary, aims(), margin=1.0)[0] == 0  # the others are within the dice


def test_the_front_keeps_what_nothing_beats():
    assert front(np.array([[1.0, 1.0], [1.0, 1.0], [2.0, 0.0], [0.5, 0.5]])).tolist() == [
        *(True, True, True, False)
    ]


def test_packages_that_go_on_differ():
    space = space_of(2)
    rows = np.array([[n, 1] for n in range(1, 51)])
    odds = rows[:, 0] / 100.0
    kept = chosen(seen_of(rows, odds), aims(where="none"), space, 12)
    assert len(set(kept)) == 12
    assert {50, 44, 38, 32} <= set(rows[kept, 0].tolist())  # a tenth of the range apart


def test_those_on_the_front_lie_far_apart():
    rows = np.array([[n, 1] for n in range(1, 51)])
    odds = rows[:, 0] / 100.0
    wanted = aims(objective=f"held,worth_{R}", where="none")
    kept = chosen(seen_of(rows, odds, 1.0 - odds), wanted, space_of(2), 12)
    places = np.sort(rows[kept, 0])
    assert places[0] == 1
    assert np.diff(places).min() >= 3
    assert np.diff(places).max() <= 7


def test_levers_that_do_nothing_are_left_alone():
    rows = np.array([[3, 4, 5], [0, 4, 5], [0, 0, 0]])
    less = without_one(rows)
    assert less.tolist() == [[0, 0, 5], [0, 4, 0], [0, 4, 5], [3, 0, 5], [3, 4, 0]]

    def odds(these):
        return 0.1 + 0.01 * (these[:, 0] > 0) + LEAST * 0.5 * (these[:, 2] > 0)

    less = with_still(less)
    few, without = seen_of(rows, odds(rows)), seen_of(less, odds(less))
    assert spared(few, without, aims(where="none")).tolist() == [[3, 0, 0], [0, 0, 0]]


def test_a_screen_has_each_lever_alone_and_no_point_twice():
    space = space_of(5, most=3)
    rows = space.screen(256, 1)
    assert len(rows) == len(np.unique(rows, axis=0)) == 256
    assert (rows > 0).sum(axis=1).max() == 3
    assert not rows[0].any()
    alone = rows[(rows > 0).sum(axis=1) == 1]
    assert {tuple(np.flatnonzero(row)) for row in alone} == {(n,) for n in range(5)}
    small = Space(("a",), ((False, True),), (False,), 1)
    assert small.screen(256, 1).tolist() == [[0], [1]]


def test_the_surface_finds_a_cubic_and_what_it_cannot_say():
    rng = np.random.default_rng(1)
    space = space_of(3)
    seen, at = (with_still(space.placed(rng.random((n, 3)))) for n in (200, 50))

    def truth(rows):
        x = rows / STEPS
        return np.stack([x[:, 0] ** 3 - x[:, 0] * x[:, 1], np.zeros(len(rows))], axis=1)

    noise = rng.normal(0.0, 0.01, (len(seen), 2))
    surface = Surface(terms(space.features(seen), 100), truth(seen) + noise)
    found, errors = surface.at(terms(space.features(at), 100)), surface.errors
    assert abs(found - truth(at)).max() < 0.02
    assert errors == pytest.approx([0.01, 0.01], rel=0.25)


def test_a_lever_that_stands_beside_its_range_has_a_column_of_its_own():
    space = Space(("a",), (("deferred", 0.0, 0.5, 1.0),), (True,), 1)
    (columns,) = space.features(np.array([[0], [1], [3]]))
    assert columns.tolist() == [[0.0, 1.0], [-1.0, 0.0], [1.0, 0.0]]


def test_conditions_are_met_missed_or_within_the_dice():
    def truth(x):
        return 0.3 + 0.0 * x[:, 0], x[:, 0] - 0.5, x[:, 0] - 0.5

    rows = np.array([[0], [1], [50], [25], [26]])

    def runs(rows, first, worlds):
        grid = toy(truth, 1)(rows, first, worlds)
        rng = np.random.default_rng(1)
        grid.ended["worth"] += rng.normal(0.0, 1.0, grid.ended["worth"].shape)
        return grid

    wanted = aims(where=f"worth_{R}>=0.5")
    grid = runs(rows, 0, 4096)
    answer = tell(Found(rows, grid, 5), space_of(1), wanted, free, MEMBERS)
    told = [one.conditions[f"worth_{R}>=0.5"] for one in answer.packages]
    assert told[:3] == [MISSED, MISSED, MET]
    assert told[3] == OPEN
    assert answer.best == next(n for n, one in enumerate(answer.packages) if one.qualifies)
    assert not answer.packages[0].qualifies
    assert not answer.packages[0].front


def test_what_misses_a_condition_is_not_tied_and_what_is_ahead_is_not_either():
    def truth(x):
        return 0.3 + 0.1 * x[:, 0], 0.0 * x[:, 0], -1.0 * (x[:, 0] > 0.9)

    rows = np.array([[10, 0], [40, 0], [50, 0], [10, 5], [0, 0]])
    grid = toy(truth, 1)(rows, 0, 16_384)
    answer = tell(Found(rows, grid, 5), space_of(2), aims(), free, MEMBERS)
    assert answer.best == answer.closest == 0  # the first of the race
    assert [one.ahead for one in answer.packages] == [False, True, False, False, False]
    assert [one.tied for one in answer.packages] == [False, False, False, True, False]


def test_worths_are_changes_from_where_levers_stand():
    def truth(x):
        return 0.3 + 0.0 * x[:, 0], 0.7 + x[:, 0], 0.2 - x[:, 0]

    rows = np.array([[25], [0]])
    grid = toy(truth, 1)(rows, 0, 1024)
    seen = measured(grid, rows, aims(reach="held>=.2"), free(rows), full=True)
    assert seen.values["worse_off"] == pytest.approx([-0.5, 0.0], abs=1e-6)
    seen = measured(grid, rows, aims(), free(rows), full=True)
    assert seen.values[f"worth_{R}"] == pytest.approx([0.5, 0.0], abs=1e-6)
    with pytest.raises(ValueError, match="as they stand"):
        measured(grid, rows[:1], aims(), free(rows), full=True)


def test_the_error_of_a_difference_covers_it():
    """Two packages of which one is better by 2 points, on luck of their own in half of worlds."""

    def truth(x):
        return 0.3 + 0.02 * x[:, 0], 0.0 * x[:, 0], 0.0 * x[:, 0]

    rows, inside = np.array([[50], [0]]), 0
    for seed in range(200):
        grid = toy(truth, seed, apart=0.5)(rows, 0, 2048)
        answer = tell(Found(rows, grid, 2), space_of(1), aims(where="none"), free, MEMBERS)
        low, high = answer.packages[1].behind.mc
        inside += low <= 0.02 <= high
    assert 180 <= inside <= 198
    assert math.isfinite(high)


def test_sim_names_it():
    assert callable(sim.optimise)
    assert sim.Optimised.kind == "optimise"
