"""What is collected of each day of a model, by functions that can be pickled with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sim.mesa_model.agents import Belligerent


def reporters(belligerents: Sequence[Belligerent]) -> dict[str, Any]:
    """Return the reporters of a `mesa.DataCollector`: names of attributes, and functions."""
    answers = {f"answer_{player.id}": partial(_said, side=player.side) for player in belligerents}
    names = ("momentum", "sanctions", "tilt", "progress", "trust", "patience")
    return {
        "day": "day",
        **answers,
        **{name: partial(_of_state, name=name) for name in names},
        "truce_day": _truce_day,
        "guarantee": "guarantee",
        "outcome": "outcome",
    }


def _said(model: Any, side: int) -> str | None:
    said: str | None = model.said(side)
    return said


def _of_state(model: Any, name: str) -> float:
    return float(getattr(model.state, name))


def _truce_day(model: Any) -> int:
    return int(model.state.truce_day)
