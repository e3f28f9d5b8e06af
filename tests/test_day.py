"""A day applied: how each state moves by what was decided, and what a world's row keeps of it."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.builders import (
    DAY,
    MEMBER,
    START,
    STATE,
    a_day,
    by_issue,
    ensemble,
    member,
    policy,
    record,
    start,
    state,
)

from sim.engine import domain
from sim.engine.domain import NONE, VALUED, Answer, Issue, Outcome, Side, TruceEnd
from sim.engine.records import CLOCK, PACKAGE
from sim.engine.row import ROW
from sim.engine.rules import day, mediator, price, rows, standing
from sim.inputs.scenario import load_scenario
from sim.mesa_model import CeasefireModel
from sim.montecarlo import Plan

R, U = Side.R, Side.U


def worn(dtype, value=9):
    """A record that was used before and not cleaned."""
    return record(dtype, **dict.fromkeys(dtype.names, value))


def one_member(person):
    """An ensemble of one, in which the mediator takes both for eager."""
    return ensemble(np.array([person], MEMBER), np.array([start(resolve_mean=-5.0)], START))


def plain(values):
    return {field: values[field].tolist() for field in values.dtype.names}


def test_worlds_take_the_members_in_turn_four_worlds_each():
    assert [day.member_of(world, 3) for world in (0, 3, 4, 11, 12, 17)] == [0, 0, 1, 2, 0, 1]


def test_a_world_begins_where_its_member_stands():
    given = start(momentum=0.1, sanctions=0.2, sanctions_lag=0.15, coerced=0.12, tilt=0.6,
                  progress=0.3,
                  trust=0.4, patience=0.5, kept=[1.0, 2.0, 3.0], lapsed=[4.0, 5.0, 6.0],
                  resolve_mean=[0.7, 0.8], resolve_variance=[0.01, 0.02], strike=[0.03, 0.04],
                  pledge=[0.1, 0.2, 0.3, 0.4, 0.5], stance=[0.5, 0.6, 0.7, 0.8, 0.9],
                  last_answer=[1, 0], condition_days=[5, 1 << 59], executed=[0.1, 0.2, 0.3],
                  aid_cut=0.35, relieved=0.05, pause_until=2, pause_mirrored=True,
                  extension_asked=True, partial_scope=1, partial_starts=-4,
                  partial_day=4, mediator_left=True, review_due=False, backstop_seen=0.3,
                  talks_resume=3, truce_starts=2, truce_day=7,
                  incidents=np.arange(28.0).reshape(4, 7))  # fmt: skip
    now = worn(STATE)
    person = member(progress_halflife_days=2.0)
    standing.begin(person, given, policy(backstop=0.4), now)
    nothing = state(
        **{field: given[field] for field in START.names if field in STATE.names},
        progress_kept=0.5**0.5,
        day=1,
        strike_told=[0.53, 0.54],
        patience_told=0.5,
    )
    assert plain(now) == plain(nothing)


def test_what_was_coerced_travels_from_evening_to_morning():
    kept, now = worn(START), state(coerced=0.17, sanctions=0.5)
    standing.snapshot(now, policy(), record(PACKAGE), 5, kept)
    assert (kept["coerced"], kept["sanctions"]) == (0.17, 0.5)
    morning = worn(STATE)
    standing.begin(member(), kept, policy(), morning)
    assert (morning["coerced"], morning["day"]) == (0.17, 1)


def test_each_day_of_a_world_is_known_to_its_state():
    """A threat's weight depends on how near its day is."""
    model = CeasefireModel("baseline", 1, 3, ensemble=one_member(member()))
    assert model.state.day == 1
    seen = []
    decide = model.decide

    def decided():
        seen.append(int(model.state.day))
        decide()

    model.decide = decided
    while model.running and model.day < 30:
        model.step()
    assert seen == list(range(1, model.day + 1))


def test_a_day_opens_with_nothing_decided():
    today = worn(DAY)
    day.open_day(today)
    read_only_if_decided = {"first_mover", "answer", "blocked_issue", "gain", "felt",
                            "accept_believed", "condition_believed", "p_other_accepts",
                            "pledge", "stance", "bite", "shock", "calendar",
                            "imposed", "happened", "announced"}  # fmt: skip
    nothing = plain(a_day())
    for field, value in plain(today).items():
        assert field in read_only_if_decided or value == nothing[field]


def test_the_clock_turns_to_the_marks_of_the_day_and_keeps_the_last_ones():
    calendar = np.array([7, domain.REVIEW, domain.HOLIDAY, domain.DATED_ROUND, domain.REVIEW])
    clock = record(CLOCK, seed=3, world=8)
    found = []
    for _ in range(6):
        day.turn(clock, calendar)
        found.append((clock["day"], clock["review"], clock["holiday"], clock["dated_round"]))
    yes, no = True, False
    assert found[:3] == [(1, yes, no, no), (2, no, yes, no), (3, no, no, yes)]
    assert found[3:] == [(4, yes, no, no), (5, yes, no, no), (6, yes, no, no)]


@pytest.mark.parametrize(
    ("number", "truce_starts", "outcome", "goes"),
    [
        (9, NONE, NONE, True),
        (10, NONE, NONE, False),
        (10, 11, NONE, True),
        (25, 0, NONE, True),
        (9, 5, Outcome.HELD, False),
    ],
)
def test_a_world_goes_on_to_the_horizon_or_to_the_end_of_a_truce(
    number, truce_starts, outcome, goes
):
    now, row = state(truce_starts=truce_starts), record(ROW, outcome=outcome)
    assert bool(day.goes_on(record(CLOCK, day=number), 10, now, row)) == goes


def test_a_truce_is_in_force_from_the_day_on_which_it_takes_effect():
    agreed = state(truce_starts=5)
    assert [bool(day.in_truce(agreed, number)) for number in (4, 5, 6)] == [False, True, True]
    assert not day.in_truce(state(), 5)


def test_answers_to_the_mediator_are_kept_and_conditions_for_sixty_days():
    now = state(condition_days=[1 << 59, 0b101])
    said = a_day(round_held=True, mediated=True, answer=[Answer.CONDITION, Answer.REJECT])
    day.remember_answers(now, said)
    assert now["condition_days"].tolist() == [1, 0b1010]
    assert now["last_answer"].tolist() == [Answer.CONDITION, Answer.REJECT]
    day.remember_answers(now, a_day(mediated=True, answer=[Answer.ACCEPT, Answer.CONDITION]))
    assert now["condition_days"].tolist() == [0b10, 0b10100]
    assert now["last_answer"].tolist() == [Answer.CONDITION, Answer.REJECT]


@pytest.mark.parametrize(
    ("held", "said", "raised"),
    [
        (True, [Answer.REJECT, Answer.CONDITION], [0.3, 0.0]),
        (True, [Answer.ACCEPT, Answer.REJECT], [0.0, 0.3]),
        (False, [Answer.REJECT, Answer.REJECT], [0.0, 0.0]),
    ],
)
def test_the_front_and_each_sides_strikes_move_by_luck_of_their_own(held, said, raised):
    person = member(strike_persistence=0.5, strike_rejection=0.3, strike_sd=0.2, front_sd=0.1,
                    front_reversion=0.0, sanctions_lag_days=10.0)  # fmt: skip
    now = state(momentum=0.2, strike=[0.4, 0.8], sanctions=0.5, sanctions_lag=0.3)
    ground, by_r, by_u = shock = [0.7, -1.1, 1.9]
    day.apply_front(person, now, policy(), a_day(round_held=held, answer=said, shock=shock))
    assert now["momentum"] == pytest.approx(0.2 + 0.1 * ground)
    assert now["sanctions_lag"] == pytest.approx(0.32)
    assert now["strike"][R] == pytest.approx(0.2 + raised[R] + 0.2 * by_r)
    assert now["strike"][U] == pytest.approx(0.4 + raised[U] + 0.2 * by_u)


def after_talks(person=None, before=None, levers=None, **decided):
    person = person or member()
    now = state(progress_kept=mediator.progress_kept(person), **(before or {}))
    clock = record(CLOCK, day=3)
    day.apply_talks(clock, person, now, levers or policy(), a_day(**decided))
    return now


def test_patience_and_progress_move_by_what_they_were_yesterday():
    person = member(patience_progress=0.1, progress_halflife_days=1.0, progress_condition=0.2,
                    direct_progress=0.3, tilt_return=0.1, strike_sympathy=0.0)  # fmt: skip
    before, levers = {"patience": 0.5, "progress": 0.4, "tilt": 0.7}, policy(patience_days=50.0)
    now = after_talks(person, before, levers, direct_talk=True)
    assert now["patience"] == pytest.approx(0.5 - 0.02 + 0.04)
    assert now["tilt"] == pytest.approx(0.7 - 0.04)
    assert now["progress"] == pytest.approx(0.2 + 0.3)
    said = {"round_held": True, "answer": [Answer.CONDITION, Answer.CONDITION]}
    talked_in_a_round = after_talks(person, before, levers, direct_talk=True, **said)
    assert talked_in_a_round["progress"] == pytest.approx(0.2 + 2 * 0.2)
    assert after_talks(person, before, levers)["progress"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("decided", "due"),
    [
        ({}, False),
        ({"met": [True, False, False]}, True),
        ({"met": [False, True, False]}, True),
        ({"lapsed": [True, False, False]}, True),
        ({"lapsed": [False, True, False]}, True),
        ({"met": [False, False, True], "lapsed": [False, False, True]}, False),
        ({"met": [True, False, False], "breach": True}, False),
        ({"round_held": True, "answer": [Answer.ACCEPT, Answer.ACCEPT]}, True),
        ({"round_held": True, "answer": [Answer.ACCEPT, Answer.REJECT]}, False),
        ({"answer": [Answer.ACCEPT, Answer.ACCEPT]}, False),
    ],
)
def test_blocs_review_after_a_sanctions_threat_fell_due_or_an_agreement(decided, due):
    assert bool(after_talks(before={"review_due": True}, **decided)["review_due"]) == due


def test_stands_are_taken_on_a_day_of_review_only():
    taken = after_talks(reviewed=True, pledge=[0.9] * 5, levers=policy(backstop=0.6))
    assert taken["pledge"].tolist() == [0.9] * 5
    assert taken["backstop_seen"] == 0.6
    left = after_talks(pledge=[0.9] * 5)
    assert left["pledge"].tolist() == [0.5] * 5


def test_a_mediator_that_leaves_is_gone_for_good():
    assert not after_talks()["mediator_left"]
    assert after_talks(mediator_leaves=True)["mediator_left"]
    assert after_talks(before={"mediator_left": True})["mediator_left"]


def test_resolve_is_learnt_in_mediated_rounds_only():
    said = {
        "answer": [Answer.REJECT] * 2,
        "p_other_accepts": [1.0, 1.0],
        "accept_believed": [0.5, 0.5],
        "felt": [1.0, 1.0],
    }
    for held, mediated in ((True, False), (False, True), (False, False)):
        untaught = after_talks(round_held=held, mediated=mediated, **said)
        assert untaught["resolve_mean"].tolist() == [0.0, 0.0]
    taught = after_talks(round_held=True, mediated=True, **said)
    assert (taught["resolve_mean"] > 0.0).all()


def test_what_fell_due_is_believed_carried_out_and_its_clock_runs_on():
    threatened = policy(threat=[0.5, 0.4, 0.0])
    before = {"threat_since": [0, NONE, 1]}
    now = after_talks(member(belief_forgetting=0.0), before, threatened,
                      met=[True, False, False], bite=[0.2, 0.0, 0.0])  # fmt: skip
    assert now["kept"].tolist() == [5.0, 4.0, 4.0]
    assert now["sanctions"] == pytest.approx(0.5)
    assert now["threat_since"].tolist() == [0, 3, NONE]


def test_a_pause_that_both_keep_is_a_day_of_quiet_up_to_its_end():
    person = member(pause_days=2.0, trust_day=0.1)
    for mirrored, trusts in ((True, [0.25, 0.35, 0.45, 0.45]), (False, [0.25] * 4)):
        now = state(trust=0.25)
        found = []
        for number in (5, 6, 7, 8):
            today = a_day(pause_declared=number == 5, pause_mirrored=mirrored and number == 5)
            day.apply_pause(record(CLOCK, day=number), person, now, today)
            found.append(float(now["trust"]))
            assert (now["pause_until"] != NONE) == (number < 7)
        assert found == pytest.approx(trusts)
    full = state(trust=0.95, pause_until=9, pause_mirrored=True)
    day.apply_pause(record(CLOCK, day=6), person, full, a_day())
    assert full["trust"] == 1.0


def test_a_partial_truce_that_a_side_ends_is_over_and_its_relief_with_it():
    now = state(partial_scope=1, partial_starts=4, partial_day=3, sanctions=0.8, relieved=0.2)
    arguments = (member(partial_price=[0.0, 0.5, 0.0]), now, record(PACKAGE, relief_now=0.5))
    day.apply_partial(record(CLOCK, day=3), *arguments, a_day(partial_ends=True))
    assert (now["partial_scope"], now["partial_day"], now["relieved"]) == (1, 3, 0.2)
    day.apply_partial(record(CLOCK, day=4), *arguments, a_day())
    assert (now["partial_scope"], now["partial_day"], now["relieved"]) == (1, 4, 0.2)
    day.apply_partial(record(CLOCK, day=5), *arguments, a_day(partial_ends=True))
    assert (now["partial_scope"], now["partial_day"], now["relieved"]) == (NONE, 5, 0.0)


def test_a_day_of_truce_moves_the_week_of_incidents_and_trust():
    person = member(trust_incident=0.01, trust_day=0.02)
    week = np.arange(28.0).reshape(4, 7)
    now = state(truce_starts=2, truce_day=6, trust=0.5, incidents=week)
    arguments = (person, now, policy(), record(PACKAGE))
    day.apply_truce(record(CLOCK, day=8), *arguments, a_day(incidents=[1.0, 2.0, 3.0, 4.0]))
    assert now["incidents"][:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert (now["incidents"][:, 1:] == week[:, :-1]).all()
    assert now["trust"] == pytest.approx(0.4)
    assert now["truce_day"] == 7
    assert now["truce_starts"] == 2
    day.apply_truce(record(CLOCK, day=9), *arguments, a_day())
    assert now["trust"] == pytest.approx(0.42)


def test_relief_that_is_taken_back_during_a_truce_is_lost_to_the_front_as_to_the_sides():
    now = state(truce_starts=2, truce_day=6, sanctions=0.8, relieved=0.4)
    part = state(partial_scope=1, partial_starts=2, partial_day=6, sanctions=0.8, relieved=0.2)
    person = member(partial_price=[0.0, 0.5, 0.0])
    for offered, full, half in ((0.5, 0.4, 0.2), (0.1, 0.08, 0.04), (0.0, 0.0, 0.0)):
        package = record(PACKAGE, relief_now=offered)
        day.apply_truce(record(CLOCK, day=8), person, now, policy(), package, a_day())
        day.apply_partial(record(CLOCK, day=8), person, part, package, a_day())
        assert now["relieved"] == pytest.approx(full)
        assert part["relieved"] == pytest.approx(half)


@pytest.mark.parametrize("honoured", [True, False])
def test_a_truce_that_ends_collapses_and_an_honoured_backstop_turns_the_front(honoured):
    person = member(trust_collapse_share=0.5, trust_incident=0.1, punishment_shift=0.5,
                    collapse_pause_days=10.0)  # fmt: skip
    now = state(truce_starts=2, truce_day=6, trust=0.5, momentum=0.3)
    package = record(PACKAGE, guarantee=0.4)
    today = a_day(truce_ends=TruceEnd.INCIDENT, breaker=R, incidents=[1, 0, 0, 0],
                  backstop_honoured=honoured)  # fmt: skip
    day.apply_truce(record(CLOCK, day=8), person, now, policy(backstop=1.0), package, today)
    assert now["trust"] == pytest.approx((0.5 - 0.1) * 0.5)
    assert now["truce_starts"] == NONE
    assert now["talks_resume"] == 19
    assert now["momentum"] == pytest.approx(0.1 if honoured else 0.3)


@pytest.mark.parametrize(("said", "starts"), [([0, 0], 9), ([0, 1], NONE), ([2, 0], NONE)])
def test_what_both_accept_begins_on_the_next_day(said, starts):
    now = state()
    today = a_day(round_held=True, answer=said)
    day.apply_day(record(CLOCK, day=8), member(), now, policy(), record(PACKAGE), today)
    assert now["truce_starts"] == starts
    assert now["truce_day"] == 0


def test_a_row_opens_with_nothing_entered():
    row = worn(ROW)
    rows.open_row(7, 3, row)
    entered = {field: int(row[field]) for field in ROW.names[:13]}
    counts = ("truce_days", "full_truces", "partial_truces", "short_truces", "unilateral_pauses")
    assert (entered.pop("world"), entered.pop("member")) == (7, 3)
    assert [entered.pop(field) for field in counts] == [0] * 5
    assert set(entered.values()) == {NONE}
    assert row["worth"].tolist() == [0.0, 0.0]
    terms = [*row["signed"], row["signed_guarantee"], row["signed_relief"]]
    assert np.isnan(terms).all()


def entered(*days, before=None, person=None, levers=None, package=None):
    row = record(ROW)
    rows.open_row(7, 3, row)
    seen = (person or member(), before or state(), levers or policy(), package or record(PACKAGE))
    for today in days:
        rows.record(record(CLOCK, day=9), *seen, today, row)
    return row


def test_pauses_are_counted_and_those_that_both_keep():
    alone, kept = a_day(pause_declared=True), a_day(pause_declared=True, pause_mirrored=True)
    row = entered(alone, kept, alone, a_day(pause_mirrored=True), a_day())
    assert (row["unilateral_pauses"], row["short_truces"], row["truce_days"]) == (3, 1, 0)


@pytest.mark.parametrize(("starts", "counted"), [(8, 0), (9, 1), (10, 0)])
def test_a_partial_truce_is_counted_on_the_day_on_which_it_takes_effect(starts, counted):
    agreed = state(partial_scope=0, partial_starts=starts)
    assert entered(a_day(), before=agreed)["partial_truces"] == counted
    overtaken = state(partial_starts=starts)
    assert entered(a_day(), before=overtaken)["partial_truces"] == 0


@pytest.mark.parametrize(("day_of_truce", "outcome"), [(27, NONE), (28, NONE), (29, Outcome.HELD)])
def test_the_thirtieth_day_of_a_truce_makes_a_world_held(day_of_truce, outcome):
    row = entered(a_day(), before=state(truce_starts=2, truce_day=day_of_truce))
    assert row["truce_days"] == 1
    assert row["outcome"] == outcome
    assert row["ended_by"] == (TruceEnd.EXPIRY if outcome == Outcome.HELD else NONE)


def test_a_truce_that_ends_on_its_thirtieth_day_has_not_held():
    broken = a_day(truce_ends=TruceEnd.EXIT, breaker=U)
    row = entered(broken, before=state(truce_starts=2, truce_day=29))
    assert (row["truce_days"], row["outcome"]) == (0, NONE)
    assert (row["ended_by"], row["broke_first"]) == (TruceEnd.EXIT, U)


def test_a_truce_that_holds_was_broken_by_nobody_though_one_before_it_was():
    broken, quiet = a_day(truce_ends=TruceEnd.EXIT, breaker=U), a_day()
    row = entered(broken, quiet, before=state(truce_starts=2, truce_day=29))
    assert (row["ended_by"], row["broke_first"]) == (TruceEnd.EXPIRY, NONE)


@pytest.mark.parametrize(
    ("outcome", "full", "left", "partial", "named"),
    [
        (Outcome.HELD, 2, True, 1, Outcome.HELD),
        (NONE, 1, True, 1, Outcome.COLLAPSED),
        (NONE, 0, True, 1, Outcome.WALKED_AWAY),
        (NONE, 0, False, 1, Outcome.PARTIAL_ONLY),
        (NONE, 0, False, 0, Outcome.NO_TRUCE),
    ],
)
def test_a_world_ends_in_the_first_outcome_that_applies(outcome, full, left, partial, named):
    row = record(ROW, outcome=outcome, full_truces=full, partial_truces=partial)
    rows.close_row(member(), state(mediator_left=left), policy(), record(PACKAGE), 0, row)
    assert row["outcome"] == named


def test_a_row_closes_with_where_things_stand():
    row, package, person = record(ROW), record(PACKAGE), member(snapback=0.75)
    package["named"][Issue.NATO], package["x"][Issue.NATO] = True, 0.25
    now = state(momentum=0.5, sanctions=0.75, relieved=0.25, pledge=1.0)
    levers = policy(ambition=0.5, backstop=1.0, relief=0.5)
    rows.close_row(person, now, levers, package, 0, row)
    nan = float("nan")
    places = by_issue(nan, nato=0.25, guarantees=0.5, sanctions=0.5 + 0.5 * 0.25 / 2)[:VALUED]
    assert np.array_equal(row["x"], np.array(places, "f4"), equal_nan=True)
    assert (row["momentum_end"], row["sanctions_end"], row["guarantee_end"]) == (0.5, 0.5, 0.5)


# ------------------------------------------------------------------ on which terms, at what price


def test_the_terms_of_a_signature_are_entered_where_they_are_named():
    package = record(PACKAGE, guarantee=0.25, relief=0.5)
    package["named"][[Issue.TERRITORY, Issue.NATO]] = True
    package["x"][: len(Issue)] = 0.75
    both = a_day(round_held=True, answer=[Answer.ACCEPT, Answer.ACCEPT])
    row = entered(both, package=package)
    nan = float("nan")
    expected = by_issue(nan, territory=0.75, nato=0.75)[: domain.OFFERED]
    assert np.array_equal(row["signed"], np.array(expected, "f4"), equal_nan=True)
    assert (row["signed_guarantee"], row["signed_relief"]) == (0.25, 0.5)


@pytest.mark.parametrize("decided", [
    {"answer": [Answer.ACCEPT, Answer.REJECT], "round_held": True},
    {"answer": [Answer.ACCEPT, Answer.ACCEPT]}, {"partial_scope": 1},
])  # fmt: skip
def test_what_is_no_full_truce_signs_nothing(decided):
    package = record(PACKAGE, named=[1] * len(Issue), x=0.75, guarantee=0.25, relief=0.5)
    row = entered(a_day(**decided), package=package)
    assert np.isnan([*row["signed"], row["signed_guarantee"], row["signed_relief"]]).all()


def test_the_last_signature_counts():
    row, first, last = record(ROW), record(PACKAGE, relief=0.5), record(PACKAGE, relief=0.25)
    rows.open_row(7, 3, row)
    first["named"][Issue.TERRITORY], first["x"][Issue.TERRITORY] = True, 0.75
    last["named"][Issue.NATO], last["x"][Issue.NATO] = True, 0.5
    both = a_day(round_held=True, answer=[Answer.ACCEPT, Answer.ACCEPT])
    for number, package in ((9, first), (50, last)):
        clock = record(CLOCK, day=number)
        rows.record(clock, member(), state(), policy(), package, both, row)
    assert np.isnan(row["signed"][Issue.TERRITORY])
    assert (row["signed"][Issue.NATO], row["signed_relief"]) == (0.5, 0.25)


AT_WAR = {"fighting_cost": [0.12, 0.15], "sanctions_burden": 0.3, "aid_loss": 0.1,
          "aid_cost_to_enemy": 0.5, "war_months": 10.0}  # fmt: skip
"""With arms at 1.5 fighting costs R .12 (1 + .5 .5) and U .15 - .1 .5, for ten months."""
FIGHT = (0.12 * 1.25, 0.15 - 0.1 * 0.5)


def test_a_day_of_war_costs_its_part_of_what_fighting_on_and_sanctions_do():
    """Only R is under sanctions."""
    person, levers = member(**AT_WAR), policy(aid_level=1.5)
    for side, cost in ((R, FIGHT[R] + 0.3 * 0.4), (U, FIGHT[U])):
        a_day_costs = price.day_of_war(person, state(), levers, side, 0.4)
        assert a_day_costs == pytest.approx(cost / 300.0)


@pytest.mark.parametrize(
    ("before", "days"),
    [
        ({}, 3),
        ({"truce_starts": 10}, 3),
        ({"truce_starts": 9}, 0),
        ({"truce_starts": 2, "truce_day": 7}, 0),
        ({"partial_scope": 1, "partial_starts": 2}, 3),
        ({"pause_until": 11, "pause_mirrored": True}, 3),
    ],
)
def test_war_is_paid_for_on_every_day_that_no_full_truce_is_in_force(before, days):
    """Today is the ninth; a truce agreed for tomorrow spares nothing today."""
    person, levers, now = member(**AT_WAR), policy(aid_level=1.5), state(sanctions=0.6, **before)
    row = entered(a_day(), a_day(), a_day(), before=now, person=person, levers=levers)
    paid = [-days * (FIGHT[R] + 0.3 * 0.6) / 300.0, -days * FIGHT[U] / 300.0]
    assert row["worth"] == pytest.approx(paid, rel=1e-6)


def land_alone(**values):
    """Land alone counts; R would have it, U too; war leaves it at .7 + .4 momentum."""
    only = np.zeros((2, len(Issue)))
    only[:, Issue.TERRITORY] = 1.0
    plain = {"weight": only, "expected": np.full(VALUED, 0.7), "slope": 0.4, "optimism": 0.0,
             "audience_cost": 0.5, "red_line": [[0.8] * len(Issue), [0.3] * len(Issue)],
             "settlement_base": -0.5, "settlement_trust": 0.8, "settlement_guarantee": 1.0,
             "settlement_named": 2.0, "coerced_lift": 0.75, **AT_WAR}  # fmt: skip
    return member(**{**plain, **values})


def ahead_of(person, now, levers, package, outcome, days_left=0):
    return [
        price.worth_ahead(person, now, levers, package, side, outcome, days_left) for side in (R, U)
    ]


@pytest.mark.parametrize(
    "outcome", [Outcome.COLLAPSED, Outcome.WALKED_AWAY, Outcome.PARTIAL_ONLY, Outcome.NO_TRUCE]
)
def test_where_no_truce_holds_the_war_lies_ahead(outcome):
    """At the true momentum, however each side reads it, whatever the package and the resolve."""
    package = record(PACKAGE, x=0.6, named=[1] * len(Issue), relief=1.0, guarantee=1.0)
    now, levers = state(momentum=0.25, sanctions=0.6, coerced=0.2, trust=0.5), policy(aid_level=1.5)
    for values in ({}, {"optimism": [0.2, 0.3]}, {"resolve": [0.4, -0.2]}):
        found = ahead_of(land_alone(**values), now, levers, package, outcome)
        war = [-(1.0 - 0.8) - FIGHT[R] - 0.3 * 0.6, -0.8 - FIGHT[U]]
        assert found == pytest.approx(war)


@pytest.mark.parametrize("x", [0.9, 0.6, None])
def test_where_a_truce_holds_the_package_lies_ahead_settled_or_not(x):
    """With what a settlement would leave of sanctions, less what was signed beyond red lines."""
    person = land_alone(ideal=[[1.0] * len(Issue), [0.5] * len(Issue)])
    now, levers = state(momentum=0.25, sanctions=0.6, coerced=0.2, trust=0.5), policy(aid_level=1.5)
    package = record(PACKAGE, relief=0.5, guarantee=0.25)
    place, named = (0.8, 0.0) if x is None else (x, 1.0)
    if x is not None:
        package["named"][Issue.TERRITORY], package["x"][Issue.TERRITORY] = True, x
    met = [max(0.0, 1 - (1 - place) / 0.2), max(0.0, 1 - abs(place - 0.5) / 0.3)]
    z = -0.5 + 0.8 * 0.5 + 1.0 * 0.25 + 2.0 * named * min(met) * (x is not None)
    chance = 1 / (1 + np.exp(-z))
    left = 0.4 * 0.5 + 0.2 * 0.25
    fallback = [-0.2 - FIGHT[R] - 0.3 * 0.6, -0.3 - FIGHT[U]]
    settled = [-(1.0 - place) - 0.3 * left, -abs(place - 0.5)]
    audience = [0.5 * max(0.0, 0.8 - place) * named, 0.5 * max(0.0, place - 0.3) * named]
    expected = [
        chance * settled[side] + (1 - chance) * fallback[side] - audience[side] for side in (R, U)
    ]
    assert ahead_of(person, now, levers, package, Outcome.HELD) == pytest.approx(expected)
    days = np.array([FIGHT[R] + 0.3 * 0.6, FIGHT[U]]) * 30 / 300.0
    later = np.array(expected) - (1 - chance) * days
    found = ahead_of(person, now, levers, package, Outcome.HELD, 30)
    assert found == pytest.approx(list(later))
    firm = person.copy()
    firm["resolve"] = [0.4, -0.2]
    assert ahead_of(firm, now, levers, package, Outcome.HELD) == pytest.approx(expected)


@pytest.mark.parametrize(("outcome", "truces"), [(Outcome.HELD, 1), (NONE, 0)])
def test_a_row_closes_with_what_was_paid_and_what_lies_ahead(outcome, truces):
    person, now, levers = land_alone(), state(momentum=0.25, sanctions=0.6), policy(aid_level=1.5)
    row, package = record(ROW, outcome=outcome, full_truces=truces), record(PACKAGE)
    row["worth"] = [-0.5, -0.25]
    rows.close_row(person, now, levers, package, 12, row)
    ahead = ahead_of(person, now, levers, package, int(row["outcome"]), 12)
    assert row["worth"] == pytest.approx([-0.5 + ahead[R], -0.25 + ahead[U]], rel=1e-6)


def a_world(person, days, **levers):
    """The row of the first world of one member, by the baseline but for these levers."""
    scenario = load_scenario("baseline").with_levers({"aid.level": 1.5, **levers})
    return Plan(scenario.with_horizon(days), one_member(person), 1, 1).block(0, 1)[0]


STILL = {"front_sd": 0.0, "front_reversion": 0.0, "round_rate": 0.0, "direct_rate": 0.0,
         "pause_hazard": 0.0, "walkaway_hazard": 0.0, "exit_hazard": 1e-12,
         "incident_rate": [0.0, 0.0], "retaliation": [0.0, 0.0]}  # fmt: skip


@pytest.mark.parametrize("resolve", [[0.0, 0.0], [0.7, -0.4]])
def test_a_world_of_war_is_worth_its_days_and_the_war_ahead(resolve):
    """Forty days without a round: the front stands still, sanctions stay at .3."""
    row = a_world(land_alone(**STILL, resolve=resolve), 40)
    assert row["outcome"] == Outcome.NO_TRUCE
    fight, burden = FIGHT, 0.3 * 0.3
    paid = [40 * (fight[R] + burden) / 300.0, 40 * fight[U] / 300.0]
    ahead = [-(1.0 - 0.7) - fight[R] - burden, -0.7 - fight[U]]
    assert row["worth"] == pytest.approx([a - b for a, b in zip(ahead, paid, strict=True)])


def test_a_world_of_peace_pays_for_the_days_before_the_truce_and_for_war_if_it_comes_back():
    """Both agree on the first day: one day of war, thirty of truce, and what then lies ahead.

    Nine days of the horizon are left, on which the war goes on unless there is a settlement.
    """
    eager = {**STILL, "round_rate": 1e9, "resolve": [-5.0, -5.0], "trust_day": 0.0}
    nothing = dict.fromkeys(("mandate.flexibility", "sanctions.relief", "guarantee.ambition"), 0.0)
    row = a_world(land_alone(**eager), 40, **nothing)
    assert (row["outcome"], row["first_truce_day"]) == (Outcome.HELD, 2)
    fight, burden = FIGHT, 0.3 * 0.3
    chance = 1 / (1 + np.exp(-(-0.5 + 0.8 * 0.25)))
    war = [-(1.0 - 0.7) - fight[R] - burden, -0.7 - fight[U]]
    peace = [-(1.0 - 0.7) - burden, -0.7]
    ahead = [chance * peace[side] + (1 - chance) * war[side] for side in (R, U)]
    days = 1 + (1 - chance) * 9
    paid = [days * (fight[R] + burden) / 300.0, days * fight[U] / 300.0]
    assert row["worth"] == pytest.approx([a - b for a, b in zip(ahead, paid, strict=True)])
