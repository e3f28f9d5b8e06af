"""Blocks `[[when]]` and `[[move]]` in `why`, `sweep`, `sensitivity`, and set in line."""

import datetime as dt
import pickle

import numpy as np
import pytest

import sim
from sim.engine.domain import Public
from sim.experiments.kernel import Kernel
from sim.experiments.mixtures import ABSENT, Mixtures
from sim.experiments.moved import moved
from sim.experiments.sweep.chunk import run_point
from sim.experiments.sweep.plan import plan_sweep
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from tests.helpers.command import truce

WORLDS = 1_200
REFUSED = """
[[when]]
event = "rejects_truce"
actor = "russia"
within = 30
[when.levers]
"sanctions.us_threat" = 0.9
"""
BACKSTOP = """
[[when]]
event = "rejects_truce"
times = 2
after_days = 3
[when.levers]
"guarantee.us_backstop" = 0.8
"""
NEVER = """
[[when]]
event = "rejects_truce"
times = 25
within = 30
[when.levers]
"aid.level" = 0.0
"""
LEAVES = """
[[move]]
event = "mediator_leaves"
actor = "us"
day = 60
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A function that writes a scenario of some text and reads it."""
    folder = tmp_path_factory.mktemp("scenarios")

    def write(name, text=""):
        path = folder / f"{name}.toml"
        head = f'schema = "truce/scenario/1"\ntitle = "{name}"\nquestion = "?"\n'
        path.write_text(head + text, encoding="utf-8")
        return sim.load_scenario(path)

    return write


@pytest.fixture(scope="module")
def refused(written):
    return written("refused", REFUSED + LEAVES)


def kernel_of(scenario):
    return Kernel(load_ensemble(scenario.as_of), 1)


# ------------------------------------------------------------------ mixtures


def test_a_mixture_of_none_and_of_all_is_either_scenario_with_its_blocks(written):
    first = written(
        "one",
        '[levers]\n"guarantee.us_backstop" = 0.1\n[[changes]]\nday = 20\n'
        'lever = "sanctions.us_threat"\nvalue = 0.4\n' + BACKSTOP + LEAVES,
    )
    second = written("two", '[levers]\n"guarantee.us_backstop" = 0.3\n' + REFUSED + BACKSTOP)
    mixtures = Mixtures(first, second)
    assert mixtures.names == (
        "sanctions.us_threat",
        "guarantee.us_backstop",
        "move.1",
        "when.1 (second)",
    )
    every = 2 ** len(mixtures.names) - 1
    sets = np.array([0, 4, 8, every])
    none, stays, threat, both = kernel_of(first).grid(mixtures.agendas(sets), WORLDS).ended
    plain = kernel_of(first).grid([agenda(first), agenda(second)], WORLDS).ended
    assert (none == plain[0]).all()
    assert (both == plain[1]).all()
    assert not (stays == none).all()
    assert not (threat == none).all()


def test_what_a_block_sets_holds_over_a_lever_that_changes_in_the_other_scenario(written):
    """What the block sets changes on day 20 in the first scenario; the block sets it for good."""
    change = '[[changes]]\nday = 20\nlever = "sanctions.us_threat"\nvalue = 0.4\n'
    mixtures = Mixtures(written("changes", change), written("blocked", REFUSED))
    (n,) = (n for n, name in enumerate(mixtures.names) if name == "when.1")
    found = mixtures.agendas(np.array([1 << n]))
    assert found.policies["threat"][found.segments, 0][:, [1, 30]].tolist() == [
        [0.2, 0.4],
        [0.9, 0.9],
    ]


def test_a_block_in_both_is_no_difference_and_other_terms_are_one(written):
    first = written("first", REFUSED + NEVER + LEAVES)
    second = written(
        "second",
        NEVER + REFUSED.replace("30", "10") + LEAVES.replace("60", "50") + LEAVES,
    )
    names = Mixtures(first, second).names
    assert names == ("when.1 (first)", "when.2 (second)", "move.1 (second)")
    third = written("third", REFUSED.replace("30", "10") + NEVER + LEAVES.replace("60", "50"))
    mixtures = Mixtures(first, third)
    assert mixtures.names == ("when.1", "move.1")
    before, after = mixtures.told("when.1")
    assert "within 30 days" in before
    assert "within 10 days" in after
    assert Mixtures(third, third).names == ()


def test_a_day_by_date_is_the_same_as_by_number(written, refused):
    date = f"date = {refused.as_of + dt.timedelta(days=60)}"
    same = written("dated", REFUSED + LEAVES.replace("day = 60", date))
    assert Mixtures(refused, same).names == ()


def test_more_blocks_than_can_stand_together_are_refused(written):
    levers = ("aid.level", "sanctions.relief", "offer.nato", "mandate.flexibility")
    each = "[[when]]\nafter_days = {n}\n[when.levers]\n'{lever}' = 0.5\n"
    first, second = (
        written(f"many{k}", "".join(each.format(n=n + k, lever=one) for n, one in enumerate(order)))
        for k, order in ((1, levers), (5, levers[::-1]))
    )
    with pytest.raises(sim.errors.ScenarioError, match=r"have 8 \[\[when\]\] and 0 \[\[move\]\]"):
        Mixtures(first, second)


# ------------------------------------------------------------------ why


def test_shares_of_blocks_sum_to_the_difference_and_one_that_never_fires_has_none(written):
    first = written("before", '[levers]\n"guarantee.ambition" = 0.3\n')
    second = written("after", REFUSED + NEVER + LEAVES)
    found = sim.why(first, second, worlds=WORLDS)
    (told,) = sim.compare([first, second], worlds=WORLDS).differences["held"]
    assert found.total == told
    assert sum(one.share.mean for one in found.levers) == pytest.approx(told.mean, abs=1e-12)
    by_name = {one.lever: one for one in found.levers}
    assert set(by_name) == {"guarantee.ambition", "when.1", "when.2", "move.1"}
    assert by_name["when.2"].share.mean == 0.0
    assert (by_name["when.2"].suffices, by_name["when.2"].needed) == (0.0, 0.0)
    assert by_name["when.1"].share.mean != 0.0
    assert by_name["when.1"].first == ABSENT
    assert (
        found.meaning("when.1") == by_name["when.1"].second == second.when[0].text(first.conflict)
    )


def test_sampled_orders_agree_with_every_mixture_of_blocks(written, refused, monkeypatch):
    first = written("plain", '[levers]\n"guarantee.ambition" = 0.3\n')
    exact = sim.why(first, refused, worlds=WORLDS)
    monkeypatch.setattr("sim.attribution.why.worlds.EXACT_LEVERS", 1)
    sampled = sim.why(first, refused, worlds=WORLDS)
    assert not sampled.exact
    assert sampled.total == exact.total
    for one, other in zip(sampled.levers, exact.levers, strict=True):
        assert (one.suffices, one.needed) == (other.suffices, other.needed)
        error = one.share.half_width + other.share.half_width
        assert abs(one.share.mean - other.share.mean) < error / 2.0


def test_the_command_says_in_words_what_a_block_does(refused, tmp_path):
    at = ("--worlds", "256", "--out", str(tmp_path))
    found = truce("why", "baseline", refused.path, *at)
    assert "of the 2 blocks that differ" in found.stdout
    words = "within 30 days: sanctions.us_threat = 0.9 from the next day"
    assert words in found.stdout
    assert ABSENT in found.stdout
    assert "counts as one lever" in found.stdout
    (folder,) = (tmp_path / "whys").iterdir()
    opened = sim.open(folder)
    assert opened.levers[0].second in (opened.meaning("when.1"), opened.meaning("move.1"))


def test_of_one_world_it_is_told_which_block_decided(refused):
    results = sim.run(refused, worlds=WORLDS)
    base = sim.run("baseline", worlds=WORLDS)
    outcome = results.rows["outcome"]
    turned = np.flatnonzero((outcome == 2) & (base.rows["outcome"] == 4))
    found = sim.why(results, world=int(turned[0]), outcome="walked_away")
    assert set(found.shares) == {"when.1", "move.1"}
    assert sum(found.shares.values()) == 1.0
    left = {turn.lever: turn for turn in found.turns if turn.moved == ABSENT}
    assert set(left) <= {"when.1", "move.1"}
    assert left["move.1"].stands == "imposed on day 60: Washington leaves the talks"


# ------------------------------------------------------------------ numbers of blocks


def test_a_number_that_is_set_is_the_one_in_the_file(written, refused):
    ten = written("ten", REFUSED.replace("30", "10") + LEAVES)
    for one in (
        refused.with_levers({"when.1.within": 10}),
        sim.load_scenario(f"{refused.path}+when.1.within=10"),
    ):
        assert one.blocks == ten.blocks
        assert one.standing("when.1.within") == 10.0
    both = refused.with_levers({"when.1.sanctions.us_threat": 0.4, "move.1.day": 9, "aid.level": 1})
    assert both.when[0].levers == {"sanctions.us_threat": 0.4}
    assert both.moves[0].day == 9
    assert both.levers["aid.level"] == 1.0
    assert both.overrides["move.1.day"] == 9.0
    assert both.initial_levers.keys() == refused.initial_levers.keys()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("when.1.withn", 5, "Did you mean when.1.within?"),
        ("wehn.1.within", 5, "Did you mean when.1.within?"),
        ("when.1.sanction.us_threat", 5, "Did you mean when.1.sanctions.us_threat?"),
        ("when.1.colour", 5, "There are: after_days, within, times, not_by, for_days, and the lev"),
        ("when.2.within", 5, "the scenario has no block when.2. It has when.1, move.1."),
        ("when.1.aid.level", 0.5, "when.1 does not set aid.level. It sets sanctions.us_threat."),
        ("when.1.within", 5.5, "5.5 is not a whole number of days"),
        ("when.1.within", 0, "0 is outside 1..365"),
        ("when.1.within", 300, "within = 300 is too late for a horizon of 120 days"),
        ("when.1.not_by", 10, "has both within and not_by"),
        ("when.1.sanctions.us_threat", 2, "2 is outside 0..1"),
        ("move.1.when.within", 5, "is made on a day, not on a condition. Take move.1.day."),
        ("move.1.days", 5, "has days, which only short_truce has"),
        ("move.1.day", 200, "day 200 is outside 1..120"),
    ],
)
def test_a_number_that_cannot_be_set_is_told(refused, name, value, says):
    with pytest.raises(sim.errors.ScenarioError) as told:
        refused.with_levers({name: value})
    assert says in str(told.value)


def test_a_number_that_is_left_out_stands_at_what_it_means(written):
    scenario = written(
        "open", '[[when]]\nevent = "rejects_truce"\n[when.levers]\n"aid.level" = 0.5\n'
    )
    standing = {
        key: scenario.standing(f"when.1.{key}") for key in ("after_days", "within", "times")
    }
    assert standing == {"after_days": 0.0, "within": 120.0, "times": 1.0}
    with pytest.raises(sim.errors.ScenarioError, match="has no for_days to begin with"):
        scenario.standing("when.1.for_days")


# ------------------------------------------------------------------ sweeps


def test_points_of_a_sweep_are_the_scenarios_with_these_numbers(written, refused, tmp_path):
    vary = {"when.1.within": (5, 25, 3), "when.1.sanctions.us_threat": [0.3, 0.9]}
    study = sim.sweep(refused, vary, worlds=400, out=tmp_path)
    table = study.table()
    assert table["when.1.within"].tolist() == [5.0, 5.0, 15.0, 15.0, 25.0, 25.0]
    for _, row in table.iterrows():
        text = REFUSED.replace("30", f"{row['when.1.within']:.0f}") + LEAVES
        text = text.replace("0.9", str(row["when.1.sanctions.us_threat"]))
        odds = sim.run(written("point", text), worlds=400).odds
        assert row["held"] == odds["held"].mean
        assert row["walked_away"] == odds["walked_away"].mean
    assert study.summary["today"]["levers"] == {
        "when.1.within": 30.0,
        "when.1.sanctions.us_threat": 0.9,
    }
    opened = sim.open(study.folder)
    assert opened.table().equals(table)
    assert opened.run("best").odds["held"].mean == study.summary["best"]["odds"]["held"]["mean"]


def test_whole_numbers_stay_whole_wherever_points_are_drawn(refused):
    plan = plan_sweep(refused, {"when.1.within": (5, 30), "when.1.times": (1, 3)}, "sobol", 16)
    assert all(value == int(value) for point in plan.design.block(0, 16) for value in point)
    with pytest.raises(sim.errors.ScenarioError, match="there are 4 whole days from 5 to 8, not 6"):
        plan_sweep(refused, {"when.1.within": (5, 8, 6)})


def test_a_recipe_takes_the_blocks_to_a_worker(refused):
    plan = plan_sweep(refused, {"when.1.within": (5, 30, 6)})
    recipe = pickle.loads(pickle.dumps(plan.recipe()))
    here = sim.run(refused, worlds=400).rows
    there = run_point(recipe, load_ensemble(refused.as_of), (30.0,), 0, 400)
    for name in here.dtype.names:
        assert here[name].tobytes() == there[name].tobytes(), name
    assert (there["reaction_day"][:, 0] >= 0).any()


@pytest.mark.parametrize(
    ("vary", "says"),
    [
        ({"when.1.within": (5, 300, 6)}, "within = 300 is too late for a horizon of 120 days"),
        ({"when.1.for_days": (5, 30, 6)}, "when.1 has no for_days to begin with"),
        ({"when.2.within": (5, 30, 6)}, "the scenario has no block when.2"),
        ({"when.1.withn": (5, 30, 6)}, "Did you mean when.1.within?"),
    ],
)
def test_a_sweep_of_numbers_that_a_block_does_not_take_is_refused(refused, vary, says):
    with pytest.raises(sim.errors.ScenarioError) as told:
        plan_sweep(refused, vary)
    assert says in str(told.value)


def test_numbers_that_mean_nothing_together_are_rows_with_their_error(written):
    """Also where one of them means nothing beside the other as it stands."""
    scenario = written("short", REFUSED.replace("30", "8"))
    vary = {"when.1.after_days": [2, 12], "when.1.within": [10, 20]}
    study = sim.sweep(scenario, vary, worlds=200)
    errors = study.table()["error"]
    assert errors.notna().tolist() == [False, False, True, False]
    assert "no day lies after day 12 and by day 10" in errors[2]
    assert study.summary["failed"] == 1


def test_a_number_without_effect_is_found_out(written):
    scenario = written("idle", NEVER)
    with pytest.raises(sim.errors.ScenarioError, match="the sweep is inert"):
        sim.sweep(scenario, {"when.1.aid.level": [0.0, 1.0]}, worlds=100)
    study = sim.sweep(
        scenario, {"when.1.aid.level": [0.0, 1.0], "aid.level": [0.2, 1.0]}, worlds=100
    )
    assert "when.1.aid.level changes nothing in 256 worlds tried." in study.summary["notes"]


def test_a_lever_that_a_block_sets_is_noted(refused):
    plan = plan_sweep(refused, {"sanctions.us_threat": (0.0, 1.0, 3)})
    assert plan.notes == [
        "when.1 of refused sets sanctions.us_threat once it is met; the sweep sets it up to then."
    ]


def test_the_command_varies_numbers_of_blocks(refused, tmp_path):
    at = ("--worlds", "100", "--out", str(tmp_path))
    found = truce("sweep", refused.path, "--vary", "move.1.day=10:50:3", *at)
    assert "move.1.day" in found.stdout
    found = truce("sweep", refused.path, "--vary", "when.1.withn=5:30:6", *at)
    assert found.returncode == 2
    assert "Did you mean when.1.within?" in found.stderr


# ------------------------------------------------------------------ sensitivity, ranking


def test_a_tornado_tells_that_a_block_sets_a_lever(written):
    scenario = written("unthreatened", '[levers]\n"sanctions.us_threat" = 0.0\n' + REFUSED)
    found = sim.sensitivity(scenario, worlds=256)
    (bar,) = (bar for bar in found.tornado if bar.lever == "sanctions.us_threat")
    assert bar.set_by == (("when.1", 0.9),)
    assert bar.course == "0, 0.9 once when.1 is met"
    assert [end.value for end in bar.moved] == [0.0, 1.0]
    assert bar.low.difference.lost > 0.0 or bar.low.difference.gained > 0.0
    assert type(bar).from_dict(bar.as_dict()) == bar


def test_shares_are_of_levers_alone_and_scenarios_that_differ_by_blocks_are_ranked(refused):
    with pytest.raises(sim.errors.ScenarioError, match="is a number of a block"):
        sim.sensitivity(refused, {"when.1.within": (5, 30)}, worlds=256)
    found = sim.sensitivity("baseline", rank=[refused], worlds=256)
    assert found.as_dict()["ranking"] is not None


# ------------------------------------------------------------------ a move without a threat


def test_sanctions_are_not_imposed_where_nothing_is_threatened_and_no_share_is_given(written):
    move = '[[move]]\nevent = "imposes_sanctions"\nactor = "us"\nday = 10\n'
    threat = '[levers]\n"sanctions.us_threat" = 0.9\n'
    with_move, without = written("with", threat + move), written("without", threat)
    nothing = {"sanctions.us_threat": 0.0}
    kernel = kernel_of(with_move)
    threatened = kernel.grid([agenda(with_move), agenda(without)], WORLDS).ended
    assert not (threatened[0] == threatened[1]).all()
    moves = [moved(one, [nothing]) for one in (with_move, without)]
    one, other = (kernel.grid(agendas, WORLDS).ended[0] for agendas in moves)
    assert (one == other).all()
    rows = sim.run(with_move, worlds=WORLDS).rows
    assert (rows["first_day"][:, Public.MEDIATOR_SANCTIONS] == 10).any()


def test_the_words_of_a_block_stand_below_the_table_of_why(tmp_path):
    names = ("joint-ultimatum", "ultimatum-if-rejected")
    said = truce("why", *names, "--worlds", 256, "--out", tmp_path).stdout.splitlines()
    row = next(line for line in said if line.startswith("when.1 "))
    assert "see below" in row
    assert len(row) < 130
    assert any(line.startswith("when.1, to: if Russia rejects") for line in said)
