"""Ranks public events by what it is worth to know of them, alone, in pairs and in a tree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from sim.attribution.watch.conditional import LEVEL, Mask, Watched, crossed, sign_of, widened
from sim.attribution.watch.parts import Branch, Cell, Event, Pair, Split
from sim.engine.domain import Public
from sim.engine.dtypes import Floats

FEWEST = 100
"""Below so many worlds with an event, or without it, it is told apart and not ranked."""
SAME = 0.8
"""Two events are told once if of the worlds with either this share has both."""
PAIRS = 3
"""So many pairs are told, at most."""
FOLLOWS = 0.95
"""An event only follows on another if this share of its worlds has the other, too."""
DEPTH = 2
"""How many events the tree asks about, one after the other."""


def ranked_events(
    watched: Watched, parts: frozenset[Public], words: Callable[[Public], str]
) -> tuple[Event, ...]:
    """Return all public events, those worth watching first, then those told apart.

    Parameters
    ----------
    parts
        Events that are part of the outcome by its definition.
    words
        Says what an event is.
    """
    base = watched.base.mean
    found = [_event(watched, event, words(event), base) for event in Public]
    told = {one.public: one for one in found}
    for event in parts:
        if not told[event].apart:
            told[event] = told[event]._replace(apart="outcome")
    told |= _told_once(watched, [told[event] for event in Public])
    by_worth = sorted(told.values(), key=lambda one: -one.worth_knowing)
    return tuple(sorted(by_worth, key=lambda one: not one.ranked))


def _event(watched: Watched, event: Public, words: str, base: float) -> Event:
    seen = watched.seen[:, event]
    chance, happens, fails = watched.chance(seen), watched.odds(seen), watched.odds(~seen)
    changes = [(chance.mean, happens), (1.0 - chance.mean, fails)]
    worth = sum(share * (odds.mean - base) ** 2 for share, odds in changes if odds)
    variance = base * (1.0 - base)
    return Event(
        event,
        words,
        chance,
        happens,
        fails,
        watched.difference(seen, ~seen),
        worth,
        worth / variance if variance > 0.0 else 0.0,
        _apart(int(seen.sum()), len(seen), variance),
    )


def _apart(count: int, worlds: int, variance: float) -> str:
    if count == 0:
        return "never"
    if count == worlds:
        return "always"
    if variance == 0.0:
        return "settled"
    return "few" if min(count, worlds - count) < FEWEST else ""


def _told_once(watched: Watched, events: Sequence[Event]) -> dict[Public, Event]:
    """The events, with those that happen where another does told apart from it.

    First come the parts of the outcome, then the others, the one worth most to know first. One that
    happens in nearly the same worlds as one before it is not told again; one that happens hardly
    ever without a part of the outcome only follows on that.
    """
    order = sorted(
        (one for one in events if one.apart in ("", "outcome")),
        key=lambda one: (one.ranked, -one.worth_knowing),
    )
    counts = crossed(watched.seen, np.ones(len(watched.hit), np.int64))
    both, either = counts[True, True], len(watched.hit) - counts[False, False]
    found = {one.public: one for one in events}
    parts = [one.public for one in order if not one.ranked]
    stand: list[Public] = []
    for one in (one for one in order if one.ranked):
        event = one.public
        same = [x for x in (*parts, *stand) if both[event, x] >= SAME * either[event, x]]
        after = [x for x in parts if both[event, x] >= FOLLOWS * both[event, event]]
        if same:
            found[event] = one._replace(apart="same", same_as=same[0])
        elif after:
            found[event] = one._replace(apart="follows", same_as=after[0])
        else:
            stand.append(event)
    return found


# ------------------------------------------------------------------ pairs


def best_pairs(watched: Watched, events: Sequence[Event]) -> tuple[Pair, ...]:
    """Return the pairs of ranked events that explain most, if clearly more than the better one.

    What two events explain beyond one of them is, where they tell nothing more, chi-squared with
    two degrees of freedom in units of the variance over the number of worlds. The bound allows for
    all pairs.
    """
    ranked = [one for one in events if one.ranked]
    pairs = list(combinations(range(len(ranked)), 2))
    if not pairs:
        return ()
    explained = _explained(watched, [one.public for one in ranked])
    alone = [one.explains for one in ranked]
    gains = {(a, b): float(explained[a, b]) - max(alone[a], alone[b]) for a, b in pairs}
    least = 2.0 * math.log(len(pairs) / LEVEL) / len(watched.hit)
    clear = sorted((p for p in pairs if gains[p] > least), key=lambda p: -explained[p])
    found = []
    for a, b in clear[:PAIRS]:
        both = ranked[a].public, ranked[b].public
        cells = tuple(_cells(watched, both))
        found.append(Pair(both, cells, float(explained[a, b]), gains[a, b]))
    return tuple(found)


def _explained(watched: Watched, events: Sequence[Public]) -> Floats:
    """Share of the outcome's variance that each two events explain, from counts of all worlds."""
    seen, hit = watched.seen[:, list(events)], watched.hit.astype(np.int64)
    worlds, base = len(hit), float(hit.mean())
    counts, hits = crossed(seen, np.ones_like(hit)), crossed(seen, hit)
    total: Floats = np.zeros((len(events), len(events)))
    for happened, count in counts.items():
        odds = np.divide(hits[happened], count, out=np.full_like(count, base), where=count > 0.0)
        total += count / worlds * (odds - base) ** 2
    return total / (base * (1.0 - base))


def _cells(watched: Watched, events: tuple[Public, Public]) -> Iterator[Cell]:
    for happened, which in cells_of(watched, events).items():
        yield Cell(happened, float(which.mean()), watched.odds(which) if which.any() else None)


def cells_of(watched: Watched, events: tuple[Public, Public]) -> dict[tuple[bool, bool], Mask]:
    """Return the worlds by whether each of two events happened."""
    one, two = (watched.seen[:, event] for event in events)
    return {
        (first, second): (one == first) & (two == second)
        for first in (True, False)
        for second in (True, False)
    }


# ------------------------------------------------------------------ a tree


def best_split(
    watched: Watched, events: Sequence[Event], within: Mask | None = None, depth: int = DEPTH
) -> Split | None:
    """Return the event worth most among some worlds, and the same within each of its branches.

    None if no event clearly moves the odds there, allowing for how many were looked at.
    """
    within = watched.every if within is None else within
    ranked = [one.public for one in events if one.ranked]
    worths = _worths(watched, ranked, within)
    looked = len(worths)
    for event in sorted(worths, key=lambda one: -worths[one]):
        seen = watched.seen[:, event]
        found = watched.difference(within & seen, within & ~seen)
        if found is not None and sign_of(widened(found, looked)):
            branches = (
                _branch(watched, events, within & which, depth - 1) for which in (seen, ~seen)
            )
            return Split(event, *branches)
    return None


def _worths(watched: Watched, events: Sequence[Public], within: Mask) -> Mapping[Public, float]:
    """What it is worth among some worlds to know of each event that is neither rare nor sure."""
    seen, hit = watched.seen[within][:, list(events)], watched.hit[within]
    worlds, hits = len(hit), int(hit.sum())
    found = {}
    for event, column in zip(events, seen.T, strict=True):
        count = int(column.sum())
        if min(count, worlds - count) >= FEWEST:
            came = int((column & hit).sum())
            apart = came / count - (hits - came) / (worlds - count)
            found[event] = count * (worlds - count) / worlds**2 * apart**2
    return found


def _branch(watched: Watched, events: Sequence[Event], within: Mask, depth: int) -> Branch:
    odds = watched.odds(within)
    assert odds is not None
    split = best_split(watched, events, within, depth) if depth else None
    return Branch(float(within.mean()), odds, split)
