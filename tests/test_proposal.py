"""What the mediator proposes: closed forms, binding issues, and beliefs that refusals teach."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.builders import a_day, by_issue, member, policy, record, state

from sim.engine.domain import ISSUES, OFFERED, VALUED, Answer, Issue, Side
from sim.engine.records import PACKAGE
from sim.engine.rules import answers, gains, mediator, proposal
from sim.engine.scratch import PROPOSAL

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
    best = best_of(np.ones_like(grid), accepts, grid, p - cost)
    expected = p + max(low, (high - cost) / 2)
    assert grid[best] == pytest.approx(expected, abs=1e-4)
    assert 1.0 - accepts[best] == pytest.approx(breakdown, abs=2e-4)


def test_a_package_by_trade_beats_issue_by_issue():
    """Weights (.8, .2) and (.3, .7): the trade is worth .8 to one and .7 to the other.

    Each concession alone is worth less in sum.
    """
    worth_r = np.array([0.5, 0.9, 0.1, 0.8])
    worth_u = np.array([0.5, 0.35, 0.85, 0.7])
    assert best_of(np.ones(4), np.ones(4), worth_r + worth_u, 0.0) == 3


def best_of(accept_r, accept_u, own_values, otherwise):
    """The number of the candidate that is worth most to the proposer."""
    return int(np.argmax(mediator.expected_worth(accept_r, accept_u, own_values, otherwise)))


def laid_out(person, now, levers):
    package, trial = record(PACKAGE), record(PROPOSAL)
    mediator.table_package(person, levers, package)
    mediator.complete_package(person, now, levers, package)
    return proposal.lay_out(person, now, levers, package, trial), package, trial


OFFERABLE = ("territory", "recognition", "nato", "force_limits", "nuclear_plant")


def opened(*issues):
    """A mandate to concede on these issues, or on all."""
    return [int(issue in (issues or OFFERABLE)) for issue in OFFERABLE]


def named(**values):
    """A package that names these issues, by a mediator that may concede on all."""
    return policy(
        named=[int(issue in values) for issue in OFFERABLE],
        offer=[values.get(issue, 0.0) for issue in OFFERABLE],
        flexibility=0.8,
        mandate=opened(),
    )


def wide(**values):
    """The mediator's own position, far from what is tabled on some issues."""
    return [values.get(issue, 0.55) for issue in OFFERABLE]


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
                    slope=0.0, proposal_step=0.25,
                    mediator_position=wide(territory=0.85, nato=0.2))  # fmt: skip
    count, _, trial = laid_out(person, state(), levers)
    assert count == 4
    assert trial["x"][proposal.TO_R, Issue.TERRITORY] == pytest.approx(0.8)
    assert trial["x"][proposal.TO_U, Issue.NATO] == pytest.approx(0.3)
    assert trial["x"][proposal.TRADE, [Issue.TERRITORY, Issue.NATO]] == pytest.approx([0.8, 0.3])
    assert trial["x"][proposal.STAND, [Issue.TERRITORY, Issue.NATO]] == pytest.approx([0.6, 0.5])
    moved = member(weight=heavy(Issue.NATO, Issue.NATO), audience_cost=0.0, proposal_step=0.25,
                   expected=np.where(WAR == 0.3, 0.8, 0.5), slope=0.0,
                   mediator_position=wide(nato=0.8))  # fmt: skip
    _, _, trial = laid_out(moved, state(), levers)
    assert trial["x"][proposal.TO_R, Issue.NATO] == pytest.approx(0.7)


def test_where_one_issue_binds_both_there_is_nothing_to_trade():
    both = member(weight=heavy(Issue.TERRITORY, Issue.TERRITORY), audience_cost=1.0,
                  expected=np.full(VALUED, 0.6), slope=0.0, proposal_step=0.25,
                  mediator_position=wide(territory=0.75))  # fmt: skip
    count, _, trial = laid_out(both, state(), named(territory=0.6))
    assert trial["x"][proposal.TO_R, Issue.TERRITORY] == pytest.approx(0.75)
    assert count == 3
    both["mediator_position"] = wide(territory=0.45)
    count, _, trial = laid_out(both, state(), named(territory=0.6))
    assert trial["x"][proposal.TO_R, Issue.TERRITORY] == 0.6
    assert trial["x"][proposal.TO_U, Issue.TERRITORY] == pytest.approx(0.45)
    assert count == 3


@pytest.mark.parametrize(("own", "momentum", "first"), [
    (0.55, 0.25, 0.55), (0.9, 0.25, 0.6), (0.2, 0.25, 0.6), (0.65, 0.25, 0.6), (0.45, 0.25, 0.45),
    (0.3, -1.0, 0.3), (0.05, -1.0, 0.1), (0.95, 1.0, 0.9),
])  # fmt: skip
def test_a_deferred_issue_is_first_named_at_the_nearer_to_the_middle_of_two_places(
    own, momentum, first
):
    """Of the mediator's own position and of where fighting on would leave it."""
    slope = np.zeros(VALUED)
    slope[Issue.FORCE_LIMITS] = 0.4
    person = member(
        slope=slope, expected=np.full(VALUED, 0.5), mediator_position=wide(force_limits=own),
        optimism=0.2,
    )  # fmt: skip
    assert proposal.first_named(person, state(momentum=momentum), Issue.FORCE_LIMITS) == (
        pytest.approx(first)
    )


@pytest.mark.parametrize(("own", "to_r", "to_u"), [
    (0.3, 0.6, 0.35), (0.38, 0.6, 0.38), (0.55, 0.55, 0.55), (0.9, 0.85, 0.6), (0.7, 0.7, 0.6),
])  # fmt: skip
def test_an_issue_that_is_first_named_is_conceded_from_there_no_further_than_its_own_position(
    own, to_r, to_u
):
    """Fighting on would leave the limits at .6 or, where the mediator is nearer the middle, there.

    U fears most there for what it does not get; R gives up there what its offensive would win.
    """
    slope = np.zeros(VALUED)
    slope[Issue.FORCE_LIMITS] = 0.4
    person = member(
        slope=slope, expected=np.full(VALUED, 0.5), audience_cost=0.0, proposal_step=0.25,
        mediator_position=wide(force_limits=own), truce_momentum_kept=0.5,
    )  # fmt: skip
    levers = policy(flexibility=1.0, mandate=opened())
    _, _, trial = laid_out(person, state(momentum=0.25), levers)
    for n, x in ((proposal.TO_R, to_r), (proposal.TO_U, to_u)):
        assert trial["named"][n].tolist() == by_issue(force_limits=1)
        assert trial["x"][n, Issue.FORCE_LIMITS] == pytest.approx(x)


def assert_stands_pat(person, levers):
    count, package, trial = laid_out(person, state(), levers)
    before = package["x"].copy(), package["named"].copy()
    refusals = answers.refusals(person, state(), levers)
    proposal.weigh(person, state(), levers, package, trial, refusals)
    proposal.put(package, trial)
    assert count == 1
    assert (package["x"] == before[0]).all()
    assert (package["named"] == before[1]).all()


def test_without_flexibility_or_with_nothing_opened_the_mediator_stands_pat():
    """What is opened and conceded in advance leaves nothing to concede on either."""
    person = member(mediator_position=wide(territory=0.9, nato=0.1))
    free, fixed, closed = (named(territory=0.6, nato=0.5) for _ in range(3))
    fixed["flexibility"] = 0.0
    closed["mandate"] = 0
    assert laid_out(person, state(), free)[0] > 1
    assert_stands_pat(person, fixed)
    assert_stands_pat(person, closed)
    taken = named(territory=0.6)
    taken["mandate"], taken["concede_nato"] = opened("nato"), True
    assert_stands_pat(person, taken)


@pytest.mark.parametrize("opens", [("territory",), ("nato",), ("recognition", "nato")])
def test_the_mediator_concedes_on_the_worst_of_what_it_has_opened_and_on_nothing_else(opens):
    """Land binds both most, the alliance next; recognition, which is not named, least."""
    weight = np.full((2, ISSUES), 0.02)
    weight[:, Issue.TERRITORY], weight[:, Issue.NATO] = 0.6, 0.3
    weight[R, Issue.SANCTIONS] = weight[U, Issue.GUARANTEES] = 0.0
    person = member(weight=weight, audience_cost=1.0, expected=np.full(VALUED, 0.6), slope=0.0,
                    proposal_step=0.25, red_line=[[0.95] * ISSUES, [0.05] * ISSUES],
                    mediator_position=wide(territory=0.7, nato=0.7))  # fmt: skip
    levers = named(territory=0.6, nato=0.6)
    levers["mandate"] = opened(*opens)
    worst = Issue.TERRITORY if "territory" in opens else Issue.NATO
    count, package, trial = laid_out(person, state(), levers)
    assert count == 3
    for n in (proposal.TO_R, proposal.TO_U, proposal.TRADE):
        moved = np.flatnonzero(trial["x"][n] != package["x"])
        assert set(moved) <= {int(worst)}
        assert (trial["named"][n] == package["named"]).all()
    assert trial["x"][proposal.TO_R, worst] == pytest.approx(0.7)


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
                    expected=np.full(VALUED, 0.6), audience_cost=0.5, aims_met=0.0,
                    red_line=[[0.95] * ISSUES, [0.25] * ISSUES])  # fmt: skip
    found = {}
    for own in (0.9, 0.3):
        person["mediator_position"] = wide(territory=own)
        for firm, means in ((R, [0.1, -0.5]), (U, [-0.5, 0.1])):
            found[own, firm] = chosen(person, state(resolve_mean=means), levers)[Issue.TERRITORY]
    assert found[0.9, R] > 0.6 > found[0.3, U]
    assert found[0.9, U] == found[0.3, R] == 0.6


@pytest.mark.parametrize("felt", [1.0, 0.4])
def test_refusal_teaches_resolve_and_a_yes_the_lack_of_it(felt):
    """As far as resolve weighs against what was put: the less, the less an answer tells of it.

    The score of an answer is how much less of the truce it brings than was expected of the side.
    """
    person = member(precision=10.0, condition_commits=0.2)
    brings = {Answer.ACCEPT: 1.0, Answer.CONDITION: 0.2, Answer.REJECT: 0.0}
    for answer, sign in ((Answer.ACCEPT, -1), (Answer.CONDITION, 1), (Answer.REJECT, 1)):
        now = state(resolve_mean=[0.0, 0.0], resolve_variance=[0.04, 0.04])
        today = a_day(
            answer=[answer, answer], accept_believed=[0.3, 0.3], p_other_accepts=[0.5, 1.0],
            condition_believed=[0.4, 0.4], felt=[felt, 1.0],
        )  # fmt: skip
        mediator.learn_resolve(person, now, today)
        for side, reach, weighs in ((R, 0.5, felt), (U, 1.0, 1.0)):
            sharpness = 10.0 * reach * weighs
            mean = 0.3 + 0.4 * 0.2
            spread = 0.3 * (1 - mean) ** 2 + 0.4 * (0.2 - mean) ** 2 + 0.3 * mean**2
            variance = 1 / (1 / 0.04 + sharpness**2 * spread)
            score = sharpness * (mean - brings[answer])
            assert now["resolve_variance"][side] == pytest.approx(variance)
            assert now["resolve_mean"][side] == pytest.approx(variance * score)
            assert np.sign(now["resolve_mean"][side]) == sign


def test_where_a_condition_commits_to_nothing_it_teaches_what_a_refusal_does():
    person = member(precision=10.0, condition_commits=0.0)
    learnt = []
    for answer in (Answer.CONDITION, Answer.REJECT):
        now = state(resolve_mean=[0.0, 0.0], resolve_variance=[0.04, 0.04])
        said = a_day(answer=[answer] * 2, accept_believed=[0.3, 0.3], felt=[1.0, 1.0],
                     condition_believed=[0.4, 0.4], p_other_accepts=[1.0, 1.0])  # fmt: skip
        mediator.learn_resolve(person, now, said)
        assert now["resolve_variance"] == pytest.approx([1 / (25 + 100 * 0.3 * 0.7)] * 2)
        learnt.append(now["resolve_mean"].tolist())
    assert learnt[0] == learnt[1] == pytest.approx([3.0 / 46.0] * 2)


def test_who_is_met_in_full_teaches_nothing_of_its_resolve():
    now = state(resolve_mean=[0.1, 0.1], resolve_variance=[0.04, 0.04])
    said = a_day(answer=[2, 1], accept_believed=[0.3, 0.3], condition_believed=[0.4, 0.4],
                 p_other_accepts=[1.0, 1.0])  # fmt: skip
    mediator.learn_resolve(member(), now, said)
    assert now["resolve_mean"].tolist() == [0.1, 0.1]
    assert now["resolve_variance"] == pytest.approx([0.04, 0.04])


@pytest.mark.parametrize("x", [None, 0.9])
def test_the_score_of_an_answer_is_the_slope_of_its_log_chance_in_resolve(x):
    """Also where the package meets a part of what R fights for."""
    person, now, levers = member(precision=10.0, condition_commits=0.3), state(), policy()
    package = record(PACKAGE)
    if x is not None:
        package["named"][Issue.TERRITORY], package["x"][Issue.TERRITORY] = True, x
    felt = gains.felt_resolve(person, gains.aims(person, now, package, R))
    assert (felt < 0.99) == (x is not None)
    q, step = 0.6, 1e-5
    logs = []
    for resolve in (-step, step):
        person["resolve"][R] = resolve
        gained = gains.signing_gain(person, now, levers, package, R)
        yes, but = answers.answer_chances(person, now, levers, R, q, gained)
        logs.append(np.log([yes, but, 1.0 - yes - but]))
    slope = (logs[1] - logs[0]) / (2 * step)
    sharpness = person["precision"] * q * felt
    brings = np.array([1.0, 0.3, 0.0])
    mean = brings @ [yes, but, 1.0 - yes - but]
    assert slope == pytest.approx(sharpness * (mean - brings), rel=1e-3)
    today = a_day(answer=[1, -1], accept_believed=yes, condition_believed=but, felt=felt,
                  p_other_accepts=q)  # fmt: skip
    learnt = state(resolve_mean=0.0, resolve_variance=0.04)
    mediator.learn_resolve(person, learnt, today)
    assert learnt["resolve_mean"][R] == pytest.approx(
        slope[1] * learnt["resolve_variance"][R], rel=1e-3
    )
    assert learnt["resolve_mean"][U] == 0.0


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
    person = member(precision=5.0, delay=0.02, condition_commits=0.3)
    levers = policy(threat=[1.0, 1.0, 1.0])
    refused = answers.refusal(person, state(), levers, R)
    found = answers.round_chances(person, refused, 0.5, 0.1, False)
    assert found == pytest.approx(answers.logit(5.0, 0.05, 0.3 * 0.05 - 0.02, 0.0))


def test_a_partial_truce_spares_less_and_brings_on_less_of_what_is_feared():
    person = member(audience_cost=0.0, partial_coverage=[0.2, 0.1, 0.2], partial_resolve=0.6,
                    partial_price=[0.0, 1.0, 0.0], partial_settlement=0.3)  # fmt: skip
    now, levers = state(sanctions=0.5), policy()
    package = record(PACKAGE, relief_now=0.4)
    sea = gains.partial_gain(person, now, levers, package, R, 1)
    burden = person["sanctions_burden"] * 0.5
    unpaid = record(PACKAGE)
    free = gains.partial_gain(person, now, levers, unpaid, R, 1)
    chance = 0.3 * gains.settlement_chance(person, now, package, 0.0)
    assert sea - free == pytest.approx((1 - chance) * burden * 0.4 / person["war_months"])
    size = gains.TruceSize(0.1, 0.0, 0.3, 0.1, 0.1 * 0.6, 0.0)
    expected = gains.truce_gain(person, now, levers, unpaid, R, size)
    assert free == pytest.approx(expected)


def test_the_mediator_puts_the_resolve_that_it_believes_in_place_of_the_true_one():
    """As far as resolve weighs against the package."""
    person, now = member(resolve=[0.2, -0.1], precision=4.0), state(resolve_mean=[0.05, 0.3])
    for felt in (1.0, 0.3, 0.0):
        for side, apart in ((R, 0.2 - 0.05), (U, -0.1 - 0.3)):
            gained = 0.1 + felt * apart
            yes, _ = answers.answer_chances(person, now, policy(), side, 0.6, gained)
            refused = answers.refusal(person, now, policy(), side)
            believed = proposal.believed_yes(person, now, refused, side, 0.6, 0.1, felt)
            assert believed == pytest.approx(yes)


@pytest.mark.parametrize(("step", "own", "x"), [
    (0.3, 1.0, 0.9), (0.7, 1.0, 1.0), (-0.7, 0.0, 0.0), (-0.2, 0.0, 0.4),
    (0.3, 0.8, 0.8), (0.3, 0.6, 0.6), (0.3, 0.2, 0.6), (-0.3, 0.5, 0.5), (-0.3, 0.6, 0.6),
    (-0.3, 0.9, 0.6),
])  # fmt: skip
def test_a_concession_goes_no_further_than_the_mediators_own_position(step, own, x):
    """And what the levers table beyond it stands as tabled."""
    assert proposal.conceded_to(0.6, step, own) == pytest.approx(x)
    trial, person = record(PROPOSAL), member(mediator_position=wide(nato=own))
    trial["named"][2, Issue.NATO], trial["x"][2, Issue.NATO] = True, 0.6
    proposal.concede(person, state(), trial, 2, Issue.NATO, step)
    assert trial["x"][2, Issue.NATO] == pytest.approx(x)
    assert np.count_nonzero(trial["x"]) <= 1
    assert trial["named"].sum() == 1


def test_a_settlement_is_worth_one_and_the_sides_utilities_by_the_mediators_regard():
    person = member(ideal=[[1.0] * ISSUES, [0.3] * ISSUES], resolve=[0.1, -0.1])
    now, levers = state(tilt=0.2, resolve_mean=[0.3, 0.2]), policy()
    package = record(PACKAGE, x=[0.8] * ISSUES, named=[1] * ISSUES)
    refusals = answers.refusals(person, now, levers)
    weighed = proposal.weigh_candidate(person, now, levers, package, refusals)
    both = gains.both_aims(person, now, package)
    r = gains.signing(person, now, levers, package, R, both)
    u = gains.signing(person, now, levers, package, U, both)
    assert r.settled != pytest.approx(u.settled)
    assert (r.felt, u.felt) == pytest.approx(
        tuple(gains.felt_resolve(person, both[side]) for side in (R, U))
    )
    assert r.felt < 1.0
    assert weighed.value == pytest.approx(1.0 + 0.2 * r.settled + 0.8 * u.settled)
    chances = proposal.believed_chances
    assert weighed.chances_r == chances(person, now, refusals[R], R, 1.0, r.gain, r.felt)
    assert weighed.chances_u == chances(person, now, refusals[U], U, 1.0, u.gain, u.felt)
    assert (weighed.r, weighed.u) == (r, u)


@pytest.mark.parametrize("levers", [
    named(territory=0.6), policy(flexibility=0.8, ambition=1.0, mandate=opened()),
])  # fmt: skip
def test_each_candidate_is_weighed_as_a_whole_package_and_the_best_is_put(levers):
    """Where a refusal costs a hundred, the best is what both are likeliest to sign."""
    person = member(weight=heavy(Issue.TERRITORY, Issue.TERRITORY), precision=30.0, slope=0.0,
                    expected=np.full(VALUED, 0.6), audience_cost=0.5, time_cost=100.0,
                    red_line=[[0.95] * ISSUES, [0.25] * ISSUES],
                    mediator_position=wide(territory=0.8))  # fmt: skip
    now = state(resolve_mean=[0.1, -0.5])
    count, package, trial = laid_out(person, now, levers)
    _, alone, other = laid_out(person, now, levers)
    candidates = trial["x"].copy()
    refusals = answers.refusals(person, now, levers)
    proposal.weigh(person, now, levers, package, trial, refusals)
    weighed = []
    for n in range(count):
        proposal.put_candidate(alone, other, n)
        mediator.complete_package(person, now, levers, alone)
        weighed.append(proposal.weigh_candidate(person, now, levers, alone, refusals))
    both = [one.chances_r[0] * one.chances_u[0] for one in weighed]
    best = int(np.argmax(both))
    assert best != int(np.argmin(both))
    assert trial["x"][0].tolist() == candidates[best].tolist()
    of_r, of_u = weighed[best].chances_r, weighed[best].chances_u
    assert trial["gain"].tolist() == [weighed[best].r.gain, weighed[best].u.gain]
    assert trial["felt"].tolist() == [weighed[best].r.felt, weighed[best].u.felt]
    assert (trial["accept"].tolist(), trial["condition"].tolist()) == (
        [of_r[0], of_u[0]], [of_r[1], of_u[1]],
    )  # fmt: skip


def test_the_first_of_equal_candidates_is_put():
    """With a precision of 0 all are accepted alike, and without weights all are worth the same."""
    person = member(weight=[[0.0] * ISSUES] * 2, precision=0.0, mediator_position=wide())
    levers = policy(flexibility=0.8, mandate=opened())
    count, package, trial = laid_out(person, state(), levers)
    stands = trial["x"][0].tolist()
    assert count > 1
    refusals = answers.refusals(person, state(), levers)
    proposal.weigh(person, state(), levers, package, trial, refusals)
    assert trial["x"][0].tolist() == stands


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
    person, now, levers = member(precision=3.0), state(resolve_mean=[0.3, -0.2]), policy()
    package = record(PACKAGE)
    package["named"][Issue.TERRITORY], package["x"][Issue.TERRITORY] = True, 0.9
    today = a_day(p_other_accepts=[0.3, 0.7])
    proposal.read_gains(person, now, levers, package, today)
    refusals = answers.refusals(person, now, levers)
    proposal.expect_answers(person, now, today, refusals)
    for side, reach in ((R, 0.3), (U, 0.7)):
        gained = gains.signing_gain(person, now, levers, package, side)
        felt = gains.felt_resolve(person, gains.aims(person, now, package, side))
        assert (today["gain"][side], today["felt"][side]) == (gained, felt)
        yes = proposal.believed_yes(person, now, refusals[side], side, reach, gained, felt)
        assert today["accept_believed"][side] == yes
        believed = gained + felt * (0.0 - now["resolve_mean"][side])
        both = answers.answer_chances(person, now, levers, side, reach, believed)
        noted_both = today["accept_believed"][side], today["condition_believed"][side]
        assert noted_both == pytest.approx(both)
    assert today["felt"][R] < 1.0
    noted = a_day()
    trial = record(
        PROPOSAL, gain=[0.1, 0.2], felt=[0.3, 0.4], accept=[0.5, 0.6], condition=[0.7, 0.8]
    )
    proposal.recall_gains(trial, noted)
    assert (noted["gain"].tolist(), noted["felt"].tolist()) == ([0.1, 0.2], [0.3, 0.4])
    assert noted["accept_believed"].tolist() == [0.5, 0.6]
    assert noted["condition_believed"].tolist() == [0.7, 0.8]


@pytest.mark.parametrize("other", [R, U])
@pytest.mark.parametrize(("mediated", "known"), [
    (True, 0.0), (True, 0.4), (True, 1.0), (False, 0.0), (False, 1.0),
])  # fmt: skip
def test_who_is_asked_first_reckons_with_what_is_believed_of_the_other(mediated, known, other):
    """In direct talks with what is true, and with the mediator as far as sides know each other."""
    person = member(resolve=[0.2, -0.1], precision=4.0, opponent_known=known)
    now, levers = state(resolve_mean=[0.05, 0.3]), policy(threat=[1.0, 0.0, 1.0])
    today = a_day(mediated=mediated, gain=[0.1, -0.05], felt=[0.6, 0.9])
    refusals = answers.refusals(person, now, levers)
    gained = {R: 0.1 + 0.6 * 0.15, U: -0.05 - 0.9 * 0.4}[other]
    believed, _ = answers.answer_chances(person, now, levers, other, 1.0, gained)
    true = 0.123
    hope = proposal.hoped_for(person, now, today, refusals, int(other), true)
    expected = believed + known * (true - believed) if mediated else true
    assert hope == pytest.approx(expected)
