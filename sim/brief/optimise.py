"""The part that says which packages of levers no other beats, and at what price."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.attribution.optimise.aims import AIM, MET, MISSED, WORSE_OFF
from sim.attribution.optimise.packages import stands_at
from sim.attribution.optimise.result import Optimised
from sim.attribution.optimise.told import Package
from sim.brief.cells import worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.put import cases, put, today
from sim.brief.titles import sentence, titled
from sim.inputs.levers import value_text
from sim.outcomes import HAPPENING, OUTCOMES
from sim.plots.compare import points
from sim.plots.optimise import bound_text, caption, finding
from sim.plots.package_table import lever_meaning
from sim.plots.packages import name_of, shown_of
from sim.plots.words import PER_CENT, percent
from sim.text import counted

_MOST = 8
"""Packages in the table of those that no other beats, at most."""


def optimise(m: Material) -> Part | None:
    """Which packages of levers no other beats, at what price, and what cannot be told apart."""
    if not m.optimised:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.optimised):
        blocks += [*_blocks(found, number)]
    said = _said(m.optimised[0])
    return Part("optimise", "Which packages no other beats", tuple(blocks), said)


def package_case(found: Optimised) -> str:
    """Say what the best package moves, from where to where."""
    first = found.setting.first
    if found.best is None or not found.best.levers:
        return cases([first])
    moved = "; ".join(
        f"{put(first.conflict, name, value)} (today {today(first, name)})"
        for name, value in found.best.levers.items()
    )
    return f"The best package: {moved}. All else as in {titled(first)}."


def best_alone(found: Optimised) -> Iterator[str]:
    """Say what the best package does that moves one lever alone."""
    one = found.best_of_few.get(1)
    if one is None or found.best is None or len(found.best.levers) < 2:
        return
    if not one.levers:
        yield "No lever alone raises the odds and meets the conditions."
        return
    yield f"The best lever alone is {_in_words(found, one)}: {_change(one)} points."


def _said(found: Optimised) -> str:
    return sentence(f"{titled(found.setting.first)}: {finding(found)}")


def _blocks(found: Optimised, number: int) -> Iterator[Block]:
    shown = "; ".join(
        f"{_moves(one)}: {percent(one.odds, found.setting.worlds)}, "
        + ", ".join(f"{name} {cell.text}" for name, cell in _worths(found, one))
        for one in _front(found)
    )
    yield Picture(
        f"optimise-{number}",
        _said(found),
        f"Marks of packages: the odds against the change of the worth to each side. {shown}.",
        caption(found),
        lambda size: plots.optimise(found, size=size, bare=True),
    )
    yield say(_tried(found))
    yield _table(found, number)
    if found.best is not None:
        if found.best.levers:
            yield _few(found, number)
        yield say(Span("What is tied with the best. ", strong=True), " ".join(_tied(found)))
    yield say(Span("The conditions. ", strong=True), " ".join(_conditions(found)))
    if found.answer.regret is not None:
        yield say(Span("What better knowledge could be worth. ", strong=True), _regret(found))
    yield say(Span("What this does not say. ", strong=True), _limits(found))


# ------------------------------------------------------------------ packages in words


def _moves(one: Package) -> str:
    moved = ", ".join(f"{name} to {value_text(value)}" for name, value in one.levers.items())
    return moved or "nothing: the scenario as it stands"


def _in_words(found: Optimised, one: Package) -> str:
    """What a package moves, as a part of a sentence."""
    told = [
        f"“{lever_meaning(found, name)}” to {value_text(value)}"
        for name, value in one.levers.items()
    ]
    return f"{', '.join(told[:-1])} and {told[-1]}" if len(told) > 1 else told[0]


def _worths(found: Optimised, one: Package) -> Iterator[tuple[str, Cell]]:
    names = found.setting.first.conflict.names
    for actor, worth in one.worth.items():
        yield f"worth to {names[actor]}", worth_cell(worth, signed=True)


def _change(one: Package) -> str:
    return points(one.difference.mean, one.difference.half_width)


def _front(found: Optimised) -> list[Package]:
    """The packages to tell of, the highest odds first: few of the front, the best among them."""
    if found.best is None:
        return [found.closest]
    return [*shown_of(found, _MOST)] or [found.base]


# ------------------------------------------------------------------ tables


def _table(found: Optimised, number: int) -> Table:
    front = _front(found)
    rows = [_row(found, one) for one in front]
    if found.base not in front:
        rows.append(_row(found, found.base))
    left = sum(one not in front and bool(one.levers) for one in found.front)
    more = f" {counted(left, 'more such package')} {'are' if left > 1 else 'is'} in the data."
    note = (
        f"Odds: that {HAPPENING[found.aims.outcome]}. Change: from the scenario as it stands, in "
        "points, and the worth to each side in stakes. A package is beaten if another is clearly "
        f"better in one of the objectives ({_objectives(found)}) and clearly worse in none."
        f"{more if left else ''}{_levers(found)}"
    )
    title = "Packages that no other beats"
    if found.best is None:
        title = "The package that comes closest"
    return table(f"packages-{number}", title, _header(found), rows, caption=note,
                 numeric=frozenset(range(1, len(_header(found)) - 1)))  # fmt: skip


def _levers(found: Optimised) -> str:
    """What the levers in the table are, and where they stand."""
    scenario = found.setting.first
    told = (
        f"{name}: {lever_meaning(found, name)}, stands at {value_text(stands_at(scenario, name))}"
        for name in (axis["lever"] for axis in found.asked["vary"])
        if any(name in one.levers for one in _front(found))
    )
    said = "; ".join(told)
    return f" Levers: {said}." if said else ""


def _header(found: Optimised) -> tuple[str, ...]:
    aims, names = found.aims, found.setting.first.conflict.names
    robust = {"worst-quarter": "Odds in the worst quarter", "regret": "Points missed at worst"}
    return (
        "What is moved", "Odds", f"95{PER_CENT} dice", "Change, points",
        *([robust[aims.robust]] if aims.primary == AIM else []),
        *(f"Worth to {names[side]}" for side in aims.sides),
        *(f"{names[payer]} pays, {found.unit}" for payer in aims.payers),
        "Standing",
    )  # fmt: skip


def _row(found: Optimised, one: Package) -> tuple[Any, ...]:
    worlds, half = found.setting.worlds, one.odds.half_width
    dice = " to ".join(f"{100.0 * end:.{1 if half <= 0.005 else 0}f}" for end in one.odds.mc)
    robust = [Cell(f"{100.0 * abs(one.aim):.1f}", one.aim)] if found.aims.primary == AIM else []
    return (
        _moves(one),
        Cell(percent(one.odds, worlds), one.odds.mean),
        Cell(dice + PER_CENT, one.odds.mc[0]),
        Cell(_change(one) if one.levers else "0", one.difference.mean),
        *robust,
        *(cell if one.levers else Cell("0", 0.0) for _, cell in _worths(found, one)),
        *(Cell(_paid(paid), paid) for paid in one.cost.values()),
        _standing(found, one),
    )


def _standing(found: Optimised, one: Package) -> str:
    if one is found.best:
        return "the best"
    if not one.qualifies:
        return "does not meet the conditions"
    if one.ahead:
        return "came out ahead of the best"
    return "tied with the best" if one.tied else "behind the best"


def _few(found: Optimised, number: int) -> Table:
    rows = [
        (Cell(str(most), most), *_row(found, one)[:-1]) for most, one in found.best_of_few.items()
    ]
    header = ("Levers at most", *_header(found)[:-1])
    return table(f"few-{number}", "The best that moves no more than one, two or three levers",
                 header, rows, numeric=frozenset({0, *range(2, len(header))}))  # fmt: skip


# ------------------------------------------------------------------ sentences


def _tried(found: Optimised) -> str:
    """How many packages were tried, in how many worlds, and what the best pays."""
    setting, last = found.setting, len(found.packages)
    said = (
        f"{counted(found.screened, 'package')} of {counted(len(found.asked['vary']), 'lever')} "
        f"were tried, and {last} of them run again in {setting.worlds:,} worlds that had chosen "
        f"none. As the scenario stands, {HAPPENING[found.aims.outcome]} in "
        f"{percent(found.base.odds, setting.worlds)} of worlds."
    )
    if found.best is None or not found.best.levers:
        return said
    said += f" The best moves {_in_words(found, found.best)}."
    if found.best.cost:
        names = setting.first.conflict.names
        paid = ", ".join(f"{names[payer]} {_paid(cost)}" for payer, cost in found.best.cost.items())
        said += f" Who pays for it, by the costs that were given, in {found.unit}: {paid}"
        said += "; below 0 is saved." if min(found.best.cost.values()) < 0.0 else "."
    return said


def _paid(cost: float) -> str:
    return f"{cost:.3g}".replace("-", "\u2212")


def _tied(found: Optimised) -> Iterator[str]:
    ahead, level = len(found.ahead), len(found.tied)
    if not level and not ahead:
        others = [one for one in found.packages if one.qualifies and one is not found.best]
        why = "each other that meets the conditions is clearly behind"
        yield f"None: {why if others else 'no other package meets the conditions'}."
        return
    if level:
        yield (
            f"{counted(level, 'other package')} cannot be told apart from it by {_aim(found)}: "
            "to choose among these by other reasons loses nothing that the worlds can show."
        )
    if ahead:
        yield (
            f"{counted(ahead, 'package')} came out ahead of it. The best was chosen before these "
            "worlds ran; to choose anew by them would take luck for merit. A search with more "
            "worlds may well prefer one of these."
        )


def _aim(found: Optimised) -> str:
    """By what packages are ranked, in words."""
    primary = found.aims.primary
    if primary == WORSE_OFF:
        return "the worth to the side that fares worse"
    if primary == AIM:
        return "those odds" if found.aims.robust == "worst-quarter" else "what is missed"
    return f"the {_name(found, primary)}"


def _conditions(found: Optimised) -> Iterator[str]:
    """What a package must meet, and whether the dice tell that the best or closest does."""
    if not found.aims.conditions:
        yield "None were set: look at what a package takes from each side."
        return
    told = "; ".join(bound_text(found, bound) for bound in found.aims.conditions)
    yield f"A package must meet: {told}."
    one = found.closest
    which = "The best" if found.best is not None else "The closest package"
    status = {str(bound): one.conditions[str(bound)] for bound in found.aims.conditions}
    if all(state == MET for state in status.values()):
        yield f"{which} clearly meets {'it' if len(status) == 1 else 'all of them'}."
        return
    if len(status) == 1 and MISSED in status.values():
        yield f"{which} clearly fails it."
        return
    how = {MET: "clearly meets this", MISSED: "clearly fails this"}
    for bound in found.aims.conditions:
        does = how.get(status[str(bound)], "is so near to this that the dice cannot tell")
        yield f"{which} {does}: {bound_text(found, bound)}."


def _objectives(found: Optimised) -> str:
    return ", ".join(_name(found, name) for name in found.aims.objectives)


def _name(found: Optimised, quantity: str) -> str:
    if quantity in OUTCOMES:
        return f"odds that {HAPPENING[quantity]}"
    return name_of(found, quantity)


def _regret(found: Optimised) -> str:
    assert found.answer.regret is not None
    low, high = (max(0.0, 100.0 * end) for end in found.answer.regret)
    return (
        f"Choosing among these {len(found.packages)} packages with full knowledge of what nobody "
        f"can settle today, conditions aside, would add between {low:.1f} and {high:.1f} points to "
        "the odds on average: that is what better knowledge could be worth here."
    )


def _limits(found: Optimised) -> str:
    told = (
        "Only these levers between these ends were tried, each moved from the first day on. A "
        "package between those tried may be somewhat better. That neither side loses in the model "
        "is no promise that it will agree, nor does the worth count what others pay."
    )
    if found.aims.payers:
        told += " The costs are those that were given, and no part of the model."
    return told
