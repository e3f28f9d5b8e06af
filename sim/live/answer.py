"""What the page is told of worlds, as plain data."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable
from typing import Any

import numpy as np

from sim.commands import compare_command, run_command
from sim.diary.typical import middle_one
from sim.engine.domain import NONE, Side
from sim.live.worlds import Block, Moves, Pair, Worlds, inline_name
from sim.request import worlds_request
from sim.results import Results

Document = dict[str, Any]


def answer(worlds: Worlds, moves: Moves, pair: Pair) -> Document:
    """Return the answer to a move of levers: odds, price, and the difference from the scenario.

    Parameters
    ----------
    pair
        The scenario as it stands, and with the levers moved.

    Returns
    -------
    dict
        As `truce run --json` and `truce compare --json` write them; ``difference`` is None if no
        lever is moved.
    """
    results = pair.other
    return {
        "worlds": results.tally.worlds,
        "levers": dict(moves),
        "odds": {name: odds.as_dict() for name, odds in results.odds.items()},
        "agreed": results.agreed.as_dict(),
        "worth": {actor: one.as_dict() for actor, one in results.worth.items()},
        "days_to_truce": results.days_to_truce(),
        "blockers": results.blockers(),
        "difference": difference(worlds, pair) if moves else None,
        "typical": typical(results),
        "doubts": doubts(worlds, (name for name, _ in moves)),
        "command": command(worlds, moves, results.tally.worlds),
    }


def difference(worlds: Worlds, pair: Pair) -> Document:
    """Return how the second of two differs from the first, as `truce compare --json` has it."""
    sides = worlds.scenario.conflict.side_ids
    worth = {actor: pair.worth[side].as_dict() for side, actor in zip(Side, sides, strict=True)}
    return {**{name: one.as_dict() for name, one in pair.odds.items()}, "worth": worth}


def compared(worlds: Worlds, a: Document, b: Document, pair: Pair) -> Document:
    """Return two answers, the difference of the second from the first, and the command."""
    moves = (tuple(one["levers"].items()) for one in (a, b))
    asked = _request(worlds, pair.first.tally.worlds, *moves)
    return {
        "a": a,
        "b": b,
        "difference": difference(worlds, pair),
        "command": compare_command(asked),
    }


def doubts(worlds: Worlds, levers: Iterable[str]) -> list[str]:
    """Return the names of the doubts that bear on some levers."""
    moved = tuple(levers)
    every = worlds.scenario.conflict.doubts
    return [doubt.name for doubt in every if any(map(doubt.bears_on, moved))]


def typical(results: Results) -> int:
    """Return the number of the most typical world of the commonest outcome.

    It is that of `sim.diary.typical.typical_world`, found without a table of the worlds.
    """
    rows: Block | None = results.rows
    assert rows is not None
    worlds = np.flatnonzero(rows["outcome"] == results.tally.outcomes.sum(0).argmax())
    first = rows["first_truce_day"][worlds]
    columns = [np.where(first == NONE, 0, first)]
    columns += [rows[name][worlds] for name in _NUMBERS]
    return int(rows["world"][worlds[middle_one(columns)]])


_NUMBERS = ("truce_days", "momentum_end", "sanctions_end", "guarantee_end")


def command(worlds: Worlds, moves: Moves, number: int) -> str:
    """Return the `truce run` that gives the same odds."""
    return run_command(_request(worlds, number, moves))


def world_command(worlds: Worlds, moves: Moves, number: int, world: int) -> str:
    """Return the commands that tell the same world: a run that has it, and its replay."""
    words = ["truce", "replay", "last", "--world", str(world)]
    return f"{command(worlds, moves, number)} && {shlex.join(words)}"


def _request(worlds: Worlds, number: int, *each: Moves) -> Document:
    """What asks for the scenario with some levers moved: each named in line, with its own."""
    plain = dataclasses.replace(worlds.scenario, overrides={})
    named = [dataclasses.replace(plain, given=inline_name(worlds.scenario, m)) for m in each]
    return worlds_request(named, number, None, worlds.seed)
