"""A truce in force: staying, leaving, incidents, and what they leave behind."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import MEMBER, START, ensemble, member, policy, record, start, state

from sim.engine import domain, records
from sim.engine.agenda import plain_agenda
from sim.engine.domain import Issuer, Outcome, Side, TruceEnd
from sim.engine.records import PACKAGE, new_workspace
from sim.engine.row import ROW
from sim.engine.rules import front, gains, truce
from sim.native import run_block

R, U = Side.R, Side.U


def worlds_that_agree(worlds: int, levers=None, **values):
    """Worlds in which both sides want a truce at once, as both know, and only the given ends it.

    They last a day and what remains of a truce, so that each sees one truce.
    """
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
        "truce_settling": 0.5,
    }
    one = ensemble(
        np.array([member(**{**eager, **values})], MEMBER),
        np.array([start(resolve_mean=-5.0)], START),
    )
    rows = np.zeros(worlds, ROW)
    nothing = np.zeros(2, np.int64)
    agenda = plain_agenda(np.array([levers or policy()], records.POLICY), nothing, nothing)
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
    """No retaliation, no tolerance: S(30) = exp(-30 (rR + rU)), however it settles."""
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


@pytest.mark.parametrize("shape", [1.0, 0.35])
def test_exits_are_a_hazard_of_both_sides(shape):
    """With lambda 0 each side leaves at h0 a day on the mean: S(30) = exp(-60 h0).

    By day 3 it is exp(-60 h0 (3/30)^k).
    """
    values = {"exit_hazard": 0.01, "exit_slope": 0.0, "exit_cap": 5.0, "truce_settling": shape}
    rows = worlds_that_agree(40_000, **values)
    expected = math.exp(-60 * 0.01)
    error = math.sqrt(expected * (1 - expected) / len(rows))
    assert abs(share_held(rows) - expected) < 4 * error
    early = 1.0 - math.exp(-60 * 0.01 * (3 / 30) ** shape)
    by_day_three = rows["truce_days"] < 3
    error = math.sqrt(early * (1 - early) / len(rows))
    assert abs(by_day_three.mean() - early) < 4 * error
    ended = rows["outcome"] != Outcome.HELD
    assert (rows["ended_by"][ended] == TruceEnd.EXIT).all()
    assert abs((rows["broke_first"][ended] == R).mean() - 0.5) < 0.03


def test_exit_hazard_falls_with_the_value_of_staying_and_is_capped():
    person = member(exit_hazard=0.008, exit_slope=5.0, exit_cap=0.3, truce_settling=1.0)
    assert truce.exit_hazard(person, 0.2) == pytest.approx(0.008 * math.exp(-1.0))
    leaves = truce.exit_chance(person, state(truce_day=7), 0.2)
    assert leaves == pytest.approx(1 - math.exp(-0.008 * math.exp(-1.0)))
    assert truce.exit_chance(person, state(), -5.0) == pytest.approx(1 - math.exp(-0.3))
    spared = member(exit_hazard=0.0)
    assert truce.exit_chance(spared, state(), -5.0) == 0.0


FACTOR = {
    (1.0, 0): 1.0, (1.0, 17): 1.0, (0.5, 0): 30**0.5, (0.5, 3): 30**0.5 * (2 - 3**0.5),
    (0.5, 29): 30.0 - 30**0.5 * 29**0.5, (1.5, 0): 30**-0.5,
}  # fmt: skip
"""By shape and day: 30 times what the law ((a + 1)/30)^k gains on (a/30)^k."""


@pytest.mark.parametrize(("shape", "age"), FACTOR)
def test_the_first_days_of_a_truce_are_the_worst(shape, age):
    person = member(truce_settling=shape)
    assert truce.settling(person, age) == pytest.approx(FACTOR[shape, age])


@pytest.mark.parametrize("shape", [0.1, 0.35, 0.8, 1.0, 1.5])
def test_what_a_truce_risks_in_thirty_days_does_not_depend_on_how_it_settles(shape):
    """The factors sum to thirty; below the cap the odds of staying multiply to those of a month."""
    person = member(truce_settling=shape, exit_hazard=0.01, partial_hazard=0.02, exit_slope=2.0,
                    exit_cap=50.0)  # fmt: skip
    factors = [truce.settling(person, age) for age in range(30)]
    assert sum(factors) == pytest.approx(30.0)
    order = sorted(factors, reverse=True)
    assert shape == 1.0 or factors == (order if shape < 1.0 else order[::-1])
    assert max(factors) - min(factors) > 0.1 or shape == 1.0
    mean = math.exp(-2.0 * 0.3)
    stays = [1 - truce.exit_chance(person, state(truce_day=age), 0.3) for age in range(30)]
    assert math.prod(stays) == pytest.approx(math.exp(-30 * 0.01 * mean))
    kept = [1 - truce.partial_end_chance(person, state(partial_day=age), 0.3) for age in range(30)]
    assert math.prod(kept) == pytest.approx(math.exp(-30 * 0.02 * mean))


def test_the_cap_is_on_what_a_day_risks():
    """And not on the mean of thirty, of which the first day has many times its share."""
    person = member(truce_settling=0.5, exit_hazard=0.1, partial_hazard=0.1, exit_slope=0.0,
                    exit_cap=0.3)  # fmt: skip
    for age, risk in ((0, 0.3), (29, 0.1 * (30.0 - 30**0.5 * 29**0.5))):
        now = state(truce_day=age, partial_day=age)
        assert truce.exit_chance(person, now, 0.0) == pytest.approx(1 - math.exp(-risk))
        assert truce.partial_end_chance(person, now, 0.0) == pytest.approx(1 - math.exp(-risk))


def test_incidents_settle_as_exits_do_and_retaliation_does_not():
    person = member(incident_rate=[0.1, 0.2], truce_settling=0.5, incident_trust=0.0,
                    incident_monitoring=0.0, incident_guarantee=0.0, long_range_share=0.25,
                    retaliation=[0.4, 0.3])  # fmt: skip
    week = np.zeros((4, 7))
    week[2 * U] = 2.0
    for age in (0, 3, 29):
        now = state(truce_day=age, incidents=week)
        for side, mean in ((R, 0.1), (U, 0.2)):
            arguments = (person, now, policy(), record(PACKAGE), side, 1.0)
            assert truce.mean_calm_rate(*arguments) == pytest.approx(mean)
            calm = truce.calm_rate(*arguments)
            assert calm == pytest.approx(mean * FACTOR[0.5, age])
            answered = 0.4 * 2.0 if side == R else 0.0
            ground = truce.incident_rate(person, now, side, 0, calm)
            assert ground == pytest.approx(0.75 * calm + answered)


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
        incident_rate=base, retaliation=[0.4, 0.25], incident_trust=0.0, incident_temptation=0.0,
        truce_settling=1.0,
    )  # fmt: skip
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
        return truce.mean_calm_rate(person, now, levers, package, side, stay)

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
    truce.take_effect(member(), now, record(PACKAGE, relief_now=0.25), 8)
    assert now["truce_starts"] == 9
    assert now["relieved"] == pytest.approx(0.1)
    assert front.sanctions_in_force(now) == pytest.approx(0.3)
    assert now["partial_scope"] == now["pause_until"] == domain.NONE


def test_what_was_imposed_for_refusing_is_lifted_in_a_truce_and_back_when_it_collapses():
    """Of it more than is due at signature; a partial truce lifts none of it."""
    person = member(coerced_lift=0.75, partial_price=[0.0, 0.5, 0.0])
    now = state(sanctions=0.7, coerced=0.3)
    package = record(PACKAGE, relief=0.8, relief_now=0.25)
    truce.take_effect(person, now, package, 8)
    lifted = 0.4 * 0.25 + 0.3 * 0.75
    assert now["relieved"] == pytest.approx(lifted)
    assert front.sanctions_in_force(now) == pytest.approx(0.7 - lifted)
    truce.collapse(person, now, 12)
    assert front.sanctions_in_force(now) == pytest.approx(0.7)
    assert now["coerced"] == pytest.approx(0.3)
    part = truce.partly_relieved(person, now, package, 1)
    assert part == pytest.approx(0.7 * 0.5 * 0.25)


def test_a_partial_truce_has_a_hazard_of_its_own():
    person = member(partial_hazard=0.026, exit_hazard=0.5, exit_slope=5.0, truce_settling=1.0)
    for value in (-0.1, 0.0, 0.2):
        hazard = 0.026 * math.exp(-5.0 * value)
        assert truce.partial_hazard(person, value) == pytest.approx(hazard)
        ends = truce.partial_end_chance(person, state(), value)
        assert ends == pytest.approx(1 - math.exp(-hazard))


def test_staying_in_a_partial_truce_reckons_with_the_days_left_and_forgets_the_audience():
    person = member(audience_cost=3.0, partial_coverage=[0.2, 0.1, 0.2], partial_settlement=0.3,
                    partial_resolve=0.6)  # fmt: skip
    levers, package = policy(), record(PACKAGE)
    now = state(partial_scope=0, partial_day=12)
    size = gains.TruceSize(0.2 * 0.6, 0.0, 0.3, 0.2, 0.2 * 0.6, 0.0)
    expected = gains.truce_gain(person, now, levers, package, R, size)
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
    truce.take_effect(member(), agreed, record(PACKAGE), 8)
    truce.collapse(member(), ended, 8)
    assert agreed["truce_day"] == ended["truce_day"] == 0


def test_incidents_of_a_week_are_those_of_one_side_in_one_domain():
    week = np.zeros((4, 7))
    week[:, 0], week[:, 6] = [1.0, 2.0, 3.0, 4.0], 10.0
    now = state(incidents=week)
    for side, domain_of, total in ((R, 0, 11.0), (R, 1, 12.0), (U, 0, 13.0), (U, 1, 14.0)):
        assert truce.recent_incidents(now, side, domain_of) == total
