"""How far each lever alone moves the odds, from where it stands to either end of its range."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sim.engine.domain import Outcome
from sim.estimates import Odds
from sim.experiments.differences import Difference, PriceDifference
from sim.experiments.kernel import Kernel
from sim.experiments.moved import moved
from sim.experiments.paired import Paired, paired_with
from sim.inputs.block_numbers import set_by
from sim.inputs.ends import lever_ends
from sim.inputs.levers import LEVERS, Value, value_text
from sim.inputs.scenario import Scenario
from sim.progress import Progress


class Moved(NamedTuple):
    """What comes of a lever at one value, against where it stands.

    Attributes
    ----------
    value
        The lever's, on all days.
    odds
        Under it.
    difference
        Of the odds, from those where it stands.
    worth
        By actor of a side, the difference in what a world is worth, in stakes.
    """

    value: Value
    odds: Odds
    difference: Difference
    worth: Mapping[str, PriceDifference]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; ``mean`` and ``mc`` are those of the difference."""
        return {
            "value": self.value,
            **self.difference.as_dict(),
            "odds": self.odds.as_dict(),
            "worth": {actor: one.as_dict() for actor, one in self.worth.items()},
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Moved:
        """Return what `as_dict` gave."""
        return cls(
            document["value"],
            Odds.from_dict(document["odds"]),
            Difference.from_dict(document),
            {actor: PriceDifference.from_dict(one) for actor, one in document["worth"].items()},
        )


class Bar(NamedTuple):
    """A lever of a tornado: its two ends, and deferred if it can be and is not.

    Attributes
    ----------
    stands
        Its value on day 1.
    changes
        By day, the values to which the scenario changes it later.
    set_by
        By block of the scenario, such as ``when.1``, the value that it sets once it is met.
    """

    lever: str
    stands: Value
    low: Moved
    high: Moved
    deferred: Moved | None
    changes: tuple[tuple[int, Value], ...] = ()
    set_by: tuple[tuple[str, Value], ...] = ()

    @property
    def ends(self) -> list[Moved]:
        """All values that were tried."""
        return [self.low, self.high, *([self.deferred] if self.deferred else [])]

    @property
    def moved(self) -> list[Moved]:
        """The values at which it does not stand anyway, on all days."""
        return [one for one in self.ends if self.may_change or one.value != self.stands]

    @property
    def may_change(self) -> bool:
        """Whether the scenario may move it later."""
        return bool(self.changes or self.set_by)

    @property
    def course(self) -> str:
        """Where it stands, in words, such as ``0.2, 0.9 from day 20``."""
        later = [f"{value_text(value)} from day {day}" for day, value in self.changes]
        met = [f"{value_text(value)} once {block} is met" for block, value in self.set_by]
        return ", ".join([value_text(self.stands), *later, *met])

    @property
    def reach(self) -> float:
        """How far the odds lie apart over its values and where it stands."""
        moves = [0.0, *(one.difference.mean for one in self.ends)]
        return max(moves) - min(moves)

    def as_dict(self) -> dict[str, Any]:
        """Return the bar as plain data."""
        return {
            "lever": self.lever,
            "stands": self.stands,
            "changes": [{"day": day, "value": value} for day, value in self.changes],
            "set_by": [{"block": block, "value": value} for block, value in self.set_by],
            "from": self.low.value,
            "to": self.high.value,
            "low": self.low.as_dict(),
            "high": self.high.as_dict(),
            "deferred": self.deferred.as_dict() if self.deferred else None,
            "worth": {
                end: {actor: one.as_dict() for actor, one in getattr(self, end).worth.items()}
                for end in ("low", "high")
            },
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Bar:
        """Return the bar whose plain data `as_dict` gave."""
        deferred = document["deferred"]
        return cls(
            document["lever"],
            document["stands"],
            Moved.from_dict(document["low"]),
            Moved.from_dict(document["high"]),
            Moved.from_dict(deferred) if deferred else None,
            tuple((change["day"], change["value"]) for change in document["changes"]),
            tuple((one["block"], one["value"]) for one in document["set_by"]),
        )


def tornado(
    kernel: Kernel,
    scenario: Scenario,
    hits: Sequence[Outcome],
    worlds: int,
    progress: Progress | None = None,
) -> tuple[Odds, tuple[Bar, ...]]:
    """Move each lever alone to its ends, in the same worlds.

    Returns
    -------
    Odds, tuple of Bar
        The odds where all levers stand, and a bar a lever, the longest first.
    """
    ends = lever_ends(scenario.conflict)
    stands = scenario.levers
    changes = {lever: _changes(scenario, lever) for lever in LEVERS}
    met = {lever: set_by(scenario.blocks, lever) for lever in LEVERS}
    may_change = {lever for lever in LEVERS if changes[lever] or met[lever]}
    values = {lever: [*ends[lever], *_beside(lever, stands[lever], may_change)] for lever in LEVERS}
    moves = [
        (lever, value)
        for lever, each in values.items()
        for value in each
        if value != stands[lever] or lever in may_change
    ]
    grid = kernel.grid(moved(scenario, [{}, *({a: b} for a, b in moves)]), worlds, 0, progress)
    members, base = len(kernel.ensemble), grid.rows(0)
    sides = scenario.conflict.side_ids
    place = {move: n for n, move in enumerate(moves, 1)}

    @functools.cache
    def against(policy: int) -> Paired:
        return paired_with(base, grid.rows(policy), members, hits)

    def at(lever: str, value: Value) -> Moved:
        found = against(place.get((lever, value), 0))
        worth = dict(zip(sides, found.worth, strict=True))
        return Moved(value, found.odds, found.difference, worth)

    bars = []
    for lever, (low, high, *more) in values.items():
        deferred = at(lever, more[0]) if more else None
        found = at(lever, low), at(lever, high), deferred
        bars.append(Bar(lever, stands[lever], *found, changes[lever], met[lever]))
    return against(0).odds, tuple(sorted(bars, key=lambda bar: -bar.reach))


def _changes(scenario: Scenario, lever: str) -> tuple[tuple[int, Value], ...]:
    """To what a scenario changes a lever after day 1, if that is anything else."""
    found: list[tuple[int, Value]] = []
    before = scenario.levers[lever]
    for change in scenario.schedule:
        if change.lever == lever and change.day > 1 and change.value != before:
            found.append((change.day, change.value))
            before = change.value
    return tuple(found)


def _beside(lever: str, stands: Value, may_change: Collection[str]) -> list[Value]:
    """What a lever takes beside its two ends, if it does not stand there on all days: deferred."""
    return [value for value in LEVERS[lever].kind.beside if value != stands or lever in may_change]
