"""A scenario with some levers moved for all of its days, as the engine reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agendas, repeated, together
from sim.engine.dtypes import Floats
from sim.engine.records import POLICY
from sim.experiments.axes import Axis
from sim.inputs.levers import LEVERS, Value
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario


def moved(scenario: Scenario, moves: Sequence[Mapping[str, Value]]) -> Agendas:
    """Return the agenda of a scenario under each of several moves of its levers.

    Parameters
    ----------
    moves
        Levers, and the value that each has on all days: changes of it that the scenario has in
        store are left out. What is not named stays as it is.
    """
    return together([agenda(scenario, move) for move in moves])


def along(scenario: Scenario, axes: Sequence[Axis], shares: Floats) -> Agendas:
    """Return the agenda of a scenario at each of many points along some axes.

    Parameters
    ----------
    axes
        Of levers, each of which has its value on all days, as in `moved`.
    shares
        How far along each axis, 0 to 1, shape (points, axes).
    """
    standing = {axis.lever: scenario.initial_levers[axis.lever] for axis in axes}
    plain = agenda(scenario, standing)

    def with_value(lever: str, value: Value) -> NDArray[np.void]:
        return agenda(scenario, {**standing, lever: value}).policies

    base = plain.policies
    records = np.tile(base, (len(shares), 1))
    raw = records.view(np.uint8).reshape(*records.shape, POLICY.itemsize)
    plain_bytes = base.view(np.uint8).reshape(len(base), POLICY.itemsize)
    for axis, share in zip(axes, shares.T, strict=True):
        values = axis.choices or (axis.low,)
        chosen = (share * len(values)).astype(np.int64)
        for n, value in enumerate(values):
            other = with_value(axis.lever, value).view(np.uint8).reshape(plain_bytes.shape)
            there = chosen == n
            raw[there] = np.where(other != plain_bytes, other, raw[there])
        if not axis.choices:
            lever = LEVERS[axis.lever]
            place = (...,) if lever.slot is None else (..., lever.slot)
            records[lever.field][place] = axis.numbers_at(share)[:, np.newaxis]
    return repeated(plain, records.ravel())
