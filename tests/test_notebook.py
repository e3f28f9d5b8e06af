"""What a notebook shows of results: a picture, a table, one line of progress."""

from __future__ import annotations

import datetime as dt

import pytest
from helpers.notebook import shown_as

import sim
from sim.progress import reported


@pytest.fixture(scope="module")
def results():
    return sim.run("baseline", worlds=400, seed=2)


def test_a_figure_that_ends_a_cell_is_a_picture(results):
    """IPython asks an object for its picture by this name, and for HTML, which must be none."""
    figure = sim.plots.odds(results)
    assert shown_as(figure, "png").startswith(b"\x89PNG")
    assert shown_as(figure, "html") is None


def test_results_are_shown_as_a_small_table_and_a_short_line(results):
    page = shown_as(results, "html")
    assert page.count("<tr") == 1 + 7
    assert f"{results.odds['held'].mean:.4g}" in page
    assert len(repr(results)) < 120
    comparison = sim.compare(["baseline", "us-backstop"], worlds=80)
    assert shown_as(comparison, "html").count("<tr") == 1 + 2 + 2  # odds, then worth
    assert len(repr(comparison)) < 150


def test_a_title_is_text_in_a_table(results):
    import dataclasses

    scenario = dataclasses.replace(results.scenario, name="<b>x</b>")
    assert "<b>x</b>" not in shown_as(dataclasses.replace(results, scenario=scenario), "html")


def test_the_table_has_the_odds_of_the_summary(results):
    table = results.table().set_index("odds_of")
    for name, odds in results.as_dict()["odds"].items():
        assert table.loc[name, "mean"] == odds["mean"]
        assert [table.loc[name, "mc_low"], table.loc[name, "mc_high"]] == odds["mc"]


def test_progress_is_one_line_that_is_renewed(capsys):
    sim.run("baseline", worlds=6000, progress=True)
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert text.endswith("worlds: 6,000 of 6,000\n")
    calls = []
    sim.run("baseline", worlds=6000, progress=lambda *words: calls.append(words))
    assert calls[-1] == (6000, 6000)
    with reported(False, "worlds") as report:
        assert report is None


def test_a_shorter_text_hides_the_longer_one_before(capsys):
    with reported(True, "worlds") as report:
        report(10, 10)
        report(9, 9)
    assert capsys.readouterr().err == "\rworlds: 10 of 10\rworlds: 9 of 9  \n"


def test_all_that_the_command_does_can_be_done_in_python():
    names = ("run", "compare", "sweep", "timeline", "influence", "explain", "replay", "brief")
    assert {*names, "open", "plots"} <= set(dir(sim))
    assert all(callable(getattr(sim, name)) for name in names)
    assert sim.brief.make.brief is sim.brief.brief  # the package of that name can be called


DAY = dt.date(2025, 5, 20)


@pytest.mark.parametrize(
    "call",
    [
        lambda results: sim.run(123),
        lambda results: sim.run("baseline", worlds=40, workers="x"),
        lambda results: sim.run("baseline", worlds=40, progress=3),
        lambda results: sim.run("baseline", precision="x"),
        lambda results: sim.run("baseline", worlds=4, keep=False).worlds,
        lambda results: sim.compare(["baseline", "us-backstop"], executor=3),
        lambda results: sim.compare(["baseline", "us-backstop"], worlds=8).run("x"),
        lambda results: sim.sweep("baseline", 3),
        lambda results: sim.timeline("2025-05-20"),
        lambda results: sim.timeline(DAY, particles=10),
        lambda results: sim.timeline(DAY, worlds=0),
        lambda results: sim.timeline(DAY, workers=0),
        lambda results: sim.influence(DAY, kinds="article"),
        lambda results: sim.influence(DAY, kinds=["peace"]),
        lambda results: sim.influence(DAY, workers="a"),
        lambda results: sim.explain(results, "peace"),
        sim.replay,
        lambda results: sim.replay(results, world="a"),
        lambda results: sim.replay(results, nearest=3),
        lambda results: sim.open("none"),
        lambda results: sim.brief(),
        lambda results: sim.brief(results, forms=3),
        lambda results: sim.plots.odds(results, size="poster"),
        lambda results: results.column("none"),
        lambda results: results.save("/dev/null/x"),
        lambda results: sim.Results.open("none"),
        lambda results: sim.load_scenario("baseline").with_levers(3),
        lambda results: sim.load_scenario("baseline", as_of="2025-05-20"),
    ],
)
def test_whatever_cannot_be_used_ends_in_one_family_of_errors(call, results):
    with pytest.raises(sim.SimError) as caught:
        call(results)
    assert caught.value.where
    assert caught.value.what
