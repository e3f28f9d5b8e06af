"""A truce in force: staying, leaving, incidents, and what they leave behind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import MEMBER, START, ensemble, member, policy, record, start, state

from sim.engine import domain, records
from sim.engine.agenda import Agenda
from sim.engine.domain import Issuer, Outcome, Side, TruceEnd
from sim.engine.records import PACKAGE, ROW, new_workspace
from sim.engine.rules import front, gains, truce
from sim.engine.world import run_block

R, U = Side.R, Side.U


def worlds_that_agree(worlds: int, levers=None, **values):
    """Worlds in which both sides want a truce at once and nothing but the given ends it."""
    eager = {
        "round_rate": 1e9,
        "precision": 60.0,
        "resolve": [-5.0, -5.0],
        "walkaway_hazard": 0.0,
        "pause_hazard": 0.0,
        "exit_hazard": 0.0,
        "incident_rate": [0.0, 0.0],
        "retaliation": [0.0, 0.0],
        "incident_monitoring": 0.0,
        "incident_guarantee": 0.0,
        "incident_trust": 0.0,
        "incident_temptation": 0.0,
    }
    one = ensemble(
        np.array([member(**{**eager, **values})], MEMBER),
        np.array([start()], START),
    )
    rows = np.zeros(worlds, ROW)
    nothing = np.zeros(2, np.int64)
    agenda = Agenda(np.array([levers or policy()], records.POLICY), nothing, nothing)
    run_block(agenda, one.members, one.starts, 0, new_workspace(one.members, 3), rows)
    assert (rows["first_truce_day"] == 2).all()
    return rows


def share_held(rows):
    return (rows["outcome"] == Outcome.HELD).mean()


def test_stay_of_a_guarantee_threshold():
    """Keeping is worth .55; breaking .8, less a punishment of .5: kept from a chance of .5 on."""
    for chance in (0.4, 0.5, 0.6):
        value = truce.stay(0.55 - 0.8, 0.0, chance * 0.5)
        assert value == pytest.approx((chance - 0.5) * 0.5, abs=1e-12)


def test_a_truce_that_nothing_ends_holds_thirty_days():
    rows = worlds_that_agree(50)
    assert (rows["outcome"] == Outcome.HELD).all()
    assert (rows["truce_days"] == domain.TRUCE_DAYS).all()
    assert (rows["ended_by"] == TruceEnd.EXPIRY).all()
    assert (rows["broke_first"] == domain.NONE).all()


def test_survival_is_exponential_in_the_summed_rates():
    """No retaliation, no tolerance: S(30) = exp(-30 (rR + rU))."""
    rows = worlds_that_agree(40_000, incident_rate=[0.012, 0.005], patience_ends=1.0)
    expected = math.exp(-30 * 0.017)
    error = math.sqrt(expected * (1 - expected) / len(rows))
    assert abs(share_held(rows) - expected) < 4 * error
    broke = rows["broke_first"][rows["outcome"] != Outcome.HELD]
    assert abs((broke == R).mean() - 12 / 17) < 0.02


@pytest.mark.parametrize("patience_ends", [1.0, 0.13])
def test_a_hazard_ratio_is_a_power_at_every_tolerance(patience_ends):
    """Survival .6, ratio .4: .6 ** .4 = .815193."""
    rate = -math.log(0.6) / 30 / 2 / patience_ends
    values = {
        "incident_rate": [rate, rate],
        "patience_ends": patience_ends,
        "incident_monitoring": -math.log(0.4),
    }
    for levers, expected in ((policy(), 0.6), (policy(monitoring=1.0), 0.815193)):
        rows = worlds_that_agree(40_000, levers, **values)
        error = math.sqrt(expected * (1 - expected) / len(rows))
        assert abs(share_held(rows) - expected) < 4 * error


def test_exits_are_a_hazard_of_both_sides():
    """With lambda 0 each side leaves at h0 a day: S(30) = (1 - h0)^60."""
    rows = worlds_that_agree(40_000, exit_hazard=0.01, exit_slope=0.0, exit_cap=0.3)
    expected = 0.99**60
    error = math.sqrt(expected * (1 - expected) / len(rows))
    assert abs(share_held(rows) - expected) < 4 * error
    ended = rows["outcome"] != Outcome.HELD
    assert (rows["ended_by"][ended] == TruceEnd.EXIT).all()
    assert abs((rows["broke_first"][ended] == R).mean() - 0.5) < 0.03


def test_exit_hazard_falls_with_the_value_of_staying_and_is_capped():
    person = member(exit_hazard=0.008, exit_slope=5.0, exit_cap=0.3)
    assert truce.exit_hazard(person, 0.2) == pytest.approx(0.008 * math.exp(-1.0))
    assert truce.exit_hazard(person, -5.0) == 0.3


def test_staying_reckons_with_the_days_left_and_forgets_the_audience():
    person = member(audience_cost=2.0)
    package = record(PACKAGE)
    levers = policy()
    for day in (0, 29):
        now = state(truce_day=day, truce_starts=1)
        gain = gains.side_gain(person, now, levers, package, R, (30 - day) / 30)
        assert truce.side_stay(person, now, levers, package, R) == pytest.approx(gain)
    signed = gains.signing_gain(person, state(), levers, package, R)
    assert signed == pytest.approx(
        gains.side_gain(person, state(), levers, package, R, 1.0)
        - gains.audience(person, package, R)
    )


def test_only_a_believed_backstop_punishes_and_only_r():
    person = member(punishment=0.3, belief_commitment=0.0)
    package = record(PACKAGE, guarantee=0.5)
    now = state(truce_starts=1)
    without, backed = policy(), policy(backstop=0.8)

    def extra(side):
        base = truce.side_stay(person, now, without, package, side)
        return truce.side_stay(person, now, backed, package, side) - base

    belief = now["kept"][Issuer.BACKSTOP] / 6.0
    assert extra(R) == pytest.approx(0.8 * belief * 0.5 * 0.3)
    assert extra(U) == 0.0


def test_retaliation_at_rest():
    """Two sides that answer each other settle at (I - rho)^-1 base."""
    base, rho = np.array([0.3, 0.2]), np.array([[0.0, 0.4], [0.25, 0.0]])
    rest = np.linalg.solve(np.eye(2) - rho, base)
    person = member(
        incident_rate=base, retaliation=[0.4, 0.25], incident_trust=0.0, incident_temptation=0.0
    )
    person["long_range_share"] = 0.3
    parts = np.array([0.7, 0.3])
    now = state(incidents=np.repeat((rest[:, None] * parts).reshape(4, 1), 7, axis=1))
    for side in (R, U):
        calm = truce.calm_rate(person, now, policy(), record(PACKAGE), side, 1.0)
        for domain_of, part in enumerate(parts):
            rate = truce.incident_rate(person, now, side, domain_of, calm)
            assert rate == pytest.approx(part * rest[side])


def test_the_calm_rate_reads_monitoring_guarantee_trust_and_temptation():
    person = member(incident_rate=[0.1, 0.1], incident_monitoring=0.75, incident_guarantee=0.7,
                    incident_trust=0.6, incident_temptation=2.0, incident_log_cap=1.5)  # fmt: skip
    now, levers = state(trust=0.5), policy(monitoring=0.4)
    package = record(PACKAGE, guarantee=0.5)
    common = -0.75 * 0.4 - 0.6 * 0.5

    def rate(side, stay):
        return truce.calm_rate(person, now, levers, package, side, stay)

    assert rate(R, 0.3) == pytest.approx(0.1 * math.exp(common - 0.35))
    assert rate(U, 0.3) == pytest.approx(0.1 * math.exp(common))
    assert rate(U, -0.2) == pytest.approx(0.1 * math.exp(common + 0.4))
    assert rate(U, -50.0) == pytest.approx(0.1 * math.exp(1.5))


def test_trust_grows_on_quiet_days_and_shrinks_with_incidents():
    person = member(trust_day=0.01, trust_incident=0.05)
    assert truce.trust_in_truce(person, state(trust=0.3), 0.0) == pytest.approx(0.31)
    assert truce.trust_in_truce(person, state(trust=0.3), 2.0) == pytest.approx(0.2)
    assert truce.trust_in_truce(person, state(trust=0.03), 2.0) == 0.0


def test_a_collapse_halves_trust_and_pauses_talks():
    now = state(trust=0.3, truce_starts=5, truce_day=3, incidents=np.ones((4, 7)), relieved=0.1)
    truce.collapse(member(trust_collapse_share=0.5, collapse_pause_days=10.0), now, 8)
    assert now["trust"] == pytest.approx(0.15)
    assert now["talks_resume"] == 19
    assert now["truce_starts"] == domain.NONE
    assert now["incidents"].sum() == 0.0
    assert now["relieved"] == 0.0


def test_relief_at_signature_lifts_sanctions_while_the_truce_holds():
    now = state(sanctions=0.4, partial_scope=0, pause_until=9)
    truce.take_effect(now, record(PACKAGE, relief_now=0.25), 8)
    assert now["truce_starts"] == 9
    assert now["relieved"] == pytest.approx(0.1)
    assert front.sanctions_in_force(now) == pytest.approx(0.3)
    assert now["partial_scope"] == now["pause_until"] == domain.NONE


def test_a_partial_truce_is_more_fragile_than_a_full_one():
    person = member(partial_fragility=3.3, exit_hazard=0.008, exit_slope=5.0)
    for value in (-0.1, 0.0, 0.2):
        full = truce.exit_hazard(person, value)
        assert truce.partial_end_chance(person, value) == pytest.approx(3.3 * full)


def test_staying_in_a_partial_truce_reckons_with_the_days_left_and_forgets_the_audience():
    person = member(audience_cost=3.0, partial_coverage=[0.2, 0.1, 0.2], partial_settlement=0.3)
    levers, package = policy(), record(PACKAGE)
    now = state(partial_scope=0, partial_day=12)
    expected = gains.truce_gain(
        person, now, levers, package, R, gains.TruceSize(0.2 * 0.6, 0.0, 0.3, 0.2)
    )
    assert truce.partial_stay(person, now, levers, package, R) == pytest.approx(expected)
    fresh = state(partial_scope=0)
    paid = gains.partial_gain(person, fresh, levers, package, R, 0)
    assert truce.partial_stay(person, fresh, levers, package, R) > paid


def test_a_guarantor_that_answers_a_breach_turns_the_front():
    now = state(momentum=0.3)
    package = record(PACKAGE, guarantee=0.5)
    truce.punish(member(punishment_shift=0.2), now, policy(backstop=0.8), package)
    assert now["momentum"] == pytest.approx(0.3 - 0.2 * 0.8 * 0.5)


def test_each_incident_of_a_day_may_end_the_patience_of_the_aggrieved():
    person = member(patience_ends=0.2)
    for incidents, chance in ((0.0, 0.0), (1.0, 0.2), (2.0, 0.36), (3.0, 0.488)):
        assert truce.patience_ends_chance(person, incidents) == pytest.approx(chance)


def test_one_incident_is_enough_to_take_from_trust_and_quiet_adds_to_the_full():
    person = member(trust_day=0.02, trust_incident=0.05)
    assert truce.trust_in_truce(person, state(trust=0.3), 1.0) == pytest.approx(0.25)
    assert truce.trust_in_truce(person, state(trust=0.99), 0.0) == 1.0


def test_the_days_of_a_truce_are_counted_from_its_beginning():
    agreed, ended = state(truce_day=7), state(truce_starts=2, truce_day=7)
    truce.take_effect(agreed, record(PACKAGE), 8)
    truce.collapse(member(), ended, 8)
    assert agreed["truce_day"] == ended["truce_day"] == 0


def test_a_partial_truce_is_left_no_likelier_than_the_cap():
    person = member(partial_fragility=3.0, exit_hazard=0.2, exit_slope=0.0, exit_cap=0.3)
    assert truce.partial_end_chance(person, 0.0) == 0.3


def test_incidents_of_a_week_are_those_of_one_side_in_one_domain():
    week = np.zeros((4, 7))
    week[:, 0], week[:, 6] = [1.0, 2.0, 3.0, 4.0], 10.0
    now = state(incidents=week)
    for side, domain_of, total in ((R, 0, 11.0), (R, 1, 12.0), (U, 0, 13.0), (U, 1, 14.0)):
        assert truce.recent_incidents(now, side, domain_of) == total
