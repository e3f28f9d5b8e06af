"""`truce explain`: from the odds of a run back to whoever says so."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.options import parse_folder, percent
from sim.cli.tables import print_json, print_table
from sim.errors import ScenarioError, check_whole
from sim.text import shown

if TYPE_CHECKING:
    from sim.attribution.explain import Explanation, Reason
    from sim.attribution.sources import Source
    from sim.evidence.positions import Pull
    from sim.evidence.statements import Statement

ROWS = 4
"""How many statements are printed behind a position; JSON has all."""


def explain(
    run: Annotated[str, typer.Argument(help="A run's folder, id, beginning of one, or `last`.")],
    outcome: Annotated[str, typer.Option(help="One of the five outcomes, or `agreed`.")] = "held",
    top: Annotated[int, typer.Option(help="How many numbers to tell.")] = 10,
    out: Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where run folders are.")
    ] = Path("outputs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")] = False,
) -> None:
    """Tell on which numbers the odds of a run lean most, and who says so.

    Each number has its share of the spread between members, its interval before the record of the
    spring was weighed and after, and its source; what is merely assumed is flagged.

    Example: truce explain last --outcome held --top 10
    """
    from sim.engine.domain import Outcome

    names = [*(kind.name.lower() for kind in Outcome), "agreed"]
    if outcome not in names:
        raise ScenarioError("--outcome", f"{shown(outcome)} is none.", f"{', '.join(names)}.")
    check_whole("--top", top, 1, 1000)
    from sim.attribution import explain as module
    from sim.runs import find_run

    found = module.explain(find_run(run, out), outcome)
    if as_json:
        print_json(_document(found, outcome, top))
    else:
        _print(found, outcome, top)


# ------------------------------------------------------------------ as data


def _document(found: Explanation, outcome: str, top: int) -> dict[str, Any]:
    drivers = found.drivers
    return {
        "schema": "truce/explanation/1",
        "run_id": found.run.id,
        "scenario": found.run.manifest["scenario"]["name"],
        "ensemble": found.run.manifest["ensemble"],
        "outcome": outcome,
        "worlds": drivers.worlds,
        "members": drivers.members,
        "mean": drivers.mean,
        "spread_between_members": drivers.spread,
        "explained": drivers.explained,
        "merely_assumed": _assumed(found),
        "reasons": [_reason_document(reason) for reason in found.reasons[:top]],
    }


def _reason_document(reason: Reason) -> dict[str, Any]:
    driver, source = reason.driver, reason.source
    return {
        "name": driver.name,
        "meaning": source.meaning,
        "share": driver.share,
        "interval": list(driver.interval),
        "slope": driver.slope,
        "before_record": list(reason.before),
        "after_record": list(reason.after),
        "standing": source.standing,
        "source": source.text,
        "known_by": source.known_by or None,
        "statements": [_row_document(row, pull) for row, pull in source.statements],
    }


def _row_document(row: Statement, pull: Pull | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "article": row.article,
        "paragraph": row.paragraph,
        "date": str(row.date),
        "paraphrase": row.paraphrase,
        "pull": pull.pull if pull else None,
        "gain": pull.gain if pull else None,
    }


def _assumed(found: Explanation) -> float:
    """The share of the spread that leans on what is merely assumed."""
    return sum(r.driver.share for r in found.reasons if r.source.standing == "assumed")


# ------------------------------------------------------------------ as lines


def _print(found: Explanation, outcome: str, top: int) -> None:
    drivers = found.drivers
    reasons = found.reasons[:top]
    sys.stdout.write(
        f"Run {found.run.id}: {outcome} in {percent(drivers.mean)} of {drivers.worlds:,} worlds; "
        f"the own odds of its {drivers.members:,} members spread by {percent(drivers.spread)} (sd, "
        "luck taken out)\n"
        f"{len(found.reasons)} numbers explain {percent(drivers.explained)} of that spread; "
        f"{percent(_assumed(found))} leans on what is merely assumed\n\n"
    )
    header = ("number", "share", "95%", "low to high", "before the record", "after", "who says so")
    print_table(header, [_cells(reason) for reason in reasons])
    sys.stdout.write(
        "\nLow to high: change of the odds, in points, from the number's low tenth to its high "
        "tenth.\nBefore and after: median and 90%. Assumed: nobody says so but us.\n"
    )
    for reason in reasons:
        sys.stdout.write("\n" + "\n".join(_source_lines(reason.driver.name, reason.source)) + "\n")


def _cells(reason: Reason) -> tuple[str, ...]:
    driver = reason.driver
    low, high = driver.interval
    standing = reason.source.standing
    return (
        driver.name,
        percent(driver.share),
        f"{percent(low)} to {percent(high)}",
        f"{100.0 * driver.slope:+.0f}",
        _span(reason.before),
        _span(reason.after),
        standing.upper() if standing == "assumed" else standing,
    )


def _span(interval: tuple[float, float, float]) -> str:
    low, middle, high = interval
    return f"{middle:.3g}" if low == high else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _source_lines(name: str, source: Source) -> Iterator[str]:
    yield f"{name}: {source.meaning}"
    known = f" (known by {source.known_by})" if source.known_by else ""
    flag = "" if source.text.startswith("assumed") else f"{source.standing}: "
    yield f"  {flag}{source.text}{known}"
    for row, pull in source.statements[:ROWS]:
        pulled = f"{pull.pull:+.2f} logits" if pull else f"salience {row.salience}"
        place = f"article {row.article[:3]}, paragraph {row.paragraph}, {row.date}"
        yield f"  {row.id}  {pulled}  {place}: {row.paraphrase}"
    if len(source.statements) > ROWS:
        yield f"  and {len(source.statements) - ROWS} more rows"
