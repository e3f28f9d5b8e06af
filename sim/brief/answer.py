"""The first page: the question, the answer with how sure, one figure, the price, and four lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sim.brief.cells import odds_of
from sim.brief.content import Block, Paragraph, Part, Picture, Span, say
from sim.brief.inputs import Material
from sim.brief.lead import Lead
from sim.brief.lead_numbers import level, price
from sim.brief.optimise import best_alone, package_case
from sim.brief.put import cases
from sim.brief.reacts import reacts
from sim.brief.says_who import plain
from sim.brief.score import score_sentence
from sim.brief.soon import soonest
from sim.brief.titles import lowered, sentence, title_of
from sim.brief.views import verdicts
from sim.brief.watch import to_see, turn_of_choice
from sim.brief.words import (
    confidence,
    dice_width,
    hidden,
    likelihood,
    members,
    range_words,
    verdict,
)
from sim.estimates import Odds
from sim.inputs.doubts import doubts_about
from sim.outcomes import HAPPENING
from sim.plots.blockers import finding as blocking
from sim.plots.compare import finding as differing
from sim.plots.redteam import finding as undoing
from sim.plots.tornado import finding as mattering
from sim.plots.waterfall import finding as adding
from sim.plots.words import PER_CENT, PRIOR, percent
from sim.text import date_word

_MEMBERS = "guesses at what nobody can settle today"
DOUBTS = 2
"""So many doubts stand on the first page, the weightiest first."""
FORTNIGHT = 14
"""Days within which the next events are watched."""
HELD = HAPPENING["held"]
_COMPARED = 3
"""Of so many scenarios at most it is said what each sets."""
STANDING = {
    "assumed": "it is assumed",
    "size assumed": "its size is assumed",
    "stated": "it rests on statements",
    "sourced": "it rests on a source",
    "record": "the record left it so",
}
"""By standing of a number: the same as a clause."""


def answer(m: Material, asked: Lead, figure: Picture | None) -> Part:
    """Return the first page, which is enough alone."""
    said = _answer(m, asked, figure)
    shown: list[Block] = [] if figure is None else [replace(figure, finding="")]
    blocks: list[Block] = [
        *_warnings(m),
        say(Span("The question. ", strong=True), m.cover.question or asked.question),
        say(Span("The answer. ", strong=True), said, kind="answer"),
        say(Span("The case. ", strong=True), _case(m, asked)),
        *filter(None, [reacts(m.results)]),
        say(Span("How likely. ", strong=True), " ".join((_counted(m), *level(m, asked)))),
        say(Span("How sure. ", strong=True), " ".join(_sure(m, asked))),
        *shown,
        say(Span("At what price. ", strong=True), price(m, asked)),
        say(Span("What drives it. ", strong=True), " ".join(_drives(m, asked))),
        say(Span(f"What to watch by {_fortnight(m)}. ", strong=True), _watch(m)),
        say(Span("What would change the answer. ", strong=True), " ".join(_changes(m))),
        say(Span("What not to believe here. ", strong=True), _doubts(m, asked)),
    ]
    return Part("answer", "The question and the answer", tuple(blocks), said.rstrip("."))


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


# ------------------------------------------------------------------ the answer


def _answer(m: Material, asked: Lead, figure: Picture | None) -> str:
    """One sentence that both intervals allow."""
    if asked.part == "comparison":
        return sentence(_difference(m))
    if asked.part == "odds" or figure is None:
        return sentence(_alone(m))
    return figure.finding


def _case(m: Material, asked: Lead) -> str:
    """What is set in the scenarios that are asked about."""
    if asked.part == "optimise" and m.optimised[0].best is not None:
        return package_case(m.optimised[0])
    if m.comparison is None or len(m.comparison.results) > _COMPARED:
        return cases([m.scenario])
    return cases([one.scenario for one in reversed(m.comparison.results)])


def _alone(m: Material) -> str:
    """How likely a truce that holds is, as far as the members agree."""
    held, scenario = m.results.odds["held"], m.scenario
    last = date_word(scenario.as_of + timedelta(days=scenario.horizon_days))
    what = f"A truce that is agreed by {last} and holds 30 days"
    if held.ensemble is None or hidden(held):
        return f"{what} is {likelihood(held)}"
    both = range_words(held.ensemble)
    if both == likelihood(held):
        return f"{what} is {both}"
    return (
        f"{what} is {likelihood(held)} on average, but what nobody can settle today leaves it "
        f"anything {both} ({members(held)} in nine of ten guesses at it)"
    )


def _difference(m: Material) -> str:
    """What the scenario that is told in full does to the odds, as far as the members agree."""
    assert m.comparison is not None
    first, *others = m.comparison.results
    resolved = m.scenario.resolved()  # its run may have had a precision, and so another id
    pairs = zip(others, m.comparison.differences["held"], strict=True)
    mine = [found for other, found in pairs if other.scenario.resolved() == resolved]
    if len(others) > 1 or not mine:
        return differing(m.comparison)
    told = verdict(mine[0], f"the odds that {HELD} 30 days")
    return f"Set against {title_of(first)}, {title_of(m.results)} {told}"


# ------------------------------------------------------------------ how likely, how sure


def _counted(m: Material) -> str:
    """What is counted."""
    worlds, used = m.results.tally.worlds, m.results.tally.members_used
    return (
        f"Each of {worlds:,} worlds is one simulated course of events under one of {used:,} "
        f"members, {_MEMBERS}, such as hidden resolve."
    )


def _sure(m: Material, asked: Lead) -> Iterator[str]:
    odds = _odds(m, asked)
    yield _error(odds)
    yield f"Confidence in the level is {confidence(odds, m.results.ensemble_kind)}."
    yield from verdicts(m)
    yield score_sentence(m)


def _odds(m: Material, asked: Lead) -> Odds:
    """The odds that are told first: of the run, or of the best point or package."""
    if asked.part == "surface" and (best := m.studies[0].summary["best"]):
        return odds_of(best["odds"]["held"])
    if asked.part == "optimise" and m.optimised[0].best is not None:
        return m.optimised[0].best.odds
    return m.results.odds["held"]


def _error(odds: Odds) -> str:
    """How far the estimate may be off, against how far the members differ."""
    said = f"The average is off by {dice_width(odds)} at most through luck in the simulation"
    if odds.ensemble is None:
        return f"{said}; too few members were used to say how far they differ."
    if hidden(odds):
        return f"{said}, which hides how far the members differ."
    return f"{said}; the members’ range is the larger doubt, and only evidence narrows it."


# ------------------------------------------------------------------ four lines


def _drives(m: Material, asked: Lead) -> Iterator[str]:
    """Which lever adds most, or who blocks; and on which number the odds lean."""
    if asked.part == "optimise":
        yield from best_alone(m.optimised[0])
    elif m.whys:
        yield sentence(adding(m.whys[0]))
    elif m.sensitivities:
        yield sentence(mattering(m.sensitivities[0]))
    yield from _made_of(m)
    blocks = f"Under {title_of(m.results)} {blocking(m.results)}"
    yield f"{blocks}; that names the last no, not the cause."
    if m.explanation is not None and m.explanation.reasons:
        first = m.explanation.reasons[0]
        share = 100.0 * first.driver.share
        yield (
            f"The unknown that divides the members most is “{plain(first, m.explanation.conflict)}”"
            f" ({share:.0f}{PER_CENT} of their disagreement; {STANDING[first.source.standing]})."
        )


def _made_of(m: Material) -> Iterator[str]:
    """How far a difference comes from more agreements, and how far from agreements that hold."""
    if m.comparison is None:
        return
    first, worlds = m.comparison.results[0], m.comparison.worlds
    mine = next((one for one in m.comparison.results if one.run_id == m.results.run_id), m.results)
    if mine is first or mine.held_given_agreed is None or first.held_given_agreed is None:
        return
    agreed, before = (percent(one.agreed, worlds) for one in (mine, first))
    held = percent(mine.held_given_agreed, round(mine.agreed.mean * worlds))
    held_before = percent(first.held_given_agreed, round(first.agreed.mean * worlds))
    yield (
        f"A truce is agreed in {agreed} of worlds against {before} under {title_of(first)}; of "
        f"what is agreed {held} holds against {held_before}."
    )


def _fortnight(m: Material) -> str:
    days = min(FORTNIGHT, m.scenario.horizon_days)
    return date_word(m.scenario.as_of + timedelta(days=days), year=False)


def _watch(m: Material) -> str:
    """By the watch list of the scenario that is told in full, or another's, or its own worlds."""
    asked = m.scenario.resolved()
    lists = sorted(m.watches, key=lambda found: found.setting.first.resolved() != asked)
    told = next((text for found in lists for text in to_see(found)), None)
    return told or soonest(m, min(FORTNIGHT, m.scenario.horizon_days))


def _changes(m: Material) -> Iterator[str]:
    """What would have to be learnt, seen or done to think again."""
    for found in m.watches[:1]:
        yield from turn_of_choice(found)
    for tried in m.redteams[:1]:
        yield sentence(f"the worst single move: {lowered(undoing(tried))}")
    reasons = m.explanation.reasons if m.explanation is not None else ()
    if not reasons:
        yield f"It cannot be led back to its numbers: {m.why_not}"
        return
    assert m.explanation is not None
    first = reasons[0]
    slope = 100.0 * first.driver.slope
    yield (
        f"If “{plain(first, m.explanation.conflict)}” were known to lie in its highest tenth, not "
        f"in its lowest, the odds under {title_of(m.results)} would be {abs(slope):.0f} points "
        f"{'higher' if slope > 0.0 else 'lower'}."
    )
    if len(reasons) > 1:
        second = reasons[1]
        by = abs(100.0 * second.driver.slope)
        yield f"Next comes “{plain(second, m.explanation.conflict)}”: {by:.0f} points."


def _doubts(m: Material, asked: Lead) -> str:
    """What not to lean on with the levers that are used, and in general."""
    scenario = m.scenario
    moved: set[str] = set()
    if asked.part == "surface":
        moved = set(m.studies[0].design.levers)
    elif asked.part == "optimise" and m.optimised[0].best is not None:
        moved = set(m.optimised[0].best.levers)
    every = scenario.conflict.doubts
    bearing = doubts_about(every, moved) if moved else scenario.doubts
    doubts = [doubt.short for doubt in bearing[:DOUBTS]]
    level_ = next((one.short for one in every if not one.levers), None)
    if level_ is not None and level_ not in doubts:
        doubts.append(level_)
    return f"Do not lean on {'; nor on '.join(doubts)}." if doubts else "Nothing is noted."
