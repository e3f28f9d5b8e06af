"""`truce ledger`: forecasts that one is held to."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.completion import complete_result
from sim.cli.options import chosen_conflict, parse_day, percent
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_json, print_table
from sim.errors import LedgerError, ScenarioError, StoreError
from sim.text import counted, printable, shown

if TYPE_CHECKING:
    import pandas as pd

    from sim.ledger.book import Forecast, Ledger

app = typer.Typer(
    help="Forecasts that one is held to: sealed before the answer, resolved, scored.\n\n"
    "Example: truce ledger seal last --question question.toml",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="The ledger (default outputs/ledger.jsonl)."),
]
_ANCHOR = (
    "Only something outside of this file proves when it was there: put the hash into a signed "
    "commit or a mail."
)


class Asked(NamedTuple):
    """What is sealed, and how."""

    question: Annotated[
        Path | None, typer.Option("--question", metavar="FILE", help="The question, in TOML.")
    ] = None
    other: Annotated[
        list[str] | None,
        typer.Option(
            "--other", metavar="NAME=ODDS", help="Another forecaster's odds; may be repeated."
        ),
    ] = None
    rule: Annotated[str, typer.Option(help="Of a watch list: by what rule it is settled.")] = ""
    source: Annotated[str, typer.Option(help="Of a watch list: by what source.")] = ""
    hindcast: Annotated[
        bool, typer.Option("--hindcast", help="The answer may be known: mark it, score it apart.")
    ] = False


@app.command()
@with_options("as_json", asked=Asked)
def seal(
    run: Annotated[
        str,
        typer.Argument(
            metavar="RUN",
            autocompletion=complete_result,
            help="A run: folder, id, `last`; or a watch list.",
        ),
    ],
    file: File = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where runs are.")] = Path("outputs"),
    *,
    asked: Asked,
    shared: Shared,
) -> None:
    """Seal a forecast: the odds that a run gives to a question, before its answer is known.

    Example: truce ledger seal last --question question.toml --other crowd=0.2

    A watch list is sealed whole, each event that may come by its last day:

    Example: truce ledger seal last-watch --rule "As reported by two agencies" --source Reuters
    """
    from sim.catalog import open_entry
    from sim.ledger.book import FILE, read_ledger
    from sim.ledger.sealing import seal as seal_run
    from sim.ledger.sealing import seal_watch
    from sim.runs import find
    from sim.store import KINDS

    path = _named(file) or FILE
    entry = find(run, out, ("run",) if run == "last" else tuple(KINDS))
    is_watch = entry.kind == "watch"
    others = _others(asked.other or [])
    _check_fits(asked, watch=is_watch)
    result: Any = open_entry(entry)
    if is_watch:
        settled_by = (asked.rule, asked.source)
        sealed = seal_watch(result, *settled_by, path, hindcast=asked.hindcast)
    else:
        given: dict[str, Any] = {"others": others, "hindcast": asked.hindcast, "out": out}
        sealed = [seal_run(result, asked.question or "", path, **given)]
    head = read_ledger(path).head
    if shared.as_json:
        documents = [one.as_dict() for one in sealed]
        print_json({"schema": "truce/ledger/1", "head": head, "sealed": documents})
        return
    lines = [line for one in sealed for line in _told(one)]
    sys.stdout.write("\n".join([*lines, *_head_lines(path, head)]) + "\n")


def _check_fits(asked: Asked, *, watch: bool) -> None:
    """Refuse options that do not go with what is sealed."""
    if watch and (asked.question is not None or asked.other):
        what = "do not go with a watch list: its events are the questions."
        raise LedgerError("--question, --other", what, "Give --rule and --source.")
    if not watch and asked.question is None:
        todo = "Write one and give it with --question FILE."
        raise LedgerError("--question", "is missing: a run is sealed with a question.", todo)
    if not watch and (asked.rule or asked.source):
        what, todo = "are of a watch list.", "Write them into the question file."
        raise LedgerError("--rule, --source", what, todo)


def _others(texts: Sequence[str]) -> dict[str, float]:
    others: dict[str, float] = {}
    for text in texts:
        name, equals, number = text.partition("=")
        try:
            if not equals or name in others:
                raise ValueError
            others[name] = float(number)
        except ValueError:
            what = f"{shown(text)} is no odds, or a name that was given before."
            raise ScenarioError("--other", what, "Write it as --other crowd=0.2.") from None
    return others


def _named(file: Path | None) -> Path | None:
    """Check the name of a ledger: it may not be there yet, but it can be no folder."""
    if file is not None and (not file.name or file.is_dir()):
        raise StoreError("--file", f"{shown(str(file))} is no name of a file.", "Name a file.")
    return file


def _told(one: Forecast) -> Iterator[str]:
    from sim.ledger.book import HINDCAST

    mark = " as a hindcast" if one.page == HINDCAST else ""
    yield f"Sealed {one.id}{mark} at {one.at.isoformat()}: {printable(one.text)}"
    yield f"  Odds of yes: {percent(one.odds.mean)}{_intervals(one)}; by {one.resolves}"
    beside = [f"{_name(n)} {percent(o)}" for n, o in one.others.items() if o is not None]
    if beside:
        yield f"  Beside it: {', '.join(beside)}"
    differs = one.document["evidence_differs"]
    if differs is None:
        yield "  Whether the evidence differs from what was committed is not known: no git here."
    elif differs:
        yield "  The evidence or the record differs from what is committed."


def _intervals(one: Forecast) -> str:
    odds = one.odds
    text = f" (dice {percent(odds.mc[0])} to {percent(odds.mc[1])}"
    if odds.ensemble:
        text += f", 90% of members {percent(odds.ensemble[0])} to {percent(odds.ensemble[1])}"
    return f"{text})"


def _name(forecaster: str) -> str:
    from sim.ledger.score import NAMES

    return NAMES.get(forecaster, printable(forecaster))


def _head_lines(path: Path, head: str) -> Iterator[str]:
    yield f"Ledger: {printable(path)}; SHA-256 of its last line: {head}"
    yield _ANCHOR


# ------------------------------------------------------------------ list


@app.command("list")
@with_options(*ANSWER)
def list_forecasts(file: File = None, *, shared: Shared) -> None:
    """List the forecasts: what was sealed, and apart from it the hindcasts that ship.

    Example: truce ledger list
    """
    from sim.ledger.ask import entries

    found = entries(_named(file), conflict=chosen_conflict())
    documents = [one.as_dict() for one in found]
    answer(
        shared,
        lambda: _table(found),
        lambda: {"schema": "truce/ledger/1", "forecasts": documents},
        lambda: _report_list(found),
    )


_HEADER = ("id", "asked from", "by", "question", "odds", "90% members", "base rate", "prior",
           "frequency", "answer")  # fmt: skip


def _report_list(found: Sequence[Forecast]) -> None:
    from sim.ledger.book import HINDCAST, SEALED

    titles = {
        SEALED: "Sealed before the answer",
        HINDCAST: "Hindcasts: the answer could be known when they were made; scored apart",
    }
    for page, title in titles.items():
        rows = [_cells(one) for one in found if one.page == page]
        sys.stdout.write(f"{title}: {counted(len(rows), 'forecast')}\n")
        print_table(_HEADER, rows)
        sys.stdout.write("\n")
    sys.stdout.write("Odds, base rate, prior, frequency: of yes. --json has rules and sources.\n")


def _cells(one: Forecast) -> tuple[str, ...]:
    members = one.odds.ensemble
    own = (percent(one.others.get(name)) for name in ("base_rate", "prior", "frequency"))
    return (
        one.id,
        one.as_of.isoformat(),
        one.resolves.isoformat(),
        printable(one.text),
        percent(one.odds.mean),
        f"{percent(members[0])} to {percent(members[1])}" if members else "-",
        *own,
        one.state,
    )


def _table(found: Sequence[Forecast]) -> pd.DataFrame:
    from sim.frames import interval_columns
    from sim.sheets import frame_of

    names = dict.fromkeys(name for one in found for name in one.others)
    rows = [
        {
            "id": one.id,
            "page": one.page,
            "at": one.at.isoformat(),
            "as_of": one.as_of,
            "resolves": one.resolves,
            "question": one.text,
            "rule": one.rule,
            "source": one.source,
            "event": one.event,
            "actor": one.actor,
            **interval_columns(one.odds),
            **{name: one.others.get(name) for name in names},
            "answer": one.state,
            "evidence": one.resolution.evidence if one.resolution else "",
        }
        for one in found
    ]
    columns = ("id", "page", "at", "as_of", "resolves", "question", "rule", "source", "event",
               "actor", "mean", "mc_low", "mc_high", "members_low", "members_high", *names,
               "answer", "evidence")  # fmt: skip
    return frame_of(rows, columns)


# ------------------------------------------------------------------ resolve, verify


@app.command()
@with_options("as_json")
def resolve(
    forecast: Annotated[str, typer.Argument(metavar="ID", help="Of the forecast, or its start.")],
    result: Annotated[str, typer.Argument(metavar="yes|no|void", help="The answer.")],
    evidence: Annotated[str, typer.Option(metavar="TEXT", help="What shows it, and where.")] = "",
    known: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="The day on which the answer was known, if not today."),
    ] = None,
    file: File = None,
    *,
    shared: Shared,
) -> None:
    """Write down how a question was settled, with the evidence; nothing is ever changed.

    Example: truce ledger resolve 3f2a9c1b no --evidence "Reuters, 1 June: talks went on"
    """
    from sim.ledger.ask import resolve as settle
    from sim.ledger.book import FILE, read_ledger

    path = _named(file) or FILE
    found = settle(forecast, result, evidence, path, known=parse_day(known, "--known"))
    head = read_ledger(path).head
    if shared.as_json:
        print_json({"schema": "truce/ledger/1", "head": head, "resolved": found.as_dict()})
        return
    lines = [f"Resolved {found.id}: {found.state}. {printable(found.text)}"]
    sys.stdout.write("\n".join([*lines, *_head_lines(path, head)]) + "\n")


@app.command()
@with_options("as_json")
def verify(
    head: Annotated[
        str, typer.Option(metavar="HASH", help="A last line's hash that was kept elsewhere.")
    ] = "",
    file: File = None,
    *,
    shared: Shared,
) -> None:
    """Check that no byte of a ledger was altered, and no line removed, added or moved.

    Example: truce ledger verify
    """
    from sim.ledger.ask import verify as check

    found = check(_named(file), head=head, conflict=chosen_conflict())
    if shared.as_json:
        print_json({"schema": "truce/ledger/1", "whole": [_whole(one) for one in found]})
        return
    for one in found:
        told = f"{counted(one.lines, 'line')}, every one as it was written" if one.lines else "none"
        sys.stdout.write(f"{printable(one.path)}: {told}. Last hash: {one.head}\n")
    sys.stdout.write("Only a hash kept elsewhere can show whether lines were cut off at the end: ")
    sys.stdout.write(f"--head HASH{'; it stands in the chain' if head else ''}.\n")


def _whole(ledger: Ledger) -> dict[str, Any]:
    return {
        "file": ledger.path.as_posix(),
        "lines": ledger.lines,
        "forecasts": len(ledger.forecasts),
        "head": ledger.head,
    }
