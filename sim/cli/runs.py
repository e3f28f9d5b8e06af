"""`truce runs`: what was made, of whatever kind, and what of it is to go."""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.completion import complete_result
from sim.cli.options import percent
from sim.cli.replay import Out
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.errors import ProblemsError, SimError, StoreError
from sim.text import counted, error_text, printable, shown, size_word

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs import Entry

_HEADER = (
    *("id", "kind", "scenario", "as of", "days", "worlds", "seed", "held", "agreed", "made"),
    "size",
)

_COLUMNS = (
    *("run_id", "kind", "scenario", "as_of", "horizon_days", "worlds", "seed"),
    *("held", "agreed", "made", "bytes", "folder"),
)


class Asked(NamedTuple):
    """What is to be listed, or to go."""

    kind: Annotated[
        str | None,
        typer.Option(help="One kind alone: run, comparison, study, timeline, influence, ..."),
    ] = None
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove the folders of the results named; asks first.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking, for scripts.")] = False


@with_options(*ANSWER, asked=Asked)
def runs(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            autocompletion=complete_result,
            help="Only these: folders, ids, beginnings of ids, or `last`.",
        ),
    ] = None,
    out: Out = Path("outputs"),
    *,
    asked: Asked,
    shared: Shared,
) -> None:
    """List what was made, newest first: runs, comparisons, studies, timelines and so on.

    Example: truce runs

    Below the list stand the commands that take a result of each kind. With --remove the folders of
    the results named are removed, once you say yes.

    Example: truce runs --remove last
    """
    from sim.runs import find, looked
    from sim.store import KINDS

    if asked.kind is not None and asked.kind not in KINDS:
        todo = f"There are: {', '.join(KINDS)}."
        raise StoreError("--kind", f"{shown(asked.kind)} is none.", todo)
    kinds = (asked.kind,) if asked.kind else tuple(KINDS)
    if asked.remove:
        _remove(names or [], out, asked, shared)
        return
    if asked.yes:
        raise StoreError("--yes", "goes with --remove.", "Leave it out to list.")
    found, wrong = ([find(name, out, kinds) for name in names], {}) if names else looked(out, kinds)
    for problem in wrong.values():
        sys.stderr.write(f"Not listed: {error_text(problem)}\n")
    rows = [entry.as_dict() for entry in found]
    ledger = None if names or asked.kind else _ledger(out)

    def report() -> None:
        if not rows:
            what = f"no {asked.kind}" if asked.kind else "nothing"
            sys.stdout.write(f"There is {what} in {out} yet. Make a run: truce run baseline\n")
        print_table(_HEADER, [_cells(row) for row in rows])
        _print_below(rows, ledger)

    uses = _uses(rows)
    answer(
        shared,
        lambda: _table(found),
        lambda: {"schema": "truce/runs/1", "runs": rows, "uses": uses, "ledger": ledger},
        report,
    )


# ------------------------------------------------------------------ listing


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
        size_word(entry["bytes"]),
    )


def _uses(rows: Sequence[dict[str, Any]]) -> dict[str, list[str]]:
    """By kind that is listed, the commands that take a result of it."""
    from sim.runs import USES

    there = {row["kind"] for row in rows}
    return {kind: list(commands) for kind, commands in USES.items() if kind in there and commands}


def _ledger(out: Path) -> dict[str, Any] | None:
    """What the ledger in a folder holds, as plain data; None if there is no ledger."""
    from sim.ledger.book import FILE, read_ledger

    path = out / FILE.name
    if not path.is_file():
        return None
    facts: dict[str, Any] = {"file": path.as_posix(), "bytes": path.stat().st_size}
    try:
        forecasts = read_ledger(path).forecasts
    except SimError as error:
        return {**facts, "forecasts": None, "open": None, "problem": printable(error)}
    still_open = sum(one.resolution is None for one in forecasts)
    return {**facts, "forecasts": len(forecasts), "open": still_open, "problem": None}


def _print_below(rows: Sequence[dict[str, Any]], ledger: dict[str, Any] | None) -> None:
    """What each kind can be used for, all sizes, and the forecasts."""
    if rows:
        sys.stdout.write("\nCommands that take a result of each kind:\n")
        alike: dict[str, list[str]] = {}
        for kind, commands in _uses(rows).items():
            alike.setdefault(", ".join(commands), []).append(kind)
        for commands_text, kinds in alike.items():
            sys.stdout.write(f"  {', '.join(kinds)}: {commands_text}\n")
        total = sum(row["bytes"] for row in rows)
        sys.stdout.write(f"{counted(len(rows), 'result')}, {size_word(total)} on disk.\n")
    if ledger is None:
        return
    file = printable(ledger["file"])
    if ledger["problem"]:
        sys.stdout.write(f"Ledger: {ledger['problem']}\n")
        return
    sys.stdout.write(
        f"Ledger: {counted(ledger['forecasts'], 'forecast')}, {ledger['open']} open, in {file}. "
        f"List them: truce ledger list --file {file}\n"
    )


# ------------------------------------------------------------------ removing


def _remove(names: Sequence[str], out: Path, asked: Asked, shared: Shared) -> None:
    """Remove the results named, once all of them may go and the user says yes."""
    from sim.runs import foreign_in, remove

    if asked.kind:
        raise StoreError("--kind", "does not go with --remove.", "Name the results to remove.")
    going = _going(names, out)
    if not asked.yes and not _says_yes(going, shared):
        sys.stderr.write("Nothing was removed.\n")
        raise typer.Exit(1)
    left = [path for entry in going for path in foreign_in(entry)]
    rows = [{**entry.as_dict(), "bytes": remove(entry)} for entry in going]
    freed = sum(row["bytes"] for row in rows)
    if left:
        names = ", ".join(printable(path) for path in left[:3]) + (", ..." if left[3:] else "")
        sys.stderr.write(f"Left as it is, since this program did not make it: {names}.\n")
    table = functools.partial(_removed_table, rows)

    def report() -> None:
        for row in rows:
            sys.stdout.write(f"Removed {row['folder']}: {size_word(row['bytes'])}\n")
        sys.stdout.write(f"Freed: {size_word(freed)}\n")

    document = {"schema": "truce/runs-removed/1", "removed": rows, "freed_bytes": freed}
    answer(shared, table, lambda: document, report)


def _removed_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    from sim.sheets import frame_of

    return frame_of(rows, _COLUMNS)


def _going(names: Sequence[str], out: Path) -> list[Entry]:
    """The results named, each once; or everything that is wrong with the names at once."""
    from sim.runs import removable

    if not names:
        todo = "Name results as in truce runs --remove ID; `truce runs` lists them."
        raise StoreError("--remove", "no result is named.", todo)
    found: dict[Path, Entry] = {}
    problems: list[StoreError] = []
    for name in names:
        try:
            entry = removable(name, out)
            found[entry.folder] = entry
        except StoreError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ProblemsError("--remove", [str(problem) for problem in problems])
    return list(found.values())


def _says_yes(going: Sequence[Entry], shared: Shared) -> bool:
    """Show what would go, and ask; where nobody can be asked, that is an error."""
    if shared.as_json or shared.csv_alone or not (sys.stdin and sys.stdin.isatty()):
        todo = "Add --yes to remove without being asked."
        raise StoreError("--remove", "asks first, and here is no terminal to ask on.", todo)
    sizes = [entry.size for entry in going]
    for entry, size in zip(going, sizes, strict=True):
        scenario = printable(entry.manifest["about"].get("scenario", ""))
        told = f"{entry.kind} of {scenario}, {entry.folder}"
        sys.stderr.write(f"{entry.id}  {told}: {size_word(size)}\n")
    question = f"Remove {counted(len(going), 'result')} for good, {size_word(sum(sizes))}?"
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
