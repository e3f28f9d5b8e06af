"""`truce evidence agree`: a second coder beside the first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.evidence.agreement import Agreement, Alpha, CellGap
    from sim.intake.agree import Coders, EventAgreement

SHOWN = 10
"""How many of the cells that differ are printed."""


@with_options(*ANSWER)
def agree(
    first: Annotated[
        Path,
        typer.Argument(help="A coder's rows: a folder of evidence, a draft, a spreadsheet, a CSV."),
    ],
    second: Annotated[Path, typer.Argument(help="The same of a second coder.")],
    article: Annotated[
        str | None, typer.Option(help="Only this article: its id, or the first three digits.")
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Compare two coders' rows: which both have, and how alike.

    Example: truce evidence agree calibration/evidence second/statements.csv

    The columns `known` and `same_as` may be missing from either.

    Example: truce evidence agree news/talks second/talks --article 005
    """
    from sim.intake.agree import compare_coders

    found = compare_coders(first, second, chosen_conflict(), article)
    answer(
        shared,
        lambda: _table(found),
        lambda: {
            "schema": "truce/agreement/1",
            **(_document(found.statements) if found.statements else {}),
            "events": _events_document(found.events) if found.events else None,
        },
        lambda: _print_both(found),
    )


def _events_document(found: EventAgreement) -> dict[str, Any]:
    return {
        "rows": list(found.rows),
        "matched": found.matched,
        "share_matched": found.share,
        "alike": found.alike,
        "gaps": [{**vars(gap), "differs": list(gap.differs)} for gap in found.gaps],
    }


def _document(found: Agreement) -> dict[str, Any]:
    return {
        "rows": list(found.rows),
        "matched": found.matched,
        "share_matched": found.share,
        "matched_kind_aside": found.placed,
        "share_kind_aside": found.share_placed,
        "alpha": vars(found.overall),
        "by_issue": {issue: vars(alpha) for issue, alpha in found.by_issue.items()},
        "cells": [vars(cell) for cell in found.cells],
    }


def _table(found: Coders) -> pd.DataFrame:
    """Rows of the statements, then a row for all events and one for each that differs."""
    from sim.sheets import frame_of

    rows = _statement_rows(found.statements) if found.statements else []
    if events := found.events:
        alone = [events.rows[side] - events.matched for side in (0, 1)]
        both = {"only_first": alone[0], "only_second": alone[1]}
        rows.append({"of": "events", "pairs": events.matched, "alike": events.alike, **both})
    rows += [
        {
            "of": "event",
            "holder": gap.actor,
            "event": gap.event,
            "where": gap.where,
            "differs": ", ".join(gap.differs),
        }
        for gap in (events.gaps if events else ())
    ]
    columns = dict.fromkeys(name for row in rows for name in row)
    return frame_of([{name: row.get(name) for name in columns} for row in rows])


def _statement_rows(found: Agreement) -> list[dict[str, Any]]:
    """A row for all pairs, a row an issue, and a row a cell: a holder on an issue."""
    rows: list[dict[str, Any]] = [
        {
            "of": of,
            "holder": None,
            "issue": issue,
            "pairs": alpha.pairs,
            "mean_distance": alpha.apart,
            "alpha": alpha.alpha,
            **dict(zip(("alpha_low", "alpha_high"), alpha.interval or (None, None), strict=True)),
        }
        for of, issue, alpha in (
            ("all", None, found.overall),
            *(("issue", issue, alpha) for issue, alpha in found.by_issue.items()),
        )
    ]
    rows += [
        {
            "of": "cell",
            "holder": cell.holder,
            "issue": cell.issue,
            "pairs": cell.pairs,
            "mean_distance": cell.apart,
            "largest_distance": cell.furthest,
            "largest_where": cell.where,
            "only_first": cell.only_first,
            "only_second": cell.only_second,
            "mean_first": cell.first,
            "mean_second": cell.second,
        }
        for cell in found.cells
    ]
    return rows


def _print_both(found: Coders) -> None:
    if found.statements:
        sys.stdout.write("Statements: ")
        _print(found.statements)
    if found.events:
        sys.stdout.write("\n" if found.statements else "")
        _print_events(found.events)


def _print_events(found: EventAgreement) -> None:
    first, second = found.rows
    sys.stdout.write(
        f"Events: {found.matched} of {first} and {second} are the same event (share "
        f"{found.share:.2f}); {found.alike} of these also agree on days, round and detail\n"
    )
    if found.gaps:
        sys.stdout.write("\nWhere they differ\n")
    cells = [[gap.actor, gap.event, gap.where, ", ".join(gap.differs)] for gap in found.gaps]
    print_table(("actor", "event", "where", "in what"), cells)


def _print(found: Agreement) -> None:
    first, second = found.rows
    lines = [
        f"{found.matched} rows of {first} and {second} are the same row (share {found.share:.2f}); "
        f"kind left aside {found.placed} (share {found.share_placed:.2f})",
        "",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    rows = [("all", found.overall), *found.by_issue.items()]
    print_table(
        ("issue", "pairs", "alpha", "95 %", "mean distance", "remark"),
        [_alpha_cells(name, alpha) for name, alpha in rows],
    )
    differ = list(_differing(found))[:SHOWN]
    if not differ:
        sys.stdout.write("\nNo cell differs.\n")
        return
    sys.stdout.write("\nWhere they differ most\n")
    header = ("holder", "issue", "pairs", "mean distance", "largest", "where")
    print_table((*header, "only first", "only second", "means"), [*map(_cell_cells, differ)])


def _alpha_cells(name: str, alpha: Alpha) -> list[str]:
    from sim.evidence.agreement import FEW

    span = "" if alpha.interval is None else "{:.2f} to {:.2f}".format(*alpha.interval)
    remark = f"fewer than {FEW} pairs: too few to say" if alpha.pairs < FEW else ""
    if alpha.alpha is None and not remark:
        remark = "all positions are equal: nothing to agree on"
    return [name, str(alpha.pairs), _number(alpha.alpha), span, _number(alpha.apart), remark]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _differing(found: Agreement) -> Iterator[CellGap]:
    return (cell for cell in found.cells if cell.apart or cell.only_first or cell.only_second)


def _cell_cells(cell: CellGap) -> list[str]:
    means = f"{_number(cell.first) or '-'} and {_number(cell.second) or '-'}"
    numbers = [_number(cell.apart), _number(cell.furthest)]
    alone = [str(cell.only_first), str(cell.only_second)]
    return [cell.holder, cell.issue, str(cell.pairs), *numbers, cell.where, *alone, means]
