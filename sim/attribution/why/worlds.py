"""What the levers add in each world, exactly for a few levers, by sampled orders for many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.cases import consecutive, new_cases
from sim.engine.domain import WORLDS_PER_MEMBER
from sim.engine.dtypes import Floats, Ints
from sim.experiments.kernel import BATCH_WORLDS, Batch, Kernel
from sim.experiments.mixtures import Mixtures
from sim.experiments.shapley import (
    all_sets,
    chain_shares,
    chains,
    interaction_weights,
    share_weights,
)
from sim.outcomes import hits_of
from sim.progress import Progress

EXACT_LEVERS = 6
"""Up to so many levers that differ, every mixture of them is run; beyond, sampled orders."""
_MOST_FLIPS = 16_384
"""With sampled orders, up to so many worlds that flip are asked which lever suffices."""


class Alone(NamedTuple):
    """Of worlds that flip, what each lever does alone.

    Attributes
    ----------
    world
        Which worlds, shape (flips,).
    gain
        Whether it happens in the world under the second scenario, and not under the first.
    suffices
        Whether each lever alone makes it flip, shape (flips, levers).
    needed
        Whether it does not flip if the lever stays as it was, shape (flips, levers).
    pushed_back
        Whether some lever pushes the other way at some point; None if not every mixture was run.
    """

    world: Ints
    gain: NDArray[np.bool_]
    suffices: NDArray[np.bool_]
    needed: NDArray[np.bool_]
    pushed_back: NDArray[np.bool_] | None


class Block(NamedTuple):
    """What the levers add in some consecutive worlds.

    Attributes
    ----------
    member
        Shape (worlds,).
    ends
        How each world ends under the first and under the second scenario, shape (2, worlds).
    shares
        What each lever adds to whether it happens, then to the worth to each side; shape
        (worlds, levers, 3).
    pairs
        What each two levers add together beyond what each adds alone, to whether it happens;
        shape (worlds, pairs), without pairs if orders were sampled.
    flips
        None if orders were sampled.
    """

    member: Ints
    ends: NDArray[np.void]
    shares: Floats
    pairs: Floats
    flips: Alone | None


@dataclass
class Differences:
    """Runs the mixtures of two scenarios and shares out what differs, world by world.

    Attributes
    ----------
    outcome
        What is asked of a world, one of `sim.outcomes.OUTCOMES`.
    worlds_run
        Worlds run so far, of all mixtures.
    """

    kernel: Kernel
    mixtures: Mixtures
    outcome: str
    worlds: int
    worlds_run: int = field(default=0, init=False)

    @property
    def exact(self) -> bool:
        """Whether every mixture is run."""
        return len(self.mixtures.names) <= EXACT_LEVERS

    @property
    def total(self) -> int:
        """How many worlds are to be run, but for what levers do alone after sampled orders."""
        number = len(self.mixtures.names)
        return self.worlds * (2**number if self.exact else 2 * number)

    def blocks(self, progress: Progress | None = None) -> Iterator[Block]:
        """Yield what the levers add, block by block, in world order."""
        return self._exact(progress) if self.exact else self._sampled(progress)

    def _spans(self, each: int) -> list[tuple[int, int]]:
        size = max(1, BATCH_WORLDS // each // WORLDS_PER_MEMBER) * WORLDS_PER_MEMBER
        return [(n, min(size, self.worlds - n)) for n in range(0, self.worlds, size)]

    def _cases(self, first: int, count: int) -> NDArray[np.void]:
        return consecutive(first, count, len(self.kernel.ensemble))

    # -------------------------------------------------------------- every mixture

    def _exact(self, progress: Progress | None) -> Iterator[Block]:
        number = len(self.mixtures.names)
        sets = all_sets(number)
        agendas = self.mixtures.agendas(sets)
        spans = self._spans(len(sets))
        batches = (Batch(agendas, self._every(len(sets), *span)) for span in spans)
        weights, (_, pair_weights) = share_weights(number), interaction_weights(number)
        found = self.kernel.run(batches, progress, self.total)
        for (first, count), part in zip(spans, found, strict=True):
            self.worlds_run += len(part)
            ended = part.reshape(len(sets), count)
            hit = hits_of(ended, self.outcome).astype(np.int64)
            values = np.concatenate([hit[..., np.newaxis], ended["worth"]], axis=2)
            shares = np.einsum("ls,swq->wlq", weights, values) / factorial(number)
            shares[..., 0] = (weights @ hit).T / factorial(number)
            pairs = (pair_weights @ hit).T
            cases = self._cases(first, count)
            flips = _every_flip(number, hit, cases["world"])
            yield Block(cases["member"], ended[[0, -1]], shares, pairs, flips)

    def _every(self, sets: int, first: int, count: int) -> NDArray[np.void]:
        cases = np.tile(self._cases(first, count), sets)
        cases["agenda"] = np.repeat(np.arange(sets), count)
        return cases

    # -------------------------------------------------------------- sampled orders

    def _sampled(self, progress: Progress | None) -> Iterator[Block]:
        number = len(self.mixtures.names)
        spans = self._spans(2 * number)
        drawn = [self._orders(*span) for span in spans]
        batches = (
            self._listed(_met(orders), first, count)
            for (first, count), orders in zip(spans, drawn, strict=True)
        )
        found = self.kernel.run(batches, progress, self.total)
        for (first, count), orders, part in zip(spans, drawn, found, strict=True):
            self.worlds_run += len(part)
            ended = part.reshape(2 * number, count)
            hit = hits_of(ended, self.outcome).astype(np.float64)
            values = np.concatenate([hit[..., np.newaxis], ended["worth"]], axis=2)
            there = np.moveaxis(values[: number + 1], 0, 1)
            back = np.moveaxis(values[[0, *range(number + 1, 2 * number), number]], 0, 1)
            shares = np.stack(
                [
                    0.5 * chain_shares(orders, there[..., q])
                    + 0.5 * chain_shares(orders[:, ::-1], back[..., q])
                    for q in range(values.shape[2])
                ],
                axis=2,
            )
            member = self._cases(first, count)["member"]
            none = np.zeros((count, 0))
            yield Block(member, ended[[0, number]], shares, none, None)

    def _orders(self, first: int, count: int) -> Ints:
        """An order of the levers for each world, the same whatever the number of worlds."""
        number = len(self.mixtures.names)
        rng = np.random.default_rng([self.kernel.seed, first])
        return np.argsort(rng.random((count, number)), axis=1)

    def _listed(self, sets: Ints, first: int, count: int) -> Batch:
        """Consecutive worlds, each under the sets of its row of ``sets`` (worlds, sets)."""
        cases = np.tile(self._cases(first, count), sets.shape[1])
        return self._batch(sets.T.ravel(), cases)

    def _batch(self, sets: Ints, cases: NDArray[np.void]) -> Batch:
        different, place = np.unique(sets, return_inverse=True)
        cases["agenda"] = place
        return Batch(self.mixtures.agendas(different), cases)

    def flips_of(self, worlds: Ints, gain: NDArray[np.bool_]) -> Alone:
        """Run some worlds that flip with each lever alone, and with each but one."""
        number, kept = len(self.mixtures.names), slice(_MOST_FLIPS)
        worlds, gain = worlds[kept], gain[kept]
        single = 1 << np.arange(number)
        every = 2**number - 1
        sets = np.concatenate([single, every - single])
        size = max(1, BATCH_WORLDS // len(sets))
        parts = [worlds[n : n + size] for n in range(0, len(worlds), size)]
        batches = (self._alone(part, sets) for part in parts)
        ended = [part.reshape(len(sets), -1) for part in self.kernel.run(batches)]
        self.worlds_run += len(sets) * len(worlds)
        hit = hits_of(np.concatenate(ended, axis=1), self.outcome)
        return Alone(worlds, gain, (hit[:number] == gain).T, (hit[number:] != gain).T, None)

    def _alone(self, worlds: Ints, sets: Ints) -> Batch:
        cases = new_cases(len(worlds))
        cases["world"] = worlds
        cases["member"] = worlds // WORLDS_PER_MEMBER % len(self.kernel.ensemble)
        return self._batch(np.repeat(sets, len(worlds)), np.tile(cases, len(sets)))


def _met(orders: Ints) -> Ints:
    """The sets met in each order and, but for none and all, in its reverse."""
    return np.concatenate([chains(orders), chains(orders[:, ::-1])[:, 1:-1]], axis=1)


def _every_flip(number: int, hit: Ints, worlds: Ints) -> Alone:
    """Which worlds flip, and what each lever does alone, from the values of every mixture."""
    every = 2**number - 1
    flipped = hit[0] != hit[every]
    hit = hit[:, flipped]
    single = 1 << np.arange(number)
    gain = hit[every] == 1
    sets = all_sets(number)
    back = np.zeros(hit.shape[1], bool)
    for n in range(number):
        without = sets[sets >> n & 1 == 0]
        step = hit[without | 1 << n] - hit[without]
        back |= (step == np.where(gain, -1, 1)).any(axis=0)
    suffices, needed = (hit[single] == gain).T, (hit[every - single] != gain).T
    return Alone(worlds[flipped], gain, suffices, needed, back)
