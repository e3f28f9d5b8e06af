"""`truce discover`: in which members, or at which levers, a condition holds."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_result
from sim.cli.figures import drawn
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.commands import discover_command
from sim.text import counted, days_word, printable

if TYPE_CHECKING:
    from sim.attribution.discover.evaluate import Evaluation
    from sim.attribution.discover.result import Discovery
    from sim.experiments.sensitivity.jackknife import Estimate

FILES = ("discovery.png", "discovery.svg")
_OPTIONS = ("workers", "worlds", "seed", "out")


@with_options(*_OPTIONS, *ANSWER)
def discover(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RUN|STUDY",
            autocompletion=complete_result,
            help="A run, a comparison or a study: its folder, its id, the beginning of one, or "
            "`last`.",
        ),
    ],
    where: Annotated[
        str,
        typer.Option(
            metavar="CONDITION",
            help="What is to hold, such as 'held<.05', 'agreed>=50%' or 'worth_SIDE>0'; of a "
            "comparison 'gain_held>.05'.",
        ),
    ],
    over: Annotated[
        str | None,
        typer.Option(
            help="What is searched: members, which differ in what is unknown; of a study levers "
            "(its default) or both.",
        ),
    ] = None,
    most: Annotated[int, typer.Option(help="How many numbers a range may be given for.")] = 3,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="SCENARIO",
            help="Of a comparison: what is set against its first scenario (default: the last).",
        ),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Say in a sentence where a condition holds: in which members, at which levers, or both.

    Example: truce discover last --where "held<.05"

    One half of the members, or of the points of a study, is searched for ranges of a few numbers
    that tell where it holds. The other half, on other luck, says how far that is true. --worlds is
    how many worlds each half of the luck has: 64 of every member, or of each point of a study.

    Example: truce discover last-study --where "held>.3" --over both
    """
    from sim.catalog import WITH_WORLDS, open_entry
    from sim.runs import find

    result: Any = open_entry(find(name, shared.out, WITH_WORLDS))
    from sim.attribution.discover.ask import discover_result

    def ask(outcome: str, worlds: int, **how: Any) -> Discovery:
        given = {name: value for name, value in how.items() if name != "seed" or shared.seed}
        given |= {"seed": shared.seed} if shared.seed is not None else {}
        given |= {"worlds": worlds} if worlds else {}
        return discover_result(result, where, over, of, most, given)

    found = run_analysis(shared, "discoveries", (), 0, ask)
    found = dataclasses.replace(found, made_by=discover_command(found.request))
    folder = found.save(shared.out, drawn("write_discovery"), FILES)
    answer(shared, found.table, found.as_dict, functools.partial(_report, found, folder))


# ------------------------------------------------------------------ the report


def _report(found: Discovery, folder: Path) -> None:
    sys.stdout.write("\n".join([*_head(found), "", found.sentence, ""]) + "\n")
    if found.box:
        header = ("number", "from", "to", "of", "meaning")
        print_table(header, [_row(one) for one in found.box])
        sys.stdout.write("\n")
    sys.stdout.write(
        "\n".join([*_measured(found), *_notes(found), f"Files: {printable(folder)}"]) + "\n"
    )


def _head(found: Discovery) -> Iterator[str]:
    setting = found.setting
    assert setting is not None
    titles = " against ".join(printable(one.title) for one in reversed(setting.scenarios))
    scenario = setting.first
    yield (
        f"Where `{found.asked['where']}` holds, {titles}: as of {scenario.as_of}, "
        f"{days_word(scenario.horizon_days)} ahead"
    )
    looked = found.looked
    things = looked.thing.replace(" ", "s ", 1) if " " in looked.thing else f"{looked.thing}s"
    yield (
        f"{looked.rows:,} {things} searched by {counted(looked.numbers, 'number')} that differ, "
        f"{found.everything.inside:,} others held out; {setting.worlds:,} worlds on each half of "
        f"the luck, seed {setting.seed}, {setting.ensemble_kind} ensemble {setting.ensemble_id}"
    )
    if setting.ensemble_doubt:
        yield f"Beware: {setting.ensemble_doubt}."


def _row(one: Any) -> tuple[str, ...]:
    low, high = ("" if end is None else f"{end:.12g}" for end in (one.low, one.high))
    return one.name, low, high, f"{one.lowest:.3g} to {one.highest:.3g}", one.meaning


def _measured(found: Discovery) -> Iterator[str]:
    """The shares with their intervals."""
    from sim.attribution.discover.words import together

    one = found.evaluation
    if not found.found:
        yield f"It holds in {_share(one.base)} of all."
        if found.measured is not None:
            best = _three(found.measured)
            yield f"The best ranges of the half searched, measured on the other: {best}."
        return
    yield (
        f"Precision, the share of those within that meet it: {_share(one.precision)}. Recall, the "
        f"share of those that meet it that are within: {_share(one.recall)}. Of all: "
        f"{_share(one.base)}."
    )
    yield f"Held out: {one.inside:,} within, {one.outside:,} not."
    tree = found.tree
    if tree is not None and tree.wins:
        yield f"A tree of three questions tells more: {_three(tree.evaluation)}. It asks for"
        yield from (f"  - {together(path)}" for path in tree.paths)


def _three(one: Evaluation) -> str:
    return (
        f"precision {_share(one.precision)}, recall {_share(one.recall)}, of all {_share(one.base)}"
    )


def _share(one: Estimate) -> str:
    low, high = (f"{100.0 * end:.0f}" for end in one.mc)
    return f"{100.0 * one.mean:.0f}% ({low} to {high})"


def _notes(found: Discovery) -> Iterator[str]:
    yield (
        "Percentages: with 95% intervals, from the half that was not searched. A range tells where "
        "it holds, not why: numbers correlated with those named may be the cause."
    )
    if found.looked.thing != "point of the study":
        yield "Luck is taken out of what a member's worlds show."
