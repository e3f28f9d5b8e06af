"""Errors that a user can act on: where, what, why, and what to do.

Whatever a user gives that cannot be used ends in a `SimError`, from Python and from the command
line alike; ``except sim.SimError`` catches them all. Paths of a wrong type, arguments that there
are not and the like are Python's own errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any


class SimError(Exception):
    """Bad input or an unusable file; the command line prints it and exits with 2.

    Parameters
    ----------
    where
        The file and key, the option or the row that is at fault.
    what
        What is wrong with it, with the offending value and the bound.
    todo
        What to do about it.
    """

    def __init__(self, where: str, what: str, todo: str = "") -> None:
        self.where = where
        self.what = what
        self.todo = todo
        super().__init__(f"{where}: {what}" + (f" {todo}" if todo else ""))

    @property
    def lines(self) -> list[str]:
        """The message as lines to print; more than one if it lists several problems."""
        return [str(self)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error come home whole from another process."""
        return type(self), (self.where, self.what, self.todo)


class ScenarioError(SimError):
    """A scenario, a lever or a command-line setting cannot be used."""


class ProblemsError(SimError):
    """Several things are wrong with one file, each told in a sentence or two.

    Parameters
    ----------
    where
        The file, or the name of what it holds.
    problems
        Where in it, what is wrong, and what to do, one text each.
    """

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(where, f"{len(problems)} things are wrong. {' '.join(problems)}")

    @property
    def lines(self) -> list[str]:
        """A line that says how many there are, and one for each."""
        head = f"{self.where}: {len(self.problems)} things are wrong:"
        return [head, *(f"  {problem}" for problem in self.problems)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it come home whole from another process."""
        return type(self), (self.where, self.problems)


class ScenarioProblemsError(ProblemsError, ScenarioError):
    """Several things are wrong with a scenario."""


class LedgerError(SimError):
    """A question, a forecast or a ledger cannot be used."""


class LedgerProblemsError(ProblemsError, LedgerError):
    """Several things are wrong with a question."""


class EvidenceError(SimError):
    """A row of the evidence or of the table of actors cannot be used."""


class CalibrationError(SimError):
    """A parameter, a prior or an ensemble cannot be used."""


class CalibrationProblemsError(ProblemsError, CalibrationError):
    """Several things are wrong with the files of a calibration or with an analyst's sheet."""


class StoreError(SimError):
    """A result is not there, cannot be read or written, or lacks what is asked of it."""


class StoreProblemsError(ProblemsError, StoreError):
    """Several results do not go together, or cannot be used."""


class ShortageError(SimError):
    """The machine was short of something: memory, room on a disk, a library."""


_EXACT = 2.0**53
"""Up to it, every whole number is a float."""


def check_whole(name: str, value: float, low: int, high: int) -> int:
    """Check a setting that counts something and return it as an int.

    Parameters
    ----------
    name
        What it is called, for the message.
    value
        A whole number, as of Python or NumPy; a float such as ``1e4`` if it is whole.

    Raises
    ------
    ScenarioError
        If it is no whole number or lies outside the bounds.
    """
    if isinstance(value, bool) or not _is_whole(value):
        raise ScenarioError(name, f"{value!r} is not a whole number.", "Give one.")
    if not low <= value <= high:
        raise ScenarioError(name, f"{value} is outside {low}..{high}.", "Choose one in the range.")
    if not isinstance(value, Integral) and abs(value) > _EXACT:
        raise ScenarioError(name, f"{value!r} is too large to be exact.", "Write out its digits.")
    return int(value)


def _is_whole(value: object) -> bool:
    if isinstance(value, Integral):
        return True
    return isinstance(value, Real) and float(value).is_integer()
