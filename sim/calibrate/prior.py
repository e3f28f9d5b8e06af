"""Draws members from positions and priors: the ensemble before any record is weighed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.domain import NONE
from sim.engine.dtypes import Floats
from sim.engine.records import Member, Start, layout
from sim.errors import CalibrationError
from sim.evidence.draws import draw
from sim.evidence.positions import measure
from sim.evidence.statements import load_evidence
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import MEMBERS, Ensemble, save_ensemble, slots
from sim.inputs.parameters import Parameter, find

Values = dict[str, Floats]
"""Numbers of members by name, an item a member."""
SEED = 20_250_310
"""The seed of the ensembles that ship."""


def widened(conflict: Conflict, spread: float) -> tuple[Parameter, ...]:
    """Return the parameters of a conflict, the sd of every prior multiplied by ``spread``."""
    if spread == 1.0:
        return conflict.parameters
    return conflict.once(
        ("parameters", spread),
        lambda: tuple(
            row.model_copy(update={"prior": row.prior.widened(spread)})
            for row in conflict.parameters
        ),
    )


def draw_values(table: Sequence[Parameter], count: int, rng: np.random.Generator) -> Values:
    """Draw every parameter of a table, ``count`` values each, by name."""
    return {row.name: row.draw(count, rng) for row in table}


def members_from(
    values: Values, positions: Values, conflict: Conflict | None = None
) -> NDArray[np.void]:
    """Fill member records from parameters by name and from positions by field.

    Parameters
    ----------
    values, positions
        Arrays with an item a member.
    conflict
        Whose blocs have the shares; the shipped one if None.

    Raises
    ------
    CalibrationError
        If the table lacks a parameter that the rules read.
    """
    conflict = conflict or shipped()
    count = len(positions["ideal"])
    members = np.zeros(count, layout(len(conflict.blocs)).member)
    for field, drawn in positions.items():
        members[field] = drawn
    for name, field, place in _slots_of(Member, conflict):
        if name in values:
            members[field][place] = values[name]
        elif field in ("capability", "sanctions_share"):
            members[field] = [getattr(bloc, field) for bloc in conflict.blocs]
        elif field not in positions:
            raise CalibrationError("parameters.toml", f"lacks the row '{name}'.", "Add it.")
    return members


def _slots_of(kind: type[Member | Start], conflict: Conflict) -> list[tuple[str, str, Any]]:
    """The numbers of a record: see `slots`."""
    return conflict.once(("slots", kind), lambda: list(slots(kind, conflict.bloc_ids)))


def starts_from(values: Values, conflict: Conflict | None = None) -> NDArray[np.void]:
    """Fill the state on the as-of day from parameters by name; of the shipped conflict if None."""
    conflict = conflict or shipped()
    count = len(values["start_tilt"])
    starts = np.zeros(count, layout(len(conflict.blocs)).start)
    for field in ("sanctions", "tilt", "trust", "patience", "progress"):
        starts[field] = values[f"start_{field}"]
    starts["momentum"] = values["front_mean"]
    starts["sanctions_lag"] = starts["sanctions"]
    for side in ("r", "u"):
        prior = find(conflict.parameters, f"resolve.{side}").prior
        assert prior.normal is not None
        starts["resolve_variance"][:, "ru".index(side)] = prior.normal[1] ** 2
    for field in ("pledge", "stance"):
        starts[field] = values[f"start_{field}"][:, None]
    for name, field, place in _slots_of(Start, conflict):
        if field in ("kept", "lapsed"):
            mean = values[name.replace(field, "belief_mean")]
            share = mean if field == "kept" else 1.0 - mean
            starts[field][place] = share * values["belief_weight"]
    starts["review_due"] = True
    for field in (
        *("last_answer", "pause_until", "partial_scope", "partial_starts"),
        *("threat_ran", "truce_starts"),
    ):
        starts[field] = NONE
    return starts


def draw_prior(
    as_of: date, seed: int = SEED, count: int = MEMBERS, conflict: Conflict | None = None
) -> tuple[NDArray[np.void], NDArray[np.void], dict[str, Any]]:
    """Draw members and their states on a day, with notes for the manifest.

    Only statements that were known on that day are read.
    """
    conflict = conflict or shipped()
    evidence = load_evidence(as_of=as_of, conflict=conflict)
    rng = np.random.Generator(np.random.Philox(seed))
    values = draw_values(conflict.parameters, count, rng)
    positions = draw(measure(evidence), count, rng).fields()
    notes = {
        "seed": seed,
        "statements": len(evidence.statements),
        "state_of": conflict.facts.record.begins.isoformat(),
        "command": f"{conflict.truce} calibrate --prior --as-of {as_of} --seed {seed}",
    }
    return members_from(values, positions, conflict), starts_from(values, conflict), notes


def check_as_of(as_of: date, conflict: Conflict | None = None) -> None:
    """Check that a day lies within the record: from its first day to that last read.

    Raises
    ------
    CalibrationError
        If it does not.
    """
    conflict = conflict or shipped()
    conflict.check_read(as_of, CalibrationError)
    first = conflict.facts.record.begins
    if as_of < first:
        what = f"is outside {first}..{conflict.through}, from the first day of the record to the "
        what += "day through which the press was read."
        raise CalibrationError(f"as-of {as_of}", what, "Choose a day in between.")


def make_prior(
    as_of: date,
    seed: int = SEED,
    folder: Path | None = None,
    conflict: Conflict | None = None,
) -> Ensemble:
    """Draw the prior ensemble of a day and store it.

    Parameters
    ----------
    folder
        Where to; the conflict's own folder of ensembles if None.
    conflict
        Of what; the shipped one if None.

    Raises
    ------
    EvidenceError, CalibrationError
        If a table cannot be used, or the folder not be written.
    """
    conflict = conflict or shipped()
    check_as_of(as_of, conflict)
    members, starts, notes = draw_prior(as_of, seed, conflict=conflict)
    target = folder or conflict.ensembles
    return save_ensemble(target, "prior", as_of, (members, starts), notes, conflict)
