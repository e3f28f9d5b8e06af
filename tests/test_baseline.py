"""The numbers that change only on purpose: `make baseline`, and a line in the changelog."""

from __future__ import annotations

import json
from pathlib import Path

import sim

FILE = Path(__file__).parent / "baseline.json"
WORLDS = 4096
PAID = {"sanctions.relief": 0.6, "sanctions.relief_on_signature": 0.5, "sanctions.on_breach": 0.5}
CASES = {
    "baseline": sim.load_scenario("baseline"),
    "joint-ultimatum": sim.load_scenario("joint-ultimatum"),
    "joint-ultimatum, paid on signature": sim.load_scenario("joint-ultimatum").with_levers(PAID),
}


def numbers() -> dict[str, dict[str, int]]:
    """Worlds by outcome, and the days of truce in all of them."""
    table = {}
    for name, scenario in CASES.items():
        results = sim.run(scenario, worlds=WORLDS, seed=1)
        counts = results.tally.outcomes.sum(0)
        table[name] = {outcome: int(n) for outcome, n in zip(results.odds, counts, strict=True)}
        table[name]["truce_days"] = int(results.rows["truce_days"].sum())
    return table


def test_numbers_are_those_that_were_agreed_on():
    """If this is meant to change: `make baseline`, and a line 'Results change:' in CHANGELOG."""
    assert numbers() == json.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers(), indent=1) + "\n", encoding="utf-8")
