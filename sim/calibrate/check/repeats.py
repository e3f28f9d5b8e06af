"""Whether a side that is asked again answers as it did: chances of a yes, by past.

Each past has a chance p of its own. A first answer tells which pasts are likely, so that the chance
of the same answer again, nothing else changed, is E[(1 - p)^2] / E[1 - p] after a no and
E[p^2] / E[p] after a yes. Were every answer a new coin, both would be those of the first time.
"""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.particles import BLOCK_PARTICLES, Filter, stream
from sim.calibrate.record import Record
from sim.calibrate.weights import Weights, resample
from sim.engine.domain import Side
from sim.engine.dtypes import Floats, Records
from sim.engine.records import new_workspace
from sim.inputs.agenda import policy_segments
from sim.inputs.conflict import Conflict
from sim.inputs.lever_kinds import DEFERRED
from sim.inputs.levers import Value

BLOCKS = 4
"""Blocks of particles of the prior, and as many pasts of the posterior."""
CHOSEN = 2**60 + 1
"""The stream by which pasts are chosen; the prior's blocks count from 0."""
NAMED = ("territory", "recognition", "nato", "force_limits", "nuclear_plant")
UNCONDITIONAL: dict[str, Value] = {
    **{f"offer.{issue}": DEFERRED for issue in NAMED},
    **{f"concede.{issue}": False for issue in ("nato", "recognition")},
}
"""Levers with which a truce without terms is on the table."""


@dataclass(frozen=True)
class Repeats:
    """Chances of answers of a side to an unconditional truce, the other side accepting.

    Attributes
    ----------
    name
        Of the pasts: those of the prior, of the prior weighed by the war so far, or of the
        posterior.
    as_of
        The day on which it is asked, with the levers of that day beside the package.
    side
        Whose answers, as texts call it.
    yes
        Of a yes.
    yes_again, no_again
        Of a yes after a yes, and of another answer than yes after one such.
    """

    name: str
    as_of: dt.date
    side: str
    yes: float
    yes_again: float
    no_again: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**vars(self), "as_of": self.as_of.isoformat()}


def repeats(particle_filter: Filter, weights: Weights, executor: Executor) -> tuple[Repeats, ...]:
    """Return the chances on the first day of the record, by two priors, and under the posterior.

    Parameters
    ----------
    weights
        Of the filter's particles, by the record.
    """
    record, conflict = particle_filter.record, particle_filter.record.conflict
    drawn = [particle_filter.draw(number) for number in range(BLOCKS)]
    members, starts, apart = (np.concatenate(part) for part in zip(*drawn, strict=True))
    begins, side = conflict.facts.record.begins, conflict.sides[Side.R].capital
    first = yes_chances(conflict, begins, members, starts, Side.R)
    war_so_far = weights_before(record, members, starts, apart)
    rng = stream(particle_filter.seed, CHOSEN)
    chosen = resample(weights.values, BLOCKS * BLOCK_PARTICLES, rng)
    after = particle_filter.members(chosen, executor)
    last = yes_chances(conflict, record.as_of, *after, Side.R)
    return (
        Repeats("prior", begins, side, *repeated(first)),
        Repeats("prior and the war so far", begins, side, *repeated(first, war_so_far)),
        Repeats("posterior", record.as_of, side, *repeated(last)),
    )


def weights_before(
    record: Record, members: Records, starts: Records, apart: NDArray[np.void]
) -> Floats:
    """Return the weights of members by the war before the record alone; they sum to 1."""
    from sim.calibrate.entries import weigh_war_so_far

    found = np.zeros(len(members))
    occasions = np.ascontiguousarray(apart["occasions"])
    workspace = new_workspace(members)
    weigh_war_so_far(record.before, occasions, members, starts, workspace, found)
    weights = np.exp(found - found.max())
    return np.asarray(weights / weights.sum())


def repeated(chance: Floats, weights: Floats | None = None) -> tuple[float, float, float]:
    """Return the chance of a yes, of a yes after a yes and of a no after a no, by past.

    Parameters
    ----------
    chance
        Of a yes, by past.
    weights
        Of the pasts, summing to 1; all alike if None.
    """
    if weights is None:
        weights = np.full(len(chance), 1.0 / len(chance))
    yes = float(weights @ chance)
    yes_again = float(weights @ chance**2) / yes
    no_again = float(weights @ (1.0 - chance) ** 2) / (1.0 - yes)
    return yes, yes_again, no_again


def yes_chances(
    conflict: Conflict, day: dt.date, members: Records, starts: Records, side: Side
) -> Floats:
    """Return by member the chance that a side accepts an unconditional truce, if the other does."""
    from sim.calibrate.check.synthetic import next_yes

    policies, _ = policy_segments({**conflict.baseline_levers(day), **UNCONDITIONAL}, [], 1)
    chance = np.zeros(len(members))
    next_yes(policies[0], members, starts, int(side), new_workspace(members), chance)
    return chance
