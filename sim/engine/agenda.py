"""What is known beforehand of a world's days: the levers and the calendar, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.engine.dtypes import Ints, Records


class Agenda(NamedTuple):
    """Levers and calendar of some days after an as-of day; day 0 is unused.

    Attributes
    ----------
    policies
        One record (`sim.engine.records.POLICY`) for every stretch of days without a change.
    segment_of_day
        Length ``days + 1``: ``policies[segment_of_day[d]]`` are the levers on day d.
    calendar
        Length ``days + 1``: what each day's date brings, as bits (`sim.engine.domain.REVIEW`,
        `HOLIDAY`, `DATED_ROUND`).
    """

    policies: Records
    segment_of_day: Ints
    calendar: Ints

    @property
    def alone(self) -> Agendas:
        """The same, as the only one of several."""
        return Agendas(self.policies, self.segment_of_day[np.newaxis], self.calendar)

    @property
    def days(self) -> int:
        """How many days it covers."""
        return len(self.segment_of_day) - 1


class Agendas(NamedTuple):
    """Several agendas of the same days.

    Attributes
    ----------
    policies, calendar
        As of an `Agenda`; all share them.
    segment_of_day
        Shape ``(agendas, days + 1)``.
    """

    policies: Records
    segment_of_day: Ints
    calendar: Ints


def together(agendas: Sequence[Agenda]) -> Agendas:
    """Return agendas of the same days and the same calendar as one."""
    lengths = [len(agenda.policies) for agenda in agendas]
    firsts = np.cumsum([0, *lengths[:-1]])
    segments = [a.segment_of_day + first for a, first in zip(agendas, firsts, strict=True)]
    policies = np.concatenate([agenda.policies for agenda in agendas])
    return Agendas(policies, np.array(segments), agendas[0].calendar)
