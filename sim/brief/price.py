"""The part that says what the agreements are made of, and what it all costs whom."""

from __future__ import annotations

from typing import Any

from sim import plots
from sim.brief.answer import sentence, title_of, worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.words import ahead_cell, verdict_note
from sim.experiments.differences import PriceDifference
from sim.means import Mean
from sim.plots.compare import members_apart
from sim.plots.roads import finding
from sim.plots.words import PER_CENT, caption, percent
from sim.price import STAKES, digits_of, issue_word, road_name, span, stakes, terms_text
from sim.results import Results

_MINUS = "\u2212"


def price(m: Material) -> Part:
    """What agreements name, how often they hold then, and the worth to each side."""
    results = m.results
    said = sentence(finding(results))
    blocks: list[Block] = []
    if results.roads:
        blocks += [_picture(results, said), _road_table(results, said)]
        blocks.append(say(terms_text(results.terms()).replace("%", PER_CENT)))
    else:
        blocks.append(say(said))
    worth = price_finding(m)
    blocks += [
        say(Span("The price, in stakes. ", strong=True), STAKES, " ", worth),
        _price_table(m, worth),
        say(
            "Odds and price stand beside each other and are never made into one number: a policy "
            "can bring a truce nearer at the cost of one side."
        ),
    ]
    return Part("price", "What it is made of, and its price", tuple(blocks), said)


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


def _road_table(results: Results, said: str) -> Table:
    total = sum(road.agreements for road in results.roads)
    rows: list[tuple[Any, ...]] = []
    for road in results.roads:
        names = [issue.name.lower() for issue in road.named]
        places = ", ".join(
            f"{issue_word(issue.name.lower())} {place:.2f}" for issue, place in road.places.items()
        )
        rows.append(
            (
                road_name(names),
                Cell(percent(road.share, total), road.share.mean),
                Cell(percent(road.held, road.agreements), road.held.mean),
                places,
                Cell(f"{road.guarantee:.2f}", road.guarantee),
                *(Cell(_number(worth), worth) for worth in road.worth),
            )
        )
    header = ("The package names", "Of the agreements", "Of these hold", "Mean places",
              "Guarantee", *_worth_to(results))  # fmt: skip
    note = "As it stood at the last signature. Worth: in stakes, means without their errors."
    columns = frozenset({1, 2, 4, *range(5, len(header))})
    return table("packages", said, header, rows, caption=note, numeric=columns)


def _number(worth: float) -> str:
    return stakes(worth, 2).replace("-", _MINUS)


def _worth_to(results: Results) -> list[str]:
    names = results.scenario.conflict.names
    return [f"Worth to {names[actor]}" for actor in results.worth]


# ------------------------------------------------------------------ the price


def price_finding(m: Material) -> str:
    """Say what a world is worth to each side, and how that differs from the first scenario."""
    results = m.results
    names = results.scenario.conflict.names
    own = " and ".join(
        f"{_ends(worth)} to {names[actor]}" for actor, worth in results.worth.items()
    )
    said = f"{title_of(results)} leaves a world worth {own}"
    mine = _own_differences(m)
    if not mine:
        return f"{said}."
    first = title_of(m.comparison.results[0]) if m.comparison else ""
    told = " and ".join(f"for {names[actor]} {_verdict(found)}" for actor, found in mine.items())
    return f"{said}. Against {first} that is {told}."


def _ends(worth: Mean) -> str:
    digits = digits_of(worth.half_width)
    text = stakes(worth.mean, digits)
    if worth.mc:
        text = f"{text} ({span(worth.mc, digits)})"
    return text.replace("-", _MINUS)


def _verdict(found: PriceDifference) -> str:
    if found.mc is None:
        return "not known from one world"
    digits = digits_of(found.half_width)
    text = stakes(found.mean, digits, signed=True)
    ends = f"{text} ({span(found.mc, digits, signed=True)})".replace("-", _MINUS)
    apart = f" on average, while {members_apart(found)}" if found.split else ""
    if found.dice == "tied":
        return f"no difference{apart}" if apart else f"no clear difference, {ends}"
    word = "better" if found.dice == "ahead" else "worse"
    if apart:
        return f"{word} by {text.lstrip('+-')}{apart}"
    return f"{word} by {ends.lstrip('+' + _MINUS)}"


def _own_differences(m: Material) -> dict[str, PriceDifference]:
    """How the scenario that is told in full differs in price from the first."""
    if m.comparison is None:
        return {}
    asked = m.results.scenario.resolved()  # its run may have had a precision, and so another id
    for n, other in enumerate(m.comparison.results[1:], 1):
        if other.scenario.resolved() == asked:
            return m.comparison.prices(n)
    return {}


def _price_table(m: Material, said: str) -> Table:
    """The worth to each side under every scenario, and how it differs from the first."""
    names = m.scenario.conflict.names
    compared = m.comparison
    every = compared.results if compared else (m.results,)
    rows: list[tuple[Any, ...]] = []
    for n, one in enumerate(every):
        shifts = compared.prices(n) if compared and n else {}
        for actor, worth in one.worth.items():
            rows.append((title_of(one), names[actor], worth_cell(worth), *_intervals(worth),
                         *(_difference(shifts.get(actor)) if compared else ())))  # fmt: skip
    header = ["Scenario", "Worth to", "In stakes", f"95{PER_CENT} dice", f"90{PER_CENT} of members"]
    note = "Dice: error of the estimate, which shrinks with more worlds."
    if compared:
        header += ["Difference", "Its dice", "Members ahead", "Verdict"]
        note = "Difference: from the first scenario, on the same worlds. Ahead: worth more to it."
        note += f" {verdict_note(compared)}"
    columns = frozenset(range(2, min(8, len(header))))
    return table("prices", said, header, rows, caption=note, numeric=columns)


def _intervals(worth: Mean) -> tuple[Cell, Cell]:
    dice = Cell("one world alone")
    if worth.mc:
        dice = Cell(_span(worth.mc, digits_of(worth.half_width)), worth.mc[0])
    if worth.ensemble is None:
        return dice, Cell("too few members")
    return dice, Cell(_span(worth.ensemble, 2), worth.ensemble[0])


def _span(both: tuple[float, float], digits: int, *, signed: bool = False) -> str:
    return span(both, digits, signed=signed).replace("-", _MINUS)


def _difference(found: PriceDifference | None) -> tuple[Any, ...]:
    if found is None:
        return "", "", "", ""
    dice = Cell("one world alone")
    if found.mc:
        dice = Cell(_span(found.mc, digits_of(found.half_width), signed=True), found.mc[0])
    return worth_cell(found, signed=True), dice, ahead_cell(found), found.verdict
