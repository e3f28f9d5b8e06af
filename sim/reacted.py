"""What the blocks `[[when]]` and `[[move]]` of a scenario did: in how many worlds, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.inputs.blocks import When
from sim.inputs.scenario import Scenario
from sim.tally import Tally


def block_documents(scenario: Scenario, tally: Tally) -> dict[str, Any]:
    """Return what each block did, as plain data; empty if the scenario has none.

    By name its ``text``, the ``share`` of worlds in which it did what it says, with both
    intervals, and the ``days`` on which it first did: 10th, 50th, 90th percentile, null if never.
    A move counts where it was made: not where the world had ended, or the rules left no room.
    """
    if not scenario.blocks:
        return {}
    found = {}
    for n, (name, block) in enumerate(scenario.blocks.items()):
        found[name] = {
            "text": block_text(scenario, name),
            "imposes": not isinstance(block, When),
            "share": tally.share(tally.reacted[:, n]).as_dict(),
            "days": _days(tally, n),
        }
    return {"blocks": found}


def block_text(scenario: Scenario, name: str) -> str:
    """Return a block of a scenario in one line."""
    block = scenario.blocks[name]
    if isinstance(block, When):
        return block.text(scenario.conflict)
    return block.text(scenario.conflict, scenario.as_of)


def _days(tally: Tally, n: int) -> dict[str, int] | None:
    by_day = tally.reaction_day[n]
    if by_day.sum() == 0:
        return None
    share = np.cumsum(by_day) / by_day.sum()
    return {f"p{p}": int(np.searchsorted(share, p / 100.0)) for p in (10, 50, 90)}


def block_lines(blocks: Mapping[str, Mapping[str, Any]], percent: Any) -> Iterator[str]:
    """Say what each block did, a line each; ``percent`` writes a share."""
    for name, block in blocks.items():
        did = "was made" if block["imposes"] else "set its levers"
        days = block["days"]
        when = ""
        if days and days["p10"] != days["p90"]:
            when = f", first on day {days['p50']} (80% between {days['p10']} and {days['p90']})"
        elif days:
            when = f", on day {days['p50']}"
        yield f"{name}, {block['text']}: {did} in {percent(block['share']['mean'])} of worlds{when}"
