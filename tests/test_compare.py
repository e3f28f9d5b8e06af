"""Comparisons: paired on luck, honest about what is tied, and replayable."""

from __future__ import annotations

import ast
import datetime as dt
import json
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from helpers.command import truce, truce_process
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.commands import compare_command
from sim.engine.domain import Outcome
from sim.engine.row import ROW
from sim.errors import ScenarioError
from sim.experiments.compare import QUANTITIES, Flips, compare
from sim.inputs.conflict import shipped
from sim.paths import data_dir
from sim.plots.compare import finding, points
from sim.results import Tally

HELD = QUANTITIES["held"]


@pytest.fixture(scope="module")
def comparison():
    return compare(["baseline", "joint-ultimatum", "baseline"], worlds=8_192, keep=True)


def rows_of(outcomes, per_member=4):
    """Worlds in order with the outcomes given, so many of each member."""
    rows = np.zeros(len(outcomes), ROW)
    rows["world"] = np.arange(len(outcomes))
    rows["member"] = rows["world"] // per_member
    rows["outcome"] = outcomes
    rows["first_truce_day"] = -1
    return rows


def difference(before, after, members):
    one, other, flips = Tally(members), Tally(members), Flips(members)
    one.add(rows_of(before))
    other.add(rows_of(after))
    flips.add(rows_of(before), rows_of(after), HELD)
    return flips.difference(one, other, HELD)


def test_the_difference_is_that_of_the_odds(comparison):
    for name, found in comparison.differences.items():
        odds = comparison.odds(name)
        assert found[0].mean == pytest.approx(odds[1].mean - odds[0].mean, abs=1e-12)
        assert found[0].gained - found[0].lost == pytest.approx(found[0].mean, abs=1e-12)


def test_each_scenario_is_run_as_it_is_alone(comparison):
    alone = sim.run("joint-ultimatum", worlds=8_192)
    assert alone.run_id == comparison.results[1].run_id
    assert alone.rows.tobytes() == comparison.results[1].rows.tobytes()


def test_a_scenario_against_itself_is_tied_and_no_world_flips(comparison):
    for name in QUANTITIES:
        same = comparison.differences[name][1]
        assert same.verdict == "tied"
        assert same.mean == 0.0
        assert same.gained == same.lost == 0.0
        assert same.world_gained is None
        low, high = same.mc
        assert low < 0.0 < high  # no flip in so many worlds is no proof that there is none


def test_a_world_that_is_named_flips(comparison):
    found = comparison.differences["held"][0]
    before, after = (comparison.results[n].rows["outcome"] for n in (0, 1))
    assert before[found.world_gained] != Outcome.HELD == after[found.world_gained]
    assert before[found.world_lost] == Outcome.HELD != after[found.world_lost]


def test_pairing_saves_worlds(comparison):
    found = comparison.differences["held"][0]
    assert found.worlds_unpaired > 2 * comparison.worlds


def test_the_interval_covers_as_often_as_it_says():
    """Worlds flip up with chance .1 and down with .04, by member; the ensemble is all members."""
    rng = np.random.default_rng(3)
    members, inside = 256, 0
    chances = rng.beta(2.0, 18.0, members)
    for _ in range(400):
        u = rng.random((members, 4))
        gained = u < chances[:, None]
        lost = (u > 0.96) & ~gained
        before = np.where(lost, Outcome.HELD, Outcome.NO_TRUCE).ravel()
        after = np.where(gained, Outcome.HELD, Outcome.NO_TRUCE).ravel()
        low, high = difference(before, after, members).mc
        inside += low <= chances.mean() - 0.04 <= high
    assert 0.91 <= inside / 400 <= 0.99


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=4, max_size=400))
@settings(max_examples=50, deadline=None)
def test_any_worlds_give_an_ordered_interval_around_the_mean(flags):
    before, after = (
        np.where([pair[n] for pair in flags], Outcome.HELD, Outcome.NO_TRUCE) for n in (0, 1)
    )
    found = difference(before, after, len(flags))
    assert -1.0 <= found.mc[0] <= found.mean <= found.mc[1] <= 1.0
    assert found.verdict == ("tied" if found.mc[0] <= 0.0 <= found.mc[1] else found.verdict)
    assert found.worlds_unpaired >= len(flags)


def test_the_members_own_differences_are_those_without_luck():
    """Half of the members gain always, half never: their spread is no luck."""
    sure = np.repeat([Outcome.HELD, Outcome.NO_TRUCE], 400)
    found = difference(np.full(800, Outcome.NO_TRUCE), sure, 200)
    assert found.ensemble == (pytest.approx(0.0, abs=2e-3), pytest.approx(1.0, abs=2e-3))
    luck = np.tile([Outcome.HELD, Outcome.NO_TRUCE], 400)
    found = difference(np.full(800, Outcome.NO_TRUCE), luck, 200)
    assert found.ensemble == (pytest.approx(0.5), pytest.approx(0.5))


def test_workers_and_executors_change_nothing(comparison):
    other = compare(["baseline", "joint-ultimatum", "baseline"], worlds=8_192, workers=1)
    assert other.summary() == comparison.summary()


def test_precision_runs_until_every_difference_is_known():
    found = compare(["baseline", "joint-ultimatum"], precision=0.004)
    assert found.worlds % 16_384 == 0
    assert all(each.half_width <= 0.004 for one in found.differences.values() for each in one)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["baseline"], "1 given; 2 to 50"),
        (["baseline"] * 51, "51 given"),
        (["baseline", "march-offer"], "has as_of 2025-03-17"),
    ],
)
def test_what_cannot_be_paired_is_refused(names, words):
    with pytest.raises(ScenarioError, match=words):
        compare(names)


def test_other_horizons_are_refused():
    short = sim.load_scenario("baseline", horizon_days=30)
    with pytest.raises(ScenarioError, match="horizon_days 30"):
        compare(["baseline", short])


def test_a_title_claims_no_more_than_the_verdict(comparison):
    assert "raises the odds" in finding(comparison)
    same = compare(["baseline", "baseline"], worlds=400)
    assert "is tied with Baseline" in finding(same)


def test_points_have_no_more_digits_than_the_interval_supports():
    assert points(0.0123, 0.004) == "+1.2"
    assert points(-0.0123, 0.02) == "\u22121"
    assert points(0.001, 0.02) == "0"


def test_the_command_writes_a_folder_and_worlds_that_can_be_replayed(tmp_path):
    words = ("compare", "baseline", "us-backstop", "--worlds", "2000", "--json")
    done = truce_process(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    name = f"baseline-vs-us-backstop-{shipped().newest_day()}"
    folder = tmp_path / "outputs" / "comparisons" / f"{name}-{told['id']}"
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "summary.json", "differences.png", "outcomes.svg"} <= names
    other = told["scenarios"][1]
    world = other["difference"]["held"]["world_gained"]
    replayed = truce("replay", other["run_id"], "--world", world, "--json", cwd=tmp_path)
    assert replayed.returncode == 0, replayed.stderr
    assert json.loads(replayed.stdout)["outcome"] == "held"
    runs = truce("runs", "--json", cwd=tmp_path)
    assert runs.returncode == 0, runs.stderr
    assert {(run["kind"], run["run_id"]) for run in json.loads(runs.stdout)["runs"]} == {
        *(("run", scenario["run_id"]) for scenario in told["scenarios"]),
        ("comparison", told["id"]),
    }


def test_worlds_without_pairing_are_printed_roughly_and_not_where_none_flips(tmp_path):
    words = ("compare", "baseline", "us-backstop", "baseline", "--worlds", 2000)
    report = truce(*words, "--out", tmp_path).stdout
    (folder,) = (tmp_path / "comparisons").iterdir()
    _, other, _ = json.loads((folder / "summary.json").read_text())["scenarios"]
    needed = str(other["difference"]["held"]["worlds_unpaired"])
    roughly = round(int(needed), 2 - len(needed))
    table = report[report.index("Difference in the odds of `held`") :].splitlines()[2:4]
    assert table[0].rstrip().endswith(f"about {roughly:,} of each")
    assert table[1].startswith("baseline")
    assert "of each" not in table[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("baseline",), "1 given"),
        (("baseline", "nowhere"), "there is none of that name"),
        (("baseline", "us-backstop", "--worlds", "0"), "outside 1"),
        (("baseline", "us-backstop", "--worlds", "9", "--precision", "0.1"), "does not go with"),
        (("baseline", "us-backstop", "--precision", "1e-9"), "outside 0.00001"),
    ],
)
def test_bad_input_is_one_message(words, message, tmp_path):
    done = truce("compare", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_two_scenarios_are_told_apart_in_the_same_worlds(comparison):
    found = comparison.rivals[1, 2]
    first, second = comparison.differences["held"]
    assert found.mean == pytest.approx(second.mean - first.mean, abs=1e-12)
    assert found.mc == pytest.approx((-first.mc[1], -first.mc[0]))
    turned = {"ahead": "behind", "behind": "ahead", "tied": "tied"}
    assert found.verdict == turned[first.verdict] != "tied"
    assert comparison.level_with(1) == comparison.level_with(2) == []


def test_the_command_of_a_comparison_makes_it_again(tmp_path):
    words = ["baseline", "us-backstop", "--set", "aid.level=0.5", "--worlds", "80", "--seed", "3"]
    first, again = tmp_path / "first", tmp_path / "again"
    assert truce("compare", *words, "--out", first).returncode == 0
    (folder,) = (first / "comparisons").iterdir()
    told = json.loads((folder / "summary.json").read_text())
    command = shlex.split(told["command"])[1:]
    assert truce(*command, "--out", again).returncode == 0
    assert (again / "comparisons" / folder.name / "summary.json").read_text() == (
        folder / "summary.json"
    ).read_text()


def test_the_command_of_a_comparison_is_in_python_where_truce_has_no_words():
    """`truce compare` sets levers for all of its scenarios alike."""
    today = sim.load_scenario("baseline")
    moved = today.with_levers({"aid.level": 0.5, "concede.nato": True, "offer.nato": "deferred"})
    later = sim.load_scenario("joint-ultimatum", dt.date(2025, 5, 8), 90)
    found = compare([today, moved], worlds=40, seed=3)
    other = compare([later, later.with_levers({"aid.level": 0.5})], worlds=40)
    for comparison in (found, other):
        words = shlex.split(comparison.command)
        assert words[:2] == ["python", "-c"]
        done = subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert ast.literal_eval(done.stdout) == comparison.summary()
        assert compare_command(comparison.request) is None
    alike = compare_command(compare([moved, moved], worlds=40).request)
    assert alike.startswith(
        "truce compare baseline baseline --as-of 2025-05-20 --set aid.level=0.5"
    )


@pytest.mark.parametrize("given", ["baseline", None, 3, ["baseline", 3]])
def test_what_is_no_list_of_scenarios_is_refused(given):
    with pytest.raises(ScenarioError):
        compare(given, worlds=8)


def test_a_scenario_may_be_a_path(tmp_path):
    own = tmp_path / "own.toml"
    shutil.copy(data_dir("scenarios") / "us-backstop.toml", own)
    named, pathed = (compare(["baseline", one], worlds=8) for one in ("us-backstop", own))
    assert named.differences["held"] == pathed.differences["held"]
