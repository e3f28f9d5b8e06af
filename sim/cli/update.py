"""`truce update`: bring the odds up to the day the record was read to, and tell what moved them."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.ending import Interrupted
from sim.cli.figures import drawn
from sim.cli.options import checked_particles, chosen_conflict, parse_day, percent
from sim.cli.sensitivity_parts import points, span
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import MEDIAN, ODDS_CELL, answer, odds_cell, print_table, progress_bar
from sim.commands import update_command
from sim.errors import CalibrationError
from sim.paths import check_writable
from sim.text import counted, days_word, printable

if TYPE_CHECKING:
    from sim.attribution.update.result import Update
    from sim.attribution.update.told import Foretold, Row, Watched

FILES = ("update.png", "update.svg")
_NAMES = {"held": "a truce holds", "agreed": "a full truce is agreed"}


@with_options("workers", "worlds", "seed", "out", *ANSWER)
def update(
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE", help="The day; if unset, the one through which the press was read."
        ),
    ] = None,
    watch: Annotated[
        str | None,
        typer.Option(
            metavar="RESULT",
            help="The watch list to look back on: folder, id or last-watch; if unset the newest of "
            "the day of the ensemble before.",
        ),
    ] = None,
    particles: Annotated[
        int | None,
        typer.Option(
            help="Pasts to draw: as many as needed; 65,536 at most for each row.",
            show_default=False,
        ),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Bring the odds of the baseline up to date, and tell what moved them: which row, how much.

    Example: truce update

    Makes the ensemble of the day if there is none or what it is made from has changed, and sets it
    against the one before. Each row that arrived in between is left out in turn. What a saved watch
    list of that day foretold is told beside what came.

    Exits 1 if the new ensemble is too weak to be trusted; all is saved and told all the same.
    Stop it at any moment: the same command goes on from there.
    """
    conflict = chosen_conflict()
    day = parse_day(as_of, "--as-of") or conflict.through
    checked_particles(particles, shared.workers)
    if importlib.util.find_spec("arviz_stats") is None:
        what = "needs the package arviz-stats, which is not installed."
        todo = 'Install it: pip install "truce-sim[calibrate]", or make install.'
        raise CalibrationError("truce update", what, todo)
    found = _found(day, watch, particles, shared)
    found = dataclasses.replace(found, made_by=update_command(found.request, particles))
    folder = found.save(shared.out, drawn("write_update"), FILES)
    answer(shared, found.table, found.as_dict, functools.partial(_report, found, folder))
    if doubt := found.setting.ensemble_doubt:
        sys.stderr.write(
            f"truce: these odds are not to be trusted as they stand: {doubt}. Everything was "
            f"saved. Give more: {conflict.truce} calibrate --as-of {day} --particles NUMBER, or "
            "--temper; then update again.\n"
        )
        raise SystemExit(1)


def _found(day: Any, watch: str | None, particles: int | None, shared: Shared) -> Update:
    """Make the update, with a bar of progress."""
    from sim.attribution.update.ask import update as ask
    from sim.calibrate.entries import filter_block
    from sim.experiments.kernel import UNFINISHED
    from sim.montecarlo import DEFAULT_WORLDS
    from sim.native import announce

    for place in ("updates", UNFINISHED):
        check_writable(shared.out / place)
    announce(filter_block)
    try:
        with progress_bar("pasts, then rows") as bar:
            return ask(
                day,
                watch,
                conflict=chosen_conflict(),
                out=shared.out,
                particles=particles,
                worlds=DEFAULT_WORLDS if shared.worlds is None else shared.worlds,
                seed=1 if shared.seed is None else shared.seed,
                workers=shared.workers,
                progress=bar,
                kept=shared.out / UNFINISHED,
                note=_note,
            )
    except KeyboardInterrupt:
        raise Interrupted("what is finished is kept: the same command goes on from here") from None


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


# ------------------------------------------------------------------ the report


def _report(found: Update, folder: Path) -> None:
    from sim.plots.update import finding

    out = sys.stdout
    out.write("\n".join([*_head(found), f"{finding(found)}.".replace("\N{NO-BREAK SPACE}", " ")]))
    out.write("\n\n")
    header = ("odds that", str(found.before.day), str(found.setting.first.as_of), "change", "95%")
    print_table(header, [_odds_row(found, name) for name in found.odds])
    out.write("\nWhat arrived in between, and what each row adds to the odds, in points:\n")
    print_table(("row", "public on", "holds", "95%", "agreed", "what"), [*_rows(found)])
    out.write("\n" + "\n".join(_notes(found)) + "\n")
    if found.watched:
        _print_watched(found.watched)
    else:
        out.write(
            "\nNo watch list of the day before was found: `truce watch baseline` makes one, on "
            "which the next update looks back.\n"
        )
    out.write(f"\nFiles: {printable(folder)}\n")


def _head(found: Update) -> Iterator[str]:
    setting, before = found.setting, found.before
    yield (
        f"The baseline, {days_word(setting.first.horizon_days)} ahead as of {before.day} and as of "
        f"{setting.first.as_of}: {setting.worlds:,} worlds each, seed {setting.seed}"
    )
    yield f"Ensembles {before.id} and {setting.ensemble_id}"
    for which, doubt in (("before", before.doubt), ("new", setting.ensemble_doubt)):
        if doubt:
            yield f"Beware, the {which} one: {doubt}."


def _odds_row(found: Update, name: str) -> tuple[str, ...]:
    change = found.change(name)
    both = (odds_cell(one) for one in found.odds[name])
    return (_NAMES[name], *both, points(change.mean), span(change.mc))


def _rows(found: Update) -> Iterator[tuple[str, ...]]:
    for row in found.rows:
        yield _row(row)
    held, agreed = found.rest("held"), found.rest("agreed")
    words = "all else: days that passed, silence, announced rounds, what rows say together"
    yield ("rest", "", points(held.mean), span(held.mc), points(agreed.mean), words)


def _row(row: Row) -> tuple[str, ...]:
    held = row.adds["held"]
    name = row.id if row.kind == "lever" else f"{row.kind} {row.id}"
    adds = points(held.mean), span(held.mc), points(row.adds["agreed"].mean)
    return (name, str(row.day), *adds, row.label)


def _notes(found: Update) -> Iterator[str]:
    from sim.plots.update import explained

    yield f"{ODDS_CELL}; the error is of worlds and of pasts. {MEDIAN}"
    yield "What a row adds: the odds with all that is known, less the odds if that row is left out."
    yield from (text.replace("\N{NO-BREAK SPACE}", " ") for text in explained(found))
    if found.silent:
        yield (
            f"{counted(found.silent, 'statement')} that arrived add nothing: no number of a member "
            "rests on them."
        )


def _print_watched(watched: Watched) -> None:
    from sim.outcomes import HAPPENING

    out, change = sys.stdout, watched.change
    out.write(
        f"\nWatched from {watched.as_of} to {watched.last_day} (watch {watched.id}): the odds that "
        f"{HAPPENING[watched.outcome]} by {watched.end} were {percent(watched.base.mean)}; they "
        f"are now {percent(watched.found.mean)} (change {points(change.mean)}, "
        f"95% {span(change.mc)} points).\n"
    )
    known = [one for one in watched.events if one.answer in ("yes", "no")]
    if known:
        header = ("event", "by the record", "chance foretold", "odds foretold", "odds found", "way")
        print_table(header, [_event(watched, one) for one in known])
        out.write(
            "Odds foretold: the odds given whether this event came, and nothing else. Way: whether "
            "the odds moved in that direction; not known where an interval holds 0. More than one "
            "event came.\n"
            if len(known) > 1
            else "Odds foretold: for what came of this event alone.\n"
        )
    for came, words in (("open", "may yet come"), ("void", "are not settled by the record")):
        number = sum(one.answer == came for one in watched.events)
        if number:
            out.write(f"{counted(number, 'event')} {words}.\n")


def _event(watched: Watched, one: Foretold) -> tuple[str, ...]:
    from sim.attribution.update.told import ANSWERS

    foretold = percent(one.foretold.mean) if one.foretold else "-"
    found = percent(watched.found.mean)
    return (one.words, ANSWERS[one.answer], percent(one.chance), foretold, found, watched.way(one))
