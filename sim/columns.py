"""The columns of ``worlds.parquet`` in words: what each says of a world, and in which unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.engine.domain import OFFERED, VALUED, Issue
from sim.engine.public import in_words
from sim.engine.row import ROW
from sim.world_table import DAY_COLUMNS, world_table


class Column(NamedTuple):
    """A column of the table of worlds.

    Attributes
    ----------
    name, type
        As in the file; ``text`` stands for a dictionary of names.
    unit
        Empty for names and pure numbers.
    """

    name: str
    type: str
    unit: str
    meaning: str


_MEANINGS = {
    "world": ("", "number of the world"),
    "member": ("", "number of its member"),
    "outcome": ("", "how the world ended: one of the five outcomes"),
    "first_truce_day": ("day", "day on which the first full truce took effect, null if none"),
    "truce_days": ("days", "time of full truces in force, the day on which one ended left out"),
    "full_truces": ("truces", "full truces agreed"),
    "partial_truces": ("truces", "partial truces that took effect"),
    "short_truces": ("pauses", "pauses by R that U kept"),
    "unilateral_pauses": ("pauses", "pauses that R declared, kept by U or not"),
    "ended_by": ("", "how the last full truce ended: incident, exit, or expiry after 30 days"),
    "broke_first": ("", "actor that broke the last full truce, null if it held"),
    "blocked_last": ("", "actor that blocked the last failed round; the second asked, if both did"),
    "blocked_issue": ("", "issue on which the package cost that actor most"),
    "momentum_end": ("momentum", "momentum of the front at the end, positive when R gains"),
    "sanctions_end": ("share of the fullest", "sanctions in force, without what a truce lifted"),
    "guarantee_end": ("share of the fullest", "the guarantee at the end"),
    "credibility_us_end": ("share", "belief in the word of the mediator"),
    "credibility_europe_end": ("share", "belief in the word of the blocs"),
    "worth_r": ("stakes", "what the world is worth to side R"),
    "worth_u": ("stakes", "what the world is worth to side U"),
    "signed_guarantee": ("share of the fullest", "guarantee at the last signature, null if none"),
    "signed_relief": ("share of those in force", "relief at the last signature, null if none"),
    **{
        f"x_{issue.name.lower()}": (
            "place, 0 best for U to 1 best for R",
            f"the package at the end on {issue.name.lower()}, null where it is not named",
        )
        for issue in Issue
        if issue < VALUED
    },
    **{
        f"signed_{issue.name.lower()}": (
            "place, 0 best for U to 1 best for R",
            f"the package at the last signature on {issue.name.lower()}, null where it was not "
            "named or nothing was signed",
        )
        for issue in Issue
        if issue < OFFERED
    },
}  # fmt: skip
_ROLES = {"r": "side R", "u": "side U", "mediator": "the mediator", "blocs": "the blocs"}


def columns(sides: Sequence[str] = ("R", "U")) -> tuple[Column, ...]:
    """Return the columns of a run's table in their order, without those of its own blocks.

    Parameters
    ----------
    sides
        The ids of the sides.

    Examples
    --------
    >>> columns()[0]
    Column(name='world', type='int64', unit='', meaning='number of the world')
    """
    schema = world_table(np.zeros(0, ROW), sides).schema
    events = {
        column: ("day", f"day on which this first happened: {in_words(event, _ROLES)}")
        for event, column in DAY_COLUMNS.items()
    }
    told = _MEANINGS | events
    kinds = {name: str(schema.field(name).type) for name in schema.names}
    return tuple(
        Column(name, "text" if kind.startswith("dictionary") else kind, *told[name])
        for name, kind in kinds.items()
    )
