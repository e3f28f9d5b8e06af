"""A formula of a few levers, found in few worlds."""

from __future__ import annotations

import functools

import sim
from sim.attribution.explore.result import Explored

VARY = {"aid.level": (0.0, 2.0), "offer.territory": (0.0, 1.0)}


@functools.cache
def an_explored() -> Explored:
    """Two levers, one of which may be deferred."""
    return sim.explore("baseline", VARY, worlds=512, points=4)
