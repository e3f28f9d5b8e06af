"""The prequential score: each event from those before it, with frequencies beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from helpers.stories import BUT, ENERGY, NO, THIRD, YES, Action, R, U, answer, live, quiet, story

from sim.calibrate.check.prequential import Score, rows, scores, totals
from sim.calibrate.observations import Kind
from sim.calibrate.particles import Particles


def by_hand(told, days, silent=None):
    """Particles with these chances of the actions, and of silence by day."""
    quiet_days = np.zeros((len(told), days + 1)) if silent is None else np.log(silent)
    return Particles(np.log(told), quiet_days, np.zeros((len(told), days + 1)))


def what(record, particles):
    return [one for one in scores(record, particles) if one.about == "what"]


def test_each_is_foretold_by_what_was_learnt_from_those_before_and_by_no_other():
    record = story(9, answer(R, NO, 2), answer(R, NO, 5), answer(R, NO, 8))
    told = np.array([[0.9, 0.9, 0.5], [0.1, 0.1, 0.25]])
    first, second, third = what(record, by_hand(told, 9))
    assert first.filter == pytest.approx(math.log(0.5))
    assert second.filter == pytest.approx(math.log(0.9 * 0.9 + 0.1 * 0.1))
    weights = np.array([0.81, 0.01]) / 0.82
    assert third.filter == pytest.approx(math.log(weights @ [0.5, 0.25]))
    assert [one.prior for one in (first, second, third)] == pytest.approx(np.log([0.5, 0.5, 0.375]))


def test_a_window_that_is_not_over_teaches_nothing_yet():
    record = story(9, answer(R, NO, 2, 6), Action(Kind.PARTIAL_ANSWER, R, BUT, ENERGY, first=5))
    told = np.array([[0.9, 0.9], [0.1, 0.1]])
    assert what(record, by_hand(told, 9))[1].filter == pytest.approx(math.log(0.5))


def test_silence_teaches_and_is_scored_day_by_day():
    record = story(2, answer(R, NO, 2))
    silent = np.array([[1.0, 0.8, 0.6], [1.0, 0.2, 0.6]])
    found = scores(record, by_hand(np.array([[0.9], [0.1]]), 2, silent))
    days = [one for one in found if one.about == "whether"]
    assert [one.filter for one in days] == pytest.approx(np.log([0.5, 0.6]))
    [answered] = what(record, by_hand(np.array([[0.9], [0.1]]), 2, silent))
    assert answered.filter == pytest.approx(math.log(0.8 * 0.9 + 0.2 * 0.1))


def test_a_pause_is_scored_with_the_silence_of_its_day():
    who = quiet(pause_hazard=0.01)
    record = story(3, Action(Kind.PAUSE, R, first=2))
    found = scores(record, live(record, who, count=3)[0])
    assert [one.about for one in found] == ["whether"] * 3
    assert found[1].event == record.events[0].id
    assert found[1].filter == pytest.approx(math.log(0.01 * (1.0 + 1.0 / 90.0)))
    rates = 1.0 / 1111.0, 1.0 - 1.0 / 92.0, 1.0 - 0.5 / 92.0
    assert found[1].frequency == pytest.approx(np.log(rates).sum())
    assert found[2].frequency > found[1].frequency


def test_without_precision_every_answer_is_foretold_alike():
    record = story(9, answer(R, NO, 2), answer(U, YES, 5))
    found = what(record, live(record, count=4)[0])
    assert [one.filter for one in found] == pytest.approx([THIRD, THIRD])


def test_frequencies_start_from_base_rates_and_run():
    record = story(9, answer(R, NO, 2), answer(U, YES, 3), answer(R, NO, 5), answer(R, YES, 8))
    found = what(record, live(record)[0])
    assert [one.frequency for one in found] == pytest.approx(
        np.log([0.39, 0.5, (0.78 + 1) / 3, 0.44 / 4])
    )


def test_a_partial_truce_in_force_lowers_the_frequency_of_silence():
    started = story(40, Action(Kind.PARTIAL_STARTS, scope=ENERGY, first=4))
    plain = [one.frequency for one in scores(story(40), live(story(40))[0])]
    found = [one.frequency for one in scores(started, live(started)[0]) if one.about == "whether"]
    longer = np.flatnonzero(np.array(found) < np.array(plain) - 1e-9) + 1
    assert longer.tolist() == list(range(5, 35))


def test_sums_and_paired_intervals():
    made = [Score("a:1", n, "what", -1.0 - n, -2.0, -1.0) for n in range(4)]
    one, other = totals(made)
    assert (one.events, one.filter, one.prior) == (4, -10.0, -8.0)
    differences = np.array([1.0, 0.0, -1.0, -2.0])
    assert one.ahead_of_prior == pytest.approx((-2.0, 1.96 * differences.std(ddof=1) * 2.0))
    assert other.events == 0
    table = list(rows(made))
    assert table[0] == ("a:1", "what", "-1.00", "-2.00", "-1.00")
    assert ("filter ahead by", "what", "", "-2.00 +- 5.06", "-6.00 +- 5.06") in table
