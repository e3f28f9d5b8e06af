"""Reads the table of the coded articles, ``articles.toml``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from sim.errors import EvidenceError
from sim.inputs.tomlfile import FILE, STRICT, Lines, check_table, read_toml
from sim.text import printable

ID = r"^[0-9]{3}_\w+$"


@dataclass(frozen=True)
class Article:
    """A coded article; an unknown title or outlet is empty."""

    id: str
    title: str
    outlet: str
    day: dt.date
    day_basis: str
    note: str = ""


@dataclass(frozen=True)
class Articles:
    """The articles that could be read, and those that rows may name.

    Attributes
    ----------
    read
        Those without fault, in the order of the file.
    days
        The day of each by id; None of an article that is at fault itself.
    whole
        Whether these are all ids; if not, a row may name others, since the fault is told already.
    """

    read: tuple[Article, ...] = ()
    days: Mapping[str, dt.date | None] = field(default_factory=dict)
    whole: bool = True

    @property
    def shorts(self) -> list[str]:
        """The first three digits of the ids, by which rows and sources name articles."""
        return [name[:3] for name in self.days]


class _Article(BaseModel):
    model_config = STRICT
    id: str = Field(pattern=ID)
    title: str
    outlet: str
    day: dt.date
    day_basis: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _printable(self) -> _Article:
        for name in ("title", "outlet", "day_basis", "note"):
            if not getattr(self, name).isprintable():
                raise ValueError(f"{name} holds a character that cannot be printed")
        return self


class _ArticleTable(BaseModel):
    model_config = FILE
    schema_: Literal["truce/articles/1"] = Field("truce/articles/1", alias="schema")
    article: tuple[Any, ...] = Field(min_length=1)


def load_articles(folder: Path) -> tuple[Article, ...]:
    """Read ``articles.toml`` of a folder of evidence.

    Raises
    ------
    EvidenceError
        The first of the problems that `read_articles` lists.
    """
    articles, found = read_articles(folder)
    if found:
        raise found[0]
    return articles.read


def read_articles(folder: Path) -> tuple[Articles, list[EvidenceError]]:
    """Read ``articles.toml`` of a folder of evidence, and list everything that is wrong with it.

    Each problem names the file, the line, the article, the key and what is wrong with it.
    """
    path = folder / "articles.toml"
    where = printable(path.as_posix())
    try:
        data, lines = read_toml(path, EvidenceError, where)
    except EvidenceError as fault:
        return Articles(whole=False), [fault]
    _, found = check_table(
        data, _ArticleTable, EvidenceError, lambda key: f"{where}{lines.of(key)}: {key}"
    )
    tables = data.get("article")
    tables = tables if isinstance(tables, list) else []
    names = [_name(table) for table in tables]
    read: list[Article] = []
    days: dict[str, dt.date | None] = {}
    for number, table in enumerate(tables):
        place = _Place(where, lines, number, names[number])
        row, wrong = check_table(table, _Article, EvidenceError, place)
        alike = [name for name in names[: number + 1] if name and name[:3] == names[number][:3]]
        if len(alike) > 1:
            what = f"{len(alike)} ids begin with {alike[0][:3]}, and rows are named by it."
            wrong.append(EvidenceError(place("id"), what, "Give one of them other digits."))
        if row and not wrong:
            read.append(Article(**dict(row)))
        if names[number]:
            days.setdefault(names[number], row.day if row else None)
        found += wrong
    return Articles(tuple(read), days, bool(names) and all(names)), found


def _name(table: Any) -> str:
    """Return the id of an article as it stands in the file, empty if it can be none."""
    name = table.get("id") if isinstance(table, dict) else None
    return name if isinstance(name, str) and re.fullmatch(ID, name) else ""


@dataclass(frozen=True)
class _Place:
    """Where a key of an article stands."""

    where: str
    lines: Lines
    number: int
    name: str

    def __call__(self, key: str) -> str:
        line = self.lines.of(key, "article", self.number)
        called = self.name or f"number {self.number + 1}"
        return f"{self.where}{line}, article {called}{key and f': {key}'}"
