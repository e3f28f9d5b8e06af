"""Blocks of a scenario's file: what may stand in them, how they are told and kept."""

from __future__ import annotations

import json

import pytest
from helpers.command import truce

import sim
from sim.errors import ScenarioError, ScenarioProblemsError
from sim.inputs.blocks import Move, When
from sim.inputs.scenario_checks import block_notes
from sim.inputs.scenario_document import scenario_from

HEAD = 'schema = "truce/scenario/1"\ntitle = "A test"\nquestion = "Does it?"\nhorizon_days = 90\n'
REJECTS = '[[when]]\nevent = "rejects_truce"\nactor = "russia"\n'
RAISE = '[when.levers]\n"sanctions.us_threat" = 0.9\n'
BOTH = ("ultimatum-if-rejected", "europe-if-us-leaves")


@pytest.fixture
def write(tmp_path):
    """Write a scenario of these blocks and return its path."""

    def written(text):
        path = tmp_path / "test.toml"
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    return written


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[when]]\nevent = "rejects_truc"\n' + RAISE, "Did you mean rejects_truce"),
        ('[[when]]\nevent = "rejects_truce"\nactor = "rusia"\n' + RAISE, "Did you mean russia"),
        (REJECTS, "sets no lever"),
        (REJECTS + '[when.levers]\n"sanctions.us_threa" = 0.9\n', "sanctions.us_threat"),
        (REJECTS + '[when.levers]\n"sanctions.us_threat" = 9\n', "sanctions.us_threat"),
        ("[[when]]\n" + RAISE, "has no condition"),
        ("[[when]]\nafter_days = 5\ntimes = 2\n" + RAISE, "without an event"),
        (REJECTS + "after_days = 20\nwithin = 10\n" + RAISE, "can never be met"),
        (REJECTS + "within = 3\ntimes = 4\n" + RAISE, "on 4 days of 3"),
        (REJECTS + "within = 91\n" + RAISE, "too late for a horizon of 90 days"),
        (REJECTS + "not_by = 90\n" + RAISE, "too late"),
        (REJECTS + "not_by = 9\nwithin = 9\n" + RAISE, "Keep one"),
        (REJECTS + "not_by = 9\nagain = true\n" + RAISE, "Leave out again"),
        ('[[when]]\nevent = "truce_holds"\n' + RAISE, "the world ends"),
        ('[[when]]\nevent = "mediator_leaves"\ntimes = 2\n' + RAISE, "told once"),
        (REJECTS + RAISE + REJECTS + RAISE, "when.2: sanctions.us_threat is set by when.1"),
        (
            '[[changes]]\nday = 9\nlever = "sanctions.us_threat"\nvalue = 0.5\n' + REJECTS + RAISE,
            "is set by [[changes]] too",
        ),
        ('[[move]]\nevent = "truce_holds"\nday = 3\n', "cannot be imposed"),
        ('[[move]]\nevent = "rejects_truce"\nday = 3\n', "Give the actor"),
        ('[[move]]\nevent = "mediator_leaves"\nday = 91\n', "outside 1..90"),
        ('[[move]]\nevent = "mediator_leaves"\ndate = 2025-05-20\n', "outside 1..90"),
        ('[[move]]\nevent = "partial_truce_starts"\nday = 3\n', "energy, sea, civilian"),
        ('[[move]]\nevent = "mediator_leaves"\nday = 3\nscope = "sea"\n', "Leave it out"),
        ('[[move]]\nevent = "mediator_leaves"\nday = 3\ndays = 3\n', "Leave it out"),
        ('[[move]]\nevent = "mediator_leaves"\nday = 3\nvalue = 0.3\n', "Leave it out"),
        ('[[move]]\nevent = "mediator_leaves"\n', "give one of day, date and when"),
        ('[[move]]\nevent = "mediator_leaves"\nday = 3\nwhne = {}\n', "Did you mean when"),
        (
            '[levers]\n"aid.us_threat" = 0.0\n'
            '[[move]]\nevent = "arms_pause_begins"\nactor = "us"\nday = 3\n',
            "no lever threatens on that day",
        ),
        (
            '[levers]\n"sanctions.us_threat" = 0.0\n'
            '[[move]]\nevent = "declines_sanctions"\nactor = "us"\nday = 3\n',
            "no lever makes on that day",
        ),
        (
            '[[move]]\nevent = "accepts_truce"\nactor = "russia"\nday = 3\n'
            '[[move]]\nevent = "rejects_truce"\nactor = "russia"\nday = 3\n',
            "move.1 imposes the answer of russia on day 3 too",
        ),
    ],
)
def test_what_cannot_mean_anything_is_refused(write, text, said):
    with pytest.raises(ScenarioError) as problem:
        sim.load_scenario(write(text))
    assert said in str(problem.value)
    assert "test.toml" in problem.value.where


def test_all_problems_are_told_at_once_a_line_each(write):
    bad = '[[when]]\nevent = "rejects_truc"\n' + RAISE
    path = write(
        bad + bad.replace("us_threat", "europe_threat") + '[[move]]\nevent = "x"\nday = 1\n'
    )
    with pytest.raises(ScenarioProblemsError) as problem:
        sim.load_scenario(path)
    assert len(problem.value.problems) == 3
    said = truce("scenarios", "check", path)
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 4
    said = truce("run", path, "--worlds", 400)
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 4


def test_more_blocks_than_there_are_rows_are_refused(write):
    levers = list(sim.load_scenario("baseline").levers)[:7]
    blocks = [f'{REJECTS}[when.levers]\n"{lever}" = 0.5\n' for lever in levers]
    with pytest.raises(ScenarioError, match="at most 6"):
        sim.load_scenario(write("".join(blocks)))


@pytest.mark.parametrize("name", BOTH)
def test_shipped_scenarios_that_react_are_fine_and_told(name):
    assert truce("scenarios", "check", name).stdout == f"{name}: fine\n"
    shown = truce("scenarios", "show", name).stdout
    assert "when.1, if " in shown
    document = json.loads(truce("scenarios", "show", name, "--json").stdout)
    assert When.model_validate(document["when"][0]) == sim.load_scenario(name).when[0]


def test_what_likely_was_not_meant_is_noted(write):
    never = '[levers]\n"sanctions.us_threat" = 0.0\n"sanctions.on_breach" = 0.0\n'
    never += '[[when]]\nevent = "imposes_sanctions"\nactor = "us"\n[when.levers]\n"aid.level" = 2\n'
    assert "when.1 can never fire" in block_notes(sim.load_scenario(write(never)))[0]
    again = sim.load_scenario(write(REJECTS + "again = true\n" + RAISE))
    assert "again changes nothing" in block_notes(again)[0]
    assert block_notes(sim.load_scenario("ultimatum-if-rejected")) == []


def test_a_scenario_with_blocks_comes_back_from_its_plain_data(write):
    scenario = sim.load_scenario(
        write(
            REJECTS + "times = 2\nfor_days = 9\nagain = true\n" + RAISE
            + '[[move]]\nevent = "short_truce"\nactor = "russia"\ndate = 2025-06-02\ndays = 3\n'
        )
    )  # fmt: skip
    document = json.loads(json.dumps(scenario.as_dict()))
    assert scenario_from(document, "here") == scenario
    assert hash(scenario_from(document, "here")) == hash(scenario)
    assert scenario.resolved()["when"] == [
        {"event": "rejects_truce", "actor": "russia", "times": 2, "again": True, "for_days": 9,
         "levers": {"sanctions.us_threat": 0.9}}
    ]  # fmt: skip
    assert "when" not in sim.load_scenario("baseline").resolved()


def test_levers_of_a_block_cannot_be_changed():
    block = sim.load_scenario("ultimatum-if-rejected").when[0]
    with pytest.raises((TypeError, AttributeError)):
        block.levers["aid.level"] = 2.0


def test_a_date_moves_with_the_as_of_day_and_is_refused_before_it(write):
    dated = '[[move]]\nevent = "mediator_leaves"\ndate = 2025-05-24\n'
    scenario = sim.load_scenario(write(dated))
    assert scenario.moves[0].on_day(scenario.as_of) == 4
    assert "imposed on day 4" in truce("scenarios", "show", scenario.path).stdout
    with pytest.raises(ScenarioError, match="outside 1"):
        scenario.with_blocks((), (Move(event="mediator_leaves", date=scenario.as_of),))


def test_a_run_tells_how_often_each_block_did_what_it_says(write, tmp_path):
    path = write(REJECTS + RAISE + '[[move]]\nevent = "direct_talks"\nday = 4\n')
    results = sim.run(path, worlds=2048)
    blocks = results.as_dict()["blocks"]
    assert list(blocks) == ["when.1", "move.1"]
    fired = (results.rows["reaction_day"][:, 0] > 0).mean()
    assert blocks["when.1"]["share"]["mean"] == pytest.approx(fired)
    assert blocks["move.1"]["days"] == {"p10": 4, "p50": 4, "p90": 4}
    results.save(tmp_path)
    opened = sim.open(tmp_path / results.place)
    assert opened.as_dict() == results.as_dict()
    worlds = results.worlds
    assert (worlds["day_move_1"].dropna() == 4).all()
    assert worlds["day_when_1"].notna().mean() == pytest.approx(fired)
    assert "blocks" not in sim.run("baseline", worlds=400).as_dict()
    assert "day_when_1" not in sim.run("baseline", worlds=400).worlds
    said = truce("run", path, "--worlds", 2048, "--out", tmp_path / "out").stdout
    assert "when.1, if Russia rejects the full truce proposed: sanctions.us_threat = 0.9" in said
    assert "move.1, imposed on day 4" in said


def test_a_replay_marks_what_was_imposed_and_what_a_block_set(write, tmp_path):
    path = write(
        REJECTS + RAISE + '[[move]]\nevent = "rejects_truce"\nactor = "russia"\nday = 4\n'
        '[[move]]\nevent = "truce_collapses"\nactor = "russia"\nday = 6\n'
    )
    truce("run", path, "--worlds", 400, "--out", tmp_path)
    told = json.loads(truce("replay", "last", "--world", 3, "--out", tmp_path, "--json").stdout)
    by_day = {day: [e for e in told["entries"] if e["day"] == day] for day in (4, 5, 6)}
    assert by_day[4][0]["text"].startswith("Imposed by move.1: Russia rejects")
    (answer,) = [e for e in by_day[4] if e["what"] == "answer" and e["actor"] == "russia"]
    assert answer["imposed"] is True
    assert "It is imposed" in answer["text"]
    assert any(e["text"] == "Set by when.1: sanctions.us_threat = 0.9." for e in by_day[5])
    assert by_day[6][-1]["text"] == "The rules left no room for move.2 today."


def test_the_schema_lists_events_actors_and_levers():
    schema = json.loads(truce("scenarios", "schema").stdout)
    when = schema["$defs"]["When"]["properties"]
    assert "rejects_truce" in when["event"]["enum"]
    assert "europe" in when["actor"]["enum"]
    assert "sanctions.us_threat" in when["levers"]["properties"]
    assert {"within", "after_days", "times", "not_by", "again", "for_days"} <= set(when)
    assert {"day", "date", "when", "scope", "days"} <= set(schema["$defs"]["Move"]["properties"])
