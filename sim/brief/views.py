"""The part that says whose model it is: the same scenarios by analysts and by variants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from matplotlib.figure import Figure

from sim import plots
from sim.attribution.views.result import Disagreement, Seen, Views
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, title_of, titled
from sim.outcomes import HAPPENING
from sim.plots.compare import points
from sim.plots.page import Size
from sim.plots.views import caption, finding, said_of
from sim.plots.waterfall import with_error
from sim.plots.words import PER_CENT, percent
from sim.text import whole_points

MOST = 3
"""Scenarios that are set against the first one by one."""


def views(m: Material) -> Part | None:
    """What others make of the odds and of the differences, and whether these are robust."""
    if not m.views:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.views):
        blocks += [*_blocks(found, number)]
    return Part("views", "Whose model", tuple(blocks), sentence(finding(m.views[0])))


def _blocks(found: Views, number: int) -> Iterator[Block]:
    others = max(1, min(MOST, len(found.setting.scenarios) - 1))
    for other in range(others):
        rows = "; ".join(f"{said_of(one)}: {_number(found, one, other)}" for one in found.seen)
        yield Picture(
            f"views-{number}-{other}",
            sentence(finding(found, other)),
            f"A row for each model. {rows}.",
            caption(found),
            partial(_figure, found, other),
        )
        yield _table(found, number, other)
    if found.disagreements:
        said = " ".join(map(_disagreement, found.disagreements))
        yield say(Span("Where analysts disagree. ", strong=True), said)
    yield say(Span("What this does not say. ", strong=True), _limits(found))


def _figure(found: Views, other: int, size: Size) -> Figure:
    return plots.views(found, size=size, bare=True, other=other)


def _number(found: Views, one: Seen, other: int) -> str:
    if len(found.setting.scenarios) == 1:
        return percent(one.odds["held"][0], found.setting.worlds)
    change = one.differences["held"][other]
    return f"{points(change.mean, change.half_width)} points, {change.verdict}"


def verdicts(m: Material) -> Iterator[str]:
    """Say of each difference whether it is robust, or that others' models were not asked."""
    if m.comparison is None:
        return
    compared = m.comparison.results
    asked = [one.scenario.resolved() for one in compared]
    found = [one for one in m.views if [s.resolved() for s in one.setting.scenarios] == asked]
    for one in found:
        for n, other in enumerate(compared[1:]):
            yield f"By this model and by others’, {title_of(other)} is {one.verdict(n).said}."
    if not found:
        yield "Other models were not asked whether the sign stands."


# ------------------------------------------------------------------ the table


def _table(found: Views, number: int, other: int) -> Table:
    scenarios = found.setting.scenarios
    apart = len(scenarios) > 1
    shown = [0, other + 1] if apart else [0]
    header = ["Whose", *(f"{titled(scenarios[n])}: a truce holds" for n in shown)]
    header += ["Difference, points", f"90{PER_CENT} of members", "Verdict"] * apart
    header += ["Median member"] * (not apart) + ["Fit"]
    rows = [tuple(_cells(found, one, shown, apart=apart)) for one in found.seen]
    note = (
        "±: 95 % interval, dice. Fit, of a variant: the log of the chance of the record, less "
        "that by the model, in nats; less than 3 apart is noise, and a variant that is 3 or more "
        "below is not counted. Fit, of an analyst: the effective size, that is how many members of "
        "equal weight the model’s are worth once they are weighed by these beliefs."
    )
    title = f"The odds that {HAPPENING['held']}, by each model on the same luck"
    numeric = frozenset(range(1, len(header)))
    return table(f"views-{number}-{other}", title, tuple(header), rows, caption=note,
                 numeric=numeric)  # fmt: skip


def _cells(found: Views, one: Seen, shown: Sequence[int], *, apart: bool) -> Iterator[str | Cell]:
    yield sentence(said_of(one)).rstrip(".")
    for n in shown:
        odds = one.odds["held"][n]
        yield Cell(percent(odds, found.setting.worlds), odds.mean)
    if apart:
        change = one.differences["held"][shown[1] - 1]
        both = change.ensemble
        yield Cell(with_error(change.mean, change.half_width), change.mean)
        ends = "too few members" if both is None else " to ".join(map(whole_points, both))
        yield Cell(ends.replace("-", "\u2212"), both[0] if both else None)
        vote = "" if one.kind != "variant" or found.has_vote(one) else " (not counted)"
        yield f"{change.verdict}{vote}"
    else:
        median = one.odds["held"][0].median_member
        yield Cell("" if median is None else f"{100.0 * median:.1f}{PER_CENT}", median)
    yield _fit(found, one)


def _fit(found: Views, one: Seen) -> Cell:
    nats = None if one.kind == "model" else found.nats(one)
    if nats is not None:
        return Cell(f"{nats:+.2f} nats".replace("-", "\u2212"), nats)
    return Cell("" if one.effective is None else f"{one.effective:,.0f}", one.effective)


# ------------------------------------------------------------------ sentences


def _disagreement(one: Disagreement) -> str:
    first, second = one.analysts
    return (
        f"{first} and {second} disagree most by {one.number}: alone it makes "
        f"{points(one.change, 0.01)} points as {second} has it and not {first}; all their numbers "
        f"make {points(one.total, 0.01)}."
    )


def _limits(found: Views) -> str:
    told = (
        "A view changes numbers of the model, not its rules, and others could doubt other numbers. "
        "Models are not averaged: the record cannot tell which is right."
    )
    if len(found.setting.scenarios) > 1:
        told += (
            " ‘Robust’ is said where the sign of a difference is beyond the error of the "
            "simulation (the dice), and stands in the median member, for every analyst who was "
            "asked, and in every variant against which the "
            "record does not speak. It says nothing of the size."
        )
    return told
