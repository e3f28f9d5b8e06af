"""What a scenario sets, in words that need no table of levers."""

from __future__ import annotations

from sim.brief.titles import titled
from sim.inputs.conflict import Conflict
from sim.inputs.levers import DEFERRED, LEVERS, Value
from sim.inputs.scenario import Scenario
from sim.plots.panels import word
from sim.plots.words import PER_CENT
from sim.text import counted, date_word, days_word

SHOWN = 3
"""So many settings of a scenario are told in a sentence."""
_NEAR = 0.06
"""How near a place on an issue's scale must be to what the scale says of it."""


def cases(every: list[Scenario]) -> str:
    """Say what each of a few scenarios sets."""
    return " ".join(f"{titled(one)}: {_sets(one)}." for one in every)


def _sets(scenario: Scenario) -> str:
    stood = {name: row.value for name, row in scenario.record.items()}
    levers = scenario.initial_levers
    moved = [name for name in LEVERS if levers[name] != stood[name]]
    told = [
        f"{put(scenario.conflict, name, levers[name])} (today {today(scenario, name)})"
        for name in moved[:SHOWN]
    ]
    more = len(moved) - SHOWN + len(scenario.schedule) if len(moved) > SHOWN else 0
    more = more or len(scenario.schedule)
    if more:
        told.append(f"{counted(more, 'more setting')}" if told else counted(more, "later setting"))
    if not told:
        return f"every lever as it stood on {date_word(scenario.as_of)}"
    return "; ".join(told)


def today(scenario: Scenario, name: str) -> str:
    """Write how a lever stood on the as-of day, in short."""
    text = value_words(scenario.conflict, name, scenario.record[name].value)
    return text.partition(f"{PER_CENT} of ")[0] + PER_CENT if f"{PER_CENT} of " in text else text


def put(conflict: Conflict, name: str, value: Value) -> str:
    """Write what a lever is set to, such as ``“arms supply to Ukraine” at 1.04 times ...``."""
    meaning = conflict.lever(name).meaning.partition(";")[0]
    at = "" if isinstance(value, bool) else "at "
    return f"“{meaning}” {at}{value_words(conflict, name, value)}"


def value_words(conflict: Conflict, name: str, value: Value) -> str:
    """Write a value of a lever in its unit, or as what it stands for on an issue's scale."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == DEFERRED:
        return "“left for later”"
    if isinstance(value, str):
        return value
    scale = conflict.issues.get(name.removeprefix("offer."))
    if name.startswith("offer.") and scale is not None:
        place = round(4 * value)
        near = "" if abs(value - place / 4) <= _NEAR else "near "
        return f"{word(value)} ({near}“{scale.anchors[place]}”)"
    unit = conflict.lever(name).unit
    if unit.startswith("share"):
        of = unit.removeprefix("share").split(",")[0]
        return f"{100.0 * value:.0f}{PER_CENT}{of}"
    if unit == "days":
        return days_word(round(value))
    if unit.startswith("multiple of"):
        return f"{word(value)} times {unit.removeprefix('multiple of ')}"
    return word(value)
