"""Conditions on a number, such as ``held<.05`` or ``worth_ukraine>=0``, as a user writes them."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sim.errors import ScenarioError
from sim.text import near_name, shown

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_WORDS = {"<=": "at most", ">=": "at least", "<": "below", ">": "above"}
_WRITTEN = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*(<=|>=|<|>)\s*([^<>=\s]+)\s*")


class Bound(NamedTuple):
    """A condition on one number.

    Attributes
    ----------
    quantity
        What is bounded.
    sign
        ``<``, ``<=``, ``>`` or ``>=``.
    value
        The bound.
    """

    quantity: str
    sign: str
    value: float

    @property
    def upper(self) -> bool:
        """Whether the quantity is to stay below the bound."""
        return self.sign in ("<", "<=")

    @property
    def words(self) -> str:
        """The sign in words: below, at most, above or at least."""
        return _WORDS[self.sign]

    def met(self, values: Any) -> Any:
        """Return whether the condition is met, by value."""
        return _SIGNS[self.sign](values, self.value)

    def __str__(self) -> str:
        return f"{self.quantity}{self.sign}{self.value:g}"


def check_share(bound: Bound, where: str) -> Bound:
    """Return a condition on odds as it is, if odds can meet it and miss it.

    Raises
    ------
    ScenarioError
        If the bound is no share of worlds, or every share meets it, or none.
    """
    if not 0.0 <= bound.value <= 1.0:
        what = f"odds are shares from 0 to 1, and {bound.value:g} is none."
        near = f"{bound.quantity}{bound.sign}{bound.value:g}%"
        todo = f"Did you mean {near}?" if 1.0 < bound.value <= 100.0 else "Choose 0 to 1."
        raise ScenarioError(where, what, todo)
    if bound.met(0.0) == bound.met(1.0):
        every = "every package and member meets it" if bound.met(0.0) else "nothing can meet it"
        raise ScenarioError(where, f"{bound}: {every}.", "Choose a bound between 0 and 1.")
    return bound


def bound_of(text: object, quantities: Sequence[str], where: str) -> Bound:
    """Read a condition.

    Parameters
    ----------
    text
        A quantity, a sign and a number, which may be a percentage: ``held<5%``.
    quantities
        What can be bounded.
    where
        The option or argument, for messages.

    Raises
    ------
    ScenarioError
        If it is no condition, or bounds what there is not.

    Examples
    --------
    >>> bound_of("held < 5%", ["held"], "--where")
    Bound(quantity='held', sign='<', value=0.05)
    """
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        todo = (
            f"Write a quantity, a sign (<, <=, >, >=) and a number, such as '{quantities[0]}<.05'."
        )
        raise ScenarioError(where, f"{shown(text)} is no condition.", todo)
    quantity, sign, number = found.groups()
    if quantity not in quantities:
        close = near_name(quantity, quantities)
        near = f"Did you mean {close}? " if close else ""
        what = f"{shown(quantity)} cannot be bounded."
        raise ScenarioError(where, what, f"{near}There are: {', '.join(quantities)}.")
    try:
        value = float(number.removesuffix("%")) / (100.0 if number.endswith("%") else 1.0)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        what = f"{shown(number)} in {shown(text)} is no number."
        raise ScenarioError(where, what, "Write one, such as .05 or 5%.")
    return Bound(quantity, sign, value)
