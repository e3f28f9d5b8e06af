"""Tries news on a copy of the record: everything that is wrong, what may be a repeat, what it adds.

The copy is checked as the record itself is, so that what passes here passes there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.errors import EvidenceError, SimError
from sim.evidence.articles import Articles, read_articles
from sim.evidence.coded import read_coded
from sim.evidence.coding import Row, name_of
from sim.files import temporary_folder
from sim.inputs.conflict import Conflict
from sim.intake.read import News, read_news
from sim.intake.rendered import Rendered, files_of, rendered
from sim.intake.repeats import Repeat, repeats
from sim.intake.telling import Note, Telling, notes
from sim.words import spelled


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
    notes
        Rows that count less than may be meant.
    """

    news: News
    made: Rendered
    conflict: Conflict
    problems: tuple[SimError, ...]
    offers: tuple[Offer, ...]
    notes: tuple[Note, ...] = ()

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
    with temporary_folder() as folder:
        copy = _copied(conflict, folder)
        files = files_of(copy)
        for file, contents in made.after.items():
            files[file].write_bytes(contents)
        found = Telling(news, made, conflict, copy).every()
        offers = tuple(_offers(made, copy))
        yield Trial(news, made, copy, tuple(found), offers, (*notes(news), *_respelt(news, copy)))


def _copied(conflict: Conflict, folder: Path) -> Conflict:
    """Copy the data of a conflict, but for scenarios and ensembles."""
    calibration, scenarios = folder / "calibration", folder / "scenarios"
    skip = shutil.ignore_patterns("ensembles", ".*")
    shutil.copytree(conflict.calibration, calibration, ignore=skip)
    scenarios.mkdir()
    return Conflict(calibration, scenarios)


def _respelt(news: News, copy: Conflict) -> Iterator[Note]:
    """Tell which paraphrases will be shown with a name in another spelling."""
    for row in (*news.of("statements"), *news.of("events")):
        said = row.cells.get("paraphrase", "")
        if (shown := spelled(said, copy)) != said:
            yield Note(row.at("paraphrase"), f"has a name that is spelt otherwise: {shown}.")


# ------------------------------------------------------------------ what may be a repeat


def _offers(made: Rendered, copy: Conflict) -> Iterator[Offer]:
    articles, _ = read_articles(copy.evidence)
    statements, events, _ = read_coded(copy.evidence, articles, copy)
    for rows in (statements, events):
        yield from (_offer(one, made, copy) for one in _found(rows, made, articles))


def _found(rows: Sequence[Row], made: Rendered, articles: Articles) -> list[Repeat]:
    return repeats(rows, lambda row: (row.path.name, row.line) in made.places, articles.days)


def _offer(found: Repeat, made: Rendered, copy: Conflict) -> Offer:
    row, earlier = found.row, found.earlier
    where = made.places[row.path.name, row.line].at("same_as")
    said, before = (spelled(one.cells["paraphrase"], copy) for one in (row, earlier))
    return Offer(where, found.same_as, said, before)
