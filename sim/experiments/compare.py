"""Scenarios compared on the same members and the same luck: paired differences, and who flips."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError, StoreError
from sim.estimates import Odds
from sim.experiments.differences import QUANTITIES, Difference, Flips
from sim.experiments.executors import ExecutorSpec
from sim.files import MANIFEST
from sim.frames import interval_columns
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario, load_scenario
from sim.montecarlo import DEFAULT_SEED, DEFAULT_WORLDS, WAVE_WORLDS, Plan, next_goal
from sim.progress import Progress, reported
from sim.request import in_python, python_command, size_in_python, worlds_request
from sim.results import Results
from sim.store import Extra, Storable, key_of, opened, scenario_in, unusable
from sim.tally import Tally
from sim.text import shown

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "truce/comparison/1"
MAX_SCENARIOS = 50
COUNTS_FILE = "counts.npz"
"""The counts of all worlds, from which the odds of each scenario follow; see `sim.tally.Tally`."""
Blocks = tuple[NDArray[np.void], ...]
"""The same worlds under each scenario."""


@dataclass(frozen=True, repr=False)
class Comparison(Storable):
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
    made_by
        The command line that made it, if one did.
    """

    results: tuple[Results, ...]
    differences: dict[str, tuple[Difference, ...]]
    rivals: dict[tuple[int, int], Difference]
    made_by: str = field(default="", compare=False)
    kind: ClassVar[str] = "comparison"

    @property
    def worlds(self) -> int:
        """Worlds run of each scenario."""
        return self.results[0].tally.worlds

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides the comparison."""
        return key_of({"runs": [result.run_id for result in self.results]})

    def __repr__(self) -> str:
        first, *others = (result.scenario.name for result in self.results)
        verdicts = ", ".join(
            f"{name} {found.verdict} {100.0 * found.mean:+.1f} points"
            for name, found in zip(others, self.differences["held"], strict=True)
        )
        return f"<Comparison with {first}, held: {verdicts}; {self.worlds:,} worlds of each>"

    def odds(self, quantity: str) -> list[Odds]:
        """Odds of a quantity by scenario."""
        if quantity == "agreed":
            return [result.agreed for result in self.results]
        return [result.odds[quantity] for result in self.results]

    def level_with(self, one: int) -> list[int]:
        """The scenarios, but the first, that are tied with one in the odds of `held`."""
        tied = [pair for pair, found in self.rivals.items() if found.verdict == "tied"]
        return [b if a == one else a for a, b in tied if one in (a, b)]

    def run(self, which: str) -> Results:
        """Return the results of one scenario, by its name or by the id of its run.

        Raises
        ------
        StoreError
            If the comparison has none, or several, of that name.
        """
        by_id = [result for result in self.results if result.run_id == which]
        found = by_id or [
            result
            for result in self.results
            if which in (result.scenario.name, result.scenario.label)
        ]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{one.scenario.name} ({one.run_id})" for one in self.results)
        what = f"has {'several scenarios' if found else 'no scenario'} called {shown(which)}."
        raise StoreError(f"comparison {self.id}", what, f"There are: {there}.")

    # -------------------------------------------------------------- as data

    @property
    def request(self) -> dict[str, Any]:
        """What the comparison was asked for, as plain data."""
        first = self.results[0]
        scenarios = [result.scenario for result in self.results]
        return worlds_request(scenarios, self.worlds, first.precision, first.seed)

    @property
    def command(self) -> str:
        """The line that makes the comparison again: of `truce` if that made it, else of Python."""
        asked = self.request
        scenarios = ", ".join(in_python(scenario) for scenario in asked["scenarios"])
        call = f"sim.compare([{scenarios}], {size_in_python(asked)})"
        return self.made_by or python_command(f"print({call}.summary())")

    def summary(self) -> dict[str, Any]:
        """Return the same as `as_dict`."""
        return self.as_dict()

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data (schema `truce/comparison/1`)."""
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
            "command": self.command,
            "scenarios": [self._scenario_document(n) for n in range(len(self.results))],
            "rivals": [
                {"first": a, "second": b, **found.as_dict()}
                for (a, b), found in self.rivals.items()
            ],
        }

    def _scenario_document(self, n: int) -> dict[str, Any]:
        result = self.results[n]
        differences = None
        if n:
            differences = {name: each[n - 1].as_dict() for name, each in self.differences.items()}
        return {
            "scenario": result.scenario.name,
            "title": result.scenario.title,
            "set": dict(result.scenario.overrides),
            "run_id": result.run_id,
            "odds": {name: odds.as_dict() for name, odds in result.odds.items()},
            "agreed": result.agreed.as_dict(),
            "difference": differences,
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each scenario but the first, and quantity.

        Columns: ``scenario``, ``quantity``, its odds (``odds``), the difference from the first
        scenario with its intervals as in `Results.table`, ``verdict``, and the shares of worlds
        that ``gained`` and ``lost`` it.
        """
        import pandas as pd

        rows = []
        for quantity, each in self.differences.items():
            odds = self.odds(quantity)[1:]
            for result, one, found in zip(self.results[1:], odds, each, strict=True):
                rows.append(
                    {
                        "scenario": result.scenario.name,
                        "quantity": quantity,
                        "odds": one.mean,
                        **interval_columns(found),
                        "verdict": found.verdict,
                        "gained": found.gained,
                        "lost": found.lost,
                    }
                )
        return pd.DataFrame(rows)

    # -------------------------------------------------------------- a folder

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        first = self.results[0]
        each = [result.facts() for result in self.results]
        return {
            "about": {
                **each[0]["about"],
                "scenario": ", ".join(result.scenario.name for result in self.results),
                "held": None,
                "agreed": None,
            },
            "as_of": first.scenario.as_of.isoformat(),
            "runs": [result.run_id for result in self.results],
            "scenarios": [
                {name: facts[name] for name in ("scenario", "scenario_file", "claims", "command")}
                for facts in each
            ],
            **{name: each[0][name] for name in ("seed", "worlds", "precision", "ensemble")},
            "ensemble_members": first.tally.members,
            "request": self.request,
            "command": self.command,
            "source": first.source,
        }

    def save(self, out: Path | str, extra: Extra | None = None, files: Sequence[str] = ()) -> Path:
        """Write the comparison's folder below ``out``, and those of its runs.

        Runs whose worlds were not kept get no folder of their own; their counts lie in that of the
        comparison. See `sim.store.Storable.save`.
        """
        for result in self.results:
            if result.rows is not None:
                result.save(out)
        return super().save(out, extra, (COUNTS_FILE, *files))

    def write_data(self, folder: Path) -> None:
        """Write the counts of all worlds, by scenario."""
        arrays: dict[str, Any] = {
            f"{n}.{name}": counts
            for n, result in enumerate(self.results)
            for name, counts in result.tally.arrays().items()
        }
        np.savez_compressed(folder / COUNTS_FILE, **arrays)

    @classmethod
    def open(cls, folder: Path | str) -> Comparison:
        """Return the comparison that a folder holds; the worlds are not kept.

        Raises
        ------
        StoreError
            If the folder holds no comparison, it is damaged, or of another version.
        ScenarioError
            If a scenario no longer fits the levers that there are.
        """
        folder = Path(folder)
        manifest, document = opened(folder, cls.kind)
        try:
            results = tuple(_results_in(folder, manifest))
            others = [one["difference"] for one in document["scenarios"][1:]]
            differences = {
                name: tuple(Difference.from_dict(one[name]) for one in others)
                for name in QUANTITIES
            }
            rivals = {
                (int(one["first"]), int(one["second"])): Difference.from_dict(one)
                for one in document["rivals"]
            }
        except (LookupError, TypeError, ValueError, OSError) as error:
            raise unusable(folder, error) from None
        return cls(results, differences, rivals, str(manifest["command"]))


def _results_in(folder: Path, manifest: dict[str, Any]) -> Iterator[Results]:
    """The results of each scenario of a comparison, from the counts in its folder."""
    with np.load(folder / COUNTS_FILE, allow_pickle=False) as counts:
        for n, (run_id, facts) in enumerate(
            zip(manifest["runs"], manifest["scenarios"], strict=True)
        ):
            prefix = f"{n}."
            arrays: dict[str, Any] = {
                name.removeprefix(prefix): counts[name]
                for name in counts.files
                if name.startswith(prefix)
            }
            yield Results(
                scenario_in(facts, str(folder / MANIFEST)),
                str(manifest["ensemble"]["id"]),
                str(manifest["ensemble"]["kind"]),
                int(manifest["seed"]),
                manifest["precision"],
                Tally.from_arrays(arrays),
                source=str(manifest["source"]),
                known_id=str(run_id),
                made_by=str(facts["command"]),
            )


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
    chosen = _paired(_list_of(scenarios))
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
        Results(plan.scenario, ensemble.id, ensemble.kind, plan.seed, plan.precision, tally, row)
        for plan, tally, row in zip(plans, counts.tallies, rows, strict=True)
    )
    return Comparison(results, counts.differences(), counts.rivals())


def _list_of(scenarios: Sequence[Scenario | str | Path]) -> list[Scenario]:
    if isinstance(scenarios, str | bytes) or not isinstance(scenarios, Sequence):
        todo = 'Give two or more, such as ["baseline", "us-backstop"].'
        raise ScenarioError("scenarios", f"{shown(str(scenarios))} is no list of scenarios.", todo)
    return [one if isinstance(one, Scenario) else load_scenario(one) for one in scenarios]


def _paired(scenarios: list[Scenario]) -> list[Scenario]:
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


class _Counts:
    """Counts of the worlds of several scenarios that are run in step."""

    def __init__(self, scenarios: int, members: int) -> None:
        self.tallies = [Tally(members) for _ in range(scenarios)]
        self._flips = {name: [Flips(members) for _ in self.tallies[1:]] for name in QUANTITIES}
        self._rivals = {pair: Flips(members) for pair in combinations(range(1, scenarios), 2)}

    def add(self, blocks: Blocks) -> None:
        """Count the same worlds under each scenario."""
        for tally, rows in zip(self.tallies, blocks, strict=True):
            tally.add(rows)
        for name, each in self._flips.items():
            for flip, rows in zip(each, blocks[1:], strict=True):
                flip.add(blocks[0], rows, QUANTITIES[name])
        for (a, b), flip in self._rivals.items():
            flip.add(blocks[a], blocks[b], QUANTITIES["held"])

    def differences(self) -> dict[str, tuple[Difference, ...]]:
        """By quantity, how each scenario differs from the first."""
        first, *others = self.tallies
        return {
            name: tuple(
                flip.difference(first, other, QUANTITIES[name])
                for flip, other in zip(each, others, strict=True)
            )
            for name, each in self._flips.items()
        }

    def rivals(self) -> dict[tuple[int, int], Difference]:
        """How each two that are not the first differ in `held`."""
        held = QUANTITIES["held"]
        return {
            (a, b): flip.difference(self.tallies[a], self.tallies[b], held, spread=False)
            for (a, b), flip in self._rivals.items()
        }

    def half_width(self) -> float:
        """Half the width of the widest interval of the differences from the first."""
        found = self.differences()
        return max(difference.half_width for each in found.values() for difference in each)


def _run(plans: Sequence[Plan], counts: _Counts, spec: ExecutorSpec) -> Iterator[Blocks]:
    """Run and count the worlds of all plans in step, and yield them, a block of each."""
    from sim.engine.jit import announce

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
