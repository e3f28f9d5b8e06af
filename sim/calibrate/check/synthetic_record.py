"""Histories made up by the model itself, coded as the real one was: see `synthetic`."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.observations import ACTION, Kind, new_observations
from sim.calibrate.record import Record
from sim.engine.domain import NONE, Side
from sim.engine.dtypes import Floats, Ints
from sim.engine.records import layout_of, new_workspace
from sim.evidence.statements import Event

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
        Whose calendar, windows and levers are kept; its pauses are not, the rules declare them.
    apart
        The numbers of each that the filter alone reads (`sim.calibrate.particles.APART`).
    seed
        Of the luck.
    """
    count, days = len(members), like.days
    kept_events = tuple(
        event
        for event, action in zip(like.events, like.actions, strict=True)
        if action["kind"] != Kind.PAUSE
    )
    structure = dataclasses.replace(like, actions=_renumbered(like.actions), events=kept_events)
    living = members.copy()
    living["round_rate"] = apart["rate"]
    from sim.calibrate.check.synthetic import Histories, draw_histories
    from sim.calibrate.war_so_far import weigh_war_so_far

    found = Histories(
        actions=np.tile(structure.actions, (count, 1)),
        paused=np.zeros((count, days + 1), np.bool_),
        coded=np.zeros(count, np.bool_),
        log_chance=np.zeros(count),
        ends=np.zeros(count, layout_of(members).start),
    )
    observations = new_observations(structure.actions, days)
    workspace = new_workspace(members, seed)
    draw_histories(like.agenda, living, starts, observations, workspace, found)
    before = np.zeros(count)
    occasions = np.ascontiguousarray(apart["occasions"])
    weigh_war_so_far(like.before, occasions, members, starts, workspace, before)
    luck = np.random.Generator(np.random.Philox(key=np.array([seed, WAR_SO_FAR], np.uint64)))
    kept = np.flatnonzero(found.coded & (luck.random(count) < np.exp(before)))
    records = tuple(
        _coded(structure, found.actions[n], np.flatnonzero(found.paused[n])) for n in kept
    )
    return SyntheticHistories(
        records,
        members[kept],
        found.ends[kept],
        found.log_chance[kept] + before[kept],
        count,
    )


def _renumbered(actions: NDArray[np.void]) -> NDArray[np.void]:
    """The actions without pauses, partners found again under their new numbers."""
    stays = actions["kind"] != Kind.PAUSE
    number = np.cumsum(stays) - 1
    kept: NDArray[np.void] = actions[stays].copy()
    partnered = kept["partner"] >= 0
    kept["partner"][partnered] = number[kept["partner"][partnered]]
    return kept


def _coded(structure: Record, actions: NDArray[np.void], pauses: Ints) -> Record:
    """The record of a synthetic history: the structure's actions, and the pauses."""
    rows = [
        (Kind.PAUSE, Side.R, NONE, NONE, NONE, day, day, math.nan, NONE) for day in pauses.tolist()
    ]
    events = structure.events + tuple(_pause(structure, day) for day in pauses.tolist())
    both = np.concatenate([actions, np.array(rows, ACTION)])
    return dataclasses.replace(structure, actions=both, events=events)


def _pause(structure: Record, number: int) -> Event:
    day = structure.day(number)
    name = f"synthetic:pause:{number}"
    return Event(name, "", 0, day, day, day, "", "", "short_truce", {}, "synthetic", "")
