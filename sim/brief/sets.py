"""What a scenario sets or imposes, on a day or once something happens, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.attribution.references import place
from sim.brief.content import Block, Cell, Table, say, table
from sim.brief.reacts import condition, did, what_is_done
from sim.brief.titles import lowered, title_of, titled
from sim.brief.words import dice, members
from sim.estimates import Odds
from sim.evidence.articles import Article
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_file import Claim
from sim.plots.panels import word
from sim.plots.words import PER_CENT, percent
from sim.results import Results
from sim.text import counted

# ------------------------------------------------------------------ what is done on a condition


def reactions(every: Sequence[Results]) -> Table | None:
    """Return what each of several scenarios does on a condition, a row a block; None if none do."""
    rows = [row for one in every for row in _reaction_rows(one)]
    if not rows:
        return None
    header = ("Scenario", "What it does", "Done, share of worlds", f"95{PER_CENT} dice",
              f"90{PER_CENT} of members", "First on day")  # fmt: skip
    note = (
        "What is set or imposed once something happens; nobody in the model foresees it. First on "
        f"day: the median of the worlds in which it was done, and the middle 80{PER_CENT}."
    )
    said = "What scenarios do once something happens, or impose, and how often it comes to that"
    columns = frozenset({2, 3, 4, 5})
    return table("reactions", said, header, rows, caption=note, numeric=columns)


def _reaction_rows(results: Results) -> Iterator[tuple[Any, ...]]:
    worlds = results.tally.worlds
    for name, done in did(results).items():
        share, days = Odds.from_dict(done["share"]), done["days"]
        first = Cell("never")
        if days:
            first = Cell(f"{days['p50']} ({days['p10']} to {days['p90']})", days["p50"])
        yield (
            title_of(results),
            what_is_done(results.scenario, name),
            Cell(percent(share, worlds), share.mean),
            Cell(dice(share), share.mc[0]),
            Cell(members(share), share.ensemble[0] if share.ensemble else None),
            first,
        )


# ------------------------------------------------------------------ settings and their sources


def settings(scenario: Scenario, articles: Mapping[str, Article]) -> Block:
    """Return what a scenario sets and imposes against the levers as they stood, and who says so."""
    standing = {name: row.value for name, row in scenario.record.items()}
    levers = scenario.initial_levers
    moved = {name: value for name, value in levers.items() if value != standing[name]}

    def row(what: str, lever: str, value: Any) -> tuple[Any, ...]:
        return (
            Cell(f"{what}: {scenario.conflict.lever(lever).meaning}"), _lever(value),
            _lever(standing[lever]), *_claimed(scenario.claims, lever, articles),
        )  # fmt: skip

    rows = [row(name, name, value) for name, value in moved.items()]
    rows += [row(f"{c.lever} from day {c.day}", c.lever, c.value) for c in scenario.schedule]
    on_condition = [
        row(f"{lever}, {lowered(condition(scenario, block))}", lever, value)
        for block in scenario.when
        for lever, value in block.levers.items()
    ]
    imposed = [_move(scenario, name) for name in scenario.blocks if name.startswith("move.")]
    if not rows and not on_condition and not imposed:
        return say(f"Every lever stands as it did on {scenario.as_of}.")
    header = ("Lever", "Set to", "As it stood", "Who says so", "Where")
    said = _sets(titled(scenario), len(rows), len(on_condition), len(imposed))
    every = [*rows, *on_condition, *imposed]
    return table("settings", said, header, every, numeric=frozenset({1, 2}), slide=False)


def _sets(title: str, set_now: int, on_condition: int, imposed: int) -> str:
    told = [
        f"sets {counted(set_now, 'lever')}" if set_now else "",
        f"sets {counted(on_condition, 'lever')} on a condition" if on_condition else "",
        f"imposes {counted(imposed, 'event')}" if imposed else "",
    ]
    return f"{title} {' and '.join(filter(None, told))}"


def _move(scenario: Scenario, name: str) -> tuple[Any, ...]:
    source = Cell("assumed: imposed to see what comes of it", flag=True)
    return what_is_done(scenario, name), "", "", source, ""


def _lever(value: Any) -> Cell:
    return Cell(word(value), value if isinstance(value, float) else str(value))


def _claimed(
    claims: tuple[Claim, ...], lever: str, articles: Mapping[str, Article]
) -> tuple[Cell, Cell]:
    if claims is None:
        return Cell("cannot be told: the scenario's file is gone or changed", flag=True), Cell("")
    for claim in claims:
        if lever in claim.levers:
            if claim.article is None:
                return Cell(claim.text, flag=True), Cell("")
            where = place(articles, claim.article, claim.paragraph)
            return Cell(claim.text), Cell(where)
    return Cell("assumed: set for this run alone", flag=True), Cell("")
