"""Occasions in the war before the record on which a general truce could have been agreed.

Each stands in ``occasions.csv`` with its place, its source and its weight. None led to a truce, and
the weights sum to the median of the parameter `occasions` (`sim.calibrate.war_so_far`). What a
weight is follows from the row by the rule of `weight_of`, so that nobody chooses one.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.errors import EvidenceError
from sim.evidence.coding import (
    Reader,
    RefusedError,
    Row,
    one_of,
    paraphrase_of,
    read_day,
    read_rows,
)
from sim.inputs.conflict import Conflict, shipped

FILE = "occasions.csv"
PUT_TO: Mapping[str, float] = {"both": 1.0, "one": 0.25, "call": 0.1}
"""What an occasion weighs on its day: put to both sides, put to one of them, a call in public."""
SHORT = 0.5
"""A truce of days weighs half of one that is meant to last."""
HALF_LIFE_YEARS = 2.0
"""An occasion that lies so many years back weighs half: a refusal of then is not one of today."""
YEAR_DAYS = 365.25
SAME = 0.001
"""How near a weight must be to that of the rule; the file has three decimals."""
PARAPHRASE_WORDS = 20


@dataclass(frozen=True)
class Occasion:
    """One occasion on which a general truce could have been agreed, and was not.

    Attributes
    ----------
    date_from, date_to
        Its first and last day.
    known
        The day on which it was public.
    place
        Where, or in what form.
    who
        Who put the truce forward.
    put_to
        To whom: a key of `PUT_TO`.
    short
        Whether it was to last for days only.
    weight
        By `weight_of`.
    paraphrase, source
        What was asked and what came of it, in our words, and who reported it.
    """

    date_from: dt.date
    date_to: dt.date
    known: dt.date
    place: str
    who: str
    put_to: str
    short: bool
    weight: float
    paraphrase: str
    source: str


def weight_of(put_to: str, short: bool, date_to: dt.date, begins: dt.date) -> float:
    """Return the weight of an occasion, given the first day of the record.

    By to whom it was put, half for a truce of days, and half again for each two years that it lies
    back.
    """
    years = (begins - date_to).days / YEAR_DAYS
    plain = PUT_TO[put_to] * (SHORT if short else 1.0)
    return plain * math.exp2(-years / HALF_LIFE_YEARS)


def load_occasions(
    folder: Path | None = None, conflict: Conflict | None = None
) -> tuple[Occasion, ...]:
    """Read and check the occasions of a conflict, in the order of the file; none if it has no file.

    Parameters
    ----------
    folder
        Holds ``occasions.csv``; the conflict's own if None.
    conflict
        Whose record they come before; the shipped one if None.

    Raises
    ------
    EvidenceError
        The first of the problems that `occasion_problems` would list.
    """
    rows, found = _read(folder, conflict)
    if found:
        raise found[0]
    return tuple(Occasion(**row.cells) for row in rows)


def occasion_problems(
    folder: Path | None = None, conflict: Conflict | None = None
) -> list[EvidenceError]:
    """List everything that is wrong with the occasions; the arguments are of `load_occasions`."""
    return _read(folder, conflict)[1]


def _read(folder: Path | None, conflict: Conflict | None) -> tuple[list[Row], list[EvidenceError]]:
    conflict = conflict or shipped()
    path = (folder or conflict.evidence) / FILE
    if not path.exists():
        return [], []
    rows, found = read_rows(path, _READERS)
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        found += [*_days(row, conflict), *_weight(row, conflict)]
        line = first.setdefault(tuple(map(str, row.cells.values())), row.line)
        if line != row.line:
            what = f"the row repeats line {line}."
            found.append(row.error("date_from to source", what, "Keep one of the two."))
    return rows, found


# ------------------------------------------------------------------------- one cell


def _words(text: str) -> str:
    if not text.strip():
        raise RefusedError("is empty.", "Fill it in.")
    return text.strip()


def _flag(text: str) -> bool:
    if text not in ("", "yes"):
        raise RefusedError("is neither yes nor empty.", "Write yes if the truce was for days.")
    return text == "yes"


def _share(text: str) -> float:
    if not re.fullmatch(r"[0-9]+\.?[0-9]*|\.[0-9]+", text) or float(text) > 1.0:
        raise RefusedError("is not a number in 0..1.", "Compute it by the rule of the codebook.")
    return float(text)


_READERS: dict[str, Reader] = {
    "date_from": read_day,
    "date_to": read_day,
    "known": read_day,
    "place": _words,
    "who": _words,
    "put_to": one_of(tuple(PUT_TO)),
    "short": _flag,
    "weight": _share,
    "paraphrase": paraphrase_of(PARAPHRASE_WORDS),
    "source": _words,
}


# ------------------------------------------------------------------------- one row


def _days(row: Row, conflict: Conflict) -> Iterator[EvidenceError]:
    """Check that an occasion lies in the war and was public before the record began."""
    first, last, known = (row.cells[name] for name in ("date_from", "date_to", "known"))
    facts = conflict.facts
    if first < facts.war.began:
        what = f"{first} is before the war, which began on {facts.war.began}."
        yield row.error("date_from", what, "Take the row out, or correct its day.")
    if last < first:
        yield row.error("date_to", f"{last} is before date_from = {first}.", "Correct one of them.")
    if known < first:
        yield row.error("known", f"{known} is before date_from = {first}.", "Correct one of them.")
    for name in ("date_to", "known"):
        if row.cells[name] > facts.eve:
            what = f"{row.cells[name]} is after the eve of the record, {facts.eve}."
            yield row.error(name, what, "Take the row out: the record has what came later.")


def _weight(row: Row, conflict: Conflict) -> Iterator[EvidenceError]:
    cells = row.cells
    begins = conflict.facts.record.begins
    ruled = weight_of(cells["put_to"], cells["short"], cells["date_to"], begins)
    if abs(cells["weight"] - ruled) > SAME:
        what = f"{cells['weight']:g} is not the weight of the rule, {ruled:.3f}."
        yield row.error("weight", what, f"Write {ruled:.3f}, or correct what it follows from.")
