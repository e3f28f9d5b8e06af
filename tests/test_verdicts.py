"""Verdicts of a comparison: what the dice and the members say of a sign, and how many members."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from helpers.command import truce
from helpers.figures import NBSP, SPLIT, check_words, compared, difference, texts

import sim
from sim import plots
from sim.brief import briefing
from sim.brief.content import Paragraph, Table
from sim.brief.inputs import gather
from sim.errors import StoreError
from sim.experiments.comparison import Comparison
from sim.experiments.differences import Difference, PriceDifference, verdict_of
from sim.experiments.member_differences import member_differences, normal_differences
from sim.plots import compare
from sim.plots.compare import finding, leader

MEMBERS = 4_096
USUAL = np.where(np.arange(MEMBERS) < 904, 8, 4)
"""Worlds by member in a run of 20,000."""


# ------------------------------------------------------------------ the members' own differences


def drawn(rng, gain, loss, worlds):
    """Worlds by member that gain and that lose, with such chances."""
    chances = np.stack([gain, loss, 1.0 - gain - loss], axis=1)
    counts = rng.multinomial(worlds, chances)
    return counts[:, 0], counts[:, 1], worlds


def even(rng):
    """Chances of a change, and that it is a gain, independent: what the fit starts from."""
    change, gain = rng.beta(0.6, 6.0, MEMBERS), rng.beta(3.0, 2.0, MEMBERS)
    return change * gain, change * (1.0 - gain)


def apart(rng):
    """Gain and loss independent of each other."""
    return rng.beta(0.5, 9.5, MEMBERS), rng.beta(0.3, 14.7, MEMBERS)


def tilted(rng):
    """Log odds of gain and of loss that go together: nothing that the fit starts from."""
    both = np.exp(rng.multivariate_normal([-3.0, -3.5], [[2.0, 1.2], [1.2, 2.0]], MEMBERS))
    return tuple((both / (1.0 + both.sum(1, keepdims=True))).T)


@pytest.mark.parametrize("members_of", [even, apart, tilted])
@pytest.mark.parametrize(("worlds", "near"), [(USUAL, 0.05), (np.full(MEMBERS, 64), 0.025)])
def test_the_share_ahead_is_recovered_from_members_whose_differences_are_known(
    members_of, worlds, near
):
    """Mean over six seeds, so that bias shows; a point of odds for the interval's ends."""
    errors = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        gain, loss = members_of(rng)
        own = gain - loss
        true = (own >= 0.001).mean(), (own <= -0.001).mean(), *np.quantile(own, [0.05, 0.95])
        (low, high), ahead, behind = member_differences(*drawn(rng, gain, loss, worlds))
        errors.append(np.subtract((ahead, behind, low, high), true))
    bias = abs(np.mean(errors, axis=0))
    assert (bias < [near, near, 0.013, 0.013]).all(), bias


def test_counting_the_members_own_worlds_would_not_do():
    """Most members have no world that changes; of the others luck decides."""
    rng = np.random.default_rng(1)
    gain, loss = even(rng)
    gained, lost, _ = drawn(rng, gain, loss, USUAL)
    true = (gain - loss >= 0.001).mean()
    assert (gained > lost).mean() < true - 0.3
    assert member_differences(gained, lost, USUAL).members_ahead == pytest.approx(true, abs=0.07)


def test_the_members_own_differences_lean_as_they_do():
    """Nearly all gain, most of them little; a symmetric interval would have many lose."""
    rng = np.random.default_rng(3)
    gain, loss = rng.beta(0.5, 9.5, 20_000), rng.beta(0.2, 39.8, 20_000)
    found = member_differences(*drawn(rng, gain, loss, np.full(20_000, 5)))
    true_low, true_high = np.quantile(gain - loss, [0.05, 0.95])
    assert found.ensemble[0] == pytest.approx(true_low, abs=0.01)
    assert found.ensemble[1] == pytest.approx(true_high, abs=0.02)
    symmetric = (gain - loss).mean() - 1.645 * (gain - loss).std()
    assert symmetric < true_low - 0.03


def test_two_kinds_of_members_are_told_in_full():
    """Three in four gain always, one in four loses always."""
    four = np.full(80, 4)
    gained = np.tile([4, 4, 4, 0], 20)
    found = member_differences(gained, 4 - gained, four)
    assert found.ensemble == (pytest.approx(-1.0, abs=1e-3), pytest.approx(1.0, abs=1e-3))
    assert found[1:] == (pytest.approx(0.75, abs=1e-3), pytest.approx(0.25, abs=1e-3))


@pytest.mark.parametrize(
    ("gained", "lost", "worlds", "all_of_them"),
    [
        (1, 0, 4, (0.25, 1.0, 0.0)),
        (1, 2, 4, (-0.25, 0.0, 1.0)),
        (1, 1, 4, (0.0, 0.0, 0.0)),
        (0, 0, 4, (0.0, 0.0, 0.0)),
        (1, 0, 1, (1.0, 1.0, 0.0)),
        (1, 0, 2_000, (0.0005, 0.0, 0.0)),  # too little to be told
    ],
)
def test_members_that_are_not_seen_to_differ_are_all_on_one_side(gained, lost, worlds, all_of_them):
    mean, ahead, behind = all_of_them
    found = member_differences(*(np.full(64, number) for number in (gained, lost, worlds)))
    assert found == ((mean, mean), ahead, behind)


def test_a_world_a_member_shows_no_spread():
    once = np.full(100, 1)
    gained = (np.arange(100) < 60).astype(int)
    assert member_differences(gained, 1 - gained, once) == (
        (pytest.approx(0.2), pytest.approx(0.2)),
        1.0,
        0.0,
    )


@pytest.mark.parametrize("members", [1, 63])
def test_too_few_members_are_not_counted(members):
    gained = np.tile([4, 0], 32)[:members]
    assert member_differences(gained, 0 * gained, 0 * gained + 4) == (None, None, None)


def test_few_changes_do_not_show_that_all_members_agree():
    """Each of 30 members changed once: nothing says how far they differ in the sign."""
    gained, lost = np.zeros((2, 400), int)
    gained[:20], lost[20:30] = 1, 1
    lost[30], gained[31] = 2, 2
    found = member_differences(gained, lost, np.full(400, 4))
    assert 0.0 < found.members_behind < found.members_ahead < 1.0
    assert found.ensemble[0] < 0.0 < found.ensemble[1]


def test_shares_of_a_normal_are_those_of_its_interval():
    ahead = normal_differences(1.0, (1.0 - 1.6448536, 1.0 + 1.6448536)).members_ahead
    assert ahead == pytest.approx(0.8413447, abs=1e-6)
    assert normal_differences(0.3, None) == (None, None, None)
    assert normal_differences(-0.0001, (-0.0001, -0.0001))[1:] == (0.0, 1.0)
    assert normal_differences(0.0, (0.0, 0.0))[1:] == (0.0, 0.0)


# ------------------------------------------------------------------ the five verdicts


@pytest.mark.parametrize(
    ("dice", "members", "verdict"),
    [
        ((0.01, 0.03), (0.001, 0.2), "ahead"),
        ((0.01, 0.03), (0.0, 0.2), "ahead"),
        ((0.01, 0.03), (-1e-9, 0.2), "ahead on average"),
        ((0.01, 0.03), (-0.1, -0.01), "ahead on average"),  # a few members outweigh the others
        ((0.01, 0.03), None, "ahead"),
        ((1e-12, 0.03), (0.0, 0.2), "ahead"),
        ((0.0, 0.03), (0.01, 0.2), "tied"),
        ((-0.03, 0.0), (-0.2, -0.01), "tied"),
        ((-0.03, 0.02), (-0.2, 0.1), "tied"),
        ((-0.03, -0.01), (-0.2, 0.0), "behind"),
        ((-0.03, -0.01), (-0.2, 1e-9), "behind on average"),
        ((-0.03, -0.01), None, "behind"),
        (None, (-0.2, -0.01), "tied"),
    ],
)
def test_each_verdict_at_its_edges(dice, members, verdict):
    assert verdict_of(dice, members) == verdict
    shares = (None, None) if members is None else (0.5, 0.4)
    found = PriceDifference(0.02, dice, members, *shares)
    assert (found.verdict, found.dice) == (verdict, verdict.removesuffix(" on average"))
    assert found.as_dict()["verdict"] == verdict
    if dice:
        odds = Difference(0.02, dice, members, *shares, 0.1, 0.08, 3, None, 9)
        assert (odds.verdict, odds.dice) == (found.verdict, found.dice)


def test_members_that_the_dice_hide_are_not_split():
    assert not difference(0.001, (-0.001, 0.003), 0.5, 0.4).split
    assert difference(0.001, (-0.02, 0.02), 0.5, 0.4).split
    assert SPLIT.split
    assert not difference(0.05, (0.0, 0.2), 0.9, 0.0).split
    assert difference(0.05, (-0.2, -0.01), 0.03, 0.97).split


@pytest.mark.parametrize("found", [SPLIT, difference(0.0, None, None, None)])
def test_a_difference_is_the_same_when_it_is_read_again(found):
    document = json.loads(json.dumps(found.as_dict()))
    assert Difference.from_dict(document) == found
    names = list(document)
    assert names[2:7] == ["ensemble", "verdict", "dice", "members_ahead", "members_behind"]
    price = PriceDifference(*found[:5])
    assert PriceDifference.from_dict(json.loads(json.dumps(price.as_dict()))) == price


# ------------------------------------------------------------------ a pair whose members disagree


@pytest.fixture(scope="module")
def pair():
    """An American backstop: fewer truces hold on average, more in a third of the members."""
    return sim.compare(["baseline", "us-backstop", "joint-ultimatum"], worlds=16_384, keep=True)


def test_an_average_that_members_disagree_on_is_told_as_one(pair):
    found = pair.differences["held"][0]
    assert (found.verdict, found.dice) == ("behind on average", "behind")
    assert 0.2 < found.members_ahead < 0.45 < found.members_behind < 0.7
    assert "us-backstop behind on average -" in repr(pair)
    table = pair.table().set_index(["quantity", "scenario"])
    row = table.loc[("held", "us-backstop")]
    assert (row["verdict"], row["dice"]) == ("behind on average", "behind")
    assert row["members_ahead"] == found.members_ahead
    price = table.loc[("worth.ukraine", "us-backstop")]
    assert price["members_behind"] == pair.worth["ukraine"][0].members_behind
    assert pair.rivals[1, 2].ensemble is not None


def test_each_share_ahead_goes_with_its_interval(pair):
    """Less than 1 in 20 on the other side, and the interval does not reach there."""
    for each in (*pair.differences.values(), tuple(pair.rivals.values())):
        for found in each:
            low, high = found.ensemble
            assert (low < 0.0) == (found.members_behind >= 0.05)
            assert (high > 0.0) == (found.members_ahead >= 0.05)
            assert found.members_ahead + found.members_behind <= 1.0 + 1e-6


def test_a_saved_comparison_has_the_shares_and_an_older_one_is_refused(pair, tmp_path):
    folder = pair.save(tmp_path)
    assert Comparison.open(folder).differences == pair.differences
    document = json.loads((folder / "summary.json").read_text())
    del document["scenarios"][1]["difference"]["held"]["members_ahead"]
    older = dataclasses.replace(pair)
    older.__dict__["as_dict"] = lambda: document
    other = older.save(tmp_path / "older")
    with pytest.raises(StoreError, match=r"of another version \('members_ahead'\).*Make it again"):
        Comparison.open(other)


def test_a_title_quotes_no_dice_where_members_disagree(pair):
    alone = dataclasses.replace(
        pair,
        results=pair.results[:2],
        differences={name: each[:1] for name, each in pair.differences.items()},
        worth={actor: each[:1] for actor, each in pair.worth.items()},
        rivals={},
    )
    found = alone.differences["held"][0]
    said = finding(alone)
    assert said == (
        "On average American backstop lowers the odds that a truce holds 30 days by "
        f"{-100 * found.mean:.1f} points against Baseline, while "
        f"{100 * found.members_ahead:.0f} of 100 members are ahead and "
        f"{100 * found.members_behind:.0f} behind"
    )
    assert "(" not in said
    for size in ("slide", "page", "column"):
        check_words(plots.differences(alone, size=size), size)
    assert "raises the odds that a truce holds 30 days most: +" in finding(pair)  # members agree


def test_a_leader_that_members_disagree_on_leads_on_average():
    four = compared(4, "Plan {}")
    tied, ahead, behind = four.differences["held"]

    def told(best, rivals):
        found = {"held": (tied, best, behind), "agreed": (tied, best, behind)}
        return leader(dataclasses.replace(four, differences=found, rivals=rivals))

    assert told(ahead, {}) == "A truce holds most often under Plan 2: in 20 % of worlds".replace(
        " %", f"{NBSP}%"
    )
    doubt = f"Plan 2: in 20{NBSP}% of worlds; against"
    assert (
        told(SPLIT, {})
        == f"On average a truce holds most often under {doubt} Plan 0 the members disagree"
    )
    assert told(ahead, {(1, 2): SPLIT}).endswith(f"{doubt} Plan 1 the members disagree")
    assert told(SPLIT, {(1, 2): SPLIT}).endswith(f"{doubt} 2 of 3 others the members disagree")
    assert told(ahead, {(1, 3): SPLIT}) == told(ahead, {})


def test_a_tie_says_so_if_members_disagree():
    two = compared(2, "Plan {}")
    apart = difference(0.001, (-0.2, 0.3), 0.46, 0.45)
    split = dataclasses.replace(two, differences={"held": (apart,), "agreed": (apart,)})
    assert finding(split) == (
        "On average Plan 1 is tied with Plan 0 in the odds that a truce holds 30 days, while 46 "
        "of 100 members are ahead and 45 behind"
    )
    assert finding(two).endswith("in the odds that a truce holds 30 days (known to ±1.0 points)")
    three = compared(3, "Plan {}")
    both = dataclasses.replace(three, differences={"held": (apart, apart)})
    assert finding(both).startswith("On average none of 2 scenarios differs clearly")
    assert finding(both).endswith("while the members disagree on the sign")


def test_marks_and_words_of_an_average_only():
    two = compared(2, "Plan {}")
    split = dataclasses.replace(two, differences={"held": (SPLIT,), "agreed": (SPLIT,)})
    for size in ("slide", "page", "column"):
        figure = plots.differences(split, size=size)
        check_words(figure, size)
        assert any(text.startswith("ahead on average") for text in texts(figure))
        assert not any("+4 to +6" in text for text in texts(figure))
    few = difference(0.05, None, None, None)
    alone = dataclasses.replace(two, differences={"held": (few,), "agreed": (few,)})
    assert "fewer than 64 members: verdicts of the dice alone" in compare.caption(alone)
    assert "dice alone" not in compare.caption(split)


def test_a_briefing_quotes_no_dice_where_members_disagree(pair, tmp_path):
    """The runs as they are given: the one told in full is the joint ultimatum."""
    material = gather([pair.results[0], pair.results[1]], tmp_path)
    found = material.comparison.differences["held"][0]
    assert found.split
    parts = briefing(material).parts
    counted = (
        f"{100 * found.members_ahead:.0f} of 100 members are ahead and "
        f"{100 * found.members_behind:.0f} behind"
    )
    words = " ".join(
        block.text for block in parts[0].blocks if isinstance(block, Paragraph)
    ).replace(NBSP, " ")
    raised = f"raises them in {100 * found.members_ahead:.0f} of 100 members and lowers them in"
    assert f"points on average, but {raised} {100 * found.members_behind:.0f}" in words
    part = next(part for part in parts if part.name == "comparison")
    assert counted in part.finding.replace(NBSP, " ")
    tables = [block for block in part.blocks if isinstance(block, Table)]
    table = next(block for block in tables if block.name == "verdicts")
    assert table.header[5:7] == ("Members ahead", "Verdict")
    assert table.rows[0][5].key == found.members_ahead
    assert table.rows[0][6].text == "behind on average"


def test_the_command_prints_members_and_explains_them(tmp_path):
    words = ("compare", "baseline", "us-backstop", "--worlds", "16384", "--out", tmp_path)
    report = truce(*words).stdout
    before, after = report.split("Difference in the odds of `held`", 1)
    assert (
        "Members: guesses at what is settled today but not known; 4,096 of 4,096 were used."
        in before
    )
    assert "with 'on average' added if" in before
    header, row = after.splitlines()[1:3]
    assert header.split("  ")[0] == "scenario"
    assert "members ahead" in header
    assert row.startswith("us-backstop  behind on average  -")
    assert " of 100 " in row


def test_few_members_have_verdicts_of_the_dice_alone_and_it_is_said(tmp_path):
    report = truce(
        "compare", "baseline", "us-backstop", "--worlds", "200", "--out", tmp_path
    ).stdout
    assert "Fewer than 64 of the 4,096 members" in report
    assert "the verdicts rest on the 95% dice alone." in report
    assert " of 100" not in report
    assert "too few members" in report


def test_two_that_are_level_may_be_so_on_average_only():
    six = compared(6, "Plan {}")  # plans 2 and 5 are ahead alike
    alike = six.differences["held"][0]
    apart = difference(0.001, (-0.2, 0.3), 0.46, 0.45)
    level, split = (dataclasses.replace(six, rivals={(2, 5): pair}) for pair in (alike, apart))
    assert finding(level).startswith("Plan 2, level with Plan 5, raises the odds")
    assert finding(split).startswith("Plan 2, level on average with Plan 5, raises the odds")
    assert leader(split) == leader(level)  # too close to call, as it is said
    other = dataclasses.replace(six, rivals={(2, 5): alike, (2, 3): SPLIT})
    assert leader(other).startswith("On average a truce holds most often under Plan 2 and Plan 5, ")
    assert leader(other).endswith("; against Plan 3 the members disagree")
