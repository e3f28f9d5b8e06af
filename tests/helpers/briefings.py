"""Parts of a briefing, and what is said in them."""

from __future__ import annotations

from typing import Any

from sim.brief.content import Briefing, Part


def part_of(told: Briefing, name: str) -> Part:
    """The part of a briefing that has a name."""
    return next(part for part in told.parts if part.name == name)


def blocks(part: Part, kind: type) -> list[Any]:
    """The blocks of a part that are of a kind, as tables or pictures."""
    return [block for block in part.blocks if isinstance(block, kind)]


def words(part: Part) -> str:
    """All paragraphs of a part in one line, with plain spaces."""
    return " ".join(paragraph.text for paragraph in part.paragraphs()).replace("\u00a0", " ")
