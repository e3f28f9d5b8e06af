"""What is decided on a day: each chance is that of its own actor, case and luck."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import a_day, member, policy, record, state

from sim.engine import world
from sim.engine.domain import NONE, Answer, Domain, FollowThrough, Issuer, Side, Threat, TruceEnd
from sim.engine.records import CLOCK, PACKAGE
from sim.engine.rules import answers, blocs, gains, mediator, pressure, truce
from sim.engine.streams import Purpose, poisson, uniforms

R, U = Side.R, Side.U
UNSWAYED = {"follow_tilt": 0.0, "follow_progress": 0.0, "follow_commitment": 0.0}


def a_clock(world=0):
    return record(CLOCK, seed=3, world=world, day=3)


def luck(world, purpose, actor=0):
    return uniforms(3, world, 3, purpose, actor)


@pytest.mark.parametrize(("types", "honoured"), [([40.0, -40.0], True), ([-40.0, 40.0], False)])
def test_the_backstop_is_honoured_as_the_mediators_threats_are(types, honoured):
    today = a_day(breaker=R)
    person = member(follow_base=0.0, follow_type=types, follow_lead=0.0, **UNSWAYED)
    world.decide_breach(a_clock(), person, state(), policy(backstop=1.0), record(PACKAGE), today)
    assert today["backstop_honoured"] == honoured


STALLED = {"last_answer": [Answer.REJECT, Answer.ACCEPT], "threat_since": 0, "day": 14}


@pytest.mark.parametrize("word", FollowThrough)
def test_a_word_that_is_a_lever_is_kept_or_broken_whatever_the_luck(word):
    """Each issuer's own, on the day of a threat for refusing."""
    person, levers = member(), policy(threat=[0.5, 0.5, 0.0], follow_through=[word, 0])
    seen = set()
    for n in range(60):
        clock = record(CLOCK, seed=3, world=n, day=14)
        today, now = a_day(), state(**STALLED)
        world.decide_pressure(clock, person, now, levers, today)
        for threat in (0, 1):
            met = bool(today["met"][threat])
            assert met != today["lapsed"][threat]
            led = bool(today["met"][0])
            chance = pressure.follow_through_chance(person, now, levers, threat, led)
            u = uniforms(3, n, 14, Purpose.FOLLOW_THROUGH, threat)[0]
            drawn = threat == 1 or word == FollowThrough.DRAWN
            assert met == (u < chance if drawn else word == FollowThrough.KEPT)
            seen.add((threat, met))
    assert len(seen) == (4 if word == FollowThrough.DRAWN else 3)


@pytest.mark.parametrize(("word", "sure"), [(FollowThrough.BROKEN, 40), (FollowThrough.KEPT, -40)])
def test_arms_breaches_and_the_backstop_know_no_word_that_is_a_lever(word, sure):
    """All do here what the rule for their word says, against what the lever has for sanctions."""
    person = member(follow_base=float(sure), **UNSWAYED)
    levers = policy(follow_through=word, threat=[0.5] * 3, on_breach=0.5, backstop=1.0)
    stalls = {**STALLED, "last_answer": [Answer.ACCEPT, Answer.REJECT]}
    today = a_day()
    world.decide_pressure(record(CLOCK, seed=3, day=14), person, state(**stalls), levers, today)
    assert today["met"].tolist() == [0, 0, int(sure > 0)]
    assert today["lapsed"].tolist() == [0, 0, int(sure < 0)]
    broken = a_day(breaker=R)
    world.decide_breach(a_clock(), person, state(), levers, record(PACKAGE), broken)
    assert broken["met"].tolist() == [int(sure > 0)] * 2 + [0]
    assert broken["backstop_honoured"] == (sure > 0)


def test_a_breach_bites_by_what_was_threatened_for_it():
    """And not by what was threatened for refusing."""
    today = a_day(breaker=R)
    levers = policy(on_breach=0.5, threat=[0.9, 0.2, 0.0])
    person, now = member(follow_base=40.0, **UNSWAYED), state()
    world.decide_breach(a_clock(), person, now, levers, record(PACKAGE), today)
    ready = blocs.sanctions_readiness(person, now)
    assert today["bite"].tolist() == pytest.approx([0.5 * 0.6, 0.5 * 0.4 * ready, 0.0])


@pytest.mark.parametrize(("side", "levers"), [
    (R, {"on_breach": 0.6}), (U, {"on_breach": 0.6, "aid_level": 1.0}),
])  # fmt: skip
def test_staying_reckons_with_what_breaking_would_cost_that_side(side, levers):
    person = member(sanctions_burden=0.4, aid_loss=0.1, belief_commitment=0.0)
    now, package = state(truce_starts=1), record(PACKAGE)
    own = pressure.breach_value(person, now, policy(**levers), side)
    others = pressure.breach_value(person, now, policy(**levers), 1 - side)
    assert abs(own - others) > 0.01
    with_threat = truce.side_stay(person, now, policy(**levers), package, side)
    assert with_threat - truce.side_stay(person, now, policy(), package, side) == pytest.approx(own)


def test_what_comes_first_in_the_day_ends_the_truce():
    """Each side may leave, or its incidents, of two kinds, end the other's patience."""
    package, levers = record(PACKAGE), policy(on_breach=1.0)
    now = state(truce_starts=1, incidents=np.arange(28.0).reshape(4, 7) % 3)
    person = member(incident_rate=[1.2, 0.8], retaliation=[0.2, 0.4], patience_ends=0.2,
                    long_range_share=0.3, exit_hazard=0.3, exit_slope=0.0, exit_cap=9.0,
                    truce_settling=1.0)  # fmt: skip
    leaves = 1.0 - math.exp(-0.3)
    found = set()
    for n in range(200):
        today = a_day()
        world.decide_truce(a_clock(n), person, now, levers, package, today)
        ends = []
        for side in (R, U):
            stay = truce.side_stay(person, now, levers, package, side)
            ends.append((luck(n, Purpose.EXIT)[side] / leaves, TruceEnd.EXIT, side))
            calm = truce.calm_rate(person, now, levers, package, side, stay)
            u, v, _, _ = luck(n, Purpose.INCIDENTS, side)
            counts = [
                poisson(truce.incident_rate(person, now, side, Domain.GROUND, calm), u),
                poisson(
                    truce.incident_rate(person, now, side, Domain.LONG_RANGE, calm),
                    luck(n, Purpose.LONG_RANGE, side)[0],
                ),
            ]
            assert today["incidents"][2 * side : 2 * side + 2].tolist() == counts
            chance = 1.0 - 0.8 ** sum(counts)
            if chance > 0.0:
                ends.append((v / chance, TruceEnd.INCIDENT, side))
        at, how, who = min(ends)
        expected = (how, who) if at < 1.0 else (NONE, NONE)
        assert (today["truce_ends"], today["breaker"]) == expected
        assert today["breach"] == (at < 1.0)
        assert (today["met"] | today["lapsed"]).tolist() == (
            [at < 1.0 and who == R, at < 1.0 and who == R, at < 1.0 and who == U]
        )
        assert not (today["met"] & today["lapsed"]).any()
        found.add(tuple(int(one) for one in expected))
    assert len(found) == 5


@pytest.mark.parametrize("side", [R, U])
def test_either_side_can_end_a_partial_truce(side):
    resolve = [-9.0, -9.0]
    resolve[side] = 9.0
    person = member(resolve=resolve, partial_hazard=0.1, exit_slope=50.0, exit_cap=40.0,
                    exit_hazard=0.0, partial_coverage=[0.5, 0.5, 0.5])  # fmt: skip
    now = state(partial_scope=0, partial_starts=1)
    today = a_day()
    arguments = (a_clock(), person, now, policy(), record(PACKAGE), today)
    world.decide_partial_in_force(*arguments)
    assert today["partial_ends"]
    calm = a_day()
    content = member(partial_hazard=0.0, exit_hazard=5.0)
    world.decide_partial_in_force(a_clock(), content, now, policy(), record(PACKAGE), calm)
    assert not calm["partial_ends"]


AFTER_A_REFUSAL = {"round_held": True, "mediated": True, "answer": [2, 0]}


@pytest.mark.parametrize(("scope", "put"), [(NONE, True), (0, False), (2, False)])
def test_no_partial_truce_is_put_beside_one(scope, put):
    keen = member(partial_chance=1.0, resolve=[-3.0, -3.0], precision=60.0)
    today = a_day(**AFTER_A_REFUSAL)
    arguments = (keen, state(partial_scope=scope), policy(), record(PACKAGE), today)
    world.decide_partial(a_clock(), *arguments)
    assert (today["partial_scope"] != NONE) == put


def test_each_side_answers_a_partial_truce_by_its_own_luck_as_if_the_other_agreed():
    person = member(partial_chance=1.0, precision=6.0, sanctions_burden=0.6, aid_loss=0.6)
    now, levers, package = state(), policy(threat=[1.0, 0.0, 1.0]), record(PACKAGE)
    agreed = 0
    for n in range(200):
        today = a_day(**AFTER_A_REFUSAL)
        world.decide_partial(a_clock(n), person, now, levers, package, today)
        scope = int(3.0 * luck(n, Purpose.PARTIAL)[1])
        yes = []
        for side in (R, U):
            gained = gains.partial_gain(person, now, levers, package, side, scope)
            chance, _ = answers.answer_chances(person, now, levers, side, 1.0, gained)
            yes.append(luck(n, Purpose.PARTIAL_ANSWER, side)[0] < chance)
        assert today["partial_scope"] == (scope if all(yes) else NONE)
        agreed += all(yes)
    assert 20 < agreed < 180


def test_who_is_held_to_stall_stiffens_the_blocs_when_it_is_r():
    person = member()
    for tilt in (0.1, 0.5, 0.9):
        now, today = state(tilt=tilt, review_due=True), a_day()
        world.decide_reviews(a_clock(), person, now, policy(), today)
        blame = mediator.blame_on(person, now, policy(), R)
        expected = [blocs.stance(person, bloc, blame) for bloc in range(5)]
        assert today["stance"].tolist() == pytest.approx(expected)
        assert blame == pytest.approx(1.0 - tilt)


@pytest.mark.parametrize("kept", [True, False])
def test_only_a_pause_that_was_kept_can_be_extended(kept):
    now, last = state(pause_until=3, pause_mirrored=kept), a_day()
    world.decide_pause(a_clock(), member(pause_extension=1.0), now, policy(), record(PACKAGE), last)
    assert last["extension_asked"] == kept


def test_whose_word_backs_a_guarantee_is_not_that_of_its_threats():
    """Belief in the backstop is its own; its chance of being honoured is the mediator's."""
    now = state(kept=[9.0, 1.0, 3.0], lapsed=[1.0, 9.0, 3.0])
    assert pressure.believed(member(), now, policy(), Issuer.BACKSTOP) == pytest.approx(0.5)
    assert pressure.issuer_of(Threat.AID) == Issuer.MEDIATOR
