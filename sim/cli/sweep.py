"""`truce sweep`: one scenario over a range of levers, as a study that can be stopped and grown."""

from __future__ import annotations

import dataclasses
import functools
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.completion import complete_lever, complete_scenario
from sim.cli.ending import Interrupted
from sim.cli.figures import drawn, load
from sim.cli.options import (
    SCENARIO_HELP,
    parse_folder,
    parse_ranges,
    parse_scenario,
    percent,
    with_settings,
)
from sim.cli.shared import ANSWER, SCENARIO, Shared, with_options
from sim.cli.tables import MEDIAN, answer, beside_run, print_table, progress_bar
from sim.commands import sweep_command
from sim.errors import ScenarioError
from sim.price import STAKES, digits_of, stakes
from sim.text import printable

if TYPE_CHECKING:
    from sim.experiments.sweep.plan import Sweep
    from sim.experiments.sweep.study import Study


@with_options(*SCENARIO, "workers", *ANSWER)
def sweep(
    scenario: Annotated[str, typer.Argument(help=SCENARIO_HELP, autocompletion=complete_scenario)],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVER=LOW:HIGH:N",
            autocompletion=complete_lever,
            help="Or LEVER=A,B,C; repeat for more. Numbers of blocks too: when.1.within=5:30:6.",
        ),
    ] = None,
    design: Annotated[str, typer.Option(help="grid, sobol (can grow) or lhs.")] = "grid",
    points: Annotated[
        int | None, typer.Option(help="Points drawn by sobol or lhs (default 256).")
    ] = None,
    worlds: Annotated[int, typer.Option(help="Worlds of each point.")] = 1000,
    seed: Annotated[int, typer.Option(help="0 to 2^63-1: the luck, the same at all points.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler's, in their place.")
    ] = None,
    out: Annotated[
        Path,
        typer.Option(parser=parse_folder, metavar="DIR", help="Where studies go, below sweeps/."),
    ] = Path("outputs"),
    keep_worlds: Annotated[
        bool, typer.Option("--keep-worlds", help="Keep a record of every world, too.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also if it is very large, or changes nothing.")
    ] = False,
    *,
    shared: Shared,
) -> None:
    """Run a scenario over a range of levers, every point on the same worlds.

    Example: truce sweep april-package --vary offer.territory=0.5:1:11
    --vary sanctions.us_threat=0:1:9

    Kill it at any moment and give the same command: it goes on from what is there. More points or
    worlds extend a study.
    """
    ranges = parse_ranges(vary or [])
    from sim.experiments.sweep.finish import request
    from sim.experiments.sweep.plan import plan_sweep

    chosen = parse_scenario(scenario, shared.settings, shared.as_of, shared.horizon)
    for lever in ranges:
        if lever in {**chosen.inline, **chosen.overrides}:
            raise ScenarioError(f"--set {lever}", "is varied, too.", "Leave out one of the two.")
    plan = plan_sweep(chosen, ranges, design, points, worlds, seed, keep_worlds=keep_worlds)
    plan = dataclasses.replace(plan, made_by=sweep_command(request(plan)))
    _note(f"Scenario {printable(chosen.path)}, as of {chosen.as_of}; ensemble {plan.ensemble.id}.")
    _note(f"Study {printable(plan.place(out))}.")
    noted = list(plan.notes)
    for note in noted:
        _note(f"Note: {note}")
    study = _run(plan, out, shared.workers, cluster, yes=yes)
    for note in study.summary["notes"]:
        if note not in noted:
            _note(f"Note: {note}")
    answer(shared, study.table, study.as_dict, lambda: print_report(study))


def _note(text: str) -> None:
    sys.stderr.write(text + "\n")


def _run(plan: Sweep, out: Path, workers: int | None, cluster: str | None, *, yes: bool) -> Study:
    from sim.experiments.executors import ExecutorSpec
    from sim.experiments.sweep.run import run_study

    kept = 0
    try:
        with progress_bar("worlds") as bar:

            def progress(done: int, total: int | None) -> None:
                nonlocal kept
                kept = done
                bar(done, total)
                if done:
                    _load()

            spec = ExecutorSpec(workers, None, cluster)
            extra = drawn("write_surface", f"sim.open({str(plan.place(out))!r}).plot() draws it")
            return run_study(plan, out, spec, yes=yes, progress=progress, extra=extra)
    except KeyboardInterrupt:
        what = f"{kept:,} worlds were run and kept" if kept else "what was finished is kept"
        raise Interrupted(f"{what}, and the same command goes on from there") from None


@functools.cache
def _load() -> None:
    """Load what the end of a sweep needs while worlds run."""
    load()
    with suppress(Exception):
        import pandas  # noqa: F401
        import scipy.special  # noqa: F401


# ------------------------------------------------------------------ the report


def print_report(study: Study) -> None:
    """Print the best point, the worst, and the scenario as it stands, with what each sets."""
    from sim.text import days_word, of_hundred, printable

    summary = study.summary
    sys.stdout.write(
        f"{printable(summary['title'])}{with_settings(study.scenario)}: as of {summary['as_of']}, "
        f"{days_word(summary['horizon_days'])} ahead\n"
        f"{summary['points']:,} points ({summary['design']}) by {summary['worlds']:,} worlds, "
        f"{summary['members']:,} members, seed {summary['seed']}, "
        f"{summary['ensemble']['kind']} ensemble {summary['ensemble']['id']}\n\n"
    )
    if doubt := summary["ensemble"].get("doubt"):
        sys.stdout.write(f"Beware: {doubt}.\n\n")
    rows = [
        _row(label, summary[name])
        for name, label in (("best", "best"), ("today", "as it stands"), ("worst", "worst"))
        if summary[name]
    ]
    gain = (summary["best"] or {}).get("gain") or {}
    if summary["today"] and "verdict" in gain:
        low, high = (f"{100.0 * end:+.1f}" for end in gain["mc"])
        ahead = gain["members_ahead"]
        apart = "" if ahead is None else f"; {of_hundred(ahead)} members ahead"
        sys.stdout.write(
            f"The best less the scenario as it stands: {low} to {high} points (95% dice), "
            f"{gain['verdict']}{apart}\n"
        )
        if apart:
            sys.stdout.write("Members ahead: how many of 100 have a difference above 0.\n")
        sys.stdout.write("\n")
    names = study.scenario.conflict.names
    sides = [f"worth to {names[actor]}" for actor in study.scenario.conflict.side_ids]
    header = ("held", "median member", "95% dice", "90% of members", "agreed (median)", *sides)
    print_table(("point", *summary["levers"], *header), rows)
    sys.stdout.write(f"{MEDIAN} {beside_run(summary['worlds'])}\nWorth: in stakes. {STAKES}\n")
    sys.stdout.write(f"\nFiles: {printable(study.folder)}\n")


def _row(label: str, point: dict[str, Any]) -> tuple[str, ...]:
    values = [_word(value) for value in point["levers"].values()]
    held, agreed = point["odds"]["held"], point["odds"]["agreed"]
    if held is None:
        return (label, *values, "failed", "", "", "", "", *("" for _ in point["worth"]))
    span = f"{percent(held['mc'][0])} to {percent(held['mc'][1])}"
    members = "too few members"
    if held["ensemble"]:
        members = f"{percent(held['ensemble'][0])} to {percent(held['ensemble'][1])}"
    worths = [_worth(worth) for worth in point["worth"].values()]
    odds = percent(held["mean"]), percent(held["median_member"]), span, members
    both = f"{percent(agreed['mean'])} ({percent(agreed['median_member'])})"
    return (label, *values, *odds, both, *worths)


def _worth(worth: dict[str, Any]) -> str:
    dice = worth["mc"]
    return stakes(worth["mean"], digits_of((dice[1] - dice[0]) / 2.0) if dice else 2)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value:g}"
