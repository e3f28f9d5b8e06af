"""`truce timeline`: the odds as they stood on each day that brought news, and on the last."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.ending import Interrupted
from sim.cli.figures import drawn
from sim.cli.options import chosen_conflict, parse_day, parse_folder
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import ODDS_CELL, answer, odds_cell, print_table, progress_bar
from sim.commands import timeline_command
from sim.errors import check_whole
from sim.paths import check_writable
from sim.text import days_word, printable

if TYPE_CHECKING:
    from sim.attribution.timeline import Point, Timeline
    from sim.inputs.conflict import Conflict

FILES = ("timeline.csv", "timeline.png", "timeline.svg")


@with_options("workers", *ANSWER)
def timeline(
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="The last day; if unset, the one through which the press was read."
        ),
    ] = None,
    horizon: Annotated[int, typer.Option(metavar="DAYS", help="How far each day looks.")] = 120,
    particles: Annotated[int, typer.Option(help="Pasts to weigh for each day.")] = 65_536,
    worlds: Annotated[int, typer.Option(help="Worlds to run from each day.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The luck of those worlds.")] = 1,
    out: Annotated[
        Path,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="Where its folder goes, below timelines/."
        ),
    ] = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Tell how the odds moved from day to day of the record, and what arrived with each move.

    Example: truce timeline --particles 65536

    Each day is conditioned on what was public on it; stored ensembles are not touched. The last
    day has its odds whether it brought news or not, from the ensemble that truce run takes if there
    is one.
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.through
    from sim.calibrate.particles import BLOCK_PARTICLES
    from sim.engine.domain import MAX_HORIZON_DAYS, MAX_SEED

    check_whole("--horizon", horizon, 1, MAX_HORIZON_DAYS)
    check_whole("--particles", particles, 2 * BLOCK_PARTICLES, 100_000_000)
    check_whole("--worlds", worlds, 1, 100_000_000)
    check_whole("--seed", seed, 0, MAX_SEED)
    if shared.workers is not None:
        check_whole("--workers", shared.workers, 1, 4096)
    check_writable(out)
    from sim.attribution.timeline import timeline as make
    from sim.calibrate.entries import filter_block
    from sim.native import announce

    announce(filter_block)
    try:
        with progress_bar("days") as bar:
            found = make(day, particles, worlds, seed, horizon, shared.workers, bar, conflict)
        found = dataclasses.replace(found, made_by=timeline_command(found.request))
        folder = found.save(out, drawn("write_timeline"), FILES)
    except KeyboardInterrupt:
        raise Interrupted("nothing was written") from None
    answer(shared, found.table, found.as_dict, lambda: _print(found, folder))


# ------------------------------------------------------------------ as lines


def _print(found: Timeline, folder: Path) -> None:
    sys.stdout.write(
        f"The next {days_word(found.horizon_days)} as of each day that brought news, and as of "
        f"{found.as_of}:\n{found.worlds:,} worlds from {found.particles:,} pasts a day, "
        f"seed {found.seed}\n"
        f"{ODDS_CELL}\n\n"
    )
    if found.ensemble_id:
        sys.stdout.write(f"The last day: as `truce run`, from the ensemble {found.ensemble_id}.\n")
    header = ("as of", "any mutual pause", "full truce agreed", "held", "what arrived")
    print_table(header, [_cells(point, found.conflict) for point in found.points])
    sys.stdout.write(
        "Of what arrived on a day answers and levers come first; how much of a move is due to each "
        "is not known here\n(`truce update` estimates what each row adds).\n"
    )
    thin = [point for point in found.points if point.effective < 1000 or point.k > 0.7]
    for point in thin:
        sys.stdout.write(
            f"{point.news.day}: effective size {point.effective:,.0f}, k {point.k:.2f}: "
            "give it more --particles.\n"
        )
    sys.stdout.write(f"\nFiles: {printable(folder)}\n")


def _cells(point: Point, conflict: Conflict) -> tuple[str, ...]:
    """The cells of a day; the last has a line for each thing that arrived."""
    from sim.attribution.arrived import lines

    arrived = "\n".join(lines(point.news, conflict))
    return (str(point.news.day), *map(odds_cell, point.odds.values()), arrived)
