"""The part that says how the odds move with levers: best, worst, and what is level with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim import plots
from sim.brief.cells import ODDS, marked, odds_cells, odds_of
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, short
from sim.experiments.sweep.study import Study
from sim.plots.panels import word
from sim.plots.surface import caption as surface_caption
from sim.plots.surface import finding as surface_finding
from sim.plots.words import PER_CENT, percent

_FEWEST = 3
"""Values of a number from which it is said where the odds turn along it."""
_BINS = 6
"""Groups of values, where each point has a value of its own."""


def surface(m: Material) -> Part | None:
    """How the odds move with levers, for each study."""
    if not m.studies:
        return None
    blocks: list[Block] = []
    for number, study in enumerate(m.studies):
        blocks += [*_study_blocks(study, number)]
    said = sentence(f"{short(m.studies[0].scenario.title)}: {surface_finding(m.studies[0])}")
    return Part("surface", "How the odds move with the levers", tuple(blocks), said)


def _study_blocks(study: Study, number: int) -> Iterator[Block]:
    said = sentence(f"{short(study.scenario.title)}: {surface_finding(study)}")
    for note in study.summary["notes"]:
        yield say(note, kind="warning")
    if study.summary["best"] is None:
        return
    yield Picture(
        f"surface-{number}",
        said,
        f"The odds that a truce holds over {', '.join(study.design.levers)}. "
        f"{said} {_points_in_words(study)}",
        surface_caption(study),
        lambda size: plots.surface(study, size=size, bare=True),
    )
    told = " ".join(filter(None, (_region(study), *_turns(study))))
    if told:
        yield say(told)
    yield _point_table(study, number, said)


def _region(study: Study) -> str:
    """Say which points cannot be told from the best."""
    level = study.level_of_best()
    if level is None:
        return ""
    table = study.table()
    near = table[table["held"] >= level]
    ranges = "; ".join(
        f"{axis.lever} {_range(near[axis.lever], axis.choices)}" for axis in study.design.axes
    )
    return (
        f"The best region: {len(near):,} of {len(table):,} points cannot be told from the best "
        f"with these worlds ({ranges})."
    )


def _turns(study: Study) -> Iterator[str]:
    """Say between which values of each number the odds change most, on average over the rest."""
    table = study.table()
    for axis in study.design.axes:
        if axis.choices or table[axis.lever].nunique() < _FEWEST:
            continue
        values = table[axis.lever].to_numpy(float)
        edges = np.unique(np.quantile(values, np.linspace(0.0, 1.0, _BINS + 1)))
        steps = np.unique(values) if table[axis.lever].nunique() <= 2 * _BINS else edges
        bins = np.searchsorted(steps, values, side="right") - 1
        found = table.assign(bin=np.minimum(bins, len(steps) - 1)).groupby("bin")
        odds, places = found["held"].mean().to_numpy(), found[axis.lever].mean().to_numpy()
        if len(odds) < _FEWEST:
            continue
        most = int(np.abs(np.diff(odds)).argmax())
        low, high = (word(float(place)) for place in places[most : most + 2])
        first, then = (f"{100.0 * one:.0f}{PER_CENT}" for one in odds[most : most + 2])
        if first != then:
            yield (
                f"Along {axis.lever} the odds change most between {low} and {high}: from {first} "
                f"to {then} on average over the other settings."
            )


def _range(values: Any, choices: tuple[Any, ...]) -> str:
    if choices:
        there = set(values)
        return ", ".join(word(choice) for choice in choices if choice in there)
    low, high = word(float(values.min())), word(float(values.max()))
    return low if low == high else f"{low} to {high}"


def _points_in_words(study: Study) -> str:
    worlds = int(study.summary["worlds"])
    return " ".join(
        f"{label}: {percent(odds_of(point['odds']['held']), worlds)}."
        for label, point in marked(study)
    )


def _point_table(study: Study, number: int, said: str) -> Table:
    worlds = int(study.summary["worlds"])
    rows = []
    for label, point in marked(study):
        values = [Cell(word(value), value if isinstance(value, float) else str(value))
                  for value in point["levers"].values()]  # fmt: skip
        agreed = odds_of(point["odds"]["agreed"])
        rows.append((label, *values, *odds_cells(odds_of(point["odds"]["held"]), worlds),
                     Cell(percent(agreed, worlds), agreed.mean)))  # fmt: skip
    levers = tuple(study.design.levers)
    header = ("Point", *levers, *ODDS, "A truce is agreed")
    note = f"Each point: the same {worlds:,} worlds. "
    note += "The best of many points was lucky, too: run again, it would come out somewhat lower."
    columns = frozenset(range(1, len(header)))
    return table(f"points-{number}", said, header, rows, caption=note, numeric=columns)
