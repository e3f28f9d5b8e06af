"""Which packages no other beats, as a part of a briefing."""

from __future__ import annotations

import dataclasses

import pytest
from helpers.answers import a_redteam
from helpers.briefings import blocks, part_of, words
from helpers.optimised import COSTS, PACKAGES, an_optimised

import sim
from sim.brief import briefing
from sim.brief.again import Change
from sim.brief.content import Picture, Table
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.pdf import pdf
from sim.brief.pptx import pptx
from sim.errors import StoreError
from sim.inputs.scenario import load_scenario
from sim.plots.optimise import finding


@pytest.fixture(scope="module")
def run():
    return sim.run("baseline", worlds=4096)


@pytest.fixture(scope="module")
def material(run):
    return gather([run, an_optimised()])


def part(material, found):
    return part_of(briefing(dataclasses.replace(material, optimised=(found,))), "optimise")


def row(table, number):
    return [cell.text.replace("\u00a0", " ") for cell in table.rows[number]]


def test_the_best_its_price_and_what_is_tied_stand_in_the_part(material):
    found = an_optimised()
    made = part(material, found)
    assert made.heading == "Which packages no other beats"
    assert made.finding == f"Baseline: {finding(found)}."
    (picture,) = blocks(made, Picture)
    assert "aid.level to 0.955: " not in picture.alt.split("; ")[0]
    assert "21.5\u00a0%, worth to Russia +0.004, worth to Ukraine +0.012" in picture.alt
    table, few = blocks(made, Table)
    assert row(table, 0) == [
        "sanctions.us_threat to 0.955, aid.level to 0.955, offer.territory to deferred, "
        "guarantee.us_backstop to 0.955",
        *("21.5 %", "21.2 to 21.8 %", "+9.7", "+0.004", "+0.012", "the best"),
    ]
    assert row(table, 1)[-1] == "tied with the best"
    assert row(table, -1)[-1] == "behind the best"
    assert "(odds that a truce holds, worth to Russia, worth to Ukraine)" in table.caption
    assert "aid.level: arms supply to Ukraine, stands at 1" in table.caption
    assert [row(few, n)[0] for n in range(3)] == ["1", "2", "3"]
    assert row(few, 2)[2] == "21.3 %"
    said = words(made)
    assert "312 packages of 5 levers were tried, and 8 of them run again in 4,096 worlds" in said
    assert "2 other packages cannot be told apart from it by the odds that a truce holds" in said
    assert "The best clearly meets all of them." in said
    assert (
        "full knowledge of what nobody can settle today, conditions aside, would add between 1.4 "
        "and 4.9 points to the odds on average: that is what better knowledge could be worth here."
    ) in said


def test_who_pays_is_told_if_costs_were_given(material):
    made = part(material, an_optimised(costs=COSTS))
    assert "in billion euros: United States 40, Europe 20." in words(made)
    table = blocks(made, Table)[0]
    assert table.header[-3:-1] == (
        *("United States pays, billion euros", "Europe pays, billion euros"),
    )
    assert "no part of the model" in words(made)
    assert "pays" not in words(part(material, an_optimised()))


def test_conditions_that_the_dice_leave_open_are_named(material):
    edge = ((4, 0.215, 0.0005, 0.012, None, True), *PACKAGES[3:])
    said = words(part(material, an_optimised(packages=edge)))
    assert "The best is so near to this that the dice cannot tell: Russia no worse off." in said
    assert "The best clearly meets this: Ukraine no worse off." in said
    assert "None were set" in words(part(material, an_optimised(where="none")))


def test_packages_ahead_of_the_best_are_explained(material):
    ahead = (PACKAGES[0], (4, 0.23, 0.003, 0.002, -0.015, True), *PACKAGES[3:])
    made = part(material, an_optimised(packages=ahead))
    assert "1 package came out ahead of it." in words(made)
    assert "take luck for merit" in words(made)
    assert row(blocks(made, Table)[0], 0)[-1] == "came out ahead of the best"


def test_what_cannot_be_reached_and_what_no_package_betters_are_told_as_such(material):
    made = part(material, an_optimised(reach="held>=0.35"))
    (table,) = blocks(made, Table)
    assert table.finding == "The package that comes closest"
    assert len(table.rows) == 2
    said = words(made)
    assert "The closest package clearly fails it." in said
    assert "better knowledge" not in said
    stands = part(material, an_optimised(packages=((*PACKAGES[-1][:4], None, True),)))
    (table,) = blocks(stands, Table)
    assert row(table, 0)[0] == "nothing: the scenario as it stands"
    assert "None: no other package meets the conditions." in words(stands)


@pytest.mark.parametrize(
    ("robust", "header", "told"),
    [
        ("worst-quarter", "Odds in the worst quarter", "7.2"),
        ("regret", "Points missed at worst", "8.5"),
    ],
)
def test_robust_forms_have_a_column(material, robust, header, told):
    made = part(material, an_optimised(robust=robust))
    table = blocks(made, Table)[0]
    assert row(table, 0)[table.header.index(header)] == told


def test_it_stands_after_what_a_move_could_undo_and_can_be_set(material):
    both = (an_optimised(), an_optimised(costs=COSTS))
    redteam = a_redteam()
    whole = briefing(dataclasses.replace(material, redteams=(redteam,), optimised=both))
    names = [one.name for one in whole.parts]
    assert names[names.index("redteam") + 1] == "optimise"
    places = [block.name for one in whole.parts for block in blocks(one, (Picture, Table))]
    assert len(places) == len(set(places))
    (facts,) = blocks(part_of(whole, "method"), Table)
    told = {cells[0].text: cells[1].text for cells in facts.rows}
    assert told[f"Optimise {both[0].id}"].startswith("Baseline; 312 packages, the last 8 in 4,096")
    few = dataclasses.replace(whole, parts=(part_of(whole, "optimise"),))
    assert html(few).decode().count("data:image/svg+xml") == 2 * 2
    assert pdf(few).startswith(b"%PDF")
    assert pptx(few).startswith(b"PK")


def test_one_of_another_scenario_is_refused(run):
    found = an_optimised()
    other = load_scenario("us-backstop")
    setting = dataclasses.replace(found.setting, scenarios=(other,))
    with pytest.raises(StoreError, match="is about us-backstop, of which the briefing does not"):
        gather([run, dataclasses.replace(found, setting=setting)])
    assert gather([run, found]).commands[-1] == Change().of(found)
