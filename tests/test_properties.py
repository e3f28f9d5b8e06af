"""Whatever parameters, states and levers lie in their ranges, worlds stay within their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.anywhere import PARAMETERS, ensembles, settings_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine.domain import TRUCE_DAYS, Outcome, TruceEnd
from sim.engine.rules import answers, blocs, gains, mediator, pressure, truce
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import load_scenario
from sim.mesa_model import CeasefireModel
from sim.montecarlo import Plan

BASELINE = load_scenario("baseline")
UNIT = st.floats(0.0, 1.0)
SLOW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def assert_bounded(rows):
    for name in ("sanctions_end", "guarantee_end", "credibility_end"):
        assert ((rows[name] >= 0.0) & (rows[name] <= 1.0)).all(), name
    assert np.isfinite(rows["momentum_end"]).all()
    assert np.isfinite(rows["worth"]).all()
    signed = rows["full_truces"] > 0
    for name in ("signed_guarantee", "signed_relief"):
        assert (np.isnan(rows[name]) == ~signed).all()
        assert ((rows[name][signed] >= 0.0) & (rows[name][signed] <= 1.0)).all()
    assert np.isnan(rows["signed"][~signed]).all()
    named = rows["signed"][~np.isnan(rows["signed"])]
    assert ((named >= 0.0) & (named <= 1.0)).all()
    places = rows["x"][~np.isnan(rows["x"])]
    assert ((places >= 0.0) & (places <= 1.0)).all()


def assert_one_ending_each(rows):
    held = rows["outcome"] == Outcome.HELD
    truces = rows["full_truces"] > 0
    assert set(rows["outcome"]) <= set(Outcome)
    assert (truces == np.isin(rows["outcome"], [Outcome.HELD, Outcome.COLLAPSED])).all()
    assert (held == (rows["ended_by"] == TruceEnd.EXPIRY)).all()
    assert (truces == (rows["first_truce_day"] >= 0)).all()
    first = held & (rows["full_truces"] == 1)
    assert (rows["truce_days"][first] == TRUCE_DAYS).all()
    assert (rows["truce_days"][held] >= TRUCE_DAYS).all()


@SLOW
@given(ensembles(), settings_of(), st.integers(1, 365), st.integers(0, 2**63 - 1))
def test_worlds_stay_within_their_bounds_and_end_once(members, levers, horizon, seed):
    scenario = BASELINE.with_levers(levers).with_horizon(horizon)
    plan = Plan(scenario, members, 1, seed)
    rows = plan.block(0, 32)
    assert_bounded(rows)
    assert_one_ending_each(rows)
    assert (rows["first_truce_day"] <= horizon + 1).all()
    again = [plan.block(first, 8) for first in (24, 0, 16, 8)]
    assert np.concatenate([again[i] for i in (1, 3, 2, 0)]).tobytes() == rows.tobytes()


def chances(model):
    """Every chance that a rule gives on a day of a model, by name."""
    member, state, policy = model.member, model.state, model.policy
    seen = (member, state, policy)
    both = gains.both_aims(member, state, model.package)
    near = gains.nearness(both)
    found = {
        "round": -math.expm1(-mediator.round_rate(member, state, model.day)),
        "talk": -math.expm1(-mediator.direct_talk_rate(member, state, model.day)),
        "pause": mediator.pause_chance(member, state, True),
        "walkaway": mediator.walkaway_hazard(member, state),
        "settlement": gains.settlement_chance(member, state, model.package, near),
        "near": near,
        "guarantee": blocs.guarantee(*seen),
        "patience ends": truce.patience_ends_chance(member, 3.0),
    }
    for n in range(3):
        found[f"follow-through {n}"] = pressure.follow_through_chance(*seen, n, True)
        found[f"refusal answered {n}"] = pressure.refusal_answered_chance(*seen, n, True)
        found[f"belief {n}"] = pressure.believed(*seen, n)
    for player in model.belligerents:
        stay = player.stay()
        found[f"exit {player.side}"] = truce.exit_chance(member, state, stay)
        found[f"partial ends {player.side}"] = truce.partial_end_chance(member, state, stay)
        found[f"felt {player.side}"] = gains.felt_resolve(member, both[player.side])
        for q in (0.0, 0.4, 1.0):
            yes, but = answers.answer_chances(*seen, player.side, q, player.gain())
            found |= {"yes": yes, "but": but, "no": min(1.0, 1.0 - yes - but + 1e-12)}
    return found


def levels(model):
    """Every state that has bounds, by name."""
    state = model.state
    names = ("sanctions", "sanctions_lag", "coerced", "relieved", "tilt", "progress", "trust",
             "patience", "aid_cut")  # fmt: skip
    return {name: float(state[name]) for name in names} | {
        f"{name} {n}": value
        for name in ("pledge", "stance", "executed")
        for n, value in enumerate(state[name])
    }


@settings(SLOW, max_examples=25)
@given(ensembles(), settings_of(), st.integers(0, 31))
def test_chances_and_states_lie_between_0_and_1_on_every_day(members, levers, world):
    model = CeasefireModel(BASELINE.with_levers(levers), 3, world, ensemble=members)
    while model.running and model.day < 60:
        model.step()
        for name, value in {**chances(model), **levels(model)}.items():
            assert 0.0 <= value <= 1.0, (name, value, model.day)
        assert model.state.coerced <= model.state.sanctions
        assert model.state.relieved <= model.state.sanctions
        assert np.isfinite([player.gain() for player in model.belligerents]).all()
        assert np.isfinite(list(model.state.resolve_mean)).all()


@SLOW
@given(settings_of())
def test_worlds_of_the_shipped_ensemble_stay_within_their_bounds(levers):
    """Its numbers have 32 bits: shares that sum to 1 there may sum to a little more here."""
    scenario = BASELINE.with_levers(levers)
    rows = Plan(scenario, load_ensemble(BASELINE.as_of), 1, 1).block(0, 64)
    assert_bounded(rows)
    assert_one_ending_each(rows)


@pytest.mark.parametrize("pledged", [0.0, 1.0])
def test_the_guarantee_is_never_more_than_whole(pledged):
    members = load_ensemble(BASELINE.as_of).members
    model = CeasefireModel(
        BASELINE.with_levers({"guarantee.ambition": 1.0, "guarantee.us_backstop": 1.0}), 1, 0
    )
    model.state.pledge = pledged
    assert abs(members["capability"][0].sum() - 1.0) > 0.0
    assert blocs.guarantee(model.member, model.state, model.policy) == pledged


def test_retaliation_stays_under_its_critical_point():
    """The largest eigenvalue of the two sides' answers to each other is below one."""
    largest = [PARAMETERS[f"retaliation.{side}"].range[1] for side in "ru"]
    eigenvalues = np.linalg.eigvals(np.array([[0.0, largest[0]], [largest[1], 0.0]]))
    assert max(abs(eigenvalues)) == pytest.approx(np.sqrt(largest[0] * largest[1]))
    assert max(abs(eigenvalues)) <= 0.8 + 1e-9
