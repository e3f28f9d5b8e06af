"""Where a condition holds in a run, a comparison or a study: told, saved, opened, commanded."""

import json

import numpy as np
import pytest
from helpers.command import truce
from helpers.few import write_few

import sim
from sim.attribution.discover import worlds as luck
from sim.attribution.discover.cases import MOST_POINTS, points_of
from sim.attribution.discover.evaluate import Means
from sim.attribution.discover.worlds import Asked, Sums, member_worlds, point_worlds, quantities
from sim.bounds import Bound
from sim.errors import ScenarioError, StoreError
from sim.store import KINDS
from sim.text import of_hundred

SIDES = ("russia", "ukraine")
VARY = {"offer.territory": (0.0, 1.0, 30), "concede.nato": [True, False],
        "offer.recognition": ["deferred", 0.5]}  # fmt: skip
KEYS = {"schema", "sentence", "box", "inside", "outside", "precision", "recall", "base", "held_out",
        "found"}  # fmt: skip


MEMBERS = 1024
"""Of the ensemble that is looked into: a quarter of what ships."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    few = write_few(tmp_path_factory.mktemp("few"), MEMBERS)
    return sim.run(sim.load_scenario("baseline", conflict=few), worlds=400)


@pytest.fixture(scope="module")
def found(run):
    """From 64 worlds of every member, twice: the one test of the whole that takes long."""
    return sim.discover(run, where="held<.05")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return sim.sweep("baseline", VARY, worlds=8, out=tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def at_levers(study):
    return sim.discover(study, where="held>.12", worlds=512)


# ------------------------------------------------------------------ from a run


def test_a_run_is_told_in_a_sentence_that_its_numbers_bear_out(found):
    assert found.found
    assert found.precision > found.base
    assert 0.0 < found.recall < 1.0
    first = "The odds that a truce holds are below 5% in "
    assert found.sentence.startswith(f"{first}{of_hundred(found.precision)} members with “")
    assert f"takes in {of_hundred(found.recall)} of those" in found.sentence
    assert f"of all members it is true of {of_hundred(found.base)}." in found.sentence
    assert all(one.words in found.sentence for one in found.box)
    assert 1 <= len(found.box) <= 3
    for one in found.box:
        assert one.low is None or one.lowest <= one.low
        assert one.high is None or one.high <= one.highest
        assert float(f"{one.low or one.high:.3g}") == (one.low or one.high)


def test_halves_keep_members_and_luck_apart(found):
    assert found.setting.worlds == 64 * MEMBERS
    assert found.looked.rows + found.everything.inside == MEMBERS
    assert found.evaluation.inside + found.evaluation.outside == found.everything.inside


def test_the_document_has_what_others_read(found):
    document = json.loads(json.dumps(found.as_dict()))
    assert document.keys() >= KEYS
    assert document["schema"] == "truce/discover/1"
    assert document["held_out"] is True
    for one in document["box"]:
        assert one.keys() >= {"name", "low", "high"}
        assert one["low"] is not None or one["high"] is not None
    for name in ("precision", "recall", "base"):
        low, high = document[f"{name}_mc"]
        assert low <= document[name] <= high


def test_what_is_saved_is_opened_as_it_was(found, tmp_path):
    folder = found.save(tmp_path)
    first = found.setting.first
    name = f"{first.name}-{first.as_of}-held-0.05-{found.id}"
    assert folder == tmp_path / KINDS["discovery"].place / name
    again = sim.open(folder)
    assert again.as_dict() == found.as_dict()
    assert (folder / "tradeoff.parquet").is_file()
    assert again.table().equals(found.table())
    assert list(again.ends()["name"]) == [one.name for one in found.box]
    assert "members within" in repr(again)


def test_the_trade_off_falls_where_it_was_sought_and_marks_what_is_told(found):
    table = found.table()
    assert table["told"].sum() == 1
    assert (np.diff(table["recall_searched"]) <= 0.0).all()
    told = table[table["told"]].iloc[0]
    assert told["precision"] == pytest.approx(found.precision)
    assert told["recall"] == pytest.approx(found.recall)


# ------------------------------------------------------------------ from a study


def test_levers_are_told_where_they_tell(at_levers):
    assert at_levers.setting.worlds == 512
    assert at_levers.looked.thing == "point of the study"
    assert at_levers.found
    assert at_levers.box[0].name in VARY
    assert "points of the study with “" in at_levers.sentence
    assert at_levers.looked.rows == 60


def test_all_points_of_a_study_are_rows(study):
    points = points_of(study, 1)
    assert len(points.values) == len(study.design) == 120 <= MOST_POINTS
    assert points.levers == tuple(VARY)


def test_a_condition_that_no_point_meets_names_the_closest(study):
    found = sim.discover(study, where="held>.99", worlds=256)
    assert found.verdict == "none"
    assert not found.found
    assert "None of 60 points of the study that were searched shows that" in found.sentence
    assert "The closest comes to " in found.sentence
    assert "(offer.territory=" in found.sentence
    every = sim.discover(study, where="held<.99", worlds=256)
    assert every.verdict == "all"
    assert every.sentence.startswith("All of 60 points of the study")


def test_deferred_stands_below_all_numbers_and_is_a_yes_or_no_of_its_own(study):
    from sim.attribution.discover.cases import levers as rows_at
    from sim.experiments.how import work_of
    from sim.inputs.ensemble import load_ensemble

    kernel = work_of({}, 256).kernel(load_ensemble(study.scenario.as_of))
    rows = rows_at(kernel, study, Asked(Bound("held", ">", 0.1), SIDES), 256, None).rows
    names = [number.name for number in rows.numbers]
    assert names == [
        "offer.territory", "concede.nato", "offer.recognition:deferred", "offer.recognition",
    ]  # fmt: skip
    deferred, number = rows.x[:, 2], rows.x[:, 3]
    assert ((number < 0.5) == (deferred == 1.0)).all()
    assert rows.numbers[3].deferred == number.min()
    assert rows.numbers[1].yes_or_no
    assert [len(shown.label) for shown in (rows.searched, rows.measured)] == [120, 120]


# ------------------------------------------------------------------ worlds


def test_fewer_than_64_worlds_of_a_member_are_refused():
    with pytest.raises(ScenarioError, match="fewer than 64 of each say too little"):
        member_worlds(63 * 100, 100)
    assert member_worlds(None, 100) == 6400
    assert member_worlds(9999, 100) == 9999


def test_points_share_the_worlds_that_there_are():
    assert point_worlds(None, 128) == 8192
    assert point_worlds(None, 4) == 16_384
    assert point_worlds(None, 10**6) == 256
    assert point_worlds(300, 128) == 300


def test_a_row_in_which_all_worlds_are_alike_is_not_known_without_error():
    sums = Sums(np.array([4, 4]), np.array([0.0, 2.0]), np.array([0.0, 2.0]))
    shown = sums.shown(Asked(Bound("gain_held", ">", 0.0), SIDES))
    assert isinstance(shown, Means)
    assert shown.means.tolist() == [0.0, 0.5]
    drawn = (4 * 0.0 + 0.125) / 5
    assert shown.errors[0] == pytest.approx(np.sqrt(drawn / 4))


def test_quantities_are_those_of_one_scenario_or_of_a_difference():
    assert quantities(SIDES, gain=False)[-3:] == ["agreed", "worth_russia", "worth_ukraine"]
    assert quantities(SIDES, gain=True)[0] == "gain_held"


def test_pairs_run_each_member_at_its_point(run):
    from sim.experiments.how import work_of
    from sim.inputs.reactive import agenda

    kernel = work_of({}, 256).kernel(run.ensemble())
    scenario = run.scenario
    agendas = [agenda(scenario), agenda(scenario.with_levers({"sanctions.us_threat": 1.0}))]
    member, point = np.arange(6) * 100, np.array([0, 1, 1, 0, 1, 0])
    asked = Asked(Bound("worth_russia", ">", 0.0), SIDES)
    first, second = luck.of_pairs(kernel, agendas, (member, point), asked, None)
    alone, _ = luck.of_pairs(kernel, agendas, (member[:1], point[:1]), asked, None)
    assert first.worlds.tolist() == second.worlds.tolist() == [64] * 6
    assert alone.total[0] == first.total[0]
    assert (first.total != second.total).all()


# ------------------------------------------------------------------ what cannot be asked


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"where": "heldd>.05"}, "Did you mean held?"),
        ({"where": "gain_held>.05"}, "cannot be bounded. There are: "),
        ({"where": "held<5"}, "odds are shares, and 5 is none"),
        ({"where": "held<.05", "over": "levers"}, "Name a study"),
        ({"where": "held<.05", "over": "points"}, "There are: members, levers, both."),
        ({"where": "held<.05", "of": "baseline"}, "of which no scenario can be named"),
        ({"where": "held<.05", "worlds": 1000}, "say too little"),
        ({"where": "held<.05", "most": 0}, "most"),
        ({}, "nothing is asked"),
    ],
)
def test_what_cannot_be_asked_of_a_run_is_refused(run, asked, words):
    with pytest.raises(ScenarioError) as caught:
        sim.discover(run, **asked)
    assert words in str(caught.value)


def test_of_a_comparison_the_difference_is_asked_about():
    both = sim.compare(["baseline", "joint-ultimatum"], worlds=256)
    with pytest.raises(ScenarioError) as caught:
        sim.discover(both, where="held<.05")
    assert "There are: gain_held, " in str(caught.value)
    with pytest.raises(ScenarioError, match="that the others are set against"):
        sim.discover(both, where="gain_held>.05", of="baseline")


def test_what_has_no_worlds_and_small_studies_are_refused(found):
    with pytest.raises(StoreError, match="no worlds to look into"):
        sim.discover(found, where="held<.05")
    few = sim.sweep("baseline", {"offer.territory": (0.0, 1.0, 3)}, worlds=8)
    with pytest.raises(ScenarioError, match="there are 3 points, and 100 or more are needed"):
        sim.discover(few, where="held<.05")


def test_a_table_can_be_told_but_not_kept(tmp_path):
    rng = np.random.default_rng(1)
    x = rng.random((300, 2))
    found = sim.discover(x, x[:, 0] > 0.5)
    with pytest.raises(ScenarioError, match="is about a table"):
        found.save(tmp_path)
    assert found.as_dict().keys() >= KEYS


# ------------------------------------------------------------------ the command


def test_the_command_says_the_sentence_and_writes_a_folder(tmp_path):
    out = ("--out", tmp_path)
    vary = ("--vary", "offer.territory=0:1:60", "--vary", "concede.nato=true,false")
    assert truce("sweep", "baseline", *vary, "--worlds", 8, *out).returncode == 0
    words = ("discover", "last", "--where", "held>.12", "--worlds", 256, *out)
    done = truce(*words)
    assert done.returncode == 0, done.stderr
    assert "points of the study with “" in done.stdout or "No condition was found" in done.stdout
    (folder,) = tmp_path.glob("discoveries/*")
    names = {path.name for path in folder.iterdir()}
    assert {"discovery.json", "discovery.png", "discovery.svg", "tradeoff.parquet"} <= names
    made = json.loads(truce("discover", "last-study", *words[2:], "--json").stdout)
    assert made["sentence"] in done.stdout
    assert made["command"].startswith("truce discover ")
    wrong = truce("discover", "last-study", "--where", "held", *out)
    assert wrong.returncode == 2
    assert "is no condition" in wrong.stderr
    assert "Traceback" not in wrong.stderr
