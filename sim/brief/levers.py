"""The part with levers that the reader moves; only a page in a browser can have them."""

from __future__ import annotations

from collections.abc import Iterator

from sim import plots
from sim.attribution.explore.result import Explored
from sim.brief.content import Block, Levers, Part, Picture, Span, say
from sim.brief.inputs import Material
from sim.brief.titles import sentence, titled
from sim.plots.explore import finding, words_of
from sim.text import counted


def levers(m: Material) -> Part | None:
    """Odds along each lever, and on a page in a browser the levers themselves."""
    if not m.explored:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.explored):
        blocks += [*_blocks(found, number)]
    return Part("levers", "Move the levers", tuple(blocks), _said(m.explored[0]))


def _said(found: Explored) -> str:
    return sentence(f"{titled(found.setting.first)}: {finding(found)}")


def _blocks(found: Explored, number: int) -> Iterator[Block]:
    document = found.as_dict()
    names = ", ".join(one["meaning"] for one in document["levers"])
    yield Picture(
        f"explore-{number}",
        _said(found),
        f"A curve of the odds that a truce holds for each of {names}, all others as they stand.",
        words_of(found).caption,
        lambda size: plots.explore(found, size=size, bare=True),
    )
    yield say(Span("How far the formula is off. ", strong=True), _error(document["check"]))
    if number == 0:  # a page has one set of levers
        yield Levers("levers-to-move", document)


def _error(check: dict[str, float]) -> str:
    return (
        f"At {counted(int(check['points']), 'fresh point')} it errs by {100.0 * check['rmse']:.2f} "
        f"points (root mean square, without the dice there), at most by "
        f"{100.0 * check['largest']:.2f} (with them), and its 95 % interval holds at "
        f"{100.0 * check['coverage']:.0f} % of them."
    )
