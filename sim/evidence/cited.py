"""Checks that the record of a conflict names articles that are there."""

from __future__ import annotations

import re

from sim.errors import EvidenceError
from sim.evidence.articles import read_articles
from sim.evidence.coding import suggestion
from sim.inputs.conflict import Conflict
from sim.inputs.history import HistoryRow, MoveRow, RoundRow
from sim.text import shown

Sourced = HistoryRow | MoveRow | RoundRow
_CITED = re.compile(r"\b([0-9]{3}), paragraphs? [0-9]")
"""How the source of a row names an article: the first three digits of its id, and a paragraph."""


def citation_problems(conflict: Conflict) -> list[EvidenceError]:
    """List the rows of ``history.toml`` that name an article that is not there.

    None is told while ``articles.toml`` is at fault in such a way that its ids are not all known.
    """
    articles, _ = read_articles(conflict.evidence)
    if not articles.whole:
        return []
    history, _ = conflict.record_read
    found = []
    for action in history.actions:
        if action.article not in articles.days:
            what = f"{shown(action.article)} is no article of articles.toml."
            todo = suggestion(action.article, articles.days)
            found.append(EvidenceError(f"{history.place(action)}: article", what, todo))
    sourced: tuple[Sourced, ...] = (*history.levers, *history.moves, *history.rounds)
    for row in sourced:
        for short in dict.fromkeys(_CITED.findall(row.source)):
            if short not in articles.shorts:
                what = f"no article of articles.toml begins with {short}."
                todo = f"There are: {', '.join(sorted(articles.shorts))}."
                found.append(EvidenceError(f"{history.place(row)}: source", what, todo))
    return found
