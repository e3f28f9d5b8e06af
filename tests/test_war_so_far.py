"""The war before the record: its weight by hand, its levers, and the occasions that it counts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from helpers.builders import start
from helpers.stories import ALONE, array_of, live, quiet, story

from sim.calibrate.check.synthetic_record import synthetic_histories
from sim.calibrate.particles import APART, Filter
from sim.calibrate.record import ABSENT_BEFORE, levers_before, record_of
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import shipped

SOON = dt.date(2025, 3, 17)


def sigmoid(z):
    return 1.0 / (1.0 + math.exp(-z))


PRECISION, DELAY, COMMITS = 12.0, 0.03, 0.4
MONTHS, BASE, TRUST = 9.0, -1.2, 0.8
FIGHTING, RESOLVE = (0.20, 0.26), (0.02, 0.05)


def plain_member(**values):
    """A member that fears nothing from a truce, is as sure of the front as it is, and no surer."""
    fearless = {"rearmament_fear": 0.0, "guarantee_rivalry": 0.0, "attack_fear": 0.0}
    given = {
        "precision": PRECISION,
        "delay": DELAY,
        "condition_commits": COMMITS,
        "war_months": MONTHS,
        "settlement_base": BASE,
        "settlement_trust": TRUST,
        "fighting_cost": list(FIGHTING),
        "resolve": list(RESOLVE),
        "optimism": [0.0, 0.0],
        "audience_cost": 0.0,
        "truce_momentum_kept": 1.0,
    }
    return quiet(**{**fearless, **given, **values})


def chance_of_a_truce(first, trust):
    """By hand: an unconditional truce leaves all as fighting on would, and spares its cost.

    With the chance of a settlement it spares all of that cost, else a month of so many.
    """
    settled = sigmoid(BASE + TRUST * trust)
    gain = [
        cost * (settled + (1.0 - settled) / MONTHS) - resolve
        for cost, resolve in zip(FIGHTING, RESOLVE, strict=True)
    ]

    def yes(value):
        condition = math.exp(PRECISION * (COMMITS * value - DELAY))
        return math.exp(PRECISION * value) / (math.exp(PRECISION * value) + condition + 1.0)

    follows = yes(gain[1 - first])
    return yes(follows * gain[first]) * follows


@pytest.mark.parametrize(("tilt", "first"), [(0.9, 0), (0.1, 1)])
def test_the_weight_of_the_war_so_far_by_hand(tilt, first):
    """The less blamed speaks first: R if U is seen as the obstacle."""
    begun = start(tilt=tilt, trust=0.4, momentum=0.0)
    p = chance_of_a_truce(first, 0.4)
    assert abs(p - chance_of_a_truce(1 - first, 0.4)) > 0.002
    lived, _ = live(story(2), plain_member(), begun, count=3, occasions=[0.0, 1.0, 7.5])
    assert lived.excluded[:, 0] == pytest.approx([0.0, math.log(1.0 - p), 7.5 * math.log(1.0 - p)])
    assert lived.excluded[0, 0] == 0.0
    assert lived.log_weights == pytest.approx(lived.excluded[:, 0])


def test_nothing_that_a_record_threatens_or_promises_weighs_on_the_war_before_it():
    """Nor does the belief of the mediator: in direct talks the sides know each other."""
    levers = {"sanctions.us_threat": 0.9, "guarantee.ambition": 1.0, "guarantee.us_backstop": 1.0}
    levers |= {"sanctions.relief": 0.8, "monitoring.strength": 1.0, "offer.territory": 0.9}
    plain, _ = live(story(1), plain_member(), occasions=5.0)
    full, _ = live(story(1, **levers), plain_member(), occasions=5.0)
    other = start(resolve_mean=[0.3, 0.3], patience=0.0)
    believed, _ = live(story(1), plain_member(), other, occasions=5.0)
    assert plain.excluded[0, 0] == full.excluded[0, 0] == believed.excluded[0, 0] < -0.1


def test_the_levers_of_the_war_before_are_those_of_the_first_day_without_what_was_absent():
    [before] = levers_before(shipped(), dt.date(2025, 5, 20))
    assert not before["threat"].any()
    for field in ("relief", "ambition", "backstop", "pledged", "monitoring", "flexibility"):
        assert before[field] == 0.0, field
    assert before["on_breach"] == 0.0
    assert not before["named"].any()
    first_day = shipped().baseline_levers(shipped().facts.record.begins)
    assert before["aid_level"] == first_day["aid.level"]
    assert set(ABSENT_BEFORE) < set(first_day)
    assert any(first_day[name] for name in ABSENT_BEFORE)  # so that leaving them out says something


def test_a_synthetic_spring_is_kept_as_often_as_no_truce_came_before_it():
    p = chance_of_a_truce(0, 0.4)
    count, number = 20_000, 3.0
    assert 0.2 < (1.0 - p) ** number < 0.8
    members = np.repeat(array_of(plain_member()), 2 * count)
    starts = np.repeat(array_of(start(tilt=0.9, trust=0.4)), 2 * count)
    apart = np.zeros(2 * count, APART)
    apart["occasions"][:count] = number
    found = synthetic_histories(story(1), members, starts, apart, 4)
    chance = math.exp(found.log_chance.min())
    assert chance == pytest.approx((1.0 - p) ** number)
    assert set(np.round(found.log_chance, 9)) == {round(number * math.log(1.0 - p), 9), 0.0}
    kept = (found.log_chance < 0.0).sum()
    error = math.sqrt(chance * (1.0 - chance) * count)
    assert abs(kept - chance * count) < 4.0 * error
    assert len(found) - kept == count  # without an occasion each is kept
    again = synthetic_histories(story(1), members, starts, apart, 5)
    assert 0 < abs((again.log_chance < 0.0).sum() - kept) < 6.0 * error


def test_the_occasions_of_a_filter_are_drawn_and_can_be_multiplied():
    evidence = load_evidence(as_of=SOON)
    chosen = Filter.of(evidence, record_of(evidence, SOON), 7)
    drawn = chosen.draw(0)[2]["occasions"]
    row = next(row for row in shipped().parameters if row.name == "occasions")
    middle, sd = row.prior.lognormal
    assert np.log(drawn).mean() == pytest.approx(math.log(middle), abs=4 * sd / 64)
    assert np.log(drawn).std() == pytest.approx(sd, rel=0.06)
    none, one, two = (
        dataclasses.replace(chosen, factors={"occasions": factor}).weigh(300, ALONE)
        for factor in (0.0, 1.0, 2.0)
    )
    assert not none.excluded[:, 0].any()
    assert two.excluded[:, 0] == pytest.approx(2.0 * one.excluded[:, 0], rel=1e-5)
    assert one.excluded[:, 1:].tobytes() == two.excluded[:, 1:].tobytes()
    assert (one.excluded[:, 0] < 0.0).all()
