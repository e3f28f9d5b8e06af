"""`truce levers`: all that a scenario can set, with meaning, unit, range, value and source."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day
from sim.cli.shared import Shared, with_options
from sim.cli.tables import print_json, print_table
from sim.text import printable

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict


@with_options("as_json")
def levers(
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Values as they stood on it (default: newest ensemble)."),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """List every lever: meaning, unit, range, value on a day, and who says so.

    Example: truce levers --json
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.newest_day()
    rows = list(_rows(conflict, day))
    if shared.as_json:
        print_json({"schema": "truce/levers/1", "as_of": day.isoformat(), "levers": rows})
        return
    from sim.inputs.levers import value_text

    sys.stdout.write(f"Levers as they stood on {day}; a scenario sets others.\n\n")
    header = ("lever", "value", "range", "unit", "meaning", "who says so")
    print_table(
        header,
        [
            (row["lever"], value_text(row["value"]), row["range"], row["unit"], row["meaning"],
             printable(f"{row['since']}: {row['source']}"))
            for row in rows
        ],
    )  # fmt: skip


def _rows(conflict: Conflict, day: dt.date) -> Iterator[dict[str, Any]]:
    """Every lever as plain data."""
    for name, row in conflict.baseline_rows(day).items():
        lever = conflict.lever(name)
        yield {
            "lever": name,
            "meaning": lever.meaning,
            "unit": lever.unit,
            "range": lever.kind.span,
            "schema": lever.kind.schema(),
            "value": row.value,
            "since": row.date.isoformat(),
            "source": row.source,
        }
