"""The mediator and the front: blame, patience, the calendar, momentum."""

from __future__ import annotations

import pytest
from helpers.builders import a_day, by_issue, member, policy, record, state

from sim.engine.domain import ISSUES, OFFERED, VALUED, Answer, Issue, Side, TruceEnd
from sim.engine.records import CLOCK, PACKAGE
from sim.engine.rules import front, mediator


def after_round(russia: Answer, ukraine: Answer):
    return a_day(round_held=True, mediated=True, answer=[russia, ukraine])


def test_who_blocks_is_blamed():
    person = member(blame=0.05, blame_condition_share=0.4)
    now = state(tilt=0.5)
    assert mediator.next_tilt(person, now, after_round(Answer.REJECT, Answer.ACCEPT)) == 0.45
    assert mediator.next_tilt(person, now, after_round(Answer.ACCEPT, Answer.CONDITION)) == 0.52
    assert mediator.next_tilt(person, now, after_round(Answer.REJECT, Answer.REJECT)) == 0.5
    assert mediator.next_tilt(person, now, a_day()) == 0.5


def test_progress_restores_an_even_view_without_overshooting():
    person = member(tilt_return=0.01)
    for tilt, progress, after in ((0.8, 0.5, 0.795), (0.2, 0.5, 0.205), (0.501, 1.0, 0.5)):
        now = state(tilt=tilt, progress=progress)
        assert mediator.next_tilt(person, now, a_day()) == pytest.approx(after)


def test_blame_is_shared_out_between_the_two():
    person = member(side_payment_worth=0.25)
    now = state(tilt=0.6)
    for payment, against_u in ((0.0, 0.6), (1.0, 0.45)):
        levers = policy(side_payment=payment)
        assert mediator.blame_on(person, now, levers, Side.U) == pytest.approx(against_u)
        assert mediator.blame_on(person, now, levers, Side.R) == pytest.approx(1 - against_u)


def test_patience_wears_down_and_progress_restores_it():
    person = member(patience_progress=0.05)
    levers = policy(patience_days=50.0)
    assert mediator.next_patience(person, state(patience=0.5), levers) == pytest.approx(0.48)
    busy = state(patience=0.5, progress=0.8)
    assert mediator.next_patience(person, busy, levers) == pytest.approx(0.52)
    assert mediator.next_patience(person, state(patience=0.01), levers) == 0.0
    assert mediator.next_patience(person, state(progress=1.0), levers) == 1.0
    in_truce = state(patience=0.5, truce_starts=4)
    assert mediator.next_patience(person, in_truce, levers) == 0.5


def test_thin_patience_doubles_the_hazard_of_leaving():
    person = member(walkaway_hazard=0.004)
    assert mediator.walkaway_hazard(person, state(patience=1.0)) == 0.004
    assert mediator.walkaway_hazard(person, state(patience=0.0)) == 0.008
    assert mediator.walkaway_hazard(person, state(mediator_left=True)) == 0.0


def test_rounds_come_at_a_rate_and_none_without_a_mediator_or_in_a_pause():
    person = member(round_rate=0.07)
    assert mediator.round_rate(person, state(), 1) == 0.07
    spent = state(patience=0.0)
    assert mediator.round_rate(person, spent, 1) == 0.035
    for idle in (state(mediator_left=True), state(truce_starts=2), state(talks_resume=2)):
        assert mediator.round_rate(person, idle, 1) == 0.0


def test_progress_halves_in_its_half_life_and_conditions_add():
    person = member(progress_halflife_days=14.0, progress_condition=0.25)
    now = state(progress=0.8, progress_kept=mediator.progress_kept(person))
    for _ in range(14):
        now["progress"] = mediator.next_progress(person, now, 0, False)
    assert now["progress"] == pytest.approx(0.4)
    assert mediator.next_progress(person, state(), 2, False) == 0.5
    assert mediator.next_progress(person, state(), 0, True) == person["direct_progress"]


def test_harder_strikes_cost_sympathy():
    person = member(strike_sympathy=0.01)
    harder_r = state(tilt=0.5, strike=[0.8, 0.3])
    assert mediator.next_tilt(person, harder_r, a_day()) == pytest.approx(0.495)
    quiet = state(tilt=0.5, strike=[0.8, 0.3], truce_starts=2)
    assert mediator.next_tilt(person, quiet, a_day()) == 0.5


def test_who_breaks_a_truce_is_blamed():
    person = member(blame=0.07)
    now = state(tilt=0.5, truce_starts=2)
    by_r, by_u = (a_day(truce_ends=TruceEnd.EXIT, breaker=side) for side in Side)
    assert mediator.next_tilt(person, now, by_r) == pytest.approx(0.43)
    assert mediator.next_tilt(person, now, by_u) == pytest.approx(0.57)


def test_strikes_follow_a_rejection_and_fade():
    person = member(strike_persistence=0.9, strike_rejection=0.3, strike_sd=0.15)
    now = state(strike=[0.5, 0.0])
    assert front.next_strike(person, now, Side.R, False, 0.0) == pytest.approx(0.45)
    assert front.next_strike(person, now, Side.U, True, 1.0) == pytest.approx(0.45)


def test_pauses_come_with_thin_patience_and_holidays():
    person = member(pause_hazard=0.002, pause_holiday=20.0)
    assert mediator.pause_chance(person, state(), False) == pytest.approx(0.002)
    assert mediator.pause_chance(person, state(patience=0.0), True) == pytest.approx(0.08)
    alone = state(patience=0.0, mediator_left=True)
    assert mediator.pause_chance(person, alone, False) == pytest.approx(0.002)
    for busy in (state(truce_starts=3), state(pause_until=3)):
        assert mediator.pause_chance(person, busy, True) == 0.0


def test_direct_talks_are_slow_and_none_are_held_in_a_truce():
    person = member(direct_rate=0.01)
    assert mediator.direct_talk_rate(person, state(), 1) == 0.01
    assert mediator.direct_talk_rate(person, state(truce_starts=2), 1) == 0.0


def test_rounds_in_the_calendar_and_extensions_are_certain():
    assert mediator.round_is_due(state(), record(CLOCK, day=3, dated_round=True))
    assert mediator.round_is_due(state(extension_asked=True), record(CLOCK, day=3))
    assert not mediator.round_is_due(state(), record(CLOCK, day=3))
    paused = state(talks_resume=9)
    assert not mediator.round_is_due(paused, record(CLOCK, day=3, dated_round=True))
    alone = state(mediator_left=True)
    assert not mediator.round_is_due(alone, record(CLOCK, day=3, dated_round=True))


def test_momentum_returns_to_a_mean_that_supply_and_sanctions_pull_down():
    person = member(front_mean=0.2, front_aid=0.4, front_sanctions=0.1, front_reversion=0.02,
                    front_sd=0.05)  # fmt: skip
    now = state(momentum=0.5, sanctions_lag=0.3, aid_cut=0.25)
    levers = policy(aid_level=2.0, momentum_shift=0.1)
    mean = 0.2 - 0.4 * (2.0 * 0.75 - 1.0) - 0.1 * 0.3 + 0.1
    expected = 0.5 + 0.02 * (mean - 0.5) + 0.05 * 2.0
    assert front.next_momentum(person, now, levers, 2.0) == pytest.approx(expected)


def test_sanctions_are_felt_with_a_lag():
    person = member(sanctions_lag_days=60.0)
    now = state(sanctions=0.9, sanctions_lag=0.3)
    assert front.next_sanctions_lag(person, now) == pytest.approx(0.31)
    now["relieved"] = 0.6
    assert front.next_sanctions_lag(person, now) == pytest.approx(0.3)


def test_each_side_reads_the_front_in_its_favour():
    person = member(optimism=[0.05, 0.07])
    assert front.read_front(person, Side.R, 0.1) == pytest.approx(0.15)
    assert front.read_front(person, Side.U, 0.1) == pytest.approx(0.03)


def test_expectations_stay_on_the_scale():
    person = member(expected=[0.72] * VALUED, slope=[0.35] * VALUED)
    assert front.expected(person, 0, 0.2) == pytest.approx(0.79)
    assert front.expected(person, 0, 5.0) == 1.0
    assert front.expected(person, 0, -5.0) == 0.0


LEVERS = {"offer": [0.1, 0.2, 0.3, 0.4, 0.5], "named": [1, 1, 1, 1, 0]}
CHANGES = {
    "nothing": ({}, None),
    "another place": ({"offer": [0.1, 0.2, 0.3, 0.6, 0.5]}, Issue.FORCE_LIMITS),
    "now deferred": ({"named": [0, 1, 1, 1, 0]}, Issue.TERRITORY),
    "now named": ({"named": [1, 1, 1, 1, 1]}, Issue.NUCLEAR_PLANT),
    "the alliance conceded": ({"concede_nato": True}, Issue.NATO),
    "recognition conceded": ({"concede_recognition": True}, Issue.RECOGNITION),
}


@pytest.mark.parametrize(("change", "issue"), CHANGES.values(), ids=CHANGES)
def test_the_issue_whose_lever_changed_is_put_on_the_table_anew_and_no_other(change, issue):
    """The mediator had moved every issue to .9; what the levers say anew undoes that."""
    person = member(conceded_position=0.75)
    before, after = policy(**LEVERS), policy(**{**LEVERS, **change})
    package = record(PACKAGE, x=[0.9] * ISSUES, named=[1] * ISSUES)
    mediator.change_package(person, before, after, package)
    fresh = record(PACKAGE)
    mediator.table_package(person, after, fresh)
    for k in range(OFFERED):
        if k == issue:
            assert package["x"][k] == fresh["x"][k]
            assert package["named"][k] == fresh["named"][k]
            assert package["conceded"][k] == fresh["conceded"][k]
        else:
            assert (package["x"][k], package["named"][k], package["conceded"][k]) == (0.9, 1, 0)


def test_what_is_conceded_in_advance_is_out_of_the_package_where_it_was_conceded_to():
    person = member(conceded_position=0.75)
    for lever, place in (("concede_nato", Issue.NATO), ("concede_recognition", Issue.RECOGNITION)):
        package = record(PACKAGE, conceded=[1] * ISSUES, named=[1] * ISSUES, x=[0.9] * ISSUES)
        mediator.table_package(person, policy(**LEVERS, **{lever: True}), package)
        assert package["conceded"].tolist() == [int(k == place) for k in range(ISSUES)]
        offered = {issue.name.lower(): x for issue, x in zip(Issue, LEVERS["offer"], strict=False)}
        named = dict.fromkeys(list(offered)[:4], 1)
        conceded = place.name.lower()
        assert package["named"].tolist() == by_issue(**named | {conceded: 0})
        assert package["x"].tolist() == by_issue(**offered | {conceded: 0.75})


@pytest.mark.parametrize(("named", "limits"), [(True, 0.4), (False, 0.0)])
def test_forces_are_limited_only_if_their_limits_are_named(named, limits):
    package = record(PACKAGE)
    package["x"][Issue.FORCE_LIMITS], package["named"][Issue.FORCE_LIMITS] = 0.4, named
    levers = policy(relief=0.6, relief_on_signature=0.5)
    mediator.complete_package(member(), state(), levers, package)
    assert package["force_limits"] == limits
    assert package["relief"] == 0.6
    assert package["relief_now"] == pytest.approx(0.3)
    there = by_issue(force_limits=named, guarantees=named, sanctions=named)
    assert package["named"].tolist() == there


@pytest.mark.parametrize(("relief", "at_once", "snapback", "place"), [
    (0.0, 0.0, 0.7, 0.5), (0.8, 0.0, 1.0, 0.5), (0.8, 0.0, 0.0, 0.9), (0.8, 1.0, 0.7, 0.9),
    (0.8, 0.25, 0.7, 0.5 + (0.2 + 0.6 * 0.3) / 2), (1.0, 0.5, 0.4, 0.5 + (0.5 + 0.5 * 0.6) / 2),
])  # fmt: skip
def test_sanctions_lie_where_the_relief_that_would_not_snap_back_puts_them(
    relief, at_once, snapback, place
):
    """All of what is paid at signature, and of what follows what would not be taken back."""
    levers, package = policy(relief=relief, relief_on_signature=at_once), record(PACKAGE)
    mediator.complete_package(member(snapback=snapback), state(), levers, package)
    assert package["x"][Issue.SANCTIONS] == pytest.approx(place)
    assert package["relief"] == relief
    assert package["relief_now"] == pytest.approx(relief * at_once)


def test_talks_resume_on_the_day_on_which_they_are_said_to():
    person, paused = member(round_rate=1.0, direct_rate=1.0), state(talks_resume=9)
    for number, resumed in ((8, False), (9, True), (10, True)):
        clock = record(CLOCK, day=number, dated_round=True)
        assert (mediator.round_rate(person, paused, number) > 0.0) == resumed
        assert (mediator.direct_talk_rate(person, paused, number) > 0.0) == resumed
        assert mediator.round_is_due(paused, clock) == resumed


def test_no_round_is_due_while_a_truce_is_agreed():
    asked = state(extension_asked=True, truce_starts=4)
    assert not mediator.round_is_due(asked, record(CLOCK, day=3, dated_round=True))


def test_what_is_left_after_a_refusal_counts_as_far_as_one_is_feared():
    """Half a chance of 1, and half of -.2, is worth more than a chance in ten of 3."""
    worth = mediator.expected_worth
    assert worth(0.5, 1.0, 1.0, -0.2) > worth(0.1, 1.0, 3.0, -0.2)
    assert worth(0.5, 1.0, 1.0, 0.9) < worth(0.1, 1.0, 5.0, 0.9)


def test_blame_patience_and_the_chance_of_a_pause_stay_on_their_scales():
    person = member(blame=0.3, pause_hazard=0.4, pause_holiday=5.0, progress_condition=0.5)
    against_r = after_round(Answer.REJECT, Answer.ACCEPT)
    against_u = after_round(Answer.ACCEPT, Answer.REJECT)
    assert mediator.next_tilt(person, state(tilt=0.1), against_r) == 0.0
    assert mediator.next_tilt(person, state(tilt=0.9), against_u) == 1.0
    assert mediator.pause_chance(person, state(), True) == 1.0
    assert mediator.next_progress(person, state(progress=0.9), 2, False) == 1.0


def test_what_is_said_in_no_round_or_to_no_mediator_earns_no_blame():
    person, refused = member(blame=0.3), {"answer": [Answer.REJECT, Answer.ACCEPT]}
    for occasion in ({"round_held": True}, {"mediated": True}):
        assert mediator.next_tilt(person, state(), a_day(**refused, **occasion)) == 0.5
