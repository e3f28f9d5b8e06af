"""Counts of worlds, by member and outcome, from which all odds follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import MAX_HORIZON_DAYS, NONE, Issue, Outcome, Side
from sim.estimates import Counts, Odds, estimate

_DAYS = MAX_HORIZON_DAYS + 2
_NO_DAY = 0
_ARRAYS = ("outcomes", "first_day", "blockers", "quiet")


@dataclass
class Tally:
    """Counts of worlds; blocks of worlds may be added in any order.

    Attributes
    ----------
    members
        Members of the ensemble, used or not.
    outcomes
        Worlds by member and outcome, shape (members, 5).
    first_day
        Worlds by outcome and day of the first full truce, 0 if none.
    blockers
        Worlds without `held` by blocking side and issue, shape (2, 8).
    quiet
        Worlds by member with a unilateral pause, and with a mutual truce of any length or scope.
    """

    members: int
    outcomes: Counts = field(init=False)
    first_day: Counts = field(init=False)
    blockers: Counts = field(init=False)
    quiet: Counts = field(init=False)

    def __post_init__(self) -> None:
        self.outcomes = np.zeros((self.members, len(Outcome)), np.int64)
        self.first_day = np.zeros((len(Outcome), _DAYS), np.int64)
        self.blockers = np.zeros((len(Side), len(Issue)), np.int64)
        self.quiet = np.zeros((self.members, 2), np.int64)

    def add(self, rows: NDArray[np.void]) -> None:
        """Count a block of worlds."""
        np.add.at(self.outcomes, (rows["member"], rows["outcome"]), 1)
        day = np.where(rows["first_truce_day"] == NONE, _NO_DAY, rows["first_truce_day"])
        np.add.at(self.first_day, (rows["outcome"], day), 1)
        blocked = (rows["blocked_last"] != NONE) & (rows["outcome"] != Outcome.HELD)
        where = (rows["blocked_last"][blocked], rows["blocked_issue"][blocked])
        np.add.at(self.blockers, where, 1)
        mutual = rows["short_truces"] + rows["partial_truces"] + rows["full_truces"]
        np.add.at(self.quiet[:, 0], rows["member"], rows["unilateral_pauses"] > 0)
        np.add.at(self.quiet[:, 1], rows["member"], mutual > 0)

    @property
    def worlds(self) -> int:
        """Worlds counted."""
        return int(self.outcomes.sum())

    @property
    def members_used(self) -> int:
        """Members with a world or more."""
        return int((self.outcomes.sum(1) > 0).sum())

    def odds(self, *outcomes: Outcome) -> Odds:
        """Odds that a world ends in one of these."""
        return self.share(self.hits(*outcomes))

    def hits(self, *outcomes: Outcome) -> Counts:
        """Worlds by member that end in one of these."""
        counted: Counts = self.outcomes[:, list(outcomes)].sum(1)
        return counted

    def share(self, hits: Counts) -> Odds:
        """Odds of something, from the worlds by member in which it happened."""
        result = estimate(hits, self.outcomes.sum(1), self.members)
        assert result is not None
        return result

    # -------------------------------------------------------------- kept in a file

    def arrays(self) -> dict[str, Counts]:
        """Return all counts by name, for `from_arrays`."""
        return {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Tally:
        """Return the tally whose counts `arrays` gave.

        Raises
        ------
        ValueError
            If one is missing or has another shape.
        """
        if set(arrays) != set(_ARRAYS):
            raise ValueError(f"counts are of {', '.join(sorted(arrays))}")
        tally = cls(len(arrays["outcomes"]))
        for name in _ARRAYS:
            if arrays[name].shape != getattr(tally, name).shape:
                raise ValueError(f"counts of {name} have the shape {arrays[name].shape}")
            setattr(tally, name, arrays[name].astype(np.int64))
        return tally
