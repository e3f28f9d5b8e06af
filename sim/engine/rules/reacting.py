"""What reacts to public events: a condition is met on an evening, and acts from the day after.

Levers that a block sets, and moves that it imposes, come into force on the day after its condition
is met. No side foresees either: it learns of a lever when it is set.
"""

from __future__ import annotations

from sim.engine.domain import NONE, STRIKES_RISE, Public
from sim.engine.jit import compiled, compiled_apart
from sim.engine.reactions import NEVER, Blocks, Reacting
from sim.engine.records import Day, Start, State, Workspace
from sim.engine.row import Row
from sim.engine.rules import imposed, rows
from sim.engine.streams import throw_anew

DRIFT = 1 << Public.STRIKES_R | 1 << Public.STRIKES_U | 1 << Public.PATIENCE_THIN
"""What comes about without anyone's decision, as bits."""


@compiled
def is_met(blocks: Blocks, n: int, evening: int, count: int, set_off: int) -> bool:
    """Whether a block's condition is met on an evening.

    Parameters
    ----------
    count
        On how many days its events have happened, of those that count.
    set_off
        The day on which what it does last began, or NONE.
    """
    if evening < blocks.first_evening[n] or evening > blocks.last_evening[n]:
        return False
    if set_off != NONE and blocks.again[n] == 0:
        return False
    if blocks.absent[n] != 0:
        return evening >= blocks.within[n] and count < blocks.times[n]
    if blocks.events[n] == 0:
        return evening >= blocks.after[n]
    return count >= blocks.times[n]


@compiled
def counts(blocks: Blocks, n: int, day: int, happened: int) -> bool:
    """Whether a day counts for a block, given what happened on it."""
    return blocks.events[n] & happened != 0 and blocks.after[n] < day <= blocks.within[n]


@compiled
def set_off(blocks: Blocks, n: int, evening: int, reacting: Reacting, today: Day) -> None:
    """Let a block do what it does, from tomorrow on: its levers are set, its move is imposed."""
    move = blocks.move[n]
    reacting.count[n] = 0
    reacting.set_off[n] = evening + 1
    reacting.row |= blocks.levers[n]
    if move == NONE:
        if reacting.first[n] == NONE:
            reacting.first[n] = evening + 1
        return
    today.imposed.events |= 1 << move
    if move == Public.PARTIAL_BEGINS:
        today.imposed.scope = blocks.scope[n]
    elif move == Public.PAUSE_R:
        today.imposed.days = blocks.days[n]
    elif Public.MEDIATOR_SANCTIONS <= move <= Public.ARMS_PAUSE:
        today.imposed.size[move - Public.MEDIATOR_SANCTIONS] = blocks.size[n]


@compiled
def clear_imposed(today: Day) -> None:
    """Impose nothing."""
    today.imposed.events = 0
    today.imposed.scope = NONE
    today.imposed.days = 0
    for threat in range(len(today.imposed.size)):
        today.imposed.size[threat] = float("nan")


@compiled
def next_evening(blocks: Blocks, n: int, evening: int, set_off: int) -> int:
    """The next evening on which a block may do something although no event calls for it."""
    found = NEVER
    ends = set_off + blocks.lasts[n] - 1
    if blocks.lasts[n] > 0 and ends > evening:
        found = ends
    waits = blocks.first_evening[n]
    if blocks.events[n] == 0:
        waits = max(waits, blocks.after[n])
    elif blocks.absent[n] != 0:
        waits = max(waits, blocks.within[n])
    return min(found, waits) if waits > evening else found


@compiled
def look(blocks: Blocks, evening: int, reacting: Reacting, today: Day, happened: int) -> None:
    """Look at every block on an evening: count, set off, and take levers back whose time is over.

    Parameters
    ----------
    happened
        The public events of the day that ends, as bits.
    """
    clear_imposed(today)
    reacting.looked = evening
    reacting.next_look = NEVER
    for n in range(blocks.number):
        if counts(blocks, n, evening, happened):
            reacting.count[n] += 1
        if is_met(blocks, n, evening, reacting.count[n], reacting.set_off[n]):
            set_off(blocks, n, evening, reacting, today)
        elif blocks.lasts[n] > 0 and evening == reacting.set_off[n] + blocks.lasts[n] - 1:
            reacting.row &= ~blocks.levers[n]
        reacting.next_look = min(
            reacting.next_look, next_evening(blocks, n, evening, reacting.set_off[n])
        )
    if reacting.watched & DRIFT != 0 or reacting.carried != 0:
        reacting.next_look = evening + 1
    if today.imposed.events != 0:
        reacting.next_look = evening


@compiled_apart
def begin_reacting(start: Start, workspace: Workspace) -> None:
    """Begin with nothing counted, and set off what begins on the first day."""
    blocks, reacting = workspace.blocks, workspace.reacting
    reacting.noted = 0
    reacting.watched = 0
    reacting.carried = 0
    reacting.drifted = 0
    for n in range(blocks.number):
        reacting.watched |= blocks.events[n]
        reacting.count[n] = 0
        reacting.set_off[n] = NONE
        reacting.first[n] = NONE
    look(blocks, 0, reacting, workspace.today, 0)
    if start.truce_starts > 0:
        reacting.next_look = min(reacting.next_look, start.truce_starts)


@compiled
def begin(start: Start, workspace: Workspace) -> None:
    """Put the row of the agenda's levers in force; to be called before a world begins."""
    workspace.reacting.row = 0
    workspace.reacting.next_look = NEVER
    workspace.today.imposed.events = 0
    workspace.today.imposed.days = 0
    if workspace.blocks.number > 0:
        begin_reacting(start, workspace)


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
def note_moves(blocks: Blocks, day: int, reacting: Reacting, happened: int) -> None:
    """Note which moves were made for the first time on a day; the rules may have left no room."""
    for n in range(blocks.number):
        begins = reacting.first[n] == NONE and reacting.set_off[n] == day
        if begins and blocks.move[n] != NONE and happened >> blocks.move[n] & 1 != 0:
            reacting.first[n] = day


@compiled
def end_day(workspace: Workspace, evening: int) -> None:
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
    note_moves(workspace.blocks, evening, reacting, happened | announced)
    reacting.carried = announced
    look(workspace.blocks, evening, reacting, today, happened)


@compiled_apart
def begin_day(workspace: Workspace) -> None:
    """Begin a day on which something may have reacted, is imposed, or is thrown anew.

    To be called when the day's luck has been dealt, before its levers are looked up.
    """
    clock, today, reacting = workspace.clock, workspace.today, workspace.reacting
    if clock.anew.purposes != 0:
        throw_anew(clock, today)
    if clock.day > reacting.next_look:
        if clock.day - 1 > reacting.looked:
            end_day(workspace, clock.day - 1)
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
def end_world(workspace: Workspace, row: Row) -> None:
    """Note on which day each block first did what it says; the last day has not been looked at."""
    clock, today, reacting = workspace.clock, workspace.today, workspace.reacting
    if reacting.noted == clock.day and clock.day > reacting.looked:
        happened = today.happened | today.announced
        note_moves(workspace.blocks, clock.day, reacting, happened)
    for n in range(workspace.blocks.number):
        row.reaction_day[n] = reacting.first[n]
