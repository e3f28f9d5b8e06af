"""An analyst: who it is, and what they believe of numbers of the model, read from a sheet."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sim.analysts.numbers import (
    Tenths,
    as_shown,
    believable,
    prior_tenths,
    refusal,
    shown_number,
    weighable,
)
from sim.analysts.read import HEAD, SCHEMA, STATED, Cells, Sheet, number_in, read_sheet
from sim.errors import CalibrationError, CalibrationProblemsError
from sim.evidence.coding import name_of
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.parameters import Parameter
from sim.inputs.views import Belief, View
from sim.text import printable, shown

NAME = re.compile("[a-z0-9-]{1,60}")
LEAST_WIDTH = 1e-3
"""Of a belief, in standard deviations of the prior: what is narrower is held, not believed."""
_SERIALS = range(30_000, 80_000)
"""What Excel keeps in place of days of our time."""


class Statement(NamedTuple):
    """What an analyst stated of a number.

    Attributes
    ----------
    name
        The number.
    low, middle, high
        Where the analyst has 10, 50 and 90 per cent below.
    why
        The reason; may be empty.
    belief
        The distribution that is fitted; None if the numbers are those of the model.
    kept
        Whether members keep the number, so that they can be weighed by it.
    """

    name: str
    low: float
    middle: float
    high: float
    why: str
    belief: Belief | None
    kept: bool


@dataclass(frozen=True)
class Analyst:
    """Somebody with beliefs about numbers of the model.

    Attributes
    ----------
    name
        An id.
    title
        Who it is, in words.
    path
        The sheet.
    view
        What is believed otherwise than the model has it; empty if nothing is.
    stated
        Row by row what was stated, in the order of the sheet; numbers that were left empty are left
        out.
    conflict
        Whose numbers.
    """

    name: str
    title: str
    path: Path
    view: View
    stated: tuple[Statement, ...]
    conflict: Conflict = field(default_factory=shipped, repr=False)

    @classmethod
    def open(cls, path: Path | str, conflict: Conflict | None = None) -> Analyst:
        """Read a sheet, TOML or Excel, as ``truce analysts new`` makes them.

        Parameters
        ----------
        path
            A file that ends in ``.toml`` or ``.xlsx``.
        conflict
            Whose numbers; those of the shipped one if None.

        Raises
        ------
        CalibrationError
            If the sheet cannot be used, naming every problem with its line or row.
        """
        path = Path(path)
        sheet = read_sheet(path)
        problems = [*sheet.problems, *_head_problems(sheet)]
        stated, wrong = _stated(sheet, conflict or shipped())
        problems += wrong
        if len(problems) == 1:
            raise problems[0]
        if problems:
            problems.sort(key=lambda one: _place(one.where))
            raise CalibrationProblemsError(name_of(path), [_within(path, one) for one in problems])
        beliefs = {one.name: one.belief for one in stated if one.belief}
        name = sheet.head["name"]
        option = shlex.join(["--analyst", path.as_posix()])
        view = View(name, "analyst", option, beliefs=beliefs)
        title = printable(sheet.head["title"]) or name
        return cls(name, title, path, view, stated, conflict or shipped())

    @property
    def notes(self) -> tuple[str, ...]:
        """What is in order and yet has to be known before the sheet is used."""
        apart = [one.name for one in self.stated if one.belief and not one.kept]
        if not apart:
            return ()
        calibrate = f"{self.conflict.truce} calibrate {self.view.option}"
        what = (
            f"Members do not keep {', '.join(apart)} as drawn, so that they cannot be weighed by "
        )
        return (f"{what}it: such a belief needs members of its own, made by {calibrate}.",)


def view_of(path: Path | str, conflict: Conflict | None = None) -> View:
    """Return the beliefs that a sheet states, as a calibration takes them.

    Raises
    ------
    CalibrationError
        If the sheet cannot be used.
    """
    return Analyst.open(path, conflict).view


def _place(where: str) -> int:
    """The line or the row that a place names; 0 if none."""
    named = re.findall(r", (?:line|sheet numbers, row) (\d+)", where)
    return int(named[-1]) if named else 0


def _within(path: Path, problem: CalibrationError) -> str:
    """A problem without the name of its file, which the first line of the message has."""
    return str(problem).removeprefix(name_of(path)).lstrip(",: ")


def _head_problems(sheet: Sheet) -> Iterator[CalibrationError]:
    head = sheet.head
    schema, name = (head[key] for key in HEAD[:2])
    if schema != SCHEMA:
        what = f"is {shown(schema)}." if schema else "is missing."
        yield head.error("schema", what, f"It must be '{SCHEMA}'.")
    if not NAME.fullmatch(name):
        what = f"{shown(name)} is no name." if name else "is missing."
        yield head.error("name", what, "Use up to 60 of a-z, 0-9 and '-'.")


# ------------------------------------------------------------------ rows


def _stated(
    sheet: Sheet, conflict: Conflict
) -> tuple[tuple[Statement, ...], list[CalibrationError]]:
    """Read all rows; those that state nothing are left out."""
    rows, kept = believable(conflict), weighable(conflict)
    found: list[Statement] = []
    problems: list[CalibrationError] = []
    first: dict[str, str] = {}
    for row in sheet.rows:
        name = row["name"].lower()
        if not name:
            todo = "Name the number; `truce parameters` lists them all."
            problems.append(row.error("name", "is empty.", todo))
            continue
        if name in first:
            what = f"{shown(name)} is there twice, first in {first[name]}."
            problems.append(row.error("name", what, "Keep one of them."))
        first.setdefault(name, row.row)
        why_not = refusal(name, conflict)
        if why_not:
            what, todo = why_not
            problems.append(row.error("name", f"{shown(name)} {what}", todo))
            continue
        stated, wrong = _statement(row, rows[name], name in kept)
        problems += wrong
        if stated:
            found.append(stated)
    return tuple(found), problems


def _statement(
    row: Cells, number: Parameter, kept: bool
) -> tuple[Statement | None, list[CalibrationError]]:
    """Read what a row states of a number; None if nothing, or nothing that can be used."""
    read = {name: number_in(row, name) for name in STATED}
    wrong = [value for value in read.values() if isinstance(value, CalibrationError)]
    given = {name: value for name, value in read.items() if isinstance(value, float)}
    empty = [name for name, value in read.items() if value is None]
    if empty and (given or wrong):
        todo = "Give all three, or none: then the number is as the model has it."
        wrong += [row.error(name, "is empty, and others are not.", todo) for name in empty]
    low, high = number.range
    for name, value in given.items():
        if not low < value < high:
            what = f"{value:g} is not within {low:g}..{high:g}, the ends left out."
            wrong.append(row.error(name, what, _outside_todo(value)))
    if wrong or not given:
        return None, wrong
    stated = given["low"], given["middle"], given["high"]
    if not stated[0] < stated[1] < stated[2]:
        what = f"low, middle and high are {stated[0]:g}, {stated[1]:g} and {stated[2]:g}: "
        todo = "Let them rise: one chance in ten below low, one in ten above high."
        return None, [row.error("", f"{what}they do not rise.", todo)]
    return _fitted(row, number, stated, kept)


def _outside_todo(value: float) -> str:
    if value.is_integer() and int(value) in _SERIALS:
        return "Excel took it for a day: format the cell as a number, and write it again."
    return "Choose a number in between."


def _fitted(
    row: Cells, number: Parameter, stated: Tenths, kept: bool
) -> tuple[Statement | None, list[CalibrationError]]:
    """Fit a belief to three numbers; those of the model, as they are shown, are its own."""
    own = prior_tenths(number)
    triples = zip(stated, as_shown(own), own, strict=True)
    low, middle, high = (exact if value == seen else value for value, seen, exact in triples)
    meant = low, middle, high
    if meant == own:
        return Statement(number.name, *own, row["why"], None, kept), []
    belief = Belief.of(number, *meant)
    widths = belief.centre, belief.below, belief.above
    if not all(map(math.isfinite, widths)) or min(widths[1:]) < LEAST_WIDTH:
        what = "no distribution can be fitted: the model's prior has next to nothing there, or the "
        what += f"three lie too close together (the model has {_shown(own)})."
        return None, [row.error("", what, "Move them, or change the prior in parameters.toml.")]
    return Statement(number.name, *meant, row["why"], belief, kept), []


def _shown(values: tuple[float, ...]) -> str:
    return ", ".join(map(shown_number, values))
