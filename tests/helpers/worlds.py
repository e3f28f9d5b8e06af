"""Scenarios in which much happens, and the names of what became of their worlds."""

from __future__ import annotations

import dataclasses

from sim.inputs.scenario import Change, load_scenario

EVENTFUL = {
    "sanctions.on_breach": 0.8,
    "sanctions.commitment": 0.5,
    "sanctions.deadline_days": 10,
    "sanctions.relief": 0.6,
    "sanctions.relief_on_signature": 0.5,
    "aid.us_threat": 0.5,
    "mandate.flexibility": 0.8,
    "guarantee.ambition": 0.9,
    "guarantee.us_backstop": 0.7,
    "monitoring.strength": 0.4,
    "ukraine.side_payment": 0.3,
    "mediator.patience_days": 30,
}
CHANGES = (
    Change(day=9, lever="sanctions.us_threat", value=0.9),
    Change(day=15, lever="offer.territory", value=0.7),
    Change(day=20, lever="concede.nato", value=True),
    Change(day=40, lever="guarantee.us_backstop", value=0.2),
    Change(day=70, lever="offer.territory", value="deferred"),
)


def scenario_of(name):
    """Three scenarios: two that ship, and one in which every mechanism has its day."""
    if name != "eventful":
        return load_scenario(name)
    calm = dataclasses.replace(load_scenario("baseline").with_levers(EVENTFUL), changes=CHANGES)
    return calm.with_horizon(150)


def outcome_of(row):
    """The name of a world's outcome."""
    return ("held", "collapsed", "walked_away", "partial_only", "no_truce")[row["outcome"]]
