"""Why scenarios differ and what matters, as parts of a briefing."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil

import pytest
from helpers.answers import a_sensitivity, a_why, a_world
from helpers.briefings import blocks, part_of, words

import sim
from sim.attribution.sensitivity.result import PARTS as SENSITIVITY_PARTS
from sim.brief import briefing
from sim.brief.again import Change
from sim.brief.content import Paragraph, Picture, Table
from sim.brief.given import Given
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.pdf import pdf
from sim.brief.pptx import pptx
from sim.errors import StoreError
from sim.inputs.scenario import load_scenario
from sim.plots.shares import ranking_finding
from sim.plots.tornado import finding as what_matters
from sim.plots.waterfall import finding as why_they_differ
from sim.store import Storable

WORLDS = 4096


@pytest.fixture(scope="module")
def run():
    return sim.run("joint-ultimatum", worlds=WORLDS)


@pytest.fixture(scope="module")
def told(run):
    """The briefing with one of each, and what it is made from."""
    material = gather([run, a_why(), a_world(), a_sensitivity()])
    return material, briefing(material)


# ------------------------------------------------------------------ why they differ


def test_a_difference_has_its_picture_a_row_a_lever_and_a_few_sentences(told):
    _, whole = told
    part, why = part_of(whole, "differ"), a_why()
    assert part.heading == "Why they differ"
    said = f"{why_they_differ(why)}."
    assert part.finding == said
    (picture,) = blocks(part, Picture)
    assert picture.finding == said
    (table,) = blocks(part, Table)
    *levers, total = table.rows
    assert [row[3].key for row in levers] == [one.share.mean for one in why.ranked]
    assert levers[0][3].text == "+4.0"
    assert levers[0][4].text == "+3.8 to +4.2"
    assert [cell.text for cell in levers[0][5:7]] == ["50\u00a0%", "25\u00a0%"]
    assert total[3].key == pytest.approx(sum(one.share.mean for one in why.levers))
    assert {row[0].text[0] for row in table.rows} <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    said = words(part)
    assert "7.0 % gain it under Joint ultimatum that a truce holds, and 1.0 % lose it" in said
    assert "One lever alone suffices in 56 % of these worlds; in 19 % some lever pushes" in said
    first, second, third = (
        why.setting.first.conflict.lever(one.lever).meaning for one in why.levers
    )
    assert f"“{first}” and “{second}” add 0.7 points less than apart." in said
    assert f"“{second}” and “{third}”" not in said  # their interval holds 0


def test_sampled_orders_tell_no_pairs_and_a_world_that_never_flips_no_share(told):
    sampled = dataclasses.replace(
        a_why(tuple(0.01 for _ in range(8))),
        pairs=(),
        flips=a_why().flips._replace(pushed_back=None, one_lever_suffices=None),
    )
    whole = briefing(dataclasses.replace(told[0], whys=(sampled,)))
    said = words(part_of(whole, "differ"))
    assert "Together" not in said
    assert "suffices" not in said


# ------------------------------------------------------------------ what matters


def test_levers_have_their_picture_and_a_row_for_each_end_that_was_tried(told):
    _, whole = told
    part, found = part_of(whole, "matters"), a_sensitivity()
    assert part.finding == f"O{what_matters(found)[1:]}."
    (table,) = blocks(part, Table)
    ends = [end for bar in found.tornado[:7] for end in bar.moved]
    assert [row[3].key for row in table.rows] == [end.difference.mean for end in ends]
    assert table.rows[0][5].text == "64 of 100"
    assert table.rows[0][-1].text == "−0.050"
    assert "Each alone, from 18.0\u00a0%, in 4,096 worlds at each value" in table.caption


def test_each_further_part_has_a_picture_and_a_sentence(told):
    _, whole = told
    part, found = part_of(whole, "matters"), a_sensitivity()
    names = [picture.name for picture in blocks(part, Picture)]
    assert names == [
        f"{name}-0"
        for name in ("tornado", "sobol", "split", "dice", "learned", "unknowns", "ranking")
    ]
    places = [type(block) for block in part.blocks]
    assert places == [Picture, Table, *[Picture, Paragraph] * 6, Paragraph]
    assert all(len(picture.alt) > 60 for picture in blocks(part, Picture))
    assert blocks(part, Picture)[-1].finding == f"{ranking_finding(found)}."
    said = words(part)
    assert "each value as likely as another: aid.level 0 to 1.5, offer.nato false, true." in said
    assert "A part of what the levers change is missed" in said
    assert "to know everything would raise the odds by 0.5 to 1.0 points" in said
    assert "the single number that is worth most, 0.4 points, is “Cost number 0 of a war" in said
    assert "In 23 of 100 members the best two differ by less than half a point" in said


def test_only_what_was_asked_is_told(told):
    material, found = told[0], a_sensitivity()
    for name in ("sobol", "split", "dice", "ranking"):
        alone = {key: one for key, one in found.parts.items() if key.startswith(name)}
        asked = (dataclasses.replace(found, parts=alone),)
        part = part_of(briefing(dataclasses.replace(material, sensitivities=asked)), "matters")
        assert [picture.name for picture in blocks(part, Picture)] == ["tornado-0", f"{name}-0"]
    assert set(SENSITIVITY_PARTS) >= {"worth", "tornado"}


def test_levers_that_move_nothing_are_told_as_such(told):
    still = dataclasses.replace(told[0], sensitivities=(a_sensitivity(many=False),))
    part = part_of(briefing(still), "matters")
    (table,) = blocks(part, Table)
    assert [row[0].text for row in table.rows] == ["None moves the odds clearly"]
    assert part.finding == "No lever alone clearly moves the odds that a truce holds."


# ------------------------------------------------------------------ the whole


def test_what_decided_a_world_stands_beside_the_typical_one(told):
    _, whole = told
    pictures = blocks(part_of(whole, "why"), Picture)
    assert [picture.name for picture in pictures] == ["blockers", "turned-0"]
    assert pictures[-1].finding.startswith("In world 17 a truce is agreed and collapses;")
    assert "day 3, whether a round is called: 45" in pictures[-1].alt


def test_the_parts_stand_in_their_order_and_nothing_is_shown_twice(told):
    _, whole = told
    names = [part.name for part in whole.parts]
    assert names.index("price") < names.index("differ") < names.index("matters")
    assert names.index("matters") < names.index("why")
    places = [block.name for part in whole.parts for block in blocks(part, (Picture, Table))]
    assert len(places) == len(set(places))


def test_the_method_names_each_and_the_command_makes_them_again(told):
    material, whole = told
    facts = next(block for block in part_of(whole, "method").blocks if isinstance(block, Table))
    names = [row[0].text for row in facts.rows]
    for one in (a_why(), a_world(), a_sensitivity()):
        assert f"{one.kind.capitalize()} {one.id}" in names
    assert material.commands[-1] == Change().of(a_world())  # of a run, which is made first
    assert len(material.commands) == 4


def only(whole, *names):
    """The parts of some names, alone."""
    return dataclasses.replace(whole, parts=tuple(part_of(whole, name) for name in names))


def test_all_three_forms_can_be_set(told):
    whole = only(told[1], "differ", "matters")
    page = html(whole).decode()
    assert page.count("data:image/svg+xml") == 2 * 8
    assert pdf(whole).startswith(b"%PDF")
    assert pptx(whole).startswith(b"PK")


def test_two_of_a_kind_have_places_of_their_own(told):
    other = dataclasses.replace(a_why(), outcome="agreed")
    two = dataclasses.replace(told[0], whys=(a_why(), other))
    part = part_of(briefing(two), "differ")
    assert [block.name for block in blocks(part, (Picture, Table))] == [
        *("steps-0", "levers-0", "steps-1", "levers-1")
    ]


# ------------------------------------------------------------------ what cannot stand in one


def fault(*things):
    with pytest.raises(StoreError) as caught:
        gather(things)
    return str(caught.value)


def of_scenarios(found, *scenarios):
    return dataclasses.replace(
        found, setting=dataclasses.replace(found.setting, scenarios=tuple(scenarios))
    )


def test_another_horizon_is_refused(run):
    later = [load_scenario(name, horizon_days=60) for name in ("baseline", "joint-ultimatum")]
    for found in (of_scenarios(a_why(), *later), of_scenarios(a_sensitivity(), later[1])):
        said = fault(run, found)
        assert f"{found.kind} {found.id}: looks ahead 60 days from 2025-05-20" in said
        assert f"but run {run.id} 120 days from 2025-05-20" in said


def test_an_answer_about_another_scenario_is_refused(run):
    first, second = a_why().setting.scenarios
    assert gather([run, of_scenarios(a_why(), second, first)]).whys  # the baseline is told of
    other = load_scenario("us-backstop")
    for found in (
        of_scenarios(a_why(), first, other),
        of_scenarios(a_sensitivity(), other),
        of_scenarios(a_world(), other),
    ):
        said = fault(run, found)
        assert "is about us-backstop, of which the briefing does not tell." in said
        assert "truce run us-backstop" in said


def test_an_answer_of_other_members_is_refused(run):
    older = dataclasses.replace(a_why().setting, ensemble_id="posterior-older")
    said = fault(run, dataclasses.replace(a_why(), setting=older))
    assert "is of the ensemble posterior-older" in said


def test_a_kind_that_a_briefing_has_no_place_for_is_refused(run):
    class Forecast(Storable):
        kind = "forecast"
        id = "f00"
        as_dict = table = facts = None

    said = fault(run, Forecast())
    assert "forecast f00: is a forecast, for which a briefing has no place. It takes runs," in said
    unkept = dataclasses.replace(a_sensitivity(), setting=None)
    assert "is about a function" in fault(run, unkept)
    with pytest.raises(StoreError):
        Given().take(Forecast())


def test_what_other_code_made_is_refused_with_its_command(run, tmp_path):
    folder = a_why().save(tmp_path)
    assert gather([run, "last-why"], tmp_path).whys[0].id == folder.name[-12:]
    older = shutil.copytree(folder, folder.with_name("0" * 12))
    path = older / "manifest.json"
    manifest = {**json.loads(path.read_text(encoding="utf-8")), "run_id": older.name}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    said = fault(run, older)
    assert "was made by another version of the model" in said
    assert re.search(r"Make it again: .*sim\.why\(", said)
