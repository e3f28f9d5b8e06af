"""Two coders' readings of articles side by side: what they hold for said, and for done.

Each may be a folder of evidence, a drafted folder, a spreadsheet or one of its files. Articles are
told apart by their first three digits, so that two drafts of one article may differ in its name.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import EvidenceError
from sim.evidence.agreement import Agreement, agreement
from sim.evidence.articles import read_articles
from sim.evidence.coding import (
    Row,
    event_readers,
    name_of,
    one_of,
    place_readers,
    read_rows,
    statement_readers,
)
from sim.files import temporary_folder
from sim.inputs.conflict import Conflict
from sim.inputs.tomlfile import line_of
from sim.intake.cells import Raw
from sim.intake.ids import named
from sim.intake.read import News, read_news
from sim.text import counted, shown

EVENT_KEY = ("article", "paragraph", "actor", "event")
"""What makes two coders' events the same event."""


@dataclass(frozen=True)
class EventGap:
    """An event that two coders do not have alike.

    ``differs`` says in what: ``days``, ``round``, a pair of the detail such as ``value``; or who
    alone has it, ``only first`` or ``only second``.
    """

    where: str
    actor: str
    event: str
    differs: tuple[str, ...]


@dataclass(frozen=True)
class EventAgreement:
    """Two coders' events compared.

    Attributes
    ----------
    rows
        How many events each has.
    matched
        How many pairs agree on article, paragraph, actor and kind.
    alike
        How many of those agree on days, round and detail as well.
    gaps
        Those that differ, and those that one has alone.
    """

    rows: tuple[int, int]
    matched: int
    alike: int
    gaps: tuple[EventGap, ...]

    @property
    def share(self) -> float:
        """Matched events among all, twice the pairs over the events of both (F1)."""
        return 2.0 * self.matched / sum(self.rows)


@dataclass(frozen=True)
class Coders:
    """Two coders compared; None of what one of them has not coded at all."""

    statements: Agreement | None
    events: EventAgreement | None


def compare_coders(
    first: Path, second: Path, conflict: Conflict, article: str | None = None
) -> Coders:
    """Compare a second coder's statements and events with the first's.

    Parameters
    ----------
    article
        Only rows of this article: its id, or its first three digits.

    Raises
    ------
    EvidenceProblemsError
        Everything that is wrong with the rows of both.
    EvidenceError
        If there are no rows to compare.
    CalibrationError
        If the package that computes alpha is not installed.
    """
    news = [_read(path) for path in (first, second)]
    known = _known(news, [first, second], conflict)
    with temporary_folder() as folder:
        a, b = (
            _Coder(one, known, article, conflict, folder / str(number))
            for number, one in enumerate(news)
        )
        if found := [*a.found, *b.found]:
            raise found[0] if len(found) == 1 else EvidenceProblemsError(found)
        said = a.rows["statements"] and b.rows["statements"]
        statements = agreement(a.folder, b.folder, conflict) if said else None
        done = a.rows["events"] and b.rows["events"]
        events = _compare_events(a.rows["events"], b.rows["events"]) if done else None
    if statements is None and events is None:
        only = f" of article {shown(article)}" if article else ""
        has = "; ".join(f"{name_of(p)} has {c.told}" for p, c in ((first, a), (second, b)))
        what = f"there is nothing{only} that both have coded: {has}."
        raise EvidenceError("truce evidence agree", what, "Name two codings of one article.")
    return Coders(statements, events)


class EvidenceProblemsError(EvidenceError):
    """Several rows cannot be used, each told in a line."""

    def __init__(self, problems: Sequence[EvidenceError]) -> None:
        self.problems = tuple(problems)
        super().__init__("truce evidence agree", " ".join(map(str, problems)))

    @property
    def lines(self) -> list[str]:
        """A line that says how many there are, and one for each."""
        head = f"{len(self.problems)} things are wrong; mend them first:"
        return [head, *(f"  {problem}" for problem in self.problems)]


# ------------------------------------------------------------------ one coder


def _read(path: Path) -> News:
    """Read a coder's rows; of a folder of evidence the two coded files."""
    if (path / "articles.toml").is_file():
        files = [path / "statements.csv", path / "events.csv"]
        return read_news([file for file in files if file.is_file()])
    return read_news([path])


def _known(news: Sequence[News], paths: Sequence[Path], conflict: Conflict) -> dict[str, str]:
    """Return the ids that rows may name, by their first three digits."""
    folders = [path if path.is_dir() else path.parent for path in paths]
    tables = [folder for folder in folders if (folder / "articles.toml").is_file()]
    ids = [name for one in news for name in map(named, one.of("articles"))]
    for folder in (*tables, conflict.evidence):
        ids += read_articles(folder)[0].days
    return {name[:3]: name for name in reversed(ids)}


class _Coder:
    """One coder's rows as the record has them, and what is wrong with any.

    Attributes
    ----------
    folder
        Holds them as files of evidence.
    rows
        The rows that can be used, by table.
    """

    def __init__(
        self,
        news: News,
        known: dict[str, str],
        article: str | None,
        conflict: Conflict,
        folder: Path,
    ) -> None:
        self.folder = folder
        self.found: list[EvidenceError] = [*news.problems]
        self.rows: dict[str, list[Row]] = {}
        folder.mkdir()
        (folder / "articles.toml").write_text(
            "".join(_article(name) for name in known.values()), encoding="utf-8"
        )
        readers = {"statements": statement_readers(conflict), "events": event_readers(conflict)}
        for table, cells in readers.items():
            columns = place_readers(one_of([*known.values()])) | cells
            kept = [row for row in news.of(table) if _is_of(article, row)]
            self._write(table, [*columns], kept, known)
            self.rows[table], found = read_rows(folder / f"{table}.csv", columns)
            told = {fault.where for fault in self.found}
            for fault in found:
                row, column = kept[line_of(fault.where) - 2], fault.where.rpartition(" ")[2]
                if row.at(column) not in told and column not in row.missing:
                    self.found.append(row.error(column, fault.what, fault.todo))

    def _write(
        self, table: str, columns: Sequence[str], rows: Sequence[Raw], known: dict[str, str]
    ) -> None:
        with (self.folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                cells = {**row.cells}
                name = cells.get("article", "")
                cells["article"] = known.get(name[:3], name) if _DIGITS.match(name) else name
                cells["date_to"] = cells.get("date_to") or cells.get("date_from", "")
                writer.writerow([" ".join(cells.get(name, "").split()) for name in columns])

    @property
    def told(self) -> str:
        """How much there is."""
        return " and ".join(counted(len(rows), table[:-1]) for table, rows in self.rows.items())


_DIGITS = re.compile(r"\d{3}(_|$)")


def _article(name: str) -> str:
    return (
        f'[[article]]\nid = "{name}"\ntitle = ""\noutlet = ""\nday = 9999-12-31\nday_basis = "-"\n'
    )


def _is_of(article: str | None, row: Raw) -> bool:
    return article is None or row.cells.get("article", "")[:3] == article[:3].zfill(3)


# ------------------------------------------------------------------ events


def _compare_events(first: Sequence[Row], second: Sequence[Row]) -> EventAgreement:
    """Pair the events that agree on `EVENT_KEY`, each at most once, the nearest days first."""
    groups: dict[tuple[Any, ...], tuple[list[Row], list[Row]]] = defaultdict(lambda: ([], []))
    for side, rows in enumerate((first, second)):
        for row in rows:
            groups[tuple(row.cells[name] for name in EVENT_KEY)][side].append(row)
    gaps = []
    pairs = alike = 0
    for mine, theirs in groups.values():
        near = sorted(
            ((a, b) for a in range(len(mine)) for b in range(len(theirs))),
            key=lambda ab: _apart(mine[ab[0]], theirs[ab[1]]),
        )
        left = set(range(len(mine))), set(range(len(theirs)))
        for a, b in near:
            if a in left[0] and b in left[1]:
                left[0].remove(a)
                left[1].remove(b)
                pairs += 1
                differs = tuple(_differs(mine[a], theirs[b]))
                alike += not differs
                gaps += [_gap(mine[a], differs)] if differs else []
        gaps += [_gap(mine[a], ("only first",)) for a in sorted(left[0])]
        gaps += [_gap(theirs[b], ("only second",)) for b in sorted(left[1])]
    return EventAgreement((len(first), len(second)), pairs, alike, tuple(gaps))


def _apart(one: Row, other: Row) -> tuple[int, int]:
    days = [abs((one.cells[name] - other.cells[name]).days) for name in ("date_from", "date_to")]
    return sum(days), len([*_differs(one, other)])


def _differs(one: Row, other: Row) -> Iterator[str]:
    a, b = one.cells, other.cells
    if (a["date_from"], a["date_to"]) != (b["date_from"], b["date_to"]):
        yield "days"
    if a["round"] != b["round"]:
        yield "round"
    for name in dict.fromkeys((*a["facts"], *b["facts"])):
        if _number(a["facts"].get(name)) != _number(b["facts"].get(name)):
            yield name


def _number(text: str | None) -> float | str | None:
    """Return a number as one, so that .5 is 0.50."""
    try:
        return float(text or "")
    except ValueError:
        return text


def _gap(row: Row, differs: tuple[str, ...]) -> EventGap:
    cells = row.cells
    where = f"{cells['article'][:3]}, paragraph {cells['paragraph']}"
    return EventGap(where, cells["actor"], cells["event"], differs)
