"""The rows of a question: members of a run or a comparison, points of a study, or both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.attribution.discover import worlds as run
from sim.attribution.discover.rows import Number, Rows, check_rows
from sim.attribution.discover.worlds import Asked, agendas_at, member_worlds, point_worlds
from sim.attribution.numbers import numbers_of
from sim.attribution.sensitivity.documents import Meanings
from sim.attribution.sensitivity.levers import lineages
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.experiments.kernel import Kernel
from sim.experiments.sweep.study import Study
from sim.inputs.block_numbers import setting_named
from sim.inputs.levers import DEFERRED, LEVERS, value_text
from sim.inputs.scenario import Scenario
from sim.progress import Progress

MOST_POINTS = 1_024
"""Of a larger study so many points are drawn."""
ROUNDS = 2
"""Points that each member is put to, one after the other, where both are searched."""
MEMBER, POINT, PAIR = "member", "point of the study", "pair of a member and a point"


class Put(NamedTuple):
    """Rows, and how many worlds of each policy they rest on, on each half of the luck."""

    rows: Rows
    worlds: int


# ------------------------------------------------------------------ members


def members(
    kernel: Kernel,
    scenarios: Sequence[Scenario],
    asked: Asked,
    worlds: int | None,
    report: Progress | None,
) -> Put:
    """Return a row a member, of a scenario, or of two of which the difference is asked about."""
    ensemble = kernel.ensemble
    check_rows(len(ensemble), MEMBER)
    number = member_worlds(worlds, len(ensemble))
    x, numbers = _unknowns(kernel, scenarios[0])
    first, second = run.of_members(kernel, scenarios, asked, number, report)
    groups = lineages(ensemble)
    shown = first.shown(asked), second.shown(asked)
    return Put(Rows(x, numbers, groups, *shown, MEMBER, asked.bound), number)


def _unknowns(kernel: Kernel, scenario: Scenario) -> tuple[Floats, tuple[Number, ...]]:
    """The numbers in which members differ, by member, and what each is."""
    ensemble, conflict = kernel.ensemble, scenario.conflict
    columns = numbers_of(ensemble.members, ensemble.starts, conflict.bloc_ids)
    meanings = Meanings(scenario)
    units = {row.name: row.unit for row in conflict.parameters}
    numbers = tuple(
        Number(
            name,
            _short(meanings.of(name)["meaning"]),
            _plain_unit(units.get(name, "")),
            yes_or_no=bool(np.isin(values, (0.0, 1.0)).all()),
        )
        for name, values in columns.items()
    )
    return np.column_stack(list(columns.values())), numbers


def _short(meaning: str) -> str:
    """A meaning up to what explains it further."""
    return meaning.partition(";")[0].strip()


def _plain_unit(unit: str) -> str:
    """A unit as it stands after a value; nothing if it is not one of plain words.

    >>> _plain_unit("1/day"), _plain_unit("stakes"), _plain_unit("1")
    ('per day', 'stakes', '')
    """
    words = f"per {unit[2:]}" if unit.startswith("1/") else unit
    return words if words.replace(" ", "").isalpha() else ""


# ------------------------------------------------------------------ points of a study


class Points(NamedTuple):
    """Points of a study: values of what is varied, and what the engine reads at each."""

    levers: tuple[str, ...]
    values: list[tuple[Any, ...]]
    agendas: list[Any]


def points_of(study: Study, seed: int) -> Points:
    """Return the points of a study, or `MOST_POINTS` that are drawn from a larger one.

    Points that the scenario cannot be set to, at which the study has an error, are left out.
    """
    design = study.design
    places = np.arange(len(design))
    if len(design) > MOST_POINTS:
        drawn = np.random.default_rng(seed).choice(len(design), MOST_POINTS, replace=False)
        places = np.sort(drawn)
    values = [design.block(int(place), int(place) + 1)[0] for place in places]
    there, agendas = agendas_at(study.scenario, design.levers, values)
    return Points(design.levers, [values[place] for place in there], agendas)


def levers(
    kernel: Kernel, study: Study, asked: Asked, worlds: int | None, report: Progress | None
) -> Put:
    """Return a row a point of a study, each over all members."""
    points = points_of(study, kernel.seed)
    count = len(points.values)
    _check_points(count)
    number = point_worlds(worlds, count)
    x, numbers = _varied(points, study.scenario)
    first, second = run.of_points(kernel, points.agendas, asked, number, report)
    names = tuple(_named(points.levers, value) for value in points.values)
    shown = first.labels(asked), second.labels(asked)
    return Put(Rows(x, numbers, np.arange(count), *shown, POINT, asked.bound, names), number)


def _check_points(count: int) -> None:
    check_rows(count, POINT.split(" ", maxsplit=1)[0])


def _named(names: Sequence[str], values: Sequence[Any]) -> str:
    return ", ".join(f"{name}={value_text(one)}" for name, one in zip(names, values, strict=True))


def _varied(points: Points, scenario: Scenario) -> tuple[Floats, tuple[Number, ...]]:
    """What is varied as numbers that can be ranked, shape (points, numbers), and what each is."""
    columns: list[Floats] = []
    numbers: list[Number] = []
    for name, values in zip(points.levers, zip(*points.values, strict=True), strict=True):
        for number, column in _columns(name, values, scenario):
            numbers.append(number)
            columns.append(column)
    return np.column_stack(columns), tuple(numbers)


def _columns(name: str, values: Sequence[Any], scenario: Scenario) -> list[tuple[Number, Floats]]:
    """A lever as one number, or a word's values as a yes or no each.

    Where an issue is deferred at some points, that stands below all its numbers, and is a yes or
    no besides.
    """
    lever = scenario.conflict.lever(name) if name in LEVERS else setting_named("discover", name)
    meaning, unit = _short(scenario.conflict.named(lever.meaning)), _plain_unit(lever.unit)
    if all(isinstance(value, bool) for value in values):
        column = np.array(values, float)
        return [(Number(name, meaning, yes_or_no=True), column)]
    words = sorted({value for value in values if isinstance(value, str)})
    found = [
        (
            Number(f"{name}:{word}", f"{meaning}, {word}", yes_or_no=True),
            np.array([value == word for value in values], float),
        )
        for word in words
    ]
    plain = [float(value) for value in values if not isinstance(value, str)]
    if not plain:
        return found
    below = min(plain) - 1.0 if DEFERRED in words else None
    column = np.array([below if value == DEFERRED else value for value in values], float)
    return [*found, (Number(name, meaning, unit, below), column)]


# ------------------------------------------------------------------ both


def both(
    kernel: Kernel, study: Study, asked: Asked, worlds: int | None, report: Progress | None
) -> Put:
    """Return a row a pair of a member and a point of a study.

    Each member is put to a point that is drawn for it, in as many rounds as there are worlds for.
    """
    points = points_of(study, kernel.seed)
    if not points.values:
        raise ScenarioError("discover", "the study has no point without an error.", "Mend it.")
    ensemble = kernel.ensemble
    size = len(ensemble)
    number = member_worlds(worlds or ROUNDS * run.LUCKS * size, size)
    rounds = number // (run.LUCKS * size)
    member: Ints = np.tile(np.arange(size), rounds)
    check_rows(len(member), PAIR.split(" ", maxsplit=1)[0])
    place = np.random.default_rng(kernel.seed).integers(len(points.values), size=len(member))
    first, second = run.of_pairs(kernel, points.agendas, (member, place), asked, report)
    at_point, varied = _varied(points, study.scenario)
    of_member, unknown = _unknowns(kernel, study.scenario)
    x = np.column_stack([at_point[place], of_member[member]])
    groups = lineages(ensemble)[member]
    shown = first.shown(asked), second.shown(asked)
    rows = Rows(x, (*varied, *unknown), groups, *shown, PAIR, asked.bound)
    return Put(rows, rounds * run.LUCKS * size)
