"""The evidence: what the articles say that the actors want, and what they say happened.

Rows are checked once, here, and become frozen records. What was public only after the as-of day
is left out before anything is numbered, flagged or counted, so that it cannot leave a trace.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sim.errors import EvidenceError
from sim.evidence.articles import Article, read_articles
from sim.evidence.coded import read_coded
from sim.evidence.coding import RETOLD, Row
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.kinds import ISSUE_OF


@dataclass(frozen=True)
class Statement:
    """One stated position: one holder, one issue, one place in one article.

    ``position`` runs from 0 (what side U would like best) to 1 (side R); ``known`` is the day on
    which it was public; ``why_not`` says why the row is kept out of the fit, empty if it is in.
    """

    id: str
    article: str
    paragraph: int
    date: dt.date
    known: dt.date
    holder: str
    issue: str
    position: float
    kind: str
    basis: str
    firmness: int
    salience: int
    same_as: str
    paraphrase: str
    why_not: str = ""

    @property
    def in_fit(self) -> bool:
        """Whether the row counts; `sim.evidence.positions.informs` says what it then informs."""
        return not self.why_not


@dataclass(frozen=True)
class Event:
    """What happened, on a day or within a window of days.

    ``facts`` are the pairs that lead the row's ``detail``, such as ``scope`` and ``days``.
    """

    id: str
    article: str
    paragraph: int
    date_from: dt.date
    date_to: dt.date
    known: dt.date
    round: str
    actor: str
    event: str
    facts: Mapping[str, str]
    paraphrase: str
    same_as: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Evidence:
    """All that was public on the as-of day (None: all there is), in the order of the files.

    ``roles`` maps an actor's id to its role, see ``calibration/actors.toml``; ``conflict`` is that
    of the actors.
    """

    articles: tuple[Article, ...]
    statements: tuple[Statement, ...]
    events: tuple[Event, ...]
    roles: Mapping[str, str]
    as_of: dt.date | None = None
    conflict: Conflict = field(default_factory=shipped)


def load_evidence(
    folder: Path | None = None, as_of: dt.date | None = None, conflict: Conflict | None = None
) -> Evidence:
    """Read, check and flag the evidence that was public on a day.

    Parameters
    ----------
    folder
        Holds ``articles.toml``, ``statements.csv`` and ``events.csv``; the conflict's own if None.
    as_of
        Rows with a later ``known`` leave no trace in the result; all rows if None.
    conflict
        Whose actors they are; the shipped one if None.

    Raises
    ------
    EvidenceError
        The first of the problems that `problems` would list.
    """
    conflict = conflict or shipped()
    read, found = _read(folder or conflict.evidence, conflict)
    if found:
        raise found[0]
    limit = as_of or dt.date.max
    rows = [row for row in read.statements if _known(row) <= limit]
    statements = [Statement(**record) for record in _records(rows, ("holder", "issue"))]
    rows = [row for row in read.events if _known(row) <= limit]
    coded = zip(rows, _records(rows, ("actor", "event")), strict=True)
    events = tuple(Event(**record, line=row.line) for row, record in coded)
    cited = {row.article for row in statements} | {event.article for event in events}
    articles = tuple(a for a in read.articles if a.day <= limit or a.id in cited)
    fit = flagged(statements, events, {a.id: a.day for a in articles})
    roles = {actor.id: str(actor.role) for actor in conflict.actors}
    return Evidence(articles, fit, events, roles, as_of, conflict)


def events_read(conflict: Conflict) -> tuple[Event, ...] | None:
    """Return all events of a conflict whose articles and statements may be at fault.

    None if ``events.csv`` is at fault itself.
    """
    read, found = _read(conflict.evidence, conflict)
    if any("events.csv" in fault.where for fault in found) or not conflict.evidence.is_dir():
        return None
    coded = zip(read.events, _records(read.events, ("actor", "event")), strict=True)
    return tuple(Event(**record, line=row.line) for row, record in coded)


def problems(
    folder: Path | None = None, as_of: dt.date | None = None, conflict: Conflict | None = None
) -> list[EvidenceError]:
    """List everything that is wrong with a folder of evidence, in the order of the files.

    The arguments are those of `load_evidence`; with ``as_of``, a row that is dated or known later
    is a problem too.
    """
    conflict = conflict or shipped()
    return _read(folder or conflict.evidence, conflict, as_of)[1]


@dataclass(frozen=True)
class _Files:
    articles: tuple[Article, ...]
    statements: list[Row]
    events: list[Row]


def _read(
    folder: Path, conflict: Conflict, as_of: dt.date | None = None
) -> tuple[_Files, list[EvidenceError]]:
    articles, found = read_articles(folder)
    if not folder.is_dir():
        return _Files((), [], []), found  # that no file is there is one problem
    statements, events, found_coded = read_coded(folder, articles, conflict, as_of)
    return _Files(articles.read, statements, events), found + found_coded


# ------------------------------------------------------------------------- records


def _known(row: Row) -> dt.date:
    start = row.cells.get("date") or row.cells["date_from"]
    known: dt.date = row.cells["known"] or start
    return known


def _records(rows: list[Row], names: tuple[str, str]) -> list[dict[str, Any]]:
    """Return rows as fields of records, with an id of article, paragraph and the two ``names``.

    A second row of the same cell gets a number, in the order in which rows became public, so that
    an id is the same whatever the as-of day.
    """
    count: Counter[str] = Counter()
    ids = {}
    for row in sorted(rows, key=_known):
        parts = (row.cells[name] for name in ("paragraph", *names))
        cell = ":".join(map(str, (row.cells["article"][:3], *parts)))
        count[cell] += 1
        ids[row.line] = cell if count[cell] == 1 else f"{cell}:{count[cell]}"
    return [{"id": ids[row.line], **row.cells, "known": _known(row)} for row in rows]


def flagged(
    statements: Sequence[Statement], events: Sequence[Event], days: Mapping[str, dt.date]
) -> tuple[Statement, ...]:
    """Return the statements, those kept out of the fit with the reason.

    A row is kept out if it tells again what its paragraph counts as an event (`RETOLD`), or if it
    repeats an earlier row. A stated line or demand beside an answer is a reading of its own. Where
    a paragraph tells an earlier event again, its rows on that issue repeat those told there.

    Parameters
    ----------
    days
        The day of each article, which gives the order of the rows.
    """
    scored = [event for event in events if event.event in ISSUE_OF]
    used, again = {}, {}
    for event in scored:
        here = (f"{event.article}:{event.paragraph}", event.actor, ISSUE_OF[event.event])
        used[here] = event.event
        if event.same_as:
            again[here] = event.same_as
    seen: set[tuple[str, str, str]] = set()
    why = {}
    for row in sorted(statements, key=lambda row: (days[row.article], row.article, row.paragraph)):
        here = (f"{row.article}:{row.paragraph}", row.holder, row.issue)
        origin = row.same_as or again.get(here, "")
        before = (origin, row.holder, row.issue)
        if here in used and row.kind in RETOLD[row.issue]:
            why[row.id] = f"counted as the event {used[here]}"
        elif before in seen or (before in used and row.kind in RETOLD[row.issue]):
            why[row.id] = f"reported before in {origin}"
        seen |= {here, before} if origin else {here}
    return tuple(replace(row, why_not=why.get(row.id, "")) for row in statements)
