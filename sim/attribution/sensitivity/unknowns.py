"""What is not known of the members, asked in three ways that are never one.

*Were it otherwise*: each number is set to its tenth, then to its ninetieth percentile in all
members, and the worlds are run again. *If we learned it*: how much of what members disagree on
would go (`sim.attribution.shares`). *What knowing is worth before choosing*: by how much the odds
under the best choice rise, on average, if one learns a number first and then chooses (the expected
value of partial perfect information; Strong, Oakley and Brennan 2014, 'Estimating multiparameter
partial expected value of perfect information from a probabilistic sensitivity analysis sample').
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.attribution.groups import groups_of
from sim.attribution.numbers import numbers_of
from sim.attribution.sensitivity.levers import lineages
from sim.attribution.sensitivity.ranking import hits_by_member
from sim.attribution.shares import Shares, learned
from sim.engine.cases import consecutive
from sim.engine.domain import Outcome
from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError
from sim.experiments.differences import Difference, Flips
from sim.experiments.kernel import BATCH_WORLDS, Batch, Grid, Kernel, rows_of
from sim.experiments.otherwise import Otherwise, numbers_to_move
from sim.experiments.paired import tally_of
from sim.inputs.ensemble import Ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario
from sim.progress import Progress

ASKED = ("otherwise", "learned", "worth")
_FOLDS, _DEGREE, _SEED, _Z = 10, 3, 1, 1.959963984540054


# ------------------------------------------------------------------ were it otherwise


class Swing(NamedTuple):
    """What comes of a number at its tenth and at its ninetieth percentile in all members.

    Attributes
    ----------
    low, high
        The percentiles.
    at_low, at_high
        The odds there.
    difference
        From the low to the high one, in the same worlds.
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    difference: Difference


def otherwise(
    kernel: Kernel,
    scenario: Scenario,
    hits: Sequence[Outcome],
    worlds: int,
    progress: Progress | None = None,
) -> tuple[Swing, ...]:
    """Set each number to its tenth and ninetieth percentile; the largest difference first.

    Parameters
    ----------
    worlds
        Of each percentile of each number.

    Raises
    ------
    ScenarioError
        If no number differs between the percentiles.
    """
    ensemble = kernel.ensemble
    moves = numbers_to_move(ensemble.members, ensemble.starts, scenario.conflict.bloc_ids)
    if not moves:
        what = f"no number of the members of {ensemble.id} has percentiles that differ."
        raise ScenarioError("unknowns: otherwise", what, "Leave it out.")
    ends = [end for pair in moves for end in pair]
    total = len(ends) * worlds
    parts = kernel.run(_batches(scenario, ends, worlds, len(ensemble)), progress, total)
    cases = consecutive(0, worlds, len(ensemble))
    found = []
    for low, high in moves:
        rows = [rows_of(cases["world"], cases["member"], _whole(parts, worlds)) for _ in range(2)]
        flips = Flips(len(ensemble))
        flips.add(rows[0], rows[1], hits)
        before, after = (tally_of(each, len(ensemble)) for each in rows)
        at_low, at_high = (float(tally.hits(*hits).sum()) / worlds for tally in (before, after))
        difference = flips.difference(before, after, hits)
        found.append(Swing(low.name, low.value, high.value, at_low, at_high, difference))
    return tuple(sorted(found, key=lambda swing: -abs(swing.difference.mean)))


def _batches(
    scenario: Scenario, ends: Sequence[Otherwise], worlds: int, members: int
) -> Iterator[Batch]:
    plain = agenda(scenario).alone
    cases = consecutive(0, worlds, members)
    for end in ends:
        for first in range(0, worlds, BATCH_WORLDS):
            yield Batch(plain, cases[first : first + BATCH_WORLDS], end)


def _whole(parts: Iterator[NDArray[np.void]], worlds: int) -> NDArray[np.void]:
    """The next so many worlds, of one batch or of several."""
    found = [next(parts)]
    while sum(map(len, found)) < worlds:
        found.append(next(parts))
    return np.concatenate(found)


# ------------------------------------------------------------------ if we learned it


def of_groups(
    grid: Grid, hits: Sequence[Outcome], ensemble: Ensemble, scenario: Scenario
) -> Shares:
    """Share out what members disagree on to groups of numbers; the first policy of a grid."""
    counted, worlds = hits_by_member(grid, hits, len(ensemble))
    conflict = scenario.conflict
    units = {group.name: columns for group, columns in groups_of(conflict).items()}
    return learned(counted[0], worlds, ensemble, conflict, units)


# ------------------------------------------------------------------ what knowing is worth


class Worth(NamedTuple):
    """By how much the odds under the best choice rise if a number is learned before choosing.

    Attributes
    ----------
    mean, mc
        The gain with its 95 % interval. It may lie a little below 0 where nothing is gained.
    """

    name: str
    mean: float
    mc: tuple[float, float]


class Knowing(NamedTuple):
    """What knowing is worth before choosing among some policies.

    Attributes
    ----------
    choice
        The policy that is best on average.
    numbers
        By number, the largest gain first.
    everything
        What it is worth to know all of a member, as a bracket: chosen and measured on different
        luck, and on the same.
    """

    choice: int
    numbers: tuple[Worth, ...]
    everything: tuple[float, float]


def worth_of_knowing(
    grid: Grid, hits: Sequence[Outcome], ensemble: Ensemble, blocs: Sequence[str]
) -> Knowing:
    """Say what it is worth to learn each number before choosing among the policies of a grid.

    The odds under each policy are fitted along the number on nine tenths of the distinct members,
    and the policy that they favour is chosen for those in the tenth that is left. What it gains
    there over the one that is best on average over all members needs no fit, so that luck gains
    nothing: were the best of the nine tenths set against it, a number that says nothing would gain
    where two are nearly level, since what is worse in the nine tenths is better in the tenth.
    """
    counted, worlds = hits_by_member(grid, hits, len(ensemble))
    odds = counted / worlds
    choice = int(odds.mean(axis=1).argmax())
    fold = np.random.default_rng(_SEED).permutation(len(ensemble)) % _FOLDS
    line = lineages(ensemble)
    numbers = numbers_of(ensemble.members, ensemble.starts, blocs)
    found = [
        Worth(name, *_gain(odds, choice, values, fold[line], line))
        for name, values in numbers.items()
    ]
    found.sort(key=lambda one: -one.mean)
    return Knowing(choice, tuple(found), everything_known(grid, hits, choice))


def _gain(
    odds: Floats, choice: int, values: Floats, fold: Ints, line: Ints
) -> tuple[float, tuple[float, float]]:
    different, place, copies = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(copies) - 0.5 * (copies + 1))[place] / len(values)
    degree = min(_DEGREE, len(different) - 1)
    terms = np.polynomial.legendre.legvander(2.0 * rank - 1.0, degree)
    gained = np.zeros(odds.shape[1])
    for held_out in range(_FOLDS):
        out = fold == held_out
        fitted = np.linalg.lstsq(terms[~out], odds[:, ~out].T, rcond=None)[0]
        chosen = (terms[out] @ fitted).argmax(axis=1)
        rows = odds[:, out]
        gained[out] = rows[chosen, np.arange(rows.shape[1])] - rows[choice]
    mean = float(gained.mean())
    error = float(np.sqrt((np.bincount(line, gained - mean) ** 2).sum())) / len(gained)
    return mean, (mean - _Z * error, mean + _Z * error)


def everything_known(grid: Grid, hits: Sequence[Outcome], choice: int) -> tuple[float, float]:
    """Return what it is worth to know all of a member before choosing, as a bracket.

    The gain over one policy, if for each member the best is chosen by half of its luck and
    measured on the other half; and if it is chosen and measured on all of it.

    Parameters
    ----------
    grid
        With two worlds or more of each member that has any.
    choice
        The policy that is taken without knowing.
    """
    found = np.isin(grid.ended["outcome"], hits)
    turn = np.arange(len(grid.member)) % 2 == 0
    used, member = np.unique(grid.member, return_inverse=True)
    halves = [
        np.array([np.bincount(member[part], row[part], len(used)) for row in found])
        / np.maximum(1, np.bincount(member[part], minlength=len(used)))
        for part in (turn, ~turn)
    ]
    honest = np.mean(
        [
            np.take_along_axis(other, one.argmax(axis=0)[np.newaxis], axis=0).mean()
            - other[choice].mean()
            for one, other in (halves, halves[::-1])
        ]
    )
    both = (halves[0] + halves[1]) / 2.0
    return float(honest), float(both.max(axis=0).mean() - both[choice].mean())
