"""Quiet days, passed over at once, are what they are when each is lived by itself: bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.anywhere import ensembles, settings_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim
from sim.engine.agenda import Agenda
from sim.engine.cases import consecutive
from sim.engine.domain import DATED_ROUND, HOLIDAY, NONE, REVIEW, Public, Scope
from sim.engine.reactions import new_blocks
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.engine.rules import pressure
from sim.engine.streams import Purpose
from sim.engine.world import run_cases
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario

BASELINE = load_scenario("baseline")
SLOW = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
SEEDS = st.integers(0, 2**32)
MOVES = [event for event in Public if event not in (Public.TRUCE_BEGINS, Public.TRUCE_HOLDS)]


def lived(days, members, starts, seed, count, each_day):
    """Run worlds; if asked, so that some luck is to be thrown anew on a day that never comes.

    Then every day is lived by itself.
    """
    cases = consecutive(0, count, len(members))
    if each_day:
        cases["anew"]["purposes"] = 1 << Purpose.FRONT
        cases["anew"]["day"] = 10_000
    rows = np.zeros(count, ROW)
    run_cases(days.alone, members, starts, cases, new_workspace(members, seed), rows)
    return rows


def assert_same(days, members, starts, seed, count):
    at_once, by_day = (lived(days, members, starts, seed, count, each) for each in (False, True))
    for name in ROW.names:
        np.testing.assert_array_equal(at_once[name], by_day[name], err_msg=name)
    assert at_once.tobytes() == by_day.tobytes()


def random_blocks(rng, number, horizon):
    """Blocks of any conditions, some of which set levers and some of which impose a move."""
    blocks = new_blocks(number)[0]
    rows = 1
    for n in range(number):
        events = rng.choice(len(Public), rng.integers(0, 4), replace=False)
        blocks["events"][n] = sum(1 << int(event) for event in events)
        blocks["after"][n] = rng.integers(0, horizon)
        blocks["within"][n] = rng.integers(blocks["after"][n], horizon + 1)
        blocks["times"][n] = rng.integers(1, 3)
        blocks["absent"][n] = rng.random() < 0.2
        blocks["again"][n] = rng.random() < 0.5
        blocks["last_evening"][n] = rng.integers(0, horizon + 1)
        if rng.random() < 0.5:
            blocks["move"][n] = rng.choice(MOVES)
            blocks["scope"][n] = rng.choice(len(Scope))
            blocks["days"][n] = rng.integers(0, 5)
            blocks["size"][n] = rng.choice([np.nan, rng.random()])
        else:
            blocks["levers"][n], rows = rows, 2 * rows
            blocks["lasts"][n] = rng.choice([0, rng.integers(1, 20)])
    return blocks.reshape(1), rows


def random_agenda(rng, levers, horizon, number):
    """Levers that change on any days, in every row of the blocks', and any calendar."""
    policies = np.concatenate(
        [agenda(BASELINE.with_levers(values)).policies[:1] for values in levers]
    )
    blocks, rows = random_blocks(rng, number, horizon)
    changes = rng.random((rows, horizon + 1)) < rng.choice([0.0, 0.02, 0.2])
    segments = (np.cumsum(changes, axis=1) + rng.integers(0, 4, (rows, 1))) % len(policies)
    marks = rng.random((3, horizon + 1)) < np.array([[0.07], [0.2], [0.02]])
    calendar = np.array([REVIEW, HOLIDAY, DATED_ROUND]) @ marks
    return Agenda(policies, segments.astype(np.int64), calendar.astype(np.int64), blocks)


def set_any_standing(rng, starts):
    """Let worlds begin anywhere: in a truce, a pause, a partial truce, without the mediator."""
    count = len(starts)
    starts["mediator_left"] = rng.random(count) < 0.3
    starts["review_due"] = rng.random(count) < 0.3
    starts["extension_asked"] = rng.random(count) < 0.2
    starts["patience"] = rng.choice([0.0, 0.3, 0.52, 1.0], count)
    starts["progress"] = rng.random(count)
    starts["tilt"] = rng.choice([0.0, 0.5, 0.7, 1.0], count)
    starts["strike"] = rng.normal(size=(count, 2))
    starts["last_answer"] = rng.integers(-1, 3, (count, 2))
    starts["condition_days"] = rng.integers(0, 1 << 60, (count, 2))
    starts["threat_ran"] = rng.integers(-1, 40, (count, 3))
    starts["threatened"] = rng.choice([0.0, 1.0], (count, 3))
    starts["deadline"] = rng.integers(1, 40, count)
    starts["talks_resume"] = rng.choice([0, 0, 5, 40], count)
    starts["pause_until"] = rng.choice([NONE, NONE, 1, 3], count)
    starts["pause_mirrored"] = rng.random(count) < 0.5
    starts["partial_scope"] = rng.choice([NONE, NONE, 0, 1, 2], count)
    starts["partial_starts"] = rng.choice([-4, 0, 1], count)
    starts["partial_day"] = rng.integers(0, 29, count)
    starts["truce_starts"] = rng.choice([NONE, NONE, NONE, 0, 1, 9], count)
    starts["truce_day"] = np.where(starts["truce_starts"] == 0, rng.integers(0, 29, count), 0)
    starts["sanctions"] = rng.random(count)
    starts["coerced"] = starts["sanctions"] * rng.random(count)


@SLOW
@given(
    ensembles(),
    st.lists(settings_of(), min_size=1, max_size=4),
    st.integers(1, 365),
    st.integers(0, 5),
    SEEDS,
)
def test_days_passed_at_once_are_the_days_lived_one_by_one(any_of, levers, horizon, number, seed):
    rng = np.random.default_rng(seed)
    days = random_agenda(rng, levers, horizon, number)
    starts = any_of.starts.copy()
    if rng.random() < 0.7:
        set_any_standing(rng, starts)
    assert_same(days, any_of.members, starts, seed, 32)


@pytest.mark.parametrize("name", ["baseline", "ultimatum-if-rejected", "march-offer"])
def test_the_worlds_of_the_shipped_members_are_the_same(name):
    scenario = sim.load_scenario(name)
    shipped = load_ensemble(scenario.as_of)
    assert_same(agenda(scenario), shipped.members, shipped.starts, 7, 8192)


@pytest.mark.parametrize("since", [-5, 0, 3, 12])
@pytest.mark.parametrize("deadline", [1.0, 4.0, 30.0])
def test_the_next_decision_day_is_the_first_of_those_to_come(since, deadline):
    for day in range(1, 40):
        coming = (later for later in range(day + 1, day + 80)
                  if pressure.is_decision_day(later, since, deadline))  # fmt: skip
        assert pressure.next_decision_day(day, since, deadline) == next(coming)
