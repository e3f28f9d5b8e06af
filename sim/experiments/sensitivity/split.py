"""What decides how one world ends: levers, members, luck, and how they meet; and which dice.

Each sample crosses two settings of all levers, two members and two lucks: eight runs. Let
Y(l, m, u) be the outcome, 0 or 1, and a prime a second, independent draw. Then

    levers             cov[Y(l, m, u), Y(l, m', u')]
    members            cov[Y(l, m, u), Y(l', m, u')]
    levers_by_member   cov[Y(l, m, u), Y(l, m, u')] less the two above
    fixed_luck         cov[Y(l, m, u), Y(l', m, u)] less members: luck that no lever moves
    turned_luck        the rest of the variance: luck that levers turn

Each is estimated from half the mean squared difference of all pairs of a sample that share what it
shares: two outcomes have the covariance ``V - E[(Y - Y')^2] / 2``, and the variance V is the same
of the pairs that share nothing. The two members are of one block, and errors come from leaving out
one block of members at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.dtypes import Floats, Ints
from sim.errors import ScenarioError, check_whole
from sim.experiments.sensitivity.draws import (
    Axes,
    Members,
    Progress,
    Run,
    call,
    draw_pairs,
)
from sim.experiments.sensitivity.jackknife import Estimate, Jackknife

PARTS = ("levers", "members", "levers_by_member", "fixed_luck", "turned_luck")
RUNS = 8
"""Runs of a sample."""
FEWEST_SAMPLES = 512
MOST_SAMPLES = 2**22
Throw = Callable[[Ints, Ints], NDArray[np.generic]]
"""Returns outcomes, 0 or 1, of shape (n,), and is given for each run the member, shape (n,), and an
address of luck for each group of dice, shape (n, groups)."""


@dataclass(frozen=True)
class Split:
    """What part of the variance of one world's outcome is due to what.

    Attributes
    ----------
    parts
        By name (`PARTS`), the share, with its interval; they sum to 1. None if the variance of the
        outcome cannot be told from 0.
    variance
        Of the outcome of one world, over levers, members and luck.
    runs
        How many outcomes there are.
    """

    parts: dict[str, Estimate] | None
    variance: Estimate
    runs: int

    def as_dict(self) -> dict[str, Any] | None:
        """Return the five shares as plain data; None if the outcome does not vary."""
        return self.parts and {name: part.as_dict() for name, part in self.parts.items()}


class Group(NamedTuple):
    """What part of the variance by luck is due to one group of dice.

    Attributes
    ----------
    first
        What the group does alone.
    total
        What is left to it if all other dice have fallen.
    """

    first: Estimate
    total: Estimate

    def as_dict(self) -> dict[str, Any]:
        """Return both shares as plain data."""
        return {"first": self.first.as_dict(), "total": self.total.as_dict()}


@dataclass(frozen=True)
class Dice:
    """Which dice decide, at given levers and with what is due to members taken out.

    Attributes
    ----------
    groups
        By group of dice its shares; None if luck decides nothing that can be told from 0.
    variance
        Of the outcome by luck within a member, on average over members.
    runs
        How many outcomes there are.
    """

    groups: dict[str, Group] | None
    variance: Estimate
    runs: int

    def as_dict(self) -> dict[str, Any] | None:
        """Return the shares by group as plain data; None if luck decides nothing."""
        return self.groups and {name: group.as_dict() for name, group in self.groups.items()}


def split(
    run: Run,
    axes: Axes,
    members: Members,
    *,
    samples: int = 2**14,
    seed: int = 1,
    progress: Progress | None = None,
) -> Split:
    """Split the variance of one world's outcome.

    Parameters
    ----------
    run
        Makes the outcomes; called once for each block of members.
    axes
        By name, the number of choices, 0 for a range. The split holds for these ranges only.
    members
        In blocks.
    samples
        Of eight runs each.

    Raises
    ------
    ScenarioError
        If there are too few samples or members, or an outcome is neither 0 nor 1.
    """
    check_whole("samples", samples, FEWEST_SAMPLES, MOST_SAMPLES)
    rng = np.random.default_rng(seed)
    pairs = draw_pairs(rng, members, samples)
    shares = rng.random((samples, 2, len(axes)))
    lever, member, luck = np.indices((2, 2, 2)).reshape(3, RUNS)
    both = np.stack([pairs.first, pairs.second], axis=1)
    outcomes = np.empty((samples, RUNS), np.int8)
    for span in pairs.spans():
        points = shares[span][:, lever].reshape(-1, len(axes))
        worlds = 2 * np.arange(span.start, span.stop)[:, None] + luck
        found = call(run, points, both[span][:, member].ravel(), worlds.ravel())
        outcomes[span] = found.reshape(-1, RUNS)
        if progress:
            progress(RUNS * span.stop, RUNS * samples)
    return fit_split(outcomes.reshape(-1, 2, 2, 2), pairs.sizes)


def fit_split(outcomes: NDArray[np.int8], sizes: Ints) -> Split:
    """Split the variance of outcomes.

    Parameters
    ----------
    outcomes
        0 or 1, shape (samples, 2, 2, 2), by sample, setting of levers, member and luck.
    sizes
        By block of members, how many samples it has; they lie one block after the other.

    Raises
    ------
    ScenarioError
        If there are too few blocks of members.
    """
    jackknife = Jackknife(sizes)

    def apart(*other: int) -> Floats:
        """By sample, the share of pairs that differ, if they have other draws of these."""
        found: Floats = (outcomes != np.flip(outcomes, other)).mean((1, 2, 3))
        return found

    levers, members, luck = 1, 2, 3
    differing = [
        apart(levers, members, luck),
        apart(members, luck),
        apart(levers, luck),
        apart(luck),
        apart(levers),
    ]
    full, without = _means(np.stack(differing, axis=1) / 2.0, sizes)
    variance = jackknife.estimate(float(full[0]), float(jackknife.variance(full, without)[0]))
    if not jackknife.is_clear(full[0], without[:, 0]):
        return Split(None, variance, outcomes.size)
    shares, shares_without = _parts(full), _parts(without)
    errors = jackknife.variance(shares, shares_without)
    parts = {
        name: jackknife.estimate(float(share), float(error))
        for name, share, error in zip(PARTS, shares, errors, strict=True)
    }
    return Split(parts, variance, outcomes.size)


def _parts(halves: Floats) -> Floats:
    """The five shares, of half squared differences of pairs.

    The pairs share nothing, levers, members, levers and members, members and luck.
    """
    nothing, levers, members, levers_members, members_luck = np.moveaxis(halves, -1, 0)
    parts = np.stack(
        [
            nothing - levers,
            nothing - members,
            levers + members - nothing - levers_members,
            members - members_luck,
        ],
        axis=-1,
    )
    shares: Floats = parts / nothing[..., None]
    rest = 1.0 - shares.sum(-1, keepdims=True)
    return np.concatenate([shares, rest], axis=-1)


def _means(values: Floats, sizes: Ints) -> tuple[Floats, Floats]:
    """Means over samples, from all blocks and without each."""
    sums = np.add.reduceat(values, np.r_[0, np.cumsum(sizes)[:-1]], axis=0)
    whole = sums.sum(0)
    count = sizes.sum()
    return whole / count, (whole - sums) / (count - sizes)[:, None]


# ------------------------------------------------------------------ which dice


def dice(
    throw: Throw,
    groups: Sequence[str],
    members: Members | None = None,
    *,
    samples: int = 2**13,
    seed: int = 1,
    progress: Progress | None = None,
) -> Dice:
    """Share out what luck decides to groups of dice.

    With two lucks u and u', the first-order share of a group is ``cov[Y(u), Y(u' but the group of
    u)]`` less the members' part, and its total share half the mean squared difference if it alone
    is thrown anew.

    Parameters
    ----------
    throw
        Makes the outcomes at given levers; called once for each block of members.
    groups
        Their names; together they are all luck that there is.
    members
        In blocks; without them each world is a member of its own.
    samples
        Of two runs and two more for each group.

    Raises
    ------
    ScenarioError
        If there are too few samples, members or groups, or an outcome is neither 0 nor 1.
    """
    check_whole("samples", samples, FEWEST_SAMPLES, MOST_SAMPLES)
    if not groups:
        raise ScenarioError("dice", "there is no group of dice.", "Name one or more.")
    pairs = draw_pairs(np.random.default_rng(seed), members, samples)
    # by run and group, whether the die is that of the second luck: none, one, all but one, all
    one = np.eye(len(groups), dtype=np.int64)
    second = np.concatenate([0 * one[:1], one, 1 - one, 0 * one[:1] + 1])
    outcomes = np.empty((samples, len(second)), np.int8)
    for span in pairs.spans():
        worlds = 2 * np.arange(span.start, span.stop)[:, None, None] + second
        member = np.repeat(pairs.first[span], len(second))
        found = call(throw, member, worlds.reshape(-1, len(groups)))
        outcomes[span] = found.reshape(-1, len(second))
        if progress:
            progress(outcomes[: span.stop].size, outcomes.size)
    return fit_dice(groups, outcomes, pairs.sizes)


def fit_dice(groups: Sequence[str], outcomes: NDArray[np.int8], sizes: Ints) -> Dice:
    """Share out what luck decides.

    Parameters
    ----------
    outcomes
        0 or 1, shape (samples, 2 + 2 groups), of one member each: under the first luck; for each
        group, under the first but the group of the second; for each group, under the second but
        the group of the first; under the second.
    sizes
        By block of members, how many samples it has; they lie one block after the other.

    Raises
    ------
    ScenarioError
        If there are too few blocks of members.
    """
    jackknife = Jackknife(sizes)
    number = len(groups)
    base, thrown = outcomes[:, :1], outcomes[:, 1 : 1 + number]
    kept, other = outcomes[:, 1 + number : -1], outcomes[:, -1:]
    nothing = ((base != other).sum(1, keepdims=True) + (kept != thrown).sum(1, keepdims=True)) / (
        2.0 * (1 + number)
    )
    group = ((base != kept) + (other != thrown).astype(np.int8)) / 4.0
    rest = ((base != thrown) + (other != kept).astype(np.int8)) / 4.0
    full, without = _means(np.concatenate([nothing, group, rest], axis=1), sizes)
    variance = jackknife.estimate(float(full[0]), float(jackknife.variance(full, without)[0]))
    if not jackknife.is_clear(full[0], without[:, 0]):
        return Dice(None, variance, outcomes.size)

    def shares(halves: Floats) -> Floats:
        luck = halves[..., :1]
        found: Floats = np.concatenate(
            [(luck - halves[..., 1 : 1 + number]) / luck, halves[..., 1 + number :] / luck], axis=-1
        )
        return found

    means, errors = shares(full), jackknife.variance(shares(full), shares(without))
    told = [
        jackknife.estimate(float(mean), float(error))
        for mean, error in zip(means, errors, strict=True)
    ]
    found = {
        name: Group(first, total)
        for name, first, total in zip(groups, told[:number], told[number:], strict=True)
    }
    return Dice(found, variance, outcomes.size)
