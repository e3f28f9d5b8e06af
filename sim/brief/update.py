"""The part that says what moved the odds since the ensemble before, and what had been foretold."""

from __future__ import annotations

from collections.abc import Iterator

from sim import plots
from sim.attribution.update.result import Update
from sim.attribution.update.told import ANSWERS, Row, Watched
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence
from sim.experiments.sensitivity.jackknife import Estimate
from sim.outcomes import HAPPENING
from sim.plots.steps import signed_points
from sim.plots.update import REST, caption, explained, finding
from sim.plots.words import PER_CENT
from sim.text import counted, date_word


def update(m: Material) -> Part | None:
    """What moved the odds since the ensemble before, row by row."""
    if not m.updates:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.updates):
        blocks += [*_blocks(found, number)]
    said = sentence(finding(m.updates[0]))
    return Part("update", "What moved since the last update", tuple(blocks), said)


def _blocks(found: Update, number: int) -> Iterator[Block]:
    steps = "; ".join(f"{row.label}: {_points(row.adds['held'].mean)} points" for row in found.rows)
    yield Picture(
        f"update-{number}",
        sentence(finding(found)),
        f"The odds go in steps from one day to the other. {steps}.",
        caption(found),
        lambda size: plots.update(found, size=size, bare=True),
    )
    yield _table(found, number)
    yield say(" ".join(explained(found)))
    if found.watched:
        yield say(Span("What had been foretold. ", strong=True), " ".join(_foretold(found.watched)))


def _points(share: float) -> str:
    text = signed_points(share, 0.0)
    return "0.0" if text == "0" else text


def _table(found: Update, number: int) -> Table:
    header = ("What arrived", "Public on", "A truce holds, points", f"95{PER_CENT}",
              "Agreed, points")  # fmt: skip
    rest = (REST, Cell("", ""), *_cells(found.rest("held"), found.rest("agreed")))
    since = date_word(found.before.day)
    note = "What a row adds: the odds with all that is known, less the odds without it alone."
    return table(f"rows-{number}", f"What arrived since {since}, and what each row adds",
                 header, [*map(_row, found.rows), rest], caption=note,
                 numeric=frozenset((2, 3, 4)))  # fmt: skip


def _row(row: Row) -> tuple[str | Cell, ...]:
    day = Cell(date_word(row.day, short=True), row.day.isoformat())
    return (sentence(row.label), day, *_cells(row.adds["held"], row.adds["agreed"]))


def _cells(held: Estimate, agreed: Estimate) -> tuple[Cell, ...]:
    ends = " to ".join(map(_points, held.mc))
    return (
        Cell(_points(held.mean), held.mean),
        Cell(ends, held.mc[0]),
        Cell(_points(agreed.mean), agreed.mean),
    )


def _foretold(watched: Watched) -> Iterator[str]:
    """Say which event that was watched came, and where the odds went."""
    yield (
        f"From {date_word(watched.as_of)} the odds that {HAPPENING[watched.outcome]} by "
        f"{date_word(watched.end)} were {_percent(watched.base.mean)}; they are now "
        f"{_percent(watched.found.mean)}."
    )
    known = [one for one in watched.events if one.answer in ("yes", "no")]
    for one in known:
        told = f"“{one.words}” {ANSWERS[one.answer]}"
        if one.foretold:
            told += f", for which {_percent(one.foretold.mean)} had been foretold"
        yield f"{told}: {watched.way(one)}."
    left = len(watched.events) - len(known)
    if left:
        yield f"Of {counted(left, 'more event')} that was watched the record tells nothing yet."


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}{PER_CENT}"
