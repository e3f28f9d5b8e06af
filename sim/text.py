"""How numbers, names and foreign text are written in messages."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from sim.errors import SimError


def printable(text: object) -> str:
    """Return text that came from outside with its control characters made visible."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def json_printable(text: str) -> str:
    r"""Return JSON with what cannot be printed in escapes, such as marks that turn its direction.

    >>> json_printable('{"title": "a\u202eb"}')
    '{"title": "a\\u202eb"}'
    """
    return "".join(c if c.isprintable() or c in "\n " else _escaped(c) for c in text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    pairs = zip(units[::2], units[1::2], strict=True)
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in pairs)


_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def mixed_words(text: str) -> list[str]:
    """Return the words of a text in which letters of several alphabets look alike.

    >>> mixed_words("Peace pl\u0430n"), mixed_words("Peace plan"), mixed_words("a \u043c\u0438")
    (['pl\u0430n'], [], [])
    """
    words = re.findall(r"[^\W\d_]+", text)
    return [word for word in dict.fromkeys(words) if len({*map(_script, word)} - {""}) > 1]


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return name if name in _SCRIPTS else ""


def error_text(error: SimError) -> str:
    """Return an error's message, a line a problem, as a terminal may show it.

    Control characters are made visible, and a word longer than any path is cut in its middle.
    """
    return "\n".join(_LONG_WORD.sub(_cut, printable(line)) for line in error.lines)


_LONG_WORD = re.compile(r"\S{1001,}")


def _cut(word: re.Match[str]) -> str:
    return f"{word[0][:100]}...{word[0][-100:]}"


def shown(value: object) -> str:
    """Return a value that came from outside, short and printable, for an error message."""
    text = printable(value)
    text = f"{text[:40]}..." if len(text) > 40 else text
    return f"'{text}'" if isinstance(value, str) else text


_NEAR = 0.65
"""How like a word must be to another to be a misspelling of it, 1 if they are the same."""


def near_name(typed: object, names: Iterable[str]) -> str:
    """Return the one of some names that a misspelt name was meant to be; empty if none is safe.

    Names are compared word by word, where a word ends at '.', '_', '-' or a space. Each word typed
    must be a near spelling of the word at the same place, so that neither the family before the
    dot nor an actor is ever another one. Words may be missing at the end if at least two are typed
    and one name alone begins so.

    >>> near_name("aid.levl", ["aid.level", "aid.us_threat"])
    'aid.level'
    >>> near_name("mediator.patience", ["mediator.patience_days"])
    'mediator.patience_days'
    >>> near_name("us_threat", ["aid.us_threat"]), near_name("aid.threat", ["aid.us_threat"])
    ('', '')
    """
    words = _words(typed)
    whole: dict[str, float] = {}
    longer = []
    for name in names:
        own = _words(name)
        if "".join(own) == "".join(words):
            return name
        likeness = [_alike(*pair) for pair in zip(words, own, strict=False)]
        if len(words) > len(own) or min(likeness, default=0.0) < _NEAR:
            continue
        if len(words) == len(own):
            whole[name] = sum(likeness)
        elif len(words) > 1:
            longer.append(name)
    if whole:
        return max(whole, key=whole.__getitem__)
    return longer[0] if len(longer) == 1 else ""


def _words(name: object) -> list[str]:
    return re.split(r"[._\s-]+", str(name)[:_LONGEST].casefold())


_LONGEST = 200
"""More of what was typed is not compared."""


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def did_you_mean(typed: object, names: Iterable[str], otherwise: str = "") -> str:
    """Return a sentence that says which of some names may have been meant.

    Parameters
    ----------
    otherwise
        The sentence if none is near, as `near_name` has it; by default all names there are.
    """
    names = list(names)
    near = near_name(typed, names)
    if near:
        return f"Did you mean {near}?"
    return otherwise or f"There are: {', '.join(names)}."


def days_word(number: int) -> str:
    """Write a number of days."""
    return f"{number} day{'s' if number > 1 else ''}"


def counted(number: int, thing: str) -> str:
    """Write how many there are of something, such as ``1 world``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size_word(size: int) -> str:
    """Write a number of bytes.

    >>> size_word(0), size_word(999), size_word(12_345), size_word(2_500_000_000)
    ('0 B', '999 B', '12.3 kB', '2.5 GB')
    """
    if size < 1000:
        return f"{size} B"
    value, units = size / 1000.0, ["kB", "MB", "GB", "TB"]
    while value >= 999.95 and len(units) > 1:
        value /= 1000.0
        units.pop(0)
    return f"{value:.1f} {units[0]}"


def parts_of_whole(
    shares: Sequence[float], digits: int = 0, whole: float | None = None
) -> list[float]:
    """Round parts of a whole so that they add up as they are printed: the largest remainder.

    Each part is rounded down, and what is missing goes, a unit of the last digit each, to those
    that lost most by it. Each part is then less than a unit off.

    Parameters
    ----------
    shares
        The parts, 1 for all there is; they need not sum to 1.
    digits
        Decimals of a per cent that are printed, the same for all parts.
    whole
        The whole in per cent as it is printed elsewhere, rounded up or down; by default the sum
        of the shares, rounded.

    Returns
    -------
    list of float
        The parts in per cent, in the order given.

    Examples
    --------
    >>> parts_of_whole([1 / 3, 1 / 3, 1 / 3]), parts_of_whole([0.125, 0.875], 1)
    ([34.0, 33.0, 33.0], [12.5, 87.5])
    """
    unit = 10.0**digits
    exact = [round(100.0 * share * unit, 9) for share in shares]
    parts = [math.floor(part) for part in exact]
    left = round(sum(exact) if whole is None else whole * unit) - sum(parts)
    order = sorted(range(len(parts)), key=lambda n: parts[n] - exact[n])
    for n in order[: max(left, 0)]:
        parts[n] += 1
    return [part / unit for part in parts]


def part_text(part: float, share: float, digits: int = 0) -> str:
    """Write a part of `parts_of_whole` without its sign of per cent; a share that is there is seen.

    >>> part_text(12.0, 0.12), part_text(0.0, 0.004), part_text(0.0, 0.0), part_text(100.0, 0.998)
    ('12', '<1', '0', '>99')
    """
    least = f"{10.0**-digits:g}"
    if part == 0.0 and share > 0.0:
        return f"<{least}"
    if part == 100.0 and share < 1.0:
        return f">{100.0 - 10.0**-digits:g}"
    return f"{part:.{digits}f}"


def of_hundred(share: float) -> str:
    """Write a share of the members as so many of 100.

    >>> of_hundred(0.834), of_hundred(0.998), of_hundred(0.002), of_hundred(0.0)
    ('83 of 100', 'over 99 of 100', 'under 1 of 100', '0 of 100')
    """
    whole = round(100.0 * share)
    if whole == 0 and share > 0.0:
        return "under 1 of 100"
    if whole == 100 and share < 1.0:
        return "over 99 of 100"
    return f"{whole} of 100"


def whole_points(share: float) -> str:
    """Write a difference that members have in whole points, finer only where that hides its sign.

    >>> whole_points(0.234), whole_points(-0.0031), whole_points(0.0)
    ('+23', '-0.3', '0')
    """
    text = f"{100.0 * share:+.0f}"
    if int(text):
        return text
    return f"{100.0 * share:+.1g}" if abs(share) >= 1e-6 else "0"


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
