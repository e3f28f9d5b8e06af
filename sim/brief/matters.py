"""The part that says what matters: levers with their price, unknowns, luck, and a ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sim import plots
from sim.attribution.sensitivity.result import Sensitivity
from sim.attribution.sensitivity.tornado import Bar
from sim.brief.cells import worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence
from sim.brief.words import ahead_cell
from sim.plots.compare import points
from sim.plots.panels import word
from sim.plots.shares import caption as shares_caption
from sim.plots.shares import finding as shares_finding
from sim.plots.shares import in_words, ranking_finding
from sim.plots.tornado import caption, finding, meaning_of, unknowns_finding
from sim.plots.words import PER_CENT, titles_of
from sim.reacted import block_text
from sim.text import of_hundred

_LEVERS = 7
"""Of how many levers the table tells."""
_TOLD = 5
"""How many rows are told to who does not see a picture."""


def matters(m: Material) -> Part | None:
    """How far levers and unknowns move the odds, what luck decides, whether a ranking stands."""
    if not m.sensitivities:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.sensitivities):
        blocks += [*_levers(found, number), *_further(found, number)]
    said = sentence(finding(m.sensitivities[0]))
    return Part("matters", "What matters", tuple(blocks), said)


# ------------------------------------------------------------------ levers


def _levers(found: Sensitivity, number: int) -> Iterator[Block]:
    said = sentence(finding(found))
    yield Picture(
        f"tornado-{number}",
        said,
        f"Bars of the change of the odds by lever. {_levers_in_words(found)}",
        caption(found),
        lambda size: plots.tornado(found, size=size, bare=True),
    )
    yield _table(found, number)


def _meaning(found: Sensitivity, lever: str) -> str:
    assert found.setting is not None
    text = found.setting.first.conflict.lever(lever).meaning
    return text[:1].upper() + text[1:]


def _levers_in_words(found: Sensitivity) -> str:
    return " ".join(
        f"{_meaning(found, bar.lever)}: "
        + ", ".join(
            f"{points(end.difference.mean, end.difference.half_width)} points at {word(end.value)}"
            for end in bar.moved
        )
        + "."
        for bar in found.tornado[:_TOLD]
    )


def _table(found: Sensitivity, number: int) -> Table:
    assert found.setting is not None
    assert found.odds is not None
    names = found.setting.first.conflict.names
    moving = [bar for bar in found.tornado if _moves(bar)]
    rows = [row for bar in moving[:_LEVERS] for row in _bar_rows(found, bar)]
    rows = rows or [("None moves the odds clearly", *("" for _ in range(7)))]
    sides = (f"Worth to {names[actor]}" for actor in found.tornado[0].low.worth)
    header = ("Lever", "Stands at", "Moved to", "Change, points", f"95{PER_CENT} dice",
              "Members ahead", *sides)  # fmt: skip
    note = (
        f"Each alone, from {100.0 * found.odds.mean:.1f}{PER_CENT}, in {found.setting.worlds:,} "
        "worlds at each value. Worth: its change, in stakes."
    )
    if len(moving) > _LEVERS:
        note += f" {len(moving) - _LEVERS} more levers move the odds clearly, by less."
    still = len(found.tornado) - len(moving)
    if still:
        note += f" {still} do not."
    note += _blocks_named(found, moving[:_LEVERS])
    said = "The levers that move the odds most, each alone at its ends"
    return table(f"moved-{number}", said, header, rows, caption=note,
                 numeric=frozenset(range(1, len(header))))  # fmt: skip


def _blocks_named(found: Sensitivity, bars: Sequence[Bar]) -> str:
    """What the blocks are that are named where levers stand."""
    assert found.setting is not None
    scenario = found.setting.first
    names = sorted({block for bar in bars for block, _ in bar.set_by})
    return "".join(f" {name}: {block_text(scenario, name)}." for name in names)


def _moves(bar: Bar) -> bool:
    return any(end.difference.dice != "tied" for end in bar.ends)


def _bar_rows(found: Sensitivity, bar: Bar) -> Iterator[tuple[Any, ...]]:
    for end in bar.moved:
        change = end.difference
        half = change.half_width
        yield (
            _meaning(found, bar.lever),
            Cell(bar.course.replace("-", "\u2212")),
            Cell(word(end.value).replace("-", "\u2212")),
            Cell(points(change.mean, half), change.mean),
            Cell(" to ".join(points(one, half) for one in change.mc), change.mc[0]),
            ahead_cell(change),
            *(worth_cell(one, signed=True) for one in end.worth.values()),
        )


# ------------------------------------------------------------------ the further parts


def _further(found: Sensitivity, number: int) -> Iterator[Block]:
    """A picture and a sentence for each further part that was asked for."""
    for name, draw in plots.sensitivity_figures(found).items():
        if name == "tornado":
            continue
        said, seen, more = _SAID[name](found)
        where = shares_caption(found, name)
        yield Picture(f"{name}-{number}", sentence(said), seen, where, _bare(draw))
        yield say(more)
    if found.has("worth"):
        yield say(_worth(found))


def _bare(draw: Callable[..., Any]) -> Callable[..., Any]:
    return lambda size: draw(size=size, bare=True)


def _shares(part: str, what: str, more: str) -> Callable[[Sensitivity], tuple[str, str, str]]:
    def told(found: Sensitivity) -> tuple[str, str, str]:
        seen = f"Bars of {what}. {in_words(found, part) or 'None can be told'}."
        return shares_finding(found, part), seen, more

    return told


def _sobol(found: Sensitivity) -> tuple[str, str, str]:
    ranges = ", ".join(f"{axis['lever']} {_range(axis)}" for axis in found.asked["vary"])
    more = f"These shares hold for these ranges only, each value as likely as another: {ranges}."
    if not found.parts["sobol_method"]["agrees"]:
        more += " A part of what the levers change is missed; the shares are of the rest."
    seen = f"Bars of the levers' shares. {in_words(found, 'sobol') or 'None can be told'}."
    return shares_finding(found, "sobol"), seen, more


def _range(axis: Any) -> str:
    if "values" in axis:
        return ", ".join(map(word, axis["values"]))
    return f"{word(axis['low'])} to {word(axis['high'])}"


def _unknowns(found: Sensitivity) -> tuple[str, str, str]:
    rows = found.parts["unknowns"]["otherwise"][:_TOLD]
    told = "; ".join(
        f"{meaning_of(row)}: {100.0 * row['at_low']:.0f} to {100.0 * row['at_high']:.0f}{PER_CENT}"
        for row in rows
    )
    more = (
        "This asks what would come if a number were at its tenth or at its ninetieth percentile "
        "in all members; it does not ask how likely that is, nor what learning it would change."
    )
    return unknowns_finding(found), f"Bars of the odds by number. {told}.", more


def _ranking(found: Sensitivity) -> tuple[str, str, str]:
    assert found.setting is not None
    document = found.parts["ranking"]
    names = titles_of(found.setting.scenarios)
    titles = dict(zip(document["scenarios"], names, strict=True))
    told = "; ".join(
        f"{titles[label]}: {of_hundred(share)}" for label, share in document["best"].items()
    )
    more = (
        f"In {of_hundred(document['level'])} members the best two differ by less than half "
        "a point. An assumption turns a lead if it has clearly one sign in the low third of a "
        "number and clearly the other in its high third."
    )
    seen = f"Bars of the share of members in which each is best. {told}."
    return ranking_finding(found), seen, more


def _worth(found: Sensitivity) -> str:
    """What knowing is worth before choosing, in a sentence."""
    assert found.setting is not None
    document = found.parts["unknowns"]["worth"]
    names = titles_of(found.setting.scenarios)
    low, high = (max(end, 0.0) for end in document["everything"])
    clear = [one for one in document["numbers"] if one["mc"][0] > 0.0]
    most = "no single number is clearly worth knowing first"
    if clear:
        gain = 100.0 * clear[0]["mean"]
        most = (
            f"the single number that is worth most, {gain:.1f} points, is “{meaning_of(clear[0])}”"
        )
    return (
        f"What knowing is worth before choosing among {', '.join(names)}: to know everything would "
        f"raise the odds by {100.0 * low:.1f} to {100.0 * high:.1f} points; {most}."
    )


_SAID: dict[str, Callable[[Sensitivity], tuple[str, str, str]]] = {
    "sobol": _sobol,
    "split": _shares(
        "split",
        "what decides how one world ends",
        "Over the same ranges. The members' share is what is settled today but not known: evidence "
        "can narrow it, and no lever does.",
    ),
    "dice": _shares(
        "dice",
        "what luck decides",
        "Where the levers stand. The shares overlap, since what one draw of luck does depends on "
        "others.",
    ),
    "learned": _shares(
        "learned",
        "what learning a group of numbers would explain",
        "This asks how far the members would still disagree if the numbers of a group were known; "
        "it does not say that they can be known.",
    ),
    "unknowns": _unknowns,
    "ranking": _ranking,
}
"""By figure: its finding, what it shows to who does not see it, and a sentence to go with it."""
