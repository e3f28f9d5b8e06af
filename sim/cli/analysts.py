"""`truce analysts`: sheets on which somebody states what they believe of the model's numbers."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import chosen_conflict, parse_as_of, parse_folder
from sim.cli.shared import AsJson
from sim.cli.tables import print_json
from sim.text import printable

app = typer.Typer(
    help="Your own numbers in place of the model's: a sheet to fill in, and its check.\n\n"
    "Example: truce analysts new kyiv-desk",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="A short name, of a-z, 0-9 and '-'.")],
    form: Annotated[str, typer.Option("--format", help="toml or xlsx.")] = "toml",
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The day of the odds; that of the newest ensemble."),
    ] = None,
    numbers: Annotated[
        str,
        typer.Option(
            metavar="A,B,...", help="Ask for these numbers; those that matter most if unset."
        ),
    ] = "",
    out: Annotated[
        Path | None,
        typer.Option(parser=parse_folder, metavar="FILE", help="analysts/NAME.toml if unset."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a sheet that asks for the numbers on which the odds lean most.

    Each is a question in plain words, with what the model has and room for what you believe.

    Example: truce analysts new kyiv-desk --format xlsx
    """
    from sim.analysts.draft import place_for, write_blank

    path = place_for(name, form, out)
    from sim.attribution.views.asked import blank_for

    conflict = chosen_conflict()
    wanted = [one.strip() for one in numbers.split(",") if one.strip()]
    blank = blank_for(name, parse_as_of(as_of, conflict), wanted, conflict)
    write_blank(path, blank)
    where = path.as_posix()
    if as_json:
        asked = [{"number": one.row.name, "share": one.share} for one in blank.asked]
        schema = "truce/analyst-new/1"
        print_json({"schema": schema, "file": where, "as_of": str(blank.as_of), "asked": asked})
        return
    command = f"{conflict.truce} analysts check {shlex.quote(printable(where))}"
    sys.stdout.write(
        f"{printable(where)}: {len(blank.asked)} numbers, as of {blank.as_of}\n"
        f"Fill it in, save it, then: {command}\n"
    )
