"""What a ledger holds: forecasts, and how each was resolved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import LedgerError
from sim.estimates import Odds
from sim.inputs.conflict import Conflict
from sim.ledger.chain import Line, read_chain, read_file
from sim.text import printable, shown

FILE = Path("outputs/ledger.jsonl")
"""The ledger, unless another file is named."""
SHIPPED = "ledger.jsonl"
"""The page of hindcasts that comes with a conflict, in its folder ``calibration``."""
ANSWERS = ("yes", "no", "void")
SEALED, HINDCAST = "sealed", "hindcast"
PAGES = (SEALED, HINDCAST)
"""Sealed before the answer was known, and after it: they are never scored together."""


@dataclass(frozen=True)
class Resolution:
    """How a question was settled.

    Attributes
    ----------
    answer
        ``yes``, ``no`` or ``void``.
    evidence
        What shows it.
    at
        When it was written into the ledger.
    known
        The day on which the answer was known, if that was said.
    """

    answer: str
    evidence: str
    at: dt.datetime
    known: dt.date | None = None


@dataclass(frozen=True)
class Forecast:
    """A forecast of the ledger.

    Attributes
    ----------
    id
        Eight hexadecimal digits of its line's hash.
    line
        Where it stands in the file.
    at
        When it was sealed, by the clock of the machine that did it.
    text, rule, source, event, actor, resolves
        The question, see `sim.ledger.question.QuestionFile`.
    odds
        Of yes, with both intervals.
    others
        Odds of yes of other forecasters, by name; None where one had none.
    as_of
        The day from which the run looks ahead.
    resolution
        None as long as it is open.
    document
        The whole line: run, version, hashes and the rest.
    """

    id: str
    line: int
    at: dt.datetime
    text: str
    rule: str
    source: str
    event: str
    actor: str
    resolves: dt.date
    odds: Odds
    others: Mapping[str, float | None]
    as_of: dt.date
    resolution: Resolution | None = None
    document: Line = field(default_factory=dict, repr=False, compare=False)

    @property
    def page(self) -> str:
        """``hindcast`` if its answer could be known when it was sealed, else ``sealed``."""
        settled = self.resolution.known if self.resolution else None
        late = bool(self.document.get("hindcast")) or self.at.date() > self.resolves
        known = settled is not None and settled <= self.at.date()
        return HINDCAST if late or known else SEALED

    @property
    def came(self) -> bool | None:
        """Whether it came true; None while it is open, and if it is void."""
        if self.resolution is None or self.resolution.answer == "void":
            return None
        return self.resolution.answer == "yes"

    @property
    def state(self) -> str:
        """``open``, or its answer."""
        return self.resolution.answer if self.resolution else "open"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data: its line, its page, and how it was resolved."""
        settled = self.resolution
        return {
            **self.document,
            "id": self.id,
            "page": self.page,
            "state": self.state,
            "resolution": None
            if settled is None
            else {
                "answer": settled.answer,
                "evidence": settled.evidence,
                "at": settled.at.isoformat(),
                "known": settled.known.isoformat() if settled.known else None,
            },
        }


@dataclass(frozen=True)
class Ledger:
    """A ledger that was read and checked.

    Attributes
    ----------
    path
        Its file, which need not be there yet.
    forecasts
        In the order in which they were sealed.
    lines
        How many lines it has.
    head
        The hash of the last line: what to put into a signed commit or a mail.
    """

    path: Path
    forecasts: tuple[Forecast, ...]
    lines: int
    head: str

    def find(self, name: str) -> Forecast:
        """Return the forecast of an id, or of a beginning of one that fits no other.

        Raises
        ------
        LedgerError
            If there is none, or there are several.
        """
        found = [one for one in self.forecasts if name and one.id.startswith(name)]
        where = printable(self.path)
        if not found:
            ids = ", ".join(one.id for one in self.forecasts[-8:]) or "none"
            what = f"holds no forecast {shown(name)}; the newest ids: {ids}."
            raise LedgerError(where, what, "`truce ledger list` lists them all.")
        if len(found) > 1:
            what = f"{shown(name)} fits several: {', '.join(one.id for one in found[:4])}."
            raise LedgerError(where, what, "Give more of the id.")
        return found[0]


def read_ledger(path: Path) -> Ledger:
    """Read a ledger and check its chain; one that is not there yet is empty.

    Raises
    ------
    LedgerError
        If it is damaged, naming the line.
    """
    where = printable(path)
    lines, head = read_chain(read_file(path), where)
    return Ledger(path, forecasts_of(lines, where), len(lines), head)


def shipped_page(conflict: Conflict) -> Ledger | None:
    """Return the hindcasts that come with a conflict, if any do."""
    path = conflict.calibration / SHIPPED
    return read_ledger(path) if path.is_file() else None


def forecasts_of(lines: Sequence[Line], where: str) -> tuple[Forecast, ...]:
    """Return the forecasts of checked lines, each with how it was resolved.

    Raises
    ------
    LedgerError
        If a line is not as this version writes it.
    """
    settled: dict[str, Resolution] = {}
    found = []
    for line in lines:
        try:
            if line["kind"] == "seal":
                found.append(line)
            else:
                settled[str(line["id"])] = _resolution(line)
        except (LookupError, TypeError, ValueError) as error:
            raise _foreign(where, line, error) from None
    return tuple(_forecasts(found, settled, where))


def forecasts_from(documents: Sequence[Mapping[str, Any]], where: str) -> tuple[Forecast, ...]:
    """Return forecasts from the plain data that `Forecast.as_dict` gave."""
    added = ("page", "state", "resolution")
    lines = [{k: v for k, v in one.items() if k not in added} for one in documents]
    settled = [
        {**one["resolution"], "kind": "resolve", "id": one["id"]}
        for one in documents
        if one.get("resolution")
    ]
    return forecasts_of([*lines, *settled], where)


def _forecasts(
    lines: Sequence[Line], settled: Mapping[str, Resolution], where: str
) -> Iterator[Forecast]:
    for line in lines:
        try:
            question, run = line["question"], line["run"]
            yield Forecast(
                id=str(line["id"]),
                line=int(line["line"]),
                at=_moment(line["at"]),
                text=str(question["text"]),
                rule=str(question["rule"]),
                source=str(question["source"]),
                event=str(question["event"]),
                actor=str(question["actor"]),
                resolves=dt.date.fromisoformat(question["resolves"]),
                odds=Odds.from_dict(line["odds"]),
                others={str(name): _share(one) for name, one in line["others"].items()},
                as_of=dt.date.fromisoformat(run["as_of"]),
                resolution=settled.get(str(line["id"])),
                document=line,
            )
        except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
            raise _foreign(where, line, error) from None


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment


def _share(odds: Any) -> float | None:
    """Odds of another forecaster, if they are such."""
    number = isinstance(odds, int | float) and not isinstance(odds, bool)
    if odds is not None and not (number and 0.0 <= odds <= 1.0):
        raise ValueError(f"odds of {shown(odds)}")
    return None if odds is None else float(odds)


def _resolution(line: Line) -> Resolution:
    known = line["known"]
    if line["answer"] not in ANSWERS:
        raise ValueError(f"the answer {shown(line['answer'])}")
    return Resolution(
        str(line["answer"]),
        str(line["evidence"]),
        _moment(line["at"]),
        dt.date.fromisoformat(known) if known else None,
    )


def _foreign(where: str, line: Line, error: Exception) -> LedgerError:
    what = f"is not as this version writes it ({printable(error)[:80]})."
    return LedgerError(f"{where}, line {line.get('line')}", what, "Read it with its own version.")
