"""What reacts to public events: conditions are looked at every evening, and act from the day after.

Levers that a block sets, and moves that it imposes, come into force on the day after its condition
is met. No side foresees either: it learns of a lever when it is set.
"""

from __future__ import annotations

from sim.engine.agenda import Agenda
from sim.engine.domain import NONE, STRIKES_RISE, Public
from sim.engine.dtypes import Records
from sim.engine.jit import compiled, compiled_apart
from sim.engine.reactions import Reacting, Reaction
from sim.engine.records import Clock, Day, State, Workspace
from sim.engine.row import Row
from sim.engine.rules import imposed, rows


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
        return evening == reaction.within and count < reaction.times
    if reaction.events == 0:
        return evening == reaction.after
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


@compiled_apart
def react(reactions: Records, evening: int, reacting: Reacting, today: Day, happened: int) -> None:
    """Look at every block on an evening: count, set off, and take levers back whose time is over.

    Parameters
    ----------
    happened
        The public events of the day that ends, as bits.
    """
    clear_imposed(today)
    for n in range(len(reactions)):
        reaction: Reaction = reactions[n]
        if counts(reaction, evening, happened):
            reacting.count[n] += 1
        if is_met(reaction, evening, reacting.count[n], reacting.set_off[n]):
            set_off(reaction, n, evening, reacting, today)
        elif reaction.lasts > 0 and evening == reacting.set_off[n] + reaction.lasts - 1:
            reacting.row &= ~reaction.levers


@compiled_apart
def begin_reacting(agenda: Agenda, workspace: Workspace) -> None:
    """Begin with nothing counted, and set off what begins on the first day."""
    reacting, today = workspace.reacting, workspace.today
    reacting.carried = 0
    reacting.drifted = 0
    for n in range(len(agenda.reactions)):
        reacting.count[n] = 0
        reacting.set_off[n] = NONE
    react(agenda.reactions, 0, reacting, today, 0)


@compiled
def begin(agenda: Agenda, workspace: Workspace) -> None:
    """Put the row of the agenda's levers in force; to be called before a world begins."""
    workspace.reacting.row = 0
    workspace.today.imposed.events = 0
    workspace.today.imposed.days = 0
    if len(agenda.reactions) > 0:
        begin_reacting(agenda, workspace)


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
def note_moves(
    reactions: Records, clock: Clock, reacting: Reacting, happened: int, row: Row
) -> None:
    """Note which blocks have done for the first time what they say; a move only if it was made."""
    for n in range(len(reactions)):
        reaction: Reaction = reactions[n]
        begins = row.reaction_day[n] == NONE and reacting.set_off[n] == clock.day
        if begins and (reaction.move == NONE or happened >> reaction.move & 1 != 0):
            row.reaction_day[n] = clock.day


@compiled_apart
def end_day(agenda: Agenda, workspace: Workspace, row: Row) -> None:
    """End a day on which something may react: set what is imposed, then look at every block.

    To be called after `sim.engine.rules.day.apply_day`.
    """
    clock, state, today = workspace.clock, workspace.state, workspace.today
    reacting = workspace.reacting
    if today.imposed.events != 0:
        imposed.set_evening(workspace.member, state, workspace.policy, today, STRIKES_RISE)
        rows.note_imposed(clock, today, row)
    happened = today.happened | reacting.carried | drift(state, reacting)
    note_moves(agenda.reactions, clock, reacting, happened | today.announced, row)
    reacting.carried = today.announced
    if state.truce_starts == clock.day + 1:
        reacting.carried |= 1 << Public.TRUCE_BEGINS
    evening = clock.day
    if evening >= len(agenda.calendar) - 1:
        evening = NONE
    react(agenda.reactions, evening, reacting, today, happened)
