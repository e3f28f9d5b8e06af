"""What cannot have happened in the order in which a record has it.

A collapse needs a truce, an answer needs a war in which it is asked for. An event whose day is
known only to lie in a window is told of if no day of its window will do.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.meanings import refused
from sim.calibrate.observations import Kind
from sim.engine.domain import NONE, TRUCE_DAYS, Answer, Side, Threat
from sim.errors import CalibrationError
from sim.evidence.statements import Event

NEVER = 10**9


class Stretch(NamedTuple):
    """Days on which something was so: it began within a window and ended within another.

    Attributes
    ----------
    earliest, latest
        The first day of it, at the earliest and at the latest.
    until_earliest, until_latest
        The last day of it, at the earliest and at the latest.
    """

    earliest: int
    latest: int
    until_earliest: int
    until_latest: int

    def since(self, earliest: int, latest: int) -> Stretch:
        """Return the same stretch, begun earlier."""
        return Stretch(earliest, latest, self.until_earliest, self.until_latest)

    def may_hold(self, action: np.void) -> bool:
        """Whether it may have been so on some day of an action's window."""
        return bool(
            action["last_day"] >= self.earliest and action["first_day"] <= self.until_latest
        )

    def follows(self, action: np.void) -> bool:
        """Whether it may have begun on the day after an action."""
        return bool(action["first_day"] < self.latest)

    def must_hold(self, action: np.void) -> bool:
        """Whether it was so on every day of an action's window."""
        return bool(
            action["first_day"] >= self.latest and action["last_day"] <= self.until_earliest
        )


def out_of_order(actions: NDArray[np.void], events: Sequence[Event]) -> list[CalibrationError]:
    """List what cannot be imposed since something else of the record does not allow it.

    Parameters
    ----------
    actions
        The record's actions (`sim.calibrate.observations.ACTION`).
    events
        The event behind each.
    """
    both = list(_truces(actions))
    truces, agreed = [truce for truce, _ in both], [stretch for _, stretch in both]
    faults = (
        *_of_truces(actions, events, truces, agreed),
        *_of_partial(actions, events),
        *_of_mediator(actions, events),
        *_of_arms(actions, events),
        *_clashes(actions, events),
    )
    return list({str(fault): fault for fault in faults}.values())


def _of_kind(actions: NDArray[np.void], *kinds: Kind) -> list[int]:
    """The numbers of the actions of some kinds, by their days."""
    chosen = np.flatnonzero(np.isin(actions["kind"], kinds))
    days = actions[chosen]
    return [int(n) for n in chosen[np.lexsort((days["last_day"], days["first_day"]))]]


# ------------------------------------------------------------------ full truces


def _truces(actions: NDArray[np.void]) -> Iterator[tuple[Stretch, Stretch]]:
    """The full truces of the record: two acceptances of one round, to collapse or term.

    Each is given with the stretch from the day after it was agreed, on which none can be asked for.
    """
    ends = _of_kind(actions, Kind.TRUCE_ENDS)
    for n in _of_kind(actions, Kind.ANSWER):
        partner = int(actions["partner"][n])
        if partner < n or (actions["value"][[n, partner]] != Answer.ACCEPT).any():
            continue
        both = actions[[n, partner]]
        starts = int(both["starts"].max())
        agreed = (int(both["first_day"].max()) + 1, int(both["last_day"].max()) + 1)
        earliest, latest = (max(starts, day) for day in agreed)
        after = [m for m in ends if actions["last_day"][m] >= earliest]
        first, last = earliest + TRUCE_DAYS - 1, latest + TRUCE_DAYS - 1
        if after and actions["first_day"][after[0]] <= last:
            first, last = (int(actions[day][after[0]]) for day in ("first_day", "last_day"))
        truce = Stretch(earliest, latest, first, last)
        yield truce, truce.since(*agreed)


IN_WAR = (Kind.ANSWER, Kind.ROUND, Kind.PAUSE, Kind.PARTIAL_STARTS, Kind.PARTIAL_ANSWER)
"""What cannot be while a full truce is in force."""


def _of_truces(
    actions: NDArray[np.void],
    events: Sequence[Event],
    truces: Sequence[Stretch],
    agreed: Sequence[Stretch],
) -> Iterator[CalibrationError]:
    lasting = list(truces)
    for n in _of_kind(actions, Kind.TRUCE_ENDS):
        ended = next((truce for truce in lasting if truce.may_hold(actions[n])), None)
        if ended is not None:
            lasting.remove(ended)
        else:
            todo = "Add the row that is missing: truce_starts, or the two acceptances of one round."
            yield refused(events[n], "ends a full truce that was not in force.", todo)
    for n in _of_kind(actions, Kind.GUARANTOR):
        ends = [m for m in _of_kind(actions, Kind.TRUCE_ENDS) if actions["who"][m] != Side.U]
        if not any(actions["first_day"][m] <= actions["last_day"][n] for m in ends):
            todo = "Add the row that is missing: truce_collapses."
            yield refused(events[n], "answers a breach that the record does not have.", todo)
    for stretch in agreed:
        for n in _of_kind(actions, *IN_WAR):
            if stretch.must_hold(actions[n]):
                todo = "Correct its days, or add the row that is missing: truce_collapses."
                what = "falls on a day on which a full truce is agreed or in force."
                yield refused(events[n], what, todo)
    ordered = sorted(truces)
    for one, other in itertools.pairwise(ordered):
        if other.latest <= one.until_earliest:
            last = [n for n in _of_kind(actions, Kind.ANSWER) if other.follows(actions[n])][-1]
            todo = "Add the row that is missing: truce_collapses."
            yield refused(events[last], "agrees a truce while another is in force.", todo)


# ------------------------------------------------------------------ partial truces


def _of_partial(actions: NDArray[np.void], events: Sequence[Event]) -> Iterator[CalibrationError]:
    """One partial truce at a time; what is ended early must have begun."""
    now: Stretch | None = None
    scope = NONE
    for n in _of_kind(actions, Kind.PARTIAL_STARTS, Kind.PARTIAL_ENDS):
        action = actions[n]
        if action["kind"] == Kind.PARTIAL_ENDS:
            if now is None or not now.may_hold(action):
                todo = "Add the row that is missing: partial_truce_starts."
                yield refused(events[n], "ends a partial truce that was not in force.", todo)
            elif action["scope"] not in (NONE, scope):
                what = "ends a partial truce of another scope than the one in force."
                yield refused(events[n], what)
            now = None
        elif action["value"] > 0.0:
            first, last = int(action["first_day"]) + 1, int(action["last_day"]) + 1
            if now is not None and now.latest <= first and last <= now.until_earliest:
                todo = "Add the row that is missing: partial_truce_ends with early=yes."
                yield refused(events[n], "begins while another partial truce is in force.", todo)
            term, scope = TRUCE_DAYS - 1, int(action["scope"])
            now = Stretch(first, last, first + term, last + term)


# ------------------------------------------------------------------ the mediator


def _of_mediator(actions: NDArray[np.void], events: Sequence[Event]) -> Iterator[CalibrationError]:
    """The mediator leaves and returns in turn, and puts nothing while it is gone."""
    gone: list[Stretch] = []
    away = None
    for n in _of_kind(actions, Kind.MEDIATOR_LEAVES, Kind.MEDIATOR_RETURNS):
        action = actions[n]
        leaves = action["kind"] == Kind.MEDIATOR_LEAVES
        if leaves == (away is not None):
            missing = "mediator_returns" if leaves else "mediator_leaves"
            what = "leaves, but had left already." if leaves else "returns, but had not left."
            yield refused(events[n], what, f"Add the row that is missing: {missing}.")
        if leaves:
            away = action
        elif away is not None:
            gone.append(_between(away, int(action["first_day"]), int(action["last_day"])))
            away = None
    if away is not None:
        gone.append(_between(away, NEVER, NEVER))
    for stretch in gone:
        for n in _of_kind(actions, Kind.ROUND):
            if stretch.must_hold(actions[n]):
                todo = "Add the row that is missing: mediator_returns."
                yield refused(events[n], "is a round of a mediator that had left.", todo)


def _between(left: np.void, first: int, last: int) -> Stretch:
    """The days from the one after it left to one of a window."""
    return Stretch(int(left["first_day"]) + 1, int(left["last_day"]) + 1, first, last)


def _of_arms(actions: NDArray[np.void], events: Sequence[Event]) -> Iterator[CalibrationError]:
    """Arms supply is taken up again only after a cut."""
    cuts = actions["first_day"][_cuts(actions)]
    for n in _of_kind(actions, Kind.ARMS_CUT):
        if actions["value"][n] == 0.0 and not (cuts <= actions["last_day"][n]).any():
            todo = "Add the row that is missing: arms_pause_begins."
            yield refused(events[n], "ends a cut in arms supply that was not made.", todo)


def _cuts(actions: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which actions cut arms supply: a threat carried out, or a cut that nobody had threatened."""
    threatened = (actions["kind"] == Kind.DECISION) & (actions["who"] == Threat.AID)
    done = actions["value"] > 0.0
    cut: NDArray[np.bool_] = (threatened | (actions["kind"] == Kind.ARMS_CUT)) & done
    return cut


# ------------------------------------------------------------------ two things on one day


def _clashes(actions: NDArray[np.void], events: Sequence[Event]) -> Iterator[CalibrationError]:
    """No day may have to be two things at once.

    Two answers of one day are one round, so answers to two proposals need different days; two
    changes of one side's strikes would guide the same draws twice; there is one pause at a time,
    and one decision on a threat.
    """
    for kind in (Kind.ANSWER, Kind.STRIKES, Kind.PAUSE, Kind.DECISION):
        numbers = _of_kind(actions, kind)
        for place, n in enumerate(numbers):
            for before in numbers[:place]:
                if _at_odds(actions[before], actions[n], events[before].round == events[n].round):
                    what = f"may fall on the same day as {events[before].id}."
                    yield refused(events[n], what)


def _at_odds(one: np.void, other: np.void, same_round: bool) -> bool:
    """Whether two actions of a kind could not both be imposed on a day that they share."""
    if one["last_day"] < other["first_day"] or other["last_day"] < one["first_day"]:
        return False
    if one["kind"] in (Kind.STRIKES, Kind.DECISION):
        return bool(one["who"] == other["who"])
    return one["kind"] == Kind.PAUSE or not same_round
