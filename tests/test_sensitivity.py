"""What matters: levers from where they stand and over ranges, unknowns, luck, and bad input."""

import dataclasses
import io
import json
import re
import shlex

import numpy as np
import pandas as pd
import pytest

import sim
from sim.attribution.groups import groups_of
from sim.attribution.sensitivity import ask
from sim.attribution.sensitivity.result import PARTS
from sim.attribution.sensitivity.unknowns import otherwise
from sim.experiments.kernel import Kernel
from sim.experiments.paired import paired_with
from sim.experiments.sensitivity.split import PARTS as SPLIT
from sim.inputs.ends import lever_ends
from sim.inputs.ensemble import columns_of, load_ensemble
from sim.inputs.levers import LEVERS
from sim.inputs.reactive import agenda
from sim.inputs.scenario_file import Change
from tests.helpers.command import truce
from tests.helpers.few import write_few
from tests.helpers.grids import HELD
from tests.helpers.studies import Stop, files

WORLDS = 512
SMALL = {"worlds": 256, "runs": 8192}
VARY = {
    "offer.force_limits": (0.0, 1.0),
    "aid.level": (0.0, 1.5),
    "sanctions.relief_on_signature": (0.0, 1.0),
}
"""The last is a part of the relief offered: of none, any part is none."""


@pytest.fixture(scope="module")
def later():
    """Two levers change later, and no relief is offered."""
    changes = (
        Change(day=20, lever="sanctions.us_threat", value=0.9),
        Change(day=40, lever="offer.territory", value=0.8),
    )
    scenario = sim.load_scenario("baseline").with_levers({"sanctions.relief": 0.0})
    return dataclasses.replace(scenario, name="later", changes=changes)


@pytest.fixture(scope="module")
def bars(later):
    return sim.sensitivity(later, worlds=WORLDS)


@pytest.fixture
def small(monkeypatch):
    """Fewer worlds and samples for the parts of which nobody can choose the number."""
    monkeypatch.setattr(ask, "OTHERWISE_WORLDS", 256)
    monkeypatch.setattr(ask, "SPLIT_SAMPLES", 512)
    monkeypatch.setattr(ask, "DICE_SAMPLES", 512)
    monkeypatch.setattr(ask, "SOBOL_RUNS", 8192)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A conflict whose ensemble has just enough members to say what could be learned of them."""
    return write_few(tmp_path_factory.mktemp("few"), 1100)


def whole(conflict, **more):
    """All that can be asked of a few members."""
    first, other = (
        sim.load_scenario(name, conflict=conflict) for name in ("baseline", "us-backstop")
    )
    unknowns = ("otherwise", "learned", "worth")
    asked = {"vary": VARY, "unknowns": unknowns, "dice": True, "rank": [other], **SMALL}
    return sim.sensitivity(first, **asked, **more)


@pytest.fixture(scope="module")
def everything(few):
    with pytest.MonkeyPatch.context() as patch:
        for name, number in (("OTHERWISE_WORLDS", 256), ("SPLIT_SAMPLES", 512)):
            patch.setattr(ask, name, number)
        patch.setattr(ask, "DICE_SAMPLES", 512)
        return whole(few)


# ------------------------------------------------------------------ a tornado


def test_each_end_is_what_a_comparison_with_the_lever_set_tells(later, bars):
    assert sorted(bar.lever for bar in bars.tornado) == sorted(LEVERS)
    for bar in bars.tornado:
        for end in bar.moved:
            changes = tuple(one for one in later.changes if one.lever != bar.lever)
            still = dataclasses.replace(later, changes=changes)
            comparison = sim.compare([later, still.with_levers({bar.lever: end.value})], WORLDS)
            assert end.difference == comparison.differences["held"][0]
            assert end.odds == comparison.results[1].odds["held"]
            assert end.worth == {actor: one[0] for actor, one in comparison.worth.items()}
    assert bars.odds == comparison.results[0].odds["held"]


def test_the_ends_are_those_of_the_file_and_deferred_where_it_is_not(later, bars):
    ends = lever_ends(later.conflict)
    for bar in bars.tornado:
        assert (bar.low.value, bar.high.value) == ends[bar.lever]
        assert bar.stands == later.levers[bar.lever]
        deferrable = bar.lever.startswith("offer.")
        stays = bar.stands == "deferred" and bar.lever != "offer.territory"
        assert (bar.deferred is not None) == (deferrable and not stays)
    assert any(bar.lever.startswith("offer.") and not bar.deferred for bar in bars.tornado)


def test_a_lever_moves_nothing_where_it_stands(bars):
    where = [one for bar in bars.tornado for one in bar.ends if one not in bar.moved]
    assert len(where) > 10
    for one in where:
        assert (one.difference.mean, one.difference.gained, one.difference.lost) == (0, 0, 0)
        assert one.odds == bars.odds
        assert all(worth.mean == 0.0 for worth in one.worth.values())


def test_a_lever_that_changes_later_is_moved_on_all_days(bars):
    by_name = {bar.lever: bar for bar in bars.tornado}
    threat, territory = by_name["sanctions.us_threat"], by_name["offer.territory"]
    assert threat.course == "0.2, 0.9 from day 20"
    assert threat.moved == [threat.low, threat.high]
    assert territory.course == "deferred, 0.8 from day 40"
    assert territory.deferred in territory.moved
    assert territory.deferred.difference.mean != 0.0
    assert by_name["aid.level"].course == "1"


def test_the_lever_that_reaches_farthest_comes_first(bars):
    reach = [bar.reach for bar in bars.tornado]
    assert reach == sorted(reach, reverse=True)
    for bar in bars.tornado:
        odds = [bars.odds.mean, *(end.odds.mean for end in bar.ends)]
        assert bar.reach == pytest.approx(max(odds) - min(odds))


# ------------------------------------------------------------------ levers over ranges


def test_shares_of_levers_sum_to_1_and_an_idle_one_has_none(later, small):
    found = sim.sensitivity(later, VARY, worlds=256, runs=8192)
    sobol, split = found.parts["sobol"], found.parts["split"]
    assert list(sobol) == list(VARY)
    assert sum(one["shapley"]["mean"] for one in sobol.values()) == pytest.approx(1.0, abs=1e-12)
    idle = sobol["sanctions.relief_on_signature"]["shapley"]
    assert idle["mc"][0] < 0.02
    assert abs(idle["mean"]) < idle["mc"][1] - idle["mc"][0]
    assert sobol["offer.force_limits"]["shapley"]["mean"] > 0.5
    assert tuple(split) == SPLIT
    assert sum(one["mean"] for one in split.values()) == pytest.approx(1.0, abs=1e-12)
    assert found.parts["sobol_method"]["runs"] == 8192


def test_a_lever_that_moves_nothing_has_no_part_in_what_decides_a_world(later, small):
    idle = {"sanctions.relief_on_signature": (0.0, 1.0)}
    found = sim.sensitivity(later, idle, worlds=256, runs=8192)
    assert found.parts["sobol"] is None
    split = found.parts["split"]
    for part in ("levers", "levers_by_member", "turned_luck"):
        assert abs(split[part]["mean"]) < 1e-9
    assert split["members"]["mean"] > 0.05
    assert found.table("sobol").empty
    assert not found.table("split").empty


def test_a_function_takes_the_place_of_a_scenario(tmp_path):
    def coin(points, luck):
        return luck < 0.2 + 0.4 * points[:, 0] + 0.02 * points[:, 1]

    vary = {"bias": (0.0, 1.0), "draught": (0.0, 10.0), "idle": [1.0, 2.0]}
    found = sim.sensitivity(function=coin, vary=vary, runs=2**16)
    for name, known in (("bias", 0.8), ("draught", 0.2), ("idle", 0.0)):
        one = found.as_dict()["sobol"][name]["shapley"]
        assert one["mean"] == pytest.approx(known, abs=0.04)
        assert one["mc"][0] - 0.01 < known < one["mc"][1] + 0.01
    assert "scenarios" not in found.as_dict()
    assert list(found.table()["lever"]) == list(vary)
    assert "a function" in repr(found)
    assert "bias" in found._repr_html_()
    for refused in (lambda: found.save(tmp_path), found.plot):
        with pytest.raises(sim.ScenarioError, match="function"):
            refused()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "given",
    [{}, {"scenario": "baseline", "vary": {"a": (0, 1)}}, {"vary": {"a": (0, 1)}, "dice": True}],
)
def test_a_function_goes_with_ranges_and_nothing_else(given):
    with pytest.raises(sim.ScenarioError):
        sim.sensitivity(function=lambda points, luck: luck < 0.5, **given)


# ------------------------------------------------------------------ luck


def test_dice_have_shares_within_their_bounds(everything):
    dice = everything.parts["dice"]
    halves = {name: (one["first"], one["total"]) for name, one in dice.items()}
    for first, total in halves.values():
        error = first["mc"][1] - first["mean"]
        assert -error < first["mean"] < total["mean"] + error
        assert total["mean"] < 1.0 + error
    error = sum(first["mc"][1] - first["mean"] for first, _ in halves.values())
    assert sum(first["mean"] for first, _ in halves.values()) < 1.0 + error
    assert sum(total["mean"] for _, total in halves.values()) > 1.0 - error


def test_luck_that_is_never_met_decides_nothing(small):
    day = sim.load_scenario("baseline").with_horizon(1)
    found = sim.sensitivity(day, dice=True, outcome="no_truce", worlds=256).parts["dice"]
    for group in ("threats", "exits"):
        assert found[group]["total"]["mean"] == 0.0
        assert found[group]["first"]["mc"][0] <= 0.0
    assert found["calendar"]["total"]["mean"] > 0.9


# ------------------------------------------------------------------ unknowns


@pytest.fixture(scope="module")
def swings(few):
    scenario = sim.load_scenario("baseline", conflict=few)
    kernel = Kernel(load_ensemble(scenario.as_of, conflict=few), 1)
    return scenario, kernel, otherwise(kernel, scenario, HELD, 1000)


def test_a_number_that_nothing_uses_changes_nothing(swings):
    """Without a backstop it matters to nobody whether backstops were kept."""
    scenario, _, found = swings
    assert scenario.levers["guarantee.us_backstop"] == 0.0
    by_name = {swing.name: swing for swing in found}
    for name in ("bloc_backstop", "start.kept.backstop", "start.lapsed.backstop"):
        difference = by_name[name].difference
        assert (difference.mean, difference.gained, difference.lost) == (0.0, 0.0, 0.0)
        assert by_name[name].at_low == by_name[name].at_high
    assert by_name["resolve.r"].difference.mean < -0.2


def test_percentiles_are_run_in_the_same_worlds_of_the_same_members(swings):
    scenario, kernel, found = swings
    columns = columns_of(
        kernel.ensemble.members, kernel.ensemble.starts, scenario.conflict.bloc_ids
    )
    by_name = {swing.name: swing for swing in found}
    for name in ("resolve.r", "precision", "start.trust"):
        swing, rows = by_name[name], []
        assert (swing.low, swing.high) == pytest.approx(np.quantile(columns[name], [0.1, 0.9]))
        for value in (swing.low, swing.high):
            members, starts = kernel.ensemble.members.copy(), kernel.ensemble.starts.copy()
            own = columns_of(members, starts, scenario.conflict.bloc_ids)
            own[name][:] = value
            moved = dataclasses.replace(kernel.ensemble, members=members, starts=starts)
            rows.append(Kernel(moved, 1).grid([agenda(scenario)], 1000).rows(0))
        assert paired_with(*rows, len(members), HELD).difference == swing.difference
        odds = [np.isin(row["outcome"], HELD).mean() for row in rows]
        assert (swing.at_low, swing.at_high) == pytest.approx(odds)


def test_the_number_that_changes_most_comes_first(swings):
    _, _, found = swings
    sizes = [abs(swing.difference.mean) for swing in found]
    assert sizes == sorted(sizes, reverse=True)
    assert len({swing.name for swing in found}) == len(found) > 100
    for swing in found:
        assert swing.difference.mean == pytest.approx(swing.at_high - swing.at_low)


def test_groups_of_numbers_share_what_could_be_learned(everything, few):
    learned = everything.parts["unknowns"]["learned"]
    groups = {group.name for group in groups_of(few)}
    assert {one["name"] for one in learned["groups"]} == groups
    shares = sum(one["mean"] for one in learned["groups"])
    assert shares == pytest.approx(learned["explained"]["mean"])
    assert 0.1 < learned["explained"]["mean"] < 1.0
    idle = [one for one in learned["groups"] if not one["entered"]]
    assert idle
    assert all(one["mean"] == 0.0 for one in idle)
    assert learned["groups"][0]["entered"] == 10
    assert learned["groups"][0]["mean"] > learned["smallest"] > 0.0


# ------------------------------------------------------------------ all parts


def test_every_part_is_told_tabulated_saved_and_opened(everything, tmp_path):
    document = everything.as_dict()
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["schema"] == "truce/sensitivity/1"
    assert all(everything.has(part) for part in PARTS)
    for part in PARTS:
        table = everything.table(part)
        assert len(table), part
        assert "nan" not in table.to_csv(index=False).lower().replace("finance", "")
    folder = everything.save(tmp_path)
    opened = sim.open(folder)
    assert opened.as_dict() == document
    for part in PARTS:
        assert len(pd.read_parquet(folder / f"{part}.parquet")) == len(everything.table(part))
    ranking = document["ranking"]
    assert sum(ranking["best"].values()) + ranking["level"] == pytest.approx(1.0, abs=1e-5)
    with pytest.raises(sim.ScenarioError, match="not among"):
        opened.table("verdict")


def test_the_line_that_makes_it_again_names_day_levers_seed_and_others():
    levers = {"aid.level": 0.5}
    names = ("baseline", "us-backstop")
    chosen = [sim.load_scenario(name).with_levers(levers).with_horizon(100) for name in names]
    found = sim.sensitivity(chosen[0], worlds=256, seed=7, outcome="agreed")
    _, _, line = shlex.split(found.command)
    made = {}
    exec(line.replace("print(", "made['found'] = (", 1), {"made": made})
    assert made["found"].as_dict() == found.as_dict()
    ranked = dataclasses.replace(
        found, setting=dataclasses.replace(found.setting, scenarios=chosen)
    )
    assert "rank=[sim.load_scenario(" in ranked.command
    assert ranked.command.count("aid.level") == 2


@pytest.mark.long
def test_workers_change_no_byte(few, tmp_path, small):
    one, two = (whole(few, workers=workers) for workers in (1, 2))
    folders = [
        found.save(tmp_path / str(n), sim.plots.write_sensitivity)
        for n, found in enumerate((one, two))
    ]
    assert files(folders[0]) == files(folders[1])
    assert one.as_dict() == two.as_dict()


def test_what_was_finished_before_a_stop_is_not_run_again(later, tmp_path, monkeypatch):
    kept = tmp_path / "unfinished"
    asked = {"worlds": WORLDS, "kept": kept}
    with pytest.raises(KeyboardInterrupt):
        sim.sensitivity(later, **asked, progress=Stop(10_000))
    done = len(list(kept.glob("*.npy")))
    assert done > 0
    started = []
    plain = Kernel._worlds
    monkeypatch.setattr(
        Kernel, "_worlds", lambda self, batch: started.append(batch) or plain(self, batch)
    )
    found = sim.sensitivity(later, **asked)
    again = len(started)
    assert not kept.exists()
    assert found.as_dict() == sim.sensitivity(later, worlds=WORLDS).as_dict()
    assert len(started) - again == again + done


# ------------------------------------------------------------------ few members


@pytest.mark.parametrize(
    ("members", "given", "says"),
    [
        (1, {"dice": True}, "1 different member, and 16"),
        (1, {"vary": VARY}, "1 different member, and 16"),
        (1, {"unknowns": "otherwise"}, "1 different member, and 2"),
        (1, {"rank": ["us-backstop"]}, "1 different member, and 64"),
        (15, {"dice": True}, "15 different members"),
        (40, {"rank": ["us-backstop"], "unknowns": "worth"}, "64 are needed"),
        (80, {"unknowns": "learned"}, "1,000 are needed"),
    ],
)
def test_too_few_members_for_a_part_are_told(members, given, says, tmp_path):
    conflict = write_few(tmp_path, members, copies=2)
    first = sim.load_scenario("baseline", conflict=conflict)
    asked = {**given, "rank": [sim.load_scenario(one, conflict=conflict) for one in given["rank"]]
             } if "rank" in given else given  # fmt: skip
    with pytest.raises(sim.ScenarioError, match=says):
        sim.sensitivity(first, worlds=256, **asked)


def test_one_member_has_a_tornado_and_differences_to_explain(tmp_path):
    write_few(tmp_path / "data", 1)
    command = ("--data", tmp_path / "data")
    size = ("--worlds", 256, "--out", tmp_path / "out")
    said = truce(*command, "sensitivity", "baseline", *size)
    assert said.returncode == 0, said.stderr
    assert not re.search(r"\d of 100", said.stdout)
    said = truce(*command, "why", "baseline", "us-backstop", *size)
    assert said.returncode == 0, said.stderr


def test_members_enough_for_dice_have_them(tmp_path, small):
    first = sim.load_scenario("baseline", conflict=write_few(tmp_path, 16))
    found = sim.sensitivity(first, VARY, dice=True, unknowns="otherwise", **SMALL)
    json.dumps(found.as_dict(), allow_nan=False)
    assert set(found.parts) == {"sobol", "sobol_method", "split", "dice", "unknowns"}
    assert found.parts["unknowns"]["otherwise"]


# ------------------------------------------------------------------ the command


def test_the_command_tells_all_in_words(few, everything, small, tmp_path):
    words = ["--data", few.folder, "sensitivity", "baseline", "--worlds", 256, "--out", tmp_path]
    for lever, (low, high) in VARY.items():
        words += ["--vary", f"{lever}={low:g}:{high:g}"]
    words += ["--dice", "--rank", "us-backstop"]
    for how in ("otherwise", "learned", "worth"):
        words += ["--unknowns", how]
    done = truce(*words, "--part", "learned", "--csv", tmp_path / "learned.csv",
                 "--xlsx", tmp_path / "learned.xlsx")  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = done.stdout
    for said in ("percentage points", "below ", "of 100", "sum to 100 %", "luck taken out",
                 "Levers that alone do not", "settled today but not", "us-backstop"):  # fmt: skip
        assert said in text
    assert not re.findall(r"\bnan\b|None|-0\.0+\b", text)
    table = pd.read_csv(tmp_path / "learned.csv")
    assert list(table["name"]) == [
        one["name"] for one in everything.parts["unknowns"]["learned"]["groups"]
    ]
    assert (tmp_path / "learned.xlsx").read_bytes().startswith(b"PK")
    assert not (tmp_path / "unfinished").exists()
    (folder,) = (tmp_path / "sensitivities").iterdir()
    opened = sim.open(folder)
    assert opened.parts == json.loads(json.dumps(everything.parts))
    assert "--unknowns worth" in opened.command
    assert "--rank us-backstop" in opened.command


def test_a_dated_change_is_in_the_table(tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Later"\nquestion = "?"\n'
        '[levers]\n"sanctions.us_threat" = 0.0\n'
        '[[changes]]\nday = 5\nlever = "sanctions.us_threat"\nvalue = 1.0\n',
        encoding="utf-8",
    )
    done = truce("sensitivity", path, "--worlds", WORLDS, "--out", tmp_path)
    rows = [line for line in done.stdout.splitlines() if "0, 1 from day 5" in line]
    assert [line.split("  ")[2].strip() or line for line in rows]
    assert len(rows) == 2


def test_where_nothing_moves_the_odds_it_says_so(tmp_path):
    words = ("sensitivity", "baseline", "--horizon", 1, "--worlds", 256, "--out", tmp_path)
    done = truce(*words, "--outcome", "walked_away")
    assert "No lever alone clearly moves them." in done.stdout
    assert "Members ahead" not in done.stdout


def test_json_and_csv_are_printed_alone(tmp_path):
    words = ("sensitivity", "baseline", "--worlds", 256, "--out", tmp_path)
    document = json.loads(truce(*words, "--json").stdout)
    assert len(document["tornado"]) == len(LEVERS)
    assert not {"sobol", "split", "unknowns", "ranking", "dice"} & set(document)
    table = pd.read_csv(io.StringIO(truce(*words, "--csv", "-").stdout))
    assert len(table) == sum(3 if one["deferred"] else 2 for one in document["tornado"])
    again = truce(*document["command"].split()[1:], "--out", tmp_path, "--json")
    assert json.loads(again.stdout)["id"] == document["id"]


FEW = ("baseline", "--worlds", "256")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*FEW, "--vary", "sanctions.us_treat=0:1"), "Did you mean sanctions.us_threat"),
        ((*FEW, "--vary", "sanctions.us_threat=0:1.5"), "1.5 is outside 0..1"),
        ((*FEW, "--vary", "sanctions.us_threat=1:0"), "sanctions.us_threat=0:1?"),
        ((*FEW, "--vary", "sanctions.us_threat=.5:.5"), "no width"),
        ((*FEW, "--vary", "sanctions.us_threat=.5"), "no range"),
        ((*FEW, "--vary", "concede.nato=0:1"), "concede.nato=false,true"),
        ((*FEW, "--vary", "offer.nato=0:deferred"), "no end of a range"),
        ((*FEW, "--unknowns", "everything"), "otherwise, learned, worth"),
        ((*FEW, "--unknowns", "worth"), "--rank"),
        ((*FEW, "--rank", "march-offer"), "as_of"),
        ((*FEW, "--rank", "baseline"), "sets every lever as baseline does"),
        ((*FEW, "--rank", "us-backstop", "us-backstop"), "Name each policy once"),
        ((*FEW, "--rank", "baseline+aid.level=1"), "Name each policy once"),
        ((*FEW, "--rank", *(f"baseline+aid.level=.{n}" for n in range(10, 61))), "2 to 50"),
        ((*FEW, "--rank", "no-such"), "there is none of that name"),
        ((*FEW, "--outcome", "peace"), "There are: held"),
        ((*FEW, "--horizon", "1", "--outcome", "partial_only"), "in none of 256 worlds"),
        (("baseline", "--worlds", "1"), "outside 256"),
        ((*FEW, "--seed", "-1"), "seed"),
        ((*FEW, "--workers", "0"), "workers"),
        ((*FEW, "--part", "learnt", "--csv", "-"), "is none"),
        ((*FEW, "--part", "learned", "--csv", "-"), "--unknowns learned"),
        ((*FEW, "--part", "sobol", "--csv", "-"), "--vary"),
        ((*FEW, "--part", "tornado"), "--csv FILE"),
        ((*FEW, "us-backstop"), "Write --rank before"),
    ],
)
def test_bad_input_is_told(words, says, tmp_path):
    done = truce("sensitivity", *words, "--out", tmp_path)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stdout == ""
    assert "tuple" not in done.stderr
    assert not list(tmp_path.glob("sensitivities/*"))


def test_two_files_of_one_name_cannot_be_told_apart(tmp_path):
    text = 'schema = "truce/scenario/1"\ntitle = "A"\nquestion = "?"\n[levers]\n"aid.level" = '
    for folder, level in (("one", 0.5), ("two", 0.7)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.toml").write_text(f"{text}{level}\n", encoding="utf-8")
    paths = [tmp_path / folder / "mine.toml" for folder in ("one", "two")]
    with pytest.raises(sim.ScenarioError, match="called mine"):
        sim.sensitivity(paths[0], rank=[paths[1]], worlds=256)
