"""Outcomes with names, odds with two intervals, and the summary that other programs read.

Two kinds of not knowing stay apart. The *mc* interval says how far the estimate may be off for
this ensemble, for want of worlds; the *ensemble* interval says how far the members, each a view of
what is settled today, disagree once luck is taken out.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import MAX_HORIZON_DAYS, NONE, Issue, Outcome, Side
from sim.errors import StoreError
from sim.estimates import Counts, Odds, estimate, estimate_ratio
from sim.inputs.scenario import Scenario
from sim.request import in_python, python_command, size_in_python, worlds_request
from sim.store import (
    BLOCK_WORLDS,
    BlockWriter,
    new_folder,
    provenance,
    run_key,
    verified,
    world_table,
    write_json,
)

if TYPE_CHECKING:
    import pandas as pd

SUMMARY_SCHEMA = "truce/summary/1"
MANIFEST_SCHEMA = "truce/manifest/1"
_DAYS = MAX_HORIZON_DAYS + 2
_NO_DAY = 0

Extra = Callable[["Results", Path], None]
"""Writes further files, such as figures, into a run's folder."""


# ------------------------------------------------------------------ counting


@dataclass
class Tally:
    """Counts from which all odds follow; blocks may be added in any order.

    Attributes
    ----------
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

    def odds(self, *outcomes: Outcome) -> Odds:
        """Odds that a world ends in one of these."""
        return self.share(self.outcomes[:, list(outcomes)].sum(1))

    def share(self, hits: Counts) -> Odds:
        """Odds of something, from the worlds by member in which it happened."""
        result = estimate(hits, self.outcomes.sum(1), self.members)
        assert result is not None
        return result


@dataclass(frozen=True, repr=False)
class Results:
    """What came of a run: odds by outcome, and the worlds themselves if they were kept.

    Attributes
    ----------
    scenario, ensemble_id, ensemble_kind, seed, precision
        What was run.
    tally
        Counts of all worlds.
    rows
        The worlds as records, in world order; None if they were only counted.
    """

    scenario: Scenario
    ensemble_id: str
    ensemble_kind: str
    seed: int
    precision: float | None
    tally: Tally
    rows: NDArray[np.void] | None = None

    @functools.cached_property
    def odds(self) -> dict[str, Odds]:
        """Odds of each outcome, by name; their means sum to 1."""
        return {outcome.name.lower(): self.tally.odds(outcome) for outcome in Outcome}

    @functools.cached_property
    def agreed(self) -> Odds:
        """Odds that a full truce takes effect: `held` and `collapsed` together, exactly."""
        both = self.tally.odds(Outcome.HELD, Outcome.COLLAPSED)
        mean = self.odds["held"].mean + self.odds["collapsed"].mean
        low, high = both.mc
        return both._replace(mean=mean, mc=(min(low, mean), max(high, mean)))

    @functools.cached_property
    def held_given_agreed(self) -> Odds | None:
        """Odds that a truce holds among worlds that agreed on one; None if none did."""
        counts = self.tally.outcomes[self.tally.outcomes.sum(1) > 0]
        held, fell = counts[:, Outcome.HELD], counts[:, Outcome.COLLAPSED]
        return estimate_ratio(held, held + fell, counts.sum(1), self.tally.members)

    @property
    def worlds(self) -> pd.DataFrame:
        """A row a world, with the columns of ``worlds.parquet``, made when asked.

        Raises
        ------
        ValueError
            If the worlds were counted but not kept.
        """
        if self.rows is None:
            raise ValueError("the worlds of this run were counted, not kept; run with keep=True")
        frame: pd.DataFrame = world_table(self.rows, self.scenario.conflict.side_ids).to_pandas()
        return frame

    def __repr__(self) -> str:
        held = self.tally.odds(Outcome.HELD)
        low, high = held.mc
        return (
            f"<Results of {self.scenario.name}: {self.tally.worlds:,} worlds, seed {self.seed}, "
            f"held {held.mean:.3f} ({low:.3f} to {high:.3f}), {self.ensemble_id}>"
        )

    def days_to_truce(self) -> dict[str, int] | None:
        """Days to the first full truce among worlds that agreed: 10th, 50th, 90th percentile."""
        by_day = self.tally.first_day[:, 1:].sum(0)
        if by_day.sum() == 0:
            return None
        share = np.cumsum(by_day) / by_day.sum()
        return {f"p{p}": int(np.searchsorted(share, p / 100.0)) + 1 for p in (10, 50, 90)}

    def blockers(self) -> dict[str, Any]:
        """Who blocked last in worlds without `held`, and on which issue."""
        without = self.tally.worlds - int(self.tally.outcomes[:, Outcome.HELD].sum())
        table = {}
        for side, actor in zip(Side, self.scenario.conflict.side_ids, strict=True):
            counts = self.tally.blockers[side]
            total = int(counts.sum())
            issues = {
                issue.name.lower(): int(counts[issue]) / total
                for issue in sorted(Issue, key=lambda k: (-int(counts[k]), int(k)))
                if counts[issue]
            }
            table[actor] = {"share": total / without if without else None, "issues": issues}
        return table

    @functools.cached_property
    def run_id(self) -> str:
        """The hash of all that decides this run."""
        worlds = self.tally.worlds
        return run_key(self.scenario, self.seed, worlds, self.precision, self.ensemble_id)

    @property
    def request(self) -> dict[str, Any]:
        """What the run was asked for, as plain data."""
        return worlds_request([self.scenario], self.tally.worlds, self.precision, self.seed)

    @property
    def command(self) -> str:
        """The one line of Python that makes the same run again and saves it."""
        asked = self.request
        (scenario,) = asked["scenarios"]
        call = f"sim.run({in_python(scenario)}, {size_in_python(asked)})"
        return python_command(f"{call}.save('outputs')")

    def save(self, out: Path | str, extra: Extra | None = None, command: str | None = None) -> Path:
        """Write the run's folder below ``out`` and return it; a whole one is left as it is.

        Parameters
        ----------
        extra
            Writes further files into the folder, such as `sim.plots.write_odds`.
        command
            The command that made the run, for its manifest; ``self.command`` if None.

        Raises
        ------
        StoreError
            If it cannot be written, or the worlds were not kept.
        """
        if self.rows is None:
            todo = "Run with keep=True."
            raise StoreError("results", "the worlds were counted, not kept.", todo)
        final = Path(out) / self.scenario.name / self.run_id
        if verified(final) is not None:
            return final
        with new_folder(final) as folder:
            writer = BlockWriter(folder, self.scenario.conflict.side_ids)
            for first in range(0, len(self.rows), BLOCK_WORLDS):
                writer.write(self.rows[first : first + BLOCK_WORLDS])
            writer.close(whole=True)
            self.finish(folder, extra, command)
        return final

    def finish(self, folder: Path, extra: Extra | None = None, command: str | None = None) -> None:
        """Add summary, extra files and, last, the manifest to a folder that has the worlds."""
        write_json(folder / "summary.json", self.summary())
        if extra:
            extra(self, folder)
        manifest = {
            "schema": MANIFEST_SCHEMA,
            "run_id": self.run_id,
            "scenario": self.scenario.as_dict(),
            "scenario_file": self.scenario.path,
            "claims": [claim.model_dump() for claim in self.scenario.claims],
            "seed": self.seed,
            "worlds": self.tally.worlds,
            "precision": self.precision,
            "ensemble": {
                "id": self.ensemble_id,
                "kind": self.ensemble_kind,
                "as_of": self.scenario.as_of.isoformat(),
            },
            "request": self.request,
            "command": command or self.command,
            **provenance(folder),
        }
        write_json(folder / "manifest.json", manifest)

    def summary(self) -> dict[str, Any]:
        """Return the summary of the run, as in ``summary.json`` (schema `truce/summary/1`)."""
        given = self.held_given_agreed
        return {
            "schema": SUMMARY_SCHEMA,
            "run_id": self.run_id,
            "scenario": self.scenario.name,
            "as_of": self.scenario.as_of.isoformat(),
            "horizon_days": self.scenario.horizon_days,
            "seed": self.seed,
            "worlds": self.tally.worlds,
            "members": int((self.tally.outcomes.sum(1) > 0).sum()),
            "ensemble": {"id": self.ensemble_id, "kind": self.ensemble_kind},
            "odds": {name: odds.as_dict() for name, odds in self.odds.items()},
            "agreed": self.agreed.as_dict(),
            "held_given_agreed": given.as_dict() if given else None,
            "days_to_truce": self.days_to_truce(),
            "pauses": {
                "unilateral": self.tally.share(self.tally.quiet[:, 0]).as_dict(),
                "mutual_any_length": self.tally.share(self.tally.quiet[:, 1]).as_dict(),
            },
            "blockers": self.blockers(),
            "baseline": {"name": "base rate", "held": base_rate(self.scenario)},
            "levers": self.scenario.levers,
        }


def base_rate(scenario: Scenario) -> float:
    """Return the odds of `held` from the base rate alone.

    ``(1 - exp(-.5 H / D)) L``: no full mutual truce in the D days since the war began gives the
    rate (half an event, Jeffreys), L is the chance that one lasts 30 days; both are facts of the
    conflict, ``calibration/conflict.toml``.
    """
    facts = scenario.conflict.facts
    days = (scenario.as_of - facts.war.began).days
    return (1.0 - math.exp(-0.5 * scenario.horizon_days / days)) * facts.base_rate.lasts
