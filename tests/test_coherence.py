"""Filter and forecast agree: an event in the record gives the odds that were foretold for it.

Where no rule gives something a chance the two need not agree (docs/coherence.md), so that it is
kept out here: direct talks, a package that the mediator moves, rounds that nobody announced.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest
from helpers.coherence import Told, ahead, apart, filtered, foretold, odds_of, write_coded
from helpers.stories import BUT, NO, YES, Action, R, U, answer

from sim.calibrate.fit import filter_of, make_posterior
from sim.calibrate.observations import PENDING, Kind
from sim.engine.domain import Public
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import Change

AS_OF = dt.date(2025, 5, 20)
ERRORS = 3.5
"""So many standard errors apart, two answers are at odds."""
MOVES = "mandate.flexibility"
WORLDS, ENOUGH = 10, 25
"""Worlds of each member in the quick test, and how many must come out alike to be compared."""
LIVELY = {"direct_rate": 0.0, "pause_hazard": 0.06, "walkaway_hazard": 0.04}
"""Parameters by which the events of the quick test are not rare."""

YES_U = (1, "made-up", "ukraine", "accepts_truce", "scope=full; yes")
TOLD = {
    "silence": Told({}, 7),
    "a pause": Told(
        {Public.PAUSE_R: 4},
        4,
        (Action(Kind.PAUSE, R, first=4),),
        ((4, "", "russia", "short_truce", "scope=full; pause"),),
    ),
    "the mediator leaves": Told(
        {Public.MEDIATOR_LEAVES: 3},
        7,
        (Action(Kind.MEDIATOR_LEAVES, first=3),),
        ((3, "", "us", "mediator_leaves", "leaves"),),
    ),
    "a no": Told(
        {Public.REJECTS_R: 1},
        7,
        (answer(R, NO),),
        ((1, "made-up", "russia", "rejects_truce", "scope=full; no"),),
        announced=(1,),
    ),
    "a yes and a condition": Told(
        {Public.ACCEPTS_U: 1, Public.CONDITIONS_R: 1},
        7,
        (answer(U, YES, partner=1), answer(R, BUT, partner=0)),
        (YES_U, (1, "made-up", "russia", "conditions_truce", "scope=full; but")),
        announced=(1,),
    ),
    "a truce": Told(
        {Public.TRUCE_BEGINS: 2},
        7,
        (answer(U, YES, partner=1), answer(R, YES, partner=0)),
        (YES_U, (1, "made-up", "russia", "accepts_truce", "scope=full; yes")),
        announced=(1,),
    ),
    "direct talks": Told(
        {Public.DIRECT_TALKS: 3},
        7,
        (Action(Kind.DIRECT_TALK, R, first=3),),
        ((3, "", "russia", "direct_talks", "target=ukraine; meet"),),
    ),
}


def members_with(**values):
    """The shipped ensemble with some parameters set, the same in all members."""
    ensemble = load_ensemble(AS_OF)
    members = ensemble.members.copy()
    for name, value in values.items():
        members[name] = value
    return dataclasses.replace(ensemble, members=members)


def in_words(odds):
    """Held and agreed in per cent, with their 95 % errors."""
    parts = zip(("held", "agreed"), 100 * odds.value[1:], 196 * odds.error[1:], strict=True)
    return ", ".join(f"{name} {value:.1f} +- {error:.1f}" for name, value, error in parts)


def unmoved(days):
    """The baseline, whose mediator moves no package by itself on the first days."""
    now = load_scenario("baseline", AS_OF)
    change = Change(day=days + 1, lever=MOVES, value=now.levers[MOVES])
    return dataclasses.replace(now.with_levers({MOVES: 0.0}), changes=(change,))


@pytest.mark.parametrize("name", [name for name in TOLD if name != "direct talks"])
def test_the_filter_gives_the_odds_that_were_foretold(name):
    scenario, lively = unmoved(TOLD[name].days).with_horizon(60), members_with(**LIVELY)
    before = foretold(TOLD[name], scenario, lively, WORLDS)
    after = filtered(TOLD[name], scenario, lively, 3, 2)
    compared = before.sum(axis=1) * WORLDS >= ENOUGH
    assert compared[0]
    assert np.all(apart(before, after)[compared] < ERRORS), (odds_of(before), odds_of(after))


DEPARTING = {
    "a no in a round that was not announced": TOLD["a no"]._replace(announced=()),
    "a no to a package that the mediator has moved": TOLD["a no"],
    "a yes alone": Told(
        {Public.ACCEPTS_U: 1}, 7, (answer(U, YES, partner=PENDING),), announced=(1,)
    ),
    "a threat carried out": Told(
        {Public.MEDIATOR_SANCTIONS: 30}, 31, (Action(Kind.DECISION, 0, 1.0, first=30),)
    ),
}  # fmt: skip
"""What the filter imposes and does not pay for in full, or takes to be another thing."""


@pytest.mark.long
@pytest.mark.parametrize("name", DEPARTING)
def test_what_is_said_to_depart_does(name, capsys):
    """If one does not any more, docs/coherence.md is out of date."""
    told, quiet = DEPARTING[name], members_with(direct_rate=0.0)
    still = unmoved(told.days)
    baseline = load_scenario("baseline", AS_OF) if "moved" in name else still
    before, after = foretold(told, baseline, quiet, 40), filtered(told, still, quiet, 10, 2)
    one, other = odds_of(before), odds_of(after)
    with capsys.disabled():
        print(f"\n{name}: {in_words(one)} -> {in_words(other)}; ", end="")
        print(f"chance {one.value[0]:.2%} -> {other.value[0]:.2%}")
    assert apart(before, after)[0] > ERRORS


PARTICLES = 500_000
WORLDS_OF = {"a pause": 400, "the mediator leaves": 200, "a truce": 120, "direct talks": 120}
"""Worlds of each member for what is rare; 40 for the rest."""


@pytest.mark.long
@pytest.mark.parametrize("name", TOLD)
def test_recalibrating_gives_the_odds_that_were_foretold(name, tmp_path, capsys):
    """As a user would: the event is coded, `truce calibrate`, and the baseline is run again."""
    told, now, ensemble = TOLD[name], load_scenario("baseline", AS_OF), load_ensemble(AS_OF)
    sums = foretold(told, unmoved(told.days), ensemble, WORLDS_OF.get(name, 40))
    before = odds_of(sums, ensemble.manifest["effective_size"])
    conflict = write_coded(tmp_path, told, AS_OF)
    renewed = make_posterior(filter_of(conflict.through, conflict=conflict), PARTICLES)
    left = now.horizon_days - told.days
    later = agenda(load_scenario("baseline", conflict.through, left, conflict=conflict))
    after = odds_of(ahead(later, renewed, 24), renewed.manifest["effective_size"])
    with capsys.disabled():
        print(f"\n{name}, chance {before.value[0]:.2%}: {in_words(before)} -> {in_words(after)}")
    error = np.hypot(before.error, after.error)
    assert np.all(np.abs(after.value - before.value)[1:] <= ERRORS * error[1:])
