"""What a scenario does once something happens, and what it imposes; how often it came to that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.brief.content import Paragraph, Span, say
from sim.inputs.blocks import When
from sim.inputs.scenario import Scenario
from sim.plots.panels import word
from sim.plots.words import PER_CENT
from sim.reacted import block_documents
from sim.results import Results
from sim.text import days_word


def reacts(results: Results) -> Paragraph | None:
    """Say what a scenario does once something happens, or imposes; None if it does neither."""
    told = " ".join(_sentence(results.scenario, name, one) for name, one in did(results).items())
    if not told:
        return None
    return say(Span("What it does later. ", strong=True), told,
               " Nobody in the model foresees it.")  # fmt: skip


def did(results: Results) -> Mapping[str, Any]:
    """Return what each block of a run's scenario did, as `sim.reacted` has it."""
    found: Mapping[str, Any] = block_documents(results.scenario, results.tally).get("blocks", {})
    return found


def _sentence(scenario: Scenario, name: str, done: Mapping[str, Any]) -> str:
    share = 100.0 * float(done["share"]["mean"])
    came = "The move was made" if done["imposes"] else "It came to that"
    return (
        f"{what_is_done(scenario, name)}. {came} in {share:.0f}{PER_CENT} of worlds{_when(done)}."
    )


def _when(done: Mapping[str, Any]) -> str:
    days = done["days"]
    if not days:
        return ""
    if days["p10"] == days["p90"]:
        return f", on day {days['p50']}"
    return f", first on day {days['p50']} at the median"


def what_is_done(scenario: Scenario, name: str) -> str:
    """Write a block of a scenario with what its levers mean, without a full stop."""
    block, conflict = scenario.blocks[name], scenario.conflict
    if not isinstance(block, When):
        text = block.text(conflict, scenario.as_of)
        return text[:1].upper() + text[1:]
    levers = "; ".join(
        f"{conflict.lever(lever).meaning} ({word(value)})" for lever, value in block.levers.items()
    )
    lasting = f" for {days_word(block.for_days)}" if block.for_days is not None else " on"
    return f"{condition(scenario, block)}, from the next day{lasting} this is set: {levers}"


def condition(scenario: Scenario, block: When) -> str:
    """Write when a block sets its levers."""
    return f"{'Each time' if block.again else 'If'} {block.words(scenario.conflict)}"
