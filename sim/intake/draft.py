"""Drafts a folder of news: forms to fill in, with what each line may say beside it."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.errors import EvidenceError
from sim.evidence.coding import name_of
from sim.files import written_together
from sim.inputs.conflict import Conflict
from sim.intake.cells import DRAFTED_DAYS
from sim.intake.columns import FILES, FORMS, Column, Table
from sim.intake.ids import article_ids, next_digits, slug
from sim.intake.read import read_news
from sim.text import shown

WIDTH = 100
LONGEST = 200
"""Letters of a title."""


def draft(
    day: dt.date, title: str, conflict: Conflict, out: Path | None = None, outlet: str = ""
) -> Path:
    """Write a folder of forms for an article, and return it.

    The article gets the digits that follow those of the record and of the drafts beside the folder.

    Parameters
    ----------
    day
        The day on which the article was published.
    out
        The folder; ``news/DAY-title`` if None.

    Raises
    ------
    EvidenceError
        If the folder is there, the title is no line of text, or the day is before the record.
    StoreError
        If it cannot be written.
    """
    if not title.strip() or not title.isprintable() or len(title) > LONGEST:
        what = f"{shown(title)} is no line of text of up to {LONGEST} letters."
        raise EvidenceError("--title", what, "Give the headline.")
    if day < conflict.facts.record.begins:
        what = (
            f"{day} is before {conflict.facts.record.begins}, the day on which the record begins."
        )
        raise EvidenceError("DAY", what, "Give the day on which the article was published.")
    folder = out or Path("news") / f"{day}-{slug(title)}".rstrip("-")
    if folder.exists():
        what = "is there already."
        raise EvidenceError(name_of(folder), what, "Fill it in, or name another with --out.")
    digits = next_digits(conflict, _drafted(folder.parent))
    name = f"{digits}_{slug(title).replace('-', '_') or 'article'}"
    given = {"id": name, "title": title.strip(), "outlet": outlet, "day": str(day)}
    with written_together(folder) as aside:
        for file, forms in FILES.items():
            text = "\n".join(_form(file, forms, given, conflict)) + "\n"
            (aside / f"{file}.toml").write_text(text, encoding="utf-8", newline="\n")
    return folder


def _drafted(folder: Path) -> list[str]:
    """Return the ids of the articles that are drafted in folders of a folder."""
    files = [*folder.glob("*/article.toml")] if folder.is_dir() else []
    return [name for file in files for name in article_ids(read_news([file]))]


_HEADS = {
    "article": "The article. Fill in what is empty; a line that begins with # is a comment.",
    "statements": "What actors want: one block for each position in the article. Copy the block at "
    "the end for each further one, and leave it as it is if there is none.",
    "events": "What happened: one block for each event in the article. Copy the block at the end "
    "for each further one, and leave it as it is if there is none.",
    "levers": "What the news changes of the levers of a scenario, rounds of talks that are "
    "announced, and moves of the mediator's package. Most news changes none: leave the blocks as "
    "they are, or copy one for each further row.",
}


def _form(
    file: str, forms: tuple[str, ...], given: Mapping[str, str], conflict: Conflict
) -> Iterator[str]:
    yield from _comment(_HEADS[file])
    for form in forms:
        table = FORMS[form]
        yield "#"
        if file != "article":
            yield f"# ---- [[{form}]]: {table.meaning}"
        for column in table.columns:
            if column.name != "article":
                yield from _explained(column, conflict)
        yield ""
        yield f"[[{form}]]"
        for column in table.columns:
            if column.name != "article":
                yield f"{column.name} = {_start(table, column, given)}"
        yield ""


def _start(table: Table, column: Column, given: Mapping[str, str]) -> str:
    """Return what stands behind '=' in a draft: what is known, or an empty text."""
    if column.name in (*DRAFTED_DAYS, "day") and table.name in ("articles", "statements", "events"):
        return given["day"]
    known = given.get(column.name, "") if table.name == "articles" else ""
    return json.dumps(known, ensure_ascii=False)


def _explained(column: Column, conflict: Conflict) -> Iterator[str]:
    """Explain a column, and each word that it may hold on a line of its own."""
    leave = "" if column.needed else " (may stay empty)"
    yield from _comment(f"{column.name}{leave}: {column.meaning}", "#   ")
    words = column.words(conflict)
    widest = max(map(len, words), default=0)
    for word, meaning in words.items():
        yield from _comment(f"    {word:<{widest}}  {meaning}", "#" + " " * (widest + 8))


def _comment(text: str, hanging: str = "# ") -> Iterator[str]:
    yield from textwrap.wrap(
        text, WIDTH, initial_indent="# ", subsequent_indent=hanging, drop_whitespace=True
    )
