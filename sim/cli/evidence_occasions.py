"""`truce evidence list --occasions`: the chances for a truce in the war before the record."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from sim.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from sim.evidence.occasions import Occasion
    from sim.inputs.conflict import Conflict

HEADER = ("from", "to", "put to", "for days", "weight", "where", "by whom", "what", "source")
PUT_TO = {"both": "both sides", "one": "one side", "call": "the public"}


def list_occasions(conflict: Conflict, as_of: dt.date | None, *, as_json: bool) -> None:
    """List the occasions that were public on a day, all if None."""
    from sim.evidence.occasions import load_occasions

    limit = as_of or dt.date.max
    found = [occasion for occasion in load_occasions(conflict=conflict) if occasion.known <= limit]
    total = sum(occasion.weight for occasion in found)
    if as_json:
        print_json(
            {
                "schema": "truce/occasions/1",
                "as_of": str(as_of) if as_of else None,
                "weight": round(total, 3),
                "occasions": [_document(occasion) for occasion in found],
            }
        )
        return
    if not found:
        sys.stderr.write(f"No such row {f'was public by {as_of}' if as_of else 'is there'}.\n")
    print_table(HEADER, [_cells(occasion) for occasion in found])
    sys.stdout.write(f"{len(found)} occasions, which together weigh {total:.2f}\n")


def _document(occasion: Occasion) -> dict[str, Any]:
    days = {name: str(getattr(occasion, name)) for name in ("date_from", "date_to", "known")}
    return {**vars(occasion), **days}


def _cells(occasion: Occasion) -> list[str]:
    return [
        str(occasion.date_from),
        str(occasion.date_to) if occasion.date_to != occasion.date_from else "",
        PUT_TO[occasion.put_to],
        "yes" if occasion.short else "",
        f"{occasion.weight:.3f}",
        occasion.place,
        occasion.who,
        occasion.paraphrase,
        occasion.source,
    ]
