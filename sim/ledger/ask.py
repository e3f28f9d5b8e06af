"""What is done with sealed forecasts: resolve, list, score, verify."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.errors import LedgerError
from sim.inputs.conflict import Conflict, shipped
from sim.ledger.book import (
    ANSWERS,
    FILE,
    Forecast,
    Ledger,
    forecasts_of,
    read_ledger,
    shipped_page,
)
from sim.ledger.chain import Line, append, line_hashes
from sim.ledger.score import Score, scored
from sim.ledger.sealing import check_time, now
from sim.reading import read_document
from sim.text import printable, shown

# ------------------------------------------------------------------ resolving


def resolve(
    id: str,  # noqa: A002  the name that users know
    answer: str,
    evidence: str,
    file: Path | str = FILE,
    *,
    known: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Forecast:
    """Write down how a question was settled.

    Parameters
    ----------
    id
        Of the forecast, or a beginning of it.
    answer
        ``yes``, ``no``, or ``void`` if the rule settles nothing.
    evidence
        What shows it: a text, never empty.
    known
        The day on which the answer was known, if it was before today. A forecast that was sealed
        on it or later counts as a hindcast.
    at
        As of `seal`.

    Raises
    ------
    LedgerError
        If there is no such forecast, it is resolved already, the answer is none, or the evidence
        is empty.
    """
    path = Path(file)
    when = check_time(now() if at is None else at)
    _check_answer(answer, evidence, known, when)

    def settle(there: list[Line]) -> list[dict[str, Any]]:
        ledger = Ledger(path, forecasts_of(there, printable(path)), len(there), "")
        found = ledger.find(id)
        if found.resolution is not None:
            what = f"was resolved {found.state} on {found.resolution.at.date()}."
            raise LedgerError(f"forecast {found.id}", what, "A ledger is never changed.")
        return [
            {
                "kind": "resolve",
                "id": found.id,
                "answer": answer,
                "evidence": evidence.strip(),
                "known": known.isoformat() if known else None,
                "at": when.isoformat(),
            }
        ]

    (line,), _ = append(path, settle)
    return read_ledger(path).find(str(line["id"]))


def _check_answer(answer: str, evidence: str, known: dt.date | None, at: dt.datetime) -> None:
    if answer not in ANSWERS:
        raise LedgerError("answer", f"{shown(answer)} is none.", "Give yes, no or void.")
    if not evidence.strip():
        todo = "Say what shows it, and where: --evidence TEXT."
        raise LedgerError("--evidence", "is empty.", todo)
    if known is not None and known > at.date():
        raise LedgerError("--known", f"{known} is still to come.", "Give a day up to today.")


# ------------------------------------------------------------------ reading


def entries(file: Path | str | None = None, *, conflict: Conflict | None = None) -> list[Forecast]:
    """Return the forecasts of a ledger; of none named, one's own and the shipped hindcasts.

    Raises
    ------
    LedgerError
        If a ledger is damaged.
    """
    return [one for ledger in ledgers(file, conflict=conflict) for one in ledger.forecasts]


def ledgers(file: Path | str | None = None, *, conflict: Conflict | None = None) -> list[Ledger]:
    """Return the ledgers that are meant, checked; see `entries`.

    Raises
    ------
    LedgerError
        If one is damaged, or the one that is named is not there.
    """
    if file is not None:
        if not Path(file).is_file():
            todo = "Make one: truce ledger seal last --question FILE."
            raise LedgerError(printable(file), "there is no such ledger.", todo)
        return [read_ledger(Path(file))]
    page = shipped_page(conflict or shipped())
    return [read_ledger(FILE), *([page] if page else [])]


def stale(forecasts: Sequence[Forecast], conflict: Conflict) -> str:
    """Say if hindcasts that ship were not made with the ensembles that ship now; else nothing."""
    for one in forecasts:
        manifest = read_document(conflict.ensembles / f"{one.as_of}.json", links=True) or {}
        if manifest.get("id") != one.document["ensemble"]["id"]:
            return (
                f"The hindcasts as of {one.as_of} were made with another ensemble than that of "
                "this version: make hindcasts renews them."
            )
    return ""


def score(file: Path | str | None = None, *, conflict: Conflict | None = None) -> Score:
    """Score what was sealed before its answer and, apart from it, the hindcasts.

    Examples
    --------
    >>> import sim
    >>> sorted(sim.ledger.score().pages)
    ['hindcast', 'sealed']
    """
    return scored(entries(file, conflict=conflict))


def verify(
    file: Path | str | None = None, *, head: str = "", conflict: Conflict | None = None
) -> list[Ledger]:
    """Check that no byte of a ledger was altered, and no line removed, added or moved.

    Parameters
    ----------
    head
        The hash of the last line at an earlier time, as it was kept elsewhere, or a beginning of
        it with eight digits or more: the ledger must still hold that line. Only this finds lines
        that were cut off at the end, or a chain that was made anew.

    Raises
    ------
    LedgerError
        Naming the line at which it shows.
    """
    found = ledgers(file, conflict=conflict)
    if head:
        if len(head) < 8:
            raise LedgerError("--head", f"{shown(head)} is too short.", "Give 8 digits or more.")
        known = [one for ledger in found for one in line_hashes(ledger.path)]
        if not any(one.startswith(head.lower()) for one in known):
            what = f"no line has the hash {shown(head)}: lines were cut off, or the chain is new."
            raise LedgerError(printable(found[0].path), what, "Take back the file as it was.")
    return found
