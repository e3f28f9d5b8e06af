"""The rows that arrived since a day, and what each adds to the odds: each is left out in turn."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.attribution.arrived import arrived
from sim.attribution.influence import LeaveOneOut, of_event, of_statement
from sim.attribution.influence_result import InfluenceRow
from sim.attribution.news import News, lever_changes
from sim.attribution.reweight import DrawnPositions
from sim.attribution.update.told import OUTCOMES, Row
from sim.attribution.weighted_odds import WeightedForecaster
from sim.calibrate.record import record_of
from sim.disk import KEPT
from sim.evidence.positions import ROLE_SIDE
from sim.evidence.statements import Event, Evidence, Statement, load_evidence
from sim.experiments.compare import compare
from sim.experiments.sensitivity.jackknife import Estimate
from sim.files import json_bytes, write_whole
from sim.inputs.levers import value_text
from sim.inputs.scenario import Scenario
from sim.owned import check_place
from sim.progress import Progress
from sim.reading import read_document
from sim.threads import overlapped, threads

PARTICLES = 65_536
"""Pasts that are weighed with a row and without it."""
Task = tuple[str, str, Callable[[], Row | None]]


class Kept:
    """Rows that are finished, in a file until all are, to go on from after a stop.

    Parameters
    ----------
    path
        The file; nothing is kept if None.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._there: dict[str, Any] = (read_document(path) if path else None) or {}

    def rows(self, names: Sequence[str]) -> dict[str, Row | None]:
        """Return the rows of those names that were made before."""
        found: dict[str, Row | None] = {}
        for name in names:
            with contextlib.suppress(AttributeError, LookupError, TypeError, ValueError):
                one = self._there[name]
                found[name] = None if one is None else Row.from_dict(one)
        return found

    def add(self, name: str, row: Row | None) -> None:
        """Keep a row that was made."""
        self._there[name] = None if row is None else row.as_dict()
        if self._path:
            kept_below = self._path.parent.parent
            write_whole(self._path, json_bytes(self._there), KEPT, kept_below)

    def forget(self) -> None:
        """Remove the file."""
        if self._path:
            with contextlib.suppress(OSError):
                self._path.unlink()
                self._path.parent.rmdir()


@dataclass(frozen=True)
class Arrived:
    """What became public after a day, up to that of a scenario, and what each row adds.

    Attributes
    ----------
    scenario
        The baseline as of the new day.
    since
        The day after which rows count.
    particles
        Pasts that are weighed with each row and without it.
    worlds, seed
        Worlds in which a lever is put back, and the luck.
    """

    scenario: Scenario
    since: dt.date
    particles: int
    worlds: int
    seed: int
    workers: int
    _made: dict[str, Any] = field(default_factory=dict, repr=False)

    def rows(self, kept: Kept, report: Progress | None) -> tuple[tuple[Row, ...], int]:
        """Return the rows, the largest first, and how many statements inform no member.

        Raises
        ------
        EvidenceError, CalibrationError
            If no particle survives the record without one of them.
        """
        tasks = {f"{kind} {name}": (kind, make) for kind, name, make in self._tasks()}
        done = kept.rows(list(tasks))
        left = {name: task for name, task in tasks.items() if name not in done}
        if report:
            report(len(done), len(tasks))
        with threads(self.workers) as executor:
            self._made["executor"] = executor
            self._prepare({kind for kind, _ in left.values()})
            made = overlapped([make for _, make in left.values()], self.workers)
            for name, row in zip(left, made, strict=True):
                done[name] = row
                kept.add(name, row)
                if report:
                    report(len(done), len(tasks))
        found = [done[name] for name in tasks]
        rows = [row for row in found if row is not None]
        order = sorted(rows, key=lambda row: -abs(row.adds["held"].mean))
        return tuple(order), len(found) - len(rows)

    def _prepare(self, kinds: set[str]) -> None:
        """Make what rows of these kinds share, before they are made side by side."""
        if kinds - {"lever"}:
            _ = self._filters
        if "statement" in kinds:
            _ = self._drawn

    @functools.cached_property
    def evidence(self) -> Evidence:
        """All that was public on the new day."""
        return load_evidence(as_of=self.scenario.as_of, conflict=self.scenario.conflict)

    def _tasks(self) -> Iterator[Task]:
        for lever, value, day, source in self._levers():
            make = functools.partial(self._of_lever, lever, value, day, source)
            yield "lever", lever, make
        for event in {event.id: event for event in self._imposed()}.values():
            if event.known > self.since:
                yield "event", event.id, functools.partial(self._of_event, event)
        for row in self.evidence.statements:
            if row.known > self.since and row.in_fit:
                yield "statement", row.id, functools.partial(self._of_statement, row)

    # -------------------------------------------------------------- levers

    def _levers(self) -> Iterator[tuple[str, Any, dt.date, str]]:
        """Levers that stand otherwise than on the day before: what they were, when, and why."""
        conflict, day = self.scenario.conflict, self.scenario.as_of
        before, now = (conflict.baseline_levers(one) for one in (self.since, day))
        changes = {one.lever: one for one in lever_changes(conflict.history(day))}
        for lever in now:
            if before[lever] != now[lever]:
                change = changes[lever]
                yield lever, before[lever], change.day, change.source

    def _of_lever(self, lever: str, before: Any, day: dt.date, source: str) -> Row:
        """What a lever adds as it stands: the same worlds with it and with what it was."""
        now = self.scenario.initial_levers[lever]
        back = self.scenario.with_levers({lever: before})
        found = compare([back, self.scenario], self.worlds, self.seed, self.workers)
        meaning = self.scenario.conflict.lever(lever).meaning
        label = f"{meaning}: {value_text(before)} to {value_text(now)}"
        adds = {name: found.differences[name][0] for name in OUTCOMES}
        reason = source.partition(": ")[2] or source
        return Row("lever", lever, day, f"{label} ({reason.partition(';')[0]})",
                   {name: Estimate(one.mean, one.mc) for name, one in adds.items()})  # fmt: skip

    # -------------------------------------------------------------- rows of the evidence

    @functools.cached_property
    def _filters(self) -> LeaveOneOut:
        executor = self._made["executor"]
        ahead = WeightedForecaster(self.scenario, self.particles, executor, self.seed)
        return LeaveOneOut.of(self.scenario.as_of, ahead)

    @functools.cached_property
    def _drawn(self) -> DrawnPositions:
        return self._filters.drawn()

    def _of_event(self, event: Event) -> Row:
        return self._added(of_event(self._filters, event), event.known, event.actor)

    def _of_statement(self, row: Statement) -> Row | None:
        role = self.evidence.roles.get(row.holder)
        if role not in (*ROLE_SIDE, "mediator"):
            return None
        found = of_statement(self._filters, row, self._drawn)
        return None if found is None else self._added(found, row.known, row.holder)

    def _added(self, found: InfluenceRow, day: dt.date, who: str) -> Row:
        """What a row adds, from what leaving it out changes."""
        adds = {}
        for name in OUTCOMES:
            shift = found.shifts[name]
            low, high = shift.interval
            adds[name] = Estimate(-shift.change, (-high, -low))
        name = self.scenario.conflict.names.get(who, who)
        return Row(found.kind, found.id, day, f"{name}: {found.label}", adds)

    # -------------------------------------------------------------- what is no row

    def noted(self) -> tuple[str, ...]:
        """Events told for the first time that are imposed on no past, so that they add nothing."""
        imposed = {event.id for event in self._imposed()}
        found = [event for event in self.evidence.events if event.known > self.since]
        return tuple(
            self._text(News(event.known, events=(event,)))
            for event in found
            if event.id not in imposed and not event.same_as
        )

    def announced(self) -> tuple[str, ...]:
        """Rounds of talks that were announced; what they add is in the rest."""
        rounds = self.scenario.conflict.rounds(self.scenario.as_of)
        new = [row for row in rounds if row.known > self.since]
        return tuple(self._text(News(row.known, rounds=(row,))) for row in new)

    def _text(self, news: News) -> str:
        found = arrived(news, self.scenario.conflict)
        return next(str(thing["text"]) for things in found.values() for thing in things)

    def _imposed(self) -> tuple[Event, ...]:
        return record_of(self.evidence, self.scenario.as_of).events


def kept_in(folder: Path | None, name: str) -> Kept:
    """Return what keeps the finished rows of an update, by its id."""
    if folder is None:
        return Kept(None)
    check_place(folder, folder.parent)
    return Kept(folder / f"update-{name}.json")
