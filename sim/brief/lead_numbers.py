"""How likely, and at what price, what a briefing is about makes a truce that holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.attribution.optimise.result import Optimised
from sim.brief.cells import marked, odds_of, worth_cell
from sim.brief.inputs import Material
from sim.brief.lead import Lead
from sim.brief.price import OTHERS, RANGE, STAKE, price_finding
from sim.brief.titles import title_of
from sim.brief.words import hidden, likelihood, median, members, range_of, share_of
from sim.estimates import Odds
from sim.experiments.sweep.study import Study
from sim.inputs.conflict import Conflict
from sim.means import Mean
from sim.outcomes import HAPPENING as CLAUSES
from sim.plots.panels import word
from sim.text import of_hundred

_ICD = "in the words of the US scale ICD 203"


def level(m: Material, asked: Lead) -> Iterator[str]:
    """Say how likely a truce that holds is, by the mean, the median member and nine in ten."""
    if asked.part == "surface":
        yield from _points(m.studies[0])
    elif asked.part == "optimise" and m.optimised[0].best is not None:
        yield from _best(m.optimised[0])
    else:
        yield from _run(m)


def price(m: Material, asked: Lead) -> str:
    """Say what it leaves to each side."""
    if asked.part == "surface":
        return _price_of_points(m.studies[0])
    if asked.part == "optimise" and m.optimised[0].best is not None:
        return _price_of_best(m.optimised[0])
    return price_finding(m)


def by_members(odds: Odds) -> str:
    """Write the median member and nine in ten of them behind a mean."""
    if odds.median_member is None:
        return ", of too few members to say how far they differ"
    middle = f", by the median member in {median(odds)}"
    if hidden(odds):
        return f"{middle}; in so few worlds it is not seen how far the members differ"
    return f"{middle}; nine in ten members say {members(odds)}"


def _told(whose: str, odds: Odds, worlds: int) -> str:
    return (
        f"{whose} a truce that holds 30 days comes in {share_of(odds, worlds)} on average"
        f"{by_members(odds)}."
    )


def _words(odds: Odds, whose: str = "The average") -> str:
    words = likelihood(odds)
    return f"{whose} is {words}{range_of(words)} {_ICD}."


# ------------------------------------------------------------------ of a run


def _run(m: Material) -> Iterator[str]:
    held = m.results.odds["held"]
    yield _told(f"Under {title_of(m.results)}", held, m.results.tally.worlds)
    yield _words(held)
    if m.comparison is None:
        likeliest = max(m.results.odds, key=lambda name: m.results.odds[name].mean)
        share = share_of(m.results.odds[likeliest], m.results.tally.worlds)
        yield f"The likeliest ending is that {CLAUSES[likeliest]} ({share})."
    else:
        first = m.comparison.results[0]
        if first.scenario.resolved() != m.scenario.resolved():
            one = first.odds["held"]
            share = share_of(one, first.tally.worlds)
            yield f"Under {title_of(first)} it is {share}{by_members(one)}."


# ------------------------------------------------------------------ of a study


def _points(study: Study) -> Iterator[str]:
    worlds = int(study.summary["worlds"])
    for label, point in marked(study):
        odds = odds_of(point["odds"]["held"])
        if label == "Best":
            yield _told("At the best point", odds, worlds)
            yield _words(odds)
        else:
            where = "As the scenario stands" if label != "Worst" else "At the worst point"
            yield f"{where} it is {share_of(odds, worlds)}{by_members(odds)}."


def _price_of_points(study: Study) -> str:
    conflict = study.scenario.conflict
    told = []
    for label, point in marked(study):
        if label != "Worst":
            where = "the scenario as it stands" if label != "Best" else "the best point ("
            if label == "Best":
                levers = (f"{lever} {word(value)}" for lever, value in point["levers"].items())
                where += ", ".join(levers) + ")"
            worths = {actor: Mean.from_dict(one) for actor, one in point["worth"].items()}
            told.append(f"{where} leaves {_worths(worths, conflict)}")
    said = ", while ".join(told)
    return f"{said[:1].upper()}{said[1:]}, where {STAKE}."


def _worths(worths: Mapping[str, Any], conflict: Conflict, *, signed: bool = False) -> str:
    return " and ".join(
        f"{worth_cell(worth, signed=signed).text} to {conflict.names[actor]}"
        for actor, worth in worths.items()
    )


# ------------------------------------------------------------------ of an optimum


def _best(found: Optimised) -> Iterator[str]:
    assert found.best is not None
    worlds = found.setting.worlds
    if found.aims.outcome != "held":
        odds, before = (share_of(one.odds, worlds) for one in (found.best, found.base))
        yield (
            f"With the best package {found.aims.outcome} comes in {odds} on average"
            f"{by_members(found.best.odds)}; as the scenario stands in {before}."
        )
        return
    yield _told("With the best package", found.best.odds, worlds)
    yield _words(found.best.odds)
    base = found.base.odds
    yield f"As the scenario stands it is {share_of(base, worlds)}{by_members(base)}."
    change = found.best.difference
    if found.best.levers and change.members_ahead is not None and not change.hidden:
        ahead = of_hundred(change.members_ahead)
        behind = of_hundred(change.members_behind or 0.0).removesuffix(" of 100")
        yield f"The package raises the odds in {ahead} members and lowers them in {behind}."


def _price_of_best(found: Optimised) -> str:
    assert found.best is not None
    worths = _worths(found.best.worth, found.setting.first.conflict, signed=True)
    return (
        f"Against the scenario as it stands the best package changes what a world is worth by "
        f"{worths}, where {RANGE}.{'' if found.best.cost else f' {OTHERS}'}"
    )
