"""Scenarios that do something later, by blocks `[[when]]` and `[[move]]`, in a briefing."""

from __future__ import annotations

import dataclasses
import io

import pytest
from helpers.answers import a_sensitivity, a_why
from helpers.briefings import part_of, words
from pptx import Presentation

import sim
from sim.brief import briefing
from sim.brief.content import Briefing, Part, Table, table
from sim.brief.inputs import gather
from sim.brief.pptx import pptx
from sim.inputs.blocks import Move, When
from sim.inputs.scenario import load_scenario

WORLDS = 2048
REFUSED = "If Russia rejects the full truce proposed on 2 days"
LEAVES = Move(event="mediator_leaves", actor="us", day=60)


@pytest.fixture(scope="module")
def run():
    return sim.run("ultimatum-if-rejected", worlds=WORLDS)


@pytest.fixture(scope="module")
def told(run):
    return briefing(gather([run]))


@pytest.fixture(scope="module")
def left():
    """A run of the baseline with nothing but a move in it."""
    scenario = load_scenario("baseline").with_blocks([], [LEAVES])
    return sim.run(dataclasses.replace(scenario, name="left", title="Left alone"), worlds=WORLDS)


def table_of(told, part, name):
    found = [
        block
        for block in part_of(told, part).blocks
        if isinstance(block, Table) and block.name == name
    ]
    return found[0] if found else None


def row(one):
    return [cell.text.replace("\u00a0", " ") for cell in one]


def test_the_first_page_says_what_a_scenario_does_later_and_how_often_it_came_to_that(run, told):
    did = run.summary()["blocks"]["when.1"]
    said = words(part_of(told, "answer"))
    assert f"What it does later. {REFUSED}, from the next day on this is set: sanctions" in said
    assert "sanctions threatened by the mediator for refusing (0.9); " in said
    assert f"It came to that in {100 * did['share']['mean']:.0f} % of worlds" in said
    assert f"first on day {did['days']['p50']} at the median. Nobody in the model" in said


def test_the_comparison_has_a_row_for_each_scenario_that_does_something_later(run, told):
    did = run.summary()["blocks"]["when.1"]
    (only,) = table_of(told, "comparison", "reactions").rows
    assert row(only)[0] == "Ultimatum if rejected"
    assert row(only)[1].startswith(f"{REFUSED}, from the next day on")
    assert only[2].key == pytest.approx(did["share"]["mean"])
    assert row(only)[5] == "{p50} ({p10} to {p90})".format(**did["days"])


def test_each_lever_that_a_block_sets_is_named_with_its_claim(run, told):
    settings = table_of(told, "says-who", "settings")
    assert settings.finding == "Ultimatum if rejected sets 5 levers on a condition"
    assert len(settings.rows) == 5
    first = row(settings.rows[0])
    assert first[0].startswith("sanctions.us_threat, if Russia rejects the full truce proposed")
    assert first[1:3] == ["0.9", "0.2"]
    assert "is assumed" in first[3]
    described = "[untitled report of 10 May 2025; it cites Bloomberg News], paragraph 1 (000)"
    assert first[4] == described
    assert "Every lever stands" not in words(part_of(told, "says-who"))


def test_a_run_says_the_same_when_it_is_opened_again(run, told, tmp_path):
    again = briefing(gather([run.save(tmp_path)]))
    for part in ("answer", "comparison"):
        assert words(part_of(again, part)) == words(part_of(told, part))


def test_a_move_alone_is_no_baseline(left):
    whole = briefing(gather([left]))
    assert "Imposed on day 60: Washington leaves the talks. The move was made in" in words(
        part_of(whole, "answer")
    )
    assert "set against baseline" in words(part_of(whole, "answer")).lower()
    settings = table_of(whole, "says-who", "settings")
    assert settings.finding == "Left alone imposes 1 event"
    (only,) = settings.rows
    assert row(only)[0] == "Imposed on day 60: Washington leaves the talks"
    assert only[3].flag
    assert "Every lever stands" not in words(part_of(whole, "says-who"))


def test_what_never_comes_to_pass_is_told_as_such():
    never = When(
        event="rejects_truce", actor="russia", times=25, within=30, levers={"aid.level": 0}
    )
    scenario = load_scenario("joint-ultimatum").with_blocks([never], [])
    whole = briefing(gather([sim.run(scenario, worlds=256)]))
    assert "It came to that in 0 % of worlds." in words(part_of(whole, "answer"))
    (only,) = table_of(whole, "comparison", "reactions").rows
    assert row(only)[5] == "never"
    finding = table_of(whole, "says-who", "settings").finding
    assert finding == "Joint ultimatum sets 5 levers and sets 1 lever on a condition"


def test_scenarios_that_do_nothing_later_have_no_row(run):
    names = ("baseline", "joint-ultimatum")
    whole = briefing(gather([sim.compare(names, worlds=WORLDS)]))
    assert table_of(whole, "comparison", "reactions") is None
    assert "What it does later" not in words(part_of(whole, "answer"))
    every = briefing(gather([sim.compare([*names, "ultimatum-if-rejected"], worlds=WORLDS)]))
    (only,) = table_of(every, "comparison", "reactions").rows
    assert row(only)[0] == "Ultimatum if rejected"


# ------------------------------------------------------------------ blocks in answers


def test_a_block_that_one_scenario_lacks_is_told_once(run):
    why = a_why()
    text = "if Russia rejects the full truce proposed: aid.level = 0 from the next day"
    block = why.levers[0]._replace(lever="when.1", first="not there", second=text)
    setting = dataclasses.replace(why.setting, scenarios=(why.setting.first, run.scenario))
    found = dataclasses.replace(why, levers=(block, *why.levers[1:]), pairs=(), setting=setting)
    levers = table_of(briefing(gather([run, found])), "differ", "levers-0")
    assert row(levers.rows[0])[:3] == [f"I{text[1:]}", "not there", "there"]


def test_the_blocks_that_levers_wait_for_are_named(run):
    found = a_sensitivity(many=True)
    setting = dataclasses.replace(found.setting, scenarios=(run.scenario,))
    bars = (found.tornado[0]._replace(set_by=(("when.1", 0.9),)), *found.tornado[1:])
    asked = dataclasses.replace(found, setting=setting, tornado=bars, parts={})
    moved = table_of(briefing(gather([run, asked])), "matters", "moved-0")
    assert "when.1: if Russia rejects the full truce proposed on 2 days: sanctions" in moved.caption
    plain = dataclasses.replace(found, setting=setting, parts={})
    caption = table_of(briefing(gather([run, plain])), "matters", "moved-0").caption
    assert "when.1" not in caption


def test_a_single_long_row_is_set_small_enough_for_its_slide(told):
    long = table("long", "A row of many words is told", ("What",), [("word " * 300,)])
    whole = Briefing("Title", "Subtitle", told.day, (Part("p", "Part", (long,), "It is told"),))
    deck = Presentation(io.BytesIO(pptx(whole)))
    (grid,) = (shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table)
    assert grid.cell(1, 0).text_frame.paragraphs[0].runs[0].font.size.pt < 18.0
