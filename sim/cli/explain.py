"""`truce explain`: from the odds of a run back to whoever says so."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.options import percent
from sim.cli.replay import Name, Of, Out
from sim.cli.shared import ANSWER, Shared, with_options
from sim.cli.tables import answer, print_table
from sim.commands import explain_command
from sim.errors import ScenarioError, check_whole
from sim.price import holding_text, roads_text, terms_text
from sim.text import shown

if TYPE_CHECKING:
    from sim.attribution.explain import Explanation, Reason
    from sim.attribution.sources import Source
    from sim.evidence.articles import Article
    from sim.inputs.conflict import Conflict

ROWS = 4
"""How many statements are printed behind a position; JSON has all."""


@with_options(*ANSWER)
def explain(
    name: Name,
    outcome: Annotated[str, typer.Option(help="One of the five outcomes, or `agreed`.")] = "held",
    top: Annotated[int, typer.Option(help="How many numbers to print.")] = 10,
    of: Of = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep it in a folder of its own, for `truce brief`.")
    ] = False,
    out: Out = Path("outputs"),
    *,
    shared: Shared,
) -> None:
    """Tell on which numbers the odds of a run lean most, and who says so.

    Example: truce explain last --outcome held --top 10

    Each number has its share of the spread between members, its interval before the record was
    weighed and after, and its source; what is merely assumed is flagged.
    """
    from sim.engine.domain import Outcome

    names = [*(kind.name.lower() for kind in Outcome), "agreed"]
    if outcome not in names:
        raise ScenarioError("--outcome", f"{shown(outcome)} is none.", f"{', '.join(names)}.")
    check_whole("--top", top, 1, 1000)
    from sim.catalog import explain as explain_run

    found = explain_run(name, outcome, of=of, out=out)
    if save:
        command = explain_command(found.request)
        folder = dataclasses.replace(found, made_by=command).save(out)
        sys.stderr.write(f"Kept in {folder}.\n")
    answer(shared, found.table, lambda: found.as_dict(top), lambda: _print(found, top))


# ------------------------------------------------------------------ as lines


def _print(found: Explanation, top: int) -> None:
    drivers = found.drivers
    reasons = found.reasons[:top]
    sys.stdout.write(
        f"Run {found.run_id}: {found.outcome} in {percent(drivers.mean)} of "
        f"{drivers.worlds:,} worlds; the own odds of its {drivers.members:,} members spread by "
        f"{percent(drivers.spread)} (sd, luck taken out)\n"
        f"{len(found.reasons)} numbers explain {percent(drivers.explained)} of that spread; "
        f"{percent(found.assumed)} leans on what is merely assumed\n"
    )
    roads, terms = found.made_of["roads"], found.made_of["terms"]
    told = filter(None, (roads_text(roads), holding_text(roads), terms_text(terms)))
    sys.stdout.write("".join(f"{line}\n" for line in told) + "\n")
    header = ("number", "share", "95%", "low to high", "before the record", "after", "who says so")
    print_table(header, [_cells(reason) for reason in reasons])
    sys.stdout.write(
        "\nShare: of the spread, measured on members that took no part in the fit; near or below 0 "
        "it is noise.\nLow to high: how far the odds of members in the number's low and high tenth "
        "differ, in points;\nother numbers may go with it, above all with what the record left "
        "(start). Near 0 with a large\nshare: the odds rise with the number and fall again.\n"
        "Before and after: median and 90%. Assumed: no source but the authors.\n"
    )
    from sim.evidence.statements import load_evidence

    evidence = load_evidence(as_of=found.as_of, conflict=found.conflict)
    articles = {one.id: one for one in evidence.articles}
    for reason in reasons:
        source = _source_lines(reason.driver.name, reason.source, articles, found.conflict)
        sys.stdout.write("\n" + "\n".join(source) + "\n")


def _cells(reason: Reason) -> tuple[str, ...]:
    driver = reason.driver
    low, high = driver.interval
    standing = reason.source.standing
    return (
        driver.name,
        _share(driver.share),
        f"{_share(low)} to {_share(high)}",
        f"{100.0 * driver.slope:+.0f}",
        _span(reason.before),
        _span(reason.after),
        standing.upper() if standing == "assumed" else standing,
    )


def _share(share: float) -> str:
    """Write a share that luck may have put below 0."""
    text = percent(share)
    return "0.0%" if text == "-0.0%" else text


def _span(interval: tuple[float, float, float]) -> str:
    low, middle, high = interval
    return f"{middle:.3g}" if low == high else f"{middle:.3g} ({low:.3g} to {high:.3g})"


def _source_lines(
    name: str, source: Source, articles: Mapping[str, Article], conflict: Conflict
) -> Iterator[str]:
    from sim.attribution.references import cited, place
    from sim.words import spelled

    yield f"{name}: {source.meaning}"
    known = f" (known by {source.known_by})" if source.known_by else ""
    flag = "" if source.text.startswith("assumed") else f"{source.standing}: "
    yield f"  {flag}{cited(source.text, articles)}{known}"
    for row, pull in source.statements[:ROWS]:
        pulled = f"{pull.pull:+.2f} logits" if pull else f"salience {row.salience}"
        where = place(articles, row.article, row.paragraph)
        said = spelled(row.paraphrase, conflict)
        yield f"  {row.id}  {pulled}  said on {row.date}, {where}: {said}"
    if len(source.statements) > ROWS:
        yield f"  and {len(source.statements) - ROWS} more rows"
