"""The answer of a belligerent: theory's closed forms out of the product's own functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import by_issue, member, policy, record, state

from sim.engine.domain import ISSUES, OFFERED, VALUED, Answer, Issue, Side
from sim.engine.records import PACKAGE
from sim.engine.rules import answers, gains, mediator, pressure, settlement_values

R, U = Side.R, Side.U


def one_issue(cost: float = 0.1, p: float = 0.5, **values):
    """Territory alone counts; war costs ``cost`` and leads to ``p``; a truce is a settlement."""
    only = np.zeros((2, ISSUES))
    only[:, Issue.TERRITORY] = 1.0
    expected = np.full(VALUED, 0.5)
    expected[Issue.TERRITORY] = p
    plain = {
        "weight": only,
        "expected": expected,
        "slope": 0.0,
        "optimism": 0.0,
        "fighting_cost": cost,
        "sanctions_burden": 0.0,
        "audience_cost": 0.0,
        "resolve": 0.0,
        "settlement_base": 60.0,
    }
    return member(**{**plain, **values})


def territory(x: float):
    package = record(PACKAGE)
    package["named"][Issue.TERRITORY] = True
    package["x"][Issue.TERRITORY] = x
    return package


def table(person, levers):
    package = record(PACKAGE)
    mediator.table_package(person, levers, package)
    mediator.complete_package(person, state(), levers, package)
    return package


def gain(person, side, package, now=None, levers=None):
    return gains.signing_gain(person, now or state(), levers or policy(), package, side)


def test_fearon_bargaining_range():
    """Fearon 1995: with p = .5 and costs of .1 both gain exactly on [.4, .6]."""
    person = one_issue()
    for x in np.linspace(0.0, 1.0, 101):
        assert gain(person, R, territory(x)) == pytest.approx(x - 0.4)
        assert gain(person, U, territory(x)) == pytest.approx(0.6 - x)


def test_resolve_takes_from_the_gain_what_it_is():
    steadfast = one_issue(resolve=[0.07, 0.0])
    assert gain(steadfast, R, territory(0.5)) == pytest.approx(0.1 - 0.07)


def test_signorino_two_nodes():
    """Signorino 1999: quantal response at two nodes, precision 1."""
    never = -1e9
    p2, _ = answers.logit(1.0, -1.5, -1.0, never)
    p1, _ = answers.logit(1.0, answers.accept(p2, -1.0, 1.0), 0.0, never)
    assert p2 == pytest.approx(0.37754, abs=5e-6)
    assert p1 == pytest.approx(0.56093, abs=5e-6)
    shares = (1 - p1, p1 * (1 - p2), p1 * p2)
    assert shares == pytest.approx((0.43907, 0.34915, 0.21177), abs=5e-6)


def test_logit_depends_on_payoffs_times_precision_only():
    assert answers.logit(10.0, 0.03, -0.01, 0.02) == pytest.approx(
        answers.logit(1.0, 0.3, -0.1, 0.2)
    )


def test_logit_stands_extreme_payoffs():
    assert answers.logit(60.0, 900.0, -900.0, 0.0) == (1.0, 0.0)
    a, c = answers.logit(60.0, -900.0, -900.0, -900.0)
    assert (a, c) == pytest.approx((1 / 3, 1 / 3))


def test_gain_of_a_truce_that_never_settles_is_the_fighting_it_spares():
    person = one_issue(settlement_base=-60.0, war_months=10.0)
    deferred = record(PACKAGE)
    person["attack_fear"] = person["rearmament_fear"] = person["guarantee_rivalry"] = 0.0
    assert gain(person, U, deferred) == pytest.approx(0.1 / 10.0)


def test_deferral_costs_exactly_the_shift_that_is_feared():
    """Powell 2006: a truce that never settles moves the front against a side by what it fears."""
    person = one_issue(settlement_base=-60.0, slope=0.4, attack_fear=0.3, monitoring_relief=0.3)
    deferred = record(PACKAGE)
    spared = 0.1 / person["war_months"]
    assert gain(person, U, deferred) == pytest.approx(spared - 0.4 * 0.3)
    watched = policy(monitoring=1.0)
    assert gain(person, U, deferred, levers=watched) == pytest.approx(spared - 0.4 * 0.3 * 0.7)
    guaranteed = record(PACKAGE, guarantee=0.5)
    assert gain(person, U, guaranteed) == pytest.approx(spared - 0.4 * 0.3 * 0.5)


def test_limits_on_forces_calm_r_and_a_guarantee_alarms_it():
    person = one_issue(slope=0.4, rearmament_fear=0.25, guarantee_rivalry=0.1)
    now, levers = state(), policy(aid_level=2.0)
    limited = record(PACKAGE, force_limits=0.6, guarantee=0.5)
    shift = gains.feared_shift(person, now, levers, limited, R)
    assert shift == pytest.approx(-(0.25 * 2.0 * 0.4 + 0.1 * 0.5))


def test_sanctions_are_saved_by_relief_only():
    person = one_issue(sanctions_burden=0.2)
    now = state(sanctions=0.5)
    package = territory(0.5)
    without = gain(person, R, package, now)
    package["relief"] = 0.8
    assert gain(person, R, package, now) - without == pytest.approx(0.2 * 0.5 * 0.8)
    nothing_in_force = state(sanctions=0.0)
    assert gain(person, R, package, nothing_in_force) == pytest.approx(without)


def test_a_conceded_issue_buys_nothing():
    only = np.zeros((2, ISSUES))
    only[:, Issue.NATO] = 1.0
    person = one_issue(weight=only)
    conceded = table(person, policy(concede_nato=True))
    offered = table(person, policy(offer=[0, 0, 0.75, 0, 0], named=[0, 0, 1, 0, 0]))
    nothing = table(person, policy())
    assert gain(person, R, conceded) == pytest.approx(gain(person, R, nothing))
    assert gain(person, R, offered) == pytest.approx(gain(person, R, nothing) + 0.25)


def test_guarantees_and_sanctions_lie_on_the_table_once_an_issue_is_named():
    levers = policy(offer=[0.75, 0, 0, 0, 0], named=[1, 0, 0, 0, 0], relief=0.5,
                    ambition=1.0, backstop=1.0)  # fmt: skip
    package = table(one_issue(), levers)
    assert package["x"][Issue.GUARANTEES] == pytest.approx(0.5)
    assert package["x"][Issue.SANCTIONS] == pytest.approx(0.75)
    assert list(package["named"]) == by_issue(territory=1, guarantees=1, sanctions=1)
    assert not table(one_issue(), policy(ambition=1.0))["named"].any()


def test_audience_cost_is_paid_beyond_the_red_line_only():
    red = np.full((2, ISSUES), 0.7)
    person = one_issue(audience_cost=0.5, red_line=red)
    assert gains.audience(person, territory(0.4), R) == pytest.approx(0.5 * 0.3)
    assert gains.audience(person, territory(0.8), R) == 0.0
    assert gains.audience(person, territory(0.8), U) == pytest.approx(0.5 * 0.1)


def test_an_unconditional_truce_offends_who_wants_a_settlement_first():
    weight = np.zeros((2, ISSUES))
    weight[:, Issue.TERRITORY] = 1.0
    weight[:, Issue.TRUCE_TERMS] = 0.2
    person = one_issue(audience_cost=0.5, weight=weight, red_line=[[0.9] * ISSUES, [0.3] * ISSUES])
    unconditional, settled = record(PACKAGE), territory(0.9)
    assert gains.audience(person, unconditional, R) == pytest.approx(0.5 * 0.2 * 0.9)
    assert gains.audience(person, unconditional, U) == 0.0
    assert gains.audience(person, settled, U) == pytest.approx(0.5 * 0.6 + 0.5 * 0.2 * 0.7)


def test_place_on_truce_terms_is_the_weight_of_what_is_named():
    person = member()
    package = record(PACKAGE)
    package["named"][[Issue.TERRITORY, Issue.NATO]] = True
    assert gains.terms_place(person, package, R) == pytest.approx(2 / OFFERED)


def test_each_condition_earns_less_goodwill():
    person = member(goodwill=0.1, goodwill_decay=0.6, ask=0.02, delay=0.03)
    levers = policy(flexibility=0.5)
    for conditions in range(4):
        now = state(condition_days=[(1 << conditions) - 1, 0])
        value = answers.stalling_value(person, now, levers, R)
        assert value == pytest.approx(0.1 * 0.5 * 0.6**conditions + 0.02 * 0.5 * 0.5 - 0.03)


def test_stalling_earns_no_goodwill_once_patience_is_spent():
    person = member(goodwill=0.1, ask=0.0, delay=0.03)
    assert answers.stalling_value(person, state(patience=0.0), policy(), R) == -0.03


def test_a_yes_that_meets_a_no_earns_the_credit():
    person = member(credit=0.06, precision=1.0)
    now = state(tilt=0.3)
    a, c = answers.answer_chances(person, now, policy(), R, 0.0, -5.0)
    walkaway = person["walkaway_hazard"] * 30 * person["walkaway_worth"][R]
    stall = answers.stalling_value(person, now, policy(), R)
    values = np.array([0.06 * (0.5 + 0.7), stall - walkaway, -walkaway])
    shares = np.exp(values) / np.exp(values).sum()
    assert (a, c) == pytest.approx(tuple(shares[:2]))


def test_a_threat_lowers_refusals_and_a_condition_defuses_part_of_it():
    person = member(precision=1.0, defused=0.4, sanctions_burden=0.3)
    now = state(sanctions=0.0, kept=[3, 3, 3], lapsed=[1, 1, 1])
    levers = policy(threat=[1.0, 0.0, 0.0])
    threat = 0.75 * 0.6 * 0.3
    a, c = answers.answer_chances(person, now, levers, R, 1.0, 0.1)
    a0, c0 = answers.answer_chances(person, now, policy(), R, 1.0, 0.1)
    r, r0 = 1 - a - c, 1 - a0 - c0
    assert math.log((a / r) / (a0 / r0)) == pytest.approx(threat)
    assert math.log((a / c) / (a0 / c0)) == pytest.approx(0.6 * threat)


def test_binding_issue_follows_the_weights():
    heavy = np.full((2, ISSUES), 0.02)
    heavy[R, Issue.NATO] = 0.88
    person = member(weight=heavy, audience_cost=0.0)
    package = table(
        person, policy(offer=[0.6, 0.3, 0.3, 0.3, 0.6], named=[1, 1, 1, 1, 1], ambition=1.0)
    )
    assert answers.binding_issue(person, state(), policy(), package, R) == Issue.NATO
    heavy[R, Issue.NATO], heavy[R, Issue.RECOGNITION] = 0.02, 0.88
    person = member(weight=heavy, audience_cost=0.0)
    assert answers.binding_issue(person, state(), policy(), package, R) == Issue.RECOGNITION


def test_an_unconditional_truce_binds_on_its_terms():
    person = member(red_line=[[0.9] * ISSUES, [0.1] * ISSUES])
    assert answers.binding_issue(person, state(), policy(), record(PACKAGE), R) == Issue.TRUCE_TERMS


def test_a_deferred_issue_binds_by_the_shift_that_is_feared():
    slope = np.full(VALUED, 0.1)
    slope[Issue.FORCE_LIMITS] = 0.4
    person = member(slope=slope, expected=np.full(VALUED, 0.5), audience_cost=0.0)
    binding = answers.binding_issue(person, state(), policy(), record(PACKAGE), U)
    assert binding == Issue.FORCE_LIMITS


def test_the_chance_of_a_settlement_reads_guarantee_and_trust():
    person = member(settlement_base=-1.1, settlement_guarantee=1.0, settlement_trust=0.8)
    package = record(PACKAGE, guarantee=0.5)
    z = -1.1 + 0.5 + 0.8 * 0.25
    assert gains.settlement_chance(person, state(), package) == pytest.approx(
        1 / (1 + math.exp(-z))
    )


def test_fighting_costs_u_more_when_its_arms_are_cut_and_never_less_than_nothing():
    person = member(fighting_cost=[0.1, 0.14], aid_loss=0.12)
    for level, cost in ((1.0, 0.14), (0.0, 0.26), (2.0, 0.02)):
        levers = policy(aid_level=level)
        assert gains.war_burden(person, state(), levers, U) == pytest.approx(cost)
        assert gains.war_burden(person, state(), levers, R) == pytest.approx(0.1)
    cut = state(aid_cut=0.5)
    assert gains.war_burden(person, cut, policy(), U) == pytest.approx(0.2)
    rich = member(fighting_cost=[0.1, 0.05], aid_loss=0.12)
    assert gains.war_burden(rich, state(), policy(aid_level=2.0), U) == 0.0


def test_relief_at_signature_spares_r_a_month_of_sanctions():
    person = one_issue(settlement_base=-60.0, sanctions_burden=0.3, war_months=10.0)
    now = state(sanctions=0.5)
    package = territory(0.5)
    without = gain(person, R, package, now)
    package["relief_now"] = 0.4
    assert gain(person, R, package, now) - without == pytest.approx(0.3 * 0.5 * 0.4 / 10.0)


def test_sanctions_that_a_truce_has_lifted_burden_as_those_in_force():
    """What is lifted enters as relief; the burden itself is that of all sanctions."""
    person = member(sanctions_burden=0.3)
    for lifted in (0.0, 0.2, 0.5):
        now = state(sanctions=0.5, relieved=lifted)
        assert gains.sanctions_burden(person, now, R) == pytest.approx(0.3 * 0.5)
        assert gains.sanctions_burden(person, now, U) == 0.0


@pytest.mark.parametrize("days", [30, 21, 3])
def test_relief_is_worth_as_many_months_as_the_truce_has_left(days):
    """A full truce, and a partial one at its price; sanctions cost .15 in 10 months of war."""
    person = one_issue(settlement_base=-60.0, sanctions_burden=0.3, war_months=10.0,
                       partial_price=[0.0, 0.5, 0.0])  # fmt: skip
    now, levers, months = state(sanctions=0.5), policy(), days / 30.0
    package, paid = territory(0.5), territory(0.5)
    paid["relief_now"] = 0.4
    full = [gains.side_gain(person, now, levers, p, R, months) for p in (package, paid)]
    assert full[1] - full[0] == pytest.approx(months * 0.3 * 0.5 * 0.4 / 10.0)
    for scope, price in enumerate((0.0, 0.5, 0.0)):
        at = [gains.partial_worth(person, now, levers, p, R, scope, months)
              for p in (package, paid)]  # fmt: skip
        assert at[1] - at[0] == pytest.approx(months * price * 0.3 * 0.5 * 0.4 / 10.0)


def test_conditions_are_remembered_for_sixty_days():
    assert answers.CONDITION_MEMORY_MASK == 2**60 - 1
    assert answers.count_conditions(0b1011) == 3


def test_a_threat_counts_as_far_as_the_other_side_says_yes():
    person = member(precision=1.0, defused=0.0, sanctions_burden=0.3)
    now = state(sanctions=0.0)
    levers = policy(threat=[1.0, 0.0, 0.0])
    full = pressure.threat_value(person, now, levers, R)
    for q in (0.0, 0.5):
        a, c = answers.answer_chances(person, now, levers, R, q, 0.0)
        a0, c0 = answers.answer_chances(person, now, policy(), R, q, 0.0)
        assert math.log((a / c) / (a0 / c0)) == pytest.approx(q * full)


def test_powell_a_riser_is_fought_if_it_rises_fast_enough():
    """Powell 2006: p = .3, d = .1, delta = .9: the decliner fights from a shift of .156790 on.

    The decliner's settlement is 0 at best; a truce that fails leaves it the riser's reservation.
    """
    p, d, delta = 0.3, 0.1, 0.9

    def worth(shift):
        return gains.gain(0.0, -(1 - d) * (p + shift), 1 - delta, 0.0, -(p + d * (1 - p)), 0.0)

    least = (d / (1 - d) + p) / delta - p
    assert least == pytest.approx(0.156790, abs=5e-7)
    assert worth(least) == pytest.approx(0.0, abs=1e-9)
    assert worth(least - 0.01) > 0.0 > worth(least + 0.01)


def test_quadratic_loss_is_a_switch():
    person = one_issue(exponent=2.0, fighting_cost=0.0)
    assert gain(person, R, territory(0.8)) == pytest.approx(0.5**2 - 0.2**2)


@pytest.mark.parametrize(("exponent", "lost"), [(1.0, 0.3), (1.5, 0.3**1.5), (2.0, 0.09)])
def test_the_loss_from_an_ideal_is_a_power_of_the_distance(exponent, lost):
    assert settlement_values.loss(0.9, 0.6, exponent) == pytest.approx(lost)
    assert settlement_values.loss(0.3, 0.6, exponent) == pytest.approx(lost)


def test_a_pause_spares_as_much_war_as_its_days_and_leads_no_further():
    person = one_issue(pause_days=3.0, war_months=10.0, slope=0.4, attack_fear=0.3)
    paused = gains.pause_gain(person, state(), policy(), record(PACKAGE), U)
    assert paused == pytest.approx(0.1 * (0.1 / 10.0) - 0.4 * 0.1 * 0.3)


def test_sanctions_weigh_the_same_in_a_war_that_resumes_as_in_one_that_goes_on():
    person = one_issue(settlement_base=-60.0, sanctions_burden=0.3, war_months=10.0)
    under_sanctions = gain(person, R, territory(0.5), state(sanctions=0.5))
    assert under_sanctions == pytest.approx(gain(person, R, territory(0.5), state(sanctions=0.0)))


def test_a_partial_truce_costs_at_home_a_part_of_what_its_terms_do():
    weight = np.zeros((2, ISSUES))
    weight[:, Issue.TERRITORY], weight[:, Issue.TRUCE_TERMS] = 1.0, 0.25
    values = {
        "weight": weight,
        "red_line": [[0.9] * ISSUES, [0.3] * ISSUES],
        "partial_coverage": 0.2,
    }
    for side, short in ((R, 0.4), (U, 0.2)):
        costs = []
        for cost in (0.0, 0.8):
            person = one_issue(audience_cost=cost, **values)
            arguments = (person, state(), policy(), record(PACKAGE), side, 0)
            costs.append(gains.partial_gain(*arguments))
        assert costs[0] - costs[1] == pytest.approx(0.2 * 0.8 * 0.25 * short)


def test_a_truce_over_a_part_of_the_war_takes_that_part_of_the_resolve():
    calm, firm = (member(resolve=[stakes, stakes]) for stakes in (0.0, 0.2))
    for side in (R, U):
        for scope in range(3):
            gained = [
                gains.partial_gain(person, state(), policy(), record(PACKAGE), side, scope)
                for person in (calm, firm)
            ]
            assert gained[0] - gained[1] == pytest.approx(0.2 * calm.partial_coverage[scope])
        paused = [
            gains.pause_gain(person, state(), policy(), record(PACKAGE), side)
            for person in (calm, firm)
        ]
        assert paused[0] - paused[1] == pytest.approx(0.2 * calm.pause_days / 30.0)


def test_a_round_with_the_mediator_is_answered_as_one_and_one_without_is_not():
    person, now, levers = member(), state(), policy()
    refused = answers.refusal(person, now, levers, R)
    with_it = answers.round_chances(person, refused, 0.5, 0.1, True)
    assert with_it == answers.answer_chances(person, now, levers, R, 0.5, 0.1)
    without = answers.round_chances(person, refused, 0.5, 0.1, False)
    assert without == answers.direct_chances(person, 0.5, 0.1)
    assert with_it != without


@pytest.mark.parametrize(
    ("u", "answer"),
    [
        (0.0, Answer.ACCEPT),
        (0.2499, Answer.ACCEPT),
        (0.25, Answer.CONDITION),
        (0.7499, Answer.CONDITION),
        (0.75, Answer.REJECT),
        (0.999, Answer.REJECT),
    ],
)
def test_luck_chooses_an_answer_by_its_chances(u, answer):
    assert answers.choose(0.25, 0.5, u) == answer


def test_the_first_of_equally_costly_issues_binds():
    person = member(audience_cost=0.0, slope=0.0)
    assert answers.binding_issue(person, state(), policy(), record(PACKAGE), R) == 0


def test_the_three_futures_are_weighed_losses_signed_resumed_and_fought():
    only = np.zeros((2, ISSUES))
    only[:, Issue.TERRITORY] = 0.5
    person = one_issue(weight=only, ideal=[[1.0] * ISSUES, [0.0] * ISSUES])
    person["slope"] = 0.4
    three = settlement_values.prospects(person, territory(0.8), U, 0.25, 0.5)
    assert three == pytest.approx((-0.5 * 0.8, -0.5 * 0.7, -0.5 * 0.6))


def test_what_hangs_over_a_refusal_with_the_mediators_leaving_is_a_month_of_its_hazard():
    person = member(precision=1.0, walkaway_hazard=0.002, walkaway_worth=[2.0, -3.0], credit=0.0)
    now, gone = state(patience=0.5), state(patience=0.5, mediator_left=True)
    for side, worth in ((R, 2.0), (U, -3.0)):
        a, c = answers.answer_chances(person, now, policy(), side, 1.0, 0.1)
        a0, c0 = answers.answer_chances(person, gone, policy(), side, 1.0, 0.1)
        cost = 30 * 0.002 * 1.5 * worth
        assert math.log((a / c) / (a0 / c0)) == pytest.approx(cost)
        assert math.log((a / (1 - a - c)) / (a0 / (1 - a0 - c0))) == pytest.approx(cost)
