"""Prints the parts of a sensitivity that are asked for beside its tornado."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.cli.options import percent
from sim.cli.tables import VERDICT, print_table
from sim.price import stakes
from sim.text import of_hundred, printable

if TYPE_CHECKING:
    from sim.attribution.sensitivity.result import Sensitivity

_ROWS = 15


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
        "Fair share: what levers do together divided equally among them (Shapley's); these sum to "
        "100 %. Alone: the part of the variance that would go if the lever were fixed (first-order "
        "Sobol index). With others: the part that would be left if all others were fixed (total "
        "index). ±: 95 % dice.\n"
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
    sys.stdout.write(
        "Shares of the variance of one world's outcome; they sum to 100 %. ±: 95 % dice.\n"
    )


def _dice(found: Sensitivity) -> None:
    from sim.experiments.dice import GROUPS

    sys.stdout.write("Which luck decides how a world ends, where the levers stand\n")
    if found.parts["dice"] is None:
        sys.stdout.write("Luck is not seen to decide anything.\n")
        return
    rows = [
        (GROUPS[name], _with_error(one["first"]), _with_error(one["total"]))
        for name, one in found.parts["dice"].items()
    ]
    print_table(("luck", "decides alone", "with other luck"), rows)
    sys.stdout.write(
        "Shares of the variance that luck makes within a member. Alone: whatever the other random "
        "draws are. With other luck: what still depends on these draws once all others are known; "
        "these shares overlap, and sum to more than 100 %. ±: 95 % dice.\n"
    )


def _otherwise(found: Sensitivity) -> None:
    numbers = found.parts["unknowns"]["otherwise"]
    sys.stdout.write(
        "Unknowns, if they were otherwise: each number set to its tenth, then to its ninetieth "
        f"percentile in all members, all else unchanged; the {min(_ROWS, len(numbers))} of "
        f"{len(numbers)} that change the odds most\n"
    )
    rows = [
        (row["meaning"], f"{row['low']:.3g}", f"{row['high']:.3g}", percent(row["at_low"]),
         percent(row["at_high"]), points(row["mean"]), span(row["mc"]), row["standing"])
        for row in numbers[:_ROWS]
    ]  # fmt: skip
    header = ("number", "low", "high", "odds at low", "at high", "change", "95% dice",
              "who says so")  # fmt: skip
    print_table(header, rows)


def _learned(found: Sensitivity) -> None:
    document = found.parts["unknowns"]["learned"]
    sys.stdout.write(
        "Unknowns, if they were learned: how much of the members' disagreement would go (their "
        f"odds spread by {percent(document['spread_between_members'])}, sd, luck taken out)\n"
    )
    below = f"below {100.0 * document['smallest']:.1f} %"
    rows = [
        (one["name"], _with_error(one) if one["entered"] else below) for one in document["groups"]
    ]
    print_table(("group of numbers", "share"), [*rows, ("all", _with_error(document["explained"]))])
    sys.stdout.write(
        "Share: of the variance of the members' own odds, luck taken out, measured on members left "
        "out of the fit. Below: the group was not seen to matter; a share smaller than that cannot "
        "be detected. ±: 95 %.\n"
    )


def _worth(found: Sensitivity) -> None:
    document = found.parts["unknowns"]["worth"]
    low, high = document["everything"]
    best = printable(document["best_on_average"])
    sys.stdout.write(
        "What knowing is worth before choosing: by how many percentage points the odds rise if a "
        f"number is learned first, against {best}, the best on average\n"
    )
    some = [one for one in document["numbers"] if one["mc"][0] > 0.0][:_ROWS]
    rows = [(one["meaning"], f"{100.0 * one['mean']:.2f}", _hundredths(one["mc"])) for one in some]
    print_table(("number", "gain", "95%"), rows)
    if not some:
        sys.stdout.write("No single number is clearly worth knowing for this choice.\n")
    least, most = (stakes(100.0 * max(end, 0.0), 1) for end in (low, high))
    sys.stdout.write(
        f"Knowing everything in which members differ would be worth {least} to {most} points.\n"
    )


def _ranking(found: Sensitivity) -> None:
    document = found.parts["ranking"]
    sys.stdout.write("How firm the ranking is: in how many members each is best, luck taken out\n")
    best = sorted(document["best"].items(), key=lambda pair: -pair[1])
    rows = [(printable(label), of_hundred(share)) for label, share in best]
    level = ("none: the best two are within half a point", of_hundred(document["level"]))
    print_table(("scenario", "best in"), [*rows, level])
    leads = document["leads"]
    for one in document["against"]:
        sys.stdout.write(f"{_lead(leads, one)}\n")
    sys.stdout.write(f"{VERDICT}\n")


def _lead(leads: str, one: Mapping[str, Any]) -> str:
    said = (
        f"{printable(leads)} against {printable(one['scenario'])}: {points(one['mean'])} points "
        f"({span(one['mc'])}), {one['verdict']}"
    )
    turning = one["turning"]
    if not turning:
        return f"{said}."
    ends = (("low", "up to"), ("high", "from"))
    thirds = ", ".join(
        f"{points(turning[end]['mean'])} ({span(turning[end]['mc'])}) where it is {end}, "
        f"{word} {turning[end]['edge']:.3g}"
        for end, word in ends
    )
    what = f"{turning['meaning']} ({turning['name']}): {thirds}"
    if turning["turns"]:
        return f"{said}. This reverses it: {what}."
    return f"{said}. No single assumption clearly reverses it; the closest is {what}."


def points(share: float) -> str:
    """Write a difference of odds in percentage points."""
    return stakes(100.0 * share, 1, signed=True)


def span(both: Any) -> str:
    """Write an interval of differences of odds."""
    return f"{points(both[0])} to {points(both[1])}"


def _hundredths(both: Any) -> str:
    return f"{100.0 * both[0]:.2f} to {100.0 * both[1]:.2f}"


def _with_error(one: Mapping[str, Any]) -> str:
    half = 50.0 * (one["mc"][1] - one["mc"][0])
    error = "<0.1" if 0.0 < half < 0.05 else f"{half:.1f}"
    return f"{stakes(100.0 * one['mean'], 1)} % ± {error}"


TOLD = {
    "sobol": _sobol,
    "split": _split,
    "dice": _dice,
    "otherwise": _otherwise,
    "learned": _learned,
    "worth": _worth,
    "ranking": _ranking,
}
"""By part, what prints it, in the order in which it is told."""
