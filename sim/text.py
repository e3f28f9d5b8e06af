"""How numbers, names and foreign text are written in messages."""

from __future__ import annotations


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
