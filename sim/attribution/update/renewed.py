"""Ensembles that are up to date: loaded, or made anew where there is none or its inputs changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sim.calibrate.fit import Note, filter_of, make_posterior
from sim.errors import CalibrationError
from sim.inputs.conflict import Conflict
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.progress import Progress, reported
from sim.text import printable
from sim.unfinished import going_on


def renewed(
    day: dt.date,
    conflict: Conflict,
    particles: int | None,
    workers: int | None,
    progress: bool | Progress,
    note: Note,
) -> Ensemble:
    """Return the posterior of a day, which is made and stored if there is none that can be used.

    If making it was stopped before, it goes on from there.

    Parameters
    ----------
    particles, workers
        As of `sim.calibrate.fit.make_posterior`.
    note
        Called with a sentence that says why one is made, and with what that notes.

    Raises
    ------
    EvidenceError, CalibrationError
        If it cannot be made.
    """
    try:
        found = load_ensemble(day, conflict=conflict)
        if found.kind == "posterior":
            return found
        why = "the ensemble there is of the prior alone."
    except CalibrationError as error:
        conflict.check_read(day, CalibrationError)
        why = error.what
    note(f"Calibrating to {day}: {printable(why)}")
    place = _place(day, conflict)
    chosen = filter_of(day, conflict=conflict)
    with going_on(chosen, place, note) as kept, reported(progress, "pasts") as report:
        return make_posterior(kept, particles, workers, place, report, note=note)


def _place(day: dt.date, conflict: Conflict) -> Path:
    """The folder of the ensemble that would be found, so that the new one takes its place."""
    folders = conflict.ensemble_folders
    there = (one for one in folders if (one / f"{day}.parquet").is_file())
    return next(there, conflict.ensembles)
