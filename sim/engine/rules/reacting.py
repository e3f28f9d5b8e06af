"""What reacts to public events: a condition is met on an evening, and acts from the day after.

Levers that a block sets, and moves that it imposes, come into force on the day after its condition
is met. No side foresees either: it learns of a lever when it is set.
"""

from __future__ import annotations

from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, STRIKES_RISE, Public
from sim.engine.dtypes import Records
from sim.engine.jit import compiled, compiled_apart
from sim.engine.reactions import NEVER, Reacting, Reaction
from sim.engine.records import Day, Start, State, Workspace
from sim.engine.row import Row
from sim.engine.rules import imposed, rows
from sim.engine.streams import throw_anew

DRIFT = 1 << Public.STRIKES_R | 1 << Public.STRIKES_U | 1 << Public.PATIENCE_THIN
"""What comes about without anyone's decision, as bits."""


@compiled
def is_met(reaction: Reaction, evening: int, count: int, set_off: int) -> bool:
    """Whether a block's condition is met on an evening.

    Parameters
    ----------
    count
        On how many days its events have happened, of those that count.
    set_off
        The day on which what it does last began, or NONE.
    """
    if evening < reaction.first_evening or evening > reaction.last_evening:
        return False
    if set_off != NONE and not reaction.again:
        return False
    if reaction.absent:
        return evening >= reaction.within and count < reaction.times
    if reaction.events == 0:
        return evening >= reaction.after
    return count >= reaction.times


@compiled
def counts(reaction: Reaction, day: int, happened: int) -> bool:
    """Whether a day counts for a block, given what happened on it."""
    return reaction.events & happened != 0 and reaction.after < day <= reaction.within


@compiled
def set_off(reaction: Reaction, n: int, evening: int, reacting: Reacting, today: Day) -> None:
    """Let a block do what it does, from tomorrow on: its levers are set, its move is imposed."""
    reacting.count[n] = 0
    reacting.set_off[n] = evening + 1
    reacting.row |= reaction.levers
    if reaction.move == NONE:
        if reacting.first[n] == NONE:
            reacting.first[n] = evening + 1
        return
    today.imposed.events |= 1 << reaction.move
    if reaction.move == Public.PARTIAL_BEGINS:
        today.imposed.scope = reaction.scope
    elif reaction.move == Public.PAUSE_R:
        today.imposed.days = reaction.days
    elif Public.MEDIATOR_SANCTIONS <= reaction.move <= Public.ARMS_PAUSE:
        today.imposed.size[reaction.move - Public.MEDIATOR_SANCTIONS] = reaction.size


@compiled
def clear_imposed(today: Day) -> None:
    """Impose nothing."""
    today.imposed.events = 0
    today.imposed.scope = NONE
    today.imposed.days = 0
    for threat in range(len(today.imposed.size)):
        today.imposed.size[threat] = float("nan")


@compiled
def look(reactions: Records, evening: int, reacting: Reacting, today: Day, happened: int) -> None:
    """Look at every block on an evening: count, set off, and take levers back whose time is over.

    Parameters
    ----------
    happened
        The public events of the day that ends, as bits.
    """
    clear_imposed(today)
    reacting.looked = evening
    reacting.next_look = NEVER
    for n in range(len(reactions)):
        reaction: Reaction = reactions[n]
        if counts(reaction, evening, happened):
            reacting.count[n] += 1
        if is_met(reaction, evening, reacting.count[n], reacting.set_off[n]):
            set_off(reaction, n, evening, reacting, today)
        elif reaction.lasts > 0 and evening == reacting.set_off[n] + reaction.lasts - 1:
            reacting.row &= ~reaction.levers
        reacting.next_look = min(
            reacting.next_look, next_evening(reaction, evening, reacting.set_off[n])
        )
    if reacting.watched & DRIFT != 0 or reacting.carried != 0:
        reacting.next_look = evening + 1
    if today.imposed.events != 0:
        reacting.next_look = evening


@compiled
def next_evening(reaction: Reaction, evening: int, set_off: int) -> int:
    """The next evening on which a block may do something although no event calls for it."""
    found = NEVER
    if reaction.lasts > 0 and set_off + reaction.lasts - 1 > evening:
        found = set_off + reaction.lasts - 1
    waits = reaction.first_evening
    if reaction.events == 0:
        waits = max(waits, reaction.after)
    elif reaction.absent:
        waits = max(waits, reaction.within)
    return min(found, waits) if waits > evening else found


@compiled_apart
def begin_reacting(agenda: Agenda, start: Start, workspace: Workspace) -> None:
    """Begin with nothing counted, and set off what begins on the first day."""
    reacting = workspace.reacting
    reacting.noted = 0
    reacting.watched = 0
    reacting.carried = 0
    reacting.drifted = 0
    for n in range(len(agenda.reactions)):
        reacting.watched |= agenda.reactions[n].events
        reacting.count[n] = 0
        reacting.set_off[n] = NONE
        reacting.first[n] = NONE
    look(agenda.reactions, 0, reacting, workspace.today, 0)
    if start.truce_starts > 0:
        reacting.next_look = min(reacting.next_look, start.truce_starts)


@compiled
def begin(agenda: Agenda, start: Start, workspace: Workspace) -> None:
    """Put the row of the agenda's levers in force; to be called before a world begins."""
    workspace.reacting.row = 0
    workspace.reacting.next_look = NEVER
    workspace.today.imposed.events = 0
    workspace.today.imposed.days = 0
    if len(agenda.reactions) > 0:
        begin_reacting(agenda, start, workspace)


# ------------------------------------------------------------------ from day to day


@compiled
def drift(state: State, reacting: Reacting) -> int:
    """What came about by this evening, not by anyone's decision, and was not told before: bits."""
    found = 0
    for side in range(2):
        if state.strike[side] > state.strike_told[side]:
            found |= 1 << (Public.STRIKES_R + side)
    if state.patience < state.patience_told:
        found |= 1 << Public.PATIENCE_THIN
    found &= ~reacting.drifted
    reacting.drifted |= found
    return found


@compiled
def note_moves(reactions: Records, day: int, reacting: Reacting, happened: int) -> None:
    """Note which moves were made for the first time on a day; the rules may have left no room."""
    for n in range(len(reactions)):
        reaction: Reaction = reactions[n]
        begins = reacting.first[n] == NONE and reacting.set_off[n] == day
        if begins and reaction.move != NONE and happened >> reaction.move & 1 != 0:
            reacting.first[n] = day


@compiled
def end_day(agenda: Agenda, workspace: Workspace, evening: int) -> None:
    """Set what was imposed at the end of a day, then look at every block."""
    state, today, reacting = workspace.state, workspace.today, workspace.reacting
    happened, announced = reacting.carried, 0
    if reacting.noted == evening:
        happened |= today.happened
        announced = today.announced
    if today.imposed.events != 0:
        imposed.set_evening(workspace.member, state, workspace.policy, today, STRIKES_RISE)
    happened |= drift(state, reacting)
    if state.truce_starts == evening:
        happened |= 1 << Public.TRUCE_BEGINS
    note_moves(agenda.reactions, evening, reacting, happened | announced)
    reacting.carried = announced
    look(agenda.reactions, evening, reacting, today, happened)


@compiled_apart
def begin_day(agenda: Agenda, workspace: Workspace) -> None:
    """Begin a day on which something may have reacted, is imposed, or is thrown anew.

    To be called when the day's luck has been dealt, before its levers are looked up.
    """
    clock, today, reacting = workspace.clock, workspace.today, workspace.reacting
    if clock.anew.purposes != 0:
        throw_anew(clock, today)
    if clock.day > reacting.next_look:
        if clock.day - 1 > reacting.looked:
            end_day(agenda, workspace, clock.day - 1)
        if today.imposed.events != 0:
            imposed.force_luck(workspace.state, today)
            reacting.next_look = clock.day


@compiled_apart
def settle(workspace: Workspace, row: Row) -> None:
    """Impose what is left of a day on which something happens, and note its public events.

    To be called between `decide` and `sim.engine.rules.day.apply_day`.
    """
    clock, member, state = workspace.clock, workspace.member, workspace.state
    today, reacting = workspace.today, workspace.reacting
    today.happened = 0
    today.announced = 0
    reacting.noted = clock.day
    if today.imposed.events != 0:
        imposed.set_rest(clock, member, state, workspace.policy, today)
        rows.note_set(clock, today, row)
    rows.note_events(clock, member, state, workspace.package, today, row)
    if (today.happened | today.announced) & reacting.watched != 0:
        reacting.next_look = clock.day


@compiled_apart
def end_world(agenda: Agenda, workspace: Workspace, row: Row) -> None:
    """Note on which day each block first did what it says; the last day has not been looked at."""
    clock, today, reacting = workspace.clock, workspace.today, workspace.reacting
    if reacting.noted == clock.day and clock.day > reacting.looked:
        happened = today.happened | today.announced
        note_moves(agenda.reactions, clock.day, reacting, happened)
    for n in range(len(agenda.reactions)):
        row.reaction_day[n] = reacting.first[n]
