"""A scenario simulation engine for ceasefire outcomes.

>>> import sim
>>> scenario = sim.load_scenario("baseline")
>>> scenario.title
'Baseline'
"""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` has it, which takes as long to load as all else here
if TYPE_CHECKING:
    from typing import Any

    from sim import ledger as ledger
    from sim import plots as plots
    from sim.analysts.analyst import Analyst as Analyst
    from sim.attribution.discover.result import Discovery as Discovery
    from sim.attribution.explain import Explanation as Explanation
    from sim.attribution.explore.ask import explore as explore
    from sim.attribution.explore.result import Explored as Explored
    from sim.attribution.influence import influence as influence
    from sim.attribution.influence_result import Influence as Influence
    from sim.attribution.optimise.ask import optimise as optimise
    from sim.attribution.optimise.result import Optimised as Optimised
    from sim.attribution.redteam.ask import redteam as redteam
    from sim.attribution.redteam.result import RedTeam as RedTeam
    from sim.attribution.sensitivity.ask import sensitivity as sensitivity
    from sim.attribution.sensitivity.result import Sensitivity as Sensitivity
    from sim.attribution.timeline import Timeline as Timeline
    from sim.attribution.timeline import timeline as timeline
    from sim.attribution.update.ask import update as update
    from sim.attribution.update.result import Update as Update
    from sim.attribution.views.ask import views as views
    from sim.attribution.views.result import Views as Views
    from sim.attribution.watch.ask import watch as watch
    from sim.attribution.watch.result import Watch as Watch
    from sim.attribution.why.one_world import OneWorld as OneWorld
    from sim.attribution.why.result import Why as Why
    from sim.brief.make import brief as brief
    from sim.catalog import discover as discover
    from sim.catalog import explain as explain
    from sim.catalog import open_result as open  # noqa: A004, F401
    from sim.catalog import replay as replay
    from sim.catalog import why as why
    from sim.errors import CalibrationError as CalibrationError
    from sim.errors import EvidenceError as EvidenceError
    from sim.errors import ScenarioError as ScenarioError
    from sim.errors import SimError as SimError
    from sim.errors import StoreError as StoreError
    from sim.estimates import Odds as Odds
    from sim.experiments.compare import compare as compare
    from sim.experiments.comparison import Comparison as Comparison
    from sim.experiments.sweep.run import sweep as sweep
    from sim.experiments.sweep.study import Study as Study
    from sim.inputs.scenario import Scenario as Scenario
    from sim.inputs.scenario import load_scenario as load_scenario
    from sim.montecarlo import run as run
    from sim.opened import Conflict as Conflict
    from sim.results import Results as Results

__version__ = "0.1.0"

_HOMES = {
    "Analyst": "analysts.analyst.Analyst",
    "CalibrationError": "errors.CalibrationError",
    "Comparison": "experiments.compare.Comparison",
    "Conflict": "opened.Conflict",
    "Discovery": "attribution.discover.result.Discovery",
    "EvidenceError": "errors.EvidenceError",
    "Explanation": "attribution.explain.Explanation",
    "Explored": "attribution.explore.result.Explored",
    "Influence": "attribution.influence_result.Influence",
    "Odds": "estimates.Odds",
    "OneWorld": "attribution.why.one_world.OneWorld",
    "Optimised": "attribution.optimise.result.Optimised",
    "RedTeam": "attribution.redteam.result.RedTeam",
    "Results": "results.Results",
    "Scenario": "inputs.scenario.Scenario",
    "ScenarioError": "errors.ScenarioError",
    "Sensitivity": "attribution.sensitivity.result.Sensitivity",
    "SimError": "errors.SimError",
    "StoreError": "errors.StoreError",
    "Study": "experiments.sweep.study.Study",
    "Timeline": "attribution.timeline.Timeline",
    "Update": "attribution.update.result.Update",
    "Views": "attribution.views.result.Views",
    "Watch": "attribution.watch.result.Watch",
    "Why": "attribution.why.result.Why",
    "compare": "experiments.compare.compare",
    "discover": "catalog.discover",
    "explain": "catalog.explain",
    "explore": "attribution.explore.ask.explore",
    "influence": "attribution.influence.influence",
    "load_scenario": "inputs.scenario.load_scenario",
    "open": "catalog.open_result",
    "optimise": "attribution.optimise.ask.optimise",
    "redteam": "attribution.redteam.ask.redteam",
    "replay": "catalog.replay",
    "run": "montecarlo.run",
    "sensitivity": "attribution.sensitivity.ask.sensitivity",
    "sweep": "experiments.sweep.run.sweep",
    "timeline": "attribution.timeline.timeline",
    "update": "attribution.update.ask.update",
    "views": "attribution.views.ask.views",
    "watch": "attribution.watch.ask.watch",
    "why": "catalog.why",
}
_PACKAGES = ("brief", "ledger", "plots")
__all__ = list(_HOMES) + list(_PACKAGES)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `import sim` stays quick."""
    if name in _HOMES:
        from importlib import import_module

        module, _, attribute = _HOMES[name].rpartition(".")
        return getattr(import_module(f"sim.{module}"), attribute)
    if name in _PACKAGES:
        from importlib import import_module

        return import_module(f"sim.{name}")
    raise AttributeError(f"module 'sim' has no attribute '{name}'")


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
