"""The filter over history: what is imposed is paid for by the rule's own chance, exactly.

With no precision every answer has the chance 1/3, whatever it is worth, and no hazard speaks
unless a story gives it a number.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.builders import MEMBER, START, STATE, by_issue, fill, policy, record, start, state
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
    as_record,
    live,
    quiet,
    story,
)

from sim.calibrate.observations import Kind
from sim.calibrate.observed_strikes import STRIKE_ERROR
from sim.calibrate.prior import draw_prior
from sim.engine.domain import DATED_ROUND, NONE, Issue, Issuer, Outcome, Scope, Threat
from sim.engine.dtypes import new_record
from sim.engine.records import CLOCK, PACKAGE, new_workspace
from sim.engine.row import ROW
from sim.engine.rules import answers, gains, mediator, pressure, proposal, standing
from sim.engine.scratch import PROPOSAL
from sim.inputs.agenda import DatedValue
from sim.inputs.conflict import shipped
from sim.native import run_block

BOTH = math.log(8.0 / 9.0)
"""Log of the chance that not both accept, of answers that are worth nothing."""


def total(particles):
    return particles.log_weights


# ------------------------------------------------------------------ rounds


def test_two_told_answers_pay_two_thirds_of_a_log_each():
    lived, _ = live(story(3, answer(R, NO, partner=1), answer(U, YES, partner=0)))
    assert lived.reported[0] == pytest.approx([THIRD, THIRD])
    assert total(lived)[0] == pytest.approx(2 * THIRD)


@pytest.mark.parametrize(("side", "excluded"), [(R, math.log(2 / 3)), (U, math.log(2 / 3))])
def test_one_acceptance_also_pays_that_the_other_did_not_accept(side, excluded):
    lived, _ = live(story(3, answer(side, YES)), count=20)
    assert lived.reported[:, 0] == pytest.approx(THIRD)
    assert lived.excluded[:, 1] == pytest.approx(excluded)
    assert total(lived) == pytest.approx(THIRD + excluded)


@pytest.mark.parametrize("said", [BUT, NO])
@pytest.mark.parametrize("side", [R, U])
def test_one_refusal_pays_itself_only(side, said):
    lived, _ = live(story(3, answer(side, said)), count=20)
    assert total(lived) == pytest.approx(THIRD)
    assert lived.excluded == pytest.approx(0.0)


def test_a_silent_round_pays_that_not_both_accepted():
    lived, ends = live(story(3, Action(Kind.ROUND)), count=3000)
    assert total(lived) == pytest.approx(BOTH)
    shares = [
        ((ends["last_answer"][:, 0] == r) & (ends["last_answer"][:, 1] == u)).mean()
        for r in range(3)
        for u in range(3)
    ]
    assert shares[0] == 0.0
    assert shares[1:] == pytest.approx([1 / 8] * 8, abs=0.025)


def test_a_failed_round_pays_that_no_partial_truce_was_agreed_of_which_nobody_told():
    """It is put with a chance, and both say yes with a third each; not while one is in force."""
    who = quiet(partial_chance=0.36)
    silent = math.log(1.0 - 0.36 / 9.0)
    lived, _ = live(story(3, Action(Kind.ROUND)), who, count=20)
    assert total(lived) == pytest.approx(BOTH + silent)
    in_force = start(partial_scope=1, partial_starts=0, partial_day=3)
    lived, _ = live(story(3, Action(Kind.ROUND)), quiet(partial_chance=0.36, partial_hazard=0.0),
                    in_force, count=20)  # fmt: skip
    assert total(lived) == pytest.approx(BOTH)


def test_the_side_that_was_not_told_answers_freely_unless_the_other_accepted():
    _, ends = live(story(2, answer(R, BUT)), count=3000)
    assert np.bincount(ends["last_answer"][:, U]) / 3000 == pytest.approx([1 / 3] * 3, abs=0.03)
    _, ends = live(story(2, answer(R, YES)), count=3000)
    assert np.bincount(ends["last_answer"][:, U]) / 3000 == pytest.approx([0, 0.5, 0.5], abs=0.03)


def test_rounds_that_nobody_told_of_are_drawn_at_their_own_rate_and_paid_for():
    lived, _ = live(story(10), quiet(), count=4000, rate=0.2)
    rounds = lived.excluded / BOTH
    assert set(np.unique(rounds.round(9))) == {0.0, 1.0}
    patience = 1.0 - np.arange(10) / 90.0
    chance = 1.0 - np.exp(-0.2 * 0.5 * (1.0 + patience))
    assert rounds.sum(axis=1).mean() == pytest.approx(chance.sum(), rel=0.02)


def test_an_announced_round_is_held_in_the_record_too_and_paid_for():
    record = story(4)
    record.agenda.calendar[3] |= DATED_ROUND
    lived, ends = live(record, count=50)
    assert lived.excluded[:, 3] == pytest.approx(BOTH)
    assert lived.excluded.sum(axis=1) == pytest.approx(BOTH)
    assert (ends["last_answer"] != NONE).all()


def test_no_announced_round_comes_between_the_two_answers_to_one_proposal():
    split = story(5, answer(U, YES, 2, 2, 1), answer(R, BUT, 4, 4, 0))
    split.agenda.calendar[3] |= DATED_ROUND
    assert (live(split, count=20)[0].excluded == 0.0).all()


def with_values(who, **values):
    """A copy of a member with other values."""
    array = array_of(who).copy()
    fill(array, values)
    return as_record(array)


def sharp(**values):
    """A member whose chances are all different."""
    return quiet(precision=8.0, resolve=[0.05, -0.05], **values)


def on_the_first_day(who, begun, levers):
    """The state, policy and package as the first round finds them, without a mandate."""
    one, now, package = as_record(levers), new_record(STATE), new_record(PACKAGE)
    standing.begin(who, begun, one, now)
    mediator.table_package(who, one, package)
    mediator.complete_package(who, now, one, package)
    return now, one, package


PLAIN = {"mandate.flexibility": 0.0, "guarantee.ambition": 0.0}


def answer_chance(who, record, side, q, said, begun=None):
    """The rule's own chance of an answer to what the levers table on the first day."""
    begun = as_record(array_of(start() if begun is None else begun))
    now, one, package = on_the_first_day(who, begun, record.agenda.policies)
    gained = gains.signing_gain(who, now, one, package, side)
    yes, but = answers.answer_chances(who, now, one, side, q, gained)
    return {YES: yes, BUT: but, NO: 1.0 - yes - but}[said]


def believed(who, begun=None):
    """The member as the mediator takes it to be: of the resolve that it believes in."""
    mean = (start() if begun is None else begun).resolve_mean
    return with_values(who, resolve=[mean[0], mean[1]])


@pytest.mark.parametrize("first", [YES, BUT, NO])
@pytest.mark.parametrize("second", [BUT, NO])
def test_split_rounds_pay_each_answer_once_by_the_chance_that_the_other_was_known_to_accept(
    first, second
):
    """The first reckons with the other as the mediator believes it to be, the second knows."""
    who = sharp()
    one = story(1, answer(U, first, partner=NONE), **PLAIN)
    hope = answer_chance(believed(who), one, R, 1.0, YES)
    true = answer_chance(who, one, R, 1.0, YES)
    assert abs(hope - true) > 0.05
    split = story(2, answer(U, first, 1, 1, 1), answer(R, second, 2, 2, 0), **PLAIN)
    lived, _ = live(split, who, count=3)
    paid = math.log(answer_chance(who, one, U, hope, first))
    assert lived.reported[:, 0] == pytest.approx(paid)
    assert lived.excluded == pytest.approx(0.0)
    # the second on the evening of the first: only blame, patience and beliefs have moved
    still = sharp(
        blame=0.0, progress_condition=0.0, strike_sd=0.0, strike_rejection=0.0, goodwill_decay=1.0
    )
    long = {**PLAIN, "mediator.patience_days": 365}
    split = story(2, answer(U, first, 1, 1, 1), answer(R, second, 2, 2, 0), **long)
    q = 1.0 if first == YES else 0.0
    lived, _ = live(split, still, count=1)
    known = math.log(answer_chance(still, split, R, q, second))
    unknown = math.log(answer_chance(still, split, R, 1.0 - q, second))
    assert lived.reported[0, 1] == pytest.approx(known, abs=0.03)
    assert abs(known - unknown) > 0.05


def test_a_side_that_knows_the_other_reckons_with_its_true_chance():
    who = sharp(opponent_known=1.0)
    one = story(1, answer(U, BUT, partner=NONE), **PLAIN)
    follows = answer_chance(who, one, R, 1.0, YES)
    lived, _ = live(story(2, answer(U, BUT, 1, 1, 1), answer(R, NO, 2, 2, 0), **PLAIN), who)
    assert lived.reported[0, 0] == pytest.approx(math.log(answer_chance(who, one, U, follows, BUT)))


def asked_first(who, record, begun=None):
    """The side that the mediator takes to be the nearer, which it asks first."""
    seen = believed(who, begun)
    yes = [answer_chance(seen, record, side, 1.0, YES, begun) for side in (R, U)]
    return R if yes[R] > yes[U] else U


BEGUN = {R: start(resolve_mean=[-0.1, 0.1]), U: start(resolve_mean=[0.1, -0.1])}
"""The mediator takes the one or the other side to be the nearer."""


@pytest.mark.parametrize("first", [R, U])
def test_chances_of_all_that_can_be_coded_of_a_round_sum_to_one(first):
    """Hopes are what the mediator believes; what is ruled out is so with true chances.

    Both answers are told, one, or none; each way two acceptances are all that is left out.
    """
    who, begun = sharp(), BEGUN[first]
    plain = story(1, Action(Kind.ROUND), **PLAIN)
    assert asked_first(who, plain, begun) == first
    hope = answer_chance(believed(who, begun), plain, 1 - first, 1.0, YES, begun)
    yes = answer_chance(who, plain, first, hope, YES, begun)
    follows = answer_chance(who, plain, 1 - first, 1.0, YES, begun)
    assert abs(hope - follows) > 0.03
    agreed = yes * follows

    def chance(*actions):
        lived, _ = live(story(1, *actions, **PLAIN), who, begun, count=400)
        return np.exp(total(lived)).mean()

    both = {
        (r, u): chance(answer(R, r, partner=1), answer(U, u, partner=0))
        for r in (YES, BUT, NO)
        for u in (YES, BUT, NO)
    }
    assert both.pop((YES, YES)) == pytest.approx(agreed)
    assert sum(both.values()) == pytest.approx(1.0 - agreed)
    assert chance(Action(Kind.ROUND)) == pytest.approx(1.0 - agreed)
    # one answer told: the first to speak, of whom the chance is the same whatever the other says
    alone = [chance(answer(first, said)) for said in (YES, BUT, NO)]
    assert alone[0] == pytest.approx(yes * (1.0 - follows))
    assert sum(alone) == pytest.approx(1.0 - agreed)


@pytest.mark.parametrize("first", [R, U])
def test_the_answer_of_the_second_is_weighed_over_what_the_first_may_have_said(first):
    """A told refusal of the second: on average over the drawn answer of the first, its chance."""
    who, begun, other = with_values(sharp(), resolve=[-0.2, -0.2]), BEGUN[first], 1 - first
    plain = story(1, Action(Kind.ROUND), **PLAIN)
    hope = answer_chance(believed(who, begun), plain, other, 1.0, YES, begun)
    yes = answer_chance(who, plain, first, hope, YES, begun)
    for said in (BUT, NO):
        lived, _ = live(story(1, answer(other, said), **PLAIN), who, begun, count=20_000)
        weight = np.exp(total(lived))
        knows, does_not = (answer_chance(who, plain, other, q, said, begun) for q in (1.0, 0.0))
        expected = yes * knows + (1.0 - yes) * does_not
        assert weight.mean() == pytest.approx(expected, abs=4 * weight.std() / 20_000**0.5)
        assert abs(knows - does_not) > 0.05


def test_a_told_answer_is_one_to_what_the_levers_have_on_the_table():
    """A mediator that may concede would have put another package; a silent round shows it."""
    free = {**PLAIN, "mandate.flexibility": 1.0, "mandate.territory": True}
    free["offer.territory"] = 0.5
    who = sharp(proposal_step=0.4, mediator_position=[0.9] * 5)
    who = with_values(who, weight=[by_issue(0.02, territory=0.86), by_issue(0.16, territory=0.04)])
    told = story(1, answer(R, NO, partner=1), answer(U, NO, partner=0), **free)
    now, one, package = on_the_first_day(who, as_record(array_of(start())), told.agenda.policies)
    trial = new_record(PROPOSAL)
    proposal.weigh(who, now, one, package, trial, answers.refusals(who, now, one))
    assert trial.x[proposal.STAND, Issue.TERRITORY] != 0.5
    lived, _ = live(told, who)
    first = asked_first(who, told)
    hope = answer_chance(believed(who), told, 1 - first, 1.0, YES)
    paid = [0.0, 0.0]
    paid[first] = math.log(answer_chance(who, told, first, hope, NO))
    paid[1 - first] = math.log(answer_chance(who, told, 1 - first, 0.0, NO))
    assert lived.reported[0] == pytest.approx(paid)


def test_no_other_round_is_held_while_an_answer_is_awaited():
    split = story(5, answer(U, YES, 1, 1, 1), answer(R, NO, 5, 5, 0))
    lived, _ = live(split, count=50, rate=50.0)
    assert lived.excluded == pytest.approx(0.0)
    assert total(lived) == pytest.approx(2 * THIRD)


def test_a_window_is_a_day_of_it_drawn_alike():
    lived, ends = live(story(4, answer(R, BUT, 1, 4)), count=4000)
    assert total(lived) == pytest.approx(THIRD)
    assert set(np.unique(ends["condition_days"][:, R])) == {1, 2, 4, 8}
    shares = [(ends["condition_days"][:, R] == bit).mean() for bit in (1, 2, 4, 8)]
    assert shares == pytest.approx([0.25] * 4, abs=0.03)


def test_answers_told_for_one_window_are_one_round_if_on_one_day_and_split_otherwise():
    lived, _ = live(story(4, answer(R, BUT, 1, 3, 1), answer(U, YES, 2, 4, 0)), count=300)
    assert total(lived) == pytest.approx(2 * THIRD)


@pytest.mark.parametrize("first", [R, U])
def test_one_observed_action_flipped_changes_the_weight_by_the_log_ratio_of_its_chances(first):
    who, begun = sharp(), BEGUN[first]
    u_says_but = answer(U, BUT, partner=0)
    refused = story(1, answer(R, NO, partner=1), u_says_but, **PLAIN)
    stalled = story(1, answer(R, BUT, partner=1), u_says_but, **PLAIN)
    one, _ = live(refused, who, begun, count=5)
    other, _ = live(stalled, who, begun, count=5)
    hope = answer_chance(believed(who, begun), refused, U, 1.0, YES, begun)
    q = hope if first == R else 0.0
    no, but = (answer_chance(who, refused, R, q, said, begun) for said in (NO, BUT))
    assert abs(math.log(no / but)) > 0.05
    assert total(one) - total(other) == pytest.approx(math.log(no / but))


# ------------------------------------------------------------------ the rest of a day


def fading(days):
    """The mediator's patience on each day, if there is no progress."""
    return 1.0 - np.arange(days) / 90.0


def test_the_mediator_that_stays_is_paid_for_day_by_day():
    lived, _ = live(story(6), quiet(walkaway_hazard=0.01))
    assert lived.silent[0, 0] == 0.0
    assert lived.silent[0, 1:] == pytest.approx(np.log(1.0 - 0.01 * (2.0 - fading(6))))


def test_a_pause_is_paid_on_its_day_and_none_on_the_others():
    lived, ends = live(story(6, Action(Kind.PAUSE, R, first=3)), quiet(pause_hazard=0.01))
    chance = 0.01 * (2.0 - fading(6))
    assert lived.reported[0, 0] == pytest.approx(math.log(chance[2]))
    silent = np.log(1.0 - chance)
    silent[2:5] = 0.0  # on its own day it is lived, in the two that it lasts there is no other
    assert lived.silent[0, 1:] == pytest.approx(silent)
    assert ends["pause_until"][0] == NONE


def test_a_pause_that_lasts_beyond_the_record_goes_on_after_it():
    _, ends = live(story(3, Action(Kind.PAUSE, R, first=3)), quiet(pause_hazard=0.01))
    assert ends["pause_until"][0] == 2


def test_a_partial_truce_pays_both_acceptances_and_each_day_that_it_lasts():
    """Neither ends it; the hazard falls as of a Weibull law, and 30 days add up to 30 times it."""
    shape = 0.4
    who = quiet(partial_hazard=0.01, exit_slope=0.0, truce_settling=shape, exit_cap=0.9)
    lived, ends = live(story(40, Action(Kind.PARTIAL_STARTS, scope=ENERGY, first=4)), who)
    assert lived.reported[0, 0] == pytest.approx(2 * THIRD)
    stays = np.zeros(41)
    stays[5:35] = -2.0 * 0.01 * 30.0 * np.diff((np.arange(31) / 30.0) ** shape)
    assert lived.silent[0] == pytest.approx(stays)
    assert stays.sum() == pytest.approx(-2.0 * 0.01 * 30.0)
    assert ends["partial_scope"][0] == NONE


def test_a_partial_truce_that_was_put_in_vain_pays_that_not_both_accepted():
    lived, ends = live(story(6, Action(Kind.PARTIAL_STARTS, NONE, 0.0, ENERGY, first=4)))
    assert total(lived) == pytest.approx(BOTH)
    assert ends["partial_scope"][0] == NONE


def test_a_partial_truce_in_force_on_the_last_day_is_left_in_force():
    _, ends = live(story(10, Action(Kind.PARTIAL_STARTS, scope=ENERGY, first=4)))
    assert (ends["partial_scope"][0], ends["partial_day"][0]) == (ENERGY, 6)
    assert ends["partial_starts"][0] < 1


def test_an_answer_to_a_partial_offer_pays_itself_and_starts_nothing():
    sea = int(Scope.SEA)
    yes = Action(Kind.PARTIAL_ANSWER, U, YES, sea, NONE, 2, 5)
    no = Action(Kind.PARTIAL_ANSWER, R, BUT, sea, NONE, 2, 5)
    lived, ends = live(story(6, yes, no))
    assert lived.reported[0] == pytest.approx([THIRD, math.log(2.0 / 3.0)])
    assert total(lived) == pytest.approx(THIRD + math.log(2.0 / 3.0))
    assert ends["partial_scope"][0] == NONE


@pytest.mark.parametrize("imposed", [0, 1])
def test_a_decision_is_paid_as_the_chance_of_the_rule(imposed):
    levers = {**PLAIN, "sanctions.us_threat": 0.5}
    decided = story(1, Action(Kind.DECISION, 0, float(imposed)), **levers)
    who = quiet(follow_base=0.7)
    lived, ends = live(decided, who)
    now, one, _ = on_the_first_day(who, as_record(array_of(start())), decided.agenda.policies)
    chance = pressure.follow_through_chance(who, now, one, 0, False)
    assert lived.reported[0, 0] == pytest.approx(math.log(chance if imposed else 1.0 - chance))
    assert ends["executed"][0, 0] == (0.5 if imposed else 0.0)
    assert ends["lapsed"][0, 0] - 2.0 * (1.0 - who.belief_forgetting) == pytest.approx(1 - imposed)


UNTHREATENED = {
    **PLAIN,
    **dict.fromkeys(("sanctions.us_threat", "sanctions.europe_threat", "aid.us_threat"), 0.0),
}
REFUSED_BY = {"r": [NO, YES], "u": [YES, NO]}
"""The last answers at the start: the one refused what the other accepted."""


@pytest.mark.parametrize(
    ("lever", "threat", "issuer", "by"),
    [
        ("sanctions.us_threat", Threat.MEDIATOR_SANCTIONS, Issuer.MEDIATOR, "r"),
        ("sanctions.europe_threat", Threat.BLOCS_SANCTIONS, Issuer.BLOCS, "r"),
        ("aid.us_threat", Threat.AID, Issuer.MEDIATOR, "u"),
    ],
)
def test_a_decision_day_of_which_nobody_told_is_a_lapse_that_is_paid_for(lever, threat, issuer, by):
    """On the second and the fourth day the threat falls due; the record has no decision."""
    levers = {**UNTHREATENED, lever: 0.5, "sanctions.deadline_days": 2}
    who = quiet(
        follow_base=-0.7, follow_type=[0.3, -0.2], follow_commitment=0.0, follow_tilt=0.0,
        follow_progress=0.0, belief_forgetting=0.1, backstop_spill=0.25,
    )  # fmt: skip
    begun = start(last_answer=REFUSED_BY[by], kept=[4.0] * 3, lapsed=[2.0] * 3)
    lived, ends = live(story(5, **levers), who, begun)
    kept_word = 1.0 / (1.0 + math.exp(0.7 - (0.3 if issuer == Issuer.MEDIATOR else -0.2)))
    silent = np.zeros(6)
    silent[[2, 4]] = math.log(1.0 - kept_word)
    assert lived.silent[0] == pytest.approx(silent)
    assert total(lived)[0] == pytest.approx(2.0 * math.log(1.0 - kept_word))
    assert lived.excluded[0] == pytest.approx(0.0)
    lapsed = np.full(3, 2.0 * 0.9**5)
    lapsed[issuer] += 0.9**3 + 0.9
    if issuer == Issuer.MEDIATOR:
        lapsed[Issuer.BACKSTOP] += 0.25 * (0.9**3 + 0.9)
    assert ends["lapsed"][0] == pytest.approx(lapsed)
    assert ends["kept"][0] == pytest.approx(4.0 * 0.9**5)
    assert ends["executed"][0, threat] == 0.0
    assert (ends["sanctions"][0], ends["aid_cut"][0]) == (begun.sanctions, begun.aid_cut)


def test_a_reported_decision_is_paid_once_and_lapses_by_the_words_of_the_record():
    levers = {**UNTHREATENED, "sanctions.us_threat": 0.5, "sanctions.deadline_days": 2}
    begun = start(last_answer=REFUSED_BY["r"])
    declined = story(3, Action(Kind.DECISION, 0, 0.0, first=2), **levers)
    silent = story(3, **levers)
    told, ends = live(declined, quiet(), begun)
    untold, same = live(silent, quiet(), begun)
    assert told.silent[0] == pytest.approx(0.0)
    assert told.reported[0, 0] == pytest.approx(untold.silent[0, 2])
    assert untold.silent[0, 2] < -0.05
    assert ends["lapsed"][0] == pytest.approx(same["lapsed"][0])


def test_no_threat_falls_due_while_nobody_alone_refuses():
    levers = {**UNTHREATENED, "sanctions.us_threat": 0.5, "sanctions.deadline_days": 1}
    for last in ([YES, YES], [NO, NO], [NONE, YES]):
        lived, _ = live(story(3, **levers), quiet(), start(last_answer=last))
        assert lived.silent[0] == pytest.approx(0.0)


def test_a_pledge_sets_the_state_and_is_not_paid():
    lived, ends = live(story(3, Action(Kind.PLEDGE, 2, 0.875, first=3)))
    _, plain = live(story(3))
    assert total(lived) == pytest.approx(0.0)
    assert ends["pledge"][0, 2] == 0.875
    others = [0, 1, 3, 4]
    assert ends["pledge"][0, others].tolist() == plain["pledge"][0, others].tolist()


def test_direct_talks_add_progress_and_are_not_paid():
    lived, ends = live(story(2, Action(Kind.DIRECT_TALK, R, first=2)), quiet(direct_progress=0.1))
    assert total(lived) == pytest.approx(0.0)
    assert ends["progress"][0] == pytest.approx(0.1)


# ------------------------------------------------------------------ strikes


def phi(z):
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_without_a_refusal_a_change_of_strikes_pays_just_its_chance(sign):
    who = quiet(strike_sd=0.2, strike_persistence=0.9)
    begun = start(strike=[0.5, 0.0])
    lived, _ = live(story(5, Action(Kind.STRIKES, R, sign, first=1, last=4)), who, begun, 50)
    variance = sum((0.2 * 0.9**n) ** 2 for n in range(4)) + STRIKE_ERROR**2
    drift = 0.5 * (0.9**4 - 1.0)
    assert lived.reported[:, 0] == pytest.approx(math.log(phi(sign * drift / math.sqrt(variance))))
    assert total(lived) == pytest.approx(lived.reported[:, 0])


def test_bent_strikes_weigh_on_average_as_plain_ones_also_when_refusals_fall_between():
    """The weight times anything: the mean over bent luck is that over plain luck."""
    who = quiet(strike_sd=0.2, strike_persistence=0.9, strike_rejection=0.4)
    begun, count = start(strike=[0.3, 0.0]), 20_000
    rounds = [Action(Kind.ROUND, first=day) for day in (2, 4)]
    seen = Action(Kind.STRIKES, R, 1.0, first=2, last=5)
    _, eve = live(story(1, *rounds), who, begun, count)
    _, plain = live(story(5, *rounds), who, begun, count)
    rise = plain["strike"][:, 0] - eve["strike"][:, 0]
    weight = np.array([phi(z) for z in rise / STRIKE_ERROR])
    lived, bent = live(story(5, *rounds, seen), who, begun, count)
    paid = np.exp(lived.reported[:, 2])
    for value in (lambda ends: 1.0, lambda ends: ends["strike"][:, 0], lambda ends: ends["tilt"]):
        one, other = paid * value(bent), weight * value(plain)
        error = math.hypot(one.std(), other.std()) / math.sqrt(count)
        assert abs(one.mean() - other.mean()) < 3.5 * error
    assert paid.std() < 0.75 * weight.std()


# ------------------------------------------------------------------ the whole


def test_the_mean_weight_of_silence_is_how_often_worlds_are_silent():
    """Against the forecasting engine itself, in 40 days.

    No full truce, no walk-away, no pause, and no threat carried out.
    """
    members, starts, _ = draw_prior(shipped().facts.record.begins, 4, 8000)
    members["direct_rate"] = 0.0
    members["partial_chance"] = 0.0
    changes = [DatedValue(10, "sanctions.us_threat", 0.6), DatedValue(20, "offer.territory", 0.7)]
    unthreatened = {**UNTHREATENED, "mandate.flexibility": 0.3, "mandate.territory": True}
    silence = story(40, changes=changes, **unthreatened)
    lived, _ = live(silence, members, starts, rate=members["round_rate"])
    weight = np.exp(total(lived))
    rows = np.zeros(4 * len(members), ROW)
    run_block(silence.agenda, members, starts, 0, new_workspace(members, 6), rows)
    silent = (rows["outcome"] == Outcome.NO_TRUCE) & (rows["unilateral_pauses"] == 0)
    carried_out = rows["sanctions_end"] > np.repeat(starts["sanctions"], 4).astype("f4") + 1e-6
    assert carried_out.mean() > 0.1
    silent &= ~carried_out
    share = silent.reshape(-1, 4).mean(axis=1)
    error = math.hypot(weight.std(), share.std()) / math.sqrt(len(members))
    assert 0.1 < silent.mean() < 0.9
    assert error < 0.01
    assert abs(weight.mean() - silent.mean()) < 3.5 * error


def test_what_the_evening_leaves_the_next_day_begins_with():
    given = {
        "momentum": 0.2,
        "sanctions": 0.4,
        "relieved": 0.1,
        "tilt": 0.3,
        "progress": 0.2,
        "trust": 0.6,
        "patience": 0.7,
        "aid_cut": 0.1,
        "kept": [3.0, 2.0, 1.0],
        "executed": [0.5, 0.0, 0.0],
        "strike": [0.3, -0.2],
        "pledge": [0.9, 0.1, 0.2, 0.3, 0.4],
        "resolve_mean": [0.05, -0.05],
        "last_answer": [BUT, YES],
        "condition_days": [5, 0],
        "extension_asked": True,
    }
    now = state(**given, pause_until=21, partial_scope=ENERGY, partial_starts=11, partial_day=10)
    now.threat_since, now.talks_resume, now.mediator_left = [14, NONE, NONE], 20, True
    kept, again = record(START), state(review_due=True, talks_resume=9)
    standing.snapshot(now, policy(threat=[0.5, 0.0, 0.0]), record(PACKAGE), 20, kept)
    standing.begin(record(MEMBER), kept, policy(threat=[0.5, 0.0, 0.0]), again)
    for field, value in given.items():
        assert np.asarray(again[field]).tolist() == value, field
    assert again.pause_until == 1
    assert (again.partial_scope, again.partial_day) == (ENERGY, 10)
    assert again.partial_starts < 1
    assert list(again.threat_since) == [-6, NONE, NONE]
    assert (again.mediator_left, again.talks_resume, again.truce_starts) == (True, 0, NONE)
    assert not again.review_due
    assert mediator.round_is_due(again, record(CLOCK, day=1))


def test_a_pause_that_ended_and_a_partial_truce_to_come_are_left_so():
    now = state(pause_until=20, partial_scope=ENERGY, partial_starts=21)
    kept = record(START)
    standing.snapshot(now, policy(threat=[0.5, 0.0, 0.0]), record(PACKAGE), 20, kept)
    assert kept.pause_until == NONE
    assert kept.partial_starts == 1
