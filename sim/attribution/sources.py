"""The source of each number of the members: a table, statements, or the record.

Every column of an ensemble leads back to one of these, and says how much of it is assumed:

- `assumed`: only we say so, with a reason;
- `size assumed`: a paper or a base rate gives the direction, the size is ours;
- `stated`: actors' own statements, by a measurement model whose errors are assumed;
- `sourced`: a paper, a base rate or an article gives it;
- `record`: it was drawn from a prior, and is what the record left of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.attribution.numbers import SETS
from sim.engine.domain import Side
from sim.evidence.positions import Cell, Positions, Pull, concerned_by
from sim.evidence.statements import Evidence, Statement
from sim.inputs.conflict import Conflict
from sim.inputs.issues import ISSUES
from sim.inputs.parameters import Parameter

POSITIONS = ("ideal", "red_line", "weight")
_SIDES = {side.name.lower(): side for side in Side}
_STARTS = {"momentum": "front_mean", "sanctions_lag": "start_sanctions"}
"""Numbers of the state whose prior has another name in the table than ``start_`` and theirs."""

_STATE = {
    "resolve_mean": "What the mediator believes of side {}'s resolve",
    "resolve_variance": "How unsure the mediator still is of side {}'s resolve (variance)",
    "tilt": "Whom the mediator blames",
    "progress": "Progress that the mediator sees in the talks",
    "trust": "Trust between the sides",
    "patience": "What is left of the mediator's patience",
    "momentum": "Momentum at the front",
    "sanctions": "Sanctions in force",
    "kept": "Kept promises behind the belief in the word of {}",
    "lapsed": "Lapsed promises behind the belief in the word of {}",
    "strike": "Strike intensity of side {} (log)",
    "pledge": "Share of its capability that {} pledges to a contingent",
    "stance": "Share of its part of the sanctions for which {} stands ready",
    "last_answer": "Last answer of side {} (0 yes, 1 on conditions, 2 no)",
    "condition_days": f"Conditions with which side {{}} answered in {SETS['condition_days']} days",
}
"""What numbers of the state on the as-of day mean; see `sim.engine.domain.Start`."""


@dataclass(frozen=True)
class Source:
    """The source of a number.

    Attributes
    ----------
    meaning
        What the number is.
    standing
        How much of it is assumed: see the module.
    text
        The source in words.
    known_by
        The day on which it was public, ISO; empty where it rests on statements, each with a day.
    statements
        The rows behind a position with what each did to it, the strongest first; None for a row
        that only makes an issue weigh more.
    """

    meaning: str
    standing: str
    text: str
    known_by: str
    statements: tuple[tuple[Statement, Pull | None], ...] = ()


def source_of(
    column: str, table: Mapping[str, Parameter], positions: Positions, evidence: Evidence
) -> Source:
    """Say where a column of an ensemble comes from.

    Parameters
    ----------
    column
        As in the ensemble's file, such as ``resolve.r``, ``ideal.r.nato`` or ``start.trust``; or
        a value of one, such as ``start.last_answer.r:2``.
    table
        The table of parameters by name.
    """
    field, _, place = column.partition(".")
    if field == "mediator_position":
        return _of_position("ideal", positions.cell(positions.mediator, place), evidence)
    if field in POSITIONS:
        side, _, issue = place.partition(".")
        return _of_position(field, positions.cell(positions.sides[_SIDES[side]], issue), evidence)
    if field == "start":
        return _of_state(place, table, evidence.conflict)
    return _of_parameter(table[column])


def _of_parameter(row: Parameter) -> Source:
    return Source(row.meaning, standing(row.source), row.source, str(row.known_by))


def standing(text: str) -> str:
    """Say how much of a source is assumed."""
    if text.startswith("assumed"):
        return "assumed"
    return "size assumed" if "assumed" in text else "sourced"


def _of_state(place: str, table: Mapping[str, Parameter], conflict: Conflict) -> Source:
    place, _, value = place.partition(":")
    field, _, issuer = place.partition(".")
    if field in ("kept", "lapsed"):
        names = [f"belief_mean.{issuer}", "belief_weight"]
    elif field == "resolve_variance":
        names = [f"resolve.{issuer}"]
    else:
        names = [_STARTS.get(field, f"start_{field}")]
    rows = [table[name] for name in names if name in table]
    issuers = {"us": conflict.mediator.id, "europe": conflict.facts.together.id}
    whose = issuer.upper() if issuer in _SIDES else issuers.get(issuer, issuer)
    meaning = _STATE.get(field, field.replace("_", " ") + " of {}").format(whose)
    meaning = meaning.removesuffix(" of ") + (f" is {value}" if value else "")
    meaning = f"{meaning}, on the as-of day"
    if not rows:
        return Source(meaning, "record", "none to begin with; what the record left", "")
    priors = "; ".join(f"{row.name} {row.prior}, {row.source}" for row in rows)
    latest = max(str(row.known_by) for row in rows)
    return Source(meaning, "record", f"prior {priors}; then moved by the record", latest)


# ------------------------------------------------------------------------- positions


def _of_position(field: str, cell: Cell, evidence: Evidence) -> Source:
    conflict = evidence.conflict
    where = f"of {conflict.names[cell.holder]} on {cell.issue.replace('_', ' ')}"
    if field == "weight":
        return _of_weight(where, cell, evidence)
    line = field == "red_line" and cell.line is not None and cell.line.stated
    estimate = cell.line if line and cell.line else cell.ideal
    rows = {row.id: row for row in evidence.statements}
    pulls = sorted(estimate.moved_by, key=lambda pull: -abs(pull.pull))
    statements = tuple((rows[pull.row], pull) for pull in pulls)
    zero = conflict.named("0 side U's best")
    meaning = f"{'Red line' if field == 'red_line' else 'Ideal point'} {where}, {zero}"
    if not statements:
        text = "no statement; the prior of the measurement model, which is assumed"
        return Source(meaning, "assumed", text, "")
    text = "statements, by the measurement model of calibration/measurement.toml"
    if field == "red_line" and not line:
        text = "no line was stated: the ideal, moved by an assumed shift; its statements"
        return Source(meaning, "size assumed", text, "", statements)
    return Source(meaning, "stated", text, "", statements)


def _of_weight(where: str, cell: Cell, evidence: Evidence) -> Source:
    """A weight rests on the largest salience that an article gave to the issue."""
    assert cell.issue in ISSUES
    rows = [
        row
        for row in evidence.statements
        if row.holder in concerned_by(evidence, cell.holder)
        and (row.issue, row.salience) == (cell.issue, cell.salience)
        and row.kind != "call"
    ]
    meaning = f"Issue weight {where}"
    text = "largest salience of a statement; how weight follows from it is assumed"
    if not rows:
        return Source(meaning, "assumed", "no statement; the base weight, assumed", "")
    return Source(meaning, "size assumed", text, "", tuple((row, None) for row in rows))
