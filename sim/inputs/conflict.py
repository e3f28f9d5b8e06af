"""One conflict: its actors, facts, numbers, scales and record, read from two folders.

`Conflict` is the object that read the files, and everything that is kept of them is kept by it.
Two conflicts may be open at once; `shipped` is the one that comes with the program.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import json
import re
import shlex
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from sim.errors import CalibrationError, ScenarioError, ScenarioProblemsError, SimError
from sim.inputs.actors import possessive
from sim.inputs.doubts import Doubt, load_doubts
from sim.inputs.history import History, HistoryRow, MoveRow, RoundRow, read_history
from sim.inputs.issues import Scale, load_scales
from sim.inputs.levers import LEVERS, Lever, Value
from sim.inputs.parameters import Parameter, load_parameters
from sim.inputs.roles import Roles
from sim.inputs.tomlfile import raise_all, read_toml
from sim.paths import data_dir
from sim.text import date_word, printable

T = TypeVar("T")


class Conflict(Roles):
    """The data of one conflict; each file is read when it is first asked for, and once.

    To read files anew that have changed, make a new object. It is equal to another of the same
    folders and is pickled as their paths.

    Parameters
    ----------
    calibration
        The folder of actors, facts, parameters, scales, evidence and ensembles; or, if it is given
        alone, a folder that holds both ``calibration`` and ``scenarios``.
    scenarios
        The folder of the record, ``history.toml``, and of the scenarios.

    Raises
    ------
    CalibrationError
        If a folder is not there; later, naming file and row, if a table cannot be used.

    Examples
    --------
    >>> conflict = shipped()
    >>> [actor.role for actor in conflict.sides]
    ['belligerent_r', 'belligerent_u']
    >>> conflict.facts.record.begins > conflict.facts.war.began
    True
    """

    def __init__(self, calibration: Path | str, scenarios: Path | str | None = None) -> None:
        if scenarios is None:
            folder = Path(calibration)
            calibration, scenarios = folder / "calibration", folder / "scenarios"
        self.calibration = Path(calibration).absolute()
        self.scenarios = Path(scenarios).absolute()
        self._made: dict[Hashable, Any] = {}
        for folder in (self.calibration, self.scenarios):
            if not folder.is_dir():
                todo = "Name a folder that holds the folders calibration and scenarios."
                raise CalibrationError(printable(folder), "is no folder.", todo)

    # ------------------------------------------------------------------ identity

    @property
    def folders(self) -> tuple[Path, Path]:
        """The folders of calibration and of scenarios."""
        return self.calibration, self.scenarios

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Conflict) and self.folders == other.folders

    def __hash__(self) -> int:
        return hash(self.folders)

    def __repr__(self) -> str:
        return f"Conflict({str(self.calibration)!r}, {str(self.scenarios)!r})"

    def __reduce__(self) -> tuple[Any, tuple[Path, ...]]:
        """Travel as two paths; the shipped conflict as that of the installation it arrives at."""
        return (shipped, ()) if self.is_shipped else (_opened, self.folders)

    @property
    def is_shipped(self) -> bool:
        """Whether this is the conflict that comes with the program."""
        return self.folders == shipped().folders

    @property
    def document(self) -> dict[str, str] | None:
        """Where its data are, as plain data for `conflict_from`; None if it ships."""
        if self.is_shipped:
            return None
        return {"calibration": str(self.calibration), "scenarios": str(self.scenarios)}

    @property
    def folder(self) -> str | None:
        """The one folder of its data, as ``truce --data`` takes it; None if it ships or has two."""
        folder = self.calibration.parent
        beside = self.folders == (folder / "calibration", folder / "scenarios")
        return str(folder) if beside and not self.is_shipped else None

    @property
    def truce(self) -> str:
        """How a command line about this conflict begins."""
        return "truce" if self.folder is None else shlex.join(["truce", "--data", self.folder])

    @functools.cached_property
    def digest(self) -> str:
        """Hash of what its data decide of a run beside levers and members; 16 digits."""
        facts = self.facts
        deciding = [
            [facts.war.began, facts.base_rate.lasts],
            [holiday.model_dump() for holiday in facts.holiday],
            [[actor.id, actor.name, actor.role] for actor in self.actors],
        ]
        text = json.dumps(deciding, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """Return what was made of this conflict's data under a name, made when first asked for.

        Other rooms keep here what they derive from the data, so that it lives no longer than they.
        """
        if name not in self._made:
            self._made[name] = make()
        return cast(T, self._made[name])

    # ------------------------------------------------------------------ tables

    @functools.cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The numbers of the model with their priors: ``parameters.toml``."""
        path = self.calibration / "parameters.toml"
        return load_parameters(path, self.facts.record.begins)

    @functools.cached_property
    def issues(self) -> dict[str, Scale]:
        """The scales of the issues by id: ``issues.toml``."""
        return load_scales(self.calibration / "issues.toml")

    @functools.cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """What not to lean on: ``doubts.toml``; none if there is no such file."""
        path = self.calibration / "doubts.toml"
        return load_doubts(path) if path.is_file() else ()

    @property
    def evidence(self) -> Path:
        """The folder of the coded articles."""
        return self.calibration / "evidence"

    @property
    def ensembles(self) -> Path:
        """The folder of the ensembles that come with it."""
        return self.calibration / "ensembles"

    @property
    def ensemble_folders(self) -> tuple[Path, ...]:
        """Where ensembles are looked up: beside those that ship the user's own, which go first."""
        own = Path("calibration/ensembles")
        return (own, self.ensembles) if self.is_shipped else (self.ensembles,)

    def ensemble_days(self) -> list[dt.date]:
        """Return the as-of days for which an ensemble is there now, oldest first."""
        days = set()
        for folder in self.ensemble_folders:
            for path in folder.glob("*.parquet"):
                with contextlib.suppress(ValueError):
                    days.add(dt.date.fromisoformat(path.stem))
        return sorted(days)

    def newest_day(self) -> dt.date:
        """Return the as-of day if none is given: that of the newest ensemble there is.

        Raises
        ------
        CalibrationError
            If there is none.
        """
        days = self.ensemble_days()
        if not days:
            what = "there is no ensemble to take the day from."
            todo = f"Give a day, or make one: {self.truce} calibrate --prior."
            raise CalibrationError("as-of", what, todo)
        return days[-1]

    @functools.cached_property
    def newest_article(self) -> dt.date:
        """The day of the newest article of the evidence."""
        path = self.evidence / "articles.toml"
        table, _ = read_toml(path, CalibrationError, printable(path))
        rows = table.get("article")
        rows = rows if isinstance(rows, list) else []
        days: list[Any] = [row.get("day") if isinstance(row, dict) else None for row in rows]
        if not days or any(type(day) is not dt.date for day in days):
            what = "names no day of an article, or one that is no day."
            raise CalibrationError(printable(path), what, "See truce evidence check.")
        newest: dt.date = max(days)
        return newest

    # ------------------------------------------------------------------ words

    def named(self, text: str) -> str:
        """Return a text with the sides, and the first day of the record, by their names.

        Examples
        --------
        >>> shipped().named("0 side U's best, positive for side R")
        "0 Kyiv's best, positive for Russia"
        """
        day = self.facts.record.begins
        for letter, side in zip("RU", self.sides, strict=True):
            text = text.replace(f"side {letter}'s best", f"{possessive(side.capital)} best")
            text = re.sub(rf"\bside {letter}\b", side.name, text)
        return text.replace("the first day of the record", date_word(day))

    def lever(self, name: str) -> Lever:
        """Return a lever, with the names of this conflict in its texts.

        What is offered on an issue is explained by ``short`` of its scale, if that is given.
        """
        lever = LEVERS[name]
        scale = self.issues.get(name.removeprefix("offer."))
        meaning = scale.short if scale and scale.short else lever.meaning
        return lever._replace(meaning=self.named(meaning), unit=self.named(lever.unit))

    @contextlib.contextmanager
    def named_errors(self) -> Iterator[None]:
        """Let errors about levers speak of this conflict's sides by their names."""
        try:
            yield
        except ScenarioError as error:
            raise self._named_error(error) from None

    def _named_error(self, error: ScenarioError) -> ScenarioError:
        if isinstance(error, ScenarioProblemsError):
            return ScenarioProblemsError(error.where, [self.named(one) for one in error.problems])
        return ScenarioError(error.where, self.named(error.what), self.named(error.todo))

    # ------------------------------------------------------------------ the record

    @functools.cached_property
    def record_read(self) -> tuple[History, list[ScenarioError]]:
        """The rows of ``history.toml`` that can be read, and everything that is wrong with it."""
        newest = None
        with contextlib.suppress(CalibrationError):  # what is wrong with articles.toml is its own
            newest = self.newest_article
        path = self.scenarios / "history.toml"
        history, found = read_history(path, self.facts.record.begins, newest)
        return history, [self._named_error(fault) for fault in found]

    @functools.cached_property
    def record(self) -> History:
        """The whole record: ``history.toml``."""
        history, found = self.record_read
        raise_all(printable((self.scenarios / "history.toml").as_posix()), found)
        return history

    @property
    def through(self) -> dt.date:
        """The day through which the press was read; the newest article's if the record has none.

        What was not reported up to it did not happen, as far as is known.
        """
        return self.record.through or self.newest_article

    def check_read(self, as_of: dt.date, error: type[SimError] = ScenarioError) -> None:
        """Check that the press was read through a day.

        Raises
        ------
        SimError
            Of the class ``error``, with the line to change, if it was not.
        """
        if as_of > self.through:
            what = f"is after {self.through}, the day through which the press was read."
            todo = f"Add what was reported since and set through = {as_of} in "
            raise error(f"as-of {as_of}", what, f"{todo}{self.record.where_through}.")

    def history(self, as_of: dt.date) -> tuple[HistoryRow, ...]:
        """Return the dated values of levers that were known on a day, oldest first."""
        return tuple(row for row in self.record.levers if row.visible_from <= as_of)

    def rounds(self, as_of: dt.date) -> tuple[RoundRow, ...]:
        """Return the announced rounds that were known of on a day."""
        return tuple(row for row in self.record.rounds if row.known <= as_of)

    def moves(self, as_of: dt.date) -> tuple[MoveRow, ...]:
        """Return how far the mediator had moved its package by itself, as was known on a day."""
        return tuple(row for row in self.record.moves if (row.known or row.date) <= as_of)

    def announced_rounds(self, as_of: dt.date) -> tuple[dt.date, ...]:
        """Return the days of mediated rounds that lay ahead and were announced on a day."""
        return tuple(row.date for row in self.rounds(as_of) if row.date > as_of)

    def rounds_held(self, as_of: dt.date) -> tuple[dt.date, ...]:
        """Return the days, up to the as-of day, of mediated rounds that had been announced."""
        return tuple(row.date for row in self.rounds(as_of) if row.date <= as_of)

    def baseline_rows(self, as_of: dt.date) -> dict[str, HistoryRow]:
        """Return, for every lever, the row of the record that stands on a day.

        Raises
        ------
        ScenarioError
            If the day is before the record begins, or the press was not read through it.
        """
        self.check_read(as_of)
        standing = {row.lever: row for row in self.history(as_of)}
        missing = [name for name in LEVERS if name not in standing]
        if missing:
            what = "the record of the levers in history.toml does not reach back to it "
            what += f"({missing[0]})."
            days = ", ".join(str(day) for day in self.ensemble_days())
            raise ScenarioError(f"as-of {as_of}", what, f"Choose a later day; there are: {days}.")
        return {name: standing[name] for name in LEVERS}

    def baseline_levers(self, as_of: dt.date) -> dict[str, Value]:
        """Return every lever's value as it stood on a day."""
        return {name: row.value for name, row in self.baseline_rows(as_of).items()}


_OPEN: dict[tuple[Path, Path], Conflict] = {}
"""The conflicts that came to this process from elsewhere, or with the program."""


def _opened(calibration: Path, scenarios: Path) -> Conflict:
    """Return the object of two folders that this process has, so that files are read once."""
    folders = calibration, scenarios
    if folders not in _OPEN:
        _OPEN[folders] = Conflict(*folders)
    return _OPEN[folders]


def conflict_from(document: Mapping[str, str] | None) -> Conflict:
    """Return the conflict whose `Conflict.document` was kept, with what this process has of it.

    Raises
    ------
    CalibrationError
        If a folder is no longer there.
    """
    if document is None:
        return shipped()
    return _opened(Path(document["calibration"]), Path(document["scenarios"]))


def shipped() -> Conflict:
    """Return the conflict that comes with the program, the same object at each call."""
    return _opened(data_dir("calibration"), data_dir("scenarios"))
