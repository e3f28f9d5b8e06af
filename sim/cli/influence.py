"""`truce evidence influence`: what moves the odds, one thing at a time."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.ending import Interrupted
from sim.cli.figures import drawn
from sim.cli.options import chosen_conflict, parse_day, parse_folder, percent
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table, progress_bar
from sim.commands import influence_command
from sim.errors import ScenarioError, check_whole
from sim.paths import check_writable
from sim.text import printable, shown

if TYPE_CHECKING:
    from sim.attribution.influence_result import Influence, InfluenceRow
    from sim.attribution.weighted_odds import Estimate

FILES = ("influence.png", "influence.svg")


@with_options("workers", *ANSWER)
def influence(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Only what was public on that day; through which the press was read, if unset.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="article, event, statement or structure; may be repeated."),
    ] = None,
    particles: Annotated[int, typer.Option(help="Pasts, the same for each variation.")] = 65_536,
    seed: Annotated[int, typer.Option(help="The luck of the worlds ahead.")] = 1,
    out: Annotated[
        Path,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="Where its folder goes, below influences/."
        ),
    ] = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Leave out each row, and tell how the odds move without it.

    Example: truce evidence influence --only statement

    Rows are articles, events and statements; assumptions are changed, too.

    All of it takes five to ten minutes on two processors, less with fewer --particles.
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.through
    from sim.attribution.influence import influence as make
    from sim.attribution.influence_result import KINDS
    from sim.calibrate.entries import filter_block
    from sim.calibrate.particles import BLOCK_PARTICLES
    from sim.engine.domain import MAX_SEED
    from sim.native import announce

    for kind in only or ():
        if kind not in KINDS:
            raise ScenarioError("--only", f"{shown(kind)} is unknown.", f"{', '.join(KINDS)}.")
    check_whole("--particles", particles, 2 * BLOCK_PARTICLES, 10_000_000)
    check_whole("--seed", seed, 0, MAX_SEED)
    if shared.workers is not None:
        check_whole("--workers", shared.workers, 1, 4096)
    check_writable(out)
    announce(filter_block)
    kinds = [kind for kind in KINDS if not only or kind in only]
    try:
        with progress_bar("filters") as bar:
            found = make(day, particles, kinds, seed, shared.workers, bar, conflict)
        found = dataclasses.replace(found, made_by=influence_command(found.request, KINDS))
        folder = found.save(out, drawn("write_influence"), FILES)
    except KeyboardInterrupt:
        raise Interrupted("nothing was written") from None
    answer(shared, found.table, found.as_dict, lambda: _print(found, folder))


# ------------------------------------------------------------------ as lines

_TITLES = {
    "article": "Articles left out (the filter run again)",
    "event": "Events left out (the filter run again)",
    "statement": "Statements left out (pasts weighed anew, or * the filter run again)",
    "structure": "Assumptions changed (the filter run again)",
}


def points(shift: Estimate) -> str:
    """Write a change in points with its 95 % error."""
    return f"{100.0 * shift.change:+.1f} +- {196.0 * shift.error:.1f}"


def _print(found: Influence, folder: Path) -> None:
    odds = ", ".join(
        f"{name} {percent(one.change)} +- {percent(1.96 * one.error)}"
        for name, one in found.odds.items()
    )
    sys.stdout.write(
        f"Baseline as of {found.as_of}, {found.horizon_days} days: {odds}\n"
        f"{found.particles:,} weighed pasts, effective size {found.effective:,.0f}, "
        f"seed {found.seed}; changes in points, +- 95% error\n"
        "The level is less well known than that of `truce run`, whose ensemble weighs more pasts; "
        "the changes are paired.\n"
    )
    for kind, title in _TITLES.items():
        rows = [row for row in found.rows if row.kind == kind]
        if rows:
            sys.stdout.write(f"\n{title}\n")
            header = ("id", "held", "agreed", "effective size", "what")
            print_table(header, [_cells(row) for row in rows])
        if kind == "statement" and found.silent:
            sys.stdout.write(
                f"{found.silent} other statements move nothing: no member's position rests on "
                "them\n"
            )
    sys.stdout.write(f"\nFiles: {printable(folder)}\n")


def _cells(row: InfluenceRow) -> tuple[str, ...]:
    effective = f"{row.effective:,.0f}" + (" (k > .7)" if row.k > 0.7 else "")
    mark = " *" if row.kind == "statement" and row.rerun else ""
    return (row.id + mark, *(points(shift) for shift in row.shifts.values()), effective, row.label)
