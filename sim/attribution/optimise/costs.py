"""What moving levers costs, to whom, as a user states it in a file.

A lever costs what its value costs, less what the value at which it stands would: leaving it alone
is free, and moving it the cheap way saves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sim.attribution.optimise.aims import COST
from sim.attribution.optimise.packages import Space, stands_at
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError, ScenarioProblemsError, SimError
from sim.inputs.block_numbers import kind_of, setting_named
from sim.inputs.conflict import Conflict
from sim.inputs.lever_kinds import Switch
from sim.inputs.levers import LEVERS, Value, value_text
from sim.inputs.scenario import Scenario
from sim.inputs.tomlfile import read_toml
from sim.text import shown

SCHEMA = "truce/costs/1"
EACH = "each"
"""In a table of what values cost: what each unit of a number costs."""


@dataclass(frozen=True)
class Costs:
    """What moving levers costs.

    Attributes
    ----------
    unit
        What is counted, such as ``billion euros``.
    paid
        By payer and lever, what each unit of it costs; or by value, with `EACH` for numbers.
    given
        The path of the file, if it was one.
    """

    unit: str
    paid: Mapping[str, Mapping[str, float | Mapping[str, float]]]
    given: str = field(default="", compare=False)

    @property
    def payers(self) -> tuple[str, ...]:
        """Those to whom something has a cost."""
        return tuple(self.paid)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, as `costs_of` reads it."""
        paid = {payer: dict(levers) for payer, levers in self.paid.items()}
        return {"schema": SCHEMA, "unit": self.unit, "cost": paid}

    def of(self, payer: str, lever: str, value: Value) -> float:
        """Return what a value of a lever costs a payer."""
        stated = self.paid[payer].get(lever, 0.0)
        by_value = stated if isinstance(stated, Mapping) else {EACH: stated, "true": stated}
        if type(value) is float:
            return value * float(by_value.get(EACH, 0.0))
        return float(by_value.get(value_text(value), 0.0))

    def of_packages(self, space: Space, rows: Ints) -> dict[str, Floats]:
        """Return what packages cost: each payer, and `COST`, the sum of all."""
        found = {}
        for payer in self.payers:
            total = np.zeros(len(rows))
            for lever, values, places in zip(space.levers, space.values, rows.T, strict=True):
                each = np.array([self.of(payer, lever, value) for value in values])
                total += (each - each[0])[places]
            found[f"cost_{payer}"] = total
        return {COST: sum(found.values(), np.zeros(len(rows))), **found} if found else {}


NO_COSTS = Costs("", {})


def costs_of(given: Path | str | Mapping[str, Any] | None, conflict: Conflict) -> Costs:
    """Read what moving levers costs.

    Parameters
    ----------
    given
        A TOML file, or its contents; None for no costs.

    Raises
    ------
    ScenarioError
        Telling all that is wrong with it.
    """
    if given is None:
        return NO_COSTS
    if isinstance(given, Mapping):
        where, path, document = "costs", "", given
    else:
        where = path = str(given)
        document = read_toml(Path(given), ScenarioError, where)[0]
    problems = [*_problems(document, conflict)]
    if len(problems) == 1:
        raise ScenarioError(where, problems[0])
    if problems:
        raise ScenarioProblemsError(where, problems)
    paid = {payer: levers for payer, levers in document["cost"].items() if levers}
    return Costs(str(document["unit"]), paid, path)


def payers_of(conflict: Conflict) -> dict[str, str]:
    """Return who can pay, and what each is called in a sentence."""
    ids = [conflict.mediator.id, *conflict.side_ids, conflict.facts.together.id]
    return {one: conflict.names[one] for one in ids}


def _problems(document: Mapping[str, Any], conflict: Conflict) -> list[str]:
    odd = [key for key in document if key not in ("schema", "unit", "cost")]
    found = [f"{shown(key)}: is not a key that belongs here. Remove it." for key in odd]
    if document.get("schema") != SCHEMA:
        found.append(f'schema: {shown(document.get("schema"))} is not known. Write "{SCHEMA}".')
    unit = document.get("unit")
    if not isinstance(unit, str) or not unit.strip():
        found.append('unit: says what is counted. Write such as unit = "billion euros".')
    tables = document.get("cost")
    if not isinstance(tables, Mapping) or not any(tables.values()):
        found.append("cost: nothing has a cost. Give a table for each payer, such as [cost.us].")
        return found
    payers = payers_of(conflict)
    for payer, levers in tables.items():
        where = f"cost.{payer}"
        if payer not in payers:
            found.append(f"{where}: nobody is called that. There are: {', '.join(payers)}.")
        elif not isinstance(levers, Mapping):
            found.append(f"{where}: is no table of levers. Write [{where}].")
        else:
            for lever, stated in levers.items():
                found += _lever_problems(f'{where}."{lever}"', lever, stated)
    return found


def _lever_problems(where: str, lever: str, stated: Any) -> list[str]:
    try:
        setting_named(where, lever)
    except SimError as error:
        return [str(error)]
    kind = kind_of(lever)
    by_value = stated if isinstance(stated, Mapping) else {EACH: stated}
    tried = (*kind.trial(), *kind.beside)
    words = [value_text(value) for value in tried if type(value) is not float]
    known = [*([EACH] if len(words) < len(tried) else []), *words]
    found = []
    for name, cost in by_value.items():
        plain = isinstance(kind, Switch) and name == EACH
        if name not in known and not plain:
            found.append(f"{where}: has no value {shown(name)}. There are: {', '.join(known)}.")
        elif isinstance(cost, bool) or not isinstance(cost, int | float) or not np.isfinite(cost):
            found.append(f"{where}: {shown(cost)} is no number. Give what a unit costs.")
    return found


def template(scenario: Scenario) -> str:
    """Return a commented file of costs to fill in, for the levers of a scenario."""
    lines = [
        "# What moving levers costs, and to whom. Take the # away from the lines that apply.",
        "# A number is what each unit of the lever costs. The cost of a package is counted from",
        "# where the levers stand: leaving a lever alone is free, and moving it down saves.",
        "# A switch costs what it says when it is on. A table states values one by one; a value",
        "# that is not listed costs nothing:",
        '#   "offer.territory" = { each = 2.0, deferred = 0.5 }',
        "",
        f'schema = "{SCHEMA}"',
        'unit = "points"  # what is counted: euros, votes, points of your own',
    ]
    for n, (payer, name) in enumerate(payers_of(scenario.conflict).items()):
        lines += ["", f"[cost.{payer}]  # what {name} pays"]
        lines += _levers(scenario) if n == 0 else ["# the same levers, as above"]
    return "\n".join(lines) + "\n"


def _levers(scenario: Scenario) -> list[str]:
    lines = []
    for name in LEVERS:
        lever, stands = scenario.conflict.lever(name), value_text(stands_at(scenario, name))
        word = next((one for one in lever.kind.trial() if isinstance(one, str)), None)
        cost = f"{{ {word} = 0.0 }}" if word else "0.0"
        lines += [f"# {lever.meaning} ({lever.described}); stands at {stands}"]
        lines += [f'# "{name}" = {cost}']
    return lines
