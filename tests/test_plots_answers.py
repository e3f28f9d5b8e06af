"""Figures of why scenarios differ, of one world, and of what matters: sizes, numbers, words."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from helpers.answers import (
    a_discovery,
    a_redteam,
    a_sensitivity,
    a_update,
    a_watch,
    a_why,
    a_world,
)
from helpers.figures import LONG_TITLE, WIDTHS, by_gid, check_words, gids, texts
from matplotlib.text import Text

from sim import plots
from sim.estimates import Odds
from sim.inputs.levers import LEVERS
from sim.plots.redteam import finding as worst_move
from sim.plots.shares import finding as shares_finding
from sim.plots.shares import in_words, ranking_finding
from sim.plots.style import DPI
from sim.plots.tornado import finding as what_matters
from sim.plots.tornado import unknowns_finding
from sim.plots.watch import finding as to_watch
from sim.plots.waterfall import finding as why_they_differ
from sim.plots.waterfall import with_error, world_finding

ALL = a_sensitivity()
MANY = tuple(0.03 * (-1) ** n / (n + 1) for n in range(15))
WHYS = {
    "three levers": a_why(),
    "one lever": a_why((0.05,)),
    "many levers, sampled": a_why(MANY),
    "small steps": a_why((0.004, -0.002), start=0.4),
    "tied": a_why((0.003, -0.003)),
    "a long title": a_why(title=LONG_TITLE),
}
SENSITIVITIES = {
    "all": ALL,
    "a long title": a_sensitivity(LONG_TITLE),
    "nothing moves": a_sensitivity(many=False),
    "nothing shared out": dataclasses.replace(
        ALL, parts={**ALL.parts, "sobol": None, "split": None, "dice": None}
    ),
}
CHOICES = ("ahead", "tied", "turns", "separates")
WATCHES = {
    "two events": a_watch(),
    "one event": a_watch(branches=False),
    "tenths of a per cent": dataclasses.replace(
        a_watch(), base=Odds(0.142, (0.14, 0.144), (0.01, 0.6), 0.142)
    ),
    "small odds": a_watch(0.01, base=0.02, rival=0.0),
    "no event": a_watch(0.0),
    "never": a_watch(0.0, base=0.0, rival=0.0),
    "a long title": a_watch(title=LONG_TITLE),
    **{f"a choice, {kind}": a_watch(against=kind) for kind in CHOICES},
    "a choice, a long title": a_watch(against="turns", title=LONG_TITLE),
}
FIGURES = {
    **{f"waterfall of {name}": (plots.waterfall, why) for name, why in WHYS.items()},
    **{f"watch of {name}": (plots.watch, found) for name, found in WATCHES.items()},
    "a world": (plots.turning_points, a_world()),
    "a world of no throw": (plots.turning_points, a_world(dice=0)),
}
REDTEAMS = {
    "all actors": a_redteam(),
    "none claimed": a_redteam((-0.002, -0.001, 0.0, 0.0, 0.001)),
    "a long title": a_redteam(title=LONG_TITLE),
}
FIGURES |= {f"moves of {name}": (plots.redteam, found) for name, found in REDTEAMS.items()}
DISCOVERIES = {kind: a_discovery(kind) for kind in ("found", "one number", "nothing", "none")}
DISCOVERIES["a long title"] = a_discovery(title=LONG_TITLE)
FIGURES |= {f"where, {name}": (plots.discovery, found) for name, found in DISCOVERIES.items()}
UPDATES = {
    "eight rows": a_update(),
    "many rows": a_update(rows=30),
    "no row": a_update(rows=0),
    "a rise": a_update(0.01, 0.3),
    "next to nothing": a_update(0.4, 0.401),
}
FIGURES |= {f"update of {name}": (plots.update, found) for name, found in UPDATES.items()}
for _name, _found in SENSITIVITIES.items():
    for _part, _draw in plots.sensitivity_figures(_found).items():
        FIGURES[f"{_part} of {_name}"] = (lambda _, draw=_draw, **look: draw(**look), _found)


def words_in(figure):
    return " ".join(" ".join(told.split()) for told in texts(figure))


# ------------------------------------------------------------------ every figure


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", FIGURES)
def test_an_answer_fits_each_size(name, size):
    draw, found = FIGURES[name]
    figure = draw(found, size=size)
    width, height = figure.get_size_inches() * DPI
    assert width == WIDTHS[size]
    assert size != "slide" or height == 1080
    check_words(figure, size)
    assert "\\x" not in words_in(figure)


@pytest.mark.parametrize("name", FIGURES)
def test_a_bare_answer_leaves_title_and_caption_to_others(name):
    draw, found = FIGURES[name]
    whole, bare = (draw(found, size="page", bare=bare) for bare in (False, True))
    assert {"title", "below", "caption"} <= gids(whole)
    assert not {"title", "below", "caption", "prior"} & gids(bare)
    assert ("key" in gids(whole)) == ("key" in gids(bare))
    check_words(bare, "page")


@pytest.mark.parametrize("name", FIGURES)
def test_a_slide_is_filled(name):
    """Rows reach below the middle of a slide, if there are four or more."""
    draw, found = FIGURES[name]
    figure = draw(found)
    ax, *_ = figure.axes
    rows = round(ax.get_ylim()[0] + 0.5)
    assert rows < 4 or ax.get_position().y0 < 0.5


# ------------------------------------------------------------------ a waterfall


def test_steps_lead_from_one_scenario_to_the_other():
    why = WHYS["many levers, sampled"]
    for size, shown in (("slide", 7), ("page", 10), ("column", 8)):
        figure = plots.waterfall(why, size=size)
        place = why.odds[0].mean
        for n, one in enumerate(why.ranked[:shown], 1):
            bar = by_gid(figure, f"{n}.share")
            assert bar.get_x() + bar.get_width() == pytest.approx(place + one.share.mean)
            place += one.share.mean
        rest = by_gid(figure, f"{shown + 1}.share")
        assert rest.get_x() + rest.get_width() == pytest.approx(why.odds[1].mean)
        assert f"{len(why.levers) - shown} more levers" in words_in(figure)


@pytest.mark.parametrize("size", WIDTHS)
def test_the_values_of_a_lever_are_never_cut(size):
    said = words_in(plots.waterfall(WHYS["three levers"], size=size))
    for n in range(3):
        assert f"deferred → 0.{n}, 0.9 from day 14" in said


def test_the_title_names_the_lever_that_does_most_in_the_direction_of_the_whole():
    against = a_why((-0.03, 0.02, 0.04))
    third = against.setting.first.conflict.lever(list(LEVERS)[2]).meaning
    assert why_they_differ(against).endswith(f"most, +4.0, by “{third}”")
    assert why_they_differ(WHYS["one lever"]).endswith("alone")
    assert "are tied" in why_they_differ(WHYS["tied"])


def test_where_members_disagree_their_number_stands_in_the_title():
    split = a_why(members=(-0.2, 0.3))
    said = why_they_differ(split)
    assert "points on average against Baseline" in said
    assert said.endswith("64 of 100 members are ahead and 31 behind")
    assert "on average" not in why_they_differ(a_why())


def test_points_and_their_error_have_the_same_digits():
    assert with_error(0.0374, 0.0016) == "+3.7 ± 0.2"
    assert with_error(-0.4244, 0.0122) == "−42.4 ± 1.2"


# ------------------------------------------------------------------ one world


def test_a_world_says_how_it_ended_and_which_throw_decided_it():
    said = world_finding(a_world()).replace("\u00a0", " ")
    assert said.startswith("in world 17 a truce is agreed and collapses; the random draw that")
    assert "whether a truce holds is that of day 3, “whether a round is called”" in said
    assert said.endswith("in 45 % of cases")
    assert world_finding(a_world(dice=0)).endswith(
        "no single random draw was found to decide whether a truce holds"
    )


def test_bars_of_a_world_are_its_chances():
    figure = plots.turning_points(a_world())
    widths = [by_gid(figure, f"{n}.chance").get_width() for n in range(8)]
    assert widths[:5] == [0.2] * 5
    assert widths[5:] == pytest.approx([0.45, 0.3, 0.225])


# ------------------------------------------------------------------ what matters


@pytest.mark.parametrize("size", WIDTHS)
def test_a_tornado_has_a_bar_for_each_end_and_says_where_a_lever_stands(size):
    figure = plots.tornado(ALL, size=size)
    for n, bar in enumerate(ALL.tornado[:10]):
        for kind in ("low", "high"):
            drawn = by_gid(figure, f"{n}.{kind}")
            change = getattr(bar, kind).difference
            assert drawn.get_width() == change.mean
            assert tuple(by_gid(figure, f"{n}.{kind}.mc").get_xdata()) == change.mc
    said = words_in(figure)
    for bar in ALL.tornado[:10]:
        assert f"({bar.course})".replace("-", "−") in said
    assert ("Russia −0.05, Ukraine −0.05" in said) == (size != "column")
    assert "; deferred: −" in said


def test_the_title_of_a_tornado_says_if_members_disagree():
    said = what_matters(ALL).replace("\u00a0", " ")
    assert said.endswith("from 1 to 32 %, on average over members that disagree on the sign")
    still = what_matters(SENSITIVITIES["nothing moves"])
    assert still == "no lever alone clearly moves the odds that a truce holds"


def test_unknowns_are_drawn_from_where_the_odds_stand_without_whiskers():
    figure = plots.unknowns(ALL)
    for n, row in enumerate(ALL.parts["unknowns"]["otherwise"][:10]):
        for kind in ("low", "high"):
            width = by_gid(figure, f"{n}.{kind}").get_width()
            assert width == pytest.approx(row[f"at_{kind}"] - ALL.odds.mean)
    assert not any(name.endswith(".mc") for name in gids(figure))
    assert "−40.0 ± 1.0" in words_in(figure)
    said = unknowns_finding(ALL).replace("\u00a0", " ")
    assert "from 8 to 48 %" in said
    assert "lowers a gain" not in said


@pytest.mark.parametrize("part", ["sobol", "split", "dice", "learned"])
def test_shares_are_as_long_as_they_are_and_told_in_words(part):
    figure = plots.shares(ALL, part)
    told = in_words(ALL, part)
    widths = [by_gid(figure, f"{n}.share").get_width() for n in range(told.count(";") + 1)]
    assert sorted(widths, reverse=True)[0] == max(widths)
    if part != "split":
        assert widths == sorted(widths, reverse=True)
    assert f"{100 * widths[0]:.0f} ± 1" in told
    assert shares_finding(ALL, part)


def test_the_split_tells_both_kinds_of_luck():
    said = shares_finding(ALL, "split").replace("\u00a0", " ")
    assert said == (
        "luck decides 71 % of how one world ends: 30 % is luck that the levers turn, 41 % luck "
        "that no lever moves"
    )


def test_a_ranking_says_what_turns_it_beneath_the_bar():
    figure = plots.ranking(ALL)
    widths = [by_gid(figure, f"{n}.best").get_width() for n in range(4)]
    assert widths == [0.6, 0.13, 0.04, 0.23]
    said = words_in(figure)
    assert "the lead is +3.0 points where “Cost number 1 of a war" in said
    assert "reverses its lead over Baseline" in ranking_finding(ALL)
    calm = {**ALL.parts["ranking"], "against": []}
    quiet = dataclasses.replace(ALL, parts={**ALL.parts, "ranking": calm})
    assert ranking_finding(quiet).endswith("no single assumption clearly reverses its lead")


# ------------------------------------------------------------------ what to watch


def test_a_tree_has_a_bar_for_all_worlds_and_for_each_branch():
    found = WATCHES["two events"]
    figure = plots.watch(found)
    yes, no = found.tree.happens, found.tree.fails
    odds = [found.base, yes.odds, yes.split.happens.odds, yes.split.fails.odds,
            no.odds, no.split.happens.odds, no.split.fails.odds]  # fmt: skip
    for n, one in enumerate(odds):
        assert by_gid(figure, f"{n}.odds").get_width() == pytest.approx(one.mean)
        assert f"{n}.mc" in gids(figure)
    assert {f"{n}.branch" for n in range(1, 7)} <= gids(figure)
    assert "signs of what world one is in, not causes" in words_in(figure)


def test_the_title_claims_no_more_than_the_intervals_allow():
    assert to_watch(WATCHES["two events"]).startswith("The event to watch until 3 June is “")
    level = a_watch(0.3, rival=0.29)
    assert to_watch(level).startswith("An event to watch until 3 June is “")
    assert to_watch(WATCHES["no event"]).startswith("no public event until 3 June clearly moves")
    assert to_watch(WATCHES["never"]).startswith("in none of 4,096 worlds a truce holds")


def test_of_two_scenarios_the_title_says_what_turns_the_choice():
    said = {kind: to_watch(WATCHES[f"a choice, {kind}"]) for kind in CHOICES}
    assert "by 5 points; nothing that is watched until then turns that" in said["ahead"]
    assert said["tied"].endswith("is tied; nothing that is watched until then separates the two")
    assert "; that turns if “" in said["turns"]
    assert said["turns"].endswith("” does not happen")
    assert "; that decides it if “" in said["separates"]
    figure = plots.watch(WATCHES["a choice, turns"])
    assert by_gid(figure, "1.difference").get_width() == pytest.approx(-0.03)


# ------------------------------------------------------------------ without colour


def grey(figure):
    """By name of a bar, how light it is in grey, 0 to 100."""
    found = {}
    for bar in figure.axes[0].patches:
        value = np.array(bar.get_facecolor()[:3])
        linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
        y = linear @ [0.2126, 0.7152, 0.0722]
        found[bar.get_gid().partition(".")[2]] = 116 * np.cbrt(y) - 16
    return found


@pytest.mark.parametrize("name", ["tornado", "unknowns"])
def test_low_and_high_ends_differ_in_grey(name):
    drawn = grey(plots.sensitivity_figures(ALL)[name]())
    assert abs(drawn["low"] - drawn["high"]) >= 10.0


def test_steps_up_and_down_differ_in_grey_and_from_the_odds():
    figure = plots.waterfall(WHYS["three levers"])
    shades = {
        round(grey_of)
        for grey_of in (
            *(grey(plots.waterfall(a_why((step, step)))).get("share") for step in (0.02, -0.02)),
            grey(figure)["odds"],
        )
    }
    assert all(abs(a - b) >= 10 for a, b in itertools.combinations(shades, 2))
    assert len(shades) == 3


def test_worlds_with_an_event_and_without_it_differ_in_grey_and_from_all():
    bars = [by_gid(plots.watch(WATCHES["one event"]), f"{n}.odds") for n in range(3)]
    shades = [np.dot(bar.get_facecolor()[:3], [0.2126, 0.7152, 0.0722]) for bar in bars]
    assert all(abs(a - b) >= 0.05 for a, b in itertools.combinations(shades, 2))


# ------------------------------------------------------------------ the worst move


def test_the_bar_of_a_move_is_what_it_changes_and_grey_where_nothing_can_be_told():
    found = REDTEAMS["all actors"]
    figure = plots.redteam(found)
    bars = [by_gid(figure, f"{n}.change") for n in range(len(found.exploits))]
    assert [bar.get_width() for bar in bars] == [one.difference.mean for one in found.exploits]
    colours = {
        one.claimed: bar.get_facecolor() for one, bar in zip(found.exploits, bars, strict=True)
    }
    assert len(colours) == len(set(colours.values())) == 2


def test_the_title_of_the_worst_move_claims_no_more_than_the_intervals_allow():
    told = worst_move(REDTEAMS["all actors"])
    assert "“Washington leaves the talks” on day 3 takes 15.6 points on average" in told
    assert "more than the worst of any other actor" in told
    assert told.endswith("“Russia says yes, and walks out 5 days later” on day 13 takes 4.2")
    assert "no single move that was tried" in worst_move(REDTEAMS["none claimed"])
    level = a_redteam((-0.05, -0.049, -0.042, -0.007, 0.001), members=(-0.2, 0.0))
    assert "no more than another actor's worst within the error" in worst_move(level)
    assert "on average" not in worst_move(level)
    loses = worst_move(a_redteam(gains=-0.008))
    assert loses.endswith("; no side is seen to gain by its worst move")


# ------------------------------------------------------------------ where a condition holds


def test_the_bars_of_a_box_are_the_rows_within_and_the_mark_is_what_was_measured():
    found = DISCOVERIES["found"]
    figure = plots.discovery(found)
    for n, one in enumerate(found.box):
        bar = by_gid(figure, f"{n}.range")
        assert bar.get_x() == pytest.approx(one.below)
        assert bar.get_width() == pytest.approx(1.0 - one.above - one.below)
    mark = by_gid(figure, "told")
    assert list(mark.get_xdata()) == [found.recall]
    assert list(mark.get_ydata()) == [found.precision]
    curve = by_gid(figure, "tradeoff.held_out")
    assert list(curve.get_ydata()) == list(found.table()["precision"])


def test_the_title_says_what_was_found_and_ranges_of_nothing_are_grey():
    found, nothing = DISCOVERIES["found"], DISCOVERIES["nothing"]
    assert "within the 2 ranges shown" in found.short
    assert "within the range shown" in DISCOVERIES["one number"].short
    assert nothing.short.startswith("No condition was found")
    if nothing.tried:
        colours = {
            by_gid(plots.discovery(one), "0.range").get_facecolor() for one in (found, nothing)
        }
        assert len(colours) == 2
    none = plots.discovery(DISCOVERIES["none"])
    assert by_gid(none, "share").get_width() == DISCOVERIES["none"].base


# ------------------------------------------------------------------ what moved since


@pytest.mark.parametrize("found", UPDATES.values(), ids=list(UPDATES))
def test_the_steps_of_an_update_sum_to_the_change(found):
    figure = plots.update(found)
    before, after = found.odds["held"]
    steps = [bar.get_width() for n in range(1, 12) for bar in by_gid_if(figure, f"{n}.share")]
    assert sum(steps) == pytest.approx(after.mean - before.mean, abs=1e-9)


def test_the_key_of_an_update_says_that_the_interval_is_wider_than_the_dice():
    words = [text.get_text() for text in plots.update(a_update()).findobj(Text)]
    assert any("interval: too few worlds and pasts" in text for text in words)
    assert not any("dice" in text for text in words)


def by_gid_if(figure, gid):
    return [by_gid(figure, gid)] if gid in gids(figure) else []
