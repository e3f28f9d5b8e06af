"""Scenarios in which much happens, and the names of what became of their worlds."""

from __future__ import annotations

import dataclasses

from sim.inputs.scenario import load_scenario
from sim.inputs.scenario_file import Change

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
EVERYTHING = EVENTFUL | {
    "sanctions.us_threat": 0.4,
    "sanctions.europe_threat": 0.6,
    "sanctions.us_follow_through": "kept",
    "sanctions.europe_follow_through": "broken",
    "offer.force_limits": 0.4,
    "concede.recognition": True,
    "guarantee.pledged": 0.3,
    "mandate.territory": True,
    "mandate.nuclear_plant": True,
    "mandate.nato": True,
    "mandate.recognition": True,
    "mandate.force_limits": True,
    "front.momentum_shift": 0.2,
    "aid.level": 1.4,
}
"""Every lever that is not a place of an issue set to something."""
CHANGES = (
    Change(day=9, lever="sanctions.us_threat", value=0.9),
    Change(day=15, lever="offer.territory", value=0.7),
    Change(day=20, lever="concede.nato", value=True),
    Change(day=40, lever="guarantee.us_backstop", value=0.2),
    Change(day=70, lever="offer.territory", value="deferred"),
)
WORDS_CHANGE = (
    Change(day=30, lever="sanctions.us_follow_through", value="drawn"),
    Change(day=45, lever="mandate.force_limits", value=False),
    Change(day=60, lever="guarantee.pledged", value=0.9),
)


def scenario_of(name):
    """A scenario that ships, or one in which every mechanism, or every lever, has its day."""
    if name not in ("eventful", "everything"):
        return load_scenario(name)
    levers = EVENTFUL if name == "eventful" else EVERYTHING
    changes = CHANGES if name == "eventful" else (*CHANGES, *WORDS_CHANGE)
    calm = dataclasses.replace(load_scenario("baseline").with_levers(levers), changes=changes)
    return calm.with_horizon(150)


def outcome_of(row):
    """The name of a world's outcome."""
    return ("held", "collapsed", "walked_away", "partial_only", "no_truce")[row["outcome"]]
