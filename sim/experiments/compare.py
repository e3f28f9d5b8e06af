"""Scenarios compared on the same members and the same luck: paired differences, and who flips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Side
from sim.errors import ScenarioError
from sim.experiments.comparison import Comparison
from sim.experiments.differences import (
    QUANTITIES,
    Difference,
    Flips,
    PriceDifference,
    PriceShifts,
)
from sim.experiments.executors import ExecutorSpec
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_SEED, DEFAULT_WORLDS, WAVE_WORLDS, Plan, next_goal
from sim.progress import Progress, reported
from sim.results import Results
from sim.tally import Tally
from sim.text import shown

MAX_SCENARIOS = 50
Blocks = tuple[NDArray[np.void], ...]
"""The same worlds under each scenario."""


# ------------------------------------------------------------------ running


def compare(
    scenarios: Sequence[Scenario | str | Path],
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    executor: Executor | None = None,
    precision: float | None = None,
    progress: bool | Progress = False,
    *,
    keep: bool = False,
) -> Comparison:
    """Run scenarios on the same members and luck, and compare each with the first.

    Parameters
    ----------
    scenarios
        Two or more, of one as-of day and one horizon.
    worlds, seed, workers, executor
        As in `sim.run`; ``worlds`` of each scenario.
    precision
        Run until the half-width of the interval of every difference is no more than this.
    progress
        True to see how far it has come, in one line; or a function that is called with the worlds
        done, of all scenarios, and their total if it is known.
    keep
        Keep a record of every world, so that a folder of each run is written by ``save``.

    Returns
    -------
    Comparison
        The differences of each scenario from the first, with intervals and a verdict
        (`sim.experiments.differences.verdict_of` says what it means).

    Raises
    ------
    ScenarioError, CalibrationError
        If an input cannot be used, or the scenarios cannot be paired.

    Examples
    --------
    >>> import sim
    >>> comparison = sim.compare(["baseline", "joint-ultimatum"], worlds=400)
    >>> len(comparison.differences["held"])
    1
    """
    chosen = paired(as_scenarios(scenarios))
    ensemble = load_ensemble(chosen[0].as_of, conflict=chosen[0].conflict)
    plans = [Plan(scenario, ensemble, worlds, seed, precision) for scenario in chosen]
    counts = _Counts(len(plans), len(ensemble))
    kept: list[Blocks] = []
    done = 0
    with reported(progress, "worlds") as report:
        for blocks in _run(plans, counts, ExecutorSpec(workers, executor)):
            done += len(blocks[0])
            if keep:
                kept.append(blocks)
            if report:
                report(done * len(plans), None if precision else plans[0].worlds * len(plans))
    none: list[NDArray[np.void] | None] = [None] * len(plans)
    rows = [np.concatenate(each) for each in zip(*kept, strict=True)] or none
    results = tuple(
        Results(
            plan.scenario,
            ensemble.id,
            ensemble.kind,
            plan.seed,
            plan.precision,
            tally,
            row,
            ensemble_doubt=ensemble.doubt,
        )
        for plan, tally, row in zip(plans, counts.tallies, rows, strict=True)
    )
    prices = dict(zip(chosen[0].conflict.side_ids, counts.prices(), strict=True))
    return Comparison(results, counts.differences(), counts.rivals(), worth=prices)


def as_scenarios(scenarios: Sequence[Scenario | str | Path]) -> list[Scenario]:
    """Return scenarios that are given as they are, by name or by path.

    Raises
    ------
    ScenarioError
        If it is no list, or one cannot be loaded.
    """
    if isinstance(scenarios, str | bytes) or not isinstance(scenarios, Sequence):
        todo = 'Give two or more, such as ["baseline", "us-backstop"].'
        raise ScenarioError("scenarios", f"{shown(str(scenarios))} is no list of scenarios.", todo)
    return [one if isinstance(one, Scenario) else load_scenario(one) for one in scenarios]


def paired(scenarios: list[Scenario]) -> list[Scenario]:
    """Return scenarios that can be compared world by world.

    Raises
    ------
    ScenarioError
        If they are too few or too many, or not of one as-of day, horizon and conflict.
    """
    if not 2 <= len(scenarios) <= MAX_SCENARIOS:
        what = f"{len(scenarios)} given; 2 to {MAX_SCENARIOS} can be compared."
        raise ScenarioError("scenarios", what, "Name the one to compare with first, then others.")
    first = scenarios[0]
    for other in scenarios[1:]:
        if other.conflict != first.conflict:
            what = f"is put to {other.conflict}, but {first.name} to {first.conflict}."
            raise ScenarioError(f"scenario '{other.name}'", what, "Load both with one conflict.")
        for name, option in (("as_of", "--as-of"), ("horizon_days", "--horizon")):
            one, two = getattr(first, name), getattr(other, name)
            if one != two:
                what = f"has {name} {two}, but {first.name} has {one}: no world of the one is a "
                what += "world of the other."
                raise ScenarioError(f"scenario '{other.name}'", what, f"Give both one {option}.")
    return scenarios


class _Counts:
    """Counts of the worlds of several scenarios that are run in step."""

    def __init__(self, scenarios: int, members: int) -> None:
        self.tallies = [Tally(members) for _ in range(scenarios)]
        self._flips = {name: [Flips(members) for _ in self.tallies[1:]] for name in QUANTITIES}
        self._shifts = [PriceShifts(members) for _ in self.tallies[1:]]
        self._rivals = {pair: Flips(members) for pair in combinations(range(1, scenarios), 2)}

    def add(self, blocks: Blocks) -> None:
        """Count the same worlds under each scenario."""
        for tally, rows in zip(self.tallies, blocks, strict=True):
            tally.add(rows)
        for name, each in self._flips.items():
            for flip, rows in zip(each, blocks[1:], strict=True):
                flip.add(blocks[0], rows, QUANTITIES[name])
        for shift, rows in zip(self._shifts, blocks[1:], strict=True):
            shift.add(blocks[0], rows)
        for (a, b), flip in self._rivals.items():
            flip.add(blocks[a], blocks[b], QUANTITIES["held"])

    def differences(self, *, spread: bool = True) -> dict[str, tuple[Difference, ...]]:
        """By quantity, how each scenario differs from the first.

        ``spread`` says whether the members' own differences are wanted.
        """
        first, *others = self.tallies
        return {
            name: tuple(
                flip.difference(first, other, QUANTITIES[name], spread=spread)
                for flip, other in zip(each, others, strict=True)
            )
            for name, each in self._flips.items()
        }

    def prices(self) -> list[tuple[PriceDifference, ...]]:
        """By side, how each scenario's worth differs from that of the first."""
        first = self.tallies[0]
        return [tuple(shift.difference(first, side) for shift in self._shifts) for side in Side]

    def rivals(self) -> dict[tuple[int, int], Difference]:
        """How each two that are not the first differ in `held`."""
        held = QUANTITIES["held"]
        return {
            (a, b): flip.difference(self.tallies[a], self.tallies[b], held)
            for (a, b), flip in self._rivals.items()
        }

    def half_width(self) -> float:
        """Half the width of the widest interval of the differences from the first."""
        found = self.differences(spread=False)
        return max(difference.half_width for each in found.values() for difference in each)


def _run(plans: Sequence[Plan], counts: _Counts, spec: ExecutorSpec) -> Iterator[Blocks]:
    """Run and count the worlds of all plans in step, and yield them, a block of each."""
    from sim.native import announce

    workers = spec.checked()
    announce()
    precision = plans[0].precision
    done, goal = 0, plans[0].worlds if precision is None else WAVE_WORLDS
    ahead = max(1, 2 * workers // len(plans))
    with spec.pool() as pool:
        while done < goal:
            waves = [plan.wave(pool.executor, done, goal, ahead) for plan in plans]
            for blocks in zip(*waves, strict=True):
                counts.add(blocks)
                done += len(blocks[0])
                yield blocks
            if precision is not None:
                goal = next_goal(precision, counts.half_width(), done)
