"""A finished study: its tables, its summary, and what other tools read them as."""

from __future__ import annotations

import copy
import dataclasses
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import SimError, StoreError
from sim.experiments.design import Design, design_of_request
from sim.experiments.sweep.chunk import source_here
from sim.experiments.sweep.points import OUTCOMES
from sim.files import MANIFEST, TMPDIR, temporary_place, unwritten, written_together
from sim.inputs.block_numbers import check_setting, kind_of
from sim.inputs.ensemble import load_ensemble
from sim.inputs.levers import Value
from sim.inputs.scenario import Scenario
from sim.montecarlo import MADE_AGAIN_WORLDS
from sim.montecarlo import run as run_scenario
from sim.owned import check_place
from sim.read_back import check_shape, read_back
from sim.reading import MAX_TABLE, open_regular, read_document
from sim.results import Results
from sim.shapes import manifest_problem
from sim.store import Extra, Storable, again, damaged_manifest, scenario_in, verified
from sim.summaries import StudySummary
from sim.text import shown
from sim.typed import LARGEST

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SUMMARY_SCHEMA = "truce/sweep/1"
POINTS_FILE = "points.parquet"
FILES = (POINTS_FILE, "summary.json")
PACKED_BYTES = 256_000_000
"""A study without a folder of its own travels with its files, up to so many bytes."""
ROUNDING = 1e-9
"""By so much a share may lie outside 0 to 1."""
NAMED_POINTS = ("today", "best", "worst")


@dataclass(repr=False, eq=False)
class Study(Storable):
    """What came of a sweep.

    Attributes
    ----------
    folder
        Where its files are: ``points.parquet`` (a row a point), ``parts/`` (a row for each point
        and member), ``worlds/`` if they were kept, ``summary.json`` and ``manifest.json``.
    summary
        The contents of ``summary.json``: the best point, today's, what failed, what to know.
    home
        The temporary folder in which all that lies, if no other was named; it goes when no copy
        of the study is left. A study that is pickled takes its files along.
    """

    folder: Path
    summary: dict[str, Any]
    scenario: Scenario
    design: Design
    home: TemporaryFolder | None = None
    kind: ClassVar[str] = "study"

    @property
    def id(self) -> str:
        """A hash of what is varied of which scenario; a study may grow and keeps it."""
        return str(self.summary["study_id"])

    @property
    def place(self) -> Path:
        """Where its folder lies below the outputs: by the name of its scenario."""
        return Path("sweeps") / self.scenario.name / self.id

    def __repr__(self) -> str:
        summary = self.summary
        levers = ", ".join(self.design.levers)
        return (
            f"<Study of {summary['scenario']}: {summary['points']:,} points over {levers}, "
            f"{summary['worlds']:,} worlds each, seed {summary['seed']}>"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the summary of the study, as in ``summary.json`` (schema `truce/sweep/1`)."""
        return copy.deepcopy(self.summary)

    def table(self) -> pd.DataFrame:
        """Return a row a point, in the order of the design.

        Lever columns have the levers' names and units and keep their types: numbers, true or
        false, words, and numbers beside the word `deferred` where an issue is deferred. Odds are
        shares, ``_low`` and ``_high`` their 95 % mc interval, ``_members_low`` and ``_high`` the
        90 % interval of the members, as in a run's summary. ``worth_r`` and ``worth_u`` are in
        stakes, their intervals a little too wide (see `PointSums.worth`).

        Raises
        ------
        StoreError
            If the study's folder is gone.
        """
        return read_points(self.folder, self.design.levers)

    def level_of_best(self) -> float | None:
        """Return the odds of `held` from which a point cannot be told from the best.

        That is the best point's own less the error of its gain over the scenario as it stands,
        which is paired and holds for all points at once; None if that is not known.
        """
        best = self.summary["best"]
        if not best or not best["gain"]:
            return None
        low, high = map(float, best["gain"]["mc"])
        return float(best["odds"]["held"]["mean"]) - (high - low) / 2.0

    def to_xarray(self) -> xr.Dataset:
        """Return the points as an xarray Dataset: an axis a lever for a grid, else one of points.

        An axis of numbers and `deferred` keeps both as they are.

        Raises
        ------
        SimError
            If xarray is not installed.
        """
        try:
            import xarray as xr
        except ImportError:
            todo = "pip install 'truce-sim[xarray]'."
            raise SimError("to_xarray", "needs the package xarray.", todo) from None
        table, levers = self.table(), list(self.design.levers)
        if self.design.kind != "grid":
            dataset = xr.Dataset.from_dataframe(table.set_index("point")).set_coords(levers)
        else:
            shape = self.design.shape
            axes = {axis.lever: _axis_values(axis.values()) for axis in self.design.axes}
            fields = {
                name: (levers, table[name].to_numpy().reshape(shape))
                for name in table.columns.drop(levers)
            }
            dataset = xr.Dataset(fields, coords=axes)
        keys = ("scenario", "as_of", "horizon_days", "seed", "worlds", "study_id")
        return dataset.assign_attrs({key: self.summary[key] for key in keys})

    # -------------------------------------------------------------- one point

    def run(self, point: str = "today") -> Results:
        """Run the worlds of one point again, and return them as those of a run.

        Parameters
        ----------
        point
            `today` (the scenario as it stands), `best`, `worst`, or the id of a point.

        Raises
        ------
        StoreError
            If there is no such point, or it has more than 2,000,000 worlds.
        """
        levers = self._levers_at(point)
        changed = {name: v for name, v in levers.items() if v != self.scenario.standing(name)}
        worlds = int(self.summary["worlds"])
        if worlds > MADE_AGAIN_WORLDS:
            what = f"has {worlds:,} worlds a point, and more than {MADE_AGAIN_WORLDS:,} are not "
            what += "run again for this."
            raise StoreError(f"study {self.id}", what, "Run the point with fewer: truce run.")
        scenario = self.scenario.with_levers(changed) if changed else self.scenario
        return run_scenario(scenario, worlds, int(self.summary["seed"]))

    def _levers_at(self, point: str) -> dict[str, Value]:
        if point in NAMED_POINTS and self.summary[point]:
            levers: dict[str, Value] = self.summary[point]["levers"]
            return levers
        rows = np.flatnonzero(self.table()["point"] == point)
        if len(rows) == 0:
            what = f"has no point called {shown(point)}."
            todo = f"Name {', '.join(NAMED_POINTS)}, or an id of points.parquet."
            raise StoreError(f"study {self.id}", what, todo)
        (values,) = self.design.block(int(rows[0]), int(rows[0]) + 1)
        return dict(zip(self.design.levers, values, strict=True))

    # -------------------------------------------------------------- a folder

    @property
    def command(self) -> str:
        """The line that makes the study again, or goes on with it."""
        return str(self.facts()["command"])

    def facts(self) -> dict[str, Any]:
        """Return the contents of its manifest.

        Raises
        ------
        StoreError
            If the study's folder is gone.
        """
        manifest = read_document(self.folder / MANIFEST)
        if manifest is None:
            raise _gone(self.folder)
        if wrong := manifest_problem(manifest, self.kind):
            raise damaged_manifest(self.folder, wrong)
        return manifest

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Study:
        """Return the finished study that a folder holds."""
        check_shape(StudySummary, document)
        todo = f"{again(manifest)} Name another folder with --out."
        if manifest["source"] != source_here():
            what = "was made by another version of the model, whose numbers do not mix with "
            what += "these."
            raise StoreError(str(folder), what, todo)
        scenario = scenario_in(manifest, str(folder / MANIFEST))
        here = load_ensemble(scenario.as_of, conflict=scenario.conflict).id
        if here != manifest["ensemble"]["id"]:
            what = f"was made with the ensemble {manifest['ensemble']['id']}; it is now {here}."
            raise StoreError(str(folder), what, todo)
        asked = manifest["request"]
        design = design_of_request(
            asked, manifest["seed"], lambda levers: read_points(folder, levers)[levers]
        )
        for point in filter(None, (document[name] for name in NAMED_POINTS)):
            for lever, value in point["levers"].items():
                check_setting(str(folder), lever, value)
        same = document["study_id"] == manifest["run_id"] and document["seed"] == manifest["seed"]
        if not same or document["levers"] != list(design.levers):
            raise ValueError("its summary is of another study")
        return cls(folder, dict(document), scenario, design)

    def save(self, out: Path | str, extra: Extra | None = None, files: Sequence[str] = ()) -> Path:
        """Copy the study's folder below ``out``, parts and all, and return it.

        A study that is there already and whole is left as it is; see `sim.store.Storable.save`.

        Raises
        ------
        StoreError
            If it cannot be written, or an unfinished study of the same id is there.
        """
        out = Path(out)
        final = out / self.place
        check_place(final, out)
        if verified(final, (*FILES, *files)) is not None:
            return final
        if final.exists():
            what = "is there, but not whole."
            raise StoreError(str(final), what, f"Finish it: {self.command}.")
        if not self.folder.is_dir():
            raise _gone(self.folder)
        with written_together(final, within=out) as folder:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            if extra:
                extra(self, folder)
        return final

    # -------------------------------------------------------------- copies

    def __copy__(self) -> Study:
        return dataclasses.replace(self)

    def __getstate__(self) -> dict[str, Any]:
        state = {**self.__dict__, "home": None, "folder": self.folder.absolute()}
        if self.home is not None:
            state["folder"] = self.folder.relative_to(self.home.path)
            state["files"] = self.home.packed()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("files", None)
        if files is not None:
            state["home"] = TemporaryFolder(files)
            state["folder"] = state["home"].path / state["folder"]
        elif not (state["folder"] / MANIFEST).is_file():
            raise _gone(state["folder"])
        self.__dict__.update(state)


def read_points(folder: Path, levers: Sequence[str]) -> pd.DataFrame:
    """Read the row a point of a study's folder; levers have the values that were set.

    Raises
    ------
    StoreError
        If the file is gone, damaged, or cannot be read.
    """
    import pandas as pd

    path = folder / POINTS_FILE
    try:
        with open_regular(path, MAX_TABLE, links=False) as file, read_back(path):
            table = pd.read_parquet(file)
            _check_points(table, levers)
            tabled = {lever: kind_of(lever).tabled(table[lever]) for lever in levers}
            return table.assign(**tabled)
    except FileNotFoundError:
        raise _gone(folder) from None


def _check_points(table: pd.DataFrame, levers: Sequence[str]) -> None:
    """Refuse a table whose columns are not those of ours, or that has numbers that cannot be."""
    if not {"point", "worlds", "error", "agreed", *OUTCOMES} <= {*table.columns}:
        raise ValueError("some columns are missing")
    if not all(isinstance(point, str) for point in table["point"]):
        raise ValueError("point has no names")
    for name in table.columns.difference([*levers, "point", "error"]):
        values = table[name].to_numpy()
        if values.dtype.kind not in "iuf" or (np.abs(values) > LARGEST).any():
            raise ValueError(f"{name} has no numbers that can be")
        is_share = name.startswith((*OUTCOMES, "agreed"))
        if is_share and ((values < -ROUNDING) | (values > 1.0 + ROUNDING)).any():
            raise ValueError(f"{name} has no shares")


def _gone(folder: Path) -> StoreError:
    todo = "Keep the folder, or sweep without `out`: such a study takes its files along."
    return StoreError(str(folder), "the files of the study are not there.", todo)


def _axis_values(values: Sequence[Value]) -> Any:
    """The values of an axis: numbers alone as they are, numbers and words beside each other."""
    if len({type(value) for value in values}) == 1:
        return list(values)
    mixed = np.empty(len(values), object)
    mixed[:] = values
    return mixed


class TemporaryFolder:
    """A folder that goes when nothing refers to it any more, or when this process ends.

    Parameters
    ----------
    files
        What is to lie in it from the beginning: contents by path.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        try:
            self.path = Path(tempfile.mkdtemp(prefix="truce-"))
            weakref.finalize(self, _remove, self.path, os.getpid())
            for name, contents in (files or {}).items():
                path = self.path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(contents)
        except OSError as error:
            raise unwritten(error, temporary_place(), TMPDIR) from None

    def packed(self) -> dict[str, bytes]:
        """Return all its files, contents by path.

        Raises
        ------
        StoreError
            If they are larger than 256 MB together.
        """
        paths = [path for path in sorted(self.path.rglob("*")) if path.is_file()]
        size = sum(path.stat().st_size for path in paths)
        if size > PACKED_BYTES:
            what = f"has {size / 1e6:,.0f} MB of files, too much to take along."
            raise StoreError("study", what, "Sweep with `out`, and open its folder there.")
        return {path.relative_to(self.path).as_posix(): path.read_bytes() for path in paths}


def _remove(path: Path, process: int) -> None:
    if os.getpid() == process:  # not in a process that was forked from this one
        shutil.rmtree(path, ignore_errors=True)
