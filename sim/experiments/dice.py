"""The kinds of luck in a world, by what they decide: to be thrown anew, alone or in groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.engine.domain import NONE
from sim.engine.streams import Purpose


class Die(NamedTuple):
    """A kind of luck, drawn on each day on which something depends on it.

    Attributes
    ----------
    part
        The actor, or of the front's and the calendar's luck the kind; NONE for all that one draw
        decides.
    group
        One of `GROUPS`.
    words
        What it decides; ``{r}``, ``{u}``, ``{mediator}`` and ``{blocs}`` stand for names.
    """

    purpose: Purpose
    part: int
    group: str
    words: str

    def named(self, names: Mapping[str, str]) -> str:
        """Return its words with the names of the roles."""
        return self.words.format(**names)


GROUPS = {
    "calendar": "when rounds, talks and pauses come, and whether the mediator leaves",
    "answers": "what each side answers",
    "threats": "whether threats are carried out",
    "exits": "exits and incidents: whether a truce in force is broken",
    "front": "the front, and how hard each side strikes",
}
"""All luck of a world in five groups, with what each decides."""

DICE = (
    Die(Purpose.CALENDAR, 0, "calendar", "whether a round is called"),
    Die(Purpose.CALENDAR, 1, "calendar", "whether {mediator} leaves"),
    Die(Purpose.CALENDAR, 2, "calendar", "whether the sides talk without {mediator}"),
    Die(Purpose.CALENDAR, 3, "calendar", "whether {r} declares a pause"),
    Die(Purpose.ANSWER, 0, "answers", "the answer of {r}"),
    Die(Purpose.ANSWER, 1, "answers", "the answer of {u}"),
    Die(Purpose.PAUSE, NONE, "answers", "whether {u} keeps or extends a pause"),
    Die(Purpose.PARTIAL, NONE, "answers", "whether a partial truce is put, and which"),
    Die(Purpose.PARTIAL_ANSWER, NONE, "answers", "the answers to a partial truce"),
    Die(Purpose.FOLLOW_THROUGH, 0, "threats", "whether {mediator} carries out its threat"),
    Die(Purpose.FOLLOW_THROUGH, 1, "threats", "whether {blocs} carries out its threat"),
    Die(Purpose.FOLLOW_THROUGH, 2, "threats", "whether arms for {u} are cut as threatened"),
    Die(Purpose.BREACH, NONE, "threats", "what follows a breach"),
    Die(Purpose.EXIT, NONE, "exits", "whether a side leaves a truce"),
    Die(Purpose.INCIDENTS, 0, "exits", "incidents by {r} on the ground, and whether they end it"),
    Die(Purpose.INCIDENTS, 1, "exits", "incidents by {u} on the ground, and whether they end it"),
    Die(Purpose.LONG_RANGE, 0, "exits", "long-range incidents by {r}"),
    Die(Purpose.LONG_RANGE, 1, "exits", "long-range incidents by {u}"),
    Die(Purpose.PARTIAL_IN_FORCE, NONE, "exits", "whether a partial truce is ended"),
    Die(Purpose.FRONT, 0, "front", "the front's luck"),
    Die(Purpose.FRONT, 1, "front", "how hard {r} strikes"),
    Die(Purpose.FRONT, 2, "front", "how hard {u} strikes"),
)
"""Every kind of luck that a world meets; together they are all of it."""


def purposes(group: str) -> int:
    """Return the purposes of a group as bits, as `sim.engine.scratch.Anew` has them."""
    found = 0
    for die in DICE:
        if die.group == group:
            found |= 1 << int(die.purpose)
    return found
