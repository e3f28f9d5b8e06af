"""The blocs: pledges with kept willingness, stances, and the guarantee that comes of them."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.builders import a_day, member, policy, state

from sim.engine.dtypes import as_records
from sim.engine.rules import blocs
from sim.inputs.conflict import shipped


def test_a_pledge_is_drawn_by_backstop_and_company_and_held_back_by_type():
    person = member(bloc_base=0.1, bloc_backstop=0.6, bloc_others=0.5,
                    bloc_type=[0.05, 0.0, 0.0, 0.0, 2.0])  # fmt: skip
    assert blocs.pledge(person, 0, 0.5, 0.4) == pytest.approx(0.1 + 0.3 + 0.2 - 0.05)
    assert blocs.pledge(person, 0, 1.0, 1.0) == 1.0
    assert blocs.pledge(person, 4, 1.0, 1.0) == 0.0


def test_stances_stiffen_when_r_is_blamed():
    person = member(bloc_stance=0.6, bloc_blame=0.5, bloc_type=0.1)
    assert blocs.stance(person, 0, 0.5) == pytest.approx(0.5)
    assert blocs.stance(person, 0, 0.9) == pytest.approx(0.7)


def test_the_mean_of_the_others_leaves_a_bloc_out():
    """And those that have no troops to send, as the last one here."""
    now = state(pledge=[1.0, 0.0, 0.5, 0.5, 1.0])
    assert blocs.others_pledge(member(), now, policy(), 0) == pytest.approx(1 / 3)
    assert blocs.others_pledge(member(), now, policy(), 1) == pytest.approx(2 / 3)
    assert blocs.others_pledge(member(), now, policy(), 4) == pytest.approx(0.5)
    alone = member(capability=[1.0, 0.0, 0.0, 0.0, 0.0])
    assert blocs.others_pledge(alone, now, policy(pledged=0.4), 0) == 0.0


def test_each_bloc_has_pledged_no_less_than_the_lever_says():
    """Whatever it chose: in the contingent, the guarantee, and the company that others keep."""
    person = member(unbacked_worth=0.4)
    now = state(pledge=[0.1, 0.8, 0.3, 0.5, 1.0])
    for least, kept in ((0.0, [0.1, 0.8, 0.3, 0.5]), (0.4, [0.4, 0.8, 0.4, 0.5]), (1.0, [1.0] * 4)):
        levers = policy(pledged=least, ambition=0.5, backstop=0.5)
        sent = np.dot([0.35, 0.3, 0.2, 0.15], kept)
        assert blocs.contingent(person, now, levers) == pytest.approx(sent)
        guaranteed = 0.5 * (0.4 + 0.6 * 0.5) * sent
        assert blocs.guarantee(person, now, levers) == pytest.approx(guaranteed)
        for bloc in range(4):
            assert blocs.pledged(now, levers, bloc) == kept[bloc]
            others = (sum(kept) - kept[bloc]) / 3
            assert blocs.others_pledge(person, now, levers, bloc) == pytest.approx(others)


def test_a_guarantee_is_ambition_carried_by_pledges_and_a_backstop():
    person = member()
    half = state(pledge=0.5)
    assert blocs.guarantee(person, half, policy(ambition=0.5)) == pytest.approx(0.1)
    backed = policy(ambition=0.5, backstop=1.0)
    assert blocs.guarantee(person, half, backed) == pytest.approx(0.25)
    london = state(pledge=[1.0, 0.0, 0.0, 0.0, 0.0])
    assert blocs.guarantee(person, london, policy(ambition=1.0)) == pytest.approx(0.4 * 0.35)


def test_blocs_review_on_the_first_and_fifteenth_and_after_events_but_not_in_a_truce():
    levers = policy(backstop=0.5)
    calm = state(backstop_seen=0.5)
    assert blocs.review_falls(calm, levers, True)
    assert not blocs.review_falls(calm, levers, False)
    assert blocs.review_falls(state(backstop_seen=0.5, review_due=True), levers, False)
    assert blocs.review_falls(state(backstop_seen=0.0), levers, False)
    assert not blocs.review_falls(state(backstop_seen=0.0, truce_starts=4), levers, True)
    assert blocs.review_falls(state(truce_starts=4, review_due=True), levers, False)


def test_stands_are_taken_together():
    now = state()
    today = a_day(pledge=[0.1, 0.2, 0.3, 0.4, 0.5], stance=[1.0, 0.8, 0.6, 0.4, 0.2])
    blocs.take_stands(now, policy(backstop=0.7), today)
    assert now["pledge"].tolist() == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert now["stance"].tolist() == [1.0, 0.8, 0.6, 0.4, 0.2]
    assert now["backstop_seen"] == 0.7


def test_two_blocs_with_troops_keep_each_other_company():
    two = member(capability=[0.5, 0.5, 0.0, 0.0, 0.0])
    assert blocs.others_pledge(two, state(pledge=[0.2, 0.7, 1.0, 1.0, 1.0]), policy(), 0) == 0.7


def test_sanctions_are_carried_as_far_as_those_who_impose_them_stand_ready():
    person = member()
    assert blocs.sanctions_readiness(person, state(stance=0.0)) == 0.0
    part = state(stance=[1.0, 0.0, 0.0, 0.0, 0.5])
    assert blocs.sanctions_readiness(person, part) == pytest.approx(0.15 + 0.3)


def test_neither_contingent_nor_sanctions_are_more_than_whole():
    """Shares of 32-bit numbers may sum to a little more than one."""
    person, now = member(capability=0.3, sanctions_share=0.3), state(pledge=1.0, stance=1.0)
    assert blocs.contingent(person, now, policy()) == 1.0
    assert blocs.sanctions_readiness(person, now) == 1.0


def mean_guarantee(members, backstop):
    """Mean G over members once the blocs have reviewed often enough to settle."""
    levers = policy(ambition=1.0, backstop=backstop)
    found = []
    for person in as_records(members):
        now = state(pledge=0.5)
        for _ in range(20):
            others = [
                blocs.others_pledge(person, now, levers, bloc)
                for bloc in range(len(shipped().bloc_ids))
            ]
            now["pledge"] = [
                blocs.pledge(person, bloc, backstop, others[bloc])
                for bloc in range(len(shipped().bloc_ids))
            ]
        found.append(blocs.guarantee(person, now, levers))
    return np.mean(found)


def test_the_guarantee_over_the_backstop_is_s_shaped():
    """Its largest slope is at least one and a half times its mean slope."""
    from sim.inputs.ensemble import load_ensemble
    from sim.inputs.scenario import load_scenario

    members = load_ensemble(load_scenario("baseline").as_of).members[:100]
    values = np.array([mean_guarantee(members, b) for b in np.linspace(0.0, 1.0, 11)])
    slopes = np.diff(values) / 0.1
    assert (slopes > 0.0).all()
    assert slopes.max() >= 1.5 * slopes.mean()
