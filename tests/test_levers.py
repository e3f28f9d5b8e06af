"""Levers of every kind: what they take, how they are stored and shown, and a word among them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import sim
from sim.cli import app
from sim.commands import sweep_command
from sim.engine.domain import OFFERED, FollowThrough, Issue
from sim.errors import ScenarioError
from sim.experiments.sweep.finish import request
from sim.experiments.sweep.plan import plan_sweep
from sim.inputs.conflict import shipped
from sim.inputs.history import HistoryRow
from sim.inputs.lever_kinds import DeferrableNumber, Number, Switch, WholeDays, Word
from sim.inputs.levers import LEVERS, Lever, check_lever, parse_value
from sim.inputs.made_from import inputs_of
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_document import scenario_from
from sim.inputs.schema import file_schema
from sim.text import near_name

NAME = "talks.order"
WORDS = ("truce-first", "terms-first")

_ALL = ("There are: ", "`truce levers`")


@pytest.fixture
def word_lever(monkeypatch, tmp_path):
    """A lever whose value is one of two words; rules read its code as that of `concede.nato`."""
    lever = Lever(NAME, "what is talked of first", "order", Word(WORDS), "concede_nato")
    # an ensemble is of the record without the new row: its members do not depend on it
    made_from = {day: inputs_of("posterior", day) for day in shipped().ensemble_days()}
    monkeypatch.setitem(LEVERS, NAME, lever)
    monkeypatch.setattr("sim.inputs.ensemble.inputs_of", lambda kind, day, *of: made_from[day])
    first = shipped().facts.record.begins
    row = HistoryRow(lever=NAME, date=first, value=WORDS[1], source="assumed: for a test")
    record = dataclasses.replace(shipped().record, levers=(row, *shipped().record.levers))
    monkeypatch.setattr(shipped(), "record", record)
    monkeypatch.chdir(tmp_path)
    return lever


def truce(*arguments):
    return CliRunner().invoke(app, [str(word) for word in arguments], catch_exceptions=False)


KINDS = {
    "number": (Number(0, 2), "0.5", 0.5, "much", 0.5),
    "days": (WholeDays(1, 365), "30", 30.0, "2.5", 30.0),
    "deferrable": (DeferrableNumber(0, 1, "named"), "deferred", "deferred", "late", 0.0),
    "switch": (Switch(), "True", True, "1", 1.0),
    "word": (Word(("a", "b", "c")), "c", "c", "d", 2.0),
}


@pytest.mark.parametrize(("kind", "text", "value", "wrong", "code"), KINDS.values(), ids=KINDS)
def test_a_kind_reads_checks_and_codes_its_values(kind, text, value, wrong, code):
    parsed = kind.parse(text)
    assert parsed == value
    assert type(parsed) is type(value)
    assert kind.check("here", parsed, "unit") == value
    assert kind.code(value) == code
    with pytest.raises(ScenarioError, match=r"^here: "):
        kind.check("here", kind.parse(wrong), "unit")
    for tried in kind.trial():
        assert kind.check("here", tried, "unit") == tried


@pytest.mark.parametrize("words", [(), ("a",), ("a", "a"), ("a", "b,c"), ("a", "1"), ("a", "b+c")])
def test_words_are_two_or_more_and_fit_a_command_line(words):
    with pytest.raises(ValueError, match="plain words"):
        Word(words)


def test_a_word_is_checked_with_a_suggestion(word_lever):
    assert check_lever("here", NAME, np.str_(WORDS[0])) == WORDS[0]
    assert type(check_lever("here", NAME, np.str_(WORDS[0]))) is str
    with pytest.raises(ScenarioError, match=rf"here\.{NAME}: 'truce-frist' .*mean truce-first\?"):
        check_lever("here", NAME, "truce-frist")
    for value in (1, True, "", None):
        with pytest.raises(ScenarioError, match=r"is none of its words.*Choose truce-first or"):
            check_lever("here", NAME, value)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("guarantee.europe", ""),  # not the mediator's backstop
        ("us_threat", ""),  # of sanctions, or of arms
        ("sanctions.threat", ""),
        ("sanctions.us", ""),  # begins two names
        ("aid.europe_threat", ""),
        ("aid.relief", ""),
        ("sanction.us_treat", "sanctions.us_threat"),
        ("Sanctions.Europ_threat", "sanctions.europe_threat"),
        ("aid_level", "aid.level"),
        ("mediator.patience", "mediator.patience_days"),
        ("", ""),
        ("." * 1000, ""),
    ],
)
def test_a_suggestion_is_of_the_same_family_and_actor(typed, meant):
    assert near_name(typed, LEVERS) == meant
    with pytest.raises(ScenarioError) as caught:
        check_lever("here", typed, 1)
    said = caught.value.todo
    known = said == f"Did you mean {meant}?" if meant else said.startswith(_ALL)
    assert known


def test_an_unknown_lever_of_a_family_is_told_the_names_of_that_family():
    with pytest.raises(ScenarioError) as caught:
        check_lever("here", "guarantee.europe", 1)
    names = "guarantee.ambition, guarantee.us_backstop, guarantee.pledged"
    assert caught.value.todo == f"There are: {names}."


@pytest.mark.parametrize(
    ("lever", "value", "told"),
    [
        ("offer.nato", "defered", "Did you mean deferred?"),
        ("offer.nato", "none", "Give a number 0 to 1 or 'deferred'"),
        ("concede.nato", "ture", "Did you mean true?"),
        ("sanctions.us_threat", 1.5, "Choose 0 to 1."),  # and never 0.15
    ],
)
def test_a_value_is_corrected_only_where_it_is_a_misspelt_word(lever, value, told):
    with pytest.raises(ScenarioError) as caught:
        check_lever("here", lever, value)
    assert caught.value.todo.startswith(told)


def test_a_word_stands_in_the_policy_record_as_its_place(word_lever):
    for place, word in enumerate(WORDS):
        scenario = load_scenario("baseline").with_levers({NAME: word})
        records = agenda(scenario).policies
        assert int(records[0][word_lever.field]) == place
        again = scenario_from(json.loads(json.dumps(scenario.as_dict())), "here", scenario.claims)
        assert again == scenario


def test_a_word_in_a_file_and_in_its_schema(word_lever, tmp_path):
    text = 'schema = "truce/scenario/1"\ntitle = "t"\nquestion = "q"\nas_of = 2025-05-20\n'
    later = f'[[changes]]\nday = 9\nlever = "{NAME}"\nvalue = "{WORDS[1]}"\n'
    file = tmp_path / "own.toml"
    file.write_text(f'{text}[levers]\n{NAME} = "{WORDS[0]}"\n{later}', encoding="utf-8")
    scenario = load_scenario(file)
    assert [scenario.levers_on(day)[NAME] for day in (1, 8, 9)] == [WORDS[0], WORDS[0], WORDS[1]]
    levers = file_schema()["properties"]["levers"]["properties"]
    assert levers[NAME] == levers["talks"]["properties"]["order"]
    assert levers[NAME]["enum"] == list(WORDS)
    assert truce("scenarios", "check", file).exit_code == 0
    shown = truce("scenarios", "show", file)
    assert re.search(rf"{NAME}\s+{WORDS[0]}\s+{WORDS[1]}\s+order", shown.stdout)
    assert truce("scenarios", "new", "mine").exit_code == 0
    template = (tmp_path / "scenarios" / "mine.toml").read_text(encoding="utf-8")
    assert "(truce-first or terms-first)" in template
    assert f'# "{NAME}" = "{WORDS[1]}"' in template


def test_a_word_is_varied_and_keeps_its_type(word_lever, tmp_path):
    study = sim.sweep("baseline", {NAME: list(WORDS)}, worlds=400, out=tmp_path / "a", yes=True)
    table = study.table()
    assert table[NAME].tolist() == list(WORDS)
    assert len({tuple(row) for row in table[["held", "agreed", "collapsed"]].to_numpy()}) == 2
    assert study.to_xarray()[NAME].to_numpy().tolist() == list(WORDS)
    for part in (study.folder / "parts").iterdir():
        assert set(pq.read_table(part)[NAME].to_pylist()) <= set(WORDS)
    again = sim.Study.open(study.folder)
    assert again.design == study.design
    assert again.table().equals(table)
    for word, held in zip(WORDS, table["held"], strict=True):
        scenario = load_scenario("baseline").with_levers({NAME: word})
        assert sim.run(scenario, worlds=400).odds["held"].mean == pytest.approx(held)
    drawn = {NAME: list(WORDS), "aid.level": (0.5, 1.5)}
    drawn = sim.sweep("baseline", drawn, design="sobol", points=8, worlds=40)
    assert set(drawn.table()[NAME]) == set(WORDS)


def test_a_word_has_no_range(word_lever):
    with pytest.raises(ScenarioError, match=f"no range.*Write {NAME}=truce-first,terms-first"):
        sim.sweep("baseline", {NAME: (*WORDS, 2)}, worlds=8)


def test_a_word_is_set_and_varied_on_the_command_line(word_lever, tmp_path):
    out = ("--worlds", 400, "--out", tmp_path / "out", "--json")
    run = truce("run", "baseline", "--set", f"{NAME}={WORDS[0]}", *out)
    assert run.exit_code == 0, run.stderr
    assert json.loads(run.stdout)["levers"][NAME] == WORDS[0]
    vary = ("--vary", f"{NAME}={','.join(WORDS)}")
    done = truce("sweep", "baseline", *vary, "--yes", *out)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["points"] == 2
    plan = plan_sweep("baseline", {NAME: list(WORDS)})
    assert f"--vary {NAME}={','.join(WORDS)}" in sweep_command(request(plan))


@pytest.mark.parametrize("issuer", ["us", "europe"])
def test_the_words_of_follow_through_are_those_of_the_rules(issuer):
    name, place = f"sanctions.{issuer}_follow_through", ["us", "europe"].index(issuer)
    for code in FollowThrough:
        scenario = load_scenario("baseline").with_levers({name: code.name.lower()})
        codes = agenda(scenario).policies[0]["follow_through"]
        assert codes[place] == code
        assert codes[1 - place] == FollowThrough.DRAWN
    assert LEVERS[name].kind.choices == tuple(code.name.lower() for code in FollowThrough)


def test_each_mandate_opens_its_own_issue():
    issues = [issue.name.lower() for issue in Issue][:OFFERED]
    for place, issue in enumerate(issues):
        closed = {f"mandate.{name}": False for name in issues}
        scenario = load_scenario("baseline").with_levers({**closed, f"mandate.{issue}": True})
        opened = agenda(scenario).policies[0]["mandate"]
        assert opened.tolist() == [int(k == place) for k in range(OFFERED)]


def test_text_of_no_lever_is_left_to_be_refused():
    assert parse_value("no.lever", "1") == "1"


# ------------------------------------------------------------------ truce levers


def test_every_lever_is_listed_with_meaning_range_value_and_source():
    done = truce("levers", "--as-of", "2025-04-22", "--json")
    document = json.loads(done.stdout)
    assert document["as_of"] == "2025-04-22"
    assert [row["lever"] for row in document["levers"]] == list(LEVERS)
    standing = shipped().baseline_rows(dt.date(2025, 4, 22))
    for row in document["levers"]:
        lever, stood = shipped().lever(row["lever"]), standing[row["lever"]]
        assert (row["value"], row["source"]) == (stood.value, stood.source)
        assert (row["meaning"], row["unit"]) == (lever.meaning, lever.unit)
        assert row["range"] == lever.kind.span
        assert row["schema"] == lever.kind.schema()
    text = truce("levers").stdout
    assert f"as they stood on {shipped().ensemble_days()[-1]}" in text
    (line,) = [line for line in text.splitlines() if line.startswith("offer.territory")]
    assert re.search(r"deferred +0 to 1 or 'deferred' +place on .* +who controls what +2025-", line)


def test_levers_of_a_day_before_the_record_are_refused():
    for day, words in (("2024-01-01", "does not reach back"), ("May", "is not a day")):
        with pytest.raises(ScenarioError, match=words):
            truce("levers", "--as-of", day)


def test_a_word_lever_is_listed(word_lever):
    rows = json.loads(truce("levers", "--json").stdout)["levers"]
    assert rows[-1]["lever"] == NAME
    assert (rows[-1]["range"], rows[-1]["value"]) == ("truce-first or terms-first", WORDS[1])
