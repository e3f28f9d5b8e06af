"""`truce analysts`: sheets on which somebody states what they believe of the model's numbers."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import chosen_conflict, parse_as_of, parse_folder, percent
from sim.cli.shared import ANSWER, AsJson, Shared, with_options
from sim.cli.tables import answer, print_json, print_table
from sim.errors import CalibrationError, SimError
from sim.text import counted, error_text, printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysts.analyst import Analyst
    from sim.attribution.views.feedback import Feedback, Fitted
    from sim.attribution.views.implied import Change
    from sim.inputs.conflict import Conflict

app = typer.Typer(
    help="Your own numbers in place of the model's: a sheet to fill in, and its check.\n\n"
    "Example: truce analysts new my-desk",
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

    Example: truce analysts new my-desk --format xlsx

    Each is a question in plain words, with what the model has and room for what you believe.
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


# ------------------------------------------------------------------ check


@app.command()
@with_options("as_of", "seed", *ANSWER)
def check(
    files: Annotated[list[Path], typer.Argument(help="Sheets, .toml or .xlsx.", metavar="FILE...")],
    out: Annotated[
        Path | None,
        typer.Option(parser=parse_folder, metavar="DIR", help="Draw a figure of each into it."),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Tell what the numbers of a sheet imply, before anything is run with them.

    Example: truce analysts check analysts/my-desk.toml

    The distributions that were fitted, what the record makes of them, the odds of the baseline and
    with nothing offered, whether each side would take its own terms, how long truces last.
    """
    conflict = chosen_conflict()
    day = parse_as_of(shared.as_of, conflict)
    analysts = _opened(files, conflict)
    from sim.attribution.views.feedback import document, feedback
    from sim.montecarlo import DEFAULT_SEED

    seed = DEFAULT_SEED if shared.seed is None else shared.seed
    found = [feedback(analyst, day, seed=seed) for analyst in analysts]
    if out:
        from sim.cli.figures import drawn
        from sim.files import written_together

        with written_together(out) as aside:
            for one in found:
                drawn("write_analyst")(one, aside)
        for path in (out / f"{one.analyst.name}.png" for one in found):
            if path.exists():
                sys.stderr.write(f"Figure: {printable(path.as_posix())}, and as .svg.\n")

    def report() -> None:
        for number, one in enumerate(found):
            sys.stdout.write("\n" if number else "")
            _print(one)

    answer(shared, lambda: _table(found), lambda: document(found), report)
    if any(one.refusal for one in found):
        raise SystemExit(1)


def _opened(files: Sequence[Path], conflict: Conflict) -> list[Analyst]:
    """Read all sheets, and tell what is wrong with any before it ends."""
    from sim.analysts.analyst import Analyst

    read: list[Analyst] = []
    wrong: list[SimError] = []
    for file in files:
        try:
            analyst = Analyst.open(file, conflict)
        except SimError as fault:
            wrong.append(fault)
            continue
        twins = [one for one in read if one.name == analyst.name]
        if twins:
            what = f"has the name '{analyst.name}', and so has {twins[0].path.as_posix()}."
            wrong.append(CalibrationError(file.as_posix(), what, "Name one of them otherwise."))
        read.append(analyst)
    for problem in wrong:
        sys.stderr.write(f"truce: {error_text(problem)}\n")
    if wrong:
        raise SystemExit(2)
    return read


def _table(found: Sequence[Feedback]) -> pd.DataFrame:
    from sim.sheets import frame_of

    return frame_of([row for one in found for row in one.rows()])


def _print(found: Feedback) -> None:
    analyst = found.analyst
    changed = sum(one.stated.belief is not None for one in found.numbers)
    head = f"{printable(analyst.title)} ({analyst.name}), as of {found.as_of}: "
    head += f"{counted(len(found.numbers), 'number')} stated, {changed} otherwise than the model"
    _say(head)
    for one in found.numbers:
        sys.stdout.write("\n")
        _print_number(one)
    sys.stdout.write("\n")
    if not found.numbers:
        _say("Every number is as the model has it.")
    else:
        _say(
            "You: the distribution fitted to your values, below which 10, 50 and 90% of it lie. "
            "Model: the model's own. + record: the same once the events up to this day count."
        )
    for note in analyst.notes:
        _say(f"Note: {note}")
    _print_weights(found)
    if found.implied:
        sys.stdout.write("\n")
        rows = [
            (one.name, percent(one.own), percent(one.model), _points(one.change))
            for one in found.implied
        ]
        print_table(("what follows", "you", "model", "change in points (95%)"), rows)
        sys.stdout.write("\n")
        _say(
            f"From {found.worlds:,} worlds of the baseline each. Nothing offered: nothing is "
            "threatened or guaranteed either. Own maximum: what the side wants on every issue, if "
            "the other accepts it. Still holds: of the truces that were agreed."
        )
    for line in found.odd:
        _say(f"Odd: {line}")
    if found.implied:
        truce = analyst.conflict.truce
        _say(f"To use it: {truce} run baseline {printable(analyst.view.option)}")


def _print_number(one: Fitted) -> None:
    _say(f"{one.stated.name}: {one.meaning} ({one.row.unit})")
    if one.stated.why:
        _say(f"  Why: {printable(one.stated.why)}")
    if one.stated.belief is None:
        _say("  As the model has it: your numbers are its own.")
        return
    _line("", [f"{share}%" for share in _COLUMNS])
    _line("you", _merged(one.own, one.fitted))
    _line("model", _merged(one.model, one.plain))
    for whose, after in (("you", one.own_record), ("model", one.record)):
        if after:
            _line(f"{whose} + record", _merged(after))


def _line(whose: str, words: Sequence[str]) -> None:
    line = f"  {whose:<14}" + "".join(f"{word:>9}" for word in words)
    sys.stdout.write(line.rstrip() + "\n")


_COLUMNS = (5, 10, 25, 50, 75, 90, 95)


def _merged(tenths: Sequence[float], fitted: Sequence[float] = ()) -> list[str]:
    """Put quantiles into the columns that they are of."""
    known = dict(zip((10, 50, 90), tenths, strict=True))
    known |= dict(zip((5, 25, 75, 95), (*fitted[:2], *fitted[3:]), strict=False))
    from sim.analysts.numbers import shown_number

    return [shown_number(known[share]) if share in known else "" for share in _COLUMNS]


def _points(change: Change) -> str:
    low, high = change.mc
    return f"{100.0 * change.mean:+.1f} ({100.0 * low:+.1f} to {100.0 * high:+.1f})"


def _print_weights(found: Feedback) -> None:
    if found.calibrated:
        _say("Of members of your own, made by a calibration with these numbers.")
    elif found.refusal:
        _say(found.refusal)
    elif found.effective is not None:
        from sim.attribution.views.weigh import FEWEST, LONGEST_TAIL

        k = "" if found.k is None or found.k < 0.0 else f"; tail index k {found.k:.2f}"
        k += f" ({LONGEST_TAIL:g} at most)" if k else ""
        _say(
            f"Members weighed by these numbers tell as much as {found.effective:,.0f} equally "
            f"weighted ones ({FEWEST:,.0f} are needed){k}."
        )


def _say(text: str) -> None:
    """Print a paragraph that a narrow terminal can hold."""
    indent = " " * (len(text) - len(text.lstrip()))
    sys.stdout.write(textwrap.fill(text, 80, subsequent_indent=indent) + "\n")
