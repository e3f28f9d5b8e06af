"""Worlds of members whose odds are known, on luck that policies share; and their numbers."""

from __future__ import annotations

import numpy as np

from sim.engine.cases import consecutive
from sim.engine.domain import Outcome
from sim.engine.records import Member
from sim.experiments.kernel import ENDED, Grid
from sim.inputs.conflict import shipped
from sim.inputs.ensemble import slots
from tests.helpers.builders import MEMBER, START, ensemble

HELD = (Outcome.HELD,)


def grid_of(odds, seed=1, each=64, shared=1.0):
    """So many worlds of each member, in which a truce holds with its odds under each policy.

    Parameters
    ----------
    odds
        Shape (policies, members). A world has one luck: it holds where the luck is below the odds.
    shared
        The share of worlds in which the policies meet the same luck; in the others each its own.
    """
    policies, members = odds.shape
    member = consecutive(0, each * members, members)["member"]
    rng = np.random.default_rng(seed)
    common, own = rng.random(len(member)), rng.random((policies, len(member)))
    luck = np.where(rng.random(len(member)) < shared, common, own)
    ended = np.zeros((policies, len(member)), ENDED)
    ended["outcome"] = np.where(luck < odds[:, member], Outcome.HELD, Outcome.NO_TRUCE)
    return Grid(ended, member)


def members_with(numbers, copies=1):
    """Members that differ in some numbers only, given by name; with copies of each."""
    count = len(next(iter(numbers.values())))
    members, starts = np.zeros(count, MEMBER), np.zeros(count, START)
    for name, field, place in slots(Member, shipped().bloc_ids):
        if name in numbers:
            members[field][place] = numbers[name]
    return ensemble(np.tile(members, copies), np.tile(starts, copies))


def real_numbers(count):
    """The names of so many real numbers of a member, in order."""
    names = [
        name
        for name, field, _ in slots(Member, shipped().bloc_ids)
        if MEMBER[field].base.kind == "f"
    ]
    assert len(names) >= count
    return names[:count]
