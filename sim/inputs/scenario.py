"""What a scenario sets: levers, their dated changes, and the day from which it looks ahead.

A scenario file states changes from the baseline. The baseline of a day is made of the levers as
they stood on it, from the dated record in ``scenarios/history.toml``; no row that was known only
later is read. The record is read when a scenario is made or moved to another day; from then on
the scenario holds all that decides its worlds.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.engine.domain import MAX_HORIZON_DAYS
from sim.errors import CalibrationError, ScenarioError, check_whole
from sim.inputs.block_numbers import check_setting, standing_number, with_numbers
from sim.inputs.blocks import Move, When, plain_block
from sim.inputs.conflict import Conflict, shipped
from sim.inputs.doubts import Doubt, doubts_about
from sim.inputs.history import HistoryRow
from sim.inputs.inline import InlineScenario, split_inline
from sim.inputs.levers import LEVERS, LeverSource, Value
from sim.inputs.scenario_checks import checked
from sim.inputs.scenario_file import (
    check_date,
    find_scenario,
    folder_name,
    lines_of,
    read_scenario_file,
)
from sim.inputs.settings import Settings
from sim.text import printable, shown


@dataclass(frozen=True)
class Scenario(Settings):
    """A question put to the model: a named set of levers, as of a day, over a horizon.

    Made by `load_scenario`; varied by `with_levers`, `with_blocks`, `with_as_of` and
    `with_horizon`. It cannot be changed, can be hashed, copied and pickled, and reads no file
    again. Its attributes are those of `sim.inputs.settings.Settings`.
    """

    @property
    def sources(self) -> dict[str, LeverSource]:
        """Where the value of every lever on day 1 comes from, and who says so."""
        first_day = {change.lever for change in self.schedule if change.day == 1}
        return {name: self._source(name, changed=name in first_day) for name in self.record}

    def _source(self, lever: str, *, changed: bool) -> LeverSource:
        if lever in self.overrides:
            return LeverSource("override", ("set beside the scenario",))
        if lever in self.inline:
            return LeverSource("inline", ("set in line with the scenario's name",))
        if lever in self.own_levers or changed:
            return LeverSource("file", self.claimed(lever))
        row = self.record[lever]
        return LeverSource("record", (f"{row.date}: {row.source}",))

    @property
    def base_rate(self) -> float:
        """The odds of `held` from the base rate alone: see `Facts.held_by_base_rate`."""
        return self.conflict.facts.held_by_base_rate(self.as_of, self.horizon_days)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What not to lean on with the levers that are not as they stood, or in general."""
        stood, later = self.conflict.baseline_levers(self.as_of), {c.lever for c in self.schedule}
        later.update(*(block.levers for block in self.when))
        moved = [name for name in LEVERS if name in later or self.levers[name] != stood[name]]
        return doubts_about(self.conflict.doubts, moved)

    def claimed(self, lever: str) -> tuple[str, ...]:
        """Return the claims that name a lever, each in one line."""
        return tuple(claim.line for claim in self.claims if lever in claim.levers)

    def standing(self, name: str) -> Value:
        """Return the value of a lever on day 1, or of a day or number of a block."""
        if name in LEVERS:
            return self.levers[name]
        return standing_number(self.blocks, name, self.as_of, self.horizon_days)

    def with_levers(self, levers: Mapping[str, Value]) -> Scenario:
        """Return the scenario with some levers set from the first day on.

        Days and numbers of its blocks are set in the same way, by names such as ``when.1.within``.

        Raises
        ------
        ScenarioError
            If a name or a value is not a lever's or a block's.

        Examples
        --------
        >>> import sim
        >>> scenario = sim.load_scenario("baseline").with_levers({"sanctions.us_threat": 0.9})
        >>> scenario.levers["sanctions.us_threat"]
        0.9
        """
        if not isinstance(levers, Mapping):
            what = f"{shown(levers)} is no mapping of levers to values."
            raise ScenarioError("levers", what, 'Write {"aid.level": 0.5}.')
        with self.conflict.named_errors():
            given = {name: check_setting("levers", name, value) for name, value in levers.items()}
        return dataclasses.replace(self._set(given), overrides={**self.overrides, **given})

    def _set(self, settings: Mapping[str, Value]) -> Scenario:
        """The scenario with some levers and numbers set, unless a change of day 1 undoes it."""
        levers = {name: value for name, value in settings.items() if name in LEVERS}
        for change in self.schedule:
            if change.day == 1 and change.lever in levers:
                what = "is set, but the scenario changes it on day 1."
                raise ScenarioError(f"levers: {change.lever}", what, "Edit the change instead.")
        moved = dataclasses.replace(self, own_levers={**self.own_levers, **levers})
        if len(levers) == len(settings):
            return moved
        numbers = {name: value for name, value in settings.items() if name not in LEVERS}
        return moved.with_blocks(*with_numbers(self.blocks, numbers))

    def _named_inline(self, text: str, inline: InlineScenario) -> Scenario:
        """The scenario with what was set in line: it has a name and a title of its own."""
        if not inline.levers:
            return self
        return dataclasses.replace(
            self._set(inline.levers),
            name=inline.folder(self.name),
            title=inline.title(self.title),
            inline=inline.levers,
            given=text,
        )

    def with_as_of(self, as_of: dt.date) -> Scenario:
        """Return the scenario as seen from another day.

        Changes given by date keep their dates, those given by day their distance. Levers that the
        scenario does not set stand as they did on that day.

        Raises
        ------
        ScenarioError
            If the record does not reach back to that day, or a dated change would lie on or
            before it, or beyond the horizon.
        """
        check_date(as_of)
        return checked(
            dataclasses.replace(
                self,
                as_of=as_of,
                record=self.conflict.baseline_rows(as_of),
                rounds=self.conflict.announced_rounds(as_of),
            )
        )

    def with_horizon(self, horizon_days: int) -> Scenario:
        """Return the scenario over another horizon, 1 to 365 days.

        Raises
        ------
        ScenarioError
            If it is out of range or cuts off a change.
        """
        days = check_whole("horizon", horizon_days, 1, MAX_HORIZON_DAYS)
        return checked(dataclasses.replace(self, horizon_days=days, horizon_given=True))

    def with_blocks(self, when: Sequence[When], moves: Sequence[Move]) -> Scenario:
        """Return the scenario with other blocks `[[when]]` and `[[move]]`.

        Raises
        ------
        ScenarioError
            Naming all that is wrong with them.
        """
        return checked(dataclasses.replace(self, when=tuple(when), moves=tuple(moves)))

    def resolved(self) -> dict[str, Any]:
        """Return everything that decides a run of this scenario, as plain data."""
        blocks = {"when": self.when, "move": self.moves}
        return {
            "name": self.name,
            "title": self.title,
            "question": self.question,
            "as_of": self.as_of.isoformat(),
            "horizon_days": self.horizon_days,
            "conflict": self.conflict.digest,
            "levers": self.initial_levers,
            "changes": [change._asdict() for change in self.schedule],
            "rounds": [date.isoformat() for date in self.rounds],
            **{key: [plain_block(one) for one in found] for key, found in blocks.items() if found},
        }

    def as_dict(self) -> dict[str, Any]:
        """Return all of the scenario but its claims as plain data.

        That is what `resolved` returns, and where it comes from: ``own_levers``, ``inline``,
        ``overrides``, ``record`` (a row of the record a lever), ``author``, ``path``, ``given``,
        ``horizon_given``, and ``data``, the folders of its conflict (null if it ships).
        `sim.inputs.scenario_document.scenario_from` reads it.
        """
        return {
            **self.resolved(),
            "author": self.author,
            "own_levers": dict(self.own_levers),
            "inline": dict(self.inline),
            "overrides": dict(self.overrides),
            "record": [row.model_dump(mode="json") for row in self.record.values()],
            "path": self.path,
            "given": self.given,
            "horizon_given": self.horizon_given,
            "data": self.conflict.document,
        }


# ------------------------------------------------------------------ loading


def load_scenario(
    name: str | Path,
    as_of: dt.date | None = None,
    horizon_days: int | None = None,
    *,
    conflict: Conflict | None = None,
) -> Scenario:
    """Read a scenario by name or path, checked.

    Parameters
    ----------
    name
        A name, looked up as `sim.inputs.scenario_file.find_scenario` says, or a path ending in
        .toml; levers may be set behind it, as in ``baseline+aid.level=0+sanctions.us_threat=.9``.
    as_of, horizon_days
        The day from which to look ahead and how far, in place of the file's. If neither it nor
        the file gives a day, it is that of the newest ensemble.
    conflict
        Whose data it is put to; the shipped one if None.

    Raises
    ------
    ScenarioError
        Naming the file, the key, what is wrong with it and what to do.

    Examples
    --------
    >>> import sim
    >>> sim.load_scenario("baseline").horizon_days
    120
    >>> sim.load_scenario("baseline+aid.level=0").levers["aid.level"]
    0.0
    """
    conflict = conflict or shipped()
    with conflict.named_errors():
        inline = split_inline(str(name))
        path = find_scenario(inline.base, conflict)
        file = read_scenario_file(path)
    where = printable(path.as_posix())
    days = file.horizon_days
    if horizon_days is not None:
        days = check_whole("horizon", horizon_days, 1, MAX_HORIZON_DAYS)
    if as_of is not None:
        check_date(as_of)
    day = as_of or file.as_of or _newest(where, conflict)
    scenario = Scenario(
        name=folder_name(path),
        title=file.title,
        question=file.question,
        author=file.author,
        as_of=day,
        horizon_days=days,
        own_levers=file.levers,
        record=_record(conflict, day, where if as_of is None else None),
        rounds=conflict.announced_rounds(day),
        changes=file.changes,
        when=file.when,
        moves=file.move,
        claims=file.claims,
        path=path.as_posix(),
        given=str(name),
        horizon_given=horizon_days is not None,
        conflict=conflict,
    )
    # the files that decide its worlds, and what is said of them, are read now, not when it is run
    _ = conflict.digest, conflict.doubts
    scenario = checked(scenario, lines=lambda table, row: lines_of(path).of("", table, row))
    return scenario._named_inline(str(name), inline)


def _record(conflict: Conflict, day: dt.date, file: str | None) -> dict[str, HistoryRow]:
    """The rows that stand on a day; if there are none, the file that names the day is at fault."""
    _ = conflict.record  # a fault in the record is its own
    try:
        return conflict.baseline_rows(day)
    except ScenarioError as error:
        if file is None:
            raise
        raise ScenarioError(f"{file}: as_of", error.what, error.todo) from None


def _newest(where: str, conflict: Conflict) -> dt.date:
    try:
        return conflict.newest_day()
    except CalibrationError as error:
        raise ScenarioError(where, f"has no as_of, and {error.what}", error.todo) from None
