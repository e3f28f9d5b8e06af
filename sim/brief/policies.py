"""The parts that set one policy beside another: comparison, and response surface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.brief.answer import marked, odds_cells, odds_of, sentence, short, title_of
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.sets import reactions
from sim.brief.words import ahead_cell, change, verdict_note
from sim.experiments.comparison import Comparison
from sim.experiments.differences import Difference
from sim.experiments.sweep.study import Study
from sim.plots import compare as comparing
from sim.plots.panels import word
from sim.plots.prices import price_text
from sim.plots.surface import caption as surface_caption
from sim.plots.surface import finding as surface_finding
from sim.plots.words import PER_CENT, percent
from sim.results import Results
from sim.text import whole_points

# ------------------------------------------------------------------ 3. comparison


def comparison(m: Material) -> Part | None:
    """Paired differences, intervals, verdicts."""
    compared = m.comparison
    if compared is None:
        return None
    said, pages = comparing.finding(compared), comparing.caption(compared)
    blocks: list[Block] = [
        say(
            f"Every scenario meets the same {compared.worlds:,} worlds, members and luck, so that "
            "a difference is one of policy alone, and is known better than either odds.",
        ),
        *filter(None, [reactions(compared.results)]),
        Picture(
            "differences",
            sentence(said),
            f"Differences from {title_of(compared.results[0])} with intervals. "
            f"{_in_words(compared)}",
            pages,
            lambda size: plots.differences(compared, size=size, bare=True),
        ),
        _verdicts(compared),
        Picture(
            "side-by-side",
            sentence(comparing.leader(compared)),
            f"Stacked bars of the share of worlds by ending. {_stacks_in_words(compared)}",
            pages,
            lambda size: plots.outcomes(compared, size=size, bare=True),
        ),
    ]
    return Part("comparison", "Compared with what", tuple(blocks), sentence(said))


def _pairs(compared: Comparison, quantity: str = "held") -> Iterator[tuple[Results, Difference]]:
    return zip(compared.results[1:], compared.differences[quantity], strict=True)


def _in_words(compared: Comparison) -> str:
    odds = " ".join(f"{title_of(other)}: {change(found)}." for other, found in _pairs(compared))
    names = compared.results[0].scenario.conflict.names
    prices = " ".join(
        f"{title_of(other)}, worth to {names[actor]}: {price_text(found)} stakes."
        for actor, each in compared.worth.items()
        for other, found in zip(compared.results[1:], each, strict=True)
    )
    return f"{odds} {prices}".strip()


def _stacks_in_words(compared: Comparison) -> str:
    return " ".join(
        f"{title_of(one)}: held {percent(one.odds['held'], compared.worlds)}, agreed "
        f"{percent(one.agreed, compared.worlds)}."
        for one in compared.results
    )


def _verdicts(compared: Comparison) -> Table:
    rows = []
    for quantity, name in comparing.NAMES.items():
        for other, found in _pairs(compared, quantity):
            half = found.half_width
            both = found.ensemble
            ends = "too few members"
            if both:
                ends = " to ".join(whole_points(end) for end in both).replace("-", "\u2212")
            mean = Cell(comparing.points(found.mean, half), found.mean)
            low, high = (comparing.points(end, half) for end in found.mc)
            interval = Cell(f"{low} to {high}", found.mc[0])
            digits = 1 if half < 0.01 else 0
            flips = " and ".join(f"{100 * end:.{digits}f}" for end in (found.gained, found.lost))
            flips += PER_CENT
            rows.append((title_of(other), name, mean, interval, Cell(ends, both and both[0]),
                         ahead_cell(found), found.verdict, flips))  # fmt: skip
    header = ("Scenario", "Odds that", "Difference, points", f"95{PER_CENT} dice",
              f"90{PER_CENT} of members", "Members ahead", "Verdict",
              "Worlds that gain, lose it")  # fmt: skip
    note = f"Against {title_of(compared.results[0])}. {verdict_note(compared)}"
    return table("verdicts", sentence(comparing.finding(compared)), header, rows, caption=note,
                 numeric=frozenset({2, 3, 4, 5, 7}))  # fmt: skip


# ------------------------------------------------------------------ 4. response surface


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
    region = _region(study)
    if region:
        yield say(region)
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
    header = ("Point", *levers, "A truce holds", f"95{PER_CENT} dice", f"90{PER_CENT} of members",
              "A truce is agreed")  # fmt: skip
    note = f"Each point: the same {worlds:,} worlds. The best of many points flatters a little."
    columns = frozenset(range(1, len(header)))
    return table(f"points-{number}", said, header, rows, caption=note, numeric=columns)
