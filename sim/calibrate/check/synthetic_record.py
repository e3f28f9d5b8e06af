"""Histories made up by the model itself, coded as the real one was: see `synthetic`."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.observations import ACTION, Ended, Kind, new_observations
from sim.calibrate.record import Record
from sim.engine.domain import NONE, Side, TruceEnd
from sim.engine.dtypes import Floats, Ints
from sim.engine.records import layout_of, new_workspace
from sim.evidence.statements import Event

BROUGHT_ABOUT = (Kind.PAUSE, Kind.MEDIATOR_LEAVES, Kind.PARTIAL_ENDS, Kind.TRUCE_ENDS)
"""What the rules bring about without being asked."""
WAR_SO_FAR = 2**60
"""The stream of luck by which the war before a history ended with a truce or did not."""


@dataclass(frozen=True)
class SyntheticHistories:
    """Histories that can be coded, and the truth behind each.

    Attributes
    ----------
    records
        What would have been coded of each.
    members, starts
        Who lived it, and the state on the last evening.
    log_chance
        Log of the chance of what is coded, changes of strikes left out.
    tried
        Of how many histories these are what could be coded.
    """

    records: tuple[Record, ...]
    members: NDArray[np.void]
    starts: NDArray[np.void]
    log_chance: Floats
    tried: int

    def __len__(self) -> int:
        return len(self.records)


def synthetic_histories(
    like: Record,
    members: NDArray[np.void],
    starts: NDArray[np.void],
    apart: NDArray[np.void],
    seed: int,
) -> SyntheticHistories:
    """Draw a history of the same structure by each member; keep those that can be coded.

    Left out as well are those before which the war had ended in a truce.

    Parameters
    ----------
    like
        Whose calendar, windows and levers are kept; what the rules bring about by themselves, as
        its pauses, is not.
    apart
        The numbers of each that the filter alone reads (`sim.calibrate.particles.APART`).
    seed
        Of the luck.
    """
    count, days = len(members), like.days
    asked = ~np.isin(like.actions["kind"], BROUGHT_ABOUT)
    kept_events = tuple(event for event, asks in zip(like.events, asked, strict=True) if asks)
    structure = dataclasses.replace(
        like, actions=_renumbered(like.actions, asked), events=kept_events
    )
    living = members.copy()
    living["round_rate"] = apart["rate"]
    from sim.calibrate.check.synthetic import Histories, draw_histories
    from sim.calibrate.entries import weigh_war_so_far

    found = Histories(
        actions=np.tile(structure.actions, (count, 1)),
        besides=np.zeros((count, days + 1), np.int64),
        coded=np.zeros(count, np.bool_),
        log_chance=np.zeros(count),
        ends=np.zeros(count, layout_of(members).start),
    )
    observations = new_observations(structure.actions, days)
    workspace = new_workspace(members, seed)
    draw_histories(like.agenda.course, living, starts, observations, workspace, found)
    before = np.zeros(count)
    occasions = np.ascontiguousarray(apart["occasions"])
    weigh_war_so_far(like.before, occasions, members, starts, workspace, before)
    luck = np.random.Generator(np.random.Philox(key=np.array([seed, WAR_SO_FAR], np.uint64)))
    kept = np.flatnonzero(found.coded & (luck.random(count) < np.exp(before)))
    records = tuple(_coded(structure, found.actions[n], found.besides[n]) for n in kept)
    return SyntheticHistories(
        records,
        members[kept],
        found.ends[kept],
        found.log_chance[kept] + before[kept],
        count,
    )


def _renumbered(actions: NDArray[np.void], stays: NDArray[np.bool_]) -> NDArray[np.void]:
    """Some of the actions, partners found again under their new numbers."""
    number = np.cumsum(stays) - 1
    kept: NDArray[np.void] = actions[stays].copy()
    partnered = kept["partner"] >= 0
    kept["partner"][partnered] = number[kept["partner"][partnered]]
    return kept


def _coded(structure: Record, actions: NDArray[np.void], besides: Ints) -> Record:
    """The record of a synthetic history: what stays of the structure, and what came besides."""
    stays = actions["kind"] != NONE
    events = [event for event, kept in zip(structure.events, stays, strict=True) if kept]
    rows = []
    for day in np.flatnonzero(besides).tolist():
        for kind, who, value in _came(int(besides[day])):
            rows.append((kind, who, value, NONE, NONE, day, day, math.nan, NONE))
            events.append(_event(structure, kind, day))
    both = np.concatenate([_renumbered(actions, stays), np.array(rows, ACTION)])
    return dataclasses.replace(structure, actions=both, events=tuple(events))


def _came(bits: int) -> Iterator[tuple[Kind, int, float]]:
    """Kind, actor and value of what came on a day, from its bits (`synthetic.besides`)."""
    from sim.calibrate.check.synthetic import LEFT, PARTIAL_ENDED, PAUSED, TRUCE_ENDED

    if bits & PAUSED:
        yield Kind.PAUSE, Side.R, NONE
    if bits & LEFT:
        yield Kind.MEDIATOR_LEAVES, NONE, 1.0
    if bits & PARTIAL_ENDED:
        yield Kind.PARTIAL_ENDS, NONE, 1.0
    for how, side in itertools.product((Ended.BY_INCIDENT, Ended.BY_EXIT), Side):
        end = TruceEnd.INCIDENT if how is Ended.BY_INCIDENT else TruceEnd.EXIT
        if bits & TRUCE_ENDED << (2 * end + side):
            yield Kind.TRUCE_ENDS, side, float(how)


def _event(structure: Record, kind: Kind, number: int) -> Event:
    day, word = structure.day(number), kind.name.lower()
    return Event(
        f"synthetic:{word}:{number}", "", 0, day, day, day, "", "", word, {}, "made up", ""
    )
