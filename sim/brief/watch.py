"""The part that says what to watch: which events tell most, and what would turn a choice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim import plots
from sim.attribution.watch.parts import Against, Branch, Event, MovedLever, Turning
from sim.attribution.watch.result import Watch
from sim.brief.content import Block, Cell, Part, Picture, Span, Table, say, table
from sim.brief.inputs import Material
from sim.brief.titles import lowered, sentence, titled
from sim.brief.words import change, members
from sim.estimates import Odds
from sim.experiments.sensitivity.jackknife import Estimate
from sim.inputs.scenario import Scenario
from sim.outcomes import HAPPENING
from sim.plots.compare import points
from sim.plots.panels import word
from sim.plots.watch import caption, finding
from sim.plots.words import PER_CENT, percent
from sim.text import counted, date_word, days_word

_EVENTS = 8
"""Of how many events the table tells."""


def watch(m: Material) -> Part | None:
    """Which public events tell most of how it will end, and which would turn a choice."""
    if not m.watches:
        return None
    blocks: list[Block] = []
    for number, found in enumerate(m.watches):
        blocks += [*_blocks(found, number)]
    return Part("watch", "What to watch", tuple(blocks), _said(m.watches[0]))


def _said(found: Watch) -> str:
    """Say what tells most, or what turns a choice, and of which scenario."""
    if found.against:
        return sentence(finding(found))
    return sentence(f"{titled(found.setting.first)}: {lowered(finding(found))}")


def _blocks(found: Watch, number: int) -> Iterator[Block]:
    said = _said(found)
    bars = "the difference of the two scenarios" if found.against else "the odds"
    yield Picture(
        f"watch-{number}",
        said,
        f"Bars of {bars} where an event happens and where it does not. {_seen(found)}",
        caption(found),
        lambda size: plots.watch(found, size=size, bare=True),
    )
    if found.against:
        yield say(Span("What is compared. ", strong=True), _choice(found, found.against))
    yield _table(found, number)
    if found.tree:
        yield say(" ".join(_tree(found)))
    if found.clear:
        yield from _signs(found)


def _seen(found: Watch) -> str:
    """The events that tell most, to who does not see the picture."""
    if not found.clear:
        return "No event clearly moves the odds."
    if found.against:
        told = [_choice(found, found.against)]
        told += [
            f"{one.words}: B − A {_points(one.turned[0])} points if so, "
            f"{_points(one.turned[1])} if not."
            for one in found.clear[:_EVENTS]
            if one.turned
        ]
        return " ".join(told)
    rows = "; ".join(
        f"{one.words} (chance {_chance(one.chance)}): {_odds(found, one, happens=True)} if so, "
        f"{_odds(found, one, happens=False)} if not"
        for one in found.clear[:_EVENTS]
    )
    return f"All worlds: {percent(found.base, found.setting.worlds)}. {rows}."


def _last(found: Watch) -> str:
    return date_word(found.last_day, year=False)


def _chance(odds: Odds) -> str:
    return f"{100.0 * odds.mean:.0f}{PER_CENT}" if odds.mean >= 0.095 else (
        f"{100.0 * odds.mean:.1f}{PER_CENT}"
    )  # fmt: skip


def _odds(found: Watch, event: Event, *, happens: bool) -> str:
    odds = event.happens if happens else event.fails
    share = event.chance.mean if happens else 1.0 - event.chance.mean
    return percent(odds, round(share * found.setting.worlds)) if odds else "no worlds"


# ------------------------------------------------------------------ the table


def _table(found: Watch, number: int) -> Table:
    by = date_word(found.last_day, short=True, year=False)
    header = ["Event", f"Chance by {by}", "Odds if it happens", "Odds if not", "Worth knowing"]
    if found.against:
        header += ["B − A if it happens, points", "B − A if not, points"]
    else:
        share = f"90{PER_CENT} of members"
        header[3:3] = [share]
        header[5:5] = [share]
    none = ("None clearly moves the odds", *("" for _ in header[1:]))
    rows = [_row(found, event) for event in found.clear[:_EVENTS]] or [none]
    said = f"{titled(found.setting.first)}: the events of the first {days_word(found.days)} that "
    said += f"tell most of whether {HAPPENING[found.outcome]}"
    return table(f"events-{number}", said, header, rows, caption=_note(found),
                 numeric=frozenset(range(1, len(header))))  # fmt: skip


def _row(found: Watch, event: Event) -> tuple[Any, ...]:
    chance = Cell(_chance(event.chance), event.chance.mean)
    yes, no = (_odds_cell(found, event, happens=came) for came in (True, False))
    worth = Cell(_part(event.explains), event.explains)
    if found.against:
        turned = event.turned or (None, None)
        return event.words, chance, yes, no, worth, *map(_turned_cell, turned)
    first, second = (_members_cell(one) for one in (event.happens, event.fails))
    return event.words, chance, yes, first, no, second, worth


def _odds_cell(found: Watch, event: Event, *, happens: bool) -> Cell:
    odds = event.happens if happens else event.fails
    return Cell(_odds(found, event, happens=happens), odds.mean if odds else None)


def _members_cell(odds: Odds | None) -> Cell:
    if odds is None:
        return Cell("")
    return Cell(members(odds), odds.ensemble[0] if odds.ensemble else None)


def _turned_cell(estimate: Estimate | None) -> Cell:
    if estimate is None:
        return Cell("too few worlds")
    ends = " to ".join(points(end, estimate.half_width) for end in estimate.mc)
    return Cell(f"{_points(estimate)} ({ends})", estimate.mean)


def _points(estimate: Estimate | None) -> str:
    return "unknown" if estimate is None else points(estimate.mean, estimate.half_width)


def _part(share: float) -> str:
    return f"{100.0 * share:.1f}{PER_CENT}" if share >= 0.0005 else f"<0.1{PER_CENT}"


def _note(found: Watch) -> str:
    first = titled(found.setting.first)
    whose = f"of A, {first}" if found.against else f"of {first}"
    told = (
        f"Odds {whose}, that {HAPPENING[found.outcome]}: "
        f"{percent(found.base, found.setting.worlds)} in all worlds. Worth knowing: how much of "
        "what is uncertain about the outcome (its variance) is explained by whether the event "
        "happens by then. Events that are part of the outcome itself are not ranked."
    )
    if found.against:
        second = _levers_of(found.setting.scenarios[1])
        told += f" B turns from A to {second} on the evening of {_last(found)}."
        told += (
            f" B − A with its 95{PER_CENT} dice, of each row alone: a row may seem to turn the "
            "choice. What is said to turn it allows for all kinds of evidence that were looked at."
        )
    more = len(found.clear) - _EVENTS
    if more > 0:
        told += f" {counted(more, 'more event')} clearly move{'s' if more == 1 else ''} the odds."
    return told


# ------------------------------------------------------------------ sentences


def _tree(found: Watch) -> Iterator[str]:
    """What is best watched next, once the first event has happened or not."""
    assert found.tree is not None
    words = found.of(found.tree.event).words
    about = "Under A, watch" if found.against else f"Under {titled(found.setting.first)}, watch"
    yield f"{about} first whether by {_last(found)} this happens: “{words}”."
    yield f"If it does ({_branch(found, found.tree.happens)}."
    yield f"If not ({_branch(found, found.tree.fails)}."


def _branch(found: Watch, branch: Branch) -> str:
    said = f"odds {_in(found, branch)})"
    if branch.split is None:
        return f"{said}, nothing else that is watched clearly moves them further"
    yes, no = (_in(found, one) for one in (branch.split.happens, branch.split.fails))
    words = found.of(branch.split.event).words
    return f"{said}, most then depends on “{words}”: {yes} if so, {no} if not"


def _in(found: Watch, branch: Branch) -> str:
    return percent(branch.odds, round(branch.share * found.setting.worlds))


def _signs(found: Watch) -> Iterator[Block]:
    """Say that an event is no cause, and what comes of a lever that does what an event is."""
    told = (
        "An event is a sign of the kind of world we are in. It does not say what the odds would "
        "be if somebody brought the event about."
    )
    shown = found.clear[:_EVENTS]
    shown += [one for one in found.events if one.apart == "same"]
    levers = [_lever(one, one.lever) for one in shown if one.lever]
    if levers:
        whose = "A" if found.against else titled(found.setting.first)
        told += (
            " Where a lever does what the event is, here is what comes of the lever: the odds of "
            f"{whose} if it is moved from the first day on, all else alike."
        )
    yield say(Span("Signs are not causes. ", strong=True), told)
    yield from (say(text, kind="point") for text in levers)


def _lever(event: Event, lever: MovedLever) -> str:
    return (
        f"{event.words}: {100.0 * lever.odds.mean:.1f}{PER_CENT} with {lever.lever} at "
        f"“{word(lever.value)}”, that is {change(lever.difference)}."
    )


def _choice(found: Watch, choice: Against) -> str:
    """What turning to the second scenario adds, and what would have to be seen to think again."""
    first, second = titled(found.setting.first), found.setting.scenarios[1]
    looked = f"{counted(choice.looked, 'kind')} of evidence, of one event or two"
    said = (
        f"A is {first} to the end. B is {first} until the evening of {_last(found)}, and then "
        f"turns to {_levers_of(second)}. B − A: {change(choice.difference)}"
        f"{', which cannot be told from 0' if choice.tied else ''}."
    )
    turn = choice.turn
    if turn is None:
        does = "separates the two" if choice.tied else "turns that"
        return f"{said} None of {looked}, clearly {does}."
    does = "What separates the two:" if choice.tied else "That turns if"
    low, high = (points(end, turn.difference.half_width) for end in turn.difference.mc)
    return (
        f"{said} {does} {turn_words(found, turn)} (chance {100.0 * turn.chance:.1f}{PER_CENT}); "
        f"B − A is then {_points(turn.difference)} ({low} to {high}) points. Of {looked}, this is "
        "the commonest that clearly does so."
    )


def _levers_of(scenario: Scenario) -> str:
    """What one turns to: levers, and what the scenario does later by its blocks."""
    more = ", and to what that scenario does later" if scenario.blocks else ""
    return f"the levers of {titled(scenario)}{more}"


def turn_words(found: Watch, turn: Turning) -> str:
    """Write what is seen, as a condition."""
    return " and ".join(
        f"“{found.of(event).words}” {'happens' if came else 'does not happen'}"
        for event, came in turn.seen
    )


def to_see(found: Watch) -> Iterator[str]:
    """Say in a sentence which event to look for first, if one clearly tells."""
    if found.tree:
        event = found.of(found.tree.event)
        yes, no = (_in(found, one) for one in (found.tree.happens, found.tree.fails))
        share = percent(found.base, found.setting.worlds)
        yield (
            f"Whether this happens by {_last(found)} (chance {_chance(event.chance)}): "
            f"“{event.words}”. Under {titled(found.setting.first)} {HAPPENING[found.outcome]} in "
            f"{yes} of worlds if so, in {no} if not, in {share} of all; it is a sign, not a cause."
        )


def turn_of_choice(found: Watch) -> Iterator[str]:
    """Say in a sentence what would turn a choice between two scenarios, if anything does."""
    if found.against and found.against.turn:
        last, first = _last(found), titled(found.setting.first)
        second = titled(found.setting.scenarios[1])
        does = "separate" if found.against.tied else "turn"
        yield (
            f"What would {does} the choice whether to go on with {first} or to change to {second} "
            f"on {last}: {turn_words(found, found.against.turn)}."
        )
