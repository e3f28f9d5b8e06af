"""Threats: belief, weight, the clock, and what is done when it runs out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import a_day, member, policy, state

from sim.engine.domain import Answer, FollowThrough, Issuer, Side, Threat
from sim.engine.rules import gains, pressure

US, EUROPE, AID = Threat.MEDIATOR_SANCTIONS, Threat.BLOCS_SANCTIONS, Threat.AID
FALLS_DUE = {"threat_since": 0, "day": 14}
"""A day on which every threat falls due by the deadline of fourteen days."""


def test_reputation_after_three_threats_let_pass():
    """Beta(7.14, 2.86), no forgetting: three lapses leave a mean of .549231."""
    person = member(belief_forgetting=0.0)
    now = state(kept=[7.14, 1.0, 1.0], lapsed=[2.86, 1.0, 1.0])
    for _ in range(3):
        pressure.learn(person, now, a_day(lapsed=[True, False, False]))
    assert pressure.believed(person, now, policy(), Issuer.MEDIATOR) == pytest.approx(
        0.549231, abs=5e-7
    )


def test_half_a_lapse_counts_against_the_backstop_and_none_against_the_blocs():
    person = member(belief_forgetting=0.0)
    now = state()
    pressure.learn(person, now, a_day(lapsed=[True, False, False]))
    assert list(now["lapsed"]) == [3.0, 2.0, 2.5]
    pressure.learn(person, now, a_day(lapsed=[False, False, True]))
    assert list(now["lapsed"]) == [4.0, 2.0, 3.0]
    pressure.learn(person, now, a_day(met=[False, True, False]))
    assert list(now["kept"]) == [4.0, 5.0, 4.0]


def test_forgetting_keeps_the_belief_and_loosens_it():
    person = member(belief_forgetting=0.1)
    now = state()
    pressure.learn(person, now, a_day())
    assert now["kept"][0] == pytest.approx(3.6)
    assert pressure.believed(person, now, policy(), 0) == pytest.approx(4 / 6)


def test_commitment_stakes_belief():
    person = member(belief_commitment=2.0)
    assert pressure.believed(person, state(), policy(commitment=0.5), 0) == pytest.approx(5 / 7)


@pytest.mark.parametrize(
    ("before", "after", "since"),
    [
        ({}, {}, 0),
        ({}, {"threat": [0.9, 0.2, 0.2]}, 29),
        ({}, {"threat": [0.1, 0.2, 0.2]}, 0),
        ({}, {"deadline_days": 10.0}, 29),
    ],
)
def test_a_threat_that_is_raised_or_given_another_deadline_starts_anew(before, after, since):
    stands = {"threat": [0.2, 0.2, 0.2], "deadline_days": 30.0}
    now = state(threat_since=0)
    pressure.renew_clocks(now, policy(**stands), policy(**{**stands, **after}), 29)
    assert now["threat_since"][0] == since
    assert not pressure.falls_due(now, policy(**stands), 0, 29)


def test_a_threat_that_did_not_stand_begins_no_clock_by_its_deadline():
    now = state()
    pressure.renew_clocks(now, policy(), policy(deadline_days=5.0), 3)
    assert now["threat_since"].tolist() == [-1, -1, -1]


def test_a_side_payment_lightens_what_is_threatened_for_refusing_and_for_a_breach():
    person = member(side_payment_worth=0.5)
    levers = policy(threat=[0.0, 0.0, 0.4], on_breach=0.4, side_payment=0.5)
    assert pressure.bite(person, state(), levers, AID) == pytest.approx(0.3)
    assert pressure.breach_bite(person, state(), levers, AID) == pytest.approx(0.3)
    assert pressure.breach_bite(person, state(aid_cut=0.9), levers, AID) == pytest.approx(0.1)


@pytest.mark.parametrize("sanctions", [0.0, 0.3, 0.8, 1.0])
def test_no_threat_weighs_more_than_its_execution(sanctions):
    """Two issuers of .6 and .4 together, believed for certain, and what they then carry out."""
    person = member(sanctions_burden=0.2, belief_commitment=0.0)
    levers = policy(threat=[1.0, 1.0, 0.0], on_breach=1.0)
    now = state(sanctions=sanctions, kept=1e12, lapsed=0.0, **FALLS_DUE)
    missing = 0.2 * (1.0 - sanctions)
    assert pressure.threat_value(person, now, levers, Side.R) == pytest.approx(missing)
    assert pressure.breach_value(person, now, levers, Side.R) == pytest.approx(missing)
    bites = [pressure.bite(person, now, levers, threat) for threat in range(3)]
    pressure.carry_out(now, levers, a_day(met=[True, True, False], bite=bites))
    assert now["sanctions"] == pytest.approx(1.0)


@pytest.mark.parametrize("aid_cut", [0.0, 0.3, 0.8])
@pytest.mark.parametrize("aid_level", [0.5, 1.0, 1.3, 1.6, 2.0])
def test_no_threat_to_arms_weighs_more_than_its_execution(aid_level, aid_cut):
    """Believed for certain, it weighs what the cut then adds to the cost of fighting on.

    With these costs nothing is left of it from 1.75 times the present supply on.
    """
    person = member(fighting_cost=[0.1, 0.09], aid_loss=0.12, belief_commitment=0.0)
    levers = policy(threat=[0.0, 0.0, 0.6], on_breach=0.6, aid_level=aid_level)
    now = state(kept=1e12, lapsed=0.0, aid_cut=aid_cut, **FALLS_DUE)
    weights = [
        weigh(person, now, levers, Side.U)
        for weigh in (pressure.threat_value, pressure.breach_value)
    ]
    before = gains.war_burden(person, now, levers, Side.U)
    assert (before == 0.0) == (aid_level * (1.0 - aid_cut) >= 1.75)
    bites = [0.0, 0.0, pressure.bite(person, now, levers, AID)]
    pressure.carry_out(now, levers, a_day(met=[False, False, True], bite=bites))
    executed = gains.war_burden(person, now, levers, Side.U) - before
    assert weights == pytest.approx([executed, executed])


def test_a_threat_to_arms_that_are_to_spare_weighs_nothing():
    person = member(fighting_cost=[0.1, 0.03], aid_loss=0.12)
    levers = policy(threat=[0.0, 0.0, 0.3], on_breach=0.3, aid_level=2.0)
    assert pressure.threat_value(person, state(), levers, Side.U) == 0.0
    assert pressure.breach_value(person, state(), levers, Side.U) == 0.0


def test_what_a_truce_has_lifted_is_not_missing_from_the_fullest_package():
    """It comes back with the end of the truce, so a threat can add only to all that there is."""
    person = member(sanctions_burden=0.2, belief_commitment=0.0)
    now = state(sanctions=0.7, relieved=0.5, kept=1e12, lapsed=0.0)
    full = pressure.sanctions_value(person, now, policy(), 0.6, 0.4)
    assert full == pytest.approx(0.2 * 0.3)


def test_a_threat_to_cut_what_is_not_supplied_weighs_nothing():
    person = member(aid_loss=0.12)
    levers = policy(aid_level=0.0, threat=[0.0, 0.0, 1.0], on_breach=1.0)
    assert pressure.threat_value(person, state(), levers, Side.U) == 0.0
    assert pressure.breach_value(person, state(), levers, Side.U) == 0.0


def test_what_is_staked_on_threats_is_no_promise_of_troops():
    staked = policy(commitment=1.0)
    assert pressure.believed(member(), state(), staked, Issuer.BACKSTOP) == pytest.approx(4 / 6)


def test_what_was_carried_out_threatens_no_more():
    now = state(executed=[0.5, 0.0, 0.0])
    assert pressure.pending(now, policy(threat=[0.5, 0, 0]), US) == 0.0
    assert pressure.pending(now, policy(threat=[0.8, 0, 0]), US) == pytest.approx(0.3)


def test_u_is_threatened_with_its_arms():
    person = member(aid_loss=0.12, side_payment_worth=0.2)
    levers = policy(threat=[0.9, 0.9, 0.5], side_payment=1.0)
    value = pressure.threat_value(person, state(**FALLS_DUE), levers, Side.U)
    assert value == pytest.approx(4 / 6 * 0.5 * 0.8 * 0.12)


def test_the_clock_strikes_every_deadline():
    due = [day for day in range(60) if pressure.is_decision_day(day, 5, 14.0)]
    assert due == [19, 33, 47]
    assert not pressure.is_decision_day(14, -1, 14.0)


def test_the_clock_starts_with_the_threat_and_stops_with_it():
    levers = policy(threat=[0.4, 0, 0])
    assert pressure.next_since(state(), levers, US, 9) == 9
    assert pressure.next_since(state(threat_since=[9, -1, -1]), levers, US, 12) == 9
    assert pressure.next_since(state(threat_since=[9, -1, -1]), policy(), US, 12) == -1


@pytest.mark.parametrize(
    ("russia", "ukraine", "due"),
    [
        (Answer.REJECT, Answer.ACCEPT, True),
        (Answer.CONDITION, Answer.ACCEPT, True),
        (Answer.REJECT, Answer.CONDITION, False),
        (Answer.ACCEPT, Answer.ACCEPT, False),
        (-1, Answer.ACCEPT, False),
    ],
)
def test_an_issuer_must_decide_only_if_one_side_alone_stalls(russia, ukraine, due):
    now = state(last_answer=[russia, ukraine], threat_since=[0, -1, 0])
    levers = policy(threat=[0.5, 0.0, 0.5])
    assert pressure.falls_due(now, levers, US, 14) == due
    assert not pressure.falls_due(now, levers, US, 13)
    assert not pressure.falls_due(now, levers, AID, 14)


def test_the_mirror_threat_falls_due_when_u_alone_stalls():
    now = state(last_answer=[Answer.ACCEPT, Answer.REJECT], threat_since=[0, -1, 0])
    levers = policy(threat=[0.5, 0.0, 0.5])
    assert pressure.falls_due(now, levers, AID, 14)
    assert not pressure.falls_due(now, levers, US, 14)


def test_follow_through_is_a_logit_of_stake_blame_progress_and_lead():
    person = member(follow_base=0.7, follow_type=[0.2, -0.1], follow_commitment=2.0,
                    follow_tilt=3.0, follow_progress=1.0, follow_lead=0.5)  # fmt: skip
    now = state(tilt=0.3, progress=0.25)
    levers = policy(commitment=0.5)

    def chance(threat, led):
        return pressure.follow_through_chance(person, now, levers, threat, led)

    def logistic(z):
        return 1 / (1 + math.exp(-z))

    common = 0.7 + 2.0 * 0.5 - 0.25
    assert chance(US, False) == pytest.approx(logistic(common + 0.2 + 3 * 0.2))
    assert chance(US, True) == chance(US, False)
    done = state(tilt=0.3, progress=0.25, executed=[0.5, 0.0, 0.0])
    assert pressure.follow_through_chance(person, done, levers, EUROPE, False) == chance(
        EUROPE, True
    )
    assert chance(EUROPE, True) == pytest.approx(logistic(common - 0.1 + 3 * 0.2 + 0.5))
    assert chance(AID, False) == pytest.approx(logistic(common + 0.2 - 3 * 0.2))


def test_carrying_out_adds_its_bite():
    now = state()
    levers = policy(threat=[0.5, 0.0, 0.4])
    today = a_day(met=[True, False, True], bite=[0.3, 0.0, 0.4])
    pressure.carry_out(now, levers, today)
    assert now["sanctions"] == pytest.approx(0.6)
    assert now["aid_cut"] == pytest.approx(0.4)
    assert list(now["executed"]) == [0.5, 0.0, 0.4]
    assert now["coerced"] == pytest.approx(0.3)


@pytest.mark.parametrize(("sanctions", "coerced"), [(0.3, 0.1 + 0.5), (0.6, 0.1 + 0.4), (1, 0.1)])
def test_what_was_imposed_for_refusing_is_remembered_as_far_as_it_added(sanctions, coerced):
    """By both issuers, and no more than is missing from the fullest package; not cuts of arms."""
    now, levers = state(sanctions=sanctions, coerced=0.1), policy(threat=[0.5, 0.5, 0.5])
    today = a_day(met=[True, True, True], bite=[0.3, 0.2, 0.5])
    pressure.carry_out(now, levers, today)
    assert now["sanctions"] == pytest.approx(min(1.0, sanctions + 0.5))
    assert now["coerced"] == pytest.approx(coerced)


@pytest.mark.parametrize("day", [{"breach": True, "met": [True, True, True]}, {}])
def test_what_was_imposed_for_a_breach_or_not_at_all_was_not_coerced(day):
    now = state(coerced=0.1)
    pressure.carry_out(now, policy(threat=[0.5] * 3), a_day(bite=[0.3, 0.2, 0.5], **day))
    assert now["coerced"] == pytest.approx(0.1)
    assert now["sanctions"] == pytest.approx(0.3 + (0.5 if day else 0.0))


def test_breach_is_threatened_to_both_sides():
    person = member(sanctions_burden=0.2, aid_loss=0.12)
    levers = policy(on_breach=0.5)
    now = state()
    assert pressure.breach_value(person, now, levers, Side.R) == pytest.approx(
        4 / 6 * (0.6 + 0.4) * 0.5 * 0.2
    )
    assert pressure.breach_value(person, now, levers, Side.U) == pytest.approx(4 / 6 * 0.5 * 0.12)


@pytest.mark.parametrize(
    ("called", "honoured", "kept", "lapsed"),
    [(True, True, 5.0, 2.0), (True, False, 4.0, 3.0), (False, True, 4.0, 2.0)],
)
def test_a_backstop_that_is_called_upon_is_believed_by_what_it_does(called, honoured, kept, lapsed):
    now = state()
    today = a_day(backstop_called=called, backstop_honoured=honoured)
    pressure.learn(member(belief_forgetting=0.0), now, today)
    assert now["kept"].tolist() == [4.0, 4.0, kept]
    assert now["lapsed"].tolist() == [2.0, 2.0, lapsed]


def test_the_blocs_sanctions_bite_as_far_as_each_stands_ready():
    person = member(severity=[0.6, 0.4])
    now, levers = state(stance=[1.0, 0.0, 0.0, 0.0, 0.5]), policy(threat=[0.5, 0.5, 0.0])
    assert pressure.bite(person, now, levers, EUROPE) == pytest.approx(0.4 * 0.5 * 0.45)
    assert pressure.bite(person, now, levers, US) == pytest.approx(0.6 * 0.5)


@pytest.mark.parametrize("sanctions", [0.0, 0.2, 0.5, 0.9])
def test_threats_that_together_exceed_what_is_missing_weigh_what_is_expected_of_them(sanctions):
    """Each word is good or not, on its own; what both would do ends with the fullest package."""
    person = member(sanctions_burden=0.2, belief_commitment=0.0)
    now = state(sanctions=sanctions, kept=[8.0, 3.0, 1.0], lapsed=[2.0, 7.0, 1.0])
    missing = 1.0 - sanctions
    for us, europe in ((0.6, 0.4), (0.6, 0.1), (0.3, 0.4), (0.6, 0.0), (0.0, 0.4)):
        expected = 0.0
        for kept_us, chance in ((us, 0.8), (0.0, 0.2)):
            for kept_europe, other in ((europe, 0.3), (0.0, 0.7)):
                expected += chance * other * min(missing, kept_us + kept_europe)
        weighed = pressure.sanctions_value(person, now, policy(), us, europe)
        assert weighed == pytest.approx(0.2 * expected)


def test_no_threat_takes_from_the_weight_of_another():
    """A doubtful one beside a credible one adds nothing at worst, however little is missing."""
    person = member(sanctions_burden=0.2, belief_commitment=0.0)
    now = state(kept=[9.0, 1.0, 1.0], lapsed=[1.0, 9.0, 1.0])
    for sanctions in (0.0, 0.5, 0.8):
        now["sanctions"] = sanctions
        weights = [
            pressure.sanctions_value(person, now, policy(), 0.6, europe)
            for europe in (0.0, 0.1, 0.2, 0.3, 0.4)
        ]
        assert weights == sorted(weights)


def test_what_rounding_leaves_of_a_threat_is_not_pending():
    """A start keeps what was carried out in 32 bits, in which .7 and .9 are a little less."""
    for threat in (0.2, 0.3, 0.7, 0.9):
        carried_out = state(executed=[float(np.float32(threat)), 0.0, 0.0])
        assert pressure.pending(carried_out, policy(threat=[threat, 0.0, 0.0]), US) == 0.0
        rest = pressure.pending(carried_out, policy(threat=[threat + 0.01, 0.0, 0.0]), US)
        assert rest == pytest.approx(0.01, abs=1e-6)


def test_where_nothing_is_missing_and_nothing_threatened_nothing_weighs():
    full = state(sanctions=1.0)
    assert pressure.threat_value(member(), full, policy(), Side.R) == 0.0


def test_threats_that_just_fill_what_is_missing_are_not_scaled():
    person = member(sanctions_burden=0.2, severity=[0.6, 0.4], belief_commitment=0.0)
    now = state(sanctions=0.5, kept=[3.0, 1.0, 1.0], lapsed=[1.0, 1.0, 1.0], **FALLS_DUE)
    half = policy(threat=[0.5, 0.5, 0.0])
    value = pressure.threat_value(person, now, half, Side.R)
    assert value == pytest.approx((0.75 * 0.3 + 0.5 * 0.2) * 0.2)


def test_no_issuer_decides_while_a_truce_is_agreed_or_the_threat_is_spent():
    stalls = {"last_answer": [Answer.REJECT, Answer.ACCEPT], "threat_since": [0, -1, -1]}
    levers = policy(threat=[0.5, 0.0, 0.0])
    assert pressure.falls_due(state(**stalls), levers, US, 14)
    assert not pressure.falls_due(state(**stalls, truce_starts=9), levers, US, 14)
    assert not pressure.falls_due(state(**stalls, executed=[0.5, 0.0, 0.0]), levers, US, 14)


# ------------------------------------------------------------------ how near a threat's day is


@pytest.mark.parametrize(("day", "left"), [
    (1, 13), (6, 8), (13, 1), (14, 0), (15, 13), (27, 1), (28, 0), (30, 12),
])  # fmt: skip
def test_the_days_to_a_threats_day_are_counted_down_anew_after_each(day, left):
    """The clock runs from the as-of day; its days are those on which the threat falls due."""
    levers = policy(threat=[0.5, 0.0, 0.0], deadline_days=14.0)
    stalled = {"last_answer": [Answer.REJECT, Answer.ACCEPT], "threat_since": [0, -1, -1]}
    now = state(day=day, **stalled)
    assert pressure.days_to_due(now, levers, US) == left
    assert pressure.falls_due(now, levers, US, day) == (left == 0)


@pytest.mark.parametrize(("since", "day"), [(-1, 1), (-1, 40), (9, 9), (9, 8)])
def test_a_threat_of_today_has_all_its_days_ahead(since, day):
    """Whether its clock starts tonight or was started anew today."""
    now = state(day=day, threat_since=since)
    assert pressure.days_to_due(now, policy(deadline_days=20.0), US) == 20


def test_a_clock_that_was_renewed_counts_from_there():
    now, raised = state(day=10, threat_since=0), policy(threat=[0.9, 0.0, 0.0])
    assert pressure.days_to_due(now, raised, US) == 4
    pressure.renew_clocks(now, policy(threat=[0.5, 0.0, 0.0]), raised, 10)
    assert pressure.days_to_due(now, raised, US) == 14
    now["day"] = 12
    assert pressure.days_to_due(now, raised, US) == 12


@pytest.mark.parametrize(("deadline", "far"), [(7, 6), (14, 13), (90, 89), (365, 364)])
def test_a_threat_far_off_weighs_less_of_both_issuers_and_to_arms_alike(deadline, far):
    person = member(sanctions_burden=0.2, aid_loss=0.12, threat_patience_days=25.0,
                    severity=[0.6, 0.4])  # fmt: skip
    levers = policy(threat=[0.5, 0.3, 0.4], deadline_days=float(deadline))
    now = state(day=1, threat_since=0, kept=[3.0, 1.0, 1.0], lapsed=[1.0, 1.0, 1.0], sanctions=0.1)
    less = math.exp(-far / 25.0)
    for threat, bite in ((US, 0.3), (EUROPE, 0.12), (AID, 0.4)):
        assert pressure.looming(person, now, levers, threat) == pytest.approx(bite * less)
        assert pressure.bite(person, now, levers, threat) == pytest.approx(bite)
    to_r = (0.75 * 0.3 + 0.5 * 0.12) * 0.2 * less
    assert pressure.threat_value(person, now, levers, Side.R) == pytest.approx(to_r)
    to_u = 0.75 * 0.4 * 0.12 * less
    assert pressure.threat_value(person, now, levers, Side.U) == pytest.approx(to_u)


def test_each_threat_is_felt_by_its_own_day():
    person = member(threat_patience_days=10.0, severity=[0.6, 0.4])
    levers = policy(threat=[1.0, 1.0, 0.0])
    now = state(day=14, threat_since=[0, 9, -1])
    assert pressure.looming(person, now, levers, US) == pytest.approx(0.6)
    assert pressure.looming(person, now, levers, EUROPE) == pytest.approx(0.4 * math.exp(-0.9))


def test_what_is_far_off_is_lessened_before_the_fullest_package_caps_it():
    """Of 1.0 threatened for certain .9 is felt, and .5 is missing: it weighs as if due today."""
    person = member(sanctions_burden=0.2, belief_commitment=0.0, threat_patience_days=10.0)
    levers = policy(threat=[1.0, 1.0, 0.0])
    now = state(day=13, threat_since=0, kept=1e12, lapsed=0.0, sanctions=0.5)
    assert pressure.threat_value(person, now, levers, Side.R) == pytest.approx(0.2 * 0.5)
    now["day"] = 2
    felt = math.exp(-1.2)
    assert felt < 0.5
    assert pressure.threat_value(person, now, levers, Side.R) == pytest.approx(0.2 * felt)


def test_what_is_threatened_for_a_breach_is_near_at_all_times():
    person = member(sanctions_burden=0.2, aid_loss=0.12, threat_patience_days=3.0)
    near, far = (policy(on_breach=0.5, threat=[0.5] * 3, deadline_days=days) for days in (1, 365))
    for side in Side:
        found = [pressure.breach_value(person, state(threat_since=0), levers, side)
                 for levers in (near, far)]  # fmt: skip
        assert found[0] == found[1] > 0.0


# ------------------------------------------------------------------ follow-through as a lever


@pytest.mark.parametrize(("word", "kept"), [(FollowThrough.KEPT, 1.0), (FollowThrough.BROKEN, 0.0)])
@pytest.mark.parametrize("threat", [US, EUROPE])
def test_an_issuer_whose_word_is_a_lever_always_or_never_keeps_it(threat, word, kept):
    """Each its own, threats to arms never, and without anyone's belief in it."""
    person, now = member(follow_base=0.3), state(tilt=0.4)
    words = [FollowThrough.DRAWN, FollowThrough.DRAWN]
    words[threat] = word
    levers, drawn = (policy(threat=[0.5] * 3, follow_through=said) for said in (words, 0))
    for other in Threat:
        chance = pressure.refusal_answered_chance(person, now, levers, other, False)
        as_drawn = pressure.follow_through_chance(person, now, drawn, other, False)
        assert 0.0 < as_drawn < 1.0
        assert chance == (kept if other == threat else as_drawn)
        assert pressure.follow_through_chance(person, now, levers, other, False) == as_drawn
    for issuer in Issuer:
        believed = [pressure.believed(person, now, one, issuer) for one in (levers, drawn)]
        assert believed[0] == believed[1]
    weighs = [pressure.threat_value(person, now, one, Side.R) for one in (levers, drawn)]
    assert weighs[0] == weighs[1] > 0.0
