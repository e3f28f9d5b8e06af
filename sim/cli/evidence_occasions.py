"""`truce evidence list --occasions`: the chances for a truce in the war before the record."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.cli.shared import Shared
from sim.cli.tables import answer, print_table

if TYPE_CHECKING:
    import pandas as pd

    from sim.evidence.occasions import Occasion
    from sim.inputs.conflict import Conflict

HEADER = ("from", "to", "put to", "for days", "weight", "where", "by whom", "what", "source")
PUT_TO = {"both": "both sides", "one": "one side", "call": "the public"}


def list_occasions(conflict: Conflict, as_of: dt.date | None, shared: Shared) -> None:
    """List the occasions that were public on a day, all if None."""
    from sim.evidence.occasions import load_occasions

    limit = as_of or dt.date.max
    found = [occasion for occasion in load_occasions(conflict=conflict) if occasion.known <= limit]
    total = sum(occasion.weight for occasion in found)
    rows = [_document(occasion, conflict) for occasion in found]
    if not found and not shared.as_json:
        sys.stderr.write(f"No such row {f'was public by {as_of}' if as_of else 'is there'}.\n")
    day = str(as_of) if as_of else None
    sums = {"schema": "truce/occasions/1", "as_of": day, "weight": round(total, 3)}
    answer(
        shared,
        lambda: _table(rows),
        lambda: {**sums, "occasions": rows},
        lambda: _print(found, conflict),
    )


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    from sim.evidence.occasions import Occasion
    from sim.sheets import frame_of

    return frame_of(rows, [field.name for field in dataclasses.fields(Occasion)])


def _print(found: Sequence[Occasion], conflict: Conflict) -> None:
    total = sum(occasion.weight for occasion in found)
    print_table(HEADER, [_cells(occasion, conflict) for occasion in found])
    sys.stdout.write(f"{len(found)} occasions, which together weigh {total:.2f}\n")


def _document(occasion: Occasion, conflict: Conflict) -> dict[str, Any]:
    from sim.words import spelled

    days = {name: str(getattr(occasion, name)) for name in ("date_from", "date_to", "known")}
    return {**vars(occasion), "paraphrase": spelled(occasion.paraphrase, conflict), **days}


def _cells(occasion: Occasion, conflict: Conflict) -> list[str]:
    from sim.words import spelled

    return [
        str(occasion.date_from),
        str(occasion.date_to) if occasion.date_to != occasion.date_from else "",
        PUT_TO[occasion.put_to],
        "yes" if occasion.short else "",
        f"{occasion.weight:.3f}",
        occasion.place,
        occasion.who,
        spelled(occasion.paraphrase, conflict),
        occasion.source,
    ]
