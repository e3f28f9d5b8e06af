"""Why two scenarios differ: the difference of their odds, shared out to the levers that differ.

For each world the same levers are changed in every order, and what a lever adds is averaged over
the orders (its Shapley share). So the shares of a world sum to its difference, and their means to
the difference of the odds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from sim.attribution.why.result import Flipped, LeverShare, Pair, Why, with_flips
from sim.attribution.why.worlds import Alone, Block, Differences
from sim.engine.domain import Outcome, Side
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.experiments.compare import as_scenarios, paired
from sim.experiments.differences import Flips
from sim.experiments.how import How, work_of
from sim.experiments.kernel import rows_of
from sim.experiments.mixtures import Mixtures
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.setting import Setting
from sim.experiments.shapley import interaction_weights
from sim.inputs.ensemble import load_ensemble
from sim.inputs.scenario import Scenario
from sim.means import estimate_mean
from sim.outcomes import HAPPENING, check_outcome
from sim.progress import Progress, reported
from sim.tally import Tally

WHY_WORLDS = 32_768
"""Worlds of each mixture, eight of each member: with five levers +-.2 points."""


def differ(
    first: Scenario | str | Path,
    second: Scenario | str | Path,
    outcome: str = "held",
    **how: Unpack[How],
) -> Why:
    """Share out the difference of two scenarios to the levers that differ.

    Parameters
    ----------
    first, second
        Of one as-of day and one horizon.
    outcome
        One of the five outcomes, or `agreed`.
    **how
        As of `sim.experiments.how.How`; ``worlds`` of each mixture. Up to six levers, every mixture
        of them is run in every world; beyond, an order of the levers drawn for each world, and its
        reverse.

    Raises
    ------
    ScenarioError
        If an input cannot be used, no lever differs, or the outcome comes under neither.
    """
    chosen = paired(as_scenarios([first, second]))
    check_outcome(outcome)
    work = work_of(how, WHY_WORLDS)
    mixtures = Mixtures(*chosen)
    if not mixtures.names:
        one, two = (scenario.label for scenario in chosen)
        what = f"{one} and {two} set every lever alike on every day, and their blocks do the same: "
        what += "there is nothing to explain."
        raise ScenarioError("scenarios", what, "Name two that differ; `truce scenarios list`.")
    ensemble = load_ensemble(chosen[0].as_of, conflict=chosen[0].conflict)
    kernel = work.kernel(ensemble)
    setting = Setting.of(tuple(chosen), ensemble, work.seed, work.worlds)
    with kernel.to_the_end(), reported(work.progress, "worlds") as report:
        return _shared_out(Differences(kernel, mixtures, outcome, work.worlds), setting, report)


def _shared_out(work: Differences, setting: Setting, report: Progress | None) -> Why:
    """Run all mixtures and count them."""
    outcome, hits, worlds = work.outcome, check_outcome(work.outcome), work.worlds
    counts = _Counts(work.mixtures, work.exact, len(work.kernel.ensemble))
    for block in work.blocks(report):
        counts.add(block, hits)
    if not counts.happens(hits):
        what = f"in none of {worlds:,} worlds {HAPPENING[outcome]}, under either scenario."
        raise ScenarioError(f"outcome '{outcome}'", what, "Ask for another, or more worlds.")
    alone = counts.alone() if work.exact else work.flips_of(*counts.flipped())
    return Why(
        setting=setting,
        outcome=outcome,
        exact=work.exact,
        odds=tuple(tally.odds(*hits) for tally in counts.tallies),
        total=counts.flips.difference(*counts.tallies, hits),
        levers=counts.levers(alone),
        pairs=counts.interactions(),
        flips=Flipped.of(alone, counts.flips, worlds),
        worlds_run=work.worlds_run,
    )


class _Counts:
    """Sums over the worlds, by member, of what the levers add."""

    def __init__(self, mixtures: Mixtures, exact: bool, members: int) -> None:
        number = len(mixtures.names)
        self.mixtures, self.members = mixtures, members
        self.names = interaction_weights(number)[0] if exact else []
        self.tallies = Tally(members), Tally(members)
        self.flips = Flips(members)
        self.sums = np.zeros((2, members, number, 1 + len(Side)))
        self.together = np.zeros((2, members, len(self.names)))
        self._alone: list[Alone] = []
        self._flipped: list[tuple[Ints, NDArray[np.bool_]]] = []
        self._first = 0

    def add(self, block: Block, hits: tuple[Outcome, ...]) -> None:
        """Count the next worlds."""
        member, worlds = block.member, self._first + np.arange(len(block.member))
        self._first += len(worlds)
        first, second = (rows_of(worlds, member, ended) for ended in block.ends)
        for tally, ended in zip(self.tallies, block.ends, strict=True):
            np.add.at(tally.outcomes, (member, ended["outcome"]), 1)
        self.flips.add(first, second, hits)
        for power in range(2):
            np.add.at(self.sums[power], member, block.shares ** (1 + power))
            np.add.at(self.together[power], member, block.pairs ** (1 + power))
        before, after = (np.isin(ended["outcome"], hits) for ended in block.ends)
        flipped = before != after
        self._flipped.append((worlds[flipped], after[flipped]))
        if block.flips is not None:
            self._alone.append(block.flips)

    def happens(self, hits: tuple[Outcome, ...]) -> bool:
        """Whether the outcome came in any world."""
        return any(int(tally.hits(*hits).sum()) > 0 for tally in self.tallies)

    def flipped(self) -> tuple[Ints, NDArray[np.bool_]]:
        """Which worlds flip, and whether each gains the outcome."""
        worlds, gain = zip(*self._flipped, strict=True)
        return np.concatenate(worlds), np.concatenate(gain)

    def alone(self) -> Alone:
        """What each lever does alone in the worlds that flip, if every mixture was run."""
        return Alone(*(np.concatenate(each) for each in zip(*self._alone, strict=True)))

    # -------------------------------------------------------------- estimates

    def levers(self, alone: Alone) -> tuple[LeverShare, ...]:
        """The share of each lever, with what it does alone."""
        sides = self.mixtures.first.conflict.side_ids
        return tuple(
            with_flips(
                LeverShare(
                    lever,
                    *self.mixtures.told(lever),
                    self._mean(self.sums[:, :, n, 0]),
                    {side: self._mean(self.sums[:, :, n, 1 + k]) for k, side in enumerate(sides)},
                ),
                alone,
                n,
            )
            for n, lever in enumerate(self.mixtures.names)
        )

    def interactions(self) -> tuple[Pair, ...]:
        """What each two levers add together beyond what each adds alone."""
        levers = self.mixtures.names
        return tuple(
            Pair((levers[a], levers[b]), self._mean(self.together[:, :, n]))
            for n, (a, b) in enumerate(self.names)
        )

    def _mean(self, sums: Floats) -> Estimate:
        worlds = self.tallies[0].outcomes.sum(1)
        # a world more each way, so that few flips or none claim no certainty
        unseen = 2.0 / int(worlds.sum()) ** 2
        found = estimate_mean(sums[0], sums[1], worlds, self.members, unseen)
        assert found is not None
        assert found.mc is not None
        return Estimate(found.mean, found.mc)
