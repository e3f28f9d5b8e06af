"""`truce runs`: what was made, of whatever kind."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import percent
from sim.cli.replay import Out
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs import Entry

_HEADER = ("id", "kind", "scenario", "as of", "days", "worlds", "seed", "held", "agreed", "made")

_COLUMNS = (
    *("run_id", "kind", "scenario", "as_of", "horizon_days", "worlds", "seed"),
    *("held", "agreed", "made", "folder"),
)


@with_options(*ANSWER)
def runs(
    kind: Annotated[
        str | None,
        typer.Option(help="One kind alone: run, comparison, study, timeline, influence, ..."),
    ] = None,
    out: Out = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """List what was made, newest first: runs, comparisons, studies, timelines and so on.

    Example: truce runs
    """
    from sim.errors import StoreError
    from sim.runs import entries
    from sim.store import KINDS
    from sim.text import shown

    if kind is not None and kind not in KINDS:
        raise StoreError("--kind", f"{shown(kind)} is none.", f"There are: {', '.join(KINDS)}.")
    found = entries(out, [kind] if kind else tuple(KINDS))
    rows = [entry.as_dict() for entry in found]

    def report() -> None:
        if not rows:
            what = f"no {kind}" if kind else "nothing"
            sys.stdout.write(f"There is {what} in {out} yet. Make a run: truce run baseline\n")
        print_table(_HEADER, [_cells(row) for row in rows])

    answer(
        shared,
        lambda: _table(found),
        lambda: {"schema": "truce/runs/1", "runs": rows},
        report,
    )


def _table(found: Sequence[Entry]) -> pd.DataFrame:
    from sim.sheets import frame_of

    rows = [{**entry.as_dict(), "made": entry.made.replace(microsecond=0)} for entry in found]
    return frame_of(rows, _COLUMNS)


def _cells(entry: dict[str, Any]) -> tuple[str, ...]:
    worlds = entry["worlds"]
    return (
        entry["run_id"],
        entry["kind"],
        printable(entry["scenario"]),
        entry["as_of"],
        str(entry["horizon_days"]),
        "" if worlds is None else f"{worlds:,}",
        str(entry["seed"]),
        percent(entry["held"]),
        percent(entry["agreed"]),
        entry["made"].replace("T", " "),
    )
