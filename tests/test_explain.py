"""Provenance both ways: from the odds of a run to whoever says so, and from a row to the odds."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import types

import numpy as np
import pytest
from helpers.notebook import shown_as
from typer.testing import CliRunner

import sim
from sim.attribution.drivers import drivers
from sim.attribution.explain import Explanation
from sim.attribution.influence_result import Influence, InfluenceRow
from sim.attribution.numbers import COUNTS, SETS, numbers_of
from sim.attribution.sources import source_of, standing
from sim.attribution.weighted_odds import Estimate
from sim.cli import app
from sim.engine.domain import Outcome
from sim.errors import SimError, StoreError
from sim.evidence.positions import measure
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import columns_of, load_ensemble
from sim.inputs.scenario import load_scenario
from sim.tally import Tally

LAST = dt.date(2025, 5, 20)
TABLE = {row.name: row for row in shipped().parameters}


@pytest.fixture(scope="module")
def ensemble():
    return load_ensemble(LAST)


@pytest.fixture(scope="module")
def evidence():
    return load_evidence(as_of=LAST)


@pytest.fixture(scope="module")
def positions(evidence):
    return measure(evidence)


def made_up(ensemble, chance, worlds=5):
    """A run whose worlds hold with a chance by member."""
    rng = np.random.default_rng(2)
    member = np.repeat(np.arange(len(ensemble)), worlds)
    held = rng.random(len(member)) < np.asarray(chance)[member]
    tally = Tally(len(ensemble))
    outcome = np.where(held, Outcome.HELD, Outcome.NO_TRUCE)
    np.add.at(tally.outcomes, (member, outcome), 1)
    return types.SimpleNamespace(id="made-up", tally=tally, scenario=load_scenario("baseline"))


def ranks(values):
    order = np.argsort(np.argsort(values)) / (len(values) - 1)
    return (order - 0.5) * np.sqrt(12.0)


# ------------------------------------------------------------------ what the odds lean on


def test_what_makes_the_odds_is_found_with_its_share(ensemble):
    """Two independent numbers make all of the spread, one with four times the variance."""
    first, second = (ranks(ensemble.members[name]) for name in ("exit_hazard", "settlement_trust"))
    together = np.corrcoef(first, second)[0, 1]
    assert abs(together) < 0.1
    found = drivers(
        made_up(ensemble, 0.4 - 0.12 * first + 0.06 * second), ensemble, (Outcome.HELD,)
    )
    assert [driver.name for driver in found.drivers][:2] == ["exit_hazard", "settlement_trust"]
    a, b = found.drivers[:2]
    assert a.share == pytest.approx(0.8, abs=0.08)
    assert b.share == pytest.approx(0.2, abs=0.06)
    assert a.interval[0] < a.share < a.interval[1]
    assert a.slope == pytest.approx(-0.12 * 0.8 * np.sqrt(12.0), rel=0.1)
    assert found.spread == pytest.approx(np.sqrt(0.12**2 + 0.06**2), rel=0.08)
    assert found.explained == pytest.approx(sum(driver.share for driver in found.drivers))
    assert found.explained == pytest.approx(1.0, abs=0.1)


def test_idle_numbers_do_not_enter(ensemble):
    found = drivers(
        made_up(ensemble, 0.4 + 0.1 * ranks(ensemble.members["delay"])), ensemble, (Outcome.HELD,)
    )
    assert found.drivers[0].name == "delay"
    assert sum(driver.share for driver in found.drivers[1:]) < 0.05
    assert len(found.drivers) < 5


def test_where_luck_alone_differs_there_is_nothing_to_explain(ensemble):
    with pytest.raises(StoreError, match="do not differ beyond luck"):
        drivers(made_up(ensemble, np.zeros(len(ensemble))), ensemble, (Outcome.HELD,))
    with pytest.raises(StoreError, match="several worlds each are needed"):
        drivers(made_up(ensemble, np.full(len(ensemble), 0.3), worlds=1), ensemble, (Outcome.HELD,))


def test_a_code_is_ranked_value_by_value_and_a_set_of_days_by_how_many(ensemble):
    """The middle one of three codes makes the odds: as a number it would hardly be seen."""
    rng = np.random.default_rng(8)
    starts = ensemble.starts.copy()
    starts["last_answer"][:, 0] = rng.integers(0, 3, len(starts))
    starts["pause_until"] = rng.choice([-1, 5], len(starts))
    bits = rng.random((len(starts), 60)) < rng.random((len(starts), 1))
    starts["condition_days"][:, 1] = bits @ (1 << np.arange(60))
    made = dataclasses.replace(ensemble, starts=starts)
    some = starts["last_answer"][:, 0] == 1
    chance = 0.3 + 0.2 * some + 0.004 * bits.sum(1)
    found = drivers(made_up(made, chance), made, (Outcome.HELD,)).drivers
    first, second = sorted(found[:2], key=lambda driver: driver.name)
    assert first.name == "start.condition_days.u"
    assert second.name == "start.last_answer.r:1"
    assert second.slope == pytest.approx(0.2, rel=0.15)  # from no to yes
    assert first.slope == pytest.approx(
        0.004 * np.ptp(np.quantile(bits.sum(1), [0.1, 0.9])), rel=0.2
    )
    ranked = numbers_of(made.members, made.starts, shipped().bloc_ids)
    assert {"start.last_answer.r:0", "start.last_answer.r:2", "start.pause_until:5"} <= set(ranked)
    assert not {"start.last_answer.r", "start.pause_until", "start.pause_until:none"} & set(ranked)
    assert ranked["start.condition_days.u"].max() <= 60.0
    columns = columns_of(made.members, made.starts, shipped().bloc_ids)
    whole = [name for name, values in columns.items() if values.dtype.kind == "i"]
    named = {name.split(".")[1] for name in whole if name in ranked}
    assert named <= {*SETS, *COUNTS}


def test_a_number_that_is_the_same_for_all_or_not_known_of_some_is_never_ranked(ensemble):
    starts = ensemble.starts.copy()
    starts["trust"], starts["partial_scope"], starts["condition_days"] = 0.3, 1, 12
    starts["tilt"][:9] = np.nan
    ranked = numbers_of(ensemble.members, starts, shipped().bloc_ids)
    assert all(np.ptp(values) > 0.0 for values in ranked.values())
    fields = {name.split(".")[1].partition(":")[0] for name in ranked if name[:6] == "start."}
    assert not fields & {"trust", "tilt", "partial_scope", "condition_days"}
    assert "progress" in fields


# ------------------------------------------------------------------ who says so


def test_every_number_of_an_ensemble_has_a_source(ensemble, positions, evidence):
    names = list(columns_of(ensemble.members, ensemble.starts, shipped().bloc_ids))
    given = ("capability", "sanctions_share")  # of the blocs, from actors.toml; no member differs
    for name in names:
        if name.partition(".")[0] not in given:
            source = source_of(name, TABLE, positions, evidence)
            assert source.meaning, name
            assert source.text, name
            assert source.standing in ("assumed", "size assumed", "stated", "sourced", "record")


def test_a_parameter_leads_to_its_table_and_says_what_is_assumed(positions, evidence):
    source = source_of("resolve.r", TABLE, positions, evidence)
    assert (source.standing, source.text) == ("assumed", TABLE["resolve.r"].source)
    assert standing("Powell 2006 (IO 60); the size is assumed") == "size assumed"
    assert standing("base rate: Clayton et al. 2022") == "sourced"


def test_a_position_leads_to_its_statements_the_strongest_first(positions, evidence):
    source = source_of("red_line.r.truce_terms", TABLE, positions, evidence)
    assert source.standing == "stated"
    rows = [row.id for row, _ in source.statements]
    assert rows[:2] == ["001:22:russia:truce_terms", "003:6:russia:truce_terms"]  # a red line first
    pulls = [abs(pull.pull) for _, pull in source.statements]
    assert pulls == sorted(pulls, reverse=True)
    unsaid = source_of("red_line.r.nato", TABLE, positions, evidence)
    assert unsaid.standing == "size assumed"
    assert {row.issue for row, _ in unsaid.statements} == {"nato"}
    nothing = source_of("ideal.u.force_limits", TABLE, positions, evidence)
    assert (nothing.standing, nothing.statements) == ("assumed", ())


def test_the_state_of_the_day_leads_to_its_prior_and_the_record(positions, evidence):
    source = source_of("start.trust", TABLE, positions, evidence)
    assert source.standing == "record"
    assert TABLE["start_trust"].source in source.text
    answer = source_of("start.last_answer.r:1", TABLE, positions, evidence)
    assert answer.meaning.endswith("(0 yes, 1 on conditions, 2 no) is 1, on the as-of day")
    days = source_of("start.condition_days.u", TABLE, positions, evidence)
    assert days.meaning.startswith("Conditions with which side U answered in 60 days")


# ------------------------------------------------------------------ truce explain


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from sim.montecarlo import run as simulate

    out = tmp_path_factory.mktemp("outputs")
    simulate("baseline", worlds=12_000, workers=2).save(out)
    return out


def test_explain_walks_from_the_odds_to_who_says_so(run):
    words = ["explain", "last", "--out", str(run), "--top", "6"]
    result = CliRunner().invoke(app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["schema"] == "truce/explanation/1"
    reasons = {reason["name"]: reason for reason in told["reasons"]}
    assert len(reasons) == 6
    resolve = reasons["resolve.r"]  # hidden tolerance of war: the more of it, the fewer truces
    assert resolve["slope"] < -0.1
    assert resolve["standing"] == "assumed"
    assert resolve["before_record"][1] < resolve["after_record"][1]  # the refusals taught that
    assert 0.0 < resolve["share"] <= told["explained"] < 1.2
    assert told["merely_assumed"] >= resolve["share"]
    text = CliRunner().invoke(app, [*words, "--outcome", "agreed"]).stdout
    assert "ASSUMED" in text
    assert TABLE["resolve.r"].source in text


def test_an_explanation_that_was_kept_opens_as_it_was(run):
    found = sim.explain("last", out=run)
    folder = found.save(run)
    opened = sim.open("last-explanation", run)
    assert isinstance(opened, Explanation)
    assert opened.id == found.id == folder.name[-12:]
    assert opened.as_dict() == found.as_dict()
    assert opened.reasons == found.reasons
    assert list(found.table()["name"]) == [reason.driver.name for reason in found.reasons]
    assert len(repr(found)) < 160
    assert "<table" in shown_as(found, "html")
    words = ["explain", "last", "--out", str(run), "--save"]
    kept = CliRunner().invoke(app, words)
    assert f"Kept in {folder}" in kept.output


def test_explain_refuses_what_it_cannot_use(run):
    sim.explain("last", out=run).save(run)
    for words, match in (
        (["explain", "last", "--outcome", "peace"], "--outcome: 'peace' is none"),
        (["explain", "none", "--out", str(run)], "there is none of that id"),
        (["explain", "last", "--out", str(run), "--top", "0"], "--top"),
        (["explain", "last-explanation", "--out", str(run)], "is an explanation: it has no worlds"),
    ):
        with pytest.raises(SimError, match=match):
            CliRunner().invoke(app, words, catch_exceptions=False)


# ------------------------------------------------------------------ truce evidence show ROW


@pytest.fixture
def show(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        result = CliRunner().invoke(app, ["evidence", "show", *words], catch_exceptions=False)
        assert result.exit_code == 0
        return result.stdout

    return call


def test_a_statement_is_told_with_what_it_moved(show, evidence, positions):
    told = json.loads(show("003:20:europe:nato", "--json"))
    assert told["article"]["day"] == "2025-03-17"
    assert told["paragraph"] == 20
    moved = {move["holder"]: move for move in told["moved"]}
    assert {"uk", "france", "europe"} <= set(moved)  # Europeans spoken of as one inform each
    uk = moved["uk"]
    (pull,) = (p for p in positions.cell("uk", "nato").ideal.moved_by if p.row == told["id"])
    assert (uk["pull"], uk["gain"], uk["logit_without"]) == (pull.pull, pull.gain, pull.without)
    assert uk["middle_without"] < uk["middle"]
    assert "it moves none" in show("003:20:europe:nato")


def test_a_statement_out_of_the_fit_says_why(show):
    text = show("001:19:russia:truce_terms")
    assert "Not in the fit: counted as the event conditions_truce." in text
    assert "paragraph 19" in text
    assert "evidence influence --only statement" in text


def test_what_influence_left_on_file_is_told_if_it_is_fresh(show, monkeypatch):
    moved = Estimate(-0.025, 0.005)
    shifts = {"held": moved, "agreed": moved}
    row = InfluenceRow("statement", "003:20:russia:nato", "x", shifts, 9.0, 0.1, 0.0, rerun=False)
    odds = {"held": Estimate(0.345, 0.01), "agreed": Estimate(0.5, 0.01)}
    Influence(LAST, 120, 8192, 1, odds, 9.0, 0.1, (row,), 0).save("outputs")
    text = show("003:20:russia:nato")
    assert "odds of held would be 32.0%, not 34.5%: -2.5 +- 1.0 points" in text
    monkeypatch.setattr("sim.attribution.stored.inputs_of", lambda *_: {})
    assert "would be" not in show("003:20:russia:nato")


def test_an_event_is_left_out_there_and_then(show):
    words = ("001:21:russia:conditions_truce", "--as-of", "2025-03-31", "--particles", "8192")
    told = json.loads(show(*words, "--json"))
    assert told["imposed"]
    assert 0.0 < told["chance"] < 1.0
    before, after = told["odds"]["mean_log_chance"]
    assert before < after < 0.0
    assert told["odds"]["held"]["interval"][0] > 0.0  # without the refusal the odds are better
    assert told["odds"]["from"] == "8,192 pasts, as of 2025-03-31"


def test_an_event_told_again_or_told_only_says_so(show):
    assert "Reported before in 004_2c382523f4fe7411:8" in show("003:4:ukraine:accepts_truce")
    assert "Reported only" in show("001:21:russia:breach_claimed")


def test_a_row_that_is_not_there_is_told_with_its_neighbour(show):
    with pytest.raises(SimError, match=r"Did you mean '001:22:russia:rejects_truce'"):
        show("001:22:russia:reject_truce")
    with pytest.raises(SimError, match="there is no row"):
        show("001:22:russia:rejects_truce", "--as-of", "2025-03-17")
    with pytest.raises(SimError, match="ISSUE: is missing"):
        show("russia")
