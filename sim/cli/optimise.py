"""`truce optimise`: which packages of levers no other beats, and at what price."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sim.cli.analysis import run_analysis
from sim.cli.completion import complete_lever, complete_scenario
from sim.cli.figures import drawn
from sim.cli.options import SCENARIO_HELP, parse_ranges, parse_scenario, percent, with_settings
from sim.cli.sensitivity_parts import points
from sim.cli.shared import ANSWER, SCENARIO, Shared, with_options
from sim.cli.tables import answer, beside_run, level_text, print_table
from sim.commands import optimise_command
from sim.errors import ScenarioError
from sim.inputs.levers import value_text
from sim.price import STAKES, stakes
from sim.text import counted, days_word, printable

if TYPE_CHECKING:
    from sim.attribution.optimise.result import Optimised
    from sim.attribution.optimise.told import Package
    from sim.estimates import Odds
    from sim.inputs.scenario import Scenario

FILES = ("optimise.png", "optimise.svg")
_OPTIONS = (*SCENARIO, "workers", "worlds", "seed", "out")
_NOT_GIVEN = ("vary", "template")
_TIED = 5
"""How many packages that are tied with the best are shown beside the front."""
_FEW = ("", "one lever", "two levers", "three levers")


class Asked(NamedTuple):
    """The options of the command, as the library takes them."""

    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LEVER=LOW:HIGH",
            help="Or LEVER=A,B,C; repeatable, up to twelve.",
            autocompletion=complete_lever,
        ),
    ] = None
    objective: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="What is to be high, the first above all: held,worth_ukraine. Default: held and "
            "the worth to each side.",
        ),
    ] = None
    robust: Annotated[
        str, typer.Option(help="Whose odds count: mean, worst-quarter (of members) or regret.")
    ] = "mean"
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="What a package must meet, such as 'worth_ukraine>=0' (worth: change from the "
            "scenario as it stands); repeatable. Default: neither side worse off; none: no limit.",
        ),
    ] = None
    reach: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION", help="Find the cheapest package that does, such as 'held>=.35'."
        ),
    ] = None
    most_levers: Annotated[
        int | None, typer.Option(metavar="K", help="Move no more levers than this.")
    ] = None
    costs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What moving levers costs, to whom; see --template."),
    ] = None
    template: Annotated[
        bool, typer.Option("--template", help="Print a file of costs to fill in, and end.")
    ] = False
    points: Annotated[int, typer.Option("--points", help="Packages that are tried at first.")] = 256
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler that runs the worlds.")
    ] = None


@with_options(*_OPTIONS, *ANSWER, asked=Asked)
def optimise(
    name: Annotated[
        str,
        typer.Argument(metavar="SCENARIO", help=SCENARIO_HELP, autocompletion=complete_scenario),
    ] = "baseline",
    *,
    asked: Asked,
    shared: Shared,
) -> None:
    """Find the packages of levers that no other beats: odds against what they are worth.

    Example: truce optimise baseline --vary aid.level=0:2 --vary offer.territory=0.5:1

    A few hundred packages are tried in few worlds, the best go on to more, and what is told comes
    from worlds that chose nothing: --worlds says how many of each (65,536 unless it does). Stop it
    at any moment: the same command goes on from there.

    Example: truce optimise baseline --vary aid.level=0:2 --vary offer.territory=0.5:1 --reach
    "held>=.2"
    """
    scenario = parse_scenario(name, shared.settings, shared.as_of, shared.horizon)
    if asked.template:
        from sim.attribution.optimise.costs import template

        sys.stdout.write(template(scenario))
        return
    if not asked.vary:
        todo = "Say what may be moved: --vary aid.level=0:2 --vary offer.territory=0.5:1."
        raise ScenarioError("--vary", "nothing is varied.", todo)
    ranges = parse_ranges(asked.vary)
    for lever in ranges:
        if lever in {**scenario.inline, **scenario.overrides}:
            what = "is set for the scenario, too."
            raise ScenarioError(f"--vary {lever}", what, "Leave out one of the two.")
    found = _found(scenario, ranges, asked, shared)
    folder = found.save(shared.out, drawn("write_optimise"), FILES)
    answer(shared, found.table, found.as_dict, functools.partial(_report, found, folder))


def _found(scenario: Scenario, ranges: dict[str, Any], asked: Asked, shared: Shared) -> Optimised:
    from sim.attribution.optimise.ask import OPTIMISE_WORLDS
    from sim.attribution.optimise.ask import optimise as ask

    given = {name: value for name, value in asked._asdict().items() if name not in _NOT_GIVEN}

    def asking(outcome: str, **how: Any) -> Optimised:
        return ask(scenario, ranges, **given, **how)

    found = run_analysis(shared, "optimised", [scenario], OPTIMISE_WORLDS, asking)
    return dataclasses.replace(found, made_by=optimise_command(found.request))


# ------------------------------------------------------------------ the report


def _report(found: Optimised, folder: Path) -> None:
    sys.stdout.write("\n".join([*_head(found), *_findings(found)]) + "\n\n")
    print_table(*_table(found))
    sys.stdout.write("\n" + "\n".join([*_notes(found), f"Files: {printable(folder)}"]) + "\n")


def _head(found: Optimised) -> Iterator[str]:
    setting = found.setting
    scenario = setting.first
    yield (
        f"Packages of {printable(scenario.title)} and the odds of `{found.aims.outcome}`: as of "
        f"{scenario.as_of}, {days_word(scenario.horizon_days)} ahead{with_settings(scenario)}"
    )
    yield (
        f"{counted(found.screened, 'package')} of {counted(len(found.asked['vary']), 'lever')} "
        f"tried; the last {len(found.packages)} run again in {setting.worlds:,} other worlds, all "
        f"on the same luck, seed {setting.seed}, {setting.ensemble_kind} ensemble "
        f"{setting.ensemble_id}"
    )
    if setting.ensemble_doubt:
        yield f"Beware: {setting.ensemble_doubt}."
    yield f"As the levers stand: {level_text(found.base.odds)}. {beside_run(0, other=True)}"


def _findings(found: Optimised) -> Iterator[str]:
    aims, best = found.aims, found.best
    conditions = " and ".join(map(str, aims.conditions))
    if best is None:
        close = found.closest
        yield (
            f"No package meets {conditions}; the closest is {words_of(close)}: "
            f"{_measured(close, found)}."
        )
        return
    meets = f" that meets {conditions}" if conditions else ""
    kind = f"Cheapest package ({_cheap(found)})" if aims.reach else "Best package"
    yield f"{kind}{meets}: {words_of(best)}: {_measured(best, found)}."
    yield from _beside(found, best)
    for number, one in found.best_of_few.items():
        if number < len(best.levers):
            few = f"{'no more than ' if number > 1 else ''}{_FEW[number]}"
            if one.levers:
                yield f"Best that moves {few}: {words_of(one)}: {_measured(one, found)}."
            else:
                yield (
                    f"None that moves {few} meets the conditions and does better than leaving all "
                    "levers as they stand."
                )
    if found.answer.regret is not None:
        low, high = (max(0.0, 100.0 * end) for end in found.answer.regret)
        yield (
            "To know which member of the ensemble is true before choosing among these packages "
            f"would add {low:.1f} to {high:.1f} points on average."
        )


def _cheap(found: Optimised) -> str:
    """What is cheap: the reading of `Aims.primary` where something is to be reached."""
    if found.aims.payers:
        return "least cost"
    return "least loss of worth to the side that loses more"


def _beside(found: Optimised, best: Package) -> Iterator[str]:
    """Which packages stand beside the best, and what that says of it."""
    if not best.levers:
        yield "No package that meets the conditions beats leaving all levers as they stand."
    if found.tied:
        yield f"{counted(len(found.tied), 'other package')} cannot be told apart from it."
    if found.base in found.tied:
        yield "Leaving all levers as they stand is one of them: nothing is known to be better."
    if found.ahead:
        ahead = counted(len(found.ahead), "package")
        yield f"{ahead} came out ahead of it in these worlds, which chose none of them."
    if not found.tied and not found.ahead:
        others = sum(one.qualifies for one in found.packages) - 1
        if others:
            yield "Every other package run again that meets the conditions is behind it."
        else:
            yield "No other package run again meets the conditions."


def words_of(one: Package) -> str:
    """Write what a package moves, and to what."""
    moved = (f"{name} {value_text(value)}" for name, value in one.levers.items())
    return ", ".join(moved) or "all levers as they stand"


def _measured(one: Package, found: Optimised) -> str:
    odds = one.odds
    words = f"{level_text(odds)} (dice {100.0 * odds.mc[0]:.1f} to {percent(odds.mc[1])})"
    if found.aims.robust != "mean" and found.aims.reach is None:
        words += f", {_robust(found)}: {100.0 * abs(one.aim):.1f}"
    names = found.setting.first.conflict.names
    each = one.worth.items()
    worth = (f"{stakes(it.mean, 3, signed=True)} to {names[side]}" for side, it in each)
    cost = f", cost {sum(one.cost.values()):g} {printable(found.unit)}" if one.cost else ""
    return f"{words}, worth {' and '.join(worth)}{cost}"


def _robust(found: Optimised) -> str:
    if found.aims.robust == "regret":
        return "points missed in the quarter of members that miss most"
    return "per cent in the quarter of members with the lowest odds"


def _table(found: Optimised) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = found.setting.first.conflict.names
    sides = found.setting.first.conflict.side_ids
    header = ["package", "odds", "95% dice", "median member (90%)", "change", "verdict"]
    header += [f"worth to {names[side]}" for side in sides]
    header += ["cost"] if found.unit else []
    header += [_robust_word(found)] if found.aims.primary == "aim" else []
    header += [f"behind the best, {_unit(found)}"] if found.best else []
    return (*header, "note"), [_row(one, found) for one in _shown(found)]


def _shown(found: Optimised) -> list[Package]:
    """The front, the best that move few levers, some that are tied, and the scenario as it is."""
    few = found.best_of_few.values()
    rows = [*found.front, *few, found.closest, found.base, *found.ahead, *found.tied[:_TIED]]
    if found.best is None:
        rows += found.packages[:_TIED]
    kept = {id(one): one for one in rows}
    return sorted(kept.values(), key=lambda one: (one is not found.closest, -one.odds.mean))


def _row(one: Package, found: Optimised) -> tuple[str, ...]:
    odds = one.odds
    cells = [
        words_of(one).replace(", ", "\n"),
        percent(odds.mean),
        f"{100.0 * odds.mc[0]:.1f} to {100.0 * odds.mc[1]:.1f}",
        _members(odds),
        points(one.difference.mean),
        "" if one is found.base else one.difference.verdict,
        *(stakes(worth.mean, 3, signed=True) for worth in one.worth.values()),
    ]
    if found.unit:
        cells.append(f"{sum(one.cost.values()):g}")
    if found.aims.primary == "aim":
        cells.append(f"{100.0 * abs(one.aim):.1f}")
    if found.best:
        cells.append("" if one.behind is None else _behind(one, found))
    return (*cells, _note(one, found))


def _members(odds: Odds) -> str:
    if odds.ensemble is None:
        return "too few members"
    low, high = odds.ensemble
    return f"{percent(odds.median_member)} ({100.0 * low:.0f} to {100.0 * high:.0f}%)"


def _unit(found: Optimised) -> str:
    """What the distance from the best is counted in."""
    primary = found.aims.primary
    if primary.startswith(("worth", "worse")):
        return "stakes"
    return printable(found.unit) if primary.startswith("cost") else "points"


def _robust_word(found: Optimised) -> str:
    return "largest regret" if found.aims.robust == "regret" else "worst quarter, %"


def _behind(one: Package, found: Optimised) -> str:
    assert one.behind is not None
    unit = _unit(found)
    scale, digits = (100.0, 1) if unit == "points" else (1.0, 3 if unit == "stakes" else 2)
    mean, low, high = (stakes(scale * end, digits) for end in (one.behind.mean, *one.behind.mc))
    return f"{mean} ({low} to {high})"


def _note(one: Package, found: Optimised) -> str:
    words = []
    if one is found.best:
        words.append("best")
    elif one.tied or one.ahead:
        words.append("ahead of best" if one.ahead else "tied with best")
    if one.front:
        words.append("front")
    if one is found.base:
        words.append("as it stands")
    if not one.qualifies:
        words.append("misses a condition")
    elif "cannot be told" in one.conditions.values():
        words.append("a condition is within the dice")
    return ", ".join(words)


def _notes(found: Optimised) -> Iterator[str]:
    aims = found.aims
    yield (
        "Change: of the odds from the scenario as it stands, in percentage points. Worth: its "
        f"change from there, in stakes. {STAKES}"
    )
    if found.best is None:
        yield "The closest stands first, then those with the highest odds, whatever fails."
        return
    yield (
        "The best was chosen before these worlds were run, so that its odds are not raised by the "
        "choice. Behind the best: the points by which a package falls short of it, with an "
        "interval that holds for all packages together; tied if it holds 0."
    )
    yield (
        "Front: no other package is clearly better in one objective and clearly worse in none, of "
        f"{', '.join(aims.objectives)}. --csv and --json have all packages run again."
    )
    if aims.robust != "mean":
        yield f"Robust: packages are ranked by {_robust(found)}, luck taken out."
    if not aims.conditions:
        yield "Beware: no condition limits the price; the odds alone often favour disarming a side."
