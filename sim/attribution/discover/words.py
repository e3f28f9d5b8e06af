"""What was found, in plain sentences that are true as they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sim.attribution.discover.rows import Number
from sim.bounds import Bound
from sim.outcomes import HAPPENING
from sim.text import counted, of_hundred

GAIN = "gain_"
"""What the quantities of a comparison begin with."""
WORTH = "worth_"


class Condition(NamedTuple):
    """What is asked of a row, in words.

    Attributes
    ----------
    clause
        A clause that is true of a row, or not.
    unit
        What a value of the quantity is told in: ``%``, ``points``, ``stakes``; empty if none.
    """

    clause: str
    unit: str

    def value(self, number: float) -> str:
        """Write a value of the quantity."""
        if self.unit == "stakes":
            return f"{number:.3f} stakes"
        if self.unit == "points":
            return f"{100.0 * number:.1f} points"
        return f"{100.0 * number:.1f}%"


LABELLED = Condition("the label is 1", "")


def condition_of(bound: Bound, sides: Mapping[str, str], titles: Sequence[str]) -> Condition:
    """Return a condition in words.

    Parameters
    ----------
    sides
        Names of the sides by id.
    titles
        Of the scenario; or of two, the second of which is set against the first.
    """
    name = bound.quantity.removeprefix(GAIN)
    worth = name.startswith(WORTH)
    what = f"the odds that {HAPPENING[name]}" if not worth else ""
    if bound.quantity.startswith(GAIN):
        what = what or f"the worth of a world to {sides[name.removeprefix(WORTH)]}"
        first, second = titles
        unit = "stakes" if worth else "points"
        size = f"{bound.value if worth else 100.0 * bound.value:.12g} {unit}"
        added = f"what “{second}” adds to {what}, against “{first}”, is {bound.words} {size}"
        return Condition(added, unit)
    if worth:
        side = sides[name.removeprefix(WORTH)]
        clause = f"the mean worth of a world to {side} is {bound.words} {bound.value:.12g} stakes"
        return Condition(clause, "stakes")
    return Condition(f"{what} are {bound.words} {100.0 * bound.value:.12g}%", "%")


def many(thing: str) -> str:
    """Return what several rows are called.

    >>> many("member"), many("point of the study")
    ('members', 'points of the study')
    """
    first, *rest = thing.split(" ", 1)
    return " ".join([f"{first}s", *rest])


# ------------------------------------------------------------------ ends and paths


def amount(value: float) -> str:
    """Write a value of a number, as it was rounded."""
    return f"{value:.12g}"


def end_words(number: Number, low: float | None, high: float | None) -> str:
    """Write which values of a number are meant, to stand after 'with'.

    >>> patience = Number("start.patience", "Patience that is left", "share")
    >>> end_words(patience, None, 0.4), end_words(patience, 0.2, 0.4)
    ('“Patience that is left” at most 0.4 share', '“Patience that is left” 0.2 to 0.4 share')
    """
    called = f"“{number.meaning}”"
    unit = f" {number.unit}" if number.unit else ""
    if number.yes_or_no:
        return f"{called}: {'yes' if low is not None else 'no'}"
    if low is None or low == number.deferred:
        assert high is not None
        if number.deferred is not None:
            return f"{called} deferred, or at most {amount(high)}{unit}"
        return f"{called} at most {amount(high)}{unit}"
    if high is None:
        return f"{called} at least {amount(low)}{unit}"
    return f"{called} {amount(low)} to {amount(high)}{unit}"


def answer_words(number: Number, edge: float, *, below: bool) -> str:
    """Write an answer on the way to a leaf of a tree."""
    called = f"“{number.meaning}”"
    unit = f" {number.unit}" if number.unit else ""
    if number.yes_or_no:
        return f"{called}: {'no' if below else 'yes'}"
    if not below:
        return f"{called} at least {amount(edge)}{unit}"
    deferred = "deferred, or " if number.deferred is not None else ""
    return f"{called} {deferred}below {amount(edge)}{unit}"


def together(words: Sequence[str]) -> str:
    """Join what holds at once.

    >>> together(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


# ------------------------------------------------------------------ sentences


class Shares(NamedTuple):
    """Precision, recall and base share."""

    precision: float
    recall: float
    base: float


def found_sentence(condition: Condition, thing: str, box: Sequence[str], shares: Shares) -> str:
    """Say in what share of the box the condition holds, and how much of all of it that is."""
    things = many(thing)
    return (
        f"{_begun(condition.clause)} in {of_hundred(shares.precision)} {things} with "
        f"{together(box)}. That takes in {of_hundred(shares.recall)} of those of which it is true; "
        f"of all {things} it is true of {of_hundred(shares.base)}."
    )


def short_sentence(condition: Condition, thing: str, numbers: int, shares: Shares) -> str:
    """Say the same for the title of a figure that shows the ranges."""
    things = many(thing)
    ranges = f"the {numbers} ranges" if numbers > 1 else "the range"
    return (
        f"{_begun(condition.clause)} in {of_hundred(shares.precision)} {things} within {ranges} "
        f"shown, in {of_hundred(shares.base)} of all"
    )


def nothing_sentence(condition: Condition, thing: str, numbers: int, most: int) -> str:
    """Say that no box tells those that meet the condition from the rest, and what was looked at.

    Parameters
    ----------
    numbers, most
        How many numbers were searched, and how many of them a box might restrict.
    """
    return (
        f"No condition was found: no ranges of up to {most} of {counted(numbers, 'number')} "
        f"separate the {many(thing)} in which {condition.clause} from the others."
    )


def base_sentence(thing: str, base: float) -> str:
    """Say of how many of all rows it is true."""
    return f"It is true of {of_hundred(base)} of all {many(thing)}."


def alike_sentence(condition: Condition, thing: str, counts: tuple[int, int], closest: str) -> str:
    """Say that next to none or next to all rows meet the condition.

    Parameters
    ----------
    counts
        Rows that were searched, and how many of them show the condition.
    closest
        What comes closest to it, in words; empty if unknown.
    """
    rows, hits = counts
    many_rows = counted(rows, thing) if " " not in thing else f"{rows:,} {many(thing)}"
    if hits > rows // 2:
        but = f" but {rows - hits}" if hits < rows else ""
        return (
            f"All{but} of {many_rows} that were searched show that {condition.clause}: there is "
            "nothing to tell them apart by."
        )
    near = f" The closest comes to {closest}." if closest else ""
    if hits == 0:
        return f"None of {many_rows} that were searched shows that {condition.clause}.{near}"
    return (
        f"{hits} of {many_rows} that were searched show{'s' if hits == 1 else ''} that "
        f"{condition.clause}: too few to look for what they share.{near}"
    )


def _begun(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}"
