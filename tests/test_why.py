"""Why two scenarios differ, and why one world ended as it did."""

import json

import numpy as np
import pytest

import sim
from sim.engine.domain import NONE, Outcome
from sim.engine.streams import Purpose
from sim.experiments.dice import DICE, GROUPS, purposes
from sim.experiments.kernel import Kernel
from sim.experiments.mixtures import Mixtures
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.store import KINDS
from tests.helpers.command import truce

WORLDS = 2_000


@pytest.fixture(scope="module")
def ultimatum():
    return sim.why("baseline", "joint-ultimatum", worlds=WORLDS)


# ------------------------------------------------------------------ mixtures


def test_a_mixture_of_none_and_of_all_is_either_scenario(tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[levers]\n"aid.level" = 0.5\n'
        '[[changes]]\nday = 20\nlever = "sanctions.us_threat"\nvalue = 0.9\n'
        '[[changes]]\nday = 40\nlever = "offer.territory"\nvalue = 0.8\n',
        encoding="utf-8",
    )
    first, second = sim.load_scenario("joint-ultimatum"), sim.load_scenario(path)
    mixtures = Mixtures(first, second)
    every = 2 ** len(mixtures.levers) - 1
    kernel = Kernel(load_ensemble(first.as_of), 1)
    none, one, both = kernel.grid(mixtures.agendas(np.array([0, 1, every])), WORLDS).ended
    plain = kernel.grid([agenda(first), agenda(second)], WORLDS).ended
    assert (none == plain[0]).all()
    assert (both == plain[1]).all()
    assert not (one == none).all()


def test_levers_that_differ_on_some_day_are_told_with_their_days(tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[[changes]]\nday = 20\nlever = "sanctions.us_threat"\nvalue = 0.9\n',
        encoding="utf-8",
    )
    mixtures = Mixtures(sim.load_scenario("baseline"), sim.load_scenario(path))
    assert mixtures.levers == ("sanctions.us_threat",)
    assert mixtures.told("sanctions.us_threat") == ("0.2", "0.2, 0.9 from day 20")


# ------------------------------------------------------------------ shares


def test_the_shares_sum_to_the_difference_that_a_comparison_tells(ultimatum):
    comparison = sim.compare(["baseline", "joint-ultimatum"], worlds=WORLDS)
    (told,) = comparison.differences["held"]
    assert ultimatum.total == told
    assert sum(one.share.mean for one in ultimatum.levers) == pytest.approx(told.mean, abs=1e-12)
    for actor, each in comparison.worth.items():
        shares = sum(one.worth[actor].mean for one in ultimatum.levers)
        assert shares == pytest.approx(each[0].mean, abs=1e-6)
    assert [odds.mean for odds in ultimatum.odds] == [
        one.odds["held"].mean for one in comparison.results
    ]


def test_one_lever_that_differs_has_it_all():
    found = sim.why("baseline", "baseline+sanctions.us_threat=.9", worlds=WORLDS)
    (lever,) = found.levers
    assert lever.share.mean == found.total.mean
    assert (lever.suffices, lever.needed) == (1.0, 1.0)
    assert found.flips.one_lever_suffices == 1.0
    assert found.flips.pushed_back == 0.0
    assert found.pairs == ()


def test_a_lever_without_effect_has_a_share_of_exactly_nothing():
    """Relief on signature is a part of the relief offered: of none, any part is none."""
    first = "baseline+sanctions.relief=0"
    second = "baseline+sanctions.relief=0+sanctions.relief_on_signature=1+sanctions.us_threat=.9"
    found = sim.why(first, second, worlds=WORLDS)
    by_name = {one.lever: one for one in found.levers}
    idle = by_name["sanctions.relief_on_signature"]
    assert idle.share.mean == 0.0
    assert all(worth.mean == 0.0 for worth in idle.worth.values())
    assert by_name["sanctions.us_threat"].share.mean == found.total.mean != 0.0
    assert (idle.suffices, idle.needed) == (0.0, 0.0)


def test_sampled_orders_agree_with_every_mixture(monkeypatch, ultimatum):
    monkeypatch.setattr("sim.attribution.why.worlds.EXACT_LEVERS", 2)
    sampled = sim.why("baseline", "joint-ultimatum", worlds=WORLDS)
    assert not sampled.exact
    assert sampled.total == ultimatum.total
    assert sum(one.share.mean for one in sampled.levers) == pytest.approx(sampled.total.mean)
    for one, exact in zip(sampled.levers, ultimatum.levers, strict=True):
        assert one.lever == exact.lever
        assert (one.suffices, one.needed) == (exact.suffices, exact.needed)
        error = one.share.half_width + exact.share.half_width
        assert abs(one.share.mean - exact.share.mean) < error / 2.0
    assert sampled.flips._replace(pushed_back=ultimatum.flips.pushed_back) == ultimatum.flips


def test_more_than_six_levers_are_sampled_and_the_worlds_do_not_depend_on_how_many():
    """The orders of the first worlds are the same in a larger run."""
    names = ("baseline", "moscow-maximum")
    few, many = (sim.why(*names, worlds=worlds) for worlds in (512, 1024))
    assert not few.exact
    assert few.worlds_run < 512 * 2**7
    again = sim.why(*names, worlds=512, workers=1)
    assert again.as_dict() == few.as_dict()
    assert many.total.mean != few.total.mean


def test_what_the_worlds_are_told_to_do_they_do(ultimatum):
    """The worlds named for a replay flip as it is said."""
    first = sim.run("baseline", worlds=WORLDS).rows["outcome"]
    second = sim.run("joint-ultimatum", worlds=WORLDS).rows["outcome"]
    flips = ultimatum.flips
    held = Outcome.HELD
    assert second[flips.world_gain] == held != first[flips.world_gain]
    assert first[flips.world_lose] == held != second[flips.world_lose]
    for one in ultimatum.levers:
        value = one.second
        alone = sim.run(f"baseline+{one.lever}={value}", worlds=WORLDS).rows["outcome"]
        flipped = (first == held) != (second == held)
        suffices = flipped & ((alone == held) == (second == held))
        assert one.suffices == pytest.approx(suffices.sum() / flipped.sum())
        if one.world_suffices is not None:
            assert one.world_suffices == np.flatnonzero(suffices)[0]
    assert flips.gain - flips.lose == pytest.approx(ultimatum.total.mean)


def test_levers_that_only_work_together_interact(ultimatum):
    """A threat on which nobody has staked anything is believed less."""
    pairs = {pair.levers: pair.together for pair in ultimatum.pairs}
    together = pairs["sanctions.us_threat", "sanctions.commitment"]
    assert together.mc[0] > 0.0


@pytest.mark.long
def test_the_intervals_of_shares_hold_what_many_worlds_give():
    names = ("baseline", "joint-ultimatum")
    truth = {one.lever: one.share.mean for one in sim.why(*names, worlds=131_072).levers}
    covered = []
    for seed in range(2, 22):
        for one in sim.why(*names, worlds=WORLDS, seed=seed).levers:
            low, high = one.share.mc
            covered.append(low <= truth[one.lever] <= high)
    assert np.mean(covered) > 0.87  # 100 of them, of five shares that go together


# ------------------------------------------------------------------ kept, and asked for again


def test_it_is_saved_and_opened_whole(ultimatum, tmp_path):
    folder = ultimatum.save(tmp_path)
    assert folder.parent.name == KINDS["why"].place
    assert sim.open(folder).as_dict() == ultimatum.as_dict()
    table = ultimatum.table()
    assert list(table["lever"][:1]) == ["sanctions.us_threat"]
    assert table["mean"].sum() == pytest.approx(ultimatum.total.mean)
    assert ultimatum.plot(size="page").get_axes()


def test_the_command_prints_what_the_library_finds(tmp_path):
    words = ("why", "baseline", "us-backstop", "--worlds", "600", "--out", tmp_path)
    done = truce(*words, "--json")
    document = json.loads(done.stdout)
    assert document["schema"] == "truce/why/1"
    assert document["scenarios"] == ["baseline", "us-backstop"]
    shares = sum(share["mean"] for share in document["shares"].values())
    assert abs(shares - document["total"]["mean"]) < 1e-12
    assert set(document["flips"]["needed"]) == set(document["shares"])
    again = truce(*document["command"].split()[1:], "--out", tmp_path, "--json")
    assert json.loads(again.stdout)["id"] == document["id"]
    said = truce(*words).stdout
    assert "they sum to the difference" in said
    assert not (tmp_path / "unfinished").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("baseline",), "two scenarios"),
        (("baseline", "baseline"), "nothing to explain"),
        (("baseline", "baseline+aid.level=1"), "nothing to explain"),
        (("baseline", "us-backstop", "--worlds", "1"), "256"),
        (("baseline", "us-backstop", "--outcome", "peace"), "There are"),
        (("baseline", "us-backstop", "--world", "3"), "one run"),
        (("baseline", "no-such"), "no-such"),
        (("baseline", "us-backstop", "--seed", "-1"), "seed"),
    ],
)
def test_bad_input_is_told(words, says, tmp_path):
    done = truce("why", *words, "--out", tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_scenarios_of_different_days_are_not_compared():
    later, sooner = sim.load_scenario("baseline"), sim.load_scenario("us-backstop")
    sooner = sooner.with_as_of(sim.load_scenario("march-offer").as_of)
    with pytest.raises(sim.ScenarioError, match="as_of"):
        sim.why(later, sooner)


def test_an_outcome_that_never_happens_is_told():
    with pytest.raises(sim.ScenarioError, match="none of"):
        sim.why(*_short(), outcome="held", worlds=256)


def _short():
    """Two scenarios of one day, on which no truce can begin."""
    both = (sim.load_scenario(name).with_horizon(1) for name in ("baseline", "us-backstop"))
    return tuple(both)


# ------------------------------------------------------------------ one world


@pytest.fixture(scope="module")
def run():
    return sim.run("joint-ultimatum", worlds=400)


def test_a_world_is_explained_by_levers_and_dice(run):
    held = int(np.flatnonzero(run.rows["outcome"] == Outcome.HELD)[0])
    found = sim.why(run, world=held)
    base = sim.run("baseline", worlds=400).rows["outcome"][held]
    assert found.ended == "held"
    assert found.ended_before == Outcome(int(base)).name.lower()
    assert sum(found.shares.values()) == pytest.approx(float(base != Outcome.HELD))
    for turn in found.turns:
        moved = sim.run(f"joint-ultimatum+{turn.lever}={turn.moved}", worlds=held + 1)
        assert Outcome(int(moved.rows["outcome"][held])).name.lower() == turn.outcome != "held"
    chances = [one.chance for one in found.dice]
    assert chances == sorted(chances, reverse=True)
    assert found.dice
    assert all(0.0 < chance <= 1.0 for chance in chances)
    assert sim.why(run, world=held).as_dict() == found.as_dict()


def test_a_world_of_the_baseline_has_no_levers_to_share(run):
    found = sim.why(sim.run("baseline", worlds=40), world=3)
    assert found.shares == {}
    assert found.ended == found.ended_before


def test_the_groups_of_dice_are_all_of_a_worlds_luck():
    every = [purposes(group) for group in GROUPS]
    whole = 0
    for one in every:
        assert whole & one == 0
        whole |= one
    weighing = {Purpose.WINDOW, Purpose.STRIKES}  # of the record alone
    assert whole == sum(1 << int(p) for p in Purpose if p not in weighing)
    parts = [(die.purpose, die.part) for die in DICE]
    assert len(set(parts)) == len(parts)
    split = {die.purpose for die in DICE if die.part != NONE}
    assert all(die.part != NONE for die in DICE if die.purpose in split)


def test_one_world_is_saved_opened_and_drawn(run, tmp_path):
    found = sim.why(run, world=7, outcome="agreed")
    assert sim.open(found.save(tmp_path)).as_dict() == found.as_dict()
    assert found.plot(size="column").get_axes()
    assert list(found.table().columns) == ["day", "what", "chance"]


@pytest.mark.parametrize(
    ("given", "says"),
    [({"world": 400}, "399"), ({"world": -1}, "0"), ({"world": 1, "outcome": "peace"}, "none")],
)
def test_a_world_that_is_not_there_is_told(run, given, says):
    with pytest.raises(sim.ScenarioError, match=says):
        sim.why(run, **given)


def test_the_command_tells_of_one_world(run, tmp_path):
    run.save(tmp_path)
    done = truce("why", "last", "--world", "2", "--out", tmp_path)
    assert "thrown anew" in done.stdout
    assert list((tmp_path / KINDS["world"].place).glob("*/turning_points.png"))
