"""How numbers, names and foreign text are written in messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence


def printable(text: object) -> str:
    """Return text that came from outside with its control characters made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def shown(value: object) -> str:
    """Return a value that came from outside, short and printable, for an error message."""
    text = printable(value)
    text = f"{text[:40]}..." if len(text) > 40 else text
    return f"'{text}'" if isinstance(value, str) else text


def days_word(number: int) -> str:
    """Write a number of days."""
    return f"{number} day{'s' if number > 1 else ''}"


def counted(number: int, thing: str) -> str:
    """Write how many there are of something, such as ``1 world``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def date_word(day: dt.date, *, short: bool = False, year: bool = True) -> str:
    """Write a day for a reader.

    >>> date_word(dt.date.max), date_word(dt.date.max, short=True, year=False)
    ('31 December 9999', '31 Dec')
    """
    month = f"{day:%b}" if short else f"{day:%B}"
    return f"{day.day} {month} {day.year}" if year else f"{day.day} {month}"


def date_words(days: Sequence[dt.date], *, short: bool = False) -> list[str]:
    """Write days that stand beside each other, with their years only where two years meet.

    Where all are of one year, a title or a caption has to say it.
    """
    years = len({day.year for day in days}) > 1
    return [date_word(day, short=short, year=years) for day in days]
