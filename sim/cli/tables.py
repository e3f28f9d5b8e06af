"""Prints what several commands print: one JSON document, a table, how far it is."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from sim.cli.options import percent
from sim.cli.shared import Shared
from sim.cli.table_files import write_files
from sim.text import json_printable, of_hundred

if TYPE_CHECKING:
    import pandas as pd

    from sim.estimates import Odds
    from sim.experiments.differences import Difference, PriceDifference

SECONDS = 30.0
"""How often a long piece of work says how far it is where no terminal shows a bar."""


def answer(
    shared: Shared,
    table: Callable[[], pd.DataFrame],
    document: Callable[[], Mapping[str, Any]],
    report: Callable[[], None],
) -> None:
    """Answer as was asked for: write the table to files, and print JSON, a report or the CSV.

    A command that has a table takes the options `sim.cli.shared.ANSWER` and ends here.

    Parameters
    ----------
    table
        Returns the table, whole and with full precision.
    document
        Returns what `--json` prints.
    report
        Prints for a reader.
    """
    if shared.tables:
        write_files(table(), shared.csv, shared.xlsx)
    if shared.csv_alone:
        return
    if shared.as_json:
        print_json(document())
    else:
        report()


def print_json(document: Mapping[str, Any]) -> None:
    """Print a document alone on stdout; in escapes where stdout cannot hold every letter."""
    plain = (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8")
    text = json.dumps(document, indent=2, ensure_ascii=plain, allow_nan=False)
    sys.stdout.write(json_printable(text) + "\n")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Rich table on a terminal; elsewhere aligned text, whole and without frames.

    It is wider than a terminal that is too narrow for its numbers and the words of its header. A
    cell may have several lines.
    """
    from rich.console import Console

    console = Console()
    if not rows:
        return
    if console.is_terminal:
        table = _rich_table(header, rows)
        least = 1 + sum(3 + column.min_width for column in table.columns)
        console.width = max(console.width, least)
        console.print(table, crop=False)
        return
    cells = [[(cell or "-").split("\n") for cell in row] for row in (header, *rows)]
    lines = [line for row in cells for line in zip_longest(*row, fillvalue="")]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _rich_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for number, (title, cells) in enumerate(zip(header, zip(*rows, strict=True), strict=True)):
        words = [word for cell in cells for word in _words(cell)]
        whole = cells if number == 0 else [word for word in words if _NUMBER.match(word)]
        least = max(map(cell_len, [*_words(title), *whole]), default=1)
        table.add_column(title, no_wrap=number == 0, min_width=least, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))  # Text, so that brackets in it are no markup
    return table


_NUMBER = re.compile(r"[ +<-]*\d")


def _words(text: str) -> list[str]:
    """The words of a cell, the first with the spaces that align it."""
    return re.findall(r"^ *\S+|\S+", text)


def members_text(
    both: Sequence[float] | None, dice: Sequence[float], write: Callable[[float], str]
) -> str:
    """Write the interval of the members, or why it tells nothing."""
    if both is None:
        return "too few members"
    if dice[0] <= both[0] and both[1] <= dice[1]:
        return "within the dice"
    return f"{write(both[0])} to {write(both[1])}"


MEDIAN = (
    "Median member: half of the members, the guesses at what nobody can settle today, have lower "
    "odds than it has, half higher."
)


def level_text(odds: Odds) -> str:
    """Write a level of odds: its mean never stands without the median member, if one is known."""
    if odds.median_member is None:
        return percent(odds.mean)
    return f"{percent(odds.mean)} on average; median member {percent(odds.median_member)}"


ODDS_CELL = "Odds: mean +- 95% error of the estimate; median member (90% of members)"


def odds_cell(odds: Odds) -> str:
    """Write odds as `ODDS_CELL` has it; without the members where they are too few to be told."""
    dice = f"{percent(odds.mean)} +- {percent(odds.half_width)}"
    if odds.ensemble is None:
        return dice
    low, high = map(percent, odds.ensemble)
    return f"{dice}; {percent(odds.median_member)} ({low} to {high})"


def beside_run(worlds: int, *, other: bool = False) -> str:
    """Say why odds differ from those of `truce run`, which takes another number of worlds.

    ``other`` says that the worlds are none of those of `truce run`, whatever their number.
    """
    if other:
        return "`truce run` takes other worlds: its odds may differ within the dice."
    return (
        f"From {worlds:,} worlds: `truce run` takes 20,000 unless told, and may differ in its dice."
    )


def median_cell(odds: Odds) -> str:
    """Write the median member and, in brackets, the central 90 % of the members."""
    members = members_text(odds.ensemble, odds.mc, percent)
    if odds.median_member is None:
        return members
    return f"{percent(odds.median_member)} ({members})"


VERDICT = (
    "Verdict: tied if the 95% dice interval holds 0; otherwise ahead or behind, with 'on average' "
    "added if the middle 90% of the members hold both signs. Dice: the simulation's own error."
)


def ahead_text(found: Difference | PriceDifference) -> str:
    """Write how many members are ahead; nothing where none or the dice alone tell."""
    return "" if found.members_ahead is None or found.hidden else of_hundred(found.members_ahead)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show a bar with rate and time left on a terminal; elsewhere say now and then how far it is.

    Call it with what is done and the total.
    """
    if not sys.stderr.isatty():
        yield _Lines(what).say
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )

    class Rate(TextColumn):
        def render(self, task: Task) -> Any:
            speed = task.finished_speed or task.speed
            return f"{speed:,.0f}/s" if speed else ""

    columns = (what, BarColumn(), MofNCompleteColumn(), Rate(""), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


class _Lines:
    """Lines on standard error that say how far a piece of work is, none if it is soon done."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last = time.monotonic()

    def say(self, done: int, total: int | None) -> None:
        """Write a line if the last one, or the beginning, is long enough ago."""
        now = time.monotonic()
        if now - self._last < SECONDS:
            return
        self._last = now
        whole = f" of {total:,} ({done / total:.0%})" if total else ""
        sys.stderr.write(f"{self._what}: {done:,}{whole}\n")
        sys.stderr.flush()
