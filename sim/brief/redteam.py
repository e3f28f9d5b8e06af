"""The part that says which single move of which actor takes most, and who has a motive for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.attribution.redteam.moves import actor_names
from sim.attribution.redteam.result import NO_WORTH, Exploit, RedTeam
from sim.brief.cells import worth_cell
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import sentence, titled
from sim.outcomes import HAPPENING
from sim.plots.compare import points
from sim.plots.redteam import caption, finding
from sim.plots.words import PER_CENT, percent
from sim.text import counted, whole_points


def redteam(m: Material) -> Part | None:
    """Which single move of each actor takes most from a scenario, and whether it gains by it."""
    if not m.redteams:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.redteams):
        blocks += [*_blocks(found, number)]
    said = _said(m.redteams[0])
    return Part("redteam", "What a single move could undo", tuple(blocks), said)


def _said(found: RedTeam) -> str:
    """Say which move takes most from which scenario."""
    return sentence(f"{titled(found.setting.first)}: {finding(found)}")


def _blocks(found: RedTeam, number: int) -> Iterator[Block]:
    rows = "; ".join(
        f"day {one.day}, {_does(found, one)}: {_change(one)} points, "
        f"{f'motive: {one.motive}' if one.claimed else 'no clear effect'}"
        for one in found.exploits
    )
    yield Picture(
        f"redteam-{number}",
        _said(found),
        f"Bars of what the worst move of each actor changes. {rows}.",
        caption(found),
        lambda size: plots.redteam(found, size=size, bare=True),
    )
    yield say(_tried(found))
    yield _table(found, number)
    yield say(Span("Who has a motive. ", strong=True), " ".join(_motives(found)))
    yield say(Span("What this does not say. ", strong=True), _limits(found))


def _does(found: RedTeam, one: Exploit) -> str:
    return f"{actor_names(found.setting.first.conflict)[one.actor]} {one.words}"


def _change(one: Exploit) -> str:
    return points(one.difference.mean, one.difference.half_width)


# ------------------------------------------------------------------ the table


def _table(found: RedTeam, number: int) -> Table:
    names = actor_names(found.setting.first.conflict)
    sides = [names[side] for side in found.setting.first.conflict.side_ids]
    header = ("Move", "Day", "Made", "Change, points", f"95{PER_CENT} dice",
              f"90{PER_CENT} of members", *(f"Worth to {side}" for side in sides),
              "Motive")  # fmt: skip
    note = (
        f"Change: of the odds that {HAPPENING[found.outcome]}, from "
        f"{percent(found.odds, found.setting.worlds)} without the move. The dice hold for all rows "
        "together. Made: the share of worlds in which the rules let the move be made on its day; "
        "of a yes that is meant to fail, the yes, then walking out of a truce. Worth: its change, "
        "in stakes. Motive: whether the actor gains or loses worth by its own move."
    )
    rows = [_row(found, one) for one in found.exploits]
    return table(f"moves-{number}", "The worst move of each actor, and of a side also the worst "
                 "of those by which it gains", header, rows, caption=note,
                 numeric=frozenset(range(1, len(header) - 1)))  # fmt: skip


def _row(found: RedTeam, one: Exploit) -> tuple[Any, ...]:
    change = one.difference
    both = change.ensemble
    ends = "too few members"
    if both is not None:
        ends = "within the dice" if change.hidden else " to ".join(map(whole_points, both))
    dice = " to ".join(points(end, change.half_width) for end in change.mc)
    return (
        _does(found, one),
        Cell(str(one.day), one.day),
        Cell(", then ".join(f"{100.0 * share:.0f}{PER_CENT}" for share in one.made), one.made[0]),
        Cell(_change(one), change.mean),
        Cell(dice, change.mc[0]),
        Cell(ends.replace("-", "\u2212"), both[0] if both else None),
        *(worth_cell(worth, signed=True) for worth in one.worth.values()),
        one.motive if one.claimed else "has no clear effect",
    )


# ------------------------------------------------------------------ sentences


def _tried(found: RedTeam) -> str:
    """How many moves were tried, and what the worst takes."""
    setting, most = found.setting, found.exploitability
    said = (
        f"{counted(len(found.screened), 'single move')} by an actor on a day were tried against "
        f"{titled(setting.first)}, each in the same worlds as without it. The worst were run again "
        f"in {setting.worlds:,} other worlds, so that no number owes anything to how its move was "
        f"chosen. Without a move {HAPPENING[found.outcome]} in "
        f"{percent(found.odds, setting.worlds)} of worlds."
    )
    low, high = (points(end, most.half_width).lstrip("+") for end in most.mc)
    if found.worst is None:
        return f"{said} No move is seen to lower that; the worst takes at most {high} points."
    mean = points(most.mean, most.half_width).lstrip("+")
    return f"{said} The worst move takes {mean} points ({low} to {high})."


def _motives(found: RedTeam) -> Iterator[str]:
    """Which side gains by a move that takes something, and of whom that is not known."""
    names = actor_names(found.setting.first.conflict)
    paying = found.worst_with_motive
    if paying is None:
        yield "No side is seen to gain by a move of its own that takes something from the odds."
    else:
        own = worth_cell(paying.worth[paying.actor], signed=True).text
        yield (
            f"Of moves by which a side gains, the worst: on day {paying.day} "
            f"{_does(found, paying)} ({_change(paying)} points of the odds, {own} stakes for "
            f"{names[paying.actor]})."
        )
    without = {names[one.actor]: None for one in found.exploits if one.motive == NO_WORTH}
    if without:
        who = " and ".join(without)
        yield (
            f"Whether {who} would gain by a move cannot be told: the model reckons a worth to the "
            "two sides alone."
        )


def _limits(found: RedTeam) -> str:
    told = (
        "Other days, two moves together, or a move that waits for an event may take more. How "
        "likely a move is, is not told, and nobody foresees it. That a side gains by a move is no "
        "forecast that it will make it."
    )
    if found.ruled_out:
        number = counted(len(found.ruled_out), "move")
        told += f" {number} could not be tried, since the scenario rules them out."
    return told
