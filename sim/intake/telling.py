"""What is wrong with news, told by its own rows: which cell, what is wrong with it, what to write.

Most of it is found by the checks of the record, in a copy that has the news in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sim.errors import EvidenceError, SimError
from sim.evidence.articles import read_articles
from sim.evidence.coding import RefusedError, read_day
from sim.evidence.statements import problems
from sim.inputs.conflict import Conflict
from sim.inputs.kinds import EVENT_KINDS
from sim.intake.cells import Raw, two_readings
from sim.intake.columns import DETAIL_MEANINGS, TABLES
from sim.intake.ids import CITED, day_of, named, next_digits
from sim.intake.read import News
from sim.intake.record_check import record_problems
from sim.intake.rendered import Rendered
from sim.text import printable, shown

_PLACE = re.compile(
    r"^(?:.*/)?(articles\.toml|statements\.csv|events\.csv|history\.toml), line (\d+)(.*)$", re.S
)
_CELLS = (
    (r"has ", "detail"),
    (r"blames ", "detail"),
    (r"imposes what no lever had threatened", "detail"),
    (r"is by ", "actor"),
    (r"is listed, but", "listed"),
    (r"is the second answer", "round"),
    (r"lies before|takes more than a day|falls on a day|may fall on", "date_from"),
)
"""How a message about an event begins, and the cell of its row that it is about."""
_UNSOURCED = ("assumed", "by definition")
"""How the source of a row begins that no article tells."""


@dataclass(frozen=True)
class Telling:
    """Tells what is wrong with a copy of the record by the rows of news that are at fault.

    Attributes
    ----------
    conflict, copy
        The data to which the news is to be added, and the copy that has it.
    """

    news: News
    made: Rendered
    conflict: Conflict
    copy: Conflict

    def every(self) -> list[SimError]:
        """List all problems once, file by file, those of the record itself behind the others."""
        found: dict[str, SimError] = {}
        reading = [*self.news.problems, *_bad_days(self.news), *_bad_sources(self.news)]
        again = self._again()
        if self.news.rows and len(self.made.there) == len(self.news.rows):
            return [*reading, *again]
        told: list[SimError] = [*reading, *again]
        wrong: set[str] = set()
        for fault in (*problems(conflict=self.copy), *record_problems(self.copy)):
            told += self.told(fault, wrong)
        silent = {
            row.at(column)
            for row in self.news.rows
            for column in row.missing
            if TABLES[row.table][column].needed or column == "article"
        }
        wheres = {fault.where for fault in reading}
        for number, fault in enumerate(told):
            if number < len(reading) or fault.where not in wheres | silent:
                found.setdefault(f"{fault.where} {fault.what}", fault)
        return sorted(found.values(), key=self._order)

    def _order(self, fault: SimError) -> tuple[int, str, int]:
        """Sort by files and sheets as they were read, and by rows; the record comes last."""
        number = re.search(r"(?:line|row) (\d+)", fault.where)
        parts = self.news.parts
        named_by = [part for part in parts if re.match(rf"{re.escape(part)}(?:,|$)", fault.where)]
        place = parts.index(max(named_by, key=len)) if named_by else len(parts)
        ours = named_by or any(fault is one for one in self.news.problems)
        return place, "" if ours else fault.where.partition(",")[0], int(number[1]) if number else 0

    # ------------------------------------------------------------------ added before

    def _again(self) -> Iterator[EvidenceError]:
        """Tell of rows that the record has already; once, if it has them all."""
        rows = [row for row in self.news.rows if row.at() in self.made.there]
        articles = {named(row)[:3]: row for row in rows if row.table == "articles"}
        if rows and len(rows) == len(self.news.rows):
            files = ", ".join(dict.fromkeys(row.file for row in rows))
            what = "was added already"
            what += f" (articles {', '.join(articles)})." if articles else "."
            yield EvidenceError(files, what, "Nothing of it is left to add.")
            return
        theirs: dict[str, Counter[str]] = {digits: Counter() for digits in articles}
        for row in rows:
            name = row.cells.get("article") or row.cells.get("source", "")
            if row.table != "articles" and name[:3] in theirs:
                theirs[name[:3]][row.table] += 1
            elif row.table != "articles":
                yield EvidenceError(row.at(), "is in the record already.", "Take it out.")
        for digits, row in articles.items():
            what = f"the record has an article {named(row)} already"
            if some := theirs[digits]:
                what += f", and of its rows {', '.join(f'{n} in {t}' for t, n in some.items())}"
            todo = f"Take out what was added before; a new row names the article as {digits}."
            yield row.error("id", f"{what}.", todo)

    # ------------------------------------------------------------------ as rows of the news

    def told(self, fault: SimError, wrong: set[str]) -> Iterator[SimError]:
        """Yield a problem of the copy as one of the news, or of the record that it is added to.

        Nothing is yielded of what only follows from another problem that is told.

        Parameters
        ----------
        wrong
            The places of the rows of which a problem was told; that of this one is added.
        """
        placed = _PLACE.match(fault.where)
        row = self.made.places.get((placed[1], int(placed[2]))) if placed else None
        what, todo = self._real(fault.what), self._real(fault.todo)
        if not placed or row is None:
            yield type(fault)(self._real(fault.where), what, todo)
            return
        file, column = placed[1], placed[3].rpartition(" ")[2].rstrip(":")
        if self._follows(row, column, what) or (
            file == "history.toml" and row.table == "events" and row.at() in wrong
        ):
            return
        wrong.add(row.at())
        if column == "date_to" and not row.cells.get("date_to"):
            column = "date_from"  # which it was taken from
        if placed[3].startswith(": event"):
            column, what, todo = _of_event(row, what, todo)
        what = re.sub(r"\bline (\d+)", lambda found: self._line(file, found), what)
        if "ids begin with" in what:
            what, todo = self._taken(row, what)
        elif "is not a day of the calendar" in what:
            what, todo = two_readings(row.cells.get(column, "")) or (what, todo)
        elif "through which the press was read" in what and row.table != "articles":
            todo = "Correct it; or, if you have read the press through a later day, say so: "
            todo += "--through DAY."
        what, todo = (_as_news(row, text) for text in (what, todo))
        yield EvidenceError(row.at(column), what, self._allowed(row, column, todo))

    def _follows(self, row: Raw, column: str, what: str) -> bool:
        """Whether a problem of a row only follows from digits that two articles have."""
        if column == "source":
            return any(f"begins with {digits}." in what for digits in self.made.ids.meant)
        return column == "same_as" and self.made.ids.unsure(row)

    def _taken(self, row: Raw, what: str) -> tuple[str, str]:
        """Say whose digits an article has."""
        name = named(row)
        if name in read_articles(self.conflict.evidence)[0].days:
            what = f"the record has an article {name} already, which is not as it is here."
        elif others := [
            one.at("id")
            for one in self.news.of("articles")
            if named(one)[:3] == name[:3] and one is not row
        ]:
            what = f"begins with {name[:3]} as that in {' and '.join(others)} does."
        else:
            theirs = next(one for one in self.made.ids.recorded if one[:3] == name[:3])
            what = f"begins with {name[:3]}, as {theirs} of the record does."
        free = next_digits(self.conflict, [named(one) for one in self.news.of("articles")])
        if meant := [*self.made.ids.meant]:
            return what, f"Is it {' or '.join(meant)}, which rows name and no article has?"
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
        if column == "actor" and row.cells.get("actor") not in _actors(self.conflict):
            one, other = self.conflict.side_ids
            todo += f" Of what both sides did together, write one of them, as {one}; of "
            todo += f"direct_talks the other stands in detail, as 'target={other}; '."
        return todo

    def _real(self, text: str) -> str:
        """Name the record itself where a text names the copy."""
        for copied, real in zip(self.copy.folders, self.conflict.folders, strict=True):
            text = text.replace(printable(copied.as_posix()), printable(real.as_posix()))
        return text


def _actors(conflict: Conflict) -> list[str]:
    choices = TABLES["events"]["actor"].choices
    return [*choices(conflict)] if choices else []


# ------------------------------------------------------------------ in the words of a sheet


def _of_event(row: Raw, what: str, todo: str) -> tuple[str, str, str]:
    """Return the cell of an event that a problem is about, with what is wrong and what to do."""
    column = next((name for start, name in _CELLS if re.match(start, what)), "event")
    kind = EVENT_KINDS[row.cells["event"]]
    if missing := re.match(r"has no (?:number as )?(\w+)= in its detail\.", what):
        name = missing[1]
        todo = f"Begin the detail with '{name}=...; ' ({DETAIL_MEANINGS[name]})"
        todo += f"{', or clear listed: it is then only noted' if kind.listed else ''}."
    elif column == "listed":
        what = what.replace(f"but {row.cells['event']} ", "but ")
        todo = "Clear listed, or write no: it is noted all the same."
    return column, f"{row.cells['event']} {what}", todo


def _as_news(row: Raw, text: str) -> str:
    """Name the sheets and forms of the news where a text names the files of the record."""
    levers = "a row of levers.csv"
    if row.lines:
        levers = "a block [[lever]] of levers.toml"
    elif row.sheet:
        levers = "a row of the sheet levers"
    for old, new in (
        ("the row of events.csv", "the row"),
        (", or take it out of history.toml", ", or clear listed, so that it is only noted"),
        ("add a [[lever]] row to history.toml", f"add {levers}"),
        ("Add the threat to history.toml", f"Add the threat, {levers}"),
        ("article of articles.toml", "article of the news or the record"),
    ):
        text = text.replace(old, new)
    return text


# ------------------------------------------------------------------ single cells


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
                    said = f"'{printable(text)}' {fault.args[0]}", fault.args[1]
                    yield row.error(column.name, *(two_readings(text) or said))


def _bad_sources(news: News) -> Iterator[EvidenceError]:
    """Tell of sources that name no article and do not say that there is none."""
    for row in news.rows:
        source = row.cells.get("source", "")
        if source and not CITED.search(source) and not source.lower().startswith(_UNSOURCED):
            todo = "Write article and paragraph, as '005, paragraph 3: what it says'; "
            todo += "or 'assumed: ' and why."
            yield row.error("source", f"{shown(source)} names no article with its paragraph.", todo)


# ------------------------------------------------------------------ what may stay, and is noted


@dataclass(frozen=True)
class Note:
    """A row of news that may stay as it is, but may not mean what was meant."""

    where: str
    what: str


def notes(news: News) -> list[Note]:
    """List the rows of news that count less, or from another day, than their writer may think."""
    days: dict[str, dt.date] = {}
    for row in news.of("articles"):
        days |= dict.fromkeys((named(row), named(row)[:3]), day_of(row.cells.get("day", "")))
    found = []
    for row in news.of("statements"):
        cells = row.cells
        said, day = day_of(cells.get("date", "")), days.get(cells.get("article", ""), dt.date.min)
        unnamed = cells.get("basis") == "unnamed" and not cells.get("known")
        if unnamed and said < day < dt.date.max:
            what = f"counts as public on {said} while this is empty. What unnamed sources say is "
            found.append(Note(row.at("known"), f"{what}public with the article: {day}."))
    for row in news.of("events"):
        cells = row.cells
        kind = EVENT_KINDS.get(cells.get("event", ""))
        if kind and kind.listed and not cells.get("listed") and not cells.get("same_as"):
            what = f"{cells['event']} does not count while this is empty. Write yes if it is to "
            found.append(Note(row.at("listed"), f"{what}count, or no."))
    return found
