"""What the page is told when it opens."""

from __future__ import annotations

from typing import Any

from sim.inputs.ensemble import told_of
from sim.inputs.levers import LEVERS
from sim.live.levers import lever_document
from sim.live.worlds import MOST, QUICK, Worlds
from sim.outcomes import HAPPENING
from sim.text import printable

LIMITS = (
    "These are odds under a model and under what was reported up to the as-of day. Another model "
    "would give others. They are no forecast of what any person will do and no advice. What is not "
    "in the model, such as an election or a front that breaks, is not in the odds. Moving a lever "
    "shows what follows in the model if it is moved from the first day on; it does not say that it "
    "can be moved."
)
"""What the page is and is not, in plain words."""


def start_document(worlds: Worlds, base: dict[str, Any], first: list[str]) -> dict[str, Any]:
    """Return the scenario, its levers, and its odds as it stands.

    Parameters
    ----------
    base
        The answer of the scenario as it stands.
    first
        The levers to show first.
    """
    scenario, ensemble = worlds.scenario, worlds.ensemble
    conflict = scenario.conflict
    return {
        "scenario": scenario.label,
        "title": printable(scenario.title),
        "question": scenario.question,
        "set": dict(scenario.overrides),
        "as_of": scenario.as_of.isoformat(),
        "horizon_days": scenario.horizon_days,
        "seed": worlds.seed,
        "members": len(ensemble),
        "ensemble": told_of(ensemble.id, ensemble.kind, ensemble.doubt),
        "sides": {side: conflict.names[side] for side in conflict.side_ids},
        "quick": QUICK,
        "most": MOST,
        "levers": [lever_document(scenario, name) for name in LEVERS],
        "first": first,
        "doubts": [one.model_dump() for one in conflict.doubts],
        "outcomes": HAPPENING,
        "base": {"turn": 0, **base},
        "limits": LIMITS,
    }
