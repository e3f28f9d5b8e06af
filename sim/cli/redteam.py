"""`truce redteam`: which single move of which actor takes most from a scenario."""

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
from sim.cli.options import SCENARIO_HELP, parse_scenario, percent, with_settings
from sim.cli.sensitivity_parts import points, span
from sim.cli.shared import ANALYSIS, ANSWER, Shared, with_options
from sim.cli.tables import VERDICT, answer, beside_run, level_text, members_text, print_table
from sim.commands import redteam_command
from sim.price import STAKES, stakes
from sim.text import counted, days_word, printable, whole_points

if TYPE_CHECKING:
    from sim.attribution.redteam.result import Exploit, RedTeam

FILES = ("redteam.png", "redteam.svg")


@with_options(*ANALYSIS, *ANSWER)
def redteam(
    name: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP, autocompletion=complete_scenario),
    ],
    *,
    shared: Shared,
) -> None:
    """Tell which single move of which actor takes most from a scenario, and who gains by it.

    Example: truce redteam joint-ultimatum

    Each move of a list is imposed on a few days: a pause, a yes that is meant to fail, strikes,
    conditions, a refusal, sanctions alone, a threat let pass, leaving the talks. --worlds is how
    many the worst moves are run in at last; all are tried in a quarter as many.
    """
    scenario = parse_scenario(name, shared.settings, shared.as_of, shared.horizon)
    from sim.attribution.redteam.ask import REDTEAM_WORLDS
    from sim.attribution.redteam.ask import redteam as ask

    found = run_analysis(
        shared, "redteams", [scenario], REDTEAM_WORLDS, functools.partial(ask, scenario)
    )
    found = dataclasses.replace(found, made_by=redteam_command(found.request) or "")
    folder = found.save(shared.out, drawn("write_redteam"), FILES)
    answer(shared, found.table, found.as_dict, functools.partial(_report, found, folder))


# ------------------------------------------------------------------ the report


def _report(found: RedTeam, folder: Path) -> None:
    sys.stdout.write("\n".join([*_head(found), *_findings(found)]) + "\n\n")
    print_table(*_table(found))
    sys.stdout.write("\n" + "\n".join([*_notes(found), f"Files: {printable(folder)}"]) + "\n")


def _head(found: RedTeam) -> Iterator[str]:
    setting = found.setting
    scenario = setting.first
    yield (
        f"Moves against {printable(scenario.title)} in the odds of `{found.outcome}`: as of "
        f"{scenario.as_of}, {days_word(scenario.horizon_days)} ahead{with_settings(scenario)}"
    )
    yield (
        f"{counted(len(found.screened), 'move')} tried; the worst run again in "
        f"{setting.worlds:,} other worlds, the same luck with the move and without, seed "
        f"{setting.seed}, {setting.ensemble_kind} ensemble {setting.ensemble_id}"
    )
    if setting.ensemble_doubt:
        yield f"Beware: {setting.ensemble_doubt}."
    yield f"Without any of these moves: {level_text(found.odds)}. {beside_run(0, other=True)}"


def _findings(found: RedTeam) -> Iterator[str]:
    most = found.exploitability
    if found.worst is None:
        yield (
            "No move is seen to lower the odds; the worst takes at most "
            f"{100.0 * most.mc[1]:.1f} points."
        )
        return
    yield (
        f"Exploitability, what the worst move takes: {100.0 * most.mean:.1f} points "
        f"({span(most.mc).replace('+', '')})."
    )
    yield f"Worst move of anyone: {_sentence(found, found.worst)}."
    motive = found.worst_with_motive
    if motive is None:
        yield "Worst move of a side that gains by it: none is seen."
    else:
        yield f"Worst move of a side that gains by it: {_sentence(found, motive)}."


def _sentence(found: RedTeam, one: Exploit) -> str:
    from sim.attribution.redteam.moves import actor_names

    name = actor_names(found.setting.first.conflict)[one.actor]
    change = points(one.difference.mean)
    return f"on day {one.day} {name} {one.words} ({change} points)"


def _table(found: RedTeam) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    from sim.attribution.redteam.moves import actor_names

    conflict = found.setting.first.conflict
    actors = actor_names(conflict)
    sides = [actors[side] for side in conflict.side_ids]
    header = ("actor", "move", "day", "made", "change", "95% dice", "members", "verdict")
    worth = (f"worth to {side}" for side in sides)
    rows = [_row(one, actors[one.actor]) for one in found.exploits]
    return (*header, *worth, "motive"), rows


def _row(one: Exploit, name: str) -> tuple[str, ...]:
    change = one.difference
    return (
        name,
        one.words,
        str(one.day),
        ", ".join(percent(share) for share in one.made),
        points(change.mean),
        span(change.mc),
        members_text(change.ensemble, change.mc, whole_points),
        change.verdict,
        *(stakes(worth.mean, 3, signed=True) for worth in one.worth.values()),
        one.motive if one.claimed else "",
    )


def _notes(found: RedTeam) -> Iterator[str]:
    yield VERDICT
    yield (
        "Change: of the odds by the move, in percentage points. The 95% intervals hold for all "
        "rows together. They come from other worlds than those in which the moves were chosen."
    )
    yield (
        "For each actor the move that takes most; for a side also the one that takes most of those "
        "by which it gains, if that is another. Where an interval holds 0, no effect is shown."
    )
    yield (
        "Made: the share of worlds in which the move was made on its day. A yes that is meant to "
        "fail has two shares: saying yes, and walking out of the truce later."
    )
    yield (
        "Motive: whether a side gains in worth by its own move. The mediator and the blocs have no "
        f"worth in the model, so that their motive is not known. Worth: its change in stakes. "
        f"{STAKES}"
    )
    if found.ruled_out:
        number = counted(len(found.ruled_out), "move")
        yield f"{number} not tried, since the scenario rules them out; --json says why."
