"""A scenario simulation engine for ceasefire outcomes.

>>> import sim
>>> scenario = sim.load_scenario("baseline")
>>> scenario.title
'Baseline'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim import plots as plots
    from sim.errors import CalibrationError as CalibrationError
    from sim.errors import EvidenceError as EvidenceError
    from sim.errors import ScenarioError as ScenarioError
    from sim.errors import SimError as SimError
    from sim.errors import StoreError as StoreError
    from sim.estimates import Odds as Odds
    from sim.experiments.compare import compare as compare
    from sim.experiments.sweep.run import sweep as sweep
    from sim.inputs.conflict import Conflict as Conflict
    from sim.inputs.scenario import Scenario as Scenario
    from sim.inputs.scenario import load_scenario as load_scenario
    from sim.montecarlo import run as run
    from sim.results import Results as Results

__version__ = "0.1.0"

_HOMES = {
    "CalibrationError": "errors",
    "Conflict": "inputs.conflict",
    "EvidenceError": "errors",
    "Odds": "estimates",
    "Results": "results",
    "Scenario": "inputs.scenario",
    "ScenarioError": "errors",
    "SimError": "errors",
    "StoreError": "errors",
    "compare": "experiments.compare",
    "load_scenario": "inputs.scenario",
    "run": "montecarlo",
    "sweep": "experiments.sweep.run",
}
__all__ = list(_HOMES) + ["plots"]  # noqa: RUF005


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import sim` stays quick."""
    if name in _HOMES:
        return getattr(import_module(f"sim.{_HOMES[name]}"), name)
    if name == "plots":
        return import_module("sim.plots")
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
