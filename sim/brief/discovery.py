"""The part that says where a condition holds: in which members, at which levers, or both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.attribution.discover.result import Discovery, Restriction
from sim.attribution.discover.words import many, together
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, titled
from sim.experiments.sensitivity.jackknife import Estimate
from sim.plots.discovery import caption
from sim.plots.words import PER_CENT
from sim.text import counted


def discovery(m: Material) -> Part | None:
    """In which members, or at which levers, a condition holds more often than elsewhere."""
    if not m.discoveries:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.discoveries):
        blocks += [*_blocks(found, number)]
    return Part("discovery", "Where it holds", tuple(blocks), _said(m.discoveries[0]))


def _said(found: Discovery) -> str:
    assert found.setting is not None
    about = titled(found.setting.scenarios[-1])
    return sentence(f"{about}: {found.short[:1].lower()}{found.short[1:]}")


def _blocks(found: Discovery, number: int) -> Iterator[Block]:
    ranges = "; ".join(one.words for one in found.tried) or "no ranges"
    yield Picture(
        f"discovery-{number}",
        _said(found),
        f"Ranges, and their precision against their recall. {ranges}. {found.sentence}",
        caption(found),
        lambda size: plots.discovery(found, size=size, bare=True),
    )
    yield say(found.sentence)
    if found.box:
        yield _table(found, number)
    yield say(Span("How far that is true. ", strong=True), " ".join(_measured(found)))
    yield say(Span("What this does not say. ", strong=True), _limits(found))


def _table(found: Discovery, number: int) -> Table:
    header = ("Number", "Meaning", "From", "To", "In all, from", "to")
    things = many(found.looked.thing)
    note = f"An end that is left out is open. In all: of all {things}."
    return table(f"box-{number}", "What is asked of each number", header,
                 [_row(one) for one in found.box], caption=note,
                 numeric=frozenset(range(2, 6)))  # fmt: skip


def _row(one: Restriction) -> tuple[Any, ...]:
    ends = [Cell("" if end is None else f"{end:.12g}", end) for end in (one.low, one.high)]
    span = [Cell(f"{end:.3g}", end) for end in (one.lowest, one.highest)]
    return (one.name, one.meaning, *ends, *span)


def _measured(found: Discovery) -> Iterator[str]:
    looked, one, things = found.looked, found.evaluation, many(found.looked.thing)
    yield (
        f"{looked.rows:,} {things} were searched by {counted(looked.numbers, 'number')} that "
        f"differ. All shares come from {found.everything.inside:,} others, and from other luck."
    )
    if not found.found:
        yield f"Of these it is true in {_share(one.base)}."
        return
    yield (
        f"Of those within the ranges it is true in {_share(one.precision)}, of the others in "
        f"{_share(one.precision_outside)}, of all in {_share(one.base)}. Within are "
        f"{_share(one.recall)} of those of which it is true."
    )
    if found.tree is not None and found.tree.wins:
        paths = "; or ".join(map(together, found.tree.paths))
        yield (
            f"Three questions tell more, with {_share(found.tree.evaluation.precision)} true and "
            f"{_share(found.tree.evaluation.recall)} of those taken in: {paths}."
        )


def _share(one: Estimate) -> str:
    low, high = (f"{100.0 * end:.0f}" for end in one.mc)
    return f"{100.0 * one.mean:.0f}{PER_CENT} ({low} to {high})"


def _limits(found: Discovery) -> str:
    return (
        "The ranges tell where it is true, not why: a number that goes with one of these may be "
        "what counts. Other ranges may tell nearly as much. Members are views of what is unknown, "
        "and nobody knows which of them is right."
    )
