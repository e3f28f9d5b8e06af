"""`truce evidence`: what the articles say, and what it says about where the actors stand."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.evidence_documents import (
    cell_document,
    cell_table,
    row_document,
    statement_table,
    why_unused,
)
from sim.cli.evidence_news import Through, check_news
from sim.cli.options import chosen_conflict, parse_as_of
from sim.cli.shared import ANSWER, AsJson, Shared, with_options
from sim.cli.tables import answer, print_json, print_table
from sim.errors import EvidenceError, SimError

if TYPE_CHECKING:
    from sim.evidence.measurement import Measurement
    from sim.evidence.statements import Evidence, Statement
    from sim.inputs.conflict import Conflict

app = typer.Typer(
    help="What the articles say, and what it says about where the actors stand.\n\n"
    "Example: truce evidence list --issue territory",
    no_args_is_help=True,
    rich_markup_mode=None,
)

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Only what was public on that day.")
]


@app.command("list")
@with_options(*ANSWER)
def list_statements(
    holder: Annotated[str | None, typer.Option(help="Only this holder's positions.")] = None,
    issue: Annotated[str | None, typer.Option(help="Only positions on this issue.")] = None,
    article: Annotated[
        str | None, typer.Option(help="Only this article: its id, or the first three digits.")
    ] = None,
    occasions: Annotated[
        bool, typer.Option("--occasions", help="The occasions for a truce before the record.")
    ] = False,
    as_of: AsOf = None,
    *,
    shared: Shared,
) -> None:
    """List the coded statements, and whether each is in the fit.

    Example: truce evidence list --holder russia --issue territory

    With --occasions it lists those on which a general truce could have been agreed in the war
    before the record, with what each weighs.

    Example: truce evidence list --occasions
    """
    from sim.evidence.coding import holders_of
    from sim.evidence.statements import load_evidence
    from sim.inputs.issues import ISSUES

    conflict = chosen_conflict()
    if occasions:
        if holder or issue or article:
            todo = "Leave out --holder, --issue and --article, or --occasions."
            raise EvidenceError("--occasions", "are of no holder, issue or article.", todo)
        from sim.cli.evidence_occasions import list_occasions

        list_occasions(conflict, parse_as_of(as_of, conflict), shared)
        return
    evidence = load_evidence(as_of=parse_as_of(as_of, conflict), conflict=conflict)
    _known("--holder", holder, holders_of(conflict))
    _known("--issue", issue, ISSUES)
    ids = [known.id for known in evidence.articles]
    _known("--article", article, [*ids, *(name[:3] for name in ids)])
    rows = [
        row
        for row in evidence.statements
        if (holder is None or row.holder == holder)
        and (issue is None or row.issue == issue)
        and (article is None or row.article.startswith(article))
    ]
    if not rows:
        when = f"was public by {as_of}" if as_of else "is there"
        sys.stderr.write(f"No such row {when}.\n")
    documents = [row_document(row, evidence) for row in rows]
    answer(
        shared,
        lambda: statement_table(documents),
        lambda: {"schema": "truce/statements/1", "as_of": as_of, "statements": documents},
        lambda: print_table(LIST_HEADER, list(map(_list_cells, rows, documents))),
    )


@app.command()
@with_options(*ANSWER)
def show(
    holder: Annotated[
        str, typer.Argument(help="An actor's id, or that of the blocs together; or a row's id.")
    ],
    issue: Annotated[
        str | None, typer.Argument(help="An issue's id, as `truce evidence list` has it.")
    ] = None,
    as_of: AsOf = None,
    particles: Annotated[
        int, typer.Option(help="Pasts to weigh for an event whose influence is not on file.")
    ] = 16_384,
    *,
    shared: Shared,
) -> None:
    """Show where a holder stands on an issue, and the rows behind it.

    Example: truce evidence show russia territory

    Given the id of a statement or an event instead, tell that row in full and what it moved.

    Example: truce evidence show 001:22:russia:rejects_truce
    """
    from sim.cli.evidence_row import show_row
    from sim.errors import check_whole
    from sim.evidence.coding import holders_of
    from sim.evidence.positions import measure
    from sim.evidence.statements import load_evidence
    from sim.inputs.issues import ISSUES

    conflict = chosen_conflict()
    evidence = load_evidence(as_of=parse_as_of(as_of, conflict), conflict=conflict)
    if issue is None and holder not in holders_of(conflict):
        check_whole("--particles", particles, 8192, 10_000_000)
        show_row(evidence, holder, particles, shared)
        return
    _known("HOLDER", holder, holders_of(conflict))
    if issue is None:
        raise EvidenceError("ISSUE", "is missing.", f"Name one: {', '.join(ISSUES)}.")
    _known("ISSUE", issue, ISSUES)
    positions = measure(evidence)
    cell = positions.cell(holder, issue)
    document = cell_document(cell, evidence, conflict.issues[issue]) | {"as_of": as_of}
    answer(
        shared,
        lambda: cell_table(document),
        lambda: document,
        lambda: _print_cell(document, positions.measurement),
    )


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FOLDER]...",
            help="News that is not added yet, or a folder of evidence with articles.toml; the "
            "record if unset.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Refuse what is known later.")
    ] = None,
    through: Through = None,
    as_json: AsJson = False,
) -> None:
    """Check the record, or news for it: all that is wrong, and where.

    Example: truce evidence check

    News, drafted folders or spreadsheets, is tried on a copy of the record: everything that is
    wrong with any of its files is told at once, and rows that may repeat earlier ones.

    Example: truce evidence check news/a-second-round

    A folder of evidence is checked by itself; with that of the conflict, or without a folder, the
    record in scenarios/history.toml, which leans on it, is checked as well.

    Example: truce evidence check calibration/evidence
    """
    folder = paths[0] if paths else None
    if paths and not (len(paths) == 1 and (paths[0] / "articles.toml").is_file()):
        if as_of is not None:
            todo = "Leave it out."
            raise EvidenceError("--as-of", "is of a record, not of news.", todo)
        check_news(paths, through, as_json)
        return
    if through is not None:
        raise EvidenceError("--through", "is of news that is to be added.", "Leave it out.")
    _check_evidence(folder, as_of, as_json)


def _check_evidence(folder: Path | None, as_of: str | None, as_json: bool) -> None:
    """Check a folder of evidence, and the record with that of the conflict."""
    from sim.evidence.occasions import load_occasions, occasion_problems
    from sim.evidence.statements import load_evidence, problems
    from sim.intake.record_check import record_problems

    conflict = chosen_conflict()
    found: list[SimError] = [*problems(folder, parse_as_of(as_of, conflict), conflict)]
    found += occasion_problems(folder, conflict)
    if folder is None or folder.resolve() == conflict.evidence.resolve():
        found += record_problems(conflict)
    for problem in found[:-1]:
        sys.stderr.write(f"truce: {problem}\n")
    if found:
        raise found[-1]  # `truce` prints it below the others, and exits with 2
    evidence = load_evidence(folder, conflict=conflict)
    counts = _counts(evidence)
    weights = [occasion.weight for occasion in load_occasions(folder, conflict)]
    if as_json:
        total = {"number": len(weights), "weight": round(sum(weights), 3)}
        document = {"schema": "truce/evidence-check/1", "articles": counts, "occasions": total}
        print_json(document)
        return
    _print_counts(evidence, counts)
    if weights:
        sys.stdout.write(
            f"In order: {len(weights)} occasions for a truce before the record, which together "
            f"weigh {sum(weights):.2f}\n"
        )
    _tell_if_prior_differs(conflict, sum(weights))


def _tell_if_prior_differs(conflict: Conflict, weight: float) -> None:
    """Say so if the prior of how many occasions there were has another median."""
    prior = next((row.prior for row in conflict.parameters if row.name == "occasions"), None)
    if prior is None or prior.lognormal is None or abs(prior.lognormal[0] - weight) <= 0.01:
        return
    sys.stderr.write(
        f"Note: the prior of 'occasions' in parameters.toml has the median {prior.lognormal[0]:g}, "
        f"and the occasions weigh {weight:.2f} together. Set the one to the other.\n"
    )


# ------------------------------------------------------------------------- names and counts


def _known(option: str, value: str | None, names: Sequence[str]) -> None:
    from sim.evidence.coding import suggestion
    from sim.text import shown

    if value is not None and value not in names:
        raise EvidenceError(option, f"{shown(value)} is unknown.", suggestion(value, names))


def _counts(evidence: Evidence) -> list[dict[str, Any]]:
    statements = Counter(row.article for row in evidence.statements)
    events = Counter(row.article for row in evidence.events)
    return [
        {"id": a.id, "statements": statements[a.id], "events": events[a.id]}
        for a in evidence.articles
    ]


def _print_counts(evidence: Evidence, counts: list[dict[str, Any]]) -> None:
    parts = [f"{row['id'][:3]} has {row['statements']} + {row['events']}" for row in counts]
    total = f"{len(evidence.statements)} statements + {len(evidence.events)} events"
    sys.stdout.write(f"In order: {total} in {len(parts)} articles ({', '.join(parts)})\n")


# ------------------------------------------------------------------------- one statement

LIST_HEADER = (
    *("id", "date", "known", "holder", "issue", "position", "kind", "basis"),
    *("firmness", "salience", "in fit", "paraphrase"),
)


def _list_cells(row: Statement, document: Mapping[str, Any]) -> list[str]:
    what = document["informs"]
    return [
        row.id,
        str(row.date),
        str(row.known) if row.known != row.date else "",
        row.holder,
        row.issue,
        f"{row.position:.2f}",
        row.kind,
        row.basis,
        str(row.firmness),
        str(row.salience),
        f"no: {why_unused(row)}" if what == "neither" else what,
        document["paraphrase"],
    ]


# ------------------------------------------------------------------------- one cell


def _print_cell(document: Mapping[str, Any], measurement: Measurement) -> None:
    lines = [f"{document['holder']} on {document['issue']}: {document['meaning']}"]
    if document["as_of"]:
        lines.append(f"as of {document['as_of']}")
    lines += ["", *_estimate_lines("ideal", document["ideal"])]
    if line := document["red_line"]:
        lines += _estimate_lines("red line", line)
        if not line["stated"]:
            shift = f"{measurement.unspoken_shift_mean:g} +- {measurement.unspoken_shift_sd:g}"
            lines.append(f"  no red line stated: the ideal, moved by {shift} logits")
        lines.append("  members are drawn given that the red line is not beyond the ideal")
    lines += [
        f"salience  {document['salience']}",
        _numbers("weight", "mean", document["weight"]),
        "",
    ]
    if not document["moved_by"]:
        lines.append("no statement: the prior stands")
    sys.stdout.write("\n".join(lines) + "\n")
    _print_moving(document["moved_by"])
    _print_unused(document["unused"])


def _numbers(name: str, middle: str, numbers: Mapping[str, float]) -> str:
    low, high = numbers["low"], numbers["high"]
    return f"{name:<8}  {numbers[middle]:.2f}  (90 % between {low:.2f} and {high:.2f})"


def _estimate_lines(name: str, document: Mapping[str, Any]) -> list[str]:
    anchors = [f"  {at} is: {text}" for at, text in document["anchors"].items()]
    return [_numbers(name, "middle", document), *anchors]


def _print_moving(rows: Iterable[Mapping[str, Any]]) -> None:
    header = ("id", "moves", "gain", "pull", "position", "kind", "basis", "source", "paraphrase")
    print_table(header, [_moving_cells(row) for row in rows])


def _moving_cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["id"],
        row["moves"],
        f"{row['gain']:.2f}",
        f"{row['pull']:+.2f}",
        f"{row['position']:.2f}",
        row["kind"],
        row["basis"],
        f"{row['source']}, paragraph {row['paragraph']}",
        row["paraphrase"],
    ]


def _print_unused(rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        sys.stdout.write("\nnot used\n")
        cells = [
            [row["id"], f"{row['position']:.2f}", row["kind"], row["why_not"], row["paraphrase"]]
            for row in rows
        ]
        print_table(("id", "position", "kind", "why", "paraphrase"), cells)


# ------------------------------------------------------------------------- paper
