"""Lists everything that is wrong with the record, ``history.toml``, for whatever checks files."""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sim.calibrate.record import action_problems, cannot_be_imposed
from sim.errors import CalibrationError, EvidenceError, SimError
from sim.evidence.articles import read_articles
from sim.evidence.cited import citation_problems
from sim.evidence.coded import read_coded
from sim.evidence.statements import Event, Evidence, events_read
from sim.inputs.conflict import Conflict
from sim.inputs.history import History
from sim.inputs.levers import LEVERS
from sim.inputs.tomlfile import line_of
from sim.reading import read_text

_OF_ITS_ROW = (
    "has ",
    "is by ",
    "blames ",
    "is listed, but",
    "lies before",
    "takes more than a day",
)
"""How a problem begins that lies in the row alone, whatever the others say."""
MAYBE = "If that leans on a row that cannot be used yet, mend that row first."


def record_problems(conflict: Conflict) -> list[SimError]:
    """List everything that is wrong with the record of a conflict, by line.

    That is its rows, the day through which the press was read, the articles that rows name, the
    events that are to be imposed, and what cannot be imposed. A row at fault, of the record or of
    ``events.csv``, hides nothing of what is wrong with the others.
    """
    history, found = conflict.record_read
    cited = citation_problems(conflict)
    events = _events(conflict)
    actions: list[CalibrationError] = []
    if events is not None:
        roles = {actor.id: str(actor.role) for actor in conflict.actors}
        evidence = Evidence((), (), events.read, roles, conflict=conflict)
        told = {fault.where.removesuffix(": article") for fault in cited}
        rows = [
            row
            for row in history.actions
            if history.place(row) not in told
            and (row.article, str(row.paragraph)) not in events.unread
        ]
        actions = [] if events.unreadable else action_problems(evidence, rows)
        sound = events.whole and not found and not actions
        read = _AsRead(*conflict.folders)
        if read.reaches_back:
            as_read = dataclasses.replace(evidence, conflict=read)
            wrong = cannot_be_imposed(as_read, read.through)
            actions += wrong if sound else map(_perhaps, wrong)
    every: list[SimError] = [*found, *cited, *actions]
    return sorted(every, key=lambda fault: line_of(fault.where))


def _perhaps(fault: CalibrationError) -> CalibrationError:
    """Say that a problem may follow from a row that cannot be used yet, if it may."""
    if fault.what.startswith(_OF_ITS_ROW):
        return fault
    return CalibrationError(fault.where, fault.what, f"{fault.todo} {MAYBE}")


class _AsRead(Conflict):
    """A conflict whose record is as much of it as can be used."""

    @property
    def record(self) -> History:
        """The rows of the record that are not at fault."""
        history, found = self.record_read
        if not found:
            return history
        wrong = [fault.where for fault in found]
        sound = [
            row
            for row in history.levers
            if not any(where.startswith(history.place(row)) for where in wrong)
        ]
        return dataclasses.replace(history, levers=tuple(sound))

    @property
    def reaches_back(self) -> bool:
        """Whether every lever, and the move of the package, has a value on the first day."""
        begins, record = self.facts.record.begins, self.record
        first = {row.lever for row in record.levers if row.date <= begins}
        return first >= set(LEVERS) and any(row.date <= begins for row in record.moves)


class _Events(NamedTuple):
    """The events that can be used, and the places of those that cannot.

    Attributes
    ----------
    unread
        Article and paragraph of each row at fault, as they are written.
    unreadable
        Whether the file is at fault as a whole, so that no row of it is known.
    """

    read: tuple[Event, ...]
    unread: frozenset[tuple[str, str]] = frozenset()
    unreadable: bool = False

    @property
    def whole(self) -> bool:
        return not self.unread and not self.unreadable


def _events(conflict: Conflict) -> _Events | None:
    """Return the events of a conflict as far as they can be used; None without their folder."""
    if not conflict.evidence.is_dir():
        return None
    whole = events_read(conflict)
    if whole is not None:
        return _Events(whole)
    _, rows, found = read_coded(conflict.evidence, read_articles(conflict.evidence)[0], conflict)
    wrong = {line_of(fault.where) for fault in found if "events.csv" in fault.where}
    lines = _lines(conflict.evidence / "events.csv")
    if 0 in wrong or 1 in wrong or not lines:
        return _Events((), unreadable=True)
    unread = frozenset(lines[line] for line in wrong if line in lines)
    events = []
    for row in rows:
        if row.line not in wrong:
            cells = row.cells
            name = f"{row.place[:3]}:{cells['paragraph']}:{cells['actor']}:{cells['event']}"
            known = cells["known"] or cells["date_from"]
            events.append(Event(**{**cells, "id": name, "known": known, "line": row.line}))
    return _Events(tuple(events), unread)


def _lines(path: Path) -> dict[int, tuple[str, str]]:
    """Return the first two cells of each row by its line, article and paragraph."""
    found: dict[int, tuple[str, str]] = {}
    with contextlib.suppress(EvidenceError, csv.Error):  # told by whoever reads the rows
        reader = csv.reader(io.StringIO(read_text(path, EvidenceError), newline=""))
        for cells in reader:
            found[reader.line_num] = _pair(cells)
    return found


def _pair(cells: Sequence[str]) -> tuple[str, str]:
    return (cells[0], cells[1]) if len(cells) > 1 else ("", "")
