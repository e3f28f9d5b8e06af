"""What to watch, and what a single move could undo, as parts of a briefing."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil

import pytest
from helpers.answers import (
    a_discovery,
    a_redteam,
    a_sensitivity,
    a_update,
    a_watch,
    odds_of,
)
from helpers.briefings import blocks, part_of, words
from helpers.figures import difference

import sim
from sim.attribution.watch.parts import MovedLever
from sim.brief import briefing
from sim.brief.again import Change
from sim.brief.content import Picture, Table
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.pdf import pdf
from sim.brief.pptx import pptx
from sim.errors import StoreError
from sim.inputs.scenario import load_scenario
from sim.plots.redteam import finding as worst_move
from sim.plots.update import finding as what_moved
from sim.plots.watch import finding as to_watch

WORLDS = 4096
NEWS = "Washington carries out its threat and cuts arms supply to Ukraine"
YES = "Ukraine accepts the full truce proposed"
PAUSE = "Russia declares a short pause"


@pytest.fixture(scope="module")
def run():
    return sim.run("joint-ultimatum", worlds=WORLDS)


@pytest.fixture(scope="module")
def material(run):
    return gather([run, a_sensitivity(), a_watch(), a_redteam(), a_discovery(), a_update()])


def with_watch(material, found):
    return part_of(briefing(dataclasses.replace(material, watches=(found,))), "watch")


def with_redteam(material, found):
    return part_of(briefing(dataclasses.replace(material, redteams=(found,))), "redteam")


def row(table, number):
    return [cell.text.replace("\u00a0", " ") for cell in table.rows[number]]


# ------------------------------------------------------------------ what to watch


def test_a_watch_names_its_scenario_and_the_odds_on_both_sides_of_each_event(material):
    found = a_watch()
    part = with_watch(material, found)
    assert part.heading == "What to watch"
    assert part.finding == f"Baseline: t{to_watch(found)[1:]}."
    (picture,) = blocks(part, Picture)
    assert picture.finding == part.finding
    assert f"{NEWS} (chance 50\u00a0%): 55\u00a0% if so, 25\u00a0% if not" in picture.alt
    (table,) = blocks(part, Table)
    assert row(table, 0) == [NEWS, "50 %", "55 %", "1 to 60 %", "25 %", "1 to 60 %", "9.4 %"]
    assert [cells[0].text for cells in table.rows] == [one.words for one in found.clear]
    assert table.header[1] == "Chance by 3 Jun"
    assert "Odds of Baseline, that a truce holds: 40\u00a0% in all worlds." in table.caption
    said = words(part)
    assert f"Under Baseline, watch first whether by 3 June this happens: “{NEWS}”." in said
    assert f"If it does (odds 55 %), most then depends on “{YES}”: 61 % if so, 49 % if not." in said
    assert "Signs are not causes." in said
    assert "lever" not in said


def test_where_a_branch_goes_no_further_that_is_said(material):
    said = words(with_watch(material, a_watch(branches=False)))
    assert "If it does (odds 55 %), nothing else that is watched clearly moves them further" in said


def test_what_a_lever_does_stands_beside_the_event_that_it_does(material):
    plain = a_watch().events
    change = difference(-0.02, (-0.04, -0.01), 0.1, 0.9)
    lever = MovedLever("sanctions.us_follow_through", "kept", odds_of(0.38), change)
    found = dataclasses.replace(a_watch(), events=(plain[0]._replace(lever=lever), *plain[1:]))
    part = with_watch(material, found)
    (told,) = (p.text.replace("\u00a0", " ") for p in part.paragraphs() if p.kind == "point")
    assert told.startswith(f"{NEWS}: 38.0 % with sanctions.us_follow_through at “kept”, that is −2")
    assert "the odds of Baseline if it is moved from the first day on" in words(part)


def test_odds_that_nothing_moves_are_told_as_such(material):
    for found in (a_watch(0.0, rival=0.0), a_watch(0.0, base=0.0, rival=0.0)):
        part = with_watch(material, found)
        (table,) = blocks(part, Table)
        assert row(table, 0)[0] == "None clearly moves the odds"
        assert part.paragraphs() == []
        assert "No event clearly moves the odds." in blocks(part, Picture)[0].alt


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ahead", "None of 924 kinds of evidence, of one event or two, clearly turns that."),
        ("tied", "None of 924 kinds of evidence, of one event or two, clearly separates the two."),
        ("turns", f"That turns if “{YES}” happens and “{PAUSE}” does not happen (chance 7.0 %)"),
        ("separates", f"What separates the two: “{YES}” happens (chance 20.0 %)"),
    ],
)
def test_a_choice_says_what_is_compared_and_what_turns_it(material, kind, told):
    found = a_watch(against=kind)
    part = with_watch(material, found)
    assert part.finding == f"T{to_watch(found)[1:]}."
    said = words(part)
    assert "A is Baseline to the end. B is Baseline until the evening of 3 June, and" in said
    assert told in said
    assert ("which cannot be told from 0" in said) == (kind in ("tied", "separates"))
    (table,) = blocks(part, Table)
    assert row(table, 0)[-2:] == ["+3 (+2 to +4)", "−2 (−4 to 0)"]
    assert "B turns from A to the levers of Joint ultimatum" in table.caption
    assert "dice, of each row alone" in table.caption


def test_a_choice_names_what_the_second_scenario_does_later(material):
    found = a_watch(against="turns")
    scenarios = (found.setting.first, load_scenario("ultimatum-if-rejected"))
    setting = dataclasses.replace(found.setting, scenarios=scenarios)
    part = with_watch(material, dataclasses.replace(found, setting=setting))
    told = "the levers of Ultimatum if rejected, and to what that scenario does later"
    assert f"turns to {told}" in words(part)
    assert "does later" not in words(with_watch(material, found))


def test_what_would_change_the_answer_names_what_to_look_for(material):
    for kind, does in (("turns", "turn"), ("separates", "separate")):
        found = a_watch(against=kind)
        whole = briefing(dataclasses.replace(material, watches=(found,)))
        said = words(part_of(whole, "answer"))
        assert re.search(rf"Whether this happens by 3 June \(chance [^)]*\): “{NEWS}”. Under", said)
        assert f"What would {does} the choice whether to go on with Baseline" in said
    assert "the choice" not in words(part_of(briefing(material), "answer"))


# ------------------------------------------------------------------ what a move could undo


def test_the_worst_moves_have_their_picture_a_row_each_and_a_few_sentences(material):
    found = a_redteam()
    part = with_redteam(material, found)
    assert part.finding == f"Joint ultimatum: {worst_move(found)}."
    (picture,) = blocks(part, Picture)
    assert "day 3, Washington leaves the talks: −15.6 points, motive: not in the" in picture.alt
    (table,) = blocks(part, Table)
    assert [cells[3].key for cells in table.rows] == [one.difference.mean for one in found.exploits]
    assert row(table, 2)[:4] == [
        *("Russia says yes, and walks out 5 days later", "13", "93 %, then 47 %", "−4.2")
    ]
    assert row(table, 2)[6:] == ["+0.008", "−0.010", "gains by it"]
    assert row(table, 4)[-1] == "has no clear effect"
    said = words(part)
    assert "5 single moves by an actor on a day were tried against Joint ultimatum" in said
    assert "The worst move takes 15.6 points (15.3 to 15.9)." in said
    assert "the worst: on day 13 Russia says yes, and walks out 5 days later (−4.2 points" in said
    assert "Whether Washington and Europe would gain by a move cannot be told" in said
    assert "two moves together, or a move that waits for an event may take more" in said


def test_moves_that_take_nothing_and_sides_without_a_motive_are_told_as_such(material):
    part = with_redteam(material, a_redteam((-0.002, -0.001, 0.0, 0.0, 0.001)))
    said = words(part)
    assert "No move is seen to lower that; the worst takes at most 0.5 points." in said
    assert "No side is seen to gain by a move of its own" in said
    assert "No side is seen to gain" in words(with_redteam(material, a_redteam(gains=-0.008)))
    assert "rules" not in said
    few = dataclasses.replace(a_redteam(), ruled_out=("one", "two"))
    assert "2 moves could not be tried" in words(with_redteam(material, few))


# ------------------------------------------------------------------ where a condition holds


def with_discovery(material, found):
    return part_of(briefing(dataclasses.replace(material, discoveries=(found,))), "discovery")


def test_a_box_is_told_in_its_sentence_a_table_and_how_far_it_is_true(material):
    found = a_discovery()
    part = with_discovery(material, found)
    assert part.heading == "Where it holds"
    assert part.finding.startswith("Joint ultimatum: the odds that a truce holds are below 5% in ")
    (picture,) = blocks(part, Picture)
    assert found.sentence in picture.alt
    (table,) = blocks(part, Table)
    assert [row(table, n)[0] for n in range(2)] == [one.name for one in found.box]
    said = words(part)
    assert found.sentence in said
    assert "600 members were searched by 6 numbers" in said
    assert "not why" in said
    assert "Three questions" not in said
    assert "Three questions tell more" in words(with_discovery(material, a_discovery("a tree")))


def test_where_nothing_is_found_the_briefing_says_so(material):
    part = with_discovery(material, a_discovery("nothing"))
    assert "No condition was found" in words(part)
    assert not blocks(part, Table)
    assert "None of 600 members" in words(with_discovery(material, a_discovery("none")))


# ------------------------------------------------------------------ what moved since


def test_what_moved_has_its_picture_a_row_each_and_what_had_been_foretold(material):
    found = a_update()
    part = part_of(briefing(material), "update")
    assert part.finding == f"{what_moved(found)}."
    (picture,) = blocks(part, Picture)
    assert "from 14" in picture.finding
    (table,) = blocks(part, Table)
    held = [one.adds["held"].mean for one in found.rows] + [found.rest("held").mean]
    assert [cells[2].key for cells in table.rows] == held
    texts = [cell.text for cells in table.rows for cell in cells[2:]]
    numbers = [number for text in texts for number in text.split(" to ")]
    assert all(re.fullmatch(r"[+\u2212]\d+\.\d|0\.0", number) for number in numbers), numbers
    said = words(part)
    assert "Clear by themselves: “sanctions threatened" in said
    assert "Noted, not counted: Kyiv: prisoner exchange." in said
    assert "“Russia does thing 0” came, for which 15 % had been foretold: as foretold." in said
    assert "“Russia does thing 1” did not come, for which 20 % had been foretold: cannot" in said
    assert "1 more event that was watched the record tells nothing yet" in said


# ------------------------------------------------------------------ the whole


def test_both_parts_stand_after_what_matters_and_nothing_is_shown_twice(material):
    two = (a_watch(), a_watch(against="turns"))
    whole = briefing(dataclasses.replace(material, watches=two, redteams=(a_redteam(),) * 2))
    names = [part.name for part in whole.parts]
    start = names.index("matters")
    assert names[start : start + 5] == ["matters", "watch", "redteam", "discovery", "why"]
    places = [block.name for part in whole.parts for block in blocks(part, (Picture, Table))]
    assert len(places) == len(set(places))
    assert {"watch-1", "events-1", "redteam-1", "moves-1"} <= set(places)


def test_the_method_names_both_and_the_command_makes_them_again(material):
    (facts,) = blocks(part_of(briefing(material), "method"), Table)
    told = {cells[0].text: cells[1].text for cells in facts.rows}
    assert told[f"Watch {a_watch().id}"].startswith("Baseline; 4,096 worlds of each, to 2025-06-03")
    assert told[f"Redteam {a_redteam().id}"].startswith("Joint ultimatum; 5 moves")
    assert told[f"Discovery {a_discovery().id}"].startswith(
        "Joint ultimatum, where held<0.05; 4,096"
    )
    both = {Change().of(found) for found in (a_watch(), a_redteam())}
    assert both <= set(material.commands)
    assert Change().of(a_discovery()) in material.commands


def test_all_three_forms_can_be_set(material):
    watches = (a_watch(), a_watch(against="turns"))
    whole = briefing(dataclasses.replace(material, watches=watches))
    few = dataclasses.replace(whole, parts=(part_of(whole, "watch"), part_of(whole, "redteam")))
    assert html(few).decode().count("data:image/svg+xml") == 2 * 3
    assert pdf(few).startswith(b"%PDF")
    assert pptx(few).startswith(b"PK")


# ------------------------------------------------------------------ what cannot stand in one


def moved_to(found, scenario):
    return dataclasses.replace(
        found, setting=dataclasses.replace(found.setting, scenarios=(scenario,))
    )


@pytest.mark.parametrize(
    "found",
    [a_watch(), a_redteam(), a_discovery(), a_update()],
    ids=["watch", "redteam", "discovery", "update"],
)
def test_what_does_not_go_with_the_rest_is_refused(run, found, tmp_path):
    def fault(thing):
        with pytest.raises(StoreError) as caught:
            gather([run, thing])
        return str(caught.value)

    later = moved_to(found, load_scenario("baseline", horizon_days=60))
    assert re.search("(looks ahead|but update .*) 60 days from", fault(later))
    said = fault(moved_to(found, load_scenario("us-backstop")))
    assert "is about us-backstop, of which the briefing does not tell." in said
    older = dataclasses.replace(found.setting, ensemble_id="posterior-older")
    assert "of the ensemble posterior-older" in fault(dataclasses.replace(found, setting=older))
    folder = found.save(tmp_path)
    assert gather([run, folder]).given[-1] == folder.name[-12:]
    stale = shutil.copytree(folder, folder.with_name("0" * 12))
    path = stale / "manifest.json"
    manifest = {**json.loads(path.read_text(encoding="utf-8")), "run_id": stale.name}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert "was made by another version of the model" in fault(stale)
