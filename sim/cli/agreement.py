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

SHOWN = 10
"""How many of the cells that differ are printed."""


@with_options(*ANSWER)
def agree(
    first: Annotated[Path, typer.Argument(help="A coder's statements.csv, or its folder.")],
    second: Annotated[Path, typer.Argument(help="The same of a second coder.")],
    *,
    shared: Shared,
) -> None:
    """Lay a second coder's statements beside the first's: rows that both have, and how alike.

    The columns `known` and `same_as` may be missing from either.

    Example: truce evidence agree calibration/evidence second/statements.csv
    """
    from sim.evidence.agreement import agreement

    found = agreement(first, second, chosen_conflict())
    answer(shared, lambda: _table(found), lambda: _document(found), lambda: _print(found))


def _document(found: Agreement) -> dict[str, Any]:
    return {
        "schema": "truce/agreement/1",
        "rows": list(found.rows),
        "matched": found.matched,
        "share_matched": found.share,
        "matched_kind_aside": found.placed,
        "share_kind_aside": found.share_placed,
        "alpha": vars(found.overall),
        "by_issue": {issue: vars(alpha) for issue, alpha in found.by_issue.items()},
        "cells": [vars(cell) for cell in found.cells],
    }


def _table(found: Agreement) -> pd.DataFrame:
    """A row for all pairs, a row an issue, and a row a cell: a holder on an issue."""
    from sim.sheets import frame_of

    rows = [
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
    return frame_of(rows)


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
