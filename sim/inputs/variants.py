"""Decisions of construction that a reader may doubt, a file each: ``calibration/variants/*.toml``.

A variant holds numbers of the model at one value, multiplies them, or gives them another prior. It
is the model in all else, and is asked for by the name of its file.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, Field

from sim.errors import CalibrationError, CalibrationProblemsError
from sim.inputs.conflict import Conflict
from sim.inputs.parameters import Parameter
from sim.inputs.tomlfile import FILE, check_table, read_toml
from sim.inputs.views import Belief, View
from sim.text import did_you_mean, near_name, printable, shown

TABLES = ("held", "times", "quantiles")
"""The tables of a file that change numbers, in the order in which a `View` takes them."""
NAME = re.compile("[a-z0-9-]{1,60}")
TAIL = 2.3263478740408408
"""Nine hundred and ninety of a thousand draws of a standard normal lie below it."""


@dataclass(frozen=True)
class Variant:
    """The model with one decision of its construction taken otherwise.

    Attributes
    ----------
    name
        The name of its file, without the ending.
    title
        What is otherwise, as a clause.
    why
        What a reader may doubt.
    ships
        Whether its ensemble of the newest day comes with the program.
    view
        The numbers that it takes otherwise; none if it is the model itself.
    """

    name: str
    title: str
    why: str
    ships: bool
    view: View


class _VariantFile(BaseModel):
    model_config = FILE
    schema_: Literal["truce/variant/1"] = Field(alias="schema")
    title: str = Field(min_length=1, max_length=120, description="what is otherwise, as a clause")
    why: str = Field(min_length=1, description="what a reader may doubt, in a sentence or two")
    ships: bool = Field(default=False, strict=True)
    held: dict[str, Any] = Field(default_factory=dict)
    times: dict[str, Any] = Field(default_factory=dict)
    quantiles: dict[str, Any] = Field(default_factory=dict)


# ------------------------------------------------------------------ all of a conflict


def variants_of(conflict: Conflict) -> dict[str, Variant]:
    """Return the variants of a conflict by name, in the order of the names.

    They lie in the folder ``variants`` beside its tables; there are none if there is no folder.
    Beside those that ship are the user's own, in ``./calibration/variants``, which go first.

    Raises
    ------
    CalibrationError
        Naming everything that is wrong with any of the files.
    """
    folders = [conflict.calibration / "variants"]
    if conflict.is_shipped:
        folders.append(Path("calibration/variants"))
    found = {folder.resolve(): folder for folder in reversed(folders)}  # the same, if run there
    read = functools.partial(_read_all, conflict, found.values())
    return conflict.once(("variants", *found), read)


def _read_all(conflict: Conflict, folders: Iterable[Path]) -> dict[str, Variant]:
    found: dict[str, Variant] = {}
    problems: list[CalibrationError] = []
    table = {row.name: row for row in conflict.parameters}
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        variant, wrong = _read(path, table)
        problems += wrong
        if variant:
            found.setdefault(variant.name, variant)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise CalibrationProblemsError("variants", [str(problem) for problem in problems])
    return dict(sorted(found.items()))


def variant_named(names: Iterable[str], conflict: Conflict) -> View:
    """Return one or several variants of a conflict at once, whatever their order.

    Raises
    ------
    CalibrationError
        If one is not there, naming those that are; if two contradict each other, naming both with
        what each has; or if a file cannot be used.
    """
    known = variants_of(conflict)
    chosen = []
    for name in sorted(set(names)):
        if name not in known:
            close = near_name(name, known)
            todo = f"Did you mean {close}? " if close else ""
            todo += f"There are: {', '.join(known)}." if known else "This conflict has none."
            raise CalibrationError("--variant", f"no variant is called {shown(name)}.", todo)
        chosen.append(known[name].view)
    for one, other in itertools.combinations(chosen, 2):
        one.with_other(other)  # of three, those two are named that contradict each other
    return functools.reduce(View.with_other, chosen)


# ------------------------------------------------------------------ one file


def _read(
    path: Path, table: Mapping[str, Parameter]
) -> tuple[Variant | None, list[CalibrationError]]:
    """Read a file, or list everything that is wrong with it."""
    where, name = printable(path.as_posix()), path.stem
    try:
        data, _ = read_toml(path, CalibrationError, where)
    except CalibrationError as error:
        return None, [error]
    file, problems = check_table(
        data, _VariantFile, CalibrationError, lambda key: f"{where}: {key}" if key else where
    )
    if not NAME.fullmatch(name):
        what = "has a name of other signs than a to z, 0 to 9 and '-', or of more than 60."
        problems.append(CalibrationError(where, what, "Rename it: the variant is called so."))
    numbers, wrong = _numbers(data, where, table)
    problems += wrong
    if problems or file is None:
        return None, problems
    view = View(name, "variant", f"--variant {name}", *(numbers[kind] for kind in TABLES))
    return Variant(name, file.title, file.why, file.ships, view), []


def _numbers(
    data: Mapping[str, Any], where: str, table: Mapping[str, Parameter]
) -> tuple[dict[str, dict[str, Any]], list[CalibrationError]]:
    """Return the numbers that a file takes otherwise, by table and name, and what is wrong."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in TABLES}
    problems: list[CalibrationError] = []
    places: dict[str, list[str]] = {}
    for kind in TABLES:
        for name, value in _flat(data.get(kind), table):
            places.setdefault(name, []).append(f"[{kind}]")
            try:
                row = _row(f"{where}: {kind}.{printable(name)}", name, table)
                found[kind][name] = _CHECKS[kind](f"{where}: {kind}.{name}", row, value)
            except CalibrationError as error:
                problems.append(error)
    for name, kinds in places.items():
        if len(kinds) > 1:
            what = f"stands in {' and in '.join(kinds)}."
            problems.append(CalibrationError(f"{where}: {printable(name)}", what, "Keep one."))
    return found, problems


def _flat(given: Any, table: Mapping[str, Parameter]) -> Iterator[tuple[str, Any]]:
    """Take `"resolve.r" = 1` and `resolve.r = 1` alike; what is no table is told elsewhere."""
    for name, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, dict) and value and name not in table:
            yield from ((f"{name}.{inner}", deep) for inner, deep in value.items())
        else:
            yield name, value


def _row(where: str, name: str, table: Mapping[str, Parameter]) -> Parameter:
    if name in table:
        return table[name]
    todo = did_you_mean(name, table, "`truce parameters` lists all.")
    raise CalibrationError(where, "the model has no such number.", todo)


def _held(where: str, row: Parameter, value: Any) -> float:
    low, high = row.range
    number = _number(where, value)
    if not low <= number <= high:
        what = f"{number:g} is outside the range of the number, {low:g}..{high:g}."
        raise CalibrationError(where, what, "Choose a value within it.")
    return number


def _times(where: str, row: Parameter, value: Any) -> float:
    low, high = row.range
    factor = _number(where, value)
    if not 0.0 < factor < math.inf:
        todo = "Give a number above 0; to hold the number at 0, write it into [held]."
        raise CalibrationError(where, f"{factor:g} is no factor.", todo)
    fixed = row.prior.fixed
    ends = row.from_scores(np.array([-TAIL, TAIL])).tolist() if fixed is None else [fixed]
    out = [factor * end for end in ends if not low <= factor * end <= high]
    if out:
        what = f"{factor:g} times its prior goes to {out[-1]:g}, beyond {low:g}..{high:g}."
        raise CalibrationError(where, what, "Choose a factor nearer to 1.")
    return factor


def _quantiles(where: str, row: Parameter, value: Any) -> Belief:
    low, high = row.range
    if row.prior.fixed is not None:
        what = f"the model has it fixed at {row.prior.fixed:g}, with no spread to be shifted."
        raise CalibrationError(where, what, "Hold it at one value instead, with [held].")
    if not isinstance(value, list) or len(value) != 3:
        todo = "Write the values below which 10, 50 and 90 % lie, as [0.1, 0.2, 0.4]."
        raise CalibrationError(where, f"{shown(value)} are not three numbers.", todo)
    ten, fifty, ninety = (_number(where, one) for one in value)
    if not low < ten < fifty < ninety < high:
        what = f"{ten:g}, {fifty:g}, {ninety:g} do not rise within the range {low:g}..{high:g}."
        raise CalibrationError(where, what, "Give three that do, none at an end.")
    belief = Belief.of(row, ten, fifty, ninety)
    shape = np.array([belief.centre, belief.below, belief.above])
    if not (np.isfinite(shape).all() and min(belief.below, belief.above) > 0.0):
        what = f"lies where the prior, {row.prior}, has nothing that could be shifted there."
        raise CalibrationError(where, what, "Give values nearer to the prior's.")
    return belief


_CHECKS: dict[str, Callable[[str, Parameter, Any], Any]] = {
    "held": _held,
    "times": _times,
    "quantiles": _quantiles,
}
"""By table of a file, what checks a number of it: called with the place, the row, the value."""


def _number(where: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CalibrationError(where, f"{shown(value)} is no number.", "Give one.")
    return float(value)
