"""`sim.sensitivity`: what matters for the odds of a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from sim.attribution.sensitivity.best import best_shares
from sim.attribution.sensitivity.documents import (
    Meanings,
    learned_document,
    otherwise_document,
    ranking_document,
    worth_document,
)
from sim.attribution.sensitivity.levers import Levers, lineages
from sim.attribution.sensitivity.ranking import WORLDS_A_MEMBER, rivals
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.sensitivity.tornado import tornado
from sim.attribution.sensitivity.unknowns import ASKED, of_groups, otherwise, worth_of_knowing
from sim.attribution.shares import FEWEST as FEWEST_TO_LEARN
from sim.engine.domain import Outcome
from sim.errors import ScenarioError, check_whole
from sim.estimates import FEWEST_MEMBERS
from sim.experiments.axes import Axis, Spec, axes_of
from sim.experiments.compare import as_scenarios, paired
from sim.experiments.how import How, work_of
from sim.experiments.kernel import Grid, Kernel
from sim.experiments.sensitivity.draws import Function
from sim.experiments.sensitivity.jackknife import FEWEST_BLOCKS
from sim.experiments.sensitivity.sobol import FEWEST_RUNS, MOST_RUNS, sobol_of_function
from sim.experiments.setting import Setting
from sim.inputs.ensemble import Ensemble, load_ensemble
from sim.inputs.levers import LEVERS, Value
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.outcomes import HAPPENING, check_outcome
from sim.progress import Progress, reported
from sim.text import counted, shown

TORNADO_WORLDS = 12_288
"""Worlds at each end of each lever, three of each member."""
OTHERWISE_WORLDS = 8_192
"""Worlds at each percentile of each number, two of each member."""
SOBOL_RUNS = 2**19
"""Single worlds, 128 of each member: as many as give intervals that hold for these members."""
SPLIT_SAMPLES, DICE_SAMPLES = 2**14, 2**14
FEWEST_TO_PAIR = 2 * FEWEST_BLOCKS
"""Different members with which two of each block can be paired."""


class HowMany(How, total=False):
    """What `sensitivity` takes beside its question; ``runs`` of single worlds."""

    runs: int


def sensitivity(
    scenario: Scenario | str | Path | None = None,
    vary: Mapping[str, Spec] | None = None,
    *,
    unknowns: str | Sequence[str] = (),
    dice: bool = False,
    rank: Sequence[Scenario | str | Path] = (),
    outcome: str = "held",
    function: Function | None = None,
    **how: Unpack[HowMany],
) -> Sensitivity:
    """Say what matters for the odds of a scenario: levers, unknowns, luck, and for a ranking.

    Without more, each lever alone is moved from where it stands to its ends (a tornado). All that
    is asked beside it is run beside it.

    Parameters
    ----------
    scenario
        A scenario, its name or its path.
    vary
        Levers over ranges, as of `sim.sweep`: then Sobol indices and Shapley shares of these, and
        the split of what decides one world in five. They hold for these ranges only.
    unknowns
        What to ask of what is not known, of `otherwise`, `learned` and `worth`; the last needs
        ``rank``.
    dice
        Whether to share out what luck decides to groups of dice.
    rank
        Scenarios to rank with the first: in how many members each is best, and what turns that.
    outcome
        One of the five outcomes, or `agreed`.
    function
        In place of a scenario, a vectorised function of points, shape (n, levers), in the order
        and the units of ``vary``, and luck, shape (n,), uniform in (0, 1), that returns 0 or 1,
        shape (n,). Then only the shares of what is varied are found.
    **how
        As of `sim.experiments.how.How`; ``worlds`` (12,288 at each end of each lever); and
        ``runs``, single worlds for the shares of what is varied.

    Raises
    ------
    SimError
        If an input cannot be used, or the outcome never comes.

    Examples
    --------
    >>> import sim
    >>> found = sim.sensitivity("baseline", worlds=256)
    >>> found.tornado[0].lever.split(".")[0] in {"offer", "mandate", "front", "aid", "sanctions"}
    True
    """
    runs = check_whole("runs", how.pop("runs", SOBOL_RUNS), FEWEST_RUNS, MOST_RUNS)
    work = work_of(how, TORNADO_WORLDS)
    if function is not None:
        if scenario is not None or unknowns or dice or rank:
            what = "is given together with what only a scenario has."
            raise ScenarioError("function", what, "Give vary, runs and seed with it, no more.")
        return _of_function(function, vary, runs, work.seed)
    if scenario is None:
        what = "neither a scenario nor a function is given."
        raise ScenarioError("sensitivity", what, 'Write sim.sensitivity("baseline").')
    chosen = as_scenarios([scenario, *_listed(rank)])
    if len(chosen) > 1:
        _check_different(paired(chosen))
    first = chosen[0]
    asked = _Asked(
        tuple(chosen),
        _axes(vary, first),
        _unknowns(unknowns, len(chosen)),
        dice,
        outcome,
        work.worlds,
        runs,
    )
    check_outcome(outcome)
    ensemble = load_ensemble(first.as_of, conflict=first.conflict)
    asked.check_members(ensemble)
    kernel = work.kernel(ensemble)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        return asked.found(kernel, report)


# ------------------------------------------------------------------ what is asked


def _listed(rank: Any) -> list[Any]:
    if isinstance(rank, str | bytes) or not isinstance(rank, Sequence):
        what = f"{shown(str(rank))} is no list of scenarios."
        raise ScenarioError("rank", what, 'Give a list, such as ["us-backstop"].')
    return list(rank)


def _check_different(scenarios: Sequence[Scenario]) -> None:
    """Refuse scenarios between which there is no order, or that nobody could tell apart."""
    for n, one in enumerate(scenarios):
        for other in scenarios[:n]:
            if _course(one) == _course(other) and one.blocks == other.blocks:
                what = f"{one.label} sets every lever as {other.label} does, on every day."
                raise ScenarioError("rank", what, "Name each policy once.")
            if one.label == other.label:
                what = f"two that differ are called {one.label}."
                raise ScenarioError("rank", what, "Give one of the files another name.")


def _course(scenario: Scenario) -> list[tuple[int, dict[str, Value]]]:
    """The values of all levers, with the day from which they hold."""
    days = sorted({0, *(change.day for change in scenario.schedule)})
    found: list[tuple[int, dict[str, Value]]] = []
    for day in days:
        levers = scenario.levers_on(day)
        if not found or found[-1][1] != levers:
            found.append((day, levers))
    return found


def _axes(vary: Mapping[str, Spec] | None, scenario: Scenario) -> tuple[Axis, ...]:
    if not vary:
        return ()
    with scenario.conflict.named_errors():
        axes = axes_of(vary, "sobol")
    for axis in axes:
        if axis.lever not in LEVERS:
            what = "is a number of a block, and shares are found of levers alone."
            raise ScenarioError(f"vary.{axis.lever}", what, "Vary it with sweep.")
    return axes


def _unknowns(unknowns: str | Sequence[str], scenarios: int) -> tuple[str, ...]:
    given = [unknowns] if isinstance(unknowns, str) else list(unknowns)
    for word in given:
        if word not in ASKED:
            what = f"{shown(str(word))} is no question."
            raise ScenarioError("unknowns", what, f"There are: {', '.join(ASKED)}.")
    if "worth" in given and scenarios < 2:
        what = "asks what knowing is worth before choosing, and there is one scenario."
        raise ScenarioError("unknowns: worth", what, "Name others to choose from: --rank.")
    return tuple(word for word in ASKED if word in given)


@dataclass(frozen=True)
class _Asked:
    """What is asked, checked."""

    scenarios: tuple[Scenario, ...]
    axes: tuple[Axis, ...]
    unknowns: tuple[str, ...]
    dice: bool
    outcome: str
    worlds: int
    runs: int

    @property
    def hits(self) -> tuple[Outcome, ...]:
        return check_outcome(self.outcome)

    def check_members(self, ensemble: Ensemble) -> None:
        """Refuse what an ensemble has too few members for.

        Raises
        ------
        ScenarioError
            If it has.
        """
        needed = {
            "vary": FEWEST_TO_PAIR if self.axes else 0,
            "dice": FEWEST_TO_PAIR if self.dice else 0,
            "unknowns: otherwise": 2 if "otherwise" in self.unknowns else 0,
            "unknowns: learned": FEWEST_TO_LEARN if "learned" in self.unknowns else 0,
            "rank": FEWEST_MEMBERS if len(self.scenarios) > 1 else 0,
        }
        there = int(lineages(ensemble).max()) + 1
        for part, fewest in needed.items():
            if there < fewest:
                what = f"the ensemble {ensemble.id} has {counted(there, 'different member')}, and "
                what += f"{fewest:,} are needed."
                raise ScenarioError(part, what, "Leave it out, or make an ensemble of more.")

    def request(self) -> dict[str, Any]:
        """What was asked beside scenarios and seed, as plain data."""
        return {
            "vary": [axis.as_dict() for axis in self.axes],
            "unknowns": list(self.unknowns),
            "dice": self.dice,
            "rank": [scenario.label for scenario in self.scenarios[1:]],
            "outcome": self.outcome,
            "worlds": self.worlds,
            "runs": self.runs,
        }

    def found(self, kernel: Kernel, report: Progress | None) -> Sensitivity:
        """Run all that is asked."""
        first, hits = self.scenarios[0], self.hits
        odds, bars = tornado(kernel, first, hits, self.worlds, report)
        if not any(one.odds.mean for bar in bars for one in bar.ends) and not odds.mean:
            what = (
                f"in none of {self.worlds:,} worlds {HAPPENING[self.outcome]}, whatever the lever."
            )
            raise ScenarioError(
                f"outcome '{self.outcome}'", what, "Ask for another, or more worlds."
            )
        parts = {**self._of_levers(kernel, report), **self._of_members(kernel, report)}
        setting = Setting.of(self.scenarios, kernel.ensemble, kernel.seed, self.worlds)
        return Sensitivity(setting, self.outcome, odds, bars, parts, self.request())

    def _of_levers(self, kernel: Kernel, report: Progress | None) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        levers = Levers(kernel, self.scenarios[0], self.axes, self.hits)
        if self.axes:
            shares = levers.sobol(self.runs, report)
            parts["sobol"], parts["sobol_method"] = shares.as_dict(), shares.method()
            parts["split"] = levers.split(SPLIT_SAMPLES, report).as_dict()
        if self.dice:
            parts["dice"] = levers.dice(DICE_SAMPLES, report).as_dict()
        return parts

    def _of_members(self, kernel: Kernel, report: Progress | None) -> dict[str, Any]:
        first, hits, ensemble = self.scenarios[0], self.hits, kernel.ensemble
        parts: dict[str, Any] = {}
        unknowns: dict[str, Any] = {}
        meanings = Meanings(first)
        if "otherwise" in self.unknowns:
            swings = otherwise(kernel, first, hits, OTHERWISE_WORLDS, report)
            unknowns["otherwise"] = otherwise_document(swings, meanings)
        if len(self.scenarios) > 1 or "learned" in self.unknowns:
            grid = self._grid(kernel, report)
            blocs = first.conflict.bloc_ids
        if "learned" in self.unknowns:
            shares = of_groups(grid, hits, ensemble, first)
            unknowns["learned"] = learned_document(shares, first)
        if "worth" in self.unknowns:
            knowing = worth_of_knowing(grid, hits, ensemble, blocs)
            unknowns["worth"] = worth_document(knowing, self.scenarios, meanings)
        if len(self.scenarios) > 1:
            leader, others = rivals(grid, hits, ensemble, blocs)
            best = best_shares(grid, hits, len(ensemble))
            parts["ranking"] = ranking_document(best, leader, others, self.scenarios, meanings)
        return {**({"unknowns": unknowns} if unknowns else {}), **parts}

    def _grid(self, kernel: Kernel, report: Progress | None) -> Grid:
        """Enough worlds of each member under each scenario to speak of members."""
        worlds = WORLDS_A_MEMBER * len(kernel.ensemble)
        return kernel.grid([agenda(one) for one in self.scenarios], worlds, 0, report)


def _of_function(
    function: Function, vary: Mapping[str, Any] | None, runs: int, seed: int
) -> Sensitivity:
    found = sobol_of_function(function, vary or {}, runs=runs, seed=seed)
    parts = {"sobol": found.as_dict(), "sobol_method": found.method()}
    return Sensitivity(None, "1", None, (), parts, {"runs": runs, "seed": seed})
