"""`truce sensitivity`: what matters, and whether a ranking stands."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.commands import sensitivity_command
from sim.cli.options import (
    SCENARIO_HELP,
    parse_folder,
    parse_ranges,
    parse_scenario,
    percent,
    with_settings,
)
from sim.cli.shared import ANSWER, SCENARIO, Shared, with_options
from sim.cli.tables import answer, print_table, progress_bar
from sim.errors import ScenarioError
from sim.inputs.levers import value_text
from sim.paths import check_writable
from sim.price import STAKES, stakes
from sim.text import days_word, printable, shown

if TYPE_CHECKING:
    from sim.attribution.sensitivity.result import Sensitivity
    from sim.attribution.sensitivity.tornado import Bar, Moved

_ROWS = 15


@with_options(*SCENARIO, "workers", *ANSWER)
def sensitivity(
    name: Annotated[str, typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP)],
    ranked: Annotated[
        list[str] | None, typer.Argument(metavar="[B C ...]", help="After --rank: more of them.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="LEVER=LOW:HIGH", help="Share out the odds over ranges; repeatable."),
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
    outcome: Annotated[str, typer.Option(help="One of the five outcomes, or `agreed`.")] = "held",
    worlds: Annotated[
        int | None, typer.Option(help="Worlds at each end of each lever (default 12288).")
    ] = None,
    seed: Annotated[int, typer.Option(help="0 to 2^63-1: the luck that all worlds meet.")] = 1,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where folders go.")
    ] = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Tell what matters for the odds: levers, unknowns, luck, and whether a ranking stands.

    Each lever alone is moved from where it stands to its ends (a tornado), with its price.

    Example: truce sensitivity baseline

    Example: truce sensitivity baseline --vary sanctions.us_threat=0:1 --vary aid.level=0:1.5

    Example: truce sensitivity baseline --rank joint-ultimatum us-backstop --unknowns worth
    """
    from sim.attribution.sensitivity.result import PARTS

    if part is not None and part not in PARTS:
        raise ScenarioError("--part", f"{shown(part)} is none.", f"There are: {', '.join(PARTS)}.")
    others = [*(rank or []), *(ranked or [])]
    if ranked and not rank:
        what = f"has {len(ranked) + 1} scenarios, and it is about one."
        raise ScenarioError("truce sensitivity", what, "Write --rank before those to rank with it.")
    chosen = [
        parse_scenario(one, shared.settings, shared.as_of, shared.horizon)
        for one in (name, *others)
    ]
    ranges = parse_ranges(vary or [])
    for lever, spec in ranges.items():
        if isinstance(spec, tuple):  # steps are of a grid
            ranges[lever] = (spec[0], spec[1])
    from sim import plots
    from sim.attribution.sensitivity.ask import TORNADO_WORLDS
    from sim.attribution.sensitivity.ask import sensitivity as ask
    from sim.experiments.kernel import UNFINISHED

    for place in ("sensitivities", UNFINISHED):
        check_writable(out / place)
    for scenario in chosen:
        sys.stderr.write(f"Scenario {scenario.path}, as of {scenario.as_of}.\n")
    try:
        with progress_bar("worlds") as bar:
            found = ask(
                chosen[0],
                ranges,
                unknowns=unknowns or (),
                dice=dice,
                rank=chosen[1:],
                outcome=outcome,
                worlds=TORNADO_WORLDS if worlds is None else worlds,
                seed=seed,
                workers=shared.workers,
                progress=bar or False,
                kept=out / UNFINISHED,
            )
    except KeyboardInterrupt:
        sys.stderr.write("\ntruce: interrupted; the same command goes on from here.\n")
        raise SystemExit(130) from None
    found = dataclasses.replace(found, made_by=sensitivity_command(found.request) or "")
    files = [f"{name}.{kind}" for name in plots.sensitivity_figures(found) for kind in _KINDS]
    folder = found.save(out, plots.write_sensitivity, files)
    table = functools.partial(found.table, part or "")
    answer(shared, table, found.as_dict, functools.partial(_report, found, folder))


_KINDS = ("png", "svg")


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
    for part, tell in _TOLD.items():
        if found.has(part):
            sys.stdout.write("\n")
            tell(found)
    sys.stdout.write(f"\nFiles: {folder}\n")


def _levers(found: Sensitivity) -> None:
    assert found.odds is not None
    assert found.setting is not None
    names = found.setting.first.conflict.names
    moving = [bar for bar in found.tornado if any(map(_clear, bar.ends))]
    still = [bar.lever for bar in found.tornado if not any(map(_clear, bar.ends))]
    sys.stdout.write(
        "\nLevers, each alone moved from where it stands: change of "
        f"{percent(found.odds.mean)}, in percentage points\n"
    )
    sides = [names[actor] for actor in found.tornado[0].low.worth]
    header = ("lever", "stands", "at", "change", "95% dice", "members ahead")
    rows = [row for bar in moving for row in _bar_rows(bar)]
    print_table((*header, *(f"worth to {side}" for side in sides)), rows)
    if still:
        sys.stdout.write(f"None of these moves them clearly: {', '.join(still)}.\n")
    sys.stdout.write(
        "Members ahead: in how many of 100 members, each a view of what is settled today but not "
        f"known, the odds are higher there, luck taken out. Worth: its change in stakes. {STAKES}\n"
    )


def _clear(end: Moved) -> bool:
    low, high = end.difference.mc
    return low > 0.0 or high < 0.0


def _bar_rows(bar: Bar) -> Iterator[tuple[str, ...]]:
    for end in bar.ends:
        if end.value == bar.stands:
            continue
        found = end.difference
        yield (
            bar.lever,
            value_text(bar.stands),
            value_text(end.value),
            _points(found.mean),
            _span(found.mc),
            "" if found.members_ahead is None else f"{100.0 * found.members_ahead:.0f}",
            *(stakes(one.mean, 3, signed=True) for one in end.worth.values()),
        )


def _sobol(found: Sensitivity) -> None:
    method = found.parts["sobol_method"]
    sys.stdout.write(
        "Levers over the ranges given, each value as likely as another: shares of what they change "
        f"together ({method['runs']:,} runs, polynomials of degree {method['degree']})\n"
    )
    if found.parts["sobol"] is None:
        sys.stdout.write("Nothing moves the odds clearly over these ranges.\n")
        return
    rows = [
        (lever, *(_with_error(one[kind]) for kind in ("shapley", "first", "total")))
        for lever, one in sorted(
            found.parts["sobol"].items(), key=lambda pair: -pair[1]["shapley"]["mean"]
        )
    ]
    print_table(("lever", "fair share", "alone", "with others"), rows)
    sys.stdout.write(
        "Fair share: Shapley's; they sum to 100 %. Alone: first-order Sobol index. With others: "
        "total index.\n"
    )
    if not method["agrees"]:
        sys.stdout.write(
            "Beware: the polynomials miss a part of what the levers change; shares are of the "
            "rest.\n"
        )


_SPLIT = {
    "levers": "the levers, whoever is right",
    "members": "who is right: the members",
    "levers_by_member": "levers that work for some members only",
    "fixed_luck": "luck that no lever moves",
    "turned_luck": "luck that the levers turn",
}


def _split(found: Sensitivity) -> None:
    sys.stdout.write("What decides how one world ends, with the levers anywhere in these ranges\n")
    if found.parts["split"] is None:
        sys.stdout.write("The outcome does not vary.\n")
        return
    rows = [(_SPLIT[name], _with_error(one)) for name, one in found.parts["split"].items()]
    print_table(("what", "share"), rows)


def _dice(found: Sensitivity) -> None:
    from sim.experiments.dice import GROUPS

    sys.stdout.write("Which luck decides, where the levers stand\n")
    if found.parts["dice"] is None:
        sys.stdout.write("Luck decides nothing that can be told.\n")
        return
    rows = [
        (GROUPS[name], _with_error(one["first"]), _with_error(one["total"]))
        for name, one in found.parts["dice"].items()
    ]
    print_table(("luck", "decides alone", "decides with the others"), rows)


def _otherwise(found: Sensitivity) -> None:
    sys.stdout.write(
        "Unknowns, were they otherwise: each number at its tenth, then at its ninetieth percentile "
        "in all members\n"
    )
    rows = [
        (row["meaning"], f"{row['low']:.3g} to {row['high']:.3g}", percent(row["at_low"]),
         percent(row["at_high"]), _points(row["mean"]), _span(row["mc"]), row["standing"])
        for row in found.parts["unknowns"]["otherwise"][:_ROWS]
    ]  # fmt: skip
    header = ("number", "from to", "odds at low", "at high", "change", "95% dice", "who says so")
    print_table(header, rows)


def _learned(found: Sensitivity) -> None:
    document = found.parts["unknowns"]["learned"]
    sys.stdout.write(
        "Unknowns, if we learned them: how much of what the members disagree on would go (their "
        f"odds spread by {percent(document['spread_between_members'])}, sd, luck taken out)\n"
    )
    rows = [(one["name"], _with_error(one)) for one in document["groups"]]
    print_table(("group of numbers", "share"), [*rows, ("all", _with_error(document["explained"]))])


def _worth(found: Sensitivity) -> None:
    document = found.parts["unknowns"]["worth"]
    low, high = document["everything"]
    sys.stdout.write(
        f"What knowing is worth before choosing: best on average is {document['best_on_average']}; "
        "by how many points the odds rise if a number is learned first\n"
    )
    some = [one for one in document["numbers"] if one["mc"][0] > 0.0][:_ROWS]
    rows = [(one["meaning"], f"{100.0 * one['mean']:.2f}", _hundredths(one["mc"])) for one in some]
    print_table(("number", "gain", "95%"), rows)
    if not some:
        sys.stdout.write("No single number is clearly worth knowing for this choice.\n")
    sys.stdout.write(f"To know everything would be worth {100 * low:.1f} to {100 * high:.1f}.\n")


def _ranking(found: Sensitivity) -> None:
    document = found.parts["ranking"]
    sys.stdout.write("Does the ranking stand: in how many of 100 members each is best\n")
    best = sorted(document["best"].items(), key=lambda pair: -pair[1])
    rows = [(label, f"{100.0 * share:.0f}") for label, share in best]
    print_table(("scenario", "best in"), [*rows, ("level (best two within half a point)",
                f"{100.0 * document['level']:.0f}")])  # fmt: skip
    leads = document["leads"]
    for one in document["against"]:
        sys.stdout.write(f"{_lead(leads, one)}\n")


def _lead(leads: str, one: Mapping[str, Any]) -> str:
    said = (
        f"{leads} against {one['scenario']}: {_points(one['mean'])} points ({_span(one['mc'])}), "
        f"{one['verdict']}"
    )
    turning = one["turning"]
    if not turning:
        return f"{said}."
    thirds = ", ".join(
        f"{_points(turning[end]['mean'])} ({_span(turning[end]['mc'])}) in the {end} third"
        for end in ("low", "high")
    )
    if turning["turns"]:
        return f"{said}. This turns it: {turning['meaning']} ({turning['name']}): {thirds}."
    near = f"{turning['meaning']} ({turning['name']}): {thirds}"
    return f"{said}. No single assumption clearly turns it; the nearest is {near}."


_TOLD = {
    "sobol": _sobol,
    "split": _split,
    "dice": _dice,
    "otherwise": _otherwise,
    "learned": _learned,
    "worth": _worth,
    "ranking": _ranking,
}


def _points(share: float) -> str:
    return f"{100.0 * share:+.1f}"


def _span(both: Any) -> str:
    return f"{_points(both[0])} to {_points(both[1])}"


def _hundredths(both: Any) -> str:
    return f"{100.0 * both[0]:.2f} to {100.0 * both[1]:.2f}"


def _with_error(one: Mapping[str, Any]) -> str:
    half = (one["mc"][1] - one["mc"][0]) / 2.0
    return f"{100.0 * one['mean']:.1f} % ± {100.0 * half:.1f}"
