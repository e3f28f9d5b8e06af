"""The words for odds, for how sure they are, and for differences: a fixed scale, documented once.

The words for odds are those of the Intelligence Community Directive 203 (2015), whose classes meet
without gaps; its ends are taken to 0 and to 1. No word stands without its number beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.brief.content import Cell
from sim.estimates import Odds
from sim.experiments.comparison import Comparison
from sim.experiments.differences import Difference, PriceDifference
from sim.plots.compare import members_apart, points
from sim.plots.words import PER_CENT, percent
from sim.text import counted, of_hundred

SCALE = (
    (0.05, "almost no chance"),
    (0.20, "very unlikely"),
    (0.45, "unlikely"),
    (0.55, "roughly even"),
    (0.80, "likely"),
    (0.95, "very likely"),
    (1.01, "almost certain"),
)
"""Each word and the odds below which it holds."""

SURE = ((0.10, "high"), (0.30, "moderate"), (1.01, "low"))
"""Confidence in the level, by the width below which 90 % of the members' own odds lie."""


def likelihood(odds: Odds) -> str:
    """Return the word of the scale; the first and the last, if the error reaches over several.

    >>> likelihood(Odds(0.30, (0.29, 0.31), None)), likelihood(Odds(0.20, (0.19, 0.21), None))
    ('unlikely', 'very unlikely to unlikely')
    """
    words = [word for _, word in SCALE]
    low, high = (_class(end) for end in odds.mc)
    if high - low > 1:
        return f"anywhere from {words[low]} to {words[high]}"
    return words[low] if low == high else f"{words[low]} to {words[high]}"


def range_words(both: tuple[float, float]) -> str:
    """Write the words of the scale from one odds to another.

    >>> range_words((0.0, 0.62)), range_words((0.08, 0.12))
    ('from almost no chance to likely', 'very unlikely')
    """
    low, high = (SCALE[_class(end)][1] for end in both)
    return low if low == high else f"from {low} to {high}"


def range_of(words: str) -> str:
    r"""Write which odds a word of the scale stands for, in brackets; nothing of several words.

    >>> range_of("very unlikely"), range_of("unlikely to likely")
    (' (5 to 20\xa0%)', '')
    """
    told = dict(scale_rows()).get(words)
    return f" ({told})" if told else ""


def dice_width(odds: Odds) -> str:
    """Write by how much more worlds would move odds at most, such as ``0.5 points``.

    >>> dice_width(Odds(0.2, (0.1945, 0.2056), None)), dice_width(Odds(0.2, (0.15, 0.26), None))
    ('0.6 points', '6 points')
    """
    most = 100.0 * max(odds.mc[1] - odds.mean, odds.mean - odds.mc[0])
    return f"{most:.{1 if most < 2.0 else 0}f} points"


def _class(share: float) -> int:
    return next(n for n, (end, _) in enumerate(SCALE) if share < end)


def confidence(held: Odds, kind: str) -> str:
    """Return how sure a level of odds is: `high`, `moderate`, `low`, or `unknown`.

    It goes by the members' interval, or by that of the dice if it is wider. Odds of a prior
    ensemble, which has not met the record, are never more than `low`; below 64 members it is
    `unknown`.
    """
    if held.ensemble is None:
        return "unknown"
    if kind == "prior":
        return "low"
    width = max(high - low for low, high in (held.ensemble, held.mc))
    return next(word for end, word in SURE if width < end)


def span(both: tuple[float, float], *, fine: bool = False) -> str:
    r"""Write an interval of shares in per cent.

    >>> span((0.0031, 0.612))
    '0.3 to 61\xa0%'
    """
    low, high = (_share(end, fine=fine) for end in both)
    return f"{low} to {high}{PER_CENT}"


def _share(share: float, *, fine: bool) -> str:
    digits = 1 if fine or 0.0005 <= share < 0.0095 else 0
    return f"{100.0 * share:.{digits}f}"


def dice(odds: Odds) -> str:
    r"""Write the interval of the estimate, to a tenth of a point up to two points on either side.

    >>> dice(Odds(0.2, (0.1945, 0.2056), None)), dice(Odds(0.2, (0.15, 0.26), None))
    ('19.4 to 20.6\xa0%', '15 to 26\xa0%')
    """
    return span(odds.mc, fine=odds.half_width <= 0.02)


def members(odds: Odds) -> str:
    """Write the interval of the members; it is never known to a tenth of a point."""
    if hidden(odds):
        return "within the dice"
    return span(odds.ensemble) if odds.ensemble else "too few members"


def median(odds: Odds) -> str:
    r"""Write the odds by the median member.

    >>> median(Odds(0.2, (0.19, 0.21), (0.0, 0.6), 0.043))
    '4.3\xa0%'
    """
    middle = odds.median_member
    if middle is None:
        return "too few members"
    return f"{100.0 * middle:.{1 if middle < 0.0995 else 0}f}{PER_CENT}"


def hidden(odds: Odds) -> bool:
    """Whether the dice hide how far the members differ.

    >>> hidden(Odds(0.002, (0.001, 0.005), (0.002, 0.002)))
    True
    """
    both = odds.ensemble
    return both is not None and odds.mc[0] <= both[0] and both[1] <= odds.mc[1]


def share_of(odds: Odds, worlds: int) -> str:
    """Write odds as a share of worlds, such as ``20.0 % of worlds`` or ``13 of 40 worlds``."""
    share = percent(odds, worlds)
    return f"{share} worlds" if " of " in share else f"{share} of worlds"


def worlds_word(worlds: int) -> str:
    """Write a number of worlds, such as ``1 world``."""
    return counted(worlds, "world")


def change(found: Difference) -> str:
    """Write a paired difference in points, with its interval or how the members disagree."""
    half = found.half_width
    if found.split:
        return f"{points(found.mean, half)} points on average, while {members_apart(found)}"
    low, high = (points(end, half) for end in found.mc)
    return f"{points(found.mean, half)} points ({low} to {high})"


def verdict(found: Difference, what: str = "the odds") -> str:
    """Say what came of a comparison, its number beside it, and whether the members agree.

    The words follow the verdict: `raises` or `lowers` if it is ahead or behind, with `on average`
    if the members disagree on the sign.
    """
    if found.verdict == "tied":
        half = found.half_width
        known_to = f"{points(found.mean, half)} ± {100.0 * half:.1f} points"
        if found.split:
            return f"makes no difference to {what} on average ({known_to}), but {_split(found)}"
        return f"makes no difference to {what} that these worlds can show ({known_to})"
    verb = "raises" if found.dice == "ahead" else "lowers"
    if found.split:
        by = points(found.mean, found.half_width).lstrip("+−")
        return f"{verb} {what} by {by} points on average, but {_split(found)}"
    return f"{verb} {what} by {change(found).lstrip('+−')}{_agreement(found)}"


def _split(found: Difference) -> str:
    """How the members disagree on the sign."""
    ahead, behind = found.members_ahead or 0.0, found.members_behind or 0.0
    less = of_hundred(behind).removesuffix(" of 100")
    said = f"raises them in {of_hundred(ahead)} members and lowers them in {less}"
    neither = 1.0 - ahead - behind
    level = of_hundred(neither).removesuffix(" of 100")
    return said if neither < 0.005 else f"{said}, with no clear effect in {level}"


def ahead_cell(found: Difference | PriceDifference) -> Cell:
    """How many members are ahead, as a cell."""
    if found.members_ahead is None:
        return Cell("too few members")
    text = "within the dice" if found.hidden else of_hundred(found.members_ahead)
    return Cell(text, found.members_ahead)


def verdict_note(compared: Comparison) -> str:
    """Say what the verdicts of a comparison mean, in a line."""
    if compared.differences["held"][0].ensemble is None:
        return "Fewer than 64 members: verdicts of the dice alone; tied if these hold 0."
    return (
        f"Tied: the dice's interval holds 0. On average: it does not, but 90{PER_CENT} of members "
        "hold both signs."
    )


def _agreement(found: Difference) -> str:
    if found.split or found.hidden or found.members_ahead is None:
        return ""
    agree = found.members_ahead if found.dice == "ahead" else found.members_behind
    return f", and {of_hundred(agree or 0.0)} members agree"


def scale_rows() -> Iterator[tuple[str, str]]:
    """Yield each word of the scale with the odds that it stands for."""
    start = 0.0
    for end, word in SCALE:
        top = min(end, 1.0)
        yield word, f"{100 * start:.0f} to {100 * top:.0f}{PER_CENT}"
        start = end
