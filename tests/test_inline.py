"""Scenarios in line: a name or path with what is set behind it, wherever a scenario is named."""

from __future__ import annotations

import json
import shlex
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.commands import compare_command, run_command
from sim.errors import ScenarioError
from sim.inputs.inline import split_inline
from sim.inputs.scenario import load_scenario
from sim.mesa_model import CeasefireModel
from sim.paths import data_dir

BOTH = "baseline+aid.level=0+sanctions.us_threat=.9"


def truce(*arguments):
    return CliRunner().invoke(app, [str(word) for word in arguments], catch_exceptions=False)


def test_a_scenario_in_line_is_its_base_with_levers_set():
    base, scenario = load_scenario("baseline"), load_scenario(BOTH)
    assert scenario.inline == {"aid.level": 0.0, "sanctions.us_threat": 0.9}
    assert scenario.levers == {**base.levers, **scenario.inline}
    assert scenario.title == f"{base.title} with aid.level=0, sanctions.us_threat=0.9"
    assert scenario.given == BOTH
    assert scenario.overrides == {}
    assert scenario.sources["aid.level"].origin == "inline"
    moved = load_scenario(BOTH, horizon_days=60).with_levers({"aid.us_threat": 0.5})
    assert moved.inline == scenario.inline
    assert moved.overrides == {"aid.us_threat": 0.5}


def test_its_folder_is_named_after_the_base_and_what_was_set_in_any_order():
    one, other = (
        load_scenario(BOTH),
        load_scenario("baseline + sanctions.us_threat=0.90 + aid.level=0"),
    )
    base, _, digits = one.name.rpartition("-")
    assert base == "baseline"
    assert len(digits) == 8
    assert set(digits) <= set("0123456789abcdef")
    assert other.name == one.name
    assert load_scenario("baseline+aid.level=0").name != one.name
    assert load_scenario("joint-ultimatum+aid.level=0").name.startswith("joint-ultimatum-")


READ = {
    "baseline": ("baseline", {}),
    "baseline+offer.nato=deferred": ("baseline", {"offer.nato": "deferred"}),
    "baseline+concede.nato=False": ("baseline", {"concede.nato": False}),
    "baseline+front.momentum_shift=+.5": ("baseline", {"front.momentum_shift": 0.5}),
    "baseline+front.momentum_shift=-1e+0+aid.level=5e-1": (
        "baseline", {"front.momentum_shift": -1.0, "aid.level": 0.5},
    ),
    "plan2e+aid.level=1": ("plan2e", {"aid.level": 1.0}),
    "a folder/x+y.toml": ("a folder/x+y.toml", {}),
    "a+b/x+y=1.toml+aid.level=1": ("a+b/x+y=1.toml", {"aid.level": 1.0}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "read"), READ.items(), ids=READ)
def test_how_it_is_read(text, read):
    assert split_inline(text) == read


REFUSED = {
    "baseline+": r"nothing between or behind '\+'",
    "baseline++aid.level=0": r"nothing between or behind '\+'",
    "baseline+aid.level=0+": r"nothing between or behind '\+'",
    "baseline+aid.level": r"'aid\.level' has no '='.*aid\.level=0",
    "baseline+joint-ultimatum": "'joint-ultimatum' has no '='",
    "baseline+aid.levl=0": r"no lever 'aid\.levl'.*Did you mean aid\.level\?",
    "baseline+=0": "no lever ''",
    "baseline+aid.level=9": r"aid\.level: 9\.0 is outside 0\.\.2",
    "baseline+aid.level=": r"aid\.level: '' is no number",
    "baseline+aid.level=nan": r"aid\.level: 'nan' is no number",
    "baseline+concede.nato=0": r"concede\.nato: '0' is neither true nor false",
    "baseline+aid.level=0+aid.level=0": r"sets 'aid\.level' twice",
    "basline+aid.level=0": r"none of that name.*Did you mean baseline\?",
    "+aid.level=0": "scenario '': is not a name",
    "none/such.toml+aid.level=0": "none/such.toml: is not a file",
    "baseline+\x1b[31m=0": "no lever",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=map(repr, REFUSED))
def test_what_is_refused_says_what_and_what_to_do(text, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        load_scenario(text)
    assert caught.value.todo
    assert "\x1b" not in str(caught.value)


def test_a_file_may_be_the_base_and_a_change_of_day_1_is_not_undone(tmp_path):
    own = tmp_path / "Own plan.toml"
    shutil.copy(data_dir("scenarios") / "baseline.toml", own)
    scenario = load_scenario(f"{own}+aid.level=0")
    assert scenario.name.startswith("own-plan-")
    assert scenario.path == own.as_posix()
    with own.open("a", encoding="utf-8") as file:
        file.write('[[changes]]\nday = 1\nlever = "aid.level"\nvalue = 0.5\n')
    with pytest.raises(ScenarioError, match="changes it on day 1"):
        load_scenario(f"{own}+aid.level=0")


def test_wherever_a_scenario_is_named_it_may_be_in_line(tmp_path):
    levers = {"aid.level": 0.0}
    text, set_beside = "baseline+aid.level=0", load_scenario("baseline").with_levers(levers)
    named, beside = (sim.run(one, worlds=80) for one in (text, set_beside))
    assert named.rows.tobytes() == beside.rows.tobytes()
    assert named.run_id != beside.run_id
    found = sim.compare(["baseline", text], worlds=80)
    assert found.results[1].odds == named.odds
    assert found.run(text) is found.results[1]
    study = sim.sweep(text, {"offer.territory": [0.5, 1.0]}, worlds=40, out=tmp_path)
    assert study.folder.parent.name == named.scenario.name
    models = [CeasefireModel(one, world=3) for one in (text, set_beside)]
    for model in models:
        model.run()
    assert len({(model.outcome, model.clock.day) for model in models}) == 1
    assert (
        run_command(named.request)
        == f"truce run {text} --as-of {named.scenario.as_of} --worlds 80 --seed 1"
    )
    assert shlex.split(compare_command(found.request))[:4] == ["truce", "compare", "baseline", text]
    folder = named.save(tmp_path)
    assert sim.Results.open(folder).scenario == named.scenario


def test_commands_take_scenarios_in_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "baseline+aid.level=0"
    done = truce("compare", "baseline", text, "--worlds", 80, "--json")
    assert done.exit_code == 0, done.stderr
    names = [one["scenario"] for one in json.loads(done.stdout)["scenarios"]]
    assert names == ["baseline", load_scenario(text).name]
    table = truce("compare", "baseline", text, "--worlds", 80).stdout.splitlines()
    assert any(line.startswith(f"{text} ") for line in table)
    run = truce("run", text, "--worlds", 80)
    assert run.exit_code == 0, run.stderr
    assert f"{load_scenario(text).title}: as of" in run.stdout
    shown = json.loads(truce("scenarios", "show", text, "--json").stdout)
    (aid,) = [row for row in shown["levers"] if row["lever"] == "aid.level"]
    assert (aid["value"], aid["baseline"], aid["origin"]) == (0.0, 1.0, "inline")
    vary = ("sweep", text, "--vary", "aid.level=0:1:2", "--worlds", 40)
    with pytest.raises(ScenarioError, match=r"aid\.level: is varied, too"):
        truce(*vary)
    twice = truce("run", text, "--set", "aid.level=1", "--worlds", 80, "--json")
    assert json.loads(twice.stdout)["levers"]["aid.level"] == 1.0


def test_what_was_set_is_in_the_title_of_its_figure():
    from sim.plots.words import title_of, titles_of

    one, other = load_scenario(BOTH), load_scenario("baseline")
    assert title_of(one) == one.title
    assert titles_of([other, one]) == [other.title, one.title]
    assert not np.any([name in title_of(other) for name in one.inline])
