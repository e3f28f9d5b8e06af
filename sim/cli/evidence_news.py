"""`truce evidence new`, `template`, `add`, and the check of news: how news gets into the record."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import chosen_conflict, parse_day, parse_folder
from sim.cli.shared import AsJson
from sim.cli.tables import print_json
from sim.errors import EvidenceError
from sim.paths import in_package
from sim.text import counted, error_text, printable

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict
    from sim.intake.trial import Trial

Paths = Annotated[
    list[Path],
    typer.Argument(help="Drafted folders, or spreadsheets (.xlsx, .csv).", metavar="FOLDER..."),
]
Through = Annotated[
    str | None,
    typer.Option(
        metavar="DAY",
        help="The day through which you have read the press; that of the newest article if unset.",
    ),
]


def new(
    day: Annotated[
        str,
        typer.Argument(help="The day on which the article was published: YYYY-MM-DD, or today."),
    ],
    title: Annotated[str, typer.Option(help="Its headline, or a few words of your own.")],
    outlet: Annotated[str, typer.Option(help="Who published it.")] = "",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="The folder; news/DAY-TITLE if unset."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draft a folder for an article: forms that explain every line.

    Example: truce evidence new today --title "A second round of talks"
    """
    from sim.intake.draft import draft

    conflict = chosen_conflict()
    published = dt.date.today() if day == "today" else parse_day(day, "DAY")
    assert published
    folder = draft(published, title, conflict, out, outlet)
    files = [f"{folder.as_posix()}/{file.name}" for file in sorted(folder.iterdir())]
    if as_json:
        print_json({"schema": "truce/evidence-new/1", "folder": folder.as_posix(), "files": files})
        return
    where = printable(folder.as_posix())
    sys.stdout.write("".join(f"{printable(file)}\n" for file in files))
    sys.stdout.write(
        f"Fill them in with any editor, then: {conflict.truce} evidence check {_quoted(where)}\n"
    )


def template(
    form: Annotated[str, typer.Option("--format", help="xlsx or csv.")] = "xlsx",
    out: Annotated[
        Path | None,
        typer.Option(
            parser=parse_folder,
            metavar="PATH",
            help="The file, or for csv the folder; news.xlsx or news-csv.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a spreadsheet to fill in, with lists to choose from.

    Example: truce evidence template --format xlsx

    It has one sheet a table, and one that explains every column and word.
    """
    from sim.intake.template import write_csv, write_xlsx

    conflict = chosen_conflict()
    if form not in ("xlsx", "csv"):
        raise EvidenceError("--format", f"'{printable(form)}' is unknown.", "Use xlsx or csv.")
    path = out or Path("news.xlsx" if form == "xlsx" else "news-csv")
    (write_xlsx if form == "xlsx" else write_csv)(path, conflict)
    where = printable(path.as_posix())
    if as_json:
        print_json({"schema": "truce/evidence-template/1", "path": path.as_posix()})
        return
    sys.stdout.write(
        f"{where}\nFill it in, save it, then: {conflict.truce} evidence check {_quoted(where)}\n"
    )


def add(
    paths: Paths,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be added, and add nothing.")
    ] = False,
    through: Through = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Add to a copy of the record in this new folder, not to itself."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add news to the record, all of it or nothing; checked first.

    Example: truce evidence add news/a-second-round --dry-run

    No row that is there is touched; `through` in history.toml moves to the day through which the
    press was read.
    """
    from sim.intake import add as adding
    from sim.intake.trial import tried

    conflict = chosen_conflict()
    if into is None and not dry_run:
        adding.check_own(conflict)
    with tried(paths, conflict, parse_day(through, "--through")) as trial:
        tell_problems(trial)
        home = conflict
        if into is not None and not dry_run:
            home = adding.add_into(trial, conflict, into)
        document = trial_document(trial, conflict, home) | {"added": not dry_run}
        if into is None and not dry_run:
            adding.add(trial, conflict)
        if as_json:
            print_json(document)
            return
        head = "Would be added; nothing was changed" if dry_run else "Added"
        print_trial(document, f"{head}, to {_folders(home)}:")


def check_news(paths: Sequence[Path], through: str | None, as_json: bool) -> None:
    """Check news as it would stand in the record, and say what would be added."""
    from sim.intake.trial import tried

    conflict = chosen_conflict()
    with tried(paths, conflict, parse_day(through, "--through")) as trial:
        tell_problems(trial)
        document = trial_document(trial, conflict, conflict)
        if as_json:
            print_json(document)
            return
        print_trial(document, "In order. It would add:")
        sys.stdout.write(f"To add it: {_add_command(paths, through, conflict)}\n")


def _add_command(paths: Sequence[Path], through: str | None, conflict: Conflict) -> str:
    """Return the command that adds news that was checked, to a copy if it must be one."""
    from sim.intake.add import OWN

    words = [conflict.truce, "evidence add", *(_quoted(printable(one.as_posix())) for one in paths)]
    words += [f"--through {through}"] if through else []
    words += [f"--into {OWN}"] if in_package(conflict.calibration) else []
    return " ".join(words)


def tell_problems(trial: Trial) -> None:
    """Print every problem, and rows that may be repeats; exit with 2 if there is a problem."""
    if not trial.problems:
        return
    for problem in trial.problems:
        sys.stderr.write(f"truce: {error_text(problem)}\n")
    _tell_offers([vars(offer) for offer in trial.offers], sys.stderr)
    _tell_notes([vars(note) for note in trial.notes], sys.stderr)
    number = counted(len(trial.problems), "problem")
    sys.stderr.write(f"{number}; nothing is added before all are mended.\n")
    raise SystemExit(2)


def trial_document(trial: Trial, conflict: Conflict, home: Conflict) -> dict[str, Any]:
    """Tell what news adds as plain data.

    Parameters
    ----------
    home
        Whose ensembles and commands are told of: a copy of the conflict, or itself.
    """
    from sim.intake.add import added_lines, calibrate_command, stale_after
    from sim.intake.columns import TABLES

    before, after = trial.made.through
    day = trial.through
    stale = stale_after(trial, conflict, home)
    return {
        "schema": "truce/news/1",
        "rows": {name: len(trial.news.of(name)) for name in TABLES},
        "lines": dict(added_lines(trial)),
        "through": {"before": str(before or day), "after": str(after or day)},
        "may_repeat": [vars(offer) for offer in trial.offers],
        "notes": [vars(note) for note in trial.notes],
        "out_of_date": [
            {"ensemble": one.path.as_posix(), "as_of": str(one.day), "renew": one.command}
            for one in stale
        ],
        "calibrate": None if day in home.ensemble_days() else calibrate_command(home, day),
    }


def print_trial(document: Mapping[str, Any], head: str) -> None:
    """Print what news adds, for a reader."""
    lines = [head]
    for file, text in document["lines"].items():
        lines += ["", f"{file}:", *(f"  {line}" for line in text.split("\n") if line)]
    before, after = document["through"].values()
    lines.append("")
    if before != after:
        lines += [
            f"The press then counts as read through {after}, not {before}: what no row reports up "
            "to that day is taken not to have happened.",
        ]
    sys.stdout.write("\n".join(lines) + "\n")
    _tell_offers(document["may_repeat"], sys.stdout)
    _tell_notes(document["notes"], sys.stdout)
    for one in document["out_of_date"]:
        sys.stdout.write(f"Out of date with it: {one['ensemble']}. Renew it: {one['renew']}\n")
    if not document["out_of_date"]:
        sys.stdout.write(
            "No ensemble goes out of date: each knows only what was public by its day.\n"
        )
    if document["calibrate"]:
        sys.stdout.write(f"For odds with this news: {document['calibrate']}\n")


def _tell_offers(offers: Sequence[Mapping[str, Any]], stream: Any) -> None:
    for one in offers:
        stream.write(
            f"Note: {one['where']}: '{one['said']}' may repeat {one['same_as']}, "
            f"'{one['earlier']}'. If it is the same, write same_as = \"{one['same_as']}\"; "
            "if it is new, leave it.\n"
        )


def _tell_notes(notes: Sequence[Mapping[str, Any]], stream: Any) -> None:
    for one in notes:
        stream.write(f"Note: {one['where']}: {one['what']}\n")


def _folders(conflict: Conflict) -> str:
    return printable(f"{conflict.calibration.as_posix()} and {conflict.scenarios.as_posix()}")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
