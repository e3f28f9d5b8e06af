"""What the base rate beside the odds counts, in words."""

from __future__ import annotations

from sim.inputs.scenario import Scenario
from sim.text import days_word

BASE_RATE = "by the length of the war and past truces alone"
"""What the base rate rests on, in few words."""


def base_rate_text(scenario: Scenario) -> str:
    """Say what the base rate of a scenario counts, and what it is not; see `Facts`."""
    facts = scenario.conflict.facts
    war = (scenario.as_of - facts.war.began).days
    ahead, lasts = days_word(scenario.horizon_days), f"{100.0 * facts.base_rate.lasts:.0f}%"
    return (
        f"Base rate: the chance that a full truce begins within {ahead}, where {war:,} days of war "
        f"had none (counted as half a truce), times {lasts}, the chance that it lasts 30 days, "
        "from past truces without guarantees. It knows nothing of the talks. Nor is it a "
        "second opinion on the odds: the length of the war is in them, too."
    )
