"""`truce why`: why two scenarios differ, or why one world ended as it did."""

from __future__ import annotations

import dataclasses
import functools
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_scenario_or_result
from sim.cli.figures import drawn
from sim.cli.options import parse_scenarios, percent, with_settings
from sim.cli.replay import Of
from sim.cli.shared import ANALYSIS, ANSWER, Shared, with_options
from sim.cli.tables import VERDICT, answer, beside_run, level_text, print_table
from sim.commands import run_command, why_command, why_world_command
from sim.errors import ScenarioError
from sim.inputs.levers import LEVERS
from sim.price import STAKES, digits_of, stakes
from sim.text import counted, days_word, printable

if TYPE_CHECKING:
    from sim.attribution.why.one_world import OneWorld, Turn
    from sim.attribution.why.result import LeverShare, Why
    from sim.experiments.sensitivity.jackknife import Estimate

FILES = ("waterfall.png", "waterfall.svg")
WORLD_FILES = ("turning_points.png", "turning_points.svg")
_SHOWN_DICE, _SHOWN_PAIRS = 8, 3
_SHARES = (
    "Adds: percentage points that a lever adds, averaged over the orders in which the levers can "
    "change (its Shapley share); they sum to the difference.\n"
    "Suffices, needed: of the worlds that flip (end otherwise under the second scenario), those "
    "that flip with this lever alone, and those that do not flip if it stays as in the first."
)

_BLOCKS = (
    "A block, such as when.1, counts as one lever: it stands in one scenario alone, or in both on "
    "other terms."
)


@with_options(*ANALYSIS, *ANSWER)
def why(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="A B | RUN",
            autocompletion=complete_scenario_or_result,
            help="Two scenarios, the second set against the first; or a run, with --world.",
        ),
    ],
    world: Annotated[
        int | None, typer.Option(help="Of a run: the number of one of its worlds.")
    ] = None,
    of: Of = None,
    *,
    shared: Shared,
) -> None:
    """Say why two scenarios differ, lever by lever, or what decided one world of a run.

    Example: truce why baseline joint-ultimatum

    The difference of the odds is shared out to the levers that differ. Of one world, it tells the
    levers and the single throws of the dice that decide it.

    Example: truce why last --world 0
    """
    if world is None:
        _scenarios(names, shared)
    else:
        _refuse(names, shared)
        _world(names[0], of, world, shared)


def _scenarios(names: list[str], shared: Shared) -> None:
    if len(names) != 2:
        what = f"{len(names)} named; two scenarios are compared."
        todo = "Write truce why baseline joint-ultimatum, or truce why last --world 0."
        raise ScenarioError("truce why", what, todo)
    chosen = parse_scenarios(names, shared.settings, shared.as_of, shared.horizon)
    from sim.attribution.why.differ import WHY_WORLDS, differ

    asked = functools.partial(differ, chosen[0], chosen[1])
    found = run_analysis(shared, "whys", chosen, WHY_WORLDS, asked)
    found = dataclasses.replace(found, made_by=why_command(found.request) or "")
    folder = found.save(shared.out, drawn("write_waterfall"), FILES)
    report = functools.partial(_print, found, folder, shared.out)
    answer(shared, found.table, found.as_dict, report)


def _refuse(names: list[str], shared: Shared) -> None:
    """Refuse what belongs to two scenarios where one world of a run is asked about."""
    given = {
        "--worlds": shared.worlds,
        "--seed": shared.seed,
        "--set": shared.settings or None,
        "--as-of": shared.as_of,
        "--horizon": shared.horizon,
    }
    wrong = [option for option, value in given.items() if value is not None]
    if wrong:
        what = f"does not go with --world: the run has its own {_OWN[wrong[0]]}."
        raise ScenarioError(wrong[0], what, "Leave it out.")
    if len(names) != 1:
        what = f"asks about a world of one run, and {len(names)} are named."
        raise ScenarioError("--world", what, "Write truce why last --world 0.")


_OWN = {
    "--worlds": "worlds",
    "--seed": "luck",
    "--set": "levers",
    "--as-of": "day",
    "--horizon": "horizon",
}


def _world(name: str, of: str | None, world: int, shared: Shared) -> None:
    from sim.attribution.why.one_world import why_world
    from sim.catalog import run_of

    results = run_of(name, of, shared.out)
    found = why_world(results, world, shared.outcome)
    found = dataclasses.replace(found, made_by=why_world_command(results.id, found.request))
    folder = found.save(shared.out, drawn("write_turning_points"), WORLD_FILES)
    report = functools.partial(_print_world, found, results.id, folder)
    answer(shared, found.table, found.as_dict, report)


# ------------------------------------------------------------------ two scenarios


def _print(found: Why, folder: Path, out: Path) -> None:
    sys.stdout.write("\n".join(_head(found)) + "\n\n")
    print_table(*_table(found))
    sys.stdout.write(
        "\n"
        + "\n".join([*_below(found), *_notes(found, out), f"Files: {printable(folder)}"])
        + "\n"
    )


def _head(found: Why) -> Iterator[str]:
    setting = found.setting
    first, second = setting.scenarios
    yield (
        f"Why {printable(second.title)} differs from {printable(first.title)} in the odds of "
        f"`{found.outcome}`: as of {first.as_of}, {days_word(first.horizon_days)} "
        f"ahead{with_settings(first, ', both with ')}"
    )
    how = "every mixture" if found.exact else "mixtures along sampled orders"
    differ = f"of the {_counted(found)} that {_verb(len(found.levers))}"
    yield (
        f"{setting.worlds:,} worlds, each under {how} {differ} ({found.worlds_run:,} runs), the "
        f"same luck, seed {setting.seed}, {setting.ensemble_kind} ensemble {setting.ensemble_id}"
    )
    if setting.ensemble_doubt:
        yield f"Beware: {setting.ensemble_doubt}."
    first_odds, second_odds = map(level_text, found.odds)
    yield f"{printable(first.title)}: {first_odds}. {printable(second.title)}: {second_odds}."
    yield beside_run(setting.worlds)
    yield (
        f"The second less the first: {_points(found.total.mean)} points (95 % dice "
        f"{_span(found.total.mc)}), {found.total.verdict}"
    )


def _counted(found: Why) -> str:
    """How many levers and blocks differ, such as ``2 levers and 1 block``."""
    levers = sum(one.lever in LEVERS for one in found.levers)
    counts = {"lever": levers, "block": len(found.levers) - levers}
    return " and ".join(counted(number, word) for word, number in counts.items() if number)


def _verb(number: int) -> str:
    return "differs" if number == 1 else "differ"


def _table(found: Why) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = found.setting.first.conflict.names
    sides = [names[actor] for actor in found.levers[0].worth]
    header = ("lever", "from", "to", "adds", "95% dice", "suffices", "needed")
    rows = [_row(one) for one in found.ranked]
    worth = [
        stakes(sum(one.worth[actor].mean for one in found.levers), 3, signed=True)
        for actor in found.levers[0].worth
    ]
    points, span = _points(found.total.mean), _span(found.total.mc)
    rows.append(("all of them", "", "", points, span, "", "", *worth))
    return (*header, *(f"worth to {name}" for name in sides)), rows


_WIDEST = 40
"""The letters of what a lever or a block is that stand in a cell of the table."""
_WORDS_BELOW = "see below"


def _below(found: Why) -> Iterator[str]:
    """What is too long for a cell, as the words of a block are, a line each."""
    for one in found.ranked:
        for side, told in (("from", one.first), ("to", one.second)):
            if len(told) > _WIDEST:
                yield f"{one.lever}, {side}: {told}"


def _row(one: LeverShare) -> tuple[str, ...]:
    alone = ("" if share is None else percent(share) for share in (one.suffices, one.needed))
    assert one.share.mc is not None
    return (
        one.lever,
        *(_WORDS_BELOW if len(told) > _WIDEST else told for told in (one.first, one.second)),
        _points(one.share.mean),
        _span(one.share.mc),
        *alone,
        *(_worth(mean) for mean in one.worth.values()),
    )


def _worth(mean: Estimate) -> str:
    return stakes(mean.mean, digits_of(mean.half_width), signed=True)


def _notes(found: Why, out: Path) -> Iterator[str]:
    yield VERDICT
    yield _SHARES
    if any(one.lever not in LEVERS for one in found.levers):
        yield _BLOCKS
    yield f"Worth: what a lever adds to the worth of a world, in stakes. {STAKES}"
    flips = found.flips
    yield (
        f"Worlds that flip: {percent(flips.gain)} gain `{found.outcome}` under the second "
        f"scenario, {percent(flips.lose)} lose it."
    )
    if flips.one_lever_suffices is not None and len(found.levers) > 1:
        words = f"One lever alone suffices in {percent(flips.one_lever_suffices)} of those worlds"
        if flips.pushed_back is not None:
            words += f"; in {percent(flips.pushed_back)} some lever pushes the other way"
        yield f"{words}."
    yield from _together(found)
    yield from _replays(found, out)


def _together(found: Why) -> Iterator[str]:
    """The pairs of levers that clearly add more, or less, together than apart."""
    clear = [
        p for p in found.pairs if p.together.mc and not p.together.mc[0] <= 0 <= p.together.mc[1]
    ]
    clear.sort(key=lambda pair: -abs(pair.together.mean))
    for pair in clear[:_SHOWN_PAIRS]:
        mean, mc = pair.together.mean, pair.together.mc
        assert mc is not None
        word = "more" if mean > 0 else "less"
        yield (
            f"Together {' and '.join(pair.levers)} add {100 * abs(mean):.1f} points {word} than "
            f"the sum of each alone ({_span(mc)})."
        )


def _replays(found: Why, out: Path) -> Iterator[str]:
    """Worlds to look at one by one, and how."""
    kinds = {
        f"gains `{found.outcome}`": found.flips.world_gain,
        f"loses `{found.outcome}`": found.flips.world_lose,
        **{f"flips by {one.lever} alone": one.world_suffices for one in found.ranked[:2]},
    }
    there = {what: world for what, world in kinds.items() if world is not None}
    if not there:
        return
    told = "; ".join(f"world {world} {what}" for what, world in there.items())
    yield f"Worlds to look at: {told}."
    second = {**found.setting.request, "scenarios": found.setting.request["scenarios"][1:]}
    where = [] if out == Path("outputs") else ["--out", str(out)]
    run = shlex.join([*shlex.split(run_command(second)), *where])
    one = shlex.join(["truce", "why", "last", "--world", str(next(iter(there.values()))), *where])
    yield f"To see one:\n  {run}\n  {one}"


def _points(share: float) -> str:
    return f"{100.0 * share:+.1f}"


def _span(both: tuple[float, float]) -> str:
    return f"{_points(both[0])} to {_points(both[1])}"


# ------------------------------------------------------------------ one world


def _print_world(found: OneWorld, run: str, folder: Path) -> None:
    sys.stdout.write("\n".join(_world_lines(found, run)) + "\n\n")
    rows = [
        (
            "all days" if one.day is None else f"day {one.day}",
            one.words,
            f"{100.0 * one.chance:.0f}%",
        )
        for one in (*found.groups, *found.dice[:_SHOWN_DICE])
    ]
    print_table(("thrown anew", "what it decides", "turns the outcome"), rows)
    more = len(found.dice) - _SHOWN_DICE
    rest = f"At least {more} more draws of one day decide it too. " if more > 0 else ""
    sys.stdout.write(
        f"\n{rest}Turns the outcome: the chance that the world ends otherwise if this luck alone "
        "is drawn again. Single draws that seldom change the outcome may be missing. Where the "
        "luck of all days is drawn again, the world may reach the same end in another way.\n"
        f"Files: {printable(folder)}\n"
    )


def _world_lines(found: OneWorld, run: str) -> Iterator[str]:
    scenario = found.setting.first
    yield (
        f"World {found.world} of run {run}, {printable(scenario.title)} as of {scenario.as_of}: "
        f"{_plain(found.ended)} (member {found.member})"
    )
    came = "came" if found.happened else "did not come"
    yield f"Asked: why `{found.outcome}` {came}."
    if not found.shares:
        yield "The scenario moves no lever and has no block: it is the baseline of its day."
    else:
        yield f"Under the baseline of its day it ends: {_plain(found.ended_before)}."
        yield from _levers_of_world(found)
    turned = [f"{_turn(turn)} ({_plain(turn.outcome)})" for turn in found.turns]
    blocks = ", and blocks left out" if scenario.blocks else ""
    yield (
        "Levers that alone would change the outcome, of all levers moved to the two ends that "
        f"`truce sensitivity` tries{blocks}: {'; '.join(turned) or 'none'}."
    )


def _turn(turn: Turn) -> str:
    if turn.lever in LEVERS:
        return f"{turn.lever} from {turn.stands} to {turn.moved}"
    return f"{turn.lever} left out"


def _levers_of_world(found: OneWorld) -> Iterator[str]:
    """What the levers that the scenario moves have to do with it."""
    moved = {name: share for name, share in found.shares.items() if share}
    words = "levers that the scenario moves"
    words += " and its blocks" if found.setting.first.blocks else ""
    if not found.levers_matter:
        yield f"None of the {words} plays a part in it, in any combination."
    elif not moved:
        yield f"The {words} cancel out: alone they would change the outcome, together they do not."
    else:
        order = sorted(moved.items(), key=lambda pair: -abs(pair[1]))
        shares = ", ".join(f"{name} {100.0 * share:+.0f} %" for name, share in order)
        both = "levers and blocks" if found.setting.first.blocks else "levers"
        yield f"What the {both} contribute to it, averaged over their orders: {shares}."


def _plain(outcome: str) -> str:
    return outcome.replace("_", " ")
