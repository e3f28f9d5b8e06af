"""Which article a row of news means: by its whole id or by three digits, even if two share them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from sim.evidence.articles import read_articles
from sim.evidence.coding import RefusedError, read_day
from sim.inputs.conflict import Conflict
from sim.intake.cells import Raw
from sim.intake.read import News

CITED = re.compile(r"\b([0-9]{3}), paragraphs? [0-9]")
"""How a source names an article: the first three digits of its id, and a paragraph."""


@dataclass(frozen=True)
class _Article:
    """An article of the news, the id that it gets and its day, the last of all if it has none."""

    row: Raw
    id: str
    day: dt.date

    @property
    def digits(self) -> str:
        return named(self.row)[:3]


@dataclass(frozen=True)
class Ids:
    """The ids of articles, and which of them a row means.

    Two articles of the news that have the same digits get ids of their own all the same, so that
    what else is wrong with their rows can be told.

    Attributes
    ----------
    recorded
        The ids of the record.
    articles
        The articles of the news.
    meant
        Digits that rows name and no article has, with the article that was given another's digits
        and is meant, as far as can be told.
    """

    recorded: tuple[str, ...]
    articles: tuple[_Article, ...]
    meant: Mapping[str, _Article] = field(default_factory=dict)

    @classmethod
    def of(cls, news: News, conflict: Conflict, there: Container[str] = ()) -> Ids:
        """Return those of the record and of the news.

        Parameters
        ----------
        there
            The places of rows that the record has already, as `sim.intake.cells.Raw.at` has them:
            such an article is that of the record.
        """
        recorded = tuple(read_articles(conflict.evidence)[0].days)
        taken = {*recorded}
        articles: list[_Article] = []
        for row in news.of("articles"):
            name, number = named(row), 1
            while name in taken and row.at() not in there:
                number += 1
                name = f"{named(row)}_{number}"
            taken.add(name)
            articles.append(_Article(row, name, day_of(row.cells.get("day", ""))))
        seen = {name[:3] for name in recorded}
        spare = []
        for one in articles:
            if one.digits in seen and one.row.at() not in there:
                spare.append(one)
            seen.add(one.digits)
        unknown = {name for row in news.rows for name in _names(row)} - seen
        latest = max(spare, key=lambda one: one.day, default=None)
        meant = {}
        if latest and 0 < len(unknown) <= len(spare):
            meant = dict.fromkeys(sorted(unknown), latest)
        return cls(recorded, tuple(articles), meant)

    def of_article(self, row: Raw) -> str:
        """Return the id that an article of the news gets."""
        return next(one.id for one in self.articles if one.row is row)

    def whole(self, name: str, row: Raw) -> str:
        """Return the id that a row means by a name; a name that is none as it is.

        Of several articles with these digits that is the one in the same file or folder; else, or
        if there are more, the latest, so that no day is told to be late that may not be.
        """
        if found := self._among(name, row):
            return max(found, key=lambda one: one.day).id
        recorded = (one for one in self.recorded if one[:3] == name)
        return next(recorded, name)

    def unsure(self, row: Raw) -> bool:
        """Whether a row names an article, its own or an earlier one, that may be one of several."""
        names = (row.cells.get("article", ""), row.cells.get("same_as", "").partition(":")[0])
        return any(len(self._among(name, row)) > 1 for name in names)

    def _among(self, name: str, row: Raw) -> list[_Article]:
        """Return the articles of the news that a row may mean by a name."""
        if name in self.meant:
            return [self.meant[name]]
        others = self.meant.values()
        found = [one for one in self.articles if name in (named(one.row), one.digits)]
        found = [one for one in found if one not in others or name == named(one.row)]
        return [one for one in found if _place(one.row) == _place(row)] or found

    def resolved(self, row: Raw) -> dict[str, str]:
        """Return the cells of a row with whole ids."""
        cells = {**row.cells, "article": self.whole(row.cells.get("article", ""), row)}
        article, colon, paragraph = cells.get("same_as", "").partition(":")
        cells["same_as"] = f"{self.whole(article, row) if article else ''}{colon}{paragraph}"
        return cells


def day_of(text: str) -> dt.date:
    """Return the day that a text is, the last of all if it is none."""
    try:
        return read_day(text)
    except RefusedError:
        return dt.date.max


def _names(row: Raw) -> list[str]:
    """Return the digits by which a row names its article."""
    name = row.cells.get("article", "")
    return [name] if re.fullmatch(r"\d{3}", name) else CITED.findall(row.cells.get("source", ""))


def _place(row: Raw) -> str:
    """Return the folder of a row, or its Excel file: what may hold one article alone."""
    return row.file if row.file.endswith(".xlsx") else row.file.rpartition("/")[0]


def named(row: Raw) -> str:
    """Return the id of an article of the news, made of its title if only its digits are given."""
    name = row.cells.get("id", "")
    if not re.fullmatch(r"\d{3}", name):
        return name
    return f"{name}_{slug(row.cells.get('title', '')).replace('-', '_') or 'article'}"


def slug(title: str, longest: int = 40) -> str:
    """Return a title as part of a name.

    >>> slug("Talks in Geneva: 'a start'")
    'talks-in-geneva-a-start'
    """
    whole = re.sub(r"[\W_]+", "-", title.lower()).strip("-")
    return whole if len(whole) <= longest else whole[:longest].rpartition("-")[0] or whole[:longest]


def article_ids(news: News) -> list[str]:
    """Return the ids of the articles of some news."""
    return [named(row) for row in news.of("articles")]


def next_digits(conflict: Conflict, others: Sequence[str] = ()) -> str:
    """Return the first three digits that follow all that the record, and others, begin with."""
    articles, _ = read_articles(conflict.evidence)
    taken = [int(name[:3]) for name in (*articles.days, *others) if name[:3].isdigit()]
    return f"{1 + max(taken, default=-1):03}"
