"""Counts of worlds, by member and outcome, from which all odds follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import MAX_HORIZON_DAYS, MAX_REACTIONS, NONE, OFFERED, Issue, Outcome, Side
from sim.engine.dtypes import Floats
from sim.estimates import Counts, Odds, estimate, estimate_ratio
from sim.means import Mean, estimate_mean

_DAYS = MAX_HORIZON_DAYS + 2
_NO_DAY = 0
_ARRAYS = ("outcomes", "first_day", "blockers", "quiet", "worth", "roads", "terms")
_REACTED = ("reacted", "reaction_day")
"""Counts that results of scenarios in which nothing reacts may lack."""
_AGREED = (Outcome.HELD, Outcome.COLLAPSED)
_SETS = 2**OFFERED
GRAIN = 2.0**-30
"""Sums of numbers are kept in whole grains, so that no order of the worlds changes a bit."""
_TERMS = (
    *(f"place.{issue.name.lower()}" for issue in Issue if issue < OFFERED),
    *("guarantee", "relief"),
    *(f"worth.{side}" for side in range(len(Side))),
)
"""What is summed over the agreements of a road."""


def grains(values: Any) -> Counts:
    """Return numbers in whole grains; not-a-number is 0."""
    numbers = np.rint(np.asarray(values, np.float64) / GRAIN)
    numbers[np.isnan(numbers)] = 0.0
    counted: Counts = numbers.astype(np.int64)
    return counted


class Road(NamedTuple):
    """Agreements that name the same issues, as the package stood at the last signature.

    Attributes
    ----------
    named
        The issues that are named.
    agreements
        Worlds that agreed so.
    share
        Of all agreements; without the interval of the members.
    held
        Of these, how many hold; likewise.
    places
        Mean place of each issue named.
    guarantee, relief
        Means over these agreements.
    worth
        What the world is worth to each side, mean over these agreements, in stakes.
    """

    named: tuple[Issue, ...]
    agreements: int
    share: Odds
    held: Odds
    places: dict[Issue, float]
    guarantee: float
    relief: float
    worth: tuple[float, ...]

    def as_dict(self, actors: Sequence[str]) -> dict[str, Any]:
        """Return the road as plain data, its worth by the sides' ids."""
        return {
            "named": [issue.name.lower() for issue in self.named],
            "agreements": self.agreements,
            "share": self.share.mean,
            "share_mc": list(self.share.mc),
            "held_given_agreed": self.held.mean,
            "held_given_agreed_mc": list(self.held.mc),
            "places": {issue.name.lower(): place for issue, place in self.places.items()},
            "guarantee": self.guarantee,
            "relief": self.relief,
            "worth": dict(zip(actors, self.worth, strict=True)),
        }


class Term(NamedTuple):
    """An issue among all agreements: its mean place where named, and the share that names it."""

    mean: float
    named: float


class Terms(NamedTuple):
    """The mean terms of all agreements; an issue that none names is left out of ``places``."""

    places: dict[Issue, Term]
    guarantee: float
    relief: float

    def as_dict(self) -> dict[str, Any]:
        """Return the terms as plain data, None for an issue that none names."""
        places = {
            issue.name.lower(): self.places[issue]._asdict() if issue in self.places else None
            for issue in Issue
            if issue < OFFERED
        }
        return {**places, "guarantee": self.guarantee, "relief": self.relief}


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
    worth
        By member and side, what the worlds are worth and its square, summed in grains, shape
        (members, 2, 2).
    roads
        Worlds that agreed by member, set of issues named at the last signature and whether the
        truce held, shape (members, 32, 2). Bit n of a set is issue n.
    terms
        By set, sums over its agreements in grains: places, guarantee, relief, and the worth to
        each side.
    reacted
        Worlds by member in which each block of the scenario did what it says, shape (members, 12).
    reaction_day
        Worlds by block and the day on which it first did.
    """

    members: int
    outcomes: Counts = field(init=False)
    first_day: Counts = field(init=False)
    blockers: Counts = field(init=False)
    quiet: Counts = field(init=False)
    worth: Counts = field(init=False)
    roads: Counts = field(init=False)
    terms: Counts = field(init=False)
    reacted: Counts = field(init=False)
    reaction_day: Counts = field(init=False)

    def __post_init__(self) -> None:
        self.outcomes = np.zeros((self.members, len(Outcome)), np.int64)
        self.first_day = np.zeros((len(Outcome), _DAYS), np.int64)
        self.blockers = np.zeros((len(Side), len(Issue)), np.int64)
        self.quiet = np.zeros((self.members, 2), np.int64)
        self.worth = np.zeros((self.members, len(Side), 2), np.int64)
        self.roads = np.zeros((self.members, _SETS, 2), np.int64)
        self.terms = np.zeros((_SETS, len(_TERMS)), np.int64)
        self.reacted = np.zeros((self.members, MAX_REACTIONS), np.int64)
        self.reaction_day = np.zeros((MAX_REACTIONS, _DAYS), np.int64)

    def add(self, rows: NDArray[np.void]) -> None:
        """Count a block of worlds."""
        member, outcome = (rows[name].astype(np.intp) for name in ("member", "outcome"))
        np.add.at(self.outcomes, (member, outcome), 1)
        day = np.where(rows["first_truce_day"] == NONE, _NO_DAY, rows["first_truce_day"])
        np.add.at(self.first_day, (outcome, day), 1)
        blocked = (rows["blocked_last"] != NONE) & (outcome != Outcome.HELD)
        where = (rows["blocked_last"][blocked], rows["blocked_issue"][blocked])
        np.add.at(self.blockers, where, 1)
        mutual = rows["short_truces"] + rows["partial_truces"] + rows["full_truces"]
        for place, quiet in enumerate((rows["unilateral_pauses"] > 0, mutual > 0)):
            np.add.at(self.quiet[:, place], member, quiet.astype(np.int64))
        self._add_worth(member, rows["worth"].astype(np.float64))
        self._add_roads(rows)
        reacted = rows["reaction_day"] != NONE
        if reacted.any():
            world, block = np.nonzero(reacted)
            np.add.at(self.reacted, (member[world], block), 1)
            np.add.at(self.reaction_day, (block, rows["reaction_day"][world, block]), 1)

    def _add_worth(self, member: NDArray[np.intp], worth: Floats) -> None:
        """Sum worths by member; the worlds of a member, which follow each other, first."""
        if not len(member):
            return
        first = np.flatnonzero(np.diff(member, prepend=NONE))
        both = grains(np.stack((worth, worth**2), axis=-1))
        np.add.at(self.worth, member[first], np.add.reduceat(both, first))

    def _add_roads(self, rows: NDArray[np.void]) -> None:
        """Count worlds that agreed by what they signed last."""
        held, collapsed = (rows["outcome"] == outcome for outcome in _AGREED)
        agreed = np.flatnonzero(held | collapsed)
        signed = rows["signed"][agreed]
        road = ~np.isnan(signed) @ (1 << np.arange(OFFERED))
        np.add.at(self.roads, (rows["member"][agreed], road, held[agreed].astype(np.intp)), 1)
        others = (rows[name][agreed] for name in ("signed_guarantee", "signed_relief", "worth"))
        np.add.at(self.terms, road, grains(np.column_stack((signed, *others))))

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

    # -------------------------------------------------------------- the price, and the roads

    def worth_of(self, side: Side) -> Mean:
        """Return what a world is worth to a side, in stakes."""
        sums: Floats = self.worth[:, side] * np.float64(GRAIN)
        result = estimate_mean(sums[:, 0], sums[:, 1], self.outcomes.sum(1), self.members)
        assert result is not None
        return result

    def roads_taken(self) -> list[Road]:
        """Return the roads to agreement, the commonest first; none if no world agreed."""
        by_set = self.roads.sum((0, 2))
        sets = sorted(np.flatnonzero(by_set).tolist(), key=lambda road: (-by_set[road], road))
        used = self.outcomes.sum(1) > 0
        worlds, roads = self.outcomes.sum(1)[used], self.roads[used]
        agreed = roads.sum((1, 2))
        return [self._road(road, roads[:, road], agreed, worlds) for road in sets]

    def _road(self, road: int, counts: Counts, agreed: Counts, worlds: Counts) -> Road:
        both, held = counts.sum(1), counts[:, 1]
        share = estimate_ratio(both, agreed, worlds, self.members, spread=False)
        holds = estimate_ratio(held, both, worlds, self.members, spread=False)
        assert share is not None
        assert holds is not None
        count = int(both.sum())
        means = (self.terms[road] * GRAIN / count).tolist()
        named = tuple(issue for issue in Issue if issue < OFFERED and road >> issue & 1)
        places = {issue: means[issue] for issue in named}
        guarantee, relief, *worth = means[OFFERED:]
        return Road(named, count, share, holds, places, guarantee, relief, tuple(worth))

    def terms_signed(self) -> Terms | None:
        """Return the mean terms over the worlds that agreed; None if none did."""
        by_set = self.roads.sum((0, 2))
        total = int(by_set.sum())
        if total == 0:
            return None
        sums: Floats = self.terms.sum(0) * GRAIN
        places = {}
        for issue in Issue:
            if issue < OFFERED:
                named = int(by_set[np.arange(_SETS) >> issue & 1 == 1].sum())
                if named:
                    places[issue] = Term(float(sums[issue] / named), named / total)
        guarantee, relief = (sums[OFFERED : OFFERED + 2] / total).tolist()
        return Terms(places, guarantee, relief)

    # -------------------------------------------------------------- kept in a file

    def check(self, worlds: int) -> None:
        """Check counts that were read from a file.

        Parameters
        ----------
        worlds
            How many worlds there should be.

        Raises
        ------
        ValueError
            If there are others, a count is negative, or counts of the same worlds differ.
        """
        counts = (self.outcomes, self.first_day, self.blockers, self.quiet, self.roads)
        if any((one < 0).any() for one in (*counts, self.reacted, self.reaction_day)):
            raise ValueError("some counts are negative")
        by_outcome = self.outcomes.sum(0)
        agreed = by_outcome[list(_AGREED)].sum()
        same = (self.first_day.sum(1) == by_outcome).all() and self.roads.sum() == agreed
        if not same or by_outcome.sum() != worlds or (self.quiet.sum(0) > worlds).any():
            raise ValueError(f"its counts are not those of {worlds:,} worlds")

    def arrays(self) -> dict[str, Counts]:
        """Return all counts by name, for `from_arrays`."""
        names = (*_ARRAYS, *(_REACTED if self.reacted.any() else ()))
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Tally:
        """Return the tally whose counts `arrays` gave.

        Raises
        ------
        ValueError
            If one is missing or has another shape.
        """
        if set(arrays) - set(_REACTED) != set(_ARRAYS):
            raise ValueError(f"counts are of {', '.join(sorted(arrays))}")
        tally = cls(len(arrays["outcomes"]))
        for name in arrays:
            if arrays[name].shape != getattr(tally, name).shape:
                raise ValueError(f"counts of {name} have the shape {arrays[name].shape}")
            if arrays[name].dtype.kind not in "iu":
                raise ValueError(f"counts of {name} are no whole numbers")
            setattr(tally, name, arrays[name].astype(np.int64))
        return tally
