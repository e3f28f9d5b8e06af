"""`truce ledger score`: the model beside others, and what so few questions can show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.figures import drawn
from sim.cli.ledger import File
from sim.cli.options import chosen_conflict, parse_folder
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.text import counted, printable

if TYPE_CHECKING:
    from sim.ledger.score import PageScore, Score

_HEADER = ("forecaster", "questions", "Brier", "log", "model on these", "model ahead by", "95%",
           "verdict")  # fmt: skip


@with_options(*ANSWER)
def score(
    file: File = None,
    out: Annotated[
        Path | None,
        typer.Option(
            parser=parse_folder, metavar="DIR", help="Write score.json and the figure there."
        ),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Score what was sealed and settled, beside base rate, prior and frequency.

    Example: truce ledger score

    What was sealed before its answer was known, and hindcasts, are scored apart.
    """
    from sim.ledger import words
    from sim.ledger.ask import score as ask

    found = ask(file, conflict=chosen_conflict())
    if out is not None:
        found.save(out)
        drawn("write_scores")(found, out)
        sys.stderr.write(f"Files: {printable(out)}\n")

    def report() -> None:
        for page, title in words.TITLES.items():
            sys.stdout.write("\n".join(_lines(found.pages[page], title)) + "\n")
            if found.pages[page].n:
                print_table(_HEADER, _rows(found, page))
            sys.stdout.write("\n")
        sys.stdout.write("\n".join(words.NOTES) + "\n")

    answer(shared, found.table, found.as_dict, report)


def _lines(page: PageScore, title: str) -> Iterator[str]:
    from sim.ledger.words import power_sentence

    yield (
        f"{title}: {page.n} settled, {page.yes} of them yes; {page.void} void, {page.open} open."
    )
    if page.n:
        yield power_sentence(page.n)
    if page.murphy:
        parts = page.murphy
        yield (
            f"Brier {page.told['model'].brier:.3f} = reliability {parts.reliability:.3f} - "
            f"resolution {parts.resolution:.3f} + uncertainty {parts.uncertainty:.3f}, in "
            f"{counted(parts.groups, 'group')} of like odds."
        )
    if page.auc is not None:
        yield (
            f"Discrimination {page.auc:.2f}: how often a yes had the higher odds of a yes and a "
            "no (.5 is chance)."
        )


def _rows(found: Score, page: str) -> list[tuple[str, ...]]:
    from sim.ledger.score import NAMES

    score = found.pages[page]
    rows: list[tuple[str, ...]] = []
    for name, told in score.told.items():
        lead = told.lead
        between = ""
        if lead and lead.interval:
            between = f"{lead.interval[0]:+.3f} to {lead.interval[1]:+.3f}"
        rows.append(
            (
                NAMES.get(name, printable(name)),
                str(told.n),
                _number(told.brier),
                _number(told.log),
                _number(told.model) if lead else "",
                f"{lead.mean:+.3f}" if lead else "",
                between,
                score.verdict(name) if lead else "",
            )
        )
    return rows


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
