"""`truce runs`: what was made, of whatever kind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import percent
from sim.cli.replay import Out
from sim.cli.shared import Shared, with_options
from sim.cli.tables import print_json, print_table
from sim.text import printable

_HEADER = ("id", "kind", "scenario", "as of", "days", "worlds", "seed", "held", "agreed", "made")


@with_options("as_json")
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
    found = [entry.as_dict() for entry in entries(out, [kind] if kind else tuple(KINDS))]
    if shared.as_json:
        print_json({"schema": "truce/runs/1", "runs": found})
    elif not found:
        what = f"no {kind}" if kind else "nothing"
        sys.stdout.write(f"There is {what} in {out} yet. Make a run: truce run baseline\n")
    else:
        print_table(_HEADER, [_cells(entry) for entry in found])


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
