"""`truce replay` and `truce runs`: past runs, and one world of one told day by day."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import parse_folder, percent
from sim.cli.tables import print_json, print_table
from sim.errors import ScenarioError, check_whole
from sim.text import printable

if TYPE_CHECKING:
    from sim.diary import Diary
    from sim.runs import Run

Out = Annotated[
    Path,
    typer.Option("--out", parser=parse_folder, metavar="DIR", help="Where run folders are."),
]


def replay(
    name: Annotated[
        str,
        typer.Argument(metavar="RUN", help="An id, its beginning, a folder, or last."),
    ],
    world: Annotated[int | None, typer.Option(help="The world's number in the run.")] = None,
    nearest: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help="The most typical world of an outcome, as `held`."),
    ] = None,
    out: Out = Path("outputs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")] = False,
) -> None:
    """Tell one world of a run day by day: who did what, with which odds, why, and what luck did.

    Example: truce replay last --nearest held
    """
    from sim.runs import find_run

    if (world is None) == (nearest is None):
        raise ScenarioError("truce replay", "needs one world.", "Give --world or --nearest.")
    run = find_run(name, out)
    diary = _tell(run, world, nearest)
    if as_json:
        print_json({"run_id": run.id, **diary.as_dict()})
    else:
        sys.stdout.write(_page(run, diary))


def _tell(run: Run, world: int | None, nearest: str | None) -> Diary:
    from sim.runs import typical_world

    count = int(run.manifest["worlds"])
    if world is None:
        assert nearest is not None
        world = typical_world(run, nearest)
    check_whole("--world", world, 0, count - 1)
    ensemble = run.ensemble()
    from sim.diary import tell

    return tell(run.scenario(), ensemble, int(run.manifest["seed"]), world)


def _page(run: Run, diary: Diary) -> str:
    scenario = diary.scenario
    lines = [
        f"{printable(scenario.title)}: world {diary.world} of run {run.id}, as of {scenario.as_of}",
        f"seed {diary.seed}, member {diary.member}, outcome {diary.outcome} on day {diary.days}",
        "",
    ]
    shown = 0
    for entry in diary.entries:
        when = f"day {entry.day:>3}  {entry.date}" if entry.day != shown else " " * 19
        shown = entry.day
        lines.append(f"{when}  {printable(entry.text)}")
    return "\n".join(lines) + "\n"


def runs(
    out: Out = Path("outputs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")] = False,
) -> None:
    """List past runs, newest first.

    Example: truce runs
    """
    from sim.runs import past_runs

    found = past_runs(out)
    if as_json:
        print_json({"schema": "truce/runs/1", "runs": [_told(run) for run in found]})
    elif not found:
        sys.stdout.write(f"There are no runs in {out}. Make one: truce run baseline\n")
    else:
        header = ("run", "scenario", "as of", "days", "worlds", "seed", "held", "agreed", "made")
        print_table(header, [_cells(run) for run in found])


def _told(run: Run) -> dict[str, Any]:
    summary = run.summary
    keys = ("scenario", "as_of", "horizon_days", "worlds", "seed")
    return {
        "run_id": run.id,
        **{key: summary[key] for key in keys},
        "held": summary["odds"]["held"]["mean"],
        "agreed": summary["agreed"]["mean"],
        "made": run.made.isoformat(timespec="seconds"),
        "folder": run.folder.as_posix(),
    }


def _cells(run: Run) -> tuple[str, ...]:
    told = _told(run)
    return (
        told["run_id"],
        printable(told["scenario"]),
        told["as_of"],
        str(told["horizon_days"]),
        f"{told['worlds']:,}",
        str(told["seed"]),
        percent(told["held"]),
        percent(told["agreed"]),
        told["made"].replace("T", " "),
    )
