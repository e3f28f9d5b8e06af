"""What stands on every page of a briefing: a marking, and who made it, when and from what."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sim.errors import ScenarioError
from sim.text import date_word, shown

LONGEST = 120
"""The most letters of a marking."""
_LONGEST_NAME = 60


class Marking(NamedTuple):
    """A marking, such as who may read a briefing.

    Attributes
    ----------
    text
        The marking itself; empty if there is none.
    by
        Who made the briefing; nobody is named if it is empty.
    date
        When; if None, only the as-of day is told, so that the same input gives the same bytes.
    """

    text: str = ""
    by: str = ""
    date: dt.date | None = None

    @property
    def words(self) -> list[str]:
        """The options that give it on a command line."""
        day = str(self.date) if self.date else ""
        pairs = (("--marking", self.text), ("--by", self.by), ("--date", day))
        return [f"{option}={value}" for option, value in pairs if value]

    def checked(self) -> Marking:
        """Return it in one line each.

        Raises
        ------
        ScenarioError
            If a text is empty or too long, or a date is none.
        """
        if self.date is not None and not isinstance(self.date, dt.date):
            raise ScenarioError(
                "date", f"{shown(self.date)} is not a day.", "Give a datetime.date."
            )
        text = one_line("--marking", self.text, LONGEST)
        return Marking(text, one_line("--by", self.by, _LONGEST_NAME), self.date)

    def made(self, as_of: dt.date, ensemble: str) -> str:
        """Say who made a briefing, when, and from which evidence; empty if nothing is marked."""
        if self == NONE:
            return ""
        by = f" by {self.by}" if self.by else ""
        on = f" on {date_word(self.date)}" if self.date else ""
        return f"Made{by}{on} from the press read through {date_word(as_of)}, ensemble {ensemble}"


NONE = Marking()
"""Nothing is marked."""


def one_line(option: str, text: object, longest: int) -> str:
    """Return a text in one line.

    Raises
    ------
    ScenarioError
        If it is no text, has no words though it is not empty, or is longer than ``longest``.
    """
    if not isinstance(text, str):
        raise ScenarioError(option, f"{shown(text)} is no text.", "Give a few words.")
    line = " ".join(text.split())
    if text and not line:
        raise ScenarioError(option, "has no words.", "Give a few words, or leave it out.")
    if len(line) > longest:
        what = f"has {len(line)} letters: there is room for {longest}."
        raise ScenarioError(option, what, f"Shorten it to {longest} letters.")
    return line
