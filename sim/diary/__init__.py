"""The diary of one world: day by day who did what, with which odds, why, and what luck decided.

The world is run again by the agents, with the luck that it had; see `sim.mesa_model`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sim.diary.teller import Course as Course
    from sim.diary.teller import Diary as Diary
    from sim.diary.teller import Entry as Entry
    from sim.diary.teller import tell as tell

__all__ = ["Course", "Diary", "Entry", "tell"]


def __getattr__(name: str) -> object:
    """Load the agents when they are first asked for: that takes a second."""
    if name in __all__:
        from sim.diary import teller

        return getattr(teller, name)
    raise AttributeError(f"module 'sim.diary' has no attribute '{name}'")
