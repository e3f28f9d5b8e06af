"""`truce replay`: one world of what was made, day by day."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.completion import complete_result
from sim.cli.options import parse_folder
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer
from sim.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.diary import Diary

Name = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        autocompletion=complete_result,
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


@with_options(*ANSWER)
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
    answer(
        shared,
        lambda: _table(diary),
        lambda: {"run_id": results.id, **diary.as_dict()},
        lambda: _print(results.id, diary),
    )


def _table(diary: Diary) -> pd.DataFrame:
    """A row an entry: day, date, what, text, and its numbers where it has such.

    A number that belongs to something has the name of both, such as `odds.yes`.
    """
    from sim.sheets import frame_of

    return frame_of([dict(_flat(entry)) for entry in diary.as_dict()["entries"]])


def _flat(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in entry.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{part}", one) for part, one in value.items())
        else:
            yield name, value


def _print(run_id: str, diary: Diary) -> None:
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
    sys.stdout.write("\n".join(lines) + "\n")
