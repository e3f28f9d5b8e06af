"""What may stand in a scenario: changes within its horizon, and blocks that can mean something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from sim.engine.domain import MAX_REACTIONS, Public, Scope, Threat
from sim.errors import ScenarioError, ScenarioProblemsError
from sim.inputs.blocks import Condition, Move, When
from sim.inputs.events import events_named
from sim.inputs.levers import check_lever
from sim.inputs.settings import Settings
from sim.text import printable, shown

MOST_WHEN = 6
"""More blocks that set levers would need more than 64 rows of levers."""
THREATS = {
    "sanctions.us_threat": Threat.MEDIATOR_SANCTIONS,
    "sanctions.europe_threat": Threat.BLOCS_SANCTIONS,
    "aid.us_threat": Threat.AID,
}
"""The lever of each threat."""
NOT_IMPOSED = {
    Public.BOTH_REFUSE: "impose rejects_truce or conditions_truce of each side",
    Public.TRUCE_BEGINS: "impose accepts_truce of both sides on the day before",
    Public.TRUCE_HOLDS: "it follows from 30 days of truce",
    Public.PARTIAL_ENDS_AT_TERM: "it follows from 30 days of a partial truce",
    Public.NEW_SANCTIONS: "impose imposes_sanctions, with an actor",
    Public.RELIEF: "set the levers sanctions.relief and sanctions.relief_on_signature",
    Public.PATIENCE_THIN: "set the lever mediator.patience_days",
}
"""Public events that no one does, and what to do instead."""
_ONCE = {
    *(Public.TRUCE_HOLDS, Public.MEDIATOR_LEAVES),
    *(Public.STRIKES_R, Public.STRIKES_U, Public.PATIENCE_THIN),
}
"""Public events that are told once in a world."""


AnyScenario = TypeVar("AnyScenario", bound=Settings)


Lines = Callable[[str, int], str]
"""From the name of a table and the place of a row from 0 to ``, line 12``, or nothing."""


def checked(
    scenario: AnyScenario, where: str = "", lines: Lines = lambda table, number: ""
) -> AnyScenario:
    """Return the scenario if its changes lie within its horizon and its blocks can mean something.

    Parameters
    ----------
    lines
        Where the tables of its file stand, asked only if something is wrong.

    Raises
    ------
    ScenarioError
        Naming ``where``, or else the scenario's file, and every change and block at fault.
    """
    where = where or printable(scenario.path or scenario.name)
    problems = [*_of_changes(scenario), *_problems(scenario)]
    if not problems:
        return scenario
    told = [f"{lines(*one.place)}: {one.block}: {one.what}".lstrip(",: ") for one in problems]
    if len(told) > 1:
        raise ScenarioProblemsError(where, told)
    one = problems[0]
    raise ScenarioError(f"{where}{lines(*one.place)}: {one.block}", one.what)


def _of_changes(scenario: Settings) -> Iterator[Problem]:
    """What is wrong with the changes: outside the horizon, or twice on a day."""
    seen = set()
    for number, change in enumerate(scenario.schedule_as_given):
        name, place = f"changes: {change.lever}", ("changes", number)
        if not 1 <= change.day <= scenario.horizon_days:
            what = f"day {change.day} is outside 1..{scenario.horizon_days} after the "
            what += f"as-of day {scenario.as_of}. Move the change, the horizon or the as-of day."
            yield Problem(name, what, place)
        if (change.day, change.lever) in seen:
            yield Problem(name, f"changes twice on day {change.day}. Keep one.", place)
        seen.add((change.day, change.lever))


class Problem(NamedTuple):
    """What is wrong with a block or a change: which, what, and what to do, and its row if known."""

    block: str
    what: str
    row: tuple[str, int] | None = None

    @property
    def place(self) -> tuple[str, int]:
        """The table, and the place of its row in it; that of a block follows from its name."""
        table, _, number = self.block.partition(".")
        return self.row or (table, int(number or 1) - 1)


def _problems(scenario: Settings) -> Iterator[Problem]:
    blocks: Mapping[str, When | Move] = scenario.blocks
    if len(scenario.when) > MOST_WHEN or len(blocks) > MAX_REACTIONS:
        what = f"there are {len(scenario.when)} [[when]] and {len(scenario.moves)} [[move]]; at "
        what += f"most {MOST_WHEN} [[when]] and {MAX_REACTIONS} together. Leave some out."
        yield Problem("blocks", what)
        return
    for name, block in blocks.items():
        condition = block if isinstance(block, When) else block.when
        told = _of_condition(scenario, condition) if condition is not None else ()
        own = _of_when(scenario, block) if isinstance(block, When) else _of_move(scenario, block)
        yield from (Problem(name, what) for what in (*told, *own))
    yield from _levers_set_twice(scenario)
    yield from _moves_that_clash(scenario)


# ------------------------------------------------------------------ a condition


def _of_condition(scenario: Settings, one: Condition) -> Iterator[str]:
    try:
        events = one.events(scenario.conflict)
    except ValueError as problem:
        yield str(problem)
        return
    last = scenario.horizon_days
    if one.event is None:
        if one.after_days is None:
            yield "has no condition. Give an event, or after_days."
        if one.actor or one.times > 1 or one.within is not None or one.not_by is not None:
            yield "has actor, times, within or not_by without an event. Give the event."
    if (one.event is None or one.not_by is not None) and one.again:
        yield "is met on one evening alone. Leave out again."
    if one.not_by is not None and one.within is not None:
        yield "has both within and not_by. Keep one."
    for name, latest in (("after_days", last - 1), ("not_by", last - 1), ("within", last)):
        given = getattr(one, name)
        if given is not None and given > latest:
            todo = f"Give {latest} or less, or a longer horizon."
            yield f"{name} = {given} is too late for a horizon of {last} days. {todo}"
    if events:
        yield from _never(one, events, last)


def _never(one: Condition, events: tuple[Public, ...], horizon: int) -> Iterator[str]:
    """Why a condition can never be met, if it cannot."""
    end = one.not_by or one.within or horizon
    days = max(0, min(end, horizon) - (one.after_days or 0))
    if days == 0:
        yield f"can never be met: no day lies after day {one.after_days} and by day {end}."
    elif one.times > days and one.not_by is None:
        yield f"can never be met: it would have to happen on {one.times} days of {days}."
    if set(events) <= {Public.TRUCE_HOLDS}:
        yield "can never be met: the world ends when a truce has held. Take another event."
    elif set(events) <= _ONCE and one.times > 1 and one.not_by is None:
        yield f"can never be met: {one.event} is told once in a world. Leave out times."


# ------------------------------------------------------------------ a block


def _of_when(scenario: Settings, block: When) -> Iterator[str]:
    if not block.levers:
        yield "sets no lever. Add a table [when.levers]."
    for lever, value in block.levers.items():
        try:
            check_lever(lever, lever, value)
        except ScenarioError as problem:
            where = "" if lever in problem.what else f"{lever} "
            yield f"{where}{problem.what} {problem.todo}"


def _of_move(scenario: Settings, move: Move) -> Iterator[str]:
    try:
        events = events_named(move.event, move.actor, scenario.conflict)
    except ValueError as problem:
        yield str(problem)
        return
    if len(events) > 1:
        yield f"{move.event} has several who do it. Give the actor."
        return
    day = move.on_day(scenario.as_of)
    first = 2 if events[0] is Public.PARTIAL_BEGINS else 1
    if day is not None and not first <= day <= scenario.horizon_days:
        yield f"day {day} is outside {first}..{scenario.horizon_days} after {scenario.as_of}."
    if events[0] in NOT_IMPOSED:
        yield f"{move.event} cannot be imposed: {NOT_IMPOSED[events[0]]}."
    yield from _details(move, events[0])
    yield from _forbidden(scenario, move, events[0])


def _details(move: Move, event: Public) -> Iterator[str]:
    scopes = [scope.name.lower() for scope in Scope]
    if event is Public.PARTIAL_BEGINS and move.scope not in scopes:
        yield f"has the scope {shown(move.scope)}. Give scope, one of {', '.join(scopes)}."
    if event is not Public.PARTIAL_BEGINS and move.scope is not None:
        yield "has a scope, which only partial_truce_starts has. Leave it out."
    if event is not Public.PAUSE_R and move.days is not None:
        yield "has days, which only short_truce has. Leave it out."
    if threat_of(event) is None and move.value is not None:
        yield "has a value, which only sanctions and a cut of arms have. Leave it out."


def threat_of(event: Public) -> Threat | None:
    """Return the threat that a public event carries out; None if it carries out none."""
    if Public.MEDIATOR_SANCTIONS <= event <= Public.ARMS_PAUSE:
        return Threat(event - Public.MEDIATOR_SANCTIONS)
    return None


def may_be_threatened(scenario: Settings, threat: Threat, day: int | None = None) -> bool:
    """Whether the levers, or those of a block, threaten on a day; on some day if none is given."""
    lever = next(name for name, one in THREATS.items() if one == threat)
    if any(block.levers.get(lever) for block in scenario.when):
        return True
    days = (day,) if day is not None else (1, *(change.day for change in scenario.schedule))
    return any(bool(scenario.levers_on(one)[lever]) for one in days)


def _forbidden(scenario: Settings, move: Move, event: Public) -> Iterator[str]:
    """Why the rules forbid a move on its day, where that is known beforehand."""
    day = move.on_day(scenario.as_of)
    threat = threat_of(event)
    if threat is not None and move.value is None and not may_be_threatened(scenario, threat, day):
        yield "imposes what no lever threatens on that day. Give value, the share imposed."
    if event in range(Public.MEDIATOR_LETS_PASS, Public.ARMS_LET_PASS + 1):
        passed = Threat(event - Public.MEDIATOR_LETS_PASS)
        if not may_be_threatened(scenario, passed, day):
            yield "lets a threat pass that no lever makes on that day. Set the threat's lever."


# ------------------------------------------------------------------ blocks beside each other


def _levers_set_twice(scenario: Settings) -> Iterator[Problem]:
    by: dict[str, str] = {change.lever: "[[changes]]" for change in scenario.changes}
    for name, block in scenario.blocks.items():
        for lever in block.levers if isinstance(block, When) else ():
            if lever in by:
                what = f"{lever} is set by {by[lever]} too. Keep one, since both may hold at once."
                yield Problem(name, what)
            by.setdefault(lever, name)


def _moves_that_clash(scenario: Settings) -> Iterator[Problem]:
    """Two answers of one side, or the same move twice, on one day."""
    made: dict[tuple[int, str], str] = {}
    for name, block in scenario.blocks.items():
        if isinstance(block, When) or (day := block.on_day(scenario.as_of)) is None:
            continue
        try:
            event = events_named(block.event, block.actor, scenario.conflict)[0]
        except ValueError:
            continue
        what = "answer of" if event < Public.BOTH_REFUSE else block.event
        key = (day, f"{what} {block.actor}")
        if key in made:
            yield Problem(name, f"{made[key]} imposes the {what} {block.actor} on day {day} too.")
        made.setdefault(key, name)


# ------------------------------------------------------------------ what is told, not refused


def block_notes(scenario: Settings) -> list[str]:
    """Say what of the blocks is likely not meant: what never fires, and what sets itself off."""
    notes = []
    for name, block in scenario.blocks.items():
        condition = block if isinstance(block, When) else block.when
        if condition is None:
            continue
        events = condition.events(scenario.conflict)
        if events and condition.not_by is None and all(_unthreatened(scenario, e) for e in events):
            notes.append(f"{name} can never fire: nothing is threatened that it waits for.")
        if isinstance(block, When) and block.again and block.for_days is None:
            notes.append(f"{name}: again changes nothing, since its levers stay set once it fires.")
    notes += [
        f"{' and '.join(circle)} set each other off, day after day, until the horizon."
        for circle in _circles(scenario)
    ]
    return notes


def _unthreatened(scenario: Settings, event: Public) -> bool:
    """Whether a threat's end is waited for that nobody threatens, on breach or otherwise."""
    first = Public.MEDIATOR_LETS_PASS if event >= Public.MEDIATOR_LETS_PASS else None
    threat = threat_of(event)
    if first is not None and event <= Public.ARMS_LET_PASS:
        threat = Threat(event - first)
    if threat is None or scenario.levers["sanctions.on_breach"]:
        return False
    imposed = {
        events_named(move.event, move.actor, scenario.conflict)[0] for move in scenario.moves
    }
    return event not in imposed and not may_be_threatened(scenario, threat)


def _circles(scenario: Settings) -> list[list[str]]:
    """Moves that may be made again and set each other off, as lists of their names."""
    roles = scenario.conflict
    again = {
        name: (block.when.events(roles), events_named(block.event, block.actor, roles)[0])
        for name, block in scenario.blocks.items()
        if isinstance(block, Move) and block.when is not None and block.when.again
    }
    sets_off = {
        name: [other for other, (waits, _) in again.items() if made in waits]
        for name, (_, made) in again.items()
    }
    circles = []
    for name in again:
        path, here = [name], name
        while len(path) <= len(again) and sets_off[here]:
            here = sets_off[here][0]
            if here == name:
                circles.append(path)
                break
            path.append(here)
    return [path for n, path in enumerate(circles) if set(path) not in map(set, circles[:n])]
