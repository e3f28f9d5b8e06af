"""The diary of one world: day by day who did what, with which odds, why, and what luck decided.

The world is run again by the agents, with the luck that it had; see `sim.mesa_model`.
"""

from sim.diary.teller import Course, Diary, Entry, tell

__all__ = ["Course", "Diary", "Entry", "tell"]
