"""`truce evidence influence`: what moves the odds, one thing at a time."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day, parse_folder, percent
from sim.cli.tables import print_json, print_table, progress_bar
from sim.errors import ScenarioError, check_whole
from sim.paths import check_writable
from sim.text import shown

if TYPE_CHECKING:
    from sim.attribution.influence import Influence, Influences
    from sim.attribution.weighted_odds import Estimate

FILES = ("influence.json", "influence.png", "influence.svg")


def influence(
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Only what was public on that day; the newest article's if unset.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="article, event, statement or structure; may be repeated."),
    ] = None,
    particles: Annotated[int, typer.Option(help="Pasts, the same for each variation.")] = 65_536,
    seed: Annotated[int, typer.Option(help="The luck of the worlds ahead.")] = 1,
    workers: Annotated[int | None, typer.Option(help="Threads; all processors if unset.")] = None,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where the files go.")
    ] = Path("outputs/influence"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")] = False,
) -> None:
    """Leave out each article, event and statement, change assumptions, and tell how odds move.

    All of it takes five to ten minutes on two processors, less with fewer --particles.

    Example: truce evidence influence --as-of 2025-05-20 --only statement
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.newest_article
    from sim.attribution import influence as module
    from sim.calibrate.particles import BLOCK_PARTICLES
    from sim.engine.domain import MAX_SEED
    from sim.engine.jit import announce

    for kind in only or ():
        if kind not in module.KINDS:
            raise ScenarioError(
                "--only", f"{shown(kind)} is unknown.", f"{', '.join(module.KINDS)}."
            )
    check_whole("--particles", particles, 2 * BLOCK_PARTICLES, 10_000_000)
    check_whole("--seed", seed, 0, MAX_SEED)
    if workers is not None:
        check_whole("--workers", workers, 1, 4096)
    check_writable(out, FILES)
    announce("filter.filter_block")
    kinds = [kind for kind in module.KINDS if not only or kind in only]
    try:
        with progress_bar("filters") as progress:
            told = module.influences(day, particles, kinds, seed, workers, progress, conflict)
        document = _document(told, only or ())
        _write(told, document, out)
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted; nothing was written.\n")
        raise SystemExit(130) from None
    if as_json:
        print_json(document)
    else:
        _print(told, out)


# ------------------------------------------------------------------ as data


def shift_document(shift: Estimate) -> dict[str, Any]:
    """Tell a change as JSON has it: mean, standard error, 95 % interval."""
    return {"change": shift.change, "error": shift.error, "interval": list(shift.interval)}


def odds_document(odds: Mapping[str, Estimate]) -> dict[str, Any]:
    """Tell odds from weighed particles as JSON has them."""
    return {
        name: {"mean": one.change, "error": one.error, "interval": list(one.interval)}
        for name, one in odds.items()
    }


def row_document(row: Influence) -> dict[str, Any]:
    """Tell what one thing moves as JSON has it."""
    return {
        "kind": row.kind,
        "id": row.id,
        "label": row.label,
        **{name: shift_document(shift) for name, shift in row.shifts.items()},
        "log_evidence": row.log_evidence,
        "effective_size": row.effective,
        "k": round(row.k, 3),
        "mean_log_chance": list(row.log_chance) if row.log_chance else None,
        "how": "filter run again" if row.rerun else "weighed anew",
    }


def _document(told: Influences, only: Sequence[str] = ()) -> dict[str, Any]:
    from sim.inputs.ensemble import inputs_of

    command = f"truce evidence influence --as-of {told.as_of} --particles {told.particles} "
    return {
        "schema": "truce/influence/1",
        "inputs": inputs_of("posterior", told.as_of, told.conflict),
        "conflict": told.conflict.document,
        "command": command + f"--seed {told.seed}" + "".join(f" --only {kind}" for kind in only),
        "as_of": str(told.as_of),
        "horizon_days": told.horizon_days,
        "particles": told.particles,
        "seed": told.seed,
        "odds": odds_document(told.odds),
        "effective_size": told.effective,
        "k": round(told.k, 3),
        "rows": [row_document(row) for row in told.rows],
        "statements_without_effect": told.silent,
    }


def _write(told: Influences, document: dict[str, Any], out: Path) -> None:
    """Write the document and the figure, both or none."""
    from sim.plots.influence import write_influence
    from sim.store import together

    with together(out) as aside:
        write_influence(told, aside)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (aside / "influence.json").write_text(text, encoding="utf-8", newline="\n")


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


def _print(told: Influences, out: Path) -> None:
    odds = ", ".join(
        f"{name} {percent(one.change)} +- {percent(1.96 * one.error)}"
        for name, one in told.odds.items()
    )
    sys.stdout.write(
        f"Baseline as of {told.as_of}, {told.horizon_days} days: {odds}\n"
        f"{told.particles:,} weighed pasts, effective size {told.effective:,.0f}, "
        f"seed {told.seed}; changes in points, +- 95% error\n"
    )
    for kind, title in _TITLES.items():
        rows = [row for row in told.rows if row.kind == kind]
        if rows:
            sys.stdout.write(f"\n{title}\n")
            header = ("id", "held", "agreed", "effective size", "what")
            print_table(header, [_cells(row) for row in rows])
        if kind == "statement" and told.silent:
            sys.stdout.write(
                f"{told.silent} other statements move nothing: no member's position rests on them\n"
            )
    sys.stdout.write(f"\nFiles: {out}\n")


def _cells(row: Influence) -> tuple[str, ...]:
    effective = f"{row.effective:,.0f}" + (" (k > .7)" if row.k > 0.7 else "")
    mark = " *" if row.kind == "statement" and row.rerun else ""
    return (row.id + mark, *(points(shift) for shift in row.shifts.values()), effective, row.label)
