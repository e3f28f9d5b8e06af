"""Outcomes with names, odds with two intervals, and the summary that other programs read.

What the two intervals are, `sim.estimates` says.
"""

from __future__ import annotations

import functools
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import Issue, Outcome, Side
from sim.errors import StoreError
from sim.estimates import Odds, estimate_ratio
from sim.files import MANIFEST
from sim.frames import interval_columns
from sim.identity import RUNS, source_of
from sim.inputs.ensemble import Ensemble, load_ensemble, told_of
from sim.inputs.scenario import Scenario
from sim.means import Mean
from sim.reacted import block_documents
from sim.read_back import check_shape
from sim.request import in_python, python_command, size_in_python, worlds_request
from sim.store import Storable, run_key, scenario_in
from sim.tally import Road, Tally
from sim.text import printable
from sim.world_table import (
    GROUP_WORLDS,
    LARGE_GROUP_WORLDS,
    WORLDS_FILE,
    BlockWriter,
    counted_rows,
    read_table,
    values_of,
    world_table,
)

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SUMMARY_SCHEMA = "truce/summary/1"


@dataclass(frozen=True, repr=False, eq=False)
class Results(Storable):
    """What came of a run: odds by outcome, and the worlds themselves if they were kept.

    Attributes
    ----------
    scenario, ensemble_id, ensemble_kind, seed, precision
        What was run.
    tally
        Counts of all worlds.
    rows
        The worlds as records, in world order; None if they were only counted, or lie in
        ``folder``.
    folder
        The folder from which the run was opened, if it was.
    source
        Hash of the code that made it.
    known_id
        Its id, if it was opened; else the id follows from all the others.
    made_by
        The command line that made it, if one did.
    ensemble_doubt
        Why its ensemble falls short, if it does (`sim.inputs.ensemble.Ensemble.doubt`).
    """

    scenario: Scenario
    ensemble_id: str
    ensemble_kind: str
    seed: int
    precision: float | None
    tally: Tally
    rows: NDArray[np.void] | None = None
    folder: Path | None = field(default=None, compare=False)
    source: str = field(default_factory=lambda: source_of(RUNS))
    known_id: str = field(default="", compare=False)
    made_by: str = field(default="", compare=False)
    ensemble_doubt: str = ""
    kind: ClassVar[str] = "run"

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

    @functools.cached_property
    def worth(self) -> dict[str, Mean]:
        """The price: what a world is worth to each side by its end, by actor, in stakes.

        A side's stakes are how far its best and its worst settlement lie apart for it. Resolve is
        left out, and what the war costs within the horizon is in.
        """
        actors = self.scenario.conflict.side_ids
        return {actor: self.tally.worth_of(side) for side, actor in zip(Side, actors, strict=True)}

    @functools.cached_property
    def roads(self) -> tuple[Road, ...]:
        """The roads to agreement, by what the package named at the last signature.

        The commonest comes first; there is none if no world agreed.
        """
        return tuple(self.tally.roads_taken())

    def __repr__(self) -> str:
        held = self.tally.odds(Outcome.HELD)
        low, high = held.mc
        return (
            f"<Results of {self.scenario.label}: {self.tally.worlds:,} worlds, seed {self.seed}, "
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

    def terms(self) -> dict[str, Any] | None:
        """Return the mean terms over the worlds that agreed, as last signed; None if none did.

        By issue its ``mean`` place where it was ``named``, and in which share it was; None for an
        issue that no package named. Then the means of guarantee and relief.
        """
        found = self.tally.terms_signed()
        return found.as_dict() if found else None

    def road_documents(self) -> list[dict[str, Any]]:
        """Return the `roads` as plain data."""
        return [road.as_dict(self.scenario.conflict.side_ids) for road in self.roads]

    # -------------------------------------------------------------- worlds

    @property
    def worlds(self) -> pd.DataFrame:
        """A row a world, with the columns of ``worlds.parquet``, made when asked.

        Raises
        ------
        StoreError
            If the worlds were counted but not kept.
        """
        frame: pd.DataFrame = self._world_table().to_pandas()
        return frame

    def column(self, name: str) -> NDArray[Any]:
        """Return a column of ``worlds.parquet`` as an array; null is NaN, text stays text.

        Raises
        ------
        StoreError
            If the worlds were counted but not kept, or there is no such column.
        """
        return values_of(self._world_table([name]), name)

    @property
    def has_worlds(self) -> bool:
        """Whether the worlds themselves are there, in memory or in a folder."""
        return self.rows is not None or self.folder is not None

    @property
    def _named(self) -> tuple[Sequence[str], Sequence[str]]:
        return self.scenario.conflict.side_ids, tuple(self.scenario.blocks)

    def _world_table(self, columns: Sequence[str] | None = None) -> pa.Table:
        if self.rows is not None:
            return world_table(self.rows, *self._named)
        if self.folder is not None:
            return read_table(self.folder / WORLDS_FILE, columns)
        what = "the worlds of this run were counted, not kept."
        raise StoreError("results", what, "Run with keep=True.")

    def ensemble(self) -> Ensemble:
        """Return the members of the run, if rules and members are still those that made it.

        Raises
        ------
        StoreError
            If the model or the ensemble has changed since: its worlds cannot be run again.
        """
        todo = f"Run it again: {printable(self.command)}."
        if self.source != source_of(RUNS):
            what = "was made by another version of the model, which made other worlds."
            raise StoreError(f"run {self.id}", what, todo)
        ensemble = load_ensemble(self.scenario.as_of, conflict=self.scenario.conflict)
        if ensemble.id != self.ensemble_id:
            what = f"was made with the ensemble {self.ensemble_id}; it is now {ensemble.id}."
            raise StoreError(f"run {self.id}", what, todo)
        return ensemble

    # -------------------------------------------------------------- a folder

    @functools.cached_property
    def run_id(self) -> str:
        """The hash of all that decides this run."""
        worlds = self.tally.worlds
        return self.known_id or run_key(
            self.scenario, self.seed, worlds, self.precision, self.ensemble_id
        )

    @property
    def id(self) -> str:
        """The same as ``run_id``."""
        return self.run_id

    @property
    def place(self) -> Path:
        """Where its folder lies below the outputs: by the name of its scenario."""
        return Path(self.scenario.name) / self.run_id

    @property
    def request(self) -> dict[str, Any]:
        """What the run was asked for, as plain data."""
        return worlds_request([self.scenario], self.tally.worlds, self.precision, self.seed)

    @property
    def command(self) -> str:
        """The line that makes the same run again: of `truce` if that made it, else of Python."""
        asked = self.request
        (scenario,) = asked["scenarios"]
        call = f"sim.run({in_python(scenario)}, {size_in_python(asked)})"
        return self.made_by or python_command(f"{call}.save('outputs')")

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Results:
        """Return the run that a folder holds; its worlds are read when they are asked for."""
        from sim.summaries import RunSummary

        check_shape(RunSummary, document)
        scenario = scenario_in(manifest, str(folder / MANIFEST))
        tally = Tally(int(manifest["ensemble_members"]))
        for rows in counted_rows(folder / WORLDS_FILE, scenario.conflict.side_ids):
            tally.add(rows)
        tally.check(int(manifest["worlds"]))
        return cls(
            scenario,
            str(manifest["ensemble"]["id"]),
            str(manifest["ensemble"]["kind"]),
            int(manifest["seed"]),
            manifest["precision"],
            tally,
            folder=folder.absolute(),
            source=str(manifest["source"]),
            known_id=str(manifest["run_id"]),
            made_by=str(manifest["command"]),
            ensemble_doubt=str(manifest["ensemble"].get("doubt", "")),
        )

    def write_data(self, folder: Path) -> None:
        """Write ``worlds.parquet`` block by block."""
        if self.rows is None and self.folder is not None:
            shutil.copyfile(self.folder / WORLDS_FILE, folder / WORLDS_FILE)
            return
        if self.rows is None:
            what = "the worlds of this run were counted, not kept."
            raise StoreError("results", what, "Run with keep=True.")
        writer = BlockWriter(folder, *self._named)
        for first in range(0, len(self.rows), LARGE_GROUP_WORLDS):
            writer.write(self.rows[first : first + LARGE_GROUP_WORLDS])
        writer.close(whole=True)

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        scenario = self.scenario
        return {
            "about": {
                "scenario": scenario.label,
                "as_of": scenario.as_of.isoformat(),
                "horizon_days": scenario.horizon_days,
                "worlds": self.tally.worlds,
                "seed": self.seed,
                "held": self.odds["held"].mean,
                "agreed": self.agreed.mean,
            },
            "scenario": scenario.as_dict(),
            "scenario_file": self.scenario.path,
            "claims": [claim.model_dump() for claim in self.scenario.claims],
            "seed": self.seed,
            "worlds": self.tally.worlds,
            "precision": self.precision,
            "ensemble": {
                **told_of(self.ensemble_id, self.ensemble_kind, self.ensemble_doubt),
                "as_of": scenario.as_of.isoformat(),
            },
            "ensemble_members": self.tally.members,
            "block_worlds": GROUP_WORLDS,
            "request": self.request,
            "command": self.command,
            "source": self.source,
        }

    def table(self) -> pd.DataFrame:
        """Return a row an outcome, and for `agreed` and `held_given_agreed`.

        Columns: ``odds_of``, the share of worlds ``mean``, its 95 % ``mc_low`` and ``mc_high``,
        the central 90 % of members ``members_low`` and ``members_high`` and the odds of the one in
        the middle ``median_member``, empty where there is none. The price is in `price_table`.
        """
        import pandas as pd

        odds = {**self.odds, "agreed": self.agreed, "held_given_agreed": self.held_given_agreed}
        return pd.DataFrame(
            [
                {
                    "odds_of": name,
                    **interval_columns(one),
                    "median_member": one.median_member if one else None,
                }
                for name, one in odds.items()
            ]
        )

    def price_table(self) -> pd.DataFrame:
        """Return a row a side: ``worth_to`` it, in stakes, with both intervals as in `table`."""
        import pandas as pd

        return pd.DataFrame(
            [{"worth_to": actor, **interval_columns(one)} for actor, one in self.worth.items()]
        )

    def summary(self) -> dict[str, Any]:
        """Return the same as `as_dict`."""
        return self.as_dict()

    def as_dict(self) -> dict[str, Any]:
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
            "members": self.tally.members_used,
            "ensemble": told_of(self.ensemble_id, self.ensemble_kind, self.ensemble_doubt),
            "odds": {name: odds.as_dict() for name, odds in self.odds.items()},
            "agreed": self.agreed.as_dict(),
            "held_given_agreed": given.as_dict() if given else None,
            "days_to_truce": self.days_to_truce(),
            "pauses": {
                "unilateral": self.tally.share(self.tally.quiet[:, 0]).as_dict(),
                "mutual_any_length": self.tally.share(self.tally.quiet[:, 1]).as_dict(),
            },
            "blockers": self.blockers(),
            "worth": {actor: one.as_dict() for actor, one in self.worth.items()},
            "terms": self.terms(),
            "roads": self.road_documents(),
            "baseline": {"name": "base rate", "held": self.scenario.base_rate},
            "levers": self.scenario.levers,
            **block_documents(self.scenario, self.tally),
        }
