"""The figure of a run: says the finding, shows both intervals, and is the same every time."""

from __future__ import annotations

import dataclasses
import itertools
import subprocess
import sys

import numpy as np
import pytest

from sim.domain import NONE, ROW, Issue, Outcome, Side
from sim.ensemble import MEMBERS
from sim.plots import odds, write_odds
from sim.plots.odds import curves, day_ticks
from sim.plots.style import ACTOR_COLOURS, OUTCOME_COLOURS, TITLE, WIDTH, spread, text_width
from sim.plots.words import caption, finding, headline, percent
from sim.results import Odds, Results, Tally
from sim.scenario import load_scenario


def results_of(counts, members=200, title="Baseline", days=(2, 120)):
    """Results with so many worlds of each outcome, spread over members and days."""
    outcomes = np.repeat(list(counts), list(counts.values()))
    rows = np.zeros(len(outcomes), ROW)
    order = np.random.default_rng(4).permutation(len(outcomes))
    rows["outcome"] = outcomes[order]
    rows["member"] = np.arange(len(rows)) // 4 % members
    agreed = np.isin(rows["outcome"], (Outcome.HELD, Outcome.COLLAPSED))
    rows["first_truce_day"] = NONE
    rows["first_truce_day"][agreed] = np.linspace(*days, agreed.sum()).astype(int)
    rows["blocked_last"], rows["blocked_issue"] = Side.R, Issue.NATO
    tally = Tally(MEMBERS)
    tally.add(rows)
    scenario = dataclasses.replace(load_scenario("baseline"), title=title)
    return Results(scenario, "prior-made-up", "prior", 7, None, tally)


@pytest.fixture(scope="module")
def some():
    return results_of(
        {Outcome.HELD: 400, Outcome.COLLAPSED: 200, Outcome.WALKED_AWAY: 500, Outcome.NO_TRUCE: 900}
    )


@pytest.fixture(scope="module")
def drawn(some):
    return odds(some)


def by_gid(figure, gid):
    found = figure.findobj(lambda artist: artist.get_gid() == gid)
    assert len(found) == 1, gid
    return found[0]


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


def test_bars_and_intervals_are_where_the_numbers_are(some, drawn):
    for name, share in some.odds.items():
        assert by_gid(drawn, f"{name}.mean").get_width() == share.mean
        assert tuple(by_gid(drawn, f"{name}.mc").get_xdata()) == share.mc
        box = by_gid(drawn, f"{name}.members")
        assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx(share.ensemble)
    edge = by_gid(drawn, "agreed.members")
    assert (edge.get_y(), edge.get_y() + edge.get_height()) == pytest.approx(some.agreed.ensemble)


def test_curves_end_at_the_odds_and_the_band_at_their_interval(some):
    shares = curves(some)
    assert shares.agreed[-1] == pytest.approx(some.agreed.mean)
    assert shares.held[-1] == pytest.approx(some.odds["held"].mean)
    assert (shares.low[-1], shares.high[-1]) == pytest.approx(some.agreed.mc)
    assert (np.diff(shares.agreed) >= 0.0).all()
    assert len(shares.agreed) == some.scenario.horizon_days + 2


def test_few_members_get_no_interval_and_are_told_so():
    few = results_of({Outcome.HELD: 20, Outcome.NO_TRUCE: 60}, members=20)
    figure = odds(few)
    assert not figure.findobj(lambda artist: artist.get_gid() == "held.members")
    texts = [text.get_text() for text in by_gid(figure, "key").get_texts()]
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


@pytest.mark.parametrize("colours", [OUTCOME_COLOURS, ACTOR_COLOURS], ids=["outcomes", "actors"])
def test_colours_are_told_apart_in_grey_and_by_the_colour_blind(colours):
    for one, other in itertools.combinations(colours.values(), 2):
        assert abs(lightness(one) - lightness(other)) >= 7.0
        for sight in (np.eye(3), PROTAN, DEUTAN):
            apart = np.linalg.norm(lab(sight @ linear(one)) - lab(sight @ linear(other)))
            assert apart >= 10.0


def test_no_pyplot_and_no_pandas_are_loaded():
    code = (
        "import sim, sys; sim.plots.odds; "
        "print([m for m in ('matplotlib.pyplot', 'pandas', 'scipy.stats') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
