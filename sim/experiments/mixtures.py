"""Mixtures of two scenarios: some levers as in the second, all others as in the first."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.engine.agenda import Agendas
from sim.engine.dtypes import Ints
from sim.engine.records import POLICY
from sim.inputs.agenda import policy_segments
from sim.inputs.levers import LEVERS, Value, value_text
from sim.inputs.reactive import agenda
from sim.inputs.scenario import Scenario


@dataclass(frozen=True)
class Mixtures:
    """All mixtures of two scenarios of one day, one horizon and one conflict.

    Attributes
    ----------
    levers
        Those that differ on some day, in the order in which levers are shown.
    """

    first: Scenario
    second: Scenario
    levers: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        one, two = (self._paths(scenario) for scenario in (self.first, self.second))
        differing = (name for name in LEVERS if one[name] != two[name])
        object.__setattr__(self, "levers", tuple(differing))

    @property
    def days(self) -> list[int]:
        """The days from which levers hold: 0, and each on which either scenario changes one."""
        both = (*self.first.schedule, *self.second.schedule)
        return sorted({0, *(change.day for change in both)})

    def _paths(self, scenario: Scenario) -> dict[str, list[Value]]:
        on = [scenario.levers_on(day) for day in self.days]
        return {name: [levers[name] for levers in on] for name in LEVERS}

    def told(self, lever: str) -> tuple[str, str]:
        """Write what a lever is under each scenario, such as ``0.3, 0.9 from day 14``."""
        return path_text(self.first, lever), path_text(self.second, lever)

    def agendas(self, sets: Ints) -> Agendas:
        """Return the agenda of each set of levers; bit n of a set is ``levers[n]``."""
        plain = agenda(self.first)
        base = _bytes([self.first.levers_on(day) for day in self.days])
        mixed = np.tile(base, (len(sets), 1, 1))
        for n, lever in enumerate(self.levers):
            chosen = (sets >> n & 1).astype(bool)
            moved = _bytes(
                [
                    {**self.first.levers_on(day), lever: self.second.levers_on(day)[lever]}
                    for day in self.days
                ]
            )
            mixed[chosen] = np.where(moved != base, moved, mixed[chosen])
        policies = mixed.reshape(-1, POLICY.itemsize).view(POLICY).ravel()
        segments = np.searchsorted(self.days, np.arange(plain.days + 1), "right") - 1
        of_day = len(self.days) * np.arange(len(sets))[:, np.newaxis] + segments
        return Agendas(policies, of_day, plain.calendar)


def _bytes(levers: list[dict[str, Value]]) -> NDArray[np.uint8]:
    """The policy record of each of some levers as bytes, shape (records, bytes of one)."""
    records = np.concatenate([policy_segments(one, (), 0)[0] for one in levers])
    return records.view(np.uint8).reshape(len(levers), POLICY.itemsize)


def path_text(scenario: Scenario, lever: str) -> str:
    """Write the values of a lever over the days, such as ``0.3, 0.9 from day 14``."""
    words, before = [], None
    for day in sorted({0, *(change.day for change in scenario.schedule)}):
        value = scenario.levers_on(day)[lever]
        if value != before:
            words.append(value_text(value) + (f" from day {day}" if day else ""))
        before = value
    return ", ".join(words)
