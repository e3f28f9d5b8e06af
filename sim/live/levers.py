"""The levers as the page shows them, and which of them move the odds most."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sim.engine.domain import Outcome
from sim.errors import ScenarioError
from sim.experiments.paired import paired_with
from sim.inputs.lever_kinds import DEFERRED, Number, Switch, Word
from sim.inputs.levers import LEVERS, Lever, Value
from sim.inputs.scenario import Scenario
from sim.live.worlds import Block, Moves, Worlds

FIRST = 8
"""So many levers are shown first."""
_FINE, _COARSE = 0.01, 1.0
_WIDE = 10.0
"""Ranges wider than this are moved in whole steps."""


def lever_document(scenario: Scenario, name: str) -> dict[str, Any]:
    """Return what the page needs of one lever.

    ``start`` is where its slider stands once it is not deferred any more: the middle of its range
    if it is deferred now. Numbers that a lever has not are None.
    """
    lever, value = scenario.conflict.lever(name), scenario.levers[name]
    source = scenario.sources[name]
    return {
        "lever": name,
        "group": name.partition(".")[0],
        "meaning": lever.meaning,
        "unit": lever.unit,
        **_values(lever, value),
        "value": value,
        "source": "; ".join(source.texts) or "assumed: no claim names it",
    }


def _values(lever: Lever, value: Value) -> dict[str, Any]:
    kind = lever.kind
    found: dict[str, Any] = {"low": None, "high": None, "step": None, "choices": []}
    found |= {"deferrable": DEFERRED in kind.beside, "start": None}
    if isinstance(kind, Number):
        coarse = kind.whole or kind.high - kind.low > _WIDE
        middle = (kind.low + kind.high) / 2.0
        return {
            **found,
            "kind": "number",
            "low": kind.low,
            "high": kind.high,
            "step": _COARSE if coarse else _FINE,
            "start": middle if value == DEFERRED else value,
        }
    if isinstance(kind, Switch):
        return {**found, "kind": "flag"}
    assert isinstance(kind, Word)
    return {**found, "kind": "choice", "choices": list(kind.choices)}


# ------------------------------------------------------------------ which to show first


def trials(worlds: Worlds) -> Iterator[Moves]:
    """Yield moves of each lever alone to the ends of what it takes, or to each of its words."""
    for name, lever in LEVERS.items():
        tried = lever.kind.trial()
        ends = tried if isinstance(lever.kind, Word) else (tried[0], tried[-1])
        for value in (*ends, *lever.kind.beside):
            try:
                moves = worlds.moves({name: value})
            except ScenarioError:  # the scenario itself changes it on the first day
                continue
            if moves:
                yield moves


def strongest(worlds: Worlds, base: Block, tried: list[tuple[Moves, Block]]) -> list[str]:
    """Return the levers that move the odds of `held` most, the strongest first.

    Parameters
    ----------
    base, tried
        The same worlds as the scenario stands, and under each of the `trials`.
    """
    effects: dict[str, float] = {}
    for moves, rows in tried:
        ((name, _),) = moves
        found = paired_with(base, rows, len(worlds.ensemble), [Outcome.HELD]).difference
        effects[name] = max(effects.get(name, 0.0), math.fabs(found.mean))
    names = sorted(effects, key=lambda name: -effects[name])
    return names[:FIRST]
