"""The words of a briefing: odds, confidence, and how fine a number is told."""

from __future__ import annotations

import re

from helpers.figures import difference
from matplotlib.text import Text

import sim
from sim import plots
from sim.brief import briefing
from sim.brief.answer import STANDING
from sim.brief.html import html
from sim.brief.inputs import gather
from sim.brief.says_who import value
from sim.brief.words import SCALE, confidence, likelihood, members, scale_rows, verdict
from sim.estimates import Odds
from sim.plots.style import STANDING_LOOKS


def test_the_words_cover_all_odds_once():
    ends = [end for end, _ in SCALE]
    assert ends == sorted(ends)
    assert ends[-1] > 1.0
    assert next(scale_rows()) == ("almost no chance", "0 to 5\u00a0%")
    assert [row[1] for row in scale_rows()][-1] == "95 to 100\u00a0%"
    for share in (0.0, 0.05, 0.2, 0.5, 0.8, 1.0):
        assert likelihood(Odds(share, (share, share), None))


def test_confidence_goes_by_the_width_of_the_members_and_never_trusts_a_prior():
    def sure(both, kind="posterior"):
        return confidence(Odds(0.2, (0.19, 0.21), both), kind)

    assert sure((0.15, 0.24)) == "high"
    assert sure((0.10, 0.24)) == "moderate"
    assert sure((0.01, 0.61)) == "low"
    assert sure((0.15, 0.24), "prior") == "low"
    assert sure(None) == "unknown"


def test_each_standing_of_a_number_has_a_clause():
    assert set(STANDING) == set(STANDING_LOOKS)


def test_an_error_over_several_classes_is_said_to_be_one():
    assert likelihood(Odds(0.0, (0.0, 0.79), None)) == ("anywhere from almost no chance to likely")
    assert likelihood(Odds(0.2, (0.19, 0.21), None)) == "very unlikely to unlikely"


def test_members_that_the_dice_hide_make_no_confidence():
    told = Odds(0.2, (0.12, 0.31), (0.2, 0.21))
    assert members(told) == "within the dice"
    assert confidence(told, "posterior") == "moderate"


def test_a_value_is_no_finer_than_its_interval():
    assert value((-0.2513, -0.0024, 0.2391)) == "0.00 (−0.25 to 0.24)"
    assert value((5.91, 12.3, 23.4)) == "12 (6 to 23)"
    assert value((0.2, 0.2, 0.2)) == "0.2"


def test_members_are_counted_and_no_dice_are_quoted_where_they_disagree_on_the_sign():
    def said_of(members):
        shares = (0.83, 0.12) if members else (None, None)
        return verdict(difference(0.03, members, *shares, half=0.003))

    assert said_of((0.01, 0.08)) == (
        "raises the odds by 3.0 points (+2.7 to +3.3), and 83 of 100 members agree"
    )
    apart = (
        "raises the odds by 3.0 points on average, but raises them in 83 of 100 members and lowers "
        "them in 12, with no clear effect in 5"
    )
    assert said_of((-0.001, 0.08)) == said_of((-0.05, 0.16)) == apart
    assert said_of((0.029, 0.031)).endswith("(+2.7 to +3.3)")
    assert said_of(None).endswith("(+2.7 to +3.3)")
    tied = verdict(difference(0.001, (-0.05, 0.06), 0.4, 0.35, half=0.003))
    assert tied == (
        "makes no difference to the odds on average (+0.1 ± 0.3 points), but raises them in 40 of "
        "100 members and lowers them in 35, with no clear effect in 25"
    )


def test_what_was_set_beside_a_studys_file_is_told_with_it(tmp_path):
    """In its figure and in a briefing, also once it is read again from its folder."""
    scenario = sim.load_scenario("joint-ultimatum").with_levers({"aid.us_threat": 0.5})
    vary = {"sanctions.us_threat": (0.0, 1.0, 2)}
    study = sim.sweep(scenario, vary, worlds=400, out=tmp_path)
    material = gather([str(study.folder)], tmp_path)
    pages, figure = briefing(material), plots.surface(material.studies[0])
    assert pages.subtitle == "As of 20 May 2025, 120 days ahead, with aid.us_threat = 0.5"
    words = " ".join(re.sub("<[^>]*>", " ", html(pages).decode()).split())
    assert words.count("Joint ultimatum with aid.us_threat = 0.5") > 3
    assert "Joint ultimatum with aid.us_threat = 0.5; 2 points by 400 worlds" in words
    drawn = " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())
    assert "Joint ultimatum with aid.us_threat=0.5" in drawn
    assert "set: aid.us_threat=0.5" in drawn
