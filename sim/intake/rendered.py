"""The record with rows of news behind its own: append only, every byte of it stays as it is."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sim.evidence.coding import RefusedError, event_readers, place_readers, read_day
from sim.evidence.coding import statement_readers as readers
from sim.inputs.conflict import Conflict
from sim.intake.cells import Raw
from sim.intake.columns import TABLES
from sim.intake.ids import Ids
from sim.intake.read import News
from sim.reading import read_bytes


@dataclass
class Rendered:
    """What the files of a record would hold.

    Attributes
    ----------
    before, after
        The contents of each file by its name, in the order in which they are to be written.
    added
        The lines that are added to each.
    places
        The row of news behind each added line, by file and line.
    through
        The day through which the press was read, before and after.
    there
        The places of rows of news that the record has already; they are not added.
    ids
        Which articles the rows of news mean.
    """

    before: dict[str, bytes]
    after: dict[str, bytes] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, int], Raw] = field(default_factory=dict)
    through: tuple[dt.date | None, dt.date | None] = (None, None)
    there: frozenset[str] = frozenset()
    ids: Ids = field(default_factory=lambda: Ids((), ()))


def files_of(conflict: Conflict) -> dict[str, Path]:
    """Return the files of a record to which news is added, by name.

    The record's own days come last: while they are not there, rows of an article are refused that
    is later than the day through which the press was read.
    """
    coded = ("articles.toml", "statements.csv", "events.csv")
    files = {name: conflict.evidence / name for name in coded}
    return {**files, "history.toml": conflict.scenarios / "history.toml"}


def rendered(news: News, conflict: Conflict, through: dt.date | None = None) -> Rendered:
    """Return the record with news behind it.

    Parameters
    ----------
    through
        The day through which the press was read, if it is later than the newest article.
    """
    made = Rendered({name: read_bytes(path) for name, path in files_of(conflict).items()})
    made.there = _there(news, conflict, made)
    made.ids = Ids.of(news, conflict, made.there)
    made.through = _through(news, conflict, through)
    chunks: dict[str, list[tuple[Raw, str]]] = {name: [] for name in made.before}
    for name, row, chunk in _chunks(news, conflict, made.ids):
        if row.at() not in made.there:
            chunks[name].append((row, chunk))
    for name, some in chunks.items():
        _append(made, name, some)
    return made


def _chunks(news: News, conflict: Conflict, ids: Ids) -> Iterator[tuple[str, Raw, str]]:
    """Yield the lines that each row of news is in the record, with the name of their file."""
    for row in news.of("articles"):
        cells = {**row.cells, "id": ids.of_article(row)}
        keys = {key: _string(text) for key, text in cells.items() if text or key in _NAMED}
        yield "articles.toml", row, _table("article", keys | _days(cells, "day"))
    columns = [*place_readers(str), *readers(conflict)]
    for row in news.of("statements"):
        yield "statements.csv", row, _csv_line(columns, ids.resolved(row))
    columns = [*place_readers(str), *event_readers(conflict)]
    for row in news.of("events"):
        cells = ids.resolved(row)
        cells = {**cells, "date_to": cells.get("date_to") or cells.get("date_from", "")}
        yield "events.csv", row, _csv_line(columns, cells)
        if cells.get("listed") == "yes":
            yield "history.toml", row, _action(cells)
    for name in ("levers", "rounds", "moves"):
        for row in news.of(name):
            yield "history.toml", row, _history(row)


def _there(news: News, conflict: Conflict, made: Rendered) -> frozenset[str]:
    """Return the places of the rows that the record has already, letter by letter."""
    texts = {
        name: "\n" + data.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n") + "\n\n"
        for name, data in made.before.items()
    }
    every = {row.at() for row in news.rows}
    plain = Ids.of(news, conflict, every)
    for name, row, chunk in _chunks(news, conflict, plain):
        whole = f"\n{chunk}" if name.endswith(".csv") else f"{chunk}\n"
        if whole not in texts[name]:
            every.discard(row.at())
    return frozenset(every)


_NAMED = ("id", "title", "outlet")
"""Keys that an article has even if they are empty."""


def _append(made: Rendered, name: str, chunks: list[tuple[Raw, str]]) -> None:
    text = made.before[name].decode("utf-8", "surrogateescape")
    end = "\r\n" if "\r\n" in text else "\n"
    before, after = made.through
    if name == "history.toml" and after and after != before:
        text = _with_through(text, before, after, end)
    if chunks and text and not text.endswith("\n"):
        text += end
    start = len(text)
    for row, chunk in chunks:
        first = text.count("\n") + 1
        text += chunk.replace("\n", end)
        for line in range(first, text.count("\n") + 1):
            made.places[name, line] = row
    made.added[name] = text[start:].replace("\r\n", "\n")
    made.after[name] = text.encode("utf-8", "surrogateescape")


# ------------------------------------------------------------------ rows


def _csv_line(columns: list[str], cells: Mapping[str, str]) -> str:
    text = io.StringIO(newline="")
    row = [cells.get(column, "") for column in columns]
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def _table(name: str, keys: Mapping[str, str]) -> str:
    lines = [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(["", f"[[{name}]]", *lines, ""])


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _days(cells: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return days as TOML has them; what is none stays a text, which the check refuses."""
    found = {}
    for name in names:
        try:
            found[name] = read_day(cells.get(name, "")).isoformat()
        except RefusedError:
            continue
    return found


def _history(row: Raw) -> str:
    """Return a row of the record: of a lever, of a round that is announced, of a move."""
    table = TABLES[row.table]
    keys = {name: _string(text) for name, text in row.cells.items() if text}
    keys |= _days(row.cells, "date", "known")
    if "value" in keys:
        keys["value"] = _plain(row.cells["value"])
    return _table(table.form, keys)


def _plain(text: str) -> str:
    """Return a value as TOML has it: a number, true or false, or a word."""
    if text in ("true", "false"):
        return text
    if re.fullmatch(r"-?\d{1,9}", text):
        return str(int(text))
    if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text):
        return repr(float(text))
    return _string(text)


def _action(cells: Mapping[str, str]) -> str:
    """Return the row by which the record lists an event."""
    keys = {name: _string(cells.get(name, "")) for name in ("actor", "event")}
    keys["date"] = _string(cells.get("date_from", ""))
    if cells["date_to"] != cells.get("date_from"):
        keys["until"] = _string(cells["date_to"])
    if cells.get("round"):
        keys["round"] = _string(cells["round"])
    keys["article"] = _string(cells["article"])
    keys["paragraph"] = _plain(cells.get("paragraph", ""))
    days = {"date": cells.get("date_from", ""), "until": cells["date_to"]}
    return _table("action", keys | {k: v for k, v in _days(days, *days).items() if k in keys})


# ------------------------------------------------------------------ through which day

_THROUGH = re.compile(r"^(through\s*=\s*)\d{4}-\d\d-\d\d", re.M)


def _through(
    news: News, conflict: Conflict, given: dt.date | None
) -> tuple[dt.date | None, dt.date | None]:
    """Return the day through which the press was read, before and with the news."""
    before = conflict.record_read[0].through
    days = [_days(row.cells, "day").get("day") for row in news.of("articles")]
    read = [dt.date.fromisoformat(day) for day in days if day]
    if before is None:
        return None, given
    return before, max([before, *read, *([given] if given else [])])


def _with_through(text: str, before: dt.date | None, after: dt.date, end: str) -> str:
    if before is not None:
        return _THROUGH.sub(rf"\g<1>{after}", text, count=1)
    return re.sub(
        r"^(schema\s*=[^\r\n]*)", rf"\1{end}{end}through = {after}", text, count=1, flags=re.M
    )
