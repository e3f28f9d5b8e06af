"""Errors that a user can act on: where, what, why, and what to do."""

from __future__ import annotations

from numbers import Integral


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

    def __reduce__(self) -> tuple[type[SimError], tuple[str, str, str]]:
        """Let an error come home whole from another process."""
        return type(self), (self.where, self.what, self.todo)


class ScenarioError(SimError):
    """A scenario, a lever or a command-line setting cannot be used."""


class EvidenceError(SimError):
    """A row of the evidence or of the table of actors cannot be used."""


class CalibrationError(SimError):
    """A parameter, a prior or an ensemble cannot be used."""


class StoreError(SimError):
    """A run's folder cannot be read or written."""


def check_whole(name: str, value: int, low: int, high: int) -> int:
    """Check a setting that counts something and return it as an int.

    Raises
    ------
    ScenarioError
        If it is no whole number or lies outside the bounds.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ScenarioError(name, f"{value!r} is not a whole number.", "Give one.")
    if not low <= value <= high:
        raise ScenarioError(name, f"{value} is outside {low}..{high}.", "Choose one in the range.")
    return int(value)
