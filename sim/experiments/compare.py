"""Scenarios compared on the same members and the same luck: paired differences, who flips, why.

World w meets the same luck under every scenario, so the difference between two scenarios is known
far better than either: most worlds end alike in both and cancel.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE, Outcome
from sim.errors import ScenarioError, check_whole
from sim.estimates import Odds, member_differences, member_error, two_stage
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import (
    DEFAULT_SEED,
    DEFAULT_WORLDS,
    MAX_WORLDS,
    WAVE_WORLDS,
    Plan,
    Progress,
    default_workers,
)
from sim.request import in_python, python_command, size_in_python, worlds_request
from sim.results import Results, Tally
from sim.text import shown

SCHEMA = "truce/comparison/1"
MAX_SCENARIOS = 50
_Z = 1.959963984540054

Counts = NDArray[np.int64]
QUANTITIES = {"held": (Outcome.HELD,), "agreed": (Outcome.HELD, Outcome.COLLAPSED)}
"""What is compared: the outcomes that count as a hit."""


class Difference(NamedTuple):
    """How much more often something happens under one scenario than under the first.

    Attributes
    ----------
    mean
        Difference of the odds.
    mc
        95 % interval of the estimate, from paired worlds.
    ensemble
        Central 90 % of the members' own differences with luck taken out; None below 64 members.
    verdict
        `ahead` or `behind` if the interval excludes 0, else `tied` at this precision.
    gained, lost
        Shares of worlds in which it happens here and not there, and the other way round.
    world_gained, world_lost
        The first world of each kind, to be replayed; None if there is none.
    worlds_unpaired
        How many worlds of each scenario, independent luck, would have known it as well.
    """

    mean: float
    mc: tuple[float, float]
    ensemble: tuple[float, float] | None
    verdict: str
    gained: float
    lost: float
    world_gained: int | None
    world_lost: int | None
    worlds_unpaired: int

    @property
    def half_width(self) -> float:
        """Half the width of the mc interval."""
        return (self.mc[1] - self.mc[0]) / 2.0

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        told = self._asdict()
        for name in ("mc", "ensemble"):
            told[name] = list(told[name]) if told[name] else None
        return told


@dataclass
class Flips:
    """Worlds by member in which something happens under one scenario only."""

    members: int
    gained: Counts = field(init=False)
    lost: Counts = field(init=False)
    first_gained: int = NONE
    first_lost: int = NONE

    def __post_init__(self) -> None:
        self.gained = np.zeros(self.members, np.int64)
        self.lost = np.zeros(self.members, np.int64)

    def add(self, first: NDArray[np.void], other: NDArray[np.void], hits: Sequence[int]) -> None:
        """Count a block of worlds under both scenarios."""
        before = np.isin(first["outcome"], hits)
        after = np.isin(other["outcome"], hits)
        gained, lost = after & ~before, before & ~after
        np.add.at(self.gained, first["member"][gained], 1)
        np.add.at(self.lost, first["member"][lost], 1)
        if self.first_gained == NONE and gained.any():
            self.first_gained = int(first["world"][gained][0])
        if self.first_lost == NONE and lost.any():
            self.first_lost = int(first["world"][lost][0])

    def difference(
        self, first: Tally, other: Tally, hits: Sequence[int], *, spread: bool = True
    ) -> Difference:
        """Estimate the difference from the worlds counted, the same in both tallies.

        ``spread`` says whether the interval of the members is wanted.
        """
        counts = first.outcomes.sum(1)
        used = counts > 0
        worlds, gained, lost = counts[used], self.gained[used], self.lost[used]
        total = int(worlds.sum())
        means = (gained - lost) / worlds
        variances = (gained + lost) / worlds - means**2
        # one flip more each way, so that few flips or none claim no certainty
        variance = two_stage(means, variances, worlds, self.members) + 2.0 / total**2
        mean = float((gained.sum() - lost.sum()) / total)
        half = _Z * math.sqrt(variance)
        low, high = max(-1.0, mean - half), min(1.0, mean + half)
        verdict = "ahead" if low > 0.0 else "behind" if high < 0.0 else "tied"
        apart = _unpaired_variance(first, hits) + _unpaired_variance(other, hits)
        return Difference(
            mean,
            (low, high),
            member_differences(gained, lost, worlds) if spread else None,
            verdict,
            float(gained.sum() / total),
            float(lost.sum() / total),
            None if self.first_gained == NONE else self.first_gained,
            None if self.first_lost == NONE else self.first_lost,
            round(total * max(1.0, apart / variance)),
        )


def _unpaired_variance(tally: Tally, hits: Sequence[int]) -> float:
    counts = tally.outcomes.sum(1)
    used = counts > 0
    found = tally.outcomes[used][:, list(hits)].sum(1)
    return member_error(found, counts[used], tally.members)


# ------------------------------------------------------------------ a comparison


@dataclass(frozen=True)
class Comparison:
    """What came of comparing scenarios with the first of them.

    Attributes
    ----------
    results
        By scenario, in the order given.
    differences
        By quantity (`held`, `agreed`), then one for each scenario but the first.
    rivals
        How much more often `held` comes under the second of two scenarios than under the first of
        them, by their places in ``results``; for each two that are not the first, without the
        interval of the members.
    """

    results: tuple[Results, ...]
    differences: dict[str, tuple[Difference, ...]]
    rivals: dict[tuple[int, int], Difference]

    @property
    def worlds(self) -> int:
        """Worlds run of each scenario."""
        return self.results[0].tally.worlds

    @property
    def id(self) -> str:
        """A hash of all that decides the comparison."""
        runs = "|".join(result.run_id for result in self.results)
        return hashlib.sha256(runs.encode()).hexdigest()[:12]

    def level_with(self, one: int) -> list[int]:
        """The scenarios, but the first, that are tied with one in the odds of `held`."""
        tied = [pair for pair, found in self.rivals.items() if found.verdict == "tied"]
        return [b if a == one else a for a, b in tied if one in (a, b)]

    @property
    def command(self) -> str:
        """The one line of Python that makes the comparison again and prints its summary."""
        asked = self.request
        scenarios = ", ".join(in_python(scenario) for scenario in asked["scenarios"])
        call = f"sim.compare([{scenarios}], {size_in_python(asked)})"
        return python_command(f"print({call}.summary())")

    @property
    def request(self) -> dict[str, Any]:
        """What the comparison was asked for, as plain data."""
        first = self.results[0]
        scenarios = [result.scenario for result in self.results]
        return worlds_request(scenarios, self.worlds, first.precision, first.seed)

    def summary(self, command: str | None = None) -> dict[str, Any]:
        """Return the comparison as plain data (schema `truce/comparison/1`).

        Parameters
        ----------
        command
            The command that made it; ``self.command`` if None.
        """
        first = self.results[0]
        return {
            "schema": SCHEMA,
            "id": self.id,
            "as_of": first.scenario.as_of.isoformat(),
            "horizon_days": first.scenario.horizon_days,
            "seed": first.seed,
            "worlds": self.worlds,
            "ensemble": {"id": first.ensemble_id, "kind": first.ensemble_kind},
            "request": self.request,
            "command": command or self.command,
            "scenarios": [self._told(n) for n in range(len(self.results))],
        }

    def _told(self, n: int) -> dict[str, Any]:
        result = self.results[n]
        told: dict[str, Any] = {
            "scenario": result.scenario.name,
            "title": result.scenario.title,
            "set": dict(result.scenario.overrides),
            "run_id": result.run_id,
            "odds": {name: odds.as_dict() for name, odds in result.odds.items()},
            "agreed": result.agreed.as_dict(),
            "difference": None,
        }
        if n:
            found = {name: each[n - 1].as_dict() for name, each in self.differences.items()}
            told["difference"] = found
        return told

    def odds(self, quantity: str) -> list[Odds]:
        """Odds of a quantity by scenario."""
        if quantity == "agreed":
            return [result.agreed for result in self.results]
        return [result.odds[quantity] for result in self.results]


def compare(
    scenarios: Sequence[Scenario | str | Path],
    worlds: int = DEFAULT_WORLDS,
    seed: int = DEFAULT_SEED,
    workers: int | None = None,
    executor: Executor | None = None,
    precision: float | None = None,
    progress: Progress | None = None,
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
        Called with the worlds done, of all scenarios, and their total if it is known.
    keep
        Keep a record of every world, so that the results can be saved and worlds replayed.

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
    if isinstance(scenarios, str | bytes) or not isinstance(scenarios, Sequence):
        todo = 'Give two or more, such as ["baseline", "us-backstop"].'
        raise ScenarioError("scenarios", f"{shown(str(scenarios))} is no list of scenarios.", todo)
    chosen = _paired(
        [one if isinstance(one, Scenario) else load_scenario(one) for one in scenarios]
    )
    ensemble = load_ensemble(chosen[0].as_of, conflict=chosen[0].conflict)
    plans = [Plan(scenario, ensemble, worlds, seed, precision) for scenario in chosen]
    tallies = [Tally(len(ensemble)) for _ in plans]
    flips = {name: [Flips(len(ensemble)) for _ in plans[1:]] for name in QUANTITIES}
    rivals = {pair: Flips(len(ensemble)) for pair in combinations(range(1, len(plans)), 2)}
    workers = default_workers() if workers is None else check_whole("workers", workers, 1, 4096)
    pool = nullcontext(executor) if executor else ThreadPoolExecutor(workers)
    kept = []
    done = 0
    with pool as running:
        for blocks in _counted(plans, tallies, flips, running, workers):
            done += len(blocks[0])
            for (a, b), flip in rivals.items():
                flip.add(blocks[a], blocks[b], QUANTITIES["held"])
            if keep:
                kept.append(blocks)
            if progress:
                progress(done * len(plans), None if precision else worlds * len(plans))
    none: list[NDArray[np.void] | None] = [None] * len(plans)
    rows = [np.concatenate(each) for each in zip(*kept, strict=True)] or none
    results = tuple(
        Results(plan.scenario, ensemble.id, ensemble.kind, seed, plan.precision, tally, row)
        for plan, tally, row in zip(plans, tallies, rows, strict=True)
    )
    held = {
        (a, b): flip.difference(tallies[a], tallies[b], QUANTITIES["held"], spread=False)
        for (a, b), flip in rivals.items()
    }
    return Comparison(results, _differences(tallies, flips), held)


def _differences(
    tallies: Sequence[Tally], flips: dict[str, list[Flips]]
) -> dict[str, tuple[Difference, ...]]:
    first, *others = tallies
    return {
        name: tuple(
            flip.difference(first, other, QUANTITIES[name])
            for flip, other in zip(each, others, strict=True)
        )
        for name, each in flips.items()
    }


def _counted(
    plans: Sequence[Plan],
    tallies: Sequence[Tally],
    flips: dict[str, list[Flips]],
    running: Executor,
    workers: int,
) -> Iterator[tuple[NDArray[np.void], ...]]:
    """Run and count the worlds of all plans in step, and yield them, a block of each."""
    from sim.engine.jit import announce

    announce()
    plan = plans[0]
    done, goal = 0, plan.worlds if plan.precision is None else WAVE_WORLDS
    while done < goal:
        ahead = max(1, 2 * workers // len(plans))
        waves = [one.wave(running, done, goal, ahead) for one in plans]
        for blocks in zip(*waves, strict=True):
            for tally, rows in zip(tallies, blocks, strict=True):
                tally.add(rows)
            for name, each in flips.items():
                for flip, rows in zip(each, blocks[1:], strict=True):
                    flip.add(blocks[0], rows, QUANTITIES[name])
            done += len(blocks[0])
            yield blocks
        goal = _next_goal(plan.precision, done, tallies, flips)


def _next_goal(
    precision: float | None, done: int, tallies: Sequence[Tally], flips: dict[str, list[Flips]]
) -> int:
    """The number of worlds at which to look again; ``done`` if every difference is known."""
    if precision is None:
        return done
    found = _differences(tallies, flips)
    half = max(difference.half_width for each in found.values() for difference in each)
    if half <= precision:
        return done
    needed = done * (half / precision) ** 2
    if needed > MAX_WORLDS:
        reach = half * (done / MAX_WORLDS) ** 0.5
        what = f"{precision:g} would take {needed:.2g} worlds; {MAX_WORLDS:,} is the limit."
        raise ScenarioError("precision", what, f"Ask for {1.1 * reach:.1g} or more.")
    return done + WAVE_WORLDS


def _paired(scenarios: Sequence[Scenario]) -> Sequence[Scenario]:
    """Check that scenarios can be compared world by world."""
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
