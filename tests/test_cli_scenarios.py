"""`truce scenarios`: what there is, what it sets and who says so, a template, a check, a schema."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from helpers.command import truce

from sim.cli.scenarios import template
from sim.errors import ScenarioError
from sim.inputs.conflict import shipped
from sim.inputs.levers import LEVERS
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import scenario_names
from sim.inputs.schema import file_schema

SHIPPED = Path(__file__).parent.parent / "scenarios"
NAMED = {
    "baseline", "joint-ultimatum", "europe-alone", "april-package", "us-backstop",
    "large-contingent", "territory-for-guarantees", "moscow-maximum", "walk-away",
    "bank-for-black-sea", "march-offer", "empty-threat", "carrot-and-stick",
    "ultimatum-if-rejected", "europe-if-us-leaves",
}  # fmt: skip


def test_all_named_scenarios_are_there():
    assert set(scenario_names()) == NAMED
    told = truce("scenarios", "list")
    assert told.returncode == 0
    assert {line.split()[0] for line in told.stdout.splitlines()[1:]} == NAMED
    document = json.loads(truce("scenarios", "list", "--json").stdout)
    assert {scenario["name"] for scenario in document["scenarios"]} == NAMED


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_shipped_scenario_sets_something_new_and_says_who_says_so(name):
    scenario = load_scenario(name)
    document = json.loads(truce("scenarios", "show", name, "--json").stdout)
    own = [told for told in document["levers"] if told["lever"] in scenario.own_levers]
    assert len(document["levers"]) == len(LEVERS)
    assert all(told["differs"] for told in own)
    assert all("no claim names it" not in told["sources"][0] for told in document["levers"])
    assert document["warnings"] == []
    assert bool(own or scenario.blocks) == (name != "baseline")
    later = [lever for block in scenario.when for lever in block.levers]
    assert all(scenario.claimed(lever) for lever in later)


def test_a_scenario_is_shown_with_units_sources_and_the_baseline(tmp_path):
    told = truce("scenarios", "show", "joint-ultimatum").stdout
    line = next(line for line in told.splitlines() if line.startswith("sanctions.us_threat"))
    assert re.search(r"0\.9 +0\.2 +share of the fullest package.*000, paragraph 1", line)
    assert "As they stood on 2025-05-20" in told
    path = tmp_path / "later.toml"
    text = (SHIPPED / "walk-away.toml").read_text(encoding="utf-8")
    change = '[[changes]]\nday = 31\nlever = "sanctions.us_threat"\nvalue = 0.0\n'
    path.write_text(text + change, encoding="utf-8")
    assert "From day 31: sanctions.us_threat = 0\n" in truce("scenarios", "show", path).stdout


def test_an_offer_on_a_conceded_issue_is_pointed_out(tmp_path):
    path = tmp_path / "mine.toml"
    text = (SHIPPED / "walk-away.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("[levers]", '[levers]\n"offer.nato" = 0.5'), encoding="utf-8")
    for words in (("show",), ("check",)):
        assert "what is conceded is not offered" in truce("scenarios", *words, path).stdout
    assert "offer.nato is set and no claim says why" in truce("scenarios", "check", path).stdout


def test_a_day_without_an_ensemble_is_pointed_out(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "t"\nquestion = "q"\nas_of = 2025-04-01\n',
        encoding="utf-8",
    )
    told = truce("scenarios", "check", path).stdout
    assert "fine" in told
    assert "there is no ensemble of 2025-04-01" in told
    assert "truce calibrate --as-of 2025-04-01" in told
    assert "--as-of 2025-03-31, the nearest day that has one" in told
    assert "ensemble" not in truce("scenarios", "check", "baseline").stdout


def test_a_new_scenario_is_a_template_that_runs(tmp_path):
    told = truce("scenarios", "new", "my-idea", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    path = tmp_path / "scenarios" / "my-idea.toml"
    assert told.stdout.strip() == "scenarios/my-idea.toml"
    checked = truce("scenarios", "check", "my-idea", cwd=tmp_path)
    assert checked.stdout == "my-idea: fine\n"
    again = truce("scenarios", "new", "my-idea", cwd=tmp_path)
    assert again.returncode == 2
    assert "there is one of that name" in again.stderr
    assert path.read_text(encoding="utf-8") == template("my-idea")
    newest = shipped().newest_day()
    listed = truce("scenarios", "list", cwd=tmp_path).stdout
    assert re.search(rf"^my-idea +{newest} ", listed, re.MULTILINE)
    size = ("--worlds", 64)
    for words in (("run", "my-idea", *size), ("compare", "my-idea", "my-idea+aid.level=0", *size),
                  ("sweep", "my-idea", "--vary", "aid.level=0,1", *size)):  # fmt: skip
        done = truce(*words, cwd=tmp_path)
        assert f"as of {newest}" in done.stdout, done.stderr
    for manifest in (tmp_path / "outputs").rglob("manifest.json"):
        document = json.loads(manifest.read_text(encoding="utf-8"))
        assert f"--as-of {newest}" in document["command"]


def test_each_lever_of_the_template_is_right_once_its_comment_is_taken_away(tmp_path):
    text = re.sub(r'(?m)^# (?="[a-z_.]+" = )', "", template("x"))
    path = tmp_path / "x.toml"
    path.write_text(text, encoding="utf-8")
    scenario = load_scenario(path)
    assert set(scenario.own_levers) == set(LEVERS)
    assert scenario.levers == load_scenario("baseline").levers


def test_a_change_by_day_and_by_date_are_shown_and_a_date_as_day_is_told(tmp_path):
    text = re.sub(r"(?m)^# (?=\[\[changes|(day|lever|value) =)", "", template("x"))
    dated = text.replace("day = 14  # or: date", "date")
    path = tmp_path / "x.toml"
    schedules = []
    for right in (text, dated):
        path.write_text(right, encoding="utf-8")
        schedules.append(load_scenario(path).schedule)
    assert schedules[0] == schedules[1] == ((14, "sanctions.us_threat", 0.9),)
    assert dated != text
    path.write_text(dated.replace("date = ", "day = "), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"\.day: .*valid integer.* goes by the key date"):
        load_scenario(path)


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", "A", "x" * 61, "history", "baseline", "con.toml"]
)
def test_a_bad_name_makes_no_file(tmp_path, name):
    told = truce("scenarios", "new", name, cwd=tmp_path)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert not list(tmp_path.rglob("*.toml"))


def test_a_check_of_many_files_names_each_that_is_wrong(tmp_path):
    wrong = tmp_path / "wrong.toml"
    text = (SHIPPED / "walk-away.toml").read_text(encoding="utf-8")
    wrong.write_text(text.replace('mediator.patience_days" =', 'mediator.patience" ='), "utf-8")
    cites = tmp_path / "cites.toml"
    cites.write_text(re.sub(r'article = "\w+"', 'article = "009_x"', text), encoding="utf-8")
    told = truce("scenarios", "check", "baseline", wrong, cites, "nothing-there")
    assert told.returncode == 2
    assert told.stdout == "baseline: fine\n"
    lines = told.stderr.splitlines()
    assert len(lines) == 3
    assert "Did you mean mediator.patience_days?" in lines[0]
    assert "'009_x' is no article of the evidence" in lines[1]
    assert "there is none of that name" in lines[2]


BAD = """\
schema = "truce/scenario/1"
title = ""
question = "q"
horizon_day = 3

[levers]
"aid.us_threat" = 1.4
"guarantee.europe" = 0.5

[[changes]]
lever = "aid.level"
value = 1

[[claims]]
text = "x"
levers = ["aid"]
"""
BAD_LATER = """\
schema = "truce/scenario/1"
title = "t"
question = "q"
as_of = 2025-05-20

[[changes]]
lever = "aid.level"
value = 1
day = 121

[[changes]]
lever = "aid.us_threat"
value = 1
day = 122

[[when]]
event = "rejects_truc"
levers = {"aid.level" = 9}
"""
CLAIMS = """\
schema = "truce/scenario/1"
title = "t"
question = "q"
as_of = 2025-05-20

[[claims]]
text = "t"
article = "x"
paragraph = 1
"""
MORE = CLAIMS[CLAIMS.index("\n[[claims]]") :]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (BAD, [(2, "title"), (4, "horizon_day"), (7, "levers.aid.us_threat"), (8, "levers"),
               (10, "changes(aid.level)"), (14, "claims.0"), (16, "claims")]),
        (BAD_LATER, [(6, "changes"), (11, "changes"), (16, "when.1"),
                     (16, "when.1"), (16, "when.1")]),
        (CLAIMS + MORE, [(8, "claims.article"), (13, "claims.article")]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_with_its_line(tmp_path, text, problems):
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    told = truce("scenarios", "check", path)
    assert told.returncode == 2
    head, *lines = told.stderr.splitlines()
    assert head == f"truce: {path.as_posix()}: {len(problems)} things are wrong:"
    found = [re.match(r"  line (\d+): (.+?): ", line).groups() for line in lines]
    assert [(int(line), key) for line, key in found] == problems


IDLE = {
    "mandate.nato is set, but concede.nato is true": (
        '"mandate.nato" = true\n"concede.nato" = true', '"concede.nato" = false'),
    "sanctions.deadline_days is set and changes nothing": (
        '"sanctions.deadline_days" = 9\n"sanctions.us_threat" = 0\n"aid.us_threat" = 0\n'
        '"sanctions.europe_threat" = 0', '"aid.us_threat" = 0.1'),
    "sanctions.us_follow_through is set and changes nothing: sanctions.us_threat is 0": (
        '"sanctions.us_follow_through" = "kept"\n"sanctions.us_threat" = 0',
        '"sanctions.us_threat" = 0.1'),
    "sanctions.relief_on_signature is set and changes nothing": (
        '"sanctions.relief_on_signature" = 1\n"sanctions.relief" = 0', '"sanctions.relief" = 1'),
    "sanctions.us_threat falls due on day 150, after the horizon of 120 days": (
        '"sanctions.us_threat" = 0.9\n"sanctions.deadline_days" = 150',
        '"sanctions.deadline_days" = 100'),
}  # fmt: skip


@pytest.mark.parametrize("note", IDLE)
def test_what_is_allowed_and_idle_is_noted(tmp_path, note):
    idle, mended = IDLE[note]
    path = tmp_path / "idle.toml"
    head = CLAIMS[: CLAIMS.index("[[claims")] + "[levers]\n"
    path.write_text(head + idle, encoding="utf-8")
    told = truce("scenarios", "check", path)
    assert f"note: {note}" in told.stdout
    assert told.returncode == 0
    kept = [line for line in idle.split("\n") if line.split()[0] != mended.split()[0]]
    path.write_text(head + "\n".join([*kept, mended]), encoding="utf-8")
    assert note not in truce("scenarios", "check", path).stdout


def test_a_file_of_the_same_name_is_noted(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "baseline.toml").write_bytes((SHIPPED / "baseline.toml").read_bytes())
    told = truce("scenarios", "check", "baseline", cwd=tmp_path).stdout
    assert "has the same name; 'truce run baseline' takes scenarios/baseline.toml" in told


def plain(node):
    """TOML as JSON has it."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node.isoformat() if isinstance(node, dt.date) else node


def test_the_schema_accepts_what_loads_and_refuses_what_does_not():
    schema = json.loads(truce("scenarios", "schema").stdout)
    assert schema == file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name in NAMED:
        document = plain(tomllib.loads((SHIPPED / f"{name}.toml").read_text(encoding="utf-8")))
        assert not list(validator.iter_errors(document)), name
    for group, value in (("levers", {"sanctions.us_threat": 1.4}), ("levers", {"nothing": 1}),
                         ("horizon_days", 400), ("colour", "red")):  # fmt: skip
        assert list(validator.iter_errors({**document, group: value})), (group, value)
