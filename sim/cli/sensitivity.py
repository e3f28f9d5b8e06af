"""`truce sensitivity`: what matters, and whether a ranking stands."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_lever, complete_scenario
from sim.cli.figures import drawn
from sim.cli.options import (
    SCENARIO_HELP,
    parse_ranges,
    parse_scenarios,
    with_settings,
)
from sim.cli.sensitivity_parts import TOLD, points, span
from sim.cli.shared import ANALYSIS, ANSWER, Shared, with_options
from sim.cli.tables import ahead_text, answer, beside_run, level_text, print_table
from sim.commands import sensitivity_command
from sim.errors import ScenarioError
from sim.inputs.levers import value_text
from sim.price import STAKES, stakes
from sim.text import days_word, printable, shown

if TYPE_CHECKING:
    from sim.attribution.sensitivity.result import Sensitivity
    from sim.attribution.sensitivity.tornado import Bar, Moved


@with_options(*ANALYSIS, *ANSWER)
def sensitivity(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO",
            help=f"{SCENARIO_HELP} After --rank B, more of them.",
            autocompletion=complete_scenario,
        ),
    ],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVER=LOW:HIGH",
            help="Share out the odds over ranges; repeatable.",
            autocompletion=complete_lever,
        ),
    ] = None,
    unknowns: Annotated[
        list[str] | None,
        typer.Option(metavar="HOW", help="otherwise, learned or worth; may be repeated."),
    ] = None,
    dice: Annotated[bool, typer.Option("--dice", help="Which luck decides.")] = False,
    rank: Annotated[
        list[str] | None,
        typer.Option(metavar="B", help="Scenarios to rank with the first: --rank B C."),
    ] = None,
    part: Annotated[
        str | None,
        typer.Option(metavar="PART", help="Which table --csv and --xlsx write (default tornado)."),
    ] = None,
    *,
    shared: Shared,
) -> None:
    """Tell what matters for the odds: levers, unknowns, luck, and whether a ranking stands.

    Example: truce sensitivity baseline

    Each lever alone is moved from where it stands to its ends (a tornado), with its price.

    Example: truce sensitivity baseline --vary sanctions.us_threat=0:1 --vary aid.level=0:1.5

    Example: truce sensitivity baseline --rank joint-ultimatum us-backstop --unknowns worth
    """
    name, *ranked = names
    if ranked and not rank:
        what = f"has {len(names)} scenarios, and it is about one."
        raise ScenarioError("truce sensitivity", what, "Write --rank before those to rank with it.")
    others = [*(rank or []), *ranked]
    ranges = parse_ranges(vary or [])
    if part is not None:
        _check_part(part, ranges, unknowns or (), dice=dice, rank=bool(others))
        if not shared.tables:
            what = "says which table goes to a file, and none is asked for."
            raise ScenarioError("--part", what, "Give --csv FILE or --xlsx FILE with it.")
    asked = {"vary": ranges, "unknowns": unknowns or (), "dice": dice}
    found = _found([name, *others], asked, shared)
    folder = found.save(shared.out, drawn("write_sensitivity"), _figure_files(found))
    table = functools.partial(found.table, part or "")
    answer(shared, table, found.as_dict, functools.partial(_report, found, folder))


def _found(names: Sequence[str], asked: dict[str, Any], shared: Shared) -> Sensitivity:
    """Load the scenarios and ask, with a bar that grows; the first is what is asked about."""
    first, *others = parse_scenarios(names, shared.settings, shared.as_of, shared.horizon)
    from sim.attribution.sensitivity.ask import TORNADO_WORLDS
    from sim.attribution.sensitivity.ask import sensitivity as ask

    asking = functools.partial(ask, first, **asked, rank=others)
    every = [first, *others]
    found = run_analysis(shared, "sensitivities", every, TORNADO_WORLDS, asking)
    return dataclasses.replace(found, made_by=sensitivity_command(found.request) or "")


_KINDS = ("png", "svg")


def _figure_files(found: Sensitivity) -> list[str]:
    """The files of its figures; none if they cannot be drawn."""
    with suppress(Exception):
        from sim import plots

        return [f"{name}.{kind}" for name in plots.sensitivity_figures(found) for kind in _KINDS]
    return []


def _check_part(
    part: str, ranges: Mapping[str, Any], unknowns: Sequence[str], *, dice: bool, rank: bool
) -> None:
    """Refuse a part that is none, or is not asked for, before any work is done."""
    from sim.attribution.sensitivity.result import PARTS

    asked = {
        "tornado": True,
        **dict.fromkeys(("sobol", "split"), bool(ranges)),
        "dice": dice,
        **{name: name in unknowns for name in ("otherwise", "learned", "worth")},
        "ranking": rank,
    }
    if part not in PARTS:
        raise ScenarioError("--part", f"{shown(part)} is none.", f"There are: {', '.join(PARTS)}.")
    if not asked[part]:
        raise ScenarioError("--part", f"{part} is not asked for.", f"Ask for it: {_ASK_FOR[part]}.")


_ASK_FOR = {
    **dict.fromkeys(("sobol", "split"), "--vary LEVER=LOW:HIGH"),
    "dice": "--dice",
    **{name: f"--unknowns {name}" for name in ("otherwise", "learned", "worth")},
    "ranking": "--rank B",
}


# ------------------------------------------------------------------ the report


def _report(found: Sensitivity, folder: Path) -> None:
    setting, odds = found.setting, found.odds
    assert setting is not None
    assert odds is not None
    scenario = setting.first
    sys.stdout.write(
        f"What matters for {printable(scenario.title)} in the odds of `{found.outcome}`: as of "
        f"{scenario.as_of}, {days_word(scenario.horizon_days)} ahead"
        f"{with_settings(scenario)}\n{setting.worlds:,} worlds at each value, the same members and "
        f"luck, seed {setting.seed}, {setting.ensemble_kind} ensemble {setting.ensemble_id}\n"
    )
    if setting.ensemble_doubt:
        sys.stdout.write(f"Beware: {setting.ensemble_doubt}.\n")
    _levers(found)
    for part, tell in TOLD.items():
        if found.has(part):
            sys.stdout.write("\n")
            tell(found)
    sys.stdout.write(f"\nFiles: {printable(folder)}\n")


def _levers(found: Sensitivity) -> None:
    assert found.odds is not None
    assert found.setting is not None
    names = found.setting.first.conflict.names
    moving = [bar for bar in found.tornado if any(map(_clear, bar.ends))]
    still = [bar.lever for bar in found.tornado if not any(map(_clear, bar.ends))]
    sys.stdout.write(
        "\nLevers, each alone moved from where it stands: by how many percentage points the odds "
        f"change\nAs the levers stand: {level_text(found.odds)}. "
        f"{beside_run(found.setting.worlds)}\n"
    )
    sides = [names[actor] for actor in found.tornado[0].low.worth]
    header = ("lever", "stands", "at", "change", "95% dice", "verdict", "members ahead")
    rows = [row for bar in moving for row in _bar_rows(bar)]
    print_table((*header, *(f"worth to {side}" for side in sides)), rows)
    if not moving:
        sys.stdout.write("No lever alone clearly moves them.\n")
        return
    if still:
        sys.stdout.write(f"Levers that alone do not clearly move the odds: {', '.join(still)}.\n")
    sys.stdout.write(
        "Members ahead: how many of 100 members, the guesses at what is settled today but not "
        "known, have higher odds there (by at least a tenth of a point) once luck is taken out; "
        f"empty where worlds or members are too few. Worth: its change in stakes. {STAKES}\n"
    )


def _clear(end: Moved) -> bool:
    low, high = end.difference.mc
    return low > 0.0 or high < 0.0


def _bar_rows(bar: Bar) -> Iterator[tuple[str, ...]]:
    for end in bar.moved:
        found = end.difference
        yield (
            bar.lever,
            bar.course,
            value_text(end.value),
            points(found.mean),
            span(found.mc),
            found.verdict,
            ahead_text(found),
            *(stakes(one.mean, 3, signed=True) for one in end.worth.values()),
        )
