"""What the live page saves is a scenario that gives the same worlds; nothing else is written."""

from __future__ import annotations

import tomllib

import pytest
from helpers.command import truce
from helpers.live import Page

import sim
from sim.inputs.reactive import agenda
from sim.live.save import save, scenario_toml
from sim.live.serve import listening, served

WORDS = {"name": "my-idea", "title": "My idea", "question": "Does it hold?"}
MOVES = (("aid.level", 0.3), ("concede.nato", False), ("offer.territory", "deferred"))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def page():
    listener = listening(0)
    with served(sim.load_scenario("baseline"), listener, seed=1):
        yield Page(listener.getsockname()[1])


def same_worlds(one, other):
    for a, b in zip(agenda(one), agenda(other), strict=True):
        assert repr(a.tolist()) == repr(b.tolist())  # where there is no number, too
    assert (one.as_of, one.horizon_days, one.rounds) == (
        other.as_of,
        other.horizon_days,
        other.rounds,
    )


@pytest.mark.parametrize(
    "name",
    [
        "baseline", "joint-ultimatum", "april-package", "europe-if-us-leaves",
        "ultimatum-if-rejected", "bank-for-black-sea", "walk-away", "moscow-maximum",
        "baseline+sanctions.us_threat=.7+mediator.patience_days=100",
    ],
)  # fmt: skip
def test_a_saved_scenario_gives_the_same_worlds_and_is_fine(here, name):
    scenario = sim.load_scenario(name, horizon_days=200).with_levers(dict(MOVES))
    path, command = save(scenario, MOVES, "my-idea", 'My “idea” = \\ "x"', "Does it\thold?")
    found = sim.load_scenario("my-idea")
    assert command == "truce run scenarios/my-idea.toml"
    assert (found.title, found.question) == ('My “idea” = \\ "x"', "Does it hold?")
    same_worlds(found, scenario)
    checked = truce("scenarios", "check", path)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "no claim says why" not in checked.stdout


def test_dated_changes_and_moves_are_kept(here):
    (here / "x.toml").write_text(
        'schema = "truce/scenario/1"\ntitle = "X"\nquestion = "?"\nas_of = {day}\n'
        '[levers]\n"sanctions.us_threat" = 0.5\n'
        '[[changes]]\ndate = {later}\nlever = "offer.territory"\nvalue = "deferred"\n'
        '[[changes]]\nday = 7\nlever = "aid.level"\nvalue = 1e-5\n'
        '[[when]]\nevent = "rejects_truce"\nactor = "russia"\ntimes = 2\nagain = true\n'
        'levers = {{ "sanctions.us_threat" = 1, "concede.nato" = true }}\n'
        '[[move]]\nevent = "short_truce"\nactor = "russia"\nday = 9\ndays = 3\n'
        '[[move]]\nevent = "imposes_sanctions"\nactor = "us"\nvalue = 0.5\n'
        'when = {{ event = "mediator_leaves" }}\n'
        '[[claims]]\ntext = "assumed: why"\nlevers = ["sanctions.us_threat", "aid.level"]\n'
        .format(day=(day := sim.load_scenario("baseline").as_of), later=day.replace(day=28)),
        encoding="utf-8",
    )  # fmt: skip
    moves = (("aid.level", 0.25), ("monitoring.strength", 0.8))
    scenario = sim.load_scenario("x.toml").with_levers(dict(moves))
    save(scenario, moves, **WORDS)
    found = sim.load_scenario("my-idea")
    same_worlds(found, scenario)
    assert found.when == scenario.when
    assert found.moves == scenario.moves
    kept, assumed = found.claims
    assert kept.levers == ("sanctions.us_threat",)
    assert set(assumed.levers) == {"aid.level", "monitoring.strength"}  # also if set again later


def test_a_claim_speaks_no_more_of_a_lever_that_was_moved_by_hand():
    scenario = sim.load_scenario("joint-ultimatum")
    claimed = next(lever for claim in scenario.claims for lever in claim.levers)
    moves = ((claimed, 0.123),)
    text = scenario_toml(scenario.with_levers(dict(moves)), moves, {"title": "t", "question": "q"})
    claims = tomllib.loads(text)["claims"]
    assert [claim["text"] for claim in claims if claimed in claim["levers"]] == [
        "assumed: set by hand on the page of truce explore"
    ]


def test_the_page_saves_and_says_where(page, here):
    saved = page.post("save", {**WORDS, "levers": {"aid.level": 0.3}})
    assert (saved.status, saved.json) == (
        201,
        {"path": "scenarios/my-idea.toml", "command": "truce run scenarios/my-idea.toml"},
    )
    assert sim.load_scenario("my-idea").levers["aid.level"] == 0.3
    before = (here / "scenarios/my-idea.toml").read_bytes()
    again = page.post("save", {**WORDS, "levers": {}})
    assert again.status == 409
    assert again.error == "scenario 'my-idea': there is one of that name. Take another."
    assert (here / "scenarios/my-idea.toml").read_bytes() == before
    assert [path.name for path in here.rglob("*")] == ["scenarios", "my-idea.toml"]


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"name": "../x"}, 400, "name: '../x' is not a name."),
        ({"name": "a/b"}, 400, "is not a name."),
        ({"name": "x.toml"}, 400, "is not a name."),
        ({"name": "X"}, 400, "is not a name."),
        ({"name": ""}, 400, "is not a name."),
        ({"name": "x\n"}, 400, "is not a name."),
        ({"name": "x" * 61}, 400, "is not a name."),
        ({"name": None}, 400, "is not a name."),
        ({"name": "history"}, 409, "there is one of that name."),
        ({"name": "baseline"}, 409, "there is one of that name."),
        ({"title": " "}, 400, "title: ' ' is not 1 to 300 characters"),
        ({"title": "x" * 301}, 400, "is not 1 to 300 characters"),
        ({"title": "a\u202eb"}, 400, "that can be printed."),
        ({"title": "\ud800"}, 400, "that can be printed."),
        ({"question": 1}, 400, "question: 1 is not 1 to 2000 characters"),
        ({"question": 1, "name": "A"}, 400, "2 things are wrong"),
        ({"levers": {"aid.level": 5}}, 400, "levers.aid.level: 5 is outside 0..2"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_nothing_is_written(page, here, changed, status, told):
    reply = page.post("save", {**WORDS, "levers": {}, **changed})
    assert (reply.status, told in reply.error) == (status, True), reply.error
    assert [*here.iterdir()] == []


def test_nothing_is_written_through_a_link(page, here, tmp_path_factory):
    away = tmp_path_factory.mktemp("away")
    (here / "scenarios").symlink_to(away)
    reply = page.post("save", {**WORDS, "levers": {}})
    assert reply.status == 409
    assert "symbolic link" in reply.error
    assert [*away.iterdir()] == []
    (here / "scenarios").unlink()
    (here / "scenarios").mkdir()
    (here / "scenarios/my-idea.toml").symlink_to(away / "x.toml")
    assert page.post("save", {**WORDS, "levers": {}}).status == 409
    assert [*away.iterdir()] == []
