"""The part that says what the agreements are made of, and what it all costs whom."""

from __future__ import annotations

from sim import plots
from sim.brief.cells import worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, title_of
from sim.experiments.differences import PriceDifference
from sim.means import Mean
from sim.plots.roads import finding
from sim.plots.words import PER_CENT, caption
from sim.price import digits_of, road_name, span, stakes, terms_text
from sim.results import Results
from sim.text import of_hundred

_MINUS = "\u2212"
STAKE = "0 is a side’s best settlement and −1 its worst, and war and sanctions cost more"
RANGE = "1 is the distance between a side’s worst and its best settlement"
OTHERS = "What it costs others is not in the model."


def price(m: Material) -> Part:
    """What agreements name, how often they hold then, and the worth to each side."""
    results = m.results
    said = sentence(finding(results))
    blocks: list[Block] = []
    if results.roads:
        blocks.append(_picture(results, said))
        blocks.append(say(terms_text(results.terms()).replace("%", PER_CENT)))
    else:
        blocks.append(say(said))
    if m.comparison is None:
        blocks.append(_worths(results))
    blocks.append(
        say(
            "Odds and price stand beside each other and are never made into one number: a policy "
            "can bring a truce nearer at the cost of one side."
        )
    )
    return Part("price", "What the agreements are made of, and at what price", tuple(blocks), said)


def _picture(results: Results, said: str) -> Picture:
    told = "; ".join(
        f"{road_name(one['named'])}: {100.0 * one['share']:.0f}{PER_CENT}"
        for one in results.road_documents()
    )
    return Picture(
        "roads",
        said,
        f"Bars of the share of agreements by what the package names. {told}.",
        caption(results),
        lambda size: plots.roads(results, size=size, bare=True),
    )


def _worths(results: Results) -> Table:
    """The worth to each side; where scenarios are compared it stands with their odds."""
    names = results.scenario.conflict.names
    rows = [
        (names[actor], worth_cell(worth), *_intervals(worth))
        for actor, worth in results.worth.items()
    ]
    header = ("Worth to", "In stakes", f"95{PER_CENT} dice", f"90{PER_CENT} of members")
    return table("prices", "What a world is worth to each side", header, rows,
                 numeric=frozenset({1, 2, 3}), slide=False)  # fmt: skip


def _intervals(worth: Mean) -> tuple[Cell, Cell]:
    dice = Cell("one world alone")
    if worth.mc:
        text = span(worth.mc, digits_of(worth.half_width)).replace("-", _MINUS)
        dice = Cell(text, worth.mc[0])
    if worth.ensemble is None:
        return dice, Cell("too few members")
    return dice, Cell(span(worth.ensemble, 2).replace("-", _MINUS), worth.ensemble[0])


# ------------------------------------------------------------------ the price


def price_finding(m: Material) -> str:
    """Say what a world is worth to each side, or how that differs from the first scenario."""
    results = m.results
    names = results.scenario.conflict.names
    mine = _own_differences(m)
    if not mine:
        own = " and ".join(
            f"{stakes(worth.mean, 2).replace('-', _MINUS)} to {names[actor]}"
            for actor, worth in results.worth.items()
        )
        return f"{title_of(results)} leaves a world worth {own}, where {STAKE}. {OTHERS}"
    assert m.comparison is not None
    first = title_of(m.comparison.results[0])
    told = " and ".join(f"{_verdict(found)} to {names[actor]}" for actor, found in mine.items())
    return f"Against {first} a world is worth {told}, where {RANGE}. {OTHERS}"


def _verdict(found: PriceDifference) -> str:
    """How much more or less a world is worth to a side, and in how many members."""
    if found.mc is None:
        return "as much, as far as one world tells,"
    digits = digits_of(found.half_width)
    text = stakes(abs(found.mean), digits)
    if found.dice == "tied":
        return "as much, as far as these worlds tell,"
    more, less = ("more", "less") if found.dice == "ahead" else ("less", "more")
    if found.split:
        mine, other = found.members_ahead or 0.0, found.members_behind or 0.0
        if found.dice != "ahead":
            mine, other = other, mine
        others = of_hundred(other).removesuffix(" of 100")
        members = f"{more} in {of_hundred(mine)} members, {less} in {others}"
        return f"{text} {more} on average ({members})"
    low, high = sorted(abs(end) for end in found.mc)
    return f"{text} {more} ({stakes(low, digits)} to {stakes(high, digits)})"


def _own_differences(m: Material) -> dict[str, PriceDifference]:
    """How the scenario that is told in full differs in price from the first."""
    if m.comparison is None:
        return {}
    asked = m.results.scenario.resolved()  # its run may have had a precision, and so another id
    for n, other in enumerate(m.comparison.results[1:], 1):
        if other.scenario.resolved() == asked:
            return m.comparison.prices(n)
    return {}
