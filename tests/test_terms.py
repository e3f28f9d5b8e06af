"""The terms of an answer are those of the rules, no more and no less."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from helpers.builders import member, policy, state
from helpers.command import truce

from sim import terms
from sim.engine.dtypes import as_records, new_record
from sim.engine.records import PACKAGE
from sim.engine.rules import answers, gains, mediator
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import Change

SIDES = (0, 1)


def readable(built):
    """The same record, its fields attributes for Python too."""
    return as_records(np.array([built]))[0]


@pytest.fixture
def round_():
    """A package that names two issues, with relief, a guarantee and threats to both sides."""
    person = readable(member(resolve=[0.05, -0.03], precision=7.0))
    now = readable(state(momentum=0.2, condition_days=[5, 2], patience=0.6, tilt=0.4,
                         sanctions=0.6, coerced=0.2))  # fmt: skip
    levers = readable(policy(
        threat=[0.7, 0.4, 0.3], named=[1, 0, 1, 0, 0], offer=[0.7, 0, 0.9, 0, 0],
        relief=0.6, relief_on_signature=0.5, backstop=0.5, ambition=0.8, flexibility=0.4,
    ))  # fmt: skip
    package = new_record(PACKAGE)
    mediator.table_package(person, levers, package)
    mediator.complete_package(person, now, levers, package)
    return person, now, levers, package


@pytest.mark.parametrize("side", SIDES)
def test_the_terms_of_the_gain_sum_to_it(round_, side):
    found = terms.gain_terms(*round_, side)
    assert list(found) == list(terms.GAIN_TERMS)
    assert sum(found.values()) == pytest.approx(gains.signing_gain(*round_, side), abs=1e-12)
    assert all(found[name] != 0.0 for name in found if (name, side) != ("sanctions", 1))
    met = gains.felt_resolve(round_[0], gains.aims(round_[0], round_[1], round_[3], side))
    assert found["resolve"] == pytest.approx(-met * round_[0]["resolve"][side])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("q", [0.3, 1.0])
def test_the_terms_of_a_refusal_give_the_chances_of_the_answer(round_, side, q):
    person, now, levers, _ = round_
    told = terms.refusal_terms(person, now, levers, side)
    assert list(told) == list(terms.REFUSAL_TERMS)
    gained = gains.signing_gain(*round_, side)
    threat = q * told["threat"]
    values = [
        q * gained + (1.0 - q) * told["credit"],
        told["goodwill"] + told["ask"] + told["delay"] + (1.0 - person["defused"]) * threat
        + q * told["walkaway"] + person["condition_commits"] * q * gained,
        threat + q * told["walkaway"],
    ]  # fmt: skip
    weights = [math.exp(7.0 * value) for value in values]
    yes, but = answers.answer_chances(person, now, levers, side, q, gained)
    assert [yes, but] == pytest.approx([weight / sum(weights) for weight in weights[:2]])


def test_terms_are_those_of_the_levers_of_day_one(tmp_path):
    """A lever that changes on day 1, territory too, weighs what it weighs when it is set."""
    ensemble = load_ensemble(load_scenario("baseline").as_of)
    few = dataclasses.replace(ensemble, members=ensemble.members[:40], starts=ensemble.starts[:40])
    for lever, value in (("sanctions.us_threat", 1.0), ("offer.territory", 0.8)):
        set_ = load_scenario("baseline").with_levers({lever: value})
        change = Change(day=1, lever=lever, value=value)
        changed = dataclasses.replace(load_scenario("baseline"), changes=(change,))
        for side in SIDES:
            one, other = (terms.terms_on_day_one(s, few, side) for s in (set_, changed))
            assert all((one[name] == other[name]).all() for name in one)
            swings = [terms.territory_swing(s, few, side) for s in (set_, changed)]
            assert (swings[0] == swings[1]).all()


def test_the_swing_of_territory_is_the_gain_at_one_end_less_the_other():
    scenario = load_scenario("baseline")
    ensemble = load_ensemble(scenario.as_of)
    for side in SIDES:
        ends = [
            terms.terms_on_day_one(scenario.with_levers({"offer.territory": x}), ensemble, side)
            for x in (0.0, 1.0)
        ]
        swing = terms.territory_swing(scenario, ensemble, side)
        assert np.allclose(swing, ends[1]["gain"] - ends[0]["gain"])
        assert np.sign(swing.mean()) == (1.0, -1.0)[side]
        # a sweep over territory is not flat: half an sd of resolve at least
        assert abs(swing.mean()) >= 0.5 * ends[0]["resolve"].std()


def parameters(*words):
    return truce("parameters", *words, columns=200)


def test_the_command_prints_every_row_and_what_each_term_weighs():
    told = parameters()
    assert told.returncode == 0, told.stderr
    for row in shipped().parameters:
        assert f"{row.name} " in told.stdout
    assert "sd of the resolve of russia: enough to matter" in told.stdout
    document = json.loads(parameters("--json").stdout)
    assert len(document["parameters"]) == len(shipped().parameters)
    assert set(document["terms"]) == {"russia", "ukraine"}
    gained = document["terms"]["russia"]
    total = sum(gained[name]["mean"] for name in terms.GAIN_TERMS)
    assert total == pytest.approx(gained["gain"]["mean"])


@pytest.mark.parametrize("name", ["start_tilt", "start_pledge", "belief_mean.us", "belief_weight"])
def test_the_state_of_the_as_of_day_is_told_too(name):
    members = json.loads(parameters(name, "--json").stdout)["parameters"][0]["members"]
    assert members[0] <= members[1] <= members[2]


def test_one_row_is_told_with_its_source():
    told = parameters("precision").stdout
    assert "McKelvey and Palfrey 1995" in told
    assert "known by 2020-12-31" in told


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["nothing_of_the_kind"], "NAME: no parameter begins with 'nothing_of_the_kind'"),
        (["--json", "--markdown"], "--markdown: does not go with --json"),
        (["--scenario", "basline"], "Did you mean baseline"),
        (["--as-of", "soon"], "--as-of: 'soon' is not a day"),
    ],
)
def test_bad_input_is_one_message_and_exit_2(words, wrong):
    told = parameters(*words)
    assert told.returncode == 2
    assert wrong in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout == ""
