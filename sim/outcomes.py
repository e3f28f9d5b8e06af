"""What can be asked of a world: the five outcomes, and whether a full truce was agreed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Outcome
from sim.errors import ScenarioError
from sim.text import near_name, shown

OUTCOMES: dict[str, tuple[Outcome, ...]] = {
    **{outcome.name.lower(): (outcome,) for outcome in Outcome},
    "agreed": (Outcome.HELD, Outcome.COLLAPSED),
}
"""By name, the endings that count."""
HAPPENING = {
    "held": "a truce holds",
    "collapsed": "a truce is agreed and collapses",
    "walked_away": "the mediator walks away",
    "partial_only": "only a partial truce comes",
    "no_truce": "no truce comes",
    "agreed": "a truce is agreed",
}
"""The same in words, as a clause."""


def check_outcome(name: object) -> tuple[Outcome, ...]:
    """Return the endings that count for an outcome.

    Raises
    ------
    ScenarioError
        If there is no such outcome.
    """
    found = OUTCOMES.get(name) if isinstance(name, str) else None
    if found is None:
        close = near_name(name, OUTCOMES)
        near = f"Did you mean {close}? " if close else ""
        what = f"{shown(name)} is none."
        raise ScenarioError("outcome", what, f"{near}There are: {', '.join(OUTCOMES)}.")
    return found


def hits_of(ended: NDArray[np.void], outcome: str) -> NDArray[np.bool_]:
    """Return in which worlds something happened; ``ended`` has the field ``outcome``."""
    return np.isin(ended["outcome"], OUTCOMES[outcome])
