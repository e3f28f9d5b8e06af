"""What is known beforehand of a world's days: levers, calendar, and what reacts to events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.engine.dtypes import Ints, Records
from sim.engine.reactions import new_blocks


class Course(NamedTuple):
    """Levers and calendar of some days, as an `Agenda` has them.

    Without blocks, which the compiler would carry along from day to day at a cost of a tenth of a
    world's time: those of a world stand in its workspace.
    """

    policies: Records
    segments: Ints
    calendar: Ints


class Agenda(NamedTuple):
    """Levers and calendar of some days after an as-of day; day 0 is unused.

    Attributes
    ----------
    policies
        One record (`sim.engine.records.POLICY`) for every stretch of days without a change.
    segments
        Shape ``(rows, days + 1)``: ``policies[segments[row, d]]`` are the levers on day d. Row 0
        holds as long as no block has set levers.
    calendar
        Length ``days + 1``: what each day's date brings, as bits (`sim.engine.domain.REVIEW`,
        `HOLIDAY`, `DATED_ROUND`).
    blocks
        One record (`sim.engine.reactions.BLOCKS`): what reacts to public events; a row of
        ``segments`` for every set of the blocks that set levers.
    """

    policies: Records
    segments: Ints
    calendar: Ints
    blocks: Records

    @property
    def alone(self) -> Agendas:
        """The same, as the only one of several."""
        return together([self])

    @property
    def course(self) -> Course:
        """Its levers and calendar, which is what the days of a world are told by."""
        return Course(*self[:3])

    @property
    def days(self) -> int:
        """How many days it covers."""
        return len(self.calendar) - 1

    def until(self, last: int) -> Agenda:
        """Return that of the days up to ``last``."""
        return self._replace(
            segments=self.segments[:, : last + 1], calendar=self.calendar[: last + 1]
        )

    @property
    def segment_of_day(self) -> Ints:
        """The stretch of each day as long as no block has set levers."""
        base: Ints = self.segments[0]
        return base


def plain_agenda(policies: Records, segment_of_day: Ints, calendar: Ints) -> Agenda:
    """Return an agenda in which nothing reacts; ``segment_of_day`` of length ``days + 1``."""
    return Agenda(policies, segment_of_day[np.newaxis], calendar, new_blocks())


class Agendas(NamedTuple):
    """Several agendas of the same days.

    Attributes
    ----------
    policies, segments, calendar
        As of an `Agenda`, one agenda's rows after the other's; all share the calendar.
    blocks
        A record an agenda.
    first_row
        Where the rows of each agenda begin, and at last where they end: length ``agendas + 1``.
    """

    policies: Records
    segments: Ints
    calendar: Ints
    blocks: Records
    first_row: Ints

    @property
    def number(self) -> int:
        """How many agendas there are."""
        return len(self.blocks)


def repeated(agenda: Agenda, policies: Records) -> Agendas:
    """Return an agenda with other levers again and again.

    Parameters
    ----------
    policies
        Those of the first, in the order of ``agenda.policies``, then those of the next.
    """
    each, rows = len(agenda.policies), len(agenda.segments)
    number = len(policies) // each
    segments = each * np.arange(number)[:, np.newaxis, np.newaxis] + agenda.segments
    return Agendas(
        policies,
        segments.reshape(-1, agenda.segments.shape[1]),
        agenda.calendar,
        np.tile(agenda.blocks, number),
        rows * np.arange(number + 1),
    )


def together(agendas: Sequence[Agenda]) -> Agendas:
    """Return agendas of the same days and the same calendar as one."""
    firsts = np.cumsum([0, *(len(agenda.policies) for agenda in agendas)])
    return Agendas(
        np.concatenate([agenda.policies for agenda in agendas]),
        np.concatenate([a.segments + n for a, n in zip(agendas, firsts[:-1], strict=True)]),
        agendas[0].calendar,
        np.concatenate([agenda.blocks for agenda in agendas]),
        np.cumsum([0, *(len(agenda.segments) for agenda in agendas)]),
    )
