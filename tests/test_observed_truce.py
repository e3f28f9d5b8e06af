"""Truces, pauses, relief and the mediator's leaving in the record: imposed, paid for, carried on.

With no precision every answer has the chance 1/3, whatever it is worth, and no hazard speaks
unless a story gives it a number.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import start
from helpers.stories import (
    BUT,
    ENERGY,
    NO,
    THIRD,
    YES,
    Action,
    R,
    U,
    answer,
    array_of,
    live,
    quiet,
    story,
)

from sim.calibrate.observations import Ended, Kind
from sim.calibrate.observed_truce import comes_first
from sim.engine.domain import NONE, Issue, Issuer, Outcome, Public, Threat
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.inputs.agenda import DatedValue
from sim.native import run_block

STEADY = {"truce_settling": 1.0, "exit_slope": 0.0, "exit_cap": 9.0, "incident_rate": [0.0, 0.0],
          "retaliation": [0.0, 0.0]}  # fmt: skip
"""Every day of a truce is as dangerous as the next, and nothing happens but what a test adds."""
HAZARD = 0.02
AGREED = (answer(U, YES, 2, 2, 1), answer(R, YES, 4, 4, 0))
"""Kyiv accepts on the second day, Moscow on the fourth: a truce from the fifth on."""


def steady(**values):
    return quiet(**{**STEADY, **values})


def one(ends):
    return {name: np.asarray(ends[name][0]).tolist() for name in ends.dtype.names}


# ------------------------------------------------------------------ a full truce


@pytest.mark.parametrize("chances", [(0.2, 0.1, 0.4, 0.05), (0.9, 0.8, 0.7, 1.0), (0.3, 0, 0, 0)])
def test_what_comes_first_sums_to_the_chance_that_anything_comes(chances):
    """And each is what many days draw of it: the earliest of U / c below 1."""
    shares = [comes_first(chances[k], *(chances[j] for j in range(4) if j != k)) for k in range(4)]
    assert sum(shares) == pytest.approx(1.0 - math.prod(1.0 - c for c in chances))
    with np.errstate(divide="ignore"):
        times = np.random.default_rng(3).random((200_000, 4)) / np.array(chances)
    first = np.where(times.min(axis=1) < 1.0, times.argmin(axis=1), 4)
    drawn = np.bincount(first, minlength=5)[:4] / len(first)
    assert shares == pytest.approx(drawn, abs=0.005)


@pytest.mark.parametrize("days", [4, 5, 9])
def test_two_acceptances_of_one_round_are_a_truce_from_the_next_day_on(days):
    lived, ends = live(story(days, *AGREED), steady(exit_hazard=HAZARD))
    now = one(ends)
    assert now["truce_starts"] == (1 if days == 4 else 0)
    assert now["truce_day"] == max(0, days - 4)
    assert lived.reported[0] == pytest.approx([THIRD, THIRD])
    lasted = -2.0 * HAZARD * max(0, days - 4)
    assert lived.silent[0].sum() == pytest.approx(lasted)
    assert lived.excluded[0].sum() == 0.0


def test_two_acceptances_of_one_day_are_a_truce_too():
    both = story(6, answer(U, YES, 2, 2, 1), answer(R, YES, 2, 2, 0))
    assert one(live(both, steady())[1])["truce_day"] == 4
    refused = story(6, answer(U, YES, 2, 2, 1), answer(R, NO, 4, 4, 0))
    assert one(live(refused, steady())[1])["truce_starts"] == NONE


def test_a_truce_begins_on_the_day_that_was_named():
    named = [action._replace(starts=9) for action in AGREED]
    for days, starts, age in ((6, 3, 0), (8, 1, 0), (9, 0, 1), (12, 0, 4)):
        now = one(live(story(days, *named), steady())[1])
        assert (now["truce_starts"], now["truce_day"]) == (starts, age)


def test_the_truce_has_the_terms_that_lay_on_the_table():
    terms = {"offer.territory": 0.7, "offer.recognition": "deferred", "mandate.nato": False}
    later = DatedValue(6, "offer.territory", 0.2)
    _, ends = live(story(9, *AGREED, changes=[later], **terms), steady())
    now = one(ends)
    assert now["signed_named"][Issue.TERRITORY] == 1
    assert now["signed"][Issue.TERRITORY] == pytest.approx(0.7)
    assert now["signed_named"][Issue.RECOGNITION] == 0


def test_a_collapse_is_paid_by_who_broke_it_and_leaves_what_a_collapse_leaves():
    """Both walk out with the chance c: the first by R with c - c^2 / 2, by either with 2c - c^2."""
    c = 1.0 - math.exp(-HAZARD)
    broken = {R: c - c * c / 2.0, NONE: 2.0 * c - c * c}
    for who, chance in broken.items():
        end = Action(Kind.TRUCE_ENDS, who, float(Ended.UNTOLD), first=8)
        lived, ends = live(story(9, *AGREED, end), steady(exit_hazard=HAZARD), start(trust=0.5))
        assert lived.reported[0, 2] == pytest.approx(math.log(chance))
        assert lived.silent[0].sum() == pytest.approx(3 * -2.0 * HAZARD)
        now = one(ends)
        assert (now["truce_starts"], now["truce_day"], now["relieved"]) == (NONE, 0, 0.0)
        assert now["talks_resume"] > 0
        assert now["trust"] < 0.5


def test_a_collapse_by_incidents_needs_incidents():
    end = Action(Kind.TRUCE_ENDS, R, float(Ended.BY_INCIDENT), first=8)
    lived, _ = live(story(9, *AGREED, end), steady(exit_hazard=HAZARD))
    assert lived.reported[0, 2] == -math.inf
    noisy = steady(incident_rate=[40.0, 0.0], incident_monitoring=0.0, incident_trust=0.0,
                   incident_guarantee=0.0, patience_ends=0.5)  # fmt: skip
    lived, _ = live(story(9, *AGREED, end), noisy)
    assert -0.01 < lived.reported[0, 2] <= 0.0


def test_a_truce_that_was_not_in_force_cannot_collapse():
    end = Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=3)
    lived, _ = live(story(9, end), steady(exit_hazard=HAZARD))
    assert lived.reported[0, 0] == -math.inf


def test_a_truce_that_is_kept_ends_at_its_term_and_talks_go_on():
    for days, age, starts in ((33, 29, 0), (34, 0, NONE), (36, 0, NONE)):
        now = one(live(story(days, *AGREED), steady(), start(trust=0.0))[1])
        assert (now["truce_day"], now["truce_starts"]) == (age, starts)
        assert now["trust"] > 0.0
    assert now["talks_resume"] == 0


def test_talks_of_the_two_sides_in_a_truce_are_progress_as_at_any_time():
    talks = Action(Kind.DIRECT_TALK, R, first=7)
    told, untold = (one(live(story(8, *AGREED, *acts), steady())[1]) for acts in ([talks], []))
    assert told["progress"] > untold["progress"]
    assert told["truce_day"] == untold["truce_day"] == 4


def test_in_a_truce_nothing_is_paid_for_what_only_war_has():
    lived, _ = live(story(9, *AGREED), quiet(**STEADY, pause_hazard=0.1, walkaway_hazard=0.1))
    paid = lived.silent[0]
    assert (paid[1:4] < 0.0).all()
    assert (paid[5:] == 0.0).all()


@pytest.mark.parametrize("done", [0, 1])
def test_a_threat_on_breach_is_paid_on_the_day_of_the_breach(done):
    """Where the record tells of nothing it was let pass."""
    end = Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=8)
    acts = [Action(Kind.DECISION, int(Threat.MEDIATOR_SANCTIONS), 1.0, first=8)] * done
    levers = {"sanctions.on_breach": 0.5}
    lived, ends = live(story(9, *AGREED, end, *acts, **levers), steady(exit_hazard=HAZARD),
                       start(sanctions=0.2))  # fmt: skip
    now = one(ends)
    assert (now["sanctions"] > 0.2) == bool(done)
    words = "kept" if done else "lapsed"
    plain = one(live(story(9, *AGREED, end), steady(exit_hazard=HAZARD), start(sanctions=0.2))[1])
    assert now[words][Issuer.MEDIATOR] > plain[words][Issuer.MEDIATOR]
    assert (
        lived.log_weights[0]
        < live(story(9, *AGREED, end), steady(exit_hazard=HAZARD))[0].log_weights[0]
    )


def test_a_guarantor_that_acts_on_the_day_is_paid_and_one_that_acts_later_is_set():
    end = Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=8)
    levers = {"guarantee.us_backstop": 0.5, "guarantee.ambition": 0.8}
    who = steady(exit_hazard=HAZARD)
    kept = {}
    for day in (8, 10):
        acts = Action(Kind.GUARANTOR, first=day)
        lived, ends = live(story(12, *AGREED, end, acts, **levers), who)
        kept[day] = one(ends)["kept"][Issuer.BACKSTOP]
        assert (lived.reported[0, 3] < 0.0) == (day == 8)
    _, ends = live(story(12, *AGREED, end, **levers), who)
    assert min(kept.values()) > one(ends)["kept"][Issuer.BACKSTOP] + 0.5


# ------------------------------------------------------------------ partial truces and pauses


def test_a_partial_truce_that_a_side_ends_is_paid_and_gone():
    begun = start(partial_scope=ENERGY, partial_starts=0, partial_day=3)
    who = steady(partial_hazard=HAZARD)
    c = 1.0 - math.exp(-HAZARD)
    for side, chance in ((U, c), (NONE, 1.0 - (1.0 - c) ** 2)):
        lived, ends = live(story(5, Action(Kind.PARTIAL_ENDS, side, first=4)), who, begun)
        assert lived.reported[0, 0] == pytest.approx(math.log(chance))
        assert lived.silent[0].sum() == pytest.approx(3 * -2.0 * HAZARD)
        assert one(ends)["partial_scope"] == NONE
    lived, _ = live(story(5, Action(Kind.PARTIAL_ENDS, U, first=4)), who)
    assert lived.reported[0, 0] == -math.inf


def test_a_pause_by_side_u_is_set_and_one_by_side_r_is_paid():
    who = quiet(pause_hazard=0.01, pause_days=3.0)
    for side in (R, U):
        pause = Action(Kind.PAUSE, side, first=5)
        lived, ends = live(story(5, pause), who, start(patience=1.0))
        assert one(ends)["pause_until"] == 3
        assert (lived.reported[0, 0] < 0.0) == (side == R)


def test_whether_a_pause_was_kept_is_imposed_and_for_side_r_paid():
    who = quiet(pause_hazard=0.01, pause_days=3.0, precision=1.0)
    for side in (R, U):
        paid = {}
        for kept in (NONE, 0.0, 1.0):
            lived, ends = live(story(5, Action(Kind.PAUSE, side, kept, first=5)), who)
            paid[kept] = math.exp(lived.reported[0, 0])
            assert kept == NONE or one(ends)["pause_mirrored"] == bool(kept)
        if side == R:
            assert paid[0.0] + paid[1.0] == pytest.approx(paid[NONE])
            assert min(paid.values()) > 0.0
        else:
            assert set(paid.values()) == {1.0}


# ------------------------------------------------------------------ the mediator


def test_a_mediator_that_leaves_is_paid_and_gone_until_it_returns():
    leaves, returns = Action(Kind.MEDIATOR_LEAVES, first=3), Action(Kind.MEDIATOR_RETURNS, first=6)
    who = quiet(walkaway_hazard=HAZARD)
    lived, ends = live(story(5, leaves), who, start(patience=1.0))
    fresh = [HAZARD * (1.0 + day / 90.0) for day in range(3)]
    assert lived.reported[0, 0] == pytest.approx(math.log(fresh[2]))
    assert lived.silent[0].sum() == pytest.approx(sum(math.log(1.0 - h) for h in fresh[:2]))
    assert one(ends)["mediator_left"]
    back = one(live(story(6, leaves, returns), who)[1])
    assert (back["mediator_left"], back["patience"]) == (False, 1.0)


def test_without_a_mediator_rounds_are_those_of_the_two_sides():
    gone = start(mediator_left=True)
    _, ends = live(story(4, answer(R, BUT)), quiet(), gone)
    assert one(ends)["last_answer"] == [NONE, NONE]
    lived, _ = live(story(4, Action(Kind.DIRECT_TALK, R, first=2)), quiet(), gone, count=10)
    assert (lived.excluded[:, 2] < 0.0).all()
    assert not lived.excluded[:, [1, 3, 4]].any()


# ------------------------------------------------------------------ what is only set


def test_what_is_lifted_for_good_is_gone():
    begun = start(sanctions=0.4, coerced=0.1, relieved=0.0)
    lifted = one(live(story(2, Action(Kind.LIFTING, value=0.25)), quiet(), begun)[1])
    assert (lifted["sanctions"], lifted["relieved"]) == pytest.approx((0.3, 0.0))
    assert lifted["coerced"] == pytest.approx(0.075)


def test_sanctions_that_nobody_had_threatened_are_set_by_their_share():
    who = quiet(severity=[0.5, 0.4])
    lived, ends = live(story(2, Action(Kind.SANCTIONS, int(Threat.MEDIATOR_SANCTIONS), 0.3)), who,
                       start(sanctions=0.2))  # fmt: skip
    assert one(ends)["sanctions"] == pytest.approx(0.2 + 0.5 * 0.3)
    assert lived.log_weights[0] == 0.0


def test_a_decision_of_a_known_size_adds_that_and_is_paid_as_any():
    levers = {"sanctions.us_threat": 0.8}
    who = quiet(severity=[0.5, 0.4])
    done = Action(Kind.DECISION, int(Threat.MEDIATOR_SANCTIONS), 1.0)
    weights = set()
    for size, added in ((math.nan, 0.4), (0.3, 0.15)):
        lived, ends = live(story(2, done._replace(size=size), **levers), who, start(sanctions=0.2))
        assert one(ends)["sanctions"] == pytest.approx(0.2 + added)
        weights.add(round(float(lived.reported[0, 0]), 12))
    assert len(weights) == 1


def test_an_arms_pause_cuts_supply_until_it_ends():
    cut = Action(Kind.ARMS_CUT, value=0.6)
    assert one(live(story(3, cut), quiet())[1])["aid_cut"] == 0.6
    resumed = Action(Kind.ARMS_CUT, value=0.0, first=3)
    assert one(live(story(3, cut, resumed), quiet())[1])["aid_cut"] == 0.0


# ------------------------------------------------------------------ every kind

LATER = {"value": None, "first": 6}
KINDS = {
    Kind.ANSWER: ((), answer(R, BUT, 6)),
    Kind.ROUND: ((), Action(Kind.ROUND, **LATER)),
    Kind.DIRECT_TALK: ((), Action(Kind.DIRECT_TALK, R, **LATER)),
    Kind.PAUSE: ((), Action(Kind.PAUSE, R, **LATER)),
    Kind.PARTIAL_STARTS: ((), Action(Kind.PARTIAL_STARTS, scope=ENERGY, **LATER)),
    Kind.PARTIAL_ANSWER: ((), Action(Kind.PARTIAL_ANSWER, R, BUT, ENERGY, first=6)),
    Kind.DECISION: ((), Action(Kind.DECISION, 0, 0.0, first=6)),
    Kind.PLEDGE: ((), Action(Kind.PLEDGE, 0, 0.9, first=6)),
    Kind.STRIKES: ((), Action(Kind.STRIKES, R, 1.0, first=6)),
    Kind.TRUCE_ENDS: (AGREED, Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=6)),
    Kind.PARTIAL_ENDS: ((Action(Kind.PARTIAL_STARTS, scope=ENERGY, first=2),),
                        Action(Kind.PARTIAL_ENDS, R, **LATER)),
    Kind.MEDIATOR_LEAVES: ((), Action(Kind.MEDIATOR_LEAVES, **LATER)),
    Kind.MEDIATOR_RETURNS: ((Action(Kind.MEDIATOR_LEAVES, first=2),),
                            Action(Kind.MEDIATOR_RETURNS, **LATER)),
    Kind.SANCTIONS: ((), Action(Kind.SANCTIONS, 0, 0.3, first=6)),
    Kind.LIFTING: ((), Action(Kind.LIFTING, value=0.3, first=6)),
    Kind.ARMS_CUT: ((), Action(Kind.ARMS_CUT, value=0.3, first=6)),
    Kind.GUARANTOR: ((*AGREED, Action(Kind.TRUCE_ENDS, R, float(Ended.UNTOLD), first=5)),
                     Action(Kind.GUARANTOR, **LATER)),
}  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_no_kind_of_action_is_imposed_without_a_trace(kind):
    """A kind for which the filter has no place would change neither weight nor state."""
    assert kind in KINDS, f"{kind!r} has no story here: write one"
    before, action = KINDS[kind]
    who = quiet(pause_hazard=0.01, walkaway_hazard=0.01, exit_hazard=HAZARD, partial_hazard=HAZARD)
    found = [live(story(7, *actions), who) for actions in (before, (*before, action))]
    changed = found[0][1].tobytes() != found[1][1].tobytes()
    changed |= found[0][0].log_weights[0] != found[1][0].log_weights[0]
    where = "set_act in sim/calibrate/observed_acts.py, or look_up in sim/calibrate/looked_up.py"
    assert changed, f"{kind!r} changes nothing: it has no branch in {where}"


# ------------------------------------------------------------------ a forecast from there


def forecast(ends, who, days=60, worlds=1, **levers):
    """Worlds that begin where a record has left one."""
    agenda = story(days, **levers).agenda
    rows = np.zeros(worlds, ROW)
    run_block(agenda, array_of(who), ends[:1].copy(), 0, new_workspace(array_of(who), 3), rows)
    return rows


@pytest.mark.parametrize("age", [0, 1, 17])
def test_a_truce_in_force_is_in_force_on_the_first_day_with_its_age(age):
    who = steady(exit_hazard=0.0)
    _, ends = live(story(4 + age, *AGREED), who)
    [row] = forecast(ends, who)
    assert row["outcome"] == Outcome.HELD
    assert row["truce_days"] == 30 - age
    assert row["first_truce_day"] == (1 if age == 0 else 0)
    assert row["full_truces"] == 1
    began = row["first_day"][Public.TRUCE_BEGINS]
    assert began == (1 if age == 0 else NONE)
    assert row["first_day"][Public.TRUCE_HOLDS] == 30 - age


def test_the_terms_of_a_truce_in_force_are_those_that_were_signed_not_those_of_the_day():
    who = steady(exit_hazard=0.0)
    _, ends = live(story(9, *AGREED, **{"offer.territory": 0.7}), who)
    [row] = forecast(ends, who, **{"offer.territory": 0.1})
    assert row["signed"][Issue.TERRITORY] == pytest.approx(0.7)
    assert row["x"][Issue.TERRITORY] == pytest.approx(0.7)


def test_after_a_truce_in_force_from_the_start_the_levers_own_package_lies_on_the_table():
    who = steady(exit_hazard=9.0)
    _, ends = live(story(9, *AGREED, **{"offer.territory": 0.7}), steady())
    [row] = forecast(ends, who, **{"offer.territory": 0.1})
    assert row["outcome"] == Outcome.COLLAPSED
    assert row["x"][Issue.TERRITORY] == pytest.approx(0.1)


def test_a_mediator_that_has_left_calls_no_round_in_the_forecast():
    who = quiet(round_rate=50.0, direct_rate=0.0)
    for left in (False, True):
        _, ends = live(story(3), who, start(mediator_left=left))
        [row] = forecast(ends, who)
        assert (row["blocked_last"] == NONE) == left
        assert (row["outcome"] == Outcome.WALKED_AWAY) == left


def test_a_threats_clock_goes_on_unless_the_threat_is_raised():
    """Kept words fall due on day 14 of the clock that ran 6 days in the record."""
    levers = {"sanctions.us_threat": 0.5, "sanctions.deadline_days": 14}
    who = quiet(round_rate=0.0, follow_base=60.0)
    said = start(last_answer=[NO, YES])
    _, ends = live(story(6, **levers), who, said)
    assert ends["threat_ran"][0, 0] == 6
    due = {}
    for value in (0.5, 0.3, 0.8):
        [row] = forecast(ends, who, 30, **{**levers, "sanctions.us_threat": value})
        due[value] = int(row["first_day"][Public.MEDIATOR_SANCTIONS])
    assert due == {0.5: 8, 0.3: 8, 0.8: 14}


def test_a_clock_that_has_run_one_day_is_not_taken_for_none():
    levers = {"sanctions.us_threat": 0.5, "sanctions.deadline_days": 14}
    who = quiet(round_rate=0.0, follow_base=60.0)
    _, ends = live(story(1, **levers), who, start(last_answer=[NO, YES]))
    [row] = forecast(ends, who, 30, **levers)
    assert row["first_day"][Public.MEDIATOR_SANCTIONS] == 13
