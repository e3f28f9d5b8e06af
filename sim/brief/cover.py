"""What a briefing is asked: its question, its title, for whom it is, and how long it is."""

from __future__ import annotations

from typing import NamedTuple

from sim.brief.marking import one_line

_LONGEST = {"--question": 300, "--title": 120, "--for": 80}
"""The most letters of each."""


class Cover(NamedTuple):
    """The reader's question, and what stands above the answer.

    Attributes
    ----------
    question
        What the reader asks; the scenario's own question if empty.
    title
        Of the briefing; the scenario's title if empty.
    reader
        For whom it is; nobody is named if empty.
    one_page
        Whether it ends after the first page.
    """

    question: str = ""
    title: str = ""
    reader: str = ""
    one_page: bool = False

    @property
    def words(self) -> list[str]:
        """The options that give it on a command line."""
        texts = zip(_LONGEST, (self.question, self.title, self.reader), strict=True)
        given = [f"{option}={text}" for option, text in texts if text]
        return [*given, "--one-page"] if self.one_page else given

    def checked(self) -> Cover:
        """Return it in one line each.

        Raises
        ------
        ScenarioError
            If a text is none, has no words, or is too long.
        """
        pairs = zip(_LONGEST.items(), (self.question, self.title, self.reader), strict=True)
        lines = [one_line(option, text, most) for (option, most), text in pairs]
        question, title, reader = lines
        return Cover(question, title, reader, bool(self.one_page))


PLAIN = Cover()
"""The scenario's own title and question, and all pages."""
