"""What can be asked of a world: the five outcomes, and whether a full truce was agreed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Outcome
from sim.errors import ScenarioError
from sim.text import near_name, parts_of_whole, shown

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


def parts_of_outcomes(odds: Mapping[str, float], digits: int = 1) -> dict[str, float]:
    """Round the odds of the five outcomes so that they add up to 100 as they are printed.

    `held` and `agreed` are rounded as they are wherever they stand alone. `collapsed` is what is
    left of `agreed`, and the other outcomes share the rest (`sim.text.parts_of_whole`).

    Returns
    -------
    dict
        By outcome, and for `agreed`, the odds in per cent.

    Examples
    --------
    >>> ended = {"held": 0.114, "collapsed": 0.096, "walked_away": 0.358}
    >>> parts_of_outcomes({**ended, "partial_only": 0.126, "no_truce": 0.306}, 0)["partial_only"]
    12.0
    """
    both = odds["held"] + odds["collapsed"]
    held, agreed = (float(f"{100.0 * share:.{digits}f}") for share in (odds["held"], both))
    rest = [name for name in OUTCOMES if name not in ("held", "collapsed", "agreed")]
    others = parts_of_whole([odds[name] for name in rest], digits, round(100.0 - agreed, digits))
    collapsed = round(agreed - held, digits)
    return {"held": held, "collapsed": collapsed, **dict(zip(rest, others, strict=True)),
            "agreed": agreed}  # fmt: skip
