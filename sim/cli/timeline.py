"""`truce timeline`: the odds as they stood on each day that brought news."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day, parse_folder, percent
from sim.cli.tables import print_json, print_table, progress_bar
from sim.errors import check_whole
from sim.paths import check_writable
from sim.text import days_word

if TYPE_CHECKING:
    from sim.attribution.timeline import Point, Timeline
    from sim.estimates import Odds

FILES = ("timeline.csv", "timeline.json", "timeline.png", "timeline.svg")


def timeline(
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The last day, the newest article's if unset."),
    ] = None,
    horizon: Annotated[int, typer.Option(metavar="DAYS", help="How far each day looks.")] = 90,
    particles: Annotated[int, typer.Option(help="Pasts to weigh for each day.")] = 65_536,
    worlds: Annotated[int, typer.Option(help="Worlds to run from each day.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The luck of those worlds.")] = 1,
    workers: Annotated[int | None, typer.Option(help="Threads; all processors if unset.")] = None,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where the files go.")
    ] = Path("outputs/timeline"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")] = False,
) -> None:
    """Tell how the odds moved from day to day of the record, and what arrived with each move.

    Each day is conditioned on what was public on it; stored ensembles are not touched.

    Example: truce timeline --as-of 2025-05-20 --particles 65536
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.newest_article
    from sim.calibrate.particles import BLOCK_PARTICLES
    from sim.engine.domain import MAX_HORIZON_DAYS, MAX_SEED

    check_whole("--horizon", horizon, 1, MAX_HORIZON_DAYS)
    check_whole("--particles", particles, 2 * BLOCK_PARTICLES, 100_000_000)
    check_whole("--worlds", worlds, 1, 100_000_000)
    check_whole("--seed", seed, 0, MAX_SEED)
    if workers is not None:
        check_whole("--workers", workers, 1, 4096)
    check_writable(out, FILES)
    from sim.attribution import timeline as module
    from sim.engine.jit import announce

    announce("filter.filter_block")
    try:
        with progress_bar("days") as progress:
            told = module.timeline(
                day, particles, worlds, seed, horizon, workers, progress, conflict
            )
        document = _document(told)
        _write(told, document, out)
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted; nothing was written.\n")
        raise SystemExit(130) from None
    if as_json:
        print_json(document)
    else:
        _print(told, out)


# ------------------------------------------------------------------ as data


def _document(told: Timeline) -> dict[str, Any]:
    from sim.inputs.ensemble import inputs_of

    last = told.points[-1].news.day
    command = f"truce timeline --as-of {last} --horizon {told.horizon_days} "
    command += f"--particles {told.particles} --worlds {told.worlds} --seed {told.seed}"
    return {
        "schema": "truce/timeline/1",
        "inputs": inputs_of("posterior", last, told.conflict),
        "conflict": told.conflict.document,
        "command": command,
        "horizon_days": told.horizon_days,
        "particles": told.particles,
        "worlds": told.worlds,
        "seed": told.seed,
        "days": [_day_document(point) for point in told.points],
    }


def _day_document(point: Point) -> dict[str, Any]:
    news = point.news
    return {
        "as_of": str(news.day),
        "odds": {name: odds.as_dict() for name, odds in point.odds.items()},
        "label": news.label,
        "events": [{"id": event.id, "paraphrase": event.paraphrase} for event in news.events],
        "levers": [{"lever": row.lever, "value": row.value} for row in news.levers],
        "statements": [row.id for row in news.statements],
        "rounds": [row.date.isoformat() for row in news.rounds],
        "imposed": point.imposed,
        "effective_size": point.effective,
        "k": round(point.k, 3),
    }


def _flat(point: Point) -> Iterator[dict[str, Any]]:
    for name, odds in point.odds.items():
        low, high = odds.ensemble or ("", "")
        yield {
            "as_of": point.news.day,
            "odds_of": name,
            "mean": odds.mean,
            "mc_low": odds.mc[0],
            "mc_high": odds.mc[1],
            "members_low": low,
            "members_high": high,
            "label": point.news.label,
        }


def _write(told: Timeline, document: dict[str, Any], out: Path) -> None:
    """Write the table, the document and the figure, all or none."""
    from sim.plots.timeline import write_timeline
    from sim.store import together

    rows = [row for point in told.points for row in _flat(point)]
    with together(out) as aside:
        write_timeline(told, aside)
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (aside / "timeline.json").write_text(text, encoding="utf-8", newline="\n")
        with (aside / "timeline.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


# ------------------------------------------------------------------ as lines


def _print(told: Timeline, out: Path) -> None:
    sys.stdout.write(
        f"The next {days_word(told.horizon_days)} as of each day that brought news: "
        f"{told.worlds:,} worlds from {told.particles:,} pasts a day, seed {told.seed}\n"
        "odds +- 95% error of the estimate (90% of members)\n\n"
    )
    header = ("as of", "any mutual pause", "full truce agreed", "held", "what arrived")
    print_table(header, [_cells(point) for point in told.points])
    thin = [point for point in told.points if point.effective < 1000 or point.k > 0.7]
    for point in thin:
        sys.stdout.write(
            f"{point.news.day}: effective size {point.effective:,.0f}, k {point.k:.2f}: "
            "give it more --particles.\n"
        )
    sys.stdout.write(f"\nFiles: {out}\n")


def _cells(point: Point) -> tuple[str, ...]:
    return (str(point.news.day), *map(_odds_cell, point.odds.values()), point.news.label)


def _odds_cell(odds: Odds) -> str:
    members = ""
    if odds.ensemble is not None:
        members = f" ({percent(odds.ensemble[0])} to {percent(odds.ensemble[1])})"
    return f"{percent(odds.mean)} +- {percent(odds.half_width)}{members}"
