"""What is known beforehand of a world's days: the levers and the calendar, day by day."""

from __future__ import annotations

from typing import NamedTuple

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
    def days(self) -> int:
        """How many days it covers."""
        return len(self.segment_of_day) - 1
