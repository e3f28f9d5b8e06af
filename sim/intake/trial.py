"""Tries news on a copy of the record: everything that is wrong, what may be a repeat, what it adds.

The copy is checked as the record itself is, so that what passes here passes there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import EvidenceError, SimError
from sim.evidence.articles import Articles, read_articles
from sim.evidence.coded import read_coded
from sim.evidence.coding import RefusedError, Row, name_of, read_day
from sim.evidence.statements import problems
from sim.inputs.conflict import Conflict
from sim.intake.cells import Raw
from sim.intake.columns import TABLES
from sim.intake.read import News, read_news
from sim.intake.record_check import record_problems
from sim.intake.rendered import Rendered, files_of, named, rendered
from sim.intake.repeats import Repeat, repeats
from sim.text import printable


@dataclass(frozen=True)
class Offer:
    """A row of news that may repeat an earlier report.

    Attributes
    ----------
    where
        The row of news.
    same_as
        What to write into its ``same_as`` if it does.
    said, earlier
        The paraphrases of both.
    """

    where: str
    same_as: str
    said: str
    earlier: str


@dataclass(frozen=True)
class Trial:
    """News beside the record that it would make.

    Attributes
    ----------
    conflict
        The copy of the data with the news in it; only as long as the trial is open.
    problems
        All that is wrong, of all files, in their order; nothing is added while there is any.
    offers
        Rows that may repeat earlier ones.
    """

    news: News
    made: Rendered
    conflict: Conflict
    problems: tuple[SimError, ...]
    offers: tuple[Offer, ...]

    @property
    def through(self) -> dt.date:
        """The day through which the press is then read."""
        return self.conflict.through


@contextlib.contextmanager
def tried(
    paths: Sequence[Path], conflict: Conflict, through: dt.date | None = None
) -> Iterator[Trial]:
    """Try news on a copy of the record of a conflict, which itself stays as it is.

    Parameters
    ----------
    paths
        Folders or files of news.
    through
        The day through which the press was read, if it is later than the newest article.

    Raises
    ------
    EvidenceError
        If a file of the record cannot be read at all.
    """
    news = read_news(paths)
    missing = [path for path in files_of(conflict).values() if not path.is_file()]
    if missing:
        todo = "News is added to a record that is there."
        raise EvidenceError(name_of(missing[0]), "is not a file.", todo)
    made = rendered(news, conflict, through)
    with tempfile.TemporaryDirectory(prefix="truce-") as name:
        copy = _copied(conflict, Path(name))
        files = files_of(copy)
        for file, contents in made.after.items():
            files[file].write_bytes(contents)
        found = _Telling(news, made, conflict, copy).every()
        yield Trial(news, made, copy, tuple(found), tuple(_offers(made, copy)))


def _copied(conflict: Conflict, folder: Path) -> Conflict:
    """Copy the data of a conflict, but for scenarios and ensembles."""
    calibration, scenarios = folder / "calibration", folder / "scenarios"
    skip = shutil.ignore_patterns("ensembles", ".*")
    shutil.copytree(conflict.calibration, calibration, ignore=skip)
    scenarios.mkdir()
    return Conflict(calibration, scenarios)


# ------------------------------------------------------------------ what is wrong

_PLACE = re.compile(
    r"^(?:.*/)?(articles\.toml|statements\.csv|events\.csv|history\.toml), line (\d+)(.*)$", re.S
)


@dataclass(frozen=True)
class _Telling:
    """Tells what is wrong with a copy of the record by the rows of news that are at fault."""

    news: News
    made: Rendered
    conflict: Conflict
    copy: Conflict

    def every(self) -> list[SimError]:
        """List all problems once, file by file, those of the record itself behind the others."""
        found: dict[str, SimError] = {}
        reading = [*self.news.problems, *_bad_days(self.news)]
        told: list[SimError] = [*reading]
        told += map(self.told, [*problems(conflict=self.copy), *record_problems(self.copy)])
        silent = {
            row.at(column)
            for row in self.news.rows
            for column in row.missing
            if TABLES[row.table][column].needed or column == "article"
        }
        wheres = {fault.where for fault in reading}
        for number, fault in enumerate(told):
            again = number >= len(reading) and fault.where in wheres | silent
            if not again:
                found.setdefault(f"{fault.where} {fault.what}", fault)
        return sorted(found.values(), key=self._order)

    def _order(self, fault: SimError) -> tuple[int, str, int]:
        files = list(dict.fromkeys(row.file for row in self.news.rows))
        file = fault.where.partition(",")[0]
        number = re.search(r"(?:line|row) (\d+)", fault.where)
        ours = file in files or any(fault is one for one in self.news.problems)
        return 0 if ours else 1, file, int(number[1]) if number else 0

    def told(self, fault: SimError) -> SimError:
        """Return a problem of the copy as one of the news, or of the record that it is added to."""
        placed = _PLACE.match(fault.where)
        row = self.made.places.get((placed[1], int(placed[2]))) if placed else None
        what, todo = self._real(fault.what), self._real(fault.todo)
        if not placed or row is None:
            return type(fault)(self._real(fault.where), what, todo)
        file, column = placed[1], placed[3].rpartition(" ")[2].rstrip(":")
        if column == "date_to" and not row.cells.get("date_to"):
            column = "date_from"  # which it was taken from
        if placed[3].startswith(": event"):
            column, what = "event", f"{row.cells['event']} {what}"
        what = re.sub(r"\bline (\d+)", functools.partial(self._line, file), what)
        if "ids begin with" in what:
            what, todo = self._taken(row, what)
        if "through which the press was read" in what and row.table != "articles":
            todo = "Correct it; or, if you have read the press through a later day, say so: "
            todo += "--through DAY."
        return EvidenceError(row.at(column), what, self._allowed(row, column, todo))

    def _taken(self, row: Raw, what: str) -> tuple[str, str]:
        """Say whose digits an article has."""
        name = named(row)
        if name in read_articles(self.conflict.evidence)[0].days:
            what = f"the record has an article {name} already: this news was added before, or "
            what += "another article was given its digits."
        elif others := [
            one.at("id")
            for one in self.news.of("articles")
            if named(one)[:3] == name[:3] and one is not row
        ]:
            what = f"begins with {name[:3]} as that in {' and '.join(others)} does."
        free = next_digits(self.conflict, [named(one) for one in self.news.of("articles")])
        return (
            what,
            f"If it is another article, give it other digits, here and in its rows: {free}.",
        )

    def _line(self, file: str, found: re.Match[str]) -> str:
        """Name a line of the copy by the row of news that stands there."""
        row = self.made.places.get((file, int(found[1])))
        return row.at() if row else f"line {found[1]} of {file}"

    def _allowed(self, row: Raw, column: str, todo: str) -> str:
        """Say all that a cell may hold where only the likeliest was said."""
        choices = None
        if column in TABLES[row.table].names:
            choices = TABLES[row.table][column].choices
        if choices and todo.startswith("Did you mean"):
            todo += f" Allowed: {', '.join(choices(self.conflict))}."
        return todo

    def _real(self, text: str) -> str:
        """Name the record itself where a text names the copy."""
        for copied, real in zip(self.copy.folders, self.conflict.folders, strict=True):
            text = text.replace(printable(copied.as_posix()), printable(real.as_posix()))
        return text


def _bad_days(news: News) -> Iterator[EvidenceError]:
    """Tell of days that are none, in the tables that become TOML."""
    for row in news.rows:
        if row.table in ("statements", "events"):
            continue  # their days are read by the record's own reader
        for column in TABLES[row.table].columns:
            text = row.cells.get(column.name, "")
            if column.kind == "day" and text:
                try:
                    read_day(text)
                except RefusedError as fault:
                    yield row.error(
                        column.name, f"'{printable(text)}' {fault.args[0]}", fault.args[1]
                    )


def next_digits(conflict: Conflict, others: Sequence[str] = ()) -> str:
    """Return the first three digits that follow all that the record, and others, begin with."""
    articles, _ = read_articles(conflict.evidence)
    taken = [int(name[:3]) for name in (*articles.days, *others) if name[:3].isdigit()]
    return f"{1 + max(taken, default=-1):03}"


# ------------------------------------------------------------------ what may be a repeat


def _offers(made: Rendered, copy: Conflict) -> Iterator[Offer]:
    articles, _ = read_articles(copy.evidence)
    statements, events, _ = read_coded(copy.evidence, articles, copy)
    for rows in (statements, events):
        yield from (_offer(one, made) for one in _found(rows, made, articles))


def _found(rows: Sequence[Row], made: Rendered, articles: Articles) -> list[Repeat]:
    return repeats(rows, lambda row: (row.path.name, row.line) in made.places, articles.days)


def _offer(found: Repeat, made: Rendered) -> Offer:
    row, earlier = found.row, found.earlier
    where = made.places[row.path.name, row.line].at("same_as")
    return Offer(where, found.same_as, row.cells["paraphrase"], earlier.cells["paraphrase"])


def article_ids(news: News) -> list[str]:
    """Return the ids of the articles of some news."""
    return [named(row) for row in news.of("articles")]
