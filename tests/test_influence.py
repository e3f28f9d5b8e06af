"""What moves the odds: leaving out is checked by leaving out, weighing anew by running again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.figures import check_words, words_of
from helpers.notebook import shown_as
from typer.testing import CliRunner

import sim
from sim import plots
from sim.attribution import influence as influence_module
from sim.attribution.influence import (
    LeaveOneOut,
    of_event,
    of_statement,
    unseen,
)
from sim.attribution.influence_result import Influence, InfluenceRow
from sim.attribution.leave_one_out import (
    only_paid,
    without_article,
    without_event,
    without_statement,
)
from sim.attribution.reweight import log_ratio
from sim.attribution.structure import STRUCTURE
from sim.attribution.weighted_odds import (
    Estimate,
    Weighed,
    WeightedForecaster,
    heaviest,
    odds_of,
    shifts,
)
from sim.calibrate.fit import posterior_in_memory
from sim.calibrate.particles import Filter
from sim.calibrate.record import record_of
from sim.calibrate.weights import Weights
from sim.cli import app
from sim.engine.domain import DATED_ROUND, SIDE_SIGN, Issue
from sim.errors import SimError
from sim.evidence.positions import measure
from sim.evidence.statements import load_evidence
from sim.inputs.agenda import marks_of_days
from sim.inputs.conflict import shipped
from sim.inputs.scenario import load_scenario
from sim.montecarlo import Plan, collect, stream
from sim.plots.influence import finding
from sim.plots.style import WIDTH

MARCH = dt.date(2025, 3, 31)
LAST = dt.date(2025, 5, 20)
PARTICLES = 8192


@pytest.fixture(scope="module")
def executor():
    with ThreadPoolExecutor(2) as running:
        yield running


@pytest.fixture(scope="module")
def shop(executor):
    return LeaveOneOut.of(
        MARCH, WeightedForecaster(load_scenario("baseline", MARCH), PARTICLES, executor)
    )


@pytest.fixture(scope="module")
def drawn(shop):
    return shop.drawn()


def event(source, name):
    return next(event for event in source.events if event.id == name)


def statement(evidence, name):
    return next(row for row in evidence.statements if row.id == name)


# ------------------------------------------------------------------ leaving out


def test_an_article_left_out_leaves_its_news_to_the_one_that_told_it_again():
    evidence = load_evidence(as_of=LAST)
    less = without_article(evidence, "004_2c382523f4fe7411")
    assert {row.article for row in (*less.statements, *less.events)} == {
        article.id for article in less.articles
    }
    ids = [told.id for told in record_of(less, LAST).events]
    assert "003:4:ukraine:accepts_truce" in ids
    assert "003:5:russia:conditions_truce" in ids
    assert "004:8:ukraine:accepts_truce" in [e.id for e in record_of(evidence, LAST).events]
    before, after = (statement(source, "003:10:us:nato") for source in (evidence, less))
    assert before.why_not.startswith("reported before in 004")
    assert statement(less, "003:9:us:nato").in_fit
    assert after.why_not.startswith("reported before in 004")  # by the ninth paragraph of 003


def test_a_third_telling_stays_a_retelling():
    evidence = load_evidence(as_of=LAST)
    less = without_article(evidence, "001_6c4fbe2a10d3d3e5")
    first = [e for e in less.events if e.event == "rejects_truce" and not e.same_as]
    assert [e.id for e in first] == ["000:13:russia:rejects_truce"]
    twice = [e for e in less.events if e.event == "accepts_truce" and e.round == "may-ultimatum"]
    assert [bool(e.same_as) for e in twice] == [False, True]


def test_an_event_blanked_is_an_event_not_in_the_record(shop):
    """Of the last in the list, since windows are drawn by an event's place in it."""
    last = shop.record.events[-1]
    blanked = without_event(shop.record, last)
    evidence = dataclasses.replace(
        shop.evidence, events=tuple(e for e in shop.evidence.events if e.id != last.id)
    )
    built = record_of(evidence, MARCH)
    assert len(built.actions) == len(blanked.actions) - 1
    logs = [
        Filter(shop.particle_filter.positions, record, shop.particle_filter.seed)
        .block(0, 512)
        .log_weights
        for record in (blanked, built, shop.record)
    ]
    assert np.array_equal(logs[0], logs[1])
    assert not np.allclose(logs[0], logs[2])


def test_an_answer_blanked_is_no_partner_of_the_other():
    record = record_of(load_evidence(as_of=LAST), LAST)
    gone = event(record, "004:8:ukraine:accepts_truce")
    blanked = without_event(record, gone)
    other = [e.id for e in record.events].index("004:5:russia:conditions_truce")
    assert record.actions["partner"][other] != -1
    assert blanked.actions["partner"][other] == -1


def test_what_is_only_paid_for_needs_no_second_run(shop):
    """Same weights and same worlds; the odds differ by what no world was run for."""
    gone = event(shop.record, "001:21:ukraine:accepts_truce")
    assert only_paid(shop.record, gone)
    anew, rerun = shop.without_event(gone)
    assert not rerun
    again = shop.forecaster.weigh(
        dataclasses.replace(shop.particle_filter, record=without_event(shop.record, gone))
    )
    assert np.allclose(anew.log_weights, again.log_weights, atol=1e-4)
    looked = ~np.isnan(anew.share[:, 0]) & ~np.isnan(again.share[:, 0])
    assert np.array_equal(anew.share[looked], again.share[looked])
    assert looked.sum() > 1000
    assert unseen(anew) + unseen(again) < 0.03
    assert np.abs(anew.odds - again.odds).max() <= unseen(anew) + unseen(again)
    assert not np.allclose(shop.base.log_weights, anew.log_weights, atol=1e-2)
    assert not only_paid(shop.record, event(shop.record, "004:8:ukraine:accepts_truce"))


def test_a_second_run_is_made_where_too_much_weight_has_not_looked_ahead(shop, monkeypatch):
    gone = event(shop.record, "001:21:ukraine:accepts_truce")
    monkeypatch.setattr(influence_module, "MOST_UNSEEN", 0.001)
    anew, rerun = shop.without_event(gone)
    assert rerun
    assert unseen(anew) == pytest.approx(0.01, abs=0.002)  # the tail of a run of its own
    row = statement(shop.evidence, "003:6:russia:truce_terms")
    assert shop.without_statement(row, shop.drawn())[1]


# ------------------------------------------------------------------ weighing anew


def test_the_logits_are_those_behind_the_positions(shop, drawn):
    members, _, _ = shop.particle_filter.draw(1)
    m = shop.particle_filter.positions.measurement
    ideal, conceded = (part[4096:] for part in (drawn.ideal, drawn.conceded))
    assert np.allclose(m.to_share(SIDE_SIGN[:, None] * ideal), members["ideal"])
    assert np.allclose(m.to_share(SIDE_SIGN[:, None] * (ideal - conceded)), members["red_line"])


def places(particle_filter):
    """All positions of the first two blocks, a row a particle."""
    blocks = [particle_filter.draw(block)[0] for block in (0, 1)]
    members = np.concatenate(blocks)
    fields = ("ideal", "red_line", "weight")
    return np.hstack([members[field].reshape(len(members), -1) for field in fields])


TAIL = np.log(20.0)
"""Draws that are so much likelier without a row are left out of both sums, which bounds both."""


@pytest.mark.parametrize(
    "name",
    ["003:20:russia:nato", "004:10:russia:guarantees", "003:16:ukraine:sanctions"],
)
def test_draws_weighed_anew_are_draws_without_the_row(shop, drawn, name):
    """An ideal, a stated line, and a line of which another row is left.

    Where the ratio of the densities is at most so much, its mean times anything over draws with
    the row is the mean of that over draws without it, and no weight is large.
    """
    row = statement(shop.evidence, name)
    now, other = shop.particle_filter.positions, measure(without_statement(shop.evidence, row))
    chosen = dataclasses.replace(shop.particle_filter, positions=other)
    there, here = (places(one) for one in (chosen, shop.particle_filter))
    direct = log_ratio(dataclasses.replace(shop, particle_filter=chosen).drawn(), now, other)
    ratio = log_ratio(drawn, now, other)
    weights = np.where(ratio < TAIL, np.exp(np.minimum(ratio, TAIL)), 0.0)
    inside = direct < TAIL
    assert inside.mean() > 0.6
    ones = np.ones((PARTICLES, 1))
    one = np.hstack([ones, here]) * weights[:, None]
    two = np.hstack([ones, there]) * inside[:, None]
    error = np.hypot(one.std(axis=0), two.std(axis=0)) / np.sqrt(PARTICLES)
    assert np.all(np.abs(one.mean(axis=0) - two.mean(axis=0)) <= 4.5 * error + 1e-9)
    assert log_ratio(drawn, now, now).tolist() == [0.0] * PARTICLES
    assert np.abs(ratio).max() > 0.1
    assert np.abs(here - there).max() > 0.05


def test_leverage_of_a_row_is_checked_by_dropping_it(shop, drawn):
    row = statement(shop.evidence, "003:6:russia:truce_terms")
    told = of_statement(shop, row, drawn)
    assert not told.rerun
    other = measure(without_statement(shop.evidence, row))
    again = shop.forecaster.weigh(dataclasses.replace(shop.particle_filter, positions=other))
    real = shifts(shop.base, again)
    for name, shift in told.shifts.items():
        error = np.hypot(shift.error, real[name].error)
        assert abs(shift.change - real[name].change) < 3.5 * error, name
        assert error < 0.015
    evidence = again.weights.log_evidence - shop.base.weights.log_evidence
    assert told.log_evidence == pytest.approx(evidence, abs=0.04)


def test_a_row_that_no_member_rests_on_moves_nothing(shop, drawn):
    assert of_statement(shop, statement(shop.evidence, "004:10:us:guarantees"), drawn) is None


def test_the_mediator_s_logits_are_those_behind_its_positions(shop):
    members, _, _ = shop.particle_filter.draw(1)
    m = shop.particle_filter.positions.measurement
    logits = shop.particle_filter.mediator_logits(1)
    assert np.allclose(m.to_share(logits), members["mediator_position"])


def test_a_row_of_the_mediator_moves_how_far_it_concedes(shop, drawn):
    """Draws weighed by the ratio of the densities stand where draws without the row do."""
    row = statement(shop.evidence, "004:14:us:nato")
    other = measure(without_statement(shop.evidence, row))
    now = shop.particle_filter.positions
    cells = [one.cell("us", "nato").ideal for one in (now, other)]
    assert cells[0].mean != cells[1].mean
    assert not log_ratio(drawn, now, other).any()  # no side rests on it
    chosen = dataclasses.replace(shop.particle_filter, positions=other)
    here, there = (
        np.concatenate([one.mediator_logits(block) for block in (0, 1)])[:, Issue.NATO]
        for one in (shop.particle_filter, chosen)
    )

    def by_hand(x):
        z = [(x - cell.mean) / cell.sd for cell in cells]
        return 0.5 * (z[0] ** 2 - z[1] ** 2) + np.log(cells[0].sd / cells[1].sd)

    assert shop.mediator_ratio(other) == pytest.approx(by_hand(here))
    one = np.where(by_hand(here) < TAIL, np.exp(by_hand(here)), 0.0) * here
    two = (by_hand(there) < TAIL) * there
    error = np.hypot(one.std(), two.std()) / np.sqrt(PARTICLES)
    assert abs(one.mean() - two.mean()) < 4.5 * error
    assert abs(here.mean() - there.mean()) > 20 * error
    assert not shop.mediator_ratio(now).any()
    told = of_statement(shop, row, drawn)
    assert told.label == row.paraphrase


# ------------------------------------------------------------------ odds and their error


def weighed(rng, log_weights, share):
    values = np.exp(log_weights)
    values /= values.sum()
    weights = Weights(values, 1.0 / (values**2).sum(), 0.0, 0.0)
    return Weighed(np.zeros((len(values), 1)), log_weights, weights, share)


def test_the_error_is_the_spread_of_many_repetitions():
    found, errors, alone = [], [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        trait = rng.normal(size=400)
        share = rng.binomial(4, (1 / (1 + np.exp(-trait)))[:, None], (400, 2)) / 4
        first = weighed(rng, rng.normal(size=400), share)
        second = weighed(rng, first.log_weights + 0.3 * trait, share)
        shift = shifts(first, second)["held"]
        found.append(shift.change)
        errors.append(shift.error)
        alone.append(odds_of(first)["held"].error)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.15)
    assert np.mean(errors) < 0.6 * np.mean(alone)


def test_only_particles_that_weigh_something_look_ahead():
    weights = np.array([0.5, 0.004, 0.3, 0.001, 0.195])
    assert heaviest(weights, 0.01).tolist() == [0, 2, 4]
    assert heaviest(weights, 0.0).tolist() == [0, 1, 2, 3, 4]


def test_weighed_particles_have_the_odds_of_resampled_members(shop, executor):
    ensemble, _ = posterior_in_memory(shop.particle_filter, PARTICLES, executor)
    plan = Plan(load_scenario("baseline", MARCH), ensemble, 8000, 7)
    results = collect(plan, stream(plan, executor=executor), keep=False)
    mine = odds_of(shop.base)
    for name, odds in (("held", results.odds["held"]), ("agreed", results.agreed)):
        error = np.hypot(mine[name].error, odds.half_width / 1.96)
        assert abs(mine[name].change - odds.mean) < 4 * error, name


def test_an_event_is_told_with_its_chance(shop):
    told = of_event(shop, event(shop.record, "001:21:ukraine:accepts_truce"))
    before, after = told.log_chance
    assert before < after < 0.0
    assert told.log_evidence > 0.0
    set_only = event(shop.record, "004:10:uk:contingent_pledged")
    assert of_event(shop, set_only).log_chance is None


def test_structural_changes_change_what_they_say(shop):
    varied = {
        name: change(shop.particle_filter, shop.evidence) for name, (_, change) in STRUCTURE.items()
    }
    assert varied["silent_rounds.half"].factors == {"rate": 0.5}
    assert varied["silent_rounds.double"].factors == {"rate": 2.0}
    for name, factor in (("none", 0.0), ("half", 0.5), ("double", 2.0)):
        assert varied[f"war_so_far.{name}"].factors == {"occasions": factor}
    policies = varied["moved_packages"].record.agenda.policies
    assert set(policies["flexibility"]) > {0.3}
    assert not shop.record.agenda.policies["flexibility"].any()
    same = dataclasses.replace(varied["moved_packages"], record=shop.record)
    assert same == shop.particle_filter
    calendar = varied["announced_rounds.none"].record.agenda.calendar
    assert not (calendar & DATED_ROUND).any()
    assert (calendar == marks_of_days(shipped().facts.eve, shop.record.days)).all()

    def line(chosen):
        return chosen.positions.cell("russia", "guarantees").line.mean

    now = line(shop.particle_filter)
    assert line(varied["slack.double"]) < now < line(varied["slack.none"])
    ideal = varied["shrinkage.none"].positions.cell("russia", "nato").ideal.mean
    assert ideal > shop.particle_filter.positions.cell("russia", "nato").ideal.mean


def test_the_war_so_far_speaks_against_a_truce(shop):
    """Without it the odds are higher, with twice as many occasions lower; the prior is the same."""
    held = {name: odds_of(shop.varied(f"war_so_far.{name}")) for name in ("none", "double")}
    assert held["none"]["agreed"].change > held["double"]["agreed"].change
    none = shifts(shop.base, shop.varied("war_so_far.none"))["agreed"]
    assert none.change > 2.0 * none.error


# ------------------------------------------------------------------ figure and command


def made_up(change=-0.2, kind="event", label="Kyiv says yes; and more"):
    def row(kind, name, change, error):
        moved = {"held": Estimate(change, error), "agreed": Estimate(change / 2, error)}
        text = label if name == "001:1:x" else f"{kind} {name} with many words in it, so very many"
        return InfluenceRow(kind, name, text, moved, 900.0, 0.3, -0.1, rerun=True)

    rows = [row(kind, "001:1:x", change, 0.02)]
    for other in ("article", "event", "statement", "structure"):
        rows += [row(other, f"{other}{n}", 0.03 - 0.005 * n, 0.02) for n in range(12)]
    odds = {"held": Estimate(0.35, 0.01), "agreed": Estimate(0.5, 0.01)}
    return Influence(LAST, 120, 65536, 1, odds, 1200.0, 0.4, tuple(rows), 88)


def test_the_title_says_what_would_be_without_the_strongest():
    text = finding(made_up()).replace("\u00a0", " ")
    assert text.startswith("Without the news of “Kyiv says yes”, the odds of a truce that holds")
    assert text.endswith("would be 15 %, not 35 %")
    text = finding(made_up(kind="article")).replace("\u00a0", " ")
    assert text.startswith("Without article 001, the odds")


def test_the_figure_keeps_its_words_on_the_page_and_says_its_provenance():
    figure = plots.influence(made_up())
    words = words_of(figure)
    for text, box in words:
        assert box.x0 >= 0, text
        assert box.x1 <= WIDTH, text
    caption = next(text.get_text() for text, _ in words if text.get_gid() == "caption")
    caption = " ".join(caption.split())
    assert all(part in caption for part in ("2025-05-20", "65,536 weighed pasts", "seed 1"))
    bars = {artist.get_gid() for artist in figure.findobj() if artist.get_gid()}
    assert {"001:1:x.held", "article0.held", "structure0.held"} <= bars


@pytest.mark.parametrize("size", ["page", "column"])
def test_the_figure_fits_a_page_and_a_column(size):
    figure = plots.influence(made_up(), size=size)
    check_words(figure, size)
    rows = figure.findobj(lambda artist: str(artist.get_gid()).endswith(".held"))
    assert len(rows) == {"page": 5 + 8 + 8 + 5, "column": 4 * 3}[size]


def test_the_command_writes_table_document_and_figure(tmp_path):
    words = ["evidence", "influence", "--as-of", "2025-03-12", "--particles", "8192"]
    words += ["--only", "event", "--only", "statement", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["schema"] == "truce/influence/1"
    (folder,) = (tmp_path / "influences").iterdir()
    assert document == json.loads((folder / "influence.json").read_text(encoding="utf-8"))
    assert [row["id"] for row in document["rows"] if row["kind"] == "event"] == [
        "004:8:ukraine:accepts_truce"
    ]
    assert {path.name for path in folder.iterdir()} == {
        *("influence.json", "influence.png", "influence.svg", "manifest.json"),
    }


def test_influences_that_were_saved_open_as_they_were(tmp_path):
    found = made_up()
    folder = found.save(tmp_path)
    opened = sim.open(folder)
    assert opened == found
    assert opened.as_dict() == found.as_dict()
    assert list(found.table()["kind"]) == [row.kind for row in found.rows]
    assert len(repr(found)) < 120
    assert "<table" in shown_as(found, "html")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--only", "paragraph"], "--only: 'paragraph' is unknown"),
        (["--particles", "5"], "--particles: 5 is outside"),
        (["--as-of", "2024-01-01"], "is outside|does not reach"),
    ],
)
def test_a_bad_setting_is_told(words, told):
    with pytest.raises(SimError, match=told):
        CliRunner().invoke(app, ["evidence", "influence", *words], catch_exceptions=False)
