"""The figure of packages: marks where they belong, words no stronger than intervals."""

from __future__ import annotations

import pytest
from helpers.figures import LONG_TITLE, WIDTHS, by_gid, check_words, gids, texts
from helpers.optimised import BASE, COSTS, PACKAGES, TWELVE, an_optimised
from matplotlib.lines import Line2D

from sim import plots
from sim.plots.optimise import caption, finding
from sim.plots.packages import shown_of
from sim.plots.style import DPI

FAR = "held>=0.35"
STANDS = (PACKAGES[-1],)
ALONE = ((1, 0.130, -0.021, 0.010, None, False), (*PACKAGES[-1][:4], 0.0, False))
FOUND = {
    "five levers": an_optimised(),
    "twelve levers": an_optimised(
        levers=TWELVE, packages=((12, 0.3, 0.02, 0.02, None, True), *PACKAGES[1:])
    ),
    "one lever": an_optimised(levers=("aid.level",), packages=ALONE),
    "nothing but the scenario as it stands": an_optimised(packages=STANDS),
    "costs": an_optimised(costs=COSTS),
    "a cost to one": an_optimised(costs=COSTS, objective="held,cost_us"),
    "out of reach": an_optimised(reach=FAR),
    "reached": an_optimised(reach="held>=0.15"),
    "reached at a cost": an_optimised(reach="held>=0.15", costs=COSTS),
    "no conditions": an_optimised(where="none"),
    "the worst quarter": an_optimised(robust="worst-quarter"),
    "regret": an_optimised(robust="regret"),
    "worth first": an_optimised(objective="worth_ukraine,held"),
    "a long title": an_optimised(title=LONG_TITLE),
}


def told(figure):
    return " ".join(" ".join(one.split()) for one in texts(figure))


def lines(figure, gid):
    return [one for one in figure.findobj(Line2D) if one.get_gid() == gid]


def said(**wanted):
    return finding(an_optimised(**wanted)).replace("\u00a0", " ")


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", FOUND)
def test_packages_fit_each_size(name, size):
    figure = plots.optimise(FOUND[name], size=size)
    width, height = figure.get_size_inches() * DPI
    assert width == WIDTHS[size]
    assert size != "slide" or height == 1080
    check_words(figure, size)
    assert "\\x" not in told(figure)


@pytest.mark.parametrize("name", FOUND)
def test_a_bare_figure_leaves_title_and_caption_to_others(name):
    whole, bare = (plots.optimise(FOUND[name], size="page", bare=one) for one in (False, True))
    assert {"title", "below", "caption", "key"} <= gids(whole)
    assert not {"title", "below", "caption", "prior"} & gids(bare)
    check_words(bare, "page")


def test_a_mark_stands_at_its_worth_and_its_odds_with_the_dice_of_both():
    found = FOUND["five levers"]
    figure = plots.optimise(found)
    for n, one in enumerate(found.packages):
        for side in found.aims.sides:
            mark = by_gid(figure, f"worth_{side}.{n}")
            assert list(mark.get_xdata()) == [one.worth[side].mean]
            assert list(mark.get_ydata()) == [one.odds.mean]
    across, dice = (lines(figure, gid) for gid in ("0.across", "0.mc"))
    ends = [tuple(line.get_xdata()) for line in across]
    assert ends == [one.mc for one in found.packages[0].worth.values()]
    assert [tuple(line.get_ydata()) for line in dice] == [found.packages[0].odds.mc] * 2


def test_what_is_behind_what_is_tied_and_what_fails_are_told_apart_without_colour():
    figure = plots.optimise(FOUND["five levers"])
    marks = {n: by_gid(figure, f"worth_russia.{n}") for n in range(len(PACKAGES))}
    assert [marks[n].get_marker() for n in (0, 1, 2, 3, 6, 7)] == ["*", "D", "D", "o", "x", "o"]
    full = marks[2].get_markerfacecolor()
    assert full == marks[3].get_markerfacecolor() != marks[1].get_markerfacecolor()


def test_what_the_conditions_rule_out_is_shaded_up_to_the_bound():
    figure = plots.optimise(FOUND["five levers"])
    for side in ("russia", "ukraine"):
        assert by_gid(figure, f"worth_{side}.ruled out").get_extents().width > 0.0
    figure = plots.optimise(FOUND["out of reach"])
    shade = by_gid(figure, "worth_russia.odds ruled out")
    assert shade.get_y() + shade.get_height() == pytest.approx(0.35)
    assert figure.axes[0].get_ylim()[1] > 0.35
    assert not any("ruled out" in gid for gid in gids(plots.optimise(FOUND["no conditions"])))


def test_a_cost_has_a_panel_of_its_own_that_of_one_payer_if_it_is_the_objective():
    for name, quantity in (("costs", "cost"), ("a cost to one", "cost_us")):
        found = FOUND[name]
        mark = by_gid(plots.optimise(found), f"{quantity}.0")
        paid = found.packages[0].cost
        assert list(mark.get_xdata()) == [sum(paid.values()) if quantity == "cost" else paid["us"]]
    assert "cost, billion euros" in told(plots.optimise(FOUND["costs"], size="page"))


def test_the_table_has_where_levers_stand_and_what_each_package_moves_and_brings():
    found = FOUND["five levers"]
    figure = plots.optimise(found, size="page")
    words = texts(figure)
    for lever in ("aid.level", "offer.territory", "monitoring.strength"):
        assert (found.setting.first.conflict.lever(lever).meaning in told(figure)) == (
            any(lever in one.levers for one in found.front)
        )
    assert words.count("deferred") == 1 + 3  # where it stands, and the packages that move it
    assert {"21.5", "+0.012", "11.8"} <= set(words)
    assert "empty: left as it stands" in told(figure)
    assert "1.0" not in words


def test_shown_packages_lie_along_the_whole_front_and_the_rest_are_counted():
    rows = [(1 + n % 5, 0.3 - 0.01 * n, 0.01 + 0.01 * n, 0.01, 0.01 * n, True) for n in range(12)]
    rows = [(*rows[0][:4], None, True), *rows[1:], PACKAGES[-1]]
    found = an_optimised(packages=tuple(rows))
    shown = shown_of(found, 4)
    assert [shown[0], shown[-1]] == [found.front[0], found.front[-1]]
    assert found.best in shown
    assert len(shown) == 4
    assert shown_of(found, 1) == (found.best,)
    higher = (4, 0.31, 0.001, 0.01, -0.001, True)
    among = an_optimised(packages=(rows[0], *rows[2:], higher))
    assert among.front[0] is not among.best
    assert all(among.best in shown_of(among, most) for most in (2, 3, 4, 5))
    assert "8 more unbeaten packages not shown" in told(plots.optimise(found))


def test_the_title_claims_no_more_than_the_intervals_allow():
    assert said() == (
        "moving 4 levers raises the odds that a truce holds from 11.8 to 21.5 %, without loss to "
        "either side; 2 others are tied with the best"
    )
    near = ((2, 0.122, 0.001, 0.001, None, True), (*PACKAGES[-1][:4], 0.004, False))
    assert said(packages=near).startswith("no package clearly raises the odds that a truce holds")
    assert "without loss" not in said(packages=near)
    edge = ((4, 0.215, 0.0005, 0.012, None, True), *PACKAGES[3:])
    assert "without a clear loss to either side" in said(packages=edge)
    ahead = (PACKAGES[0], (4, 0.23, 0.003, 0.002, -0.015, True), *PACKAGES[3:])
    assert said(packages=ahead).endswith("; 1 other came out ahead")
    assert "to 21.5 % on average" in said(members=(-0.01, 0.3))


def test_the_title_says_who_loses_where_no_condition_forbids_it():
    loses = ((4, 0.25, 0.08, -0.09, None, True), *PACKAGES[3:])
    assert "from 11.8 to 25.0 %, at a loss to Ukraine" in said(packages=loses, where="none")
    met = said(packages=loses, where="worth_russia>=0.05")
    assert ", at a loss to Ukraine, meeting every condition" in met
    assert "for 80 billion euros" not in said(costs=COSTS)
    assert "without loss to either side, for 60 billion euros" in said(costs=COSTS)


def test_the_title_says_what_is_cheapest_or_how_close_it_comes():
    far = said(reach=FAR)
    assert far == (
        "none of 312 packages that were tried reaches odds of at least 35 % that a truce holds; in "
        "the closest a truce holds in 21.5 %"
    )
    assert said(reach="held>=0.15").startswith(
        "the cheapest package found that reaches odds of at least 15 % that a truce holds moves 4 "
        "levers and gets 21.5 %: the side that fares worse, Russia, gains 0.004 stakes"
    )
    assert "it costs 60 billion euros" in said(reach="held>=0.15", costs=COSTS)
    open_ = said(reach="held>=0.2135", packages=(PACKAGES[0], PACKAGES[-1]))
    assert open_.endswith("whether it reaches them is within the error")
    assert said(packages=STANDS).startswith("of 312 packages that were tried, none that meets")
    stands = said(packages=((*PACKAGES[-1][:4], None, True),), reach="held>=0.1")
    assert stands.startswith("the scenario as it stands already reaches odds of at least 10 %")


def test_robust_forms_say_whose_odds_they_are():
    assert "in the quarter of the members where they are lowest from 3.9 to 7.2 %" in said(
        robust="worst-quarter"
    )
    assert "from 18.2 to 8.5 points below those of the best package for each member" in said(
        robust="regret"
    )
    assert "in the worst quarter of the members" in told(plots.optimise(FOUND["the worst quarter"]))
    assert "adds +0.012 stakes to the worth to Ukraine" in said(objective="worth_ukraine,held")


def test_the_caption_says_how_many_were_tried_and_on_what_luck_they_are_told():
    found = FOUND["five levers"]
    words = caption(found)
    assert "312 packages tried, 8 of them run again on luck that chose none" in words
    assert found.id in words
    assert found.base.odds.mean == BASE
