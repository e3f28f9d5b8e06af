"""A round, a day, and what is entered of them: who moves first, who knows what, who blocked."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from helpers.builders import (
    DAY,
    MEMBER,
    START,
    a_day,
    ensemble,
    member,
    policy,
    record,
    start,
    state,
)

from sim.engine import world
from sim.engine.domain import ISSUES, NONE, VALUED, Answer, Issue, Outcome, Side, TruceEnd
from sim.engine.records import CLOCK, PACKAGE, new_workspace
from sim.engine.row import ROW
from sim.engine.rules import answers, blocs, day, gains, mediator, pressure, rows, standing
from sim.engine.scratch import PROPOSAL
from sim.engine.streams import uniforms
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import Change
from sim.mesa_model import CeasefireModel
from sim.montecarlo import Plan

R, U = Side.R, Side.U
ROUNDS = 4000
FALLS_DUE = {"threat_since": 0, "day": 14}
"""A day on which every threat falls due by the deadline of fourteen days."""


def rounds(person, now, levers, package, number=ROUNDS):
    """Answers in many rounds that differ in nothing but their luck."""
    said = np.zeros((number, 2), int)
    today = a_day(mediated=True)
    trial = record(PROPOSAL)
    for n in range(number):
        clock = record(CLOCK, seed=5, world=n, day=3)
        world.decide_round(clock, person, now, levers, package, trial, today)
        assert today["first_mover"] == U
        said[n] = today["answer"]
    return said


def shares_of(yes, but):
    return np.array([yes, but, 1 - yes - but])


@pytest.fixture(scope="module", params=[0.0, 1.0], ids=["believed", "known"])
def one(request):
    """A round with a threat to either side, so that what the other does matters.

    The mediator takes R for firmer than it is, and U for less so; the two sides know each other's
    resolve as little or in full.
    """
    known = request.param
    person = member(precision=4.0, sanctions_burden=0.6, aid_loss=0.9, audience_cost=0.0,
                    opponent_known=known)  # fmt: skip
    now = state(resolve_mean=[0.5, -0.5], **FALLS_DUE)
    levers, package = policy(threat=[1.0, 0.0, 1.0]), record(PACKAGE)
    gained = [gains.signing_gain(person, now, levers, package, side) for side in (R, U)]

    def chances(side, q, firmer=0.0):
        return answers.answer_chances(person, now, levers, side, q, gained[side] - firmer)

    return rounds(person, now, levers, package), chances, known


def test_the_first_mover_reckons_with_the_others_yes(one):
    """With the chance that the mediator gives it, or with the true one if sides know each other."""
    said, chances, known = one
    true, believed = (shares_of(*chances(U, chances(R, 1.0, firmer)[0])) for firmer in (0.0, 0.5))
    found = np.bincount(said[:, U], minlength=3) / ROUNDS
    expected, other = (true, believed) if known else (believed, true)
    assert found == pytest.approx(expected, abs=0.03)
    assert np.abs(other - expected).max() > 0.06
    assert np.abs(shares_of(*chances(U, 1.0)) - expected).max() > 0.06


def test_who_is_asked_first_in_direct_talks_knows_the_other():
    """Whatever the mediator believed of it before it left."""
    person = member(precision=4.0, opponent_known=0.0)
    now, today = state(resolve_mean=[0.5, -0.5], mediator_left=True), a_day(mediated=False)
    levers, package = policy(), record(PACKAGE)
    clock = record(CLOCK, seed=5, world=1, day=3)
    world.decide_round(clock, person, now, levers, package, record(PROPOSAL), today)
    first = int(today["first_mover"])
    gained = gains.signing_gain(person, now, levers, package, 1 - first)
    follows, _ = answers.direct_chances(person, 1.0, gained)
    assert today["p_other_accepts"][first] == pytest.approx(follows)
    assert today["p_other_accepts"][1 - first] == float(today["answer"][first] == Answer.ACCEPT)


@pytest.mark.parametrize("accepted", [True, False])
def test_the_second_mover_knows_what_the_first_said(one, accepted):
    said, chances, _ = one
    met = said[(said[:, U] == Answer.ACCEPT) == accepted]
    expected = shares_of(*chances(R, float(accepted)))
    found = np.bincount(met[:, R], minlength=3) / len(met)
    assert found == pytest.approx(expected, abs=0.04)


def test_the_two_sides_luck_is_their_own():
    u = np.array([[uniforms(1, n, 1, 3, side)[0] for side in (R, U)] for n in range(4000)])
    assert abs(np.corrcoef(u.T)[0, 1]) < 0.05


ENTERED = {
    "both refuse: the second mover": ((Answer.REJECT, Answer.CONDITION), R, Issue.NATO),
    "the second alone": ((Answer.REJECT, Answer.ACCEPT), R, Issue.NATO),
    "the first alone": ((Answer.ACCEPT, Answer.REJECT), U, Issue.TERRITORY),
}


@pytest.mark.parametrize(("said", "blocker", "issue"), ENTERED.values(), ids=ENTERED)
def test_who_blocked_and_on_what_is_entered(said, blocker, issue):
    row = record(ROW)
    rows.open_row(7, 3, row)
    today = a_day(round_held=True, first_mover=U, answer=said, truce_ends=NONE,
                   partial_scope=NONE, blocked_issue=[Issue.NATO, Issue.TERRITORY])  # fmt: skip
    seen = (member(), state(), policy(), record(PACKAGE))
    rows.record(record(CLOCK, day=9), *seen, today, row)
    assert row["blocked_last"] == blocker
    assert row["blocked_issue"] == issue
    assert row["full_truces"] == 0


def test_the_first_truce_takes_effect_the_day_after_both_accepted():
    row = record(ROW)
    rows.open_row(7, 3, row)
    both = record(
        DAY, round_held=True, first_mover=U, answer=[0, 0], truce_ends=NONE, partial_scope=NONE
    )
    for number in (9, 50):
        seen = (member(), state(), policy(), record(PACKAGE))
        rows.record(record(CLOCK, day=number), *seen, both, row)
    assert row["first_truce_day"] == 10
    assert row["full_truces"] == 2
    assert row["blocked_last"] == NONE


def test_the_row_names_each_issuers_credibility():
    row = record(ROW)
    rows.open_row(7, 3, row)
    now = state(kept=[3.0, 1.0, 0.0], lapsed=[1.0, 1.0, 0.0])
    rows.close_row(member(), now, policy(), record(PACKAGE), 0, row)
    assert list(row["credibility_end"]) == [0.75, 0.5]
    assert row["outcome"] == Outcome.NO_TRUCE


def test_threats_that_stand_on_the_as_of_day_have_their_clocks_running():
    now = state()
    standing.begin(member(), start(), policy(threat=[0.5, 0.0, 0.2]), now)
    assert list(now["threat_since"]) == [0, NONE, 0]


def test_no_threat_falls_due_on_the_day_of_an_agreement():
    now = state(last_answer=[Answer.REJECT, Answer.ACCEPT], threat_since=[0, NONE, NONE])
    levers = policy(threat=[0.5, 0.0, 0.0])
    clock = record(CLOCK, day=14)
    for said, due in (([Answer.ACCEPT, Answer.ACCEPT], False), ([2, 0], True)):
        today = a_day(round_held=True, answer=said)
        world.decide_pressure(clock, member(), now, levers, today)
        assert (today["met"][0] or today["lapsed"][0]) == due


def test_europe_follows_a_washington_that_acted_today():
    person = member(follow_base=0.0, follow_type=[40.0, -20.0], follow_lead=40.0,
                    follow_commitment=0.0, follow_tilt=0.0, follow_progress=0.0)  # fmt: skip
    now = state(last_answer=[Answer.REJECT, Answer.ACCEPT], threat_since=[0, 0, NONE])
    clock = record(CLOCK, day=14)
    for us_threat, europe_acts in ((0.5, True), (0.0, False)):
        today = a_day()
        levers = policy(threat=[us_threat, 0.5, 0.0])
        world.decide_pressure(clock, person, now, levers, today)
        assert today["met"][1] == europe_acts


def test_an_incident_is_laid_at_the_door_of_the_side_that_began_it():
    person = member(incident_rate=[50.0, 0.0], retaliation=[0.0, 0.0], patience_ends=1.0,
                    exit_hazard=0.0, incident_log_cap=5.0)  # fmt: skip
    now = state(truce_starts=1)
    today = a_day(truce_ends=NONE, partial_scope=NONE)
    world.decide_truce(record(CLOCK, day=1), person, now, policy(), record(PACKAGE), today)
    assert today["truce_ends"] == TruceEnd.INCIDENT
    assert today["breaker"] == R


def test_each_side_leaves_by_its_own_reckoning():
    steadfast = member(resolve=[-3.0, 3.0], exit_hazard=0.01, exit_slope=10.0,
                       incident_rate=[0.0, 0.0], retaliation=[0.0, 0.0])  # fmt: skip
    now = state(truce_starts=1)
    breakers = []
    for n in range(60):
        today = a_day(truce_ends=NONE, partial_scope=NONE)
        clock = record(CLOCK, seed=1, world=n, day=1)
        world.decide_truce(clock, steadfast, now, policy(), record(PACKAGE), today)
        if today["truce_ends"] == TruceEnd.EXIT:
            breakers.append(int(today["breaker"]))
    assert len(breakers) > 10
    assert set(breakers) == {U}


def test_a_package_that_changes_on_a_day_is_put_on_the_table_that_day():
    only = np.zeros((2, ISSUES))
    only[:, Issue.TERRITORY] = 1.0
    keen = member(weight=only, ideal=[[1.0] * ISSUES, [1.0] * ISSUES],
                  red_line=[[0.0] * ISSUES, [1.0] * ISSUES],
                  expected=[0.0] * VALUED, slope=0.0, precision=60.0, round_rate=1e9,
                  settlement_base=60.0, resolve=[0.5, 0.5], exit_hazard=0.0, credit=0.0,
                  incident_rate=[0.0, 0.0], walkaway_hazard=0.0)  # fmt: skip
    all_want_it = ensemble(np.array([keen], MEMBER), np.array([start()], START))
    offered = (Change(day=20, lever="offer.territory", value=1.0),)
    fixed = load_scenario("baseline").with_levers({"mandate.flexibility": 0.0})
    scenario = dataclasses.replace(fixed, changes=offered)
    rows = Plan(scenario, all_want_it, 16, 1).block(0, 16)
    assert (rows["first_truce_day"] == 21).all()
    assert (rows["x"][:, Issue.TERRITORY] == 1.0).all()


@pytest.mark.parametrize("base", [0.05, 1.0])
def test_incidents_of_sixty_forced_days_stay_bounded(base):
    """At the critical bound, sqrt(rho rho) = .8, the mean settles below base / (1 - .8)."""
    person = member(incident_rate=[base, base], retaliation=[0.8, 0.8], patience_ends=0.0,
                    exit_hazard=0.0, incident_trust=0.0, incident_temptation=0.0,
                    truce_settling=1.0)  # fmt: skip
    total = 0.0
    worlds = 60
    for n in range(worlds):
        now = state(truce_starts=1)
        for number in range(1, 61):
            clock = record(CLOCK, seed=2, world=n, day=number)
            today = a_day(truce_ends=NONE, partial_scope=NONE)
            world.decide_truce(clock, person, now, policy(), record(PACKAGE), today)
            assert today["truce_ends"] == NONE
            day.apply_truce(clock, person, now, policy(), record(PACKAGE), today)
            now["truce_day"] = 0
            total += today["incidents"].sum()
    assert total / worlds / 60 / 2 < base / (1 - 0.8)
    assert total / worlds / 60 / 2 > base


SURE = {"follow_base": 40.0, "follow_tilt": 0.0, "follow_progress": 0.0, "follow_commitment": 0.0}


@pytest.mark.parametrize(("breaker", "threats"), [(R, [1, 1, 0]), (U, [0, 0, 1])])
def test_a_breach_is_answered_by_those_who_threatened_its_author(breaker, threats):
    today = a_day(breaker=breaker)
    levers = policy(on_breach=0.5, backstop=1.0)
    arguments = (member(**SURE), state(), levers, record(PACKAGE), today)
    world.decide_breach(record(CLOCK, day=3), *arguments)
    assert today["met"].tolist() == threats
    assert today["breach"]
    assert bool(today["backstop_called"]) == (breaker == R)
    assert bool(today["backstop_honoured"]) == (breaker == R)


def test_a_breach_without_threat_or_backstop_has_no_answer():
    today = a_day(breaker=R)
    arguments = (member(**SURE), state(), policy(), record(PACKAGE), today)
    world.decide_breach(record(CLOCK, day=3), *arguments)
    assert not today["breach"]
    assert not today["met"].any()
    assert not today["backstop_called"]


def test_what_was_threatened_for_a_breach_can_be_threatened_again():
    now = state()
    levers = policy(on_breach=0.5, threat=[0.7, 0.0, 0.0])
    today = a_day(breach=True, met=[True, False, False], bite=[0.3, 0.0, 0.0])
    pressure.carry_out(now, levers, today)
    assert now["sanctions"] == pytest.approx(0.6)
    assert now["executed"][0] == 0.0


PARTIAL = {
    "a failed mediated round": ({}, True),
    "no mediator": ({"mediated": False}, False),
    "a full truce agreed": ({"answer": [0, 0]}, False),
    "no round": ({"round_held": False}, False),
}


@pytest.mark.parametrize(("change", "put"), PARTIAL.values(), ids=PARTIAL)
def test_a_partial_truce_is_put_after_a_mediated_round_that_failed(change, put):
    keen = member(partial_chance=1.0, resolve=[-3.0, -3.0], precision=60.0)
    said = {"round_held": True, "mediated": True, "answer": [2, 0], **change}
    today = a_day(partial_scope=NONE, **said)
    arguments = (keen, state(), policy(), record(PACKAGE), today)
    world.decide_partial(record(CLOCK, day=3), *arguments)
    assert (today["partial_scope"] != NONE) == put


def test_one_side_alone_makes_no_partial_truce():
    divided = member(partial_chance=1.0, resolve=[3.0, -3.0], precision=60.0)
    today = a_day(partial_scope=NONE, round_held=True, mediated=True, answer=[2, 0])
    arguments = (divided, state(), policy(), record(PACKAGE), today)
    world.decide_partial(record(CLOCK, day=3), *arguments)
    assert today["partial_scope"] == NONE


def test_a_partial_truce_takes_effect_tomorrow_and_runs_thirty_days():
    """At sea it pays R with relief at signature, for as long as it lasts."""
    person = member(partial_price=[0.0, 0.5, 0.0])
    now, package = state(sanctions=0.6), record(PACKAGE, relief_now=0.4)
    day.apply_partial(record(CLOCK, day=3), person, now, package, a_day(partial_scope=1))
    assert (now["partial_scope"], now["partial_starts"]) == (1, 4)
    for number in range(4, 34):
        assert now["partial_scope"] == 1
        assert now["relieved"] == pytest.approx(0.6 * 0.5 * 0.4)
        day.apply_partial(record(CLOCK, day=number), person, now, package, a_day())
    assert now["partial_scope"] == NONE
    assert now["relieved"] == 0.0


def test_an_agreement_lets_the_blocs_review_before_their_pledges_are_fixed():
    person, now, levers = member(), state(), policy()
    agreed = a_day(round_held=True, mediated=True, answer=[Answer.ACCEPT, Answer.ACCEPT])
    day.apply_talks(record(CLOCK, day=3), person, now, levers, agreed)
    assert now["review_due"]
    now["truce_starts"] = 4
    day.apply_talks(record(CLOCK, day=4), person, now, levers, a_day())
    assert not now["review_due"]


def test_what_is_weighed_today_rests_on_the_pledges_of_yesterday():
    """On every day, with a round or without: a pause and a partial truce are weighed too."""
    levers = {"guarantee.ambition": 1.0, "guarantee.us_backstop": 0.3}
    scenario = load_scenario("baseline").with_levers(levers)
    model = CeasefireModel(scenario, 4, 9)
    guarantees = set()
    while model.running:
        expected = blocs.guarantee(model.member, model.state, model.policy)
        model.step()
        assert model.package.guarantee == expected
        guarantees.add(expected)
    assert len(guarantees) > 3


def test_a_change_of_the_offer_waits_until_the_truce_in_force_ends():
    """What was signed stands; the new offer lies on the table once it has collapsed."""
    changes = (Change(day=8, lever="offer.territory", value=0.9),)
    signs = member(resolve=[-3.0, -3.0], precision=60.0, round_rate=50.0, exit_hazard=0.0)
    signs["incident_rate"] = 0.0
    breaks = signs.copy()
    breaks["exit_hazard"], breaks["exit_cap"], breaks["exit_slope"] = 0.08, 0.08, 0.0
    people = np.array([signs, breaks])
    scenario = load_scenario("baseline").with_levers(
        {"offer.territory": 0.2, "mandate.flexibility": 0.0}
    )
    scenario = dataclasses.replace(scenario, changes=changes).with_horizon(60)
    both = ensemble(people, np.array([start(), start()]))
    rows = Plan(scenario, both, 1, 2).block(0, 400)
    held = rows[rows["outcome"] == Outcome.HELD]
    at_once = held[(held["first_truce_day"] == 2) & (held["full_truces"] == 1)]
    assert len(at_once) > 100
    assert np.allclose(at_once["x"][:, 0], 0.2)
    again = rows[rows["full_truces"] > 1]
    assert len(again) > 100
    assert np.allclose(again["x"][:, 0], 0.9)


def test_a_kept_pause_ends_with_a_round_if_its_extension_is_asked():
    person = member(pause_days=2.0, pause_extension=1.0, resolve=[0.0, -3.0], precision=60.0)
    now, today = state(), a_day(pause_declared=True)
    arguments = (person, now, policy(), record(PACKAGE))
    world.decide_pause(record(CLOCK, day=5), *arguments, today)
    assert today["pause_mirrored"]
    day.apply_pause(record(CLOCK, day=5), person, now, today)
    assert now["pause_until"] == 7
    last = a_day()
    world.decide_pause(record(CLOCK, day=7), *arguments, last)
    assert last["extension_asked"]
    day.apply_pause(record(CLOCK, day=7), person, now, last)
    assert now["pause_until"] == NONE
    now["mediator_left"] = True
    assert mediator.round_is_due(now, record(CLOCK, day=8))
    now["mediator_left"] = False
    tomorrow = a_day(calendar=0.5)
    world.decide_calendar(record(CLOCK, day=8), member(round_rate=0.0), now, policy(), tomorrow)
    assert tomorrow["round_held"]


@pytest.mark.parametrize("left", [True, False])
def test_a_direct_talk_is_a_round_only_once_the_mediator_has_left(left):
    talkative = member(direct_rate=1e9, round_rate=0.0)
    today = a_day(calendar=0.5)
    now = state(mediator_left=left)
    world.decide_calendar(record(CLOCK, day=3), talkative, now, policy(), today)
    assert today["direct_talk"]
    assert bool(today["round_held"]) == left
    assert bool(today["mediated"]) != left


def test_what_is_said_without_a_mediator_starts_no_clock_and_earns_no_blame():
    now = state(tilt=0.5)
    said = a_day(round_held=True, answer=[Answer.REJECT, Answer.ACCEPT])
    day.remember_answers(now, said)
    assert now["last_answer"].tolist() == [NONE, NONE]
    assert mediator.next_tilt(member(), now, said) == 0.5


@pytest.mark.parametrize("under_way", [
    {"truce_starts": 1}, {"partial_scope": 0, "partial_starts": 1}, {"extension_asked": True},
    {"pause_until": NONE},
])  # fmt: skip
def test_what_follows_from_the_package_is_reckoned_where_it_is_read(under_way):
    """In a truce, full or partial, in a round, and when U may keep a pause that R declares."""
    person = member(pause_hazard=1.0 if "pause_until" in under_way else 0.0)
    today = a_day(calendar=0.5)
    levers = policy(relief=0.8, relief_on_signature=0.5)
    workspace = new_workspace(np.array([person], MEMBER))
    parts = {"member": person, "policy": levers, "state": state(**under_way), "today": today}
    for name, part in {**parts, "clock": record(CLOCK, day=3)}.items():
        workspace[name] = part
    world.decide(workspace)
    assert workspace["package"]["relief_now"] == pytest.approx(0.4)
