"""References to the coded articles, so that a reader can find them.

What the text of an article does not give is described in our own words, in square brackets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.text import date_word

if TYPE_CHECKING:
    from sim.evidence.articles import Article

_CITED = re.compile(r"\b([0-9]{3}), (paragraphs? [0-9]+)")


def reference(article: Article) -> str:
    """Return title, outlet and day of an article.

    Without a title it is described; without an outlet, too, by what its note says of whom it cites.

    >>> import datetime as dt
    >>> from sim.evidence.articles import Article
    >>> day = dt.date.max
    >>> reference(Article("003_a", "", "", day, "dateline", "No title; it cites CNN."))
    '[untitled report of 31 December 9999; it cites CNN]'
    >>> reference(Article("003_a", "Talks begin", "The Daily", day, "dateline"))
    '“Talks begin”, The Daily, 31 December 9999'
    """
    day = date_word(article.day)
    if article.title:
        return f"“{article.title}”, {article.outlet or '[outlet not named]'}, {day}"
    if article.outlet:
        return f"{article.outlet}, [untitled report of {day}]"
    known = article.note.partition("; ")[2].rstrip(".")
    return f"[untitled report of {day}{known and f'; {known}'}]"


def place(articles: Mapping[str, Article], name: str, paragraph: int | None) -> str:
    """Write where in the articles something stands; ``name`` is an id or its first three digits."""
    short = name[:3]
    article = next((one for one in articles.values() if one.id[:3] == short), None)
    if article is None:
        return f"article {short}, paragraph {paragraph}"
    return f"{reference(article)}, paragraph {paragraph} ({short})"


def cited(text: str, articles: Mapping[str, Article]) -> str:
    """Return a source as it stands in the data, each article that it names with its reference."""
    found = {one.id[:3]: one for one in articles.values()}

    def spelled(match: re.Match[str]) -> str:
        short, paragraph = match.groups()
        return f"{reference(found[short])}, {paragraph}" if short in found else match[0]

    return _CITED.sub(spelled, text)
