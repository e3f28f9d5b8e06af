"""`truce compare`: scenarios on the same members and luck, and what differs."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.completion import complete_scenario
from sim.cli.ending import Interrupted
from sim.cli.figures import drawn
from sim.cli.options import parse_folder, parse_scenarios, percent, with_settings
from sim.cli.shared import ANSWER, SCENARIO, Shared, with_options
from sim.cli.tables import (
    MEDIAN,
    VERDICT,
    ahead_text,
    answer,
    members_text,
    print_table,
    progress_bar,
)
from sim.cli.views import Beside, Whose, beside
from sim.commands import compare_command, run_command
from sim.errors import ScenarioError
from sim.paths import check_writable
from sim.price import STAKES, digits_of, span, stakes
from sim.text import days_word, part_text, printable, whole_points

if TYPE_CHECKING:
    from sim.experiments.comparison import Comparison
    from sim.experiments.differences import Difference, PriceDifference
    from sim.inputs.scenario import Scenario
    from sim.results import Results

KEPT_WORLDS = 2_000_000
"""Up to so many worlds in all, those of each scenario are written to a folder of its run, too."""
FILES = ("differences.png", "differences.svg", "outcomes.png", "outcomes.svg")


@with_options(*SCENARIO, "workers", *ANSWER, asked=Whose)
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            autocompletion=complete_scenario,
            help="Names or paths, as of truce run; the first is what others are set against.",
        ),
    ],
    worlds: Annotated[int | None, typer.Option(help="Worlds of each (default 20000).")] = None,
    seed: Annotated[int, typer.Option(help="0 to 2^63-1: the luck that all worlds meet.")] = 1,
    precision: Annotated[
        float | None,
        typer.Option(metavar="H", help="Run until every difference is known to +-H."),
    ] = None,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where folders go.")
    ] = Path("outputs"),
    *,
    asked: Whose,
    shared: Shared,
) -> None:
    """Compare scenarios with the first: paired differences, verdicts, who flips.

    Example: truce compare baseline joint-ultimatum "baseline+aid.level=0" --precision 0.005

    Example: truce compare baseline joint-ultimatum --analyst anna.toml --variants
    """
    if worlds is not None and precision is not None:
        todo = "Give --worlds or --precision, not both."
        raise ScenarioError("--worlds", "does not go with --precision.", todo)
    chosen = parse_scenarios(scenarios, shared.settings, shared.as_of, shared.horizon)
    asked.check(chosen)
    for name in ("comparisons", *(scenario.name for scenario in chosen)):
        check_writable(out / name)
    comparison = _with_commands(_run(chosen, worlds, seed, precision, shared.workers))
    folder = comparison.save(out, drawn("write_comparison"), FILES)
    others: Beside | None = None
    if asked.asked:
        command = comparison.made_by and f"{comparison.made_by} {shlex.join(asked.words)}"
        sized = comparison.worlds, seed
        others = beside(asked, chosen, sized, command, out, shared.workers)
    answer(
        shared,
        comparison.table,
        lambda: comparison.as_dict() | (others.document if others else {}),
        lambda: _print(comparison, folder, out, others),
    )


def _print(comparison: Comparison, folder: Path, out: Path, others: Beside | None) -> None:
    _report(comparison, folder, out)
    if others:
        others.print()


def _run(
    chosen: list[Scenario],
    worlds: int | None,
    seed: int,
    precision: float | None,
    workers: int | None,
) -> Comparison:
    from sim.experiments.compare import compare as run
    from sim.montecarlo import DEFAULT_WORLDS

    worlds = DEFAULT_WORLDS if worlds is None else worlds
    for scenario in chosen:
        sys.stderr.write(f"Scenario {printable(scenario.path)}, as of {scenario.as_of}.\n")
    keep = precision is None and worlds * len(chosen) <= KEPT_WORLDS
    try:
        with progress_bar("worlds") as bar:
            return run(chosen, worlds, seed, workers, precision=precision, progress=bar, keep=keep)
    except KeyboardInterrupt:
        raise Interrupted("nothing of this comparison was kept") from None


def _with_commands(comparison: Comparison) -> Comparison:
    """The comparison and its runs, each with the command that makes it again."""
    results = tuple(
        dataclasses.replace(result, made_by=run_command(result.request))
        for result in comparison.results
    )
    command = compare_command(comparison.request) or ""
    return dataclasses.replace(comparison, results=results, made_by=command)


# ------------------------------------------------------------------ the report


def _report(comparison: Comparison, folder: Path, out: Path) -> None:
    first = comparison.results[0]
    scenario = first.scenario
    sys.stdout.write(
        f"Against {printable(scenario.title)}: as of {scenario.as_of}, "
        f"{days_word(scenario.horizon_days)} ahead{with_settings(scenario, ', all with ')}\n"
        f"{comparison.worlds:,} worlds of each, the same members and luck, seed {first.seed}, "
        f"{first.ensemble_kind} ensemble {first.ensemble_id}\n\n"
    )
    if first.ensemble_doubt:
        sys.stdout.write(f"Beware: {first.ensemble_doubt}.\n\n")
    names = scenario.conflict.names
    sides = [names[actor] for actor in first.worth]
    header = ("scenario", "held", "collapsed", "walked away", "agreed")
    rows = [_levels(result) for result in comparison.results]
    print_table((*header, *(f"worth to {name}" for name in sides)), rows)
    sys.stdout.write(f"{_odds_note(first)}\nWorth: in stakes. {STAKES}\n")
    sys.stdout.write("\n" + "\n".join(_legend(comparison)) + "\n")
    for quantity in comparison.differences:
        sys.stdout.write(f"\nDifference in the odds of `{quantity}`, percentage points\n")
        print_table(_HEADER, list(_rows(comparison, quantity)))
    for actor, found in comparison.worth.items():
        sys.stdout.write(f"\nDifference in the worth to {names[actor]}, stakes\n")
        print_table(_HEADER[:-1], list(_price_rows(comparison, found)))
    sys.stdout.write(
        "\n" + "\n".join([*_flips(comparison, out), f"Files: {printable(folder)}"]) + "\n"
    )


def _odds_note(first: Results) -> str:
    if first.odds["held"].median_member is None:
        return "Odds: shares of worlds (median member: not told of fewer than 64 members)."
    return f"Odds: the mean of the members' own odds (the median member). {MEDIAN}"


def _levels(result: Results) -> tuple[str, ...]:
    """How often a scenario ends in some ways, as it stands alone, and the price."""
    from sim.outcomes import parts_of_outcomes

    odds = {**result.odds, "agreed": result.agreed}
    parts = parts_of_outcomes({name: one.mean for name, one in result.odds.items()}, 1)
    return (
        printable(result.scenario.label),
        *(
            f"{part_text(parts[name], odds[name].mean, 1)}% ({percent(odds[name].median_member)})"
            for name in ("held", "collapsed", "walked_away", "agreed")
        ),
        *(stakes(worth.mean, digits_of(worth.half_width)) for worth in result.worth.values()),
    )


_HEADER = ("scenario", "verdict", "difference", "95% dice", "90% of members", "members ahead",
           "unpaired worlds")  # fmt: skip


def _legend(comparison: Comparison) -> Iterator[str]:
    """What members and verdicts are, before the first table that has them."""
    tally = comparison.results[0].tally
    members, used = tally.members, tally.members_used
    if comparison.differences["held"][0].ensemble is None:
        yield (
            f"Fewer than 64 of the {members:,} members were used, too few to see where members "
            "disagree: the verdicts rest on the 95% dice alone."
        )
        return
    yield (
        f"Members: guesses at what is settled today but not known; {used:,} of {members:,} were "
        "used. 'Members ahead': how many of 100 have a difference above 0 once luck is taken out "
        "(for odds, by at least a tenth of a point)."
    )
    yield VERDICT


def _rows(comparison: Comparison, quantity: str) -> Iterator[tuple[str, ...]]:
    for result, found in zip(comparison.results[1:], comparison.differences[quantity], strict=True):
        digits = 1 if found.half_width > 0.0005 else 2
        low, high = (f"{100 * end:+.{digits}f}" for end in found.mc)
        members = members_text(found.ensemble, found.mc, whole_points)
        yield (
            printable(result.scenario.label),
            found.verdict,
            f"{100 * found.mean:+.{digits}f}",
            f"{low} to {high}",
            members,
            ahead_text(found),
            _unpaired(found),
        )


def _price_rows(
    comparison: Comparison, shifts: Sequence[PriceDifference]
) -> Iterator[tuple[str, ...]]:
    for result, found in zip(comparison.results[1:], shifts, strict=True):
        digits = digits_of(found.half_width)
        dice, members = "one world alone", "too few members"
        if found.mc:
            dice = span(found.mc, digits, signed=True)
            members = members_text(
                found.ensemble, found.mc, lambda end: stakes(end, 2, signed=True)
            )
        yield (
            printable(result.scenario.label),
            found.verdict,
            stakes(found.mean, digits, signed=True),
            dice,
            members,
            ahead_text(found),
        )


def _unpaired(found: Difference) -> str:
    """Roughly how many worlds unpaired luck would take; nothing is known if no world flips."""
    if not found.gained and not found.lost:
        return ""
    return f"about {float(f'{found.worlds_unpaired:.2g}'):,.0f} of each"


def _flips(comparison: Comparison, out: Path) -> Iterator[str]:
    """Which worlds change, and how to see one."""
    for result, found in zip(comparison.results[1:], comparison.differences["held"], strict=True):
        ways = ((found.gained, found.world_gained, "gain"), (found.lost, found.world_lost, "lose"))
        name = printable(result.scenario.label)
        for share, world, verb in ways:
            if world is None:
                yield f"{name}: no world would {verb} a truce that holds"
                continue
            words = ["truce", "replay", result.run_id, "--world", str(world)]
            words += [] if out == Path("outputs") else ["--out", str(out)]
            yield (
                f"{name}: {percent(share)} of worlds {verb} a truce that holds; "
                f"one of them: {shlex.join(words)}"
            )
