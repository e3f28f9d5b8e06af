"""Runs worlds of members, of points of a study, or of both, twice on luck of its own each.

What the first half of the luck shows is searched; the second half tells what is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.discover.evaluate import Labels, Means, Odds, Shown
from sim.attribution.discover.words import GAIN, WORTH
from sim.bounds import Bound
from sim.engine.agenda import Agenda, together
from sim.engine.cases import new_cases
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.experiments.kernel import BATCH_WORLDS, Batch, Kernel
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.outcomes import OUTCOMES
from sim.progress import Progress

LUCKS = 64
"""Worlds of a member on each half of the luck: fewer say too little of its odds."""
POINT_RUNS = 2**21
"""World-runs that all points of a study have together, unless the caller says how many."""
MOST_OF_POINT, FEWEST_OF_POINT = 16_384, 256
"""Bounds of the worlds of a point on each half of the luck."""


@dataclass(frozen=True)
class Asked:
    """What is asked of worlds.

    Attributes
    ----------
    bound
        The condition.
    sides
        Ids of the sides, in their order.
    """

    bound: Bound
    sides: tuple[str, str]

    @property
    def gain(self) -> bool:
        """Whether it is about the difference of two scenarios."""
        return self.bound.quantity.startswith(GAIN)

    def values(self, ended: NDArray[np.void]) -> Floats:
        """Return by world what is asked about: 1 where the outcome came, or the worth."""
        name = self.bound.quantity.removeprefix(GAIN)
        if name.startswith(WORTH):
            side = self.sides.index(name.removeprefix(WORTH))
            return np.asarray(ended["worth"][..., side], float)
        return np.asarray(np.isin(ended["outcome"], OUTCOMES[name]), float)

    @property
    def of_odds(self) -> bool:
        """Whether the quantity is the share of worlds in which something comes."""
        return not self.gain and not self.bound.quantity.startswith(WORTH)


def quantities(sides: Sequence[str], *, gain: bool) -> list[str]:
    """Return what can be asked about: of one scenario, or of what a second adds to it."""
    names = [*OUTCOMES, *(f"{WORTH}{side}" for side in sides)]
    return [f"{GAIN}{name}" for name in names] if gain else names


class Sums(NamedTuple):
    """By row: how many worlds, and the sums of what is asked about and of its square."""

    worlds: Ints
    total: Floats
    squares: Floats

    def shown(self, asked: Asked) -> Shown:
        """Return what the worlds say of the rows.

        A row in which all worlds are alike is not known without error: its variance is drawn
        towards that of all rows by the weight of one world.
        """
        means = self.total / self.worlds
        if asked.of_odds:
            return Odds(self.total.astype(np.int64), self.worlds, asked.bound)
        variance = np.maximum(self.squares / self.worlds - means**2, 0.0)
        drawn = (self.worlds * variance + variance.mean()) / (self.worlds + 1)
        return Means(means, np.sqrt(drawn / self.worlds), asked.bound)

    def labels(self, asked: Asked) -> Labels:
        """Return whether the mean of each row meets the condition."""
        means = np.asarray(self.total / self.worlds)
        return Labels(np.asarray(asked.bound.met(means)), means)


def _sums(row: Ints, values: Floats, rows: int) -> Sums:
    worlds: Ints = np.bincount(row, minlength=rows)
    total: Floats = np.asarray(np.bincount(row, values, rows), float)
    squares: Floats = np.asarray(np.bincount(row, values**2, rows), float)
    return Sums(worlds, total, squares)


# ------------------------------------------------------------------ members


def member_worlds(worlds: int | None, members: int) -> int:
    """Return how many worlds each half of the luck has, `LUCKS` of each member at least.

    Raises
    ------
    ScenarioError
        If fewer are asked for.
    """
    least = LUCKS * members
    if worlds is not None and worlds < least:
        what = f"{worlds:,} worlds are {worlds / members:.3g} of each of {members:,} members, and "
        what += f"fewer than {LUCKS} of each say too little of its odds."
        raise ScenarioError("worlds", what, f"Give {least:,} or more, or leave it out.")
    return least if worlds is None else worlds


def of_members(
    kernel: Kernel,
    scenarios: Sequence[Scenario],
    asked: Asked,
    worlds: int,
    report: Progress | None,
) -> tuple[Sums, Sums]:
    """Run worlds of every member on both halves of the luck.

    Parameters
    ----------
    scenarios
        One; or two, of which the second's difference from the first is asked about.
    worlds
        Of each half.
    """
    grid = kernel.grid([agenda(one) for one in scenarios], 2 * worlds, 0, report)
    values = asked.values(grid.ended[-1])
    if asked.gain:
        values = values - asked.values(grid.ended[0])
    first, second = slice(worlds), slice(worlds, None)
    members = len(kernel.ensemble)
    return (
        _sums(grid.member[first], values[first], members),
        _sums(grid.member[second], values[second], members),
    )


# ------------------------------------------------------------------ points


def point_worlds(worlds: int | None, points: int) -> int:
    """Return how many worlds each point has on each half of the luck."""
    if worlds is not None:
        return worlds
    share = POINT_RUNS // (2 * points)
    return min(MOST_OF_POINT, max(FEWEST_OF_POINT, share))


def of_points(
    kernel: Kernel, agendas: Sequence[Agenda], asked: Asked, worlds: int, report: Progress | None
) -> tuple[Sums, Sums]:
    """Run the same worlds at every point, spread over all members, on both halves of the luck."""
    cases = new_cases(2 * worlds)
    cases["world"] = np.arange(2 * worlds)
    members = len(kernel.ensemble)
    cases["member"] = (cases["world"] % worlds) * max(1, members // worlds) % members
    parts = kernel.run(_of_points(agendas, cases), report, len(agendas) * len(cases))
    values = (asked.values(part) for part in parts)
    of_point = [
        np.concatenate([next(values) for _ in range(-(-len(cases) // BATCH_WORLDS))])
        for _ in agendas
    ]
    both = np.array(of_point).reshape(len(agendas), 2, worlds)
    counts: Ints = np.full(len(agendas), worlds)
    first, second = (
        Sums(counts, half.sum(1), (half**2).sum(1)) for half in (both[:, 0], both[:, 1])
    )
    return first, second


def _of_points(agendas: Sequence[Agenda], cases: NDArray[np.void]) -> Iterator[Batch]:
    for one in agendas:
        for first in range(0, len(cases), BATCH_WORLDS):
            yield Batch(one.alone, cases[first : first + BATCH_WORLDS])


# ------------------------------------------------------------------ members and points


def of_pairs(
    kernel: Kernel,
    agendas: Sequence[Agenda],
    pairs: tuple[Ints, Ints],
    asked: Asked,
    report: Progress | None,
) -> tuple[Sums, Sums]:
    """Run `LUCKS` worlds of each pair of a member and a point on each half, all on luck of its own.

    Parameters
    ----------
    pairs
        The member and the point of each.
    """
    rows = len(pairs[0])
    total = rows * 2 * LUCKS
    parts = kernel.run(_of_pairs(agendas, *pairs), report, total)
    values = np.concatenate([asked.values(part) for part in parts]).reshape(rows, 2, LUCKS)
    counts: Ints = np.full(rows, LUCKS)
    halves = (values[:, 0], values[:, 1])
    first, second = (Sums(counts, half.sum(1), (half**2).sum(1)) for half in halves)
    return first, second


def _of_pairs(agendas: Sequence[Agenda], member: Ints, point: Ints) -> Iterator[Batch]:
    each = BATCH_WORLDS // (2 * LUCKS)
    for first in range(0, len(member), each):
        part = slice(first, first + each)
        there, place = np.unique(point[part], return_inverse=True)
        cases = new_cases(len(place) * 2 * LUCKS)
        cases["world"] = first * 2 * LUCKS + np.arange(len(cases))
        cases["member"] = np.repeat(member[part], 2 * LUCKS)
        cases["agenda"] = np.repeat(place, 2 * LUCKS)
        yield Batch(together([agendas[n] for n in there]), cases)


def agendas_at(
    scenario: Scenario, levers: Sequence[str], points: Sequence[Sequence[Any]]
) -> tuple[list[int], list[Agenda]]:
    """Return which points of a study the scenario can be set to, and the agenda of each."""
    places, found = [], []
    for place, point in enumerate(points):
        try:
            at_point = scenario.with_levers(dict(zip(levers, point, strict=True)))
        except ScenarioError:
            continue  # the study has an error there, too
        places.append(place)
        found.append(agenda(at_point))
    return places, found
