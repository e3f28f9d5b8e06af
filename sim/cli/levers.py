"""`truce levers`: all that a scenario can set, with meaning, unit, range, value and source."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.conflict import Conflict


@with_options(*ANSWER)
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
    answer(
        shared,
        lambda: _table(rows),
        lambda: {"schema": "truce/levers/1", "as_of": day.isoformat(), "levers": rows},
        lambda: _print(day, rows),
    )


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    from sim.sheets import frame_of

    plain = [{name: row[name] for name in row if name != "schema"} for row in rows]
    return frame_of([one | _ends(row["schema"]) for one, row in zip(plain, rows, strict=True)])


def _ends(schema: dict[str, Any]) -> dict[str, float | None]:
    """The least and the greatest number that a lever takes; None if it takes none."""
    kinds = (schema, *schema.get("anyOf", ()))
    numbers: dict[str, Any] = next((kind for kind in kinds if "minimum" in kind), {})
    return {"lowest": numbers.get("minimum"), "highest": numbers.get("maximum")}


def _print(day: dt.date, rows: list[dict[str, Any]]) -> None:
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
