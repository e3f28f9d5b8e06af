"""The row of each point of a sweep: reckoned for many at once as for one alone, bit for bit."""

from __future__ import annotations

import io

import numpy as np
import pyarrow.parquet as pq
import pytest

import sim
from sim.estimates import estimate, estimates
from sim.experiments.design import make_design
from sim.experiments.sweep import chunk, points
from sim.experiments.sweep.chunk import SUMS, WORTH_GRAIN, WORTHS, Chunk, run_chunk, run_point
from sim.experiments.sweep.plan import plan_sweep
from sim.experiments.sweep.points import MEANS, OUTCOMES, PointSums, write_points
from sim.inputs.blocks import When
from sim.means import estimate_mean, estimate_means

MEMBERS = 300
USED = (1, 2, 40, 64, 65, 250)


def worlds_by_member(rng, used, kind):
    if kind == "four":
        return np.full(used, 4)
    return np.ones(used, int) if kind == "one" else rng.integers(1, 5, used)


@pytest.mark.parametrize("kind", ["four", "one", "some"])
@pytest.mark.parametrize("used", USED)
def test_several_estimates_are_those_of_each_alone(used, kind):
    rng = np.random.default_rng(used)
    worlds = worlds_by_member(rng, used, kind)
    shares = rng.beta(0.3, 0.7, (20, used)) * (rng.random((20, 1)) > 0.1)
    hits = rng.binomial(worlds, shares)
    for spread in (True, False):
        alone = [estimate(one, worlds, MEMBERS, spread=spread) for one in hits]
        assert estimates(hits, worlds, MEMBERS, spread=spread) == alone
    sums = rng.normal(size=(20, used)) * worlds
    squares = sums**2 / worlds + rng.random((20, used))
    alone = [estimate_mean(*pair, worlds, MEMBERS) for pair in zip(sums, squares, strict=True)]
    assert estimate_means(sums, squares, worlds, MEMBERS) == alone
    without = estimate_means(sums, squares, worlds, MEMBERS, spread=False)
    assert without == [one._replace(ensemble=None) for one in alone]


def counted(rng, used, error=None):
    """What may have been counted at a point."""
    if error:
        none = np.zeros((0, len(SUMS)), int)
        return PointSums(np.zeros(0, int), none, error, none[:, :2], MEMBERS)
    worlds = worlds_by_member(rng, used, "some")
    outcomes = np.array([rng.multinomial(n, [0.1, 0.2, 0.3, 0.3, 0.1]) for n in worlds])
    others = rng.integers(0, 5, (used, len(MEANS)))
    worths = rng.integers(-(2**22), 2**22, (used, len(WORTHS)))
    return PointSums(worlds, np.column_stack([outcomes, others]), None, worths, MEMBERS)


def column_by_column(one):
    """The row of a point, reckoned for itself."""
    row = {"worlds": int(one.worlds.sum()), "members": len(one.worlds), "error": one.error}
    for name in (*OUTCOMES, "agreed"):
        odds = one.odds(name)
        row |= {name: odds and odds.mean}
        row |= dict(
            zip((f"{name}_low", f"{name}_high"), odds.mc if odds else (None,) * 2, strict=True)
        )
        if name in ("held", "agreed"):
            both = odds.ensemble if odds and odds.ensemble else (None, None)
            row |= dict(zip((f"{name}_members_low", f"{name}_members_high"), both, strict=True))
    for place, name in enumerate(MEANS, len(OUTCOMES)):
        mean = None if one.error else one.hits[:, place].sum() / one.worlds.sum()
        row["mean_truce_days" if name == "truce_days" else name] = mean
    for side, name in enumerate(WORTHS):
        mean = ends = None
        if not one.error:
            sums = one.worths[:, side] * WORTH_GRAIN
            found = estimate_mean(sums, sums**2 / one.worlds, one.worlds, 10**15)
            mean, ends = found.mean, found.mc if len(one.worlds) > 1 else None
            assert one.worth(side) == found._replace(mc=ends, ensemble=None)
        row |= {name: mean}
        row |= dict(zip((f"{name}_low", f"{name}_high"), ends or (None, None), strict=True))
    return row


def test_the_table_of_points_is_that_of_each_alone_however_they_are_cut(tmp_path, monkeypatch):
    rng = np.random.default_rng(5)
    design = make_design({"offer.territory": (0.5, 1.0, 40)})
    sums = [counted(rng, USED[n % len(USED)], "went wrong" if n == 7 else None) for n in range(38)]
    sums += [sums[5]._replace(hits=sums[11].hits, worlds=sums[11].worlds), sums[5]]
    names = dict(
        zip((name for block in points.blocks(design, 99) for _, name in block), sums, strict=True)
    )
    seen = write_points(tmp_path / "a", design, names.__getitem__)
    monkeypatch.setattr(points, "_BATCH", 200)
    write_points(tmp_path / "b", design, names.__getitem__)
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
    rows = pq.read_table(tmp_path / "a").drop_columns(["point", "offer.territory"]).to_pylist()
    assert rows == [column_by_column(one) for one in sums]
    held = [None if one.error else int(one.of("held").sum()) for one in sums]
    good = [n for n in held if n is not None]
    assert seen.best[1] is sums[held.index(max(good))]
    assert seen.worst[1] is sums[held.index(min(good))]
    assert (seen.failed, seen.first_error, seen.inert) == (1, "went wrong", False)


def test_points_that_run_together_have_the_worlds_of_each_alone(monkeypatch):
    """Points that mean nothing are left out, however many run in one call."""
    scenario = sim.load_scenario("baseline").with_blocks(
        [When(event="rejects_truce", after_days=2, within=40, levers={"aid.level": 0.5})], []
    )
    vary = {"when.1.within": (5.0, 30.0, 3), "when.1.after_days": (0.0, 20.0, 3)}
    plan = plan_sweep(scenario, vary, worlds=30, keep_worlds=True)
    recipe, some = plan.recipe(), Chunk(tuple(plan.design.block(0, 9)), 10, 40)
    part = run_chunk(recipe, some)
    monkeypatch.setattr(chunk, "_POINTS_AT_ONCE", 2)
    assert run_chunk(recipe, some) == part
    assert part.failed == 3
    kept = pq.read_table(io.BytesIO(part.worlds)).to_pandas()
    assert len(kept) == 6 * 30
    for number, point in enumerate(some.points):
        there = kept.loc[
            (kept["when.1.within"] == point[0]) & (kept["when.1.after_days"] == point[1])
        ]
        if number in (1, 2, 5):
            assert there.empty
            continue
        alone = run_point(recipe, plan.ensemble, point, 10, 40)
        for name in ("world", "member", "truce_days", "unilateral_pauses"):
            assert there[name].to_numpy().tolist() == alone[name].tolist()
    sums = pq.read_table(io.BytesIO(part.sums)).to_pandas()
    assert sums["error"].notna().sum() == 3
    by_point = kept.groupby("point", observed=True)["truce_days"].sum()
    assert (
        sums.groupby("point", observed=True)["truce_days"].sum()[by_point.index].tolist()
        == by_point.tolist()
    )
