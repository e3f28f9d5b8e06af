"""The end of a sweep: from the parts of a study to its tables, summary and manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.disk import KEPT
from sim.engine.domain import Outcome, Side
from sim.errors import StoreError
from sim.experiments.axes import Point, spec_of
from sim.experiments.design import point_id
from sim.experiments.differences import verdict_of
from sim.experiments.paired import paired_with
from sim.experiments.sweep.chunk import WORLDS_OF_MEMBER, Rows, run_point
from sim.experiments.sweep.folder import StudyFolder
from sim.experiments.sweep.plan import Sweep
from sim.experiments.sweep.points import OUTCOMES, PointSums, Survey, sums_reader, write_points
from sim.experiments.sweep.study import FILES, POINTS_FILE, SUMMARY_SCHEMA, Study, read_points
from sim.files import MANIFEST, write_json, written_together
from sim.inputs.ensemble import told_of
from sim.montecarlo import BLOCK_WORLDS
from sim.read_back import problem
from sim.reading import read_document
from sim.request import in_python, python_command, scenario_request
from sim.store import Extra, asked_again, manifest, verified
from sim.summaries import StudySummary
from sim.threads import threads

MOST_WRITTEN = 200
"""The most points that a command writes out one by one."""


def request(sweep: Sweep) -> dict[str, Any]:
    """Return what was asked for this time, as plain data: points and worlds may grow."""
    return {
        "scenarios": [scenario_request(sweep.scenario)],
        **sweep.design.request(),
        "worlds": sweep.worlds,
        "seed": sweep.seed,
        "keep_worlds": sweep.keep_worlds,
    }


def finished(sweep: Sweep, folder: StudyFolder) -> Study | None:
    """Return the study if all that is asked for is there already, and whole."""
    manifest = verified(folder.path, FILES)
    if manifest is None or not _same_size(manifest["request"], request(sweep)):
        return None
    if manifest["parts"] != _part_names(folder):
        return None
    summary = read_document(folder.path / "summary.json")
    if summary is None or problem(StudySummary, summary):
        return None
    try:
        read_points(folder.path, sweep.design.levers)
    except StoreError:
        return None
    asked_again(folder.path)
    return _study(sweep, folder.path, summary)


def _same_size(there: Any, asked: dict[str, Any]) -> bool:
    """Whether a study has the points and worlds asked for, by whatever name its scenario came."""
    keys = ("kind", "drawn", "axes", "points", "worlds")
    return isinstance(there, dict) and all(there.get(key) == asked.get(key) for key in keys)


def _part_names(folder: StudyFolder) -> list[str]:
    return sorted(info.path.name for info in folder.parts)


def _study(sweep: Sweep, folder: Path, summary: dict[str, Any]) -> Study:
    return Study(folder, summary, sweep.scenario, sweep.design)


def finish(
    sweep: Sweep, folder: StudyFolder, extra: Extra | None = None, workers: int = 1
) -> Study:
    """Write points, summary, figures and, last, the manifest of a study whose parts are there.

    Parameters
    ----------
    workers
        Threads of this process, for the worlds that show what the members gain.

    Raises
    ------
    StoreError
        If they cannot be written; the parts are kept.
    """
    folder.tidy()
    with written_together(folder.path, KEPT, folder.path.parent) as aside:
        read = sums_reader(folder, sweep.worlds, len(sweep.ensemble))
        survey = write_points(aside / POINTS_FILE, sweep.design, read)
        own = read(point_id(sweep.design.levers, sweep.today))
        summary = _summary(sweep, survey, own, workers)
        write_json(aside / "summary.json", summary)
        if extra:
            extra(_study(sweep, aside, summary), aside)
        facts = _facts(sweep, folder, own)
        write_json(aside / MANIFEST, manifest("study", sweep.study_id, facts, aside))
    return _study(sweep, folder.path, summary)


def _summary(sweep: Sweep, survey: Survey, own: PointSums, workers: int) -> dict[str, Any]:
    scenario, ensemble = sweep.scenario, sweep.ensemble
    notes = list(sweep.notes)
    if survey.failed:
        notes.append(
            f"{survey.failed:,} of {len(sweep.design):,} points failed ({survey.first_error}); "
            "their rows say why. Remove their parts and give the same command to try again."
        )
    elif survey.inert and len(sweep.design) > 1:
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
        "failed": survey.failed,
        "worlds": sweep.worlds,
        "members": len(own.worlds),
        "ensemble": told_of(ensemble.id, ensemble.kind, ensemble.doubt),
        "best": _best_document(sweep, survey, own, workers),
        "worst": _point_document(sweep, *survey.worst) if survey.worst else None,
        "today": _point_document(sweep, sweep.today, own),
        "inert": survey.inert and not survey.failed and len(sweep.design) > 1,
        "notes": notes,
    }


def _best_document(
    sweep: Sweep, survey: Survey, own: PointSums, workers: int
) -> dict[str, Any] | None:
    if survey.best is None:
        return None
    point, sums = survey.best
    document = _point_document(sweep, *survey.best)
    found = gain(sums, own, len(sweep.design))
    if found is not None:
        found |= _members_of_gain(sweep, point, workers)
        found["verdict"] = verdict_of(tuple(found["mc"]), found["ensemble"])
    return {**document, "gain": found}


def _members_of_gain(sweep: Sweep, point: Point, workers: int) -> dict[str, Any]:
    """What the members say of a gain: their central 90 %, and how many are ahead, without luck.

    A point of a sweep has too few worlds for that: four of each member are run again.
    """
    ensemble, recipe = sweep.ensemble, sweep.recipe()
    worlds = WORLDS_OF_MEMBER * len(ensemble)
    firsts = range(0, worlds, BLOCK_WORLDS)

    def run(at: Point, first: int) -> Rows:
        return run_point(recipe, ensemble, at, first, min(first + BLOCK_WORLDS, worlds))

    with threads(workers) as pool:
        tasks = [[pool.submit(run, at, first) for first in firsts] for at in (sweep.today, point)]
        base, rows = (np.concatenate([task.result() for task in some]) for some in tasks)
    found = paired_with(base, rows, len(ensemble), (Outcome.HELD,)).difference
    return {
        "ensemble": list(found.ensemble) if found.ensemble else None,
        "members_ahead": found.members_ahead,
        "members_behind": found.members_behind,
        "split": found.split,
    }


def _point_document(sweep: Sweep, point: Point, sums: PointSums) -> dict[str, Any]:
    odds = {name: sums.odds(name) for name in (*OUTCOMES, "agreed")}
    actors = sweep.scenario.conflict.side_ids
    worths = {actor: sums.worth(side) for side, actor in zip(Side, actors, strict=True)}
    return {
        "point": point_id(sweep.design.levers, point),
        "levers": dict(zip(sweep.design.levers, point, strict=True)),
        "odds": {name: one.as_dict() if one else None for name, one in odds.items()},
        "worth": {actor: one.as_dict() if one else None for actor, one in worths.items()},
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

    worlds, number = one.worlds, len(one.worlds)
    if one.error or other.error or number < 2:
        return None
    differences = one.of("held") - other.of("held")
    mean = float(differences.sum() / worlds.sum())
    residual = (differences - mean * worlds) / worlds.mean()
    half = float(ndtri(1.0 - 0.025 / points) * np.sqrt(residual.var(ddof=1) / number))
    return {"mean": mean, "mc": [mean - half, mean + half]}


def _facts(sweep: Sweep, folder: StudyFolder, own: PointSums) -> dict[str, Any]:
    """What the manifest says of a study; see `sim.store.manifest`."""
    scenario = sweep.scenario
    held, agreed = own.odds("held"), own.odds("agreed")
    return {
        "about": {
            "scenario": scenario.name,
            "as_of": scenario.as_of.isoformat(),
            "horizon_days": scenario.horizon_days,
            "worlds": sweep.worlds,
            "seed": sweep.seed,
            "held": held.mean if held else None,
            "agreed": agreed.mean if agreed else None,
        },
        "scenario": scenario.as_dict(),
        "scenario_file": scenario.path,
        "claims": [claim.model_dump() for claim in scenario.claims],
        "seed": sweep.seed,
        "ensemble": {**sweep.plan["ensemble"], "as_of": scenario.as_of.isoformat()},
        "request": request(sweep),
        "command": command(sweep),
        "parts": _part_names(folder),
        "source": sweep.plan["source"],
    }


def command(sweep: Sweep) -> str:
    """Return the line that makes the study, or goes on with it: of `truce`, else of Python."""
    asked = request(sweep)
    (scenario,) = asked["scenarios"]
    words = [in_python(scenario), _varied_in_python(sweep, asked)]
    if asked["drawn"]:
        words += [f"design={asked['kind']!r}", f"points={asked['drawn']}"]
    words += [f"worlds={asked['worlds']}", f"seed={asked['seed']}", "out='outputs'"]
    if asked["keep_worlds"]:
        words.append("keep_worlds=True")
    return sweep.made_by or python_command(f"sim.sweep({', '.join(words)})")


def _varied_in_python(sweep: Sweep, asked: dict[str, Any]) -> str:
    """What is varied; many points are not written out, but taken from the folder of the study."""
    design = sweep.design
    if design.kind != "points":
        return repr({axis["lever"]: spec_of(axis) for axis in asked["axes"]})
    if len(design) > MOST_WRITTEN:
        folder = sweep.place(Path("outputs")).as_posix()
        return f"sim.Study.open({folder!r}).table()[{list(design.levers)!r}]"
    return repr([dict(zip(design.levers, point, strict=True)) for point in design.given])
