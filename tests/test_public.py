"""Public events: the day of each in a world's row, and the same days in a replay of that world."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.builders import MEMBER, START, ensemble, member, record, start, state

import sim
from sim.diary import tell
from sim.engine.domain import NONE, PATIENCE_THIN, STRIKES_RISE, Public
from sim.engine.row import ROW
from sim.engine.rules import rows
from sim.inputs.ensemble import load_ensemble
from sim.world_table import DAY_COLUMNS

BUSY = {"guarantee.us_backstop": 0.5, "sanctions.on_breach": 0.6, "sanctions.deadline_days": 10}


@pytest.fixture(scope="module")
def scenario():
    return sim.load_scenario("joint-ultimatum").with_levers(BUSY)


@pytest.fixture(scope="module")
def worlds(scenario):
    return sim.run(scenario, worlds=4096, seed=3, workers=1).worlds


def first(worlds, *names):
    return worlds[[f"day_{name}" for name in names]].min(axis=1)


def test_every_public_event_has_a_column_and_nearly_every_one_happens(worlds):
    columns = [name for name in worlds.columns if name.startswith("day_")]
    assert columns == list(DAY_COLUMNS.values()) == [f"day_{one.name.lower()}" for one in Public]
    never = [name for name in columns if worlds[name].isna().all()]
    assert never == []
    assert (worlds[columns].min() >= 1).all()


def test_the_days_agree_with_what_else_is_recorded(worlds):
    told = worlds.filter(like="day_").notna()
    held = worlds.outcome == "held"
    assert (worlds.day_truce_begins.dropna() == worlds.first_truce_day.dropna()).all()
    assert (told.day_truce_begins == (worlds.full_truces > 0)).all()
    assert (told.day_truce_holds == held).all()
    assert (worlds.day_truce_holds[held] >= worlds.first_truce_day[held] + 29).all()
    assert (told.day_pause_r == (worlds.unilateral_pauses > 0)).all()
    assert told.day_partial_begins[worlds.partial_truces > 0].all()
    broken = told.day_r_breaks_truce | told.day_u_breaks_truce
    assert broken[worlds.broke_first.notna()].all()
    assert (worlds.full_truces > 0)[broken].all()
    assert told.day_mediator_leaves[worlds.outcome == "walked_away"].all()
    first_sanctions = first(worlds, "mediator_sanctions", "blocs_sanctions")
    assert worlds.day_new_sanctions.equals(first_sanctions)


def test_a_truce_begins_on_the_day_after_the_first_round_in_which_both_accept(worlds):
    both = first(worlds, "truce_begins")
    for side in "ru":
        assert (worlds[f"day_accepts_{side}"][both.notna()] < both.dropna()).all()
    refused = worlds[[f"day_{kind}_r" for kind in ("conditions", "rejects")]].min(axis=1)
    assert (refused[worlds.day_both_refuse.notna()] <= worlds.day_both_refuse.dropna()).all()


def test_a_replay_tells_of_the_same_days(scenario, worlds):
    members = load_ensemble(scenario.as_of)
    drift = {"strikes_r", "strikes_u", "patience_thin"}
    for world in range(0, 120, 5):
        days: dict[str, int] = {}
        for entry in tell(scenario, members, 3, world).entries:
            if name := entry.numbers.get("event"):
                later = entry.what == "partial"  # agreed, and takes effect on the next day
                days.setdefault(name, entry.day + later)
        row = worlds.iloc[world]
        for one in Public:
            name = one.name.lower()
            if name in drift | {"both_refuse", "new_sanctions", "relief"}:
                continue
            assert days.get(name) == (None if np.isnan(row[f"day_{name}"]) else row[f"day_{name}"])


def drifted(**values):
    row = record(ROW)
    rows.open_row(0, 0, row)
    rows.note_drift(state(**values), 7, row)
    return row["first_day"]


def test_strikes_and_patience_are_told_of_when_they_pass_what_they_stood_at():
    told = {"strike_told": [0.2 + STRIKES_RISE, 0.0 + STRIKES_RISE]}
    assert drifted(strike=[0.69, 0.51], **told)[Public.STRIKES_R] == NONE
    assert drifted(strike=[0.69, 0.51], **told)[Public.STRIKES_U] == 7
    assert drifted(patience=0.49, patience_told=PATIENCE_THIN)[Public.PATIENCE_THIN] == 7
    assert drifted(patience=0.49, patience_told=-1.0)[Public.PATIENCE_THIN] == NONE


def test_patience_that_was_thin_on_the_as_of_day_is_no_event():
    from sim.inputs.scenario import load_scenario
    from sim.montecarlo import Plan, collect, stream

    who = np.array([member(round_rate=0.0, walkaway_hazard=0.0)], MEMBER)
    for patience, told in ((0.4, 0), (0.9, 1)):
        one = ensemble(who, np.array([start(patience=patience, progress=0.0)], START))
        plan = Plan(load_scenario("baseline"), one, 4, 1)
        table = collect(plan, stream(plan, 1, None), keep=True).worlds
        assert table.day_patience_thin.notna().sum() == 4 * told
