"""What the mediator proposes: closed forms, binding issues, and beliefs that refusals teach."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.builders import a_day, by_issue, member, policy, record, state

from sim.engine.domain import ISSUES, OFFERED, VALUED, Answer, Issue, Side
from sim.engine.records import PACKAGE, PROPOSAL
from sim.engine.rules import answers, gains, mediator, proposal

R, U = Side.R, Side.U


@pytest.mark.parametrize(("p", "low", "high", "breakdown"), [
    (0.5, 0.0, 0.4, 0.375), (0.3, 0.0, 0.4, 0.375), (0.5, 0.0, 0.1, 0.0), (0.5, 0.2, 0.4, 0.0),
])  # fmt: skip
def test_fearon_ultimatum(p, low, high, breakdown):
    """Fearon 1995: x* = p + max(lo, (hi - cA) / 2), the other's cost uniform on [lo, hi]."""
    cost = 0.1
    grid = np.linspace(0.0, 1.0, 20_001)
    # the other, who has 1 - x, accepts while x - p is no more than its cost
    accepts = np.clip((high - (grid - p)) / (high - low), 0.0, 1.0)
    best = mediator.propose(np.ones_like(grid), accepts, grid, p - cost)
    expected = p + max(low, (high - cost) / 2)
    assert grid[best] == pytest.approx(expected, abs=1e-4)
    assert 1.0 - accepts[best] == pytest.approx(breakdown, abs=2e-4)


def test_a_package_by_trade_beats_issue_by_issue():
    """Weights (.8, .2) and (.3, .7): the trade is worth .8 to one and .7 to the other.

    Each concession alone is worth less in sum.
    """
    worth_r = np.array([0.5, 0.9, 0.1, 0.8])
    worth_u = np.array([0.5, 0.35, 0.85, 0.7])
    best = mediator.propose(np.ones(4), np.ones(4), worth_r + worth_u, 0.0)
    assert best == 3


def laid_out(person, now, levers):
    package, trial = record(PACKAGE), record(PROPOSAL)
    mediator.table_package(person, levers, package)
    mediator.complete_package(person, now, levers, package)
    return proposal.lay_out(person, now, levers, package, trial), package, trial


def named(**values):
    issues = ("territory", "recognition", "nato", "force_limits", "nuclear_plant")
    return policy(
        named=[int(issue in values) for issue in issues],
        offer=[values.get(issue, 0.0) for issue in issues],
        flexibility=0.8,
    )


WAR = np.array([0.8, 0.5, 0.3, 0.5, 0.5, 0.5, 0.5])
"""Fighting on would bring R more land and U more of an open door than what is offered."""


def heavy(issue_r, issue_u):
    weight = np.full((2, ISSUES), 0.02)
    weight[R, issue_r] = weight[U, issue_u] = 0.88
    weight[R, Issue.SANCTIONS] = weight[U, Issue.GUARANTEES] = 0.0
    return weight


def test_candidates_move_the_binding_issue_of_a_side_towards_it():
    levers = named(territory=0.6, nato=0.5)
    person = member(weight=heavy(Issue.TERRITORY, Issue.NATO), audience_cost=0.0, expected=WAR,
                    slope=0.0, proposal_step=0.25)  # fmt: skip
    count, _, trial = laid_out(person, state(), levers)
    assert count == 4
    assert trial["x"][proposal.TO_R, Issue.TERRITORY] == pytest.approx(0.8)
    assert trial["x"][proposal.TO_U, Issue.NATO] == pytest.approx(0.3)
    assert trial["x"][proposal.TRADE, [Issue.TERRITORY, Issue.NATO]] == pytest.approx([0.8, 0.3])
    assert trial["x"][proposal.STAND, [Issue.TERRITORY, Issue.NATO]] == pytest.approx([0.6, 0.5])
    moved = member(weight=heavy(Issue.NATO, Issue.NATO), audience_cost=0.0, proposal_step=0.25,
                   expected=np.where(WAR == 0.3, 0.8, 0.5), slope=0.0)  # fmt: skip
    _, _, trial = laid_out(moved, state(), levers)
    assert trial["x"][proposal.TO_R, Issue.NATO] == pytest.approx(0.7)


def test_where_one_issue_binds_both_there_is_nothing_to_trade():
    both = member(weight=heavy(Issue.TERRITORY, Issue.TERRITORY), audience_cost=1.0,
                  expected=np.full(VALUED, 0.6), slope=0.0, proposal_step=0.25)  # fmt: skip
    count, _, trial = laid_out(both, state(), named(territory=0.6))
    assert trial["x"][proposal.TO_R, Issue.TERRITORY] > 0.6
    assert trial["x"][proposal.TO_U, Issue.TERRITORY] < 0.6
    assert count == 3


def test_a_deferred_issue_is_first_named_where_fighting_on_would_leave_it():
    slope = np.zeros(VALUED)
    slope[Issue.FORCE_LIMITS] = 0.4
    person = member(
        slope=slope, expected=np.full(VALUED, 0.5), audience_cost=0.0, proposal_step=0.25
    )
    _, _, trial = laid_out(person, state(momentum=0.25), policy(flexibility=1.0))
    assert trial["named"][proposal.TO_U, Issue.FORCE_LIMITS]
    assert trial["x"][proposal.TO_U, Issue.FORCE_LIMITS] == pytest.approx(0.6 - 0.25)


def test_without_flexibility_the_mediator_stands_pat():
    levers = named(territory=0.6, nato=0.5)
    levers["flexibility"] = 0.0
    count, package, trial = laid_out(member(), state(), levers)
    before = package["x"].copy()
    refusals = answers.refusals(member(), state(), levers)
    proposal.weigh(member(), state(), levers, package, trial, refusals)
    proposal.put(package, trial)
    assert count == 1
    assert (package["x"] == before).all()


def chosen(person, now, levers):
    _, package, trial = laid_out(person, now, levers)
    refusals = answers.refusals(person, now, levers)
    proposal.weigh(person, now, levers, package, trial, refusals)
    proposal.put(package, trial)
    return package["x"][:OFFERED].copy()


def test_beliefs_decide_what_is_put_on_the_table():
    """Both are bound on land, beyond their red lines: the one believed firm is conceded to."""
    levers = named(territory=0.6)
    person = member(weight=heavy(Issue.TERRITORY, Issue.TERRITORY), precision=30.0, slope=0.0,
                    expected=np.full(VALUED, 0.6), audience_cost=0.5,
                    red_line=[[0.95] * ISSUES, [0.25] * ISSUES])  # fmt: skip
    firm_r = chosen(person, state(resolve_mean=[0.1, -0.5]), levers)
    firm_u = chosen(person, state(resolve_mean=[-0.5, 0.1]), levers)
    assert firm_r[Issue.TERRITORY] > 0.6 > firm_u[Issue.TERRITORY]


def test_refusal_teaches_resolve_and_a_yes_the_lack_of_it():
    person = member(precision=10.0)
    for answer, sign in ((Answer.ACCEPT, -1), (Answer.CONDITION, 1), (Answer.REJECT, 1)):
        now = state(resolve_mean=[0.0, 0.0], resolve_variance=[0.04, 0.04])
        today = a_day(
            answer=[answer, answer], accept_believed=[0.3, 0.3], p_other_accepts=[0.5, 1.0]
        )
        mediator.learn_resolve(person, now, today)
        for side, reach in ((R, 0.5), (U, 1.0)):
            variance = 1 / (1 / 0.04 + (10.0 * reach) ** 2 * 0.3 * 0.7)
            score = 10.0 * reach * (0.3 - (answer == Answer.ACCEPT))
            assert now["resolve_variance"][side] == pytest.approx(variance)
            assert now["resolve_mean"][side] == pytest.approx(variance * score)
            assert np.sign(now["resolve_mean"][side]) == sign


def test_the_score_of_an_answer_is_the_slope_of_its_log_chance_in_resolve():
    person, now, levers, package = member(), state(), policy(), record(PACKAGE)
    q, step = 0.6, 1e-5
    logs = []
    for resolve in (-step, step):
        person["resolve"][R] = resolve
        gained = gains.signing_gain(person, now, levers, package, R)
        yes, but = answers.answer_chances(person, now, levers, R, q, gained)
        logs.append(np.log([yes, but]))
    slope = (logs[1] - logs[0]) / (2 * step)
    assert slope == pytest.approx(person["precision"] * q * np.array([yes - 1.0, yes]), rel=1e-3)


def asked_first(person, now, levers, today):
    refusals = answers.refusals(person, now, levers)
    return proposal.first_mover(person, now, levers, today, refusals)


def test_the_nearer_side_is_asked_first_and_without_a_mediator_the_less_blamed():
    person, levers = member(), policy()
    near_r = state(resolve_mean=[-0.5, 0.5])
    near_u = state(resolve_mean=[0.5, -0.5])
    mediated, direct = a_day(mediated=True), a_day()
    proposal.read_gains(person, near_r, levers, record(PACKAGE), mediated)
    assert asked_first(person, near_r, levers, mediated) == R
    assert asked_first(person, near_u, levers, mediated) == U
    assert asked_first(person, state(tilt=0.7), levers, direct) == R
    assert asked_first(person, state(tilt=0.3), levers, direct) == U


def test_direct_talks_know_no_threat_no_credit_and_no_goodwill():
    person = member(precision=5.0, delay=0.02)
    levers = policy(threat=[1.0, 1.0, 1.0])
    refused = answers.refusal(person, state(), levers, R)
    found = answers.round_chances(person, refused, 0.5, 0.1, False)
    assert found == pytest.approx(answers.logit(5.0, 0.05, -0.02, 0.0))


def test_a_partial_truce_spares_less_and_brings_on_less_of_what_is_feared():
    person = member(audience_cost=0.0, partial_coverage=[0.2, 0.1, 0.2],
                    partial_price=[0.0, 1.0, 0.0], partial_settlement=0.3)  # fmt: skip
    now, levers = state(sanctions=0.5), policy()
    package = record(PACKAGE, relief_now=0.4)
    sea = gains.partial_gain(person, now, levers, package, R, 1)
    burden = person["sanctions_burden"] * 0.5
    unpaid = record(PACKAGE)
    free = gains.partial_gain(person, now, levers, unpaid, R, 1)
    chance = 0.3 * gains.settlement_chance(person, now, package)
    assert sea - free == pytest.approx((1 - chance) * burden * 0.4 / person["war_months"])
    expected = gains.truce_gain(person, now, levers, unpaid, R, gains.TruceSize(0.1, 0.0, 0.3, 0.1))
    assert free == pytest.approx(expected)


def test_the_mediator_puts_the_resolve_that_it_believes_in_place_of_the_true_one():
    person, now = member(resolve=[0.2, -0.1], precision=4.0), state(resolve_mean=[0.05, 0.3])
    for side, gained in ((R, 0.1 + 0.2 - 0.05), (U, 0.1 - 0.1 - 0.3)):
        yes, _ = answers.answer_chances(person, now, policy(), side, 0.6, gained)
        refused = answers.refusal(person, now, policy(), side)
        believed = proposal.believed_yes(person, now, refused, side, 0.6, 0.1)
        assert believed == pytest.approx(yes)


@pytest.mark.parametrize(("step", "conceded", "x"), [
    (0.3, False, 0.9), (0.7, False, 1.0), (-0.7, False, 0.0), (0.3, True, 0.6),
])  # fmt: skip
def test_a_concession_stays_on_the_scale_and_what_was_conceded_does_not_move(step, conceded, x):
    package, trial = record(PACKAGE), record(PROPOSAL)
    package["conceded"][Issue.NATO] = conceded
    trial["named"][2, Issue.NATO], trial["x"][2, Issue.NATO] = True, 0.6
    proposal.concede(member(), state(), package, trial, 2, Issue.NATO, step)
    assert trial["x"][2, Issue.NATO] == pytest.approx(x)
    assert np.count_nonzero(trial["x"]) <= 1


def test_a_settlement_is_worth_one_and_the_sides_utilities_by_the_mediators_regard():
    person, now, levers = member(ideal=[[1.0] * ISSUES, [0.3] * ISSUES]), state(tilt=0.2), policy()
    package, trial = record(PACKAGE, x=[0.8] * ISSUES, named=[1] * ISSUES), record(PROPOSAL)
    refusals = answers.refusals(person, now, levers)
    proposal.weigh_candidate(person, now, levers, package, trial, refusals, 1)
    gain_r, settled_r = gains.signing(person, now, levers, package, R)
    gain_u, settled_u = gains.signing(person, now, levers, package, U)
    assert settled_r != pytest.approx(settled_u)
    assert trial["value"][1] == pytest.approx(1.0 + 0.2 * settled_r + 0.8 * settled_u)
    yes_r = proposal.believed_yes(person, now, refusals[R], R, 1.0, gain_r)
    yes_u = proposal.believed_yes(person, now, refusals[U], U, 1.0, gain_u)
    assert (trial["accept_r"][1], trial["accept_u"][1]) == (yes_r, yes_u)


@pytest.mark.parametrize("levers", [named(territory=0.6), policy(flexibility=0.8, ambition=1.0)])
def test_each_candidate_is_weighed_as_a_whole_package_and_the_best_is_put(levers):
    """Where a refusal costs a hundred, the best is what both are likeliest to sign."""
    person = member(weight=heavy(Issue.TERRITORY, Issue.TERRITORY), precision=30.0, slope=0.0,
                    expected=np.full(VALUED, 0.6), audience_cost=0.5, time_cost=100.0,
                    red_line=[[0.95] * ISSUES, [0.25] * ISSUES])  # fmt: skip
    now = state(resolve_mean=[0.1, -0.5])
    count, package, trial = laid_out(person, now, levers)
    _, alone, other = laid_out(person, now, levers)
    candidates = trial["x"].copy()
    refusals = answers.refusals(person, now, levers)
    proposal.weigh(person, now, levers, package, trial, refusals)
    for n in range(count):
        proposal.put_candidate(alone, other, n)
        mediator.complete_package(person, now, levers, alone)
        proposal.weigh_candidate(person, now, levers, alone, other, refusals, n)
    both = other["accept_r"][:count] * other["accept_u"][:count]
    best = int(np.argmax(both))
    assert best != int(np.argmin(both))
    assert trial["x"][0].tolist() == candidates[best].tolist()
    for field in ("gain", "accept_r", "accept_u", "value"):
        assert trial[field][0].tolist() == other[field][best].tolist()
        assert trial[field][1:count].tolist() == other[field][1:count].tolist()


def test_what_is_put_on_the_table_is_named_as_the_candidate_has_it():
    package, trial = record(PACKAGE, named=[1] * ISSUES, x=[0.9] * ISSUES), record(PROPOSAL)
    trial["named"][0, Issue.NATO], trial["x"][0, Issue.NATO] = True, 0.4
    proposal.put(package, trial)
    others = {"guarantees": 0.9, "sanctions": 0.9, "truce_terms": 0.9}
    assert package["named"].tolist() == by_issue(nato=1, **dict.fromkeys(others, 1))
    assert package["x"].tolist() == by_issue(nato=0.4, **others)


@pytest.mark.parametrize(("gains", "first"), [
    ([-1.0, -0.9], U), ([-0.9, -1.0], R), ([0.1, 0.1], U), ([0.2, 0.1], R), ([0.1, 0.2], U),
])  # fmt: skip
def test_who_would_gain_more_if_the_other_agrees_is_asked_first(gains, first):
    person = member(walkaway_hazard=0.0, precision=3.0)
    today = a_day(mediated=True, gain=gains)
    assert asked_first(person, state(), policy(), today) == first


def test_where_both_are_blamed_alike_u_is_asked_first():
    assert asked_first(member(), state(tilt=0.5), policy(), a_day()) == U


def test_what_signing_is_worth_to_each_and_what_is_expected_of_each_is_noted():
    person, now, levers, package = member(), state(), policy(), record(PACKAGE)
    today = a_day(p_other_accepts=[0.3, 0.7])
    proposal.read_gains(person, now, levers, package, today)
    refusals = answers.refusals(person, now, levers)
    proposal.expect_answers(person, now, today, refusals)
    for side, reach in ((R, 0.3), (U, 0.7)):
        gained = gains.signing_gain(person, now, levers, package, side)
        assert today["gain"][side] == gained
        yes = proposal.believed_yes(person, now, refusals[side], side, reach, gained)
        assert today["accept_believed"][side] == yes
