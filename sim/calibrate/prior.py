"""Draws members from the positions and the priors: the ensemble before any record is weighed."""

from __future__ import annotations

import functools
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE
from sim.engine.dtypes import Floats
from sim.engine.records import Member, Start, layout
from sim.errors import CalibrationError
from sim.evidence.positions import draw, measure
from sim.evidence.statements import load_evidence
from sim.inputs.ensemble import MEMBERS, Ensemble, save_ensemble, slots
from sim.inputs.parameters import RECORD_BEGINS, Parameter, bloc_ids, blocs, find, load_parameters
from sim.paths import data_dir

SEED = 20250310
"""The seed of the ensembles that ship: the day on which the record begins."""


def draw_value(name: str, count: int, rng: np.random.Generator, spread: float = 1.0) -> Floats:
    """Draw a parameter of the table by its name; ``spread`` as for `draw_values`."""
    return find(_table(spread), name).draw(count, rng)


@functools.cache
def _table(spread: float = 1.0) -> tuple[Parameter, ...]:
    if spread == 1.0:
        return load_parameters()
    return tuple(
        row.model_copy(update={"prior": row.prior.widened(spread)}) for row in load_parameters()
    )


def draw_values(count: int, rng: np.random.Generator, spread: float = 1.0) -> dict[str, Floats]:
    """Draw every parameter of the table, ``count`` values each, by name.

    ``spread`` widens every prior, to see how far a result leans on their widths.
    """
    return {row.name: row.draw(count, rng) for row in _table(spread)}


def members_from(values: dict[str, Floats], positions: dict[str, Floats]) -> NDArray[np.void]:
    """Fill member records from parameters by name and from positions by field.

    Raises
    ------
    CalibrationError
        If the table lacks a parameter that the rules read.
    """
    count = len(positions["ideal"])
    members = np.zeros(count, layout(len(blocs())).member)
    for field, drawn in positions.items():
        members[field] = drawn
    for name, field, place in slots(Member, bloc_ids()):
        if name in values:
            members[field][place] = values[name]
        elif field in ("capability", "sanctions_share"):
            members[field] = [getattr(bloc, field) for bloc in blocs()]
        elif field not in positions:
            raise CalibrationError("parameters.toml", f"lacks the row '{name}'.", "Add it.")
    return members


def starts_from(values: dict[str, Floats]) -> NDArray[np.void]:
    """Fill the state on the as-of day from parameters by name."""
    count = len(values["start_tilt"])
    starts = np.zeros(count, layout(len(blocs())).start)
    for field in ("sanctions", "tilt", "trust", "patience", "progress"):
        starts[field] = values[f"start_{field}"]
    starts["momentum"] = values["front_mean"]
    starts["sanctions_lag"] = starts["sanctions"]
    for side in ("r", "u"):
        prior = find(_table(), f"resolve.{side}").prior
        assert prior.normal is not None
        starts["resolve_variance"][:, "ru".index(side)] = prior.normal[1] ** 2
    for field in ("pledge", "stance"):
        starts[field] = values[f"start_{field}"][:, None]
    for name, field, place in slots(Start, bloc_ids()):
        if field in ("kept", "lapsed"):
            mean = values[name.replace(field, "belief_mean")]
            share = mean if field == "kept" else 1.0 - mean
            starts[field][place] = share * values["belief_weight"]
    for field in ("last_answer", "pause_until", "partial_scope", "partial_starts"):
        starts[field] = NONE
    return starts


def draw_prior(
    as_of: date, seed: int = SEED, count: int = MEMBERS
) -> tuple[NDArray[np.void], NDArray[np.void], dict[str, Any]]:
    """Draw members and their states on a day, with notes for the manifest.

    Only statements that were known on that day are read.
    """
    evidence = load_evidence(as_of=as_of)
    rng = np.random.Generator(np.random.Philox(seed))
    values = draw_values(count, rng)
    drawn = draw(measure(evidence), count, rng)
    positions = {"ideal": drawn.ideal, "red_line": drawn.line, "weight": drawn.weight}
    notes = {
        "seed": seed,
        "statements": len(evidence.statements),
        "state_of": RECORD_BEGINS.isoformat(),
        "command": f"truce calibrate --prior --as-of {as_of} --seed {seed}",
    }
    return members_from(values, positions), starts_from(values), notes


def check_as_of(as_of: date) -> None:
    """Check that a day lies within the record.

    Raises
    ------
    CalibrationError
        If it does not.
    """
    newest = max(article.day for article in load_evidence().articles)
    if not RECORD_BEGINS <= as_of <= newest:
        what = f"is outside {RECORD_BEGINS}..{newest}, from the first day of the record to the "
        what += "newest article."
        raise CalibrationError(f"as-of {as_of}", what, "Choose a day in between.")


def make_prior(as_of: date, seed: int = SEED, folder: Path | None = None) -> Ensemble:
    """Draw the prior ensemble of a day and store it.

    Raises
    ------
    EvidenceError, CalibrationError
        If a table cannot be used, or the folder not be written.
    """
    check_as_of(as_of)
    members, starts, notes = draw_prior(as_of, seed)
    target = folder or data_dir("calibration") / "ensembles"
    return save_ensemble(target, "prior", as_of, (members, starts), notes)
