"""The parts with the numbers: how worlds end and how soon, and scenario beside scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.brief.cells import ODDS, odds_cells, worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.sets import reactions
from sim.brief.titles import sentence, title_of
from sim.brief.words import ahead_cell, dice, members, share_of, span, verdict_note, worlds_word
from sim.experiments.comparison import Comparison
from sim.experiments.differences import Difference, PriceDifference
from sim.plots import compare as comparing
from sim.plots.compare import points
from sim.plots.odds import MEANINGS
from sim.plots.prices import price_text
from sim.plots.words import PER_CENT, caption, finding, percent, percents
from sim.price import digits_of
from sim.price import span as stakes_span
from sim.results import Results
from sim.text import whole_points

FEW = 50
"""Below so many worlds with a truce, nothing is said of when most of them come."""
_MINUS = "\u2212"

# ------------------------------------------------------------------ how it ends


def odds(m: Material) -> Part:
    """How worlds end, with both intervals, and how soon a truce comes."""
    results, worlds = m.results, m.results.tally.worlds
    said = f"{title_of(results)}: {finding(results)}"
    blocks = [*_endings(m, sentence(said)), _outcome_table(results)]
    summed = f"Of {worlds:,} worlds, {finding(results)}" if worlds > 1 else sentence(said)
    return Part("odds", "How it ends, and how soon", tuple(blocks), summed)


def _endings(m: Material, said: str) -> Iterator[Block]:
    """The endings of every scenario side by side, or those of one and the day a truce comes."""
    results, compared = m.results, m.comparison
    if compared is None:
        yield Picture(
            "endings",
            said,
            f"Bars of the share of worlds by ending. {_endings_in_words(results)}",
            caption(results),
            lambda size: plots.endings(results, size=size, bare=True),
        )
        yield Picture(
            "incidence",
            sentence(_soon(results)),
            f"Areas of the share of worlds by day, all endings stacked. {_soon(results)}.",
            caption(results),
            lambda size: plots.incidence(results, size=size, bare=True),
        )
        return
    yield Picture(
        "side-by-side",
        sentence(comparing.leader(compared)),
        f"Stacked bars of the share of worlds by ending. {_stacks_in_words(compared)}",
        comparing.caption(compared),
        lambda size: plots.outcomes(compared, size=size, bare=True),
    )
    if len(compared.results) > 1:
        yield say(f"Told in full: {title_of(results)}. {sentence(_soon(results))}")


def _endings_in_words(results: Results) -> str:
    parts = percents(results)
    return " ".join(
        f"{MEANINGS[name][0]}: {parts[name]} (dice {dice(one)}; members {members(one)})."
        for name, one in results.odds.items()
    )


def _stacks_in_words(compared: Comparison) -> str:
    return " ".join(
        f"{title_of(one)}: held {percent(one.odds['held'], compared.worlds)}, agreed "
        f"{percent(one.agreed, compared.worlds)}."
        for one in compared.results
    )


def _outcome_table(results: Results) -> Table:
    shown = {**results.odds, "agreed": results.agreed}
    titles = {name: f"{title}: {meaning}" for name, (title, meaning) in MEANINGS.items()}
    titles["agreed"] = "Agreed: held or collapsed"
    parts = percents(results)  # which add up as they are printed
    rows = [
        (Cell(title), Cell(parts[name], shown[name].mean), *odds_cells(shown[name], 1)[1:])
        for name, title in titles.items()
    ]
    given = results.held_given_agreed
    if given is not None:
        cells = odds_cells(given, agreed_worlds(results))
        rows.append((Cell("Held, of the worlds that agreed"), *cells))
    header = ("How worlds end", *ODDS)
    return table("outcomes", _shares(results), header, rows, numeric=frozenset({1, 2, 3, 4}),
                 slide=False)  # fmt: skip


def _shares(results: Results) -> str:
    given = results.held_given_agreed
    if given is None:
        return "No truce is agreed in any world"
    agreed = share_of(results.agreed, results.tally.worlds)
    return f"A truce is agreed in {agreed}, and of those {span(given.mc)} hold 30 days"


def _soon(results: Results) -> str:
    days = results.days_to_truce()
    if days is None:
        return "no truce is agreed in any world"
    count = agreed_worlds(results)
    if count < FEW:
        where = f"in the {worlds_word(count)} where a truce is agreed"
        return f"{where}, it comes on day {days['p50']} at the median: too few to say more"
    return (
        f"where a truce is agreed, it comes on day {days['p50']} at the median, between day "
        f"{days['p10']} and day {days['p90']} in eight cases of ten"
    )


def agreed_worlds(results: Results) -> int:
    """In how many worlds a full truce was agreed."""
    return round(results.agreed.mean * results.tally.worlds)


# ------------------------------------------------------------------ scenario beside scenario


def comparison(m: Material) -> Part | None:
    """Levels, paired differences in odds and price, intervals, verdicts."""
    compared = m.comparison
    if compared is None:
        return None
    said = sentence(comparing.finding(compared))
    blocks: list[Block] = [
        Picture(
            "differences",
            said,
            f"Differences from {title_of(compared.results[0])} with intervals. "
            f"{_in_words(compared)}",
            comparing.caption(compared),
            lambda size: plots.differences(compared, size=size, bare=True),
        ),
        _levels(compared),
        say(
            f"Every scenario meets the same {compared.worlds:,} worlds, members and luck, so that "
            "a difference is one of policy alone, and is known better than either of the odds."
        ),
        _verdicts(compared, said),
        *filter(None, [reactions(compared.results)]),
    ]
    return Part("comparison", "Scenario beside scenario", tuple(blocks), said)


def _levels(compared: Comparison) -> Table:
    """The odds of a truce that holds, and the worth to each side, one below the other."""
    rows = [
        (
            Cell(title_of(one)),
            *odds_cells(one.odds["held"], one.tally.worlds),
            Cell(percent(one.agreed, one.tally.worlds), one.agreed.mean),
            *(worth_cell(worth) for worth in one.worth.values()),
        )
        for one in compared.results
    ]
    first = compared.results[0]
    rate = first.scenario.base_rate
    beside = ("", "", "", "", *("" for _ in first.worth))
    rate_cell = Cell(f"{100.0 * rate:.1f}{PER_CENT}", rate, to="base-rate")
    names = first.scenario.conflict.names
    header = ("A truce holds", *ODDS, "A truce is agreed",
              *(f"Worth to {names[actor]}" for actor in first.worth))  # fmt: skip
    every = [*rows, ("Base rate: the war so far alone", rate_cell, *beside)]
    note = (
        "Dice: error of the estimate, which shrinks with more worlds. Members: what nobody can "
        "settle today, which does not. Worth: in stakes. The base rate counts no talks at all."
    )
    return table("glance", sentence(comparing.leader(compared)), header, every, caption=note,
                 numeric=frozenset(range(1, len(header))))  # fmt: skip


def _pairs(compared: Comparison, quantity: str = "held") -> Iterator[tuple[Results, Difference]]:
    return zip(compared.results[1:], compared.differences[quantity], strict=True)


def _in_words(compared: Comparison) -> str:
    odds_ = " ".join(
        f"{title_of(other)}: {comparing.interval(found)} points."
        for other, found in _pairs(compared)
    )
    names = compared.results[0].scenario.conflict.names
    prices = " ".join(
        f"{title_of(other)}, worth to {names[actor]}: {price_text(found)} stakes."
        for actor, each in compared.worth.items()
        for other, found in zip(compared.results[1:], each, strict=True)
    )
    return f"{odds_} {prices}".strip()


def _verdicts(compared: Comparison, said: str) -> Table:
    """The differences in odds and in price, each with its verdict."""
    names = compared.results[0].scenario.conflict.names
    rows = [
        _odds_row(title_of(other), f"{words}, points", found)
        for quantity, words in comparing.NAMES.items()
        for other, found in _pairs(compared, quantity)
    ]
    rows += [
        _price_row(title_of(other), f"worth to {names[actor]}, stakes", found)
        for actor, each in compared.worth.items()
        for other, found in zip(compared.results[1:], each, strict=True)
    ]
    header = ("Scenario", "Difference in", "Mean", f"95{PER_CENT} dice",
              f"90{PER_CENT} of members", "Members ahead", "Verdict",
              "Worlds that gain, lose it")  # fmt: skip
    note = f"Against {title_of(compared.results[0])}. {verdict_note(compared)}"
    return table("verdicts", said, header, rows, caption=note, numeric=frozenset({2, 3, 4, 5, 7}),
                 slide=False)  # fmt: skip


def _odds_row(title: str, what: str, found: Difference) -> tuple[Any, ...]:
    half, both = found.half_width, found.ensemble
    ends = "too few members"
    if both:
        ends = " to ".join(whole_points(end) for end in both).replace("-", _MINUS)
    low, high = (points(end, half) for end in found.mc)
    digits = 1 if half < 0.01 else 0
    flips = " and ".join(f"{100 * end:.{digits}f}" for end in (found.gained, found.lost))
    return (
        title, what, Cell(points(found.mean, half), found.mean),
        Cell(f"{low} to {high}", found.mc[0]), Cell(ends, both and both[0]),
        ahead_cell(found), found.verdict, flips + PER_CENT,
    )  # fmt: skip


def _price_row(title: str, what: str, found: PriceDifference) -> tuple[Any, ...]:
    dice_ = Cell("one world alone")
    if found.mc:
        text = stakes_span(found.mc, digits_of(found.half_width), signed=True)
        dice_ = Cell(text.replace("-", _MINUS), found.mc[0])
    both = found.ensemble
    ends = Cell("too few members")
    if both:
        ends = Cell(stakes_span(both, 2, signed=True).replace("-", _MINUS), both[0])
    cells = (worth_cell(found, signed=True), dice_, ends, ahead_cell(found))
    return (title, what, *cells, found.verdict, "")
