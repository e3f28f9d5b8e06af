"""What an ensemble is made from, as hashes by name: if one changes, it is out of date."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date
from pathlib import Path
from typing import Literal

from sim.errors import CalibrationError
from sim.identity import ENSEMBLES, source_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.views import View
from sim.reading import read_text
from sim.text import printable


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]


def inputs_of(
    kind: Literal["prior", "posterior"],
    as_of: date,
    conflict: Conflict | None = None,
    view: View | None = None,
) -> dict[str, str]:
    """Hash what an ensemble of a day is made from, by name: if one changes, it is out of date.

    Rows of the evidence that became public later leave no trace here, nor do rows of the record
    that are dated later. ``view`` is what is taken otherwise than the tables have it.
    """
    conflict = conflict or shipped()
    table = [[row.name, row.range, str(row.prior)] for row in conflict.parameters]
    roles = [[a.id, a.role, a.capability, a.sanctions_share] for a in conflict.actors]
    measurement = read_text(conflict.calibration / "measurement.toml", CalibrationError)
    facts = conflict.facts
    inputs = {
        "priors": _hash([table, measurement, roles]),
        "evidence": _hash([_visible(conflict.evidence / name, as_of) for name in _CODED]),
    }
    if kind == "posterior":
        listed = (*conflict.history(as_of), *conflict.record.actions, *conflict.moves(as_of))
        rows = [row.model_dump() for row in listed]
        rounds = [row.model_dump() for row in conflict.rounds(as_of)]
        days = [facts.record.begins, *(holiday.model_dump() for holiday in facts.holiday)]
        inputs["record"] = _hash([*(row for row in rows if row["date"] <= as_of), *rounds, *days])
        inputs["source"] = source_of(ENSEMBLES)[:16]
    if view and view.deciding:
        inputs["view"] = _hash(view.deciding)
    return inputs


_CODED = ("statements.csv", "events.csv")


def _visible(path: Path, as_of: date) -> list[dict[str, str]]:
    """The rows of a coded file that were public on a day."""
    where = printable(path)
    reader = csv.DictReader(io.StringIO(read_text(path, CalibrationError, where), newline=""))
    dated = {"date", "date_from"} & {*(reader.fieldnames or ())}
    if "known" not in (reader.fieldnames or ()) or not dated:
        what = "lacks the column known, or that of the date, so that no row can be read."
        raise CalibrationError(f"{where}, line 1", what, "See truce evidence check.")
    day, rows = as_of.isoformat(), []
    for row in reader:
        if None in row or None in row.values():
            what = f"has another number of cells than the {len(reader.fieldnames or ())} columns."
            place = f"{where}, line {reader.line_num}"
            raise CalibrationError(place, what, "See truce evidence check.")
        if (row["known"] or row.get("date") or row["date_from"]) <= day:
            rows.append(row)
    return rows
