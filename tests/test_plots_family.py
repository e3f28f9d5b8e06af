"""The family of figures: three sizes, with words around or bare, and numbers at their places."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pytest
from helpers.figures import (
    LONG_TITLE,
    NBSP,
    RUNS,
    WIDTHS,
    by_gid,
    check_words,
    compared,
    gids,
    results_of,
    texts,
)

import sim
from sim import plots
from sim.attribution.drivers import Driver, Drivers
from sim.attribution.explain import Explanation, Reason
from sim.attribution.sources import Source
from sim.diary import Course, Diary, Entry
from sim.engine.domain import Issue, Outcome, Side
from sim.estimates import member_odds
from sim.experiments.compare import compare as compare_scenarios
from sim.inputs.scenario import load_scenario
from sim.plots import compare
from sim.plots.blockers import finding as who_blocks
from sim.plots.blockers import shares
from sim.plots.drivers import finding as what_drives
from sim.plots.ignorance import density, split
from sim.plots.ignorance import finding as what_is_luck
from sim.plots.incidence import layers
from sim.plots.strip import finding as what_became
from sim.plots.style import DPI

TOP = Path(__file__).parent.parent
OF_RUNS = (plots.odds, plots.endings, plots.incidence, plots.blockers, plots.ignorance)
# ------------------------------------------------------------------ sizes


def check_size(figure, size):
    width, height = figure.get_size_inches() * DPI
    assert width == WIDTHS[size]
    assert size != "slide" or height == 1080
    check_words(figure, size)


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("draw", OF_RUNS, ids=lambda draw: draw.__name__)
def test_a_figure_of_a_run_fits_each_size(draw, size):
    check_size(draw(RUNS["some"], size=size), size)


@pytest.mark.parametrize("draw", OF_RUNS, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("name", [name for name in RUNS if name != "some"])
def test_a_run_that_is_out_of_the_ordinary_fits_a_column(name, draw):
    check_size(draw(RUNS[name], size="column", bare=True), "column")


@pytest.mark.parametrize("draw", OF_RUNS, ids=lambda draw: draw.__name__)
def test_a_bare_figure_leaves_title_and_caption_to_others_and_keeps_its_key(draw):
    whole, bare = draw(RUNS["some"], size="page"), draw(RUNS["some"], size="page", bare=True)
    assert {"title", "below", "caption", "prior"} <= gids(whole)
    assert not {"title", "below", "caption", "prior"} & gids(bare)
    assert ("key" in gids(whole)) == ("key" in gids(bare))
    assert bare.get_size_inches()[1] < whole.get_size_inches()[1]


def test_another_size_is_refused_with_the_three():
    with pytest.raises(sim.SimError, match=r"'poster' is none\. There are: slide, page, column"):
        plots.odds(RUNS["some"], size="poster")


# ------------------------------------------------------------------ incidence


def test_layers_are_shares_of_all_worlds_by_day():
    """Of ten worlds one held from day 3, one collapsed from day 121; the rest have no day."""
    counts = {Outcome.HELD: 1, Outcome.WALKED_AWAY: 2, Outcome.PARTIAL_ONLY: 1,
              Outcome.NO_TRUCE: 5, Outcome.COLLAPSED: 1}  # fmt: skip
    results = results_of(counts, days=(3, 121))
    day = {o: int(results.tally.first_day[o].argmax()) for o in (Outcome.HELD, Outcome.COLLAPSED)}
    found = layers(results)
    held, fell = found["held"][1], found["collapsed"][1]
    assert held[[day[Outcome.HELD] - 1, day[Outcome.HELD]]].tolist() == [0.0, 0.1]
    assert fell[[2, 3, 120, 121]] == pytest.approx([0.0, 0.1, 0.1, 0.2])
    for name, low, high in (("walked_away", 0.2, 0.4), ("partial_only", 0.4, 0.5),
                            ("no_truce", 0.5, 1.0)):  # fmt: skip
        assert found[name][0] == pytest.approx(np.full(122, low))
        assert found[name][1] == pytest.approx(np.full(122, high))


def test_layers_are_drawn_where_the_numbers_are_and_named_with_them():
    figure = plots.incidence(RUNS["some"])
    for name, (low, high) in layers(RUNS["some"]).items():
        points = by_gid(figure, f"layer.{name}").get_paths()[0].vertices
        last = points[points[:, 0] == 121, 1]
        assert (last.min(), last.max()) == pytest.approx((low[-1], high[-1]))
    said = by_gid(figure, "walked_away.value").get_text().replace(NBSP, " ")
    assert said == "25 % walked away"
    assert "truce still to come" in texts(figure)


# ------------------------------------------------------------------ blockers


@pytest.fixture(scope="module")
def blocked():
    """Ten worlds: two held; R blocks four over two issues, U two, nobody two."""
    results = results_of({Outcome.HELD: 2, Outcome.NO_TRUCE: 8})
    results.tally.blockers[:] = 0
    results.tally.blockers[Side.R, Issue.NATO] = 3
    results.tally.blockers[Side.R, Issue.TERRITORY] = 1
    results.tally.blockers[Side.U, Issue.GUARANTEES] = 2
    return results


def test_blockers_are_shares_of_the_worlds_without_held(blocked):
    found = shares(blocked)
    assert found == {
        "russia": {"nato": 3 / 8, "territory": 1 / 8},
        "ukraine": {"guarantees": 2 / 8},
        "nobody": {"nobody": 2 / 8},
    }
    said = who_blocks(blocked).replace(NBSP, " ")
    assert said == "Russia blocks last in 4 of 8 worlds where no truce holds, most often over NATO"


def test_blockers_are_drawn_as_long_as_their_shares(blocked):
    figure = plots.blockers(blocked)
    nato, territory = (by_gid(figure, f"russia.{name}") for name in ("nato", "territory"))
    assert (nato.get_x(), nato.get_width()) == (0.0, 3 / 8)
    assert (territory.get_x(), territory.get_width()) == (3 / 8, 1 / 8)
    assert {"Russia: 50 %", "Ukraine: 25 %", "Nobody blocked: 25 %"} <= set(texts(figure))
    assert {"NATO 38", "territory 12", "guarantees 25"} <= set(texts(figure))


def test_nobody_blocks_where_all_hold():
    assert shares(RUNS["all held"]) == {}
    assert "There is no world in which no truce held." in texts(plots.blockers(RUNS["all held"]))


# ------------------------------------------------------------------ not knowing and luck


@pytest.fixture(scope="module")
def divided():
    """Half of 200 members see a truce hold in one world of four, half in three of four."""
    results = results_of({Outcome.HELD: 400, Outcome.NO_TRUCE: 400})
    counts = results.tally.outcomes
    counts[:] = 0
    counts[:100, Outcome.HELD], counts[:100, Outcome.NO_TRUCE] = 1, 3
    counts[100:200, Outcome.HELD], counts[100:200, Outcome.NO_TRUCE] = 3, 1
    return results


def test_the_split_is_the_intraclass_correlation(divided):
    """MSB = 4 x 200 / 16 / 199, MSW = .25: of the variance of one world, (MSB - MSW) / ..."""
    between, within = 4 * 200 / 16 / 199, 0.25
    share = (between - within) / (between + 3 * within)
    assert split(divided) == pytest.approx(share)
    figure = plots.ignorance(divided)
    bars = [by_gid(figure, f"split.{name}") for name in ("members", "luck")]
    assert [bar.get_width() for bar in bars] == pytest.approx([share, 1.0 - share])
    known = round(100 * share)
    told = f"{known} % is not knowing, {100 - known} % is luck"
    assert what_is_luck(divided).replace(NBSP, " ").endswith(told)
    said = set(texts(figure))
    assert {f"not knowing {known} %", f"luck {100 - known} %"} <= said
    assert "variance of held in one world, p (1 − p) = 0.250" in said


def test_the_hill_is_the_fitted_beta_of_the_members(divided):
    from scipy.stats import beta

    hill = density(divided)
    a, b = member_odds(divided.tally.outcomes[:200, Outcome.HELD], np.full(200, 4))
    assert hill.sum() == pytest.approx(1.0)
    assert hill[:25].sum() == pytest.approx(beta.cdf(0.5, a, b))
    bar = by_gid(plots.ignorance(divided), "held.members")
    ends = bar.get_x(), bar.get_x() + bar.get_width()
    assert ends == pytest.approx((beta.ppf(0.05, a, b), beta.ppf(0.95, a, b)))


@pytest.mark.parametrize(
    ("name", "why"),
    [("few worlds", "not shown below 64 members"), ("all held", "all members agree")],
)
def test_what_cannot_be_split_is_told(name, why):
    figure = plots.ignorance(RUNS[name])
    assert by_gid(figure, "none").get_text() == why
    assert f"Cannot be split: {why}." in texts(figure)


# ------------------------------------------------------------------ drivers


@pytest.fixture(scope="module")
def explanation():
    kinds = ("assumed", "size assumed", "stated", "sourced", "record")
    reasons = tuple(
        Reason(
            Driver(f"number{n}", 0.3 / (n + 1), (0.2 / (n + 1), 0.4 / (n + 1)), 0.1 - 0.04 * n),
            (0.0, 0.5, 1.0),
            (0.1, 0.5, 0.9),
            Source(f"cost of war {n} of side R, in many words {'x ' * 40}", kind, "us", ""),
        )
        for n, kind in enumerate(kinds)
    )
    found = Drivers("held", 4096, 20_000, 0.2, 0.1, 0.69, tuple(r.driver for r in reasons))
    day, members = dt.date(2025, 5, 20), {"id": "e", "kind": "posterior"}
    facts = ("made-up", "baseline", "Baseline", day, 120, 1, members, "held")
    return Explanation(*facts, found, reasons)


@pytest.mark.parametrize("size", WIDTHS)
def test_drivers_have_bars_intervals_and_effects(explanation, size):
    figure = plots.drivers(explanation, size=size)
    check_words(figure, size)
    for n, reason in enumerate(explanation.reasons):
        assert by_gid(figure, f"number{n}.share").get_width() == reason.driver.share
        assert tuple(by_gid(figure, f"number{n}.mc").get_xdata()) == reason.driver.interval
    assert {"+10 points", "−6 points", "assumed", "size assumed", "sourced"} <= set(texts(figure))


def test_drivers_say_which_number_first_with_the_name_of_the_side(explanation):
    said = what_drives(explanation).replace(NBSP, " ")
    assert said == (
        "the odds of held lean most on “cost of war 0 of Russia”: "
        "30 % of what the members disagree on"
    )
    none = dataclasses.replace(explanation, reasons=())
    assert what_drives(none).startswith("no single number")
    check_words(plots.drivers(none, size="column"), "column")


# ------------------------------------------------------------------ comparisons


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("draw", [plots.differences, plots.outcomes])
def test_comparisons_fit_each_size(draw, size):
    for number, title in ((2, "Scenario {}"), (12, "{}" + "x" * 300)):
        check_words(draw(compared(number, title), size=size), size)


def test_the_leader_is_named_only_if_it_is_clearly_ahead():
    def title(number):
        found = plots.outcomes(compared(number, "Plan {}")).findobj(
            lambda artist: artist.get_gid() == "title"
        )
        return " ".join(text.get_text() for text in found).replace(NBSP, " ")

    assert title(4) == "A truce holds most often under Plan 2: in 20 % of worlds"
    tied = "None is clearly ahead of Plan 0, where a truce holds in 20 % of worlds"
    assert title(2) == tied
    assert compare.finding(compared(4, "Plan {}")).startswith("Plan 2 raises the odds")


def test_two_are_level_if_their_own_difference_is_tied():
    """The intervals against the first overlap either way; only the pair's own counts."""
    three = compared(6, "Plan {}")  # plans 2 and 5 are ahead alike
    tied, _, behind, *_ = three.differences["held"]
    apart = dataclasses.replace(three, rivals={(2, 5): behind})
    level = dataclasses.replace(three, rivals={(2, 5): tied})
    assert compare.leader(apart).startswith("A truce holds most often under Plan 2: ")
    assert "under Plan 2 and Plan 5, too close to call" in compare.leader(level)
    assert compare.finding(apart).startswith("Plan 2 raises the odds")
    assert compare.finding(level).startswith("Plan 2, level with Plan 5, raises the odds")


# ------------------------------------------------------------------ a strip


def test_variants_of_a_scenario_are_told_apart_by_what_was_set():
    today = load_scenario("baseline")
    less = today.with_levers({"aid.level": 0.5})
    both = less.with_levers({"monitoring.strength": 0.9})
    other = today.with_levers({"aid.level": 0.4, "monitoring.strength": 0.9})

    def words_in(figure):
        return [" ".join(told.split()) for told in texts(figure)]

    found = compare_scenarios([today, less, both], worlds=80)
    for figure in (plots.differences(found), plots.outcomes(found)):
        words = words_in(figure)
        assert {"Baseline with aid.level=0.5", "Baseline with 2 levers changed"} <= set(words)
        caption = " ".join(words)
        assert "2 levers changed: aid.level=0.5, monitoring.strength=0.9" in caption
        assert "all with" not in caption

    found = compare_scenarios([less, both], worlds=80)
    words = words_in(plots.differences(found))
    assert "Baseline with monitoring.strength=0.9" in words
    assert any(told.endswith(", all with aid.level=0.5") for told in words)
    assert "set in all: aid.level=0.5" in " ".join(words)

    found = compare_scenarios([today, both, other], worlds=80)
    names = [f"Baseline with aid.level={value}, monitoring.strength=0.9" for value in (0.5, 0.4)]
    assert set(names) <= set(words_in(plots.differences(found)))
    for size in WIDTHS:
        for draw in (plots.differences, plots.outcomes):
            check_size(draw(found, size=size), size)


@pytest.fixture(scope="module")
def diary():
    """A round refused on day 2, one agreed on day 9, a truce that falls on day 15."""
    scenario = load_scenario("baseline")

    def entry(day, what, **numbers):
        return Entry(day, scenario.as_of + dt.timedelta(days=day), what, "", numbers)

    entries = (
        entry(2, "round"),
        entry(2, "answer", actor="russia", answer="no"),
        entry(2, "answer", actor="ukraine", answer="yes, but"),
        entry(5, "threat", threat="aid", carried_out=False),
        entry(9, "round"),
        entry(9, "answer", actor="russia", answer="yes"),
        entry(9, "answer", actor="ukraine", answer="yes"),
        entry(10, "truce"),
        entry(15, "truce_ends", actor="russia"),
        entry(20, "mediator_leaves"),
    )
    quiet = [""] * 9 + ["full"] * 6 + [""] * 105
    course = tuple(Course(0.1 * np.sin(n / 9), kind) for n, kind in enumerate(quiet))
    return Diary(scenario, 1, 17, 4, "collapsed", 120, entries, course)


@pytest.mark.parametrize("size", WIDTHS)
def test_a_strip_has_each_answer_and_truce_on_its_day(diary, size):
    figure = plots.strip(diary, size=size)
    check_words(figure, size)
    answers = figure.findobj(lambda artist: artist.get_gid() == "answer.russia")
    assert [int(mark.get_xdata()[0]) for mark in answers] == [2, 9]
    assert [mark.get_marker() for mark in answers] == ["X", "o"]
    bar = by_gid(figure, "quiet.full")
    assert (bar.get_x(), bar.get_width()) == (9.5, 6.0)
    assert by_gid(figure, "threat").get_xdata()[0] == 5
    assert by_gid(figure, "end").get_xdata()[0] == 120
    said = texts(figure)
    assert "threat let pass" in said
    assert "threat carried out" not in said


def test_a_strip_says_what_became_of_its_world(diary):
    said = what_became(diary)
    assert said == "2 rounds of talks in 120 days, and the truce collapsed on day 15"
    held = dataclasses.replace(diary, outcome="held", days=39)
    assert what_became(held).endswith("and a truce from day 10 held")


@pytest.mark.parametrize("size", WIDTHS)
def test_a_strip_of_a_day_and_of_a_year_fits(diary, size):
    for days in (1, 365):
        scenario = dataclasses.replace(diary.scenario, horizon_days=days, title=LONG_TITLE)
        entries = tuple(entry for entry in diary.entries if entry.day <= days)
        other = dataclasses.replace(diary, scenario=scenario, days=min(days, 120), entries=entries)
        check_words(plots.strip(other, size=size), size)


# ------------------------------------------------------------------ colours and docs


def test_every_colour_is_named_in_the_style():
    named = re.compile(r"#[0-9A-Fa-f]{6}\b|\"(?:white|black|gr[ea]y|red|green|blue|k|w|C\d)\"")
    for path in (TOP / "sim" / "plots").glob("*.py"):
        if path.name != "style.py":
            assert not named.findall(path.read_text(encoding="utf-8")), path


def test_the_gallery_shows_every_figure():
    text = (TOP / "docs" / "figures.md").read_text(encoding="utf-8")
    names = [name for name in plots.__all__ if not name.startswith("write_")]
    for name in names:
        assert f"sim.plots.{name}(" in text, name
        pictures = {"shares": [f"shares_{part}" for part in ("sobol", "split", "dice", "learned")],
                    "sensitivity_figures": []}.get(name, [name])  # fmt: skip
        for picture in pictures:
            assert f"gallery/{picture}.png" in text, picture
            assert (TOP / "docs" / "gallery" / f"{picture}.png").exists(), picture
    size = sum(path.stat().st_size for path in (TOP / "docs" / "gallery").iterdir())
    assert size < 1_500_000
