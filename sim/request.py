"""What was asked for, as plain data and as a line of Python that asks for it again.

Manifests keep both: the data under ``request``, the line under ``command``. Command lines of
`truce` are made from the same data, by `sim.commands`.
"""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sim.inputs.scenario import Scenario

Request = Mapping[str, Any]


def scenario_request(scenario: Scenario) -> dict[str, Any]:
    """Return how a scenario is asked for again: its name or path, its day, and what was set.

    The day stands there even if nobody gave it, since a newer ensemble would bring another.
    """
    return {
        "name": scenario.given,
        "as_of": scenario.as_of.isoformat(),
        "horizon_days": scenario.horizon_days if scenario.horizon_given else None,
        "overrides": dict(scenario.overrides),
        "data": scenario.conflict.folder,
    }


def worlds_request(
    scenarios: Sequence[Scenario], worlds: int, precision: float | None, seed: int
) -> dict[str, Any]:
    """Return what a run or a comparison was asked for; without ``worlds`` if by precision."""
    return {
        "scenarios": [scenario_request(scenario) for scenario in scenarios],
        "worlds": worlds if precision is None else None,
        "precision": precision,
        "seed": seed,
    }


def in_python(asked: Request) -> str:
    """Write the call that makes a scenario again, from the data of `scenario_request`."""
    words = [repr(asked["name"]), f"as_of={dt.date.fromisoformat(asked['as_of'])!r}"]
    if asked["horizon_days"] is not None:
        words.append(f"horizon_days={asked['horizon_days']}")
    if asked["data"] is not None:
        words.append(f"conflict=sim.Conflict({asked['data']!r})")
    call = f"sim.load_scenario({', '.join(words)})"
    overrides = dict(asked["overrides"])
    return f"{call}.with_levers({overrides!r})" if overrides else call


def size_in_python(request: Request) -> str:
    """Write the arguments that say how many worlds to run, and on what luck."""
    size = f"worlds={request['worlds']}"
    if request["precision"] is not None:
        size = f"precision={request['precision']!r}"
    return f"{size}, seed={request['seed']}"


def python_command(statement: str) -> str:
    """Return a line for a shell that runs one statement of Python."""
    return shlex.join(["python", "-c", f"import datetime, sim; {statement}"])
