"""One world as the page tells it: a word for each day, and what happened."""

from __future__ import annotations

from typing import Any

from sim.errors import check_whole
from sim.live.answer import world_command
from sim.live.worlds import MOST, QUICK, Moves, Worlds

QUIET = {"": "war", "unilateral": "pause", "pause": "pause", "partial": "partial", "full": "truce"}
"""By what was kept on a day (`sim.diary.Course`), the word that the page is told."""


def told(worlds: Worlds, moves: Moves, world: int) -> dict[str, Any]:
    """Return one world day by day, run again by the agents.

    Raises
    ------
    ScenarioError
        If the world's number is out of range.
    """
    from sim.diary import tell

    number = check_whole("world", world, 0, MOST - 1)
    diary = tell(worlds.moved(moves), worlds.ensemble, worlds.seed, number)
    return {
        "world": number,
        "member": diary.member,
        "outcome": diary.outcome,
        "days": [QUIET[course.quiet] for course in diary.course],
        "events": [{"day": entry.day, "text": entry.text} for entry in diary.entries],
        "command": world_command(worlds, moves, QUICK if number < QUICK else MOST, number),
    }
