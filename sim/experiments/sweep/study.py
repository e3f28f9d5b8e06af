"""A finished study: its tables, its summary, and what other tools read them as."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import SimError, StoreError
from sim.experiments.design import Design, Point, Spec, make_design, point_id
from sim.experiments.sweep.chunk import source_here
from sim.experiments.sweep.folder import StudyFolder
from sim.experiments.sweep.points import OUTCOMES, PointSums, Survey, sums_reader, write_points
from sim.inputs.conflict import conflict_from
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario, scenario_from
from sim.request import in_python, python_command, scenario_request
from sim.runs import claims_of
from sim.store import provenance, verified, write_json
from sim.text import printable

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from sim.experiments.sweep.run import Sweep

SUMMARY_SCHEMA = "truce/sweep/1"
MANIFEST_SCHEMA = "truce/sweep-manifest/1"
FILES = ("points.parquet", "summary.json")


@dataclass
class Study:
    """What came of a sweep.

    Attributes
    ----------
    folder
        Where its files are: ``points.parquet`` (a row a point), ``parts/`` (a row for each point
        and member), ``worlds/`` if they were kept, ``summary.json`` and ``manifest.json``.
    summary
        The contents of ``summary.json``: the best point, today's, what failed, what to know.
    """

    folder: Path
    summary: dict[str, Any]
    scenario: Scenario
    design: Design

    def table(self) -> pd.DataFrame:
        """Return a row a point, in the order of the design.

        Lever columns have the levers' names and units, null where an issue is deferred; odds are
        shares, ``_low`` and ``_high`` their 95 % mc interval, ``_members_low`` and ``_high`` the
        90 % interval of the members, as in a run's summary.
        """
        import pandas as pd

        with (self.folder / "points.parquet").open("rb") as file:
            return pd.read_parquet(file)

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
            told = xr.Dataset.from_dataframe(table.set_index("point")).set_coords(levers)
        else:
            shape = self.design.shape
            axes = {axis.lever: list(axis.values()) for axis in self.design.axes}
            fields = {
                name: (levers, table[name].to_numpy().reshape(shape))
                for name in table.columns.drop(levers)
            }
            told = xr.Dataset(fields, coords=axes)
        keys = ("scenario", "as_of", "horizon_days", "seed", "worlds", "study_id")
        return told.assign_attrs({key: self.summary[key] for key in keys})

    def __repr__(self) -> str:
        told = self.summary
        return (
            f"<Study of {told['scenario']}: {told['points']:,} points over "
            f"{', '.join(self.design.levers)}, {told['worlds']:,} worlds each, seed {told['seed']}>"
        )


# ------------------------------------------------------------------ one that is there


def open_study(folder: Path) -> Study:
    """Read a finished study from its folder.

    Raises
    ------
    StoreError
        If it is not whole, or model or ensemble have changed since.
    """
    summary = verified(folder, FILES)
    if summary is None or summary.get("schema") != SUMMARY_SCHEMA:
        what = "is damaged, or its sweep has not finished."
        raise StoreError(str(folder), what, "Give the same `truce sweep` again: it goes on.")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    todo = f"Make it anew with another --out: {printable(manifest['command'])}."
    if manifest["source"] != source_here():
        what = "was made by another version of the model, whose numbers do not mix with these."
        raise StoreError(str(folder), what, todo)
    conflict = conflict_from(manifest["scenario"]["data"])
    here = load_ensemble(dt.date.fromisoformat(manifest["ensemble"]["as_of"]), conflict=conflict).id
    if here != manifest["ensemble"]["id"]:
        what = f"was made with the ensemble {manifest['ensemble']['id']}; it is now {here}."
        raise StoreError(str(folder), what, todo)
    asked = manifest["request"]
    vary = {axis["lever"]: _spec(axis) for axis in asked["axes"]}
    design = make_design(vary, asked["kind"], asked["drawn"], manifest["seed"])
    where = str(folder / "manifest.json")
    scenario = scenario_from(manifest["scenario"], where, claims_of(manifest))
    return Study(folder, summary, scenario, design)


def _spec(axis: dict[str, Any]) -> Spec:
    if "values" in axis:
        return list(axis["values"])
    ends = (axis["low"], axis["high"])
    return (*ends, axis["steps"]) if "steps" in axis else ends


# ------------------------------------------------------------------ its files


def request(sweep: Sweep) -> dict[str, Any]:
    """Return what was asked for this time, as plain data: points and worlds may grow."""
    axes = []
    for axis in sweep.design.axes:
        told = axis.told()
        axes.append({**told, "steps": axis.steps} if axis.steps else told)
    return {
        "scenarios": [scenario_request(sweep.scenario)],
        "kind": sweep.design.kind,
        "drawn": sweep.design.drawn or None,
        "axes": axes,
        "worlds": sweep.worlds,
        "seed": sweep.seed,
        "keep_worlds": sweep.keep_worlds,
    }


def finished(sweep: Sweep, folder: StudyFolder) -> Study | None:
    """Return the study if all that is asked for is there already, and whole."""
    try:
        told = json.loads((folder.path / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or not _same_size(told.get("request"), request(sweep)):
        return None
    if told.get("parts") != _part_names(folder):
        return None
    summary = verified(folder.path, FILES)
    return None if summary is None else _study(sweep, folder, summary)


def _same_size(there: Any, asked: dict[str, Any]) -> bool:
    """Whether a study has the points and worlds asked for, by whatever name its scenario came."""
    keys = ("kind", "drawn", "axes", "worlds")
    return isinstance(there, dict) and all(there.get(key) == asked[key] for key in keys)


def _part_names(folder: StudyFolder) -> list[str]:
    return sorted(info.path.name for info in folder.parts)


def _study(sweep: Sweep, folder: StudyFolder, summary: dict[str, Any]) -> Study:
    return Study(folder.path, summary, sweep.scenario, sweep.design)


def finish(
    sweep: Sweep, folder: StudyFolder, extra: Callable[[Study, Path], None] | None = None
) -> Study:
    """Write points, summary, figures and, last, the manifest; aside, then into place.

    Raises
    ------
    StoreError
        If they cannot be written.
    """
    folder.tidy()
    aside = folder.path / f".final.{os.getpid()}.part"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        study = _write(sweep, folder, aside, extra)
        for path in sorted(aside.iterdir(), key=lambda path: path.name == "manifest.json"):
            path.replace(folder.path / path.name)
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}. What is finished is kept."
        todo = "Make room, then give the same command again."
        raise StoreError(str(folder.path), what, todo) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return study


def _write(
    sweep: Sweep,
    folder: StudyFolder,
    aside: Path,
    extra: Callable[[Study, Path], None] | None,
) -> Study:
    read = sums_reader(folder, sweep.worlds, len(sweep.ensemble))
    seen = write_points(aside / "points.parquet", sweep.design, read)
    own = read(point_id(sweep.design.levers, sweep.today))
    summary = _summary(sweep, seen, own)
    write_json(aside / "summary.json", summary)
    study = _study(sweep, folder, summary)
    if extra:
        extra(Study(aside, summary, sweep.scenario, sweep.design), aside)
    write_json(aside / "manifest.json", _manifest(sweep, folder, aside))
    return study


def _summary(sweep: Sweep, seen: Survey, own: PointSums) -> dict[str, Any]:
    scenario, ensemble = sweep.scenario, sweep.ensemble
    notes = list(sweep.notes)
    if seen.failed:
        notes.append(
            f"{seen.failed:,} of {len(sweep.design):,} points failed ({seen.first_error}); their "
            "rows say why. Remove their parts and give the same command to try again."
        )
    elif seen.inert and len(sweep.design) > 1:
        notes.append("The sweep is inert: no count of any member differs between its points.")
    return {
        "schema": SUMMARY_SCHEMA,
        "study_id": sweep.study_id,
        "scenario": scenario.name,
        "title": scenario.title,
        "set": dict(scenario.overrides),
        "as_of": scenario.as_of.isoformat(),
        "horizon_days": scenario.horizon_days,
        "seed": sweep.seed,
        "design": sweep.design.kind,
        "levers": list(sweep.design.levers),
        "points": len(sweep.design),
        "failed": seen.failed,
        "worlds": sweep.worlds,
        "members": int((own.worlds > 0).sum()),
        "ensemble": {"id": ensemble.id, "kind": ensemble.kind},
        "best": {**_told(sweep, *seen.best), "gain": gain(seen.best[1], own, len(sweep.design))}
        if seen.best
        else None,
        "worst": _told(sweep, *seen.worst) if seen.worst else None,
        "today": _told(sweep, sweep.today, own),
        "inert": seen.inert and not seen.failed and len(sweep.design) > 1,
        "notes": notes,
    }


def _told(sweep: Sweep, point: Point, sums: PointSums) -> dict[str, Any]:
    odds = {name: sums.odds(name) for name in (*OUTCOMES, "agreed")}
    return {
        "point": point_id(sweep.design.levers, point),
        "levers": dict(zip(sweep.design.levers, point, strict=True)),
        "odds": {name: told.as_dict() if told else None for name, told in odds.items()},
        "error": sums.error,
    }


def gain(one: PointSums, other: PointSums, points: int) -> dict[str, Any] | None:
    """Return by how much `held` is more likely at the best point than at another.

    From the differences member by member, so that luck which both met alike drops out. The 95 %
    interval holds for all ``points`` at once (Bonferroni), since the best was picked from them;
    and the members' own disagreement counts as error, which makes it too wide where most members
    are used. None if a point failed or one member alone was used.
    """
    from scipy.special import ndtri

    used = one.worlds > 0
    number = int(used.sum())
    if one.error or other.error or number < 2:
        return None
    worlds = one.worlds[used]
    differences = (one.of("held") - other.of("held"))[used]
    mean = float(differences.sum() / worlds.sum())
    residual = (differences - mean * worlds) / worlds.mean()
    half = float(ndtri(1.0 - 0.025 / points) * np.sqrt(residual.var(ddof=1) / number))
    return {"mean": mean, "mc": [mean - half, mean + half]}


def _manifest(sweep: Sweep, folder: StudyFolder, aside: Path) -> dict[str, Any]:
    return {
        "schema": MANIFEST_SCHEMA,
        "run_id": sweep.study_id,
        "scenario": sweep.scenario.as_dict(),
        "scenario_file": sweep.scenario.path,
        "claims": [claim.model_dump() for claim in sweep.scenario.claims],
        "seed": sweep.seed,
        "ensemble": {
            **sweep.plan["ensemble"],
            "as_of": dt.date.isoformat(sweep.scenario.as_of),
        },
        "request": request(sweep),
        "command": sweep.command or python_of(sweep),
        "parts": _part_names(folder),
        **provenance(aside),
        "source": sweep.plan["source"],
    }


def python_of(sweep: Sweep) -> str:
    """Return the one line of Python that makes the study, or goes on with it."""
    asked = request(sweep)
    (scenario,) = asked["scenarios"]
    vary = {axis["lever"]: _spec(axis) for axis in asked["axes"]}
    words = [in_python(scenario), repr(vary)]
    if asked["kind"] != "grid":
        words += [f"design={asked['kind']!r}", f"points={asked['drawn']}"]
    words += [f"worlds={asked['worlds']}", f"seed={asked['seed']}", "out='outputs'"]
    if asked["keep_worlds"]:
        words.append("keep_worlds=True")
    return python_command(f"sim.sweep({', '.join(words)})")
