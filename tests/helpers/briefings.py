"""Parts of a briefing, what is said in them, and what the record brings into one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sim.attribution.influence_result import Influence, InfluenceRow
from sim.attribution.news import news
from sim.attribution.timeline import LINES, Point, Timeline
from sim.attribution.weighted_odds import Estimate
from sim.brief.content import Briefing, Part
from sim.estimates import Odds

LAST = dt.date(2025, 5, 20)


def part_of(told: Briefing, name: str) -> Part:
    """The part of a briefing that has a name."""
    return next(part for part in told.parts if part.name == name)


def blocks(part: Part, kind: type) -> list[Any]:
    """The blocks of a part that are of a kind, as tables or pictures."""
    return [block for block in part.blocks if isinstance(block, kind)]


def words(part: Part) -> str:
    """All paragraphs of a part in one line, with plain spaces."""
    return " ".join(paragraph.text for paragraph in part.paragraphs()).replace("\u00a0", " ")


def a_timeline() -> Timeline:
    """A made-up timeline of five days up to the last, 90 days ahead."""
    days = news(LAST)[:4] + news(LAST)[-1:]
    odds = {name: Odds(0.2, (0.19, 0.21), (0.01, 0.6)) for name in LINES}
    return Timeline(tuple(Point(day, odds, 5000.0, 0.3, 3) for day in days), 90, 8192, 400, 1)


def influences() -> Influence:
    """Made-up influences of the last day."""
    odds = {"held": Estimate(0.2, 0.005), "agreed": Estimate(0.32, 0.005)}
    moved = {"held": Estimate(-0.06, 0.007), "agreed": Estimate(-0.1, 0.01)}
    rows = (
        InfluenceRow("event", "001:1:x", "a made-up event", moved, 900.0, 0.5, -1.0, True),
        InfluenceRow("article", "001_6c4fbe2a10d3d3e5", "a title", moved, 900.0, 0.5, -1.0, True),
    )
    return Influence(LAST, 120, 8192, 1, odds, 1200.0, 0.4, rows, 88)
