"""What `truce scenarios` says of a scenario that is right and yet may not do what it seems to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.inputs.levers import Value
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_checks import THREATS, block_notes
from sim.inputs.scenario_file import find_scenario, same_name
from sim.text import printable


def notes_of(scenario: Scenario) -> list[str]:
    """Say which settings cannot act, and which blocks never fire or set themselves off."""
    return [*_idle(scenario), *_after_the_end(scenario), *block_notes(scenario)]


def notes_of_file(scenario: Scenario) -> list[str]:
    """Say the same, and what its file lacks: claims, an ensemble, a name of its own."""
    own = _set_by(scenario)
    unclaimed = [lever for lever in own if not scenario.claimed(lever)]
    return [
        *notes_of(scenario),
        *(f"{lever} is set and no claim says why." for lever in unclaimed),
        *_no_ensemble(scenario),
        *_two_of_a_name(scenario),
    ]


def _set_by(scenario: Scenario) -> list[str]:
    """The levers that a scenario sets on the first day or by a block, each once."""
    later = (name for block in scenario.when for name in block.levers)
    return [*dict.fromkeys([*scenario.own_levers, *later])]


def _values(scenario: Scenario, lever: str) -> list[Value]:
    """Every value that a lever can have on some day."""
    changes = [change.value for change in scenario.schedule if change.lever == lever]
    blocks = [block.levers[lever] for block in scenario.when if lever in block.levers]
    return [scenario.levers[lever], *changes, *blocks]


def _never(scenario: Scenario, *levers: str) -> bool:
    return not any(value for lever in levers for value in _values(scenario, lever))


# ------------------------------------------------------------------ levers that cannot act


def _idle(scenario: Scenario) -> Iterator[str]:
    for issue in ("nato", "recognition"):
        if not all(_values(scenario, f"concede.{issue}")):
            continue
        if scenario.levers[f"offer.{issue}"] != "deferred":
            yield (
                f"offer.{issue} is set, but concede.{issue} is true: what is conceded is not "
                "offered."
            )
        if f"mandate.{issue}" in scenario.own_levers and not _never(scenario, f"mandate.{issue}"):
            yield (
                f"mandate.{issue} is set, but concede.{issue} is true: nothing is left to concede."
            )
    own = _set_by(scenario)
    for lever, needs, why in _NEEDED:
        if lever in own and not _never(scenario, lever) and _never(scenario, *needs):
            are = "are" if len(needs) > 1 else "is"
            yield f"{lever} is set and changes nothing: {' and '.join(needs)} {are} 0, {why}."


_NEEDED = (
    ("sanctions.deadline_days", tuple(THREATS), "so that no threat falls due"),
    ("sanctions.commitment", (*THREATS, "sanctions.on_breach"), "so that there is no threat"),
    ("sanctions.us_follow_through", ("sanctions.us_threat",), "so that there is no threat"),
    ("sanctions.europe_follow_through", ("sanctions.europe_threat",), "so that there is no threat"),
    ("sanctions.relief_on_signature", ("sanctions.relief",), "so that there is no relief"),
)
"""Levers that act only if at least one of some others is above zero, and why."""


def _after_the_end(scenario: Scenario) -> Iterator[str]:
    """Threats that fall due for the first time after the horizon."""
    stood = {name: row.value for name, row in scenario.record.items()}
    for lever in THREATS:
        days = [1, *(change.day for change in scenario.schedule)]
        first = next((day for day in sorted(days) if scenario.levers_on(day)[lever]), None)
        if first is None:
            continue
        levers = scenario.levers_on(first)
        same = levers["sanctions.deadline_days"] == stood["sanctions.deadline_days"]
        if (
            first == 1 and same and float(levers[lever]) <= float(stood[lever])
        ):  # its clock runs already
            continue
        due = first - 1 + int(levers["sanctions.deadline_days"])
        if due > scenario.horizon_days:
            yield (
                f"{lever} falls due on day {due}, after the horizon of {scenario.horizon_days} "
                "days: it is never carried out."
            )


# ------------------------------------------------------------------ what is there beside it


def _no_ensemble(scenario: Scenario) -> Iterator[str]:
    days, day = scenario.conflict.ensemble_days(), scenario.as_of
    if day in days:
        return
    todo = f"{scenario.conflict.truce} calibrate --as-of {day}"
    near = ""
    if days:
        nearest = min(days, key=lambda one: abs(one - day))
        near = f", or run it with --as-of {nearest}, the nearest day that has one"
    yield f"there is no ensemble of {day}; make it before a run: {todo}{near}."


def _two_of_a_name(scenario: Scenario) -> Iterator[str]:
    path = Path(scenario.path)
    others = same_name(path, scenario.conflict)
    if others:
        names = " and ".join(printable(other.as_posix()) for other in others)
        taken = printable(find_scenario(path.stem, scenario.conflict).as_posix())
        yield f"{names} has the same name; 'truce run {printable(path.stem)}' takes {taken}."
