"""`truce replay`: one world of what was made, day by day."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import parse_folder
from sim.cli.shared import Shared, with_options
from sim.cli.tables import print_json
from sim.text import printable

if TYPE_CHECKING:
    from sim.diary import Diary

Name = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A run, a comparison or a study: its folder, its id, the beginning of one, or `last`.",
    ),
]
Of = Annotated[
    str | None,
    typer.Option(
        metavar="PART",
        help="Of a comparison, a scenario; of a study, today, best, worst or a point's id.",
    ),
]
Out = Annotated[
    Path,
    typer.Option("--out", parser=parse_folder, metavar="DIR", help="Where folders are."),
]


@with_options("as_json")
def replay(
    name: Name,
    world: Annotated[int | None, typer.Option(help="The world's number in the run.")] = None,
    nearest: Annotated[
        str | None,
        typer.Option(metavar="OUTCOME", help="The most typical world of an outcome, as `held`."),
    ] = None,
    of: Of = None,
    out: Out = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Tell one world of a run day by day: who did what, with which odds, why, and what luck did.

    Example: truce replay last --nearest held
    """
    from sim.catalog import replay as replay_world
    from sim.catalog import run_of

    results = run_of(name, of, out)
    diary = replay_world(results, world=world, nearest=nearest)
    if shared.as_json:
        print_json({"run_id": results.id, **diary.as_dict()})
    else:
        sys.stdout.write(_page(results.id, diary))


def _page(run_id: str, diary: Diary) -> str:
    scenario = diary.scenario
    lines = [
        f"{printable(scenario.title)}: world {diary.world} of run {run_id}, as of {scenario.as_of}",
        f"seed {diary.seed}, member {diary.member}, outcome {diary.outcome} on day {diary.days}",
        "",
    ]
    shown = 0
    for entry in diary.entries:
        when = f"day {entry.day:>3}  {entry.date}" if entry.day != shown else " " * 19
        shown = entry.day
        lines.append(f"{when}  {printable(entry.text)}")
    return "\n".join(lines) + "\n"
