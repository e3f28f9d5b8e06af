"""`sim.redteam`: which single move of which actor takes most from a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

import numpy as np

from sim.attribution.redteam.moves import Tried, candidates_of
from sim.attribution.redteam.result import Exploit, RedTeam
from sim.attribution.redteam.search import Found, Last, search
from sim.engine.cases import consecutive
from sim.engine.domain import NONE, Outcome
from sim.engine.dtypes import Floats
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.errors import ScenarioError
from sim.experiments.compare import as_scenarios
from sim.experiments.how import How, work_of
from sim.experiments.kernel import Grid, Kernel
from sim.experiments.setting import Setting
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.outcomes import HAPPENING, check_outcome
from sim.progress import Progress, reported

REDTEAM_WORLDS = 65_536
"""Worlds of the last leg, sixteen of each member."""
MADE_WORLDS = 8_192
"""Worlds in which is looked whether a move was made: to a point."""


def redteam(scenario: Scenario | str | Path, outcome: str = "held", **how: Unpack[How]) -> RedTeam:
    """Find for each actor the single move, and its day, that takes most from a scenario's odds.

    Every move of `sim.attribution.redteam.moves.KINDS` is imposed on each of a few days, and runs
    beside the scenario on the same luck. The worst of each actor are run again on other luck, and
    the worst of those once more, so that no number owes anything to the luck that chose it.

    Parameters
    ----------
    scenario
        A scenario, its name or its path.
    outcome
        One of the five outcomes, or `agreed`.
    **how
        As of `sim.experiments.how.How`; ``worlds`` of the last leg (65,536). The screen runs a
        quarter as many under every move, the second leg half as many.

    Raises
    ------
    ScenarioError
        If an input cannot be used, the scenario allows no move, or the outcome never comes.

    Examples
    --------
    >>> import sim
    >>> found = sim.redteam("baseline", worlds=256)
    >>> sorted({one.actor for one in found.exploits})
    ['europe', 'russia', 'ukraine', 'us']
    """
    (chosen,) = as_scenarios([scenario])
    hits = check_outcome(outcome)
    work = work_of(how, REDTEAM_WORLDS)
    tried = candidates_of(chosen)
    ensemble = load_ensemble(chosen.as_of, conflict=chosen.conflict)
    kernel = work.kernel(ensemble)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        runs = _Runs(kernel, chosen, tried, report)
        found = search(runs, tried.candidates, hits, work.worlds, len(ensemble))
        _check_happens(found, hits, outcome, work.worlds)
        made = runs.made(found, min(MADE_WORLDS, work.worlds))
    setting = Setting.of((chosen,), ensemble, work.seed, work.worlds)
    sides = chosen.conflict.side_ids
    return RedTeam(
        setting=setting,
        outcome=outcome,
        odds=found.odds,
        exploits=tuple(
            _exploit(one, tried, sides, shares)
            for one, shares in zip(found.last, made, strict=True)
        ),
        screened=tuple(zip(tried.candidates, found.screened, strict=True)),
        ruled_out=tried.ruled_out,
    )


def _check_happens(found: Found, hits: Sequence[Outcome], outcome: str, worlds: int) -> None:
    if found.odds.mean or any(one.odds.mean for one in found.last):
        return
    what = f"in none of {worlds:,} worlds {HAPPENING[outcome]}, whatever the move."
    raise ScenarioError(f"outcome '{outcome}'", what, "Ask for another, or more worlds.")


def _exploit(one: Last, tried: Tried, sides: tuple[str, str], made: tuple[float, ...]) -> Exploit:
    candidate = tried.candidates[one.number]
    worth = dict(zip(sides, one.worth, strict=True))
    return Exploit(
        candidate.actor,
        candidate.move,
        candidate.day,
        candidate.words,
        made,
        one.odds,
        one.difference,
        worth,
    )


class _Runs:
    """Runs a scenario and some moves beside it."""

    def __init__(
        self, kernel: Kernel, scenario: Scenario, tried: Tried, report: Progress | None
    ) -> None:
        self.kernel, self.scenario, self.tried, self.report = kernel, scenario, tried, report
        self.agendas = [agenda(one) for one in tried.scenarios]
        self.plain = agenda(scenario)

    def __call__(self, numbers: Sequence[int], first: int, worlds: int) -> Grid:
        """Run the scenario, and behind it some candidates, in the same worlds."""
        chosen = [self.plain, *(self.agendas[number] for number in numbers)]
        return self.kernel.grid(chosen, worlds, first, self.report)

    def made(self, found: Found, worlds: int) -> list[tuple[float, ...]]:
        """Return for each move of the last leg in which shares of worlds its parts were made."""
        from sim.native import run_cases

        ensemble, shares = self.kernel.ensemble, []
        cases = consecutive(found.first_world, worlds, len(ensemble))
        workspace = new_workspace(ensemble.members, self.kernel.seed)
        for one in found.last:
            rows = np.zeros(worlds, ROW)
            agendas = self.agendas[one.number].alone
            run_cases(agendas, ensemble.members, ensemble.starts, cases, workspace, rows)
            own = slice(len(self.scenario.blocks), len(self.tried.scenarios[one.number].blocks))
            part: Floats = (rows["reaction_day"][:, own] != NONE).mean(0)
            shares.append(tuple(part.tolist()))
        return shares
