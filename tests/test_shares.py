"""What learning a number, or a group of numbers, would explain: cross-fitted Shapley shares."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.attribution.groups import groups_of
from sim.attribution.shares import cross_fitted_shares, learned
from sim.errors import StoreError
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble

SLOPES = (0.10, 0.05, 0.03)
HUMP = 0.05
SPREAD = sum(b * b for b in SLOPES) + HUMP**2
RANKED = 3.0 / np.pi
"""Squared correlation of a normal number with its rank: E[z F(z)] = 1/2 sqrt(pi), Var F = 1/12."""
IDLE = 35


def members(seed, count=3000, copies=1):
    """Independent numbers, and the odds that four of them make.

    Three are normal and the odds linear in them; ``hump`` is uniform and its odds are its second
    Legendre polynomial, which no line sees. All others are idle. A member's copies stand together.
    """
    rng = np.random.default_rng(seed)
    distinct = count // copies
    x = rng.normal(size=(distinct, len(SLOPES)))
    u = rng.random(distinct)
    odds = 0.4 + x @ SLOPES + HUMP * np.sqrt(5.0) * (6.0 * u * u - 6.0 * u + 1.0)
    numbers = {f"x{n}": x[:, n] for n in range(len(SLOPES))} | {"hump": u}
    numbers |= {f"idle{n}": rng.normal(size=distinct) for n in range(IDLE)}
    copied = {name: np.repeat(values, copies) for name, values in numbers.items()}
    return np.clip(np.repeat(odds, copies), 0.0, 1.0), copied


def counts(odds, worlds, seed):
    drawn = np.random.default_rng(seed + 1000).binomial(worlds, odds)
    return drawn, np.full(len(odds), worlds)


def shares(seed, worlds=5, units=None, **how):
    odds, numbers = members(seed, **how)
    found = cross_fitted_shares(*counts(odds, worlds, seed), numbers, units)
    return found, {one.name: one for one in found.shares}


def covers(one, truth):
    return one.interval[0] <= truth <= one.interval[1]


# ------------------------------------------------------------------ what is known in closed form


def test_independent_numbers_have_the_shares_of_their_squared_slopes():
    found, by_name = shares(1, worlds=60)
    truth = {f"x{n}": RANKED * b * b / SPREAD for n, b in enumerate(SLOPES)}
    truth["hump"] = HUMP**2 / SPREAD
    for name, share in truth.items():
        assert by_name[name].share == pytest.approx(share, abs=0.035), name
        assert covers(by_name[name], share), name
        assert by_name[name].error < 0.03
    assert found.spread == pytest.approx(np.sqrt(SPREAD), rel=0.05)
    assert found.explained.share == pytest.approx(sum(truth.values()), abs=0.03)
    assert found.shares[0].name == "x0"
    assert all(covers(one, 0.0) for one in found.shares if one.name.startswith("idle"))


def test_a_number_that_helps_and_then_harms_is_seen():
    found, by_name = shares(2, worlds=60)
    assert by_name["hump"].interval[0] > 0.05
    assert found.entered["hump"] == 10


def test_entangled_numbers_share_what_they_explain_together():
    """Two orders of entry: half of what each explains alone, and half of what it adds."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=(4000, 2))
    x, y = z[:, 0], 0.7 * z[:, 0] + np.sqrt(1.0 - 0.49) * z[:, 1]
    odds = 0.45 + 0.09 * x + 0.04 * y
    rank = {"x": np.argsort(np.argsort(x)), "y": np.argsort(np.argsort(y))}
    table = np.column_stack([*rank.values()]) / 4000.0

    def fitted(*columns):
        design = np.column_stack([np.ones(4000), table[:, columns]])
        return np.var(design @ np.linalg.lstsq(design, odds, rcond=None)[0]) / odds.var()

    alone, both = (fitted(0), fitted(1)), fitted(0, 1)
    hits, worlds = counts(np.clip(odds, 0.0, 1.0), 200, 5)
    found = cross_fitted_shares(hits, worlds, {name: v.astype(float) for name, v in rank.items()})
    by_name = {one.name: one.share for one in found.shares}
    assert by_name["x"] == pytest.approx((alone[0] + both - alone[1]) / 2.0, abs=0.01)
    assert by_name["y"] == pytest.approx((alone[1] + both - alone[0]) / 2.0, abs=0.01)


def test_shares_of_units_sum_to_what_all_explain_and_a_group_has_that_of_its_numbers():
    groups = {"all of x": ["x0", "x1", "x2"], "hump": ["hump"], "nothing": ["idle0"], "none": []}
    found, by_name = shares(3, units=groups)
    assert sum(one.share for one in found.shares) == pytest.approx(found.explained.share, abs=1e-12)
    assert by_name["none"].interval == (0.0, 0.0)
    single, each = shares(3, units={name: [name] for name in ("x0", "x1", "x2", "hump", "idle0")})
    assert single.explained.share == pytest.approx(found.explained.share, abs=1e-12)
    together = sum(each[name].share for name in ("x0", "x1", "x2"))
    assert by_name["all of x"].share == pytest.approx(together, abs=0.01)


# ------------------------------------------------------------------ luck is no share


@pytest.mark.parametrize("seeds", [5, pytest.param(20, marks=pytest.mark.long)])
def test_dummies_do_not_score(seeds):
    """Out of fold an idle number that slipped in costs; on the members fitted on it would gain."""
    idle = [f"idle{n}" for n in range(IDLE)]
    numbers, groups = [], []
    for seed in range(seeds):
        _, single = shares(seed, count=2000)
        numbers += [single[name] for name in idle]
        units = {"x": ["x0", "x1", "x2"], "hump": ["hump"], "few": idle[:5], "many": idle[5:]}
        _, grouped = shares(seed, count=2000, units=units)
        groups += [grouped["few"], grouped["many"]]
    for dummies in (numbers, groups):
        entered = [one for one in dummies if one.share]
        assert entered
        assert sum(one.share for one in dummies) < 0.0
        assert all(covers(one, 0.0) for one in dummies)
        assert all(abs(one.share) <= 2.0 * one.error for one in dummies)
    assert len([one for one in numbers if one.share]) < 0.05 * len(numbers)


@pytest.mark.long
def test_intervals_cover_with_copies_and_without():
    truth = {f"x{n}": RANKED * b * b / SPREAD for n, b in enumerate(SLOPES)}
    truth["hump"] = HUMP**2 / SPREAD
    for copies in (1, 3):
        covered = []
        for seed in range(20):
            _, by_name = shares(100 + seed, copies=copies, count=2000 * copies)
            covered += [covers(by_name[name], share) for name, share in truth.items()]
        assert 0.86 <= np.mean(covered) <= 1.0, copies


def test_copies_count_as_one_member_with_all_their_worlds():
    """Each member twice with half its worlds is each once with all: the same shares, no surer."""
    odds, numbers = members(7, count=2000)
    rng = np.random.default_rng(7)
    first, second = rng.binomial(5, odds), rng.binomial(5, odds)
    once = cross_fitted_shares(first + second, np.full(2000, 10), numbers)
    twice = cross_fitted_shares(
        np.concatenate([first, second]),
        np.full(4000, 5),
        {name: np.tile(values, 2) for name, values in numbers.items()},
    )
    assert (once.distinct, twice.distinct, twice.members) == (2000, 2000, 4000)
    assert twice.spread == pytest.approx(once.spread)
    for one, two in zip(once.shares, twice.shares, strict=True):
        assert two.name == one.name
        assert two.share == pytest.approx(one.share, abs=1e-9)
        assert two.error == pytest.approx(one.error, abs=1e-9)


def test_members_that_are_alike_may_be_told_to_differ():
    """Numbers alone do not make a copy if more is known of the members."""
    odds, numbers = members(7, count=4000, copies=2)
    hits, worlds = counts(odds, 5, 7)
    rows = [str(n).encode() for n in range(4000)]
    assert cross_fitted_shares(hits, worlds, numbers).distinct == 2000
    assert cross_fitted_shares(hits, worlds, numbers, rows=rows).distinct == 4000


def test_what_is_below_the_smallest_share_is_not_found_and_that_is_told():
    few, by_few = shares(11, worlds=2, count=1500)
    many, _ = shares(11, worlds=100, count=1500)
    assert many.smallest < few.smallest / 4.0
    assert few.smallest > 0.02
    assert by_few["x2"].share < few.smallest  # truly .06 of the spread


# ------------------------------------------------------------------ the same each time


def test_the_same_members_in_another_order_give_the_same_shares():
    odds, numbers = members(9)
    hits, worlds = counts(odds, 5, 9)
    order = np.random.default_rng(0).permutation(len(hits))
    found = cross_fitted_shares(hits, worlds, numbers)
    assert cross_fitted_shares(hits, worlds, numbers) == found
    moved = {name: values[order] for name, values in numbers.items()}
    again = cross_fitted_shares(hits[order], worlds[order], moved)
    for one, two in zip(found.shares, again.shares, strict=True):
        assert two.name == one.name
        assert two.share == pytest.approx(one.share, abs=1e-9)


def test_what_cannot_be_told_is_refused():
    odds, numbers = members(4, count=2000)
    hits, worlds = counts(odds, 5, 4)
    few = {name: values[:900] for name, values in numbers.items()}
    with pytest.raises(StoreError, match="used 900 different members; 1,000 with several worlds"):
        cross_fitted_shares(hits[:900], worlds[:900], few)
    with pytest.raises(StoreError, match="several worlds each are needed"):
        cross_fitted_shares(hits > 2, np.ones(2000, int), numbers)
    with pytest.raises(StoreError, match="do not differ beyond luck"):
        cross_fitted_shares(*counts(np.full(2000, 0.3), 5, 4), numbers)
    with pytest.raises(ValueError, match="'peace', which is no number"):
        cross_fitted_shares(hits, worlds, numbers, {"a": ["peace"]})
    with pytest.raises(ValueError, match="'x0' belongs to 'a' and 'b'"):
        cross_fitted_shares(hits, worlds, numbers, {"a": ["x0"], "b": ["x0"]})


# ------------------------------------------------------------------ of an ensemble


def test_groups_of_a_real_ensemble():
    """Odds made of one number of two groups each: the groups have its share, all others none."""
    ensemble = load_ensemble(dt.date(2025, 5, 20))
    conflict = shipped()
    place = {
        name: np.argsort(np.argsort(ensemble.members[name])) / 4095.0
        for name in ("exit_hazard", "delay")
    }
    odds = 0.4 + 0.4 * (place["exit_hazard"] - 0.5) + 0.2 * (place["delay"] - 0.5)
    worlds = np.full(4096, 5)
    worlds[:300] = 0
    hits = np.random.default_rng(1).binomial(worlds, odds)
    groups = {group.name: columns for group, columns in groups_of(conflict).items()}
    found = learned(hits, worlds, ensemble, conflict, groups)
    assert len(found.shares) == len(groups)
    assert found.members == 3796
    assert found.distinct < found.members  # some of these are copies
    first, second, *others = found.shares
    assert (first.name, second.name) == (
        "how truces break",
        "what an answer earns or costs at once",
    )
    assert first.share == pytest.approx(0.8, abs=0.06)
    assert second.share == pytest.approx(0.2, abs=0.06)
    assert all(covers(one, 0.0) for one in others)
    single = learned(hits, worlds, ensemble, conflict)
    assert [one.name for one in single.shares[:2]] == ["exit_hazard", "delay"]
    assert single.explained.share == pytest.approx(found.explained.share, abs=1e-9)
