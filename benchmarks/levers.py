"""What each lever moves: `python benchmarks/levers.py` prints the table of docs/levers.md.

Each lever is set to either end of its range, all others as in the baseline, on the same worlds.
"""

from __future__ import annotations

import sys

import numpy as np

import sim
from sim.engine.domain import Outcome
from sim.inputs.ensemble import load_ensemble
from sim.inputs.levers import LEVERS, Lever, Value

WORLDS = 40_960
SEED = 1
ENDS = {"sanctions.deadline_days": (7.0, 90.0)}
"""Where the ends of the range are not what one would compare."""
HEADER = """# What each lever moves

Each lever is set to one end of its range (the deadline: 7 and 90 days) and then to the other, all
others as in the baseline, on the same members and luck. The figures are the differences in per cent
of worlds, high less low, with the 95 % error of the difference over members and dice. The table
is printed by
`python benchmarks/levers.py`: {worlds:,} worlds a setting, seed {seed}, ensemble {ensemble}.

| lever | from | to | agreed | held |
|---|---|---|---|---|
"""


def ends_of(lever: Lever) -> tuple[Value, Value]:
    values = ENDS.get(lever.name, lever.kind.trial())
    return values[0], values[-1]


def difference(member: np.ndarray, high: np.ndarray, low: np.ndarray) -> str:
    """Mean difference of paired worlds, and its error with the members drawn as they are."""
    change = np.bincount(member, high.astype(float) - low) / np.bincount(member)
    half = 1.96 * change.std() / len(change) ** 0.5
    return f"{100 * change.mean():+.1f} +- {100 * half:.1f}"


def main() -> None:
    """Print the page."""
    baseline = sim.load_scenario("baseline")
    name = load_ensemble(baseline.as_of).id
    sys.stdout.write(HEADER.format(worlds=WORLDS, seed=SEED, ensemble=name))
    for lever in LEVERS.values():
        low, high = ends_of(lever)
        rows = [
            sim.run(baseline.with_levers({lever.name: end}), worlds=WORLDS, seed=SEED).rows
            for end in (low, high)
        ]
        member = rows[0]["member"]
        agreed = difference(member, *(row["full_truces"] > 0 for row in rows[::-1]))
        held = difference(member, *(row["outcome"] == Outcome.HELD for row in rows[::-1]))
        sys.stdout.write(f"| `{lever.name}` | {low} | {high} | {agreed} | {held} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
