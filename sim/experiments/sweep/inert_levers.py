"""A first look at a sweep: what it does unseen, and whether it does anything at all."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import ScenarioError
from sim.experiments.axes import Axis, Point
from sim.experiments.design import Design
from sim.experiments.sweep.chunk import Recipe, run_point
from sim.inputs.block_numbers import block_of, set_by
from sim.inputs.ensemble import Ensemble
from sim.inputs.levers import DEFERRED, LEVERS
from sim.inputs.scenario import Scenario

PROBE_WORLDS = 256
SURE_WORLDS = 2048
"""So many worlds without a change, and the sweep is refused."""


def foreseen(scenario: Scenario, design: Design) -> list[str]:
    """Say what follows from the scenario alone: what is un-deferred, conceded, or changed later.

    Raises
    ------
    ScenarioError
        If a lever is varied that changes on day 1, or a block does not take a number.
    """
    levers = scenario.levers
    notes = []
    for axis in design.axes:
        if axis.lever not in LEVERS:
            _check_number(scenario, design, axis)
            continue
        name, conceded = axis.lever, axis.lever.replace("offer.", "concede.")
        if conceded != name and levers.get(conceded) is True and conceded not in design.levers:
            notes.append(f"{conceded} is true: what is conceded is not offered by {name}.")
        elif levers[name] == DEFERRED and DEFERRED not in axis.choices:
            notes.append(
                f"{name} is deferred in {scenario.name}; every point of this sweep puts it on the "
                "table, and none is the scenario as it stands."
            )
        days = [change.day for change in scenario.schedule if change.lever == name]
        if days and days[0] == 1:
            what = f"is varied, but {scenario.name} changes it on day 1."
            raise ScenarioError(f"vary.{name}", what, "Edit the change instead.")
        if days:
            notes.append(
                f"{scenario.name} changes {name} on day {days[0]}; the sweep sets it up to then."
            )
        notes += [
            f"{block} of {scenario.name} sets {name} once it is met; the sweep sets it up to then."
            for block, _ in set_by(scenario.blocks, name)
        ]
    return notes


def _check_number(scenario: Scenario, design: Design, axis: Axis) -> None:
    """Refuse values that a block does not take.

    Where several numbers of one block are varied, a point that means nothing is a row with its
    error.
    """
    _ = scenario.standing(axis.lever)  # a sweep tells of the scenario as it stands, too
    block, tried = block_of(axis.lever), axis.trial()
    if sum(lever not in LEVERS and block_of(lever) == block for lever in design.levers) == 1:
        for value in (tried[-1], *tried):
            scenario.with_levers({axis.lever: value})


def inert_levers(
    recipe: Recipe, ensemble: Ensemble, design: Design, today: Point, worlds: int
) -> list[str]:
    """Return the levers that change no column of any of the first worlds, whatever the others are.

    Each lever goes over its whole range while the others stand where they are today, all at the
    beginning, and all at the end of theirs.
    """
    inert = []
    for place, axis in enumerate(design.axes):
        if len(axis.trial()) < 2:
            continue  # of points that are given, all may have one value of a lever
        settings = {_with(others, place, None): others for others in _others(design, today)}
        moved = any(
            _moves(recipe, ensemble, axis, place, others, worlds) for others in settings.values()
        )
        if not moved:
            inert.append(axis.lever)
    return inert


def _others(design: Design, today: Point) -> Iterator[Point]:
    yield today
    for end in (0, -1):
        yield tuple(axis.trial()[end] for axis in design.axes)


def _with(point: Point, place: int, value: object) -> tuple[object, ...]:
    return (*point[:place], value, *point[place + 1 :])


def _moves(
    recipe: Recipe, ensemble: Ensemble, axis: Axis, place: int, others: Point, worlds: int
) -> bool:
    """Whether any column of any world changes while one lever goes over its range."""
    first = None
    for value in axis.trial():
        point = (*others[:place], value, *others[place + 1 :])
        try:
            rows = run_point(recipe, ensemble, point, 0, worlds).tobytes()
        except ScenarioError:
            continue  # numbers of a block that mean nothing together
        if first is not None and rows != first:
            return True
        first = rows
    return False


def look(
    recipe: Recipe,
    ensemble: Ensemble,
    design: Design,
    today: Point,
    notes: list[str],
    *,
    allowed: bool,
) -> list[str]:
    """Run a few worlds over the ranges, and say which levers change nothing.

    Parameters
    ----------
    notes
        What is known already, from `foreseen`; it may say why.

    Raises
    ------
    ScenarioError
        If nothing changes at all and that is not ``allowed``.
    """
    varied = sum(len(axis.trial()) > 1 for axis in design.axes)
    inert = inert_levers(recipe, ensemble, design, today, PROBE_WORLDS)
    if len(inert) < varied or not varied:
        return [f"{name} changes nothing in {PROBE_WORLDS} worlds tried." for name in inert]
    inert = inert_levers(recipe, ensemble, design, today, SURE_WORLDS)
    if len(inert) < varied:
        return []
    names = " and ".join(inert)
    what = f"the sweep is inert: no column of {SURE_WORLDS} worlds changes over the whole range of "
    what += f"{names}."
    if allowed:
        return [what]
    why = [*notes, "Something else must stand first, as a threat before its deadline."][0]
    todo = f"{why} Vary something else, or say --yes."
    raise ScenarioError("sweep", what, todo)
