"""Made-up worlds to watch, with odds that are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.attribution.watch.conditional import Watched
from sim.attribution.watch.parts import Event
from sim.attribution.watch.rank import ranked_events
from sim.engine.domain import Outcome, Public
from sim.experiments.kernel import COUNTED
from sim.experiments.paired import paired_with

R, U = Public.ACCEPTS_R, Public.ACCEPTS_U
NOBODY: frozenset[Public] = frozenset()
HELD, NOT = Outcome.HELD, Outcome.NO_TRUCE


def watched_of(
    *,
    seed: int,
    members: int,
    each: int,
    ensemble: int | None = None,
    chance: float = 0.3,
    spread: float = 0.2,
    lift: float = 0.0,
    second: float = 0.0,
    parity: float = 0.0,
    others: int = 0,
) -> Watched:
    """Worlds of members whose own odds lie about .25, ``spread`` apart at the most.

    ``R`` happens with ``chance`` and lifts the odds by ``lift``; ``U`` happens with .5 and lifts
    them by ``second``; they fall by ``parity`` where both happen or neither. ``others`` more
    events happen with .2 and tell nothing; no other event ever happens.
    """
    rng = np.random.default_rng(seed)
    member = np.repeat(np.arange(members), each)
    seen = np.zeros((len(member), len(Public)), bool)
    seen[:, R] = rng.random(len(member)) < chance
    seen[:, U] = rng.random(len(member)) < 0.5
    free = [event for event in Public if event not in (R, U)][:others]
    seen[:, free] = rng.random((len(member), len(free))) < 0.2
    own = 0.25 + spread * (rng.random(members) - 0.5)
    odds = own[member] + lift * seen[:, R] + second * seen[:, U]
    if parity:
        odds = 0.5 + np.where(seen[:, R] == seen[:, U], -0.5, 0.5) * parity
    return Watched(member, rng.random(len(member)) < odds, seen, ensemble or members)


def found_in(watched: Watched) -> tuple[Event, ...]:
    """The events of made-up worlds, of which a truce that begins is part of the outcome."""
    return ranked_events(watched, frozenset([Public.TRUCE_BEGINS]), lambda event: event.name)


def events_of(events: Sequence[Event], *which: Public) -> list[Event]:
    """Some of the events, in the order asked for."""
    told = {one.public: one for one in events}
    return [told[event] for event in which]


def change_of(watched, seed, *, gain, loss, turns=(), change=None):
    """What another policy changes in each world, and the difference of the odds.

    Worlds gain with one chance and lose with the other; where all events of ``turns`` happened it
    is the other way round.
    """
    rng = np.random.default_rng(1000 + seed)
    if change is None:
        u = rng.random(len(watched.hit))
        change = np.where(u < gain, 1, np.where(u < gain + loss, -1, 0))
        turned = [turns] if isinstance(turns, Public) else list(turns)
        if turned:
            change = np.where(watched.seen[:, turned].all(axis=1), -change, change)
    rows = np.zeros((2, len(change)), COUNTED)
    rows["world"], rows["member"] = np.arange(len(change)), watched.member
    rows["outcome"][0] = np.where(change < 0, HELD, NOT)
    rows["outcome"][1] = np.where(change > 0, HELD, NOT)
    return change, paired_with(*rows, watched.members, [HELD]).difference
