"""`truce run`: one scenario, its odds, and a folder with everything that led to them."""

from __future__ import annotations

import dataclasses
import functools
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.completion import complete_scenario
from sim.cli.ending import Interrupted
from sim.cli.figures import drawn, load
from sim.cli.options import SCENARIO_HELP, parse_folder, parse_scenario, percent, with_settings
from sim.cli.shared import ANSWER, SCENARIO, Shared, with_options
from sim.cli.tables import MEDIAN, answer, members_text, print_table, progress_bar
from sim.cli.views import Beside, Whose, beside
from sim.commands import run_command
from sim.errors import ScenarioError, check_whole
from sim.files import check_ours, result_folder
from sim.owned import check_place
from sim.reading import read_document
from sim.text import part_text, parts_of_whole, printable

if TYPE_CHECKING:
    import pandas as pd

    from sim.inputs.conflict import Conflict
    from sim.inputs.scenario import Scenario
    from sim.montecarlo import Plan
    from sim.progress import Progress


RUN_FILES = ("summary.json", "worlds.parquet")
FILES = (*RUN_FILES, "odds.png", "odds.svg")
"""What a run's folder has beside its manifest, with figures."""


@with_options(*SCENARIO, "workers", *ANSWER, asked=Whose)
def run(
    scenario: Annotated[str, typer.Argument(help=SCENARIO_HELP, autocompletion=complete_scenario)],
    worlds: Annotated[int | None, typer.Option(help="How many worlds (default 20000).")] = None,
    seed: Annotated[int, typer.Option(help="0 to 2^63-1: the luck that all worlds meet.")] = 1,
    precision: Annotated[
        float | None,
        typer.Option(metavar="H", help="Run until the odds of `held` are known to +-H."),
    ] = None,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where run folders go.")
    ] = Path("outputs"),
    *,
    asked: Whose,
    shared: Shared,
) -> None:
    """Run a scenario: the odds of every outcome, with both intervals.

    Example: truce run joint-ultimatum --worlds 20000 --set sanctions.us_threat=0.5

    Example: truce run baseline --analyst anna.toml --variants
    """
    if worlds is not None and precision is not None:
        todo = "Give --worlds or --precision, not both."
        raise ScenarioError("--worlds", "does not go with --precision.", todo)
    if shared.workers is not None:
        check_whole("workers", shared.workers, 1, 4096)
    chosen = parse_scenario(scenario, shared.settings, shared.as_of, shared.horizon)
    plan = _plan(chosen, worlds, seed, precision)
    asked.check([chosen])
    _note(f"Scenario {printable(chosen.path)}, as of {chosen.as_of}; ensemble {plan.ensemble.id}.")
    summary, folder = _run_into(plan, out, shared.workers)
    others: Beside | None = None
    if asked.asked:
        from sim.request import worlds_request

        asks = worlds_request([chosen], plan.worlds, precision, seed)
        command = f"{run_command(asks)} {shlex.join(asked.words)}"
        sized = summary["worlds"], seed
        others = beside(asked, [chosen], sized, command, out, shared.workers)
    answer(
        shared,
        functools.partial(_table, folder),
        lambda: summary | (others.document if others else {}),
        lambda: _print(chosen, summary, folder, others),
    )


def _print(
    scenario: Scenario, summary: dict[str, Any], folder: Path, others: Beside | None
) -> None:
    print_report(scenario, summary, folder)
    if others:
        others.print()


def _table(folder: Path) -> pd.DataFrame:
    from sim.results import Results

    return Results.open(folder).table()


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


def _plan(scenario: Scenario, worlds: int | None, seed: int, precision: float | None) -> Plan:
    from sim.inputs.ensemble import load_ensemble
    from sim.montecarlo import DEFAULT_WORLDS, Plan

    worlds = DEFAULT_WORLDS if worlds is None else worlds
    ensemble = load_ensemble(scenario.as_of, conflict=scenario.conflict)
    return Plan(scenario, ensemble, worlds, seed, precision)


def _run_into(plan: Plan, out: Path, workers: int | None) -> tuple[dict[str, Any], Path]:
    """Run the plan into its folder, or verify and use what is there."""
    from sim import store

    key = store.run_key(plan.scenario, plan.seed, plan.worlds, plan.precision, plan.ensemble.id)
    final = out / plan.scenario.name / key
    check_place(final, out)
    check_ours(final)
    there = final.exists()
    summary = _summary_in(final)
    if summary is not None:
        _note(f"This run is there already, and whole: {final}.")
        if store.renew_claims(final, plan.scenario):
            _note("Its claims are now those of the scenario.")
        store.asked_again(final)
        return summary, final
    if there and store.verified(final, RUN_FILES) is not None:
        _note(f"The run in {final} has no figures; running again to draw them.")
    elif there:
        _note(f"The run in {final} is incomplete; running again.")
    return _run_new(plan, final, out, workers), final


def _summary_in(folder: Path) -> dict[str, Any] | None:
    """Return the summary of a run that is there and whole, with its figures."""
    from sim.store import verified

    if not verified(folder, FILES):
        return None
    from sim.read_back import problem
    from sim.summaries import RunSummary

    summary = read_document(folder / "summary.json")
    return None if summary is None or problem(RunSummary, summary) else summary


def _run_new(plan: Plan, final: Path, out: Path, workers: int | None) -> dict[str, Any]:
    from sim.montecarlo import collect, stream
    from sim.world_table import BlockWriter

    with result_folder(final, out) as folder:
        writer = BlockWriter(folder, plan.scenario.conflict.side_ids, tuple(plan.scenario.blocks))

        def written(progress: Progress | None) -> Iterator[Any]:
            for rows in stream(plan, workers, progress=progress):
                writer.write(rows)
                load()
                yield rows

        try:
            with progress_bar("worlds") as progress:
                results = collect(plan, written(progress), keep=False)
        except BaseException as error:
            writer.close(whole=False)
            if isinstance(error, KeyboardInterrupt):
                raise Interrupted("nothing of this run was kept") from None
            raise
        writer.close(whole=True)
        results = dataclasses.replace(results, made_by=run_command(results.request))
        results.finish(folder, drawn("write_odds"))
    return results.as_dict()


# ------------------------------------------------------------------ the report

_MEANINGS = {
    "held": "a full truce held 30 days",
    "collapsed": "agreed, none held",
    "walked_away": "the mediator left first",
    "partial_only": "only a partial truce",
    "no_truce": "none of these",
}


def _row(
    label: str, odds: dict[str, Any] | None, meaning: str, part: float | None = None
) -> tuple[str, ...]:
    """A row of odds; a part of all worlds is given as it is printed, so that the parts add up."""
    if odds is None:
        return label, "-", "-", "no world agreed", "", meaning
    low, high = odds["mc"]
    members = members_text(odds["ensemble"], odds["mc"], percent)
    mean = percent(odds["mean"]) if part is None else f"{part_text(part, odds['mean'], 1)}%"
    both = f"{mean:>6}", f"{percent(odds['median_member']):>6}"
    return (label, *both, f"{percent(low)} to {percent(high)}", members, meaning)


def print_report(scenario: Scenario, summary: dict[str, Any], folder: Path) -> None:
    """Print the odds of a run: a table, and what stands behind it."""
    from sim.base_rate import base_rate_text
    from sim.text import counted, days_word, printable

    ensemble = summary["ensemble"]
    sys.stdout.write(
        f"{printable(scenario.title)}{with_settings(scenario)}: as of {summary['as_of']}, "
        f"{days_word(summary['horizon_days'])} ahead\n"
        f"{counted(summary['worlds'], 'world')}, {counted(summary['members'], 'member')}, "
        f"seed {summary['seed']}, "
        f"{ensemble['kind']} ensemble {ensemble['id']}\n\n"
    )
    print_table(_HEADER, list(_rows(summary)))
    known = summary["odds"]["held"]["median_member"] is not None
    notes = ["", f"{_ODDS} {MEDIAN}" if known else _ODDS, base_rate_text(scenario), ""]
    lines = [*notes, *_behind(summary, scenario.conflict), *doubt_lines(scenario)]
    lines.append(f"Files: {printable(folder)}")
    sys.stdout.write("\n".join(lines) + "\n")


_ODDS = "Odds: the share of all worlds, the mean of the members' own odds."
_HEADER = ("outcome", "  odds", "median member", "95% dice", "90% of members", "meaning")


def _rows(summary: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    from sim.base_rate import BASE_RATE
    from sim.outcomes import parts_of_outcomes

    odds = summary["odds"]
    parts = parts_of_outcomes({name: one["mean"] for name, one in odds.items()}, 1)
    for name, meaning in _MEANINGS.items():
        yield _row(name, odds[name], meaning, parts[name])
    yield _row("agreed", summary["agreed"], "held or collapsed", parts["agreed"])
    yield _row("held if agreed", summary["held_given_agreed"], "of those that agreed")
    base = percent(summary["baseline"]["held"])
    yield "base rate", f"{base:>6}", "", "", "", f"of held, {BASE_RATE}"


def doubt_lines(scenario: Scenario) -> Iterator[str]:
    """What not to lean on with the levers of a scenario, in one line."""
    if scenario.doubts:
        yield f"What not to lean on: {'; '.join(doubt.short for doubt in scenario.doubts[:2])}."


def price_lines(summary: dict[str, Any], conflict: Conflict) -> Iterator[str]:
    """What a world is worth to each side, in stakes, and on which roads worlds agreed."""
    from sim.price import STAKES, holding_text, roads_text, worth_text

    for actor, worth in summary["worth"].items():
        yield f"Price: worth to {conflict.names[actor]} {worth_text(worth)}"
    yield STAKES
    yield from filter(None, (roads_text(summary["roads"]), holding_text(summary["roads"])))


def _behind(summary: dict[str, Any], conflict: Conflict) -> Iterator[str]:
    """Blocks, price, roads, days, pauses, who blocked, what kind of ensemble it is: a line each."""
    from sim.reacted import block_lines

    yield from block_lines(summary.get("blocks", {}), percent)
    yield from price_lines(summary, conflict)
    days = summary["days_to_truce"]
    if days:
        span = f"{days['p50']} (80% between {days['p10']} and {days['p90']})"
        yield f"Days to a truce, where agreed: {span}"
    pauses = {name: percent(odds["mean"]) for name, odds in summary["pauses"].items()}
    yield (
        f"A pause declared by one side in {pauses['unilateral']} of worlds; some mutual quiet, "
        f"however short, in {pauses['mutual_any_length']}"
    )
    yield from _blocked(summary["blockers"])
    if doubt := summary["ensemble"].get("doubt"):
        yield f"Beware: {doubt}."
    if summary["ensemble"]["kind"] == "prior":
        year = conflict.facts.record.begins.year
        yield f"The ensemble holds priors alone: it is not conditioned on the record of {year}."


def _blocked(blockers: dict[str, Any]) -> Iterator[str]:
    """Who blocked last, and on which issues: parts of the worlds without `held`, and of those."""
    shares = [one["share"] or 0.0 for one in blockers.values()]
    parts = parts_of_whole([*shares, max(0.0, 1.0 - sum(shares))], 1)
    for (actor, one), part in zip(blockers.items(), parts, strict=False):
        if not one["issues"]:
            continue
        issues = list(one["issues"].items())
        told = zip(issues, parts_of_whole([share for _, share in issues], 1), strict=True)
        on = [f"{issue} {part_text(each, share, 1)}%" for (issue, share), each in told][:2]
        whole = f"{part_text(part, one['share'], 1)}%"
        yield f"Blocked last by {actor} in {whole} of worlds without `held`: on {', '.join(on)}"
