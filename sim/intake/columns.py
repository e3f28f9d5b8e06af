"""What a piece of news is made of: tables, their columns, and what each column may say.

Drafts, spreadsheets and messages take their words from here. Choices come from the tables by which
the record is checked: kinds, actors, issues, levers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sim.engine.domain import Scope
from sim.evidence.coding import BASES, PARAPHRASE_WORDS, holders_of
from sim.inputs.conflict import Conflict
from sim.inputs.kinds import DETAILS, EVENT_KINDS, STATEMENT_KINDS, EventKind
from sim.inputs.levers import LEVERS

Choices = Callable[[Conflict], Mapping[str, str]]


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    meaning
        What to write into it, in one line.
    kind
        How a cell is read; a ``word`` is one of ``choices``.
    needed
        Whether every row has something in it.
    choices
        Returns the words that it may hold, each with one line that explains it.
    explained
        Returns parts of what it may hold, explained in the same way.
    """

    name: str
    meaning: str
    kind: Literal["text", "day", "number", "whole", "word", "article", "place", "value"] = "text"
    needed: bool = True
    choices: Choices | None = None
    explained: Choices | None = None

    def words(self, conflict: Conflict) -> Mapping[str, str]:
        """Return what is explained of it word by word."""
        made = self.choices or self.explained
        return made(conflict) if made else {}


@dataclass(frozen=True)
class Table:
    """A table of news: a file or a sheet by its name, ``form`` the header of a row in a form."""

    name: str
    form: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(column.name for column in self.columns)

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


# ------------------------------------------------------------------ choices

BASIS_MEANINGS = {
    "quoted": "the holder's own words, in quotation marks",
    "on_record": "the holder's office, named, in the article's words",
    "act": "something that the holder did",
    "unnamed": "officials or people who are not named",
    "reporter": "the article's own summary",
    "attributed": "another party says that the holder thinks so",
}
"""Where a statement comes from, the firmest first."""
DETAIL_MEANINGS = {
    "scope": f"what a truce covers: full, {', '.join(scope.name.lower() for scope in Scope)}",
    "days": "how many days it is to last",
    "hours": "how many hours it is to last",
    "from": "the day on which it is to begin, YYYY-MM-DD",
    "issuer": "whose sanctions or threat it is",
    "target": "against whom",
    "value": "how large, as a share from 0 to 1; of strikes 1 for more and -1 for less",
    "early": "yes if a side ended a partial truce before its 30 days",
    "kept": "yes or no: whether the other side kept the pause",
    "blamed": "the side that broke the truce",
    "how": "exit or incident: how the truce broke",
}
"""The pairs that may lead the detail of an event."""
FIRMNESS = {
    "3": "stated flatly, or as a condition",
    "2": "stated",
    "1": "hinted, hedged, or contradicted in the same article",
}
SALIENCE = {
    "3": "a headline, or a condition for all else",
    "2": "one of several matters",
    "1": "in passing",
}
LISTED = {
    "yes": "the calibration is to impose it; for kinds marked 'counts if listed'",
    "no": "it is only noted",
}


def _holders(conflict: Conflict) -> dict[str, str]:
    names = {actor.id: actor.name for actor in conflict.actors}
    together = conflict.facts.together
    names[together.id] = f"{together.name}, spoken of as one"
    return {name: names[name] for name in holders_of(conflict)}


def _issues(conflict: Conflict) -> dict[str, str]:
    return {name: scale.meaning for name, scale in conflict.issues.items()}


def _anchors(conflict: Conflict) -> dict[str, str]:
    return {
        f"{name} {at}": anchor
        for name, scale in conflict.issues.items()
        for at, anchor in zip(("0", "0.25", "0.5", "0.75", "1"), scale.anchors, strict=True)
    }


def _details(_: Conflict) -> dict[str, str]:
    return {f"{name}=": meaning for name, meaning in DETAIL_MEANINGS.items()}


def _event_line(name: str, kind: EventKind, conflict: Conflict) -> str:
    needs = f"; detail needs {', '.join(f'{name}=' for name in kind.needs)}" if kind.needs else ""
    counts = "counts if listed" if kind.listed else "counts"
    if name == "direct_talks":
        one, other = conflict.side_ids
        needs += f"; actor is either side, as {one}, with target={other} in detail"
    return f"{kind.meaning}{needs} ({counts if kind.effect != 'told' else 'noted only'})"


def _events(conflict: Conflict) -> dict[str, str]:
    return {name: _event_line(name, kind, conflict) for name, kind in EVENT_KINDS.items()}


def _levers(conflict: Conflict) -> dict[str, str]:
    levers = {name: conflict.lever(name) for name in LEVERS}
    return {name: f"{lever.meaning} ({lever.described})" for name, lever in levers.items()}


def _kinds(_: Conflict) -> dict[str, str]:
    return {name: kind.meaning for name, kind in STATEMENT_KINDS.items()}


def _of(words: Mapping[str, str]) -> Choices:
    return lambda _: words


# ------------------------------------------------------------------ tables

_KNOWN = (
    "the day on which it was public, if later than its own day: the article's day for what unnamed "
    "sources say, and for outcomes"
)
_SOURCE = "article and paragraph, as '005, paragraph 3: what it says'; or 'assumed: ' and why"
_PARAPHRASE = f"in your own words, {PARAPHRASE_WORDS} at most; never the article's own sentence"
_ARTICLE = Column("article", "the id of the article, or its three digits", "article", needed=False)
_PARAGRAPH = Column("paragraph", "which paragraph of the article, counted from 1", "whole")
_SAME_AS = Column(
    "same_as",
    "if an earlier article told the same utterance or event: that article and paragraph, as 004:5",
    "place",
    needed=False,
)

ARTICLES = Table(
    "articles", "article", "one row for each article",
    (
        Column("id", "three digits that no other article has, or digits_and_a_name", "article"),
        Column("title", "the headline", needed=False),
        Column("outlet", "who published it", needed=False),
        Column("day", "the day on which it was published, YYYY-MM-DD", "day"),
        Column("day_basis", "how that day is known, as 'dateline'"),
        Column("note", "anything that a later reader should know", needed=False),
    ),
)  # fmt: skip
STATEMENTS = Table(
    "statements", "statement",
    "one row for each position that an actor states on an issue",
    (
        _ARTICLE,
        _PARAGRAPH,
        Column("date", "the day on which it was said, YYYY-MM-DD; no later than the article",
               "day"),
        Column("known", _KNOWN, "day", needed=False),
        Column("holder", "who holds the position, not who reports it", "word", choices=_holders),
        Column("issue", "what it is about", "word", choices=_issues),
        Column("position", "where it stands on the scale of its issue, a number from 0 to 1; any "
               "number between two of these may be written", "number", explained=_anchors),
        Column("kind", "what is done by saying it", "word", choices=_kinds),
        Column("basis", "where it comes from, the firmest first", "word",
               choices=_of(BASIS_MEANINGS)),
        Column("firmness", "how firmly it is said", "whole", choices=_of(FIRMNESS)),
        Column("salience", "how central it is to the article", "whole", choices=_of(SALIENCE)),
        _SAME_AS,
        Column("paraphrase", f"what was said, {_PARAPHRASE}"),
    ),
)  # fmt: skip
EVENTS = Table(
    "events", "event", "one row for each thing that happened",
    (
        _ARTICLE,
        _PARAGRAPH,
        Column("date_from", "the day on which it happened, or the first on which it may have",
               "day"),
        Column("date_to", "the last day on which it may have happened, if the day is not known",
               "day", needed=False),
        Column("known", _KNOWN, "day", needed=False),
        Column("round", "a name for the proposal that is answered or put, the same for all "
               "answers to it", needed=False),
        Column("actor", "who did it; of what both sides did together, one of them", "word",
               choices=_holders),
        Column("event", "what happened", "word", choices=_events),
        Column("detail", "pairs first, each with its semicolon, as 'scope=full; days=30; '; then "
               f"what happened, {_PARAPHRASE}", explained=_details),
        _SAME_AS,
        Column("listed", "only for kinds marked 'counts if listed': whether the calibration is to "
               "impose it; talks are listed if a proposal was put to a side", "word", needed=False,
               choices=_of(LISTED)),
    ),
)  # fmt: skip
_FROM = "the day from which it holds; what is decided on a day holds from the next one"
LEVER_ROWS = Table(
    "levers", "lever", "one row for each lever whose value the news changes",
    (
        Column("lever", "what has changed", "word", choices=_levers),
        Column("date", _FROM, "day"),
        Column("value", "its new value; deferred, true and false are values of some", "value"),
        Column("known", _KNOWN, "day", needed=False),
        Column("source", _SOURCE),
    ),
)  # fmt: skip
ROUNDS = Table(
    "rounds", "round", "one row for each round of mediated talks that is announced ahead",
    (
        Column("date", "the day of the round", "day"),
        Column("known", "the day on which it was announced in public", "day"),
        Column("source", _SOURCE),
    ),
)  # fmt: skip
MOVES = Table(
    "moves", "moved", "one row for each day on which the mediator moved its package by itself",
    (
        Column("date", _FROM, "day"),
        Column("value", "how far it has moved by then, from 0 to 1, as of mandate.flexibility",
               "value"),
        Column("known", _KNOWN, "day", needed=False),
        Column("source", _SOURCE),
    ),
)  # fmt: skip
TABLES = {table.name: table for table in (ARTICLES, STATEMENTS, EVENTS, LEVER_ROWS, ROUNDS, MOVES)}
FORMS = {table.form: table for table in TABLES.values()}
FILES = {
    "article": ("article",),
    "statements": ("statement",),
    "events": ("event",),
    "levers": ("lever", "round", "moved"),
}
"""The forms that stand in each file of a draft."""
EXPLAINED = "explained"
"""The sheet of a template that explains the others; it is not read."""
EXPLAINED_HEADER = ("sheet", "column", "may stay empty", "word", "what it means")


def unexplained() -> list[str]:
    """Return the words that the record knows and that nothing here explains; none, as tested."""
    return sorted(set(BASES) ^ set(BASIS_MEANINGS)) + sorted(set(DETAILS) ^ set(DETAIL_MEANINGS))
