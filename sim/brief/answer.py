"""The parts that say what comes of it: question and answer, odds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim import plots
from sim.brief.content import Block, Cell, Paragraph, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.reacts import reacts
from sim.brief.words import (
    change,
    confidence,
    dice,
    hidden,
    likelihood,
    members,
    share_of,
    span,
    verdict,
    worlds_word,
)
from sim.estimates import Odds
from sim.experiments.differences import PriceDifference
from sim.experiments.sensitivity.jackknife import Estimate
from sim.experiments.sweep.study import Study
from sim.inputs.levers import value_text
from sim.inputs.scenario import Scenario
from sim.means import Mean
from sim.plots.odds import MEANINGS
from sim.plots.panels import word
from sim.plots.words import PER_CENT, PRIOR, caption, finding, percent
from sim.price import digits_of, stakes
from sim.results import Results
from sim.text import days_word

NUMBERS = frozenset({1, 2, 3})
LONGEST = 80
"""Letters of a title inside a sentence."""
DOUBTS = 3
"""So many doubts stand beside the answer; all of them stand with the method."""
FEW = 50
"""Below so many worlds with a truce, nothing is said of when most of them come."""


def sentence(text: str) -> str:
    """Make a sentence of a finding."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."


def lowered(text: str) -> str:
    """Make a finding go on behind a colon."""
    return text[:1].lower() + text[1:]


def short(title: str) -> str:
    """Shorten a title that is to stand inside a sentence; the page's heading has all of it."""
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 1].rstrip()}…"


def titled(scenario: Scenario) -> str:
    """A scenario's title, shortened if it is long, with what was set beside its file."""
    settings = [f"{lever} = {value_text(value)}" for lever, value in scenario.overrides.items()]
    return short(scenario.title) + (f" with {', '.join(settings)}" if settings else "")


def title_of(result: Results) -> str:
    """The same of the scenario of a run."""
    return titled(result.scenario)


# ------------------------------------------------------------------ 1. question and answer


def answer(m: Material) -> Part:
    """The question, the answer in two sentences, and what it is to be compared with."""
    results = m.results
    first, second = _first(m), _second(results)
    blocks: list[Block] = [
        *_warnings(m),
        say(Span("The question. ", strong=True), results.scenario.question),
        say(Span("The answer. ", strong=True), *first, " ", *second, kind="answer"),
        *filter(None, [reacts(results)]),
        say(Span("Compared with what. ", strong=True), *_compared(m)),
        *_doubts(m),
        _glance(m),
    ]
    held = results.odds["held"]
    said = f"A truce holds in {share_of(held, results.tally.worlds)}: {likelihood(held)}"
    return Part("answer", "The question and the answer", tuple(blocks), said)


def _doubts(m: Material) -> Iterator[Paragraph]:
    """What not to lean on with the levers that are used, the weightiest first."""
    doubts = [doubt.short for doubt in m.scenario.doubts[:DOUBTS]]
    if doubts:
        yield say(Span("What not to lean on. ", strong=True), sentence("; ".join(doubts)))


def _first(m: Material) -> Iterator[str | Span]:
    scenario, held = m.scenario, m.results.odds["held"]
    yield f"Within {days_word(scenario.horizon_days)} of {scenario.as_of}, "
    yield Span(finding(m.results), to="odds", strong=True)
    yield f" (in words: {likelihood(held)})"
    yield from _difference(m)
    yield "."


def _difference(m: Material) -> Iterator[str | Span]:
    """How far that is from the first scenario, or that no other does clearly better."""
    if m.comparison is None:
        return
    first, *others = m.comparison.results
    pairs = zip(others, m.comparison.differences["held"], strict=True)
    asked = m.results.scenario.resolved()  # its run may have had a precision, and so another id
    mine = [found for other, found in pairs if other.scenario.resolved() == asked]
    if not mine:
        split = any(found.split for found in m.comparison.differences["held"])
        yield f", and no scenario beside it does clearly better{' on average' if split else ''}"
    elif mine[0].dice == "tied":
        yield f", which cannot be told from {title_of(first)}: "
        yield Span(change(mine[0]), to="comparison")
    else:
        yield f", against {title_of(first)} "
        yield Span(change(mine[0]), to="comparison")


def _second(results: Results) -> Iterator[str | Span]:
    held = results.odds["held"]
    yield "Chance blurs that number to "
    yield Span(dice(held), to="odds")
    if held.ensemble is None:
        yield "; too few members were used to say how far ignorance blurs it."
        return
    if hidden(held):
        yield ", and so few worlds cannot show that what nobody can settle today blurs it more"
    else:
        yield ", and what nobody can settle today blurs it to "
        yield Span(members(held), to="ignorance")
        yield " (nine in ten members)"
    yield f": confidence in the level is {confidence(results)}."


def _warnings(m: Material) -> Iterator[Paragraph]:
    if m.results.ensemble_kind == "prior":
        yield say(f"These are prior odds, {PRIOR}: opinion, not evidence.", kind="warning")
    if doubt := m.results.ensemble_doubt:
        yield say(f"{doubt[0].upper()}{doubt[1:]}.", kind="warning")
    for study in m.studies:
        if study.summary["failed"]:
            failed = (
                f"{study.summary['failed']:,} of {study.summary['points']:,} points of study "
                f"{study.summary['study_id']} failed and are missing from what is said of it."
            )
            yield say(failed, *(f" {note}" for note in study.summary["notes"]), kind="warning")


def _compared(m: Material) -> Iterator[str | Span]:
    results = m.results
    yield "The length of the war, and how often past truces lasted, alone give "
    yield Span(_rate(results), to="base-rate")
    yield " (the base rate)."
    if m.comparison is None:
        return
    first, *others = m.comparison.results
    yield f" Set against {title_of(first)}, where a truce holds in "
    yield Span(share_of(first.odds["held"], first.tally.worlds), to="comparison")
    yield ": "
    pairs = zip(others, m.comparison.differences["held"], strict=True)
    yield "; ".join(f"{title_of(other)} {verdict(found)}" for other, found in pairs)
    yield "."
    for text in _by_others(m, [first, *others]):
        yield f" {text}"


def _by_others(m: Material, compared: Sequence[Results]) -> Iterator[str]:
    """Whether each difference is robust, if others' models were asked about the same scenarios."""
    asked = [one.scenario.resolved() for one in compared]
    for found in m.views:
        if [one.resolved() for one in found.setting.scenarios] == asked:
            for n, other in enumerate(compared[1:]):
                verdict_ = found.verdict(n).said
                yield f"By the model and by others’, {title_of(other)} is {verdict_}."


def _rate(results: Results) -> str:
    rate = results.scenario.base_rate
    return f"{100.0 * rate:.1f}{PER_CENT}" if rate >= 0.0005 else f"less than 0.1{PER_CENT}"


def _glance(m: Material) -> Table:
    """Every odds of a truce that holds, one below the other."""
    every = m.comparison.results if m.comparison else (m.results,)
    rows: list[tuple[Any, ...]] = [
        (
            Cell(title_of(one)),
            *_odds_cells(one.odds["held"], one),
            *_odds_cells(one.agreed, one)[:1],
            *(worth_cell(worth, to="price") for worth in one.worth.values()),
        )
        for one in every
    ]
    rate = Cell(_rate(m.results), m.results.scenario.base_rate, to="base-rate")
    sides = [m.scenario.conflict.names[actor] for actor in m.results.worth]
    rows.append(("Base rate: from the war so far alone", rate, "", "", "", *("" for _ in sides)))
    for study in m.studies:
        rows += [*_points(study)]
    header = ("Case", "A truce holds", f"95{PER_CENT} dice", f"90{PER_CENT} of members",
              "A truce is agreed", *(f"Worth to {name}" for name in sides))  # fmt: skip
    caption_ = "Dice: error of the estimate, shrinks with more worlds. Members: does not shrink. "
    caption_ += "Worth: in stakes."
    said = f"A truce holds in {share_of(m.results.odds['held'], m.results.tally.worlds)}; "
    said += f"the base rate is {_rate(m.results)}"
    return table("glance", said, header, rows, caption=caption_, numeric=NUMBERS | {4, 5, 6})


def worth_cell(
    worth: Mean | PriceDifference | Estimate, *, signed: bool = False, to: str = ""
) -> Cell:
    """Return a worth in stakes, or a difference of worths, as a cell."""
    text = stakes(worth.mean, digits_of(worth.half_width), signed=signed)
    return Cell(text.replace("-", "\u2212"), worth.mean, to=to)


def _points(study: Study) -> Iterator[tuple[Any, ...]]:
    """The best point of a sweep, and the scenario as it stands in the same worlds."""
    worlds = int(study.summary["worlds"])
    for label, point in marked(study):
        if label != "Worst":
            held, agreed = (odds_of(point["odds"][name]) for name in ("held", "agreed"))
            where = ", ".join(f"{lever} {word(value)}" for lever, value in point["levers"].items())
            name = f"{label}, in the sweep's {worlds_word(worlds)} ({where})"
            last = Cell(percent(agreed, worlds), agreed.mean)
            worths = (worth_cell(Mean.from_dict(one)) for one in point["worth"].values())
            yield name, *odds_cells(held, worlds), last, *worths


def _odds_cells(odds: Odds, results: Results) -> tuple[Cell, ...]:
    return odds_cells(odds, results.tally.worlds)


def marked(study: Study) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the best point, the scenario as it stands and the worst, as far as they were run."""
    names = (("best", "Best"), ("today", "As the scenario stands"), ("worst", "Worst"))
    for name, label in names:
        point = study.summary[name]
        if point and point["odds"]["held"]:
            yield label, point


def odds_cells(odds: Odds, worlds: int) -> tuple[Cell, Cell, Cell]:
    """Return odds and both intervals as cells."""
    both = odds.ensemble
    return (
        Cell(percent(odds, worlds), odds.mean),
        Cell(dice(odds), odds.mc[0]),
        Cell(members(odds), both[0] if both else None),
    )


def odds_of(document: dict[str, Any]) -> Odds:
    """Return odds from the plain data of a summary."""
    return Odds.from_dict(document)


# ------------------------------------------------------------------ 2. odds


def odds(m: Material) -> Part:
    """How worlds end, with both intervals, and how soon a truce comes."""
    results, worlds = m.results, m.results.tally.worlds
    said = f"{title_of(results)}: {finding(results)}"
    blocks: list[Block] = []
    if m.comparison and len(m.comparison.results) > 1:
        blocks.append(say(f"Told in full: {title_of(results)}."))
    blocks += [
        Picture(
            "endings",
            sentence(said),
            f"Bars of the share of worlds by ending. {_endings_in_words(results)}",
            caption(results),
            lambda size: plots.endings(results, size=size, bare=True),
        ),
        _outcome_table(results),
        Picture(
            "incidence",
            sentence(_soon(results)),
            f"Areas of the share of worlds by day, all endings stacked. {_soon(results)}.",
            caption(results),
            lambda size: plots.incidence(results, size=size, bare=True),
        ),
    ]
    summed = f"Of {worlds:,} worlds, {finding(results)}" if worlds > 1 else sentence(said)
    return Part("odds", "How it ends, and how soon", tuple(blocks), summed)


def _endings_in_words(results: Results) -> str:
    return " ".join(
        f"{MEANINGS[name][0]}: {percent(one, results.tally.worlds)} "
        f"(dice {dice(one)}; members {members(one)})."
        for name, one in results.odds.items()
    )


def _outcome_table(results: Results) -> Table:
    rows = [
        (Cell(f"{title}: {meaning}"), *_odds_cells(results.odds[name], results))
        for name, (title, meaning) in MEANINGS.items()
    ]
    rows.append((Cell("Agreed: held or collapsed"), *_odds_cells(results.agreed, results)))
    given = results.held_given_agreed
    if given is not None:
        cells = odds_cells(given, agreed_worlds(results))
        rows.append((Cell("Held, of the worlds that agreed"), *cells))
    header = ("How worlds end", "Odds", f"95{PER_CENT} dice", f"90{PER_CENT} of members")
    return table("outcomes", _shares(results), header, rows, numeric=NUMBERS)


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
