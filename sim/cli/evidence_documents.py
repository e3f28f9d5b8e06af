"""What `truce evidence` tells of statements and of cells, as plain data and as tables."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from sim.evidence.measurement import Weight
    from sim.evidence.positions import Cell, Estimate
    from sim.evidence.statements import Evidence, Statement
    from sim.inputs.issues import Scale

# ------------------------------------------------------------------ one statement


def row_document(row: Statement, evidence: Evidence) -> dict[str, Any]:
    """Tell a statement as JSON has it."""
    from sim.words import spelled

    fields = {name: value for name, value in vars(row).items() if name != "why_not"}
    fields |= {"date": str(row.date), "known": str(row.known)}
    return fields | {
        "paraphrase": spelled(row.paraphrase, evidence.conflict),
        "in_fit": row.in_fit,
        "why_not": row.why_not,
        "informs": informs(row, evidence),
    }


def informs(row: Statement, evidence: Evidence) -> str:
    """Tell whether a statement informs an ideal, a red line or neither."""
    from sim.evidence.positions import informs as informed

    return informed(row, evidence.roles) if row.in_fit else "neither"


def why_unused(row: Statement) -> str:
    """Tell why a statement is not in the fit, or that its kind informs nothing."""
    return row.why_not or f"{row.kind} of {row.holder} informs neither ideal nor red line"


def statement_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return statements, as they are in JSON, as a table."""
    from sim.evidence.statements import Statement
    from sim.sheets import frame_of

    fields = (field.name for field in dataclasses.fields(Statement) if field.name != "why_not")
    return frame_of([*rows], (*fields, "in_fit", "why_not", "informs"))


# ------------------------------------------------------------------ one cell


def cell_document(cell: Cell, evidence: Evidence, scale: Scale) -> dict[str, Any]:
    """Tell a holder's position on an issue as JSON has it."""
    rows = _moving_rows(cell, evidence)
    moving = {row["id"] for row in rows}
    unused = [
        row_document(row, evidence) | {"why_not": why_unused(row)}
        for row in evidence.statements
        if (row.holder, row.issue) == (cell.holder, cell.issue) and row.id not in moving
    ]
    return {
        "schema": "truce/position/1",
        "holder": cell.holder,
        "issue": cell.issue,
        "meaning": scale.meaning,
        "ideal": _estimate(cell.ideal, scale),
        "red_line": _estimate(cell.line, scale) if cell.line else None,
        "salience": cell.salience,
        "weight": _weight(cell.weight),
        "moved_by": rows,
        "unused": unused,
    }


def _estimate(estimate: Estimate, scale: Scale) -> dict[str, Any]:
    numbers = {name: getattr(estimate, name) for name in ("middle", "low", "high")}
    logit = {"prior": estimate.prior, "mean": estimate.mean, "sd": estimate.sd}
    below = min(int(estimate.middle * 4), 3)
    near = {f"{k / 4:g}": scale.anchors[k] for k in (below, below + 1)}
    return numbers | {"logit": logit, "stated": estimate.stated, "anchors": near}


def _weight(weight: Weight) -> dict[str, float]:
    return {"mean": weight.mean, "low": weight.low, "high": weight.high}


def _moving_rows(cell: Cell, evidence: Evidence) -> list[dict[str, Any]]:
    """Tell the rows that moved the ideal or a stated line, the strongest first."""
    from sim.attribution.references import reference

    rows = {row.id: row for row in evidence.statements}
    articles = {article.id: article for article in evidence.articles}
    stated = [("ideal", cell.ideal)]
    if cell.line and cell.line.stated:
        stated.append(("line", cell.line))
    moving = [
        row_document(rows[pull.row], evidence)
        | {"moves": what, "gain": pull.gain, "pull": pull.pull, "mean_without": pull.without}
        | {"source": reference(articles[rows[pull.row].article])}
        for what, estimate in stated
        for pull in estimate.moved_by
    ]
    return sorted(moving, key=lambda row: (-abs(row["pull"]), -abs(row["gain"])))


def cell_table(document: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows of a cell: those that moved it, the strongest first, then the others.

    Of a row that moved nothing, what it moved, its gain and its pull are empty.
    """
    return statement_table([*document["moved_by"], *document["unused"]])
