"""The part that says why scenarios differ, lever by lever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.attribution.why.result import LeverShare, Why
from sim.brief.cells import worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, titled
from sim.experiments.mixtures import ABSENT
from sim.inputs.levers import LEVERS
from sim.outcomes import HAPPENING
from sim.plots.compare import points
from sim.plots.waterfall import caption, finding, signed_points
from sim.plots.words import PER_CENT

_PAIRS = 2
"""How many pairs of levers that work together are told."""


def differ(m: Material) -> Part | None:
    """What each lever adds to a difference, alone and with others."""
    if not m.whys:
        return None
    blocks: list[Block] = []
    for number, why in enumerate(m.whys):
        blocks += [*_blocks(why, number)]
    return Part("differ", "Why they differ", tuple(blocks), sentence(finding(m.whys[0])))


def _blocks(why: Why, number: int) -> Iterator[Block]:
    said = sentence(finding(why))
    steps = "; ".join(
        f"{_meaning(why, one)}: {signed_points(one.share.mean, one.share.half_width)} points"
        for one in why.ranked
    )
    yield Picture(
        f"steps-{number}",
        said,
        f"Bars from the odds of one scenario to those of the other, lever by lever. {steps}.",
        caption(why),
        lambda size: plots.waterfall(why, size=size, bare=True),
    )
    yield _table(why, number)
    yield say(" ".join(_flips(why)))


def _meaning(why: Why, one: LeverShare) -> str:
    text = why.meaning(one.lever)
    return text[:1].upper() + text[1:]


def _table(why: Why, number: int) -> Table:
    names = why.setting.first.conflict.names
    rows = [(_meaning(why, one), *_ends(one), *_cells(one)) for one in why.ranked]
    total = why.total
    whole = (_points(total.mean, total.half_width), _dice(total.mc, total.half_width))
    rows.append(("All of them", "", "", *whole, "", "", *("" for _ in _sides(why))))
    header = ("Lever", "From", "To", "Adds, points", f"95{PER_CENT} dice", "Suffices", "Needed",
              *(f"Worth to {names[actor]}" for actor in _sides(why)))  # fmt: skip
    note = (
        "Adds: averaged over the orders in which the levers can change (its Shapley share). "
        "Suffices, needed: of the worlds that end otherwise, those that do so by this lever "
        "alone, and those that do not if it stays. Worth: what it adds, in stakes."
    )
    columns = frozenset(range(3, len(header)))
    said = "What each lever adds to the difference, and whether it suffices or is needed"
    return table(f"levers-{number}", said, header, rows, caption=note, numeric=columns)


def _ends(one: LeverShare) -> tuple[str, str]:
    """The lever's value in each scenario; whether a block is there that only one of them has."""
    if one.lever in LEVERS or ABSENT not in (one.first, one.second):
        return one.first, one.second
    first, second = (ABSENT if end == ABSENT else "there" for end in (one.first, one.second))
    return first, second


def _sides(why: Why) -> list[str]:
    """The ids of the actors to whom worth is told."""
    return list(why.levers[0].worth)


def _cells(one: LeverShare) -> tuple[Any, ...]:
    half = one.share.half_width
    alone = (_part(share) for share in (one.suffices, one.needed))
    worth = (worth_cell(mean, signed=True) for mean in one.worth.values())
    return (_points(one.share.mean, half), _dice(one.share.mc, half), *alone, *worth)


def _points(share: float, half: float) -> Cell:
    return Cell(signed_points(share, half), share)


def _dice(mc: tuple[float, float], half: float) -> Cell:
    return Cell(" to ".join(points(end, half) for end in mc), mc[0])


def _part(share: float | None) -> Cell:
    return Cell("no world flips") if share is None else Cell(_percent(share), share)


def _percent(share: float) -> str:
    return f"{100.0 * share:.0f}{PER_CENT}"


def _flips(why: Why) -> Iterator[str]:
    """Which worlds end otherwise, by one lever or by several, and which levers work together."""
    flips = why.flips
    second = titled(why.setting.scenarios[1])
    yield (
        f"Of all worlds, {100.0 * flips.gain:.1f}{PER_CENT} gain it under {second} that "
        f"{HAPPENING[why.outcome]}, and {100.0 * flips.lose:.1f}{PER_CENT} lose it."
    )
    if flips.one_lever_suffices is not None:
        words = f"One lever alone suffices in {_percent(flips.one_lever_suffices)} of these worlds"
        if flips.pushed_back is not None:
            words += f"; in {_percent(flips.pushed_back)} some lever pushes the other way"
        yield f"{words}."
    together = [*_together(why)]
    if together:
        yield f"Together {'; '.join(together)}."


def _together(why: Why) -> Iterator[str]:
    """The pairs of levers that clearly add more, or less, together than apart."""
    clear = [p for p in why.pairs if not p.together.mc[0] <= 0.0 <= p.together.mc[1]]
    for pair in sorted(clear, key=lambda pair: -abs(pair.together.mean))[:_PAIRS]:
        word = "more" if pair.together.mean > 0.0 else "less"
        size = signed_points(abs(pair.together.mean), pair.together.half_width).lstrip("+")
        one, other = (why.meaning(name) for name in pair.levers)
        yield f"“{one}” and “{other}” add {size} points {word} than apart"
