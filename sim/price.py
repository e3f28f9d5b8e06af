"""The price and the roads in words: numbers of stakes, and what agreements name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.text import part_text, parts_of_whole

STAKES = (
    "A side's stakes are the utility distance between its worst and its best settlement; the cost "
    "of war and sanctions is taken off, its resolve is left out."
)
FEW = 100
"""Below so many agreements a share is told as a count."""
_SHOWN = 3


def digits_of(half: float) -> int:
    """How many decimals of a number of stakes its half-width supports.

    >>> digits_of(0.0008), digits_of(0.004), digits_of(0.03)
    (3, 3, 2)
    """
    return 3 if half < 0.005 else 2


def stakes(number: float, digits: int, *, signed: bool = False) -> str:
    """Write a number of stakes; nought has no sign.

    >>> stakes(-0.5646, 2), stakes(0.0123, 3, signed=True), stakes(-0.0001, 2, signed=True)
    ('-0.56', '+0.012', '0.00')
    """
    text = f"{number:+.{digits}f}" if signed else f"{number:.{digits}f}"
    return text if float(text) else text.lstrip("+-")


def span(both: Sequence[float], digits: int, *, signed: bool = False) -> str:
    """Write an interval of stakes."""
    low, high = (stakes(end, digits, signed=signed) for end in both)
    return f"{low} to {high}"


def worth_text(worth: Mapping[str, Any]) -> str:
    """Write a worth with both intervals, from its plain data.

    >>> worth_text({"mean": -0.5646, "mc": [-0.5657, -0.5635], "ensemble": [-0.77, -0.36]})
    '-0.565 stakes (dice -0.566 to -0.564; members -0.77 to -0.36)'
    """
    dice = worth["mc"]
    digits = digits_of((dice[1] - dice[0]) / 2.0) if dice else 2
    known = f"dice {span(dice, digits)}" if dice else "one world alone: no dice"
    both = worth["ensemble"]
    members = f"members {span(both, 2)}" if both else "too few members"
    return f"{stakes(worth['mean'], digits)} stakes ({known}; {members})"


# ------------------------------------------------------------------ roads


def issue_word(issue: str) -> str:
    """Return an issue as it stands in a sentence."""
    return "NATO" if issue == "nato" else issue.replace("_", " ")


def road_name(named: Sequence[str]) -> str:
    """Say what a package names.

    >>> road_name([]), road_name(["territory"]), road_name(["territory", "nato", "recognition"])
    ('no terms', 'territory alone', 'territory, NATO and recognition')
    """
    words = [issue_word(issue) for issue in named]
    if len(words) < 2:
        return f"{words[0]} alone" if words else "no terms"
    return f"{', '.join(words[:-1])} and {words[-1]}"


def roads_text(roads: Sequence[Mapping[str, Any]]) -> str:
    """Tell the roads to agreement in a sentence, from their plain data; empty if there are none."""
    if not roads:
        return ""
    total = sum(road["agreements"] for road in roads)
    if total == 1:
        return f"The one agreement names {road_name(roads[0]['named'])}."
    told = ", ".join(_shares(roads, total))
    whole = f"the {total} agreements" if total < FEW else "the agreements"
    return f"Of {whole}, {told}."


def _shares(roads: Sequence[Mapping[str, Any]], total: int) -> Iterator[str]:
    counts = [road["agreements"] for road in roads[:_SHOWN]]
    rest = sum(road["agreements"] for road in roads[_SHOWN:])
    shares = parts([*counts, rest], total)
    for n, (road, share) in enumerate(zip(roads, shares[: len(counts)], strict=False)):
        verb = "" if n else (" name" if road["agreements"] > 1 else " names")
        yield f"{share}{verb} {road_name(road['named'])}"
    if rest:
        yield f"{shares[-1]} something else"


def holding_text(roads: Sequence[Mapping[str, Any]]) -> str:
    """Tell how many of the agreements on the commonest roads hold; empty where that is not known.

    A road is told of if half the width of its interval is at most ten points.
    """
    known = [
        road
        for road in roads[:_SHOWN]
        if road["held_given_agreed_mc"][1] - road["held_given_agreed_mc"][0] <= 0.2
    ]
    told = []
    for road in known:
        low, high = (f"{100.0 * end:.0f}" for end in road["held_given_agreed_mc"])
        told.append(f"{low} to {high}% of those that name {road_name(road['named'])}")
    return f"A truce holds in {', '.join(told)}." if told else ""


def terms_text(terms: Mapping[str, Any] | None) -> str:
    """Tell the mean terms of all agreements, from their plain data; empty if there are none.

    >>> terms_text({"territory": {"mean": 0.675, "named": 0.67}, "nato": None,
    ...             "guarantee": 0.024, "relief": 1.0})
    'Signed on average: territory at 0.68 (named in 67%), guarantee 0.02, relief 1.00.'
    """
    if terms is None:
        return ""
    places = [
        f"{issue_word(issue)} at {term['mean']:.2f} (named in {100.0 * term['named']:.0f}%)"
        for issue, term in terms.items()
        if isinstance(term, Mapping)
    ]
    rest = [f"{name} {terms[name]:.2f}" for name in ("guarantee", "relief")]
    return f"Signed on average: {', '.join([*places, *rest])}."


def parts(counts: Sequence[int], total: int) -> list[str]:
    """Write parts of the agreements that add up as they are printed: in per cent, or as counts.

    The first three and what is left are rounded first, then what is left is cut: so the first have
    the same numbers however many parts are told.

    >>> parts([50, 50], 100), parts([3, 9], 12), parts([1, 3999], 4000)
    (['50%', '50%'], ['3', '9'], ['<1%', '>99%'])
    """
    if total < FEW:
        return [str(count) for count in counts]
    shares = [count / total for count in counts]
    first = parts_of_whole([*shares[:_SHOWN], sum(shares[_SHOWN:])])
    rounded = [*first[:_SHOWN], *parts_of_whole(shares[_SHOWN:], 0, first[-1])][: len(shares)]
    return [f"{part_text(*pair)}%" for pair in zip(rounded, shares, strict=True)]
