"""The words of a briefing: odds, confidence, and how fine a number is told."""

from __future__ import annotations

import re

from matplotlib.text import Text

import sim
from sim import plots
from sim.brief import briefing
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.says_who import value
from sim.brief.words import SCALE, confidence, likelihood, members, scale_rows, verdict
from sim.estimates import Odds
from sim.experiments.compare import Difference


def test_the_words_cover_all_odds_once():
    ends = [end for end, _ in SCALE]
    assert ends == sorted(ends)
    assert ends[-1] > 1.0
    assert next(scale_rows()) == ("almost no chance", "0 to 5\u00a0%")
    assert [row[1] for row in scale_rows()][-1] == "95 to 100\u00a0%"
    for share in (0.0, 0.05, 0.2, 0.5, 0.8, 1.0):
        assert likelihood(Odds(share, (share, share), None))


def test_confidence_goes_by_the_width_of_the_members_and_never_trusts_a_prior():
    def results(both, kind="posterior"):
        odds = {"held": Odds(0.2, (0.19, 0.21), both)}
        return type("R", (), {"odds": odds, "ensemble_kind": kind})

    assert confidence(results((0.15, 0.24))) == "high"
    assert confidence(results((0.10, 0.24))) == "moderate"
    assert confidence(results((0.01, 0.61))) == "low"
    assert confidence(results((0.15, 0.24), "prior")) == "low"
    assert confidence(results(None)) == "unknown"


def test_an_error_over_several_classes_is_said_to_be_one():
    assert likelihood(Odds(0.0, (0.0, 0.79), None)) == ("anywhere from almost no chance to likely")
    assert likelihood(Odds(0.2, (0.19, 0.21), None)) == "very unlikely to unlikely"


def test_members_that_the_dice_hide_make_no_confidence():
    told = Odds(0.2, (0.12, 0.31), (0.2, 0.21))
    results = type("R", (), {"odds": {"held": told}, "ensemble_kind": "posterior"})
    assert members(told) == "within the dice"
    assert confidence(results) == "moderate"


def test_a_value_is_no_finer_than_its_interval():
    assert value((-0.2513, -0.0024, 0.2391)) == "0.00 (−0.25 to 0.24)"
    assert value((5.91, 12.3, 23.4)) == "12 (6 to 23)"
    assert value((0.2, 0.2, 0.2)) == "0.2"


def test_members_agree_on_a_direction_if_nine_in_ten_see_it_and_the_dice_do_not_hide_it():
    def said_of(members):
        found = Difference(0.03, (0.027, 0.033), members, "ahead", 0, 0, None, None, 9)
        return verdict(found)

    assert said_of((0.01, 0.08)).endswith("and nine in ten members agree on the direction")
    assert said_of((-0.004, 0.08)).endswith("agree on the direction")
    apart = said_of((-0.05, 0.16))
    assert apart.endswith("though members disagree on the direction (−5 to +16)")
    assert said_of((0.029, 0.031)).endswith("(+2.7 to +3.3)")


def test_what_was_set_beside_a_studys_file_is_told_with_it(tmp_path):
    """In its figure and in a briefing, also once it is read again from its folder."""
    scenario = sim.load_scenario("joint-ultimatum").with_levers({"aid.us_threat": 0.5})
    vary = {"sanctions.us_threat": (0.0, 1.0, 2)}
    study = sim.sweep(scenario, vary, worlds=400, out=tmp_path)
    material = gather([str(study.folder)], tmp_path)
    pages, figure = briefing(material), plots.surface(material.studies[0])
    assert pages.subtitle == "As of 2025-05-20, 120 days ahead, with aid.us_threat = 0.5"
    words = " ".join(re.sub("<[^>]*>", " ", html(pages).decode()).split())
    assert words.count("Joint ultimatum with aid.us_threat = 0.5") > 3
    assert "Joint ultimatum with aid.us_threat = 0.5; 2 points by 400 worlds" in words
    drawn = " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
    assert "Joint ultimatum with aid.us_threat=0.5" in drawn
    assert "set: aid.us_threat=0.5" in drawn
