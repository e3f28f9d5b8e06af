"""What would have to be seen by a day for another of two scenarios to be the better one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from sim.attribution.watch.conditional import LEVEL, Watched, crossed, sign_of, widened
from sim.attribution.watch.parts import Against, Event, Turning
from sim.attribution.watch.rank import FEWEST
from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, Public
from sim.engine.dtypes import Ints
from sim.engine.reactions import joined
from sim.experiments.differences import Difference


def switched(first: Agenda, second: Agenda, day: int) -> Agenda:
    """Return the agenda that goes on as another from the morning after a day.

    Blocks of the first act up to that day. Those of the second are looked at from its evening on:
    a condition that was met before is met then, and a move that lies before it is not made.

    Parameters
    ----------
    first, second
        Of the same days and the same calendar.
    day
        The last day of the first.
    """
    before, after = first.blocks.copy(), second.blocks.copy()
    before["last_evening"] = np.minimum(before["last_evening"], day - 1)
    past = (after["events"] == 0) & (after["move"] != NONE) & (after["after"] < day)
    after["first_evening"] = day
    after["last_evening"][past] = NONE
    after["levers"] *= len(first.segments)
    later = np.arange(first.days + 1) > day
    segments = np.where(
        later,
        np.repeat(second.segments + len(first.policies), len(first.segments), axis=0),
        np.tile(first.segments, (len(second.segments), 1)),
    )
    policies: NDArray[np.void] = np.concatenate([first.policies, second.policies])
    return Agenda(policies, segments, first.calendar, joined(before, after))


def turned_events(watched: Watched, events: Sequence[Event], change: Ints) -> tuple[Event, ...]:
    """Return the events with the difference of two scenarios where each happens or does not.

    Parameters
    ----------
    change
        1 where the outcome comes under the second scenario only, -1 where it is lost, else 0.
    """
    found = []
    for one in events:
        seen = watched.seen[:, one.public]
        turned = (watched.mean(seen, change), watched.mean(~seen, change))
        found.append(one._replace(turned=turned))
    return tuple(found)


def against(
    watched: Watched, events: Sequence[Event], change: Ints, difference: Difference
) -> Against:
    """Say what is the least evidence after which the better of two scenarios is another.

    One event first, then two. Of several, the one of largest chance. The level is halved between
    single events and pairs, and shared out among all of each kind.

    Parameters
    ----------
    events
        From `turned_events`.
    change
        As there.
    difference
        Of the second scenario from the first, in all worlds.
    """
    base = sign_of(difference.mc)
    there = [one.public for one in events if one.apart in ("", "outcome", "follows")]
    singles = [((event,), (came,)) for event in there for came in (True, False)]
    turn = _largest(watched, singles, len(singles), change, base)
    looked = len(singles)
    if turn is None:
        pairs, number = _pairs(watched, there, change, base)
        turn = _largest(watched, pairs, number, change, base)
        looked += number
    return Against(difference, turn, looked)


_Seen = tuple[tuple[Public, ...], tuple[bool, ...]]


def _pairs(
    watched: Watched, events: Sequence[Public], change: Ints, base: int
) -> tuple[list[_Seen], int]:
    """What may be seen of two events that could turn it, and how many kinds there are to look at.

    Left out are sums of the sign of all worlds, and those within their standard error were all
    worlds independent; the bound of a claim lies several of them from 0.
    """
    seen = watched.seen[:, list(events)]
    counts, sums, squares = (crossed(seen, change**power) for power in range(3))
    found: list[_Seen] = []
    number = 0
    for a, b in combinations(range(len(events)), 2):
        for happened in counts:
            if counts[happened][a, b] < FEWEST:
                continue
            number += 1
            total = sums[happened][a, b]
            if np.sign(total) != base and total**2 > squares[happened][a, b]:
                found.append(((events[a], events[b]), happened))
    return found, number


def _largest(
    watched: Watched, kinds: Sequence[_Seen], looked: int, change: Ints, base: int
) -> Turning | None:
    """The evidence of largest chance after which the sign is clearly not that of all worlds."""
    found = []
    for events, happened in kinds:
        which = (watched.seen[:, list(events)] == happened).all(axis=1)
        mean = watched.mean(which, change)
        assert mean is not None
        if sign_of(widened(mean, looked, LEVEL / 2.0)) not in (0, base):
            found.append(Turning(events, happened, float(which.mean()), mean))
    return max(found, key=lambda one: one.chance, default=None)
