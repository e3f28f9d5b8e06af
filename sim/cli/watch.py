"""`truce watch`: which public event of the next days would move the odds, or turn a choice."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_scenario
from sim.cli.figures import drawn
from sim.cli.options import SCENARIO_HELP, parse_scenarios, percent, with_settings
from sim.cli.shared import ANALYSIS, ANSWER, Shared, with_options
from sim.cli.tables import answer, beside_run, level_text, median_cell, members_text, print_table
from sim.commands import watch_command
from sim.inputs.levers import value_text
from sim.text import date_word, days_word, printable

if TYPE_CHECKING:
    from sim.attribution.watch.parts import Branch, Event, MovedLever, Pair, Split, Turning
    from sim.attribution.watch.result import Watch
    from sim.estimates import Odds
    from sim.experiments.differences import Difference
    from sim.experiments.sensitivity.jackknife import Estimate

FILES = ("watch.png", "watch.svg")
_SHOWN = 12
SIGNS = (
    "Signs are not causes: an event shows what kind of world this is, not what the event brings "
    "about. Where a lever does what the event is, the last column has the odds with that lever "
    "moved from the first day on, all else unchanged."
)
_WORTH = (
    "Worth knowing: the share of the variance of the outcome that is explained once it is known "
    "whether the event happened."
)


@with_options(*ANALYSIS, *ANSWER)
def watch(
    scenario: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP, autocompletion=complete_scenario),
    ],
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="[B]",
            autocompletion=complete_scenario,
            help="A scenario to whose levers one could turn after the last day watched.",
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(metavar="DAYS", help="How many days are watched, up to the horizon.")
    ] = 14,
    *,
    shared: Shared,
) -> None:
    """Tell which public event of the next days would move the odds most.

    Example: truce watch baseline

    With a second scenario, it also tells what would have to be seen by then for another choice
    between the two.

    Example: truce watch baseline joint-ultimatum --days 30
    """
    names = [scenario] if other is None else [scenario, other]
    chosen = parse_scenarios(names, shared.settings, shared.as_of, shared.horizon)
    from sim.attribution.watch.ask import WATCH_WORLDS
    from sim.attribution.watch.ask import watch as ask

    asked = functools.partial(ask, *chosen, days=days)
    found = run_analysis(shared, "watches", chosen, WATCH_WORLDS // len(chosen), asked)
    found = dataclasses.replace(found, made_by=watch_command(found.request) or "")
    folder = found.save(shared.out, drawn("write_watch"), FILES)
    answer(shared, found.table, found.as_dict, functools.partial(_print, found, folder))


def _print(found: Watch, folder: Path) -> None:
    sys.stdout.write("\n".join(_head(found)) + "\n")
    rows = [_row(found, event) for event in found.clear[:_SHOWN]]
    if rows:
        sys.stdout.write("\n")
        print_table(_header(found), rows)
        sys.stdout.write("\n" + "\n".join(_notes(found)) + "\n")
    sys.stdout.write(
        "\n".join([*_apart(found), *_choice(found), f"Files: {printable(folder)}"]) + "\n"
    )


def _head(found: Watch) -> Iterator[str]:
    from sim.outcomes import HAPPENING

    setting, first = found.setting, found.setting.first
    yield (
        f"What to watch until {date_word(found.last_day)} ({days_word(found.days)}) for the odds "
        f"of `{found.outcome}`: {printable(first.title)} as of {first.as_of}, "
        f"{days_word(first.horizon_days)} ahead{with_settings(first)}"
    )
    each = " under each of two scenarios" if found.against else ""
    yield (
        f"{setting.worlds:,} worlds{each}, seed {setting.seed}, {setting.ensemble_kind} ensemble "
        f"{setting.ensemble_id}"
    )
    if setting.ensemble_doubt:
        yield f"Beware: {setting.ensemble_doubt}."
    if found.base.mean in (0.0, 1.0):
        count = "none" if found.base.mean == 0.0 else "all"
        yield (
            f"In {count} of {setting.worlds:,} worlds {HAPPENING[found.outcome]}: no event can "
            "move these odds."
        )
        return
    members = members_text(found.base.ensemble, found.base.mc, percent)
    today = level_text(found.base)
    yield f"Odds as of that day: {today} (95% dice {_dice(found.base)}; 90% of members {members})"
    yield beside_run(setting.worlds)
    if not found.clear:
        yield "No public event of these days clearly moves them."


# ------------------------------------------------------------------ the table


def _header(found: Watch) -> tuple[str, ...]:
    members = "median member (90%)"
    odds = ("if it happens", "95% dice", members, "if not", "95% dice", members)
    turned = ("B - A if it happens", "B - A if not") if found.against else ()
    by = f"chance by {date_word(found.last_day, short=True, year=False)}"
    return ("event", by, *odds, "worth knowing", *turned, "with the lever that does it")


def _row(found: Watch, event: Event) -> tuple[str, ...]:
    odds = [text for one in (event.happens, event.fails) for text in _odds(one)]
    turned = [_points(one) for one in event.turned or ()] if found.against else []
    lever = _lever(event.lever) if event.lever else ""
    return (
        event.words,
        percent(event.chance.mean),
        *odds,
        _worth(event.explains),
        *turned,
        lever,
    )


def _odds(odds: Odds | None) -> tuple[str, str, str]:
    if odds is None:
        return "", "", ""
    return percent(odds.mean), _dice(odds), median_cell(odds)


def _dice(odds: Odds) -> str:
    return f"{percent(odds.mc[0])} to {percent(odds.mc[1])}"


def _worth(share: float) -> str:
    return "<0.01%" if share < 0.00005 else f"{100.0 * share:.2f}%"


def _lever(lever: MovedLever) -> str:
    return (
        f"{percent(lever.odds.mean)} with {lever.lever}={value_text(lever.value)}, "
        f"{_points(lever.difference)} points"
    )


def _points(estimate: Estimate | Difference | None) -> str:
    """Write a difference in percentage points with its interval."""
    if estimate is None:
        return ""
    mean, low, high = (f"{100.0 * one:+.1f}" for one in (estimate.mean, *estimate.mc))
    return f"{mean} ({low} to {high})".replace("-0.0", "0.0").replace("+0.0", "0.0")


# ------------------------------------------------------------------ below it


def _notes(found: Watch) -> Iterator[str]:
    more = len(found.clear) - _SHOWN
    if more > 0:
        yield f"{more} more events move the odds a little; --csv has all."
    yield _WORTH
    yield SIGNS
    if found.tree:
        yield from _tree(found, found.tree)
    for pair in found.pairs:
        yield _pair(found, pair)


def _tree(found: Watch, tree: Split) -> Iterator[str]:
    words = found.of(tree.event).words
    yield f"Watch first: {words}. If so, {_branch(found, tree.happens)}."
    yield f"If not, {_branch(found, tree.fails)}."


def _branch(found: Watch, branch: Branch) -> str:
    said = f"{percent(branch.odds.mean)} (chance {percent(branch.share)})"
    if branch.split is None:
        return said
    yes, no = (percent(one.odds.mean) for one in (branch.split.happens, branch.split.fails))
    words = found.of(branch.split.event).words
    return f"{said}; the next event to watch is “{words}”: {yes} if so, {no} if not"


def _pair(found: Watch, pair: Pair) -> str:
    one, two = (f"“{found.of(event).words}”" for event in pair.events)
    odds = {cell.happened: cell.odds for cell in pair.cells}
    yes, first, second, neither = (
        percent(cell.mean) if (cell := odds[which]) else "-"
        for which in ((True, True), (True, False), (False, True), (False, False))
    )
    return (
        f"Together {one} and {two} explain {_worth(pair.explains)}, {_worth(pair.gain)} more than "
        f"one of them: {yes} if both, {first} if only the first, {second} if only the second, "
        f"{neither} if neither."
    )


def _apart(found: Watch) -> Iterator[str]:
    """What is told of events that are not ranked, or do not clearly move the odds."""
    if found.base.mean in (0.0, 1.0):
        return
    parts = [event for event in found.events if event.apart == "outcome"]
    told = [
        f"{event.words} ({percent(event.chance.mean)}; {percent(event.happens.mean)} if so, "
        f"{percent(event.fails.mean)} if not)"
        for event in parts
        if event.happens and event.fails
    ]
    if told:
        yield f"Part of the outcome itself, so not ranked: {'; '.join(told)}."
    for part in parts:
        after = [one.words for one in _with(found, part, "follows")]
        if after:
            yield f"Almost only where “{part.words}”, so not ranked: {'; '.join(after)}."
    for event in found.events:
        for one in _with(found, event, "same"):
            lever = f" {_lever(one.lever)}." if one.lever else ""
            yield f"Nearly the same worlds as “{event.words}”, so not listed: {one.words}.{lever}"
    unclear = [event.words for event in found.ranked if event not in found.clear]
    if unclear:
        yield f"Not clearly linked to the outcome: {'; '.join(unclear)}."
    kinds = {
        "few": "Too rare, or too common, to be ranked",
        "never": "Never by then",
        "always": "Always by then",
    }
    for apart, said in kinds.items():
        words = [event.words for event in found.events if event.apart == apart]
        if words:
            yield f"{said}: {'; '.join(words)}."


def _with(found: Watch, event: Event, apart: str) -> list[Event]:
    """The events that are told apart since they happen where another does."""
    return [one for one in found.events if one.apart == apart and one.same_as == event.public]


# ------------------------------------------------------------------ two scenarios


def _choice(found: Watch) -> Iterator[str]:
    """What turning to the second scenario adds, and what would have to be seen for another view."""
    if found.against is None:
        return
    first, second = (printable(one.title) for one in found.setting.scenarios)
    difference = found.against.difference
    yield (
        f"A is {first} to the end; B turns to the levers of {second} on the evening of "
        f"{date_word(found.last_day)}. B - A: {_points(difference)} points (95% dice), "
        f"{difference.verdict}."
    )
    looked = f"{found.against.looked:,} kinds of evidence, of one event or two"
    turn = found.against.turn
    if turn is None:
        does = "separates the two" if found.against.tied else "turns that"
        yield f"None of {looked}, {does} within {days_word(found.days)}."
        return
    does = "What separates the two" if found.against.tied else "That turns"
    yield (
        f"{does} if {turn_words(found, turn)} (chance {percent(turn.chance)}): B - A is then "
        f"{_points(turn.difference)} points. Of {looked}, this is the commonest that clearly does."
    )


def turn_words(found: Watch, turn: Turning) -> str:
    """Write what is seen, as a condition."""
    return " and ".join(
        f"“{found.of(event).words}” {'happens' if came else 'does not happen'}"
        for event, came in turn.seen
    )
