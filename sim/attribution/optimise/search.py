"""The search: a screen, a race, and a last leg on fresh luck.

The **screen** runs a few hundred packages in a few worlds, guesses by a smooth surface which others
are worth a look, and runs those in the same worlds. In the **race** fewer packages go on to more
and other worlds, twice. The **last leg** runs worlds that chose nothing, so that what is told of a
package owes nothing to the luck that chose it. Within a leg all packages meet the same luck.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from sim.attribution.optimise.aims import ROBUST, WORSE_OFF, Aims, is_cost
from sim.attribution.optimise.choose import chosen, ranked
from sim.attribution.optimise.measure import Measured, measured, together
from sim.attribution.optimise.packages import Space, distinct, with_still
from sim.attribution.optimise.surface import Surface, terms
from sim.engine.domain import WORLDS_PER_MEMBER
from sim.engine.dtypes import Floats, Ints
from sim.experiments.kernel import Grid

TURNS, GUESSED, ROUNDS = 3, 48, 4
"""How often the surface guesses, how many packages each time, and in how many rounds of search."""
RACE, FINALISTS = 64, 32
"""How many packages run in each leg of the race, and how many in the last leg."""
MARGINS = (0.5, 1.5, 3.0, -0.5, -1.5)
"""By how many standard errors conditions must be met to go on: the first for half of the packages.

All packages of a leg share its luck, so that where a condition begins to fail lies a little off in
every leg: packages on both sides of that go on.
"""
SPARE = 0.05
"""How much better each lever that a guess moves must make it, in standard errors of the guess."""
LEAST = 0.001
"""What counts as nothing, of odds and of stakes."""
NEAR = 16
"""Packages whose kin are looked at."""

Runs = Callable[[Ints, int, int], Grid]
"""Returns some packages in the same worlds; given them, the first world, and how many worlds."""
Costs = Callable[[Ints], Mapping[str, Floats]]
"""Returns what packages cost, by quantity."""


class Legs(NamedTuple):
    """How many worlds of each package the legs run."""

    screen: int
    first: int
    second: int
    last: int

    @classmethod
    def of(cls, worlds: int, robust: str = ROBUST[0]) -> Legs:
        """Return the legs of which the last has so many worlds.

        What a quarter of the members misses is seen only in many worlds of each, so that robust
        forms of the odds choose by as many as they tell.
        """
        screen, first, second = (
            max(1, worlds // part // WORLDS_PER_MEMBER) * WORLDS_PER_MEMBER for part in (16, 8, 4)
        )
        return cls(screen, first, second if robust == ROBUST[0] else worlds, worlds)

    def total(self, points: int, levers: int) -> int:
        """Return about how many runs all of them take."""
        screen = (points + TURNS * GUESSED) * self.screen
        race = (RACE + FINALISTS * levers // 2) * self.first + FINALISTS * self.second
        return screen + race + FINALISTS * self.last


class Size(NamedTuple):
    """How large a search is.

    Attributes
    ----------
    points
        Packages of the screen.
    seed
        Of the points that are drawn.
    """

    legs: Legs
    points: int
    seed: int


class Found(NamedTuple):
    """What a search gives.

    Attributes
    ----------
    rows
        The packages of the last leg, in the order of the race: the best first. The scenario as it
        stands is one of them.
    grid
        Their worlds.
    screened
        How many packages were tried.
    """

    rows: Ints
    grid: Grid
    screened: int


def search(runs: Runs, space: Space, aims: Aims, costs: Costs, size: Size) -> Found:
    """Find the packages that no other beats."""
    legs = size.legs

    def run(rows: Ints, first: int, worlds: int, *, full: bool = False) -> Measured:
        rows = with_still(rows)
        grid = runs(rows, first, worlds)
        return measured(grid, rows, aims, costs(rows), full=full)

    seen = run(space.screen(size.points, size.seed), 0, legs.screen)
    for turn in range(TURNS):
        guessed = _guessed(seen, space, aims, costs, size.seed + turn)
        if len(guessed):
            more = run(guessed, 0, legs.screen)
            seen = together([seen, more.some(np.arange(len(guessed)))])
    screened, first = len(seen.rows), legs.screen
    seen = run(seen.rows[_go_on(seen, aims, space, RACE)], first, legs.first)
    few = seen.some(_go_on(seen, aims, space, FINALISTS))
    without = without_one(few.rows)
    rows = spared(few, run(without, first, legs.first), aims)
    first += legs.first
    seen = run(rows, first, legs.second, full=True)
    first += legs.second
    rows = seen.rows[ranked(seen, aims)]
    return Found(rows, runs(rows, first, legs.last), screened)


def _go_on(seen: Measured, aims: Aims, space: Space, number: int) -> list[int]:
    """Which packages go on: so many, or a few less."""
    if not aims.conditions:
        return chosen(seen, aims, space, number)
    first, *others = MARGINS
    some = chosen(seen, aims, space, number // 2, first)
    for margin in others:
        some += chosen(seen, aims, space, number // 2 // len(others), margin)
    return list(dict.fromkeys(some))


def _guessed(seen: Measured, space: Space, aims: Aims, costs: Costs, seed: int) -> Ints:
    """Packages that have not run, and of which a smooth surface says the best.

    The surface is searched in a few rounds, each among the kin of the best of the round before.
    """
    most = max(2, len(seen.rows) // 2)
    values = np.stack([*seen.values.values()], axis=1)
    surface = Surface(terms(space.features(seen.rows), most), values)
    errors = surface.errors
    pool = seen.rows[chosen(seen, aims, space, NEAR)]
    for turn in range(ROUNDS):
        pool = space.pool(pool, seed * ROUNDS + turn)
        found = surface.at(terms(space.features(pool), most))
        spare = SPARE * errors * (pool > 0).sum(axis=1)[:, np.newaxis]
        known = {**dict(zip(seen.values, (found - spare).T, strict=True)), **costs(pool)}
        if WORSE_OFF in known:  # it has a kink, and the worths have none
            known[WORSE_OFF] = np.minimum(*(known[worth] for worth in aims.worths))
        doubt = {
            name: np.full(len(pool), 0.0 if is_cost(name) else error)
            for name, error in zip(seen.values, errors.tolist(), strict=True)
        }
        guess = Measured(pool, {name: known[name] for name in seen.values}, doubt)
        if turn < ROUNDS - 1:
            pool = pool[chosen(guess, aims, space, GUESSED, MARGINS[0])]
    ran = {row.tobytes() for row in seen.rows}
    guess = guess.some(np.flatnonzero([row.tobytes() not in ran for row in pool]))
    return guess.rows[_go_on(guess, aims, space, GUESSED)] if len(guess.rows) else guess.rows


def without_one(rows: Ints) -> Ints:
    """Return some packages with each lever that they move left as it stands, one at a time."""
    found = []
    for row in rows:
        for lever in np.flatnonzero(row):
            found.append(row.copy())
            found[-1][lever] = 0
    return distinct(np.array(found or [rows[0]]))


def spared(few: Measured, without: Measured, aims: Aims) -> Ints:
    """Return packages without the levers that do nothing in them.

    A lever does nothing if no objective is lower without it, by more than `LEAST`, and no
    condition is less met.

    Parameters
    ----------
    without
        The packages with one lever less, in the same worlds.
    """
    place = {row.tobytes(): n for n, row in enumerate(without.rows)}
    found = few.rows.copy()
    for n, row in enumerate(few.rows):
        for lever in np.flatnonzero(row):
            less = row.copy()
            less[lever] = 0
            other = place[less.tobytes()]
            losses = [few.high(name)[n] - without.high(name)[other] for name in aims.maximised]
            losses += [few.slack(one)[n] - without.slack(one)[other] for one in aims.conditions]
            if max(losses) <= LEAST:
                found[n, lever] = 0
    first = np.sort(np.unique(found, axis=0, return_index=True)[1])
    return found[first]
