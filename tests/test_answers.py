"""The answer of a belligerent: theory's closed forms out of the product's own functions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import by_issue, member, policy, record, state

from sim.engine.domain import ISSUES, OFFERED, VALUED, Answer, Issue, Side
from sim.engine.records import PACKAGE
from sim.engine.rules import answers, gains, mediator, pressure, red_lines, settlement_values

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
    package = table(one_issue(snapback=0.4), levers)
    assert package["x"][Issue.GUARANTEES] == pytest.approx(0.5)
    assert package["x"][Issue.SANCTIONS] == pytest.approx(0.5 + 0.5 * (1 - 0.4) / 2)
    assert list(package["named"]) == by_issue(territory=1, guarantees=1, sanctions=1)
    assert not table(one_issue(), policy(ambition=1.0))["named"].any()


def test_no_protection_is_no_term():
    """Unless silence settles it, where fighting on would leave more than the package gives."""
    levers = {"offer": [0.75, 0, 0, 0, 0], "named": [1, 0, 0, 0, 0]}
    person = member(silence_settles=0.0)
    fought = person["expected"][Issue.GUARANTEES]  # at level momentum
    for ambition in (0.0, 0.2, 0.9):
        package = table(person, policy(ambition=ambition, backstop=1.0, **levers))
        gives_more = package["x"][Issue.GUARANTEES] < fought
        assert bool(package["named"][Issue.GUARANTEES]) == gives_more
        assert gives_more == (ambition == 0.9)
        assert table(member(), policy(ambition=ambition, **levers))["named"][Issue.GUARANTEES]


def test_naming_an_issue_of_no_weight_moves_no_gain():
    """Nothing else comes with it: no term on guarantees where none is given, none on sanctions."""
    weight = np.zeros((2, len(Issue)))
    weight[:, Issue.TERRITORY] = weight[R, Issue.GUARANTEES] = 0.5
    weight[U, Issue.SANCTIONS] = 0.5
    person = member(weight=weight, silence_settles=0.0)
    plain, named = (
        policy(offer=[0, 0, 0, 0, 0.5], named=[0, 0, 0, 0, name], ambition=0.1) for name in (0, 1)
    )
    for side in (R, U):
        assert gain(person, side, table(person, named)) == pytest.approx(
            gain(person, side, table(person, plain)), abs=0.002
        )


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
    assert red_lines.terms_place(person, package, R) == pytest.approx(2 / OFFERED)


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
    """And nothing hangs over a refusal then: neither a threat nor that the mediator leaves."""
    person = member(credit=0.06, precision=1.0, walkaway_hazard=0.01, walkaway_worth=[2.0, -3.0])
    now, levers = state(tilt=0.3), policy(threat=[1.0, 1.0, 1.0])
    for side, credit in ((R, 0.06 * (0.5 + 0.7)), (U, 0.06 * (0.5 + 0.3))):
        a, c = answers.answer_chances(person, now, levers, side, 0.0, -5.0)
        stall = answers.stalling_value(person, now, levers, side)
        values = np.array([credit, stall, 0.0])
        shares = np.exp(values) / np.exp(values).sum()
        assert (a, c) == pytest.approx(tuple(shares[:2]))


@pytest.mark.parametrize(("q", "gained"), [(1.0, 0.3), (1.0, -0.4), (0.5, 0.3), (0.0, 0.3)])
def test_a_condition_brings_a_share_of_the_truce_as_far_as_the_other_agrees(q, gained):
    """Good or bad, and in direct talks as with the mediator."""
    person = member(precision=1.0, condition_commits=0.25, delay=0.02)
    levers = policy(threat=[1.0, 0.0, 0.0])
    stall = answers.stalling_value(person, state(), levers, R)
    refused = answers.refusal(person, state(), levers, R)
    hangs = q * (refused.threat + refused.walkaway)
    a, c = answers.answer_chances(person, state(), levers, R, q, gained)
    expected = stall + 0.25 * q * gained + person["defused"] * q * refused.threat
    assert math.log(c / (1 - a - c)) == pytest.approx(expected)
    assert math.log(a / (1 - a - c)) == pytest.approx(q * gained + (1 - q) * refused.credit + hangs)
    a, c = answers.direct_chances(person, q, gained)
    assert math.log(c / (1 - a - c)) == pytest.approx(0.25 * q * gained - 0.02)
    assert math.log(a / (1 - a - c)) == pytest.approx(q * gained)


def test_a_threat_lowers_refusals_and_a_condition_defuses_part_of_it():
    person = member(precision=1.0, defused=0.4, sanctions_burden=0.3)
    now = state(sanctions=0.0, kept=[3, 3, 3], lapsed=[1, 1, 1], threat_since=0, day=14)
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


def logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z))


@pytest.mark.parametrize("near", [0.0, 0.4])
def test_the_chance_of_a_settlement_reads_guarantee_trust_and_how_near_the_package_is(near):
    person = member(
        settlement_base=-1.1, settlement_guarantee=1.0, settlement_trust=0.8, settlement_named=1.5
    )
    package = record(PACKAGE, guarantee=0.5)
    z = -1.1 + 0.5 + 0.8 * 0.25 + 1.5 * near
    assert gains.settlement_chance(person, state(), package, near) == pytest.approx(logistic(z))


def test_fighting_costs_u_more_when_its_arms_are_cut_and_never_less_than_nothing():
    person = member(fighting_cost=[0.1, 0.14], aid_loss=0.12)
    for level, cost in ((1.0, 0.14), (0.0, 0.26), (2.0, 0.02)):
        levers = policy(aid_level=level)
        assert gains.war_burden(person, state(), levers, U) == pytest.approx(cost)
    cut = state(aid_cut=0.5)
    assert gains.war_burden(person, cut, policy(), U) == pytest.approx(0.2)
    rich = member(fighting_cost=[0.1, 0.05], aid_loss=0.12)
    assert gains.war_burden(rich, state(), policy(aid_level=2.0), U) == 0.0


@pytest.mark.parametrize(("level", "cut", "cost"), [
    (1.0, 0.0, 0.1), (2.0, 0.0, 0.1 * 2.5), (0.5, 0.0, 0.1 * 0.25), (0.0, 0.0, 0.0),
    (1.0, 0.4, 0.1 * 0.4), (2.0, 0.25, 0.1 * 1.75),
])  # fmt: skip
def test_arms_for_u_make_fighting_dearer_to_r(level, cut, cost):
    """By one and a half times as much as they rise; without them it costs nothing."""
    person = member(fighting_cost=[0.1, 0.14], aid_cost_to_enemy=1.5)
    now, levers = state(aid_cut=cut), policy(aid_level=level)
    assert gains.war_burden(person, now, levers, R) == pytest.approx(cost)


def test_dearer_fighting_brings_r_closer_to_a_truce():
    """A truce that is a settlement spares all of it, one that never settles a month in ten."""
    for base, months in ((60.0, 10.0), (-60.0, 1.0)):
        person = one_issue(0.1, settlement_base=base, war_months=10.0, aid_cost_to_enemy=0.5,
                           rearmament_fear=0.0)  # fmt: skip
        armed, bare = (gain(person, R, territory(0.5), levers=policy(aid_level=level))
                       for level in (2.0, 0.0))  # fmt: skip
        assert armed - bare == pytest.approx(0.1 * (1.5 - 0.5) * months / 10.0)


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
    ahead = one_issue(pause_days=3.0, war_months=10.0, slope=0.4, rearmament_fear=0.0,
                      truce_momentum_kept=0.4)  # fmt: skip
    paused = gains.pause_gain(ahead, state(momentum=0.5), policy(), record(PACKAGE), R)
    assert paused == pytest.approx(0.1 * (0.1 / 10.0) - 0.4 * 0.1 * (1 - 0.4) * 0.5)


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


@pytest.mark.parametrize("asked", [1.0, 0.6])
@pytest.mark.parametrize("x", [None, 0.0, 1.0])
def test_a_truce_over_a_part_of_the_war_takes_that_part_of_the_resolve(asked, x):
    """A partial truce a share of it beside; neither it nor a pause asks what a package meets."""
    package = record(PACKAGE) if x is None else territory(x)
    calm, firm = (
        one_issue(resolve=[stakes, stakes], partial_resolve=asked, aims_met=1.0)
        for stakes in (0.0, 0.2)
    )
    for side in (R, U):
        for scope in range(3):
            gained = [
                gains.partial_gain(person, state(), policy(), package, side, scope)
                for person in (calm, firm)
            ]
            resolve = 0.2 * calm.partial_coverage[scope] * asked
            assert gained[0] - gained[1] == pytest.approx(resolve)
        paused = [
            gains.pause_gain(person, state(), policy(), package, side) for person in (calm, firm)
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
    for side, worth, q in ((R, 2.0, 1.0), (U, -3.0, 1.0), (R, 2.0, 0.4), (U, -3.0, 0.4)):
        a, c = answers.answer_chances(person, now, policy(), side, q, 0.1)
        a0, c0 = answers.answer_chances(person, gone, policy(), side, q, 0.1)
        cost = q * 30 * 0.002 * 1.5 * worth
        assert math.log((a / c) / (a0 / c0)) == pytest.approx(cost)
        assert math.log((a / (1 - a - c)) / (a0 / (1 - a0 - c0))) == pytest.approx(cost)


# ------------------------------------------------------------------ what a truce leaves of a front


@pytest.mark.parametrize(("side", "shift"), [(R, -(0.25 * 2.0 + 0.1 * 0.5)), (U, 0.3 * 0.5)])
@pytest.mark.parametrize("extent", [0.0, 0.2, 1.0])
def test_a_truce_stops_an_offensive_and_brings_on_what_is_feared(side, shift, extent):
    """Of what is read a share is left for each full truce; the shift grows with the extent."""
    person = member(truce_momentum_kept=0.6, rearmament_fear=0.25, guarantee_rivalry=0.1,
                    attack_fear=0.3)  # fmt: skip
    package, levers = record(PACKAGE, guarantee=0.5), policy(aid_level=2.0)
    for read in (-0.4, 0.0, 0.5):
        after = gains.after_truce(person, state(), levers, package, side, read, extent)
        assert after == pytest.approx((1 - extent * (1 - 0.6)) * read + extent * shift)


@pytest.mark.parametrize("kept", [1.0, 0.6, 0.0])
@pytest.mark.parametrize(("side", "sign"), [(R, 1.0), (U, -1.0)])
def test_who_gains_ground_has_an_unconditional_truce_to_lose_by(side, sign, kept):
    """It never settles here, so that momentum counts by what the truce leaves of it alone."""
    person = one_issue(settlement_base=-60.0, slope=0.4, truce_momentum_kept=kept,
                       rearmament_fear=0.0, attack_fear=0.0, optimism=[0.05, 0.02],
                       war_months=10.0)  # fmt: skip
    read = {R: 0.3 + 0.05, U: 0.3 - 0.02}[side]
    gained = gain(person, side, record(PACKAGE), state(momentum=0.3))
    assert gained == pytest.approx(0.01 - sign * 0.4 * (1 - kept) * read)
    further = gain(person, side, record(PACKAGE), state(momentum=0.5))
    assert np.sign(round(gained - further, 9)) == (0.0 if kept == 1.0 else sign)


def test_an_issue_that_an_offensive_would_win_binds_who_would_win_it():
    slope = np.full(VALUED, 0.1)
    slope[Issue.FORCE_LIMITS] = 0.4
    plain = {"slope": slope, "expected": np.full(VALUED, 0.5), "audience_cost": 0.0,
             "rearmament_fear": 0.0, "guarantee_rivalry": 0.0}  # fmt: skip
    for kept, issue in ((0.5, Issue.FORCE_LIMITS), (1.0, Issue.TERRITORY)):
        person = member(**plain, truce_momentum_kept=kept)
        binding = answers.binding_issue(person, state(momentum=0.5), policy(), record(PACKAGE), R)
        assert binding == issue


# ------------------------------------------------------------------ what a package meets


def two_issues(**values):
    """R cares for land .6 and the alliance .4, U .3 and .7; war leaves them at .5 and .6."""
    weight = np.zeros((2, ISSUES))
    weight[R, [Issue.TERRITORY, Issue.NATO]] = 0.6, 0.4
    weight[U, [Issue.TERRITORY, Issue.NATO]] = 0.3, 0.7
    expected = np.full(VALUED, 0.5)
    expected[Issue.NATO] = 0.6
    plain = {"weight": weight, "expected": expected, "fighting_cost": 0.0, "optimism": 0.0}
    return one_issue(**{**plain, **values})


@pytest.mark.parametrize(("x", "met_r", "met_u"), [
    (0.5, 0.0, 0.0), (0.75, 0.5, 0.0), (1.0, 1.0, 0.0), (0.2, 0.0, 0.6), (0.0, 0.0, 1.0),
])  # fmt: skip
def test_aims_are_met_by_the_share_of_the_loss_that_a_package_spares(x, met_r, met_u):
    """War leaves the land half way: who gets all of it is spared all, who gets less nothing."""
    person = one_issue()
    for side, met in ((R, met_r), (U, met_u)):
        found = gains.aims(person, state(), territory(x), side)
        assert (found.named, found.met) == (1.0, pytest.approx(met))
        assert gains.felt_resolve(person, found) == pytest.approx(1.0 - met)
        assert gains.felt_resolve(one_issue(aims_met=0.5), found) == pytest.approx(1 - met / 2)


def test_aims_are_met_as_far_as_they_are_named_and_what_is_deferred_is_left_to_the_front():
    """At the momentum that each side reads, not at that which it fears after the truce."""
    person = two_issues(slope=0.4, optimism=[0.05, 0.1], truce_momentum_kept=0.5, attack_fear=0.3)
    now = state(momentum=0.25)
    read = {R: 0.3, U: 0.15}
    for side, land, alliance in ((R, 0.6, 0.4), (U, 0.3, 0.7)):
        front_land, front_alliance = 0.5 + 0.4 * read[side], 0.6 + 0.4 * read[side]
        x = {R: 0.9, U: 0.1}[side]
        away = (lambda at: 1.0 - at) if side == R else (lambda at: at)
        fought = land * away(front_land) + alliance * away(front_alliance)
        settled = land * away(x) + alliance * away(front_alliance)
        found = gains.aims(person, now, territory(x), side)
        assert found.named == pytest.approx(land)
        assert found.met == pytest.approx(1.0 - settled / fought)
        assert 0.1 < found.met < 0.9
        felt = 1.0 - land * found.met
        assert gains.felt_resolve(person, found) == pytest.approx(felt)
        for resolve in (0.2, -0.1):
            firm = person.copy()
            firm["resolve"] = resolve
            lost = gain(person, side, territory(x), now) - gain(firm, side, territory(x), now)
            assert lost == pytest.approx(felt * resolve)


def test_what_names_nothing_meets_nothing_and_who_has_all_by_war_is_spared_nothing():
    assert gains.aims(one_issue(), state(), record(PACKAGE), R) == (0.0, 0.0)
    victorious = one_issue(p=1.0)
    assert gains.aims(victorious, state(), territory(1.0), R) == (1.0, 0.0)
    assert gains.aims(victorious, state(), territory(0.4), U) == (1.0, pytest.approx(0.6))
    assert gains.aims(victorious, state(), territory(0.4), R) == (1.0, 0.0)


def test_a_conceded_issue_is_named_to_nobody():
    """What is out of the package counts neither as named nor as left open."""
    package = territory(0.9)
    package["conceded"][Issue.NATO], package["x"][Issue.NATO] = True, 0.75
    found = gains.aims(two_issues(), state(), package, R)
    assert found.named == 1.0
    fought, settled = 0.6 * 0.5 + 0.4 * 0.25, 0.6 * 0.1 + 0.4 * 0.25
    assert found.met == pytest.approx(1.0 - settled / fought)


BOTH_LIVE = {"ideal": [[0.8] * ISSUES, [0.4] * ISSUES]}
"""With .9 by war both would be better off at .8: R wholly, U by a fifth of what it would lose."""


def test_a_package_is_near_a_settlement_by_what_it_names_as_far_as_both_can_live_with_it():
    person = one_issue(p=0.9, **BOTH_LIVE)
    both = gains.both_aims(person, state(), territory(0.8))
    assert both == ((1.0, pytest.approx(1.0)), (1.0, pytest.approx(0.2)))
    assert gains.nearness(both) == pytest.approx(0.2)
    assert gains.nearness((gains.Aims(0.6, 0.3), gains.Aims(0.2, 0.9))) == pytest.approx(
        (0.6 + 0.2) / 2 * 0.3
    )
    assert gains.nearness((gains.Aims(0.6, 0.9), gains.Aims(0.2, 0.3))) == pytest.approx(
        (0.6 + 0.2) / 2 * 0.3
    )
    assert gains.nearness((gains.Aims(1.0, 1.0), gains.Aims(1.0, 0.0))) == 0.0


@pytest.mark.parametrize("x", [0.8, 0.85, 0.2])
def test_a_near_package_is_likelier_settled_and_one_that_a_side_cannot_live_with_is_not(x):
    """U, whose ideal is .4, would lose .5 by war; R, whose ideal is .8, would lose .1."""
    person = one_issue(p=0.9, cost=0.0, settlement_base=-0.5, settlement_named=2.0,
                       settlement_trust=0.0, rearmament_fear=0.0, attack_fear=0.0, slope=0.0,
                       **BOTH_LIVE)  # fmt: skip
    near = {0.8: 0.2, 0.85: min(0.5, 0.1), 0.2: 0.0}[x]
    chance = logistic(-0.5 + 2.0 * near)
    for side, ideal in ((R, 0.8), (U, 0.4)):
        better = abs(0.9 - ideal) - abs(x - ideal)
        assert gain(person, side, territory(x)) == pytest.approx(chance * better)


def test_a_partial_truce_is_no_nearer_to_a_settlement_for_what_is_named():
    person = one_issue(p=0.9, cost=0.0, settlement_base=-0.5, settlement_named=2.0,
                       settlement_trust=0.0, rearmament_fear=0.0, attack_fear=0.0, slope=0.0,
                       partial_settlement=0.3, **BOTH_LIVE)  # fmt: skip
    partial = gains.partial_worth(person, state(), policy(), territory(0.8), R, 0, 1.0)
    assert partial == pytest.approx(0.3 * logistic(-0.5) * 0.1)


# ------------------------------------------------------------------ sanctions imposed for refusing


@pytest.mark.parametrize(("relief", "lift", "most"), [
    (0.0, 0.75, 0.75), (0.5, 0.75, 0.75), (0.9, 0.75, 0.9), (0.5, 0.0, 0.5),
])  # fmt: skip
def test_what_was_imposed_for_refusing_is_lifted_for_accepting(relief, lift, most):
    """Of .7 in force .3 were imposed so; relief is due at signature by a half of it."""
    person, now = member(coerced_lift=lift), state(sanctions=0.7, coerced=0.3)
    package = record(PACKAGE, relief=relief, relief_now=relief / 2)
    settled = gains.left_by_settlement(person, now, package)
    assert settled == pytest.approx(0.4 * (1 - relief) + 0.3 * (1 - most))
    lifted = gains.lifted_by_truce(person, now, package)
    assert lifted == pytest.approx(0.4 * relief / 2 + 0.3 * max(relief / 2, lift))


def test_where_nothing_was_coerced_relief_alone_lifts():
    now, package = state(sanctions=0.7), record(PACKAGE, relief=0.6, relief_now=0.2)
    for lift in (0.0, 0.75, 1.0):
        person = member(coerced_lift=lift)
        assert gains.left_by_settlement(person, now, package) == pytest.approx(0.7 * 0.4)
        assert gains.lifted_by_truce(person, now, package) == pytest.approx(0.7 * 0.2)


@pytest.mark.parametrize(("base", "chance"), [(60.0, 1.0), (0.0, 0.5), (-60.0, 0.0)])
def test_r_gains_by_signing_what_was_imposed_for_refusing(base, chance):
    """At a price that equals the front: what is left is the war and the sanctions it spares."""
    person = one_issue(0.1, settlement_base=base, settlement_named=0.0, settlement_trust=0.0,
                       sanctions_burden=0.3, war_months=10.0, coerced_lift=0.75)  # fmt: skip
    now = state(sanctions=0.7, coerced=0.3)
    package = territory(0.5)
    package["relief"], package["relief_now"] = 0.5, 0.2
    left = 0.4 * 0.5 + 0.3 * 0.25
    lifted = 0.4 * 0.2 + 0.3 * 0.75
    expected = chance * (0.1 + 0.3 * (0.7 - left)) + (1 - chance) * (0.1 + 0.3 * lifted) / 10.0
    assert gain(person, R, package, now) == pytest.approx(expected)
    others = chance * 0.1 + (1 - chance) * 0.1 / 10.0
    assert gain(person, U, package, now) == pytest.approx(others)


# ------------------------------------------------------------------ what is open to concession


def test_the_worst_of_what_is_open_is_named_and_none_where_nothing_is():
    """By its weight times what signing costs over fighting on; what was conceded is out."""
    weight = np.zeros((2, ISSUES))
    weight[:, : len(Issue)] = [0.1, 0.2, 0.3, 0.25, 0.15, 0.0, 0.0, 0.0]
    for exponent in (1.0, 2.0):
        person = one_issue(weight=weight, p=0.5, exponent=exponent)
        package = record(PACKAGE, x=0.2, named=[1, 1, 1, 1, 1, 0, 0, 0])

        def worst(*issues, package=package, person=person):
            opened = policy(mandate=[int(k in issues) for k in range(OFFERED)])
            return answers.worst_issue(person, state(), opened, package, R, True)

        assert answers.binding_issue(person, state(), policy(), package, R) == Issue.NATO
        assert worst() == -1
        assert worst(0, 1, 2, 3, 4) == Issue.NATO
        assert worst(0, 1, 3, 4) == Issue.FORCE_LIMITS
        assert worst(Issue.TERRITORY, Issue.NUCLEAR_PLANT) == Issue.NUCLEAR_PLANT
        conceded = package.copy()
        conceded["conceded"][Issue.NATO] = True
        assert worst(Issue.NATO, Issue.TERRITORY, package=conceded) == Issue.TERRITORY
        assert worst(Issue.NATO, package=conceded) == -1
