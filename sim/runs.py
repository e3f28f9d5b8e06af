"""Past runs: find one by id, prefix or folder, and read what it was a run of."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE, Issue, Outcome
from sim.engine.dtypes import Floats
from sim.engine.records import ROW
from sim.errors import StoreError
from sim.identity import RUNS, source_of
from sim.inputs.conflict import Conflict, conflict_from
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.scenario import Scenario, scenario_from
from sim.inputs.scenario_file import Claim
from sim.results import Results, Tally
from sim.store import verified
from sim.text import printable, shown

OUTPUTS = Path("outputs")
NUMBERS = ("first_truce_day", "truce_days", "momentum_end", "sanctions_end", "guarantee_end")
"""What says how alike two worlds of one outcome are."""
_COUNTED = (
    *("member", "first_truce_day", "full_truces", "partial_truces", "short_truces"),
    "unilateral_pauses",
)
_NAMED: dict[str, Callable[[Conflict], Sequence[str]]] = {
    "outcome": lambda conflict: [kind.name.lower() for kind in Outcome],
    "blocked_last": lambda conflict: conflict.side_ids,
    "blocked_issue": lambda conflict: [issue.name.lower() for issue in Issue],
}
"""The columns of ``worlds.parquet`` from which odds are counted: numbers, and names."""


@dataclass(frozen=True)
class Run:
    """A finished run's folder.

    Attributes
    ----------
    manifest, summary
        The contents of ``manifest.json`` and ``summary.json``.
    """

    folder: Path
    manifest: dict[str, Any]
    summary: dict[str, Any]

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.manifest["run_id"])

    @property
    def made(self) -> dt.datetime:
        """When its folder was finished."""
        return dt.datetime.fromtimestamp((self.folder / "manifest.json").stat().st_mtime)

    @property
    def conflict(self) -> Conflict:
        """Whose data it was run with."""
        return conflict_from(self.manifest["scenario"]["data"])

    def scenario(self) -> Scenario:
        """Return the scenario as it was run.

        Raises
        ------
        ScenarioError
            If it no longer fits the levers that there are.
        """
        where = str(self.folder / "manifest.json")
        return scenario_from(self.manifest["scenario"], where, claims_of(self.manifest))

    def ensemble(self) -> Ensemble:
        """Return the members of the run, if rules and members are still those that made it.

        Raises
        ------
        StoreError
            If the model or the ensemble has changed since: its worlds cannot be told again.
        """
        todo = f"Run it again: {printable(self.manifest['command'])}."
        if self.manifest["source"] != source_of(RUNS):
            what = "was made by another version of the model, which told other worlds."
            raise StoreError(f"run {self.id}", what, todo)
        day = dt.date.fromisoformat(self.manifest["ensemble"]["as_of"])
        ensemble = load_ensemble(day, conflict=self.conflict)
        if ensemble.id != self.manifest["ensemble"]["id"]:
            what = f"was made with the ensemble {self.manifest['ensemble']['id']}; that of its "
            what += f"day is now {ensemble.id}."
            raise StoreError(f"run {self.id}", what, todo)
        return ensemble

    def results(self) -> Results:
        """Return the odds of the run, counted again from its worlds; the worlds are not kept.

        Raises
        ------
        StoreError
            If its worlds cannot be read, or the model or the ensemble has changed since.
        ScenarioError
            If the scenario no longer fits the levers that there are.
        """
        ensemble = self.ensemble()
        tally = Tally(len(ensemble))
        for rows in self._counted():
            tally.add(rows)
        seed, precision = self.manifest["seed"], self.manifest["precision"]
        return Results(self.scenario(), ensemble.id, ensemble.kind, seed, precision, tally)

    def _counted(self) -> Iterator[NDArray[np.void]]:
        """Yield the worlds block by block, with the fields alone that a `Tally` counts."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        names = (*_COUNTED, *_NAMED)
        path = self.folder / "worlds.parquet"
        try:
            with path.open("rb") as file:  # pyarrow may take a path for a URI
                for batch in pq.ParquetFile(file).iter_batches(columns=list(names)):
                    yield _counted_rows(batch, self.conflict)
        except (OSError, KeyError, ValueError, pa.ArrowException) as error:
            raise StoreError(str(path), f"is damaged: {error}.", "Run it again.") from None

    def column(self, name: str) -> Any:
        """Return a column of ``worlds.parquet`` as an array; null is NaN, text stays text."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.folder / "worlds.parquet"
        try:
            with path.open("rb") as file:
                values = pq.read_table(file, columns=[name])[name].combine_chunks()
        except (OSError, KeyError, pa.ArrowException) as error:
            raise StoreError(str(path), f"is damaged: {error}.", "Run it again.") from None
        if pa.types.is_dictionary(values.type):
            return np.array(values.to_pylist(), dtype=object)
        return np.array([np.nan if v is None else v for v in values.to_pylist()], np.float64)


def _counted_rows(batch: Any, conflict: Conflict) -> NDArray[np.void]:
    rows = np.zeros(len(batch), ROW)
    for name in _COUNTED:
        rows[name] = batch[name].fill_null(NONE)
    for name, meanings in _NAMED.items():
        code: dict[str | None, int] = {told: n for n, told in enumerate(meanings(conflict))}
        code[None] = NONE
        rows[name] = [code[told] for told in batch[name].to_pylist()]
    return rows


def claims_of(manifest: Mapping[str, Any]) -> tuple[Claim, ...]:
    """Return the claims of the scenario, as they stood when it was run."""
    return tuple(Claim(**claim) for claim in manifest.get("claims", ()))


def _glance(folder: Path) -> Run | None:
    """A run's folder as its JSON files tell it; the worlds are not looked at."""
    try:
        told = [
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("manifest.json", "summary.json")
        ]
    except (OSError, ValueError, RecursionError):
        return None
    whole = all(isinstance(document, dict) for document in told)
    if not whole or told[0].get("run_id") != folder.name or "odds" not in told[1]:
        return None
    return Run(folder, *told)


def run_folders(out: Path) -> list[Path]:
    """The folders of all runs below a folder, newest first; a comparison is none."""
    every = (path.parent for path in out.glob("*/*/manifest.json"))
    found = [path for path in every if not _is_comparison(path)]
    return sorted(found, key=lambda path: (path / "manifest.json").stat().st_mtime, reverse=True)


def _is_comparison(folder: Path) -> bool:
    if folder.parent.name != "comparisons":
        return False
    try:
        told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("schema") == "truce/comparison-manifest/1"


def past_runs(out: Path = OUTPUTS) -> list[Run]:
    """Return the finished runs below a folder, newest first."""
    return [run for folder in run_folders(out) if (run := _glance(folder))]


def find_run(name: str, out: Path = OUTPUTS) -> Run:
    """Return a run by its folder, its id, a unique beginning of one, or `last`.

    Raises
    ------
    StoreError
        If there is none, there are several, or it is damaged.
    """
    where = f"run {shown(name)}"
    if name and (Path(name) / "manifest.json").is_file():
        return _whole(Path(name))
    folders = run_folders(out)
    listed = f"`truce runs` lists those in {out}."
    if not folders:
        raise StoreError(where, f"there are no runs in {out}.", "Make one: truce run baseline.")
    if name == "last":
        return _whole(folders[0])
    fitting = [folder for folder in folders if name and folder.name.startswith(name)]
    if not fitting:
        raise StoreError(where, "there is none of that id, and no such folder.", listed)
    if len(fitting) > 1:
        ids = ", ".join(folder.name for folder in fitting[:4])
        raise StoreError(where, f"fits several: {ids}.", "Give more of it.")
    return _whole(fitting[0])


def _whole(folder: Path) -> Run:
    run = _glance(folder) if verified(folder) else None
    if run is None and (folder / "plan.json").is_file():
        what = "is a study, not a run."
        raise StoreError(str(folder), what, "Name a run: truce runs lists them.")
    if run is None and _is_comparison(folder):
        what = "is a comparison, not a run."
        raise StoreError(str(folder), what, "Name one of its runs: truce runs lists them.")
    if run is None:
        what = "is damaged or unfinished: a file is missing or not what its manifest names."
        raise StoreError(str(folder), what, "Run it again; what is there is then replaced.")
    return run


def typical_world(run: Run, outcome: str) -> int:
    """Return the world of an outcome that is nearest to the middle of all worlds of it.

    The middle is the median of the days to the first truce, the days of truce, and momentum,
    sanctions and guarantee at the end; distances in units of their spread.

    Raises
    ------
    StoreError
        If no world of the run ended so.
    """
    names = [kind.name.lower() for kind in Outcome]
    if outcome not in names:
        raise StoreError("--nearest", f"{shown(outcome)} is no outcome.", f"{', '.join(names)}.")
    worlds = np.flatnonzero(run.column("outcome") == outcome)
    if len(worlds) == 0:
        raise StoreError("--nearest", f"no world of run {run.id} is `{outcome}`.", "Take another.")
    distance: Floats = np.zeros(len(worlds))
    for name in NUMBERS:
        values = np.nan_to_num(run.column(name)[worlds])
        spread = values.std()
        if spread > 0.0:
            distance += ((values - np.median(values)) / spread) ** 2
    return int(worlds[distance.argmin()])
