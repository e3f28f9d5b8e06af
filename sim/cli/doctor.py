"""`truce doctor`: whether all that the program needs is there, and what to do where it is not."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import chosen_conflict
from sim.cli.replay import Out
from sim.cli.shared import Shared, with_options
from sim.cli.tables import print_json, print_table
from sim.text import counted

if TYPE_CHECKING:
    from sim.doctor import Check


@with_options("as_json")
def doctor(
    licences: Annotated[
        bool,
        typer.Option("--licences", help="List the licences of all that the program needs."),
    ] = False,
    out: Out = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Check that all is there and fits: versions, folders, extras, ensembles; and say what to do.

    Example: truce doctor

    It exits with 1 if something is wrong. An extra that is not installed is not wrong.

    Example: truce doctor --licences
    """
    if licences:
        _licences(shared)
        return
    from sim.doctor import checks

    found = checks(out, chosen_conflict)
    wrong = [one for one in found if one.state == "wrong"]
    if shared.as_json:
        rows = [dataclasses.asdict(one) for one in found]
        print_json({"schema": "truce/doctor/1", "well": not wrong, "checks": rows})
    else:
        _report(found)
    if wrong:
        raise typer.Exit(1)


def _report(found: Sequence[Check]) -> None:
    header = ("what", "which", "state", "found")
    print_table(header, [(one.part, one.name, one.state, one.found) for one in found])
    sys.stdout.write("\n".join(["", *_ending(found)]) + "\n")


def _ending(found: Sequence[Check]) -> Iterator[str]:
    """What is wrong and what is absent, with what to do about each."""
    absent = [one for one in found if one.state == "absent"]
    if absent:
        yield "Not installed, and needed for nothing else:"
        yield from (f"  {one.part} {one.name}: {one.todo}" for one in absent)
    wrong = [one for one in found if one.state == "wrong"]
    if not wrong:
        yield "All is well."
        return
    yield f"{counted(len(wrong), 'thing')} {'is' if len(wrong) == 1 else 'are'} wrong:"
    yield from (f"  {one.part} {one.name}: {one.todo or one.found}" for one in wrong)


def _licences(shared: Shared) -> None:
    from sim.doctor import licences

    found = licences()
    if shared.as_json:
        rows = [one._asdict() for one in found]
        print_json({"schema": "truce/licences/1", "licences": rows})
        return
    print_table(("package", "version", "licence, as its makers state it", "needed by"), found)
