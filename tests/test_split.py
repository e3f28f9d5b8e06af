"""What decides one world: levers, members, luck, how they meet, and which dice."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.experiments.sensitivity.draws import luck_of, members_in_blocks
from sim.experiments.sensitivity.split import PARTS, dice, split

MEMBERS = members_in_blocks(np.arange(1024))
OWN = np.random.default_rng(1).permutation((np.arange(1024) + 0.5) / 1024)
"""By member a number, uniform."""


def uniform(world):
    return luck_of(world, 7)


def means(found):
    return [part.mean for part in found.parts.values()]


# ------------------------------------------------------------------ five parts


A, LEVER, MEMBER = 0.1, 0.4, 0.3


def additive(shares, member, world):
    return uniform(world) < A + LEVER * shares[:, 0] + MEMBER * OWN[member]


def additive_parts():
    """Of Y = 1(u < a + b l + c m), all uniform.

    ``E[Y | m, u]`` is 1 below a + c m and falls to 0 over a width of b, so that its mean square is
    ``a + c / 2 + b / 3``; levers and members do not meet.
    """
    mean = A + LEVER / 2 + MEMBER / 2
    levers, members = LEVER**2 / 12, MEMBER**2 / 12
    fixed = A + MEMBER / 2 + LEVER / 3 - mean**2 - members
    turned = LEVER / 6 - LEVER**2 / 12
    parts = np.array([levers, members, 0.0, fixed, turned])
    assert parts.sum() == pytest.approx(mean * (1 - mean))
    return parts / parts.sum()


def test_an_additive_toy_is_split_as_it_is_known():
    found = split(additive, {"a": 0}, MEMBERS, samples=2**15)
    assert tuple(found.parts) == PARTS
    for part, known in zip(found.parts.values(), additive_parts(), strict=True):
        assert part.mean == pytest.approx(known, abs=1.3 * part.half_width)
        assert 0.0005 < part.half_width < 0.01
    assert abs(sum(means(found)) - 1.0) < 1e-12
    mean = A + LEVER / 2 + MEMBER / 2
    assert found.variance.mean == pytest.approx(mean * (1 - mean), rel=0.02)
    assert found.runs == 2**18


def turned(shares, member, world):
    """The lever turns luck over: at any luck it decides all, and on average nothing."""
    return (uniform(world) < 0.5) ^ (shares[:, 0] < 0.5)


def by_member(shares, member, world):
    return (shares[:, 0] < 0.5) ^ (OWN[member] < 0.5)


TOYS = {
    "levers": lambda shares, member, world: shares[:, 0] < 0.3,
    "members": lambda shares, member, world: OWN[member] < 0.3,
    "levers_by_member": by_member,
    "fixed_luck": lambda shares, member, world: uniform(world) < 0.3,
    "turned_luck": turned,
}


@pytest.mark.parametrize("name", PARTS)
def test_what_is_one_part_alone_is_that_part(name):
    found = split(TOYS[name], {"a": 0, "b": 2}, MEMBERS, samples=2**13)
    for part, estimate in found.parts.items():
        within = 1.7 * estimate.half_width + 1e-12
        assert estimate.mean == pytest.approx(float(part == name), abs=within)
        assert estimate.half_width < 0.06
    assert sum(means(found)) == pytest.approx(1.0, abs=1e-12)


def test_luck_that_meets_members_is_luck_that_no_lever_moves():
    found = split(
        lambda shares, member, world: (uniform(world) < 0.5) ^ (OWN[member] < 0.5),
        {"a": 0}, MEMBERS, samples=2**12,
    )  # fmt: skip
    assert found.parts["fixed_luck"].mean == pytest.approx(1.0, abs=0.03)


@pytest.mark.long
def test_the_intervals_of_the_split_cover_what_is_known():
    known = additive_parts()
    covered = [
        [
            part.mc[0] <= true <= part.mc[1]
            for part, true in zip(found.parts.values(), known, strict=True)
        ]
        for found in (repeat(seed) for seed in range(200))
    ]
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(covered, axis=0).min() >= 0.88


def repeat(seed):
    """Other members, other luck: what an interval is to cover."""
    own = np.random.default_rng(1000 + seed).random(1024)

    def run(shares, member, world):
        return luck_of(world, seed) < A + LEVER * shares[:, 0] + MEMBER * own[member]

    return split(run, {"a": 0}, MEMBERS, samples=2**12, seed=seed)


def test_each_sample_crosses_two_settings_two_members_and_two_lucks():
    seen = []

    def run(shares, member, world):
        seen.append(np.column_stack([shares[:, 0], member, world]))
        return uniform(world) < 0.5

    split(run, {"a": 0}, MEMBERS, samples=1024)
    for sample in np.concatenate(seen).reshape(-1, 8, 3):
        assert len(np.unique(sample, axis=0)) == 8
        assert [len(np.unique(column)) for column in sample.T] == [2, 2, 2]
        assert len(np.unique(MEMBERS.block[sample[:, 1].astype(int)])) == 1


def test_an_outcome_that_never_varies_is_not_split():
    found = split(lambda shares, member, world: member * 0, {"a": 0}, MEMBERS, samples=512)
    assert found.parts is None
    assert found.as_dict() is None
    assert found.variance.mean == 0.0


def test_the_split_as_plain_data_and_its_errors():
    found = split(additive, {"a": 0}, MEMBERS, samples=512)
    document = json.loads(json.dumps(found.as_dict()))
    assert tuple(document) == PARTS
    assert all(set(part) == {"mean", "mc"} for part in document.values())
    assert found == split(additive, {"a": 0}, MEMBERS, samples=512)
    with pytest.raises(sim.ScenarioError, match="samples: 8 is outside"):
        split(additive, {"a": 0}, MEMBERS, samples=8)
    with pytest.raises(sim.ScenarioError, match="neither 0 nor 1"):
        split(lambda shares, member, world: member, {"a": 0}, MEMBERS, samples=512)


# ------------------------------------------------------------------ which dice


def throw(member, worlds):
    """Of the members that luck decides, two dice must both fall well; a third decides nothing."""
    both = (luck_of(worlds[:, 0], 1) < 0.5) & (luck_of(worlds[:, 1], 2) < 0.6)
    return np.where(OWN[member] < 0.5, both, 1)


def test_dice_are_shared_out_as_they_are_known():
    """Variance by luck .21; of E[Y | die] .6^2 .25 and .5^2 .24; left .6 .25 and .5 .24."""
    found = dice(throw, ["first", "second", "idle"], MEMBERS, samples=2**14)
    assert found.variance.mean == pytest.approx(0.21 / 2, rel=0.03)
    known = {"first": (0.09, 0.15), "second": (0.06, 0.12), "idle": (0.0, 0.0)}
    for name, (first, total) in known.items():
        group = found.groups[name]
        assert group.first.mean == pytest.approx(first / 0.21, abs=1.3 * group.first.half_width)
        assert group.total.mean == pytest.approx(
            total / 0.21, abs=1.3 * group.total.half_width + 1e-12
        )
        assert group.first.half_width < 0.025
    assert found.runs == 2**14 * 8
    document = json.loads(json.dumps(found.as_dict()))
    assert list(document["idle"]) == ["first", "total"]


def test_a_single_group_is_all_luck():
    found = dice(lambda member, worlds: luck_of(worlds[:, 0], 1) < 0.2, ["all"], samples=1024)
    assert found.groups["all"].first.mean == pytest.approx(1.0)
    assert found.groups["all"].total.mean == pytest.approx(1.0)


def test_where_luck_decides_nothing_no_dice_are_told():
    found = dice(lambda member, worlds: member % 2, ["a", "b"], MEMBERS, samples=512)
    assert found.groups is None
    assert found.as_dict() is None
    with pytest.raises(sim.ScenarioError, match="no group of dice"):
        dice(throw, [], MEMBERS)
