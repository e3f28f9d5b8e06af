"""The figure of a run: says the finding, shows both intervals, and is the same every time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import struct
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from helpers.figures import by_gid, results_of, words_of

from sim.engine.domain import Outcome
from sim.estimates import Odds
from sim.inputs.conflict import shipped
from sim.inputs.levers import LEVERS
from sim.plots import odds, write_odds
from sim.plots.odds import curves, day_ticks
from sim.plots.style import (
    ANSWER_LOOKS,
    DPI,
    HEIGHT,
    LINE_COLOURS,
    OUTCOME_COLOURS,
    PALETTE,
    TITLE,
    WIDTH,
    actor_colours,
    drawable,
    left_to_right,
    spread,
    text_width,
    wrap,
)
from sim.plots.words import caption, finding, headline, percent


@pytest.fixture(scope="module")
def some():
    return results_of(
        {Outcome.HELD: 400, Outcome.COLLAPSED: 200, Outcome.WALKED_AWAY: 500, Outcome.NO_TRUCE: 900}
    )


@pytest.fixture(scope="module")
def drawn(some):
    return odds(some)


def varied(results, **changes):
    """The same numbers under a scenario with some of its fields changed."""
    scenario = dataclasses.replace(results.scenario, **changes)
    return dataclasses.replace(results, scenario=scenario)


def test_the_title_is_the_finding(some, drawn):
    said = "a 30-day truce is agreed in about 30\u00a0% of worlds and holds in 20\u00a0%"
    assert finding(some) == said
    titles = drawn.findobj(lambda artist: artist.get_gid() == "title")
    assert " ".join(title.get_text() for title in titles) == f"Baseline: {said}"


def test_the_finding_of_no_truce_and_of_one_world():
    none = results_of({Outcome.NO_TRUCE: 40})
    assert finding(none) == "no 30-day truce is agreed in any of 40 worlds"
    one = results_of({Outcome.COLLAPSED: 1})
    assert finding(one).endswith("a 30-day truce is agreed and collapses")
    fallen = results_of({Outcome.COLLAPSED: 300, Outcome.NO_TRUCE: 700})
    assert finding(fallen).endswith("and holds in none")


def test_what_was_set_by_hand_is_named(some):
    levers = {"aid.level": 0.5}
    one = varied(some, overrides=levers, horizon_given=True)
    assert headline(one)[0].startswith("Baseline with aid.level=0.5: a 30-day truce")
    assert caption(one).endswith("set: aid.level=0.5")
    two = varied(some, overrides={**levers, "front.momentum_shift": 0.1})
    assert headline(two)[0].startswith("Baseline with 2 levers changed: ")
    assert caption(two).endswith("set: aid.level=0.5, front.momentum_shift=0.1")


@pytest.mark.parametrize(
    ("mean", "half", "worlds", "words"),
    [
        (0.2849, 0.02, 1000, "28\u00a0%"),
        (0.2849, 0.004, 20_000, "28.5\u00a0%"),
        (0.0004, 0.0004, 20_000, "<0.1\u00a0%"),
        (0.9996, 0.0004, 20_000, ">99.9\u00a0%"),
        (0.0, 0.001, 20_000, "0\u00a0%"),
        (0.25, 0.2, 12, "3 of 12"),
    ],
)
def test_no_more_digits_than_the_worlds_support(mean, half, worlds, words):
    assert percent(Odds(mean, (mean - half, mean + half), None), worlds) == words


def test_the_caption_carries_the_provenance(some, drawn):
    text = by_gid(drawn, "caption").get_text().replace("\n", " ")
    assert text == caption(some)
    for part in ("evidence to 2025-05-20", "2,000 worlds", "200 of 4,096 members", "seed 7",
                 "prior-made-up", "not yet conditioned", "120 days to 2025-09-17"):  # fmt: skip
        assert part in text
    assert "PRIOR" in by_gid(drawn, "prior").get_text()


@pytest.mark.parametrize(
    ("as_of", "ends"),
    [("2031-05-20", ["20 May", "17 Sep"]), ("2031-11-20", ["20 Nov 2031", "19 Mar 2032"])],
)
def test_the_axis_of_days_has_years_where_two_years_meet(some, as_of, ends):
    figure = odds(varied(some, as_of=dt.date.fromisoformat(as_of)))
    (ax,) = (one for one in figure.axes if one.get_label() == "days")
    labels = [label.get_text() for label in ax.get_xticklabels()]
    assert [labels[0], labels[-1]] == [f"day 0\n{ends[0]}", f"day 120\n{ends[1]}"]


def test_bars_and_intervals_are_where_the_numbers_are(some, drawn):
    for name, share in some.odds.items():
        assert by_gid(drawn, f"{name}.mean").get_width() == share.mean
        assert tuple(by_gid(drawn, f"{name}.mc").get_xdata()) == share.mc
        box = by_gid(drawn, f"{name}.members")
        assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx(share.ensemble)
    edge = by_gid(drawn, "agreed.members")
    assert (edge.get_y(), edge.get_y() + edge.get_height()) == pytest.approx(some.agreed.ensemble)


def test_the_base_rate_is_marked_on_the_row_of_held(some, drawn):
    rate = some.scenario.base_rate
    mark = by_gid(drawn, "held.base_rate")
    assert mark.get_xdata()[0] == rate
    assert -0.5 < mark.get_ydata()[0] < 0.5
    assert "base rate 2.7\u00a0%" in [text.get_text() for text, _ in words_of(drawn)]
    soon = odds(varied(some, horizon_days=1))
    assert "base rate <0.1\u00a0%" in [text.get_text() for text, _ in words_of(soon)]


def test_curves_end_at_the_odds_and_the_band_at_their_interval(some):
    shares = curves(some)
    assert shares.agreed[-1] == pytest.approx(some.agreed.mean)
    assert shares.held[-1] == pytest.approx(some.odds["held"].mean)
    assert (shares.low[-1], shares.high[-1]) == pytest.approx(some.agreed.mc)
    assert (np.diff(shares.agreed) >= 0.0).all()
    assert len(shares.agreed) == some.scenario.horizon_days + 2


def test_curves_count_a_truce_on_the_day_it_takes_effect():
    results = results_of(
        {Outcome.HELD: 1, Outcome.COLLAPSED: 1, Outcome.NO_TRUCE: 2}, days=(3, 121)
    )
    shares = curves(results)
    first = [Outcome.HELD, Outcome.COLLAPSED]
    days = [int(results.tally.first_day[outcome].argmax()) for outcome in first]
    assert sorted(days) == [3, 121]
    assert shares.agreed[[2, 3, 120, 121]].tolist() == [0.0, 0.25, 0.25, 0.5]
    assert shares.held[[days[0] - 1, days[0]]].tolist() == [0.0, 0.25]


def test_the_band_is_drawn_where_the_interval_is(some, drawn):
    last = some.scenario.horizon_days + 1
    points = by_gid(drawn, "agreed.band").get_paths()[0].vertices
    edge = points[points[:, 0] == last, 1]
    assert (edge.min(), edge.max()) == pytest.approx(some.agreed.mc)
    x, y = by_gid(drawn, "curve.agreed").get_data()
    assert (x[-1], y[-1]) == pytest.approx((last, some.agreed.mean))


def test_few_members_get_no_interval_and_are_told_so():
    few = results_of({Outcome.HELD: 20, Outcome.NO_TRUCE: 60}, members=20)
    figure = odds(few)
    assert not figure.findobj(lambda artist: artist.get_gid() == "held.members")
    texts = [text.get_text() for text, _ in words_of(figure)]
    assert any("not shown below 64 members" in text for text in texts)


def test_the_same_results_give_the_same_bytes(some, tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        write_odds(some, folder)
    for name in ("odds.png", "odds.svg"):
        one, two = ((folder / name).read_bytes() for folder in folders)
        assert one == two
    svg = (folders[0] / "odds.svg").read_text(encoding="utf-8")
    assert "<text" not in svg
    assert "date" not in svg[:2000].lower()
    header = (folders[0] / "odds.png").read_bytes()[:24]
    assert struct.unpack(">II", header[16:]) == (1920, 1080)


def test_the_users_settings_of_matplotlib_neither_matter_nor_change(some, tmp_path):
    folders = [tmp_path / name for name in ("plain", "odd")]
    odd = {"font.size": 30.0, "svg.hashsalt": "other", "savefig.dpi": 50.0, "text.color": "red"}
    for folder, settings in zip(folders, ({}, odd), strict=True):
        folder.mkdir()
        with matplotlib.rc_context(settings):
            before = dict(matplotlib.rcParams)
            write_odds(some, folder)
            assert dict(matplotlib.rcParams) == before
    for name in ("odds.png", "odds.svg"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize(
    "title",
    [
        "x" * 300,
        "A question of $\\frac{1}{0}$ and _under^scores & <b>markup</b>",
        "Перемирʼя на тридцять днів",
        "三十天停火" * 20,
        "\u202ereversed \x1b[31mred\nline",
        " ",
    ],
)
def test_any_title_fits_and_never_fails(title, tmp_path):
    results = results_of({Outcome.HELD: 100, Outcome.NO_TRUCE: 300}, title=title)
    lines = headline(results)
    assert len(lines) <= 2
    assert all(text_width(line, TITLE, "bold") <= WIDTH for line in lines)
    assert finding(results).split()[-1] in lines[-1]
    write_odds(results, tmp_path)
    assert (tmp_path / "odds.png").stat().st_size > 20_000


def test_a_dollar_sign_is_a_dollar_sign(some):
    figure = odds(varied(some, title="$x_1$ or \\$5 \\frac"))
    title = figure.findobj(lambda artist: artist.get_gid() == "title")[0]
    assert title.get_text().startswith("$x_1$ or \\$5 \\frac: a 30-day truce")
    assert not title.get_parse_math()


def test_a_letter_that_the_font_lacks_is_a_box_and_control_characters_are_seen(some):
    assert drawable("a\u505cb\n") == "a□b\\n"
    assert headline(varied(some, title="\u505c\u706b" * 9))[0].startswith("baseline: ")


def test_a_script_from_right_to_left_does_not_turn_the_numbers_around(some):
    assert left_to_right("agreed in 51 %") == "agreed in 51 %"
    assert left_to_right("\u0648\u0642\u0641: 51 %") == "\u200e\u0648\u0642\u0641: 51 %"
    figure = odds(varied(some, title="\u0648\u0642\u0641"))
    title = figure.findobj(lambda artist: artist.get_gid() == "title")[0]
    assert title.get_text().startswith("\u200e\u0648\u0642\u0641: a 30-day truce")


def test_lines_are_no_wider_than_the_page_and_lose_nothing():
    text = "a few words and one" + "x" * 60
    lines = wrap(text, 300.0, TITLE)
    assert len(lines) > 2
    assert all(text_width(line, TITLE) <= 300.0 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


CASES = {
    "some": {},
    "one day": {"horizon_days": 1},
    "a year": {"horizon_days": 365},
    "a long title": {"title": "Threats & $promises_of \\sanctions " * 9},
    "all levers set": {"overrides": dict.fromkeys(LEVERS, 0.123456)},
}
COUNTS = {
    "one world": {Outcome.HELD: 1},
    "few worlds": {Outcome.HELD: 38, Outcome.COLLAPSED: 16, Outcome.WALKED_AWAY: 25},
    "no agreement": {Outcome.NO_TRUCE: 4000},
    "hardly any agreement": {Outcome.HELD: 3, Outcome.COLLAPSED: 2, Outcome.NO_TRUCE: 19_000},
    "always a truce": {Outcome.HELD: 3000, Outcome.COLLAPSED: 10},
}


def test_few_worlds_are_counted_not_given_as_shares():
    said = [text.get_text() for text, _ in words_of(odds(results_of(COUNTS["few worlds"])))]
    assert {"38 of 79", "agreed", "held", "collapsed"} <= set(said)
    none = [text.get_text() for text, _ in words_of(odds(results_of({Outcome.NO_TRUCE: 1})))]
    assert "none agreed" in none


@pytest.mark.parametrize("case", [*CASES, *COUNTS])
def test_no_words_overlap_or_leave_the_page(case, some):
    results = results_of(COUNTS[case]) if case in COUNTS else varied(some, **CASES[case])
    figure = odds(results)
    words = words_of(figure)
    for text, box in words:
        assert box.x0 >= 0.02 * WIDTH, text
        assert box.x1 <= 0.98 * WIDTH, text
        assert box.y0 >= 0.01 * HEIGHT, text
        assert box.y1 <= 0.99 * HEIGHT, text
    for (one, here), (other, there) in itertools.combinations(words, 2):
        width = min(here.x1, there.x1) - max(here.x0, there.x0)
        height = min(here.y1, there.y1) - max(here.y0, there.y0)
        assert width <= 0.0 or height <= 2.0, (one, other)


def test_all_words_can_be_read_on_a_slide(drawn):
    for text, _ in words_of(drawn):
        least = 16.0 if text.get_gid() == "caption" else 18.0
        assert text.get_size() * DPI / 72.0 >= least, text


@pytest.mark.parametrize("horizon", [1, 7, 365])
def test_any_horizon_has_ticks_from_its_first_day_to_its_last(horizon):
    ticks = day_ticks(horizon)
    assert ticks[0] == 0
    assert ticks[-1] == horizon
    assert len(ticks) <= 8
    assert ticks == sorted(set(ticks))


def test_labels_are_spread_without_overlap():
    places = spread([0.1, 0.11, 0.95], [0.1, 0.1, 0.1], 1.0)
    gaps = np.diff(places)
    assert (gaps >= 0.1 - 1e-12).all()
    assert places[-1] <= 0.95


# ------------------------------------------------------------------ colours

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]])  # fmt: skip
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                   [-0.011820, 0.042940, 0.968881]])  # fmt: skip
TRITAN = np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]])  # fmt: skip
ANSWERS = {name: look["color"] for name, look in ANSWER_LOOKS.items()}
PALETTES = {"outcomes": OUTCOME_COLOURS, "actors": actor_colours(shipped()), "lines": LINE_COLOURS,
            "answers": ANSWERS}  # fmt: skip


def linear(colour):
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lightness(colour):
    y = linear(colour) @ [0.2126, 0.7152, 0.0722]
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def lab(rgb):
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                       [0.0193, 0.1192, 0.9505]])  # fmt: skip
    x, y, z = np.cbrt(np.clip(to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089], 1e-6, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colours", PALETTES.values(), ids=PALETTES)
def test_colours_are_told_apart_in_grey_and_by_the_colour_blind(colours):
    for one, other in itertools.combinations(colours.values(), 2):
        assert abs(lightness(one) - lightness(other)) >= 10.0
        for sight in (np.eye(3), PROTAN, DEUTAN, TRITAN):
            apart = np.linalg.norm(lab(sight @ linear(one)) - lab(sight @ linear(other)))
            assert apart >= 20.0


def test_every_outcome_and_actor_has_a_colour_from_dark_to_light():
    assert list(OUTCOME_COLOURS) == [outcome.name.lower() for outcome in Outcome]
    assert set(actor_colours(shipped())) == {actor.id for actor in shipped().actors}
    for colours in (OUTCOME_COLOURS.values(), PALETTE):
        shades = [lightness(colour) for colour in colours]
        assert shades == sorted(shades)


def test_no_pyplot_and_no_pandas_are_loaded():
    late = ("matplotlib.pyplot", "pandas", "scipy.stats", "sim.calibrate", "sim.experiments",
            "mesa")  # fmt: skip
    code = f"import sim, sys; sim.plots.odds; print([m for m in {late!r} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
