"""Adds news to the record, all or nothing, and tells which ensembles are then out of date."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.files import written_together
from sim.inputs.conflict import Conflict
from sim.inputs.made_from import inputs_of
from sim.intake.rendered import files_of
from sim.intake.trial import Trial
from sim.journal import replace_together
from sim.paths import in_package
from sim.reading import read_document

OWN = "my-record"
"""What a user's copy of the record is called in messages."""


@dataclass(frozen=True)
class Stale:
    """An ensemble that is out of date once news is added, and the command that renews it."""

    path: Path
    day: dt.date
    command: str


def stale_after(trial: Trial, conflict: Conflict, home: Conflict | None = None) -> list[Stale]:
    """List the ensembles of a conflict that fit its record as it is, and not with the news.

    Parameters
    ----------
    home
        Whose ensembles they are: a copy of the conflict, or itself if None.
    """
    home = home or conflict
    found = []
    for folder in home.ensemble_folders:
        for path in sorted(folder.glob("*.json")):
            manifest = read_document(path, links=True)
            with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
                if manifest is None or not path.with_suffix(".parquet").is_file():
                    continue
                day, kind = dt.date.fromisoformat(manifest["as_of"]), manifest["kind"]
                now, then = (inputs_of(kind, day, one) for one in (conflict, trial.conflict))
                fits = all(manifest["inputs"].get(name) == value for name, value in now.items())
                if fits and now != then:
                    command = calibrate_command(home, day, folder, prior=kind == "prior")
                    found.append(Stale(path.with_suffix(".parquet"), day, command))
    return found


def calibrate_command(
    conflict: Conflict, day: dt.date, folder: Path | None = None, *, prior: bool = False
) -> str:
    """Return the command that makes the ensemble of a day, in a folder that is not its own."""
    command = f"{conflict.truce} calibrate --as-of {day}" + (" --prior" if prior else "")
    if folder is None or folder == conflict.ensembles:
        return command
    return f"{command} --out {name_of(folder)}"


def check_own(conflict: Conflict) -> None:
    """Check that the record of a conflict is the user's to change.

    Raises
    ------
    EvidenceError
        If it lies inside the installed program, where an update would undo what is added.
    """
    if in_package(conflict.calibration):
        what = (
            "is the record that comes with the program; the next update would undo what is added."
        )
        todo = f"Add it to a copy of your own: --into {OWN}. "
        todo += f"Then `truce --data {OWN} ...`, or TRUCE_DATA={OWN}, is about that copy."
        raise EvidenceError(name_of(conflict.evidence), what, todo)


def add(trial: Trial, conflict: Conflict) -> None:
    """Append the rows of a trial to the record of a conflict, all or nothing.

    Raises
    ------
    EvidenceError
        The first of the trial's problems, if it has any.
    StoreError
        If the files cannot be written, or one has changed meanwhile.
    """
    if trial.problems:
        raise trial.problems[0]
    paths = files_of(conflict)
    changed = [name for name in trial.made.after if _changes(trial, name)]
    replace_together(
        conflict.calibration,
        {paths[name]: trial.made.after[name] for name in changed},
        {paths[name]: trial.made.before[name] for name in changed},
        conflict.scenarios,
    )


def add_into(trial: Trial, conflict: Conflict, folder: Path) -> Conflict:
    """Copy the data of a conflict into a new folder, with the rows of a trial in its record.

    Raises
    ------
    EvidenceError
        If there is such a folder, or the trial has problems.
    StoreError
        If it cannot be written; then there is no folder.
    """
    if trial.problems:
        raise trial.problems[0]
    if folder.exists():
        todo = f"Name a new one; if it is a record already: truce --data {name_of(folder)} "
        todo += "evidence add, without --into."
        raise EvidenceError("--into", f"{name_of(folder)} is there already.", todo)
    with written_together(folder, "Name another folder with --into.") as aside:
        for source, name in zip(conflict.folders, ("calibration", "scenarios"), strict=True):
            shutil.copytree(source, aside / name, ignore=shutil.ignore_patterns(".*"))
        for name, path in files_of(Conflict(aside)).items():
            path.write_bytes(trial.made.after[name])
    return Conflict(folder)


def _changes(trial: Trial, name: str) -> bool:
    return trial.made.after[name] != trial.made.before[name]


def added_lines(trial: Trial) -> Iterator[tuple[str, str]]:
    """Yield each file to which something is added, with the lines."""
    for name, text in trial.made.added.items():
        if text:
            yield name, text.strip("\n")
