"""What is drawn: lever points, pairs of members from one block, and addresses of luck.

All draws come from one generator, so that a seed gives the same design on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError

BLOCKS = 64
"""How many blocks of members are left out one by one, unless the caller says."""

Axes = Mapping[str, int]
"""By name of an axis, how many choices it has, equally likely; 0 for a range."""
Run = Callable[[Floats, Ints, Ints], NDArray[np.generic]]
"""Returns outcomes, 0 or 1, of shape (n,), and is given for each run

- shares of the way along each axis, shape (n, axes), 0 <= share < 1; of a list of k choices it is
  the one at ``int(share * k)``;
- the member, shape (n,);
- the world, shape (n,): an address of luck. Runs with the same address meet the same luck.
"""
Function = Callable[[Floats, Floats], NDArray[np.generic]]
"""Returns outcomes, 0 or 1, of shape (n,), of points in the units of the axes, shape (n, axes), and
luck, shape (n,), uniform in (0, 1)."""
Vary = Mapping[str, "tuple[float, float] | Sequence[float]"]
"""By name of an axis, a tuple ``(low, high)``, or a list of values."""
Progress = Callable[[int, int], None]
"""Called with the number of runs that are done and the number of all."""


class Members(NamedTuple):
    """Members in blocks, so that one block can be left out without a trace in the others.

    Attributes
    ----------
    block
        By member, the number of its block.
    lineage
        By member, the number of its lineage. Members that are copies of each other have the same;
        they must lie in one block and never meet in a pair.
    """

    block: Ints
    lineage: Ints


def members_in_blocks(lineage: Ints, blocks: int = BLOCKS) -> Members:
    """Deal lineages to blocks, so that copies stay together and blocks are about equally large.

    They are dealt in a shuffled order, always the same. Each block gets two lineages or more, so
    that there may be fewer blocks than were asked for.

    Parameters
    ----------
    lineage
        By member, the number of its lineage; ``np.arange(members)`` if none is a copy.
    """
    line, sizes = np.unique(lineage, return_inverse=True, return_counts=True)[1:]
    shuffled = np.random.default_rng(0).permutation(len(sizes))
    block = np.empty(len(sizes), np.int64)
    filled = np.zeros(max(1, min(blocks, len(sizes) // 2)), np.int64)
    for one in shuffled[np.argsort(-sizes[shuffled], kind="stable")].tolist():
        block[one] = filled.argmin()
        filled[block[one]] += sizes[one]
    # a lineage that fills a block alone shares with the smallest
    for alone in np.flatnonzero(np.bincount(block) == 1).tolist():
        others = np.where(np.arange(len(filled)) == alone, filled.sum(), filled)
        block[block == alone] = others.argmin()
        filled[others.argmin()] += filled[alone]
        filled[alone] = filled.sum()
    block = np.unique(block, return_inverse=True)[1]
    return Members(block[line], line.astype(np.int64))


class Pairs(NamedTuple):
    """Two members for each sample, and the groups that are left out one by one.

    Attributes
    ----------
    first, second
        Members, shape (samples,).
    sizes
        By group, how many samples it has; they lie one group after the other. A group is a block
        of members, or a turn of all of them.
    """

    first: Ints
    second: Ints
    sizes: Ints

    def spans(self) -> list[slice]:
        """Return the samples of each group."""
        stops = np.cumsum(self.sizes).tolist()
        return [slice(a, b) for a, b in zip([0, *stops[:-1]], stops, strict=True)]


def draw_pairs(
    rng: np.random.Generator, members: Members | None, samples: int, *, by_turns: bool = False
) -> Pairs:
    """Draw two different members of one block for each sample.

    Each member comes first equally often, as far as the number of samples allows. Without members
    each world is a member of its own, numbered as its address of luck is: 2 i and 2 i + 1.

    Parameters
    ----------
    by_turns
        Whether a group of samples is a turn of all members, or some turns, rather than a block of
        members; ``samples`` must be whole turns. All groups have the same members then, so that
        errors are those for these members: between groups only points and luck differ.

    Raises
    ------
    ScenarioError
        If a block has no two members that are not copies of each other.
    """
    if members is None:
        sizes = np.bincount(np.arange(samples) * BLOCKS // samples)
        both = np.arange(2 * samples).reshape(-1, 2)
        return Pairs(both[:, 0], both[:, 1], sizes[sizes > 0].astype(np.int64))
    order = np.lexsort((members.lineage, members.block))
    block, line = members.block[order], members.lineage[order]
    start, stop = np.searchsorted(block, block), np.searchsorted(block, block, "right")
    same = np.flatnonzero(np.r_[True, np.diff(line) != 0])
    run = np.repeat(np.arange(len(same)), np.diff(np.r_[same, len(line)]))
    kin, kin_stop = same[run], np.r_[same[1:], len(line)][run]
    others = (stop - start) - (kin_stop - kin)
    if not others.all():
        what = f"block {block[others == 0][0]} has no two members that are not copies."
        raise ScenarioError("sensitivity", what, "Give fewer blocks.")
    turns = -(-samples // len(order))
    at = np.concatenate([rng.permutation(len(order)) for _ in range(turns)])[:samples]
    if not by_turns:
        at = at[np.argsort(block[at], kind="stable")]
    other = start[at] + rng.integers(0, others[at])
    other += np.where(other >= kin[at], kin_stop[at] - kin[at], 0)
    sizes = np.unique(block[at], return_counts=True)[1]
    if by_turns:
        sizes = len(order) * np.bincount(np.arange(turns) * min(turns, BLOCKS) // turns)
    return Pairs(order[at], order[other], np.asarray(sizes, np.int64))


def call(run: Callable[..., NDArray[np.generic]], *given: NDArray[np.generic]) -> NDArray[np.int8]:
    """Return the outcomes of runs, checked.

    Raises
    ------
    ScenarioError
        If there is not one outcome for each run, or one is neither 0 nor 1.
    """
    found = np.asarray(run(*given))
    runs = len(given[0])
    if found.shape != (runs,):
        what = f"outcomes of {runs} runs have the shape {found.shape}."
        raise ScenarioError("function", what, "Return one outcome for each run.")
    outcomes = found.astype(np.int8)
    if not (np.isin(outcomes, (0, 1)) & (outcomes == found)).all():
        raise ScenarioError("function", "an outcome is neither 0 nor 1.", "Return 0 or 1.")
    return outcomes


# ------------------------------------------------------------------ any function as runs


def choices_of(vary: Vary) -> dict[str, int]:
    """Return the axes of what is varied, by name.

    Raises
    ------
    ScenarioError
        If nothing is varied, or an axis has no two values.
    """
    if not vary:
        raise ScenarioError("vary", "nothing is varied.", "Give a range for each axis.")
    for name, spec in vary.items():
        if isinstance(spec, tuple) and (len(spec) != 2 or not spec[0] < spec[1]):
            todo = "Give a tuple (low, high), or a list of values."
            raise ScenarioError(f"vary.{name}", f"{spec!r} is no range.", todo)
        if len(spec) < 2:
            raise ScenarioError(f"vary.{name}", "there is one value.", "Give two or more.")
    return {name: 0 if isinstance(spec, tuple) else len(spec) for name, spec in vary.items()}


def run_of(function: Function, vary: Vary, seed: int) -> Run:
    """Return a function of points and luck as runs: each address of luck has a uniform number."""

    def run(shares: Floats, _: Ints, world: Ints) -> NDArray[np.generic]:
        points = np.empty_like(shares)
        for at, spec in enumerate(vary.values()):
            if isinstance(spec, tuple):
                points[:, at] = spec[0] + (spec[1] - spec[0]) * shares[:, at]
            else:
                values = np.asarray(spec, np.float64)
                points[:, at] = values[(shares[:, at] * len(values)).astype(np.int64)]
        return function(points, luck_of(world, seed))

    return run


def luck_of(world: Ints, seed: int) -> Floats:
    """Return a number in (0, 1) for each address, always the same (SplitMix64, Steele 2014)."""
    start = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    bits = (world.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + start
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    uniform: Floats = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return uniform
