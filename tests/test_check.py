"""What the record taught, truces in force, and the command that prints all checks."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.builders import STATE
from helpers.stories import ALONE, array_of, as_record, quiet, start
from typer.testing import CliRunner

from sim.calibrate.check import prior_posterior as learned
from sim.calibrate.check import report, variants
from sim.calibrate.check import truce_survival as holding
from sim.calibrate.check.prior_posterior import STRUCTURES, Structure, structures, verdict
from sim.calibrate.check.repeats import UNCONDITIONAL, repeated, repeats, yes_chances
from sim.calibrate.check.report import Size
from sim.calibrate.check.truce_survival import CLASSES, lasting
from sim.calibrate.particles import BLOCK_PARTICLES, Filter
from sim.calibrate.prior import SEED, draw_prior, draw_values, widened
from sim.calibrate.record import record_of
from sim.calibrate.weights import Weights, weights_of
from sim.cli import app
from sim.engine.domain import MAX_HORIZON_DAYS, Outcome, Side
from sim.engine.dtypes import new_record
from sim.engine.records import PACKAGE, Member, new_workspace
from sim.engine.row import ROW
from sim.engine.rules import answers, gains, mediator, standing
from sim.evidence.statements import load_evidence
from sim.inputs.agenda import policy_segments
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import slots
from sim.inputs.parameters import Prior, find

SOON = dt.date(2025, 3, 17)
COUNT = 2 * BLOCK_PARTICLES


@pytest.fixture(scope="module")
def chosen():
    evidence = load_evidence(as_of=SOON)
    return Filter.of(evidence, record_of(evidence, SOON), 7)


# ------------------------------------------------------------------ prior against posterior


def weighed_by(chosen, log_weight):
    """Weights that are a function of the standardised logs or values of two parameters."""
    drawn = [chosen.parameters(block) for block in (0, 1)]
    names = "resolve.r", "precision"
    r, sharp = (np.concatenate([one[name] for one in drawn]) for name in names)
    sharp = np.log(sharp)
    z, y = (r - r.mean()) / r.std(), (sharp - sharp.mean()) / sharp.std()
    weight = np.exp(log_weight(z, y))
    weight /= weight.sum()
    return Weights(weight, float(1.0 / (weight**2).sum()), 0.1, -1.0)


def by_name(found):
    return {one.name: one for one in found}


def test_a_shift_is_told_in_sds_of_the_prior_on_its_own_scale(chosen):
    found, _ = learned.learned(chosen, weighed_by(chosen, lambda z, y: 0.5 * z - 0.8 * y))
    table = by_name(found)
    assert table["resolve.r"].shift == pytest.approx(0.5, abs=0.04)
    assert table["precision"].shift == pytest.approx(-0.8, abs=0.04)
    assert table["precision"].ratio == pytest.approx(1.0, abs=0.04)
    assert {name for name, one in table.items() if one.verdict == "informed"} == {
        "resolve.r",
        "precision",
    }
    assert [one.name for one in found[:2]] == ["precision", "resolve.r"]
    drawn = np.concatenate([chosen.parameters(block)["precision"] for block in (0, 1)])
    middle, sd = np.exp(np.log(drawn).mean()), np.log(drawn).std()
    assert table["precision"].prior == pytest.approx(middle)
    told = table["precision"]
    assert told.posterior == pytest.approx(middle * np.exp(told.shift * sd))
    drawn = np.concatenate([chosen.parameters(block)["resolve.r"] for block in (0, 1)])
    assert table["resolve.r"].prior == pytest.approx(drawn.mean())
    fixed = [row.name for row in shipped().parameters if row.prior.fixed is not None]
    assert len(found) + len(fixed) == len(shipped().parameters)


def test_what_is_told_together_is_a_ridge(chosen):
    found, ridges = learned.learned(chosen, weighed_by(chosen, lambda z, y: -2.0 * (z + y) ** 2))
    assert by_name(found)["resolve.r"].ratio == pytest.approx((5 / 9) ** 0.5, abs=0.03)
    [ridge] = ridges
    assert {ridge.one, ridge.other} == {"resolve.r", "precision"}
    assert ridge.correlation == pytest.approx(-0.8, abs=0.03)


def test_equal_weights_teach_nothing(chosen):
    found, ridges = learned.learned(chosen, weighed_by(chosen, lambda z, y: 0.0 * z))
    assert {one.verdict for one in found} == {"nothing"}
    assert all(abs(one.shift) < 1e-9 for one in found)
    assert ridges == ()


def test_a_verdict_needs_a_size_and_an_error_that_is_smaller():
    assert verdict(0.3, 1.0, 0.05) == "informed"
    assert verdict(0.3, 1.0, 0.2) == "nothing"
    assert verdict(0.15, 1.0, 0.02) == "a little"
    assert verdict(0.0, 0.8, 0.02) == "informed"
    assert verdict(0.0, 0.93, 0.02) == "a little"
    assert verdict(0.05, 1.0, 0.02) == "nothing"


# ------------------------------------------------------------------ other priors and structures


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_prior_is_widened_about_its_middle(factor):
    rng = np.random.default_rng(1)
    for prior in (Prior(normal=(0.3, 0.1)), Prior(beta=(3.0, 7.0))):
        drawn = prior.widened(factor).sample(200_000, rng)
        plain = prior.sample(200_000, rng)
        assert drawn.mean() == pytest.approx(0.3, abs=0.003)
        assert drawn.std() == pytest.approx(factor * plain.std(), rel=0.02)
    drawn = np.log(Prior(lognormal=(2.0, 0.4)).widened(factor).sample(200_000, rng))
    assert drawn.mean() == pytest.approx(np.log(2.0), abs=0.01)
    assert drawn.std() == pytest.approx(0.4 * factor, rel=0.02)
    assert Prior(fixed=2.0).widened(factor) == Prior(fixed=2.0)
    with pytest.raises(ValueError, match="no beta has 3 times"):
        Prior(beta=(1.0, 1.0)).widened(3.0)


def test_a_spread_of_one_changes_no_bit_and_others_reach_the_filter(chosen):
    plain = draw_values(shipped().parameters, 50, np.random.default_rng(2))
    same = draw_values(widened(shipped(), 1.0), 50, np.random.default_rng(2))
    assert all((plain[name] == same[name]).all() for name in plain)
    wide = dataclasses.replace(chosen, spread=2.0).draw(0)[0]["resolve"].std()
    assert wide / chosen.draw(0)[0]["resolve"].std() == pytest.approx(2.0, rel=0.05)


def test_the_parameters_of_a_block_are_those_of_its_members(chosen):
    members, _, _ = chosen.draw(1)
    values = chosen.parameters(1)
    for name, field, place in slots(Member, shipped().bloc_ids):
        if name in values:
            assert (members[field][place] == values[name]).all(), name


def test_structures_hold_what_they_say_and_are_measured_against_the_model(chosen):
    base = weights_of(chosen.weigh(COUNT, ALONE).log_weights)
    found = list(structures(chosen, base, COUNT, ALONE))
    assert [one.name for one in found] == ["as it is", *STRUCTURES]
    assert found[0] == Structure("as it is", base.log_evidence, found[0].error, 0.0)
    for one in found:
        assert one.ahead == pytest.approx(one.log_evidence - base.log_evidence)
        assert 0.0 < one.error < 0.2
    assert len({one.log_evidence for one in found}) == len(found)
    for change in STRUCTURES.values():
        for name, value in change.get("values", {}).items():
            low, high = find(shipped().parameters, name).range
            assert value == "top" or low <= value <= high


# ------------------------------------------------------------------ answers again


def test_chances_of_the_same_answer_again_by_hand():
    yes, yes_again, no_again = repeated(np.array([0.2, 0.8]))
    assert (yes, yes_again, no_again) == pytest.approx((0.5, 0.34 / 0.5, 0.34 / 0.5))
    coin = repeated(np.full(5, 0.3))
    assert coin == pytest.approx((0.3, 0.3, 0.7))  # each answer is a new coin
    weighed = repeated(np.array([0.0, 1.0, 0.5]), np.array([0.5, 0.3, 0.2]))
    assert weighed == pytest.approx((0.4, 0.35 / 0.4, 0.55 / 0.6))


def test_it_is_the_rule_s_own_chance_of_a_yes_to_a_truce_without_terms():
    """The levers of the day, with nothing named; both answers by quantal response."""
    conflict = shipped()
    day = dt.date(2025, 5, 20)
    assert any(conflict.baseline_levers(day)[name] != "deferred" for name in UNCONDITIONAL)
    who = quiet(precision=4.0)
    chance = yes_chances(conflict, day, array_of(who), array_of(start()), Side.R)[0]
    policies, _ = policy_segments({**conflict.baseline_levers(day), **UNCONDITIONAL}, [], 1)
    assert not policies[0]["named"].any()
    one, now, package = as_record(policies), new_record(STATE), new_record(PACKAGE)
    standing.begin(who, as_record(array_of(start())), one, now)
    mediator.table_package(who, one, package)
    mediator.complete_package(who, now, one, package)
    gained = gains.signing_gain(who, now, one, package, Side.R)
    yes, _ = answers.answer_chances(who, now, one, Side.R, 1.0, gained)
    assert chance == pytest.approx(yes)
    assert 0.02 < chance < 0.98


def test_who_refused_before_the_record_mostly_refuses_again():
    """The kept part of an answer outweighs its noise, once the war so far has been heard."""
    first = dt.date(2025, 5, 20)
    evidence = load_evidence(as_of=first)
    particle_filter = Filter.of(evidence, record_of(evidence, first), 7)
    base = weights_of(particle_filter.weigh(COUNT, ALONE).log_weights)
    prior, heard, posterior = repeats(particle_filter, base, ALONE)
    assert prior.as_of == heard.as_of == shipped().facts.record.begins
    assert posterior.as_of == first
    assert heard.no_again > 0.93
    for one in (prior, heard, posterior):
        assert one.yes_again > one.yes
        assert one.no_again > 1.0 - one.yes
    assert heard.yes < prior.yes  # a war without a truce speaks against the tractable
    noisy = dataclasses.replace(particle_filter, factors={"precision": 1.0 / 3.0})
    assert repeats(noisy, base, ALONE)[0].no_again < prior.no_again - 0.05


# ------------------------------------------------------------------ truces in force


def test_how_long_truces_lasted_is_read_from_worlds_of_one_each():
    rows = np.zeros(6, ROW)
    rows["member"] = np.arange(6)
    rows["full_truces"] = [1, 1, 1, 1, 1, 0]
    rows["outcome"] = [Outcome.HELD, *[Outcome.COLLAPSED] * 4, Outcome.NO_TRUCE]
    rows["truce_days"] = [30, 2, 5, 19, 29, 0]
    share, by_3, by_7, median = lasting(rows)
    assert share.middle == 0.2
    assert by_3.middle == 0.25
    assert by_7.middle == 0.5
    assert median.middle == 13.0
    assert [one.name for one in (share, by_3, by_7, median)] == list(CLASSES)[:4]


def test_the_error_of_a_share_of_truces_is_that_of_its_members():
    """Half of the members hold each of their eight truces: 400 members count, not 3,200 truces."""
    rows = np.zeros(3_200, ROW)
    rows["member"] = np.arange(3_200) // 8
    rows["full_truces"] = 1
    rows["outcome"] = np.where(rows["member"] % 2 == 0, Outcome.HELD, Outcome.COLLAPSED)
    share = lasting(rows)[0]
    assert share.high - share.low == pytest.approx(2 * 1.96 * 0.5 / 400**0.5, rel=0.02)


def test_no_world_has_a_second_truce_that_would_hide_how_the_first_ended(monkeypatch):
    seen = []
    monkeypatch.setattr(holding, "WORLDS_A_MEMBER", 1)
    monkeypatch.setattr(holding, "lasting", lambda rows: seen.append(rows) or ())
    drawn = draw_prior(shipped().facts.record.begins, SEED)
    monkeypatch.setattr(holding, "draw_prior", lambda *_, **__: drawn)
    with ThreadPoolExecutor(1) as pool:
        holding.holding(pool)
    assert seen[0]["full_truces"].max() == 1
    assert (drawn[0]["collapse_pause_days"] < MAX_HORIZON_DAYS).all()


def test_hazards_at_signature_are_those_of_the_rules():
    who = quiet(exit_hazard=0.01, exit_slope=0.0, patience_ends=0.0, partial_hazard=0.03)

    def hazards_of(member, **levers):
        first = {**shipped().baseline_levers(shipped().facts.record.begins), **levers}
        policies, _ = policy_segments(first, [], 1)
        members, found = array_of(member), np.zeros((1, 3))
        holding.hazards(members, array_of(start()), policies[0], new_workspace(members), found)
        return found[0]

    full, partial, signing = hazards_of(who)
    assert full == pytest.approx(0.02)
    assert partial == pytest.approx(0.06)
    assert signing == pytest.approx(1.0 / 9.0)
    watched = quiet(incident_rate=[0.1, 0.2], patience_ends=0.5, incident_monitoring=1.0)
    watched.incident_trust = watched.incident_temptation = watched.incident_guarantee = 0.0
    for strength in (0.0, 1.0):
        found = hazards_of(watched, **{"monitoring.strength": strength})[0]
        assert found == pytest.approx(0.15 * np.exp(-strength))


@pytest.mark.parametrize(
    ("signing", "middle", "low", "high"),
    [([0.0, 1.0, 0.001], 2.0, 2.0, 2.0), ([0.9, 0.06, 0.04], 1.0, 1.0, 2.0)],
)
def test_a_ratio_is_over_members_by_their_chance_to_sign(monkeypatch, signing, middle, low, high):
    """Without monitoring or guarantee all have the hazard 1, with monitoring 1, 2 and 9."""
    full = iter([[1.0, 1.0, 1.0], [1.0, 2.0, 9.0], [1.0, 1.0, 1.0]])

    def given(members, starts, policy, workspace, found):
        found[:, 0], found[:, 1], found[:, 2] = next(full), 1.0, signing

    members, starts, weights = draw_prior(shipped().facts.record.begins, SEED)
    monkeypatch.setattr(holding, "draw_prior", lambda *_, **__: (members[:3], starts[:3], weights))
    monkeypatch.setattr(holding, "hazards", given)
    monkeypatch.setattr(holding, "WORLDS_A_MEMBER", 1)
    monkeypatch.setattr(holding, "lasting", lambda rows: ())
    with ThreadPoolExecutor(1) as pool:
        monitoring, guarantee, partial = holding.holding(pool)
    assert monitoring.name == "hazard ratio: monitoring"
    assert (monitoring.middle, monitoring.low, monitoring.high) == (middle, low, high)
    assert (guarantee.low, guarantee.high, partial.low, partial.high) == (1.0, 1.0, 1.0, 1.0)


# ------------------------------------------------------------------ the command


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(report, "REDUCED", Size(4, 1024, 4))
    monkeypatch.setattr(variants, "WORLDS_A_MEMBER", 1)
    monkeypatch.setattr(holding, "WORLDS_A_MEMBER", 1)
    monkeypatch.setattr(report, "PARTICLES", COUNT)


def run(*arguments):
    return CliRunner().invoke(app, ["calibrate", "--check", *arguments])


def test_the_command_prints_a_table_of_each_check(small):
    done = run("--as-of", "2025-03-17")
    assert done.exit_code == 0, done.output
    for words in (
        "Self-check of the filter: ",
        "log chance of the coded history",
        "Self-check of the positions: ",
        "004:5:russia:conditions_truce",
        "filter ahead by",
        "What the record taught",
        "no, having said no",
        "prior and the war so far",
        "hazard ratio: partial scope",
        "x 0.5",
        "no commitment problem",
        "effective size",
    ):
        assert words in done.output


def test_json_is_one_document_with_every_part(small):
    done = run("--as-of", "2025-03-17", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["schema"] == "truce/check/1"
    assert (found["as_of"], found["particles"]) == ("2025-03-17", COUNT)
    assert found["filter"]["replicates"] == 4
    assert [one["name"] for one in found["holding"]] == list(CLASSES)
    assert [one["name"] for one in found["rates"]] == ["x 0.5", "x 1", "x 2"]
    names = ["prior", "prior and the war so far", "posterior"]
    assert [one["name"] for one in found["repeats"]] == names
    assert found["repeats"][2]["as_of"] == "2025-03-17"
    assert all(0.0 < one["yes"] < one["yes_again"] < 1.0 for one in found["repeats"])
    assert {"prior", "posterior"} <= set(found["learned"][0])
    assert 0.0 < found["rates"][1]["held"] <= found["rates"][1]["agreed"] < 1.0
    assert len(found["structures"]) == 1 + len(STRUCTURES)
    assert sum(one["about"] == "whether" for one in found["scores"]) == 8


@pytest.mark.parametrize("other", [["--prior"], ["--out", "somewhere"]])
def test_a_check_makes_no_ensemble(other):
    done = run(*other)
    assert done.exit_code != 0
    assert "makes no ensemble" in str(done.exception)
