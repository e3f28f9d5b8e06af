"""Worlds of a scenario in memory, under its own levers and under those that are tried."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Side
from sim.errors import ScenarioError
from sim.experiments.differences import QUANTITIES, Difference, Flips, PriceDifference, PriceShifts
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.inline import split_inline
from sim.inputs.levers import Value, check_lever, value_text
from sim.inputs.scenario import Scenario
from sim.inputs.tomlfile import raise_all
from sim.montecarlo import Plan
from sim.results import Results
from sim.tally import Tally

QUICK = 4_096
"""Worlds of an answer that follows the hand: four of each of a quarter of the members."""
MOST = 32_768
"""Worlds of the answer that stays: eight of each member."""
SLICE = 1_024
"""Worlds that a thread runs before it looks who is next: about a fiftieth of a second."""
KEPT_SLICES = 96
"""Slices kept for what may be asked again, about 20 MB; those of the scenario itself aside."""
Moves = tuple[tuple[str, Value], ...]
"""Levers that differ from the scenario, by name, and their values; in the order of the names."""
Block = NDArray[np.void]


class Pair(NamedTuple):
    """The results of the same worlds under two policies, and how the second differs.

    Attributes
    ----------
    first, other
        Of the policy to set against, and of the other.
    odds
        By quantity of `sim.experiments.differences.QUANTITIES`.
    worth
        By side, in stakes.
    """

    first: Results
    other: Results
    odds: dict[str, Difference]
    worth: tuple[PriceDifference, ...]


class Worlds:
    """The worlds of a scenario on one luck, run slice by slice as they are needed.

    World w is that of `sim.run` with the same seed, whatever has been asked before.

    Parameters
    ----------
    scenario, seed
        As of `sim.run`.

    Raises
    ------
    ScenarioError, CalibrationError
        If the seed is out of range, or there is no ensemble of its day.
    """

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario = scenario
        self.ensemble: Ensemble = load_ensemble(scenario.as_of, conflict=scenario.conflict)
        self.seed = Plan(scenario, self.ensemble, MOST, seed).seed
        self._lock = threading.Lock()
        self._plans: OrderedDict[Moves, Plan] = OrderedDict()
        self._kept: OrderedDict[tuple[Moves, int], Block] = OrderedDict()
        self._own: dict[int, Block] = {}
        self._turns = [threading.Lock() for _ in range(MOST // SLICE)]

    def moves(self, levers: Mapping[str, Any]) -> Moves:
        """Check levers that are to be set, and return those that differ from the scenario.

        Raises
        ------
        ScenarioError
            With all that is wrong: a name is no lever's, a value is outside its bounds.
        """
        found, wrong = {}, []
        for name, value in levers.items():
            try:
                with self.scenario.conflict.named_errors():
                    found[name] = check_lever("levers", name, value)
            except ScenarioError as problem:
                wrong.append(problem)
        raise_all("the request", wrong)
        stands = self.scenario.levers
        moves = tuple(sorted((n, v) for n, v in found.items() if not _same(v, stands[n])))
        self.moved(moves)
        return moves

    def moved(self, moves: Moves) -> Scenario:
        """Return the scenario with some levers set.

        Raises
        ------
        ScenarioError
            If one cannot be set, since the scenario itself changes it on the first day.
        """
        return self.scenario.with_levers(dict(moves)) if moves else self.scenario

    # -------------------------------------------------------------- running

    def slice(self, moves: Moves, number: int) -> Block:
        """Return the worlds of one slice, run now unless they are kept."""
        if not moves:
            with self._turns[number]:  # all answers need it: no two threads run it
                if number not in self._own:
                    self._own[number] = self._run((), number)
                return self._own[number]
        with self._lock:
            found = self._kept.get((moves, number))
            if found is not None:
                self._kept.move_to_end((moves, number))
                return found
        block = self._run(moves, number)
        with self._lock:
            self._kept[moves, number] = block
            while len(self._kept) > KEPT_SLICES:
                self._kept.popitem(last=False)
        return block

    def _run(self, moves: Moves, number: int) -> Block:
        return self._plan(moves).block(number * SLICE, SLICE)

    def _plan(self, moves: Moves) -> Plan:
        with self._lock:
            if moves not in self._plans:
                self._plans[moves] = Plan(self.moved(moves), self.ensemble, MOST, self.seed)
            self._plans.move_to_end(moves)
            if len(self._plans) > KEPT_SLICES:
                self._plans.popitem(last=False)
            return self._plans[moves]

    # -------------------------------------------------------------- counting

    def results(self, moves: Moves, rows: Block) -> Results:
        """Return the results of worlds, as `sim.run` does, with the worlds."""
        tally = Tally(len(self.ensemble))
        tally.add(rows)
        one = self.ensemble
        asked = (self.moved(moves), one.id, one.kind, self.seed, None)
        return Results(*asked, tally, rows, ensemble_doubt=one.doubt)

    def pair(self, first: tuple[Moves, Block], other: tuple[Moves, Block]) -> Pair:
        """Return how worlds differ from the same worlds under other levers, as `sim.compare`."""
        members, (before, after) = len(self.ensemble), (first[1], other[1])
        one, two = self.results(*first), self.results(*other)
        odds = {}
        for name, hits in QUANTITIES.items():
            flips = Flips(members)
            flips.add(before, after, hits)
            odds[name] = flips.difference(one.tally, two.tally, hits)
        shifts = PriceShifts(members)
        shifts.add(before, after)
        return Pair(one, two, odds, tuple(shifts.difference(one.tally, side) for side in Side))


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def inline_name(scenario: Scenario, moves: Moves) -> str:
    """Write a scenario in line with all that is set beside its file, as `--set` would, and moves.

    Examples
    --------
    >>> from sim.inputs.scenario import load_scenario
    >>> inline_name(load_scenario("baseline+aid.level=0.5"), (("concede.nato", True),))
    'baseline+aid.level=0.5+concede.nato=true'
    """
    given = scenario.given or scenario.name
    base = split_inline(given).base
    levers = {**scenario.inline, **scenario.overrides, **dict(moves)}
    return "+".join([base, *(f"{name}={value_text(value)}" for name, value in levers.items())])
