"""The parts of a sensitivity as plain data, each number with what it means and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.attribution.groups import groups_of
from sim.attribution.sensitivity.best import Best
from sim.attribution.sensitivity.ranking import Rival
from sim.attribution.sensitivity.unknowns import Knowing, Swing
from sim.attribution.shares import Shares
from sim.attribution.sources import source_of
from sim.evidence.positions import measure
from sim.evidence.statements import load_evidence
from sim.inputs.scenario import Scenario


class Meanings:
    """What the numbers of the members mean, and how much of each is assumed."""

    def __init__(self, scenario: Scenario) -> None:
        conflict = scenario.conflict
        self._conflict = conflict
        self._table = {row.name: row for row in conflict.parameters}
        self._evidence = load_evidence(as_of=scenario.as_of, conflict=conflict)
        self._positions = measure(self._evidence)

    def of(self, name: str) -> dict[str, Any]:
        """Return the name of a number, its meaning, and its standing, as plain data."""
        source = source_of(name, self._table, self._positions, self._evidence)
        meaning = self._conflict.named(source.meaning)
        return {"name": name, "meaning": meaning, "standing": source.standing}


def otherwise_document(swings: Sequence[Swing], meanings: Meanings) -> list[dict[str, Any]]:
    """Return what comes of each number at its percentiles."""
    return [
        {
            **meanings.of(swing.name),
            "low": swing.low,
            "high": swing.high,
            "at_low": swing.at_low,
            "at_high": swing.at_high,
            **swing.difference.as_dict(),
        }
        for swing in swings
    ]


def learned_document(shares: Shares, scenario: Scenario) -> dict[str, Any]:
    """Return how much would go of what members disagree on if groups of numbers were learned.

    ``entered`` of a group says in how many of the ten fits any of its numbers was used. One that
    was used in none has a share of 0, which means no more than below ``smallest``.
    """
    groups = groups_of(scenario.conflict)
    said = {group.name: group.meaning for group in groups}
    entered = {
        group.name: max(
            (n for name, n in shares.entered.items() if name.partition(":")[0] in columns),
            default=0,
        )
        for group, columns in groups.items()
    }
    return {
        "spread_between_members": shares.spread,
        "explained": {"mean": shares.explained.share, "mc": list(shares.explained.interval)},
        "smallest": shares.smallest,
        "groups": [
            {
                "name": one.name,
                "meaning": said[one.name],
                "mean": one.share,
                "mc": list(one.interval),
                "entered": entered[one.name],
            }
            for one in shares.shares
        ],
    }


def worth_document(
    knowing: Knowing, scenarios: Sequence[Scenario], meanings: Meanings
) -> dict[str, Any]:
    """Return what knowing each number is worth before choosing among scenarios."""
    return {
        "best_on_average": scenarios[knowing.choice].label,
        "everything": list(knowing.everything),
        "numbers": [
            {**meanings.of(one.name), "mean": one.mean, "mc": list(one.mc)}
            for one in knowing.numbers
        ],
    }


def ranking_document(
    best: Best,
    leader: int,
    rivals: Sequence[Rival],
    scenarios: Sequence[Scenario],
    meanings: Meanings,
) -> dict[str, Any]:
    """Return in how many members each scenario is best, and what turns the order."""
    labels = [scenario.label for scenario in scenarios]
    return {
        "scenarios": labels,
        "best": dict(zip(labels, best.shares, strict=True)),
        "level": best.level,
        "leads": labels[leader],
        "against": [
            {
                "scenario": labels[rival.place],
                **rival.paired.difference.as_dict(),
                "turning": _turning(rival, meanings),
            }
            for rival in rivals
        ],
    }


def _turning(rival: Rival, meanings: Meanings) -> dict[str, Any] | None:
    found = rival.turning
    if found is None:
        return None
    thirds = {"low": found.low.as_dict(), "high": found.high.as_dict()}
    return {**meanings.of(found.name), "turns": found.turns, **thirds}
